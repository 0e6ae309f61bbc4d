//! What is seen under the lens, as sentences for a learner: the line first, what it cost, what would not.

use super::{Subject, rules::share};
use crate::{course::Lang, i18n, layout};
use dockshala_checkers::{
    image::{How, Waste},
    spec::Size,
    verdict::{Fact, Finding, Sizes},
};
use std::fmt::Display;

/// Waste below this is nobody's mistake: a package manager's log, a time stamp.
pub const WORTH_A_WORD: u64 = 10_000;

/// How much of an instruction a sentence quotes, in columns.
const QUOTED: usize = 60;

/// A layer by the line that made it, else by its number; with the instruction, where the image says it.
pub fn place(lang: &Lang, subject: &Subject, layer: usize) -> String {
    let say = |key: &str, args: &[(&str, &dyn Display)]| i18n::text(lang, key, args);
    let number = layer + 1;
    let base = subject.image.layers.get(layer).is_some_and(|l| l.base);
    let who = match subject.line_of(layer) {
        Some(line) if !base => say("lens.place.line", &[("line", &line)]),
        _ if base => say("lens.place.base", &[("layer", &number)]),
        _ => say("lens.place.layer", &[("layer", &number)]),
    };
    let instruction = subject.instruction_of(layer);
    if instruction.is_empty() || base {
        return who;
    }
    format!("{who} `{}`", layout::clip(&instruction.replace('`', "'"), QUOTED))
}

fn how(how: How) -> &'static str {
    match how {
        How::Removed => "removed",
        How::Replaced => "replaced",
        How::Owner => "owner",
        How::Mode => "mode",
        How::Again => "again",
    }
}

/// What a later layer did, in one word or two.
pub fn how_word(lang: &Lang, what: How) -> String {
    i18n::text(lang, &format!("lens.how.{}", how(what)), &[])
}

/// Bytes that one layer put and another one hid, as a sentence, and what to do about it.
pub fn waste(lang: &Lang, subject: &Subject, waste: &Waste) -> (String, String) {
    let (put, by) = (place(lang, subject, waste.put_by), place(lang, subject, waste.hidden_by));
    let size = Size(waste.tally.bytes);
    let args: [(&str, &dyn Display); 4] = [("size", &size), ("put", &put), ("by", &by), ("files", &waste.tally.files)];
    let key = format!("lens.waste.{}", how(waste.how));
    (i18n::text(lang, &key, &args), i18n::text(lang, &format!("{key}-next"), &args))
}

/// The waste that is worth a word and that no finding tells of, biggest first: what the base hides of itself.
pub fn worth(subject: &Subject) -> impl Iterator<Item = &Waste> {
    let told = |waste: &Waste| waste.is_own(subject.image.base_layers);
    subject.image.waste.iter().filter(move |waste| waste.tally.bytes >= WORTH_A_WORD && !told(waste))
}

/// Something that the image could do without, for a learner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// Bytes, or that it is a secret.
    pub weight: String,
    /// Where: lines of the Dockerfile, else layers; then what it is.
    pub what: String,
    /// What would not have cost them.
    pub next: String,
}

/// A finding in words, the line first.
pub fn advice(lang: &Lang, finding: &Finding) -> Advice {
    let told = i18n::diagnosis(lang, &finding.diagnosis);
    let join = |numbers: Vec<String>| numbers.join(", ");
    let lines = match finding.diagnosis.facts.get("line") {
        // Of two lines the one that did it; the other one is in the sentence.
        Some(Fact::Count(line)) => vec![*line as u32],
        _ => finding.diagnosis.lines.clone(),
    };
    let (key, numbers) = match lines.as_slice() {
        [_, ..] => ("lens.place.line", join(lines.iter().map(u32::to_string).collect())),
        [] if finding.layers.is_empty() => ("", String::new()),
        [] => ("lens.place.layer", join(finding.layers.iter().map(|layer| (layer + 1).to_string()).collect())),
    };
    let place = if key.is_empty() {
        String::new()
    } else {
        let key = if numbers.contains(',') { format!("{key}s") } else { key.to_owned() };
        i18n::text(lang, &key, &[("line", &numbers), ("layer", &numbers)]) + ": "
    };
    let weight =
        if finding.bytes == 0 { i18n::text(lang, "lens.secret", &[]) } else { Size(finding.bytes).to_string() };
    Advice { weight, what: format!("{place}{}", told.what), next: told.next }
}

/// The rows of a table of sizes: the word, the bytes, what it means. `added` only where the base is known.
pub fn sizes(lang: &Lang, sizes: &Sizes, base: Option<&str>) -> Vec<(String, u64, String)> {
    let row =
        |name: &str, bytes: u64, about: String| (i18n::text(lang, &format!("check.sizes-{name}"), &[]), bytes, about);
    let about = |name: &str| i18n::text(lang, &format!("check.sizes-{name}-about"), &[]);
    let percent = format!("{:.1}", share(sizes.wasted, sizes.total));
    let wasted = i18n::text(lang, "lens.wasted-about", &[("percent", &percent)]);
    let mut rows = vec![
        row("total", sizes.total, about("total")),
        row("final", sizes.final_, about("final")),
        row("wasted", sizes.wasted, wasted),
    ];
    if let Some(base) = base {
        rows.push(row("added", sizes.added, i18n::text(lang, "lens.added-about", &[("base", &base)])));
    }
    rows
}

/// Docker's own number beside ours, and why they are not the same; none where no daemon was asked.
pub fn docker_size(lang: &Lang, subject: &Subject) -> Option<String> {
    let docker = subject.docker_size?;
    let engine = subject.engine.as_ref()?;
    let total = subject.image.sizes.total;
    // Within what a person would call the same.
    let key = match docker.abs_diff(total) {
        off if off * 1000 <= total => "lens.docker-same",
        _ if docker < total => "lens.docker-less",
        _ => "lens.docker-more",
    };
    let args: [(&str, &dyn Display); 4] = [
        ("docker", &Size(docker)),
        ("total", &Size(total)),
        ("storage", &engine.storage),
        ("version", &engine.version),
    ];
    Some(i18n::text(lang, key, &args))
}

/// What a layer did, in one line: files added, changed, removed, and what of its bytes is wasted.
pub fn did(lang: &Lang, subject: &Subject, layer: usize) -> String {
    let Some(found) = subject.image.layers.get(layer) else { return String::new() };
    let mut parts = Vec::new();
    for (key, tally) in
        [("lens.did.added", found.added), ("lens.did.changed", found.changed), ("lens.did.removed", found.removed)]
    {
        if tally.files > 0 {
            parts.push(i18n::text(lang, key, &[("files", &tally.files), ("size", &Size(tally.bytes))]));
        }
    }
    if parts.is_empty() {
        parts.push(i18n::text(lang, "lens.did.nothing", &[]));
    }
    parts.join(", ")
}
