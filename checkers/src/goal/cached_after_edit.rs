//! `cached-after-edit`: build, edit a file, build again; the wanted step must come from the cache. If it did not, the line
//! that broke the cache is the first step before it that ran again, most often a COPY of the edited file.

use super::{Judged, builds, facts, fail, list, lost, shown, shown_line};
use crate::{
    dockerfile::{Dockerfile, Instruction, any_matches},
    engine::BuildStep,
    evidence::{Evidence, Needs, key, step_of_instruction},
    spec::{CachedAfterEdit, StepMatch},
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(ask: &CachedAfterEdit) -> Needs {
    Needs { build: true, rebuilds: vec![ask.edit.clone()], ..Needs::default() }
}

pub(super) fn judge(ask: &CachedAfterEdit, evidence: &Evidence) -> Judged {
    builds::built(evidence)?;
    let (model, target) = evidence.model()?;
    let steps = steps(ask, model, target);
    if steps.is_empty() {
        return fail(Diagnosis::new(codes::STEP_MISSING).fact("want", list(wanted(&ask.still_cached))));
    }
    let rebuild = evidence.rebuilds.get(&key(&ask.edit)).ok_or_else(|| lost("rebuild"))?;
    let rebuild = rebuild.as_ref().map_err(Clone::clone)?;
    builds::of_rebuild(evidence, rebuild)?;
    for step in &steps {
        if ran_again(model, &rebuild.steps, step) {
            let cause = cause(model, &rebuild.steps, step, &ask.edit.file);
            return fail(
                Diagnosis::new(codes::CACHE_MISSED)
                    .fact("step", shown_line(step))
                    .fact("cause", shown_line(cause))
                    .fact("file", shown(&ask.edit.file))
                    .at([cause.first]),
            );
        }
    }
    let cached = rebuild.steps.iter().filter(|s| s.cached).count();
    Ok(facts([
        ("step", shown_line(steps[0])),
        ("cached", Fact::Count(cached as u64)),
        ("steps", Fact::Count(rebuild.steps.len() as u64)),
        ("time", Fact::Millis(rebuild.duration.as_millis() as u64)),
    ]))
}

/// A step ran again although no line before it depends on the edited file: nothing that the Dockerfile would explain.
pub(crate) fn missed_without_cause(ask: &CachedAfterEdit, evidence: &Evidence) -> bool {
    let (Ok((model, target)), Some(Ok(rebuild))) = (evidence.model(), evidence.rebuilds.get(&key(&ask.edit))) else {
        return false;
    };
    rebuild.failure.is_none()
        && steps(ask, model, target).into_iter().any(|step| {
            let file = &ask.edit.file;
            ran_again(model, &rebuild.steps, step) && !builds::brings(cause(model, &rebuild.steps, step, file), file)
        })
}

/// The RUN instructions that are meant, in stages that the target needs.
fn steps<'a>(ask: &CachedAfterEdit, model: &'a Dockerfile, target: usize) -> Vec<&'a Instruction> {
    let wanted = wanted(&ask.still_cached);
    let reachable = model.reachable(target);
    let runs = model.instructions.iter().filter(|i| i.keyword == "RUN" && i.stage.is_some_and(|s| reachable[s]));
    let meant = |run: &&Instruction| {
        let commands = run.commands();
        wanted.iter().any(|w| any_matches(&commands, w))
    };
    runs.filter(meant).collect()
}

fn wanted(step: &StepMatch) -> Vec<String> {
    step.command.iter().chain(&step.one_of).cloned().collect()
}

/// A step that is not listed, or never started, was not needed: BuildKit found what comes after it in its cache.
fn ran_again(model: &Dockerfile, steps: &[BuildStep], instruction: &Instruction) -> bool {
    step_of_instruction(model, steps, instruction).is_some_and(|at| !steps[at].cached && steps[at].started)
}

/// The instruction that broke the cache for `step`.
fn cause<'a>(model: &'a Dockerfile, steps: &[BuildStep], step: &'a Instruction, file: &str) -> &'a Instruction {
    let chain = step.stage.map(|s| model.chain(s)).unwrap_or_default();
    let before = chain.iter().flat_map(|s| model.of_stage(*s)).take_while(|i| i.first != step.first);
    let again: Vec<&Instruction> =
        before.filter(|i| i.keyword != "FROM" && ran_again(model, steps, i)).chain([step]).collect();
    let copies = again.iter().find(|i| builds::brings(i, file));
    copies.or(again.first()).copied().unwrap_or(step)
}
