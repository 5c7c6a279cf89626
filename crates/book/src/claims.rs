//! Figures in running text, and what is said because of them.
//!
//! - `{{= cost:03 / cost:07}}` is a figure: the text gets what `docs/measurements.json` has.
//! - `{{? cost:07 < cost:03}}` is a claim: the build fails where the measurements do not carry it, and the page
//!   shows the figures in brackets.
//! - `{{! arithmetic}}` says what else a comparison stands on: see [`Ground`].
//!
//! `cost:03` is a quantity of a server; `core:05@1000` is one of several, here with a thousand clients. A claim
//! compares with `<` and `>` (clearly: what all rounds gave does not overlap) and with `~` (the larger is at most a
//! quarter more).
//!
//! In the README files, which nobody expands, the same stands in comments: `<!-- = cost:03 -->393 µs<!-- / -->`,
//! `<!-- ? cost:07 < cost:03 -->`.

use std::fmt::Write;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::chapter::Chapter;
use crate::html::escape;
use crate::language::Language;
use crate::measurements::{self, FILE};
use crate::outputs::Outputs;
use crate::problem::Problem;
use crate::repository::Repository;

/// What stands in braces, and its kind.
static MARK: LazyLock<Regex> = LazyLock::new(|| pattern(r"\{\{([=?!]) ([^{}]+)\}\}"));
/// The same in a file that is read as it is: a comment. Behind a figure stand the figure and a comment that ends it.
static COMMENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"<!-- ([=?!]) (.+?) -->(?:([^<]*)<!-- / -->)?"));

const READMES: [&str; 2] = ["README.md", "README.zh.md"];

fn pattern(text: &str) -> Regex {
    #[expect(clippy::unwrap_used, reason = "each is a constant, which the tests of this file build")]
    Regex::new(text).unwrap()
}

/// How the values of a quantity are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Microseconds,
    Milliseconds,
    /// Of one core.
    Share,
    Bytes,
    None,
}

/// A quantity that the lab has measured.
struct Quantity {
    name: &'static str,
    /// The list of the record, and the field of a row.
    place: (&'static str, &'static str),
    /// Which rows: on long connections or on short ones.
    long: Option<bool>,
    /// By what several rows of one server differ, and whether the largest of them is meant if nothing is said.
    by: Option<(&'static str, bool)>,
    unit: Unit,
    english: &'static str,
    chinese: &'static str,
}

const fn quantity(
    name: &'static str,
    place: (&'static str, &'static str),
    unit: Unit,
    english: &'static str,
    chinese: &'static str,
) -> Quantity {
    Quantity { name, place, long: None, by: None, unit, english, chinese }
}

const QUANTITIES: [Quantity; 17] = [
    Quantity {
        long: Some(false),
        ..quantity(
            "cost",
            ("cost", "microseconds"),
            Unit::Microseconds,
            "processor time a request",
            "每个请求的处理器时间",
        )
    },
    Quantity {
        long: Some(false),
        ..quantity("above", ("cost", "above_baseline"), Unit::Microseconds, "above the baseline", "比基准多")
    },
    Quantity {
        long: Some(false),
        ..quantity("rate", ("cost", "per_second"), Unit::None, "requests a second", "每秒请求数")
    },
    Quantity {
        long: Some(true),
        ..quantity(
            "long",
            ("cost", "microseconds"),
            Unit::Microseconds,
            "processor time a request, on long connections",
            "长连接上每个请求的处理器时间",
        )
    },
    Quantity {
        long: Some(true),
        ..quantity(
            "longrate",
            ("cost", "per_second"),
            Unit::None,
            "requests a second, on long connections",
            "长连接上每秒请求数",
        )
    },
    Quantity {
        long: Some(true),
        ..quantity("floors", ("cost", "floors"), Unit::None, "in floors", "是裸循环的多少倍")
    },
    Quantity {
        by: Some(("offered", false)),
        ..quantity("p99", ("latency", "p99"), Unit::Milliseconds, "p99 latency", "p99 延迟")
    },
    Quantity {
        by: Some(("clients", true)),
        ..quantity("core", ("idle", "core"), Unit::Share, "of a core, for idle clients", "空闲客户端占用的处理器")
    },
    Quantity {
        by: Some(("clients", true)),
        ..quantity("memory", ("idle", "memory"), Unit::Bytes, "memory for idle clients", "空闲客户端占用的内存")
    },
    Quantity {
        by: Some(("clients", true)),
        ..quantity("each", ("idle", "memory"), Unit::Bytes, "memory for an idle client", "每个空闲客户端占用的内存")
    },
    quantity("files", ("large", "files_per_second"), Unit::None, "files of 1 MiB a second", "每秒 1 MiB 文件数"),
    quantity(
        "both",
        ("large", "both_ends"),
        Unit::Microseconds,
        "processor time of a file of 1 MiB, both ends",
        "每个 1 MiB 文件的处理器时间（两端合计）",
    ),
    quantity("code", ("sheet", "code"), Unit::None, "lines of code", "代码行数"),
    quantity("calls", ("sheet", "calls"), Unit::None, "system calls a request", "每个请求的系统调用"),
    quantity("processes", ("sheet", "processes"), Unit::None, "processes", "进程"),
    quantity("threads", ("sheet", "threads"), Unit::None, "threads", "线程"),
    quantity("resident", ("sheet", "memory"), Unit::Bytes, "memory with fifty clients", "五十个客户端时的内存"),
];

/// A value with what the rounds gave at least and at most.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spread {
    low: f64,
    median: f64,
    high: f64,
}

