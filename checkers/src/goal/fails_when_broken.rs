//! `fails-when-broken`: a line that breaks the program goes into the uploaded copy, and the build of the target must fail, in
//! the step that is meant. A test stage that nothing needs is never built, and so blocks nothing: that is what this is for.

use super::{Judged, builds, facts, fail, list, lost, shown, shown_line};
use crate::{
    dockerfile::{Instruction, any_matches},
    engine::BuildFailure,
    evidence::{Evidence, Needs, instruction_of_step, key},
    spec::FailsWhenBroken,
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(ask: &FailsWhenBroken) -> Needs {
    Needs { build: true, rebuilds: vec![ask.edit.clone()], ..Needs::default() }
}

pub(super) fn judge(ask: &FailsWhenBroken, evidence: &Evidence) -> Judged {
    builds::built(evidence)?;
    let (model, target) = evidence.model()?;
    let wanted: Vec<String> = ask.step.command.iter().chain(&ask.step.one_of).cloned().collect();
    let meant = |line: &Instruction| {
        let commands = line.commands();
        line.keyword == "RUN" && wanted.iter().any(|w| any_matches(&commands, w))
    };
    let rebuild = evidence.rebuilds.get(&key(&ask.edit)).ok_or_else(|| lost("rebuild"))?;
    let rebuild = rebuild.as_ref().map_err(Clone::clone)?;
    match &rebuild.failure {
        None => {
            let lines: Vec<&Instruction> = model.instructions.iter().filter(|i| meant(i)).collect();
            let reachable = model.reachable(target);
            let Some(test) = lines.first() else {
                return fail(Diagnosis::new(codes::STEP_MISSING).fact("want", list(wanted)));
            };
            let unused = lines.iter().all(|i| i.stage.is_none_or(|s| !reachable[s]));
            let stage = test.stage.map_or_else(String::new, |s| model.stages[s].label());
            let code = if unused { codes::TEST_NOT_NEEDED } else { codes::TEST_NOT_BLOCKING };
            fail(
                Diagnosis::new(code)
                    .fact("step", shown_line(test))
                    .fact("stage", shown(&stage))
                    .fact("file", shown(&ask.edit.file))
                    .at(lines.iter().map(|i| i.first)),
            )
        }
        Some(BuildFailure::Step { index, exit, .. }) => {
            let step = rebuild.steps.get(*index);
            match step.and_then(|s| instruction_of_step(model, s)) {
                Some(line) if meant(line) => Ok(facts([
                    ("step", shown_line(line)),
                    ("exit", Fact::Count(exit.unwrap_or(1).unsigned_abs())),
                    ("time", Fact::Millis(rebuild.duration.as_millis() as u64)),
                ])),
                other => {
                    let name =
                        other.map_or_else(|| shown(&step.map_or_else(String::new, |s| s.name.clone())), shown_line);
                    let diagnosis = Diagnosis::new(codes::BROKEN_ELSEWHERE)
                        .fact("step", name)
                        .fact("want", list(wanted))
                        .fact("file", shown(&ask.edit.file));
                    fail(diagnosis.at(other.map(|l| l.first)))
                }
            }
        }
        // Deadline, a full disk, a connection that broke: nothing that a test did.
        Some(_) => Err(builds::of_rebuild(evidence, rebuild).err().unwrap_or_else(|| lost("rebuild"))),
    }
}
