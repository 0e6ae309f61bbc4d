//! The goals an exercise can set, one struct each, as they stand in `exercise.yaml`.
//!
//! A goal is written as its kind alone (`- builds`) or as its kind with what it asks (`- stages: {at-least: 2}`). Its `id`
//! defaults to its kind and must be given when the kind repeats; it never changes, because verdicts are remembered by it.

use super::{
    Answer, ByDigest, Container, ContainerLogs, CopiedOut, FreeSpace, Health, JobOutput, Limits, Logs, OffTerminal,
    Published, Reaches, Registry, Restart, SameFiles, Signal, Size, Span, Survives, Volume, compose::*,
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, Visitor},
    ser::SerializeMap,
};
use std::fmt;

/// One thing a submission must show.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// Unique within the exercise and immutable.
    pub id: String,
    /// What it asks.
    pub ask: Ask,
}

macro_rules! goals {
    ($($(#[$doc:meta])* $kind:literal $variant:ident;)*) => {
        /// What a goal asks. The variants' `exercise.yaml` names are [`KINDS`].
        #[derive(Debug, Clone, PartialEq)]
        pub enum Ask { $($(#[$doc])* $variant($variant),)* }

        /// Every kind of goal, as `exercise.yaml` spells it.
        pub const KINDS: &[&str] = &[$($kind),*];

        impl Ask {
            /// The kind's name in `exercise.yaml`.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => $kind,)* }
            }
        }

        impl Goal {
            fn read<'de, A: MapAccess<'de>>(kind: &str, map: &mut A) -> Result<Self, A::Error> {
                match kind {
                    $($kind => {
                        let body: Body<$variant> = map.next_value()?;
                        Ok(Self { id: body.id.unwrap_or_else(|| $kind.to_owned()), ask: Ask::$variant(body.ask) })
                    })*
                    other => Err(de::Error::unknown_variant(other, KINDS)),
                }
            }

            fn bare<E: de::Error>(kind: &str) -> Result<Self, E> {
                $(if kind == $kind {
                    let empty = de::value::MapDeserializer::<_, E>::new(std::iter::empty::<(&str, &str)>());
                    return Ok(Self { id: kind.to_owned(), ask: Ask::$variant($variant::deserialize(empty)?) });
                })*
                Err(de::Error::unknown_variant(kind, KINDS))
            }
        }

        impl Serialize for Goal {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                let mut map = s.serialize_map(Some(1))?;
                match &self.ask {
                    $(Ask::$variant(ask) => map.serialize_entry($kind, &BodyRef { id: &self.id, ask })?,)*
                }
                map.end()
            }
        }
    };
}

goals! {
    /// The Dockerfile parses and its image builds.
    "builds" Builds;
    /// How many stages the target really needs.
    "stages" Stages;
    /// What the last stage is built from.
    "final-base" FinalBase;
    /// Bytes that the submission adds above its base image.
    "added" Added;
    /// Bytes of the whole image.
    "total" Total;
    /// Bytes that the submission stores and no container can see.
    "waste" Waste;
    /// Layers that the image of another stage has in common with this one.
    "layer-shares" LayerShares;
    /// A value that the build is given and that the image must not hold.
    "no-secret" NoSecret;
    /// Measured against the exercise's starter on this machine.
    "smaller-than-starter" SmallerThanStarter;
    /// Paths and tools that the final image must not hold.
    "absent" Absent;
    /// Paths that the final image must hold.
    "present" Present;
    /// Which user the container runs as.
    "user" User;
    /// What another Dockerfile of the same folder must show.
    "with-file" WithFile;
    /// What the container prints and how it ends.
    "runs" Runs;
    /// What the container answers over HTTP.
    "http" Http;
    /// Steps that stay cached when a file is edited.
    "cached-after-edit" CachedAfterEdit;
    /// An instruction that the Dockerfile must or must not have.
    "instruction" Instruction;
    /// A HEALTHCHECK that turns healthy, and unhealthy when it should.
    "health" Health;
    /// A signal ends the container as it should.
    "signal" Signal;
    /// What the container prints while it goes on running.
    "logs" Logs;
    /// The stack is accepted and all its services run.
    "deploys" Deploys;
    /// How many tasks of a service run.
    "replicas" Replicas;
    /// A killed task is replaced.
    "heals" Heals;
    /// A new release comes without too many tasks down at once.
    "rolling-update" RollingUpdate;
    /// A bad release is taken back by the swarm itself.
    "rolls-back" RollsBack;
    /// A secret reaches a service as a file, and nobody else.
    "service-secret" ServiceSecret;
    /// A config reaches a service as a file.
    "service-config" ServiceConfig;
    /// One service reaches another by its name.
    "service-reaches" ServiceReaches;
    /// A drained node's tasks move to the others.
    "drains" Drains;
    /// The compose file is valid and harmless, and has what it must.
    "compose-config" ComposeConfig;
    /// Every service of the compose file comes up.
    "compose-up" ComposeUp;
    /// What a service publishes on the machine.
    "compose-published" ComposePublished;
    /// A service starts only after another is healthy.
    "compose-order" ComposeOrder;
    /// A file reaches services as a secret and leaks nowhere.
    "compose-secret" ComposeSecret;
    /// What a service of the project answers over HTTP.
    "compose-http" ComposeHttp;
    /// What was written survives `down` and `up`.
    "compose-data" ComposeData;
    /// Which services can reach each other.
    "compose-network" ComposeNetwork;
    /// A service that ended comes back, or stays down.
    "compose-restart" ComposeRestart;
    /// Which services start with which profiles.
    "compose-profiles" ComposeProfiles;
    /// Nothing that lint warns of is left.
    "lint-clean" LintClean;
    /// Bytes of the folder that a build may be sent.
    "context" Context;
    /// An edit that breaks the program must fail the build, in the step that is meant.
    "fails-when-broken" FailsWhenBroken;
    /// A step that runs again begins with what it had the first time.
    "reuses-cache" ReusesCache;
    /// An answer of `answers.yaml` is true.
    "answer" Answer;
    /// A job outlives its terminal.
    "survives" Survives;
    /// A job's output lands in a file.
    "job-output" JobOutput;
    /// A job holds no stream of the terminal that closed.
    "off-terminal" OffTerminal;
    /// A container is there, in that state.
    "container" Container;
    /// What a container may use.
    "limits" Limits;
    /// A container comes back after a crash and stays down after a stop.
    "restart" Restart;
    /// A port is published on the right addresses.
    "published" Published;
    /// A volume holds a file.
    "volume" Volume;
    /// Two volumes hold the same files.
    "same-files" SameFiles;
    /// One container reaches another by name, or does not.
    "reaches" Reaches;
    /// What a container printed.
    "container-logs" ContainerLogs;
    /// A file of a container lies outside it.
    "copied-out" CopiedOut;
    /// What is no longer needed is gone.
    "free-space" FreeSpace;
    /// An image is in the registry.
    "registry" Registry;
    /// A container runs from an image named by its digest.
    "by-digest" ByDigest;
}

// `#[serde(flatten)]` costs `deny_unknown_fields`, so that a misspelt field would be ignored in silence: the id is taken
// out of the map by hand instead.
struct Body<T> {
    id: Option<String>,
    ask: T,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Body<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Split<'a, A> {
            map: A,
            id: &'a mut Option<String>,
        }
        impl<'de, A: MapAccess<'de>> MapAccess<'de> for Split<'_, A> {
            type Error = A::Error;
            fn next_key_seed<K: de::DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
                loop {
                    let Some(key) = self.map.next_key::<String>()? else { return Ok(None) };
                    if key == "id" {
                        *self.id = Some(self.map.next_value()?);
                        continue;
                    }
                    return seed.deserialize(de::value::StringDeserializer::new(key)).map(Some);
                }
            }
            fn next_value_seed<V: de::DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
                self.map.next_value_seed(seed)
            }
        }
        struct BodyVisitor<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for BodyVisitor<T> {
            type Value = Body<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("what the goal asks, as a map")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Body<T>, A::Error> {
                let mut id = None;
                let ask = T::deserialize(de::value::MapAccessDeserializer::new(Split { map, id: &mut id }))?;
                Ok(Body { id, ask })
            }
        }
        d.deserialize_map(BodyVisitor(std::marker::PhantomData))
    }
}

