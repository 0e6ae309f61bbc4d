//! What stops handing in, regrading and reporting.

use super::{Fault, Report};
use crate::{
    class::{collect::CollectError, journal::JournalError, regrade::RegradeError, write::WriteError},
    course::Lang,
};
use dockshala_checkers::spec::Size;
use std::{fmt::Display, io, path::Path};

/// A working copy that cannot be packed.
pub fn collect(lang: &Lang, exercise: &str, error: &CollectError) -> Report {
    let new = |fault, key: &str, args: &[(&str, &dyn Display)]| Report::new(lang, fault, key, args);
    match error {
        CollectError::Io { path, error } => {
            new(Fault::Machine, "submit.error.io", &[("path", &path.display()), ("message", error)])
        }
        CollectError::Name(path) => new(Fault::Submission, "submit.error.name", &[("path", path)]),
        CollectError::TooBig { bytes, biggest, .. } => {
            let most: Vec<String> = biggest.iter().map(|(path, bytes)| format!("{path} ({})", Size(*bytes))).collect();
            let args: [(&str, &dyn Display); 3] =
                [("exercise", &exercise), ("size", &Size(*bytes)), ("biggest", &most.join(", "))];
            new(Fault::Submission, "submit.error.too-big", &args)
        }
    }
}

/// A bundle that was not written.
pub fn submit(lang: &Lang, error: &WriteError) -> Report {
    match error {
        WriteError::NoFolder(path) => {
            Report::new(lang, Fault::Usage, "submit.error.no-folder", &[("path", &path.display())])
        }
        WriteError::Changed(path) => {
            Report::new(lang, Fault::Submission, "submit.error.changed", &[("path", &path.display())])
        }
        WriteError::Io { path, error } => {
            Report::new(lang, Fault::Machine, "submit.error.io", &[("path", &path.display()), ("message", error)])
        }
    }
}

/// A file or folder of a class that cannot be read or written.
pub fn class_io(lang: &Lang, path: &Path, error: &io::Error) -> Report {
    Report::new(lang, Fault::Machine, "class.error.io", &[("path", &path.display()), ("message", error)])
}

/// A journal that cannot be used.
pub fn journal(lang: &Lang, error: &JournalError) -> Report {
    match error {
        JournalError::Locked(path) => {
            Report::new(lang, Fault::Machine, "class.error.locked", &[("path", &path.display())])
        }
        JournalError::Io { path, error } => class_io(lang, path, error),
    }
}

/// A regrade that could not go on.
pub fn regrade(lang: &Lang, error: &RegradeError) -> Report {
    match error {
        RegradeError::Folder { path, error } => class_io(lang, path, error),
        RegradeError::Journal(error) => journal(lang, error),
    }
}
