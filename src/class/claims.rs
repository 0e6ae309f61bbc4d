//! What a learner's own program says of her work, and where that cannot be true.
//!
//! A history is a text file on the learner's machine: anybody can write one. Its signs of that are told as *doubts*, never as
//! proof: an old laptop with an empty CMOS battery writes dates of the future too. What decides is the verdict made here.

use crate::{
    course::Exercise,
    progress::{Event, EventKind, Summary},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What the learner's program says of one exercise.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Claimed {
    /// It was passed at some time.
    pub passed: bool,
    /// Checks that judged something.
    pub attempts: u32,
    /// Hints shown, the highest step.
    pub hints: u32,
    /// The solution was shown.
    pub solution_seen: bool,
    /// When it was started, milliseconds since 1970 by the learner's clock.
    pub started: Option<i64>,
    /// When it was first passed.
    pub first_pass: Option<i64>,
    /// The last event of it.
    pub last: Option<i64>,
    /// Verdicts of the last check, by goal.
    pub goals: BTreeMap<String, String>,
    /// Diagnosis codes of the last check, by goal.
    pub codes: BTreeMap<String, String>,
}

impl Claimed {
    /// Minutes between the start and the first pass, or the last event where there was none. Nights count too: it says how
    /// long the exercise lay on the table, not how long somebody sat at it.
    pub fn minutes(&self) -> Option<u64> {
        let end = self.first_pass.or(self.last)?;
        u64::try_from((end - self.started?) / 60_000).ok()
    }
}

/// A sign that a history was not written by the program. Its text is `class.doubt.NAME`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// The history cannot be read.
    HistoryUnreadable,
    /// A pass with a goal that did not pass, or without one.
    PassWithoutGoals,
    /// A pass that names other goals than the exercise has. Also so after the course was changed.
    OtherGoals,
    /// A pass without an engine: the program never says so.
    PassWithoutEngine,
    /// An event of the future.
    Future,
    /// Two events with one number of one device.
    NumberTwice,
    /// Two events with one uuid.
    UuidTwice,
    /// No event of the device that wrote the bundle, though there are events.
    OtherDevice,
}

impl Doubt {
    /// Its name in texts.
    pub fn name(self) -> &'static str {
        match self {
            Self::HistoryUnreadable => "history-unreadable",
            Self::PassWithoutGoals => "pass-without-goals",
            Self::OtherGoals => "other-goals",
            Self::PassWithoutEngine => "pass-without-engine",
            Self::Future => "future",
            Self::NumberTwice => "number-twice",
            Self::UuidTwice => "uuid-twice",
            Self::OtherDevice => "other-device",
        }
    }
}

/// How far ahead a clock may be before it is told, milliseconds: two time zones set wrong, not a year.
const AHEAD: i64 = 26 * 3_600_000;

