//! The lens: an image's instructions at the left, what each did to the tree of files at the right, step by step.
//!
//! In a comparison the left side holds the layers of both images, and the tree is both laid over each other. What is drawn
//! stands in [`super::lens_draw`]. A step's tree is made when it is drawn, not when its key is pressed: whoever holds a key
//! down steps through the image as fast as frames are painted.

use super::lens_draw;
use crate::{
    lens::{
        From, Request, Subject,
        compare::{Comparison, compare_in},
        flat::{Flat, Mark},
        view::{Filter, LEASTS, Show, Sort, View},
    },
    report::Report,
    tui::{
        app::{Component, Effect},
        keys::{Action, Scope},
        lens_desk::LensOrder,
        overlay::movement,
        rows::{Row, Window},
        state::Shared,
        texts::Texts,
        theme::Look,
    },
};
use dockshala_checkers::{image::Kind, spec::Size};
use ratatui::{buffer::Buffer, layout::Rect};
use std::sync::Arc;

/// News of an image that is read.
#[derive(Debug)]
pub enum LensNews {
    /// So many bytes are read, of about so many; 0 where nobody knows.
    Reading(u64, u64),
    /// A build is at this step.
    Building(String),
    /// Here it is, with the one to hold it against.
    Ready(Arc<Subject>, Option<Arc<Subject>>),
    /// There is nothing to see.
    Stopped(Report),
    /// The beginning of a file: its path, its rows, and a word about them.
    File(String, Vec<String>, String),
    /// A file that cannot be shown, and why.
    NoFile(String),
}

/// A part of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Pane {
    /// The instructions.
    Steps,
    /// The tree.
    Files,
    /// The Dockerfile, with what each line cost.
    Source,
    /// What it could do without, in words, and what is wasted.
    Advice,
}

/// What is known.
pub(super) enum State {
    Waiting(Doing),
    Stopped(Report),
    Ready(Box<Shown>),
}

/// What goes on until there is something to see.
pub(super) enum Doing {
    Beginning,
    Reading(u64, u64),
    Building(String),
}

/// A part's window as it was drawn last.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    pub(super) window: Window,
    pub(super) len: usize,
    pub(super) height: usize,
}

/// An image that is looked at.
pub(super) struct Shown {
    pub(super) subject: Arc<Subject>,
    pub(super) other: Option<(Arc<Subject>, Comparison)>,
    /// 0 is the whole image, then its steps.
    pub(super) stage: usize,
    pub(super) view: View,
    /// The stage and filter that the view was made for.
    made: Option<usize>,
    pub(super) pane: Pane,
    /// The part at the right.
    pub(super) right: Pane,
    /// The reader chose the part at the right; where she did not, it is the one that says most at this stage.
    chosen: bool,
    /// The part at which the focus came over from the instructions, and behind which it goes back there.
    entry: Pane,
    /// The selected slot of the tree, and its row.
    pub(super) cursor: (u32, usize),
    pub(super) files: Seen,
    pub(super) steps: Seen,
    pub(super) source: Seen,
    pub(super) advice: Seen,
    /// What the reader chose to see; the stage decides where she chose nothing.
    show: Option<Show>,
    least: u64,
    /// The layer whose files alone are shown, in the whole image.
    layer: Option<usize>,
    /// What is being typed.
    pub(super) typing: Option<String>,
    /// What was looked for last.
    pub(super) sought: String,
    /// Nothing was found.
    pub(super) lost: bool,
    /// The slot where a search began.
    origin: u32,
    /// A file that is being read to be shown.
    pub(super) opening: Option<String>,
}

pub(in crate::tui) struct Lens {
    pub(super) request: Request,
    /// It is all there is: leaving it leaves the program.
    alone: bool,
    pub(super) state: State,
}

impl Lens {
    pub(in crate::tui) fn new(request: Request, alone: bool) -> Self {
        Self { request, alone, state: State::Waiting(Doing::Beginning) }
    }

