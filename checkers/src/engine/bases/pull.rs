//! Pulls an image through the daemon, from its registry or from a mirror, with progress layer by layer.

use super::{Reference, make::split_tag};
use crate::engine::{Engine, EngineError, clean, daemon_error, is_disk_full};
use bollard::{
    errors::Error,
    models::CreateImageInfo,
    query_parameters::{CreateImageOptionsBuilder, RemoveImageOptionsBuilder, TagImageOptionsBuilder},
};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::sync::watch;

/// A pull that says nothing for so long has stalled.
const IDLE: Duration = Duration::from_secs(120);
/// Layers told of; the rest is summed up all the same.
const LAYERS: usize = 512;

/// How far a pull is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PullProgress {
    /// Its layers, in the order in which the registry names them.
    pub layers: Vec<LayerProgress>,
}

/// How far a layer is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LayerProgress {
    /// The short id that Docker prints.
    pub id: String,
    /// Where it is.
    pub phase: Phase,
    /// Bytes downloaded.
    pub have: u64,
    /// Bytes to download; 0 until known.
    pub total: u64,
}

/// Where a layer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// To come.
    #[default]
    Waiting,
    /// Being downloaded.
    Downloading,
    /// Being unpacked.
    Unpacking,
    /// Here.
    Done,
}

impl PullProgress {
    /// Bytes downloaded, and bytes to download as far as known.
    pub fn bytes(&self) -> (u64, u64) {
        self.layers.iter().fold((0, 0), |(have, total), layer| (have + layer.have, total + layer.total))
    }

    fn take(&mut self, message: CreateImageInfo) {
        let (Some(id), Some(status)) = (message.id, message.status) else { return };
        let phase = match status.as_str() {
            "Pulling fs layer" | "Waiting" => Phase::Waiting,
            "Downloading" => Phase::Downloading,
            "Verifying Checksum" | "Download complete" | "Extracting" => Phase::Unpacking,
            "Pull complete" | "Already exists" => Phase::Done,
            // `Pulling from library/golang`, whose id is the tag.
            _ => return,
        };
        let at = match self.layers.iter().position(|layer| layer.id == id) {
            Some(at) => at,
            None if self.layers.len() < LAYERS => {
                self.layers.push(LayerProgress { id: clean::line(&id), ..LayerProgress::default() });
                self.layers.len() - 1
            }
            None => return,
        };
        let layer = &mut self.layers[at];
        layer.phase = layer.phase.max(phase);
        let detail = message.progress_detail.unwrap_or_default();
        let number = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
        if phase == Phase::Downloading {
            layer.have = number(detail.current).unwrap_or(layer.have);
            layer.total = number(detail.total).unwrap_or(layer.total).max(layer.have);
        } else if phase > Phase::Downloading {
            layer.have = layer.total;
        }
    }
}

/// Why an image was not pulled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PullError {
    /// The registry knows no such image, or does not give it to us.
    #[error("the registry does not give {image}: {message}")]
    Refused {
        /// As it was asked for.
        image: String,
        /// Its words.
        message: String,
    },
    /// Too many pulls from this address; a mirror or a login helps.
    #[error("the registry's limit of pulls is reached: {0}")]
    RateLimit(String),
    /// Nobody answers.
    #[error("no registry answers: {0}")]
    Unreachable(String),
    /// It stalled.
    #[error("nothing came for {} s", .0.as_secs())]
    Stalled(Duration),
    /// The daemon.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Pulls an image, from a mirror where one is given. What a mirror gives is tagged with the image's own name, as it is the
