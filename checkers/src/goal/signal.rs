//! `signal`: a signal ends the container, in time and with the right exit code.
//!
//! That it did not has three causes which look the same from outside: a shell is process 1 and hands nothing on, process 1
//! has no handler (the kernel then drops the signal, as it does for no other process), or the handler takes too long. The
//! processes that were there when the signal came tell them apart.

use super::{Judged, command_lines, compare, facts, fail, image, live, shown, stream};
use crate::{
    engine::{LiveOutcome, Process},
    evidence::{Blame, Evidence, LiveAsk, Needs},
    spec::Signal,
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(ask: &Signal) -> Needs {
    live::plan(LiveAsk::Signal(ask.clone()))
}

pub(super) fn judge(ask: &Signal, evidence: &Evidence) -> Judged {
    let blame = image(evidence)?;
    let asked = LiveAsk::Signal(ask.clone());
    let outcome = live::outcome(evidence, &asked)?;
    let run = &outcome.run;
    let lines = command_lines(&blame);
    let Some(signal) = &outcome.sent else {
        if let Some(blocked) = live::died(&blame, &[], outcome) {
            return Err(blocked);
        }
        let diagnosis = Diagnosis::new(codes::NOT_READY).fact("want", shown(ask.ready.as_deref().unwrap_or_default()));
        return fail(diagnosis.fact("stdout", stream(&run.stdout)).at(lines));
    };
    if let Some(words) = &outcome.refused {
        let stop = super::last_of(&blame, "STOPSIGNAL").map(|l| l.first);
        let diagnosis = Diagnosis::new(codes::SIGNAL_REFUSED).fact("signal", shown(signal));
        return fail(diagnosis.fact("message", shown(words)).at(stop));
    }
    let limit = live::limits(&asked).0;
    let took = outcome.took.filter(|took| u128::from(*took) <= limit.as_millis());
    let (Some(took), Some(exit)) = (took, run.exit) else {
        let diagnosis = not_in_time(&blame, outcome).fact("signal", shown(signal));
        // Another signal than the usual one may be all that is wrong.
        let stop = super::last_of(&blame, "STOPSIGNAL").filter(|_| ask.send.is_none());
        let diagnosis = match stop {
            Some(line) => diagnosis.fact("stop", super::shown_line(line)).at([line.first]),
            None => diagnosis,
        };
        return fail(diagnosis.fact("limit", live::millis(limit)).at(lines));
    };
    if exit != ask.exit {
        let diagnosis = Diagnosis::new(codes::SIGNAL_EXIT)
            .fact("exit", Fact::Count(exit.unsigned_abs()))
            .fact("want", Fact::Count(ask.exit.unsigned_abs()))
            .fact("signal", shown(signal));
        // 128 and a signal's number is what a shell and Docker make of a process that died of it.
        let diagnosis = match exit {
            129..=192 => diagnosis.fact("number", Fact::Count(exit.unsigned_abs() - 128)),
            _ => diagnosis,
        };
        return fail(diagnosis.at(lines));
    }
    if let Some(want) = ask.stdout.as_ref().and_then(|expect| compare(&run.stdout, expect).err()) {
        let diagnosis = Diagnosis::new(codes::OUTPUT_WRONG).fact("stream", shown("stdout"));
        return fail(diagnosis.fact("got", stream(&run.stdout)).fact("want", Fact::Text(want)).at(lines));
    }
    Ok(facts([("signal", shown(signal)), ("time", Fact::Millis(took)), ("exit", Fact::Count(exit.unsigned_abs()))]))
}

fn not_in_time(blame: &Blame<'_>, outcome: &LiveOutcome) -> Diagnosis {
    let config = &blame.image.config;
    let command: Vec<&String> = config.entrypoint.iter().chain(&config.cmd).collect();
    // Docker starts ENTRYPOINT, else CMD. Behind an entrypoint that starts what it is given, CMD's shell is process 1 all the
    // same; a script that starts it and waits should itself hand the signal on.
    let (entrypoint, cmd) = (shell_form(&config.entrypoint), shell_form(&config.cmd));
    let started = if config.entrypoint.is_empty() { cmd } else { entrypoint };
    let first = outcome.processes.iter().find(|p| p.first);
    let child = outcome.processes.iter().find(|p| !p.first);
    let shell_waits = match (first, child) {
        (Some(first), Some(_)) => is_shell(&first.command),
        (Some(_), None) => false,
        // No process list on this machine: the image's own words are the best guess.
        (None, _) => started.or(cmd).is_some(),
    };
    let name = |p: Option<&Process>| p.map_or_else(String::new, |p| p.command.clone());
    let written = command.iter().map(|w| w.as_str()).collect::<Vec<_>>().join(" ");
    let first_name = if first.is_some() { name(first) } else { written };
    // It did end of itself: whoever is process 1 has heard the signal.
    if let Some(took) = outcome.took {
        return Diagnosis::new(codes::SIGNAL_SLOW).fact("first", shown(&first_name)).fact("took", Fact::Millis(took));
    }
    if shell_waits {
        let handed = cmd.is_some_and(|shell| first.is_none_or(|first| begins(&first.command, shell)));
        let itself = started.is_some() || handed;
        let code = if itself { codes::SIGNAL_SHELL_FORM } else { codes::SIGNAL_SHELL_WAITS };
        return Diagnosis::new(code).fact("first", shown(&first_name)).fact("child", shown(&name(child)));
    }
    Diagnosis::new(codes::SIGNAL_IGNORED).fact("first", shown(&first_name))
}

/// The shell of a command in shell form, up to its `-c`: SHELL may give it more options (`/bin/bash -o pipefail -c`).
fn shell_form(words: &[String]) -> Option<&[String]> {
    let (_script, shell) = words.split_last()?;
    (shell.len() > 1
        && is_shell(&shell[0])
        && shell.last().is_some_and(|flag| flag.ends_with('c') && flag.starts_with('-')))
    .then_some(shell)
}

/// Whether a command line begins with these words.
fn begins(command: &str, words: &[String]) -> bool {
    let mut line = command.split_whitespace();
    words.iter().flat_map(|word| word.split_whitespace()).all(|word| line.next() == Some(word))
}

/// Whether a command line is a shell's (`/bin/sh -c …`, `sh /app/run.sh`, `busybox sh`, `{run.sh} /bin/sh …`).
fn is_shell(command: &str) -> bool {
    let words = command.split_whitespace().filter(|w| !w.starts_with('{'));
    let mut names = words.map(|w| w.rsplit('/').next().unwrap_or(w)).skip_while(|w| *w == "busybox");
    names.next().is_some_and(|w| matches!(w, "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh"))
}
