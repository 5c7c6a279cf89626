//! A learner at work on one lesson in one language: where the code lies, which rung is next, what a rung says to it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::change::Change;
use crate::course::Course;
use crate::judge::{Judge, Obstacle};
use crate::ladder::{self, Ladder, is_from_nothing};
use crate::language::{Both, Failure};
use crate::program::{self, NotBuilt, Program, ProgrammingLanguage, Sources};
use crate::progress::{Progress, Standing};
use crate::series::{Series, Step};
use crate::show::{self, Screen};
use crate::tree::{self, Tree};
use crate::{both, make, patch, solutions};

/// What was done so that there is something to work on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It was there already.
    GoesOn,
    /// With the starter, or with the code of the lesson that this one comes from.
    Anew,
    /// With the learner's own server of the lesson before.
    FromOwn,
}

/// One lesson in one language.
#[derive(Clone, Debug)]
pub struct Climb {
    course: Course,
    /// Its rungs.
    pub ladder: Ladder,
    /// What the learner writes in.
    pub language: ProgrammingLanguage,
    progress: Progress,
}

/// What a rung says to the learner's code.
#[derive(Debug)]
pub enum Verdict {
    /// It cannot be built; what the compiler says.
    DoesNotBuild(String),
    /// Something stands before the rung.
    Stopped(Obstacle),
    /// The rung is reached.
    Reached,
}

/// The code as it is now, to be built and judged.
#[derive(Clone, Debug)]
pub struct Attempt {
    course: Course,
    ladder: Ladder,
    language: ProgrammingLanguage,
    folder: PathBuf,
}

/// Where all work lies.
pub fn work(course: &Course) -> PathBuf {
    course.root().join("work")
}

/// Where the progress is written down.
pub fn progress_file(course: &Course) -> PathBuf {
    work(course).join("progress.toml")
}

/// `01-python`: a folder below `work`, and its name in the progress.
pub fn name(lesson: &str, language: ProgrammingLanguage) -> String {
    format!("{lesson}-{}", language.name())
}

/// Lesson and language of such a name.
fn parsed(name: &str) -> Option<(&'static str, ProgrammingLanguage)> {
    let (lesson, language) = name.split_once('-')?;
    Some((crate::course::number(lesson).ok()?, ProgrammingLanguage::from_name(language)?))
}

/// The language in which a lesson is built if none is named: that in which it was begun, or the only one that it can be
/// built in, or that of the work before it. `None`: nobody knows.
pub fn usual_language(course: &Course, lesson: &str) -> Result<Option<ProgrammingLanguage>, Failure> {
    if !is_from_nothing(lesson) {
        return Ok(Some(ProgrammingLanguage::Rust));
    }
    let progress = Progress::read(&progress_file(course))?;
    let current = parsed(&progress.current);
    let mut begun = progress.work.keys().filter_map(|name| parsed(name)).filter(|(of, _)| *of == lesson);
    let first = begun.next();
    let is_current = |(of, _): &(&str, ProgrammingLanguage)| is_from_nothing(of);
    let here = current.filter(|(of, _)| *of == lesson).or(first).or(current.filter(is_current));
    Ok(here.map(|(_, language)| language))
}

impl Climb {
    /// Where the learner left off; `None` if nothing was begun.
    pub fn current(course: &Course) -> Result<Option<Climb>, Failure> {
        let progress = Progress::read(&progress_file(course))?;
        let Some((lesson, language)) = parsed(&progress.current) else { return Ok(None) };
        let climb = Climb { course: course.clone(), ladder: Ladder::load(course, lesson)?, language, progress };
        // What is not there any more has to be begun again.
        Ok(climb.folder().is_dir().then_some(climb))
    }

