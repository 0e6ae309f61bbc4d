//! `instruction`: what must or must not stand in the Dockerfile, in stages that the target needs.

use super::{Globs, Judged, facts, fail, shown};
use crate::{
    dockerfile::{Instruction as Line, any_matches},
    evidence::{Evidence, Needs},
    spec::{InStage, Instruction},
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(_: &Instruction) -> Needs {
    Needs::default()
}

pub(super) fn judge(ask: &Instruction, evidence: &Evidence) -> Judged {
    let (model, target) = evidence.model()?;
    let reachable = model.reachable(target);
    let looked_at = |line: &&Line| match (ask.stage, line.stage) {
        (InStage::Any, Some(stage)) => reachable[stage],
        // An ARG before the first FROM belongs to the file.
        (InStage::Any, None) => true,
        (InStage::Last, stage) => stage == Some(target),
    };
    let lines: Vec<&Line> = model.instructions.iter().filter(looked_at).collect();
    let found: Vec<&Line> = lines.iter().copied().filter(|l| matches(ask, l)).collect();
    let described = shown(&describe(ask));
    match (ask.there, found.is_empty()) {
        (true, true) => {
            // Lines that come near: the same instruction without the flag, the same command in another instruction.
            let near = lines
                .iter()
                .filter(|l| names(ask, l) && ask.command.is_none())
                .chain(lines.iter().filter(|l| ask.command.as_ref().is_some_and(|c| any_matches(&l.commands(), c))));
            let diagnosis = Diagnosis::new(codes::INSTRUCTION_MISSING).fact("instruction", described);
            fail(diagnosis.at(near.map(|l| l.first)))
        }
        (false, false) => {
            let diagnosis = Diagnosis::new(codes::INSTRUCTION_PRESENT).fact("instruction", described);
            fail(diagnosis.at(found.iter().map(|l| l.first)))
        }
        _ => Ok(facts([("found", Fact::Count(found.len() as u64))])),
    }
}

/// Several names are separated by `|`: `CMD|ENTRYPOINT`.
fn names(ask: &Instruction, line: &Line) -> bool {
    ask.name.split('|').any(|name| name.trim().eq_ignore_ascii_case(&line.keyword))
}

fn matches(ask: &Instruction, line: &Line) -> bool {
    names(ask, line)
        && ask.command.as_ref().is_none_or(|command| any_matches(&line.commands(), command))
        && ask.flag.as_ref().is_none_or(|flag| has_flag(line, flag))
        && ask.argument.as_ref().is_none_or(|glob| {
            let words = match &line.exec {
                Some(words) => words.join(" "),
                None => line.expanded.split_whitespace().collect::<Vec<_>>().join(" "),
            };
            Globs::of_text(glob).matches(&words)
        })
}

/// A value of several fields (`--mount=type=cache`) must hold those that are asked, in any order.
fn has_flag(line: &Line, wanted: &str) -> bool {
    let wanted = wanted.trim_start_matches('-');
    let (name, value) = wanted.split_once('=').map_or((wanted, None), |(n, v)| (n, Some(v)));
    line.flags.iter().filter(|f| f.name == name).any(|flag| {
        let have = flag.value.as_deref().unwrap_or_default();
        let fields: Vec<String> = have.split(',').map(|f| f.trim().to_ascii_lowercase()).collect();
        value.is_none_or(|v| v.split(',').all(|want| fields.contains(&want.trim().to_ascii_lowercase())))
    })
}

fn describe(ask: &Instruction) -> String {
    let name = ask.name.replace('|', " / ");
    let parts = [Some(&name), ask.flag.as_ref(), ask.command.as_ref(), ask.argument.as_ref()];
    parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
}
