//! `check`: the suite on any server, in any language.

mod arguments;
mod chinese;
mod json;
mod layout;
mod markdown;
mod progress;
mod score;
mod subject;
mod suite;
mod text;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use http_suite::called::as_called;
use http_suite::language::reason;
use http_suite::site::Site;
use http_suite::table::{Table, caption};
use http_suite::{Both, SharedHouse, both, keep};

use arguments::{Arguments, Format};
use progress::Progress;
use score::Totals;
use suite::Suite;

fn main() -> ExitCode {
    if let Some(status) = keep::kept(std::env::args_os()) {
        return status;
    }
    let arguments = Arguments::read();
    match run(&arguments) {
        Ok(status) => status,
        Err(text) => {
            let _ = writeln!(anstream::stderr(), "check: {}", as_called(text.say(arguments.language).trim_end()));
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode, Both> {
    if arguments.table || arguments.summary {
        say(&table(arguments));
    } else if let Some(folder) = &arguments.make_site {
        say(make_site(folder)?.say(arguments.language));
    } else if arguments.list {
        let cases = arguments.cases()?;
        say(&match arguments.format {
            Format::Text | Format::Markdown => text::list(&cases, arguments.language),
            Format::Json | Format::Jsonl => json::list(&cases),
        });
    } else {
        return check(arguments);
    }
    Ok(ExitCode::SUCCESS)
}

fn check(arguments: &Arguments) -> Result<ExitCode, Both> {
    let house = SharedHouse::default();
    house.leave_on_signals().map_err(|error| {
        let why = reason(&error);
        both!("cannot wait for signals: {why}", "无法等待信号：{why}" in why)
    })?;
    let result = check_in(arguments, &house);
    house.leave();
    result
}

fn check_in(arguments: &Arguments, house: &SharedHouse) -> Result<ExitCode, Both> {
    let cases = arguments.cases()?;
    let clock = Instant::now();
    let keeper = keep::this_program().map_err(|error| {
        let why = reason(&error);
        both!("where is this program? {why}", "找不到本程序的位置：{why}" in why)
    })?;
    let terms = arguments.terms(keeper);
    if arguments.format == Format::Jsonl {
        say(&json::line("start", json::start(arguments)));
    }
    let (subject, site) = subject::find(arguments, &terms, house).inspect_err(|why| {
        keep::say_no_more_if_ending();
        let end = json::no_server(arguments, why, clock.elapsed());
        match arguments.format {
            Format::Text | Format::Markdown => {}
            Format::Json => say(&json::report(json::start(arguments), end, Vec::new())),
            Format::Jsonl => say(&json::line("end", end)),
        }
    })?;

    let suite = Suite { subject: &subject, site: &site, stage: arguments.stage, terms: &terms, jobs: arguments.jobs() };
    let mut progress = Progress::of(cases.len(), arguments.language);
    let findings = suite.run(&cases, |finding| {
        if arguments.format == Format::Jsonl {
            say(&json::line("case", json::case(finding, arguments.stage)));
        }
        progress.one_more(finding.is_failure(arguments.strict));
    });
    drop(progress);
    let end = || json::end(arguments, &findings, clock.elapsed());
    match arguments.format {
        Format::Text if arguments.full => say(&text::full(arguments, &findings)),
        Format::Text => say(&text::brief(arguments, &findings)),
        Format::Markdown => say(&markdown::table(arguments, &findings)),
        Format::Jsonl => say(&json::line("end", end())),
        Format::Json => {
            let cases = findings.iter().map(|finding| json::case(finding, arguments.stage)).collect();
            say(&json::report(json::start(arguments), end(), cases));
        }
    }
    match Totals::of(&findings, arguments.strict) {
        Totals { required: 1.., .. } => Ok(ExitCode::FAILURE),
        Totals { passed: 0, failed: 0, .. } => Err(both!(
            "none of these cases could be looked at, so this says nothing",
            "这些用例一个也没能检查，所以得不出任何结论"
        )),
        _ => Ok(ExitCode::SUCCESS),
    }
}

fn table(arguments: &Arguments) -> String {
    let table = if arguments.summary { Table::summary() } else { Table::whole() };
    let language = arguments.language;
    if arguments.markdown {
        table.markdown(language)
    } else {
        format!("{}\n{}", caption(language), table.text(language))
    }
}

fn make_site(folder: &Path) -> Result<Both, Both> {
    let failed = |error| {
        let (folder, why) = (folder.display(), reason(&error));
        both!("cannot make the site in {folder}: {why}", "无法在 {folder} 生成文件：{why}" in why)
    };
    let site = Site::make_in(folder).and_then(|site| site.root().canonicalize()).map_err(failed)?;
    let root = site.display();
    Ok(both!(
        "The files that the suite asks for are in {root}\n\
         Have your server serve that folder, on 127.0.0.1:8080 for example; then: just check 127.0.0.1:8080\n\
         Do not move it: it is also known by its path.\n",
        "测试套件要请求的文件在 {root}\n\
         让你的服务器提供这个目录，例如在 127.0.0.1:8080 上；然后：just check 127.0.0.1:8080\n\
         不要移动它：路径也是测试的一部分。\n"
    ))
}

/// On standard output. That somebody reads only the beginning (`| head`) is no error.
fn say(text: &str) {
    let _ = anstream::stdout().write_all(as_called(text).as_bytes());
}
