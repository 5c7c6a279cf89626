//! What stands in a learner's code, as tokens: where a step only writes the program otherwise, no case sees it.
//!
//! Comments and the text of strings do not count, nor does what is compiled only under a condition. What is never used
//! does not count either, since the compiler warns of it, and the rung is not reached then.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::tree::Tree;

/// Stands for any string among the tokens.
const STRING: &str = "\"\"";

/// Which of these are not in any file of the sources. A file that is no Rust has nothing.
pub fn missing<'a>(shape: &'a [String], sources: &Tree) -> Vec<&'a str> {
    let files: Vec<Vec<String>> =
        sources.iter().filter(|(path, _)| path.ends_with(".rs")).map(|(_, text)| tokens(text)).collect();
    let is_in = |wanted: &[String]| {
        !wanted.is_empty() && files.iter().any(|file| file.windows(wanted.len()).any(|tokens| tokens == wanted))
    };
    shape.iter().map(String::as_str).filter(|wanted| !is_in(&tokens(wanted))).collect()
}

/// Whether the sources keep the compiler from saying what is never used.
pub fn silences_warnings(sources: &Tree) -> bool {
    const SILENCED: [&str; 3] = ["warnings", "dead_code", "unused"];
    sources.iter().filter(|(path, _)| path.ends_with(".rs")).any(|(_, text)| {
        let tokens = tokens(text);
        let allows = |at: usize| {
            ["allow", "expect"].contains(&tokens[at].as_str()) && tokens.get(at + 1).is_some_and(|next| next == "(")
        };
        let list = |at: usize| tokens[at..].iter().take_while(|token| *token != ")");
        // What only a constant without a name uses is never used, and the compiler does not say so.
        if tokens.windows(2).any(|pair| pair == ["const", "_"]) {
            return true;
        }
        (0..tokens.len())
            .filter(|at| allows(*at))
            .any(|at| list(at).any(|token| SILENCED.contains(&token.as_str()) || token.starts_with("unused_")))
    })
}

/// The tokens of a piece of Rust; none if it cannot be cut into tokens.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    // What is cut off from a program, such as `fn advance(`, is no Rust by itself: it is cut by its words.
    match text.parse::<TokenStream>() {
        Ok(stream) => flatten(stream, &mut tokens),
        Err(_) => tokens = loose(text),
    }
    tokens
}

fn flatten(stream: TokenStream, tokens: &mut Vec<String>) {
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    let mut at = 0;
    while let Some(tree) = trees.get(at) {
        at += 1;
        if let (true, Some(TokenTree::Group(attribute))) = (is_sign(tree, '#'), trees.get(at)) {
            match attribute_name(attribute.stream()).as_deref() {
                Some("doc") => at += 1,
                Some("cfg") => at = behind_item(&trees, at + 1),
                _ => tokens.push("#".to_owned()),
            }
            continue;
        }
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                tokens.push(open.to_owned());
                flatten(group.stream(), tokens);
                tokens.push(close.to_owned());
            }
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                tokens.push(if text.contains('"') { STRING.to_owned() } else { text });
            }
            other => tokens.push(other.to_string()),
        }
    }
}

fn is_sign(tree: &TokenTree, sign: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn attribute_name(stream: TokenStream) -> Option<String> {
    stream.into_iter().next().map(|first| first.to_string())
}

/// The place behind the item that begins here: it ends with a semicolon, a comma or a block.
fn behind_item(trees: &[TokenTree], from: usize) -> usize {
    let is_end = |tree: &TokenTree| {
        is_sign(tree, ';')
            || is_sign(tree, ',')
            || matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
    };
    trees[from.min(trees.len())..].iter().position(is_end).map_or(trees.len(), |at| from + at + 1)
}

/// The words and signs of a text that is no whole piece of Rust.
fn loose(text: &str) -> Vec<String> {
    crate::words::words(text).into_iter().filter(|word| !word.trim().is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(text: &str) -> Tree {
        Tree::from([("main.rs".to_owned(), text.to_owned())])
    }

    fn lacks(wanted: &str, text: &str) -> bool {
        !missing(&[wanted.to_owned()], &sources(text)).is_empty()
    }

    #[test]
    fn only_code_counts() {
        assert!(!lacks("struct Connection", "pub  struct\nConnection<'a> { x: &'a u8 }"));
        assert!(!lacks("fn advance(", "impl X { fn advance(&mut self) -> Turn { todo!() } }"));
        assert!(!lacks("match self.step(site)", "fn f() { match self.step( site ) { _ => () } }"));
        for text in [
            "// struct Connection\n",
            "/// struct Connection\nfn f() {}",
            "fn f() { print(\"struct Connection\") }",
            "#[cfg(any())]\nstruct Connection;\nfn f() {}",
            "struct Connections;",
            "",
        ] {
            assert!(lacks("struct Connection", text), "{text}");
        }
        assert!(!lacks("fn f()", "#[cfg(any())]\nstruct Connection { x: u8 }\nfn f() {}"));
        assert!(lacks("", "fn f() {}"));
    }

    #[test]
    fn who_silences_the_compiler_is_seen() {
        assert!(silences_warnings(&sources("#![allow(warnings)]\nfn f() {}")));
        assert!(silences_warnings(&sources("#[allow(clippy::all, dead_code)]\nfn f() {}")));
        assert!(silences_warnings(&sources("#[expect(unused_variables)]\nfn f() {}")));
        assert!(silences_warnings(&sources("struct Connection;\nconst _: Connection = Connection;")));
        assert!(!silences_warnings(&sources("const COUNT: u8 = 1;\nfn f(_: &'static u8) {}")));
        assert!(!silences_warnings(&sources("#[allow(unsafe_code)]\nfn unused() { allow(x) }")));
    }
}
