//! A step as a crate of its own: to be opened, built and run.

use std::env;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::both;
use crate::cargo::{self, Build};
use crate::course::Course;
use crate::language::Failure;
use crate::series::Series;
use crate::terminal::warn;
use crate::tree::{self, Tree};

/// A step of a lesson, and what is needed to make a crate of it.
#[derive(Clone, Copy, Debug)]
pub struct Crate<'a> {
    /// `07`
    pub lesson: &'static str,
    /// Its number. 0 is the parent, as it is before the first step.
    pub step: usize,
    /// Whether it is the lesson itself.
    pub is_last: bool,
    /// Its `src`.
    pub sources: &'a Tree,
}

/// The crates of a lesson's steps: the parent, then one for each.
pub fn crates<'a>(series: &Series, trees: &'a [Tree]) -> Vec<Crate<'a>> {
    let one = |(step, sources)| Crate { lesson: series.lesson, step, is_last: step + 1 == trees.len(), sources };
    trees.iter().enumerate().map(one).collect()
}

/// `step-07-3`: as a package and as a program. It is not called as the lesson is, since both are built into the same
/// folder.
pub fn package(lesson: &str, step: usize) -> String {
    format!("step-{lesson}-{step}")
}

/// Where Cargo puts what it builds: for the lessons and for their steps, so that dependencies are built once.
pub fn target(course: &Course) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| course.root().join("target"), PathBuf::from)
}

/// Makes a crate that stands for itself, wherever the folder is. It depends on the checkout by absolute paths.
pub fn alone(course: &Course, one: &Crate, folder: &Path) -> Result<(), Failure> {
    alone_as(course, one, &package(one.lesson, one.step), folder)
}

/// The crate in which a learner builds a lesson from these sources, those of its parent. It stands on what the parent
/// stands on and on what the lesson does.
pub fn for_learner(course: &Course, lesson: &'static str, sources: &Tree, folder: &Path) -> Result<(), Failure> {
    let one = Crate { lesson, step: 1, is_last: false, sources };
    alone_as(course, &one, &format!("my-lesson-{lesson}"), folder)
}

fn alone_as(course: &Course, one: &Crate, name: &str, folder: &Path) -> Result<(), Failure> {
    let mut manifest = manifest(course, one, name)?;
    manifest.extend(of_the_workspace(course, &manifest)?);
    write(one, &manifest, folder)?;
    settings(course, folder)
}

/// Makes one workspace of these steps, each in a folder by its number, so that one call of Cargo builds them all.
pub fn together(course: &Course, steps: &[Crate], folder: &Path) -> Result<(), Failure> {
    let mut all = Table::new();
    for one in steps {
        let manifest = manifest(course, one, &package(one.lesson, one.step))?;
        for (name, dependency) in table(&manifest, "dependencies") {
            all.insert(name.clone(), dependency.clone());
        }
        write(one, &manifest, &folder.join(one.step.to_string()))?;
    }
    let dependencies = Table::from_iter([("dependencies".to_owned(), Value::Table(all))]);
    let mut root = of_the_workspace(course, &dependencies)?;
    let members = steps.iter().map(|one| Value::String(one.step.to_string())).collect();
    if let Some(Value::Table(workspace)) = root.get_mut("workspace") {
        workspace.insert("members".into(), Value::Array(members));
    }
    tree::write_file(&folder.join("Cargo.toml"), &text(&root))?;
    settings(course, folder)
}

fn write(one: &Crate, manifest: &Table, folder: &Path) -> Result<(), Failure> {
    tree::write_file(&folder.join("Cargo.toml"), &text(manifest))?;
    tree::write(&folder.join("src"), one.sources)
}

/// What stands beside a workspace: the same versions of dependencies, the same place for what is built, the same style.
pub(crate) fn settings(course: &Course, folder: &Path) -> Result<(), Failure> {
    for name in ["Cargo.lock", "rustfmt.toml"] {
        let from = course.root().join(name);
        if from.is_file() {
            tree::write_file(&folder.join(name), &tree::read_file(&from)?)?;
        }
    }
    let target = Value::String(target(course).to_string_lossy().into_owned());
    let build = Table::from_iter([("target-dir".to_owned(), target)]);
    let config = Table::from_iter([("build".to_owned(), Value::Table(build))]);
    tree::write_file(&folder.join(".cargo/config.toml"), &text(&config))
}

/// In the order in which a person reads it.
fn text(table: &Table) -> String {
    let order = ["package", "bin", "dependencies", "lints", "workspace", "profile"];
    let place = |name: &str| order.iter().position(|other| *other == name).unwrap_or(order.len());
    let mut sections: Vec<(&String, &Value)> = table.iter().collect();
    sections.sort_by_key(|(name, _)| place(name));
    let mut text = "# Written by `just steps` or `just learn`.\n".to_owned();
    for (name, section) in sections {
        let _ = write!(text, "\n{}", Table::from_iter([(name.clone(), section.clone())]));
    }
    text
}

/// A file of TOML, read.
pub(crate) fn parsed(path: &Path) -> Result<Table, Failure> {
    let shown = path.display();
    let text = tree::read_file(path)?;
    text.parse().map_err(|error: toml::de::Error| Failure::failed(both!("{shown}: {error}", "{shown}：{error}")))
}

fn table<'a>(of: &'a Table, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    of.get(name).and_then(Value::as_table).into_iter().flatten()
}

fn section(of: &Table, names: &[&str]) -> Table {
    let mut found = of;
    for name in names {
        match found.get(*name).and_then(Value::as_table) {
            Some(inner) => found = inner,
            None => return Table::new(),
        }
    }
    found.clone()
}

