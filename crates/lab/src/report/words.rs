//! What the report says of each experiment, in English and in Chinese.

use crate::experiment::Experiment;

/// The same in both languages: both are originals.
#[derive(Clone, Copy, Debug)]
pub struct Both {
    pub en: &'static str,
    pub zh: &'static str,
}

/// Of one experiment.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    pub title: Both,
    /// What it asks.
    pub asks: Both,
    /// What is to be expected, before it is measured.
    pub expected: Both,
    /// What it does not show.
    pub silent_on: Both,
    /// How to read the picture.
    pub read: Both,
}

impl Both {
    /// Both in one element, of which a reader sees one.
    pub fn html(&self) -> String {
        format!("<span class=\"en\" lang=\"en\">{}</span><span class=\"zh\" lang=\"zh\">{}</span>", self.en, self.zh)
    }
}

const fn both(en: &'static str, zh: &'static str) -> Both {
    Both { en, zh }
}

pub const TITLE: Both = both("One workload, every lesson", "同一份负载，逐课较量");
pub const INTRODUCTION: Both = both(
    "Ten clients or ten thousand: what does each model of a server buy, and what does it cost? These are the figures of this \
     machine, not of the world. A bar or a point is the median of several rounds in which all servers took turns; a thin line \
     shows where half of the rounds lie.",
    "客户端从十个到一万个，每一种服务器模型换来了什么，又付出了什么？这里的数字只说明这台机器，并不放之四海而皆准。\
     每一轮里所有服务器轮流受测，图中的条和点取各轮的中位数，细线画出中间一半轮次的范围。",
);
pub const FIGURES: Both = both("The figures", "数据");
pub const EXPECTED: Both = both("What to expect:", "预期：");
pub const SILENT_ON: Both = both("What this does not show:", "这个实验说明不了：");
pub const INTERRUPTED: Both =
    both("This run was interrupted: it shows what there was.", "这次运行中途停止，这里只有已完成的部分。");
pub const NOT_MEASURED: Both = both("Not measured in this run.", "这次没有测量。");
pub const DOUBT: Both = both(
    "A question mark: the rounds differ so much that nothing should be concluded.",
    "问号表示各轮之间相差太大，不足以下结论。",
);
pub const WHY: Both = both("Why event loops exist", "为什么会有事件循环");
pub const CONCLUSION: Both = both(
    "One client after another is the cheapest server there is, until one client is slow: then everybody waits (first \
     picture). A process or a thread for each client ends the waiting, and is paid for with each client that only sits there. \
     To ask everyone in turn costs no thread, but it costs time for each idle client, for nothing. An event loop lets the kernel \
     say who is ready: nobody waits for anybody, an idle client costs some bytes and no time. What it asks in return is a program \
     cut into steps, which is what coroutines give back.",
    "一个接一个地接待，是最省的服务器，直到有一个客户端慢下来，所有人都得等它（第一幅图）。\
     每个客户端一个进程或线程，谁也不用等谁，可是每个闲坐着的客户端都要付一份钱。\
     挨个去问，不用线程，却要为每个闲着的客户端白白花时间。事件循环让内核说出谁就绪：谁也不等谁，\
     闲着的客户端只占几个字节，不花时间。代价是程序被切成一步一步，而协程把平直的写法又还了回来。",
);
pub const COMPARED: Both = both("Beside an earlier run", "与先前一次运行对照");
pub const DIFFERS: Both = both(
    "Two figures differ if the ranges of half of their rounds do not overlap.",
    "只有两次运行中间一半轮次的范围互不重叠，才算有差别。",
);

pub const LIMITS: Both = both(
    "What the suite has seen each lesson fail at (<code>just table</code> explains the letters):",
    "测试看到各课做不到的事（字母的含义见 <code>just table</code>）：",
);

