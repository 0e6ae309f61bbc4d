//! `compose-order`: one service is started only after another is healthy, by what the daemon wrote down.

use super::{gathered, line, needs, needs_up, of, started, waits};
use crate::{
    evidence::{ComposeNeeds, Evidence, Needs},
    goal::{Judged, facts, fail, shown},
    spec::ComposeOrder,
    verdict::{Diagnosis, Fact, codes},
};

pub(in crate::goal) fn plan(ask: &ComposeOrder) -> Needs {
    needs(ComposeNeeds { probes: [ask.after.clone()].into(), ..needs_up() })
}

pub(in crate::goal) fn judge(ask: &ComposeOrder, evidence: &Evidence) -> Judged {
    let (all, up) = (gathered(evidence)?, started(evidence)?);
    let first = |service: &str, action: &str| {
        all.moments.iter().filter(|m| m.service == service && m.action == action).map(|m| m.at).reduce(f64::min)
    };
    let at = |key: &str| line(evidence, &["services", &ask.after, key]);
    let Some(waited_for) = of(up, &ask.after).into_iter().next() else { return Err(waits("compose-up")) };
    if waited_for.test.is_empty() {
        let diagnosis = Diagnosis::new(codes::COMPOSE_NO_HEALTH_CHECK).fact("service", shown(&ask.after));
        return fail(diagnosis.at(at("healthcheck")));
    }
    if all.probes.get(&ask.after).copied().flatten() == Some(0) {
        let words = waited_for.test.iter().skip(1).cloned().collect::<Vec<_>>().join(" ");
        let diagnosis = Diagnosis::new(codes::COMPOSE_HEALTH_ALWAYS).fact("service", shown(&ask.after));
        let test = line(evidence, &["services", &ask.after, "healthcheck", "test"]);
        return fail(diagnosis.fact("test", shown(&words)).at(test));
    }
    let healthy = first(&ask.after, "health_status: healthy");
    let (start, healthy) = match (first(&ask.service, "start"), healthy) {
        (Some(start), Some(healthy)) => (start, healthy),
        // Started while the other never became healthy at all: as early as can be.
        (Some(start), None) => (start, f64::INFINITY),
        // Never started: what it waits for did not come, which is the other goal's to tell.
        (None, _) => return Err(waits("compose-up")),
    };
    if start < healthy {
        let early = if healthy.is_finite() { (healthy - start) * 1000.0 } else { up.millis as f64 };
        let diagnosis = Diagnosis::new(codes::COMPOSE_STARTED_EARLY)
            .fact("service", shown(&ask.service))
            .fact("after", shown(&ask.after))
            .fact("early", Fact::Millis(early as u64));
        return fail(diagnosis.at(line(evidence, &["services", &ask.service, "depends_on"])));
    }
    let waited = first(&ask.after, "start").map_or(0.0, |began| (start - began).max(0.0));
    Ok(facts([("waited", Fact::Millis((waited * 1000.0) as u64))]))
}
