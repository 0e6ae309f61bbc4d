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

/// What was written and is not in its file.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsaved {
    /// The file.
    pub path: PathBuf,
    /// What was written.
    pub text: String,
    /// What the file must hold to be written over.
    pub before: String,
    /// It is in another file instead.
    pub kept: bool,
}

/// Names for it that are tried before the next folder is.
const NAMES: u32 = 100;

/// Reads a file and colours it; what is no text, or too big, is not shown.
pub(super) fn read(exercise: String, path: PathBuf, news: &mpsc::Sender<Msg>) {
    let Ok(text) = text_of(&path) else { return };
    let colours = highlight(language(&path), &text);
    let _ = news.blocking_send(Msg::Lab(exercise, LabNews::File(Sheet { path, text, colours })));
}

/// Writes a file, unless it holds by now something else than `before`: somebody else's work is not written over.
pub(super) fn save(exercise: String, path: PathBuf, text: String, before: &str, lang: &Lang, news: &mpsc::Sender<Msg>) {
    let name = path.display();
    let mut told = None;
    let said = match put(&path, &text, before) {
        Ok(true) => i18n::text(lang, "tui.edit.saved", &[("file", &name)]),
        missed => {
            // Which of the two is right, only the learner knows; and a text that could not be saved is her only one.
            let kept = keep(&path, &text, &std::env::temp_dir());
            let (before, kept_text) = (before.to_owned(), kept.is_ok());
            told = Some(Unsaved { path: path.clone(), text, before, kept: kept_text });
            match (missed, kept) {
                (Ok(_), Ok(beside)) => i18n::text(lang, "tui.edit.changed", &[("beside", &short(&beside))]),
                (Err(error), Ok(beside)) => {
                    i18n::text(lang, "tui.edit.kept", &[("beside", &short(&beside)), ("message", &error)])
                }
                (_, Err(error)) => i18n::text(lang, "tui.edit.failed", &[("file", &name), ("message", &error)]),
            }
        }
    };
    let _ = news.blocking_send(Msg::Notice(said));
    if let Some(unsaved) = told {
        let _ = news.blocking_send(Msg::Lab(exercise.clone(), LabNews::NotSaved(unsaved)));
    }
    read(exercise, path, news);
}

/// A path as a shell takes it. A notice has one row, and where the text is must not be what is cut from it.
fn short(path: &Path) -> String {
    let home = std::env::home_dir().and_then(|home| path.strip_prefix(home).ok());
    home.map_or_else(|| path.display().to_string(), |below| Path::new("~").join(below).display().to_string())
}

/// Keeps a text beside the file that it could not go into, or in `elsewhere`, never over anything that is there.
fn keep(path: &Path, text: &str, elsewhere: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut failed = io::Error::from(io::ErrorKind::NotFound);
    for dir in path.parent().into_iter().chain([elsewhere]) {
        for nth in 1..=NAMES {
            let number = if nth == 1 { String::new() } else { format!("-{nth}") };
            let beside = dir.join(format!("{name}.unsaved{number}"));
            match File::create_new(&beside) {
                Ok(mut file) => match file.write_all(text.as_bytes()).and_then(|()| file.sync_all()) {
                    Ok(()) => return Ok(beside),
                    Err(error) => {
                        // Half a text on a full disk would pass for the whole.
                        let _ = fs::remove_file(&beside);
                        failed = error;
                        break;
                    }
                },
                // Saved twice without success: the same text need not be there twice.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    if text_of(&beside).is_ok_and(|there| there == text) {
                        return Ok(beside);
                    }
                    failed = error;
                }
                Err(error) => {
                    failed = error;
                    break;
                }
            }
        }
    }
    Err(failed)
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

    fn saved(path: &Path, text: &str, before: &str) -> (String, Option<Unsaved>) {
        let (to, mut news) = mpsc::channel(8);
        save("two-stages".to_owned(), path.to_owned(), text.to_owned(), before, &Lang::en(), &to);
        let Ok(Msg::Notice(said)) = news.try_recv() else { panic!("nothing was said") };
        let unsaved = match news.try_recv() {
            Ok(Msg::Lab(_, LabNews::NotSaved(unsaved))) => Some(unsaved),
            _ => None,
        };
        (said, unsaved)
    }

    #[test]
    fn what_cannot_be_saved_is_kept_beside_and_the_place_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("Dockerfile");
        // Deleted meanwhile.
        let (said, unsaved) = saved(&path, "FROM mine\n", "FROM a\n");
        let beside = dir.path().join("Dockerfile.unsaved");
        assert_eq!(fs::read_to_string(&beside).unwrap(), "FROM mine\n");
        assert!(said.contains(&beside.display().to_string()), "{said}");
        assert_eq!(unsaved.map(|u| (u.kept, u.before)), Some((true, "FROM a\n".to_owned())));
        // Changed by somebody else, twice: an older text is never written over, the same one not kept twice.
        fs::write(&path, "FROM theirs\n").unwrap();
        for (text, beside) in [("FROM second\n", "Dockerfile.unsaved-2"), ("FROM mine\n", "Dockerfile.unsaved")] {
            let (said, unsaved) = saved(&path, text, "FROM a\n");
            assert_eq!(fs::read_to_string(dir.path().join(beside)).unwrap(), text);
            assert!(said.contains(beside) && unsaved.is_some_and(|u| u.kept), "{said}");
        }
        assert_eq!(fs::read_to_string(&beside).unwrap(), "FROM mine\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "FROM theirs\n");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
    }

    #[test]
    fn where_its_folder_is_gone_a_text_goes_elsewhere_and_half_of_it_nowhere() {
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = dir.path().join("gone/Dockerfile");
        let kept = keep(&path, "FROM a\n", elsewhere.path()).unwrap();
        assert_eq!((kept.parent(), fs::read_to_string(&kept).unwrap().as_str()), (Some(elsewhere.path()), "FROM a\n"));
        assert!(keep(&path, "FROM a\n", &dir.path().join("gone/too")).is_err());
    }
}
