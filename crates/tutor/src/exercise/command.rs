//! `just learn exercise`: an exercise begun, checked, and its solution shown.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};
use std::path::{Path, PathBuf};
use std::slice;

use anstyle::{AnsiColor, Style};
use clap::{Args, ValueEnum};
use http_suite::SharedHouse;

use super::judge::{self, Did, Due, Ground};
use super::{Exercise, cases, verify, work};
use crate::course::Course;
use crate::language::{Failure, Language};
use crate::progress::Progress;
use crate::terminal::say;
use crate::wrap::{COLUMNS, wrapped};
use crate::{both, climb, patch, tree};

const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();
const BOLD: Style = Style::new().bold();

/// What is asked for.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// The exercise, as in the book: 03.2 is the second of lesson 03; list: all of them
    pub number: String,
    /// begin (without it), check, solution, reset; for maintainers: record, verify
    #[arg(value_enum, default_value_t = Verb::Begin, hide_possible_values = true, hide_default_value = true)]
    pub verb: Verb,
    /// Where it was done, if not in work/: a folder laid out as the checkout is, such as the checkout itself
    #[arg(long, value_name = "FOLDER")]
    pub dir: Option<PathBuf>,
    /// Show the solution also of an exercise that is not done
    #[arg(long)]
    pub anyway: bool,
}

/// What to do with an exercise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Verb {
    /// Make a copy to be changed, in work/, and say what to do
    Begin,
    /// Build it, and see whether it is done
    Check,
    /// Show a solution
    Solution,
    /// Begin again; what is there is put aside
    Reset,
    /// For maintainers: keep what is in work/ as the solution
    Record,
    /// For maintainers: see that the solution does what its table says, and the lesson does not
    Verify,
}

/// Does what is asked for, and says on standard output what came of it. The exit status: 0 if all is well, 1 if the
/// exercise is not done.
///
/// # Errors
///
/// If there is no such exercise, or it cannot be built, made or read.
pub fn run(course: &Course, arguments: &Arguments, house: &SharedHouse, language: Language) -> Result<u8, Failure> {
    if arguments.number == "list" {
        say(&list(course, language)?);
        return Ok(0);
    }
    let exercise = super::find(course, &arguments.number)?;
    if exercise.talk {
        say(&talk(&exercise, language));
        return Ok(0);
    }
    match arguments.verb {
        Verb::Begin => begin(course, &exercise, language),
        Verb::Check => check(course, &exercise, arguments.dir.as_deref(), house, language),
        Verb::Solution => solution(course, &exercise, arguments.anyway, language),
        Verb::Reset => {
            if let Some(aside) = tree::put_aside(&work::folder(course, &exercise))? {
                let aside = below(course, &aside);
                say(both!("what was there is in {aside} now\n", "原来的内容现在在 {aside}\n").say(language));
            }
            begin(course, &exercise, language)
        }
        Verb::Verify => verify(course, &exercise, house, language),
        Verb::Record => record(course, &exercise, arguments.dir.as_deref(), language),
    }
}

/// As it is typed from the top of the checkout.
fn below(course: &Course, path: &Path) -> String {
    path.strip_prefix(course.root()).unwrap_or(path).display().to_string()
}

fn heading(exercise: &Exercise, language: Language) -> String {
    let (number, title) = (&exercise.number, exercise.title.say(language));
    let heading = both!("exercise {number}: {title}", "练习 {number}：{title}");
    format!("{BOLD}{}{BOLD:#}\n", heading.say(language))
}

fn chapter(exercise: &Exercise, language: Language) -> String {
    let (chapter, _) = exercise.place();
    format!("docs/{}/{chapter}.md", language.say("en", "zh"))
}

fn talk(exercise: &Exercise, language: Language) -> String {
    let reason = exercise.reason.as_ref().map_or("", |reason| reason.say(language));
    let chapter = chapter(exercise, language);
    let said = both!(
        "It is not checked: {reason} The question and its hints are in {chapter}.",
        "这道题不检查：{reason}题目和提示见 {chapter}。"
    );
    heading(exercise, language) + &wrapped(said.say(language), COLUMNS, "  ")
}

fn list(course: &Course, language: Language) -> Result<String, Failure> {
    let done = done(course);
    let mut text = String::new();
    for exercise in super::all(course)? {
        let mark = match () {
            () if done.contains(&exercise.number) => format!("{GREEN}✓{GREEN:#}"),
            () if exercise.talk => "–".to_owned(),
            () => " ".to_owned(),
        };
        let _ = writeln!(text, "{mark} {:8}{}", exercise.number, exercise.title.say(language));
    }
    let said = both!(
        "\n✓ done   – not checked: a question to think about, or to look at by tools\n",
        "\n✓ 已完成   – 不检查：用来思考，或用工具观察\n"
    );
    Ok(text + said.say(language))
}

