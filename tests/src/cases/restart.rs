//! Starting and stopping: what a server owes to whoever runs it.

use std::process::{Command, Stdio};

use rustix::process::Signal;

use crate::language::Both;
use crate::process::{Process, clients_held_at, until};
use crate::server::Setup;
use crate::trial::get;
use crate::{Case, Client, Group, IMPATIENT, Outcome, PATIENT, Stop, Trial, both};

pub(super) const CASES: &[Case] = &[
    Case::new(Group::Restart, "it-listens", it_listens)
        .why(
            "Every client that connects gets an answer, though it may have to wait for others. The kernel lets it connect \
             while the server is busy, as long as there is a listener; a server that makes a new one for each client, as \
             `nc -l` in a loop does, refuses everybody who comes in between.",
        )
        .zh(
            "服务一个客户端时仍在监听",
            "每个连上来的客户端都应当得到响应，虽然可能要等别人。只要还有监听套接字，服务器正忙时，内核也会让客户端连上；\
             为每个客户端新建一个监听套接字的服务器（例如循环里的 `nc -l`），会拒绝这期间到来的所有客户端。",
        )
        .lesson("lesson 01: the listener, and a socket for each client"),
    Case::new(Group::Restart, "the-port-can-be-had-again-at-once", the_port_can_be_had_again_at_once)
        .why(
            "Whoever closes first keeps the connection in TIME_WAIT for a minute, and here that is the server. Without \
             SO_REUSEADDR the port is refused until the last of these is over.",
        )
        .zh(
            "端口马上可以再用",
            "先关闭的一方要让连接在 TIME_WAIT 里留一分钟，而在这里，先关闭的是服务器。没有 SO_REUSEADDR，\
             要等最后一条这样的连接过去，端口才能再用。",
        )
        .lesson("lesson 01: the port that is still in use"),
    Case::new(Group::Restart, "an-interrupt-ends-it", an_interrupt_ends_it)
        .why(
            "Ctrl-C must end all of it, also while clients are connected. A child that goes on serving keeps the connection, \
             and nobody knows of it any more.",
        )
        .zh(
            "Ctrl-C 能结束服务器",
            "Ctrl-C 必须把一切都结束，有客户端连着也一样。继续服务的子进程会占着连接，却没有人知道它还在。",
        )
        .lesson("lesson 03: children that outlive their parent"),
    Case::new(Group::Restart, "a-request-to-terminate-ends-it", a_request_to_terminate_ends_it)
        .why("`kill`, service managers and containers send SIGTERM, and only to the parent; later they use force.")
        .zh("SIGTERM 能结束服务器", "`kill`、服务管理器和容器都发送 SIGTERM，而且只发给父进程；再不结束，就强制终止。")
        .lesson("lesson 03: children that outlive their parent"),
    Case::new(Group::Restart, "a-port-in-use-is-refused", a_port_in_use_is_refused)
        .strict()
        .why(
            "With SO_REUSEPORT a second server starts without a word, and the kernel gives each of the two every other \
             client: half of them see yesterday's program.",
        )
        .zh(
            "端口已被占用，就不能启动",
            "用了 SO_REUSEPORT，第二个服务器会一声不响地启动，内核把客户端分给它们各一半：\
             一半的人看到的是昨天的程序。",
        )
        .lesson("lesson 08: who makes the listener"),
    Case::new(Group::Restart, "a-log-that-nobody-reads-holds-up-no-one", a_log_that_nobody_reads_holds_up_no_one)
        .why(
            "A pipe takes 64 KiB, and then a write to it waits until somebody reads: a pager that is not scrolled, a \
             program that starts servers and does not look at what they say. The server then serves nobody, for the sake \
             of a line that nobody wants.",
        )
        .zh(
            "日志没有人读，也拖不住别人",
            "管道只放得下 64 KiB，再写就要等有人来读：没有翻页的分页程序，启动了服务器却不看输出的程序。\
             于是服务器为了一行没有人要看的日志，谁也不服务了。",
        )
        .lesson("lesson 02: the log"),
    Case::new(Group::Restart, "children-of-another-program-are-not-counted", children_of_another_program_are_not_counted)
        .why(
            "A shell that has started something in the background and then becomes the server by exec leaves it the \
             children. Who takes each child that ends for one of its own counts below zero.",
        )
        .zh(
            "不计别的程序留下的子进程",
            "shell 在后台启动了程序，再用 exec 变成服务器，那些子进程就留给了服务器。\
             把每个结束的子进程都当作自己的，计数就会减到零以下。",
        )
        .lesson("lesson 03: who buries the dead"),
    Case::new(Group::Restart, "an-ignored-sigchld-changes-nothing", an_ignored_sigchld_changes_nothing)
        .why(
            "That a signal is ignored outlives exec. With SIGCHLD ignored there are no zombies, and no exit status \
             either: a parent that counts by these never sees that anybody has gone.",
        )
        .zh(
            "SIGCHLD 被忽略，也照常工作",
            "信号被忽略的设置，exec 之后仍然有效。忽略了 SIGCHLD，就没有僵尸进程，也没有退出状态：\
             靠退出状态计数的父进程，永远看不到有谁走了。",
        )
        .lesson("lesson 03: who buries the dead"),
    Case::new(Group::Restart, "an-ignored-sigterm-ends-it-all-the-same", an_ignored_sigterm_ends_it_all_the_same)
        .why(
            "Some programs block or ignore SIGTERM for themselves, and forget that what they start inherits it. The server \
             can then only be ended by force.",
        )
        .zh(
            "SIGTERM 被忽略，也照样能结束",
            "有的程序自己屏蔽或忽略 SIGTERM，却忘了它启动的程序会继承这个设置。那样的服务器就只能强制终止。",
        )
        .lesson("lesson 01: stop it"),
    Case::new(Group::Restart, "as-process-1-it-ends-all-the-same", as_process_1_it_ends_all_the_same)
        .strict()
        .why(
            "In a container the server is process 1, to which the kernel delivers only signals with a handler: SIGTERM and \
             Ctrl-C do nothing, and each stop takes ten seconds and force.",
        )
        .zh(
            "作为 1 号进程，也照样能结束",
            "在容器里，服务器是 1 号进程，内核只把设了处理函数的信号送给它：SIGTERM 和 Ctrl-C 都不起作用，\
             每次停止都要等十秒，再强制终止。",
        )
        .lesson("lesson 01: stop it"),
    Case::new(Group::Restart, "it-can-be-started-with-nothing-open", it_can_be_started_with_nothing_open)
        .why(
            "The lowest free number is given out next. Where 2 is free, a connection becomes standard error, and a client \
             reads the log.",
        )
        .zh(
            "一个描述符也没有打开，也能启动",
            "新的描述符总是取最小的空闲号码。2 要是空着，某条连接就成了标准错误，客户端会读到日志。",
        )
        .lesson("lesson 02: what is dropped, and when"),
    Case::new(Group::Restart, "where-no-one-more-can-be-started-a-client-is-told", where_no_one_more_can_be_started)
        .why(
            "There may be no process and no thread for one more client. That is the server's trouble, and it passes: 503 \
             says so, a connection that just ends says nothing.",
        )
        .zh(
            "启动不了进程或线程时，告诉客户端",
            "可能已经没有进程或线程可以给新的客户端。这是服务器的问题，而且会过去：503 说明了这一点，\
             单单断开连接什么也没有说明。",
        )
        .section("RFC 9110, section 15.6.4")
        .lesson("lesson 03: what a process costs"),
];

