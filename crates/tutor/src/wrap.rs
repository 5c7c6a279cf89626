//! Lines that fit into a terminal, also where letters are two columns wide.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The columns of the terminal that a course has to fit into.
pub const COLUMNS: usize = 80;

/// What must not begin a line.
const CLOSING: &str = "，。；：！？、）”’》」』…—,.;:!?)";
/// What must not end one.
const OPENING: &str = "（“‘《「『(";

/// The text in lines of at most so many columns, each behind the indent. A line that begins with two blanks is a command:
/// it stays as it is, however long.
pub fn wrapped(text: &str, columns: usize, indent: &str) -> String {
    let mut lines = String::new();
    for paragraph in text.trim_matches('\n').lines() {
        if paragraph.starts_with("  ") {
            lines.push_str(&format!("{indent}{paragraph}\n"));
            continue;
        }
        let room = columns.saturating_sub(indent.width()).max(1);
        let mut line = String::new();
        for piece in pieces(paragraph) {
            if !line.is_empty() && line.width() + piece.trim_end().width() > room {
                lines.push_str(&format!("{indent}{}\n", line.trim_end()));
                line.clear();
            }
            line.push_str(piece);
        }
        lines.push_str(&format!("{}\n", format!("{indent}{line}").trim_end()));
    }
    lines
}

/// What is not broken: a word with the blanks behind it, or one wide letter with the signs that belong to it.
fn pieces(text: &str) -> Vec<&str> {
    let mut ends = Vec::new();
    let mut letters = text.char_indices().peekable();
    while let Some((_, letter)) = letters.next() {
        let Some(&(next_at, next)) = letters.peek() else { break };
        let breaks = letter == ' ' && next != ' '
            || next != ' '
                && (is_wide(letter) || is_wide(next))
                && !CLOSING.contains(next)
                && !OPENING.contains(letter);
        if breaks {
            ends.push(next_at);
        }
    }
    ends.push(text.len());
    let mut start = 0;
    let piece = |end| {
        let piece = &text[start..end];
        start = end;
        piece
    };
    ends.into_iter().map(piece).collect()
}

fn is_wide(letter: char) -> bool {
    letter.width() == Some(2) || CLOSING.contains(letter) && !letter.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_nothing_is_lost() {
        let text =
            "一个服务器把 `read` 的结果当作完整的请求（如果不完整就忘掉），然后等待。Then it goes on in English words.";
        for columns in 20..60 {
            let lines = wrapped(text, columns, "  ");
            assert!(lines.lines().all(|line| line.width() <= columns), "{columns}\n{lines}");
            assert!(lines.lines().all(|line| !CLOSING.contains(line.trim().chars().next().unwrap_or('x'))), "{lines}");
            let without = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
            assert_eq!(without(&lines), without(text));
        }
    }

    #[test]
    fn a_command_stays_whole() {
        let command = "  curl -s http://127.0.0.1:7890/a/long/path";
        assert_eq!(wrapped(&format!("Ask:\n{command}"), 20, ""), format!("Ask:\n{command}\n"));
    }
}
