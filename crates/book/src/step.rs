//! One step of a lesson on a page: what it changes, how to build and run it, and what the suite says of it.

use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Range;

use similar::{Algorithm, ChangeTag, DiffOp, TextDiff};
use tutor::change::{Change, Counts, Elsewhere, Fate, FileChange, Kind, Line};
use tutor::excerpt::{Row, rows};
use tutor::series::Step;

use crate::comments::Comments;
use crate::html::{escape, preformatted, with_code};
use crate::language::Language;
use crate::steps::{Steps, name};
use crate::syntax;

/// How many lines around a change are shown.
pub(crate) const CONTEXT: usize = 2;

/// Its title, as Markdown, for a heading: `Step 2: No child outlives the server`.
pub fn title(steps: &Steps, number: &str, language: Language) -> Result<String, String> {
    let (number, step) = steps.step(number)?;
    let name = markdown(self::name(step, language));
    Ok(language.say(format!("Step {number}: {name}"), format!("第 {number} 步：{name}")))
}

/// Text that means itself in Markdown, but for backticks.
fn markdown(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        if "\\*_[]<>#&{}".contains(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// The commands that run it and test it, as a reader types them.
pub fn commands(lesson: &str, number: &str, language: Language) -> String {
    let (runs, tests) = language
        .say(("port 7890, until Ctrl-C", "what the suite says"), ("端口 7890，按 Ctrl-C 结束", "测试套件怎么说"));
    format!("just steps run {lesson} {number}    # {runs}\njust steps test {lesson} {number}   # {tests}\n")
}

/// What a step changes, with the comments in this language.
pub fn shown_change(steps: &Steps, place: usize, language: Language, comments: &Comments) -> Change {
    let (before, after) = steps.trees(place);
    match language {
        Language::English => Change::between(before, after),
        Language::Chinese => Change::between(&comments.tree_in_chinese(before), &comments.tree_in_chinese(after)),
    }
}

/// All of it, as one line of HTML.
pub fn html(steps: &Steps, number: &str, language: Language, comments: &Comments) -> Result<String, String> {
    let (place, step) = steps.step(number)?;
    let counted = counted(&steps.change(place).counts(&step.whole), language);
    let change = shown_change(steps, place, language, comments);
    let (lesson, count, minutes) = (steps.lesson(), steps.count(), step.minutes);
    let name = with_code(self::name(step, language));
    let which = language.say(format!("Step {place} of {count}"), format!("第 {place} 步，共 {count} 步"));
    let titled = language.say(format!("{which}: {name}"), format!("{which}：{name}"));
    let takes = language.say(format!("{minutes} min to build"), format!("实现约 {minutes} 分钟"));
    let mut html = format!(
        "<figure class=\"step\" aria-label=\"{which}\"><figcaption><b>{titled}</b> \
         <span>{takes}</span> <span>{counted}</span> <code>just diff {lesson} {place}</code></figcaption>"
    );
    html.extend(change.files.iter().map(|file| of_file(file, step.whole.contains(&file.path), language, Look::Plain)));
    html.push_str(&legend(&change, language));
    let commands = preformatted(commands(lesson, number, language).trim_end());
    let _ = write!(html, "<pre class=\"command\"><code class=\"nohighlight\">{commands}</code></pre>");
    html.push_str(&verdict(step, language));
    html.push_str("</figure>");
    Ok(html)
}

/// `+29 −17, 6 moved`
pub fn counted(counts: &Counts, language: Language) -> String {
    let language = language.say(tutor::language::Language::English, tutor::language::Language::Chinese);
    tutor::show::counted(counts, language)
}

/// Whether code has the colours of its syntax, or gets them from a script of the page, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Without.
    Plain,
    /// With.
    Coloured,
}

/// What changes in a file, as one line of HTML.
pub fn of_file(file: &FileChange, whole: bool, language: Language, look: Look) -> String {
    let (path, lines) = (escape(&file.path), file.lines.len());
    let note = match file.fate {
        Fate::New => language.say(" (new)", "（新文件）"),
        Fate::Gone => language.say(" (gone)", "（已删除）"),
        Fate::Stays => "",
    };
    if whole {
        let given = language.say(format!("{lines} lines, given as a whole"), format!("{lines} 行，整个给出"));
        let lines = file.lines.iter().filter(|line| is_there(line)).map(|line| line.text.as_str());
        let text = match look {
            Look::Plain => preformatted(lines.collect::<Vec<_>>().join("\n").trim_end()),
            Look::Coloured => {
                lines.map(|line| syntax::html(&[(false, line.to_owned())])).collect::<Vec<_>>().join("&#10;")
            }
        };
        return format!(
            "<details class=\"given\"><summary><code>src/{path}</code>{note} <span>{given}</span></summary>\
             <pre><code class=\"language-rust\">{text}</code></pre></details>"
        );
    }
    let words = changed_words(&file.lines);
    let mut body = String::new();
    for row in rows(file, CONTEXT) {
        match row {
            Row::Jump { number, item } => {
                let item =
                    item.map(|item| format!(" <span class=\"item\">{}</span>", escape(item))).unwrap_or_default();
                let _ = write!(body, "<span class=\"gap\">{number}{item}</span>");
            }
            Row::Line(index) => body.push_str(&of_line(&file.lines[index], words.get(&index), look)),
            Row::Folded(fold) => {
                let said = folded(&file.lines[fold.clone()], &file.path, language);
                let lines: String = file.lines[fold].iter().map(|line| of_line(line, None, look)).collect();
                let _ = write!(body, "<details class=\"fold\"><summary>{said}</summary>{lines}</details>");
            }
        }
    }
    format!(
        "<div class=\"file\"><code>src/{path}</code>{note}</div><pre class=\"lines\"><code class=\"nohighlight\">{body}</code></pre>"
    )
}

/// What is said of lines that are folded.
fn folded(lines: &[Line], file: &str, language: Language) -> String {
    let (line, count) = (&lines[0], lines.len());
    match &line.elsewhere {
        None => language.say(format!("{count} more lines removed"), format!("另有 {count} 行删去")),
        Some(Elsewhere::Indented) => {
            language.say(format!("{count} lines, only indented anew"), format!("{count} 行，只改了缩进"))
        }
        Some(Elsewhere::File(path)) if path == file => {
            language.say(format!("{count} lines, moved within this file"), format!("{count} 行，在本文件内移动"))
        }
        Some(Elsewhere::File(path)) => {
            // No `code`: mdBook's script takes one within another for a block of its own.
            let path = format!("<b>{}</b>", escape(path));
            match line.kind {
                Kind::MovedAway => {
                    language.say(format!("{count} lines move to {path}"), format!("{count} 行移到 {path}"))
                }
                _ => language.say(format!("{count} lines moved here from {path}"), format!("{count} 行从 {path} 移来")),
            }
        }
    }
}

/// Whether the line is in the file after the step.
fn is_there(line: &Line) -> bool {
    !matches!(line.kind, Kind::Removed | Kind::MovedAway)
}

/// A line in pieces; of those that are emphasised, the words are new or gone.
pub type Pieces = Vec<(bool, String)>;

fn of_line(line: &Line, pieces: Option<&Pieces>, look: Look) -> String {
    let (tag, sign, class) = match line.kind {
        Kind::Same => ("span", ' ', "same"),
        Kind::Added => ("ins", '+', ""),
        Kind::Removed => ("del", '−', ""),
        Kind::MovedHere => ("ins", '>', "moved"),
        Kind::MovedAway => ("del", '<', "moved"),
    };
    let class = format!("{class}{}", if line.is_comment() { " comment" } else { "" });
    let class = if class.is_empty() { class } else { format!(" class=\"{}\"", class.trim_start()) };
    let text = line.text.trim_start();
    let indentation = line.text.len() - text.len();
    // The style sheet places the blanks: no line is to be broken behind them.
    let blanks = &line.text[..indentation];
    let pieces = match pieces {
        Some(pieces) => without_blanks(pieces, indentation),
        None => vec![(false, text.to_owned())],
    };
    let shown = match look {
        // A comment has a colour already.
        Look::Coloured if !line.is_comment() => syntax::html(&pieces),
        _ => pieces.iter().map(|(emphasised, text)| emphasise(*emphasised, text)).collect(),
    };
    format!(
        "<{tag}{class} style=\"--indent:{}\"><span class=\"sign\">{}</span><span class=\"blanks\">{blanks}</span>{shown}</{tag}>",
        indentation,
        escape(&sign.to_string())
    )
}

fn emphasise(yes: bool, text: &str) -> String {
    if yes { format!("<b>{}</b>", escape(text)) } else { escape(text) }
}

/// The pieces without so many blanks in front.
fn without_blanks(pieces: &Pieces, mut blanks: usize) -> Pieces {
    let mut rest = Pieces::new();
    for (emphasised, text) in pieces {
        let skipped = blanks.min(text.len());
        blanks -= skipped;
        let text = &text[skipped..];
        rest.extend((!text.is_empty()).then(|| (*emphasised, text.to_owned())));
    }
    rest
}

/// Of lines that stand in place of as many others that are much like them: which words differ. Not of comments: they
/// are not what a reader is to look at.
fn changed_words(lines: &[Line]) -> HashMap<usize, Pieces> {
    let run = |from: usize, kind: Kind| lines[from..].iter().take_while(|line| line.kind == kind).count();
    let texts = |places: Range<usize>| lines[places].iter().map(|line| line.text.as_str()).collect::<Vec<_>>();
    let mut words = HashMap::new();
    let mut at = 0;
    while at < lines.len() {
        let gone = at..at + run(at, Kind::Removed);
        let come = gone.end..gone.end + run(gone.end, Kind::Added);
        let (old, new) = (texts(gone.clone()), texts(come.clone()));
        let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_slices(&old, &new);
        let one_for_one = |operation: &&DiffOp| operation.old_range().len() == operation.new_range().len();
        for change in diff.ops().iter().filter(one_for_one).flat_map(|operation| diff.iter_inline_changes(operation)) {
            let place = match change.tag() {
                ChangeTag::Delete => change.old_index().map(|index| gone.start + index),
                ChangeTag::Insert => change.new_index().map(|index| come.start + index),
                ChangeTag::Equal => None,
            };
            let pieces = change.iter_strings_lossy().map(|(yes, text)| (yes, text.into_owned())).collect();
            words.extend(place.filter(|place| !lines[*place].is_comment()).map(|place| (place, pieces)));
        }
        at = come.end.max(at + 1);
    }
    words
}

/// What the signs mean, where they are not those of any diff.
pub fn legend(change: &Change, language: Language) -> String {
    let moved = |line: &Line| matches!(line.kind, Kind::MovedHere | Kind::MovedAway);
    if !change.files.iter().flat_map(|file| &file.lines).any(moved) {
        return String::new();
    }
    let said = language.say(
        "<code>&lt;</code> <code>&gt;</code> lines that are only moved, or only indented anew",
        "<code>&lt;</code> <code>&gt;</code> 只是移动或改变缩进的行",
    );
    format!("<p class=\"legend\">{said}</p>")
}

/// What the suite says now.
pub fn verdict(step: &Step, language: Language) -> String {
    let (stage, green, red) = (&step.stage, step.green.len(), step.red.len());
    let head = language.say(format!("The suite now, stage {stage}:"), format!("现在的测试结果（阶段 {stage}）："));
    let cases = |count: usize| if count == 1 { "1 case".to_owned() } else { format!("{count} cases") };
    let verb = |count: usize, one: &'static str, many: &'static str| if count == 1 { one } else { many };
    let said = match (green, red) {
        (0, 0) if step.moves => {
            language.say("as before; lines are only moved".to_owned(), "与之前相同；代码只是移动".to_owned())
        }
        (0, 0) if step.restructures => language.say(
            "as before; the program is only written otherwise".to_owned(),
            "与之前相同；程序只是换了写法".to_owned(),
        ),
        (0, 0) => language.say("as before, all green".to_owned(), "与之前相同，全部为绿".to_owned()),
        (0, red) => language.say(
            format!("no case turns green, {} still red", cases(red)),
            format!("没有用例变绿，{red} 个用例仍为红色"),
        ),
        (green, 0) => language.say(
            format!("{} {} green, and none is red", cases(green), verb(green, "turns", "turn")),
            format!("{green} 个用例变绿，没有红色的"),
        ),
        (green, red) => language.say(
            format!("{} {} green, {} still red", cases(green), verb(green, "turns", "turn"), cases(red)),
            format!("{green} 个用例变绿，{red} 个仍为红色"),
        ),
    };
    let list = |names: &[String]| -> String {
        names.iter().map(|name| format!("<li><code>{}</code></li>", escape(name))).collect()
    };
    let mut html = format!("<div class=\"verdict\"><p><b>{head}</b> {said}</p>");
    if green > 0 {
        let _ = write!(html, "<ul class=\"green\">{}</ul>", list(&step.green));
    }
    if red > 0 {
        let title = language.say("still red", "仍为红色");
        let _ = write!(
            html,
            "<details><summary>{title}: {red}</summary><ul class=\"red\">{}</ul></details>",
            list(&step.red)
        );
    }
    html.push_str("</div>");
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use tutor::tree::Tree;

    fn html(old: &str, new: &str) -> String {
        let tree = |text: &str| Tree::from([("main.rs".to_owned(), text.to_owned())]);
        let change = Change::between(&tree(old), &tree(new));
        of_file(&change.files[0], false, Language::English, Look::Plain)
    }

    #[test]
    fn words_are_emphasised_where_one_line_stands_for_another() {
        let page = html("fn a() {\n    let page = one(&x);\n}\n", "fn a() {\n    let site = one(&x);\n}\n");
        let blanks = "<span class=\"blanks\">    </span>";
        assert!(page.contains(&format!("{blanks}let <b>page</b> = one(&amp;x);</del>")), "{page}");
        assert!(page.contains(&format!("{blanks}let <b>site</b> = one(&amp;x);</ins>")), "{page}");
        let unequal = html("a(x);\nb(x);\n", "b(y);\n");
        assert!(!unequal.contains("<b>"), "{unequal}");
        let comment = html("// One two.\n", "// One three.\n");
        assert!(comment.contains("class=\"comment\"") && !comment.contains("<b>"), "{comment}");
    }

    #[test]
    fn no_blank_is_shown_twice() {
        let pieces = vec![(true, "  ".to_owned()), (true, "  <a".to_owned()), (false, " b".to_owned())];
        assert_eq!(without_blanks(&pieces, 4), [(true, "<a".to_owned()), (false, " b".to_owned())]);
    }

    #[test]
    fn moved_lines_have_signs_of_their_own_and_unfold() {
        let block = |count: usize| (0..count).map(|n| format!("moved_line({n});\n")).collect::<String>();
        let rest: String = (0..20).map(|n| format!("rest({n});\n")).collect();
        let moves = |count: usize| html(&format!("{}{rest}", block(count)), &format!("{rest}{}", block(count)));
        let few = moves(2);
        assert!(few.contains("<del class=\"moved\" style=\"--indent:0\"><span class=\"sign\">&lt;</span>"), "{few}");
        assert!(!few.contains("<details"), "{few}");
        let many = moves(10);
        let fold = "<details class=\"fold\"><summary>10 lines, moved within this file</summary><ins class=\"moved\"";
        assert!(many.contains(fold), "{many}");
        assert!(many.contains("moved_line(5);") && !many.contains('\n'), "{many}");
    }

    #[test]
    fn lines_that_change_files_say_which() {
        let block: String = (0..8).map(|n| format!("moved_line({n});\n")).collect();
        let old = Tree::from([("main.rs".to_owned(), format!("a();\n{block}"))]);
        let new = Tree::from([("main.rs".to_owned(), "a();\n".to_owned()), ("b.rs".to_owned(), block)]);
        let change = Change::between(&old, &new);
        let page: String =
            change.files.iter().map(|file| of_file(file, false, Language::English, Look::Plain)).collect();
        assert!(page.contains("<summary>8 lines move to <b>b.rs</b></summary>"), "{page}");
        assert!(page.contains("<summary>8 lines moved here from <b>main.rs</b></summary>"), "{page}");
    }

    #[test]
    fn many_removed_lines_unfold() {
        let gone: String = (0..18).map(|n| format!("gone({n});\n")).collect();
        let page = html(&format!("{gone}rest();\n"), "rest();\n");
        assert!(page.contains("<details class=\"fold\"><summary>14 more lines removed</summary><del"), "{page}");
        assert_eq!(page.matches("gone(").count(), 18, "{page}");
    }

    #[test]
    fn a_file_that_is_given_as_a_whole_unfolds() {
        let change = Change::between(&Tree::new(), &Tree::from([("given.rs".to_owned(), "a();\n\nb();\n".to_owned())]));
        let page = of_file(&change.files[0], true, Language::Chinese, Look::Plain);
        let expected = "<details class=\"given\"><summary><code>src/given.rs</code>（新文件） <span>3 行，整个给出</span></summary>";
        assert!(page.starts_with(expected) && page.contains("a();&#10;&#10;b();</code>"), "{page}");
    }

    #[test]
    fn the_verdict_counts_cases() {
        let step = |green: usize, red: usize, moves: bool| Step {
            stage: "05".into(),
            green: vec!["a-case".into(); green],
            red: vec!["another-case".into(); red],
            moves,
            ..Step::default()
        };
        for (green, red, moves, said) in [
            (0, 0, true, "as before; lines are only moved"),
            (0, 0, false, "as before, all green"),
            (0, 2, false, "no case turns green, 2 cases still red"),
            (1, 0, false, "1 case turns green, and none is red"),
            (3, 1, false, "3 cases turn green, 1 case still red"),
        ] {
            let html = verdict(&step(green, red, moves), Language::English);
            assert!(html.contains(&format!("<b>The suite now, stage 05:</b> {said}</p>")), "{html}");
            assert_eq!(html.matches("<code>a-case</code>").count(), green);
            assert_eq!(html.matches("<code>another-case</code>").count(), red);
        }
    }

    #[test]
    fn what_only_restructures_says_so() {
        let step = Step { stage: "04".into(), restructures: true, ..Step::default() };
        assert!(verdict(&step, Language::English).contains("as before; the program is only written otherwise"));
        assert!(verdict(&step, Language::Chinese).contains("程序只是换了写法"));
    }

    #[test]
    fn a_name_is_no_markdown() {
        let repository = crate::repository::Repository::here();
        let steps = Steps::load(&repository, "03").unwrap();
        assert_eq!(title(&steps, "2", Language::English).unwrap(), "Step 2: No child outlives the server");
        assert_eq!(markdown("a * `b` [c]"), "a \\* `b` \\[c\\]");
    }
}
