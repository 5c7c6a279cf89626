//! The watching terminal: builds and judges on each save, and shows one failing case.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use http_suite::SharedHouse;
use notify::{RecursiveMode, Watcher};
use tutor::both;
use tutor::climb::{Climb, Verdict};
use tutor::course::Course;
use tutor::judge::Judge;
use tutor::language::{Both, Failure, Language};
use tutor::program::Program;
use tutor::show;
use tutor::terminal::say;
use tutor::tree::{self, Tree};
use tutor::view::{self, DIM, Size};
use tutor::wrap;

use crate::commands::{self, PORT, SITE};
use crate::screen::Screen;
use crate::standing;

/// How long to wait for a key before looking for other news.
const BEAT: Duration = Duration::from_millis(40);
/// How often the files are looked at where nobody says that they have changed.
const LOOK: Duration = Duration::from_secs(1);
/// An editor may write a file in several pieces.
const SETTLE: Duration = Duration::from_millis(30);
/// How many lines of a server that runs are kept.
const OUTPUT: usize = 500;
const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// What other threads have to say. Numbers tell to which attempt it belongs.
enum News {
    Changed,
    Built(usize),
    Passed(usize, usize),
    Judged(usize, Result<Verdict, Failure>),
    Ready(usize, Result<(Child, Program), Failure>),
    Said(usize, String),
}

/// What fills the screen.
enum Shown {
    Rung,
    Hint(usize, Both),
    AskForSolution,
    /// Lines to be scrolled through.
    Pages(Vec<String>),
    /// The learner's server runs.
    Server,
}

/// What is under way.
enum Work {
    Nothing,
    Building,
    Judging(usize),
}

struct Watching<'a> {
    course: &'a Course,
    climb: Climb,
    language: Language,
    judge: Judge,
    screen: Screen,
    tell: Sender<News>,
    told: Receiver<News>,
    /// What was judged last, or is being judged.
    seen: Tree,
    attempt: usize,
    work: Work,
    since: Instant,
    took: Option<Duration>,
    verdict: Option<Result<Verdict, Failure>>,
    shown: Shown,
    scroll: usize,
    message: Option<Both>,
    server: Option<(Child, Program)>,
    run: usize,
    output: VecDeque<String>,
    watches: bool,
}

/// Watches until the learner quits. Where the terminal cannot be taken over, that is an error.
pub fn watch(
    course: &Course,
    climb: Climb,
    begun: Option<Both>,
    house: &SharedHouse,
    language: Language,
) -> Result<ExitCode, Failure> {
    let judge = standing::judge(house, false)?;
    let screen = Screen::take().map_err(|error| {
        Failure::wrong(both!(
            "the terminal cannot be taken over: {error}. These do the same: just learn --plain, check, hint, next, list",
            "无法接管终端：{error}。以下命令作用相同：just learn --plain、check、hint、next、list"
        ))
    })?;
    let (tell, told) = mpsc::channel();
    let mut watching = Watching {
        course,
        climb,
        language,
        judge,
        screen,
        tell,
        told,
        seen: Tree::new(),
        attempt: 0,
        work: Work::Nothing,
        since: Instant::now(),
        took: None,
        verdict: None,
        shown: Shown::Rung,
        scroll: 0,
        message: begun,
        server: None,
        run: 0,
        output: VecDeque::new(),
        watches: false,
    };
    let ended = watching.until_the_end();
    watching.stop_server();
    let (climb, language) = (watching.climb.clone(), watching.language);
    drop(watching);
    ended?;
    let (rung, of, lesson, folder) = (climb.rung(), climb.ladder.len(), climb.ladder.lesson, climb.shown_folder());
    let said = both!(
        "lesson {lesson}, rung {rung} of {of}; your work is in {folder}. To go on: just learn\n",
        "第 {lesson} 课，第 {rung} 级，共 {of} 级；代码在 {folder}。继续：just learn\n"
    );
    say(said.say(language));
    Ok(ExitCode::SUCCESS)
}

