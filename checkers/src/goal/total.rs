//! `total`: the bytes of the whole image, base included.

use super::{Judged, added, facts, fail, image, shown};
use crate::{
    evidence::{Blame, Evidence, Needs},
    spec::Total,
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(_: &Total) -> Needs {
    Needs { build: true, image: true, ..Needs::default() }
}

pub(super) fn judge(ask: &Total, evidence: &Evidence) -> Judged {
    let blame = image(evidence)?;
    let (total, limit) = (blame.image.sizes.total, ask.at_most.0);
    if total <= limit {
        return Ok(facts([("total", Fact::Bytes(total)), ("limit", Fact::Bytes(limit))]));
    }
    let diagnosis =
        Diagnosis::new(codes::TOTAL_TOO_BIG).fact("total", Fact::Bytes(total)).fact("limit", Fact::Bytes(limit));
    fail(base_or_lines(&blame, diagnosis, total, limit))
}

/// Whose bytes are too many: the base's, where it alone is over or outweighs the rest, or else the learner's own lines'.
pub(super) fn base_or_lines(blame: &Blame<'_>, diagnosis: Diagnosis, total: u64, limit: u64) -> Diagnosis {
    let base_bytes = blame.image.base_bytes;
    let (base, from) = blame.model.final_base(blame.target);
    let base_is_it = base_bytes > limit || base_bytes > total / 2;
    if !base_is_it && let Some(pattern) = added::pattern(blame, total, limit) {
        return pattern;
    }
    let lines = diagnosis.lines.clone();
    let mut diagnosis =
        added::worst(blame, diagnosis).fact("base", shown(&base)).fact("base-bytes", Fact::Bytes(base_bytes));
    if base_is_it {
        diagnosis.lines = lines;
        diagnosis = diagnosis.at([from]);
    }
    diagnosis
}
