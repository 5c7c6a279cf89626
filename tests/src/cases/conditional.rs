//! HEAD, conditional requests, dates, and what an answer says of itself.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fs, io, thread};

use crate::process::until;
use crate::site::{TYPED, cannot_write};
use crate::{Answer, Case, Group, Outcome, PATIENT, Stop, Trial, both};

pub(super) const CASES: &[Case] = &[
    Case::new(Group::Conditional, "head-is-get-without-the-body", head_is_get_without_the_body)
        .section("RFC 9110, section 9.3.2")
        .why(
            "HEAD asks what GET would say, to learn a size or whether a link is good. A body behind it would be taken \
             for the next answer.",
        )
        .zh(
            "HEAD 就是没有正文的 GET",
            "HEAD 问的是 GET 会怎样回答，用来了解大小，或者检查链接是否有效。后面要是跟着正文，\
             就会被当成下一个响应。",
        )
        .lesson("lesson 01: GET, and HEAD for free"),
    Case::new(Group::Conditional, "head-of-what-is-not-there-has-no-body", head_of_what_is_not_there_has_no_body)
        .section("RFC 9110, section 9.3.2")
        .why("Errors are written in another place than pages, and that is where HEAD is forgotten.")
        .zh("用 HEAD 请求不存在的文件，也没有正文", "错误页面和普通网页在不同的地方生成，HEAD 就是在那里被忘掉的。")
        .lesson("lesson 02: from target to file"),
    Case::new(Group::Conditional, "an-error-to-head-has-no-body", an_error_to_head_has_no_body)
        .section("RFC 9110, section 9.3.2")
        .why(
            "A request that is refused while it is read never comes to where HEAD is thought of. The client reads no body \
             behind the answer, whatever the status.",
        )
        .zh(
            "对 HEAD 回答错误，也没有正文",
            "请求还在读取时就被拒绝，根本走不到处理 HEAD 的地方。可是不管状态码是什么，\
             客户端都不会去读响应后面的正文。",
        )
        .lesson("lesson 01: GET, and HEAD for free"),
    Case::new(Group::Conditional, "an-equal-or-later-date-is-not-modified", an_equal_or_later_date_is_not_modified)
        .section("RFC 9110, sections 13.1.3 and 5.6.7")
        .strict()
        .why("The client has the file already and asks whether that is still good: a few bytes instead of all of it.")
        .zh("日期相同或更晚，回答 304", "客户端已经有这个文件，只问它是否仍然有效：几个字节就够了，不必再送一遍。")
        .lesson("lesson 02: is my copy still good?"),
    Case::new(Group::Conditional, "the-date-that-was-given-is-not-modified", the_date_that_was_given_is_not_modified)
        .section("RFC 9110, section 13.1.3")
        .why(
            "A disk counts in nanoseconds, HTTP in seconds. A server that compares one with the other finds every copy \
             too old by a fraction, and nothing is ever kept.",
        )
        .zh(
            "带着服务器给的日期来问，回答 304",
            "磁盘以纳秒计，HTTP 以秒计。服务器要是拿两者直接比较，每份副本都会因为不到一秒的差距显得太旧，\
             缓存就永远用不上。",
        )
        .lesson("lesson 02: is my copy still good?"),
    Case::new(Group::Conditional, "an-earlier-date-gets-the-file", an_earlier_date_gets_the_file)
        .section("RFC 9110, section 13.1.3")
        .why("The file has changed since: who hears 304 now shows something old for ever.")
        .zh("日期更早，送出文件", "文件在那以后改过了：这时得到 304 的客户端，会一直显示旧内容。")
        .lesson("lesson 02: is my copy still good?"),
    Case::new(Group::Conditional, "a-date-that-is-none-is-ignored", a_date_that_is_none_is_ignored)
        .section("RFC 9110, section 13.1.3")
        .why("What cannot be read is as good as not said: no error, and above all no 304.")
        .zh("忽略无效的日期", "读不懂的，就当没有说过：不报错，更不能回答 304。")
        .lesson("lesson 02: is my copy still good?"),
    Case::new(Group::Conditional, "an-entity-tag-outweighs-a-date", an_entity_tag_outweighs_a_date)
        .section("RFC 9110, section 13.1.3")
        .why(
            "A client that has a tag, from the server that was here before, sends both. The date alone may say \
             `unchanged` of a file that the tag knows to be another.",
        )
        .zh(
            "实体标签优先于日期",
            "客户端从以前的服务器得到过实体标签，就会把标签和日期一起发来。文件其实已经换过，标签看得出来，\
             只看日期却可能是“没有变”。",
        )
        .lesson("lesson 02: is my copy still good?"),
    Case::new(Group::Conditional, "any-tag-is-the-tag-of-what-is-there", any_tag_is_the_tag_of_what_is_there)
        .section("RFC 9110, section 13.1.2")
        .why("`*` asks whether there is anything at all, and needs no tags to be answered.")
        .zh("“*”匹配任何存在的文件", "`*` 只问这里有没有东西，没有实体标签也能回答。")
        .lesson("lesson 02: is my copy still good?"),
    Case::new(Group::Conditional, "a-tag-that-must-match-does-not", a_tag_that_must_match_does_not)
        .section("RFC 9110, section 13.1.1")
        .why(
            "The client wants the version whose tag it has, or none. A server without tags cannot have it: to answer 200 \
             is to pass off another one for it.",
        )
        .zh(
            "要求匹配的实体标签并不匹配",
            "客户端只要手里那个标签所指的版本，别的都不要。服务器没有实体标签，也就不可能有那个版本：回答 200，\
             是拿另一个版本来冒充。",
        )
        .lesson("lesson 02: is my copy still good?"),
    Case::new(
        Group::Conditional,
        "a-file-that-has-changed-fails-its-condition",
        a_file_that_has_changed_fails_its_condition,
    )
    .section("RFC 9110, section 13.1.4")
    .why("Whoever asks for the rest of a download wants it of the file that it has the beginning of, or not at all.")
    .zh("文件改过，条件就不成立", "客户端续传下载，要的是手里这一半所属的那个文件的后一半，否则宁可不要。")
    .lesson("lesson 02: is my copy still good?"),
    Case::new(Group::Conditional, "conditions-are-met-in-their-order", conditions_are_met_in_their_order)
        .section("RFC 9110, section 13.2.2")
        .why("Conditions may contradict each other. In what order they are met decides between 200, 304 and 412.")
        .zh("几个条件按规定的次序判断", "几个条件可能互相矛盾。按什么次序判断，决定了回答 200、304 还是 412。")
        .lesson("lesson 02: is my copy still good?"),
    Case::new(
        Group::Conditional,
        "written-twice-in-a-second-is-seen-twice",
        written_twice_in_a_second_is_seen_twice,
    )
    .section("RFC 9110, section 8.8.2.2")
    .why(
        "Both texts have the same date. A client that was told it with the first hears 304 for ever, and never sees the \
         second.",
    )
    .zh(
        "一秒之内写两次，两次都看得到",
        "两份内容的日期一样。客户端要是在得到第一份时拿到了这个日期，以后就永远得到 304，再也看不到第二份。",
    )
    .strict()
    .lesson("lesson 02: is my copy still good?"),
    Case::new(Group::Conditional, "not-modified-has-no-body", not_modified_has_no_body)
        .section("RFC 9110, section 15.4.5")
        .why("A client reads none behind a 304, whatever its length field says: a body would be the next answer.")
        .zh("304 没有正文", "不管长度字段怎么写，客户端都不会读 304 后面的正文：真有正文，就会被当成下一个响应。")
        .lesson("lesson 02: is my copy still good?"),
    Case::new(
        Group::Conditional,
        "every-answer-says-date-server-and-connection",
        every_answer_says_date_server_and_connection,
    )
    .section("RFC 9110, sections 6.6.1 and 10.2.4; RFC 9112, section 9.6")
    .why(
        "Caches count from Date. A client that is not told that the connection will close sends its next request into \
         nothing. Errors and redirects are answers like any other.",
    )
    .zh(
        "每个响应都写明 Date、Server 和 Connection",
        "缓存从 Date 开始计时。客户端不知道连接将要关闭，就会把下一个请求发到已经没有人读的连接上。\
         错误和重定向也是响应，同样要写明。",
    )
    .lesson("lesson 01: what every answer says"),
    Case::new(Group::Conditional, "a-date-never-lies", a_date_never_lies)
        .section("RFC 9110, sections 5.6.7 and 8.8.2.1")
        .why(
            "A page from the future is never found changed. And dates before 1970 do exist: an archive, a reset clock; \
             more than one server dies of them.",
        )
        .zh(
            "日期从不说谎",
            "日期在未来的网页，永远不会被认为改过。1970 年以前的日期也真有：来自归档，来自被重置的时钟；\
             不止一个服务器为此崩溃过。",
        )
        .lesson("lesson 02: is my copy still good?"),
    Case::new(Group::Conditional, "the-type-is-told-by-the-name", the_type_is_told_by_the_name)
        .section("RFC 9110, section 8.3")
        .why("The browser believes the type, not the address: CSS that is called plain text is not applied.")
        .zh("类型由文件名决定", "浏览器相信类型，不相信地址：标成纯文本的 CSS 不会生效。")
        .lesson("lesson 02: what a file is"),
    Case::new(Group::Conditional, "files-of-many-kinds-have-their-type", files_of_many_kinds_have_their_type)
        .section("RFC 9110, section 8.3")
        .why(
            "A site has fonts, sounds, films, archives and texts of many kinds. What is called a stream of bytes, a browser \
             saves to the disk instead of showing it.",
        )
        .zh(
            "各种文件都有各自的类型",
            "一个网站里有字体、声音、影片、压缩包和各种文本。标成字节流的，浏览器会存到磁盘上，而不是显示出来。",
        )
        .lesson("lesson 02: what a file is"),
    Case::new(Group::Conditional, "text-says-its-charset", text_says_its_charset)
        .section("RFC 9110, section 8.3.2")
        .strict()
        .why("Without it, a browser guesses by the user's country, and 你好 turns into letters that mean nothing.")
        .zh("文本写明字符集", "不写明，浏览器就按用户所在的地区去猜，“你好”便成了乱码。")
        .lesson("lesson 02: what a file is"),
    Case::new(Group::Conditional, "the-type-is-not-to-be-guessed", the_type_is_not_to_be_guessed)
        .section("WHATWG Fetch, section 3.6")
        .strict()
        .why("A browser that guesses may find a script in what was declared a picture, and run it.")
        .zh("不让浏览器猜类型", "浏览器一猜，就可能在声明为图片的文件里找出脚本，并且执行它。")
        .lesson("lesson 01: what every answer says"),
    Case::new(
        Group::Conditional,
        "the-length-counts-bytes-not-characters",
        the_length_counts_bytes_not_characters,
    )
    .section("RFC 9110, section 8.6")
    .why("A Chinese character is one character and three bytes. Counted as characters, two thirds of it are cut off.")
    .zh("长度数的是字节，不是字符", "一个汉字是一个字符，三个字节。按字符数，三分之二会被截掉。")
    .lesson("lesson 01: how long a body is"),
    Case::new(Group::Conditional, "an-empty-file-has-length-zero", an_empty_file_has_length_zero)
        .section("RFC 9110, section 8.6")
        .why("Nothing is something that can be served. Without a length, the client waits for what never comes.")
        .zh("空文件的长度是 0", "空文件也可以提供。没有长度，客户端就会等待永远不来的内容。")
        .lesson("lesson 02: from target to file"),
    Case::new(Group::Conditional, "an-error-page-is-as-long-as-it-says", an_error_page_is_as_long_as_it_says)
        .section("RFC 9110, section 8.6")
        .why("Error pages are put together in memory, often from text that somebody has counted by hand.")
        .zh("错误页面的长度与声明的一致", "错误页面是在内存里拼出来的，长度往往是人手工数的。")
        .lesson("lesson 01: how long a body is"),
];

