//! The quiz: one question after the other, judged at once, explained, and asked again when it should be.
//!
//! This file is what happens; how it looks is in [`super::quiz_draw`].

use super::quiz_draw;
use crate::{
    course::{Proof, Question, QuestionKind},
    progress::EventKind,
    quiz::{Answer, Counts, Deck, Filter, Fsrs, Near, Rating, Session, Verdict, grade, rating},
    tui::{
        app::{Component, Effect, Target},
        keys::{Action, Scope},
        overlay::{Overlay, movement},
        quiz_desk::Measured,
        rows::{self, Row, Window},
        screen::lesson::{beside, scrollbar},
        state::{Daemon, Shared},
        texts::Texts,
        theme::Look,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};
use std::{collections::BTreeSet, time::Instant};

/// Where the quiz stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Phase {
    /// The history is being read.
    Waiting,
    /// Nothing fits what was asked for.
    Nothing,
    /// A question is asked.
    Asking,
    /// A free answer was said; its points are being ticked.
    Ticking,
    /// It was judged.
    Judged(Judged),
    /// All were asked.
    Over,
}

/// What came of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judged {
    pub(super) answer: Answer,
    pub(super) right: bool,
    pub(super) rating: Rating,
    milliseconds: u64,
}

/// What the learner is about to answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Draft {
    /// The row that is looked at.
    pub(super) cursor: usize,
    /// Options or points that are ticked.
    pub(super) ticked: BTreeSet<usize>,
    /// Lines in the order in which they stand: places in the shuffled options.
    pub(super) order: Vec<usize>,
    /// The line under the cursor is carried along.
    pub(super) carried: bool,
    pub(super) typed: String,
    /// Letters are letters.
    pub(super) typing: bool,
    pub(super) near: Option<Near>,
    tries: u32,
}

pub(in crate::tui) struct Quiz {
    filter: Filter,
    fresh: bool,
    pub(super) deck: Deck,
    pub(super) session: Option<Session>,
    pub(super) phase: Phase,
    pub(super) draft: Draft,
    pub(super) counts: Counts,
    pub(super) measured: Option<Measured>,
    begun: Instant,
    window: Window,
    height: usize,
    rows: usize,
    /// Columns of the widest row that can be shifted, and those that are seen of it.
    widest: usize,
    cells: usize,
}

impl Quiz {
    pub(in crate::tui) fn new(filter: Filter, fresh: bool, shared: &Shared) -> (Self, Vec<Effect>) {
        let mut quiz = Self {
            filter,
            fresh,
            deck: Deck::default(),
            session: None,
            phase: Phase::Waiting,
            draft: Draft::default(),
            counts: Counts::default(),
            measured: None,
            begun: Instant::now(),
            window: Window::default(),
            height: 1,
            rows: 0,
            widest: 0,
            cells: 0,
        };
        let effects = quiz.learned(shared);
        (quiz, effects)
    }

    /// The history is known: begin, or go on. News of it later change nothing in a session.
    pub(in crate::tui) fn learned(&mut self, shared: &Shared) -> Vec<Effect> {
        if self.phase != Phase::Waiting || shared.summary.is_none() {
            return Vec::new();
        }
        self.begin(shared)
    }

    fn begin(&mut self, shared: &Shared) -> Vec<Effect> {
        let Some(summary) = &shared.summary else { return Vec::new() };
        let now = jiff::Timestamp::now().as_millisecond();
        self.deck = Deck::new(shared.course, summary, &Fsrs::default(), now);
        self.counts = self.deck.counts();
        let resumable = !self.fresh && self.filter.is_open();
        let mut effects = Vec::new();
        self.session = resumable.then(|| Session::resume(&self.deck, summary, now)).flatten();
        if self.session.is_none() {
            let number = (uuid::Uuid::new_v4().as_u128() as u32).max(1);
            if let Some((session, began)) = Session::begin(&self.deck, &self.filter, number) {
                self.session = Some(session);
                effects.push(Effect::Record(began));
            }
        }
        self.ask();
        effects
    }

