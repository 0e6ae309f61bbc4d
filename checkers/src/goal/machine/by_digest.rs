//! `by-digest`: a container runs from an image of the registry, named by the digest that the tag has there.

use super::*;
use crate::{evidence::Pushed, spec::ByDigest};

pub(in crate::goal) fn plan(ask: &ByDigest) -> Needs {
    let pushed = Pushed { repository: ask.repository.clone(), tag: ask.tag.clone(), same_as: None };
    needs(MachineNeeds { pushed: [pushed].into(), ..MachineNeeds::default() })
}

pub(in crate::goal) fn judge(ask: &ByDigest, evidence: &Evidence) -> Judged {
    let machine = machine(evidence)?;
    let (_, there) = registry::pushed(machine, &ask.repository, &ask.tag)?;
    let container = running(machine, &ask.container)?;
    let want = format!("localhost:5000/{}@{}", ask.repository, there.digest);
    let about = |code| {
        let diagnosis = Diagnosis::new(code).fact("container", shown(&ask.container));
        let diagnosis = diagnosis.fact("image", shown(&container.image)).fact("want", shown(&want));
        diagnosis.at(lines(machine, &ask.container))
    };
    // `NAME:TAG@sha256:…` is by digest too: docker does not look at the tag then.
    let Some((name, digest)) = container.image.split_once('@') else { return fail(about(codes::DIGEST_NOT_NAMED)) };
    let repository = name.strip_prefix("localhost:5000/").map(|name| name.split(':').next().unwrap_or(name));
    if repository != Some(ask.repository.as_str()) || digest != there.digest {
        return fail(about(codes::DIGEST_OTHER));
    }
    Ok(facts([("digest", shown(digest))]))
}
