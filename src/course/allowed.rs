//! Which docker commands a claim may run, and with which flags. A claim is somebody else's command on a learner's machine:
//! what is not known to be harmless is refused, whatever it is.

use dockshala_checkers::spec::docker::{OPENS_HOST, Split, UnknownFlag, split};

/// Why a command is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It is not `docker SUBCOMMAND …` with a subcommand of the list.
    Command(String),
    /// A flag that opens the host.
    Flag(String),
    /// A flag that is not known to be harmless.
    UnknownFlag(String),
    /// An image, container or volume that would not be this run's own.
    NotOwn(String),
}

impl Refusal {
    /// The word or the line that is refused.
    pub fn what(&self) -> &str {
        match self {
            Self::Command(what) | Self::Flag(what) | Self::UnknownFlag(what) | Self::NotOwn(what) => what,
        }
    }
}

/// A subcommand, the flags it may carry (`=`: takes a value), and whether what it makes must be named with `{tag}`.
struct Allowed {
    words: &'static [&'static str],
    flags: &'static [&'static str],
    own: Own,
}

#[derive(Clone, Copy, PartialEq)]
enum Own {
    /// It only looks.
    Looks,
    /// The value of one of these flags must be there and begin with `{tag}`.
    Flag(&'static [&'static str]),
    /// The last argument must begin with `{tag}`.
    Last,
    /// Every argument that is no flag must begin with `{tag}`.
    All,
}

const COMMANDS: &[Allowed] = &[
    Allowed {
        words: &["build"],
        flags: &[
            "-t=",
            "--tag=",
            "-f=",
            "--file=",
            "--target=",
            "--build-arg=",
            "--no-cache",
            "--progress=",
            "-q",
            "--quiet",
        ],
        own: Own::Flag(&["-t", "--tag"]),
    },
    Allowed {
        words: &["run"],
        flags: &[
            "--rm",
            "-d",
            "--detach",
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
            "--cpus=",
            "--init",
            "--read-only",
            "--network=",
            "--stop-timeout=",
            "--stop-signal=",
            "--tmpfs=",
            "--mount=",
            "-v=",
            "--volume=",
        ],
        own: Own::Looks,
    },
    Allowed {
        words: &["create"],
        flags: &["--name=", "-e=", "--env=", "--entrypoint=", "--network="],
        own: Own::Flag(&["--name"]),
    },
    Allowed { words: &["start"], flags: &[], own: Own::All },
    Allowed { words: &["stop"], flags: &["-t=", "--time="], own: Own::All },
    Allowed { words: &["kill"], flags: &["-s=", "--signal="], own: Own::All },
    Allowed { words: &["rm"], flags: &["-f", "--force", "-v"], own: Own::All },
    Allowed { words: &["rmi"], flags: &[], own: Own::All },
    Allowed { words: &["wait"], flags: &[], own: Own::All },
    Allowed { words: &["exec"], flags: &["-e=", "-w=", "-u="], own: Own::Looks },
    Allowed { words: &["logs"], flags: &["--tail="], own: Own::All },
    Allowed { words: &["tag"], flags: &[], own: Own::Last },
    Allowed { words: &["history"], flags: &["--format=", "--no-trunc", "-q"], own: Own::Looks },
    Allowed { words: &["inspect"], flags: &["-f=", "--format=", "--type="], own: Own::Looks },
    Allowed { words: &["image", "inspect"], flags: &["-f=", "--format="], own: Own::Looks },
    Allowed { words: &["image", "ls"], flags: &["--format=", "-q", "--filter="], own: Own::Looks },
    Allowed { words: &["image", "history"], flags: &["--format=", "--no-trunc", "-q"], own: Own::Looks },
    Allowed { words: &["images"], flags: &["--format=", "-q", "--filter="], own: Own::Looks },
    Allowed { words: &["ps"], flags: &["-a", "--all", "--format=", "-q", "--filter="], own: Own::Looks },
    Allowed { words: &["port"], flags: &[], own: Own::All },
    Allowed { words: &["top"], flags: &[], own: Own::All },
    Allowed { words: &["diff"], flags: &[], own: Own::All },
    Allowed { words: &["buildx", "du"], flags: &["--verbose", "--filter="], own: Own::Looks },
    Allowed { words: &["version"], flags: &["-f=", "--format="], own: Own::Looks },
    Allowed { words: &["info"], flags: &["-f=", "--format="], own: Own::Looks },
    Allowed { words: &["volume", "create"], flags: &[], own: Own::All },
    Allowed { words: &["volume", "inspect"], flags: &["-f=", "--format="], own: Own::Looks },
    Allowed { words: &["volume", "rm"], flags: &[], own: Own::All },
    Allowed { words: &["network", "create"], flags: &["--internal"], own: Own::All },
    Allowed { words: &["network", "inspect"], flags: &["-f=", "--format="], own: Own::Looks },
    Allowed { words: &["network", "rm"], flags: &[], own: Own::All },
];

