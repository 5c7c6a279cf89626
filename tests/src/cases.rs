//! All cases, a file for each group.

use crate::Case;

mod bodies;
mod concurrency;
mod conditional;
mod deadlines;
mod endings;
mod fairness;
mod header_fields;
mod host;
mod idle;
mod keep_alive;
mod kept_files;
mod limits;
mod methods;
mod model;
mod pieces;
mod request_line;
mod restart;
mod targets;
mod workers;

/// All cases, group by group.
pub fn all() -> impl Iterator<Item = &'static Case> {
    [
        pieces::CASES,
        request_line::CASES,
        header_fields::CASES,
        host::CASES,
        methods::CASES,
        bodies::CASES,
        targets::CASES,
        conditional::CASES,
        kept_files::CASES,
        limits::CASES,
        keep_alive::CASES,
        concurrency::CASES,
        deadlines::CASES,
        fairness::CASES,
        endings::CASES,
        model::CASES,
        idle::CASES,
        workers::CASES,
        restart::CASES,
    ]
    .into_iter()
    .flatten()
}