/// The date of `old.txt` in the three forms of HTTP.
const THAT_DATE: [&str; 3] =
    ["Sun, 09 Sep 2001 01:46:40 GMT", "Sunday, 09-Sep-01 01:46:40 GMT", "Sun Sep  9 01:46:40 2001"];

/// The whole of one connection: the answer, and a clean close right behind it.
fn exchange(trial: &mut Trial, method: &str, target: &str, fields: &str) -> Result<Answer, Stop> {
    let request = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{fields}\r\n");
    let mut client = trial.connect()?;
    client.send(request)?;
    let answer = if method == "HEAD" { client.answer_to_head()? } else { client.answer()? };
    client.closes()?;
    Ok(answer)
}

fn since(trial: &mut Trial, method: &str, target: &str, date: &str) -> Result<Answer, Stop> {
    exchange(trial, method, target, &format!("If-Modified-Since: {date}\r\n"))
}

fn head_is_get_without_the_body(trial: &mut Trial) -> Outcome {
    for target in ["/", "/hello.txt", "/empty.txt", "/big.bin", "/sub", "/sub/", "/before-1970.txt", "/%zz"] {
        same_head(trial, target)?;
    }
    Ok(())
}

fn head_of_what_is_not_there_has_no_body(trial: &mut Trial) -> Outcome {
    same_head(trial, "/missing")?.expect(&[404])?;
    Ok(())
}

