//! What a class can do, from its bundles and the journal: as data here, as a page, a table and JSON in the files below.
//!
//! Two columns run through all of it and never meet: what a learner's own program *claims*, and what was *verified* here.

mod csv;
mod html;

pub use csv::csv;
pub use html::html;

use super::{
    claims::{Claimed, Doubt},
    journal::{Outcome, Record},
    regrade::Seen,
};
use crate::{course::Course, i18n};
use dockshala_checkers::verdict::{Diagnosis, Sizes, Verdict};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A class: what `--format json` prints.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassReport {
    /// The format's number, 1.
    pub schema: u32,
    /// The course's id.
    pub course: String,
    /// Its content's hash.
    pub course_hash: String,
    /// When this was made, RFC 3339.
    pub made: String,
    /// Exercises that somebody handed in, in the order of the course.
    pub exercises: Vec<Column>,
    /// Learners by name; of each exercise the newest that was handed in.
    pub learners: Vec<Row>,
    /// Goals that are not passed, those that most learners fail first.
    pub stuck: Vec<Stuck>,
    /// Bundles that were not taken.
    pub refused: Vec<RefusedBundle>,
}

/// An exercise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column {
    /// Its id.
    pub exercise: String,
    /// Its goals, in order; of one that the course does not have, none.
    pub goals: Vec<String>,
}

/// A learner.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Her name as she states it.
    pub name: String,
    /// Her device.
    pub device: Uuid,
    /// Another learner here has the same name.
    pub namesake: bool,
    /// By exercise.
    pub work: BTreeMap<String, Cell>,
}

/// One learner's work on one exercise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cell {
    /// The bundle.
    pub file: String,
    /// When it was made, by the learner's clock.
    pub made: String,
    /// `passed`, `tried`, `not-tried`.
    pub claimed: &'static str,
    /// `passed`, `failed`, or why there is no verdict: `pending`, `deadline`, `not-here`, `unknown`, `broken`, `refused`,
    /// `unjudged` (goals were skipped or stopped by a limit of ours, none failed).
    pub verified: &'static str,
    /// Claimed as passed, and failed here.
    pub contradicted: bool,
    /// What the learner's program says, whole.
    pub claim: Claimed,
    /// Minutes from start to first pass, or to the last event; by the learner's clock.
    pub minutes: Option<u64>,
    /// What is odd about the history.
    pub doubts: Vec<Doubt>,
    /// Each goal.
    pub goals: Vec<GoalCell>,
    /// The image, measured here.
    pub sizes: Option<Sizes>,
    /// Judged with stand-ins for base images.
    pub stand_ins: bool,
    /// The bundle was made with another version of the course.
    pub other_course: bool,
    /// Learners (by their place in `learners`) who handed in the very same files.
    pub same_files: Vec<usize>,
    /// More of a verdict that is none: a kind, a code.
    pub why: String,
    #[serde(skip)]
    sources: String,
}

/// A goal of one submission.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GoalCell {
    /// Its id.
    pub id: String,
    /// What it says here.
    pub verified: Option<Verdict>,
    /// What the learner's program said last.
    pub claimed: Option<String>,
    /// Why it does not pass, here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Diagnosis>,
}

/// A goal at which learners are stuck for one reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stuck {
    /// The exercise.
    pub exercise: String,
    /// The goal.
    pub goal: String,
    /// The diagnosis code.
    pub code: String,
    /// Who, by place in `learners`: verified here.
    pub verified: Vec<usize>,
    /// Who, by her own program's word; not verified yet.
    pub claimed: Vec<usize>,
    /// The lesson that explains it.
    pub lesson: Option<String>,
    /// One of the diagnoses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<Diagnosis>,
}

/// A bundle that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RefusedBundle {
    /// Its name.
    pub file: String,
    /// The refusal's name.
    pub why: String,
    /// What shows it.
    pub what: String,
}

