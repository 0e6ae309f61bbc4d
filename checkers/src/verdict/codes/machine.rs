//! Of containers, volumes and networks made by hand, and of registries: the learner's.

codes! {
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
}
