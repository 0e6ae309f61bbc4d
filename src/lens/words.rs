//! What is seen under the lens, as sentences for a learner: the line first, what it cost, what would not.

use super::{Subject, rules::share};
use crate::{course::Lang, i18n, layout};
use dockshala_checkers::{
    image::{How, Waste},
    spec::Size,
    verdict::Sizes,
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

/// The waste that is worth a word, biggest first.
pub fn worth(subject: &Subject) -> impl Iterator<Item = &Waste> {
    subject.image.waste.iter().filter(|waste| waste.tally.bytes >= WORTH_A_WORD)
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
