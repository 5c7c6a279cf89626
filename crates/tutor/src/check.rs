//! Whether the steps of a lesson hold: they apply, add up to the lesson, and are small.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use http_suite::{Mark, Stage};

use crate::both;
use crate::change::{Change, Counts};
use crate::course::Course;
use crate::language::{Both, Failure, Language};
use crate::series::{Series, Step};
use crate::shape;
use crate::show::{self, Screen};
use crate::tree::Tree;

/// How many lines a learner may have to write in one step: what is new or different, comments too, but for moved
/// lines and files that are given as a whole. A line in place of another is one.
pub const WRITTEN_MAX: usize = 40;
/// How many lines a step may take out without writing another in their place: they are no work, but they have to be
/// read. A file that goes as a whole is not counted.
pub const TAKEN_OUT_MAX: usize = 40;
/// A step that takes out more. In lesson 11 the poller goes, with all that the server did for it.
const TAKES_OUT_MORE: [(&str, &str); 1] = [("11", "a-ring-for-a-poller")];

/// How many lines a step may take on a projector, which has 50: one is left for the prompt.
pub const SHOWN_MAX: usize = 49;
/// The columns of a projector: of one with a wide picture, and of a terminal as it comes.
const COLUMNS: [usize; 2] = [100, 80];

/// What was found of the steps of one lesson.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The steps.
    pub series: Series,
    /// The sources before the first, and after each.
    pub trees: Vec<Tree>,
    /// The lines of each.
    pub counts: Vec<Counts>,
    /// What is wrong.
    pub faults: Vec<Both>,
}

/// Looks at the steps of a lesson. `None`: it has none yet. An error: they do not lead from its parent to it.
pub fn lesson(course: &Course, lesson: &'static str) -> Result<Option<Finding>, Failure> {
    let Some(series) = Series::load(course, lesson)? else { return Ok(None) };
    let trees = series.checked_trees(course)?;
    let (mut counts, mut faults) = (Vec::new(), Vec::new());
    for (index, step) in series.steps.iter().enumerate() {
        let change = Change::between(&trees[index], &trees[index + 1]);
        let place = format!("{lesson} {}", index + 1);
        let shown = COLUMNS.into_iter().filter_map(|columns| too_long(&series, index, &change, columns));
        let found = series.faults(index).into_iter().chain(step_faults(lesson, index, step, &change)).chain(shown);
        let found = found.chain(shape_faults(&series, &trees, index));
        faults.extend(found.map(|Both { en, zh }| both!("step {place}: {en}", "第 {place} 步：{zh}")));
        counts.push(change.counts(&step.whole));
    }
    Ok(Some(Finding { series, trees, counts, faults }))
}

/// A learner's rung is a step: its shape has to come by it.
fn shape_faults(series: &Series, trees: &[Tree], index: usize) -> Vec<Both> {
    let step = &series.steps[index];
    let absent = shape::missing(&step.shape, &trees[index + 1]).into_iter();
    let absent = absent.map(|shape| both!("its shape `{shape}` is not in its code", "代码里没有它的 shape“{shape}”"));
    let mut faults: Vec<Both> = absent.collect();
    if !step.shape.is_empty() && shape::silences_warnings(&trees[index + 1]) {
        faults.push(both!("it has a shape, and its code silences warnings", "它有 shape，而代码关掉了警告"));
    }
    if !step.shape.is_empty() && shape::missing(&step.shape, &trees[index]).is_empty() {
        faults.push(both!("all of its shape is there before it", "它的 shape 在它之前就已经全部存在"));
    }
    faults
}

/// The steps of a lesson that the code before them passes for already, so that a learner reaches them by doing nothing:
/// it turns no case green that is declared to fail there, and its shape is there.
pub fn passed_by_doing_nothing(series: &Series, trees: &[Tree]) -> Vec<Both> {
    let passes = |index: usize, before: &usize| {
        let step = &series.steps[index];
        let lacks = !shape::missing(&step.shape, &trees[*before]).is_empty();
        !lacks && !step.green.iter().any(|case| fails_after(series, *before, case))
    };
    let mut faults = Vec::new();
    for index in 0..series.steps.len() {
        let passing: Vec<String> =
            (0..=index).filter(|before| passes(index, before)).map(|step| step.to_string()).collect();
        if !passing.is_empty() {
            let (lesson, number, passing) = (series.lesson, index + 1, passing.join(", "));
            faults.push(both!(
                "step {lesson} {number}: the code of step {passing} passes for it already. Name in shape what its code \
                 has and that has not",
                "第 {lesson} {number} 步：第 {passing} 步的代码就已经算通过。请在 shape 里写上它的代码有而那里没有的东西"
            ));
        }
    }
    faults
}

