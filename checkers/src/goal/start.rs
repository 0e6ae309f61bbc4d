//! Why a container did not start, or stopped at once: shared by the goals that run one.
//!
//! The kernel says "no such file or directory" of a binary that is plainly there when its loader is not, of a script whose
//! interpreter is missing, and of one with Windows line ends. The image tells which of them it was.

use super::{command_lines, facts, list, shown, stream};
use crate::{
    dockerfile::exec_commands,
    engine::{Limit, RunOutcome, sandbox},
    evidence::{Blame, Blocked, Program, Runnable},
    verdict::{Diagnosis, Fact, Facts, codes},
};
use regex::Regex;
use std::sync::LazyLock;

/// Why a container did not do what was asked, where its own words or the image show it.
pub(super) fn explain(blame: &Blame<'_>, args: &[String], run: &RunOutcome) -> Option<Blocked> {
    if run.oom_killed || run.limit_hit == Some(Limit::Memory) {
        let limit = Fact::Bytes(sandbox::MEMORY.unsigned_abs());
        let diagnosis = Diagnosis::new(codes::OUT_OF_MEMORY).fact("limit", limit);
        return Some(Blocked::failed(diagnosis.at(command_lines(blame))));
    }
    let config = &blame.image.config;
    let command: Vec<String> =
        config.entrypoint.iter().chain(if args.is_empty() { &config.cmd } else { args }).cloned().collect();
    let words = format!("{}\n{}", run.start_error.as_deref().unwrap_or_default(), run.stderr);
    if let Some(error) = &run.start_error
        && let Some(blocked) = start_error(blame, error)
    {
        return Some(blocked);
    }
    if let Some(diagnosis) = program(blame, &command, run, &words) {
        return Some(Blocked::failed(diagnosis));
    }
    if let Some(limit) = run.limit_hit {
        let limit = facts([("limit", shown(limit.name())), ("stderr", stream(&run.stderr))]);
        return Some(Blocked::broken(Diagnosis { facts: limit, ..Diagnosis::new(codes::OUR_LIMIT) }));
    }
    if let Some(diagnosis) = missing_at_run_time(blame, &words) {
        return Some(Blocked::failed(diagnosis));
    }
    run.start_error
        .as_ref()
        .map(|error| Blocked::broken(Diagnosis::new(codes::DAEMON_ERROR).fact("message", shown(error))))
}

fn start_error(blame: &Blame<'_>, error: &str) -> Option<Blocked> {
    let lower = error.to_lowercase();
    if lower.contains("no command specified") {
        let from = blame.model.stages[blame.target].line;
        return Some(Blocked::failed(Diagnosis::new(codes::NO_COMMAND).at([from])));
    }
    if lower.contains("unable to find user") || lower.contains("no matching entries in passwd") {
        let user = blame.image.config.user.clone();
        let line = super::last_of(blame, "USER").map(|i| i.first);
        return Some(Blocked::failed(Diagnosis::new(codes::USER_UNKNOWN).fact("user", shown(&user)).at(line)));
    }
    None
}

/// What is wrong with the program itself, as the image shows it.
fn program(blame: &Blame<'_>, command: &[String], run: &RunOutcome, words: &str) -> Option<Diagnosis> {
    // Only where it did not start at all: 125 to 127 are Docker's and the shell's, 255 and 1 come from other init programs.
    let lower = words.to_lowercase();
    let not_started = lower.contains("no such file or directory")
        || lower.contains("not found")
        || lower.contains("exec format error")
        || lower.contains("permission denied")
        || lower.contains("is a directory");
    if run.start_error.is_none() && !not_started {
        return None;
    }
    let first = command.first()?;
    let lines = command_lines(blame);
    let message = run.start_error.as_deref().unwrap_or(&run.stderr);
    let known = blame.image.programs.get(first);
    if let Some(program) = known.filter(|p| p.runnable != Runnable::Yes) {
        let shell_form = matches!(first.as_str(), "/bin/sh" | "sh") && command.get(1).is_some_and(|w| w == "-c");
        if shell_form && program.runnable == Runnable::Missing {
            let text = command.get(2).map(String::as_str).unwrap_or_default();
            return Some(Diagnosis::new(codes::NO_SHELL).fact("command", shown(text)).at(lines));
        }
        return Some(blamed(why(blame, first, program, message), lines));
    }
    // Behind a shell: the program that the words name.
    for inner in exec_commands(command).iter().filter_map(|c| c.first()) {
        let known = blame.image.programs.get(inner).filter(|p| p.runnable != Runnable::Yes);
        if let Some(program) = known.filter(|_| words.contains(inner.as_str())) {
            return Some(blamed(why(blame, inner, program, message), lines));
        }
    }
    if lower.contains("exec format error") {
        return Some(Diagnosis::new(codes::EXEC_FORMAT).fact("command", shown(first)).at(lines));
    }
    let refused =
        run.start_error.as_ref().is_some_and(|e| e.contains("executable file not found") || e.contains("no such file"));
    refused.then(|| not_found(first, message).at(lines))
}

/// The line that brought the file is to blame for what is wrong with it; CMD only for naming what is not there.
fn blamed(diagnosis: Diagnosis, command: Vec<u32>) -> Diagnosis {
    if diagnosis.lines.is_empty() { diagnosis.at(command) } else { diagnosis }
}

