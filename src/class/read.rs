//! A bundle, read: every byte is somebody else's.
//!
//! Three things make that safe. The archive's own names decide nothing: each entry must be the next that the manifest, which
//! comes first and is judged whole, has announced. What is unpacked is counted while it comes, so that a bomb ends at its
//! bound. And nothing is written but into a folder that the caller made for it, into files that were not there.

use super::{
    Hashing,
    manifest::{Broken, EVENTS, Limits, MANIFEST, Manifest, WORK, Work},
    sha256,
};
use crate::progress::{self, Event};
use flate2::read::GzDecoder;
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, BufReader, Read, Write},
    path::{Path, PathBuf},
};

/// Why a bundle is not taken. Its text is `class.refusal.NAME` with `what`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, thiserror::Error)]
#[error("{name}: {what}")]
pub struct Refusal {
    /// `unreadable`, `not-a-bundle`, `newer`, `damaged`, `too-big`, `unlisted`, `missing`, `wrong-hash`, `events-hash`, or
    /// `rule-RULE` of [`super::manifest::Broken`].
    pub name: String,
    /// What shows it: a path, a number, the system's words. Not yet cleaned for a terminal.
    pub what: String,
}

fn refuse(name: &str, what: impl ToString) -> Refusal {
    Refusal { name: name.to_owned(), what: what.to_string().chars().take(300).collect() }
}

impl From<Broken> for Refusal {
    fn from(broken: Broken) -> Self {
        refuse(&format!("rule-{}", broken.rule), broken.what)
    }
}

/// A bundle that keeps all rules.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Where it lies.
    pub path: PathBuf,
    /// SHA-256 of its file.
    pub id: String,
    /// What it holds.
    pub manifest: Manifest,
    /// The learner's history; why it cannot be read, where it cannot.
    pub events: Result<Vec<Event>, String>,
}

/// Reads a bundle to its end and believes none of it: hashes, sizes and names are compared, nothing is written.
pub fn open(path: &Path, limits: &Limits) -> Result<Opened, Refusal> {
    scan(path, limits, |_, _| Ok(None))
}

/// Writes the sources of one exercise into `to`, which must be a new folder of ours. The bundle must still be the one that
/// was opened.
pub fn unpack(opened: &Opened, exercise: &str, to: &Path, limits: &Limits) -> Result<(), Refusal> {
    let again = scan(&opened.path, limits, |work, path| {
        if work.exercise != exercise {
            return Ok(None);
        }
        let source = work.files.iter().find(|f| f.path == path);
        create(&to.join(path), source.is_some_and(|f| f.executable)).map(Some)
    })?;
    if again.manifest != opened.manifest {
        return Err(refuse("damaged", "changed"));
    }
    let io = |e: io::Error| refuse("unreadable", e);
    let Some(work) = again.manifest.exercises.iter().find(|w| w.exercise == exercise) else { return Ok(()) };
    for folder in &work.empty {
        fs::create_dir_all(to.join(folder)).map_err(io)?;
    }
    // Last: while files were written there was no link to follow.
    for link in &work.links {
        let place = to.join(&link.path);
        fs::create_dir_all(place.parent().unwrap_or(to)).map_err(io)?;
        symlink(&link.target, &place).map_err(io)?;
    }
    Ok(())
}

#[cfg(unix)]
fn symlink(target: &str, place: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, place)
}

#[cfg(not(unix))]
fn symlink(_: &str, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn create(path: &Path, executable: bool) -> io::Result<File> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // As `start` writes them: the mode goes into the image and so into the build cache's key.
        options.mode(if executable { 0o755 } else { 0o644 });
    }
    #[cfg(not(unix))]
    let _ = executable;
    options.open(path)
}

fn scan(
    path: &Path,
    limits: &Limits,
    mut place: impl FnMut(&Work, &str) -> io::Result<Option<File>>,
) -> Result<Opened, Refusal> {
    // A pipe of that name would be waited for without end.
    let meta = fs::symlink_metadata(path).map_err(|e| refuse("unreadable", e))?;
    if !meta.is_file() {
        return Err(refuse("not-a-bundle", "no regular file"));
    }
    if meta.len() > limits.file {
        return Err(refuse("too-big", meta.len()));
    }
    let file = File::open(path).map_err(|e| refuse("unreadable", e))?.take(limits.file);
    let mut raw = Hashing::new(BufReader::with_capacity(1 << 17, file));
    // All that may come out of it: sources, and for each a header and what fills its last block.
    let most = limits.sources + limits.manifest + limits.events + limits.count as u64 * 1536 + (1 << 20);
    let unpacked = GzDecoder::new(&mut raw).take(most);
    let mut archive = tar::Archive::new(unpacked);
    let (manifest, events) = contents(&mut archive, limits, &mut place)?;
    // To its end, where gzip's own checksum stands: an archive ends before that, and damage would pass.
    let mut rest = archive.into_inner();
    io::copy(&mut rest, &mut io::sink()).map_err(|e| refuse("damaged", e))?;
    if rest.limit() == 0 {
        return Err(refuse("too-big", most));
    }
    // What follows counts for the file's hash and for nothing else.
    io::copy(&mut raw, &mut io::sink()).map_err(|e| refuse("unreadable", e))?;
    Ok(Opened { path: path.to_owned(), id: raw.end().1, manifest, events })
}

