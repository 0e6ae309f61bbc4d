//! `added`: the bytes that the submission puts above its base image, and which line put them there.

use super::{Judged, facts, fail, image, list, shown, shown_line};
use crate::{
    evidence::{Blame, Evidence, Needs},
    image::{How, Left},
    spec::{Added, Size},
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(_: &Added) -> Needs {
    Needs { build: true, image: true, ..Needs::default() }
}

pub(super) fn judge(ask: &Added, evidence: &Evidence) -> Judged {
    let blame = image(evidence)?;
    let (added, limit) = (blame.image.sizes.added, ask.at_most.0);
    if added <= limit {
        return Ok(facts([("added", Fact::Bytes(added)), ("limit", Fact::Bytes(limit))]));
    }
    if let Some(diagnosis) = pattern(&blame, added, limit) {
        return fail(diagnosis);
    }
    let diagnosis =
        Diagnosis::new(codes::ADDED_TOO_BIG).fact("added", Fact::Bytes(added)).fact("limit", Fact::Bytes(limit));
    fail(worst(&blame, diagnosis))
}

/// Adds the heaviest of the learner's own lines: its text, its bytes, the biggest folders it brought.
pub(super) fn worst(blame: &Blame<'_>, diagnosis: Diagnosis) -> Diagnosis {
    let heaviest = blame.heaviest();
    let Some((line, bytes, layers)) = heaviest.first() else {
        return diagnosis.fact("worst", shown("")).fact("worst-bytes", Fact::Bytes(0)).fact("biggest", list([""; 0]));
    };
    let mut heaps: Vec<_> = layers.iter().flat_map(|l| &blame.image.layers[*l].biggest).collect();
    heaps.sort_by_key(|h| std::cmp::Reverse(h.bytes));
    let biggest = heaps.iter().take(5).map(|h| format!("/{} {}", h.name, Size(h.bytes)));
    diagnosis
        .fact("worst", shown_line(line))
        .fact("worst-bytes", Fact::Bytes(*bytes))
        .fact("biggest", list(biggest))
        .at([line.first])
}

/// A well-known way to too many bytes, if it accounts for a third of what the learner added or for all that is too much:
/// then it is what the learner should hear of, rather than which line is heaviest.
pub(super) fn pattern(blame: &Blame<'_>, size: u64, limit: u64) -> Option<Diagnosis> {
    let image = blame.image;
    let matters = |bytes: u64| bytes >= image.sizes.added / 3 || size.saturating_sub(bytes) <= limit;
    let sized = |code| Diagnosis::new(code).fact("size", Fact::Bytes(size)).fact("limit", Fact::Bytes(limit));
    let dev: u64 = image.dev.iter().map(|h| h.bytes).sum();
    if dev > 0 && matters(dev) {
        let lines = image.dev.iter().map(|h| blame.line(h.layer));
        return Some(
            sized(codes::DEV_DEPENDENCIES)
                .fact("packages", list(image.dev.iter().map(|h| &h.name)))
                .fact("bytes", Fact::Bytes(dev))
                .at(lines),
        );
    }
    let waste = image.waste.iter().find(|w| w.put_by >= image.base_layers && matters(w.tally.bytes));
    let waste = waste.or_else(|| {
        // `chown -R` over the base's own files copies them above it: the learner's line put those bytes there.
        image.waste.iter().find(|w| w.hidden_by >= image.base_layers && w.how != How::Removed && matters(w.tally.bytes))
    });
    if let Some(waste) = waste {
        let how = match waste.how {
            How::Removed => "removed",
            How::Replaced => "replaced",
            How::Owner => "owner",
            How::Mode => "mode",
            How::Again => "again",
        };
        let lines = [waste.put_by, waste.hidden_by].into_iter().filter_map(|l| blame.instruction(l)).map(|i| i.first);
        return Some(
            sized(codes::WASTE)
                .fact("wasted", Fact::Bytes(waste.tally.bytes))
                .fact("how", Fact::Text(how.to_owned()))
                .at(lines),
        );
    }
    let cache = image.caches.first().filter(|c| matters(c.bytes))?;
    let of_compiler = image.leftovers.iter().any(|l| l.path == cache.name && l.kind == Left::BuildCache);
    Some(
        sized(if of_compiler { codes::BUILD_CACHE } else { codes::PACKAGE_CACHE })
            .fact("cache", shown(&format!("/{}", cache.name)))
            .fact("bytes", Fact::Bytes(cache.bytes))
            .at([blame.line(cache.layer)]),
    )
}
