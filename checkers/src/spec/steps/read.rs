//! Reads a `steps.sh`: each command held to its rule, each name in it known for what it names.

use super::{
    Makes, Part, REGISTRY, Refused, Step, Why,
    rules::{RULES, Rest, Rule},
};
use crate::spec::docker::{Command, FILE_MARKS, OPENS_HOST, UnknownFlag, as_written, plain_file, script, split};
use std::{collections::BTreeSet, time::Duration};

/// The longest `sleep`.
const PAUSE: f64 = 30.0;
/// As many steps as a script may have.
const STEPS: usize = 200;

/// Reads a script and holds every step of it to the list.
pub fn read(text: &str) -> Result<Vec<Step>, Refused> {
    read_after(text, &[])
}

/// The same for a script that goes on where others have ended, and may use the images that they made.
pub fn read_after(text: &str, before: &[Step]) -> Result<Vec<Step>, Refused> {
    let (steps, refused) = all(text, before);
    refused.into_iter().next().map_or(Ok(steps), Err)
}

/// Everything in a script that is refused, by line: who mends one line wants to hear of the next without another try.
pub fn problems(text: &str, before: &[Step]) -> Vec<Refused> {
    all(text, before).1
}

fn all(text: &str, before: &[Step]) -> (Vec<Step>, Vec<Refused>) {
    let mut made: BTreeSet<String> = before.iter().flat_map(|step| step.tags.clone()).collect();
    let (mut steps, mut refused) = (Vec::new(), Vec::new());
    let commands = script(text).into_iter().filter_map(|read| match read {
        Ok(command) => Some(command),
        Err(no) => {
            refused.push(Refused { line: no.line, what: no.what, why: Why::Shell });
            None
        }
    });
    let commands: Vec<Command> = commands.collect();
    for (at, command) in commands.into_iter().enumerate() {
        if at >= STEPS {
            let what = as_written(&command.argv.join(" "));
            refused.push(Refused { line: command.line, what, why: Why::Command });
            break;
        }
        for command in apart(command) {
            match step(&command, &made) {
                Ok(step) => {
                    made.extend(step.iter().flat_map(|step| step.tags.clone()));
                    steps.extend(step);
                }
                Err(no) => refused.push(no),
            }
        }
    }
    refused.sort_by_key(|no| no.line);
    (steps, refused)
}

/// `docker system prune` as the commands that it is made of. As it stands it would also throw away the build cache, which bears
/// no labels: everybody's on this machine.
fn apart(command: Command) -> Vec<Command> {
    let words: Vec<&str> = command.argv.iter().map(String::as_str).collect();
    let ["docker", "system", "prune", flags @ ..] = &words[..] else { return vec![command] };
    const KNOWN: [&str; 7] = ["-a", "--all", "-f", "--force", "-af", "-fa", "--volumes"];
    if flags.iter().any(|flag| !KNOWN.contains(flag)) {
        return vec![command];
    }
    let has = |names: &[&str]| flags.iter().any(|flag| names.contains(flag));
    let force = has(&["-f", "--force", "-af", "-fa"]).then_some("-f");
    let all = has(&["-a", "--all", "-af", "-fa"]).then_some("-a");
    let mut parts = vec![vec!["container", "prune"], vec!["network", "prune"]];
    parts.extend(has(&["--volumes"]).then(|| vec!["volume", "prune"]));
    parts.push(["image", "prune"].into_iter().chain(all).collect());
    let of = |part: Vec<&str>| {
        let argv = ["docker"].into_iter().chain(part).chain(force).map(str::to_owned).collect();
        Command { argv, ..command.clone() }
    };
    parts.into_iter().map(of).collect()
}

