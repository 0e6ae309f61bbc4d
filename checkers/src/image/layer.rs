//! One layer's tar as compact records. What they do to the tree below is decided once the manifest has told their order.

use super::{
    Limits, Options, ReadError,
    executable::{self, Executable},
    needles::{Needles, Seen},
    paths::{NONE, Paths},
    secrets::{self, SecretKind},
    tar::{Header, Tar},
    tree::Kind,
};
use sha2::{Digest as _, Sha256};
use std::{
    collections::HashMap,
    io::{self, BufRead, Read},
};

/// What a header says of a path, and its content where that was looked at; 48 bytes, of which an image holds one per file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meta {
    pub(super) size: u64,
    pub(super) mtime: i64,
    pub(super) mode: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// Of a symbolic link the index of its target, of a file that of its [`Executable`], or [`NONE`].
    pub(super) extra: u32,
    /// Of a file the index of its kept content, or [`NONE`].
    pub(super) content: u32,
    /// Of a file the index of its [`Digest`], where [`Options::digests`] asks for it, or [`NONE`].
    pub(super) digest: u32,
    pub(super) kind: Kind,
    /// What kind of secret its first bytes are.
    pub(super) secret: Option<SecretKind>,
    /// Which of the secrets that were asked for it holds.
    pub(super) seen: Seen,
}

/// What a file's content is: the first half of its SHA-256, which nobody meets twice by chance.
pub(super) type Digest = [u8; 16];

/// Where npm says of each installed package whether it is for development only.
const LOCK: &[u8] = b"node_modules/.package-lock.json";

#[derive(Debug, Clone, Copy)]
pub(super) enum Record {
    Put(Meta),
    /// Another name of the file at that path.
    HardLink(u32),
}

/// A layer, read but not applied.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) records: Vec<(u32, Record)>,
    pub(super) whiteouts: Vec<u32>,
    pub(super) opaque: Vec<u32>,
    pub(super) bytes: u64,
    pub(super) ignored: u64,
}

/// What all layers of an archive share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) paths: Paths,
    pub(super) targets: Vec<Box<[u8]>>,
    pub(super) executables: Vec<Executable>,
    executable_ids: HashMap<Executable, u32>,
    pub(super) contents: Vec<Box<[u8]>>,
    pub(super) digests: Vec<Digest>,
    pub(super) wanted: Vec<u32>,
    pub(super) needles: Needles,
    entries: usize,
    /// Bytes of link targets, loaders' names and kept files: what grows with an archive besides records and names.
    text_bytes: usize,
    scratch: Vec<u8>,
    /// The path of the file that is looked into, as its content borrows the tar.
    path: Vec<u8>,
}

impl Shared {
    pub(super) fn new(options: &Options) -> Result<Self, ReadError> {
        let mut paths = Paths::new(&options.limits);
        let mut wanted = vec![];
        for path in &options.wanted {
            wanted.extend(paths.intern(path.as_bytes())?);
        }
        Ok(Self {
            paths,
            wanted,
            needles: Needles::new(&options.secrets),
            targets: vec![],
            executables: vec![],
            executable_ids: HashMap::new(),
            contents: vec![],
            digests: vec![],
            entries: 0,
            text_bytes: 0,
            scratch: vec![],
            path: vec![],
        })
    }

    /// Reads one layer.
    pub(super) fn layer<R: BufRead>(&mut self, tar: &mut Tar<R>, options: &Options) -> Result<Parsed, ReadError> {
        let limits = &options.limits;
        let mut layer = Parsed::default();
        while let Some(header) = tar.next()? {
            self.entries += 1;
            if self.entries > limits.entries {
                return Err(ReadError::Limit { what: "files", limit: limits.entries as u64 });
            }
            let kind = match header.kind {
                b'0' | 0 | b'7' | b'S' if tar.path().ends_with(b"/") => Kind::Dir,
                b'0' | 0 | b'7' | b'S' => Kind::File,
                b'5' => Kind::Dir,
                b'2' => Kind::Symlink,
                b'1' => Kind::File,
                b'3' | b'4' | b'6' => Kind::Other,
                _ => {
                    layer.ignored += 1;
                    continue;
                }
            };
            let path = tar.path();
            let path = path.strip_suffix(b"/").unwrap_or(path);
            let cut = path.iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
            if let Some(hidden) = path[cut..].strip_prefix(b".wh.") {
                let opaque = hidden == b".wh..opq";
                // Other names in `.wh..wh.` are AUFS's own bookkeeping, and `.wh.` alone hides nothing.
                if !opaque && (hidden.starts_with(b".wh.") || matches!(hidden, b"" | b"." | b"..")) {
                    layer.ignored += 1;
                    continue;
                }
                let Some(folder) = self.paths.intern(&path[..cut])? else {
                    layer.ignored += 1;
                    continue;
                };
                if opaque {
                    layer.opaque.push(folder);
                } else {
                    let hidden = self.paths.child(folder, hidden)?;
                    layer.whiteouts.push(hidden);
                }
                continue;
            }
            let Some(id) = self.paths.intern(path)? else {
                layer.ignored += 1;
                continue;
            };
            if header.kind == b'1' {
                match self.paths.intern(tar.link())? {
                    Some(target) => layer.records.push((id, Record::HardLink(target))),
                    None => layer.ignored += 1,
                }
                continue;
            }
            let mut meta = Meta {
                size: if kind == Kind::File { header.size } else { 0 },
                mtime: header.mtime,
                mode: header.mode,
                uid: header.uid,
                gid: header.gid,
                extra: NONE,
                content: NONE,
                digest: NONE,
                kind,
                secret: None,
                seen: 0,
            };
            if !self.needles.is_empty() {
                meta.seen = self.needles.in_bytes(tar.path()) | self.needles.in_bytes(tar.link());
            }
            match kind {
                Kind::Symlink => {
                    self.text_bytes(tar.link().len(), limits)?;
                    meta.extra = self.targets.len() as u32;
                    self.targets.push(tar.link().into());
                }
                Kind::File if !header.sparse && header.size > 0 => {
                    self.look_into(id, tar, &header, &mut meta, options)?
                }
                _ => {}
            }
            layer.bytes = layer.bytes.saturating_add(meta.size);
            layer.records.push((id, Record::Put(meta)));
        }
        layer.records.shrink_to_fit();
        Ok(layer)
    }

