//! What differs between two texts.

use similar::TextDiff;

/// For a terminal: a unified diff, or nothing where both are the same.
pub fn plain(old_name: &str, new_name: &str, before: &str, after: &str) -> String {
    let ended = |text: &str| if text.is_empty() { String::new() } else { format!("{}\n", text.trim_end()) };
    let (before, after) = (ended(before), ended(after));
    TextDiff::from_lines(&before, &after).unified_diff().context_radius(2).header(old_name, new_name).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_diffs_have_lines_with_signs() {
        assert_eq!(plain("a", "b", "one\ntwo", "one\n"), "--- a\n+++ b\n@@ -1,2 +1 @@\n one\n-two\n");
        assert_eq!(plain("a", "b", "one\n", "one"), "");
    }
}
