//! The merged tree after any layer, with what that layer did to it: what the lens shows and its replay steps through.

use super::{
    Image, PathId,
    changes::{What, what},
    paths::{NONE, ROOT},
    tree::{Entry, Kind},
};

/// Sums over a path and all that is below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Below {
    /// Files that stand after the layer, each inode once.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that the layer added.
    pub added: u64,
    /// Files that it changed, those included of which it changed only the metadata.
    pub changed: u64,
    /// Files that it removed.
    pub removed: u64,
    /// Bytes that it brought: those of the files which it added or changed.
    pub brought: u64,
    /// Bytes put up to this layer that can no longer be seen in the finished image.
    pub wasted: u64,
}

/// The merged tree after one layer. What that layer removed still stands in it, marked [`What::Removed`] and left out of
/// the sums.
#[derive(Debug)]
pub struct Snapshot<'a> {
    image: &'a Image,
    layer: usize,
    /// Item by node; of a removed path the one that stood there.
    items: Vec<u32>,
    did: Vec<Option<What>>,
    children: Vec<PathId>,
    /// Where a node's children begin; one more than there are nodes.
    starts: Vec<u32>,
    below: Vec<Below>,
}

/// Orders that hold for a whole image, made when first needed.
#[derive(Debug)]
pub(super) struct Index {
    /// All nodes but the root, by parent and then by name.
    order: Vec<u32>,
    /// Indexes of hidden copies, by node.
    pub(super) hidden: Vec<u32>,
}

impl Image {
    pub(super) fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let paths = &self.tree.paths;
            let mut order: Vec<u32> = (1..paths.len() as u32).collect();
            order.sort_unstable_by(|a, b| {
                paths.parent(*a).cmp(&paths.parent(*b)).then_with(|| paths.name(*a).cmp(paths.name(*b)))
            });
            let mut hidden: Vec<u32> = (0..self.hidden.len() as u32).collect();
            hidden.sort_by_key(|at| self.hidden[*at as usize].node);
            Index { order, hidden }
        })
    }

    /// The merged tree after a layer and all below it; after the last one where there are not so many.
    ///
    /// Takes time and memory in the number of paths (some 100 bytes each), so keep it while it is shown.
    pub fn at(&self, layer: usize) -> Snapshot<'_> {
        let layer = layer.min(self.layers.len().saturating_sub(1));
        let nodes = self.tree.paths.len();
        let mut snapshot = Snapshot {
            image: self,
            layer,
            items: vec![NONE; nodes],
            did: vec![None; nodes],
            children: vec![],
            starts: vec![0; nodes + 1],
            below: vec![Below::default(); nodes],
        };
        for below in 0..layer {
            for step in self.log.layer(below) {
                snapshot.items[step.node as usize] = step.after;
            }
        }
        for step in self.log.layer(layer) {
            let node = step.node as usize;
            snapshot.did[node] = what(&self.tree, step);
            snapshot.items[node] = if step.after == NONE { step.before } else { step.after };
        }
        snapshot.fill_children();
        snapshot.add_up();
        snapshot
    }
}

impl<'a> Snapshot<'a> {
    /// The layer after which it is taken.
    pub fn layer(&self) -> usize {
        self.layer
    }

    /// What stands, or until this layer stood, at a path; none for [`PathId::ROOT`] and where nothing does.
    pub fn entry(&self, id: PathId) -> Option<Entry<'a>> {
        let item = *self.items.get(id.0 as usize)?;
        (item != NONE).then(|| Entry::of(&self.image.tree, id.0, item))
    }

    /// What the layer did to it; none where it left it alone.
    pub fn did(&self, id: PathId) -> Option<What> {
        self.did.get(id.0 as usize).copied().flatten()
    }

    /// What is in it, in byte order of the names, with what the layer removed.
    pub fn children(&self, id: PathId) -> &[PathId] {
        let start = |at: usize| self.starts.get(at).map_or(self.children.len(), |at| *at as usize);
        &self.children[start(id.0 as usize)..start((id.0 as usize).saturating_add(1))]
    }

    /// Sums over it and all below.
    pub fn below(&self, id: PathId) -> Below {
        self.below.get(id.0 as usize).copied().unwrap_or_default()
    }

    fn fill_children(&mut self) {
        let paths = &self.image.tree.paths;
        let here = |node: &&u32| self.items[**node as usize] != NONE;
        let order = &self.image.index().order;
        for node in order.iter().filter(here) {
            self.starts[paths.parent(*node) as usize + 1] += 1;
        }
        for at in 1..self.starts.len() {
            self.starts[at] += self.starts[at - 1];
        }
        self.children = order.iter().filter(here).map(|node| PathId(*node)).collect();
    }

    fn add_up(&mut self) {
        let tree = &self.image.tree;
        let mut seen = vec![false; tree.items.len()];
        for node in 0..self.items.len() {
            let item = self.items[node];
            if item == NONE || tree.items[item as usize].meta.kind != Kind::File {
                continue;
            }
            let size = tree.items[item as usize].meta.size;
            let below = &mut self.below[node];
            match self.did[node] {
                Some(What::Removed) => {
                    below.removed = 1;
                    continue;
                }
                Some(What::Added) => below.added = 1,
                Some(_) => below.changed = 1,
                None => {}
            }
            if !std::mem::replace(&mut seen[item as usize], true) {
                below.files = 1;
                below.bytes = size;
                if tree.items[item as usize].layer as usize == self.layer {
                    below.brought = size;
                }
            }
        }
        for hidden in self.image.hidden.iter().filter(|hidden| hidden.put_by <= self.layer) {
            let wasted = &mut self.below[hidden.node as usize].wasted;
            *wasted = wasted.saturating_add(hidden.bytes);
        }
        // A folder's number is lower than those of what is in it.
        for node in (1..self.below.len()).rev() {
            let own = self.below[node];
            let parent = &mut self.below[match tree.paths.parent(node as u32) {
                NONE => ROOT,
                parent => parent,
            } as usize];
            parent.files += own.files;
            parent.bytes = parent.bytes.saturating_add(own.bytes);
            parent.added += own.added;
            parent.changed += own.changed;
            parent.removed += own.removed;
            parent.brought = parent.brought.saturating_add(own.brought);
            parent.wasted = parent.wasted.saturating_add(own.wasted);
        }
    }
}
