//! `compose-up`: every service runs and is healthy.

use super::{gathered, line, needs, needs_up, of, started};
use crate::{
    compose::ready::MEMORY,
    engine::compose::{ServiceState, Up},
    evidence::{ComposeFacts, ComposeNeeds, Evidence, Needs},
    goal::{Judged, facts, fail, list, shown, tail},
    spec::ComposeUp,
    verdict::{Diagnosis, Fact, codes},
};
use serde_json::Value;

pub(in crate::goal) fn plan(ask: &ComposeUp) -> Needs {
    let within = ask.within.map(|s| s.0.as_millis() as u64);
    needs(ComposeNeeds { up: within.or(needs_up().up), ..ComposeNeeds::default() })
}

pub(in crate::goal) fn judge(ask: &ComposeUp, evidence: &Evidence) -> Judged {
    let (up, all) = (started(evidence)?, gathered(evidence)?);
    if let Some(diagnosis) = trouble(up, all, &ask.jobs) {
        let service = match diagnosis.facts.get("service") {
            Some(Fact::Text(service)) => line(evidence, &["services", service]),
            _ => None,
        };
        return fail(diagnosis.at(service));
    }
    let names = up.services.iter().map(|s| &s.service);
    Ok(facts([("services", list(names)), ("time", Fact::Millis(up.millis))]))
}

/// What keeps the project from being up, the cause before what follows from it.
/// `jobs` may have ended, with 0; whether one is started again is another goal's to say.
pub(super) fn trouble(up: &Up, all: &ComposeFacts, jobs: &[String]) -> Option<Diagnosis> {
    let document = all.document.as_ref().ok()?;
    let done = |s: &ServiceState| is_done(s, document) || (s.exit == Some(0) && s.started && jobs.contains(&s.service));
    let unwell: Vec<&ServiceState> = up.services.iter().filter(|s| !s.well() && !done(s)).collect();
    let named = |code, service: &ServiceState| Diagnosis::new(code).fact("service", shown(&service.service));
    // One that ended, before one that waits for it.
    if let Some(service) = unwell.iter().find(|s| s.oom_killed) {
        return Some(named(codes::OUT_OF_MEMORY, service).fact("limit", Fact::Bytes(MEMORY)));
    }
    let ended = unwell.iter().find(|s| s.exit.is_some_and(|exit| exit != 0) || s.restarts > 0);
    if let Some(service) = ended.or_else(|| unwell.iter().find(|s| s.exit.is_some() && was_started(s, all))) {
        let exit = Fact::Count(service.exit.unwrap_or(0).unsigned_abs());
        return Some(
            named(codes::COMPOSE_SERVICE_EXITED, service).fact("exit", exit).fact("stderr", tail(&service.log)),
        );
    }
    if let Some(service) = unwell.iter().find(|s| s.health.as_deref() == Some("unhealthy")) {
        let said = shown(if service.health_said.is_empty() { "-" } else { &service.health_said });
        return Some(named(codes::COMPOSE_UNHEALTHY, service).fact("said", said).fact("stderr", tail(&service.log)));
    }
    if let Some(message) = &up.failed {
        return Some(Diagnosis::new(codes::COMPOSE_UP_FAILED).fact("message", shown(message)));
    }
    if let Some(service) = unwell.first() {
        return Some(named(codes::COMPOSE_UP_TIMEOUT, service).fact("limit", Fact::Millis(up.millis)));
    }
    let names = document["services"].as_object().into_iter().flat_map(|s| s.iter());
    let missing = names.filter(|(_, s)| replicas(s) > 0).find(|(name, _)| of(up, name).is_empty());
    missing.map(|(name, _)| {
        let limit = Fact::Millis(up.millis);
        Diagnosis::new(codes::COMPOSE_UP_TIMEOUT).fact("service", shown(name)).fact("limit", limit)
    })
}

fn was_started(service: &ServiceState, all: &ComposeFacts) -> bool {
    all.moments.iter().any(|m| m.service == service.service && m.action == "start")
}

fn replicas(service: &Value) -> u64 {
    service["scale"].as_u64().or_else(|| service["deploy"]["replicas"].as_u64()).unwrap_or(1)
}

/// A service that others wait for until it has ended well.
fn is_done(service: &ServiceState, document: &Value) -> bool {
    let condition =
        |other: &Value| other["depends_on"][&service.service]["condition"] == "service_completed_successfully";
    service.exit == Some(0) && document["services"].as_object().is_some_and(|services| services.values().any(condition))
}
