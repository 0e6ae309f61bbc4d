//! The images of a compose project: those that it builds, built by our own builder; the others resolved as any base is.

use super::{Check, Context, Tier, bases, fetch::fetches, trouble};
use crate::{
    dockerfile::{BIGGEST, Dockerfile, Options},
    engine::{
        BuildOutcome, BuildRequest,
        bases::{self as store, Base},
        clean,
    },
    evidence::{Blocked, Gathered},
    goal::{self, Globs},
    spec::Network,
    verdict::{Diagnosis, Fact, StandIn, codes},
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::{Path, PathBuf},
};
use tokio::sync::mpsc;

/// Service → local image to start.
pub(super) type Images = BTreeMap<String, String>;

/// Has every image of a document at hand. Nothing is pulled. `built` gets every tag before it is built, for the caller to
/// remove whatever comes of this.
pub(super) async fn prepare(
    check: &mut Check<'_>,
    context: &Context<'_>,
    root: &Path,
    document: &Value,
    built: &mut Vec<String>,
) -> Gathered<Images> {
    let mut images = Images::new();
    let services: Vec<(&String, &Value)> = document["services"].as_object().into_iter().flatten().collect();
    let mut named: BTreeMap<String, String> = BTreeMap::new();
    if services.iter().any(|(_, s)| s["build"].is_object()) {
        check.talk.tier(Tier::Build).await;
        check.talk.command("docker compose build").await;
    }
    for (service, value) in services.iter().filter(|(_, s)| s["build"].is_object()) {
        let tag = context.engine.tag(&super::unique());
        built.push(tag.clone());
        build(check, context, root, service, (&value["build"], &tag)).await?;
        if let Some(name) = value["image"].as_str() {
            named.insert(name.to_owned(), tag.clone());
        }
        images.insert((*service).clone(), tag);
    }
    let mut wanted: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (service, value) in services.iter().filter(|(_, s)| !s["build"].is_object()) {
        let image = value["image"].as_str().unwrap_or_default().to_owned();
        match named.get(&image) {
            // One service builds it, another starts it.
            Some(tag) => drop(images.insert((*service).clone(), tag.clone())),
            None => wanted.entry(image).or_default().extend(line(check, service, "image")),
        }
    }
    let local = resolve(check, context, &wanted).await?;
    for (service, value) in services {
        if let Some(local) = value["image"].as_str().and_then(|image| local.get(image)) {
            images.entry(service.clone()).or_insert_with(|| local.clone());
        }
    }
    Ok(images)
}

fn line(check: &Check<'_>, service: &str, key: &str) -> Option<u32> {
    let file = check.evidence.compose.as_ref()?.file.as_ref().ok()?;
    crate::compose::tree::Tree::read(&file.text).ok()?.line_of(&["services", service, key])
}

/// Image as the compose file names it → local image.
async fn resolve(
    check: &mut Check<'_>,
    context: &Context<'_>,
    wanted: &BTreeMap<String, Vec<u32>>,
) -> Gathered<BTreeMap<String, String>> {
    let text = |text: &str| Fact::Text(clean::line(text));
    let references: Vec<String> = wanted.keys().cloned().collect();
    let found = store::resolve(context.engine, &references, &context.options.bases).await.map_err(|e| trouble(&e))?;
    let globs = Globs::new(&check.spec.images);
    let mut local = BTreeMap::new();
    for (image, lines) in wanted {
        if !goal::spellings(image).iter().any(|s| globs.matches(s)) {
            let note = Diagnosis::new(codes::NOTE_UNLISTED_BASE).fact("image", text(image));
            check.talk.note(note.at(lines.iter().copied())).await;
        }
        match found.get(image) {
            Some(Base::Present { local: by, .. }) => drop(local.insert(image.clone(), by.clone())),
            Some(Base::StandIn { local: by, version, .. }) => {
                let stand_in = StandIn { image: image.clone(), by: by.clone(), version: version.clone() };
                check.talk.stand_in(&stand_in).await;
                let note = Diagnosis::new(codes::NOTE_STAND_IN)
                    .fact("image", text(image))
                    .fact("by", text(by))
                    .fact("version", text(version));
                check.talk.note(note.at(lines.iter().copied())).await;
                if !check.result.stand_ins.contains(&stand_in) {
                    check.result.stand_ins.push(stand_in);
                }
                local.insert(image.clone(), by.clone());
            }
            base => {
                let blocked = bases::missing(image, base);
                let diagnosis = blocked.diagnosis.at(lines.iter().copied());
                return Err(Blocked { diagnosis, ..blocked });
            }
        }
    }
    Ok(local)
}

