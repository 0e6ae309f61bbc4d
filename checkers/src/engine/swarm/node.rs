//! One node of a swarm: a privileged container with an engine of its own, talked to by commands that are run inside.
//!
//! By exec and not by a published port: what is published on a privileged engine is root on this machine for everybody who
//! can reach the port, and exec works alike on Linux, in Docker Desktop's machine and in a network that leads nowhere.

use super::super::{
    Engine, EngineError, clean, daemon_error,
    run::{Container, Created, Spec, no_answer},
};
use bollard::{
    container::LogOutput,
    exec::{CreateExecOptions, StartExecOptions, StartExecResults},
    models::{HostConfig, HostConfigCgroupnsModeEnum, HostConfigLogConfig, Mount, MountType, MountVolumeOptions},
    query_parameters::LogsOptionsBuilder,
};
use futures_util::{Stream, StreamExt};
use hyper::body::Bytes;
use std::{collections::BTreeMap, pin::Pin, time::Duration};
use tokio::{io::AsyncWriteExt, time::timeout};

/// A node and the tasks in it get no more, in bytes.
const MEMORY: i64 = 512 << 20;
const PROCESSES: i64 = 4096;
/// A node ends by itself after so many seconds: whoever started it may have been killed, and nobody may come to reap.
const LIFE: &str = "3600";
/// How much of what a command prints is kept of each stream, in bytes.
const OUTPUT: usize = 8 << 20;
/// How long a node's engine may take to answer for the first time. It needs 2 s where nothing else goes on.
const READY: Duration = Duration::from_secs(90);

/// What a command in a node came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    /// Its exit code.
    pub(crate) exit: i64,
    /// What it printed, as it came: for parsers, not for screens.
    pub(crate) stdout: Vec<u8>,
    /// What it complained of, cleaned.
    pub(crate) stderr: String,
}

impl Output {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// What it printed, or its complaint as an error that is neither the learner's doing nor to be expected.
    pub(crate) fn ok(self, what: &str) -> Result<String, EngineError> {
        match self.exit {
            0 => Ok(self.text()),
            exit => {
                Err(EngineError::Daemon(format!("{what} ended with {exit} in a swarm's node: {}", self.stderr.trim())))
            }
        }
    }
}

/// What a command reads.
pub(crate) type Input = Pin<Box<dyn Stream<Item = Bytes> + Send>>;

/// A node. Its container goes when this is dropped.
pub(crate) struct Node {
    engine: Engine,
    container: Container,
    /// What `docker node ls` calls it.
    pub(crate) name: String,
    /// Its address among the nodes.
    pub(crate) address: String,
}

impl Node {
    /// Starts one in a network of ours and waits until its engine answers.
    pub(super) async fn start(engine: &Engine, image: &str, name: &str, network: &str) -> Result<Self, EngineError> {
        let env: BTreeMap<String, String> = [("NODE_NAME".to_owned(), name.to_owned())].into();
        let spec = Spec {
            image,
            entrypoint: None,
            args: &[LIFE.to_owned()],
            env: &env,
            host: host_config(engine, network),
            exposed: None,
        };
        let container = match Container::create(engine, spec).await? {
            Created::Container(container) => container,
            Created::Refused(words) => return Err(EngineError::Daemon(words)),
        };
        // What it prints goes to its log; nobody reads along.
        if let Err(words) = container.start().await?.map(drop) {
            return Err(EngineError::Daemon(format!("a node of the swarm could not start: {words}")));
        }
        let mut node = Self { engine: engine.clone(), container, name: name.to_owned(), address: String::new() };
        let script = "until docker version >/dev/null 2>&1; do sleep 0.1; done";
        if timeout(READY, node.sh(script)).await.is_err() || !node.lives().await {
            return Err(EngineError::Daemon(format!(
                "the engine of a swarm's node did not start: {}",
                node.last_words().await
            )));
        }
        let state = node.container.inspect().await?;
        let networks = state.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
        node.address = networks.into_values().find_map(|there| there.ip_address).unwrap_or_default();
        Ok(node)
    }

    async fn lives(&self) -> bool {
        self.container.inspect().await.is_ok_and(|c| c.state.and_then(|s| s.running).unwrap_or(false))
    }

