//! What a person reads, in English and in Chinese.

use std::env;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

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

/// Two format strings, one in each language: `both!("no lesson {x}", "没有第 {x} 课")`. What is no mere name stands behind
/// them, for both: `both!("{0} lines", "{0} 行"; lines.len())`. What is itself in both languages is named before that:
/// `both!("{who}: {why}", "{who}：{why}" in why)`.
#[macro_export]
macro_rules! both {
    ($en:literal, $zh:literal $(in $($part:ident),+)? $(; $($argument:expr),+)?) => {
        $crate::language::Both {
            en: {
                $($(let $part = &$part.en;)+)?
                format!($en $(, $($argument),+)?)
            },
            zh: {
                $($(let $part = &$part.zh;)+)?
                format!($zh $(, $($argument),+)?)
            },
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

    /// The one that the words of a command line name, before the rest of them is understood: `--lang zh` or
    /// `--lang=zh`. What stands behind `--` is for somebody else.
    pub fn of_words(words: &[String]) -> Option<Language> {
        let words = words.split(|word| word == "--").next()?;
        let apart = words.windows(2).find(|pair| pair[0] == "--lang").map(|pair| pair[1].as_str());
        let name = apart.or_else(|| words.iter().find_map(|word| word.strip_prefix("--lang=")));
        Language::from_name(name?)
    }

    /// The other of the two.
    pub fn other(self) -> Language {
        match self {
            Language::English => Language::Chinese,
            Language::Chinese => Language::English,
        }
    }

    /// The one of the two that is in this language.
    pub fn say(self, en: &'static str, zh: &'static str) -> &'static str {
        match self {
            Language::English => en,
            Language::Chinese => zh,
        }
    }
}

impl Both {
    /// What needs no translation: a name, bytes, what somebody else has said.
    pub fn same(text: impl Into<String>) -> Both {
        let text = text.into();
        Both { en: text.clone(), zh: text }
    }

    /// In this language.
    pub fn say(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Chinese => &self.zh,
        }
    }

    /// What `write` makes of each language.
    pub fn of(write: impl Fn(Language) -> String) -> Both {
        Both { en: write(Language::English), zh: write(Language::Chinese) }
    }
}

/// What the system says of a failure. What is usual is said in Chinese too; of the rest there is the number, by which
/// errno(3) is searched.
pub fn reason(error: &io::Error) -> Both {
    use io::ErrorKind;
    let known = match error.kind() {
        ErrorKind::NotFound => "没有该文件或目录",
        ErrorKind::PermissionDenied => "没有权限",
        ErrorKind::ConnectionRefused => "连接被拒绝",
        ErrorKind::ConnectionReset => "连接被重置",
        ErrorKind::ConnectionAborted => "连接已中止",
        ErrorKind::NotConnected => "没有建立连接",
        ErrorKind::AddrInUse => "地址已被占用",
        ErrorKind::AddrNotAvailable => "本机没有该地址",
        ErrorKind::HostUnreachable => "主机不可达",
        ErrorKind::NetworkUnreachable => "网络不可达",
        ErrorKind::BrokenPipe => "管道的另一端已关闭",
        ErrorKind::AlreadyExists => "已经存在",
        ErrorKind::NotADirectory => "不是目录",
        ErrorKind::IsADirectory => "是一个目录",
        ErrorKind::DirectoryNotEmpty => "目录不为空",
        ErrorKind::ReadOnlyFilesystem => "文件系统只读",
        ErrorKind::StorageFull => "磁盘空间不足",
        ErrorKind::QuotaExceeded => "超出配额",
        ErrorKind::InvalidInput => "参数无效",
        ErrorKind::InvalidData => "数据无效",
        ErrorKind::TimedOut | ErrorKind::WouldBlock => "超时",
        ErrorKind::Interrupted => "被信号中断",
        ErrorKind::Unsupported => "系统不支持",
        ErrorKind::UnexpectedEof => "数据提前结束",
        ErrorKind::OutOfMemory => "内存不足",
        _ => "",
    };
    let known = Some(known).filter(|known| !known.is_empty());
    let zh = match (error.raw_os_error(), known) {
        (Some(number), _) => format!("{}（errno {number}）", known.unwrap_or("系统报告了错误")),
        (None, Some(known)) => known.to_owned(),
        (None, None) => format!("系统报告了错误：{error}"),
    };
    Both { en: error.to_string(), zh }
}

/// How a process has ended.
pub fn ending(status: ExitStatus) -> Both {
    let en = status.to_string();
    let core = if status.core_dumped() { "，已转储 core" } else { "" };
    let zh = match (status.code(), status.signal()) {
        (Some(code), _) => format!("退出状态：{code}"),
        // The name of the signal stands in brackets: `signal: 11 (SIGSEGV) (core dumped)`.
        (None, Some(signal)) => {
            let name = en.split(['(', ')']).nth(1).filter(|name| name.starts_with("SIG"));
            name.map_or_else(|| format!("信号：{signal}{core}"), |name| format!("信号：{signal} ({name}){core}"))
        }
        (None, None) => en.clone(),
    };
    Both { en, zh }
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

    #[test]
    fn a_language_is_known_before_the_rest() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(Language::of_words(&words("steps --lang zh list")), Some(Language::Chinese));
        assert_eq!(Language::of_words(&words("steps list --lang=zh")), Some(Language::Chinese));
        assert_eq!(Language::of_words(&words("steps run 07 1 -- --lang zh")), None);
    }

    #[test]
    fn a_text_may_stand_in_a_text() {
        let (who, why) = ("nginx", both!("too late", "太晚"));
        let said = both!("{who}: {why}, {0} s", "{who}：{why}，{0} 秒" in why; 1 + 1);
        assert_eq!(said, Both { en: "nginx: too late, 2 s".into(), zh: "nginx：太晚，2 秒".into() });
    }

    #[test]
    fn what_the_system_says_is_said_in_chinese() {
        let refused = reason(&io::Error::from_raw_os_error(111));
        assert_eq!(refused.en, "Connection refused (os error 111)");
        assert_eq!(refused.zh, "连接被拒绝（errno 111）");
        let [died, left] = [11, 3 << 8].map(|raw| ending(ExitStatus::from_raw(raw)));
        assert_eq!((died.en.as_str(), died.zh.as_str()), ("signal: 11 (SIGSEGV)", "信号：11 (SIGSEGV)"));
        assert_eq!((left.en.as_str(), left.zh.as_str()), ("exit status: 3", "退出状态：3"));
    }
}
