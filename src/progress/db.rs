//! The database file: opened, migrated, appended to, summarised, backed up.
//!
//! Only the writer thread of [`super::Store`] uses it.

use super::{
    event::Event,
    place,
    schema::{LATEST, MIGRATIONS},
    summary::{FOLD, Summary},
};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior, params};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use uuid::Uuid;

/// How many backups are kept, the newest being `progress.db.1`.
pub(super) const BACKUPS: usize = 3;
/// Events after which the cache is written, so that a killed process leaves the next one little to fold again.
const CACHE_EVERY: u64 = 32;

/// Why the database cannot be used.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The file is damaged.
    Damaged(String),
    /// Somebody else holds it.
    Locked,
    /// It may not be written.
    ReadOnly(String),
    /// The disk is full.
    Full,
    /// A newer program made it.
    Newer,
    /// Anything else.
    Other(String),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
                Self::Locked
            }
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::ReadOnly(error.to_string())
            }
            Some(ErrorCode::DiskFull) => Self::Full,
            _ => Self::Other(error.to_string()),
        }
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::*;
        match error.kind() {
            PermissionDenied | ReadOnlyFilesystem | NotADirectory | AlreadyExists | NotFound => {
                Self::ReadOnly(error.to_string())
            }
            StorageFull | QuotaExceeded => Self::Full,
            _ => Self::Other(error.to_string()),
        }
    }
}

impl From<rusqlite_migration::Error> for Trouble {
    fn from(error: rusqlite_migration::Error) -> Self {
        match error {
            rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
            other => Self::Other(other.to_string()),
        }
    }
}

/// An open database.
pub(super) struct Db {
    conn: Connection,
    path: PathBuf,
    device: Uuid,
    summary: Summary,
    /// The highest row that is in `summary`.
    last: i64,
    /// `summary.events` when the cache was last written.
    cached: u64,
}

