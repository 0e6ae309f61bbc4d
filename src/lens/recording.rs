//! A replay as a file: what every instruction of an image did, with no image and no daemon at hand.
//!
//! A lesson's stepper draws real numbers on machines that never built the image. It is no second report: the report is
//! about the finished image, a recording about the way there, step by step. Times and cache hits are of the one build that
//! was recorded, everything else is the same on any daemon.

use super::Subject;
use dockshala_checkers::{
    image::{Change, Entry, Kind, Tally, What},
    verdict::{EngineName, Sizes, StandIn},
};
use serde::{Deserialize, Serialize};

/// The format's number.
pub const FORMAT: u32 = 1;

/// How many paths a step names.
const PATHS: usize = 8;

/// A recorded replay. Layers count from 0, lines from 1, sizes are bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// [`FORMAT`].
    pub format: u32,
    /// The image as it was named.
    pub image: String,
    /// Its architecture as Docker names it.
    pub arch: String,
    /// What built it or had it; none for a file.
    pub engine: Option<EngineName>,
    /// The image that it stands on, where that is known.
    pub base: Option<String>,
    /// What stood in for which base.
    pub stand_ins: Vec<StandIn>,
    /// The finished image.
    pub sizes: Sizes,
    /// The Dockerfile's lines, where one is known; safe to print.
    pub dockerfile: Vec<String>,
    /// The instructions that made the image, oldest first, those of the base too.
    pub steps: Vec<RecordedStep>,
    /// What was built in other stages, in the Dockerfile's order; none where no build was recorded.
    pub other_stages: Vec<StageStep>,
}

/// An instruction of the finished image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedStep {
    /// On one line, safe to print; empty where the image does not say.
    pub instruction: String,
    /// Its first line in the Dockerfile; none for the base's.
    pub line: Option<u32>,
    /// Its last line.
    pub last_line: Option<u32>,
    /// It belongs to the base image.
    pub base: bool,
    /// The layer that it made; none where it changed only settings.
    pub layer: Option<usize>,
    /// It came from the cache; none where the build was not seen.
    pub cached: Option<bool>,
    /// How long it ran, in milliseconds; none where the build was not seen.
    pub millis: Option<u64>,
    /// Regular-file bytes that it put.
    pub bytes: u64,
    /// Of those, bytes that later steps hide.
    pub wasted: u64,
    /// Bytes of earlier steps that it hides.
    pub hid: u64,
    /// Files where there were none.
    pub added: Tally,
    /// Files in the place of others.
    pub changed: Tally,
    /// Files that it deleted.
    pub removed: Tally,
    /// The image up to here.
    pub after: Sizes,
    /// The files that weigh most of those that it touched, heaviest first.
    pub paths: Vec<TouchedPath>,
}

/// A file that a step touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TouchedPath {
    /// Without a leading slash, safe to print.
    pub path: String,
    /// What became of it.
    pub what: What,
    /// Its bytes; of what is gone, those that it had.
    pub bytes: u64,
}

/// An instruction of a stage that is not in the finished image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageStep {
    /// The stage's name.
    pub stage: String,
    /// As BuildKit prints it, safe to print.
    pub instruction: String,
    /// Its first line in the Dockerfile.
    pub line: Option<u32>,
    /// It came from the cache.
    pub cached: bool,
    /// How long it ran, in milliseconds.
    pub millis: u64,
}

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// It is no recording, or a damaged one.
    #[error("this is no recording of the lens: {0}")]
    Damaged(#[from] serde_json::Error),
    /// A newer Dockshala wrote it.
    #[error("this recording has format {0}; this Dockshala reads format {FORMAT}")]
    Newer(u32),
}

impl Recording {
    /// Records what is known of an image.
    pub fn of(subject: &Subject) -> Self {
        let steps: Vec<RecordedStep> = (0..subject.steps.len()).map(|at| recorded(subject, at)).collect();
        let told = |line: Option<u32>| line.is_some() && steps.iter().any(|step| step.line == line);
        let others = subject.build_steps.iter().filter(|step| !told(step.line) && !step.name.starts_with("FROM "));
        let other_stages = others.map(|step| StageStep {
            stage: step.stage.clone(),
            instruction: step.name.clone(),
            line: step.line,
            cached: step.cached,
            millis: step.millis,
        });
        Self {
            format: FORMAT,
            image: subject.name.clone(),
            arch: subject.image.config.arch.clone(),
            engine: subject.engine.clone(),
            base: subject.base.clone(),
            stand_ins: subject.stand_ins.clone(),
            sizes: subject.image.sizes,
            dockerfile: subject.source.as_ref().map(|source| source.lines.clone()).unwrap_or_default(),
            other_stages: other_stages.collect(),
            steps,
        }
    }

