//! A plan of sessions for a class, from the minutes that stand in the chapters: what is done together, what is read
//! before it, and what is left for home.

use std::fmt::Write;
use std::path::PathBuf;

use tutor::course::Course;
use tutor::ladder::Ladder;

use crate::chapter::Chapter;
use crate::html::{self, escape};
use crate::language::Language;
use crate::repository::Repository;
use crate::twins;

/// Sections that are done at home: they are practice, and for those who come from elsewhere.
const AT_HOME: [&str; 2] = ["exercises", "python"];

/// A lesson, as a plan needs it.
#[derive(Clone, Debug)]
struct Lesson {
    /// Its two digits.
    number: String,
    /// What is done in class: section and minutes, in order.
    together: Vec<(String, u16)>,
    /// Minutes to build the server oneself.
    building: u16,
    /// Minutes for the exercises.
    exercises: u16,
    /// The chapters that stand before it and have no minutes.
    before: Vec<usize>,
}

/// One meeting of the class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Session {
    /// Lesson and section, by their places.
    parts: Vec<(usize, usize)>,
    minutes: u16,
}

/// The plan for sessions of this length, as one line of HTML. An error says what cannot be read, or does not fit.
pub fn table(repository: &Repository, length: u16, language: Language) -> Result<String, String> {
    let (chapters, _) = repository.chapters(language);
    let lessons = lessons(repository, &chapters)?;
    let sessions = plan(&lessons, length)?;
    let mut rows = String::new();
    for (number, session) in (1..).zip(&sessions) {
        let (together, before, home) = (
            together(&lessons, &chapters, session, language),
            before(&lessons, &chapters, session),
            at_home(&lessons, session, language),
        );
        let minutes = session.minutes;
        let _ = write!(
            rows,
            "<tr><th scope=\"row\">{number}</th><td>{before}</td><td>{together}</td><td>{minutes}</td><td>{home}</td></tr>"
        );
    }
    let all: u16 = sessions.iter().map(|session| session.minutes).sum();
    let home: u16 = lessons.iter().map(|lesson| lesson.building + lesson.exercises).sum();
    let sum = language.say("all", "合计");
    let home = language.say(format!("{home} min"), format!("{home} 分钟"));
    let _ = write!(
        rows,
        "<tr class=\"sum\"><th scope=\"row\">{sum}</th><td></td><td></td><td>{all}</td><td>{home}</td></tr>"
    );
    let heads = language.say(
        ["", "to be read before", "in class", "minutes", "at home afterwards"],
        ["", "课前阅读", "课上", "分钟", "课后"],
    );
    Ok(html::table("sessions", &heads.map(|head| format!("<th scope=\"col\">{head}</th>")).concat(), &rows))
}

/// The lessons of the book in its order, each with the chapters that lead to it.
fn lessons(repository: &Repository, chapters: &[Chapter]) -> Result<Vec<Lesson>, String> {
    let course = Course::at(&repository.path(PathBuf::new())).map_err(|failure| failure.said.en)?;
    let mut lessons = Vec::new();
    let mut before = Vec::new();
    for (place, chapter) in chapters.iter().enumerate() {
        let Some(number) = chapter.name().strip_prefix("lesson-") else {
            // The first page is about the course, and is read by whoever teaches it.
            if place > 0 {
                before.push(place);
            }
            continue;
        };
        let timed = chapter.sections.iter().filter_map(|section| Some((section.name(), twins::minutes(section)?)));
        let timed: Vec<(String, u16)> = timed.map(|(name, minutes)| (name.to_owned(), minutes)).collect();
        let (home, together): (Vec<_>, Vec<_>) =
            timed.into_iter().partition(|(name, _)| AT_HOME.contains(&name.as_str()));
        let ladder = Ladder::load(&course, number_of(number)?).map_err(|failure| failure.said.en)?;
        lessons.push(Lesson {
            number: number.to_owned(),
            together,
            building: ladder.rungs.iter().map(|rung| rung.minutes).sum(),
            exercises: home.iter().filter(|(name, _)| name == "exercises").map(|(_, minutes)| minutes).sum(),
            before: std::mem::take(&mut before),
        });
    }
    if lessons.is_empty() { Err("no chapter is about a lesson".to_owned()) } else { Ok(lessons) }
}

fn number_of(number: &str) -> Result<&'static str, String> {
    tutor::course::number(number).map_err(|failure| failure.said.en)
}

