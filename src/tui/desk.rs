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
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// What a check that was stopped may still take to clean up.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// More of a Dockerfile than this is not kept to quote from.
const QUOTED: u64 = 1 << 20;

/// Events of a check on their way to the screen.
const EVENTS: usize = 256;

/// The learner's language, which may become another one at any time.
#[derive(Clone)]
pub(super) struct Spoken(watch::Receiver<Lang>);

impl Spoken {
    /// What is spoken first, and where a change is told.
    pub(super) fn new(lang: Lang) -> (watch::Sender<Lang>, Self) {
        let (to, now) = watch::channel(lang);
        (to, Self(now))
    }

    /// The language now.
    pub(super) fn now(&self) -> Lang {
        self.0.borrow().clone()
    }
}

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
    /// The language as it is when something is said: an exercise keeps its desk for as long as the program runs.
    pub(super) lang: Spoken,
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
                        let text = i18n::text(&self.lang.now(), "tui.watch.no-events", &[]);
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
                Ok(Err(error)) => self.tell(LabNews::Stopped(report::lab(&self.lang.now(), &error))).await,
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
        let ((engine, result), after) = self.attend(&mut work, &mut happened, orders, watch, &cancel).await;
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
            Err(error) => self.tell(LabNews::Stopped(report::lab(&self.lang.now(), &error))).await,
        }
        after
    }

    /// Looks after work that goes on: tells what happens in it, and ends it where an order, or a save, says so.
    async fn attend<T>(
        &self,
        work: &mut (impl Future<Output = T> + Unpin),
        happened: &mut mpsc::Receiver<check::Event>,
        orders: &mut mpsc::UnboundedReceiver<Order>,
        watch: &mut Option<Watch>,
        cancel: &CancellationToken,
    ) -> (T, After) {
        let (mut after, mut asked) = (After::Idle, true);
        loop {
            let order = {
                // One wait through all events. Made anew with each of them it would read the whole working copy for each row
                // of a build, and a save would never be seen to settle while rows pour out.
                let save = changed(watch);
                tokio::pin!(save);
                let mut waiting = asked;
                loop {
                    tokio::select! {
                        biased;
                        done = &mut *work => return (done, after),
                        order = orders.recv(), if asked => break order,
                        () = &mut save, if waiting => {
                            waiting = false;
                            after = After::Again;
                            cancel.cancel();
                        }
                        Some(event) = happened.recv() => self.tell(LabNews::Event(event)).await,
                    }
                }
            };
            match order {
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
            }
        }
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
            Err(error) => Daemon::Down(i18n::diagnosis(&self.lang.now(), &check::trouble(error).diagnosis).what),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Dirs;
    use std::fs;

    /// As long as a loaded machine may take.
    const PATIENCE: Duration = Duration::from_secs(30);

    struct Bench {
        desk: Desk,
        speak: watch::Sender<Lang>,
        news: mpsc::Receiver<Msg>,
        dir: tempfile::TempDir,
        _home: tempfile::TempDir,
    }

    fn bench() -> Bench {
        let course = crate::tui::tests::course();
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("Dockerfile"), "FROM scratch\n").unwrap();
        // Without folders of its own a history waits where the program stands.
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        let dirs = Dirs { data: at("data"), config: at("config"), cache: at("cache") };
        let (speak, lang) = Spoken::new(Lang::en());
        let (to, news) = mpsc::channel(1024);
        let desk = Desk {
            course,
            exercise: course.exercise("two-stages").unwrap(),
            dir: dir.path().to_owned(),
            lang,
            docker_host: Some("unix:///nonexistent/docker.sock".to_owned()),
            options: Options::new(crate::kit::options(None)),
            store: Arc::new(Store::open(Some(&dirs))),
            news: to,
        };
        Bench { desk, speak, news, dir, _home: home }
    }

    /// What the daemon's absence is called, the next time it is.
    async fn absence(news: &mut mpsc::Receiver<Msg>) -> String {
        loop {
            let msg = tokio::time::timeout(PATIENCE, news.recv()).await.expect("it is told").expect("somebody tells");
            if let Msg::Daemon(Daemon::Down(why)) = msg {
                return why;
            }
        }
    }

    #[tokio::test]
    async fn a_desk_speaks_the_language_of_the_moment() {
        let Bench { desk, speak, mut news, dir: _dir, _home } = bench();
        let (to, orders) = mpsc::unbounded_channel();
        let work = tokio::spawn(desk.work(orders));
        to.send(Order::Check).unwrap();
        let english = absence(&mut news).await;
        speak.send(Lang::new("hi-Latn")).unwrap();
        to.send(Order::Check).unwrap();
        let hinglish = absence(&mut news).await;
        assert_ne!(english, hinglish);
        drop(to);
        let rest = async { while news.recv().await.is_some() {} };
        let _ = tokio::join!(rest, work);
    }

    #[tokio::test]
    async fn a_save_is_noticed_while_a_build_never_stops_talking() {
        let Bench { desk, speak: _speak, news, dir, _home } = bench();
        // A screen that has gone: nobody has to take in what is told.
        drop(news);
        let mut watch = Some(Watch::begin(dir.path(), false).unwrap());
        let (_to, mut orders) = mpsc::unbounded_channel();
        let (say, mut happened) = mpsc::channel(EVENTS);
        let cancel = CancellationToken::new();
        // A row each few milliseconds: far closer together than the writes of one save may be.
        let talking = tokio::spawn(async move {
            while say.send(check::Event::Command("docker build .".to_owned())).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        let ended = cancel.clone();
        let mut work = Box::pin(ended.cancelled());
        fs::write(dir.path().join("Dockerfile"), "FROM busybox\n").unwrap();
        let attended = desk.attend(&mut work, &mut happened, &mut orders, &mut watch, &cancel);
        let (_, after) = tokio::time::timeout(PATIENCE, attended).await.expect("the save ends the check");
        assert_eq!(after, After::Again);
        talking.abort();
    }
}
