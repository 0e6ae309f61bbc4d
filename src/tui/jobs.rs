//! What takes time, done behind the screen's back: the history, the daemon, working copies, checks.
//!
//! Each job answers with messages. None of them touches the screen's state, and a screen that has gone is no error.

use super::{
    app::{Choice, Effect, LabNews, Msg},
    claim_desk::{ClaimDesk, ClaimOrder},
    desk::{self, Desk, Order, Spoken},
    file_desk,
    lens_desk::{LensDesk, LensOrder},
    quiz_desk::{self, QuizNews},
    runner::Jobs,
    state::Daemon,
};
use crate::{
    course::{Course, Lang, find::Index},
    i18n, kit,
    lab::{self, Folder},
    progress::{Dirs, EventKind, Notice, Settings, Store},
    report,
};
use dockshala_checkers::{
    check,
    engine::{ConnectOptions, Engine},
};
use std::{
    collections::HashMap,
    path::PathBuf,
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    runtime::Handle,
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// Troubles of the history that the screen was told of.
pub(super) type Told = Arc<Mutex<Vec<Notice>>>;

/// What the jobs work on.
pub(super) struct LabJobs {
    course: &'static Course,
    lang: Spoken,
    /// Where a change of it is told.
    speak: watch::Sender<Lang>,
    dirs: Option<Dirs>,
    store: Arc<Store>,
    lab: PathBuf,
    docker_host: Option<String>,
    mirror: Option<String>,
    news: mpsc::Sender<Msg>,
    told: Told,
    runtime: Handle,
    /// One for each exercise that was checked or watched, by its id.
    desks: HashMap<String, (mpsc::UnboundedSender<Order>, JoinHandle<()>)>,
    /// The image under the lens, and those that were and are not cleaned up yet.
    lens: Option<mpsc::UnboundedSender<LensOrder>>,
    lenses: Vec<JoinHandle<()>>,
    /// The claim that is shown, and those whose leavings are swept up still.
    claim: CancellationToken,
    claims: Vec<JoinHandle<()>>,
    /// Ends measurements and builds for the quiz and the interview.
    asked: CancellationToken,
    asking: Vec<JoinHandle<()>>,
    /// Files that are being written: the program does not end before they are.
    saving: Vec<JoinHandle<()>>,
}

impl LabJobs {
    /// Begins with what the first screen wants to know: the history, the working copies, the daemon.
    pub(super) fn new(
        start: &super::Start,
        store: Arc<Store>,
        told: Told,
        lab: PathBuf,
        news: mpsc::Sender<Msg>,
        runtime: Handle,
    ) -> Self {
        let (speak, lang) = Spoken::new(start.lang.clone());
        let jobs = Self {
            course: start.course,
            lang,
            speak,
            dirs: start.dirs.clone(),
            store,
            lab,
            docker_host: start.docker_host.clone(),
            mirror: start.mirror.clone(),
            news,
            told,
            runtime,
            desks: HashMap::new(),
            lens: None,
            lenses: Vec::new(),
            claim: CancellationToken::new(),
            claims: Vec::new(),
            asked: CancellationToken::new(),
            asking: Vec::new(),
            saving: Vec::new(),
        };
        jobs.learn();
        jobs.find_copies();
        jobs.find_daemon();
        jobs
    }

    /// Reads the history as it is after everything recorded so far. What is wrong with it is said at once, and again when
    /// the screen is gone.
    fn learn(&self) {
        let answer = self.store.summary_later();
        let course = self.course;
        let (news, store, told, lang) = (self.news.clone(), self.store.clone(), self.told.clone(), self.lang.now());
        self.runtime.spawn_blocking(move || {
            if let Ok(summary) = answer.recv() {
                let now = jiff::Timestamp::now().as_millisecond();
                let counts = crate::quiz::counts(course, &summary, &crate::quiz::Fsrs::default(), now);
                let _ = news.blocking_send(Msg::Due(counts.due));
                let _ = news.blocking_send(Msg::Progress(Box::new(summary)));
            }
            for notice in store.notices() {
                let _ = news.blocking_send(Msg::Notice(report::progress(&lang, &notice).what));
                told.lock().unwrap_or_else(PoisonError::into_inner).push(notice);
            }
        });
    }

    fn find_copies(&self) {
        let (lab, course, news) = (self.lab.clone(), self.course, self.news.clone());
        self.runtime.spawn_blocking(move || {
            let Ok(Some(folder)) = Folder::open(&lab) else { return };
            for exercise in course.exercises() {
                if let Some(dir) = folder.copy_of(&exercise.id).filter(|dir| dir.is_dir()) {
                    let _ = news.blocking_send(Msg::Lab(exercise.id.clone(), LabNews::Started(dir)));
                }
            }
        });
    }

    fn find_daemon(&self) {
        let (host, lang, news) = (self.docker_host.clone(), self.lang.now(), self.news.clone());
        self.runtime.spawn(async move {
            let found = Engine::connect(ConnectOptions { host, ..ConnectOptions::default() }).await;
            let daemon = match found {
                Ok(engine) => Daemon::Up(engine.info().version.clone()),
                Err(error) => Daemon::Down(i18n::diagnosis(&lang, &check::trouble(&error).diagnosis).what),
            };
            news.send(Msg::Daemon(daemon)).await.ok()
        });
    }

    fn start(&self, exercise: String) {
        let (lab, course, lang) = (self.lab.clone(), self.course, self.lang.now());
        let (news, store, dirs) = (self.news.clone(), self.store.clone(), self.dirs.clone());
        let learn = self.store.clone();
        self.runtime.spawn_blocking(move || {
            let files = course.exercise_files(&exercise).unwrap_or_default();
            let made = Folder::make(&lab).and_then(|mut folder| {
                let started = lab::start(&mut folder, &exercise, &files.starter)?;
                Ok((started, folder.root().to_owned()))
            });
            let told = match made {
                Ok((started, root)) => {
                    let dir = started.dir.display().to_string();
                    store.record(&EventKind::ExerciseStarted { exercise: exercise.clone(), dir });
                    if let Some(dirs) = dirs {
                        // That the folder could not be remembered costs the learner a word on the next command line.
                        let _ = Settings::change(&dirs.config, |s| s.lab = Some(root));
                    }
                    LabNews::Started(started.dir)
                }
                Err(error) => LabNews::Stopped(report::lab(&lang, &error)),
            };
            let _ = news.blocking_send(Msg::Lab(exercise, told));
            let _ = news.blocking_send(Msg::Progress(Box::new(learn.summary())));
        });
    }
}

impl LabJobs {
    fn files(&self, lesson: String) {
        let (lab, course, lang, news) = (self.lab.clone(), self.course, self.lang.now(), self.news.clone());
        self.runtime.spawn_blocking(move || {
            let files = course.lesson_files(&lesson);
            let made = Folder::make(&lab).and_then(|folder| lab::start_lesson(&folder, &lesson, &files));
            let text = match made {
                Ok(started) => i18n::text(&lang, "tui.files.there", &[("dir", &started.dir.display())]),
                Err(error) => report::lab(&lang, &error).what,
            };
            let _ = news.blocking_send(Msg::Notice(text));
        });
    }

    /// Opens a page of the web with what the system has for it.
    fn browse(&self, url: String) {
        let (lang, news) = (self.lang.now(), self.news.clone());
        self.runtime.spawn_blocking(move || {
            let opener = ["xdg-open", "wslview", "open", "explorer.exe"].into_iter().find(|program| {
                let mut run = Command::new(program);
                run.arg(&url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
                run.status().is_ok_and(|status| status.success())
            });
            // A server without a desktop has none of them: the address is what helps there.
            let key = if opener.is_some() { "tui.browse.opened" } else { "tui.browse.none" };
            let _ = news.blocking_send(Msg::Notice(i18n::text(&lang, key, &[("url", &url)])));
        });
    }

    fn index(&self, lang: Lang) {
        let (course, news) = (self.course, self.news.clone());
        self.runtime.spawn_blocking(move || {
            let _ = news.blocking_send(Msg::Index(Arc::new(Index::of(course, &lang))));
        });
    }

    fn colour(&self, lesson: String, lang: Lang) {
        let (course, news) = (self.course, self.news.clone());
        self.runtime.spawn_blocking(move || {
            let Some((text, _)) = course.lesson_text(&lesson, &lang) else { return };
            let colours = text.document.colours().into_owned();
            let _ = news.blocking_send(Msg::Coloured(lesson, lang, colours));
        });
    }

    fn choose(&self, choice: Choice) {
        let Some(dirs) = self.dirs.clone() else { return };
        self.runtime.spawn_blocking(move || {
            // A choice that cannot be kept still holds until the program ends.
            let _ = Settings::change(&dirs.config, |s| match choice {
                Choice::Theme(theme) => s.theme = Some(theme.name().to_owned()),
                Choice::Ascii(on) => s.ascii = Some(on),
                Choice::Still(on) => s.still = Some(on),
                Choice::Mouse(on) => s.mouse = Some(on),
            });
        });
    }

    fn look(&mut self, order: LensOrder) {
        match order {
            LensOrder::Load(request) => {
                let desk = LensDesk {
                    lang: self.lang.clone(),
                    docker_host: self.docker_host.clone(),
                    options: check::Options::new(kit::options(self.mirror.clone())),
                    news: self.news.clone(),
                };
                let (to, orders) = mpsc::unbounded_channel();
                // The one before ends when its orders do.
                self.lens = Some(to);
                self.lenses.retain(|desk| !desk.is_finished());
                self.lenses.push(self.runtime.spawn(desk.work(request, orders)));
            }
            LensOrder::Close => self.lens = None,
            order => {
                if let Some(lens) = &self.lens {
                    let _ = lens.send(order);
                }
            }
        }
    }

    fn claim(&mut self, order: ClaimOrder) {
        // Whatever is wanted, the one before is not.
        self.claim.cancel();
        let ClaimOrder::Show(id) = order else { return };
        self.claim = CancellationToken::new();
        let desk = ClaimDesk {
            course: self.course,
            lang: self.lang.now(),
            docker_host: self.docker_host.clone(),
            options: kit::options(self.mirror.clone()),
            news: self.news.clone(),
            cancel: self.claim.clone(),
        };
        self.claims.retain(|desk| !desk.is_finished());
        self.claims.push(self.runtime.spawn(desk.show(id)));
    }

    fn measure(&mut self, claim: &str) {
        let Some(placed) = self.course.claim(claim) else { return };
        let (host, options) = (self.docker_host.clone(), kit::options(self.mirror.clone()));
        let work = quiz_desk::measure(placed, host, options, self.lang.now(), self.asked.clone(), self.news.clone());
        self.asking.push(self.runtime.spawn(work));
    }

    fn ask_about(&mut self, exercise: String, dir: PathBuf) {
        let mut options = check::Options::new(kit::options(self.mirror.clone()));
        options.scripts = crate::lab::scripts_here();
        options.cache = self.dirs.as_ref().map(|d| d.cache.clone());
        let (host, cancel, news) = (self.docker_host.clone(), self.asked.clone(), self.news.clone());
        let work = quiz_desk::ask_about(self.course, exercise, dir, host, options, cancel, news);
        self.asking.push(self.runtime.spawn(work));
    }

    fn export(&self, markdown: String) {
        let (lang, news) = (self.lang.now(), self.news.clone());
        self.runtime.spawn_blocking(move || {
            let told = quiz_desk::export(&markdown, &lang);
            let _ = news.blocking_send(Msg::Quiz(QuizNews::Exported(told)));
        });
    }

    fn order(&mut self, exercise: String, dir: PathBuf, order: Order) {
        let (course, runtime) = (self.course, self.runtime.clone());
        let Some(known) = course.exercise(&exercise) else { return };
        let desk = || {
            let mut options = check::Options::new(kit::options(self.mirror.clone()));
            options.scripts = crate::lab::scripts_here();
            options.cache = self.dirs.as_ref().map(|d| d.cache.clone());
            let desk = Desk {
                course,
                exercise: known,
                dir,
                lang: self.lang.clone(),
                docker_host: self.docker_host.clone(),
                options,
                store: self.store.clone(),
                news: self.news.clone(),
            };
            let (to, orders) = mpsc::unbounded_channel();
            (to, runtime.spawn(desk.work(orders)))
        };
        let (orders, _) = self.desks.entry(exercise).or_insert_with(desk);
        let _ = orders.send(order);
    }
}

impl Jobs for LabJobs {
    fn run(&mut self, effect: Effect) {
        match effect {
            Effect::Record(event) => {
                self.store.record(&event);
                self.learn();
            }
            Effect::Speak(lang) => {
                self.speak.send_replace(lang.clone());
                if let Some(dirs) = self.dirs.clone() {
                    self.runtime.spawn_blocking(move || {
                        // A choice that cannot be kept still holds until the program ends.
                        let _ = Settings::change(&dirs.config, |s| s.lang = Some(lang.to_string()));
                    });
                }
            }
            Effect::Start(exercise) => self.start(exercise),
            Effect::Check(exercise, dir) => self.order(exercise, dir, Order::Check),
            Effect::Cancel(exercise) => {
                if let Some((orders, _)) = self.desks.get(&exercise) {
                    let _ = orders.send(Order::Cancel);
                }
            }
            Effect::Watch(exercise, dir, on) => self.order(exercise, dir, Order::Watch(on)),
            Effect::Lens(order) => self.look(order),
            Effect::Claim(order) => self.claim(order),
            Effect::Browse(url) => self.browse(url),
            Effect::Read(exercise, path) => {
                let news = self.news.clone();
                self.runtime.spawn_blocking(move || file_desk::read(exercise, path, &news));
            }
            Effect::Save(exercise, path, text, before) => {
                let (news, lang) = (self.news.clone(), self.lang.now());
                let save = move || file_desk::save(exercise, path, text, &before, &lang, &news);
                self.saving.retain(|save| !save.is_finished());
                self.saving.push(self.runtime.spawn_blocking(save));
            }
            Effect::Index(lang) => self.index(lang),
            Effect::Colour(lesson, lang) => self.colour(lesson, lang),
            Effect::Choose(choice) => self.choose(choice),
            Effect::Files(lesson) => self.files(lesson),
            Effect::Measure(claim) => self.measure(&claim),
            Effect::Viva(exercise, dir) => self.ask_about(exercise, dir),
            Effect::Export(markdown) => self.export(markdown),
            Effect::Agree => {
                if let Some(dirs) = self.dirs.clone() {
                    let course = self.course;
                    self.runtime.spawn_blocking(move || lab::consent::agree(course, &dirs.config));
                }
            }
            // The rest is the program's own and the runner's.
            Effect::Quit
            | Effect::Suspend
            | Effect::Repaint
            | Effect::Edit(_)
            | Effect::Go(_)
            | Effect::Back
            | Effect::Left(_)
            | Effect::Copy(_)
            | Effect::Act(_)
            | Effect::Show(_) => {}
        }
    }

    async fn finish(self) {
        // A desk whose orders have ended stops what it is doing and cleans up after itself.
        drop(self.lens);
        self.claim.cancel();
        self.asked.cancel();
        let desks = self.desks.into_values().map(|(_, task)| task);
        let ends: Vec<_> =
            self.saving.into_iter().chain(desks).chain(self.lenses).chain(self.claims).chain(self.asking).collect();
        let all = async {
            for end in ends {
                let _ = end.await;
            }
        };
        let _ = tokio::time::timeout(desk::GRACE * 2, all).await;
        let store = self.store;
        let _ = tokio::task::spawn_blocking(move || store.flush()).await;
    }
}
