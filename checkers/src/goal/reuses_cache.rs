//! `reuses-cache`: build, edit a file, build again; the step must run again, and what it prints the second time must show that
//! it began with what it had the first time. A cache mount does that; a layer cannot, as the step starts from the one below.

use super::{Judged, builds, compare, facts, fail, list, lost, shown, shown_line, tail};
use crate::{
    dockerfile::any_matches,
    evidence::{Evidence, Needs, key, step_of_instruction},
    spec::{Expect, ReusesCache},
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(ask: &ReusesCache) -> Needs {
    Needs { build: true, rebuilds: vec![ask.edit.clone()], ..Needs::default() }
}

pub(super) fn judge(ask: &ReusesCache, evidence: &Evidence) -> Judged {
    builds::built(evidence)?;
    let (model, target) = evidence.model()?;
    let reachable = model.reachable(target);
    let wanted: Vec<String> = ask.step.command.iter().chain(&ask.step.one_of).cloned().collect();
    let meant: Vec<_> = model
        .instructions
        .iter()
        .filter(|i| i.keyword == "RUN" && i.stage.is_some_and(|s| reachable[s]))
        .filter(|i| {
            let commands = i.commands();
            wanted.iter().any(|w| any_matches(&commands, w))
        })
        .collect();
    let Some(last) = meant.last() else {
        return fail(Diagnosis::new(codes::STEP_MISSING).fact("want", list(wanted)));
    };
    let rebuild = evidence.rebuilds.get(&key(&ask.edit)).ok_or_else(|| lost("rebuild"))?;
    let rebuild = rebuild.as_ref().map_err(Clone::clone)?;
    builds::of_rebuild(evidence, rebuild)?;
    let mut log = String::new();
    let mut ran = false;
    for line in &meant {
        if let Some(at) = step_of_instruction(model, &rebuild.steps, line) {
            let step = &rebuild.steps[at];
            ran |= step.started && !step.cached;
            log.push_str(&step.log);
        }
    }
    let again =
        |code| Diagnosis::new(code).fact("step", shown_line(last)).fact("file", shown(&ask.edit.file)).at([last.first]);
    if !ran {
        return fail(again(codes::STEP_NOT_RUN));
    }
    if let Some(unseen) = ask.prints.as_ref().and_then(|expect: &Expect| compare(&log, expect).err()) {
        return fail(again(codes::STEP_SILENT).fact("want", shown(&unseen)).fact("log", tail(&log)));
    }
    let afresh: Vec<&str> = log.lines().filter(|line| ask.not_again.iter().any(|sign| line.trim() == sign)).collect();
    if !afresh.is_empty() {
        let lines = log.lines().filter(|line| !line.trim().is_empty()).count();
        return fail(
            again(codes::CACHE_NOT_REUSED).fact("again", list(afresh)).fact("lines", Fact::Count(lines as u64)),
        );
    }
    Ok(facts([("step", shown_line(last)), ("time", Fact::Millis(rebuild.duration.as_millis() as u64))]))
}
