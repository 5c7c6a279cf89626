//! What is to be done (RFC 9110, section 9): GET and HEAD, and for all else an honest no.

use crate::{Case, Group, Outcome, Stop, Trial, both};

pub(super) const CASES: &[Case] = &[
    Case::new(Group::Methods, "a-refused-method-is-told-which-are-allowed", a_refused_method_is_told_which_are_allowed)
        .section("RFC 9110, section 15.5.6")
        .why("A client that is told no by 405 finds in `Allow` what it may ask instead.")
        .zh("拒绝方法时写明允许哪些", "得到 405 的客户端，在 `Allow` 里可以找到还能用什么方法。")
        .lesson("lesson 01: three words"),
    Case::sends(
        Group::Methods,
        "an-unknown-method-is-not-implemented",
        &[
            b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GETS / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GE / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"M-SEARCH / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ],
    )
    .mark(b"BREW")
    .answered(&[501, 405])
    .section("RFC 9110, section 9.1")
    .why(
        "501 says that no target here knows it, 405 that this one does not. Nobody should get a page for a typing \
         error.",
    )
    .zh("不认识的方法回答 501", "501 表示这里没有一个目标支持它，405 表示这个目标不支持。打错了字，不该得到网页。")
    .lesson("lesson 01: three words"),
    Case::sends(
        Group::Methods,
        "a-method-is-read-in-its-own-case",
        &[
            b"get / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"Get / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"gET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ],
    )
    .mark(b"get")
    .answered(&[501, 400, 405])
    .section("RFC 9110, section 9.1")
    .why("A filter in front that knows GET lets `get` pass as something else; a server behind it should agree.")
    .zh("方法区分大小写", "前面的过滤器认得 GET，却把 `get` 当作别的方法放行；后面的服务器应当和它一致。")
    .lesson("lesson 01: three words"),
    Case::sends(
        Group::Methods,
        "trace-is-refused",
        &[b"TRACE / HTTP/1.1\r\nHost: localhost\r\nCookie: secret\r\n\r\n"],
    )
    .mark(b"TRACE")
    .answered(&[405, 400, 403, 501])
    .section("RFC 9110, section 9.3.8")
    .why(
        "It sends back what came, with the cookies that a script in the page must not see. The RFC allows it; nobody \
         needs it.",
    )
    .zh("拒绝 TRACE", "它把收到的原样送回去，连同网页里的脚本不该看到的 Cookie。RFC 允许它，却没有人需要它。")
    .lesson("lesson 01: three words"),
    Case::sends(
        Group::Methods,
        "connect-is-refused",
        &[
            b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n",
            b"CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
        ],
    )
    .mark(b"CONNECT")
    .answered(&[405, 400, 403, 404, 501])
    .section("RFC 9110, section 9.3.6")
    .why("It asks for a tunnel. A server that says 200 has become a proxy for anybody, or makes a client believe so.")
    .zh("拒绝 CONNECT", "它要求建立隧道。服务器回答 200，就成了谁都能用的代理，或者让客户端以为是这样。")
    .lesson("lesson 01: three words"),
    Case::new(Group::Methods, "options-names-the-methods", options_names_the_methods)
        .section("RFC 9110, section 9.3.7")
        .strict()
        .why("The way to ask what may be asked, without asking for it: of one target, or of the server as a whole.")
        .zh("OPTIONS 列出可用的方法", "不真的请求，只问可以请求什么：既可以问一个目标，也可以问整个服务器。")
        .lesson("lesson 01: three words"),
    Case::new(Group::Methods, "no-content-has-no-length", no_content_has_no_length)
        .section("RFC 9110, section 8.6")
        .why(
            "204 has no body by definition. A length beside it, even 0, has made clients wait for a body that never \
             came.",
        )
        .zh("204 没有长度", "按照定义，204 没有正文。写上长度，哪怕是 0，都曾经让客户端等待永远不来的正文。")
        .lesson("lesson 01: three words"),
];

fn a_refused_method_is_told_which_are_allowed(trial: &mut Trial) -> Outcome {
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let request = format!("{method} / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
        let answer = trial.request(request)?;
        // Some servers of files take a POST for a GET.
        let right = if method == "POST" { [405, 403, 501, 200].as_slice() } else { &[405, 403, 501] };
        answer.expect(trial.right(right))?;
        if answer.status == 405 {
            names_get_and_head(answer.must_have("Allow")?)?;
        }
    }
    Ok(())
}

fn options_names_the_methods(trial: &mut Trial) -> Outcome {
    for target in ["/", "*", "http://localhost"] {
        let answer = trial.request(options(target))?;
        answer.expect(trial.right(&[204, 200, 400, 403, 404, 405, 501]))?;
        if answer.status < 400 {
            names_get_and_head(answer.must_have("Allow")?)?;
        }
    }
    Ok(())
}

fn no_content_has_no_length(trial: &mut Trial) -> Outcome {
    for target in ["/", "*"] {
        let mut client = trial.connect()?;
        let answer = client.send(options(target))?.answer()?;
        if answer.status != 204 {
            return Err(Stop::NotLookedAt(both!(
                "this server does not answer OPTIONS by 204",
                "这个服务器对 OPTIONS 的响应不是 204"
            )));
        }
        for name in ["Content-Length", "Transfer-Encoding"] {
            if let Some(value) = answer.field(name) {
                return Err(Stop::other(both!(
                    "expected no {name} beside a 204, got {value}",
                    "204 响应不应有 {name}，实为 {value}"
                )));
            }
        }
        client.closes()?;
    }
    Ok(())
}

fn options(target: &str) -> String {
    format!("OPTIONS {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
}

fn names_get_and_head(allow: &str) -> Outcome {
    let listed = |method| allow.split(',').any(|item| item.trim() == method);
    if listed("GET") && listed("HEAD") {
        return Ok(());
    }
    Err(Stop::other(both!(
        "expected Allow to name GET and HEAD, got {allow}",
        "Allow 应当列出 GET 和 HEAD，实为 {allow}"
    )))
}
