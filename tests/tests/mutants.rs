//! The tester, tested: what a server does wrong is noticed, by the case that is there for it.
//!
//! `cargo test -p http-suite --test mutants -- --ignored in-full` runs all cases on servers without a mistake, which
//! are to pass them all, and on some that are none. With `what-else` for `in-full`, it prints what else each mutant
//! fails. Nothing hangs on that: a mistake may show in many places.

use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use http_suite::site::Site;
use http_suite::{Case, Mark, Stage, Subject, Turns, Verdict, cases, mostly_waits, run_case};
use libtest_mimic::{Arguments, Failed, Trial};

/// A row of the table of mutants.
type Row = (&'static str, &'static str, &'static str);

/// Defect, the stage that the mutant claims to be, and the case that must catch it.
#[rustfmt::skip]
const MUTANTS: &[Row] = &[
    ("answers-without-reading",  "04", "no-answer-before-the-request-is-whole"),
    ("short-writes-lost",        "04", "a-slow-reader-gets-every-byte"),
    ("length-in-characters",     "04", "the-length-counts-bytes-not-characters"),
    ("dot-dot-escapes",          "04", "dot-dot-never-leaves-the-root"),
    ("root-is-a-prefix",         "04", "dot-dot-never-leaves-the-root"),
    ("bare-lf-glues",            "04", "a-bare-lf-ends-no-line"),
    ("zombies",                  "03", "no-zombies-are-left"),
    ("orphans",                  "03", "a-request-to-terminate-ends-it"),
    ("counts-every-child",       "03", "children-of-another-program-are-not-counted"),
    ("waits-for-the-log",        "04", "a-log-that-nobody-reads-holds-up-no-one"),
    ("drops-the-refused",        "04", "where-no-one-more-can-be-started-a-client-is-told"),
    ("descriptor-leak",          "04", "many-clients-leave-no-descriptors-behind"),
    ("failed-write-ends-it",     "04", "clients-that-leave-before-the-answer-hurt-no-one"),
    ("sequential",               "04", "a-silent-client-holds-up-no-one"),
    ("listens-anew-for-each",    "04", "it-listens"),
    ("one-read-is-one-request",  "04", "a-request-may-come-byte-by-byte"),
    ("empty-line-at-the-end",    "04", "what-follows-the-head-is-not-waited-for"),
    ("body-as-request",          "04", "a-body-is-never-taken-for-a-request"),
    ("never-times-out",          "04", "a-silent-client-is-dropped-in-time"),
    ("fills-the-socket",         "04", "little-waits-in-the-socket"),
    ("holds-the-whole-file",     "04", "a-large-file-is-not-held-in-memory"),
    ("closes-with-unread-bytes", "04", "a-refused-body-does-not-cost-the-answer"),
    ("error-to-head-has-a-body", "04", "an-error-to-head-has-no-body"),
    ("hosts-unchecked",         "04", "a-host-has-the-form-of-one"),
    ("conditions-ignored",      "04", "any-tag-is-the-tag-of-what-is-there"),
    ("date-of-this-second",     "04", "written-twice-in-a-second-is-seen-twice"),
    ("kept-for-ever",           "04", "what-has-changed-is-seen-in-time"),
    ("sequential",               "07", "no-call-waits-for-one-client"),
    ("edge-not-drained",         "07", "a-head-of-any-length-is-read"),
    ("would-block-is-an-end",    "07", "a-request-may-come-byte-by-byte"),
    ("partial-write-forgotten",  "07", "a-slow-reader-gets-every-byte"),
    ("write-interest-kept",      "07", "answered-clients-burn-no-processor-time"),
    ("trickle-is-progress",      "07", "a-trickling-client-is-dropped-in-time"),
    ("pipelined-bytes-lost",     "07", "a-hundred-pipelined-are-answered-in-order"),
    ("sends-until-done",         "07", "large-downloads-hold-up-no-one"),
    ("writes-until-full",        "07", "a-fast-download-gives-way"),
    ("asks-everyone-again",      "07", "idle-clients-burn-no-processor-time"),
    ("asks-everyone-again",      "07", "a-request-asks-no-idle-client"),
    ("calls-the-roll",           "07", "idle-clients-cost-no-system-calls"),
    ("walks-all-deadlines",      "07", "one-busy-client-among-thousands-idle-costs-the-same"),
    ("stays-with-one-client",    "07", "endless-pipelines-hold-up-no-one"),
    ("stays-with-one-client",    "07", "a-pipelining-client-starves-no-one"),
    ("deadline-of-each-read",    "04", "a-trickling-client-is-dropped-in-time"),
    ("no-cap-on-connections",    "07", "an-address-has-only-so-many-connections"),
];

/// What is no server must pass nothing.
const DUMMIES: &[&str] = &["always-400", "always-200", "silent", "closes-at-once"];

/// How many cases of a run of all cases run at a time, where all is waiting for what does not come, and where there is
/// work to do.
const WAITING: usize = 96;
const WORKING: usize = 8;
/// Who runs all cases runs them alone, or the machine is so busy that a sound server fails some.
static IN_TURN: Mutex<()> = Mutex::new(());

fn main() {
    let mut arguments = Arguments::from_args();
    let turns = Turns::of(&mut arguments);
    let site = match Site::temporary() {
        Ok(site) => Arc::new(site),
        Err(error) => {
            eprintln!("cannot make the files to be served: {error}");
            process::exit(1)
        }
    };
    let test = |name: String, run: fn(&Site, &str, &str, &str) -> Result<(), Failed>, row: [&'static str; 3]| {
        let (site, turns) = (Arc::clone(&site), turns.clone());
        Trial::test(name, move || {
            let run = || run(&site, row[0], row[1], row[2]);
            // Those that are of no one case wait, or run alone.
            named(row[2]).map_or_else(|_| run(), |case| turns.take(case, run))
        })
    };
    let mut trials = Vec::new();
    for &dummy in DUMMIES {
        trials.push(test(format!("{dummy}-passes-nothing"), passes_nothing, [dummy, "04", ""]));
    }
    let waits = |name: &str| named(name).is_ok_and(mostly_waits);
    let (waiting, others): (Vec<Row>, Vec<Row>) = MUTANTS.iter().partition(|(_, _, case)| waits(case));
    for (defect, stage, case) in waiting.into_iter().chain(others) {
        trials.push(test(format!("{defect}-is-caught-by-{case}"), is_caught, [defect, stage, case]));
        trials.push(test(format!("{case}-passes-a-sound-server-at-{stage}"), passes, [sound(stage), stage, case]));
    }
    for &dummy in DUMMIES {
        let whole = test(format!("{dummy}-passes-nothing-in-full"), passes_nothing_in_full, [dummy, "04", ""]);
        trials.push(whole.with_ignored_flag(true));
    }
    for stage in ["03", "04", "07"] {
        let whole = test(format!("a-sound-server-passes-{stage}-in-full"), fails_nothing, [sound(stage), stage, ""]);
        trials.push(whole.with_ignored_flag(true));
    }
    for &(defect, stage, case) in MUTANTS {
        let list = test(format!("what-else-{defect}-fails"), print_what_else, [defect, stage, case]);
        trials.push(list.with_ignored_flag(true));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // `exit` runs no destructors: what is temporary goes now.
    drop(site);
    conclusion.exit()
}

/// The mutant without a mistake, of the model that a stage has.
fn sound(stage: &str) -> &'static str {
    match stage {
        "03" => "none-with-processes",
        "07" => "none-with-events",
        _ => "none",
    }
}

fn is_caught(site: &Site, defect: &str, stage: &str, case: &str) -> Result<(), Failed> {
    /// Where a case is in doubt, on a busy machine, it lets the server pass.
    const CHANCES: usize = 5;
    let case = named(case)?;
    for _ in 0..CHANCES {
        match run(site, defect, stage, case) {
            // A server that seems dead fails every case, and then this one has shown nothing.
            Verdict::Fails(text) if text.en.contains("this is no working server") => return Err(text.en.into()),
            Verdict::Fails(_) => return Ok(()),
            verdict => eprintln!("{defect} is not caught by {}: {verdict:?}", case.name),
        }
    }
    Err(format!("{defect} is not caught").into())
}

fn passes(site: &Site, sound: &str, stage: &str, case: &str) -> Result<(), Failed> {
    match run(site, sound, stage, named(case)?) {
        Verdict::Passes => Ok(()),
        Verdict::NotLookedAt(why) => not_looked_at(case, &why.en),
        verdict => Err(format!("{sound} is to pass: {verdict:?}").into()),
    }
}

/// No verdict, where the machine is too busy for one: said, as the lessons do.
fn not_looked_at(case: &str, why: &str) -> Result<(), Failed> {
    eprintln!("{case}: not looked at: {why}");
    Ok(())
}

/// A case of each group: whatever a case is about, a server that is none has to fail it before that.
fn passes_nothing(site: &Site, dummy: &str, stage: &str, _: &str) -> Result<(), Failed> {
    let mut cases = asked_of(stage);
    cases.dedup_by_key(|case| case.group);
    gets_no_credit(run_all(site, dummy, stage, &cases, WAITING))
}

fn passes_nothing_in_full(site: &Site, dummy: &str, stage: &str, _: &str) -> Result<(), Failed> {
    let _turn = IN_TURN.lock();
    gets_no_credit(run_all(site, dummy, stage, &asked_of(stage), WAITING))
}

fn gets_no_credit(verdicts: Vec<(&Case, Verdict)>) -> Result<(), Failed> {
    let credit = verdicts.into_iter().filter(|(_, verdict)| !matches!(verdict, Verdict::Fails(_)));
    let credit: Vec<_> = credit.map(|(case, verdict)| format!("{}: {verdict:?}", case.name)).collect();
    if credit.is_empty() { Ok(()) } else { Err(credit.join("\n").into()) }
}

fn fails_nothing(site: &Site, sound: &str, stage: &str, _: &str) -> Result<(), Failed> {
    let _turn = IN_TURN.lock();
    let verdicts = run_all(site, sound, stage, &asked_of(stage), WORKING);
    let failures: Vec<_> = verdicts.iter().filter_map(|(_, verdict)| failure(verdict)).collect();
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n").into()) }
}

fn print_what_else(site: &Site, defect: &str, stage: &str, case: &str) -> Result<(), Failed> {
    let _turn = IN_TURN.lock();
    let verdicts = run_all(site, defect, stage, &asked_of(stage), 2 * WORKING);
    let failed: Vec<_> = verdicts
        .iter()
        .filter(|(other, verdict)| other.name != case && failure(verdict).is_some())
        .map(|(other, _)| format!("    {}\n", other.name))
        .collect();
    println!("{defect} fails {} other cases of {}\n{}", failed.len(), verdicts.len(), failed.concat());
    Ok(())
}

fn failure(verdict: &Verdict) -> Option<&str> {
    match verdict {
        Verdict::Fails(text) | Verdict::Beyond(text) => Some(&text.en),
        _ => None,
    }
}

fn named(name: &str) -> Result<&'static Case, Failed> {
    cases::all().find(|case| case.name == name).ok_or_else(|| format!("there is no case {name}").into())
}

