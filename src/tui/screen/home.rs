//! The first screen: where you were, what is next, and the whole course with what is done.

use crate::{
    lab::{self, Next},
    layout::Style as TextStyle,
    progress::Place,
    tui::{
        app::{Component, Effect, Target},
        keys::{Action, Scope},
        overlay::movement,
        rows::{self, Row, Window},
        screen::lesson::scrollbar,
        state::{Daemon, Shared},
        texts::{Text, Texts},
        theme::Look,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

/// From this width on the selected lesson or exercise is described beside the list.
const WIDE: u16 = 120;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    Module(usize),
    Lesson(String),
    Exercise(String),
}

pub(in crate::tui) struct Home {
    items: Vec<Item>,
    selected: usize,
    window: Window,
    height: usize,
    /// Where the list was drawn last, for clicks; empty rows of it included.
    at: Rect,
    /// What is chosen is described beside the list.
    beside: bool,
    /// The learner chose a row: news of the history no longer move the selection.
    chosen: bool,
}

impl Home {
    pub(in crate::tui) fn new(shared: &Shared) -> Self {
        let mut home = Self {
            items: items(shared),
            selected: 0,
            window: Window::default(),
            height: 1,
            at: Rect::default(),
            beside: false,
            chosen: false,
        };
        home.learned(shared);
        home
    }

    /// The history is known: stand on what is next.
    pub(in crate::tui) fn learned(&mut self, shared: &Shared) {
        if self.chosen {
            return;
        }
        let wanted = match next(shared) {
            Some(Target::Lesson(id, _)) => Item::Lesson(id),
            Some(Target::Exercise(id)) => Item::Exercise(id),
            // No image is ever what is next.
            _ => Item::Module(usize::MAX),
        };
        let first = self.items.iter().position(|item| !matches!(item, Item::Module(_))).unwrap_or(0);
        self.selected = self.items.iter().position(|item| *item == wanted).unwrap_or(first);
    }

    fn select(&mut self, by: isize) {
        self.chosen = true;
        let last = self.items.len().saturating_sub(1);
        let mut at = self.selected.saturating_add_signed(by).min(last);
        // A module's title is no row to stand on: go on in the same direction, or back at the top.
        while matches!(self.items.get(at), Some(Item::Module(_))) {
            match at.checked_add_signed(by.signum()).filter(|at| *at <= last) {
                Some(next) => at = next,
                None => {
                    at = (at..=last).find(|at| !matches!(self.items[*at], Item::Module(_))).unwrap_or(self.selected);
                    break;
                }
            }
        }
        self.selected = at;
    }

    /// The rows of the window; those outside of it are most of the course.
    fn list(&self, width: usize, shared: &Shared) -> Vec<Row> {
        let seen = self.items.iter().enumerate().skip(self.window.top).take(self.height);
        seen.map(|(at, item)| self.row(item, at == self.selected, width, shared)).collect()
    }

    fn row(&self, item: &Item, selected: bool, width: usize, shared: &Shared) -> Row {
        let theme = shared.theme;
        let (lead, look) = if selected { (theme.sign("❯ ", "> "), Look::Focus) } else { ("  ", Look::Plain) };
        let course = shared.course;
        match item {
            Item::Module(at) => {
                let module = &course.modules()[*at];
                let (done, all) = progress(&module.lessons, &module.exercises, shared);
                let number = module.dir.split('-').next().map(|n| n.trim_start_matches('0')).unwrap_or_default();
                let count = format!("{done}/{all}");
                let title = format!("{number:>2}  {}", module.title.get(&shared.lang));
                let title = rows::pad(&title, width.saturating_sub(count.len()));
                Row::new(theme, &[(&title, Look::Strong), (&count, Look::Dim)])
            }
            Item::Lesson(id) => {
                let Some(lesson) = course.lesson(id) else { return Row::default() };
                let number = course.number(lesson).unwrap_or_default();
                let (sign, sign_look, word) = lesson_mark(id, shared);
                let minutes = shared.with("tui.minutes", &[("minutes", &lesson.minutes)]);
                row(
                    theme,
                    width,
                    lead,
                    (sign, sign_look),
                    &rows::pad(&number, 5),
                    (lesson.title.get(&shared.lang), look),
                    &word,
                    &minutes,
                )
            }
            Item::Exercise(id) => {
                let Some(exercise) = course.exercise(id) else { return Row::default() };
                let (sign, sign_look, word) = exercise_mark(id, shared);
                let minutes = shared.with("tui.minutes", &[("minutes", &exercise.minutes)]);
                let kind = theme.sign("  ⚒  ", "  *  ");
                row(
                    theme,
                    width,
                    lead,
                    (sign, sign_look),
                    kind,
                    (exercise.title.get(&shared.lang), look),
                    &word,
                    &minutes,
                )
            }
        }
    }

    fn head(&self, width: usize, shared: &Shared) -> Vec<Row> {
        let theme = shared.theme;
        let mut out = vec![Row::default()];
        let place = shared.summary.as_ref().and_then(|s| s.place());
        let was = place.and_then(|place| named(place, shared));
        let next = next(shared).and_then(|target| {
            named(
                &match target {
                    Target::Lesson(id, section) => Place::Lesson(id, section),
                    Target::Exercise(id) => Place::Exercise(id),
                    _ => return None,
                },
                shared,
            )
        });
        let labels = [shared.say("tui.home.was"), shared.say("tui.home.next")];
        let none = matches!(shared.daemon, Daemon::Down(_)).then(|| shared.say("tui.daemon.none"));
        let today = shared.say("tui.home.today");
        let label = labels.iter().chain(&none).chain([&today]).map(|l| crate::layout::width(l)).max().unwrap_or(0) + 3;
        let key = crate::tui::keys::BINDINGS
            .iter()
            .find(|b| b.action == Action::Continue)
            .map_or_else(String::new, |b| b.keys[0].name(theme.ascii));
        let mut line = |name: &str, text: &str, look: Look, key: &str| {
            let room = width.saturating_sub(label + crate::layout::width(key) + 6);
            let text = crate::layout::clip(text, room);
            let name = format!("  {}", rows::pad(name, label));
            out.push(Row::new(theme, &[(&name, Look::Dim), (&text, look), ("   ", Look::Plain), (key, Look::Key)]));
        };
        match (&shared.summary, was) {
            (Some(_), Some(was)) => line(&labels[0], &was, Look::Plain, ""),
            (Some(_), None) => line(&labels[0], &shared.say("tui.home.new"), Look::Plain, ""),
            (None, _) => line(&labels[0], theme.sign("…", "..."), Look::Dim, ""),
        }
        match next {
            Some(next) => line(&labels[1], &next, Look::Strong, &key),
            None => line(&labels[1], &shared.say("tui.home.done"), Look::Good, ""),
        }
        let plan = plan(shared);
        if !plan.is_empty() {
            let lead = format!("  {}", rows::pad(&today, label));
            out.extend(rows::words(&[(&plan, TextStyle::default())], (&lead, Look::Dim), width - 2, theme));
        }
        if let Daemon::Down(_) = &shared.daemon {
            // Why, and where it was looked for, takes half a small window: `doctor` says it at length.
            let lead = format!("  {}", rows::pad(none.as_deref().unwrap_or_default(), label));
            let text = shared.say("tui.home.without");
            out.extend(rows::words(&[(&text, TextStyle::default())], (&lead, Look::Warn), width - 2, theme));
        }
        out.push(Row::default());
        out
    }

    /// What is known of the selected row, for wide windows.
    fn details(&self, buf: &mut Buffer, area: Rect, shared: &Shared, texts: &mut Texts) {
        let theme = shared.theme;
        let width = usize::from(area.width);
        let words = |text: &str| rows::plain(text, width, theme);
        let title = |text: &str| words(text).into_iter().map(|r| r.all(theme.style(Look::Title))).collect::<Vec<_>>();
        let mut out: Vec<Row> = vec![Row::default()];
        let page;
        let mut rest: &[Row] = &[];
        match self.items.get(self.selected) {
            Some(Item::Lesson(id)) => {
                let Some(lesson) = shared.course.lesson(id) else { return };
                out.extend(title(lesson.title.get(&shared.lang)));
                out.push(Row::default());
                for needed in &lesson.needs {
                    let name = shared.course.lesson(needed).map_or(needed.as_str(), |l| l.title.get(&shared.lang));
                    let text = shared.with("tui.home.needs", &[("lesson", &name)]);
                    out.extend(words(&text));
                }
                page = texts.page(&Text::Beginning(id.clone(), area.height), area.width, shared);
                // The title stands above already.
                let from = page.laid.sections.get(1).map_or(0, |_| page.laid.blocks.get(1).copied().unwrap_or(0));
                rest = &page.rows[from.min(page.rows.len())..];
            }
            Some(Item::Exercise(id)) => {
                let Some(exercise) = shared.course.exercise(id) else { return };
                out.extend(title(exercise.title.get(&shared.lang)));
                out.push(Row::default());
                if let Some(state) = shared.summary.as_ref().and_then(|s| s.exercises.get(id)) {
                    if state.attempts > 0 {
                        let args: [(&str, &dyn std::fmt::Display); 2] =
                            [("attempts", &state.attempts), ("passes", &state.passes)];
                        out.extend(words(&shared.with("tui.home.attempts", &args)));
                    }
                    if let Some(best) = state.best_total {
                        let best = dockshala_checkers::spec::Size(best);
                        out.extend(words(&shared.with("tui.home.best", &[("size", &best)])));
                    }
                    if state.attempts > 0 {
                        out.push(Row::default());
                    }
                }
                page = texts.page(&Text::Brief(id.clone()), area.width, shared);
                rest = &page.rows;
            }
            _ => {}
        }
        let head = u16::try_from(out.len()).unwrap_or(0).min(area.height);
        rows::paint(buf, area, &out, Window::default(), theme);
        let below = Rect { y: area.y + head, height: area.height - head, ..area };
        rows::paint(buf, below, rest, Window::default(), theme);
    }
}

#[allow(clippy::too_many_arguments, reason = "the parts of one row, each once")]
fn row(
    theme: crate::tui::theme::Theme,
    width: usize,
    lead: &str,
    sign: (&str, Look),
    number: &str,
    title: (&str, Look),
    word: &str,
    minutes: &str,
) -> Row {
    let minutes = format!("{}{minutes}", " ".repeat(7_usize.saturating_sub(crate::layout::width(minutes))));
    let right = format!("{word}{minutes}");
    let used = crate::layout::width(lead) + crate::layout::width(sign.0) + 1 + crate::layout::width(number);
    let room = width.saturating_sub(used + crate::layout::width(&right) + 2);
    let title_text = format!("{}  ", rows::pad(title.0, room));
    Row::new(
        theme,
        &[
            (lead, Look::Focus),
            (sign.0, sign.1),
            (" ", Look::Plain),
            (number, Look::Dim),
            (&title_text, title.1),
            (&right, Look::Dim),
        ],
    )
}

/// Modules with their lessons; an exercise stands after the last lesson that it practises.
fn items(shared: &Shared) -> Vec<Item> {
    let course = shared.course;
    let mut out = Vec::new();
    for (at, module) in course.modules().iter().enumerate() {
        out.push(Item::Module(at));
        let last = |exercise: &str| {
            let teaches = course.exercise(exercise).map_or(&[][..], |e| &e.teaches);
            module.lessons.iter().rposition(|l| teaches.contains(l))
        };
        for (nth, lesson) in module.lessons.iter().enumerate() {
            out.push(Item::Lesson(lesson.clone()));
            out.extend(module.exercises.iter().filter(|e| last(e) == Some(nth)).map(|e| Item::Exercise(e.clone())));
        }
        out.extend(module.exercises.iter().filter(|e| last(e).is_none()).map(|e| Item::Exercise(e.clone())));
    }
    out
}

/// What the course has after an exercise, in the order of this list. Not the next exercise whatever lies between: who goes on
/// with one key must not be led past a lesson that the next exercise needs.
pub(in crate::tui) fn after(exercise: &str, shared: &Shared) -> Option<Target> {
    let here = |item: &Item| matches!(item, Item::Exercise(id) if id == exercise);
    items(shared).into_iter().skip_while(|item| !here(item)).skip(1).find_map(|item| match item {
        Item::Module(_) => None,
        Item::Lesson(id) => Some(Target::Lesson(id, None)),
        Item::Exercise(id) => Some(Target::Exercise(id)),
    })
}

/// Today's plan beside what is next: cards that are due, the exercise that waits, days in a row.
fn plan(shared: &Shared) -> String {
    let Some(summary) = &shared.summary else { return String::new() };
    let mut parts = Vec::new();
    if let Some(due) = shared.due.filter(|due| *due > 0) {
        parts.push(shared.with("tui.home.due", &[("due", &due)]));
    }
    let waits = |e: &&crate::course::Exercise| {
        let known = |id: &String| summary.lessons.get(id).is_some_and(|l| l.read);
        !shared.passed(&e.id) && (summary.exercises.contains_key(&e.id) || e.teaches.iter().any(known))
    };
    let named = |e: &crate::course::Exercise| Some(Target::Exercise(e.id.clone())) == next(shared);
    if let Some(exercise) = shared.course.exercises().iter().find(waits).filter(|e| !named(e)) {
        parts.push(shared.with("tui.home.exercise", &[("title", &exercise.title.get(&shared.lang))]));
    }
    match shared.today.map_or(0, |today| summary.streak(today)) {
        0 => {}
        days => parts.push(shared.with("tui.home.streak", &[("days", &days)])),
    }
    parts.join(shared.theme.sign("  ·  ", "  -  "))
}

/// What `c` goes on with.
fn next(shared: &Shared) -> Option<Target> {
    let summary = shared.summary.clone().unwrap_or_default();
    match lab::next(shared.course, &summary) {
        Next::Lesson(id) => Some(Target::Lesson(id, None)),
        Next::Exercise(id) => Some(Target::Exercise(id)),
        Next::Done => None,
    }
}

/// A place by its title; none where the course has it no more.
fn named(place: &Place, shared: &Shared) -> Option<String> {
    match place {
        Place::Lesson(id, section) => {
            let lesson = shared.course.lesson(id)?;
            let number = shared.course.number(lesson).map(|n| format!("{n} ")).unwrap_or_default();
            let text = section.as_ref().and_then(|_| shared.course.lesson_text(id, &shared.lang));
            let heading = text.and_then(|(text, _)| {
                let found = text.sections.into_iter().find(|s| Some(&s.id) == section.as_ref())?;
                Some(format!("{}{}", shared.theme.sign("  ·  ", "  -  "), found.title))
            });
            Some(format!("{number}{}{}", lesson.title.get(&shared.lang), heading.unwrap_or_default()))
        }
        Place::Exercise(id) => {
            let exercise = shared.course.exercise(id)?;
            Some(shared.with("tui.home.exercise", &[("title", &exercise.title.get(&shared.lang))]))
        }
    }
}

fn progress(lessons: &[String], exercises: &[String], shared: &Shared) -> (usize, usize) {
    let read = |id: &&String| shared.summary.as_ref().is_some_and(|s| s.lessons.get(*id).is_some_and(|l| l.read));
    let done = lessons.iter().filter(read).count() + exercises.iter().filter(|id| shared.passed(id)).count();
    (done, lessons.len() + exercises.len())
}

fn lesson_mark(id: &str, shared: &Shared) -> (&'static str, Look, String) {
    let theme = shared.theme;
    match shared.summary.as_ref().and_then(|s| s.lessons.get(id)) {
        Some(state) if state.read => (theme.sign("✓", "x"), Look::Good, shared.say("tui.mark.read")),
        Some(_) => (theme.sign("◐", "~"), Look::Warn, shared.say("tui.mark.opened")),
        None => (theme.sign("○", "-"), Look::Dim, String::new()),
    }
}

fn exercise_mark(id: &str, shared: &Shared) -> (&'static str, Look, String) {
    let theme = shared.theme;
    let state = shared.summary.as_ref().and_then(|s| s.exercises.get(id));
    if shared.passed(id) {
        (theme.sign("✓", "x"), Look::Good, shared.say("tui.mark.passed"))
    } else if state.is_some_and(|s| s.attempts > 0) {
        (theme.sign("✗", "!"), Look::Bad, shared.say("tui.mark.tried"))
    } else if state.is_some() || shared.dir(id).is_some() {
        (theme.sign("◐", "~"), Look::Warn, shared.say("tui.mark.started"))
    } else {
        (theme.sign("○", "-"), Look::Dim, String::new())
    }
}

impl Component for Home {
    fn scope(&self) -> Scope {
        Scope::Home
    }

    fn click(&mut self, column: u16, row: u16, _: &Shared) -> Vec<Effect> {
        if !self.at.contains((column, row).into()) {
            return Vec::new();
        }
        let nth = self.window.top + usize::from(row - self.at.y);
        let target = match self.items.get(nth) {
            Some(Item::Lesson(id)) => Target::Lesson(id.clone(), None),
            Some(Item::Exercise(id)) => Target::Exercise(id.clone()),
            _ => return Vec::new(),
        };
        // The first click chooses, so that a wide window describes it; the second opens.
        let again = self.selected == nth && self.chosen;
        (self.selected, self.chosen) = (nth, true);
        if again || !self.beside { vec![Effect::Go(target)] } else { Vec::new() }
    }

    fn enabled(&self, action: Action, shared: &Shared) -> bool {
        match action {
            Action::Find => true,
            Action::Open => matches!(self.items.get(self.selected), Some(Item::Lesson(_) | Item::Exercise(_))),
            Action::Continue => next(shared).is_some(),
            Action::Quiz | Action::Interview => shared.course.modules().iter().any(|m| m.questions > 0),
            action => movement(action, 1).is_some(),
        }
    }

    fn act(&mut self, action: Action, shared: &mut Shared) -> Vec<Effect> {
        match action {
            Action::Find => vec![Effect::Act(Action::Search)],
            Action::Open => {
                let target = match self.items.get(self.selected) {
                    Some(Item::Lesson(id)) => Some(Target::Lesson(id.clone(), None)),
                    Some(Item::Exercise(id)) => Some(Target::Exercise(id.clone())),
                    _ => None,
                };
                target.map(Effect::Go).into_iter().collect()
            }
            Action::Continue => next(shared).map(Effect::Go).into_iter().collect(),
            Action::Quiz => vec![Effect::Go(Target::Quiz { filter: crate::quiz::Filter::default(), fresh: false })],
            Action::Interview => vec![Effect::Go(Target::Interview { role: None, minutes: None })],
            action => {
                if let Some(by) = movement(action, self.height) {
                    self.select(by);
                }
                Vec::new()
            }
        }
    }

    fn leave(&mut self, _: &Shared) -> Vec<Effect> {
        // Whoever comes back wants to see what is next by then.
        self.chosen = false;
        Vec::new()
    }

    fn header(&self, shared: &Shared) -> (Row, Row) {
        let theme = shared.theme;
        let title = format!("  {}", shared.course.title().get(&shared.lang));
        let (sign, look, text) = match &shared.daemon {
            Daemon::Looking => (theme.sign("○ ", ""), Look::Dim, shared.say("tui.daemon.looking")),
            Daemon::Up(version) => {
                (theme.sign("● ", ""), Look::Good, shared.with("tui.daemon.up", &[("version", version)]))
            }
            Daemon::Down(_) => (theme.sign("✗ ", "! "), Look::Warn, shared.say("tui.daemon.none")),
        };
        let lang = format!("  {}", shared.lang);
        (
            Row::new(theme, &[("Dockshala", Look::Title), (&title, Look::Dim)]),
            Row::new(theme, &[(sign, look), (&text, Look::Plain), (&lang, Look::Dim)]),
        )
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, shared: &Shared, texts: &mut Texts) {
        let theme = shared.theme;
        let wide = area.width >= WIDE;
        let width = if wide { area.width * 2 / 5 } else { area.width };
        let left = Rect { width, ..area };
        let head = self.head(usize::from(width), shared);
        let tall = u16::try_from(head.len()).unwrap_or(0).min(area.height);
        rows::paint(buf, left, &head, Window::default(), theme);
        let below =
            Rect { x: left.x + 1, y: area.y + tall, width: width.saturating_sub(3), height: area.height - tall };
        self.height = usize::from(below.height).max(1);
        self.at = below;
        self.beside = wide;
        let len = self.items.len();
        // The title of the module of the first row belongs to it.
        let lead = usize::from(self.selected == 1);
        self.window.top = self.window.top.min(self.selected - lead.min(self.selected));
        self.window.top = self.window.top.max((self.selected + 1).saturating_sub(self.height));
        self.window.settle(len, self.height);
        let list = self.list(usize::from(below.width), shared);
        rows::paint(buf, below, &list, Window { top: 0, ..self.window }, theme);
        scrollbar(buf, Rect { x: left.right() - 1, width: 1, ..below }, self.window.top, len, shared);
        if wide {
            for y in area.y..area.bottom() {
                buf.set_string(left.right() + 1, y, theme.sign("│", "|"), theme.style(Look::Frame));
            }
            let width = (area.right() - left.right() - 6).min(96);
            self.details(buf, Rect { x: left.right() + 4, width, ..area }, shared, texts);
        }
    }
}
