//! Where the system does not permit `io_uring`, as many containers do not, the lesson says so, and ends.

use std::error::Error;
use std::process::Command;

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

/// io_uring_setup(2): the same number on all architectures.
const IO_URING_SETUP: i64 = 425;

#[test]
fn it_says_that_it_is_not_permitted_and_ends() -> Result<(), Box<dyn Error>> {
    // For this thread, and for what it starts.
    let filter = SeccompFilter::new(
        [(IO_URING_SETUP, Vec::new())].into(),
        SeccompAction::Allow,
        SeccompAction::Errno(1),
        TargetArch::try_from(std::env::consts::ARCH)?,
    )?;
    seccompiler::apply_filter(&BpfProgram::try_from(filter)?)?;

    let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson-11"));
    let ended = lesson.args(["--port", "0", "--root", env!("CARGO_MANIFEST_DIR")]).output()?;
    let said = String::from_utf8(ended.stderr)?;
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("cannot use io_uring: Operation not permitted (os error 1); "), "{said}");
    assert!(ended.stdout.is_empty(), "nobody is told to come");
    Ok(())
}
