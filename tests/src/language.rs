//! The two languages in which a person may read what the suite says.

/// One of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// `en`
    #[default]
    English,
    /// `zh`
    Chinese,
}

impl Language {
    /// The one of the two that is in this language.
    pub fn say(self, en: &'static str, zh: &'static str) -> &'static str {
        match self {
            Language::English => en,
            Language::Chinese => zh,
        }
    }
}
