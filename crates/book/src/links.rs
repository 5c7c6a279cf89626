//! Every link of the books leads somewhere, as the pages have it in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::html::{Part, attribute, heading_level, name, parts};
use crate::problem::Problem;

/// A page: its ids, and its links with the section in which they stand.
struct Page {
    ids: BTreeSet<String>,
    links: Vec<(String, String)>,
    twice: Vec<String>,
}

/// All links in a folder of built books that lead nowhere, and all that leads to another host but a plain link.
pub fn problems(built: &Path) -> Result<Vec<Problem>, String> {
    let mut files = Vec::new();
    walk(built, &mut files).map_err(|error| format!("cannot read {}: {error}", built.display()))?;
    let mut pages = BTreeMap::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "html")) {
        let text = fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        pages.insert(file.clone(), Page::read(&text));
    }
    let files: BTreeSet<PathBuf> = files.into_iter().collect();
    let mut problems = Vec::new();
    for (file, page) in pages.iter().filter(|(file, _)| is_chapter(file)) {
        let source = source(built, file);
        for id in &page.twice {
            problems.push(Problem::new(
                &source,
                id,
                format!("the id {id} is twice on the page"),
                "give each heading and each figure its own",
            ));
        }
        for (section, link) in &page.links {
            if let Some(what) = wrong(file, link, &files, &pages) {
                problems.push(Problem::new(
                    &source,
                    section,
                    what,
                    "name a chapter and an id in it, as in tcp.md#backlog",
                ));
            }
        }
    }
    Ok(problems)
}

/// Not what mdBook makes beside: the page for printing has all ids, and that for errors may be anywhere.
fn is_chapter(file: &Path) -> bool {
    !matches!(file.file_name().and_then(|name| name.to_str()), Some("print.html" | "404.html" | "toc.html"))
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { walk(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// `docs/en/tcp.md` of `…/en/tcp.html`.
fn source(built: &Path, file: &Path) -> String {
    let inside = file.strip_prefix(built).unwrap_or(file).with_extension("md");
    format!("docs/{}", inside.display()).replace("/index.md", "/README.md")
}

impl Page {
    fn read(html: &str) -> Page {
        let mut page = Page { ids: BTreeSet::new(), links: Vec::new(), twice: Vec::new() };
        let mut section = String::new();
        for part in parts(html) {
            let Part::Tag(tag) = part else { continue };
            if let Some(id) = attribute(tag, "id") {
                if heading_level(tag).is_some() {
                    section.clone_from(&id);
                }
                if !page.ids.insert(id.clone()) {
                    page.twice.push(id);
                }
            }
            let wanted = if matches!(name(tag), "a" | "link") { "href" } else { "src" };
            page.links.extend(attribute(tag, wanted).map(|link| (section.clone(), link)));
        }
        page
    }
}

fn wrong(file: &Path, link: &str, files: &BTreeSet<PathBuf>, pages: &BTreeMap<PathBuf, Page>) -> Option<String> {
    let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
    let path = path.split('?').next().unwrap_or("");
    // The lessons are at this address when somebody follows what a chapter says.
    if ["https://", "data:", "http://127.0.0.1:7890"].iter().any(|start| path.starts_with(start)) {
        return None;
    }
    // The home page of whoever serves the book.
    if path == "/" {
        return None;
    }
    if path.contains(':') || path.starts_with('/') {
        return Some(format!("{link} is neither relative nor https nor a lesson of ours"));
    }
    let target = if path.is_empty() { file.to_owned() } else { resolve(file.parent()?, path) };
    let target = if target.is_dir() { target.join("index.html") } else { target };
    if !files.contains(&target) {
        return Some(format!("{link} leads nowhere"));
    }
    let known = |page: &Page| fragment.is_empty() || page.ids.contains(fragment);
    match pages.get(&target) {
        Some(page) if !known(page) => Some(format!("{link} leads to a page that has no #{fragment}")),
        _ => None,
    }
}

fn resolve(folder: &Path, path: &str) -> PathBuf {
    let mut target = folder.to_owned();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(target.pop()),
            name => target.push(name),
        }
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_found_with_its_section() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("en")).unwrap();
        let page = r##"<h1 id="a">A</h1><a href="#a">.</a><a href="b.html#x">.</a><a href="https://example.org/">.</a>
            <h2 id="c">C</h2><a href="b.html#y">.</a><a href="none.html">.</a><img src="http://example.org/x.png"><p id="a">"##;
        fs::write(folder.path().join("en/index.html"), page).unwrap();
        fs::write(folder.path().join("en/b.html"), r#"<p id="x"><a href="../en/">.</a>"#).unwrap();
        let problems = crate::problem::list(&problems(folder.path()).unwrap());
        for part in [
            "docs/en/README.md#c: b.html#y leads to a page that has no #y",
            "docs/en/README.md#c: none.html leads nowhere",
            "docs/en/README.md#c: http://example.org/x.png is neither relative nor https nor a lesson of ours",
            "docs/en/README.md#a: the id a is twice on the page",
        ] {
            assert!(problems.contains(part), "no {part} in {problems}");
        }
        assert_eq!(problems.lines().count(), 8, "{problems}");
    }
}