    /// Reads a recording back.
    ///
    /// # Errors
    /// Where it is none, or of a format that is not known here.
    pub fn parse(text: &str) -> Result<Self, RecordingError> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        // The number first: what a newer format has changed would else be told as damage.
        let head: Head = serde_json::from_str(text)?;
        if head.format != FORMAT {
            return Err(RecordingError::Newer(head.format));
        }
        Ok(serde_json::from_str(text)?)
    }

    /// As it is written to a file.
    pub fn to_json(&self) -> String {
        // Strings, numbers and lists of them: nothing that JSON cannot hold.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

fn recorded(subject: &Subject, at: usize) -> RecordedStep {
    let step = &subject.steps[at];
    let layer = step.layer.and_then(|index| subject.image.layers.get(index));
    let line = step.line.filter(|_| !step.base);
    let built = line.and_then(|line| subject.build_steps.iter().find(|built| built.line == Some(line)));
    RecordedStep {
        instruction: step.instruction.clone(),
        line,
        last_line: step.last_line.filter(|_| !step.base),
        base: step.base,
        layer: step.layer,
        cached: built.map(|built| built.cached),
        millis: built.map(|built| built.millis),
        bytes: step.bytes,
        wasted: layer.map_or(0, |l| l.wasted),
        hid: layer.map_or(0, |l| l.hid),
        added: layer.map(|l| l.added).unwrap_or_default(),
        changed: layer.map(|l| l.changed).unwrap_or_default(),
        removed: layer.map(|l| l.removed).unwrap_or_default(),
        after: step.after,
        paths: step.layer.map(|index| paths(subject, index)).unwrap_or_default(),
    }
}

/// The heaviest files that a layer touched. Kept as a short sorted list: a layer may touch a million.
fn paths(subject: &Subject, layer: usize) -> Vec<TouchedPath> {
    let mut heaviest: Vec<(u64, Change<'_>)> = Vec::with_capacity(PATHS + 1);
    for change in subject.image.changes(layer) {
        let Some(entry) = change.after.as_ref().or(change.before.as_ref()).filter(|e| e.kind() != Kind::Dir) else {
            continue;
        };
        let bytes = Entry::size(entry);
        if heaviest.len() == PATHS && heaviest.last().is_some_and(|(least, _)| bytes <= *least) {
            continue;
        }
        let place = heaviest.partition_point(|(other, _)| *other >= bytes);
        heaviest.insert(place, (bytes, change));
        heaviest.truncate(PATHS);
    }
    let told = |(bytes, change): (u64, Change<'_>)| TouchedPath {
        path: subject.image.path(change.id()),
        what: change.what,
        bytes,
    };
    heaviest.into_iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lens::tests::{archive, subject};

    #[test]
    fn a_recording_holds_what_each_step_did_and_reads_back() {
        let subject = subject(&archive::chai());
        let recording = Recording::of(&subject);
        assert_eq!(recording.steps.len(), subject.steps.len());
        let chown = recording.steps.iter().find(|s| s.instruction.contains("chown")).unwrap();
        assert_eq!((chown.layer, chown.bytes, chown.wasted, chown.hid), (Some(2), 900_010, 10, 900_010));
        assert_eq!((chown.added.files, chown.changed.files, chown.removed.files), (0, 2, 0));
        let told: Vec<_> = chown.paths.iter().map(|p| (p.path.as_str(), p.what, p.bytes)).collect();
        assert_eq!(told, [("app/server", What::Owner, 900_000), ("app/.env", What::Owner, 10)]);
        let removed = recording.steps.iter().find(|s| s.instruction.contains("rm ")).unwrap();
        assert_eq!(removed.paths[0].what, What::Removed);
        assert_eq!(removed.paths[0].bytes, 300_000, "what is gone weighs what it weighed");
        assert_eq!(recording.steps.last().unwrap().after, Sizes { added: recording.sizes.added, ..recording.sizes });
        assert!(recording.steps.iter().all(|s| s.cached.is_none() && s.line.is_none()), "nobody saw its build");
        assert_eq!(Recording::parse(&recording.to_json()).unwrap(), recording);
    }

    #[test]
    fn a_newer_format_is_told_from_damage() {
        let newer = Recording::parse(r#"{"format": 2, "steps": "otherwise"}"#);
        assert!(matches!(newer, Err(RecordingError::Newer(2))), "{newer:?}");
        for bad in ["", "[]", "{}", r#"{"format": 1}"#, r#"{"format": -1}"#] {
            assert!(matches!(Recording::parse(bad), Err(RecordingError::Damaged(_))), "{bad}");
        }
    }
}
