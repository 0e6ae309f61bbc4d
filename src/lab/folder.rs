//! The lab: one folder that the learner names, a working copy in it for each exercise, and a marker file at its top.
//!
//! The marker stands beside the working copies, never in one: a working copy is a build context, and a file of ours in it
//! would end up in the learner's image, count in its size and break its cache.

use super::LabError;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Component, Path, PathBuf},
};

/// The marker's name.
pub const MARKER: &str = ".dockshala.json";
/// Where `reset` keeps what was there.
pub(super) const KEPT: &str = ".dockshala-kept";
/// Where lessons' files are laid out.
pub(super) const LESSONS: &str = "lessons";

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Marker {
    format: u32,
    /// Exercise id → folder in the lab.
    #[serde(default)]
    exercises: BTreeMap<String, String>,
}

/// A lab on disk.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
    marker: Marker,
}

impl Folder {
    /// The lab whose top is `root`, if there is one.
    pub fn open(root: &Path) -> Result<Option<Self>, LabError> {
        let path = root.join(MARKER);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(LabError::io(&path, error)),
        };
        let bad = |message: String| LabError::BadMarker { path: path.clone(), message };
        let marker: Marker = serde_json::from_str(&text).map_err(|e| bad(e.to_string()))?;
        if marker.format != 1 {
            return Err(bad(format!("format {}", marker.format)));
        }
        // The file may have been edited: a folder outside the lab must not be emptied by a reset.
        if let Some(dir) = marker.exercises.values().find(|d| !is_plain_name(d)) {
            return Err(bad(format!("`{dir}` is no folder of the lab")));
        }
        Ok(Some(Self { root: root.to_owned(), marker }))
    }

    /// The lab at or above `from`.
    pub fn above(from: &Path) -> Result<Option<Self>, LabError> {
        let from = fs::canonicalize(from).map_err(|e| LabError::io(from, e))?;
        for dir in from.ancestors() {
            if let Some(lab) = Self::open(dir)? {
                return Ok(Some(lab));
            }
        }
        Ok(None)
    }

    /// The lab at `root`, made where there is none.
    pub fn make(root: &Path) -> Result<Self, LabError> {
        fs::create_dir_all(root).map_err(|e| LabError::io(root, e))?;
        let root = fs::canonicalize(root).map_err(|e| LabError::io(root, e))?;
        if let Some(lab) = Self::open(&root)? {
            return Ok(lab);
        }
        let lab = Self { root, marker: Marker { format: 1, ..Marker::default() } };
        lab.save()?;
        Ok(lab)
    }

    fn save(&self) -> Result<(), LabError> {
        let path = self.root.join(MARKER);
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(&self.root)?;
            file.write_all(serde_json::to_string_pretty(&self.marker)?.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|e| e.error)?;
            Ok(())
        };
        write().map_err(|e| LabError::io(&path, e))
    }

    /// Its top.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The working copy of an exercise, if it was started here.
    pub fn copy_of(&self, exercise: &str) -> Option<PathBuf> {
        self.marker.exercises.get(exercise).map(|dir| self.root.join(dir))
    }

    /// The exercise whose working copy holds `path`.
    pub fn exercise_at(&self, path: &Path) -> Option<&str> {
        let path = fs::canonicalize(path).ok()?;
        let Some(Component::Normal(first)) = path.strip_prefix(&self.root).ok()?.components().next() else {
            return None;
        };
        self.marker.exercises.iter().find(|(_, dir)| first == dir.as_str()).map(|(id, _)| id.as_str())
    }

    /// Notes that an exercise has its working copy here, and says where.
    pub fn enter(&mut self, exercise: &str) -> Result<PathBuf, LabError> {
        if !self.marker.exercises.contains_key(exercise) {
            self.marker.exercises.insert(exercise.to_owned(), exercise.to_owned());
            self.save()?;
        }
        Ok(self.root.join(&self.marker.exercises[exercise]))
    }
}

fn is_plain_name(dir: &str) -> bool {
    let mut parts = Path::new(dir).components();
    matches!(parts.next(), Some(Component::Normal(_))) && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lab_is_found_from_deep_inside_a_working_copy() {
        let dir = tempfile::tempdir().unwrap();
        let mut lab = Folder::make(&dir.path().join("lab")).unwrap();
        let copy = lab.enter("two-stages").unwrap();
        fs::create_dir_all(copy.join("src/deep")).unwrap();
        let found = Folder::above(&copy.join("src/deep")).unwrap().unwrap();
        assert_eq!(found.exercise_at(&copy.join("src/deep")), Some("two-stages"));
        assert_eq!(found.exercise_at(found.root()), None);
        assert!(Folder::above(dir.path()).unwrap().is_none());
    }

    #[test]
    fn a_marker_that_points_out_of_the_lab_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for bad in ["../home", "/etc", "a/b", "", "."] {
            let text = serde_json::json!({ "format": 1, "exercises": { "e": bad } }).to_string();
            fs::write(dir.path().join(MARKER), text).unwrap();
            assert!(matches!(Folder::open(dir.path()), Err(LabError::BadMarker { .. })), "{bad}");
        }
        fs::write(dir.path().join(MARKER), "{").unwrap();
        assert!(matches!(Folder::open(dir.path()), Err(LabError::BadMarker { .. })));
    }
}
