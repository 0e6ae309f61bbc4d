//! The second way to build: the `docker buildx` command, whose `--progress=rawjson` tells the same as the status stream.
//!
//! For daemons that refuse `/grpc` (behind some proxies), where the docker command reaches BuildKit by a road of its own.
//! It is also what `.dockerignore` is tested against.

use super::{
    Builder, Job,
    failure::SolveError,
    steps::{Update, Vertex, stream},
};
use crate::engine::{
    connect::Host,
    context::{CONTEXT, DOCKERFILE},
    environment,
};
use base64::Engine as _;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use std::process::Stdio;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    sync::mpsc,
};

/// An object of rawjson; BuildKit clips logs far below this.
const LINE: usize = 16 << 20;
/// What is kept of lines that are no JSON: the command's own complaints.
const COMPLAINT: usize = 16 << 10;

/// The docker command's builder.
#[derive(Debug, Clone)]
pub(crate) struct Buildx {
    pub(crate) host: Host,
}

impl Builder for Buildx {
    fn solve(&self, job: Job, updates: mpsc::Sender<Update>) -> BoxFuture<'static, Result<(), SolveError>> {
        Box::pin(solve(self.host.clone(), job, updates))
    }
}

async fn solve(host: Host, job: Job, updates: mpsc::Sender<Update>) -> Result<(), SolveError> {
    let ours = |error: std::io::Error| SolveError::Lost(error.to_string());
    let tar = job.tar;
    let dir = tokio::task::spawn_blocking(move || {
        let dir = tempfile::Builder::new().prefix("dockshala-build-").tempdir()?;
        let mut archive = tar::Archive::new(tar);
        archive.set_preserve_permissions(true);
        archive.set_preserve_ownerships(false);
        #[expect(
            clippy::disallowed_methods,
            reason = "our own archive, written a moment ago from paths already checked"
        )]
        let unpacked = archive.unpack(dir.path());
        unpacked?;
        Ok(dir)
    })
    .await
    .map_err(|error| SolveError::Lost(error.to_string()))?
    .map_err(ours)?;

    // `default` is the builder of the daemon at DOCKER_HOST; another may build elsewhere and keep the image there.
    let words = ["buildx", "build", "--builder", "default", "--progress", "rawjson", "--provenance", "false", "-t"];
    let mut command = environment::command("docker", words, dir.path());
    command.env("DOCKER_HOST", host.to_string());
    command.arg(&job.tag).arg("-f").arg(dir.path().join(DOCKERFILE));
    if let Some(target) = &job.target {
        command.args(["--target", target]);
    }
    for (key, value) in &job.args {
        command.arg("--build-arg").arg(format!("{key}={value}"));
    }
    for (key, value) in &job.labels {
        command.arg("--label").arg(format!("{key}={value}"));
    }
    // Beside the unpacked context, never in it.
    let secrets = tempfile::Builder::new().prefix("dockshala-secrets-").tempdir().map_err(ours)?;
    for (nth, (id, value)) in job.secrets.iter().enumerate() {
        let file = secrets.path().join(nth.to_string());
        std::fs::write(&file, value).map_err(ours)?;
        command.arg("--secret").arg(format!("id={id},src={}", file.display()));
    }
    if let Some(salt) = &job.salt {
        command.arg("--add-host").arg(format!("{salt}:127.0.0.1"));
    }
    if !job.network {
        command.args(["--network", "none"]);
    }
    if job.no_cache {
        command.arg("--no-cache");
    }
    command.arg(dir.path().join(CONTEXT));
    // Killed when the future is dropped: its connection breaks, and the daemon stops the build.
    command.stdout(Stdio::null());
    let mut child = command.spawn().map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            SolveError::Unsupported("there is no docker command".into())
        } else {
            ours(error)
        }
    })?;
    let Some(stderr) = child.stderr.take() else { return Err(SolveError::Lost("no output".into())) };
    let mut lines = BufReader::new(stderr);
    let mut frames = Frames::default();
    loop {
        let mut line = Vec::new();
        let read = (&mut lines).take(LINE as u64).read_until(b'\n', &mut line).await.map_err(ours)?;
        if read == 0 {
            break;
        }
        for update in frames.line(&line).into_iter().flat_map(Progress::updates) {
            if updates.send(update).await.is_err() {
                return Err(SolveError::Lost("nobody listens".into()));
            }
        }
    }
    let status = child.wait().await.map_err(ours)?;
    drop((dir, secrets));
    if status.success() { Ok(()) } else { Err(error_of(&frames.complaint)) }
}

/// Finds the objects in the command's output: buildx 0.13 spreads each over many lines, later ones write one a line, and
/// the command's own complaints stand between them.
#[derive(Debug, Default)]
struct Frames {
    object: Vec<u8>,
    complaint: String,
}

impl Frames {
    fn line(&mut self, line: &[u8]) -> Option<Progress> {
        if self.object.is_empty() && !line.starts_with(b"{") {
            if self.complaint.len() < COMPLAINT {
                self.complaint.push_str(&String::from_utf8_lossy(line));
            }
            return None;
        }
        self.object.extend_from_slice(line);
        let first = self.object.len() == line.len();
        let last = line.starts_with(b"}") || (first && line.trim_ascii_end().ends_with(b"}"));
        if !last && self.object.len() < LINE {
            return None;
        }
        serde_json::from_slice(&std::mem::take(&mut self.object)).ok()
    }
}