/// image that the mirror's owner vouches for; the mirror's name goes. Dropping the future stops the pull.
pub async fn pull(
    engine: &Engine,
    reference: &Reference,
    mirror: Option<&str>,
    progress: watch::Sender<PullProgress>,
) -> Result<(), PullError> {
    let source = mirror.map_or_else(|| reference.clone(), |mirror| reference.at_mirror(mirror));
    let name = source.to_string();
    let options = CreateImageOptionsBuilder::new().from_image(&name).build();
    let mut stream = engine.docker().create_image(Some(options), None, None);
    let mut now = PullProgress::default();
    loop {
        match tokio::time::timeout(IDLE, stream.next()).await {
            Err(_) => return Err(PullError::Stalled(IDLE)),
            Ok(None) => break,
            Ok(Some(Err(error))) => return Err(classify(&name, error)),
            Ok(Some(Ok(message))) => {
                now.take(message);
                progress.send_replace(now.clone());
            }
        }
    }
    engine.inspect(&name).await?;
    // The containerd store does not tell of the last step of each layer.
    for layer in &mut now.layers {
        (layer.phase, layer.have) = (Phase::Done, layer.total);
    }
    progress.send_replace(now);
    if source != *reference && reference.tag().is_some() {
        let own = reference.to_string();
        let (repository, tag) = split_tag(own.split('@').next().unwrap_or(&own));
        let tagged = TagImageOptionsBuilder::new().repo(&repository).tag(&tag).build();
        engine.docker().tag_image(&name, Some(tagged)).await.map_err(daemon_error)?;
        let options = RemoveImageOptionsBuilder::new().force(false).build();
        engine.docker().remove_image(&name, Some(options), None).await.map_err(daemon_error)?;
    }
    Ok(())
}

fn classify(image: &str, error: Error) -> PullError {
    let (status, message) = match &error {
        Error::DockerResponseServerError { status_code, message } => (*status_code, message.clone()),
        Error::DockerStreamError { error } => (0, error.clone()),
        _ => return daemon_error(error).into(),
    };
    let (lower, message) = (message.to_lowercase(), clean::line(&message));
    let any = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if is_disk_full(&lower) {
        EngineError::DiskFull(message).into()
    } else if any(&["toomanyrequests", "rate limit", "too many requests"]) {
        PullError::RateLimit(message)
    } else if status == 404
        || any(&["not found", "manifest unknown", "access denied", "unauthorized", "no matching manifest"])
    {
        PullError::Refused { image: image.to_owned(), message }
    } else if any(&[
        "no such host",
        "timeout",
        "timed out",
        "connection refused",
        "network is unreachable",
        "no route to host",
        "connection reset",
        "server misbehaving",
        "deadline exceeded",
        "x509",
        "certificate",
        "eof",
    ]) {
        PullError::Unreachable(message)
    } else {
        EngineError::Daemon(message).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_adds_up_layer_by_layer() {
        let say = |id: &str, status: &str, detail: Option<(i64, i64)>| CreateImageInfo {
            id: Some(id.into()),
            status: Some(status.into()),
            progress_detail: detail
                .map(|(current, total)| bollard::models::ProgressDetail { current: Some(current), total: Some(total) }),
            ..CreateImageInfo::default()
        };
        let mut now = PullProgress::default();
        now.take(say("1.26", "Pulling from library/golang", None));
        now.take(say("a", "Pulling fs layer", None));
        now.take(say("b", "Already exists", None));
        now.take(say("a", "Downloading", Some((10, 100))));
        assert_eq!(now.bytes(), (10, 100));
        // Unpacking counts in other bytes, which must not mix with those downloaded.
        now.take(say("a", "Extracting", Some((5, 900))));
        assert_eq!(now.bytes(), (100, 100));
        now.take(say("a", "Pull complete", None));
        assert!(now.layers.iter().all(|layer| layer.phase == Phase::Done));
        assert_eq!(now.layers.len(), 2);
    }

    #[test]
    fn errors_say_whose_they_are() {
        let of = |status_code: u16, message: &str| {
            classify("x:1", Error::DockerResponseServerError { status_code, message: message.into() })
        };
        assert!(matches!(of(500, "dial tcp: lookup h: no such host"), PullError::Unreachable(_)));
        assert!(matches!(of(404, "pull access denied for x"), PullError::Refused { .. }));
        assert!(matches!(of(500, "toomanyrequests: limit"), PullError::RateLimit(_)));
        assert!(matches!(of(500, "write /x: no space left on device"), PullError::Engine(EngineError::DiskFull(_))));
    }
}
