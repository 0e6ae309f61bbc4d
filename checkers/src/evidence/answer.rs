//! What a learner answered, and what is true of the machine and of the images that were asked about.

use super::Gathered;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Answers and truths of one check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerFacts {
    /// `answers.yaml` by its keys; one element for a plain answer, none for an empty one.
    pub given: Gathered<BTreeMap<String, Vec<String>>>,
    /// By [`super::key`] of the [`crate::spec::Truth`].
    pub truths: BTreeMap<String, Gathered<TrueValue>>,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrueValue {
    /// Any of these spellings; the first is the one to show.
    OneOf(Vec<String>),
    /// A count, and the other one that it is taken for (layers for rows of the history, and the reverse).
    Count {
        /// The right one.
        value: u64,
        /// The one that it is not.
        not: u64,
    },
    /// All of these, in any order.
    Set {
        /// What belongs to it.
        all: Vec<String>,
        /// What could have been named and does not belong to it.
        others: Vec<String>,
    },
    /// Bytes of each layer, bottom first.
    Sizes(Vec<u64>),
    /// Texts of a file.
    Hidden {
        /// Only in layers where a later one deleted them.
        hidden: Vec<String>,
        /// In the image for everybody to see.
        visible: Vec<String>,
    },
}

impl TrueValue {
    /// The answer as a learner would write it: one element, or a list.
    pub fn written(&self) -> Vec<String> {
        match self {
            Self::OneOf(all) => all.iter().take(1).cloned().collect(),
            Self::Count { value, .. } => vec![value.to_string()],
            Self::Set { all, .. } => all.clone(),
            Self::Sizes(sizes) => sizes.iter().map(|bytes| format!("{bytes} B")).collect(),
            Self::Hidden { hidden, .. } => hidden.iter().take(1).cloned().collect(),
        }
    }
}
