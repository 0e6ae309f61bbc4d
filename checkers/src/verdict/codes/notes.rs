//! What is told beside a verdict; decides nothing.

codes! {
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
