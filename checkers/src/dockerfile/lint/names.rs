//! How things are written: casing, empty continuation lines, MAINTAINER, the old form of ENV, EXPOSE.

use super::{Look, behind, replace, shown};
use crate::{
    dockerfile::{Instruction, lines, words},
    verdict::Fact,
};

pub(super) fn look(look: &mut Look<'_>) {
    let file = look.file;
    casing(look);
    for now in &file.instructions {
        match now.keyword.as_str() {
            "FROM" => from(look, now),
            "MAINTAINER" => maintainer(look, now),
            "ENV" | "LABEL" => legacy(look, now),
            "EXPOSE" => expose(look, now),
            _ => {}
        }
        if let Some(&line) = now.logical.blank.first() {
            let start = look.starts[line as usize - 1];
            look.tell("NoEmptyContinuation", start..start, &[("instruction", &now.keyword)], Vec::new());
        }
    }
    if experimental(look) {
        descriptions(look);
    }
}

/// Instructions are written as most of them are; a tie goes to upper case, as in BuildKit.
fn casing(look: &mut Look<'_>) {
    let file = look.file;
    let lower = |word: &str| word.bytes().all(|b| b.is_ascii_lowercase());
    let upper = |word: &str| word.bytes().all(|b| b.is_ascii_uppercase());
    let count = |is: &dyn Fn(&str) -> bool| file.instructions.iter().filter(|i| is(i.written())).count();
    let to_lower = count(&lower) > count(&upper);
    for now in &file.instructions {
        let written = now.written();
        let wanted = if to_lower { now.keyword.to_ascii_lowercase() } else { now.keyword.clone() };
        if written != wanted {
            let span = look.keyword(now);
            // A keyword that a continuation breaks stands in two places.
            let edits = if span.len() == wanted.len() { replace(span.clone(), &wanted) } else { Vec::new() };
            look.tell("ConsistentInstructionCasing", span, &[("written", written), ("wanted", &wanted)], edits);
        }
    }
}

fn from(look: &mut Look<'_>, now: &Instruction) {
    let fields = words::fields(&now.text);
    let [_, (as_span, as_), (name_span, name)] = fields.as_slice() else { return };
    let written = now.written();
    let upper = written == now.keyword;
    if upper || written == now.keyword.to_ascii_lowercase() {
        let wanted = if upper { "AS" } else { "as" };
        if *as_ != wanted && as_.eq_ignore_ascii_case("as") {
            let span = look.part(now, as_span.clone());
            let edits = replace(span.clone(), wanted);
            look.tell("FromAsCasing", span, &[("written", as_), ("wanted", wanted)], edits);
        }
    }
    let wanted = name.to_lowercase();
    if wanted != *name {
        let span = look.part(now, name_span.clone());
        // A second stage of that name in lower case would be another stage after the edit.
        let alone = look.file.stages.iter().filter(|s| s.name.as_deref().is_some_and(|n| n.to_lowercase() == wanted));
        let edits = if alone.count() == 1 { replace(span.clone(), &wanted) } else { Vec::new() };
        look.tell("StageNameCasing", span, &[("name", name), ("wanted", &wanted)], edits);
    }
}

fn maintainer(look: &mut Look<'_>, now: &Instruction) {
    let span = look.keyword(now);
    let plain = !now.text.contains(['"', '\\', '$', '\n']) && now.first == now.last;
    let edits = match plain {
        true => {
            let label = format!("LABEL org.opencontainers.image.authors=\"{}\"", now.text);
            replace(span.start..look.text(now).end, label)
        }
        false => Vec::new(),
    };
    look.tell("MaintainerDeprecated", span, &[], edits);
}

fn legacy(look: &mut Look<'_>, now: &Instruction) {
    let all = words::raw_words(&now.text, look.file.escape);
    let Some(first) = all.first().filter(|word| !word.contains('=')) else { return };
    let rest = now.text[first.len()..].trim();
    if rest.is_empty() {
        return;
    }
    let span = look.text(now);
    let one_word = words::raw_words(rest, look.file.escape).len() == 1;
    // Quotes and escapes mean something else in the two forms; only where there are none is the new one the same.
    let plain = !rest.contains(['"', '\'', '\\', '`', '#']) && now.first == now.last;
    let edits = match (plain, one_word) {
        (true, true) => replace(span.clone(), format!("{first}={rest}")),
        (true, false) => replace(span.clone(), format!("{first}=\"{rest}\"")),
        _ => Vec::new(),
    };
    look.tell("LegacyKeyValueFormat", span, &[("instruction", &now.keyword), ("name", first)], edits);
}

fn expose(look: &mut Look<'_>, now: &Instruction) {
    for (at, word) in words::fields(&now.text) {
        let (ports, protocol) = word.split_once('/').map_or((word, None), |(p, proto)| (p, Some(proto)));
        let span = look.part(now, at.clone());
        if ports.contains(':') && !ports.contains("${") {
            let bare = ports.rsplit(':').next().unwrap_or_default();
            let tail = protocol.map(|p| format!("/{p}")).unwrap_or_default();
            let edits = match bare.is_empty() || ports.contains('[') {
                true => Vec::new(),
                false => replace(span.clone(), format!("{bare}{tail}")),
            };
            look.tell("ExposeInvalidFormat", span, &[("written", word)], edits);
        } else if let Some(protocol) = protocol.filter(|p| !p.contains('$') && *p != p.to_lowercase()) {
            let edits = replace(span.clone(), format!("{ports}/{}", protocol.to_lowercase()));
            look.tell("ExposeProtoCasing", span, &[("written", protocol)], edits);
        }
    }
}

/// `# check=experimental=all` or with the rule's name: BuildKit keeps this one off otherwise.
fn experimental(look: &Look<'_>) -> bool {
    let directives = look.file.directives.iter().filter(|d| d.name == "check");
    let mut asked = directives
        .flat_map(|d| d.value.split(';'))
        .filter_map(|part| part.trim().strip_prefix("experimental="))
        .flat_map(|rules| rules.split(','));
    asked.any(|rule| ["all", "invaliddefinitiondescription"].contains(&rule.trim().to_ascii_lowercase().as_str()))
}

/// A comment right above ARG or a named FROM describes it to `docker build --call=outline`, if it begins with its name.
fn descriptions(look: &mut Look<'_>) {
    let file = look.file;
    let physical: Vec<&str> = file.source.split('\n').collect();
    for now in &file.instructions {
        let name = match now.keyword.as_str() {
            "FROM" => file.stages.iter().find(|s| s.line == now.first).and_then(|s| s.name.clone()),
            "ARG" => now.text.split(['=', ' ']).next().map(str::to_owned),
            _ => None,
        };
        let above = (now.first as usize).checked_sub(2).and_then(|nth| physical.get(nth)).map(|line| line.trim());
        let (Some(name), Some(comment)) = (name, above.and_then(|line| line.strip_prefix('#'))) else { continue };
        let is_directive = !lines::directives(above.unwrap_or_default()).is_empty();
        let described = comment.trim().split_once(' ').is_some_and(|(first, rest)| first == name && !rest.is_empty());
        if !described && !is_directive {
            let start = look.starts[now.first as usize - 2];
            let span = start..start + above.map_or(0, str::len);
            let Fact::Text(shown) = shown(&name) else { continue };
            look.tell("InvalidDefinitionDescription", span, &[("name", &shown)], Vec::new());
        }
    }
}

/// `-y` and the like, put behind a word.
pub(super) fn option_behind(span: &std::ops::Range<usize>, option: &str) -> Vec<super::Edit> {
    behind(span, format!(" {option}"))
}
