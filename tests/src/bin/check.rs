//! `check`: the suite on any server.
fn main() {}
