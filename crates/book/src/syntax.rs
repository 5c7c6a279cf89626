//! Rust in the colours of its syntax, a line at a time: a line of a step is no whole program.

use std::fmt::Write;
use std::ops::Range;

use ra_ap_rustc_lexer::{LiteralKind, TokenKind, tokenize};

use crate::html::escape;

/// The words of the language itself.
const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false", "fn",
    "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "Self",
    "static", "struct", "super", "trait", "true", "type", "unsafe", "use", "where", "while",
];

/// A line in pieces, as HTML: `<i class="k">` around a keyword, `t` a type, `f` what is called, `s` a text, `n` a
/// number, `l` a lifetime, `c` a comment; and `<b>` around the pieces that are emphasised.
pub fn html(pieces: &[(bool, String)]) -> String {
    let line: String = pieces.iter().map(|(_, text)| text.as_str()).collect();
    let tokens = tokens(&line);
    let (mut html, mut at) = (String::new(), 0);
    for (emphasised, text) in pieces {
        let piece = at..at + text.len();
        let mut inner = String::new();
        for (range, class) in &tokens {
            let part = range.start.max(piece.start)..range.end.min(piece.end);
            if part.start < part.end {
                let shown = escape(&line[part]);
                let _ = match class {
                    Some(class) => write!(inner, "<i class=\"{class}\">{shown}</i>"),
                    None => write!(inner, "{shown}"),
                };
            }
        }
        let _ = if *emphasised { write!(html, "<b>{inner}</b>") } else { write!(html, "{inner}") };
        at = piece.end;
    }
    html
}

/// Where each token stands, with its class if it has a colour.
fn tokens(line: &str) -> Vec<(Range<usize>, Option<char>)> {
    let mut at = 0;
    let ranges = tokenize(line).map(|token| {
        let start = at;
        at += token.len as usize;
        (start..at, token.kind)
    });
    let ranges: Vec<(Range<usize>, TokenKind)> = ranges.collect();
    let class = |index: usize| {
        let (range, kind) = &ranges[index];
        let next = ranges.get(index + 1).map(|(_, kind)| *kind);
        match kind {
            TokenKind::LineComment { .. } | TokenKind::BlockComment { .. } => Some('c'),
            TokenKind::Literal { kind: LiteralKind::Int { .. } | LiteralKind::Float { .. }, .. } => Some('n'),
            TokenKind::Literal { .. } => Some('s'),
            TokenKind::Lifetime { .. } => Some('l'),
            TokenKind::Ident | TokenKind::RawIdent => word(&line[range.clone()], next),
            _ => None,
        }
    };
    (0..ranges.len()).map(|index| (ranges[index].0.clone(), class(index))).collect()
}

/// The class of a word, from what follows it.
fn word(text: &str, next: Option<TokenKind>) -> Option<char> {
    match next {
        _ if KEYWORDS.contains(&text) => Some('k'),
        _ if text.starts_with(|letter: char| letter.is_uppercase()) => Some('t'),
        Some(TokenKind::OpenParen | TokenKind::Bang) => Some('f'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces of a line that has none.
    fn plain(line: &str) -> Vec<(bool, String)> {
        vec![(false, line.to_owned())]
    }

    #[test]
    fn each_kind_has_its_class() {
        let shown = html(&plain("let x: Vec<'a> = f(1, \"a<b\")?; // why"));
        let expected = "<i class=\"k\">let</i> x: <i class=\"t\">Vec</i>&lt;<i class=\"l\">&#39;a</i>&gt; = <i class=\"f\">f</i>(\
                        <i class=\"n\">1</i>, <i class=\"s\">&quot;a&lt;b&quot;</i>)?; <i class=\"c\">// why</i>";
        assert_eq!(shown, expected.replace("&#39;", "'"));
    }

    #[test]
    fn half_of_a_text_is_a_text() {
        assert!(html(&plain("    said(\"and \\")).ends_with("<i class=\"s\">&quot;and \\</i>"));
    }

    #[test]
    fn what_is_emphasised_keeps_its_colours() {
        let pieces = vec![(false, "let ".to_owned()), (true, "si".to_owned()), (false, "te = Site;".to_owned())];
        assert_eq!(html(&pieces), "<i class=\"k\">let</i> <b>si</b>te = <i class=\"t\">Site</i>;");
        let pieces = vec![(true, "\"a".to_owned()), (false, " b\"".to_owned())];
        assert_eq!(html(&pieces), "<b><i class=\"s\">&quot;a</i></b><i class=\"s\"> b&quot;</i>");
    }
}
