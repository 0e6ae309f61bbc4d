//! The docker command as we start it: an argv, never a shell, and an environment of our making.

use std::{ffi::OsStr, path::Path, process::Stdio};
use tokio::process::Command;

/// Environment that docker and its plugins need of ours: where they are, where their settings lie, where they may write.
/// Nothing else of it may decide over a check: a learner's DOCKER_DEFAULT_PLATFORM, DOCKER_CONTENT_TRUST or DOCKER_API_VERSION
/// would make one machine's verdict differ from another's. Which daemon is asked the caller says itself, by DOCKER_HOST.
pub(super) const PASSED: [&str; 8] =
    ["PATH", "HOME", "DOCKER_CONFIG", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "TMPDIR", "SystemRoot", "USERPROFILE"];

/// A command with that environment, in a process group of its own: `docker` starts its plugins as children, and killing the
/// parent alone would leave them at work.
pub(super) fn command(program: &str, args: impl IntoIterator<Item = impl AsRef<OsStr>>, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(dir).env_clear();
    command.envs(PASSED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    command
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_our_environment_only_what_it_needs_reaches_it() {
        let output = command("sh", ["-c", "env"], Path::new("/")).output().await.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let strange: Vec<&str> = text
            .lines()
            .filter_map(|l| l.split_once('='))
            .map(|(name, _)| name)
            .filter(|name| !PASSED.contains(name) && !["PWD", "OLDPWD", "SHLVL", "_"].contains(name))
            .collect();
        assert!(strange.is_empty(), "{strange:?}");
    }
}
