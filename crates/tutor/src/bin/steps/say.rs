//! What is said on the terminal.

use std::process::ExitCode;

use tutor::carry::Progress;
use tutor::course::Course;
use tutor::language::{Both, Language};
use tutor::series::Step;
use tutor::show::Screen;
use tutor::suite::Report;
use tutor::terminal::{self, say, warn};
use tutor::{both, make, tree};

use crate::arguments::Show;

/// A projector shows so many columns and lines of a legible size.
const COLUMNS: usize = 100;
const LINES: usize = 50;

/// That of the terminal, unless the command line says otherwise.
pub fn screen(wanted: &Show, language: Language) -> Screen {
    let size = terminal::size().filter(|(_, lines)| *lines > 0);
    let columns = size.map_or(COLUMNS, |(columns, _)| columns.clamp(40, COLUMNS));
    // A line is left for the prompt that comes after.
    let lines = size.map_or(LINES, |(_, lines)| lines).saturating_sub(1);
    Screen {
        width: wanted.width.map_or(columns, usize::from),
        height: wanted.height.map_or(lines, usize::from),
        language,
        full: wanted.full,
    }
}

/// How far a change has come, and what to do next. A conflict is exit status 1.
pub fn progress(course: &Course, progress: &Progress, language: Language) -> ExitCode {
    match progress {
        Progress::Done { changed, .. } if changed.is_empty() => {
            say(language.say("nothing has to change\n", "没有需要改动的\n"));
            ExitCode::SUCCESS
        }
        Progress::Done { changed, by_words } => {
            say(&changed.iter().map(|path| format!("{path}\n")).collect::<String>());
            let count = changed.len();
            say(both!("files written: {count}\n", "已写入 {count} 个文件\n").say(language));
            for place in by_words {
                let said = both!(
                    "look at step {place}: both sides changed a line there, though no word of it\n",
                    "请看一下第 {place} 步：两边改了同一行，但没有改同一个词\n"
                );
                say(said.say(language));
            }
            ExitCode::SUCCESS
        }
        Progress::Conflict { lesson, step, folder, files } => {
            let folder = folder.strip_prefix(course.root()).unwrap_or(folder).display();
            let files: String = files.iter().map(|path| format!("  {folder}/{path}\n")).collect();
            let said = both!(
                "lesson {lesson}, step {step}: the same lines were changed before and by this step\n{files}\
                 Make them right there; that folder is a crate, to be built as any other. Then: just steps continue\n\
                 Nothing in the lessons is changed until then. To give up: just steps abort\n",
                "第 {lesson} 课第 {step} 步：前面的改动和这一步改了相同的行\n{files}\
                 请在那里改好；该目录是一个可以照常构建的 crate。然后：just steps continue\n\
                 在此之前各课都不会改动。放弃：just steps abort\n"
            );
            warn(said.say(language));
            ExitCode::FAILURE
        }
    }
}

/// One line for a step, then what is wrong.
pub fn report(lesson: &str, number: usize, step: &Step, report: &Report, language: Language) {
    let Report { cases, of, faults, not_looked_at } = report;
    let (id, green, stage) = (make::package(lesson, number), step.green.len(), &step.stage);
    let verdict = match (faults.len(), language) {
        (0, Language::English) => "ok".to_owned(),
        (0, Language::Chinese) => "通过".to_owned(),
        (count, Language::English) => format!("{count} wrong"),
        (count, Language::Chinese) => format!("{count} 处不符"),
    };
    let line = both!(
        "{id}: {verdict}; stage {stage}, {cases} of {of} cases, {green} turn green\n",
        "{id}：{verdict}；阶段 {stage}，{of} 个用例中的 {cases} 个，其中 {green} 个变绿\n"
    );
    say(line.say(language));
    for what in not_looked_at {
        say(both!("  not looked at: {what}\n", "  未检查：{what}\n" in what).say(language));
    }
    self::faults(faults, language);
}

/// The lessons about which nothing could be said.
pub fn without_steps(lessons: &[String], language: Language) {
    if !lessons.is_empty() {
        let Both { en, zh } = tree::list(lessons);
        say(both!("no steps yet: {en}\n", "还没有分步：{zh}\n").say(language));
    }
}

/// What is wrong, a paragraph each.
pub fn faults(faults: &[Both], language: Language) {
    for fault in faults {
        warn(&format!("{}\n", fault.say(language)));
    }
}
