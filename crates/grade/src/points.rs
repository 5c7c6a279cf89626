//! What a case is worth: `points.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The default, which is also the pattern of what a course writes.
const DEFAULT: &str = include_str!("../points.toml");

/// How the points are given.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Points {
    /// By the part of the score.
    #[serde(default)]
    pub parts: Parts,
    /// By group of the suite: how much each of its cases counts.
    #[serde(default)]
    groups: BTreeMap<String, f64>,
    /// By case.
    #[serde(default)]
    cases: BTreeMap<String, f64>,
    /// Who sees it.
    #[serde(default)]
    visibility: Shown,
}

/// The points of each part.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parts {
    /// For what the stage can do and the one before it cannot.
    pub gained: f64,
    /// For what the one before it can do already.
    pub kept: f64,
    /// Beyond the full number.
    pub strictness: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Shown {
    default: Visibility,
    groups: BTreeMap<String, Visibility>,
    cases: BTreeMap<String, Visibility>,
}

/// Who sees a case, by the names that Gradescope has for that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// The student, at once.
    #[default]
    Visible,
    /// No student.
    Hidden,
    /// The student, after the due date.
    AfterDueDate,
    /// The student, once grades are published.
    AfterPublished,
}

impl Default for Parts {
    fn default() -> Parts {
        Parts { gained: 60.0, kept: 40.0, strictness: 5.0 }
    }
}

impl Points {
    /// Reads a file of this form, or takes the default.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is of another form, has a weight below 0, or names a case or a group that the suite has
    /// not: a word written wrong would otherwise count silently for nothing.
    pub fn read(file: Option<&Path>) -> Result<Points, String> {
        let Some(file) = file else { return Points::parse(DEFAULT) };
        let text = fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        Points::parse(&text).map_err(|error| format!("{}: {error}", file.display()))
    }

    /// # Errors
    ///
    /// As [`Points::read`].
    pub fn parse(text: &str) -> Result<Points, String> {
        let points: Points = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        let of_parts = [points.parts.gained, points.parts.kept, points.parts.strictness];
        let numbers = of_parts.iter().chain(points.groups.values()).chain(points.cases.values());
        if let Some(wrong) = numbers.into_iter().find(|number| !number.is_finite() || **number < 0.0) {
            return Err(format!("{wrong} is no number of points"));
        }
        let groups = || http_suite::Group::ALL.into_iter().map(http_suite::Group::name);
        let cases = || http_suite::cases::all().map(|case| case.name);
        let shown = &points.visibility;
        let group = points.groups.keys().chain(shown.groups.keys()).find(|name| !groups().any(|other| other == **name));
        let case = points.cases.keys().chain(shown.cases.keys()).find(|name| !cases().any(|other| other == **name));
        match (group, case) {
            (Some(name), _) => Err(format!("the suite has no group {name}")),
            (None, Some(name)) => Err(format!("the suite has no case {name}")),
            (None, None) => Ok(points),
        }
    }

    /// How much this case counts beside the others of its part.
    pub fn weight(&self, case: &str, group: &str) -> f64 {
        self.cases.get(case).or_else(|| self.groups.get(group)).copied().unwrap_or(1.0)
    }

    /// Who sees this case.
    pub fn visibility(&self, case: &str, group: &str) -> Visibility {
        let shown = &self.visibility;
        shown.cases.get(case).or_else(|| shown.groups.get(group)).copied().unwrap_or(shown.default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_is_shown_is_what_holds_without_one() {
        assert_eq!(Points::parse(DEFAULT).unwrap(), Points::default());
        assert_eq!(Points::parse("").unwrap(), Points::default());
    }

    #[test]
    fn a_case_goes_before_its_group() {
        let text = "[groups]\nlimits = 0.5\n[cases]\n\"a-bare-lf-ends-no-line\" = 3\n\
                    [visibility]\ndefault = \"hidden\"\n[visibility.groups]\nlimits = \"after_due_date\"\n";
        let points = Points::parse(text).unwrap();
        assert_eq!(points.weight("a-bare-lf-ends-no-line", "limits"), 3.0);
        assert_eq!(points.weight("another", "limits"), 0.5);
        assert_eq!(points.weight("another", "other"), 1.0);
        assert_eq!(points.visibility("another", "limits"), Visibility::AfterDueDate);
        assert_eq!(points.visibility("another", "other"), Visibility::Hidden);
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for (text, why) in [
            ("[cases]\nno-such-case = 1", "no case no-such-case"),
            ("[groups]\nno-such-group = 1", "no group no-such-group"),
            ("[parts]\ngained = -1", "-1 is no number of points"),
            ("[parts]\ngained = nan", "no number of points"),
            ("[part]\ngained = 1", "unknown field"),
            ("[visibility]\ndefault = \"everyone\"", "unknown variant"),
        ] {
            let error = Points::parse(text).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
