//! What a failure says to the person who has to understand it.

use crate::case::{Case, Probe};
use crate::transcript::by_hand;
use crate::{Stage, Trial};

/// What was sent, what came, what was expected and why, how to see it again by hand, and where to read on.
pub fn explain(case: &Case, trial: &mut Trial, what: &str) -> String {
    let mark = match case.probe {
        Probe::Requests { mark, .. } => mark,
        Probe::Function(_) => b"",
    };
    let transcript = trial.transcript.borrow();
    let shown = transcript.show(mark);
    let sent = transcript.last_sent();
    drop(transcript);

    let section = if case.section.is_empty() { String::new() } else { format!("; {}", case.section) };
    let mut text = format!("{} ({}{section})\n  what happened\n    {what}\n", case.name, case.group.about());
    if !shown.is_empty() {
        text.push_str("  on the wire\n");
        text.push_str(&shown);
    }
    if let Ok(server) = trial.server() {
        let said = server.said();
        if !said.trim().is_empty() {
            text.push_str("  the server said last\n");
            let lines: Vec<&str> = said.trim_end().lines().collect();
            for line in &lines[lines.len().saturating_sub(6)..] {
                text.push_str(&format!("    {line}\n"));
            }
        }
    }
    text.push_str(&format!("  why it matters\n    {}\n", case.why));
    if !sent.is_empty() {
        let lesson = trial.stage().lesson();
        let root = if trial.stage().number() == 1 { "" } else { " --root /tmp/suite/root" };
        text.push_str(&format!(
            "  by hand\n    just site /tmp/suite        (once: the files that the suite asks for)\n    just {lesson}{root}\n    {}\n",
            by_hand(&sent, "127.0.0.1 7890")
        ));
    }
    text.push_str(&format!("  read on\n    {}\n", case.lesson));
    text
}

/// What `just table` says before the table.
pub fn caption() -> String {
    let lessons: Vec<String> = Stage::all().map(|stage| format!("{stage} {}", stage.title())).collect();
    format!(
        "{}\n+ passes   . does not apply   a letter: a limit that is proved, by just this symptom\n",
        lessons.join(", ")
    )
}
