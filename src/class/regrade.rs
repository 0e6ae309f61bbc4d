//! Bundles, judged again from their sources: several at a time, each within its time, all of it resumable.
//!
//! How many at a time is bounded twice: by workers, and by the memory that exercises say they take. A busy machine can make a
//! sound submission late, so whoever fails beside others although her own program says "passed", or fails for want of time,
//! is judged once more at the end, alone: a teacher's verdict must not depend on who else handed in.

use super::{
    EXTENSION,
    claims::{Claimed, Doubt, claimed, doubts},
    journal::{Journal, JournalError, Learner, Outcome, Record},
    manifest::Limits,
    read::{self, Opened, Refusal},
};
use crate::course::{Course, Exercise};
use dockshala_checkers::{
    spec::Kind,
    verdict::{CheckResult, Verdict, codes},
};
use std::{
    collections::VecDeque,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// A folder may hold so many bundles.
const BUNDLES: usize = 20_000;
/// After its deadline a submission may take so long to end by itself; then it is dropped.
const GRACE: Duration = Duration::from_secs(10);
/// So many submissions in a row that the machine kept from being judged end the run: the next hundred would fare no better.
const IN_A_ROW: usize = 3;

/// The machine's doing, not the submission's: judged again by the next run.
const MACHINE: [&str; 10] = [
    codes::DAEMON_DOWN,
    codes::DAEMON_PERMISSION,
    codes::DAEMON_LOST,
    codes::DAEMON_ERROR,
    codes::DISK_FULL,
    codes::IMAGE_UNAVAILABLE,
    codes::IMAGE_NOT_PULLED,
    codes::SUBMISSION_UNREADABLE,
    codes::CANCELLED,
    codes::INTERNAL,
];
/// What a busy machine can bring about.
const LATE: [&str; 4] = [codes::RUN_TIMEOUT, codes::PORT_CLOSED, codes::CACHE_MISSED, codes::SERVER_DIED];

/// How a submission is judged: the exercise's id and a folder with its sources, nothing else in it.
pub trait Judge: Send + Sync + 'static {
    /// Judges it; ends soon after `cancel`.
    fn judge(
        &self,
        exercise: &str,
        dir: &Path,
        cancel: CancellationToken,
    ) -> impl Future<Output = Result<CheckResult, String>> + Send;
}

/// How to go about it.
#[derive(Debug, Clone)]
pub struct Options {
    /// So many at a time.
    pub jobs: usize,
    /// Memory that may be in use by all of them, bytes.
    pub memory: u64,
    /// Each must end within.
    pub deadline: Duration,
    /// What a bundle may hold.
    pub limits: Limits,
}

/// What happens meanwhile.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// All bundles were opened; so many submissions are to be judged.
    Opened {
        /// Bundles.
        bundles: usize,
        /// Submissions to judge now.
        queued: usize,
        /// Submissions whose verdict is known.
        known: usize,
    },
    /// One more is settled.
    Settled(Box<Record>),
    /// Its verdict is asked for once more, with the machine to itself.
    Again {
        /// The bundle's name.
        file: String,
        /// The exercise.
        exercise: String,
    },
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Everything was settled.
    All,
    /// It was stopped.
    Stopped,
    /// The machine is in no state to judge: the code of the diagnosis.
    Machine(String),
}

/// Why a run could not begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum RegradeError {
    /// The folder of bundles cannot be read.
    #[error("{}: {error}", .path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// The system's words.
        error: io::Error,
    },
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Whether this kind of exercise can be judged anywhere but on the learner's machine; if not, why.
///
/// An answer is true of one machine; the objects of a `machine` exercise are on one daemon; and steps for a host's shell are
/// another person's program, which a teacher's account must never run.
pub fn not_here(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Dockerfile | Kind::Compose | Kind::Stack => None,
        Kind::Answer => Some("answer"),
        Kind::Machine => Some("machine"),
        Kind::Shell => Some("shell"),
    }
}