    /// Reads as much of a file as anybody wants to know of it.
    fn look_into<R: BufRead>(
        &mut self,
        id: u32,
        tar: &mut Tar<R>,
        header: &Header,
        meta: &mut Meta,
        options: &Options,
    ) -> Result<(), ReadError> {
        let mut path = std::mem::take(&mut self.path);
        path.clear();
        path.extend_from_slice(tar.path());
        let file = (id, path.as_slice(), header);
        let looked = if options.digests {
            let mut content = Digesting { inner: tar.content(), hasher: Sha256::new() };
            self.look(file, &mut content, meta, &options.limits).and_then(|()| {
                meta.digest = self.digests.len() as u32;
                self.digests.push(content.finish()?);
                Ok(())
            })
        } else {
            self.look(file, &mut tar.content(), meta, &options.limits)
        };
        self.path = path;
        looked
    }

    fn look(
        &mut self,
        (id, path, header): (u32, &[u8], &Header),
        content: &mut impl BufRead,
        meta: &mut Meta,
        limits: &Limits,
    ) -> Result<(), ReadError> {
        let executable = header.mode & 0o111 != 0 && header.size > 3;
        let keep = if self.wanted.contains(&id) {
            limits.content
        } else if path.ends_with(LOCK) {
            limits.lock
        } else {
            0
        };
        let secret = header.size <= secrets::LONGEST && secrets::may_hold(path);
        if keep == 0 && !secret && self.needles.is_empty() {
            if executable
                && let Some(found) = executable::head(content, header.size, &mut self.scratch, executable::sniff)?
            {
                meta.extra = self.executable(found, limits)?;
            }
            return Ok(());
        }
        let head = [keep, if secret { secrets::HEAD } else { 0 }, if executable { executable::HEAD } else { 0 }];
        let head = head.into_iter().max().unwrap_or(0);
        let bytes = if self.needles.is_empty() {
            let mut bytes = vec![];
            content.take(head as u64).read_to_end(&mut bytes)?;
            bytes
        } else {
            let (seen, bytes) = self.needles.in_stream(content, head)?;
            meta.seen |= seen;
            bytes
        };
        if executable && let Some(found) = executable::sniff(&bytes[..bytes.len().min(executable::HEAD)]) {
            meta.extra = self.executable(found, limits)?;
        }
        if secret {
            meta.secret = secrets::sniff(path, &bytes);
        }
        if keep > 0 {
            let kept = &bytes[..bytes.len().min(keep)];
            self.text_bytes(kept.len(), limits)?;
            meta.content = self.contents.len() as u32;
            self.contents.push(kept.into());
        }
        Ok(())
    }

    fn text_bytes(&mut self, more: usize, limits: &Limits) -> Result<(), ReadError> {
        self.text_bytes += more;
        if self.text_bytes > limits.names {
            return Err(ReadError::Limit { what: "bytes of link targets and kept files", limit: limits.names as u64 });
        }
        Ok(())
    }

    fn executable(&mut self, found: Executable, limits: &Limits) -> Result<u32, ReadError> {
        if let Some(id) = self.executable_ids.get(&found) {
            return Ok(*id);
        }
        if let Executable::Elf { loader: Some(name), .. } | Executable::Script { interpreter: name } = &found {
            self.text_bytes(name.len() * 2, limits)?;
        }
        let id = self.executables.len() as u32;
        self.executables.push(found.clone());
        self.executable_ids.insert(found, id);
        Ok(id)
    }
}

/// A stream that is digested while somebody reads it.
struct Digesting<R> {
    inner: R,
    hasher: Sha256,
}

impl<R: BufRead> Digesting<R> {
    /// The digest of all of it, what nobody read included.
    fn finish(mut self) -> io::Result<Digest> {
        loop {
            let length = self.fill_buf()?.len();
            if length == 0 {
                break;
            }
            self.consume(length);
        }
        let whole = self.hasher.finalize();
        Ok(std::array::from_fn(|at| whole[at]))
    }
}

impl<R: BufRead> BufRead for Digesting<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, length: usize) {
        // What is buffered is at hand without reading, so that this cannot fail where there is something to consume.
        if let Ok(buffered) = self.inner.fill_buf() {
            self.hasher.update(&buffered[..length.min(buffered.len())]);
        }
        self.inner.consume(length);
    }
}

impl<R: BufRead> Read for Digesting<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(to)?;
        self.consume(length);
        Ok(length)
    }
}
