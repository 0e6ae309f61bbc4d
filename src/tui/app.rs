//! The program as a pure machine: what came in → what is to be done. Nothing here waits, reads a file or asks a daemon; that
//! is the runner's work, so every key can be tested without a terminal.

pub(super) use super::messages::Component;
pub use super::messages::{Choice, Effect, LabNews, Msg, Target};
use super::{
    claim_desk::ClaimOrder,
    keys::{self, Action, Scope},
    lens_desk::LensOrder,
    overlay::Overlay,
    picker::Picker,
    quiz_desk::{Measured, QuizNews},
    rows::{self, Row},
    screen::{self, Claim, Exercise, Home, Interview, Lens, LensNews, Lesson, Quiz, Replay},
    state::Shared,
    texts::Texts,
    theme::Look,
    trail::{Spot, Trail},
};
use crate::{course::Course, progress::EventKind};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::{buffer::Buffer, layout::Rect};
use std::path::{Path, PathBuf};

enum Screen {
    Home(Home),
    Lesson(Lesson),
    Exercise(Exercise),
    Lens(Lens),
    Replay(Replay),
    Claim(Claim),
    Quiz(Box<Quiz>),
    Interview(Box<Interview>),
}

impl Screen {
    fn component(&self) -> &dyn Component {
        match self {
            Self::Home(screen) => screen,
            Self::Lesson(screen) => screen,
            Self::Exercise(screen) => screen,
            Self::Lens(screen) => screen,
            Self::Replay(screen) => screen,
            Self::Claim(screen) => screen,
            Self::Quiz(screen) => &**screen,
            Self::Interview(screen) => &**screen,
        }
    }

    fn component_mut(&mut self) -> &mut dyn Component {
        match self {
            Self::Home(screen) => screen,
            Self::Lesson(screen) => screen,
            Self::Exercise(screen) => screen,
            Self::Lens(screen) => screen,
            Self::Replay(screen) => screen,
            Self::Claim(screen) => screen,
            Self::Quiz(screen) => &mut **screen,
            Self::Interview(screen) => &mut **screen,
        }
    }
}

/// Reads the file of a working copy that is judged.
fn read_file(exercise: &str, dir: &Path, course: &Course) -> Option<Effect> {
    let kind = course.exercise(exercise)?.kind;
    Some(Effect::Read(exercise.to_owned(), dockshala_checkers::check::main_file(kind, dir)))
}

/// The smallest window that can be laid out.
pub const SMALLEST: (u16, u16) = (60, 16);

/// The program.
pub struct App {
    pub(super) shared: Shared,
    stack: Vec<Screen>,
    overlays: Vec<Overlay>,
    texts: Texts,
    /// One line that the next key takes away.
    notice: Option<String>,
    trail: Trail,
}

impl App {
    /// At the first screen, or at `target`.
    pub fn new(shared: Shared, target: Option<Target>) -> (Self, Vec<Effect>) {
        let mut app = Self {
            stack: vec![Screen::Home(Home::new(&shared))],
            shared,
            overlays: Vec::new(),
            texts: Texts::default(),
            notice: None,
            trail: Trail::default(),
        };
        let effects = match target {
            // Whoever named an image on the command line came for nothing else.
            Some(Target::Lens(request)) => {
                let lens = Lens::new(request, true);
                let begin = lens.begin();
                app.stack = vec![Screen::Lens(lens)];
                vec![begin]
            }
            target => target.map_or_else(Vec::new, |target| app.go(target)),
        };
        (app, effects)
    }

    /// A check is running whose seconds are on the screen.
    pub fn ticking(&self) -> bool {
        let asked = matches!(self.stack.last(), Some(Screen::Interview(interview)) if interview.ticking());
        asked || self.shared.runs.values().any(|run| run.checking.is_some())
    }

