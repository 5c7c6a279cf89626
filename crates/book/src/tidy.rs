//! What differs from run to run in what a command prints, and would make each recording another one.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::outputs::PORT;

/// What is kept for whatever differs in another way.
pub const GAP: &str = "…";

/// Processes, ports of clients and sockets: what stands before the number, and the number.
static NUMBERED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?<before>process |127\.0\.0\.1:|client-|socket:\[)(?<number>[0-9]+)"));

/// Dates, versions and times, each with what is kept for it; what is in the group `varies` differs each time.
static OTHERS: LazyLock<[(Regex, &str); 6]> = LazyLock::new(|| {
    [
        (
            pattern(r"(?m)^(?<field>(?:< )?(?:Date|Last-Modified)): (?<varies>.*GMT)"),
            "$field: Sat, 21 Nov 2026 09:00:00 GMT",
        ),
        (pattern(r"curl/(?<varies>[0-9.]+)"), "curl/8.0.0"),
        (pattern(r"\[tcp/(?<varies>[^\]]*)\]"), "[tcp/*]"),
        (pattern(r"after (?<varies>[0-9]+) ms"), "after 0 ms"),
        (pattern(r"timed out after (?<varies>[0-9]+) milliseconds"), "timed out after 1000 milliseconds"),
        // What bash puts before a message of its own.
        (pattern(r"(?m)^bash: line [0-9]+: "), "bash: "),
    ]
});

/// 7890 to 7899: 7890, or what a command takes in its place.
fn is_of_the_book(port: &str) -> bool {
    port.len() == PORT.len() && port.starts_with(&PORT[..PORT.len() - 1])
}

fn pattern(text: &str) -> Regex {
    #[expect(clippy::unwrap_used, reason = "each is a constant, which the tests of this file build")]
    Regex::new(text).unwrap()
}

/// The text with the same names for the same things each time: numbers are given out anew, in the order in which they
/// appear, and what is not a matter of the command is set to one value.
pub fn tidy(text: &str) -> String {
    let mut names: HashMap<(usize, String), usize> = HashMap::new();
    let mut given = [0; 3];
    let numbered = NUMBERED.replace_all(text, |found: &Captures<'_>| {
        let (before, number) = (&found["before"], &found["number"]);
        let (kind, first) = match before {
            "process " => (0, 4701),
            "socket:[" => (1, 90001),
            // A server's, as the command has it.
            _ if is_of_the_book(number) => return found[0].to_owned(),
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

/// Where something stands in a text that is kept, in place of what differs each time: an ellipsis too.
pub fn varying(text: &str) -> Vec<Range<usize>> {
    let numbers = NUMBERED.captures_iter(text).filter_map(|found| found.name("number"));
    let numbers = numbers.filter(|number| !is_of_the_book(number.as_str())).map(|number| number.range());
    let others = OTHERS.iter().flat_map(|(pattern, _)| pattern.captures_iter(text));
    let others = others.filter_map(|found| found.name("varies")).map(|found| found.range());
    let gaps = text.match_indices(GAP).map(|(place, gap)| place..place + gap.len());
    let mut ranges: Vec<Range<usize>> = numbers.chain(others).chain(gaps).collect();
    ranges.sort_by_key(|range| range.start);
    let mut end = 0;
    ranges.retain(|range| {
        let is_after = range.start >= end;
        end = end.max(range.end);
        is_after
    });
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_given_out_in_order() {
        let text = "process 900 has 127.0.0.1:41000 at 127.0.0.1:7890, process 901 has client-41000 and client-3\n";
        let tidied =
            "process 4701 has 127.0.0.1:50001 at 127.0.0.1:7890, process 4702 has client-50001 and client-50002\n";
        assert_eq!(tidy(text), tidied);
        assert_eq!(tidy("127.0.0.1:7891 to 127.0.0.1:40000"), "127.0.0.1:7891 to 127.0.0.1:50001");
        assert_eq!(tidy("3 -> socket:[77], 4 -> socket:[78], socket:[77]"), {
            "3 -> socket:[90001], 4 -> socket:[90002], socket:[90001]"
        });
    }

    #[test]
    fn dates_and_versions_are_always_the_same() {
        let text = "< Date: Thu, 26 Nov 2026 08:00:00 GMT\ncurl/7.88.1 [tcp/http-alt] after 3 ms\n";
        assert_eq!(tidy(text), "< Date: Sat, 21 Nov 2026 09:00:00 GMT\ncurl/8.0.0 [tcp/*] after 0 ms\n");
    }

    #[test]
    fn what_varies_is_found_in_what_is_kept() {
        let text = "[process 4701, thread main] 127.0.0.1:50001 at 127.0.0.1:7890: 200 OK, … bytes, after 0 ms\n\
                    < Date: Sat, 21 Nov 2026 09:00:00 GMT\n";
        let found: Vec<&str> = varying(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["4701", "50001", "…", "0", "Sat, 21 Nov 2026 09:00:00 GMT"]);
    }
}
