//! Package managers: what they leave behind, what they ask for, which version comes.

use super::{Look, Sited, names::option_behind};
use crate::dockerfile::Instruction;

pub(super) fn look(look: &mut Look<'_>) {
    let file = look.file;
    for now in file.instructions.iter().filter(|i| i.keyword == "RUN" && i.stage.is_some()) {
        let all = look.commands(now);
        apt(look, now, &all);
        apk(look, now, &all);
        pip(look, now, &all);
    }
}

fn program(command: &Sited) -> &str {
    command.words[0].rsplit('/').next().unwrap_or_default()
}

/// The subcommand and its index, options before it skipped (`apt-get -y install`). Options of apt that take a value of their
/// own are few and begin with `-o`, `-c`, `-t`.
fn subcommand(words: &[String]) -> Option<(usize, &str)> {
    let mut at = 1;
    while let Some(word) = words.get(at) {
        if !word.starts_with('-') {
            return Some((at, word));
        }
        at += if matches!(word.as_str(), "-o" | "-c" | "-t" | "-X" | "-p") { 2 } else { 1 };
    }
    None
}

/// What a command is to install: its words behind the subcommand that are no options.
fn wanted(words: &[String], from: usize) -> Vec<&str> {
    let mut found = Vec::new();
    let mut at = from + 1;
    while let Some(word) = words.get(at) {
        match word.as_str() {
            "-o" | "-c" | "-t" | "--target-release" | "--virtual" | "-X" | "--repository" => at += 1,
            word if word.starts_with('-') => {}
            word => found.push(word),
        }
        at += 1;
    }
    found
}

/// A cache mount over a folder: what is left there is in no layer.
fn is_mounted(now: &Instruction, folder: &str) -> bool {
    now.mounts().iter().any(|mount| {
        let kind = mount.get("type").map_or("bind", String::as_str);
        let target = ["target", "dst", "destination"].iter().find_map(|name| mount.get(*name));
        let target = target.map(|t| t.trim_end_matches('/'));
        matches!(kind, "cache" | "tmpfs")
            && target.is_some_and(|t| folder == t || folder.strip_prefix(t).is_some_and(|rest| rest.starts_with('/')))
    })
}

fn has(words: &[String], short: char, long: &[&str]) -> bool {
    words.iter().any(|word| {
        long.contains(&word.as_str())
            || (word.starts_with('-')
                && !word.starts_with("--")
                && word[1..].contains(short)
                && !word.starts_with("-o"))
    })
}

/// Packages that are shell variables or files are nobody's to judge by their text.
fn plain(name: &str) -> bool {
    !name.contains(['$', '/', '*', '`']) && !name.ends_with(".deb") && !name.ends_with(".apk")
}

