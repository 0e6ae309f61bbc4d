//! A registry of the check's own, and what the steps put into it.
//!
//! The daemon pushes to a port that is published on its own 127.0.0.1, which it takes for safe without a certificate. We ask the
//! registry from a container beside it: that works wherever the daemon runs, on another machine too. What only the daemon can
//! say is whether it reaches its own port (rootless and remote set-ups may not), so it is asked before a step runs.

use super::Stage;
use crate::{
    engine::{
        EngineError, clean, daemon_error,
        http::Network,
        run::{Container, Created, Spec},
        sandbox,
    },
    evidence::Pushed,
    spec::Profile,
};
use bollard::{errors::Error, models::PortBinding, query_parameters::CreateImageOptionsBuilder};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::{sleep, timeout};

/// The port that a registry listens on.
const PORT: u16 = 5000;
/// A pull from the same machine takes no longer.
const PULL: Duration = Duration::from_secs(60);
/// How a manifest may be written. Asked without them, a registry gives a form of its own making, with another digest.
const MANIFESTS: [&str; 4] = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
];

/// What the registry holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RegistryFacts {
    /// Names of images, with their tags.
    pub repositories: BTreeMap<String, Vec<String>>,
    /// What was asked for, by `NAME:TAG`.
    pub manifests: BTreeMap<String, ManifestFact>,
    /// Layers of local images (their diff ids, lowest first), by the learner's name.
    pub local: BTreeMap<String, Vec<String>>,
}

/// An image in the registry.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ManifestFact {
    /// The SHA-256 of its manifest: `sha256:…`.
    pub digest: String,
    /// The diff ids of its layers, lowest first.
    pub layers: Vec<String>,
    /// Why it could not be pulled by its digest; none where it could.
    pub not_pulled: Option<String>,
}

/// The daemon does not reach the port that it publishes itself.
#[derive(Debug)]
pub struct Unreachable {
    /// Where it was to be.
    pub address: String,
    /// What it said.
    pub message: String,
}

/// A registry that runs.
pub(super) struct Registry {
    container: Container,
    network: Network,
    /// `127.0.0.1:PORT`, as the daemon sees it.
    pub(super) address: String,
    /// Before every name in it.
    before: String,
}

impl Registry {
    pub(super) async fn start(
        stage: &Stage,
        image: &str,
        probe: &str,
        before: &str,
    ) -> Result<Result<Self, Unreachable>, EngineError> {
        let engine = &stage.engine;
        let network = Network::create(engine, false).await?;
        let port = format!("{PORT}/tcp");
        let mut host = sandbox::host_config(Profile::Strict, &network.id);
        let any = PortBinding { host_ip: Some("127.0.0.1".into()), host_port: Some("0".into()) };
        host.port_bindings = Some([(port.clone(), Some(vec![any]))].into());
        let env = BTreeMap::new();
        let spec = Spec { image, entrypoint: None, args: &[], env: &env, host, exposed: Some(port.clone()) };
        let container = match Container::create(engine, spec).await? {
            Created::Container(container) => container,
            Created::Refused(words) => return Err(EngineError::Daemon(words)),
        };
        container.start().await?.map_err(EngineError::Daemon)?;
        let state = container.inspect().await?;
        let ports = state.network_settings.and_then(|settings| settings.ports).unwrap_or_default();
        let published = ports.get(&port).into_iter().flatten().flatten().find_map(|b| b.host_port.clone());
        let address = format!("127.0.0.1:{}", published.unwrap_or_default());
        let registry = Self { container, network, address, before: before.to_owned() };
        registry.answers(stage, probe).await?;
        Ok(match registry.reached_by_daemon(stage).await {
            None => Ok(registry),
            Some(message) => {
                let unreachable = Unreachable { address: registry.address.clone(), message };
                registry.close().await;
                Err(unreachable)
            }
        })
    }

