//! What cannot be seen from outside is tried, by small containers of our own or on containers that the steps made: what a
//! volume holds, who reaches whom, who comes back after a crash.

use super::Stage;
use crate::engine::{
    Engine, EngineError, HealthTest,
    clean::{self, Said},
    daemon_error,
    run::{Container, Created, Spec, no_answer},
    sandbox,
};
use crate::spec::Profile;
use bollard::{
    exec::{CreateExecOptions, StartExecResults},
    models::ContainerInspectResponse,
    query_parameters::{DownloadFromContainerOptionsBuilder, ListImagesOptionsBuilder, StopContainerOptionsBuilder},
};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, HashMap},
    io::{Read, Write},
    time::{Duration, Instant},
};
use tokio::time::{sleep, timeout};

/// A probe has to answer within.
const PROBE: Duration = Duration::from_secs(20);
/// How long a container that was stopped is watched: a policy that brings it back does so at once.
const STAY: Duration = Duration::from_secs(2);
/// Files of a volume that are looked at.
const FILES: usize = 500;
/// How much of a file's text is kept, in bytes.
const TEXT: usize = 4 << 10;
/// How big a file may be that is copied out of a container, in bytes.
const ARCHIVE: usize = 8 << 20;

/// A file of a volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFact {
    /// SHA-256 of its contents.
    pub hash: String,
    /// The beginning of its text, where that was asked for.
    pub text: Option<String>,
}