#[derive(Serialize)]
struct BodyRef<'a, T> {
    id: &'a str,
    #[serde(flatten)]
    ask: &'a T,
}

impl<'de> Deserialize<'de> for Goal {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct GoalVisitor;
        impl<'de> Visitor<'de> for GoalVisitor {
            type Value = Goal;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a goal: its kind, or its kind with what it asks")
            }
            fn visit_str<E: de::Error>(self, kind: &str) -> Result<Goal, E> {
                Goal::bare(kind)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Goal, A::Error> {
                let kind: String = map.next_key()?.ok_or_else(|| de::Error::custom("a goal with no kind"))?;
                let goal = Goal::read(&kind, &mut map)?;
                if let Some(more) = map.next_key::<String>()? {
                    return Err(de::Error::custom(format!("a second kind `{more}` in one goal; begin a new `-`")));
                }
                Ok(goal)
            }
        }
        d.deserialize_any(GoalVisitor)
    }
}

/// `builds`: the Dockerfile parses and the image builds within the deadline.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Builds {
    /// The stage to build, the last one by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Build arguments that the check passes.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub args: std::collections::BTreeMap<String, String>,
}

/// `with-file`: another Dockerfile of the same folder is built (`docker build -f FILE`), and another goal is asked of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WithFile {
    /// The file, in the submission's own folder.
    pub file: String,
    /// What is asked: any goal of kind `dockerfile` but this one.
    pub meets: Box<Goal>,
}

