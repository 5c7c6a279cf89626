//! `just learn check`: how far a server has come.

use std::path::Path;
use std::process::ExitCode;

use http_suite::{SharedHouse, keep};
use tutor::course::{self, Course};
use tutor::judge::{Judge, Obstacle};
use tutor::ladder::{Ladder, is_from_nothing};
use tutor::language::{Both, Failure, Language};
use tutor::program::{self, NotBuilt, ProgrammingLanguage, Sources};
use tutor::{both, make, tree};

use crate::arguments::Check;
use crate::say::{say, warn};

/// Says the highest rung that a server reaches, as the last line.
pub fn check(
    course: &Course,
    wanted: &Check,
    written_in: Option<ProgrammingLanguage>,
    house: &SharedHouse,
    language: Language,
) -> Result<ExitCode, Failure> {
    let (Some(lesson), Some(dir)) = (&wanted.of, &wanted.dir) else {
        return Err(Failure::wrong(both!("not yet", "尚未实现")));
    };
    let ladder = Ladder::load(course, course::number(lesson)?)?;
    let written_in = match written_in.or_else(|| ProgrammingLanguage::of(dir)) {
        Some(written_in) => written_in,
        None => return Err(no_program(dir)),
    };
    let (reached, obstacle) = judged(course, &ladder, dir, written_in, house)?;
    let of = ladder.len();
    if let Some(Obstacle::NotLookedAt(why)) = &obstacle {
        let due = reached + 1;
        return Err(Failure::wrong(both!(
            "rung {due} cannot be judged here: {why}",
            "在这里无法判断第 {due} 级：{why}"
        )));
    }
    if let Some(obstacle) = &obstacle {
        warn(&told(obstacle, language));
    }
    say(both!("rung {reached} of {of}\n", "第 {reached} 级，共 {of} 级\n").say(Language::English));
    Ok(if reached == of { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn no_program(dir: &Path) -> Failure {
    let shown = dir.display();
    Failure::wrong(both!(
        "{shown} has no server.py, server.js, server.c, Makefile or Cargo.toml; name it with --dir",
        "{shown} 里没有 server.py、server.js、server.c、Makefile 或 Cargo.toml；请用 --dir 指定"
    ))
}

fn judged(
    course: &Course,
    ladder: &Ladder,
    dir: &Path,
    written_in: ProgrammingLanguage,
    house: &SharedHouse,
) -> Result<(usize, Option<Obstacle>), Failure> {
    let has_parent = !is_from_nothing(ladder.lesson);
    if has_parent && written_in != ProgrammingLanguage::Rust {
        let lesson = ladder.lesson;
        return Err(Failure::wrong(both!(
            "lesson {lesson} is built in Rust, from its parent's code",
            "第 {lesson} 课要在它所基于的课的代码上用 Rust 写成"
        )));
    }
    let target = make::target(course);
    let target = has_parent.then_some(target.as_path());
    let sources = Sources { folder: dir, language: written_in, has_options: has_parent, target };
    let program = match program::build(&sources) {
        Ok(program) => program,
        Err(NotBuilt::Here(failure)) => return Err(failure),
        Err(NotBuilt::Code(said)) => {
            warn(&format!("{said}\n"));
            return Ok((0, None));
        }
    };
    let keeper = keep::this_program()
        .map_err(|error| Failure::wrong(both!("where is this program? {error}", "无法确定本程序的位置：{error}")))?;
    let judge = Judge::new(house, keeper, true)?;
    let text = if has_parent { tree::read(&dir.join("src"))? } else { tree::read_any(dir)? };
    judge.highest(ladder, &program, &text)
}

/// What stands before the next rung, in full.
fn told(obstacle: &Obstacle, language: Language) -> String {
    let both: Both = match obstacle {
        Obstacle::Case(failing) => return failing.text.clone(),
        Obstacle::Shape(missing) => {
            let missing = missing.iter().map(|shape| format!("`{shape}`")).collect::<Vec<_>>().join(", ");
            both!("this is not in the code yet: {missing}\n", "代码里还没有：{missing}\n")
        }
        Obstacle::Warnings(warnings) => return warnings.join("\n"),
        Obstacle::Silenced => both!(
            "the code keeps the compiler from warning of what is not used (allow, expect)\n",
            "代码里用 allow 或 expect 关掉了编译器对未使用代码的警告\n"
        ),
        Obstacle::NotLookedAt(why) => both!("{why}\n", "{why}\n"),
    };
    both.say(language).to_owned()
}
