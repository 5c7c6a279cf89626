//! Pictures, as SVG that stands in the page: it takes its colours from there, so it is right by day and by night, and
//! it has hardly a word in it, so it is right in both languages.

use std::fmt::Write;

use http_suite::stages::LESSONS;

use crate::contender::KEEPING;
use crate::figure::number;
use crate::record::{Lane, Timeline};
use crate::references::{FLOOR, LIGHTTPD, NGINX};
use crate::spread::Spread;

use super::scale::{Axis, apart};

const WIDTH: f64 = 420.0;
/// The room for figures at an axis, and for names of servers that are no longer than those.
const NAMES: f64 = 44.0;
/// The room for a letter.
const LETTER: f64 = 7.5;
const LANE: f64 = 11.0;
const BAR: f64 = 20.0;
/// The height of the axis below a picture.
const FOOT: f64 = 22.0;

/// A name, and its figures.
pub struct Bar {
    pub server: String,
    pub figure: Spread,
    /// The pale part of it.
    pub baseline: f64,
}

/// A line through points.
pub struct Line {
    pub server: String,
    pub points: Vec<(f64, f64)>,
}

/// How the axes of a picture with lines are written, and where they begin.
pub struct Axes {
    pub x: fn(f64) -> String,
    pub y: fn(f64) -> String,
    /// Whether there is a place for 0 before the first power of ten.
    pub zero: bool,
    /// Less than this is on the lowest line.
    pub least: f64,
}

/// The class that gives a server its colour: the same whether it keeps files open or not.
pub fn class(server: &str) -> String {
    let server = server.strip_suffix(KEEPING).unwrap_or(server);
    let is_known = [NGINX, LIGHTTPD, FLOOR].contains(&server) || LESSONS.iter().any(|(number, _)| *number == server);
    format!("s-{}", if is_known { server } else { "other" })
}

fn svg(height: f64, what: &str, content: &str) -> String {
    let what = super::escaped(what);
    format!("<svg viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-label=\"{what}\">{content}</svg>\n")
}

fn text(x: f64, y: f64, anchor: &str, text: &str) -> String {
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>", super::escaped(text))
}

/// Vertical lines with figures below.
fn grid(axis: &Axis, top: f64, bottom: f64, label: impl Fn(f64) -> String) -> String {
    axis.ticks().into_iter().fold(String::new(), |mut all, tick| {
        let x = axis.place(tick);
        let _ = write!(all, "<path class=\"grid\" d=\"M{x:.1} {top:.1}V{bottom:.1}\"/>");
        all.push_str(&text(x, bottom + 14.0, "middle", &label(tick)));
        all
    })
}

/// A lane for each client, over this many milliseconds.
pub fn timeline(timeline: &Timeline, longest: f64) -> String {
    let axis = Axis::plain(longest, 12.0, WIDTH - 14.0);
    let bottom = timeline.lanes.len() as f64 * LANE + 2.0;
    let seconds = |milliseconds: f64| format!("{} s", number_short(milliseconds / 1000.0));
    let mut content = grid(&axis, 0.0, bottom, seconds);
    for (place, lane) in timeline.lanes.iter().enumerate() {
        content.push_str(&lane_of(lane, &axis, place as f64 * LANE + 2.0, longest));
    }
    svg(bottom + FOOT, &format!("timeline of {}", timeline.server), &content)
}

fn lane_of(lane: &Lane, axis: &Axis, y: f64, longest: f64) -> String {
    let height = LANE - 3.0;
    let rectangle = |class: &str, from: f64, to: f64| {
        let (x, width) = (axis.place(from), (axis.place(to) - axis.place(from)).max(1.5));
        format!("<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>")
    };
    let ends = lane.closed.unwrap_or(longest);
    let parts = match (lane.first_byte, lane.last_byte) {
        (Some(first), Some(last)) => rectangle("waits", lane.came, first) + &rectangle("comes", first, last),
        _ => rectangle("waits", lane.came, ends),
    };
    format!("<g class=\"{}\">{parts}</g>", lane.client)
}

