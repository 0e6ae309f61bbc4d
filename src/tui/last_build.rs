//! The learner's own last build as a replay: what the check measured, put beside the lines of the Dockerfile that it judged.
//!
//! It becomes the very [`Replay`] that a lesson's stepper draws from a recording of the lens, so that one drawing serves both.
//! The image itself is gone by now, so nothing is built or read again; the lens does that, for whoever wants to see the files.

use crate::{
    course::diagram::stepper::{FORMAT, Replay, StageStep, Step},
    layout::clean,
};
use dockshala_checkers::{
    dockerfile::{Dockerfile, Instruction, Options},
    verdict::CheckResult,
};

/// What the last check saw of a build; none where it built nothing. `target` is the stage that the exercise builds, the last one
/// by default.
pub(super) fn replay(result: &CheckResult, dockerfile: &str, target: Option<&str>) -> Option<Replay> {
    result.sizes?;
    let (file, _) = Dockerfile::recover(dockerfile.as_bytes(), &Options::default()).ok()?;
    let target = file.target(target)?;
    let (chain, needed) = (file.chain(target), file.reachable(target));
    let base: u64 = result.costs.iter().filter(|cost| cost.line.is_none()).map(|cost| cost.bytes).sum();
    let wasted = result.costs.iter().filter(|cost| cost.line.is_none()).map(|cost| cost.wasted).sum();
    let mut steps = Vec::new();
    if base > 0 {
        let instruction = file.final_base(target).0;
        steps.push(Step { base: true, layer: Some(0), bytes: base, wasted, ..step(&clean(&instruction)) });
    }
    let mut other_stages = Vec::new();
    for instruction in file.instructions.iter().filter(|i| !matches!(i.keyword.as_str(), "FROM" | "ARG")) {
        let Some(stage) = instruction.stage.filter(|stage| needed[*stage]) else { continue };
        let built = result.steps.iter().find(|step| step.line == Some(instruction.first));
        if !chain.contains(&stage) {
            // What BuildKit did not run in another stage left nothing behind, not even in the cache.
            other_stages.extend(built.map(|built| StageStep {
                stage: clean(&file.stages[stage].label()).into_owned(),
                instruction: clean(&instruction.one_line()).into_owned(),
                line: Some(instruction.first),
                cached: built.cached,
                millis: built.millis,
            }));
            continue;
        }
        let cost = result.costs.iter().find(|cost| cost.line == Some(instruction.first));
        steps.push(Step {
            line: Some(instruction.first),
            last_line: Some(instruction.last),
            layer: (cost.is_some() || makes_layer(instruction)).then_some(steps.len()),
            cached: built.map(|built| built.cached),
            millis: built.map(|built| built.millis),
            bytes: cost.map_or(0, |cost| cost.bytes),
            wasted: cost.map_or(0, |cost| cost.wasted),
            ..step(&clean(&instruction.one_line()))
        });
    }
    let dockerfile = file.source.lines().map(|line| clean(line).replace('\t', "    ")).collect();
    (!steps.is_empty()).then_some(Replay { format: FORMAT, dockerfile, steps, other_stages })
}

fn makes_layer(instruction: &Instruction) -> bool {
    matches!(instruction.keyword.as_str(), "RUN" | "COPY" | "ADD")
}

fn step(instruction: &str) -> Step {
    Step {
        instruction: instruction.to_owned(),
        line: None,
        last_line: None,
        base: false,
        layer: None,
        cached: None,
        millis: None,
        bytes: 0,
        wasted: 0,
        hid: 0,
        paths: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::diagram::stepper::Did;
    use dockshala_checkers::verdict::{LineCost, Sizes, Step as Built};

    const DOCKERFILE: &str = "ARG GO=1.26\nFROM golang:${GO} AS build\nCOPY . .\nRUN go build \\\n  -o /chai .\nFROM unused AS spare\nRUN true\nFROM alpine\nENV PORT=80\nCOPY --from=build /chai /\nRUN apk add curl\n";

    fn cost(line: Option<u32>, bytes: u64, wasted: u64) -> LineCost {
        LineCost { line, instruction: String::new(), bytes, wasted }
    }

    fn built(stage: &str, line: u32, cached: bool, millis: u64) -> Built {
        Built { stage: stage.into(), name: String::new(), line: Some(line), cached, millis }
    }

    fn judged() -> CheckResult {
        CheckResult {
            sizes: Some(Sizes { total: 20_000_000, ..Sizes::default() }),
            costs: vec![cost(None, 8_000_000, 0), cost(Some(10), 9_000_000, 0), cost(Some(11), 3_000_000, 2_900_000)],
            steps: vec![
                built("build", 3, true, 0),
                built("build", 4, false, 6_500),
                built("2", 10, false, 120),
                built("2", 11, false, 900),
            ],
            ..crate::tui::tests::result(true)
        }
    }

    #[test]
    fn the_last_check_becomes_a_replay_of_the_learners_own_lines() {
        let replay = replay(&judged(), DOCKERFILE, None).unwrap();
        let shown = replay.shown();
        let told: Vec<_> = shown.iter().map(|s| (s.lines.0, &s.did, s.cached, s.after)).collect();
        let elsewhere = |stage: &str| Did::Elsewhere(stage.to_owned());
        let layer = |bytes, wasted| Did::Layer { bytes, wasted, hid: 0 };
        assert_eq!(told[0], (2, &elsewhere("build"), None, 0));
        assert_eq!(told[1], (3, &elsewhere("build"), Some(true), 0));
        assert_eq!(told[2], (4, &elsewhere("build"), Some(false), 0));
        assert!(told.contains(&(8, &Did::Base(8_000_000), None, 8_000_000)), "{told:?}");
        assert!(told.contains(&(9, &Did::Settings, None, 8_000_000)));
        assert!(told.contains(&(10, &layer(9_000_000, 0), Some(false), 17_000_000)));
        assert!(told.contains(&(11, &layer(3_000_000, 2_900_000), Some(false), 20_000_000)));
        assert!(!told.iter().any(|t| t.0 == 7), "a stage that nobody needs was not built");
        assert_eq!(shown[2].instruction, "RUN go build -o /chai .");
    }

    #[test]
    fn a_target_is_what_was_built_and_nothing_built_is_no_replay() {
        let replay_of = |target| replay(&judged(), DOCKERFILE, target);
        let build = replay_of(Some("build")).unwrap();
        assert!(build.steps.iter().all(|s| s.base || s.line < Some(6)) && build.other_stages.is_empty());
        assert!(replay_of(Some("nowhere")).is_none());
        assert!(replay(&CheckResult { sizes: None, ..judged() }, DOCKERFILE, None).is_none());
        assert!(replay(&judged(), "", None).is_none());
    }
}
