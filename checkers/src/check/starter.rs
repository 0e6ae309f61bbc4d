//! The starter's size, measured on this machine and remembered.
//!
//! The starter is the exercise's, not the learner's: between two checks it is the same, and so is its size as long as its
//! files, its bases and the engine are. Sizes are remembered in memory and on disk; the image itself is not kept.

use super::{
    Context, Talk, bases,
    dockerfile::{export, remove},
    submission, trouble,
};
use crate::{
    engine::{BuildRequest, clean},
    evidence::{Blocked, Gathered},
    goal, image,
    verdict::{Diagnosis, Fact, Sizes, Verdict, codes},
};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex, PoisonError},
};
use tokio::sync::mpsc;

static KNOWN: LazyLock<Mutex<HashMap<String, Sizes>>> = LazyLock::new(Mutex::default);

/// A change of what is measured, or how, must not find old figures.
const FORMAT: &str = "starter-1";

/// Measures the starter, or remembers.
pub(super) async fn measure(context: &Context<'_>, dir: &Path) -> Gathered<Sizes> {
    let engine = context.engine;
    let info = engine.info();
    let none = Blocked::skipped(Diagnosis::new(codes::CANCELLED));
    let (spec, path, arch) = (context.spec.clone(), dir.to_owned(), info.arch.clone());
    let read = tokio::task::spawn_blocking(move || {
        let evidence = submission::read(&spec, &path, None, &arch, none);
        let content = hash(&path, &evidence.files);
        (evidence, content)
    });
    let (evidence, content) = read.await.map_err(|e| ours(&e.to_string()))?;
    let (model, target) = evidence.model().map_err(|b| of_starter(&b))?;
    let quiet = Talk::silent();
    let listed = &context.spec.images;
    let ready = bases::prepare(model, target, &[], listed, engine, &context.options.bases, &quiet);
    let ready = ready.await.map_err(|b| of_starter(&b))?;
    let mut key = Sha256::new();
    for part in [FORMAT, &content, &ready.fingerprint, &info.version, &info.storage, &info.arch] {
        key.update(part.as_bytes());
        key.update([0]);
    }
    let key: String = key.finalize().iter().map(|b| format!("{b:02x}")).collect();
    let file = context.options.cache.as_ref().map(|dir| dir.join(format!("{FORMAT}-{key}.json")));
    if let Some(sizes) = remembered(&key, file.as_ref()) {
        return Ok(sizes);
    }
    let tag = engine.tag(&format!("starter-{}", super::unique()));
    let sizes = build(context, &evidence, ready, dir, &tag).await;
    remove(engine, &tag).await;
    let sizes = sizes?;
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).insert(key, sizes);
    if let (Some(file), Ok(text)) = (file, serde_json::to_vec(&sizes)) {
        // A cache that cannot be written costs the next check some seconds and no more.
        let _ = store(&file, &text);
    }
    Ok(sizes)
}

async fn build(
    context: &Context<'_>,
    evidence: &crate::evidence::Evidence,
    ready: bases::Ready,
    dir: &Path,
    tag: &str,
) -> Gathered<Sizes> {
    let mut request = BuildRequest::new(dir, ready.dockerfile, tag);
    request.target = evidence.target.clone();
    request.args = evidence.args.clone();
    request.network = context.spec.network;
    request.deadline = context.options.deadline;
    request.idle = context.options.idle;
    let (events, mut nobody) = mpsc::channel(64);
    let drain = async { while nobody.recv().await.is_some() {} };
    let (outcome, ()) = tokio::join!(context.engine.build(request, events, context.cancel.clone()), drain);
    let outcome = outcome.map_err(|e| trouble(&e))?;
    if let Some(failure) = &outcome.failure {
        let (model, _) = evidence.model()?;
        return Err(of_starter(&goal::explain_build(evidence, model, &outcome, failure)));
    }
    let options = image::Options {
        base_diff_ids: ready.base_diff_ids,
        arch: Some(context.engine.info().arch.clone()),
        ..image::Options::default()
    };
    let image = export(context, tag, options).await?;
    Ok(image.sizes)
}

/// What is wrong with a starter is never the learner's.
fn of_starter(blocked: &Blocked) -> Blocked {
    match blocked.verdict {
        Verdict::Failed => ours(&format!("the exercise's starter does not build: {}", blocked.diagnosis.code)),
        _ => blocked.clone(),
    }
}

fn ours(message: &str) -> Blocked {
    Blocked::broken(Diagnosis::new(codes::INTERNAL).fact("message", Fact::Text(clean::line(message))))
}

fn remembered(key: &str, file: Option<&PathBuf>) -> Option<Sizes> {
    if let Some(sizes) = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).get(key) {
        return Some(*sizes);
    }
    let text = fs::read(file?).ok().filter(|t| t.len() < 1024)?;
    serde_json::from_slice(&text).ok()
}

fn store(file: &Path, text: &[u8]) -> std::io::Result<()> {
    let dir = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    // Two checks may write the same: each writes its own file and the last one's name holds.
    let temporary = tempfile::NamedTempFile::new_in(dir)?;
    fs::write(temporary.path(), text)?;
    temporary.persist(file).map(|_| ()).map_err(|e| e.error)
}

fn hash(dir: &Path, files: &[String]) -> String {
    let mut hasher = Sha256::new();
    for file in files {
        hasher.update(file.as_bytes());
        hasher.update([0]);
        // A file that cannot be read makes the build fail; here it only makes the key another.
        let content = fs::read(dir.join(file)).unwrap_or_default();
        hasher.update((content.len() as u64).to_le_bytes());
        hasher.update(&content);
    }
    hasher.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_remembered() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("below/x.json");
        let sizes = Sizes { total: 4, final_: 3, wasted: 1, added: 2 };
        store(&file, &serde_json::to_vec(&sizes).unwrap()).unwrap();
        assert_eq!(remembered("no such key", Some(&file)), Some(sizes));
        fs::write(&file, "{").unwrap();
        assert_eq!(remembered("no such key", Some(&file)), None);
    }

    #[test]
    fn the_hash_sees_names_and_contents() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), "1").unwrap();
        let files = ["a".to_owned()];
        let one = hash(dir.path(), &files);
        fs::write(dir.path().join("a"), "2").unwrap();
        assert_ne!(one, hash(dir.path(), &files));
        assert_ne!(one, hash(dir.path(), &[]));
    }
}
