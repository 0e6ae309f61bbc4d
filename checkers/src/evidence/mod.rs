//! Measured facts about a submission, gathered once and shared by all its goals.
//!
//! Evidence is data and nothing else: it is written to a file by `make record` and judged again without a daemon. What a
//! goal needs that costs something (paths looked for in the image, containers run) is asked for by [`Needs`].

mod answer;
mod blame;
mod compose;
mod exposed;
mod findings;
mod image;
mod shell;
mod stack;

pub use answer::{AnswerFacts, TrueValue};
pub use blame::{Blame, instruction_of_step, layer_lines, row_lines, step_of_instruction};
pub use compose::{
    Answer, Asked, ComposeFacts, ComposeFile, ComposeNeeds, ComposeSecretFact, DataAsk, DataFact, HttpQuery, Leak,
    ProfileFact,
};
pub use exposed::{Exposed, SecretAsk, SecretFact, fingerprint};
pub use findings::created_by;
pub use image::{Found, Heap, ImageFacts, LayerFact, Place, Program, Runnable, Wanted};
pub use shell::{Ended, FileFact, JobFact, ShellFacts, StreamFact, Watch};
pub use stack::{ActFact, ServiceFact, StackAct, StackFacts, TaskFact, most_down};

use crate::{
    dockerfile::{self, Dockerfile},
    engine::{
        BuildOutcome, HttpOutcome, LiveOutcome, RunOutcome,
        machine::{MachineFacts, ReachAsk, RestartAsk},
    },
    image::HistoryRow,
    spec::{CopiedOut, Edit, Health, Http, Kind, Logs, Network, Profile, Runs, Signal, Truth},
    verdict::{Diagnosis, Fact, Sizes, Verdict, codes},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
    time::Duration,
};

/// Why a piece of evidence is not there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Blocked {
    /// What a goal that needs it comes to.
    pub verdict: Verdict,
    /// Why.
    pub diagnosis: Diagnosis,
}

impl Blocked {
    /// The learner's to mend.
    pub fn failed(diagnosis: Diagnosis) -> Self {
        Self { verdict: Verdict::Failed, diagnosis }
    }

    /// What it needs is missing.
    pub fn skipped(diagnosis: Diagnosis) -> Self {
        Self { verdict: Verdict::Skipped, diagnosis }
    }

    /// The machine's doing or ours.
    pub fn broken(diagnosis: Diagnosis) -> Self {
        Self { verdict: Verdict::Broken, diagnosis }
    }
}

/// What a goal that looks at a stack finds in an exercise of another kind: its author's mistake.
fn no_stack<T>() -> Gathered<T> {
    let message = Fact::Text("this goal looks at a stack, which only an exercise of kind stack has".to_owned());
    Err(Blocked::broken(Diagnosis::new(codes::INTERNAL).fact("message", message)))
}

/// A piece of evidence, or why it is not there.
pub type Gathered<T> = Result<T, Blocked>;

/// A base image as the build saw it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BaseFact {
    /// The local image that was used.
    pub by: String,
    /// It is a stand-in.
    pub stand_in: bool,
}

/// What of the folder a build may be sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContextFact {
    /// Bytes of the files.
    pub bytes: u64,
    /// How many they are.
    pub files: u64,
    /// Files and folders at its top that weigh most, with their bytes, at most five.
    pub biggest: Vec<(String, u64)>,
}

/// A container to run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunAsk {
    /// Arguments in place of CMD.
    pub args: Vec<String>,
    /// Environment.
    pub env: BTreeMap<String, String>,
    /// Deadline in milliseconds.
    pub within: u64,
}

/// A server to start and ask.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HttpAsk {
    /// The container's port.
    pub port: u16,
    /// The path.
    pub path: String,
    /// Environment.
    pub env: BTreeMap<String, String>,
    /// Until the first answer, in milliseconds.
    pub within: u64,
}

impl From<&Runs> for RunAsk {
    fn from(ask: &Runs) -> Self {
        let within = ask.within.map_or(Duration::from_secs(10), |s| s.0);
        Self { args: ask.args.clone(), env: ask.env.clone(), within: within.as_millis() as u64 }
    }
}

impl From<&Http> for HttpAsk {
    fn from(ask: &Http) -> Self {
        let within = ask.within.map_or(Duration::from_secs(30), |s| s.0);
        let within = within.as_millis() as u64;
        Self { port: ask.port, path: ask.path.clone(), env: ask.env.clone(), within }
    }
}

/// A container that goes on running, as its goal asks: the goal's own words are the question.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LiveAsk {
    /// Its health.
    Health(Health),
    /// Its end on a signal.
    Signal(Signal),
    /// What it prints.
    Logs(Logs),
}

