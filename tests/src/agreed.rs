//! What the cases said in both languages when somebody last found that they say the same.
//!
//! `tests/cases.agreed` has a line for each case: its name, a digest of its English, and one of its Chinese. Whoever
//! changes one language has to look at the other, and says so by `just agree cases`. Digests are enough: both texts
//! stand side by side in the case, and git has what they were.

use std::collections::BTreeMap;
use std::fs;
use std::hash::Hasher;

use fnv::FnvHasher;

use crate::case::Case;
use crate::cases;
use crate::language::Language;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cases.agreed");

/// The digests of a case: of its English, of its Chinese.
type Digests = (String, String);

/// The cases by their names.
type Agreed = BTreeMap<String, Digests>;

/// All cases that do not say what was agreed, a line each: what has changed, and what to do.
pub fn problems() -> Vec<String> {
    changes(&kept(), &current()).iter().map(Change::problem).collect()
}

/// Takes down what both languages of all cases say now, and returns which of them have changed since. Refuses where
/// one language did not change with the other, unless it was looked at.
///
/// # Errors
///
/// Which cases have changed in one language alone, or that the file cannot be written.
pub fn agree(looked_at: &[Language]) -> Result<String, String> {
    let (before, now) = (kept(), current());
    let changes = changes(&before, &now);
    let refused: Vec<String> =
        changes.iter().filter(|change| !change.is_seen(looked_at)).map(Change::problem).collect();
    if !refused.is_empty() {
        return Err(format!("{}\nNothing is agreed.", refused.join("\n")));
    }
    if changes.is_empty() {
        return Ok("the cases are as they were agreed\n".to_owned());
    }
    fs::write(FILE, write(&now)).map_err(|error| format!("cannot write {FILE}: {error}"))?;
    let names: String = changes.iter().map(|change| format!("{}\n", change.name)).collect();
    Ok(format!("{names}\nthe cases are agreed: {} of them have changed\n", changes.len()))
}

/// A case that is not as it was agreed.
struct Change<'a> {
    name: &'a str,
    what: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// Only in this language.
    In(Language),
    Both,
    Gone,
}

impl Change<'_> {
    /// Whether somebody has looked at what did not change.
    fn is_seen(&self, looked_at: &[Language]) -> bool {
        match self.what {
            What::In(language) => looked_at.contains(&language.other()),
            What::Both | What::Gone => true,
        }
    }

    fn problem(&self) -> String {
        let name = self.name;
        let in_one = |language: Language, other: Language| {
            let (language, other, tag) =
                (language.say("English", "Chinese"), other.say("English", "Chinese"), other.say("en", "zh"));
            format!(
                "{name}: only the {language} has changed since both languages were agreed\n    change the {other}, too, \
                 then `just agree cases`; if it is right as it is, `just agree cases --looked-at {tag}`"
            )
        };
        match self.what {
            What::In(language) => in_one(language, language.other()),
            What::Both => {
                format!("{name}: nobody has said that both languages agree\n    read both, then `just agree cases`")
            }
            What::Gone => format!("{name}: there is no such case any more\n    `just agree cases`"),
        }
    }
}

fn changes<'a>(before: &'a Agreed, now: &'a Agreed) -> Vec<Change<'a>> {
    let change = |(name, digests): (&'a String, &Digests)| {
        let same = before.get(name).map(|before| (before.0 == digests.0, before.1 == digests.1));
        let what = match same {
            Some((true, true)) => return None,
            Some((true, false)) => What::In(Language::Chinese),
            Some((false, true)) => What::In(Language::English),
            Some((false, false)) | None => What::Both,
        };
        Some(Change { name, what })
    };
    let gone = before.keys().filter(|name| !now.contains_key(*name)).map(|name| Change { name, what: What::Gone });
    now.iter().filter_map(change).chain(gone).collect()
}

fn current() -> Agreed {
    let digests = |case: &Case| (digest(&[case.why]), digest(&[case.title_zh, case.why_zh]));
    cases::all().map(|case| (case.name.to_owned(), digests(case))).collect()
}

/// The same on every machine, for good: FNV-1a with 64 bits.
fn digest(texts: &[&str]) -> String {
    let mut hasher = FnvHasher::default();
    for text in texts {
        hasher.write(text.as_bytes());
        hasher.write(b"\n");
    }
    format!("{:016x}", hasher.finish())
}

/// What was agreed. Nothing, where there is no such file.
fn kept() -> Agreed {
    parse(&fs::read_to_string(FILE).unwrap_or_default())
}

fn parse(text: &str) -> Agreed {
    let line = |line: &str| {
        let (name, digests) = line.split_once(' ')?;
        let (english, chinese) = digests.split_once(' ')?;
        Some((name.to_owned(), (english.to_owned(), chinese.to_owned())))
    };
    text.lines().filter_map(line).collect()
}

fn write(agreed: &Agreed) -> String {
    agreed.iter().map(|(name, (english, chinese))| format!("{name} {english} {chinese}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cases: &[(&str, &str, &str)]) -> Agreed {
        let entry = |(name, english, chinese): &(&str, &str, &str)| {
            (str::to_owned(name), (digest(&[english]), digest(&[chinese])))
        };
        cases.iter().map(entry).collect()
    }

    fn problems(before: &Agreed, now: &Agreed) -> String {
        changes(before, now).iter().map(Change::problem).collect()
    }

    const BEFORE: &[(&str, &str, &str)] = &[("a-name", "why", "为什么")];

    #[test]
    fn what_is_kept_is_what_was_agreed() {
        let agreed = of(BEFORE);
        assert_eq!(parse(&write(&agreed)), agreed);
        assert_eq!(problems(&agreed, &agreed), "");
    }

    #[test]
    fn a_change_in_one_language_asks_for_the_other() {
        for (now, changed, tag) in [
            (of(&[("a-name", "why not", "为什么")]), "only the English", Language::Chinese),
            (of(&[("a-name", "why", "为何")]), "only the Chinese", Language::English),
        ] {
            let before = of(BEFORE);
            let text = problems(&before, &now);
            let looked_at = tag.say("--looked-at en`", "--looked-at zh`");
            assert!(text.contains(changed) && text.contains(looked_at), "{text}");
            let changes = changes(&before, &now);
            assert!(!changes[0].is_seen(&[]) && !changes[0].is_seen(&[tag.other()]) && changes[0].is_seen(&[tag]));
        }
    }

    #[test]
    fn what_changed_in_both_has_to_be_agreed_as_what_is_new() {
        for now in [of(&[("a-name", "why not", "为何")]), of(&[BEFORE[0], ("new", "why", "为什么")])] {
            let text = problems(&of(BEFORE), &now);
            assert!(text.contains("nobody has said that both languages agree"), "{text}");
        }
        assert!(problems(&of(BEFORE), &of(&[])).contains("a-name: there is no such case any more"));
    }
}
