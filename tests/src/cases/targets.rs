//! From target to file: what a target names, and what it must never reach.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

use tempfile::TempDir;

use crate::process::until;
use crate::server::Setup;
use crate::site::{HELLO, INDEX, SECRET, SMALL, Site, not_made};
use crate::trial::get;
use crate::{Answer, Case, Group, Outcome, PATIENT, Stop, Trial, both};

macro_rules! get {
    ($($target:literal),+ $(,)?) => {
        &[$(concat!("GET ", $target, " HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()),+]
    };
}

pub(super) const CASES: &[Case] = &[
    Case::new(Group::Targets, "a-path-names-a-file", a_path_names_a_file)
        .section("RFC 3986, section 3.3; RFC 9110, section 4.2.1")
        .why(
            "The path says which file is wanted. And a file is bytes: a picture that is read as text cannot be decoded, or \
             arrives as another one.",
        )
        .zh(
            "路径指定文件",
            "要的是哪个文件，由路径说明。文件就是一串字节：把图片当文本来读，不是无法解码，就是送到时已经变了样。",
        )
        .lesson("lesson 02: from target to file"),
    Case::new(Group::Targets, "dot-dot-never-leaves-the-root", dot_dot_never_leaves_the_root)
        .section("RFC 3986, sections 3.3 and 5.2.4; RFC 9110, section 17.3")
        .why(
            "A target is text from a stranger. Whoever puts it behind the root and opens the result serves the whole \
             disk, and there are many ways to write two dots and a slash.",
        )
        .zh(
            "两个点绝不会走出根目录",
            "请求目标是陌生人写的文本。把它接在根目录后面就去打开，等于提供整个磁盘，\
             而两个点加一个斜杠有许多种写法。",
        )
        .lesson("lesson 02: nothing outside the root"),
    Case::sends(
        Group::Targets,
        "a-link-out-of-the-root-is-not-followed",
        get!(
            "/link-outside",
            "/link-absolute",
            "/link-to-parent",
            "/link-to-parent/",
            "/link-to-parent/secret.txt",
            "/link-beside",
        ),
    )
    .answered(&[403, 404])
    .strict()
    .why(
        "A path without two dots can still lead out: through a symbolic link. One that was forgotten, or unpacked from \
         an archive, must not open the rest of the disk.",
    )
    .zh(
        "不跟随通往根目录之外的链接",
        "没有两个点的路径也可以通到外面：借助符号链接。忘了删的链接，从归档里解出来的链接，\
         都不能打开磁盘的其余部分。",
    )
    .lesson("lesson 02: nothing outside the root"),
    Case::new(Group::Targets, "a-link-inside-the-root-harms-nothing", a_link_inside_the_root_harms_nothing)
        .strict()
        .why("A link to a file in the root shows nothing new, so it may be followed or not; one in a ring leads nowhere.")
        .zh(
            "根目录之内的链接没有害处",
            "指向根目录里文件的链接，没有露出新的东西，跟不跟随都可以；绕成一圈的链接，哪里也到不了。",
        )
        .lesson("lesson 02: nothing outside the root"),
    Case::new(Group::Targets, "dots-mean-the-same-however-they-are-spelled", dots_mean_the_same_however_they_are_spelled)
        .section("RFC 3986, section 6.2.2")
        .strict()
        .why(
            "`.` and `%2e` are the same character. Where a server decides about one and not about the other, what looks \
             at the target before it (a filter, a cache) is easily led astray.",
        )
        .zh(
            "点无论怎样编码，意思都一样",
            "`.` 和 `%2e` 是同一个字符。服务器要是只查其中一种写法，在它前面查看请求目标的程序（过滤器、\
             缓存）就很容易被骗。",
        )
        .lesson("lesson 02: decode once, then look"),
    Case::new(Group::Targets, "a-name-is-decoded-once", a_name_is_decoded_once)
        .section("RFC 3986, section 2.4")
        .why(
            "Decoded twice, `%252e` becomes a dot, behind the back of every check in between. Not decoded at all, no \
             file with a space or a Chinese name can be had.",
        )
        .zh(
            "名字只解码一次",
            "解码两次，`%252e` 就成了一个点，绕过了中间的一切检查。完全不解码，名字里有空格或汉字的文件就取不到。",
        )
        .lesson("lesson 02: decode once, then look"),
    Case::sends(
        Group::Targets,
        "a-broken-escape-is-refused",
        get!("/%zz", "/%4", "/%", "/hello.txt%", "/%%34", "/%+4"),
    )
    .mark(b"%")
    .answered(&[400, 404])
    .section("RFC 3986, section 2.1")
    .why("Behind a percent sign come two hexadecimal digits. To guess what else was meant is to serve another file.")
    .zh("拒绝残缺的百分号编码", "百分号后面是两位十六进制数。去猜原本想写什么，送出的就会是另一个文件。")
    .lesson("lesson 02: decode once, then look"),
    Case::sends(Group::Targets, "a-nul-cuts-no-name", get!("/hello.txt%00", "/hello.txt%00.html", "/%00", "/sub%00/inner.txt"))
        .mark(b"%00")
        .answered(&[404, 400])
        .why(
            "For the kernel a NUL ends the name, for most languages it does not: what was checked is not what is opened.",
        )
        .zh("NUL 不会截断文件名", "内核认为文件名到 NUL 为止，大多数语言却不这么认为：检查的和打开的不是同一个。")
        .lesson("lesson 02: decode once, then look"),
    Case::sends(
        Group::Targets,
        "what-no-name-should-hold-is-not-found",
        get!("/%0d%0a", "/hello.txt%0a", "/%7f", "/%1b%5b2J", "/%ff", "/%c3%28", "/%ed%a0%80"),
    )
    .mark(b"%")
    .answered(&[404, 400])
    .strict()
    .why(
        "Control bytes and broken UTF-8 find their way into logs, terminals and fields, and do harm there. The target is \
         a URI all the same, one that names nothing.",
    )
    .zh(
        "名字里有不该有的字节，回答 404",
        "控制字符和残缺的 UTF-8 会混进日志、终端和字段，在那里惹祸。请求目标仍然是 URI，只是不指向任何东西。",
    )
    .lesson("lesson 02: decode once, then look"),
    Case::new(Group::Targets, "the-query-is-no-part-of-the-name", the_query_is_no_part_of_the_name)
        .section("RFC 3986, section 3.4")
        .why("The first question mark ends the path. An escaped one is a character like any other, and files have it.")
        .zh("查询串不属于文件名", "路径到第一个问号为止。编码过的问号是普通的字符，文件名里可以有。")
        .lesson("lesson 02: from target to file"),
    Case::new(Group::Targets, "a-folder-is-called-for-with-a-slash", a_folder_is_called_for_with_a_slash)
        .section("RFC 9110, section 15.4.2")
        .why(
            "A browser resolves the links of a page against its address: without the slash, all links of `/sub` lead \
             nowhere. So the server tells it the better address, and loses nothing of the query.",
        )
        .zh(
            "目录的地址以斜杠结尾",
            "浏览器以网页的地址为基准解析里面的链接：没有斜杠，`/sub` 里的链接就全都指错地方。\
             所以服务器告诉它更好的地址，查询串一点也不丢。",
        )
        .lesson("lesson 02: a folder and its slash"),
    Case::new(Group::Targets, "a-redirect-holds-behind-a-prefix", a_redirect_holds_behind_a_prefix)
        .section("RFC 3986, section 4.2; RFC 9110, section 10.2.2")
        .why(
            "A proxy may serve the site below `/course/`, and the server does not know. Only a reference that is relative \
             to the address of the client leads to the right place.",
        )
        .zh(
            "前面加了路径前缀，重定向仍然有效",
            "代理可以把网站放在 `/course/` 下面，而服务器并不知道。只有相对于客户端所用地址的引用，\
             才会指向正确的地方。",
        )
        .lesson("lesson 02: a folder and its slash"),
    Case::new(Group::Targets, "a-redirect-is-a-uri", a_redirect_is_a_uri)
        .section("RFC 3986, appendix A; RFC 9110, section 10.2.2")
        .why(
            "Browsers send braces and bars in a query, and programs send anything. Repeated in a Location as it came, that \
             is no URI, and it stands in the next program's page as HTML.",
        )
        .zh(
            "重定向的地址是 URI",
            "浏览器会在查询串里发送花括号和竖线，别的程序什么都会发。原样抄进 Location，那就不是 URI 了，\
             还会作为 HTML 出现在下一个程序的网页里。",
        )
        .lesson("lesson 02: a folder and its slash"),
    Case::new(Group::Targets, "no-field-can-be-injected", no_field_can_be_injected)
        .section("RFC 9112, section 11.1")
        .why(
            "A redirect repeats what the client sent. If CR LF gets through, a link that somebody was sent makes this \
             server say whatever the sender of the link likes, cookies included.",
        )
        .zh(
            "无法注入头部字段",
            "重定向会重复客户端发来的内容。CR LF 要是能混进去，一个发给别人的链接，\
             就能让这个服务器说出链接作者想说的任何话，包括设置 Cookie。",
        )
        .lesson("lesson 02: a folder and its slash"),
    Case::new(Group::Targets, "no-redirect-leads-to-another-host", no_redirect_leads_to_another_host)
        .section("RFC 3986, section 4.2; RFC 9110, section 17.8")
        .why(
            "In a Location, what begins with two slashes is a host. A server that only adds a slash to the target sends \
             people who trust its name wherever a link says.",
        )
        .zh(
            "重定向不会通往别的主机",
            "在 Location 里，以两个斜杠开头的是主机。只在请求目标后面加一个斜杠的服务器，\
             会把信任它的人送到链接指定的任何地方。",
        )
        .lesson("lesson 02: a folder and its slash"),
    Case::sends(
        Group::Targets,
        "a-file-is-no-folder",
        get!("/hello.txt/", "/index.html/", "/hello.txt/hello.txt", "/hello.txt/index.html", "/hello.txt/?a=b", "/empty.txt/"),
    )
    .answered(&[404, 403])
    .strict()
    .why("The page would be served at an address against which all of its links are wrong.")
    .zh("文件不是目录", "否则，网页所在的地址会让里面的链接全都指错地方。")
    .lesson("lesson 02: a folder and its slash"),
    Case::new(Group::Targets, "a-folder-shows-its-index", a_folder_shows_its_index)
        .why("`/` and every `/folder/` stand for the page in them. A folder without one is not a failure of the server.")
        .zh("目录显示其中的首页", "`/` 和每个 `/folder/` 代表里面的首页。目录里没有首页，不是服务器出错。")
        .lesson("lesson 02: from target to file"),
    Case::sends(Group::Targets, "a-fifo-or-socket-is-refused-at-once", get!("/fifo", "/socket", "/fifo?a=b"))
        .answered(&[403, 404])
        .strict()
        .why(
            "To open a FIFO is to wait for somebody who writes into it. A server that only opens what is there hangs, \
             and so does everybody who waits for it.",
        )
        .zh(
            "立即拒绝 FIFO 和套接字文件",
            "打开 FIFO，就要等有人往里写。有什么就打开什么的服务器会卡住，等它的人也都跟着卡住。",
        )
        .lesson("lesson 02: only regular files"),
    Case::new(Group::Targets, "an-unreadable-file-is-forbidden", an_unreadable_file_is_forbidden)
        .section("RFC 9110, section 15.5.4")
        .why("That a file may not be read is no failure of the server: not a 500, and not an empty 200.")
        .zh("没有权限读的文件回答 403", "文件不许读，不是服务器出错：不该是 500，也不该是空的 200。")
        .lesson("lesson 02: what went wrong, as a status"),
    Case::new(Group::Targets, "a-name-too-long-for-the-disk-is-not-found", a_name_too_long_for_the_disk_is_not_found)
        .why("The kernel has an error of its own for a name that no file can have. For the client it is just not there.")
        .zh(
            "文件名超出文件系统的限制，回答 404",
            "文件名长得不可能存在，内核有专门的错误。对客户端来说，就是没有这个文件。",
        )
        .lesson("lesson 02: what went wrong, as a status"),
    Case::new(Group::Targets, "a-root-that-is-built-anew-is-found", a_root_that_is_built_anew_is_found)
        .why(
            "A site generator removes its folder and makes it anew. A server that holds on to the removed one answers 404 \
             for ever, and nobody sees why.",
        )
        .zh(
            "重新生成的根目录找得到",
            "网站生成器会删掉目录，再重新创建。服务器要是抓着删掉的那个不放，就会永远回答 404，谁也看不出为什么。",
        )
        .lesson("lesson 02: nothing outside the root"),
    Case::new(Group::Targets, "a-root-that-is-a-link-is-followed", a_root_that_is_a_link_is_followed)
        .why("A release is put beside the last one, and then a link is switched. That is to be seen without a restart.")
        .zh("根目录可以是符号链接", "新的版本放在旧的旁边，然后切换链接。不用重启就应当看得到。")
        .lesson("lesson 02: nothing outside the root"),
    Case::new(
        Group::Targets,
        "a-file-that-does-not-know-its-size-is-served",
        a_file_that_does_not_know_its_size_is_served,
    )
    .why(
        "In `/proc` every file is said to be empty, in `/sys` to have 4,096 bytes; and a file that is just written over \
         has another length than a moment ago. What was read is the length that is true.",
    )
    .zh(
        "自报大小不准的文件照样提供",
        "在 `/proc` 里，每个文件都说自己是空的，在 `/sys` 里都说有 4096 字节；正在改写的文件，长度和刚才又不一样。\
         读到多少，长度就是多少。",
    )
    .lesson("lesson 02: when the disk changes its mind"),
];

/// Ways to write "one up, and there the secret", of which some lexical check or other has let each through.
const WAYS_OUT: &[&str] = &[
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/%2E%2E/secret.txt",
    "/.%2e/secret.txt",
    "/%2e./secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e%2fsecret.txt",
    "/..%2Fsecret.txt",
    "/..\\secret.txt",
    "/..%5csecret.txt",
    "/..;/secret.txt",
    "/..;a=b/secret.txt",
    "/%252e%252e/secret.txt",
    "/..%252fsecret.txt",
    "/%25252e%25252e/secret.txt",
    "/%c0%ae%c0%ae/secret.txt",
    "/..%c0%afsecret.txt",
    "/%e0%80%ae%e0%80%ae/secret.txt",
    "/..%e0%80%afsecret.txt",
    "/%f0%80%80%ae%f0%80%80%ae/secret.txt",
    "/%u002e%u002e/secret.txt",
    "/..%u2215secret.txt",
    "/..%ef%bc%8fsecret.txt",
    "/..%00/secret.txt",
    "/../secret.txt%00.html",
    "/.%00./secret.txt",
    "/..%20/secret.txt",
    "/..%0d/secret.txt",
    "//../secret.txt",
    "/..//secret.txt",
    "/./../secret.txt",
    "/.././secret.txt",
    "/....//secret.txt",
    "/.../../../secret.txt",
    "/sub/../../secret.txt",
    "/sub/%2e%2e/%2e%2e/secret.txt",
    "/sub/..%2f..%2fsecret.txt",
    "/hello.txt/../../secret.txt",
    "/missing/../../secret.txt",
    "/../root/../secret.txt",
    "/../root-beside/secret.txt",
    "/%2e%2e/root-beside/secret.txt",
    "/..",
    "/../",
    "/%2e%2e/",
    "/sub/../..",
    "../secret.txt",
    "http://localhost/../secret.txt",
    "http://localhost/%2e%2e/secret.txt",
    "/?/../../secret.txt",
    "//etc/passwd",
    "///etc/passwd",
    "/%2fetc/passwd",
    "/%2f%2fetc%2fpasswd",
    "/sub//etc/passwd",
    "/file:///etc/passwd",
    "file:///etc/passwd",
    "/../../../../../../../../../../etc/passwd",
    "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
];

fn a_path_names_a_file(trial: &mut Trial) -> Outcome {
    for (target, name) in [
        ("/", "index.html"),
        ("/hello.txt", "hello.txt"),
        ("/style.css", "style.css"),
        ("/sub/inner.txt", "sub/inner.txt"),
        ("/no-index/only.txt", "no-index/only.txt"),
    ] {
        trial.get(target)?.expect_body(content(name))?;
    }
    // No text in any encoding.
    trial.get("/small.bin")?.expect_body(&Site::big()[..SMALL])?;
    Ok(())
}

fn dot_dot_never_leaves_the_root(trial: &mut Trial) -> Outcome {
    let outside = trial.site().root().with_file_name("secret.txt").to_string_lossy().into_owned();
    // Put behind the root by a library that takes an absolute path for a new start, this leaves it.
    let absolute = [format!("/{outside}"), format!("/%2f{}", &outside[1..])];
    for target in WAYS_OUT.iter().copied().chain(absolute.iter().map(String::as_str)) {
        if let Some(answer) = trial.connect()?.send(get(target))?.answer_or_close()? {
            stays_inside(target, &answer)?;
        }
    }
    Ok(())
}

fn stays_inside(target: &str, answer: &Answer) -> Outcome {
    let body = String::from_utf8_lossy(&answer.body);
    let passwords = body.contains("root:") && body.contains(":0:0:");
    // An error page may repeat the name; a list of the folder above may not show it.
    let listed = answer.status == 200 && body.contains("secret.txt");
    if passwords || listed || body.contains(SECRET.trim_end()) {
        return Err(Stop::other(both!(
            "{target} shows what stands outside the root",
            "{target} 给出了文档根目录之外的内容"
        )));
    }
    if answer.status >= 500 {
        return Err(Stop::other(both!(
            "{target} is no failure of the server, but it says {}",
            "{target} 不是服务器的故障，它却响应 {}"; answer.status
        )));
    }
    Ok(())
}

fn a_link_inside_the_root_harms_nothing(trial: &mut Trial) -> Outcome {
    let inside = trial.get("/link-inside")?;
    if inside.status == 200 {
        inside.expect_body(HELLO.as_bytes())?;
    }
    inside.expect(&[200, 403, 404])?;
    trial.get("/link-loop")?.expect(&[404, 403])?;
    Ok(())
}

fn dots_mean_the_same_however_they_are_spelled(trial: &mut Trial) -> Outcome {
    const SPELLINGS: &[[&str; 2]] = &[
        ["/./hello.txt", "/%2e/hello.txt"],
        ["/sub/./../hello.txt", "/sub/%2E/%2e%2E/hello.txt"],
        ["/sub/../hello.txt", "/sub/%2e%2e/hello.txt"],
        ["/sub/../hello.txt", "/sub/.%2e/hello.txt"],
        ["/missing/../hello.txt", "/missing/%2e%2e/hello.txt"],
    ];
    for [plain, escaped] in SPELLINGS {
        let answer = trial.get(plain)?;
        match answer.status {
            200 => answer.expect_body(HELLO.as_bytes())?,
            // Some servers send the client to the shorter address.
            _ => answer.expect(&[404, 400, 403, 301, 308])?,
        };
        let other = trial.get(escaped)?;
        if other.status != answer.status {
            let (status, other) = (answer.status, other.status);
            return Err(Stop::other(both!(
                "{plain} is answered {status}, and {escaped} {other}",
                "对 {plain} 响应 {status}，对 {escaped} 却响应 {other}"
            )));
        }
    }
    Ok(())
}

fn a_name_is_decoded_once(trial: &mut Trial) -> Outcome {
    const NAMES: &[(&str, &str)] = &[
        ("/%68%65llo.txt", "hello.txt"),
        ("/hello%2Etxt", "hello.txt"),
        ("/with%20space.txt", "with space.txt"),
        ("/100%25.txt", "100%.txt"),
        ("/why%3F.txt", "why?.txt"),
        ("/why%3f.txt", "why?.txt"),
        ("/%E4%BD%A0%E5%A5%BD.html", "你好.html"),
        ("/%e4%bd%a0%e5%a5%bd.html", "你好.html"),
        ("/%252e%252e", "%2e%2e"),
        ("/a..b.txt", "a..b.txt"),
        ("/...", "..."),
        ("/odd%20folder%3F/", "odd folder?/index.html"),
    ];
    for (target, name) in NAMES {
        trial.get(target)?.expect_body(content(name))?;
    }
    for target in ["/with+space.txt", "/hello%252etxt", "/%2568ello.txt", "/100%2525.txt"] {
        trial.get(target)?.expect(&[404])?;
    }
    Ok(())
}

/// What stands in this file of the site.
fn content(name: &str) -> &'static [u8] {
    let file = crate::site::FILES.iter().find(|(other, _)| *other == name);
    file.unwrap_or_else(|| panic!("the site has no {name}")).1.as_bytes()
}

fn the_query_is_no_part_of_the_name(trial: &mut Trial) -> Outcome {
    for target in
        ["/hello.txt?", "/hello.txt?a=b", "/hello.txt??", "/hello.txt?/../../x", "/hello.txt?%zz", "/hello.txt?/"]
    {
        trial.get(target)?.expect_body(HELLO.as_bytes())?;
    }
    trial.get("/?a=b")?.expect_body(INDEX.as_bytes())?;
    trial.get("/why?.txt")?.expect(&[404])?;
    trial.get("/hello.txt%3Fa=b")?.expect(&[404])?;
    Ok(())
}

fn a_folder_is_called_for_with_a_slash(trial: &mut Trial) -> Outcome {
    const FOLDERS: &[(&str, &str, &str)] = &[
        ("/sub", "/sub/", "sub/index.html"),
        ("/sub?a=b&c=%20/", "/sub/?a=b&c=%20/", "sub/index.html"),
        ("/sub?", "/sub/?", "sub/index.html"),
        ("/sub/deep/er", "/sub/deep/er/", "sub/deep/er/index.html"),
        ("/odd%20folder%3F", "/odd%20folder%3F/", "odd folder?/index.html"),
        ("/co:lon", "/co:lon/", "co:lon/index.html"),
        ("/co:lon?a:b", "/co:lon/?a:b", "co:lon/index.html"),
    ];
    for (target, better, name) in FOLDERS {
        let answer = trial.get(target)?;
        answer.expect(&[301, 308])?;
        let location = location(target, &answer)?;
        // An empty query may go.
        if location.trim_end_matches('?') != better.trim_end_matches('?') {
            return Err(Stop::other(both!(
                "{target} should lead to {better}, and leads to {location}",
                "{target} 应当重定向到 {better}，实际重定向到 {location}"
            )));
        }
        trial.get(&location)?.expect_body(content(name))?;
    }
    Ok(())
}

/// The target that a redirect leads to, which must be one of this server.
fn location(target: &str, answer: &Answer) -> Result<String, Stop> {
    let location = answer.must_have("Location")?;
    let elsewhere = || {
        Stop::other(both!(
            "{target} leads to {location}, which is not on this server",
            "{target} 重定向到 {location}，不在这个服务器上"
        ))
    };
    let path = match location.split_once("://") {
        Some(("http", rest)) => {
            let (host, _) = rest.split_once('/').ok_or_else(elsewhere)?;
            let name = host.split(':').next();
            if !matches!(name, Some("localhost" | "127.0.0.1")) {
                return Err(elsewhere());
            }
            &rest[host.len()..]
        }
        Some((scheme, _)) if !scheme.contains(['/', '?', '#']) => return Err(elsewhere()),
        // Browsers take a backslash for a slash.
        _ if location.replace('\\', "/").starts_with("//") => return Err(elsewhere()),
        _ => location,
    };
    match () {
        // Up to the first slash, a colon would end the name of a scheme (RFC 3986, section 4.2).
        _ if path.split('/').next().is_some_and(|first| first.contains(':')) => Err(elsewhere()),
        _ if path.starts_with('/') => Ok(path.to_owned()),
        _ => {
            let path = path.strip_prefix("./").unwrap_or(path);
            let folder =
                target.split('?').next().and_then(|path| path.rsplit_once('/')).map_or("", |(folder, _)| folder);
            Ok(format!("{folder}/{path}"))
        }
    }
}

fn a_redirect_holds_behind_a_prefix(trial: &mut Trial) -> Outcome {
    for target in ["/sub", "/sub/deep/er?a=/b", "/co:lon"] {
        let answer = trial.get(target)?;
        let said = answer.expect(&[301, 308])?.must_have("Location")?;
        if said.starts_with('/') || said.contains("://") {
            let text = both!(
                "{target} leads to {said}, which a prefix changes",
                "{target} 重定向到 {said}，前面加上路径前缀就不对了"
            );
            return Err(if trial.is_lesson() { Stop::other(text) } else { Stop::NotLookedAt(text) });
        }
    }
    Ok(())
}

fn a_redirect_is_a_uri(trial: &mut Trial) -> Outcome {
    for target in ["/sub?\"<>", "/sub?{a|b}", "/sub?^`[]", "/sub?100%", "/odd%20folder%3F?\"%zz"] {
        let answer = trial.get(target)?;
        answer.expect(trial.right(&[301, 308, 400]))?;
        if answer.status == 400 {
            continue;
        }
        let location = location(target, &answer)?;
        let digits = |part: &str| part.as_bytes().iter().take(2).filter(|byte| byte.is_ascii_hexdigit()).count() == 2;
        let alien = |character: char| !character.is_ascii_graphic() || "\"<>{}|^`[]\\".contains(character);
        if location.contains(alien) || !location.split('%').skip(1).all(digits) {
            return Err(Stop::other(both!(
                "{target} leads to {location}, which is no URI",
                "{target} 重定向到 {location}，这不是合法的 URI"
            )));
        }
    }
    Ok(())
}

/// A folder in which a case can do what it likes, with a document root in it.
fn folder_of_its_own(trial: &Trial) -> Result<TempDir, Stop> {
    let folder = trial.site().folder_for_a_case().map_err(cannot)?;
    make_root(&folder.path().join("root"), "old").map_err(cannot)?;
    Ok(folder)
}

fn make_root(root: &Path, text: &str) -> io::Result<()> {
    fs::create_dir(root)?;
    fs::write(root.join("index.html"), INDEX.as_bytes())?;
    fs::write(root.join("page.txt"), text)
}

fn cannot(error: io::Error) -> Stop {
    Stop::NotLookedAt(not_made(&error))
}

fn serve(trial: &mut Trial, root: &Path) -> Outcome {
    let arguments = ["--root".to_owned(), root.to_string_lossy().into_owned()].to_vec();
    trial.restart(&Setup { arguments, ..Setup::default() })
}

/// Waits until the page has this text.
fn becomes(trial: &mut Trial, text: &str) -> Outcome {
    let mut last = Ok(());
    until(PATIENT, || {
        last = trial.get("/page.txt").and_then(|answer| answer.expect_body(text.as_bytes()).map(drop));
        last.is_ok()
    });
    last
}

fn a_root_that_is_built_anew_is_found(trial: &mut Trial) -> Outcome {
    let folder = folder_of_its_own(trial)?;
    let root = folder.path().join("root");
    serve(trial, &root)?;
    trial.get("/page.txt")?.expect_body(b"old")?;
    fs::remove_dir_all(&root).map_err(cannot)?;
    trial.get("/page.txt")?.expect(&[404])?;
    make_root(&root, "new").map_err(cannot)?;
    becomes(trial, "new")
}

fn a_root_that_is_a_link_is_followed(trial: &mut Trial) -> Outcome {
    let folder = folder_of_its_own(trial)?;
    let at = |name: &str| folder.path().join(name);
    make_root(&at("next"), "new").and_then(|()| symlink("root", at("current"))).map_err(cannot)?;
    serve(trial, &at("current"))?;
    trial.get("/page.txt")?.expect_body(b"old")?;
    symlink("next", at("switched")).and_then(|()| fs::rename(at("switched"), at("current"))).map_err(cannot)?;
    becomes(trial, "new")
}

fn a_file_that_does_not_know_its_size_is_served(trial: &mut Trial) -> Outcome {
    const FOLDER: &str = "/proc/sys/kernel";
    let Ok(text) = fs::read(format!("{FOLDER}/ostype")) else {
        return Err(Stop::NotLookedAt(both!("this system has no /proc", "本系统没有 /proc")));
    };
    let arguments = ["--root".to_owned(), FOLDER.to_owned()].to_vec();
    trial.restart_without_index(&Setup { arguments, ..Setup::default() })?;
    trial.get("/ostype")?.expect_body(&text)?;
    Ok(())
}

fn no_field_can_be_injected(trial: &mut Trial) -> Outcome {
    const TARGETS: &[&str] = &[
        "/line%0d%0aX-Injected:%20yes",
        "/line%0D%0AX-Injected:%20yes?a=b",
        "/sub?%0d%0aX-Injected:%20yes",
        "/sub?a=%0aX-Injected:%20yes",
        "/sub?%0dX-Injected:%20yes",
        "/sub%0d%0aX-Injected:%20yes",
        "/sub/%0d%0aX-Injected:%20yes",
        "/missing%0d%0aX-Injected:%20yes",
        "/%E5%98%8D%E5%98%8AX-Injected:%20yes",
        "/sub?%E5%98%8D%E5%98%8AX-Injected:%20yes",
        // No line end of HTTP, but of many a client.
        "/sub?\nX-Injected:yes",
        "/sub?\rX-Injected:yes",
    ];
    for target in TARGETS {
        let Some(answer) = trial.connect()?.send(get(target))?.answer_or_close()? else { continue };
        let mut lines = answer.head.split(|byte| matches!(byte, b'\r' | b'\n'));
        if lines.any(|line| line.starts_with(b"X-Injected")) {
            return Err(Stop::other(both!(
                "{target} puts a field of its own into the answer",
                "{target} 把自己的字段注入了响应"
            )));
        }
    }
    Ok(())
}

fn no_redirect_leads_to_another_host(trial: &mut Trial) -> Outcome {
    const TARGETS: &[&str] = &[
        "//evil.example/..",
        "//evil.example/%2e%2e",
        "//evil.example/%2f..",
        "//evil.example/..?a=b",
        "//evil.example",
        "///evil.example",
        "//evil.example//",
        "/.//evil.example",
        "/sub/..//evil.example",
        "/%2fevil.example",
        "/%2f/evil.example/..",
        "/%5cevil.example/..",
        "/\\evil.example",
        "/\\evil.example/..",
        "http:evil.example",
        "/http://evil.example",
        "http://localhost//evil.example",
    ];
    for target in TARGETS {
        match trial.connect()?.send(get(target))?.answer_or_close()? {
            Some(answer) if (300..400).contains(&answer.status) => drop(location(target, &answer)?),
            _ => {}
        }
    }
    Ok(())
}

fn a_folder_shows_its_index(trial: &mut Trial) -> Outcome {
    trial.get("/")?.expect_body(INDEX.as_bytes())?;
    trial.get("/sub/")?.expect_body(content("sub/index.html"))?;
    trial.get("/sub/deep/er/")?.expect_body(content("sub/deep/er/index.html"))?;
    // Some servers show a list instead.
    trial.get("/no-index/")?.expect(&[404, 403, 200])?;
    trial.get("/no-index/only.txt")?.expect_body(content("no-index/only.txt"))?;
    Ok(())
}

fn an_unreadable_file_is_forbidden(trial: &mut Trial) -> Outcome {
    trial.restart(&Setup { unprivileged: true, ..Setup::default() })?;
    trial.get("/unreadable.txt")?.expect(&[403, 404])?;
    trial.get("/hello.txt")?.expect_body(HELLO.as_bytes())?;
    Ok(())
}

fn a_name_too_long_for_the_disk_is_not_found(trial: &mut Trial) -> Outcome {
    // No file has a name of more than 255 bytes, and no path one of more than 4,095.
    let targets = [format!("/{}", "a".repeat(256)), format!("/{}", "a".repeat(5000)), "/a".repeat(3000)];
    for target in targets {
        trial.get(&target)?.expect(&[404, 400, 414])?;
    }
    Ok(())
}
