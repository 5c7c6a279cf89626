//! A case in Rust: the answer to a bad HEAD request has no body.

use http_suite::{Case, Group, Outcome, Trial};

pub const CASE: Case = Case::new(Group::Methods, "a-bad-head-request-gets-no-body", no_body)
    .why("A client that asked by HEAD takes the body for the next answer.");

fn no_body(trial: &mut Trial) -> Outcome {
    let mut client = trial.connect()?;
    client.send("HEAD /a b HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    client.answer_to_head()?.expect(&[400])?;
    client.closes()
}
