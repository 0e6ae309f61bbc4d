//! `compose-network`: whether one service can reach another: on a bridge exactly those that share a network can.

use super::{line, needs, needs_up, of, started, waits};
use crate::{
    evidence::{Evidence, Needs},
    goal::{Judged, facts, fail, list, shown},
    spec::ComposeNetwork,
    verdict::{Diagnosis, codes},
};

pub(in crate::goal) fn plan(_: &ComposeNetwork) -> Needs {
    needs(needs_up())
}

pub(in crate::goal) fn judge(ask: &ComposeNetwork, evidence: &Evidence) -> Judged {
    let up = started(evidence)?;
    let (from, to) = (of(up, &ask.from), of(up, &ask.to));
    let (Some(from), Some(to)) = (from.first(), to.first()) else { return Err(waits("compose-up")) };
    let shared: Vec<&String> = from.networks.iter().filter(|n| to.networks.contains(n)).collect();
    let named = |code| Diagnosis::new(code).fact("from", shown(&ask.from)).fact("to", shown(&ask.to));
    let key = |service: &str| line(evidence, &["services", service, "networks"]);
    if ask.reach != shared.is_empty() {
        return Ok(facts([("networks", list(&shared))]));
    }
    if ask.reach {
        return fail(named(codes::COMPOSE_UNREACHABLE).at(key(&ask.from)).at(key(&ask.to)));
    }
    fail(named(codes::COMPOSE_REACHABLE).fact("networks", list(&shared)).at(key(&ask.from)).at(key(&ask.to)))
}
