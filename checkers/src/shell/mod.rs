//! Processes outside Docker: a learner's `steps.sh` typed in a real terminal, which is then closed.
//!
//! Runs on the learner's own machine, as the learner, in a copy of the folder: it is the learner's own script. Whoever
//! judges somebody else's uses [`contained`], which does the same inside a confined container.

#[cfg(target_os = "linux")]
mod helper;
#[cfg(target_os = "linux")]
mod proc;

mod contained;

pub use contained::contained;

use crate::{
    engine::EngineError,
    evidence::{ShellFacts, Watch},
};
use serde::{Deserialize, Serialize};
use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{process::Command, time::timeout};
use tokio_util::sync::CancellationToken;

/// Says which of its two parts a helper process is to play.
const MODE: &str = "DOCKSHALA_SHELL";
/// The shell to become.
const PROGRAM: &str = "DOCKSHALA_SHELL_PROGRAM";
/// The request, where there is no standard input to read it from.
const WORDS: &str = "DOCKSHALA_SHELL_REQUEST";
/// What an answer on standard output begins with.
const SEAL: &str = "DOCKSHALA_SHELL_SEAL";
/// Carried by everything that a script starts.
const RUN: &str = "DOCKSHALA_SHELL_RUN";
/// The prompt must be back within, in milliseconds.
const PROMPT_LIMIT: u64 = 6_000;
/// The whole must be over within, what was asked to wait for added.
const DEADLINE: Duration = Duration::from_secs(30);
/// After its lifeline was cut a helper is gone within.
const GOODBYE: Duration = Duration::from_secs(4);
/// A folder may have so many files and bytes.
const FILES: usize = 2_000;
const BYTES: u64 = 64 << 20;

/// How to start this program as a helper: it must call [`helper`] first of all.
#[derive(Debug, Clone)]
pub struct Launcher {
    /// The program.
    pub program: PathBuf,
    /// Arguments that lead it to [`helper`].
    pub args: Vec<OsString>,
}

/// Why nothing was seen.
#[derive(Debug, thiserror::Error)]
pub enum ShellError {
    /// Not on this system, or no bash.
    #[error("needs {0}")]
    Needs(&'static str),
    /// No steps.sh.
    #[error("no steps.sh")]
    NoSteps,
    /// Stopped.
    #[error("cancelled")]
    Cancelled,
    /// The daemon, where one was asked.
    #[error(transparent)]
    Engine(EngineError),
    /// The machine's doing or ours.
    #[error("{0}")]
    Broken(String),
}

impl From<EngineError> for ShellError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Cancelled => Self::Cancelled,
            error => Self::Engine(error),
        }
    }
}

impl From<io::Error> for ShellError {
    fn from(error: io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// What a helper is asked.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    /// The copy that the script runs in.
    dir: PathBuf,
    /// A folder beside it, for what belongs to the shell.
    aside: PathBuf,
    /// Where to write what was seen; standard output without it.
    answer: Option<PathBuf>,
    program: PathBuf,
    run: String,
    limit: u64,
    watch: Watch,
}

impl Request {
    #[cfg(target_os = "linux")]
    fn marker_parts(&self) -> (&'static str, &str) {
        (RUN, &self.run)
    }

    #[cfg(target_os = "linux")]
    fn marker(&self) -> String {
        format!("{RUN}={}", self.run)
    }
}

/// To be called first of all in a program that launches helpers: does a helper's work, and then says with which code to
/// exit. Without [`MODE`] in the environment it does nothing.
pub fn helper() -> Option<i32> {
    let mode = std::env::var(MODE).ok()?;
    #[cfg(target_os = "linux")]
    match mode.as_str() {
        "supervise" => return Some(helper::supervise()),
        "session" => return Some(helper::session()),
        _ => {}
    }
    let _ = mode;
    Some(2)
}

/// A copy of a submission and the folders beside it, gone when dropped.
struct Scratch {
    top: tempfile::TempDir,
}

impl Scratch {
    fn of(dir: &Path) -> Result<Self, ShellError> {
        if !dir.join("steps.sh").symlink_metadata().is_ok_and(|m| m.is_file()) {
            return Err(ShellError::NoSteps);
        }
        let top = tempfile::Builder::new().prefix("dockshala-shell-").tempdir()?;
        // The kernel names a process's files by their real paths.
        let scratch = Self { top };
        for name in ["work", "home", "tmp", "screen"] {
            fs::create_dir(scratch.path(name)?)?;
        }
        copy(dir, &scratch.path("work")?)?;
        Ok(scratch)
    }