/// A key under which evidence that was asked for is kept: the question itself, readable in a recorded file.
pub fn key(ask: &impl Serialize) -> String {
    serde_json::to_string(ask).unwrap_or_default()
}

/// An image of another stage of the same Dockerfile, beside the submission's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sibling {
    /// How many layers at the bottom are the same in both.
    pub shared: usize,
    /// How many layers it has.
    pub layers: usize,
    /// The rows of its history, oldest first.
    pub history: Vec<HistoryRow>,
    /// It starts the same command from the same layers: it is no other image.
    pub same: bool,
}

/// What goals need of containers, volumes and networks that a learner's steps made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MachineNeeds {
    /// The steps must be run.
    pub run: bool,
    /// Volumes to look into, with the files whose text is wanted.
    pub volumes: BTreeMap<String, BTreeSet<String>>,
    /// Who is to reach whom.
    pub reaches: BTreeSet<ReachAsk>,
    /// Who is to crash and be stopped.
    pub restarts: BTreeSet<RestartAsk>,
    /// Files of containers, and where they should lie outside.
    pub copies: BTreeSet<CopiedOut>,
    /// Images that should be in the registry.
    pub pushed: BTreeSet<Pushed>,
}

/// An image of the registry that a goal asks about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pushed {
    /// Its name there.
    pub repository: String,
    /// Its tag.
    pub tag: String,
    /// The local image that it is compared with.
    pub same_as: Option<String>,
}

/// What the goals of an exercise need, put together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Needs {
    /// The image must be built.
    pub build: bool,
    /// And read.
    pub image: bool,
    /// Globs to look for in it.
    pub paths: BTreeSet<String>,
    /// Commands to look for in it.
    pub tools: BTreeSet<String>,
    /// The starter's sizes.
    pub starter: bool,
    /// Containers to run.
    pub runs: BTreeSet<RunAsk>,
    /// Servers to ask.
    pub https: BTreeSet<HttpAsk>,
    /// Containers that go on running.
    pub lives: Vec<LiveAsk>,
    /// What the goals need of a machine.
    pub machine: MachineNeeds,
    /// Edits to rebuild with.
    pub rebuilds: Vec<Edit>,
    /// Values to give to the build and to look for in the image.
    pub secrets: BTreeSet<SecretAsk>,
    /// Other stages to build, whose layers are compared with the image's.
    pub siblings: BTreeSet<String>,
    /// Other Dockerfiles of the folder, which are built too.
    pub files: BTreeSet<String>,
    /// The stack must be deployed.
    pub stack: bool,
    /// And this be done to it.
    pub acts: BTreeSet<StackAct>,
    /// What of a compose project.
    pub compose: ComposeNeeds,
    /// Truths to measure.
    pub truths: BTreeSet<Truth>,
    /// What to look for when a terminal was closed.
    pub watch: Watch,
}

impl Needs {
    /// Adds another goal's.
    pub fn add(&mut self, more: Self) {
        self.build |= more.build;
        self.image |= more.image;
        self.starter |= more.starter;
        self.paths.extend(more.paths);
        self.tools.extend(more.tools);
        self.runs.extend(more.runs);
        self.https.extend(more.https);
        self.machine.run |= more.machine.run;
        for (volume, files) in more.machine.volumes {
            self.machine.volumes.entry(volume).or_default().extend(files);
        }
        self.machine.reaches.extend(more.machine.reaches);
        self.machine.restarts.extend(more.machine.restarts);
        self.machine.copies.extend(more.machine.copies);
        self.machine.pushed.extend(more.machine.pushed);
        for live in more.lives {
            if !self.lives.contains(&live) {
                self.lives.push(live);
            }
        }
        self.secrets.extend(more.secrets);
        self.siblings.extend(more.siblings);
        self.files.extend(more.files);
        self.stack |= more.stack;
        self.acts.extend(more.acts);
        self.truths.extend(more.truths);
        self.watch.add(more.watch);
        for edit in more.rebuilds {
            if !self.rebuilds.contains(&edit) {
                self.rebuilds.push(edit);
            }
        }
        self.compose.add(more.compose);
    }
}

