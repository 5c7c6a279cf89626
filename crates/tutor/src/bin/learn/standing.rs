//! `just learn check`: how far a server has come.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use http_suite::{SharedHouse, keep};
use tutor::climb::{Attempt, Climb, Verdict};
use tutor::course::{self, Course};
use tutor::judge::{Judge, Obstacle};
use tutor::ladder::{Ladder, is_from_nothing};
use tutor::language::{Both, Failure, Language};
use tutor::program::ProgrammingLanguage;
use tutor::terminal::{say, warn};
use tutor::view::Size;
use tutor::{both, view};

use crate::commands;

/// What judges, for a person who waits or for a verdict that is kept.
pub fn judge(house: &SharedHouse, confirms: bool) -> Result<Judge, Failure> {
    let keeper = keep::this_program()
        .map_err(|error| Failure::wrong(both!("where is this program? {error}", "无法确定本程序的位置：{error}")))?;
    Judge::new(house, keeper, confirms)
}

/// A folder that lies anywhere. The last line says the highest rung that is reached, in these words in every language.
pub fn of_folder(
    course: &Course,
    lesson: &str,
    dir: &Path,
    written_in: Option<ProgrammingLanguage>,
    house: &SharedHouse,
    language: Language,
) -> Result<ExitCode, Failure> {
    let ladder = Ladder::load(course, course::number(lesson)?)?;
    let written_in = written_in.or_else(|| ProgrammingLanguage::of(dir)).ok_or_else(|| no_program(dir))?;
    if !is_from_nothing(ladder.lesson) && written_in != ProgrammingLanguage::Rust {
        let lesson = ladder.lesson;
        return Err(Failure::wrong(both!(
            "lesson {lesson} is built in Rust, from its parent's code",
            "第 {lesson} 课要在它所基于的课的代码上用 Rust 写成"
        )));
    }
    let attempt = Attempt::of(course, &ladder, written_in, dir);
    let (reached, verdict) = attempt.highest(&judge(house, true)?)?;
    if let Some(Verdict::Stopped(Obstacle::NotLookedAt(why))) = &verdict {
        let due = reached + 1;
        return Err(Failure::wrong(both!(
            "rung {due} cannot be judged here: {why}",
            "在这里无法判断第 {due} 级：{why}" in why
        )));
    }
    if let Some(verdict) = &verdict {
        warn(&told(verdict, language));
    }
    let of = ladder.len();
    say(&format!("rung {reached} of {of}\n"));
    Ok(if reached == of { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn no_program(dir: &Path) -> Failure {
    let shown = dir.display();
    Failure::wrong(both!(
        "{shown} has no server.py, server.js, server.c, Makefile or Cargo.toml",
        "{shown} 里没有 server.py、server.js、server.c、Makefile 或 Cargo.toml"
    ))
}

/// What stands before the next rung, in full.
fn told(verdict: &Verdict, language: Language) -> String {
    let both: Both = match verdict {
        Verdict::Reached => return String::new(),
        Verdict::DoesNotBuild(said) => both!("it does not build:\n{said}\n", "无法构建：\n{said}\n"),
        Verdict::Stopped(Obstacle::Case(failing)) => return failing.text.say(language).to_owned(),
        Verdict::Stopped(Obstacle::Shape(missing)) => {
            let missing = missing.iter().map(|shape| format!("`{shape}`")).collect::<Vec<_>>().join(", ");
            both!("this is not in the code yet: {missing}\n", "代码里还没有：{missing}\n")
        }
        Verdict::Stopped(Obstacle::Warnings(warnings)) => return warnings.join("\n") + "\n",
        Verdict::Stopped(Obstacle::Silenced) => both!(
            "the code keeps the compiler from warning of what is not used (allow, expect)\n",
            "代码里用 allow 或 expect 关掉了编译器对未使用代码的警告\n"
        ),
        Verdict::Stopped(Obstacle::NotLookedAt(why)) => both!("{why}\n", "{why}\n" in why),
    };
    both.say(language).to_owned()
}

/// The learner's own server at the rung that is next: one failing case, or what was gained.
pub fn of_own(climb: &mut Climb, house: &SharedHouse, language: Language) -> Result<ExitCode, Failure> {
    of_own_timed(climb, house, false, language)
}

/// The same, and if that is wanted, how long each part of it took.
pub fn of_own_timed(
    climb: &mut Climb,
    house: &SharedHouse,
    tells_times: bool,
    language: Language,
) -> Result<ExitCode, Failure> {
    let mut judge = judge(house, false)?;
    judge.tells_times = tells_times;
    let (start, mut built) = (Instant::now(), Duration::ZERO);
    let verdict = climb.attempt().judge(&judge, climb.rung(), || built = start.elapsed(), |_| ())?;
    if tells_times {
        let (built, after) = (built.as_millis(), (start.elapsed() - built).as_millis());
        warn(&format!("built after {built} ms, verdict {after} ms after that\n"));
    }
    if matches!(verdict, Verdict::Reached) {
        climb.reach()?;
    }
    let size = Size::of_output();
    let mut lines = vec![view::heading(climb, size.width, language), String::new()];
    lines.extend(view::verdict(climb, &verdict, size, language));
    lines.push(String::new());
    lines.extend(commands::named(climb, size.width, language));
    say(&lines.iter().map(|line| format!("{line}\n")).collect::<String>());
    let (reached, of) = (climb.standing().reached, climb.ladder.len());
    say(&format!("rung {reached} of {of}\n"));
    Ok(if reached == of { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