/// What stands for the run's own name in an argv.
pub const TAG: &str = "{tag}";

/// Checks one command of a claim.
pub fn check(argv: &[String]) -> Result<(), Refusal> {
    let line = || Refusal::Command(argv.join(" "));
    let Some(("docker", rest)) = argv.split_first().map(|(first, rest)| (first.as_str(), rest)) else {
        return Err(line());
    };
    let fits = |allowed: &&Allowed| {
        rest.len() >= allowed.words.len() && allowed.words.iter().zip(rest).all(|(want, have)| *want == have.as_str())
    };
    let allowed = COMMANDS.iter().filter(fits).max_by_key(|a| a.words.len()).ok_or_else(line)?;
    let (flags, arguments) = flags(allowed, &rest[allowed.words.len()..])?;
    // A flag that takes no value opens nothing: `rm -f` is no file and `rm -v` no mount.
    for (name, value) in flags.iter().filter(|(name, _)| !allowed.flags.contains(name)) {
        harmless(name, value)?;
    }
    if allowed.words == ["build"] && !matches!(arguments, [context] if context == "." || super::is_inside(context)) {
        // Another context would send the learner's own files, or fetch a repository.
        return Err(Refusal::Flag(arguments.join(" ")));
    }
    match allowed.own {
        Own::Looks => {
            // A container that is named at all is this run's own, or the next run finds it in its way.
            for (_, value) in flags.iter().filter(|(name, _)| *name == "--name") {
                own(value)?;
            }
            if allowed.words == ["exec"] {
                own(arguments.first().map_or("", String::as_str))?;
            }
            Ok(())
        }
        Own::Flag(names) => {
            let named: Vec<_> = flags.iter().filter(|(name, _)| names.contains(name)).collect();
            if named.is_empty() {
                return Err(Refusal::NotOwn(names[0].to_owned()));
            }
            named.iter().try_for_each(|(_, value)| own(value))
        }
        Own::Last => own(arguments.last().map_or("", String::as_str)),
        Own::All if arguments.is_empty() => Err(Refusal::NotOwn(String::new())),
        Own::All => arguments.iter().try_for_each(|name| own(name)),
    }
}

fn own(name: &str) -> Result<(), Refusal> {
    if is_own(name) { Ok(()) } else { Err(Refusal::NotOwn(name.to_owned())) }
}

/// `{tag}:NAME` for images, `{tag}-NAME` for all else: the runner puts a registry name before one and none before the other.
fn is_own(name: &str) -> bool {
    name.strip_prefix(TAG).is_some_and(|rest| rest.len() > 1 && rest.starts_with([':', '-']))
}

/// Takes the flags off, and says of one that cannot come off why it may not be there.
fn flags<'a>(allowed: &Allowed, words: &'a [String]) -> Result<Split<'a>, Refusal> {
    split(allowed.flags, words).map_err(|UnknownFlag(word)| {
        let name = word.split('=').next().unwrap_or_default();
        // Ports are the host's, too: two claims at once, or the learner's own server, would be in each other's way.
        if OPENS_HOST.contains(&name) || matches!(name, "-P" | "-p" | "--publish") {
            Refusal::Flag(word)
        } else {
            Refusal::UnknownFlag(word)
        }
    })
}

/// Values that would open the host: its folders, its network, another container's.
fn harmless(name: &str, value: &str) -> Result<(), Refusal> {
    let refuse = || Err(Refusal::Flag(format!("{name}={value}")));
    match name {
        "-v" | "--volume" if !is_own(value.split(':').next().unwrap_or_default()) => refuse(),
        "--mount" => mount(value).then_some(()).map_or_else(refuse, Ok),
        // Without a value the client puts in that of the learner's own environment.
        "-e" | "--env" | "--build-arg" if !value.contains('=') => refuse(),
        "--network" if value != "none" && value != "bridge" && !is_own(value) => refuse(),
        // Only files of the claim's own folder.
        "-f" | "--file" if !super::is_inside(value) || value.contains(':') || value.starts_with('-') => refuse(),
        _ => Ok(()),
    }
}

