//! The program `learn`, as a learner uses it: by its plain commands, and in a real terminal. On a ladder of two rungs
//! that is invented here, in a course of its own.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

const LADDER: &str = "\
[[rung]]
id = \"an-answer\"
name = { en = \"It answers\", zh = \"能够回答\" }
minutes = 5
cases = [\"an-interrupt-ends-it\", \"it-listens\"]
gained = { en = \"Somebody hears it.\", zh = \"有人听见了。\" }
hints = [{ en = \"A nudge.\", zh = \"提示甲。\" }, { en = \"More.\", zh = \"提示乙。\" }, { en = \"Nearly all.\", zh = \"提示丙。\" }]
read = \"lesson-01#one\"

[[rung]]
id = \"pieces\"
name = { en = \"It waits for the rest\", zh = \"等待其余部分\" }
minutes = 5
cases = [\"a-request-may-come-in-two-pieces\", \"a-request-may-come-byte-by-byte\"]
gained = { en = \"A slow network does no harm.\", zh = \"慢网络也无妨。\" }
hints = [{ en = \"One read.\", zh = \"一次读取。\" }, { en = \"A loop.\", zh = \"循环。\" }, { en = \"Until the empty line.\", zh = \"直到空行。\" }]
read = \"lesson-01#two\"
";

const STARTER: &str = "\
import socket, sys

def answer(connection):
    pass

def main():
    listener = socket.create_server((\"127.0.0.1\", int(sys.argv[1])))
    while True:
        connection, _ = listener.accept()
        with connection:
            answer(connection)

main()
";
const ANSWERS: &str = "    connection.recv(1000)\n    connection.sendall(b\"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nhi\")\n";
const READS_ON: &str = "    seen = b\"\"\n    while b\"\\r\\n\\r\\n\" not in seen:\n        piece = connection.recv(1000)\n        if not piece:\n            return\n        seen += piece\n";

/// A course with the lessons of this one, and that ladder.
struct Invented(TempDir);

impl Invented {
    fn new() -> Invented {
        let course = Invented(tempfile::tempdir().unwrap());
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
        let crates = course.path("crates");
        fs::create_dir_all(&crates).unwrap();
        for entry in fs::read_dir(here.join("crates")).unwrap().flatten() {
            let name = entry.file_name();
            if ["lesson-", "protocol", "support"].iter().any(|start| name.to_string_lossy().starts_with(start)) {
                symlink(entry.path(), crates.join(name)).unwrap();
            }
        }
        for name in ["Cargo.toml", "Cargo.lock"] {
            symlink(here.join(name), course.path(name)).unwrap();
        }
        course.write("crates/tutor/ladders/01/ladder.toml", LADDER);
        course.write("crates/tutor/ladders/01/starters/python/server.py", STARTER);
        course
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    /// The server of the first rung, and that of the second.
    fn server(rung: usize) -> String {
        let read_on = ANSWERS.replace("    connection.recv(1000)\n", READS_ON);
        STARTER.replace("    pass\n", if rung == 1 { ANSWERS } else { &read_on })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_learn"));
        command.arg("--root").arg(self.0.path()).env("LC_ALL", "C.UTF-8");
        command
    }

    /// Its exit status, and all that it says.
    fn learn(&self, words: &str) -> (i32, String) {
        let Output { status, stdout, stderr } = self.command().args(words.split(' ')).output().unwrap();
        let said = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (status.code().unwrap(), said)
    }
}

#[test]
fn a_lesson_is_climbed_by_plain_commands() {
    let course = Invented::new();
    assert_eq!(course.learn("check").0, 2, "nothing was begun");
    let (status, said) = course.learn("01 --language python");
    assert_eq!(status, 1, "{said}");
    for part in [
        "no terminal here",
        "work/01-python is made",
        "rung 1 of 2",
        "expected  an answer to GET /",
        "it said   nothing",
        "by hand",
        "just learn check",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(fs::read_to_string(course.path("work/01-python/server.py")).unwrap(), STARTER);
    assert_eq!(course.learn("next").0, 1, "it is not reached");
    assert_eq!(course.learn("solution --yes").0, 1, "the hints come first");
    for (number, hint) in [(1, "A nudge."), (2, "More."), (3, "Nearly all."), (3, "Nearly all.")] {
        let (status, said) = course.learn("hint");
        assert_eq!(status, 0, "{said}");
        assert!(said.contains(&format!("hint {number} of 3")) && said.contains(hint), "{said}");
    }
    assert_eq!(course.learn("solution").0, 1, "there is a question first");

    course.write("work/01-python/server.py", "print('a'\n");
    let (status, said) = course.learn("check");
    assert!(status == 1 && said.contains("a syntax error") && said.contains("SyntaxError"), "{said}");

    course.write("work/01-python/server.py", &Invented::server(1));
    let (status, said) = course.learn("check --lang zh");
    assert!(status == 1 && said.contains("已达到第 1 级") && said.ends_with("rung 1 of 2\n"), "{said}");
    let (status, said) = course.learn("next");
    assert!(status == 1 && said.contains("✗ a-request-may-come-"), "{said}");
    course.write("work/01-python/server.py", &Invented::server(2));
    let (status, said) = course.learn("check");
    assert!(status == 0 && said.contains("A slow network does no harm.") && said.ends_with("rung 2 of 2\n"), "{said}");
    // What was green and is no more is seen, though another rung is next.
    let broken = Invented::server(2).replace("200 OK", "500 No");
    course.write("work/01-python/server.py", &broken);
    assert!(course.learn("check").1.contains("✗"), "it is broken");

    let (status, said) = course.learn("reset 01");
    assert!(status == 0 && said.contains("work/01-python.1"), "{said}");
    assert_eq!(fs::read_to_string(course.path("work/01-python.1/server.py")).unwrap(), broken);
    assert_eq!(fs::read_to_string(course.path("work/01-python/server.py")).unwrap(), STARTER);
    let (status, said) = course.learn("list");
    assert!(status == 0 && said.contains("▶  1  It answers"), "{said}");
}

#[test]
fn what_goes_wrong_is_told_so_that_one_can_go_on() {
    let course = Invented::new();
    course.learn("01 --language python");
    let says = |code: &str, parts: &[&str]| {
        course.write("work/01-python/server.py", code);
        let (status, said) = course.learn("check");
        assert_eq!(status, 1, "{said}");
        parts.iter().for_each(|part| assert!(said.contains(part), "{part}: {said}"));
    };
    let waits = ANSWERS.replace("recv(1000)", "recv(1000)\n    while True: pass");
    says(&STARTER.replace("    pass\n", &waits), &["and nothing came", "endless loop"]);
    says(
        &STARTER.replace("def main():\n", "def main():\n    while True: pass\n"),
        &["does not listen", "endless loop"],
    );
    // An error that is caught and not printed.
    let silent = ANSWERS.replace("    connection.recv", "    return connection.recv");
    says(&STARTER.replace("    pass\n", &silent), &["it said", "also an error that it catches"]);
    says("print('a'\n", &["a syntax error", "line 1", "SyntaxError"]);
    let (status, said) = course.learn("hints");
    assert!(status == 2 && said.contains("no command 'hints'"), "{said}");
    fs::remove_file(course.path("work/01-python/server.py")).unwrap();
    let (status, said) = course.learn("check");
    assert!(status == 2 && said.contains("just learn reset"), "{said}");
}

#[test]
fn a_folder_that_lies_anywhere_is_judged() {
    let course = Invented::new();
    let check = "check --lesson 01 --language python --dir";
    let folder = |rung: usize| {
        let text = if rung == 0 { STARTER.to_owned() } else { Invented::server(rung) };
        course.write(&format!("{rung}/server.py"), &text);
        course.path(&rung.to_string()).display().to_string()
    };
    for (rung, status) in [(0, 1), (1, 1), (2, 0)] {
        let Output { status: ended, stdout, .. } =
            course.command().args(check.split(' ')).arg(folder(rung)).output().unwrap();
        let said = String::from_utf8(stdout).unwrap();
        assert_eq!((ended.code(), said.lines().last()), (Some(status), Some(format!("rung {rung} of 2").as_str())));
    }
    let (status, said) = course.learn(&format!("{check} /no/such/folder"));
    assert_eq!(status, 2, "{said}");
    assert!(!course.path("work").exists(), "it is no work of a learner");
}

/// A terminal of 80 columns and 24 lines, with a shell in it.
struct Terminal {
    socket: String,
}

impl Terminal {
    /// `None`: there is no tmux here.
    fn new() -> Option<Terminal> {
        let socket = format!("learn-{}", std::process::id());
        let terminal = Terminal { socket };
        let shell = "env LC_ALL=C.UTF-8 PS1=ready# sh";
        let started = terminal.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", shell]);
        started.is_some().then_some(terminal)
    }

    fn tmux(&self, words: &[&str]) -> Option<String> {
        let ended = Command::new("tmux").args(["-L", &self.socket]).args(words).env_remove("TMUX").output().ok()?;
        assert!(ended.status.success(), "tmux {words:?}: {}", String::from_utf8_lossy(&ended.stderr));
        String::from_utf8(ended.stdout).ok()
    }

    fn keys(&self, keys: &str) {
        self.tmux(&["send-keys", keys]);
    }

    fn types(&self, line: &str) {
        self.tmux(&["send-keys", "-l", line]);
        self.keys("Enter");
    }

    /// The screen, once it shows all of this.
    fn shows(&self, parts: &[&str]) -> String {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let screen = self.tmux(&["capture-pane", "-p"]).unwrap_or_default();
            if parts.iter().all(|part| screen.contains(part)) {
                return screen;
            }
            assert!(Instant::now() < deadline, "not all of {parts:?} in\n{screen}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// That lines are read as lines again, and what is typed is seen.
    fn is_as_it_was(&self) {
        self.types("clear; stty -a | grep -q ' icanon' && stty -a | grep -q ' echo ' && echo sound-$((40 + 2))");
        self.shows(&["sound-42"]);
        self.types("clear");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = Command::new("tmux").args(["-L", &self.socket, "kill-server"]).output();
    }
}

#[test]
fn a_lesson_is_climbed_in_a_real_terminal() {
    let Some(terminal) = Terminal::new() else {
        println!("skipped: there is no tmux here");
        return;
    };
    let course = Invented::new();
    let learn = format!("{} --root {}", env!("CARGO_BIN_EXE_learn"), course.0.path().display());
    let write = |text: &str| course.write("work/01-python/server.py", text);

    // Begin, and fail.
    terminal.types(&format!("{learn} 01 --language python"));
    let screen = terminal.shows(&["rung 1 of 2", "✗ ", "sent", "came", "expected", "by hand", "read on", "q quit"]);
    assert!(screen.trim_end().lines().count() <= 24, "{screen}");
    // A hint.
    terminal.keys("h");
    terminal.shows(&["hint 1 of 3", "A nudge.", "h hint 1/3"]);
    terminal.keys("s");
    terminal.shows(&["the hints come first"]);
    // It stays there when a verdict comes.
    terminal.keys("a");
    terminal.keys("h");
    terminal.shows(&["hint 2 of 3", "last verdict after"]);
    // Code that is none.
    write("print('a'\n");
    let screen = terminal.shows(&["a syntax error", "SyntaxError"]);
    assert!(!screen.contains("Traceback"), "{screen}");
    // Pass; the next rung is not reached by what reached this one.
    write(&Invented::server(1));
    terminal.shows(&["✓ rung 1 of 2 is reached", "Somebody hears it.", "n next"]);
    terminal.keys("n");
    terminal.shows(&["rung 2 of 2", "✗ a-request-may-come-", "sleep 1"]);
    // In Chinese, and back.
    terminal.keys("z");
    terminal.shows(&["第 2/2 级", "发送", "q 退出"]);
    terminal.keys("z");
    terminal.shows(&["rung 2 of 2", "q quit"]);
    // Run it, as often as one likes.
    terminal.keys("r");
    terminal.shows(&["http://127.0.0.1:7890 serves target/learn/site/root"]);
    terminal.keys("C-c");
    terminal.shows(&["rung 2 of 2", "q quit"]);
    // Quit, and come back.
    terminal.keys("q");
    terminal.shows(&["lesson 01, rung 2 of 2", "To go on: just learn"]);
    terminal.is_as_it_was();
    terminal.types(&learn);
    terminal.shows(&["rung 2 of 2", "✗ a-request-may-come-"]);
    write(&Invented::server(2));
    terminal.shows(&["✓ rung 2 of 2 is reached", "the last rung"]);
    // Ctrl-C, and a signal, leave the terminal as it was.
    terminal.keys("C-c");
    terminal.shows(&["To go on: just learn"]);
    terminal.is_as_it_was();
    terminal.types(&learn);
    terminal.shows(&["q quit"]);
    let found = Command::new("pgrep").args(["-f", &learn]).output().unwrap();
    for pid in String::from_utf8_lossy(&found.stdout).lines() {
        let _ = Command::new("kill").args(["-TERM", pid]).status();
    }
    terminal.shows(&["Terminated"]);
    terminal.is_as_it_was();
}

#[test]
fn a_change_of_a_solution_goes_on_into_those_behind_it() {
    let course = Invented::new();
    let rung = LADDER.split("\n\n").next().unwrap();
    let of_02 = rung.replace("an-interrupt-ends-it", "an-empty-file-has-length-zero");
    course.write("crates/tutor/ladders/02/ladder.toml", &of_02);
    let ladder = |task: &str, lesson: &str, folder: &str| {
        let folder = course.path(folder).display().to_string();
        let (status, said) = course.learn(&format!("ladder {task} {lesson} python {folder}"));
        assert_eq!(status, 0, "{said}");
    };
    let read = |path: &str| fs::read_to_string(course.path(path)).unwrap();
    ladder("make", "01", "one");
    assert_eq!(read("one/0/server.py"), STARTER);
    course.write("one/1/server.py", &Invented::server(1));
    ladder("record", "01", "one");
    assert_eq!(read("one/2/server.py"), Invented::server(1), "nobody had changed it");
    course.write("one/2/server.py", &Invented::server(2));
    course.write("one/wrong-2-halts/server.py", &Invented::server(2).replace("return", "sys.exit()"));
    ladder("record", "01", "one");
    ladder("make", "02", "two");
    course.write("two/1/server.py", &(Invented::server(2) + "# The end.\n"));
    ladder("record", "02", "two");

    // In the first rung of 01, through all that comes behind.
    course.write("one/1/server.py", &Invented::server(1).replace("\\r\\n\\r\\nhi", "\\r\\n\\r\\nho"));
    ladder("record", "01", "one");
    ladder("make", "01", "again");
    ladder("make", "02", "again-two");
    for path in ["again/1", "again/2", "again/wrong-2-halts", "again-two/0", "again-two/1"] {
        assert!(read(&format!("{path}/server.py")).contains("\\r\\nho"), "{path}");
    }
    assert!(
        read("again/2/server.py").contains("seen = b\"\"")
            && read("again/wrong-2-halts/server.py").contains("sys.exit()")
    );
    assert!(read("again-two/1/server.py").ends_with("# The end.\n"));
}