/// A bar for each server, with its pale part, and a thin line over half of the rounds.
pub fn bars(bars: &[Bar], what: &str) -> String {
    let longest = bars.iter().map(|bar| bar.figure.high).fold(0.0, f64::max);
    let names = names(bars.iter().map(|bar| bar.server.as_str()));
    let axis = Axis::plain(longest, names, WIDTH - room(bars.iter().map(|bar| doubted(&bar.figure))));
    let bottom = bars.len() as f64 * BAR + 2.0;
    let mut content = grid(&axis, 0.0, bottom, number_short);
    for (place, bar) in bars.iter().enumerate() {
        let Spread { median, low, high, .. } = bar.figure;
        let (y, middle) = (place as f64 * BAR + 3.0, place as f64 * BAR + 3.0 + (BAR - 6.0) / 2.0);
        let (from, pale, to) = (axis.place(0.0), axis.place(bar.baseline.min(median)), axis.place(median));
        let _ = write!(
            content,
            "<g class=\"{class}\"><rect class=\"pale\" x=\"{from:.1}\" y=\"{y:.1}\" width=\"{a:.1}\" height=\"{h:.1}\"/>\
             <rect class=\"full\" x=\"{pale:.1}\" y=\"{y:.1}\" width=\"{b:.1}\" height=\"{h:.1}\"/>\
             <path class=\"spread\" d=\"M{low:.1} {middle:.1}H{high:.1}\"/></g>",
            class = class(&bar.server),
            a = pale - from,
            b = to - pale,
            h = BAR - 6.0,
            low = axis.place(low),
            high = axis.place(high),
        );
        content.push_str(&text(names - 6.0, middle + 4.0, "end", &bar.server));
        content.push_str(&text(axis.place(high).max(to) + 5.0, middle + 4.0, "start", &doubted(&bar.figure)));
    }
    svg(bottom + FOOT, what, &content)
}

/// For the names of these servers.
fn names<'a>(servers: impl Iterator<Item = &'a str>) -> f64 {
    let longest = servers.map(|server| server.chars().count()).max().unwrap_or(0);
    NAMES.max(longest as f64 * LETTER + 8.0)
}

/// For the longest of these behind a bar.
fn room(labels: impl Iterator<Item = String>) -> f64 {
    let longest = labels.map(|label| label.chars().count()).max().unwrap_or(0);
    longest as f64 * LETTER + 10.0
}

fn doubted(figure: &Spread) -> String {
    format!("{}{}", number(figure.median), if figure.is_too_wide() { " ?" } else { "" })
}

/// From a ring to a dot for each server, by factors of ten.
pub fn moves(moves: &[(String, f64, f64)], what: &str) -> String {
    let all = || moves.iter().flat_map(|(_, from, to)| [*from, *to]).filter(|value| *value > 0.0);
    let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max));
    if high == 0.0 {
        return String::new();
    }
    let names = names(moves.iter().map(|(server, ..)| server.as_str()));
    let axis = Axis::by_tens(low, high, names + 6.0, WIDTH - room(moves.iter().map(|(_, _, to)| number(*to))));
    let bottom = moves.len() as f64 * BAR + 2.0;
    let mut content = grid(&axis, 0.0, bottom, number_short);
    for (place, (server, from, to)) in moves.iter().enumerate() {
        let y = place as f64 * BAR + BAR / 2.0;
        let (x, end) = (axis.place(*from), axis.place(*to));
        let _ = write!(
            content,
            "<g class=\"{}\"><path class=\"line\" d=\"M{x:.1} {y:.1}H{end:.1}\"/><circle class=\"ring\" cx=\"{x:.1}\" cy=\"{y:.1}\" \
             r=\"4.5\"/><circle class=\"dot\" cx=\"{end:.1}\" cy=\"{y:.1}\" r=\"4.5\"/></g>",
            class(server)
        );
        content.push_str(&text(names - 6.0, y + 4.0, "end", server));
        content.push_str(&text(x.max(end) + 9.0, y + 4.0, "start", &number(*to)));
    }
    svg(bottom + FOOT, what, &content)
}

