//! How long a learner waits: from starting the program to its first whole frame, and from a key to the repainted screen.
//!
//! Each figure stands beside a baseline of the same run, on the same kind of terminal: for the start, a shell that prints a
//! page and waits; for a key, a `cat` that answers it. A machine that is busy or slow is slow at those too, so the bounds of
//! a quiet machine grow by as much, and no further.
//!
//! `cargo bench --bench screen` prints the table and fails past a bound.

#[path = "../tests/archive/mod.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared with tests that use more of it")]
mod archive;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::{
    io::{Read, Write},
    path::Path,
    sync::mpsc,
    time::{Duration, Instant},
};

/// Exec to the first whole frame.
const START: Duration = Duration::from_millis(8);
/// Key to repainted screen: the median, and the 99th percentile.
const KEY: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(5));
/// The longest lesson, from the key to its first frame.
const OPEN: Duration = Duration::from_millis(16);
/// Resident while reading, KiB.
const MEMORY: u64 = 40 << 10;
/// A letter of what is looked for in the whole course, to the list of what was found.
const SEARCH: Duration = Duration::from_millis(5);
/// How many times faster than `glow` a text stands on the terminal.
const GLOW: f64 = 20.0;
/// What `glow` takes for a text of so many bytes, measured on the quiet machine that the bounds were set on: what counts where
/// there is no `glow` to be run beside ours.
const GLOW_QUIET: Duration = Duration::from_millis(340);
const GLOW_BYTES: usize = 77_000;
/// What the baselines take on a quiet machine of the kind that the bounds were set on.
const QUIET_START: Duration = Duration::from_micros(2_500);
const QUIET_KEY: (Duration, Duration) = (Duration::from_micros(60), Duration::from_micros(400));

const STARTS: usize = 40;
const KEYS: usize = 1_000;
/// A year of a diligent learner: what the start must not be slowed by.
const EVENTS: usize = 5_000;
/// Paths of the image under the lens, a quarter of them in one folder.
const PATHS: usize = 200_000;
/// How long an idle lens is watched, and what of a processor's time it may take; its clock counts hundredths.
const IDLE: Duration = Duration::from_secs(3);
const IDLE_TICKS: u64 = 1;
/// The end of a synchronized update: a frame is whole.
const FRAME: &[u8] = b"\x1b[?2026l";

/// What does not come in this time never does: a bench that waits for a frame that nobody paints would stand for ever.
const LOST: Duration = Duration::from_secs(60);

