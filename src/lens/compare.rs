//! Two images held against each other: which layers they share, which paths and bytes they differ in.

use super::{
    Subject,
    flat::{Flat, Mark},
};
use dockshala_checkers::{image::Tally, verdict::Sizes};
use serde::Serialize;

/// How many of the biggest differences are named.
const NAMED: usize = 20;

/// What two images differ in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The other image.
    pub image: String,
    /// Its sizes; `added` holds only where its base is known.
    pub sizes: Sizes,
    /// What a daemon says of its size, in bytes.
    pub docker_size: Option<u64>,
    /// Layers that both have, from the bottom.
    pub shared_layers: usize,
    /// Bytes of those.
    pub shared_bytes: u64,
    /// Files that only the other image has.
    pub added: Tally,
    /// Files that both have and that are not the same; bytes as the other image has them.
    pub changed: Tally,
    /// Of those, files whose content is the same: only the owner or the mode is not.
    pub metadata: Tally,
    /// Files that only this image has.
    pub removed: Tally,
    /// The biggest of them.
    pub biggest: Vec<Difference>,
}

/// A path that is not the same in both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Without a leading slash.
    pub path: String,
    /// `added`, `changed` or `removed`, as seen from the first image.
    pub what: &'static str,
    /// Bytes: of what is gone those that it had, else those that it has.
    pub bytes: u64,
}

/// Compares two finished images.
pub fn compare(first: &Subject, second: &Subject) -> Comparison {
    compare_in(&Flat::between(&first.image, &second.image), first, second)
}

/// The same where the tree of both is at hand.
pub fn compare_in(flat: &Flat, first: &Subject, second: &Subject) -> Comparison {
    let shared_layers = shared(first, second);
    let [mut added, mut changed, mut removed, mut metadata] = [Tally::default(); 4];
    let mut biggest: Vec<(u64, u32)> = Vec::new();
    for (at, node) in flat.nodes().iter().enumerate().filter(|(_, node)| !node.is_dir()) {
        let tally = match node.mark {
            Mark::Same => continue,
            Mark::Added => &mut added,
            Mark::Changed => &mut changed,
            Mark::Removed => &mut removed,
        };
        tally.files += 1;
        tally.bytes = tally.bytes.saturating_add(node.bytes);
        if node.stored_again {
            metadata.files += 1;
            metadata.bytes = metadata.bytes.saturating_add(node.bytes);
        }
        if biggest.len() < NAMED || biggest.last().is_some_and(|(bytes, _)| node.bytes > *bytes) {
            let place = biggest.partition_point(|(bytes, _)| *bytes >= node.bytes);
            biggest.insert(place, (node.bytes, at as u32));
            biggest.truncate(NAMED);
        }
    }
    Comparison {
        image: second.name.clone(),
        sizes: second.image.sizes,
        docker_size: second.docker_size,
        shared_layers,
        shared_bytes: second.image.layers[..shared_layers].iter().map(|l| l.bytes).sum(),
        added,
        changed,
        metadata,
        removed,
        biggest: biggest
            .into_iter()
            .map(|(bytes, at)| Difference { path: flat.path(at), what: word(flat.node(at).mark), bytes })
            .collect(),
    }
}

/// How many layers two images share, from the bottom.
pub fn shared(first: &Subject, second: &Subject) -> usize {
    let pairs = first.image.layers.iter().zip(&second.image.layers);
    pairs.take_while(|(a, b)| a.diff_id == b.diff_id).count()
}

fn word(mark: Mark) -> &'static str {
    match mark {
        Mark::Same => "same",
        Mark::Added => "added",
        Mark::Changed => "changed",
        Mark::Removed => "removed",
    }
}