fn millis(event: &Event) -> Option<i64> {
    event.at.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

/// What a history claims of an exercise.
pub fn claimed(events: &[Event], exercise: &str) -> Claimed {
    let mut summary = Summary::default();
    let (mut started, mut last) = (None::<i64>, None::<i64>);
    for event in events {
        summary.add(event);
        if event.json.get("exercise").and_then(|e| e.as_str()) != Some(exercise) {
            continue;
        }
        if let Some(at) = millis(event) {
            started = Some(started.map_or(at, |held| held.min(at)));
            last = Some(last.map_or(at, |held| held.max(at)));
        }
    }
    let Some(state) = summary.exercises.get(exercise) else { return Claimed::default() };
    let check = state.last();
    Claimed {
        passed: state.passed(),
        attempts: state.attempts,
        hints: state.hints,
        solution_seen: state.solution_seen,
        started,
        first_pass: state.first_pass,
        last,
        goals: check.map(|c| c.goals.clone()).unwrap_or_default(),
        codes: check.map(|c| c.codes.clone()).unwrap_or_default(),
    }
}

/// What is odd about a history. `now`: milliseconds since 1970, by our clock. `of`: the exercise, where the course has it.
pub fn doubts(events: &[Event], device: Uuid, exercise: &str, of: Option<&Exercise>, now: i64) -> Vec<Doubt> {
    let mut found = BTreeSet::new();
    let (mut uuids, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    for event in events {
        if !uuids.insert(event.uuid) {
            found.insert(Doubt::UuidTwice);
        }
        if !numbers.insert((event.device, event.seq)) {
            found.insert(Doubt::NumberTwice);
        }
        if millis(event).is_none_or(|at| at > now.saturating_add(AHEAD)) {
            found.insert(Doubt::Future);
        }
        let Some(EventKind::ExerciseChecked(checked)) = event.known() else { continue };
        if !checked.passed || checked.exercise != exercise {
            continue;
        }
        if checked.goals.is_empty() || checked.goals.values().any(|verdict| verdict != "passed") || checked.provisional
        {
            found.insert(Doubt::PassWithoutGoals);
        }
        if of.is_some_and(|e| {
            let goals: BTreeSet<&str> = e.goals.iter().map(|g| g.id.as_str()).collect();
            goals != checked.goals.keys().map(String::as_str).collect()
        }) {
            found.insert(Doubt::OtherGoals);
        }
        if checked.engine.is_none() {
            found.insert(Doubt::PassWithoutEngine);
        }
    }
    if !events.is_empty() && events.iter().all(|e| e.device != device) {
        found.insert(Doubt::OtherDevice);
    }
    found.into_iter().collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::progress::Checked;

    pub(in crate::class) fn event(seq: u64, minute: u32, kind: &EventKind) -> Event {
        let (kind, json) = kind.split();
        let at = format!("2026-11-21T10:{minute:02}:00.000+05:30");
        Event { uuid: Uuid::from_u128(seq.into()), device: Uuid::from_u128(7), seq, at, kind, v: 1, json }
    }

    pub(in crate::class) fn check(passed: bool) -> EventKind {
        let word = if passed { "passed" } else { "failed" };
        EventKind::ExerciseChecked(Checked {
            exercise: "two-stages".into(),
            passed,
            goals: [("builds".to_owned(), word.to_owned())].into(),
            codes: if passed { BTreeMap::new() } else { [("builds".into(), "run-failed".into())].into() },
            engine: Some("26.1.5".into()),
            ..Checked::default()
        })
    }

    fn started() -> EventKind {
        EventKind::ExerciseStarted { exercise: "two-stages".into(), dir: "/lab".into() }
    }

    fn now() -> i64 {
        "2026-11-22T00:00:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn a_history_claims_what_happened_and_how_long_it_took() {
        let events = [event(1, 0, &started()), event(2, 5, &check(false)), event(3, 25, &check(true))];
        let claim = claimed(&events, "two-stages");
        assert!(claim.passed && claim.attempts == 2 && claim.goals["builds"] == "passed", "{claim:?}");
        assert_eq!(claim.minutes(), Some(25));
        assert_eq!(claimed(&events, "other"), Claimed::default());
        let stuck = claimed(&events[..2], "two-stages");
        assert_eq!((stuck.passed, stuck.codes["builds"].as_str(), stuck.minutes()), (false, "run-failed", Some(5)));
        assert!(doubts(&events, Uuid::from_u128(7), "two-stages", None, now()).is_empty());
    }

    #[test]
    fn forged_histories_show_it() {
        let of = |events: &[Event]| doubts(events, Uuid::from_u128(7), "two-stages", None, now());
        let forged = |change: fn(&mut Checked)| {
            let EventKind::ExerciseChecked(mut checked) = check(true) else { unreachable!() };
            change(&mut checked);
            vec![event(1, 0, &EventKind::ExerciseChecked(checked))]
        };
        assert_eq!(of(&forged(|c| c.goals.clear())), [Doubt::PassWithoutGoals]);
        assert_eq!(of(&forged(|c| _ = c.goals.insert("x".into(), "failed".into()))), [Doubt::PassWithoutGoals]);
        assert_eq!(of(&forged(|c| c.engine = None)), [Doubt::PassWithoutEngine]);
        let mut later = event(1, 0, &check(true));
        later.at = "2031-01-01T00:00:00Z".into();
        assert_eq!(of(&[later]), [Doubt::Future]);
        assert_eq!(of(&[event(1, 0, &started()), event(1, 1, &check(true))]), [Doubt::NumberTwice, Doubt::UuidTwice]);
        let other = doubts(&[event(1, 0, &check(true))], Uuid::from_u128(8), "two-stages", None, now());
        assert_eq!(other, [Doubt::OtherDevice]);
    }

    #[test]
    fn a_pass_of_other_goals_is_told() {
        let course = crate::course::Course::built_in();
        let exercise = course.exercise("two-stages").unwrap();
        let found = doubts(&[event(1, 0, &check(true))], Uuid::from_u128(7), "two-stages", Some(exercise), now());
        assert_eq!(found, [Doubt::OtherGoals]);
    }
}
