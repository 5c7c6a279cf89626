//! A repository for a student: a starter, a workflow that grades it, and what to do, in both languages. The files that
//! are the same for all stand in `classroom/template`.

use std::path::Path;
use std::process::Command;

use crate::both;
use crate::course::Course;
use crate::ladder::{self, Ladder, is_from_nothing};
use crate::language::{Failure, Language};
use crate::program::ProgrammingLanguage;
use crate::solutions;
use crate::tree::{self, Tree};

/// What stands where nobody knows where the course is published.
const UNKNOWN: &str = "OWNER/COURSE";

/// What is to be made.
#[derive(Clone, Debug)]
pub struct Template {
    /// The lesson that the server is to be like: `01`.
    pub lesson: &'static str,
    /// What it is written in.
    pub language: ProgrammingLanguage,
    /// Where this course is published on GitHub, as `OWNER/NAME`, and which version of it: `main`.
    pub published: (String, String),
    /// What the workflow says it in.
    pub says: Language,
}

/// `OWNER/NAME` of this checkout on GitHub, as its remote `origin` has it.
pub fn published(course: &Course) -> Option<String> {
    let output =
        Command::new("git").arg("-C").arg(course.root()).args(["remote", "get-url", "origin"]).output().ok()?;
    on_github(String::from_utf8_lossy(&output.stdout).trim()).map(str::to_owned)
}

/// `OWNER/NAME` of an address of GitHub.
fn on_github(address: &str) -> Option<&str> {
    let (_, path) = address.split_once("github.com")?;
    let path = path.strip_prefix(['/', ':'])?.trim_end_matches('/').trim_end_matches(".git");
    (path.split('/').filter(|part| !part.is_empty()).count() == 2).then_some(path)
}

impl Template {
    /// For a course that is published there, or nobody knows where.
    pub fn new(
        lesson: &'static str,
        language: ProgrammingLanguage,
        published: Option<String>,
        says: Language,
    ) -> Template {
        let published = (published.unwrap_or_else(|| UNKNOWN.to_owned()), "main".to_owned());
        Template { lesson, language, published, says }
    }

    /// Whether somebody has to say in the workflow where the course is.
    pub fn lacks_address(&self) -> bool {
        self.published.0 == UNKNOWN
    }

    /// Writes the repository into this folder, which has to be empty or not there yet.
    ///
    /// # Errors
    ///
    /// If something is in there, or it cannot be written.
    pub fn write(&self, course: &Course, folder: &Path) -> Result<Tree, Failure> {
        if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            let shown = folder.display();
            return Err(Failure::wrong(both!("{shown} is not empty", "{shown} 不是空目录")));
        }
        let files = self.files(course)?;
        for (path, text) in &files {
            tree::write_file(&folder.join(path), text)?;
        }
        Ok(files)
    }

    /// All its files, by their paths.
    fn files(&self, course: &Course) -> Result<Tree, Failure> {
        let mut files = self.starter(course)?;
        let of_all = course.root().join("classroom/template");
        let mut names = vec![("README.md", "README.md"), ("README.zh.md", "README.zh.md"), ("gitignore", ".gitignore")];
        names.push((WORKFLOW, WORKFLOW));
        if self.language == ProgrammingLanguage::C {
            names.push(("Makefile", "Makefile"));
        }
        for (from, to) in names {
            let language = if from.ends_with(".zh.md") { Language::Chinese } else { Language::English };
            files.insert(to.to_owned(), self.filled(&tree::read_file(&of_all.join(from))?, language));
        }
        Ok(files)
    }

    /// What a student begins with: in lesson 01 a server that answers nothing, later the last server before that lesson
    /// of which there is one in this language.
    fn starter(&self, course: &Course) -> Result<Tree, Failure> {
        if is_from_nothing(self.lesson) {
            return solutions::starter(course, self.lesson, self.language);
        }
        let [.., before] = ladder::FROM_NOTHING;
        let mut solutions = solutions::load(course, &Ladder::load(course, before)?, self.language)?;
        solutions.trees.pop().ok_or_else(|| {
            let language = self.language;
            Failure::failed(both!(
                "lesson {before} has no solution in {language}",
                "第 {before} 课没有 {language} 的解答"
            ))
        })
    }

    /// A text with its holes filled.
    fn filled(&self, text: &str, language: Language) -> String {
        let (build, program) = match self.language {
            ProgrammingLanguage::Python => ("", "python3 server.py"),
            ProgrammingLanguage::JavaScript => ("", "node server.js"),
            ProgrammingLanguage::C => ("make", "./server"),
            ProgrammingLanguage::Rust => ("cargo build --release", "target/release/server"),
        };
        let text = match build {
            // A line that nothing would stand in.
            "" => text.replace("$ {{build-line}}\n", ""),
            build => text.replace("{{build-line}}", build),
        };
        let only = match is_from_nothing(self.lesson) {
            true => "",
            false => language.say(
                " (from lesson 03 on, only for servers in Rust that began with `just learn`)",
                "（第 03 课起只适用于从 `just learn` 开始的 Rust 服务器）",
            ),
        };
        let (repository, version) = &self.published;
        [
            ("{{title}}", self.language.title()),
            ("{{language}}", self.language.name()),
            ("{{file}}", self.language.main_file()),
            ("{{lesson}}", self.lesson),
            ("{{run}}", &format!("{program} 7890 .")),
            ("{{command}}", &format!("{program} {{port}} {{root}}")),
            ("{{course}}", &format!("https://github.com/{repository}")),
            ("{{action}}", &format!("{repository}@{version}")),
            ("{{lang}}", self.says.say("en", "zh")),
            ("{{only-01-02}}", only),
        ]
        .iter()
        .fold(text, |text, (hole, with)| text.replace(hole, with))
    }
}

/// The workflow that grades.
const WORKFLOW: &str = ".github/workflows/grade.yml";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_github_has_an_owner_and_a_name() {
        for address in [
            "https://github.com/a/b",
            "https://github.com/a/b.git",
            "git@github.com:a/b.git",
            "ssh://git@github.com/a/b/",
        ] {
            assert_eq!(on_github(address), Some("a/b"), "{address}");
        }
        for address in ["", "/srv/course.git", "https://example.org/a/b", "https://github.com/a"] {
            assert_eq!(on_github(address), None, "{address}");
        }
    }
}