/// Builds a service's image under a tag.
async fn build(
    check: &mut Check<'_>,
    context: &Context<'_>,
    root: &Path,
    service: &str,
    (build, tag): (&Value, &str),
) -> Gathered<()> {
    let at = line(check, service, "build");
    let failed = |code: &str, message: String| {
        let diagnosis = Diagnosis::new(codes::COMPOSE_BUILD_FAILED)
            .fact("service", Fact::Text(clean::line(service)))
            .fact("code", Fact::Text(code.to_owned()))
            .fact("message", Fact::Text(message));
        Blocked::failed(diagnosis.at(at))
    };
    let folder = build["context"].as_str().map_or_else(|| root.to_owned(), PathBuf::from);
    let path = folder.join(build["dockerfile"].as_str().unwrap_or("Dockerfile"));
    let bytes = match build["dockerfile_inline"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => dockerfile(&path).map_err(|e| {
            let path = path.strip_prefix(root).unwrap_or(&path).display();
            failed(codes::NO_DOCKERFILE, clean::line(&format!("{path}: {e}")))
        })?,
    };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let args: BTreeMap<String, String> = build["args"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key.clone(), text(value)))
        .collect();
    let options = Options { args: args.clone(), arch: context.engine.info().arch.clone() };
    let model = Dockerfile::read(&bytes, &options).map_err(|e| {
        let diagnosis = e.diagnosis();
        failed(&diagnosis.code, words(&diagnosis))
    })?;
    let stage = build["target"].as_str().filter(|t| !t.is_empty());
    let Some(target) = model.target(stage) else {
        return Err(failed(codes::STAGE_MISSING, clean::line(stage.unwrap_or_default())));
    };
    if check.spec.network == Network::None
        && let Some(add) = fetches(&model, [target])
    {
        return Err(failed(codes::BUILD_NEEDS_NETWORK, clean::line(&add.one_line())));
    }
    let (engine, bases_from) = (context.engine, &context.options.bases);
    let ready = bases::prepare(&model, target, &[], &check.spec.images, engine, bases_from, check.talk).await?;
    for stand_in in ready.stand_ins {
        if !check.result.stand_ins.contains(&stand_in) {
            check.result.stand_ins.push(stand_in);
        }
    }
    let mut request = BuildRequest::new(&folder, ready.dockerfile, tag);
    request.target = stage.map(str::to_owned);
    request.args = args;
    request.network = check.spec.network;
    request.deadline = context.options.deadline;
    request.idle = context.options.idle;
    let (events, mut steps) = mpsc::channel(64);
    let tell = async {
        while let Some(event) = steps.recv().await {
            check.talk.build(event, &model).await;
        }
    };
    let (outcome, ()) = tokio::join!(engine.build(request, events, context.cancel.clone()), tell);
    let outcome = outcome.map_err(|e| trouble(&e))?;
    let Some(failure) = &outcome.failure else { return Ok(()) };
    let why = goal::explain_build(&check.evidence, &model, &outcome, failure);
    if why.verdict != crate::verdict::Verdict::Failed {
        return Err(why);
    }
    Err(failed(&why.diagnosis.code, said(&outcome, &why.diagnosis)))
}

/// The end of what the step that failed printed; where it printed nothing, what is known of the failure.
fn said(outcome: &BuildOutcome, why: &Diagnosis) -> String {
    let step = outcome.steps.iter().find(|step| step.error.is_some());
    match step.map(|step| goal::tail(&step.log)) {
        Some(Fact::Text(text)) if !text.trim().is_empty() => text,
        _ => words(why),
    }
}

fn words(diagnosis: &Diagnosis) -> String {
    let text = |name| match diagnosis.facts.get(name) {
        Some(Fact::Text(text)) => Some(text.clone()),
        _ => None,
    };
    ["message", "command", "path", "stage"].into_iter().find_map(text).unwrap_or_else(|| diagnosis.code.clone())
}

fn dockerfile(path: &Path) -> std::io::Result<Vec<u8>> {
    if !path.metadata()?.is_file() {
        return Err(std::io::ErrorKind::NotFound.into());
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(BIGGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
