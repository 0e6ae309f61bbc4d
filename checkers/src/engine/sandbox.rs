//! How a learner's container is confined, the docker command that says the same, and which of our limits it ran into.
//!
//! Every limit is one that `docker run` has a flag for, so that the command log shows all of it. No `--init`: with it a
//! missing command is reported by docker-init and not by the daemon, in other words than the learner's own `docker run`.

use super::{HttpRequest, Limit, RunRequest, clean, shell_word};
use crate::spec::Profile;
use bollard::models::{HostConfig, HostConfigLogConfig, ResourcesUlimits};
use std::collections::BTreeMap;

/// Memory, swap included, in bytes. Node and a JVM start in it with room to spare; 64 MiB, which is enough for a Go
/// server, kills both.
pub const MEMORY: i64 = 256 << 20;
/// Processes and threads.
pub const PROCESSES: i64 = 64;
const NANO_CPUS: i64 = 1_000_000_000;
const FILES: i64 = 1024;
const TMP: &str = "size=16m,noexec,nosuid";
/// What stock servers need to become another user, and no more.
const REALISTIC: [&str; 3] = ["CHOWN", "SETGID", "SETUID"];

/// The profile as the daemon is told, in `network`.
pub(crate) fn host_config(profile: Profile, network: &str) -> HostConfig {
    let strict = profile != Profile::Realistic;
    HostConfig {
        memory: Some(MEMORY),
        memory_swap: Some(MEMORY),
        nano_cpus: Some(NANO_CPUS),
        pids_limit: Some(PROCESSES),
        cap_drop: Some(vec!["ALL".into()]),
        cap_add: (!strict).then(|| REALISTIC.map(str::to_owned).to_vec()),
        security_opt: Some(vec!["no-new-privileges".into()]),
        readonly_rootfs: Some(strict),
        tmpfs: strict.then(|| [("/tmp".to_owned(), TMP.to_owned())].into()),
        network_mode: Some(network.to_owned()),
        ulimits: Some(vec![ResourcesUlimits { name: Some("nofile".into()), soft: Some(FILES), hard: Some(FILES) }]),
        // Output is read from the attached stream, through a cap; nothing of it need reach the daemon's disk.
        log_config: Some(HostConfigLogConfig { typ: Some("none".into()), config: None }),
        ..HostConfig::default()
    }
}

fn flags(profile: Profile, network: &str) -> Vec<String> {
    let mut flags: Vec<String> = vec![format!("--network={network}"), "--cap-drop=ALL".into()];
    if profile == Profile::Realistic {
        flags.extend(REALISTIC.map(|capability| format!("--cap-add={capability}")));
    } else {
        flags.extend(["--read-only".into(), format!("--tmpfs=/tmp:{TMP}")]);
    }
    flags.extend([
        "--security-opt=no-new-privileges".into(),
        format!("--memory={}m", MEMORY >> 20),
        format!("--memory-swap={}m", MEMORY >> 20),
        format!("--pids-limit={PROCESSES}"),
        format!("--cpus={}", NANO_CPUS / 1_000_000_000),
        format!("--ulimit=nofile={FILES}"),
    ]);
    flags
}

fn command(start: &[&str], flags: Vec<String>, env: &BTreeMap<String, String>, rest: &[String]) -> String {
    let mut words: Vec<String> = start.iter().map(|&word| word.to_owned()).chain(flags).collect();
    for (key, value) in env {
        words.extend(["-e".into(), format!("{key}={value}")]);
    }
    words.extend_from_slice(rest);
    clean::line(&words.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" "))
}

impl RunRequest {
    /// The docker command that it amounts to, for the command log.
    pub fn command(&self) -> String {
        let mut flags = flags(self.profile, "none");
        let mut rest = vec![self.image.clone()];
        if let Some((program, args)) = self.entrypoint.as_deref().and_then(<[String]>::split_first) {
            flags.push(format!("--entrypoint={program}"));
            rest.extend_from_slice(args);
        }
        rest.extend_from_slice(&self.args);
        command(&["docker", "run", "--rm"], flags, &self.env, &rest)
    }
}

impl HttpRequest {
    /// The docker command that it amounts to, for the command log. Typed by hand, the port is published; the checker asks
    /// on a network of its own that leads nowhere else.
    pub fn command(&self) -> String {
        let mut flags = flags(self.profile, "bridge");
        flags.push(format!("--publish=127.0.0.1:{0}:{0}", self.port));
        let run = command(&["docker", "run", "--rm", "-d"], flags, &self.env, std::slice::from_ref(&self.image));
        let url = format!("http://127.0.0.1:{}{}", self.port, self.path);
        format!("{run} && curl -i {}", clean::line(&shell_word(&url)))
    }
}

/// What is known of how a container ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ending<'a> {
    pub(crate) profile: Profile,
    /// It failed: another exit code than 0, no start, no answer.
    pub(crate) failed: bool,
    pub(crate) oom_killed: bool,
    /// Its user is root.
    pub(crate) root: bool,
    /// It has no network at all.
    pub(crate) offline: bool,
    /// What it printed, and the daemon's words.
    pub(crate) said: &'a [&'a str],
}

