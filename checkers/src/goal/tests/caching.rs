//! `cached-after-edit`.

use super::*;

const GOAL: &str = r#"["builds", {"cached-after-edit": {"edit": {"file": "src/server.js", "append": "//"}, "still-cached": {"one-of": ["npm ci", "npm install"]}}}]"#;

fn rebuilt(file: &str, steps: &[(&str, u32, &str, bool)]) -> Evidence {
    let mut evidence = case(file, &[]);
    let step = |(stage, number, name, cached): &(&str, u32, &str, bool)| BuildStep {
        stage: (*stage).into(),
        number: *number,
        name: (*name).into(),
        cached: *cached,
        started: true,
        completed: true,
        ..BuildStep::default()
    };
    let outcome = BuildOutcome { steps: steps.iter().map(step).collect(), ..BuildOutcome::default() };
    let edit = Edit { file: "src/server.js".into(), append: "//".into() };
    evidence.rebuilds.insert(key(&edit), Ok(outcome));
    evidence
}

#[test]
fn the_line_that_broke_the_cache_is_named() {
    let bad = "FROM node:24\nWORKDIR /app\nCOPY package.json .\nCOPY . .\nRUN npm ci\n";
    let steps = [
        ("", 2, "WORKDIR /app", true),
        ("", 3, "COPY package.json .", true),
        ("", 4, "COPY . .", false),
        ("", 5, "RUN npm ci", false),
    ];
    let diagnosis = fails(GOAL, &rebuilt(bad, &steps), codes::CACHE_MISSED, &[4]);
    assert_eq!((text(&diagnosis, "cause"), text(&diagnosis, "step")), ("COPY . .".into(), "RUN npm ci".into()));
    let good = "FROM node:24\nWORKDIR /app\nCOPY package.json .\nRUN npm ci\nCOPY . .\n";
    let steps = [("", 4, "RUN npm ci", true), ("", 5, "COPY . .", false)];
    passes(GOAL, &rebuilt(good, &steps));
    // A step that was not needed again is as good as cached.
    passes(GOAL, &rebuilt(good, &[]));
}

#[test]
fn a_bind_mount_of_the_sources_breaks_its_own_step() {
    let file = "FROM node:24\nRUN --mount=type=bind,target=/src cd /src && npm ci\n";
    let steps = [("", 2, "RUN --mount=type=bind,target=/src cd /src && npm ci", false)];
    fails(GOAL, &rebuilt(file, &steps), codes::CACHE_MISSED, &[2]);
}

#[test]
fn every_such_step_must_be_cached_and_one_must_be_there() {
    let file = "FROM node:24 AS deps\nCOPY package.json .\nRUN npm ci\nFROM deps\nCOPY src/ src/\nRUN npm install\n";
    let steps = [
        ("deps", 3, "RUN npm ci", true),
        ("stage-1", 1, "COPY src/ src/", false),
        ("stage-1", 2, "RUN npm install", false),
    ];
    fails(GOAL, &rebuilt(file, &steps), codes::CACHE_MISSED, &[5]);
    let none = "FROM node:24\nCOPY . .\nRUN yarn\n";
    fails(GOAL, &rebuilt(none, &[]), codes::STEP_MISSING, &[]);
}

#[test]
fn a_file_that_is_not_there_cannot_be_edited() {
    let mut evidence = rebuilt("FROM node:24\nRUN npm ci\n", &[]);
    let file = Fact::Text("src/server.js".into());
    let missing = Blocked::failed(Diagnosis::new(codes::EDIT_FILE_MISSING).fact("file", file));
    evidence.rebuilds.values_mut().for_each(|r| *r = Err(missing.clone()));
    fails(GOAL, &evidence, codes::EDIT_FILE_MISSING, &[]);
}

#[test]
fn a_miss_without_a_cause_is_in_doubt() {
    let file = "FROM node:24\nRUN npm ci\nCOPY . .\n";
    let Ask::CachedAfterEdit(ask) = goals(GOAL).pop().unwrap().ask else { panic!("another kind") };
    assert!(missed_without_cause(&ask, &rebuilt(file, &[("", 2, "RUN npm ci", false)])));
    assert!(!missed_without_cause(&ask, &rebuilt(file, &[("", 2, "RUN npm ci", true)])));
    let honest = "FROM node:24\nCOPY . .\nRUN npm ci\n";
    let steps = [("", 2, "COPY . .", false), ("", 3, "RUN npm ci", false)];
    assert!(!missed_without_cause(&ask, &rebuilt(honest, &steps)));
}

#[test]
fn equal_edits_are_made_once() {
    let both = [GOAL, GOAL].map(|g| goals(g).pop().unwrap());
    let mut needs = Needs::default();
    for goal in &both {
        needs.add(plan(goal));
    }
    assert_eq!(needs.rebuilds.len(), 1);
    let Ask::CachedAfterEdit(CachedAfterEdit { edit, .. }) = &both[0].ask else { panic!("another kind") };
    assert_eq!(needs.rebuilds[0], *edit);
}
