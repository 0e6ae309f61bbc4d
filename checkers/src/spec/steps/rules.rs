//! The docker commands of a `steps.sh` that are run, each with the flags that it may have and what its words are.
//!
//! A list of what may be, not of what may not: a docker that learns a new flag next year must not find it let through here.

use super::Makes;

/// What the words after the flags are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Rest {
    /// An image, and then what belongs to the container.
    Image,
    /// Names of our own, at least so many.
    Own(usize),
    /// One of our own, and then what belongs to the container.
    OwnThenAny,
    /// `CONTAINER:PATH` and a file of the steps' folder.
    Copy,
    /// A container of our own, and the name of the image that is made of it.
    Commit,
    /// An image, and another name for it.
    Tag,
    /// Images of the registry.
    Registry,
    /// Images that steps made, or of the registry: to be removed.
    OwnImages,
    /// Images that are looked at.
    Images,
    /// Nothing of ours.
    Any,
}

pub(super) struct Rule {
    pub(super) words: &'static [&'static str],
    pub(super) flags: &'static [&'static str],
    pub(super) rest: Rest,
    pub(super) makes: Makes,
}

const RUN: &[&str] = &[
    "--rm",
    "-d",
    "--detach",
    "-i",
    "--interactive",
    "-t",
    "--tty",
    "--name=",
    "-e=",
    "--env=",
    "-w=",
    "--workdir=",
    "-u=",
    "--user=",
    "--entrypoint=",
    "-m=",
    "--memory=",
    "--memory-swap=",
    "--memory-reservation=",
    "--cpus=",
    "-c=",
    "--cpu-shares=",
    "--pids-limit=",
    "--init",
    "--read-only",
    "--network=",
    "--net=",
    "--network-alias=",
    "--net-alias=",
    "--stop-timeout=",
    "--stop-signal=",
    "--tmpfs=",
    "--mount=",
    "-v=",
    "--volume=",
    "-p=",
    "--publish=",
    "--expose=",
    "--restart=",
    "-l=",
    "--label=",
    "-h=",
    "--hostname=",
    "--health-cmd=",
    "--health-interval=",
    "--health-retries=",
    "--health-timeout=",
    "--health-start-period=",
    "--no-healthcheck",
    "--ulimit=",
    "--cap-drop=",
    "-q",
    "--quiet",
];

const COMMIT: &[&str] = &["-a=", "--author=", "-m=", "--message=", "-c=", "--change=", "-p", "--pause"];
const HISTORY: &[&str] = &["--no-trunc", "-H", "--human", "-q", "--quiet", "--format="];
const IMAGES: &[&str] = &["-a", "--all", "-q", "--quiet", "--digests", "--no-trunc", "--format=", "-f=", "--filter="];
const PRUNE: &[&str] = &["-a", "--all", "-f", "--force", "--filter="];

const fn rule(words: &'static [&'static str], flags: &'static [&'static str], rest: Rest) -> Rule {
    Rule { words, flags, rest, makes: Makes::Nothing }
}