/// The `Cargo.toml` of a step, as far as it is about the package.
fn manifest(course: &Course, one: &Crate, name: &str) -> Result<Table, Failure> {
    let root = parsed(&course.root().join("Cargo.toml"))?;
    let name = name.to_owned();
    let shared = section(&root, &["workspace", "package"]);
    let mut package = Table::from_iter([("name".to_owned(), Value::String(name.clone()))]);
    for key in ["version", "edition", "rust-version"] {
        package.extend(shared.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    package.insert("publish".into(), Value::Boolean(false));
    let program = [("name", name), ("path", "src/main.rs".to_owned())];
    let program = Table::from_iter(program.map(|(key, value)| (key.to_owned(), Value::String(value))));

    let mut manifest = Table::new();
    manifest.insert("package".into(), Value::Table(package));
    manifest.insert("bin".into(), Value::Array(vec![Value::Table(program)]));
    manifest.insert("dependencies".into(), Value::Table(dependencies(course, one, &root)?));
    let lints = section(&root, &["workspace", "lints"]);
    if !lints.is_empty() {
        manifest.insert("lints".into(), Value::Table(lints));
    }
    Ok(manifest)
}

/// The lesson's; before its last step also the parent's, which may still be in use.
fn dependencies(course: &Course, one: &Crate, root: &Table) -> Result<Table, Failure> {
    let parent = crate::course::parent(one.lesson)?;
    let lessons: &[&str] = match one {
        Crate { is_last: true, .. } => &[one.lesson],
        Crate { step: 0, .. } => &[parent],
        _ => &[parent, one.lesson],
    };
    let shared = section(root, &["workspace", "dependencies"]);
    let mut all = Table::new();
    for lesson in lessons {
        let manifest = parsed(&course.folder(lesson)?.join("Cargo.toml"))?;
        for (name, wanted) in table(&manifest, "dependencies") {
            let base = if is_shared(wanted) { course.root().to_owned() } else { course.folder(lesson)? };
            let mut found = if is_shared(wanted) { as_table(shared.get(name)) } else { Table::new() };
            found.extend(as_table(Some(wanted)));
            found.remove("workspace");
            let features = [shared.get(name), Some(wanted), all.get(name)].into_iter().flatten().flat_map(features);
            let mut features: Vec<Value> = features.collect();
            features.sort_by_key(|feature| feature.to_string());
            features.dedup();
            if !features.is_empty() {
                found.insert("features".into(), Value::Array(features));
            }
            if let Some(Value::String(path)) = found.get_mut("path") {
                *path = base.join(&*path).to_string_lossy().into_owned();
            }
            all.insert(name.clone(), Value::Table(found));
        }
    }
    Ok(all)
}

fn is_shared(dependency: &Value) -> bool {
    dependency.get("workspace").and_then(Value::as_bool) == Some(true)
}

/// `"1.0"` is short for `{ version = "1.0" }`.
fn as_table(dependency: Option<&Value>) -> Table {
    match dependency {
        Some(Value::Table(table)) => table.clone(),
        Some(version) => Table::from_iter([("version".to_owned(), version.clone())]),
        None => Table::new(),
    }
}

fn features(dependency: &Value) -> Vec<Value> {
    dependency.get("features").and_then(Value::as_array).cloned().unwrap_or_default()
}

/// The sections that only the root of a workspace has. Profiles are the checkout's, but for packages that are not here.
fn of_the_workspace(course: &Course, manifest: &Table) -> Result<Table, Failure> {
    let root = parsed(&course.root().join("Cargo.toml"))?;
    let mut workspace = Table::new();
    workspace.extend(section(&root, &["workspace"]).remove_entry("resolver"));
    let mut profiles = section(&root, &["profile"]);
    for (_, profile) in &mut profiles {
        if let Some(Value::Table(packages)) = profile.get_mut("package") {
            packages.retain(|name, _| name == "*" || table(manifest, "dependencies").any(|(it, _)| it == name));
        }
    }
    let mut found = Table::from_iter([("workspace".to_owned(), Value::Table(workspace))]);
    if !profiles.is_empty() {
        found.insert("profile".into(), Value::Table(profiles));
    }
    Ok(found)
}

/// A step that has been built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// Its number; 0 is the parent.
    pub step: usize,
    /// Its program.
    pub program: PathBuf,
    /// How many times the compiler warned.
    pub warnings: usize,
}

/// Builds these steps of a lesson, or all if none are named, in a workspace below the folder of all that is built.
/// What the compiler has to say goes to standard error.
pub fn build(course: &Course, steps: &[Crate], wanted: &[usize]) -> Result<Vec<Built>, Failure> {
    let lesson = steps.first().map_or("", |one| one.lesson);
    let folder = target(course).join("steps").join(lesson);
    together(course, steps, &folder)?;
    let mut cargo = cargo::command();
    cargo.current_dir(&folder).args(["build", "--quiet", "--message-format=json", "--target-dir"]).arg(target(course));
    for step in wanted {
        cargo.args(["--package", &package(lesson, *step)]);
    }
    let build = Build::by(&mut cargo).map_err(|error| Failure::failed(cargo::cannot_run(&error)))?;
    warn(&build.rendered());
    if !build.succeeded {
        let shown = folder.display();
        return Err(Failure::failed(both!(
            "a step of lesson {lesson} cannot be built; the steps lie in {shown}",
            "第 {lesson} 课有一步无法构建；各步在 {shown}"
        )));
    }
    let of_a_step = |(name, program): (&str, PathBuf)| {
        let step = name.strip_prefix(&format!("step-{lesson}-"))?.parse().ok()?;
        Some(Built { step, program, warnings: build.warnings(name) })
    };
    let mut built: Vec<Built> = build.programs().filter_map(of_a_step).collect();
    built.sort_by_key(|one| one.step);
    Ok(built)
}
