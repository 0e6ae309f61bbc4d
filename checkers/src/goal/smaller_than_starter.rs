//! `smaller-than-starter`: the starter's total, measured on this machine, against the submission's.

use super::{Judged, facts, fail, image, total};
use crate::{
    evidence::{Evidence, Needs},
    spec::SmallerThanStarter,
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(_: &SmallerThanStarter) -> Needs {
    Needs { build: true, image: true, starter: true, ..Needs::default() }
}

pub(super) fn judge(ask: &SmallerThanStarter, evidence: &Evidence) -> Judged {
    let blame = image(evidence)?;
    let starter = evidence.starter.as_ref().map_err(Clone::clone)?.total;
    let total = blame.image.sizes.total;
    let times = starter as f64 / total.max(1) as f64;
    if times >= ask.times {
        return Ok(facts([
            ("starter", Fact::Bytes(starter)),
            ("total", Fact::Bytes(total)),
            ("times", Fact::Ratio(times)),
        ]));
    }
    let diagnosis = Diagnosis::new(codes::NOT_SMALLER)
        .fact("starter", Fact::Bytes(starter))
        .fact("total", Fact::Bytes(total))
        .fact("times", Fact::Ratio(times))
        .fact("want", Fact::Ratio(ask.times));
    let limit = (starter as f64 / ask.times.max(f64::MIN_POSITIVE)) as u64;
    let mut diagnosis = total::base_or_lines(&blame, diagnosis, total, limit);
    if diagnosis.code == codes::NOT_SMALLER && total >= starter {
        // Nothing was gained at all: every line is as it was, so none is to blame more than the base.
        diagnosis.lines = vec![blame.from_line()];
    }
    fail(diagnosis)
}
