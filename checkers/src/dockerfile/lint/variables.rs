//! ARG and ENV: what is used and never set, what FROM can see, what should not be there at all.

use super::{Look, replace};
use crate::dockerfile::{Base, Instruction, distance, words};
use regex::Regex;
use std::{collections::BTreeSet, ops::Range, sync::LazyLock};

/// BuildKit's own list. A word of the name decides, not a part of one: `KEYBOARD` is no key.
static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("(?i)(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)")
        .expect("a constant pattern")
});
static PUBLIC: LazyLock<Regex> = LazyLock::new(|| Regex::new("(?i)(?:_|^)public(?:_|$)").expect("a constant pattern"));

/// What is set in FROM lines without an ARG, and in stages that declare it.
const PLATFORM: [&str; 8] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
];
/// Build arguments that need no ARG.
const PREDEFINED: [&str; 11] = [
    "PATH",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// The variables that a text uses without a default, with their places; what quotes or an escape protect is left out.
fn uses(text: &str, escape: char) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let (mut at, mut single, mut double) = (0, false, false);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b if char::from(b) == escape => at += 1,
            b'\'' if !double => single = !single,
            b'"' if !single => double = !double,
            b'$' if !single => {
                let braced = bytes.get(at + 1) == Some(&b'{');
                let start = at + 1 + usize::from(braced);
                let len = text[start.min(text.len())..]
                    .bytes()
                    .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
                    .count();
                let end = start + len;
                let plain = !braced || bytes.get(end) == Some(&b'}');
                if len > 0 && plain && !bytes[start].is_ascii_digit() {
                    found.push((text[start..end].to_owned(), at..end + usize::from(braced)));
                }
                at = end.max(at + 1) - 1;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn declared(arg: &Instruction, escape: char) -> Vec<String> {
    let name = |word: &str| words::unquote(word.split('=').next().unwrap_or_default());
    words::raw_words(&arg.text, escape).into_iter().map(name).collect()
}

pub(super) fn look(look: &mut Look<'_>) {
    let file = look.file;
    let escape = file.escape;
    let mut global: BTreeSet<String> = BTreeSet::new();
    let mut stages: Vec<BTreeSet<String>> = Vec::new();
    for now in &file.instructions {
        let Some(stage) = now.stage else {
            if now.keyword == "ARG" {
                global.extend(declared(now, escape));
                secrets(look, now);
            }
            continue;
        };
        match now.keyword.as_str() {
            "FROM" => {
                stages.push(match file.stages[stage].base {
                    Base::Stage(parent) => stages.get(parent).cloned().unwrap_or_default(),
                    _ => BTreeSet::new(),
                });
                from(look, now, &global);
                continue;
            }
            "RUN" | "CMD" | "ENTRYPOINT" | "SHELL" | "HEALTHCHECK" | "ONBUILD" => continue,
            _ => {}
        }
        let Some(known) = stages.last_mut() else { continue };
        // A hostile file with many stages and many names must not cost their product.
        if known.len() > 2000 {
            continue;
        }
        let on_scratch = look.file.final_base(stage).0 == "scratch";
        for (name, at) in uses(&now.text, escape) {
            undefined(look, now, (&name, at), known, &global, on_scratch);
        }
        match now.keyword.as_str() {
            "ARG" => {
                known.extend(declared(now, escape));
                secrets(look, now);
            }
            "ENV" => {
                known.extend(words::name_values(&now.text, escape).into_iter().map(|(name, _)| name));
                secrets(look, now);
            }
            _ => {}
        }
    }
}

/// BuildKit knows what the base image sets; the text does not. So only what no base would set is told of: the ARG above
/// FROM that the stage did not declare again, what nearly is the name of one that is set, and anything on `scratch`.
fn undefined(
    look: &mut Look<'_>,
    now: &Instruction,
    (name, at): (&str, Range<usize>),
    known: &BTreeSet<String>,
    global: &BTreeSet<String>,
    on_scratch: bool,
) {
    if known.contains(name) || PREDEFINED.contains(&name) {
        return;
    }
    let span = look.part(now, at);
    if global.contains(name) || PLATFORM.contains(&name) {
        look.tell("UndefinedVar", span, &[("name", name), ("arg", name)], Vec::new());
        return;
    }
    let near = |other: &&String| name.len() > 3 && distance(other, name) <= usize::from(name.len() > 5) + 1;
    let near = known.iter().filter(near).min_by_key(|other| distance(other, name)).cloned();
    if let Some(near) = near {
        look.tell("UndefinedVar", span, &[("name", name), ("near", &near)], Vec::new());
    } else if on_scratch {
        look.tell("UndefinedVar", span, &[("name", name)], Vec::new());
    }
}

fn from(look: &mut Look<'_>, now: &Instruction, global: &BTreeSet<String>) {
    let escape = look.file.escape;
    let platform = now.flags.iter().find(|f| f.name == "platform");
    let Some((image_at, image)) = words::fields(&now.text).into_iter().next() else { return };
    for (name, at) in uses(image, escape) {
        if !global.contains(&name) && !PLATFORM.contains(&name.as_str()) {
            let span = look.part(now, image_at.start + at.start..image_at.start + at.end);
            let near = global.iter().filter(|g| distance(g, &name) <= 2).min_by_key(|g| distance(g, &name)).cloned();
            let mut facts = vec![("name", name.as_str())];
            facts.extend(near.as_deref().map(|near| ("near", near)));
            look.tell("UndefinedArgInFrom", span, &facts, Vec::new());
            return;
        }
    }
    let stage = now.stage.map(|s| &look.file.stages[s]);
    if let Some(Base::Image(resolved)) = stage.map(|s| &s.base)
        && image.contains('$')
        && (resolved.ends_with([':', '@', '/']) || resolved.starts_with([':', '@', '/']) || resolved.contains("//"))
    {
        let span = look.part(now, image_at.clone());
        look.tell("InvalidDefaultArgInFrom", span, &[("written", image), ("resolved", resolved)], Vec::new());
    }
    let Some(value) = platform.and_then(|f| f.value.as_deref()) else { return };
    let Some(flag) = platform else { return };
    let span = look.flag(now, flag);
    if matches!(value, "$TARGETPLATFORM" | "${TARGETPLATFORM}") {
        // `--platform=` stands right before the value.
        let head = "--platform=".len();
        let edits = match look.file.source[..span.start].ends_with("--platform=") {
            true => {
                let end = span.end + look.file.source[span.end..].bytes().take_while(|b| *b == b' ').count();
                replace(span.start - head..end, "")
            }
            false => Vec::new(),
        };
        look.tell("RedundantTargetPlatform", span, &[("written", value)], edits);
    } else if !value.contains('$') && !value.is_empty() {
        let mut parts = value.split('/');
        let name = stage.and_then(|s| s.name.as_deref()).unwrap_or_default().to_lowercase();
        // A stage that carries the platform in its name means it.
        if !parts.any(|part| !part.is_empty() && name.contains(&part.to_lowercase())) {
            look.tell("FromPlatformFlagConstDisallowed", span, &[("platform", value)], Vec::new());
        }
    }
}

fn secrets(look: &mut Look<'_>, now: &Instruction) {
    let escape = look.file.escape;
    let names = match now.keyword.as_str() {
        "ARG" => declared(now, escape),
        _ => words::name_values(&now.text, escape).into_iter().map(|(name, _)| name).collect(),
    };
    for name in names {
        if SECRET.is_match(&name) && !PUBLIC.is_match(&name) {
            let at = now.text.find(name.as_str()).unwrap_or(0);
            let span = look.part(now, at..at + name.len().min(now.text.len() - at));
            look.tell("SecretsUsedInArgOrEnv", span, &[("instruction", &now.keyword), ("name", &name)], Vec::new());
        }
    }
}