/// The bundles of a folder, in the order of their names.
pub fn bundles(folder: &Path) -> Result<Vec<PathBuf>, RegradeError> {
    let failed = |error| RegradeError::Folder { path: folder.to_owned(), error };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_string_lossy().ends_with(EXTENSION) && found.len() < BUNDLES {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

struct Task {
    opened: Arc<Opened>,
    record: Record,
    /// Share of the memory, in MiB.
    weight: u32,
}

/// Records for everything in a folder, its submissions still to be judged marked by an outcome of [`Outcome::Unknown`] that is
/// not settled: what `report` shows of bundles nobody judged yet.
pub fn look(folder: &Path, course: &Course, limits: &Limits) -> Result<Vec<Seen>, RegradeError> {
    Ok(bundles(folder)?.iter().flat_map(|path| seen(path, course, limits)).collect())
}

/// One submission of a folder, or a bundle that is none.
#[derive(Debug, Clone)]
pub struct Seen {
    /// What is known of it without judging. Its outcome stands only where `judge` is none.
    pub record: Record,
    /// The bundle, where the submission is to be judged.
    pub judge: Option<Arc<Opened>>,
}

fn seen(path: &Path, course: &Course, limits: &Limits) -> Vec<Seen> {
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let now = jiff::Zoned::now();
    let record = Record {
        v: 1,
        at: now.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        bundle: String::new(),
        file,
        learner: None,
        exercise: None,
        sources: String::new(),
        course: course.hash().to_owned(),
        other_course: false,
        claimed: Claimed::default(),
        doubts: Vec::new(),
        outcome: Outcome::Unknown,
    };
    let opened = match read::open(path, limits) {
        Ok(opened) => Arc::new(opened),
        Err(refusal) => {
            return vec![Seen { record: Record { outcome: Outcome::Refused(refusal), ..record }, judge: None }];
        }
    };
    let manifest = &opened.manifest;
    let (events, readable) = match &opened.events {
        Ok(events) => (events.as_slice(), true),
        Err(_) => (&[][..], false),
    };
    let of_work = |work: &super::manifest::Work| {
        let exercise = course.exercise(&work.exercise);
        let mut odd = doubts(events, manifest.device, &work.exercise, exercise, now.timestamp().as_millisecond());
        if !readable {
            odd.insert(0, Doubt::HistoryUnreadable);
        }
        let outcome = match exercise.map(|e| not_here(e.kind)) {
            None => Some(Outcome::Unknown),
            Some(why) => why.map(|why| Outcome::NotHere { why: why.to_owned() }),
        };
        let judge = outcome.is_none().then(|| opened.clone());
        let record = Record {
            bundle: opened.id.clone(),
            learner: Some(Learner {
                name: super::write::stated(&manifest.learner),
                device: manifest.device,
                made: super::write::stated(&manifest.made),
            }),
            exercise: Some(work.exercise.clone()),
            sources: work.hash.clone(),
            other_course: manifest.course.hash != course.hash(),
            claimed: claimed(events, &work.exercise),
            doubts: odd,
            outcome: outcome.unwrap_or(Outcome::Unknown),
            ..record.clone()
        };
        Seen { record, judge }
    };
    manifest.exercises.iter().map(of_work).collect()
}

/// Judges what is in `folder` and not yet in the journal.
pub async fn run<J: Judge>(
    folder: &Path,
    course: &'static Course,
    journal: &mut Journal,
    options: &Options,
    judge: Arc<J>,
    tell: mpsc::Sender<Told>,
    stop: CancellationToken,
) -> Result<Ended, RegradeError> {
    let (place, limits) = (folder.to_owned(), options.limits);
    let all = tokio::task::spawn_blocking(move || look(&place, course, &limits)).await;
    let all =
        all.unwrap_or_else(|e| Err(RegradeError::Folder { path: folder.to_owned(), error: io::Error::other(e) }))?;
    let mut run = Run { journal, tell, in_a_row: 0, machine: None };
    let settled = run.journal.settled(course.hash(), options.deadline.as_secs());
    let (mut queue, mut done) = (VecDeque::new(), Vec::new());
    let mut files: Vec<&str> = all.iter().map(|seen| seen.record.file.as_str()).collect();
    files.dedup();
    let (bundles, mut known) = (files.len(), 0);
    for Seen { mut record, judge } in all.iter().cloned() {
        let key = record.exercise.clone().map(|exercise| (exercise, record.sources.clone()));
        match (judge, key.and_then(|key| settled.get(&key))) {
            (Some(_), Some(outcome)) => {
                known += 1;
                record.outcome = outcome.clone();
                done.push(record);
            }
            (Some(opened), None) => {
                let ram =
                    record.exercise.as_deref().and_then(|id| course.exercise(id)).map_or(0, |e: &Exercise| e.ram.0);
                queue.push_back(Task { opened, record, weight: weight(ram.min(options.memory)) });
            }
            (None, _) => done.push(record),
        }
    }
    let _ = run.tell.send(Told::Opened { bundles, queued: queue.len(), known }).await;
    for record in done {
        run.settle(record).await?;
    }
    let again = run.all(queue, options.jobs, options, &judge, &stop).await?;
    // Alone: nothing else is at work any more.
    for task in again {
        if stop.is_cancelled() || run.machine.is_some() {
            break;
        }
        let exercise = task.record.exercise.clone().unwrap_or_default();
        let _ = run.tell.send(Told::Again { file: task.record.file.clone(), exercise }).await;
        run.all([task].into(), 1, options, &judge, &stop).await?;
    }
    Ok(match run.machine {
        Some(code) => Ended::Machine(code),
        None if stop.is_cancelled() => Ended::Stopped,
        None => Ended::All,
    })
}

struct Run<'a> {
    journal: &'a mut Journal,
    tell: mpsc::Sender<Told>,
    in_a_row: usize,
    machine: Option<String>,
}

impl Run<'_> {
    /// Writes it down, then tells it. What the journal already says in the same words is only told.
    async fn settle(&mut self, record: Record) -> Result<(), RegradeError> {
        let same = |held: &Record| Record { at: record.at.clone(), ..held.clone() } == record;
        if !self.journal.records().iter().any(same) {
            self.journal.add(record.clone())?;
        }
        let _ = self.tell.send(Told::Settled(Box::new(record))).await;
        Ok(())
    }

    /// Works a queue off; gives back what should be judged once more alone.
    async fn all<J: Judge>(
        &mut self,
        queue: VecDeque<Task>,
        jobs: usize,
        options: &Options,
        judge: &Arc<J>,
        stop: &CancellationToken,
    ) -> Result<Vec<Task>, RegradeError> {
        let memory = Arc::new(Semaphore::new(weight(options.memory) as usize));
        let queue = Arc::new(Mutex::new(queue));
        // A token of this queue: a machine in trouble stops its workers, not the caller.
        let (halt, (to, mut from)) = (stop.child_token(), mpsc::channel(1));
        let mut workers = JoinSet::new();
        for _ in 0..jobs.max(1) {
            let (queue, memory, to) = (queue.clone(), memory.clone(), to.clone());
            let (judge, options, halt) = (judge.clone(), options.clone(), halt.clone());
            workers.spawn(async move {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some(task) = next.filter(|_| !halt.is_cancelled()) else { return };
                    let Ok(_share) = memory.acquire_many(task.weight).await else { return };
                    let outcome = one(&task, &options, &judge, &halt).await;
                    if to.send((task, outcome)).await.is_err() {
                        return;
                    }
                }
            });
        }
        drop(to);
        let mut again = Vec::new();
        while let Some((task, outcome)) = from.recv().await {
            // Stopped: what came of it is not what it would have come to.
            let Some(outcome) = outcome else { continue };
            if jobs > 1 && deserves_another(&task.record, &outcome) {
                again.push(task);
                continue;
            }
            let broken = match &outcome {
                Outcome::Broken { code } => Some(code.clone()),
                _ => None,
            };
            self.settle(Record { outcome, ..task.record }).await?;
            self.in_a_row = if broken.is_some() { self.in_a_row + 1 } else { 0 };
            if let Some(code) = broken.filter(|_| self.in_a_row >= IN_A_ROW) {
                self.machine = Some(code);
                halt.cancel();
            }
        }
        while workers.join_next().await.is_some() {}
        Ok(again)
    }
}

