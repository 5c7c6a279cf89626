//! The table of what a case kills and spares.

use unicode_width::UnicodeWidthStr;

use crate::both;
use crate::language::Language;
use crate::learners_case::judge::{Judged, Said, Tried};
use crate::wrap::COLUMNS;

/// The sound servers, those that it kills, those that it does not; and what that comes to.
pub fn table(judged: &Judged, language: Language) -> String {
    let of = |wanted: fn(&Tried, &Said) -> bool| judged.said.iter().filter(move |(server, said)| wanted(server, said));
    let wide = judged.said.iter().map(|(server, _)| server.name.width()).max().unwrap_or(0);
    let mut text = String::new();
    let mut part = |title: &str, rows: Vec<String>| {
        if !rows.is_empty() {
            text.push_str(&format!("{title}\n{}\n", rows.concat()));
        }
    };
    let row =
        |(server, said): &(Tried, Said)| format!("  {:<wide$}  {}\n", server.name, verdict(server, said, language));
    part(language.say("Sound servers: it must spare them", "正确的服务器：必须放过"), {
        let sound = of(|server, _| server.is_sound);
        sound.map(|one| row(one) + &wire(one, language)).collect()
    });
    part(
        language.say("Servers with a defect that it kills", "被它杀死的有缺陷的服务器"),
        of(|server, said| !server.is_sound && matches!(said, Said::Fails(_))).map(row).collect(),
    );
    part(language.say("Servers with a defect that it does not notice", "它没有发现缺陷的服务器"), {
        let others = of(|server, said| !server.is_sound && !matches!(said, Said::Fails(_)));
        others
            .map(|(server, said)| match said {
                Said::Passes => format!("  {}\n", server.name),
                _ => row(&(server.clone(), said.clone())),
            })
            .collect()
    });
    text + &sum(judged, language)
}

fn verdict(server: &Tried, said: &Said, language: Language) -> String {
    let text = match said {
        Said::Passes => language.say("spared", "放过").to_owned(),
        Said::NotTried(why) => format!("{}: {}", language.say("not tried", "未能测试"), why.say(language).trim()),
        Said::Fails(failed) => {
            let (line, what) = (failed.line, failed.said.say(language));
            let at = if line == 0 {
                String::new()
            } else {
                both!("line {line}: ", "第 {line} 行：").say(language).to_owned()
            };
            let killed = if server.is_sound { language.say("NOT SPARED; ", "没有放过；") } else { "" };
            format!("{killed}{at}{what}")
        }
    };
    // A row that is cut is read; one that is broken is not.
    if server.is_sound { text } else { cut(&text, COLUMNS.saturating_sub(30)) }
}

/// What a sound server was sent and what it said: whoever wrote the case has to see what is wrong with it.
fn wire((server, said): &(Tried, Said), language: Language) -> String {
    match said {
        Said::Fails(failed) if server.is_sound => {
            failed.wire.say(language).lines().map(|line| format!("    {line}\n")).collect()
        }
        _ => String::new(),
    }
}

fn cut(text: &str, columns: usize) -> String {
    let text = text.lines().next().unwrap_or_default();
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut shown = String::new();
    for letter in text.chars() {
        if shown.width() + 3 > columns {
            break;
        }
        shown.push(letter);
    }
    shown + "…"
}

fn sum(judged: &Judged, language: Language) -> String {
    let killed = judged.killed().count();
    let of = judged.said.iter().filter(|(server, _)| !server.is_sound).count();
    let sound = of_sound(judged);
    let spared = judged.said.iter().filter(|(server, said)| server.is_sound && matches!(said, Said::Passes)).count();
    let mut text = both!(
        "It kills {killed} of {of} with a defect, and spares {spared} of {sound} sound ones.\n",
        "它杀死 {of} 个有缺陷服务器中的 {killed} 个，放过 {sound} 个正确服务器中的 {spared} 个。\n"
    )
    .say(language)
    .to_owned();
    let missed = judged.missed().join(", ");
    if !missed.is_empty() {
        text.push_str(
            both!("It does not kill what it says: {missed}\n", "它没有杀死它所声称的：{missed}\n").say(language),
        );
    }
    text.push_str(if judged.is_good() {
        language.say("A good case.\n", "好用例。\n")
    } else if spared < sound {
        language.say("Not good: whoever fails a sound server is wrong.\n", "不好：让正确的服务器失败，就是用例错了。\n")
    } else {
        language.say("Not good yet: it does not find what it is to find.\n", "还不够好：没有找到该找到的缺陷。\n")
    });
    text
}

fn of_sound(judged: &Judged) -> usize {
    judged.said.iter().filter(|(server, _)| server.is_sound).count()
}
