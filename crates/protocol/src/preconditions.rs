//! Conditional requests (RFC 9110, section 13): whether the client wants an answer depends on the copy that it has.

use std::time::SystemTime;

use crate::Status;
use crate::modified::Modified;

/// The conditions of a request, as far as they can be read. No file here has an entity tag, so a list of tags matches
/// nothing; but `*` matches whatever is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preconditions {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
    if_modified_since: Dates,
    if_unmodified_since: Dates,
}

/// What a field asks about entity tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tags {
    /// `*`: whatever it is.
    Any,
    /// A list of tags, or what is meant to be one.
    Listed,
}

/// The dates in fields of one name. Only one alone means anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Dates {
    #[default]
    None,
    One(SystemTime),
    /// Two, or something that is no date: as good as none (RFC 9110, sections 13.1.3 and 13.1.4).
    Unusable,
}

impl Preconditions {
    /// Takes note of a field, if it is a condition. Whether it is.
    pub(crate) fn note(&mut self, name: &str, value: &[u8]) -> bool {
        if name.eq_ignore_ascii_case("If-Match") {
            note_tags(&mut self.if_match, value);
        } else if name.eq_ignore_ascii_case("If-None-Match") {
            note_tags(&mut self.if_none_match, value);
        } else if name.eq_ignore_ascii_case("If-Modified-Since") {
            self.if_modified_since.note(value);
        } else if name.eq_ignore_ascii_case("If-Unmodified-Since") {
            self.if_unmodified_since.note(value);
        } else {
            return false;
        }
        true
    }

    /// What stands in the way of a 200 to GET or HEAD, in the order of RFC 9110, section 13.2.2. As long as what is
    /// there may change and keep its date, no copy of that date is known to be good.
    ///
    /// # Errors
    ///
    /// [`Status::PreconditionFailed`] or [`Status::NotModified`].
    pub(crate) fn check(&self, modified: &Modified) -> Result<(), Status> {
        let (second, settled) = (modified.second, modified.settled);
        match (self.if_match, self.if_unmodified_since, second) {
            (Some(Tags::Listed), ..) => return Err(Status::PreconditionFailed),
            (None, Dates::One(date), Some(second)) if second > date => return Err(Status::PreconditionFailed),
            _ => {}
        }
        match (self.if_none_match, self.if_modified_since, second) {
            (Some(Tags::Any), ..) => Err(Status::NotModified),
            (None, Dates::One(date), Some(second)) if second <= date && settled => Err(Status::NotModified),
            _ => Ok(()),
        }
    }
}

impl Dates {
    /// A date in one of the three forms of RFC 9110, section 5.6.7.
    fn note(&mut self, value: &[u8]) {
        let date = str::from_utf8(value).ok().and_then(|text| httpdate::parse_http_date(text).ok());
        *self = match (*self, date) {
            (Dates::None, Some(date)) => Dates::One(date),
            _ => Dates::Unusable,
        };
    }
}

