//! `final-base`: what the target stage stands on in the end, through other stages if need be.

use super::{Globs, Judged, facts, fail, list, shown};
use crate::{
    evidence::{Evidence, Needs},
    spec::FinalBase,
    verdict::{Diagnosis, codes},
};

pub(super) fn plan(_: &FinalBase) -> Needs {
    Needs::default()
}

pub(super) fn judge(ask: &FinalBase, evidence: &Evidence) -> Judged {
    let (model, target) = evidence.model()?;
    let (base, line) = model.final_base(target);
    let spellings = spellings(&base);
    let matches = |globs: &[String]| {
        let globs = Globs::new(globs);
        spellings.iter().any(|s| globs.matches(s))
    };
    let wrong = (!ask.one_of.is_empty() && !matches(&ask.one_of)) || matches(&ask.none_of);
    if wrong {
        let diagnosis =
            Diagnosis::new(codes::FINAL_BASE_WRONG).fact("base", shown(&base)).fact("want", list(&ask.one_of));
        return fail(diagnosis.at([line]));
    }
    Ok(facts([("base", shown(&base))]))
}

/// All the ways to write the same reference that a glob may be meant for: `docker.io/library/node` is `node:latest`.
pub(crate) fn spellings(reference: &str) -> Vec<String> {
    let without_digest = reference.split('@').next().unwrap_or(reference);
    let short = ["docker.io/library/", "index.docker.io/library/", "docker.io/", "library/"]
        .iter()
        .find_map(|prefix| without_digest.strip_prefix(prefix))
        .unwrap_or(without_digest);
    let mut found = vec![reference.to_owned(), without_digest.to_owned(), short.to_owned()];
    let last = short.rsplit('/').next().unwrap_or(short);
    if short != "scratch" && !last.contains(':') && !reference.contains('@') {
        found.push(format!("{short}:latest"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::spellings;

    #[test]
    fn a_reference_in_all_its_spellings() {
        assert!(spellings("docker.io/library/node").contains(&"node:latest".to_owned()));
        assert!(spellings("node:24@sha256:abc").contains(&"node:24".to_owned()));
        assert!(spellings("localhost:5000/x").contains(&"localhost:5000/x:latest".to_owned()));
        assert_eq!(spellings("scratch").last().unwrap(), "scratch");
    }
}
