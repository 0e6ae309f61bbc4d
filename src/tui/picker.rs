//! A list to choose from on top of a screen, most of them narrowed down by typing: everything that can be done (the palette),
//! the words of the whole course, the glossary, the course from above, the settings.

use super::{
    app::{Choice, Effect, Target},
    keys::{self, Action, BINDINGS, Scope},
    overlay::movement,
    rows::{self, Row},
    state::Shared,
    theme::{Look, ThemeChoice},
};
use crate::{
    course::{
        Term,
        find::{Found, fuzzy},
    },
    layout::Style as TextStyle,
};
use ratatui::{buffer::Buffer, layout::Rect};

/// Hits of a search that are kept: nobody scrolls further, a better word is typed instead.
const MOST: usize = 60;

/// No question is longer.
const LONGEST: usize = 80;

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    /// Actions that make sense on the screen below, with their scope.
    Palette(Vec<(Scope, Action)>),
    Search,
    /// All terms; how many of them, the first, can be read on the screen.
    Glossary(Vec<Term>, usize),
    Map,
    Settings,
}

#[derive(Debug, Clone, PartialEq)]
enum Does {
    Nothing,
    Act(Action),
    Go(Target),
    /// The next value of a setting.
    Turn(Choice),
    Language,
}

#[derive(Debug, Clone, PartialEq)]
struct Item {
    text: String,
    right: String,
    /// A second row.
    below: Option<String>,
    does: Does,
}

impl Item {
    fn new(text: String, right: String, does: Does) -> Self {
        Self { text, right, below: None, does }
    }
}

/// The list, what was typed, and which row is chosen.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picker {
    kind: Kind,
    input: String,
    items: Vec<Item>,
    selected: usize,
    top: usize,
    height: usize,
    /// Where the rows were drawn last, for clicks.
    at: Rect,
}

impl Picker {
    fn of(kind: Kind, shared: &Shared) -> Self {
        let (input, items, at) = (String::new(), Vec::new(), Rect::default());
        let mut picker = Self { kind, input, items, selected: 0, top: 0, height: 1, at };
        picker.refresh(shared);
        picker
    }

    /// Everything that can be done on a screen now.
    pub(super) fn palette(scope: Scope, enabled: impl Fn(Action) -> bool, shared: &Shared) -> Self {
        let mut actions: Vec<(Scope, Action)> = Vec::new();
        for binding in BINDINGS.iter().filter(|b| b.scope == scope || b.scope == Scope::Everywhere) {
            let moves = movement(binding.action, 1).is_some() || binding.action == Action::Palette;
            let known = actions.iter().any(|(_, action)| *action == binding.action);
            if !moves && !known && enabled(binding.action) {
                actions.push((binding.scope, binding.action));
            }
        }
        Self::of(Kind::Palette(actions), shared)
    }

    pub(super) fn search(shared: &Shared) -> Self {
        Self::of(Kind::Search, shared)
    }

    /// The terms, those in `seen` first, in the order of the alphabet.
    pub(super) fn glossary(seen: &str, shared: &Shared) -> Self {
        let mut terms = shared.course.glossary();
        terms.sort_by_key(|term| term.word.get(&shared.lang).to_lowercase());
        let seen = seen.to_lowercase();
        let (mut here, rest): (Vec<Term>, Vec<Term>) = terms.into_iter().partition(|term| stands_in(term, &seen));
        let count = here.len();
        here.extend(rest);
        Self::of(Kind::Glossary(here, count), shared)
    }

    pub(super) fn map(shared: &Shared) -> Self {
        let mut picker = Self::of(Kind::Map, shared);
        // Stand on the first module that is not done.
        let open = |item: &Item| !item.right.starts_with(shared.theme.sign("✓", "x"));
        picker.selected = picker.items.iter().position(open).unwrap_or(0);
        picker
    }

    pub(super) fn settings(shared: &Shared) -> Self {
        Self::of(Kind::Settings, shared)
    }

    pub(super) fn scope(&self) -> Scope {
        match self.kind {
            Kind::Map | Kind::Settings => Scope::List,
            _ => Scope::Prompt,
        }
    }

    pub(super) fn title(&self, shared: &Shared) -> String {
        shared.say(match self.kind {
            Kind::Palette(_) => "tui.pick.palette",
            Kind::Search => "tui.pick.search",
            Kind::Glossary(..) => "tui.pick.glossary",
            Kind::Map => "tui.pick.map",
            Kind::Settings => "tui.pick.settings",
        })
    }

    pub(super) fn enabled(&self, action: Action) -> bool {
        let chosen = self.items.get(self.selected).is_some_and(|item| item.does != Does::Nothing);
        match action {
            Action::Accept | Action::Open => chosen,
            Action::GiveUp | Action::Back | Action::Erase => true,
            Action::FindNext | Action::FindBack => self.items.len() > 1,
            action => movement(action, 1).is_some(),
        }
    }