/// Everything that is known about a submission.
#[derive(Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// What the submission consists of.
    #[serde(default)]
    pub kind: Kind,
    /// The Dockerfile's text, or why it cannot be judged.
    pub dockerfile: Gathered<String>,
    /// The stage to build.
    pub target: Option<String>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
    /// The architecture that is built for.
    pub arch: String,
    /// What RUN may reach.
    pub network: Network,
    /// How containers are confined.
    pub profile: Profile,
    /// How long a build may take, in milliseconds.
    #[serde(default)]
    pub deadline: u64,
    /// And how long it may be silent.
    #[serde(default)]
    pub idle: u64,
    /// Files of the submission, relative, at most 5,000.
    pub files: Vec<String>,
    /// Those of them that .dockerignore leaves out.
    pub ignored: Vec<String>,
    /// What `COPY . .` would be sent; none in evidence from before it was measured.
    #[serde(default)]
    pub context: Option<Gathered<ContextFact>>,
    /// `devDependencies` of package.json.
    pub dev_dependencies: Vec<String>,
    /// What stands in for which reference.
    pub bases: BTreeMap<String, BaseFact>,
    /// The build, or why there was none.
    pub build: Gathered<BuildOutcome>,
    /// The image.
    pub image: Gathered<ImageFacts>,
    /// The starter's sizes.
    pub starter: Gathered<Sizes>,
    /// Containers by [`key`] of the [`RunAsk`].
    pub runs: BTreeMap<String, Gathered<RunOutcome>>,
    /// Servers by [`key`] of the [`HttpAsk`].
    pub https: BTreeMap<String, Gathered<HttpOutcome>>,
    /// Containers that go on running, by [`key`] of the [`LiveAsk`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lives: BTreeMap<String, Gathered<LiveOutcome>>,
    /// What the steps made, for exercises of kind `machine`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<Gathered<MachineFacts>>,
    /// The value that is new in each check.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub nonce: String,
    /// Builds after an edit, by [`key`] of the [`Edit`].
    pub rebuilds: BTreeMap<String, Gathered<BuildOutcome>>,
    /// Values that the build was given, by [`key`] of the [`SecretAsk`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, Gathered<SecretFact>>,
    /// Images of other stages, by the stage.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub siblings: BTreeMap<String, Gathered<Sibling>>,
    /// What is known of the folder's other Dockerfiles, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<String, Evidence>,
    /// The stack file's text, or why it cannot be judged.
    #[serde(default = "no_stack")]
    pub stack_file: Gathered<String>,
    /// What became of the stack.
    #[serde(default = "no_stack")]
    pub stack: Gathered<StackFacts>,
    /// A compose file and its project, of exercises of that kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compose: Option<Box<ComposeFacts>>,
    /// Answers, of an exercise that asks for some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<AnswerFacts>,
    /// What became of the jobs of a `steps.sh`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shell: Option<Gathered<ShellFacts>>,
    #[serde(skip)]
    model: OnceLock<Option<Dockerfile>>,
}

impl Evidence {
    /// Evidence of a text alone: everything that a daemon would have to show is blocked for that reason.
    pub fn of_text(dockerfile: Gathered<String>, why_no_more: Blocked) -> Self {
        Self {
            kind: Kind::Dockerfile,
            dockerfile,
            target: None,
            args: BTreeMap::new(),
            arch: String::new(),
            network: Network::None,
            profile: Profile::Strict,
            deadline: 0,
            idle: 0,
            files: Vec::new(),
            ignored: Vec::new(),
            context: None,
            dev_dependencies: Vec::new(),
            bases: BTreeMap::new(),
            build: Err(why_no_more.clone()),
            image: Err(why_no_more.clone()),
            starter: Err(why_no_more.clone()),
            runs: BTreeMap::new(),
            https: BTreeMap::new(),
            lives: BTreeMap::new(),
            machine: None,
            nonce: String::new(),
            rebuilds: BTreeMap::new(),
            secrets: BTreeMap::new(),
            siblings: BTreeMap::new(),
            others: BTreeMap::new(),
            stack_file: no_stack(),
            stack: Err(why_no_more),
            compose: None,
            answers: None,
            shell: None,
            model: OnceLock::new(),
        }
    }

    /// The Dockerfile as a model, with the stage that is built.
    pub fn model(&self) -> Gathered<(&Dockerfile, usize)> {
        let text = self.dockerfile.as_ref().map_err(Clone::clone)?;
        let options = dockerfile::Options { args: self.args.clone(), arch: self.arch.clone() };
        let parse = || Dockerfile::read(text.as_bytes(), &options);
        let Some(model) = self.model.get_or_init(|| parse().ok()) else {
            let diagnosis = parse().err().map(|e| e.diagnosis());
            let diagnosis = diagnosis.unwrap_or_else(|| Diagnosis::new(codes::DOCKERFILE_EMPTY));
            return Err(Blocked::failed(diagnosis));
        };
        match model.target(self.target.as_deref()) {
            Some(target) => Ok((model, target)),
            None => {
                let stage = self.target.clone().unwrap_or_default();
                Err(Blocked::failed(Diagnosis::new(codes::STAGE_MISSING).fact("stage", Fact::Text(stage))))
            }
        }
    }

    /// The image, with what connects its layers to the Dockerfile.
    pub fn blame(&self) -> Gathered<Blame<'_>> {
        let (model, target) = self.model()?;
        let image = self.image.as_ref().map_err(Clone::clone)?;
        Ok(Blame::new(model, target, image))
    }
}
