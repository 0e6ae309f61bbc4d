//! The event loop: signals, keys, news of jobs, time, in this order; then one draw where something changed.
//!
//! Nothing here ticks. The loop sleeps until something happens, and a key is drawn at once; only news of jobs, which a build
//! can pour out by the thousand, wait for the next of thirty frames a second.

use super::{
    app::{App, Choice, Effect, Msg},
    events::{Broker, Input},
    guard::{self, TerminalGuard},
};
use crossterm::{
    clipboard::CopyToClipboard,
    execute,
    terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, size},
};
use ratatui::{Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect};
use std::{
    io::{self, BufWriter, Stdout},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};
use tokio::sync::mpsc::Receiver;

/// What works for the program behind its back. It answers with messages, whenever it likes.
pub(super) trait Jobs {
    /// Does what an effect asks for.
    fn run(&mut self, effect: Effect);
    /// The program ends: stop what is running, keep what must be kept.
    async fn finish(self);
}

/// How the program ended: the process's exit code where a signal ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The learner left.
    Left,
    /// A signal of this number.
    Signal(i32),
}

/// The shortest time between two frames that no key asked for.
const FRAME: Duration = Duration::from_millis(33);

/// The same for those who want nothing to move by itself.
const STILL: Duration = Duration::from_secs(2);

/// How often the seconds of a running check are looked at.
const TICK: Duration = Duration::from_millis(500);

/// News that are taken in before the next frame is drawn.
const BATCH: usize = 512;

/// Ctrl-C as a signal.
const INTERRUPT: i32 = 2;

/// So long after the learner's editor was left Ctrl-C was meant for it.
const AFTER: Duration = Duration::from_millis(300);

type Screen = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// A window that is ours, with the first frame drawn.
pub(super) struct Window {
    screen: Screen,
    /// What is on the window is not what the library believes: wipe it in the same update as the next frame, so that nobody
    /// sees it empty.
    wipe: bool,
    /// The last frame had clusters of several characters. Terminals disagree on how wide those are, so what one has painted of
    /// them may stand in cells that the library takes for empty: the next frame is painted whole.
    clusters: bool,
    _guard: TerminalGuard,
}

impl Window {
    /// Takes the terminal and draws before the history and the daemon are set up: they can wait, the reader need not.
    pub(super) fn open(app: &mut App) -> io::Result<Self> {
        let guard = TerminalGuard::new()?;
        let mut window = Self { screen: screen()?, wipe: false, clusters: false, _guard: guard };
        window.draw(app)?;
        Ok(window)
    }

    fn draw(&mut self, app: &mut App) -> io::Result<()> {
        if std::mem::take(&mut self.clusters) {
            self.renew()?;
        }
        execute!(self.screen.backend_mut(), BeginSynchronizedUpdate)?;
        if std::mem::take(&mut self.wipe) {
            execute!(self.screen.backend_mut(), Clear(ClearType::All))?;
        }
        let mut clusters = false;
        let drawn = self.screen.draw(|frame| {
            let area = frame.area();
            app.draw(frame.buffer_mut(), area);
            clusters = frame.buffer_mut().content.iter().any(|cell| cell.symbol().chars().nth(1).is_some());
        });
        self.clusters = clusters;
        // Also after an error: a terminal that waits for the end of an update shows nothing.
        let drawn = drawn.map(|_| ());
        execute!(self.screen.backend_mut(), EndSynchronizedUpdate)?;
        drawn
    }

    /// Begins with an empty window: its size changed, or somebody else wrote on it.
    fn renew(&mut self) -> io::Result<()> {
        self.screen = screen()?;
        self.wipe = true;
        Ok(())
    }

    /// The terminal was somebody else's for a while.
    fn retake(&mut self) -> io::Result<()> {
        guard::enter()?;
        self.renew()
    }
}

/// A screen of the window's present size.
///
/// Its viewport is fixed, and a change of size makes a new one: the library's own `clear` and `resize` ask the terminal where
/// the cursor is and wait for an answer, which a key reader may swallow and some terminals never give.
fn screen() -> io::Result<Screen> {
    let (width, height) = size()?;
    // One write for a frame: a terminal that gets it in pieces may show them.
    let backend = CrosstermBackend::new(BufWriter::with_capacity(1 << 16, io::stdout()));
    Terminal::with_options(backend, TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, width, height)) })
}

