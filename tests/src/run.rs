//! Running a case, and judging what it found by the table of stages.

use crate::case::{Case, Outcome, Probe, Stop, Then};
use crate::report::explain;
use crate::server::{Setup, Subject};
use crate::site::Site;
use crate::stages::{Mark, Stage, Symptom};
use crate::{Client, Trial};

/// What a case says of a server that is to be like a certain lesson.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It passes, as it is to.
    Passes,
    /// It fails, and with just the symptom that is declared for this stage.
    ProvedLimit(Symptom),
    /// It passes, though this stage is declared to fail: for a lesson an error in the table, for others a good thing.
    Beyond(String),
    /// It fails, and how.
    Fails(String),
    /// It could not be seen, and why.
    NotLookedAt(String),
    /// The question does not arise at this stage.
    DoesNotApply,
}

/// Runs one case on a server of its own.
pub fn run_case(case: &Case, subject: &Subject, site: &Site, stage: Stage) -> Verdict {
    let mark = stage.mark(case.name);
    if mark == Mark::DoesNotApply {
        return Verdict::DoesNotApply;
    }
    let mut trial = Trial::new(subject, site, stage, mark);
    let outcome = trial.start(&Setup::default()).and_then(|()| match &case.probe {
        Probe::Function(run) => run(&mut trial),
        Probe::Requests { sent, statuses, then, .. } => send_each(&mut trial, sent, statuses, *then),
    });
    match (mark, outcome) {
        (_, Err(Stop::NotLookedAt(why))) => Verdict::NotLookedAt(why),
        (Mark::Fails(declared), Err(Stop::Failed { symptom, .. })) if symptom == declared => {
            Verdict::ProvedLimit(declared)
        }
        (Mark::Fails(declared), Err(Stop::Failed { text, .. })) => {
            let text = format!("{text}\n    (declared for this stage: it fails, because {})", declared.text());
            Verdict::Fails(explain(case, &mut trial, &text))
        }
        (Mark::Fails(declared), Ok(())) => {
            let text = format!("declared for this stage: it fails, because {}; but it passes", declared.text());
            Verdict::Beyond(explain(case, &mut trial, &text))
        }
        (_, Err(Stop::Failed { text, .. })) => Verdict::Fails(explain(case, &mut trial, &text)),
        (_, Ok(())) => Verdict::Passes,
    }
}

fn send_each(trial: &mut Trial, sent: &[&[u8]], statuses: &[u16], then: Then) -> Outcome {
    let statuses = trial.right(statuses);
    let then = if trial.is_lesson() { of_a_lesson(then, statuses) } else { then };
    for request in sent {
        let mut client = trial.connect()?;
        client.send(request)?;
        answered(&mut client, request, statuses, then)?;
    }
    Ok(())
}

/// A lesson that has something to say says it before it closes.
fn of_a_lesson(then: Then, statuses: &[u16]) -> Then {
    match (then, statuses.first()) {
        (Then::CloseEvenUnanswered, Some(_)) | (Then::CloseIfRefused, Some(400..)) => Then::Close,
        (Then::CloseIfRefused, Some(_)) => Then::Anything,
        _ => then,
    }
}

fn answered(client: &mut Client, request: &[u8], statuses: &[u16], then: Then) -> Outcome {
    let answer = match then {
        Then::CloseEvenUnanswered | Then::CloseIfRefused => match client.answer_or_close()? {
            Some(answer) => answer,
            None => return Ok(()),
        },
        _ if request.starts_with(b"HEAD ") => client.answer_to_head()?,
        _ => client.answer()?,
    };
    if !statuses.is_empty() {
        answer.expect(statuses)?;
    }
    match then {
        Then::Anything => Ok(()),
        Then::CloseIfRefused if answer.status < 400 => Ok(()),
        Then::Close | Then::CloseEvenUnanswered | Then::CloseIfRefused => client.closes(),
    }
}