fn contents(
    archive: &mut tar::Archive<impl Read>,
    limits: &Limits,
    place: &mut impl FnMut(&Work, &str) -> io::Result<Option<File>>,
) -> Result<(Manifest, Result<Vec<Event>, String>), Refusal> {
    let damaged = |e: io::Error| refuse("damaged", e);
    // Raw: entries as they stand, with none of the extensions that could give one another name, size or place.
    let mut entries = archive.entries().map_err(damaged)?.raw(true);
    let mut next = || match entries.next() {
        None => Ok(None),
        Some(Err(error)) => Err(damaged(error)),
        Some(Ok(entry)) if entry.header().entry_type() != tar::EntryType::Regular => {
            Err(refuse("unlisted", String::from_utf8_lossy(&entry.path_bytes())))
        }
        Some(Ok(entry)) => Ok(Some(entry)),
    };
    let mut small = |name: &str, most: u64| -> Result<Vec<u8>, Refusal> {
        let not_ours = || refuse("not-a-bundle", name);
        let mut entry = next()
            .map_err(|e| if name == MANIFEST { refuse("not-a-bundle", e.what) } else { e })?
            .ok_or_else(not_ours)?;
        if *entry.path_bytes() != *name.as_bytes() {
            return Err(not_ours());
        }
        let size = entry.header().entry_size().map_err(damaged)?;
        if size > most {
            return Err(refuse("too-big", format!("{name}: {size}")));
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(damaged)?;
        if bytes.len() as u64 != size { Err(refuse("damaged", name)) } else { Ok(bytes) }
    };
    let manifest = parse(&small(MANIFEST, limits.manifest)?)?;
    manifest.check(limits)?;
    let events = small(EVENTS, limits.events)?;
    if events.len() as u64 != manifest.events.bytes || sha256(&events) != manifest.events.sha256 {
        return Err(refuse("events-hash", EVENTS));
    }
    let mut wanted: BTreeMap<String, (&Work, usize)> = BTreeMap::new();
    for work in &manifest.exercises {
        for (nth, file) in work.files.iter().enumerate() {
            wanted.insert(format!("{WORK}/{}/{}", work.exercise, file.path), (work, nth));
        }
    }
    while let Some(mut entry) = next()? {
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        // Taken out, so that a second of the same name is unlisted too.
        let Some((work, nth)) = wanted.remove(&name) else { return Err(refuse("unlisted", name)) };
        let source = &work.files[nth];
        if entry.header().entry_size().map_err(damaged)? != source.bytes {
            return Err(refuse("wrong-hash", name));
        }
        let mut to = place(work, &source.path).map_err(|e| refuse("unreadable", e))?;
        let mut read = Hashing::new(&mut entry);
        match &mut to {
            Some(file) => io::copy(&mut read, file).and_then(|_| file.flush()).map_err(damaged)?,
            None => {
                io::copy(&mut read, &mut io::sink()).map_err(damaged)?;
            }
        };
        let (bytes, sha256) = read.end();
        if bytes != source.bytes {
            return Err(refuse("damaged", name));
        }
        if sha256 != source.sha256 {
            return Err(refuse("wrong-hash", name));
        }
    }
    if let Some(name) = wanted.keys().next() {
        return Err(refuse("missing", name));
    }
    // Read only now, and never a reason to refuse the sources: they are what is judged.
    let events = progress::read_export(&events[..]).map_err(|e| e.to_string());
    Ok((manifest, events))
}

fn parse(bytes: &[u8]) -> Result<Manifest, Refusal> {
    #[derive(serde::Deserialize)]
    struct Head {
        format: u32,
    }
    let not_ours = |e: serde_json::Error| refuse("not-a-bundle", e);
    let head: Head = serde_json::from_slice(bytes).map_err(not_ours)?;
    if head.format != super::manifest::FORMAT {
        return Err(refuse("newer", head.format));
    }
    serde_json::from_slice(bytes).map_err(not_ours)
}
