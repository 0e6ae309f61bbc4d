//! All cards of a course with where each stands, and which of them to ask.
//!
//! A question is a card. New ones come in the order of the course, from lessons that were read; what was answered comes when
//! the schedule says so; and what the learner stumbled over elsewhere, an exercise that failed twice, a claim predicted
//! wrongly, makes its cards due at once.

use super::schedule::{DAY, Rating, Replayed, Scheduler, ahead, replay};
use crate::{
    course::{Course, Proof, Question, QuestionKind},
    progress::Summary,
};
use std::collections::{BTreeMap, BTreeSet};

/// Where a card stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Standing {
    /// It was never asked.
    New,
    /// It should be asked, since then (milliseconds since 1970).
    Due(i64),
    /// It can wait until then.
    Later(i64),
}

/// A question and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// The question.
    pub question: Question,
    /// The module that has it.
    pub module: String,
    /// Where it stands.
    pub standing: Standing,
    /// What its answers so far come to.
    pub replayed: Option<Replayed>,
    /// The learner stumbled over what it asks since it was answered last.
    pub stumbled: bool,
    /// Its lesson was read.
    pub read: bool,
    /// The place of its lesson in the course.
    at: usize,
}

impl Card {
    /// It should be asked now.
    pub fn due(&self) -> bool {
        matches!(self.standing, Standing::Due(_))
    }

    /// How well it is known, 0 (not at all) to 1: what an interview asks by.
    pub fn known(&self) -> f64 {
        let Some(replayed) = &self.replayed else { return 0.4 };
        if self.stumbled {
            return 0.0;
        }
        // Ten days of stability is half of knowing it well.
        let stability = f64::from(replayed.memory.stability);
        stability / (stability + 10.0)
    }
}

/// Which questions are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this module.
    pub module: Option<String>,
    /// Of this lesson.
    pub lesson: Option<String>,
    /// Of this kind.
    pub kind: Option<QuestionKind>,
    /// Only those that are due.
    pub due: bool,
    /// At most so many.
    pub count: Option<usize>,
}

impl Filter {
    /// Nothing in particular is wanted: not which questions, nor how many. Only then is an open session gone on with.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    fn lets(&self, card: &Card) -> bool {
        let question = &card.question;
        self.module.as_ref().is_none_or(|m| card.module == *m)
            && self.lesson.as_ref().is_none_or(|l| question.lesson == *l)
            && self.kind.is_none_or(|k| question.kind == k)
            && (!self.due || card.due())
    }
}

/// How many questions a session has when nobody says.
pub(super) const USUAL: usize = 10;

/// New questions of a lesson that come before those of the next.
const IN_TURN: usize = 3;

/// How many cards there are, by where they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// To be asked now.
    pub due: usize,
    /// Never asked, of lessons that were read.
    pub new: usize,
    /// Asked, and not due yet.
    pub later: usize,
    /// Never asked, of lessons that were not read.
    pub unread: usize,
    /// Days until the next one is due, where none is now.
    pub next_in_days: Option<u32>,
}

/// All cards of a course.
#[derive(Debug, Clone, Default)]
pub struct Deck {
    cards: Vec<Card>,
    now: i64,
}

/// What the home screen says of the quiz. Reads every question of the course: keep what it gives until the history changes.
pub fn counts(course: &Course, summary: &Summary, scheduler: &dyn Scheduler, now: i64) -> Counts {
    Deck::new(course, summary, scheduler, now).counts()
}

impl Deck {
    /// Works out where every card stands at `now`, milliseconds since 1970.
    pub fn new(course: &Course, summary: &Summary, scheduler: &dyn Scheduler, now: i64) -> Self {
        let order: BTreeMap<String, usize> =
            course.curriculum().into_iter().map(|p| p.id).chain(course.lessons().iter().map(|l| l.id.clone())).fold(
                BTreeMap::new(),
                |mut order, id| {
                    let at = order.len();
                    order.entry(id).or_insert(at);
                    order
                },
            );
        let stumbles = stumbles(course, summary, now);
        let mut cards = Vec::new();
        for module in course.modules() {
            for question in course.quiz(&module.id) {
                let replayed = replay(scheduler, &summary.cards.history(&question.id, now));
                let claim = match &question.proof {
                    Some(Proof::Claim(id)) => stumbles.claims.get(id).copied(),
                    _ => None,
                };
                let stumble = stumbles.lessons.get(&question.lesson).copied().max(claim);
                let stumbled = stumble.filter(|at| replayed.is_none_or(|r| r.last < *at));
                let standing = match (replayed, stumbled) {
                    (_, Some(at)) => Standing::Due(at),
                    (None, None) => Standing::New,
                    (Some(r), None) if r.due <= now => Standing::Due(r.due),
                    (Some(r), None) => Standing::Later(r.due),
                };
                let read = summary.lessons.get(&question.lesson).is_some_and(|l| l.read);
                let at = order.get(&question.lesson).copied().unwrap_or(usize::MAX);
                let stumbled = stumbled.is_some();
                cards.push(Card { question, module: module.id.clone(), standing, replayed, stumbled, read, at });
            }
        }
        few_of_each_stumble(&mut cards);
        Self { cards, now }
    }

