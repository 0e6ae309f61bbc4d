//! CMD and ENTRYPOINT, and RUN lines that fail silently, clean too late or cost the same bytes twice.

use super::{Edit, Look, Sited, replace};
use crate::dockerfile::{Instruction, any_matches};

pub(super) fn look(look: &mut Look<'_>) {
    let file = look.file;
    for stage in 0..file.stages.len() {
        let of: Vec<&Instruction> = file.of_stage(stage).collect();
        once(look, &of);
        exec_form(look, stage, &of);
        runs(look, stage, &of);
        in_a_row(look, stage, &of);
    }
}

/// Only the last CMD, ENTRYPOINT and HEALTHCHECK of a stage counts; the ones above it are told of, as in BuildKit.
fn once(look: &mut Look<'_>, of: &[&Instruction]) {
    for keyword in ["CMD", "ENTRYPOINT", "HEALTHCHECK"] {
        let mut all: Vec<&&Instruction> = of.iter().filter(|i| i.keyword == keyword).collect();
        let Some(last) = all.pop() else { continue };
        for now in all {
            let (span, line) = (look.keyword(now), last.first.to_string());
            look.tell("MultipleInstructionsDisallowed", span, &[("instruction", keyword), ("last", &line)], Vec::new());
        }
    }
}

fn exec_form(look: &mut Look<'_>, stage: usize, of: &[&Instruction]) {
    let chain = look.file.chain(stage);
    let own_shell = chain.iter().flat_map(|s| look.file.of_stage(*s)).any(|i| i.keyword == "SHELL");
    if own_shell {
        return;
    }
    for now in of.iter().filter(|i| matches!(i.keyword.as_str(), "CMD" | "ENTRYPOINT")) {
        // BuildKit warns of `exec` too; but with it no shell stays in front, and there are variables to put in.
        if now.exec.is_some() || now.text.is_empty() || now.text.starts_with("exec ") {
            continue;
        }
        let span = look.text(now);
        let edits = match as_json(now, look.file.escape) {
            Some(json) => replace(span.clone(), json),
            None => Vec::new(),
        };
        look.tell("JSONArgsRecommended", span, &[("instruction", &now.keyword)], edits);
    }
}

/// The exec form of a command that needs no shell: nothing to expand, to redirect or to chain.
fn as_json(now: &Instruction, escape: char) -> Option<String> {
    let special = |c: char| "$`&|;<>(){}*?[]~#!\\\n\r\t".contains(c) || c == escape;
    if now.first != now.last || now.text.contains(special) {
        return None;
    }
    let all = shlex::split(&now.text)?;
    let assignment = all.first()?.contains('=');
    let builtin = matches!(all.first()?.as_str(), "exec" | "cd" | "export" | "source" | "." | "set" | "eval" | ":");
    if assignment || builtin {
        return None;
    }
    let words: Vec<String> = all.iter().filter_map(|word| serde_json::to_string(word).ok()).collect();
    Some(format!("[{}]", words.join(", ")))
}

/// The paths that COPY and ADD of a stage and those below it brought, above an instruction.
fn brought(look: &Look<'_>, stage: usize, before: &Instruction) -> Vec<String> {
    let mut workdir = "/".to_owned();
    let mut found = Vec::new();
    for now in look.file.chain(stage).into_iter().flat_map(|s| look.file.of_stage(s)) {
        if std::ptr::eq(now, before) {
            break;
        }
        if now.keyword == "WORKDIR" {
            workdir = joined(&workdir, &now.expanded);
        } else if let Some((_, to)) = now.copies() {
            found.push(joined(&workdir, &to));
        }
    }
    found
}

fn joined(workdir: &str, path: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{workdir}/{path}") };
    let parts: Vec<&str> = whole.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    format!("/{}", parts.join("/"))
}

fn workdir_at(look: &Look<'_>, stage: usize, at: &Instruction) -> String {
    let chain = look.file.chain(stage).into_iter().flat_map(|s| look.file.of_stage(s));
    chain
        .take_while(|i| !std::ptr::eq(*i, at))
        .filter(|i| i.keyword == "WORKDIR")
        .fold("/".to_owned(), |now, i| joined(&now, &i.expanded))
}