/// A line for each server, by factors on both axes, each with its name at its end.
pub fn lines(lines: &[Line], axes: &Axes, what: &str) -> String {
    const TOP: f64 = 8.0;
    const BOTTOM: f64 = 236.0;
    let edge = WIDTH - names(lines.iter().map(|line| line.server.as_str())) + 2.0;
    let right = edge - 8.0;
    let points = || lines.iter().flat_map(|line| &line.points);
    let highest = points().map(|(_, y)| *y).fold(axes.least, f64::max);
    let first = points().map(|(x, _)| *x).filter(|x| *x > 0.0).fold(f64::INFINITY, f64::min);
    let last = points().map(|(x, _)| *x).fold(0.0, f64::max);
    if lines.is_empty() || last == 0.0 {
        return String::new();
    }
    let begin = if axes.zero { NAMES + 34.0 } else { NAMES + 12.0 };
    let x = Axis::by_factors(first, last, begin, right - 8.0);
    let y = Axis::by_tens(axes.least, highest, BOTTOM, TOP);
    let place = |value: f64| if value == 0.0 { NAMES + 10.0 } else { x.place(value) };

    let mut content = String::new();
    for tick in y.ticks() {
        let _ = write!(content, "<path class=\"grid\" d=\"M{NAMES} {at:.1}H{right:.1}\"/>", at = y.place(tick));
        content.push_str(&text(NAMES - 6.0, y.place(tick) + 4.0, "end", &(axes.y)(tick)));
    }
    for at in columns(lines) {
        content.push_str(&text(place(at), BOTTOM + 16.0, "middle", &(axes.x)(at)));
    }
    let ends: Vec<f64> =
        lines.iter().map(|line| line.points.last().map_or(BOTTOM, |(_, value)| y.place(*value))).collect();
    for (line, label) in lines.iter().zip(apart(&ends, 12.0, BOTTOM + 2.0)) {
        let points: Vec<(f64, f64)> = line.points.iter().map(|(at, value)| (place(*at), y.place(*value))).collect();
        content.push_str(&line_of(&line.server, &points, label, edge));
    }
    svg(BOTTOM + FOOT + 2.0, what, &content)
}

fn line_of(server: &str, points: &[(f64, f64)], label: f64, edge: f64) -> String {
    let Some((end, height)) = points.last() else { return String::new() };
    let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
    let dots: String =
        points.iter().map(|(x, y)| format!("<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>")).collect();
    format!(
        "<g class=\"{}\"><path class=\"line\" d=\"M{}\"/><path class=\"leader\" d=\"M{end:.1} {height:.1}L{edge:.1} {label:.1}\"/>{dots}\
         <text class=\"name\" x=\"{:.1}\" y=\"{:.1}\">{}</text></g>",
        class(server),
        path.join("L"),
        edge + 2.0,
        label + 4.0,
        super::escaped(server)
    )
}

/// The figures below: those of all lines, where there is room.
fn columns(lines: &[Line]) -> Vec<f64> {
    let mut all: Vec<f64> = lines.iter().flat_map(|line| line.points.iter().map(|(x, _)| *x)).collect();
    all.sort_by(f64::total_cmp);
    all.dedup();
    let mut columns: Vec<f64> = Vec::new();
    for at in all.into_iter().rev() {
        if columns.last().is_none_or(|last| at <= last / 1.9) {
            columns.push(at);
        }
    }
    columns
}

/// As short as can be: `0.1`, `10`, `2k`.
pub fn number_short(value: f64) -> String {
    match value.abs() {
        1_000_000.0.. => format!("{}M", trimmed(value / 1_000_000.0)),
        1_000.0.. => format!("{}k", trimmed(value / 1_000.0)),
        _ => trimmed(value),
    }
}

fn trimmed(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_at_an_axis_are_short() {
        let short = [0.0, 0.01, 1.0, 1.5, 250.0, 2000.0, 16_000.0, 1_500_000.0].map(number_short);
        assert_eq!(short, ["0", "0.01", "1", "1.5", "250", "2k", "16k", "1.5M"]);
    }

    #[test]
    fn a_column_that_is_too_near_to_the_next_has_no_figure() {
        let line = |points: &[f64]| Line { server: String::new(), points: points.iter().map(|x| (*x, 1.0)).collect() };
        assert_eq!(columns(&[line(&[0.0, 10.0, 100.0, 1000.0]), line(&[900.0])]), [1000.0, 100.0, 10.0, 0.0]);
    }

    #[test]
    fn a_server_of_somebody_s_own_has_a_colour_too() {
        assert_eq!((class("07"), class("mine")), ("s-07".to_owned(), "s-other".to_owned()));
        assert_eq!((class("07+keep"), class("lighttpd")), ("s-07".to_owned(), "s-lighttpd".to_owned()));
    }

    #[test]
    fn every_server_that_has_a_colour_of_its_own_is_in_the_style() {
        let style = include_str!("style.css");
        for server in LESSONS.iter().map(|(number, _)| *number).chain([NGINX, LIGHTTPD, FLOOR, "mine"]) {
            assert!(style.contains(&format!(".{} {{", class(server))), "{server} has no colour");
        }
    }
}