    /// Waits until it answers.
    async fn answers(&self, stage: &Stage, probe: &str) -> Result<(), EngineError> {
        let script =
            "for i in $(seq 60); do wget -q -T 2 -O - http://127.0.0.1:5000/v2/ && exit 0; sleep .2; done; exit 1";
        let network = format!("container:{}", self.container.id);
        match stage.probe(probe, &["sh", "-c", script], &network, None).await? {
            (_, _, Some(0)) => Ok(()),
            (_, said, _) => Err(EngineError::Daemon(format!("the registry does not answer: {}", clean::line(&said)))),
        }
    }

    /// Why the daemon cannot reach it; none where it can. It is asked for an image that nobody has: only who is reached can
    /// say that there is none.
    async fn reached_by_daemon(&self, stage: &Stage) -> Option<String> {
        let mut said = String::new();
        for _ in 0..3 {
            said = self.pull(stage, "ping", "none").await?;
            let lower = said.to_lowercase();
            if ["not found", "manifest unknown", "does not exist", "denied"].iter().any(|sign| lower.contains(sign)) {
                return None;
            }
            sleep(Duration::from_millis(300)).await;
        }
        Some(said)
    }

    /// Pulls; what the daemon complained of.
    async fn pull(&self, stage: &Stage, name: &str, tag: &str) -> Option<String> {
        let image = format!("{}/{}{name}", self.address, self.before);
        let options = CreateImageOptionsBuilder::new().from_image(&image).tag(tag).build();
        let mut stream = Box::pin(stage.engine.docker().create_image(Some(options), None, None));
        let work = async {
            while let Some(step) = stream.next().await {
                match step {
                    Ok(info) => {
                        if let Some(said) = info.error_detail.and_then(|e| e.message) {
                            return Some(clean::line(&said));
                        }
                    }
                    Err(Error::DockerStreamError { error }) => return Some(clean::line(&error)),
                    Err(error) => return Some(daemon_error(error).to_string()),
                }
            }
            None
        };
        timeout(PULL, work).await.unwrap_or_else(|_| Some(format!("no answer within {} s", PULL.as_secs())))
    }

    pub(super) async fn close(self) {
        self.container.remove().await;
        self.network.remove().await;
    }

    /// The body of an answer; none for a 404.
    async fn get(&self, stage: &Stage, probe: &str, path: &str, to: &str) -> Result<Option<String>, EngineError> {
        let url = format!("http://127.0.0.1:{PORT}/v2/{path}");
        let accept = MANIFESTS.map(|kind| format!("--header=Accept: {kind}"));
        let mut words = vec!["wget", "-q", "-T", "5", "-O", to];
        words.extend(accept.iter().map(String::as_str));
        words.push(&url);
        let script = format!("\"$@\" || exit; if [ {to} != - ]; then sha256sum {to}; cat {to}; fi");
        let mut all = vec!["sh", "-c", script.as_str(), "sh"];
        all.extend(words);
        let network = format!("container:{}", self.container.id);
        let (out, said, exit) = stage.probe(probe, &all, &network, None).await?;
        match exit {
            Some(0) => Ok(Some(out)),
            _ if said.contains("404") => Ok(None),
            _ => Err(EngineError::Daemon(format!("the registry does not answer: {}", clean::line(&said)))),
        }
    }

    /// A manifest, with the digest of its bytes.
    async fn manifest(
        &self,
        stage: &Stage,
        probe: &str,
        name: &str,
        which: &str,
    ) -> Result<Option<(String, serde_json::Value)>, EngineError> {
        let path = format!("{}{name}/manifests/{which}", self.before);
        // Hashed where it arrives: on the way here line ends may change.
        let Some(text) = self.get(stage, probe, &path, "/tmp/m").await? else { return Ok(None) };
        let (first, body) = text.split_once('\n').unwrap_or((&text, ""));
        let hash = first.split_whitespace().next().unwrap_or_default();
        Ok(Some((format!("sha256:{hash}"), json(body)?)))
    }

