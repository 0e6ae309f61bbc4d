//! `deploys`: the stack is accepted and every service runs all its tasks.

use super::{
    super::{Judged, facts, fail, shown},
    complaint, lines, running, stack,
};
use crate::{
    evidence::{Evidence, Needs},
    spec::Deploys,
    verdict::{Diagnosis, Fact, codes},
};

pub(in super::super) fn plan(_: &Deploys) -> Needs {
    Needs { stack: true, ..Needs::default() }
}

pub(in super::super) fn judge(_: &Deploys, evidence: &Evidence) -> Judged {
    let stack = stack(evidence)?;
    let short = stack.services.iter().find(|(name, service)| running(&stack.tasks, name) < service.replicas);
    let Some((name, service)) = short.filter(|_| !stack.settled) else {
        let tasks = stack.tasks.iter().filter(|task| task.runs()).count() as u64;
        return Ok(facts([
            ("services", Fact::Count(stack.services.len() as u64)),
            ("tasks", Fact::Count(tasks)),
            ("nodes", Fact::Count(stack.nodes.len() as u64)),
            ("time", Fact::Millis(stack.took)),
        ]));
    };
    // Where tasks were started and failed, one that waits for its turn on a node is only the next of them.
    let failed: Vec<_> = stack.tasks.iter().filter(|task| task.failed()).cloned().collect();
    let failed = complaint(&failed, name);
    let last = failed.or_else(|| complaint(&stack.tasks, name));
    let words = last.map_or("", |task| task.error.as_str());
    let waits = last.is_some_and(|task| task.state == "pending");
    let (code, paths): (_, &[&[&str]]) = if waits {
        (codes::NO_SUITABLE_NODE, &[&["deploy", "placement"], &["deploy", "resources"], &["deploy"]])
    } else {
        (codes::TASKS_NOT_RUNNING, &[&["command"], &["entrypoint"], &["image"]])
    };
    fail(
        Diagnosis::new(code)
            .fact("service", shown(name))
            .fact("have", Fact::Count(running(&stack.tasks, name)))
            .fact("want", Fact::Count(service.replicas))
            .fact("message", shown(words))
            .at(lines(evidence, name, paths)),
    )
}
