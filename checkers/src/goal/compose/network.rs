//! `compose-network`: whether one service can reach another: on a bridge exactly those that share a network can, and those
//! that live in the same one container's network.

use super::{document, line, needs, needs_up, of, started, waits};
use crate::{
    evidence::{Evidence, Needs},
    goal::{Judged, facts, fail, list, shown},
    spec::ComposeNetwork,
    verdict::{Diagnosis, codes},
};
use serde_json::Value;

pub(in crate::goal) fn plan(_: &ComposeNetwork) -> Needs {
    needs(needs_up())
}

pub(in crate::goal) fn judge(ask: &ComposeNetwork, evidence: &Evidence) -> Judged {
    let up = started(evidence)?;
    let document = document(evidence)?;
    let (mine, theirs) = (stack_of(document, &ask.from), stack_of(document, &ask.to));
    let (from, to) = (of(up, mine), of(up, theirs));
    let (Some(from), Some(to)) = (from.first(), to.first()) else { return Err(waits("compose-up")) };
    let shared: Vec<String> = if mine == theirs {
        vec![format!("service:{mine}")]
    } else {
        // All that have no network have that in common, and reach nobody.
        from.networks.iter().filter(|n| *n != "none" && to.networks.contains(n)).cloned().collect()
    };
    let named = |code| Diagnosis::new(code).fact("from", shown(&ask.from)).fact("to", shown(&ask.to));
    let key = |service: &str| {
        let mode = !document["services"][service]["network_mode"].is_null();
        line(evidence, &["services", service, if mode { "network_mode" } else { "networks" }])
    };
    if ask.reach != shared.is_empty() {
        return Ok(facts([("networks", list(&shared))]));
    }
    if ask.reach {
        return fail(named(codes::COMPOSE_UNREACHABLE).at(key(&ask.from)).at(key(&ask.to)));
    }
    fail(named(codes::COMPOSE_REACHABLE).fact("networks", list(&shared)).at(key(&ask.from)).at(key(&ask.to)))
}

/// The service whose network a service lives in: its own, or that of `network_mode: service:NAME`. Such a one has no networks of
/// its own to compare, and reaches the other at localhost.
fn stack_of<'a>(document: &'a Value, service: &'a str) -> &'a str {
    let services = &document["services"];
    let mut here = service;
    // Compose refuses a circle; so many steps reach the end of what it takes.
    for _ in 0..services.as_object().map_or(0, serde_json::Map::len) {
        let mode = services[here]["network_mode"].as_str().and_then(|mode| mode.strip_prefix("service:"));
        let Some(other) = mode else { break };
        here = other;
    }
    here
}
