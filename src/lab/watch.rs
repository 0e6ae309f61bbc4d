//! Says when a working copy has changed: the whole folder, by content.
//!
//! Editors save in many ways (in place, by rename, by remove and create), so events are only a nudge to look; what decides is
//! a hash over all names and contents. Where events do not arrive (network file systems, WSL's /mnt, some virtual machines)
//! the folder is looked at every second; and everywhere it is looked at now and then all the same, so that a broken event
//! source costs seconds and never a save.

use super::LabError;
use crate::progress::is_network;
use notify::{RecursiveMode, Watcher as _};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// Editors write several files, and several times, for one save.
const SETTLE: Duration = Duration::from_millis(150);
/// How often to look where events are not to be trusted.
const POLL: Duration = Duration::from_secs(1);
/// How often to look where they are.
const LOOK: Duration = Duration::from_secs(5);
/// A file above this is hashed by size and time: nobody types so much, and reading it each second would be felt.
const HASHED: u64 = 8 << 20;
/// More files than this are not looked at one by one.
const FILES: usize = 20_000;

/// The contents of a folder in one number.
pub type Print = [u8; 32];

/// Hashes names, kinds and contents of everything below `dir`. Git's own folder is left out: it changes without the
/// submission doing so. What disappears while it is read counts as gone.
pub fn print_of(dir: &Path) -> Print {
    let mut hash = Sha256::new();
    let mut todo = vec![dir.to_owned()];
    let mut seen = 0;
    while let Some(folder) = todo.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
        paths.sort();
        for path in paths {
            seen += 1;
            if seen > FILES {
                return hash.finalize().into();
            }
            let Ok(meta) = path.symlink_metadata() else { continue };
            let name = path.strip_prefix(dir).unwrap_or(&path).as_os_str().as_encoded_bytes();
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name);
            if meta.is_dir() {
                hash.update(b"d");
                if path.file_name().is_some_and(|n| n != ".git") {
                    todo.push(path);
                }
            } else if meta.is_symlink() {
                hash.update(b"l");
                hash.update(fs::read_link(&path).unwrap_or_default().as_os_str().as_encoded_bytes());
            } else if meta.is_file() {
                hash.update(b"f");
                hash.update(meta.len().to_le_bytes());
                file(&mut hash, &path, &meta);
            }
        }
    }
    hash.finalize().into()
}

fn file(hash: &mut Sha256, path: &Path, meta: &fs::Metadata) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        hash.update((meta.permissions().mode() & 0o777).to_le_bytes());
    }
    if meta.len() > HASHED {
        let at = meta.modified().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok()).unwrap_or_default();
        hash.update(at.as_nanos().to_le_bytes());
        return;
    }
    let mut buffer = Vec::new();
    if fs::File::open(path).and_then(|f| f.take(HASHED).read_to_end(&mut buffer)).is_ok() {
        hash.update(&buffer);
    }
}

/// How a folder is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// By the system's events.
    Events,
    /// By looking every second, because events are not to be trusted there or the learner said so.
    Polling,
}

/// Watches one folder.
pub struct Watch {
    dir: PathBuf,
    source: Source,
    // Dropped with this: it ends the system's watch.
    _watcher: Option<notify::RecommendedWatcher>,
    nudges: mpsc::Receiver<()>,
    last: Print,
    began: Instant,
    nudged: bool,
}

impl Watch {
    /// Begins. What is in the folder now counts as seen.
    pub fn begin(dir: &Path, poll: bool) -> Result<Self, LabError> {
        let dir = fs::canonicalize(dir).map_err(|e| LabError::io(dir, e))?;
        // One place is enough: a nudge says look, and a second before the look says nothing more.
        let (tell, nudges) = mpsc::channel(1);
        let mut source =
            if poll || is_network(&dir) || is_windows_mount(&dir) { Source::Polling } else { Source::Events };
        let mut watcher = None;
        if source == Source::Events {
            let made = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                // Reading a file, as a build does, is no change.
                if !event.is_ok_and(|e| e.kind.is_access()) {
                    let _ = tell.try_send(());
                }
            })
            .and_then(|mut w| w.watch(&dir, RecursiveMode::Recursive).map(|()| w));
            match made {
                Ok(made) => watcher = Some(made),
                // No watches left, or none on this system: looking works everywhere.
                Err(_) => source = Source::Polling,
            }
        }
        let last = print_of(&dir);
        Ok(Self { dir, source, _watcher: watcher, nudges, last, began: Instant::now(), nudged: false })
    }

    /// How it is done.
    pub fn source(&self) -> Source {
        self.source
    }

    /// It has been going on for a while, changes were found, and no event ever said so.
    pub fn events_never_arrive(&self) -> bool {
        self.source == Source::Events && !self.nudged && self.began.elapsed() > LOOK
    }

    /// Waits until the content is another than when it was last seen. Dropping the future loses nothing: what it waited for
    /// is found by the next call.
    pub async fn changed(&mut self) {
        loop {
            let now = self.look().await;
            if now != self.last {
                self.last = self.settled(now).await;
                return;
            }
            let wait = if self.source == Source::Polling { POLL } else { LOOK };
            match tokio::time::timeout(wait, self.nudges.recv()).await {
                Ok(Some(())) => self.nudged = true,
                // The watcher is gone: what remains is to look.
                Ok(None) => tokio::time::sleep(POLL).await,
                Err(_) => {}
            }
        }
    }

    async fn look(&self) -> Print {
        let dir = self.dir.clone();
        tokio::task::spawn_blocking(move || print_of(&dir)).await.unwrap_or(self.last)
    }

    /// Waits until two looks in a row see the same, for a save that takes several writes.
    async fn settled(&mut self, mut now: Print) -> Print {
        loop {
            tokio::time::sleep(SETTLE).await;
            let then = std::mem::replace(&mut now, self.look().await);
            if then == now {
                return now;
            }
        }
    }
}

