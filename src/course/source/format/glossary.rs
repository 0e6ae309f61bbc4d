//! The glossary: what the course's own words mean, one sentence or two each.

use super::super::lang::Text;
use serde::{Deserialize, Serialize};

/// `lessons/glossary.yaml`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GlossaryFile {
    /// In no order that matters: each language has its own alphabet.
    pub terms: Vec<Term>,
}

/// A word and what it means.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Term {
    /// Immutable.
    pub id: String,
    /// The word as lessons write it.
    pub word: Text,
    /// Other forms by which it is known in a text: plurals, abbreviations.
    #[serde(default)]
    pub also: Vec<String>,
    /// What it means.
    pub means: Text,
    /// The lesson that explains it; may be one that is planned and not written yet.
    #[serde(default)]
    pub lesson: Option<String>,
}