pub(super) const RULES: &[Rule] = &[
    Rule { words: &["run"], flags: RUN, rest: Rest::Image, makes: Makes::Container },
    Rule { words: &["create"], flags: RUN, rest: Rest::Image, makes: Makes::Container },
    rule(&["start"], &["-a", "--attach", "-i"], Rest::Own(1)),
    rule(&["stop"], &["-t=", "--time=", "--timeout=", "-s=", "--signal="], Rest::Own(1)),
    rule(&["restart"], &["-t=", "--time=", "--timeout=", "-s=", "--signal="], Rest::Own(1)),
    rule(&["kill"], &["-s=", "--signal="], Rest::Own(1)),
    rule(&["pause"], &[], Rest::Own(1)),
    rule(&["unpause"], &[], Rest::Own(1)),
    rule(&["rm"], &["-f", "--force", "-v", "--volumes"], Rest::Own(1)),
    rule(&["wait"], &[], Rest::Own(1)),
    rule(&["rename"], &[], Rest::Own(2)),
    rule(
        &["update"],
        &["--restart=", "-m=", "--memory=", "--memory-swap=", "--cpus=", "--pids-limit=", "-c=", "--cpu-shares="],
        Rest::Own(1),
    ),
    rule(
        &["exec"],
        &[
            "-d",
            "--detach",
            "-i",
            "--interactive",
            "-t",
            "--tty",
            "-e=",
            "--env=",
            "-w=",
            "--workdir=",
            "-u=",
            "--user=",
        ],
        Rest::OwnThenAny,
    ),
    rule(&["cp"], &["-a", "--archive", "-q", "--quiet"], Rest::Copy),
    rule(&["logs"], &["--tail=", "-n=", "-t", "--timestamps", "--since="], Rest::Own(1)),
    rule(&["inspect"], &["-f=", "--format=", "--type=", "-s"], Rest::Own(1)),
    rule(&["port"], &[], Rest::OwnThenAny),
    rule(&["top"], &[], Rest::OwnThenAny),
    rule(&["diff"], &[], Rest::Own(1)),
    rule(
        &["ps"],
        &["-a", "--all", "-q", "--quiet", "-l", "-s", "--no-trunc", "--format=", "--filter=", "-f="],
        Rest::Any,
    ),
    Rule { words: &["commit"], flags: COMMIT, rest: Rest::Commit, makes: Makes::Image },
    rule(&["tag"], &[], Rest::Tag),
    rule(&["image", "tag"], &[], Rest::Tag),
    rule(&["push"], &["-q", "--quiet"], Rest::Registry),
    rule(&["image", "push"], &["-q", "--quiet"], Rest::Registry),
    rule(&["pull"], &["-q", "--quiet"], Rest::Registry),
    rule(&["image", "pull"], &["-q", "--quiet"], Rest::Registry),
    rule(&["rmi"], &["-f", "--force", "--no-prune"], Rest::OwnImages),
    rule(&["image", "rm"], &["-f", "--force", "--no-prune"], Rest::OwnImages),
    rule(&["image", "inspect"], &["-f=", "--format="], Rest::Images),
    rule(&["history"], HISTORY, Rest::Images),
    rule(&["image", "history"], HISTORY, Rest::Images),
    rule(&["images"], IMAGES, Rest::Any),
    rule(&["image", "ls"], IMAGES, Rest::Any),
    rule(&["image", "prune"], PRUNE, Rest::Any),
    rule(&["prune"], PRUNE, Rest::Any),
    rule(&["volume", "prune"], PRUNE, Rest::Any),
    rule(&["network", "prune"], PRUNE, Rest::Any),
    rule(&["system", "df"], &["-v", "--verbose", "--format="], Rest::Any),
    rule(&["version"], &["-f=", "--format="], Rest::Any),
    rule(&["info"], &["-f=", "--format="], Rest::Any),
    Rule { words: &["volume", "create"], flags: &["-l=", "--label="], rest: Rest::Own(1), makes: Makes::Other },
    rule(&["volume", "rm"], &["-f", "--force"], Rest::Own(1)),
    rule(&["volume", "inspect"], &["-f=", "--format="], Rest::Own(1)),
    rule(&["volume", "ls"], &["-q", "--quiet", "--format=", "-f=", "--filter="], Rest::Any),
    Rule {
        words: &["network", "create"],
        flags: &["--internal", "-d=", "--driver=", "-l=", "--label=", "--attachable"],
        rest: Rest::Own(1),
        makes: Makes::Other,
    },
    rule(&["network", "rm"], &["-f", "--force"], Rest::Own(1)),
    rule(&["network", "inspect"], &["-f=", "--format="], Rest::Own(1)),
    rule(&["network", "ls"], &["-q", "--quiet", "--format=", "-f=", "--filter="], Rest::Any),
    rule(&["network", "connect"], &["--alias="], Rest::Own(2)),
    rule(&["network", "disconnect"], &["-f", "--force"], Rest::Own(2)),
];
