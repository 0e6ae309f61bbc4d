//! A tree of files laid out flat: parents before what is in them, names in byte order, each node with the end of its part.
//!
//! A tree of boxes would be walked by pointers for every row that is drawn. In this order a folder's contents are the slots
//! behind it, a sum over a folder is a scan, and going over all 200,000 paths takes a millisecond or two.

use dockshala_checkers::image::{Entry, Image, Kind, PathId, Snapshot, What};
use std::collections::{BTreeMap, HashMap};

/// What became of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Mark {
    /// Nothing.
    #[default]
    Same,
    /// It is new.
    Added,
    /// It is another one, or has another owner or mode; of a folder: something in it is other than before.
    Changed,
    /// It is gone.
    Removed,
}

/// A slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The path in the image; in a comparison in the second one, where it is there.
    pub id: PathId,
    /// In a comparison: the path of the first image, not of the second.
    pub of_first: bool,
    /// The slot of the folder that it is in.
    pub parent: u32,
    /// The slot behind the last one that is in it.
    pub end: u32,
    /// How deep it lies; 0 is the root, 1 what is in it.
    pub depth: u16,
    name: (u32, u32),
    /// What became of it.
    pub mark: Mark,
    /// What it is.
    pub kind: Kind,
    /// Bytes that stand there; of what is gone, those that stood there.
    pub bytes: u64,
    /// Bytes that the step brought, or that are there in the second image only.
    pub brought: u64,
    /// Bytes put here that can no longer be seen in the finished image.
    pub wasted: u64,
    /// Index of the layer that it comes from; none for a folder, whose contents come from many.
    pub layer: Option<usize>,
    /// Only its owner, its mode or nothing at all is other than before, and its bytes are in the image again.
    pub stored_again: bool,
}

impl Node {
    /// Whether there may be something in it.
    pub fn is_dir(&self) -> bool {
        self.kind == Kind::Dir
    }
}

/// The tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flat {
    nodes: Vec<Node>,
    names: String,
}

/// What is put into a tree, before it has its place.
struct Leaf {
    id: PathId,
    of_first: bool,
    mark: Mark,
    kind: Kind,
    bytes: u64,
    brought: u64,
    wasted: u64,
    layer: Option<usize>,
    stored_again: bool,
}

/// A path deeper than this is cut off: a tree is shown, not restored, and no honest image comes near.
const DEEPEST: u16 = 1_000;

impl Flat {
    /// The slots, the root first.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// A slot.
    pub fn node(&self, at: u32) -> &Node {
        &self.nodes[at as usize]
    }

    /// A slot's last name, safe to print.
    pub fn name(&self, at: u32) -> &str {
        let (start, length) = self.nodes[at as usize].name;
        &self.names[start as usize..(start + length) as usize]
    }

    /// A slot's whole path without a leading slash.
    pub fn path(&self, at: u32) -> String {
        let mut names = Vec::new();
        let mut at = at;
        while at != 0 {
            names.push(self.name(at));
            at = self.nodes[at as usize].parent;
        }
        names.reverse();
        names.join("/")
    }

