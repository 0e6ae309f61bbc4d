//! What the daemon's build cache holds, asked of BuildKit itself.
//!
//! `GET /system/df` has it too, but weighs every image, container and volume on the way, which takes a
//! busy daemon seconds; the filter for the cache alone is newer than Engine 20.10, and bollard cannot write it into a query.

use super::grpc;
use crate::engine::{Engine, EngineError, clean};
use bollard_buildkit_proto::moby::buildkit::v1::DiskUsageRequest;
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// How long BuildKit may take to weigh its cache.
const ANSWER: Duration = Duration::from_secs(60);

/// A record of the build cache, as `docker buildx du --verbose` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheRecord {
    /// Its id.
    pub id: String,
    /// What it keeps: `mount / from exec /bin/sh -c go build …`, cleaned.
    pub description: String,
    /// When it was used last, or made: seconds since 1970.
    pub used: i64,
}

impl Engine {
    /// The records of the build cache in the daemon; an error where its BuildKit cannot be asked.
    pub async fn build_cache(&self, cancel: &CancellationToken) -> Result<Vec<CacheRecord>, EngineError> {
        if !self.info().buildkit || self.info().podman {
            return Err(EngineError::NoBuildKit(self.info().version.clone()));
        }
        let asking = async {
            let mut control = grpc::open(self.host().clone()).await.map_err(|e| EngineError::Lost(format!("{e:?}")))?;
            let answer = control.disk_usage(DiskUsageRequest::default()).await;
            answer.map_err(|status| EngineError::Daemon(clean::line(status.message())))
        };
        let answer = tokio::select! {
            answer = timeout(ANSWER, asking) => answer,
            () = cancel.cancelled() => return Err(EngineError::Cancelled),
        };
        let answer = answer.map_err(|_| EngineError::Lost("weighing the build cache".to_owned()))??;
        let record = |record: bollard_buildkit_proto::moby::buildkit::v1::UsageRecord| CacheRecord {
            id: clean::line(&record.id),
            description: clean::line(&record.description),
            used: record.last_used_at.or(record.created_at).map_or(0, |at| at.seconds),
        };
        Ok(answer.into_inner().record.into_iter().map(record).collect())
    }
}