/// Puts together what lies in the folder and what the journal knows of it.
pub fn make(course: &Course, seen: &[Seen], journal: &[Record]) -> ClassReport {
    let judged = || journal.iter().filter(|r| r.course == course.hash());
    // Pending first: what the journal says of the same submission takes its place.
    let mut newest: BTreeMap<(String, Uuid, String), (Record, bool)> = BTreeMap::new();
    let pending = seen.iter().map(|s| (&s.record, s.judge.is_some()));
    for (record, pending) in pending.chain(judged().map(|r| (r, false))) {
        let (Some(learner), Some(exercise)) = (&record.learner, &record.exercise) else { continue };
        let key = (learner.name.clone(), learner.device, exercise.clone());
        let younger = |held: &Record| held.bundle == record.bundle || stamp(held) <= stamp(record);
        if newest.get(&key).is_none_or(|(held, _)| younger(held)) {
            newest.insert(key, (record.clone(), pending));
        }
    }
    let people: BTreeSet<(String, Uuid)> = newest.keys().map(|(name, device, _)| (name.clone(), *device)).collect();
    let handed_in: BTreeSet<&str> = newest.keys().map(|(.., exercise)| exercise.as_str()).collect();
    let column = |id: &str, goals: Vec<String>| Column { exercise: id.to_owned(), goals };
    let mut exercises: Vec<Column> = course
        .exercises()
        .iter()
        .filter(|e| handed_in.contains(e.id.as_str()))
        .map(|e| column(&e.id, e.goals.iter().map(|g| g.id.clone()).collect()))
        .collect();
    exercises.extend(handed_in.iter().filter(|id| course.exercise(id).is_none()).map(|id| column(id, vec![])));
    let mut learners: Vec<Row> = people
        .iter()
        .map(|(name, device)| Row {
            name: name.clone(),
            device: *device,
            namesake: people.iter().filter(|(other, _)| other == name).count() > 1,
            work: BTreeMap::new(),
        })
        .collect();
    for ((name, device, exercise), (record, pending)) in newest {
        let Some(row) = learners.iter_mut().find(|r| r.name == name && r.device == device) else { continue };
        row.work.insert(exercise, cell(record, pending));
    }
    same_files(&mut learners);
    let stuck = stuck(course, &exercises, &learners);
    ClassReport {
        schema: 1,
        course: course.id().to_owned(),
        course_hash: course.hash().to_owned(),
        made: jiff::Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        exercises,
        learners,
        stuck,
        refused: refused(judged().chain(seen.iter().map(|s| &s.record))),
    }
}

/// What is still refused. The last word on a file counts, and the folder as it is now has it: one that was half copied, and
/// was copied again under its name, is no longer refused.
fn refused<'a>(records: impl Iterator<Item = &'a Record>) -> Vec<RefusedBundle> {
    let mut last = BTreeMap::new();
    for record in records {
        let refusal = match &record.outcome {
            Outcome::Refused(refusal) => Some(refusal),
            _ => None,
        };
        last.insert(&record.file, refusal);
    }
    let bundle = |(file, refusal): (&String, Option<&super::Refusal>)| {
        let refusal = refusal?;
        Some(RefusedBundle { file: file.clone(), why: refusal.name.clone(), what: refusal.what.clone() })
    };
    last.into_iter().filter_map(bundle).collect()
}

fn stamp(record: &Record) -> i64 {
    let made = record.learner.as_ref().and_then(|l| l.made.parse::<jiff::Timestamp>().ok());
    made.map_or(i64::MIN, jiff::Timestamp::as_millisecond)
}

