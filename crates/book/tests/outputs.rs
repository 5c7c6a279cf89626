//! What the books give to be typed can be typed, and prints what they show.

use book::problem::expect_none;
use book::repository::Repository;
use book::{outputs, typed};

#[test]
#[ignore = "it takes a minute, most of which the commands of the books wait; a step of .ci/run"]
fn every_chapter_can_be_typed_and_prints_what_it_shows() {
    let repository = Repository::here();
    let programs = outputs::programs(&repository).unwrap_or_else(|error| panic!("{error}"));
    expect_none(&typed::stale(&repository, &programs));
}