/// Section after section, as many in a session as fit.
fn plan(lessons: &[Lesson], length: u16) -> Result<Vec<Session>, String> {
    let mut sessions = vec![Session::default()];
    for (place, lesson) in lessons.iter().enumerate() {
        for (index, (name, minutes)) in lesson.together.iter().enumerate() {
            if *minutes > length {
                return Err(format!("{name} of lesson {} takes {minutes} minutes, more than a session", lesson.number));
            }
            if sessions.last().is_some_and(|last| last.minutes + minutes > length) {
                sessions.push(Session::default());
            }
            if let Some(last) = sessions.last_mut() {
                last.parts.push((place, index));
                last.minutes += minutes;
            }
        }
    }
    Ok(sessions)
}

/// The sections of a session: `Lesson 03: goals, the trouble`, each with a link.
fn together(lessons: &[Lesson], chapters: &[Chapter], session: &Session, language: Language) -> String {
    let mut shown = Vec::new();
    for (place, lesson) in lessons.iter().enumerate() {
        let sections = session.parts.iter().filter(|(of, _)| *of == place).map(|(_, index)| {
            let (id, minutes) = &lesson.together[*index];
            let file = format!("lesson-{}", lesson.number);
            let section =
                chapters.iter().find(|chapter| chapter.name() == file).and_then(|chapter| chapter.section(id));
            let title = section.map_or(id.as_str(), |section| section.title.as_str());
            format!("<a href=\"{file}.html#{id}\">{}</a> {minutes}", escape(title))
        });
        let sections = sections.collect::<Vec<_>>().join(language.say(", ", "，"));
        if !sections.is_empty() {
            let number = &lesson.number;
            let name = language.say(format!("Lesson {number}: "), format!("第 {number} 课："));
            shown.push(format!("<b>{name}</b>{sections}"));
        }
    }
    shown.join("<br>")
}

/// The chapters that lead to the lessons which begin in it.
fn before(lessons: &[Lesson], chapters: &[Chapter], session: &Session) -> String {
    let begun = session.parts.iter().filter(|(_, index)| *index == 0).flat_map(|(place, _)| &lessons[*place].before);
    let links = begun.map(|place| {
        let chapter = &chapters[*place];
        format!("<a href=\"{}.html\">{}</a>", chapter.name(), escape(&chapter.sections[0].title))
    });
    links.collect::<Vec<_>>().join("<br>")
}

/// What is to be built and practised once a lesson has ended.
fn at_home(lessons: &[Lesson], session: &Session, language: Language) -> String {
    let has_ended = |(place, index): &&(usize, usize)| index + 1 == lessons[*place].together.len();
    let ended = session.parts.iter().filter(has_ended).map(|(place, _)| &lessons[*place]);
    let work = ended.map(|Lesson { number, building, exercises, .. }| {
        language.say(
            format!("<code>just learn {number}</code> {building} min, exercises {exercises} min"),
            format!("<code>just learn {number}</code> {building} 分钟，练习 {exercises} 分钟"),
        )
    });
    work.collect::<Vec<_>>().join("<br>")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson(number: &str, minutes: &[u16]) -> Lesson {
        let together = minutes.iter().map(|minutes| (format!("part-{minutes}"), *minutes)).collect();
        Lesson { number: number.into(), together, building: 30, exercises: 40, before: vec![] }
    }

    #[test]
    fn a_session_has_as_many_sections_as_fit() {
        let lessons = [lesson("01", &[40, 40, 20]), lesson("02", &[30, 45])];
        let sessions = plan(&lessons, 90).unwrap();
        let parts: Vec<_> = sessions.iter().map(|session| (session.parts.clone(), session.minutes)).collect();
        assert_eq!(parts, [(vec![(0, 0), (0, 1)], 80), (vec![(0, 2), (1, 0)], 50), (vec![(1, 1)], 45)]);
        assert_eq!(at_home(&lessons, &sessions[0], Language::English), "");
        assert!(
            at_home(&lessons, &sessions[1], Language::English)
                .contains("just learn 01</code> 30 min, exercises 40 min")
        );
    }

    #[test]
    fn a_section_that_is_longer_than_a_session_is_an_error() {
        assert!(plan(&[lesson("05", &[95])], 90).unwrap_err().contains("lesson 05 takes 95 minutes"));
    }

    #[test]
    fn the_plan_of_the_book_has_every_section_once() {
        let repository = Repository::here();
        for language in Language::ALL {
            let (chapters, _) = repository.chapters(language);
            let lessons = lessons(&repository, &chapters).unwrap();
            let all: usize = lessons.iter().map(|lesson| lesson.together.len()).sum();
            let sessions = plan(&lessons, 90).unwrap();
            assert_eq!(sessions.iter().map(|session| session.parts.len()).sum::<usize>(), all);
            assert!(
                sessions.iter().all(|session| session.minutes <= 90)
                    && lessons.iter().all(|lesson| lesson.building > 0)
            );
            assert!(!table(&repository, 90, language).unwrap().contains('\n'));
        }
    }
}