pub const QUICK: Both = both("quick client", "快的客户端");
pub const SLOW: Both = both("slow reader", "读得慢的客户端");
pub const SILENT: Both = both("silent client", "不说话的客户端");
pub const WAITING: Both = both("waits", "等待");
pub const RECEIVING: Both = both("is answered", "接收响应");

pub const SHORT: Both = both("Short connections: a connection for each request", "短连接：每个请求一条连接");
pub const LONG: Both = both("Long connections: many requests on each", "长连接：一条连接上许多请求");
pub const MICROSECONDS: Both =
    both("processor time of the server, µs a request", "服务器处理每个请求的 CPU 时间（微秒）");
pub const RATE: Both = both("answers a second, 64 connections at a time", "每秒响应数（同时 64 条连接）");
pub const IDLE_CORE: Both = both("percent of one core, by idle clients", "占一个核的百分比，横轴为空闲客户端数");
pub const IDLE_MEMORY: Both = both("memory in KiB, by idle clients", "内存（KiB），横轴为空闲客户端数");
pub const FLOORS: Both = both(
    "processor time of the server in floors: 1 is a bare epoll loop on the same machine",
    "服务器的 CPU 时间，以裸 epoll 循环（floor）为单位：同一台机器上的裸循环为 1",
);
pub const FILES: Both =
    both("files of 1 MiB a second, 16 connections at a time", "每秒送出的 1 MiB 文件数（同时 16 条连接）");
pub const BOTH_ENDS: Both = both(
    "processor time of a file, µs: the client's end (pale) and the server's (full)",
    "一个文件的 CPU 时间（微秒）：浅色是客户端一端，深色是服务器一端",
);
pub const MEANWHILE: Both = both(
    "p99 of small requests, ms: alone (ring), and while large files are on their way (dot)",
    "小请求的 p99（毫秒）：单独（圆圈），与大文件同时（圆点）",
);
pub const P50: Both = both("p50 latency, ms, by requests a second", "p50 延迟（毫秒），横轴为每秒请求数");
pub const P99: Both = both("p99 latency, ms, by requests a second", "p99 延迟（毫秒），横轴为每秒请求数");

/// Of this experiment.
pub fn of(experiment: Experiment) -> Words {
    match experiment {
        Experiment::Waits => WAITS,
        Experiment::Cost => COST,
        Experiment::Idle => IDLE,
        Experiment::Large => LARGE,
        Experiment::Latency => LATENCY,
        Experiment::Calls => CALLS,
        Experiment::Sheet => SHEET,
    }
}

const WAITS: Words = Words {
    title: both("Who waits for whom", "谁在等谁"),
    asks: both(
        "Ten clients come to each server in the same order: a quick one, one that never says a word, one that reads a file of \
         8 MiB sip by sip, and seven more quick ones. Who is served when?",
        "十个客户端按同样的次序到来：一个快的，一个始终不说话的，一个一小口一小口地读 8 MiB 文件的，然后又是七个快的。各在什么时候得到响应？",
    ),
    expected: both(
        "In 01 and 02 the quick ones stand in a queue behind the silent one, and in 02 behind the slow reader too. From 03 on \
         nobody waits for anybody.",
        "在 01 和 02 里，快的客户端排在不说话的后面，在 02 里还排在读得慢的后面。从 03 起，谁也不用等谁。",
    ),
    silent_on: both(
        "what it costs not to let anybody wait. Here the servers drop a silent client after a second or two; by default they wait \
         for ten.",
        "不让人等要付多少代价。这里的服务器一两秒后就放弃不说话的客户端，默认是十秒。",
    ),
    read: both(
        "A lane for each client, from when it came. Pale: it waits. Full: its answer comes. Note that all are connected at once: \
         the kernel accepts on behalf of a server that is busy.",
        "每个客户端一条泳道，从它到来时画起。浅色是在等，深色是正在接收响应。注意所有客户端一来就连上了：服务器忙的时候，内核先替它接下连接。",
    ),
};