fn an_error_to_head_has_no_body(trial: &mut Trial) -> Outcome {
    let long = format!("HEAD /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "a".repeat(100_000));
    let many = format!("HEAD / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X: x\r\n".repeat(10_000));
    let plain = [
        "HEAD / HTTP/1.1\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: localhost\r\nno field\r\n\r\n",
        "HEAD http://:80/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "HEAD https://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "HEAD / HTTP/2.0\r\nHost: localhost\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: localhost\r\nContent-Length: five\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n",
    ];
    for request in plain.into_iter().chain([long.as_str(), &many]) {
        let mut client = trial.connect()?;
        client.send(request)?;
        // A server may do without the body of a HEAD request, or take what ours refuse.
        client.finish();
        if client.hears_within(PATIENT) && !client.unread().is_empty() {
            client.answer_to_head()?;
            client.closes()?;
        }
    }
    Ok(())
}

/// Sees that HEAD says what GET says, and that nothing comes behind it.
fn same_head(trial: &mut Trial, target: &str) -> Result<Answer, Stop> {
    let get = exchange(trial, "GET", target, "")?;
    let head = exchange(trial, "HEAD", target, "")?;
    head.expect(&[get.status])?;
    let (mut of_get, of_head) = (lasting_fields(&get), lasting_fields(&head));
    // What shows only once the content is made, HEAD may leave out (RFC 9110, section 9.3.2). Ours know it before.
    if !trial.is_lesson() && head.field("Content-Length").is_none() && head.field("Transfer-Encoding").is_none() {
        of_get.retain(|field| !field.starts_with("content-length:") && !field.starts_with("transfer-encoding:"));
    }
    if of_get != of_head {
        return Err(Stop::other(both!(
            "{target}: GET says {of_get:?}, and HEAD {of_head:?}",
            "{target}：GET 给出 {of_get:?}，HEAD 给出 {of_head:?}"
        )));
    }
    Ok(head)
}

/// The fields that are the same a second later, in any order.
fn lasting_fields(answer: &Answer) -> Vec<String> {
    let lasting = answer.fields.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("Date"));
    let mut fields: Vec<String> = lasting.map(|(name, value)| format!("{}: {value}", name.to_lowercase())).collect();
    fields.sort();
    fields
}

