//! Figures as people read them: three digits, and a unit that fits.

use crate::spread::Spread;

/// Three digits, no more zeros than needed: `0.0123`, `1.23`, `12.3`, `1,230`.
pub fn number(value: f64) -> String {
    let magnitude = value.abs();
    match magnitude {
        0.0 => "0".to_owned(),
        0.0..0.0005 => "0.000".to_owned(),
        0.0..0.1 => format!("{value:.3}"),
        0.1..10.0 => format!("{value:.2}"),
        10.0..100.0 => format!("{value:.1}"),
        _ => grouped(value),
    }
}

fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("−{text}") } else { text }
}

/// The median, and in brackets how far half of the rounds are spread. A question mark where that is too far.
pub fn spread(spread: &Spread) -> String {
    let Spread { median, low, high, rounds } = spread;
    let doubt = if spread.is_too_wide() { " ?" } else { "" };
    if *rounds < 2 {
        number(*median)
    } else {
        format!("{} ({}–{}){doubt}", number(*median), number(*low), number(*high))
    }
}

/// A part of one core, in percent.
pub fn percent(part: f64) -> String {
    let percent = part * 100.0;
    if percent < 0.005 { "0 %".to_owned() } else { format!("{} %", number(percent)) }
}

/// Of bytes, in KiB, MiB or GiB.
pub fn bytes(bytes: f64) -> String {
    let (value, unit) = match bytes.abs() {
        0.0..1_048_576.0 => (bytes / 1024.0, "KiB"),
        1_048_576.0..1_073_741_824.0 => (bytes / 1_048_576.0, "MiB"),
        _ => (bytes / 1_073_741_824.0, "GiB"),
    };
    format!("{} {unit}", number(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        let numbers = [0.0, 0.00012, 0.0123, 1.234, 12.34, 123.4, 1234.0, 1234567.0, -1234.0].map(number);
        assert_eq!(numbers, ["0", "0.000", "0.012", "1.23", "12.3", "123", "1,234", "1,234,567", "−1,234"]);
    }

    #[test]
    fn bytes_and_parts_have_units() {
        assert_eq!(bytes(512.0), "0.50 KiB");
        assert_eq!(bytes(10.0 * 1024.0 * 1024.0), "10.0 MiB");
        assert_eq!(bytes(0.0), "0 KiB");
        assert_eq!((percent(0.5), percent(0.0)), ("50.0 %".to_owned(), "0 %".to_owned()));
    }

    #[test]
    fn a_spread_that_is_too_wide_is_doubted() {
        let wide = Spread { median: 10.0, low: 5.0, high: 15.0, rounds: 5 };
        assert_eq!(spread(&wide), "10.0 (5.00–15.0) ?");
        assert_eq!(spread(&Spread { rounds: 1, ..wide }), "10.0");
    }
}
