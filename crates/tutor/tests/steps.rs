//! The command `steps`, on small lessons that are invented here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A course in a folder of its own: lessons 01 to 05 and 08, of a few functions each, known to Git.
struct Invented {
    folder: TempDir,
}

/// How a command ended, and what it said.
#[derive(Debug)]
struct Ended {
    status: i32,
    out: String,
    err: String,
}

type Files = BTreeMap<String, String>;

const NAMES: [&str; 6] = ["alpha", "beta", "gamma", "delta", "omega", "main"];

/// A program of six functions, far enough apart for changes not to touch. `words` replaces what a function says.
fn program(words: &[(&str, &str)]) -> String {
    let function = |name: &str| {
        let said = words.iter().find(|(of, _)| *of == name).map_or(name, |(_, said)| *said);
        format!("fn {name}() {{\n    // What {name} says.\n    let said = {said:?};\n    println!(\"{{said}}\");\n}}\n")
    };
    let functions: Vec<String> = NAMES.iter().map(|name| function(name)).collect();
    format!("//! A lesson.\n\n{}", functions.join("\n"))
}

fn files(entries: &[(&str, String)]) -> Files {
    entries.iter().map(|(path, text)| (path.to_string(), text.clone())).collect()
}

fn main_rs(words: &[(&str, &str)]) -> Files {
    files(&[("main.rs", program(words))])
}

const A: (&str, &str) = ("alpha", "alpha of 02");
const B: (&str, &str) = ("beta", "beta of 03");
const C: (&str, &str) = ("gamma", "gamma of 03");
const D: (&str, &str) = ("delta", "delta of 04");
const B5: (&str, &str) = ("beta", "beta of 05");
const M8: (&str, &str) = ("main", "main of 08");

impl Invented {
    fn new() -> Invented {
        let course = Invented { folder: tempfile::tempdir().unwrap() };
        course.write(
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n\n[workspace.package]\nversion = \"0.1.0\"\n\
             edition = \"2024\"\nrust-version = \"1.88\"\n\n[workspace.dependencies]\n\n[workspace.lints.rust]\n\
             unsafe_code = \"deny\"\n",
        );
        let lessons: [(&str, &[(&str, &str)]); 6] = [
            ("01", &[]),
            ("02", &[A]),
            ("03", &[A, B, C]),
            ("04", &[A, B, C, D]),
            ("05", &[A, B5, C, D]),
            ("08", &[A, B, C, D, M8]),
        ];
        for (number, words) in lessons {
            course.write(
                &format!("crates/lesson-{number}-x/Cargo.toml"),
                &format!(
                    "[package]\nname = \"lesson-{number}-x\"\nversion.workspace = true\nedition.workspace = true\n\n\
                     [[bin]]\nname = \"lesson-{number}\"\npath = \"src/main.rs\"\n\n[dependencies]\n"
                ),
            );
            course.write_sources(number, &main_rs(words));
        }
        course.git(&["init", "--quiet"]);
        course.commit();
        course
    }

