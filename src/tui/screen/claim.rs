//! A claim: *sach ya myth?* The statement, a prediction, then what the daemon shows, and why.
//!
//! The prediction comes first and is kept whatever comes of the measuring: a demonstration that nobody predicted is
//! forgotten, and a learner without a daemon has thought about it all the same.

use super::lesson::scrollbar;
use crate::{
    course::{PlacedClaim, Truth},
    lab::claims::{Shown, explained},
    layout::Style as TextStyle,
    progress::EventKind,
    report::Report,
    tui::{
        app::{Component, Effect, Target},
        claim_desk::ClaimOrder,
        keys::{Action, Scope},
        overlay::{Overlay, movement},
        rows::{self, Row, Window},
        state::{Daemon, Shared},
        texts::Texts,
        theme::Look,
    },
};
use dockshala_checkers::engine::clean;
use ratatui::{buffer::Buffer, layout::Rect};

/// News of a claim that is shown.
#[derive(Debug)]
pub enum ClaimNews {
    /// This command begins.
    Running(String),
    /// It was measured.
    Shown(Box<Shown>),
    /// It came to nothing.
    Stopped(Report),
}

/// The claims of a lesson, each with its section, in the order of its sections.
pub(super) fn of_lesson(lesson: &str, shared: &Shared) -> Vec<(String, String)> {
    let order: Vec<&str> = shared
        .course
        .lesson(lesson)
        .map(|lesson| lesson.sections.iter().map(String::as_str).collect())
        .unwrap_or_default();
    let claims = shared.course.claims().into_iter().filter(|placed| placed.claim.lesson == lesson);
    let mut claims: Vec<(String, String)> = claims.map(|placed| (placed.claim.section, placed.claim.id)).collect();
    claims.sort_by_key(|(section, _)| order.iter().position(|id| id == section));
    claims
}

enum State {
    /// Nothing is predicted yet.
    Asking,
    /// Commands that ran or run, the last one now.
    Running(Vec<String>),
    Shown(Box<Shown>),
    Stopped(Report),
}

pub(in crate::tui) struct Claim {
    placed: PlacedClaim,
    /// The next one of the same lesson.
    next: Option<String>,
    selected: usize,
    /// What was predicted.
    predicted: Option<usize>,
    state: State,
    window: Window,
    len: usize,
    height: usize,
    /// Columns of the widest row that can be shifted, and those that are seen of it.
    widest: usize,
    cells: usize,
}

impl Claim {
    pub(in crate::tui) fn new(placed: PlacedClaim, shared: &Shared) -> Self {
        let window = Window::default();
        let all = of_lesson(&placed.claim.lesson, shared);
        let next = all.into_iter().map(|(_, id)| id).skip_while(|id| *id != placed.claim.id).nth(1);
        let (len, height, widest, cells) = (0, 1, 0, 0);
        let state = State::Asking;
        Self { placed, next, selected: 0, predicted: None, state, window, len, height, widest, cells }
    }

    pub(in crate::tui) fn id(&self) -> &str {
        &self.placed.claim.id
    }

    /// Takes news in, unless they come too late.
    pub(in crate::tui) fn learn(&mut self, news: ClaimNews) {
        let State::Running(commands) = &mut self.state else { return };
        match news {
            ClaimNews::Running(command) => commands.push(command),
            ClaimNews::Shown(shown) => self.become_known(State::Shown(shown)),
            ClaimNews::Stopped(report) => self.become_known(State::Stopped(report)),
        }
    }

    fn become_known(&mut self, state: State) {
        self.state = state;
        self.window = Window::default();
    }

    /// The prediction is meant: it is remembered, and the daemon is asked.
    fn predict(&mut self, shared: &Shared) -> Vec<Effect> {
        let Some(option) = self.placed.claim.options.get(self.selected) else { return Vec::new() };
        let mut effects = Vec::new();
        if self.predicted != Some(self.selected) {
            effects.push(Effect::Record(EventKind::QuizAnswered {
                quiz: "claim".to_owned(),
                question: self.id().to_owned(),
                exercise: None,
                answer: option.id.clone(),
                right: option.right,
            }));
        }
        self.predicted = Some(self.selected);
        effects.extend(self.show(shared));
        effects
    }

    /// Asks the daemon; of a pack whose commands were not agreed to, asks the learner first.
    fn show(&mut self, shared: &Shared) -> Vec<Effect> {
        let order = Effect::Claim(ClaimOrder::Show(self.id().to_owned()));
        if !shared.agreed {
            return vec![Effect::Show(Box::new(Overlay::consent(vec![order], shared)))];
        }
        vec![order]
    }

