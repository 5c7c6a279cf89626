//! What differs from run to run in what a command prints, and would make each recording another one.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::outputs::PORT;

/// Processes, ports of clients and sockets: what stands before the number, and the number.
static NUMBERED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?<before>process |127\.0\.0\.1:|client-|socket:\[)(?<number>[0-9]+)"));

/// Dates, versions and times, each with what is kept for it.
static OTHERS: LazyLock<[(Regex, &str); 6]> = LazyLock::new(|| {
    [
        (pattern(r"(?m)^(?<field>(?:< )?(?:Date|Last-Modified)): .*GMT"), "$field: Sat, 21 Nov 2026 09:00:00 GMT"),
        (pattern(r"curl/[0-9.]+"), "curl/8.0.0"),
        (pattern(r"\[tcp/[^\]]*\]"), "[tcp/*]"),
        (pattern(r"after [0-9]+ ms"), "after 0 ms"),
        (pattern(r"timed out after [0-9]+ milliseconds"), "timed out after 1000 milliseconds"),
        // What bash puts before a message of its own.
        (pattern(r"(?m)^bash: line [0-9]+: "), "bash: "),
    ]
});

fn pattern(text: &str) -> Regex {
    #[expect(clippy::unwrap_used, reason = "each is a constant, which the tests of this file build")]
    Regex::new(text).unwrap()
}

/// The text with the same names for the same things each time: numbers are given out anew, in the order in which they
/// appear, and what is not a matter of the command is set to one value. The port that the server had is the book's.
pub fn tidy(text: &str, port: u16) -> String {
    let text = pattern(&format!(r"\b{port}\b")).replace_all(text, PORT);
    let mut names: HashMap<(usize, String), usize> = HashMap::new();
    let mut given = [0; 3];
    let numbered = NUMBERED.replace_all(&text, |found: &Captures<'_>| {
        let (before, number) = (&found["before"], &found["number"]);
        let (kind, first) = match before {
            "process " => (0, 4701),
            "socket:[" => (1, 90001),
            _ if number == PORT => return found[0].to_owned(),
            _ => (2, 50001),
        };
        let name = names.entry((kind, number.to_owned())).or_insert_with(|| {
            given[kind] += 1;
            first + given[kind] - 1
        });
        format!("{before}{name}")
    });
    OTHERS.iter().fold(numbered.into_owned(), |text, (pattern, by)| pattern.replace_all(&text, *by).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_given_out_in_order() {
        let text = "process 900 has 127.0.0.1:41000 at 127.0.0.1:50001, process 901 has client-41000 and client-3\n";
        let tidied =
            "process 4701 has 127.0.0.1:50001 at 127.0.0.1:7890, process 4702 has client-50001 and client-50002\n";
        assert_eq!(tidy(text, 50001), tidied);
        assert_eq!(tidy("3 -> socket:[77], 4 -> socket:[78], socket:[77]", 1), {
            "3 -> socket:[90001], 4 -> socket:[90002], socket:[90001]"
        });
    }

    #[test]
    fn dates_and_versions_are_always_the_same() {
        let text = "< Date: Thu, 26 Nov 2026 08:00:00 GMT\ncurl/7.88.1 [tcp/http-alt] after 3 ms\n";
        assert_eq!(tidy(text, 1), "< Date: Sat, 21 Nov 2026 09:00:00 GMT\ncurl/8.0.0 [tcp/*] after 0 ms\n");
    }
}