    /// One in which 03 has two steps, and 05 two, the other three none.
    fn with_steps() -> Invented {
        let course = Invented::new();
        course.split("03", 1, &main_rs(&[A, B]), "beta");
        course.split("05", 1, &main_rs(&[A, ("beta", "beta half-way"), C, D]), "half-way");
        course.name_steps();
        course.commit();
        course
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn write_sources(&self, lesson: &str, files: &Files) {
        for (path, text) in files {
            self.write(&format!("crates/lesson-{lesson}-x/src/{path}"), text);
        }
    }

    fn sources(&self, lesson: &str) -> Files {
        self.files_in(&format!("crates/lesson-{lesson}-x/src"))
    }

    fn files_in(&self, folder: &str) -> Files {
        let entries = fs::read_dir(self.path(folder)).unwrap().map(|entry| entry.unwrap().path());
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        entries.filter(|path| path.is_file()).map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect()
    }

    fn git(&self, words: &[&str]) -> String {
        let known = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
        let ended = Command::new("git").arg("-C").arg(self.folder.path()).args(known).args(words).output().unwrap();
        assert!(ended.status.success(), "{words:?}: {}", String::from_utf8_lossy(&ended.stderr));
        String::from_utf8(ended.stdout).unwrap()
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "All"]);
    }

    /// What is not as it was committed, but for what the tool keeps for itself.
    fn changed(&self) -> Vec<String> {
        let said = self.git(&["status", "--porcelain", "--untracked-files=all", "--", "crates"]);
        said.lines().map(|line| line[3..].to_owned()).collect()
    }

    fn steps(&self, words: &[&str]) -> Ended {
        let ended = Command::new(env!("CARGO_BIN_EXE_steps"))
            .current_dir(self.folder.path())
            .env("LC_ALL", "C")
            .arg("--root")
            .arg(self.folder.path())
            .args(words)
            .output()
            .unwrap();
        Ended {
            status: ended.status.code().unwrap(),
            out: String::from_utf8(ended.stdout).unwrap(),
            err: String::from_utf8(ended.stderr).unwrap(),
        }
    }

    fn ok(&self, words: &[&str]) -> String {
        let ended = self.steps(words);
        assert_eq!(ended.status, 0, "{words:?}: {ended:?}");
        ended.out
    }

    fn fails(&self, status: i32, words: &[&str]) -> String {
        let ended = self.steps(words);
        assert_eq!(ended.status, status, "{words:?}: {ended:?}");
        assert!(!ended.err.contains("panicked"), "{words:?}: {ended:?}");
        ended.err
    }

    /// Takes these sources as a new step before another.
    fn split(&self, lesson: &str, step: usize, files: &Files, id: &str) -> String {
        self.ok(&["record", lesson, &step.to_string(), &self.given(files), "--split", id])
    }

    /// A folder with these sources.
    fn given(&self, files: &Files) -> String {
        let _ = fs::remove_dir_all(self.path("given"));
        for (path, text) in files {
            self.write(&format!("given/{path}"), text);
        }
        "given".to_owned()
    }

    fn name_steps(&self) {
        for lesson in ["03", "05"] {
            let path = format!("crates/lesson-{lesson}-x/steps/steps.toml");
            let text = self.read(&path).replace("en = \"\", zh = \"\"", "en = \"A step\", zh = \"一步\"");
            self.write(&path, &text);
        }
    }

    /// What a step's sources are, as somebody gets them who wants to build it.
    fn step(&self, lesson: &str, step: usize) -> Files {
        let _ = fs::remove_dir_all(self.path("made"));
        self.ok(&["make", lesson, &step.to_string(), "made"]);
        self.files_in("made/src")
    }

    /// What all lessons are, if alpha says this in 02 and in all that come from it.
    fn all_follow(&self, said: &str) {
        let alpha = ("alpha", said);
        assert_eq!(self.sources("02"), main_rs(&[alpha]));
        assert_eq!(self.sources("03"), main_rs(&[alpha, B, C]));
        assert_eq!(self.sources("04"), main_rs(&[alpha, B, C, D]));
        assert_eq!(self.sources("05"), main_rs(&[alpha, B5, C, D]));
        assert_eq!(self.sources("08"), main_rs(&[alpha, B, C, D, M8]));
        assert_eq!(self.step("03", 1), main_rs(&[alpha, B]));
        assert_eq!(self.step("05", 1), main_rs(&[alpha, ("beta", "beta half-way"), C, D]));
        self.ok(&["check"]);
    }
}

#[test]
fn a_lesson_is_split_into_steps_that_git_applies() {
    let course = Invented::with_steps();
    course.ok(&["check"]);
    assert_eq!(course.sources("03"), main_rs(&[A, B, C]));
    let steps = course.files_in("crates/lesson-03-x/steps");
    let names: Vec<&String> = steps.keys().collect();
    assert_eq!(names, ["1-beta.patch", "2-the-rest.patch", "steps.toml"]);

    // By hand, as anybody can.
    let by_hand = course.path("by-hand");
    fs::create_dir_all(by_hand.join("src")).unwrap();
    fs::write(by_hand.join("src/main.rs"), program(&[A])).unwrap();
    for patch in ["1-beta.patch", "2-the-rest.patch"] {
        let patch = course.path(&format!("crates/lesson-03-x/steps/{patch}"));
        let folder = ["apply", "--unsafe-paths", "--directory=by-hand", patch.to_str().unwrap()];
        course.git(&folder);
    }
    assert_eq!(course.files_in("by-hand/src"), course.sources("03"));
}

