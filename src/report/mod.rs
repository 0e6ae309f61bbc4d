//! What the program says when something stops it: what happened, where, whose doing it is, and what to do next.
//!
//! A report is made where the cause is known, in the learner's language, and printed where the terminal is known. It is no
//! `Box<dyn Error>` chain: a chain explains a program to its authors, in English.

mod claim;
mod class;
mod engine;
mod images;
mod lab;
mod lens;
mod progress;

pub use claim::claim;
pub use class::{class_io, collect, journal, regrade, submit};
pub use engine::engine;
pub use images::{bundle, contract, kit, pull, pull_stopped, stopped};
pub use lab::lab;
pub use lens::lens;
pub use progress::{progress, settings};

use crate::{course::Lang, i18n};
use std::fmt::Display;

/// Whose doing it is. A learner who reads "error" otherwise blames herself first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The command line.
    Usage,
    /// Files that the learner wrote.
    Submission,
    /// The machine: the daemon, the disk, permissions, the network.
    Machine,
    /// The course or pack.
    Course,
    /// Dockshala itself.
    Ours,
}

impl Fault {
    /// The key of its label.
    pub fn key(self) -> &'static str {
        match self {
            Self::Usage => "report.fault.usage",
            Self::Submission => "report.fault.submission",
            Self::Machine => "report.fault.machine",
            Self::Course => "report.fault.course",
            Self::Ours => "report.fault.ours",
        }
    }

    /// The exit code of a command that it stopped: 2 wrong use or bad course, 1 the learner's files, 3 the rest.
    pub fn exit(self) -> u8 {
        match self {
            Self::Usage | Self::Course => 2,
            Self::Submission => 1,
            Self::Machine | Self::Ours => 3,
        }
    }
}

/// Where in a file, with the line itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file as the learner would name it.
    pub file: String,
    /// From 1; none for the file as a whole.
    pub line: Option<u32>,
    /// The line's text and its neighbours', ready to print, or nothing.
    pub snippet: String,
}

/// Something that stopped a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whose doing.
    pub fault: Fault,
    /// What happened, one or two sentences.
    pub what: String,
    /// Where.
    pub place: Option<Place>,
    /// What to do next, most promising first. A line that begins with `$ ` is a command.
    pub next: Vec<String>,
}

impl Report {
    /// A report from the keys `KEY` (what happened) and, where there is one, `KEY.next` (what to do next, a line each).
    pub fn new(lang: &Lang, fault: Fault, key: &str, args: &[(&str, &dyn Display)]) -> Self {
        let next_key = format!("{key}-next");
        let next = match i18n::find(lang, &next_key, args) {
            Some(text) => text.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned).collect(),
            None => Vec::new(),
        };
        Self { fault, what: i18n::text(lang, key, args), place: None, next }
    }

    /// The same with a place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// The same with one more thing to do.
    #[must_use]
    pub fn then(mut self, next: impl Into<String>) -> Self {
        self.next.push(next.into());
        self
    }
}
