//! An exercise: the brief, the goals with what was found, the build as it goes on.
//!
//! In a narrow window one of them is seen at a time; in a wide one the brief stands over the file, beside both the goals, and
//! the build below those.

use super::editor::Editor;
use crate::course::{Exercise as CourseExercise, diagram::stepper::Replay as Recorded};
use crate::lens::{From, Request};
use crate::tui::{
    app::{Component, Effect, Target},
    keys::{Action, Scope},
    last_build,
    overlay::{Overlay, movement},
    rows::{self, Row, Window},
    screen::{
        home,
        lesson::{beside, scrollbar},
    },
    state::{Logged, Shared, Sheet, Unsaved},
    texts::{Text, Texts},
    theme::{Look, Theme},
    trail::Spot,
    verdict,
};
use crossterm::event::KeyEvent;
use dockshala_checkers::{
    check::{Folder, main_file},
    spec::{Ask, Builds, Kind},
    verdict::Verdict,
};
use ratatui::{buffer::Buffer, layout::Rect};
use std::path::PathBuf;

/// From this width on all parts are seen at once.
const WIDE: u16 = 120;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pane {
    Brief,
    File,
    Goals,
    Log,
}

const PANES: [Pane; 4] = [Pane::Brief, Pane::File, Pane::Goals, Pane::Log];

/// How a pane was drawn last: what moving in it must know.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    window: Window,
    len: usize,
    height: usize,
    widest: usize,
    cells: usize,
}

pub(in crate::tui) struct Exercise {
    pub(super) id: String,
    pub(super) pane: Pane,
    seen: [Seen; 4],
    /// The file, while it is being written.
    pub(super) editor: Option<Box<Editor>>,
    /// The part to show when it is written: keys must never go into a file that is not seen.
    later: Option<Pane>,
    /// Where the parts were drawn last, for clicks.
    areas: Vec<(Pane, Rect)>,
    /// The log's window follows its end until the learner scrolls up.
    follow: bool,
    wide: bool,
}

impl Exercise {
    pub(in crate::tui) fn new(id: String, shared: &Shared) -> Self {
        let judged = shared.run(&id).is_some_and(|r| r.checking.is_some() || r.result.is_some());
        let pane = if judged { Pane::Goals } else { Pane::Brief };
        Self {
            id,
            pane,
            seen: [Seen::default(); 4],
            editor: None,
            later: None,
            areas: Vec::new(),
            follow: true,
            wide: false,
        }
    }

    pub(in crate::tui) fn id(&self) -> &str {
        &self.id
    }

    /// A check of it began.
    pub(in crate::tui) fn checking(&mut self) {
        self.lead_with(Pane::Log);
        self.follow = true;
        self.seen[Pane::Log as usize].window = Window::default();
    }

    /// The file is on the disk as `sheet` has it.
    pub(in crate::tui) fn on_disk(&mut self, sheet: &Sheet) {
        if let Some(editor) = self.editor.as_mut().filter(|e| e.path == sheet.path && e.text() == sheet.text) {
            editor.saved(&sheet.text);
        }
    }

    /// Keeps what was written, where it differs from what is on the disk.
    fn save(&mut self) -> Vec<Effect> {
        let Some(editor) = self.editor.as_mut().filter(|editor| editor.changed()) else { return Vec::new() };
        let (text, before) = (editor.text(), editor.before());
        // Told once: a second key must not find the file changed by the first.
        editor.saved(&text);
        vec![Effect::Save(self.id.clone(), editor.path.clone(), text, before)]
    }

    /// A check of it ended: lead with what was found.
    pub(in crate::tui) fn judged(&mut self) {
        self.lead_with(Pane::Goals);
        self.seen[Pane::Goals as usize].window = Window::default();
        // After a pass the brief begins with why it worked: who had scrolled down in the brief would miss it.
        self.seen[Pane::Brief as usize].window = Window::default();
    }

    /// Shows a part; while the file is being written, as soon as that is over.
    fn lead_with(&mut self, pane: Pane) {
        if self.editor.is_some() {
            self.later = Some(pane);
        } else {
            self.pane = pane;
        }
    }