    /// Every card.
    pub fn cards(&self) -> &[Card] {
        &self.cards
    }

    /// One card.
    pub fn card(&self, id: &str) -> Option<&Card> {
        self.cards.iter().find(|c| c.question.id == id)
    }

    /// Days until a card comes again if it is answered so now; none when it comes again today.
    pub fn ahead(&self, id: &str, rating: Rating, scheduler: &dyn Scheduler) -> Option<u32> {
        ahead(scheduler, self.card(id).and_then(|c| c.replayed.as_ref()), rating, self.now)
    }

    /// How many there are, by where they stand.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        let mut next: Option<i64> = None;
        for card in &self.cards {
            match card.standing {
                Standing::Due(_) => counts.due += 1,
                Standing::New if card.read => counts.new += 1,
                Standing::New => counts.unread += 1,
                Standing::Later(at) => {
                    counts.later += 1;
                    next = Some(next.map_or(at, |n| n.min(at)));
                }
            }
        }
        if counts.due == 0 {
            counts.next_in_days = next.map(|at| u32::try_from((at - self.now + DAY - 1) / DAY).unwrap_or(1).max(1));
        }
        counts
    }

    /// Whether there is anything to ask that a filter lets through, now or at all.
    pub fn any(&self, filter: &Filter) -> bool {
        self.cards.iter().any(|card| filter.lets(card))
    }

    /// The ids of the questions to ask: what is due first, the longest overdue before the others, then new ones in the
    /// order of the lessons that were read; neighbours from different lessons, as what is mixed is remembered better.
    pub fn pick(&self, filter: &Filter) -> Vec<String> {
        let count = filter.count.unwrap_or(USUAL).max(1);
        let named = filter.lesson.is_some() || filter.module.is_some();
        let fitting: Vec<&Card> = self.cards.iter().filter(|card| filter.lets(card)).collect();
        let mut due: Vec<&Card> = fitting.iter().copied().filter(|c| c.due()).collect();
        due.sort_by_key(|c| match c.standing {
            Standing::Due(since) => (!c.stumbled, since, std::cmp::Reverse(c.question.weight), c.at),
            _ => (true, i64::MAX, std::cmp::Reverse(0), c.at),
        });
        let new = |read: bool| {
            let mut new: Vec<&Card> =
                fitting.iter().copied().filter(|c| c.standing == Standing::New && (c.read || !read)).collect();
            new.sort_by_key(|c| (c.at, std::cmp::Reverse(c.question.weight)));
            // A few of each lesson in turn, what interviewers ask most before the rest of it.
            let mut of_lesson: BTreeMap<usize, usize> = BTreeMap::new();
            let mut turns: Vec<(usize, &Card)> = Vec::new();
            for card in new {
                let nth = of_lesson.entry(card.at).or_default();
                turns.push((*nth / IN_TURN, card));
                *nth += 1;
            }
            turns.sort_by_key(|(turn, card)| (*turn, card.at));
            turns.into_iter().map(|(_, card)| card).collect::<Vec<_>>()
        };
        let mut picked: Vec<&Card> = due.into_iter().take(count).collect();
        let mut fresh = new(!named);
        if fresh.is_empty() && picked.is_empty() {
            // Nothing was read yet, or all of it is known: go on in the course rather than send anybody away.
            fresh = new(false);
        }
        picked.extend(fresh.into_iter().take(count - picked.len()));
        if picked.is_empty() && named && !filter.due {
            // Who names a lesson wants its questions, early or not.
            let mut later: Vec<&Card> = fitting;
            later.sort_by_key(|c| match c.standing {
                Standing::Later(at) | Standing::Due(at) => at,
                Standing::New => i64::MIN,
            });
            picked.extend(later.into_iter().take(count));
        }
        interleaved(picked).into_iter().map(|c| c.question.id.clone()).collect()
    }
}

