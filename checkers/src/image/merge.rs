//! Lays the layers over each other as an engine does, and keeps account of what each of them hides.
//!
//! Rules of a layer: opaque folders, then whiteouts, then what it puts, wherever in its tar they stand; a whiteout hides
//! only what is below it. A file is charged once however many hard links it has, and as long as one of them survives.

use super::{
    Hidden, How, Layer, Limits, ReadError, Tally, Waste,
    changes::Log,
    layer::{Meta, Parsed, Record},
    paths::{NONE, ROOT},
    tree::{Item, Kind, Tree},
};
use std::{cell::Cell, collections::BTreeMap};

/// How many of the biggest files a [`Waste`] names.
const EXAMPLES: usize = 5;

pub(super) struct Merge<'a> {
    pub(super) tree: Tree,
    pub(super) hidden: Vec<Hidden>,
    pub(super) ignored: u64,
    pub(super) log: Log,
    /// Bytes of the merged tree, each inode once.
    pub(super) seen: u64,
    limits: &'a Limits,
    /// The folder put into last as it stood in the tar, and where that led: in a tar the next path is mostly beside it.
    last_folder: (u32, u32),
    stack: Vec<u32>,
    /// Names that may yet be walked along symbolic links: chains of long ones would cost more than their archive's bytes.
    walks: Cell<u32>,
}

/// Honest images walk a few thousand; these take a second.
const WALKS: u32 = 50_000_000;

/// What the layer at hand has done so far.
struct Doing<'l> {
    index: usize,
    layer: &'l mut Layer,
}

impl<'a> Merge<'a> {
    pub(super) fn new(tree: Tree, limits: &'a Limits) -> Self {
        Self {
            tree,
            hidden: vec![],
            ignored: 0,
            log: Log::default(),
            seen: 0,
            limits,
            last_folder: (NONE, NONE),
            stack: vec![],
            walks: Cell::new(WALKS),
        }
    }

    pub(super) fn apply(&mut self, index: usize, layer: &mut Layer, parsed: &Parsed) -> Result<(), ReadError> {
        let mut doing = Doing { index, layer };
        self.ignored += parsed.ignored;
        self.last_folder = (NONE, NONE);
        for folder in &parsed.opaque {
            // Resolved like every folder that a layer names; one that is not there hides nothing.
            if let Some(folder) = self.existing(*folder) {
                self.clear(folder, &mut doing);
            }
        }
        for path in &parsed.whiteouts {
            if let Some(folder) = self.existing(self.tree.paths.parent(*path))
                && let Some(path) = self.moved(*path, folder)
            {
                self.remove(path, &mut doing);
            }
        }
        for (path, record) in &parsed.records {
            self.put(*path, *record, &mut doing)?;
        }
        if self.walks.get() == 0 {
            return Err(ReadError::Limit { what: "names along symbolic links", limit: WALKS.into() });
        }
        self.log.close_layer();
        Ok(())
    }

    fn put(&mut self, path: u32, record: Record, doing: &mut Doing<'_>) -> Result<(), ReadError> {
        if path == ROOT {
            return Ok(());
        }
        let named = self.tree.paths.parent(path);
        let folder = if self.last_folder.0 == named && self.tree.kind(self.last_folder.1) == Some(Kind::Dir) {
            self.last_folder.1
        } else {
            let folder = self.make_folder(named, doing)?;
            self.last_folder = (named, folder);
            folder
        };
        let at = if folder == named {
            path
        } else {
            let name = self.tree.paths.name(path).to_vec();
            self.tree.paths.child(folder, &name)?
        };
        match record {
            Record::Put(meta) => self.put_meta(at, path, meta, doing),
            Record::HardLink(target) => self.link(at, target, doing),
        }
    }

    fn put_meta(&mut self, path: u32, named: u32, meta: Meta, doing: &mut Doing<'_>) -> Result<(), ReadError> {
        let before = self.tree.paths.item(path);
        let item = self.push(meta, named, doing.index)?;
        if meta.kind == Kind::Dir && before != NONE && self.tree.items[before as usize].meta.kind == Kind::Dir {
            self.tree.items[before as usize].links = 0;
            self.log.note(path, before, item);
            self.tree.paths.put(path, item);
            return Ok(());
        }
        self.replace(path, item, meta, doing);
        if meta.kind == Kind::File {
            self.seen += meta.size;
        }
        Ok(())
    }