fn apt(look: &mut Look<'_>, now: &Instruction, all: &[Sited]) {
    let apt: Vec<(&Sited, usize, &str)> = all
        .iter()
        .filter(|c| matches!(program(c), "apt-get" | "apt"))
        .filter_map(|c| subcommand(&c.words).map(|(at, sub)| (c, at, sub)))
        .collect();
    let install = |sub: &str| matches!(sub, "install" | "upgrade" | "dist-upgrade" | "full-upgrade");
    let updates = apt.iter().find(|(_, _, sub)| *sub == "update");
    let installs = apt.iter().any(|(_, _, sub)| install(sub) || *sub == "build-dep" || *sub == "source");
    let removes = all.iter().any(|c| {
        let lists = |w: &String| w.starts_with("/var/lib/apt") || w.starts_with("/var/lib/apt/lists");
        (program(c) == "rm" || program(c) == "find") && c.words.iter().any(lists)
    });
    if let Some((command, at, _)) = updates {
        let span = command.spans[0].start..command.spans[*at].end.max(command.spans[0].end);
        if !installs {
            // Only where a later step installs: an update alone may be there to look something up.
            let later = look.file.of_stage(now.stage.unwrap_or(0)).skip_while(|i| !std::ptr::eq(*i, now)).skip(1);
            let alone = later.filter(|i| i.keyword == "RUN").any(|i| {
                let commands = i.commands();
                commands.iter().any(|w| {
                    matches!(w[0].as_str(), "apt-get" | "apt") && subcommand(w).is_some_and(|(_, sub)| install(sub))
                })
            });
            if alone && !is_mounted(now, "/var/lib/apt/lists") {
                look.tell("AptUpdateAlone", span, &[], Vec::new());
            }
        } else if look.is_shipped(now) && !removes && !is_mounted(now, "/var/lib/apt/lists") {
            look.tell("AptListsLeft", span, &[], Vec::new());
        }
    }
    // Asked once for the instruction, not for each of its commands: a hostile one has thousands.
    let answered = all.iter().any(|c| c.piped && program(c) == "yes");
    let configured_lean = installs && configured_lean(look, now);
    for (command, at, sub) in apt.iter().filter(|(_, _, sub)| install(sub)) {
        let span = command.spans[0].start..command.spans[*at].end.max(command.spans[0].end);
        let behind = |option: &str| if command.own { option_behind(&command.spans[*at], option) } else { Vec::new() };
        let configured = command.words.iter().any(|w| w.contains("Assume-Yes"));
        let quiet = command.words.iter().any(|w| w == "-qq" || w == "-qqy" || w.starts_with("-q=2"));
        if !has(&command.words, 'y', &["--yes", "--assume-yes"]) && !quiet && !configured && !answered {
            look.tell("AptAssumeYes", span.clone(), &[("command", &command.words[..=*at].join(" "))], behind("-y"));
        }
        let asked = wanted(&command.words, *at);
        if *sub != "install" || asked.is_empty() {
            continue;
        }
        let lean = has(&command.words, '\0', &["--no-install-recommends"])
            || command.words.iter().any(|w| w.contains("Install-Recommends"));
        if look.is_shipped(now) && !lean && !configured_lean {
            look.tell("AptRecommends", span.clone(), &[], behind("--no-install-recommends"));
        }
        let loose = asked.iter().find(|name| plain(name) && !name.contains('='));
        if let Some(name) = loose {
            look.tell("AptUnpinned", span, &[("package", name)], Vec::new());
        }
    }
}

/// An apt.conf in the image that says it once for all.
fn configured_lean(look: &Look<'_>, now: &Instruction) -> bool {
    let chain = look.file.chain(now.stage.unwrap_or(0));
    chain.into_iter().flat_map(|s| look.file.of_stage(s)).take_while(|i| i.first <= now.first).any(|i| {
        i.text.contains("Install-Recommends") || i.heredocs.iter().any(|h| h.body.contains("Install-Recommends"))
    })
}

fn apk(look: &mut Look<'_>, now: &Instruction, all: &[Sited]) {
    let removed = all.iter().any(|c| program(c) == "rm" && c.words.iter().any(|w| w.starts_with("/var/cache/apk")));
    let mounted = ["/var/cache/apk", "/etc/apk/cache"].iter().any(|folder| is_mounted(now, folder));
    for command in all.iter().filter(|c| program(c) == "apk") {
        let Some((at, "add")) = subcommand(&command.words) else { continue };
        let span = command.spans[0].start..command.spans[at].end.max(command.spans[0].end);
        if look.is_shipped(now) && !has(&command.words, '\0', &["--no-cache"]) && !removed && !mounted {
            let edits = if command.own { option_behind(&command.spans[at], "--no-cache") } else { Vec::new() };
            look.tell("ApkCacheLeft", span.clone(), &[], edits);
        }
        let asked = wanted(&command.words, at);
        let loose = asked
            .iter()
            .find(|name| plain(name) && !name.contains(['=', '<', '>', '~', '@']) && !name.starts_with('.'));
        if let Some(name) = loose {
            look.tell("ApkUnpinned", span, &[("package", name)], Vec::new());
        }
    }
}

/// Where `install` stands in a call of pip: `pip install`, `pip3.13 install`, `python -m pip install`.
fn pip_install(command: &Sited) -> Option<usize> {
    let (name, words) = (program(command), &command.words);
    let versioned = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || c == '.');
    let by_python = || name.starts_with("python") && words.windows(2).any(|w| w[0] == "-m" && w[1] == "pip");
    (name.strip_prefix("pip").is_some_and(versioned) || by_python())
        .then(|| words.iter().position(|w| w == "install"))
        .flatten()
}

