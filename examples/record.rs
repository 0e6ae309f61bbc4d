//! `make record`: runs every specimen of the built-in course on a real daemon and writes the evidence, with the verdicts it
//! came to, to `checkers/tests/evidence/`. The goals' tests judge those files again without a daemon; `make test-engines`
//! fails when what a daemon gives has drifted from them.
//!
//! `record [--compare] [PART OF A NAME]`: with `--compare` nothing is written, and a verdict that differs is an error.

use dockshala::{
    course::Course,
    kit,
    lab::{gate, scripts_here, write_all},
};
use dockshala_checkers::{
    check::{self, Options, Submission},
    engine::{ConnectOptions, Engine},
    evidence::Evidence,
    spec::Spec,
    verdict::{GoalResult, Verdict},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, error::Error, fs, path::Path};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

#[derive(Serialize, Deserialize)]
struct Record {
    spec: Spec,
    engine: String,
    /// The day. Older records have none.
    #[serde(default)]
    date: String,
    fails: BTreeMap<String, String>,
    lines: Vec<u32>,
    goals: Vec<GoalResult>,
    evidence: Evidence,
}

/// What a learner would be told: failed goals with their codes, and the lines blamed over all of them.
fn told(goals: &[GoalResult]) -> (BTreeMap<String, String>, Vec<u32>) {
    let failed = goals.iter().filter(|g| g.verdict == Verdict::Failed);
    let fails = failed.clone().map(|g| (g.id.clone(), g.diagnosis.as_ref().map_or(String::new(), |d| d.code.clone())));
    let mut lines: Vec<u32> = failed.clone().flat_map(|g| &g.diagnosis).flat_map(|d| d.lines.iter().copied()).collect();
    lines.sort_unstable();
    lines.dedup();
    (fails.collect(), lines)
}

fn main() -> Result<(), Box<dyn Error>> {
    // A check of a `steps.sh` starts this program once more, before anything else of it.
    if let Some(code) = dockshala_checkers::shell::helper() {
        std::process::exit(code);
    }
    tokio::runtime::Runtime::new()?.block_on(record())
}

async fn record() -> Result<(), Box<dyn Error>> {
    let (flags, parts): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|a| a.starts_with("--"));
    let compare = flags.iter().any(|f| f == "--compare");
    let engine = Engine::connect(ConnectOptions::default()).await?;
    let course = Course::built_in();
    let out = Path::new(env!("CARGO_MANIFEST_DIR")).join("checkers/tests/evidence");
    let mut options = Options::new(kit::options(None));
    options.bases.ask_registry = false;
    options.scripts = scripts_here();
    let mut drifted = 0;
    for exercise in course.exercises() {
        let files = course.exercise_files(&exercise.id).ok_or("an exercise without files")?;
        let spec = exercise.spec();
        let starter = tempfile::tempdir()?;
        write_all(starter.path(), &files.starter)?;
        let mut all = vec![("starter".to_owned(), None, files.starter.clone())];
        for (kind, specimens) in [("good", &files.good), ("bad", &files.bad)] {
            all.extend(
                specimens.iter().map(|s| (format!("{kind}-{}", s.name), Some(&s.sheet), s.over(&files.starter))),
            );
        }
        for (name, sheet, files) in all {
            let name = format!("{}--{name}", exercise.id);
            if !parts.iter().all(|part| name.contains(part.as_str())) {
                continue;
            }
            let dir = tempfile::tempdir()?;
            let never = CancellationToken::new();
            let files = gate::with_truths(&spec, &files, starter.path(), &engine, &options, &never).await;
            write_all(dir.path(), &files)?;
            let submission =
                Submission { dir: dir.path().to_owned(), starter: Some(starter.path().to_owned()), label: None };
            let (events, mut watch) = mpsc::channel(256);
            let drain = async { while watch.recv().await.is_some() {} };
            let gather = check::gather(&spec, &submission, Some(&engine), &options, events, CancellationToken::new());
            let ((evidence, result), ()) = tokio::join!(gather, drain);
            let (fails, lines) = told(&result.goals);
            println!("{:5.1} s  {name}: {fails:?} {lines:?}", result.seconds);
            for goal in result.goals.iter().filter(|g| g.verdict == Verdict::Broken) {
                println!("         broken: {} {:?}", goal.id, goal.diagnosis);
            }
            let wrong = match sheet {
                Some(sheet) if name.contains("--bad-") => {
                    fails != sheet.fails || sheet.lines.as_ref().is_some_and(|stated| *stated != lines)
                }
                Some(_) => !result.passed(),
                None => fails.is_empty(),
            };
            if wrong {
                println!("         NOT AS STATED: {:?}", sheet.map(|s| (&s.fails, &s.lines)));
            }
            let path = out.join(format!("{name}.json"));
            if compare {
                let before: Record = serde_json::from_slice(&fs::read(&path)?)?;
                if (&before.fails, &before.lines) != (&fails, &lines) {
                    println!("         DRIFTED from {:?} {:?}", before.fails, before.lines);
                    drifted += 1;
                }
            } else {
                let record = Record {
                    spec: spec.clone(),
                    engine: engine.info().version.clone(),
                    date: jiff::Zoned::now().date().to_string(),
                    fails,
                    lines,
                    goals: result.goals,
                    evidence,
                };
                fs::write(&path, serde_json::to_vec_pretty(&record)?)?;
            }
        }
    }
    match drifted {
        0 => Ok(()),
        n => Err(format!("{n} specimens drifted from what is recorded").into()),
    }
}
