//! One claim shown on the daemon, behind the screen's back.

use super::{app::Msg, desk::GRACE, screen::ClaimNews};
use crate::{
    course::{Course, Lang},
    lab::claims,
    report,
};
use dockshala_checkers::engine::{ConnectOptions, Engine, bases::BaseOptions};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What the learner wants of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimOrder {
    /// To see it shown.
    Show(String),
    /// No more of it.
    Leave,
}

pub(super) struct ClaimDesk {
    pub(super) course: &'static Course,
    pub(super) lang: Lang,
    pub(super) docker_host: Option<String>,
    pub(super) options: BaseOptions,
    pub(super) news: mpsc::Sender<Msg>,
    pub(super) cancel: CancellationToken,
}

impl ClaimDesk {
    /// Shows a claim and cleans up after it, also where it is cancelled.
    pub(super) async fn show(self, id: String) {
        let Some(placed) = self.course.claim(&id) else { return };
        let options = ConnectOptions { host: self.docker_host.clone(), ..ConnectOptions::default() };
        let engine = tokio::select! {
            engine = Engine::connect(options) => engine,
            () = self.cancel.cancelled() => return,
        };
        let engine = match engine {
            Ok(engine) => engine,
            Err(error) => return self.tell(&id, ClaimNews::Stopped(report::engine(&self.lang, &error))).await,
        };
        let (say, mut said) = mpsc::unbounded_channel::<String>();
        let told = move |command: &str| {
            let _ = say.send(command.to_owned());
        };
        let ended = {
            let work = claims::run(&engine, &self.options, &placed, &told, &self.cancel);
            tokio::pin!(work);
            loop {
                tokio::select! {
                    biased;
                    Some(command) = said.recv() => self.tell(&id, ClaimNews::Running(command)).await,
                    ended = &mut work => break ended,
                }
            }
        };
        let _ = tokio::time::timeout(GRACE, engine.close()).await;
        if self.cancel.is_cancelled() {
            return;
        }
        let news = match ended {
            Ok(shown) => ClaimNews::Shown(Box::new(shown)),
            Err(error) => ClaimNews::Stopped(report::claim(&self.lang, &id, &error)),
        };
        self.tell(&id, news).await;
    }

    async fn tell(&self, id: &str, news: ClaimNews) {
        // A screen that has gone is no error.
        let _ = self.news.send(Msg::Claim(id.to_owned(), news)).await;
    }
}
