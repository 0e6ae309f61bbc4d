//! Stages, bases and what COPY takes from where.

use super::{Look, replace};
use crate::dockerfile::{Base, Instruction, RefKind, RefTarget, Stage, distance, words};

pub(super) fn look(look: &mut Look<'_>) {
    let file = look.file;
    for stage in &file.stages {
        names(look, stage);
        base(look, stage);
    }
    for now in &file.instructions {
        match now.keyword.as_str() {
            "COPY" | "ADD" => {
                from(look, now);
                sources(look, now);
                destination(look, now);
            }
            "WORKDIR" => workdir(look, now),
            _ => {}
        }
    }
    last_user(look);
    health(look);
}

fn from_of<'a>(look: &Look<'a>, stage: &Stage) -> Option<&'a Instruction> {
    look.file.instructions.iter().find(|i| i.keyword == "FROM" && i.stage == Some(stage.index))
}

fn names(look: &mut Look<'_>, stage: &Stage) {
    let (Some(name), Some(now)) = (&stage.name, from_of(look, stage)) else { return };
    let Some((at, _)) = words::fields(&now.text).pop() else { return };
    let span = look.part(now, at);
    let lower = name.to_lowercase();
    if matches!(lower.as_str(), "scratch" | "context") {
        look.tell("ReservedStageName", span.clone(), &[("name", name)], Vec::new());
    }
    let above = look.file.stages[..stage.index].iter();
    if above.rev().any(|s| s.name.as_deref().is_some_and(|n| n.to_lowercase() == lower)) {
        look.tell("DuplicateStageName", span, &[("name", name)], Vec::new());
    }
}

/// The parts of a reference: repository with its host, tag, digest.
fn reference(image: &str) -> (&str, Option<&str>, bool) {
    let (image, digest) = image.split_once('@').map_or((image, false), |(image, _)| (image, true));
    // A colon before the last slash belongs to the host's port.
    let name_at = image.rfind('/').map_or(0, |n| n + 1);
    match image[name_at..].rfind(':') {
        Some(colon) => (&image[..name_at + colon], Some(&image[name_at + colon + 1..]), digest),
        None => (image, None, digest),
    }
}

fn base(look: &mut Look<'_>, stage: &Stage) {
    let Base::Image(image) = &stage.base else { return };
    let Some(now) = from_of(look, stage) else { return };
    let Some((at, written)) = words::fields(&now.text).into_iter().next() else { return };
    let span = look.part(now, at);
    tag(look, span, image, written);
}

fn tag(look: &mut Look<'_>, span: std::ops::Range<usize>, image: &str, written: &str) {
    let (_, tag, digest) = reference(image);
    // What a build argument has to bring is not known here.
    if digest || (written.contains('$') && tag.is_none_or(str::is_empty)) {
        return;
    }
    match tag {
        None => look.tell("BaseImageUntagged", span, &[("image", image)], Vec::new()),
        Some("latest") => look.tell("BaseImageLatest", span, &[("image", image)], Vec::new()),
        _ => {}
    }
}

/// `COPY --from` of something that is no stage: a stage's name misspelt, or an image that should have its tag.
fn from(look: &mut Look<'_>, now: &Instruction) {
    let Some(flag) = now.flags.iter().find(|f| f.name == "from") else { return };
    let index = look.file.instructions.iter().position(|i| std::ptr::eq(i, now));
    let reference =
        look.file.references.iter().find(|r| r.kind == RefKind::Copy && Some(r.instruction) == index).cloned();
    let span = look.flag(now, flag);
    match reference.map(|r| r.target) {
        Some(RefTarget::Image(image)) => {
            let near = |name: &&String| name.len() > 2 && distance(&name.to_lowercase(), &image.to_lowercase()) <= 2;
            let near = look.file.stages.iter().filter_map(|s| s.name.as_ref()).find(near).cloned();
            let bare = !image.contains([':', '/', '@', '.', '$']);
            match near {
                Some(near) if bare => {
                    let facts = [("name", image.as_str()), ("near", near.as_str())];
                    look.tell("CopyFromUnknownStage", span, &facts, Vec::new());
                }
                // With no stage of a like name it is an image, and a `--build-context` may bring it.
                _ if !bare => tag(look, span, &image, &image),
                _ => look.tell("CopyFromUnknownStage", span, &[("name", &image)], Vec::new()),
            }
        }
        Some(RefTarget::Stage(stage)) => {
            let whole = now.copies().is_some_and(|(from, to)| {
                let root = |path: &str| path.trim_end_matches(['/', '.', '*']).is_empty() && path.starts_with('/');
                from.iter().any(|f| root(f)) && root(&to)
            });
            // Onto `scratch` it is how layers are squashed.
            let onto_scratch = now.stage.is_some_and(|s| look.file.final_base(s).0 == "scratch");
            if whole && !onto_scratch {
                let text = look.text(now);
                look.tell("CopyWholeStage", text, &[("stage", &look.file.stages[stage].label())], Vec::new());
            }
        }
        _ => {}
    }
}

