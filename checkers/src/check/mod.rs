//! One check: a submission and its exercise's spec in, events while it goes on, a [`CheckResult`] out.
//!
//! The plan asks each goal which evidence it needs and gathers it once, cheap tiers first: parse → build → image → run. What
//! that means for a kind of exercise stands in the kind's own file; [`Check::gather`] is the table of them.

mod answer;
mod bases;
mod commands;
mod compose;
mod compose_images;
mod compose_profiles;
mod compose_secrets;
mod dockerfile;
mod fetch;
mod folder;
mod leak;
mod live;
mod machine;
mod shell;
mod stack;
mod starter;
mod submission;
mod talk;

pub use answer::{read_answers, truths};
pub use folder::{Built, Folder, build_folder};
pub use machine::steps_problems;
pub use shell::Scripts;
pub use talk::{Event, Tier};

use crate::{
    engine::{Engine, EngineError, bases::BaseOptions, clean},
    evidence::{Blocked, Evidence, Needs, SecretAsk},
    goal,
    spec::{Feature, Kind, Spec},
    verdict::{CheckResult, Diagnosis, EngineName, Fact, codes},
};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use talk::Talk;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What the learner hands in.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The folder: the build context, with the Dockerfile at its top.
    pub dir: PathBuf,
    /// The exercise's starter, where a goal compares with it.
    pub starter: Option<PathBuf>,
    /// The label of what the learner makes by hand, `KEY=VALUE`, for exercises of kind `machine`.
    pub label: Option<String>,
}

/// How to check.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where base images may come from.
    pub bases: BaseOptions,
    /// A folder for what is measured once (the starter's size); without it only the process remembers.
    pub cache: Option<PathBuf>,
    /// A build must end within.
    pub deadline: Duration,
    /// And must say something at least so often.
    pub idle: Duration,
    /// Where a `steps.sh` of an exercise outside Docker is run.
    pub scripts: Scripts,
}

impl Options {
    /// The usual limits: 10 minutes a build, 5 minutes of silence. A compiler on a slow laptop prints nothing for longer than
    /// the two minutes after which a build that talks to a network may be given up.
    pub fn new(bases: BaseOptions) -> Self {
        Self {
            bases,
            cache: None,
            deadline: Duration::from_secs(600),
            idle: Duration::from_secs(300),
            scripts: Scripts::default(),
        }
    }
}

/// The file of a submission whose lines verdicts name: the one to show and to edit.
pub fn main_file(kind: Kind, dir: &Path) -> PathBuf {
    match kind {
        Kind::Compose => compose::file_in(dir),
        Kind::Stack => dir.join("stack.yaml"),
        Kind::Dockerfile => dir.join("Dockerfile"),
        Kind::Answer => dir.join("answers.yaml"),
        Kind::Machine | Kind::Shell => dir.join("steps.sh"),
    }
}

/// Why a daemon could not be asked, as a diagnosis and what goals come to because of it.
pub fn trouble(error: &EngineError) -> Blocked {
    let text = |text: &str| Fact::Text(clean::line(text));
    match error {
        EngineError::Down { tried } => {
            Blocked::broken(Diagnosis::new(codes::DAEMON_DOWN).fact("tried", Fact::List(tried.clone())))
        }
        EngineError::Permission { socket } => {
            Blocked::broken(Diagnosis::new(codes::DAEMON_PERMISSION).fact("socket", text(socket)))
        }
        EngineError::Lost(during) => Blocked::broken(Diagnosis::new(codes::DAEMON_LOST).fact("during", text(during))),
        EngineError::DiskFull(message) => {
            Blocked::broken(Diagnosis::new(codes::DISK_FULL).fact("message", text(message)))
        }
        EngineError::NoBuildKit(_) => {
            let feature = Fact::Text("buildkit".to_owned());
            Blocked::skipped(Diagnosis::new(codes::NEEDS_FEATURE).fact("feature", feature))
        }
        EngineError::Cancelled => Blocked::skipped(Diagnosis::new(codes::CANCELLED)),
        EngineError::NoImage(_) | EngineError::Daemon(_) | EngineError::Unusable { .. } => {
            Blocked::broken(Diagnosis::new(codes::DAEMON_ERROR).fact("message", text(&error.to_string())))
        }
    }
}

/// What every part of a check with a daemon is handed.
#[derive(Debug)]
struct Context<'a> {
    spec: &'a Spec,
    engine: &'a Engine,
    options: &'a Options,
    cancel: CancellationToken,
}

/// Checks a submission. Never fails: what goes wrong is a verdict.
///
/// Without an engine the submission's text alone is judged and the result is provisional. A check that is cancelled ends
/// soon, leaves nothing on the daemon, and says so of every goal that it could not judge any more.
pub async fn check(
    spec: &Spec,
    submission: &Submission,
    engine: Option<&Engine>,
    options: &Options,
    events: mpsc::Sender<Event>,
    cancel: CancellationToken,
) -> CheckResult {
    gather(spec, submission, engine, options, events, cancel).await.1
}