struct Terminal {
    _master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// What it writes, as it comes.
    written: mpsc::Receiver<Vec<u8>>,
    /// What came in one piece with the mark that was waited for, behind it.
    left: Vec<u8>,
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
        let mut reader = pty.master.try_clone_reader().expect("a reader");
        let (tell, written) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 1 << 16];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                if tell.send(buffer[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        let writer = pty.master.take_writer().expect("a writer");
        let began = Instant::now();
        let child = pty.slave.spawn_command(command).expect("the program starts");
        (Self { _master: pty.master, child, written, left: Vec::new(), writer }, began)
    }

    /// Reads until `mark` has come.
    fn until(&mut self, mark: &[u8]) {
        let mut seen = std::mem::take(&mut self.left);
        let mut from = 0;
        loop {
            if let Some(at) = seen[from..].windows(mark.len()).position(|w| w == mark) {
                self.left = seen.split_off(from + at + mark.len());
                return;
            }
            from = (seen.len() + 1).saturating_sub(mark.len());
            let piece = self.written.recv_timeout(LOST);
            let piece = piece.unwrap_or_else(|why| panic!("{why}, after {}", String::from_utf8_lossy(&seen)));
            seen.extend_from_slice(&piece);
        }
    }

    /// Reads until the program has ended.
    fn ended(&mut self) {
        while self.written.recv().is_ok() {}
    }

    fn key(&mut self, key: &[u8], mark: &[u8]) -> Duration {
        // A frame that came of itself since the last key is not this key's.
        while self.written.try_recv().is_ok() {}
        self.left.clear();
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
            0 => EventKind::LessonOpened {
                lesson: format!("lesson-{}", n % 90),
                section: None,
                block: None,
                lang: "en".into(),
            },
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

/// What was measured in the longest lesson.
struct Reading {
    /// From the key that opens it to its first frame.
    open: Vec<Duration>,
    /// Keys, and their baseline.
    keys: (Vec<Duration>, Vec<Duration>),
    /// Memory that is held by then, KiB; and ticks of an idle while. None where there is no /proc.
    memory: Option<u64>,
    idle: Option<u64>,
}

/// The title of the lesson with the longest English text.
fn longest() -> String {
    use dockshala::course::{Course, Lang};
    let course = Course::built_in();
    let text = |id: &str| course.lesson_text(id, &Lang::en()).map(|(t, _)| t.document.markdown).unwrap_or_default();
    let lesson = course.lessons().iter().max_by_key(|l| text(&l.id).len()).expect("the course has lessons");
    lesson.title.get(&Lang::en()).to_owned()
}

/// Resident memory of a process in KiB.
fn resident(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
}

/// A course of one lesson as long as the text that `glow` was measured with, made of the built-in course's own prose, code and
/// tables. What needs the course around it (claims, links between lessons, notes) is left out.
fn long_course(home: &Path) -> std::path::PathBuf {
    use dockshala::course::{Course, Lang};
    let course = Course::built_in();
    let mut text = String::new();
    'all: for (nth, lesson) in course.lessons().iter().cycle().enumerate() {
        let Some((found, _)) = course.lesson_text(&lesson.id, &Lang::en()) else { continue };
        let mut drawn = false;
        let mut code = false;
        for line in found.document.markdown.lines() {
            if let Some(info) = line.trim_start().strip_prefix("```") {
                code = !code;
                let kind = info.split_whitespace().next().unwrap_or_default();
                drawn =
                    code && ["layers", "stages", "topology", "timeline", "stepper"].contains(&kind) || drawn && !code;
                if !drawn {
                    text += &format!("```{kind}\n");
                }
                drawn &= code;
                continue;
            }
            if drawn || !code && (line.contains("](") || line.contains("[^") || line.contains("{{")) {
                continue;
            }
            text += &line.replace("{#", &format!("{{#n{nth}-"));
            text.push('\n');
            if !code && text.len() >= GLOW_BYTES {
                break 'all;
            }
        }
    }
    let dir = home.join("long");
    let lesson = dir.join("lessons/01-long/01-long");
    std::fs::create_dir_all(&lesson).expect("there is room");
    let files = [
        (
            "lessons/course.yaml",
            "format: 1\nid: long-course\ntitle: {en: Long}\nlanguages: [en]\nmodules: [01-long]\n".to_owned(),
        ),
        (
            "lessons/01-long/module.yaml",
            "id: long-module\ntitle: {en: Long}\nsummary: {en: Long}\nlessons: [01-long]\nexercises: []\n".to_owned(),
        ),
        (
            "lessons/01-long/01-long/en.md",
            format!("---\nid: long\ntitle: Long\nminutes: 90\nneeds: []\nkeywords: [long]\n---\n\n{text}"),
        ),
    ];
    for (name, content) in files {
        std::fs::write(dir.join(name), content).expect("there is room");
    }
    dir
}

/// A long text on the terminal: ours, `glow`'s of the same run where it is installed.
struct Long {
    /// From exec to the lesson's first screen, the key that opens it included.
    ours: Vec<Duration>,
    glow: Option<Vec<Duration>>,
}

fn long(home: &Path) -> Long {
    use std::process::{Command, Stdio};
    let dir = long_course(home);
    let has_glow = Command::new("glow").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..9 {
        let mut command = dockshala();
        command.arg("--course");
        command.arg(&dir);
        let (mut terminal, began) = Terminal::run(command, home);
        terminal.until(FRAME);
        let start = began.elapsed();
        // News of the start come in and are drawn: the next frame must be that of the key.
        std::thread::sleep(Duration::from_millis(300));
        ours.push(start + terminal.key(b"\r", FRAME));
        drop(terminal);
        if has_glow {
            let mut command = CommandBuilder::new("glow");
            command.args(["-p", "-s", "dark"]);
            command.arg(dir.join("lessons/01-long/01-long/en.md"));
            command.env("PAGER", "cat");
            let (mut terminal, began) = Terminal::run(command, home);
            terminal.ended();
            theirs.push(began.elapsed());
        }
    }
    ours.sort_unstable();
    theirs.sort_unstable();
    Long { ours, glow: has_glow.then_some(theirs) }
}

/// Letters of what is looked for in the whole course, each with the list that it leaves.
fn search(home: &Path) -> Vec<Duration> {
    let (mut terminal, _) = Terminal::run(dockshala(), home);
    terminal.until(FRAME);
    std::thread::sleep(Duration::from_millis(300));
    terminal.key(b"F", FRAME);
    // The words of the course are put in order once, behind the screen.
    std::thread::sleep(Duration::from_millis(1_500));
    let mut all = Vec::new();
    for asked in
        ["multi stage", "docker build", "cache mount", "layer jaata hai", "swarm", "e", "distroless static", "qqq"]
    {
        for letter in asked.bytes() {
            all.push(terminal.key(&[letter], FRAME));
        }
        for _ in asked.bytes() {
            terminal.key(b"\x7f", FRAME);
        }
    }
    all.sort_unstable();
    all
}

fn keys(home: &Path) -> Reading {
    let (mut ours, mut base) = (Vec::new(), Vec::new());
    let (mut echo, _) = Terminal::run(shell("stty raw -echo; printf ready; cat"), home);
    echo.until(b"ready");
    let (mut terminal, _) = Terminal::run(dockshala(), home);
    terminal.until(FRAME);
    // The news of the start, history and daemon, come in and are drawn.
    std::thread::sleep(Duration::from_millis(300));
    // By its title through the palette; each time laid out anew, as the window has another width.
    let title = longest();
    let mut open = Vec::new();
    for width in 0..9_u16 {
        let size = PtySize { rows: 50, cols: 100 - width, ..PtySize::default() };
        terminal._master.resize(size).expect("the terminal is there");
        std::thread::sleep(Duration::from_millis(100));
        for key in [":", title.as_str()] {
            terminal.key(key.as_bytes(), FRAME);
            std::thread::sleep(Duration::from_millis(50));
        }
        open.push(terminal.key(b"\r", FRAME));
        std::thread::sleep(Duration::from_millis(100));
        terminal.key(b"q", FRAME);
        std::thread::sleep(Duration::from_millis(100));
    }
    for key in [":", title.as_str(), "\r"] {
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
    let pid = terminal.child.process_id();
    let memory = pid.and_then(resident);
    let idle = pid.and_then(|pid| {
        let before = ticks(pid)?;
        std::thread::sleep(IDLE);
        Some(ticks(pid)?.saturating_sub(before))
    });
    for all in [&mut open, &mut ours, &mut base] {
        all.sort_unstable();
    }
    Reading { open, keys: (ours, base), memory, idle }
}

/// An image of many small files in two layers, the second of which changes some of the first.
fn big_image(home: &Path) -> std::path::PathBuf {
    let name = |n: usize| match n % 4 {
        0 => format!("srv/mithai/f{n}"),
        _ => format!("srv/d{:03}/e{:02}/f{n}", n / 1_000, n / 50 % 20),
    };
    let mut first = archive::layer();
    for n in 0..PATHS {
        first = first.file(&name(n), b"chai");
    }
    let mut second = archive::layer();
    for n in (0..PATHS).step_by(500) {
        second = second.file(&name(n), b"coffee");
    }
    let file = home.join("big.tar");
    let bytes = archive::archive("big", vec![("COPY a", Some(first)), ("COPY b", Some(second))]);
    std::fs::write(&file, bytes).expect("there is room");
    file
}

/// Processor time that a process has taken, in its clock's ticks.
fn ticks(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}

/// Up and down through every path of a big image, all folders open; and what it takes to show it without a key.
fn lens(home: &Path) -> (Vec<Duration>, Vec<Duration>, Option<u64>) {
    let file = big_image(home);
    let (mut ours, mut base) = (Vec::new(), Vec::new());
    let (mut echo, _) = Terminal::run(shell("stty raw -echo; printf ready; cat"), home);
    echo.until(b"ready");
    let mut command = dockshala();
    command.arg("lens");
    command.arg(&file);
    let (mut terminal, _) = Terminal::run(command, home);
    terminal.until(b"Instructions");
    terminal.until(FRAME);
    std::thread::sleep(Duration::from_millis(300));
    for key in ["\t", "E"] {
        terminal.key(key.as_bytes(), FRAME);
    }
    for nth in 0..KEYS {
        let key: &[u8] = match nth % 40 {
            0..=13 => b"j",
            14..=18 => b" ",
            19 => b"G",
            20..=33 => b"k",
            34..=38 => b"b",
            _ => b"g",
        };
        ours.push(terminal.key(key, FRAME));
        base.push(echo.key(b"x", b"x"));
    }
    let idle = terminal.child.process_id().and_then(|pid| {
        let before = ticks(pid)?;
        std::thread::sleep(IDLE);
        Some(ticks(pid)?.saturating_sub(before))
    });
    ours.sort_unstable();
    base.sort_unstable();
    (ours, base, idle)
}

fn main() {
    // `cargo test --benches` runs benches too, unoptimised: nothing to learn there.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let home = tempfile::tempdir().expect("a folder");
    remember_a_year(home.path());
    let (start, start_base) = starts(home.path());
    let Reading { open, keys: (key, key_base), memory, idle: reading_idle } = keys(home.path());
    let long = long(home.path());
    let search = search(home.path());
    let (lens, lens_base, idle) = lens(home.path());
    let rows = [
        row("start to first frame, p50", at(&start, 50), at(&start_base, 50), QUIET_START, START),
        row("longest lesson opens, p50", at(&open, 50), at(&start_base, 50), QUIET_START, OPEN),
        row("key to repaint, p50", at(&key, 50), at(&key_base, 50), QUIET_KEY.0, KEY.0),
        row("key to repaint, p99", at(&key, 99), at(&key_base, 99), QUIET_KEY.1, KEY.1),
        row("search, a letter, p50", at(&search, 50), at(&key_base, 50), QUIET_KEY.0, SEARCH),
        row("search, a letter, p99", at(&search, 99), at(&key_base, 99), QUIET_KEY.1, SEARCH),
        row("200,000 paths, p50", at(&lens, 50), at(&lens_base, 50), QUIET_KEY.0, KEY.0),
        row("200,000 paths, p99", at(&lens, 99), at(&lens_base, 99), QUIET_KEY.1, KEY.1),
    ];
    let small = memory.is_none_or(|kib| kib <= MEMORY);
    if let Some(kib) = memory {
        println!(
            "{:<28} {kib:>9} KiB  bound {MEMORY} KiB   {}",
            "memory while reading",
            if small { "ok" } else { "TOO MUCH" }
        );
    }
    let ours = at(&long.ours, 50);
    let faster = match long.glow {
        Some(theirs) => {
            let theirs = at(&theirs, 50);
            let times = theirs.as_secs_f64() / ours.as_secs_f64();
            let fast = times >= GLOW;
            println!(
                "{:<28} {:>9.3} ms   glow {:>12.3} ms   {times:.1} times faster, bound {GLOW}   {}",
                "77 KB to the first screen",
                ms(ours),
                ms(theirs),
                if fast { "ok" } else { "TOO SLOW" }
            );
            fast
        }
        None => row("77 KB to the first screen", ours, at(&start_base, 50), QUIET_START, GLOW_QUIET.div_f64(GLOW)),
    };
    let quiet = |ticks: &Option<u64>| ticks.is_none_or(|ticks| ticks <= IDLE_TICKS);
    for (name, ticks) in [("idle lesson", reading_idle), ("idle lens", idle)] {
        let verdict = if quiet(&ticks) { "ok" } else { "TOO BUSY" };
        match ticks {
            Some(ticks) => println!("{name:<28} {ticks:>6} of {} ticks   {verdict}", IDLE.as_millis() / 10),
            None => println!("{name:<28} not measured: no /proc here"),
        }
    }
    let still = quiet(&idle) && quiet(&reading_idle) && small && faster;
    if !still || rows.contains(&false) {
        std::process::exit(1);
    }
}