    /// What must be done so that there is something to see.
    pub(in crate::tui) fn begin(&self) -> Effect {
        Effect::Lens(LensOrder::Load(self.request.clone()))
    }

    /// Takes news in. A file that was read is the app's to show.
    pub(in crate::tui) fn learn(&mut self, news: LensNews) {
        match news {
            LensNews::Reading(read, all) => self.wait(Doing::Reading(read, all)),
            LensNews::Building(step) => self.wait(Doing::Building(step)),
            LensNews::Ready(subject, other) => self.state = State::Ready(Box::new(Shown::new(subject, other))),
            LensNews::Stopped(report) => self.state = State::Stopped(report),
            LensNews::File(..) | LensNews::NoFile(_) => {
                if let State::Ready(shown) = &mut self.state {
                    shown.opening = None;
                }
            }
        }
    }

    fn wait(&mut self, doing: Doing) {
        // A word that comes late must not take away what is there.
        if matches!(self.state, State::Waiting(_)) {
            self.state = State::Waiting(doing);
        }
    }

    fn shown(&self) -> Option<&Shown> {
        match &self.state {
            State::Ready(shown) => Some(shown),
            _ => None,
        }
    }
}

impl Shown {
    fn new(subject: Arc<Subject>, other: Option<Arc<Subject>>) -> Self {
        let mut view = View::default();
        let other = other.map(|other| {
            let flat = Flat::between(&subject.image, &other.image);
            let comparison = compare_in(&flat, &subject, &other);
            view.set(flat, Filter { show: Show::Touched, ..Filter::default() });
            (other, comparison)
        });
        let made = other.as_ref().map(|_| 0);
        let mut shown = Self {
            subject,
            other,
            stage: 0,
            view,
            made,
            pane: Pane::Steps,
            right: Pane::Files,
            chosen: false,
            entry: Pane::Files,
            cursor: (0, 0),
            files: Seen::default(),
            steps: Seen::default(),
            source: Seen::default(),
            advice: Seen::default(),
            show: None,
            least: 0,
            layer: None,
            typing: None,
            sought: String::new(),
            lost: false,
            origin: 0,
            opening: None,
        };
        if shown.other.is_some() {
            shown.pane = Pane::Files;
        }
        shown.suit();
        shown.go_to(0);
        shown
    }

    /// How many stages there are: the whole image and each step; one in a comparison.
    pub(super) fn stages(&self) -> usize {
        if self.other.is_some() { 1 } else { self.subject.steps.len() + 1 }
    }

    /// The step that is looked at.
    pub(super) fn step(&self) -> Option<&crate::lens::Step> {
        self.stage.checked_sub(1).and_then(|at| self.subject.steps.get(at))
    }

    /// Makes the tree of the stage, where it is not the one that is there.
    pub(super) fn settle(&mut self) {
        if self.made == Some(self.stage) {
            return;
        }
        let image = &self.subject.image;
        let flat = match self.step() {
            None => Flat::whole(image),
            Some(step) => match (step.layer, step.upto) {
                (Some(layer), _) => Flat::after(image, layer),
                (None, Some(layer)) => Flat::after(image, layer).unmarked(),
                (None, None) => Flat::default(),
            },
        };
        let filter = self.filter();
        let path = (self.cursor.0 > 0 && self.made.is_some()).then(|| self.view.flat().node(self.cursor.0).id);
        self.view.set(flat, filter);
        self.made = Some(self.stage);
        // The place in the tree stays, where it is there at this step too.
        let row = path.and_then(|id| self.view.flat().find(id)).and_then(|at| self.view.row_of(at));
        self.files.window.top = 0;
        self.go_to(row.unwrap_or(0));
    }

    /// What is let through: by choice, else all of the whole image, and of a step what it touched.
    pub(super) fn filter(&self) -> Filter {
        let usual = if self.stage == 0 && self.other.is_none() { Show::All } else { Show::Touched };
        let layer = self.layer.filter(|_| self.stage == 0);
        Filter { show: self.show.unwrap_or(usual), least: self.least, layer }
    }

