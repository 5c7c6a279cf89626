//! What a person reads, in English and in Chinese, and why a command failed.

use std::env;

use serde::Deserialize;

/// One of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// `en`
    #[default]
    English,
    /// `zh`
    Chinese,
}

/// The same in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Both {
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

/// Why a command ends before its end, with the exit status of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What was tried, on what, and why it failed.
    pub said: Both,
    /// 2 for what cannot be meant, 1 for what cannot be done or is not right.
    pub status: u8,
}

/// Two format strings, one in each language: `both!("no lesson {x}", "没有第 {x} 课")`. What is no mere name stands behind
/// them, for both: `both!("{0} lines", "{0} 行"; lines.len())`.
#[macro_export]
macro_rules! both {
    ($en:literal, $zh:literal $(; $($argument:expr),+)?) => {
        $crate::language::Both {
            en: format!($en $(, $($argument),+)?),
            zh: format!($zh $(, $($argument),+)?),
        }
    };
}

impl Language {
    /// The language of the environment, as POSIX has it: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is not
    /// empty.
    pub fn of_environment() -> Language {
        let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
        Language::of_locale(&["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set).unwrap_or_default())
    }

    /// `zh_CN.UTF-8` is Chinese; all that is not Chinese is English.
    fn of_locale(locale: &str) -> Language {
        if locale.starts_with("zh") { Language::Chinese } else { Language::English }
    }

    /// `en` or `zh`.
    pub fn from_name(name: &str) -> Option<Language> {
        match name {
            "en" => Some(Language::English),
            "zh" => Some(Language::Chinese),
            _ => None,
        }
    }

    /// The one of the two that is in this language.
    pub fn say(self, en: &'static str, zh: &'static str) -> &'static str {
        match self {
            Language::English => en,
            Language::Chinese => zh,
        }
    }

    /// The same, of texts that are not constants.
    pub fn say_of<'a>(self, en: &'a str, zh: &'a str) -> &'a str {
        match self {
            Language::English => en,
            Language::Chinese => zh,
        }
    }
}

impl Both {
    /// In this language.
    pub fn say(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Chinese => &self.zh,
        }
    }
}

impl Failure {
    /// What was asked for cannot be meant: exit status 2.
    pub fn wrong(said: Both) -> Failure {
        Failure { said, status: 2 }
    }

    /// It cannot be done, or it is not right: exit status 1.
    pub fn failed(said: Both) -> Failure {
        Failure { said, status: 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_names_the_language() {
        assert_eq!(Language::of_locale("zh_CN.UTF-8"), Language::Chinese);
        assert_eq!(Language::of_locale("en_US.UTF-8"), Language::English);
        assert_eq!(Language::of_locale("C"), Language::English);
        assert_eq!(Language::of_locale(""), Language::English);
    }
}
