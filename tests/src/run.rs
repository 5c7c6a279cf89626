//! Running a case, and judging what it found by the table of stages.

use std::time::{Duration, Instant};

use crate::both;
use crate::case::{Case, Cause, Outcome, Probe, Stop, Then};
use crate::language::Both;
use crate::report::Account;
use crate::server::{Setup, Subject, Terms};
use crate::site::Site;
use crate::stages::{Mark, Stage, Symptom};
use crate::{Client, Trial};

/// What a case says of a server that is to be like a certain lesson.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It passes, as it is to.
    Passes,
    /// It fails, and with just the symptom that is declared for this stage. Of a server that is no lesson: with any.
    ProvedLimit(Symptom),
    /// It passes, though this stage is declared to fail: for a lesson an error in the table, for others a good thing.
    Beyond(Both),
    /// It fails, and how.
    Fails(Both),
    /// It failed, and passed when it was looked at once more: how it failed. Only of servers that are no lesson.
    Unstable(Both),
    /// It could not be seen, and why.
    NotLookedAt(Both),
    /// The question does not arise at this stage.
    DoesNotApply,
}

/// A verdict, and what there is to say about it.
#[derive(Clone, Debug)]
pub struct Examined {
    /// The verdict.
    pub verdict: Verdict,
    /// How it failed, if it did.
    pub account: Option<Account>,
    /// How often it was looked at.
    pub attempts: usize,
    /// How long that took.
    pub took: Duration,
}

/// Runs one case on a server of its own.
pub fn run_case(case: &Case, subject: &Subject, site: &Site, stage: Stage) -> Verdict {
    examine(case, subject, site, stage, &Terms::default()).verdict
}

/// Runs a case that the table of stages need not know: the server is to pass it, whatever it is like.
pub fn try_case(case: &Case, subject: &Subject, site: &Site, stage: Stage) -> Verdict {
    marked(case, subject, site, (stage, Mark::Passes), &Terms::default()).0
}

/// Runs one case on a server of its own, on these terms. What fails on a server that is no lesson is looked at once
/// more, unless it has waited in vain for as long as a client may be silent.
pub fn examine(case: &Case, subject: &Subject, site: &Site, stage: Stage, terms: &Terms) -> Examined {
    let start = Instant::now();
    let (mut verdict, mut account) = once(case, subject, site, stage, terms);
    let mut attempts = usize::from(!matches!(verdict, Verdict::DoesNotApply));
    if terms.second_look
        && matches!(verdict, Verdict::Fails(_))
        && subject.stated().is_some_and(|stated| {
            // Who has waited in vain for that long would only do so again.
            start.elapsed() < stated || !account.as_ref().is_some_and(|account| account.in_vain)
        })
    {
        attempts += 1;
        let (again, second) = once(case, subject, site, stage, terms);
        match (again, verdict) {
            (Verdict::Passes, Verdict::Fails(text)) => verdict = Verdict::Unstable(text),
            // This time the server did not start: then it is as it was.
            (Verdict::NotLookedAt(_), before) => verdict = before,
            (Verdict::Fails(_), before) if cause(&second) == Some(Cause::NotStarted) => verdict = before,
            (again, _) => (verdict, account) = (again, second),
        }
    }
    Examined { verdict, account, attempts, took: start.elapsed() }
}

/// The reason that others may share.
fn cause(account: &Option<Account>) -> Option<Cause> {
    account.as_ref().and_then(|account| account.cause)
}

/// Runs a case that is in no table: an exercise asks for what no lesson does. It is to pass, and starts its server
/// itself ([`Trial::restart_without_index`]), which may answer nothing that a lesson answers.
pub fn run_own_case(case: &Case, subject: &Subject, site: &Site, stage: Stage, terms: &Terms) -> Verdict {
    let mut trial = Trial::new(subject, site, stage, Mark::Passes, terms);
    let Probe::Function(run) = case.probe else {
        return Verdict::NotLookedAt(both!(
            "only a function can start its server itself",
            "只有函数才能自己启动服务器"
        ));
    };
    let outcome = run(&mut trial);
    judged(case, &mut trial, Mark::Passes, outcome).0
}

fn once(case: &Case, subject: &Subject, site: &Site, stage: Stage, terms: &Terms) -> (Verdict, Option<Account>) {
    let mark = stage.mark(case.name);
    if mark == Mark::DoesNotApply {
        return (Verdict::DoesNotApply, None);
    }
    marked(case, subject, site, (stage, mark), terms)
}

fn marked(
    case: &Case,
    subject: &Subject,
    site: &Site,
    (stage, mark): (Stage, Mark),
    terms: &Terms,
) -> (Verdict, Option<Account>) {
    let mut trial = Trial::new(subject, site, stage, mark, terms);
    let outcome = trial.start_if_it_can_be(&Setup::default()).and_then(|()| match &case.probe {
        Probe::Function(run) => run(&mut trial),
        Probe::Requests { sent, statuses, then, .. } => send_each(&mut trial, sent, statuses, *then),
    });
    judged(case, &mut trial, mark, outcome)
}

/// What this outcome says of a server of which this was declared.
fn judged(case: &Case, trial: &mut Trial, mark: Mark, outcome: Outcome) -> (Verdict, Option<Account>) {
    match (mark, outcome.map_err(|stop| with_death(trial, stop))) {
        (_, Err(Stop::NotLookedAt(why))) => (Verdict::NotLookedAt(why), None),
        (Mark::Fails(declared), Err(Stop::Failed { symptom, .. })) if symptom == declared => {
            (Verdict::ProvedLimit(declared), None)
        }
        // What this stage need not do, another server may fail to do in its own way.
        (Mark::Fails(_), Err(Stop::Failed { symptom, .. })) if !trial.is_lesson() => {
            (Verdict::ProvedLimit(symptom), None)
        }
        (Mark::Fails(declared), Err(stop)) => {
            let (text, why) = (stop.text(), declared.text());
            let text = both!(
                "{text}\n    (declared for this stage: it fails, because {why})",
                "{text}\n    （这一阶段声明它应当这样失败：{why}）" in text, why
            );
            let account = Account::of(case, trial, &Stop::other(text));
            (Verdict::Fails(account.text()), Some(account))
        }
        (Mark::Fails(declared), Ok(())) => {
            let why = declared.text();
            let text = both!(
                "declared for this stage: it fails, because {why}; but it passes",
                "这一阶段声明它应当失败（{why}），它却通过了" in why
            );
            (Verdict::Beyond(Account::of(case, trial, &Stop::other(text)).text()), None)
        }
        (_, Err(stop)) => {
            let account = Account::of(case, trial, &stop);
            (Verdict::Fails(account.text()), Some(account))
        }
        (_, Ok(())) => (Verdict::Passes, None),
    }
}

/// A server that has died has not closed a connection, nor refused one: whatever the case saw, this is the reason.
fn with_death(trial: &mut Trial, stop: Stop) -> Stop {
    match trial.death(&stop) {
        Some(how) => {
            let seen = stop.text();
            let text = both!("{how}; what the client saw: {seen}", "{how}；客户端看到的是：{seen}" in how, seen);
            let due = both!("a server that goes on serving", "继续提供服务的服务器");
            Stop::other(text).because(Cause::Died).facts(due, how)
        }
        None => stop,
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