#[test]
fn a_change_of_a_lesson_goes_through_all_that_come_from_it() {
    let course = Invented::with_steps();
    course.write_sources("02", &main_rs(&[("alpha", "anew")]));
    let said = course.ok(&["carry", "02"]);
    for path in ["lesson-03-x/src/main.rs", "lesson-05-x/src/main.rs", "lesson-08-x/src/main.rs"] {
        assert!(said.contains(path), "{said}");
    }
    course.all_follow("anew");
    assert!(!course.changed().iter().any(|path| path.contains("lesson-01")));
}

#[test]
fn another_name_is_carried_also_to_where_it_comes_back() {
    let course = Invented::new();
    let with = |uses: &str, words: &[(&str, &str)]| {
        files(&[("main.rs", format!("const OLD_NAME: u8 = 1;\n\n{}{uses}", program(words)))])
    };
    course.write_sources("02", &with("", &[A]));
    // 03 is reached by a step that has it no more, and one that has it back, at another place too.
    course.write_sources("03", &with("\nconst TWICE: u8 = 2 * OLD_NAME;\n", &[A, B, C]));
    course.split("03", 1, &main_rs(&[A, B]), "without");
    course.commit();
    let anew = |sources: Files| -> Files {
        sources.into_iter().map(|(path, text)| (path, text.replace("OLD_NAME", "NEW_NAME"))).collect()
    };
    let (then, due) = (course.sources("03"), anew(course.sources("03")));
    assert_ne!(then, due);
    course.write_sources("02", &anew(course.sources("02")));
    course.ok(&["carry", "02"]);
    assert_eq!(course.sources("03"), due);
    assert_eq!(course.step("03", 1), main_rs(&[A, B]));
}

#[test]
fn a_change_may_be_carried_again_before_it_is_committed() {
    let course = Invented::with_steps();
    for said in ["anew", "once more", "and again"] {
        course.write_sources("02", &main_rs(&[("alpha", said)]));
        course.ok(&["carry", "02"]);
        course.all_follow(said);
    }
    assert_eq!(course.ok(&["carry", "02"]), "nothing has to change\n");
    course.commit();
    assert_eq!(course.ok(&["carry", "02"]), "nothing has to change\n");
}

#[test]
fn what_was_carried_and_taken_back_is_forgotten() {
    let course = Invented::with_steps();
    course.write_sources("02", &main_rs(&[("alpha", "anew")]));
    course.ok(&["carry", "02"]);
    course.git(&["checkout", "--quiet", "crates"]);
    course.write_sources("02", &main_rs(&[("alpha", "otherwise")]));
    course.ok(&["carry", "02"]);
    course.all_follow("otherwise");
}

#[test]
fn a_change_that_is_committed_already_is_carried_from_the_commit_before() {
    let course = Invented::with_steps();
    course.write_sources("02", &main_rs(&[("alpha", "anew")]));
    course.commit();
    course.ok(&["carry", "02", "--from", "HEAD~1"]);
    course.all_follow("anew");
}

#[test]
fn what_a_lesson_had_of_its_own_meanwhile_is_not_lost() {
    let course = Invented::with_steps();
    course.write_sources("02", &main_rs(&[("alpha", "anew")]));
    course.write_sources("03", &main_rs(&[A, B, C, ("omega", "of its own")]));
    course.ok(&["carry", "02"]);
    let anew = ("alpha", "anew");
    let own = ("omega", "of its own");
    assert_eq!(course.sources("03"), main_rs(&[anew, B, C, own]));
    assert_eq!(course.step("03", 1), main_rs(&[anew, B]));
    assert_eq!(course.sources("04"), main_rs(&[anew, B, C, D, own]));
    assert_eq!(course.sources("05"), main_rs(&[anew, B5, C, D, own]));
    course.ok(&["check"]);
}