/// The same cards, no two neighbours of one lesson while that can be had.
fn interleaved(mut cards: Vec<&Card>) -> Vec<&Card> {
    let mut out: Vec<&Card> = Vec::with_capacity(cards.len());
    while !cards.is_empty() {
        let last = out.last().map(|c| &c.question.lesson);
        let next = cards.iter().position(|c| Some(&c.question.lesson) != last).unwrap_or(0);
        out.push(cards.remove(next));
    }
    out
}

struct Stumbles {
    lessons: BTreeMap<String, i64>,
    claims: BTreeMap<String, i64>,
}

/// When the learner last stumbled over each lesson and claim.
fn stumbles(course: &Course, summary: &Summary, now: i64) -> Stumbles {
    let mut found = Stumbles { lessons: BTreeMap::new(), claims: BTreeMap::new() };
    let later = |map: &mut BTreeMap<String, i64>, id: &str, at: i64| {
        let held = map.entry(id.to_owned()).or_insert(at);
        *held = (*held).max(at);
    };
    for exercise in course.exercises() {
        let times = summary.cards.stumbles(&format!("exercise:{}", exercise.id), now);
        // The first check of an exercise fails for everybody: its starter does.
        if let [.., _, last] = times[..] {
            for lesson in &exercise.teaches {
                later(&mut found.lessons, lesson, last);
            }
        }
    }
    for placed in course.claims() {
        let times = summary.cards.stumbles(&format!("claim:{}", placed.claim.id), now);
        if let Some(last) = times.last() {
            later(&mut found.claims, &placed.claim.id, *last);
        }
    }
    found
}

/// The most cards of a lesson that one stumble makes due: a failed exercise is no reason to be asked everything.
const PULLED: usize = 3;

