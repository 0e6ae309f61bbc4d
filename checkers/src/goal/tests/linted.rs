//! `lint-clean`, `context`, `fails-when-broken`, `reuses-cache`.

use super::*;
use crate::evidence::ContextFact;

#[test]
fn lint_names_what_weighs_most_first_and_every_line() {
    let goal = r#"["builds", "lint-clean"]"#;
    let file = "FROM node:24 as b\nENV TOKEN=x\nUSER node\nCMD node x.js\n";
    let diagnosis = fails(goal, &case(file, &[]), codes::LINT_FOUND, &[1, 2, 4]);
    assert_eq!(text(&diagnosis, "rule"), "SecretsUsedInArgOrEnv");
    assert_eq!(text(&diagnosis, "found"), "FromAsCasing:1|SecretsUsedInArgOrEnv:2|JSONArgsRecommended:4");
    let rest =
        r#"["builds", {"lint-clean": {"ignore": ["SecretsUsedInArgOrEnv", "fromascasing", "JSONArgsRecommended"]}}]"#;
    passes(rest, &case(file, &[]));
    let one = r#"["builds", {"lint-clean": {"rules": ["ConsecutiveRuns"]}}]"#;
    passes(one, &case(file, &[]));
    fails(one, &case("FROM a:1\nRUN a\nRUN b\nRUN c\n", &[]), codes::LINT_FOUND, &[3]);
}

#[test]
fn lint_knows_what_the_ignore_file_leaves_out() {
    let mut evidence = case("FROM a:1\nCOPY lib README.md src /x/\n", &[]);
    let names = |all: &[&str]| all.iter().map(|n| (*n).to_owned()).collect();
    evidence.files = names(&["README.md", "lib/a", "lib/b", "src/a", "src/b"]);
    evidence.ignored = names(&["README.md", "lib/a", "lib/b", "src/a"]);
    let found = crate::goal::lint_findings(&evidence, &[]).unwrap();
    let paths: Vec<_> = found.iter().map(|f| f.facts["path"].clone()).collect();
    assert_eq!(paths, [Fact::Text("lib".into()), Fact::Text("README.md".into())]);
}

#[test]
fn a_context_is_weighed_by_what_is_not_left_out() {
    let goal = r#"["builds", {"context": {"at-most": "5 kB"}}]"#;
    let mut evidence = node();
    let weighs = |bytes| Some(Ok(ContextFact { bytes, files: 3, biggest: vec![("logs".into(), bytes)] }));
    evidence.context = weighs(5000);
    passes(goal, &evidence);
    evidence.context = weighs(110_000);
    let diagnosis = fails(goal, &evidence, codes::CONTEXT_TOO_HEAVY, &[]);
    assert_eq!(text(&diagnosis, "biggest"), "logs 110 kB");
}

const GATE: &str = r#"["builds", {"fails-when-broken": {"edit": {"file": "fares.sh", "append": "x"}, "step": {"one-of": ["sh tests/run.sh"]}}}]"#;
const STAGES: &str = "FROM a:1 AS base\nCOPY . .\nFROM base AS test\nRUN sh tests/run.sh && touch /ok\nFROM base\n";

fn after_edit(file: &str, outcome: BuildOutcome) -> Evidence {
    let mut evidence = case(file, &[]);
    let edit = Edit { file: "fares.sh".into(), append: "x".into() };
    evidence.rebuilds.insert(key(&edit), Ok(outcome));
    evidence
}

fn failing(stage: &str, number: u32, name: &str) -> BuildOutcome {
    let step = BuildStep { stage: stage.into(), number, name: name.into(), started: true, ..BuildStep::default() };
    let failure = BuildFailure::Step { index: 0, exit: Some(1), message: String::new() };
    BuildOutcome { steps: vec![step], failure: Some(failure), ..BuildOutcome::default() }
}

#[test]
fn a_test_must_stop_the_build_and_be_the_one_that_does() {
    let unused = fails(GATE, &after_edit(STAGES, BuildOutcome::default()), codes::TEST_NOT_NEEDED, &[4]);
    assert_eq!(text(&unused, "stage"), "test");
    let needed = format!("{STAGES}COPY --from=test /ok /ok\n");
    passes(GATE, &after_edit(&needed, failing("test", 2, "RUN sh tests/run.sh && touch /ok")));
    let swallowed = needed.replace("&& touch", "|| touch");
    fails(GATE, &after_edit(&swallowed, BuildOutcome::default()), codes::TEST_NOT_BLOCKING, &[4]);
    fails(GATE, &after_edit(&needed, failing("base", 2, "COPY . .")), codes::BROKEN_ELSEWHERE, &[2]);
    fails(GATE, &after_edit("FROM a:1\nCOPY . .\n", BuildOutcome::default()), codes::STEP_MISSING, &[]);
    let full = BuildOutcome { failure: Some(BuildFailure::DiskFull("x".into())), ..BuildOutcome::default() };
    blocked(GATE, &after_edit(&needed, full), Verdict::Broken, codes::DISK_FULL, &[]);
}

#[test]
fn a_second_build_shows_whether_the_first_ones_work_was_there() {
    let goal = r#"["builds", {"reuses-cache": {"edit": {"file": "fares.sh", "append": "x"}, "step": {"command": "go build"},
        "prints": {"contains": "shop/udhaar"}, "not-again": ["runtime"]}}]"#;
    let file = "FROM a:1\nCOPY . .\nRUN go build -v .\n";
    let ran = |log: &str, cached: bool| {
        let mut outcome = failing("", 3, "RUN go build -v .");
        outcome.failure = None;
        outcome.steps[0].log = log.into();
        outcome.steps[0].cached = cached;
        after_edit(file, outcome)
    };
    passes(goal, &ran("shop/udhaar\n", false));
    let again = fails(goal, &ran("internal/abi\nruntime\nshop/udhaar\n", false), codes::CACHE_NOT_REUSED, &[3]);
    assert_eq!((text(&again, "again"), text(&again, "lines")), ("runtime".into(), "Count(3)".into()));
    fails(goal, &ran("", false), codes::STEP_SILENT, &[3]);
    fails(goal, &ran("shop/udhaar\n", true), codes::STEP_NOT_RUN, &[3]);
    fails(goal, &after_edit("FROM a:1\n", BuildOutcome::default()), codes::STEP_MISSING, &[]);
}
