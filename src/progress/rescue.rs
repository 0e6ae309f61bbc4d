//! A damaged database is set aside, never overwritten: the newest sound backup takes its place, and every event that can
//! still be read from the damaged file is added to it.

use super::db::{BACKUPS, Db, Trouble, backup_path, check, each_event};
use rusqlite::{Connection, OpenFlags};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// What was done about a damaged file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rescue {
    /// Where the damaged file is now.
    pub aside: PathBuf,
    /// What was wrong with it, SQLite's words.
    pub damage: String,
    /// The backup that took its place.
    pub backup: Option<PathBuf>,
    /// Events read from the damaged file that the backup did not have.
    pub salvaged: u64,
    /// Events there are now.
    pub events: u64,
}

/// Sets the file aside and puts the best there is in its place.
pub(super) fn rescue(path: &Path, damage: String, busy: Duration) -> Result<(Db, Rescue), Trouble> {
    let aside = set_aside(path)?;
    let backup = (1..=BACKUPS).map(|n| backup_path(path, n)).find(|b| sound(b));
    if let Some(backup) = &backup {
        let fresh = path.with_extension("db.new");
        fs::copy(backup, &fresh)?;
        fs::File::open(&fresh)?.sync_all()?;
        fs::rename(&fresh, path)?;
    }
    let mut db = Db::open(path, busy)?;
    let salvaged = db.merge(&salvage(&aside))?;
    let events = db.summary()?.events;
    Ok((db, Rescue { aside, damage, backup, salvaged, events }))
}

/// Renames the database with its WAL, whose committed events are worth as much as the file's own.
fn set_aside(path: &Path) -> Result<PathBuf, Trouble> {
    let stamp = jiff::Zoned::now().strftime("%Y%m%d-%H%M%S").to_string();
    let mut n = 0;
    let aside = loop {
        let suffix = if n == 0 { String::new() } else { format!("-{n}") };
        let candidate = path.with_extension(format!("db.damaged-{stamp}{suffix}"));
        if !candidate.exists() {
            break candidate;
        }
        n += 1;
    };
    fs::rename(path, &aside)?;
    for side in ["-wal", "-shm"] {
        let with = |base: &Path| PathBuf::from(format!("{}{side}", base.display()));
        let _ = fs::rename(with(path), with(&aside));
    }
    Ok(aside)
}

fn sound(backup: &Path) -> bool {
    fs::metadata(backup).is_ok_and(|m| m.len() > 0)
        && Connection::open_with_flags(backup, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .is_ok_and(|conn| check(&conn).is_ok())
}

/// What can still be read: forwards up to the damage, then single rows beyond it.
fn salvage(aside: &Path) -> Vec<super::event::Event> {
    // Works on a copy: reading a WAL database may change it, and what is set aside stays as it was found.
    let Ok(dir) = tempfile::tempdir() else { return Vec::new() };
    let copy = dir.path().join("copy.db");
    if fs::copy(aside, &copy).is_err() {
        return Vec::new();
    }
    let _ = fs::copy(format!("{}-wal", aside.display()), dir.path().join("copy.db-wal"));
    let Ok(conn) = Connection::open(&copy) else { return Vec::new() };
    let mut events = BTreeMap::new();
    let mut last = 0;
    // Each failed stretch is stepped over with a wider stride, so that a file of holes is done in a bounded time.
    let mut stride = 1_i64;
    for _ in 0..64 {
        let read = each_event(&conn, last, |id, event| {
            last = id;
            stride = 1;
            if !event.uuid.is_nil() && !event.device.is_nil() {
                events.insert(event.uuid, event);
            }
        });
        if read.is_ok() {
            break;
        }
        last = last.saturating_add(stride);
        stride = stride.saturating_mul(2);
    }
    let mut events: Vec<_> = events.into_values().collect();
    events.sort_by_key(|e| (e.device, e.seq));
    events
}