/// Whether a case is declared to fail after this step (0: on the parent).
fn fails_after(series: &Series, step: usize, case: &str) -> bool {
    let (stage, red) = match step.checked_sub(1) {
        None => (series.parent, &[] as &[String]),
        Some(index) => (series.steps[index].stage.as_str(), series.steps[index].red.as_slice()),
    };
    let passes = Stage::from_name(stage).is_some_and(|stage| stage.mark(case) == Mark::Passes);
    !passes || red.iter().any(|name| name == case)
}

fn step_faults(lesson: &str, index: usize, step: &Step, change: &Change) -> Vec<Both> {
    let mut faults = Vec::new();
    let place = format!("{lesson} {}", index + 1);
    let Counts { written, taken_out, .. } = change.counts(&step.whole);
    if change.files.is_empty() {
        faults.push(both!("it changes nothing", "什么也没有改动"));
    }
    if written > WRITTEN_MAX {
        faults.push(both!(
            "{written} lines to write, and {WRITTEN_MAX} are the most; part it in two: \
             just steps record {place} FOLDER --split ID",
            "要写 {written} 行，最多 {WRITTEN_MAX} 行；请分成两步：just steps record {place} FOLDER --split ID"
        ));
    }
    if taken_out > TAKEN_OUT_MAX && !TAKES_OUT_MORE.contains(&(lesson, step.id.as_str())) {
        faults.push(both!(
            "{taken_out} lines to take out, and {TAKEN_OUT_MAX} are the most; part it in two: \
             just steps record {place} FOLDER --split ID",
            "要删 {taken_out} 行，最多 {TAKEN_OUT_MAX} 行；请分成两步：just steps record {place} FOLDER --split ID"
        ));
    }
    if step.moves && !change.only_moves() {
        faults.push(both!("it says moves = true, and changes lines all the same", "写了 moves = true，却改动了代码"));
    }
    for path in step.whole.iter().filter(|path| !change.files.iter().any(|file| file.path == **path)) {
        faults.push(both!(
            "it says whole = [\"{path}\"], and does not change that file",
            "写了 whole = [\"{path}\"]，但没有改动这个文件"
        ));
    }
    faults
}

/// The lines that a step takes on a screen of so many columns.
fn shown(series: &Series, index: usize, change: &Change, width: usize, language: Language) -> usize {
    let screen = Screen { width, height: SHOWN_MAX, language, full: false };
    let step = &series.steps[index];
    show::step(series.lesson, index + 1, series.steps.len(), step, change, &screen).lines().count()
}

fn too_long(series: &Series, index: usize, change: &Change, columns: usize) -> Option<Both> {
    let lines = |language| shown(series, index, change, columns, language);
    let lines = lines(Language::English).max(lines(Language::Chinese));
    (lines > SHOWN_MAX).then(|| {
        both!(
            "{lines} lines on a screen of {columns} columns, and {SHOWN_MAX} are the most; part it in two",
            "在 {columns} 列的屏幕上占 {lines} 行，最多 {SHOWN_MAX} 行；请分成两步"
        )
    })
}

/// A row for each step.
pub fn table(findings: &[Finding], language: Language) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(match language {
        Language::English => [
            "step",
            "id",
            "name",
            "+",
            "−",
            "moved",
            "write",
            "take out",
            "rows at 100, 80",
            "min",
            "stage",
            "turns green",
        ],
        Language::Chinese => {
            ["步骤", "id", "名称", "+", "−", "移动", "要写", "要删", "100、80 列时的行数", "分钟", "阶段", "变绿"]
        }
    });
    for Finding { series, trees, counts, .. } in findings {
        for (index, (step, counts)) in series.steps.iter().zip(counts).enumerate() {
            let change = Change::between(&trees[index], &trees[index + 1]);
            let [wide, narrow] = COLUMNS.map(|columns| shown(series, index, &change, columns, language).to_string());
            let Counts { added, removed, moved, written, taken_out } = counts;
            table.add_row([
                format!("{} {}", series.lesson, index + 1),
                step.id.clone(),
                step.name.say(language).to_owned(),
                added.to_string(),
                removed.to_string(),
                moved.to_string(),
                written.to_string(),
                taken_out.to_string(),
                format!("{wide} {narrow}"),
                step.minutes.to_string(),
                step.stage.clone(),
                match &step.green[..] {
                    [] if step.moves => language.say("(moves)", "（移动）").to_owned(),
                    [] if step.restructures => language.say("(restructures)", "（调整结构）").to_owned(),
                    [] => "-".to_owned(),
                    names => names.join("\n"),
                },
            ]);
        }
    }
    for column in 3..10 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let text = table.to_string();
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}
