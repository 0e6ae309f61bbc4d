//! `registry`: an image is in the registry under a name and a tag, and is the one that was meant.

use super::*;
use crate::{
    engine::machine::{ManifestFact, RegistryFacts},
    evidence::Pushed,
    spec::Registry,
};

pub(in crate::goal) fn plan(ask: &Registry) -> Needs {
    let same_as = Some(ask.same_as.clone());
    let pushed = Pushed { repository: ask.repository.clone(), tag: ask.tag.clone(), same_as };
    needs(MachineNeeds { pushed: [pushed].into(), ..MachineNeeds::default() })
}

pub(in crate::goal) fn judge(ask: &Registry, evidence: &Evidence) -> Judged {
    let machine = machine(evidence)?;
    let (registry, there) = pushed(machine, &ask.repository, &ask.tag)?;
    let want = registry.local.get(&ask.same_as).ok_or_else(|| lost("an image to compare with"))?;
    if there.layers != *want {
        let diagnosis = Diagnosis::new(codes::REGISTRY_OTHER_IMAGE)
            .fact("repository", shown(&ask.repository))
            .fact("tag", shown(&ask.tag))
            .fact("want", shown(&ask.same_as));
        return fail(diagnosis.at(naming(machine, &ask.repository)));
    }
    Ok(facts([("digest", shown(&there.digest))]))
}

/// The registry, and an image of it.
pub(super) fn pushed<'a>(
    machine: &'a MachineFacts,
    repository: &str,
    tag: &str,
) -> Gathered<(&'a RegistryFacts, &'a ManifestFact)> {
    only_of_steps(machine)?;
    let registry = machine.registry.as_ref().ok_or_else(|| lost("registry"))?;
    let Some(tags) = registry.repositories.get(repository) else {
        let diagnosis = Diagnosis::new(codes::REGISTRY_NO_NAME).fact("repository", shown(repository));
        let diagnosis = match registry.repositories.is_empty() {
            true => diagnosis,
            false => diagnosis.fact("have", list(registry.repositories.keys())),
        };
        return Err(Blocked::failed(with_step(machine, diagnosis)));
    };
    if !tags.iter().any(|have| have == tag) {
        let diagnosis = Diagnosis::new(codes::REGISTRY_NO_TAG)
            .fact("repository", shown(repository))
            .fact("tag", shown(tag))
            .fact("have", list(tags))
            .at(naming(machine, repository));
        return Err(Blocked::failed(with_step(machine, diagnosis)));
    }
    let there = registry.manifests.get(&format!("{repository}:{tag}")).ok_or_else(|| lost("manifest"))?;
    if let Some(said) = &there.not_pulled {
        // The registry has it and the daemon did not get it: nothing that a learner could mend.
        let said = Fact::Text(clipped(said, 300));
        return Err(Blocked::broken(Diagnosis::new(codes::DAEMON_ERROR).fact("message", said)));
    }
    Ok((registry, there))
}

/// Lines that name the repository.
fn naming(machine: &MachineFacts, repository: &str) -> Vec<u32> {
    let names = format!("/{repository}");
    machine
        .steps
        .iter()
        .filter(|s| s.command.contains(" push ") && s.command.contains(&names))
        .map(|s| s.line)
        .collect()
}
