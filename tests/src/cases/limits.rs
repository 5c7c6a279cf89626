//! Limits: what is too much, what is not, and what a server does when the world changes under it.

use std::fs::{self, File};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::Duration;

use crate::language::reason;
use crate::process::{Process, until};
use crate::server::Setup;
use crate::site::{HUGE, Site, cannot_write};
use crate::stages::Symptom;
use crate::trial::get;
use crate::{Case, Client, Group, IMPATIENT, Outcome, PATIENT, Stop, Trial, both};

pub(super) const CASES: &[Case] = &[
    Case::new(Group::Limits, "a-target-of-8000-bytes-is-not-too-long", a_target_of_8000_bytes_is_not_too_long)
        .section("RFC 9112, section 3")
        .why("The RFC asks for at least this much: forms that are sent by GET and addresses with signatures are long.")
        .zh("8000 字节的请求目标不算太长", "RFC 要求至少支持这么长：用 GET 提交的表单和带签名的地址都很长。")
        .lesson("lesson 01: how much is too much"),
    Case::new(Group::Limits, "a-target-of-100-kb-is-refused", a_target_of_100_kb_is_refused)
        .section("RFC 9110, section 15.5.15")
        .why("Somebody decides how much memory a client may have. If the server does not, the client does.")
        .zh("拒绝 100 KB 的请求目标", "客户端可以用多少内存，总得有人来定。服务器不定，就由客户端来定。")
        .lesson("lesson 01: how much is too much"),
    Case::new(Group::Limits, "an-ordinary-browser-is-not-too-much", an_ordinary_browser_is_not_too_much)
        .section("RFC 6265, section 6.1")
        .why("Browsers send dozens of fields, and cookies of 4 KB each. A limit must leave room for them.")
        .zh("普通浏览器的请求不算太大", "浏览器会发来几十个字段，一个 Cookie 就可以有 4 KB。限制必须给这些留出余地。")
        .lesson("lesson 01: how much is too much"),
    Case::new(Group::Limits, "a-field-of-100-kb-is-refused", a_field_of_100_kb_is_refused)
        .section("RFC 6585, section 5; RFC 9112, section 5")
        .why("A field is kept until the head is whole. Whoever keeps all of them keeps what an attacker likes.")
        .zh("拒绝 100 KB 的字段", "头部收全之前，字段都要留着。来者不拒的服务器，攻击者要它留多少，它就得留多少。")
        .lesson("lesson 01: how much is too much"),
    Case::new(Group::Limits, "many-long-fields-are-refused", many_long_fields_are_refused)
        .section("RFC 6585, section 5; RFC 9112, section 5")
        .strict()
        .why("Each of them is fine, and together they are not: a limit for one field limits nothing.")
        .zh("拒绝许多很长的字段", "单独看，每个都没问题，合在一起就不行了：只限制单个字段，等于没有限制。")
        .lesson("lesson 01: how much is too much"),
    Case::new(Group::Limits, "ten-thousand-fields-are-refused", ten_thousand_fields_are_refused)
        .section("RFC 6585, section 5; RFC 9112, section 5")
        .why("Short fields cost more in a server's tables than on the wire.")
        .zh("拒绝一万个字段", "短的字段，在服务器的表里比在线路上占得还多。")
        .lesson("lesson 01: how much is too much"),
    Case::new(Group::Limits, "what-never-ends-is-refused", what_never_ends_is_refused)
        .section("RFC 9112, sections 3 and 5")
        .why("To refuse what is too long once it is whole is too late: an attacker never lets it be whole.")
        .zh("拒绝没完没了的头部", "太长的内容，等收全了再拒绝就太晚了：攻击者永远不会让它收全。")
        .lesson("lesson 01: how much is too much"),
    Case::new(Group::Limits, "a-thousand-ranges-are-as-good-as-none", a_thousand_ranges_are_as_good_as_none)
        .section("RFC 9110, section 14.2")
        .strict()
        .why(
            "One small request for the whole file a thousand times over has brought down well-known servers. A server \
             may leave ranges out, and must then send the whole.",
        )
        .zh(
            "一千个范围等于没有范围",
            "一个很小的请求，要求把整个文件送上一千遍，曾经拖垮过有名的服务器。服务器可以不支持范围请求，\
             那就必须送出整个文件。",
        )
        .lesson("lesson 02: from target to file"),
    Case::new(Group::Limits, "a-large-file-arrives-byte-for-byte", a_large_file_arrives_byte_for_byte)
        .section("RFC 9112, section 6.3")
        .why(
            "More than every buffer holds: a write takes only a part, and what is not sent again from just there is \
             lost or doubled.",
        )
        .zh(
            "大文件一个字节也不差",
            "文件比所有缓冲区都大：一次写只能写出一部分，不恰好从那里接着写，就会丢失或重复一段。",
        )
        .lesson("lesson 02: one write is not all"),
    Case::new(Group::Limits, "a-large-file-is-not-held-in-memory", a_large_file_is_not_held_in_memory)
        .why(
            "A server that reads all of a file before it sends the first byte needs as much memory as the file is long, for \
             each client that asks for it. A few slow clients and a film then end it.",
        )
        .zh(
            "大文件不整个放进内存",
            "先把文件全部读进来、再发送第一个字节的服务器，每有一个客户端请求，就要占用和文件一样大的内存。\
             几个慢的客户端加一部电影，就能让它耗尽内存而退出。",
        )
        .lesson("lesson 02: one write is not all"),
    Case::new(Group::Limits, "a-file-that-shrinks-ends-the-connection", a_file_that_shrinks_ends_the_connection)
        .section("RFC 9112, section 8")
        .why(
            "The length was announced, and now there is less. To fill up the rest is a lie, to wait for it is for ever; \
             only a close too early tells the client the truth.",
        )
        .zh(
            "文件中途变短，连接随之结束",
            "长度已经声明，内容却少了。补齐剩下的是说谎，等待剩下的要等到永远；只有提前关闭，才是对客户端说实话。",
        )
        .lesson("lesson 02: when the disk changes its mind"),
    Case::new(
        Group::Limits,
        "an-address-has-only-so-many-connections",
        an_address_has_only_so_many_connections,
    )
    .why(
        "A long connection costs the server something for as long as the client likes. Without a cap one client takes all \
         that there is, and one that forgets to give places back shuts its clients out for ever.",
    )
    .zh(
        "每个地址的连接数有上限",
        "长连接占用服务器多久，由客户端说了算。没有上限，一个客户端就能把什么都占光；有上限却忘了归还名额，\
         又会把客户端永远关在门外。",
    )
    .lesson("lesson 06: how many connections a client may have"),
];

