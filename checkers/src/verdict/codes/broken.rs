//! The machine's doing or ours: goals are broken, and nobody failed.

codes! {
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
}
