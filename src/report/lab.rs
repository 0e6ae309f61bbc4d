//! What the lab's refusals say to a learner.

use super::{Fault, Report};
use crate::{course::Lang, i18n, lab::LabError};

/// Why something in the lab could not be done.
pub fn lab(lang: &Lang, error: &LabError) -> Report {
    let new = |fault, key: &str, args: &[(&str, &dyn std::fmt::Display)]| Report::new(lang, fault, key, args);
    match error {
        LabError::UnknownExercise { id, near } => {
            let mut report = new(Fault::Usage, "lab.error.unknown-exercise", &[("id", id)]);
            if let Some(near) = near {
                report.next.insert(0, i18n::text(lang, "cli.error.did-you-mean", &[("suggestion", near)]));
            }
            report
        }
        LabError::NoLab => new(Fault::Usage, "lab.error.no-lab", &[]),
        LabError::WhichExercise { dir } => new(Fault::Usage, "lab.error.which-exercise", &[("dir", &dir.display())]),
        LabError::NotStarted { id } => new(Fault::Usage, "lab.error.not-started", &[("id", id)]),
        LabError::NotPassed { id } => new(Fault::Usage, "lab.error.not-passed", &[("id", id)]),
        LabError::BadMarker { path, message } => {
            new(Fault::Machine, "lab.error.bad-marker", &[("path", &path.display()), ("message", message)])
        }
        LabError::BadPath { path } => new(Fault::Course, "lab.error.bad-path", &[("path", path)]),
        LabError::Io { path, error } => {
            new(Fault::Machine, "lab.error.io", &[("path", &path.display()), ("message", error)])
        }
    }
}
