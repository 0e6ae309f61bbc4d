//! Claims: statements that a learner predicts, then tests on the daemon. *Sach ya myth?*

use super::super::lang::Text;
use serde::{Deserialize, Serialize};

/// `lessons/MODULE/claims.yaml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClaimsFile {
    /// In no order that matters.
    pub claims: Vec<Claim>,
}

/// Whether what is claimed is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Truth {
    /// It is so.
    True,
    /// It is often said, and wrong.
    Myth,
}

/// One claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Claim {
    /// Immutable.
    pub id: String,
    /// The lesson that it belongs to.
    pub lesson: String,
    /// And its section.
    pub section: String,
    /// The claim.
    pub says: Text,
    /// Whether it is so.
    #[serde(with = "truth_as_written")]
    pub truth: Truth,
    /// What the learner is asked to predict.
    pub ask: Text,
    /// What they can predict.
    pub options: Vec<Prediction>,
    /// A folder under the module's `claims/` that the steps find as their working folder.
    #[serde(default)]
    pub files: Option<String>,
    /// What is run, in order.
    pub steps: Vec<ClaimStep>,
    /// Images to measure after the steps, with the course's own figures: the same on every storage driver.
    #[serde(default)]
    pub measure: Vec<Measure>,
    /// What shows whether it is so: an expression over the kept values that must be true.
    pub shows: String,
    /// Said afterwards; may name kept values as `%{name}`.
    pub explain: Text,
}

/// Something to predict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Prediction {
    /// Unique in the claim.
    pub id: String,
    /// What it says.
    pub text: Text,
    /// It comes true.
    #[serde(default)]
    pub right: bool,
}

/// One command of a claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClaimStep {
    /// The command as its words; the first is `docker`. Never a host shell. `{tag}` is a name of this run's own:
    /// `{tag}:NAME` for images (`docker build -t {tag}:a .`), `{tag}-NAME` for containers, volumes and networks. What is
    /// made so is gone afterwards.
    pub run: Vec<String>,
    /// The name under which its standard output is kept.
    #[serde(default)]
    pub keep: Option<String>,
    /// Keeps only the first group of this regular expression (or the whole match without one).
    #[serde(default)]
    pub take: Option<String>,
    /// The exit code that it must end with, 0 by default.
    #[serde(default)]
    pub exit: Option<i64>,
}

/// An image measured by reading its layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Measure {
    /// The image, usually `{tag}:NAME`.
    pub image: String,
    /// What of it.
    pub what: MeasureOf,
    /// The name under which the number (bytes, or a count) is kept.
    pub keep: String,
}

/// What of an image is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MeasureOf {
    /// Bytes of regular files over all layers.
    Total,
    /// Bytes in the merged file system.
    Final,
    /// Bytes that no container can see.
    Wasted,
    /// How many layers.
    Layers,
}

// `truth: true` is a YAML boolean and `truth: myth` a string; authors should not have to quote one of them.
mod truth_as_written {
    use super::Truth;
    use serde::{Deserializer, Serializer, de};
    use std::fmt;

    pub(super) fn serialize<S: Serializer>(truth: &Truth, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_bool(*truth == Truth::True)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Truth, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Truth;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`true` or `myth`")
            }
            fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Truth, E> {
                Ok(if truth { Truth::True } else { Truth::Myth })
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Truth, E> {
                match text {
                    "true" => Ok(Truth::True),
                    "myth" => Ok(Truth::Myth),
                    other => Err(E::unknown_variant(other, &["true", "myth"])),
                }
            }
        }
        if d.is_human_readable() { d.deserialize_any(Visitor) } else { d.deserialize_bool(Visitor) }
    }
}
