//! Figures that lessons quote, and what the course owes: each number has a source, each topic a place.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `assets/figures.yaml`: key → figure.
pub type FiguresFile = BTreeMap<String, Figure>;

/// What a figure is a size of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FigureKind {
    /// What travels over the wire.
    Compressed,
    /// What lies on the disk.
    OnDisk,
    /// What a command of ours printed.
    Measured,
}

/// One number with its unit and where it comes from: `source`, or `measure` with `engine`; always with `date`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Figure {
    /// The number, with or without its unit: `439.4 MB`, `12`.
    pub value: String,
    /// The unit, empty for a bare number (a count, a ratio).
    pub unit: String,
    /// What it is a size of.
    #[serde(default)]
    pub kind: Option<FigureKind>,
    /// The page or paper it is from.
    #[serde(default)]
    pub source: Option<String>,
    /// Or the docker command that prints it.
    #[serde(default)]
    pub measure: Option<Vec<String>>,
    /// The engine on which it was measured.
    #[serde(default)]
    pub engine: Option<String>,
    /// When, `2026-08-03`.
    pub date: String,
}

impl Figure {
    /// The number with its unit, once.
    pub fn shown(&self) -> String {
        let value = self.value.trim();
        if self.unit.is_empty() || value.ends_with(&self.unit) {
            value.to_owned()
        } else {
            format!("{value} {}", self.unit)
        }
    }
}

/// `lessons/coverage.yaml`: what the course owes, and where it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CoverageFile {
    /// Topics, each in words.
    #[serde(default)]
    pub topics: Vec<Topic>,
    /// What notes often get wrong, and what is right.
    #[serde(default)]
    pub corrections: Vec<Correction>,
}

/// A topic and the section that has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Topic {
    /// In words.
    pub topic: String,
    /// The lesson.
    pub lesson: String,
    /// Its section.
    pub section: String,
}

/// A correction and the section that makes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Correction {
    /// What notes often say.
    pub claim: String,
    /// What is so, in words.
    pub right: String,
    /// The lesson.
    pub lesson: String,
    /// Its section.
    pub section: String,
}
