//! `compose-secret`: a file reaches services as a secret, and its content is nowhere to be read.

use super::{document, gathered, line, needs, needs_up};
use crate::{
    evidence::{ComposeNeeds, Evidence, Needs},
    goal::{Judged, facts, fail, list, lost, shown},
    spec::ComposeSecret,
    verdict::{Diagnosis, codes},
};

pub(in crate::goal) fn plan(ask: &ComposeSecret) -> Needs {
    needs(ComposeNeeds { secrets: [ask.file.clone()].into(), ..needs_up() })
}

pub(in crate::goal) fn judge(ask: &ComposeSecret, evidence: &Evidence) -> Judged {
    let document = document(evidence)?;
    let secret = gathered(evidence)?.secrets.get(&ask.file).ok_or_else(|| lost("secret"))?;
    let file = || shown(&ask.file);
    if let Some(leak) = secret.leaks.first() {
        let at = line(evidence, &["services", &leak.service]).filter(|_| secret.lines.is_empty());
        // No service has it: it stands in the file alone.
        let (service, place) =
            if leak.service.is_empty() { (&leak.place, "text") } else { (&leak.service, leak.place.as_str()) };
        let diagnosis = Diagnosis::new(codes::COMPOSE_SECRET_LEAKED)
            .fact("service", shown(service))
            .fact("place", shown(place))
            .fact("file", file());
        return fail(diagnosis.at(secret.lines.iter().copied()).at(at));
    }
    if secret.names.is_empty() {
        let diagnosis = Diagnosis::new(codes::COMPOSE_SECRET_NOT_FILE).fact("file", file());
        return fail(diagnosis.at(line(evidence, &["secrets"])));
    }
    for service in &ask.services {
        let given = document["services"][service]["secrets"].as_array().into_iter().flatten();
        let has =
            given.filter_map(|s| s["source"].as_str().or(s.as_str())).any(|s| secret.names.iter().any(|n| n == s));
        if !has {
            let diagnosis =
                Diagnosis::new(codes::COMPOSE_SECRET_NOT_GIVEN).fact("service", shown(service)).fact("file", file());
            return fail(diagnosis.at(line(evidence, &["services", service, "secrets"])));
        }
    }
    Ok(facts([("secrets", list(&secret.names)), ("services", list(&ask.services))]))
}