/// Asked from inside one container: does another answer?
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReachAsk {
    /// The container to ask from.
    pub from: String,
    /// The name to ask.
    pub to: String,
    /// Its port.
    pub port: u16,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReachFact {
    /// It answered.
    Answered,
    /// Nobody knows the name.
    NoName,
    /// The address is known, but nothing came back: the probe's words.
    Silent(String),
}

/// Does a container come back after a crash, and stay down after a stop?
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RestartAsk {
    /// The container.
    pub container: String,
    /// What makes it crash.
    pub crash: Vec<String>,
    /// Back within, in milliseconds.
    pub within: u64,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RestartFact {
    /// How the command that makes it crash ended.
    pub crash: Option<HealthTest>,
    /// It went down at all.
    pub crashed: bool,
    /// It ran again after so many milliseconds.
    pub back: Option<u64>,
    /// What it was after `docker stop` and a while.
    pub after_stop: String,
}

impl Stage {
    /// What a volume holds; none where there is no such volume. `texts` are files whose text is wanted.
    pub async fn files(
        &self,
        image: &str,
        volume: &str,
        texts: &[String],
    ) -> Result<Option<BTreeMap<String, FileFact>>, EngineError> {
        let name = self.names.own(volume);
        match self.engine.docker().inspect_volume(&name).await {
            // A volume of that name that has nothing to do with the exercise is not looked into.
            Ok(found) if !self.is_own(&found.labels) && !self.mounts(&name).await? => return Ok(None),
            Ok(_) => {}
            Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => return Ok(None),
            Err(error) => return Err(daemon_error(error)),
        }
        let script =
            format!("cd /v && find . -type f | sort | head -n {FILES} | while read -r f; do sha256sum \"$f\"; done");
        let mount = format!("{name}:/v:ro");
        let listed = self.probe(image, &["sh", "-c", &script], "none", Some(&mount)).await?.0;
        let mut files: BTreeMap<String, FileFact> = listed
            .lines()
            .filter_map(|line| line.split_once("  "))
            .map(|(hash, path)| {
                let path = clean::line(path.trim_start_matches("./"));
                (path, FileFact { hash: hash.to_owned(), text: None })
            })
            .collect();
        for text in texts {
            if let Some(file) = files.get_mut(text) {
                let path = format!("/v/{text}");
                let most = TEXT.to_string();
                let words = ["head", "-c", &most, &path];
                file.text = Some(self.probe(image, &words, "none", Some(&mount)).await?.0);
            }
        }
        Ok(Some(files))
    }

    /// Asks one container from the network of another. The probe shares the asking container's network and name server, so
    /// that it sees what the container would see, whatever tools that one has.
    pub async fn reaches(&self, image: &str, ask: &ReachAsk) -> Result<ReachFact, EngineError> {
        let url = format!("http://{}:{}/", ask.to, ask.port);
        let network = format!("container:{}", self.names.own(&ask.from));
        let words = ["wget", "-q", "-T", "4", "-O", "-", &url];
        let (_, said, exit) = self.probe(image, &words, &network, None).await?;
        let lower = said.to_lowercase();
        Ok(if exit == Some(0) || lower.contains("server returned error") {
            ReachFact::Answered
        } else if lower.contains("bad address") {
            ReachFact::NoName
        } else {
            ReachFact::Silent(said)
        })
    }

    /// The SHA-256 of a file in a container, running or not; none where there is no such file or no such container.
    pub async fn inside(&self, container: &str, path: &str) -> Result<Option<String>, EngineError> {
        let options = DownloadFromContainerOptionsBuilder::new().path(path).build();
        let name = self.names.own(container);
        let mut stream = Box::pin(self.engine.docker().download_from_container(&name, Some(options)));
        let mut bytes = Vec::new();
        let read = async {
            while let Some(chunk) = stream.next().await {
                bytes.extend_from_slice(&chunk?);
                if bytes.len() > ARCHIVE {
                    break;
                }
            }
            Ok(())
        };
        match timeout(PROBE, read).await.map_err(|_| no_answer("read a container's file"))? {
            Ok(()) => {}
            Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => return Ok(None),
            Err(error) => return Err(daemon_error(error)),
        }
        let mut archive = tar::Archive::new(&bytes[..]);
        let Some(Ok(mut entry)) = archive.entries().ok().and_then(|mut entries| entries.next()) else {
            return Ok(None);
        };
        if !entry.header().entry_type().is_file() {
            return Ok(None);
        }
        let mut hash = Sha256::new();
        Ok(std::io::copy(&mut entry, &mut HashWriter(&mut hash)).ok().map(|_| hex(&hash.finalize())))
    }

    /// The SHA-256 of a file beside the steps; none where there is no such plain file.
    pub fn beside(&self, file: &str) -> Option<String> {
        let path = self.dir.path().join(file);
        // A link might lead anywhere, and a pipe would be waited for.
        if !path.symlink_metadata().is_ok_and(|m| m.is_file()) {
            return None;
        }
        let mut hash = Sha256::new();
        let file = std::fs::File::open(path).ok()?;
        std::io::copy(&mut file.take(ARCHIVE as u64), &mut HashWriter(&mut hash)).ok()?;
        Some(hex(&hash.finalize()))
    }

    /// How many images without a name these steps have left.
    pub async fn dangling(&self) -> Result<u64, EngineError> {
        let label = self.own.clone().unwrap_or_else(|| self.names.label.clone());
        let filters: HashMap<&str, Vec<&str>> = [("label", vec![label.as_str()]), ("dangling", vec!["true"])].into();
        let options = ListImagesOptionsBuilder::new().filters(&filters).build();
        let images = self.engine.docker().list_images(Some(options)).await.map_err(daemon_error)?;
        Ok(images.len() as u64)
    }

    /// A container of ours: what it printed, what it complained of, how it ended.
    pub(super) async fn probe(
        &self,
        image: &str,
        words: &[&str],
        network: &str,
        mount: Option<&str>,
    ) -> Result<(String, String, Option<i64>), EngineError> {
        let mut host = sandbox::host_config(Profile::Strict, network);
        host.binds = mount.map(|mount| vec![mount.to_owned()]);
        // The learner's program may have written files that only their owner may read.
        host.cap_add = mount.map(|_| vec!["DAC_READ_SEARCH".to_owned()]);
        let env = BTreeMap::new();
        let entrypoint = Some(words.iter().map(|w| (*w).to_owned()).collect());
        let spec = Spec { image, entrypoint, args: &[], env: &env, host, exposed: None };
        let refused = |words: String| EngineError::Daemon(words);
        let container = match Container::create(&self.engine, spec).await? {
            Created::Container(container) => container,
            Created::Refused(words) => return Err(refused(words)),
        };
        let mut running = container.start().await?.map_err(refused)?;
        let timed_out = timeout(PROBE, running.ended()).await.is_err();
        let outcome = running.finish(&container, timed_out).await?;
        container.remove().await;
        Ok((outcome.stdout, outcome.stderr, outcome.exit))
    }

    /// Makes a container crash, waits for it to come back, stops it and looks whether it stays down.
    pub async fn restarts(&self, ask: &RestartAsk) -> Result<RestartFact, EngineError> {
        let name = self.names.own(&ask.container);
        let docker = self.engine.docker();
        let inspect = async || docker.inspect_container(&name, None).await.map_err(daemon_error);
        let before = started(&inspect().await?);
        let mut fact = RestartFact { crash: exec(&self.engine, &name, &ask.crash).await?, ..RestartFact::default() };
        let began = Instant::now();
        while began.elapsed() < Duration::from_millis(ask.within) {
            let now = inspect().await?;
            let up = state(&now) == "running";
            fact.crashed |= !up || started(&now) != before;
            if up && started(&now) != before {
                fact.back = Some(began.elapsed().as_millis() as u64);
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        let options = StopContainerOptionsBuilder::new().t(1).build();
        // One that does not run cannot be stopped, which is what is looked at next.
        let _ = timeout(PROBE, docker.stop_container(&name, Some(options))).await;
        sleep(STAY).await;
        fact.after_stop = state(&inspect().await?);
        Ok(fact)
    }
}

/// Runs a command in a container; none where the daemon refuses.
pub(in crate::engine) async fn exec(
    engine: &Engine,
    name: &str,
    argv: &[String],
) -> Result<Option<HealthTest>, EngineError> {
    let docker = engine.docker();
    let options = CreateExecOptions {
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        cmd: Some(argv.to_vec()),
        ..CreateExecOptions::default()
    };
    let work = async {
        let made = docker.create_exec(name, options).await?;
        let mut output = Said::new(TEXT, clean::LINE_BYTES + 1);
        if let StartExecResults::Attached { output: mut stream, .. } = docker.start_exec(&made.id, None).await? {
            while let Some(Ok(chunk)) = stream.next().await {
                output.take(chunk);
            }
        }
        // The crash may have taken the exec with it.
        let exit = docker.inspect_exec(&made.id).await.ok().and_then(|e| e.exit_code).unwrap_or(-1);
        Ok(HealthTest { exit, output: output.into_text() })
    };
    match timeout(PROBE, work).await.map_err(|_| no_answer("run a command in a container"))? {
        Ok(ended) => Ok(Some(ended)),
        Err(bollard::errors::Error::DockerResponseServerError { .. }) => Ok(None),
        Err(error) => Err(daemon_error(error)),
    }
}

/// Hashes what is written to it.
struct HashWriter<'a>(&'a mut Sha256);

impl Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn state(inspected: &ContainerInspectResponse) -> String {
    inspected.state.as_ref().and_then(|s| s.status).map(|s| s.to_string()).unwrap_or_default()
}

/// When it last started: another moment means another start.
fn started(inspected: &ContainerInspectResponse) -> String {
    inspected.state.as_ref().and_then(|s| s.started_at.clone()).unwrap_or_default()
}