#[test]
fn a_change_in_a_lesson_with_steps_goes_into_its_last() {
    let course = Invented::with_steps();
    course.write_sources("03", &main_rs(&[A, B, C, ("omega", "new")]));
    assert!(course.fails(1, &["check"]).contains("do not add up"));
    course.ok(&["carry", "03"]);
    course.ok(&["check"]);
    assert_eq!(course.step("03", 1), main_rs(&[A, B]));
    assert_eq!(course.sources("05"), main_rs(&[A, B5, C, D, ("omega", "new")]));
}

#[test]
fn only_one_branch_can_be_taken_along() {
    let course = Invented::with_steps();
    course.write_sources("04", &main_rs(&[A, B, ("gamma", "anew"), D]));
    course.ok(&["rebase", "05"]);
    assert_eq!(course.sources("05"), main_rs(&[A, B5, ("gamma", "anew"), D]));
    assert_eq!(course.sources("08"), main_rs(&[A, B, C, D, M8]));
    course.ok(&["rebase", "08"]);
    assert_eq!(course.sources("08"), main_rs(&[A, B, ("gamma", "anew"), D, M8]));
}

#[test]
fn where_both_changed_a_line_a_person_decides_and_the_decision_is_carried_on() {
    let course = Invented::with_steps();
    let new = ("beta", "beta of 02");
    course.write_sources("02", &main_rs(&[A, new]));
    let said = course.fails(1, &["carry", "02"]);
    assert!(said.contains("lesson 03, step 1") && said.contains(".steps/03-1/src/main.rs"), "{said}");
    assert_eq!(course.changed(), ["crates/lesson-02-x/src/main.rs"], "nothing is written before all is merged");
    let marked = course.read(".steps/03-1/src/main.rs");
    assert!(marked.contains("<<<<<<< the step before, as it is now\n") && marked.contains("beta of 03"), "{marked}");

    assert!(course.fails(1, &["continue"]).contains("marks of a conflict"));
    assert!(course.fails(1, &["carry", "02"]).contains("still under way"));
    assert!(course.fails(2, &["continue", "08"]).contains("it is lesson 03 that waits"));
    course.write(".steps/03-1/src/main.rs", &program(&[A, ("beta", "decided")]));
    // Lesson 05 changes the same line twice.
    let said = course.fails(1, &["continue", "03"]);
    assert!(said.contains("lesson 05, step 1"), "{said}");
    course.write(".steps/05-1/src/main.rs", &program(&[A, ("beta", "half-way, decided"), C, D]));
    let said = course.fails(1, &["continue"]);
    assert!(said.contains("lesson 05, step 2"), "{said}");
    course.write(".steps/05-2/src/main.rs", &program(&[A, B5, C, D]));
    course.ok(&["continue"]);

    assert_eq!(course.step("03", 1), main_rs(&[A, ("beta", "decided")]));
    assert_eq!(course.sources("03"), main_rs(&[A, ("beta", "decided"), C]));
    assert_eq!(course.sources("04"), main_rs(&[A, ("beta", "decided"), C, D]));
    assert_eq!(course.step("05", 1), main_rs(&[A, ("beta", "half-way, decided"), C, D]));
    assert_eq!(course.sources("05"), main_rs(&[A, B5, C, D]));
    assert_eq!(course.sources("08"), main_rs(&[A, ("beta", "decided"), C, D, M8]));
    course.ok(&["check"]);
    assert!(course.fails(1, &["continue"]).contains("no change is under way"));
    assert!(!course.path(".steps/03-1").exists() && !course.path(".steps/carry.json").exists());
}

#[test]
fn what_is_given_up_leaves_all_as_it_was() {
    let course = Invented::with_steps();
    course.write_sources("02", &main_rs(&[A, ("beta", "beta of 02")]));
    course.fails(1, &["carry", "02"]);
    course.ok(&["abort"]);
    assert_eq!(course.changed(), ["crates/lesson-02-x/src/main.rs"]);
    assert!(!course.path(".steps/03-1").exists());
    assert!(course.fails(1, &["abort"]).contains("no change is under way"));
}

