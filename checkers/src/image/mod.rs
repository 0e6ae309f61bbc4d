//! An image as bytes: its layers, its merged tree, what is wasted, and which layer put each byte there.
//!
//! The daemon's own size depends on its storage driver; what is read here from the exported layers is the same on all.
//! [`read`] takes the stream of `docker save` (either layout) in one pass, unpacks nothing to disk, and holds no layer in
//! memory: a blob that looks like a layer is read as it comes by, before the manifest that names it is known.
//!
//! What there is to see:
//!
//! - [`Image::layers`]: bytes, files added, changed and removed, and how much of it was [`Layer::wasted`].
//! - [`Image::entries`], [`Image::get`]: the finished merged tree; [`Entry`] has the layer that each path comes from.
//! - [`Image::at`]: the tree after any layer as a [`Snapshot`], with what that layer did to each path and sums over every
//!   folder: what a replay steps through. Take one a step and keep it while it is shown.
//! - [`Image::changes`]: what a layer did; [`Image::story`]: what all layers did to a path. [`Image::hidden_at`]: the bytes
//!   wasted at a path; [`Image::fate`]: which layer hides a file, and how.
//! - [`Image::source`] with [`read_file`]: a file's bytes, of any layer, by a second pass over the archive.
//!
//! Paths are numbers ([`PathId`]) of four bytes; a name becomes text only when it is asked for, cleaned of all that would
//! steer a terminal. 200,000 paths take some 40 MB with everything, a snapshot 15 MB more.
//!
//! Digests are not verified: hashing would halve the speed, and who hands us a false layer under a true name could as well
//! hand us a false manifest. What an archive says is therefore never trusted, only bounded ([`Limits`]).

mod archive;
mod changes;
mod content;
mod executable;
mod layer;
mod leftovers;
mod manifest;
mod merge;
mod needles;
mod paths;
mod secrets;
mod snapshot;
mod stream;
pub(crate) mod tar;
mod tree;

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod snapshot_tests;
#[cfg(test)]
mod tests;

pub use crate::verdict::Sizes;
pub use changes::{Change, What};
pub use content::{Content, Source, read_file};
pub use executable::Executable;
pub use leftovers::{Left, Leftover};
pub use manifest::{Config, Health, HistoryRow};
pub use secrets::SecretKind;
pub(crate) use secrets::in_text as values_in;
pub use snapshot::{Below, Snapshot};
pub use stream::{read_file_stream, read_stream};
pub use tree::{Entry, Kind, PathId};

use serde::{Deserialize, Serialize};
use std::{
    io::{self, BufRead, BufReader, Read},
    sync::OnceLock,
};

/// What to read of an archive, and how much of it to put up with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Diff ids of the base image, bottom first, for [`Sizes::added`]; none for `scratch`.
    pub base_diff_ids: Vec<String>,
    /// Which image of an archive that holds several, by one of its tags; the first one without it.
    pub reference: Option<String>,
    /// The platform to take of a multi-platform image (`amd64`); the first one that is no attestation without it.
    pub arch: Option<String>,
    /// Files whose content to keep (paths without a leading slash), each up to [`Limits::content`] bytes.
    pub wanted: Vec<String>,
    /// Values to look for in every byte of every layer and in the config, at most sixteen; see [`Image::sightings`].
    pub secrets: Vec<Vec<u8>>,
    /// Digest the content of every file, so that two images can be held against each other. Every byte is then hashed once
    /// more, which a reading without it saves.
    pub digests: bool,
    /// Bounds.
    pub limits: Limits,
}

impl Default for Options {
    /// The account files are wanted: they turn the name in USER into a uid.
    fn default() -> Self {
        Self {
            base_diff_ids: vec![],
            reference: None,
            arch: None,
            wanted: vec!["etc/passwd".to_owned(), "etc/group".to_owned()],
            secrets: vec![],
            digests: false,
            limits: Limits::default(),
        }
    }
}

/// What a hostile archive may cost. The defaults are ten times what the largest of the official images needs.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Tar entries over all layers.
    pub entries: usize,
    /// Bytes of all blobs, unpacked.
    pub bytes: u64,
    /// Bytes in one path; Linux allows 4,096.
    pub path: usize,
    /// Bytes of all distinct file names.
    pub names: usize,
    /// Bytes of all manifests and configs.
    pub json: usize,
    /// Bytes kept of one wanted file; the rest is cut off.
    pub content: usize,
    /// Bytes kept of a lock file of npm's; a longer one tells nothing.
    pub lock: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 2_000_000,
            bytes: 64 << 30,
            path: 4096,
            names: 256 << 20,
            json: 16 << 20,
            content: 256 << 10,
            lock: 4 << 20,
        }
    }
}