fn run(site: &Site, defect: &str, stage: &str, case: &Case) -> Verdict {
    let words =
        [env!("CARGO_BIN_EXE_mutant"), defect, "--port", "{port-or-0}", "--root", "{root}", "--timeout", "{timeout}"];
    // By the strict measure of the lessons: what others may do, a mutant may not.
    let subject = Subject::Lesson { words: words.map(str::to_owned).to_vec() };
    let stage = Stage::from_name(stage).expect("the table names lessons");
    run_case(case, &subject, site, stage)
}

/// Every case that applies.
fn asked_of(stage: &str) -> Vec<&'static Case> {
    let stage = Stage::from_name(stage).expect("the table names lessons");
    cases::all().filter(|case| stage.mark(case.name) != Mark::DoesNotApply).collect()
}

/// These cases, so many at a time.
fn run_all(
    site: &Site,
    defect: &str,
    stage: &str,
    cases: &[&'static Case],
    at_a_time: usize,
) -> Vec<(&'static Case, Verdict)> {
    let next = AtomicUsize::new(0);
    let verdicts = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..at_a_time {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdict = run(site, defect, stage, case);
                    verdicts.lock().expect("no case panics").push((*case, verdict));
                }
            });
        }
    });
    verdicts.into_inner().expect("no case panics")
}