/// WSL mounts Windows' drives under /mnt, and no event comes from there.
fn is_windows_mount(dir: &Path) -> bool {
    dir.starts_with("/mnt") && fs::read_to_string("/proc/version").is_ok_and(|v| v.to_lowercase().contains("microsoft"))
}

/// Whether this machine tells of changes in `dir`: writes a file there and waits for its event. For `doctor`.
pub fn events_arrive(dir: &Path) -> io::Result<bool> {
    let probe = tempfile::Builder::new().prefix(".dockshala-probe-").tempdir_in(dir)?;
    let (tell, told) = std::sync::mpsc::channel();
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok() {
            let _ = tell.send(());
        }
    })
    .and_then(|mut w| w.watch(probe.path(), RecursiveMode::Recursive).map(|()| w));
    let Ok(_watcher) = watcher else { return Ok(false) };
    fs::write(probe.path().join("probe"), "1")?;
    Ok(told.recv_timeout(Duration::from_millis(1500)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("Dockerfile"), "FROM scratch\n").unwrap();
        fs::create_dir(dir.path().join("src")).unwrap();
        fs::write(dir.path().join("src/main.go"), "package main").unwrap();
        dir
    }

    #[test]
    fn only_content_counts() {
        let dir = copy();
        let before = print_of(dir.path());
        fs::write(dir.path().join("Dockerfile"), "FROM scratch\n").unwrap();
        assert_eq!(print_of(dir.path()), before, "saved without a change");
        fs::write(dir.path().join("src/main.go"), "package main\n").unwrap();
        assert_ne!(print_of(dir.path()), before);
        fs::write(dir.path().join("src/main.go"), "package main").unwrap();
        assert_eq!(print_of(dir.path()), before, "and undone");
        fs::rename(dir.path().join("src/main.go"), dir.path().join("src/other.go")).unwrap();
        assert_ne!(print_of(dir.path()), before);
    }

    #[tokio::test]
    async fn every_way_of_saving_is_noticed_with_and_without_events() {
        for poll in [false, true] {
            let dir = copy();
            let file = dir.path().join("Dockerfile");
            let mut watch = Watch::begin(dir.path(), poll).unwrap();
            let ways: [(&str, &dyn Fn()); 4] = [
                ("in place", &|| fs::write(&file, "FROM a\n").unwrap()),
                ("by rename", &|| {
                    fs::write(dir.path().join(".tmp"), "FROM b\n").unwrap();
                    fs::rename(dir.path().join(".tmp"), &file).unwrap();
                }),
                ("by remove and create", &|| {
                    fs::remove_file(&file).unwrap();
                    fs::write(&file, "FROM c\n").unwrap();
                }),
                ("in a new folder", &|| {
                    fs::create_dir(dir.path().join("new")).unwrap();
                    fs::write(dir.path().join("new/file"), "x").unwrap();
                }),
            ];
            for (way, save) in ways {
                save();
                let noticed = tokio::time::timeout(Duration::from_secs(8), watch.changed()).await;
                assert!(noticed.is_ok(), "{way}, polling: {poll}");
            }
            let quiet = tokio::time::timeout(Duration::from_millis(1300), watch.changed()).await;
            assert!(quiet.is_err(), "nothing changed any more, polling: {poll}");
        }
    }

    #[tokio::test]
    async fn a_save_while_nobody_waits_is_found_by_the_next_wait() {
        let dir = copy();
        let mut watch = Watch::begin(dir.path(), false).unwrap();
        // A check is going on: its wait is dropped again and again.
        for _ in 0..3 {
            let _ = tokio::time::timeout(Duration::from_millis(5), watch.changed()).await;
        }
        fs::write(dir.path().join("Dockerfile"), "FROM x\n").unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(tokio::time::timeout(Duration::from_secs(2), watch.changed()).await.is_ok());
    }
}
