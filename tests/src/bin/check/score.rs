//! What the findings come to: the score in its parts, the totals, and what to mend first.

use http_suite::{Both, Case, Language, Mark, Stage, Verdict, both, rank};

use crate::suite::Finding;

/// To which part of the score a case belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// This stage can do it, and the one that it comes from cannot.
    Gained,
    /// The one that it comes from can do it too.
    Kept,
    /// No MUST of an RFC asks for it, and most servers do otherwise.
    Strictness,
}

impl Part {
    pub const ALL: [Part; 3] = [Part::Gained, Part::Kept, Part::Strictness];

    /// `None`: nothing is asked of this stage.
    pub fn of(case: &Case, stage: Stage) -> Option<Part> {
        if stage.mark(case.name) != Mark::Passes {
            return None;
        }
        let had = stage.parent().is_some_and(|parent| parent.mark(case.name) == Mark::Passes);
        Some(match (case.strict, had) {
            (true, _) => Part::Strictness,
            (false, true) => Part::Kept,
            (false, false) => Part::Gained,
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Part::Gained => "gained",
            Part::Kept => "kept",
            Part::Strictness => "strictness",
        }
    }

    /// As a person reads it.
    pub fn title(self, language: Language) -> &'static str {
        match self {
            Part::Gained => language.say(self.name(), "新增"),
            Part::Kept => language.say(self.name(), "保持"),
            Part::Strictness => language.say(self.name(), "严格"),
        }
    }

    pub fn about(self, stage: Stage) -> Both {
        match (self, stage.parent()) {
            (Part::Gained, Some(parent)) => both!(
                "what lesson {stage} can do and lesson {parent} cannot",
                "第 {stage} 课做得到、第 {parent} 课做不到的"
            ),
            (Part::Gained, None) => both!("what lesson {stage} can do", "第 {stage} 课做得到的"),
            (Part::Kept, Some(parent)) => both!("what lesson {parent} can do already", "第 {parent} 课已经做得到的"),
            (Part::Kept, None) => both!("there is no lesson before", "之前没有别的课"),
            (Part::Strictness, _) => {
                both!("more than the RFCs demand and most servers do", "比 RFC 的要求和多数服务器的做法更严格")
            }
        }
    }
}

/// How many cases of a part pass, of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub passed: usize,
    pub of: usize,
}

/// The score of a part.
pub fn score(findings: &[Finding], stage: Stage, part: Part) -> Count {
    let mut count = Count::default();
    for finding in findings.iter().filter(|finding| Part::of(finding.case, stage) == Some(part)) {
        count.of += 1;
        count.passed += usize::from(matches!(finding.verdict, Verdict::Passes | Verdict::Unstable(_)));
    }
    count
}

/// How many cases found what.
#[derive(Default)]
pub struct Totals {
    /// As they should at this stage: that is the sum of the next four.
    pub passed: usize,
    pub passes: usize,
    pub unstable: usize,
    pub limits: usize,
    /// Unless that counts as failed.
    pub beyond: usize,
    pub failed: usize,
    /// Of these, those in what the stage has to do.
    pub required: usize,
    /// The sum of the next two.
    pub skipped: usize,
    pub not_looked_at: usize,
    pub does_not_apply: usize,
}

impl Totals {
    pub fn of(findings: &[Finding], strict: bool) -> Totals {
        let mut totals = Totals::default();
        for finding in findings {
            totals.required += usize::from(finding.is_required_failure(strict));
            let count = match finding.verdict {
                _ if finding.is_failure(strict) => &mut totals.failed,
                Verdict::Passes => &mut totals.passes,
                Verdict::Unstable(_) => &mut totals.unstable,
                Verdict::ProvedLimit(_) => &mut totals.limits,
                Verdict::Beyond(_) => &mut totals.beyond,
                Verdict::NotLookedAt(_) => &mut totals.not_looked_at,
                Verdict::DoesNotApply => &mut totals.does_not_apply,
                Verdict::Fails(_) => &mut totals.failed,
            };
            *count += 1;
        }
        totals.passed = totals.passes + totals.unstable + totals.limits + totals.beyond;
        totals.skipped = totals.not_looked_at + totals.does_not_apply;
        totals
    }
}

/// A failure, and those that have the same reason.
pub struct Mending<'a> {
    pub root: &'a Finding,
    pub others: Vec<&'a Finding>,
}

/// All failures, in the order in which they are best mended.
pub fn to_mend<'a>(findings: &'a [Finding], strict: bool) -> Vec<Mending<'a>> {
    let mut failures: Vec<&Finding> = findings.iter().filter(|finding| finding.is_failure(strict)).collect();
    failures.sort_by_key(|finding| rank(finding.case, finding.cause()));
    let mut mendings: Vec<Mending<'a>> = Vec::new();
    for failure in failures {
        let same = |mending: &&mut Mending<'a>| {
            failure.follows == Some(mending.root.case.name)
                || failure.cause().is_some() && failure.cause() == mending.root.cause()
        };
        match mendings.iter_mut().find(same) {
            Some(mending) => mending.others.push(failure),
            None => mendings.push(Mending { root: failure, others: Vec::new() }),
        }
    }
    mendings
}
