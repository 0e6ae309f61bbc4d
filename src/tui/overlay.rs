//! What lies on top of a screen: the help, a list to choose from, a text, a question.

use super::{
    app::{Effect, Target},
    keys::{self, Action, BINDINGS, Scope},
    picker::Picker,
    rows::{self, Row, Window},
    state::Shared,
    texts::{Text, Texts},
    theme::{Look, Theme},
};
use crate::{
    course::commands::{Planned, commands},
    layout::Style as TextStyle,
    progress::EventKind,
};
use dockshala_checkers::engine::clean;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    widgets::{Clear, Widget},
};

/// Something on top of a screen. Keys go to it alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlay {
    kind: Kind,
    window: Window,
    height: usize,
    len: usize,
    widest: usize,
    cells: usize,
    /// Its frame as it was drawn last, for clicks.
    at: Rect,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    /// All keys that count on the screen below.
    Help(Scope),
    /// Sections of a lesson: id, title, level.
    Sections { lesson: String, items: Vec<(String, String, u8)>, selected: usize },
    /// The hints of an exercise up to one of them.
    Hints { exercise: String, shown: u32, total: u32 },
    /// The solution.
    Solution(String),
    /// What the course would run, and what a yes does.
    Consent { planned: Vec<Planned>, then: Vec<Effect> },
    /// The beginning of a file: its path and its rows.
    File { title: String, rows: std::rc::Rc<[Row]> },
    /// Docker commands, and all of them as a text.
    Commands { text: String, rows: std::rc::Rc<[Row]> },
    /// A list to choose from.
    Pick(Box<Picker>),
    /// A question and what a yes does.
    Question { key: &'static str, yes: Vec<Effect> },
}

impl Overlay {
    fn of(kind: Kind) -> Self {
        Self { kind, window: Window::default(), height: 1, len: 0, widest: 0, cells: 0, at: Rect::default() }
    }

    /// The help of a screen.
    pub(super) fn help(scope: Scope) -> Self {
        Self::of(Kind::Help(scope))
    }

    /// The sections of a lesson, with the one where the reader is.
    pub(super) fn sections(lesson: &str, items: Vec<(String, String, u8)>, selected: usize) -> Self {
        Self::of(Kind::Sections { lesson: lesson.to_owned(), items, selected })
    }

    /// The hints of an exercise: all that were seen, and one more.
    pub(super) fn hints(exercise: &str, shown: u32, total: u32) -> Self {
        Self::of(Kind::Hints { exercise: exercise.to_owned(), shown, total })
    }

    /// The solution of an exercise.
    pub(super) fn solution(exercise: &str) -> Self {
        Self::of(Kind::Solution(exercise.to_owned()))
    }

    /// The beginning of a file, with a word about it. Long rows are shifted, not wrapped: a file's lines are what they are.
    pub(super) fn file(path: &str, about: &str, rows: &[String], theme: Theme) -> Self {
        let mut all = vec![Row::new(theme, &[(about, Look::Dim)]), Row::default()];
        all.extend(rows.iter().map(|text| Row { pan: Some(0), ..Row::new(theme, &[(text, Look::Plain)]) }));
        Self::of(Kind::File { title: format!("/{path}"), rows: all.into() })
    }

    /// Docker commands, to be run by hand.
    pub(super) fn commands(commands: Vec<String>, theme: Theme) -> Self {
        let row = |text: &String| Row { pan: Some(2), ..Row::new(theme, &[("$ ", Look::Dim), (text, Look::Code)]) };
        let rows = commands.iter().map(row).collect::<Vec<_>>().into();
        Self::of(Kind::Commands { text: commands.join("\n") + "\n", rows })
    }

    /// A list to choose from.
    pub(super) fn pick(picker: Picker) -> Self {
        Self::of(Kind::Pick(Box::new(picker)))
    }

    /// A letter was typed.
    pub(super) fn type_in(&mut self, c: char, shared: &Shared) {
        if let Kind::Pick(picker) = &mut self.kind {
            picker.type_in(c, shared);
        }
    }

    /// The language is another, or the words of the course came in.
    pub(super) fn refresh(&mut self, shared: &Shared) {
        if let Kind::Pick(picker) = &mut self.kind {
            picker.refresh(shared);
        }
    }

