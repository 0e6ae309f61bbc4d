//! Diagrams as data: fenced blocks `layers`, `stages`, `topology`, `timeline` and `stepper` with YAML inside.
//!
//! An author writes what is so; how it is drawn is decided where it is drawn, once for a terminal of any width and once for
//! the book. A picture made of characters would be right at one width, in one language, and stale after the next measurement.

mod check;
pub mod stepper;

use super::{finding::find_word, markdown::outline};
use dockshala_checkers::spec::Size;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// The first words of fences that are diagrams.
pub const KINDS: &[&str] = &["layers", "stages", "topology", "timeline", "stepper"];

/// A picture of an image's layers: a bar for each, to scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layers {
    /// What the picture shows, in words for those who do not see it.
    pub caption: String,
    /// How lengths stand for sizes.
    #[serde(default)]
    pub scale: Scale,
    /// In the order of the instructions, base first.
    pub rows: Vec<LayerRow>,
}

/// How lengths stand for sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Twice the size is twice the length.
    #[default]
    Linear,
    /// Ten times the size is one step more: where sizes differ by thousands and the small ones matter.
    Log,
}

/// One layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerRow {
    /// The instruction that made it.
    pub label: String,
    /// Its size; none for an instruction that makes no layer.
    #[serde(default)]
    pub size: Option<Amount>,
    /// What it is.
    #[serde(default)]
    pub kind: LayerKind,
    /// A few words about it.
    #[serde(default)]
    pub note: Option<String>,
}

/// What a layer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayerKind {
    /// Comes with the base image.
    Base,
    /// Added by an instruction.
    #[default]
    Layer,
    /// No layer: settings only.
    Config,
    /// Bytes that no container ever sees.
    Wasted,
    /// On the disk once, used by several images.
    Shared,
    /// In the build cache, and in no image.
    Cache,
}

/// A picture of a multi-stage build.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stages {
    /// What the picture shows, in words for those who do not see it.
    pub caption: String,
    /// In the order of the Dockerfile.
    pub stages: Vec<Stage>,
}

/// One stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// By which others name it.
    pub id: String,
    /// What is written on it; its id if nothing else.
    #[serde(default)]
    pub label: Option<String>,
    /// Its base image, or the id of the stage it begins from.
    pub from: String,
    /// What is in it, beside what its base brings.
    #[serde(default)]
    pub holds: Vec<String>,
    /// How large it is.
    #[serde(default)]
    pub size: Option<Amount>,
    /// What it takes out of other stages.
    #[serde(default)]
    pub copies: Vec<Copied>,
    /// It is the image that comes out. The last one is, where no stage says so.
    #[serde(default)]
    pub ships: bool,
    /// A few words about it.
    #[serde(default)]
    pub note: Option<String>,
}

/// A `COPY --from`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Copied {
    /// The id of the stage.
    pub from: String,
    /// What is taken.
    pub what: String,
}

/// A picture of what is inside of what, and what reaches what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topology {
    /// What the picture shows, in words for those who do not see it.
    pub caption: String,
    /// Side by side.
    pub boxes: Vec<Boxed>,
    /// Between boxes of any depth.
    #[serde(default)]
    pub links: Vec<Link>,
}

/// A machine, a network, a node, a container, a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Boxed {
    /// By which links name it.
    pub id: String,
    /// What is written on it; its id if nothing else.
    #[serde(default)]
    pub label: Option<String>,
    /// A few words about it.
    #[serde(default)]
    pub note: Option<String>,
    /// How it is drawn.
    #[serde(default)]
    pub kind: BoxKind,
    /// What is inside.
    #[serde(default)]
    pub inside: Vec<Boxed>,
}

/// How a box is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BoxKind {
    /// There.
    #[default]
    Plain,
    /// What the picture is about.
    Main,
    /// Not there any more, or not running.
    Down,
}

/// From one box to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The id of the box it begins at.
    pub from: String,
    /// The id of the box it ends at.
    pub to: String,
    /// What goes there.
    #[serde(default)]
    pub label: Option<String>,
    /// Whether it gets through.
    #[serde(default)]
    pub kind: LinkKind,
}

/// Whether a link gets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// It does.
    #[default]
    Open,
    /// It does, both ways.
    Both,
    /// It does not.
    Blocked,
}

/// A picture of what happens when, and what beside what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    /// What the picture shows, in words for those who do not see it.
    pub caption: String,
    /// The unit of all times.
    pub unit: String,
    /// One below the other. Neighbours with the same label are parts of one row.
    pub rows: Vec<Work>,
    /// Moments across all rows.
    #[serde(default)]
    pub marks: Vec<Mark>,
}

