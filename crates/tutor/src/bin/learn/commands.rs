//! The plain commands: what the watching terminal does by a key, each does once and ends.

use std::fs;
use std::io::{self, BufRead, IsTerminal};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use http_suite::SharedHouse;
use http_suite::site::Site;
use tutor::climb::{self, Begun, Climb, Verdict};
use tutor::course::{self, Course};
use tutor::ladder::{is_from_nothing, next_lesson};
use tutor::language::{Both, Failure, Language};
use tutor::program::{NotBuilt, ProgrammingLanguage};
use tutor::show::Screen;
use tutor::terminal::{say, warn};
use tutor::view::Size;
use tutor::{both, make, view, wrap};

use crate::standing;

/// Where a server listens that is run by hand: as the commands that the suite shows have it.
pub const PORT: u16 = 7890;
/// What it serves, as a person in the checkout names it.
pub const SITE: &str = "target/learn/site/root";
/// How long a client of a server that is run by hand may be silent, in seconds.
pub const TIMEOUT: u16 = 10;

/// The commands that go on from here.
pub fn named(climb: &Climb, width: usize, language: Language) -> Vec<String> {
    let (file, standing) = (climb.shown_file(), climb.standing());
    let (opened, hints) = (standing.hints_at(climb.rung()), climb.ladder.rungs[climb.rung() - 1].hints.len());
    let text = if climb.is_reached() {
        both!(
            "On to the next: just learn next. What a solution changes: just learn solution. All rungs: just learn list.",
            "进入下一级：just learn next。看解答改了什么：just learn solution。各级一览：just learn list。"
        )
    } else {
        both!(
            "Change {file}, then again: just learn check. A hint ({opened} of {hints} opened): just learn hint. Run it: \
             just learn run.",
            "修改 {file}，然后再看一次：just learn check。提示（已看 {opened}/{hints}）：just learn hint。运行：just learn run。"
        )
    };
    wrap::lines(text.say(language), width)
}

/// The work to go on with. An error: nothing was begun.
pub fn current(course: &Course) -> Result<Climb, Failure> {
    Climb::current(course)?.ok_or_else(|| {
        Failure::wrong(both!(
            "nothing was begun yet. Begin with: just learn 01 --language python (or rust, c, javascript)",
            "还没有开始。从这里开始：just learn 01 --language python（或 rust、c、javascript）"
        ))
    })
}

/// Where the learner left off, or the lesson that is named; asks for the language if nobody knows it. Also what there
/// is to say, if it was begun.
pub fn open(
    course: &Course,
    lesson: Option<&str>,
    written_in: Option<ProgrammingLanguage>,
    language: Language,
) -> Result<(Climb, Option<Both>), Failure> {
    let lesson = match lesson {
        // A word is a command that is spelled wrong.
        Some(word) if !word.contains(|letter: char| letter.is_ascii_digit()) => {
            return Err(Failure::wrong(both!(
                "there is no command '{word}'; just learn --help names them all",
                "没有“{word}”这个命令；just learn --help 列出全部命令"
            )));
        }
        Some(lesson) => course::number(lesson)?,
        None => match Climb::current(course)? {
            Some(climb) if written_in.is_none_or(|wanted| wanted == climb.language) => return Ok((climb, None)),
            Some(climb) => climb.ladder.lesson,
            None => "01",
        },
    };
    let written_in = match written_in {
        Some(written_in) => written_in,
        None => match climb::usual_language(course, lesson)? {
            Some(written_in) => written_in,
            None => ask_for_language(lesson, language)?,
        },
    };
    begin(course, lesson, written_in)
}

fn begin(
    course: &Course,
    lesson: &'static str,
    written_in: ProgrammingLanguage,
) -> Result<(Climb, Option<Both>), Failure> {
    let (climb, begun) = Climb::begin(course, lesson, written_in)?;
    let folder = climb.shown_folder();
    let said = match begun {
        Begun::GoesOn => None,
        Begun::Anew if is_from_nothing(lesson) && lesson != "01" => Some(both!(
            "{folder} begins with our server of the lesson before, since yours is not at its end",
            "{folder} 从我们写的前一课的服务器开始，因为你的还没有写到最后一级"
        )),
        Begun::Anew => Some(both!("{folder} is made: that is where you write", "已建立 {folder}：代码就写在那里")),
        Begun::FromOwn => Some(both!(
            "{folder} begins with your own server of the lesson before",
            "{folder} 从你自己写的前一课的服务器开始"
        )),
    };
    Ok((climb, said))
}