impl Spread {
    fn exactly(value: f64) -> Spread {
        Spread { low: value, median: value, high: value }
    }

    fn of(value: &Value, divisor: f64) -> Option<Spread> {
        let exact = value.as_f64().map(Spread::exactly);
        let get = |name: &str| value[name].as_f64();
        let spread = exact.or_else(|| Some(Spread { low: get("low")?, median: get("median")?, high: get("high")? }))?;
        Some(spread.by(Spread::exactly(1.0 / divisor)))
    }

    fn by(self, other: Spread) -> Spread {
        let ends = [self.low * other.low, self.low * other.high, self.high * other.low, self.high * other.high];
        Spread {
            low: ends.into_iter().fold(f64::INFINITY, f64::min),
            median: self.median * other.median,
            high: ends.into_iter().fold(f64::NEG_INFINITY, f64::max),
        }
    }

    fn inverse(self) -> Spread {
        Spread { low: 1.0 / self.high, median: 1.0 / self.median, high: 1.0 / self.low }
    }
}

/// A quantity of a server, and what was measured.
struct Figure {
    quantity: &'static Quantity,
    server: String,
    /// How many clients, or how many requests a second were offered, if it was said.
    which: Option<u64>,
    value: Spread,
}

/// A side of a comparison.
struct Side {
    value: Spread,
    figures: Vec<Figure>,
    /// Whether it is more than one figure: a ratio, or a multiple.
    calculated: bool,
}

/// A claim or a figure, with all that it stands on.
struct Read {
    sides: Vec<Side>,
    relations: Vec<char>,
}