fn it_listens(trial: &mut Trial) -> Outcome {
    // All are connected before the first one asks: a server that serves one at a time is waiting for that one.
    let clients: Vec<Client> = (0..3).map(|_| trial.connect()).collect::<Result<_, _>>()?;
    for mut client in clients {
        client.send(get("/"))?.answer()?.expect(&[200])?;
    }
    trial.alive()
}

fn the_port_can_be_had_again_at_once(trial: &mut Trial) -> Outcome {
    let port = trial.server()?.address().port();
    for _ in 0..3 {
        let mut client = trial.connect()?;
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?.answer()?.expect(&[200])?;
        // The server first: so it is the one that remembers the connection. Whether what comes before is right is for
        // others to say.
        client.ends()?;
    }
    let _open = trial.connect()?;
    // One that was not started here is not ended, and the restart says so.
    trial.server()?.stop_by(Signal::TERM);
    trial.restart(&Setup { port: Some(port), ..Setup::default() })
}

fn an_interrupt_ends_it(trial: &mut Trial) -> Outcome {
    if Process(std::process::id()).ignores_interrupts() {
        return Err(Stop::NotLookedAt(both!(
            "this was started where Ctrl-C is ignored, and so is the server",
            "测试是在忽略 Ctrl-C 的环境里启动的，服务器也是"
        )));
    }
    ended_by(trial, Signal::INT, "SIGINT")
}

