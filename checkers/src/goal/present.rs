//! `present`: paths that the final image must hold. What is missing is often there under another folder.

use super::{Judged, facts, fail, image, list, lost, shown};
use crate::{
    evidence::{Evidence, Needs, Place},
    spec::Present,
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(ask: &Present) -> Needs {
    Needs { build: true, image: true, paths: ask.paths.iter().cloned().collect(), ..Needs::default() }
}

pub(super) fn judge(ask: &Present, evidence: &Evidence) -> Judged {
    let blame = image(evidence)?;
    for glob in &ask.paths {
        let found = blame.image.paths.get(glob).ok_or_else(|| lost(glob))?;
        if found.count > 0 {
            continue;
        }
        let name = glob.rsplit('/').next().unwrap_or(glob);
        let elsewhere: &[Place] = blame.image.names.get(name).map(Vec::as_slice).unwrap_or_default();
        // Only what the learner brought is a copy that went astray; the base's files of that name are others.
        let astray: Vec<&Place> = elsewhere.iter().filter(|p| blame.instruction(p.layer).is_some()).collect();
        let diagnosis = Diagnosis::new(codes::PATH_MISSING)
            .fact("path", shown(&format!("/{}", glob.trim_start_matches('/'))))
            .fact("nearby", list(astray.iter().map(|p| format!("/{}", p.path))));
        return fail(diagnosis.at(astray.iter().map(|p| blame.line(p.layer))));
    }
    Ok(facts([("looked-for", Fact::Count(ask.paths.len() as u64))]))
}
