//! `just ladder`: reference solutions for maintainers.

use std::process::ExitCode;

use tutor::both;
use tutor::check;
use tutor::course::{self, Course};
use tutor::ladder::{Ladder, is_from_nothing};
use tutor::language::{Failure, Language};
use tutor::solutions;
use tutor::terminal::{say, warn};

use crate::arguments::{LadderFolder, LadderTask};

/// Makes, records or checks.
pub fn ladder(course: &Course, task: &LadderTask, language: Language) -> Result<ExitCode, Failure> {
    match task {
        LadderTask::Make(LadderFolder { lesson, of, folder }) => {
            let lesson = from_nothing(lesson)?;
            let made = solutions::make(course, lesson, *of, folder)?;
            let (shown, rungs) = (folder.display(), made.trees.len() - 1);
            let lacking = made.lacking.iter().map(usize::to_string).collect::<Vec<_>>().join(" ");
            let said = both!(
                "{shown}/0 is the starter, {shown}/1 to {shown}/{rungs} are the solutions\n",
                "{shown}/0 是起始代码，{shown}/1 到 {shown}/{rungs} 是各级的解答\n"
            );
            say(said.say(language));
            if !lacking.is_empty() {
                let said = both!("not written yet: {lacking}\n", "还没有写：{lacking}\n");
                say(said.say(language));
            }
        }
        LadderTask::Record(LadderFolder { lesson, of, folder }) => {
            let written = solutions::record(course, from_nothing(lesson)?, *of, folder)?;
            for path in &written {
                say(&format!("{}\n", path.strip_prefix(course.root()).unwrap_or(path).display()));
            }
            if written.is_empty() {
                say(language.say("nothing has changed\n", "没有改动\n"));
            }
        }
        LadderTask::Check { lesson } => {
            let ladder = Ladder::load(course, course::number(lesson)?)?;
            let mut faults = ladder.faults();
            if is_from_nothing(ladder.lesson) {
                faults.extend(solutions::faults(course, &ladder)?);
            } else if let Some(finding) = check::lesson(course, ladder.lesson)? {
                faults.extend(check::passed_by_doing_nothing(&finding.series, &finding.trees));
            }
            faults.iter().for_each(|fault| warn(&format!("{}\n", fault.say(language))));
            return Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn from_nothing(lesson: &str) -> Result<&'static str, Failure> {
    let lesson = course::number(lesson)?;
    if is_from_nothing(lesson) {
        return Ok(lesson);
    }
    Err(Failure::wrong(both!(
        "the solutions of lesson {lesson} are its steps: just steps make {lesson} STEP FOLDER",
        "第 {lesson} 课的解答就是它的各步：just steps make {lesson} STEP FOLDER"
    )))
}
