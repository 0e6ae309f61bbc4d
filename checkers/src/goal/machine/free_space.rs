//! `free-space`: of what the exercise left lying about, no container that has ended and no image without a name is left.

use super::*;
use crate::spec::FreeSpace;

pub(in crate::goal) fn plan(_: &FreeSpace) -> Needs {
    needs(MachineNeeds::default())
}

pub(in crate::goal) fn judge(_: &FreeSpace, evidence: &Evidence) -> Judged {
    let machine = machine(evidence)?;
    // What lies about on a learner's machine is not the exercise's to count.
    only_of_steps(machine)?;
    let ended = machine.containers.iter().filter(|(_, c)| matches!(c.state.as_str(), "exited" | "created" | "dead"));
    let ended: Vec<&String> = ended.map(|(name, _)| name).collect();
    if !ended.is_empty() {
        let diagnosis = Diagnosis::new(codes::SPACE_CONTAINERS).fact("names", list(ended));
        return fail(with_step(machine, diagnosis));
    }
    if machine.dangling > 0 {
        let diagnosis = Diagnosis::new(codes::SPACE_IMAGES).fact("count", Fact::Count(machine.dangling));
        return fail(with_step(machine, diagnosis));
    }
    Ok(facts([]))
}