    /// A lesson in this language: begins it, or goes on with it.
    pub fn begin(
        course: &Course,
        lesson: &'static str,
        language: ProgrammingLanguage,
    ) -> Result<(Climb, Begun), Failure> {
        if !is_from_nothing(lesson) && language != ProgrammingLanguage::Rust {
            return Err(Failure::wrong(both!(
                "lesson {lesson} is built in Rust, from the code of the lesson that it comes from",
                "第 {lesson} 课要在它所基于的课的代码上用 Rust 写成"
            )));
        }
        let ladder = Ladder::load(course, lesson)?;
        let progress = Progress::read(&progress_file(course))?;
        let mut climb = Climb { course: course.clone(), ladder, language, progress };
        let begun = climb.provide()?;
        let name = climb.name();
        if begun != Begun::GoesOn {
            climb.progress.work.remove(&name);
        }
        climb.progress.work.entry(name.clone()).or_default();
        climb.progress.current = name;
        climb.hand_over_whole_files()?;
        climb.save()?;
        Ok((climb, begun))
    }

    /// Begins a lesson anew. What was there is kept beside it, in the folder that is returned.
    pub fn reset(
        course: &Course,
        lesson: &'static str,
        language: ProgrammingLanguage,
    ) -> Result<(Climb, Option<PathBuf>), Failure> {
        let folder = work(course).join(name(lesson, language));
        let kept = tree::put_aside(&folder)?;
        let (climb, _) = Climb::begin(course, lesson, language)?;
        Ok((climb, kept))
    }

    fn name(&self) -> String {
        name(self.ladder.lesson, self.language)
    }

    /// Where the code lies.
    pub fn folder(&self) -> PathBuf {
        work(&self.course).join(self.name())
    }

    /// The folder as a person in the checkout names it: `work/01-python`.
    pub fn shown_folder(&self) -> String {
        format!("work/{}", self.name())
    }

    /// The file to be opened first: `work/01-python/server.py`.
    pub fn shown_file(&self) -> String {
        format!("{}/{}", self.shown_folder(), self.language.main_file())
    }

    /// The checkout.
    pub fn course(&self) -> &Course {
        &self.course
    }

    /// How far it has come.
    pub fn standing(&self) -> Standing {
        let mut standing = self.progress.work.get(&self.name()).cloned().unwrap_or_default();
        standing.rung = standing.rung.clamp(1, self.ladder.len());
        standing.reached = standing.reached.min(self.ladder.len());
        standing
    }

    /// All that the learner has begun.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The number of the rung that is next, from 1.
    pub fn rung(&self) -> usize {
        self.standing().rung
    }

    /// Whether the rung that the learner is at has been reached.
    pub fn is_reached(&self) -> bool {
        let standing = self.standing();
        standing.reached >= standing.rung
    }

    fn change(&mut self, how: impl FnOnce(&mut Standing)) -> Result<(), Failure> {
        let mut standing = self.standing();
        how(&mut standing);
        self.progress.work.insert(self.name(), standing);
        self.save()
    }

    fn save(&self) -> Result<(), Failure> {
        self.progress.write(&progress_file(&self.course))
    }

    /// The rung at which the learner is has turned green.
    pub fn reach(&mut self) -> Result<(), Failure> {
        self.change(|standing| standing.reached = standing.reached.max(standing.rung))
    }

    /// On to the next rung. `false`: this was the last of the lesson.
    pub fn go_on(&mut self) -> Result<bool, Failure> {
        let of = self.ladder.len();
        if self.rung() >= of {
            return Ok(false);
        }
        self.change(|standing| standing.rung += 1)?;
        self.hand_over_whole_files()?;
        Ok(true)
    }

    /// Opens the next hint of this rung: its number, and what it says. After the last, that one again.
    pub fn hint(&mut self) -> Result<(usize, Both), Failure> {
        let (rung, of) = (self.rung(), self.ladder.rungs[self.rung() - 1].hints.len());
        if of == 0 {
            let lesson = self.ladder.lesson;
            return Err(Failure::failed(both!(
                "rung {rung} of lesson {lesson} has no hints",
                "第 {lesson} 课第 {rung} 级没有提示"
            )));
        }
        let mut opened = 0;
        self.change(|standing| opened = standing.open_hint(rung, of))?;
        let said = self.ladder.rungs[rung - 1].hint(opened, self.language).unwrap_or_default();
        Ok((opened, said))
    }

