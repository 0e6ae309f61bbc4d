//! Of a stack for a swarm: the learner's. Lines are those of the stack file.

codes! {
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
}