fn a_request_to_terminate_ends_it(trial: &mut Trial) -> Outcome {
    ended_by(trial, Signal::TERM, "SIGTERM")
}

fn ended_by(trial: &mut Trial, signal: Signal, name: &str) -> Outcome {
    // Nobody is to be dropped for another reason.
    trial.restart(&Setup { timeout: Some(60), ..Setup::default() })?;
    let port = trial.server()?.address().port();
    // Where one client is served at a time, the others wait to be accepted, and not every server lets many wait.
    let number = if trial.is_lesson() || trial.stage().number() > 2 { 10 } else { 3 };
    let clients: Vec<Client> = (0..number).map(|_| busy(trial)).collect::<Result<_, _>>()?;
    let wait = trial.patience();
    if !trial.server()?.stop_within(signal, wait) {
        return Err(Stop::other(both!("{name} does not end it", "{name} 不能让它结束")));
    }
    if !until(wait, || clients_held_at(port).is_empty()) {
        let held = clients_held_at(port).len();
        return Err(Stop::other(both!(
            "after {name}, somebody still holds {held} of {} connections",
            "收到 {name} 之后，{0} 条连接中还有 {held} 条被某个进程持有"; clients.len()
        )));
    }
    match trial.connect() {
        Ok(_) => Err(Stop::other(both!("after {name}, somebody still listens", "收到 {name} 之后，还有进程在监听"))),
        Err(_) => Ok(()),
    }
}

/// A client in the middle of an answer: whoever serves it has begun for certain. Where only one at a time is served,
/// one that is silent.
fn busy(trial: &mut Trial) -> Result<Client, Stop> {
    let mut client = trial.connect_narrow()?;
    if trial.stage().number() > 2 {
        client.send(get("/huge.bin"))?.answer_to_head()?.expect(&[200])?;
    }
    Ok(client)
}

fn a_port_in_use_is_refused(trial: &mut Trial) -> Outcome {
    let port = trial.server()?.address().port();
    let said = match trial.start_another(&Setup { port: Some(port), ..Setup::default() })? {
        Err(why) => why,
        Ok(mut second) => {
            // That the port answers says nothing: there is the first one.
            if !until(trial.longest(), || second.has_ended()) {
                return Err(Stop::other(both!(
                    "a second server has started on the same port",
                    "第二个服务器在同一个端口上启动了"
                )));
            }
            // Its last words may still be on their way.
            until(IMPATIENT, || !second.said().is_empty());
            Both::same(second.said().trim())
        }
    };
    if said.en.contains(&port.to_string()) {
        return Ok(());
    }
    Err(Stop::other(both!(
        "the second server ended, and does not name port {port}: {said}",
        "第二个服务器退出了，却没有指出端口 {port}：{said}" in said
    )))
}

fn a_log_that_nobody_reads_holds_up_no_one(trial: &mut Trial) -> Outcome {
    /// More lines than the largest pipe takes in that is usual.
    const REQUESTS: usize = 800;
    /// In bytes, less than is in any pipe that has no room for one more line.
    const FULL: u64 = 32 * 1024;
    trial.restart(&Setup { unread_log: true, ..Setup::default() })?;
    for _ in 0..REQUESTS {
        trial.get("/")?.expect(&[200])?;
    }
    let waiting = trial.server()?.read_log();
    // One that says little loses nothing, and what others say of what they lose is up to them.
    if !trial.is_lesson() || waiting < FULL || until(PATIENT, || is_told_of_the_lost(trial)) {
        return trial.alive();
    }
    Err(Stop::other(both!(
        "lines of the log were lost, and nobody is told how many",
        "日志丢了一些行，却没有说丢了多少"
    )))
}

/// Whether the log says so, after one more line of it.
fn is_told_of_the_lost(trial: &mut Trial) -> bool {
    trial.get("/").is_ok() && trial.server().is_ok_and(|server| server.said().contains(" lines of the log lost"))
}

/// Not looked at where these words, put before a command, do not run it.
fn runs(words: &[&str]) -> Outcome {
    let ran = Command::new(words[0]).args(&words[1..]).arg("true").stderr(Stdio::null()).status();
    if ran.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(Stop::NotLookedAt(both!(
        "this system does not run `{} COMMAND` for us",
        "本系统不能为我们运行 `{} COMMAND`"; words.join(" ")
    )))
}

