//! `compose-config`: the file is valid, harmless, and has what it must.

use super::{document, gathered, line, needs, tree};
use crate::{
    evidence::{ComposeNeeds, Evidence, Needs},
    goal::{Globs, Judged, facts, fail, list, shown, spellings},
    spec::ComposeConfig,
    verdict::{Diagnosis, codes},
};

pub(in crate::goal) fn plan(_: &ComposeConfig) -> Needs {
    needs(ComposeNeeds::default())
}

pub(in crate::goal) fn judge(ask: &ComposeConfig, evidence: &Evidence) -> Judged {
    gathered(evidence)?.file.as_ref().map_err(Clone::clone)?;
    let document = document(evidence)?;
    let tree = tree(evidence);
    if let Some((line, _)) = tree.root().and_then(|root| tree.get(root, "version")) {
        return fail(Diagnosis::new(codes::COMPOSE_VERSION_KEY).at([line]));
    }
    let names = || document["services"].as_object().into_iter().flat_map(|s| s.keys());
    if let Some(service) = ask.services.iter().find(|s| names().all(|n| n != *s)) {
        let diagnosis =
            Diagnosis::new(codes::COMPOSE_SERVICE_MISSING).fact("service", shown(service)).fact("have", list(names()));
        return fail(diagnosis.at(line(evidence, &["services"])));
    }
    for (service, wanted) in &ask.images {
        let image = document["services"][service]["image"].as_str().unwrap_or_default();
        let globs = Globs::new(wanted);
        if !spellings(image).iter().any(|s| globs.matches(s)) {
            let diagnosis = Diagnosis::new(codes::COMPOSE_IMAGE_WRONG)
                .fact("service", shown(service))
                .fact("image", shown(if image.is_empty() { "-" } else { image }))
                .fact("want", list(wanted));
            return fail(diagnosis.at(line(evidence, &["services", service, "image"])));
        }
    }
    Ok(facts([("services", list(names()))]))
}