/// `stages`: counts only stages that are reachable from the target, as BuildKit builds no other.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Stages {
    /// At least so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<usize>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<usize>,
    /// Stages that must be there and be reachable, by name (any case).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named: Vec<String>,
}

/// `final-base`: the external image that the target stage is built from in the end, through other stages if need be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FinalBase {
    /// Globs over the reference as written, ARGs expanded (`scratch`, `gcr.io/distroless/static*`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub one_of: Vec<String>,
    /// Globs that it must not match.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub none_of: Vec<String>,
}

/// `added`: Σ regular-file bytes of the layers above the base image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Added {
    /// At most so much.
    pub at_most: Size,
}

/// `total`: Σ regular-file bytes over all layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Total {
    /// At most so much.
    pub at_most: Size,
}

/// `waste`: bytes that the submission's own lines put into the image and hide again, and copies of the base's files that differ
/// in owner or mode alone. Where both bounds are given both hold; with neither, nothing may be wasted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Waste {
    /// At most so much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Size>,
    /// At most so many hundredths of what the submission adds to its base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<f64>,
}

/// `layer-shares`: the image of another stage of the same Dockerfile is built too, and both have all layers in common but the
/// topmost few.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LayerShares {
    /// The other stage.
    pub with: String,
    /// So many layers at most are not in common, in either image.
    pub all_but: usize,
}

/// `no-secret`: the build is given a value that is new in each check, and the image holds it nowhere: in no layer, not even
/// deleted, not in the history, the environment or a label; as it is, or in base64 or hex.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NoSecret {
    /// The id under which `RUN --mount=type=secret` gets the value.
    pub secret: String,
    /// A build argument that has it too: the wrong way must be open, or nobody could take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arg: Option<String>,
    /// A file of the build context that has it too, in place of what the submission has there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// A file of the image that must hold the value's SHA-256 (hex, as `sha256sum` prints it), which shows that the build
    /// had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

/// `smaller-than-starter`: `total` of the starter, measured on this machine, divided by the submission's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SmallerThanStarter {
    /// At least so many times smaller.
    pub times: f64,
}

/// `absent`: nothing of this in the merged file system of the final image.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Absent {
    /// Globs over absolute paths without the leading slash (`**/*.go`, `app/node_modules/jest/**`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Commands that must not be on the image's PATH or in the usual bin folders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
}

/// `present`: all of these in the merged file system of the final image.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Present {
    /// Globs over absolute paths without the leading slash; each must match something.
    pub paths: Vec<String>,
}

