//! What the cases say of themselves: in both languages, and alike.

use std::collections::HashMap;

use http_suite::{Language, agreed, cases};

/// Chinese, in a text that may have anything in it.
fn is_chinese(letter: char) -> bool {
    matches!(letter, '\u{4e00}'..='\u{9fff}')
}

/// What a reader of Chinese reads of a case: its title, and why it matters.
fn chinese() -> impl Iterator<Item = (&'static str, &'static str)> {
    cases::all()
        .flat_map(|case| [case.title(Language::Chinese), case.reason(Language::Chinese)].map(|text| (case.name, text)))
}

#[test]
fn every_case_is_told_in_chinese() {
    for case in cases::all() {
        let (name, title, why) = (case.name, case.title(Language::Chinese), case.reason(Language::Chinese));
        assert!(title.contains(is_chinese), "{name}: its title in Chinese is \"{title}\"; see `zh`");
        assert_eq!(case.why.is_empty(), why.is_empty(), "{name}: say why it matters in both languages, or in none");
        assert!(why.is_empty() || why.contains(is_chinese), "{name}: not Chinese: {why}");
    }
}

#[test]
fn a_title_is_of_one_case_and_no_sentence() {
    let mut seen = HashMap::new();
    for case in cases::all() {
        let title = case.title(Language::Chinese);
        assert!(!title.ends_with(['。', '.']), "{}: a title ends without a stop: {title}", case.name);
        if let Some(other) = seen.insert(title, case.name) {
            panic!("{other} and {} are both called {title}", case.name);
        }
    }
}

#[test]
fn a_reason_in_chinese_ends_as_a_sentence() {
    for case in cases::all().filter(|case| !case.why_zh.is_empty()) {
        assert!(case.why_zh.ends_with(['。', '？', '！']), "{}: {}", case.name, case.why_zh);
    }
}

#[test]
fn chinese_is_set_as_in_the_book() {
    for (name, text) in chinese() {
        if let Some(wrong) = badly_set(text) {
            panic!("{name}: {wrong}: {text}");
        }
    }
}

#[test]
fn both_languages_of_a_case_say_what_was_agreed() {
    let problems = agreed::problems();
    assert!(problems.is_empty(), "\n\n{}\n", problems.join("\n"));
}

/// Where a Chinese text is not set as Chinese is: what is wrong there.
fn badly_set(text: &str) -> Option<&'static str> {
    let is_latin = |letter: char| letter.is_ascii_alphanumeric() || letter == '`';
    let is_full_width = |letter: char| matches!(letter, '，' | '。' | '：' | '；' | '、' | '？' | '！' | '（' | '）');
    let pairs = text.chars().zip(text.chars().skip(1));
    for (one, two) in pairs {
        let both = |first: &dyn Fn(char) -> bool, second: &dyn Fn(char) -> bool| {
            (first(one) && second(two)) || (second(one) && first(two))
        };
        if both(&is_chinese, &is_latin) {
            return Some("a space belongs between Chinese and Latin letters, digits and code");
        }
        if both(&is_full_width, &|letter| letter == ' ') {
            return Some("no space belongs beside Chinese punctuation");
        }
        if both(&is_chinese, &|letter| matches!(letter, ',' | '.' | ':' | ';' | '?' | '!' | '(' | ')' | '"')) {
            return Some("Chinese has its own punctuation");
        }
        if one == ' ' && two == ' ' {
            return Some("a blank too many");
        }
    }
    let mut spaced = text.split(' ').zip(text.split(' ').skip(1));
    let torn = |(left, right): (&str, &str)| left.ends_with(is_chinese) && right.starts_with(is_chinese);
    spaced.any(torn).then_some("no space belongs within Chinese")
}

#[test]
fn what_is_badly_set_is_found() {
    for text in ["请求 GET 的目标", "`nc -N` 就是这样（Slowloris）。", "说“不行”，再读 10 GB：是 2⁶⁴。"]
    {
        assert_eq!(badly_set(text), None, "{text}");
    }
    for text in ["请求GET", "3次", "用`nc`", "请求, 响应", "（ 请求）", "请求  GET", "请求 响应", "请求(GET)"]
    {
        assert!(badly_set(text).is_some(), "{text}");
    }
}
