//! `docker compose`: which one is here, what a compose file resolves to, and a project that runs and goes again.
//!
//! Compose is driven as the command that learners use, not as a library: what it does with a file *is* what the file means.
//! Images are not built by it: our own builder ([`super::BuildRequest`]) has the deadline, the stand-ins and the network
//! that every other build of a check has, and tells of its steps; compose would pull a base that is not here without asking.

mod ends;
mod process;
mod project;

pub use ends::{EndAsk, EndFact};
pub use project::{Moment, Port, Project, ServiceState, Up};

use super::{Engine, EngineError, clean, environment, info};
use process::Ended;
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// How long reading a compose file may take.
const READ: Duration = Duration::from_secs(20);

/// Which compose command a machine has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compose {
    /// The plugin: `docker compose`, version 2 or later.
    Plugin(String),
    /// Only the old program `docker-compose` of version 1, which ended in 2023 and reads files by other rules.
    Old(String),
    /// None at all.
    Missing,
}

impl Compose {
    /// Of what [`super::EngineInfo::compose`] says.
    fn named(text: Option<&str>) -> Self {
        let Some((name, version)) = text.and_then(|text| text.rsplit_once(' ')) else { return Self::Missing };
        let version = version.to_owned();
        // Distributions also ship version 2 as `docker-compose`; without the plugin the course's commands do not work.
        if name == "docker compose" && !version.starts_with("1.") { Self::Plugin(version) } else { Self::Old(version) }
    }
}

/// Which compose command is here; asks nobody but the command itself.
pub async fn find(engine: Option<&Engine>) -> Compose {
    if let Some(known) = engine.and_then(|engine| engine.info().compose.as_deref()) {
        return Compose::named(Some(known));
    }
    let host = engine.map_or_else(String::new, |engine| engine.host().to_string());
    Compose::named(info::compose_command(&host).await.as_deref())
}

/// What a compose file resolves to.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// The document, or compose's words about what is wrong with the file, cleaned.
    pub document: Result<Value, String>,
    /// What compose warned of.
    pub warnings: Vec<String>,
}

/// Resolves the compose files of a folder (canonical). To be called only with files that were found to name nothing
/// outside of it ([`crate::compose::reads`]). Needs the docker command and no daemon.
pub async fn config(
    dir: &Path,
    files: &[PathBuf],
    profiles: &[String],
    cancel: &CancellationToken,
) -> Result<Resolved, EngineError> {
    let mut args: Vec<PathBuf> = ["compose", "--ansi", "never", "--project-directory"].map(PathBuf::from).to_vec();
    args.push(dir.to_owned());
    for file in files {
        args.extend([PathBuf::from("-f"), file.clone()]);
    }
    for profile in profiles {
        args.extend(["--profile", profile].map(PathBuf::from));
    }
    args.extend(["config", "--format", "json"].map(PathBuf::from));
    let output = process::run(environment::command("docker", &args, dir), READ, cancel).await.map_err(|e| start(&e))?;
    match output.ended {
        Ended::Cancelled => return Err(EngineError::Cancelled),
        Ended::Deadline => return Err(EngineError::Daemon(format!("`docker compose config` took over {READ:?}"))),
        Ended::Exit(_) => {}
    }
    let lines: Vec<String> = output.stderr.lines().filter(|line| !line.trim().is_empty()).map(said).collect();
    if !output.good() {
        let words = lines.last().cloned().unwrap_or_default();
        return Ok(Resolved { document: Err(words), warnings: Vec::new() });
    }
    if output.stdout.len() >= process::ANSWER {
        let words = format!("it resolves to over {} bytes", process::ANSWER);
        return Ok(Resolved { document: Err(words), warnings: lines });
    }
    let document = serde_json::from_slice(&output.stdout).map_err(|e| EngineError::Daemon(e.to_string()))?;
    Ok(Resolved { document: Ok(document), warnings: lines })
}

fn start(error: &std::io::Error) -> EngineError {
    EngineError::Daemon(format!("docker compose could not be started: {error}"))
}

/// The words in a line of compose's log (`time="…" level=warning msg="…"`), or the line itself.
fn said(line: &str) -> String {
    let message = line.split_once("msg=\"").and_then(|(_, rest)| rest.strip_suffix('"'));
    clean::line(&message.map_or_else(|| line.to_owned(), |m| m.replace("\\\"", "\"").replace("\\\\", "\\")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compose_is_told_apart_by_name_and_version() {
        assert_eq!(Compose::named(Some("docker compose 2.26.1-4")), Compose::Plugin("2.26.1-4".into()));
        assert_eq!(Compose::named(Some("docker compose 5.0.0")), Compose::Plugin("5.0.0".into()));
        assert_eq!(Compose::named(Some("docker-compose 1.29.2")), Compose::Old("1.29.2".into()));
        assert_eq!(Compose::named(None), Compose::Missing);
    }

    #[test]
    fn the_words_are_taken_out_of_a_log_line() {
        let line = r#"time="2026-11-21T12:05:31Z" level=warning msg="The \"USER\" variable is not set.""#;
        assert_eq!(said(line), "The \"USER\" variable is not set.");
        assert_eq!(said("validating x: services.db bad"), "validating x: services.db bad");
    }
}
