//! The two languages.

use std::fmt;

/// One of the two languages of the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// `en`
    English,
    /// `zh`
    Chinese,
}

impl Language {
    /// Both.
    pub const ALL: [Language; 2] = [Language::English, Language::Chinese];

    /// The folder in `docs/`: `en` or `zh`.
    pub fn folder(self) -> &'static str {
        self.say("en", "zh")
    }

    /// As HTML names it.
    pub fn tag(self) -> &'static str {
        self.say("en", "zh-Hans")
    }

    /// `en` or `zh`.
    pub fn from_folder(name: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.folder() == name)
    }

    /// The other one.
    pub fn twin(self) -> Language {
        match self {
            Language::English => Language::Chinese,
            Language::Chinese => Language::English,
        }
    }

    /// What the book itself says, beside what its writers say.
    pub fn say<T>(self, english: T, chinese: T) -> T {
        match self {
            Language::English => english,
            Language::Chinese => chinese,
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.folder())
    }
}
