//! Random keys, clicks, pastes and window sizes into the real program in a terminal, for as long as one likes: it must neither
//! panic nor leave a screen behind that differs from one painted anew.
//!
//! `cargo run --example soak -- MINUTES [SEED]`. The seed of each round is printed first, and the keys of a round that failed
//! last: the same seed types the same.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// Processor time that one thing may take before the program counts as hung. Not time by the clock: on a busy machine a sound
/// program waits for its turn for as long as it has to, and a soak that failed then would say nothing.
const PATIENCE: u64 = 20 * TICKS;

/// What `/proc` counts processor time in, a second. (It is 100 on every Linux that this is built for.)
const TICKS: u64 = 100;

/// Looks in a row at which every one of its threads slept, after which nothing will come of itself any more. A thread that has
/// something to do is runnable from the moment it has, however long it waits for a processor.
const ASLEEP: u32 = 100;

/// The end of a synchronized update: a frame is whole.
const FRAME: &[u8] = b"\x1b[?2026l";

/// Nothing written for so long: what was asked for is on the screen.
const QUIET: Duration = Duration::from_millis(150);

/// Typed at random. Ctrl-Z would stop the whole group, soak included; all else that a keyboard has is fair.
const KEYS: &[&str] = &[
    "j",
    "k",
    "h",
    "l",
    "g",
    "G",
    " ",
    "b",
    "n",
    "N",
    "p",
    "c",
    "x",
    "e",
    "o",
    "y",
    "s",
    "S",
    "t",
    "m",
    "f",
    "F",
    "d",
    "i",
    "w",
    "L",
    "?",
    ":",
    ",",
    "/",
    "(",
    ")",
    "[",
    "]",
    "<",
    ">",
    "q",
    "1",
    "2",
    "E",
    "C",
    "\r",
    "\r",
    "\x1b",
    "\x1b",
    "\t",
    "\x7f",
    "\x01",
    "\x04",
    "\x06",
    "\x0c",
    "\x10",
    "\x13",
    "\x15",
    "\x1b[A",
    "\x1b[B",
    "\x1b[C",
    "\x1b[D",
    "\x1b[5~",
    "\x1b[6~",
    "\x1b[Z",
    "\x1b[H",
    "\x1b[F",
    "\x1b[1;3D",
    "\x1b[1;3C",
    "docker",
    "layer",
    "नमस्ते",
    "क्या",
    "日本",
    "👩‍🔬",
    "\x1b[200~pasted\rtext \x1b[201~",
];

/// A small generator of our own: a soak must type the same for a seed whatever crate is upgraded. (xorshift64*)
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % below
    }
}

struct Seen {
    parser: vt100::Parser,
    last: Instant,
    tail: Vec<u8>,
    frames: usize,
}

struct Terminal {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    seen: Arc<Mutex<Seen>>,
    typed: Vec<String>,
    size: (u16, u16),
}

fn size((cols, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols, ..PtySize::default() }
}