/// The limit of ours that it seems to have run into. Words are weak evidence, so nothing is said of a container that did
/// what it should, nor where the same words would come without our limit.
pub(crate) fn limit(ending: &Ending) -> Option<Limit> {
    if ending.oom_killed {
        return Some(Limit::Memory);
    }
    if !ending.failed {
        return None;
    }
    let strict = ending.profile != Profile::Realistic;
    for line in ending.said.iter().flat_map(|text| text.lines()) {
        let line = line.to_lowercase();
        let has = |signs: &[&str]| signs.iter().any(|sign| line.contains(sign));
        let found = if strict && has(&["read-only file system", "erofs"]) {
            Limit::ReadOnly
        } else if strict && has(&["no space left on device", "enospc"]) {
            // The root cannot be written, so that what is full can only be our small /tmp.
            Limit::Tmp
        } else if strict && has(&["/tmp/"]) && has(&["permission denied", "operation not permitted", "eacces"]) {
            Limit::Tmp
        } else if ending.root && has(&["operation not permitted", "permission denied", "eperm", "eacces"]) {
            // For any other user these words would come without us too: only root has capabilities to lose.
            Limit::Capability
        } else if has(&[
            "can't fork",
            "cannot fork",
            "unable to create native thread",
            "pthread_create",
            "resource temporarily unavailable",
        ]) {
            Limit::Processes
        } else if has(&["too many open files", "emfile"]) {
            Limit::Files
        } else if ending.offline
            && has(&[
                "network is unreachable",
                "enetunreach",
                "eai_again",
                "temporary failure in name resolution",
                "could not resolve host",
                "bad address",
                "no such host",
                "unknownhostexception",
            ])
        {
            Limit::Network
        } else {
            continue;
        };
        return Some(found);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn ending<'a>(profile: Profile, root: bool, said: &'a [&'a str]) -> Ending<'a> {
        Ending { profile, failed: true, oom_killed: false, root, offline: true, said }
    }

    #[rstest]
    #[case(Profile::Strict, "touch: /x: Read-only file system", Some(Limit::ReadOnly))]
    #[case(Profile::Strict, "Error: EROFS: read-only file system, open '/app/log'", Some(Limit::ReadOnly))]
    #[case(Profile::Realistic, "touch: /x: Read-only file system", None)]
    #[case(Profile::Strict, "chown: /x: Operation not permitted", Some(Limit::Capability))]
    #[case(Profile::Strict, "sh: can't fork: Resource temporarily unavailable", Some(Limit::Processes))]
    #[case(Profile::Strict, "java.lang.OutOfMemoryError: unable to create native thread", Some(Limit::Processes))]
    #[case(Profile::Strict, "write /tmp/x: no space left on device", Some(Limit::Tmp))]
    #[case(Profile::Realistic, "write /data/x: no space left on device", None)]
    #[case(Profile::Strict, "sh: /tmp/run: Permission denied", Some(Limit::Tmp))]
    #[case(Profile::Strict, "wget: bad address 'example.org'", Some(Limit::Network))]
    #[case(Profile::Strict, "Error: getaddrinfo EAI_AGAIN db", Some(Limit::Network))]
    #[case(Profile::Strict, "open x: too many open files", Some(Limit::Files))]
    #[case(Profile::Strict, "Error: Cannot find module 'express'", None)]
    fn words_that_show_our_limits(#[case] profile: Profile, #[case] said: &str, #[case] want: Option<Limit>) {
        assert_eq!(limit(&ending(profile, true, &["fine so far\n", said])), want);
    }

    #[test]
    fn what_succeeded_or_would_fail_anyway_is_not_ours() {
        let said = ["chown: /x: Operation not permitted"];
        assert_eq!(limit(&ending(Profile::Strict, false, &said)), None, "not root: it would fail without us too");
        assert_eq!(limit(&Ending { failed: false, ..ending(Profile::Strict, true, &said) }), None);
        let quiet = Ending { failed: false, oom_killed: true, ..ending(Profile::Strict, true, &[]) };
        assert_eq!(limit(&quiet), Some(Limit::Memory));
    }

    #[test]
    fn the_command_says_what_the_daemon_is_told() {
        let mut request = RunRequest::new("img:1");
        request.args = vec!["a b".into(), "$HOME".into()];
        request.env.insert("KEY".into(), "v".into());
        request.entrypoint = Some(vec!["/bin/app".into(), "-v".into()]);
        let command = request.command();
        assert!(command.starts_with("docker run --rm --network=none --cap-drop=ALL --read-only"), "{command}");
        assert!(command.ends_with("--entrypoint=/bin/app -e KEY=v img:1 -v 'a b' '$HOME'"), "{command}");
        let config = host_config(Profile::Strict, "none");
        assert_eq!((config.readonly_rootfs, config.network_mode.as_deref()), (Some(true), Some("none")));
        assert!(config.privileged.is_none() && config.binds.is_none());
        let realistic = host_config(Profile::Realistic, "x");
        assert_eq!(realistic.cap_add.unwrap(), ["CHOWN", "SETGID", "SETUID"]);
        assert_eq!(realistic.readonly_rootfs, Some(false));
        let http = HttpRequest::new("img:1", 8080).command();
        assert!(
            http.contains("--publish=127.0.0.1:8080:8080") && http.ends_with("curl -i http://127.0.0.1:8080/"),
            "{http}"
        );
    }
}
