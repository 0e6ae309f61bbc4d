//! A folder built for somebody who wants to look at the image instead of being judged: same bases, same stand-ins, same
//! limits as a check, and no goals.

use super::{
    Context, Event, Options, Talk, Tier, bases,
    dockerfile::{build, steps},
    submission, unique,
};
use crate::{
    dockerfile::Dockerfile,
    engine::{BuildRequest, Engine, clean},
    evidence::{Blocked, Gathered},
    goal,
    spec::{Kind, Network, Profile, Spec},
    verdict::{Diagnosis, Fact, StandIn, Step, codes},
};
use std::{collections::BTreeMap, path::PathBuf};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What to build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// The build context, with the Dockerfile at its top.
    pub dir: PathBuf,
    /// The stage to build; the last one without it.
    pub target: Option<String>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
    /// What RUN may reach.
    pub network: Network,
    /// Runs every step, whatever the build cache has: how long each takes is told by such a build only.
    pub no_cache: bool,
}

/// What came of it. The image goes with the engine's run, or when its tag is removed.
#[derive(Debug)]
pub struct Built {
    /// The image.
    pub tag: String,
    /// The Dockerfile that it was built from, as the learner wrote it.
    pub dockerfile: Dockerfile,
    /// The stage that was built.
    pub target: usize,
    /// Diff ids of what it stands on.
    pub base_diff_ids: Vec<String>,
    /// What stood in for which base.
    pub stand_ins: Vec<StandIn>,
    /// The build's steps.
    pub steps: Vec<Step>,
}

/// Builds a folder. *Failed* is the Dockerfile's own doing, *broken* the machine's.
pub async fn build_folder(
    engine: &Engine,
    options: &Options,
    folder: &Folder,
    events: mpsc::Sender<Event>,
    cancel: CancellationToken,
) -> Gathered<Built> {
    let talk = Talk::new(events, cancel.clone());
    talk.tier(Tier::Parse).await;
    // Any base will do: there is no exercise that names some.
    let spec = Spec {
        id: "lens".to_owned(),
        kind: Kind::Dockerfile,
        images: vec!["**".to_owned()],
        needs: Vec::new(),
        network: folder.network,
        profile: Profile::Strict,
        goals: Vec::new(),
    };
    let (asked, what, arch) = (spec.clone(), folder.clone(), engine.info().arch.clone());
    let read = tokio::task::spawn_blocking(move || {
        let none = Blocked::skipped(Diagnosis::new(codes::CANCELLED));
        let mut evidence = submission::read(&asked, &what.dir, None, &arch, none);
        evidence.target = what.target;
        evidence.args = what.args;
        evidence
    });
    let evidence = read.await.map_err(|error| ours(&error.to_string()))?;
    let (model, target) = evidence.model()?;
    let ready = bases::prepare(model, target, &[], &spec.images, engine, &options.bases, &talk).await?;
    talk.tier(Tier::Build).await;
    let tag = engine.tag(&format!("lens-{}", unique()));
    let mut request = BuildRequest::new(&folder.dir, ready.dockerfile, &tag);
    request.target = folder.target.clone();
    request.args = folder.args.clone();
    request.network = folder.network;
    request.no_cache = folder.no_cache;
    request.deadline = options.deadline;
    request.idle = options.idle;
    let context = Context { spec: &spec, engine, options, cancel };
    let outcome = build(&context, request, Some(model), Some(&talk)).await?;
    if let Some(failure) = &outcome.failure {
        return Err(goal::explain_build(&evidence, model, &outcome, failure));
    }
    Ok(Built {
        steps: steps(&outcome, model),
        tag,
        dockerfile: model.clone(),
        target,
        base_diff_ids: ready.base_diff_ids,
        stand_ins: ready.stand_ins,
    })
}

fn ours(message: &str) -> Blocked {
    Blocked::broken(Diagnosis::new(codes::INTERNAL).fact("message", Fact::Text(clean::line(message))))
}