/// How we take "too much": 431, 414, or an unspecific 400, in any of which the client learns what was wrong.
const TOO_MUCH: &[u16] = &[431, 414, 400];

fn with_fields(fields: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

fn a_target_of_8000_bytes_is_not_too_long(trial: &mut Trial) -> Outcome {
    let target = format!("/?{}", "a".repeat(7998));
    trial.get(&target)?.expect(&[200])?;
    Ok(())
}

fn a_target_of_100_kb_is_refused(trial: &mut Trial) -> Outcome {
    for begin in ["/", "/?"] {
        trial.get(&format!("{begin}{}", "a".repeat(100_000)))?.expect(&[414, 400, 431])?;
    }
    Ok(())
}

fn an_ordinary_browser_is_not_too_much(trial: &mut Trial) -> Outcome {
    let cookie = format!("Cookie: session={}\r\n", "c".repeat(4096));
    let fields: String = (0..50).map(|number| format!("X-Field-{number}: {}\r\n", "v".repeat(50))).collect();
    trial.request(with_fields(&(cookie + &fields)))?.expect(&[200])?;
    Ok(())
}

fn a_field_of_100_kb_is_refused(trial: &mut Trial) -> Outcome {
    let long = "a".repeat(100_000);
    for field in
        [format!("X-Long: {long}\r\n"), format!("{long}: x\r\n"), format!("X-Long:{}x\r\n", long.replace('a', " "))]
    {
        trial.request(with_fields(&field))?.expect(TOO_MUCH)?;
    }
    Ok(())
}

fn many_long_fields_are_refused(trial: &mut Trial) -> Outcome {
    let fields: String = (0..90).map(|number| format!("X-{number}: {}\r\n", "a".repeat(2000))).collect();
    trial.request(with_fields(&fields))?.expect(TOO_MUCH)?;
    Ok(())
}

fn ten_thousand_fields_are_refused(trial: &mut Trial) -> Outcome {
    let different: String = (0..10_000).map(|number| format!("X-{number}: a\r\n")).collect();
    for fields in [different, "a:\r\n".repeat(10_000)] {
        trial.request(with_fields(&fields))?.expect(TOO_MUCH)?;
    }
    Ok(())
}

fn what_never_ends_is_refused(trial: &mut Trial) -> Outcome {
    let head = "GET / HTTP/1.1\r\nHost: localhost\r\n";
    let value = format!("{head}X-Long: ");
    for (begin, more) in [("", "G"), ("GET /", "a"), (head, "X-More: a\r\n"), (value.as_str(), "a")] {
        let mut client = trial.connect()?;
        // Less than the server's own timeout: to be dropped after that is not to be refused.
        client.set_timeout(trial.patience().min(PATIENT / 2));
        client.send(begin)?;
        send_until_heard(&mut client, more)?;
        if let Some(answer) = client.answer_or_close()? {
            answer.expect(&[431, 414, 400, 501])?;
        }
    }
    Ok(())
}

/// Sends the same again and again, until something comes, or until it is more than any head needs.
fn send_until_heard(client: &mut Client, more: &str) -> Outcome {
    const PIECE: usize = 64 * 1024;
    const MOST: usize = 4 * 1024 * 1024;
    let piece = more.repeat(PIECE / more.len());
    for _ in 0..MOST / PIECE {
        if !client.is_quiet_for(Duration::from_millis(1)) {
            break;
        }
        client.send(&piece)?;
    }
    Ok(())
}

fn a_thousand_ranges_are_as_good_as_none(trial: &mut Trial) -> Outcome {
    let whole = trial.get("/page.html")?;
    let one_by_one: Vec<String> = (0..1000).map(|byte| format!("{byte}-{byte}")).collect();
    for ranges in [one_by_one.join(","), vec!["0-"; 1000].join(", ")] {
        let request = format!("GET /page.html HTTP/1.1\r\nHost: localhost\r\nRange: bytes={ranges}\r\n\r\n");
        let answer = trial.request(request)?;
        answer.expect(trial.right(&[200, 206, 400, 416]))?;
        // Many ranges may be refused, or made into few. To send each is to send more than the file, for little.
        if answer.status == 200 {
            answer.expect_body(&whole.body)?;
        } else if answer.status == 206 && answer.body.len() > 2 * whole.body.len() {
            let (body, file) = (answer.body.len(), whole.body.len());
            return Err(Stop::other(both!(
                "the ranges of a file of {file} bytes came as {body}",
                "文件共 {file} 字节，各个范围却发来了 {body} 字节"
            )));
        }
    }
    Ok(())
}

fn a_large_file_arrives_byte_for_byte(trial: &mut Trial) -> Outcome {
    trial.get("/big.bin")?.expect_body(&Site::big())?;
    Ok(())
}

fn a_large_file_is_not_held_in_memory(trial: &mut Trial) -> Outcome {
    /// A quarter of the file, in bytes: more than any buffers take, and what a program takes that grows as it likes.
    const MOST: u64 = HUGE / 4;
    let process = trial.process()?;
    let memory = move || process.family().into_iter().filter_map(Process::memory).sum::<u64>();
    let hidden = || {
        Stop::NotLookedAt(both!(
            "this system does not say how much memory a process has",
            "本系统不显示进程占用多少内存"
        ))
    };
    let before = process.memory().map(|_| memory()).ok_or_else(hidden)?;
    let mut client = trial.connect_narrow()?;
    client.send(get("/huge.bin"))?.answer_to_head()?.expect(&[200])?;
    // It may have read all of it before it answered, or read on now, faster than the client takes it.
    let mut more = 0;
    let held = until(IMPATIENT, || {
        more = memory().saturating_sub(before);
        more > MOST
    });
    if held {
        let (more, whole) = (more >> 20, HUGE >> 20);
        return Err(Stop::other(both!(
            "a client that reads nothing asked for a file of {whole} MiB, and the server took {more} MiB of memory for it",
            "客户端请求一个 {whole} MiB 的文件却什么也不读，服务器为此占用了 {more} MiB 内存"
        )));
    }
    Ok(())
}

fn a_file_that_shrinks_ends_the_connection(trial: &mut Trial) -> Outcome {
    // More than a server's side of a connection holds.
    const LENGTH: usize = 32 * 1024 * 1024;
    // Others may serve the same files, and look at this just now.
    let name = format!("shrinks-{}.bin", trial.server()?.address().port());
    let path = trial.site().root().join(&name);
    fs::write(&path, vec![b'x'; LENGTH]).map_err(|error| Stop::NotLookedAt(cannot_write(&path, &error)))?;
    let outcome = read_while_it_shrinks(trial, &name, &path);
    let _ = fs::remove_file(&path);
    outcome?;
    trial.alive()
}

fn read_while_it_shrinks(trial: &mut Trial, name: &str, path: &Path) -> Outcome {
    let mut client = trial.connect_narrow()?;
    client.send(get(&format!("/{name}")))?;
    // Once the first bytes are here, the length has been said; the rest cannot be on its way yet.
    client.hears_within(PATIENT);
    File::options().write(true).open(path).and_then(|file| file.set_len(1000)).map_err(|error| {
        let (path, why) = (path.display(), reason(&error));
        Stop::NotLookedAt(both!("cannot shorten {path}: {why}", "无法截短 {path}：{why}" in why))
    })?;
    match client.answer() {
        Err(Stop::Failed { symptom: Symptom::Closes | Symptom::Reset, .. }) => Ok(()),
        Err(stop) => Err(stop),
        // It had read all of it before.
        Ok(answer) if answer.status == 200 && answer.body.iter().all(|byte| *byte == b'x') => Ok(()),
        Ok(answer) => Err(Stop::other(both!(
            "a file that became shorter came as {} bytes, filled up",
            "文件变短了，却用别的内容补足到 {} 字节发来"; answer.body.len()
        ))),
    }
}

fn an_address_has_only_so_many_connections(trial: &mut Trial) -> Outcome {
    const MOST: usize = 3;
    const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
    let arguments = ["--per-client".to_owned(), MOST.to_string()].to_vec();
    trial.restart(&Setup { arguments, ..Setup::default() })?;
    for round in 0..3 {
        let mut held: Vec<Client> = (0..MOST).map(|_| admitted(trial)).collect::<Result<_, _>>()?;
        for _ in 0..2 * MOST {
            // It may ask or not: who is too many is told so at once.
            let mut one_more = trial.connect()?;
            one_more.answer()?.expect(&[503])?;
            one_more.closes()?;
        }
        trial.connect()?.send(get("/"))?.answer()?.expect(&[503])?;
        match trial.connect_from(ELSEWHERE) {
            Ok(mut other) => drop(other.send(get("/"))?.answer()?.expect(&[200])?),
            Err(_) => {
                return Err(Stop::NotLookedAt(both!(
                    "this machine has no address {ELSEWHERE}",
                    "本机没有地址 {ELSEWHERE}"
                )));
            }
        }
        for client in &mut held {
            client.send(get("/"))?.answer()?.expect(&[200])?;
        }
        // The places are given back however a client leaves.
        for client in held.split_off(round) {
            client.reset();
        }
    }
    Ok(())
}

/// A client that has been answered. Those that have left may keep their places for a moment.
fn admitted(trial: &mut Trial) -> Result<Client, Stop> {
    let mut last = Err(Stop::other(both!("never admitted", "始终没有被接受")));
    until(PATIENT, || {
        last = trial.connect().and_then(|mut client| {
            client.send(get("/"))?.answer()?.expect(&[200])?;
            Ok(client)
        });
        last.is_ok()
    });
    last
}
