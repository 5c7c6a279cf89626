//! Text in lines of a terminal.

use unicode_linebreak::{BreakOpportunity, linebreaks};
use unicode_width::UnicodeWidthStr;

use crate::view;

/// The text in lines of at most so many columns, broken where a line may be broken (Unicode Standard Annex #14), and
/// each behind this lead: the first as it is, the others as many columns in. A word that is longer than a line stays
/// whole.
pub fn wrap(lead: &str, text: &str, columns: usize) -> String {
    let indent = " ".repeat(lead.width());
    let room = columns.saturating_sub(indent.len());
    let mut lines = Vec::new();
    let (mut begin, mut fits) = (0, 0);
    for (end, how) in linebreaks(text) {
        if text[begin..end].trim_end().width() > room && fits > begin {
            lines.push(text[begin..fits].trim_end());
            begin = fits;
        }
        if how == BreakOpportunity::Mandatory {
            lines.push(text[begin..end].trim_end());
            begin = end;
        }
        fits = end;
    }
    let lead = |number: usize| if number == 0 { lead } else { &indent };
    lines.iter().enumerate().map(|(number, line)| format!("{}{line}\n", lead(number))).collect()
}

/// The text, followed by blanks up to so many columns.
pub fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

/// The columns of the terminal that a course has to fit into.
pub const COLUMNS: usize = 80;

/// The text in lines of at most so many columns, each behind the indent. A line that begins with two blanks is a
/// command: it stays as it is, however long.
pub fn wrapped(text: &str, columns: usize, indent: &str) -> String {
    let room = columns.saturating_sub(indent.width()).max(1);
    let of_paragraph = |paragraph: &str| match paragraph.starts_with("  ") {
        true => vec![paragraph.to_owned()],
        false => view::wrapped(paragraph, room),
    };
    let lines = text.trim_matches('\n').lines().flat_map(of_paragraph);
    lines.map(|line| format!("{}\n", format!("{indent}{line}").trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_nothing_is_lost() {
        assert_eq!(wrap("a  ", "one two three", 10), "a  one two\n   three\n");
        assert_eq!(wrap("", "", 10), "");
        assert_eq!(wrap("", "extraordinarily long", 10), "extraordinarily\nlong\n");
        assert_eq!(wrap("", "one\ntwo", 10), "one\ntwo\n");
    }

    #[test]
    fn chinese_is_broken_between_its_signs_and_not_before_a_full_stop() {
        let lines = wrap("问 ", "连接会失败、等待，还是成功？服务器正忙。", 13);
        assert_eq!(lines.lines().next(), Some("问 连接会失"));
        for line in lines.lines() {
            assert!(line.width() <= 13, "{line}");
            assert!(!line.trim_start().starts_with(['，', '。', '？', '、']), "{line}");
        }
        assert_eq!(lines.replace(['\n', ' '], ""), "问连接会失败、等待，还是成功？服务器正忙。");
        assert_eq!(padded("你好", 6), "你好  ");
    }

    #[test]
    fn lines_fit_and_a_command_stays_whole() {
        let command = "  curl -s http://127.0.0.1:7890/a/long/path";
        let text = format!("它把一次 read 的结果当作完整的请求（如果不完整就忘掉）。\n{command}\nAsk again then.");
        let lines = wrapped(&text, 30, "  ");
        let (commands, prose): (Vec<&str>, Vec<&str>) = lines.lines().partition(|line| line.contains("curl"));
        assert_eq!(commands, [format!("  {command}")]);
        assert!(prose.len() == 3 && prose.iter().all(|line| line.width() <= 30), "{lines}");
    }
}
