//! Who made an object on the daemon, for which run, and until when nobody else may remove it.
//!
//! Labels cannot be changed after creation, so a lease that long checks renew cannot be a label alone. Every object says
//! when its first lease ends; a run that lives longer keeps a tiny volume that carries a later end, and renews by making a
//! new one before it removes the old (reap.rs). A file on the client would not do: other users of the same daemon could not
//! see it, and would take a long check's objects for forgotten ones.

use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::LazyLock,
    time::{Duration, SystemTime},
};
use uuid::Uuid;

/// On everything we make, kept or not.
pub const OURS: &str = "dev.dockshala";
/// The run (one [`super::Engine`]) an object belongs to. Only what has it is ever reaped. An image built FROM one of our
/// kept images inherits [`OURS`] and [`KEEP`], and may be the learner's own: neither says that we may remove it.
pub const RUN: &str = "dev.dockshala.run";
/// Who: user, machine, boot and process namespace, hashed.
pub const OWNER: &str = "dev.dockshala.owner";
/// The process, with its start time where known, as numbers are used again.
pub const PID: &str = "dev.dockshala.pid";
/// When the lease ends, in Unix seconds of the daemon's clock.
pub const EXPIRES: &str = "dev.dockshala.expires";
/// On images that stay on purpose: what for (`kit`, `starter`).
pub const KEEP: &str = "dev.dockshala.keep";

/// Every tag that we give starts with this; only such tags are ever removed.
pub const TAGS: &str = "dockshala.local/";

/// In the name of an image that steps of a check named: what follows, up to the next `/`, is the run.
pub(crate) const RUN_SEGMENT: &str = "dockshala-run-";

/// On what a learner makes by hand for an exercise, with the value that `start` prints. It says nothing of a run: what bears
/// it is the learner's, and is never removed.
pub const COPY: &str = "dev.dockshala.copy";

/// How long a lease lasts. Longer than a laptop's short nap, shorter than a lab's session.
pub(crate) const LEASE: Duration = Duration::from_secs(30 * 60);

/// Unix seconds of this machine's clock.
pub(crate) fn now() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}

/// What labels are made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) run: Uuid,
    pub(crate) owner: String,
    pub(crate) pid: String,
    /// How far the daemon's clock is ahead of ours, in seconds. Leases are in the daemon's time, because it is the one
    /// clock that all its users share.
    pub(crate) ahead: i64,
    pub(crate) lease: Duration,
}

impl Identity {
    pub(crate) fn new(ahead: i64, lease: Duration) -> Self {
        Self { run: Uuid::now_v7(), owner: OWN.clone(), pid: own_pid(), ahead, lease }
    }

    /// The daemon's time.
    pub(crate) fn daemon_now(&self) -> i64 {
        now() + self.ahead
    }

    /// Labels for an object made now.
    pub(crate) fn labels(&self) -> HashMap<String, String> {
        let expires = self.daemon_now() + self.lease.as_secs() as i64;
        [
            (OURS, "1".to_owned()),
            (RUN, self.run.to_string()),
            (OWNER, self.owner.clone()),
            (PID, self.pid.clone()),
            (EXPIRES, expires.to_string()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into()
    }
}

/// Labels of an image that stays.
pub(crate) fn kept(what_for: &str) -> HashMap<String, String> {
    [(OURS, "1"), (KEEP, what_for)].map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

/// The owner of this process. Two containers on one machine can share machine id, boot and user, but not their process
/// numbers: so the process namespace counts too, else each would take the other's live runs for dead.
static OWN: LazyLock<String> = LazyLock::new(|| {
    let read = |path: &str| std::fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default();
    let machine = match read("/etc/machine-id") {
        id if id.is_empty() => hostname::get().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        id => id,
    };
    let namespace = std::fs::read_link("/proc/self/ns/pid").map(|link| link.display().to_string()).unwrap_or_default();
    let parts = [user(), machine, read("/proc/sys/kernel/random/boot_id"), namespace];
    Sha256::digest(parts.join("\0")).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
});

#[cfg(unix)]
fn user() -> String {
    rustix::process::getuid().as_raw().to_string()
}

#[cfg(not(unix))]
fn user() -> String {
    std::env::var("USERNAME").unwrap_or_default()
}

fn own_pid() -> String {
    let pid = std::process::id();
    match started(pid) {
        Some(at) => format!("{pid}.{at}"),
        None => pid.to_string(),
    }
}

/// When a process started, in clock ticks since boot, where /proc tells.
fn started(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in brackets and may hold spaces and brackets of its own.
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

/// Whether the process that a [`PID`] label names still runs. To be asked only of our own owner's labels. When in doubt it
/// is alive: then its lease decides.
pub(crate) fn is_alive(label: &str) -> bool {
    let (pid, start) = match label.split_once('.') {
        Some((pid, start)) => (pid, start.parse::<u64>().ok()),
        None => (label, None),
    };
    let Ok(pid) = pid.parse::<u32>() else { return true };
    match (start, started(pid)) {
        (Some(then), Some(now)) => then == now,
        (Some(_), None) => false,
        (None, _) => exists(pid),
    }
}

#[cfg(unix)]
fn exists(pid: u32) -> bool {
    let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) else { return false };
    // "Not permitted" means that somebody else's process has the number now or that it changed user: alive, to be safe.
    !matches!(rustix::process::test_kill_process(pid), Err(rustix::io::Errno::SRCH))
}

#[cfg(not(unix))]
fn exists(_: u32) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_process_lives_and_a_reused_number_does_not_count() {
        let own = own_pid();
        assert!(is_alive(&own), "{own}");
        assert!(is_alive("garbage"), "when in doubt the lease decides");
        if let Some((pid, start)) = own.split_once('.') {
            let other: u64 = start.parse::<u64>().unwrap() + 1;
            assert!(!is_alive(&format!("{pid}.{other}")), "the same number, another process");
        }
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let label = format!("{}.{}", child.id(), started(child.id()).unwrap_or(0));
        child.wait().unwrap();
        assert!(!is_alive(&label));
        assert!(!is_alive(&child.id().to_string()));
    }

    #[test]
    fn labels_say_run_owner_process_and_lease_in_the_daemons_time() {
        let identity = Identity::new(3600, LEASE);
        let labels = identity.labels();
        assert_eq!(labels[OURS], "1");
        assert_eq!(labels[RUN], identity.run.to_string());
        assert_eq!(labels[OWNER].len(), 16);
        let expires: i64 = labels[EXPIRES].parse().unwrap();
        assert!((expires - now() - 3600 - 1800).abs() <= 2, "{expires}");
        assert!(!kept("kit").contains_key(RUN));
        assert_ne!(Identity::new(0, LEASE).run, identity.run);
        assert_eq!(Identity::new(0, LEASE).owner, identity.owner);
    }
}
