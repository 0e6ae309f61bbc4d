//! Kind `machine`: a `steps.sh` of docker commands, and what containers, volumes and networks they leave behind.

use super::{Check, Context, Submission, Tier, bases, lacking, trouble};
use crate::{
    engine::{
        bases::{Base, resolve},
        clean,
        machine::{MachineFacts, Stage},
    },
    evidence::{Blocked, Gathered, key},
    spec::steps::{self, Step},
    verdict::{Diagnosis, Fact, StandIn, codes},
};
use std::{collections::BTreeMap, fs, io::Read, path::Path, time::Duration};

/// The script.
const FILE: &str = "steps.sh";
/// As much of it as is read, in bytes.
const BIGGEST: u64 = 64 << 10;
/// What looks into volumes and asks over networks, where the exercise lists no busybox.
const PROBE: &str = "busybox:1.37";
/// A container that ends at once has done so by then.
const SETTLE: Duration = Duration::from_millis(500);

/// Reads the steps, runs them, and looks.
pub(super) async fn gather(check: &mut Check<'_>, context: Option<&Context<'_>>, submission: &Submission) {
    let read = read(&submission.dir);
    let facts = match (read, context) {
        (Err(blocked), _) => Err(blocked),
        (Ok(_), None) => Err(Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON))),
        (Ok(steps), Some(context)) => on_daemon(check, context, &steps).await,
    };
    check.evidence.machine = Some(facts);
}

fn read(dir: &Path) -> Gathered<Vec<Step>> {
    let nothing = || Blocked::failed(Diagnosis::new(codes::NO_COMMANDS).fact("file", Fact::Text(FILE.to_owned())));
    let path = dir.join(FILE);
    // A link might lead anywhere, and a pipe would be waited for.
    if !path.symlink_metadata().is_ok_and(|m| m.is_file()) {
        return Err(nothing());
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(&path).and_then(|file| file.take(BIGGEST).read_to_end(&mut bytes));
    if let Err(error) = file {
        let diagnosis = Diagnosis::new(codes::SUBMISSION_UNREADABLE)
            .fact("path", Fact::Text(FILE.to_owned()))
            .fact("message", Fact::Text(clean::line(&error.to_string())));
        return Err(Blocked::broken(diagnosis));
    }
    let steps = steps::read(&String::from_utf8_lossy(&bytes)).map_err(|refused| {
        let diagnosis = Diagnosis::new(codes::STEPS_REFUSED)
            .fact("what", Fact::Text(clean::line(&refused.what)))
            .fact("why", Fact::Text(refused.why.name().to_owned()));
        Blocked::failed(diagnosis.at([refused.line]))
    })?;
    if steps.is_empty() { Err(nothing()) } else { Ok(steps) }
}

async fn on_daemon(check: &mut Check<'_>, context: &Context<'_>, steps: &[Step]) -> Gathered<MachineFacts> {
    if let Some(feature) = lacking(check.spec, context.engine) {
        let feature = Fact::Text(feature.to_owned());
        return Err(Blocked::skipped(Diagnosis::new(codes::NEEDS_FEATURE).fact("feature", feature)));
    }
    let listed = check.spec.images.iter().find(|i| i.starts_with("busybox:") && !i.contains('*'));
    let probe = listed.map_or(PROBE, String::as_str).to_owned();
    let images = images(check, context, steps, &probe).await?;
    check.talk.tier(Tier::Run).await;
    for step in steps {
        check.talk.command(&clean::line(&step.shown)).await;
    }
    let mut stage = Stage::new(context.engine, images.clone(), check.spec.profile).map_err(|e| trouble(&e))?;
    let facts = tokio::select! {
        facts = look(check, context, &mut stage, steps, &images[&probe]) => facts,
        () = context.cancel.cancelled() => Err(Blocked::skipped(Diagnosis::new(codes::CANCELLED))),
    };
    stage.close().await;
    facts
}

async fn look(
    check: &Check<'_>,
    context: &Context<'_>,
    stage: &mut Stage,
    steps: &[Step],
    probe: &str,
) -> Gathered<MachineFacts> {
    stage.run(steps, &context.cancel).await.map_err(|e| trouble(&e))?;
    tokio::time::sleep(SETTLE).await;
    let mut facts = MachineFacts {
        steps: stage.steps.clone(),
        containers: stage.containers().await.map_err(|e| trouble(&e))?,
        ..MachineFacts::default()
    };
    let needs = &check.needs.machine;
    for (volume, texts) in &needs.volumes {
        let texts: Vec<String> = texts.iter().cloned().collect();
        if let Some(files) = stage.files(probe, volume, &texts).await.map_err(|e| trouble(&e))? {
            facts.volumes.insert(volume.clone(), files);
        }
    }
    let runs = |name: &str| facts.containers.get(name).is_some_and(|c| c.state == "running");
    for ask in needs.reaches.iter().filter(|ask| runs(&ask.from)) {
        facts.reaches.insert(key(ask), stage.reaches(probe, ask).await.map_err(|e| trouble(&e))?);
    }
    // Last, as it changes what there is to see.
    for ask in needs.restarts.iter().filter(|ask| runs(&ask.container)) {
        facts.restarts.insert(key(ask), stage.restarts(ask).await.map_err(|e| trouble(&e))?);
    }
    Ok(facts)
}

/// What each image is called here.
async fn images(
    check: &mut Check<'_>,
    context: &Context<'_>,
    steps: &[Step],
    probe: &str,
) -> Gathered<BTreeMap<String, String>> {
    let mut wanted: Vec<String> = steps.iter().flat_map(|s| s.images.clone()).collect();
    wanted.push(probe.to_owned());
    wanted.sort();
    wanted.dedup();
    let found = resolve(context.engine, &wanted, &context.options.bases).await.map_err(|e| trouble(&e))?;
    let mut images = BTreeMap::new();
    for image in wanted {
        match found.get(&image) {
            Some(Base::Present { local, .. }) => images.insert(image, local.clone()),
            Some(Base::StandIn { local, version, .. }) => {
                let stand_in = StandIn { image: image.clone(), by: local.clone(), version: version.clone() };
                check.talk.stand_in(&stand_in).await;
                check.result.stand_ins.push(stand_in);
                images.insert(image, local.clone())
            }
            other => {
                let lines = steps.iter().filter(|s| s.images.contains(&image)).map(|s| s.line);
                let mut blocked = bases::missing(&image, other);
                blocked.diagnosis = blocked.diagnosis.at(lines);
                return Err(blocked);
            }
        };
    }
    Ok(images)
}
