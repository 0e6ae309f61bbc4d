//! A class on one machine: learners' bundles, judged again by the teacher, and what came of it.
//!
//! A bundle is a *claim*: whoever writes it can write anything. So nothing in one is believed but its sources, and those only
//! after they were judged again here; what the learner's own program said of them is kept beside it and never mixed with it.
//! Nothing here makes text, and nothing here asks a daemon: how a submission is judged is handed in ([`regrade::Judge`]), so that
//! queueing, deadlines and resuming are tested without one.

pub mod claims;
pub mod collect;
pub mod journal;
pub mod manifest;
pub mod read;
pub mod regrade;
pub mod report;
#[cfg(test)]
mod tests;
pub mod write;

pub use claims::{Claimed, Doubt};
pub use manifest::Manifest;
pub use read::{Opened, Refusal};

use sha2::{Digest, Sha256};
use std::io::{self, Read};

/// The end of a bundle's file name.
pub const EXTENSION: &str = ".dockshala.tar.gz";

/// SHA-256 in hex.
pub(crate) fn hex(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of some bytes, in hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes))
}

/// Hashes and counts what is read through it.
pub(crate) struct Hashing<R> {
    from: R,
    hash: Sha256,
    bytes: u64,
}

impl<R: Read> Hashing<R> {
    pub(crate) fn new(from: R) -> Self {
        Self { from, hash: Sha256::new(), bytes: 0 }
    }

    /// How many bytes came, and their SHA-256 in hex.
    pub(crate) fn end(self) -> (u64, String) {
        (self.bytes, hex(self.hash.finalize()))
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}
