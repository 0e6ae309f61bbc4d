//! One exercise at work: checks when asked, checks at every save while it watches, stops when told.
//!
//! A save during a check ends that check and begins another, so no save is lost and none waits behind a build that nobody
//! wants any more.

use super::{
    app::{LabNews, Msg},
    state::Daemon,
};
use crate::{
    course::{Course, Exercise, Lang},
    i18n,
    lab::{self, Watch},
    progress::Store,
    report,
};
use dockshala_checkers::{
    check::{self, Options},
    engine::{ConnectOptions, Engine, EngineError},
    spec::Feature,
};
use std::{
    future::pending,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What a check that was stopped may still take to clean up.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// More of a Dockerfile than this is not kept to quote from.
const QUOTED: u64 = 1 << 20;

/// Events of a check on their way to the screen.
const EVENTS: usize = 256;

/// What the learner wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Check,
    Cancel,
    Watch(bool),
}

pub(super) struct Desk {
    pub(super) course: &'static Course,
    pub(super) exercise: &'static Exercise,
    pub(super) dir: PathBuf,
    pub(super) lang: Lang,
    pub(super) docker_host: Option<String>,
    pub(super) options: Options,
    pub(super) store: Arc<Store>,
    pub(super) news: mpsc::Sender<Msg>,
}

impl Desk {
    /// Works until there are no more orders.
    pub(super) async fn work(self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut watch = None;
        let mut due = false;
        loop {
            if due {
                due = false;
                match self.check(&mut orders, &mut watch).await {
                    After::Idle => {}
                    After::Again => due = true,
                    After::Over => return,
                }
                continue;
            }
            tokio::select! {
                order = orders.recv() => match order {
                    None => return,
                    Some(Order::Check) => due = true,
                    Some(Order::Cancel) => {}
                    Some(Order::Watch(on)) => {
                        self.watch(on, &mut watch).await;
                        // Whoever begins to watch wants to know how things stand.
                        due = watch.is_some();
                    }
                },
                () = changed(&mut watch) => {
                    due = true;
                    if watch.as_ref().is_some_and(Watch::events_never_arrive) {
                        let text = i18n::text(&self.lang, "tui.watch.no-events", &[]);
                        let _ = self.news.send(Msg::Notice(text)).await;
                    }
                }
            }
        }
    }

    async fn tell(&self, news: LabNews) {
        // A screen that has gone is no error.
        let _ = self.news.send(Msg::Lab(self.exercise.id.clone(), news)).await;
    }

    async fn watch(&self, on: bool, watch: &mut Option<Watch>) {
        *watch = None;
        if on {
            let dir = self.dir.clone();
            // Reads every file once.
            match tokio::task::spawn_blocking(move || Watch::begin(&dir, false)).await {
                Ok(Ok(begun)) => *watch = Some(begun),
                Ok(Err(error)) => self.tell(LabNews::Stopped(report::lab(&self.lang, &error))).await,
                Err(_) => {}
            }
        }
        self.tell(LabNews::Watching(watch.is_some())).await;
    }

    async fn check(&self, orders: &mut mpsc::UnboundedReceiver<Order>, watch: &mut Option<Watch>) -> After {
        self.tell(LabNews::Checking(Instant::now())).await;
        let dockerfile = quoted(&dockshala_checkers::check::main_file(self.exercise.kind, &self.dir));
        let cancel = CancellationToken::new();
        let (events, mut happened) = mpsc::channel(EVENTS);
        let work = self.judge(events, cancel.clone());
        tokio::pin!(work);
        let mut after = After::Idle;
        let mut asked = true;
        let (engine, result) = loop {
            tokio::select! {
                biased;
                done = &mut work => break done,
                order = orders.recv(), if asked => match order {
                    None => {
                        after = After::Over;
                        asked = false;
                        cancel.cancel();
                    }
                    Some(Order::Cancel) => {
                        after = After::Idle;
                        cancel.cancel();
                    }
                    Some(Order::Check) => {
                        after = After::Again;
                        cancel.cancel();
                    }
                    Some(Order::Watch(on)) => self.watch(on, watch).await,
                },
                Some(event) = happened.recv() => self.tell(LabNews::Event(event)).await,
                () = changed(watch), if asked => {
                    after = After::Again;
                    cancel.cancel();
                }
            }
        };
        // What was said last is still on its way.
        while let Ok(event) = happened.try_recv() {
            self.tell(LabNews::Event(event)).await;
        }
        if let Ok(engine) = &engine {
            // What a daemon that went away still holds is reaped at the next start.
            let _ = tokio::time::timeout(GRACE, engine.close()).await;
        }
        match result {
            Ok(result) if cancel.is_cancelled() => {
                // Half a result would stand on the screen as a verdict; the learner, or the save, ended it.
                drop(result);
                self.tell(LabNews::Cancelled).await;
            }
            Ok(result) => {
                lab::remember(&self.store, &result);
                self.tell(LabNews::Done(Box::new(result), dockerfile)).await;
                let store = self.store.clone();
                if let Ok(summary) = tokio::task::spawn_blocking(move || store.summary()).await {
                    let _ = self.news.send(Msg::Progress(Box::new(summary))).await;
                }
            }
            Err(error) => self.tell(LabNews::Stopped(report::lab(&self.lang, &error))).await,
        }
        after
    }

    async fn judge(
        &self,
        events: mpsc::Sender<check::Event>,
        cancel: CancellationToken,
    ) -> (Result<Engine, EngineError>, Result<dockshala_checkers::verdict::CheckResult, lab::LabError>) {
        let compose = self.exercise.needs.contains(&Feature::ComposeV2);
        let asked = ConnectOptions { host: self.docker_host.clone(), compose, ..ConnectOptions::default() };
        let engine = tokio::select! {
            engine = Engine::connect(asked) => engine,
            () = cancel.cancelled() => Err(EngineError::Cancelled),
        };
        let daemon = match &engine {
            Ok(engine) => Daemon::Up(engine.info().version.clone()),
            Err(EngineError::Cancelled) => Daemon::Looking,
            Err(error) => Daemon::Down(i18n::diagnosis(&self.lang, &check::trouble(error).diagnosis).what),
        };
        if daemon != Daemon::Looking {
            let _ = self.news.send(Msg::Daemon(daemon)).await;
        }
        let (course, exercise) = (self.course, self.exercise);
        let result = lab::check(course, exercise, &self.dir, engine.as_ref(), &self.options, events, cancel).await;
        (engine, result)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    Idle,
    Again,
    Over,
}

async fn changed(watch: &mut Option<Watch>) {
    match watch {
        Some(watch) => watch.changed().await,
        None => pending().await,
    }
}

/// The Dockerfile to quote blamed lines from, as it is when the check begins.
fn quoted(path: &Path) -> String {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(QUOTED).read_to_end(&mut bytes));
    if read.is_err() {
        bytes.clear();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
