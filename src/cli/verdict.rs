//! A check's result as text: first what to do, then the goals, then the bytes, then the commands to try by hand.
//!
//! Every verdict stands in a word (PASS, FAIL, SKIP, BROKEN), never in a colour or a sign alone. All text of the submission
//! and the daemon was cleaned when it was taken in; the Dockerfile's lines, which are read here, are cleaned here.

use super::{Context, out::Style};
use crate::{course::Exercise, i18n, layout, words};
use dockshala_checkers::{
    check,
    spec::Size,
    verdict::{CheckResult, Diagnosis, GoalResult, LineCost, Sizes, Verdict, codes},
};
use std::{fs, io::Read, path::Path};

/// Where the texts of goals begin.
const INDENT: usize = 10;

/// What is needed to print a result beside the result.
pub(super) struct Printer<'a> {
    pub(super) context: &'a Context,
    pub(super) exercise: &'a Exercise,
    /// What the learner's file is called: Dockerfile, compose file or steps.
    file: String,
    /// That file, line by line.
    lines: Vec<String>,
}

impl<'a> Printer<'a> {
    pub(super) fn new(context: &'a Context, exercise: &'a Exercise, dir: &Path) -> Self {
        // As much as the checker reads of it; more lines than that no verdict names.
        let mut bytes = Vec::new();
        let path = check::main_file(exercise.kind, dir);
        let _ = fs::File::open(&path).map(|f| f.take(1 << 20).read_to_end(&mut bytes));
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = String::from_utf8_lossy(&bytes);
        Self { context, exercise, file, lines: text.lines().map(|l| layout::clean(l).into_owned()).collect() }
    }

    fn say(&self, key: &str) -> String {
        self.context.text(key, &[])
    }

    fn head(&self, key: &str) {
        self.context.out.gap();
        self.context.out.line(&self.context.out.paint(Style::Head, &self.say(key)));
    }

    /// The whole result.
    pub(super) fn print(&self, result: &CheckResult) {
        self.print_goals(result);
        self.sizes(result);
        self.costs(&result.costs);
        self.findings(result);
        self.notes(result);
        self.commands(result);
        self.foot(result);
    }

    /// The verdicts alone.
    pub(super) fn print_goals(&self, result: &CheckResult) {
        self.lead(result);
        self.goals(result);
    }

    /// One line that says how it stands, and what to do first.
    fn lead(&self, result: &CheckResult) {
        let out = &self.context.out;
        let title = self.exercise.title.get(&self.context.lang);
        let count = |verdict| result.goals.iter().filter(|g| g.verdict == verdict).count();
        let (failed, all) = (count(Verdict::Failed), result.goals.len());
        let (key, style) = match result.exit_code() {
            0 if !result.provisional => ("check.lead.passed", Style::Good),
            1 => ("check.lead.failed", Style::Bad),
            3 => ("check.lead.broken", Style::Warn),
            _ => ("check.lead.skipped", Style::Warn),
        };
        let args: [(&str, &dyn std::fmt::Display); 3] = [("title", &title), ("failed", &failed), ("goals", &all)];
        let line = self.context.text(key, &args);
        out.prose("", 0, &out.paint(style, &line));
        if result.provisional {
            out.prose("", 0, &self.say("check.provisional"));
        }
        let wanted = match result.exit_code() {
            1 => Verdict::Failed,
            3 => Verdict::Broken,
            _ => return,
        };
        let first = result.goals.iter().filter(|g| g.verdict == wanted).find_map(|g| g.diagnosis.as_ref());
        if let Some(diagnosis) = first {
            let told = i18n::diagnosis(&self.context.lang, diagnosis);
            if !told.next.is_empty() {
                let lead = format!("{} ", self.say("check.first"));
                out.prose(&out.paint(Style::Strong, &lead), layout::width(&lead), &told.next);
            }
        }
    }

    /// Each goal; those that stand where they stand for one and the same reason together, and the reason once below them.
    fn goals(&self, result: &CheckResult) {
        self.head("check.goals");
        let alike = |a: &GoalResult, b: &GoalResult| {
            a.diagnosis.is_some() && a.diagnosis == b.diagnosis && a.verdict == b.verdict
        };
        for (at, goal) in result.goals.iter().enumerate() {
            if result.goals[..at].iter().any(|earlier| alike(earlier, goal)) {
                continue;
            }
            self.asked(goal);
            result.goals[at + 1..].iter().filter(|later| alike(goal, later)).for_each(|later| self.asked(later));
            self.reason(goal);
        }
    }

