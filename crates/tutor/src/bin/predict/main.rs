//! `predict`: what a chapter asks, what somebody expects, and what is measured.

mod arguments;
mod say;

use std::io::{self, BufRead};
use std::process::ExitCode;

use tutor::both;
use tutor::course::{self, Course};
use tutor::language::{Both, Failure, Language};
use tutor::predict::journal::Journal;
use tutor::predict::measure::Laboratory;
use tutor::predict::{Answer, Question, Questions};
use tutor::terminal::{say, warn};
use tutor::workspace;

use arguments::Arguments;

fn main() -> ExitCode {
    let (arguments, language) = Arguments::read();
    match run(&arguments, language) {
        Ok(status) => status,
        Err(Failure { said, status }) => {
            warn(&format!("predict: {}\n", said.say(language)));
            ExitCode::from(status)
        }
    }
}

fn run(arguments: &Arguments, language: Language) -> Result<ExitCode, Failure> {
    let course = Course::at(&arguments.root.clone().unwrap_or_else(workspace::checkout))?;
    let questions = Questions::load(course.root())?;
    let journal = Journal::open(course.root())?;
    let Some(lesson) = &arguments.lesson else {
        say(&say::list(&questions, &journal, language));
        return Ok(ExitCode::SUCCESS);
    };
    let mut questions = questions;
    let lesson = course::number(lesson)?;
    questions.all.retain(|question| question.lesson == lesson);
    if arguments.list {
        say(&say::list(&questions, &journal, language));
        return Ok(ExitCode::SUCCESS);
    }
    let wanted = chosen(questions.of(lesson), arguments.question.as_deref(), lesson)?;
    let answers = match &arguments.answers {
        Some(given) => parsed(&wanted, given)?,
        None => match asked(&wanted, language)? {
            Some(answers) => answers,
            None => return Ok(ExitCode::SUCCESS),
        },
    };
    for (question, answer) in wanted.iter().zip(&answers) {
        journal.predict(&question.name(), answer)?;
    }
    measure(&course, &journal, &wanted, &answers, language)
}

/// All of them, or the one of this number.
fn chosen<'a>(all: Vec<&'a Question>, number: Option<&str>, lesson: &str) -> Result<Vec<&'a Question>, Failure> {
    let Some(text) = number else { return Ok(all) };
    let count = all.len();
    let found = text.parse::<usize>().ok().and_then(|number| all.get(number.checked_sub(1)?).copied());
    found.map(|one| vec![one]).ok_or_else(|| {
        Failure::wrong(both!(
            "lesson {lesson} has no question '{text}'; they are 1 to {count}",
            "第 {lesson} 课没有第“{text}”个问题；各问题为 1 到 {count}"
        ))
    })
}

/// From the command line: nobody can be asked again.
fn parsed(questions: &[&Question], given: &[String]) -> Result<Vec<Answer>, Failure> {
    let (count, of) = (given.len(), questions.len());
    if count != of {
        return Err(Failure::wrong(both!(
            "--answers has {count} answers, and there are {of} questions; ? stands for no idea",
            "--answers 给出了 {count} 个回答，而问题有 {of} 个；? 表示不知道"
        )));
    }
    let numbered = (1..).zip(questions.iter().zip(given));
    let answer = |(number, (question, text)): (usize, (&&Question, &String))| {
        Answer::parse(question, text)
            .map_err(|Both { en, zh }| Failure::wrong(both!("question {number}: {en}", "第 {number} 个问题：{zh}")))
    };
    numbered.map(answer).collect()
}

/// From standard input, one line for each. `None`: it was broken off.
fn asked(questions: &[&Question], language: Language) -> Result<Option<Vec<Answer>>, Failure> {
    let mut lines = io::stdin().lock().lines();
    let mut answers = Vec::new();
    say(both!(
        "Write down what you expect; then it is measured. q ends it.\n",
        "先写下你的预测，然后测量。q 表示结束。\n"
    )
    .say(language));
    for (place, question) in questions.iter().enumerate() {
        say(&say::question(question, place + 1, questions.len(), language));
        loop {
            say(&say::prompt(question, language));
            let line = lines.next().transpose().map_err(|error| {
                Failure::failed(both!("cannot read standard input: {error}", "无法读取标准输入：{error}"))
            })?;
            let Some(line) = line else {
                say("\n");
                let (given, of) = (answers.len(), questions.len());
                return Err(Failure::wrong(both!(
                    "the input ended after {given} of {of} answers; nothing was kept",
                    "输入在 {of} 个回答中的第 {given} 个之后结束；什么也没有保存"
                )));
            };
            if line.trim().eq_ignore_ascii_case("q") {
                return Ok(None);
            }
            match Answer::parse(question, &line) {
                Ok(answer) => {
                    answers.push(answer);
                    break;
                }
                Err(said) => say(&format!("{}\n", said.say(language))),
            }
        }
    }
    Ok(Some(answers))
}

/// One after another, each shown as soon as it is measured. What cannot be measured here is exit status 1.
fn measure(
    course: &Course,
    journal: &Journal,
    questions: &[&Question],
    answers: &[Answer],
    language: Language,
) -> Result<ExitCode, Failure> {
    let laboratory = Laboratory::for_questions(course, questions)?;
    let mut status = ExitCode::SUCCESS;
    for (place, (question, answer)) in questions.iter().zip(answers).enumerate() {
        say(&say::question(question, place + 1, questions.len(), language));
        match laboratory.measure(question) {
            Ok(value) => {
                journal.measured(&question.name(), &value, answer.verdict(&value))?;
                say(&say::result(course.root(), question, answer, &value, language));
            }
            Err(why) => {
                status = ExitCode::FAILURE;
                say(&say::unseen(question, &why, language));
            }
        }
    }
    let path = journal.path().strip_prefix(course.root()).unwrap_or(journal.path()).display().to_string();
    say(both!("\nkept in {path}\n", "\n已记录在 {path}\n").say(language));
    Ok(status)
}