    fn refilter(&mut self) {
        let filter = self.filter();
        let at = self.cursor.0;
        self.view.set_filter(filter);
        self.go_to(self.view.row_of(at).unwrap_or(0));
    }

    /// Selects a row of the tree.
    fn go_to(&mut self, row: usize) {
        let row = row.min(self.view.len().saturating_sub(1));
        let at = self.view.window(row, 1).first().copied().unwrap_or(0);
        self.cursor = (at, row);
    }

    fn go_to_slot(&mut self, at: u32) {
        self.view.reveal(at);
        if let Some(row) = self.view.row_of(at) {
            self.cursor = (at, row);
        }
    }

    fn step_by(&mut self, by: isize) {
        self.stage = self.stage.saturating_add_signed(by).min(self.stages() - 1);
        self.suit();
    }

    /// The parts that share the right side.
    pub(super) fn tabs(&self) -> Vec<Pane> {
        if self.other.is_some() {
            return vec![Pane::Files];
        }
        let mut tabs = vec![Pane::Advice, Pane::Files];
        tabs.extend(self.subject.source.is_some().then_some(Pane::Source));
        tabs
    }

    /// The focus goes round: from the instructions to the part that is seen at the right, through the others, and back.
    fn turn(&mut self, on: bool) {
        let tabs = self.tabs();
        let beside = |pane: Pane| {
            let at = tabs.iter().position(|tab| *tab == pane).unwrap_or(0);
            tabs[(at + if on { 1 } else { tabs.len() - 1 }) % tabs.len()]
        };
        self.pane = match self.pane {
            Pane::Steps => {
                self.entry = self.right;
                if on { self.right } else { beside(self.right) }
            }
            here if !on && here == self.entry => Pane::Steps,
            here if on && beside(here) == self.entry => Pane::Steps,
            here => beside(here),
        };
        if self.pane != Pane::Steps {
            self.choose(self.pane);
        }
    }

    /// Shows a part at the right because the reader asked for it.
    fn choose(&mut self, pane: Pane) {
        (self.right, self.chosen) = (pane, true);
    }

    /// Of a whole image what to do about it says most, of a step what it did.
    fn suit(&mut self) {
        if !self.chosen && self.other.is_none() {
            let worth = self.stage == 0 && !self.subject.findings.is_empty();
            self.right = if worth { Pane::Advice } else { Pane::Files };
        }
    }

    fn scrolled(&mut self) -> &mut Seen {
        match self.pane {
            Pane::Steps => &mut self.steps,
            Pane::Files => &mut self.files,
            Pane::Source => &mut self.source,
            Pane::Advice => &mut self.advice,
        }
    }

    fn travel(&mut self, action: Action) {
        let height = self.scrolled().height;
        let Some(by) = movement(action, height) else { return };
        match self.pane {
            Pane::Steps if self.other.is_none() => self.step_by(by),
            Pane::Files => self.go_to(self.cursor.1.saturating_add_signed(by)),
            _ => {
                let seen = self.scrolled();
                seen.window.scroll(by, seen.len, seen.height);
            }
        }
    }

    fn fold(&mut self, open: bool) {
        let at = self.cursor.0;
        if at == 0 {
            return;
        }
        let node = self.view.flat().node(at);
        if open {
            self.view.choose(at, true);
        } else if node.is_dir() && self.view.is_open(at) {
            self.view.choose(at, false);
        } else if node.parent != 0 {
            // Nothing to close here: to the folder that it is in.
            let parent = node.parent;
            self.go_to_slot(parent);
        }
    }