/// Runs until the learner leaves or a signal ends it.
pub(super) async fn run<J: Jobs>(
    app: &mut App,
    window: &mut Window,
    signals: &mut Signals,
    first: Vec<Effect>,
    jobs: J,
    news: &mut Receiver<Msg>,
) -> io::Result<Ended> {
    let mut runner = Runner { app, window, jobs, input: Broker::new(), ended: None, editing: None, edited: None };
    runner.perform(first)?;
    let lacks = runner.app.lacks();
    runner.perform(lacks)?;
    let outcome = runner.turn(signals, news).await;
    let Runner { app, mut jobs, mut input, .. } = runner;
    input.pause();
    // The terminal goes back before the waiting begins: a daemon that takes a second to stop a build is nothing to look at.
    guard::leave();
    if !matches!(outcome, Ok(Ended::Left)) {
        // A terminal that was closed is no reason to lose what was typed into it.
        app.leave_top().into_iter().for_each(|effect| jobs.run(effect));
    }
    // Nobody listens: who waits for room to tell something must wait no longer, or it would not hear that it is to end.
    news.close();
    jobs.finish().await;
    outcome
}

struct Runner<'a, J> {
    app: &'a mut App,
    window: &'a mut Window,
    jobs: J,
    input: Broker,
    ended: Option<Ended>,
    /// A file that the learner's editor is to open.
    editing: Option<PathBuf>,
    /// When that editor was left last.
    edited: Option<Instant>,
}

impl<J: Jobs> Runner<'_, J> {
    async fn turn(&mut self, signals: &mut Signals, news: &mut Receiver<Msg>) -> io::Result<Ended> {
        let mut drawn = Instant::now();
        // What waits to be drawn, and whether it may wait no longer.
        let (mut dirty, mut urgent) = (false, false);
        loop {
            if let Some(ended) = self.ended {
                return Ok(ended);
            }
            if let Some(path) = self.editing.take() {
                self.edit(&path, signals, news).await?;
                (dirty, urgent) = (true, true);
                continue;
            }
            let frame = if self.app.shared.chosen.still { STILL } else { FRAME };
            if dirty && (urgent || drawn.elapsed() >= frame) {
                self.window.draw(self.app)?;
                let lacks = self.app.lacks();
                self.perform(lacks)?;
                drawn = Instant::now();
                (dirty, urgent) = (false, false);
            }
            let wait = match (dirty, self.app.ticking()) {
                (true, _) => frame.saturating_sub(drawn.elapsed()),
                (false, true) => TICK.max(if self.app.shared.chosen.still { STILL } else { TICK }),
                (false, false) => Duration::MAX,
            };
            tokio::select! {
                biased;
                signal = signals.next() => match signal {
                    Signal::Stop => {
                        self.suspend()?;
                        (dirty, urgent) = (true, true);
                    }
                    // The last Ctrl-C in the editor's terminal comes a moment after the editor went.
                    Signal::End(INTERRUPT) if self.edited.is_some_and(|at| at.elapsed() < AFTER) => {}
                    Signal::End(number) => return Ok(Ended::Signal(number)),
                },
                input = self.input.next() => {
                    let mut resized = matches!(input, Input::Resize(..));
                    self.input(input)?;
                    // All that is waiting goes into the same frame: a resize comes in dozens, and so do pasted keys.
                    for _ in 0..BATCH {
                        if self.ended.is_some() || self.editing.is_some() {
                            break;
                        }
                        let Some(input) = self.input.ready().await else { break };
                        resized |= matches!(input, Input::Resize(..));
                        self.input(input)?;
                    }
                    if resized {
                        self.window.renew()?;
                    }
                    (dirty, urgent) = (true, true);
                }
                Some(msg) = news.recv() => {
                    let effects = self.app.update(msg);
                    self.perform(effects)?;
                    for _ in 0..BATCH {
                        let Ok(msg) = news.try_recv() else { break };
                        let effects = self.app.update(msg);
                        self.perform(effects)?;
                    }
                    dirty = true;
                }
                () = sleep(wait) => {
                    if self.app.ticking() {
                        let effects = self.app.update(Msg::Tick(Instant::now()));
                        self.perform(effects)?;
                        dirty = true;
                    }
                }
            }
        }
    }

    fn input(&mut self, input: Input) -> io::Result<()> {
        let effects = match input {
            Input::Key(key) => self.app.update(Msg::Key(key)),
            Input::Mouse(mouse) => self.app.update(Msg::Mouse(mouse)),
            Input::Paste(text) => self.app.update(Msg::Paste(text)),
            Input::Resize(..) => self.app.update(Msg::Resize),
            // Nobody is there any more: as if the terminal had hung up.
            Input::Gone => {
                self.ended = Some(Ended::Signal(1));
                Vec::new()
            }
        };
        self.perform(effects)
    }

    fn perform(&mut self, effects: Vec<Effect>) -> io::Result<()> {
        for effect in effects {
            match effect {
                Effect::Quit => self.ended = Some(Ended::Left),
                Effect::Suspend => self.suspend()?,
                Effect::Repaint => self.window.renew()?,
                Effect::Edit(path) => self.editing = Some(path),
                Effect::Copy(text) => {
                    execute!(self.window.screen.backend_mut(), CopyToClipboard::to_clipboard_from(&text))?;
                    let said = self.app.shared.with("tui.copied", &[("text", &text)]);
                    self.app.update(Msg::Notice(said));
                }
                Effect::Choose(choice) => {
                    if let Choice::Mouse(ours) = choice {
                        guard::mouse(ours);
                    }
                    self.jobs.run(Effect::Choose(choice));
                }
                other => self.jobs.run(other),
            }
        }
        Ok(())
    }

    /// Ctrl-Z: the shell takes over until it wakes us.
    fn suspend(&mut self) -> io::Result<()> {
        if can_stop() {
            self.input.pause();
            guard::leave();
            stop();
            self.window.retake()?;
            self.input.resume();
        }
        Ok(())
    }

    /// Hands the terminal to the learner's editor. News of jobs are taken in all the while: a check behind the editor would
    /// stand still as soon as nobody has room for what it tells.
    async fn edit(&mut self, path: &Path, signals: &mut Signals, news: &mut Receiver<Msg>) -> io::Result<()> {
        let set = |name: &str| std::env::var(name).ok().filter(|v| !v.trim().is_empty());
        let words = set("VISUAL").or_else(|| set("EDITOR")).and_then(|line| shlex::split(&line));
        let words = words.filter(|w| !w.is_empty()).unwrap_or_else(|| vec!["vi".to_owned()]);
        self.input.pause();
        guard::leave();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).arg(path);
        let mut editor = tokio::task::spawn_blocking(move || command.status());
        let status = loop {
            tokio::select! {
                biased;
                signal = signals.next() => match signal {
                    // An editor that leaves the terminal as it is gets Ctrl-C as a signal, and so does all of its group; it
                    // is meant for the editor alone.
                    Signal::End(INTERRUPT) => {}
                    // The terminal is the editor's: nothing may be drawn on it any more.
                    Signal::End(number) => {
                        self.ended = Some(Ended::Signal(number));
                        return Ok(());
                    }
                    // The editor stops itself and its group; a shell waits for all of it.
                    Signal::Stop if can_stop() => stop(),
                    Signal::Stop => {}
                },
                status = &mut editor => break status.map_err(io::Error::other).flatten(),
                Some(msg) = news.recv() => {
                    let effects = self.app.update(msg);
                    self.perform(effects)?;
                }
            }
        };
        self.edited = Some(Instant::now());
        self.window.retake()?;
        self.input.resume();
        // Whatever the editor did, the screen shows what is on the disk now.
        let effects = self.app.edited(path);
        self.perform(effects)?;
        let problem = match status {
            Ok(status) if status.success() => return Ok(()),
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        let text = self.app.shared.with("tui.editor-failed", &[("editor", &words[0]), ("message", &problem)]);
        let effects = self.app.update(Msg::Notice(text));
        self.perform(effects)
    }
}