    /// Something was clicked: a row of a list is chosen; beside its frame the overlay is left.
    pub(super) fn click(&mut self, column: u16, row: u16, shared: &mut Shared) -> Vec<Effect> {
        let inside = self.at.contains((column, row).into());
        match &mut self.kind {
            _ if !inside => vec![Effect::Back],
            Kind::Pick(picker) => picker.click(column, row, shared),
            Kind::Sections { items, selected, .. } => {
                let nth = self.window.top + usize::from(row.saturating_sub(self.at.y + 1));
                if row <= self.at.y || nth >= items.len() {
                    return Vec::new();
                }
                *selected = nth;
                self.act(Action::Open, shared)
            }
            _ => Vec::new(),
        }
    }

    /// A question.
    pub(super) fn question(key: &'static str, yes: Vec<Effect>) -> Self {
        Self::of(Kind::Question { key, yes })
    }

    /// What a pack would run on the learner's Docker, to be agreed to before `then` is done.
    pub(super) fn consent(then: Vec<Effect>, shared: &Shared) -> Self {
        Self::of(Kind::Consent { planned: commands(shared.course), then })
    }

    pub(super) fn scope(&self) -> Scope {
        match &self.kind {
            Kind::Sections { .. } => Scope::List,
            Kind::Help(_) | Kind::Hints { .. } | Kind::Solution(_) | Kind::File { .. } | Kind::Commands { .. } => {
                Scope::Sheet
            }
            Kind::Question { .. } | Kind::Consent { .. } => Scope::Question,
            Kind::Pick(picker) => picker.scope(),
        }
    }

    pub(super) fn enabled(&self, action: Action, _: &Shared) -> bool {
        let long = self.len > self.height;
        match (&self.kind, action) {
            (Kind::Pick(picker), action) => picker.enabled(action),
            (_, Action::Back) => true,
            (Kind::Hints { shown, total, .. }, Action::Hint) => shown < total,
            (Kind::Commands { .. }, Action::Copy) => true,
            (_, Action::Hint | Action::Copy) => false,
            (Kind::Sections { .. }, Action::Open | Action::Up | Action::Down | Action::Top | Action::Bottom) => true,
            (Kind::Question { .. }, action) => action == Action::Yes,
            (Kind::Consent { .. }, Action::Yes) => true,
            (_, Action::PanLeft | Action::PanRight) => self.widest > self.cells,
            (_, action) => long && movement(action, 1).is_some(),
        }
    }

    pub(super) fn act(&mut self, action: Action, shared: &mut Shared) -> Vec<Effect> {
        match (&mut self.kind, action) {
            (_, Action::Back) => return vec![Effect::Back],
            (Kind::Pick(picker), action) => return picker.act(action, shared),
            (Kind::Commands { text, .. }, Action::Copy) => return vec![Effect::Copy(text.clone())],
            (Kind::Question { yes, .. }, Action::Yes) => {
                let mut effects = vec![Effect::Back];
                effects.append(yes);
                return effects;
            }
            (Kind::Consent { then, .. }, Action::Yes) => {
                shared.agreed = true;
                let mut effects = vec![Effect::Back, Effect::Agree];
                effects.append(then);
                return effects;
            }
            (Kind::Hints { exercise, shown, total }, Action::Hint) => {
                *shown = (*shown + 1).min(*total);
                if let Some(run) = shared.runs.get_mut(exercise) {
                    run.hints = run.hints.max(*shown);
                }
                self.window.top = usize::MAX;
                return vec![Effect::Record(EventKind::HintShown { exercise: exercise.clone(), step: *shown })];
            }
            (Kind::Sections { lesson, items, selected }, Action::Open) => {
                let section = items.get(*selected).map(|(id, ..)| id.clone());
                return vec![Effect::Go(Target::Lesson(lesson.clone(), section))];
            }
            (Kind::Sections { items, selected, .. }, action) => {
                if let Some(by) = movement(action, self.height) {
                    *selected = selected.saturating_add_signed(by).min(items.len().saturating_sub(1));
                }
            }
            (_, Action::PanLeft) => self.window.shift(-8, self.widest, self.cells),
            (_, Action::PanRight) => self.window.shift(8, self.widest, self.cells),
            (_, action) => {
                if let Some(by) = movement(action, self.height) {
                    self.window.scroll(by, self.len, self.height);
                }
            }
        }
        Vec::new()
    }

