//! Of a compose file and its project: the learner's.

codes! {
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
}
