//! Where the program keeps what it remembers, and what kind of file system that is.

use etcetera::BaseStrategy;
use std::path::{Path, PathBuf};

/// The folders of this learner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dirs {
    /// `progress.db` and its backups.
    pub data: PathBuf,
    /// `settings.json`.
    pub config: PathBuf,
    /// What can be measured again at any time.
    pub cache: PathBuf,
}

impl Dirs {
    /// `DOCKSHALA_HOME` for all of them (a USB stick, a test), or the usual folders of the system (XDG, on macOS too). Nothing
    /// where the system knows no home folder.
    pub fn find() -> Option<Self> {
        if let Some(home) = std::env::var_os("DOCKSHALA_HOME").filter(|h| !h.is_empty()) {
            let home = PathBuf::from(home);
            return Some(Self { data: home.clone(), cache: home.join("cache"), config: home });
        }
        let base = etcetera::choose_base_strategy().ok()?;
        Some(Self {
            data: base.data_dir().join("dockshala"),
            config: base.config_dir().join("dockshala"),
            cache: base.cache_dir().join("dockshala"),
        })
    }
}

/// Whether a path (or its nearest existing parent) lies on a file system that other machines write to as well, where
/// SQLite's WAL cannot work (its index is shared memory) and file events do not arrive.
pub fn is_network(path: &Path) -> bool {
    let mut at = Some(path);
    while let Some(p) = at {
        if p.exists() {
            return network_at(p);
        }
        at = p.parent();
    }
    false
}

#[cfg(target_os = "linux")]
fn network_at(path: &Path) -> bool {
    // statfs(2)'s magic numbers: NFS, SMB, CIFS, SMB2, 9p (WSL's /mnt, virtiofs of some VMs), AFS, Coda, Ceph, and FUSE,
    // behind which sshfs hides, and which has no shared memory to rely on either.
    const MAGIC: [u64; 9] =
        [0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x0102_1997, 0x5346_414F, 0x7375_7245, 0x00C3_6400, 0x6573_5546];
    #[allow(clippy::unnecessary_cast, reason = "the field's type differs between architectures")]
    rustix::fs::statfs(path).is_ok_and(|fs| MAGIC.contains(&(fs.f_type as u64 & 0xFFFF_FFFF)))
}

#[cfg(target_os = "macos")]
fn network_at(path: &Path) -> bool {
    const MNT_LOCAL: u32 = 0x1000;
    rustix::fs::statfs(path).is_ok_and(|fs| fs.f_flags & MNT_LOCAL == 0)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn network_at(_: &Path) -> bool {
    false
}
