//! What a chapter gives a reader to type: run as it is printed, from the first block of the chapter to the last, in one
//! shell.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::chapter::{Chapter, Piece};
use crate::directive::Directive;
use crate::language::Language;
use crate::outputs::{COMMANDS, Outputs, PATIENCE, compare};
use crate::problem::Problem;
use crate::repository::Repository;
use crate::session::{self, Came, Session};

/// What a fence says that is not run, and why it is not.
pub const NOT_RUN: [(&str, &str); 3] = [
    ("sh,terminal", "it goes on at the terminal until a person ends it"),
    ("sh,shell", "it opens the shell in which all else is typed; that is what runs everything here"),
    (
        "sh,minutes",
        "it measures on a machine that has to be idle, builds what is given away, or grades a class: minutes",
    ),
];

/// What a command may take that builds, or runs the suite.
const PATIENCE_TO_BUILD: Duration = Duration::from_secs(600);

/// How many chapters are typed at a time. They mostly wait.
const AT_A_TIME: usize = 8;

/// A block of commands in a chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The id of the section.
    pub section: String,
    /// The output that it is, if what it prints is shown.
    pub output: Option<String>,
    /// The commands, as they are printed.
    pub text: String,
}

impl Block {
    fn patience(&self) -> Duration {
        if self.text.contains("just ") { PATIENCE_TO_BUILD } else { PATIENCE }
    }

    fn place(&self) -> String {
        self.output
            .as_ref()
            .map_or_else(|| format!("the block\n{}", self.text), |name| format!("{{{{#output {name}}}}}"))
    }
}

/// Nothing but the suite on a lesson: `cargo test` runs that, for all lessons.
fn is_the_suite(text: &str) -> bool {
    text.lines().all(|line| line.starts_with("just test "))
}

/// What is to be typed in a chapter, in order. What `cargo test` runs is not run once more.
pub fn blocks(chapter: &Chapter, outputs: &Outputs) -> Vec<Block> {
    let mut blocks = Vec::new();
    for section in &chapter.sections {
        let block = |output, text: &str| Block { section: section.name().to_owned(), output, text: text.to_owned() };
        blocks.extend(section.pieces.iter().filter_map(|piece| match piece {
            Piece::Fence(info, text) if info == "sh" && !is_the_suite(text) => Some(block(None, text)),
            Piece::Directive(Ok(Directive::Output(name))) => {
                outputs.get(name).ok().map(|output| block(Some(name.clone()), output.shown()))
            }
            _ => None,
        }));
    }
    blocks
}

/// Types every chapter, and says what did not come out as the book has it. Both languages have the same blocks, so that
/// one is enough.
pub fn stale(repository: &Repository, programs: &Path) -> Vec<Problem> {
    let outputs = match Outputs::read(repository) {
        Ok(outputs) => outputs,
        Err(error) => return vec![Problem::new(COMMANDS, "", error, "mend it")],
    };
    let (mut chapters, problems) = repository.chapters(Language::English);
    chapters.retain(|chapter| !blocks(chapter, &outputs).is_empty());
    // The longest first: the others go beside it.
    let waits = |chapter: &Chapter| {
        blocks(chapter, &outputs).iter().map(|block| 1 + block.text.matches("sleep").count()).sum::<usize>()
    };
    chapters.sort_by_key(|chapter| std::cmp::Reverse(waits(chapter)));
    let typing = |chapter: &Chapter| {
        let begun = Instant::now();
        let problems = type_chapter(repository, programs, chapter, &outputs);
        let how = if problems.is_empty() { "as shown" } else { "not as shown" };
        eprintln!("typed {} in {} s: {how}", chapter.path(), begun.elapsed().as_secs());
        problems
    };
    let (next, again) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..if session::apart() { AT_A_TIME } else { 1 } {
            scope.spawn(|| {
                while let Some(chapter) = chapters.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if !typing(chapter).is_empty() {
                        again.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(chapter);
                    }
                }
            });
        }
    });
    // A machine that is busy gets a second chance, with one chapter at a time.
    let again = again.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    problems.into_iter().chain(again.into_iter().flat_map(typing)).collect()
}

/// All blocks of one chapter, in order, in one shell.
fn type_chapter(repository: &Repository, programs: &Path, chapter: &Chapter, outputs: &Outputs) -> Vec<Problem> {
    let mut problems = Vec::new();
    let problem = |block: &Block, what: &str, remedy: &str| {
        Problem::new(chapter.path(), &block.section, format!("{}: {what}", block.place()), remedy)
    };
    let mut shell = match Session::open(repository, programs) {
        Ok(shell) => shell,
        Err(error) => return vec![Problem::new(chapter.path(), "", error, "see docs/shell")],
    };
    let mut seen = HashSet::new();
    for block in blocks(chapter, outputs) {
        let came = match shell.paste(&block.text, block.patience()) {
            Ok(came) => came,
            Err(error) => {
                problems.push(problem(&block, &error, "what follows was not typed"));
                break;
            }
        };
        match block.output.as_deref().and_then(|name| outputs.get(name).ok()) {
            Some(output) => {
                let result = output.came(repository, &came, shell.folder());
                if seen.insert(&output.name) {
                    problems.extend(compare(repository, output, result));
                }
            }
            None => {
                let remedy = "type the blocks of the chapter up to this in `just shell`";
                problems.extend(fault(&came).map(|what| problem(&block, &what, remedy)));
            }
        }
    }
    problems
}

/// What is wrong with a block of which no output is shown.
fn fault(came: &Came) -> Option<String> {
    let text = came.text.trim();
    if came.lacks_a_program() && std::env::var_os("CI").is_none() {
        eprintln!("not run: a block that needs more than this machine has ({text})");
        return None;
    }
    let complaint = text.lines().find(|line| {
        line.starts_with("bash: ") || line.starts_with("curl: (") || line.contains("No such file or directory")
    });
    if !came.left.is_empty() {
        Some(format!("it leaves {}", came.left.join(", ")))
    } else if came.status != 0 {
        Some(format!("its exit status is {}: {text}", came.status))
    } else {
        complaint.map(|line| format!("it says {line}"))
    }
}