const COST: Words = Words {
    title: both("Cost of a request", "一个请求的代价"),
    asks: both(
        "How much processor time does the server spend on a request for a page of 1 KiB? What of that is the model's, and what \
         would be paid anyway?",
        "请求一个 1 KiB 的页面，服务器要花多少 CPU 时间？其中多少属于模型，多少怎么都要付？",
    ),
    expected: both(
        "A process costs most, then a thread. An event loop costs no more than the sequential server, or even less: while \
         many clients are there, it never falls asleep between two of them. A long connection saves more than any model: no handshake.",
        "进程最贵，线程其次。事件循环不比顺序服务器贵，甚至更便宜：客户端多的时候，它不必在两个客户端之间睡去又醒来。长连接比任何模型都省：不用再握手。",
    ),
    silent_on: both(
        "how long a client waits, and what more than one core would give. The load comes as fast as answers go out, so a slow \
         server is asked less.",
        "客户端要等多久，也说明不了多个核能带来什么。请求是响应多快就来多快，慢的服务器被问得也少。",
    ),
    read: both(
        "Pale is the baseline: the sequential server (02) on short connections, a bare epoll loop with a constant response (floor) on \
         long ones. Full is what comes on top. Microseconds belong to this machine; <em>floors</em>, multiples of the bare loop, \
         can be compared with those of another. A name with <code>+keep</code>: the server keeps files open between requests \
         (<code>--keep-files 60</code>; in nginx <code>open_file_cache</code>). lighttpd, as it comes, remembers file attributes for a second or two.",
        "浅色是基准：短连接上是顺序服务器（02），长连接上是只会送出固定响应的裸 epoll 循环（floor）。深色是多出来的部分。\
         微秒数只属于这台机器；以 floor（裸循环的倍数）为单位的数，可以和别的机器比较。名字带 <code>+keep</code> 的，\
         服务器在请求之间保持文件打开（<code>--keep-files 60</code>，nginx 里是 <code>open_file_cache</code>）。\
         lighttpd 用默认配置，会把文件属性缓存一两秒。",
    ),
};

const IDLE: Words = Words {
    title: both("Idle clients", "空闲的客户端"),
    asks: both(
        "Most clients of a real server do nothing most of the time. What do ten, a thousand, ten thousand of them cost?",
        "真实的服务器上，大多数客户端大部分时间什么也不做。十个、一千个、一万个这样的客户端，要付多少代价？",
    ),
    expected: both(
        "03 and 04 pay with memory: a process or a thread for each. 05 and 06 pay with processor time: everyone is asked, again and \
         again. 07 pays with neither, 08 with a little memory.",
        "03 和 04 付出内存：每个客户端一个进程或线程。05 和 06 付出 CPU 时间：一遍又一遍地问每一个。07 两样都不用付，08 只多付一点内存。",
    ),
    silent_on: both(
        "what the kernel holds for each connection (some kilobytes of its own), and address space that is only reserved.",
        "内核为每条连接自己占用的几 KB，也不算只预留而未使用的地址空间。",
    ),
    read: both(
        "Both axes grow by factors of ten. What lies on the lowest line is that or less, down to nothing at all.",
        "两根轴都是每格十倍。落在最低一条线上的，就是这么多或者更少，直至为零。",
    ),
};

