//! Programs of this workspace that others start: the lessons, and the servers with a defect.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::both;
use crate::cargo;
use crate::language::Failure;

/// Has Cargo build these programs, as they are in the sources now, beside the program that runs. The folder that they
/// are in.
///
/// # Errors
///
/// If Cargo cannot be started, or cannot build one of them. It says on standard error why.
pub fn built(root: &Path, names: &[&str]) -> Result<PathBuf, Failure> {
    let folder = beside_this_one()?;
    let mut cargo = cargo::command();
    cargo.args(["build", "--quiet", "--manifest-path"]).arg(root.join("Cargo.toml"));
    // The packages of the workspace that are built by default, whatever folder this is called from.
    cargo.args(names.iter().flat_map(|name| ["--bin", name]));
    cargo.args(folder.ends_with("release").then_some("--release"));
    cargo.arg("--target-dir").args(folder.parent());
    let status = cargo.stdout(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(folder),
        Ok(_) => {
            let names = names.join(" ");
            Err(Failure::wrong(both!("cargo cannot build {names}", "cargo 无法构建 {names}")))
        }
        Err(error) => Err(Failure::wrong(cargo::cannot_run(&error))),
    }
}

/// A test is one folder deeper than a program.
fn beside_this_one() -> Result<PathBuf, Failure> {
    let this = env::current_exe().map_err(|error| {
        Failure::wrong(both!("cannot find the programs of this course: {error}", "找不到本课程的程序：{error}"))
    })?;
    let folder = this.parent().unwrap_or(Path::new("."));
    Ok(if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder }.to_owned())
}

/// The checkout that this was built from. It may have been moved since; Cargo says where it is now.
pub fn checkout() -> PathBuf {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    manifest.ancestors().nth(2).unwrap_or(Path::new(".")).to_owned()
}
