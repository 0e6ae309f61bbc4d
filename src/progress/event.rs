//! What a learner did, one event each, append-only. Everything else that is remembered is worked out from these.
//!
//! An event of a kind that this version does not know is kept as it is and ignored: histories travel between versions, and
//! an older program must not lose what a newer one wrote.

use super::cards::Interview;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// An event as it stands in the database and in an export: the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Unique over all devices; merging two histories is the union by it.
    pub uuid: Uuid,
    /// The device that recorded it.
    pub device: Uuid,
    /// The device's own count, from 1. Orders its events even where its clock went backwards.
    pub seq: u64,
    /// When, by the device's clock and in its time zone: RFC 3339 with milliseconds and offset.
    pub at: String,
    /// What kind of event, kebab-case.
    pub kind: String,
    /// The version of `json` for that kind.
    pub v: u32,
    /// What happened.
    pub json: serde_json::Value,
}

impl Event {
    /// The kind that this version understands, if it does.
    pub fn known(&self) -> Option<EventKind> {
        if self.v != VERSION {
            return None;
        }
        serde_json::from_value(serde_json::json!({ "kind": self.kind, "json": self.json })).ok()
    }
}

/// The version of every kind's `json` today.
pub(super) const VERSION: u32 = 1;

/// The kinds of event that this version records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "json", rename_all = "kebab-case")]
pub enum EventKind {
    /// A lesson was opened, or left at another place than it was opened at.
    LessonOpened {
        /// Its id.
        lesson: String,
        /// The section at the top of the screen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        section: Option<String>,
        /// How many paragraphs below its heading.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        block: Option<u32>,
        /// In which language.
        lang: String,
    },
    /// A lesson was read to its end.
    LessonRead {
        /// Its id.
        lesson: String,
    },
    /// A working copy was made.
    ExerciseStarted {
        /// Its id.
        exercise: String,
        /// Where, on that device.
        dir: String,
    },
    /// A submission was judged.
    ExerciseChecked(Checked),
    /// A hint was shown.
    HintShown {
        /// The exercise.
        exercise: String,
        /// Which step of the ladder, from 1.
        step: u32,
    },
    /// The solution was shown.
    SolutionShown {
        /// The exercise.
        exercise: String,
        /// Before it was passed.
        insisted: bool,
    },
    /// A question was answered.
    QuizAnswered {
        /// What asked: `viva` (made from a submission) or `claim` (a prediction).
        quiz: String,
        /// The template's or the claim's id.
        question: String,
        /// The exercise that it was about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        exercise: Option<String>,
        /// What was answered: an option's id, or the answer in the words in which it was shown.
        answer: String,
        /// It was right.
        right: bool,
    },
    /// A question of the course was answered, in a quiz or in an interview.
    CardReviewed {
        /// The question's id.
        card: String,
        /// What asked: `quiz` or `interview`.
        source: String,
        /// How well it was known: 1 again, 2 hard, 3 good, 4 easy.
        rating: u8,
        /// It was right.
        right: bool,
        /// What was answered: ids of options, lines, points, or the words that were typed.
        #[serde(default)]
        answer: String,
        /// How long it took, milliseconds.
        #[serde(default)]
        ms: u64,
        /// In which language it was asked.
        #[serde(default)]
        lang: String,
        /// The session's number, 0 for none.
        #[serde(default)]
        session: u32,
    },
    /// A session of questions was begun.
    QuizBegan {
        /// Its number, of which everything in it that looks random is made.
        session: u32,
        /// Its questions, in order.
        cards: Vec<String>,
    },
    /// A mock interview came to its end.
    InterviewHeld(Interview),
    /// The working copy was put back to the starter.
    ExerciseReset {
        /// The exercise.
        exercise: String,
    },
}

/// What came of a check, as far as it is worth remembering.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Checked {
    /// The exercise.
    pub exercise: String,
    /// Every goal passed, on a daemon.
    pub passed: bool,
    /// Without a daemon.
    #[serde(default)]
    pub provisional: bool,
    /// Every goal's verdict, in words of the format (`passed`, `failed`, `skipped`, `broken`).
    #[serde(default)]
    pub goals: BTreeMap<String, String>,
    /// Every failed goal's diagnosis.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub codes: BTreeMap<String, String>,
    /// The image's bytes, all layers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Bytes above the base image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<u64>,
    /// How long the check took, seconds.
    #[serde(default)]
    pub seconds: f64,
    /// The engine's version, where one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
}

impl EventKind {
    /// The kind's name and its content.
    pub fn split(&self) -> (String, serde_json::Value) {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        let json = value.get_mut("json").map(serde_json::Value::take).unwrap_or_default();
        let kind = value.get("kind").and_then(|k| k.as_str()).unwrap_or_default().to_owned();
        (kind, json)
    }
}
