//! The HTTP suite on this lesson: see `tests/`.

fn main() {
    http_suite::test_lesson("11", env!("CARGO_BIN_EXE_lesson-11"));
}
