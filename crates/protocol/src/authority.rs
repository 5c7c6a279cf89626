//! The authority of a URI, which is also what `Host` holds: a host, and perhaps a port (RFC 3986, section 3.2).

use std::net::Ipv6Addr;
use std::sync::LazyLock;

use regex::bytes::Regex;

/// `host`, `host:port`, `192.0.2.1`, `[2001:db8::1]:8080` (RFC 9110, section 7.2; RFC 3986, section 3.2.2). Which
/// IPv6 address stands between the brackets, and how large the port is, [`names_a_host`] looks at.
///
/// Narrower than the RFC by a comma: `a, b` is two hosts glued together by somebody on the way. User information
/// (`user@host`) has no place in an `http` URI (RFC 9110, section 4.2.4).
static AUTHORITY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x-u) \A
        (?: \[ (?: [0-9A-Fa-f:.]+ | [Vv][0-9A-Fa-f]+ \. [A-Za-z0-9._~!$&'()*+,;=:-]+ ) \]
          | (?: [A-Za-z0-9._~!$&'()*+;=-] | %[0-9A-Fa-f]{2} )+ )
        (?: : [0-9]{0,5} )? \z",
    )
    .expect("the pattern is a constant, and every test runs it")
});

/// Compiles the pattern now, not at the first request.
pub(crate) fn prepare() {
    LazyLock::force(&AUTHORITY);
}

/// Whether this is a host, with a port or without.
pub(crate) fn names_a_host(authority: &[u8]) -> bool {
    if !AUTHORITY.is_match(authority) {
        return false;
    }
    let host_end = authority.iter().rposition(|byte| *byte == b']').map_or(0, |bracket| bracket + 1);
    let colon = authority[host_end..].iter().position(|byte| *byte == b':');
    let (host, port) = authority.split_at(colon.map_or(authority.len(), |colon| host_end + colon));
    is_port(port.get(1..).unwrap_or_default()) && is_literal_or_name(host)
}

/// A port is a number of 16 bits, or nothing: then it is the port of the scheme.
fn is_port(digits: &[u8]) -> bool {
    digits.is_empty() || (digits == b"0" || digits[0] != b'0') && text(digits).parse::<u16>().is_ok()
}

/// What stands in brackets and is not of a future version (`[v1.x]`) is an IPv6 address.
fn is_literal_or_name(host: &[u8]) -> bool {
    match host {
        [b'[', b'V' | b'v', ..] => true,
        [b'[', address @ .., b']'] => text(address).parse::<Ipv6Addr>().is_ok(),
        _ => true,
    }
}

/// The pattern admits ASCII only.
fn text(ascii: &[u8]) -> &str {
    str::from_utf8(ascii).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_hosts() {
        for authority in [
            "localhost",
            "localhost:7890",
            "localhost:",
            "a:0",
            "a:65535",
            "192.0.2.1",
            "192.0.2.1:80",
            "[2001:db8::1]",
            "[::]",
            "[::1]:8080",
            "[::1]:",
            "[::ffff:192.0.2.1]:80",
            "[v1.a:b]",
            "[vF.~]:80",
            "EXAMPLE.com.",
            "a-b_c~d",
            "%41",
            "a%20b%ff",
        ] {
            assert!(names_a_host(authority.as_bytes()), "{authority}");
        }
    }

    #[test]
    fn anything_else_is_none() {
        for authority in [
            "",
            " ",
            ":",
            ":80",
            "@",
            "a b",
            "a, b",
            "a,b",
            "user@a",
            "user:pass@a:80",
            "a/",
            "a?b",
            "a#b",
            "http://a",
            "a\"b",
            "a<b>",
            "a|b",
            "a^b",
            "a`b",
            "{a}",
            "a\\b",
            "ä",
            "a:65536",
            "a:99999",
            "a:123456",
            "a:99999999",
            "a:-1",
            "a:+1",
            "a:080",
            "a:00",
            "a:b",
            "a:80:80",
            "a%",
            "a%z",
            "a%zz",
            "a%4",
            "%",
            "%4g",
            "::1",
            "[::1",
            "::1]",
            "[]",
            "[g]",
            "[:1]",
            "[.]",
            "[1]",
            "[:]",
            "[:::]",
            "[ab..cd::1]",
            "[::1::]",
            "[1:2:3:4:5:6:7:8:9]",
            "[12345::]",
            "[::1%25eth0]",
            "[::1]a",
            "[::1]:a",
            "[::1]:65536",
            "[[::1]]",
            "[192.0.2.1]",
            "[v.a]",
            "[v1.]",
            "[v1a]",
            "[vg.a]",
            "[v1.%41]",
        ] {
            assert!(!names_a_host(authority.as_bytes()), "{authority}");
        }
    }
}
