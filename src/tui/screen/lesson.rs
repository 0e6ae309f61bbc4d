//! A lesson: its text, and where the reader is in it.

use super::{
    seek::{Seek, set_off},
    stepping::Stepping,
};
use crate::{
    layout::{Mark, Place, To},
    progress::{EventKind, LessonState},
    tui::{
        app::{Component, Effect, Target},
        keys::{Action, Scope},
        overlay::{Overlay, movement},
        rows::{self, Row, Window},
        state::{Daemon, Shared},
        texts::{Page, Text, Texts},
        theme::Look,
        trail::Spot,
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

pub(in crate::tui) struct Lesson {
    id: String,
    window: Window,
    page: Option<Rc<Page>>,
    stepping: Stepping,
    /// A section to go to as soon as the text is laid out.
    wanted: Option<String>,
    /// A place to go to, which is nearer than a section.
    wanted_place: Option<Place>,
    /// That place is where the lesson was left on an earlier day.
    earlier: bool,
    /// The link or footnote that is set off, in the page's list of them.
    focus: Option<usize>,
    seek: Seek,
    /// Where the text was drawn last, for clicks.
    at: Rect,
    side_at: Rect,
    height: usize,
    cells: usize,
    read: bool,
    /// The section that was last remembered.
    noted: Option<String>,
    moved: bool,
    has_files: bool,
    /// Its claims, each with its section, in the text's order.
    claims: Vec<(String, String)>,
}

impl Lesson {
    pub(in crate::tui) fn new(id: String, section: Option<String>, shared: &Shared) -> Self {
        let state = shared.summary.as_ref().and_then(|s| s.lessons.get(&id));
        // Where it was left in this session is known to the row; before that, to the paragraph.
        let held = shared.places.get(&id).cloned();
        let earlier = held.is_none();
        let left = || held.or_else(|| state.and_then(left_at));
        let wanted_place = if section.is_some() { None } else { left() };
        let noted = section.clone().or_else(|| wanted_place.as_ref().map(|p| p.section.clone()));
        Self {
            window: Window::default(),
            page: None,
            stepping: Stepping::default(),
            wanted: section,
            wanted_place,
            earlier,
            focus: None,
            seek: Seek::default(),
            at: Rect::default(),
            side_at: Rect::default(),
            height: 1,
            cells: 80,
            read: state.is_some_and(|s| s.read),
            noted,
            moved: false,
            has_files: !shared.course.lesson_files(&id).is_empty(),
            claims: super::claim::of_lesson(&id, shared),
            id,
        }
    }

    pub(in crate::tui) fn id(&self) -> &str {
        &self.id
    }

    /// The section that it was opened at, while its text is not laid out.
    pub(in crate::tui) fn wanted(&self) -> Option<&str> {
        self.wanted.as_deref()
    }

    /// Goes to a section.
    pub(in crate::tui) fn jump(&mut self, section: &str) {
        self.wanted = Some(section.to_owned());
        self.moved = true;
    }

    /// Goes to a place.
    pub(in crate::tui) fn return_to(&mut self, place: Place) {
        self.wanted_place = Some(place);
        self.earlier = false;
        self.moved = true;
    }

    /// The history came in after the lesson was opened: go where it was left, unless the reader has moved already.
    pub(in crate::tui) fn learned(&mut self, shared: &Shared) {
        let Some(state) = shared.summary.as_ref().and_then(|s| s.lessons.get(&self.id)) else { return };
        self.read |= state.read;
        if !self.moved && self.wanted.is_none() && self.noted.is_none() {
            self.wanted_place = left_at(state);
            self.earlier = true;
            self.noted = state.section().map(str::to_owned);
        }
    }

    fn section(&self) -> Option<(String, String)> {
        let page = self.page.as_ref()?;
        // A heading in the upper third of the window is what the reader has begun to read, but for the beginning, where the
        // second one often is up there too.
        let row = if self.window.top == 0 { 0 } else { self.window.top + self.height / 3 };
        let upto = page.laid.section_at(row).map_or(&[][..], |at| &page.laid.sections[..=at]);
        let mut all = page.laid.sections.iter();
        let named = upto.iter().rev().find(|s| !s.id.is_empty()).or_else(|| all.find(|s| !s.id.is_empty()))?;
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
        if leaving && self.moved && section.is_some() {
            self.noted.clone_from(&section);
            let place = self.place().filter(|place| Some(&place.section) == section.as_ref());
            effects.push(Effect::Record(EventKind::LessonOpened {
                lesson: self.id.clone(),
                block: place.and_then(|place| u32::try_from(place.block).ok()).filter(|block| *block > 0),
                section,
                lang: shared.lang.to_string(),
            }));
            self.moved = false;
        }
        effects
    }

    /// What stands at the window's top.
    fn place(&self) -> Option<Place> {
        self.page.as_ref().map(|page| page.laid.place(self.window.top))
    }

    fn marks(&self) -> &[Mark] {
        self.page.as_ref().map_or(&[], |page| &page.laid.marks)
    }

    fn seen(&self, row: usize) -> bool {
        (self.window.top..self.window.top + self.height).contains(&row)
    }

    /// The stepper that is in the window.
    fn stepper(&self) -> Option<usize> {
        self.stepping.seen(&(self.window.top..self.window.top + self.height))
    }

    fn step(&mut self, by: isize) {
        let Some((page, rows)) = self.stepper().and_then(|stepper| self.stepping.step(stepper, by)) else { return };
        self.seek.refresh(&page);
        self.page = Some(page);
        self.moved = true;
        // All of it comes into the window, where there is room: what is stepped through must be seen.
        if rows.end > self.window.top + self.height {
            self.window.top = rows.end - self.height;
        }
        self.window.top = self.window.top.min(rows.start);
    }

    /// The link or footnote that is set off, or the first that is seen.
    fn marked(&self) -> Option<(usize, Mark)> {
        let marks = self.marks();
        let focus = self.focus.and_then(|at| Some((at, *marks.get(at)?))).filter(|(_, mark)| self.seen(mark.row));
        focus.or_else(|| marks.iter().copied().enumerate().find(|(_, mark)| self.seen(mark.row)))
    }

    /// The link that is set off, or the first one that is seen, and its target.
    fn link(&self) -> Option<(usize, String)> {
        let target = |(at, mark): (usize, Mark)| match mark.to {
            To::Link(number) => Some((at, self.target(number)?)),
            _ => None,
        };
        let focused = self.focus.and_then(|at| target((at, *self.marks().get(at)?)));
        focused.or_else(|| {
            self.marks().iter().copied().enumerate().filter(|(_, mark)| self.seen(mark.row)).find_map(target)
        })
    }

    /// Sets off the next link or footnote, or the one before, and brings it into the window.
    fn focus_next(&mut self, back: bool) {
        let marks = self.marks();
        let Some(last) = marks.len().checked_sub(1) else { return };
        let held = self.focus.filter(|at| marks.get(*at).is_some_and(|mark| self.seen(mark.row)));
        let at = match (held, back) {
            (Some(at), false) => {
                if at == last {
                    0
                } else {
                    at + 1
                }
            }
            (Some(at), true) => at.checked_sub(1).unwrap_or(last),
            (None, false) => marks.iter().position(|mark| mark.row >= self.window.top).unwrap_or(0),
            (None, true) => marks.iter().rposition(|mark| mark.row < self.window.top + self.height).unwrap_or(last),
        };
        let row = marks[at].row;
        self.focus = Some(at);
        if !self.seen(row) {
            self.show(row);
        }
    }

    /// Brings a row into the upper third of the window.
    fn show(&mut self, row: usize) {
        self.window.top = row.saturating_sub(self.height / 3);
        self.window.settle(self.rows(), self.height);
        self.moved = true;
    }

    fn spot_now(&self) -> Option<Spot> {
        let place = self.place()?;
        Some(Spot { target: Target::Lesson(self.id.clone(), None), place: Some(place) })
    }

    fn target(&self, link: usize) -> Option<String> {
        self.page.as_ref()?.laid.links.get(link.checked_sub(1)?).cloned()
    }

    /// Goes where a number leads.
    fn follow(&mut self, mark: Mark, shared: &Shared) -> Vec<Effect> {
        match mark.to {
            To::Note(number, row) | To::Back(number, row) => {
                let here = self.spot_now();
                self.show(row);
                // The other end is set off, so that the same key leads back.
                let home = matches!(mark.to, To::Back(..));
                self.focus = self.marks().iter().position(|m| match m.to {
                    To::Note(n, _) => home && n == number,
                    To::Back(n, _) => !home && n == number,
                    To::Link(_) => false,
                });
                here.map(Effect::Left).into_iter().collect()
            }
            To::Link(number) => self.target(number).map_or_else(Vec::new, |target| self.open_link(&target, shared)),
        }
    }

    /// A page of the web, a section, a lesson, an exercise, or the place of a claim.
    fn open_link(&self, target: &str, shared: &Shared) -> Vec<Effect> {
        let course = shared.course;
        if target.starts_with("https://") || target.starts_with("http://") {
            return vec![Effect::Browse(target.to_owned())];
        }
        let (id, section) =
            target.split_once('#').map_or((target, None), |(id, section)| (id, Some(section.to_owned())));
        let id = if id.is_empty() { self.id.as_str() } else { id };
        let claim = || course.claim(id).map(|c| Target::Lesson(c.claim.lesson, Some(c.claim.section)));
        let found = if course.lesson(id).is_some() {
            Some(Target::Lesson(id.to_owned(), section))
        } else if course.exercise(id).is_some() {
            Some(Target::Exercise(id.to_owned()))
        } else {
            claim()
        };
        found.map(Effect::Go).into_iter().collect()
    }

    fn sections(&self) -> Vec<(String, String, u8)> {
        let sections = self.page.as_ref().map_or(&[][..], |p| &p.laid.sections);
        sections.iter().filter(|s| !s.id.is_empty()).map(|s| (s.id.clone(), s.title.clone(), s.level)).collect()
    }

    /// The claim of the section where the reader is, or of the nearest one before it, or the lesson's first.
    fn claim(&self) -> Option<String> {
        let (sections, now) = (self.sections(), self.current());
        let before = |wanted: &str| sections.iter().position(|(id, ..)| id == wanted).is_some_and(|at| at <= now);
        let nearest = self.claims.iter().filter(|(section, _)| before(section)).map(|(section, _)| section).next_back();
        let found = match nearest {
            // The first of a section that has several; the others follow from there.
            Some(section) => self.claims.iter().find(|(other, _)| other == section),
            None => self.claims.first(),
        };
        found.map(|(_, id)| id.clone())
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
            // A blank is left before the frame.
            let room = usize::from(area.width).saturating_sub(3 + indent.len());
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
        if self.seek.typing() { Scope::Prompt } else { Scope::Lesson }
    }

    fn spot(&self) -> Option<Spot> {
        self.spot_now()
    }

    fn type_in(&mut self, c: char) {
        if let Some(page) = self.page.clone() {
            let row = self.seek.typed(Some(c), &page);
            self.show(row);
        }
    }

    fn seen_words(&self) -> String {
        let Some(page) = &self.page else { return String::new() };
        let seen = page.laid.lines.iter().skip(self.window.top).take(self.height);
        seen.map(|line| line.text() + " ").collect()
    }

    fn click(&mut self, column: u16, row: u16, shared: &Shared) -> Vec<Effect> {
        let at = ratatui::layout::Position { x: column, y: row };
        if self.side_at.contains(at) {
            // Two rows of heading stand over the list.
            let nth = usize::from(row - self.side_at.y).checked_sub(2);
            let section = nth.and_then(|nth| self.sections().into_iter().nth(nth));
            let go = section.map(|(id, ..)| Effect::Go(Target::Lesson(self.id.clone(), Some(id))));
            return go.into_iter().collect();
        }
        if !self.at.contains(at) {
            return Vec::new();
        }
        let (x, y) = (usize::from(column - self.at.x), usize::from(row - self.at.y) + self.window.top);
        let hit = |mark: &Mark| mark.row == y && (mark.column..mark.column + mark.cells).contains(&x);
        match self.marks().iter().position(hit) {
            Some(at) => {
                self.focus = Some(at);
                let mark = self.marks()[at];
                self.follow(mark, shared)
            }
            None => {
                if let Some(page) = self.stepping.click(y) {
                    self.seek.refresh(&page);
                    self.page = Some(page);
                }
                Vec::new()
            }
        }
    }

    fn line(&self, shared: &Shared) -> Option<Row> {
        let theme = shared.theme;
        if let Some(row) = self.seek.line(shared) {
            return Some(row);
        }
        let (_, mark) = self.focus.and_then(|_| self.marked())?;
        let (name, text) = match mark.to {
            To::Link(number) => (format!("[{number}] "), self.target(number)?),
            To::Note(number, _) => (format!("[^{number}] "), shared.say("tui.note.down")),
            To::Back(number, _) => (format!("[^{number}] "), shared.say("tui.note.up")),
        };
        Some(Row::new(theme, &[(&name, Look::Focus), (&text, Look::Strong), (" ", Look::Plain)]))
    }

    fn enabled(&self, action: Action, shared: &Shared) -> bool {
        match action {
            Action::Sections => self.sections().len() > 1,
            Action::Accept | Action::GiveUp | Action::Erase => self.seek.typing(),
            Action::Find => true,
            Action::FindNext | Action::FindBack => self.seek.active(),
            Action::LinkNext | Action::LinkBack => !self.marks().is_empty(),
            Action::Dismiss => self.seek.active() || self.focus.is_some(),
            Action::Follow => self.focus.is_some() && self.marked().is_some(),
            Action::Browse | Action::Copy => self.link().is_some(),
            Action::Exercise => !shared.exercises_of(&self.id).is_empty(),
            Action::Claim => self.claim().is_some(),
            Action::Files => self.has_files,
            Action::Next => self.neighbour(shared, 1).is_some(),
            Action::Previous => self.neighbour(shared, -1).is_some(),
            Action::StepOn | Action::StepBack => self.stepper().is_some(),
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
            Action::Claim => return self.claim().map(|id| Effect::Go(Target::Claim(id))).into_iter().collect(),
            Action::Files => return vec![Effect::Files(self.id.clone())],
            Action::Find => self.seek.begin(self.window.top),
            Action::Accept => self.seek.accept(),
            Action::GiveUp => self.window.top = self.seek.give_up(),
            Action::Erase => {
                if let Some(page) = self.page.clone() {
                    let row = self.seek.typed(None, &page);
                    self.show(row);
                }
            }
            Action::FindNext | Action::FindBack => {
                let row = self.seek.step(action == Action::FindBack);
                if let Some(row) = row.filter(|row| !self.seen(*row)) {
                    self.show(row);
                }
            }
            Action::LinkNext | Action::LinkBack => self.focus_next(action == Action::LinkBack),
            Action::Follow => {
                if let Some((_, mark)) = self.marked() {
                    return self.follow(mark, shared);
                }
            }
            Action::Browse | Action::Copy => {
                let Some((at, target)) = self.link() else { return Vec::new() };
                self.focus = Some(at);
                return if action == Action::Copy {
                    vec![Effect::Copy(target)]
                } else {
                    self.open_link(&target, shared)
                };
            }
            // What is looked for goes first; the lesson is left by the next key.
            Action::Dismiss => {
                self.seek.give_up();
                self.focus = None;
            }
            Action::Next | Action::Previous => {
                let by = if action == Action::Next { 1 } else { -1 };
                let target = self.neighbour(shared, by).map(|id| Effect::Go(Target::Lesson(id.to_owned(), None)));
                return target.into_iter().collect();
            }
            Action::StepOn => self.step(1),
            Action::StepBack => self.step(-1),
            Action::PanLeft => self.window.shift(-rows::SHIFT, widest, self.cells),
            Action::PanRight => self.window.shift(rows::SHIFT, widest, self.cells),
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
        let laid = texts.page(&Text::Lesson(self.id.clone()), width, shared);
        let page = self.stepping.page(&laid, shared.theme);
        self.height = usize::from(area.height);
        self.cells = usize::from(width);
        if let Some(before) = self.page.replace(page.clone())
            && !Rc::ptr_eq(&before, &page)
        {
            // Another language or another width: stay at the very paragraph.
            self.window.top = page.laid.find(&before.laid.place(self.window.top));
            self.seek.refresh(&page);
        }
        if let Some(place) = self.wanted_place.take() {
            let row = page.laid.find(&place);
            // Who read it to its end on an earlier day and opens it again means to read it again, not to see its last lines.
            // Known is the paragraph, of which the window may have left out the beginning.
            let last = page.laid.place(page.rows.len().saturating_sub(self.height));
            let end =
                row + self.height >= page.rows.len() || (&place.section, place.block) == (&last.section, last.block);
            let over = self.earlier && self.read && end;
            self.window.top = if over { 0 } else { row };
        }
        if let Some(section) = self.wanted.take() {
            self.window.top = page.laid.sections.iter().find(|s| s.id == section).map_or(0, |s| s.row);
        }
        self.window.settle(page.rows.len(), self.height);
        self.focus = self.focus.filter(|at| page.laid.marks.get(*at).is_some_and(|mark| self.seen(mark.row)));
        self.side_at = if wide { Rect { x: area.x + 1, width: side - 2, ..area } } else { Rect::default() };
        if wide {
            self.side(buf, self.side_at, shared);
        }
        let x = area.x + side + (room - width) / 2;
        let text = Rect { x, width, ..area };
        self.at = text;
        rows::paint(buf, text, &page.rows, self.window, shared.theme);
        self.seek.paint(buf, text, &page, self.window, shared);
        if let Some(Mark { row, column, cells, .. }) = self.focus.and_then(|at| page.laid.marks.get(at)) {
            set_off(buf, text, &page, self.window, (*row, *column, *cells), Look::FoundHere, shared);
        }
        scrollbar(buf, Rect { x: area.right() - 1, width: 1, ..area }, self.window.top, page.rows.len(), shared);
    }
}

/// The paragraph at which a lesson was left on an earlier day.
fn left_at(state: &LessonState) -> Option<Place> {
    let (section, block) = state.paragraph()?;
    Some(Place { section: section.to_owned(), block: block as usize, row: 0 })
}

/// The scroll bar's column beside a text: a blank keeps it off the words.
pub(in crate::tui) fn beside(text: Rect) -> Rect {
    Rect { x: text.right() + 1, width: 1, ..text }
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
