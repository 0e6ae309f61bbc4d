//! `waste`: bytes that the submission's own lines put into the image and that no container can see, or that they stored once
//! more without need.
//!
//! Not `total − final` of the whole image: what a base hides of itself is not the learner's doing, and deleting a file of the
//! base makes nothing smaller, but nothing bigger either.

use super::{Judged, facts, fail, image, list, shown, shown_line};
use crate::{
    evidence::{Blame, Evidence, Needs},
    image::{How, Waste as Hidden},
    spec::Waste,
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(_: &Waste) -> Needs {
    Needs { build: true, image: true, ..Needs::default() }
}

pub(super) fn judge(ask: &Waste, evidence: &Evidence) -> Judged {
    let blame = image(evidence)?;
    let wasted: u64 = blame.image.own_waste().map(|w| w.tally.bytes).sum();
    let added = blame.image.sizes.added;
    let of_share = ask.percent.map(|percent| (added as f64 * percent / 100.0) as u64);
    let limit = ask.at_most.map(|size| size.0).into_iter().chain(of_share).min().unwrap_or(0);
    if wasted <= limit {
        return Ok(facts([
            ("wasted", Fact::Bytes(wasted)),
            ("limit", Fact::Bytes(limit)),
            ("added", Fact::Bytes(added)),
        ]));
    }
    let diagnosis = Diagnosis::new(codes::WASTED)
        .fact("wasted", Fact::Bytes(wasted))
        .fact("limit", Fact::Bytes(limit))
        .fact("added", Fact::Bytes(added));
    // The sums are by pairs of layers, the biggest first.
    match blame.image.own_waste().next() {
        Some(worst) => fail(of_pair(&blame, diagnosis, worst)),
        None => fail(diagnosis),
    }
}

fn of_pair(blame: &Blame<'_>, diagnosis: Diagnosis, worst: &Hidden) -> Diagnosis {
    let how = match worst.how {
        How::Removed => "removed",
        How::Replaced => "replaced",
        How::Owner => "owner",
        How::Mode => "mode",
        How::Again => "again",
    };
    let step = |layer: usize| match blame.instruction(layer) {
        Some(line) => shown_line(line),
        None => shown(&format!("FROM {}", blame.model.final_base(blame.target).0)),
    };
    diagnosis
        .fact("how", Fact::Text(how.to_owned()))
        .fact("bytes", Fact::Bytes(worst.tally.bytes))
        .fact("put", step(worst.put_by))
        .fact("step", step(worst.hidden_by))
        .fact("examples", list(worst.examples.iter().map(|path| format!("/{path}"))))
        .at([worst.put_by, worst.hidden_by].map(|layer| blame.line(layer)))
}
