//! What was judged, one line each, on the disk before the next is told: a power cut costs one submission, not an evening.
//!
//! Lines of JSON and no database: the folder may be a stick or a network share, where SQLite's locks are not to be trusted,
//! and a teacher can read it. One process writes, which a lock on the file makes sure of; a line that was cut off is passed
//! over and judged again.

use super::{
    claims::{Claimed, Doubt},
    read::Refusal,
};
use dockshala_checkers::verdict::{EngineName, GoalResult, Sizes};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// The journal's name in its folder.
pub const FILE: &str = "dockshala-class.jsonl";
/// A line may not be longer, nor the file hold more of them.
const LINE: u64 = 4 << 20;
const LINES: usize = 1_000_000;

/// A bundle that was looked at, or one of its exercises.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The format's number, 1.
    pub v: u32,
    /// When, by our clock: RFC 3339.
    pub at: String,
    /// SHA-256 of the bundle's file; of a file that could not be read, nothing.
    pub bundle: String,
    /// The bundle's name in its folder.
    pub file: String,
    /// Who says to have made it; none where the manifest could not be believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learner: Option<Learner>,
    /// The exercise; none where the whole bundle was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exercise: Option<String>,
    /// Hash of the sources.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sources: String,
    /// Hash of the course by which it was judged: ours.
    pub course: String,
    /// The bundle was made with another.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_course: bool,
    /// What the learner's program says.
    #[serde(default)]
    pub claimed: Claimed,
    /// What is odd about that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
    /// What came of it here.
    pub outcome: Outcome,
}

/// A learner, as the bundle has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Learner {
    /// Her name.
    pub name: String,
    /// Her device: two of one name are two.
    pub device: Uuid,
    /// When the bundle was made, by that device's clock.
    pub made: String,
}

/// What came of a submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Outcome {
    /// Judged.
    Judged {
        /// Every goal.
        goals: Vec<GoalResult>,
        /// The image.
        #[serde(default)]
        sizes: Option<Sizes>,
        /// The engine.
        #[serde(default)]
        engine: Option<EngineName>,
        /// Stand-ins were used.
        #[serde(default)]
        stand_ins: bool,
        /// How long it took.
        seconds: f64,
    },
    /// The bundle is not taken.
    Refused(Refusal),
    /// It did not end in time.
    Deadline {
        /// The time that it had, seconds.
        seconds: u64,
    },
    /// This kind is not judged on another machine than the learner's, and why: `class.not-here.WHY`.
    NotHere {
        /// Why.
        why: String,
    },
    /// The course has no such exercise.
    Unknown,
    /// Our machine kept it from being judged: the code of a diagnosis, and its words. Tried again next time.
    Broken {
        /// The diagnosis code.
        code: String,
    },
}

impl Outcome {
    /// Whether another run with as long a deadline would only say the same.
    pub fn is_final(&self, deadline: u64) -> bool {
        match self {
            // A bundle is opened anew by every run, and who is refused once may have been half copied.
            Self::Broken { .. } | Self::Refused(_) => false,
            Self::Deadline { seconds } => *seconds >= deadline,
            _ => true,
        }
    }

    /// Every goal passed.
    pub fn passed(&self) -> bool {
        use dockshala_checkers::verdict::Verdict;
        matches!(self, Self::Judged { goals, .. } if !goals.is_empty() && goals.iter().all(|g| g.verdict == Verdict::Passed))
    }
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another process writes it.
    #[error("{} is in use", .0.display())]
    Locked(PathBuf),
    /// The disk says no.
    #[error("{}: {error}", .path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// The system's words.
        error: io::Error,
    },
}

/// An open journal: the only writer.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    records: Vec<Record>,
}