fn figure(record: &Value, word: &str) -> Result<Figure, String> {
    let (name, rest) = word.split_once(':').ok_or_else(|| format!("{word} is no quantity of a server"))?;
    let (server, which) = rest.split_once('@').map_or((rest, None), |(server, which)| (server, Some(which)));
    let which =
        which.map(|which| which.parse::<u64>().map_err(|_| format!("{word}: {which} is no number"))).transpose()?;
    let quantity = QUANTITIES.iter().find(|quantity| quantity.name == name).ok_or_else(|| {
        let names: Vec<&str> = QUANTITIES.iter().map(|quantity| quantity.name).collect();
        format!("{name} is no quantity; there are {}", names.join(", "))
    })?;
    let (list, field) = quantity.place;
    let key = if list == "sheet" { "lesson" } else { "server" };
    let rows = measurements::list(record, list)?.iter();
    let mut rows: Vec<&Value> = rows
        .filter(|row| row[key].as_str() == Some(server))
        .filter(|row| quantity.long.is_none_or(|long| row["long"].as_bool().unwrap_or(false) == long))
        .collect();
    if let Some((by, largest)) = quantity.by {
        let size = |row: &&Value| row[by].as_f64().unwrap_or_default();
        rows.sort_by(|one, other| size(one).total_cmp(&size(other)));
        rows.retain(|row| which.is_none_or(|which| size(row) == which as f64));
        if largest {
            rows.reverse();
        }
    } else if which.is_some() {
        return Err(format!("{word}: there is only one of {name}"));
    }
    let row = rows.first().ok_or_else(|| format!("{FILE} has no {word}"))?;
    let divisor = if name == "each" { row["clients"].as_f64().unwrap_or(1.0) } else { 1.0 };
    let value = Spread::of(&row[field], divisor).ok_or_else(|| format!("{FILE} has no {word}"))?;
    Ok(Figure { quantity, server: server.to_owned(), which, value })
}

/// A number, perhaps with a unit: `10KiB`, `5%`, `1.5`.
fn constant(word: &str) -> Option<f64> {
    let units = [("KiB", 1024.0), ("MiB", 1024.0 * 1024.0), ("%", 0.01), ("", 1.0)];
    units.iter().find_map(|(unit, times)| Some(word.strip_suffix(unit)?.parse::<f64>().ok()? * times))
}

fn read(record: &Value, text: &str) -> Result<Read, String> {
    let mut read = Read { sides: Vec::new(), relations: Vec::new() };
    let mut divide = false;
    let mut open = false;
    for word in text.split_whitespace() {
        match word {
            "<" | ">" | "~" if !open && !read.sides.is_empty() => {
                read.relations.extend(word.chars());
                open = true;
            }
            "*" | "/" if !open && !read.sides.is_empty() => {
                divide = word == "/";
                open = true;
                if let Some(side) = read.sides.last_mut() {
                    side.calculated = true;
                }
            }
            word => {
                let (mut value, figure) = match constant(word) {
                    Some(number) => (Spread::exactly(number), None),
                    None => figure(record, word).map(|figure| (figure.value, Some(figure)))?,
                };
                let is_new = read.sides.len() == read.relations.len();
                match read.sides.last_mut() {
                    Some(side) if open && !is_new => {
                        value = if divide { value.inverse() } else { value };
                        side.value = side.value.by(value);
                        side.figures.extend(figure);
                    }
                    _ if is_new => {
                        read.sides.push(Side { value, figures: figure.into_iter().collect(), calculated: false })
                    }
                    _ => return Err(format!("{text}: {word} stands where `*`, `/`, `<`, `>` or `~` is wanted")),
                }
                open = false;
            }
        }
    }
    if open || read.sides.is_empty() {
        return Err(format!("{text}: it has no end"));
    }
    Ok(read)
}

fn holds(left: Spread, relation: char, right: Spread) -> bool {
    match relation {
        '<' => left.high < right.low,
        '>' => left.low > right.high,
        _ => {
            let (small, large) = (left.median.min(right.median), left.median.max(right.median));
            large <= small * 1.25
        }
    }
}

fn written(value: f64, unit: Unit) -> String {
    let number = |value: f64| measurements::number(&Value::from(value));
    match unit {
        Unit::Microseconds => format!("{} µs", number(value)),
        Unit::Milliseconds => format!("{} ms", number(value)),
        Unit::Share => format!("{:.0} %", value * 100.0),
        Unit::Bytes => measurements::bytes(&Value::from(value)),
        Unit::None if value.fract() == 0.0 => format!("{value:.0}"),
        Unit::None => number(value),
    }
}