    fn asked(&self, goal: &GoalResult) {
        let out = &self.context.out;
        let (word, style) = match goal.verdict {
            Verdict::Passed => ("check.word.passed", Style::Good),
            Verdict::Failed => ("check.word.failed", Style::Bad),
            Verdict::Skipped => ("check.word.skipped", Style::Dim),
            Verdict::Broken => ("check.word.broken", Style::Warn),
        };
        let words = self.exercise.goals.iter().find(|g| g.id == goal.id);
        let words = words.map_or_else(|| goal.id.clone(), |g| words::goal(&self.context.lang, g));
        out.prose(&format!("  {}", out.paint(style, &self.say(word))), INDENT, &words);
    }

    fn reason(&self, goal: &GoalResult) {
        let out = &self.context.out;
        let Some(diagnosis) = &goal.diagnosis else { return };
        let told = i18n::diagnosis(&self.context.lang, diagnosis);
        let pad = " ".repeat(INDENT);
        out.prose(&pad, INDENT, &told.what);
        self.blame(diagnosis);
        // A skipped goal waits for another one; its own next step would only repeat that.
        if goal.verdict != Verdict::Skipped && !told.next.is_empty() {
            let lead = format!("{pad}{} ", self.say("check.next"));
            out.prose(&out.paint(Style::Strong, &lead), layout::width(&lead), &told.next);
        }
        let course = self.context.course().ok().filter(|_| goal.verdict == Verdict::Failed);
        if let Some(lesson) = course.and_then(|c| c.lesson_to_read(self.exercise, told.lesson)) {
            let line = self.context.text("check.lesson", &[("id", &lesson.id)]);
            out.line(&format!("{pad}{}", out.paint(Style::Dim, &line)));
        }
    }

    /// The lines to blame with `file:line`, and their neighbours where there is one only.
    fn blame(&self, diagnosis: &Diagnosis) {
        let out = &self.context.out;
        let pad = " ".repeat(INDENT);
        let around = if diagnosis.lines.len() == 1 { 1 } else { 0 };
        let mut shown = 0;
        for &line in &diagnosis.lines {
            let at = out.paint(Style::Code, &format!("{}:{line}", self.file));
            out.line(&format!("{pad}{at}"));
            let nth = line.max(1) as usize - 1;
            for n in nth.saturating_sub(around)..=nth + around {
                let Some(text) = self.lines.get(n) else { continue };
                if n != nth && text.trim().is_empty() {
                    continue;
                }
                let mark = if n == nth { ">" } else { " " };
                let room = out.columns().saturating_sub(INDENT + 9).max(20);
                let row = format!("{pad}{mark} {:>4} {} {}", n + 1, self.bar(), layout::clip(text, room));
                out.line(&if n == nth { row } else { out.paint(Style::Dim, &row) });
            }
            shown += 1;
            if shown == 4 && diagnosis.lines.len() > 4 {
                let rest: Vec<String> = diagnosis.lines[4..].iter().map(u32::to_string).collect();
                out.line(&format!("{pad}{}", self.context.text("check.more-lines", &[("lines", &rest.join(", "))])));
                break;
            }
        }
    }