fn an_equal_or_later_date_is_not_modified(trial: &mut Trial) -> Outcome {
    const LATER: [&str; 4] = [
        "Sun, 09 Sep 2001 01:46:41 GMT",
        "Monday, 01-Oct-01 00:00:00 GMT",
        "Tue Jan  1 00:00:00 2002",
        "Wed, 01 Jan 2020 00:00:00 GMT",
    ];
    for date in THAT_DATE.into_iter().chain(LATER) {
        for method in ["GET", "HEAD"] {
            since(trial, method, "/old.txt", date)?.expect(&[304])?;
        }
    }
    since(trial, "GET", "/missing", LATER[3])?.expect(&[404])?;
    Ok(())
}

fn the_date_that_was_given_is_not_modified(trial: &mut Trial) -> Outcome {
    for target in ["/", "/hello.txt", "/old.txt"] {
        let first = exchange(trial, "GET", target, "")?;
        since(trial, "GET", target, first.must_have("Last-Modified")?)?.expect(&[304])?;
    }
    Ok(())
}

fn an_earlier_date_gets_the_file(trial: &mut Trial) -> Outcome {
    const EARLIER: [&str; 5] = [
        "Sun, 09 Sep 2001 01:46:39 GMT",
        "Saturday, 08-Sep-01 01:46:40 GMT",
        "Thu Jan  1 00:00:00 1970",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sat, 01 Jan 1600 00:00:00 GMT",
    ];
    for date in EARLIER {
        since(trial, "GET", "/old.txt", date)?.expect_body(b"dated\n")?;
        since(trial, "HEAD", "/old.txt", date)?.expect(&[200])?;
    }
    Ok(())
}

