//! Several clients at a time, in ways that a listen backlog cannot fool: that a connection can be *made* proves
//! nothing, only an answer does.

use crate::trial::get;
use crate::{Case, Group, Outcome, Trial};

pub(super) const CASES: &[Case] = &[Case::new(
    Group::Concurrency,
    "a-silent-client-holds-up-no-one",
    a_silent_client_holds_up_no_one,
)
.why("A browser opens connections that it does not use yet. Where each of them stops the server, nobody is served.")
.lesson("lesson 03: a process for each client")];

fn a_silent_client_holds_up_no_one(trial: &mut Trial) -> Outcome {
    let silent = trial.connect()?;
    let mut live = trial.connect()?;
    live.set_patience(trial.wait());
    live.send(get("/"))?;
    let outcome = live.answer().and_then(|answer| answer.expect(&[200]).map(|_| ()));
    if outcome.is_err() {
        // The limit is proved only if the silent client was the reason.
        drop(silent);
        live.set_patience(crate::PATIENT);
        live.answer()?.expect(&[200])?;
    }
    outcome
}