    fn bar(&self) -> &'static str {
        if self.context.out.ascii() { "|" } else { "│" }
    }

    fn sizes(&self, result: &CheckResult) {
        let Some(yours) = &result.sizes else { return };
        self.head("check.sizes");
        let columns: Vec<(String, &Sizes)> = match &result.starter {
            Some(starter) => vec![(self.say("check.sizes-yours"), yours), (self.say("check.sizes-starter"), starter)],
            None => vec![(self.say("check.sizes-yours"), yours)],
        };
        size_table(self.context, &columns);
        let lang = &self.context.lang;
        let sizes = result.notes.iter().filter(|n| n.code == codes::NOTE_DOCKER_SIZE);
        for note in sizes.filter(|n| i18n::worth_saying(lang, n)) {
            self.context.out.prose("  ", 2, &i18n::diagnosis(&self.context.lang, note).what);
        }
    }

    /// Which line cost what: the biggest is what to look at, so the bars are of its length.
    fn costs(&self, costs: &[LineCost]) {
        let most = costs.iter().map(|c| c.bytes).max().unwrap_or(0);
        if most == 0 {
            return;
        }
        self.head("check.costs");
        let out = &self.context.out;
        const BAR: u64 = 16;
        for cost in costs {
            let size = Size(cost.bytes).to_string();
            let line = cost.line.map_or_else(|| self.say("check.costs-base"), |l| l.to_string());
            let full = ((cost.bytes * BAR + most / 2) / most) as usize;
            let block = if out.ascii() { "#" } else { "█" };
            let bar = out.paint(Style::Code, &block.repeat(full));
            let fill = " ".repeat(BAR as usize - full);
            let room = out.columns().saturating_sub(2 + 5 + 1 + 10 + 1 + BAR as usize + 2).max(20);
            let what = layout::clip(&cost.instruction, room);
            out.line(format!("  {line:>5} {size:>10} {bar}{fill}  {what}").trim_end());
            if cost.wasted > 0 {
                let wasted = Size(cost.wasted).to_string();
                let text = self.context.text("check.costs-wasted", &[("size", &wasted)]);
                out.line(&format!("{}{}", " ".repeat(19), out.paint(Style::Warn, &text)));
            }
        }
    }

    /// What the image could do without.
    fn findings(&self, result: &CheckResult) {
        let findings = result.findings_to_tell();
        if findings.is_empty() {
            return;
        }
        self.head("check.findings");
        let out = &self.context.out;
        for finding in findings {
            let told = i18n::diagnosis(&self.context.lang, &finding.diagnosis);
            let lines: Vec<String> =
                finding.diagnosis.lines.iter().map(|line| format!("{}:{line}", self.file)).collect();
            let at = if lines.is_empty() { String::new() } else { format!("{}: ", lines.join(", ")) };
            out.prose("  - ", 4, &format!("{at}{} {}", told.what, told.next));
        }
    }

    /// What is worth saying and decides nothing, stand-ins first: whoever sees a verdict must know that one was used.
    pub(super) fn notes(&self, result: &CheckResult) {
        let notes: Vec<&Diagnosis> = result
            .notes
            .iter()
            .filter(|n| n.code != codes::NOTE_DOCKER_SIZE && n.code != codes::NOTE_STAND_IN)
            .collect();
        if notes.is_empty() && result.stand_ins.is_empty() {
            return;
        }
        self.head("check.notes");
        let out = &self.context.out;
        for used in &result.stand_ins {
            let args: [(&str, &dyn std::fmt::Display); 3] =
                [("image", &used.image), ("by", &used.by), ("version", &used.version)];
            out.prose("  - ", 4, &self.context.text("check.stand-in", &args));
        }
        for note in notes {
            let told = i18n::diagnosis(&self.context.lang, note);
            out.prose("  - ", 4, &format!("{} {}", told.what, told.next));
        }
    }

    fn commands(&self, result: &CheckResult) {
        if result.commands.is_empty() {
            return;
        }
        self.head("check.commands");
        for command in &result.commands {
            self.context.out.line(&format!("    {}", self.context.out.paint(Style::Code, command)));
        }
    }

    fn foot(&self, result: &CheckResult) {
        self.context.out.gap();
        let seconds = format!("{:.1}", result.seconds);
        let line = match &result.engine {
            Some(engine) => self.context.text(
                "check.took-on",
                &[("seconds", &seconds), ("version", &engine.version), ("storage", &engine.storage)],
            ),
            None => self.context.text("check.took", &[("seconds", &seconds)]),
        };
        self.context.out.line(&self.context.out.paint(Style::Dim, &line));
    }
}

/// Total, final, wasted and added of one or two images side by side.
pub(super) fn size_table(context: &Context, columns: &[(String, &Sizes)]) {
    type Of = fn(&Sizes) -> u64;
    let rows: [(&str, Of); 4] = [
        ("check.sizes-total", |s| s.total),
        ("check.sizes-final", |s| s.final_),
        ("check.sizes-wasted", |s| s.wasted),
        ("check.sizes-added", |s| s.added),
    ];
    let cells: String = columns.iter().map(|(name, _)| right(name, 14)).collect();
    let out = &context.out;
    out.line(&out.paint(Style::Dim, &format!("  {:10}{cells}", "")));
    for (key, of) in rows {
        let word = context.text(key, &[]);
        let fill = " ".repeat(10usize.saturating_sub(layout::width(&word)));
        let cells: String = columns.iter().map(|(_, s)| right(&Size(of(s)).to_string(), 14)).collect();
        let about = context.text(&format!("{key}-about"), &[]);
        let row = format!("  {word}{fill}{cells}  ");
        let indent = layout::width(&row);
        out.prose(&row, indent, &out.paint(Style::Dim, &about));
    }
}

fn right(text: &str, cells: usize) -> String {
    format!("{}{text}", " ".repeat(cells.saturating_sub(layout::width(text))))
}
