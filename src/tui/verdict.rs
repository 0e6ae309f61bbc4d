//! Goals and what was found, as rows: first what to do, then why, then everything else.

use super::{
    rows::{self, Row},
    screen::after,
    state::{Checking, Run, Shared},
    theme::{Look, Theme},
};
use crate::{
    course::Exercise,
    i18n,
    layout::{Class, Style as TextStyle},
    words,
};
use dockshala_checkers::{
    check::Tier,
    spec::{Goal, Size},
    verdict::{CheckResult, Diagnosis, Fact, GoalResult, LineCost, Sizes, Verdict, codes},
};
use std::fmt::Display;

/// Rows of a snippet on each side of a blamed line.
const AROUND: usize = 1;

/// Blamed lines that are shown; more of them make no clearer what is wrong.
const SHOWN_LINES: usize = 4;

struct Page<'a> {
    out: Vec<Row>,
    width: usize,
    shared: &'a Shared,
    theme: Theme,
}

/// The goals of an exercise and what came of the last check.
pub(super) fn rows(exercise: &Exercise, shared: &Shared, width: usize) -> Vec<Row> {
    let mut page = Page { out: Vec::new(), width, shared, theme: shared.theme };
    let run = shared.run(&exercise.id);
    page.state(exercise, run);
    let Some(run) = run else {
        page.goals(exercise, &[]);
        return page.out;
    };
    match (&run.checking, &run.result) {
        (Some(_), _) => {
            let judged: Vec<GoalResult> = run.judged.values().cloned().collect();
            page.goals(exercise, &judged);
        }
        (None, Some(result)) => page.result(exercise, result, run),
        (None, None) => page.goals(exercise, &[]),
    }
    page.out
}

/// What a check is at, with its seconds.
pub(super) fn doing(checking: &Checking, shared: &Shared) -> String {
    let seconds = shared.now.saturating_duration_since(checking.since).as_secs();
    let key = match (checking.stopping, checking.tier) {
        (true, _) => "tui.check.stopping",
        (false, Some(Tier::Build)) => "tui.check.build",
        (false, Some(Tier::Image)) => "tui.check.image",
        (false, Some(Tier::Run)) => "tui.check.run",
        (false, Some(Tier::Parse) | None) => "tui.check.parse",
    };
    shared.with(key, &[("seconds", &seconds)])
}

/// What to do first: make a working copy, or go to it.
pub(super) fn begin(exercise: &str, shared: &Shared, width: usize) -> Vec<Row> {
    let text = match shared.dir(exercise) {
        Some(dir) => shared.with("tui.exercise.ready", &[("dir", &dir.display())]),
        None => shared.with("tui.exercise.begin", &[("dir", &shared.lab_dir.display())]),
    };
    rows::plain(&text, width, shared.theme)
}

fn sign(theme: Theme, verdict: Option<Verdict>) -> (&'static str, Look, &'static str) {
    match verdict {
        Some(Verdict::Passed) => (theme.sign("✓", "x"), Look::Good, "tui.verdict.passed"),
        Some(Verdict::Failed) => (theme.sign("✗", "!"), Look::Bad, "tui.verdict.failed"),
        Some(Verdict::Skipped) => (theme.sign("–", "-"), Look::Dim, "tui.verdict.skipped"),
        Some(Verdict::Broken) => (theme.sign("!", "?"), Look::Warn, "tui.verdict.broken"),
        None => (theme.sign("○", "o"), Look::Dim, ""),
    }
}

/// Goals that did not pass for the very same reason together, in the order of the first of each: without a daemon it is one
/// reason for nine goals, and it is told once.
fn by_reason<'a>(goals: impl Iterator<Item = &'a GoalResult>) -> Vec<Vec<&'a GoalResult>> {
    let mut groups: Vec<Vec<&GoalResult>> = Vec::new();
    for goal in goals {
        let same = |group: &&mut Vec<&GoalResult>| {
            let first = group[0];
            first.diagnosis.is_some() && (&first.diagnosis, first.verdict) == (&goal.diagnosis, goal.verdict)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(goal),
            None => groups.push(vec![goal]),
        }
    }
    groups
}

