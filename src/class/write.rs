//! A bundle, written: whole or not at all, and never over another's.

use super::{
    EXTENSION, Hashing,
    collect::Collected,
    manifest::{CourseName, EVENTS, Events, FORMAT, MANIFEST, Manifest, NAME, WORK},
    sha256,
};
use crate::progress::{self, Event};
use dockshala_checkers::engine::clean;
use flate2::{Compression, write::GzEncoder};
use std::{
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// What goes into a bundle.
#[derive(Debug, Clone)]
pub struct Parts<'a> {
    /// The learner's name as she states it.
    pub learner: &'a str,
    /// Her device.
    pub device: Uuid,
    /// The course.
    pub course: CourseName,
    /// Her working copies.
    pub works: Vec<Collected>,
    /// Her whole history; what is about other exercises stays with her.
    pub history: &'a [Event],
}

/// Why no bundle was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The folder is not there: a stick that is not mounted must not become a folder on the disk.
    #[error("{} is no folder", .0.display())]
    NoFolder(PathBuf),
    /// A file was changed while it was packed.
    #[error("{} was changed meanwhile", .0.display())]
    Changed(PathBuf),
    /// The disk says no.
    #[error("{}: {error}", .path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// The system's words.
        error: io::Error,
    },
}

/// A bundle that lies there.
#[derive(Debug, Clone)]
pub struct Written {
    /// Where.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: u64,
    /// What is in it.
    pub manifest: Manifest,
}

/// Writes a bundle into `folder`, under a name of the learner, the time and chance.
pub fn write(folder: &Path, parts: Parts<'_>) -> Result<Written, WriteError> {
    if !folder.is_dir() {
        return Err(WriteError::NoFolder(folder.to_owned()));
    }
    let io = |error| WriteError::Io { path: folder.to_owned(), error };
    let (mut events, mine) = (Vec::new(), relevant(&parts));
    progress::write_export(&mut events, &mine).map_err(io)?;
    let now = jiff::Zoned::now();
    let manifest = Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        learner: stated(parts.learner),
        device: parts.device,
        made: now.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        course: parts.course,
        exercises: parts.works.iter().map(|w| w.work.clone()).collect(),
        events: Events { count: mine.len(), bytes: events.len() as u64, sha256: sha256(&events) },
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".dockshala-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The teacher is another user of a shared folder: a temporary file's usual 0600 would shut her out.
        builder.permissions(fs::Permissions::from_mode(0o644));
    }
    let part = builder.tempfile_in(folder).map_err(io)?;
    pack(part.as_file(), &manifest, &events, &parts.works)?;
    part.as_file().sync_all().map_err(io)?;
    let bytes = part.as_file().metadata().map_err(io)?.len();
    let chance = &Uuid::new_v4().simple().to_string()[..6];
    let name = format!("{}-{}-{chance}{EXTENSION}", file_name(&manifest.learner), now.strftime("%Y-%m-%d-%H%M%S"));
    let path = folder.join(name);
    match part.persist_noclobber(&path) {
        Ok(_) => {}
        // Some file systems (network folders above all) can neither rename without replacing nor link. The name holds chance
        // enough that looking first is no less safe there.
        Err(refused) if refused.error.kind() != io::ErrorKind::AlreadyExists && !path.exists() => {
            refused.file.persist(&path).map_err(|e| io(e.error))?;
        }
        Err(refused) => return Err(io(refused.error)),
    }
    // The name is on the disk too, where the system can say so; not every file system can.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(Written { path, bytes, manifest })
}

/// A name as it may stand in a file: one line, no escapes, not endless.
pub fn stated(name: &str) -> String {
    let words: Vec<String> = clean::line(name).split_whitespace().map(str::to_owned).collect();
    words.join(" ").chars().take(NAME).collect()
}

/// The learner's name as a part of a file's name, on FAT too.
fn file_name(learner: &str) -> String {
    // Indic scripts write vowels and joins as marks that are no letters: they stay, or names would fall apart.
    let keep = |c: char| c.is_alphanumeric() || ('\u{900}'..='\u{dff}').contains(&c);
    let name: String = learner.chars().map(|c| if keep(c) { c } else { '-' }).take(40).collect();
    let name = name.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-").to_lowercase();
    if name.is_empty() { "learner".to_owned() } else { name }
}

/// Events of the exercises that are handed in.
fn relevant(parts: &Parts<'_>) -> Vec<Event> {
    let wanted = |event: &&Event| {
        let exercise = event.json.get("exercise").and_then(|e| e.as_str());
        exercise.is_some_and(|id| parts.works.iter().any(|w| w.work.exercise == id))
    };
    parts.history.iter().filter(wanted).cloned().collect()
}

fn pack(to: &File, manifest: &Manifest, events: &[u8], works: &[Collected]) -> Result<(), WriteError> {
    let failed = |path: &Path, error| WriteError::Io { path: path.to_owned(), error };
    let archive = Path::new(MANIFEST);
    let gz = GzEncoder::new(BufWriter::with_capacity(1 << 17, to), Compression::default());
    let mut tar = tar::Builder::new(gz);
    let text = serde_json::to_vec_pretty(manifest).map_err(|e| failed(archive, e.into()))?;
    append(&mut tar, MANIFEST, text.len() as u64, false, &text[..]).map_err(|e| failed(archive, e))?;
    append(&mut tar, EVENTS, events.len() as u64, false, events).map_err(|e| failed(archive, e))?;
    for collected in works {
        for file in &collected.work.files {
            let path = collected.dir.join(&file.path);
            let opened = File::open(&path).map_err(|e| failed(&path, e))?;
            let mut read = Hashing::new(opened.take(file.bytes));
            let name = format!("{WORK}/{}/{}", collected.work.exercise, file.path);
            append(&mut tar, &name, file.bytes, file.executable, &mut read).map_err(|e| failed(&path, e))?;
            if read.end() != (file.bytes, file.sha256.clone()) {
                return Err(WriteError::Changed(path));
            }
        }
    }
    let gz = tar.into_inner().map_err(|e| failed(archive, e))?;
    gz.finish().and_then(|mut buffer| buffer.flush()).map_err(|e| failed(archive, e))
}

/// Plain headers only: readers of bundles take no other.
fn append(
    tar: &mut tar::Builder<impl Write>,
    name: &str,
    bytes: u64,
    executable: bool,
    from: impl Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_path(name)?;
    header.set_entry_type(tar::EntryType::Regular);
    header.set_mode(if executable { 0o755 } else { 0o644 });
    header.set_size(bytes);
    header.set_mtime(0);
    header.set_cksum();
    tar.append(&header, from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_keep_scripts_and_lose_what_fat_cannot_hold() {
        assert_eq!(file_name("Asha  Verma / 4:B"), "asha-verma-4-b");
        assert_eq!(file_name("कृष्णा"), "कृष्णा");
        assert_eq!(file_name("../../etc"), "etc");
        assert_eq!(file_name("\u{1f600}"), "learner");
        assert_eq!(stated(" \x1b[31mAsha\u{202e}\n Rao "), "Asha Rao");
    }
}
