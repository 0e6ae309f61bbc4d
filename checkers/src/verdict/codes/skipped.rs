//! What is missing: goals are skipped.

codes! {
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
}
