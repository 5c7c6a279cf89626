//! The examples of the chapter on regular expressions. Each is a test, so that what the book says of a pattern is true.

#[cfg(test)]
use regex::{Captures, Regex, RegexBuilder};

#[cfg(test)]
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap()
}

/// All that a pattern finds in a text, from left to right.
#[cfg(test)]
fn found<'t>(pattern: &str, text: &'t str) -> Vec<&'t str> {
    regex(pattern).find_iter(text).map(|found| found.as_str()).collect()
}

#[test]
fn a_dot_is_any_character_but_a_newline() {
    assert_eq!(found(r"c.t", "cat c\nt c你t ct"), ["cat", "c你t"]);
}

#[test]
fn brackets_are_one_character_of_several() {
    assert_eq!(found(r"[Hh]ello", "Hello hello jello"), ["Hello", "hello"]);
    assert_eq!(found(r"[0-35-9]", "3 4 5"), ["3", "5"]);
    assert_eq!(found(r"[^0-9]", "a1b"), ["a", "b"]);
}

#[test]
fn a_class_has_a_name_and_in_capitals_it_is_the_opposite() {
    assert_eq!(found(r"\d", "a 7_"), ["7"]);
    assert_eq!(found(r"\D", "a 7_"), ["a", " ", "_"]);
    assert_eq!(found(r"\s", "a 7_"), [" "]);
    assert_eq!(found(r"\S", "a 7_"), ["a", "7", "_"]);
    assert_eq!(found(r"\w", "a 7_"), ["a", "7", "_"]);
    assert_eq!(found(r"\W", "a 7_"), [" "]);
}

#[test]
fn word_characters_and_digits_are_unicode() {
    assert_eq!(found(r"\w+", "caf\u{e9} 你好"), ["café", "你好"]);
    assert_eq!(found(r"\d+", "42 ٤٢"), ["42", "٤٢"]);
    assert!("٤٢".parse::<u32>().is_err(), "a digit, but not one that a number is parsed from");
    assert_eq!(found(r"(?-u:\d)+", "42 ٤٢"), ["42"]);
    assert_eq!(found(r"[0-9]+", "42 ٤٢"), ["42"]);
}

#[test]
fn repetition_says_how_often() {
    let text = "t to too tooo";
    assert_eq!(found(r"\bto*\b", text), ["t", "to", "too", "tooo"]);
    assert_eq!(found(r"\bto+\b", text), ["to", "too", "tooo"]);
    assert_eq!(found(r"\bto?\b", text), ["t", "to"]);
    assert_eq!(found(r"\bto{2}\b", text), ["too"]);
    assert_eq!(found(r"\bto{1,2}\b", text), ["to", "too"]);
    assert_eq!(found(r"\bto{2,}\b", text), ["too", "tooo"]);
}

#[test]
fn anchors_stand_for_places() {
    let text = "one\ntwo";
    assert_eq!(found(r"^\w+", text), ["one"]);
    assert_eq!(found(r"(?m)^\w+", text), ["one", "two"]);
    assert_eq!(found(r"(?m)\A\w+", text), ["one"]);
    assert_eq!(found(r"(?m)\w+$", text), ["one", "two"]);
    assert_eq!(found(r"(?m)\w+\z", text), ["two"]);
    assert!(!regex(r"two$").is_match("two\n"), "in Python this matches");
}

#[test]
fn a_variable_name_checked_wrong() {
    let name = regex(r"[A-Za-z_][A-Za-z0-9_]*");
    for good in ["name", "_name", "name2"] {
        assert!(name.is_match(good));
    }
    for bad in ["2name", "na me", "name!"] {
        assert!(name.is_match(bad), "part of {bad} is a name, and that is enough for is_match");
    }
}

