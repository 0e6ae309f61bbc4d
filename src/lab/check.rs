//! A submission to the checker, and what comes of it into the history.

use super::{LabError, write_all};
use crate::{
    course::{Course, Exercise},
    progress::{Checked, EventKind, Store},
};
use dockshala_checkers::{
    check::{self, Event, Options, Scripts, Submission},
    engine::{Engine, EngineError, labels},
    evidence::Evidence,
    shell::Launcher,
    spec::{Ask, Kind, Truth},
    verdict::{CheckResult, Verdict, codes},
};
use sha2::{Digest, Sha256};
use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

/// Checks the submission in `dir`. What goes wrong on the way to a verdict is a verdict; only that the starter could not be
/// written out to compare with is an error.
///
/// Without a daemon the Dockerfile's text is judged, and every goal that would need one is *broken*, with what is wrong with
/// the daemon: to a learner whose daemon should run, "skipped" would hide the one thing to mend.
pub async fn check(
    course: &Course,
    exercise: &Exercise,
    dir: &Path,
    engine: Result<&Engine, &EngineError>,
    options: &Options,
    events: Sender<Event>,
    cancel: CancellationToken,
) -> Result<CheckResult, LabError> {
    gather(course, exercise, dir, engine, options, events, cancel).await.map(|(_, result)| result)
}

/// The same, with the evidence that it was judged from.
pub async fn gather(
    course: &Course,
    exercise: &Exercise,
    dir: &Path,
    engine: Result<&Engine, &EngineError>,
    options: &Options,
    events: Sender<Event>,
    cancel: CancellationToken,
) -> Result<(Evidence, CheckResult), LabError> {
    let wants_starter = exercise.goals.iter().any(|g| match &g.ask {
        Ask::SmallerThanStarter(_) => true,
        // The image that is asked about is the one that was handed out, whatever became of the learner's copy.
        Ask::Answer(ask) => matches!(ask.is, Truth::Image(_)),
        _ => false,
    });
    // A machine's: what it begins with, and whether the learner has written steps at all.
    let machine = exercise.kind == Kind::Machine;
    let starter = if wants_starter || machine { Some(starter(course, exercise)?) } else { None };
    let submission = Submission {
        dir: dir.to_owned(),
        starter: starter.as_ref().map(|starter| starter.path().to_owned()),
        label: machine.then(|| label(&exercise.id, dir)),
    };
    if let Ok(engine) = engine {
        sweep(engine);
    }
    let (evidence, mut result) =
        check::gather(&exercise.spec(), &submission, engine.ok(), options, events, cancel).await;
    if let Err(error) = engine {
        let trouble = check::trouble(error);
        for goal in &mut result.goals {
            if goal.diagnosis.as_ref().is_some_and(|d| d.code == codes::NEEDS_DAEMON) {
                goal.verdict = trouble.verdict;
                goal.diagnosis = Some(trouble.diagnosis.clone());
            }
        }
    }
    Ok((evidence, result))
}

/// The label of what a learner makes by hand for the working copy in `dir`, as `KEY=VALUE`. Another working copy has another
/// one, so that two of them on one daemon (a class on one machine, a second try) never see each other's.
pub fn label(exercise: &str, dir: &Path) -> String {
    let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let hash = Sha256::digest(dir.to_string_lossy().as_bytes());
    let short: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{}={exercise}-{short}", labels::COPY)
}

/// Scripts run here, helped by this very program: for the learner's own, and for a course's that was agreed to.
pub fn scripts_here() -> Scripts {
    launcher().map_or(Scripts::Nowhere, Scripts::Here)
}

/// Scripts run in a confined container: for somebody else's.
pub fn scripts_contained() -> Scripts {
    launcher().map_or(Scripts::Nowhere, Scripts::Contained)
}

fn launcher() -> Option<Launcher> {
    std::env::current_exe().ok().map(|program| Launcher { program, args: Vec::new() })
}

/// Once a process, beside its first check and never waited for: removes what runs that were killed have left.
fn sweep(engine: &Engine) {
    static SWEPT: AtomicBool = AtomicBool::new(false);
    if !SWEPT.swap(true, Ordering::Relaxed) {
        let engine = engine.clone();
        // What cannot be removed now is found by the next program that checks.
        tokio::spawn(async move { engine.reap().await });
    }
}

/// The starter as files, gone when it is dropped.
fn starter(course: &Course, exercise: &Exercise) -> Result<tempfile::TempDir, LabError> {
    let dir = tempfile::Builder::new()
        .prefix("dockshala-starter-")
        .tempdir()
        .map_err(|e| LabError::io(&std::env::temp_dir(), e))?;
    write_all(dir.path(), &course.exercise_files(&exercise.id).unwrap_or_default().starter)?;
    Ok(dir)
}

/// Remembers what came of a check.
pub fn remember(store: &Store, result: &CheckResult) {
    let word = |verdict| match verdict {
        Verdict::Passed => "passed",
        Verdict::Failed => "failed",
        Verdict::Skipped => "skipped",
        Verdict::Broken => "broken",
    };
    let failed = result.goals.iter().filter(|g| g.verdict == Verdict::Failed);
    store.record(&EventKind::ExerciseChecked(Checked {
        exercise: result.exercise.clone(),
        passed: result.passed(),
        provisional: result.provisional,
        goals: result.goals.iter().map(|g| (g.id.clone(), word(g.verdict).to_owned())).collect(),
        codes: failed.filter_map(|g| Some((g.id.clone(), g.diagnosis.as_ref()?.code.clone()))).collect(),
        total: result.sizes.map(|s| s.total),
        added: result.sizes.map(|s| s.added),
        seconds: result.seconds,
        engine: result.engine.as_ref().map(|e| e.version.clone()),
    }));
}
