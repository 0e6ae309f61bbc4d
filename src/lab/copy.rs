//! Working copies: made by `start`, put back by `reset`. What the learner wrote is never overwritten and never thrown away.

use super::{
    LabError,
    folder::{Folder, KEPT, LESSONS},
};
use crate::course::FileBytes;
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Component, Path, PathBuf},
};

/// What `start` did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Started {
    /// The working copy.
    pub dir: PathBuf,
    /// Files that were written.
    pub written: Vec<String>,
    /// Files that were there and are another: the learner's, left alone.
    pub left: Vec<String>,
}

/// Makes or completes the working copy of an exercise.
pub fn start(lab: &mut Folder, exercise: &str, starter: &[FileBytes]) -> Result<Started, LabError> {
    complete(lab.enter(exercise)?, starter)
}

/// Lays a lesson's files out in the lab, so that its commands can be tried as they stand in the text.
///
/// Not a working copy: nothing of it is ever judged, so the lab's marker does not name it.
pub fn start_lesson(lab: &Folder, lesson: &str, files: &[FileBytes]) -> Result<Started, LabError> {
    complete(lab.root().join(LESSONS).join(relative(lesson)?), files)
}

fn complete(dir: PathBuf, files: &[FileBytes]) -> Result<Started, LabError> {
    let mut started = Started { dir, ..Started::default() };
    fs::create_dir_all(&started.dir).map_err(|e| LabError::io(&started.dir, e))?;
    for file in files {
        let path = started.dir.join(relative(&file.path)?);
        match write_new(&path, file) {
            Ok(()) => started.written.push(file.path.clone()),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                if fs::read(&path).ok().as_deref() != Some(&file.bytes[..]) {
                    started.left.push(file.path.clone());
                }
            }
            Err(error) => return Err(LabError::io(&path, error)),
        }
    }
    Ok(started)
}

/// What `reset` did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reset {
    /// The working copy.
    pub dir: PathBuf,
    /// Where what was in it is now; none when it was empty.
    pub kept: Option<PathBuf>,
}

/// Moves what is in the working copy to a dated folder and writes the starter again.
///
/// The folder itself stays: a shell or an editor that stands in it would otherwise stand in the moved one.
pub fn reset(lab: &mut Folder, exercise: &str, starter: &[FileBytes]) -> Result<Reset, LabError> {
    let dir = lab.enter(exercise)?;
    fs::create_dir_all(&dir).map_err(|e| LabError::io(&dir, e))?;
    let list = |dir: &Path| -> io::Result<Vec<PathBuf>> { fs::read_dir(dir)?.map(|e| Ok(e?.path())).collect() };
    let there = list(&dir).map_err(|e| LabError::io(&dir, e))?;
    let mut kept = None;
    if !there.is_empty() {
        let stamp = jiff::Zoned::now().strftime("%Y-%m-%d-%H%M%S").to_string();
        let to =
            free(&lab.root().join(KEPT), &format!("{exercise}-{stamp}")).map_err(|e| LabError::io(lab.root(), e))?;
        for path in there {
            let name = path.file_name().unwrap_or_default();
            fs::rename(&path, to.join(name)).map_err(|e| LabError::io(&path, e))?;
        }
        kept = Some(to);
    }
    start(lab, exercise, starter)?;
    Ok(Reset { dir, kept })
}

/// Makes a folder that was not there, numbered where the second is not enough.
fn free(parent: &Path, name: &str) -> io::Result<PathBuf> {
    fs::create_dir_all(parent)?;
    let mut path = parent.join(name);
    for n in 2.. {
        match fs::create_dir(&path) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => path = parent.join(format!("{name}-{n}")),
            other => return other.map(|()| path),
        }
    }
    unreachable!("a counter without an end")
}

/// Writes files into a folder that is ours (a temporary one).
pub fn write_all(dir: &Path, files: &[FileBytes]) -> Result<(), LabError> {
    for file in files {
        let path = dir.join(relative(&file.path)?);
        write_new(&path, file).map_err(|e| LabError::io(&path, e))?;
    }
    Ok(())
}

