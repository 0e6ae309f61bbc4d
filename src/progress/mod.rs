//! The learner's history: append-only events in SQLite, a summary worked out from them, settings in a file beside.
//!
//! One writer thread a process owns the database, so that neither the screen nor a check ever waits for a disk. Whatever
//! happens to the file, the program goes on: what cannot be remembered now is kept aside and added next time, and a
//! [`Notice`] says so.

mod cards;
mod db;
mod event;
mod exchange;
mod place;
mod readable;
mod rescue;
mod schema;
mod settings;
mod summary;
mod writer;

pub use cards::{Began, Cards, EPOCH, Interview, InterviewAnswer};
pub use event::{Checked, Event, EventKind};
pub use exchange::{ImportError, read as read_export, write as write_export};
pub use place::{Dirs, is_network};
pub use rescue::Rescue;
pub use settings::Settings;
pub use summary::{ExerciseState, LessonState, Place, Summary};

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::JoinHandle,
    time::Duration,
};
use writer::{Message, Writer};

/// Something about the history that the learner must be told, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The file was damaged; what was done.
    Rescued(Rescue),
    /// The file or its folder may not be written: nothing is remembered.
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// The system's words.
        message: String,
    },
    /// Another program holds the file.
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The disk is full.
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// A newer dockshala made it; nothing is changed and nothing remembered.
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// Any other trouble.
    Trouble {
        /// The file.
        path: PathBuf,
        /// What happened.
        message: String,
    },
    /// The system knows no home folder to remember in.
    NoHome,
    /// Events that could not be written; they wait in this file for the next start.
    Waiting {
        /// How many.
        events: usize,
        /// Where.
        path: PathBuf,
    },
    /// A file of events that waited cannot be read to its end. It is kept.
    Unread {
        /// Where it is now.
        path: PathBuf,
        /// Events taken from it.
        taken: usize,
        /// What is wrong with it.
        message: String,
    },
    /// Events that could be written nowhere.
    Lost {
        /// How many.
        events: usize,
    },
}

/// What came of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// Events that were new.
    pub new: u64,
    /// Events that were known already.
    pub known: u64,
}

type Notices = Arc<Mutex<Vec<Notice>>>;

/// A handle to the writer thread.
#[derive(Debug)]
pub struct Store {
    to: Option<mpsc::Sender<Message>>,
    thread: Option<JoinHandle<()>>,
    notices: Notices,
}

impl Store {
    /// Opens the history in the learner's own folder. Returns at once: opening goes on in the writer thread.
    pub fn open(dirs: Option<&Dirs>) -> Self {
        Self::at(dirs.map(|d| d.data.join("progress.db")).as_deref(), Duration::from_secs(5))
    }

    /// The same for any file, with how long to wait for another process that writes.
    pub fn at(path: Option<&Path>, busy: Duration) -> Self {
        let notices = Notices::default();
        let (to, from) = mpsc::channel();
        let writer = Writer::new(path.map(Path::to_owned), busy, notices.clone());
        let thread = std::thread::Builder::new().name("progress".to_owned()).spawn(move || writer.run(&from)).ok();
        Self { to: Some(to), thread, notices }
    }

    fn send(&self, message: Message) {
        if let Some(to) = &self.to {
            // The thread ends only when this handle does.
            let _ = to.send(message);
        }
    }

    /// Remembers that something happened, now. Does not wait; [`Store::flush`] does.
    pub fn record(&self, kind: &EventKind) {
        self.send(Message::Record(writer::stamp(kind)));
    }

    /// Waits until everything recorded so far is on the disk, or a notice says why not.
    pub fn flush(&self) {
        let (to, done) = mpsc::channel();
        self.send(Message::Flush(to));
        let _ = done.recv();
    }

    /// Where the learner stands; waits for the database.
    pub fn summary(&self) -> Summary {
        self.summary_later().recv().unwrap_or_default()
    }

    /// The same without waiting: the answer comes through the channel. For the screen, whose first frame does not wait.
    pub fn summary_later(&self) -> mpsc::Receiver<Summary> {
        let (to, answer) = mpsc::channel();
        self.send(Message::Summary(to));
        answer
    }

    /// Every event; none where the history cannot be read, and a notice says why.
    pub fn export(&self) -> Option<Vec<Event>> {
        let (to, answer) = mpsc::channel();
        self.send(Message::Export(to));
        answer.recv().unwrap_or_default()
    }

    /// The id under which this device counts its events; none where no database holds it.
    pub fn device(&self) -> Option<uuid::Uuid> {
        let (to, answer) = mpsc::channel();
        self.send(Message::Device(to));
        answer.recv().unwrap_or_default()
    }

    /// Adds events of this or another device.
    pub fn import(&self, events: Vec<Event>) -> Result<Imported, ImportError> {
        let (to, answer) = mpsc::channel();
        self.send(Message::Import(events, to));
        answer.recv().unwrap_or_else(|_| Err(ImportError::Database(String::new())))
    }

    /// Takes what the learner must be told.
    pub fn notices(&self) -> Vec<Notice> {
        std::mem::take(&mut *self.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes what is left and ends the thread.
    pub fn close(mut self) -> Vec<Notice> {
        self.end();
        self.notices()
    }

    fn end(&mut self) {
        drop(self.to.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.end();
    }
}
