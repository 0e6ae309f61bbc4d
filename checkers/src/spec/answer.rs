//! The goal of an exercise in which a learner finds something out and writes it into `answers.yaml`.
//!
//! The key in that file is the goal's id. What is true of a machine or of an image is never written in the exercise: it is
//! measured when a check is made. Only what is a matter of words (a hypervisor of type 1 or 2) is a fixed answer, and then
//! each wrong one has a reason.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `answer`: what stands in `answers.yaml` under this goal's id is so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Answer {
    /// What makes it true.
    pub is: Truth,
    /// A command that finds it out, said when the answer is wrong. Where the truth is a machine's or an image's there is
    /// one already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub find: Option<String>,
}

/// What makes an answer true.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Truth {
    /// Words that are the same on every machine.
    Fixed(Fixed),
    /// Something of the machine or of the daemon.
    Machine(MachineTruth),
    /// Something of an image.
    Image(ImageTruth),
}

/// A fixed answer, the others that can be given, and why they are wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fixed {
    /// The right one.
    pub value: String,
    /// Wrong ones, each with its reason in every language of the course (`type-2: {en: …, hi-Latn: …}`).
    pub wrong: BTreeMap<String, BTreeMap<String, String>>,
}

/// What of a machine is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MachineTruth {
    /// The kernel's release as a container sees it.
    KernelInside,
    /// The kernel's release on the machine that the learner works at.
    KernelOutside,
    /// `yes`: these two are the same kernel.
    KernelShared,
    /// The architecture that containers run on (`amd64`, `x86_64` means the same).
    Architecture,
    /// The daemon's storage driver.
    StorageDriver,
    /// The version of control groups that the daemon uses: 1 or 2.
    CgroupVersion,
    /// `yes`: this machine is itself a virtual one.
    Virtual,
}

/// Something that is asked of an image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ImageTruth {
    /// Where the image is: a Dockerfile of the starter (`Dockerfile`, built by the checker from the starter as it was handed
    /// out), or an archive of `docker save` in it (`NAME.tar`).
    pub from: String,
    /// What of it.
    pub what: ImageQuestion,
}

impl ImageTruth {
    /// It is read from an archive, for which no daemon is needed.
    pub fn is_archive(&self) -> bool {
        self.from.ends_with(".tar")
    }
}

/// What of an image is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageQuestion {
    /// How many layers it has.
    Layers,
    /// Which of its own Dockerfile's instructions made no layer, as a list of their names.
    WithoutLayer,
    /// The bytes of each layer, bottom first, each within so many per cent.
    LayerSizes(u8),
    /// Text of a file that a later layer deleted.
    DeletedText(DeletedText),
    /// The id of a record of the build cache: the one that keeps what this command did, of whichever stage.
    CacheRecord(String),
}

/// A text in a file that is in a layer and not in the image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DeletedText {
    /// The file, without a leading slash.
    pub file: String,
    /// What of its text: the first group of this regular expression, line by line.
    pub take: String,
}

impl Truth {
    /// A command that a learner can find it out with.
    pub fn find(&self) -> String {
        let words = match self {
            Self::Fixed(_) => "",
            Self::Machine(machine) => match machine {
                MachineTruth::KernelInside => "docker run --rm busybox uname -r",
                MachineTruth::KernelOutside => "uname -r",
                MachineTruth::KernelShared => "uname -r; docker run --rm busybox uname -r",
                MachineTruth::Architecture => "docker version --format '{{.Server.Arch}}'",
                MachineTruth::StorageDriver => "docker info --format '{{.Driver}}'",
                MachineTruth::CgroupVersion => "docker info --format '{{.CgroupVersion}}'",
                MachineTruth::Virtual => "systemd-detect-virt --vm",
            },
            Self::Image(image) => match &image.what {
                ImageQuestion::Layers => "docker image inspect --format '{{len .RootFS.Layers}}' IMAGE",
                ImageQuestion::WithoutLayer | ImageQuestion::LayerSizes(_) => "docker history IMAGE",
                ImageQuestion::CacheRecord(_) => "docker buildx du --verbose",
                ImageQuestion::DeletedText(_) => return format!("dockshala lens {}", image.from),
            },
        };
        words.to_owned()
    }

    /// Whether a daemon is needed to know it.
    pub fn needs_daemon(&self) -> bool {
        match self {
            Self::Fixed(_) | Self::Machine(MachineTruth::KernelOutside | MachineTruth::Virtual) => false,
            Self::Machine(_) => true,
            Self::Image(image) => !image.is_archive(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Ask, Goal};

    #[test]
    fn the_three_forms_are_read_and_a_fourth_is_refused() {
        for json in [
            r#"{"answer":{"id":"kvm","is":{"fixed":{"value":"type-1","wrong":{"type-2":{"en":"no"}}}}}}"#,
            r#"{"answer":{"id":"inside","is":{"machine":"kernel-inside"}}}"#,
            r#"{"answer":{"id":"layers","is":{"image":{"from":"Dockerfile","what":"layers"}}}}"#,
            r#"{"answer":{"id":"sizes","is":{"image":{"from":"Dockerfile","what":{"layer-sizes":5}}}}}"#,
            r#"{"answer":{"id":"record","is":{"image":{"from":"Dockerfile","what":{"cache-record":"sh grind.sh"}}}}}"#,
        ] {
            let goal: Goal = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&goal).unwrap(), json);
            assert!(matches!(goal.ask, Ask::Answer(_)));
        }
        assert!(serde_json::from_str::<Goal>(r#"{"answer":{"is":{"machine":"weather"}}}"#).is_err());
    }

    #[test]
    fn only_what_asks_a_daemon_needs_one() {
        let truth = |json: &str| serde_json::from_str::<Truth>(json).unwrap();
        assert!(!truth(r#"{"machine":"virtual"}"#).needs_daemon());
        assert!(truth(r#"{"machine":"kernel-inside"}"#).needs_daemon());
        assert!(!truth(r#"{"image":{"from":"x.tar","what":"layers"}}"#).needs_daemon());
        assert!(truth(r#"{"image":{"from":"Dockerfile","what":"layers"}}"#).needs_daemon());
    }
}