fn a_date_that_is_none_is_ignored(trial: &mut Trial) -> Outcome {
    let long = "9".repeat(1000);
    let equal_twice = format!("{0}, {0}", THAT_DATE[0]);
    let none = [
        "",
        "0",
        "-1",
        "yesterday",
        "2040-01-01T00:00:00Z",
        "Sun, 99 Sep 2040 99:99:99 GMT",
        "GMT",
        &long,
        &equal_twice,
    ];
    for date in none {
        since(trial, "GET", "/old.txt", date)?.expect_body(b"dated\n")?;
    }
    let twice = format!("If-Modified-Since: {0}\r\nIf-Modified-Since: {0}\r\n", THAT_DATE[0]);
    exchange(trial, "GET", "/old.txt", &twice)?.expect_body(b"dated\n")?;
    Ok(())
}

fn an_entity_tag_outweighs_a_date(trial: &mut Trial) -> Outcome {
    let [date, ..] = THAT_DATE;
    for fields in [
        format!("If-None-Match: \"a tag of no file\"\r\nIf-Modified-Since: {date}\r\n"),
        format!("If-Modified-Since: {date}\r\nIf-None-Match: W/\"a\", \"b\"\r\n"),
    ] {
        exchange(trial, "GET", "/old.txt", &fields)?.expect_body(b"dated\n")?;
    }
    Ok(())
}

fn any_tag_is_the_tag_of_what_is_there(trial: &mut Trial) -> Outcome {
    for method in ["GET", "HEAD"] {
        for field in ["If-None-Match: *\r\n", "if-none-match:*\r\n"] {
            exchange(trial, method, "/", field)?.expect(&[304])?;
        }
        exchange(trial, method, "/", "If-Match: *\r\n")?.expect(&[200])?;
    }
    // What is not there has no tag, and the status of that comes first (RFC 9110, section 13.2.1).
    if trial.stage().number() > 1 {
        exchange(trial, "GET", "/missing", "If-None-Match: *\r\n")?.expect(&[404])?;
    }
    Ok(())
}

fn a_tag_that_must_match_does_not(trial: &mut Trial) -> Outcome {
    for field in
        ["If-Match: \"a tag of no file\"\r\n", "If-Match: \"a\", \"b\"\r\n", "If-Match: \"a\"\r\nIf-Match: \"b\"\r\n"]
    {
        exchange(trial, "GET", "/", field)?.expect(&[412])?;
        exchange(trial, "HEAD", "/", field)?.expect(&[412])?;
    }
    if trial.stage().number() > 1 {
        exchange(trial, "GET", "/missing", "If-Match: \"a\"\r\n")?.expect(&[404, 412])?;
    }
    Ok(())
}

fn a_file_that_has_changed_fails_its_condition(trial: &mut Trial) -> Outcome {
    for (date, status) in [
        ("Sun, 09 Sep 2001 01:46:39 GMT", 412),
        ("Saturday, 08-Sep-01 01:46:40 GMT", 412),
        (THAT_DATE[0], 200),
        (THAT_DATE[1], 200),
        ("Wed, 01 Jan 2020 00:00:00 GMT", 200),
        ("yesterday", 200),
        ("", 200),
    ] {
        for method in ["GET", "HEAD"] {
            let fields = format!("If-Unmodified-Since: {date}\r\n");
            exchange(trial, method, "/old.txt", &fields)?.expect(&[status])?;
        }
    }
    Ok(())
}