    /// The order went out.
    pub(in crate::tui) fn begun(&mut self) {
        self.become_known(State::Running(Vec::new()));
    }

    fn rows(&self, cells: usize, shared: &Shared) -> Vec<Row> {
        let (theme, lang, claim) = (shared.theme, &shared.lang, &self.placed.claim);
        let strong = TextStyle { strong: true, ..TextStyle::default() };
        let mut out = rows::words(&[(claim.says.get(lang), strong)], ("", Look::Plain), cells, theme);
        out.push(Row::default());
        let tell = |out: &mut Vec<Row>, text: &str, look: Look| {
            let rows = rows::plain(text, cells, theme);
            out.extend(rows.into_iter().map(|row| if look == Look::Plain { row } else { row.all(theme.style(look)) }));
        };
        tell(&mut out, claim.ask.get(lang), Look::Plain);
        out.push(Row::default());
        let asking = matches!(self.state, State::Asking);
        for (at, option) in claim.options.iter().enumerate() {
            let here = if asking { at == self.selected } else { Some(at) == self.predicted };
            let lead = if here { theme.sign("❯ ", "> ") } else { "  " };
            let rows = rows::words(&[(option.text.get(lang), TextStyle::default())], (lead, Look::Focus), cells, theme);
            let look = if here { Look::Focus } else { Look::Dim };
            out.extend(rows.into_iter().map(|row| if here || !asking { row.all(theme.style(look)) } else { row }));
        }
        out.push(Row::default());
        match &self.state {
            State::Asking => {
                let key = if matches!(shared.daemon, Daemon::Down(_)) { "claim.ask-offline" } else { "claim.ask" };
                tell(&mut out, &shared.say(key), Look::Dim);
            }
            State::Running(commands) => {
                tell(&mut out, &shared.say("claim.measuring"), Look::Focus);
                let all = claim.steps.len();
                for (at, command) in commands.iter().enumerate() {
                    let now = at + 1 == commands.len();
                    let sign = if now { theme.sign("▸ ", "> ") } else { theme.sign("✓ ", "x ") };
                    let number = format!("{sign}{}/{all} ", at + 1);
                    let look = if now { Look::Focus } else { Look::Good };
                    out.push(command_row(&number, look, command, shared));
                }
            }
            State::Stopped(report) => stopped(&mut out, report, cells, shared),
            State::Shown(shown) => self.outcome(&mut out, shown, cells, shared),
        }
        out
    }

    fn outcome(&self, out: &mut Vec<Row>, shown: &Shown, cells: usize, shared: &Shared) {
        let (theme, lang, claim) = (shared.theme, &shared.lang, &self.placed.claim);
        let mut tell = |text: &str, look: Look| {
            let rows = rows::plain(text, cells, theme);
            out.extend(rows.into_iter().map(|row| if look == Look::Plain { row } else { row.all(theme.style(look)) }));
        };
        if shown.holds {
            let key = if claim.truth == Truth::True { "claim.true" } else { "claim.myth" };
            tell(&shared.with(key, &[("says", &claim.says.get(lang))]), Look::Title);
            let right = self.predicted.and_then(|at| claim.options.get(at)).is_some_and(|option| option.right);
            let came_true = claim.options.iter().find(|o| o.right).map_or("", |o| o.text.get(lang));
            let (key, look) = if right { ("claim.right", Look::Good) } else { ("claim.wrong", Look::Warn) };
            tell(&shared.with(key, &[("answer", &came_true)]), look);
            tell("", Look::Plain);
            tell(&explained(claim.explain.get(lang), &shown.kept), Look::Plain);
        } else {
            tell(&shared.with("claim.does-not-hold", &[("claim", &claim.id)]), Look::Warn);
        }
        if shown.stand_ins {
            tell(&shared.say("claim.stand-in"), Look::Dim);
        }
        tell("", Look::Plain);
        tell(&shared.say("claim.commands"), Look::Strong);
        for command in &shown.commands {
            out.push(command_row("$ ", Look::Dim, command, shared));
        }
        out.push(Row::default());
        out.push(Row::new(theme, &[(&shared.say("claim.kept"), Look::Strong)]));
        for (name, value) in &shown.kept {
            let first = clean::line(value.lines().next().unwrap_or_default());
            out.push(Row::new(
                theme,
                &[("  ", Look::Plain), (name, Look::Code), ("  ", Look::Plain), (&first, Look::Plain)],
            ));
        }
    }
}

