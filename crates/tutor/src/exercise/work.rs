//! An exercise as a small workspace of its own: the crates that it changes, to be edited, built and run.
//!
//! It is laid out as the checkout is, so that the paths in the book hold in it: `crates/protocol/src/response.rs`. All
//! that the exercise does not change is used where it is.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::Exercise;
use crate::cargo::{self, Build};
use crate::course::Course;
use crate::language::Failure;
use crate::tree::{self, Tree};
use crate::{both, git, make, patch};

/// Packages that have settings of their own in a profile of the checkout, and are not only tools.
const SET_APART: [&str; 3] = ["*", "protocol", "regex-automata"];

/// The folder of the learner: `work/exercise-03.2`.
pub fn folder(course: &Course, exercise: &Exercise) -> PathBuf {
    course.root().join("work").join(format!("exercise-{}", exercise.number))
}

/// The crates that are copied. What stands between the lesson and one that is changed has to use the copy too.
fn crates(exercise: &Exercise) -> Vec<&str> {
    let mut crates = vec![exercise.krate.as_str()];
    crates.extend(exercise.also.iter().map(String::as_str));
    if exercise.also.iter().any(|other| other == "protocol") {
        crates.push("support");
    }
    crates
}

/// The sources of the exercise in this checkout, or in what is laid out like it: by their paths from there.
pub fn sources(root: &Path, exercise: &Exercise) -> Result<Tree, Failure> {
    let mut sources = Tree::new();
    for krate in crates(exercise) {
        for part in ["src", "examples"] {
            let folder = root.join("crates").join(krate).join(part);
            if part == "examples" && (exercise.example.is_none() || !folder.is_dir()) {
                continue;
            }
            let files = tree::read_any(&folder)?;
            sources.extend(files.into_iter().map(|(path, text)| (format!("crates/{krate}/{part}/{path}"), text)));
        }
    }
    Ok(sources)
}

/// The sources with the solution.
pub fn solved(course: &Course, exercise: &Exercise) -> Result<Tree, Failure> {
    let number = &exercise.number;
    git::apply_below("", &sources(course.root(), exercise)?, &exercise.patch).map_err(|failure| {
        let (en, zh) = (failure.said.en, failure.said.zh);
        Failure::failed(both!(
            "the solution of exercise {number} does not fit the lesson any more:\n{en}\n\
             Do the exercise again, then: just learn exercise {number} record",
            "练习 {number} 的参考解答已与课程不符：\n{zh}\n请重做一遍，然后：just learn exercise {number} record"
        ))
    })
}

/// What leads from the lesson to these sources, as the solution is kept.
pub fn patch(course: &Course, exercise: &Exercise, done: &Tree) -> Result<String, Failure> {
    Ok(patch::between_below("", &sources(course.root(), exercise)?, done))
}

/// Makes the workspace. Its program is called `exercise-03-2` by its kind and number, as nothing else is that is built
/// into the same folder.
pub fn make(course: &Course, exercise: &Exercise, sources: &Tree, kind: &str, folder: &Path) -> Result<(), Failure> {
    let packages = [(exercise, sources, program_name(kind, exercise))];
    write(course, exercise, &packages, "", folder)
}

/// One workspace for the solutions of several exercises that change nothing but a lesson each, so that one call of
/// Cargo builds them all.
pub fn together(course: &Course, solutions: &[(&Exercise, &Tree)], folder: &Path) -> Result<(), Failure> {
    let packages: Vec<_> =
        solutions.iter().map(|(exercise, tree)| (*exercise, *tree, program_name("solution", exercise))).collect();
    match solutions.first() {
        Some((first, _)) => write(course, first, &packages, "*/", folder),
        None => Ok(()),
    }
}

/// `exercise-03-2`: as a package and as a program.
pub fn program_name(kind: &str, exercise: &Exercise) -> String {
    format!("{kind}-{}", exercise.number.replace('.', "-"))
}

fn write(
    course: &Course,
    copied: &Exercise,
    packages: &[(&Exercise, &Tree, String)],
    below: &str,
    folder: &Path,
) -> Result<(), Failure> {
    let copied: &[&str] = if below.is_empty() { &crates(copied) } else { &[] };
    let root = root_manifest(course, copied, below)?;
    tree::write_file(&folder.join("Cargo.toml"), &text(&root))?;
    make::settings(course, folder)?;
    for (exercise, sources, name) in packages {
        let place = if below.is_empty() { folder.to_owned() } else { folder.join(&exercise.number) };
        for krate in crates(exercise) {
            let manifest = course.root().join("crates").join(krate).join("Cargo.toml");
            let mut manifest = make::parsed(&manifest)?;
            if krate == exercise.krate {
                as_program(&mut manifest, name, exercise.example.as_deref());
            } else if let Some(Value::Table(package)) = manifest.get_mut("package") {
                // Cargo knows a package of a workspace by its name, its version and its place there: without another
                // version it would take this one for that of the checkout, which is built into the same folder.
                package.insert("version".into(), Value::String(format!("0.1.0+{name}")));
            }
            tree::write_file(&place.join("crates").join(krate).join("Cargo.toml"), &text(&manifest))?;
        }
        for (path, text) in *sources {
            tree::write_file(&place.join(path), text)?;
        }
    }
    Ok(())
}

