//! Running cases, several at a time, and counting what they found.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use http_suite::site::Site;
use http_suite::{Case, Stage, Subject, Verdict, run_case};

/// A case, and what it found.
pub struct Finding {
    pub case: &'static Case,
    pub verdict: Verdict,
}

/// Runs these cases, and hands over what they find in their order, as soon as that is known.
pub fn run(
    cases: &[&'static Case],
    subject: &Subject,
    site: &Site,
    stage: Stage,
    jobs: usize,
    mut each: impl FnMut(Finding),
) {
    let next = AtomicUsize::new(0);
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..jobs.min(cases.len()) {
            let (next, tell) = (&next, tell.clone());
            scope.spawn(move || {
                while let index = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(case) = cases.get(index)
                {
                    let _ = tell.send((index, run_case(case, subject, site, stage)));
                }
            });
        }
        drop(tell);

        let mut verdicts: Vec<Option<Verdict>> = cases.iter().map(|_| None).collect();
        let mut shown = 0;
        for (index, verdict) in told {
            verdicts[index] = Some(verdict);
            while let Some(verdict) = verdicts.get_mut(shown).and_then(Option::take) {
                each(Finding { case: cases[shown], verdict });
                shown += 1;
            }
        }
    });
}

/// How many cases found what.
#[derive(Default)]
pub struct Totals {
    /// As they should at this stage: that is the sum of the next three.
    pub passed: usize,
    pub passes: usize,
    pub limits: usize,
    /// Unless that counts as failed.
    pub beyond: usize,
    pub failed: usize,
    /// The sum of the next two.
    pub skipped: usize,
    pub not_looked_at: usize,
    pub does_not_apply: usize,
}

impl Finding {
    /// Whether this is not as it should be.
    pub fn is_failure(&self, strict: bool) -> bool {
        matches!(self.verdict, Verdict::Fails(_)) || strict && matches!(self.verdict, Verdict::Beyond(_))
    }
}

impl Totals {
    pub fn of(findings: &[Finding], strict: bool) -> Totals {
        let mut totals = Totals::default();
        for finding in findings {
            let count = match finding.verdict {
                _ if finding.is_failure(strict) => &mut totals.failed,
                Verdict::Passes => &mut totals.passes,
                Verdict::ProvedLimit(_) => &mut totals.limits,
                Verdict::Beyond(_) => &mut totals.beyond,
                Verdict::NotLookedAt(_) => &mut totals.not_looked_at,
                Verdict::DoesNotApply => &mut totals.does_not_apply,
                Verdict::Fails(_) => &mut totals.failed,
            };
            *count += 1;
        }
        totals.passed = totals.passes + totals.limits + totals.beyond;
        totals.skipped = totals.not_looked_at + totals.does_not_apply;
        totals
    }
}
