//! A history that cannot be opened for writing, read all the same: another program holds it, its folder is read-only, or a newer
//! program made it.
//!
//! Read as it stands, write-ahead log included: SQLite's `immutable` would need no rights at all, but passes over the log, and
//! so over the last evening.

use super::{
    db::{device_of, each_event},
    event::Event,
};
use rusqlite::{Connection, OpenFlags};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use uuid::Uuid;

/// A history that is only read.
pub(super) struct Readable {
    conn: Connection,
    // The folder of the copy that `conn` reads, where the file itself could not be.
    _copy: Option<tempfile::TempDir>,
}

impl Readable {
    /// Opens what is there; none where there is nothing, or nothing that can be read.
    pub(super) fn open(path: &Path) -> Option<Self> {
        if !path.is_file() {
            return None;
        }
        let there = Self { conn: connect(path)?, _copy: None };
        // In a folder that may not be written SQLite cannot make the log's index, and says so at the first row.
        if there.events().is_ok() { Some(there) } else { Self::copied(path) }
    }

    fn copied(path: &Path) -> Option<Self> {
        let dir = tempfile::tempdir().ok()?;
        let copy = dir.path().join("copy.db");
        fs::copy(path, &copy).ok()?;
        let log = |of: &Path| PathBuf::from(format!("{}-wal", of.display()));
        if log(path).exists() {
            fs::copy(log(path), log(&copy)).ok()?;
        }
        let readable = Self { conn: connect(&copy)?, _copy: Some(dir) };
        readable.events().is_ok().then_some(readable)
    }

    /// Every event, oldest row first.
    pub(super) fn events(&self) -> rusqlite::Result<Vec<Event>> {
        let mut events = Vec::new();
        each_event(&self.conn, 0, |_, event| events.push(event))?;
        Ok(events)
    }

    /// The id under which this machine counted, where it ever wrote here.
    pub(super) fn device(&self) -> Option<Uuid> {
        device_of(&self.conn).ok().flatten()
    }
}

fn connect(path: &Path) -> Option<Connection> {
    let conn =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX).ok()?;
    conn.busy_timeout(Duration::from_secs(1)).ok()?;
    Some(conn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::{EventKind, Store};

    #[test]
    fn a_copy_has_what_only_the_log_holds() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("progress.db");
        let store = Store::at(Some(&path), Duration::from_secs(5));
        store.record(&EventKind::HintShown { exercise: "two-stages".into(), step: 1 });
        store.flush();
        let device = store.device();
        // The store is open, so nothing has been moved from the log into the file.
        let copy = Readable::copied(&path).expect("readable");
        assert_eq!((copy.events().unwrap().len(), copy.device()), (1, device));
        let there = Readable::open(&path).expect("readable");
        assert_eq!((there.events().unwrap().len(), there._copy.is_none()), (1, true));
        assert!(Readable::open(dir.path()).is_none());
    }
}
