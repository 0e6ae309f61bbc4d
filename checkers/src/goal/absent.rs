//! `absent`: paths and tools that the final image must not hold, and the line that brought them.

use super::{Judged, facts, fail, image, list, lost, shown};
use crate::{
    evidence::{Blame, Evidence, Found, Needs, Place},
    spec::Absent,
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(ask: &Absent) -> Needs {
    Needs {
        build: true,
        image: true,
        paths: ask.paths.iter().cloned().collect(),
        tools: ask.tools.iter().cloned().collect(),
        ..Needs::default()
    }
}

pub(super) fn judge(ask: &Absent, evidence: &Evidence) -> Judged {
    let blame = image(evidence)?;
    let mut there: Vec<&Found> = Vec::new();
    for glob in &ask.paths {
        let found = blame.image.paths.get(glob).ok_or_else(|| lost(glob))?;
        if found.count > 0 {
            there.push(found);
        }
    }
    let mut tools: Vec<(&String, &Place)> = Vec::new();
    for tool in &ask.tools {
        let places = blame.image.tools.get(tool).ok_or_else(|| lost(tool))?;
        tools.extend(places.first().map(|place| (tool, place)));
    }
    // What a line of the learner's own brought is told first: it is easier to mend than a base.
    if let Some(diagnosis) = own_paths(&blame, &there) {
        return fail(diagnosis);
    }
    let own: Vec<_> = tools.iter().copied().filter(|(_, p)| blame.instruction(p.layer).is_some()).collect();
    if !own.is_empty() {
        let diagnosis = of_tools(Diagnosis::new(codes::TOOL_PRESENT), &own);
        return fail(diagnosis.at(own.iter().map(|(_, p)| blame.line(p.layer))));
    }
    let (base, from) = blame.model.final_base(blame.target);
    if !tools.is_empty() {
        let diagnosis = of_tools(Diagnosis::new(codes::TOOL_FROM_BASE), &tools);
        return fail(diagnosis.fact("base", shown(&base)).at([from]));
    }
    if !there.is_empty() {
        let diagnosis = of_paths(Diagnosis::new(codes::PATH_FROM_BASE), &there);
        return fail(diagnosis.fact("base", shown(&base)).at([from]));
    }
    Ok(facts([("looked-for", Fact::Count((ask.paths.len() + ask.tools.len()) as u64))]))
}

fn own_paths(blame: &Blame<'_>, there: &[&Found]) -> Option<Diagnosis> {
    let own = |found: &&&Found| found.layers.keys().any(|layer| *layer >= blame.image.base_layers);
    let own: Vec<&Found> = there.iter().filter(own).copied().collect();
    if own.is_empty() {
        return None;
    }
    let layers = own.iter().flat_map(|f| f.layers.keys()).filter(|l| **l >= blame.image.base_layers);
    Some(of_paths(Diagnosis::new(codes::PATH_PRESENT), &own).at(layers.map(|l| blame.line(*l))))
}

fn of_paths(diagnosis: Diagnosis, found: &[&Found]) -> Diagnosis {
    // A few of each glob, rather than ten of the first.
    let most = (10 / found.len().max(1)).max(1);
    let paths = found.iter().flat_map(|f| f.examples.iter().take(most)).map(|p| format!("/{}", p.path));
    diagnosis
        .fact("paths", list(paths))
        .fact("count", Fact::Count(found.iter().map(|f| f.count).sum()))
        .fact("bytes", Fact::Bytes(found.iter().map(|f| f.bytes).sum()))
}

fn of_tools(diagnosis: Diagnosis, found: &[(&String, &Place)]) -> Diagnosis {
    let path = found.first().map(|(_, p)| format!("/{}", p.path)).unwrap_or_default();
    diagnosis.fact("tools", list(found.iter().map(|(tool, _)| tool))).fact("path", shown(&path))
}