fn ask_for_language(lesson: &str, language: Language) -> Result<ProgrammingLanguage, Failure> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Failure::wrong(both!(
            "in which language? just learn {lesson} --language python (or rust, c, javascript)",
            "用什么语言写？just learn {lesson} --language python（或 rust、c、javascript）"
        )));
    }
    say(language.say("What do you write in?\n", "用什么语言写？\n"));
    for (number, one) in (1..).zip(ProgrammingLanguage::ALL) {
        say(&format!("  {number}  {one}\n"));
    }
    for line in io::stdin().lock().lines() {
        let line = line.unwrap_or_default();
        let number = line.trim().parse::<usize>().ok();
        let by_number = number.and_then(|number| ProgrammingLanguage::ALL.get(number.checked_sub(1)?).copied());
        if let Some(found) = by_number.or_else(|| ProgrammingLanguage::from_name(line.trim())) {
            return Ok(found);
        }
        say(language.say("A number from 1 to 4, or a name.\n", "请输入 1 到 4，或语言的名字。\n"));
    }
    Err(Failure::wrong(both!("no language was named", "没有指定语言")))
}

/// The next hint.
pub fn hint(course: &Course, language: Language) -> Result<ExitCode, Failure> {
    let mut climb = current(course)?;
    let of = climb.ladder.rungs[climb.rung() - 1].hints.len();
    let (number, said) = climb.hint()?;
    let width = Size::of_output().width;
    say(&format!("{}\n\n", view::heading(&climb, width, language)));
    let title = both!("hint {number} of {of}", "提示 {number}/{of}");
    say(&format!("{}\n", title.say(language)));
    wrap::lines(said.say(language), width).iter().for_each(|line| say(&format!("{line}\n")));
    if number == of && !climb.may_see_solution() {
        let said = both!(
            "\nThat was the last one. If you are still stuck: just learn solution --yes\n",
            "\n这是最后一条。如果还是没有头绪：just learn solution --yes\n"
        );
        say(said.say(language));
    }
    Ok(ExitCode::SUCCESS)
}

/// What a solution of this rung changes.
pub fn solution(course: &Course, yes: bool, language: Language) -> Result<ExitCode, Failure> {
    let mut climb = current(course)?;
    may_see(&climb, yes)?;
    let width = Size::of_output().width;
    say(&climb.solution(&Screen { width, height: usize::MAX, language, full: false })?);
    Ok(ExitCode::SUCCESS)
}

fn may_see(climb: &Climb, yes: bool) -> Result<(), Failure> {
    if climb.may_see_solution() || (yes && climb.may_ask_for_solution()) {
        return Ok(());
    }
    let rung = climb.rung();
    if climb.may_ask_for_solution() {
        return Err(Failure::failed(both!(
            "rung {rung} is not reached yet. If you want to see it all the same: just learn solution --yes",
            "还没有达到第 {rung} 级。如果还是想看：just learn solution --yes"
        )));
    }
    let of = climb.ladder.rungs[rung - 1].hints.len();
    let opened = climb.standing().hints_at(rung);
    Err(Failure::failed(both!(
        "rung {rung} is not reached yet, and only {opened} of its {of} hints were opened: just learn hint",
        "还没有达到第 {rung} 级，{of} 条提示也只看了 {opened} 条：just learn hint"
    )))
}

/// The rungs of this lesson.
pub fn list(course: &Course, language: Language) -> Result<ExitCode, Failure> {
    let climb = current(course)?;
    let width = Size::of_output().width;
    let heading = view::heading(&climb, width, language);
    let lines = view::list(&climb, width, language).into_iter();
    say(&[heading, String::new()].into_iter().chain(lines).map(|line| line + "\n").collect::<String>());
    Ok(ExitCode::SUCCESS)
}