fn pip(look: &mut Look<'_>, now: &Instruction, all: &[Sited]) {
    let calls: Vec<(&Sited, usize)> = all.iter().filter_map(|c| Some((c, pip_install(c)?))).collect();
    // Of `python -m pip` the module's own call stands before the whole one: the whole one is told.
    let module = |at: usize, call: &(&Sited, usize)| {
        let whole = |next: &&(&Sited, usize)| program(next.0).starts_with("python");
        calls.get(at + 1).filter(whole).is_some_and(|next| next.0.spans[next.1] == call.0.spans[call.1])
    };
    let calls: Vec<(&Sited, usize)> =
        calls.iter().enumerate().filter(|(at, call)| !module(*at, call)).map(|(_, call)| *call).collect();
    if calls.is_empty() {
        return;
    }
    let chain = look.file.chain(now.stage.unwrap_or(0));
    let above = chain.into_iter().flat_map(|s| look.file.of_stage(s)).take_while(|i| i.first <= now.first);
    let settings: Vec<&Instruction> =
        above.filter(|i| matches!(i.keyword.as_str(), "ENV" | "ARG") || std::ptr::eq(*i, now)).collect();
    let set = |name: &str| settings.iter().any(|i| i.text.contains(name));
    let (no_cache, constrained) = (set("PIP_NO_CACHE_DIR"), set("PIP_CONSTRAINT"));
    let mounted = ["/root/.cache/pip", "/root/.cache"].iter().any(|folder| is_mounted(now, folder))
        || now
            .mounts()
            .iter()
            .any(|m| m.get("type").is_some_and(|t| t == "cache") && m.values().any(|v| v.contains("pip")));
    let removed = all.iter().any(|c| {
        let cache = |w: &String| w.contains("/.cache") || w.contains("pip");
        (program(c) == "rm" && c.words.iter().any(cache))
            || (program(c).starts_with("pip") && c.words.get(1).is_some_and(|w| w == "cache"))
    });
    let kept = look.is_shipped(now) && !no_cache && !mounted && !removed;
    for (command, at) in calls {
        let words = &command.words;
        let span = command.spans[0].start..command.spans[at].end.max(command.spans[0].end);
        if words.iter().any(|w| w == "--no-index") {
            continue;
        }
        if kept && !has(words, '\0', &["--no-cache-dir", "--no-cache"]) {
            let edits = if command.own { option_behind(&command.spans[at], "--no-cache-dir") } else { Vec::new() };
            look.tell("PipCacheLeft", span.clone(), &[], edits);
        }
        if constrained || has(words, 'c', &["--constraint"]) {
            continue;
        }
        if let Some(package) = loose(words, at) {
            look.tell("PipUnpinned", span, &[("package", package)], Vec::new());
        }
    }
}

/// The first package that is asked for by its name alone.
fn loose(words: &[String], at: usize) -> Option<&str> {
    let mut next = at + 1;
    while let Some(word) = words.get(next) {
        next += 1;
        let takes_value = matches!(
            word.as_str(),
            "-r" | "--requirement"
                | "-e"
                | "--editable"
                | "-i"
                | "--index-url"
                | "--extra-index-url"
                | "-f"
                | "--find-links"
                | "-t"
                | "--target"
                | "--prefix"
                | "--root"
                | "--platform"
                | "--python-version"
                | "--trusted-host"
                | "--cache-dir"
                | "--progress-bar"
                | "--timeout"
                | "--retries"
                | "--no-binary"
                | "--only-binary"
                | "--src"
                | "--proxy"
                | "--cert"
                | "--config-settings"
                | "--upgrade-strategy"
        );
        if takes_value {
            next += 1;
            continue;
        }
        let file =
            word.contains(['/', '$', '@', '*']) || word.ends_with(".whl") || word.ends_with(".gz") || word == ".";
        let versioned = word.contains(['=', '<', '>', '~', '!']);
        // The installers themselves follow the base image.
        let installer = matches!(word.as_str(), "pip" | "setuptools" | "wheel");
        if !word.starts_with('-') && !file && !versioned && !installer && !word.starts_with('.') {
            return Some(word);
        }
    }
    None
}