    fn begin_editor(&mut self, editor: Editor) {
        self.editor = Some(Box::new(editor));
        self.later = None;
        self.pane = Pane::File;
    }

    fn end_editor(&mut self) -> Vec<Effect> {
        let effects = self.save();
        self.editor = None;
        self.pane = self.later.take().unwrap_or(self.pane);
        effects
    }

    /// What was written is not in its file: it counts as unsaved again, and where it is nowhere else either, it is back on the
    /// screen. A text that only a notice speaks of is lost.
    pub(in crate::tui) fn not_saved(&mut self, unsaved: &Unsaved, theme: Theme) {
        match &mut self.editor {
            Some(editor) if editor.path == unsaved.path => editor.saved(&unsaved.before),
            None if !unsaved.kept => {
                let mut editor = Editor::new(unsaved.path.clone(), &unsaved.text, theme);
                editor.saved(&unsaved.before);
                self.begin_editor(editor);
            }
            _ => {}
        }
    }

    fn seen(&mut self) -> &mut Seen {
        &mut self.seen[self.pane as usize]
    }

    fn turn(&mut self, by: usize) {
        self.pane = PANES[(self.pane as usize + by) % PANES.len()];
    }

    /// The docker commands that the check amounts to: of the one that goes on, or of the last.
    fn commands(&self, shared: &Shared) -> Vec<String> {
        let run = shared.run(&self.id);
        let result = run.filter(|r| r.checking.is_none()).and_then(|r| r.result.as_ref()).map(|r| r.commands.clone());
        result.or_else(|| run.map(|r| r.commands.clone())).unwrap_or_default()
    }

    /// What is worth reading now: the lesson that the first diagnosis names, or the one that the exercise practises.
    fn lesson(&self, shared: &Shared) -> Option<String> {
        let goals = shared.run(&self.id).and_then(|r| r.result.as_ref()).map_or(&[][..], |r| &r.goals);
        let blamed = goals.iter().filter(|g| g.verdict == Verdict::Failed).filter_map(|g| g.diagnosis.as_ref());
        let named = blamed.filter_map(|d| crate::i18n::lesson_of(&d.code)).next();
        shared.course.lesson_to_read(shared.course.exercise(&self.id)?, named).map(|l| l.id.clone())
    }

    fn hint(&self, shared: &mut Shared) -> Vec<Effect> {
        let Some(exercise) = shared.course.exercise(&self.id) else { return Vec::new() };
        let before = shared.summary.as_ref().and_then(|s| s.exercises.get(&self.id)).map_or(0, |e| e.hints);
        let run = shared.runs.entry(self.id.clone()).or_default();
        // What was seen is shown again at once; the next step of the ladder costs another key.
        let seen = run.hints.max(before);
        let shown = seen.max(1).min(exercise.hints);
        run.hints = shown;
        let mut effects = vec![Effect::Show(Box::new(Overlay::hints(&self.id, shown, exercise.hints)))];
        if shown > seen {
            let event = crate::progress::EventKind::HintShown { exercise: self.id.clone(), step: shown };
            effects.push(Effect::Record(event));
        }
        effects
    }

    fn solution(&self, shared: &Shared) -> Vec<Effect> {
        let passed = shared.passed(&self.id);
        let event = crate::progress::EventKind::SolutionShown { exercise: self.id.clone(), insisted: !passed };
        let show = vec![Effect::Record(event), Effect::Show(Box::new(Overlay::solution(&self.id)))];
        if passed { show } else { vec![Effect::Show(Box::new(Overlay::question("tui.solution.sure", show)))] }
    }

    fn pane_title(&self, pane: Pane, shared: &Shared) -> String {
        shared.say(match pane {
            Pane::Brief => "tui.pane.brief",
            Pane::File => "tui.pane.file",
            Pane::Goals => "tui.pane.goals",
            Pane::Log => "tui.pane.log",
        })
    }