fn conditions_are_met_in_their_order(trial: &mut Trial) -> Outcome {
    const BEFORE: &str = "Sun, 09 Sep 2001 01:46:39 GMT";
    const AFTER: &str = "Sun, 09 Sep 2001 01:46:41 GMT";
    let (modified, unmodified) =
        (|date| format!("If-Modified-Since: {date}\r\n"), |date| format!("If-Unmodified-Since: {date}\r\n"));
    let (any, none) = ("If-Match: *\r\n".to_owned(), "If-None-Match: \"a\"\r\n".to_owned());
    let there = "If-None-Match: *\r\n".to_owned();
    let other = "If-Match: \"a\"\r\n".to_owned();
    for (fields, status) in [
        ([modified(AFTER), unmodified(BEFORE)], 412),
        ([modified(AFTER), unmodified(AFTER)], 304),
        ([modified(BEFORE), unmodified(AFTER)], 200),
        ([any.clone(), unmodified(BEFORE)], 200),
        ([any.clone(), modified(AFTER)], 304),
        ([any, there.clone()], 304),
        ([other.clone(), there.clone()], 412),
        ([other, modified(AFTER)], 412),
        ([there, unmodified(BEFORE)], 412),
        ([none, unmodified(BEFORE)], 412),
    ] {
        let [first, second] = fields;
        for fields in [format!("{first}{second}"), format!("{second}{first}")] {
            exchange(trial, "GET", "/old.txt", &fields)?.expect(&[status])?;
        }
    }
    Ok(())
}

fn written_twice_in_a_second_is_seen_twice(trial: &mut Trial) -> Outcome {
    const TRIES: usize = 20;
    let name = format!("twice-{}.txt", trial.server()?.address().port());
    let path = trial.site().root().join(&name);
    let slow = both!("this machine does not write two files in a second", "本机无法在一秒内写两次文件");
    let mut outcome = Err(Stop::NotLookedAt(slow));
    for _ in 0..TRIES {
        outcome = write_twice(trial, &name, &path);
        // The second was over between the two.
        if !matches!(outcome, Err(Stop::NotLookedAt(_))) {
            break;
        }
    }
    let _ = fs::remove_file(&path);
    outcome
}

fn write_twice(trial: &mut Trial, name: &str, path: &Path) -> Outcome {
    let cannot = |error| Stop::NotLookedAt(cannot_write(path, &error));
    let second = || -> io::Result<_> {
        Ok(path.metadata()?.modified()?.duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs()))
    };
    fs::write(path, "first").map_err(cannot)?;
    let of_first = second().map_err(cannot)?;
    let first = exchange(trial, "GET", &format!("/{name}"), "")?;
    first.expect_body(b"first")?;
    fs::write(path, "after").map_err(cannot)?;
    if second().map_err(cannot)? != of_first {
        return Err(Stop::NotLookedAt(both!("the clock went on", "时钟已经走到下一秒")));
    }
    let Some(date) = first.field("Last-Modified") else { return Ok(()) };
    // What is said of the second later, is said when it is over.
    until(PATIENT, || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs()) != of_first);
    thread::sleep(Duration::from_millis(100));
    since(trial, "GET", &format!("/{name}"), date)?.expect_body(b"after")?;
    Ok(())
}

fn not_modified_has_no_body(trial: &mut Trial) -> Outcome {
    for method in ["GET", "HEAD"] {
        // That nothing comes behind the head, `exchange` has seen.
        let answer = since(trial, method, "/old.txt", THAT_DATE[0])?;
        answer.expect(&[304])?;
        if answer.field("Transfer-Encoding").is_some() || answer.field("Content-Length").is_some_and(|it| it != "6") {
            return Err(Stop::other(both!(
                "a 304 announces a body, and not that of the file",
                "304 声明的正文不是这个文件的正文"
            )));
        }
    }
    Ok(())
}

fn every_answer_says_date_server_and_connection(trial: &mut Trial) -> Outcome {
    for target in ["/", "/hello.txt", "/empty.txt", "/sub", "/missing", "/%zz"] {
        for method in ["GET", "HEAD", "OPTIONS", "POST", "TRACE", "BREW"] {
            speaks_of_itself(&exchange(trial, method, target, "")?)?;
        }
    }
    speaks_of_itself(&since(trial, "GET", "/old.txt", THAT_DATE[0])?)?;
    for broken in [
        "GET / HTTP/2.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: /\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
    ] {
        if let Some(answer) = trial.connect()?.send(broken)?.answer_or_close()? {
            speaks_of_itself(&answer)?;
        }
    }
    Ok(())
}

