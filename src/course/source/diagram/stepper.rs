//! A `stepper`: what each instruction of a Dockerfile did, from a recording of the lens.
//!
//! The text names the recording's file. When a course is read, what a reader needs of it is put in the place of the name, so
//! that whoever draws a lesson needs no files. Nothing in it is typed by hand: `course test` builds the Dockerfile again and
//! holds the recording to it.

use super::super::markdown::Inserts;
use super::{Fault, LayerKind, LayerRow, Layers, Scale};
use dockshala_checkers::spec::Size;
use serde::{Deserialize, Serialize};

/// The one format of recordings that is known here.
pub const FORMAT: u32 = 1;

/// A stepper.
#[derive(Debug, Clone, PartialEq)]
pub struct Stepper {
    /// What the picture shows, in words for those who do not see it.
    pub caption: String,
    /// What was recorded.
    pub replay: Replay,
}

/// As it stands in a text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    caption: String,
    recording: String,
}

/// What a stepper shows of a recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Replay {
    /// The recording's format.
    pub format: u32,
    /// The Dockerfile's lines.
    pub dockerfile: Vec<String>,
    /// The instructions of the image, oldest first, those of its base too.
    pub steps: Vec<Step>,
    /// Those of stages that are not in the image.
    #[serde(default)]
    pub other_stages: Vec<StageStep>,
}

/// An instruction that made the image. Sizes are bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// As the image tells it.
    pub instruction: String,
    /// Its first line in the Dockerfile.
    pub line: Option<u32>,
    /// Its last line.
    pub last_line: Option<u32>,
    /// It belongs to the base image.
    pub base: bool,
    /// The layer that it made.
    pub layer: Option<usize>,
    /// It came from the cache.
    pub cached: Option<bool>,
    /// How long it ran.
    pub millis: Option<u64>,
    /// What it put.
    pub bytes: u64,
    /// Of those, what later steps hide.
    pub wasted: u64,
    /// What of earlier steps it hides.
    pub hid: u64,
    /// The heaviest files that it touched.
    #[serde(default)]
    pub paths: Vec<Touched>,
}

/// A file that a step touched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Touched {
    /// Without a leading slash.
    pub path: String,
    /// `added`, `changed`, `removed` and others.
    pub what: String,
    /// Its bytes.
    pub bytes: u64,
}

/// An instruction of a stage that is not in the image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageStep {
    /// The stage.
    pub stage: String,
    /// As BuildKit prints it.
    pub instruction: String,
    /// Its first line.
    pub line: Option<u32>,
    /// It came from the cache.
    pub cached: bool,
    /// How long it ran.
    pub millis: u64,
}

/// One step as it is shown: a `FROM` with all that the base brings is one.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown<'a> {
    /// Its first and last line in the Dockerfile, from 1; 0 where they are not known.
    pub lines: (u32, u32),
    /// The instruction on one line.
    pub instruction: String,
    /// What came of it.
    pub did: Did,
    /// How long it ran, in milliseconds.
    pub millis: Option<u64>,
    /// It came from the cache.
    pub cached: Option<bool>,
    /// Bytes of the image after it; of the last step of the image where it is in another stage.
    pub after: u64,
    /// The heaviest files that it touched.
    pub paths: &'a [Touched],
}

/// What a step did to the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    /// Brought the base.
    Base(u64),
    /// Made a layer: what it put, what of that is hidden later, what it hides.
    Layer {
        /// What it put.
        bytes: u64,
        /// What of that later steps hide.
        wasted: u64,
        /// What of earlier steps it hides.
        hid: u64,
    },
    /// Changed settings.
    Settings,
    /// Nothing: it belongs to the stage of this name.
    Elsewhere(String),
}

impl Replay {
    /// Reads what `lens --record` wrote.
    ///
    /// # Errors
    /// What is wrong with it, in a few words.
    pub fn parse(json: &str) -> Result<Self, String> {
        let replay: Self = serde_json::from_str(json).map_err(|error| error.to_string())?;
        match replay.format {
            FORMAT if !replay.steps.is_empty() && replay.steps.len() + replay.other_stages.len() <= 400 => Ok(replay),
            FORMAT => Err("no steps, or too many".to_owned()),
            other => Err(format!("format {other}; {FORMAT} is known here")),
        }
    }

