//! What a `steps.sh` may do, and the same steps with names of our own.
//!
//! A learner's script is never given to a shell. Its docker commands are held to a list; every container, volume and network
//! in them is given a name that belongs to the check alone, so that nothing of the learner's own is met, two checks never
//! meet, and all of it is found again. Ports of the host are left to the daemon, as somebody may have them already. A `prune`
//! is held to what bears the check's label. `localhost:5000` is a registry that the check starts, where the exercise has one.

mod read;
mod rules;
#[cfg(test)]
mod tests;

pub use read::{problems, read, read_after};

use super::docker::FILE_MARKS;
use std::{collections::BTreeMap, time::Duration};

/// Why a script is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Only a shell could do it.
    Shell,
    /// No docker command of the list.
    Command,
    /// It would touch what is not of these steps.
    Others,
    /// A flag that opens the host.
    Host,
    /// A folder of the host.
    Mount,
    /// A flag that is not known to be harmless.
    Flag,
    /// An image that is not the steps' own.
    Image,
}

impl Why {
    /// Its name in diagnoses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Command => "command",
            Self::Others => "others",
            Self::Host => "host",
            Self::Mount => "mount",
            Self::Flag => "flag",
            Self::Image => "image",
        }
    }
}

/// What is refused, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The line, from 1.
    pub line: u32,
    /// As written.
    pub what: String,
    /// Why.
    pub why: Why,
}

/// A piece of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// The name of a container, a volume or a network.
    Own(String),
    /// One that the exercise lists.
    Image(String),
    /// One that a step made, as `NAME:TAG`.
    Made(String),
    /// One of the registry, without its address.
    Registry(String),
    /// An image whose name is known only when a file of the steps' folder is read.
    Late(String),
    /// Only what bears the steps' own label.
    OnlyOwn,
}

/// What a step makes, which has to bear our labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Makes {
    /// Nothing.
    Nothing,
    /// A container.
    Container,
    /// A volume or a network.
    Other,
    /// An image.
    Image,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The line that it begins on, from 1.
    pub line: u32,
    /// As written, in one line.
    pub shown: String,
    /// Its failure is meant to be overlooked.
    pub may_fail: bool,
    /// A file of the steps' folder that it reads.
    pub input: Option<String>,
    /// One that it writes.
    pub output: Option<String>,
    /// What it makes.
    pub makes: Makes,
    /// Named volumes that it mounts: docker would make them without a label.
    pub volumes: Vec<String>,
    /// Volumes among them that have no name in the script.
    pub unnamed: Vec<String>,
    /// Images of the exercise that it uses.
    pub images: Vec<String>,
    /// Images that it names, as `NAME:TAG`.
    pub tags: Vec<String>,
    /// It needs the registry.
    pub registry: bool,
    /// It starts a container from the registry's image, which may have to be fetched.
    pub may_pull: bool,
    /// Nothing to run: wait so long.
    pub pause: Option<Duration>,
    /// The name that it gives.
    pub name: Option<String>,
    /// The limits that it sets itself: of memory, of processes.
    pub limits: (bool, bool),
    /// The network that it names.
    pub network: Option<String>,
    words: Vec<Vec<Part>>,
    /// Where flags may be put in.
    flags_at: usize,
}

/// The registry's address as a learner writes it.
pub const REGISTRY: [&str; 2] = ["localhost:5000/", "127.0.0.1:5000/"];

/// The names that take the place of the learner's.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Before every name; empty where the objects are the learner's own.
    pub prefix: String,
    /// What each image is called here.
    pub images: BTreeMap<String, String>,
    /// Before the name of an image that steps make, with its last `/`.
    pub made: String,
    /// What stands for `localhost:5000/`, with its last `/`.
    pub registry: String,
    /// The label that only the steps' own objects bear, `KEY=VALUE`.
    pub label: String,
}

impl Names {
    /// A learner's name as it is on the daemon.
    pub fn own(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}-{name}", self.prefix) }
    }

    /// A name of the daemon's as the learner wrote it; none for what is not of these steps.
    pub fn learners(&self, name: &str) -> Option<String> {
        let name = name.trim_start_matches('/');
        if self.prefix.is_empty() {
            return Some(name.to_owned());
        }
        Some(name.strip_prefix(&self.prefix)?.strip_prefix('-')?.to_owned())
    }

    /// An image's name on the daemon as the learner wrote it.
    pub fn learners_image(&self, image: &str) -> String {
        let listed = self.images.iter().find(|(_, local)| *local == image).map(|(name, _)| name.clone());
        let rest = |before: &str| (!before.is_empty()).then(|| image.strip_prefix(before)).flatten();
        listed
            .or_else(|| rest(&self.made).map(str::to_owned))
            .or_else(|| rest(&self.registry).map(|rest| format!("{}{rest}", REGISTRY[0])))
            .unwrap_or_else(|| image.to_owned())
    }

    /// Names and addresses of ours in what docker says, taken back to the learner's.
    pub fn unwrapped(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (ours, theirs) in
            [(self.registry.as_str(), REGISTRY[0]), (&self.made, ""), (&format!("{}-", self.prefix), "")]
        {
            if ours.len() > 1 {
                text = text.replace(ours, theirs);
            }
        }
        text
    }
}

impl Step {
    /// The command with our names, and these flags put in. `file` gives what a file of the steps' folder holds. The error is
    /// what the learner's shell or docker would have complained of.
    pub fn argv(
        &self,
        names: &Names,
        more: &[String],
        file: impl Fn(&str) -> Option<String>,
    ) -> Result<Vec<String>, String> {
        let part = |part: &Part| match part {
            Part::Text(text) => Ok(text.clone()),
            Part::Own(name) => Ok(names.own(name)),
            Part::Image(image) => Ok(names.images.get(image).cloned().unwrap_or_else(|| image.clone())),
            Part::Made(image) => Ok(format!("{}{image}", names.made)),
            Part::Registry(rest) => Ok(format!("{}{rest}", names.registry)),
            Part::OnlyOwn => Ok(format!("label={}", names.label)),
            Part::Late(word) => late(word, names, &file),
        };
        let word = |parts: &Vec<Part>| parts.iter().map(part).collect::<Result<String, String>>();
        let mut argv = self.words.iter().map(word).collect::<Result<Vec<String>, String>>()?;
        argv.splice(self.flags_at..self.flags_at, more.iter().cloned());
        Ok(argv)
    }
}

/// A word with what its files hold. Only an image of the registry may come out: anything else would let a file's contents name
/// what the script may not.
fn late(word: &str, names: &Names, file: &impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut found = String::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once(FILE_MARKS[0]) {
        let (name, after) = after.split_once(FILE_MARKS[1]).unwrap_or((after, ""));
        let text = file(name).ok_or_else(|| format!("cat: {name}: No such file or directory"))?;
        found.push_str(before);
        found.push_str(text.trim());
        rest = after;
    }
    found.push_str(rest);
    let found = names.unwrapped(&found);
    match read::in_registry(&found) {
        Some(rest) => Ok(format!("{}{rest}", names.registry)),
        None => Err(format!("{found}: not an image of {}", REGISTRY[0].trim_end_matches('/'))),
    }
}