impl Db {
    /// Opens or makes the database. `busy` bounds every wait for another process.
    pub(super) fn open(path: &Path, busy: Duration) -> Result<Self, Trouble> {
        // SQLite takes an empty file for a new database. Where there are backups it is what a full disk or a power cut
        // left of an old one.
        let empty = fs::metadata(path).is_ok_and(|m| m.len() == 0);
        if empty && backup_path(path, 1).exists() {
            return Err(Trouble::Damaged("0 bytes".to_owned()));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut conn = Connection::open_with_flags(path, flags)?;
        conn.busy_timeout(busy)?;
        let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if version > LATEST {
            return Err(Trouble::Newer);
        }
        let journal = if place::is_network(path) { "TRUNCATE" } else { "WAL" };
        conn.query_row(&format!("PRAGMA journal_mode = {journal}"), [], |_| Ok(()))?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        if version < LATEST {
            if version > 0 {
                back_up(&conn, path)?;
            }
            MIGRATIONS.to_latest(&mut conn)?;
        }
        let device = device(&mut conn)?;
        let mut db = Self { conn, path: path.to_owned(), device, summary: Summary::default(), last: 0, cached: 0 };
        db.load_cache()?;
        db.catch_up()?;
        Ok(db)
    }

    fn load_cache(&mut self) -> Result<(), Trouble> {
        let held: Option<(i64, u64, String, String)> = self
            .conn
            .query_row(
                "SELECT last, events, digest, json FROM cache WHERE name = 'summary' AND fold = ?1",
                [FOLD],
                |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs(), row.get(2)?, row.get(3)?)),
            )
            .optional()?;
        let Some((last, events, digest, json)) = held else { return Ok(()) };
        let there: i64 = self.conn.query_row("SELECT count(*) FROM event WHERE id <= ?1", [last], |row| row.get(0))?;
        if digest == short_digest(&json)
            && let Ok(summary) = serde_json::from_str::<Summary>(&json)
            && summary.events == events
            && there.unsigned_abs() == events
        {
            self.cached = events;
            self.last = last;
            self.summary = summary;
        }
        Ok(())
    }

    /// Adds to the summary what was appended since, by us or by another process.
    fn catch_up(&mut self) -> Result<(), Trouble> {
        let (summary, last) = (&mut self.summary, &mut self.last);
        each_event(&self.conn, *last, |id, event| {
            summary.add(&event);
            *last = id;
        })?;
        if self.summary.events >= self.cached + CACHE_EVERY {
            self.save_cache()?;
        }
        Ok(())
    }

    /// Writes the cache where it is behind.
    pub(super) fn save_cache(&mut self) -> Result<(), Trouble> {
        if self.summary.events == self.cached {
            return Ok(());
        }
        let json = serde_json::to_string(&self.summary).map_err(|e| Trouble::Other(e.to_string()))?;
        self.conn.execute(
            "INSERT OR REPLACE INTO cache (name, fold, last, events, digest, json) VALUES ('summary', ?1, ?2, ?3, ?4, ?5)",
            params![FOLD, self.last, self.summary.events as i64, short_digest(&json), json],
        )?;
        self.cached = self.summary.events;
        Ok(())
    }

    /// The summary, with what other processes wrote meanwhile.
    pub(super) fn summary(&mut self) -> Result<&Summary, Trouble> {
        self.catch_up()?;
        Ok(&self.summary)
    }

    /// This machine's id.
    pub(super) fn device(&self) -> Uuid {
        self.device
    }

    /// Appends an event of this device, durable when it returns. Its sequence number is given here, under the write lock:
    /// two processes of one device must not count the same.
    pub(super) fn append(&mut self, event: &mut Event) -> Result<(), Trouble> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let next: i64 = tx.query_row(
            "SELECT coalesce(max(seq), 0) + 1 FROM event WHERE device = ?1",
            [event.device.as_bytes().as_slice()],
            |row| row.get(0),
        )?;
        event.seq = next.unsigned_abs();
        insert(&tx, event)?;
        tx.commit()?;
        self.catch_up()
    }

    /// Adds events of any device, those that are there already left out: all of them or none. Returns how many were new.
    pub(super) fn merge(&mut self, events: &[Event]) -> Result<u64, Trouble> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut new = 0;
        for event in events {
            new += insert(&tx, event)?;
        }
        tx.commit()?;
        self.catch_up()?;
        Ok(new)
    }

    /// Every event, oldest row first.
    pub(super) fn export(&self) -> Result<Vec<Event>, Trouble> {
        let mut events = Vec::new();
        each_event(&self.conn, 0, |_, event| events.push(event))?;
        Ok(events)
    }

    /// Once a day, or when the clock went back: a full check of the file, and only if it is sound, a backup.
    pub(super) fn upkeep(&mut self) -> Result<(), Trouble> {
        const DAY: i64 = 20 * 3600;
        let now = now();
        let last: Option<i64> =
            self.conn.query_row("SELECT value FROM upkeep WHERE name = 'backup'", [], |row| row.get(0)).optional()?;
        let due = last.is_none_or(|last| now < last || now - last >= DAY) || !backup_path(&self.path, 1).exists();
        if !due || self.summary.events == 0 {
            return Ok(());
        }
        check(&self.conn)?;
        self.save_cache()?;
        back_up(&self.conn, &self.path)?;
        // Only now: a backup that could not be made is tried again, and not tomorrow.
        self.conn.execute("INSERT OR REPLACE INTO upkeep (name, value) VALUES ('backup', ?1)", [now])?;
        Ok(())
    }
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64)
}

fn insert(conn: &Connection, event: &Event) -> rusqlite::Result<u64> {
    let added = conn
        .prepare_cached(
            "INSERT INTO event (uuid, device, seq, at, kind, v, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (uuid) DO NOTHING",
        )?
        .execute(params![
            event.uuid.as_bytes().as_slice(),
            event.device.as_bytes().as_slice(),
            event.seq as i64,
            event.at,
            event.kind,
            event.v,
            event.json.to_string(),
        ])?;
    Ok(added as u64)
}