fn why(blame: &Blame<'_>, name: &str, program: &Program, message: &str) -> Diagnosis {
    let path = program.path.as_ref().map_or_else(|| name.to_owned(), |p| format!("/{p}"));
    let line = program.layer.and_then(|layer| blame.instruction(layer)).map(|i| i.first);
    match &program.runnable {
        Runnable::LoaderMissing(loader) => {
            Diagnosis::new(codes::LOADER_MISSING).fact("binary", shown(&path)).fact("loader", shown(loader)).at(line)
        }
        Runnable::InterpreterMissing(interpreter) => Diagnosis::new(codes::INTERPRETER_MISSING)
            .fact("script", shown(&path))
            .fact("interpreter", shown(interpreter))
            .at(line),
        Runnable::CrlfScript => Diagnosis::new(codes::SCRIPT_CRLF).fact("script", shown(&path)).at(line),
        Runnable::OtherMachine => Diagnosis::new(codes::EXEC_FORMAT).fact("command", shown(&path)).at(line),
        Runnable::NoExecuteBit | Runnable::Folder => {
            Diagnosis::new(codes::NOT_EXECUTABLE).fact("command", shown(&path)).at(line)
        }
        Runnable::Missing | Runnable::Yes => not_found(name, message),
    }
}

fn not_found(command: &str, message: &str) -> Diagnosis {
    Diagnosis::new(codes::COMMAND_NOT_FOUND).fact("command", shown(command)).fact("message", shown(message))
}

static MODULE: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"Cannot find (?:module|package) '([^'\n]+)'",
        r"No module named '?([A-Za-z0-9_.]+)'?",
        r"error while loading shared libraries: ([^\s:]+)",
        r"Error loading shared library ([^\s:]+)",
        r"Could not find or load main class (\S+)",
        r"NoClassDefFoundError: (\S+)",
    ]
    .iter()
    .map(|p| Regex::new(p).expect("a constant pattern"))
    .collect()
});

static FILE: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"can't open file '([^'\n]+)'",
        r"Unable to access jarfile (\S+)",
        r"ENOENT: no such file or directory, \w+ '([^'\n]+)'",
        r"No such file or directory: '([^'\n]+)'",
        r"open ([^\s:]+): no such file or directory",
        r"[Cc]an(?:no|')t open '?([^\s':]+)",
    ]
    .iter()
    .map(|p| Regex::new(p).expect("a constant pattern"))
    .collect()
});

/// What a running program says it misses.
fn missing_at_run_time(blame: &Blame<'_>, words: &str) -> Option<Diagnosis> {
    let first = |patterns: &[Regex]| patterns.iter().find_map(|p| p.captures(words)).map(|c| c[1].to_owned());
    let module = first(&MODULE);
    // Node says "module" of a file, too: then its name is a path.
    let is_path = |name: &str| name.starts_with(['/', '.']);
    if let Some(module) = module.as_deref().filter(|m| !is_path(m)) {
        let lines = installing_lines(blame);
        let lines = if lines.is_empty() { command_lines(blame) } else { lines };
        return Some(Diagnosis::new(codes::MODULE_MISSING).fact("module", shown(module)).at(lines));
    }
    let file = module.or_else(|| first(&FILE))?;
    let name = file.rsplit('/').next().unwrap_or(&file);
    let places = blame.image.names.get(name).map(Vec::as_slice).unwrap_or_default();
    let astray: Vec<_> = places.iter().filter(|p| blame.instruction(p.layer).is_some()).collect();
    let workdir = &blame.image.config.workdir;
    let lines = command_lines(blame).into_iter().chain(astray.iter().map(|p| blame.line(p.layer)));
    Some(
        Diagnosis::new(codes::RUNTIME_FILE_MISSING)
            .fact("file", shown(&file))
            .fact("workdir", shown(if workdir.is_empty() { "/" } else { workdir }))
            .fact("nearby", list(astray.iter().map(|p| format!("/{}", p.path))))
            .at(lines),
    )
}

/// Lines of the target's chain that bring packages into the image.
fn installing_lines(blame: &Blame<'_>) -> Vec<u32> {
    let chain = blame.model.chain(blame.target);
    let lines = chain.iter().flat_map(|s| blame.model.of_stage(*s));
    let installs = |line: &&crate::dockerfile::Instruction| match line.keyword.as_str() {
        "RUN" => {
            let wanted =
                ["npm ci", "npm install", "npm prune", "yarn install", "pnpm install", "pip install", "pip3 install"];
            let commands = line.commands();
            wanted.iter().any(|w| crate::dockerfile::any_matches(&commands, w))
        }
        "COPY" => ["node_modules", "site-packages", "venv"].iter().any(|part| line.text.contains(part)),
        _ => false,
    };
    lines.filter(installs).map(|l| l.first).collect()
}

/// What a container printed and how it ended, for a verdict that passed.
pub(super) fn measured(run: &RunOutcome) -> Facts {
    facts([("stdout", stream(&run.stdout)), ("time", Fact::Millis(run.duration.as_millis() as u64))])
}
