//! `layer-shares`: two images of one Dockerfile have all their layers in common but the topmost few.

use super::{Judged, facts, fail, image, lost, shown, shown_line};
use crate::{
    evidence::{Evidence, Needs, layer_lines},
    spec::LayerShares,
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(ask: &LayerShares) -> Needs {
    Needs { build: true, image: true, siblings: [ask.with.clone()].into(), ..Needs::default() }
}

pub(super) fn judge(ask: &LayerShares, evidence: &Evidence) -> Judged {
    let blame = image(evidence)?;
    let Some(other) = blame.model.target(Some(&ask.with)) else {
        return fail(Diagnosis::new(codes::STAGE_MISSING).fact("stage", shown(&ask.with)));
    };
    let sibling = evidence.siblings.get(&ask.with).ok_or_else(|| lost(&ask.with))?;
    let sibling = sibling.as_ref().map_err(Clone::clone)?;
    let own = [blame.image.layers.len(), sibling.layers].map(|layers| layers.saturating_sub(sibling.shared));
    if sibling.same {
        return fail(Diagnosis::new(codes::IMAGES_SAME).fact("stage", shown(&ask.with)));
    }
    if own.iter().all(|own| *own <= ask.all_but) {
        return Ok(facts([
            ("shared", Fact::Count(sibling.shared as u64)),
            ("own", Fact::Count(own.into_iter().max().unwrap_or(0) as u64)),
        ]));
    }
    // Where the two part: the first layer of each that the other has not.
    let mine = (sibling.shared..blame.image.layers.len()).find_map(|layer| blame.instruction(layer));
    let theirs = layer_lines(blame.model, other, &sibling.history, sibling.layers);
    let theirs = theirs.into_iter().skip(sibling.shared).flatten().next();
    let apart: u64 = blame.image.layers.iter().skip(sibling.shared).map(|layer| layer.bytes).sum();
    let diagnosis = Diagnosis::new(codes::LAYERS_APART)
        .fact("stage", shown(&ask.with))
        .fact("shared", Fact::Count(sibling.shared as u64))
        .fact("own", Fact::Count(own.into_iter().max().unwrap_or(0) as u64))
        .fact("limit", Fact::Count(ask.all_but as u64))
        .fact("bytes", Fact::Bytes(apart))
        .fact("step", mine.map_or_else(|| shown(""), shown_line))
        .fact("other", theirs.map_or_else(|| shown(""), shown_line));
    fail(diagnosis.at(mine.into_iter().chain(theirs).map(|line| line.first)))
}