/// A command in one row. It is shifted, not wrapped: what is copied from the screen must stay one command.
fn command_row(lead: &str, look: Look, command: &str, shared: &Shared) -> Row {
    let command = clean::line(command);
    let mut row = Row::new(shared.theme, &[(lead, look), (&command, Look::Code)]);
    row.pan = Some(crate::layout::width(lead));
    row
}

fn stopped(out: &mut Vec<Row>, report: &Report, cells: usize, shared: &Shared) {
    let theme = shared.theme;
    let what = format!("{}: {}", shared.say(report.fault.key()), report.what);
    out.extend(rows::words(&[(&what, TextStyle::default())], ("! ", Look::Warn), cells, theme));
    for next in &report.next {
        match next.strip_prefix("$ ") {
            Some(command) => out.push(command_row("      ", Look::Plain, command, shared)),
            None => {
                let lead = (theme.sign("  → ", "  > "), Look::Key);
                out.extend(rows::words(&[(next, TextStyle::default())], lead, cells, theme));
            }
        }
    }
    out.push(Row::default());
    out.extend(rows::plain(&shared.say("claim.again"), cells, theme));
}

impl Component for Claim {
    fn scope(&self) -> Scope {
        Scope::Claim
    }

    fn enabled(&self, action: Action, _: &Shared) -> bool {
        match action {
            Action::Open => matches!(self.state, State::Asking),
            Action::Check => matches!(self.state, State::Stopped(_) | State::Shown(_)),
            Action::Cancel => matches!(self.state, State::Running(_)),
            Action::Next => self.next.is_some(),
            Action::PanLeft | Action::PanRight => self.widest > self.cells,
            action => movement(action, 1).is_some(),
        }
    }

    fn act(&mut self, action: Action, shared: &mut Shared) -> Vec<Effect> {
        match (action, &self.state) {
            (Action::Open, State::Asking) => return self.predict(shared),
            (Action::Check, State::Stopped(_) | State::Shown(_)) => return self.show(shared),
            (Action::Next, _) => {
                return self.next.clone().map(|id| Effect::Go(Target::Claim(id))).into_iter().collect();
            }
            (Action::PanLeft, _) => self.window.shift(-rows::SHIFT, self.widest, self.cells),
            (Action::PanRight, _) => self.window.shift(rows::SHIFT, self.widest, self.cells),
            (Action::Cancel, State::Running(_)) => {
                self.become_known(State::Asking);
                return vec![Effect::Claim(ClaimOrder::Leave)];
            }
            (Action::Up | Action::Down, State::Asking) => {
                let last = self.placed.claim.options.len().saturating_sub(1);
                let by = if action == Action::Down { 1 } else { -1 };
                self.selected = self.selected.saturating_add_signed(by).min(last);
            }
            (action, _) => {
                if let Some(by) = movement(action, self.height) {
                    self.window.scroll(by, self.len, self.height);
                }
            }
        }
        Vec::new()
    }

    fn leave(&mut self, _: &Shared) -> Vec<Effect> {
        // Nobody measures it any more: whoever comes back may ask again.
        if matches!(self.state, State::Running(_)) {
            self.become_known(State::Asking);
        }
        vec![Effect::Claim(ClaimOrder::Leave)]
    }

    fn header(&self, shared: &Shared) -> (Row, Row) {
        let theme = shared.theme;
        let title = shared.say("tui.callout.claim");
        let id = format!("  {}", self.id());
        let lang = format!("  {}", shared.lang);
        (Row::new(theme, &[(&title, Look::Title), (&id, Look::Dim)]), Row::new(theme, &[(&lang, Look::Dim)]))
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, shared: &Shared, _: &mut Texts) {
        let width = area.width.saturating_sub(4).min(96);
        let rows = self.rows(usize::from(width), shared);
        let x = area.x + (area.width - width) / 2;
        let at = Rect { x, y: area.y + 1, width, height: area.height.saturating_sub(1) };
        (self.len, self.height) = (rows.len(), usize::from(at.height));
        (self.widest, self.cells) = (rows::widest(&rows), usize::from(at.width));
        self.window.settle(self.len, self.height);
        self.window.shift(0, self.widest, self.cells);
        rows::paint(buf, at, &rows, self.window, shared.theme);
        scrollbar(buf, Rect { x: area.right() - 1, width: 1, ..at }, self.window.top, self.len, shared);
    }
}
