//! The docker command with an argv of ours: no shell, no terminal, bounded in time and output, dead when it is stopped.

use crate::{
    engine::{Engine, EngineError, clean, environment},
    spec::steps::Step,
};
use std::{fs::File, path::Path, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Child,
};
use tokio_util::sync::CancellationToken;

/// What is kept of its words, in bytes.
const WORDS: u64 = 8 << 10;

pub(super) struct Ended {
    /// Its exit code; none when it was out of time.
    pub(super) exit: Option<i64>,
    /// What it complained of, else what it printed.
    pub(super) said: String,
}

pub(super) async fn run(
    engine: &Engine,
    dir: &Path,
    argv: &[String],
    step: &Step,
    limit: Duration,
    cancel: &CancellationToken,
) -> Result<Ended, EngineError> {
    let ours = |error: std::io::Error| EngineError::Daemon(format!("docker: {}", clean::line(&error.to_string())));
    let mut command = environment::command("docker", &argv[1..], dir);
    command.env("DOCKER_HOST", &engine.info().host).env("LC_ALL", "C");
    if let Some(file) = &step.input {
        // A file that no step wrote: the learner's shell would say so and not start the command.
        match File::open(dir.join(file)) {
            Ok(file) => command.stdin(file),
            Err(_) => return Ok(Ended { exit: Some(1), said: format!("{file}: No such file or directory") }),
        };
    }
    if let Some(file) = &step.output {
        command.stdout(File::create(dir.join(file)).map_err(ours)?);
    }
    let mut child = command.spawn().map_err(ours)?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let all = async { tokio::join!(bounded(out), bounded(err), child.wait()) };
    let ended = tokio::select! {
        ended = all => Some(ended),
        () = tokio::time::sleep(limit) => None,
        () = cancel.cancelled() => {
            end(&mut child).await;
            return Err(EngineError::Cancelled);
        }
    };
    let Some((out, err, status)) = ended else {
        end(&mut child).await;
        return Ok(Ended { exit: None, said: String::new() });
    };
    let exit = status.map_err(ours)?.code().map(i64::from).unwrap_or(-1);
    Ok(Ended { exit: Some(exit), said: if err.trim().is_empty() { out } else { err } })
}

async fn end(child: &mut Child) {
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
        let _ = (&mut stream).take(WORDS).read_to_end(&mut bytes).await;
        // The rest is read and thrown away: a full pipe would stop the command for ever.
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    }
    clean::text(&String::from_utf8_lossy(&bytes))
}