fn begin(course: &Course, exercise: &Exercise, language: Language) -> Result<u8, Failure> {
    let folder = work::folder(course, exercise);
    let is_new = !folder.exists();
    if is_new {
        work::make(course, exercise, &work::sources(course.root(), exercise)?, "exercise", &folder)?;
    }
    let mut text = heading(exercise, language) + &wrapped(exercise.task.say(language), COLUMNS, "  ") + "\n";
    let (place, number, chapter) = (below(course, &folder), &exercise.number, chapter(exercise, language));
    let sources = match &exercise.example {
        Some(example) => format!("{place}/crates/{}/examples/{example}.rs", exercise.krate),
        None => format!("{place}/crates/{}/src", exercise.krate),
    };
    let said = if is_new {
        both!("A copy of the lesson is in {place}:", "{place} 里有一份课程的副本：")
    } else {
        both!("Your copy of the lesson is in {place}:", "你的副本在 {place}：")
    };
    let _ = writeln!(text, "  {}\n    {sources}", said.say(language));
    for other in &exercise.also {
        let _ = writeln!(text, "    {place}/crates/{other}/src");
    }
    let rows = [
        (format!("just learn exercise {number} check"), both!("is it done?", "做完了吗？")),
        (format!("just learn exercise {number} reset"), both!("begin again", "重新开始")),
        (format!("just learn exercise {number} solution"), both!("a solution", "参考解答")),
    ];
    text.push('\n');
    for (command, what) in rows {
        let _ = writeln!(text, "  {CYAN}{command:36}{CYAN:#}{}", what.say(language));
    }
    let _ = writeln!(text, "  {}", both!("Hints: {chapter}", "提示：{chapter}").say(language));
    say(&text);
    Ok(0)
}

/// Where the learner has worked: where it is said, or in work/, or in the lesson itself.
fn place(course: &Course, exercise: &Exercise, dir: Option<&Path>) -> PathBuf {
    let folder = work::folder(course, exercise);
    match dir {
        Some(dir) => dir.to_owned(),
        None if folder.exists() => folder,
        None => course.root().to_owned(),
    }
}

fn check(
    course: &Course,
    exercise: &Exercise,
    dir: Option<&Path>,
    house: &SharedHouse,
    language: Language,
) -> Result<u8, Failure> {
    let folder = place(course, exercise, dir);
    let cannot = |failure: Failure| Failure { status: 2, ..failure };
    let sources = work::sources(&folder, exercise).map_err(cannot)?;
    let mut text = heading(exercise, language);
    if dir.is_none() && folder == course.root() {
        let (own, number) = (format!("crates/{}", exercise.krate), &exercise.number);
        let said = both!(
            "There is no copy in work/ (just learn exercise {number} makes one), so this looks at {own}.",
            "work/ 里没有副本（just learn exercise {number} 会创建一份），所以检查的是 {own}。"
        );
        text += &wrapped(said.say(language), COLUMNS, "  ");
    }
    say(&text);
    let mut compiler = String::new();
    let program = work::build(course, exercise, &folder, &mut compiler);
    let _ = anstream::stderr().write_all(compiler.as_bytes());
    let program = program?;
    let found = judge::cases(exercise, &program, &Ground::kept(house)?).map_err(cannot)?;
    let seen = judge::shape(exercise, &sources);
    say(&verdicts(&found, &seen, language));
    let is_done = found.iter().all(judge::Found::holds) && seen.iter().all(|seen| seen.holds);
    let number = &exercise.number;
    if !is_done {
        let is_untouched = found.iter().all(judge::Found::is_as_before);
        let said = match is_untouched {
            true => both!("Not done yet: so far all is as in the lesson.", "还没做：目前与课程里的表现一样。"),
            false => both!("Not done yet.", "还没做完。"),
        };
        say(&format!("\n{RED}{}{RED:#}\n", said.say(language)));
        return Ok(1);
    }
    let mut text = format!("\n{GREEN}{}{GREEN:#}\n", language.say("Done.", "完成。"));
    if let Some(symptom) = &exercise.symptom {
        text += &wrapped(symptom.say(language), COLUMNS, "");
    }
    let shown = both!(
        "just learn exercise {number} solution: how we did it",
        "just learn exercise {number} solution：看看我们的做法"
    );
    let _ = writeln!(text, "{}", shown.say(language));
    say(&text);
    remember(course, number).map_err(cannot)?;
    Ok(0)
}

