//! The exercises as the chapters have them.

use std::fs;
use std::path::Path;

use crate::both;
use crate::course::Course;
use crate::language::{Failure, Language};
use crate::tree;

/// One exercise of a chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// `lesson-03`, `c10k`
    pub chapter: String,
    /// `2`
    pub number: String,
    /// Without the full stop. Some chapters give none.
    pub title: Option<String>,
    /// What stands below it, hints and all.
    pub text: String,
}

/// All exercises in the chapters of this language, chapter by chapter.
///
/// # Errors
///
/// If the chapters cannot be read.
pub fn exercises(course: &Course, language: Language) -> Result<Vec<Written>, Failure> {
    let folder = course.root().join("docs").join(language.say("en", "zh"));
    let mut chapters: Vec<_> = fs::read_dir(&folder)
        .map_err(|error| {
            let folder = folder.display();
            Failure::failed(both!("cannot read {folder}: {error}", "无法读取 {folder}：{error}"))
        })?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    chapters.sort();
    let mut found = Vec::new();
    for path in chapters {
        found.extend(of_chapter(&name(&path), &tree::read_file(&path)?));
    }
    Ok(found)
}

fn name(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The section `{#exercises}` of a chapter. Each exercise begins with a bold number: `**2. Title.** …`.
fn of_chapter(chapter: &str, text: &str) -> Vec<Written> {
    let mut found: Vec<Written> = Vec::new();
    let mut is_here = false;
    for line in text.lines() {
        if line.starts_with("## ") {
            is_here = line.ends_with("{#exercises}");
        } else if let Some((number, title, rest)) = is_here.then(|| beginning(line)).flatten() {
            found.push(Written { chapter: chapter.to_owned(), number, title, text: rest.to_owned() });
        } else if let Some(last) = found.last_mut().filter(|_| is_here) {
            last.text.push('\n');
            last.text.push_str(line);
        }
    }
    found
}

fn beginning(line: &str) -> Option<(String, Option<String>, &str)> {
    let (bold, rest) = line.strip_prefix("**")?.split_once("**")?;
    let (number, title) = bold.split_once('.')?;
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let title = title.trim().trim_end_matches(['.', '。']);
    Some((number.to_owned(), (!title.is_empty()).then(|| title.to_owned()), rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exercise_is_a_bold_number_in_its_section() {
        let text = "# X\n\n**1. Not here.** No.\n\n## Exercises {#exercises}\n\n*40 min*\n\n**1. Do it.** Now.\nMore.\n\n\
                    **2.** Bare.\n\n**bold** words\n\n## Next {#next}\n\n**3. Nor here.** No.\n";
        let found = of_chapter("lesson-03", text);
        let titles: Vec<_> = found.iter().map(|one| (one.number.as_str(), one.title.as_deref())).collect();
        assert_eq!(titles, [("1", Some("Do it")), ("2", None)]);
        assert_eq!(found[0].text, "Now.\nMore.\n");
        assert!(found[1].text.contains("**bold** words"));
        let chinese = of_chapter("c10k", "## 练习 {#exercises}\n**2. 不回收僵尸进程。** 让它返回。");
        assert_eq!(chinese[0].title.as_deref(), Some("不回收僵尸进程"));
    }
}
