//! The Docker daemon: find it, prepare base images, build, run, confine, clean up.
//!
//! Everything that this module makes on a daemon carries our labels, so that nothing else is ever touched when it cleans
//! up: daemons are shared. One [`Engine`] is one *run*: what it makes and does not keep goes when it is closed, when its
//! process ends, or at the latest when its lease has passed.

pub mod bases;
mod build;
pub mod clean;
pub mod compose;
mod connect;
pub(crate) mod context;
mod environment;
mod http;
pub(crate) mod ignore;
mod info;
pub mod labels;
mod live;
pub mod machine;
mod reap;
mod run;
pub mod sandbox;
pub mod swarm;
mod types;

pub(crate) use crate::spec::docker::shell_word;
pub use build::{BuilderChoice, CacheRecord};
pub use connect::{ConnectOptions, Host, Surroundings};
pub use context::{LeftOut, ignored_sources, ignores, listing};
pub(crate) use info::seconds;
pub use live::{Act, Enough, HealthTest, LiveOutcome, LiveRequest, Process, Shock};
pub use reap::reap_this_process;
pub use types::*;

use bollard::{Docker, errors::Error, models::ImageInspect, query_parameters::RemoveImageOptionsBuilder};
use futures_util::StreamExt;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::io::AsyncRead;
use tokio_util::io::StreamReader;

/// A daemon that answers, and the run that uses it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    docker: Docker,
    host: Host,
    info: EngineInfo,
    identity: labels::Identity,
    reach: http::Reach,
    /// Something was made that a lease must cover.
    made: AtomicBool,
    /// The volume that renews the lease, once there is one. Held while it is changed and while the run is closed.
    lease: tokio::sync::Mutex<Option<String>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // A run that made nothing has nothing to reap; any other stays known until it is closed, so that the end of the
        // process finds it.
        if !self.made.load(Ordering::Relaxed) {
            reap::unregister(self.identity.run);
        }
    }
}

impl Engine {
    /// Finds the daemon, agrees on an API version and asks it what it is.
    pub async fn connect(options: ConnectOptions) -> Result<Self, EngineError> {
        let found = connect::find(&options).await?;
        let (info, facts) = info::ask(&found, options.compose).await?;
        let lease = options.lease.unwrap_or(labels::LEASE);
        let identity = labels::Identity::new(facts.ahead, lease);
        reap::register(identity.run, found.host.clone());
        let inner = Arc::new(Inner {
            docker: found.docker,
            host: found.host,
            info,
            identity,
            reach: if options.publish { http::Reach::Published } else { facts.reach },
            made: AtomicBool::new(false),
            lease: tokio::sync::Mutex::default(),
        });
        tokio::spawn(reap::renew(Arc::downgrade(&inner), lease));
        Ok(Self(inner))
    }

    /// What the daemon is.
    pub fn info(&self) -> &EngineInfo {
        &self.0.info
    }

    /// Where it is.
    pub fn host(&self) -> &Host {
        &self.0.host
    }

    /// A tag for an image of this run. What goes with the run must carry such a tag.
    pub fn tag(&self, name: &str) -> String {
        // The last part of a version 7 uuid is its random one.
        format!("{}run-{}:{name}", labels::TAGS, &self.0.identity.run.simple().to_string()[20..])
    }

    /// A part of an image's name that says which run gave it. A tag bears no label: from this it is known whose it is.
    pub(crate) fn tag_segment(&self) -> String {
        format!("{}{}", labels::RUN_SEGMENT, self.0.identity.run)
    }

    /// What the daemon says of an image.
    pub async fn inspect(&self, image: &str) -> Result<ImageInspect, EngineError> {
        self.0.docker.inspect_image(image).await.map_err(|error| image_error(image, error))
    }

    /// The names of all images that the daemon has, stand-ins and other people's included.
    pub async fn image_names(&self) -> Result<Vec<String>, EngineError> {
        let options = bollard::query_parameters::ListImagesOptionsBuilder::new().build();
        let images = self.0.docker.list_images(Some(options)).await.map_err(daemon_error)?;
        let mut names: Vec<String> = images.iter().flat_map(|i| &i.repo_tags).map(|tag| clean::line(tag)).collect();
        names.sort();
        Ok(names)
    }

