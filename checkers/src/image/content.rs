//! The bytes of one file, by a second pass over the archive.
//!
//! The first pass keeps no contents: it does not know which file somebody will open, and an image's files do not fit into
//! memory. The second one goes through the archive again up to the layer that holds the file, and reads no more of it than
//! is asked for; nothing is unpacked to disk.

use super::{
    Entry, Image, Kind, Limits, ReadError,
    archive::{self, plain_name},
    paths::{NONE, clean},
    tar::Tar,
};
use std::io::{BufRead, BufReader, Read};

/// Where the bytes of a file stand in its archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The layer's blob.
    blob: String,
    /// The path in the layer's tar.
    path: Vec<u8>,
    /// How long the file is, in bytes.
    pub size: u64,
}

/// A file's bytes, from its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// As many as were asked for, or all.
    pub bytes: Vec<u8>,
    /// How long the file is, in bytes.
    pub size: u64,
}

impl Content {
    /// The file is longer than what was asked for.
    pub fn is_cut(&self) -> bool {
        self.size > self.bytes.len() as u64
    }
}

impl Image {
    /// Where to read a file's bytes; none for what is no regular file. The entry may be one of any layer
    /// ([`super::Snapshot::entry`], [`Image::story`]): what is hidden in the finished image is still in its archive.
    pub fn source(&self, entry: &Entry<'_>) -> Option<Source> {
        let named = entry.named();
        let blob = self.blobs.get(entry.layer())?;
        (entry.kind() == Kind::File && named != NONE).then(|| Source {
            blob: blob.clone(),
            path: self.tree.paths.raw(named),
            size: entry.size(),
        })
    }
}

/// Reads the first bytes of a file, at most `most` of them, out of the archive that [`super::read`] read.
pub fn read_file(archive: impl Read, source: &Source, most: usize, limits: &Limits) -> Result<Content, ReadError> {
    read_file_buffered(&mut BufReader::with_capacity(256 << 10, archive), source, most, limits)
}

pub(super) fn read_file_buffered(
    archive: &mut impl BufRead,
    source: &Source,
    most: usize,
    limits: &Limits,
) -> Result<Content, ReadError> {
    let mut whole = archive::unpacked(archive)?;
    let mut outer = Tar::new(&mut whole, limits.bytes.saturating_mul(2), limits.path, true);
    while let Some(header) = outer.next()? {
        if matches!(header.kind, b'0' | 0) && plain_name("", outer.path()).as_ref() == Some(&source.blob) {
            let mut content = outer.content();
            let mut layer = archive::unpacked(&mut content)?;
            return from_layer(&mut Tar::new(&mut layer, limits.bytes, limits.path, false), source, most);
        }
    }
    Err(ReadError::Missing(clean(source.blob.as_bytes())))
}

fn from_layer<R: BufRead>(tar: &mut Tar<R>, source: &Source, most: usize) -> Result<Content, ReadError> {
    let mut found = None;
    while let Some(header) = tar.next()? {
        if !matches!(header.kind, b'0' | 0 | b'7' | b'S') || !same(tar.path(), &source.path) {
            continue;
        }
        if header.sparse {
            return Err(ReadError::Sparse);
        }
        let mut bytes = vec![];
        tar.content().take(most as u64).read_to_end(&mut bytes)?;
        // A tar may hold a path twice; the last one counts, and honest layers have but one.
        found = Some(Content { bytes, size: header.size });
    }
    found.filter(|found| found.size == source.size).ok_or_else(|| ReadError::Missing(clean(&source.path)))
}

/// Whether a path of a tar is that one, which has no `.` and no doubled slashes.
fn same(named: &[u8], path: &[u8]) -> bool {
    let plain = |path: &[u8]| -> bool { !path.starts_with(b"/") && !path.starts_with(b"./") };
    if plain(named) && named.len() == path.len() {
        return named == path;
    }
    named
        .split(|b| *b == b'/')
        .filter(|name| !matches!(*name, b"" | b"."))
        .eq(path.split(|b| *b == b'/').filter(|name| !name.is_empty()))
}
