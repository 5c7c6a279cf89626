//! What stands in a chapter for something that is taken from the repository: `{{#output hello}}`, on a line of its own.

use std::fmt;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Directive {
    /// `{{#code PATH}}`, `{{#code PATH ITEM}}`: a file, or an item of it.
    Code {
        /// From the root of the repository.
        path: String,
        /// As [`crate::code`] knows it.
        item: Option<String>,
    },
    /// `{{#step 03 2}}`: one step in which a lesson is reached from its parent.
    Step {
        /// The lesson: `03`.
        lesson: String,
        /// Which step, from 1.
        number: String,
    },
    /// `{{#output NAME}}`: a command and what it printed.
    Output(String),
    /// `{{#table stages}}`, `{{#table limits 05}}` and others.
    Table(Table),
    /// `{{#figure NAME Caption text}}`.
    Figure {
        /// `docs/figures/NAME.svg`.
        name: String,
        /// In the language of the page.
        caption: String,
    },
    /// `{{#glossary}}`: all terms.
    Glossary,
}

/// Which table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Table {
    /// All cases of the suite.
    Stages,
    /// The suite in short.
    Summary,
    /// What the suite proves that a lesson cannot do yet.
    Limits(String),
    /// What a lesson can do that its parent could not.
    Gains(String),
    /// The steps of a lesson.
    Steps(String),
    /// A plan of sessions of so many minutes.
    Sessions(u16),
    /// A measurement, by its name in `docs/measurements.json`.
    Measured(String),
}

impl Directive {
    /// Of what stands between `{{#` and `}}`.
    pub fn parse(text: &str) -> Result<Directive, String> {
        let (name, rest) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
        let rest = rest.trim();
        let (first, second) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let second = second.trim();
        let wrong = || format!("{{{{#{text}}}}} is no directive");
        match (name, first, second) {
            ("code", path, "") if !path.is_empty() => Ok(Directive::Code { path: path.to_owned(), item: None }),
            ("code", path, item) if !path.is_empty() => {
                Ok(Directive::Code { path: path.to_owned(), item: Some(item.to_owned()) })
            }
            ("step", lesson, number) if !number.is_empty() => {
                Ok(Directive::Step { lesson: lesson.to_owned(), number: number.to_owned() })
            }
            ("output", name, "") if !name.is_empty() => Ok(Directive::Output(name.to_owned())),
            ("table", kind, lesson) => Table::parse(kind, lesson).map(Directive::Table).ok_or_else(wrong),
            ("figure", name, caption) if !caption.is_empty() => {
                Ok(Directive::Figure { name: name.to_owned(), caption: caption.to_owned() })
            }
            ("glossary", "", "") => Ok(Directive::Glossary),
            _ => Err(wrong()),
        }
    }

    /// The same in both languages: without a caption.
    pub fn without_words(&self) -> String {
        match self {
            Directive::Figure { name, .. } => format!("{{{{#figure {name} …}}}}"),
            other => other.to_string(),
        }
    }
}

impl Table {
    fn parse(kind: &str, lesson: &str) -> Option<Table> {
        match (kind, lesson) {
            ("stages", "") => Some(Table::Stages),
            ("summary", "") => Some(Table::Summary),
            ("limits", lesson) if !lesson.is_empty() => Some(Table::Limits(lesson.to_owned())),
            ("gains", lesson) if !lesson.is_empty() => Some(Table::Gains(lesson.to_owned())),
            ("steps", lesson) if !lesson.is_empty() => Some(Table::Steps(lesson.to_owned())),
            ("sessions", minutes) => minutes.parse().ok().map(Table::Sessions),
            ("sheet" | "designs" | "small", "") => Some(Table::Measured(kind.to_owned())),
            _ => None,
        }
    }
}

impl fmt::Display for Directive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Directive::Code { path, item: None } => write!(f, "{{{{#code {path}}}}}"),
            Directive::Code { path, item: Some(item) } => write!(f, "{{{{#code {path} {item}}}}}"),
            Directive::Step { lesson, number } => write!(f, "{{{{#step {lesson} {number}}}}}"),
            Directive::Output(name) => write!(f, "{{{{#output {name}}}}}"),
            Directive::Table(Table::Stages) => f.write_str("{{#table stages}}"),
            Directive::Table(Table::Summary) => f.write_str("{{#table summary}}"),
            Directive::Table(Table::Limits(lesson)) => write!(f, "{{{{#table limits {lesson}}}}}"),
            Directive::Table(Table::Gains(lesson)) => write!(f, "{{{{#table gains {lesson}}}}}"),
            Directive::Table(Table::Steps(lesson)) => write!(f, "{{{{#table steps {lesson}}}}}"),
            Directive::Table(Table::Sessions(minutes)) => write!(f, "{{{{#table sessions {minutes}}}}}"),
            Directive::Table(Table::Measured(name)) => write!(f, "{{{{#table {name}}}}}"),
            Directive::Figure { name, caption } => write!(f, "{{{{#figure {name} {caption}}}}}"),
            Directive::Glossary => f.write_str("{{#glossary}}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_directive_is_read_and_written_alike() {
        for text in [
            "code a/b.rs",
            "code a/b.rs fn Connection::advance",
            "step 03 2",
            "output silent-client",
            "table stages",
            "table summary",
            "table limits 05",
            "table gains 05",
            "table steps 05",
            "table sessions 90",
            "table sheet",
            "table designs",
            "table small",
            "figure fork Who holds what",
            "glossary",
        ] {
            let directive = Directive::parse(text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(directive.to_string(), format!("{{{{#{text}}}}}"));
        }
    }

    #[test]
    fn what_is_none_is_named() {
        for text in [
            "",
            "code",
            "diff 03",
            "step",
            "step 03",
            "output",
            "output a b",
            "table",
            "table limits",
            "table steps",
            "table sessions",
            "table sessions long",
            "table stages 05",
            "figure fork",
            "include x",
        ] {
            let error = Directive::parse(text).expect_err(text);
            assert_eq!(error, format!("{{{{#{text}}}}} is no directive"));
        }
    }

    #[test]
    fn a_caption_is_not_the_same_in_both_languages() {
        let directive = Directive::parse("figure fork Who holds what").unwrap();
        assert_eq!(directive.without_words(), "{{#figure fork …}}");
    }
}
