//! Goals that look into the image that was built.

use super::Size;
use serde::{Deserialize, Serialize};

/// `final-base`: the external image that the target stage is built from in the end, through other stages if need be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FinalBase {
    /// Globs over the reference as written, ARGs expanded (`scratch`, `gcr.io/distroless/static*`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub one_of: Vec<String>,
    /// Globs that it must not match.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub none_of: Vec<String>,
}

/// `added`: Σ regular-file bytes of the layers above the base image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Added {
    /// At most so much.
    pub at_most: Size,
}

/// `total`: Σ regular-file bytes over all layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Total {
    /// At most so much.
    pub at_most: Size,
}

/// `waste`: bytes that the submission's own lines put into the image and hide again, and copies of the base's files that differ
/// in owner or mode alone. Where both bounds are given both hold; with neither, nothing may be wasted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Waste {
    /// At most so much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Size>,
    /// At most so many hundredths of what the submission adds to its base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<f64>,
}

/// `layer-shares`: the image of another stage of the same Dockerfile is built too, and both have all layers in common but the
/// topmost few.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LayerShares {
    /// The other stage.
    pub with: String,
    /// So many layers at most are not in common, in either image.
    pub all_but: usize,
}

/// `no-secret`: the build is given a value that is new in each check, and the image holds it nowhere: in no layer, not even
/// deleted, not in the history, the environment or a label; as it is, or in base64 or hex.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NoSecret {
    /// The id under which `RUN --mount=type=secret` gets the value.
    pub secret: String,
    /// A build argument that has it too: the wrong way must be open, or nobody could take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arg: Option<String>,
    /// A file of the build context that has it too, in place of what the submission has there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// A file of the image that must hold the value's SHA-256 (hex, as `sha256sum` prints it), which shows that the build
    /// had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

/// `smaller-than-starter`: `total` of the starter, measured on this machine, divided by the submission's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SmallerThanStarter {
    /// At least so many times smaller.
    pub times: f64,
}

/// `absent`: nothing of this in the merged file system of the final image.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Absent {
    /// Globs over absolute paths without the leading slash (`**/*.go`, `app/node_modules/jest/**`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Commands that must not be on the image's PATH or in the usual bin folders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
}

/// `present`: all of these in the merged file system of the final image.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Present {
    /// Globs over absolute paths without the leading slash; each must match something.
    pub paths: Vec<String>,
}

/// `user`: who process 1 runs as.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct User {
    /// `true`: the container's effective uid must not be 0.
    #[serde(default)]
    pub not_root: bool,
    /// Exactly this uid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
}
