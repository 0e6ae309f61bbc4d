//! What the learner chose on this device: language, lab folder, how the screen looks and moves.
//!
//! A file of its own, not events: the language must be known before the first frame, which does not wait for a database,
//! and a folder of one machine means nothing on another.

use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Held from reading to writing: two threads that change a field each must not undo one another. In it, the files that this
/// process set aside and nobody was told of yet.
static CHANGING: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn changing() -> MutexGuard<'static, Vec<PathBuf>> {
    CHANGING.lock().unwrap_or_else(PoisonError::into_inner)
}

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
    /// The screen's colours: `ansi`, `auto`, `dark` or `light`.
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

    /// Changes them on disk: written beside and renamed, so that a power cut leaves the old or the new. A file that cannot be
    /// read as settings is set aside first, and [`Settings::set_aside`] tells of it: one choice must not cost all others.
    ///
    /// # Errors
    /// Where the file cannot be read, or its folder not be written.
    pub fn change(config: &Path, change: impl FnOnce(&mut Self)) -> io::Result<()> {
        let mut aside = changing();
        let path = config.join("settings.json");
        let held = match fs::read(&path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let read = held.as_ref().and_then(|bytes| serde_json::from_slice::<Self>(bytes).ok());
        let damaged = read.is_none() && held.is_some_and(|bytes| !bytes.trim_ascii().is_empty());
        let mut settings = read.unwrap_or_default();
        let before = settings.clone();
        change(&mut settings);
        if settings == before {
            return Ok(());
        }
        fs::create_dir_all(config)?;
        let mut file = tempfile::NamedTempFile::new_in(config)?;
        file.write_all(serde_json::to_string_pretty(&settings)?.as_bytes())?;
        file.as_file().sync_all()?;
        if damaged {
            aside.push(put_aside(&path)?);
        }
        file.persist(path).map_err(|e| e.error)?;
        Ok(())
    }

    /// Takes the files that were set aside since this was last asked.
    pub fn set_aside() -> Vec<PathBuf> {
        std::mem::take(&mut *changing())
    }
}

/// Renames a file to `NAME.damaged`, or the next such name that is free.
fn put_aside(path: &Path) -> io::Result<PathBuf> {
    let name = |n: u32| {
        let number = if n == 0 { String::new() } else { format!("-{n}") };
        PathBuf::from(format!("{}.damaged{number}", path.display()))
    };
    let aside = (0..).map(name).find(|to| to.symlink_metadata().is_err()).unwrap_or_else(|| name(0));
    fs::rename(path, &aside)?;
    Ok(aside)
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

    #[test]
    fn damaged_settings_are_set_aside_before_they_are_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("settings.json");
        for (nth, damage) in ["{\"lang\":\"hi-La", "{\"lang\":{\"of\":\"a newer version\"}}"].into_iter().enumerate() {
            fs::write(&file, damage).unwrap();
            Settings::change(dir.path(), |_| ()).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), damage, "nothing chosen, nothing touched");
            Settings::change(dir.path(), |s| s.lab = Some("/lab".into())).unwrap();
            assert_eq!(Settings::load(dir.path()).lab, Some("/lab".into()));
            let aside = dir.path().join(["settings.json.damaged", "settings.json.damaged-1"][nth]);
            assert_eq!(fs::read_to_string(&aside).unwrap(), damage, "and the older one is not lost");
        }
    }

    #[test]
    fn two_who_choose_at_once_both_have_their_way() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: String| Settings::change(dir.path(), |s| _ = s.more.insert(name, true.into())).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                scope.spawn(move || (0..20).for_each(|n| put(format!("{thread}-{n}"))));
            }
        });
        assert_eq!(Settings::load(dir.path()).more.len(), 80);
    }
}
