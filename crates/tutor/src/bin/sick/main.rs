//! `sick`: a server with a defect is started, and the learner finds out which it has.

mod arguments;

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::{ExitCode, exit};
use std::time::SystemTime;
use std::{env, thread};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tutor::both;
use tutor::language::{Both, Failure, Language};
use tutor::sick::{self, Patient, Running, Solved};
use tutor::terminal::{say, warn};
use tutor::workspace;
use tutor::wrap::{COLUMNS, wrapped};

use arguments::{Arguments, Task};

/// Where the learner's patients are, and who there is.
struct Ward {
    root: PathBuf,
    folder: PathBuf,
    all: Vec<Patient>,
    language: Language,
}

fn main() -> ExitCode {
    let (arguments, language) = Arguments::read();
    match run(&arguments, language) {
        Ok(status) => status,
        Err(Failure { said, status }) => {
            warn(&format!("sick: {}\n", said.say(language)));
            ExitCode::from(status)
        }
    }
}

fn run(arguments: &Arguments, language: Language) -> Result<ExitCode, Failure> {
    // For tests, which must not touch what a learner has done.
    let root = workspace::checkout();
    let folder = env::var_os("SICK_FOLDER").map_or_else(|| sick::folder(&root), PathBuf::from);
    let ward = Ward { root, folder, all: sick::patients()?, language };
    match &arguments.command {
        _ if arguments.list => ward.list(),
        None if io::stdin().is_terminal() => ward.at_a_prompt(arguments.number),
        None => ward.start(arguments.number),
        Some(Task::Start { number }) => ward.start(*number),
        Some(Task::Report) => ward.report(),
        Some(Task::Hint) => ward.hint().map(|()| ExitCode::SUCCESS),
        Some(Task::Answer { letter }) => Ok(status(ward.answer(*letter)?)),
        Some(Task::Stop) => ward.stop(),
        Some(Task::List) => ward.list(),
        Some(Task::Key) => {
            say(&sick::key(&ward.all, language));
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// 0 for the right answer, 1 for a wrong one.
fn status(right: bool) -> ExitCode {
    if right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Ward {
    fn patient(&self, number: u16) -> Result<&Patient, Failure> {
        self.all.iter().find(|patient| patient.number == number).ok_or_else(|| {
            Failure::wrong(both!(
                "there is no patient {number}; just sick list names all",
                "没有病人 {number}；just sick list 列出所有病人"
            ))
        })
    }

    /// Any that is open. When all are solved, any.
    fn any(&self) -> Result<&Patient, Failure> {
        let solved = Solved::load(&self.folder)?;
        let mut open: Vec<&Patient> = self.all.iter().filter(|one| solved.of(one.number).is_none()).collect();
        if open.is_empty() {
            open = self.all.iter().collect();
        }
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let at = now.subsec_nanos() as usize / 1000 % open.len().max(1);
        open.get(at).copied().ok_or_else(|| Failure::wrong(both!("there are no patients", "没有病人")))
    }

    /// Starts one in the place of the one that may run.
    fn begin(&self, number: Option<u16>) -> Result<Running, Failure> {
        let patient = number.map_or_else(|| self.any(), |number| self.patient(number))?;
        let programs = workspace::built(&self.root, &["mutant"])?;
        if let Ok(before) = Running::load(&self.folder) {
            before.stop(&self.folder)?;
        }
        let running = Running::start(patient, &programs, &self.folder)?;
        say(&sick::report(patient, &running, &self.all, &self.folder, self.language));
        Ok(running)
    }

    fn start(&self, number: Option<u16>) -> Result<ExitCode, Failure> {
        self.begin(number)?;
        self.say(&both!(
            "\njust sick hint, just sick answer LETTER, just sick report, just sick stop\n",
            "\njust sick hint（提示），just sick answer 字母（回答），just sick report（报告），just sick stop（结束）\n"
        ));
        Ok(ExitCode::SUCCESS)
    }

    fn report(&self) -> Result<ExitCode, Failure> {
        let running = Running::load(&self.folder)?;
        let patient = self.patient(running.number)?;
        say(&sick::report(patient, &running, &self.all, &self.folder, self.language));
        if !running.is_alive() {
            let number = running.number;
            self.say(&both!(
                "\nIts server has ended. just sick {number} starts it again.\n",
                "\n它的服务器已经结束。just sick {number} 重新启动。\n"
            ));
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The next hint; the last one again, when all are open.
    fn hint(&self) -> Result<(), Failure> {
        let mut running = Running::load(&self.folder)?;
        let hints = &self.patient(running.number)?.hint;
        running.hints = (running.hints + 1).min(hints.len());
        running.save(&self.folder)?;
        let (shown, of) = (running.hints, hints.len());
        self.say(&both!("Hint {shown} of {of}\n", "提示 {shown}/{of}\n"));
        let hint = running.filled(&hints[shown - 1], &self.folder);
        say(&wrapped(hint.say(self.language), COLUMNS, "  "));
        Ok(())
    }

    /// Whether it is right.
    fn answer(&self, letter: char) -> Result<bool, Failure> {
        let mut running = Running::load(&self.folder)?;
        let patient = self.patient(running.number)?;
        let choices = patient.choices(&self.all);
        let Some(chosen) = choices.iter().find(|choice| choice.letter == letter.to_ascii_lowercase()) else {
            return Err(Failure::wrong(both!(
                "the answers are a to d, not {letter}",
                "答案是 a 到 d，而不是 {letter}"
            )));
        };
        let filled = |text: &Both| running.filled(text, &self.folder);
        say(&sick::outcome(patient, chosen, &self.all, &self.root, filled, self.language));
        if chosen.why_not.is_some() {
            running.wrong += 1;
            running.save(&self.folder)?;
            return Ok(false);
        }
        let mut solved = Solved::load(&self.folder)?;
        solved.add(&running, &self.folder)?;
        let port = running.port;
        self.say(&both!(
            "\nIt still runs, with PORT {port}: look again, now that you know. Then: just sick stop\n",
            "\n它还在运行，PORT 是 {port}：知道了答案，不妨再看一遍。然后 just sick stop\n"
        ));
        Ok(true)
    }

    fn stop(&self) -> Result<ExitCode, Failure> {
        let running = Running::load(&self.folder)?;
        running.stop(&self.folder)?;
        let number = running.number;
        self.say(&both!("patient {number} has been stopped\n", "病人 {number} 已停止\n"));
        Ok(ExitCode::SUCCESS)
    }

    fn list(&self) -> Result<ExitCode, Failure> {
        say(&sick::list(&self.all, &Solved::load(&self.folder)?, self.language));
        Ok(ExitCode::SUCCESS)
    }

    /// Up to `quit`, the end of what is typed, or a signal. The server ends with it.
    fn at_a_prompt(&self, number: Option<u16>) -> Result<ExitCode, Failure> {
        stop_on_signals(self.folder.clone())?;
        let running = self.begin(number)?;
        let mut number = running.number;
        let mut lines = io::stdin().lock().lines();
        loop {
            self.say(&both!(
                "\na, b, c, d: answer  h: hint  r: report  n: another  l: list  q: quit\n{number}> ",
                "\na、b、c、d：回答  h：提示  r：报告  n：换一个  l：列表  q：退出\n{number}> "
            ));
            let Some(Ok(line)) = lines.next() else { break };
            let done = match line.trim() {
                "" => Ok(()),
                "h" | "hint" => self.hint(),
                "r" | "report" => self.report().map(drop),
                "l" | "list" => self.list().map(drop),
                "n" | "next" => self.begin(None).map(|running| number = running.number),
                "q" | "quit" => break,
                word => match word.trim_start_matches("answer").trim().chars().collect::<Vec<_>>()[..] {
                    [letter] => self.answer(letter).map(drop),
                    _ => Err(Failure::wrong(both!("there is no command {word}", "没有命令 {word}"))),
                },
            };
            if let Err(failure) = done {
                let _ = writeln!(anstream::stderr(), "{}", failure.said.say(self.language));
            }
        }
        let _ = io::stdout().write_all(b"\n");
        self.stop()
    }

    fn say(&self, text: &Both) {
        say(text.say(self.language));
    }
}

/// A signal that ends this program ends the server too.
fn stop_on_signals(folder: PathBuf) -> Result<(), Failure> {
    let cannot = |error| Failure::failed(both!("cannot take signals: {error}", "无法处理信号：{error}"));
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(cannot)?;
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            if let Ok(running) = Running::load(&folder) {
                let _ = running.stop(&folder);
            }
            let _ = io::stdout().write_all(b"\n");
            // As a shell says it of a program that a signal has ended.
            exit(128 + signal)
        }
    });
    Ok(())
}
