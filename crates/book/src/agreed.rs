//! What both languages said when somebody last found that they say the same.
//!
//! `docs/agreed/CHAPTER.txt` has, for each section, the English text, the Chinese text, and the code that both explain.
//! Whoever changes one of them has to look at the others, and says so: a side that did not change must be named before
//! the new text is taken down. The whole text is kept, and no sum of it, so that the difference can be shown.

use std::fs;

use crate::chapter::Chapter;
use crate::diff;
use crate::directive::Directive;
use crate::expand::piece;
use crate::language::Language;
use crate::problem::Problem;
use crate::repository::Repository;
use crate::steps;

const MARK: &str = "=== ";

/// A section as it was, or is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Entry {
    id: String,
    english: String,
    chinese: String,
    code: String,
}

impl Entry {
    fn text(&self, language: Language) -> &str {
        language.say(&self.english, &self.chinese)
    }
}

/// A section that is not as it was agreed.
struct Change {
    before: Entry,
    now: Entry,
}

impl Change {
    fn changed(&self, language: Language) -> bool {
        self.before.text(language) != self.now.text(language)
    }

    /// The texts that are as they were, though something else in the section is not.
    fn unchanged(&self) -> impl Iterator<Item = Language> {
        Language::ALL.into_iter().filter(|language| !self.changed(*language))
    }

    fn diffs(&self, chapter: &str) -> String {
        let id = &self.now.id;
        let texts = Language::ALL.map(|language| {
            let name = format!("docs/{language}/{chapter}.md#{id}");
            diff::plain(&format!("{name}, as agreed"), &name, self.before.text(language), self.now.text(language))
        });
        let code = diff::plain(
            &format!("the code of #{id}, as agreed"),
            &format!("the code of #{id}"),
            &self.before.code,
            &self.now.code,
        );
        texts.into_iter().chain([code]).collect()
    }

    fn problem(&self, chapter: &str) -> Problem {
        let id = &self.now.id;
        let diffs = self.diffs(chapter);
        let [english, chinese] = Language::ALL.map(|language| self.changed(language));
        let (language, what, remedy) = match (english, chinese) {
            (true, false) => (
                Language::English,
                "only the English text has changed since both were agreed",
                self.one_side(chapter, Language::Chinese),
            ),
            (false, true) => (
                Language::Chinese,
                "only the Chinese text has changed since both were agreed",
                self.one_side(chapter, Language::English),
            ),
            (true, true) => (
                Language::English,
                "both texts have changed since they were agreed",
                format!("`just agree {chapter}` shows both, and takes them down"),
            ),
            (false, false) => (
                Language::English,
                "the code has changed since the texts about it were agreed",
                format!(
                    "read docs/en/{chapter}.md#{id} and docs/zh/{chapter}.md#{id}; if they are still right: \
                     `just agree {chapter} --looked-at en --looked-at zh`"
                ),
            ),
        };
        Problem::new(format!("docs/{language}/{chapter}.md"), id, format!("{what}:\n{diffs}"), remedy)
    }

    fn one_side(&self, chapter: &str, other: Language) -> String {
        let place = format!("docs/{other}/{chapter}.md#{}", self.now.id);
        format!(
            "change {place} too, then `just agree {chapter}`; \
             if it is right as it is, `just agree {chapter} --looked-at {other}`"
        )
    }
}

fn path(chapter: &str) -> String {
    format!("docs/agreed/{chapter}.txt")
}

fn parse(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut side = String::new();
    for line in text.lines() {
        if let Some((id, name)) = line.strip_prefix(MARK).and_then(|head| head.split_once(' ')) {
            if entries.last().is_none_or(|entry| entry.id != id) {
                entries.push(Entry { id: id.to_owned(), ..Entry::default() });
            }
            side = name.to_owned();
        } else if let Some(entry) = entries.last_mut() {
            let text = match side.as_str() {
                "en" => &mut entry.english,
                "zh" => &mut entry.chinese,
                _ => &mut entry.code,
            };
            text.push_str(line);
            text.push('\n');
        }
    }
    for entry in &mut entries {
        for text in [&mut entry.english, &mut entry.chinese, &mut entry.code] {
            *text = text.trim().to_owned();
        }
    }
    entries
}

fn write(entries: &[Entry]) -> String {
    let mut text = String::new();
    for entry in entries {
        for (side, part) in [("en", &entry.english), ("zh", &entry.chinese), ("code", &entry.code)] {
            if side != "code" || !part.is_empty() {
                text.push_str(&format!("{MARK}{} {side}\n{part}\n\n", entry.id));
            }
        }
    }
    text
}

/// The sections of a chapter as they are, in the order of the English one, those that are only Chinese at the end.
fn current(repository: &Repository, english: &Chapter, chinese: &Chapter) -> Vec<Entry> {
    let text = |chapter: &Chapter, id: &str| {
        chapter.section(id).map(|section| chapter.text_of(section).to_owned()).unwrap_or_default()
    };
    let ids = english
        .sections
        .iter()
        .chain(chinese.sections.iter().filter(|section| english.section(section.name()).is_none()));
    let entry = |id: &str| Entry {
        id: id.to_owned(),
        english: text(english, id),
        chinese: text(chinese, id),
        code: code(repository, english, id),
    };
    ids.map(|section| entry(section.name())).collect()
}