#[test]
fn a_variable_name_checked_right() {
    let name = regex(r"\A[A-Za-z_][A-Za-z0-9_]*\z");
    for good in ["name", "_name", "name2", "__init__"] {
        assert!(name.is_match(good), "{good}");
    }
    for bad in ["2name", "na me", "name!", "name\n", ""] {
        assert!(!name.is_match(bad), "{bad:?}");
    }
}

#[test]
fn an_email_address_has_a_dot_that_is_a_dot() {
    let careless = regex(r"\A\w{4,20}@example.com\z");
    assert!(careless.is_match("teacher@example.com"));
    assert!(careless.is_match("teacher@exampleXcom"), "the dot is any character");

    let careful = regex(r"\A\w{4,20}@example\.com\z");
    assert!(careful.is_match("teacher@example.com"));
    assert!(!careful.is_match("teacher@exampleXcom"));
    assert!(!careful.is_match("teacher@example.com.evil.test"));
}

#[test]
fn text_that_is_to_be_taken_as_it_is_can_be_escaped() {
    assert_eq!(regex::escape("1+1=2?"), r"1\+1=2\?");
    assert!(regex(&regex::escape("1+1")).is_match("1+1"));
    assert!(!regex("1+1").is_match("1+1"));
}

#[test]
fn alternatives_reach_as_far_as_their_group() {
    assert_eq!(found(r"cat|dog food", "cat food, dog food"), ["cat", "dog food"]);
    assert_eq!(found(r"(?:cat|dog) food", "cat food, dog food"), ["cat food", "dog food"]);
    assert_eq!(found(r"\A(?:100|[1-9]?[0-9])\z", "100"), ["100"], "a number from 0 to 100");
    assert_eq!(found(r"\A(?:100|[1-9]?[0-9])\z", "101"), [""; 0]);
    assert_eq!(found(r"sam|samwise", "samwise"), ["sam"], "the first that fits, not the longest");
}

#[test]
fn groups_have_numbers() {
    let address = regex(r"\A(\w+)@(\w+)\.(com|org)\z");
    let parts = address.captures("teacher@example.org").unwrap();
    assert_eq!(&parts[0], "teacher@example.org");
    assert_eq!(&parts[1], "teacher");
    assert_eq!(&parts[2], "example");
    assert_eq!(&parts[3], "org");
    assert!(parts.get(4).is_none());
}

#[test]
fn groups_have_names() {
    let line = regex(r"\A(?<method>[A-Z]+) (?<target>\S+) HTTP/(?<version>1\.[01])\z");
    let parts = line.captures("GET /index.html HTTP/1.1").unwrap();
    assert_eq!(&parts["method"], "GET");
    assert_eq!(&parts["target"], "/index.html");
    assert_eq!(&parts["version"], "1.1");
}

#[test]
fn there_are_no_back_references() {
    for pattern in [r"<(\w+)>.*</\1>", r"<(?P<tag>\w+)>.*</(?P=tag)>"] {
        assert!(Regex::new(pattern).is_err(), "{pattern}");
    }
}

#[test]
fn instead_of_a_back_reference_two_groups_are_compared() {
    let element = regex(r"\A<(?<open>\w+)>(?<inside>.*)</(?<close>\w+)>\z");
    let inside = |text| {
        let parts: Captures = element.captures(text)?;
        (parts["open"] == parts["close"]).then(|| parts["inside"].to_owned())
    };
    assert_eq!(inside("<h1>title</h1>").as_deref(), Some("title"));
    assert_eq!(inside("<h1>title</h2>"), None);
}

#[test]
fn a_match_at_the_start_is_a_search_with_an_anchor() {
    assert!(regex(r"\A\d+").find("read 9999 times").is_none(), "re.match");
    let first = regex(r"\d+").find("read 9999 times, copied 12").unwrap();
    assert_eq!((first.as_str(), first.range()), ("9999", 5..9), "re.search");
}