    pub(super) fn type_in(&mut self, c: char, shared: &Shared) {
        if self.input.len() < LONGEST {
            self.input.push(c);
            self.retyped(shared);
        }
    }

    fn retyped(&mut self, shared: &Shared) {
        self.selected = 0;
        self.top = 0;
        self.refresh(shared);
    }

    pub(super) fn act(&mut self, action: Action, shared: &mut Shared) -> Vec<Effect> {
        let last = self.items.len().saturating_sub(1);
        match action {
            Action::GiveUp => return vec![Effect::Back],
            Action::Erase => {
                self.input.pop();
                self.retyped(shared);
            }
            Action::FindNext => self.selected = if self.selected == last { 0 } else { self.selected + 1 },
            Action::FindBack => self.selected = self.selected.checked_sub(1).unwrap_or(last),
            Action::Accept | Action::Open => return self.choose(shared),
            action => {
                if let Some(by) = movement(action, self.height) {
                    self.selected = self.selected.saturating_add_signed(by).min(last);
                }
            }
        }
        Vec::new()
    }

    fn choose(&mut self, shared: &mut Shared) -> Vec<Effect> {
        match self.items.get(self.selected).map(|item| item.does.clone()) {
            Some(Does::Act(action)) => vec![Effect::Back, Effect::Act(action)],
            Some(Does::Go(target)) => vec![Effect::Back, Effect::Go(target)],
            Some(Does::Language) => vec![Effect::Act(Action::Language)],
            Some(Does::Turn(choice)) => {
                match choice {
                    Choice::Theme(theme) => {
                        shared.chosen.theme = theme;
                        shared.theme.palette = theme.palette(shared.chosen.detected);
                    }
                    Choice::Ascii(on) => shared.theme.ascii = on,
                    Choice::Still(on) => shared.chosen.still = on,
                    Choice::Mouse(on) => shared.chosen.mouse = on,
                }
                self.refresh(shared);
                vec![Effect::Choose(choice)]
            }
            Some(Does::Nothing) | None => Vec::new(),
        }
    }

    pub(super) fn click(&mut self, column: u16, row: u16, shared: &mut Shared) -> Vec<Effect> {
        if !self.at.contains((column, row).into()) {
            return Vec::new();
        }
        let nth = self.top + usize::from(row - self.at.y) / self.tall();
        if nth >= self.items.len() {
            return Vec::new();
        }
        self.selected = nth;
        // What only shows its meaning is read, not left.
        if matches!(self.kind, Kind::Glossary(..)) { Vec::new() } else { self.choose(shared) }
    }

    /// Makes the rows anew: something was typed, the language is another, the words of the course came in.
    pub(super) fn refresh(&mut self, shared: &Shared) {
        let input = self.input.trim().to_owned();
        self.items = match &self.kind {
            Kind::Palette(actions) => palette(actions, &input, shared),
            Kind::Search => search(&input, shared),
            Kind::Glossary(terms, _) => glossary(terms, &input, shared),
            Kind::Map => map(shared),
            Kind::Settings => settings(shared),
        };
        self.selected = self.selected.min(self.items.len().saturating_sub(1));
    }

    fn tall(&self) -> usize {
        if self.kind == Kind::Search { 2 } else { 1 }
    }

    /// How many rows it wants inside its frame. Lists that are narrowed down keep their height: what jumps is hard to read.
    pub(super) fn wants(&self, room: usize) -> usize {
        match self.kind {
            Kind::Map | Kind::Settings => self.items.len().min(room),
            _ => room.min(24),
        }
    }

