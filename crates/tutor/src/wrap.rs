//! Text with commands in it, in lines that fit into a terminal.

use unicode_width::UnicodeWidthStr;

use crate::view;

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
    fn lines_fit_and_a_command_stays_whole() {
        let command = "  curl -s http://127.0.0.1:7890/a/long/path";
        let text = format!("它把一次 read 的结果当作完整的请求（如果不完整就忘掉）。\n{command}\nAsk again then.");
        let lines = wrapped(&text, 30, "  ");
        let (commands, prose): (Vec<&str>, Vec<&str>) = lines.lines().partition(|line| line.contains("curl"));
        assert_eq!(commands, [format!("  {command}")]);
        assert!(prose.len() == 3 && prose.iter().all(|line| line.width() <= 30), "{lines}");
    }
}
