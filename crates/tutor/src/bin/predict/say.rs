//! What is said on the terminal, in 80 columns.

use std::path::Path;

use comfy_table::{ContentArrangement, Table, presets};
use tutor::both;
use tutor::language::Language;
use tutor::predict::answer::letter;
use tutor::predict::{Answer, Kind, Question, Questions, Unseen, Value, Verdict, book, journal::Journal};
use tutor::wrap::{padded, wrap};

/// How wide a line may be.
const COLUMNS: usize = 80;
/// How wide the words are that stand before what was predicted, and so on.
const LABEL: usize = 12;

/// A question, with its choices.
pub fn question(question: &Question, number: usize, of: usize, language: Language) -> String {
    let lead = both!("{number} of {of}  ", "{number}/{of}  ");
    let mut text = format!("\n{}", wrap(lead.say(language), question.ask.say(language), COLUMNS));
    if let Kind::Choice(choice) = &question.kind {
        for (place, one) in choice.of.iter().enumerate() {
            text.push_str(&wrap(&format!("    {}  ", letter(place)), one.both().say(language), COLUMNS));
        }
    }
    text
}

/// What is typed behind.
pub fn prompt(question: &Question, language: Language) -> String {
    match &question.kind {
        Kind::Choice(choice) => {
            let last = letter(choice.of.len() - 1);
            both!("your prediction (a to {last}, ? = no idea): ", "你的预测（a 到 {last}，? 表示不知道）：")
        }
        Kind::Number(number) => {
            let unit = number.unit.say(language);
            both!("your prediction ({unit}, ? = no idea): ", "你的预测（{unit}，? 表示不知道）：")
        }
    }
    .say(language)
    .to_owned()
}

/// What was predicted and what was measured, with the reason and where to read.
pub fn result(root: &Path, question: &Question, answer: &Answer, measured: &Value, language: Language) -> String {
    let verdict = answer.verdict(measured);
    let sign = if matches!(verdict, Verdict::Right | Verdict::Close) { "✓" } else { "✗" };
    let verdict =
        if verdict == Verdict::Open { String::new() } else { format!("  {sign} {}", verdict.said().say(language)) };
    let predicted = match answer {
        Answer::Value(value) => value_of(question, value, language),
        Answer::NoIdea => language.say("no idea", "不知道").to_owned(),
    };
    let line = |label: &str, text: &str| wrap(&padded(&format!("  {label}"), LABEL), text, COLUMNS);
    [
        line(language.say("predicted", "预测"), &predicted),
        line(language.say("measured", "实测"), &format!("{}{verdict}", value_of(question, measured, language))),
        line(language.say("why", "原因"), question.why.say(language)),
        line(language.say("read", "参见"), &book::shown(root, &question.read, language)),
    ]
    .concat()
}

/// Why there is nothing to be seen.
pub fn unseen(question: &Question, why: &Unseen, language: Language) -> String {
    let line = |label: &str, text: &str| wrap(&padded(&format!("  {label}"), LABEL), text, COLUMNS);
    let why_not = why.0.say(language);
    let said = both!("not possible here: {why_not}", "在这里无法进行：{why_not}");
    let expected = match &question.kind {
        Kind::Choice(choice) => value_of(question, &Value::Choice(choice.right.clone()), language),
        Kind::Number(number) => {
            let (from, to, unit) = (shown(number.from), shown(number.to), number.unit.say(language));
            both!("{from} to {to} {unit}", "{from} 到 {to} {unit}").say(language).to_owned()
        }
    };
    [
        line(language.say("measured", "实测"), said.say(language)),
        line(language.say("elsewhere", "别处"), &expected),
        line(language.say("why", "原因"), question.why.say(language)),
    ]
    .concat()
}

/// With its unit, or in the words of the choice.
fn value_of(question: &Question, value: &Value, language: Language) -> String {
    match (&question.kind, value) {
        (Kind::Number(number), Value::Number(value)) => format!("{} {}", shown(*value), number.unit.say(language)),
        (Kind::Choice(choice), Value::Choice(key)) => {
            let found = choice.of.iter().enumerate().find(|(_, one)| one.key == *key);
            let said = found.map(|(place, one)| format!("{}  {}", letter(place), one.both().say(language)));
            said.unwrap_or_else(|| key.clone())
        }
        (_, Value::Number(value)) => shown(*value),
        (_, Value::Choice(key)) => key.clone(),
    }
}

/// `1,000`, `13.5`
fn shown(number: f64) -> String {
    let text = number.to_string();
    let (whole, rest) =
        text.split_once('.').map_or((text.as_str(), String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + &rest
}

/// All questions, and what became of them.
pub fn list(questions: &Questions, journal: &Journal, language: Language) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(COLUMNS as u16);
    let head = [("lesson", "课"), ("question", "问题"), ("asked", "次数"), ("last", "上次")];
    table.set_header(head.map(|(en, zh)| language.say(en, zh)));
    let mut last = "";
    let mut number = 0;
    for question in &questions.all {
        number = if question.lesson == last { number + 1 } else { 1 };
        last = &question.lesson;
        let (times, measurement) = journal.about(&question.name());
        let verdicts = [Verdict::Right, Verdict::Close, Verdict::Off, Verdict::Open];
        let verdict = measurement.and_then(|one| verdicts.into_iter().find(|verdict| verdict.word() == one.verdict));
        let verdict = match verdict {
            None => String::new(),
            Some(Verdict::Right) => language.say("right", "正确").into(),
            Some(Verdict::Close) => language.say("close", "接近").into(),
            Some(Verdict::Off) => language.say("off", "不同").into(),
            Some(Verdict::Open) => language.say("open", "未答").into(),
        };
        let times = if times == 0 { String::new() } else { times.to_string() };
        table.add_row([format!("{} {number}", question.lesson), question.ask.say(language).to_owned(), times, verdict]);
    }
    format!("{}\n", table.trim_fmt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_legible() {
        assert_eq!((shown(0.0), shown(999.0), shown(1000.0)), ("0".into(), "999".into(), "1,000".into()));
        assert_eq!((shown(1_234_567.0), shown(13.5), shown(0.1)), ("1,234,567".into(), "13.5".into(), "0.1".into()));
    }
}