/// The command's complaint repeats the failing lines of the Dockerfile; the cause stands after its last `ERROR:`.
fn error_of(complaint: &str) -> SolveError {
    let cause = complaint.rfind("ERROR: ").map_or(complaint, |at| &complaint[at + 7..]).trim();
    let lower = cause.to_lowercase();
    if ["cannot connect to the docker daemon", "connection refused", "error reading from server", "unexpected eof"]
        .iter()
        .any(|sign| lower.contains(sign))
    {
        return SolveError::Lost(cause.to_owned());
    }
    if lower.contains("buildx") && (lower.contains("not a docker command") || lower.contains("unknown")) {
        return SolveError::Unsupported(cause.to_owned());
    }
    SolveError::Said(cause.to_owned())
}

/// A line of rawjson.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Progress {
    vertexes: Option<Vec<RawVertex>>,
    logs: Option<Vec<RawLog>>,
    warnings: Option<Vec<RawWarning>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawVertex {
    digest: String,
    name: String,
    started: Option<String>,
    completed: Option<String>,
    cached: bool,
    error: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawLog {
    vertex: String,
    stream: i64,
    data: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawWarning {
    short: String,
    range: Option<Vec<RawRange>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawRange {
    start: RawPosition,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawPosition {
    line: u32,
}

impl Progress {
    fn updates(self) -> Vec<Update> {
        let decode = |data: &str| base64::engine::general_purpose::STANDARD.decode(data).unwrap_or_default();
        let mut updates = vec![Update::Alive];
        updates.extend(self.vertexes.into_iter().flatten().map(|vertex| {
            Update::Vertex(Vertex {
                digest: vertex.digest,
                name: vertex.name,
                cached: vertex.cached,
                started: vertex.started.as_deref().and_then(crate::engine::info::seconds),
                completed: vertex.completed.as_deref().and_then(crate::engine::info::seconds),
                error: vertex.error,
            })
        }));
        updates.extend(self.logs.into_iter().flatten().map(|log| Update::Log {
            digest: log.vertex,
            stream: stream(log.stream),
            bytes: decode(&log.data),
        }));
        updates.extend(self.warnings.into_iter().flatten().map(|warning| Update::Warning {
            text: String::from_utf8_lossy(&decode(&warning.short)).into_owned(),
            line: warning.range.iter().flatten().map(|range| range.start.line).find(|line| *line > 0),
        }));
        updates
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::clean::Stream;

    #[test]
    fn a_line_of_rawjson_tells_vertices_logs_and_warnings() {
        let line = r#"{"vertexes":[{"digest":"sha256:a","name":"[2/2] RUN x","started":"2026-11-21T09:00:00.5Z","completed":"2026-11-21T09:00:01Z","cached":true}],
            "logs":[{"vertex":"sha256:a","stream":1,"data":"aGkK","timestamp":"2026-11-21T09:00:00Z"}],
            "warnings":[{"vertex":"sha256:a","level":1,"short":"UnVsZTogdGV4dA==","range":[{"start":{"line":4},"end":{"line":4}}]}]}"#;
        let updates = serde_json::from_str::<Progress>(line).unwrap().updates();
        assert_eq!(updates.len(), 4);
        let Update::Vertex(vertex) = &updates[1] else { panic!("{updates:?}") };
        assert!(vertex.cached && vertex.completed.unwrap() - vertex.started.unwrap() == 0.5);
        assert_eq!(updates[2], Update::Log { digest: "sha256:a".into(), stream: Stream::Out, bytes: b"hi\n".to_vec() });
        assert_eq!(updates[3], Update::Warning { text: "Rule: text".into(), line: Some(4) });
        assert_eq!(serde_json::from_str::<Progress>(r#"{"logs":null}"#).unwrap().updates(), [Update::Alive]);
    }

    #[test]
    fn objects_are_found_on_one_line_or_many_between_complaints() {
        let mut frames = Frames::default();
        let text =
            "{\n  \"vertexes\": [\n    {\n      \"name\": \"a\"\n    }\n  ]\n}\n{\"logs\":[]}\nERROR: failed\n{\n}\n";
        let found = text.split_inclusive('\n').filter_map(|line| frames.line(line.as_bytes())).count();
        assert_eq!((found, frames.complaint.as_str()), (3, "ERROR: failed\n"));
    }

    #[test]
    fn complaints_are_sorted_by_whose_they_are() {
        let said =
            error_of("Dockerfile:2\n----\n 2 | >>> RUNN\n----\nERROR: failed to solve: unknown instruction: RUNN\n");
        assert_eq!(said, SolveError::Said("failed to solve: unknown instruction: RUNN".into()));
        assert!(matches!(error_of("ERROR: Cannot connect to the Docker daemon at x"), SolveError::Lost(_)));
        assert!(matches!(error_of("docker: 'buildx' is not a docker command."), SolveError::Unsupported(_)));
    }
}
