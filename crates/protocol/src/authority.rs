//! The authority of a URI, which is also what `Host` holds: a host, and perhaps a port (RFC 3986, section 3.2).

use std::net::Ipv6Addr;

/// Whether this is a host, with a port or without: `host`, `host:port`, `192.0.2.1`, `[2001:db8::1]:8080` (RFC 9110,
/// section 7.2; RFC 3986, section 3.2.2).
///
/// Narrower than the RFC by a comma: `a, b` is two hosts glued together by somebody on the way. User information
/// (`user@host`) has no place in an `http` URI (RFC 9110, section 4.2.4).
pub(crate) fn names_a_host(authority: &[u8]) -> bool {
    // The colons of an address in brackets part no port.
    let literal = authority.iter().rposition(|byte| *byte == b']').map_or(0, |bracket| bracket + 1);
    let colon = authority[literal..].iter().position(|byte| *byte == b':');
    let (host, port) = authority.split_at(colon.map_or(authority.len(), |colon| literal + colon));
    is_port(port.get(1..).unwrap_or_default())
        && match host {
            [b'[', b'V' | b'v', future @ .., b']'] => is_future_literal(future),
            [b'[', address @ .., b']'] => str::from_utf8(address).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok()),
            name => is_name(name),
        }
}

/// A number of 16 bits, or nothing: then it is the port of the scheme.
fn is_port(digits: &[u8]) -> bool {
    match digits {
        [] => true,
        [b'0', _, ..] => false,
        _ if !digits.iter().all(u8::is_ascii_digit) => false,
        _ => str::from_utf8(digits).is_ok_and(|text| text.parse::<u16>().is_ok()),
    }
}

/// An address of a version that is still to come, behind its `v`: `1.a:b`.
fn is_future_literal(text: &[u8]) -> bool {
    let Some(dot) = text.iter().position(|byte| *byte == b'.') else { return false };
    let (version, address) = (&text[..dot], &text[dot + 1..]);
    let may_stand = |byte: &u8| is_plain(*byte) || matches!(byte, b':' | b',');
    !version.is_empty()
        && version.iter().all(u8::is_ascii_hexdigit)
        && !address.is_empty()
        && address.iter().all(may_stand)
}

/// A name, or an IPv4 address, which is written as a name can be.
fn is_name(host: &[u8]) -> bool {
    let mut rest = host;
    loop {
        rest = match rest {
            [] => return !host.is_empty(),
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => rest,
            [byte, rest @ ..] if is_plain(*byte) => rest,
            _ => return false,
        };
    }
}

/// A character of a name that needs no escape (`unreserved` and `sub-delims`), but for the comma.
fn is_plain(byte: u8) -> bool {
    matches!(
        byte,
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9'
            | b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b';' | b'='
    )
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
