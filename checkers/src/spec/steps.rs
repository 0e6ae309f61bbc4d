//! What a `steps.sh` may do, and the same steps with names of our own.
//!
//! A learner's script is never given to a shell. Its docker commands are held to a list; every container, volume and network
//! in them is given a name that belongs to the check alone, so that nothing of the learner's own is met, two checks never
//! meet, and all of it is found again. Ports of the host are left to the daemon, as somebody may have them already.

use super::docker::{self, OPENS_HOST, UnknownFlag, split};
use std::{collections::BTreeMap, time::Duration};

/// Why a script is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Only a shell could do it.
    Shell,
    /// No docker command of the list.
    Command,
    /// It would touch what is not of these steps.
    Others,
    /// A flag that opens the host.
    Host,
    /// A folder of the host.
    Mount,
    /// A flag that is not known to be harmless.
    Flag,
}

impl Why {
    /// Its name in diagnoses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Command => "command",
            Self::Others => "others",
            Self::Host => "host",
            Self::Mount => "mount",
            Self::Flag => "flag",
        }
    }
}

/// What is refused, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The line, from 1.
    pub line: u32,
    /// As written.
    pub what: String,
    /// Why.
    pub why: Why,
}

/// A piece of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// The name of a container, a volume or a network.
    Own(String),
    Image(String),
}

/// What a step makes, which has to bear our labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Makes {
    /// Nothing.
    Nothing,
    /// A container.
    Container,
    /// A volume or a network.
    Other,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The line that it begins on, from 1.
    pub line: u32,
    /// As written, in one line.
    pub shown: String,
    /// Its failure is meant to be overlooked.
    pub may_fail: bool,
    /// A file of the steps' folder that it reads.
    pub input: Option<String>,
    /// One that it writes.
    pub output: Option<String>,
    /// What it makes.
    pub makes: Makes,
    /// Named volumes that it mounts: docker would make them without a label.
    pub volumes: Vec<String>,
    /// Images that it starts containers from.
    pub images: Vec<String>,
    /// Nothing to run: wait so long.
    pub pause: Option<Duration>,
    /// The name that it gives.
    pub name: Option<String>,
    /// The limits that it sets itself: of memory, of processes.
    pub limits: (bool, bool),
    /// The network that it names.
    pub network: Option<String>,
    words: Vec<Vec<Part>>,
    /// Where flags may be put in.
    flags_at: usize,
}

/// The names that take the place of the learner's.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Before every name.
    pub prefix: String,
    /// What each image is called here.
    pub images: BTreeMap<String, String>,
}

impl Names {
    /// A learner's name as it is on the daemon.
    pub fn own(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }
}

impl Step {
    /// The command with our names, and these flags put in.
    pub fn argv(&self, names: &Names, more: &[String]) -> Vec<String> {
        let word = |parts: &Vec<Part>| -> String {
            let part = |part: &Part| match part {
                Part::Text(text) => text.clone(),
                Part::Own(name) => names.own(name),
                Part::Image(image) => names.images.get(image).cloned().unwrap_or_else(|| image.clone()),
            };
            parts.iter().map(part).collect()
        };
        let mut argv: Vec<String> = self.words.iter().map(word).collect();
        argv.splice(self.flags_at..self.flags_at, more.iter().cloned());
        argv
    }
}

/// What the words after the flags are.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Rest {
    /// An image, and then what belongs to the container.
    Image,
    /// Names of our own, at least so many.
    Own(usize),
    /// One of our own, and then what belongs to the container.
    OwnThenAny,
    /// `CONTAINER:PATH` and a file of the steps' folder.
    Copy,
    /// Nothing of ours.
    Any,
}

struct Rule {
    words: &'static [&'static str],
    flags: &'static [&'static str],
    rest: Rest,
    makes: Makes,
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

const fn rule(words: &'static [&'static str], flags: &'static [&'static str], rest: Rest) -> Rule {
    Rule { words, flags, rest, makes: Makes::Nothing }
}

