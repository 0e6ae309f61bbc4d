//! How long a learner waits: from starting the program to its first whole frame, and from a key to the repainted screen.
//!
//! Each figure stands beside a baseline of the same run, on the same kind of terminal: for the start, a shell that prints a
//! page and waits; for a key, a `cat` that answers it. A machine that is busy or slow is slow at those too, so the bounds of
//! a quiet machine grow by as much, and no further.
//!
//! `cargo bench --bench screen` prints the table and fails past a bound.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::{
    io::{Read, Write},
    path::Path,
    time::{Duration, Instant},
};

/// Exec to the first whole frame.
const START: Duration = Duration::from_millis(8);
/// Key to repainted screen: the median, and the 99th percentile.
const KEY: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(5));
/// What the baselines take on a quiet machine of the kind that the bounds were set on.
const QUIET_START: Duration = Duration::from_micros(2_500);
const QUIET_KEY: (Duration, Duration) = (Duration::from_micros(60), Duration::from_micros(400));

const STARTS: usize = 40;
const KEYS: usize = 1_000;
/// A year of a diligent learner: what the start must not be slowed by.
const EVENTS: usize = 5_000;
/// The end of a synchronized update: a frame is whole.
const FRAME: &[u8] = b"\x1b[?2026l";

struct Terminal {
    _master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    reader: Box<dyn Read + Send>,
    writer: Box<dyn Write + Send>,
}

impl Terminal {
    fn run(mut command: CommandBuilder, home: &Path) -> (Self, Instant) {
        let pty =
            native_pty_system().openpty(PtySize { rows: 50, cols: 120, ..PtySize::default() }).expect("a terminal");
        command.env("TERM", "xterm-256color");
        command.env("DOCKSHALA_HOME", home);
        command.env("HOME", home);
        command.env("DOCKER_HOST", "unix:///nonexistent/docker.sock");
        let reader = pty.master.try_clone_reader().expect("a reader");
        let writer = pty.master.take_writer().expect("a writer");
        let began = Instant::now();
        let child = pty.slave.spawn_command(command).expect("the program starts");
        (Self { _master: pty.master, child, reader, writer }, began)
    }

    /// Reads until `mark` has come.
    fn until(&mut self, mark: &[u8]) {
        let mut seen: Vec<u8> = Vec::new();
        let mut buffer = [0; 1 << 16];
        loop {
            let n = self.reader.read(&mut buffer).expect("the program is there");
            assert!(n > 0, "the program ended: {}", String::from_utf8_lossy(&seen));
            let from = seen.len().saturating_sub(mark.len());
            seen.extend_from_slice(&buffer[..n]);
            if seen[from..].windows(mark.len()).any(|w| w == mark) {
                return;
            }
        }
    }

    fn key(&mut self, key: &[u8], mark: &[u8]) -> Duration {
        let began = Instant::now();
        self.writer.write_all(key).expect("the program reads");
        self.writer.flush().expect("the program reads");
        self.until(mark);
        began.elapsed()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn dockshala() -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_dockshala"));
    command.args(["--lang", "en"]);
    command
}

fn shell(script: &str) -> CommandBuilder {
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", script]);
    command
}

fn at(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Prints a row and says whether the bound holds, grown by as much as this run's baseline is above a quiet one's.
fn row(what: &str, ours: Duration, baseline: Duration, quiet: Duration, bound: Duration) -> bool {
    let slow = (baseline.as_secs_f64() / quiet.as_secs_f64()).max(1.0);
    let allowed = bound.mul_f64(slow);
    let holds = ours <= allowed;
    println!(
        "{what:<28} {:>9.3} ms   baseline {:>8.3} ms   ratio {:>6.1}   bound {:>7.2} ms   {}",
        ms(ours),
        ms(baseline),
        ours.as_secs_f64() / baseline.as_secs_f64(),
        ms(allowed),
        if holds { "ok" } else { "TOO SLOW" }
    );
    holds
}

fn remember_a_year(home: &Path) {
    use dockshala::progress::{Checked, EventKind, Store};
    let store = Store::at(Some(&home.join("progress.db")), Duration::from_secs(5));
    for n in 0..EVENTS {
        store.record(&match n % 3 {
            0 => EventKind::LessonOpened { lesson: format!("lesson-{}", n % 90), section: None, lang: "en".into() },
            1 => EventKind::LessonRead { lesson: format!("lesson-{}", n % 90) },
            _ => EventKind::ExerciseChecked(Checked {
                exercise: format!("exercise-{}", n % 60),
                goals: (0..8).map(|g| (format!("goal-{g}"), "passed".to_owned())).collect(),
                ..Checked::default()
            }),
        });
    }
    let notices = store.close();
    assert!(notices.is_empty(), "{notices:?}");
}

fn starts(home: &Path) -> (Vec<Duration>, Vec<Duration>) {
    let (mut ours, mut base) = (Vec::new(), Vec::new());
    // By turns, so that a machine that slows down slows both.
    for _ in 0..STARTS {
        let (mut terminal, began) = Terminal::run(dockshala(), home);
        terminal.until(FRAME);
        ours.push(began.elapsed());
        drop(terminal);
        let page = "seq 1 50; printf '\\033[?2026l'; read line";
        let (mut terminal, began) = Terminal::run(shell(page), home);
        terminal.until(FRAME);
        base.push(began.elapsed());
    }
    ours.sort_unstable();
    base.sort_unstable();
    (ours, base)
}

fn keys(home: &Path) -> (Vec<Duration>, Vec<Duration>) {
    let (mut ours, mut base) = (Vec::new(), Vec::new());
    let (mut echo, _) = Terminal::run(shell("stty raw -echo; printf ready; cat"), home);
    echo.until(b"ready");
    let (mut terminal, _) = Terminal::run(dockshala(), home);
    terminal.until(FRAME);
    // The news of the start, history and daemon, come in and are drawn.
    std::thread::sleep(Duration::from_millis(300));
    // Whichever row the year's history chose, the first lesson is a few rows up.
    for key in ["g", "\r"] {
        terminal.key(key.as_bytes(), FRAME);
        std::thread::sleep(Duration::from_millis(100));
    }
    // Down and up through the lesson by rows and pages, as a reader does.
    for nth in 0..KEYS {
        let key: &[u8] = match nth % 40 {
            0..=15 => b"j",
            16..=19 => b" ",
            20..=35 => b"k",
            _ => b"b",
        };
        ours.push(terminal.key(key, FRAME));
        base.push(echo.key(b"x", b"x"));
    }
    ours.sort_unstable();
    base.sort_unstable();
    (ours, base)
}

fn main() {
    // `cargo test --benches` runs benches too, unoptimised: nothing to learn there.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let home = tempfile::tempdir().expect("a folder");
    remember_a_year(home.path());
    let (start, start_base) = starts(home.path());
    let (key, key_base) = keys(home.path());
    let rows = [
        row("start to first frame, p50", at(&start, 50), at(&start_base, 50), QUIET_START, START),
        row("key to repaint, p50", at(&key, 50), at(&key_base, 50), QUIET_KEY.0, KEY.0),
        row("key to repaint, p99", at(&key, 99), at(&key_base, 99), QUIET_KEY.1, KEY.1),
    ];
    if rows.contains(&false) {
        std::process::exit(1);
    }
}
