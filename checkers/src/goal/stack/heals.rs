//! `heals`: a task's process is killed; another task, with another id, takes its place.

use super::{
    super::{Judged, facts, fail, shown},
    acted, lines, millis, no_task, running,
};
use crate::{
    evidence::{Evidence, Needs, StackAct, StackFacts},
    spec::Heals,
    verdict::{Diagnosis, Fact, codes},
};

fn act(ask: &Heals) -> StackAct {
    StackAct::Kill { service: ask.service.clone(), within: millis(ask.within, 30) }
}

pub(in super::super) fn plan(ask: &Heals) -> Needs {
    Needs { stack: true, acts: [act(ask)].into(), ..Needs::default() }
}

pub(in super::super) fn judge(ask: &Heals, evidence: &Evidence) -> Judged {
    let (service, fact) = acted(evidence, &ask.service, &act(ask))?;
    if !fact.found {
        return Err(no_task(&ask.service));
    }
    let have = running(&fact.tasks, &ask.service);
    let killed = fact.tasks.iter().find(|task| task.id == fact.target);
    let died = killed.and_then(|task| task.ended);
    let (Some(killed), Some(died), true) = (killed, died, have >= service.replicas) else {
        return fail(
            Diagnosis::new(codes::NOT_HEALED)
                .fact("service", shown(&ask.service))
                .fact("have", Fact::Count(have))
                .fact("want", Fact::Count(service.replicas))
                .fact("restart", shown(&service.restart))
                .fact("time", Fact::Millis(fact.took))
                .at(lines(evidence, &ask.service, &[&["deploy", "restart_policy"], &["deploy"]])),
        );
    };
    let next = StackFacts::running(&fact.tasks, &ask.service)
        .filter(|task| task.made >= killed.made && task.ran >= Some(died));
    let back = next.filter_map(|task| task.ran).min().unwrap_or(died);
    Ok(facts([("time", Fact::Millis(back - died)), ("tasks", Fact::Count(have))]))
}
