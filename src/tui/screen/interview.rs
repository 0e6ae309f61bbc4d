//! A mock interview: role and minutes chosen, each answer said aloud against a clock, key points ticked, a report at the end.
//!
//! The clock runs only while something is asked; a gap in its ticks is time in which the program was not looked at, and is
//! not counted.

use super::quiz_draw::{self, Drawn, arrow, choices, code, hung, said, steps};
use crate::{
    course::{QuestionKind, Role},
    layout::{Class, Style as TextStyle},
    progress::{EventKind, Interview as Held},
    quiz::{
        Deck, Fsrs,
        interview::{self, Interview as Run, Item, MINUTES, Said},
        shuffled, viva,
    },
    tui::{
        app::{Component, Effect, Target},
        keys::{Action, Scope},
        overlay::{Overlay, movement},
        rows::{self, Row, Window},
        screen::lesson::{beside, scrollbar},
        state::{Daemon, Shared},
        texts::Texts,
        theme::Look,
    },
};
use dockshala_checkers::{spec::Kind, viva as questions};
use ratatui::{buffer::Buffer, layout::Rect};
use std::{
    collections::BTreeSet,
    fmt::Display,
    time::{Duration, Instant},
};

#[derive(Debug, Clone, PartialEq)]
enum Phase {
    /// Role, minutes, own image.
    Setup,
    /// The answer is being said, or thought of.
    Asked,
    /// The points are shown, to be ticked.
    Ticking,
    /// A choice was judged.
    Shown(bool),
    /// The report.
    Over(i64, Box<Held>),
}

/// Between two ticks no more time than this was spent here.
const GAP: Duration = Duration::from_secs(5);

const ROLES: [Role; 3] = [Role::Fresher, Role::Developer, Role::Devops];
const LENGTHS: [u32; 5] = [5, 10, 15, 30, 45];

pub(in crate::tui) struct Interview {
    phase: Phase,
    role: usize,
    minutes: u32,
    viva: bool,
    deck: Deck,
    run: Option<Run>,
    cursor: usize,
    ticked: BTreeSet<usize>,
    /// Nothing fits the role.
    empty: bool,
    /// Time of the answer, and of reading since the last one.
    spent: Duration,
    reading: Duration,
    ticked_at: Option<Instant>,
    window: Window,
    /// The row that is looked at stays in sight, until the reader scrolls.
    follow: bool,
    height: usize,
    rows: usize,
}

impl Interview {
    pub(in crate::tui) fn new(role: Option<Role>, minutes: Option<u32>) -> Self {
        Self {
            phase: Phase::Setup,
            role: ROLES.iter().position(|r| Some(*r) == role).unwrap_or(0),
            minutes: minutes.unwrap_or(15).clamp(*MINUTES.start(), *MINUTES.end()),
            viva: true,
            deck: Deck::default(),
            run: None,
            cursor: 0,
            ticked: BTreeSet::new(),
            empty: false,
            spent: Duration::ZERO,
            reading: Duration::ZERO,
            ticked_at: None,
            window: Window::default(),
            follow: true,
            height: 1,
            rows: 0,
        }
    }

    /// Its clock runs.
    pub(in crate::tui) fn ticking(&self) -> bool {
        !matches!(self.phase, Phase::Setup | Phase::Over(..))
    }

    /// Time went by.
    pub(in crate::tui) fn tick(&mut self, now: Instant) {
        let gone = self.ticked_at.map_or(Duration::ZERO, |last| now.saturating_duration_since(last));
        self.ticked_at = Some(now);
        if gone > GAP {
            return;
        }
        match self.phase {
            Phase::Asked => self.spent += gone,
            Phase::Ticking | Phase::Shown(_) => self.reading += gone,
            Phase::Setup | Phase::Over(..) => {}
        }
    }

    /// Questions about the learner's own image came.
    pub(in crate::tui) fn mix(&mut self, exercise: &str, found: Vec<questions::Question>) {
        if let Some(run) = &mut self.run {
            run.mix(exercise, found);
        }
    }

    /// An exercise that was passed and whose working copy is here: what viva questions are made of. Only a Dockerfile makes
    /// an image to ask about; a stack or an answer sheet would be promised and bring no question.
    fn own(shared: &Shared) -> Option<String> {
        let passed = shared.course.exercises().iter().rev().filter(|e| e.kind == Kind::Dockerfile);
        passed.filter(|e| shared.passed(&e.id)).map(|e| e.id.clone()).find(|id| shared.dir(id).is_some())
    }