    /// The current question of the session, or the end of it.
    fn ask(&mut self) {
        self.draft = Draft::default();
        self.measured = None;
        self.begun = Instant::now();
        self.window = Window::default();
        self.phase = match &self.session {
            None => Phase::Nothing,
            Some(session) => match session.current() {
                None => Phase::Over,
                Some(question) => {
                    self.draft.order = (0..question.options.len()).collect();
                    self.draft.typing = typed(question);
                    Phase::Asking
                }
            },
        };
    }

    pub(super) fn question(&self) -> Option<&Question> {
        self.session.as_ref()?.current()
    }

    /// Ids of the options as they stand.
    fn ids(&self) -> Vec<String> {
        let (Some(session), Some(question)) = (&self.session, self.question()) else { return Vec::new() };
        session.options(question).iter().map(|o| o.id.clone()).collect()
    }

    /// How many rows can be looked at one by one.
    fn last(&self) -> usize {
        let Some(question) = self.question() else { return 0 };
        let many = match (&self.phase, question.kind) {
            (Phase::Ticking, _) => question.points.len(),
            (_, QuestionKind::Bug) => question.code.as_deref().map_or(0, |c| c.lines().count()),
            (_, QuestionKind::Free) => 0,
            _ => question.options.len(),
        };
        many.saturating_sub(1)
    }

    fn answer(&self) -> Option<Answer> {
        let question = self.question()?;
        let ids = self.ids();
        let id = |at: usize| ids.get(at).cloned();
        Some(match question.kind {
            QuestionKind::Choices => Answer::Options(self.draft.ticked.iter().filter_map(|at| id(*at)).collect()),
            QuestionKind::Order => Answer::Order(self.draft.order.iter().filter_map(|at| id(*at)).collect()),
            QuestionKind::Bug => Answer::Line(self.draft.cursor as u32 + 1),
            QuestionKind::Free => Answer::Points(self.draft.ticked.clone()),
            _ if typed(question) => Answer::Typed(self.draft.typed.clone()),
            _ => Answer::Options(id(self.draft.cursor).into_iter().collect()),
        })
    }

    /// Judges what is drafted.
    fn judge(&mut self) {
        let (Some(question), Some(answer)) = (self.question().cloned(), self.answer()) else { return };
        self.draft.tries += 1;
        let verdict = grade(&question, &answer);
        if let Verdict::Near(near) = verdict
            && self.draft.tries < 3
        {
            self.draft.near = Some(near);
            return;
        }
        let right = verdict == Verdict::Right;
        let took = self.begun.elapsed();
        let rating = rating(&question, &answer, right, self.draft.tries, took);
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.draft.typing = false;
        self.window = Window::default();
        self.phase = Phase::Judged(Judged { answer, right, rating, milliseconds });
    }

    /// The judged answer as an event, the session one further.
    fn settle(&mut self, shared: &Shared) -> Vec<Effect> {
        let Phase::Judged(judged) = &self.phase else { return Vec::new() };
        let judged = judged.clone();
        let Some(session) = &mut self.session else { return Vec::new() };
        let Some(question) = session.current() else { return Vec::new() };
        let event = EventKind::CardReviewed {
            card: question.id.clone(),
            source: "quiz".to_owned(),
            rating: judged.rating.number(),
            right: judged.right,
            answer: judged.answer.to_string(),
            ms: judged.milliseconds,
            lang: shared.lang.to_string(),
            session: session.number,
        };
        session.answered(judged.rating);
        self.ask();
        vec![Effect::Record(event)]
    }

    /// Days until the judged question comes again.
    pub(super) fn ahead(&self, rating: Rating) -> Option<u32> {
        self.deck.ahead(&self.question()?.id, rating, &Fsrs::default())
    }

    /// The claim that shows the answer, where there is one.
    fn claim(&self) -> Option<&str> {
        match self.question()?.proof.as_ref()? {
            Proof::Claim(id) => Some(id),
            _ => None,
        }
    }

