//! The same inside a confined container: for a `steps.sh` that is somebody else's, as in the bundles of a class.
//!
//! The program itself is put into the container beside the folder and plays its helper there. It runs as the container's
//! first process, so that all ends with it; and it cannot be looked into by the script, which therefore cannot learn the
//! word that its answer begins with and forge one.

use super::{Launcher, MODE, PROMPT_LIMIT, Request, SEAL, Scratch, ShellError, WORDS};
use crate::{
    engine::{
        BuildRequest, Engine, RunRequest,
        bases::{self, Base, BaseOptions},
    },
    evidence::{ShellFacts, Watch},
    spec::Profile,
};
use std::{fs, path::Path, time::Duration};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Images with a bash in them, the smallest first.
const BASES: &[&str] = &["debian:13-slim", "debian:trixie-slim", "debian:13", "debian:trixie"];
/// The helper's own time is bounded too; this is for a container that hangs.
const DEADLINE: Duration = Duration::from_secs(60);

/// As [`super::run`], in a container without a network, capabilities or more than a little memory. The image is made for it
/// and removed; the launcher's program must run on the engine's platform.
pub async fn contained(
    engine: &Engine,
    options: &BaseOptions,
    dir: &Path,
    watch: &Watch,
    launcher: &Launcher,
    cancel: &CancellationToken,
) -> Result<ShellFacts, ShellError> {
    let wanted: Vec<String> = BASES.iter().map(|name| (*name).to_owned()).collect();
    let found = bases::resolve(engine, &wanted, options).await?;
    let base = wanted.iter().find_map(|name| match found.get(name) {
        Some(Base::Present { local, .. } | Base::StandIn { local, .. }) => Some(local.clone()),
        _ => None,
    });
    let base = base.ok_or(ShellError::Needs("debian"))?;
    let (from, program) = (dir.to_owned(), launcher.program.clone());
    let scratch = tokio::task::spawn_blocking(move || -> Result<Scratch, ShellError> {
        let scratch = Scratch::of(&from)?;
        fs::copy(program, scratch.path("helper")?)?;
        for name in ["home", "tmp", "screen"] {
            // A folder with nothing in it might not be sent.
            fs::write(scratch.path(name)?.join(".keep"), "")?;
        }
        Ok(scratch)
    });
    let scratch = scratch.await.map_err(|e| ShellError::Broken(e.to_string()))??;
    let dockerfile = format!(
        "FROM {base}\nCOPY helper /helper\n{}USER 65534:65534\nENTRYPOINT [\"/helper\"]\n",
        ["work", "home", "tmp", "screen"].map(|n| format!("COPY --chown=65534:65534 {n} /aside/{n}\n")).concat()
    );
    let tag = engine.tag(&format!("shell-{}", &uuid::Uuid::new_v4().simple().to_string()[..12]));
    let request = BuildRequest::new(&scratch.path("")?, dockerfile, &tag);
    let seen = async {
        let (events, mut nobody) = mpsc::channel(64);
        let drain = async { while nobody.recv().await.is_some() {} };
        let (built, ()) = tokio::join!(engine.build(request, events, cancel.clone()), drain);
        if let Some(failure) = built?.failure {
            return Err(ShellError::Broken(format!("the container for the script does not build: {failure:?}")));
        }
        ask(engine, &tag, watch, launcher, cancel).await
    };
    let seen = seen.await;
    // What cannot be removed now carries the run's labels and is found by them.
    let _ = engine.remove_image(&tag).await;
    seen
}

async fn ask(
    engine: &Engine,
    tag: &str,
    watch: &Watch,
    launcher: &Launcher,
    cancel: &CancellationToken,
) -> Result<ShellFacts, ShellError> {
    let question = Request {
        dir: "/aside/work".into(),
        aside: "/aside".into(),
        answer: None,
        program: "/bin/bash".into(),
        run: uuid::Uuid::new_v4().simple().to_string(),
        limit: PROMPT_LIMIT,
        watch: watch.clone(),
    };
    let seal = uuid::Uuid::new_v4().simple().to_string();
    let words = serde_json::to_string(&question).map_err(|e| ShellError::Broken(e.to_string()))?;
    let request = RunRequest {
        args: launcher.args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect(),
        env: [(MODE, "supervise".to_owned()), (WORDS, words), (SEAL, seal.clone())]
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        profile: Profile::Realistic,
        deadline: DEADLINE,
        ..RunRequest::new(tag)
    };
    let outcome = engine.run(request, cancel.clone()).await?;
    let sealed = outcome.stdout.lines().find_map(|line| line.trim().strip_prefix(seal.as_str()));
    let Some(json) = sealed else {
        let said = outcome.start_error.unwrap_or(outcome.stderr);
        return Err(ShellError::Broken(format!("no answer from the container: {}", said.trim())));
    };
    let facts: Result<ShellFacts, String> =
        serde_json::from_str(json.trim()).map_err(|e| ShellError::Broken(e.to_string()))?;
    facts.map_err(ShellError::Broken)
}