/// Why an archive could not be read. Never the learner's doing.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The stream broke.
    #[error("reading the image: {0}")]
    Io(#[source] io::Error),
    /// It ended in the middle.
    #[error("the image's archive ends in the middle")]
    Truncated,
    /// It is beyond a bound.
    #[error("the image's archive has more than {limit} {what}")]
    Limit {
        /// Of what.
        what: &'static str,
        /// The bound.
        limit: u64,
    },
    /// It is no archive of an image, or a damaged one.
    #[error("the image's archive is damaged: {0}")]
    Malformed(String),
    /// The manifest names a blob which is not in the archive (a platform that was not pulled).
    #[error("the image's archive lacks {0}")]
    Missing(String),
    /// A file whose bytes were asked for is stored with its holes left out, as no engine writes it.
    #[error("the file is stored with its holes left out, which is not read here")]
    Sparse,
    /// It holds no image of that name or platform.
    #[error("the archive holds no image {wanted}; it holds {}", if .found.is_empty() { "none".to_owned() } else { .found.join(", ") })]
    NoSuchImage {
        /// What was asked for.
        wanted: String,
        /// What there is.
        found: Vec<String>,
    },
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            _ => Self::Io(error),
        }
    }
}

/// An image, read.
#[derive(Debug)]
pub struct Image {
    /// What a container of it starts with.
    pub config: Config,
    /// Its layers, bottom first.
    pub layers: Vec<Layer>,
    /// The rows of `docker history`, oldest first, those without a layer too.
    pub history: Vec<HistoryRow>,
    /// How big it is.
    pub sizes: Sizes,
    /// How many layers at the bottom are the base's.
    pub base_layers: usize,
    /// Bytes that can never be seen, by the layer that put them there and the one that hid them; biggest first.
    pub waste: Vec<Waste>,
    /// Every copy of a file that a later layer hid or replaced, in the order in which that happened.
    pub hidden: Vec<Hidden>,
    /// Entries that no daemon would unpack (`..` in the path, a hard link to nothing) and that were left out.
    pub ignored: u64,
    /// Which of [`Options::secrets`] stand in the config: history, environment, labels.
    pub in_config: Vec<usize>,
    tree: tree::Tree,
    log: changes::Log,
    /// The layers' names in the archive.
    blobs: Vec<String>,
    index: OnceLock<snapshot::Index>,
}

/// One layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// The digest of its unpacked tar, as the config has it.
    pub diff_id: String,
    /// The instruction that made it, as the history has it; none where the history and the layers do not match up.
    pub created_by: Option<String>,
    /// Regular-file bytes in it.
    pub bytes: u64,
    /// It belongs to the base image.
    pub base: bool,
    /// Files at paths where there was no file.
    pub added: Tally,
    /// Files in the place of one of an earlier layer.
    pub changed: Tally,
    /// Files of earlier layers that it deleted.
    pub removed: Tally,
    /// Of its bytes, those that later layers hid.
    pub wasted: u64,
    /// Bytes that it hid, its own included where it holds a path twice.
    pub hid: u64,
}

/// Files and their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// How many.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
}

/// Bytes that one layer put into the image and another one hid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waste {
    /// Index of the layer that holds the bytes.
    pub put_by: usize,
    /// Index of the layer that hid them.
    pub hidden_by: usize,
    /// What it did.
    pub how: How,
    /// How much.
    pub tally: Tally,
    /// The biggest of the files, at most five.
    pub examples: Vec<String>,
}

impl Waste {
    /// Whether lines above the base are to blame: for bytes of their own that are hidden again, and for files of the base
    /// stored once more without need. What the base hides of itself, and what is deleted or replaced of it, is not.
    pub fn is_own(&self, base_layers: usize) -> bool {
        let copied = matches!(self.how, How::Owner | How::Mode | How::Again);
        self.put_by >= base_layers || (self.hidden_by >= base_layers && copied)
    }
}

