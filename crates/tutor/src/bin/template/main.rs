//! `template`: a repository for a student.

mod arguments;

use std::process::ExitCode;

use tutor::both;
use tutor::course::{self, Course};
use tutor::language::{Failure, Language};
use tutor::template::{Template, published};
use tutor::terminal::{say, warn};
use tutor::workspace;

use arguments::Arguments;

fn main() -> ExitCode {
    let (arguments, language) = Arguments::read();
    match run(&arguments, language) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { said, status }) => {
            warn(&format!("template: {}\n", said.say(language)));
            ExitCode::from(status)
        }
    }
}

fn run(arguments: &Arguments, language: Language) -> Result<(), Failure> {
    let course = Course::at(&arguments.root.clone().unwrap_or_else(workspace::checkout))?;
    let lesson = course::number(&arguments.lesson)?;
    let known = arguments.course.clone().or_else(|| published(&course));
    let template = Template::new(lesson, arguments.language, known, language);
    let files = template.write(&course, &arguments.folder)?;
    let shown = arguments.folder.display();
    for path in files.keys() {
        say(&format!("{shown}/{path}\n"));
    }
    if template.lacks_address() {
        let said = both!(
            "This checkout has no remote `origin` on GitHub, so nobody knows where the course is published: put OWNER/NAME of it into \
             {shown}/.github/workflows/grade.yml and the READMEs, or say --course OWNER/NAME.\n",
            "当前工作区没有指向 GitHub 的远程仓库 `origin`，不知道课程发布在哪里：请在 {shown}/.github/workflows/grade.yml \
             和两个 README 里填上课程的 OWNER/NAME，或者使用 --course OWNER/NAME。\n"
        );
        warn(said.say(language));
    }
    Ok(())
}