const LARGE: Words = Words {
    title: both("Large files", "大文件"),
    asks: both(
        "Sixteen clients download files of 1 MiB without pause. How many files a second is that, what does one cost, and what \
         becomes of small requests meanwhile?",
        "十六个客户端不停地下载 1 MiB 的文件。每秒能送出多少个文件，一个文件要花多少 CPU 时间？这时小请求又怎样？",
    ),
    expected: both(
        "A file costs most where it also costs a process. In a server with one thread, small requests queue behind large ones, but only for \
         a piece of a file, not for a whole one; except in 02, where they wait for whole files.",
        "每个文件还要搭上一个进程的，最贵。单线程的服务器里，小请求要排在大文件后面，但只排一小段，不是整个文件；只有 02 要等整个文件送完。",
    ),
    silent_on: both(
        "disks: these files are in memory after the first time. And networks: between two programs of one machine nothing is lost. The \
         processor time is that of both ends together, because on one machine the kernel charges the way from one socket to the other \
         to whichever of the two programs runs at that moment: how it is split between them says little.",
        "磁盘：读过一次以后文件就在内存里了。也说明不了网络：同一台机器的两个程序之间不会丢包。CPU 时间按两端合计，因为在同一台机器上，从一个套接字到另一个的那段路，内核记在当时正在运行的那个程序账上，可能是服务器，也可能是客户端：两端各占多少，说明不了什么。",
    ),
    read: both(
        "The further a dot is from its ring, the more small requests suffer from large ones.",
        "圆点离圆圈越远，小请求受大文件的影响越大。",
    ),
};

const LATENCY: Words = Words {
    title: both("Latency under load", "负载下的延迟"),
    asks: both(
        "Requests come at a fixed rate, whether or not the last ones are answered. How long does one take: half of them no longer than \
         p50 (the median), 99 of 100 no longer than p99?",
        "请求按固定的速率到来，不管先前的有没有得到响应。一个请求要多久？一半请求不超过 p50（中位数），百分之九十九不超过 p99。",
    ),
    expected: both(
        "Flat, flat, flat, and then a wall: where a server gets more than it can do, its queue grows without end. A process for each \
         request reaches the wall first.",
        "一路平坦，然后撞墙：一旦请求多过处理能力，队伍就会无止境地变长。每个请求一个进程的服务器最先撞墙。",
    ),
    silent_on: both(
        "differences of a few tenths of a millisecond: the generator and the server share this machine.",
        "零点几毫秒的差别：产生负载的程序和服务器在同一台机器上。",
    ),
    read: both(
        "Time counts from when a request was due, not from when it could be sent (the correction for coordinated omission). Both axes \
         grow by factors. A server that falls behind is not asked for more.",
        "时间从请求该发出的那一刻算起，而不是从发得出去算起（修正协调遗漏，coordinated omission）。两根轴都按倍数增长。跟不上的服务器不再加码。",
    ),
};

const CALLS: Words = Words {
    title: both("System calls of a request", "一个请求的系统调用"),
    asks: both(
        "What does a server ask of the kernel for one small page? Each call is a door between program and kernel.",
        "为送出一个小页面，服务器向内核要了什么？每次调用都要过一道程序与内核之间的门。",
    ),
    expected: both(
        "Five do the work: read the request, open the file, ask how long it is, read it, send. All others are the model's: accept and \
         close, threads and processes, asking who is ready.",
        "真正干活的只有五个：读请求、打开文件、问长度、读文件、发送。其余都属于模型：接受与关闭连接、线程与进程、询问谁就绪。",
    ),
    silent_on: both(
        "how long each takes, and what many clients at a time would save: an event loop then hears of many with one call. \
         <code>just trace 07</code> shows one request, call by call.",
        "每个调用要多久，也说明不了客户端多的时候能省多少：那时事件循环一次调用就得知许多。<code>just trace 07</code> 逐个调用地显示一个请求。",
    ),
    read: both("The darker, the more often in a request.", "颜色越深，一个请求里调用得越多。"),
};

const SHEET: Words = Words {
    title: both("A sheet for each lesson", "每课一览"),
    asks: both("What is each lesson, in figures that need no load?", "不加负载，每一课用数字怎么说？"),
    expected: both(
        "Each step changes little, and what it takes from the machine changes much.",
        "每一步代码改动不大，对机器的索取却大不相同。",
    ),
    silent_on: both("how hard the lines are to think of.", "这些代码有多难想出来。"),
    read: both(
        "Taken with 50 clients that do nothing. Crates are other people's: those that the lesson names itself, and all that are built.",
        "有 50 个什么也不做的客户端时所取。crate 指别人写的：本课直接用到的，以及一共要编译的。",
    ),
};

