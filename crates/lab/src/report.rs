//! The report: one page that needs nothing else, in English and Chinese, by day and by night.

mod chart;
mod page;
mod scale;
mod words;

use crate::record::Record;

/// The whole page.
pub fn page(record: &Record, old: Option<&Record>) -> String {
    page::page(record, old)
}

/// What people have named may hold anything.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables;

    fn fixture() -> Record {
        serde_json::from_str(include_str!("report/fixture.json")).expect("the fixture is a record")
    }

    /// What changes here is looked at in a browser before it is accepted.
    #[test]
    fn the_page_of_a_known_run_is_known() {
        let page = page(&fixture(), Some(&fixture()));
        let body = page.split_once("<body>").expect("a body").1.split_once("<script>").expect("a script").0;
        insta::assert_snapshot!(body);
    }

    #[test]
    fn the_tables_of_a_known_run_are_known() {
        insta::assert_snapshot!(tables::all(&fixture()));
    }

    #[test]
    fn a_page_needs_nothing_else() {
        let page = page(&fixture(), None);
        assert!(
            !page.contains("http://") && !page.contains("https://") && !page.contains("src="),
            "it asks for something"
        );
        assert!(!page.contains("<remark>"), "a name is taken for markup");
    }

    #[test]
    fn every_heading_is_there_in_both_languages() {
        use crate::experiment::Experiment;
        for experiment in Experiment::ALL {
            for heading in tables::of(experiment, &fixture()).head {
                let is_word = heading.chars().any(char::is_lowercase) && heading != "nginx";
                assert!(!is_word || words::translated(&heading).is_some(), "{heading} has no Chinese");
            }
        }
    }

    #[test]
    fn a_run_without_results_has_a_page_too() {
        let mut record = fixture();
        (record.waits, record.cost, record.idle) = (Vec::new(), Vec::new(), Vec::new());
        (record.large, record.latency, record.calls, record.sheet) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        (record.complete, record.servers) = (false, Vec::new());
        assert!(page(&record, None).contains("interrupted"));
    }
}
