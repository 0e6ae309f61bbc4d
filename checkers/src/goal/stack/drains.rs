//! `drains`: a node is drained; no task is left on it, and no service has fewer than before.

use super::{
    super::{Judged, facts, fail, shown},
    acted, complaint, lines, millis, no_task, running, stack,
};
use crate::{
    evidence::{Evidence, Needs, StackAct},
    spec::Drains,
    verdict::{Diagnosis, Fact, codes},
};

fn act(ask: &Drains) -> StackAct {
    StackAct::Drain { service: ask.service.clone(), within: millis(ask.within, 45) }
}

pub(in super::super) fn plan(ask: &Drains) -> Needs {
    Needs { stack: true, acts: [act(ask)].into(), ..Needs::default() }
}

pub(in super::super) fn judge(ask: &Drains, evidence: &Evidence) -> Judged {
    let (_, fact) = acted(evidence, &ask.service, &act(ask))?;
    if !fact.found {
        return Err(no_task(&ask.service));
    }
    let node = fact.target.as_str();
    let left = fact.tasks.iter().filter(|task| task.runs() && task.node.as_deref() == Some(node)).count() as u64;
    if left > 0 {
        let service = fact.tasks.iter().find(|task| task.runs() && task.node.as_deref() == Some(node));
        let name = service.map_or(ask.service.as_str(), |task| task.service.as_str());
        return fail(
            Diagnosis::new(codes::DRAIN_SLOW)
                .fact("node", shown(node))
                .fact("left", Fact::Count(left))
                .fact("limit", Fact::Millis(millis(ask.within, 45)))
                .at(lines(evidence, name, &[&["stop_grace_period"]])),
        );
    }
    let stack = stack(evidence)?;
    // The service that is asked about first: where its task has nowhere to go, the look ends at once, and another's may be on
    // its way to its new node still.
    let mut short = stack.services.iter().filter(|(name, s)| !s.global && running(&fact.tasks, name) < s.replicas);
    let short = short.clone().find(|(name, _)| **name == ask.service).or_else(|| short.next());
    let Some((name, service)) = short else {
        let moved = fact.tasks.iter().filter(|t| t.service == ask.service && t.node.as_deref() == Some(node));
        let moved = moved.filter(|task| task.desired == "shutdown" && task.ended >= Some(fact.at)).count() as u64;
        return Ok(facts([("node", shown(node)), ("moved", Fact::Count(moved)), ("time", Fact::Millis(fact.took))]));
    };
    let words = complaint(&fact.tasks, name).map_or("", |task| task.error.as_str());
    fail(
        Diagnosis::new(codes::DRAIN_NOT_KEPT)
            .fact("node", shown(node))
            .fact("service", shown(name))
            .fact("have", Fact::Count(running(&fact.tasks, name)))
            .fact("want", Fact::Count(service.replicas))
            .fact("message", shown(words))
            .at(lines(evidence, name, &[&["deploy", "placement"], &["deploy"]])),
    )
}