#[test]
fn what_was_changed_meanwhile_is_not_overwritten() {
    let course = Invented::with_steps();
    course.write_sources("02", &main_rs(&[A, ("beta", "beta of 02")]));
    course.fails(1, &["carry", "02"]);
    course.write(".steps/03-1/src/main.rs", &program(&[A, B]));
    course.write_sources("08", &main_rs(&[A, B, C, D, ("main", "meanwhile")]));
    let said = course.fails(1, &["continue"]);
    assert!(said.contains("lesson 08 was changed"), "{said}");
    assert_eq!(course.sources("08"), main_rs(&[A, B, C, D, ("main", "meanwhile")]));
    course.write_sources("08", &main_rs(&[A, B, C, D, M8]));
    course.ok(&["continue"]);
    course.ok(&["check"]);
}

#[test]
fn a_step_that_is_taken_back_takes_all_behind_it_along() {
    let course = Invented::with_steps();
    course.ok(&["make", "03", "1", "made"]);
    course.write("made/src/main.rs", &program(&[A, B, ("delta", "delta of step 1"), ("main", "main of step 1")]));
    // Lesson 04 changes that line too.
    let said = course.fails(1, &["record", "03", "1", "made"]);
    assert!(said.contains("lesson 04, step 1"), "{said}");
    let main = ("main", "main of step 1");
    course.write(".steps/04-1/src/main.rs", &program(&[A, B, C, D, main]));
    let said = course.fails(1, &["continue"]);
    assert!(said.contains("lesson 08, step 1"), "{said}");
    course.write(".steps/08-1/src/main.rs", &program(&[A, B, C, D, M8]));
    course.ok(&["continue"]);
    assert_eq!(course.sources("03"), main_rs(&[A, B, C, ("delta", "delta of step 1"), main]));
    assert_eq!(course.sources("05"), main_rs(&[A, B5, C, D, main]));
    assert_eq!(course.sources("02"), main_rs(&[A]));
    course.ok(&["check"]);
}

#[test]
fn a_new_step_is_put_between_and_carried_on() {
    let course = Invented::with_steps();
    let new = ("main", "main of the new step");
    course.steps(&["record", "03", "2", &course.given(&main_rs(&[A, B, new])), "--new", "between"]);
    // Only lesson 08 says something else there.
    course.write(".steps/08-1/src/main.rs", &program(&[A, B, C, D, M8]));
    course.ok(&["continue"]);
    course.name_steps();
    let names: Vec<String> = course.files_in("crates/lesson-03-x/steps").into_keys().collect();
    assert_eq!(names, ["1-beta.patch", "2-between.patch", "3-the-rest.patch", "steps.toml"]);
    assert_eq!(course.step("03", 2), main_rs(&[A, B, new]));
    assert_eq!(course.sources("03"), main_rs(&[A, B, C, new]));
    assert_eq!(course.sources("05"), main_rs(&[A, B5, C, D, new]));
    let table = course.ok(&["check"]);
    assert!(table.contains(" 03 2") && table.contains("between"), "{table}");
}

#[test]
fn a_lesson_without_steps_is_one_step() {
    let course = Invented::new();
    assert_eq!(course.step("03", 0), main_rs(&[A]));
    assert_eq!(course.step("03", 1), main_rs(&[A, B, C]));
    assert!(course.fails(1, &["list", "03"]).contains("no steps yet"));
}

#[test]
fn a_step_that_is_split_ends_where_it_ended() {
    let course = Invented::with_steps();
    course.split("05", 2, &main_rs(&[A, ("beta", "nearly there"), C, D]), "nearly");
    assert_eq!(course.sources("05"), main_rs(&[A, B5, C, D]));
    assert_eq!(course.step("05", 2), main_rs(&[A, ("beta", "nearly there"), C, D]));
    assert_eq!(course.step("05", 3), course.sources("05"));
    let folder = course.given(&main_rs(&[A]));
    assert!(course.fails(2, &["record", "05", "1", &folder, "--split", "nearly"]).contains("'nearly' already"));
    assert!(course.fails(2, &["record", "05", "1", &folder, "--split", "../x"]).contains("'../x' is no id"));
    assert!(course.fails(2, &["record", "05", "5", &folder, "--split", "x"]).contains("'5'; they are 1 to 3"));
    assert!(course.fails(2, &["record", "04", "1", &folder]).contains("no steps yet"));
    course.write("given/main.rs", "<<<<<<< one\n=======\n>>>>>>> other\n");
    assert!(course.fails(1, &["record", "05", "1", &folder]).contains("marks of a conflict"));
}

