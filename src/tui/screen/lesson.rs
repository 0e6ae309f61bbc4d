//! A lesson: its text, and where the reader is in it.

use crate::{
    progress::EventKind,
    tui::{
        app::{Component, Effect, Target},
        keys::{Action, Scope},
        overlay::{Overlay, movement},
        rows::{self, Row, Window},
        state::{Daemon, Shared},
        texts::{Page, Text, Texts},
        theme::Look,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};
use std::rc::Rc;

/// From this width on the sections stand beside the text.
const WIDE: u16 = 132;

/// What the list of sections takes there.
const SIDE: u16 = 34;

/// And at most so many.
const MOST_SIDE: u16 = 52;

/// How far one key shifts code.
const SHIFT: isize = 8;

pub(in crate::tui) struct Lesson {
    id: String,
    window: Window,
    page: Option<Rc<Page>>,
    /// A section to go to as soon as the text is laid out.
    wanted: Option<String>,
    height: usize,
    cells: usize,
    read: bool,
    /// The section that was last remembered.
    noted: Option<String>,
    moved: bool,
    has_files: bool,
}

impl Lesson {
    pub(in crate::tui) fn new(id: String, section: Option<String>, shared: &Shared) -> Self {
        let state = shared.summary.as_ref().and_then(|s| s.lessons.get(&id));
        let wanted = section.or_else(|| state.and_then(|s| s.section()).map(str::to_owned));
        let read = state.is_some_and(|s| s.read);
        let noted = wanted.clone();
        let has_files = !shared.course.lesson_files(&id).is_empty();
        let window = Window::default();
        Self { id, window, page: None, wanted, height: 1, cells: 80, read, noted, moved: false, has_files }
    }

    pub(in crate::tui) fn id(&self) -> &str {
        &self.id
    }

    /// Goes to a section.
    pub(in crate::tui) fn jump(&mut self, section: &str) {
        self.wanted = Some(section.to_owned());
        self.moved = true;
    }

    /// The history came in after the lesson was opened: go where it was left, unless the reader has moved already.
    pub(in crate::tui) fn learned(&mut self, shared: &Shared) {
        let Some(state) = shared.summary.as_ref().and_then(|s| s.lessons.get(&self.id)) else { return };
        self.read |= state.read;
        if !self.moved && self.wanted.is_none() && self.noted.is_none() {
            self.wanted = state.section().map(str::to_owned);
            self.noted.clone_from(&self.wanted);
        }
    }

    fn section(&self) -> Option<(String, String)> {
        let page = self.page.as_ref()?;
        // A heading in the upper third of the window is what the reader has begun to read.
        let at = page.laid.section_at(self.window.top + self.height / 3)?;
        let named = page.laid.sections[..=at].iter().rev().find(|s| !s.id.is_empty())?;
        Some((named.id.clone(), named.title.clone()))
    }

    fn rows(&self) -> usize {
        self.page.as_ref().map_or(0, |p| p.rows.len())
    }

    fn at_end(&self) -> bool {
        self.page.is_some() && self.window.top + self.height >= self.rows()
    }

    fn neighbour(&self, shared: &Shared, by: isize) -> Option<&'static str> {
        let lessons = shared.course.lessons();
        let at = lessons.iter().position(|l| l.id == self.id)?;
        lessons.get(at.checked_add_signed(by)?).map(|l| l.id.as_str())
    }

    /// What the reader reached that was not remembered yet.
    fn notes(&mut self, shared: &Shared, leaving: bool) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.at_end() && !self.read && (self.moved || leaving) {
            self.read = true;
            effects.push(Effect::Record(EventKind::LessonRead { lesson: self.id.clone() }));
        }
        let section = self.section().map(|(id, _)| id);
        if leaving && self.moved && section.is_some() && section != self.noted {
            self.noted.clone_from(&section);
            effects.push(Effect::Record(EventKind::LessonOpened {
                lesson: self.id.clone(),
                section,
                lang: shared.lang.to_string(),
            }));
        }
        effects
    }

    fn sections(&self) -> Vec<(String, String, u8)> {
        let sections = self.page.as_ref().map_or(&[][..], |p| &p.laid.sections);
        sections.iter().filter(|s| !s.id.is_empty()).map(|s| (s.id.clone(), s.title.clone(), s.level)).collect()
    }

    fn current(&self) -> usize {
        let now = self.section().map(|(id, _)| id).unwrap_or_default();
        self.sections().iter().position(|(id, ..)| *id == now).unwrap_or(0)
    }

    fn side(&self, buf: &mut Buffer, area: Rect, shared: &Shared) {
        let theme = shared.theme;
        let now = self.current();
        let title = shared.say("tui.sections");
        let mut lines = vec![Row::new(theme, &[(&title, Look::Dim)]), Row::default()];
        for (at, (_, title, level)) in self.sections().iter().enumerate() {
            let indent = "  ".repeat(usize::from(level.saturating_sub(2)));
            let lead = if at == now { theme.sign("❯ ", "> ") } else { "  " };
            let look = if at == now { Look::Focus } else { Look::Dim };
            let room = usize::from(area.width).saturating_sub(2 + indent.len());
            let title = crate::layout::clip(title, room);
            lines.push(Row::new(theme, &[(lead, Look::Focus), (&indent, Look::Plain), (&title, look)]));
        }
        rows::paint(buf, area, &lines, Window::default(), theme);
        for y in area.y..area.bottom() {
            buf.set_string(area.right(), y, theme.sign("│", "|"), theme.style(Look::Frame));
        }
    }
}

