//! The merged tree: what a container sees, and which layer each path comes from.

use super::{
    executable::Executable,
    layer::{Digest, Meta, Shared},
    paths::{NONE, Paths, ROOT, clean},
};
use serde::{Deserialize, Serialize};
use std::cell::Cell;

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Dir,
    /// A symbolic link.
    Symlink,
    /// A device or a named pipe.
    Other,
}

/// An inode: hard links share one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) meta: Meta,
    pub(super) layer: u32,
    pub(super) links: u32,
    /// Index of the [`super::Hidden`] that it became, or [`NONE`].
    pub(super) hidden: u32,
    /// The path under which its layer's tar has it, which symbolic links may make another one; [`NONE`] for a folder that
    /// no tar names.
    pub(super) named: u32,
}

#[derive(Debug)]
pub(super) struct Tree {
    pub(super) paths: Paths,
    pub(super) items: Vec<Item>,
    pub(super) targets: Vec<Box<[u8]>>,
    pub(super) executables: Vec<Executable>,
    pub(super) contents: Vec<Box<[u8]>>,
    pub(super) digests: Vec<Digest>,
}

/// As many symbolic links as Linux follows in one path.
const MAX_LINKS: u32 = 40;

impl Tree {
    pub(super) fn new(shared: Shared) -> Self {
        let Shared { paths, targets, executables, contents, digests, .. } = shared;
        Self { paths, items: vec![], targets, executables, contents, digests }
    }

    fn at(&self, node: u32) -> Option<&Item> {
        match self.paths.item(node) {
            NONE => None,
            item => self.items.get(item as usize),
        }
    }

    pub(super) fn kind(&self, node: u32) -> Option<Kind> {
        if node == ROOT { Some(Kind::Dir) } else { self.at(node).map(|item| item.meta.kind) }
    }

    pub(super) fn get(&self, path: &str) -> Option<Entry<'_>> {
        let mut node = ROOT;
        for name in path.split('/').filter(|name| !matches!(*name, "" | ".")) {
            node = self.paths.find(node, name.as_bytes())?;
        }
        self.entry(node)
    }

    fn entry(&self, node: u32) -> Option<Entry<'_>> {
        self.at(node).map(|item| Entry { tree: self, node, item })
    }

    pub(super) fn follow(&self, path: &str) -> Option<Entry<'_>> {
        let node = self.resolve(ROOT, path.as_bytes(), &Cell::new(1 << 20))?;
        self.entry(node)
    }

    /// Where a path leads from a folder when every symbolic link on the way, the last included, is followed inside the
    /// image; none where it leads to nothing or round in a circle, or when the names that may be walked are used up.
    pub(super) fn resolve(&self, from: u32, path: &[u8], budget: &Cell<u32>) -> Option<u32> {
        let mut links = 0;
        // Names still to walk, the next one last; link targets go on top.
        let mut names: Vec<&[u8]> = path.split(|b| *b == b'/').rev().collect();
        let mut node = if path.first() == Some(&b'/') { ROOT } else { from };
        while let Some(name) = names.pop() {
            budget.set(budget.get().checked_sub(1)?);
            match name {
                b"" | b"." => {}
                b".." => node = if node == ROOT { ROOT } else { self.paths.parent(node) },
                name => {
                    if self.kind(node)? != Kind::Dir {
                        return None;
                    }
                    let below = self.paths.find(node, name)?;
                    let meta = &self.at(below)?.meta;
                    if meta.kind != Kind::Symlink {
                        node = below;
                        continue;
                    }
                    links += 1;
                    if links > MAX_LINKS {
                        return None;
                    }
                    let target = &self.targets[meta.extra as usize];
                    if target.first() == Some(&b'/') {
                        node = ROOT;
                    }
                    names.extend(target.split(|b| *b == b'/').rev());
                }
            }
        }
        Some(node)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let mut stack = self.sorted(ROOT);
        std::iter::from_fn(move || {
            let node = stack.pop()?;
            stack.extend(self.sorted(node));
            self.entry(node)
        })
    }

    /// Children in byte order of their names, the last first.
    fn sorted(&self, node: u32) -> Vec<u32> {
        let mut children: Vec<u32> = self.paths.children(node).collect();
        children.sort_unstable_by(|a, b| self.paths.name(*b).cmp(self.paths.name(*a)));
        children
    }

    pub(super) fn content(&self, path: &str) -> Option<&[u8]> {
        let entry = self.follow(path)?;
        self.contents.get(entry.item.meta.content as usize).map(AsRef::as_ref)
    }
}

/// A path and what stands there, or stood there after some layer.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    tree: &'a Tree,
    node: u32,
    item: &'a Item,
}

/// A path of an image, whether anything stands there or not: a number that holds for this one [`super::Image`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathId(pub(super) u32);

impl PathId {
    /// The root folder, of which there is no [`Entry`].
    pub const ROOT: Self = Self(ROOT);
}

impl<'a> Entry<'a> {
    pub(super) fn of(tree: &'a Tree, node: u32, item: u32) -> Self {
        Self { tree, node, item: &tree.items[item as usize] }
    }

    pub(super) fn hidden_index(&self) -> u32 {
        self.item.hidden
    }

    /// The name under which its layer's tar has it.
    pub(super) fn named(&self) -> u32 {
        self.item.named
    }

    /// Its path as a number.
    pub fn id(&self) -> PathId {
        PathId(self.node)
    }

    /// The last name of its path, safe to print.
    pub fn name(&self) -> String {
        clean(self.tree.paths.name(self.node))
    }

    /// The path without a leading slash, safe to print: what is not UTF-8 or would steer a terminal is U+FFFD.
    pub fn path(&self) -> String {
        self.tree.paths.path(self.node)
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.item.meta.kind
    }

    /// Bytes of a regular file, 0 of all else.
    pub fn size(&self) -> u64 {
        self.item.meta.size
    }

    /// Permission bits with setuid, setgid and sticky.
    pub fn mode(&self) -> u32 {
        self.item.meta.mode
    }

    /// Owner.
    pub fn uid(&self) -> u32 {
        self.item.meta.uid
    }

    /// Group.
    pub fn gid(&self) -> u32 {
        self.item.meta.gid
    }

    /// Seconds since 1970.
    pub fn mtime(&self) -> i64 {
        self.item.meta.mtime
    }

    /// Index of the layer that it comes from.
    pub fn layer(&self) -> usize {
        self.item.layer as usize
    }

    /// How many paths of the finished image share the file; 0 for one that is no longer seen.
    pub fn links(&self) -> u32 {
        self.item.links
    }

    /// What its content is, the same for the same content in any image; none where [`super::Options::digests`] did not ask
    /// for it, of what is no file, and of an empty or sparsely stored one.
    pub fn digest(&self) -> Option<[u8; 16]> {
        self.tree.digests.get(self.item.meta.digest as usize).copied()
    }

    /// Where a symbolic link points, as it is written, safe to print.
    pub fn target(&self) -> Option<String> {
        (self.kind() == Kind::Symlink)
            .then(|| self.tree.targets.get(self.item.meta.extra as usize))
            .flatten()
            .map(|target| clean(target))
    }

    /// What a file with an execute bit needs to start, where its first bytes say so.
    pub fn executable(&self) -> Option<&'a Executable> {
        (self.kind() == Kind::File).then(|| self.tree.executables.get(self.item.meta.extra as usize)).flatten()
    }
}

impl std::fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry")
            .field("path", &self.path())
            .field("kind", &self.kind())
            .field("size", &self.size())
            .finish()
    }
}
