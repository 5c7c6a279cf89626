//! What the books show of commands is what these commands print.

use book::outputs;
use book::problem::expect_none;
use book::repository::Repository;

#[test]
#[ignore = "it takes a minute, most of which the commands of the books wait; a step of .ci/run"]
fn every_command_prints_what_the_books_show() {
    let repository = Repository::here();
    let programs = outputs::programs(&repository).unwrap_or_else(|error| panic!("{error}"));
    expect_none(&outputs::stale(&repository, &programs));
}