#[test]
fn files_come_go_and_are_moved() {
    let course = Invented::new();
    let moved = |words: &[(&str, &str)]| {
        let text = program(words);
        let (before, gamma) = text.split_at(text.find("fn gamma").unwrap());
        let (gamma, after) = gamma.split_at(gamma.find("fn delta").unwrap());
        files(&[("main.rs", format!("{before}{after}")), ("gamma.rs", gamma.trim_end().to_owned() + "\n")])
    };
    course.write_sources("05", &moved(&[A, B5, C, D]));
    course.split("05", 1, &main_rs(&[A, B5, C, D]), "beta");
    course.commit();
    course.write_sources("02", &main_rs(&[("alpha", "anew")]));
    course.ok(&["carry", "02"]);
    assert_eq!(course.sources("05"), moved(&[("alpha", "anew"), B5, C, D]));
    let shown = course.ok(&["show", "05", "2"]);
    assert!(shown.contains("lines move to gamma.rs") && shown.contains("lines moved here from main.rs"), "{shown}");
    let shown = course.ok(&["show", "05", "2", "--full"]);
    assert!(shown.contains("src/gamma.rs (new)") && shown.contains("> fn gamma() {"), "{shown}");
    assert!(shown.contains("< fn gamma() {"), "{shown}");

    let gone = course.path("crates/lesson-05-x/src/gamma.rs");
    fs::remove_file(gone).unwrap();
    course.ok(&["carry", "05"]);
    assert!(!course.read("crates/lesson-05-x/steps/2-the-rest.patch").contains("gamma.rs"));
}

#[test]
fn a_step_is_a_crate_that_can_be_built_and_run() {
    let course = Invented::with_steps();
    course.ok(&["make", "03", "1", "elsewhere/step"]);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(course.path("elsewhere/step")).args(["run", "--quiet", "--offline"]);
    cargo.env_remove("CARGO_TARGET_DIR");
    let ended = cargo.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success() && said == "main\n", "{said}{}", String::from_utf8_lossy(&ended.stderr));
    assert!(course.path("target/debug/step-03-1").exists(), "it is built where the lessons are");
    let said = course.fails(1, &["make", "03", "1", "elsewhere/step"]);
    assert!(said.contains("is there already"), "{said}");
}

#[test]
fn a_step_may_use_what_its_parent_uses_until_the_last() {
    let course = Invented::with_steps();
    let shared = "one = { version = \"1.0\", features = [\"a\"] }\nhere = { path = \"crates/here\" }\n";
    let root =
        course.read("Cargo.toml").replace("[workspace.dependencies]\n", &format!("[workspace.dependencies]\n{shared}"));
    course.write("Cargo.toml", &root);
    for (lesson, wanted) in [
        ("04", "old = \"3\"\none = { workspace = true, features = [\"b\"] }\n"),
        ("05", "one.workspace = true\nhere.workspace = true\nnext = { path = \"../next\" }\n"),
    ] {
        let path = format!("crates/lesson-{lesson}-x/Cargo.toml");
        course.write(&path, &(course.read(&path) + wanted));
    }
    let made = |step: usize| {
        course.step("05", step);
        let manifest: toml::Table = course.read("made/Cargo.toml").parse().unwrap();
        manifest["dependencies"].as_table().unwrap().clone()
    };
    let names = |dependencies: &toml::Table| dependencies.keys().cloned().collect::<Vec<_>>();
    let (parent, first, last) = (made(0), made(1), made(2));
    assert_eq!(names(&parent), ["old", "one"]);
    assert_eq!(names(&first), ["here", "next", "old", "one"]);
    assert_eq!(names(&last), ["here", "next", "one"]);
    assert_eq!(first["one"].to_string(), "{ features = [\"a\", \"b\"], version = \"1.0\" }");
    assert_eq!(last["one"]["features"].to_string(), "[\"a\"]");
    let root = course.folder.path().canonicalize().unwrap();
    assert_eq!(last["here"]["path"].as_str(), root.join("crates/here").to_str());
    assert_eq!(last["next"]["path"].as_str(), root.join("crates/lesson-05-x/../next").to_str());
}

