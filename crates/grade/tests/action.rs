//! What this repository gives to GitHub and to containers: `action.yml`, workflows, `Dockerfile`, the dev container.
//! Read by programs that no one here wrote, where they are there; and the steps of the action run as GitHub runs them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Runs it in the repository. `None`: it is not here.
fn run(program: &str, arguments: &[&str]) -> Option<Output> {
    let output = Command::new(program).args(arguments).current_dir(root()).stdin(Stdio::null()).output();
    if output.is_err() {
        eprintln!("not looked at: there is no {program} here");
    }
    output.ok()
}

/// A file of YAML, read by Python. `None`: it has no library for that.
fn yaml(path: &str) -> Option<Value> {
    const PROGRAM: &str = "\
import json, sys
try:
    from ruamel.yaml import YAML
    load = YAML(typ='safe').load
except ImportError:
    try:
        from yaml import safe_load as load
    except ImportError:
        sys.exit(77)
json.dump(load(sys.stdin), sys.stdout)";
    let mut command = Command::new("python3");
    command.args(["-c", PROGRAM]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().ok()?;
    child.stdin.take()?.write_all(read(path).as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    if output.status.code() == Some(77) {
        eprintln!("not looked at: Python reads no YAML here");
        return None;
    }
    assert!(output.status.success(), "{path}: {output:?}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn action_and_workflows_are_as_their_schemas_say() {
    let files = [
        ("vendor.github-actions", "action.yml"),
        ("vendor.github-workflows", ".github/workflows/ci.yml"),
        ("vendor.github-workflows", "classroom/template/.github/workflows/grade.yml"),
    ];
    for (schema, file) in files {
        if let Some(output) = run("check-jsonschema", &["--builtin-schema", schema, file]) {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        }
    }
}

#[test]
fn dockerfiles_are_sound() {
    for file in ["Dockerfile", ".devcontainer/Dockerfile"] {
        if let Some(output) = run("hadolint", &[file]) {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        }
    }
}

#[test]
fn the_dev_container_has_what_ci_installs() {
    let container = read(".devcontainer/Dockerfile");
    let words: Vec<&str> = container.split_whitespace().collect();
    let script = read(".ci/run");
    let lists = script.lines().filter_map(|line| line.split_once("lacking+=(")?.1.split_once(')'));
    let packages: Vec<&str> = lists.flat_map(|(names, _)| names.split_whitespace()).collect();
    assert!(packages.len() > 8, "{packages:?}");
    let missing: Vec<&str> = packages.into_iter().filter(|name| !words.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let settings: Value = serde_json::from_str(&read(".devcontainer/devcontainer.json")).unwrap();
    assert_eq!(settings["build"]["dockerfile"], "Dockerfile");
    // `just trace` stands on ptrace(2), lesson 11 on io_uring, which Docker's own profile does not let through.
    let arguments = settings["runArgs"].to_string();
    assert!(arguments.contains("SYS_PTRACE") && arguments.contains("seccomp"), "{arguments}");
}

/// Each `${{ … }}` in a text.
fn expressions(text: &str) -> Vec<&str> {
    text.split("${{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0.trim())).collect()
}

#[test]
fn each_input_of_the_action_is_used_and_each_that_is_used_is_there() {
    let Some(action) = yaml("action.yml") else { return };
    let declared: Vec<&str> = action["inputs"].as_object().unwrap().keys().map(String::as_str).collect();
    let text = read("action.yml");
    let used: Vec<&str> = expressions(&text).into_iter().filter_map(|name| name.strip_prefix("inputs.")).collect();
    for name in &declared {
        assert!(used.contains(name), "nobody asks for {name}");
        assert!(action["inputs"][name]["description"].is_string() && action["inputs"][name]["default"].is_string());
    }
    assert!(used.iter().all(|name| declared.contains(name)), "{used:?}");
}

/// The steps of the action that are ours, run one after another with these inputs.
struct Run {
    temporary: TempDir,
    status: i32,
    said: String,
}

impl Run {
    fn of(inputs: &[(&str, &str)]) -> Option<Run> {
        let action = yaml("action.yml")?;
        let temporary = tempfile::tempdir().unwrap();
        let mut given: BTreeMap<String, String> = BTreeMap::new();
        for (name, input) in action["inputs"].as_object().unwrap() {
            given.insert(format!("inputs.{name}"), input["default"].as_str().unwrap().to_owned());
        }
        for (name, value) in inputs {
            assert!(given.insert(format!("inputs.{name}"), (*value).to_owned()).is_some(), "no input {name}");
        }
        given.insert("runner.temp".into(), temporary.path().display().to_string());
        let mut run = Run { temporary, status: 0, said: String::new() };
        for step in action["runs"]["steps"].as_array().unwrap() {
            let Some(script) = step["run"].as_str() else { continue };
            let output = run.step(step, script, &given);
            run.said.push_str(&String::from_utf8_lossy(&output.stdout));
            run.said.push_str(&String::from_utf8_lossy(&output.stderr));
            run.status = output.status.code().unwrap_or(-1);
            for (name, value) in run.outputs() {
                given.insert(format!("steps.{}.outputs.{name}", step["id"].as_str().unwrap_or_default()), value);
            }
            if run.status != 0 {
                break;
            }
        }
        Some(run)
    }

    fn step(&self, step: &Value, script: &str, given: &BTreeMap<String, String>) -> Output {
        // As GitHub starts it for `shell: bash`.
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).current_dir(root());
        command.env("GITHUB_ACTION_PATH", root()).stdin(Stdio::null());
        for name in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"] {
            command.env(name, self.temporary.path().join(name));
        }
        for (name, value) in step["env"].as_object().into_iter().flatten() {
            let text = value.as_str().unwrap();
            let expression = expressions(text);
            let value = expression.first().map_or(Some(text), |name| given.get(*name).map(String::as_str));
            command.env(name, value.unwrap_or_else(|| panic!("nobody has said {text}")));
        }
        command.output().unwrap()
    }

    fn outputs(&self) -> BTreeMap<String, String> {
        let text = fs::read_to_string(self.temporary.path().join("GITHUB_OUTPUT")).unwrap_or_default();
        text.lines().filter_map(|line| line.split_once('=')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
    }

    fn summary(&self) -> String {
        fs::read_to_string(self.temporary.path().join("GITHUB_STEP_SUMMARY")).unwrap_or_default()
    }
}

/// Where `check` and `grade` have been built for this test.
fn programs() -> String {
    let folder = Path::new(env!("CARGO_BIN_EXE_grade")).parent().unwrap();
    assert!(folder.join("check").is_file(), "first: cargo build --package http-suite --bin check");
    folder.display().to_string()
}

const SLOW: [(&str, &str); 2] = [("stage", "01"), ("language", "en")];

#[test]
#[ignore = "needs check; .ci/run does it"]
fn the_action_grades_a_server() {
    let folder = "crates/grade/tests/class/honest";
    let programs = programs();
    let few = "--only two-hosts-are-refused --only a-request-may-come-in-two-pieces --no-second-look";
    let inputs = [
        ("programs", programs.as_str()),
        ("folder", folder),
        ("format", "junit gradescope"),
        ("pass-mark", "20"),
        ("options", few),
    ];
    let Some(run) = Run::of(&[&SLOW[..], &inputs].concat()) else { return };
    let outputs = run.outputs();
    assert_eq!(run.status, 0, "{}", run.said);
    assert!(outputs["points"].parse::<f64>().unwrap() >= 20.0, "{outputs:?}");
    // It is lenient where a lesson is not.
    assert_eq!(outputs["verdict"], "failed", "{}", run.said);
    assert!(run.summary().contains("## submission: ") && run.summary().contains("| gained |"), "{}", run.summary());
    assert!(run.said.lines().any(|line| line.starts_with("::error title=")), "{}", run.said);
    for file in ["index.html", "report.jsonl", "junit.xml", "results.json"] {
        assert!(Path::new(&outputs["reports"]).join(file).is_file(), "no {file}");
    }
}

#[test]
#[ignore = "needs check; .ci/run does it"]
fn the_action_fails_where_nothing_can_be_built() {
    let programs = programs();
    let given = |more: &[(&'static str, &'static str)]| {
        let inputs = [("programs", programs.as_str()), ("folder", "crates/grade/tests/class/no-way-in")];
        Run::of(&[&SLOW[..], &inputs, more].concat())
    };
    let Some(run) = given(&[("summary", "false")]) else { return };
    assert_eq!((run.status, run.outputs()["verdict"].as_str()), (1, "not-built"), "{}", run.said);
    assert!(run.said.contains("::error title=submission") && run.summary().is_empty(), "{}", run.said);
    // What the workflow says holds; quotation marks and backslashes of a shell are kept.
    let build = r#"test "a\b" = 'a\b' && exit 3"#;
    let run = given(&[("build", build), ("command", "./server {port}"), ("language", "zh")]).unwrap();
    assert!(run.summary().contains("构建失败") && run.summary().contains('3'), "{}", run.summary());
    let run = given(&[("pass-mark", "0"), ("annotations", "false")]).unwrap();
    assert!(run.status == 0 && !run.said.contains("::error"), "{}", run.said);
}

#[test]
#[ignore = "builds both programs anew, for minutes; .ci/run does it"]
fn what_is_given_away_runs_without_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("dist");
    let output = Command::new(root().join("classroom/dist")).arg(&out).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("-linux-musl, ") || said.contains("linked to glibc, "), "{said}");
    let sums = Command::new("sha256sum").args(["--check", "SHA256SUMS"]).current_dir(&out).output().unwrap();
    assert!(sums.status.success(), "{sums:?}");

    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    fs::copy(root().join("crates/grade/tests/class/honest/server.py"), empty.join("server.py")).unwrap();
    let alone = |program: &str, words: &[&str]| {
        let mut command = Command::new(out.join(program));
        command.args(words).current_dir(&empty).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.stdin(Stdio::null()).output().unwrap()
    };
    let server = ["--", "python3", "server.py", "{port}", "{root}"];
    let cases = ["--stage", "01", "--only", "a-request-may-come-in-two-pieces", "--format", "json"];
    let output = alone("check", &[&cases[..], &server].concat());
    assert!(output.status.success(), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["cases"][0]["verdict"], "passes", "{report:#}");
    // It names itself as it is called here.
    let help = String::from_utf8(alone("check", &["--help"]).stdout).unwrap();
    assert!(help.contains("check --stage 04") && !help.contains("just "), "{help}");
    fs::write(empty.join("report.json"), &output.stdout).unwrap();
    let summary = alone("grade", &["report", "report.json", "--format", "summary"]);
    assert!(
        summary.status.success() && String::from_utf8_lossy(&summary.stdout).contains("## report: "),
        "{summary:?}"
    );
}