    /// The last lines of its engine's log.
    async fn last_words(&self) -> String {
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).tail("5").build();
        let logs = self.engine.docker().logs(&self.container.id, Some(options));
        let read = logs.take(5).filter_map(|part| async { part.ok() }).map(|part| part.to_string());
        let lines = timeout(Duration::from_secs(5), read.collect::<Vec<_>>()).await.unwrap_or_default();
        clean::line(&lines.join(" "))
    }

    /// Runs a shell script of ours; nothing of a submission may stand in it.
    pub(crate) async fn sh(&self, script: &str) -> Result<Output, EngineError> {
        self.run(&["sh", "-c", script], None).await
    }

    /// Runs `docker` with these arguments.
    pub(crate) async fn docker(&self, args: &[&str]) -> Result<Output, EngineError> {
        let words: Vec<&str> = std::iter::once("docker").chain(args.iter().copied()).collect();
        self.run(&words, None).await
    }

    /// Runs a command to its end. How long that may take is the caller's to bound: what is dropped runs on until the node
    /// goes, and nodes go soon.
    pub(crate) async fn run(&self, words: &[&str], input: Option<Input>) -> Result<Output, EngineError> {
        let docker = self.engine.docker();
        let options = CreateExecOptions {
            cmd: Some(words.iter().map(|&word| word.to_owned()).collect()),
            attach_stdin: Some(input.is_some()),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            ..CreateExecOptions::<String>::default()
        };
        let exec = docker.create_exec(&self.container.id, options).await.map_err(daemon_error)?.id;
        let started = docker.start_exec(&exec, None::<StartExecOptions>).await.map_err(daemon_error)?;
        let StartExecResults::Attached { mut output, input: mut pipe } = started else {
            return Err(no_answer("run a command in a node"));
        };
        let write = async {
            if let Some(mut input) = input {
                while let Some(bytes) = input.next().await {
                    // It has read enough, or has ended: its exit code says which.
                    if pipe.write_all(&bytes).await.is_err() {
                        break;
                    }
                }
                let _ = pipe.shutdown().await;
            }
            // Kept open to here: dropping it earlier would end the whole connection on some engines.
            pipe
        };
        let read = async {
            let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
            while let Some(part) = output.next().await {
                let (to, bytes) = match part.map_err(daemon_error)? {
                    LogOutput::StdErr { message } => (&mut stderr, message),
                    LogOutput::StdOut { message } | LogOutput::Console { message } => (&mut stdout, message),
                    LogOutput::StdIn { .. } => continue,
                };
                let room = OUTPUT - to.len().min(OUTPUT);
                to.extend_from_slice(&bytes[..bytes.len().min(room)]);
            }
            Ok::<_, EngineError>((stdout, stderr))
        };
        let (read, _pipe) = tokio::join!(read, write);
        let (stdout, stderr) = read?;
        let ended = docker.inspect_exec(&exec).await.map_err(daemon_error)?;
        let exit = ended.exit_code.ok_or_else(|| no_answer("end a command in a node"))?;
        Ok(Output { exit, stdout, stderr: clean::text(&String::from_utf8_lossy(&stderr)) })
    }

    /// Puts an archive's files below a folder of the node.
    pub(crate) async fn upload(&self, folder: &str, archive: Vec<u8>) -> Result<(), EngineError> {
        // Through the node's own tar and not the archive API, which resolves links of the container from outside of it.
        let once: Input = Box::pin(futures_util::stream::once(async move { Bytes::from(archive) }));
        let script = "mkdir -p \"$0\" && tar -x -f - -C \"$0\"";
        self.run(&["sh", "-c", script, folder], Some(once)).await?.ok("tar").map(drop)
    }

    pub(super) async fn stop(self) {
        self.container.remove().await;
    }
}

fn host_config(engine: &Engine, network: &str) -> HostConfig {
    HostConfig {
        privileged: Some(true),
        // A node that its owner could not remove removes itself when its time is over, volume included.
        auto_remove: Some(true),
        memory: Some(MEMORY),
        pids_limit: Some(PROCESSES),
        cgroupns_mode: Some(HostConfigCgroupnsModeEnum::PRIVATE),
        network_mode: Some(network.to_owned()),
        tmpfs: Some([("/run".to_owned(), String::new())].into()),
        mounts: Some(vec![Mount {
            target: Some("/var/lib/docker".into()),
            typ: Some(MountType::VOLUME),
            volume_options: Some(MountVolumeOptions { labels: Some(engine.labels()), ..MountVolumeOptions::default() }),
            ..Mount::default()
        }]),
        log_config: Some(HostConfigLogConfig {
            typ: Some("json-file".into()),
            config: Some([("max-size", "256k"), ("max-file", "1")].map(|(k, v)| (k.into(), v.into())).into()),
        }),
        ..HostConfig::default()
    }
}