#[test]
fn all_matches_come_one_after_another() {
    let counts = regex(r"(?<what>\w+)=(?<count>\d+)");
    let all: Vec<(String, u32)> = counts
        .captures_iter("python=9999, c=7890, rust=12345")
        .map(|parts| (parts["what"].to_owned(), parts["count"].parse().unwrap()))
        .collect();
    assert_eq!(all, [("python".into(), 9999), ("c".into(), 7890), ("rust".into(), 12345)]);
}

#[test]
fn what_matches_is_replaced_by_text() {
    assert_eq!(regex(r"\d+").replace("a1 b22", "#"), "a# b22", "the first");
    assert_eq!(regex(r"\d+").replace_all("a1 b22", "#"), "a# b#");
    let date = regex(r"(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)");
    assert_eq!(date.replace_all("2026-11-21", "$day.$month.$year"), "21.11.2026");
    assert_eq!(regex(r"(\w+)").replace("price", "${1}_$$"), "price_$", "braces where a letter follows");
}

#[test]
fn what_matches_is_replaced_by_what_a_function_says() {
    let one_more = |parts: &Captures| (parts[0].parse::<u32>().unwrap() + 1).to_string();
    assert_eq!(regex(r"\d+").replace_all("read 99 times, copied 7", one_more), "read 100 times, copied 8");
}

#[test]
fn a_text_is_split_where_a_pattern_matches() {
    let parts: Vec<&str> = regex(r"[:\s]+").split("info:tom 33  jerry").collect();
    assert_eq!(parts, ["info", "tom", "33", "jerry"]);
    let parts: Vec<&str> = regex(r",\s*").splitn("a, b,c", 2).collect();
    assert_eq!(parts, ["a", "b,c"]);
}

#[test]
fn a_dot_can_be_told_to_match_a_newline() {
    let text = "<p>one\ntwo</p>";
    assert!(!regex(r"<p>.*</p>").is_match(text));
    assert!(regex(r"(?s)<p>.*</p>").is_match(text));
    let built = RegexBuilder::new(r"<p>.*</p>").dot_matches_new_line(true).build().unwrap();
    assert!(built.is_match(text));
}

