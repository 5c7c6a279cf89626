//! Text in lines of a terminal.

use unicode_linebreak::{BreakOpportunity, linebreaks};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The columns of the terminal that a course has to fit into.
pub const COLUMNS: usize = 80;

/// The text in lines of at most so many columns, broken where a line may be broken (Unicode Standard Annex #14):
/// between words and between Chinese characters, but not in `--lang` or in the name of a case. A word that is longer
/// than a line is broken anywhere.
pub fn lines(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let (mut begin, mut fits) = (0, 0);
        for (end, _) in linebreaks(paragraph).filter(|(end, how)| is_for_people(paragraph, *end, *how)) {
            if paragraph[begin..end].trim_end().width() > columns && fits > begin {
                lines.push(paragraph[begin..fits].trim_end().to_owned());
                begin = fits;
            }
            while paragraph[begin..end].trim_end().width() > columns {
                let cut = begin + cut_at(&paragraph[begin..end], columns);
                lines.push(paragraph[begin..cut].to_owned());
                begin = cut;
            }
            fits = end;
        }
        lines.push(paragraph[begin..].trim_end().to_owned());
    }
    lines
}

/// Whether people would break a line here: behind a blank, or beside a character that takes two columns.
fn is_for_people(text: &str, at: usize, how: BreakOpportunity) -> bool {
    let is_wide = |letter: char| letter.width() == Some(2);
    how == BreakOpportunity::Mandatory
        || text[..at].ends_with(is_wide)
        || text[..at].ends_with(' ')
        || text[at..].starts_with(is_wide)
}

/// How many bytes of a text fit into so many columns: one character at least.
fn cut_at(text: &str, columns: usize) -> usize {
    let fits = text.char_indices().map(|(at, letter)| at + letter.len_utf8());
    let first = text.chars().next().map_or(0, char::len_utf8);
    fits.take_while(|end| text[..*end].width() <= columns).last().unwrap_or(first)
}

/// The text in lines of at most so many columns, each behind this lead: the first as it is, the others as many columns
/// in.
pub fn wrap(lead: &str, text: &str, columns: usize) -> String {
    if text.is_empty() {
        return String::new();
    }
    let indent = " ".repeat(lead.width());
    let lines = lines(text, columns.saturating_sub(indent.len()).max(1));
    let lead = |number: usize| if number == 0 { lead } else { &indent };
    lines.iter().enumerate().map(|(number, line)| format!("{}{line}\n", lead(number))).collect()
}

/// The text, followed by blanks up to so many columns.
pub fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

/// The text in lines of at most so many columns, each behind the indent. A line that begins with two blanks is a
/// command: it stays as it is, however long.
pub fn wrapped(text: &str, columns: usize, indent: &str) -> String {
    let room = columns.saturating_sub(indent.width()).max(1);
    let of_paragraph = |paragraph: &str| match paragraph.starts_with("  ") {
        true => vec![paragraph.to_owned()],
        false => lines(paragraph, room),
    };
    let all = text.trim_matches('\n').lines().flat_map(of_paragraph);
    all.map(|line| format!("{}\n", format!("{indent}{line}").trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_nothing_is_lost() {
        assert_eq!(wrap("a  ", "one two three", 10), "a  one two\n   three\n");
        assert_eq!(wrap("", "", 10), "");
        assert_eq!(wrap("", "extraordinarily long", 10), "extraordin\narily long\n");
        assert_eq!(lines("see a-silent-client and --language", 12), ["see", "a-silent-cli", "ent and", "--language"]);
        assert_eq!(lines("用 read 读", 6), ["用", "read", "读"]);
        assert_eq!(lines("a\n\nb", 4), ["a", "", "b"]);
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
