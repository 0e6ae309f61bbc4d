//! Where a learner stands, worked out from the events.
//!
//! The fold gives the same in whatever order events come: histories of two devices are merged by adding one to the other,
//! and a device whose clock went backwards writes events that are younger than they say. So nothing here is "the last one
//! seen": counts, sets, minima, maxima, and per device the highest sequence number.

use super::{
    cards::Cards,
    event::{Checked, Event, EventKind},
};
use jiff::{Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The number of this fold. Raise it when the fold changes: caches made by another are thrown away.
pub(super) const FOLD: u32 = 2;

/// The latest of something: by sequence within a device, by clock between devices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Latest<T>(BTreeMap<Uuid, (u64, i64, T)>);

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> Latest<T> {
    pub(super) fn put(&mut self, stamp: &Stamp, value: T) {
        match self.0.get_mut(&stamp.device) {
            Some(held) if held.0 >= stamp.seq => {}
            Some(held) => *held = (stamp.seq, stamp.at, value),
            None => {
                self.0.insert(stamp.device, (stamp.seq, stamp.at, value));
            }
        }
    }

    pub(super) fn get(&self) -> Option<&T> {
        self.0.iter().max_by_key(|(device, (seq, at, _))| (*at, *seq, **device)).map(|(_, (.., value))| value)
    }
}

/// Where an event stands.
pub(super) struct Stamp {
    pub(super) device: Uuid,
    pub(super) seq: u64,
    pub(super) at: i64,
}

/// Where the learner was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// In a lesson, at a section.
    Lesson(String, Option<String>),
    /// At an exercise.
    Exercise(String),
}

/// What is known of a lesson.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LessonState {
    /// It was read to its end.
    pub read: bool,
    left: Latest<(Option<String>, u32)>,
}

impl LessonState {
    /// The section at which it was left.
    pub fn section(&self) -> Option<&str> {
        self.left.get()?.0.as_deref()
    }

    /// The very paragraph: that section, and so many blocks below its heading.
    pub fn paragraph(&self) -> Option<(&str, u32)> {
        let (section, block) = self.left.get()?;
        Some((section.as_deref()?, *block))
    }
}

/// What is known of an exercise.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ExerciseState {
    /// Checks that judged something: those that the machine broke are not counted.
    pub attempts: u32,
    /// Of those, how many passed.
    pub passes: u32,
    /// When it was first passed, milliseconds since 1970.
    pub first_pass: Option<i64>,
    /// The highest step of the hints that was shown.
    pub hints: u32,
    /// The solution was shown.
    pub solution_seen: bool,
    /// The smallest image that passed, bytes over all layers.
    pub best_total: Option<u64>,
    /// The fewest bytes above the base that passed.
    pub best_added: Option<u64>,
    dir: Latest<String>,
    last: Latest<Checked>,
}

impl ExerciseState {
    /// Where it was started, on whichever device did so last.
    pub fn dir(&self) -> Option<&str> {
        self.dir.get().map(String::as_str)
    }

    /// The last check.
    pub fn last(&self) -> Option<&Checked> {
        self.last.get()
    }

    /// It was passed at some time; later failures do not take that away.
    pub fn passed(&self) -> bool {
        self.passes > 0
    }
}

/// Everything that home, `list` and `progress show` need.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// By lesson id; ids that no course has any more are kept.
    pub lessons: BTreeMap<String, LessonState>,
    /// By exercise id.
    pub exercises: BTreeMap<String, ExerciseState>,
    /// Days on which something happened, `2026-11-21`, in the time zone of the device.
    pub days: BTreeSet<String>,
    place: Latest<Place>,
    /// What the quiz remembers.
    pub cards: Cards,
    /// How many events it was made from.
    pub events: u64,
}