    /// The slots directly in a folder, by name.
    pub fn children(&self, at: u32) -> impl Iterator<Item = u32> + '_ {
        let end = self.nodes.get(at as usize).map_or(0, |n| n.end);
        let mut next = at + 1;
        std::iter::from_fn(move || {
            let here = next;
            (here < end).then(|| {
                next = self.nodes[here as usize].end;
                here
            })
        })
    }

    /// The slot of a path of the image.
    pub fn find(&self, id: PathId) -> Option<u32> {
        self.nodes.iter().position(|n| n.id == id && !n.of_first).map(|at| at as u32)
    }

    fn push(&mut self, parent: u32, depth: u16, name: &str, leaf: Leaf) -> u32 {
        let at = self.nodes.len() as u32;
        let start = self.names.len() as u32;
        self.names.push_str(name);
        let Leaf { id, of_first, mark, kind, bytes, brought, wasted, layer, stored_again } = leaf;
        let name = (start, name.len() as u32);
        self.nodes.push(Node {
            id,
            of_first,
            parent,
            end: at + 1,
            depth,
            name,
            mark,
            kind,
            bytes,
            brought,
            wasted,
            layer,
            stored_again,
        });
        at
    }

    fn root(&mut self, leaf: Leaf) {
        self.push(0, 0, "", leaf);
    }

    fn close(&mut self, at: u32) {
        self.nodes[at as usize].end = self.nodes.len() as u32;
    }

    /// The tree after a layer, with what that layer did.
    pub fn after(image: &Image, layer: usize) -> Self {
        let snapshot = image.at(layer);
        let mut flat = Self::with_capacity(&snapshot);
        flat.root(folder(&snapshot, PathId::ROOT));
        flat.fill_after(image, &snapshot, PathId::ROOT, 0, 1);
        flat.close(0);
        flat
    }

    /// The same with nothing done to any of it: the tree at a step that changed only settings.
    #[must_use]
    pub fn unmarked(mut self) -> Self {
        // What its layer took away is no part of the tree any more.
        let gone: Vec<bool> = self.nodes.iter().map(|node| node.mark == Mark::Removed).collect();
        if gone.contains(&true) {
            let old = std::mem::take(&mut self);
            let mut moved: Vec<u32> = Vec::with_capacity(old.nodes.len());
            for (at, node) in old.nodes.iter().enumerate() {
                let parent_gone = at > 0 && moved[node.parent as usize] == u32::MAX;
                if gone[at] || parent_gone {
                    moved.push(u32::MAX);
                    continue;
                }
                moved.push(self.nodes.len() as u32);
                let name = (self.names.len() as u32, node.name.1);
                self.names.push_str(old.name(at as u32));
                let parent = moved[node.parent as usize];
                self.nodes.push(Node { parent, name, ..node.clone() });
            }
            for at in (0..self.nodes.len()).rev() {
                self.nodes[at].end = at as u32 + 1;
            }
            for at in (1..self.nodes.len()).rev() {
                let (parent, end) = (self.nodes[at].parent as usize, self.nodes[at].end);
                self.nodes[parent].end = self.nodes[parent].end.max(end);
            }
        }
        for node in &mut self.nodes {
            (node.mark, node.brought, node.stored_again) = (Mark::Same, 0, false);
        }
        self
    }

    fn with_capacity(snapshot: &Snapshot<'_>) -> Self {
        let files = usize::try_from(snapshot.below(PathId::ROOT).files).unwrap_or(0);
        let guess = files.min(4_000_000) * 5 / 4;
        Self { nodes: Vec::with_capacity(guess), names: String::with_capacity(guess * 16) }
    }

    fn fill_after(&mut self, image: &Image, snapshot: &Snapshot<'_>, id: PathId, parent: u32, depth: u16) {
        for child in snapshot.children(id) {
            let Some(entry) = snapshot.entry(*child) else { continue };
            let is_dir = entry.kind() == Kind::Dir;
            let leaf = if is_dir { folder(snapshot, *child) } else { file(snapshot, *child, &entry) };
            let at = self.push(parent, depth, &image.name(*child), leaf);
            if is_dir && depth < DEEPEST {
                self.fill_after(image, snapshot, *child, at, depth + 1);
            }
            self.close(at);
        }
    }

    /// The finished image, with what is in its archive and can no longer be seen: those paths stand in it as removed.
    pub fn whole(image: &Image) -> Self {
        let last = image.layers.len().saturating_sub(1);
        let snapshot = image.at(last);
        let mut ghosts: Ghosts = BTreeMap::new();
        let gone = |id: PathId| snapshot.entry(id).is_none() || snapshot.did(id) == Some(What::Removed);
        for hidden in image.hidden.iter().filter(|h| h.bytes > 0 && gone(h.id())) {
            let mut id = hidden.id();
            // Up to a folder that stands: what is between went with it.
            while id != PathId::ROOT {
                let parent = image.parent(id);
                let new = ghosts.entry(parent).or_default().insert(image.name(id), id).is_none();
                if !new || !gone(parent) {
                    break;
                }
                id = parent;
            }
        }
        let mut flat = Self::with_capacity(&snapshot);
        flat.root(seen(&snapshot, PathId::ROOT));
        flat.fill_whole(image, &snapshot, &ghosts, PathId::ROOT, 0, 1);
        flat.close(0);
        flat
    }

    fn fill_whole(
        &mut self,
        image: &Image,
        snapshot: &Snapshot<'_>,
        ghosts: &Ghosts,
        id: PathId,
        parent: u32,
        depth: u16,
    ) {
        let mut gone = ghosts.get(&id).into_iter().flatten().peekable();
        let stands = |id: &PathId| snapshot.did(*id) != Some(What::Removed);
        for child in snapshot.children(id).iter().filter(|id| stands(id)) {
            let Some(entry) = snapshot.entry(*child) else { continue };
            let name = image.name(*child);
            while let Some((ghost, id)) = gone.next_if(|(ghost, _)| **ghost < name) {
                self.ghost(image, snapshot, ghosts, ghost, *id, parent, depth);
            }
            let is_dir = entry.kind() == Kind::Dir;
            let leaf = if is_dir {
                seen(snapshot, *child)
            } else {
                Leaf { mark: Mark::Same, brought: 0, stored_again: false, ..file(snapshot, *child, &entry) }
            };
            let at = self.push(parent, depth, &name, leaf);
            if is_dir && depth < DEEPEST {
                self.fill_whole(image, snapshot, ghosts, *child, at, depth + 1);
            }
            self.close(at);
        }
        for (ghost, id) in gone {
            self.ghost(image, snapshot, ghosts, ghost, *id, parent, depth);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one step of a walk, called from two places of it")]
    fn ghost(
        &mut self,
        image: &Image,
        snapshot: &Snapshot<'_>,
        ghosts: &Ghosts,
        name: &str,
        id: PathId,
        parent: u32,
        depth: u16,
    ) {
        let wasted = snapshot.below(id).wasted;
        let inner = ghosts.get(&id).filter(|_| depth < DEEPEST);
        let leaf = Leaf {
            id,
            of_first: false,
            mark: Mark::Removed,
            kind: if inner.is_some() { Kind::Dir } else { Kind::File },
            bytes: 0,
            brought: 0,
            wasted,
            layer: inner.is_none().then(|| image.hidden_at(id).last().map(|h| h.put_by)).flatten(),
            stored_again: false,
        };
        let at = self.push(parent, depth, name, leaf);
        for (name, id) in inner.into_iter().flatten() {
            self.ghost(image, snapshot, ghosts, name, *id, at, depth + 1);
        }
        self.close(at);
    }

    /// Two finished images laid over each other: what only the first has is removed, what only the second has is added.
    ///
    /// Files are the same where their digests, modes and owners are. Times of change are left out, as every rebuild gives
    /// every file a new one. Where an image was read without digests, the size stands for the content.
    pub fn between(first: &Image, second: &Image) -> Self {
        let snapshots = [first, second].map(|image| image.at(image.layers.len().saturating_sub(1)));
        let mut flat = Self::with_capacity(&snapshots[1]);
        flat.root(seen(&snapshots[1], PathId::ROOT));
        let pair = Pair { images: [first, second], snapshots: &snapshots };
        flat.fill_between(&pair, [Some(PathId::ROOT); 2], 0, 1);
        flat.close(0);
        flat.add_up();
        flat
    }

    fn fill_between(&mut self, pair: &Pair<'_>, ids: [Option<PathId>; 2], parent: u32, depth: u16) {
        let mut names: BTreeMap<String, [Option<PathId>; 2]> = BTreeMap::new();
        for (side, id) in ids.into_iter().enumerate() {
            let Some(id) = id else { continue };
            for child in pair.snapshots[side].children(id) {
                if pair.snapshots[side].did(*child) != Some(What::Removed) {
                    names.entry(pair.images[side].name(*child)).or_default()[side] = Some(*child);
                }
            }
        }
        for (name, ids) in names {
            let entries = [0, 1].map(|side| ids[side].and_then(|id| pair.snapshots[side].entry(id)));
            let file = |e: &&Entry<'_>| e.kind() == Kind::File;
            // What is below a path counts each inode once: a file with three names is one file.
            let size = |side: usize| {
                let file = entries[side].as_ref().filter(file);
                file.map_or(0, |e| pair.snapshots[side].below(e.id()).bytes)
            };
            let (before, after) = (size(0), size(1));
            let is_dir = entries.iter().flatten().any(|e| e.kind() == Kind::Dir);
            let mark = match &entries {
                [None, None] => continue,
                [Some(_), None] => Mark::Removed,
                [None, Some(_)] => Mark::Added,
                [Some(a), Some(b)] => difference(a, b),
            };
            let of_first = entries[1].is_none();
            let Some(id) = ids[1].or(ids[0]) else { continue };
            let leaf = Leaf {
                id,
                of_first,
                mark,
                kind: if is_dir {
                    Kind::Dir
                } else {
                    entries.iter().rev().flatten().next().map_or(Kind::File, Entry::kind)
                },
                bytes: if of_first { before } else { after },
                brought: if matches!(mark, Mark::Added | Mark::Changed) { after } else { 0 },
                wasted: 0,
                layer: entries[1].as_ref().or(entries[0].as_ref()).filter(|_| !is_dir).map(Entry::layer),
                stored_again: match &entries {
                    [Some(a), Some(b)] => mark == Mark::Changed && same_content(a, b),
                    _ => false,
                },
            };
            let at = self.push(parent, depth, &name, leaf);
            if is_dir && depth < DEEPEST {
                self.fill_between(pair, ids, at, depth + 1);
            }
            self.close(at);
        }
    }

    /// Sums and marks of folders, of what is in them.
    fn add_up(&mut self) {
        let mut marks: HashMap<u32, [bool; 4]> = HashMap::new();
        for at in (0..self.nodes.len() as u32).rev() {
            if self.node(at).is_dir() {
                let seen = marks.remove(&at).unwrap_or_default();
                let own = self.node(at).mark;
                self.nodes[at as usize].mark = match (own, seen) {
                    (Mark::Added | Mark::Removed, _) => own,
                    (_, [_, false, false, false]) => own,
                    _ => Mark::Changed,
                };
            }
            if at == 0 {
                break;
            }
            let (parent, bytes, brought, mark) = {
                let node = self.node(at);
                (node.parent, node.bytes, node.brought, node.mark)
            };
            marks.entry(parent).or_default()[mark as usize] = true;
            let above = &mut self.nodes[parent as usize];
            // A folder that is gone keeps the sum of what went with it; one that stands has only what stands.
            if mark != Mark::Removed || above.mark == Mark::Removed {
                above.bytes += bytes;
            }
            above.brought += brought;
        }
    }
}

/// Paths that can no longer be seen, by the folder that they were in.
type Ghosts = BTreeMap<PathId, BTreeMap<String, PathId>>;

/// Two finished images.
struct Pair<'a> {
    images: [&'a Image; 2],
    snapshots: &'a [Snapshot<'a>; 2],
}