fn few_of_each_stumble(cards: &mut [Card]) {
    let lessons: BTreeSet<String> = cards.iter().map(|c| c.question.lesson.clone()).collect();
    for lesson in lessons {
        let mut pulled: Vec<usize> = (0..cards.len())
            .filter(|at| cards[*at].stumbled && cards[*at].question.lesson == lesson)
            .filter(|at| cards[*at].replayed.is_none_or(|r| r.lapses == 0))
            .collect();
        pulled.sort_by_key(|at| std::cmp::Reverse(cards[*at].question.weight));
        for at in pulled.into_iter().skip(PULLED) {
            let card = &mut cards[at];
            card.stumbled = false;
            card.standing = card.replayed.map_or(Standing::New, |r| Standing::Later(r.due));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        progress::{Checked, EPOCH, Event, EventKind},
        quiz::Fsrs,
    };
    use uuid::Uuid;

    const NOW: i64 = EPOCH + 690 * DAY;

    fn history(events: &[(i64, EventKind)]) -> Summary {
        let mut summary = Summary::default();
        for (seq, (at, kind)) in (1..).zip(events) {
            let (kind, json) = kind.split();
            let at = jiff::Timestamp::from_millisecond(*at).unwrap().to_string();
            summary.add(&Event { uuid: Uuid::now_v7(), device: Uuid::from_u128(1), seq, at, kind, v: 1, json });
        }
        summary
    }

    fn read(lesson: &str) -> EventKind {
        EventKind::LessonRead { lesson: lesson.into() }
    }

    fn answered(card: &str, rating: u8) -> EventKind {
        EventKind::CardReviewed {
            card: card.into(),
            source: "quiz".into(),
            rating,
            right: rating > 1,
            answer: String::new(),
            ms: 1,
            lang: "en".into(),
            session: 0,
        }
    }

    fn failed(exercise: &str) -> EventKind {
        EventKind::ExerciseChecked(Checked {
            exercise: exercise.into(),
            goals: [("g".to_owned(), "failed".to_owned())].into(),
            ..Checked::default()
        })
    }

    fn deck(events: &[(i64, EventKind)]) -> Deck {
        Deck::new(Course::built_in(), &history(events), &Fsrs::default(), NOW)
    }

    fn lessons(deck: &Deck, ids: &[String]) -> Vec<String> {
        ids.iter().map(|id| deck.card(id).unwrap().question.lesson.clone()).collect()
    }

    #[test]
    fn new_questions_come_of_lessons_that_were_read() {
        let deck = deck(&[(NOW - DAY, read("node-production-deps"))]);
        let picked = deck.pick(&Filter { count: Some(4), ..Filter::default() });
        assert_eq!(lessons(&deck, &picked), ["node-production-deps"; 4]);
        assert!(deck.counts().new >= 4 && deck.counts().unread > 0 && deck.counts().due == 0);
    }

    #[test]
    fn whoever_has_read_nothing_begins_at_the_beginning() {
        let deck = deck(&[]);
        assert_eq!(deck.pick(&Filter::default()).len(), USUAL);
        let due = Filter { due: true, ..Filter::default() };
        assert!(deck.pick(&due).is_empty() && !deck.any(&due));
    }

    #[test]
    fn what_is_due_comes_first_and_lessons_are_mixed() {
        let deck = deck(&[
            (NOW - 40 * DAY, read("node-production-deps")),
            (NOW - 40 * DAY, read("multi-stage-idea")),
            (NOW - 39 * DAY, answered("q-npm-flag", 3)),
            (NOW - 30 * DAY, answered("q-where-is-the-builder", 3)),
            (NOW - DAY, answered("q-missing-from", 4)),
        ]);
        let picked = deck.pick(&Filter { count: Some(2), ..Filter::default() });
        assert_eq!(picked, ["q-npm-flag", "q-where-is-the-builder"], "the longest overdue first");
        let counts = deck.counts();
        assert_eq!((counts.due, counts.later), (2, 1));
        let more = deck.pick(&Filter { count: Some(8), ..Filter::default() });
        let lessons = lessons(&deck, &more);
        assert!(lessons[..4].windows(2).all(|w| w[0] != w[1]), "{lessons:?}");
        assert!(!more.contains(&"q-missing-from".to_owned()), "known yesterday, and well");
    }

    #[test]
    fn a_wrong_prediction_and_a_second_failed_check_make_cards_due() {
        let claim = EventKind::QuizAnswered {
            quiz: "claim".into(),
            question: "builder-is-deleted".into(),
            exercise: None,
            answer: "x".into(),
            right: false,
        };
        let card = |events: &[(i64, EventKind)], id: &str| deck(events).card(id).unwrap().clone();
        let known = (NOW - DAY, answered("q-where-is-the-builder", 4));
        assert!(!card(std::slice::from_ref(&known), "q-where-is-the-builder").due());
        assert!(card(&[known.clone(), (NOW - 1000, claim.clone())], "q-where-is-the-builder").due());
        assert!(!card(&[(NOW - 2 * DAY, claim), known], "q-where-is-the-builder").due(), "answered since");
        let once = deck(&[(NOW - DAY, failed("two-stages"))]);
        assert_eq!(once.counts().due, 0, "a starter fails for everybody");
        let twice = deck(&[(NOW - DAY, failed("two-stages")), (NOW - DAY + 1, failed("two-stages"))]);
        assert!((1..=PULLED * 3).contains(&twice.counts().due), "{:?}", twice.counts());
        assert!(twice.cards().iter().filter(|c| c.due()).all(|c| c.stumbled && c.question.weight >= 2));
    }

    #[test]
    fn two_histories_merged_in_any_order_give_one_schedule() {
        let mut events = Vec::new();
        for (device, seq, day, rating) in
            [(1u128, 1u64, 40, 3), (1, 2, 30, 1), (2, 1, 35, 4), (2, 2, 10, 2), (1, 3, 1, 3)]
        {
            let (kind, json) = answered("q-npm-flag", rating).split();
            let at = jiff::Timestamp::from_millisecond(NOW - day * DAY).unwrap().to_string();
            let (uuid, device) = (Uuid::from_u128(device * 10 + u128::from(seq)), Uuid::from_u128(device));
            events.push(Event { uuid, device, seq, at, kind, v: 1, json });
        }
        let standing = |order: &[usize]| {
            let mut summary = Summary::default();
            order.iter().for_each(|i| summary.add(&events[*i]));
            Deck::new(Course::built_in(), &summary, &Fsrs::default(), NOW).card("q-npm-flag").unwrap().replayed
        };
        assert!(standing(&[0, 1, 2, 3, 4]).is_some());
        for order in [[4, 3, 2, 1, 0], [2, 3, 0, 1, 4], [1, 0, 4, 2, 3]] {
            assert_eq!(standing(&order), standing(&[0, 1, 2, 3, 4]));
        }
    }

    #[test]
    fn filters_let_through_what_they_name() {
        let deck = deck(&[]);
        let fill = Filter { kind: Some(QuestionKind::Fill), count: Some(50), ..Filter::default() };
        let picked = deck.pick(&fill);
        assert!(!picked.is_empty());
        assert!(picked.iter().all(|id| deck.card(id).unwrap().question.kind == QuestionKind::Fill));
        let lesson = Filter { lesson: Some("go-and-java".into()), ..Filter::default() };
        assert!(lessons(&deck, &deck.pick(&lesson)).iter().all(|l| l == "go-and-java"));
    }
}