impl Summary {
    /// Adds an event.
    pub fn add(&mut self, event: &Event) {
        self.events += 1;
        let Some(kind) = event.known() else { return };
        let stamp = Stamp {
            device: event.device,
            seq: event.seq,
            at: event.at.parse::<Timestamp>().map_or(0, Timestamp::as_millisecond),
        };
        if let Some(day) = event.at.get(..10) {
            self.days.insert(day.to_owned());
        }
        match kind {
            EventKind::LessonOpened { lesson, section, block, .. } => {
                self.place.put(&stamp, Place::Lesson(lesson.clone(), section.clone()));
                self.lessons.entry(lesson).or_default().left.put(&stamp, (section, block.unwrap_or(0)));
            }
            EventKind::LessonRead { lesson } => {
                self.place.put(&stamp, Place::Lesson(lesson.clone(), None));
                self.lessons.entry(lesson).or_default().read = true;
            }
            EventKind::ExerciseStarted { exercise, dir } => {
                self.place.put(&stamp, Place::Exercise(exercise.clone()));
                self.exercises.entry(exercise).or_default().dir.put(&stamp, dir);
            }
            EventKind::ExerciseChecked(checked) => {
                self.place.put(&stamp, Place::Exercise(checked.exercise.clone()));
                if !checked.passed && !checked.provisional && checked.goals.values().any(|v| v == "failed") {
                    self.cards.stumble(&stamp, format!("exercise:{}", checked.exercise));
                }
                self.exercises.entry(checked.exercise.clone()).or_default().check(&stamp, checked);
            }
            EventKind::HintShown { exercise, step } => {
                let state = self.exercises.entry(exercise).or_default();
                state.hints = state.hints.max(step);
            }
            EventKind::SolutionShown { exercise, .. } => {
                self.exercises.entry(exercise).or_default().solution_seen = true;
            }
            // Where the learner is, answers do not change.
            EventKind::QuizAnswered { quiz, question, right, .. } => {
                if quiz == "claim" && !right {
                    self.cards.stumble(&stamp, format!("claim:{question}"));
                }
            }
            EventKind::CardReviewed { card, rating, session, .. } => self.cards.review(&stamp, card, rating, session),
            EventKind::QuizBegan { session, cards } => self.cards.begin(&stamp, session, cards),
            EventKind::InterviewHeld(interview) => self.cards.interview(&stamp, interview),
            EventKind::ExerciseReset { exercise } => self.place.put(&stamp, Place::Exercise(exercise)),
        }
    }

    /// Where the learner was last.
    pub fn place(&self) -> Option<&Place> {
        self.place.get()
    }

    /// Days in a row up to `today`, or up to yesterday while today has nothing yet. Days of a clock that ran ahead count
    /// for nothing until they come.
    pub fn streak(&self, today: Date) -> u32 {
        let has = |day: Date| self.days.contains(&day.to_string());
        let back = |day: Date| day.checked_sub(1.day()).ok();
        let mut day = if has(today) { Some(today) } else { back(today) };
        let mut count = 0;
        while let Some(d) = day.filter(|d| has(*d)) {
            count += 1;
            day = back(d);
        }
        count
    }
}

impl ExerciseState {
    fn check(&mut self, stamp: &Stamp, checked: Checked) {
        let judged = checked.goals.values().any(|v| v == "passed" || v == "failed");
        if judged && !checked.provisional {
            self.attempts += 1;
        }
        if checked.passed {
            self.passes += 1;
            self.first_pass = Some(self.first_pass.map_or(stamp.at, |held| held.min(stamp.at)));
            self.best_total = least(self.best_total, checked.total);
            self.best_added = least(self.best_added, checked.added);
        }
        self.last.put(stamp, checked);
    }
}

