//! Kind `shell`: a `steps.sh` typed in a terminal that is then closed.

use super::{Check, Context, Options, Submission, Tier, internal, trouble};
use crate::{
    engine::clean,
    evidence::{Blocked, Gathered, ShellFacts},
    shell::{self, ShellError},
    verdict::{Diagnosis, Fact, codes},
};
use tokio_util::sync::CancellationToken;

/// Where a `steps.sh` is run.
#[derive(Debug, Clone, Default)]
pub enum Scripts {
    /// Nowhere: the program was not told how.
    #[default]
    Nowhere,
    /// On this machine, as this user: the script is the learner's own, or a course's that was agreed to.
    Here(shell::Launcher),
    /// In a confined container: the script is somebody else's.
    Contained(shell::Launcher),
}

/// Runs the script and looks.
pub(super) async fn gather(
    check: &mut Check<'_>,
    context: Option<&Context<'_>>,
    submission: &Submission,
    options: &Options,
    cancel: &CancellationToken,
) {
    check.talk.tier(Tier::Run).await;
    let seen = see(check, context, submission, options, cancel).await;
    check.evidence.shell = Some(seen);
    // No daemon is asked, so that none is missing.
    check.result.provisional = false;
}

async fn see(
    check: &Check<'_>,
    context: Option<&Context<'_>>,
    submission: &Submission,
    options: &Options,
    cancel: &CancellationToken,
) -> Gathered<ShellFacts> {
    let watch = &check.needs.watch;
    let seen = match (&options.scripts, context) {
        (Scripts::Nowhere, _) => return Err(internal("this program runs no scripts")),
        (Scripts::Here(launcher), _) => shell::run(&submission.dir, watch, launcher, cancel).await,
        (Scripts::Contained(_), None) => return Err(Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON))),
        (Scripts::Contained(launcher), Some(context)) => {
            let (engine, bases) = (context.engine, &options.bases);
            shell::contained(engine, bases, &submission.dir, watch, launcher, cancel).await
        }
    };
    seen.map_err(|error| match error {
        ShellError::Needs(what) => {
            let feature = Fact::Text(what.to_owned());
            Blocked::skipped(Diagnosis::new(codes::NEEDS_FEATURE).fact("feature", feature))
        }
        ShellError::NoSteps => Blocked::failed(Diagnosis::new(codes::NO_STEPS)),
        ShellError::Cancelled => Blocked::skipped(Diagnosis::new(codes::CANCELLED)),
        ShellError::Engine(error) => trouble(&error),
        ShellError::Broken(message) => internal(&clean::line(&message)),
    })
}
