//! Sums of what somebody has looked at, or what has been run: `docs/recorded.txt`. What is changed alone, by whoever it
//! may be, has another sum, and is to be looked at or run again.
//!
//! The text of the chapters is kept whole instead: see [`crate::agreed`].

use std::collections::BTreeMap;
use std::fs;

use crate::glossary::Glossary;
use crate::outputs::Outputs;
use crate::problem::Problem;
use crate::repository::Repository;

const FILE: &str = "docs/recorded.txt";
/// Chinese for what is English elsewhere.
const WORDS: [&str; 3] = ["comments.zh.toml", "outputs.zh.toml", "just.zh.tsv"];
/// What is taken down when somebody says so.
pub const KINDS: [&str; 3] = ["figures", "terms", "words"];

/// What has a sum, by its kind and name: `output http-exchange`.
type Sums = BTreeMap<String, String>;

/// 64 bits of FNV-1a: it is to see mistakes, not forgery.
fn sum(parts: &[&str]) -> String {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    let sum = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{sum:016x}")
}

/// All sums as they are now.
fn now(repository: &Repository) -> Result<Sums, String> {
    let mut sums = Sums::new();
    for output in Outputs::read(repository)?.all() {
        let printed = repository.read(output.file()).unwrap_or_default();
        sums.insert(format!("output {}", output.name), sum(&[output.shown(), &printed]));
    }
    for file in repository.files("docs/figures", "svg") {
        let text = repository.read(format!("docs/figures/{file}"))?;
        sums.insert(format!("figure {}", file.trim_end_matches(".svg")), sum(&[&text]));
    }
    if let Ok(glossary) = Glossary::read(repository) {
        for (name, text) in glossary.entries() {
            sums.insert(format!("term {}", name.replace(' ', "-")), sum(&[&text]));
        }
    }
    for file in WORDS {
        if let Ok(text) = repository.read(format!("docs/{file}")) {
            sums.insert(format!("words {file}"), sum(&[&text]));
        }
    }
    Ok(sums)
}

fn kept(repository: &Repository) -> Sums {
    let text = repository.read(FILE).unwrap_or_default();
    text.lines().filter_map(|line| line.rsplit_once(' ')).map(|(name, sum)| (name.to_owned(), sum.to_owned())).collect()
}

/// Takes down the sums of this kind as they are now: of all, or of those with these names.
pub fn record(repository: &Repository, kind: &str, names: &[&str]) -> Result<String, String> {
    let (mut sums, now) = (kept(repository), now(repository)?);
    let is_meant = |key: &str| {
        let of_kind = key.strip_prefix(kind).and_then(|rest| rest.strip_prefix(' '));
        of_kind.is_some_and(|name| names.is_empty() || names.contains(&name))
    };
    let before = sums.clone();
    sums.retain(|key, _| !is_meant(key));
    sums.extend(now.into_iter().filter(|(key, _)| is_meant(key)));
    let changed: Vec<&str> =
        sums.iter().filter(|(key, sum)| before.get(*key) != Some(*sum)).map(|(key, _)| key.as_str()).collect();
    let text: String = sums.iter().map(|(key, sum)| format!("{key} {sum}\n")).collect();
    fs::write(repository.path(FILE), text).map_err(|error| format!("cannot write {FILE}: {error}"))?;
    Ok(changed.iter().map(|key| format!("{key} is taken down\n")).collect())
}

/// What has another sum than was taken down.
pub fn problems(repository: &Repository) -> Vec<Problem> {
    let now = match now(repository) {
        Ok(now) => now,
        Err(error) => return vec![Problem::new(FILE, "", error, "mend it")],
    };
    let kept = kept(repository);
    let keys = kept.keys().chain(now.keys().filter(|key| !kept.contains_key(*key)));
    let differs = keys.filter(|key| kept.get(*key) != now.get(*key));
    differs
        .map(|key| {
            let (kind, name) = key.split_once(' ').unwrap_or((key, ""));
            let remedy = match kind {
                "output" => format!("`just outputs {name}` runs its command, and keeps what that prints"),
                "figure" => "look at it in both languages, then `just agree figures`".to_owned(),
                "term" => "look at it in both languages, then `just agree terms`".to_owned(),
                _ => "read whether it is right, then `just agree words`".to_owned(),
            };
            Problem::new(FILE, "", format!("the {kind} {name} has changed since it was taken down"), remedy)
        })
        .collect()
}