/// What a later layer did to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Deleted it.
    Removed,
    /// Put other content in its place.
    Replaced,
    /// Stored the same file again under another owner: `chown`.
    Owner,
    /// Stored it again with another mode: `chmod`.
    Mode,
    /// Stored it again with nothing different that a header shows: a second COPY, `setcap`.
    Again,
}

/// Where a secret lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// Which of those that were asked for.
    pub secret: usize,
    /// Index of the layer.
    pub layer: usize,
    /// Without a leading slash.
    pub path: String,
    /// A later layer hides it; whoever has the image has it all the same.
    pub hidden: bool,
}

/// A copy of a file that cannot be seen any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hidden {
    /// Index of the layer that holds it.
    pub put_by: usize,
    /// Index of the layer that hid it.
    pub hidden_by: usize,
    /// What that one did.
    pub how: How,
    /// Its bytes.
    pub bytes: u64,
    node: u32,
}

impl Hidden {
    /// Where it stood.
    pub fn id(&self) -> PathId {
        PathId(self.node)
    }
}

impl Image {
    /// A path of the archive as a number; none for one that no layer ever named.
    pub fn id(&self, path: &str) -> Option<PathId> {
        let names = path.split('/').filter(|name| !matches!(*name, "" | "."));
        names.into_iter().try_fold(paths::ROOT, |at, name| self.tree.paths.find(at, name.as_bytes())).map(PathId)
    }

    /// The path of a number without a leading slash, safe to print.
    pub fn path(&self, id: PathId) -> String {
        self.tree.paths.path(id.0)
    }

    /// Its last name, safe to print; empty for the root.
    pub fn name(&self, id: PathId) -> String {
        paths::clean(self.tree.paths.name(id.0))
    }

    /// The folder that a path is in; the root is its own.
    pub fn parent(&self, id: PathId) -> PathId {
        if id == PathId::ROOT { id } else { PathId(self.tree.paths.parent(id.0)) }
    }

    /// Where a hidden copy stood, without a leading slash.
    pub fn path_of(&self, hidden: &Hidden) -> String {
        self.tree.paths.path(hidden.node)
    }

    /// Earlier copies of the file at this path, oldest first.
    pub fn earlier(&self, entry: &Entry<'_>) -> impl Iterator<Item = &Hidden> {
        self.hidden_at(entry.id())
    }

    /// What stands at a path of the merged tree (with or without a leading slash), links not followed.
    pub fn get(&self, path: &str) -> Option<Entry<'_>> {
        self.tree.get(path)
    }

    /// The same with symbolic links followed, as a process in the container would.
    pub fn follow(&self, path: &str) -> Option<Entry<'_>> {
        self.tree.follow(path)
    }

    /// The merged tree without its root, each folder before what is in it, names in byte order.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.tree.entries()
    }

    /// Every stored copy of a file that holds one of [`Options::secrets`] in its bytes, its path or its link's target.
    pub fn sightings(&self) -> Vec<Sighting> {
        let items = self.tree.items.iter().filter(|item| item.meta.seen != 0 && item.named != paths::NONE);
        items
            .flat_map(|item| {
                (0..16).filter(|bit| item.meta.seen & 1 << bit != 0).map(|secret| Sighting {
                    secret,
                    layer: item.layer as usize,
                    path: self.tree.paths.path(item.named),
                    hidden: item.links == 0,
                })
            })
            .collect()
    }

    /// Every stored copy of a file that is a secret by its name and its first bytes.
    pub fn secret_files(&self) -> Vec<(SecretKind, Sighting)> {
        let items = self.tree.items.iter().filter(|item| item.named != paths::NONE);
        let found = items.filter_map(|item| {
            let sighting = Sighting {
                secret: 0,
                layer: item.layer as usize,
                path: self.tree.paths.path(item.named),
                hidden: item.links == 0,
            };
            Some((item.meta.secret?, sighting))
        });
        found.collect()
    }

    /// The content of a wanted file as the merged tree has it.
    pub fn content(&self, path: &str) -> Option<&[u8]> {
        self.tree.content(path)
    }
}

/// Reads the archive that `docker save` writes.
pub fn read(archive: impl Read, options: &Options) -> Result<Image, ReadError> {
    read_buffered(&mut BufReader::with_capacity(256 << 10, archive), options)
}

/// The same from a source that has its own buffer, which saves a copy of every byte.
pub fn read_buffered(archive: &mut impl BufRead, options: &Options) -> Result<Image, ReadError> {
    archive::read(archive, options)
}
