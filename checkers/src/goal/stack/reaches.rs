//! `service-reaches`: a task of one service gets an answer from another service, asked by its name.

use super::{
    super::{Judged, facts, fail, list, shown},
    acted, lines, no_task, service, stack,
};
use crate::{
    evidence::{Evidence, Needs, StackAct},
    spec::ServiceReaches,
    verdict::{Diagnosis, Fact, codes},
};

fn act(ask: &ServiceReaches) -> StackAct {
    let (from, to, path) = (ask.from.clone(), ask.to.clone(), ask.path.clone());
    StackAct::Reach { from, to, port: ask.port, path }
}

pub(in super::super) fn plan(ask: &ServiceReaches) -> Needs {
    Needs { stack: true, acts: [act(ask)].into(), ..Needs::default() }
}

pub(in super::super) fn judge(ask: &ServiceReaches, evidence: &Evidence) -> Judged {
    let to = service(evidence, stack(evidence)?, &ask.to)?;
    let (from, fact) = acted(evidence, &ask.from, &act(ask))?;
    if fact.target.is_empty() {
        return Err(no_task(&ask.from));
    }
    if fact.found {
        return Ok(facts([("body", shown(&fact.said)), ("across", Fact::Count(u64::from(fact.across)))]));
    }
    let shared: Vec<&String> = from.networks.iter().filter(|name| to.networks.contains(name)).collect();
    let code = if shared.is_empty() { codes::NO_SHARED_NETWORK } else { codes::SERVICE_UNREACHABLE };
    let both = [&ask.from, &ask.to].into_iter().flat_map(|name| lines(evidence, name, &[&["networks"]]));
    fail(
        Diagnosis::new(code)
            .fact("from", shown(&ask.from))
            .fact("to", shown(&ask.to))
            .fact("port", Fact::Count(u64::from(ask.port)))
            .fact("from-networks", list(&from.networks))
            .fact("to-networks", list(&to.networks))
            .fact("message", shown(&fact.said))
            .at(both),
    )
}
