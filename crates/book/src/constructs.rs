//! The constructs of Rust that a file uses, beside those that every reader of programs knows.
//!
//! Each has a short name, `let-else`, which is the anchor of its row on the page "The Rust you will meet". What syn can
//! parse and this does not know is a construct too, named after its kind: so nothing new goes by unseen.

use std::collections::BTreeMap;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, BinOp, Expr, Fields, Item, Lit, Pat, Path, Stmt, Type};

/// From a construct to the lines of a file in which it stands, from 1: where it begins, and where it ends.
pub type Found = BTreeMap<String, Vec<(usize, usize)>>;

/// Types of the standard library that stand around another, and are a construct more than a name.
const WRAPPERS: [&str; 16] = [
    "Arc",
    "Box",
    "Cell",
    "Cow",
    "HashMap",
    "LazyLock",
    "ManuallyDrop",
    "Mutex",
    "OnceLock",
    "Option",
    "Pin",
    "Rc",
    "RefCell",
    "Result",
    "Vec",
    "Weak",
];

/// All that a file uses, outside of its tests.
pub fn of(source: &str) -> Result<Found, String> {
    let file = syn::parse_file(source).map_err(|error| format!("it is not Rust: {error}"))?;
    let mut finder = Finder::default();
    finder.visit_file(&file);
    Ok(finder.found)
}

#[derive(Default)]
struct Finder {
    found: Found,
}

impl Finder {
    fn add(&mut self, name: &str, at: &impl Spanned) {
        let span = at.span();
        self.found.entry(name.to_owned()).or_default().push((span.start().line, span.end().line));
    }

    fn add_if(&mut self, is: bool, name: &str, at: &impl Spanned) {
        if is {
            self.add(name, at);
        }
    }

    /// What stands in `matches!`: a value and a pattern.
    fn choice(&mut self, call: &syn::Macro) {
        let parts = call.parse_body_with(|input: syn::parse::ParseStream<'_>| {
            let value: Expr = input.parse()?;
            input.parse::<syn::Token![,]>()?;
            let pattern = Pat::parse_multi_with_leading_vert(input)?;
            let guard =
                if input.parse::<Option<syn::Token![if]>>()?.is_some() { Some(input.parse::<Expr>()?) } else { None };
            Ok((value, pattern, guard, input.parse::<Option<syn::Token![,]>>()?))
        });
        let Ok((value, pattern, guard, _)) = parts else { return };
        let mut inner = Finder::default();
        inner.visit_expr(&value);
        inner.visit_pat(&pattern);
        guard.iter().for_each(|guard| inner.visit_expr(guard));
        self.take(inner);
    }

    fn take(&mut self, other: Finder) {
        for (name, mut lines) in other.found {
            self.found.entry(name).or_default().append(&mut lines);
        }
    }

    /// The conditions of `if` and `while`: a `let` alone, or beside others.
    fn condition(&mut self, condition: &Expr, alone: &str) {
        match condition {
            Expr::Let(_) => self.add(alone, condition),
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) && has_let(condition) => {
                self.add("let-chain", condition);
            }
            _ => {}
        }
    }
}

