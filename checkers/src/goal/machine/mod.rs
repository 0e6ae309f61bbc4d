//! Goals of kind `machine`: what a learner's steps left on the daemon. What they share is here: the evidence, a container by
//! its name, and the step that went wrong where something is missing.

pub(super) mod by_digest;
pub(super) mod container;
pub(super) mod container_logs;
pub(super) mod copied_out;
pub(super) mod free_space;
pub(super) mod limits;
pub(super) mod published;
pub(super) mod reaches;
pub(super) mod registry;
pub(super) mod restart;
pub(super) mod same_files;
pub(super) mod volume;

use super::{Gathered, Judged, clipped, facts, fail, list, lost, shown, stream};
use crate::{
    engine::machine::{ContainerFact, MachineFacts},
    evidence::{Blocked, Evidence, MachineNeeds, Needs},
    spec::State,
    verdict::{Diagnosis, Fact, codes},
};

fn needs(machine: MachineNeeds) -> Needs {
    Needs { machine: MachineNeeds { run: true, ..machine }, ..Needs::default() }
}

fn machine(evidence: &Evidence) -> Gathered<&MachineFacts> {
    let gathered = evidence.machine.as_ref().ok_or_else(|| lost("steps"))?;
    gathered.as_ref().map_err(Clone::clone)
}

/// Skipped for what a learner made by hand: it cannot be told without changing that, or is not marked at all.
fn only_of_steps(machine: &MachineFacts) -> Gathered<()> {
    match &machine.by_hand {
        Some(_) => {
            let file = Fact::Text("steps.sh".to_owned());
            Err(Blocked::skipped(Diagnosis::new(codes::NEEDS_STEPS).fact("file", file)))
        }
        None => Ok(()),
    }
}

/// The lines of the steps that name something.
fn lines(machine: &MachineFacts, name: &str) -> Vec<u32> {
    machine.steps.iter().filter(|s| s.name.as_deref() == Some(name)).map(|s| s.line).collect()
}

/// The same with the step that failed first: what is not there usually was to be made by it.
fn with_step(machine: &MachineFacts, diagnosis: Diagnosis) -> Diagnosis {
    let Some(step) = machine.steps.iter().find(|s| s.exit != Some(0) && !s.may_fail) else { return diagnosis };
    let line = Fact::Text(clipped(&format!("{}: {}", step.line, step.command), 200));
    let diagnosis = diagnosis.at([step.line]);
    match step.exit {
        Some(_) => diagnosis.fact("step", line).fact("said", stream(&step.said)),
        None => diagnosis.fact("hung", line).fact("limit", Fact::Millis(step.limit)),
    }
}

/// A container by its name.
fn container<'a>(machine: &'a MachineFacts, name: &str) -> Gathered<&'a ContainerFact> {
    machine.containers.get(name).ok_or_else(|| {
        let missing = Diagnosis::new(codes::CONTAINER_MISSING).fact("name", shown(name));
        let missing = match machine.containers.is_empty() {
            true => missing,
            false => missing.fact("have", list(machine.containers.keys())),
        };
        Blocked::failed(with_step(machine, missing))
    })
}

/// A container that runs.
fn running<'a>(machine: &'a MachineFacts, name: &str) -> Gathered<&'a ContainerFact> {
    let container = container(machine, name)?;
    if container.state == State::Running.name() {
        return Ok(container);
    }
    Err(Blocked::failed(other_state(machine, name, container, State::Running)))
}

fn other_state(machine: &MachineFacts, name: &str, container: &ContainerFact, want: State) -> Diagnosis {
    let said = if container.stderr.trim().is_empty() { &container.stdout } else { &container.stderr };
    let diagnosis = Diagnosis::new(codes::CONTAINER_STATE)
        .fact("name", shown(name))
        .fact("state", shown(&container.state))
        .fact("want", shown(want.name()))
        .at(lines(machine, name));
    let diagnosis = match container.state.as_str() {
        "exited" | "restarting" => diagnosis.fact("exit", Fact::Count(container.exit.unsigned_abs())),
        _ => diagnosis,
    };
    if said.trim().is_empty() { diagnosis } else { diagnosis.fact("printed", stream(said)) }
}
