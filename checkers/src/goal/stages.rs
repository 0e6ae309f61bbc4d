//! `stages`: how many stages the target really needs. BuildKit builds no other, so a stage that nobody refers to is none.

use super::{Judged, facts, fail, list, shown};
use crate::{
    evidence::{Evidence, Needs},
    spec::Stages,
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(_: &Stages) -> Needs {
    Needs::default()
}

pub(super) fn judge(ask: &Stages, evidence: &Evidence) -> Judged {
    let (model, target) = evidence.model()?;
    let reachable = model.reachable(target);
    let have = reachable.iter().filter(|r| **r).count();
    let idle: Vec<_> = model.stages.iter().filter(|s| !reachable[s.index]).collect();
    for name in &ask.named {
        let same = |s: &&crate::dockerfile::Stage| s.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case(name));
        match model.stages.iter().rev().find(same) {
            None => return fail(Diagnosis::new(codes::STAGE_MISSING).fact("stage", shown(name))),
            Some(stage) if !reachable[stage.index] => {
                let diagnosis = Diagnosis::new(codes::STAGE_UNREACHABLE).fact("stage", shown(name));
                return fail(diagnosis.at([stage.line]));
            }
            Some(_) => {}
        }
    }
    let counted = |code, want: usize| {
        Diagnosis::new(code).fact("have", Fact::Count(have as u64)).fact("want", Fact::Count(want as u64))
    };
    if let Some(want) = ask.at_least.filter(|want| have < *want) {
        let diagnosis = counted(codes::STAGES_TOO_FEW, want).fact("unreachable", list(idle.iter().map(|s| s.label())));
        // Stages that stand there unused are to blame; without any, the one that does all the work.
        let lines: Vec<u32> = match idle.is_empty() {
            false => idle.iter().map(|s| s.line).collect(),
            true => vec![model.stages[target].line],
        };
        return fail(diagnosis.at(lines));
    }
    if let Some(want) = ask.at_most.filter(|want| have > *want) {
        let lines: Vec<u32> = model.stages.iter().filter(|s| reachable[s.index]).map(|s| s.line).collect();
        return fail(counted(codes::STAGES_TOO_MANY, want).at(lines));
    }
    Ok(facts([("have", Fact::Count(have as u64))]))
}