    /// Whether the solution may be seen without a question: the rung is reached, or was shown already.
    pub fn may_see_solution(&self) -> bool {
        self.is_reached() || self.standing().solutions.contains(&self.rung())
    }

    /// Whether the solution may be asked for: all hints were opened.
    pub fn may_ask_for_solution(&self) -> bool {
        let rung = self.rung();
        self.standing().hints_at(rung) >= self.ladder.rungs[rung - 1].hints.len()
    }

    /// What a solution of this rung changes, with colours. It is written down that it was shown.
    pub fn solution(&mut self, screen: &Screen) -> Result<String, Failure> {
        let rung = self.rung();
        self.change(|standing| {
            if !standing.solutions.contains(&rung) {
                standing.solutions.push(rung);
            }
        })?;
        if is_from_nothing(self.ladder.lesson) {
            self.solution_from_nothing(screen)
        } else {
            self.solution_of_step(screen)
        }
    }

    fn solution_of_step(&self, screen: &Screen) -> Result<String, Failure> {
        let (lesson, rung) = (self.ladder.lesson, self.rung());
        let series = Series::load_or_whole(&self.course, lesson)?;
        let trees = series.checked_trees(&self.course)?;
        let step: &Step = &series.steps[rung - 1];
        let change = Change::between(&trees[rung - 1], &trees[rung]);
        Ok(show::step(lesson, rung, series.steps.len(), step, &change, screen))
    }

    fn solution_from_nothing(&self, screen: &Screen) -> Result<String, Failure> {
        let (rung, last) = (self.rung(), self.ladder.len());
        let mut own = solutions::load(&self.course, &self.ladder, self.language)?;
        let mut text = String::new();
        if own.only_last && rung < last {
            let language = self.language;
            let said = both!(
                "There is no solution of this rung in {language}; this is what it is in Python.\n\n",
                "这一级没有 {language} 的解答；下面是 Python 的。\n\n"
            );
            text.push_str(said.say(screen.language));
            own = solutions::load(&self.course, &self.ladder, ProgrammingLanguage::Python)?;
        }
        let before = if own.only_last { 0 } else { rung - 1 };
        let patch = patch::between_below("", &own.trees[before], &own.trees[rung]);
        text.push_str(&patch::coloured(&patch));
        Ok(text)
    }

    /// The code as it is now.
    pub fn attempt(&self) -> Attempt {
        let (course, ladder) = (self.course.clone(), self.ladder.clone());
        Attempt { course, ladder, language: self.language, folder: self.folder() }
    }

    /// Sees to it that there is something to work on.
    fn provide(&self) -> Result<Begun, Failure> {
        let (folder, lesson) = (self.folder(), self.ladder.lesson);
        if fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some()) {
            return Ok(Begun::GoesOn);
        }
        if !is_from_nothing(lesson) {
            let parent = self.course.sources(crate::course::parent(lesson)?)?;
            make::for_learner(&self.course, lesson, &parent, &folder)?;
            return Ok(Begun::Anew);
        }
        let own = self.own_before()?;
        let begun = if own.is_some() { Begun::FromOwn } else { Begun::Anew };
        let sources = match own {
            Some(own) => own,
            None => solutions::starter(&self.course, lesson, self.language)?,
        };
        if sources.is_empty() {
            let language = self.language;
            return Err(Failure::failed(both!("there is no starter in {language}", "没有 {language} 的起始代码")));
        }
        tree::write(&folder, &sources)?;
        if self.language == ProgrammingLanguage::Rust {
            let target = target(&self.course).display().to_string();
            let config = format!("# Written by `just learn`.\n\n[build]\ntarget-dir = {target:?}\n");
            tree::write_file(&folder.join(".cargo/config.toml"), &config)?;
        }
        Ok(begun)
    }

    /// The learner's own server of the lesson before, if that was climbed to its end.
    fn own_before(&self) -> Result<Option<Tree>, Failure> {
        let before = ladder::FROM_NOTHING[0];
        if self.ladder.lesson == before {
            return Ok(None);
        }
        let name = name(before, self.language);
        let folder = work(&self.course).join(&name);
        let last = Ladder::load(&self.course, before)?.len();
        let is_whole = self.progress.work.get(&name).is_some_and(|standing| standing.reached >= last);
        if is_whole && folder.is_dir() { tree::read_any(&folder).map(Some) } else { Ok(None) }
    }

    /// Files that a learner need not write, from the step on that brings them. Another that lies there is kept beside.
    fn hand_over_whole_files(&self) -> Result<(), Failure> {
        let rung = self.rung();
        let whole = &self.ladder.rungs[rung - 1].whole;
        if whole.is_empty() || self.is_reached() {
            return Ok(());
        }
        let series = Series::load_or_whole(&self.course, self.ladder.lesson)?;
        let trees = series.checked_trees(&self.course)?;
        for path in whole {
            let Some(text) = trees[rung].get(path) else { continue };
            let file = self.folder().join("src").join(path);
            if file.exists() && fs::read_to_string(&file).is_ok_and(|there| there != *text) {
                tree::put_aside(&file)?;
            }
            tree::write_file(&file, text)?;
        }
        Ok(())
    }
}