/// Two digits, which is what a ratio of two measurements is good for.
fn ratio(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{:.0}", (value / 10.0).round() * 10.0),
        v if v >= 10.0 => format!("{value:.0}"),
        v if v >= 1.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// The figures of a claim: `processor time a request: 07 41.5 µs, 03 393 µs`.
fn told(read: &Read, language: Language) -> String {
    let mut text = String::new();
    let mut last = "";
    for figure in read.sides.iter().flat_map(|side| &side.figures) {
        let name = language.say(figure.quantity.english, figure.quantity.chinese);
        let separator = if text.is_empty() {
            ""
        } else if name == last {
            language.say(", ", "，")
        } else {
            language.say("; ", "；")
        };
        let title = if name == last { String::new() } else { format!("{name}{}", language.say(": ", "：")) };
        let which = match (figure.which, figure.quantity.by) {
            (Some(which), Some(("clients", _))) => {
                language.say(format!(" with {which} clients"), format!("（{which} 个客户端）"))
            }
            (Some(which), Some(_)) => language.say(format!(" at {which} a second"), format!("（每秒 {which} 个请求）")),
            _ => String::new(),
        };
        let value = written(figure.value.median, figure.quantity.unit);
        let _ = write!(text, "{separator}{title}{} {value}{which}", figure.server);
        last = name;
    }
    text
}

/// What a comparison may stand on instead of the measurements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ground {
    /// `arithmetic`: the sentence has the calculation.
    Arithmetic,
    /// `definition`: what is compared is how the servers are built, which the code beside it shows.
    Definition,
    /// `output NAME`: what a command has printed, nearby.
    Output(String),
    /// `suite CASE`: a case of the suite.
    Suite(String),
    /// `source TEXT`: somebody else, who is named.
    Source(String),
    /// `reader`: what the reader is to measure.
    Reader,
}

impl Ground {
    fn parse(text: &str) -> Option<Ground> {
        let (kind, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        match (kind, rest.trim()) {
            ("arithmetic", "") => Some(Ground::Arithmetic),
            ("definition", "") => Some(Ground::Definition),
            ("reader", "") => Some(Ground::Reader),
            ("output", name) if !name.is_empty() => Some(Ground::Output(name.to_owned())),
            ("suite", case) if !case.is_empty() => Some(Ground::Suite(case.to_owned())),
            ("source", text) if !text.is_empty() => Some(Ground::Source(text.to_owned())),
            _ => None,
        }
    }

    /// Why it does not carry anything.
    fn fault(&self, outputs: &Outputs) -> Option<String> {
        match self {
            Ground::Output(name) => outputs.get(name).err(),
            Ground::Suite(case) => http_suite::stages::row(case).is_none().then(|| format!("there is no case {case}")),
            _ => None,
        }
    }
}

/// What a mark becomes, or what is wrong with it.
fn shown(kind: &str, text: &str, record: &Value, outputs: &Outputs, language: Language) -> Result<String, String> {
    match kind {
        "=" => {
            let read = read(record, text)?;
            match read.sides.as_slice() {
                [Side { value, figures, calculated: false }] if figures.len() == 1 => {
                    Ok(written(value.median, figures[0].quantity.unit))
                }
                [Side { value, calculated: true, .. }] => Ok(ratio(value.median)),
                _ => Err(format!("{text} is a claim, or no figure; write {{{{? …}}}}")),
            }
        }
        "?" => {
            let read = read(record, text)?;
            if read.relations.is_empty() {
                return Err(format!("{text} compares nothing; write {{{{= …}}}}"));
            }
            let told = told(&read, language);
            let carried = read.sides.windows(2).zip(&read.relations);
            let mut carried = carried.map(|(pair, relation)| holds(pair[0].value, *relation, pair[1].value));
            if !carried.all(|holds| holds) {
                return Err(format!("the measurements do not carry {text}: {}", self::told(&read, Language::English)));
            }
            let (open, close) = language.say((" (", ")"), ("（", "）"));
            Ok(format!("<small class=\"figures\">{open}{}{close}</small>", escape(&told)))
        }
        _ => {
            let ground = Ground::parse(text).ok_or_else(|| {
                format!("{text} is no ground; there are arithmetic, definition, reader, output NAME, suite CASE, source TEXT")
            })?;
            ground.fault(outputs).map_or(Ok(String::new()), Err)
        }
    }
}

/// All marks of a text in their order: for the comparison of both languages.
pub fn marks(text: &str) -> Vec<String> {
    let comments = COMMENT.captures_iter(text).map(|found| format!("{{{{{} {}}}}}", &found[1], &found[2]));
    MARK.captures_iter(text).map(|found| found[0].to_owned()).chain(comments).collect()
}

/// A text without its marks.
pub fn without(text: &str) -> String {
    COMMENT.replace_all(&MARK.replace_all(text, ""), "").into_owned()
}

/// The measurements, and what else marks are checked against.
pub struct Claims {
    record: Result<Value, String>,
    outputs: Outputs,
}

impl Claims {
    /// Of a repository.
    pub fn read(repository: &Repository) -> Claims {
        let record = repository
            .read(FILE)
            .and_then(|text| serde_json::from_str(&text).map_err(|error| format!("{FILE}: {error}")));
        Claims { record, outputs: Outputs::read(repository).unwrap_or_default() }
    }