fn difference(a: &Entry<'_>, b: &Entry<'_>) -> Mark {
    let same = same_content(a, b) && a.mode() == b.mode() && (a.uid(), a.gid()) == (b.uid(), b.gid());
    if same { Mark::Same } else { Mark::Changed }
}

fn same_content(a: &Entry<'_>, b: &Entry<'_>) -> bool {
    let digests = match (a.digest(), b.digest()) {
        (Some(a), Some(b)) => a == b,
        // Empty files have none, and what was stored with holes.
        _ => true,
    };
    a.kind() == b.kind() && a.size() == b.size() && a.target() == b.target() && digests
}

fn folder(snapshot: &Snapshot<'_>, id: PathId) -> Leaf {
    let below = snapshot.below(id);
    let did = snapshot.did(id);
    let mark = match did {
        Some(What::Removed) => Mark::Removed,
        Some(What::Added) => Mark::Added,
        // What is in it counts, not that the layer names the folder again, as every layer names every folder above a file.
        _ if below.added + below.changed + below.removed > 0 => Mark::Changed,
        Some(What::Owner | What::Mode | What::Changed) => Mark::Changed,
        _ => Mark::Same,
    };
    Leaf {
        id,
        of_first: false,
        mark,
        kind: Kind::Dir,
        bytes: below.bytes,
        brought: below.brought,
        wasted: below.wasted,
        layer: None,
        stored_again: false,
    }
}

fn seen(snapshot: &Snapshot<'_>, id: PathId) -> Leaf {
    Leaf { mark: Mark::Same, brought: 0, ..folder(snapshot, id) }
}

fn file(snapshot: &Snapshot<'_>, id: PathId, entry: &Entry<'_>) -> Leaf {
    let below = snapshot.below(id);
    let did = snapshot.did(id);
    let mark = match did {
        None => Mark::Same,
        Some(What::Added) => Mark::Added,
        Some(What::Removed) => Mark::Removed,
        Some(_) => Mark::Changed,
    };
    Leaf {
        id,
        of_first: false,
        mark,
        kind: entry.kind(),
        // A second name of a file weighs nothing; what is gone still shows what it weighed.
        bytes: if mark == Mark::Removed { entry.size() } else { below.bytes },
        brought: below.brought,
        wasted: below.wasted,
        layer: Some(entry.layer()),
        stored_again: did.is_some_and(What::is_metadata_only),
    }
}