    pub(super) fn draw(&mut self, buf: &mut Buffer, area: Rect, shared: &Shared, texts: &mut Texts) {
        let theme = shared.theme;
        let widest = usize::from(area.width).saturating_sub(8);
        if let Kind::Pick(picker) = &mut self.kind {
            let room = usize::from(area.height).saturating_sub(2);
            let inside = frame(buf, area, widest.min(84), picker.wants(room), &picker.title(shared), shared);
            self.at = outside(inside);
            picker.draw(buf, inside, shared);
            return;
        }
        // Words are hard to read in longer lines; a file's are as long as they are.
        let widest = if matches!(self.kind, Kind::File { .. }) { widest } else { widest.min(84) };
        let title;
        let lines: std::borrow::Cow<'_, [Row]>;
        let page;
        match &self.kind {
            Kind::Help(scope) => {
                title = shared.say("tui.help.title");
                lines = help(*scope, widest, shared).into();
            }
            Kind::Sections { items, selected, .. } => {
                title = shared.say("tui.sections");
                self.window.top = self.window.top.min(*selected);
                self.window.top = self.window.top.max((*selected + 1).saturating_sub(self.height));
                lines = items
                    .iter()
                    .enumerate()
                    .map(|(at, (_, text, level))| {
                        let (mark, look) =
                            if at == *selected { (theme.sign("❯ ", "> "), Look::Focus) } else { ("  ", Look::Plain) };
                        let indent = "  ".repeat(usize::from(level.saturating_sub(2)));
                        Row::new(theme, &[(mark, Look::Focus), (&indent, Look::Plain), (text, look)])
                    })
                    .collect::<Vec<_>>()
                    .into();
            }
            Kind::Hints { exercise, shown, .. } => {
                title = shared.say("tui.hint.title");
                page = texts.page(&Text::Hints(exercise.clone(), *shown), u16::try_from(widest).unwrap_or(80), shared);
                lines = page.rows.as_slice().into();
            }
            Kind::Solution(exercise) => {
                title = shared.say("tui.solution.title");
                page = texts.page(&Text::Solution(exercise.clone()), u16::try_from(widest).unwrap_or(80), shared);
                lines = page.rows.as_slice().into();
            }
            Kind::Consent { planned, .. } => {
                title = shared.course.id().to_owned();
                lines = asked(planned, widest, shared).into();
            }
            Kind::Commands { rows, .. } => {
                title = shared.say("tui.commands");
                lines = rows.as_ref().into();
            }
            Kind::File { title: path, rows } => {
                title = path.clone();
                lines = rows.as_ref().into();
            }
            Kind::Pick(_) => return,
            Kind::Question { key, .. } => {
                title = String::new();
                let text = shared.say(key);
                lines = rows::plain(&text, widest.min(56), theme).into();
            }
        }
        self.len = lines.len();
        self.widest = lines.iter().filter(|r| r.pan.is_some()).map(Row::width).max().unwrap_or(0);
        let widest_row = lines.iter().map(Row::width).max().unwrap_or(0);
        let cells = widest_row.max(crate::layout::width(&title) + 2).max(24).min(widest);
        self.height = self.len.min(usize::from(area.height).saturating_sub(2)).max(1);
        self.cells = cells;
        self.window.settle(self.len, self.height);
        let inside = frame(buf, area, cells, self.height, &title, shared);
        self.at = outside(inside);
        rows::paint(buf, inside, &lines, self.window, theme);
        let below = self.len > self.window.top + self.height;
        let above = self.window.top > 0;
        for (shown, y, sign) in
            [(above, inside.y.saturating_sub(1), theme.sign("▲", "^")), (below, inside.bottom(), theme.sign("▼", "v"))]
        {
            if shown {
                buf.set_string(inside.right().saturating_sub(1), y, sign, theme.style(Look::Focus));
            }
        }
    }
}