/// Calls `take` with every row above `after`, in order.
pub(super) fn each_event(conn: &Connection, after: i64, mut take: impl FnMut(i64, Event)) -> rusqlite::Result<()> {
    let mut query =
        conn.prepare_cached("SELECT id, uuid, device, seq, at, kind, v, json FROM event WHERE id > ?1 ORDER BY id")?;
    let mut rows = query.query([after])?;
    while let Some(row) = rows.next()? {
        let uuid = |i: usize| -> rusqlite::Result<Uuid> {
            Ok(row.get_ref(i)?.as_blob().ok().and_then(|b| Uuid::from_slice(b).ok()).unwrap_or_default())
        };
        let json: String = row.get(7)?;
        let event = Event {
            uuid: uuid(1)?,
            device: uuid(2)?,
            seq: row.get::<_, i64>(3)?.unsigned_abs(),
            at: row.get(4)?,
            kind: row.get(5)?,
            v: row.get::<_, i64>(6)?.try_into().unwrap_or(u32::MAX),
            json: serde_json::from_str(&json).unwrap_or_default(),
        };
        take(row.get(0)?, event);
    }
    Ok(())
}

/// Reads the whole file for damage.
pub(super) fn check(conn: &Connection) -> Result<(), Trouble> {
    let verdict: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(Trouble::Damaged(verdict)) }
}

/// `progress.db.N`.
pub(super) fn backup_path(path: &Path, n: usize) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{n}"));
    path.with_file_name(name)
}

/// Makes `progress.db.1`, the former one becoming `.2` and so on. The copy is whole before any older one moves.
fn back_up(conn: &Connection, path: &Path) -> Result<(), Trouble> {
    let fresh = path.with_extension("db.new");
    let _ = fs::remove_file(&fresh);
    conn.execute("VACUUM INTO ?1", [fresh.to_string_lossy()])?;
    fs::File::open(&fresh)?.sync_all()?;
    for n in (1..BACKUPS).rev() {
        let _ = fs::rename(backup_path(path, n), backup_path(path, n + 1));
    }
    fs::rename(&fresh, backup_path(path, 1))?;
    Ok(())
}

/// This machine's id in a database, where it was seen there.
pub(super) fn device_of(conn: &Connection) -> rusqlite::Result<Option<Uuid>> {
    let id: Option<Vec<u8>> =
        conn.query_row("SELECT id FROM device WHERE machine = ?1", [machine()], |row| row.get(0)).optional()?;
    Ok(id.and_then(|id| Uuid::from_slice(&id).ok()))
}

/// The same, made when it is first seen.
fn device(conn: &mut Connection) -> Result<Uuid, Trouble> {
    if let Some(id) = device_of(conn)? {
        return Ok(id);
    }
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let id = match device_of(&tx)? {
        Some(id) => id,
        None => {
            let id = Uuid::now_v7();
            tx.execute(
                "INSERT INTO device (machine, id) VALUES (?1, ?2)",
                params![machine(), id.as_bytes().as_slice()],
            )?;
            id
        }
    };
    tx.commit()?;
    Ok(id)
}

/// A name for this machine that says nothing about it: an export may be handed to others.
fn machine() -> String {
    let id = fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let host = hostname::get().unwrap_or_default();
    // In a lab, machines cloned from one disk share their machine-id, but hardly their name as well.
    short_digest(&format!("dockshala {} {}", id.trim(), host.to_string_lossy()))
}

fn short_digest(text: &str) -> String {
    Sha256::digest(text).iter().take(8).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::EventKind;

    #[test]
    fn a_backup_that_could_not_be_made_is_tried_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("progress.db");
        let mut db = Db::open(&path, Duration::from_secs(1)).unwrap();
        let kind = EventKind::HintShown { exercise: "two-stages".into(), step: 1 };
        db.append(&mut super::super::writer::stamp(&kind)).unwrap();
        db.upkeep().unwrap();
        db.conn.execute("UPDATE upkeep SET value = 0 WHERE name = 'backup'", []).unwrap();
        // A folder with something in it cannot be replaced by the copy.
        let fresh = path.with_extension("db.new");
        fs::create_dir_all(fresh.join("in-the-way")).unwrap();
        assert!(db.upkeep().is_err());
        fs::remove_dir_all(&fresh).unwrap();
        db.upkeep().unwrap();
        assert!(backup_path(&path, 2).exists(), "a second one was made");
    }
}