fn runs(look: &mut Look<'_>, stage: usize, of: &[&Instruction]) {
    let shipped = look.shipped[stage];
    for now in of.iter().filter(|i| i.keyword == "RUN") {
        let all = look.commands(now);
        for command in all.iter().filter(|c| c.words[0] == "sudo") {
            let span = command.spans[0].clone();
            // `sudo -E x` and the like say more than `x`.
            let edits = match command.own && command.words.get(1).is_some_and(|w| !w.starts_with('-')) {
                true => {
                    let end = command.spans[1].start;
                    let gap = &look.file.source[span.end..end];
                    if gap.trim().is_empty() && !gap.contains('\n') { replace(span.start..end, "") } else { Vec::new() }
                }
                false => Vec::new(),
            };
            look.tell("NoSudo", span, &[], edits);
        }
        hidden_failure(look, stage, now, &all);
        if shipped {
            cleaned_late(look, now, &all);
            owner(look, stage, now, &all);
        }
        install(look, stage, now, &all);
    }
}

/// A download that fails into a pipe: the shell goes on, and the step succeeds with nothing in it.
fn hidden_failure(look: &mut Look<'_>, stage: usize, now: &Instruction, all: &[Sited]) {
    let says_pipefail = |words: &[String]| words.iter().any(|word| word.contains("pipefail"));
    let shell = look.file.chain(stage).into_iter().flat_map(|s| look.file.of_stage(s));
    let by_shell = shell
        .take_while(|i| !std::ptr::eq(*i, now))
        .filter(|i| i.keyword == "SHELL")
        .last()
        .is_some_and(|i| i.text.contains("pipefail") || i.text.to_lowercase().contains("powershell"));
    if by_shell || all.iter().any(|c| says_pipefail(&c.words)) || now.exec.is_some() {
        return;
    }
    let fetches = |c: &&Sited| {
        let program = c.words[0].rsplit('/').next().unwrap_or_default();
        c.piped
            && matches!(program, "curl" | "wget" | "git" | "aws" | "gsutil" | "ssh" | "scp" | "mysqldump" | "pg_dump")
    };
    if let Some(command) = all.iter().find(fetches) {
        let span = command.spans[0].start..command.spans.last().map_or(0, |s| s.end).max(command.spans[0].end);
        look.tell("PipeHidesFailure", span, &[("command", &command.words[0])], Vec::new());
    }
}

/// `rm` of what an earlier RUN made: the bytes stay in the earlier layer.
fn cleaned_late(look: &mut Look<'_>, now: &Instruction, all: &[Sited]) {
    let caches = [
        "/var/lib/apt/lists",
        "/var/cache/apt",
        "/var/cache/apk",
        "/root/.cache",
        "/root/.npm",
        "/var/cache/yum",
        "/var/cache/dnf",
        "/root/.m2",
        "/go/pkg/mod",
    ];
    let makes = [
        "apt-get", "apt", "apk", "pip", "pip3", "npm", "yarn", "yum", "dnf", "mvn", "go", "curl", "wget", "git",
        "python", "python3",
    ];
    let program = |c: &Sited| c.words[0].rsplit('/').next().unwrap_or_default().to_owned();
    if all.iter().any(|c| makes.contains(&program(c).as_str()) && !is_clean(&c.words)) {
        return;
    }
    // A cache mount is not in the layer, so that emptying it later has another reason.
    let above = look.file.of_stage(now.stage.unwrap_or(0)).take_while(|i| !std::ptr::eq(*i, now));
    let worked = above.filter(|i| i.keyword == "RUN").any(|i| {
        let commands = i.commands();
        commands
            .iter()
            .any(|words| makes.contains(&words[0].rsplit('/').next().unwrap_or_default()) && !is_clean(words))
    });
    let late = all.iter().find(|c| {
        let removes = program(c) == "rm" && c.words.iter().any(|w| caches.iter().any(|cache| w.starts_with(cache)));
        removes || is_clean(&c.words)
    });
    if let Some(command) = late.filter(|_| worked) {
        let span = command.spans[0].start..command.spans.last().map_or(0, |s| s.end).max(command.spans[0].end);
        look.tell("CleanedTooLate", span, &[("command", &command.words.join(" "))], Vec::new());
    }
}

/// A command whose only work is to clean up.
fn is_clean(words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(
        words.as_slice(),
        ["apt-get" | "apt" | "yum" | "dnf" | "microdnf", "clean" | "autoclean", ..]
            | ["apt-get" | "apt", "autoremove" | "purge" | "remove", ..]
            | ["npm" | "yarn", "cache", "clean", ..]
            | ["pip" | "pip3", "cache", "purge", ..]
            | ["apk", "cache", "clean", ..]
            | ["go", "clean", ..]
    )
}