/// A heading, a cell or a remark in Chinese. `None` for a figure or a name, which are the same.
pub fn translated(text: &str) -> Option<&'static str> {
    CHINESE.iter().find(|(en, _)| *en == text).map(|(_, zh)| *zh)
}

const CHINESE: &[(&str, &str)] = &[
    ("fixed page", "固定页面"),
    ("file by path", "按路径取文件"),
    ("multi-process", "多进程"),
    ("multi-thread", "多线程"),
    ("non-blocking list", "非阻塞列表"),
    ("long connection", "长连接"),
    ("epoll", "多路复用"),
    ("coroutines", "协程"),
    ("every core", "每个核"),
    ("async", "异步"),
    ("completions", "完成通知"),
    ("bare loop", "裸循环"),
    ("quick clients wait, ms", "快的客户端等待（毫秒）"),
    ("the longest of them", "其中最久"),
    ("slow client done, ms", "慢的读完用时（毫秒）"),
    ("silent one dropped, ms", "不说话的被放弃（毫秒）"),
    ("connections", "连接"),
    ("short", "短"),
    ("long", "长"),
    ("CPU, µs a request", "每个请求的 CPU（微秒）"),
    ("floors", "裸循环的倍数"),
    ("baseline", "基准"),
    ("above it, µs", "超出基准（微秒）"),
    ("requests a second", "每秒请求数"),
    ("idle clients", "空闲客户端"),
    ("of one core", "占一个核"),
    ("memory", "内存"),
    ("a client", "每个客户端"),
    ("processes", "进程"),
    ("threads", "线程"),
    ("files a second", "每秒文件数"),
    ("CPU of both ends, µs a file", "每个文件两端的 CPU（微秒）"),
    ("the server's part, µs", "其中服务器（微秒）"),
    ("p50 alone, ms", "单独 p50（毫秒）"),
    ("p99 alone, ms", "单独 p99（毫秒）"),
    ("meanwhile", "与大文件同时"),
    ("answered", "得到响应"),
    ("p50, ms", "p50（毫秒）"),
    ("p90, ms", "p90（毫秒）"),
    ("p99, ms", "p99（毫秒）"),
    ("p99.9, ms", "p99.9（毫秒）"),
    ("all", "合计"),
    ("lines", "行"),
    ("code", "代码行"),
    ("from", "上一步"),
    ("new", "新增"),
    ("gone", "删去"),
    ("crates", "直接用的 crate"),
    ("in all", "共编译"),
    ("descriptors", "描述符"),
    ("calls", "系统调用"),
    ("limits", "限制"),
    ("figure", "指标"),
    ("then", "当时"),
    ("now", "现在"),
    ("now / then", "现在 / 当时"),
    ("more", "变多"),
    ("less", "变少"),
    ("no difference to be seen", "看不出差别"),
    ("the generator was the limit", "瓶颈在负载程序"),
    (
        "left out: it serves one client at a time, and the others wait with the kernel",
        "略去：它一次只服务一个客户端，其余都在内核里排队",
    ),
    (
        "it has other work to do, so figures will be wide; end that work, and run this again",
        "机器正忙着别的事，数字会很分散；停下别的事，再测一次",
    ),
    (
        "there is no /proc, so what needs it is left out: processor time, memory, system calls",
        "没有 /proc，需要它的都略去：CPU 时间、内存、系统调用",
    ),
    (
        "no more than 500 clients: that is about what this lesson serves at a time",
        "不超过 500 个客户端：这一课同时差不多只服务这么多",
    ),
    ("not installed, so there are no figures of it here", "没有安装，所以这里没有它的数据"),
];
