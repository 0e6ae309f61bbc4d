//! What the learner chose on this device: language, lab folder, how the screen looks and moves.
//!
//! A file of its own, not events: the language must be known before the first frame, which does not wait for a database,
//! and a folder of one machine means nothing on another.

use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// `settings.json`. Fields of a newer version are kept when it is written again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// BCP-47 tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// The folder of working copies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lab: Option<PathBuf>,
    /// The mirror to pull base images from, `host` or `host:port`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mirror: Option<String>,
    /// The screen's colours: `16`, `auto`, `dark` or `light`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    /// Draw with ASCII only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ascii: Option<bool>,
    /// Nothing on the screen moves by itself more often than it must.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub still: Option<bool>,
    /// The wheel and clicks are the program's; without, the terminal selects text with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mouse: Option<bool>,
    /// What this version does not know.
    #[serde(flatten)]
    pub more: serde_json::Map<String, serde_json::Value>,
}

impl Settings {
    /// Reads them. A file that is missing or unreadable means nothing was chosen: losing a language choice is no reason
    /// to stop anybody.
    pub fn load(config: &Path) -> Self {
        let text = fs::read_to_string(config.join("settings.json")).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Changes them on disk: written beside and renamed, so that a power cut leaves the old or the new.
    pub fn change(config: &Path, change: impl FnOnce(&mut Self)) -> io::Result<()> {
        let mut settings = Self::load(config);
        let before = settings.clone();
        change(&mut settings);
        if settings == before {
            return Ok(());
        }
        fs::create_dir_all(config)?;
        let mut file = tempfile::NamedTempFile::new_in(config)?;
        file.write_all(serde_json::to_string_pretty(&settings)?.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(config.join("settings.json")).map_err(|e| e.error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_keeps_what_a_newer_version_wrote() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("settings.json"), r#"{"lang":"en","hue":"light"}"#).unwrap();
        Settings::change(dir.path(), |s| s.lab = Some("/lab".into())).unwrap();
        let text = fs::read_to_string(dir.path().join("settings.json")).unwrap();
        assert!(text.contains("light") && text.contains("/lab") && text.contains("\"en\""), "{text}");
    }

    #[test]
    fn a_damaged_file_means_nothing_was_chosen() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("settings.json"), "{{{").unwrap();
        assert_eq!(Settings::load(dir.path()), Settings::default());
    }
}
