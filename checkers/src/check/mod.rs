//! One check: a submission and its exercise's spec in, events while it goes on, a [`CheckResult`] out.
//!
//! The plan asks each goal which evidence it needs and gathers it once, cheap tiers first: parse → build → image → run.

use crate::verdict::{Diagnosis, GoalResult, StandIn, Step};
use std::path::PathBuf;

/// What the learner hands in.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The folder: the build context, with the Dockerfile at its top.
    pub dir: PathBuf,
    /// The exercise's starter, where a goal compares with it.
    pub starter: Option<PathBuf>,
}

/// Which part of a check is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
