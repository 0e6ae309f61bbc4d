//! What the checker says: verdicts and diagnoses, as data without a word of human text.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a goal says of the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The submission shows it.
    Passed,
    /// The submission does not, and it is the submission's doing.
    Failed,
    /// Could not be judged, because what it needs is missing (an earlier goal, an engine feature, the daemon).
    Skipped,
    /// Could not be judged, and it is the checker's or the machine's doing, never the learner's.
    Broken,
}

/// A fact behind a diagnosis. The program formats it for the learner's language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// Bytes.
    Bytes(u64),
    /// A plain number.
    Count(u64),
    /// A ratio, such as 20.3 times.
    Ratio(f64),
    /// Milliseconds.
    Millis(u64),
    /// Text from the submission or the daemon, already cleaned of control characters.
    Text(String),
    /// Several of those.
    List(Vec<String>),
    /// A course author's own words, by language: a reason that belongs to one exercise.
    Said(BTreeMap<String, String>),
}

/// Named facts: the names are those that a code's text may use as arguments.
pub type Facts = BTreeMap<String, Fact>;

/// Why a goal did not pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Stable, kebab-case, one of [`codes::ALL`].
    pub code: String,
    /// What was measured.
    #[serde(default)]
    pub facts: Facts,
    /// Lines of the learner's own Dockerfile that are to blame, from 1, ascending.
    #[serde(default)]
    pub lines: Vec<u32>,
}

impl Diagnosis {
    /// A diagnosis without facts or lines.
    pub fn new(code: &str) -> Self {
        debug_assert!(codes::ALL.contains(&code), "`{code}` is not in codes::ALL");
        Self { code: code.to_owned(), facts: Facts::new(), lines: Vec::new() }
    }

    /// The same with one more fact.
    #[must_use]
    pub fn fact(mut self, name: &str, fact: Fact) -> Self {
        self.facts.insert(name.to_owned(), fact);
        self
    }

    /// The same with the lines to blame, put in order, each once.
    #[must_use]
    pub fn at(mut self, lines: impl IntoIterator<Item = u32>) -> Self {
        self.lines.extend(lines);
        self.lines.sort_unstable();
        self.lines.dedup();
        self
    }
}

/// A goal and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GoalResult {
    /// The goal's id.
    pub id: String,
    /// Its kind, as in `exercise.yaml`.
    pub kind: String,
    /// What it says.
    pub verdict: Verdict,
    /// Why, unless it passed.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Diagnosis>,
    /// What was measured when it passed: the numbers behind a success are worth seeing too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub measured: Facts,
}

/// The image in bytes, the same on every daemon and storage driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sizes {
    /// Σ regular-file bytes over all layers.
    pub total: u64,
    /// Bytes of the merged file system, each inode once.
    #[serde(rename = "final")]
    pub final_: u64,
    /// `total − final`: bytes that are in the image and can never be seen.
    pub wasted: u64,
    /// Bytes above the base image.
    pub added: u64,
}

/// What a line of the Dockerfile put into the final image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCost {
    /// The line of the learner's own Dockerfile, from 1; none for what the base image brought along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The instruction as the learner wrote it, on one line, cleaned; for the base the image's reference.
    pub instruction: String,
    /// Regular-file bytes of its layers.
    pub bytes: u64,
    /// Of those, bytes that a later layer hides or copies again.
    #[serde(default)]
    pub wasted: u64,
}

/// What an image could do without, and what that would save. A diagnosis that fails nobody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is; one of the `found-…` codes.
    #[serde(flatten)]
    pub diagnosis: Diagnosis,
    /// Bytes that the image would be smaller, or of what is better not in it; 0 of a secret.
    pub bytes: u64,
    /// The layers that it is about, by index.
    pub layers: Vec<usize>,
}

/// One build step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The stage's name or number, empty when there is only one.
    pub stage: String,
    /// The step as BuildKit prints it (`RUN go build …`), cleaned.
    pub name: String,
    /// The line of the learner's Dockerfile, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// It came from the cache.
    pub cached: bool,
    /// How long it ran.
    pub millis: u64,
}

/// A stand-in that took a base image's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandIn {
    /// The reference that the Dockerfile names.
    pub image: String,
    /// The local image that was used.
    pub by: String,
    /// What differs, such as `go 1.24`.
    pub version: String,
}

/// The result of one check: what `check --format json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckResult {
    /// The format's number, 1.
    pub schema: u32,
    /// The exercise's id.
    pub exercise: String,
    /// The daemon that was asked: version, storage driver; none when there was none.
    #[serde(default)]
    pub engine: Option<EngineName>,
    /// Stand-ins that took part.
    #[serde(default)]
    pub stand_ins: Vec<StandIn>,
    /// `true`: no daemon; only what the Dockerfile's text shows was judged.
    pub provisional: bool,
    /// Every goal of the exercise, in its order.
    pub goals: Vec<GoalResult>,
    /// The submission's image.
    #[serde(default)]
    pub sizes: Option<Sizes>,
    /// The starter's image, where a goal measured it.
    #[serde(default)]
    pub starter: Option<Sizes>,
    /// What each line of the Dockerfile put into the image, in Dockerfile order; lines that put nothing are left out.
    #[serde(default)]
    pub costs: Vec<LineCost>,
    /// What the image could do without: secrets first, then by bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// The steps of the submission's build.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// The docker commands that the check amounts to, for a learner to try.
    #[serde(default)]
    pub commands: Vec<String>,
    /// Things worth saying that decide nothing (a base image that would have to be pulled, `# syntax=` blanked …).
    #[serde(default)]
    pub notes: Vec<Diagnosis>,
    /// How long the check took.
    pub seconds: f64,
}

/// A daemon in a few words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineName {
    /// The engine's version.
    pub version: String,
    /// Its storage driver (`overlay2`, `overlayfs`).
    pub storage: String,
}

impl CheckResult {
    /// The exit code of `check`: 0 all passed; 1 any failed; 3 any broken; 4 none failed but some skipped.
    ///
    /// A failed goal is the learner's to mend and is reported before a broken one.
    pub fn exit_code(&self) -> u8 {
        let any = |verdict| self.goals.iter().any(|g| g.verdict == verdict);
        if any(Verdict::Failed) {
            1
        } else if any(Verdict::Broken) {
            3
        } else if any(Verdict::Skipped) || self.goals.is_empty() {
            4
        } else {
            0
        }
    }

