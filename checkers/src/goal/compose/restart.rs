//! `compose-restart`: a service that ended comes back, or stays down. Judged by what the daemon did, never by the policy's
//! name: `always`, `unless-stopped` and `on-failure` all bring a crashed service back.

use super::{document, gathered, line, needs, needs_up, of, started, waits};
use crate::{
    engine::compose::EndAsk,
    evidence::{ComposeNeeds, Evidence, Needs, key},
    goal::{Judged, facts, fail, lost, shown, stream},
    spec::ComposeRestart,
    verdict::{Diagnosis, Fact, codes},
};

/// How long it may take to end, and to be back, where the goal does not say.
const WITHIN: u64 = 15_000;

fn query(ask: &ComposeRestart) -> EndAsk {
    EndAsk {
        service: ask.service.clone(),
        crash: ask.crash.clone(),
        comes_back: ask.comes_back,
        within: ask.within.map_or(WITHIN, |span| span.0.as_millis() as u64),
    }
}

pub(in crate::goal) fn plan(ask: &ComposeRestart) -> Needs {
    needs(ComposeNeeds { ends: [query(ask)].into(), ..needs_up() })
}

pub(in crate::goal) fn judge(ask: &ComposeRestart, evidence: &Evidence) -> Judged {
    let asked = query(ask);
    let state = of(started(evidence)?, &ask.service).into_iter().next().ok_or_else(|| waits("compose-up"))?;
    if !state.started || (!state.running && !ask.crash.is_empty()) {
        return Err(waits("compose-up"));
    }
    let fact = gathered(evidence)?.ends.get(&key(&asked)).ok_or_else(|| lost("end"))?;
    let fact = fact.as_ref().map_err(Clone::clone)?;
    let service = document(evidence)?["services"][&ask.service].clone();
    let path: &[&str] = if service["restart"].is_null() && service["deploy"]["restart_policy"].is_object() {
        &["services", &ask.service, "deploy", "restart_policy"]
    } else {
        &["services", &ask.service, "restart"]
    };
    let about = |code| {
        let diagnosis = Diagnosis::new(code).fact("service", shown(&ask.service)).fact("policy", shown(&fact.policy));
        diagnosis.at(line(evidence, path))
    };
    let limit = Fact::Millis(asked.within);
    if !fact.ended && ask.crash.is_empty() {
        return fail(about(codes::COMPOSE_JOB_RUNS_ON).fact("limit", limit));
    }
    if !fact.ended {
        let said = fact.crash.as_ref().map_or("", |c| c.output.as_str());
        let diagnosis = Diagnosis::new(codes::RESTART_NO_CRASH).fact("container", shown(&ask.service));
        let diagnosis = diagnosis.fact("command", shown(&ask.crash.join(" "))).fact("said", stream(said));
        return fail(diagnosis.at(line(evidence, &["services", &ask.service])));
    }
    match (ask.comes_back, fact.back) {
        (true, None) => fail(about(codes::COMPOSE_NOT_BACK).fact("limit", limit)),
        (false, Some(_)) => fail(about(codes::COMPOSE_CAME_BACK)),
        (true, Some(back)) => Ok(facts([("policy", shown(&fact.policy)), ("back", Fact::Millis(back))])),
        (false, None) => Ok(facts([("policy", shown(&fact.policy))])),
    }
}
