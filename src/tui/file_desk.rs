//! The file of an exercise that is judged, read for the screen and written by its small editor.

use super::app::{LabNews, Msg};
use crate::{
    course::{Highlighted, Lang, highlight},
    i18n,
};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};
use tokio::sync::mpsc;

/// A bigger file is none that anybody writes by hand.
const MOST: u64 = 256 << 10;

/// A file as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Where it is.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// Its colours.
    pub colours: Highlighted,
}

/// Reads a file and colours it; what is no text, or too big, is not shown.
pub(super) fn read(exercise: String, path: PathBuf, news: &mpsc::Sender<Msg>) {
    let Ok(text) = text_of(&path) else { return };
    let colours = highlight(language(&path), &text);
    let _ = news.blocking_send(Msg::Lab(exercise, LabNews::File(Sheet { path, text, colours })));
}

/// Writes a file, unless it holds by now something else than `before`: somebody else's work is not written over.
pub(super) fn save(exercise: String, path: PathBuf, text: String, before: &str, lang: &Lang, news: &mpsc::Sender<Msg>) {
    let name = path.display();
    let said = match put(&path, &text, before) {
        Ok(true) => i18n::text(lang, "tui.edit.saved", &[("file", &name)]),
        Ok(false) => {
            // What was typed is kept beside it: which of the two is right, only the learner knows.
            let beside = path.with_extension("unsaved");
            match fs::write(&beside, &text) {
                Ok(()) => i18n::text(lang, "tui.edit.changed", &[("file", &name), ("beside", &beside.display())]),
                Err(error) => i18n::text(lang, "tui.edit.failed", &[("file", &beside.display()), ("message", &error)]),
            }
        }
        Err(error) => i18n::text(lang, "tui.edit.failed", &[("file", &name), ("message", &error)]),
    };
    let _ = news.blocking_send(Msg::Notice(said));
    read(exercise, path, news);
}

fn put(path: &Path, text: &str, before: &str) -> io::Result<bool> {
    if text_of(path)? != before {
        return Ok(false);
    }
    // Beside it and renamed, so that a power cut leaves the old or the new; with the old one's permissions.
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs::metadata(path)?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(true)
}

fn text_of(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MOST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MOST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(text)
}

fn language(path: &Path) -> &'static str {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    match name.rsplit('.').next() {
        _ if name.contains("Dockerfile") => "dockerfile",
        Some("yaml" | "yml") => "yaml",
        Some("sh") => "sh",
        _ => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_read_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("Dockerfile");
        fs::write(&path, "FROM a\n").unwrap();
        assert!(put(&path, "FROM b\n", "FROM a\n").unwrap());
        assert!(!put(&path, "FROM c\n", "FROM a\n").unwrap(), "somebody wrote FROM b");
        assert_eq!(fs::read_to_string(&path).unwrap(), "FROM b\n");
        fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(put(&path, "x", "").is_err());
        assert_eq!(language(&path), "dockerfile");
    }
}