/// Every command that the course would run, and the question.
fn asked(all: &[Planned], width: usize, shared: &Shared) -> Vec<Row> {
    let theme = shared.theme;
    let args: [(&str, &dyn std::fmt::Display); 2] = [("course", &shared.course.id()), ("count", &all.len())];
    let mut out = rows::plain(&shared.with("consent.runs", &args), width, theme);
    for planned in all {
        out.push(Row::default());
        out.push(Row::new(theme, &[(&clean::line(&planned.place), Look::Dim)]));
        for line in clean::text(&planned.command).lines() {
            let mut row = Row::new(theme, &[("  ", Look::Plain), (line, Look::Strong)]);
            row.pan = Some(2);
            out.push(row);
        }
    }
    out.push(Row::default());
    out.extend(rows::plain(&shared.say("consent.question"), width, theme));
    out
}

/// How many rows an action moves by, in a window of `height` rows.
pub(super) fn movement(action: Action, height: usize) -> Option<isize> {
    let page = isize::try_from(height.saturating_sub(2).max(1)).unwrap_or(1);
    let half = isize::try_from((height / 2).max(1)).unwrap_or(1);
    Some(match action {
        Action::Up => -1,
        Action::Down => 1,
        Action::HalfUp => -half,
        Action::HalfDown => half,
        Action::PageUp => -page,
        Action::PageDown => page,
        Action::Top => isize::MIN,
        Action::Bottom => isize::MAX,
        _ => return None,
    })
}

/// The frame around what is inside.
fn outside(inside: Rect) -> Rect {
    Rect {
        x: inside.x.saturating_sub(2),
        y: inside.y.saturating_sub(1),
        width: inside.width + 4,
        height: inside.height + 2,
    }
}

/// Clears a box in the middle of `area`, frames it, and gives what is inside.
fn frame(buf: &mut Buffer, area: Rect, cells: usize, height: usize, title: &str, shared: &Shared) -> Rect {
    let theme = shared.theme;
    let size = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let (width, tall) = (size(cells + 4).min(area.width), size(height + 2).min(area.height));
    let at = Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - tall) / 3, width, height: tall };
    // One column of air on each side, so that words below do not run into the frame.
    let air = Rect { x: at.x.saturating_sub(1), width: width + 2, ..at };
    Clear.render(air.intersection(area), buf);
    let style = theme.style(Look::Focus);
    let rule = theme.sign("─", "-").repeat(usize::from(width.saturating_sub(2)));
    let [tl, tr, bl, br, side] =
        if theme.ascii { ["+", "+", "+", "+", "|"] } else { ["╭", "╮", "╰", "╯", "│"] };
    buf.set_string(at.x, at.y, format!("{tl}{rule}{tr}"), style);
    buf.set_string(at.x, at.bottom() - 1, format!("{bl}{rule}{br}"), style);
    for y in at.y + 1..at.bottom() - 1 {
        buf.set_string(at.x, y, side, style);
        buf.set_string(at.right() - 1, y, side, style);
    }
    if !title.is_empty() {
        let title = format!(" {title} ");
        buf.set_stringn(at.x + 2, at.y, title, usize::from(width.saturating_sub(4)), theme.style(Look::Title));
    }
    Rect { x: at.x + 2, y: at.y + 1, width: width.saturating_sub(4), height: tall - 2 }
}

/// Every key that counts on a screen, made from the registry.
fn help(scope: Scope, width: usize, shared: &Shared) -> Vec<Row> {
    let theme = shared.theme;
    let mut out = Vec::new();
    for (at, part) in [scope, Scope::Everywhere].into_iter().enumerate() {
        if at > 0 {
            out.push(Row::default());
        }
        let title = shared.say(match part {
            Scope::Home => "tui.help.in-home",
            Scope::Lesson => "tui.help.in-lesson",
            Scope::Exercise => "tui.help.in-exercise",
            Scope::Lens => "tui.help.in-lens",
            Scope::Replay => "tui.help.in-replay",
            Scope::Quiz => "tui.help.in-quiz",
            Scope::Claim => "tui.help.in-claim",
            _ => "tui.help.in-everywhere",
        });
        out.push(Row::new(theme, &[(&title, Look::Strong)]));
        for binding in BINDINGS.iter().filter(|b| b.scope == part) {
            let names: Vec<String> = binding.keys.iter().map(|k: &keys::Key| k.name(theme.ascii)).collect();
            let names = rows::pad(&names.join(" "), 18);
            let lead = format!("  {names} ");
            let text = shared.say(&format!("tui.help.{}", binding.word));
            out.extend(rows::words(&[(&text, TextStyle::default())], (&lead, Look::Key), width, theme));
        }
    }
    out
}
