//! What each layer did to each path: the log from which the tree at any layer, and the story of any path, are read.
//!
//! Whole trees a layer would cost layers times paths. A log costs twelve bytes for each path that a layer touches, and a
//! tree at some layer is the log played up to there.

use super::{
    Hidden, How, Image, PathId,
    layer::Meta,
    merge::how,
    paths::NONE,
    tree::{Entry, Kind, Tree},
};
use serde::{Deserialize, Serialize};

/// What a layer did to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Put something where nothing was.
    Added,
    /// Put other content in the place of what was there.
    Changed,
    /// Changed only the owner, and stored the whole file again for it.
    Owner,
    /// Changed only the mode, and stored the whole file again for it.
    Mode,
    /// Stored the same again.
    Again,
    /// Took it away.
    Removed,
}

impl What {
    /// Only the metadata is other than before, or nothing is; a file's bytes are in the image once more all the same.
    pub fn is_metadata_only(self) -> bool {
        matches!(self, Self::Owner | Self::Mode | Self::Again)
    }
}

impl From<How> for What {
    fn from(how: How) -> Self {
        match how {
            How::Removed => Self::Removed,
            How::Replaced => Self::Changed,
            How::Owner => Self::Owner,
            How::Mode => Self::Mode,
            How::Again => Self::Again,
        }
    }
}

/// One layer's doing to one path.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// Index of the layer.
    pub layer: usize,
    /// What it did.
    pub what: What,
    /// What stood there before.
    pub before: Option<Entry<'a>>,
    /// What stands there after it.
    pub after: Option<Entry<'a>>,
}

impl Change<'_> {
    /// The path, of which there is one even where nothing stands any more.
    pub fn id(&self) -> PathId {
        self.after.as_ref().or(self.before.as_ref()).map_or(PathId::ROOT, Entry::id)
    }
}

/// Items at a path before and after a layer; [`NONE`] for nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) node: u32,
    pub(super) before: u32,
    pub(super) after: u32,
}

#[derive(Debug, Default)]
pub(super) struct Log {
    /// Layer by layer, in each by node, each node once.
    steps: Vec<Step>,
    ends: Vec<usize>,
}

impl Log {
    pub(super) fn note(&mut self, node: u32, before: u32, after: u32) {
        self.steps.push(Step { node, before, after });
    }

    /// Ends a layer: what it did to a path more than once comes to one step.
    pub(super) fn close_layer(&mut self) {
        let from = self.ends.last().copied().unwrap_or(0);
        self.steps[from..].sort_by_key(|step| step.node);
        let mut to = from;
        for at in from..self.steps.len() {
            let step = self.steps[at];
            if to > from && self.steps[to - 1].node == step.node {
                self.steps[to - 1].after = step.after;
            } else {
                self.steps[to] = step;
                to += 1;
            }
        }
        self.steps.truncate(to);
        // Put and taken away by one and the same layer.
        let mut at = 0;
        self.steps.retain(|step| {
            at += 1;
            at <= from || step.before != step.after
        });
        self.ends.push(self.steps.len());
    }

    pub(super) fn layer(&self, layer: usize) -> &[Step] {
        let end = self.ends.get(layer).copied().unwrap_or(self.steps.len());
        let start = layer.checked_sub(1).and_then(|l| self.ends.get(l).copied()).unwrap_or(0);
        &self.steps[start.min(end)..end]
    }

    fn layers(&self) -> usize {
        self.ends.len()
    }
}

/// What became of a path. None where a folder is only there again because something in it changed: that is no change
/// which anybody made to the folder.
pub(super) fn what(tree: &Tree, step: &Step) -> Option<What> {
    let meta = |item: u32| (item != NONE).then(|| &tree.items[item as usize].meta);
    match (meta(step.before), meta(step.after)) {
        (None, None) => None,
        (None, Some(_)) => Some(What::Added),
        (Some(_), None) => Some(What::Removed),
        (Some(before), Some(after)) => match changed(tree, before, after) {
            How::Again if after.kind == Kind::Dir => None,
            how => Some(how.into()),
        },
    }
}

fn changed(tree: &Tree, before: &Meta, after: &Meta) -> How {
    let target = |meta: &Meta| tree.targets.get(meta.extra as usize);
    match (before.kind, after.kind) {
        (Kind::File, Kind::File) => how(before, after),
        (Kind::Symlink, Kind::Symlink) if target(before) != target(after) => How::Replaced,
        (a, b) if a != b => How::Replaced,
        // A folder's or a link's time of change says nothing of what it is.
        _ if (before.uid, before.gid) != (after.uid, after.gid) => How::Owner,
        _ if before.mode != after.mode => How::Mode,
        _ => How::Again,
    }
}

impl Image {
    /// What a layer did, path by path, in the order in which the archive first named the paths.
    pub fn changes(&self, layer: usize) -> impl Iterator<Item = Change<'_>> {
        self.log.layer(layer).iter().filter_map(move |step| self.change(layer, step))
    }

    /// What every layer did to one path, bottom first.
    pub fn story(&self, id: PathId) -> impl Iterator<Item = Change<'_>> {
        (0..self.log.layers()).filter_map(move |layer| {
            let steps = self.log.layer(layer);
            let at = steps.binary_search_by_key(&id.0, |step| step.node).ok()?;
            self.change(layer, &steps[at])
        })
    }

    /// Copies of a file at a path that can no longer be seen, in the order in which they were hidden.
    pub fn hidden_at(&self, id: PathId) -> impl Iterator<Item = &Hidden> {
        let of_node = &self.index().hidden;
        let from = of_node.partition_point(|at| self.hidden[*at as usize].node < id.0);
        of_node[from..].iter().map(|at| &self.hidden[*at as usize]).take_while(move |hidden| hidden.node == id.0)
    }

    /// What becomes of a file that some layer put: the layer that hides it and how; none where it is seen to the end.
    pub fn fate(&self, entry: &Entry<'_>) -> Option<&Hidden> {
        self.hidden.get(entry.hidden_index() as usize)
    }

    fn change(&self, layer: usize, step: &Step) -> Option<Change<'_>> {
        let what = what(&self.tree, step)?;
        let entry = |item: u32| (item != NONE).then(|| Entry::of(&self.tree, step.node, item));
        Some(Change { layer, what, before: entry(step.before), after: entry(step.after) })
    }
}
