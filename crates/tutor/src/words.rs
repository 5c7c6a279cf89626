//! Text as words and signs: what a merge compares where lines are too much.

/// The text in pieces that are it when they are put together: a word of letters, digits and underscores, blanks that
/// stand together, or one other sign.
pub fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let ends = |letter: char| !(is_of_a_name(letter) && is_of_a_name(first) || letter == ' ' && first == ' ');
        let behind = first.len_utf8();
        let end = rest[behind..].find(ends).map_or(rest.len(), |more| behind + more);
        let (word, others) = rest.split_at(end);
        words.push(word);
        rest = others;
    }
    words
}

/// Whether this can stand in a name.
pub fn is_of_a_name(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_a_word_of_its_own() {
        assert_eq!(words("f(a_1)?;\n  é 字"), ["f", "(", "a_1", ")", "?", ";", "\n", "  ", "é", " ", "字"]);
        assert!(words("").is_empty());
    }
}
