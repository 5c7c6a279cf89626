//! What to mend first, and what is then worth looking at: one failure is often the reason for many.

use crate::case::{Case, Cause, Group};
use crate::stages::{Mark, Stage};

/// The ladder of lessons 01 and 02: whoever builds a server from nothing comes by these, in this order. They are those
/// of `crates/tutor/ladders`.
#[rustfmt::skip]
const LADDER: &[&str] = &[
    // Lesson 01
    "it-listens", "the-port-can-be-had-again-at-once", "an-interrupt-ends-it",
    "the-length-counts-bytes-not-characters",
    "a-request-may-come-in-two-pieces", "a-request-may-come-byte-by-byte", "no-answer-before-the-request-is-whole",
    "what-follows-the-head-is-not-waited-for",
    "a-head-of-any-length-is-read", "an-ordinary-browser-is-not-too-much", "what-never-ends-is-refused",
    "clients-that-leave-at-once-hurt-no-one", "a-reset-in-mid-request-hurts-no-one",
    "clients-that-leave-before-the-answer-hurt-no-one", "a-half-closed-client-is-answered",
    "many-clients-leave-no-descriptors-behind",
    "garbage-is-refused", "a-request-line-names-a-target", "one-space-parts-the-words",
    "another-major-version-is-refused",
    "an-unknown-method-is-not-implemented", "a-refused-method-is-told-which-are-allowed",
    "head-is-get-without-the-body",
    "a-request-names-its-host", "two-hosts-are-refused", "a-space-before-the-colon-is-refused",
    "names-are-read-in-any-case",
    "a-body-is-never-taken-for-a-request", "a-refused-body-does-not-cost-the-answer",
    "an-error-answer-reaches-who-still-sends", "who-was-refused-cannot-stay-by-sending",
    "a-silent-client-is-dropped-in-time", "a-trickling-client-is-dropped-in-time",
    // Lesson 02
    "a-path-names-a-file", "an-empty-file-has-length-zero",
    "a-folder-shows-its-index", "head-of-what-is-not-there-has-no-body", "an-error-page-is-as-long-as-it-says",
    "the-query-is-no-part-of-the-name", "a-name-is-decoded-once", "a-broken-escape-is-refused",
    "the-type-is-told-by-the-name", "text-says-its-charset",
    "dot-dot-never-leaves-the-root", "dots-mean-the-same-however-they-are-spelled", "a-nul-cuts-no-name",
    "a-link-out-of-the-root-is-not-followed", "a-link-inside-the-root-harms-nothing",
    "a-folder-is-called-for-with-a-slash", "no-redirect-leads-to-another-host", "no-field-can-be-injected",
    "a-file-is-no-folder",
    "a-fifo-or-socket-is-refused-at-once", "an-unreadable-file-is-forbidden",
    "a-name-too-long-for-the-disk-is-not-found",
    "a-large-file-is-not-held-in-memory", "a-large-file-arrives-byte-for-byte", "a-slow-reader-gets-every-byte",
    "resets-in-mid-answer-hurt-no-one", "a-file-that-shrinks-ends-the-connection",
    "a-client-that-stops-reading-is-dropped",
    "the-date-that-was-given-is-not-modified", "an-earlier-date-gets-the-file", "not-modified-has-no-body",
];

/// The case without which this one cannot pass, by the name of that.
pub fn needs(case: &Case) -> Option<&'static str> {
    let root = match (case.group, case.name) {
        (_, "a-request-may-come-byte-by-byte" | "a-head-of-any-length-is-read" | "a-body-may-come-in-pieces") => {
            "a-request-may-come-in-two-pieces"
        }
        (_, "a-request-names-its-version" | "a-tls-hello-is-refused" | "the-preface-of-http-2-is-refused") => {
            "garbage-is-refused"
        }
        (
            _,
            "a-trickling-client-is-dropped-in-time"
            | "a-body-that-trickles-puts-off-no-deadline"
            | "chunks-that-trickle-put-off-no-deadline"
            | "urgent-bytes-put-off-no-deadline"
            | "who-comes-too-late-is-told-so"
            | "a-body-is-not-waited-for-for-ever",
        ) => "a-silent-client-is-dropped-in-time",
        (Group::KeepAlive, name) if first_passes(name) >= Some(6) => "one-request-after-another",
        (Group::Concurrency, name) if name.contains("-hold") => "a-silent-client-holds-up-no-one",
        (Group::Concurrency, "the-last-to-come-may-be-the-first-to-go") => "a-silent-client-holds-up-no-one",
        _ => return None,
    };
    (root != case.name).then_some(root)
}

/// The first lesson that passes it.
fn first_passes(name: &str) -> Option<usize> {
    Stage::all().find(|stage| stage.mark(name) == Mark::Passes).map(Stage::number)
}

/// Of two failures, that of the lower rank is to be mended first. What makes every answer unreadable comes before all
/// else, strictness last.
pub fn rank(case: &Case, cause: Option<Cause>) -> impl Ord + use<> {
    let hopeless = matches!(cause, Some(Cause::LineEnds | Cause::NoEnd));
    let step = LADDER.iter().position(|name| *name == case.name).unwrap_or(LADDER.len());
    (case.strict, !hopeless, step, first_passes(case.name).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::cases;

    #[test]
    fn what_is_mended_first_is_what_the_ladders_have_first() {
        let ladders = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/tutor/ladders");
        let mut found = 0;
        for lesson in ["01", "02"] {
            let Ok(text) = fs::read_to_string(ladders.join(lesson).join("ladder.toml")) else { continue };
            let lists = text.split("\ncases = [").skip(1).filter_map(|rest| rest.split_once(']'));
            let names: Vec<&str> = lists.flat_map(|(list, _)| list.split('"').skip(1).step_by(2)).collect();
            assert!(!names.is_empty(), "the ladder of lesson {lesson} names no cases");
            let stands = LADDER.windows(names.len()).any(|part| part == names);
            assert!(stands, "the ladder of lesson {lesson} is not a part of LADDER: {names:#?}");
            found += 1;
        }
        assert!(found > 0, "there are no ladders in {}", ladders.display());
    }

    #[test]
    fn what_a_case_needs_is_a_case_that_is_asked_of_every_stage_that_is_asked_for_it() {
        for case in cases::all() {
            let Some(root) = needs(case) else { continue };
            assert!(cases::all().any(|other| other.name == root), "{} needs {root}, which is no case", case.name);
            assert!(cases::all().all(|other| other.name != root || needs(other).is_none()), "{root} needs another");
            for stage in Stage::all().filter(|stage| stage.mark(case.name) == Mark::Passes) {
                assert_eq!(stage.mark(root), Mark::Passes, "{} needs {root} at {stage}", case.name);
            }
        }
    }
}
