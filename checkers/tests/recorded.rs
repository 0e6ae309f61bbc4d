//! Goals on evidence that real daemons gave (`make record`), judged again without one: what a learner was told then, a
//! learner must be told now.

use dockshala_checkers::{
    evidence::Evidence,
    goal,
    spec::{KINDS, Spec},
    verdict::{GoalResult, Verdict},
};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

#[derive(Deserialize)]
struct Record {
    spec: Spec,
    fails: BTreeMap<String, String>,
    lines: Vec<u32>,
    goals: Vec<GoalResult>,
    evidence: Evidence,
}

#[test]
fn recorded_evidence_is_judged_as_it_was() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/evidence");
    let (mut good, mut bad) = (0, 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let record: Record =
            serde_json::from_slice(&fs::read(&path).unwrap()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let goals: Vec<GoalResult> =
            record.spec.goals.iter().map(|g| goal::judge(g, &record.spec.goals, &record.evidence)).collect();
        let failed: Vec<&GoalResult> = goals.iter().filter(|g| g.verdict == Verdict::Failed).collect();
        let told =
            failed.iter().map(|g| (g.id.clone(), g.diagnosis.as_ref().map_or(String::new(), |d| d.code.clone())));
        assert_eq!(told.collect::<BTreeMap<_, _>>(), record.fails, "{name}");
        let mut lines: Vec<u32> = failed.iter().flat_map(|g| &g.diagnosis).flat_map(|d| d.lines.clone()).collect();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines, record.lines, "{name}");
        for (now, then) in goals.iter().zip(&record.goals) {
            assert_eq!((&now.id, now.verdict), (&then.id, then.verdict), "{name}");
            // A failure without a fact or a line would be a bare no.
            if now.verdict == Verdict::Failed {
                let diagnosis = now.diagnosis.as_ref().unwrap();
                assert!(!diagnosis.facts.is_empty() || !diagnosis.lines.is_empty(), "{name}: {}", diagnosis.code);
            }
        }
        match name.contains("--good-") {
            true => {
                assert!(goals.iter().all(|g| g.verdict == Verdict::Passed), "{name}");
                good += 1;
            }
            false => {
                assert!(!record.fails.is_empty(), "{name} is a bad specimen or a starter, and nothing failed");
                bad += 1;
            }
        }
    }
    assert!(good >= 8 && bad >= 20, "{good} good and {bad} bad records");
}

/// Kinds that recorded submissions only meet: in each of them another goal tells the trouble first, so that these wait for it.
const NEVER_MISSED: [&str; 2] = ["compose-http", "service-config"];

/// A kind of goal that no recorded evidence judges has been tried on evidence that we made up, and on nothing else.
#[test]
fn every_kind_of_goal_was_met_and_missed_on_evidence_of_a_daemon() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/evidence");
    let (mut met, mut missed) = (BTreeSet::new(), BTreeSet::new());
    for entry in fs::read_dir(folder).unwrap() {
        let record: Record = serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap();
        for goal in &record.spec.goals {
            let result = goal::judge(goal, &record.spec.goals, &record.evidence);
            match result.verdict {
                Verdict::Passed => drop(met.insert(result.kind)),
                Verdict::Failed => drop(missed.insert(result.kind)),
                Verdict::Skipped | Verdict::Broken => {}
            }
        }
    }
    let without = |seen: &BTreeSet<String>| KINDS.iter().filter(|k| !seen.contains(**k)).copied().collect::<Vec<_>>();
    assert_eq!(without(&met), [""; 0], "no recorded submission meets these: `make record`");
    let unmissed: Vec<&str> = without(&missed).into_iter().filter(|kind| !NEVER_MISSED.contains(kind)).collect();
    assert_eq!(unmissed, [""; 0], "no recorded submission misses these: a bad specimen and `make record`");
}

/// On a busy machine another service may be on its way to its new node when the look ends: the one that is asked about is told.
#[test]
fn a_drain_blames_the_service_that_is_asked_about() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/evidence/diwali-release--bad-one-on-each-node.json");
    let mut record: Record = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let stack = record.evidence.stack.as_mut().unwrap();
    let drained = stack.acts.iter_mut().find(|(key, _)| key.contains("drain")).unwrap().1.as_mut().unwrap();
    for task in drained.tasks.iter_mut().filter(|task| task.service == "board" && task.state == "running") {
        task.state = "starting".into();
    }
    let drain = record.spec.goals.iter().find(|g| g.id == "drains").unwrap();
    let result = goal::judge(drain, &record.spec.goals, &record.evidence);
    assert_eq!(result.diagnosis.unwrap().lines, record.lines);
}
