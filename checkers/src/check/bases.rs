//! Base images before a build: what stands in for what, what is not to be had, which frontend is needed.

use super::{Talk, trouble};
use crate::{
    dockerfile::{Dockerfile, frontend_of_engine},
    engine::{
        Engine,
        bases::{self, Base, BaseOptions, Why},
        clean,
    },
    evidence::{BaseFact, Blocked, Gathered},
    goal::{Globs, spellings, unknown_stage},
    verdict::{Diagnosis, Fact, StandIn, codes},
};
use std::collections::BTreeMap;

/// What a build needs to know of its bases.
#[derive(Debug, Default)]
pub(super) struct Ready {
    /// The Dockerfile to upload.
    pub(super) dockerfile: String,
    pub(super) bases: BTreeMap<String, BaseFact>,
    pub(super) stand_ins: Vec<StandIn>,
    /// Diff ids of what the target stands on.
    pub(super) base_diff_ids: Vec<String>,
    /// Diff ids of everything used, for a key that changes when a base does.
    pub(super) fingerprint: String,
}

/// Finds local images for all that the target needs, and the other stages that are built beside it, and rewrites the Dockerfile to them.
pub(super) async fn prepare(
    model: &Dockerfile,
    target: usize,
    also: &[usize],
    listed: &[String],
    engine: &Engine,
    options: &BaseOptions,
    talk: &Talk,
) -> Gathered<Ready> {
    let mut images = model.images(target);
    for (image, lines) in also.iter().flat_map(|stage| model.images(*stage)) {
        if !images.iter().any(|(known, _)| *known == image) {
            images.push((image, lines));
        }
    }
    let text = |text: &str| Fact::Text(clean::line(text));
    for (image, lines) in &images {
        let globs = Globs::new(listed);
        if !spellings(image).iter().any(|s| globs.matches(s)) {
            talk.note(Diagnosis::new(codes::NOTE_UNLISTED_BASE).fact("image", text(image)).at(lines.iter().copied()))
                .await;
        }
    }
    let references: Vec<String> = images.iter().map(|(image, _)| image.clone()).collect();
    let found = bases::resolve(engine, &references, options).await.map_err(|e| trouble(&e))?;
    let mut ready = Ready::default();
    for (image, lines) in &images {
        let lines = lines.iter().copied();
        let (local, stand_in) = match found.get(image) {
            Some(Base::Present { local, .. }) => (local.clone(), false),
            Some(Base::StandIn { local, version, .. }) => {
                let stand_in = StandIn { image: image.clone(), by: local.clone(), version: version.clone() };
                talk.stand_in(&stand_in).await;
                let note = Diagnosis::new(codes::NOTE_STAND_IN)
                    .fact("image", text(image))
                    .fact("by", text(local))
                    .fact("version", text(version));
                talk.note(note.at(lines.clone())).await;
                ready.stand_ins.push(stand_in);
                (local.clone(), true)
            }
            Some(Base::Scratch) => continue,
            Some(Base::Pullable { .. } | Base::Unavailable { .. }) | None => {
                if let Some(diagnosis) = unknown_stage(model, target, image) {
                    return Err(Blocked::failed(diagnosis));
                }
                return Err(missing(image, found.get(image)).map_lines(lines));
            }
        };
        let ids = found.get(image).map(Base::diff_ids).unwrap_or_default();
        ready.fingerprint.push_str(&format!("{image}={local}:{}\n", ids.join(",")));
        if model.final_base(target).0 == *image {
            ready.base_diff_ids = ids.to_vec();
        }
        ready.bases.insert(image.clone(), BaseFact { by: local, stand_in });
    }
    let blank = frontend(model, engine, talk).await?;
    let by: BTreeMap<String, String> =
        ready.bases.iter().map(|(image, fact)| (image.clone(), fact.by.clone())).collect();
    ready.dockerfile = model.rewritten(&by, blank);
    Ok(ready)
}

impl Blocked {
    fn map_lines(mut self, lines: impl IntoIterator<Item = u32>) -> Self {
        self.diagnosis = self.diagnosis.at(lines);
        self
    }
}

pub(super) fn missing(image: &str, base: Option<&Base>) -> Blocked {
    let name = Fact::Text(clean::line(image));
    match base {
        Some(Base::Pullable { bytes }) => {
            let diagnosis = Diagnosis::new(codes::IMAGE_NOT_PULLED).fact("image", name);
            Blocked::broken(match bytes {
                Some(bytes) => diagnosis.fact("size", Fact::Bytes(*bytes)),
                None => diagnosis,
            })
        }
        Some(Base::Unavailable { why: Why::BadName, .. }) => {
            let message = format!("invalid reference format: {}", clean::line(image));
            Blocked::failed(Diagnosis::new(codes::SYNTAX).fact("message", Fact::Text(message)))
        }
        Some(Base::Unavailable { available, .. }) => Blocked::broken(
            Diagnosis::new(codes::IMAGE_UNAVAILABLE)
                .fact("image", name)
                .fact("available", Fact::List(available.clone())),
        ),
        _ => Blocked::broken(
            Diagnosis::new(codes::IMAGE_UNAVAILABLE).fact("image", name).fact("available", Fact::List(Vec::new())),
        ),
    }
}

/// Whether `# syntax=` is to be blanked; or why the build cannot be done with the frontend at hand.
async fn frontend(model: &Dockerfile, engine: &Engine, talk: &Talk) -> Gathered<bool> {
    let built_in = frontend_of_engine(&engine.info().version);
    let newer: Vec<_> = model.newer_features().into_iter().filter(|f| f.since > built_in).collect();
    let Some(syntax) = model.syntax_directive() else {
        return match newer.first() {
            None => Ok(false),
            Some(feature) => Err(Blocked::skipped(
                Diagnosis::new(codes::NEEDS_FEATURE)
                    .fact("feature", Fact::Text(feature.name.clone()))
                    .at([feature.line]),
            )),
        };
    };
    let frontend = syntax.value.as_str();
    let name = Fact::Text(clean::line(frontend));
    let repository = frontend.split('@').next().unwrap_or(frontend);
    let repository = repository.strip_prefix("docker.io/").unwrap_or(repository);
    let official = ["docker/dockerfile", "docker/dockerfile-upstream"]
        .iter()
        .any(|r| repository.strip_prefix(r).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')));
    if official && newer.is_empty() {
        talk.note(Diagnosis::new(codes::NOTE_SYNTAX_BLANKED).fact("frontend", name).at([syntax.line])).await;
        return Ok(true);
    }
    if engine.has(frontend).await.map_err(|e| trouble(&e))? {
        return Ok(false);
    }
    let lines = std::iter::once(syntax.line).chain(newer.iter().map(|f| f.line));
    let diagnosis = Diagnosis::new(codes::FRONTEND_UNAVAILABLE)
        .fact("frontend", name)
        .fact("line", Fact::Count(u64::from(syntax.line)));
    Err(Blocked::broken(diagnosis.at(lines)))
}