/// `chown -R` of what a COPY brought stores every file a second time.
fn owner(look: &mut Look<'_>, stage: usize, now: &Instruction, all: &[Sited]) {
    let recursive = |words: &[String]| {
        words.iter().any(|w| w == "--recursive" || (w.starts_with('-') && !w.starts_with("--") && w.contains('R')))
    };
    for command in all {
        let program = command.words[0].rsplit('/').next().unwrap_or_default();
        if !matches!(program, "chown" | "chgrp" | "chmod") || !recursive(&command.words) {
            continue;
        }
        let workdir = workdir_at(look, stage, now);
        let plain = command.words[1..].iter().filter(|w| !w.starts_with('-'));
        // The first is the owner or the mode.
        let paths: Vec<String> = plain.skip(1).filter(|p| !p.contains('$')).map(|p| joined(&workdir, p)).collect();
        let within = |inner: &str, outer: &str| {
            inner == outer || outer == "/" || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
        };
        let brought = brought(look, stage, now);
        let hit = paths.iter().find(|path| brought.iter().any(|to| within(to, path) || within(path, to)));
        let Some(path) = hit else { continue };
        let span = command.spans[0].start..command.spans.last().map_or(0, |s| s.end).max(command.spans[0].end);
        let flag = if program == "chmod" { "--chmod" } else { "--chown" };
        look.tell("ChownAfterCopy", span, &[("command", program), ("path", path), ("flag", flag)], Vec::new());
    }
}

/// Installing dependencies below the line that copies everything: each edit of a source installs them again.
fn install(look: &mut Look<'_>, stage: usize, now: &Instruction, all: &[Sited]) {
    const INSTALLS: [(&str, &str); 10] = [
        ("npm ci", "package.json"),
        ("npm install", "package.json"),
        ("yarn install", "package.json"),
        ("pnpm install", "package.json"),
        ("pip install -r", "requirements.txt"),
        ("pip3 install -r", "requirements.txt"),
        ("go mod download", "go.mod"),
        ("bundle install", "Gemfile"),
        ("composer install", "composer.json"),
        ("mvn dependency:go-offline", "pom.xml"),
    ];
    let words: Vec<Vec<String>> = all.iter().map(|c| c.words.clone()).collect();
    let Some((command, manifest)) = INSTALLS.iter().find(|(c, _)| any_matches(&words, c)) else { return };
    // `npm install lodash` names what it wants and reads no manifest.
    let named =
        |c: &Sited| c.words[0].ends_with("npm") && c.words.iter().skip(1).filter(|w| !w.starts_with('-')).count() > 1;
    if all.iter().any(|c| any_matches(std::slice::from_ref(&c.words), command) && named(c)) {
        return;
    }
    let above: Vec<&Instruction> = look.file.of_stage(stage).take_while(|i| !std::ptr::eq(*i, now)).collect();
    let everything = |i: &&&Instruction| {
        let of_context = i.keyword == "COPY" || i.keyword == "ADD";
        of_context
            && i.flag("from").is_none()
            && i.copies()
                .is_some_and(|(from, _)| from.iter().any(|f| matches!(f.as_str(), "." | "./" | "/" | "./." | "*")))
    };
    let Some(copy) = above.iter().find(everything) else { return };
    // Where the same was installed above the COPY, this one only finishes it.
    let earlier = above.iter().take_while(|i| !std::ptr::eq(**i, *copy));
    if earlier.filter(|i| i.keyword == "RUN").any(|i| any_matches(&i.commands(), command)) {
        return;
    }
    let (span, line) = (look.text(copy), now.first.to_string());
    look.tell(
        "SourcesBeforeInstall",
        span,
        &[("command", command), ("manifest", manifest), ("line", &line)],
        Vec::new(),
    );
}

/// Three RUNs and more without anything between them: as many layers, and nothing is cached by it that one would not be.
fn in_a_row(look: &mut Look<'_>, stage: usize, of: &[&Instruction]) {
    if !look.shipped[stage] {
        return;
    }
    let mut row: Vec<&Instruction> = Vec::new();
    let tell = |look: &mut Look<'_>, row: &mut Vec<&Instruction>| {
        if row.len() >= 3 {
            let (span, count) = (look.keyword(row[1]), row.len().to_string());
            let first = row[0].first.to_string();
            look.tell("ConsecutiveRuns", span, &[("count", &count), ("line", &first)], Vec::<Edit>::new());
        }
        row.clear();
    };
    for now in of {
        if now.keyword == "RUN" && now.flags.is_empty() && now.heredocs.is_empty() {
            row.push(now);
        } else {
            tell(look, &mut row);
        }
    }
    tell(look, &mut row);
}
