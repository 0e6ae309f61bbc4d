//! The lens's report for machines, `schema: 1`. Sizes are bytes, layers count from 0, the bottom one first.

use super::{
    Subject,
    compare::Comparison,
    rules::{Judged, share},
};
use dockshala_checkers::{
    evidence::Exposed,
    image::{How, Leftover, PathId, Tally, Waste},
    verdict::{EngineName, Finding, Sizes, StandIn},
};
use serde::Serialize;
use std::collections::HashMap;

/// Everything that the text report says, and more exactly.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    schema: u32,
    /// As it was named on the command line.
    image: &'a str,
    /// `image`, `archive` or `build`.
    source: &'static str,
    arch: &'a str,
    engine: Option<&'a EngineName>,
    /// What that daemon says.
    docker_size: Option<u64>,
    base: Option<&'a str>,
    base_layers: usize,
    stand_ins: &'a [StandIn],
    sizes: Counted,
    layers: Vec<LayerRow<'a>>,
    steps: Vec<StepRow<'a>>,
    /// Lines of the Dockerfile that put bytes into the image.
    lines: Vec<LineRow>,
    waste: &'a [Waste],
    wasted_paths: Vec<WastedPath>,
    /// Entries that no daemon would unpack.
    ignored: u64,
    /// What it could do without, secrets first, then by bytes; texts are made of code and facts.
    findings: &'a [Finding],
    /// What no container of it needs, by kind and owner, biggest first; the base's too.
    leftovers: &'a [Leftover],
    /// What looks like a secret, the base's too; never its value.
    exposed: &'a [Exposed],
    rules: &'a [Judged],
    #[serde(skip_serializing_if = "Option::is_none")]
    compare: Option<&'a Comparison>,
}

#[derive(Debug, Serialize)]
struct Counted {
    total: u64,
    #[serde(rename = "final")]
    final_: u64,
    wasted: u64,
    wasted_percent: f64,
    /// None where it is not known what the image stands on.
    added: Option<u64>,
}

#[derive(Debug, Serialize)]
struct LayerRow<'a> {
    layer: usize,
    diff_id: &'a str,
    instruction: &'a str,
    line: Option<u32>,
    base: bool,
    bytes: u64,
    percent: f64,
    wasted: u64,
    added: Tally,
    changed: Tally,
    removed: Tally,
}

#[derive(Debug, Serialize)]
struct StepRow<'a> {
    instruction: &'a str,
    layer: Option<usize>,
    line: Option<u32>,
    base: bool,
    bytes: u64,
    /// The image up to here.
    after: Sizes,
}

#[derive(Debug, Serialize)]
struct LineRow {
    line: u32,
    last: u32,
    bytes: u64,
    wasted: u64,
    layers: Vec<usize>,
}

/// A path with bytes that can never be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WastedPath {
    /// Without a leading slash.
    pub path: String,
    /// Of all copies that are hidden.
    pub bytes: u64,
    /// How many copies.
    pub copies: u64,
    /// Layers that hold them.
    pub put_by: Vec<usize>,
    /// The layer that hid the last one.
    pub hidden_by: usize,
    /// What it did.
    pub how: How,
}

/// How many paths the report names.
pub const PATHS: usize = 20;

/// The paths that waste most, biggest first.
pub fn wasted_paths(subject: &Subject, most: usize) -> Vec<WastedPath> {
    let image = &subject.image;
    let mut by_path: HashMap<PathId, (u64, Vec<usize>)> = HashMap::new();
    for (at, hidden) in image.hidden.iter().enumerate().filter(|(_, h)| h.bytes > 0) {
        let (bytes, copies) = by_path.entry(hidden.id()).or_default();
        *bytes = bytes.saturating_add(hidden.bytes);
        copies.push(at);
    }
    let mut all: Vec<(PathId, u64, Vec<usize>)> = by_path.into_iter().map(|(id, (b, c))| (id, b, c)).collect();
    all.sort_by_key(|(id, bytes, _)| (std::cmp::Reverse(*bytes), *id));
    all.truncate(most);
    all.into_iter()
        .filter_map(|(id, bytes, copies)| {
            let last = &image.hidden[*copies.last()?];
            let mut put_by: Vec<usize> = copies.iter().map(|at| image.hidden[*at].put_by).collect();
            put_by.sort_unstable();
            put_by.dedup();
            let path = image.path(id);
            Some(WastedPath {
                path,
                bytes,
                copies: copies.len() as u64,
                put_by,
                hidden_by: last.hidden_by,
                how: last.how,
            })
        })
        .collect()
}

/// Puts a report together.
pub fn report<'a>(subject: &'a Subject, rules: &'a [Judged], compare: Option<&'a Comparison>) -> Report<'a> {
    let image = &subject.image;
    let sizes = image.sizes;
    let layers = image.layers.iter().enumerate().map(|(index, layer)| LayerRow {
        layer: index,
        diff_id: &layer.diff_id,
        instruction: subject.instruction_of(index),
        line: subject.line_of(index),
        base: layer.base,
        bytes: layer.bytes,
        percent: hundredths(share(layer.bytes, sizes.total)),
        wasted: layer.wasted,
        added: layer.added,
        changed: layer.changed,
        removed: layer.removed,
    });
    let costs = subject.source.iter().flat_map(|source| &source.costs);
    Report {
        schema: 1,
        image: &subject.name,
        source: subject.origin.word(),
        arch: &image.config.arch,
        engine: subject.engine.as_ref(),
        docker_size: subject.docker_size,
        base: subject.base.as_deref(),
        base_layers: image.base_layers,
        stand_ins: &subject.stand_ins,
        sizes: Counted {
            total: sizes.total,
            final_: sizes.final_,
            wasted: sizes.wasted,
            wasted_percent: hundredths(share(sizes.wasted, sizes.total)),
            added: subject.added(),
        },
        layers: layers.collect(),
        steps: subject
            .steps
            .iter()
            .map(|step| StepRow {
                instruction: &step.instruction,
                layer: step.layer,
                line: step.line,
                base: step.base,
                bytes: step.bytes,
                after: step.after,
            })
            .collect(),
        lines: costs
            .map(|(line, cost)| LineRow {
                line: *line,
                last: cost.last,
                bytes: cost.bytes,
                wasted: cost.wasted,
                layers: cost.layers.clone(),
            })
            .collect(),
        waste: &image.waste,
        wasted_paths: wasted_paths(subject, PATHS),
        ignored: image.ignored,
        findings: &subject.findings,
        leftovers: &subject.facts.leftovers,
        exposed: &subject.facts.exposed,
        rules,
        compare,
    }
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