fn verdicts(found: &[judge::Found], seen: &[judge::Seen], language: Language) -> String {
    let mut text = String::new();
    let parts = [
        (Due::Fails, both!("has to fail now:", "现在必须不通过：")),
        (Due::Gains, both!("has to pass now:", "现在必须通过：")),
        (Due::Passes, both!("has to pass as before:", "必须照旧通过：")),
    ];
    for (due, title) in parts {
        if found.iter().any(|found| found.due == due) {
            let _ = writeln!(text, "  {}", title.say(language));
        }
        for found in found.iter().filter(|found| found.due == due) {
            text += &verdict(found, language);
        }
    }
    for (wanted, title) in [
        (true, both!("has to be in the code:", "代码中必须有：")),
        (false, both!("must not be in the code any more:", "代码中不应再有：")),
    ] {
        if seen.iter().any(|seen| seen.wanted == wanted) {
            let _ = writeln!(text, "  {}", title.say(language));
        }
        for seen in seen.iter().filter(|seen| seen.wanted == wanted) {
            let _ = writeln!(text, "    {} {}", mark(seen.holds), seen.tokens);
        }
    }
    text
}

fn mark(holds: bool) -> String {
    if holds { format!("{GREEN}✓{GREEN:#}") } else { format!("{RED}✗{RED:#}") }
}

fn verdict(found: &judge::Found, language: Language) -> String {
    let did = match &found.did {
        Did::Passed => both!("passes", "通过"),
        Did::Failed(_) => both!("fails", "不通过"),
        Did::NotLookedAt(why) => both!("not looked at: {why}", "没有检查：{why}" in why),
    };
    let mut text = format!("    {} {}: {}\n", mark(found.holds()), found.name, did.say(language));
    let mut parts = vec![language.say("what happened", "发生了什么")];
    match cases::find(&found.name) {
        Some(cases::Found::Own(case)) if !found.holds() || language == Language::Chinese => {
            text += &wrapped(language.say(case.why, case.why_zh), COLUMNS, "        ");
        }
        Some(cases::Found::OfTheSuite(case)) => {
            parts.push(language.say("by hand", "手工重现"));
            // The name says it in English.
            if language == Language::Chinese {
                text += &wrapped(case.title_zh, COLUMNS, "        ");
            }
        }
        _ => {}
    }
    if found.holds() {
        return text;
    }
    let Did::Failed(how) = &found.did else { return text };
    for title in parts {
        let lines: Vec<&str> = judge::part(how.say(language), title).collect();
        if !lines.is_empty() {
            let _ =
                writeln!(text, "        {title}{}\n          {}", language.say(":", "："), lines.join("\n          "));
        }
    }
    text
}

fn solution(course: &Course, exercise: &Exercise, anyway: bool, language: Language) -> Result<u8, Failure> {
    // That it fits the lesson as it is.
    work::solved(course, exercise)?;
    let number = &exercise.number;
    if !anyway && !done(course).contains(number) && !wants_it(exercise, language) {
        let said = both!(
            "exercise {number} is not done yet; just learn exercise {number} solution --anyway shows a solution all the same\n",
            "练习 {number} 还没有完成；想直接看参考解答：just learn exercise {number} solution --anyway\n"
        );
        say(said.say(language));
        return Ok(1);
    }
    let mut text = heading(exercise, language);
    text.push_str(&patch::coloured(&exercise.patch));
    say(&text);
    Ok(0)
}

/// Asks, where somebody can answer.
fn wants_it(exercise: &Exercise, language: Language) -> bool {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return false;
    }
    let number = &exercise.number;
    let said = both!(
        "Exercise {number} is not done yet. Show a solution all the same? [y/N] ",
        "练习 {number} 还没有完成。仍要看参考解答吗？[y/N] "
    );
    say(said.say(language));
    let _ = io::stdout().flush();
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes" | "是")
}

fn record(course: &Course, exercise: &Exercise, dir: Option<&Path>, language: Language) -> Result<u8, Failure> {
    let folder = dir.map_or_else(|| work::folder(course, exercise), Path::to_owned);
    let patch = work::patch(course, exercise, &work::sources(&folder, exercise)?)?;
    let path = exercise.patch_path(course);
    tree::write_file(&path, &patch)?;
    let path = below(course, &path);
    say(both!("{path}\n", "{path}\n").say(language));
    Ok(0)
}

fn verify(course: &Course, exercise: &Exercise, house: &SharedHouse, language: Language) -> Result<u8, Failure> {
    let faults = verify::faults(course, slice::from_ref(exercise), &Ground::kept(house)?)?;
    let text: String = faults.iter().map(|fault| format!("{}\n", fault.say(language))).collect();
    say(&text);
    Ok(u8::from(!faults.is_empty()))
}

/// The exercises that are done. That the file cannot be read is said where something is to be written to it.
fn done(course: &Course) -> BTreeSet<String> {
    Progress::read(&climb::progress_file(course)).map(|progress| progress.exercises).unwrap_or_default()
}

fn remember(course: &Course, number: &str) -> Result<(), Failure> {
    let file = climb::progress_file(course);
    let mut known = Progress::read(&file)?;
    if known.exercises.insert(number.to_owned()) { known.write(&file) } else { Ok(()) }
}