#[test]
fn tags_are_cleaned_out_of_a_snippet() {
    let snippet = "<div>\n  <p>Two years of <b>Rust</b></p>\n  <p>or so</p>\n</div>";
    let text = regex(r"<[^>]*>").replace_all(snippet, "");
    let lines = regex(r"\s*\n\s*").replace_all(text.trim(), "\n");
    assert_eq!(lines, "Two years of Rust\nor so");
    let broken = regex(r"<[^>]*>").replace_all(r#"<img alt="a > b">"#, "");
    assert_eq!(broken, r#" b">"#, "HTML is not a regular language");
}

#[test]
fn greedy_takes_all_that_leaves_the_rest_a_match() {
    let text = "This is a number 234-235-22-423";
    let numbers = regex(r"(.+)(\d+-\d+-\d+-\d+)").captures(text).unwrap();
    assert_eq!(&numbers[1], "This is a number 23");
    assert_eq!(&numbers[2], "4-235-22-423", "one digit is enough for \\d+");
}

#[test]
fn lazy_takes_as_little_as_leaves_the_rest_a_match() {
    let text = "This is a number 234-235-22-423";
    let numbers = regex(r"(.+?)(\d+-\d+-\d+-\d+)").captures(text).unwrap();
    assert_eq!(&numbers[1], "This is a number ");
    assert_eq!(&numbers[2], "234-235-22-423");

    assert_eq!(found(r"a\d+", "a2345b"), ["a2345"]);
    assert_eq!(found(r"a\d+?", "a2345b"), ["a2"]);
    assert_eq!(found(r"a\d+?b", "a2345b"), ["a2345b"], "the rest has to match");
}

#[test]
fn an_address_is_taken_out_of_a_tag() {
    let tag = r#"<img data="https://a.example/one.jpg" src="https://b.example/two.jpg" alt="">"#;
    assert_eq!(
        found(r"https://.+\.jpg", tag),
        [r#"https://a.example/one.jpg" src="https://b.example/two.jpg"#],
        "greedy: up to the last"
    );
    assert_eq!(found(r"https://.+?\.jpg", tag), ["https://a.example/one.jpg", "https://b.example/two.jpg"]);
    assert_eq!(found(r#"https://[^"]+"#, tag), ["https://a.example/one.jpg", "https://b.example/two.jpg"]);
    let of_a_png = r#"<img src="https://a.example/one.png"><img src="https://b.example/two.jpg">"#;
    assert_eq!(found(r"https://.+?\.jpg", of_a_png).len(), 1, "lazy still runs over the end of an address");
}

#[test]
fn a_raw_string_leaves_backslashes_alone() {
    assert_eq!(r"\d\\", "\\d\\\\");
    assert_eq!(found(r"\\\w+", r"c:\new\table"), [r"\new", r"\table"]);
    assert_eq!(found("\\\\\\w+", "c:\\new\\table"), [r"\new", r"\table"], "the same, without raw strings");
    assert_eq!(r#"a raw string with " in it"#, "a raw string with \" in it");
}

#[test]
fn bytes_that_are_no_text_have_a_regex_of_their_own() {
    let line = regex::bytes::Regex::new(r"(?-u)\A(?<name>[!-9;-~]+):[\t ]*(?<value>.*)\r\n").unwrap();
    let parts = line.captures(b"X-Old: caf\xe9\r\n").unwrap();
    assert_eq!(&parts["name"], b"X-Old");
    assert_eq!(&parts["value"], b"caf\xe9");
}

#[test]
fn a_mobile_number_of_china() {
    let number = regex(r"\A1[3-9][0-9]{9}\z");
    assert!(number.is_match("13800138000"));
    for bad in ["12800138000", "1380013800", "138001380001", "1380013800０"] {
        assert!(!number.is_match(bad), "{bad}");
    }
    let text = "电话13800138000，微信同号";
    assert_eq!(found(r"\b1[3-9][0-9]{9}\b", text), [""; 0], "话 is a word character: no boundary before the 1");
    assert_eq!(found(r"(?-u:\b)1[3-9][0-9]{9}(?-u:\b)", text), ["13800138000"]);
}

#[test]
fn an_area_code_and_a_number() {
    let phone = regex(r"\A(?<area>0[0-9]{2,3})-(?<number>[1-9][0-9]{6,7})\z");
    let parts = phone.captures("0571-88886666").unwrap();
    assert_eq!((&parts["area"], &parts["number"]), ("0571", "88886666"), "Hangzhou");
    assert!(phone.is_match("010-66668888"), "Beijing");
    assert!(!phone.is_match("571-88886666"));
}

#[test]
fn words_in_chinese_characters() {
    assert_eq!(found(r"\p{Han}+", "Rust 程序员，你好！"), ["程序员", "你好"]);
    assert_eq!(found(r"[一-龥]+", "二〇二六年"), ["二", "二六年"], "the range that is often copied lacks 〇");
    assert_eq!(found(r"\p{Han}+", "二〇二六年"), ["二〇二六年"]);
}

#[test]
fn a_chinese_date_in_another_order() {
    let date = regex(r"(?<year>[0-9]{4})年(?<month>[0-9]{1,2})月(?<day>[0-9]{1,2})日");
    assert_eq!(date.replace_all("写于2026年11月21日", "$year-$month-$day"), "写于2026-11-21");
}

#[test]
fn tags_in_tags_are_beyond_a_pattern() {
    let nested = "<div>外<div>内</div></div>";
    assert_eq!(found(r"<div>.*?</div>", nested), ["<div>外<div>内</div>"], "lazy stops at the first end");
    let beside = "<div>一</div><div>二</div>";
    assert_eq!(found(r"<div>.*</div>", beside), [beside], "greedy goes on to the last");
}
