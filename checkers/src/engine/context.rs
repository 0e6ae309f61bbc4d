//! The build context: the submission's files as a tar, as `docker build` would send them.
//!
//! BuildKit applies `.dockerignore` only to contexts that it fetches file by file, not to an uploaded tar, so it is applied
//! here. The tar has the context under `context/` and the Dockerfile beside it: with the Dockerfile inside, `COPY . .`
//! would copy it even where `.dockerignore` names it, and would copy our rewritten one. It is written to an unnamed file,
//! not to memory: half a gigabyte is allowed.

use super::{
    ContextError, clean,
    ignore::{Ignore, Matched},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Read, Seek, Write},
    path::Path,
    time::SystemTime,
};
use tokio_util::sync::CancellationToken;

/// Where the context stands in the tar.
pub(crate) const CONTEXT: &str = "context";
/// What the Dockerfile is called beside it.
pub(crate) const DOCKERFILE: &str = "Dockerfile";
/// A context of more entries than this is a mistake (a home folder), and would make the daemon slow for everybody.
const ENTRIES: u64 = 200_000;
/// Files up to this size are read at once, so that one that changes meanwhile is whole, as it was or as it is.
const AT_ONCE: u64 = 8 << 20;
/// How deep folders may nest.
const DEPTH: usize = 128;

/// A context that is ready to be sent.
#[derive(Debug)]
pub(crate) struct Context {
    /// The tar, rewound.
    pub(crate) tar: fs::File,
    /// Bytes of its files.
    pub(crate) bytes: u64,
    /// Sockets, pipes and devices that were left out, relative and cleaned.
    pub(crate) skipped: Vec<String>,
}

/// What goes into the tar.
pub(crate) struct Source<'a> {
    pub(crate) dir: &'a Path,
    pub(crate) dockerfile: &'a str,
    /// The Dockerfile's name in the folder: an ignore file of that name goes before the general one.
    pub(crate) name: &'a str,
    pub(crate) overlay: &'a BTreeMap<String, Vec<u8>>,
    pub(crate) limit: u64,
}

enum Kind {
    Dir,
    File(u64),
    Link(std::path::PathBuf),
    Overlay,
}

struct Entry {
    path: String,
    kind: Kind,
    mode: u32,
    mtime: u64,
}

/// What of the folder would be sent, as relative paths with slashes, sorted. Without a daemon: for `doctor` and for tests.
pub fn listing(dir: &Path) -> Result<Vec<String>, ContextError> {
    let never = CancellationToken::new();
    let mut walk = Walk::new(dir, DOCKERFILE, u64::MAX, &never)?;
    walk.folder("", &Matched::default(), 0)?;
    Ok(walk.entries.into_iter().map(|entry| entry.path).collect())
}

/// Whether a path (relative, with slashes) is left out by the patterns of an ignore file.
pub fn ignores(patterns: &str, path: &str) -> Result<bool, ContextError> {
    Ok(Ignore::parse(".dockerignore", patterns)?.ignores(path))
}

/// Says of a path whether it is left out of a context.
pub type LeftOut = Box<dyn Fn(&str) -> bool>;

/// What decides whether a source of COPY is left out of the context of `dir`; none where no ignore file is, or one that Docker
/// refuses, as the build itself will say.
///
/// A folder that is named counts as left out only when nothing in it is taken back by a later `!`: the build copies what is
/// left of it.
pub fn ignored_sources(dir: &Path, dockerfile: &str) -> Option<LeftOut> {
    let root = dir.canonicalize().ok()?;
    let own = read_ignore(&root, &format!("{dockerfile}.dockerignore")).ok()?;
    let ignore = match own {
        Some(ignore) => ignore,
        None => read_ignore(&root, ".dockerignore").ok()??,
    };
    let sent: BTreeSet<String> = if ignore.never_takes_back() {
        BTreeSet::new()
    } else {
        listing_with(&root, ignore.clone()).ok()?.into_iter().collect()
    };
    Some(Box::new(move |path: &str| ignore.ignores(path) && !sent.contains(path)))
}

fn listing_with(root: &Path, ignore: Ignore) -> Result<Vec<String>, ContextError> {
    let never = CancellationToken::new();
    let mut walk = Walk::new(root, DOCKERFILE, u64::MAX, &never)?;
    walk.ignore = ignore;
    walk.folder("", &Matched::default(), 0)?;
    Ok(walk.entries.into_iter().map(|entry| entry.path).collect())
}

/// What of a folder would be sent.
#[derive(Debug)]
pub(crate) struct Weight {
    pub(crate) bytes: u64,
    pub(crate) files: u64,
    /// Files and folders at its top that weigh most, with their bytes.
    pub(crate) biggest: Vec<(String, u64)>,
}