fn has_let(condition: &Expr) -> bool {
    match condition {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && matches!(&attribute.meta, syn::Meta::List(list) if list.tokens.to_string() == "test")
    })
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item(&mut self, item: &'ast Item) {
        let name = match item {
            Item::Mod(item) if is_for_tests(&item.attrs) => return,
            Item::Fn(_) | Item::Enum(_) | Item::Use(_) => "",
            Item::Struct(item) => match item.fields {
                Fields::Unnamed(_) => "tuple-struct",
                Fields::Named(_) | Fields::Unit => "",
            },
            Item::Const(_) => "const",
            Item::Impl(item) if item.trait_.is_some() => "trait-impl",
            Item::Impl(_) => "impl",
            Item::Mod(_) => "mod",
            Item::Static(_) => "static",
            Item::Trait(_) => "trait",
            Item::Type(_) => "type-alias",
            _ => "another-item",
        };
        self.add_if(!name.is_empty(), name, item);
        if let Item::Enum(item) = item {
            item.variants.iter().for_each(|variant| self.add_if(!variant.fields.is_empty(), "enum-with-data", variant));
        }
        visit::visit_item(self, item);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let name = attribute.path().segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        self.add(
            if name == "doc" { "doc-comment".to_owned() } else { format!("attribute-{name}") }.as_str(),
            attribute,
        );
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        if let Stmt::Local(local) = statement {
            let init = local.init.as_ref();
            self.add_if(init.is_some_and(|init| init.diverge.is_some()), "let-else", local);
            self.add_if(matches!(local.pat, Pat::Tuple(_) | Pat::Struct(_)), "destructuring", local);
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        let name = match expr {
            Expr::Array(_)
            | Expr::Assign(_)
            | Expr::Binary(_)
            | Expr::Block(_)
            | Expr::Break(_)
            | Expr::Call(_)
            | Expr::Continue(_)
            | Expr::Field(_)
            | Expr::Group(_)
            | Expr::Let(_)
            | Expr::Lit(_)
            | Expr::Macro(_)
            | Expr::MethodCall(_)
            | Expr::Paren(_)
            | Expr::Path(_)
            | Expr::Return(_)
            | Expr::Tuple(_) => "",
            Expr::Async(_) => "async-block",
            Expr::Await(_) => "await",
            Expr::Cast(_) => "cast",
            Expr::Closure(closure) => {
                self.add_if(closure.capture.is_some(), "move", closure);
                "closure"
            }
            Expr::ForLoop(_) => "for",
            Expr::If(branch) => {
                self.condition(&branch.cond, "if-let");
                ""
            }
            Expr::Index(index) if matches!(*index.index, Expr::Range(_)) => "part-of-a-list",
            Expr::Index(_) => "index",
            Expr::Loop(_) => "loop",
            Expr::Match(choice) => {
                choice.arms.iter().for_each(|arm| self.add_if(arm.guard.is_some(), "match-guard", &arm.pat));
                "match"
            }
            Expr::Range(_) => "range",
            Expr::Reference(reference) if reference.mutability.is_some() => "borrow-mut",
            Expr::Reference(_) => "borrow",
            Expr::Repeat(_) => "repeated-value",
            Expr::Struct(made) if made.rest.is_some() => "struct-update",
            Expr::Struct(_) => "struct-value",
            Expr::Try(_) => "question-mark",
            Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => "deref",
            Expr::Unary(_) => "",
            Expr::Unsafe(_) => "unsafe",
            Expr::While(repeated) => {
                self.condition(&repeated.cond, "while-let");
                ""
            }
            _ => "another-expression",
        };
        self.add_if(!name.is_empty(), name, expr);
        visit::visit_expr(self, expr);
    }

    fn visit_label(&mut self, label: &'ast syn::Label) {
        self.add("label", label);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let name = call.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        self.add(&format!("macro-{}", name.replace('_', "-")), call);
        if name == "matches" {
            return self.choice(call);
        }
        // What stands in it is only tokens; where those are expressions, as in most, they are looked at too.
        let arguments = syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated;
        if let Ok(arguments) = call.parse_body_with(arguments) {
            arguments.iter().for_each(|argument| {
                let mut inner = Finder::default();
                inner.visit_expr(argument);
                self.take(inner);
            });
        }
    }

    fn visit_lit(&mut self, literal: &'ast Lit) {
        match literal {
            Lit::ByteStr(_) | Lit::Byte(_) => self.add("bytes", literal),
            Lit::CStr(_) => self.add("c-string", literal),
            Lit::Str(text) => self.add_if(text.token().to_string().starts_with('r'), "raw-string", literal),
            Lit::Int(number) => self.add_if(!number.suffix().is_empty(), "number-with-type", literal),
            _ => {}
        }
    }

    fn visit_pat(&mut self, pattern: &'ast Pat) {
        let name = match pattern {
            Pat::Ident(ident) => {
                self.add_if(ident.by_ref.is_some(), "ref", ident);
                self.add_if(ident.mutability.is_some(), "mut", ident);
                if ident.subpat.is_some() { "at-binding" } else { "" }
            }
            Pat::Const(_)
            | Pat::Lit(_)
            | Pat::Paren(_)
            | Pat::Path(_)
            | Pat::Tuple(_)
            | Pat::TupleStruct(_)
            | Pat::Type(_) => "",
            Pat::Or(_) => "or-pattern",
            Pat::Range(_) => "range-pattern",
            Pat::Reference(_) => "pattern-of-a-reference",
            Pat::Rest(_) => "rest",
            Pat::Slice(_) => "pattern-of-a-list",
            Pat::Struct(fields) if fields.rest.is_some() => "rest",
            Pat::Struct(_) => "pattern-of-fields",
            Pat::Wild(_) => "underscore",
            _ => "another-pattern",
        };
        self.add_if(!name.is_empty(), name, pattern);
        visit::visit_pat(self, pattern);
    }

    fn visit_type(&mut self, kind: &'ast Type) {
        let name = match kind {
            Type::Group(_) | Type::Paren(_) | Type::Path(_) => "",
            Type::Array(_) => "array",
            Type::BareFn(_) => "function-pointer",
            Type::ImplTrait(_) => "impl-trait",
            Type::Infer(_) => "inferred-type",
            Type::Never(_) => "never",
            Type::Reference(reference) if reference.mutability.is_some() => "reference-mut",
            Type::Reference(_) => "reference",
            Type::Slice(_) => "slice",
            Type::TraitObject(_) => "dyn",
            Type::Tuple(tuple) if tuple.elems.is_empty() => "unit",
            Type::Tuple(_) => "tuple",
            _ => "another-type",
        };
        self.add_if(!name.is_empty(), name, kind);
        visit::visit_type(self, kind);
    }

    fn visit_path(&mut self, path: &'ast Path) {
        for segment in &path.segments {
            if let Some(wrapper) = WRAPPERS.iter().find(|wrapper| segment.ident == **wrapper) {
                self.add(&format!("type-{}", wrapper.to_lowercase()), path);
            }
        }
        visit::visit_path(self, path);
    }

    fn visit_angle_bracketed_generic_arguments(&mut self, arguments: &'ast syn::AngleBracketedGenericArguments) {
        self.add_if(arguments.colon2_token.is_some(), "turbofish", arguments);
        visit::visit_angle_bracketed_generic_arguments(self, arguments);
    }

    fn visit_lifetime(&mut self, lifetime: &'ast syn::Lifetime) {
        self.add("lifetime", lifetime);
    }

    fn visit_generic_param(&mut self, parameter: &'ast syn::GenericParam) {
        match parameter {
            syn::GenericParam::Lifetime(_) => {}
            syn::GenericParam::Type(_) => self.add("generics", parameter),
            syn::GenericParam::Const(_) => self.add("const-generics", parameter),
        }
        visit::visit_generic_param(self, parameter);
    }

    fn visit_where_clause(&mut self, clause: &'ast syn::WhereClause) {
        self.add("where", clause);
        visit::visit_where_clause(self, clause);
    }

    fn visit_impl_item_type(&mut self, item: &'ast syn::ImplItemType) {
        self.add("associated-type", item);
        visit::visit_impl_item_type(self, item);
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        self.add_if(signature.asyncness.is_some(), "async-fn", signature);
        self.add_if(signature.unsafety.is_some(), "unsafe-fn", signature);
        self.add_if(signature.constness.is_some(), "const-fn", signature);
        visit::visit_signature(self, signature);
    }

    fn visit_receiver(&mut self, receiver: &'ast syn::Receiver) {
        let name = match (&receiver.reference, &receiver.mutability) {
            (Some(_), Some(_)) => "mut-self",
            (Some(_), None) => "self-borrowed",
            (None, _) if receiver.colon_token.is_some() => "self-typed",
            (None, _) => "self-taken",
        };
        self.add(name, receiver);
    }

    fn visit_visibility(&mut self, visibility: &'ast syn::Visibility) {
        match visibility {
            syn::Visibility::Public(_) => self.add("pub", visibility),
            syn::Visibility::Restricted(_) => self.add("pub-in-part", visibility),
            syn::Visibility::Inherited => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constructs_are_found_on_their_lines() {
        let source = "\
static NAME: LazyLock<u8> = LazyLock::new(|| 1_u8);
async fn f<'a>(text: &'a str, mut source: impl Read) -> Option<()> {
    let Some(x) = g().await? else { return None };
    if let Ok(1..) = x && matches!(y, A | B) {}
    let bytes = &text[..2];
    Some(())
}
#[cfg(test)]
mod tests { fn g() { unsafe {} } }
";
        let found = of(source).unwrap();
        for (name, line) in [
            ("static", 1),
            ("type-lazylock", 1),
            ("closure", 1),
            ("number-with-type", 1),
            ("async-fn", 2),
            ("lifetime", 2),
            ("impl-trait", 2),
            ("mut", 2),
            ("let-else", 3),
            ("await", 3),
            ("question-mark", 3),
            ("let-chain", 4),
            ("range-pattern", 4),
            ("macro-matches", 4),
            ("part-of-a-list", 5),
        ] {
            let lines = found.get(name).unwrap_or_else(|| panic!("no {name} in {found:?}"));
            assert!(lines.iter().any(|(first, last)| (*first..=*last).contains(&line)), "{name}: {lines:?}");
        }
        assert!(!found.contains_key("unsafe") && !found.contains_key("attribute-cfg"), "{found:?}");
    }

    #[test]
    fn what_is_not_known_is_a_construct_too() {
        assert!(of("fn f() { const { 1 }; }").unwrap().contains_key("another-expression"));
        assert!(of("macro_rules! m { () => {} }").unwrap().contains_key("another-item"));
        assert!(of("fn f( {").unwrap_err().starts_with("it is not Rust"));
    }
}