    pub(super) fn draw(&mut self, buf: &mut Buffer, area: Rect, shared: &Shared) {
        let theme = shared.theme;
        let width = usize::from(area.width);
        let mut list = area;
        if self.scope() == Scope::Prompt {
            let cursor = theme.sign("▏", "_");
            let hint = if self.input.is_empty() { format!(" {}", shared.say(self.hint())) } else { String::new() };
            let lead = theme.sign("❯ ", "> ");
            let parts = [(lead, Look::Focus), (&self.input, Look::Strong), (cursor, Look::Focus), (&hint, Look::Dim)];
            rows::paint_row(buf, Rect { height: 1, ..area }, &Row::new(theme, &parts), 0, theme);
            list = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
        }
        let below = self.below(width, shared);
        let taken = u16::try_from(below.len()).unwrap_or(0).min(list.height / 2);
        let foot = Rect { y: list.bottom() - taken, height: taken, ..list };
        list.height -= taken;
        rows::paint(buf, foot, &below, rows::Window::default(), theme);
        let tall = self.tall();
        self.height = (usize::from(list.height) / tall).max(1);
        self.at = list;
        self.top = self.top.min(self.selected).max((self.selected + 1).saturating_sub(self.height));
        let mut lines = Vec::new();
        for (at, item) in self.items.iter().enumerate().skip(self.top).take(self.height) {
            let (lead, look) =
                if at == self.selected { (theme.sign("❯ ", "> "), Look::Focus) } else { ("  ", Look::Plain) };
            let right = crate::layout::width(&item.right);
            let text = rows::pad(&item.text, width.saturating_sub(right + 3));
            lines.push(Row::new(
                theme,
                &[(lead, Look::Focus), (&text, look), (" ", Look::Plain), (&item.right, Look::Dim)],
            ));
            if tall > 1 {
                let below = crate::layout::clip(item.below.as_deref().unwrap_or_default(), width.saturating_sub(4));
                lines.push(Row::new(theme, &[("    ", Look::Plain), (&below, Look::Dim)]));
            }
        }
        if lines.is_empty() {
            let key = match self.kind {
                Kind::Search if shared.index.is_none() => "tui.pick.reading",
                Kind::Search if self.input.trim().is_empty() => "tui.pick.search.empty",
                _ => "tui.find.none",
            };
            lines = rows::plain(&shared.say(key), width, theme);
        }
        rows::paint(buf, list, &lines, rows::Window::default(), theme);
    }

    fn hint(&self) -> &'static str {
        match self.kind {
            Kind::Palette(_) => "tui.pick.palette.hint",
            Kind::Search => "tui.pick.search.hint",
            _ => "tui.pick.glossary.hint",
        }
    }

    /// What is said about the chosen row, under a rule.
    fn below(&self, width: usize, shared: &Shared) -> Vec<Row> {
        let Kind::Glossary(terms, _) = &self.kind else { return Vec::new() };
        let Some(item) = self.items.get(self.selected) else { return Vec::new() };
        let Some(term) = terms.iter().find(|t| t.word.get(&shared.lang) == item.text) else { return Vec::new() };
        let theme = shared.theme;
        let mut out = vec![Row::new(theme, &[(&theme.sign("─", "-").repeat(width), Look::Frame)])];
        let means = term.means.get(&shared.lang);
        out.extend(rows::words(&[(means, TextStyle::default())], ("", Look::Plain), width, theme));
        if let Some(lesson) = term.lesson.as_ref().and_then(|id| shared.course.lesson(id)) {
            let number = shared.course.number(lesson).unwrap_or_default();
            let args: [(&str, &dyn std::fmt::Display); 2] =
                [("number", &number), ("title", &lesson.title.get(&shared.lang))];
            let text = shared.with("tui.pick.glossary.lesson", &args);
            out.extend(rows::words(&[(&text, TextStyle::default())], ("", Look::Plain), width, theme));
        }
        out
    }
}

/// Whether a term stands in a text, as a word of its own.
fn stands_in(term: &Term, small: &str) -> bool {
    let forms = term.word.0.values().chain(&term.also);
    forms.map(|form| form.to_lowercase()).any(|form| {
        small.match_indices(&form).any(|(at, _)| {
            let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            !letter(small[..at].chars().next_back()) && !letter(small[at + form.len()..].chars().next())
        })
    })
}

fn palette(actions: &[(Scope, Action)], input: &str, shared: &Shared) -> Vec<Item> {
    let mut scored: Vec<(i32, usize, Item)> = Vec::new();
    let mut put = |name: String, right: String, does: Does, less: i32| {
        let score = if input.is_empty() { Some(0) } else { fuzzy(input, &name) };
        if let Some(score) = score {
            scored.push((score - less, scored.len(), Item::new(name, right, does)));
        }
    };
    for (scope, action) in actions {
        let Some(binding) = BINDINGS.iter().find(|b| b.scope == *scope && b.action == *action) else { continue };
        let names: Vec<String> = binding.keys.iter().map(|k: &keys::Key| k.name(shared.theme.ascii)).collect();
        put(shared.say(&format!("tui.help.{}", binding.word)), names.join(" "), Does::Act(*action), 0);
    }
    if !input.is_empty() {
        for lesson in shared.course.lessons() {
            let number = shared.course.number(lesson).map(|n| format!("{n} ")).unwrap_or_default();
            let title = format!("{number}{}", lesson.title.get(&shared.lang));
            put(title, shared.say("tui.pick.lesson"), Does::Go(Target::Lesson(lesson.id.clone(), None)), 5);
        }
        for exercise in shared.course.exercises() {
            let title = exercise.title.get(&shared.lang).to_owned();
            put(title, shared.say("tui.pick.exercise"), Does::Go(Target::Exercise(exercise.id.clone())), 5);
        }
    }
    scored.sort_by_key(|(score, at, _)| (-score, *at));
    scored.into_iter().map(|(.., item)| item).collect()
}