/// A shell could wake us again; without one stopping would be the end.
fn can_stop() -> bool {
    #[cfg(unix)]
    return rustix::process::getsid(None).ok() != Some(rustix::process::getpid());
    #[cfg(not(unix))]
    false
}

/// Stops the whole group, as the terminal itself would do it: a shell that runs us through `make` waits for make.
fn stop() {
    // SIGSTOP, because SIGTSTP would only come back to our own handler.
    #[cfg(unix)]
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::STOP);
}

async fn sleep(duration: Duration) {
    match duration {
        Duration::MAX => std::future::pending().await,
        duration => tokio::time::sleep(duration).await,
    }
}

enum Signal {
    Stop,
    End(i32),
}

/// The signals that concern us. They must be caught before the terminal is taken: one that comes in between would end the
/// program and leave the terminal as it is.
#[cfg(unix)]
pub(super) struct Signals {
    stop: tokio::signal::unix::Signal,
    term: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            stop: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            term: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.term.recv() => Signal::End(15),
            _ = self.hang_up.recv() => Signal::End(1),
            _ = self.interrupt.recv() => Signal::End(INTERRUPT),
            _ = self.stop.recv() => Signal::Stop,
        }
    }
}

/// Ctrl-C from outside is all there is.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Signal {
        let _ = tokio::signal::ctrl_c().await;
        Signal::End(INTERRUPT)
    }
}