fn cell(record: Record, pending: bool) -> Cell {
    let claim = record.claimed;
    let claimed = if claim.passed {
        "passed"
    } else if claim.attempts > 0 {
        "tried"
    } else {
        "not-tried"
    };
    let (mut verified, mut why) = ("pending", String::new());
    let (mut goals, mut sizes, mut stand_ins) = (Vec::new(), None, false);
    match record.outcome {
        _ if pending => {}
        Outcome::Judged { goals: judged, sizes: measured, stand_ins: used, .. } => {
            verified = if judged.iter().any(|g| g.verdict == Verdict::Failed) {
                "failed"
            } else if !judged.is_empty() && judged.iter().all(|g| g.verdict == Verdict::Passed) {
                "passed"
            } else {
                "unjudged"
            };
            goals = judged;
            (sizes, stand_ins) = (measured, used);
        }
        Outcome::Refused(refusal) => (verified, why) = ("refused", refusal.name),
        Outcome::Deadline { seconds } => (verified, why) = ("deadline", seconds.to_string()),
        Outcome::NotHere { why: kind } => (verified, why) = ("not-here", kind),
        Outcome::Unknown => verified = "unknown",
        Outcome::Broken { code } => (verified, why) = ("broken", code),
    }
    let mut cells: Vec<GoalCell> = goals
        .into_iter()
        .map(|g| GoalCell {
            claimed: claim.goals.get(&g.id).cloned(),
            id: g.id,
            verified: Some(g.verdict),
            diagnosis: g.diagnosis.filter(|_| g.verdict != Verdict::Passed),
        })
        .collect();
    for (id, word) in &claim.goals {
        if !cells.iter().any(|g| g.id == *id) {
            cells.push(GoalCell { id: id.clone(), verified: None, claimed: Some(word.clone()), diagnosis: None });
        }
    }
    let made = record.learner.map(|l| l.made).unwrap_or_default();
    Cell {
        file: record.file,
        made,
        claimed,
        verified,
        contradicted: claim.passed && verified == "failed",
        minutes: claim.minutes(),
        claim,
        doubts: record.doubts,
        goals: cells,
        sizes,
        stand_ins,
        other_course: record.other_course,
        same_files: Vec::new(),
        why,
        sources: record.sources,
    }
}

/// Told as a fact, not as a charge: short exercises have one good answer, and an untouched starter is everybody's.
fn same_files(learners: &mut [Row]) {
    let mut by: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (nth, row) in learners.iter().enumerate() {
        for (exercise, cell) in row.work.iter().filter(|(_, cell)| !cell.sources.is_empty()) {
            by.entry((exercise.clone(), cell.sources.clone())).or_default().push(nth);
        }
    }
    for ((exercise, _), who) in by.into_iter().filter(|(_, who)| who.len() > 1) {
        for &nth in &who {
            if let Some(cell) = learners[nth].work.get_mut(&exercise) {
                cell.same_files = who.iter().copied().filter(|other| *other != nth).collect();
            }
        }
    }
}

fn stuck(course: &Course, exercises: &[Column], learners: &[Row]) -> Vec<Stuck> {
    let mut found: BTreeMap<(usize, String, String), Stuck> = BTreeMap::new();
    for (nth, row) in learners.iter().enumerate() {
        for (place, column) in exercises.iter().enumerate() {
            let Some(cell) = row.work.get(&column.exercise) else { continue };
            for goal in &cell.goals {
                let here = goal.verified.is_some();
                let failed = match goal.verified {
                    Some(verdict) => verdict == Verdict::Failed,
                    // A goal that was failed last and passed before is not where she is stuck.
                    None => goal.claimed.as_deref() == Some("failed") && !cell.claim.passed,
                };
                let code = match (&goal.diagnosis, cell.claim.codes.get(&goal.id)) {
                    (Some(diagnosis), _) => &diagnosis.code,
                    (None, Some(code)) if !here => code,
                    _ => continue,
                };
                if !failed {
                    continue;
                }
                let new = || Stuck {
                    exercise: column.exercise.clone(),
                    goal: goal.id.clone(),
                    code: code.clone(),
                    verified: Vec::new(),
                    claimed: Vec::new(),
                    lesson: i18n::lesson_of(code).filter(|id| course.lesson(id).is_some()).map(str::to_owned),
                    example: None,
                };
                let stuck = found.entry((place, goal.id.clone(), code.clone())).or_insert_with(new);
                if here {
                    stuck.verified.push(nth)
                } else {
                    stuck.claimed.push(nth)
                }
                stuck.example = stuck.example.take().or_else(|| goal.diagnosis.clone());
            }
        }
    }
    // In the order of the course where as many are stuck.
    let mut all: Vec<Stuck> = found.into_values().collect();
    all.sort_by_key(|s| std::cmp::Reverse((s.verified.len() + s.claimed.len(), s.verified.len())));
    all
}

#[cfg(test)]
mod tests;