/// On to the next rung, if this one is reached; behind the last, to the next lesson.
pub fn next(course: &Course, house: &SharedHouse, language: Language) -> Result<ExitCode, Failure> {
    let mut climb = current(course)?;
    if !climb.is_reached() {
        // It may have turned green since it was last looked at.
        let verdict = climb.attempt().judge(&standing::judge(house, false)?, climb.rung(), || (), |_| ())?;
        if !matches!(verdict, Verdict::Reached) {
            let rung = climb.rung();
            return Err(Failure::failed(both!(
                "rung {rung} is not reached yet: just learn check says what is missing",
                "还没有达到第 {rung} 级：just learn check 会说明还缺什么"
            )));
        }
        climb.reach()?;
    }
    let (mut climb, begun) = onwards(course, climb)?;
    tell_begun(begun, language);
    standing::of_own(&mut climb, house, language)
}

/// The next rung, or the first of the next lesson.
pub fn onwards(course: &Course, mut climb: Climb) -> Result<(Climb, Option<Both>), Failure> {
    if climb.go_on()? {
        return Ok((climb, None));
    }
    let lesson = climb.ladder.lesson;
    let Some(next) = next_lesson(lesson) else {
        return Err(Failure::failed(both!(
            "lesson {lesson} was the last: you have built them all",
            "第 {lesson} 课是最后一课：全部写完了"
        )));
    };
    let written_in = if is_from_nothing(next) { climb.language } else { ProgrammingLanguage::Rust };
    begin(course, next, written_in)
}

/// What there is to say where something was begun.
pub fn tell_begun(begun: Option<Both>, language: Language) {
    if let Some(begun) = begun {
        say(&format!("{}\n", begun.say(language)));
    }
}

/// Begins a lesson anew.
pub fn reset(
    course: &Course,
    lesson: &str,
    written_in: Option<ProgrammingLanguage>,
    language: Language,
) -> Result<ExitCode, Failure> {
    let lesson = course::number(lesson)?;
    let written_in = match written_in {
        Some(written_in) => written_in,
        None => match climb::usual_language(course, lesson)? {
            Some(written_in) => written_in,
            None => ask_for_language(lesson, language)?,
        },
    };
    let (climb, kept) = Climb::reset(course, lesson, written_in)?;
    let folder = climb.shown_folder();
    let said = match kept {
        Some(kept) => {
            let kept = kept.strip_prefix(course.root()).unwrap_or(&kept).display().to_string();
            both!("{folder} begins anew; what was there is in {kept}\n", "{folder} 重新开始；原来的在 {kept}\n")
        }
        None => both!("{folder} is made\n", "已建立 {folder}\n"),
    };
    say(said.say(language));
    Ok(ExitCode::SUCCESS)
}

/// The files that a server serves that is run by hand: made anew, since a learner may have changed them.
pub fn site_by_hand(course: &Course) -> Result<PathBuf, Failure> {
    let folder = make::target(course).join("learn").join("site");
    let failed = |error: io::Error| {
        let folder = folder.display();
        Failure::failed(both!("cannot make {folder}: {error}", "无法建立 {folder}：{error}"))
    };
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(failed)?;
    }
    Site::make_in(&folder).map(|site| site.root().to_owned()).map_err(failed)
}

/// The learner's server, built and ready to be started.
pub fn server(climb: &Climb, port: u16) -> Result<(Command, tutor::program::Program), Failure> {
    let program = climb.attempt().build().map_err(|why| match why {
        NotBuilt::Here(failure) => failure,
        NotBuilt::Code(said) => Failure::failed(both!("it does not build:\n{said}", "无法构建：\n{said}")),
    })?;
    let command = program.command(port, &site_by_hand(climb.course())?, TIMEOUT);
    Ok((command, program))
}

/// Builds the learner's server and runs it, until it ends or is interrupted.
pub fn run(course: &Course, port: u16, language: Language) -> Result<ExitCode, Failure> {
    let climb = current(course)?;
    let (mut command, program) = server(&climb, port)?;
    let said = both!(
        "http://127.0.0.1:{port} serves {SITE}; Ctrl-C ends it\n",
        "http://127.0.0.1:{port} 提供 {SITE}；按 Ctrl-C 结束\n"
    );
    warn(said.say(language));
    let status = command.spawn().and_then(|mut child| child.wait());
    drop(program);
    let status = status.map_err(|error| Failure::failed(both!("cannot run it: {error}", "无法运行：{error}")))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
