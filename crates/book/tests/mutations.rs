//! One letter changed anywhere in the book is seen by the check that must see it: in a copy of `docs`, beside which
//! everything else is as it is.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::os::unix::fs::symlink;
use std::path::Path;

use book::chapter::{Chapter, Piece};
use book::language::Language;
use book::problem::{Problem, list};
use book::repository::Repository;
use book::{agreed, claims, comments, glosses, recorded, twins};
use regex::{Captures, Regex};
use tempfile::TempDir;

fn copy() -> (TempDir, Repository) {
    let (folder, here) = (tempfile::tempdir().unwrap(), Repository::here());
    for entry in fs::read_dir(here.path("")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        match name.to_str().unwrap() {
            "docs" => copy_folder(&entry.path(), &folder.path().join("docs")),
            "README.md" | "README.zh.md" => drop(fs::copy(entry.path(), folder.path().join(&name)).unwrap()),
            "target" | "work" | ".git" => {}
            _ => symlink(entry.path(), folder.path().join(&name)).unwrap(),
        }
    }
    let repository = Repository::at(folder.path());
    (folder, repository)
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &to);
        } else {
            fs::copy(&path, to).unwrap();
        }
    }
}

/// Another letter, of the same length.
fn other(letter: char) -> char {
    match letter {
        'z' => 'a',
        'Z' => 'A',
        '9' => '0',
        'a'..='y' | 'A'..='Y' | '0'..='8' => char::from(letter as u8 + 1),
        '\u{4e00}'..='\u{9ffe}' => char::from_u32(letter as u32 + 1).unwrap(),
        other => other,
    }
}

/// A text with another letter in the place of its first.
fn mutated(text: &str) -> String {
    let place = text.char_indices().find(|(_, letter)| other(*letter) != *letter);
    let (place, letter) = place.unwrap_or_else(|| panic!("there is no letter in {text}"));
    format!("{}{}{}", &text[..place], other(letter), &text[place + letter.len_utf8()..])
}

/// A file of the copy with something changed, until this is dropped.
struct Changed<'a> {
    repository: &'a Repository,
    file: String,
    before: String,
}

impl<'a> Changed<'a> {
    fn new(repository: &'a Repository, file: &str, change: impl FnOnce(&str) -> String) -> Changed<'a> {
        let before = repository.read(file).unwrap();
        let after = change(&before);
        assert_ne!(before, after, "{file} is as it was");
        fs::write(repository.path(file), after).unwrap();
        Changed { repository, file: file.to_owned(), before }
    }
}

impl Drop for Changed<'_> {
    fn drop(&mut self) {
        fs::write(self.repository.path(&self.file), &self.before).unwrap();
    }
}

fn seen(problems: &[Problem]) -> BTreeSet<String> {
    let place = |problem: &Problem| {
        let file = problem.file.rsplit('/').next().unwrap_or(&problem.file);
        format!("{file}#{}", problem.section)
    };
    problems.iter().map(place).collect()
}

/// Changes in every section of a chapter what `choose` finds in its text, from this place to that.
fn in_every_section(chapter: &Chapter, choose: impl Fn(&str) -> Option<Range<usize>>) -> (String, Vec<String>) {
    let (mut text, mut places) = (String::new(), Vec::new());
    for section in &chapter.sections {
        let own = &chapter.text[section.range.clone()];
        match choose(own) {
            Some(range) => {
                text.push_str(&own[..range.start]);
                text.push_str(&mutated(&own[range.clone()]));
                text.push_str(&own[range.end..]);
                places.push(format!("{}#{}", chapter.file, section.name()));
            }
            None => text.push_str(own),
        }
    }
    (text, places)
}

#[test]
fn a_letter_of_any_section_or_block() {
    let (_folder, repository) = copy();
    let blocks = Regex::new(r"(?s)```sh[a-z,]*\n(.*?)```").unwrap();
    let is_block = |piece: &&Piece| matches!(piece, Piece::Fence(info, _) if info.starts_with("sh"));
    let mut count = 0;
    for language in Language::ALL {
        let chapters = repository.chapters(language).0;
        // The last letter of each section, and then each of its blocks.
        let end = |own: &str| own.rfind(|letter| other(letter) != letter).map(|place| place..own.len());
        let nth = |own: &str, n: usize| {
            blocks.captures_iter(own).nth(n).and_then(|found| found.get(1)).map(|text| text.range())
        };
        let sections = chapters.iter().flat_map(|chapter| &chapter.sections);
        let most = sections.map(|section| section.pieces.iter().filter(is_block).count()).max().unwrap_or(0);
        for pass in 0..=most {
            let (mut expected, mut changed) = (BTreeSet::new(), Vec::new());
            for chapter in &chapters {
                let (text, places) =
                    in_every_section(chapter, |own| if pass == 0 { end(own) } else { nth(own, pass - 1) });
                if !places.is_empty() {
                    changed.push(Changed::new(&repository, &chapter.path(), |_| text));
                    expected.extend(places);
                }
            }
            count += expected.len();
            let found = seen(&agreed::problems(&repository));
            let missed: Vec<&String> = expected.difference(&found).collect();
            assert!(missed.is_empty(), "pass {pass}: nobody sees what has changed in {missed:#?}");
        }
    }
    assert!(count > 500, "only {count} places were changed");
    assert_eq!(list(&agreed::problems(&repository)), "", "the copy is as it was");
}

