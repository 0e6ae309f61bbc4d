//! `compose-profiles`: exactly these services start, plainly or with profiles.

use super::{document, gathered, line, needs, needs_up, started, tree, up};
use crate::{
    engine::compose::Up,
    evidence::{ComposeNeeds, Evidence, Needs, key},
    goal::{Judged, facts, fail, list, lost, shown},
    spec::ComposeProfiles,
    verdict::{Diagnosis, Fact, codes},
};
use std::collections::BTreeSet;

pub(in crate::goal) fn plan(ask: &ComposeProfiles) -> Needs {
    let profiles = Some(ask.profiles.clone()).filter(|p| !p.is_empty());
    needs(ComposeNeeds { profiles: profiles.into_iter().collect(), ..needs_up() })
}

pub(in crate::goal) fn judge(ask: &ComposeProfiles, evidence: &Evidence) -> Judged {
    let all = gathered(evidence)?;
    let (up, with): (&Up, Vec<&String>) = if ask.profiles.is_empty() {
        let services = document(evidence)?["services"].as_object().into_iter().flat_map(|s| s.keys()).collect();
        (started(evidence)?, services)
    } else {
        let fact = all.profiles.get(&key(&ask.profiles)).ok_or_else(|| lost("profiles"))?;
        let fact = fact.as_ref().map_err(Clone::clone)?;
        (&fact.up, fact.services.iter().collect())
    };
    let begun: BTreeSet<&String> = up.services.iter().filter(|s| s.started).map(|s| &s.service).collect();
    let command = match ask.profiles.as_slice() {
        [] => "docker compose up".to_owned(),
        some => format!("docker compose --profile {} up", some.join(" --profile ")),
    };
    let about = |code, service: &str| {
        let diagnosis = Diagnosis::new(code).fact("service", shown(service)).fact("command", shown(&command));
        diagnosis.at(line(evidence, &["services", service, "profiles"]))
    };
    if let Some(uninvited) = begun.iter().find(|s| !ask.services.contains(s)) {
        return fail(about(codes::COMPOSE_STARTED_UNASKED, uninvited));
    }
    let absent: Vec<&String> = ask.services.iter().filter(|s| !begun.contains(s)).collect();
    let tree = tree(evidence);
    let written = |service: &str| tree.root().and_then(|at| tree.get(tree.get(at, "services")?.1, service)).is_some();
    if let Some(service) = absent.iter().find(|s| !written(s)) {
        let diagnosis = Diagnosis::new(codes::COMPOSE_SERVICE_MISSING).fact("service", shown(service));
        return fail(diagnosis.at(line(evidence, &["services"])));
    }
    if let Some(service) = absent.iter().find(|s| !with.contains(s)) {
        return fail(about(codes::COMPOSE_NOT_STARTED, service));
    }
    // Compose has them all. What keeps one down without profiles is told by the goal that everything comes up.
    if !ask.profiles.is_empty()
        && let Some(diagnosis) = up::trouble(up, all, &ask.services)
    {
        let service = match diagnosis.facts.get("service") {
            Some(Fact::Text(service)) => line(evidence, &["services", service]),
            _ => None,
        };
        return fail(diagnosis.at(service));
    }
    match absent.first() {
        Some(_) => Err(super::waits("compose-up")),
        None => Ok(facts([("services", list(&begun))])),
    }
}
