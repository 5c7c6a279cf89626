//! `steps`: the steps in which each lesson is reached from its parent.

mod arguments;
mod chinese;
mod say;

use std::collections::VecDeque;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, ScopedJoinHandle};

use tutor::carry::{self, Progress};
use tutor::change::Change;
use tutor::check::{self, Finding};
use tutor::course::{self, Course};
use tutor::language::{Both, Failure, Language};
use tutor::make::Built;
use tutor::series::Series;
use tutor::suite::{self, Extent, Report};
use tutor::terminal::{say, warn};
use tutor::tree::{self, Tree};
use tutor::{both, make, show, workspace};

use arguments::{Arguments, Record, Show, Task};

/// How many steps are tested at a time: each ends with its slowest case, which mostly waits.
const AT_A_TIME: usize = 5;

fn main() -> ExitCode {
    let (arguments, language) = Arguments::read();
    arguments.color.choice().write_global();
    match run(&arguments, language) {
        Ok(status) => status,
        Err(Failure { said, status }) => {
            warn(&format!("steps: {}\n", said.say(language)));
            ExitCode::from(status)
        }
    }
}

fn run(arguments: &Arguments, language: Language) -> Result<ExitCode, Failure> {
    let course = Course::at(&arguments.root.clone().unwrap_or_else(workspace::checkout))?;
    match &arguments.command {
        Task::List { lesson } => {
            let finding = checked(&course, course::number(lesson)?)?;
            say(&check::table(&[finding], language));
        }
        Task::Show(wanted) => show(&course, wanted, language)?,
        Task::Make { lesson, step, folder } => make(&course, lesson, step, folder, language)?,
        Task::Run { lesson, step, options } => return Err(run_step(&course, lesson, step, options)),
        Task::Test { lesson, step, all } => {
            let extent = if *all { Extent::All } else { Extent::Core };
            return test(&course, lesson.as_deref(), step.as_deref(), extent, language);
        }
        Task::Check { lessons } => return check(&course, lessons, language),
        Task::Build { lessons } => return build(&course, lessons, language),
        Task::Record(wanted) => return record(&course, wanted, language),
        Task::Carry(wanted) => {
            let progress = carry::carry(&course, course::number(&wanted.lesson)?, &wanted.from)?;
            return Ok(say::progress(&course, &progress, language));
        }
        Task::Rebase(wanted) => {
            let progress = carry::rebase(&course, course::number(&wanted.lesson)?, &wanted.from)?;
            return Ok(say::progress(&course, &progress, language));
        }
        Task::Continue { lesson } => {
            let lesson = lesson.as_deref().map(course::number).transpose()?;
            return Ok(say::progress(&course, &carry::go_on(&course, lesson)?, language));
        }
        Task::Abort => carry::abort(&course)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn lessons(course: &Course, named: &[String]) -> Result<Vec<&'static str>, Failure> {
    if named.is_empty() {
        return Ok(course.children());
    }
    let numbers = named.iter().map(|name| course::number(name));
    numbers.map(|number| number.and_then(|number| course::parent(number).map(|_| number))).collect()
}

fn no_steps(lesson: &str) -> Failure {
    Failure::failed(both!("lesson {lesson} has no steps yet", "第 {lesson} 课还没有分步"))
}

fn checked(course: &Course, lesson: &'static str) -> Result<Finding, Failure> {
    check::lesson(course, lesson)?.ok_or_else(|| no_steps(lesson))
}

/// To be made or run. Where there are no steps, these are the parent and the lesson: a lesson is cut from there.
fn loaded(course: &Course, lesson: &'static str) -> Result<(Series, Vec<Tree>), Failure> {
    let series = Series::load_or_whole(course, lesson)?;
    let trees = series.checked_trees(course)?;
    Ok((series, trees))
}

fn show(course: &Course, wanted: &Show, language: Language) -> Result<(), Failure> {
    let lesson = course::number(&wanted.lesson)?;
    let parent = course::parent(lesson)?;
    let screen = say::screen(wanted, language);
    let series = Series::load(course, lesson)?;
    let Some(series) = series.filter(|_| !wanted.whole) else {
        if !wanted.whole {
            let Both { en, zh } = no_steps(lesson).said;
            let said = both!("{en}; here is all that it changes", "{zh}；下面是它的全部改动");
            warn(&format!("steps: {}\n", said.say(language)));
        }
        let change = Change::between(&course.sources(parent)?, &course.sources(lesson)?);
        say(&show::sum(lesson, parent, &change, &screen));
        return Ok(());
    };
    let of = series.steps.len();
    let numbers = match &wanted.step {
        Some(step) => series.step(step).map(|step| step..=step)?,
        None => 1..=of,
    };
    let trees = series.checked_trees(course)?;
    let shown = numbers.map(|number| {
        let change = Change::between(&trees[number - 1], &trees[number]);
        show::step(lesson, number, of, &series.steps[number - 1], &change, &screen)
    });
    say(&shown.collect::<Vec<_>>().join("\n"));
    Ok(())
}

/// A step from 1, or 0 for the parent.
fn step_or_parent(series: &Series, step: &str) -> Result<usize, Failure> {
    if step == "0" { Ok(0) } else { series.step(step) }
}

fn make(course: &Course, lesson: &str, step: &str, folder: &Path, language: Language) -> Result<(), Failure> {
    let (series, trees) = loaded(course, course::number(lesson)?)?;
    let step = step_or_parent(&series, step)?;
    let shown = folder.display();
    if folder.exists() && !folder.read_dir().is_ok_and(|mut entries| entries.next().is_none()) {
        return Err(Failure::failed(both!(
            "{shown} is there already; name a folder that is not, or that is empty",
            "{shown} 已经存在；请指定一个不存在的目录或空目录"
        )));
    }
    make::alone(course, &make::crates(&series, &trees)[step], folder)?;
    let lesson = series.lesson;
    let said = both!(
        "{shown}: step {step} of lesson {lesson}\n  cargo run -- --port 7890      in that folder\n  \
         just steps record {lesson} {step} {shown}      takes it back when it was changed\n",
        "{shown}：第 {lesson} 课第 {step} 步\n  cargo run -- --port 7890      在该目录中运行\n  \
         just steps record {lesson} {step} {shown}      改好之后收回\n"
    );
    say(said.say(language));
    Ok(())
}

/// Does not return where it succeeds: the server takes the place of this program.
fn run_step(course: &Course, lesson: &str, step: &str, options: &[String]) -> Failure {
    let built = course::number(lesson).and_then(|lesson| loaded(course, lesson)).and_then(|(series, trees)| {
        let step = step_or_parent(&series, step)?;
        make::build(course, &make::crates(&series, &trees), &[step])
    });
    match built.map(|built| built.into_iter().next()) {
        Err(failure) => failure,
        Ok(None) => Failure::failed(both!("cargo built no program", "cargo 没有生成程序")),
        Ok(Some(built)) => {
            let error = Command::new(&built.program).args(options).exec();
            let program = built.program.display();
            Failure::failed(both!("cannot run {program}: {error}", "无法运行 {program}：{error}"))
        }
    }
}

fn check(course: &Course, named: &[String], language: Language) -> Result<ExitCode, Failure> {
    let (mut findings, mut faults, mut without) = (Vec::new(), Vec::new(), Vec::new());
    for lesson in lessons(course, named)? {
        match check::lesson(course, lesson) {
            Ok(Some(mut finding)) => {
                faults.append(&mut finding.faults);
                findings.push(finding);
            }
            Ok(None) => without.push(lesson.to_owned()),
            Err(failure) => faults.push(failure.said),
        }
    }
    if !findings.is_empty() {
        say(&check::table(&findings, language));
    }
    say::without_steps(&without, language);
    say::faults(&faults, language);
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn build(course: &Course, named: &[String], language: Language) -> Result<ExitCode, Failure> {
    let (mut faults, mut without) = (Vec::new(), Vec::new());
    for lesson in lessons(course, named)? {
        let Some(series) = Series::load(course, lesson)? else {
            without.push(lesson.to_owned());
            continue;
        };
        let trees = series.checked_trees(course)?;
        match make::build(course, &make::crates(&series, &trees), &[]) {
            Err(failure) => faults.push(failure.said),
            Ok(built) => {
                let steps = series.steps.len();
                say(both!("lesson {lesson}: {steps} steps built\n", "第 {lesson} 课：已构建 {steps} 步\n")
                    .say(language));
                let warned = built.iter().filter(|built| built.warnings > 0);
                faults.extend(warned.map(|built| {
                    let (step, count) = (built.step, built.warnings);
                    both!(
                        "step {lesson} {step}: the compiler warns, {count} times",
                        "第 {lesson} {step} 步：编译器给出 {count} 条警告"
                    )
                }));
            }
        }
    }
    say::without_steps(&without, language);
    say::faults(&faults, language);
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn test(
    course: &Course,
    lesson: Option<&str>,
    step: Option<&str>,
    extent: Extent,
    language: Language,
) -> Result<ExitCode, Failure> {
    let named: Vec<String> = lesson.map(str::to_owned).into_iter().collect();
    let (mut failed, mut without) = (false, Vec::new());
    let at_a_time = if extent == Extent::Core { AT_A_TIME } else { 1 };
    // Whoever begins puts something in, and takes something out at the end: there is room for so many.
    let (begin, end) = mpsc::sync_channel(at_a_time);
    let end = Mutex::new(end);
    thread::scope(|scope| {
        let mut running: VecDeque<Running> = VecDeque::new();
        let mut say = |Running { series, step, report }: Running| {
            let panicked = || Failure::failed(both!("a step panicked", "有一步发生了 panic"));
            let report = report.join().map_err(|_| panicked())??;
            failed |= !report.faults.is_empty();
            say::report(series.lesson, step, &series.steps[step - 1], &report, language);
            Ok::<(), Failure>(())
        };
        // While one lesson is built, those before are tested.
        for number in lessons(course, &named)? {
            let Some(series) = Series::load(course, number)? else {
                if lesson.is_some() {
                    return Err(no_steps(number));
                }
                without.push(number.to_owned());
                continue;
            };
            let trees = series.checked_trees(course)?;
            let steps = match step {
                Some(step) => series.step(step).map(|step| step..=step)?,
                None => 1..=series.steps.len(),
            };
            let wanted: Vec<usize> = (steps.start() - 1..=*steps.end()).collect();
            let built = Arc::new(make::build(course, &make::crates(&series, &trees), &wanted)?);
            let series = Arc::new(series);
            for step in steps {
                let (begin, end, built, tested) = (&begin, &end, built.clone(), series.clone());
                let report = scope.spawn(move || {
                    let began = begin.send(());
                    let report = test_one(&tested, step, &built, extent);
                    began.ok().and_then(|()| end.lock().ok()?.recv().ok());
                    report
                });
                running.push_back(Running { series: series.clone(), step, report });
            }
            while running.front().is_some_and(|next| next.report.is_finished()) {
                running.pop_front().map_or(Ok(()), &mut say)?;
            }
        }
        running.into_iter().try_for_each(say)
    })?;
    say::without_steps(&without, language);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A step whose cases run, or wait for those of others.
struct Running<'scope> {
    series: Arc<Series>,
    step: usize,
    report: ScopedJoinHandle<'scope, Result<Report, Failure>>,
}

fn test_one(series: &Series, step: usize, built: &[Built], extent: Extent) -> Result<Report, Failure> {
    let program = |step: usize| {
        let found = built.iter().find(|built| built.step == step).map(|built| &built.program);
        found.ok_or_else(|| Failure::failed(both!("cargo built no program", "cargo 没有生成程序")))
    };
    let before = step.checked_sub(2).map_or(&[][..], |index| &series.steps[index].red);
    suite::test(&series.steps[step - 1], program(step)?, program(step - 1)?, before, extent)
}

fn record(course: &Course, wanted: &Record, language: Language) -> Result<ExitCode, Failure> {
    let lesson = course::number(&wanted.lesson)?;
    let step = wanted.step.parse().map_err(|_| {
        let step = &wanted.step;
        Failure::wrong(both!("'{step}' is no number of a step", "“{step}”不是步的编号"))
    })?;
    let src = wanted.folder.join("src");
    let sources = tree::read(if src.is_dir() { &src } else { &wanted.folder })?;
    let how = match (&wanted.new, &wanted.split) {
        (Some(id), _) => carry::Record::New(id),
        (_, Some(id)) => carry::Record::Split(id),
        _ => carry::Record::Replace,
    };
    let progress: Progress = carry::record(course, lesson, step, sources, how, &wanted.from)?;
    Ok(say::progress(course, &progress, language))
}