    /// Titles of all parts, the one that is seen set off, over a rule.
    fn tabs(&self, buf: &mut Buffer, area: Rect, shared: &Shared) {
        let theme = shared.theme;
        let mut x = area.x + 1;
        for pane in PANES {
            let title = self.pane_title(pane, shared);
            let (text, look) = if pane == self.pane {
                (format!("{} {title} ", theme.sign("❯", ">")), Look::Focus)
            } else {
                (format!("  {title} "), Look::Dim)
            };
            x = buf.set_stringn(x, area.y, text, usize::from(area.right().saturating_sub(x)), theme.style(look)).0 + 2;
        }
    }

    fn brief(&mut self, buf: &mut Buffer, area: Rect, shared: &Shared, texts: &mut Texts) {
        let width = area.width.min(96);
        let page = texts.page(&Text::Brief(self.id.clone()), width, shared);
        let mut rows = Vec::new();
        if shared.passed(&self.id) {
            // After the pass the debrief is what is worth reading; the brief stays below it.
            let debrief = texts.page(&Text::Debrief(self.id.clone()), width, shared);
            let title = shared.say("tui.debrief");
            rows.extend([Row::new(shared.theme, &[(&title, Look::Good)]), Row::default()]);
            rows.extend(debrief.rows.iter().cloned());
            let title = self.pane_title(Pane::Brief, shared);
            rows.extend([Row::default(), Row::new(shared.theme, &[(&title, Look::Strong)]), Row::default()]);
        }
        rows.extend(page.rows.iter().cloned());
        if !self.wide {
            // In a wide window it stands over the goals.
            rows.push(Row::default());
            rows.extend(verdict::begin(&self.id, shared, usize::from(width)));
        }
        self.paint(Pane::Brief, buf, Rect { width, ..area }, &rows, shared);
    }

    fn goals(&mut self, buf: &mut Buffer, area: Rect, shared: &Shared) {
        let Some(exercise) = shared.course.exercise(&self.id) else { return };
        let width = area.width.min(104);
        let rows = verdict::rows(exercise, shared, usize::from(width));
        self.paint(Pane::Goals, buf, Rect { width, ..area }, &rows, shared);
    }

    pub(super) fn paint(&mut self, pane: Pane, buf: &mut Buffer, area: Rect, rows: &[Row], shared: &Shared) {
        let seen = &mut self.seen[pane as usize];
        seen.len = rows.len();
        seen.height = usize::from(area.height);
        seen.cells = usize::from(area.width);
        seen.widest = rows::widest(rows);
        seen.window.settle(seen.len, seen.height);
        seen.window.shift(0, seen.widest, seen.cells);
        rows::paint(buf, area, rows, seen.window, shared.theme);
        scrollbar(buf, beside(area), seen.window.top, seen.len, shared);
    }

    /// Only the rows that are seen are made: a build may print more than anybody reads.
    fn log(&mut self, buf: &mut Buffer, area: Rect, shared: &Shared) {
        let theme = shared.theme;
        let seen = &mut self.seen[Pane::Log as usize];
        let run = shared.run(&self.id);
        seen.height = usize::from(area.height);
        seen.cells = usize::from(area.width);
        let Some(run) = run.filter(|r| r.has_log()) else {
            seen.len = 0;
            let waiting = run.is_some_and(|r| r.checking.is_some());
            let text = shared.say(if waiting { "tui.log.waiting" } else { "tui.log.empty" });
            let rows = rows::plain(&text, usize::from(area.width), theme);
            rows::paint(buf, area, &rows, Window::default(), theme);
            return;
        };
        let steps = run.steps_in_order();
        let heights: Vec<usize> = heights(&steps).collect();
        let len = heights.iter().sum::<usize>() + run.loose.len();
        seen.len = len;
        if self.follow {
            // The step that is at work is what is worth seeing; when none is, the end.
            let busy = steps.iter().rposition(|s| !s.done && !s.lines.is_empty());
            let end = busy.map_or(len, |at| heights[..=at].iter().sum());
            seen.window.top = end.saturating_sub(seen.height);
        }
        seen.window.settle(len, seen.height);
        let (mut skip, mut shown) = (seen.window.top, Vec::with_capacity(seen.height));
        for (step, height) in steps.iter().zip(&heights) {
            if skip >= *height {
                skip -= height;
                continue;
            }
            let room = seen.height - shown.len();
            shown.extend(step_rows(step, shared, skip, room));
            skip = 0;
            if shown.len() >= seen.height {
                break;
            }
        }
        let room = seen.height.saturating_sub(shown.len());
        shown.extend(run.loose.iter().skip(skip).take(room).map(|text| output(text, shared)));
        seen.widest = shown.iter().map(Row::width).max().unwrap_or(0);
        rows::paint(buf, area, &shown, Window { top: 0, pan: seen.window.pan }, theme);
        scrollbar(buf, beside(area), seen.window.top, len, shared);
    }

