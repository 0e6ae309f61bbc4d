//! The thread that owns the database.

use super::{
    ImportError, Imported, Notice, Notices,
    db::{Db, Trouble},
    event::{Event, EventKind, VERSION},
    exchange, rescue,
    summary::Summary,
};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::{PoisonError, mpsc},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// How long the thread idles before it looks after the file, or tries again what failed.
const IDLE: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) enum Message {
    Record(Event),
    Flush(mpsc::Sender<()>),
    Summary(mpsc::Sender<Summary>),
    Export(mpsc::Sender<Vec<Event>>),
    Import(Vec<Event>, mpsc::Sender<Result<Imported, ImportError>>),
    Device(mpsc::Sender<Option<Uuid>>),
}

/// An event of now, its device and number still open.
pub(super) fn stamp(kind: &EventKind) -> Event {
    let (kind, json) = kind.split();
    let at = jiff::Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string();
    Event { uuid: Uuid::now_v7(), device: Uuid::nil(), seq: 0, at, kind, v: VERSION, json }
}

pub(super) struct Writer {
    path: Option<PathBuf>,
    busy: Duration,
    notices: Notices,
    db: Option<Db>,
    /// Recorded, not yet on the disk.
    pending: Vec<Event>,
    /// What could be read of a file that may not be written.
    readable: Summary,
}

impl Writer {
    pub(super) fn new(path: Option<PathBuf>, busy: Duration, notices: Notices) -> Self {
        Self { path, busy, notices, db: None, pending: Vec::new(), readable: Summary::default() }
    }

    pub(super) fn run(mut self, from: &mpsc::Receiver<Message>) {
        self.open();
        loop {
            match from.recv_timeout(IDLE) {
                Ok(message) => self.handle(message),
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    self.write();
                    self.upkeep();
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
        }
        self.write();
        self.upkeep();
        if let Some(db) = &mut self.db {
            let _ = db.save_cache();
        }
        self.keep_aside();
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::Record(event) => {
                self.pending.push(event);
                self.write();
            }
            Message::Flush(done) => {
                self.write();
                let _ = done.send(());
            }
            Message::Summary(answer) => {
                let _ = answer.send(self.summary());
            }
            Message::Export(answer) => {
                self.write();
                let _ = answer.send(self.export());
            }
            Message::Import(events, answer) => {
                let _ = answer.send(self.import(&events));
            }
            Message::Device(answer) => {
                let _ = answer.send(self.db.as_ref().map(Db::device));
            }
        }
    }

    fn say(&self, notice: Notice) {
        let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        if !notices.contains(&notice) {
            notices.push(notice);
        }
    }

