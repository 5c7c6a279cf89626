//! Drawn figures: one SVG for both languages, of which a page shows its own.

use std::collections::BTreeSet;

use regex::Regex;

use crate::html::{escape, with_code};
use crate::language::Language;
use crate::repository::Repository;

/// The height in pixels below which letters are hard to read.
const LEGIBLE: f64 = 11.0;

/// As one line of HTML, with its caption. Where there is no room for letters of a legible size, its frame is scrolled.
pub fn html(repository: &Repository, name: &str, caption: &str, language: Language) -> Result<String, String> {
    let svg = repository.read(format!("docs/figures/{name}.svg"))?;
    let svg = inline(&svg, name, language)?;
    Ok(format!(
        "<figure class=\"drawn\" id=\"figure-{}\"><div class=\"frame\">{svg}</div><figcaption>{}</figcaption></figure>",
        escape(name),
        with_code(caption)
    ))
}

/// What a screen reader says in place of the drawing: its `<title>`, which is taken out of it. A browser takes a title
/// for the name of a drawing only if it is not in a group, and would show it beside the pointer besides.
fn with_name(svg: &str) -> Result<String, String> {
    let title = Regex::new(r"<title>([^<]+)</title>\s*").expect("a constant");
    let name = title.captures(svg).ok_or("there is no <title> in a group of one language")?[1].to_owned();
    let svg = title.replace_all(svg, "").replacen("<svg", &format!("<svg aria-label=\"{name}\""), 1);
    Ok(if svg.contains("role=\"img\"") { svg } else { svg.replacen("<svg", "<svg role=\"img\"", 1) })
}

