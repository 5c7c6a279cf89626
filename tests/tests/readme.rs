//! The table in the two README files is the one that the suite declares. `just readme` writes it there.

use std::fs;
use std::path::PathBuf;

use http_suite::Language;
use http_suite::table::Table;

const BEGIN: &str = "<!-- table: `just readme` writes it -->\n";
const END: &str = "<!-- /table -->\n";

#[test]
fn both_readmes_have_the_table_of_the_suite() {
    for name in ["README.md", "README.zh.md"] {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {name}: {error}"));
        let due = with_table(&text).unwrap_or_else(|| panic!("{name} has lost the comments around its table"));
        if text == due {
            continue;
        }
        let write = std::env::var_os("README").is_some_and(|value| value == "write");
        assert!(write, "the table in {name} is not the one of the suite any more; `just readme` writes it anew");
        fs::write(&path, due).unwrap_or_else(|error| panic!("cannot write {name}: {error}"));
    }
}

fn with_table(text: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{}\n{END}{after}", Table::summary().markdown(Language::English)))
}