    /// Everything that is shown, in the order of the Dockerfile.
    pub fn shown(&self) -> Vec<Shown<'_>> {
        let mut all: Vec<Shown<'_>> = Vec::new();
        let base: u64 = self.steps.iter().filter(|s| s.base).map(|s| s.bytes).sum();
        // Settings that come with a base follow its last layer and have no line; where no line is known at all, all are shown.
        let lined = self.steps.iter().any(|s| s.line.is_some());
        let own = || self.steps.iter().filter(|s| !s.base && (s.line.is_some() || !lined));
        let mut image = base;
        let first = own().find_map(|s| s.line).unwrap_or(0);
        // The FROM that the image begins with is the nearest above its first own line.
        let word = |line: &str| line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        let head = self.dockerfile.iter().take(first.saturating_sub(1) as usize).rposition(|l| word(l) == "FROM");
        let text = head.map_or("FROM", |at| self.dockerfile[at].trim()).to_owned();
        let at = head.map_or(0, |at| at as u32 + 1);
        let did = Did::Base(base);
        all.push(Shown {
            lines: (at, at),
            instruction: text,
            did,
            millis: None,
            cached: None,
            after: base,
            paths: &[],
        });
        for step in own() {
            image += step.bytes;
            let line = step.line.unwrap_or(0);
            let did = match step.layer {
                Some(_) => Did::Layer { bytes: step.bytes, wasted: step.wasted, hid: step.hid },
                None => Did::Settings,
            };
            all.push(Shown {
                lines: (line, step.last_line.unwrap_or(line)),
                instruction: self.written(line, step.last_line.unwrap_or(line), &step.instruction),
                did,
                millis: step.millis,
                cached: step.cached,
                after: image,
                paths: &step.paths,
            });
        }
        for step in &self.other_stages {
            let line = step.line.unwrap_or(0);
            all.push(Shown {
                lines: (line, line),
                instruction: self.written(line, line, &step.instruction),
                did: Did::Elsewhere(step.stage.clone()),
                millis: Some(step.millis),
                cached: Some(step.cached),
                after: 0,
                paths: &[],
            });
        }
        // A stage's FROM is no step of a build, and yet it is where a reader sees the stage begin.
        for (nth, line) in self.dockerfile.iter().enumerate().filter(|(_, l)| word(l) == "FROM") {
            let at = nth as u32 + 1;
            if all.iter().all(|s| s.lines.0 != at) {
                let stage =
                    line.split_whitespace().skip_while(|w| !w.eq_ignore_ascii_case("as")).nth(1).unwrap_or_default();
                let did = Did::Elsewhere(stage.to_owned());
                let instruction = line.trim().to_owned();
                all.push(Shown { lines: (at, at), instruction, did, millis: None, cached: None, after: 0, paths: &[] });
            }
        }
        all.sort_by_key(|s| s.lines.0);
        all
    }

    /// An instruction as its author wrote it, on one line; as it was recorded where its lines are not known.
    fn written(&self, first: u32, last: u32, recorded: &str) -> String {
        // Of a step in another stage only its first line is known.
        let goes_on = |line: u32| {
            let line = line.checked_sub(1).and_then(|at| self.dockerfile.get(at as usize));
            line.is_some_and(|text| text.trim_end().ends_with('\\'))
        };
        let last = (last.max(first)..).find(|line| !goes_on(*line)).unwrap_or(last);
        let lines = first.checked_sub(1).and_then(|from| self.dockerfile.get(from as usize..last.max(first) as usize));
        match lines {
            Some(lines) if !lines.is_empty() => {
                let pieces = lines.iter().map(|l| l.trim().trim_end_matches('\\').trim_end());
                pieces.filter(|l| !l.is_empty() && !l.starts_with('#')).collect::<Vec<_>>().join(" ")
            }
            _ => recorded.to_owned(),
        }
    }
}

