//! Goals on hand-written evidence: each test says a Dockerfile and what the daemon would have shown of it.

mod answers;
mod building;
mod caching;
mod contents;
mod jobs;
mod layers;
mod linted;
mod lives;
mod running;
mod sizes;
mod text_alone;
mod with_file;

use super::*;
use crate::{
    engine::{BuildFailure, BuildOutcome, BuildStep, HttpOutcome, Limit, RunOutcome},
    evidence::{Found, Heap, HttpAsk, ImageFacts, LayerFact, Place, Program, RunAsk, Runnable, key},
    image::{Config, HistoryRow, How, Tally, Waste},
    spec::{CachedAfterEdit, Edit, Network},
    verdict::Sizes,
};

const NODE: &str = "FROM node:24\nWORKDIR /app\nCOPY . .\nRUN npm ci\nUSER node\nCMD [\"node\", \"server.js\"]\n";

fn goals(json: &str) -> Vec<Goal> {
    serde_json::from_str(json).unwrap_or_else(|e| panic!("{e}: {json}"))
}

/// A submission that was built: one base layer of 1 GB, and a layer for each given instruction.
fn case(dockerfile: &str, layers: &[(&str, u64)]) -> Evidence {
    let none = Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON));
    let mut evidence = Evidence::of_text(Ok(dockerfile.to_owned()), none);
    evidence.build = Ok(BuildOutcome { image: Some("sha256:1".into()), ..BuildOutcome::default() });
    let base = HistoryRow { created_by: "/bin/sh -c #(nop) ADD file:1 in /".into(), layer: Some(0) };
    let row = |(at, (text, _)): (usize, &(&str, u64))| HistoryRow { created_by: (*text).into(), layer: Some(at + 1) };
    let added: u64 = layers.iter().map(|(_, bytes)| bytes).sum();
    let base_bytes = 1_000_000_000;
    let layer = |bytes| LayerFact { bytes, biggest: vec![Heap { name: "app/x".into(), bytes, layer: 1 }] };
    evidence.image = Ok(ImageFacts {
        config: Config { user: "node".into(), arch: "amd64".into(), ..Config::default() },
        sizes: Sizes { total: base_bytes + added, final_: base_bytes + added, wasted: 0, added },
        base_bytes,
        base_layers: 1,
        layers: std::iter::once(layer(base_bytes)).chain(layers.iter().map(|(_, b)| layer(*b))).collect(),
        history: std::iter::once(base).chain(layers.iter().enumerate().map(row)).collect(),
        waste: vec![],
        paths: Default::default(),
        tools: Default::default(),
        programs: Default::default(),
        names: Default::default(),
        caches: vec![],
        dev: vec![],
        leftovers: vec![],
        exposed: vec![],
        accounts: [("root".to_owned(), 0), ("node".to_owned(), 1000)].into(),
        has_shell: true,
        docker_size: None,
    });
    evidence
}

fn node() -> Evidence {
    case(
        NODE,
        &[("WORKDIR /app", 0), ("COPY . . # buildkit", 5_000_000), ("RUN /bin/sh -c npm ci # buildkit", 40_000_000)],
    )
}

fn image_of(evidence: &mut Evidence) -> &mut ImageFacts {
    evidence.image.as_mut().unwrap()
}

/// Judges the last of the goals.
fn judged(json: &str, evidence: &Evidence) -> GoalResult {
    let goals = goals(json);
    judge(goals.last().unwrap(), &goals, evidence)
}

#[track_caller]
fn passes(json: &str, evidence: &Evidence) {
    let result = judged(json, evidence);
    assert_eq!(result.verdict, Verdict::Passed, "{:?}", result.diagnosis);
}

#[track_caller]
fn fails(json: &str, evidence: &Evidence, code: &str, lines: &[u32]) -> Diagnosis {
    blocked(json, evidence, Verdict::Failed, code, lines)
}

/// The facts that a code's documentation promises to its text; those that it gives "where known" are left out.
fn promised(code: &str) -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/verdict/codes");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let source: String = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let at = source.find(&format!("= \"{code}\";")).unwrap_or_else(|| panic!("{code} is not in verdict/codes"));
    let doc: Vec<&str> = source[..at].lines().rev().skip(1).take_while(|l| l.trim().starts_with("///")).collect();
    let doc: String = doc.iter().rev().map(|l| l.trim().trim_start_matches("///").to_owned() + " ").collect();
    let Some((_, facts)) = doc.split_once("Facts:") else { return Vec::new() };
    let facts = facts.split("Lines:").next().unwrap_or(facts);
    let mut depth = 0;
    let outside: String = facts
        .chars()
        .filter(|c| {
            depth += i32::from(*c == '(');
            let keep = depth == 0;
            depth -= i32::from(*c == ')');
            keep
        })
        .collect();
    outside.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[track_caller]
fn blocked(json: &str, evidence: &Evidence, verdict: Verdict, code: &str, lines: &[u32]) -> Diagnosis {
    let result = judged(json, evidence);
    let diagnosis = result.diagnosis.expect("a diagnosis");
    let have = (result.verdict, diagnosis.code.as_str(), diagnosis.lines.as_slice());
    assert_eq!(have, (verdict, code, lines), "{diagnosis:?}");
    for fact in promised(code) {
        assert!(diagnosis.facts.contains_key(&fact), "{code} promises `{fact}`: {diagnosis:?}");
    }
    diagnosis
}

fn text(diagnosis: &Diagnosis, name: &str) -> String {
    match &diagnosis.facts[name] {
        Fact::Text(text) => text.clone(),
        Fact::List(items) => items.join("|"),
        other => format!("{other:?}"),
    }
}

/// A build that failed at a step.
fn failed_build(dockerfile: &str, stage: &str, number: u32, name: &str, exit: Option<i64>, log: &str) -> Evidence {
    let mut evidence = case(dockerfile, &[]);
    let step = BuildStep { stage: stage.into(), number, name: name.into(), log: log.into(), ..BuildStep::default() };
    let failure = BuildFailure::Step { index: 0, exit, message: log.into() };
    evidence.build = Ok(BuildOutcome { steps: vec![step], failure: Some(failure), ..BuildOutcome::default() });
    evidence
}
