//! The process that opens a terminal, types a `steps.sh` in it, closes it, and looks at what is left.
//!
//! A process of its own, because it must be the *subreaper* of all that the script starts: whatever daemonises itself falls
//! to it and not to init, so that nothing can get away, and no other child of the program falls to it by mistake. Its
//! standard input is a lifeline: when the checker ends in any way, `kill -9` included, the pipe closes and it ends all.
//!
//! The terminal's first process is this program once more, which makes itself the leader of a session with that terminal and
//! then becomes bash: between a fork and an exec no safe Rust could do that.

use super::{
    Request,
    proc::{self, Process},
};
use crate::{
    engine::clean,
    evidence::{Ended, FileFact, JobFact, ShellFacts, StreamFact},
    spec::StdStream,
};
use rustix::{
    fs::{Mode, OFlags, fcntl_getfl, fcntl_setfl, open},
    io::Errno,
    process::{
        DumpableBehavior, Pid, Signal, WaitOptions, WaitStatus, ioctl_tiocsctty, kill_process, set_child_subreaper,
        set_dumpable_behavior, setsid, wait,
    },
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};
use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::{self, Read, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

/// What the shell is told to show when it waits for a command.
const PROMPT: &str = "dockshala$ ";
/// The shell itself must be there within.
const READY: Duration = Duration::from_secs(5);
/// A job must have been seen within.
const STARTED: Duration = Duration::from_secs(2);
/// Wrappers (nohup, setsid) have become the job within.
const SETTLED: Duration = Duration::from_millis(400);
/// A shell that has lost its terminal is gone within.
const SHELL_GONE: Duration = Duration::from_secs(3);
/// How much of the terminal is kept.
const SCREEN: usize = 64 << 10;
/// How much of a file's end is looked at.
const TAIL: u64 = 16 << 10;
/// Between two looks.
const TICK: Duration = Duration::from_millis(10);

/// The terminal's first process: becomes the shell.
pub(super) fn session() -> i32 {
    let become_leader = || -> io::Result<()> {
        setsid()?;
        ioctl_tiocsctty(io::stdin())?;
        Ok(())
    };
    if let Err(error) = become_leader() {
        eprintln!("{error}");
        return 126;
    }
    let program = std::env::var_os(super::PROGRAM).unwrap_or_else(|| "bash".into());
    let mut shell = Command::new(program);
    if let Err(error) = usual_signals() {
        eprintln!("{error}");
        return 126;
    }
    // The learner's own start-up files could do anything, and readline would draw over what is looked for.
    shell.args(["--noprofile", "--norc", "--noediting", "-i"]);
    for name in [super::MODE, super::PROGRAM, super::WORDS, super::SEAL] {
        shell.env_remove(name);
    }
    eprintln!("{}", shell.exec());
    127
}

/// Nothing that this program was started to ignore is ignored by the shell: under `nohup dockshala check` each job of the
/// learner would live on, and be praised for it. What is ignored stays so through an exec, what is *handled* becomes the
/// default again, so each gets a handler; to set the default itself would need unsafe code. (Blocked signals are the
/// standard library's: it unblocks them before an exec.)
fn usual_signals() -> io::Result<()> {
    use signal_hook::consts::{SIGALRM, SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU};
    for signal in [SIGALRM, SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU] {
        signal_hook::flag::register(signal, Arc::default())?;
    }
    Ok(())
}

/// The supervisor: reads a request, does it, writes what was seen.
pub(super) fn supervise() -> i32 {
    // What the script could read of us it could use to speak in our name.
    if set_dumpable_behavior(DumpableBehavior::NotDumpable).is_err() {
        return 2;
    }
    let mut line = String::new();
    match std::env::var(super::WORDS) {
        Ok(words) => line = words,
        Err(_) if io::stdin().read_line(&mut line).is_err() => return 2,
        Err(_) => {}
    }
    let Ok(request) = serde_json::from_str::<Request>(&line) else { return 2 };
    // Whatever happens from here on, also a panic, nothing of it stays.
    let guard = Nothing { marker: request.marker() };
    let seen = watch(&request);
    let ended = guard.end_all();
    let answer = seen.map(|facts| ShellFacts { ended_by_us: ended, ..facts }).map_err(|e| e.to_string());
    let json = serde_json::to_vec(&answer).unwrap_or_default();
    let written = match &request.answer {
        Some(path) => {
            let part = path.with_extension("part");
            fs::write(&part, &json).and_then(|()| fs::rename(&part, path))
        }
        None => {
            let seal = std::env::var(super::SEAL).unwrap_or_default();
            let mut out = io::stdout().lock();
            // On a line of its own, whatever a test runner has printed before it.
            out.write_all(format!("\n{seal} {}\n", String::from_utf8_lossy(&json)).as_bytes())
                .and_then(|()| out.flush())
        }
    };
    i32::from(written.is_err())
}

/// Ends everything that was started, when asked and when dropped.
struct Nothing {
    marker: String,
}

impl Nothing {
    /// How many there were.
    fn end_all(&self) -> u32 {
        let own = std::process::id() as i32;
        let mut seen = std::collections::BTreeSet::new();
        // A process that forks while it is looked for is found the next time; nobody outruns this for long, as what was
        // stopped cannot fork.
        for round in 0..300 {
            let all = proc::all();
            let mut alive: Vec<i32> = proc::below(own, &all);
            alive.extend(proc::marked(&self.marker));
            alive.retain(|pid| all.get(pid).is_some_and(|p| !p.zombie));
            alive.sort_unstable();
            alive.dedup();
            for signal in [Signal::STOP, Signal::KILL] {
                for pid in alive.iter().filter_map(|pid| Pid::from_raw(*pid)) {
                    // That it is gone meanwhile is what is wanted.
                    let _ = kill_process(pid, signal);
                }
            }
            seen.extend(alive.iter().copied());
            while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
            if alive.is_empty() && round > 0 {
                break;
            }
            std::thread::sleep(TICK);
        }
        seen.len() as u32
    }
}

impl Drop for Nothing {
    fn drop(&mut self) {
        self.end_all();
    }
}

/// The terminal from outside, and who has ended.
struct Terminal {
    /// The checker's end of standard input tells whether it is still there.
    lifeline: bool,
    master: Option<OwnedFd>,
    output: Vec<u8>,
    ended: HashMap<i32, Ended>,
}

fn nonblocking(fd: impl AsFd) -> io::Result<()> {
    let flags = fcntl_getfl(&fd)?;
    Ok(fcntl_setfl(&fd, flags | OFlags::NONBLOCK)?)
}

impl Terminal {
    /// Reads what there is to read, takes the status of who has ended, and waits a moment. An error: the checker is gone.
    fn tick(&mut self) -> io::Result<()> {
        let mut chunk = [0_u8; 4096];
        if let Some(master) = &self.master {
            // The shell's end shows as EIO; who waits for it finds out by its status.
            while let Ok(count @ 1..) = rustix::io::read(master, &mut chunk) {
                self.output.extend_from_slice(&chunk[..count]);
                if self.output.len() > SCREEN {
                    let from = self.output.len() - SCREEN / 2;
                    self.output.drain(..from);
                }
            }
        }
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            self.ended.insert(pid.as_raw_nonzero().get(), ended(status));
        }
        let read = if self.lifeline { io::stdin().read(&mut chunk) } else { Ok(1) };
        match read {
            Ok(0) => return Err(io::Error::other("the checker has ended")),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        std::thread::sleep(TICK);
        Ok(())
    }

    /// Until something is so, or the time is up: whether it is.
    fn until(&mut self, limit: Duration, so: impl Fn(&Self) -> bool) -> io::Result<bool> {
        let began = Instant::now();
        loop {
            if so(self) {
                return Ok(true);
            }
            if began.elapsed() > limit {
                return Ok(false);
            }
            self.tick()?;
        }
    }

    fn pass(&mut self, time: Duration) -> io::Result<()> {
        self.until(time, |_| false).map(drop)
    }

    fn shows(&self, text: &str) -> bool {
        self.output.windows(text.len()).any(|window| window == text.as_bytes())
    }

    fn type_line(&self, line: &str) -> io::Result<()> {
        let Some(master) = &self.master else { return Ok(()) };
        let mut bytes = line.as_bytes().to_vec();
        bytes.push(b'\n');
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            match rustix::io::write(master, rest) {
                Ok(count) => rest = &rest[count..],
                Err(Errno::AGAIN | Errno::INTR) => std::thread::sleep(TICK),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

fn ended(status: WaitStatus) -> Ended {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Ended::Exit(code),
        (None, Some(signal)) => Ended::Signal(signal),
        (None, None) => Ended::Gone,
    }
}

fn watch(request: &Request) -> io::Result<ShellFacts> {
    set_child_subreaper(Pid::from_raw(std::process::id() as i32))?;
    // Where SIGCHLD is ignored the kernel forgets who ended how before we have asked.
    signal_hook::flag::register(signal_hook::consts::SIGCHLD, Arc::default())?;
    let lifeline = request.answer.is_some();
    if lifeline {
        nonblocking(io::stdin())?;
    }
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let name = ptsname(&master, Vec::new())?.to_string_lossy().into_owned();
    tcsetwinsize(&master, Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 })?;
    nonblocking(&master)?;
    let shell = spawn(request, &name)?;
    let shell = shell.id() as i32;
    let mut terminal = Terminal { lifeline, master: Some(master), output: Vec::new(), ended: HashMap::new() };
    let here = terminal.until(READY, |t| t.shows(PROMPT) || t.ended.contains_key(&shell))?;
    if !here || terminal.ended.contains_key(&shell) {
        let said = String::from_utf8_lossy(&terminal.output).into_owned();
        return Err(io::Error::other(format!("no shell came up in the terminal: {}", said.trim())));
    }
    terminal.output.clear();
    let mut facts = ShellFacts { limit: request.limit, ..ShellFacts::default() };
    // Sourced and not run: what is typed at a prompt starts jobs of that shell, and those are what it hangs up.
    terminal.type_line(". ./steps.sh")?;
    // In two pieces, so that the echo of the typed line is not taken for its output.
    let (left, right) = request.run.split_at(request.run.len() / 2);
    terminal.type_line(&format!("printf '%s%s\\n' {left} {right}"))?;
    let done = |t: &Terminal| t.shows(&request.run) || t.ended.contains_key(&shell);
    terminal.until(Duration::from_millis(request.limit), done)?;
    facts.prompt = terminal.shows(&request.run);
    facts.shell_ended = terminal.ended.contains_key(&shell);
    let all_seen = |_: &Terminal| request.watch.jobs.iter().all(|job| !called(job, shell).is_empty());
    let mut first: BTreeMap<String, Vec<Process>> = BTreeMap::new();
    let began = Instant::now();
    while began.elapsed() < STARTED {
        for job in &request.watch.jobs {
            let now = called(job, shell);
            if !now.is_empty() {
                first.insert(job.clone(), now);
            }
        }
        if all_seen(&terminal) {
            break;
        }
        terminal.tick()?;
    }
    terminal.pass(SETTLED)?;
    let mut before: BTreeMap<String, Vec<(Process, JobFact)>> = BTreeMap::new();
    for job in &request.watch.jobs {
        let now = called(job, shell);
        let gone = now.is_empty();
        let seen = if gone { first.remove(job).unwrap_or_default() } else { now };
        let facts = seen.into_iter().map(|process| {
            let mut fact = fact(&process, shell, &name, &request.dir);
            fact.before = gone.then(|| terminal.ended.get(&process.pid).copied().unwrap_or(Ended::Gone));
            (process, fact)
        });
        before.insert(job.clone(), facts.collect());
    }
    facts.screen = screen(&terminal.output, &request.run);
    // The window is closed: the last descriptor of the terminal's other side goes, and the kernel hangs it up.
    terminal.master = None;
    terminal.until(SHELL_GONE, |t| t.ended.contains_key(&shell))?;
    terminal.pass(Duration::from_millis(200))?;
    let names = request.watch.files.iter().map(String::as_str).chain(["nohup.out"]);
    let sizes: BTreeMap<String, u64> =
        names.filter_map(|name| Some((name.to_owned(), size(&request.dir, name)?))).collect();
    terminal.pass(Duration::from_millis(request.watch.after))?;
    for (job, seen) in before {
        let jobs = seen.into_iter().map(|(process, mut fact)| {
            let alive = proc::one(process.pid).is_some_and(|now| now.started == process.started && !now.zombie);
            if !alive && fact.before.is_none() {
                fact.after = Some(terminal.ended.get(&process.pid).copied().unwrap_or(Ended::Gone));
            }
            fact
        });
        facts.jobs.insert(job, jobs.collect());
    }
    let names = request.watch.files.iter().map(String::as_str).chain(["nohup.out"]);
    for name in names {
        if let Some(last) = size(&request.dir, name) {
            let first = sizes.get(name).copied().unwrap_or(0);
            let tail = tail(&request.dir.join(name)).unwrap_or_default();
            facts.files.insert(name.to_owned(), FileFact { first, last, tail });
        }
    }
    Ok(facts)
}

fn spawn(request: &Request, terminal: &str) -> io::Result<Child> {
    let slave = || -> io::Result<Stdio> {
        // Not as our own controlling terminal: closing it is to hang up the session in it and not us.
        Ok(open(terminal, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?.into())
    };
    let own = std::env::current_exe()?;
    let mut command = Command::new(own);
    command.args(std::env::args_os().skip(1)).current_dir(&request.dir);
    command.stdin(slave()?).stdout(slave()?).stderr(slave()?);
    command.env_clear();
    for name in ["PATH", "LANG", "LC_ALL", "USER", "LOGNAME"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    let aside = |name: &str| -> PathBuf { request.aside.join(name) };
    let (mark, value) = request.marker_parts();
    command
        .env(mark, value)
        .env(super::MODE, "session")
        .env(super::PROGRAM, &request.program)
        .env("PS1", PROMPT)
        .env("TERM", "dumb")
        .env("SHELL", &request.program)
        .env("HISTFILE", "/dev/null")
        .env("HOME", aside("home"))
        .env("TMPDIR", aside("tmp"))
        // A tmux or screen of the learner's must not be the one that the script talks to.
        .env("TMUX_TMPDIR", aside("tmp"))
        .env("SCREENDIR", aside("screen"));
    command.spawn()
}

/// Processes of a name below us, without those whose parent has that name too.
fn called(job: &str, shell: i32) -> Vec<Process> {
    let mut all = proc::all();
    let below = proc::below(std::process::id() as i32, &all);
    let is = |pid: &i32| *pid != shell && all.get(pid).is_some_and(|p| !p.zombie && p.is_called(job));
    let found: Vec<i32> = below.into_iter().filter(is).collect();
    let top: Vec<i32> = found.iter().copied().filter(|pid| !found.contains(&all[pid].parent)).collect();
    top.into_iter().filter_map(|pid| all.remove(&pid)).collect()
}

fn fact(process: &Process, shell: i32, terminal: &str, dir: &Path) -> JobFact {
    let streams = [StdStream::Stdin, StdStream::Stdout, StdStream::Stderr].into_iter().filter_map(|stream| {
        let to = process.stream(stream as u32)?;
        let inside = Path::new(&to).strip_prefix(dir).map(|p| p.to_string_lossy().into_owned());
        let is_terminal = to == terminal || to.starts_with(&format!("{terminal} "));
        let to = clean::line(inside.as_deref().unwrap_or(&to));
        Some((stream, StreamFact { to, terminal: is_terminal }))
    });
    JobFact {
        pid: process.pid,
        left_session: process.session != shell,
        ignores_hangup: process.ignores_hangup(),
        streams: streams.collect(),
        before: None,
        after: None,
    }
}

/// The last lines of the terminal, without what we typed ourselves.
fn screen(output: &[u8], run: &str) -> String {
    let text = clean::text(&String::from_utf8_lossy(output));
    let (left, _) = run.split_at(run.len() / 2);
    let kept = text.lines().map(|line| line.trim_start_matches(PROMPT)).filter(|line| {
        let line = line.trim();
        !line.is_empty() && !line.contains(left) && line != ". ./steps.sh" && line != PROMPT.trim()
    });
    let kept: Vec<&str> = kept.collect();
    kept[kept.len().saturating_sub(8)..].join("\n")
}

fn size(dir: &Path, name: &str) -> Option<u64> {
    let meta = dir.join(name).symlink_metadata().ok()?;
    meta.is_file().then_some(meta.len())
}

fn tail(path: &Path) -> io::Result<String> {
    use std::io::Seek;
    let mut file = fs::File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(io::SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    Ok(clean::text(&String::from_utf8_lossy(&bytes)))
}