    /// The findings to tell a learner, at most three: secrets, and what is a fiftieth of what was added; nothing that a
    /// failed goal blames the same lines for, as the same trouble is told once.
    pub fn findings_to_tell(&self) -> Vec<&Finding> {
        let least = self.sizes.map_or(0, |sizes| sizes.added / 50);
        let failed = |goal: &&GoalResult| goal.verdict == Verdict::Failed;
        let told: Vec<&Diagnosis> =
            self.goals.iter().filter(failed).filter_map(|goal| goal.diagnosis.as_ref()).collect();
        let new = |finding: &&Finding| !told.iter().any(|diagnosis| diagnosis.lines == finding.diagnosis.lines);
        let matters = |finding: &&Finding| finding.bytes == 0 || finding.bytes >= least;
        self.findings.iter().filter(matters).filter(new).take(3).collect()
    }

    /// Every goal passed, and on a daemon.
    pub fn passed(&self) -> bool {
        self.exit_code() == 0 && !self.provisional
    }
}

/// Every diagnosis code. A test holds each to a text in every language and to a lesson.
pub mod codes {
    macro_rules! codes {
        ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
            $($(#[$doc])* pub const $name: &str = $code;)*
            /// All of them.
            pub const ALL: &[&str] = &[$($code),*];
        };
    }

    codes! {
        // ---- the learner's ----
        /// No Dockerfile in the submission.
        NO_DOCKERFILE = "no-dockerfile";
        /// A Dockerfile that is asked for by its name is not there. Facts: `file`.
        NO_SUCH_DOCKERFILE = "no-such-dockerfile";
        /// It has 0 bytes, or comments only.
        DOCKERFILE_EMPTY = "dockerfile-empty";
        /// Over 1 MB. Facts: `size`.
        DOCKERFILE_TOO_BIG = "dockerfile-too-big";
        /// Not UTF-8. Facts: `offset`.
        DOCKERFILE_NOT_UTF8 = "dockerfile-not-utf8";
        /// It does not parse. Facts: `message` (the builder's words, English).
        SYNTAX = "syntax";
        /// The context is beyond what is uploaded. Facts: `size`, `limit`, `biggest` (list).
        CONTEXT_TOO_BIG = "context-too-big";
        /// The context has more files than are uploaded. Facts: `limit`.
        CONTEXT_TOO_MANY = "context-too-many";
        /// A line of .dockerignore is no pattern. Facts: `file`, `line`, `pattern`.
        IGNORE_PATTERN = "ignore-pattern";
        /// A symlink of the submission points out of it. Facts: `path`, `target`.
        SYMLINK_OUT = "symlink-out";
        /// A RUN step ended with an error. Facts: `step`, `exit`, `tail`.
        RUN_FAILED = "run-failed";
        /// COPY or ADD found nothing. Facts: `step`, `path`, `nearby` (list: files with nearly that name, often empty).
        COPY_NOT_FOUND = "copy-not-found";
        /// COPY found nothing because .dockerignore leaves it out. Facts: `path`.
        COPY_IGNORED = "copy-ignored";
        /// COPY of a path that an earlier stage makes, without `--from`. Facts: `path`, `stages` (list).
        COPY_WITHOUT_FROM = "copy-without-from";
        /// `COPY --from` found nothing in that stage or image. Facts: `step`, `path`, `from`.
        COPY_NOT_IN_STAGE = "copy-not-in-stage";
        /// FROM, `COPY --from` or `--mount from=` names a stage that is not there (misspelt, or defined further down).
        /// Facts: `name`, `near`, `stages` (list).
        STAGE_UNKNOWN = "stage-unknown";
        /// A script of package.json calls a program that the install above left out with the development packages.
        /// Facts: `step`, `tool`, `install`. Lines: the install and RUN.
        RUN_DEV_TOOL = "run-dev-tool";
        /// A RUN step needs a file that no line above it copies. Facts: `step`, `file`, `copy` (what to write behind COPY).
        RUN_BEFORE_COPY = "run-before-copy";
        /// A RUN step looks for a file that was copied, but elsewhere. Facts: `step`, `file`, `copy`, `workdir`. Lines: RUN
        /// and COPY.
        RUN_WRONG_FOLDER = "run-wrong-folder";
        /// A RUN step calls a program that its stage does not have. Facts: `step`, `tool`, `base`.
        RUN_TOOL_MISSING = "run-tool-missing";
        /// A RUN step may not write where it wants to, because USER came first. Facts: `step`, `user`.
        RUN_NOT_PERMITTED = "run-not-permitted";
        /// The build needed a network which the exercise does not give. Facts: `step`.
        BUILD_NEEDS_NETWORK = "build-needs-network";
        /// Any other build error. Facts: `message`.
        BUILD_FAILED = "build-failed";
        /// The build passed its deadline. Facts: `limit`, `step`.
        BUILD_TIMEOUT = "build-timeout";
        /// The build said nothing for too long. Facts: `limit`, `step`.
        BUILD_IDLE = "build-idle";
        /// Too few stages that the target needs. Facts: `have`, `want`, `unreachable` (list).
        STAGES_TOO_FEW = "stages-too-few";
        /// Too many. Facts: `have`, `want`.
        STAGES_TOO_MANY = "stages-too-many";
        /// A stage is there but nothing needs it. Facts: `stage`.
        STAGE_UNREACHABLE = "stage-unreachable";
        /// A stage with that name is missing. Facts: `stage`.
        STAGE_MISSING = "stage-missing";
        /// The final base is another. Facts: `base`, `want` (list).
        FINAL_BASE_WRONG = "final-base-wrong";
        /// Too many bytes above the base. Facts: `added`, `limit`, `worst` (text of the line), `worst-bytes`, `biggest`
        /// (list:
        /// the biggest folders that the line brought, each with its size).
        ADDED_TOO_BIG = "added-too-big";
        /// The image is too big. Facts: `total`, `limit`, `base`, `base-bytes`, `worst` (text of the heaviest line of
        /// your own),
        /// `worst-bytes`.
        TOTAL_TOO_BIG = "total-too-big";
        /// Not smaller enough than the starter. Facts: `starter`, `total`, `times`, `want`, `base`, `base-bytes`,
        /// `worst`,
        /// `worst-bytes`.
        NOT_SMALLER = "not-smaller";
        /// A later layer only hid or copied the bytes of an earlier one. Facts: `wasted`, `how` (`removed`, `replaced`,
        /// `owner`,
        /// `mode`, `again`), `size`, `limit`. Lines: the one that put the bytes there and the one that hid them.
        WASTE = "waste";
        /// Lines of the learner's own store bytes that nobody can see. Facts: `wasted`, `limit`, `added`; of the worst
        /// two lines
        /// `how` (as above), `bytes`, `put` (the line that put them), `step` (the line that hid or copied them),
        /// `examples` (list).
        WASTED = "wasted";
        /// A value that the build was given lies in a layer. Facts: `secret`, `paths` (list), `step`.
        SECRET_IN_LAYER = "secret-in-layer";
        /// It was deleted again, and the layer below keeps it. Facts: `secret`, `paths` (list), `step`.
        SECRET_HIDDEN = "secret-hidden";
        /// It stands in the image's history. Facts: `secret`, `step`.
        SECRET_IN_HISTORY = "secret-in-history";
        /// It stands in the environment, a label or the command. Facts: `secret`, `names` (list of variables).
        SECRET_IN_CONFIG = "secret-in-config";
        /// The build did not use it. Facts: `secret`, `path` (where its fingerprint should be).
        SECRET_UNUSED = "secret-unused";
        /// Two images differ in more layers than asked. Facts: `stage`, `shared`, `own`, `limit`, `bytes`, `step`,
        /// `other` (the
        /// lines at which they part).
        LAYERS_APART = "layers-apart";
        /// Both stages are one and the same image. Facts: `stage`.
        IMAGES_SAME = "images-same";
        /// A compiler's cache stayed in a layer. Facts: `cache` (folder), `bytes`, `size`, `limit`.
        BUILD_CACHE = "build-cache";
        /// A package manager's cache stayed in a layer. Facts: `cache` (folder), `bytes`, `size`, `limit`.
        PACKAGE_CACHE = "package-cache";
        /// Packages that package.json needs for development only. Facts: `packages` (list), `bytes`, `size`, `limit`.
        DEV_DEPENDENCIES = "dev-dependencies";
        /// A path that must not be there is. Facts: `paths` (list), `count`, `bytes`.
        PATH_PRESENT = "path-present";
        /// It came with the base image, not with a line of the learner's. Facts: `paths` (list), `count`, `bytes`,
        /// `base`.
        PATH_FROM_BASE = "path-from-base";
        /// A tool that must not be there is. Facts: `tools` (list), `path`.
        TOOL_PRESENT = "tool-present";
        /// It came with the base image. Facts: `tools` (list), `path`, `base`.
        TOOL_FROM_BASE = "tool-from-base";
        /// A path that must be there is not. Facts: `path`, `nearby` (list).
        PATH_MISSING = "path-missing";
        /// The container runs as root. Facts: `user`.
        USER_ROOT = "user-root";
        /// USER is set but a later USER makes it root again. Facts: `user`.
        USER_BACK_TO_ROOT = "user-back-to-root";
        /// Another uid than asked. Facts: `uid`, `want`.
        USER_WRONG = "user-wrong";
        /// USER names somebody that the image's /etc/passwd does not know. Facts: `user`.
        USER_UNKNOWN = "user-unknown";
        /// The container could not start: no such file. Facts: `command`, `message`.
        COMMAND_NOT_FOUND = "command-not-found";
        /// A file that is not an executable of this platform. Facts: `command`.
        EXEC_FORMAT = "exec-format";
        /// Shell form on an image without a shell. Facts: `command`.
        NO_SHELL = "no-shell";
        /// Dynamically linked, and its loader is not in the image. Facts: `binary`, `loader`.
        LOADER_MISSING = "loader-missing";
        /// A script whose interpreter (`#!`) is not in the image. Facts: `script`, `interpreter`.
        INTERPRETER_MISSING = "interpreter-missing";
        /// A script with Windows line ends, whose `#!` line therefore names nothing. Facts: `script`.
        SCRIPT_CRLF = "script-crlf";
        /// The file is there but may not be executed. Facts: `command`.
        NOT_EXECUTABLE = "not-executable";
        /// The program started and did not find a file that its command names. Facts: `file`, `workdir`, `nearby`
        /// (list).
        RUNTIME_FILE_MISSING = "runtime-file-missing";
        /// Neither CMD nor ENTRYPOINT.
        NO_COMMAND = "no-command";
        /// Another exit code. Facts: `exit`, `want`, `stderr`.
        EXIT_WRONG = "exit-wrong";
        /// Another output. Facts: `stream`, `got`, `want`.
        OUTPUT_WRONG = "output-wrong";
        /// Still running when it should have ended. Facts: `limit`.
        RUN_TIMEOUT = "run-timeout";
        /// Killed by the memory limit. Facts: `limit`.
        OUT_OF_MEMORY = "out-of-memory";
        /// A module or library that it needs is not in the image. Facts: `module`.
        MODULE_MISSING = "module-missing";
        /// Ended before it answered. Facts: `exit`, `stderr`.
        SERVER_DIED = "server-died";
        /// Runs, but nobody listens on the port. Facts: `port`, `listening` (list).
        PORT_CLOSED = "port-closed";
        /// Listens on 127.0.0.1 only. Facts: `port`.
        PORT_LOOPBACK = "port-loopback";
        /// Another HTTP status. Facts: `status`, `want`, `body`.
        STATUS_WRONG = "status-wrong";
        /// Another body. Facts: `got`, `want`.
        BODY_WRONG = "body-wrong";
        /// The step ran again after the edit. Facts: `step`, `cause` (the line that broke the cache), `file`.
        CACHE_MISSED = "cache-missed";
        /// `COPY . .` would be sent too much. Facts: `size`, `limit`, `biggest` (list: what weighs most, each with its
        /// size).
        CONTEXT_TOO_HEAVY = "context-too-heavy";
        /// The test stands in a stage that the image does not need, so that it is never run. Facts: `step`, `stage`,
        /// `file`.
        TEST_NOT_NEEDED = "test-not-needed";
        /// The program was broken, the test ran, and the build went on. Facts: `step`, `stage`, `file`.
        TEST_NOT_BLOCKING = "test-not-blocking";
        /// The broken program failed another step than the one that is to notice. Facts: `step`, `want` (list), `file`.
        BROKEN_ELSEWHERE = "broken-elsewhere";
        /// The edit did not make the step run again: it does not see the file. Facts: `step`, `file`.
        STEP_NOT_RUN = "step-not-run";
        /// The step ran again and did not print what shows what it does. Facts: `step`, `file`, `want`, `log`.
        STEP_SILENT = "step-silent";
        /// The step did everything again. Facts: `step`, `file`, `again` (list: what it printed that it need not have),
        /// `lines`.
        CACHE_NOT_REUSED = "cache-not-reused";
        /// No such step in the Dockerfile. Facts: `want` (list).
        STEP_MISSING = "step-missing";
        /// The file to edit is not in the submission. Facts: `file`.
        EDIT_FILE_MISSING = "edit-file-missing";
        /// The instruction is missing. Facts: `instruction` (as it would be written, in short).
        INSTRUCTION_MISSING = "instruction-missing";
        /// An instruction that must not be there is. Facts: `instruction`.
        INSTRUCTION_PRESENT = "instruction-present";
        // Of a stack. Lines are those of the stack file.
        /// No stack file in the submission. Facts: `file`.
        NO_STACK_FILE = "no-stack-file";
        /// The stack file is no YAML, or has no services. Facts: `message`.
        STACK_SYNTAX = "stack-syntax";
        /// It asks for what leads out of a swarm's node. Facts: `key`, `what`.
        STACK_UNSAFE = "stack-unsafe";
        /// `docker stack` refuses it. Facts: `message`.
        STACK_REFUSED = "stack-refused";
        /// A service's image is none of the exercise's and not here. Facts: `image`, `available` (list).
        STACK_IMAGE_UNKNOWN = "stack-image-unknown";
        /// A service's tasks end or do not start. Facts: `service`, `have`, `want`, `message`.
        TASKS_NOT_RUNNING = "tasks-not-running";
        /// Tasks wait for a node that there is not. Facts: `service`, `have`, `want`, `message`.
        NO_SUITABLE_NODE = "no-suitable-node";
        /// The stack has no such service. Facts: `service`, `services` (list).
        SERVICE_MISSING = "service-missing";
        /// Fewer tasks than asked for. Facts: `service`, `have`, `want`.
        REPLICAS_TOO_FEW = "replicas-too-few";
        /// A killed task was not replaced. Facts: `service`, `have`, `want`, `restart`, `time`.
        NOT_HEALED = "not-healed";
        /// An update took too many tasks down at once. Facts: `service`, `down`, `limit`, `parallelism`, and those of
        /// [`UPDATE_NOT_DONE`].
        TOO_MANY_DOWN = "too-many-down";
        /// An update to a good release did not come to its end. Facts: `service`, `status`, `message`, `action`,
        /// `have`, `want`,
        /// `time`.
        UPDATE_NOT_DONE = "update-not-done";
        /// A bad release stopped half way, and nobody took it back. Facts: `service`, `status`, `message`, `action`,
        /// `have`, `want`, `time`.
        UPDATE_PAUSED = "update-paused";
        /// A bad release was rolled out as if it were a good one. Facts: `service`, `status`, `message`, `action`,
        /// `have`, `want`, `time`.
        BAD_RELEASE_KEPT = "bad-release-kept";
        /// A rollback was begun or not, and did not come to its end. Facts: `service`, `status`, `message`, `action`,
        /// `have`, `want`, `time`.
        ROLLBACK_NOT_DONE = "rollback-not-done";
        /// A secret's or config's file is not in the task. Facts: `service`, `path`, `file`, `have` (list).
        SERVICE_FILE_MISSING = "service-file-missing";
        /// It is there with another content. Facts: `service`, `path`, `file`, `have` (list).
        SERVICE_FILE_OTHER = "service-file-other";
        /// A secret can be read elsewhere. Facts: `service`, `path`, `places` (list: `process`, `service`, `config`,
        /// `image`).
        SECRET_SEEN = "secret-seen";
        /// Two services have no network in common. Facts: `from`, `to`, `port`, `from-networks` (list), `to-networks`
        /// (list),
        /// `message`.
        NO_SHARED_NETWORK = "no-shared-network";
        /// They have, and still there is no answer. Facts: `from`, `to`, `port`, `from-networks` (list), `to-networks`
        /// (list), `message`.
        SERVICE_UNREACHABLE = "service-unreachable";
        /// After a node was drained a service has too few tasks. Facts: `node`, `service`, `have`, `want`, `message`.
        DRAIN_NOT_KEPT = "drain-not-kept";
        /// Tasks were still on the drained node. Facts: `node`, `left`, `limit`.
        DRAIN_SLOW = "drain-slow";
        /// Lint found something. Facts: `rule` (what to mend first; the others are that rule's own), `found` (list:
        /// each rule
        /// with its line), `count`.
        LINT_FOUND = "lint-found";

        /// The container ended by itself although it should have gone on. Facts: `exit`, `stderr`.
        ENDED_EARLY = "ended-early";
        /// It never printed what says that it is ready. Facts: `want`, `stdout`.
        NOT_READY = "not-ready";
        /// What should be in its output is not. Facts: `stream`, `got`, `want`, `limit`.
        LOGS_MISSING = "logs-missing";
        /// It is in the other stream. Facts: `stream`, `want`.
        LOGS_OTHER_STREAM = "logs-other-stream";
        /// No HEALTHCHECK, or `NONE`. Facts: `have`.
        HEALTH_NONE = "health-none";
        /// Its first test comes too late. Facts: `test`, `interval`, `limit`.
        HEALTH_FIRST_LATE = "health-first-late";
        /// Its test calls a program that the image does not have. Facts: `test`, `tool`, `output`.
        HEALTH_TOOL_MISSING = "health-tool-missing";
        /// Its test never succeeded. Facts: `test`, `exit`, `output`, `limit`.
        HEALTH_NEVER = "health-never";
        /// What should make the container ill could not be done to it. Facts: `command`, `output`.
        HEALTH_NOT_SHAKEN = "health-not-shaken";
        /// Its test fails, but it takes too long until Docker calls it unhealthy. Facts: `test`, `command`, `interval`,
        /// `retries`, `limit`.
        HEALTH_NOTICED_LATE = "health-noticed-late";
        /// Its test succeeds although the container is ill. Facts: `test`, `command`, `line`, `limit`.
        HEALTH_BLIND = "health-blind";
        /// The daemon does not know the signal. Facts: `signal`, `message`.
        SIGNAL_REFUSED = "signal-refused";
        /// Shell form: a shell is process 1 and hands no signal on. Facts: `first`, `child`, `signal`, `limit`,
        /// (`stop`: the
        /// STOPSIGNAL line).
        SIGNAL_SHELL_FORM = "signal-shell-form";
        /// A script is process 1 and waits for a child. Facts: `first`, `child`, `signal`, `limit`, (`stop`).
        SIGNAL_SHELL_WAITS = "signal-shell-waits";
        /// Process 1 has no handler, so that the kernel drops the signal. Facts: `first`, `signal`, `limit`, (`stop`).
        SIGNAL_IGNORED = "signal-ignored";
        /// It ended, but too late. Facts: `first`, `took`, `signal`, `limit`, (`stop`).
        SIGNAL_SLOW = "signal-slow";
        /// Ended in time with another exit code. Facts: `exit`, `want`, `signal`, (`number`: of the signal that it died
        /// of).
        SIGNAL_EXIT = "signal-exit";
        // ---- compose: the learner's ----
        /// No compose file in the submission.
        COMPOSE_FILE_MISSING = "compose-file-missing";
        /// It is no YAML. Facts: `file`, `message`.
        COMPOSE_SYNTAX = "compose-syntax";
        /// `docker compose config` refuses it. Facts: `message`.
        COMPOSE_INVALID = "compose-invalid";
        /// It would give a container power over the machine. Facts: `key`, `value`.
        COMPOSE_POWER = "compose-power";
        /// It opens something outside of its own folder. Facts: `key`, `value`.
        COMPOSE_OUTSIDE = "compose-outside";
        /// It hands the daemon's socket to a container. Facts: `key`, `value`.
        COMPOSE_SOCKET = "compose-socket";
        /// It uses something that the check does not start. Facts: `key`, `value`.
        COMPOSE_UNCHECKED = "compose-unchecked";
        /// The obsolete `version` key is there.
        COMPOSE_VERSION_KEY = "compose-version-key";
        /// A service is missing. Facts: `service`, `have` (list).
        COMPOSE_SERVICE_MISSING = "compose-service-missing";
        /// A service has another image than asked for. Facts: `service`, `image`, `want` (list).
        COMPOSE_IMAGE_WRONG = "compose-image-wrong";
        /// A service's image does not build. Facts: `service`, `code`, `message`.
        COMPOSE_BUILD_FAILED = "compose-build-failed";
        /// `docker compose up` failed. Facts: `message`.
        COMPOSE_UP_FAILED = "compose-up-failed";
        /// A service ended. Facts: `service`, `exit`, `stderr`.
        COMPOSE_SERVICE_EXITED = "compose-service-exited";
        /// A service's health check says no. Facts: `service`, `said`, `stderr`.
        COMPOSE_UNHEALTHY = "compose-unhealthy";
        /// A service was not ready in time. Facts: `service`, `limit`.
        COMPOSE_UP_TIMEOUT = "compose-up-timeout";
        /// A service publishes a port and must not. Facts: `service`, `ports` (list).
        COMPOSE_PUBLISHED = "compose-published";
        /// A service does not publish its port. Facts: `service`, `port`.
        COMPOSE_NOT_PUBLISHED = "compose-not-published";
        /// A port is published for the whole network. Facts: `service`, `port`.
        COMPOSE_PUBLISHED_WIDE = "compose-published-wide";
        /// A service that others wait for has no health check. Facts: `service`.
        COMPOSE_NO_HEALTH_CHECK = "compose-no-health-check";
        /// A health check that also passes where the service does not run. Facts: `service`, `test`.
        COMPOSE_HEALTH_ALWAYS = "compose-health-always";
        /// A service was started before the other was healthy. Facts: `service`, `after`, `early`.
        COMPOSE_STARTED_EARLY = "compose-started-early";
        /// The file is no secret of the compose file. Facts: `file`.
        COMPOSE_SECRET_NOT_FILE = "compose-secret-not-file";
        /// A service is not given the secret. Facts: `service`, `file`.
        COMPOSE_SECRET_NOT_GIVEN = "compose-secret-not-given";
        /// The secret's value can be read with `docker inspect`. Facts: `service`, `file`, `place`.
        COMPOSE_SECRET_LEAKED = "compose-secret-leaked";
        /// A service that runs does not answer. Facts: `service`, `port`, `stderr`.
        COMPOSE_NO_ANSWER = "compose-no-answer";
        /// What was written is gone after `down` and `up`. Facts: `store`, `service`.
        COMPOSE_DATA_LOST = "compose-data-lost";
        /// Two services share a network and must not. Facts: `from`, `to`, `networks` (list).
        COMPOSE_REACHABLE = "compose-reachable";
        /// Two services share no network. Facts: `from`, `to`.
        COMPOSE_UNREACHABLE = "compose-unreachable";
        /// A service ended and did not come back. Facts: `service`, `policy`, `limit`.
        COMPOSE_NOT_BACK = "compose-not-back";
        /// A service ended, and was started again. Facts: `service`, `policy`.
        COMPOSE_CAME_BACK = "compose-came-back";
        /// A service that should do its work and end runs on. Facts: `service`, `policy`, `limit`.
        COMPOSE_JOB_RUNS_ON = "compose-job-runs-on";
        /// A service started that nobody asked for. Facts: `service`, `command`.
        COMPOSE_STARTED_UNASKED = "compose-started-unasked";
        /// A service that was asked for did not start. Facts: `service`, `command`.
        COMPOSE_NOT_STARTED = "compose-not-started";
        /// No answers.yaml in the submission.
        NO_ANSWERS = "no-answers";
        /// answers.yaml does not parse. Facts: `message` (English, with line and column).
        ANSWERS_SYNTAX = "answers-syntax";
        /// Nothing stands under that name. Facts: `name`.
        ANSWER_MISSING = "answer-missing";
        /// None of what can be answered. Facts: `name`, `got`, `options` (list).
        ANSWER_UNKNOWN = "answer-unknown";
        /// Wrong, for the reason that the exercise gives. Facts: `name`, `got`, `reason`.
        ANSWER_REASON = "answer-reason";
        /// Not so on this machine. Facts: `name`, `got`, `find` (a command that finds out).
        ANSWER_NOT_SO = "answer-not-so";
        /// Rows of the history were taken for layers, or the reverse. Facts: `name`, `got`, `find`.
        ANSWER_OTHER_COUNT = "answer-other-count";
        /// An instruction that did make a layer. Facts: `name`, `got`, `instruction`, `find`.
        ANSWER_HAS_LAYER = "answer-has-layer";
        /// All right as far as it goes. Facts: `name`, `got`, `missing`, `find`.
        ANSWER_INCOMPLETE = "answer-incomplete";
        /// No size with a unit. Facts: `name`, `got`, `size` (what cannot be read).
        ANSWER_NO_SIZE = "answer-no-size";
        /// The layers are in the reverse order. Facts: `name`, `got`, `find`.
        ANSWER_REVERSED = "answer-reversed";
        /// Too many or too few layers. Facts: `name`, `got`, `find`.
        ANSWER_LAYER_COUNT = "answer-layer-count";
        /// A layer has another size. Facts: `name`, `got`, `layer` (from 1, bottom first), `size`, `within` (per cent),
        /// `find`.
        ANSWER_LAYER_SIZE = "answer-layer-size";
        /// That text is in the image for everybody to see; the deleted one is asked for. Facts: `name`, `got`, `find`.
        ANSWER_VISIBLE = "answer-visible";
        /// That text is in no layer. Facts: `name`, `got`, `find`.
        ANSWER_NOT_IN_LAYERS = "answer-not-in-layers";
        /// No steps.sh in the submission.
        NO_STEPS = "no-steps";
        /// The shell that ran steps.sh ended with it (`exit`, `set -e`), before its terminal was closed. Facts:
        /// `screen`.
        STEPS_EXIT = "steps-exit";
        /// No process of that name was ever seen. Facts: `job`, `screen` (what the terminal showed last).
        JOB_NOT_STARTED = "job-not-started";
        /// The job holds the prompt: nothing put it into the background. Facts: `job`, `limit`.
        JOB_IN_FOREGROUND = "job-in-foreground";
        /// The job was hung up with its terminal. Facts: `job`.
        JOB_HUNG_UP = "job-hung-up";
        /// The job ended before the terminal was closed. Facts: `job`, `how`, `screen`.
        JOB_ENDED_EARLY = "job-ended-early";
        /// The job ended after the terminal was closed, though it was not hung up. Facts: `job`, `how`, `stream` (its
        /// output
        /// where that was the terminal, else empty).
        JOB_ENDED_AFTER = "job-ended-after";
        /// The job's output went into nohup.out. Facts: `job`, `file`.
        OUTPUT_IN_NOHUP = "output-in-nohup";
        /// The job's output goes to the terminal. Facts: `job`, `file`, `stream`.
        OUTPUT_ON_TERMINAL = "output-on-terminal";
        /// The file is not there. Facts: `job`, `file`, `to` (where standard output goes).
        OUTPUT_NO_FILE = "output-no-file";
        /// The file is there and does not grow any more. Facts: `job`, `file`.
        OUTPUT_STOPPED = "output-stopped";
        /// The file lacks a text. Facts: `job`, `file`, `want`.
        OUTPUT_LACKS = "output-lacks";
        /// A stream of the job is the terminal. Facts: `job`, `stream`.
        STREAM_ON_TERMINAL = "stream-on-terminal";

        /// No `steps.sh`, or nothing in it. Facts: `file`.
        NO_COMMANDS = "no-commands";
        /// A line of `steps.sh` is refused. Facts: `what`, `why` (`shell`, `command`, `others`, `host`, `mount`,
        /// `flag`).
        STEPS_REFUSED = "steps-refused";
        /// No container of that name. Facts: `name`, (`have`: list; `step` and `said`: of the step that failed first;
        /// `hung` and
        /// `limit`: of one that did not end).
        CONTAINER_MISSING = "container-missing";
        /// It is in another state. Facts: `name`, `state`, `want`, (`exit`, `printed`).
        CONTAINER_STATE = "container-state";
        /// It ended with another code. Facts: `name`, `exit`, `want`, `printed`.
        CONTAINER_EXIT = "container-exit";
        /// Others are left beside it. Facts: `others` (list).
        CONTAINERS_MORE = "containers-more";
        /// A limit is not set. Facts: `container`, `limit` (`memory`, `cpus`, `pids`), `want`.
        LIMIT_MISSING = "limit-missing";
        /// A limit is another. Facts: `container`, `limit` (`memory`, `cpus`, `pids`), `have`, `want`.
        LIMIT_WRONG = "limit-wrong";
        /// What should crash it did not. Facts: `container`, `command`, `said`.
        RESTART_NO_CRASH = "restart-no-crash";
        /// It stayed down after a crash. Facts: `container`, `policy`, `limit`.
        RESTART_NOT_BACK = "restart-not-back";
        /// It did not stay down after a stop. Facts: `container`, `policy`, `state`.
        RESTART_NOT_DOWN = "restart-not-down";
        /// It does as asked now, but its policy would bring it back with the daemon. Facts: `container`, `policy`,
        /// `want` (list).
        RESTART_POLICY = "restart-policy";
        /// The port is not published. Facts: `container`, `port`, (`have`: list).
        PORT_NOT_PUBLISHED = "port-not-published";
        /// It is published on another address. Facts: `container`, `port`, `have` (list), `want` (list).
        PORT_ADDRESS = "port-address";
        /// No volume of that name. Facts: `volume`, (`step`, `said`, `hung`, `limit`).
        VOLUME_MISSING = "volume-missing";
        /// The volume does not hold the file. Facts: `volume`, `file`, (`have`: list).
        VOLUME_FILE_MISSING = "volume-file-missing";
        /// The file is another. Facts: `volume`, `file`, `got`, `want`.
        VOLUME_FILE_WRONG = "volume-file-wrong";
        /// The file has too few different lines. Facts: `volume`, `file`, `have`, `want`, `got`.
        VOLUME_LINES = "volume-lines";
        /// The volume is not mounted in the container. Facts: `volume`, `container`, (`have`: list).
        VOLUME_NOT_MOUNTED = "volume-not-mounted";
        /// A volume of a backup holds nothing. Facts: `volume`, (`step`, `said`, `hung`, `limit`).
        COPY_EMPTY = "copy-empty";
        /// A backup differs. Facts: `from`, `to`, `files` (list).
        COPY_DIFFERS = "copy-differs";
        /// A container is made from another image. Facts: `name`, `image`, `want`.
        CONTAINER_IMAGE = "container-image";
        /// A container printed something else. Facts: `container`, `stream`, `got`, `want`, (`other`: the stream that has it).
        CONTAINER_LOGS = "container-logs";
        /// The file of a container is not outside. Facts: `container`, `path`, `file`, (`step`, `said`, `hung`, `limit`).
        FILE_NOT_OUTSIDE = "file-not-outside";
        /// What is outside is another file. Facts: `container`, `path`, `file`, (`step`, `said`, `hung`, `limit`).
        FILE_OTHER = "file-other";
        /// The container does not hold the file any more. Facts: `container`, `path`.
        FILE_GONE_INSIDE = "file-gone-inside";
        /// Containers that have ended are left. Facts: `names` (list), (`step`, `said`, `hung`, `limit`).
        SPACE_CONTAINERS = "space-containers";
        /// Images without a name are left. Facts: `count`, (`step`, `said`, `hung`, `limit`).
        SPACE_IMAGES = "space-images";
        /// The registry has no image of that name. Facts: `repository`, (`have`: list; `step`, `said`, `hung`, `limit`).
        REGISTRY_NO_NAME = "registry-no-name";
        /// It has the name, without that tag. Facts: `repository`, `tag`, `have` (list), (`step`, `said`, `hung`, `limit`).
        REGISTRY_NO_TAG = "registry-no-tag";
        /// It is another image. Facts: `repository`, `tag`, `want`.
        REGISTRY_OTHER_IMAGE = "registry-other-image";
        /// A container's image is not named by a digest. Facts: `container`, `image`, `want`.
        DIGEST_NOT_NAMED = "digest-not-named";
        /// It is named by another digest than the tag has. Facts: `container`, `image`, `want`.
        DIGEST_OTHER = "digest-other";
        /// No steps, and nothing that bears the label. Facts: `label`, `file`.
        NOTHING_BY_HAND = "nothing-by-hand";
        /// The name is not known there. Facts: `from`, `to`, `from-networks` (list), `to-networks` (list).
        REACH_NO_NAME = "reach-no-name";
        /// The name is known, but nothing answers. Facts: `from`, `to`, `from-networks` (list), `to-networks` (list),
        /// `port`,
        /// `said`.
        REACH_SILENT = "reach-silent";
        /// It answers and should not be reached. Facts: `from`, `to`, `from-networks` (list), `to-networks` (list).
        REACH_OPEN = "reach-open";

        // ---- what is missing: skipped ----
        /// The swarm has fewer nodes than the goal needs. Facts: `have`, `want`.
        NEEDS_NODES = "needs-nodes";
        /// Not even one node fits on the machine. Facts: `what` (`memory`, `disk`), `nodes`, `free`, `needed`.
        SWARM_TOO_BIG = "swarm-too-big";
        /// An earlier goal failed. Facts: `goal`.
        NEEDS_GOAL = "needs-goal";
        /// The daemon lacks it. Facts: `feature`.
        NEEDS_FEATURE = "needs-feature";
        /// Only `docker-compose` version 1 is here. Facts: `version`.
        NEEDS_COMPOSE_V2 = "needs-compose-v2";
        /// There is no compose command.
        NEEDS_COMPOSE = "needs-compose";
        /// It cannot be looked at without changing what the learner made by hand. Facts: `file`.
        NEEDS_STEPS = "needs-steps";
        /// No daemon: provisional.
        NEEDS_DAEMON = "needs-daemon";
        /// The learner stopped the check.
        CANCELLED = "cancelled";

        // ---- the machine's or ours: broken ----
        /// No daemon answers. Facts: `tried` (list).
        DAEMON_DOWN = "daemon-down";
        /// The socket is there but not ours to open. Facts: `socket`.
        DAEMON_PERMISSION = "daemon-permission";
        /// It went away in the middle. Facts: `during`.
        DAEMON_LOST = "daemon-lost";
        /// Its answer was not understood, or it was an error of its own. Facts: `message`.
        DAEMON_ERROR = "daemon-error";
        /// The daemon does not reach a port of its own. Facts: `address`, `message`.
        REGISTRY_UNREACHABLE = "registry-unreachable";
        /// What the exercise begins with could not be made. Facts: `step`, (`said`).
        SETUP_FAILED = "setup-failed";
        /// The daemon's disk is full. Facts: `message`.
        DISK_FULL = "disk-full";
        /// A base image is not to be had here. Facts: `image`, `available` (list).
        IMAGE_UNAVAILABLE = "image-unavailable";
        /// A base image is not here and could be pulled. Facts: `image`, `size` (what is downloaded, where known).
        IMAGE_NOT_PULLED = "image-not-pulled";
        /// `# syntax=` names a frontend that is not here and is needed. Facts: `frontend`, `line`.
        FRONTEND_UNAVAILABLE = "frontend-unavailable";
        /// The submission could not be read. Facts: `path`, `message`.
        SUBMISSION_UNREADABLE = "submission-unreadable";
        /// The image of a swarm's node is not here, or is another than the kit's.
        SWARM_NODE_MISSING = "swarm-node-missing";
        /// The confinement that we set stopped it. Facts: `limit`.
        OUR_LIMIT = "our-limit";
        /// The checker is at fault. Facts: `message`.
        INTERNAL = "internal";

        // ---- findings: what an image could do without; they decide nothing ----
        /// A secret by name and content. Facts: `name`, `step`.
        FOUND_SECRET_FILE = "found-secret-file";
        /// One that a later layer hides. Facts: `name`, `step`.
        FOUND_SECRET_HIDDEN = "found-secret-hidden";
        /// A secret value in the history or the environment. Facts: `name` (may be empty), `step`.
        FOUND_SECRET_VALUE = "found-secret-value";
        /// Put by one line, deleted by a later one. Facts: `bytes`, `files`, `put`, `step`, `put-line`, `line`,
        /// `examples` (list).
        FOUND_REMOVED = "found-removed";
        /// Written again with other content. Facts: `bytes`, `files`, `put`, `step`, `put-line`, `line`, `examples`
        /// (list).
        FOUND_REPLACED = "found-replaced";
        /// Copied for another owner. Facts: `bytes`, `files`, `put`, `step`, `put-line`, `line`, `examples` (list).
        FOUND_OWNER = "found-owner";
        /// Copied for another mode. Facts: `bytes`, `files`, `put`, `step`, `put-line`, `line`, `examples` (list).
        FOUND_MODE = "found-mode";
        /// Stored twice as it is. Facts: `bytes`, `files`, `put`, `step`, `put-line`, `line`, `examples` (list).
        FOUND_AGAIN = "found-again";
        /// Lists of a package manager. Facts: `tool`, `path`, `bytes`, `step`.
        FOUND_LISTS = "found-lists";
        /// What a package manager downloaded. Facts: `tool`, `path`, `bytes`, `step`.
        FOUND_DOWNLOADS = "found-downloads";
        /// A compiler's cache. Facts: `tool`, `path`, `bytes`, `step`.
        FOUND_BUILD_CACHE = "found-build-cache";
        /// Another program's cache. Facts: `tool`, `path`, `bytes`, `step`.
        FOUND_CACHE = "found-cache";
        /// Compilers that a line of one's own brought. Facts: `tools` (list), `bytes`, `step`.
        FOUND_COMPILER = "found-compiler";
        /// Compilers in the base. Facts: `tools` (list), `bytes`, `step`.
        FOUND_COMPILER_BASE = "found-compiler-base";
        /// Sources of compiled languages. Facts: `tool`, `path`, `bytes`, `step`.
        FOUND_SOURCES = "found-sources";
        /// A version control system's folder. Facts: `tool`, `path`, `bytes`, `step`.
        FOUND_VCS = "found-vcs";
        /// Tests. Facts: `tool`, `path`, `bytes`, `step`.
        FOUND_TESTS = "found-tests";
        /// Manuals. Facts: `tool`, `path`, `bytes`, `step`.
        FOUND_DOCS = "found-docs";
        /// Wheels. Facts: `tool`, `path`, `bytes`, `step`.
        FOUND_WHEELS = "found-wheels";
        /// npm packages for development. Facts: `packages` (list), `bytes`, `step`.
        FOUND_DEV = "found-dev";
        /// Temporary files and logs. Facts: `tool`, `path`, `bytes`, `step`.
        FOUND_TEMPORARY = "found-temporary";

        // ---- notes: decide nothing ----
        /// A base that `images:` does not name. Facts: `image`.
        NOTE_UNLISTED_BASE = "note-unlisted-base";
        /// `# syntax=` was blanked in the uploaded copy. Facts: `frontend`.
        NOTE_SYNTAX_BLANKED = "note-syntax-blanked";
        /// A stand-in was used. Facts: `image`, `by`, `version`.
        NOTE_STAND_IN = "note-stand-in";
        /// The daemon's own size for the image. Facts: `docker`, `total`, `storage`.
        NOTE_DOCKER_SIZE = "note-docker-size";
        /// Stages that nothing needs were not built. Facts: `stages` (list).
        NOTE_UNUSED_STAGES = "note-unused-stages";
        /// Keys of a stack file that a swarm ignores. Facts: `keys` (list).
        NOTE_STACK_IGNORED = "note-stack-ignored";
        /// The kernel has no IP_VS: services are asked by `tasks.NAME`.
        NOTE_NO_IP_VS = "note-no-ip-vs";
        /// The swarm has fewer nodes than the exercise asks for. Facts: `have`, `what`, `nodes`, `free`, `needed`.
        NOTE_FEWER_NODES = "note-fewer-nodes";
        /// Lint found something that costs. Facts: `rule`; the others are the rule's own.
        NOTE_LINT = "note-lint";
        /// CRLF line ends in the Dockerfile.
        NOTE_CRLF = "note-crlf";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_kebab_case() {
        let mut seen = std::collections::BTreeSet::new();
        for code in codes::ALL {
            assert!(seen.insert(code), "{code} twice");
            assert!(code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{code}");
        }
    }

    #[test]
    fn a_failure_outweighs_what_is_broken_or_skipped() {
        let goal = |verdict| GoalResult {
            id: "g".into(),
            kind: "builds".into(),
            verdict,
            diagnosis: None,
            measured: Facts::new(),
        };
        let result = |verdicts: &[Verdict]| CheckResult {
            schema: 1,
            exercise: "e".into(),
            engine: None,
            stand_ins: vec![],
            provisional: false,
            goals: verdicts.iter().map(|v| goal(*v)).collect(),
            sizes: None,
            starter: None,
            costs: vec![],
            findings: vec![],
            steps: vec![],
            commands: vec![],
            notes: vec![],
            seconds: 0.0,
        };
        use Verdict::*;
        assert_eq!(result(&[Passed, Passed]).exit_code(), 0);
        assert_eq!(result(&[Passed, Failed, Broken, Skipped]).exit_code(), 1);
        assert_eq!(result(&[Passed, Broken, Skipped]).exit_code(), 3);
        assert_eq!(result(&[Passed, Skipped]).exit_code(), 4);
        assert_eq!(result(&[]).exit_code(), 4, "nothing judged is no success");
    }

    #[test]
    fn a_finding_is_told_unless_a_failed_goal_has_told_of_the_same_lines() {
        let mut result: CheckResult = serde_json::from_value(serde_json::json!({
            "schema": 1, "exercise": "e", "engine": null, "provisional": false, "seconds": 1.0,
            "sizes": {"total": 9, "final": 9, "wasted": 0, "added": 100_000_000},
            "goals": [{"id": "waste", "kind": "waste", "verdict": "failed", "code": "wasted", "lines": [3, 4]}],
        }))
        .unwrap();
        let finding = |code: &str, bytes, line: u32| Finding {
            diagnosis: Diagnosis::new(code).at([3, line]),
            bytes,
            layers: vec![],
        };
        result.findings = vec![
            finding(codes::FOUND_SECRET_FILE, 0, 3),
            finding(codes::FOUND_REMOVED, 40_000_000, 4),
            finding(codes::FOUND_LISTS, 20_000_000, 5),
            finding(codes::FOUND_DOCS, 1_000_000, 5),
        ];
        let told: Vec<&str> = result.findings_to_tell().iter().map(|f| f.diagnosis.code.as_str()).collect();
        assert_eq!(told, [codes::FOUND_SECRET_FILE, codes::FOUND_LISTS]);
    }
}