    /// Opens a folder, or asks for the bytes of a file.
    fn open(&mut self) -> Vec<Effect> {
        let at = self.cursor.0;
        if at == 0 {
            return Vec::new();
        }
        let node = self.view.flat().node(at);
        if node.is_dir() {
            let open = !self.view.is_open(at);
            self.view.choose(at, open);
            return Vec::new();
        }
        if node.kind != Kind::File {
            return Vec::new();
        }
        let second = self.other.is_some() && !node.of_first;
        let of = match (&self.other, second) {
            (Some((other, _)), true) => other,
            _ => &self.subject,
        };
        // As it stands at this step, or stood before the step that took it away.
        let layer = self.step().and_then(|step| step.upto).unwrap_or(of.image.layers.len().saturating_sub(1));
        let (path, id) = (self.view.flat().path(at), node.id);
        self.opening = Some(path.clone());
        vec![Effect::Lens(LensOrder::Open { second, id, layer, path })]
    }

    fn seek(&mut self, forward: bool, from: u32) {
        let found = self.view.search(&self.sought, from, forward);
        self.lost = found.is_none() && !self.sought.is_empty();
        if let Some(at) = found {
            self.go_to_slot(at);
        }
    }

    fn typed(&mut self, text: String) {
        self.sought.clone_from(&text);
        self.typing = Some(text);
        let before = self.origin.saturating_sub(1);
        self.seek(true, before);
    }

    /// Files of one layer only, the next or the one before; behind the last one all of them. Only in the whole image: what
    /// of a step's tree came with its own layer is what it touched.
    fn go_through_layers(&mut self, on: bool) {
        self.choose(Pane::Files);
        let of = self.other.as_ref().map_or(&self.subject, |(other, _)| other);
        let count = of.image.layers.len();
        self.layer = match (self.layer, on) {
            (None, true) => (count > 0).then_some(0),
            (None, false) => count.checked_sub(1),
            (Some(at), true) => (at + 1 < count).then_some(at + 1),
            (Some(at), false) => at.checked_sub(1),
        };
        self.refilter();
    }

    fn sort(&mut self) {
        self.choose(Pane::Files);
        let sort = if self.view.sort() == Sort::Size { Sort::Name } else { Sort::Size };
        self.view.set_sort(sort);
        self.go_to(self.view.row_of(self.cursor.0).unwrap_or(0));
    }
}

impl Component for Lens {
    fn scope(&self) -> Scope {
        match self.shown() {
            Some(shown) if shown.typing.is_some() => Scope::Prompt,
            _ => Scope::Lens,
        }
    }

    fn enabled(&self, action: Action, _: &Shared) -> bool {
        if action == Action::Leave {
            return self.alone;
        }
        let Some(shown) = self.shown() else { return false };
        let files = shown.pane == Pane::Files;
        match action {
            Action::Accept | Action::Erase | Action::GiveUp => shown.typing.is_some(),
            Action::StepOn => shown.stage + 1 < shown.stages(),
            Action::StepBack | Action::Whole => shown.stage > 0,
            Action::Pane | Action::PaneBack => true,
            Action::Find | Action::Show | Action::Least | Action::Sort => true,
            Action::Layer | Action::LayerBack => shown.stage == 0,
            Action::FindNext | Action::FindBack => !shown.sought.is_empty(),
            Action::Unfold | Action::Fold | Action::UnfoldAll | Action::FoldAll => files,
            Action::Open => match shown.pane {
                Pane::Steps => true,
                Pane::Files => shown.cursor.0 > 0,
                _ => false,
            },
            action => movement(action, 1).is_some(),
        }
    }

