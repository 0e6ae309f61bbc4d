//! A working copy, listed for a bundle: what goes in, what is left out and why.
//!
//! Left out is only what a build cannot see anyway: a folder that tools make again (`node_modules`, `target`, `.git` …) *and*
//! that `.dockerignore` keeps from the daemon. Leaving out every `node_modules` would be kinder to USB sticks, and would turn a
//! submission that copies it into its image, and rightly fails, into one that passes at the teacher's.

use super::{
    Hashing,
    manifest::{LeftOut, Limits, Link, Source, Why, Work, is_path, stays_within},
};
use dockshala_checkers::engine::{clean, listing};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Folders that a tool makes again from the rest.
const MADE_AGAIN: [&str; 14] = [
    "node_modules",
    ".git",
    ".hg",
    ".svn",
    "target",
    "__pycache__",
    ".venv",
    "venv",
    ".tox",
    ".mypy_cache",
    ".pytest_cache",
    ".gradle",
    ".next",
    ".cache",
];
/// How many of the biggest folders an error names.
const BIGGEST: usize = 3;

/// A working copy that is ready to be packed.
#[derive(Debug, Clone)]
pub struct Collected {
    /// Where it is.
    pub dir: PathBuf,
    /// What the manifest says of it.
    pub work: Work,
}

/// Why a working copy cannot be packed.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// A file or folder cannot be read.
    #[error("{}: {error}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's words.
        error: io::Error,
    },
    /// A name that a bundle cannot carry to every system.
    #[error("{0}")]
    Name(String),
    /// More bytes, or more files, than a bundle holds.
    #[error("{bytes} bytes in {files} files")]
    TooBig {
        /// Its bytes, as far as counted.
        bytes: u64,
        /// Its files.
        files: usize,
        /// The folders with the most, biggest first.
        biggest: Vec<(String, u64)>,
    },
}

/// Lists a working copy. `nested`: folders within it may be build contexts of their own (a compose project).
pub fn collect(exercise: &str, dir: &Path, nested: bool, limits: &Limits) -> Result<Collected, CollectError> {
    let root = dir.canonicalize().map_err(|error| CollectError::Io { path: dir.to_owned(), error })?;
    let work = Work { exercise: exercise.to_owned(), ..Work::default() };
    let mut walk = Walk { root: &root, nested, limits, work, bytes: 0, contexts: BTreeMap::new() };
    walk.folder("")?;
    let mut work = walk.work;
    work.files.sort_by(|a, b| a.path.cmp(&b.path));
    work.links.sort_by(|a, b| a.path.cmp(&b.path));
    work.empty.sort();
    work.hash = work.content();
    Ok(Collected { dir: root, work })
}

struct Walk<'a> {
    root: &'a Path,
    nested: bool,
    limits: &'a Limits,
    work: Work,
    bytes: u64,
    /// What a build context would send, by its folder; none where it cannot be told.
    contexts: BTreeMap<String, Option<Vec<String>>>,
}

impl Walk<'_> {
    fn folder(&mut self, at: &str) -> Result<(), CollectError> {
        let path = self.root.join(at);
        let io = |error| CollectError::Io { path: path.clone(), error };
        let mut names = Vec::new();
        for entry in fs::read_dir(&path).map_err(io)? {
            let entry = entry.map_err(io)?;
            let name = entry
                .file_name()
                .into_string()
                .map_err(|name| CollectError::Name(clean::line(&path.join(name).to_string_lossy())))?;
            names.push((name, entry.file_type().map_err(io)?));
        }
        if names.is_empty() && !at.is_empty() {
            self.work.empty.push(at.to_owned());
        }
        names.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, kind) in names {
            let path = if at.is_empty() { name.clone() } else { format!("{at}/{name}") };
            if !is_path(&path) {
                return Err(CollectError::Name(clean::line(&path)));
            }
            if kind.is_dir() {
                if MADE_AGAIN.contains(&name.as_str()) && self.is_ignored(&path) {
                    let (files, bytes) = weigh(&self.root.join(&path));
                    self.work.left_out.push(LeftOut { path, why: Why::Ignored, files, bytes });
                } else {
                    self.folder(&path)?;
                }
            } else if kind.is_symlink() {
                self.link(path)?;
            } else if kind.is_file() {
                self.file(path)?;
            } else {
                self.work.left_out.push(LeftOut { path, why: Why::Special, files: 1, bytes: 0 });
            }
        }
        Ok(())
    }

    fn file(&mut self, path: String) -> Result<(), CollectError> {
        let place = self.root.join(&path);
        let io = |error| CollectError::Io { path: place.clone(), error };
        let meta = fs::symlink_metadata(&place).map_err(io)?;
        self.bytes += meta.len();
        if meta.len() > self.limits.source
            || self.bytes > self.limits.sources
            || self.work.files.len() >= self.limits.count
        {
            return Err(self.too_big(&path, meta.len()));
        }
        let mut read = Hashing::new(File::open(&place).map_err(io)?.take(self.limits.source + 1));
        io::copy(&mut read, &mut io::sink()).map_err(io)?;
        let (bytes, sha256) = read.end();
        self.work.files.push(Source { path, bytes, executable: executable(&meta), sha256 });
        Ok(())
    }

    fn link(&mut self, path: String) -> Result<(), CollectError> {
        let place = self.root.join(&path);
        let target = fs::read_link(&place).map_err(|error| CollectError::Io { path: place, error })?;
        match target.to_str() {
            Some(target) if stays_within(&path, target) => {
                self.work.links.push(Link { path, target: target.to_owned() });
            }
            _ => self.work.left_out.push(LeftOut { path, why: Why::LinkOut, files: 1, bytes: 0 }),
        }
        Ok(())
    }

    /// Whether no build that the folder `path` may be part of sees anything in it.
    fn is_ignored(&mut self, path: &str) -> bool {
        let inner = path.match_indices('/').map(|(at, _)| &path[..at]);
        let contexts: Vec<&str> = match self.nested {
            true => {
                std::iter::once("").chain(inner).filter(|c| self.root.join(c).join(".dockerignore").is_file()).collect()
            }
            false => vec![""],
        };
        // With none at all, everything is sent.
        !contexts.is_empty()
            && contexts.iter().all(|context| {
                let sent = self
                    .contexts
                    .entry((*context).to_owned())
                    .or_insert_with(|| listing(&self.root.join(context)).ok());
                let below = path[context.len()..].trim_start_matches('/');
                sent.as_ref().is_some_and(|sent| {
                    !sent.iter().any(|s| s.strip_prefix(below).is_some_and(|r| r.is_empty() || r.starts_with('/')))
                })
            })
    }

    fn too_big(&self, path: &str, bytes: u64) -> CollectError {
        let mut by: BTreeMap<&str, u64> = BTreeMap::new();
        let files = self.work.files.iter().map(|f| (f.path.as_str(), f.bytes));
        for (path, bytes) in files.chain([(path, bytes)]) {
            *by.entry(path.split('/').next().unwrap_or_default()).or_default() += bytes;
        }
        let mut biggest: Vec<(String, u64)> = by.into_iter().map(|(path, bytes)| (path.to_owned(), bytes)).collect();
        biggest.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        biggest.truncate(BIGGEST);
        CollectError::TooBig { bytes: self.bytes, files: self.work.files.len() + 1, biggest }
    }
}