fn write_new(path: &Path, file: &FileBytes) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // Not what the umask leaves of it: the mode goes into the image and so into the build cache's key.
        options.mode(if file.executable { 0o755 } else { 0o644 });
    }
    options.open(path)?.write_all(&file.bytes)
}

/// A course's path, which a pack's author wrote: never out of the folder.
fn relative(path: &str) -> Result<&Path, LabError> {
    let p = Path::new(path);
    let fine = !path.is_empty() && p.components().all(|c| matches!(c, Component::Normal(_)));
    if fine { Ok(p) } else { Err(LabError::BadPath { path: path.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> FileBytes {
        FileBytes { path: path.into(), executable: path.ends_with(".sh"), bytes: text.into() }
    }

    fn lab() -> (tempfile::TempDir, Folder) {
        let dir = tempfile::tempdir().unwrap();
        let lab = Folder::make(&dir.path().join("lab")).unwrap();
        (dir, lab)
    }

    #[test]
    fn start_completes_and_never_overwrites() {
        let (_dir, mut lab) = lab();
        let starter = [file("Dockerfile", "FROM scratch"), file("src/main.go", "package main"), file("go.sh", "go")];
        let first = start(&mut lab, "e", &starter).unwrap();
        assert_eq!(first.written.len(), 3);
        fs::write(first.dir.join("Dockerfile"), "FROM golang").unwrap();
        fs::remove_file(first.dir.join("go.sh")).unwrap();
        let second = start(&mut lab, "e", &starter).unwrap();
        assert_eq!((second.written, second.left), (vec!["go.sh".to_owned()], vec!["Dockerfile".to_owned()]));
        assert_eq!(fs::read_to_string(first.dir.join("Dockerfile")).unwrap(), "FROM golang");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_ne!(fs::metadata(first.dir.join("go.sh")).unwrap().permissions().mode() & 0o100, 0);
        }
    }

    #[test]
    fn a_lesson_s_files_lie_beside_the_working_copies_and_are_never_overwritten() {
        let (_dir, lab) = lab();
        let files = [file("one-stage.Dockerfile", "FROM scratch")];
        let first = start_lesson(&lab, "multi-stage-idea", &files).unwrap();
        fs::write(first.dir.join("one-stage.Dockerfile"), "mine").unwrap();
        let second = start_lesson(&lab, "multi-stage-idea", &files).unwrap();
        assert_eq!((second.written.len(), second.left.len()), (0, 1));
        assert_eq!(lab.exercise_at(&first.dir), None);
        assert!(matches!(start_lesson(&lab, "../out", &files), Err(LabError::BadPath { .. })));
    }

    #[test]
    fn reset_keeps_everything_that_was_there() {
        let (_dir, mut lab) = lab();
        let starter = [file("Dockerfile", "FROM scratch")];
        let dir = start(&mut lab, "e", &starter).unwrap().dir;
        fs::write(dir.join("Dockerfile"), "mine").unwrap();
        fs::create_dir(dir.join("deep")).unwrap();
        fs::write(dir.join("deep/notes"), "also mine").unwrap();
        let first = reset(&mut lab, "e", &starter).unwrap();
        let kept = first.kept.unwrap();
        assert_eq!(fs::read_to_string(dir.join("Dockerfile")).unwrap(), "FROM scratch");
        assert_eq!(fs::read_to_string(kept.join("Dockerfile")).unwrap(), "mine");
        assert_eq!(fs::read_to_string(kept.join("deep/notes")).unwrap(), "also mine");
        assert!(!dir.join("deep").exists());
        let second = reset(&mut lab, "e", &starter).unwrap();
        assert_ne!(second.kept.unwrap(), kept, "two resets in one second keep both");
    }

    #[test]
    fn a_path_out_of_the_folder_is_refused() {
        let (_dir, mut lab) = lab();
        for bad in ["../x", "/etc/x", "a/../../x", ""] {
            assert!(matches!(start(&mut lab, "e", &[file(bad, "")]), Err(LabError::BadPath { .. })), "{bad}");
        }
    }
}
