//! An image under the lens: its layers as steps, the Dockerfile that it came from where one is known, totals after each step.

use dockshala_checkers::{
    check::{Built, Folder},
    dockerfile::Dockerfile,
    engine::clean,
    evidence::{ImageFacts, Wanted, layer_lines, row_lines},
    image::{HistoryRow, Image},
    verdict::{EngineName, Finding, Sizes, StandIn, Step as BuiltStep},
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Where an image is to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// The daemon has it under this name.
    Image(String),
    /// A file that `docker save` wrote, perhaps compressed.
    Archive(PathBuf),
    /// The same through a pipe.
    Stdin,
    /// A folder with a Dockerfile, to be built.
    Folder(Folder),
}

impl From {
    /// What an argument means. A file that is there is a file; a name that only a file can have is one that is missing, so
    /// that `lens ./img.tar` never asks a registry's name space about a typing mistake.
    pub fn of_argument(argument: &str) -> Self {
        let path = Path::new(argument);
        let lower = argument.to_lowercase();
        let named = [".tar", ".tgz", ".tar.gz", ".tar.zst", ".tzst"].iter().any(|end| lower.ends_with(end));
        let pathlike = argument.starts_with(['/', '.', '~']) || cfg!(windows) && argument.contains('\\');
        match argument {
            "-" => Self::Stdin,
            _ if path.exists() || named || pathlike => Self::Archive(path.to_owned()),
            _ => Self::Image(argument.to_owned()),
        }
    }

    /// As the reader named it.
    pub fn name(&self) -> String {
        clean::line(&match self {
            Self::Image(name) => name.clone(),
            Self::Archive(path) => path.display().to_string(),
            Self::Stdin => "-".to_owned(),
            Self::Folder(folder) => folder.dir.display().to_string(),
        })
    }

    /// Whether it takes a daemon.
    pub fn needs_engine(&self) -> bool {
        matches!(self, Self::Image(_) | Self::Folder(_))
    }
}

/// What to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The image.
    pub from: From,
    /// The image that it stands on, where the reader says so.
    pub base: Option<String>,
    /// Another one to hold it against.
    pub other: Option<From>,
}

/// Where an image came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The daemon.
    Image,
    /// A file or a pipe.
    Archive(Option<PathBuf>),
    /// A build of a folder; the image goes when the lens is closed.
    Build(PathBuf),
}

impl Origin {
    /// As reports name it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Archive(_) => "archive",
            Self::Build(_) => "build",
        }
    }
}

/// The Dockerfile that an image was built from.
#[derive(Debug)]
pub struct Source {
    /// Its lines, safe to print.
    pub lines: Vec<String>,
    /// What each line put into the image, by the first line of its instruction.
    pub costs: BTreeMap<u32, Cost>,
    /// The line of the FROM that the image stands on.
    pub from_line: u32,
}

/// What a line cost.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cost {
    /// The last line of the instruction.
    pub last: u32,
    /// Regular-file bytes of its layers.
    pub bytes: u64,
    /// Of those, bytes that a later layer hides.
    pub wasted: u64,
    /// Indexes of its layers.
    pub layers: Vec<usize>,
}

/// One instruction, as the image remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The instruction without what builders wrap it in, on one line, safe to print; empty where the image does not say.
    pub instruction: String,
    /// Index of the layer that it made; none where it changed only settings.
    pub layer: Option<usize>,
    /// The last layer up to here; none before the first.
    pub upto: Option<usize>,
    /// The line of the Dockerfile, where one is known.
    pub line: Option<u32>,
    /// The last line of the instruction.
    pub last_line: Option<u32>,
    /// It belongs to the base image.
    pub base: bool,
    /// Bytes that it put.
    pub bytes: u64,
    /// Totals of the image up to here.
    pub after: Sizes,
}