fn weight(bytes: u64) -> u32 {
    u32::try_from((bytes >> 20).max(1)).unwrap_or(u32::MAX).min(Semaphore::MAX_PERMITS as u32)
}

/// Whether a busy machine may be behind a failure.
fn deserves_another(record: &Record, outcome: &Outcome) -> bool {
    let Outcome::Judged { goals, .. } = outcome else { return false };
    let late = |code: &str| LATE.contains(&code);
    let failed = |g: &&dockshala_checkers::verdict::GoalResult| g.verdict == Verdict::Failed;
    !outcome.passed()
        && (record.claimed.passed
            || goals.iter().filter(failed).any(|g| g.diagnosis.as_ref().is_some_and(|d| late(&d.code))))
}

/// Judges one within its time; none when everything was stopped.
async fn one<J: Judge>(task: &Task, options: &Options, judge: &Arc<J>, stop: &CancellationToken) -> Option<Outcome> {
    let exercise = task.record.exercise.clone().unwrap_or_default();
    let cancel = stop.child_token();
    // A task of its own: its panic is its own.
    let mut work = tokio::spawn({
        let (opened, judge, cancel, limits) = (task.opened.clone(), judge.clone(), cancel.clone(), options.limits);
        async move {
            let unpacked = {
                let (opened, exercise) = (opened.clone(), exercise.clone());
                tokio::task::spawn_blocking(move || unpacked(&opened, &exercise, &limits)).await
            };
            let dir = match unpacked {
                Ok(Ok(dir)) => dir,
                // It was sound when it was opened. What fails now is the teacher's disk, or a stick that was pulled out,
                // and never a student's verdict; a bundle that was changed meanwhile is opened anew by the next run.
                Ok(Err(_)) => return Outcome::Broken { code: codes::SUBMISSION_UNREADABLE.to_owned() },
                Err(_) => return Outcome::Broken { code: codes::INTERNAL.to_owned() },
            };
            match judge.judge(&exercise, dir.path(), cancel).await {
                Ok(result) => outcome(result),
                Err(_) => Outcome::Broken { code: codes::INTERNAL.to_owned() },
            }
        }
    });
    let finished = |ended: Result<Outcome, _>| ended.unwrap_or(Outcome::Broken { code: codes::INTERNAL.to_owned() });
    let late = tokio::select! {
        ended = &mut work => return (!stop.is_cancelled()).then(|| finished(ended)),
        () = tokio::time::sleep(options.deadline) => true,
        () = stop.cancelled() => false,
    };
    cancel.cancel();
    if timeout(GRACE, &mut work).await.is_err() {
        // It does not heed: dropped, and what it had on the daemon goes with the run.
        work.abort();
    }
    late.then_some(Outcome::Deadline { seconds: options.deadline.as_secs() })
}

fn unpacked(opened: &Opened, exercise: &str, limits: &Limits) -> Result<tempfile::TempDir, Refusal> {
    let failed = |e: io::Error| Refusal { name: "unreadable".to_owned(), what: e.to_string() };
    let dir = tempfile::Builder::new().prefix("dockshala-class-").tempdir().map_err(failed)?;
    read::unpack(opened, exercise, dir.path(), limits)?;
    Ok(dir)
}

fn outcome(result: CheckResult) -> Outcome {
    let broken = |code: &&str| MACHINE.contains(code);
    let codes = result.goals.iter().filter(|g| matches!(g.verdict, Verdict::Broken | Verdict::Skipped));
    let machine = codes.filter_map(|g| g.diagnosis.as_ref()).map(|d| d.code.as_str()).find(broken);
    match machine {
        Some(code) => Outcome::Broken { code: code.to_owned() },
        None => Outcome::Judged {
            goals: result.goals,
            sizes: result.sizes,
            engine: result.engine,
            stand_ins: !result.stand_ins.is_empty(),
            seconds: result.seconds,
        },
    }
}