impl Terminal {
    fn open(program: &Path, home: &Path, lang: &str) -> Self {
        let at = (100, 30);
        let pty = native_pty_system().openpty(size(at)).expect("a terminal");
        let mut command = CommandBuilder::new(program);
        command.args(["--lang", lang]);
        command.env_clear();
        // Nothing here opens a browser or an editor that waits.
        for (key, value) in [("TERM", "xterm-256color"), ("PATH", "/nonexistent"), ("EDITOR", "/bin/true")] {
            command.env(key, value);
        }
        command.env("HOME", home);
        command.env("DOCKSHALA_HOME", home.join("data"));
        command.env("DOCKER_HOST", "unix:///nonexistent/docker.sock");
        command.cwd(home);
        let child = pty.slave.spawn_command(command).expect("the program starts");
        let parser = vt100::Parser::new(at.1, at.0, 0);
        let seen = Arc::new(Mutex::new(Seen { parser, last: Instant::now(), tail: Vec::new(), frames: 0 }));
        let mut reader = pty.master.try_clone_reader().expect("a reader");
        let shared = seen.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 1 << 16];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                let mut seen = shared.lock().expect("nobody panics with it");
                seen.parser.process(&buffer[..n]);
                seen.last = Instant::now();
                // A mark may come in two pieces.
                let from = (seen.tail.len() + 1).saturating_sub(FRAME.len());
                let fresh: Vec<u8> = seen.tail[from..].iter().chain(&buffer[..n]).copied().collect();
                seen.frames += fresh.windows(FRAME.len()).filter(|w| *w == FRAME).count();
                seen.tail.extend_from_slice(&buffer[..n]);
                let over = seen.tail.len().saturating_sub(1 << 16);
                seen.tail.drain(..over);
            }
        });
        let writer = pty.master.take_writer().expect("a writer");
        Self { master: pty.master, child, writer, seen, typed: Vec::new(), size: at }
    }

    fn send(&mut self, text: &str) {
        self.typed.push(text.to_owned());
        // A program that has just left does not read any more; that is seen below.
        let _ = self.writer.write_all(text.as_bytes()).and_then(|()| self.writer.flush());
    }

    fn resize(&mut self, to: (u16, u16)) {
        self.typed.push(format!("<{}x{}>", to.0, to.1));
        self.size = to;
        self.seen.lock().expect("nobody panics with it").parser.screen_mut().set_size(to.1, to.0);
        let _ = self.master.resize(size(to));
    }

    /// Waits until it has nothing to do and nothing has been written for a while.
    fn quiet(&self) {
        let began = self.cpu();
        let mut since = Instant::now();
        while self.cpu().saturating_sub(began) < PATIENCE {
            let last = self.seen.lock().expect("nobody panics with it").last;
            if self.busy() {
                since = Instant::now();
            } else if last.max(since).elapsed() >= QUIET {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// One of its threads is at work, or waits for a processor or a disk.
    fn busy(&self) -> bool {
        let threads = self.child.process_id().and_then(|pid| std::fs::read_dir(format!("/proc/{pid}/task")).ok());
        threads.into_iter().flatten().flatten().any(|thread| {
            let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
            stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with(['R', 'D']))
        })
    }

    /// Processor time that it has taken.
    fn cpu(&self) -> u64 {
        let stat = self.child.process_id().and_then(|pid| std::fs::read_to_string(format!("/proc/{pid}/stat")).ok());
        let stat = stat.unwrap_or_default();
        let fields: Vec<u64> = stat.rsplit_once(") ").map_or_else(Vec::new, |(_, rest)| {
            rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect()
        });
        fields.iter().sum()
    }

    fn frames(&self) -> usize {
        self.seen.lock().expect("nobody panics with it").frames
    }

    fn rows(&self) -> Vec<String> {
        let seen = self.seen.lock().expect("nobody panics with it");
        seen.parser.screen().rows(0, self.size.0).map(|row| row.trim_end().to_owned()).collect()
    }

    /// The exit code, once it has left.
    fn left(&mut self) -> Option<u32> {
        self.child.try_wait().ok().flatten().map(|status| status.exit_code())
    }

    /// What is wrong with the screen, if anything.
    fn fault(&mut self) -> Option<String> {
        self.quiet();
        let before = self.rows();
        let frames = self.frames();
        self.typed.push("\x0c".to_owned());
        let _ = self.writer.write_all(b"\x0c").and_then(|()| self.writer.flush());
        let (began, mut asleep) = (self.cpu(), 0);
        // What was painted anew has come when there is a frame more, and nothing more is written.
        while self.left().is_none() && self.frames() == frames {
            asleep = if self.busy() { 0 } else { asleep + 1 };
            if asleep > ASLEEP {
                return Some("nothing was painted: it waits for something that does not come".to_owned());
            }
            if self.cpu().saturating_sub(began) > PATIENCE {
                return Some("nothing was painted: it works and does not end".to_owned());
            }
            std::thread::sleep(QUIET);
        }
        self.quiet();
        if self.left().is_some() {
            return None;
        }
        let after = self.rows();
        let (width, height) = (usize::from(self.size.0), usize::from(self.size.1));
        if self.size.0 >= 60 && self.size.1 >= 16 {
            let rule = after[1].chars().all(|c| c == '─' || c == '-');
            if !rule || after[1].chars().count() != width {
                return Some(format!("no rule under the header: {:?}", after[1]));
            }
        }
        // The lower rule holds words that the next key takes away, and the repaint was a key.
        let differs = (0..height).filter(|y| *y != height.saturating_sub(2)).find(|y| before.get(*y) != after.get(*y));
        differs.map(|y| format!("row {y} was {:?}, painted anew {:?}", before.get(y), after.get(y)))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One program's life: until it is left, or enough was typed.
fn round(program: &Path, seed: u64, until: Instant) -> Result<usize, String> {
    let mut dice = Dice(seed | 1);
    let home = tempfile::tempdir().map_err(|e| e.to_string())?;
    let lang = ["en", "hi-Latn"][usize::try_from(dice.roll(2)).unwrap_or(0)];
    let mut terminal = Terminal::open(program, home.path(), lang);
    // The history and the daemon are looked for at the start and said when they come.
    std::thread::sleep(Duration::from_millis(700));
    let fail = |terminal: &Terminal, why: String| {
        let typed = terminal.typed.iter().rev().take(60).rev().cloned().collect::<Vec<_>>();
        let tail = String::from_utf8_lossy(&terminal.seen.lock().expect("nobody panics with it").tail).into_owned();
        let panic = tail.find("panicked at").map(|at| tail[at..].chars().take(400).collect::<String>());
        Err(format!("seed {seed}: {why}\ntyped last: {typed:?}\n{}", panic.unwrap_or_default()))
    };
    let mut keys = 0;
    while Instant::now() < until && keys < 2_000 {
        for _ in 0..=dice.roll(12) {
            match dice.roll(40) {
                0 => {
                    let to = (20 + dice.roll(200), 5 + dice.roll(60));
                    terminal.resize((u16::try_from(to.0).unwrap_or(80), u16::try_from(to.1).unwrap_or(24)));
                }
                1 | 2 => {
                    let (x, y) = (1 + dice.roll(terminal.size.0.into()), 1 + dice.roll(terminal.size.1.into()));
                    let button = [0, 64, 65][usize::try_from(dice.roll(3)).unwrap_or(0)];
                    terminal.send(&format!("\x1b[<{button};{x};{y}M\x1b[<{button};{x};{y}m"));
                }
                _ => {
                    let nth = usize::try_from(dice.roll(KEYS.len() as u64)).unwrap_or(0);
                    terminal.send(KEYS[nth]);
                    // An escape followed at once by a letter is Alt with that letter, to every terminal program.
                    if KEYS[nth] == "\x1b" {
                        std::thread::sleep(Duration::from_millis(30));
                    }
                }
            }
            keys += 1;
        }
        let fault = terminal.fault();
        match terminal.left() {
            Some(0) => return Ok(keys),
            Some(code) => return fail(&terminal, format!("it ended with {code}")),
            None => {}
        }
        if let Some(why) = fault {
            return fail(&terminal, why);
        }
    }
    Ok(keys)
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let minutes: f64 = args.next().and_then(|a| a.parse().ok()).unwrap_or(10.0);
    let mut seed: u64 = args.next().and_then(|a| a.parse().ok()).unwrap_or_else(|| u64::from(std::process::id()));
    let beside = std::env::current_exe().ok().and_then(|p| Some(p.parent()?.parent()?.join("dockshala")));
    let program: PathBuf = std::env::var_os("DOCKSHALA").map(PathBuf::from).or(beside).unwrap_or_default();
    let until = Instant::now() + Duration::from_secs_f64(minutes * 60.0);
    let (mut rounds, mut all) = (0, 0);
    while Instant::now() < until {
        match round(&program, seed, until) {
            Ok(keys) => {
                rounds += 1;
                all += keys;
            }
            Err(why) => {
                eprintln!("{why}");
                return ExitCode::FAILURE;
            }
        }
        seed = seed.wrapping_add(1);
    }
    println!("{rounds} rounds, {all} keys, sizes and clicks: no panic, no broken screen (next seed {seed})");
    ExitCode::SUCCESS
}
