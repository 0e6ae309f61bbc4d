//! The learner's lab: working copies of exercises, handed to the checker, and what comes of it remembered.
//!
//! Used by the command line and the screen alike. No human text is made here; [`LabError`] is put into words by
//! [`crate::report`].

mod check;
pub mod claims;
pub mod consent;
mod copy;
pub mod docker;
pub mod doctor;
mod folder;
pub mod gate;
mod next;
mod resolve;
mod watch;

pub use check::{check, gather, label, remember, scripts_contained, scripts_here};
pub use copy::{Reset, Started, reset, start, start_lesson, write_all};
pub use doctor::{Finding, Level};
pub use folder::{Folder, MARKER};
pub use next::{Next, next};
pub use resolve::{Target, nearest, resolve};
pub use watch::{Print, Source, Watch, events_arrive, print_of};

use std::{
    io,
    path::{Path, PathBuf},
};

/// Why something in the lab could not be done.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The course has no such exercise.
    #[error("no exercise `{id}`")]
    UnknownExercise {
        /// As asked.
        id: String,
        /// The id that looks most like it.
        near: Option<String>,
    },
    /// No lab folder was ever named.
    #[error("no lab folder")]
    NoLab,
    /// Nothing says which exercise is meant.
    #[error("which exercise? {} is in no working copy", .dir.display())]
    WhichExercise {
        /// Where we stood.
        dir: PathBuf,
    },
    /// The exercise has no working copy.
    #[error("`{id}` was not started")]
    NotStarted {
        /// The exercise.
        id: String,
    },
    /// The exercise was not passed yet.
    #[error("`{id}` is not passed yet")]
    NotPassed {
        /// The exercise.
        id: String,
    },
    /// The lab's marker is damaged.
    #[error("{}: {message}", .path.display())]
    BadMarker {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The course names a file outside its folder.
    #[error("the course names a file outside its folder: {path}")]
    BadPath {
        /// As written.
        path: String,
    },
    /// The disk said no.
    #[error("{}: {error}", .path.display())]
    Io {
        /// What was touched.
        path: PathBuf,
        /// The system's answer.
        error: io::Error,
    },
}

impl LabError {
    fn io(path: &Path, error: io::Error) -> Self {
        Self::Io { path: path.to_owned(), error }
    }
}