    /// Whether the daemon has an image.
    pub async fn has(&self, image: &str) -> Result<bool, EngineError> {
        match self.inspect(image).await {
            Ok(_) => Ok(true),
            Err(EngineError::NoImage(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// An image as `docker save` writes it. Reading it slowly slows the daemon down; dropping it stops it.
    pub async fn export(&self, image: &str) -> Result<impl AsyncRead + Send + Unpin + use<>, EngineError> {
        let mut stream = Box::pin(self.0.docker.export_image(image));
        match stream.next().await {
            // The first chunk tells whether there is such an image, so that its absence is no read error far from here.
            Some(Ok(first)) => Ok(StreamReader::new(
                futures_util::stream::iter([Ok(first)]).chain(stream).map(|chunk| chunk.map_err(std::io::Error::other)),
            )),
            Some(Err(error)) => Err(image_error(image, error)),
            None => Err(EngineError::Daemon(format!("an empty export of {image}"))),
        }
    }

    /// Removes a tag of ours, and its image if no other tag is left. That it is not there is no error.
    pub async fn remove_image(&self, image: &str) -> Result<(), EngineError> {
        let options = RemoveImageOptionsBuilder::new().force(true).build();
        match self.0.docker.remove_image(image, Some(options), None).await {
            Ok(_) => Ok(()),
            Err(error) => match image_error(image, error) {
                EngineError::NoImage(_) => Ok(()),
                error => Err(error),
            },
        }
    }

    /// Labels of this run as `KEY=VALUE`, for what is made by the docker command instead of by us: with them it is found
    /// and removed should the program die before it has.
    pub fn label_arguments(&self) -> Vec<String> {
        self.labels().into_iter().map(|(key, value)| format!("{key}={value}")).collect()
    }

    /// Labels for what goes with this run.
    pub(crate) fn labels(&self) -> HashMap<String, String> {
        self.0.made.store(true, Ordering::Relaxed);
        self.0.identity.labels()
    }

    /// The daemon's time in Unix seconds.
    pub(crate) fn daemon_now(&self) -> i64 {
        self.0.identity.daemon_now()
    }

    pub(crate) fn reach(&self) -> http::Reach {
        self.0.reach
    }

    /// The client, for this crate's other users of the daemon (bases, compose).
    pub(crate) fn docker(&self) -> &Docker {
        &self.0.docker
    }
}

/// An error of the daemon's as one of ours.
pub(crate) fn daemon_error(error: Error) -> EngineError {
    match error {
        Error::DockerResponseServerError { message, .. } if is_disk_full(&message) => {
            EngineError::DiskFull(clean::line(&message))
        }
        Error::DockerResponseServerError { message, .. } => EngineError::Daemon(clean::line(&message)),
        Error::DockerStreamError { error } if is_disk_full(&error) => EngineError::DiskFull(clean::line(&error)),
        Error::DockerStreamError { error } => EngineError::Daemon(clean::line(&error)),
        Error::IOError { .. } | Error::HyperResponseError { .. } | Error::RequestTimeoutError => {
            EngineError::Lost(clean::line(&error.to_string()))
        }
        Error::HyperLegacyError { err } => EngineError::Lost(clean::line(&with_causes(&err))),
        other => EngineError::Daemon(clean::line(&other.to_string())),
    }
}

fn image_error(image: &str, error: Error) -> EngineError {
    match error {
        Error::DockerResponseServerError { status_code: 404, .. } => EngineError::NoImage(clean::line(image)),
        // Exports answer 500 for an unknown name on some engines.
        Error::DockerResponseServerError { ref message, .. } if message.to_lowercase().contains("no such image") => {
            EngineError::NoImage(clean::line(image))
        }
        other => daemon_error(other),
    }
}

/// Whether the daemon's words mean that its disk is full.
pub(crate) fn is_disk_full(message: &str) -> bool {
    let message = message.to_lowercase();
    message.contains("no space left on device") || message.contains("disk quota exceeded")
}

pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