    /// What is measured stands below everything else: whoever asked for it wants to see it, not to look for it.
    fn show_end(&mut self) {
        self.window.top = usize::MAX;
    }

    /// News of a measurement.
    pub(in crate::tui) fn measured(&mut self, claim: &str, news: Measured) {
        if self.claim() == Some(claim) {
            self.measured = Some(news);
            self.show_end();
        }
    }

    fn measurable(&self, shared: &Shared) -> bool {
        matches!(self.phase, Phase::Judged(_))
            && self.claim().is_some()
            && matches!(shared.daemon, Daemon::Up(_))
            && self.measured.is_none()
    }

    /// The lesson to read about this, and its section where the proof names one.
    fn lesson(&self, shared: &Shared) -> Option<Target> {
        let (id, section) = match (&self.phase, &self.session) {
            (Phase::Over, Some(session)) => (session.missed().first()?.lesson.clone(), None),
            (Phase::Judged(_), _) => {
                let question = self.question()?;
                match &question.proof {
                    Some(Proof::Section(target)) => match target.split_once('#') {
                        Some((id, section)) => (id.to_owned(), Some(section.to_owned())),
                        None => (target.clone(), None),
                    },
                    _ => (question.lesson.clone(), None),
                }
            }
            _ => return None,
        };
        shared.course.lesson(&id).map(|_| Target::Lesson(id, section))
    }

    fn moved(&mut self, by: isize) {
        let last = self.last();
        let to = self.draft.cursor.saturating_add_signed(by).min(last);
        if self.draft.carried && to != self.draft.cursor {
            let line = self.draft.order.remove(self.draft.cursor);
            self.draft.order.insert(to, line);
        }
        self.draft.cursor = to;
    }
}

/// The answer is typed.
pub(super) fn typed(question: &Question) -> bool {
    question.options.is_empty() && matches!(question.kind, QuestionKind::Fill | QuestionKind::Predict)
}

impl Component for Quiz {
    fn scope(&self) -> Scope {
        if self.phase == Phase::Asking && self.draft.typing { Scope::Prompt } else { Scope::Quiz }
    }

    fn enabled(&self, action: Action, shared: &Shared) -> bool {
        let kind = self.question().map(|q| q.kind);
        match action {
            Action::GiveUp | Action::Erase => self.draft.typing,
            Action::Accept => self.draft.typing && !self.draft.typed.trim().is_empty(),
            Action::Answer => match self.phase {
                Phase::Judged(_) => true,
                Phase::Asking => kind != Some(QuestionKind::Choices) || !self.draft.ticked.is_empty(),
                Phase::Ticking => true,
                _ => false,
            },
            Action::Tick => match self.phase {
                Phase::Asking => matches!(kind, Some(QuestionKind::Choices | QuestionKind::Order)),
                Phase::Ticking => true,
                _ => false,
            },
            Action::Easier | Action::Harder => matches!(&self.phase, Phase::Judged(j) if j.right),
            Action::Measure => self.measurable(shared),
            Action::PanLeft | Action::PanRight => self.widest > self.cells,
            Action::Lesson => self.lesson(shared).is_some(),
            Action::Afresh => self.phase == Phase::Over,
            action => movement(action, 1).is_some(),
        }
    }

    fn type_in(&mut self, c: char) {
        if self.draft.typed.chars().count() < 300 {
            self.draft.typed.push(c);
            self.draft.near = None;
        }
    }