    /// A text with what its marks stand for. What cannot be shown, or is not so, is told.
    pub fn expand(&self, text: &str, language: Language) -> (String, Vec<String>) {
        let mut wrong = Vec::new();
        // What is shown in brackets brings its own space.
        let spaced = pattern(r" ?\{\{([?!]) ([^{}]+)\}\}");
        let mut replace = |found: &regex::Captures<'_>, kind: &str, inner: &str| {
            let record = self.record.as_ref().map_err(String::clone);
            let made = record.and_then(|record| shown(kind, inner.trim(), record, &self.outputs, language));
            made.unwrap_or_else(|error| {
                let html = format!("<span class=\"problem\">{}</span>", escape(&error));
                wrong.push(format!("{}: {error}", found[0].trim()));
                html
            })
        };
        let text = spaced.replace_all(text, |found: &regex::Captures<'_>| replace(found, &found[1], &found[2]));
        let text =
            MARK.replace_all(&text, |found: &regex::Captures<'_>| replace(found, &found[1], &found[2])).into_owned();
        (text, wrong)
    }
}

/// What is wrong with the marks of a chapter.
pub fn of_chapter(claims: &Claims, chapter: &Chapter) -> Vec<Problem> {
    let remedy = "measure anew, or change the sentence in both languages";
    let mut problems = Vec::new();
    for section in &chapter.sections {
        let (_, wrong) = claims.expand(chapter.text_of(section), chapter.language);
        problems.extend(wrong.into_iter().map(|what| Problem::new(chapter.path(), section.name(), what, remedy)));
    }
    problems
}

/// What is wrong with the comments of the files that are read as they are.
pub fn problems_of_readmes(repository: &Repository) -> Vec<Problem> {
    let claims = Claims::read(repository);
    let mut problems = Vec::new();
    for file in READMES {
        let text = repository.read(file).unwrap_or_default();
        for found in COMMENT.captures_iter(&text) {
            let record = claims.record.as_ref().map_err(String::clone);
            let made =
                record.and_then(|record| shown(&found[1], &found[2], record, &claims.outputs, Language::English));
            let written = found.get(3).map_or("", |written| written.as_str());
            let what = match made {
                Ok(figure) if &found[1] == "=" && figure != written => {
                    format!("it says \"{written}\", and {} is \"{figure}\"", &found[2])
                }
                Ok(_) => continue,
                Err(error) => error,
            };
            problems.push(Problem::new(file, "", what, "measure anew, or change the sentence in both languages"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Value {
        serde_json::from_str(
            r#"{"cost": [{"server": "07", "long": false, "microseconds": {"low": 40, "median": 41.5, "high": 42}},
                         {"server": "07", "long": true, "microseconds": {"low": 13, "median": 14, "high": 15}},
                         {"server": "03", "long": false, "microseconds": {"low": 380, "median": 393, "high": 400}},
                         {"server": "08", "long": false, "microseconds": {"low": 41, "median": 45, "high": 60}}],
                "idle": [{"server": "05", "clients": 100, "core": 0.05, "memory": 1000},
                         {"server": "05", "clients": 10000, "core": 0.99, "memory": 40960000}],
                "sheet": [{"lesson": "07", "code": 263}]}"#,
        )
        .unwrap()
    }

    fn show(kind: &str, text: &str, language: Language) -> Result<String, String> {
        shown(kind, text, &record(), &Outputs::default(), language)
    }

    #[test]
    fn figures_come_from_the_record() {
        for (text, figure) in [
            ("cost:07", "41.5 µs"),
            ("long:07", "14.0 µs"),
            ("cost:03 / cost:07", "9.5"),
            ("core:05", "99 %"),
            ("core:05@100", "5 %"),
            ("each:05", "4.00 KiB"),
            ("code:07", "263"),
        ] {
            assert_eq!(show("=", text, Language::English).as_deref(), Ok(figure), "{text}");
        }
    }

    #[test]
    fn a_claim_that_is_carried_shows_its_figures() {
        let html = show("?", "cost:07 < cost:03", Language::English).unwrap();
        assert_eq!(html, "<small class=\"figures\"> (processor time a request: 07 41.5 µs, 03 393 µs)</small>");
        let html = show("?", "core:05@100 < core:05", Language::Chinese).unwrap();
        assert!(html.contains("（空闲客户端占用的处理器：05 5 %（100 个客户端），05 99 %）"), "{html}");
        for text in ["cost:03 > cost:07 * 5", "cost:07 ~ cost:08", "each:05 < 10KiB", "core:05@100 < 10% < core:05"] {
            assert!(show("?", text, Language::English).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_claim_that_is_not_carried_is_told() {
        for (text, what) in [
            ("cost:03 < cost:07", "do not carry cost:03 < cost:07: processor time a request: 03 393 µs, 07 41.5 µs"),
            ("cost:03 > cost:07 * 20", "do not carry"),
            // What the rounds gave overlaps.
            ("cost:07 < cost:08", "do not carry"),
            ("cost:03 ~ cost:07", "do not carry"),
            ("cost:12 < cost:03", "has no cost:12"),
            ("speed:07 < cost:03", "speed is no quantity; there are cost"),
            ("core:05@7 < core:05", "has no core:05@7"),
            ("cost:07@5 < cost:03", "there is only one of cost"),
            ("cost:07 <", "has no end"),
            ("cost:07 cost:03", "stands where"),
            ("cost:07", "compares nothing"),
        ] {
            let error = show("?", text, Language::English).expect_err(text);
            assert!(error.contains(what), "{text}: {error}");
        }
        assert!(show("=", "cost:07 < cost:03", Language::English).is_err());
    }

    #[test]
    fn another_ground_is_one_that_is_there() {
        assert_eq!(show("!", "arithmetic", Language::English).as_deref(), Ok(""));
        assert_eq!(show("!", "suite a-client-more-costs-no-thread", Language::English).as_deref(), Ok(""));
        for text in ["because", "output none", "suite no-such-case", "arithmetic too", "source"] {
            assert!(show("!", text, Language::English).is_err(), "{text}");
        }
    }
}