impl Component for Lesson {
    fn scope(&self) -> Scope {
        Scope::Lesson
    }

    fn enabled(&self, action: Action, shared: &Shared) -> bool {
        match action {
            Action::Sections => self.sections().len() > 1,
            Action::Exercise => !shared.exercises_of(&self.id).is_empty(),
            Action::Files => self.has_files,
            Action::Next => self.neighbour(shared, 1).is_some(),
            Action::Previous => self.neighbour(shared, -1).is_some(),
            Action::PanLeft | Action::PanRight => self.page.as_ref().is_some_and(|p| p.laid.widest > self.cells),
            action => movement(action, 1).is_some(),
        }
    }

    fn act(&mut self, action: Action, shared: &mut Shared) -> Vec<Effect> {
        let widest = self.page.as_ref().map_or(0, |p| p.laid.widest);
        match action {
            Action::Sections => {
                return vec![Effect::Show(Box::new(Overlay::sections(&self.id, self.sections(), self.current())))];
            }
            Action::Exercise => {
                let exercises = shared.exercises_of(&self.id);
                let open = exercises.iter().find(|e| !shared.passed(&e.id)).or(exercises.first());
                return open.map(|e| Effect::Go(Target::Exercise(e.id.clone()))).into_iter().collect();
            }
            Action::Files => return vec![Effect::Files(self.id.clone())],
            Action::Next | Action::Previous => {
                let by = if action == Action::Next { 1 } else { -1 };
                let target = self.neighbour(shared, by).map(|id| Effect::Go(Target::Lesson(id.to_owned(), None)));
                return target.into_iter().collect();
            }
            Action::PanLeft => self.window.shift(-SHIFT, widest, self.cells),
            Action::PanRight => self.window.shift(SHIFT, widest, self.cells),
            action => {
                if let Some(by) = movement(action, self.height) {
                    self.window.scroll(by, self.rows(), self.height);
                    self.moved = true;
                }
            }
        }
        self.notes(shared, false)
    }

    fn leave(&mut self, shared: &Shared) -> Vec<Effect> {
        self.notes(shared, true)
    }

    fn header(&self, shared: &Shared) -> (Row, Row) {
        let theme = shared.theme;
        let lesson = shared.course.lesson(&self.id);
        let number = lesson.and_then(|l| shared.course.number(l)).map(|n| format!("{n}  ")).unwrap_or_default();
        let title = lesson.map_or("", |l| l.title.get(&shared.lang));
        let section = match self.section() {
            Some((_, section)) if self.window.top > 0 => format!("{}{section}", theme.sign("  ·  ", "  -  ")),
            _ => String::new(),
        };
        let percent = format!("  {} %", self.window.percent(self.rows(), self.height));
        let lang = format!("  {}", shared.lang);
        let daemon =
            if matches!(shared.daemon, Daemon::Down(_)) { shared.say("tui.daemon.none") } else { String::new() };
        (
            Row::new(theme, &[(&number, Look::Dim), (title, Look::Title), (&section, Look::Dim)]),
            Row::new(theme, &[(&daemon, Look::Warn), (&percent, Look::Plain), (&lang, Look::Dim)]),
        )
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, shared: &Shared, texts: &mut Texts) {
        let wide = area.width >= WIDE;
        // What the text leaves free goes to the titles, which are sentences.
        let side = if wide { SIDE.max((area.width - SIDE) / 3).min(MOST_SIDE) } else { 0 };
        let room = area.width - side;
        let width = (room - 6).min(96);
        let page = texts.page(&Text::Lesson(self.id.clone()), width, shared);
        self.height = usize::from(area.height);
        self.cells = usize::from(width);
        if let Some(before) = self.page.replace(page.clone())
            && !Rc::ptr_eq(&before, &page)
        {
            // Another language or another width: stay at the very paragraph.
            self.window.top = page.laid.find(&before.laid.place(self.window.top));
        }
        if let Some(section) = self.wanted.take() {
            self.window.top = page.laid.sections.iter().find(|s| s.id == section).map_or(0, |s| s.row);
        }
        self.window.settle(page.rows.len(), self.height);
        if wide {
            self.side(buf, Rect { x: area.x + 1, width: side - 2, ..area }, shared);
        }
        let x = area.x + side + (room - width) / 2;
        let text = Rect { x, width, ..area };
        rows::paint(buf, text, &page.rows, self.window, shared.theme);
        scrollbar(buf, Rect { x: area.right() - 1, width: 1, ..area }, self.window.top, page.rows.len(), shared);
    }
}

/// A thin bar that shows where the window is.
pub(in crate::tui) fn scrollbar(buf: &mut Buffer, area: Rect, top: usize, len: usize, shared: &Shared) {
    let height = usize::from(area.height);
    if len <= height || height == 0 {
        return;
    }
    let thumb = (height * height / len).max(1);
    let room = height - thumb;
    let start = (top * room).div_ceil((len - height).max(1)).min(room);
    for at in 0..thumb {
        let y = area.y + u16::try_from(start + at).unwrap_or(0);
        buf.set_string(area.x, y, shared.theme.sign("▐", "#"), shared.theme.style(Look::Dim));
    }
}
