//! Goals of stacks: the time line of a swarm's tasks in, verdicts out. One file for each kind or pair of kinds.

pub(super) mod deploys;
pub(super) mod drains;
pub(super) mod files;
pub(super) mod heals;
pub(super) mod reaches;
pub(super) mod replicas;
pub(super) mod updates;

use super::{list, lost, shown};
use crate::{
    compose::tree::Tree,
    evidence::{ActFact, Blocked, Evidence, Gathered, ServiceFact, StackAct, StackFacts, TaskFact, key},
    spec::Span,
    verdict::{Diagnosis, codes},
};

/// The lines of the first of these paths below a service that is in the stack file; at least the service's own.
fn lines(evidence: &Evidence, service: &str, paths: &[&[&str]]) -> Vec<u32> {
    let tree = evidence.stack_file.as_ref().ok().and_then(|text| Tree::read(text).ok());
    let Some(tree) = tree else { return Vec::new() };
    let whole = |path: &&&[&str]| {
        let full: Vec<&str> = ["services", service].into_iter().chain(path.iter().copied()).collect();
        let mut here = tree.root()?;
        let mut line = None;
        for part in full {
            let (at, next) = tree.get(here, part)?;
            (line, here) = (Some(at), next);
        }
        line
    };
    let found = paths.iter().find_map(|path| whole(&path));
    found.or_else(|| tree.line_of(&["services", service])).into_iter().collect()
}

/// A service of the stack, or that there is none of that name.
fn service<'a>(evidence: &Evidence, stack: &'a StackFacts, name: &str) -> Gathered<&'a ServiceFact> {
    stack.services.get(name).ok_or_else(|| {
        let diagnosis = Diagnosis::new(codes::SERVICE_MISSING).fact("service", shown(name));
        let tree = evidence.stack_file.as_ref().ok().and_then(|text| Tree::read(text).ok());
        let line = tree.and_then(|tree| tree.line_of(&["services"]));
        Blocked::failed(diagnosis.fact("services", list(stack.services.keys())).at(line))
    })
}

fn stack(evidence: &Evidence) -> Gathered<&StackFacts> {
    evidence.stack_file.as_ref().map_err(Clone::clone)?;
    evidence.stack.as_ref().map_err(Clone::clone)
}

/// A service with what came of an act on it.
fn acted<'a>(evidence: &'a Evidence, name: &str, act: &StackAct) -> Gathered<(&'a ServiceFact, &'a ActFact)> {
    let stack = stack(evidence)?;
    let service = service(evidence, stack, name)?;
    // A check that was stopped has come to some acts and not to others.
    let stopped = || Blocked::skipped(Diagnosis::new(codes::CANCELLED));
    let fact = stack.acts.get(&key(act)).ok_or_else(stopped)?.as_ref().map_err(Clone::clone)?;
    Ok((service, fact))
}

fn running(tasks: &[TaskFact], service: &str) -> u64 {
    StackFacts::running(tasks, service).count() as u64
}

/// The last thing that a service's tasks complained of.
fn complaint<'a>(tasks: &'a [TaskFact], service: &str) -> Option<&'a TaskFact> {
    tasks.iter().filter(|task| task.service == service && !task.error.is_empty()).max_by_key(|task| task.made)
}

fn millis(span: Option<Span>, seconds: u64) -> u64 {
    span.map_or(seconds * 1000, |span| span.0.as_millis() as u64)
}

/// Evidence of an act on a task that there was not: our own mistake.
fn no_task(service: &str) -> Blocked {
    lost(&format!("no task of {service} to act on"))
}