impl Watching<'_> {
    fn until_the_end(&mut self) -> Result<(), Failure> {
        let lost =
            |error: std::io::Error| Failure::failed(both!("the terminal is lost: {error}", "终端已断开：{error}"));
        let mut watched = PathBuf::new();
        let mut _watcher = None;
        let mut changed = true;
        let mut looked = Instant::now();
        loop {
            let folder = self.climb.folder();
            if folder != watched {
                // A lesson was begun.
                _watcher = watcher(&folder, self.tell.clone());
                self.watches = _watcher.is_some();
                watched = folder;
                changed = true;
            }
            if changed || looked.elapsed() >= LOOK {
                self.look();
                (changed, looked) = (false, Instant::now());
            }
            self.draw().map_err(lost)?;
            if event::poll(BEAT).map_err(lost)? {
                let happened = event::read().map_err(lost)?;
                if let Event::Key(key) = happened
                    && key.kind != KeyEventKind::Release
                    && self.key(key)?
                {
                    return Ok(());
                }
            }
            while let Ok(news) = self.told.try_recv() {
                match news {
                    News::Changed => changed = true,
                    other => self.hear(other)?,
                }
            }
            if changed {
                thread::sleep(SETTLE);
            }
        }
    }

    /// Begins an attempt if the files are not as they were.
    fn look(&mut self) {
        let Ok(now) = tree::read_any(&self.climb.folder()) else { return };
        if now != self.seen {
            self.seen = now;
            // What it says of this is what the learner waits for. A hint that is opened from now on stays.
            if !matches!(self.shown, Shown::Server) {
                self.show(Shown::Rung);
            }
            self.again();
        }
    }

    /// Builds and judges what is there.
    fn again(&mut self) {
        self.attempt += 1;
        let (number, attempt, judge, rung) =
            (self.attempt, self.climb.attempt(), self.judge.clone(), self.climb.rung());
        (self.work, self.since, self.took) = (Work::Building, Instant::now(), None);
        let (built, passed, judged) = (self.tell.clone(), self.tell.clone(), self.tell.clone());
        thread::spawn(move || {
            let verdict = attempt.judge(
                &judge,
                rung,
                || drop(built.send(News::Built(number))),
                |count| drop(passed.send(News::Passed(number, count))),
            );
            let _ = judged.send(News::Judged(number, verdict));
        });
    }

    fn hear(&mut self, news: News) -> Result<(), Failure> {
        match news {
            News::Built(number) if number == self.attempt => self.work = Work::Judging(0),
            News::Passed(number, count) if number == self.attempt => self.work = Work::Judging(count),
            News::Judged(number, verdict) if number == self.attempt => {
                (self.work, self.took) = (Work::Nothing, Some(self.since.elapsed()));
                if matches!(verdict, Ok(Verdict::Reached)) {
                    self.climb.reach()?;
                }
                self.verdict = Some(verdict);
            }
            News::Ready(run, ready) if run == self.run => match ready {
                Ok((mut child, program)) => {
                    let outputs: [Option<Box<dyn Read + Send>>; 2] = [
                        child.stdout.take().map(|out| Box::new(out) as Box<dyn Read + Send>),
                        child.stderr.take().map(|out| Box::new(out) as Box<dyn Read + Send>),
                    ];
                    for output in outputs.into_iter().flatten() {
                        let tell = self.tell.clone();
                        thread::spawn(move || {
                            for line in BufReader::new(output).lines().map_while(Result::ok) {
                                if tell.send(News::Said(run, line)).is_err() {
                                    return;
                                }
                            }
                        });
                    }
                    self.server = Some((child, program));
                }
                Err(failure) => self.output.extend(failure.said.say(self.language).lines().map(str::to_owned)),
            },
            // Nobody waits for it any more.
            News::Ready(_, Ok((mut child, _))) => {
                let _ = child.kill();
                let _ = child.wait();
            }
            News::Said(run, line) if run == self.run => {
                self.output.push_back(line);
                if self.output.len() > OUTPUT {
                    self.output.pop_front();
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn show(&mut self, shown: Shown) {
        (self.shown, self.scroll) = (shown, 0);
    }

    /// What a key does. `true`: the learner quits.
    fn key(&mut self, key: KeyEvent) -> Result<bool, Failure> {
        let is_interrupt =
            key.modifiers.contains(KeyModifiers::CONTROL) && matches!(key.code, KeyCode::Char('c' | 'd'));
        self.message = None;
        if let Shown::Server = self.shown {
            if is_interrupt || matches!(key.code, KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q' | 'r')) {
                self.stop_server();
                self.show(Shown::Rung);
            }
            return Ok(false);
        }
        if is_interrupt {
            return Ok(true);
        }
        if let Shown::AskForSolution = self.shown {
            if key.code == KeyCode::Char('y') {
                self.show_solution()?
            } else {
                self.show(Shown::Rung)
            }
            return Ok(false);
        }
        match key.code {
            KeyCode::Char('q') => return Ok(true),
            KeyCode::Char('h') => {
                let (number, said) = self.climb.hint()?;
                self.show(Shown::Hint(number, said));
            }
            KeyCode::Char('s') => self.solution()?,
            KeyCode::Char('r') => self.start_server(),
            KeyCode::Char('l') => {
                let lines = view::list(&self.climb, self.screen.size().0, self.language);
                self.show(Shown::Pages(lines));
            }
            KeyCode::Char('a') => {
                self.show(Shown::Rung);
                self.again();
            }
            KeyCode::Char('z') => {
                self.language = self.language.other();
                self.show(Shown::Rung);
            }
            KeyCode::Char('n') => self.next()?,
            KeyCode::Down | KeyCode::Char('j') => self.scroll += 1,
            KeyCode::Up | KeyCode::Char('k') => self.scroll = self.scroll.saturating_sub(1),
            KeyCode::PageDown | KeyCode::Char(' ') => self.scroll += self.room(),
            KeyCode::PageUp => self.scroll = self.scroll.saturating_sub(self.room()),
            KeyCode::Esc | KeyCode::Enter => self.show(Shown::Rung),
            _ => {}
        }
        Ok(false)
    }

    fn next(&mut self) -> Result<(), Failure> {
        if !self.climb.is_reached() {
            let rung = self.climb.rung();
            self.message = Some(both!("rung {rung} is not reached yet", "还没有达到第 {rung} 级"));
            return Ok(());
        }
        match commands::onwards(self.course, self.climb.clone()) {
            Ok((climb, begun)) => {
                (self.climb, self.message, self.verdict) = (climb, begun, None);
                self.show(Shown::Rung);
                // What was handed over is no change by the learner, and the rung is another one.
                self.seen = tree::read_any(&self.climb.folder()).unwrap_or_default();
                self.again();
            }
            Err(failure) => self.message = Some(failure.said),
        }
        Ok(())
    }

    fn solution(&mut self) -> Result<(), Failure> {
        if self.climb.may_see_solution() {
            return self.show_solution();
        }
        if self.climb.may_ask_for_solution() {
            self.show(Shown::AskForSolution);
            return Ok(());
        }
        let of = self.climb.ladder.rungs[self.climb.rung() - 1].hints.len();
        let opened = self.climb.standing().hints_at(self.climb.rung());
        self.message = Some(both!(
            "the hints come first: {opened} of {of} are opened (h)",
            "先看提示：已看 {opened}/{of}（按 h）"
        ));
        Ok(())
    }

    fn show_solution(&mut self) -> Result<(), Failure> {
        let (width, _) = self.screen.size();
        let screen = show::Screen { width, height: usize::MAX, language: self.language, full: false };
        let text = self.climb.solution(&screen)?;
        self.show(Shown::Pages(text.lines().map(str::to_owned).collect()));
        Ok(())
    }

    fn start_server(&mut self) {
        self.stop_server();
        self.run += 1;
        let (run, climb, tell) = (self.run, self.climb.clone(), self.tell.clone());
        self.output.clear();
        self.show(Shown::Server);
        thread::spawn(move || {
            let ready = commands::server(&climb, PORT).and_then(|(mut command, program)| {
                let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
                let child = command
                    .spawn()
                    .map_err(|error| Failure::failed(both!("cannot run it: {error}", "无法运行：{error}")))?;
                Ok((child, program))
            });
            let _ = tell.send(News::Ready(run, ready));
        });
    }

    fn stop_server(&mut self) {
        self.run += 1;
        if let Some((mut child, _program)) = self.server.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// How many lines there are between the heading and what stands at the bottom.
    fn room(&self) -> usize {
        self.screen.size().1.saturating_sub(5).max(1)
    }

    fn draw(&mut self) -> std::io::Result<()> {
        let (width, _) = self.screen.size();
        let (language, room) = (self.language, self.room());
        let size = Size { width: width.max(40), height: Some(room) };
        let mut lines = vec![view::heading(&self.climb, size.width, language), String::new()];
        match &self.shown {
            Shown::Rung => match &self.verdict {
                Some(Ok(verdict)) => lines.extend(view::verdict(&self.climb, verdict, size, language)),
                Some(Err(failure)) => lines.extend(wrap::lines(failure.said.say(language), size.width)),
                None => {}
            },
            Shown::Hint(number, said) => {
                let of = self.climb.ladder.rungs[self.climb.rung() - 1].hints.len();
                lines.push(both!("hint {number} of {of}", "提示 {number}/{of}").say(language).to_owned());
                lines.push(String::new());
                lines.extend(wrap::lines(said.say(language), size.width));
            }
            Shown::AskForSolution => lines.push(
                language
                    .say(
                        "This rung is not reached yet. Show the solution all the same? y: yes; any other key: no",
                        "还没有达到这一级。还是要看解答吗？y：是；其他任意键：否",
                    )
                    .to_owned(),
            ),
            Shown::Pages(pages) => {
                self.scroll = self.scroll.min(pages.len().saturating_sub(room));
                lines.extend(pages.iter().skip(self.scroll).take(room).cloned());
            }
            Shown::Server => {
                let end = self.server.as_mut().and_then(|(child, _)| child.try_wait().ok()?);
                let said = match end {
                    None => both!(
                        "http://127.0.0.1:{PORT} serves {SITE}; Esc ends it",
                        "http://127.0.0.1:{PORT} 提供 {SITE}；按 Esc 结束"
                    ),
                    Some(status) => {
                        both!(
                            "your server has ended ({status}); Esc goes back",
                            "你的服务器已经退出（{status}）；按 Esc 返回"
                        )
                    }
                };
                lines.push(format!("{DIM}{}{DIM:#}", view::cut(said.say(language), width)));
                let last = self.output.len().saturating_sub(room.saturating_sub(1));
                lines.extend(self.output.iter().skip(last).map(|line| view::cut(line, width)));
            }
        }
        let bottom = vec![self.status(width), view::cut(&self.keys(), width)];
        self.screen.draw(lines, bottom)
    }

    /// How many lines there are to be scrolled through.
    fn pages(&self) -> usize {
        if let Shown::Pages(pages) = &self.shown { pages.len() } else { 0 }
    }

    /// What is under way, or what the learner can wait for.
    fn status(&self, width: usize) -> String {
        let language = self.language;
        let beat = (self.since.elapsed().as_millis() / 100) as usize % SPINNER.len();
        let spin = SPINNER[beat];
        let text = match (&self.message, &self.work) {
            (Some(message), _) => message.say(language).trim_end().to_owned(),
            _ if self.pages() > self.room() => {
                let (first, of) = (self.scroll + 1, self.pages());
                let last = (self.scroll + self.room()).min(of);
                both!(
                    "lines {first} to {last} of {of}; on by ↓ or the space bar, back by ↑",
                    "第 {first} 到 {last} 行，共 {of} 行；按 ↓ 或空格往下，按 ↑ 往上"
                )
                .say(language)
                .to_owned()
            }
            (None, Work::Building) => both!("{spin} building", "{spin} 正在构建").say(language).to_owned(),
            (None, Work::Judging(passed)) => {
                let of = self.climb.ladder.due(self.climb.rung()).len();
                both!("{spin} {passed} of {of} cases pass", "{spin} {of} 个用例中已通过 {passed} 个")
                    .say(language)
                    .to_owned()
            }
            (None, Work::Nothing) => {
                let file = self.climb.shown_file();
                let took = self.took.unwrap_or_default().as_secs_f32();
                let how =
                    if self.watches { both!("", "") } else { both!(", looks once a second", "，每秒看一次") };
                let (how_en, how_zh) = (how.en, how.zh);
                both!(
                    "waits until you save {file} (last verdict after {took:.1} s{how_en})",
                    "等待你保存 {file}（上次用时 {took:.1} 秒{how_zh}）"
                )
                .say(language)
                .to_owned()
            }
        };
        format!("{DIM}{}{DIM:#}", view::cut(&text, width))
    }

    fn keys(&self) -> String {
        let says = |en, zh| self.language.say(en, zh);
        if let Shown::Server = self.shown {
            return says("Esc end the server", "Esc 结束服务器").to_owned();
        }
        let rung = self.climb.rung();
        let (opened, of) = (self.climb.standing().hints_at(rung), self.climb.ladder.rungs[rung - 1].hints.len());
        let mut keys = Vec::new();
        if self.climb.is_reached() {
            keys.push(says("n next", "n 下一级").to_owned());
        }
        keys.push(format!("{} {opened}/{of}", says("h hint", "h 提示")));
        keys.push(says("s solution", "s 解答").to_owned());
        keys.push(says("r run", "r 运行").to_owned());
        keys.push(says("l list", "l 列表").to_owned());
        keys.push(says("a again", "a 再来").to_owned());
        keys.push(says("z 中文", "z English").to_owned());
        if matches!(self.shown, Shown::Rung) {
            keys.push(says("q quit", "q 退出").to_owned());
        } else {
            keys.push(says("Esc back  q quit", "Esc 返回  q 退出").to_owned());
        }
        keys.join("  ")
    }
}

/// Says when something in the folder changes. `None`: this system does not tell; the files are looked at all the same.
fn watcher(folder: &Path, tell: Sender<News>) -> Option<notify::RecommendedWatcher> {
    let root = folder.canonicalize().ok()?;
    let is_source = {
        let root = root.clone();
        move |path: &PathBuf| {
            let below = path.strip_prefix(&root).unwrap_or(path);
            !below.iter().any(|name| tree::is_left_over(&name.to_string_lossy()))
        }
    };
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let is_read = |event: &notify::Event| event.kind.is_access();
        if event.is_ok_and(|event| !is_read(&event) && event.paths.iter().any(&is_source)) {
            let _ = tell.send(News::Changed);
        }
    })
    .ok()?;
    watcher.watch(&root, RecursiveMode::Recursive).ok()?;
    Some(watcher)
}