impl Stepper {
    /// All steps as bars: what stands where nothing can be stepped through. `cache` says that a step is in the build cache only.
    pub fn layers(&self, cache: &str) -> Layers {
        let time = |step: &Shown| match (step.cached, step.millis.filter(|ms| *ms >= 100)) {
            (Some(true), _) => "CACHED".to_owned(),
            (_, Some(ms)) => format!("{:.1} s", ms as f64 / 1000.0),
            _ => String::new(),
        };
        let sized = |bytes: u64| super::Amount { text: Size(bytes).to_string(), bytes };
        let rows = self.replay.shown().into_iter().map(|step| {
            let time = time(&step);
            let (size, kind, note) = match &step.did {
                Did::Base(bytes) => (Some(sized(*bytes)), LayerKind::Base, String::new()),
                Did::Layer { bytes, wasted, .. } if *wasted * 2 > *bytes => {
                    (Some(sized(*bytes)), LayerKind::Wasted, time)
                }
                Did::Layer { bytes, .. } => (Some(sized(*bytes)), LayerKind::Layer, time),
                Did::Settings => (None, LayerKind::Config, String::new()),
                Did::Elsewhere(_) if time.is_empty() => (None, LayerKind::Cache, cache.to_owned()),
                Did::Elsewhere(_) => (None, LayerKind::Cache, format!("{cache} · {time}")),
            };
            let instruction: String = match step.instruction.char_indices().nth(60) {
                Some((cut, _)) => format!("{}…", step.instruction[..cut].trim_end()),
                None => step.instruction,
            };
            LayerRow {
                label: format!("{:>2} {instruction}", step.lines.0),
                size,
                kind,
                note: Some(note).filter(|n| !n.is_empty()),
            }
        });
        Layers { caption: self.caption.clone(), scale: Scale::Linear, rows: rows.collect() }
    }
}

pub(super) fn read(yaml: &str) -> Result<Stepper, Vec<Fault>> {
    let written: Written = super::parse(yaml)?;
    let fault = |what: String| vec![Fault { code: "stepper-recording", line: 0, what }];
    if !written.recording.starts_with('{') {
        return Err(fault(written.recording));
    }
    let replay = Replay::parse(&written.recording).map_err(fault)?;
    Ok(Stepper { caption: written.caption, replay })
}

/// The file that a line of a stepper names.
pub fn named(line: &str) -> Option<&str> {
    line.trim()
        .strip_prefix("recording:")
        .map(|rest| rest.trim().trim_matches(['"', '\'']))
        .filter(|f| f.starts_with("code/"))
}

/// Puts recordings in the place of their names. What is not there or no recording stays a name, which reading tells.
pub fn insert(markdown: &str, inserts: &dyn Inserts) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut fence = false;
    for line in markdown.split_inclusive('\n') {
        let bare = line.trim();
        if bare.starts_with("```") {
            fence = bare.trim_start_matches('`').split_whitespace().next() == Some("stepper");
        }
        let replay = fence.then(|| named(line)).flatten().and_then(|file| Replay::parse(inserts.code(file)?).ok());
        match replay.and_then(|replay| serde_json::to_string(&replay).ok()) {
            Some(json) => {
                let indent = &line[..line.len() - line.trim_start().len()];
                out.push_str(&format!("{indent}recording: '{}'\n", json.replace('\'', "''")));
            }
            None => out.push_str(line),
        }
    }
    out
}

/// Files under `code/` that the steppers of a text name.
pub fn files(markdown: &str) -> Vec<String> {
    let fences = super::outline(markdown).fences.into_iter();
    let steppers = fences.filter(|f| f.info.as_deref().and_then(|i| i.split_whitespace().next()) == Some("stepper"));
    steppers.flat_map(|f| f.text.lines().filter_map(named).map(str::to_owned).collect::<Vec<_>>()).collect()
}