/// Where Cargo puts what learners build in lessons 01 and 02.
fn target(course: &Course) -> PathBuf {
    make::target(course).join("learn")
}

impl Attempt {
    /// Of a folder that lies anywhere.
    pub fn of(course: &Course, ladder: &Ladder, language: ProgrammingLanguage, folder: &Path) -> Attempt {
        Attempt { course: course.clone(), ladder: ladder.clone(), language, folder: folder.to_owned() }
    }

    /// What the learner has written.
    pub fn sources(&self) -> Result<Tree, Failure> {
        if is_from_nothing(self.ladder.lesson) {
            tree::read_any(&self.folder)
        } else {
            tree::read_any(&self.folder.join("src"))
        }
    }

    /// Builds it.
    pub fn build(&self) -> Result<Program, NotBuilt> {
        let has_options = !is_from_nothing(self.ladder.lesson);
        let own = self.folder.starts_with(work(&self.course));
        let target = match (has_options, own) {
            (true, _) => Some(make::target(&self.course)),
            (false, true) => Some(target(&self.course)),
            // Nothing of what others have written is left behind.
            (false, false) => None,
        };
        let (folder, language) = (self.folder.as_path(), self.language);
        program::build(&Sources { folder, language, has_options, target: target.as_deref() })
    }

    /// Builds it, and judges it by this rung. `built` hears when the build is over, `each` how many cases have passed.
    ///
    /// # Errors
    ///
    /// What is the fault of the machine and not of the code.
    pub fn judge(
        &self,
        judge: &Judge,
        rung: usize,
        built: impl FnOnce(),
        each: impl FnMut(usize),
    ) -> Result<Verdict, Failure> {
        let program = match self.build() {
            Ok(program) => program,
            Err(NotBuilt::Code(said)) => return Ok(Verdict::DoesNotBuild(said)),
            Err(NotBuilt::Here(failure)) => return Err(failure),
        };
        built();
        let obstacle = judge.obstacle(&self.ladder, rung, &program, &self.sources()?, each)?;
        Ok(obstacle.map_or(Verdict::Reached, Verdict::Stopped))
    }

    /// The highest rung that it reaches, and what stands before the next one.
    ///
    /// # Errors
    ///
    /// What is the fault of the machine and not of the code.
    pub fn highest(&self, judge: &Judge) -> Result<(usize, Option<Verdict>), Failure> {
        let program = match self.build() {
            Ok(program) => program,
            Err(NotBuilt::Code(said)) => return Ok((0, Some(Verdict::DoesNotBuild(said)))),
            Err(NotBuilt::Here(failure)) => return Err(failure),
        };
        let (reached, obstacle) = judge.highest(&self.ladder, &program, &self.sources()?)?;
        Ok((reached, obstacle.map(Verdict::Stopped)))
    }
}