    fn status(&self, shared: &Shared) -> (String, Look) {
        let run = shared.run(&self.id);
        if let Some(checking) = run.and_then(|r| r.checking.as_ref()) {
            return (verdict::doing(checking, shared), Look::Focus);
        }
        if let Some(result) = run.and_then(|r| r.result.as_ref()) {
            return if result.passed() {
                (shared.say("tui.verdict.passed"), Look::Good)
            } else {
                let left = result.goals.iter().filter(|g| g.verdict != Verdict::Passed).count();
                (shared.with("tui.status.open", &[("open", &left), ("all", &result.goals.len())]), Look::Bad)
            };
        }
        if shared.passed(&self.id) {
            (shared.say("tui.mark.passed"), Look::Good)
        } else if shared.dir(&self.id).is_some() {
            (shared.say("tui.mark.started"), Look::Plain)
        } else {
            (shared.say("tui.status.new"), Look::Dim)
        }
    }
}

/// The image of what was judged last, where there is one to look into. The check's own is gone by then; the builder has
/// kept its steps, so that this one takes no longer than reading it.
pub(super) fn lens(id: &str, shared: &Shared) -> Option<Request> {
    let exercise = shared.course.exercise(id).filter(|e| e.kind == Kind::Dockerfile)?;
    let run = shared.run(id).filter(|r| r.checking.is_none())?;
    run.result.as_ref().filter(|result| result.sizes.is_some())?;
    let builds = builds(exercise);
    let folder = Folder {
        dir: run.dir.clone()?,
        target: builds.and_then(|b| b.target.clone()),
        args: builds.map(|b| b.args.clone()).unwrap_or_default(),
        network: exercise.network,
        no_cache: false,
    };
    Some(Request { from: From::Folder(folder), base: None, other: None })
}

/// The build that was judged last, to be gone through step by step.
pub(in crate::tui) fn replay(id: &str, shared: &Shared) -> Option<Recorded> {
    let exercise = shared.course.exercise(id).filter(|e| e.kind == Kind::Dockerfile)?;
    let run = shared.run(id).filter(|r| r.checking.is_none())?;
    last_build::replay(run.result.as_ref()?, &run.dockerfile, builds(exercise).and_then(|b| b.target.as_deref()))
}

fn builds(exercise: &CourseExercise) -> Option<&Builds> {
    exercise.goals.iter().find_map(|g| if let Ask::Builds(ask) = &g.ask { Some(ask) } else { None })
}

/// What runs a course's commands, once the learner agreed to them.
fn consented(effects: Vec<Effect>, shared: &Shared) -> Vec<Effect> {
    if shared.agreed { effects } else { vec![Effect::Show(Box::new(Overlay::consent(effects, shared)))] }
}

/// How many rows each step takes.
fn heights(steps: &[&Logged]) -> impl Iterator<Item = usize> {
    steps.iter().map(|s| 1 + s.lines.len() + usize::from(s.dropped > 0))
}