fn step(command: &Command, made: &BTreeSet<String>) -> Result<Option<Step>, Refused> {
    let shown = command.typed();
    // A file's words stand in the wrong place, whatever else is wrong there.
    let by_file = command.argv.iter().any(|word| word.contains(FILE_MARKS));
    let refuse = |why, what: &str| {
        let why = if by_file && matches!(why, Why::Flag | Why::Command) { Why::Shell } else { why };
        Refused { line: command.line, what: as_written(what), why }
    };
    let mut step = Step {
        line: command.line,
        shown: shown.clone(),
        may_fail: command.may_fail,
        input: command.input.clone(),
        output: command.output.clone(),
        makes: Makes::Nothing,
        volumes: vec![],
        unnamed: vec![],
        images: vec![],
        tags: vec![],
        registry: false,
        may_pull: false,
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
        // The exercise's images are there already, or the check says what is missing.
        ["docker", "pull", .., image] | ["docker", "image", "pull", .., image] if !of_registry(image) => {
            return Ok(None);
        }
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
    let of_container = words.first().is_some_and(|w| w == "container");
    if of_container {
        words.remove(0);
        if let Some(list) = words.first_mut().filter(|w| matches!(w.as_str(), "ls" | "list")) {
            *list = "ps".to_owned();
        }
    }
    // The build cache and whatever `system` reaches bear no labels: they are everybody's.
    if words.iter().take(2).any(|w| w == "prune")
        && words.first().is_some_and(|w| matches!(w.as_str(), "system" | "builder" | "buildx"))
    {
        return Err(refuse(Why::Others, &shown));
    }
    let fits = |rule: &&Rule| {
        words.len() >= rule.words.len() && rule.words.iter().zip(&words).all(|(want, have)| want == have)
    };
    let marked = |step: &Step| {
        let mut parts = step.words.iter().flatten();
        parts.any(|part| matches!(part, Part::Text(text) | Part::Own(text) if text.contains(FILE_MARKS)))
    };
    let rule = RULES.iter().filter(fits).max_by_key(|r| r.words.len()).ok_or_else(|| refuse(Why::Command, &shown))?;
    step.makes = rule.makes;
    step.words.push(text("docker"));
    if rule.words == ["prune"] {
        if !of_container {
            return Err(refuse(Why::Command, &shown));
        }
        step.words.push(text("container"));
    }
    step.words.extend(rule.words.iter().map(|word| text(word)));
    step.flags_at = step.words.len();
    let (flags, rest) = split(rule.flags, &words[rule.words.len()..]).map_err(|UnknownFlag(flag)| {
        let opens = OPENS_HOST.contains(&flag.split('=').next().unwrap_or_default()) || flag == "-P";
        refuse(if opens { Why::Host } else { Why::Flag }, &flag)
    })?;
    if rule.words.last() == Some(&"prune") {
        step.words.extend([text("--filter"), vec![Part::OnlyOwn]]);
    }
    for (name, value) in flags {
        step.flag(name, value).map_err(|why| refuse(why, &format!("{name} {value}")))?;
    }
    step.rest(rule.rest, rest, made).map_err(|why| refuse(why, &shown))?;
    if marked(&step) {
        return Err(refuse(Why::Shell, &shown));
    }
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
            "-c" | "--change" if value.contains("dev.dockshala") => return Err(Why::Flag),
            "-m" | "--memory" if self.makes == Makes::Container || self.words.get(1) == Some(&text("update")) => {
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
            self.unnamed.push(name.clone());
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
                self.unnamed.push(name.clone());
                Ok(vec![Part::Text(format!("{value},source=")), Part::Own(name)])
            }
            _ => Err(Why::Mount),
        }
    }

    /// An image as a learner names it: the registry's, one that steps made, else one of the exercise.
    fn image(&mut self, word: &str, made: &BTreeSet<String>) -> Part {
        if of_registry(word) {
            self.registry = true;
        }
        if word.contains(FILE_MARKS) {
            self.registry = true;
            return Part::Late(word.to_owned());
        }
        match (in_registry(word), tagged(word).filter(|name| made.contains(name))) {
            (Some(rest), _) => Part::Registry(rest),
            (None, Some(name)) => Part::Made(name),
            (None, None) => {
                self.images.push(word.to_owned());
                Part::Image(word.to_owned())
            }
        }
    }

    /// A name that an image is given.
    fn new_name(&mut self, word: &str) -> Result<Part, Why> {
        if let Some(rest) = in_registry(word) {
            self.registry = true;
            return if rest.contains('@') { Err(Why::Image) } else { Ok(Part::Registry(rest)) };
        }
        let name = tagged(word).filter(|name| !of_registry(name)).ok_or(Why::Image)?;
        self.tags.push(name.clone());
        Ok(Part::Made(name))
    }

    fn rest(&mut self, rest: Rest, words: &[String], made: &BTreeSet<String>) -> Result<(), Why> {
        let own = |word: &String| if is_name(word) { Ok(vec![Part::Own(word.clone())]) } else { Err(Why::Command) };
        match rest {
            // `docker images localhost:5000/chai-api`
            Rest::Any => self.words.extend(words.iter().map(|w| match in_registry(w) {
                Some(rest) => vec![Part::Registry(rest)],
                None => text(w),
            })),
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
                let image = self.image(image, made);
                self.may_pull = matches!(image, Part::Registry(_) | Part::Late(_));
                self.words.push(vec![image]);
                self.words.extend(rest.iter().map(|w| text(w)));
            }
            Rest::Commit => {
                let [container, image @ ..] = words else { return Err(Why::Command) };
                self.words.push(own(container)?);
                if let [image] = image {
                    let image = self.new_name(image)?;
                    self.words.push(vec![image]);
                } else if !image.is_empty() {
                    return Err(Why::Command);
                }
            }
            Rest::Tag => {
                let [from, to] = words else { return Err(Why::Command) };
                let (from, to) = (self.image(from, made), self.new_name(to)?);
                self.words.extend([vec![from], vec![to]]);
            }
            Rest::Registry | Rest::OwnImages | Rest::Images => {
                if words.is_empty() {
                    return Err(Why::Command);
                }
                for word in words {
                    let image = self.image(word, made);
                    let allowed = match rest {
                        Rest::Registry => matches!(image, Part::Registry(_) | Part::Late(_)),
                        Rest::OwnImages => !matches!(image, Part::Image(_)),
                        _ => true,
                    };
                    if !allowed {
                        return Err(Why::Image);
                    }
                    self.words.push(vec![image]);
                }
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
                        None if matches!(word.as_str(), "-" | "." | "./") || plain_file(word) => {
                            self.words.push(text(word))
                        }
                        None => return Err(Why::Mount),
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether a word means an image of the registry, well formed or not.
fn of_registry(word: &str) -> bool {
    word.contains(FILE_MARKS) || REGISTRY.iter().any(|address| word.starts_with(address))
}

/// What follows the registry's address: `NAME[:TAG][@DIGEST]`.
pub(super) fn in_registry(word: &str) -> Option<String> {
    let rest = REGISTRY.iter().find_map(|address| word.strip_prefix(address))?;
    let (name, digest) = rest.split_once('@').map_or((rest, None), |(name, digest)| (name, Some(digest)));
    let hex = |hex: &str| hex.len() == 64 && hex.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
    let digest_fine = digest.is_none_or(|digest| digest.strip_prefix("sha256:").is_some_and(hex));
    (is_image(name) && digest_fine).then(|| rest.to_owned())
}

/// `NAME[:TAG]` of an image, as docker takes it.
fn is_image(word: &str) -> bool {
    let (name, tag) = word.rsplit_once(':').map_or((word, None), |(name, tag)| (name, Some(tag)));
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
    };
    let tag_fine = |tag: &str| {
        (1..=100).contains(&tag.len())
            && !tag.starts_with(['.', '-'])
            && tag.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    name.len() <= 100 && name.split('/').all(part) && tag.is_none_or(tag_fine)
}

/// The same with its tag, `latest` where it has none.
fn tagged(word: &str) -> Option<String> {
    is_image(word).then(|| if word.contains(':') { word.to_owned() } else { format!("{word}:latest") })
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
