//! Items of Rust files, by name: `fn listen`, `struct Connection`, `impl Connection`, `fn Connection::advance`, `test
//! name`, `doc`.
//!
//! An item comes with its comments and attributes, as whole lines, and moved to the left margin.

use std::ops::RangeInclusive;

use syn::spanned::Spanned;
use syn::{Attribute, File, ImplItem, Item, TraitItem, Type};

/// The text of one item of a Rust file.
pub fn item(source: &str, name: &str) -> Result<String, String> {
    let name = name.trim();
    if name == "doc" {
        return doc(source);
    }
    let file: File = syn::parse_file(source).map_err(|error| format!("it is not Rust: {error}"))?;
    let mut found = Vec::new();
    walk(&file.items, name, &mut found);
    match found.as_slice() {
        [lines] => Ok(cut(source, lines)),
        [] => Err(format!("there is no `{name}` in it")),
        many => Err(format!("there are {} of `{name}` in it", many.len())),
    }
}

/// The comment at the head of a file, without its `//!`.
fn doc(source: &str) -> Result<String, String> {
    let lines: Vec<&str> = source.lines().take_while(|line| line.starts_with("//!")).collect();
    if lines.is_empty() { Err("it does not begin with //!".to_owned()) } else { Ok(lines.join("\n")) }
}

type Lines = RangeInclusive<usize>;

fn walk(items: &[Item], name: &str, found: &mut Vec<Lines>) {
    for item in items {
        if names(item).iter().any(|own| own == name) {
            found.push(lines(item));
        }
        match item {
            Item::Mod(module) => walk(module.content.as_ref().map_or(&[], |(_, items)| items), name, found),
            Item::Impl(block) => {
                let owner = type_name(&block.self_ty);
                for inner in &block.items {
                    if impl_item_name(inner, &owner).is_some_and(|own| own == name) {
                        found.push(lines(inner));
                    }
                }
            }
            Item::Trait(block) => {
                for inner in &block.items {
                    if let TraitItem::Fn(function) = inner
                        && format!("fn {}::{}", block.ident, function.sig.ident) == name
                    {
                        found.push(lines(inner));
                    }
                }
            }
            _ => {}
        }
    }
}

/// What an item can be called: a test is a `fn` too.
fn names(item: &Item) -> Vec<String> {
    match item {
        Item::Fn(function) if is_test(&function.attrs) => {
            vec![format!("test {}", function.sig.ident), format!("fn {}", function.sig.ident)]
        }
        Item::Fn(function) => vec![format!("fn {}", function.sig.ident)],
        Item::Struct(item) => vec![format!("struct {}", item.ident)],
        Item::Enum(item) => vec![format!("enum {}", item.ident)],
        Item::Const(item) => vec![format!("const {}", item.ident)],
        Item::Static(item) => vec![format!("static {}", item.ident)],
        Item::Type(item) => vec![format!("type {}", item.ident)],
        Item::Trait(item) => vec![format!("trait {}", item.ident)],
        Item::Mod(item) => vec![format!("mod {}", item.ident)],
        Item::Macro(item) => item.ident.iter().map(|ident| format!("macro {ident}")).collect(),
        Item::Impl(item) => {
            let owner = type_name(&item.self_ty);
            match item.trait_.as_ref().and_then(|(_, path, _)| path.segments.last()) {
                Some(of) => vec![format!("impl {} for {owner}", of.ident)],
                None => vec![format!("impl {owner}")],
            }
        }
        _ => Vec::new(),
    }
}

fn impl_item_name(item: &ImplItem, owner: &str) -> Option<String> {
    match item {
        ImplItem::Fn(function) => Some(format!("fn {owner}::{}", function.sig.ident)),
        ImplItem::Const(item) => Some(format!("const {owner}::{}", item.ident)),
        _ => None,
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("test"))
}

/// `Connection` of `Connection<'a>`.
fn type_name(kind: &Type) -> String {
    match kind {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default(),
        Type::Reference(reference) => type_name(&reference.elem),
        _ => String::new(),
    }
}

fn lines(item: &impl Spanned) -> Lines {
    let span = item.span();
    span.start().line..=span.end().line
}

/// Whole lines, with the comments directly above that are no documentation, moved to the left margin.
fn cut(source: &str, wanted: &Lines) -> String {
    let all: Vec<&str> = source.lines().collect();
    let mut first = wanted.start() - 1;
    while first > 0 && all[first - 1].trim_start().starts_with("//") && !all[first - 1].trim_start().starts_with("//!")
    {
        first -= 1;
    }
    let lines = &all[first..*wanted.end()];
    let margin = lines[0].len() - lines[0].trim_start().len();
    let lines = lines.iter().map(|line| line.get(margin..).unwrap_or_else(|| line.trim_start()));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r##"//! What it is.
//! And more.

use std::io;

/// How many.
const BACKLOG: i32 = 1024;
static NAME: &str = "}";

/// A client.
#[derive(Debug)]
pub struct Connection<'a> {
    name: &'a str,
}

enum State {
    Receiving,
}

impl<'a> Connection<'a> {
    const LIMIT: usize = 1;

    // Not documentation.
    /// Goes on.
    #[must_use]
    pub fn advance(&self) -> bool {
        // A brace in a string: "{"
        self.name.contains('{')
    }
}

impl Drop for Connection<'_> {
    fn drop(&mut self) {}
}

fn listen() -> io::Result<()> {
    let _ = r#"fn inner() { "#;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_works() {
        assert!(true);
    }
}
"##;

    #[test]
    fn items_are_found_by_name_with_what_belongs_to_them() {
        for (name, expected) in [
            ("doc", "//! What it is.\n//! And more."),
            ("const BACKLOG", "/// How many.\nconst BACKLOG: i32 = 1024;"),
            ("static NAME", "static NAME: &str = \"}\";"),
            (
                "struct Connection",
                "/// A client.\n#[derive(Debug)]\npub struct Connection<'a> {\n    name: &'a str,\n}",
            ),
            ("enum State", "enum State {\n    Receiving,\n}"),
            ("const Connection::LIMIT", "const LIMIT: usize = 1;"),
            ("impl Drop for Connection", "impl Drop for Connection<'_> {\n    fn drop(&mut self) {}\n}"),
            ("fn listen", "fn listen() -> io::Result<()> {\n    let _ = r#\"fn inner() { \"#;\n    Ok(())\n}"),
            ("test it_works", "#[test]\nfn it_works() {\n    assert!(true);\n}"),
        ] {
            assert_eq!(item(SOURCE, name).as_deref(), Ok(expected), "{name}");
        }
        let advance = item(SOURCE, "fn Connection::advance").unwrap();
        assert!(advance.starts_with("// Not documentation.\n/// Goes on.\n#[must_use]\npub fn advance"), "{advance}");
        assert!(advance.ends_with("\n}"), "{advance}");
        assert!(item(SOURCE, "impl Connection").unwrap().starts_with("impl<'a> Connection<'a> {\n    const"));
    }

    #[test]
    fn what_is_not_there_or_twice_is_an_error() {
        assert_eq!(item(SOURCE, "fn inner").unwrap_err(), "there is no `fn inner` in it");
        assert_eq!(item("fn a() {}\nmod b { fn a() {} }", "fn a").unwrap_err(), "there are 2 of `fn a` in it");
        assert!(item("fn a( {}", "fn a").unwrap_err().starts_with("it is not Rust"));
        assert!(item("fn a() {}", "doc").is_err());
    }
}
