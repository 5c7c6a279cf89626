//! stub
use crate::record::Record;
pub fn page(_record: &Record, _old: Option<&Record>) -> String {
    String::new()
}
