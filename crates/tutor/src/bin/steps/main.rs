//! `steps`
fn main() {}
