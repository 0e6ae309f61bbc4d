//! The thread that owns the database.

use super::{
    ImportError, Imported, Notice, Notices,
    db::{Db, Trouble},
    event::{Event, EventKind, VERSION},
    exchange,
    readable::Readable,
    rescue,
    summary::Summary,
};
use std::{
    fs::{self, File},
    io::{self, BufReader, Write},
    path::{Path, PathBuf},
    sync::{PoisonError, mpsc},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// How long the thread idles before it looks after the file, or tries again what failed.
const IDLE: Duration = Duration::from_secs(2);
/// Half a file that is older was left by a process that is gone: writing one takes milliseconds.
const LEFT: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) enum Message {
    Record(Event),
    Flush(mpsc::Sender<()>),
    Summary(mpsc::Sender<Summary>),
    Export(mpsc::Sender<Option<Vec<Event>>>),
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
    unwritable: Summary,
}

impl Writer {
    pub(super) fn new(path: Option<PathBuf>, busy: Duration, notices: Notices) -> Self {
        Self { path, busy, notices, db: None, pending: Vec::new(), unwritable: Summary::default() }
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
                let device = match &self.db {
                    Some(db) => Some(db.device()),
                    None => self.readable().and_then(|there| there.device()),
                };
                let _ = answer.send(device);
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
                for event in self.readable().and_then(|there| there.events().ok()).unwrap_or_default() {
                    self.unwritable.add(&event);
                }
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
            None => self.unwritable.clone(),
        };
        for (n, event) in self.pending.iter().enumerate() {
            // Not numbered yet, and younger than all that is.
            summary.add(&Event { seq: i64::MAX as u64 + n as u64, ..event.clone() });
        }
        summary
    }

    fn readable(&self) -> Option<Readable> {
        Readable::open(self.path.as_deref()?)
    }

    /// None where there is a history, or may be, that cannot be read: an empty one would pass for the whole.
    fn export(&self) -> Option<Vec<Event>> {
        let mut events = match &self.db {
            Some(db) => db.export().map_err(|trouble| self.trouble(trouble)).ok()?,
            None => self.readable()?.events().map_err(|error| self.trouble(error.into())).ok()?,
        };
        events.extend(self.pending.iter().cloned());
        Some(events)
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
        match keep(&path, &self.pending) {
            Ok(()) => self.say(Notice::Waiting { events, path }),
            Err(_) => self.say(Notice::Lost { events }),
        }
    }

    /// Takes in what earlier processes could not write. The uuid keeps an event from being taken twice, should the file
    /// outlive its events. What cannot be read stays, and is told.
    fn take_kept(&mut self, folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for path in entries.flatten().map(|e| e.path()) {
            if !is_kept(&path) {
                continue;
            }
            let (events, fault) = match File::open(&path) {
                Ok(file) => exchange::read_to_fault(BufReader::new(file)),
                Err(error) => (Vec::new(), Some(error.into())),
            };
            let Some(db) = &mut self.db else { return };
            let taken = events.len();
            let all = events.into_iter().try_for_each(|mut event| {
                event.device = db.device();
                db.append(&mut event)
            });
            match (all, fault) {
                (Ok(()), None) => drop(fs::remove_file(&path)),
                (Ok(()), Some(fault)) => {
                    // Under a name that is not looked for again: its whole lines are taken.
                    let aside = PathBuf::from(format!("{}.damaged", path.display()));
                    let path = fs::rename(&path, &aside).map_or(path, |()| aside);
                    self.say(Notice::Unread { path, taken, message: fault.to_string() });
                }
                (Err(trouble), _) => return self.trouble(trouble),
            }
        }
    }
}

/// Writes events beside, and gives them their name when they are on the disk: a power cut leaves all of them or none under it.
fn keep(path: &Path, events: &[Event]) -> io::Result<()> {
    let part = path.with_extension("jsonl.part");
    let write = || {
        let file = File::create_new(&part)?;
        let mut buffer = io::BufWriter::new(&file);
        exchange::write(&mut buffer, events)?;
        buffer.flush()?;
        file.sync_all()?;
        fs::rename(&part, path)?;
        // The name, too. A system that cannot sync a folder keeps it by itself.
        let _ = path.parent().and_then(|folder| File::open(folder).ok()).map(|folder| folder.sync_all());
        Ok(())
    };
    let written = write();
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

/// Whether a file is one that [`keep`] wrote, or half wrote before the power went.
fn is_kept(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let left = || {
        let age = fs::metadata(path).and_then(|m| m.modified()).ok().and_then(|at| at.elapsed().ok());
        name.ends_with(".jsonl.part") && age.is_some_and(|age| age > LEFT)
    };
    name.starts_with("pending-") && (name.ends_with(".jsonl") || left())
}
