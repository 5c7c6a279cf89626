//! The books of this repository are true, alike, and whole. Each failure says where, what, and what to do.

use book::problem::{Problem, expect_none};
use book::repository::Repository;
use book::{
    agreed, claims, comments, comparisons, expand, fences, glossary, glosses, language::Language, links, outputs,
    parts, recorded, site, steps, syllabus, twins,
};

#[test]
fn everything_that_is_included_is_there() {
    expect_none(&expand::problems(&Repository::here()));
}

#[test]
fn no_code_and_no_output_is_written_by_hand() {
    expect_none(&fences::problems(&Repository::here()));
}

#[test]
fn every_chapter_of_a_lesson_shows_each_step_once_in_order() {
    expect_none(&steps::problems(&Repository::here()));
}

#[test]
fn every_lesson_has_its_parts() {
    expect_none(&parts::problems(&Repository::here()));
}

#[test]
fn every_output_has_a_command_and_a_reader() {
    expect_none(&outputs::loose(&Repository::here()));
}

#[test]
fn both_languages_have_the_same_parts() {
    expect_none(&twins::problems(&Repository::here()));
}

#[test]
fn both_languages_say_what_was_agreed() {
    expect_none(&agreed::problems(&Repository::here()));
}

#[test]
fn every_comparison_says_on_what_it_stands() {
    expect_none(&comparisons::problems(&Repository::here()));
    expect_none(&claims::problems_of_readmes(&Repository::here()));
}

#[test]
fn nothing_was_changed_alone() {
    expect_none(&recorded::problems(&Repository::here()));
}

#[test]
fn english_in_outputs_has_its_chinese() {
    expect_none(&glosses::problems(&Repository::here()));
}

#[test]
fn every_comment_that_is_shown_has_its_chinese() {
    expect_none(&comments::problems(&Repository::here()));
}

#[test]
fn terms_are_those_of_the_glossary() {
    expect_none(&glossary::problems(&Repository::here()));
    expect_none(&glossary::problems_of_cases(&Repository::here()));
}

#[test]
fn every_row_of_the_syllabus_has_its_place() {
    expect_none(&syllabus::problems(&Repository::here()));
}

#[test]
fn every_link_leads_somewhere() {
    let built = tempfile::tempdir().unwrap();
    site::build(&Repository::here(), built.path()).unwrap();
    expect_none(&links::problems(built.path()).unwrap());
    let lost = site::lost_words(&built.path().join(Language::English.folder())).unwrap();
    let remedy = "mdBook says it otherwise now, so that it stays English in the Chinese book: mend the list";
    let lost = lost
        .into_iter()
        .map(|words| Problem::new("crates/book/src/site.rs", "WORDS", format!("{words} is on no page"), remedy));
    expect_none(&lost.collect::<Vec<_>>());
}
