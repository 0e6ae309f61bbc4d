//! From what a learner types to an exercise and its working copy.

use super::{Folder, LabError};
use crate::course::{Course, Exercise};
use std::path::{Path, PathBuf};

/// An exercise and where its submission is.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    /// The exercise.
    pub exercise: &'a Exercise,
    /// The working copy, which need not exist yet.
    pub dir: Option<PathBuf>,
}

/// What `asked` means, seen from `here`: an exercise's id, a path in a working copy, or nothing at all, which is the working
/// copy we stand in or else `fallback` (the exercise worked on last). `remembered` is the lab folder named last.
///
/// An id goes before a path: at the top of a lab both exist and mean the same.
pub fn resolve<'a>(
    course: &'a Course,
    asked: Option<&str>,
    here: &Path,
    remembered: Option<&Path>,
    fallback: Option<&str>,
) -> Result<Target<'a>, LabError> {
    let lab_here = Folder::above(here)?;
    let place = |id: &str| -> Result<Option<PathBuf>, LabError> {
        if let Some(dir) = lab_here.as_ref().and_then(|lab| lab.copy_of(id)) {
            return Ok(Some(dir));
        }
        let lab = remembered.map(Folder::open).transpose()?.flatten();
        Ok(lab.and_then(|lab| lab.copy_of(id)))
    };
    let known = |id: &str| {
        course.exercise(id).ok_or_else(|| LabError::UnknownExercise { id: id.to_owned(), near: nearest(course, id) })
    };
    let standing = |at: &Path| -> Result<Option<Target<'a>>, LabError> {
        let Some(lab) = Folder::above(at)? else { return Ok(None) };
        let Some(id) = lab.exercise_at(at) else { return Ok(None) };
        Ok(Some(Target { exercise: known(id)?, dir: lab.copy_of(id) }))
    };
    match asked {
        Some(id) if course.exercise(id).is_some() => Ok(Target { exercise: known(id)?, dir: place(id)? }),
        Some(path) if here.join(path).is_dir() => {
            let at = here.join(path);
            standing(&at)?.ok_or(LabError::WhichExercise { dir: at })
        }
        Some(other) => Err(known(other).err().unwrap_or(LabError::WhichExercise { dir: here.to_owned() })),
        None => {
            if let Some(target) = standing(here)? {
                return Ok(target);
            }
            match fallback {
                Some(id) if course.exercise(id).is_some() => Ok(Target { exercise: known(id)?, dir: place(id)? }),
                _ => Err(LabError::WhichExercise { dir: here.to_owned() }),
            }
        }
    }
}

/// The exercise whose id looks most like `typed`.
pub fn nearest(course: &Course, typed: &str) -> Option<String> {
    let typed: String = typed.chars().take(64).collect();
    course
        .exercises()
        .iter()
        .map(|e| (distance(&typed, &e.id), &e.id))
        .filter(|(d, id)| *d <= id.len() / 2 || (typed.len() >= 3 && id.contains(&typed)))
        .min()
        .map(|(_, id)| id.clone())
}

/// Letters to insert, delete or change to make one of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, cb) in b.iter().enumerate() {
            let changed = diagonal + usize::from(ca != *cb);
            let best = changed.min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], best);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distance_counts_letters() {
        assert_eq!(distance("two-stage", "two-stages"), 1);
        assert_eq!(distance("tow-stages", "two-stages"), 2);
        assert_eq!(distance("", "abc"), 3);
    }
}
