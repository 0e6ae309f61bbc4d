//! Runs `docker compose` as a process, with an end, whatever it does.
//!
//! A process group of its own: `docker` starts the compose plugin as a child, and killing the parent alone would leave the
//! child at work. SIGKILL at once, without asking first: whatever it leaves half-made is removed by its labels anyway.

use crate::engine::clean::{Cleaner, HeadTail};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// What is kept of its complaints, from the start and from the end.
const COMPLAINT: usize = 32 << 10;
/// What is taken of its answer.
pub(super) const ANSWER: usize = 4 << 20;
/// How long output may lag behind the process's end: a grandchild may hold the pipe.
const LAG: Duration = Duration::from_secs(1);

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// By itself, with this code; none where a signal ended it.
    Exit(Option<i32>),
    /// Our deadline killed it.
    Deadline,
    /// The learner stopped the check.
    Cancelled,
}

/// What it said and how it ended.
#[derive(Debug, Clone)]
pub(super) struct Output {
    pub(super) ended: Ended,
    /// Raw, at most [`ANSWER`] bytes.
    pub(super) stdout: Vec<u8>,
    /// Clean lines.
    pub(super) stderr: String,
}

impl Output {
    pub(super) fn good(&self) -> bool {
        self.ended == Ended::Exit(Some(0))
    }
}

/// Kills the group of a process when dropped.
struct Group(Option<u32>);

impl Group {
    fn kill(&self) {
        #[cfg(unix)]
        if let Some(pid) = self.0.and_then(|pid| rustix::process::Pid::from_raw(pid.cast_signed())) {
            // That it is gone already is what was wanted.
            let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs it to its end, its deadline or the learner's wish. No process of it is left when this returns or is dropped.
pub(super) async fn run(mut command: Command, deadline: Duration, cancel: &CancellationToken) -> io::Result<Output> {
    let mut child = command.spawn()?;
    let mut group = Group(child.id());
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut taken = (Vec::new(), (Cleaner::new(), HeadTail::new(COMPLAINT / 2, COMPLAINT / 2)));
    let ended = {
        let reading = async {
            tokio::join!(
                read(stdout, |bytes| {
                    let room = ANSWER - taken.0.len();
                    taken.0.extend_from_slice(&bytes[..bytes.len().min(room)]);
                }),
                read(stderr, |bytes| {
                    for line in taken.1.0.push(bytes) {
                        taken.1.1.line(&line);
                    }
                }),
            );
        };
        tokio::pin!(reading);
        let mut open = true;
        let ended = {
            let (waiting, late) = (wait(&mut child), sleep(deadline));
            tokio::pin!(waiting, late);
            loop {
                tokio::select! {
                    code = &mut waiting => break Ended::Exit(code?),
                    () = &mut reading, if open => open = false,
                    () = &mut late => break Ended::Deadline,
                    () = cancel.cancelled() => break Ended::Cancelled,
                }
            }
        };
        if !matches!(ended, Ended::Exit(_)) {
            group.kill();
            let _ = child.wait().await;
        }
        if open {
            let _ = timeout(LAG, &mut reading).await;
        }
        ended
    };
    // Reaped: its number may be somebody else's from now on.
    group.0 = None;
    let (stdout, (cleaner, mut kept)) = taken;
    if let Some(line) = cleaner.finish() {
        kept.line(&line);
    }
    Ok(Output { ended, stdout, stderr: kept.into_text() })
}

async fn wait(child: &mut Child) -> io::Result<Option<i32>> {
    Ok(child.wait().await?.code())
}

async fn read(from: Option<impl AsyncRead + Unpin>, mut take: impl FnMut(&[u8])) {
    let Some(mut from) = from else { return };
    let mut buffer = vec![0; 16 << 10];
    while let Ok(read) = from.read(&mut buffer).await {
        if read == 0 {
            return;
        }
        take(&buffer[..read]);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::engine::environment::command;
    use std::path::Path;

    async fn shell(script: &str, deadline: Duration, cancel: &CancellationToken) -> Output {
        run(command("sh", ["-c", script], Path::new("/")), deadline, cancel).await.unwrap()
    }

    fn alive(pid: i32) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // A zombie is dead; whoever adopted it may be slow to collect it.
        !stat.is_empty() && !stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'))
    }

    #[tokio::test]
    async fn output_is_taken_cleaned_and_capped_and_the_code_kept() {
        let never = CancellationToken::new();
        let long = Duration::from_secs(60);
        let output = shell("echo out; printf '\\033[31mred\\033[0m\\n' >&2; exit 3", long, &never).await;
        assert_eq!(output.ended, Ended::Exit(Some(3)));
        assert_eq!((output.stdout.as_slice(), output.stderr.as_str()), (b"out\n".as_slice(), "red\n"));
        let endless = shell("yes | head -c 20000000; yes | head -c 20000000 >&2", long, &never).await;
        assert!(endless.stdout.len() == ANSWER && endless.stderr.len() < COMPLAINT + 1000);
    }

    #[tokio::test]
    async fn stopping_it_ends_its_children_too() {
        for by_deadline in [true, false] {
            let cancel = CancellationToken::new();
            let deadline = Duration::from_secs(if by_deadline { 1 } else { 60 });
            let script = "sleep 300 & echo $!; sleep 300";
            let stop = cancel.clone();
            let stopping = async {
                if !by_deadline {
                    sleep(Duration::from_secs(1)).await;
                    stop.cancel();
                }
            };
            let (output, ()) = tokio::join!(shell(script, deadline, &cancel), stopping);
            assert_eq!(output.ended, if by_deadline { Ended::Deadline } else { Ended::Cancelled });
            let child: i32 = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap();
            for _ in 0..50 {
                if !alive(child) {
                    break;
                }
                sleep(Duration::from_millis(100)).await;
            }
            assert!(!alive(child), "{child}");
        }
    }
}
