//! `with-file`: what another Dockerfile of the same folder must show. Any goal of a Dockerfile can be asked of it, as it is
//! judged from evidence of its own, gathered in the same way as the first one's.

use super::{Judged, lost};
use crate::{
    evidence::{Blocked, Evidence, Needs},
    spec::{Ask, Goal, WithFile},
    verdict::{Fact, Verdict},
};

/// The fact that says which file a diagnosis is about, with the first line to blame (`Dockerfile.dev:4`). Not its `lines`: they
/// are shown beside the submission's main file.
pub const OF_FILE: &str = "of-file";

pub(super) fn plan(ask: &WithFile) -> Needs {
    Needs { files: [ask.file.clone()].into(), ..Needs::default() }
}

/// What is asked of a file, as goals of its own; each has the id of the goal that asks it.
pub(crate) fn asked_of(file: &str, goals: &[Goal]) -> Vec<Goal> {
    let of = |goal: &Goal| match &goal.ask {
        Ask::WithFile(with) if with.file == file => Some(Goal { id: goal.id.clone(), ask: with.meets.ask.clone() }),
        _ => None,
    };
    goals.iter().filter_map(of).collect()
}

pub(super) fn judge(id: &str, ask: &WithFile, all: &[Goal], evidence: &Evidence) -> Judged {
    let other = evidence.others.get(&ask.file).ok_or_else(|| lost(&ask.file))?;
    let goals = asked_of(&ask.file, all);
    let goal = goals.iter().find(|goal| goal.id == id).ok_or_else(|| lost(id))?;
    let result = super::judge(goal, &goals, other);
    let Some(mut diagnosis) = result.diagnosis else { return Ok(result.measured) };
    if result.verdict == Verdict::Failed {
        let lines = std::mem::take(&mut diagnosis.lines);
        let place = lines.first().map_or_else(|| ask.file.clone(), |line| format!("{}:{line}", ask.file));
        diagnosis = diagnosis.fact(OF_FILE, Fact::Text(place));
    }
    Err(Blocked { verdict: result.verdict, diagnosis })
}