/// What the code of a section says: the pieces that it includes, one after the other.
fn code(repository: &Repository, chapter: &Chapter, id: &str) -> String {
    let directives = chapter.section(id).into_iter().flat_map(|section| section.directives());
    let pieces = directives.filter_map(|directive| match directive {
        Directive::Code { path, item } => {
            Some(format!("{directive}\n{}\n", piece(repository, path, item.as_deref()).ok()?))
        }
        Directive::Step { lesson, number } => {
            Some(format!("{directive}\n{}", steps::gist(repository, lesson, number).ok()?))
        }
        _ => None,
    });
    let text = pieces.collect::<Vec<_>>().join("\n");
    // A line that begins as a mark of ours would be taken for one.
    text.trim().replace("\n=== ", "\n ===  ")
}

fn changes(repository: &Repository, english: &Chapter, chinese: &Chapter) -> (Vec<Change>, Vec<Entry>) {
    let before = parse(&repository.read(path(english.name())).unwrap_or_default());
    let now = current(repository, english, chinese);
    let with_id = |entries: &[Entry], id: &str| entries.iter().find(|entry| entry.id == id).cloned();
    let mut changes = Vec::new();
    for entry in &now {
        let old = with_id(&before, &entry.id).unwrap_or_default();
        if (old.text(Language::English), old.text(Language::Chinese), &old.code)
            != (&entry.english, &entry.chinese, &entry.code)
        {
            changes.push(Change { before: old, now: entry.clone() });
        }
    }
    for old in before.into_iter().filter(|old| with_id(&now, &old.id).is_none()) {
        changes.push(Change { now: Entry { id: old.id.clone(), ..Entry::default() }, before: old });
    }
    (changes, now)
}

fn pairs(repository: &Repository) -> Vec<(Chapter, Chapter)> {
    let (english, _) = repository.chapters(Language::English);
    let (mut chinese, _) = repository.chapters(Language::Chinese);
    let pair = |chapter: Chapter| {
        let index = chinese.iter().position(|twin| twin.file == chapter.file)?;
        Some((chapter, chinese.swap_remove(index)))
    };
    english.into_iter().filter_map(pair).collect()
}

/// All that has changed since it was agreed.
pub fn problems(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    let pairs = pairs(repository);
    for (english, chinese) in &pairs {
        let name = english.name();
        if !repository.path(path(name)).exists() {
            let remedy = format!("read both, then `just agree {name}`");
            problems.push(Problem::new(
                path(name),
                "",
                "nobody has said that both languages of this chapter agree",
                remedy,
            ));
            continue;
        }
        let (changes, _) = changes(repository, english, chinese);
        problems.extend(changes.iter().map(|change| change.problem(name)));
    }
    for file in repository.files("docs/agreed", "txt") {
        if !pairs.iter().any(|(chapter, _)| path(chapter.name()).ends_with(&format!("/{file}"))) {
            problems.push(Problem::new(
                format!("docs/agreed/{file}"),
                "",
                "there is no such chapter any more",
                "delete it",
            ));
        }
    }
    problems
}

/// Takes down what both languages of a chapter say now, and returns what has changed since. Refuses where a text did
/// not change with the rest of its section, unless it was looked at.
pub fn agree(repository: &Repository, chapter: &str, looked_at: &[Language]) -> Result<String, String> {
    let chapter = chapter.trim_end_matches(".md");
    let pairs = pairs(repository);
    let (english, chinese) = pairs.iter().find(|(english, _)| english.name() == chapter).ok_or_else(|| {
        let names: Vec<&str> = pairs.iter().map(|(english, _)| english.name()).collect();
        format!("there is no chapter {chapter} in both languages; there are {}", names.join(", "))
    })?;
    let (changes, now) = changes(repository, english, chinese);
    if changes.is_empty() {
        return Ok(format!("{chapter} is as it was agreed\n"));
    }
    let alone = now
        .iter()
        .find(|entry| entry.english.is_empty() != entry.chinese.is_empty() && entry.id != crate::chapter::TOP);
    if let Some(entry) = alone {
        let lacks = if entry.english.is_empty() { Language::English } else { Language::Chinese };
        return Err(format!("docs/{lacks}/{chapter}.md has no section #{}; write it first", entry.id));
    }
    let shown: String = changes.iter().map(|change| change.diffs(chapter)).collect();
    let mut refused = String::new();
    for change in &changes {
        for language in change.unchanged().filter(|language| !looked_at.contains(language)) {
            let text = change.now.text(language);
            refused.push_str(&format!(
                "\ndocs/{language}/{chapter}.md#{} did not change. It says:\n\n{text}\n",
                change.now.id
            ));
        }
    }
    if !refused.is_empty() {
        let sides: Vec<String> = Language::ALL
            .into_iter()
            .filter(|language| changes.iter().any(|change| change.unchanged().any(|other| other == *language)))
            .map(|language| format!(" --looked-at {language}"))
            .collect();
        return Err(format!(
            "{shown}{refused}\nNothing is agreed. Change what is not right any more; if all of it is right as it is: \
             just agree {chapter}{}",
            sides.concat()
        ));
    }
    let file = repository.path(path(chapter));
    let folder = repository.path("docs/agreed");
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&file, write(&now)))
        .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    Ok(format!("{shown}\n{} is agreed: {} sections\n", chapter, changes.len()))
}