/// An image under the lens.
#[derive(Debug)]
pub struct Subject {
    /// As the reader named it.
    pub name: String,
    /// What the daemon calls it, for a second reading; none for a file.
    pub tag: Option<String>,
    /// Where it came from.
    pub origin: Origin,
    /// It.
    pub image: Image,
    /// The daemon that has it.
    pub engine: Option<EngineName>,
    /// What that daemon says of its size, in bytes.
    pub docker_size: Option<u64>,
    /// The image that it stands on, where that is known.
    pub base: Option<String>,
    /// The Dockerfile, where one is known.
    pub source: Option<Source>,
    /// What stood in for which base.
    pub stand_ins: Vec<StandIn>,
    /// Its instructions, oldest first.
    pub steps: Vec<Step>,
    /// What goals would be judged by; the lens takes what is left behind and what is exposed from here.
    pub facts: ImageFacts,
    /// What it could do without: secrets first, then by bytes.
    pub findings: Vec<Finding>,
    /// What the builder said of its steps, those of other stages too; empty where nobody saw it built.
    pub build_steps: Vec<BuiltStep>,
}

impl Subject {
    /// An image that was read, with what is known of it so far.
    pub fn new(name: String, origin: Origin, image: Image) -> Self {
        let steps = steps(&image, &[]);
        let facts = ImageFacts::gather(&image, &Wanted::default());
        let findings = findings(&facts, None);
        Self {
            name,
            tag: None,
            origin,
            image,
            engine: None,
            docker_size: None,
            base: None,
            source: None,
            stand_ins: Vec::new(),
            steps,
            facts,
            findings,
            build_steps: Vec::new(),
        }
    }

    /// The same, once it is known which Dockerfile it was built from.
    #[must_use]
    pub fn built_from(mut self, built: &Built) -> Self {
        let (model, target) = (&built.dockerfile, built.target);
        let image = &self.image;
        let by_layer = layer_lines(model, target, &image.history, image.layers.len());
        let (base, from_line) = model.final_base(target);
        let mut costs: BTreeMap<u32, Cost> = BTreeMap::new();
        for (index, layer) in image.layers.iter().enumerate() {
            let instruction = by_layer.get(index).copied().flatten().filter(|_| index >= image.base_layers);
            let (first, last) = instruction.map_or((from_line, from_line), |i| (i.first, i.last));
            let cost = costs.entry(first).or_default();
            cost.last = last;
            cost.bytes += layer.bytes;
            cost.wasted += layer.wasted;
            cost.layers.push(index);
        }
        let by_row: Vec<_> = row_lines(model, target, &image.history)
            .into_iter()
            .map(|instruction| instruction.map(|i| (i.first, i.last, clean::line(&i.one_line()))))
            .collect();
        self.steps = steps(image, &by_row);
        for step in self.steps.iter_mut().filter(|step| step.base && step.layer.is_some()) {
            (step.line, step.last_line) = (Some(from_line), Some(from_line));
        }
        self.build_steps.clone_from(&built.steps);
        self.findings = findings(&self.facts, Some((model, target)));
        let text = model.source.trim_start_matches('\u{feff}');
        self.source = Some(Source {
            lines: text.lines().map(|line| crate::layout::clean(&line.replace('\t', "    ")).into_owned()).collect(),
            costs,
            from_line,
        });
        self.base = Some(clean::line(&base));
        self.stand_ins.clone_from(&built.stand_ins);
        self
    }

    /// How many bytes are above the base, where it is known which that is.
    pub fn added(&self) -> Option<u64> {
        self.base.as_ref().map(|_| self.image.sizes.added)
    }

    /// The step that made a layer.
    pub fn step_of(&self, layer: usize) -> Option<usize> {
        self.steps.iter().position(|step| step.layer == Some(layer))
    }

    /// A layer as people count: `3`, and the line where one is known.
    pub fn line_of(&self, layer: usize) -> Option<u32> {
        self.step_of(layer).and_then(|step| self.steps[step].line)
    }

    /// The instruction of a layer, empty where the image does not say.
    pub fn instruction_of(&self, layer: usize) -> &str {
        self.step_of(layer).map_or("", |step| &self.steps[step].instruction)
    }
}

/// What is worth telling. A base that the reader named, or that was built upon, is not hers to mend.
fn findings(facts: &ImageFacts, file: Option<(&Dockerfile, usize)>) -> Vec<Finding> {
    let mut found = facts.findings(file);
    if file.is_none() && facts.base_layers > 0 {
        found.retain(|finding| finding.layers.is_empty() || finding.layers.iter().any(|l| *l >= facts.base_layers));
    }
    found
}