#[test]
fn what_is_wrong_with_steps_is_said() {
    let course = Invented::with_steps();
    let table = "crates/lesson-03-x/steps/steps.toml";
    let right = course.read(table);
    let wrong = |from: &str, to: &str, expected: &str| {
        course.write(table, &right.replacen(from, to, 1));
        let said = course.fails(1, &["check", "03"]);
        assert!(said.contains(expected), "{expected}: {said}");
    };
    wrong("green = []", "green = [\"no-such-case\"]", "there is no case 'no-such-case'");
    wrong("stage = \"02\"", "stage = \"20\"", "there is no stage '20'");
    wrong("hints = []", "hints = []\nmoves = true", "changes lines all the same");
    wrong("hints = []", "hints = []\nwhole = [\"other.rs\"]", "does not change that file");
    wrong("id = \"beta\"", "id = \"other\"", "1-beta.patch is the patch of no step");
    wrong("hints", "hint", "unknown field");
    course.write(table, &right);

    let long: String = (0..41).map(|n| format!("// Line {n}.\n")).collect();
    let mut sources = main_rs(&[A, B]);
    sources.insert("long.rs".into(), long);
    course.split("03", 1, &sources, "long");
    let said = course.fails(1, &["check", "03"]);
    assert!(said.contains("step 03 1: 42 lines to write, and 40 are the most"), "{said}");

    let patch = "crates/lesson-03-x/steps/3-the-rest.patch";
    let text = course.read(patch);
    course.write(patch, &text.replace("gamma", "other"));
    assert!(course.fails(1, &["check", "03"]).contains("3-the-rest.patch does not fit"));
    course.write(patch, &text.replace("+    let said = \"gamma of 03\"", "+    let said = \"another\""));
    assert!(course.fails(1, &["check", "03"]).contains("do not add up"));
}

#[test]
fn a_wrong_command_line_is_refused_and_the_value_named() {
    let course = Invented::with_steps();
    for (words, named) in [
        (&["show", "99"][..], "'99'"),
        (&["show", "01"], "01"),
        (&["show"], "<NN>"),
        (&["show", "03", "3"], "'3'; they are 1 to 2"),
        (&["show", "03", "0"], "'0'"),
        (&["show", "03", "x"], "'x'"),
        (&["show", "03", "1", "--whole"], "--whole"),
        (&["show", "03", "--color", "blue"], "'blue'"),
        (&["show", "03", "--lang", "fr"], "'fr'"),
        (&["test", "03", "9"], "'9'"),
        (&["check", "x7"], "'x7'"),
        (&["record", "03", "x", "given"], "'x'"),
        (&["nonsense"], "'nonsense'"),
        (&["carry", "12"], "'12'"),
    ] {
        let said = course.fails(2, words);
        assert!(said.contains(named), "{words:?}: {said}");
    }
    let nowhere = Command::new(env!("CARGO_BIN_EXE_steps")).args(["--root", "/not/there", "check"]).output().unwrap();
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("/not/there"));
}

#[test]
fn steps_are_shown_in_colour_or_without_in_two_languages() {
    let course = Invented::with_steps();
    let plain = course.ok(&["show", "03"]);
    assert!(plain.contains("━━ 03 · 1/2  A step ") && plain.contains("━━ 03 · 2/2  A step "), "{plain}");
    assert!(!plain.contains('\u{1b}'), "{plain}");
    assert!(course.ok(&["show", "03", "2", "--color", "always"]).contains('\u{1b}'));
    let chinese = course.ok(&["show", "03", "2", "--lang", "zh"]);
    assert!(chinese.contains("03 · 2/2  一步") && !chinese.contains("1/2"), "{chinese}");
    assert!(course.fails(2, &["show", "77", "--lang", "zh"]).contains("没有“77”这一课"));
    assert!(course.ok(&["show", "03", "--whole"]).contains("━━ 03 against 02 ━"));

    let fallen_back = course.steps(&["show", "04"]);
    assert_eq!(fallen_back.status, 0);
    assert!(fallen_back.err.contains("lesson 04 has no steps yet; here is all that it changes"), "{fallen_back:?}");
    assert!(fallen_back.out.contains("+     let said = \"delta of 04\";"), "{fallen_back:?}");
}
