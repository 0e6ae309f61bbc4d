//! The learner's own last build, one instruction at a time: a lesson's stepper over what the check measured, beside the whole
//! Dockerfile where there is room.

use super::lesson::{beside, scrollbar};
use crate::{
    course::diagram::stepper::Replay as Recorded,
    layout::{self, Stepped},
    tui::{
        app::{Component, Effect, Target},
        keys::{Action, Scope},
        overlay::movement,
        rows::{self, Row, Window},
        state::Shared,
        texts::Texts,
        theme::{Look, Theme},
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

/// From this width on the file stands beside the steps.
const WIDE: u16 = 120;

/// Rows that are no instructions: a step's bars and words, a blank row.
const BELOW: u16 = 6;

pub(in crate::tui) struct Replay {
    exercise: String,
    replay: Recorded,
    at: usize,
    stepped: Stepped,
    made: Option<(u16, u16, Theme, crate::course::Lang)>,
    /// Where the steps were drawn last, for clicks.
    area: Rect,
}

impl Replay {
    pub(in crate::tui) fn new(exercise: String, replay: Recorded) -> Self {
        let (stepped, area) = (Stepped::default(), Rect::default());
        Self { exercise, replay, at: 0, stepped, made: None, area }
    }

    fn last(&self) -> usize {
        self.replay.shown().len().saturating_sub(1)
    }

    fn go(&mut self, at: usize) {
        self.at = at.min(self.last());
    }

    /// Lays the steps out where the window or the language is another.
    fn make(&mut self, area: Rect, shared: &Shared) {
        let key = (area.width, area.height, shared.theme, shared.lang.clone());
        if self.made.as_ref() == Some(&key) {
            return;
        }
        // Who wants nothing to change by itself still goes step by step here: each one is a key of her own.
        let list = usize::from(area.height.saturating_sub(BELOW)).max(1);
        let words = crate::tui::labels(&shared.lang).diagram;
        self.stepped = layout::stepper(&self.replay, usize::from(area.width), list, shared.theme.ascii, &words);
        self.made = Some(key);
    }

    /// The whole file, the lines of the step set off.
    fn file(&self, buf: &mut Buffer, area: Rect, shared: &Shared) {
        let theme = shared.theme;
        let (first, last) = self.replay.shown().get(self.at).map_or((0, 0), |step| step.lines);
        let row = |(nth, text): (usize, &String)| {
            let line = u32::try_from(nth + 1).unwrap_or(u32::MAX);
            let here = (first..=last).contains(&line);
            let sign = if here { theme.sign("❯", ">") } else { " " };
            let look = if here { Look::Focus } else { Look::Plain };
            Row::new(theme, &[(sign, Look::Focus), (&format!("{line:>3} "), Look::Dim), (text, look)])
        };
        let all: Vec<Row> = self.replay.dockerfile.iter().enumerate().map(row).collect();
        let height = usize::from(area.height);
        let mut window = Window { top: (first as usize).saturating_sub(height / 2), pan: 0 };
        window.settle(all.len(), height);
        rows::paint(buf, area, &all, window, theme);
        scrollbar(buf, beside(area), window.top, all.len(), shared);
    }
}

impl Component for Replay {
    fn scope(&self) -> Scope {
        Scope::Replay
    }

    fn click(&mut self, column: u16, row: u16, _: &Shared) -> Vec<Effect> {
        if self.area.contains((column, row).into())
            && let Some(at) = self.stepped.step_in_row(self.at, usize::from(row - self.area.y))
        {
            self.go(at);
        }
        Vec::new()
    }

    fn enabled(&self, action: Action, shared: &Shared) -> bool {
        match action {
            Action::StepOn => self.at < self.last(),
            Action::StepBack => self.at > 0,
            Action::Lens => super::exercise::lens(&self.exercise, shared).is_some(),
            action => movement(action, 1).is_some(),
        }
    }

    fn act(&mut self, action: Action, shared: &mut Shared) -> Vec<Effect> {
        match action {
            Action::StepOn => self.go(self.at + 1),
            Action::StepBack => self.go(self.at.saturating_sub(1)),
            Action::Lens => {
                let request = super::exercise::lens(&self.exercise, shared);
                return request.map(|request| Effect::Go(Target::Lens(request))).into_iter().collect();
            }
            action => {
                if let Some(by) = movement(action, 8) {
                    self.go(self.at.saturating_add_signed(by));
                }
            }
        }
        Vec::new()
    }

    fn leave(&mut self, _: &Shared) -> Vec<Effect> {
        Vec::new()
    }

    fn header(&self, shared: &Shared) -> (Row, Row) {
        let theme = shared.theme;
        let word = format!("{}  ", shared.say("replay.word"));
        let title = shared.course.exercise(&self.exercise).map_or("", |e| e.title.get(&shared.lang));
        let lang = format!("  {}", shared.lang);
        let nth = format!("{}/{}", self.at + 1, self.last() + 1);
        (
            Row::new(theme, &[(&word, Look::Dim), (title, Look::Title)]),
            Row::new(theme, &[(&nth, Look::Plain), (&lang, Look::Dim)]),
        )
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, shared: &Shared, _: &mut Texts) {
        let theme = shared.theme;
        let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
        let mut steps = Rect { width: inner.width.min(100), ..inner };
        if area.width >= WIDE {
            let left = area.width * 9 / 20;
            for y in area.y..area.bottom() {
                buf.set_string(area.x + left, y, theme.sign("│", "|"), theme.style(Look::Frame));
            }
            self.file(buf, Rect { width: left - 5, ..inner }, shared);
            let width = (area.width - left - 4).min(100);
            steps = Rect { x: area.x + left + 2, width, ..area };
        }
        self.make(steps, shared);
        self.area = steps;
        let lines = rows::from_lines(self.stepped.frame(self.at), theme);
        rows::paint(buf, steps, &lines, Window::default(), theme);
    }
}