/// With the least width at which its smallest letters are legible.
fn with_least_width(svg: &str) -> String {
    let number = |text: &str| text.parse::<f64>().ok();
    let sizes = captured(svg, r"\bfont(?:-size)?:\s*([0-9.]+)px");
    let smallest = sizes.iter().filter_map(|size| number(size)).fold(f64::INFINITY, f64::min);
    let width = captured(svg, r#"<svg[^>]*\swidth="([0-9.]+)""#).iter().find_map(|width| number(width));
    match width {
        Some(width) if smallest.is_finite() => {
            let least = (width * LEGIBLE / smallest).ceil();
            svg.replacen("<svg", &format!("<svg style=\"min-width:{least}px\""), 1)
        }
        _ => svg.to_owned(),
    }
}

/// The SVG without the other language, on one line, and with names that no other figure on the page has.
fn inline(svg: &str, name: &str, language: Language) -> Result<String, String> {
    let start = svg.find("<svg").ok_or("there is no <svg in it")?;
    let other = format!("lang=\"{}\"", language.twin());
    for language in Language::ALL {
        if !svg.contains(&format!("lang=\"{language}\"")) {
            return Err(format!("there is no <g lang=\"{language}\"> in it"));
        }
    }
    let svg = without_groups(&svg[start..], &other)?;
    let svg = with_least_width(&with_name(&with_own_names(&svg, name))?);
    Ok(svg.split('\n').map(str::trim).collect::<Vec<_>>().join(" "))
}

/// Without every `<g …>` that has the attribute, and what is in it.
fn without_groups(svg: &str, attribute: &str) -> Result<String, String> {
    let mut kept = String::new();
    let mut rest = svg;
    while let Some(start) = rest.find("<g ") {
        let (before, group) = rest.split_at(start);
        kept.push_str(before);
        let tag = &group[..group.find('>').ok_or("a <g is not ended")?];
        if tag.contains(attribute) {
            rest = &group[end_of_group(group)?..];
        } else {
            kept.push_str("<g ");
            rest = &group["<g ".len()..];
        }
    }
    kept.push_str(rest);
    Ok(kept)
}

/// Behind the `</g>` that belongs to the `<g` with which the text begins.
fn end_of_group(text: &str) -> Result<usize, String> {
    let tags = Regex::new(r"<g\b[^>]*>|</g>").expect("a constant");
    let mut depth = 0;
    for tag in tags.find_iter(text) {
        match tag.as_str() {
            "</g>" => depth -= 1,
            open if open.ends_with("/>") => {}
            _ => depth += 1,
        }
        if depth == 0 {
            return Ok(tag.end());
        }
    }
    Err("a <g> is not closed".to_owned())
}

/// Styles and ids hold for the whole page, so each figure gets its own: `box` becomes `fork-box`.
fn with_own_names(svg: &str, name: &str) -> String {
    let mut svg = svg.to_owned();
    for id in captured(&svg, r#"\bid="([^"]+)""#) {
        for (old, new) in [
            (format!("id=\"{id}\""), format!("id=\"{name}-{id}\"")),
            (format!("url(#{id})"), format!("url(#{name}-{id})")),
            (format!("href=\"#{id}\""), format!("href=\"#{name}-{id}\"")),
            (format!("labelledby=\"{id}\""), format!("labelledby=\"{name}-{id}\"")),
        ] {
            svg = svg.replace(&old, &new);
        }
    }
    let lists = Regex::new(r#"\bclass="([^"]+)""#).expect("a constant");
    let classes: BTreeSet<String> = captured(&svg, r#"\bclass="([^"]+)""#)
        .iter()
        .flat_map(|list| list.split_whitespace())
        .map(str::to_owned)
        .collect();
    svg = lists
        .replace_all(&svg, |found: &regex::Captures<'_>| {
            let own: Vec<String> = found[1].split_whitespace().map(|class| format!("{name}-{class}")).collect();
            format!("class=\"{}\"", own.join(" "))
        })
        .into_owned();
    let styles = Regex::new(r"(?s)<style[^>]*>.*?</style>").expect("a constant");
    let selector = Regex::new(r"\.([A-Za-z_][A-Za-z0-9_-]*)").expect("a constant");
    let own_selector = |found: &regex::Captures<'_>| match &found[1] {
        class if classes.contains(class) => format!(".{name}-{class}"),
        _ => found[0].to_owned(),
    };
    styles
        .replace_all(&svg, |style: &regex::Captures<'_>| selector.replace_all(&style[0], own_selector).into_owned())
        .into_owned()
}

fn captured(text: &str, pattern: &str) -> BTreeSet<String> {
    Regex::new(pattern).expect("a constant").captures_iter(text).map(|found| found[1].to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SVG: &str = r#"<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" class="drawing" width="760">
<style>.drawing { font: 15px/1.3 serif } .drawing .small { font-size: 13px } .drawing .box { fill: none } .coal .drawing { color: white }</style>

<marker id="arrow"/><path class="box thick" marker-end="url(#arrow)"/>
<g lang="en"><title>Who waits</title><g class="box"><text>waits</text></g></g>
<g lang="zh"><title>谁在等</title><g><text>等待</text></g></g>
<g class="box"><text>fork</text></g>
</svg>"#;

    #[test]
    fn a_page_shows_only_its_language() {
        let english = inline(SVG, "fork", Language::English).unwrap();
        assert!(english.contains("waits") && english.contains("<text>fork") && !english.contains("等待"), "{english}");
        let chinese = inline(SVG, "fork", Language::Chinese).unwrap();
        assert!(!chinese.contains("waits") && chinese.contains("<text>fork") && chinese.contains("等待"), "{chinese}");
        assert!(!english.contains('\n') && english.starts_with("<svg "), "{english}");
    }

    #[test]
    fn names_are_the_figures_own() {
        let svg = inline(SVG, "fork", Language::English).unwrap();
        for part in [
            r#"class="fork-drawing""#,
            ".fork-drawing .fork-box { fill",
            ".coal .fork-drawing {",
            r#"<marker id="fork-arrow"/>"#,
            r#"class="fork-box fork-thick" marker-end="url(#fork-arrow)""#,
        ] {
            assert!(svg.contains(part), "no {part} in {svg}");
        }
    }

    #[test]
    fn its_title_is_what_a_screen_reader_says() {
        let svg = inline(SVG, "fork", Language::Chinese).unwrap();
        assert!(
            svg.contains("aria-label=\"谁在等\"") && svg.contains("role=\"img\"") && !svg.contains("<title"),
            "{svg}"
        );
        let error = inline(&SVG.replace("<title>谁在等</title>", ""), "fork", Language::Chinese).unwrap_err();
        assert_eq!(error, "there is no <title> in a group of one language");
    }

    #[test]
    fn its_smallest_letters_say_how_narrow_it_may_be() {
        // 760 pixels for letters of 13, and so 644 for letters of 11.
        let svg = inline(SVG, "fork", Language::English).unwrap();
        assert!(svg.contains("style=\"min-width:644px\""), "{svg}");
    }

    #[test]
    fn a_language_that_is_missing_is_an_error() {
        let error = inline(&SVG.replace("lang=\"zh\"", ""), "fork", Language::English).unwrap_err();
        assert_eq!(error, "there is no <g lang=\"zh\"> in it");
    }
}
