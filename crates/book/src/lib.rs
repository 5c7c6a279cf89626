//! Builds the two books in `docs/`, and checks that they are true and alike.
//!
//! A chapter is Markdown with directives: a piece of code, a diff, what a command printed, a table, a figure. The
//! `site` expands them and hands the rest to mdBook. What the books claim is held by the checks, each of which answers
//! with problems that say where, what, and what to do; the tests of this crate run them all.
//!
//! Without the feature `builder` there is nothing in here, and so these modules are no links.

#![cfg(feature = "builder")]

pub mod agreed;
pub mod chapter;
pub mod claims;
pub mod code;
pub mod comments;
pub mod comparisons;
pub mod constructs;
pub mod diff;
pub mod directive;
pub mod expand;
pub mod fences;
pub mod figure;
pub mod glossary;
pub mod glosses;
pub mod html;
pub mod language;
pub mod links;
pub mod measurements;
pub mod outputs;
pub mod page;
pub mod parts;
pub mod present;
pub mod problem;
pub mod recorded;
pub mod repository;
pub mod search;
pub mod session;
pub mod sessions;
pub mod site;
pub mod step;
pub mod steps;
pub mod syllabus;
pub mod syntax;
pub mod tables;
pub mod tidy;
pub mod twins;
pub mod typed;
