//! Every path of an archive once, as a number: a tree of names in one arena.
//!
//! Layers repeat each other's paths, and one of 100,000 files holds few distinct folders. A map of whole path strings a
//! layer would cost several times the kilobyte a path that an image may cost, and removing a folder would mean a scan.

use super::{Limits, ReadError};
use hashbrown::HashTable;
use std::hash::{BuildHasher, RandomState};

/// No node, no item.
pub(super) const NONE: u32 = u32::MAX;
/// The root folder.
pub(super) const ROOT: u32 = 0;

#[derive(Debug, Clone, Copy)]
struct Node {
    parent: u32,
    name: u32,
    length: u16,
    /// What stands at this path in the merged tree, [`NONE`] for nothing.
    item: u32,
    /// Children that stand in the merged tree, as a ring-free double list: a child leaves it in one step, so that what a
    /// hostile layer removes and puts back costs no more than its entries.
    child: u32,
    next: u32,
    previous: u32,
}

#[derive(Debug)]
pub(super) struct Paths {
    nodes: Vec<Node>,
    names: Vec<u8>,
    /// Random keys: a hostile archive may not choose names that collide.
    hasher: RandomState,
    table: HashTable<u32>,
    /// The folder of the path interned last: in a tar the next one is mostly beside it.
    last: (Vec<u8>, u32),
    cap: usize,
    names_cap: usize,
}

impl Paths {
    pub(super) fn new(limits: &Limits) -> Self {
        let root = Node { parent: NONE, name: 0, length: 0, item: NONE, child: NONE, next: NONE, previous: NONE };
        Self {
            nodes: vec![root],
            names: vec![],
            hasher: RandomState::new(),
            table: HashTable::new(),
            last: (vec![], ROOT),
            cap: limits.entries.saturating_mul(2).min(NONE as usize),
            names_cap: limits.names.min(NONE as usize),
        }
    }

    /// The number of a path, made where it is new. `None` for one with `..` in it: no layer of an honest image has any.
    pub(super) fn intern(&mut self, path: &[u8]) -> Result<Option<u32>, ReadError> {
        let cut = path.iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
        let (folder, name) = path.split_at(cut);
        let parent = if !folder.is_empty() && folder == self.last.0 {
            self.last.1
        } else {
            let Some(parent) = self.walk(ROOT, folder)? else { return Ok(None) };
            self.last.0.clear();
            self.last.0.extend_from_slice(folder);
            self.last.1 = parent;
            parent
        };
        self.walk(parent, name)
    }

    fn walk(&mut self, from: u32, path: &[u8]) -> Result<Option<u32>, ReadError> {
        let mut at = from;
        for name in path.split(|b| *b == b'/') {
            match name {
                b"" | b"." => {}
                b".." => return Ok(None),
                name => at = self.child(at, name)?,
            }
        }
        Ok(Some(at))
    }

    /// The child of that name, made where it is new.
    pub(super) fn child(&mut self, parent: u32, name: &[u8]) -> Result<u32, ReadError> {
        if let Some(found) = self.find(parent, name) {
            return Ok(found);
        }
        if self.nodes.len() >= self.cap {
            return Err(ReadError::Limit { what: "paths", limit: self.cap as u64 });
        }
        if self.names.len() + name.len() > self.names_cap {
            return Err(ReadError::Limit { what: "bytes of file names", limit: self.names_cap as u64 });
        }
        let length = u16::try_from(name.len())
            .map_err(|_| ReadError::Limit { what: "bytes in one file name", limit: u64::from(u16::MAX) })?;
        let id = self.nodes.len() as u32;
        self.nodes.push(Node {
            parent,
            name: self.names.len() as u32,
            length,
            item: NONE,
            child: NONE,
            next: NONE,
            previous: NONE,
        });
        self.names.extend_from_slice(name);
        let Self { nodes, names, hasher, table, .. } = self;
        table.insert_unique(hasher.hash_one((parent, name)), id, |id| {
            let node = &nodes[*id as usize];
            hasher.hash_one((node.parent, name_of(names, node)))
        });
        Ok(id)
    }

    /// The child of that name, where the archive has ever had one.
    pub(super) fn find(&self, parent: u32, name: &[u8]) -> Option<u32> {
        self.table
            .find(self.hasher.hash_one((parent, name)), |id| {
                let node = &self.nodes[*id as usize];
                node.parent == parent && name_of(&self.names, node) == name
            })
            .copied()
    }

    /// How many paths the archive names, folders on the way and the root included: every number is lower.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn parent(&self, id: u32) -> u32 {
        self.nodes[id as usize].parent
    }

    pub(super) fn name(&self, id: u32) -> &[u8] {
        name_of(&self.names, &self.nodes[id as usize])
    }

    /// What stands there in the merged tree.
    pub(super) fn item(&self, id: u32) -> u32 {
        self.nodes[id as usize].item
    }

    /// Puts something there; the folder above must stand already.
    pub(super) fn put(&mut self, id: u32, item: u32) {
        let before = std::mem::replace(&mut self.nodes[id as usize].item, item);
        let parent = self.nodes[id as usize].parent;
        if before != NONE || parent == NONE {
            return;
        }
        let first = std::mem::replace(&mut self.nodes[parent as usize].child, id);
        self.nodes[id as usize].next = first;
        self.nodes[id as usize].previous = NONE;
        if first != NONE {
            self.nodes[first as usize].previous = id;
        }
    }

    /// Takes away what stands there; its children must be gone already.
    pub(super) fn take(&mut self, id: u32) {
        let Node { parent, next, previous, item, .. } = self.nodes[id as usize];
        if item == NONE {
            return;
        }
        self.nodes[id as usize].item = NONE;
        if next != NONE {
            self.nodes[next as usize].previous = previous;
        }
        if previous != NONE {
            self.nodes[previous as usize].next = next;
        } else if parent != NONE {
            self.nodes[parent as usize].child = next;
        }
    }

    /// The children that stand in the merged tree, in no order.
    pub(super) fn children(&self, id: u32) -> impl Iterator<Item = u32> + '_ {
        let mut at = self.nodes[id as usize].child;
        std::iter::from_fn(move || {
            let found = at;
            (found != NONE).then(|| {
                at = self.nodes[found as usize].next;
                found
            })
        })
    }

    /// The first of them.
    pub(super) fn first_child(&self, id: u32) -> u32 {
        self.nodes[id as usize].child
    }

    /// The whole path without a leading slash, as text safe for a terminal: what is not UTF-8, a control character or a
    /// direction mark becomes U+FFFD.
    pub(super) fn path(&self, id: u32) -> String {
        clean(&self.raw(id))
    }

    /// The same as it stands in the archive.
    pub(super) fn raw(&self, id: u32) -> Vec<u8> {
        let mut names = vec![];
        let mut at = id;
        while at != ROOT && at != NONE {
            names.push(self.name(at));
            at = self.parent(at);
        }
        names.reverse();
        names.join(&b'/')
    }
}

fn name_of<'a>(names: &'a [u8], node: &Node) -> &'a [u8] {
    &names[node.name as usize..node.name as usize + usize::from(node.length)]
}

/// Text from an archive made safe for a terminal.
pub(super) fn clean(text: &[u8]) -> String {
    String::from_utf8_lossy(text)
        .chars()
        .map(|c| match c {
            c if c.is_control() => char::REPLACEMENT_CHARACTER,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                char::REPLACEMENT_CHARACTER
            }
            c => c,
        })
        .collect()
}