impl Journal {
    /// Opens the journal of a folder, or makes it.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        let path = folder.join(FILE);
        let io = |error| JournalError::Io { path: path.clone(), error };
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(JournalError::Locked(path)),
            // No locks on this file system: one teacher, one machine.
            Err(fs::TryLockError::Error(_)) => {}
        }
        let (records, whole) = read(&file).map_err(io)?;
        // What follows must not become the tail of a line that was cut off.
        if !whole {
            file.seek(SeekFrom::End(0)).and_then(|_| file.write_all(b"\n")).map_err(io)?;
        }
        Ok(Self { path, file, records })
    }

    /// What a folder's journal says, without writing to it; nothing where there is none.
    pub fn look(folder: &Path) -> Result<Vec<Record>, JournalError> {
        let path = folder.join(FILE);
        match File::open(&path) {
            Ok(file) => read(&file).map(|(records, _)| records).map_err(|error| JournalError::Io { path, error }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(JournalError::Io { path, error }),
        }
    }

    /// What is known, in the order in which it was written.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Adds one; it is on the disk when this returns.
    pub fn add(&mut self, record: Record) -> Result<(), JournalError> {
        let io = |error| JournalError::Io { path: self.path.clone(), error };
        let mut line = serde_json::to_vec(&record).map_err(|e| io(e.into()))?;
        line.push(b'\n');
        self.file.write_all(&line).and_then(|()| self.file.sync_data()).map_err(io)?;
        self.records.push(record);
        Ok(())
    }

    /// Verdicts that need not be made again, by exercise and sources, under this course.
    pub fn settled(&self, course: &str, deadline: u64) -> BTreeMap<(String, String), Outcome> {
        let mut settled = BTreeMap::new();
        for record in self.records.iter().filter(|r| r.course == course && !r.sources.is_empty()) {
            let Some(exercise) = &record.exercise else { continue };
            let key = (exercise.clone(), record.sources.clone());
            if record.outcome.is_final(deadline) {
                settled.insert(key, record.outcome.clone());
            } else {
                settled.remove(&key);
            }
        }
        settled
    }
}

/// Every line that is a record, and whether the file ends with a whole one.
fn read(file: &File) -> io::Result<(Vec<Record>, bool)> {
    let mut from = BufReader::new(file);
    let mut records = Vec::new();
    let mut whole = true;
    for _ in 0..LINES {
        let mut line = Vec::new();
        if (&mut from).take(LINE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        whole = line.ends_with(b"\n");
        // A damaged line is a submission that is judged again.
        if let Ok(record) = serde_json::from_slice::<Record>(&line)
            && record.v == 1
        {
            records.push(record);
        }
    }
    Ok((records, whole))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::class::sha256;

    pub(in crate::class) fn record(name: &str, exercise: &str, outcome: Outcome) -> Record {
        Record {
            v: 1,
            at: "2026-11-21T10:00:00+05:30".into(),
            bundle: sha256(name.as_bytes()),
            file: format!("{name}.dockshala.tar.gz"),
            learner: Some(Learner {
                name: name.into(),
                device: Uuid::from_u128(name.len() as u128),
                made: "2026-11-21T09:00:00+05:30".into(),
            }),
            exercise: Some(exercise.into()),
            sources: sha256(name.as_bytes()),
            course: "c".into(),
            other_course: false,
            claimed: Claimed::default(),
            doubts: vec![],
            outcome,
        }
    }

    #[test]
    fn what_is_final_is_not_judged_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(dir.path()).unwrap();
        for (name, outcome) in [
            ("a", Outcome::Broken { code: "disk-full".into() }),
            ("b", Outcome::Deadline { seconds: 60 }),
            ("c", Outcome::Unknown),
            ("d", Outcome::Refused(Refusal { name: "damaged".into(), what: "disk full".into() })),
        ] {
            journal.add(record(name, "e", outcome)).unwrap();
        }
        assert!(matches!(Journal::open(dir.path()), Err(JournalError::Locked(_))), "one writer");
        let known = |journal: &Journal, course: &str, deadline| journal.settled(course, deadline).len();
        assert_eq!((known(&journal, "c", 60), known(&journal, "c", 61), known(&journal, "other", 60)), (2, 1, 0));
        drop(journal);
        assert_eq!(Journal::open(dir.path()).unwrap().records().len(), 4);
    }

    #[test]
    fn a_line_that_was_cut_off_costs_itself_alone() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(dir.path()).unwrap();
        journal.add(record("a", "e", Outcome::Unknown)).unwrap();
        journal.add(record("b", "e", Outcome::Unknown)).unwrap();
        drop(journal);
        let path = dir.path().join(FILE);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 20]).unwrap();
        let mut journal = Journal::open(dir.path()).unwrap();
        assert_eq!(journal.records().len(), 1);
        journal.add(record("c", "e", Outcome::Unknown)).unwrap();
        drop(journal);
        let names: Vec<_> = Journal::look(dir.path()).unwrap().into_iter().map(|r| r.file).collect();
        assert_eq!(names, ["a.dockshala.tar.gz", "c.dockshala.tar.gz"]);
    }
}