    fn open(&mut self) {
        let Some(path) = self.path.clone() else { return self.say(Notice::NoHome) };
        let folder = path.parent().unwrap_or(Path::new("."));
        if let Err(error) = fs::create_dir_all(folder) {
            return self.trouble(error.into());
        }
        // Two processes must not both find the file damaged and rescue it. Held while opening only; where locks do not
        // work (some network file systems) SQLite's own must do.
        let guard = File::create(folder.join("progress.lock")).ok();
        if let Some(guard) = &guard {
            let until = Instant::now() + self.busy;
            while guard.try_lock().is_err_and(|e| matches!(e, fs::TryLockError::WouldBlock)) && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        match Db::open(&path, self.busy) {
            Ok(db) => self.db = Some(db),
            Err(Trouble::Damaged(damage)) => self.rescue(&path, damage),
            Err(trouble) => {
                self.readable = Db::read_summary(&path).unwrap_or_default();
                self.trouble(trouble);
            }
        }
        if self.db.is_some() {
            self.take_kept(folder);
        }
    }

    fn rescue(&mut self, path: &Path, damage: String) {
        self.db = None;
        match rescue::rescue(path, damage, self.busy) {
            Ok((db, rescue)) => {
                self.db = Some(db);
                self.say(Notice::Rescued(rescue));
            }
            Err(trouble) => self.trouble(trouble),
        }
    }

    fn trouble(&self, trouble: Trouble) {
        let path = self.path.clone().unwrap_or_default();
        self.say(match trouble {
            Trouble::Locked => Notice::Locked { path },
            Trouble::ReadOnly(message) => Notice::ReadOnly { path, message },
            Trouble::Full => Notice::DiskFull { path },
            Trouble::Newer => Notice::Newer { path },
            Trouble::Damaged(message) | Trouble::Other(message) => Notice::Trouble { path, message },
        });
    }

    /// Appends what is pending, oldest first; what fails stays pending.
    fn write(&mut self) {
        let mut rescued = false;
        while let Some(event) = self.pending.first_mut() {
            let Some(db) = &mut self.db else { return };
            event.device = db.device();
            match db.append(event) {
                Ok(()) => drop(self.pending.remove(0)),
                Err(Trouble::Damaged(damage)) if !rescued => {
                    rescued = true;
                    if let Some(path) = self.path.clone() {
                        self.rescue(&path, damage);
                    }
                }
                Err(trouble) => return self.trouble(trouble),
            }
        }
    }

    fn upkeep(&mut self) {
        // A backup that could not be made is tried again; the disk says more when an event cannot be written.
        if let Some(Err(Trouble::Damaged(damage))) = self.db.as_mut().map(Db::upkeep)
            && let Some(path) = self.path.clone()
        {
            self.rescue(&path, damage);
        }
    }

    fn summary(&mut self) -> Summary {
        let mut summary = match self.db.as_mut().map(|db| db.summary().cloned()) {
            Some(Ok(summary)) => summary,
            Some(Err(trouble)) => {
                self.trouble(trouble);
                Summary::default()
            }
            None => self.readable.clone(),
        };
        for (n, event) in self.pending.iter().enumerate() {
            // Not numbered yet, and younger than all that is.
            summary.add(&Event { seq: i64::MAX as u64 + n as u64, ..event.clone() });
        }
        summary
    }

    fn export(&self) -> Vec<Event> {
        let mut events = match self.db.as_ref().map(Db::export) {
            Some(Ok(events)) => events,
            Some(Err(trouble)) => {
                self.trouble(trouble);
                Vec::new()
            }
            None => Vec::new(),
        };
        events.extend(self.pending.iter().cloned());
        events
    }

    fn import(&mut self, events: &[Event]) -> Result<Imported, ImportError> {
        self.write();
        let Some(db) = &mut self.db else { return Err(ImportError::Database(String::new())) };
        match db.merge(events) {
            Ok(new) => Ok(Imported { new, known: events.len() as u64 - new }),
            Err(trouble) => {
                self.trouble(trouble);
                Err(ImportError::Database(String::new()))
            }
        }
    }

    /// Puts what could not be written into a file that the next start takes in.
    fn keep_aside(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let events = self.pending.len();
        let folder = self.path.as_deref().and_then(Path::parent).unwrap_or(Path::new("."));
        let path = folder.join(format!("pending-{}.jsonl", Uuid::now_v7()));
        let written = File::create(&path).and_then(|file| {
            exchange::write(std::io::BufWriter::new(&file), &self.pending)?;
            file.sync_all()
        });
        match written {
            Ok(()) => self.say(Notice::Waiting { events, path }),
            Err(_) => {
                let _ = fs::remove_file(&path);
                self.say(Notice::Lost { events });
            }
        }
    }

    /// Takes in what earlier processes could not write. The uuid keeps an event from being taken twice, should the file
    /// outlive its events.
    fn take_kept(&mut self, folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for path in entries.flatten().map(|e| e.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !(name.starts_with("pending-") && name.ends_with(".jsonl")) {
                continue;
            }
            let Ok(events) =
                File::open(&path).map_err(ImportError::from).and_then(|f| exchange::read(std::io::BufReader::new(f)))
            else {
                continue;
            };
            let Some(db) = &mut self.db else { return };
            let all = events.into_iter().all(|mut event| {
                event.device = db.device();
                db.append(&mut event).is_ok()
            });
            if all {
                let _ = fs::remove_file(&path);
            }
        }
    }
}