/// Rows of one step, from its `skip`-th on.
fn step_rows(logged: &Logged, shared: &Shared, skip: usize, most: usize) -> Vec<Row> {
    let theme = shared.theme;
    let head = || {
        let step = &logged.step;
        let (sign, look) = match (logged.done, step.cached) {
            (true, true) => (theme.sign("≡ ", "= "), Look::Dim),
            (true, false) => (theme.sign("✓ ", "x "), Look::Good),
            (false, _) => (theme.sign("▸ ", "> "), Look::Focus),
        };
        let line = step.line.map_or_else(|| "    ".to_owned(), |line| format!("{line:>3} "));
        let stage = if step.stage.is_empty() { String::new() } else { format!("{}: ", step.stage) };
        let took = match (logged.done, step.cached) {
            (true, true) => format!("  {}", shared.say("tui.log.cached")),
            #[allow(clippy::cast_precision_loss, reason = "seconds with one digit")]
            (true, false) => format!("  {:.1} s", step.millis as f64 / 1000.0),
            (false, _) => String::new(),
        };
        let mut row = Row::new(
            theme,
            &[(&line, Look::Dim), (sign, look), (&stage, Look::Dim), (&step.name, Look::Strong), (&took, Look::Dim)],
        );
        row.pan = Some(6);
        row
    };
    let dropped =
        (logged.dropped > 0).then(|| output(&shared.with("tui.log.dropped", &[("count", &logged.dropped)]), shared));
    let before = 1 + usize::from(dropped.is_some());
    let lead = std::iter::once_with(head).chain(dropped).skip(skip);
    let lines = logged.lines.iter().skip(skip.saturating_sub(before)).map(|text| output(text, shared));
    lead.chain(lines).take(most).collect()
}

/// A row that a step or a container printed.
fn output(text: &str, shared: &Shared) -> Row {
    let mut row = Row::new(shared.theme, &[("      ", Look::Plain), (text, Look::Dim)]);
    row.pan = Some(6);
    row
}

impl Component for Exercise {
    fn scope(&self) -> Scope {
        if self.editor.is_some() { Scope::Writing } else { Scope::Exercise }
    }

    fn spot(&self) -> Option<Spot> {
        Some(Spot { target: Target::Exercise(self.id.clone()), place: None })
    }

    fn write(&mut self, key: KeyEvent) {
        if let Some(editor) = &mut self.editor {
            editor.key(key);
        }
    }

    fn paste(&mut self, text: &str) {
        if let Some(editor) = &mut self.editor {
            editor.paste(text);
        }
    }

    fn click(&mut self, column: u16, row: u16, _: &Shared) -> Vec<Effect> {
        let hit = self.areas.iter().find(|(_, area)| area.contains((column, row).into()));
        if let Some((pane, _)) = hit.filter(|_| self.editor.is_none()) {
            self.pane = *pane;
        }
        Vec::new()
    }

    fn line(&self, shared: &Shared) -> Option<Row> {
        let editor = self.editor.as_ref()?;
        let key = if editor.changed() { "tui.edit.open" } else { "tui.edit.same" };
        Some(Row::new(shared.theme, &[(&shared.say(key), Look::Focus), (" ", Look::Plain)]))
    }

    fn enabled(&self, action: Action, shared: &Shared) -> bool {
        let started = shared.dir(&self.id).is_some();
        let checking = shared.run(&self.id).is_some_and(|r| r.checking.is_some());
        let hints = shared.course.exercise(&self.id).is_some_and(|e| e.hints > 0);
        let seen = &self.seen[self.pane as usize];
        match action {
            Action::Open => !started,
            Action::Check => started && !checking,
            Action::Cancel => checking,
            Action::Editor | Action::Watch => started,
            Action::Write => started && shared.run(&self.id).is_some_and(|r| r.file.is_some()),
            Action::Commands => !self.commands(shared).is_empty(),
            Action::Hint => hints,
            Action::Lens => lens(&self.id, shared).is_some(),
            Action::Replay => replay(&self.id, shared).is_some(),
            Action::Solution | Action::Pane | Action::PaneBack => true,
            Action::Next => shared.passed(&self.id) && home::after(&self.id, shared).is_some(),
            Action::Lesson => self.lesson(shared).is_some(),
            Action::PanLeft | Action::PanRight => seen.widest > seen.cells,
            action => movement(action, 1).is_some(),
        }
    }

