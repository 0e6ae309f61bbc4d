//! Whether a machine has room for a swarm of its own, in figures, before anything is started.
//!
//! Asked from inside a container, because the daemon's machine need not be this one: Docker Desktop's is a virtual machine
//! with a memory and a disk of its own. /proc/meminfo is the machine's in every container, and the container's root lies on
//! the daemon's data disk.

use super::super::{Engine, EngineError, RunRequest};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

/// Memory that a node wants, in bytes. Measured with three tasks a node: 80 to 180 MiB.
pub const NODE_MEMORY: u64 = 256 << 20;
/// Disk that a node wants, in bytes: the images of a stack, unpacked once in each node, and its own files.
pub const NODE_DISK: u64 = 200 << 20;
/// What must stay free beside it, in bytes: a machine that swaps shows nothing in time.
const SPARE_MEMORY: u64 = 256 << 20;
const SPARE_DISK: u64 = 512 << 20;

/// What is free on the daemon's machine, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Memory that can be had without swapping.
    pub memory: u64,
    /// Space on the disk that holds the daemon's data.
    pub disk: u64,
}

/// What of it is short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Short {
    /// For so many nodes.
    pub nodes: usize,
    /// `memory` or `disk`.
    pub what: Scarce,
    /// Bytes that are free.
    pub free: u64,
    /// Bytes that it takes.
    pub needed: u64,
}

/// What may be short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scarce {
    /// Main memory.
    Memory,
    /// The daemon's disk.
    Disk,
}

impl Scarce {
    /// Its name in diagnoses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Disk => "disk",
        }
    }
}

impl Room {
    /// Whether so many nodes fit.
    pub fn fits(&self, nodes: usize) -> Result<(), Short> {
        let count = nodes as u64;
        let short = |what, free, needed| if free < needed { Err(Short { nodes, what, free, needed }) } else { Ok(()) };
        short(Scarce::Memory, self.memory, count * NODE_MEMORY + SPARE_MEMORY)?;
        short(Scarce::Disk, self.disk, count * NODE_DISK + SPARE_DISK)
    }
}

/// Asks the daemon's machine, in a confined container of `image`.
pub(super) async fn ask(engine: &Engine, image: &str) -> Result<Room, EngineError> {
    let mut request = RunRequest::new(image);
    request.entrypoint = Some(["sh", "-c", "cat /proc/meminfo; df -kP /"].map(str::to_owned).to_vec());
    let outcome = engine.run(request, CancellationToken::new()).await?;
    read(&outcome.stdout).ok_or_else(|| {
        let said = if outcome.stderr.is_empty() { outcome.start_error.unwrap_or_default() } else { outcome.stderr };
        EngineError::Daemon(format!("the room for a swarm could not be measured: {}", said.trim()))
    })
}

fn read(text: &str) -> Option<Room> {
    let kib = |text: &str| text.parse::<u64>().ok()?.checked_mul(1024);
    let memory = text.lines().find_map(|line| line.strip_prefix("MemAvailable:")?.split_whitespace().next())?;
    let disk = text.lines().rfind(|line| line.ends_with(" /"))?.split_whitespace().nth(3)?;
    Some(Room { memory: kib(memory)?, disk: kib(disk)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "MemTotal:       24683520 kB\nMemFree:          952112 kB\nMemAvailable:   22337536 kB\n\
        Filesystem           1024-blocks    Used Available Capacity Mounted on\n\
        overlay               263907904 70828056  24601784  75% /\n";

    #[test]
    fn figures_are_read_as_a_node_says_them() {
        assert_eq!(read(SAID), Some(Room { memory: 22_337_536 << 10, disk: 24_601_784 << 10 }));
        assert_eq!(read("MemAvailable: lots\n"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn what_is_short_is_told_with_figures() {
        let room = Room { memory: 900 << 20, disk: 50 << 30 };
        assert_eq!(room.fits(1), Ok(()));
        let short = room.fits(3).unwrap_err();
        assert_eq!((short.what, short.free, short.needed), (Scarce::Memory, 900 << 20, 1024 << 20));
        let short = Room { memory: 4 << 30, disk: 700 << 20 }.fits(1).unwrap_err();
        assert_eq!((short.what, short.free, short.needed), (Scarce::Disk, 700 << 20, 712 << 20));
        assert_eq!(Room { memory: 1024 << 20, disk: 1112 << 20 }.fits(3), Ok(()), "just enough is enough");
    }
}