impl Page<'_> {
    fn gap(&mut self) {
        if self.out.last().is_some_and(|row| !row.spans.is_empty()) {
            self.out.push(Row::default());
        }
    }

    fn words(&mut self, lead: (&str, Look), text: &str) {
        self.parts(lead, &[(text, TextStyle::default())]);
    }

    fn parts(&mut self, lead: (&str, Look), parts: &[(&str, TextStyle)]) {
        self.out.extend(rows::words(parts, lead, self.width, self.theme));
    }

    /// A goal in its words, its id behind them.
    fn asked(&mut self, lead: (&str, Look), goal: &Goal) {
        let words = words::goal(&self.shared.lang, goal);
        // An answer's id is its name, which the words say already.
        let said = words.contains(&format!("`{}`", goal.id));
        let id = if said { String::new() } else { format!(" ({})", goal.id) };
        self.parts(lead, &[(&words, TextStyle::default()), (&id, TextStyle::of(Class::Reference))]);
    }

    fn title(&mut self, key: &str) {
        self.gap();
        let text = self.shared.say(key);
        self.out.push(Row::new(self.theme, &[(&text, Look::Strong)]));
    }

    /// One line on how things stand.
    fn state(&mut self, exercise: &Exercise, run: Option<&Run>) {
        let shared = self.shared;
        if let Some(stopped) = run.and_then(|r| r.stopped.as_ref()) {
            let fault = shared.say(stopped.fault.key());
            let strong = TextStyle { strong: true, ..TextStyle::default() };
            let fault = format!("{fault}: ");
            self.parts(("! ", Look::Warn), &[(&fault, strong), (&stopped.what, TextStyle::default())]);
            for next in &stopped.next {
                self.words((self.theme.sign("  → ", "  > "), Look::Key), next);
            }
            self.gap();
        }
        if let Some(checking) = run.and_then(|r| r.checking.as_ref()) {
            let text = doing(checking, shared);
            self.out.push(Row::new(self.theme, &[(&text, Look::Focus)]));
            self.gap();
            return;
        }
        if run.is_some_and(|r| r.result.is_some()) {
            return;
        }
        self.out.extend(begin(&exercise.id, shared, self.width));
        self.gap();
    }

    /// Every goal in its words, with what is known of it.
    fn goals(&mut self, exercise: &Exercise, judged: &[GoalResult]) {
        self.title("tui.goals");
        for goal in &exercise.goals {
            let found = judged.iter().find(|g| g.id == goal.id);
            self.goal(goal, found);
        }
    }

    fn goal(&mut self, goal: &Goal, found: Option<&GoalResult>) {
        let (sign, look, key) = sign(self.theme, found.map(|g| g.verdict));
        let word = if key.is_empty() { String::new() } else { self.shared.say(key) };
        let lead = if word.is_empty() { format!("{sign} ") } else { format!("{sign} {word}  ") };
        self.asked((&lead, look), goal);
    }

    fn result(&mut self, exercise: &Exercise, result: &CheckResult, run: &Run) {
        let shared = self.shared;
        let of = |verdict| result.goals.iter().filter(move |g| g.verdict == verdict);
        let (passed, all) = (of(Verdict::Passed).count(), result.goals.len());
        let key = match () {
            // With nothing behind it `n` goes nowhere, so it is not promised.
            () if result.passed() && after(&exercise.id, shared).is_none() => "tui.result.passed-last",
            () if result.passed() && all == 1 => "tui.result.passed-one",
            () if result.passed() => "tui.result.passed",
            () if result.provisional => "tui.result.provisional",
            () if of(Verdict::Failed).count() > 0 => "tui.result.failed",
            () if of(Verdict::Broken).count() > 0 => "tui.result.broken",
            () => "tui.result.skipped",
        };
        let look = if result.passed() { Look::Good } else { Look::Strong };
        let seconds = format!("{:.1}", result.seconds);
        let args: [(&str, &dyn Display); 3] = [("passed", &passed), ("all", &all), ("seconds", &seconds)];
        let text = shared.with(key, &args);
        let head = rows::plain(&text, self.width, self.theme);
        self.out.extend(head.into_iter().map(|row| row.all(self.theme.style(look))));
        if result.passed() {
            self.sizes(result);
        }
        let open = of(Verdict::Failed).chain(of(Verdict::Broken));
        for same in by_reason(open) {
            self.gap();
            for goal in &same {
                self.head(exercise, goal);
            }
            self.reason(exercise, same[0], &run.dockerfile);
        }
        if !result.passed() {
            self.sizes(result);
        }
        self.gap();
        for same in by_reason(of(Verdict::Skipped)) {
            for goal in &same {
                self.head(exercise, goal);
            }
            if let Some(why) = &same[0].diagnosis {
                self.words(("    ", Look::Plain), &i18n::diagnosis(&shared.lang, why).what);
            }
        }
        for goal in of(Verdict::Passed) {
            self.head(exercise, goal);
        }
        self.costs(&result.costs);
        self.findings(result);
        self.notes(result);
        if !result.commands.is_empty() {
            self.title("tui.commands");
            for command in &result.commands {
                let mut row = Row::new(self.theme, &[("  $ ", Look::Dim), (command, Look::Code)]);
                row.pan = Some(4);
                self.out.push(row);
            }
        }
    }

    /// A goal that was judged, in its words.
    fn head(&mut self, exercise: &Exercise, goal: &GoalResult) {
        match exercise.goals.iter().find(|g| g.id == goal.id) {
            Some(asked) => self.goal(asked, Some(goal)),
            None => {
                let (sign, look, key) = sign(self.theme, Some(goal.verdict));
                self.words((&format!("{sign} {}  ", self.shared.say(key)), look), &goal.id);
            }
        }
    }

    /// Why a goal did not pass: what was found, the lines to blame, what to do.
    fn reason(&mut self, exercise: &Exercise, goal: &GoalResult, dockerfile: &str) {
        let shared = self.shared;
        let Some(diagnosis) = &goal.diagnosis else { return };
        let told = i18n::diagnosis(&shared.lang, diagnosis);
        self.words(("  ", Look::Plain), &told.what);
        self.snippet(diagnosis, dockerfile);
        if !told.next.is_empty() {
            self.words((self.theme.sign("  → ", "  > "), Look::Key), &told.next);
        }
        // What this machine lacks is in no lesson.
        let failed = goal.verdict == Verdict::Failed;
        let lesson = failed.then(|| shared.course.lesson_to_read(exercise, told.lesson)).flatten();
        if let Some(lesson) = lesson {
            let title = lesson.title.get(&shared.lang);
            let number = shared.course.number(lesson).unwrap_or_default();
            let text = shared.with("tui.result.lesson", &[("number", &number), ("title", &title)]);
            self.words(("    ", Look::Plain), &text);
        }
    }

    fn snippet(&mut self, diagnosis: &Diagnosis, dockerfile: &str) {
        let lines: Vec<&str> = dockerfile.lines().collect();
        let blamed: Vec<usize> =
            diagnosis.lines.iter().map(|l| *l as usize).filter(|l| (1..=lines.len()).contains(l)).collect();
        if blamed.is_empty() {
            return;
        }
        self.gap();
        let mut last = 0;
        for at in blamed.iter().take(SHOWN_LINES) {
            let from = at.saturating_sub(AROUND).max(last + 1);
            if last > 0 && from > last + 1 {
                self.out
                    .push(Row::new(self.theme, &[("        ", Look::Plain), (self.theme.sign("⋮", ":"), Look::Dim)]));
            }
            let mut upto = (at + AROUND).min(lines.len());
            // The row after belongs to the next blamed line, if there is one.
            if blamed.contains(&upto) && upto != *at {
                upto = *at;
            }
            for number in from..=upto {
                let bad = blamed.contains(&number);
                let lead = if bad { self.theme.sign("  ▶ ", "  > ") } else { "    " };
                let shown = format!("{number:>3} {} ", self.theme.sign("│", "|"));
                let code = crate::layout::clean(lines[number - 1]).replace('\t', "    ");
                let look = if bad { Look::Bad } else { Look::Dim };
                let mut row = Row::new(self.theme, &[(lead, Look::Bad), (&shown, Look::Dim), (&code, look)]);
                row.pan = Some(10);
                self.out.push(row);
            }
            last = upto.max(*at);
        }
        self.gap();
    }

    /// Before and now, to scale.
    fn sizes(&mut self, result: &CheckResult) {
        let Some(now) = result.sizes else { return };
        self.gap();
        let shared = self.shared;
        let before = result.starter.map(|s: Sizes| (shared.say("tui.sizes.before"), s.total, Look::BarBefore));
        if let Some(before) = before.filter(|_| now.total > 0) {
            let all = [before, (shared.say("tui.sizes.now"), now.total, Look::Bar)];
            let most = all.iter().map(|(_, bytes, _)| *bytes).max().unwrap_or(0).max(1);
            let label = all.iter().map(|(name, ..)| crate::layout::width(name)).max().unwrap_or(0);
            let room = self.width.saturating_sub(label + 16).min(60);
            for (name, bytes, look) in &all {
                let bar = bar(*bytes, most, room, self.theme);
                let size = format!("  {}", Size(*bytes));
                let name = format!("  {}  ", rows::pad(name, label));
                self.out.push(Row::new(self.theme, &[(&name, Look::Plain), (&bar, *look), (&size, Look::Strong)]));
            }
            if all[0].1 > now.total {
                #[allow(clippy::cast_precision_loss, reason = "a ratio with one digit")]
                let times = format!("{:.1}", all[0].1 as f64 / now.total as f64);
                self.words(("  ", Look::Plain), &shared.with("tui.sizes.times", &[("times", &times)]));
            }
        } else {
            self.words(("  ", Look::Plain), &shared.with("tui.sizes.alone", &[("size", &Size(now.total))]));
        }
        if now.wasted > 0 {
            self.words(("  ", Look::Plain), &shared.with("tui.sizes.wasted", &[("size", &Size(now.wasted))]));
        }
    }

    /// What each line put into the image.
    fn costs(&mut self, costs: &[LineCost]) {
        if costs.is_empty() {
            return;
        }
        self.title("tui.costs");
        let most = costs.iter().map(|c| c.bytes).max().unwrap_or(0).max(1);
        let room = 16;
        for cost in costs {
            let line = cost.line.map_or_else(|| "   ".to_owned(), |l| format!("{l:>3}"));
            let size = format!("{:>9}  ", Size(cost.bytes).to_string());
            let bar = rows::pad(&bar(cost.bytes, most, room, self.theme), room);
            let text = format!("  {}", crate::layout::clean(&cost.instruction));
            let wasted = if cost.wasted > 0 {
                format!("  {}", self.shared.with("tui.costs.wasted", &[("size", &Size(cost.wasted))]))
            } else {
                String::new()
            };
            let mut row = Row::new(
                self.theme,
                &[
                    ("  ", Look::Plain),
                    (&line, Look::Dim),
                    (&size, Look::Strong),
                    (&bar, Look::Bar),
                    (&text, Look::Code),
                    (&wasted, Look::Warn),
                ],
            );
            row.pan = Some(2 + 3 + 11);
            self.out.push(row);
        }
    }

    /// What the image could do without.
    fn findings(&mut self, result: &CheckResult) {
        let findings = result.findings_to_tell();
        if findings.is_empty() {
            return;
        }
        self.title("tui.findings");
        for finding in findings {
            let told = i18n::diagnosis(&self.shared.lang, &finding.diagnosis);
            let lines: Vec<String> = finding.diagnosis.lines.iter().map(|line| format!("Dockerfile:{line}")).collect();
            let at = if lines.is_empty() { String::new() } else { format!("{}: ", lines.join(", ")) };
            self.words(("  ", Look::Plain), &format!("{at}{} {}", told.what, told.next));
        }
    }

    fn notes(&mut self, result: &CheckResult) {
        // Said with every verdict: a pass on a stand-in is a pass on a stand-in.
        let stand_ins = result.stand_ins.iter().map(|used| {
            Diagnosis::new(codes::NOTE_STAND_IN)
                .fact("image", Fact::Text(used.image.clone()))
                .fact("by", Fact::Text(used.by.clone()))
                .fact("version", Fact::Text(used.version.clone()))
        });
        let worth =
            |note: &&Diagnosis| note.code != codes::NOTE_STAND_IN && i18n::worth_saying(&self.shared.lang, note);
        let noted = result.notes.iter().filter(worth).cloned();
        let notes: Vec<Diagnosis> = stand_ins.chain(noted).collect();
        if notes.is_empty() {
            return;
        }
        self.title("tui.notes");
        for note in &notes {
            let told = i18n::diagnosis(&self.shared.lang, note);
            self.words((self.theme.sign("  • ", "  - "), Look::Dim), &told.what);
        }
    }
}

/// A bar of `bytes` to the scale of `most`; what is there at all is at least one cell's eighth.
fn bar(bytes: u64, most: u64, cells: usize, theme: Theme) -> String {
    let eighths = usize::try_from(u128::from(bytes) * (cells as u128) * 8 / u128::from(most)).unwrap_or(cells * 8);
    let eighths = eighths.max(usize::from(bytes > 0)).min(cells * 8);
    if theme.ascii {
        return "#".repeat(eighths.div_ceil(8));
    }
    let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    format!("{}{part}", "█".repeat(eighths / 8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::Palette;

    #[test]
    fn bars_are_to_scale_and_never_vanish() {
        let theme = Theme { color: false, ascii: false, palette: Palette::Sixteen };
        assert_eq!(bar(100, 100, 4, theme), "████");
        assert_eq!(bar(50, 100, 4, theme), "██");
        assert_eq!(bar(1, 1_000_000, 4, theme), "▏");
        assert_eq!(bar(0, 100, 4, theme), "");
        assert_eq!(bar(1, 1_000_000, 4, Theme { color: false, ascii: true, palette: Palette::Sixteen }), "#");
    }
}