/// Weighs it. `dockerfile` is the name of the one to build, whose own ignore file goes before the folder's.
pub(crate) fn weigh(dir: &Path, dockerfile: &str) -> Result<Weight, ContextError> {
    let never = CancellationToken::new();
    let mut walk = Walk::new(dir, dockerfile, u64::MAX, &never)?;
    walk.folder("", &Matched::default(), 0)?;
    let files = walk.entries.iter().filter(|entry| matches!(entry.kind, Kind::File(_))).count();
    Ok(Weight { bytes: walk.bytes, files: files as u64, biggest: walk.biggest() })
}

/// Walks and packs; blocks. None when it was cancelled.
pub(crate) fn pack(source: &Source, cancel: &CancellationToken) -> Result<Option<Context>, ContextError> {
    let mut walk = Walk::new(source.dir, source.name, source.limit, cancel)?;
    walk.folder("", &Matched::default(), 0)?;
    walk.lay_over(source.overlay);
    if cancel.is_cancelled() {
        return Ok(None);
    }
    if walk.bytes > source.limit {
        return Err(walk.too_big());
    }
    let failed = |path: &str, error: io::Error| ContextError::Unreadable {
        path: clean::line(path),
        message: clean::line(&error.to_string()),
    };
    let file = tempfile::tempfile().map_err(|error| failed(&std::env::temp_dir().to_string_lossy(), error))?;
    let mut tar = tar::Builder::new(io::BufWriter::with_capacity(1 << 17, file));
    let put = |tar: &mut tar::Builder<_>| -> io::Result<()> {
        // Fixed times: the same Dockerfile must give the same tar, or BuildKit unpacks the context anew each time.
        let dir = header(tar::EntryType::Directory, 0o755, 0, 0);
        append(tar, dir, &format!("{CONTEXT}/"), io::empty())?;
        let text = source.dockerfile.as_bytes();
        append(tar, header(tar::EntryType::Regular, 0o644, 0, text.len() as u64), DOCKERFILE, text)
    };
    put(&mut tar).map_err(|error| failed(DOCKERFILE, error))?;
    for entry in &walk.entries {
        if cancel.is_cancelled() {
            return Ok(None);
        }
        let name = format!("{CONTEXT}/{}", entry.path);
        add(&mut tar, &walk.root, entry, &name, source.overlay).map_err(|error| failed(&entry.path, error))?;
    }
    let finish = |tar: tar::Builder<io::BufWriter<fs::File>>| -> io::Result<fs::File> {
        let mut file = tar.into_inner()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.flush()?;
        file.rewind()?;
        Ok(file)
    };
    let tar = finish(tar).map_err(|error| failed(DOCKERFILE, error))?;
    Ok(Some(Context { tar, bytes: walk.bytes, skipped: walk.skipped }))
}

fn header(kind: tar::EntryType, mode: u32, mtime: u64, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode & 0o7777);
    header.set_mtime(mtime);
    header.set_size(size);
    header.set_uid(0);
    header.set_gid(0);
    header
}

fn append(tar: &mut tar::Builder<impl Write>, mut header: tar::Header, path: &str, data: impl Read) -> io::Result<()> {
    tar.append_data(&mut header, path, data)
}

fn add(
    tar: &mut tar::Builder<impl Write>,
    root: &Path,
    entry: &Entry,
    name: &str,
    overlay: &BTreeMap<String, Vec<u8>>,
) -> io::Result<()> {
    let of = |kind, size| header(kind, entry.mode, entry.mtime, size);
    match &entry.kind {
        Kind::Dir => append(tar, of(tar::EntryType::Directory, 0), &format!("{name}/"), io::empty()),
        Kind::Link(target) => tar.append_link(&mut of(tar::EntryType::Symlink, 0), name, target),
        Kind::Overlay => {
            let content = overlay.get(&entry.path).map(Vec::as_slice).unwrap_or_default();
            append(tar, of(tar::EntryType::Regular, content.len() as u64), name, content)
        }
        Kind::File(size) => {
            let mut file = fs::File::open(root.join(&entry.path))?;
            if *size <= AT_ONCE {
                let mut content = Vec::with_capacity(*size as usize);
                (&mut file).take(AT_ONCE + 1).read_to_end(&mut content)?;
                append(tar, of(tar::EntryType::Regular, content.len() as u64), name, content.as_slice())
            } else {
                // The size stands before the content: one that shrinks meanwhile is filled up, one that grows is cut.
                let data = file.take(*size).chain(io::repeat(0)).take(*size);
                append(tar, of(tar::EntryType::Regular, *size), name, data)
            }
        }
    }
}

