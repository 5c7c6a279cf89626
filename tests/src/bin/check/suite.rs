//! Running cases, several at a time.

use std::collections::{HashMap, HashSet};
use std::sync::{Condvar, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use http_suite::keep::say_no_more_if_ending;
use http_suite::site::Site;
use http_suite::{
    Account, Both, Case, Cause, Examined, Language, Mark, Stage, Subject, Symptom, Terms, Verdict, both, examine,
    mostly_waits, needs,
};

/// How many cases wait at a time until the server has had enough of a client, beside those that work.
const WAITING: usize = 8;

/// A case, and what it found.
pub struct Finding {
    pub case: &'static Case,
    pub verdict: Verdict,
    /// How it failed, if it did.
    pub account: Option<Account>,
    /// How often it was looked at.
    pub attempts: usize,
    pub took: Duration,
    /// A case without which this one cannot pass, and which fails.
    pub follows: Option<&'static str>,
}

/// What is tested, and how.
pub struct Suite<'a> {
    pub subject: &'a Subject,
    pub site: &'a Site,
    pub stage: Stage,
    pub terms: &'a Terms,
    pub jobs: usize,
}

/// What is left to do, and what is known.
struct Board {
    /// Those that others need come first.
    left: Vec<&'static Case>,
    /// What the cases that others need have found.
    known: HashMap<&'static str, Known>,
}

/// What a case has found that others need.
#[derive(Clone, Copy)]
enum Known {
    Passes,
    /// It fails, as it may at this stage.
    Limit(Symptom),
    Fails(Option<Cause>),
}

/// Who looks at cases.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lane {
    /// One at a time, of all kinds.
    All,
    Working,
    /// At those that mostly wait, beside the others.
    Waiting,
}

impl Lane {
    fn takes(self, case: &Case) -> bool {
        self == Lane::All || mostly_waits(case) == (self == Lane::Waiting)
    }
}

impl Suite<'_> {
    /// Runs these cases: those that others need first. Hands over each as soon as it is known, and all in their order.
    pub fn run(&self, cases: &[&'static Case], mut each: impl FnMut(&Finding)) -> Vec<Finding> {
        let is_root = |case: &&'static Case| cases.iter().any(|other| needs(other) == Some(case.name));
        let (roots, others): (Vec<&'static Case>, Vec<&'static Case>) = cases.iter().copied().partition(is_root);
        let asked: HashSet<&str> = roots.iter().map(|case| case.name).collect();
        let board = Mutex::new(Board { left: [roots, others].concat(), known: HashMap::new() });
        let news = Condvar::new();
        let lanes = match self.jobs {
            1 => vec![Lane::All],
            jobs => [vec![Lane::Working; jobs], vec![Lane::Waiting; WAITING]].concat(),
        };
        let (tell, told) = mpsc::channel();
        let mut findings: Vec<Finding> = thread::scope(|scope| {
            for lane in lanes {
                let (board, news, asked, tell) = (&board, &news, &asked, tell.clone());
                scope.spawn(move || {
                    while let Some((case, root)) = next(lane, board, news, asked) {
                        let finding = self.find(case, root);
                        say_no_more_if_ending();
                        let mut board = board.lock().unwrap_or_else(PoisonError::into_inner);
                        board.known.insert(case.name, finding.known());
                        news.notify_all();
                        drop(board);
                        let _ = tell.send(finding);
                    }
                });
            }
            drop(tell);
            told.into_iter().inspect(|finding| each(finding)).collect()
        });
        findings.sort_by_key(|finding| cases.iter().position(|case| case.name == finding.case.name));
        findings
    }

    /// Looks at a case, and at what the one has found that it needs, if it needs one.
    fn find(&self, case: &'static Case, root: Option<(&'static str, Known)>) -> Finding {
        if let Some((root, known)) = root
            && let Some(verdict) = self.known_before(case, root, known)
        {
            let follows = Some(root);
            return Finding { case, verdict, account: None, attempts: 0, took: Duration::ZERO, follows };
        }
        let Examined { verdict, account, attempts, took } =
            examine(case, self.subject, self.site, self.stage, self.terms);
        let fails = matches!(verdict, Verdict::Fails(_));
        let follows = root.filter(|(_, known)| fails && matches!(known, Known::Fails(_))).map(|(root, _)| root);
        Finding { case, verdict, account, attempts, took, follows }
    }

    /// The verdict on a case that would only wait for the same in vain.
    fn known_before(&self, case: &Case, root: &str, known: Known) -> Option<Verdict> {
        const HOPELESS: &[Cause] =
            &[Cause::NoAnswer, Cause::Died, Cause::LineEnds, Cause::NoHttp, Cause::TakesTooLong, Cause::NoDeadline];
        match (known, self.stage.mark(case.name)) {
            (Known::Fails(Some(cause)), Mark::Passes) if HOPELESS.contains(&cause) => {
                Some(Verdict::Fails(not_run(case, root, cause)))
            }
            (Known::Limit(symptom), Mark::Fails(_)) => Some(Verdict::ProvedLimit(symptom)),
            _ => None,
        }
    }
}

/// That a case was not run, and why.
fn not_run(case: &Case, root: &str, cause: Cause) -> Both {
    let (name, about, cause) = (case.name, case.group.about(), cause.text());
    let title = Both { en: name.to_owned(), zh: format!("{name}：{}", case.title(Language::Chinese)) };
    both!(
        "{title} ({about})\n  not run: {root} fails ({cause}), and this needs it\n",
        "{title}（{about}）\n  没有运行：它需要 {root}，而后者失败了（{cause}）\n" in title, about, cause
    )
}

/// The next case for this lane, with what is known of the one that it needs. Waits for that.
fn next(
    lane: Lane,
    board: &Mutex<Board>,
    news: &Condvar,
    asked: &HashSet<&str>,
) -> Option<(&'static Case, Option<(&'static str, Known)>)> {
    let mut board = board.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let root = |case: &Case| needs(case).filter(|root| asked.contains(root));
        let is_ready = |case: &Case| root(case).is_none_or(|root| board.known.contains_key(root));
        let ready = board.left.iter().position(|case| lane.takes(case) && is_ready(case));
        if let Some(at) = ready {
            let case = board.left.remove(at);
            let known = root(case).and_then(|root| Some((root, *board.known.get(root)?)));
            return Some((case, known));
        }
        if !board.left.iter().any(|case| lane.takes(case)) {
            return None;
        }
        board = news.wait(board).unwrap_or_else(PoisonError::into_inner);
    }
}

impl Finding {
    fn known(&self) -> Known {
        match &self.verdict {
            Verdict::Fails(_) => Known::Fails(self.cause()),
            Verdict::ProvedLimit(symptom) => Known::Limit(*symptom),
            _ => Known::Passes,
        }
    }

    /// Whether this is not as it should be.
    pub fn is_failure(&self, strict: bool) -> bool {
        matches!(self.verdict, Verdict::Fails(_)) || strict && matches!(self.verdict, Verdict::Beyond(_))
    }

    /// Whether it is a failure in what the stage has to do: strictness alone is none, unless that is asked for.
    pub fn is_required_failure(&self, strict: bool) -> bool {
        self.is_failure(strict) && (strict || !self.case.strict)
    }

    /// The reason that others may share.
    pub fn cause(&self) -> Option<Cause> {
        self.account.as_ref().and_then(|account| account.cause)
    }
}