fn speaks_of_itself(answer: &Answer) -> Outcome {
    let status = answer.status;
    let date = answer
        .field("Date")
        .ok_or_else(|| Stop::other(both!("the {status} answer has no Date", "响应 {status} 没有 Date")))?;
    if !is_about_now(date) {
        return Err(Stop::other(both!(
            "the {status} answer is dated {date}, which is not about now in the one form for dates",
            "响应 {status} 的日期是 {date}，不是当前时间，或者没有用规定的日期格式"
        )));
    }
    if answer.field("Server").is_none_or(str::is_empty) {
        return Err(Stop::other(both!("the {status} answer has no Server", "响应 {status} 没有 Server")));
    }
    if !answer.is_last() {
        return Err(Stop::other(both!(
            "the {status} answer does not say that the connection closes",
            "响应 {status} 没有说明连接将要关闭"
        )));
    }
    Ok(())
}

fn a_date_never_lies(trial: &mut Trial) -> Outcome {
    let old = exchange(trial, "GET", "/old.txt", "")?;
    let date = old.must_have("Last-Modified")?;
    if date != THAT_DATE[0] {
        return Err(Stop::other(both!(
            "old.txt was last modified {}, not {date}",
            "old.txt 的最后修改时间是 {}，而不是 {date}"; THAT_DATE[0]
        )));
    }
    let future = exchange(trial, "GET", "/future.txt", "")?;
    future.expect_body(b"dated\n")?;
    if let Some(date) = future.field("Last-Modified").filter(|date| !is_about_now(date)) {
        return Err(Stop::other(both!(
            "last modified {date}: that is not yet, so now is all that can be said",
            "最后修改时间 {date}：这个时刻还没有到，最多只能说是现在"
        )));
    }
    let before = exchange(trial, "GET", "/before-1970.txt", "")?;
    before.expect_body(b"dated\n")?;
    match before.field("Last-Modified") {
        None | Some("Wed, 31 Dec 1969 00:00:00 GMT") => Ok(()),
        Some(date) => Err(Stop::other(both!(
            "last modified {date}: it was the day before 1970",
            "最后修改时间 {date}：实际是 1970 年的前一天"
        ))),
    }
}

fn the_type_is_told_by_the_name(trial: &mut Trial) -> Outcome {
    const TYPES: &[(&str, &[&str])] = &[
        ("/", &["text/html"]),
        ("/sub/", &["text/html"]),
        ("/UPPER.HTML", &["text/html"]),
        ("/%E4%BD%A0%E5%A5%BD.html", &["text/html"]),
        ("/style.css", &["text/css"]),
        ("/script.js", &["text/javascript", "application/javascript"]),
        ("/hello.txt", &["text/plain"]),
        ("/picture.svg", &["image/svg+xml"]),
        ("/small.bin", &["application/octet-stream", "text/plain", ""]),
        ("/no-ending", &["application/octet-stream", "text/plain", ""]),
        ("/hello.txt?x.html", &["text/plain"]),
    ];
    for (target, right) in TYPES {
        let answer = exchange(trial, "GET", target, "")?;
        answer.expect(&[200])?;
        let stated = answer.field("Content-Type").unwrap_or_default();
        let kind = stated.split(';').next().unwrap_or_default().trim().to_lowercase();
        if !right.contains(&kind.as_str()) {
            return Err(Stop::other(both!(
                "{target} should be of type {}, not '{stated}'",
                "{target} 的类型应为 {}，而不是 '{stated}'"; right[0]
            )));
        }
    }
    Ok(())
}

fn files_of_many_kinds_have_their_type(trial: &mut Trial) -> Outcome {
    for (name, right) in TYPED {
        let answer = exchange(trial, "GET", &format!("/kinds/{name}"), "")?;
        let stated = answer.expect(&[200])?.field("Content-Type").unwrap_or_default();
        let kind = stated.split(';').next().unwrap_or_default().trim().to_lowercase();
        // Others have other tables.
        let fallback = !trial.is_lesson() && matches!(kind.as_str(), "application/octet-stream" | "text/plain" | "");
        if !right.contains(&kind.as_str()) && !fallback {
            return Err(Stop::other(both!(
                "{name} should be of type {}, not '{stated}'",
                "{name} 的类型应为 {}，而不是 '{stated}'"; right[0]
            )));
        }
    }
    Ok(())
}