    fn path(&self, name: &str) -> io::Result<PathBuf> {
        Ok(self.top.path().canonicalize()?.join(name))
    }
}

/// Copies plain files and folders; links are left out, as they could lead out of the copy.
fn copy(from: &Path, to: &Path) -> Result<(), ShellError> {
    let (mut files, mut bytes) = (0, 0);
    for entry in walkdir::WalkDir::new(from).follow_links(false).min_depth(1) {
        let entry = entry.map_err(|e| ShellError::Broken(e.to_string()))?;
        let Ok(inside) = entry.path().strip_prefix(from) else { continue };
        let target = to.join(inside);
        if entry.file_type().is_dir() {
            fs::create_dir_all(&target)?;
        } else if entry.file_type().is_file() {
            files += 1;
            bytes += entry.metadata().map_or(0, |m| m.len());
            if files > FILES || bytes > BYTES {
                return Err(ShellError::Broken("the folder has too many files to copy".to_owned()));
            }
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

fn bash() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/bin".into(), "/usr/bin".into()]);
    folders.map(|folder| folder.join("bash")).find(|file| file.is_file())
}

/// Types the `steps.sh` of `dir` at a prompt, closes the terminal, and tells what became of the jobs. Nothing that the script
/// started is left when this returns, nor soon after it is dropped.
pub async fn run(
    dir: &Path,
    watch: &Watch,
    launcher: &Launcher,
    cancel: &CancellationToken,
) -> Result<ShellFacts, ShellError> {
    if !cfg!(target_os = "linux") {
        return Err(ShellError::Needs("linux"));
    }
    let program = bash().ok_or(ShellError::Needs("bash"))?;
    let from = dir.to_owned();
    let scratch = tokio::task::spawn_blocking(move || Scratch::of(&from)).await;
    let scratch = scratch.map_err(|e| ShellError::Broken(e.to_string()))??;
    let answer = scratch.path("answer.json")?;
    let request = Request {
        dir: scratch.path("work")?,
        aside: scratch.path("")?,
        answer: Some(answer.clone()),
        program,
        run: uuid::Uuid::new_v4().simple().to_string(),
        limit: PROMPT_LIMIT,
        watch: watch.clone(),
    };
    let mut command = Command::new(&launcher.program);
    command.args(&launcher.args).env(MODE, "supervise");
    // Not killed on drop: dropping it cuts the lifeline, and then it clears up first.
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let mut line = serde_json::to_vec(&request).map_err(|e| ShellError::Broken(e.to_string()))?;
    line.push(b'\n');
    let mut lifeline = child.stdin.take();
    if let Some(stdin) = &mut lifeline {
        use tokio::io::AsyncWriteExt;
        // A helper that has ended already tells why by its status.
        let _ = stdin.write_all(&line).await;
        let _ = stdin.flush().await;
    }
    let deadline = DEADLINE + Duration::from_millis(watch.after);
    let cancelled = tokio::select! {
        ended = timeout(deadline, child.wait()) => { let _ = ended; false }
        () = cancel.cancelled() => true,
    };
    drop(lifeline);
    if timeout(GOODBYE, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
    sweep(&request.run).await;
    if cancelled {
        return Err(ShellError::Cancelled);
    }
    let json = tokio::fs::read(&answer).await.map_err(|_| ShellError::Broken("the helper gave no answer".into()))?;
    let facts: Result<ShellFacts, String> =
        serde_json::from_slice(&json).map_err(|e| ShellError::Broken(e.to_string()))?;
    facts.map_err(ShellError::Broken)
}

/// What a helper that was itself killed left behind.
async fn sweep(run: &str) {
    #[cfg(target_os = "linux")]
    {
        let marker = format!("{RUN}={run}");
        let ended = tokio::task::spawn_blocking(move || {
            for _ in 0..50 {
                let left = proc::marked(&marker);
                if left.is_empty() {
                    return;
                }
                for pid in left.into_iter().filter_map(rustix::process::Pid::from_raw) {
                    let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let _ = ended.await;
    }
    #[cfg(not(target_os = "linux"))]
    let _ = run;
}