#[test]
fn a_letter_of_any_claim() {
    let (_folder, repository) = copy();
    let marks = Regex::new(r"\{\{([=?!]) ([^{}]+)\}\}").unwrap();
    for language in Language::ALL {
        for chapter in repository.chapters(language).0 {
            if !marks.is_match(&chapter.text) {
                continue;
            }
            let _changed = Changed::new(&repository, &chapter.path(), |text| {
                let other = |found: &Captures<'_>| format!("{{{{{} {}}}}}", &found[1], mutated(&found[2]));
                marks.replace_all(text, other).into_owned()
            });
            let problems = list(&twins::problems(&repository));
            for found in marks.find_iter(&chapter.text) {
                assert!(
                    problems.contains(found.as_str()),
                    "{}: nobody sees another {}",
                    chapter.path(),
                    found.as_str()
                );
            }
        }
    }
    let figures = Regex::new(r"(<!-- = .+? -->)([^<]*)(<!-- / -->)").unwrap();
    for file in ["README.md", "README.zh.md"] {
        let count = figures.find_iter(&repository.read(file).unwrap()).count();
        let _changed = Changed::new(&repository, file, |text| {
            let other = |found: &Captures<'_>| format!("{}{}{}", &found[1], mutated(&found[2]), &found[3]);
            figures.replace_all(text, other).into_owned()
        });
        assert!(count > 0);
        assert_eq!(claims::problems_of_readmes(&repository).len(), count, "{file}");
    }
}

/// Changes all that a pattern finds in a file, in its first group.
fn everywhere(pattern: &str, text: &str) -> String {
    let pattern = Regex::new(pattern).unwrap();
    let mut changed = text.to_owned();
    for found in pattern.captures_iter(text) {
        let range = found.get(1).unwrap().range();
        changed.replace_range(range.clone(), &mutated(&text[range]));
    }
    changed
}

#[test]
fn a_letter_of_any_output_figure_or_term() {
    let (_folder, repository) = copy();
    let count = |kind: &str| {
        let kept = repository.read("docs/recorded.txt").unwrap();
        kept.lines().filter(|line| line.starts_with(kind)).count()
    };
    let changed_now = |kind: &str| {
        let problems = recorded::problems(&repository);
        problems.iter().filter(|problem| problem.what.starts_with(&format!("the {kind} "))).count()
    };
    {
        let _commands =
            Changed::new(&repository, "docs/outputs.toml", |text| everywhere(r"(?s)\nrun = '''\n(.*?)'''", text));
        assert_eq!(changed_now("output"), count("output"), "commands");
    }
    {
        let files = repository.files("docs/outputs", "txt");
        let _printed: Vec<_> =
            files.iter().map(|file| Changed::new(&repository, &format!("docs/outputs/{file}"), mutated)).collect();
        assert_eq!(changed_now("output"), count("output"), "what is printed");
    }
    for language in ["en", "zh"] {
        let files = repository.files("docs/figures", "svg");
        let words = format!("(?s)<g lang=\"{language}\".*?>([^<>]*[a-z\u{4e00}-\u{9ffe}][^<>]*)<");
        let _drawn: Vec<_> = files
            .iter()
            .map(|file| Changed::new(&repository, &format!("docs/figures/{file}"), |text| everywhere(&words, text)))
            .collect();
        assert_eq!(changed_now("figure"), count("figure"), "{language}");
    }
    for field in ["en", "zh", "means_en", "means_zh"] {
        let pattern = format!("(?m)^{field} = \"(.*)\"$");
        let _terms = Changed::new(&repository, "docs/glossary.toml", |text| everywhere(&pattern, text));
        assert!(changed_now("term") >= count("term"), "{field}");
    }
    assert_eq!(list(&recorded::problems(&repository)), "", "the copy is as it was");
}

#[test]
fn a_letter_of_any_words_in_chinese() {
    let (_folder, repository) = copy();
    let count =
        |file: &str, start: &str| repository.read(file).unwrap().lines().filter(|line| line.starts_with(start)).count();
    {
        let file = "docs/comments.zh.toml";
        let all = count(file, "en = ");
        let _changed = Changed::new(&repository, file, |text| everywhere("(?m)^en = [\"'](.*)[\"']$", text));
        // Each is missed where it is shown, and is shown no more.
        assert!(comments::problems(&repository).len() >= 2 * all, "{all} comments");
    }
    {
        let file = "docs/outputs.zh.toml";
        let all = count(file, "\"");
        let _changed = Changed::new(&repository, file, |text| everywhere("(?m)^\"([^\"]*)\"", text));
        assert!(glosses::problems(&repository).len() >= all, "{all} phrases");
    }
    for file in ["comments.zh.toml", "outputs.zh.toml", "just.zh.tsv"] {
        let _changed = Changed::new(&repository, &format!("docs/{file}"), |text| {
            let place = text.rfind(|letter| ('\u{4e00}'..'\u{9fff}').contains(&letter)).unwrap();
            format!("{}{}", &text[..place], mutated(&text[place..]))
        });
        assert!(list(&recorded::problems(&repository)).contains(&format!("the words {file} has changed")), "{file}");
    }
}