    /// What the program does about `msg`.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Key(key) => return self.key(key),
            Msg::Mouse(mouse) => return self.mouse(mouse),
            Msg::Paste(text) => return self.paste(&text),
            Msg::Index(index) => {
                self.shared.index = Some(index);
                for overlay in &mut self.overlays {
                    overlay.refresh(&self.shared);
                }
            }
            Msg::Coloured(lesson, lang, colours) => self.texts.coloured((lesson, lang), colours),
            Msg::Resize => {}
            Msg::Tick(now) => {
                self.shared.now = now;
                if let Some(Screen::Interview(interview)) = self.stack.last_mut() {
                    interview.tick(now);
                }
            }
            Msg::Progress(summary) => {
                self.shared.summary = Some(*summary);
                self.shared.today.get_or_insert_with(|| jiff::Zoned::now().date());
                let mut effects = Vec::new();
                for screen in &mut self.stack {
                    match screen {
                        Screen::Quiz(quiz) => effects.extend(quiz.learned(&self.shared)),
                        Screen::Home(home) => home.learned(&self.shared),
                        Screen::Lesson(lesson) => lesson.learned(&self.shared),
                        _ => {}
                    }
                }
                return effects;
            }
            Msg::Daemon(daemon) => self.shared.daemon = daemon,
            Msg::Notice(text) => self.notice = Some(text),
            Msg::Lab(exercise, news) => return self.news(&exercise, news),
            Msg::Lens(news) => self.lens_news(news),
            Msg::Claim(id, news) => {
                if let Some(claim) = self.claim(&id) {
                    claim.learn(news);
                }
            }
            Msg::Quiz(news) => self.quiz_news(news),
            Msg::Due(due) => self.shared.due = Some(due),
        }
        Vec::new()
    }

    fn news(&mut self, exercise: &str, news: LabNews) -> Vec<Effect> {
        let mut effects = Vec::new();
        let run = self.shared.runs.entry(exercise.to_owned()).or_default();
        match news {
            LabNews::Started(dir) => {
                run.stopped = None;
                effects.extend(read_file(exercise, &dir, self.shared.course));
                run.dir = Some(dir);
            }
            LabNews::Checking(now) => {
                self.shared.now = now;
                run.begin(now);
                self.watch_screen(exercise, Exercise::checking);
            }
            LabNews::Event(event) => run.event(event),
            LabNews::Done(result, dockerfile) => {
                run.end(*result, dockerfile);
                effects.extend(run.dir.as_deref().and_then(|dir| read_file(exercise, dir, self.shared.course)));
                self.watch_screen(exercise, Exercise::judged);
            }
            LabNews::Cancelled => {
                run.checking = None;
                self.notice = Some(self.shared.say("tui.check.stopped"));
                self.watch_screen(exercise, Exercise::judged);
            }
            LabNews::Watching(on) => run.watching = on,
            LabNews::File(sheet) => {
                self.watch_screen(exercise, |screen| screen.on_disk(&sheet));
                self.shared.runs.entry(exercise.to_owned()).or_default().file = Some(sheet);
            }
            LabNews::NotSaved(unsaved) => {
                let theme = self.shared.theme;
                self.watch_screen(exercise, |screen| screen.not_saved(&unsaved, theme));
            }
            LabNews::Stopped(report) => {
                run.checking = None;
                run.stopped = Some(report);
                self.watch_screen(exercise, Exercise::judged);
            }
        }
        effects
    }

    fn quiz_news(&mut self, news: QuizNews) {
        for screen in &mut self.stack {
            match (screen, &news) {
                (Screen::Quiz(quiz), QuizNews::Measured(claim, measured)) => quiz.measured(claim, measured.clone()),
                (Screen::Interview(interview), QuizNews::Viva(exercise, questions)) => {
                    interview.mix(exercise, questions.clone());
                }
                _ => {}
            }
        }
        match news {
            QuizNews::Exported(Ok(file)) => {
                self.notice = Some(self.shared.with("interview.written", &[("file", &file.display())]));
            }
            QuizNews::Exported(Err(why)) => self.notice = Some(why),
            QuizNews::Measured(..) | QuizNews::Viva(..) => {}
        }
    }

    fn lens_news(&mut self, news: LensNews) {
        // The lens may have been left; a file that comes late opens over nothing else.
        let on_top = matches!(self.stack.last(), Some(Screen::Lens(_)));
        let open = self.stack.iter_mut().find_map(|s| if let Screen::Lens(lens) = s { Some(lens) } else { None });
        let Some(lens) = open else { return };
        match news {
            LensNews::File(ref path, ref rows, ref about) if on_top && self.overlays.is_empty() => {
                self.overlays.push(Overlay::file(path, about, rows, self.shared.theme));
            }
            LensNews::NoFile(ref why) if on_top => self.notice = Some(why.clone()),
            _ => {}
        }
        lens.learn(news);
    }

    fn claim(&mut self, id: &str) -> Option<&mut Claim> {
        self.stack.iter_mut().find_map(|screen| match screen {
            Screen::Claim(claim) if claim.id() == id => Some(claim),
            _ => None,
        })
    }

    fn watch_screen(&mut self, exercise: &str, tell: impl Fn(&mut Exercise)) {
        for screen in &mut self.stack {
            match screen {
                Screen::Exercise(screen) if screen.id() == exercise => tell(screen),
                _ => {}
            }
        }
    }

    fn top(&self) -> &dyn Component {
        self.stack.last().expect("home never leaves").component()
    }

    fn scope(&self) -> Scope {
        self.overlays.last().map_or_else(|| self.top().scope(), Overlay::scope)
    }

    fn enabled(&self, action: Action) -> bool {
        match (self.overlays.last(), action) {
            (_, Action::Interrupt | Action::Suspend | Action::Redraw | Action::Language) => true,
            (Some(overlay), action) => overlay.enabled(action, &self.shared),
            (None, Action::Help | Action::Quit | Action::Palette | Action::Settings) => true,
            (None, Action::Search | Action::Map) => true,
            (None, Action::Glossary) => !self.shared.course.glossary().is_empty(),
            (None, Action::Past | Action::Future) => self.trail.can(action == Action::Past),
            (None, Action::Back) => self.stack.len() > 1,
            (None, action) => self.top().enabled(action, &self.shared),
        }
    }

    fn key(&mut self, key: KeyEvent) -> Vec<Effect> {
        self.notice = None;
        if self.scope() == Scope::Writing {
            // Only its own keys, and those that leave or repaint the program, are keys there.
            let global = |a| matches!(a, Action::Interrupt | Action::Redraw);
            let own = |a| global(a) || keys::BINDINGS.iter().any(|b| b.scope == Scope::Writing && b.action == a);
            return match keys::action(Scope::Writing, key, own) {
                Some(action) => self.act(action),
                None => {
                    self.stack.last_mut().expect("home never leaves").component_mut().write(key);
                    Vec::new()
                }
            };
        }
        if self.scope() == Scope::Prompt
            && let KeyCode::Char(c) = key.code
            && !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
        {
            match self.overlays.last_mut() {
                Some(overlay) => overlay.type_in(c, &self.shared),
                None => self.stack.last_mut().expect("home never leaves").component_mut().type_in(c),
            }
            return Vec::new();
        }
        match keys::action(self.scope(), key, |action| self.enabled(action)) {
            Some(action) => self.act(action),
            None => {
                let meant = keys::action(self.scope(), key, |_| true).filter(|_| self.overlays.is_empty());
                let why = meant.and_then(|action| self.top().why_not(action, &self.shared));
                self.notice = why.map(|key| self.shared.say(key));
                Vec::new()
            }
        }
    }

    fn act(&mut self, action: Action) -> Vec<Effect> {
        let effects = match action {
            Action::Suspend => vec![Effect::Suspend],
            Action::Redraw => vec![Effect::Repaint],
            Action::Language => self.other_language(),
            Action::Interrupt => self.interrupt(),
            Action::Quit => vec![Effect::Quit],
            Action::Help => {
                let help = Overlay::help(self.top().scope());
                vec![Effect::Show(Box::new(help))]
            }
            Action::Palette | Action::Search | Action::Glossary | Action::Map | Action::Settings => self.pick(action),
            Action::Past | Action::Future => return self.travel(action == Action::Past),
            action => match self.overlays.last_mut() {
                Some(overlay) => overlay.act(action, &mut self.shared),
                None => {
                    let screen = self.stack.last_mut().expect("home never leaves").component_mut();
                    match action {
                        Action::Back => vec![screen.hold().unwrap_or(Effect::Back)],
                        action => screen.act(action, &mut self.shared),
                    }
                }
            },
        };
        self.settle(effects)
    }

    /// Does what concerns only the program itself, and hands on the rest.
    fn settle(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let mut out = Vec::new();
        for effect in effects {
            match effect {
                Effect::Go(target) => out.extend(self.go(target)),
                Effect::Back if self.overlays.pop().is_some() => {}
                Effect::Back => out.extend(self.back()),
                Effect::Show(overlay) => self.overlays.push(*overlay),
                Effect::Claim(ClaimOrder::Show(id)) => {
                    // Perhaps only now, after the learner agreed to what the course runs.
                    if let Some(claim) = self.claim(&id) {
                        claim.begun();
                        out.push(Effect::Claim(ClaimOrder::Show(id)));
                    }
                }
                Effect::Measure(claim) => {
                    self.quiz_news(QuizNews::Measured(claim.clone(), Measured::Running));
                    out.push(Effect::Measure(claim));
                }
                Effect::Left(spot) => self.trail.leave(spot),
                Effect::Act(action) if self.enabled(action) => out.extend(self.act(action)),
                Effect::Act(_) => {}
                Effect::Quit => {
                    out.extend(self.leave_top());
                    out.push(Effect::Quit);
                }
                other => out.push(other),
            }
        }
        out
    }

    /// A list to choose from.
    fn pick(&mut self, action: Action) -> Vec<Effect> {
        let scope = self.top().scope();
        let picker = match action {
            Action::Palette => Picker::palette(scope, |action| self.enabled(action), &self.shared),
            Action::Search => Picker::search(&self.shared),
            Action::Glossary => Picker::glossary(&self.top().seen_words(), &self.shared),
            Action::Map => Picker::map(&self.shared),
            _ => Picker::settings(&self.shared),
        };
        let mut effects = vec![Effect::Show(Box::new(Overlay::pick(picker)))];
        if action == Action::Search && self.shared.index.as_ref().is_none_or(|i| *i.lang() != self.shared.lang) {
            effects.push(Effect::Index(self.shared.lang.clone()));
        }
        effects
    }

    /// Pasted text is text where something is typed, and nothing elsewhere: its letters are no keys.
    fn paste(&mut self, text: &str) -> Vec<Effect> {
        if self.scope() == Scope::Writing {
            self.stack.last_mut().expect("home never leaves").component_mut().paste(text);
        }
        if self.scope() == Scope::Prompt {
            for c in text.chars().filter(|c| !c.is_control()).take(200) {
                match self.overlays.last_mut() {
                    Some(overlay) => overlay.type_in(c, &self.shared),
                    None => self.stack.last_mut().expect("home never leaves").component_mut().type_in(c),
                }
            }
        }
        Vec::new()
    }

    /// The wheel moves as three rows of the arrow keys do; a click chooses.
    fn mouse(&mut self, mouse: MouseEvent) -> Vec<Effect> {
        self.notice = None;
        let by = match mouse.kind {
            MouseEventKind::ScrollUp => Action::Up,
            MouseEventKind::ScrollDown => Action::Down,
            MouseEventKind::Down(MouseButton::Left) => {
                let (column, row) = (mouse.column, mouse.row);
                let effects = match self.overlays.last_mut() {
                    Some(overlay) => overlay.click(column, row, &mut self.shared),
                    None => {
                        let screen = self.stack.last_mut().expect("home never leaves").component_mut();
                        screen.click(column, row, &self.shared)
                    }
                };
                return self.settle(effects);
            }
            _ => return Vec::new(),
        };
        let rows = if self.enabled(by) { 3 } else { 0 };
        (0..rows).flat_map(|_| self.act(by)).collect()
    }

    /// Back or forward along the places that were left.
    fn travel(&mut self, back: bool) -> Vec<Effect> {
        let now = self.top().spot();
        let Some(spot) = (if back { self.trail.back(now) } else { self.trail.on(now) }) else { return Vec::new() };
        let effects = self.enter(spot.target);
        if let (Some(Screen::Lesson(lesson)), Some(place)) = (self.stack.last_mut(), spot.place) {
            lesson.return_to(place);
        }
        effects
    }

    /// What must be kept of the screen that is seen, before another takes its place or the program ends.
    pub(super) fn leave_top(&mut self) -> Vec<Effect> {
        if let Some(Spot { target: Target::Lesson(id, _), place: Some(place) }) = self.top().spot() {
            self.shared.places.insert(id, place);
        }
        let screen = self.stack.last_mut().expect("home never leaves").component_mut();
        screen.leave(&self.shared)
    }

    pub(super) fn go(&mut self, target: Target) -> Vec<Effect> {
        if let Some(spot) = self.top().spot() {
            self.trail.leave(spot);
        }
        self.enter(target)
    }

    fn enter(&mut self, target: Target) -> Vec<Effect> {
        self.overlays.clear();
        if let (Some(Screen::Lesson(lesson)), Target::Lesson(id, None)) = (self.stack.last(), &target)
            && lesson.id() == id
        {
            return Vec::new();
        }
        if let (Some(Screen::Lesson(lesson)), Target::Lesson(id, Some(section))) = (self.stack.last_mut(), &target)
            && lesson.id() == id
        {
            lesson.jump(section);
            return Vec::new();
        }
        let claim = match &target {
            Target::Claim(id) => match self.shared.course.claim(id) {
                Some(placed) => Some(placed),
                // A note of another course's claim leads nowhere.
                None => return Vec::new(),
            },
            _ => None,
        };
        let mut effects = self.leave_top();
        // A lesson and its exercise call each other: going back and forth must not pile up screens to go back through.
        let (at, screen) = match target {
            Target::Lesson(id, section) => {
                effects.push(Effect::Record(EventKind::LessonOpened {
                    lesson: id.clone(),
                    section: section.clone(),
                    block: None,
                    lang: self.shared.lang.to_string(),
                }));
                let at = self.stack.iter().position(|s| matches!(s, Screen::Lesson(l) if l.id() == id));
                (at, Screen::Lesson(Lesson::new(id, section, &self.shared)))
            }
            Target::Exercise(id) => {
                let at = self.stack.iter().position(|s| matches!(s, Screen::Exercise(e) if e.id() == id));
                (at, Screen::Exercise(Exercise::new(id, &self.shared)))
            }
            Target::Lens(request) => {
                let lens = Lens::new(request, false);
                effects.push(lens.begin());
                (None, Screen::Lens(lens))
            }
            Target::Replay(id) => {
                // Only the check of this session is known step by step.
                let Some(replay) = screen::replay(&id, &self.shared) else { return effects };
                (None, Screen::Replay(Replay::new(id, replay)))
            }
            Target::Claim(_) => {
                let Some(placed) = claim else { return effects };
                (None, Screen::Claim(Claim::new(placed, &self.shared)))
            }
            Target::Quiz { filter, fresh } => {
                let (quiz, begun) = Quiz::new(filter, fresh, &self.shared);
                effects.extend(begun);
                (None, Screen::Quiz(Box::new(quiz)))
            }
            Target::Interview { role, minutes } => (None, Screen::Interview(Box::new(Interview::new(role, minutes)))),
        };
        let lens = self.has_lens();
        match at {
            Some(at) => {
                self.stack.truncate(at + 1);
                if let (Some(Screen::Lesson(held)), Screen::Lesson(new)) = (self.stack.last_mut(), screen)
                    && let Some(section) = new.wanted()
                {
                    held.jump(section);
                }
            }
            None => {
                // Home, one lesson, one exercise: the next of a kind takes the place of the one before.
                self.stack.retain(|held| std::mem::discriminant(held) != std::mem::discriminant(&screen));
                self.stack.push(screen);
            }
        }
        effects.extend(self.close_lens(lens));
        effects
    }

    fn has_lens(&self) -> bool {
        self.stack.iter().any(|screen| matches!(screen, Screen::Lens(_)))
    }

    /// The image is let go of when no screen shows it any more, not when another one lies over it: reading it again takes
    /// as long as it took, and the place in its tree would be lost.
    fn close_lens(&self, was: bool) -> Option<Effect> {
        (was && !self.has_lens()).then_some(Effect::Lens(LensOrder::Close))
    }

    fn back(&mut self) -> Vec<Effect> {
        if self.stack.len() == 1 {
            return Vec::new();
        }
        let lens = self.has_lens();
        if let Some(spot) = self.top().spot() {
            self.trail.leave(spot);
        }
        let mut effects = self.leave_top();
        self.stack.pop();
        effects.extend(self.close_lens(lens));
        effects
    }

    fn interrupt(&mut self) -> Vec<Effect> {
        let running = self.shared.runs.iter_mut().filter_map(|(id, run)| Some((id, run.checking.as_mut()?)));
        let effects: Vec<Effect> = running
            .map(|(id, checking)| {
                checking.stopping = true;
                Effect::Cancel(id.clone())
            })
            .collect();
        if effects.is_empty() { vec![Effect::Quit] } else { effects }
    }

    fn other_language(&mut self) -> Vec<Effect> {
        let languages = self.shared.course.languages();
        let at = languages.iter().position(|l| *l == self.shared.lang).map_or(0, |at| at + 1);
        let Some(lang) = languages.get(at % languages.len().max(1)) else { return Vec::new() };
        self.shared.lang = lang.clone();
        for overlay in &mut self.overlays {
            overlay.refresh(&self.shared);
        }
        vec![Effect::Speak(lang.clone())]
    }

    /// The learner's own editor was at a file.
    pub(super) fn edited(&self, path: &Path) -> Vec<Effect> {
        let mine = |dir: &PathBuf| path.starts_with(dir);
        let found = self.shared.runs.iter().find(|(_, run)| run.dir.as_ref().is_some_and(mine));
        found.map(|(id, _)| Effect::Read(id.clone(), path.to_owned())).into_iter().collect()
    }

    /// Draws the whole window.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect) {
        self.draw_parts(buf, area);
        if self.shared.theme.ascii {
            // What a title, a name or a log brings along; letters of other scripts stay, there is nothing to put for them.
            for cell in buf.content.iter_mut().filter(|cell| !cell.symbol().is_ascii()) {
                let plain = crate::layout::ascii_cells(cell.symbol());
                if plain.is_ascii() {
                    cell.set_symbol(&plain);
                }
            }
        }
    }

    /// What the last frame lacks.
    pub fn lacks(&mut self) -> Vec<Effect> {
        self.texts.wanted().into_iter().map(|(lesson, lang)| Effect::Colour(lesson, lang)).collect()
    }

    fn draw_parts(&mut self, buf: &mut Buffer, area: Rect) {
        let theme = self.shared.theme;
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            let args: [(&str, &dyn std::fmt::Display); 4] = [
                ("width", &area.width),
                ("height", &area.height),
                ("least-width", &SMALLEST.0),
                ("least-height", &SMALLEST.1),
            ];
            let text = self.shared.with("tui.too-small", &args);
            let lines = rows::plain(&text, usize::from(area.width), theme);
            rows::paint(buf, area, &lines, rows::Window::default(), theme);
            return;
        }
        let line = |y: u16| Rect { y, height: 1, ..area };
        let inner = |rect: Rect| Rect { x: rect.x + 1, width: rect.width.saturating_sub(2), ..rect };
        let rule = theme.sign("─", "-").repeat(usize::from(area.width));
        let frame = theme.style(Look::Frame);
        buf.set_string(area.x, area.y + 1, &rule, frame);
        let body = Rect { y: area.y + 2, height: area.height - 4, ..area };
        let screen = self.stack.last_mut().expect("home never leaves").component_mut();
        screen.draw(buf, body, &self.shared, &mut self.texts);
        // After the body, which only now knows at which section it stands.
        let (left, right) = self.top().header(&self.shared);
        rows::bar(buf, inner(line(area.y)), &left, &right);
        buf.set_string(area.x, area.bottom() - 2, &rule, frame);
        if let Some(notice) = &self.notice {
            let row = Row::new(theme, &[(notice, Look::Warn), (" ", Look::Plain)]);
            rows::bar(buf, inner(line(area.bottom() - 2)), &row, &Row::default());
        } else if let Some(row) = self.top().line(&self.shared).filter(|_| self.overlays.is_empty()) {
            rows::bar(buf, inner(line(area.bottom() - 2)), &row, &Row::default());
        }
        if !self.overlays.is_empty() {
            // What lies below is out of reach for the moment.
            buf.set_style(body, ratatui::style::Style::new().add_modifier(ratatui::style::Modifier::DIM));
        }
        for overlay in &mut self.overlays {
            overlay.draw(buf, body, &self.shared, &mut self.texts);
        }
        self.footer(buf, inner(line(area.bottom() - 1)));
    }

    /// The keys that matter now. Where the window is too narrow for all, those of least use go first; help always stays.
    fn footer(&self, buf: &mut Buffer, area: Rect) {
        let theme = self.shared.theme;
        let scope = self.scope();
        // While text is written, what is a key there is decided before any screen is asked.
        let mut shown: Vec<(String, String)> = keys::footer(scope, |a| scope == Scope::Writing || self.enabled(a))
            .iter()
            .map(|b| (b.keys[0].name(theme.ascii), self.shared.say(&format!("tui.key.{}", b.word))))
            .collect();
        let cells = |items: &[(String, String)]| -> usize {
            items.iter().map(|(key, word)| crate::layout::width(key) + crate::layout::width(word) + 4).sum()
        };
        let help = keys::BINDINGS.iter().find(|b| b.action == Action::Help).map(|b| b.keys[0].name(theme.ascii));
        while cells(&shown) > usize::from(area.width) + 3 && shown.len() > 1 {
            let last = shown.iter().rposition(|(key, _)| Some(key) != help.as_ref()).unwrap_or(0);
            shown.remove(last);
        }
        let mut row = Row::default();
        for (at, (key, word)) in shown.into_iter().enumerate() {
            row.spans.push((if at > 0 { format!("   {key}") } else { key }, theme.style(Look::Key)));
            row.spans.push((format!(" {word}"), theme.style(Look::Plain)));
        }
        rows::bar(buf, area, &row, &Row::default());
    }
}