    fn link(&mut self, path: u32, target: u32, doing: &mut Doing<'_>) -> Result<(), ReadError> {
        // A link to the root itself has no folder above to look in (found by fuzzing).
        let folder = if target == ROOT { None } else { self.existing(self.tree.paths.parent(target)) };
        let target = folder.and_then(|folder| self.moved(target, folder)).unwrap_or(NONE);
        let item = if target == NONE || target == ROOT { NONE } else { self.tree.paths.item(target) };
        if item == NONE || self.tree.items[item as usize].meta.kind == Kind::Dir {
            self.ignored += 1;
            return Ok(());
        }
        if target == path || self.tree.paths.item(path) == item {
            return Ok(());
        }
        // Counted before what stood here goes: the target may be below a folder that this link replaces.
        self.tree.items[item as usize].links += 1;
        let meta = Meta { size: 0, ..self.tree.items[item as usize].meta };
        self.replace(path, item, meta, doing);
        Ok(())
    }

    /// Puts an item at a path, where another may stand.
    fn replace(&mut self, path: u32, item: u32, meta: Meta, doing: &mut Doing<'_>) {
        let before = self.tree.paths.item(path);
        let tally = match before {
            NONE => &mut doing.layer.added,
            _ if self.tree.items[before as usize].meta.kind == Kind::File => &mut doing.layer.changed,
            _ => &mut doing.layer.added,
        };
        if meta.kind == Kind::File {
            tally.files += 1;
            tally.bytes += meta.size;
        }
        if before != NONE {
            if self.tree.items[before as usize].meta.kind != Kind::File {
                self.last_folder = (NONE, NONE);
            }
            self.clear(path, doing);
            self.drop_link(path, before, how(&self.tree.items[before as usize].meta, &meta), doing);
        }
        self.log.note(path, before, item);
        self.tree.paths.put(path, item);
    }

    fn push(&mut self, meta: Meta, named: u32, layer: usize) -> Result<u32, ReadError> {
        // A manifest may name one layer a thousand times.
        if self.tree.items.len() >= self.limits.entries.saturating_mul(2) {
            return Err(ReadError::Limit { what: "files", limit: self.limits.entries as u64 });
        }
        self.tree.items.push(Item { meta, layer: layer as u32, links: 1, hidden: NONE, named });
        Ok((self.tree.items.len() - 1) as u32)
    }

    /// Takes away a path with all that is below it.
    fn remove(&mut self, path: u32, doing: &mut Doing<'_>) {
        self.clear(path, doing);
        let item = self.tree.paths.item(path);
        if item != NONE && path != ROOT {
            self.gone(path, item, doing);
        }
    }

    /// Takes away all that is below a path.
    fn clear(&mut self, path: u32, doing: &mut Doing<'_>) {
        let base = self.stack.len();
        self.stack.push(path);
        while self.stack.len() > base {
            let top = self.stack[self.stack.len() - 1];
            match self.tree.paths.first_child(top) {
                NONE => {
                    self.stack.pop();
                    if top != path {
                        self.gone(top, self.tree.paths.item(top), doing);
                    }
                }
                child => self.stack.push(child),
            }
        }
    }

    fn gone(&mut self, path: u32, item: u32, doing: &mut Doing<'_>) {
        let Meta { kind, size, .. } = self.tree.items[item as usize].meta;
        if kind == Kind::File {
            doing.layer.removed.files += 1;
            doing.layer.removed.bytes += size;
        }
        self.drop_link(path, item, How::Removed, doing);
        self.log.note(path, item, NONE);
        self.tree.paths.take(path);
    }

    /// One name of an item goes; with the last one its bytes are hidden.
    fn drop_link(&mut self, path: u32, item: u32, how: How, doing: &Doing<'_>) {
        let item = &mut self.tree.items[item as usize];
        item.links = item.links.saturating_sub(1);
        if item.links == 0 && item.meta.kind == Kind::File {
            let bytes = item.meta.size;
            self.seen -= bytes;
            item.hidden = self.hidden.len() as u32;
            self.hidden.push(Hidden { put_by: item.layer as usize, hidden_by: doing.index, how, bytes, node: path });
        }
    }