    fn act(&mut self, action: Action, _: &mut Shared) -> Vec<Effect> {
        if action == Action::Leave {
            return vec![Effect::Quit];
        }
        let State::Ready(shown) = &mut self.state else { return Vec::new() };
        // The stage may have changed since the last frame, and what follows is about its tree.
        shown.settle();
        match action {
            Action::StepOn => shown.step_by(1),
            Action::StepBack => shown.step_by(-1),
            Action::Whole => {
                shown.stage = 0;
                shown.suit();
            }
            Action::Pane => shown.turn(true),
            Action::PaneBack => shown.turn(false),
            Action::Open if shown.pane == Pane::Steps => {
                shown.pane = Pane::Files;
                shown.choose(Pane::Files);
            }
            Action::Open => return shown.open(),
            Action::Unfold => shown.fold(true),
            Action::Fold => shown.fold(false),
            Action::UnfoldAll | Action::FoldAll => {
                shown.view.choose_all(action == Action::UnfoldAll);
                let mut at = shown.cursor.0;
                while at > 0 && shown.view.row_of(at).is_none() {
                    at = shown.view.flat().node(at).parent;
                }
                shown.go_to(shown.view.row_of(at).unwrap_or(0));
            }
            Action::Layer | Action::LayerBack => shown.go_through_layers(action == Action::Layer),
            Action::Show => {
                shown.choose(Pane::Files);
                shown.show = Some(shown.filter().show.next());
                shown.refilter();
            }
            Action::Least => {
                shown.choose(Pane::Files);
                let at = LEASTS.iter().position(|least| *least == shown.least).unwrap_or(0);
                shown.least = LEASTS[(at + 1) % LEASTS.len()];
                shown.refilter();
            }
            Action::Sort => shown.sort(),
            Action::Find => {
                shown.pane = Pane::Files;
                shown.choose(Pane::Files);
                shown.origin = shown.cursor.0;
                shown.lost = false;
                shown.typing = Some(String::new());
            }
            Action::FindNext => shown.seek(true, shown.cursor.0),
            Action::FindBack => shown.seek(false, shown.cursor.0),
            Action::Accept => shown.typing = None,
            Action::GiveUp => {
                shown.typing = None;
                shown.lost = false;
                shown.sought.clear();
                let origin = shown.origin;
                if origin > 0 {
                    shown.go_to_slot(origin);
                }
            }
            Action::Erase => {
                let mut text = shown.typing.take().unwrap_or_default();
                text.pop();
                shown.typed(text);
            }
            action => shown.travel(action),
        }
        Vec::new()
    }

    fn type_in(&mut self, c: char) {
        if let State::Ready(shown) = &mut self.state
            && let Some(mut text) = shown.typing.take()
        {
            // No name is longer.
            if text.len() < 255 {
                text.push(c);
            }
            shown.settle();
            shown.typed(text);
        }
    }

    /// The app closes it when it is in its stack no more.
    fn leave(&mut self, _: &Shared) -> Vec<Effect> {
        Vec::new()
    }

    fn header(&self, shared: &Shared) -> (Row, Row) {
        let theme = shared.theme;
        let word = format!("{}  ", shared.say("lens.word"));
        let name = self.request.from.name();
        let mut left = vec![(word.as_str(), Look::Dim), (name.as_str(), Look::Title)];
        let other = self.request.other.as_ref().map(From::name).unwrap_or_default();
        if !other.is_empty() {
            left.push((theme.sign("  ↔  ", "  <>  "), Look::Dim));
            left.push((&other, Look::Title));
        }
        let mut right = String::new();
        if let Some(shown) = self.shown().filter(|shown| shown.other.is_none()) {
            let sizes = shown.step().map_or(shown.subject.image.sizes, |step| step.after);
            right = shared.with("lens.header", &[("total", &Size(sizes.total)), ("wasted", &Size(sizes.wasted))]);
        }
        let lang = format!("  {}", shared.lang);
        (Row::new(theme, &left), Row::new(theme, &[(&right, Look::Plain), (&lang, Look::Dim)]))
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, shared: &Shared, _: &mut Texts) {
        lens_draw::draw(self, buf, area, shared);
    }
}

/// The sign of what became of a path, and how it looks.
pub(super) fn mark(mark: Mark) -> (&'static str, Look) {
    match mark {
        Mark::Same => (" ", Look::Plain),
        Mark::Added => ("+", Look::Good),
        Mark::Changed => ("~", Look::Warn),
        Mark::Removed => ("-", Look::Bad),
    }
}