/// A client that says nothing holds up no one else. (In lessons 01 and 02 it does.)
fn a_silent_one_is_no_harm(trial: &mut Trial) -> Outcome {
    let _silent = (trial.stage().number() > 2).then(|| trial.connect()).transpose()?;
    trial.get("/")?.expect(&[200]).map(|_| ())
}

fn children_of_another_program_are_not_counted(trial: &mut Trial) -> Outcome {
    const SHELL: &[&str] = &["sh", "-c", "for second in 1 1 60; do sleep $second >&- 2>&- & done; exec \"$@\"", "sh"];
    const STAYS: usize = 1;
    trial.restart(&Setup { through: SHELL, ..Setup::default() })?;
    let process = trial.process()?;
    until(PATIENT, || process.children().into_iter().filter(|child| !child.is_zombie()).count() <= STAYS);
    for _ in 0..10 {
        a_silent_one_is_no_harm(trial)?;
    }
    trial.alive()
}

fn an_ignored_sigchld_changes_nothing(trial: &mut Trial) -> Outcome {
    const SHELL: &[&str] = &["env", "--ignore-signal=CHLD", "--block-signal=CHLD"];
    /// As many as a lesson serves at a time, and some more.
    const CLIENTS: usize = 600;
    runs(SHELL)?;
    trial.restart(&Setup { through: SHELL, ..Setup::default() })?;
    for _ in 0..CLIENTS {
        trial.get("/")?.expect(&[200])?;
    }
    a_silent_one_is_no_harm(trial)
}

fn an_ignored_sigterm_ends_it_all_the_same(trial: &mut Trial) -> Outcome {
    if !trial.is_lesson() {
        return Err(Stop::NotLookedAt(both!(
            "whoever starts a server may want it to ignore SIGTERM",
            "启动服务器的人可能就是要它忽略 SIGTERM"
        )));
    }
    for through in [&["env", "--ignore-signal=TERM"], &["env", "--block-signal=TERM"]] {
        runs(through)?;
        trial.restart(&Setup { through, ..Setup::default() })?;
        if !trial.server()?.stop_by(Signal::TERM) {
            return Err(Stop::other(both!(
                "started by `{}`, SIGTERM does not end it",
                "由 `{}` 启动时，SIGTERM 不能让它结束"; through.join(" ")
            )));
        }
    }
    Ok(())
}

fn as_process_1_it_ends_all_the_same(trial: &mut Trial) -> Outcome {
    const UNSHARE: &[&str] = &["unshare", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"];
    let interrupts = !Process(std::process::id()).ignores_interrupts();
    runs(UNSHARE)?;
    for (signal, name) in [(Signal::TERM, "SIGTERM"), (Signal::INT, "SIGINT")] {
        if signal == Signal::INT && !interrupts {
            continue;
        }
        trial.restart(&Setup { through: UNSHARE, ..Setup::default() })?;
        let process = trial.process()?;
        // Of a lesson that is what was started, of any other server it is what listens.
        let inside = if trial.is_lesson() { process.children().first().copied() } else { Some(process) };
        let server =
            inside.ok_or_else(|| Stop::other(both!("unshare has started nobody", "unshare 没有启动任何进程")))?;
        // One that is in the middle of an answer.
        let _client = busy(trial)?;
        server.signal(signal);
        if !until(trial.patience(), || trial.server().is_ok_and(|server| server.has_ended())) {
            return Err(Stop::other(both!(
                "as process 1, {name} does not end it",
                "作为 1 号进程时，{name} 不能让它结束"
            )));
        }
    }
    Ok(())
}

fn it_can_be_started_with_nothing_open(trial: &mut Trial) -> Outcome {
    trial.restart(&Setup { closed: true, ..Setup::default() })?;
    for _ in 0..10 {
        trial.get("/")?.expect(&[200])?;
    }
    trial.alive()
}

fn where_no_one_more_can_be_started(trial: &mut Trial) -> Outcome {
    trial.restart(&Setup { as_nobody: true, ..Setup::default() })?;
    let process = trial.process()?;
    if !process.allow_processes(false) {
        return Err(Stop::NotLookedAt(both!(
            "the number of its processes cannot be limited here",
            "这里无法限制它的进程数"
        )));
    }
    for _ in 0..10 {
        let mut client = trial.connect()?;
        let answer = client.answer()?;
        answer.expect(&[503])?;
        client.closes()?;
    }
    process.allow_processes(true);
    a_silent_one_is_no_harm(trial)
}