/// How much is in a folder that is left out; what cannot be read counts for nothing.
fn weigh(dir: &Path) -> (u64, u64) {
    let (mut files, mut bytes) = (0, 0);
    let mut todo = vec![dir.to_owned()];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(meta) if meta.is_dir() => todo.push(entry.path()),
                Ok(meta) => {
                    files += 1;
                    bytes += meta.len();
                }
                Err(_) => {}
            }
        }
    }
    (files, bytes)
}

#[cfg(unix)]
fn executable(meta: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn executable(_: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    fn paths(collected: &Collected) -> Vec<&str> {
        collected.work.files.iter().map(|f| f.path.as_str()).collect()
    }

    #[test]
    fn what_no_build_sees_is_left_out_and_what_one_sees_is_not() {
        let files = [("Dockerfile", "FROM scratch\n"), ("node_modules/a/b.js", "12345"), ("src/a.js", "")];
        let dir = copy(&files);
        let seen = collect("e", dir.path(), false, &Limits::USUAL).unwrap();
        assert_eq!(paths(&seen), ["Dockerfile", "node_modules/a/b.js", "src/a.js"], "COPY . . would take it");
        fs::write(dir.path().join(".dockerignore"), "node_modules\nsrc\n").unwrap();
        let unseen = collect("e", dir.path(), false, &Limits::USUAL).unwrap();
        assert_eq!(paths(&unseen), [".dockerignore", "Dockerfile", "src/a.js"], "src is no folder that is made again");
        let left = LeftOut { path: "node_modules".into(), why: Why::Ignored, files: 1, bytes: 5 };
        assert_eq!(unseen.work.left_out, [left]);
        // An exception brings a part of it back, and with it all.
        fs::write(dir.path().join(".dockerignore"), "node_modules\n!node_modules/a/b.js\n").unwrap();
        assert!(paths(&collect("e", dir.path(), false, &Limits::USUAL).unwrap()).contains(&"node_modules/a/b.js"));
    }

    #[test]
    fn a_compose_projects_services_have_contexts_of_their_own() {
        let dir = copy(&[("compose.yaml", ""), ("api/.dockerignore", "node_modules"), ("api/node_modules/a", "")]);
        assert_eq!(
            paths(&collect("e", dir.path(), true, &Limits::USUAL).unwrap()),
            ["api/.dockerignore", "compose.yaml"]
        );
        assert!(paths(&collect("e", dir.path(), false, &Limits::USUAL).unwrap()).contains(&"api/node_modules/a"));
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_within_and_odd_things_stay_out() {
        use std::os::unix::{fs::PermissionsExt, fs::symlink};
        let dir = copy(&[("src/a", ""), ("run.sh", "")]);
        fs::create_dir(dir.path().join("public")).unwrap();
        fs::set_permissions(dir.path().join("run.sh"), fs::Permissions::from_mode(0o700)).unwrap();
        symlink("src/a", dir.path().join("inside")).unwrap();
        symlink("/etc/passwd", dir.path().join("outside")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("s.sock")).unwrap();
        let work = collect("e", dir.path(), false, &Limits::USUAL).unwrap().work;
        assert_eq!(work.links, [Link { path: "inside".into(), target: "src/a".into() }]);
        assert_eq!(work.empty, ["public"]);
        assert!(work.files.iter().any(|f| f.path == "run.sh" && f.executable));
        let why: Vec<_> = work.left_out.iter().map(|l| (l.path.as_str(), l.why)).collect();
        assert_eq!(why, [("outside", Why::LinkOut), ("s.sock", Why::Special)]);
    }

    #[test]
    fn too_much_names_the_folders_that_are_to_blame() {
        let dir = copy(&[("Dockerfile", "FROM x"), ("data/dump.sql", "0123456789")]);
        let limits = Limits { sources: 12, ..Limits::USUAL };
        match collect("e", dir.path(), false, &limits).unwrap_err() {
            CollectError::TooBig { biggest, .. } => assert_eq!(biggest[0], ("data".to_owned(), 10)),
            other => panic!("{other}"),
        }
    }
}
