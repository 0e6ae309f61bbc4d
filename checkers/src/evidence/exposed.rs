//! Secrets that an image gives away: a value that the check itself put in, and whatever looks like one.

use crate::{
    engine::clean,
    image::{Image, SecretKind, Sighting},
};
use serde::{Deserialize, Serialize};

/// A value for a build to use, new in each check.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SecretAsk {
    /// The id under which `RUN --mount=type=secret` gets it.
    pub secret: String,
    /// The build argument that has it too.
    pub arg: Option<String>,
    /// The file of the context that has it too.
    pub file: Option<String>,
    /// The file of the image that holds its SHA-256 when the build has used it.
    pub proof: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SecretFact {
    /// Stored copies of files that hold it, hidden ones too; at most 20.
    pub files: Vec<Sighting>,
    /// Rows of the history that hold it.
    pub rows: Vec<usize>,
    /// Variables of the environment that hold it.
    pub env: Vec<String>,
    /// It stands somewhere else in the config (a label, the command).
    pub elsewhere: bool,
    /// The build shows that it had the value; none where that is not asked.
    pub proven: Option<bool>,
}

impl SecretFact {
    /// Where the `nth` of the values that the image was searched for lies.
    pub fn gather(image: &Image, nth: usize, value: &str, ask: &SecretAsk) -> Self {
        let mut files: Vec<Sighting> = image.sightings().into_iter().filter(|s| s.secret == nth).collect();
        files.truncate(20);
        let holds = |text: &str| text.contains(value);
        let rows: Vec<usize> =
            image.history.iter().enumerate().filter(|(_, row)| holds(&row.created_by)).map(|(at, _)| at).collect();
        let env = image.config.env.iter().filter(|entry| holds(entry));
        let env: Vec<String> = env.map(|entry| clean::line(entry.split('=').next().unwrap_or_default())).collect();
        let elsewhere = rows.is_empty() && env.is_empty() && image.in_config.contains(&nth);
        let proven = ask.proof.as_ref().map(|path| {
            let text = image.content(path).map(String::from_utf8_lossy).unwrap_or_default();
            text.contains(&fingerprint(value))
        });
        Self { files, rows, env, elsewhere, proven }
    }
}

/// SHA-256 in hex, as `sha256sum` prints it.
pub fn fingerprint(value: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(value.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

/// A secret by its looks. What it is, where it lies, never the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposed {
    /// What kind.
    pub kind: SecretKind,
    /// A file's path, or the name of a value, empty where it has none.
    pub name: String,
    /// The layer that has the file.
    pub layer: Option<usize>,
    /// The row of the history that has the value.
    pub row: Option<usize>,
    /// A later layer hides the file.
    pub hidden: bool,
}

/// More are not worth telling.
const MOST: usize = 50;

/// Everything in an image that looks like a secret: files of any layer, rows of the history, the environment.
pub(super) fn exposed(image: &Image) -> Vec<Exposed> {
    let mut found: Vec<Exposed> = Vec::new();
    for (kind, at) in image.secret_files() {
        found.push(Exposed { kind, name: at.path, layer: Some(at.layer), row: None, hidden: at.hidden });
    }
    let value = |name: String, row: Option<usize>| {
        let name = clean::line(&name);
        Exposed { kind: SecretKind::Value, name, layer: None, row, hidden: false }
    };
    for (at, row) in image.history.iter().enumerate() {
        found.extend(crate::image::values_in(&row.created_by).into_iter().map(|name| value(name, Some(at))));
    }
    for entry in &image.config.env {
        // ENV stands in the history too, unless that was squashed away.
        let told = |name: &str| found.iter().any(|f| f.row.is_some() && f.name == name);
        let names: Vec<String> = crate::image::values_in(entry).into_iter().filter(|n| !told(n)).collect();
        found.extend(names.into_iter().map(|name| value(name, None)));
    }
    found.truncate(MOST);
    found
}
