//! The `docker` command, run with our daemon, bounded in time and output, and a course's files written out so that it builds
//! on the bases which are here.

use super::{LabError, write_all};
use crate::course::FileBytes;
use dockshala_checkers::{
    dockerfile::{Dockerfile, Options as Reading, RefTarget},
    engine::{
        Engine, EngineError,
        bases::{self, Base, BaseOptions},
        clean,
    },
};
use std::{collections::BTreeMap, path::Path, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
};
use tokio_util::sync::CancellationToken;

/// What is kept of a command's output, in bytes of each stream.
const MOST_OUTPUT: u64 = 1 << 20;

/// What a command came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// Its exit code; none when a signal or we ended it.
    pub exit: Option<i64>,
    /// Standard output, cleaned.
    pub stdout: String,
    /// Standard error, cleaned.
    pub stderr: String,
    /// The time was over.
    pub timed_out: bool,
}

/// Why a command could not be run at all.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is no such program on PATH.
    #[error("{0} is not installed")]
    Missing(String),
    /// The system says no.
    #[error("{program}: {message}")]
    Io {
        /// Which program.
        program: String,
        /// Why.
        message: String,
    },
    /// Stopped by the user.
    #[error("cancelled")]
    Cancelled,
}

/// Runs a program with the daemon of `engine`, in `dir`, without input.
pub async fn run(
    engine: &Engine,
    dir: &Path,
    argv: &[String],
    limit: Duration,
    cancel: &CancellationToken,
) -> Result<Output, CommandError> {
    let program = argv.first().cloned().unwrap_or_default();
    let io = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => CommandError::Missing(program.clone()),
        _ => CommandError::Io { program: program.clone(), message: error.to_string() },
    };
    let mut command = Command::new(&program);
    command.args(&argv[1..]).current_dir(dir).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env("DOCKER_HOST", &engine.info().host).env_remove("DOCKER_CONTEXT");
    // Whatever builder the user has chosen, lessons speak of the daemon's own; and output is read, not watched.
    command.env("DOCKER_BUILDKIT", "1").env("BUILDX_BUILDER", "default").env("BUILDKIT_PROGRESS", "plain");
    command.env("LC_ALL", "C").kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn().map_err(io)?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let both = async { tokio::join!(bounded(out), bounded(err), child.wait()) };
    let mut timed_out = false;
    let ended = tokio::select! {
        ended = both => Some(ended),
        () = tokio::time::sleep(limit) => { timed_out = true; None }
        () = cancel.cancelled() => None,
    };
    let Some((stdout, stderr, status)) = ended else {
        end_group(&mut child).await;
        return if timed_out { Ok(Output { timed_out, ..Output::default() }) } else { Err(CommandError::Cancelled) };
    };
    Ok(Output { exit: status.map_err(io)?.code().map(i64::from), stdout, stderr, timed_out })
}

/// A script's own children must not outlive it: they would go on building.
async fn end_group(child: &mut tokio::process::Child) {
    #[cfg(unix)]
    if let Some(pid) = child.id().and_then(|pid| rustix::process::Pid::from_raw(pid as i32)) {
        // It may just have ended.
        let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
    }
    let _ = child.kill().await;
}

async fn bounded(stream: Option<impl AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        let _ = (&mut stream).take(MOST_OUTPUT).read_to_end(&mut bytes).await;
        // The rest is read and thrown away: a full pipe would stop the command for ever.
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    }
    clean::text(&String::from_utf8_lossy(&bytes))
}

/// A course's files in a folder, gone when it is dropped.
#[derive(Debug)]
pub struct Copy {
    /// The folder.
    pub dir: tempfile::TempDir,
    /// What became of the base images of its Dockerfiles.
    pub bases: Bases,
}

/// What became of base images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bases {
    /// A stand-in took the place of one.
    pub stand_ins: bool,
    /// Those that are not here.
    pub missing: Vec<String>,
}

/// Why a copy could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// It could not be written.
    #[error(transparent)]
    Lab(#[from] LabError),
    /// The daemon could not be asked for a base image.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Writes files out, every Dockerfile among them with its bases replaced by what is here. Lines keep their numbers.
pub async fn copy(engine: &Engine, options: &BaseOptions, files: &[FileBytes]) -> Result<Copy, CopyError> {
    let dir = tempfile::Builder::new()
        .prefix("dockshala-course-")
        .tempdir()
        .map_err(|e| LabError::io(&std::env::temp_dir(), e))?;
    let (mut written, mut bases) = (Vec::new(), Bases::default());
    for file in files {
        let mut file = file.clone();
        let name = file.path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        if name.contains("dockerfile") && !name.ends_with(".dockerignore") {
            let (text, found) = rewritten(engine, options, &file.bytes).await?;
            bases.stand_ins |= found.stand_ins;
            bases.missing.extend(found.missing);
            file.bytes = text;
        }
        written.push(file);
    }
    write_all(dir.path(), &written)?;
    Ok(Copy { dir, bases })
}

/// A Dockerfile with its bases replaced. One that cannot be read stays as it is, and so does a base that is not here: what is
/// wrong with them is the builder's to say.
pub async fn rewritten(engine: &Engine, options: &BaseOptions, bytes: &[u8]) -> Result<(Vec<u8>, Bases), EngineError> {
    let reading = Reading { arch: engine.info().arch.clone(), ..Reading::default() };
    let Ok(dockerfile) = Dockerfile::read(bytes, &reading) else { return Ok((bytes.to_vec(), Bases::default())) };
    let images = dockerfile.references.iter().filter_map(|r| match &r.target {
        RefTarget::Image(image) => Some(image.clone()),
        _ => None,
    });
    let mut by: BTreeMap<String, String> = BTreeMap::new();
    let mut found = Bases::default();
    for (image, base) in bases::resolve(engine, &images.collect::<Vec<_>>(), options).await? {
        match base.local() {
            Some(local) => {
                found.stand_ins |= matches!(base, Base::StandIn { .. });
                by.insert(image, local.to_owned());
            }
            None if base == Base::Scratch => {}
            None => found.missing.push(image),
        }
    }
    let blank = dockerfile.syntax_directive().is_some();
    Ok((dockerfile.rewritten(&by, blank).into_bytes(), found))
}