/// The same, with the evidence that it was judged from.
pub async fn gather(
    spec: &Spec,
    submission: &Submission,
    engine: Option<&Engine>,
    options: &Options,
    events: mpsc::Sender<Event>,
    cancel: CancellationToken,
) -> (Evidence, CheckResult) {
    let began = Instant::now();
    let talk = Talk::new(events, cancel.clone());
    let mut needs = Needs::default();
    for goal in &spec.goals {
        needs.add(goal::plan(goal));
    }
    talk.tier(Tier::Parse).await;
    let no_more = Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON));
    let mut evidence = Evidence::of_text(Err(no_dockerfile(spec.kind)), no_more);
    evidence.kind = spec.kind;
    evidence.network = spec.network;
    evidence.profile = spec.profile;
    evidence.deadline = options.deadline.as_millis() as u64;
    evidence.idle = options.idle.as_millis() as u64;
    let secrets = fresh_secrets(&needs);
    let mut check = Check { spec, file: None, talk: &talk, needs, evidence, result: empty(spec, engine), secrets };
    let context = engine.map(|engine| Context { spec, engine, options, cancel: cancel.clone() });
    check.gather(context.as_ref(), submission, options, &cancel).await;
    check.judge(Tier::Run).await;
    let Check { evidence, mut result, .. } = check;
    result.goals = spec.goals.iter().map(|goal| goal::judge(goal, &spec.goals, &evidence)).collect();
    result.notes = talk.notes();
    result.commands = talk.commands();
    result.seconds = began.elapsed().as_secs_f64();
    (evidence, result)
}

/// A value for each secret that goals give to a build.
fn fresh_secrets(needs: &Needs) -> Vec<(SecretAsk, String)> {
    // Long enough that nothing else in an image looks like it.
    needs.secrets.iter().map(|ask| (ask.clone(), format!("chabi-{}", uuid::Uuid::new_v4().simple()))).collect()
}

fn empty(spec: &Spec, engine: Option<&Engine>) -> CheckResult {
    let name = |e: &Engine| EngineName { version: e.info().version.clone(), storage: e.info().storage.clone() };
    CheckResult {
        schema: 1,
        exercise: spec.id.clone(),
        engine: engine.map(name),
        stand_ins: Vec::new(),
        provisional: engine.is_none(),
        goals: Vec::new(),
        sizes: None,
        starter: None,
        costs: Vec::new(),
        findings: Vec::new(),
        steps: Vec::new(),
        commands: Vec::new(),
        notes: Vec::new(),
        seconds: 0.0,
    }
}

struct Check<'a> {
    spec: &'a Spec,
    /// Another Dockerfile of the folder that this is about, for goals that the whole check judges itself.
    file: Option<String>,
    talk: &'a Talk,
    needs: Needs,
    evidence: Evidence,
    result: CheckResult,
    /// Values that the builds are given, each new in this check.
    secrets: Vec<(SecretAsk, String)>,
}

impl Check<'_> {
    /// Gathers the evidence of the exercise's kind. A kind is a file of this folder and a line here; each may judge what it has
    /// so far with [`Check::judge`], and without a context (no daemon) reads what the submission's text alone shows.
    async fn gather(
        &mut self,
        context: Option<&Context<'_>>,
        submission: &Submission,
        options: &Options,
        cancel: &CancellationToken,
    ) {
        // On the heap: the states of six kinds in one future overflow the stack of a thread in a build for debugging.
        match self.spec.kind {
            Kind::Dockerfile => Box::pin(dockerfile::gather(self, context, submission)).await,
            Kind::Compose => Box::pin(compose::gather(self, context, submission)).await,
            Kind::Machine => Box::pin(machine::gather(self, context, submission)).await,
            Kind::Stack => Box::pin(stack::gather(self, context, submission)).await,
            Kind::Answer => Box::pin(answer::gather(self, context, submission)).await,
            Kind::Shell => Box::pin(shell::gather(self, context, submission, options, cancel)).await,
        }
    }

    /// Tells of every goal whose evidence is whole after a tier and was not told of before.
    async fn judge(&mut self, after: Tier) {
        if self.file.is_some() {
            return;
        }
        for goal in &self.spec.goals {
            let needs = goal::plan(goal);
            let tier = match &needs {
                n if !n.runs.is_empty() || !n.https.is_empty() || !n.lives.is_empty() => Tier::Run,
                n if n.image || n.starter || !n.rebuilds.is_empty() => Tier::Image,
                n if n.build => Tier::Build,
                n if *n != Needs::default() => Tier::Run,
                _ => Tier::Parse,
            };
            if tier <= after && !self.result.goals.iter().any(|g| g.id == goal.id) {
                let judged = goal::judge(goal, &self.spec.goals, &self.evidence);
                self.talk.judged(&judged).await;
                self.result.goals.push(judged);
            }
        }
    }
}

/// What a goal that looks at a Dockerfile finds in an exercise of a kind that has none: its author's mistake.
fn no_dockerfile(kind: Kind) -> Blocked {
    let kind = serde_json::to_string(&kind).unwrap_or_default();
    internal(&format!("this goal looks at a Dockerfile, which an exercise of kind {kind} has not"))
}

/// Something that is neither the learner's doing nor the machine's.
fn internal(message: &str) -> Blocked {
    Blocked::broken(Diagnosis::new(codes::INTERNAL).fact("message", Fact::Text(clean::line(message))))
}

/// A feature that the exercise needs and the daemon lacks.
fn lacking(spec: &Spec, engine: &Engine) -> Option<&'static str> {
    let info = engine.info();
    spec.needs.iter().find_map(|feature| match feature {
        Feature::Buildkit if info.podman => Some("buildkit"),
        Feature::Heredoc if crate::dockerfile::frontend_of_engine(&info.version) < (1, 4) => Some("heredoc"),
        // What compose, swarm and IP_VS exercises need their own checkers ask for.
        _ => None,
    })
}

/// A short name that no other check has.
fn unique() -> String {
    uuid::Uuid::new_v4().simple().to_string()[..12].to_owned()
}