    fn can_viva(shared: &Shared) -> bool {
        matches!(shared.daemon, Daemon::Up(_)) && shared.agreed && Self::own(shared).is_some()
    }

    fn begin(&mut self, shared: &Shared) -> Vec<Effect> {
        let summary = shared.summary.clone().unwrap_or_default();
        let now = jiff::Timestamp::now().as_millisecond();
        self.deck = Deck::new(shared.course, &summary, &Fsrs::default(), now);
        let number = (uuid::Uuid::new_v4().as_u128() as u32).max(1);
        self.run = Run::begin(&self.deck, ROLES[self.role], self.minutes, number);
        self.empty = self.run.is_none();
        if self.empty {
            return Vec::new();
        }
        self.ask();
        match Self::own(shared).filter(|_| self.viva && Self::can_viva(shared)) {
            Some(exercise) => {
                let dir = shared.dir(&exercise);
                dir.map(|dir| Effect::Viva(exercise, dir)).into_iter().collect()
            }
            None => Vec::new(),
        }
    }

    fn ask(&mut self) {
        self.phase = Phase::Asked;
        self.cursor = 0;
        self.ticked.clear();
        self.spent = Duration::ZERO;
        self.reading = Duration::ZERO;
        self.follow = true;
        self.window = Window::default();
    }

    fn item(&self) -> Option<&Item> {
        self.run.as_ref()?.current()
    }

