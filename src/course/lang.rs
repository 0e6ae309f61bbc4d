//! A language by its BCP-47 tag.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A language of texts or of the screen: `en`, `hi-Latn`, or any other tag that data brings along.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lang(String);

impl Lang {
    /// From a tag. Whether texts exist in it is for whoever has the texts to say.
    pub fn new(tag: &str) -> Self {
        Self(tag.trim().to_owned())
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