fn text_says_its_charset(trial: &mut Trial) -> Outcome {
    for target in ["/", "/sub/", "/style.css", "/script.js", "/hello.txt", "/%E4%BD%A0%E5%A5%BD.html"] {
        let answer = exchange(trial, "GET", target, "")?;
        let stated = answer.expect(&[200])?.must_have("Content-Type")?;
        let said = stated.to_lowercase().replace(['"', ' '], "");
        if !said.ends_with(";charset=utf-8") {
            return Err(Stop::other(both!(
                "{target} is text in UTF-8, and its type is only '{stated}'",
                "{target} 是 UTF-8 文本，类型却只写了 '{stated}'"
            )));
        }
    }
    Ok(())
}

fn the_type_is_not_to_be_guessed(trial: &mut Trial) -> Outcome {
    for target in ["/", "/hello.txt", "/no-ending", "/big.bin", "/missing"] {
        let answer = exchange(trial, "GET", target, "")?;
        let said = answer.must_have("X-Content-Type-Options")?;
        if !said.eq_ignore_ascii_case("nosniff") {
            return Err(Stop::other(both!(
                "X-Content-Type-Options: {said} is not nosniff",
                "X-Content-Type-Options: {said} 不是 nosniff"
            )));
        }
    }
    Ok(())
}

fn the_length_counts_bytes_not_characters(trial: &mut Trial) -> Outcome {
    for target in ["/", "/%E4%BD%A0%E5%A5%BD.html"] {
        let answer = exchange(trial, "GET", target, "")?;
        answer.expect(&[200])?.must_have("Content-Length")?;
        if answer.body.is_ascii() {
            let text = both!(
                "the page at {target} is to have some Chinese in it, and has none",
                "{target} 的页面里应当有中文，却没有"
            );
            let expected = both!("a page with some Chinese in it, such as 世界", "含有中文（例如“世界”）的页面");
            return Err(Stop::other(text.clone()).facts(expected, text));
        }
    }
    Ok(())
}

fn an_empty_file_has_length_zero(trial: &mut Trial) -> Outcome {
    for method in ["GET", "HEAD"] {
        let answer = exchange(trial, method, "/empty.txt", "")?;
        let length = answer.expect_body(b"")?.must_have("Content-Length")?;
        if length != "0" {
            return Err(Stop::other(both!(
                "an empty file has Content-Length: {length}",
                "空文件的响应有 Content-Length: {length}"
            )));
        }
    }
    Ok(())
}

fn an_error_page_is_as_long_as_it_says(trial: &mut Trial) -> Outcome {
    for (method, target) in [("GET", "/missing"), ("GET", "/%zz"), ("GET", "/sub"), ("POST", "/"), ("BREW", "/")] {
        // A body longer than its length shows as bytes before the close, one that is shorter as a close too early.
        let answer = exchange(trial, method, target, "")?;
        let html = answer.field("Content-Type").is_some_and(|stated| stated.starts_with("text/html"));
        if html && answer.body.is_empty() {
            return Err(Stop::other(both!(
                "{method} {target}: a page of HTML is announced, and is not there",
                "{method} {target}：声明了 HTML 页面，却没有内容"
            )));
        }
    }
    Ok(())
}

/// Whether this is a date as RFC 9110 wants it, and hardly more than a minute from now.
fn is_about_now(date: &str) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    (now.saturating_sub(90)..=now + 90).any(|second| imf_fixdate(second) == date)
}

/// Seconds since 1970 as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn imf_fixdate(seconds: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let leap = |year: u64| u64::from(year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)));
    let (mut year, mut day) = (1970, days);
    while day >= 365 + leap(year) {
        day -= 365 + leap(year);
        year += 1;
    }
    let lengths = [31, 28 + leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while day >= lengths[month] {
        day -= lengths[month];
        month += 1;
    }
    format!(
        "{}, {:02} {} {year} {:02}:{:02}:{:02} GMT",
        DAYS[(days % 7) as usize],
        day + 1,
        MONTHS[month],
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_http_writes_them() {
        assert_eq!(imf_fixdate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(imf_fixdate(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(imf_fixdate(951_782_400), "Tue, 29 Feb 2000 00:00:00 GMT");
        assert_eq!(imf_fixdate(1_735_689_599), "Tue, 31 Dec 2024 23:59:59 GMT");
        assert_eq!(imf_fixdate(crate::site::OLD), THAT_DATE[0]);
    }
}