    /// What can be chosen, and whether it is right; empty for what is said aloud.
    fn options(&self, shared: &Shared) -> Vec<(String, bool)> {
        let number = self.run.as_ref().map_or(0, |r| r.number);
        match self.item() {
            Some(Item::Course(q)) if q.kind != QuestionKind::Free => {
                shuffled(q, number).iter().map(|o| (o.text.get(&shared.lang).to_owned(), o.right)).collect()
            }
            Some(Item::Viva { question, .. }) => {
                question.options.iter().map(|o| (viva::answer(&shared.lang, &o.answer), o.right)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Points to tick.
    fn points(&self, shared: &Shared) -> Vec<String> {
        match self.item() {
            Some(Item::Course(q)) if q.kind == QuestionKind::Free => {
                q.points.iter().map(|p| p.get(&shared.lang).to_owned()).collect()
            }
            _ => vec![shared.say("interview.had-it")],
        }
    }

    fn last(&self, shared: &Shared) -> usize {
        let many = match self.phase {
            Phase::Setup => 3,
            Phase::Asked => self.options(shared).len(),
            Phase::Ticking => self.points(shared).len(),
            _ => 0,
        };
        many.saturating_sub(1)
    }

    fn next(&mut self, said: &Said, shared: &Shared) -> Vec<Effect> {
        let mut effects = self.count(said, shared);
        if self.item().is_some() {
            self.ask();
        } else {
            effects.extend(self.end());
        }
        effects
    }

    /// The question that is asked was answered.
    fn count(&mut self, said: &Said, shared: &Shared) -> Vec<Effect> {
        let Some(run) = &mut self.run else { return Vec::new() };
        let seconds = |d: Duration| u32::try_from(d.as_secs()).unwrap_or(u32::MAX);
        run.pause(seconds(self.reading));
        let event = run.answered(said, seconds(self.spent), &self.deck, shared.lang.as_str());
        event.map(Effect::Record).into_iter().collect()
    }

    /// What stands as the answer to the question that is asked: what was judged, and points that were ticked. Nothing where
    /// it was not answered yet.
    fn standing(&self) -> Option<Said> {
        match &self.phase {
            Phase::Shown(right) => Some(Said::Points(if *right { vec![0] } else { Vec::new() })),
            Phase::Ticking if !self.ticked.is_empty() => {
                Some(Said::Points(self.ticked.iter().map(|at| *at as u32).collect()))
            }
            _ => None,
        }
    }

    /// Ends it before its time; what was answered counts.
    fn finish(&mut self, shared: &Shared) -> Vec<Effect> {
        let mut effects = match self.standing() {
            Some(said) => self.count(&said, shared),
            None => Vec::new(),
        };
        effects.extend(self.end());
        effects
    }

    fn end(&mut self) -> Vec<Effect> {
        let Some(mut run) = self.run.take() else { return Vec::new() };
        run.end();
        self.window = Window::default();
        let Some(held) = run.held() else {
            self.phase = Phase::Setup;
            self.cursor = 0;
            return Vec::new();
        };
        let now = jiff::Timestamp::now().as_millisecond();
        self.phase = Phase::Over(now, Box::new(held.clone()));
        vec![Effect::Record(EventKind::InterviewHeld(held))]
    }

    fn answer(&mut self, shared: &Shared) -> Vec<Effect> {
        match &self.phase {
            Phase::Asked => {
                let options = self.options(shared);
                if options.is_empty() {
                    self.phase = Phase::Ticking;
                    self.cursor = 0;
                } else {
                    let many = options.iter().filter(|o| o.1).count() > 1;
                    let chosen = |at: usize| if many { self.ticked.contains(&at) } else { self.cursor == at };
                    let right = options.iter().enumerate().all(|(at, (_, right))| *right == chosen(at));
                    self.phase = Phase::Shown(right);
                }
                self.window = Window::default();
            }
            Phase::Ticking | Phase::Shown(_) => {
                let said = self.standing().unwrap_or_else(|| Said::Points(Vec::new()));
                return self.next(&said, shared);
            }
            Phase::Setup | Phase::Over(..) => {}
        }
        Vec::new()
    }

    fn body(&self, width: usize, shared: &Shared) -> Drawn {
        let theme = shared.theme;
        let mut out = vec![Row::default()];
        let mut cursor = None;
        let push = |out: &mut Vec<Row>, part: Drawn| {
            let from = out.len();
            out.extend(part.rows);
            part.cursor.map(|(a, b)| (a + from, b + from))
        };
        match &self.phase {
            Phase::Setup => cursor = self.setup(width, shared, &mut out),
            Phase::Asked | Phase::Ticking | Phase::Shown(_) => {
                let Some(item) = self.item() else { return Drawn { rows: out, cursor } };
                let ask = match item {
                    Item::Course(q) => q.ask.get(&shared.lang).to_owned(),
                    Item::Then { ask, .. } => ask.get(&shared.lang).to_owned(),
                    Item::Viva { question, .. } => viva::ask(&shared.lang, question),
                };
                match item {
                    Item::Then { .. } => out.push(Row::new(theme, &[(&shared.say("tui.interview.then"), Look::Warn)])),
                    Item::Viva { exercise, .. } => {
                        let title = shared.course.exercise(exercise).map_or("", |e| e.title.get(&shared.lang));
                        let text = shared.with("interview.report.viva", &[("exercise", &title)]);
                        out.push(Row::new(theme, &[(&text, Look::Warn)]));
                    }
                    Item::Course(_) => {}
                }
                out.extend(said(&ask, TextStyle { strong: true, ..TextStyle::default() }, width, theme));
                out.push(Row::default());
                if let Item::Course(q) = item {
                    out.extend(code(q, None, &[], theme));
                }
                out.push(self.clock(item, shared));
                out.push(Row::default());
                let options = self.options(shared);
                match &self.phase {
                    Phase::Asked if options.is_empty() => {
                        let text = shared.say("tui.interview.aloud");
                        out.extend(hung(("", Look::Dim), &text, TextStyle::of(Class::Quote), width, theme));
                    }
                    Phase::Asked => {
                        let many = options.iter().filter(|o| o.1).count() > 1;
                        let texts: Vec<String> = options.into_iter().map(|o| o.0).collect();
                        cursor =
                            push(&mut out, choices(&texts, self.cursor, many.then_some(&self.ticked), width, theme));
                    }
                    Phase::Shown(right) => {
                        let (sign, look, key) = if *right {
                            (theme.sign("✓ ", "v "), Look::Good, "quiz.right")
                        } else {
                            (theme.sign("✗ ", "x "), Look::Bad, "quiz.wrong")
                        };
                        out.push(Row::new(theme, &[(sign, look), (&shared.say(key), look)]));
                        for (text, _) in options.iter().filter(|o| o.1) {
                            let lead = (theme.sign("✓ ", "v "), Look::Good);
                            out.extend(hung(lead, text, TextStyle::default(), width, theme));
                        }
                        let why = match item {
                            Item::Course(q) => q.explain.get(&shared.lang).to_owned(),
                            Item::Viva { question, .. } => viva::why(&shared.lang, question),
                            Item::Then { .. } => String::new(),
                        };
                        out.push(Row::default());
                        out.extend(said(&why, TextStyle::default(), width, theme));
                    }
                    _ => {
                        out.extend(said(&shared.say("tui.quiz.tick"), TextStyle::default(), width, theme));
                        out.push(Row::default());
                        let points = self.points(shared);
                        cursor = push(&mut out, choices(&points, self.cursor, Some(&self.ticked), width, theme));
                        match item {
                            Item::Course(q) => quiz_draw::spoken(q, width, shared, &mut out),
                            Item::Then { answer, .. } => {
                                out.push(Row::default());
                                out.extend(said(answer.get(&shared.lang), TextStyle::default(), width, theme));
                            }
                            Item::Viva { .. } => {}
                        }
                    }
                }
            }
            Phase::Over(at, held) => {
                let markdown = interview::markdown(shared.course, *at, held, &shared.lang);
                let parsed = crate::layout::parse(&markdown);
                let laid = crate::layout::layout(&parsed, &[], width, &shared.layout());
                out.extend(rows::from_laid(&laid, theme));
            }
        }
        Drawn { rows: out, cursor }
    }

    /// The seconds of this answer beside those that it may take.
    fn clock(&self, item: &Item, shared: &Shared) -> Row {
        let theme = shared.theme;
        let gone = self.spent.as_secs();
        let may = u64::from(item.seconds());
        let bar = steps(gone.min(may) as usize, may as usize, theme);
        let time = format!("  {} / {}", minutes(gone), minutes(may));
        let look = if gone > may { Look::Warn } else { Look::Dim };
        Row::new(theme, &[(&bar, if gone > may { Look::Warn } else { Look::Focus }), (&time, look)])
    }

    fn setup(&self, width: usize, shared: &Shared, out: &mut Vec<Row>) -> Option<(usize, usize)> {
        let theme = shared.theme;
        let lang = |key: &str| shared.say(key);
        out.extend(said(
            &shared.with("interview.how", &[("minutes", &self.minutes)]),
            TextStyle::default(),
            width,
            theme,
        ));
        out.push(Row::default());
        let role = match ROLES[self.role] {
            Role::Fresher => "fresher",
            Role::Developer => "developer",
            Role::Devops => "devops",
        };
        let own =
            Self::own(shared).and_then(|id| shared.course.exercise(&id)).map(|e| e.title.get(&shared.lang).to_owned());
        let viva = match own {
            Some(title) if Self::can_viva(shared) => {
                let sign = if self.viva { "[x]" } else { "[ ]" };
                format!("{sign} {title}")
            }
            _ => lang("tui.interview.no-own"),
        };
        let rows = [
            (lang("tui.interview.role"), lang(&format!("interview.role.{role}"))),
            (lang("tui.interview.length"), shared.with("tui.minutes", &[("minutes", &self.minutes)])),
            (lang("tui.interview.own"), viva),
        ];
        let label = rows.iter().map(|r| crate::layout::width(&r.0)).max().unwrap_or(0) + 3;
        let mut cursor = None;
        for (at, (name, value)) in rows.iter().enumerate() {
            let here = at == self.cursor;
            let look = if here { Look::Focus } else { Look::Plain };
            if here {
                cursor = Some((out.len(), out.len()));
            }
            let name = rows::pad(name, label);
            out.push(Row::new(theme, &[(arrow(here, theme), Look::Focus), (&name, Look::Dim), (value, look)]));
        }
        out.push(Row::default());
        if self.empty {
            out.extend(hung(
                (theme.sign("✗ ", "! "), Look::Warn),
                &lang("interview.none"),
                TextStyle::default(),
                width,
                theme,
            ));
        }
        if let Some((_, held)) = shared.summary.as_ref().and_then(|s| s.cards.last_interview()) {
            let score = interview::score(held);
            let args: [(&str, &dyn Display); 1] = [("score", &score)];
            out.extend(hung(
                ("", Look::Dim),
                &shared.with("tui.interview.last", &args),
                TextStyle::of(Class::Quote),
                width,
                theme,
            ));
        }
        cursor
    }
}

/// `1:05`.
fn minutes(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

impl Component for Interview {
    fn scope(&self) -> Scope {
        Scope::Quiz
    }

    fn enabled(&self, action: Action, shared: &Shared) -> bool {
        let many = || self.options(shared).iter().filter(|o| o.1).count() > 1;
        match action {
            Action::Begin | Action::Change => self.phase == Phase::Setup,
            Action::Answer => {
                !matches!(self.phase, Phase::Setup | Phase::Over(..))
                    && (self.phase != Phase::Asked || !many() || !self.ticked.is_empty())
            }
            Action::Tick => self.phase == Phase::Ticking || self.phase == Phase::Asked && many(),
            Action::PassOver => self.phase == Phase::Asked,
            Action::Finish => self.ticking(),
            Action::Export => matches!(self.phase, Phase::Over(..)),
            Action::Lesson => matches!(&self.phase, Phase::Over(_, held) if study(held, shared).is_some()),
            Action::Afresh => matches!(self.phase, Phase::Over(..)),
            action => movement(action, 1).is_some(),
        }
    }

    fn act(&mut self, action: Action, shared: &mut Shared) -> Vec<Effect> {
        match action {
            Action::Begin => return self.begin(shared),
            Action::Change => match self.cursor {
                0 => self.role = (self.role + 1) % ROLES.len(),
                1 => self.minutes = LENGTHS.into_iter().find(|m| *m > self.minutes).unwrap_or(LENGTHS[0]),
                _ => self.viva = !self.viva,
            },
            Action::Answer => return self.answer(shared),
            Action::Tick => {
                let at = self.cursor;
                if !self.ticked.remove(&at) {
                    self.ticked.insert(at);
                }
            }
            Action::PassOver => return self.next(&Said::PassedOver, shared),
            Action::Finish => return self.finish(shared),
            Action::Export => {
                if let Phase::Over(at, held) = &self.phase {
                    return vec![Effect::Export(interview::markdown(shared.course, *at, held, &shared.lang))];
                }
            }
            Action::Lesson => {
                if let Phase::Over(_, held) = &self.phase {
                    return study(held, shared).map(|id| Effect::Go(Target::Lesson(id, None))).into_iter().collect();
                }
            }
            Action::Afresh => {
                self.phase = Phase::Setup;
                self.cursor = 0;
            }
            action => {
                if let Some(by) = movement(action, self.height) {
                    let to = self.cursor.saturating_add_signed(by).min(self.last(shared));
                    let one = matches!(action, Action::Up | Action::Down);
                    self.follow = one && to != self.cursor;
                    // Beyond the last point stands the model answer, which may be longer than the window.
                    if self.follow {
                        self.cursor = to;
                    } else {
                        self.window.scroll(by, self.rows, self.height);
                    }
                }
            }
        }
        Vec::new()
    }

    /// A key that goes back is easily pressed, and half an hour of talking is not easily had again.
    fn hold(&self) -> Option<Effect> {
        let ends = vec![Effect::Act(Action::Finish)];
        let answered = self.standing().is_some() || self.run.as_ref().is_some_and(|run| run.held().is_some());
        (self.ticking() && answered).then(|| Effect::Show(Box::new(Overlay::question("tui.interview.sure", ends))))
    }

    /// Whoever goes to read something, or leaves the program, has had this interview: what was asked counts.
    fn leave(&mut self, shared: &Shared) -> Vec<Effect> {
        self.ticked_at = None;
        self.finish(shared)
    }

    fn header(&self, shared: &Shared) -> (Row, Row) {
        let theme = shared.theme;
        let title = shared.say("tui.interview.title");
        let place = match &self.run {
            Some(run) => {
                let (at, of) = run.place();
                let left = u64::from(run.left()).saturating_sub(self.spent.as_secs() + self.reading.as_secs());
                format!("{at}/{of}   {}", shared.with("tui.interview.left", &[("time", &minutes(left))]))
            }
            None => String::new(),
        };
        let lang = format!("  {}", shared.lang);
        (Row::new(theme, &[(&title, Look::Title)]), Row::new(theme, &[(&place, Look::Plain), (&lang, Look::Dim)]))
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, shared: &Shared, _: &mut Texts) {
        let text = quiz_draw::centred(area);
        let drawn = self.body(usize::from(text.width), shared);
        self.height = usize::from(text.height).max(1);
        self.rows = drawn.rows.len();
        if let Some((first, last)) = drawn.cursor.filter(|_| self.follow) {
            let first = if self.cursor == 0 && last < self.height { 0 } else { first };
            self.window.top = self.window.top.min(first).max((last + 1).saturating_sub(self.height));
        }
        self.window.settle(self.rows, self.height);
        rows::paint(buf, text, &drawn.rows, self.window, shared.theme);
        scrollbar(buf, beside(text), self.window.top, self.rows, shared);
    }
}

/// The weakest lesson that can be read.
fn study(held: &Held, shared: &Shared) -> Option<String> {
    interview::study(shared.course, held, &shared.lang).into_iter().find(|s| s.there).map(|s| s.lesson)
}