/// `*` means something only alone (RFC 9110, section 13.1.1).
fn note_tags(tags: &mut Option<Tags>, value: &[u8]) {
    *tags = Some(if tags.is_none() && value == b"*" { Tags::Any } else { Tags::Listed });
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const THEN: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

    /// The code that a file gets which changed half a second past `THEN`, or 200.
    fn code(fields: &[(&str, &str)]) -> u16 {
        code_after(fields, Duration::from_secs(2))
    }

    /// If it is asked for so long after.
    fn code_after(fields: &[(&str, &str)], age: Duration) -> u16 {
        let time = UNIX_EPOCH + Duration::from_millis(784_111_777_500);
        let outcome = noted(fields).check(&Modified::at(Some(time), time + age));
        outcome.err().map_or(200, Status::code)
    }

    fn noted(fields: &[(&str, &str)]) -> Preconditions {
        let mut preconditions = Preconditions::default();
        for (name, value) in fields {
            assert!(preconditions.note(name, value.as_bytes()), "{name}");
        }
        preconditions
    }

    #[test]
    fn each_condition_has_its_own_no() {
        for (name, value, expected) in [
            ("If-Match", "*", 200),
            ("If-Match", "\"a\"", 412),
            ("if-match", "\"a\", \"b\"", 412),
            ("If-Match", "*, \"a\"", 412),
            ("If-Match", "", 412),
            ("If-None-Match", "*", 304),
            ("IF-NONE-MATCH", "*", 304),
            ("If-None-Match", "\"a\"", 200),
            ("If-None-Match", "W/\"a\", \"*\"", 200),
            ("If-None-Match", "\"*\"", 200),
            ("If-Modified-Since", BEFORE, 200),
            ("If-Modified-Since", THEN, 304),
            ("If-Modified-Since", AFTER, 304),
            ("If-Modified-Since", "Fri, 31 Dec 9999 23:59:59 GMT", 304),
            ("If-Unmodified-Since", BEFORE, 412),
            ("If-Unmodified-Since", THEN, 200),
            ("If-Unmodified-Since", AFTER, 200),
        ] {
            assert_eq!(code(&[(name, value)]), expected, "{name}: {value}");
        }
    }

    #[test]
    fn they_are_looked_at_in_the_order_of_the_rfc() {
        let (m, n, s, u) = ("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since");
        for (fields, expected) in [
            // A tag outweighs a date, whichever comes first.
            (&[(m, "*"), (u, BEFORE)][..], 200),
            (&[(u, BEFORE), (m, "*")], 200),
            (&[(m, "\"a\""), (u, AFTER)], 412),
            (&[(n, "\"a\""), (s, AFTER)], 200),
            (&[(s, AFTER), (n, "\"a\"")], 200),
            (&[(n, "*"), (s, BEFORE)], 304),
            // What fails the first pair is not asked the second.
            (&[(n, "*"), (m, "\"a\"")], 412),
            (&[(s, AFTER), (u, BEFORE)], 412),
            (&[(n, "*"), (u, BEFORE)], 412),
            (&[(m, "*"), (n, "*")], 304),
            (&[(m, "*"), (s, AFTER)], 304),
            (&[(u, AFTER), (s, BEFORE)], 200),
            (&[(u, AFTER), (s, AFTER)], 304),
            (&[(u, THEN), (n, "*")], 304),
            // Two lines are one list.
            (&[(m, "*"), (m, "*")], 412),
            (&[(n, "*"), (n, "\"a\"")], 200),
            (&[(s, AFTER), (s, AFTER)], 200),
            (&[(u, BEFORE), (u, BEFORE)], 200),
        ] {
            assert_eq!(code(fields), expected, "{fields:?}");
        }
    }

    #[test]
    fn what_may_still_change_is_never_not_modified() {
        for (fields, expected) in [
            (("If-Modified-Since", THEN), 200),
            (("If-Modified-Since", AFTER), 200),
            (("If-Unmodified-Since", BEFORE), 412),
            (("If-None-Match", "*"), 304),
        ] {
            assert_eq!(code_after(&[fields], Duration::from_millis(400)), expected, "{fields:?}");
        }
    }

    #[test]
    fn without_a_date_of_its_own_a_file_is_asked_for_no_date() {
        for (fields, expected) in [
            (("If-Modified-Since", AFTER), 200),
            (("If-Unmodified-Since", BEFORE), 200),
            (("If-None-Match", "*"), 304),
            (("If-Match", "\"a\""), 412),
        ] {
            let outcome = noted(&[fields]).check(&Modified::at(None, SystemTime::now()));
            assert_eq!(outcome.err().map_or(200, Status::code), expected, "{fields:?}");
        }
    }

    #[test]
    fn a_file_from_before_1970_has_not_changed_since() {
        let modified = Modified::at(Some(UNIX_EPOCH - Duration::from_millis(1500)), SystemTime::now());
        assert_eq!(noted(&[("If-Modified-Since", BEFORE)]).check(&modified), Err(Status::NotModified));
        assert_eq!(noted(&[("If-Unmodified-Since", BEFORE)]).check(&modified), Ok(()));
    }

    #[test]
    fn a_date_is_read_in_each_of_its_three_forms() {
        for (value, expected) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 304),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 304),
            ("Sun Nov  6 08:49:37 1994", 304),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 200),
            ("Wed, 31 Dec 1969 23:59:59 GMT", 200),
            ("Sun, 06 Nov 2044 08:49:37 CET", 200),
            ("Sun, 31 Feb 2044 08:49:37 GMT", 200),
            ("2784111777", 200),
            ("tomorrow", 200),
            ("", 200),
            ("\u{ff11}", 200),
        ] {
            assert_eq!(code(&[("If-Modified-Since", value)]), expected, "{value}");
        }
    }
}