fn is_url(source: &str) -> bool {
    ["http://", "https://", "git@", "git://", "ssh://"].iter().any(|scheme| source.starts_with(scheme))
}

fn sources(look: &mut Look<'_>, now: &Instruction) {
    let Some((sources, _)) = now.copies() else { return };
    if now.keyword == "ADD" {
        let archive = |s: &String| {
            [".tar", ".gz", ".tgz", ".bz2", ".tbz2", ".tbz", ".xz", ".txz", ".zst", ".tzst", ".z", ".lz"]
                .iter()
                .any(|end| s.to_lowercase().ends_with(end))
        };
        let special = |s: &String| is_url(s) || archive(s) || s.contains(['*', '$', '[']) || s.starts_with("<<");
        let newer = now.flags.iter().any(|f| matches!(f.name.as_str(), "checksum" | "keep-git-dir" | "unpack"));
        if !newer && !sources.iter().any(special) {
            let span = look.keyword(now);
            let copy = if now.written() == "add" { "copy" } else { "COPY" };
            let edits = if span.len() == 3 { replace(span.clone(), copy) } else { Vec::new() };
            look.tell("AddInsteadOfCopy", span, &[("source", &sources.join(" "))], edits);
        }
    }
    let Some(ignored) = look.ignored.filter(|_| now.flag("from").is_none()) else { return };
    for source in &sources {
        if is_url(source) || source.starts_with("<<") || source.contains(['*', '?', '[', '$']) {
            continue;
        }
        let path: Vec<&str> = source.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        if path.contains(&"..") || path.is_empty() {
            continue;
        }
        if ignored(&path.join("/")) {
            let at = now.text.find(source.as_str());
            let span = at.map_or_else(|| look.text(now), |at| look.part(now, at..at + source.len()));
            look.tell("CopyIgnoredFile", span, &[("path", source), ("instruction", &now.keyword)], Vec::new());
        }
    }
}

/// Whether a WORKDIR of this file stands above, in the stage or in one that it is built from.
fn has_workdir(look: &Look<'_>, now: &Instruction) -> bool {
    let Some(stage) = now.stage else { return true };
    look.file.chain(stage).into_iter().any(|s| {
        let mut of = look.file.of_stage(s).take_while(|i| !std::ptr::eq(*i, now));
        of.any(|i| i.keyword == "WORKDIR")
    })
}

fn is_absolute(path: &str) -> bool {
    let mut letters = path.chars();
    path.starts_with(['/', '$', '\\', '~'])
        || (letters.next().is_some_and(|c| c.is_ascii_alphabetic()) && letters.next() == Some(':'))
}

fn workdir(look: &mut Look<'_>, now: &Instruction) {
    let path = words::unquote(&now.text);
    if is_absolute(&path) || is_absolute(&now.expanded) || has_workdir(look, now) {
        return;
    }
    let span = look.text(now);
    let plain = !path.contains(['$', ' ', '\\']) && path == now.text && !path.starts_with('.');
    let edits = if plain { replace(span.start..span.start, "/") } else { Vec::new() };
    look.tell("WorkdirRelativePath", span, &[("path", &path)], edits);
}

fn destination(look: &mut Look<'_>, now: &Instruction) {
    let Some((_, to)) = now.copies() else { return };
    // On `scratch` it is `/` and stays `/`.
    let on_scratch = now.stage.is_some_and(|s| look.file.final_base(s).0 == "scratch");
    if is_absolute(&to) || to.is_empty() || on_scratch || has_workdir(look, now) {
        return;
    }
    let at = now.text.rfind(to.as_str());
    let span = at.map_or_else(|| look.text(now), |at| look.part(now, at..at + to.len()));
    look.tell("CopyRelativeDestination", span, &[("path", &to)], Vec::new());
}

/// The last USER of what is shipped says root. That none says anything is another matter: the base may have one.
fn last_user(look: &mut Look<'_>) {
    let Some(target) = look.file.target(None) else { return };
    let chain = look.file.chain(target);
    let users = chain.iter().flat_map(|s| look.file.of_stage(*s)).filter(|i| i.keyword == "USER");
    let Some(last) = users.last() else { return };
    let name = last.expanded.split(':').next().unwrap_or_default();
    if matches!(name, "root" | "0") {
        let span = look.text(last);
        look.tell("LastUserRoot", span, &[("user", &last.expanded)], Vec::new());
    }
}

/// A server without a health check: the port says that it is one.
fn health(look: &mut Look<'_>) {
    let Some(target) = look.file.target(None) else { return };
    let chain = look.file.chain(target);
    let all = || chain.iter().flat_map(|s| look.file.of_stage(*s));
    let Some(port) = all().find(|i| i.keyword == "EXPOSE") else { return };
    let starts = all().any(|i| matches!(i.keyword.as_str(), "CMD" | "ENTRYPOINT"));
    if starts && !all().any(|i| i.keyword == "HEALTHCHECK") {
        let span = look.text(port);
        look.tell("HealthcheckMissing", span, &[("port", &port.expanded)], Vec::new());
    }
}
