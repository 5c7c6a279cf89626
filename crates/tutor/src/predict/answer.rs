//! What somebody answers, and how near that is to what was measured.

use crate::both;
use crate::language::Both;
use crate::predict::measure::Value;
use crate::predict::question::{Kind, Question};

/// An answer that was given.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A value of the question's kind.
    Value(Value),
    /// `?`: no idea. Not to know is an answer too, and it is not the measurement's turn yet to spoil it.
    NoIdea,
}

/// How near an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Just what was measured.
    Right,
    /// A number that is at most twice as much, and at least half as much.
    Close,
    /// Anything else.
    Off,
    /// None was given.
    Open,
}

impl Answer {
    /// From what somebody types.
    ///
    /// # Errors
    ///
    /// Why it is no answer to this question.
    pub fn parse(question: &Question, text: &str) -> Result<Answer, Both> {
        let text = half_width(text.trim());
        if text == "?" {
            return Ok(Answer::NoIdea);
        }
        match &question.kind {
            Kind::Number(_) => number(&text).map(|number| Answer::Value(Value::Number(number))),
            Kind::Choice(choice) => {
                let last = letter(choice.of.len() - 1);
                let of =
                    |letter: char| (letter as usize).checked_sub('a' as usize).and_then(|place| choice.of.get(place));
                let mut letters = text.chars().map(|letter| letter.to_ascii_lowercase());
                let found = letters.next().and_then(of).filter(|_| letters.next().is_none());
                found.map(|one| Answer::Value(Value::Choice(one.key.clone()))).ok_or_else(|| {
                    both!(
                        "'{text}' is none of the answers; they are a to {last}, or ? for no idea",
                        "“{text}”不是选项之一；选项为 a 到 {last}，? 表示不知道"
                    )
                })
            }
        }
    }

    /// Beside what was measured.
    pub fn verdict(&self, measured: &Value) -> Verdict {
        match (self, measured) {
            (Answer::NoIdea, _) => Verdict::Open,
            (Answer::Value(answer), measured) if answer == measured => Verdict::Right,
            (Answer::Value(Value::Number(answer)), Value::Number(measured)) => {
                let close = *measured > 0.0 && (0.5..=2.0).contains(&(answer / measured));
                if close { Verdict::Close } else { Verdict::Off }
            }
            _ => Verdict::Off,
        }
    }
}

impl Verdict {
    /// The word under which it is kept.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Right => "right",
            Verdict::Close => "close",
            Verdict::Off => "off",
            Verdict::Open => "open",
        }
    }

    /// As it is said.
    pub fn said(self) -> Both {
        match self {
            Verdict::Right => both!("right", "正确"),
            Verdict::Close => both!("close: within a factor of 2", "接近：相差不到一倍"),
            Verdict::Off => both!("otherwise than predicted", "与预测不同"),
            Verdict::Open => both!("no prediction", "没有预测"),
        }
    }
}

/// `a` for the first.
pub fn letter(place: usize) -> char {
    u8::try_from(place).ok().and_then(|place| b'a'.checked_add(place)).map_or('?', char::from)
}

/// Digits, commas and letters are typed in full width too, where Chinese is typed.
fn half_width(text: &str) -> String {
    let narrow = |letter: char| match letter {
        '！'..='～' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        '\u{3000}' => ' ',
        letter => letter,
    };
    text.chars().map(narrow).collect()
}

/// `1000`, `1,000`, `1 000`, `1_000`, `0.5`. No unit: the question says it.
fn number(text: &str) -> Result<f64, Both> {
    let digits: String = text.chars().filter(|letter| !matches!(letter, ',' | '_' | ' ')).collect();
    let is_number = digits.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.')
        && digits.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
    let found = digits.parse::<f64>().ok().filter(|number| is_number && number.is_finite());
    found.ok_or_else(|| {
        both!(
            "'{text}' is no number; digits are wanted, without a unit, or ? for no idea",
            "“{text}”不是数字；请只输入数字，不带单位，? 表示不知道"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predict::question::{Alternative, Choice, Number, Place};

    fn question(kind: Kind) -> Question {
        Question {
            lesson: "07".into(),
            id: "one".into(),
            ask: Both::default(),
            kind,
            measure: String::new(),
            given: Default::default(),
            why: Both::default(),
            book: Place { section: String::new(), item: None, en: String::new(), zh: String::new() },
            read: String::new(),
        }
    }

    fn a_number() -> Question {
        question(Kind::Number(Number { unit: Both::default(), from: 0.0, to: 1.0 }))
    }

    fn a_choice() -> Question {
        let one = |key: &str| Alternative { key: key.into(), en: key.into(), zh: key.into() };
        question(Kind::Choice(Choice { right: "end".into(), of: vec![one("end"), one("reset")] }))
    }

    #[test]
    fn an_answer_is_understood_as_it_is_typed() {
        for (text, number) in [("3", 3.0), (" 1,000 ", 1000.0), ("1 000", 1000.0), ("0.5", 0.5), ("１２", 12.0)] {
            assert_eq!(Answer::parse(&a_number(), text), Ok(Answer::Value(Value::Number(number))), "{text}");
        }
        for text in ["b", "B", " b ", "ｂ"] {
            assert_eq!(Answer::parse(&a_choice(), text), Ok(Answer::Value(Value::Choice("reset".into()))), "{text}");
        }
        assert_eq!(Answer::parse(&a_number(), "?"), Ok(Answer::NoIdea));
        assert_eq!(Answer::parse(&a_choice(), "？"), Ok(Answer::NoIdea));
    }

    #[test]
    fn what_is_no_answer_is_named() {
        for text in ["", "many", "3 KiB", "-1", "inf", "nan", "1e3", "1.2.3", "."] {
            let said = Answer::parse(&a_number(), text).unwrap_err();
            assert!(said.en.contains(&format!("'{text}' is no number")), "{said:?}");
        }
        for text in ["", "c", "ab", "1", "reset"] {
            let said = Answer::parse(&a_choice(), text).unwrap_err();
            assert!(said.en.contains(&format!("'{text}'")) && said.zh.contains("a 到 b"), "{said:?}");
        }
    }

    #[test]
    fn close_is_within_a_factor_of_two() {
        let verdict =
            |answer: f64, measured: f64| Answer::Value(Value::Number(answer)).verdict(&Value::Number(measured));
        assert_eq!(verdict(10.0, 10.0), Verdict::Right);
        assert_eq!((verdict(5.0, 10.0), verdict(20.0, 10.0)), (Verdict::Close, Verdict::Close));
        assert_eq!((verdict(4.9, 10.0), verdict(20.1, 10.0)), (Verdict::Off, Verdict::Off));
        assert_eq!(
            (verdict(0.0, 0.0), verdict(1.0, 0.0), verdict(0.0, 1.0)),
            (Verdict::Right, Verdict::Off, Verdict::Off)
        );
        assert_eq!(Answer::NoIdea.verdict(&Value::Number(1.0)), Verdict::Open);
        let reset = Value::Choice("reset".into());
        assert_eq!(Answer::Value(reset.clone()).verdict(&reset), Verdict::Right);
        assert_eq!(Answer::Value(reset).verdict(&Value::Choice("end".into())), Verdict::Off);
    }
}
