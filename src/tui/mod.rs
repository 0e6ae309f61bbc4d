//! The screen: home, lessons, exercises, help.
//!
//! [`app`] is the whole program as a pure machine: messages in, effects out. [`runner`] waits for messages and performs
//! effects; [`jobs`] does what takes time. Screens are components; what lies on top of them is a stack; every key stands once
//! in [`keys`], from which the footer and the help are made.

pub mod app;
#[cfg(test)]
mod beginner_tests;
mod claim_desk;
#[cfg(test)]
mod claim_tests;
mod desk;
mod events;
mod file_desk;
mod guard;
mod jobs;
pub mod keys;
mod last_build;
mod lens_desk;
#[cfg(test)]
mod lens_tests;
mod messages;
mod overlay;
mod picker;
mod quiz_desk;
#[cfg(test)]
mod quiz_tests;
#[cfg(test)]
mod reading_tests;
mod rows;
mod runner;
#[cfg(test)]
mod runner_tests;
mod screen;
pub mod state;
#[cfg(test)]
mod stepper_tests;
#[cfg(test)]
mod tests;
mod texts;
pub mod theme;
mod trail;
mod verdict;
#[cfg(test)]
mod words_tests;

pub use app::Target;
pub use runner::Ended;

use crate::{
    course::{Course, Lang},
    i18n,
    lab::Folder,
    layout::{DiagramWords, Labels},
    progress::{Dirs, Notice, Store},
};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};
use theme::Theme;

/// What the screen is opened with.
pub struct Start {
    /// The course.
    pub course: &'static Course,
    /// The language to begin in.
    pub lang: Lang,
    /// Colours.
    pub theme: Theme,
    /// What the learner chose of the screen.
    pub chosen: state::Chosen,
    /// Where the learner's history and settings are.
    pub dirs: Option<Dirs>,
    /// The lab folder that was named last.
    pub lab: Option<PathBuf>,
    /// The daemon to ask in place of the one found.
    pub docker_host: Option<String>,
    /// The learner agreed to what the course runs.
    pub agreed: bool,
    /// A mirror of the image registry.
    pub mirror: Option<String>,
    /// Where to begin instead of at home.
    pub target: Option<Target>,
}

/// How the screen ended, and what must be told of the history now that the terminal is free.
pub struct Outcome {
    /// How.
    pub ended: Ended,
    /// Troubles of the history.
    pub notices: Vec<Notice>,
}

/// News that may wait to be taken in. A build that prints faster than the screen reads is slowed down, not stored.
const NEWS: usize = 1024;

/// Opens the screen, and returns when the learner leaves.
pub fn run(start: Start) -> io::Result<Outcome> {
    let lab = lab_folder(start.lab.as_deref());
    let mut shared = state::Shared::new(start.course, start.lang.clone(), start.theme, lab.clone());
    shared.agreed = start.agreed;
    shared.chosen = start.chosen;
    guard::mouse(start.chosen.mouse);
    let (mut app, first) = app::App::new(shared, start.target.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut signals = {
        let _inside = runtime.enter();
        runner::Signals::new()?
    };
    let mut window = runner::Window::open(&mut app)?;
    // Only now: the reader has something to look at while the database comes up and the daemon is looked for.
    let store = Arc::new(Store::open(start.dirs.as_ref()));
    let (to, mut news) = tokio::sync::mpsc::channel(NEWS);
    let told = jobs::Told::default();
    let jobs = jobs::LabJobs::new(&start, store.clone(), told.clone(), lab, to, runtime.handle().clone());
    let ended = runtime.block_on(runner::run(&mut app, &mut window, &mut signals, first, jobs, &mut news));
    drop(window);
    drop(news);
    // Jobs that still hold the history are given a moment; the event that they are writing is on the disk by then.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    let mut notices = std::mem::take(&mut *told.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    notices.extend(store.notices());
    Ok(Outcome { ended: ended?, notices })
}

/// Where working copies are made: the lab we stand in, the one named last, or a folder in the learner's home.
fn lab_folder(remembered: Option<&Path>) -> PathBuf {
    if let Ok(Some(folder)) = Folder::above(Path::new(".")) {
        return folder.root().to_owned();
    }
    let home = || std::env::home_dir().unwrap_or_else(|| PathBuf::from(".")).join("dockshala");
    remembered.map_or_else(home, Path::to_owned)
}

/// The words that the layout adds to a text.
pub fn labels(lang: &Lang) -> Labels {
    let say = |key: &str| i18n::text(lang, key, &[]);
    Labels {
        note: say("tui.callout.note"),
        tip: say("tui.callout.tip"),
        interview: say("tui.callout.interview"),
        warning: say("tui.callout.warning"),
        caution: say("tui.callout.caution"),
        claim: say("tui.callout.claim"),
        links: say("tui.links"),
        diagram: DiagramWords {
            wasted: say("diagram.wasted"),
            shared: say("diagram.shared"),
            settings: say("diagram.settings"),
            linear: say("diagram.linear"),
            log: say("diagram.log"),
            ships: say("diagram.ships"),
            cache: say("diagram.cache"),
            cached: say("diagram.cached"),
            picture: say("diagram.picture"),
            step: say("diagram.step"),
            image: say("diagram.image"),
            store: say("diagram.store"),
            hidden: say("diagram.hidden"),
            hides: say("diagram.hides"),
            unseen: say("diagram.unseen"),
        },
    }
}
