//! Where a course's files come from: a folder on disk, or memory. One reader serves both, so that the built-in course, a
//! pack and a test go through the same code.
//!
//! A pack is somebody else's data: its size is bounded before anything is read, and nothing outside of it is.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// No single file of a course is larger, in bytes.
pub const MAX_FILE: u64 = 4 << 20;
/// All files together are no larger, in bytes.
pub const MAX_TOTAL: u64 = 256 << 20;
/// A course has no more files and folders.
pub const MAX_FILES: usize = 100_000;
/// Nor deeper folders.
const MAX_DEPTH: usize = 16;

/// A file's entry in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Bytes.
    pub size: u64,
    /// It may be executed.
    pub executable: bool,
}

/// Why files could not be listed or read.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The system says no.
    #[error("{path}: {source}")]
    Io {
        /// Relative to the course.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Beyond one of the bounds.
    #[error("{path}: {what} is over the limit of {limit}")]
    TooBig {
        /// Relative to the course.
        path: String,
        /// Which bound.
        what: &'static str,
        /// The bound.
        limit: u64,
    },
    /// A symbolic link that leaves the course, or something that is no file and no folder.
    #[error("{path} is a link out of the course, or no plain file")]
    NotPlain {
        /// Relative to the course.
        path: String,
    },
    /// A name that is not UTF-8 or holds control characters.
    #[error("{path:?} is no usable file name")]
    Name {
        /// As well as it can be shown.
        path: String,
    },
}

/// The files of a course by path, relative to its folder, with `/` between the parts.
pub trait Files {
    /// Every file, in the order of its path.
    fn list(&self) -> &BTreeMap<String, Entry>;
    /// The bytes of one that is in the list.
    fn read(&self, path: &str) -> Result<Vec<u8>, FilesError>;
    /// The name to call the whole by: the folder, or `built-in`.
    fn name(&self) -> String;
}

/// Only these of a course's folder are part of it: a pack may lie in a repository with much else.
const PARTS: &[&str] = &["lessons", "exercises", "assets/figures.yaml", "assets/curriculum.yaml"];

/// A folder on disk.
pub struct Folder {
    root: PathBuf,
    list: BTreeMap<String, Entry>,
}

impl Folder {
    /// Lists the folder; reads no file yet.
    pub fn open(root: &Path) -> Result<Self, FilesError> {
        let real = root.canonicalize().map_err(|source| FilesError::Io { path: root.display().to_string(), source })?;
        let mut folder = Self { root: real, list: BTreeMap::new() };
        let (mut total, mut seen) = (0, 0);
        for part in PARTS {
            if folder.root.join(part).symlink_metadata().is_ok() {
                folder.walk(part, 0, &mut total, &mut seen)?;
            }
        }
        Ok(folder)
    }

    fn walk(&mut self, path: &str, depth: usize, total: &mut u64, seen: &mut usize) -> Result<(), FilesError> {
        let io = |source| FilesError::Io { path: path.to_owned(), source };
        *seen += 1;
        if *seen > MAX_FILES {
            let limit = MAX_FILES as u64;
            return Err(FilesError::TooBig { path: path.to_owned(), what: "the number of files", limit });
        }
        // Also a link within the course is refused: an archive that is unpacked elsewhere would change its meaning.
        let meta = self.root.join(path).symlink_metadata().map_err(io)?;
        if meta.is_file() {
            let size = meta.len();
            *total += size;
            for (value, what, limit) in [(size, "the file", MAX_FILE), (*total, "the course", MAX_TOTAL)] {
                if value > limit {
                    return Err(FilesError::TooBig { path: path.to_owned(), what, limit });
                }
            }
            self.list.insert(path.to_owned(), Entry { size, executable: executable(&meta) });
            return Ok(());
        }
        if !meta.is_dir() {
            return Err(FilesError::NotPlain { path: path.to_owned() });
        }
        if depth > MAX_DEPTH {
            let limit = MAX_DEPTH as u64;
            return Err(FilesError::TooBig { path: path.to_owned(), what: "the depth of folders", limit });
        }
        for entry in fs::read_dir(self.root.join(path)).map_err(io)? {
            let name = entry.map_err(io)?.file_name();
            let name = match name.to_str() {
                Some(text) if !text.chars().any(char::is_control) => text,
                _ => return Err(FilesError::Name { path: format!("{path}/{}", name.to_string_lossy()) }),
            };
            // What editors and version control leave behind.
            if matches!(name, ".git" | ".DS_Store") || name.ends_with('~') || name.ends_with(".swp") {
                continue;
            }
            self.walk(&format!("{path}/{name}"), depth + 1, total, seen)?;
        }
        Ok(())
    }
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

impl Files for Folder {
    fn list(&self) -> &BTreeMap<String, Entry> {
        &self.list
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, FilesError> {
        use io::Read;
        let io = |source| FilesError::Io { path: path.to_owned(), source };
        if !self.list.contains_key(path) {
            return Err(io(io::ErrorKind::NotFound.into()));
        }
        // Bounded again: the file may have grown since it was listed.
        let mut bytes = Vec::new();
        fs::File::open(self.root.join(path)).map_err(io)?.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(FilesError::TooBig { path: path.to_owned(), what: "the file", limit: MAX_FILE });
        }
        Ok(bytes)
    }

    fn name(&self) -> String {
        self.root.display().to_string()
    }
}

/// Files in memory.
#[derive(Debug, Default)]
pub struct Memory {
    list: BTreeMap<String, Entry>,
    bytes: BTreeMap<String, Vec<u8>>,
}

impl Memory {
    /// Puts a file in, in place of another of that path.
    pub fn put(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        let bytes = bytes.into();
        self.list.insert(path.to_owned(), Entry { size: bytes.len() as u64, executable: false });
        self.bytes.insert(path.to_owned(), bytes);
    }

    /// Takes a file out.
    pub fn take(&mut self, path: &str) {
        self.list.remove(path);
        self.bytes.remove(path);
    }
}

impl Files for Memory {
    fn list(&self) -> &BTreeMap<String, Entry> {
        &self.list
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, FilesError> {
        let gone = || FilesError::Io { path: path.to_owned(), source: io::ErrorKind::NotFound.into() };
        self.bytes.get(path).cloned().ok_or_else(gone)
    }

    fn name(&self) -> String {
        "memory".to_owned()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_link_out_of_a_pack_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("lessons")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("lessons/course.yaml")).unwrap();
        assert!(matches!(Folder::open(dir.path()), Err(FilesError::NotPlain { .. })));
    }

    #[test]
    fn only_the_parts_of_a_course_are_listed() {
        let dir = tempfile::tempdir().unwrap();
        for file in ["lessons/a/b.md", "exercises/x", "target/huge", "lessons/b.md~"] {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let folder = Folder::open(dir.path()).unwrap();
        assert_eq!(folder.list().keys().collect::<Vec<_>>(), ["exercises/x", "lessons/a/b.md"]);
    }

    #[test]
    fn a_huge_file_is_refused_before_it_is_read() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("lessons")).unwrap();
        fs::File::create(dir.path().join("lessons/big")).unwrap().set_len(1 << 40).unwrap();
        assert!(matches!(Folder::open(dir.path()), Err(FilesError::TooBig { .. })));
    }

    #[test]
    fn folders_without_end_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("lessons").join("d/".repeat(40))).unwrap();
        assert!(matches!(Folder::open(dir.path()), Err(FilesError::TooBig { .. })));
    }
}
