//! `learn`: a learner builds the servers of this course.

mod arguments;
mod chinese;
mod commands;
mod maintain;
mod screen;
mod standing;
mod watching;

use std::env;
use std::process::ExitCode;

use http_suite::{SharedHouse, keep};
use tutor::both;
use tutor::course::Course;
use tutor::exercise;
use tutor::language::{Failure, Language};
use tutor::learners_case;
use tutor::terminal::{say, warn};
use tutor::workspace;

use arguments::{Arguments, Check, Task};

fn main() -> ExitCode {
    if let Some(status) = keep::kept(env::args_os()) {
        return status;
    }
    let (arguments, language) = Arguments::read();
    arguments.color.choice().write_global();
    let house = SharedHouse::default();
    let result = run(&arguments, language, &house);
    house.leave();
    result.unwrap_or_else(|Failure { said, status }| {
        warn(&format!("learn: {}\n", said.say(language)));
        ExitCode::from(status)
    })
}

fn run(arguments: &Arguments, language: Language, house: &SharedHouse) -> Result<ExitCode, Failure> {
    let course = Course::at(&arguments.root.clone().unwrap_or_else(workspace::checkout))?;
    house
        .leave_on_signals_after(screen::give_back)
        .map_err(|error| Failure::wrong(both!("cannot wait for signals: {error}", "无法等待信号：{error}")))?;
    let written_in = arguments.language;
    match &arguments.command {
        Some(Task::Check(Check { of: Some(lesson), dir: Some(dir), .. })) => {
            standing::of_folder(&course, lesson, dir, written_in, house, language)
        }
        Some(Task::Check(Check { of: Some(lesson), timings, .. })) => {
            let (mut climb, begun) = commands::open(&course, Some(lesson), written_in, language)?;
            commands::tell_begun(begun, language);
            standing::of_own_timed(&mut climb, house, *timings, language)
        }
        Some(Task::Check(Check { timings, .. })) => {
            standing::of_own_timed(&mut commands::current(&course)?, house, *timings, language)
        }
        Some(Task::Hint) => commands::hint(&course, language),
        Some(Task::Next) => commands::next(&course, house, language),
        Some(Task::List) => commands::list(&course, language),
        Some(Task::Run { port }) => commands::run(&course, *port, language),
        Some(Task::Solution { yes }) => commands::solution(&course, *yes, language),
        Some(Task::Case { file }) => {
            let (text, status) = learners_case::command(file, language)?;
            say(&text);
            Ok(ExitCode::from(status))
        }
        Some(Task::Reset { lesson }) => commands::reset(&course, lesson, written_in, language),
        Some(Task::Exercise(wanted)) => exercise::command::run(&course, wanted, house, language).map(ExitCode::from),
        Some(Task::Ladder(task)) => maintain::ladder(&course, task, language),
        None => {
            let (mut climb, begun) = commands::open(&course, arguments.lesson.as_deref(), written_in, language)?;
            if !arguments.plain && screen::is_possible() {
                return watching::watch(&course, climb, begun, house, language);
            }
            if !arguments.plain {
                warn(language.say(
                    "learn: no terminal here to watch from; the plain commands do the same\n",
                    "learn: 这里没有可以接管的终端；用普通命令也一样\n",
                ));
            }
            commands::tell_begun(begun, language);
            standing::of_own(&mut climb, house, language)
        }
    }
}