    /// What it holds, as far as it was asked for.
    pub(super) async fn facts<'a>(
        &self,
        stage: &Stage,
        probe: &str,
        asked: impl Iterator<Item = &'a Pushed>,
    ) -> Result<RegistryFacts, EngineError> {
        let mut facts = RegistryFacts::default();
        let catalog = json(&self.get(stage, probe, "_catalog?n=1000", "-").await?.unwrap_or_default())?;
        for name in strings(&catalog["repositories"]) {
            let Some(own) = name.strip_prefix(&self.before) else { continue };
            let tags = self.get(stage, probe, &format!("{name}/tags/list"), "-").await?;
            let tags = tags.map(|text| json(&text)).transpose()?.unwrap_or_default();
            facts.repositories.insert(own.to_owned(), strings(&tags["tags"]));
        }
        for ask in asked {
            if let Some(image) = &ask.same_as
                && let Some(layers) = stage.layers(image).await?
            {
                facts.local.insert(image.clone(), layers);
            }
            let key = format!("{}:{}", ask.repository, ask.tag);
            let there = facts.repositories.get(&ask.repository).is_some_and(|tags| tags.contains(&ask.tag));
            if !there || facts.manifests.contains_key(&key) {
                continue;
            }
            let Some((digest, manifest)) = self.manifest(stage, probe, &ask.repository, &ask.tag).await? else {
                continue;
            };
            let layers = self.layers(stage, probe, &ask.repository, manifest).await?;
            let not_pulled = self.pull(stage, &ask.repository, &digest).await;
            facts.manifests.insert(key, ManifestFact { digest, layers, not_pulled });
        }
        Ok(facts)
    }

    /// The layers of an image. Of a list of images it is the first that is one: attestations are listed beside it.
    async fn layers(
        &self,
        stage: &Stage,
        probe: &str,
        name: &str,
        mut manifest: serde_json::Value,
    ) -> Result<Vec<String>, EngineError> {
        if let Some(list) = manifest["manifests"].as_array() {
            let image = list.iter().find(|entry| entry["platform"]["os"].as_str() != Some("unknown"));
            let digest = image.and_then(|entry| entry["digest"].as_str()).unwrap_or_default().to_owned();
            let Some((_, of)) = self.manifest(stage, probe, name, &digest).await? else { return Ok(vec![]) };
            manifest = of;
        }
        let config = manifest["config"]["digest"].as_str().unwrap_or_default();
        let config = self.get(stage, probe, &format!("{}{name}/blobs/{config}", self.before), "-").await?;
        let config = config.map(|text| json(&text)).transpose()?.unwrap_or_default();
        Ok(strings(&config["rootfs"]["diff_ids"]))
    }
}

impl Stage {
    /// What the registry holds; none where none was started.
    pub async fn in_registry<'a>(
        &self,
        probe: &str,
        asked: impl Iterator<Item = &'a Pushed>,
    ) -> Result<Option<RegistryFacts>, EngineError> {
        match &self.registry {
            Some(registry) => registry.facts(self, probe, asked).await.map(Some),
            None => Ok(None),
        }
    }

    /// The diff ids of an image that steps made, or that the exercise lists.
    async fn layers(&self, image: &str) -> Result<Option<Vec<String>>, EngineError> {
        let made = format!("{}{image}{}", self.names.made, if image.contains(':') { "" } else { ":latest" });
        for name in [Some(&made), self.names.images.get(image)].into_iter().flatten() {
            match self.engine.inspect(name).await {
                Ok(found) => return Ok(Some(found.root_fs.and_then(|fs| fs.layers).unwrap_or_default())),
                Err(EngineError::NoImage(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

fn json(text: &str) -> Result<serde_json::Value, EngineError> {
    serde_json::from_str(text).map_err(|error| EngineError::Daemon(format!("the registry's answer: {error}")))
}

fn strings(value: &serde_json::Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|v| v.as_str()).map(clean::line).collect()
}
