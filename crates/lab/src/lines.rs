//! Lines of source, and how many of them a step changes.

use std::collections::BTreeSet;

/// Lines that hold code: neither empty nor only a comment.
pub fn code(text: &str) -> usize {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

/// How many lines are new and how many are gone, over all files of the same name.
pub fn changed(old: &[(String, String)], new: &[(String, String)]) -> (usize, usize) {
    let names: BTreeSet<&str> = old.iter().chain(new).map(|(name, _)| name.as_str()).collect();
    let text = |files: &'_ [(String, String)], name: &str| -> String {
        files.iter().find(|(other, _)| other == name).map_or_else(String::new, |(_, text)| text.clone())
    };
    let each = names.into_iter().map(|name| changed_in(&text(old, name), &text(new, name)));
    each.fold((0, 0), |(added, removed), (more, less)| (added + more, removed + less))
}

fn changed_in(old: &str, new: &str) -> (usize, usize) {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let same = longest_common(&old, &new);
    (new.len() - same, old.len() - same)
}

/// How many lines stay, at most, in their order (the longest common subsequence).
fn longest_common(old: &[&str], new: &[&str]) -> usize {
    let mut row = vec![0; new.len() + 1];
    for line in old {
        let mut diagonal = 0;
        for (place, other) in new.iter().enumerate() {
            let above = row[place + 1];
            row[place + 1] = if line == other { diagonal + 1 } else { above.max(row[place]) };
            diagonal = above;
        }
    }
    row[new.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_changed_is_what_a_diff_shows() {
        assert_eq!(changed_in("a\nb\nc\n", "a\nx\nc\nd\n"), (2, 1));
        assert_eq!(changed_in("", "a\nb\n"), (2, 0));
        assert_eq!(changed_in("a\nb\n", "b\na\n"), (1, 1));
        let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(changed(&[file("a", "1\n2\n")], &[file("a", "1\n"), file("b", "3\n4\n")]), (2, 1));
    }

    #[test]
    fn comments_and_empty_lines_are_no_code() {
        assert_eq!(code("//! what\n\n/// why\nfn f() {\n    // so\n    g();\n}\n"), 3);
    }
}
