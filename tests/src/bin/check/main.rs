//! `check`: the suite on any server, in any language.

mod arguments;
mod json;
mod subject;
mod suite;
mod text;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use http_suite::site::Site;
use http_suite::table::{Table, caption};

use arguments::{Arguments, Format};
use suite::{Finding, Totals};

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(status) => status,
        Err(text) => {
            let _ = writeln!(anstream::stderr(), "check: {}", text.trim_end());
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    if arguments.table || arguments.summary {
        say(&table(arguments));
    } else if let Some(folder) = &arguments.make_site {
        say(&make_site(folder)?);
    } else if arguments.list {
        let cases = arguments.cases()?;
        say(&match arguments.format {
            Format::Text => text::list(&cases),
            Format::Json => json::list(&cases),
        });
    } else {
        return check(arguments);
    }
    Ok(ExitCode::SUCCESS)
}

fn check(arguments: &Arguments) -> Result<ExitCode, String> {
    let cases = arguments.cases()?;
    let (subject, site) = subject::find(arguments)?;
    let mut findings: Vec<Finding> = Vec::new();
    suite::run(&cases, &subject, &site, arguments.stage, arguments.jobs(), |finding| {
        if arguments.format == Format::Text {
            text::show(findings.last(), &finding, arguments.strict);
        }
        findings.push(finding);
    });
    let totals = Totals::of(&findings, arguments.strict);
    match arguments.format {
        Format::Text => text::conclude(&findings, &totals, arguments.strict),
        Format::Json => say(&json::report(arguments, &findings, &totals)),
    }
    match totals {
        Totals { failed: 1.., .. } => Ok(ExitCode::FAILURE),
        Totals { passed: 0, .. } => Err("none of these cases could be looked at, so this says nothing".into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

fn table(arguments: &Arguments) -> String {
    let table = if arguments.summary { Table::summary() } else { Table::whole() };
    if arguments.markdown { table.markdown() } else { format!("{}\n{}", caption(), table.text()) }
}

fn make_site(folder: &Path) -> Result<String, String> {
    let failed = |error| format!("cannot make the site in {}: {error}", folder.display());
    let site = Site::make_in(folder).and_then(|site| site.root().canonicalize()).map_err(failed)?;
    Ok(format!(
        "The files that the suite asks for are in {root}\n\
         Have your server serve that folder, on 127.0.0.1:8080 for example; then: just check 127.0.0.1:8080\n\
         Do not move it: it is also known by its path.\n",
        root = site.display()
    ))
}

/// On standard output. That somebody reads only the beginning (`| head`) is no error.
fn say(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}