    /// The folder that a path of the tar names, made where it is not there. A symbolic link to a folder is followed, as
    /// engines do when they unpack; anything else in the way gives way.
    fn make_folder(&mut self, named: u32, doing: &mut Doing<'_>) -> Result<u32, ReadError> {
        let mut way = vec![];
        let mut at = named;
        while at != ROOT {
            way.push(at);
            at = self.tree.paths.parent(at);
        }
        let mut folder = ROOT;
        for named in way.into_iter().rev() {
            let node = if self.tree.paths.parent(named) == folder {
                named
            } else {
                let name = self.tree.paths.name(named).to_vec();
                self.tree.paths.child(folder, &name)?
            };
            folder = match self.tree.kind(node) {
                Some(Kind::Dir) => node,
                Some(Kind::Symlink) if let Some(found) = self.link_to_folder(folder, node) => found,
                _ => {
                    let meta = Meta {
                        size: 0,
                        mtime: 0,
                        mode: 0o755,
                        uid: 0,
                        gid: 0,
                        extra: NONE,
                        content: NONE,
                        digest: NONE,
                        kind: Kind::Dir,
                        secret: None,
                        seen: 0,
                    };
                    let item = self.push(meta, NONE, doing.index)?;
                    self.replace(node, item, meta, doing);
                    node
                }
            };
        }
        Ok(folder)
    }

    /// The folder that a path of the tar names, where it is there.
    fn existing(&self, named: u32) -> Option<u32> {
        if named == ROOT {
            return Some(ROOT);
        }
        let folder = self.existing(self.tree.paths.parent(named))?;
        let node = self.moved(named, folder)?;
        match self.tree.kind(node)? {
            Kind::Dir => Some(node),
            Kind::Symlink => self.link_to_folder(folder, node),
            _ => None,
        }
    }

    /// The node for a path of the tar once its folder has turned out to be that one.
    fn moved(&self, named: u32, folder: u32) -> Option<u32> {
        if self.tree.paths.parent(named) == folder {
            return Some(named);
        }
        self.tree.paths.find(folder, self.tree.paths.name(named))
    }

    fn link_to_folder(&self, folder: u32, node: u32) -> Option<u32> {
        let found = self.tree.resolve(folder, self.tree.paths.name(node), &self.walks)?;
        (self.tree.kind(found) == Some(Kind::Dir)).then_some(found)
    }
}

/// What became of a file: the same length at the same time of change is the same file, as only a look at every byte could
/// tell otherwise; then the header shows what was done to it.
pub(super) fn how(before: &Meta, after: &Meta) -> How {
    if before.kind != after.kind || before.size != after.size || before.mtime != after.mtime {
        How::Replaced
    } else if (before.uid, before.gid) != (after.uid, after.gid) {
        How::Owner
    } else if before.mode != after.mode {
        How::Mode
    } else {
        How::Again
    }
}

/// Sums hidden copies up by layer pair, biggest first.
pub(super) fn waste(hidden: &[Hidden], tree: &Tree) -> Vec<Waste> {
    let mut pairs: BTreeMap<(usize, usize, How), (Tally, Vec<&Hidden>)> = BTreeMap::new();
    for one in hidden {
        let (tally, biggest) = pairs.entry((one.put_by, one.hidden_by, one.how)).or_default();
        tally.files += 1;
        tally.bytes += one.bytes;
        let at = biggest.partition_point(|other| other.bytes >= one.bytes);
        if at < EXAMPLES {
            biggest.truncate(EXAMPLES - 1);
            biggest.insert(at, one);
        }
    }
    let mut waste: Vec<Waste> = pairs
        .into_iter()
        .map(|((put_by, hidden_by, how), (tally, biggest))| Waste {
            put_by,
            hidden_by,
            how,
            tally,
            examples: biggest.iter().map(|one| tree.paths.path(one.node)).collect(),
        })
        .collect();
    waste.sort_by_key(|w| std::cmp::Reverse(w.tally.bytes));
    waste
}