    fn why_not(&self, action: Action, shared: &Shared) -> Option<&'static str> {
        let started = shared.dir(&self.id).is_some();
        match action {
            Action::Check | Action::Editor | Action::Write | Action::Watch if !started => Some("tui.not-yet.start"),
            Action::Next if !shared.passed(&self.id) => Some("tui.not-yet.pass"),
            Action::Replay | Action::Lens => Some("replay.not-yet"),
            _ => None,
        }
    }

    fn act(&mut self, action: Action, shared: &mut Shared) -> Vec<Effect> {
        let id = || self.id.clone();
        match action {
            Action::Open => vec![Effect::Start(id())],
            Action::Check => {
                let check = shared.dir(&self.id).map(|dir| Effect::Check(id(), dir)).into_iter().collect();
                consented(check, shared)
            }
            Action::Cancel => {
                if let Some(checking) = shared.runs.get_mut(&self.id).and_then(|r| r.checking.as_mut()) {
                    checking.stopping = true;
                }
                vec![Effect::Cancel(id())]
            }
            Action::Watch => {
                let on = shared.run(&self.id).is_some_and(|r| r.watching);
                let watch = shared.dir(&self.id).map(|dir| Effect::Watch(id(), dir, !on)).into_iter().collect();
                if on { watch } else { consented(watch, shared) }
            }
            Action::Editor => {
                let exercise = shared.course.exercise(&self.id);
                let file = |(exercise, dir): (&CourseExercise, PathBuf)| main_file(exercise.kind, &dir);
                exercise.zip(shared.dir(&self.id)).map(|pair| Effect::Edit(file(pair))).into_iter().collect()
            }
            Action::Write => {
                let sheet = shared.run(&self.id).and_then(|r| r.file.as_ref());
                if let Some(editor) = sheet.map(|s| Editor::new(s.path.clone(), &s.text, shared.theme)) {
                    self.begin_editor(editor);
                }
                Vec::new()
            }
            Action::Save => self.save(),
            Action::Undo | Action::Redo => {
                if let Some(editor) = &mut self.editor {
                    editor.undo(action == Action::Redo);
                }
                Vec::new()
            }
            // Leaving keeps what was written: nothing that was typed is lost by a key.
            Action::Dismiss => self.end_editor(),
            Action::Commands => vec![Effect::Show(Box::new(Overlay::commands(self.commands(shared), shared.theme)))],
            Action::Lens => {
                let request = lens(&self.id, shared);
                request.map(|request| Effect::Go(Target::Lens(request))).into_iter().collect()
            }
            Action::Replay => vec![Effect::Go(Target::Replay(id()))],
            Action::Hint => self.hint(shared),
            Action::Solution => self.solution(shared),
            Action::Next => home::after(&self.id, shared).map(Effect::Go).into_iter().collect(),
            Action::Lesson => {
                let lesson = self.lesson(shared);
                lesson.map(|id| Effect::Go(Target::Lesson(id, None))).into_iter().collect()
            }
            Action::Pane => {
                self.turn(1);
                Vec::new()
            }
            Action::PaneBack => {
                self.turn(PANES.len() - 1);
                Vec::new()
            }
            Action::PanLeft | Action::PanRight => {
                let seen = self.seen();
                let by = if action == Action::PanLeft { -rows::SHIFT } else { rows::SHIFT };
                seen.window.shift(by, seen.widest, seen.cells);
                Vec::new()
            }
            action => {
                let seen = self.seen();
                if let Some(by) = movement(action, seen.height) {
                    seen.window.scroll(by, seen.len, seen.height);
                    let at_end = seen.window.top + seen.height >= seen.len;
                    if self.pane == Pane::Log {
                        self.follow = at_end;
                    }
                }
                Vec::new()
            }
        }
    }

    fn leave(&mut self, _: &Shared) -> Vec<Effect> {
        self.end_editor()
    }

    fn header(&self, shared: &Shared) -> (Row, Row) {
        let theme = shared.theme;
        let exercise = shared.course.exercise(&self.id);
        let title = exercise.map_or("", |e| e.title.get(&shared.lang));
        let kind = format!("{}  ", shared.say("tui.exercise.word"));
        let minutes = exercise.map(|e| shared.with("tui.minutes", &[("minutes", &e.minutes)])).unwrap_or_default();
        let minutes = format!("{}{minutes}", theme.sign("  ·  ", "  -  "));
        let watching = if shared.run(&self.id).is_some_and(|r| r.watching) {
            format!("{}  ", shared.say("tui.status.watching"))
        } else {
            String::new()
        };
        let (status, look) = self.status(shared);
        let lang = format!("  {}", shared.lang);
        (
            Row::new(theme, &[(&kind, Look::Dim), (title, Look::Title), (&minutes, Look::Dim)]),
            Row::new(theme, &[(&watching, Look::Good), (&status, look), (&lang, Look::Dim)]),
        )
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, shared: &Shared, texts: &mut Texts) {
        self.wide = area.width >= WIDE;
        if !self.wide {
            self.tabs(buf, Rect { height: 1, ..area }, shared);
            let body = Rect { x: area.x + 2, y: area.y + 2, width: area.width - 5, height: area.height - 2 };
            self.areas.clear();
            match self.pane {
                Pane::Brief => self.brief(buf, body, shared, texts),
                Pane::File => self.file(buf, body, shared),
                Pane::Goals => self.goals(buf, body, shared),
                Pane::Log => self.log(buf, body, shared),
            }
            return;
        }
        let theme = shared.theme;
        let left = area.width * 9 / 20;
        let half = Rect { x: area.x + 2, width: left - 5, ..area };
        let right = Rect { x: area.x + left + 2, width: area.width - left - 5, ..area };
        for y in area.y..area.bottom() {
            buf.set_string(area.x + left, y, theme.sign("│", "|"), theme.style(Look::Frame));
        }
        let has_log = shared.run(&self.id).is_some_and(|r| r.has_log() || r.checking.is_some());
        let checking = shared.run(&self.id).is_some_and(|r| r.checking.is_some());
        // A part keeps no rows that it does not fill: the brief and the goals are what is read. While a build or an editor
        // is at work it has all of them, so that nothing moves under the eye. What fills it is counted, not taken from the
        // last frame: the first frame of a window would then be another than its second.
        let run = shared.run(&self.id);
        let logged =
            run.filter(|r| r.has_log()).map_or(0, |r| heights(&r.steps_in_order()).sum::<usize>() + r.loose.len());
        let written = run.and_then(|r| r.file.as_ref()).map_or(0, |sheet| sheet.text.trim_end().lines().count());
        let filled = |rows: usize| u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(3);
        let low = match (has_log, checking || logged == 0) {
            (false, _) => 0,
            (true, true) => area.height * 2 / 5,
            (true, false) => filled(logged).min(area.height * 2 / 5),
        };
        let has_file = self.editor.is_some() || shared.run(&self.id).is_some_and(|r| r.file.is_some());
        let file = match (has_file, self.editor.is_some() || written == 0) {
            (false, _) => 0,
            (true, true) => area.height / 2,
            (true, false) => filled(written).min(area.height / 2),
        };
        let mut parts = vec![(Pane::Brief, Rect { height: area.height - file, ..half })];
        if has_file {
            parts.push((Pane::File, Rect { y: area.bottom() - file, height: file, ..half }));
        } else if self.pane == Pane::File {
            self.pane = Pane::Brief;
        }
        parts.extend([(Pane::Goals, Rect { height: area.height - low, ..right })]);
        if has_log {
            parts.push((Pane::Log, Rect { y: area.bottom() - low, height: low, ..right }));
        } else if self.pane == Pane::Log {
            self.pane = Pane::Goals;
        }
        self.areas.clone_from(&parts);
        for (pane, at) in parts {
            let (mark, look) =
                if pane == self.pane { (theme.sign("❯ ", "> "), Look::Focus) } else { ("  ", Look::Dim) };
            let title = format!("{mark}{}", self.pane_title(pane, shared));
            buf.set_stringn(at.x, at.y, title, usize::from(at.width), theme.style(look));
            let body = Rect { y: at.y + 2, height: at.height.saturating_sub(3), ..at };
            match pane {
                Pane::Brief => self.brief(buf, body, shared, texts),
                Pane::File => self.file(buf, body, shared),
                Pane::Goals => self.goals(buf, body, shared),
                Pane::Log => self.log(buf, body, shared),
            }
        }
    }
}
