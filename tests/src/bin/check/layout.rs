//! Text in columns, for a terminal of any width.

use std::io::stdout;

use rustix::termios::tcgetwinsize;

/// As wide as a terminal is if nobody says otherwise, and wide enough for anything.
const USUAL: usize = 80;
const NARROWEST: usize = 40;

/// How many columns there are: of the terminal, or as `COLUMNS` says.
pub fn width() -> usize {
    let terminal = tcgetwinsize(stdout()).ok().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0);
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    terminal.or(said).unwrap_or(USUAL).clamp(NARROWEST, USUAL)
}

/// The words of a text in lines that are at most so wide. A word that is wider is cut.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let word = cut(word, width);
        let fits = lines.last().is_some_and(|line| line.is_empty() || columns(line) + 1 + columns(&word) <= width);
        if !fits {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
    }
    lines
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
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
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

fn columns(text: &str) -> usize {
    text.chars().count()
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
    }
}
