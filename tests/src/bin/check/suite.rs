//! Running cases, several at a time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use http_suite::site::Site;
use http_suite::{Account, Case, Cause, Examined, Mark, Stage, Subject, Terms, Verdict, examine, needs};

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

impl Suite<'_> {
    /// Runs these cases: those that others need first. Hands over each as soon as it is known, and all in their order.
    pub fn run(&self, cases: &[&'static Case], mut each: impl FnMut(&Finding)) -> Vec<Finding> {
        let is_root = |case: &Case| cases.iter().any(|other| needs(other) == Some(case.name));
        let (roots, others): (Vec<_>, Vec<_>) = cases.iter().copied().partition(|case| is_root(case));
        let mut findings = self.run_some(&roots, &HashMap::new(), &mut each);
        let failed: HashMap<&str, Option<Cause>> = findings
            .iter()
            .filter(|finding| matches!(finding.verdict, Verdict::Fails(_)))
            .map(|finding| (finding.case.name, finding.account.as_ref().and_then(|account| account.cause)))
            .collect();
        findings.extend(self.run_some(&others, &failed, &mut each));
        findings.sort_by_key(|finding| cases.iter().position(|case| case.name == finding.case.name));
        findings
    }

    fn run_some(
        &self,
        cases: &[&'static Case],
        failed: &HashMap<&str, Option<Cause>>,
        each: &mut impl FnMut(&Finding),
    ) -> Vec<Finding> {
        let next = AtomicUsize::new(0);
        let (tell, told) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..self.jobs.min(cases.len()) {
                let (next, tell) = (&next, tell.clone());
                scope.spawn(move || {
                    while let index = next.fetch_add(1, Ordering::Relaxed)
                        && let Some(case) = cases.get(index)
                    {
                        let _ = tell.send(self.find(case, failed));
                    }
                });
            }
            drop(tell);
            told.into_iter().inspect(|finding| each(finding)).collect()
        })
    }

    fn find(&self, case: &'static Case, failed: &HashMap<&str, Option<Cause>>) -> Finding {
        let root = needs(case).filter(|root| failed.contains_key(root));
        // It would only wait for the same in vain.
        let hopeless = [Cause::NoAnswer, Cause::Died, Cause::LineEnds, Cause::NoHttp, Cause::TakesTooLong];
        if let Some(root) = root
            && let Some(cause) = failed[root].filter(|cause| hopeless.contains(cause))
            && self.stage.mark(case.name) == Mark::Passes
        {
            let text = format!(
                "{} ({})\n  not run: {root} fails ({}), and this needs it\n",
                case.name,
                case.group.about(),
                cause.text()
            );
            let (verdict, follows) = (Verdict::Fails(text), Some(root));
            return Finding { case, verdict, account: None, attempts: 0, took: Duration::ZERO, follows };
        }
        let Examined { verdict, account, attempts, took } =
            examine(case, self.subject, self.site, self.stage, self.terms);
        let follows = root.filter(|_| matches!(verdict, Verdict::Fails(_)));
        Finding { case, verdict, account, attempts, took, follows }
    }
}

impl Finding {
    /// Whether this is not as it should be.
    pub fn is_failure(&self, strict: bool) -> bool {
        matches!(self.verdict, Verdict::Fails(_)) || strict && matches!(self.verdict, Verdict::Beyond(_))
    }

    /// The reason that others may share.
    pub fn cause(&self) -> Option<Cause> {
        self.account.as_ref().and_then(|account| account.cause)
    }
}
