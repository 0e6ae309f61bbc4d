//! Commands that ask the daemon for one long thing: connected, stopped by a signal, left clean.

use super::{Context, job::Stop};
use crate::report::{self, Report};
use dockshala_checkers::engine::Engine;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// After the work, what it left on the daemon is gone within this.
const GRACE: Duration = Duration::from_secs(2);

impl Context {
    /// Connects to the daemon and runs `work` to its end. A signal cancels the token, so that what runs can stop; a second
    /// one ends the process at once.
    pub(super) fn with_engine<T>(
        &self,
        work: impl AsyncFnOnce(&Engine, CancellationToken) -> Result<T, Report>,
    ) -> Result<T, Report> {
        self.wait_for(async {
            let cancel = CancellationToken::new();
            let stop = cancel.clone();
            tokio::spawn(async move {
                Stop::listen().asked().await;
                stop.cancel();
                Stop::listen().asked().await;
                std::process::exit(130);
            });
            let engine = self.engine(false).await.map_err(|e| report::engine(&self.lang, &e))?;
            let done = work(&engine, cancel).await;
            // What a daemon that went away still holds is reaped at the next start.
            let _ = tokio::time::timeout(GRACE, engine.close()).await;
            done
        })
    }
}