/// `user`: who process 1 runs as.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct User {
    /// `true`: the container's effective uid must not be 0.
    #[serde(default)]
    pub not_root: bool,
    /// Exactly this uid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
}

/// How to compare a stream with what is asked. All that are given must hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Expect {
    /// Trimmed equality.
    Equals(String),
    /// Any of the detailed forms.
    Detailed {
        /// The stream holds this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        contains: Option<String>,
        /// The stream matches this regular expression.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        matches: Option<String>,
    },
}

/// `runs`: start the container as the image says, and look at what it prints and how it ends.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Runs {
    /// Arguments after the image name: they replace CMD.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Environment of the container.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub env: std::collections::BTreeMap<String, String>,
    /// What standard output must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdout: Option<Expect>,
    /// What standard error must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stderr: Option<Expect>,
    /// The exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<i64>,
    /// How long it may take, 10 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
}

/// `http`: start the container as the image says, wait for the port, and ask. Profile `server`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Http {
    /// The container's port.
    pub port: u16,
    /// The path to ask, `/` by default.
    #[serde(default = "root_path")]
    pub path: String,
    /// The status to answer, 200 by default.
    #[serde(default = "ok_status")]
    pub status: u16,
    /// What the body must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Expect>,
    /// Environment of the container.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub env: std::collections::BTreeMap<String, String>,
    /// How long until the first answer, 30 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
}

pub(super) fn root_path() -> String {
    "/".to_owned()
}

pub(super) fn ok_status() -> u16 {
    200
}

/// `cached-after-edit`: build, edit a file in the uploaded copy, build again, and see which steps came from the cache.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CachedAfterEdit {
    /// The edit to make.
    pub edit: Edit,
    /// Which step must come from the cache in the second build.
    pub still_cached: StepMatch,
}

/// An edit of one file of the build context. `{nonce}` stands for a value that is new in each check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Edit {
    /// The file, relative to the submission.
    pub file: String,
    /// A line to put at its end.
    pub append: String,
}

/// Which build step is meant. All that are given must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StepMatch {
    /// A RUN step one of whose commands begins with these shell words (`go mod download`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Or any one of these commands, where there is more than one right way (`npm ci`, `npm install`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub one_of: Vec<String>,
}

/// `instruction`: what must or must not stand in the Dockerfile, in stages that the target needs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Instruction {
    /// The instruction's name, upper case (`RUN`, `COPY`).
    pub name: String,
    /// A RUN, CMD or ENTRYPOINT one of whose commands begins with these shell words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The flag it carries, with or without a value (`--from`, `--from=builder`, `--mount=type=cache`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    /// A glob that its arguments, ARGs expanded and joined by one space, must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub argument: Option<String>,
    /// `last`: look in the target stage only.
    #[serde(default)]
    pub stage: InStage,
    /// `false`: it must not be there.
    #[serde(default = "yes")]
    pub there: bool,
}

/// `lint-clean`: nothing that `dockshala lint` warns of is left in the Dockerfile.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LintClean {
    /// Only these rules, advice among them; every warning without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// Rules that do not count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
}

/// `context`: bytes of all files that `.dockerignore` does not leave out, which is what `COPY . .` is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Context {
    /// At most so much.
    pub at_most: Size,
}

/// `fails-when-broken`: build again with a line that breaks the program; the build of the target must fail in that step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FailsWhenBroken {
    /// The edit that breaks it.
    pub edit: Edit,
    /// The RUN step that must notice.
    pub step: StepMatch,
}

/// `reuses-cache`: build, edit a file, build again; the step runs again, and its output shows that not all of it was done again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReusesCache {
    /// The edit that makes the step run again.
    pub edit: Edit,
    /// The RUN step.
    pub step: StepMatch,
    /// What it must print the second time: the sign that it ran and says what it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prints: Option<Expect>,
    /// Whole lines that it must not print the second time: signs that it began with nothing.
    pub not_again: Vec<String>,
}

/// Where to look for an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InStage {
    /// Every stage that the target needs.
    #[default]
    Any,
    /// The target stage.
    Last,
}