fn text(table: &Table) -> String {
    format!("# Written by `just learn exercise`.\n\n{table}")
}

/// The lesson's manifest under another name, without its tests, which would test the lesson.
fn as_program(manifest: &mut Table, name: &str, example: Option<&str>) {
    manifest.remove("test");
    if let Some(example) = example {
        let is_called = ("name".to_owned(), Value::String(name.to_owned()));
        let is_at = ("path".to_owned(), Value::String(format!("examples/{example}.rs")));
        manifest.insert("example".into(), Value::Array(vec![Value::Table(Table::from_iter([is_called, is_at]))]));
    }
    let set = |section: Option<&mut Value>| {
        if let Some(Value::Table(section)) = section {
            section.insert("name".into(), Value::String(name.to_owned()));
        }
    };
    set(manifest.get_mut("package"));
    if example.is_none() {
        set(manifest.get_mut("bin").and_then(|bins| bins.get_mut(0)));
    }
    if let Some(Value::Table(dependencies)) = manifest.get_mut("dev-dependencies") {
        dependencies.remove("http-suite");
    }
}

/// The checkout's, with these crates here and all others where they are.
fn root_manifest(course: &Course, copied: &[&str], below: &str) -> Result<Table, Failure> {
    let mut root = make::parsed(&course.root().join("Cargo.toml"))?;
    if let Some(Value::Table(workspace)) = root.get_mut("workspace") {
        workspace.retain(|key, _| matches!(key, "resolver" | "package" | "dependencies" | "lints"));
        workspace.insert("members".into(), Value::Array(vec![Value::String(format!("{below}crates/*"))]));
        for (name, dependency) in workspace.get_mut("dependencies").and_then(Value::as_table_mut).into_iter().flatten()
        {
            if let Some(Value::String(path)) = dependency.get_mut("path").filter(|_| !copied.contains(&name.as_str())) {
                *path = course.root().join(&*path).to_string_lossy().into_owned();
            }
        }
    }
    for (_, profile) in root.get_mut("profile").and_then(Value::as_table_mut).into_iter().flatten() {
        if let Some(Value::Table(packages)) = profile.get_mut("package") {
            packages.retain(|name, _| SET_APART.contains(&name));
        }
    }
    Ok(root)
}

/// Builds the program of an exercise in a folder that is laid out as the checkout is: the learner's, or the checkout
/// itself. What the compiler has to say is in `said`.
///
/// # Errors
///
/// With status 1 if it cannot be built, with 2 if that cannot be tried.
pub fn build(course: &Course, exercise: &Exercise, folder: &Path, said: &mut String) -> Result<PathBuf, Failure> {
    let manifest = folder.join("crates").join(&exercise.krate).join("Cargo.toml");
    let name = |section: Option<&Value>| section?.get("name")?.as_str().map(str::to_owned);
    let parsed = make::parsed(&manifest).map_err(|failure| Failure { status: 2, ..failure })?;
    let first = |kind: &str| name(parsed.get(kind).and_then(|programs| programs.get(0)));
    let (package, binary) = (name(parsed.get("package")), first("bin"));
    let (Some(package), Some(binary)) = (package, binary) else {
        let manifest = manifest.display();
        return Err(Failure::wrong(both!("{manifest} names no program", "{manifest} 中没有程序")));
    };
    let mut arguments = vec!["--package".to_owned(), package];
    let target = match &exercise.example {
        Some(example) => {
            let example = first("example").unwrap_or_else(|| example.clone());
            arguments.extend(["--example".to_owned(), example.clone()]);
            example
        }
        None => binary,
    };
    let built = cargo_build(course, folder, &arguments, said)?;
    built
        .into_iter()
        .find(|(name, _)| *name == target)
        .map(|(_, program)| program)
        .ok_or_else(|| Failure::failed(both!("cargo has not built {target}", "cargo 没有构建出 {target}")))
}

/// Builds what is named in a workspace, or all of it: programs by their names.
pub fn cargo_build(
    course: &Course,
    folder: &Path,
    arguments: &[String],
    said: &mut String,
) -> Result<Vec<(String, PathBuf)>, Failure> {
    let mut cargo = cargo::command();
    cargo.current_dir(folder).args(["build", "--quiet", "--message-format=json-diagnostic-rendered-ansi"]);
    cargo.arg("--target-dir").arg(make::target(course)).args(arguments);
    let build = Build::by(&mut cargo).map_err(|error| Failure::wrong(cargo::cannot_run(&error)))?;
    said.push_str(&build.rendered());
    if !build.succeeded {
        let shown = folder.display();
        return Err(Failure::failed(both!("it cannot be built: {shown}", "无法构建：{shown}")));
    }
    Ok(build.programs().map(|(name, program)| (name.to_owned(), program)).collect())
}