struct Walk<'a> {
    root: std::path::PathBuf,
    ignore: Ignore,
    entries: Vec<Entry>,
    bytes: u64,
    limit: u64,
    skipped: Vec<String>,
    cancel: &'a CancellationToken,
}

impl<'a> Walk<'a> {
    fn new(dir: &Path, dockerfile: &str, limit: u64, cancel: &'a CancellationToken) -> Result<Self, ContextError> {
        let root = dir.canonicalize().map_err(|error| unreadable(".", &error))?;
        // A file beside the Dockerfile with its name goes before the general one.
        let ignore = match read_ignore(&root, &format!("{dockerfile}.dockerignore"))? {
            Some(ignore) => ignore,
            None => read_ignore(&root, ".dockerignore")?.unwrap_or_default(),
        };
        Ok(Self { root, ignore, entries: Vec::new(), bytes: 0, limit, skipped: Vec::new(), cancel })
    }

    /// Adds what is in a folder; says whether anything was.
    fn folder(&mut self, folder: &str, above: &Matched, depth: usize) -> Result<bool, ContextError> {
        let failed = |error: io::Error| unreadable(if folder.is_empty() { "." } else { folder }, &error);
        if depth > DEPTH {
            return Err(failed(io::Error::other(format!("folders nest deeper than {DEPTH}"))));
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(self.root.join(folder)).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            names.push(name.into_string().map_err(|name| {
                let error = io::Error::new(io::ErrorKind::InvalidData, "its name is not UTF-8");
                unreadable(&format!("{folder}/{}", name.to_string_lossy()), &error)
            })?);
        }
        names.sort_unstable();
        let mut any = false;
        for name in names {
            if self.cancel.is_cancelled() {
                return Ok(any);
            }
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            any |= self.entry(path, above, depth)?;
        }
        Ok(any)
    }

    fn entry(&mut self, path: String, above: &Matched, depth: usize) -> Result<bool, ContextError> {
        let (ignored, matched) = self.ignore.matches(&path, above);
        if ignored && self.ignore.never_takes_back() {
            return Ok(false);
        }
        let full = self.root.join(&path);
        let meta = match fs::symlink_metadata(&full) {
            Ok(meta) => meta,
            // Removed since the folder was listed: an editor's temporary file.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(unreadable(&path, &error)),
        };
        if meta.is_dir() {
            // An ignored folder is still sent when something in it is not.
            let at = self.entries.len();
            self.push(&path, Kind::Dir, &meta)?;
            let any = self.folder(&path, &matched, depth + 1)?;
            if ignored && !any {
                self.entries.truncate(at);
                return Ok(false);
            }
            return Ok(true);
        }
        if ignored {
            return Ok(false);
        }
        if meta.is_symlink() {
            let target = fs::read_link(&full).map_err(|error| unreadable(&path, &error))?;
            if leads_out(&path, &target) {
                return Err(ContextError::Outside {
                    path: clean::line(&path),
                    target: clean::line(&target.to_string_lossy()),
                });
            }
            self.push(&path, Kind::Link(target), &meta)?;
        } else if meta.is_file() {
            self.bytes += meta.len();
            self.push(&path, Kind::File(meta.len()), &meta)?;
        } else {
            self.skipped.push(clean::line(&path));
            return Ok(false);
        }
        Ok(true)
    }

    fn push(&mut self, path: &str, kind: Kind, meta: &fs::Metadata) -> Result<(), ContextError> {
        if self.entries.len() as u64 >= ENTRIES {
            return Err(ContextError::TooMany { limit: ENTRIES });
        }
        let mtime = meta
            .modified()
            .ok()
            .and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok())
            .map_or(0, |since| since.as_secs());
        self.entries.push(Entry { path: path.to_owned(), kind, mode: mode(meta), mtime });
        Ok(())
    }

    /// Puts the overlay's files in place of the folder's, or beside them. One that is ignored stays ignored, as an edit of
    /// it would.
    fn lay_over(&mut self, overlay: &BTreeMap<String, Vec<u8>>) {
        let there: BTreeSet<String> = self.entries.iter().map(|entry| entry.path.clone()).collect();
        for entry in &mut self.entries {
            if let Some(content) = overlay.get(&entry.path) {
                if let Kind::File(size) = entry.kind {
                    self.bytes -= size;
                }
                self.bytes += content.len() as u64;
                entry.kind = Kind::Overlay;
                entry.mtime = super::labels::now().unsigned_abs();
            }
        }
        for (path, content) in overlay.iter().filter(|(path, _)| !there.contains(*path) && !self.ignore.ignores(path)) {
            self.bytes += content.len() as u64;
            let mtime = super::labels::now().unsigned_abs();
            self.entries.push(Entry { path: path.clone(), kind: Kind::Overlay, mode: 0o644, mtime });
        }
    }

    fn too_big(&self) -> ContextError {
        ContextError::TooBig { bytes: self.bytes, limit: self.limit, biggest: self.biggest() }
    }

    fn biggest(&self) -> Vec<(String, u64)> {
        let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
        for entry in &self.entries {
            if let Kind::File(size) = entry.kind {
                *sizes.entry(entry.path.split('/').next().unwrap_or_default()).or_default() += size;
            }
        }
        let mut biggest: Vec<_> = sizes.into_iter().map(|(path, size)| (clean::line(path), size)).collect();
        biggest.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
        biggest.truncate(5);
        biggest
    }
}