fn search(input: &str, shared: &Shared) -> Vec<Item> {
    let Some(index) = &shared.index else { return Vec::new() };
    let dot = shared.theme.sign("  ·  ", "  -  ");
    let hits = index.find(input, MOST).into_iter().map(|hit| {
        let (does, right) = match hit.at {
            Found::Lesson(id, section) => (Does::Go(Target::Lesson(id, section)), "tui.pick.lesson"),
            Found::Exercise(id) => (Does::Go(Target::Exercise(id)), "tui.pick.exercise"),
        };
        let text = if hit.section.is_empty() { hit.title } else { format!("{}{dot}{}", hit.section, hit.title) };
        Item { below: Some(hit.around), ..Item::new(text, shared.say(right), does) }
    });
    hits.collect()
}

fn glossary(terms: &[Term], input: &str, shared: &Shared) -> Vec<Item> {
    let fits = |term: &&Term| {
        input.is_empty() || term.word.0.values().chain(&term.also).any(|form| fuzzy(input, form).is_some())
    };
    let item = |term: &Term| {
        let lesson = term.lesson.as_ref().and_then(|id| shared.course.lesson(id));
        let does = lesson.map_or(Does::Nothing, |l| Does::Go(Target::Lesson(l.id.clone(), None)));
        let number = lesson.and_then(|l| shared.course.number(l)).unwrap_or_default();
        Item::new(term.word.get(&shared.lang).to_owned(), number, does)
    };
    terms.iter().filter(fits).map(item).collect()
}

fn map(shared: &Shared) -> Vec<Item> {
    let course = shared.course;
    let theme = shared.theme;
    let item = |module: &crate::course::Module| {
        let read = |id: &String| shared.summary.as_ref().is_some_and(|s| s.lessons.get(id).is_some_and(|l| l.read));
        let (mut done, mut left) = (0_usize, 0);
        for (id, minutes) in module.lessons.iter().map(|id| (id, course.lesson(id).map_or(0, |l| l.minutes))) {
            if read(id) { done += 1 } else { left += minutes }
        }
        for (id, minutes) in module.exercises.iter().map(|id| (id, course.exercise(id).map_or(0, |e| e.minutes))) {
            if shared.passed(id) { done += 1 } else { left += minutes }
        }
        let all = module.lessons.len() + module.exercises.len();
        let number = module.dir.split('-').next().map(|n| n.trim_start_matches('0')).unwrap_or_default();
        let full = (done * 10).div_ceil(all.max(1)).min(if done == all { 10 } else { 9 });
        let bar = theme.sign("█", "#").repeat(full) + &theme.sign("░", ".").repeat(10 - full);
        let ends = if all > 0 && done == all { theme.sign("✓", "x").to_owned() + " " } else { "  ".to_owned() };
        let minutes = if left > 0 { shared.with("tui.minutes", &[("minutes", &left)]) } else { String::new() };
        let right = format!("{ends}{bar} {:>7} {minutes:>9}", format!("{done}/{all}"));
        let first = module.lessons.iter().find(|id| !read(id)).or(module.lessons.first());
        let does = match (first, module.exercises.first()) {
            (Some(id), _) => Does::Go(Target::Lesson(id.clone(), None)),
            (None, Some(id)) => Does::Go(Target::Exercise(id.clone())),
            (None, None) => Does::Nothing,
        };
        Item::new(format!("{number:>2}  {}", module.title.get(&shared.lang)), right, does)
    };
    course.modules().iter().map(item).collect()
}

fn settings(shared: &Shared) -> Vec<Item> {
    let say = |on: bool| shared.say(if on { "tui.settings.on" } else { "tui.settings.off" });
    let chosen = shared.chosen;
    let at = ThemeChoice::ALL.iter().position(|t| *t == chosen.theme).unwrap_or(0);
    let theme = ThemeChoice::ALL[(at + 1) % ThemeChoice::ALL.len()];
    let ascii = shared.theme.ascii;
    [
        ("language", shared.lang.to_string(), Does::Language),
        ("theme", shared.say(&format!("tui.settings.theme.{}", chosen.theme.name())), Does::Turn(Choice::Theme(theme))),
        ("ascii", say(ascii), Does::Turn(Choice::Ascii(!ascii))),
        ("still", say(chosen.still), Does::Turn(Choice::Still(!chosen.still))),
        ("mouse", say(chosen.mouse), Does::Turn(Choice::Mouse(!chosen.mouse))),
        ("lab", shared.lab_dir.display().to_string(), Does::Nothing),
    ]
    .into_iter()
    .map(|(name, value, does)| Item::new(shared.say(&format!("tui.settings.{name}")), value, does))
    .collect()
}