/// Rows of the history, or the layers alone where the two do not match up.
/// `known` has for each row its instruction's first and last line and its words, as far as there is a Dockerfile.
fn steps(image: &Image, known: &[Option<(u32, u32, String)>]) -> Vec<Step> {
    let matched = image.layers.is_empty() || image.history.iter().any(|row| row.layer.is_some());
    let rows: Vec<HistoryRow> = if matched {
        image.history.clone()
    } else {
        let row = |layer| HistoryRow { created_by: String::new(), layer: Some(layer) };
        (0..image.layers.len()).map(row).collect()
    };
    // What each layer hid, so that the totals are true at every step and not only at the end.
    let mut hid = vec![0_u64; image.layers.len()];
    for hidden in &image.hidden {
        hid[hidden.hidden_by] = hid[hidden.hidden_by].saturating_add(hidden.bytes);
    }
    let (mut after, mut upto) = (Sizes::default(), None);
    let mut out = Vec::with_capacity(rows.len());
    let base_end = rows.iter().rposition(|row| row.layer.is_some_and(|l| l < image.base_layers));
    for (at, row) in rows.iter().enumerate() {
        let layer = row.layer.and_then(|index| image.layers.get(index));
        let bytes = layer.map_or(0, |l| l.bytes);
        if let Some(index) = row.layer {
            after.total = after.total.saturating_add(bytes);
            after.wasted = after.wasted.saturating_add(hid.get(index).copied().unwrap_or(0));
            after.final_ = after.total.saturating_sub(after.wasted);
            if index >= image.base_layers {
                after.added = after.added.saturating_add(bytes);
            }
            upto = Some(index);
        }
        let base = base_end.is_some_and(|end| at <= end);
        let known = known.get(at).and_then(Option::as_ref).filter(|_| matched && !base);
        out.push(Step {
            // Builders rewrite what they note: `EXPOSE map[3000/tcp:{}]` is nobody's line.
            instruction: known.map_or_else(|| instruction(&row.created_by), |(.., words)| words.clone()),
            layer: row.layer,
            upto,
            line: known.map(|(first, ..)| *first),
            last_line: known.map(|(_, last, _)| *last),
            base,
            bytes,
            after,
        });
    }
    out
}

/// A history row without its builder's dialect: what the Dockerfile said, as far as the row tells.
pub fn instruction(created_by: &str) -> String {
    let text = clean::line(&created_by.split_whitespace().collect::<Vec<_>>().join(" "));
    let text = text.strip_suffix("# buildkit").unwrap_or(&text).trim_end();
    if let Some((_, rest)) = text.split_once("#(nop) ") {
        return rest.trim_start().to_owned();
    }
    let upper = |word: &str| word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase());
    let (run, rest) = match text.split_once(' ') {
        Some(("RUN", rest)) => (true, rest),
        Some((first, _)) if upper(first) => (false, text),
        _ if text.is_empty() || upper(text) => (false, text),
        _ => (true, text),
    };
    if !run {
        return text.to_owned();
    }
    // `|2 A=1 B=2 /bin/sh -c …` names the build arguments; the command is behind the shell.
    let command = rest.split_once("/bin/sh -c ").map_or(rest, |(_, command)| command);
    format!("RUN {command}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_dialects_say_the_same() {
        for text in [
            "RUN /bin/sh -c apt-get   update # buildkit",
            "/bin/sh -c apt-get update",
            "|1 V=1 /bin/sh -c apt-get update",
            "RUN |1 V=1 /bin/sh -c apt-get update # buildkit",
        ] {
            assert_eq!(instruction(text), "RUN apt-get update", "{text}");
        }
        assert_eq!(instruction("/bin/sh -c #(nop)  CMD [\"x\"]"), "CMD [\"x\"]");
        assert_eq!(instruction("COPY . . # buildkit"), "COPY . .");
        assert_eq!(instruction("ENV A=\x1b[31mb"), "ENV A=b");
        assert_eq!(instruction(""), "");
    }

    #[test]
    fn an_argument_is_a_file_where_only_a_file_can_be_meant() {
        assert_eq!(From::of_argument("golang:1.26"), From::Image("golang:1.26".to_owned()));
        assert_eq!(From::of_argument("a/b.c/d:e"), From::Image("a/b.c/d:e".to_owned()));
        assert_eq!(From::of_argument("missing.tar.gz"), From::Archive("missing.tar.gz".into()));
        assert_eq!(From::of_argument("./x"), From::Archive("./x".into()));
        assert_eq!(From::of_argument("-"), From::Stdin);
    }
}