/// Whether a `--mount` stays inside: a tmpfs, or a volume of this run's own. The client takes the last of a key that is
/// given twice and reads keys in any case, so that each may stand once and only as it is known here.
fn mount(value: &str) -> bool {
    let fields: Vec<(&str, &str)> = value.split(',').map(|f| f.split_once('=').unwrap_or((f, ""))).collect();
    let known = ["type", "source", "src", "target", "dst", "destination", "readonly", "ro", "tmpfs-size", "tmpfs-mode"];
    let once = |key: &str| fields.iter().filter(|(k, _)| *k == key).count() <= 1;
    if !fields.iter().all(|(key, _)| known.contains(key) && once(key)) {
        return false;
    }
    let field = |key: &str| fields.iter().find(|(k, _)| *k == key).map(|(_, v)| *v);
    let source = match (field("source"), field("src")) {
        (Some(_), Some(_)) => return false,
        (one, other) => one.or(other),
    };
    match (field("type").unwrap_or("volume"), source) {
        ("tmpfs", None) => true,
        ("volume", Some(source)) => is_own(source),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(line: &str) -> Result<(), Refusal> {
        check(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn what_a_claim_needs_is_allowed() {
        for line in [
            "docker build -t {tag}:a -f a.Dockerfile .",
            "docker build --target=build --tag {tag}:b .",
            "docker run --rm --network none {tag}:a ls -la --privileged",
            "docker run -d --name {tag}-x --mount type=volume,source={tag}-v,target=/d {tag}:a",
            "docker image inspect -f {{.Size}} {tag}:a",
            "docker history --no-trunc {tag}:a",
            "docker buildx du --verbose",
            "docker volume rm {tag}-v",
            "docker exec {tag}-x ls",
        ] {
            assert_eq!(checked(line), Ok(()), "{line}");
        }
    }

    #[test]
    fn what_opens_the_host_or_touches_what_is_not_ours_is_refused() {
        for line in [
            "sh -c id",
            "docker",
            "docker system prune -a",
            "docker run --privileged {tag}:a",
            "docker run -v /:/host {tag}:a",
            "docker run --volume=/etc:/e {tag}:a",
            "docker run --mount type=bind,source=/,target=/h {tag}:a",
            "docker run --mount source={tag}-v,target=/h,volume-opt=device=/ {tag}:a",
            "docker run --network host {tag}:a",
            "docker run --network=container:db {tag}:a",
            "docker run --pid host {tag}:a",
            "docker run -p 80:80 {tag}:a",
            "docker run --cap-add=SYS_ADMIN {tag}:a",
            "docker run --name db {tag}:a",
            "docker run --new-flag {tag}:a",
            "docker build -t nginx .",
            "docker build .",
            "docker build -t {tag}:a /etc",
            "docker build -t {tag}:a ../x",
            "docker build -t {tag}:a https://example.com/x.git",
            "docker build -t {tag}:a",
            "docker build -t {tag}:a -f ../../x .",
            "docker rm -f db",
            "docker rm",
            "docker exec db ls",
            "docker tag {tag}:a nginx",
            "docker -H tcp://x ps",
        ] {
            assert!(checked(line).is_err(), "{line}");
        }
    }

    #[test]
    fn every_flag_that_opens_the_host_is_refused_in_each_of_its_spellings() {
        let flags = [
            ("--privileged", ""),
            ("--cap-add", "SYS_ADMIN"),
            ("--device", "/dev/sda"),
            ("--device-cgroup-rule", "c 1:3 mr"),
            ("--gpus", "all"),
            ("--pid", "host"),
            ("--ipc", "host"),
            ("--uts", "host"),
            ("--userns", "host"),
            ("--cgroupns", "host"),
            ("--cgroup-parent", "/"),
            ("--network", "host"),
            ("--network", "container:db"),
            ("--network", "name=host"),
            ("--net", "host"),
            ("--security-opt", "seccomp=unconfined"),
            ("--security-opt", "apparmor=unconfined"),
            ("--volumes-from", "db"),
            ("-v", "/:/host"),
            ("-v", "/var/run/docker.sock:/var/run/docker.sock"),
            ("-v", "~/.ssh:/s"),
            ("-v", "./x:/x"),
            ("-v", "db-data:/d"),
            ("--volume", "/etc:/e:ro"),
            ("--mount", "type=bind,source=/,target=/h"),
            ("--mount", "type=bind,src=/var/run/docker.sock,dst=/s"),
            ("--mount", "type=volume,source={tag}-v,type=bind,source=/,target=/h"),
            ("--mount", "source={tag}-v,TYPE=bind,target=/h"),
            ("--mount", "type=volume,source={tag}-v,src=/,target=/h"),
            ("--mount", "type=volume,source={tag}-v,volume-driver=local,target=/h"),
            ("--mount", "type=volume,source=db-data,target=/h"),
            ("--mount", "type=npipe,source=x,target=/h"),
            ("--mount", "type=volume,target=/h"),
            ("-p", "80:80"),
            ("--publish", "80:80"),
            ("-P", ""),
            ("--publish-all", ""),
            ("--env-file", "/etc/passwd"),
            ("-e", "HOME"),
            ("--env", "SSH_AUTH_SOCK"),
            ("--label-file", "/etc/passwd"),
            ("--cidfile", "/tmp/x"),
            ("--sysctl", "kernel.shmmax=1"),
            ("--ulimit", "nofile=1"),
            ("--oom-kill-disable", ""),
            ("--oom-score-adj", "-1000"),
            ("--runtime", "x"),
            ("--restart", "always"),
            ("--add-host", "a:1.2.3.4"),
            ("--dns", "1.2.3.4"),
            ("--group-add", "docker"),
            ("--storage-opt", "size=1"),
            ("--blkio-weight", "1"),
            ("--pids-limit", "-1"),
            ("--memory-swap", "-1"),
            ("--isolation", "process"),
            ("--use-api-socket", ""),
        ];
        for (flag, value) in flags {
            let glued = format!("{flag}={value}");
            let forms = match value {
                "" => vec![vec![flag]],
                _ => vec![vec![flag, value], vec![glued.as_str()]],
            };
            for subcommand in ["run", "create"] {
                for form in &forms {
                    let mut words = vec!["docker", subcommand, "--name", "{tag}-x"];
                    words.extend(form);
                    words.push("{tag}:a");
                    let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
                    assert!(matches!(check(&words), Err(Refusal::Flag(_) | Refusal::UnknownFlag(_))), "{words:?}");
                }
            }
        }
        for line in [
            "docker run -v/:/host {tag}:a",
            "docker run --rm=true --privileged=true {tag}:a",
            "docker build -t {tag}:a --network=host .",
            "docker build -t {tag}:a --allow=security.insecure .",
            "docker build -t {tag}:a --secret=id=x,src=/etc/shadow .",
            "docker build -t {tag}:a --ssh=default .",
            "docker build -t {tag}:a --build-context=x=/etc .",
            "docker build -t {tag}:a --output=/tmp .",
            "docker build -t {tag}:a --build-arg HOME .",
            "docker build -t {tag}:a -f - .",
            "docker build -t {tag}:a -f https://example.com/Dockerfile .",
            "docker exec --privileged {tag}-x id",
            "docker cp {tag}-x:/etc /tmp",
            "docker update --restart=always {tag}-x",
            "docker --host=tcp://x run {tag}:a",
            "docker context use other",
            "docker swarm init",
            "docker plugin install x",
            "docker volume create --driver=local --opt=device=/ {tag}-v",
            "docker network create --driver=host {tag}-n",
        ] {
            assert!(checked(line).is_err(), "{line}");
        }
    }

    #[test]
    fn what_stays_inside_may_be_mounted_and_set() {
        for line in [
            "docker run --mount type=tmpfs,target=/t,tmpfs-size=1m {tag}:a",
            "docker run --mount source={tag}-v,target=/d,readonly {tag}:a",
            "docker run -v {tag}-v:/d:ro --network {tag}-n {tag}:a",
            "docker run -e A=1 --env=B=2 {tag}:a",
            "docker rm -f -v {tag}-x",
            "docker build -t {tag}:a --build-arg A=1 -f d/x.Dockerfile .",
        ] {
            assert_eq!(checked(line), Ok(()), "{line}");
        }
    }
}