fn unreadable(path: &str, error: &io::Error) -> ContextError {
    ContextError::Unreadable { path: clean::line(path), message: clean::line(&error.to_string()) }
}

fn read_ignore(root: &Path, name: &str) -> Result<Option<Ignore>, ContextError> {
    let mut content = Vec::new();
    match fs::File::open(root.join(name)).and_then(|file| file.take(1 << 20).read_to_end(&mut content)) {
        Ok(_) => Ignore::parse(name, &String::from_utf8_lossy(&content)).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(name, &error)),
    }
}

/// Whether a link's target, taken from the link's folder, is above the context or absolute. Decided by the words alone:
/// following would ask the very files that are not to be touched.
fn leads_out(link: &str, target: &Path) -> bool {
    use std::path::Component::*;
    let mut depth = link.matches('/').count() as i64;
    for part in target.components() {
        match part {
            Prefix(_) | RootDir => return true,
            CurDir => {}
            ParentDir => depth -= 1,
            Normal(_) => depth += 1,
        }
        if depth < 0 {
            return true;
        }
    }
    false
}

#[cfg(unix)]
fn mode(meta: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode()
}

/// Windows keeps no modes; Docker's client sends everything as executable there too.
#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> u32 {
    0o755
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        dir
    }

    fn source<'a>(dir: &'a Path, overlay: &'a BTreeMap<String, Vec<u8>>) -> Source<'a> {
        Source { dir, dockerfile: "FROM scratch\n", name: DOCKERFILE, overlay, limit: 1_000_000 }
    }

    fn packed(dir: &Path, overlay: &[(&str, &str)]) -> Vec<(String, tar::Header, String)> {
        let overlay = overlay.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        let context = pack(&source(dir, &overlay), &CancellationToken::new()).unwrap().unwrap();
        let mut archive = tar::Archive::new(context.tar);
        archive
            .entries()
            .unwrap()
            .map(|entry| {
                let mut entry = entry.unwrap();
                let path = entry.path().unwrap().display().to_string();
                let header = entry.header().clone();
                let mut text = String::new();
                if let Some(link) = entry.link_name().unwrap() {
                    text = format!("-> {}", link.display());
                } else {
                    entry.read_to_string(&mut text).unwrap();
                }
                (path, header, text)
            })
            .collect()
    }

    fn fails(dir: &Path) -> ContextError {
        pack(&source(dir, &BTreeMap::new()), &CancellationToken::new()).unwrap_err()
    }

    #[test]
    fn files_links_modes_and_the_dockerfile_beside_the_context() {
        let dir = tree(&[("Dockerfile", "the learner's own"), ("src/run.sh", "#!/bin/sh"), ("empty/x", "")]);
        fs::remove_file(dir.path().join("empty/x")).unwrap();
        fs::set_permissions(dir.path().join("src/run.sh"), fs::Permissions::from_mode(0o751)).unwrap();
        symlink("run.sh", dir.path().join("src/link")).unwrap();
        symlink("../nowhere", dir.path().join("src/dangling")).unwrap();
        let entries = packed(dir.path(), &[]);
        let paths: Vec<&str> = entries.iter().map(|(path, ..)| path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "context/",
                "Dockerfile",
                "context/Dockerfile",
                "context/empty/",
                "context/src/",
                "context/src/dangling",
                "context/src/link",
                "context/src/run.sh"
            ]
        );
        assert_eq!(entries[1].2, "FROM scratch\n");
        assert_eq!(entries[2].2, "the learner's own");
        assert_eq!(entries[6].2, "-> run.sh");
        assert_eq!(entries[7].1.mode().unwrap(), 0o751);
        assert!(entries.iter().all(|(_, header, _)| header.uid().unwrap() == 0 && header.gid().unwrap() == 0));
    }

    #[test]
    fn the_same_folder_gives_the_same_tar() {
        let dir = tree(&[("b", "1"), ("a/c", "2"), ("a/b", "3")]);
        let bytes = || {
            let mut bytes = Vec::new();
            let mut context = pack(&source(dir.path(), &BTreeMap::new()), &CancellationToken::new()).unwrap().unwrap();
            context.tar.read_to_end(&mut bytes).unwrap();
            assert_eq!(context.bytes, 3);
            bytes
        };
        assert_eq!(bytes(), bytes());
    }

    #[test]
    fn ignored_files_stay_at_home_and_their_folders_come_only_with_what_is_taken_back() {
        let dir = tree(&[
            (".dockerignore", "logs\n!logs/keep/this\n**/*.tmp\nDockerfile\n.dockerignore\n"),
            ("Dockerfile", "x"),
            ("logs/a", ""),
            ("logs/keep/this", ""),
            ("logs/keep/that", ""),
            ("logs/gone/x", ""),
            ("src/a.tmp", ""),
        ]);
        assert_eq!(listing(dir.path()).unwrap(), ["logs", "logs/keep", "logs/keep/this", "src"]);
        assert!(packed(dir.path(), &[]).iter().any(|(path, ..)| path == "Dockerfile"), "never dropped");
    }

    #[test]
    fn the_dockerfiles_own_ignore_file_goes_first() {
        let dir =
            tree(&[("Dockerfile.dockerignore", "a\nDocker*\n.docker*"), (".dockerignore", "b"), ("a", ""), ("b", "")]);
        assert_eq!(listing(dir.path()).unwrap(), ["b"]);
    }

    #[test]
    fn an_overlay_replaces_adds_and_respects_the_ignore_file() {
        let dir = tree(&[(".dockerignore", "*.log"), ("main.go", "old"), ("a.log", "old")]);
        let entries =
            packed(dir.path(), &[("main.go", "new"), ("extra.go", "more"), ("a.log", "new"), ("b.log", "new")]);
        let of = |path: &str| entries.iter().find(|(name, ..)| name == path).map(|(.., text)| text.as_str());
        assert_eq!(of("context/main.go"), Some("new"));
        assert_eq!(of("context/extra.go"), Some("more"));
        assert_eq!(of("context/a.log"), None);
        assert_eq!(of("context/b.log"), None);
    }

    #[test]
    fn links_out_of_the_submission_are_refused_unless_ignored() {
        for target in ["/etc/passwd", "../x", "a/../../x"] {
            let dir = tree(&[("a/b", "")]);
            symlink(target, dir.path().join("link")).unwrap();
            let error = fails(dir.path());
            assert_eq!(error, ContextError::Outside { path: "link".into(), target: target.into() });
            fs::write(dir.path().join(".dockerignore"), "link").unwrap();
            assert!(listing(dir.path()).is_ok());
        }
        let dir = tree(&[("a/b/c", "")]);
        symlink("../../a", dir.path().join("a/b/up")).unwrap();
        assert!(listing(dir.path()).is_ok(), "up, but not out; and not followed around for ever");
    }

    #[test]
    fn a_context_that_is_too_big_names_the_biggest() {
        let big = "x".repeat(600_000);
        let dir = tree(&[("node_modules/a/b", &big), ("node_modules/c", &big), ("src/x", "small")]);
        match fails(dir.path()) {
            ContextError::TooBig { bytes, limit, biggest } => {
                assert_eq!((bytes, limit), (1_200_005, 1_000_000));
                assert_eq!(biggest[0], ("node_modules".into(), 1_200_000));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn sockets_are_left_out_and_told_and_unreadable_things_are_named() {
        let dir = tree(&[("a", "")]);
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("s.sock")).unwrap();
        let context = pack(&source(dir.path(), &BTreeMap::new()), &CancellationToken::new()).unwrap().unwrap();
        assert_eq!(context.skipped, ["s.sock"]);
        fs::create_dir(dir.path().join(".dockerignore")).unwrap();
        assert!(matches!(fails(dir.path()), ContextError::Unreadable { path, .. } if path == ".dockerignore"));
        assert!(matches!(fails(Path::new("/nowhere/at/all")), ContextError::Unreadable { .. }));
    }

    #[test]
    fn packing_stops_when_cancelled() {
        let dir = tree(&[("a", "")]);
        let cancel = CancellationToken::new();
        cancel.cancel();
        assert!(pack(&source(dir.path(), &BTreeMap::new()), &cancel).unwrap().is_none());
    }
}