fn least(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(device: u128, seq: u64, at: &str, kind: &EventKind) -> Event {
        let (kind, json) = kind.split();
        Event {
            uuid: Uuid::from_u128(device * 1000 + u128::from(seq)),
            device: Uuid::from_u128(device),
            seq,
            at: at.into(),
            kind,
            v: 1,
            json,
        }
    }

    fn checked(passed: bool, total: u64) -> EventKind {
        EventKind::ExerciseChecked(Checked {
            exercise: "e".into(),
            passed,
            goals: [("builds".into(), if passed { "passed" } else { "failed" }.into())].into(),
            total: Some(total),
            ..Checked::default()
        })
    }

    #[test]
    fn a_later_failure_does_not_take_a_pass_away_and_the_best_size_stays() {
        let mut summary = Summary::default();
        for (seq, kind) in
            [(1, checked(false, 9)), (2, checked(true, 5)), (3, checked(true, 7)), (4, checked(false, 1))]
        {
            summary.add(&event(1, seq, "2026-11-21T10:00:00.000+05:30", &kind));
        }
        let state = &summary.exercises["e"];
        assert!(state.passed() && !state.last().unwrap().passed);
        assert_eq!((state.attempts, state.passes, state.best_total), (4, 2, Some(5)));
    }

    #[test]
    fn a_clock_that_went_back_does_not_bring_an_older_place_back() {
        let mut summary = Summary::default();
        let at = |lesson: &str| EventKind::LessonOpened {
            lesson: lesson.into(),
            section: None,
            block: None,
            lang: "en".into(),
        };
        summary.add(&event(1, 1, "2031-01-01T00:00:00.000Z", &at("first")));
        summary.add(&event(1, 2, "2001-01-01T00:00:00.000Z", &at("second")));
        assert_eq!(summary.place(), Some(&Place::Lesson("second".into(), None)));
    }

    #[test]
    fn a_streak_outlives_a_morning_and_ignores_the_future() {
        let mut summary = Summary::default();
        for day in ["2026-11-19", "2026-11-20", "2026-11-17", "2099-01-01"] {
            summary.days.insert(day.into());
        }
        assert_eq!(summary.streak("2026-11-21".parse().unwrap()), 2);
        assert_eq!(summary.streak("2026-11-22".parse().unwrap()), 0);
    }

    #[test]
    fn an_unknown_kind_or_version_is_counted_and_ignored() {
        let mut summary = Summary::default();
        let mut e = event(1, 1, "2026-11-21T00:00:00Z", &checked(true, 1));
        e.v = 2;
        summary.add(&e);
        e.v = 1;
        e.kind = "card-reviewed".into();
        summary.add(&e);
        assert_eq!(summary, Summary { events: 2, ..Summary::default() });
    }

    fn any_event() -> impl Strategy<Value = Event> {
        let kind = prop_oneof![
            (0..3u8, any::<bool>()).prop_map(|(l, s)| EventKind::LessonOpened {
                lesson: format!("l{l}"),
                section: s.then(|| "s".into()),
                block: s.then_some(3),
                lang: "en".into()
            }),
            (0..3u8).prop_map(|l| EventKind::LessonRead { lesson: format!("l{l}") }),
            (any::<bool>(), 0..50u64).prop_map(|(p, t)| checked(p, t)),
            (1..4u32).prop_map(|step| EventKind::HintShown { exercise: "e".into(), step }),
            Just(EventKind::ExerciseStarted { exercise: "e".into(), dir: "/tmp".into() }),
            (0..3u8, 1..5u8, 0..2u32).prop_map(|(card, rating, session)| EventKind::CardReviewed {
                card: format!("q{card}"),
                source: "quiz".into(),
                rating,
                right: rating > 1,
                answer: String::new(),
                ms: 0,
                lang: "en".into(),
                session,
            }),
            (0..9u32).prop_map(|session| EventKind::QuizBegan { session, cards: vec![] }),
        ];
        (1..4u128, 0..60i64, kind)
            .prop_map(|(device, minute, kind)| event(device, 0, &format!("2026-11-21T10:{minute:02}:00.000Z"), &kind))
    }

    proptest! {
        #[test]
        fn any_order_of_the_same_events_gives_the_same(events in proptest::collection::vec(any_event(), 0..30), seed in any::<u64>()) {
            let mut events = events;
            for (i, e) in events.iter_mut().enumerate() {
                e.seq = i as u64 + 1;
            }
            let fold = |events: &[Event]| {
                let mut s = Summary::default();
                events.iter().for_each(|e| s.add(e));
                s
            };
            let straight = fold(&events);
            let mut shuffled = events.clone();
            shuffled.sort_by_key(|e| (e.seq.wrapping_mul(seed | 1)).rotate_left(17));
            prop_assert_eq!(straight, fold(&shuffled));
        }
    }
}