    fn act(&mut self, action: Action, shared: &mut Shared) -> Vec<Effect> {
        match action {
            Action::GiveUp => self.draft.typing = false,
            Action::Erase => {
                self.draft.typed.pop();
            }
            Action::Accept => self.judge(),
            Action::Answer => match (&self.phase, self.question().map(|q| q.kind)) {
                (Phase::Judged(_), _) => return self.settle(shared),
                (Phase::Asking, Some(QuestionKind::Free)) => {
                    self.phase = Phase::Ticking;
                    self.draft.cursor = 0;
                }
                // Esc left the line; Enter goes back into it.
                (Phase::Asking, _) if self.question().is_some_and(typed) => self.draft.typing = true,
                _ => self.judge(),
            },
            Action::Tick if self.question().is_some_and(|q| q.kind == QuestionKind::Order) => {
                self.draft.carried = !self.draft.carried;
            }
            Action::Tick => {
                let at = self.draft.cursor;
                if !self.draft.ticked.remove(&at) {
                    self.draft.ticked.insert(at);
                }
            }
            Action::Easier | Action::Harder => {
                if let Phase::Judged(judged) = &mut self.phase {
                    judged.rating = match (action, judged.rating) {
                        (Action::Easier, Rating::Hard) => Rating::Good,
                        (Action::Easier, _) => Rating::Easy,
                        (_, Rating::Easy) => Rating::Good,
                        _ => Rating::Hard,
                    };
                }
            }
            Action::Measure => {
                let Some(claim) = self.claim().map(str::to_owned) else { return Vec::new() };
                let measure = Effect::Measure(claim);
                if !shared.agreed {
                    return vec![Effect::Show(Box::new(Overlay::consent(vec![measure], shared)))];
                }
                return vec![measure];
            }
            Action::PanLeft => self.window.shift(-rows::SHIFT, self.widest, self.cells),
            Action::PanRight => self.window.shift(rows::SHIFT, self.widest, self.cells),
            Action::Lesson => {
                let target = self.lesson(shared);
                return target.map(Effect::Go).into_iter().collect();
            }
            Action::Afresh => {
                self.fresh = true;
                return self.begin(shared);
            }
            action => {
                if let Some(by) = movement(action, self.height) {
                    match self.phase {
                        Phase::Asking | Phase::Ticking if self.last() > 0 => self.moved(by),
                        _ => self.window.scroll(by, self.rows, self.height),
                    }
                }
            }
        }
        Vec::new()
    }

    fn leave(&mut self, shared: &Shared) -> Vec<Effect> {
        // What was judged counts, also when the learner goes to read about it.
        self.settle(shared)
    }

    fn header(&self, shared: &Shared) -> (Row, Row) {
        let theme = shared.theme;
        let title = shared.say("tui.quiz.title");
        let mut left = vec![(title.as_str(), Look::Title)];
        let lesson = self.question().and_then(|q| shared.course.lesson(&q.lesson)).map(|lesson| {
            let number = shared.course.number(lesson).map(|n| format!("{n} ")).unwrap_or_default();
            format!("   {number}{}", lesson.title.get(&shared.lang))
        });
        left.extend(lesson.as_deref().map(|l| (l, Look::Dim)));
        let place = match (&self.session, &self.phase) {
            (Some(session), Phase::Asking | Phase::Ticking | Phase::Judged(_)) => {
                let (at, of) = session.place();
                format!("{}  {at}/{of}", quiz_draw::steps(at.saturating_sub(1), of, shared.theme))
            }
            _ => String::new(),
        };
        let lang = format!("  {}", shared.lang);
        (Row::new(theme, &left), Row::new(theme, &[(&place, Look::Plain), (&lang, Look::Dim)]))
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, shared: &Shared, _: &mut Texts) {
        let (text, side) = quiz_draw::columns(area);
        let drawn = quiz_draw::quiz(self, usize::from(text.width), shared);
        self.height = usize::from(text.height).max(1);
        self.rows = drawn.rows.len();
        if let Some((first, last)) = drawn.cursor {
            // The row that is looked at stays in sight, with what stands before the first one.
            let first = if self.draft.cursor == 0 && last < self.height { 0 } else { first };
            self.window.top = self.window.top.min(first).max((last + 1).saturating_sub(self.height));
        }
        (self.widest, self.cells) = (rows::widest(&drawn.rows), usize::from(text.width));
        self.window.settle(self.rows, self.height);
        self.window.shift(0, self.widest, self.cells);
        rows::paint(buf, text, &drawn.rows, self.window, shared.theme);
        scrollbar(buf, beside(text), self.window.top, self.rows, shared);
        if let Some(side) = side {
            quiz_draw::side(self, buf, side, shared);
        }
    }
}
