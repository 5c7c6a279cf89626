//! Names that a change has replaced by others. They are replaced in all that comes behind too, also where a step brings
//! such a name back that the steps before it had no more.

use std::collections::BTreeMap;

use crate::tree::Tree;
use crate::words::{is_of_a_name, words};

/// Old names with the new ones.
pub type Names = BTreeMap<String, String>;

/// The names that were replaced between two versions of the sources, if nothing else is different. Only what can be
/// nothing but a name, such as `LINGERING_TIME`: another word in a comment is not meant everywhere.
pub fn replaced(before: &Tree, after: &Tree) -> Names {
    let mut names = Names::new();
    if before.len() != after.len() {
        return names;
    }
    for (path, old) in before {
        let Some(new) = after.get(path) else { return Names::new() };
        let (old, new) = (words(old), words(new));
        if old.len() != new.len() {
            return Names::new();
        }
        for (old, new) in old.iter().zip(new).filter(|(old, new)| *old != new) {
            let is_same = names.get(*old).is_none_or(|known| known == new);
            if !is_name(old) || !is_name(new) || !is_same {
                return Names::new();
            }
            names.insert((*old).to_owned(), new.to_owned());
        }
    }
    // A name that stays at one place, or that was there before, is not one name with another in its stead.
    let is_clean = replace(before, &names) == *after && !names.values().any(|new| has(before, new));
    if is_clean { names } else { Names::new() }
}

/// The sources with these names replaced, but for those of which the new one means something here already.
pub fn replace(sources: &Tree, names: &Names) -> Tree {
    let names: Names = names.clone().into_iter().filter(|(_, new)| !has(sources, new)).collect();
    let text = |text: &String| {
        words(text).into_iter().map(|word| names.get(word).map_or(word, String::as_str)).collect::<String>()
    };
    sources.iter().map(|(path, old)| (path.clone(), text(old))).collect()
}

fn has(sources: &Tree, name: &str) -> bool {
    sources.values().any(|text| words(text).contains(&name))
}

fn is_name(word: &str) -> bool {
    word.contains(|letter: char| letter == '_' || letter.is_uppercase()) && word.chars().all(is_of_a_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Tree {
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    fn names(names: &[(&str, &str)]) -> Names {
        names.iter().map(|(old, new)| ((*old).to_owned(), (*new).to_owned())).collect()
    }

    #[test]
    fn another_name_is_known_from_all_its_places() {
        let before = tree(&[("a.rs", "const LIMIT: u8 = 1; // é\nf(LIMIT)\n"), ("b.rs", "a::f(LIMITED)\n")]);
        let after = |text: &str| tree(&[("a.rs", text), ("b.rs", "a::f(LIMITED)\n")]);
        assert_eq!(replaced(&before, &before), Names::new());
        let new = names(&[("LIMIT", "MOST")]);
        assert_eq!(replaced(&before, &after("const MOST: u8 = 1; // é\nf(MOST)\n")), new);
        // At one place only; another value besides; a name that means something already.
        for text in [
            "const MOST: u8 = 1; // é\nf(LIMIT)\n",
            "const MOST: u8 = 2; // é\nf(MOST)\n",
            "const LIMITED: u8 = 1; // é\nf(LIMITED)\n",
        ] {
            assert_eq!(replaced(&before, &after(text)), Names::new(), "{text}");
        }
        let words = (tree(&[("a.rs", "// the most\n")]), tree(&[("a.rs", "// the best\n")]));
        assert_eq!(replaced(&words.0, &words.1), Names::new());
    }

    #[test]
    fn a_name_is_replaced_where_the_new_one_is_free() {
        let new = names(&[("next_client", "accepted")]);
        let sources = tree(&[("a.rs", "next_client(); next_clients()\n"), ("b.rs", "listener::next_client\n")]);
        let due = tree(&[("a.rs", "accepted(); next_clients()\n"), ("b.rs", "listener::accepted\n")]);
        assert_eq!(replace(&sources, &new), due);
        let taken = tree(&[("a.rs", "next_client(); let accepted = 1;\n")]);
        assert_eq!(replace(&taken, &new), taken);
    }
}
