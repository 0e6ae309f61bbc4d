//! What a check says while it goes on, and what it must remember of that for its result.

use crate::{
    dockerfile::Dockerfile,
    engine::{BuildEvent, BuildStep},
    evidence::instruction_of_step,
    verdict::{Diagnosis, GoalResult, StandIn, Step},
};
use std::sync::{Mutex, PoisonError};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Which part of a check is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Reading the Dockerfile; no daemon needed.
    Parse,
    /// Building.
    Build,
    /// Reading the image.
    Image,
    /// Running containers.
    Run,
}

/// What a screen may show while a check goes on. All text is cleaned of terminal escapes.
#[derive(Debug, Clone)]
pub enum Event {
    /// A tier began.
    Tier(Tier),
    /// A docker command that the next thing amounts to.
    Command(String),
    /// A step of the submission's build started, finished or turned out to be cached.
    Step {
        /// Where it stands among the steps that the screen has been told of.
        index: usize,
        /// The step so far.
        step: Step,
        /// It has ended.
        done: bool,
    },
    /// Lines of output of the step at `index` (or of a container, without one).
    Log {
        /// Which step.
        index: Option<usize>,
        /// Whole lines without their line ends.
        lines: Vec<String>,
    },
    /// A stand-in takes a base image's place.
    StandIn(StandIn),
    /// Something worth saying that decides nothing.
    Note(Diagnosis),
    /// A goal was judged.
    Judged(GoalResult),
}

/// The way to whoever watches. Nobody need watch: a dropped receiver is no error.
#[derive(Debug)]
pub(super) struct Talk {
    events: Option<mpsc::Sender<Event>>,
    cancel: CancellationToken,
    notes: Mutex<Vec<Diagnosis>>,
    commands: Mutex<Vec<String>>,
}

impl Talk {
    pub(super) fn new(events: mpsc::Sender<Event>, cancel: CancellationToken) -> Self {
        Self { events: Some(events), cancel, notes: Mutex::default(), commands: Mutex::default() }
    }

    /// For builds that are not the learner's.
    pub(super) fn silent() -> Self {
        Self { events: None, cancel: CancellationToken::new(), notes: Mutex::default(), commands: Mutex::default() }
    }

    async fn send(&self, event: Event) {
        let Some(events) = &self.events else { return };
        // Whoever has stopped a check may have stopped listening without hanging up.
        tokio::select! {
            _ = events.send(event) => {}
            () = self.cancel.cancelled() => {}
        }
    }

    pub(super) async fn tier(&self, tier: Tier) {
        self.send(Event::Tier(tier)).await;
    }

    pub(super) async fn command(&self, command: &str) {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner).push(command.to_owned());
        self.send(Event::Command(command.to_owned())).await;
    }

    pub(super) async fn note(&self, note: Diagnosis) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(note.clone());
        self.send(Event::Note(note)).await;
    }

    pub(super) async fn stand_in(&self, stand_in: &StandIn) {
        self.send(Event::StandIn(stand_in.clone())).await;
    }

    pub(super) async fn judged(&self, result: &GoalResult) {
        self.send(Event::Judged(result.clone())).await;
    }

    pub(super) async fn build(&self, event: BuildEvent, model: &Dockerfile) {
        self.send(match event {
            BuildEvent::Step { key, step: now } => {
                let done = now.completed || now.cached || now.error.is_some();
                Event::Step { index: key, step: step(&now, model), done }
            }
            BuildEvent::Log { key, lines } => Event::Log { index: Some(key), lines },
        })
        .await;
    }

    pub(super) fn notes(&self) -> Vec<Diagnosis> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn commands(&self) -> Vec<String> {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A builder's step as a result shows it.
pub(super) fn step(step: &BuildStep, model: &Dockerfile) -> Step {
    Step {
        stage: step.stage.clone(),
        name: step.name.clone(),
        line: instruction_of_step(model, step).map(|i| i.first),
        cached: step.cached,
        millis: step.duration.as_millis() as u64,
    }
}
