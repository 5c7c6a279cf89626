//! Text in columns, for a terminal of any width.

use std::io::stdout;

use rustix::termios::tcgetwinsize;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// As wide as a terminal is if nobody says otherwise, and wide enough for anything.
const USUAL: usize = 80;
const NARROWEST: usize = 40;

/// How many columns there are: of the terminal, or as `COLUMNS` says.
pub fn width() -> usize {
    let terminal = tcgetwinsize(stdout()).ok().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0);
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    terminal.or(said).unwrap_or(USUAL).clamp(NARROWEST, USUAL)
}

/// A text in lines that are at most so wide: broken at spaces, and between Chinese characters. What cannot be broken
/// and is wider is cut.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        for (number, part) in parts(word).into_iter().enumerate() {
            let part = cut(&part, width);
            let Some(line) = lines.last_mut() else { break };
            let space = if number == 0 && !line.is_empty() { " " } else { "" };
            if columns(line) + space.len() + columns(&part) <= width || line.is_empty() {
                line.push_str(space);
                line.push_str(&part);
            } else {
                lines.push(part);
            }
        }
    }
    lines
}

/// Between which a word may be broken: Chinese characters each by itself, with the marks that may not begin or end a
/// line.
fn parts(word: &str) -> Vec<String> {
    const CLOSING: &str = "，。、；：？！）》」』”’…";
    const OPENING: &str = "（《「『“‘";
    let is_wide = |letter: char| letter.width() == Some(2);
    let mut parts: Vec<String> = Vec::new();
    let mut last = None;
    for letter in word.chars() {
        let breaks = match last {
            None => true,
            Some(last) => (is_wide(last) || is_wide(letter)) && !CLOSING.contains(letter) && !OPENING.contains(last),
        };
        match parts.last_mut().filter(|_| !breaks) {
            Some(part) => part.push(letter),
            None => parts.push(letter.to_string()),
        }
        last = Some(letter);
    }
    parts
}

/// This, and blanks up to so many columns.
pub fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// The same lines, and no more of them than that.
pub fn at_most(mut lines: Vec<String>, most: usize, width: usize) -> Vec<String> {
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = cut(&format!("{last} …"), width);
        }
    }
    lines
}

/// One line that is at most so wide: what is cut off is an ellipsis.
pub fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut room = width.saturating_sub(1);
    let fits = |letter: &char| {
        let columns = letter.width().unwrap_or(0);
        let fits = columns <= room;
        room = room.saturating_sub(columns);
        fits
    };
    let kept: String = text.chars().take_while(fits).collect();
    format!("{}…", kept.trim_end())
}

/// A shell command in lines: a backslash at the end of a line goes on in the next. It is broken at spaces that are in
/// no quotes, so it can be copied as it is. What stands in quotes may be wider.
pub fn command(text: &str, width: usize) -> Vec<String> {
    let (mut words, mut quoted) = (vec![String::new()], false);
    for letter in text.chars() {
        quoted ^= letter == '\'';
        match (letter, words.last_mut()) {
            (' ', _) if !quoted => words.push(String::new()),
            (letter, Some(word)) => word.push(letter),
            _ => {}
        }
    }
    let mut lines = vec![String::new()];
    for word in words {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            *line = word;
        } else if columns(line) + 1 + columns(&word) <= width - 2 {
            line.push(' ');
            line.push_str(&word);
        } else {
            line.push_str(" \\");
            lines.push(format!("  {word}"));
        }
    }
    lines
}

/// How wide it is on a terminal.
pub fn columns(text: &str) -> usize {
    text.width()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_is_broken_is_still_one() {
        let text = "{ printf 'a b c d e f'; sleep 0; printf 'g %s\\n' h; } | cat -u";
        let lines = command(text, 24);
        assert!(lines.len() > 2 && lines.iter().all(|line| line.chars().count() <= 36), "{lines:?}");
        let run = |text: &str| std::process::Command::new("sh").args(["-c", text]).output().unwrap().stdout;
        assert_eq!(run(&lines.join("\n")), run(text));
    }

    #[test]
    fn no_line_is_wider_than_it_may_be() {
        let lines = wrapped("a few words and averyverylongwordthatdoesnotfit at all", 20);
        assert!(lines.iter().all(|line| line.chars().count() <= 20), "{lines:?}");
        assert_eq!(at_most(lines, 2, 20).len(), 2);
        let lines = wrapped("空行结束头部（RFC 9112），“没有空行”就要一直读下去，直到 time-out 为止。", 20);
        assert!(lines.iter().all(|line| columns(line) <= 20), "{lines:?}");
        assert!(lines.iter().any(|line| columns(line) >= 18), "{lines:?}");
        assert!(!lines.iter().any(|line| line.starts_with(['，', '）', '”', '。'])), "{lines:?}");
        assert!(!lines.iter().any(|line| line.ends_with(['（', '“'])), "{lines:?}");
        assert_eq!(
            lines.concat().replace(' ', ""),
            "空行结束头部（RFC9112），“没有空行”就要一直读下去，直到time-out为止。"
        );
        assert_eq!(cut("空行结束头部", 8), "空行结…");
        assert_eq!(columns(&padded("应为", 8)), 8);
    }
}
