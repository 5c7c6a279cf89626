//! The commands that make and keep the books; the `justfile` has a recipe for each.

use std::path::PathBuf;
use std::process::ExitCode;

use book::comments::Comments;
use book::language::Language;
use book::outputs::{self, Outputs, Run};
use book::repository::Repository;
use book::{agreed, comments, problem, recorded, site};
use clap::{Parser, Subcommand};

/// Makes and keeps the books.
#[derive(Parser)]
struct Arguments {
    /// Another repository than the one that this is part of
    #[arg(long, global = true, value_name = "FOLDER")]
    repository: Option<PathBuf>,
    #[command(subcommand)]
    command: What,
}

#[derive(Subcommand)]
enum What {
    /// Builds both books into one folder
    Build {
        /// Where to
        #[arg(long, value_name = "FOLDER", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../html/book"))]
        out: PathBuf,
    },
    /// Runs the commands that the books show, and keeps what they print
    Outputs {
        /// Only these
        names: Vec<String>,
    },
    /// The comments in the code of the books that have no Chinese yet, as docs/comments.zh.toml is to have them
    Comments,
    /// Writes the steps of a lesson for a projector, as one page, and says where it is
    Present {
        /// The lesson: 07
        lesson: String,
        /// The language [default: that of the environment]
        #[arg(long, value_name = "en|zh", value_parser = language)]
        lang: Option<Language>,
        /// Open it in a browser
        #[arg(long)]
        open: bool,
        /// Where to [default: target/present/LESSON.LANGUAGE.html]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Shows what has changed in a chapter since both languages agreed, and takes it down
    Agree {
        /// As its file is called: lesson-02. Or cases, for what the cases of the suite say; figures, terms, or words,
        /// which are the Chinese words in docs for what is English elsewhere
        chapter: String,
        /// A language whose text did not change, but was looked at and is right
        #[arg(long, value_name = "en|zh", value_parser = language)]
        looked_at: Vec<Language>,
    },
}

fn language(name: &str) -> Result<Language, String> {
    Language::from_folder(name).ok_or_else(|| "it is en or zh".to_owned())
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let repository = arguments.repository.map_or_else(Repository::here, Repository::at);
    let done = match arguments.command {
        What::Build { out } => build(&repository, &out),
        What::Outputs { names } => make_outputs(&repository, &names),
        What::Comments => comments(&repository),
        What::Present { lesson, lang, open, out } => present(&repository, &lesson, lang, open, out),
        What::Agree { chapter, looked_at } if chapter == "cases" => {
            http_suite::agreed::agree(&of_the_suite(&looked_at))
        }
        What::Agree { chapter, .. } if recorded::KINDS.contains(&chapter.as_str()) => {
            recorded::record(&repository, if chapter == "words" { "words" } else { chapter.trim_end_matches('s') }, &[])
        }
        What::Agree { chapter, looked_at } => agreed::agree(&repository, &chapter, &looked_at),
    };
    match done {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(text) => {
            eprintln!("{}", text.trim_end());
            ExitCode::FAILURE
        }
    }
}

fn comments(repository: &Repository) -> Result<String, String> {
    let known = Comments::read(repository)?;
    let missing = comments::shown(repository).into_keys().filter(|text| !known.has(text));
    Ok(missing.map(|text| format!("[[comment]]\nen = {}\nzh = \"\"\n\n", toml::Value::from(text))).collect())
}

/// The same languages, as the suite has them.
fn of_the_suite(languages: &[Language]) -> Vec<http_suite::Language> {
    let same = |language: &Language| language.say(http_suite::Language::English, http_suite::Language::Chinese);
    languages.iter().map(same).collect()
}

fn build(repository: &Repository, out: &std::path::Path) -> Result<String, String> {
    eprintln!("building the English and the Chinese book");
    let problems = site::build(repository, out)?;
    let built = std::fs::canonicalize(out).unwrap_or_else(|_| out.to_owned());
    if problems.is_empty() {
        return Ok(format!("the books are in {}\n", built.display()));
    }
    Err(format!("{}\nthe books are in {}, but for what is listed above", problem::list(&problems), built.display()))
}

fn present(
    repository: &Repository,
    lesson: &str,
    language: Option<Language>,
    open: bool,
    out: Option<PathBuf>,
) -> Result<String, String> {
    let language = language.unwrap_or_else(|| match http_suite::Language::of_environment() {
        http_suite::Language::English => Language::English,
        http_suite::Language::Chinese => Language::Chinese,
    });
    let lesson = &format!("{lesson:0>2}");
    let page = book::present::page(repository, lesson, language)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository.path("target"), PathBuf::from);
    let out = out.unwrap_or_else(|| target.join(format!("present/{lesson}.{language}.html")));
    let failed = |error: std::io::Error| format!("cannot write {}: {error}", out.display());
    out.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(failed)?;
    std::fs::write(&out, page).map_err(failed)?;
    let shown = out.display();
    if open {
        // Whatever the desktop opens pages with.
        let status = std::process::Command::new("xdg-open").arg(&out).status();
        let why = match status {
            Ok(status) if status.success() => return Ok(format!("{shown}\n")),
            Ok(status) => format!("xdg-open ended with {status}"),
            Err(error) => format!("cannot start xdg-open: {error}"),
        };
        return Err(format!("{shown} is written, and cannot be opened here: {why}"));
    }
    Ok(format!("{shown}\n"))
}

fn make_outputs(repository: &Repository, names: &[String]) -> Result<String, String> {
    let outputs = Outputs::read(repository)?;
    let chosen: Vec<_> = match names {
        [] => outputs.all().iter().collect(),
        names => names.iter().map(|name| outputs.get(name)).collect::<Result<_, _>>()?,
    };
    let programs = outputs::programs(repository)?;
    std::fs::create_dir_all(repository.path("docs/outputs"))
        .map_err(|error| format!("cannot make docs/outputs: {error}"))?;
    let mut failed = String::new();
    let mut ran = Vec::new();
    outputs::run_all(repository, &chosen, &programs, |output, result| match result {
        Run::Printed(text) if repository.read(output.file()).is_ok_and(|kept| kept == text) => {
            println!("as before  {}", output.name);
            ran.push(output.name.as_str());
        }
        Run::Printed(text) => match std::fs::write(repository.path(output.file()), &text) {
            Ok(()) => {
                println!("new        {}\n{text}", output.name);
                ran.push(output.name.as_str());
            }
            Err(error) => failed.push_str(&format!("cannot write {}: {error}\n", output.file())),
        },
        Run::Failed(error) | Run::Lacks(error) => failed.push_str(&format!("{}: {error}\n", output.name)),
    });
    if !ran.is_empty() {
        recorded::record(repository, "output", &ran)?;
    }
    if failed.is_empty() { Ok(String::new()) } else { Err(failed) }
}