const RULES: &[Rule] = &[
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
    rule(&["images"], &["-a", "-q", "--format=", "--filter="], Rest::Any),
    rule(&["image", "ls"], &["-a", "-q", "--format=", "--filter="], Rest::Any),
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

/// The longest `sleep`.
const PAUSE: f64 = 30.0;
/// As many steps as a script may have.
const STEPS: usize = 200;

/// Reads a script and holds every step of it to the list.
pub fn read(text: &str) -> Result<Vec<Step>, Refused> {
    let commands = docker::script(text).map_err(|no| Refused { line: no.line, what: no.what, why: Why::Shell })?;
    if let Some(more) = commands.get(STEPS) {
        return Err(Refused { line: more.line, what: more.argv.join(" "), why: Why::Command });
    }
    let mut steps = Vec::new();
    for command in commands {
        steps.extend(step(&command)?);
    }
    Ok(steps)
}

fn step(command: &docker::Command) -> Result<Option<Step>, Refused> {
    let shown = command.argv.join(" ");
    let refuse = |why, what: &str| Refused { line: command.line, what: what.to_owned(), why };
    let mut step = Step {
        line: command.line,
        shown: shown.clone(),
        may_fail: command.may_fail,
        input: command.input.clone(),
        output: command.output.clone(),
        makes: Makes::Nothing,
        volumes: vec![],
        images: vec![],
        pause: None,
        name: None,
        limits: (false, false),
        network: None,
        words: vec![],
        flags_at: 0,
    };
    let argv: Vec<&str> = command.argv.iter().map(String::as_str).collect();
    match argv[..] {
        ["echo" | "printf" | "true" | ":", ..] if command.output.is_none() => return Ok(None),
        // Images are there already, or the check says what is missing.
        ["docker", "pull", ..] | ["docker", "image", "pull", ..] => return Ok(None),
        ["sleep", seconds] => {
            let seconds: f64 = seconds.trim_end_matches('s').parse().map_err(|_| refuse(Why::Command, &shown))?;
            if !(0.0..=PAUSE).contains(&seconds) {
                return Err(refuse(Why::Command, &shown));
            }
            step.pause = Some(Duration::from_secs_f64(seconds));
            return Ok(Some(step));
        }
        ["docker", ..] => {}
        _ => return Err(refuse(Why::Command, &shown)),
    }
    // `docker container stop` is `docker stop`, except that `ls` is `ps`.
    let mut words = command.argv[1..].to_vec();
    if words.first().is_some_and(|w| w == "container") {
        words.remove(0);
        if let Some(list) = words.first_mut().filter(|w| matches!(w.as_str(), "ls" | "list")) {
            *list = "ps".to_owned();
        }
    }
    if words.iter().take(2).any(|w| w == "prune") {
        return Err(refuse(Why::Others, &shown));
    }
    let fits = |rule: &&Rule| {
        words.len() >= rule.words.len() && rule.words.iter().zip(&words).all(|(want, have)| want == have)
    };
    let rule = RULES.iter().filter(fits).max_by_key(|r| r.words.len()).ok_or_else(|| refuse(Why::Command, &shown))?;
    step.makes = rule.makes;
    step.words.push(text("docker"));
    step.words.extend(rule.words.iter().map(|word| text(word)));
    step.flags_at = step.words.len();
    let (flags, rest) = split(rule.flags, &words[rule.words.len()..]).map_err(|UnknownFlag(flag)| {
        let opens = OPENS_HOST.contains(&flag.split('=').next().unwrap_or_default()) || flag == "-P";
        refuse(if opens { Why::Host } else { Why::Flag }, &flag)
    })?;
    for (name, value) in flags {
        step.flag(name, value).map_err(|why| refuse(why, &format!("{name} {value}")))?;
    }
    step.rest(rule.rest, rest).map_err(|why| refuse(why, &shown))?;
    Ok(Some(step))
}

fn text(word: &str) -> Vec<Part> {
    vec![Part::Text(word.to_owned())]
}

/// A name as docker takes one for containers, volumes and networks.
fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word.len() <= 100
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

impl Step {
    fn flag(&mut self, name: &str, value: &str) -> Result<(), Why> {
        let own = |value: &str| if is_name(value) { Ok(Part::Own(value.to_owned())) } else { Err(Why::Flag) };
        let mut word: Vec<Part> = match name {
            // There is no terminal here.
            "-t" | "--tty" if value.is_empty() && self.words.get(1) != Some(&text("stop")) => return Ok(()),
            "--name" => {
                self.name = Some(value.to_owned());
                vec![own(value)?]
            }
            "-v" | "--volume" => {
                if value.is_empty() {
                    self.words.push(text(name));
                    return Ok(());
                }
                self.volume(value)?
            }
            "--mount" => self.mount(value)?,
            "--network" | "--net" => {
                self.network = Some(value.to_owned());
                match value.split_once(':') {
                    _ if matches!(value, "none" | "bridge" | "default") => text(value),
                    Some(("container", other)) => vec![Part::Text("container:".into()), own(other)?],
                    None if value == "host" => return Err(Why::Host),
                    _ => vec![own(value)?],
                }
            }
            "-p" | "--publish" => text(&published(value).ok_or(Why::Flag)?),
            "-d" | "--driver" if !value.is_empty() && value != "bridge" => return Err(Why::Flag),
            // What carries our labels is ours to remove; the one that `start` prints is put on by the check anyway.
            "-l" | "--label" if value.starts_with("dev.dockshala") => return Ok(()),
            "-m" | "--memory" => {
                self.limits.0 = true;
                text(value)
            }
            "--pids-limit" => {
                self.limits.1 = true;
                text(value)
            }
            _ => text(value),
        };
        if value.is_empty() {
            self.words.push(text(name));
        } else if name.starts_with("--") {
            // In one word, so that no value can ever be taken for another flag.
            word.insert(0, Part::Text(format!("{name}=")));
            self.words.push(word);
        } else {
            self.words.push(text(name));
            self.words.push(word);
        }
        Ok(())
    }

    fn volume(&mut self, value: &str) -> Result<Vec<Part>, Why> {
        let Some((source, rest)) = value.split_once(':') else {
            // Without a name docker makes a volume that nobody can find again.
            let name = format!("unnamed-{}-{}", self.line, self.volumes.len());
            self.volumes.push(name.clone());
            return Ok(vec![Part::Own(name), Part::Text(format!(":{value}"))]);
        };
        if !is_name(source) {
            return Err(Why::Mount);
        }
        self.volumes.push(source.to_owned());
        Ok(vec![Part::Own(source.to_owned()), Part::Text(format!(":{rest}"))])
    }

    fn mount(&mut self, value: &str) -> Result<Vec<Part>, Why> {
        let fields: Vec<(&str, &str)> = value.split(',').map(|f| f.split_once('=').unwrap_or((f, ""))).collect();
        let field = |names: &[&str]| fields.iter().find(|(k, _)| names.contains(k)).map(|(_, v)| *v);
        if value.contains('"') || field(&["volume-opt", "volume-driver"]).is_some() {
            return Err(Why::Mount);
        }
        match (field(&["type"]).unwrap_or("volume"), field(&["source", "src"])) {
            ("tmpfs", None) => Ok(text(value)),
            ("volume", Some(source)) if is_name(source) => {
                self.volumes.push(source.to_owned());
                let others = fields.iter().filter(|(k, _)| !matches!(*k, "source" | "src"));
                let others: Vec<String> =
                    others.map(|(k, v)| if v.is_empty() { (*k).to_owned() } else { format!("{k}={v}") }).collect();
                let source = Part::Own(source.to_owned());
                Ok(vec![Part::Text(format!("{},source=", others.join(","))), source])
            }
            ("volume", None) => {
                let name = format!("unnamed-{}-{}", self.line, self.volumes.len());
                self.volumes.push(name.clone());
                Ok(vec![Part::Text(format!("{value},source=")), Part::Own(name)])
            }
            _ => Err(Why::Mount),
        }
    }

    fn rest(&mut self, rest: Rest, words: &[String]) -> Result<(), Why> {
        let own = |word: &String| if is_name(word) { Ok(vec![Part::Own(word.clone())]) } else { Err(Why::Command) };
        match rest {
            Rest::Any => self.words.extend(words.iter().map(|w| text(w))),
            Rest::Own(least) => {
                if words.len() < least {
                    return Err(Why::Command);
                }
                for (at, word) in words.iter().enumerate() {
                    // `docker inspect` of an image, `docker network connect bridge x`.
                    let builtin = at == 0 && self.words.get(1) == Some(&text("network")) && word == "bridge";
                    self.words.push(if builtin { text(word) } else { own(word)? });
                }
                if self.makes == Makes::Other {
                    self.name = words.first().cloned();
                }
                if self.words.get(2) == Some(&text("connect")) {
                    self.network = words.first().cloned();
                    self.name = words.get(1).cloned();
                }
            }
            Rest::OwnThenAny => {
                let (first, rest) = words.split_first().ok_or(Why::Command)?;
                self.words.push(own(first)?);
                self.words.extend(rest.iter().map(|w| text(w)));
            }
            Rest::Image => {
                let (image, rest) = words.split_first().ok_or(Why::Command)?;
                self.images.push(image.clone());
                self.words.push(vec![Part::Image(image.clone())]);
                self.words.extend(rest.iter().map(|w| text(w)));
            }
            Rest::Copy => {
                let [from, to] = words else { return Err(Why::Command) };
                let inside = |word: &str| word.split_once(':').filter(|(name, _)| is_name(name)).is_some();
                if inside(from) == inside(to) {
                    return Err(Why::Mount);
                }
                for word in [from, to] {
                    match word.split_once(':').filter(|(name, _)| is_name(name)) {
                        Some((name, path)) => {
                            self.words.push(vec![Part::Own(name.to_owned()), Part::Text(format!(":{path}"))]);
                        }
                        None if word == "-" || docker::plain_file(word) => self.words.push(text(word)),
                        None => return Err(Why::Mount),
                    }
                }
            }
        }
        Ok(())
    }
}

/// A published port with the host's port left to the daemon; none for what is not `[IP:][PORT:]PORT[/tcp|udp]`.
fn published(value: &str) -> Option<String> {
    let (ports, protocol) = value.split_once('/').unwrap_or((value, "tcp"));
    let mut parts = ports.rsplitn(3, ':');
    let (inner, outer, ip) = (parts.next()?, parts.next(), parts.next());
    let number = |text: &str| text.parse::<u16>().is_ok_and(|n| n > 0);
    let ip_like = |ip: &str| ip.chars().all(|c| c.is_ascii_hexdigit() || ".:[]".contains(c));
    let fine = number(inner)
        && outer.is_none_or(|o| o.is_empty() || number(o))
        && ip.is_none_or(ip_like)
        && matches!(protocol, "tcp" | "udp");
    fine.then(|| match ip {
        Some(ip) => format!("{ip}::{inner}/{protocol}"),
        None => format!("{inner}/{protocol}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(line: &str) -> String {
        let images = [("busybox:1.37".to_owned(), "dockshala.local/busybox:1.37".to_owned())].into();
        let names = Names { prefix: "ds-1".into(), images };
        let steps = read(line).unwrap_or_else(|e| panic!("{line}: {e:?}"));
        steps[0].argv(&names, &["--label=x".to_owned()]).join(" ")
    }

    #[test]
    fn names_are_the_checks_own_and_all_else_is_as_written() {
        for (line, want) in [
            (
                "docker run -dit --name chai -p 127.0.0.1:8080:80 -v khata:/data busybox:1.37 sh -c 'echo chai; sleep 9'",
                "docker run --label=x -d -i --name=ds-1-chai -p 127.0.0.1::80/tcp -v ds-1-khata:/data \
                 dockshala.local/busybox:1.37 sh -c echo chai; sleep 9",
            ),
            (
                "docker run -m 64m --cpus=.5 busybox:1.37",
                "docker run --label=x -m 64m --cpus=.5 dockshala.local/busybox:1.37",
            ),
            ("docker container stop -t 1 chai", "docker stop --label=x -t 1 ds-1-chai"),
            ("docker network connect mandi chai", "docker network connect --label=x ds-1-mandi ds-1-chai"),
            ("docker exec chai ls chai", "docker exec --label=x ds-1-chai ls chai"),
            ("docker cp chai:/a ./a.txt", "docker cp --label=x ds-1-chai:/a ./a.txt"),
            (
                "docker run --mount type=volume,src=khata,dst=/d,readonly busybox:1.37",
                "docker run --label=x --mount=type=volume,dst=/d,readonly,source=ds-1-khata dockshala.local/busybox:1.37",
            ),
            (
                "docker run --network container:chai busybox:1.37",
                "docker run --label=x --network=container:ds-1-chai dockshala.local/busybox:1.37",
            ),
            (
                "docker run -l dev.dockshala.run=1 -p 8080:80 busybox:1.37",
                "docker run --label=x -p 80/tcp dockshala.local/busybox:1.37",
            ),
            (
                "docker run -v /cache busybox:1.37",
                "docker run --label=x -v ds-1-unnamed-1-0:/cache dockshala.local/busybox:1.37",
            ),
            ("docker rm -fv chai", "docker rm --label=x -f -v ds-1-chai"),
        ] {
            assert_eq!(rewritten(line), want);
        }
    }

    #[test]
    fn what_opens_the_host_or_is_not_of_these_steps_is_refused() {
        for (line, why) in [
            ("docker run --privileged busybox", Why::Host),
            ("docker run --pid=host busybox", Why::Host),
            ("docker run --network host busybox", Why::Host),
            ("docker run --security-opt seccomp=unconfined busybox", Why::Host),
            ("docker run --cap-add ALL busybox", Why::Host),
            ("docker run -P busybox", Why::Host),
            ("docker run -v /:/host busybox", Why::Mount),
            ("docker run -v ./x:/host busybox", Why::Mount),
            ("docker run -v ~/x:/host busybox", Why::Mount),
            ("docker run -v/etc:/e busybox", Why::Mount),
            ("docker run --mount type=bind,source=/,target=/h busybox", Why::Mount),
            ("docker run --mount source=x,target=/h,volume-opt=device=/ busybox", Why::Mount),
            ("docker run '--mount=type=volume,\"source=/\",target=/h' busybox", Why::Mount),
            ("docker cp chai:/x /etc/cron.d/x", Why::Mount),
            ("docker cp ../x chai:/x", Why::Mount),
            ("docker cp a:/x b:/x", Why::Mount),
            ("docker run -p 8000-8010:80 busybox", Why::Flag),
            ("docker run --new busybox", Why::Flag),
            ("docker run --network container:/x busybox", Why::Flag),
            ("docker run --name ../x busybox", Why::Flag),
            ("docker network create -d macvlan x", Why::Flag),
            ("docker system prune -af", Why::Others),
            ("docker volume prune", Why::Others),
            ("docker -H tcp://x ps", Why::Command),
            ("docker build .", Why::Command),
            ("docker swarm init", Why::Command),
            ("docker plugin install x", Why::Command),
            ("docker rm", Why::Command),
            ("docker rm /x", Why::Command),
            ("docker", Why::Command),
            ("rm -rf /", Why::Command),
            ("sleep 3600", Why::Command),
            ("sleep nan", Why::Command),
            ("docker run $(id) busybox", Why::Shell),
            ("docker ps | sh", Why::Shell),
        ] {
            let refused = read(&format!("docker ps\n{line}\n")).expect_err(line);
            assert_eq!((refused.line, refused.why), (2, why), "{line}: {refused:?}");
        }
    }

    #[test]
    fn what_a_step_makes_is_known() {
        let steps = read("docker run --name x -v a:/a --mount source=b,target=/b -m 1g busybox:1.37 -v c:/c\nsleep .5")
            .unwrap();
        assert_eq!((steps[0].makes, steps[0].volumes.join(" ")), (Makes::Container, "a b".to_owned()));
        assert_eq!((steps[0].name.as_deref(), steps[0].limits), (Some("x"), (true, false)));
        assert_eq!(steps[1].pause, Some(Duration::from_millis(500)));
        assert!(read("echo namaste\ndocker pull busybox\nset -eu").unwrap().is_empty());
    }
}
