//! Says why a build failed, and whose doing it is, from the builder's error and the steps.

use super::super::{BuildFailure, BuildStep, clean, is_disk_full};
use super::steps::{Steps, is_cancelled};
use regex::Regex;
use std::sync::LazyLock;

/// How a builder ended without an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SolveError {
    /// The builder's own words.
    Said(String),
    /// The connection broke.
    Lost(String),
    /// This builder cannot be used on this daemon at all; another may.
    Unsupported(String),
}

static EXIT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"exit code: (-?\d+)").expect("a constant"));

/// The failure, given the steps in order.
pub(crate) fn classify(error: SolveError, elsewhere: Option<(String, String)>, steps: &[BuildStep]) -> BuildFailure {
    let said = match error {
        SolveError::Lost(message) | SolveError::Unsupported(message) => {
            return BuildFailure::Lost(clean::line(&message));
        }
        SolveError::Said(message) => clean::text(&message),
    };
    let everything = || steps.iter().filter_map(|step| step.error.as_deref()).chain([said.as_str()]);
    // A full disk shows as a failed step or a failed export; the step is not to blame.
    if let Some(message) = everything().find(|message| is_disk_full(message)) {
        return BuildFailure::DiskFull(message.to_owned());
    }
    // A RUN that filled the disk only prints it, and dies of it.
    let failed = steps.iter().position(|step| step.error.as_deref().is_some_and(|error| !is_cancelled(error)));
    if let Some(index) = failed {
        let message = steps[index].error.clone().unwrap_or_default();
        if is_disk_full(&steps[index].log) {
            return BuildFailure::DiskFull(last_words(&steps[index].log));
        }
        let exit = EXIT.captures(&message).and_then(|parts| parts[1].parse().ok());
        return BuildFailure::Step { index, exit, message };
    }
    if is_cancelled(&said) {
        return BuildFailure::Lost(said);
    }
    match elsewhere {
        Some((name, message)) if !said.contains(&message) => BuildFailure::Refused(format!("{name}: {message}")),
        _ => BuildFailure::Refused(said),
    }
}

fn last_words(log: &str) -> String {
    log.lines().rev().find(|line| is_disk_full(line)).unwrap_or_default().to_owned()
}

/// What [`classify`] wants to know of vertices that are no steps.
pub(crate) fn elsewhere(steps: &Steps) -> Option<(String, String)> {
    steps.error_elsewhere().map(|(name, error)| (name.to_owned(), error.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(error: Option<&str>, log: &str) -> BuildStep {
        BuildStep { error: error.map(str::to_owned), log: log.to_owned(), ..BuildStep::default() }
    }

    fn said(text: &str) -> SolveError {
        SolveError::Said(text.into())
    }

    #[test]
    fn the_failing_run_is_named_with_its_exit_code_and_not_those_it_stopped() {
        let message = r#"process "/bin/sh -c exit 3" did not complete successfully: exit code: 3"#;
        let steps = [step(Some("context canceled"), ""), step(Some(message), ""), step(None, "")];
        assert_eq!(
            classify(said(message), None, &steps),
            BuildFailure::Step { index: 1, exit: Some(3), message: message.into() }
        );
    }

    #[test]
    fn a_step_that_is_no_run_has_no_exit_code() {
        let message = "failed to compute cache key: \"/nope\" not found";
        let failure = classify(said(message), None, &[step(Some(message), "")]);
        assert_eq!(failure, BuildFailure::Step { index: 0, exit: None, message: message.into() });
    }

    #[test]
    fn what_no_step_did_was_refused() {
        let failure = classify(said("dockerfile parse error line 2: unknown instruction: RUNN"), None, &[]);
        assert!(matches!(failure, BuildFailure::Refused(message) if message.contains("RUNN")));
        let elsewhere = Some(("[internal] load metadata for docker.io/library/x".into(), "no such host".into()));
        let failure = classify(said("failed"), elsewhere, &[]);
        assert!(matches!(failure, BuildFailure::Refused(message) if message.ends_with("library/x: no such host")));
    }

    #[test]
    fn a_full_disk_is_nobodys_step() {
        let full = "write /a: no space left on device";
        for (error, steps) in [
            (said(full), vec![]),
            (said("failed"), vec![step(Some(full), "")]),
            (said("failed"), vec![step(Some("exit code: 1"), "x\ncp: write error: No space left on device\n")]),
        ] {
            assert!(matches!(classify(error, None, &steps), BuildFailure::DiskFull(_)));
        }
    }

    #[test]
    fn what_the_daemon_cancelled_by_itself_is_nobodys_dockerfile() {
        let failure = classify(said("failed to solve: Canceled: context canceled"), None, &[step(None, "")]);
        assert!(matches!(failure, BuildFailure::Lost(_)));
    }

    #[test]
    fn a_broken_connection_is_lost() {
        assert_eq!(classify(SolveError::Lost("eof".into()), None, &[]), BuildFailure::Lost("eof".into()));
    }
}