/// Something that takes time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    /// What or who.
    pub label: String,
    /// When it begins.
    pub start: f64,
    /// When it ends.
    pub end: f64,
    /// What is done.
    #[serde(default)]
    pub kind: WorkKind,
    /// A few words about it.
    #[serde(default)]
    pub note: Option<String>,
}

/// What is done in a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkKind {
    /// Something.
    #[default]
    Work,
    /// Nothing: it waits.
    Wait,
    /// It was done before.
    Cached,
}

/// A moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// When.
    pub at: f64,
    /// What.
    pub label: String,
}

/// A size as its author wrote it, with its unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// As written: `52 MB`.
    pub text: String,
    /// In bytes.
    pub bytes: u64,
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        // A figure is inserted with a space that does not break.
        let text = String::deserialize(d)?.replace('\u{a0}', " ").trim().to_owned();
        let size: Size = text.parse().map_err(de::Error::custom)?;
        Ok(Self { text, bytes: size.0 })
    }
}

/// Any diagram.
#[derive(Debug, Clone, PartialEq)]
pub enum Diagram {
    /// `layers`
    Layers(Layers),
    /// `stages`
    Stages(Stages),
    /// `topology`
    Topology(Topology),
    /// `timeline`
    Timeline(Timeline),
    /// `stepper`
    Stepper(stepper::Stepper),
}

/// What is wrong with a diagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The code of the finding.
    pub code: &'static str,
    /// The line of the block, from 1; 0 when no line is to blame.
    pub line: u32,
    /// What the code's text names: a message, an id.
    pub what: String,
}

impl Diagram {
    /// Reads a block. `kind` is the first word of its fence; none if that is no diagram's.
    ///
    /// # Errors
    /// The first fault that keeps it from being read, or all that make it no diagram.
    pub fn read(kind: &str, yaml: &str) -> Option<Result<Self, Vec<Fault>>> {
        let read = match kind {
            "layers" => parse(yaml).map(Self::Layers),
            "stages" => parse(yaml).map(Self::Stages),
            "topology" => parse(yaml).map(Self::Topology),
            "timeline" => parse(yaml).map(Self::Timeline),
            "stepper" => stepper::read(yaml).map(Self::Stepper),
            _ => return None,
        };
        let diagram = match read {
            Ok(diagram) => diagram,
            Err(faults) => return Some(Err(faults)),
        };
        let mut faults = check::faults(&diagram);
        for fault in &mut faults {
            fault.line = find_word(yaml, &fault.what, 0).map_or(0, |(line, _)| line);
        }
        Some(if faults.is_empty() { Ok(diagram) } else { Err(faults) })
    }

    /// What it shows, in words.
    pub fn caption(&self) -> &str {
        match self {
            Self::Layers(d) => &d.caption,
            Self::Stages(d) => &d.caption,
            Self::Topology(d) => &d.caption,
            Self::Timeline(d) => &d.caption,
            Self::Stepper(d) => &d.caption,
        }
    }

    /// What must be the same in every language: ids, kinds, sizes and times, but no words.
    pub fn skeleton(&self) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = check::skeleton(self, &mut out);
        out
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn parse<T: de::DeserializeOwned>(yaml: &str) -> Result<T, Vec<Fault>> {
    serde_yaml::from_str(yaml).map_err(|error| {
        let error = error.without_snippet();
        let line = error.location().map_or(0, |at| at.line() as u32);
        let message = error.to_string().lines().next().unwrap_or_default().chars().take(300).collect::<String>();
        let message = message.split(" at line ").next().unwrap_or_default();
        vec![Fault { code: "diagram", line, what: message.trim_end_matches([',', ';']).to_owned() }]
    })
}

/// A block of a text that says it is a diagram.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The first word of its fence.
    pub kind: String,
    /// The line of its fence, from 1.
    pub line: u32,
    /// The diagram, or what is wrong with it.
    pub read: Result<Diagram, Vec<Fault>>,
}

/// Every diagram of a text, in order.
pub fn all(markdown: &str) -> Vec<Found> {
    let fences = outline(markdown).fences.into_iter();
    fences
        .filter_map(|fence| {
            let kind = fence.info.as_deref()?.split_whitespace().next()?.to_owned();
            let read = Diagram::read(&kind, &fence.text)?;
            Some(Found { kind, line: fence.line, read })
        })
        .collect()
}

#[cfg(test)]
mod tests;