/// `deploys`: `docker stack deploy` takes the file, and every service comes to run all its tasks. All other goals of a stack
/// stand on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Deploys {
    /// The stack file.
    #[serde(default = "stack_file")]
    pub file: String,
    /// How many nodes the swarm has where there is room for them, 1 by default.
    #[serde(default = "one_node")]
    pub nodes: usize,
    /// Images that the check builds from the exercise's starter, by the names that stack files call them by.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub images: std::collections::BTreeMap<String, Release>,
    /// How long until all tasks run, 60 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
}

impl Default for Deploys {
    fn default() -> Self {
        Self { file: stack_file(), nodes: one_node(), images: std::collections::BTreeMap::new(), within: None }
    }
}

/// An image of an exercise about stacks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Release {
    /// Its folder in the starter, with a Dockerfile.
    pub dir: String,
    /// Build arguments.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub args: std::collections::BTreeMap<String, String>,
}

fn stack_file() -> String {
    "stack.yaml".to_owned()
}

fn one_node() -> usize {
    1
}

/// `replicas`: so many tasks of the service run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Replicas {
    /// The service.
    pub service: String,
    /// At least so many.
    pub at_least: u64,
}

/// `heals`: the process of a task is killed, and another task takes its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Heals {
    /// The service.
    pub service: String,
    /// How long it may take, 30 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
}

/// `rolling-update`: the service is updated to an image that works, while the tasks' time line shows how many are down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RollingUpdate {
    /// The service.
    pub service: String,
    /// The image.
    pub to: String,
    /// Never more tasks down at once than so many, 1 by default.
    #[serde(default = "one_down")]
    pub at_most_down: u64,
    /// How long it may take, 90 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
}

fn one_down() -> u64 {
    1
}

/// `rolls-back`: the service is updated to an image that fails, and the swarm goes back to the one before without anybody's
/// help.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RollsBack {
    /// The service.
    pub service: String,
    /// The image.
    pub to: String,
    /// How long it may take, 90 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
}

/// `service-secret`: the content of a file of the submission, made anew for each check, is at `/run/secrets/NAME` of the
/// service's tasks, and neither in their environment or commands, nor in the service, a config or the image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServiceSecret {
    /// The service.
    pub service: String,
    /// The file's name below /run/secrets.
    pub name: String,
    /// The submission's file that holds the secret.
    pub file: String,
}

/// `service-config`: the content of a file of the submission is at a path of the service's tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServiceConfig {
    /// The service.
    pub service: String,
    /// The absolute path in the container.
    pub path: String,
    /// The submission's file.
    pub file: String,
}

/// `service-reaches`: an HTTP server in one service answers a task of another, asked by the service's name; from another
/// node where the swarm has more than one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServiceReaches {
    /// Who asks.
    pub from: String,
    /// Who is asked.
    pub to: String,
    /// The port.
    pub port: u16,
    /// The path, `/` by default.
    #[serde(default = "root_path")]
    pub path: String,
}

/// `drains`: a node on which the service runs is drained; afterwards no task runs there and every service has all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Drains {
    /// The service.
    pub service: String,
    /// How long it may take, 45 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
}

pub(super) fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Goal, String> {
        serde_json::from_str(json).map_err(|e| e.to_string())
    }

    #[test]
    fn a_goal_is_its_kind_alone_or_with_what_it_asks() {
        assert_eq!(read(r#""builds""#).unwrap().id, "builds");
        let goal = read(r#"{"stages": {"id": "two", "at-least": 2}}"#).unwrap();
        assert_eq!(goal.id, "two");
        assert_eq!(goal.ask, Ask::Stages(Stages { at_least: Some(2), ..Stages::default() }));
    }

    #[test]
    fn a_misspelt_field_or_kind_is_refused() {
        assert!(read(r#"{"stages": {"atleast": 2}}"#).unwrap_err().contains("atleast"));
        assert!(read(r#""build""#).unwrap_err().contains("build"));
        assert!(read(r#"{"builds": {}, "stages": {}}"#).unwrap_err().contains("second kind"));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let json = r#"{"runs":{"id":"says","stdout":"namaste","exit":0,"within":"5000ms"}}"#;
        let goal = read(json).unwrap();
        assert_eq!(serde_json::to_string(&goal).unwrap(), json);
    }
}
