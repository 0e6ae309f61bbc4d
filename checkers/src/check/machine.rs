//! Kind `machine`: a `steps.sh` of docker commands, and what containers, volumes and networks they leave behind.
//!
//! Where the exercise begins with something that is there already, its starter has a `setup.sh`: the course's, never the
//! learner's copy, is run first. Without steps of the learner's own, what bears the label that `start` printed is looked at
//! instead: the learner made it by hand.

use super::{Check, Context, Submission, Tier, bases, lacking, trouble};
use crate::{
    engine::{
        EngineError,
        bases::{Base, resolve},
        clean,
        machine::{CopyFact, MachineFacts, Stage},
    },
    evidence::{Blocked, Gathered, key},
    spec::steps::{self, Step},
    verdict::{Diagnosis, Fact, StandIn, codes},
};
use std::{collections::BTreeMap, fs, io::Read, path::Path, time::Duration};

/// The learner's script, and the exercise's own before it.
const FILE: &str = "steps.sh";
const SETUP: &str = "setup.sh";
/// As much of a script as is read, in bytes.
const BIGGEST: u64 = 64 << 10;
/// What looks into volumes and asks over networks, where the exercise lists no busybox.
const PROBE: &str = "busybox:1.37";
/// What is started for a goal that asks about a registry, where the exercise lists none.
const REGISTRY: &str = "registry:2";
/// A container that ends at once has done so by then.
const SETTLE: Duration = Duration::from_millis(500);

/// What is run.
struct Script {
    setup: Vec<Step>,
    steps: Vec<Step>,
}

/// Reads the steps, runs them, and looks; or looks at what the learner made by hand.
pub(super) async fn gather(check: &mut Check<'_>, context: Option<&Context<'_>>, submission: &Submission) {
    let own = submission.label.as_deref().filter(|_| untouched(submission));
    let facts = match (own, script(check, submission), context) {
        (None, Err(blocked), _) => Err(blocked),
        (_, _, None) => Err(Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON))),
        (Some(label), _, Some(context)) => by_hand(check, context, submission, label).await,
        (None, Ok(script), Some(context)) => on_daemon(check, context, submission, &script).await,
    };
    check.evidence.machine = Some(facts);
}

/// Whether the learner has written no steps: the file is not there, or is as `start` made it.
fn untouched(submission: &Submission) -> bool {
    let there = text(&submission.dir, FILE);
    let starter = submission.starter.as_deref().map(|dir| text(dir, FILE));
    match (there, starter) {
        (Ok(there), Some(Ok(starter))) => there.is_none() || there == starter,
        (Ok(there), _) => there.is_none(),
        (Err(_), _) => false,
    }
}

fn script(check: &Check<'_>, submission: &Submission) -> Gathered<Script> {
    let setup = match &submission.starter {
        Some(starter) => text(starter, SETUP)?,
        None => None,
    };
    let setup = steps::read(&setup.unwrap_or_default()).map_err(|refused| {
        let line = format!("{SETUP}:{}: {}", refused.line, refused.what);
        Blocked::broken(Diagnosis::new(codes::SETUP_FAILED).fact("step", Fact::Text(clean::line(&line))))
    })?;
    let steps = read(&submission.dir, &setup)?;
    // Without a goal about it there is no registry.
    if check.needs.machine.pushed.is_empty()
        && let Some(step) = steps.iter().find(|step| step.registry)
    {
        return Err(refused(step.line, &step.shown, steps::Why::Image));
    }
    Ok(Script { setup, steps })
}

/// A file's text; none where there is none, or it is no plain file: a link might lead anywhere, and a pipe would be waited for.
fn text(dir: &Path, name: &str) -> Gathered<Option<String>> {
    let path = dir.join(name);
    if !path.symlink_metadata().is_ok_and(|m| m.is_file()) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(&path).and_then(|file| file.take(BIGGEST).read_to_end(&mut bytes));
    file.map_err(|error| {
        let diagnosis = Diagnosis::new(codes::SUBMISSION_UNREADABLE)
            .fact("path", Fact::Text(name.to_owned()))
            .fact("message", Fact::Text(clean::line(&error.to_string())));
        Blocked::broken(diagnosis)
    })?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

fn read(dir: &Path, setup: &[Step]) -> Gathered<Vec<Step>> {
    let nothing = || Blocked::failed(Diagnosis::new(codes::NO_COMMANDS).fact("file", Fact::Text(FILE.to_owned())));
    let text = text(dir, FILE)?.ok_or_else(nothing)?;
    let steps = steps::read_after(&text, setup).map_err(|no| refused(no.line, &no.what, no.why))?;
    if steps.is_empty() { Err(nothing()) } else { Ok(steps) }
}

fn refused(line: u32, what: &str, why: steps::Why) -> Blocked {
    let diagnosis = Diagnosis::new(codes::STEPS_REFUSED)
        .fact("what", Fact::Text(clean::line(what)))
        .fact("why", Fact::Text(why.name().to_owned()));
    Blocked::failed(diagnosis.at([line]))
}

/// What of a script no check would run, in the order of its lines, each with its line; `setup` is the script before it.
pub fn steps_problems(text: &str, setup: &str) -> Vec<Diagnosis> {
    let before = steps::read(setup).unwrap_or_default();
    steps::problems(text, &before).iter().map(|no| refused(no.line, &no.what, no.why).diagnosis).collect()
}

fn lacks(check: &Check<'_>, context: &Context<'_>) -> Gathered<()> {
    match lacking(check.spec, context.engine) {
        Some(feature) => {
            let feature = Fact::Text(feature.to_owned());
            Err(Blocked::skipped(Diagnosis::new(codes::NEEDS_FEATURE).fact("feature", feature)))
        }
        None => Ok(()),
    }
}

/// The exercise's image of that kind, for what we start ourselves.
fn ours(check: &Check<'_>, name: &str, otherwise: &str) -> String {
    let of_name = |image: &str| image.rsplit('/').next().is_some_and(|last| last.starts_with(name));
    let listed = check.spec.images.iter().find(|i| of_name(i) && !i.contains('*'));
    listed.map_or(otherwise, String::as_str).to_owned()
}

async fn on_daemon(
    check: &mut Check<'_>,
    context: &Context<'_>,
    submission: &Submission,
    script: &Script,
) -> Gathered<MachineFacts> {
    lacks(check, context)?;
    let probe = ours(check, "busybox:", PROBE);
    let registry = (!check.needs.machine.pushed.is_empty()).then(|| ours(check, "registry:", REGISTRY));
    let mut wanted: Vec<String> = script.setup.iter().chain(&script.steps).flat_map(|s| s.images.clone()).collect();
    wanted.extend(registry.clone());
    wanted.push(probe.clone());
    let images = images(check, context, &script.steps, wanted).await?;
    check.talk.tier(Tier::Run).await;
    for step in script.setup.iter().chain(&script.steps) {
        check.talk.command(&clean::line(&step.shown)).await;
    }
    let mut stage = Stage::new(context.engine, images.clone(), check.spec.profile).map_err(|e| trouble(&e))?;
    let work = async {
        // The course's over the learner's: what the setup copies is what the exercise is about.
        for dir in [Some(&submission.dir), submission.starter.as_ref()].into_iter().flatten() {
            stage.lay(dir).map_err(|e| trouble(&EngineError::Daemon(clean::line(&e.to_string()))))?;
        }
        if let Some(registry) = &registry {
            let served = stage.serve(&images[registry], &images[&probe]).await.map_err(|e| trouble(&e))?;
            served.map_err(|no| {
                let diagnosis = Diagnosis::new(codes::REGISTRY_UNREACHABLE).fact("address", Fact::Text(no.address));
                Blocked::broken(diagnosis.fact("message", Fact::Text(no.message)))
            })?;
        }
        set_up(context, &mut stage, &script.setup).await?;
        stage.run(&script.steps, &context.cancel).await.map_err(|e| trouble(&e))?;
        tokio::time::sleep(SETTLE).await;
        look(check, &stage, &images[&probe]).await
    };
    let facts = tokio::select! {
        facts = work => facts,
        () = context.cancel.cancelled() => Err(Blocked::skipped(Diagnosis::new(codes::CANCELLED))),
    };
    stage.close().await;
    facts
}

/// Runs the exercise's own steps. One that fails is no doing of the learner's.
async fn set_up(context: &Context<'_>, stage: &mut Stage, setup: &[Step]) -> Gathered<()> {
    stage.run(setup, &context.cancel).await.map_err(|e| trouble(&e))?;
    let steps = std::mem::take(&mut stage.steps);
    match steps.iter().find(|step| step.exit != Some(0) && !step.may_fail) {
        Some(step) => {
            let line = format!("{SETUP}:{}: {}", step.line, step.command);
            let diagnosis = Diagnosis::new(codes::SETUP_FAILED).fact("step", Fact::Text(clean::line(&line)));
            let said = clean::line(&step.said);
            Err(Blocked::broken(if said.is_empty() { diagnosis } else { diagnosis.fact("said", Fact::Text(said)) }))
        }
        None => {
            tokio::time::sleep(SETTLE).await;
            Ok(())
        }
    }
}

/// Looks at what the learner made. Nothing of it is changed: a goal that would have to is skipped (goal/machine).
async fn by_hand(
    check: &mut Check<'_>,
    context: &Context<'_>,
    submission: &Submission,
    label: &str,
) -> Gathered<MachineFacts> {
    lacks(check, context)?;
    let stage = Stage::of_learner(context.engine, label, &submission.dir, check.spec.profile);
    if !stage.anything().await.map_err(|e| trouble(&e))? {
        let diagnosis = Diagnosis::new(codes::NOTHING_BY_HAND).fact("label", Fact::Text(label.to_owned()));
        return Err(Blocked::failed(diagnosis.fact("file", Fact::Text(FILE.to_owned()))));
    }
    let probe = ours(check, "busybox:", PROBE);
    let images = images(check, context, &[], vec![probe.clone()]).await?;
    check.talk.tier(Tier::Run).await;
    check.talk.command(&format!("docker ps -a --filter label={label}")).await;
    let facts = tokio::select! {
        facts = look(check, &stage, &images[&probe]) => facts,
        () = context.cancel.cancelled() => Err(Blocked::skipped(Diagnosis::new(codes::CANCELLED))),
    };
    facts.map(|facts| MachineFacts { by_hand: Some(label.to_owned()), ..facts })
}

async fn look(check: &Check<'_>, stage: &Stage, probe: &str) -> Gathered<MachineFacts> {
    let mut facts = MachineFacts {
        steps: stage.steps.clone(),
        containers: stage.containers().await.map_err(|e| trouble(&e))?,
        dangling: stage.dangling().await.map_err(|e| trouble(&e))?,
        ..MachineFacts::default()
    };
    let needs = &check.needs.machine;
    for (volume, texts) in &needs.volumes {
        let texts: Vec<String> = texts.iter().cloned().collect();
        if let Some(files) = stage.files(probe, volume, &texts).await.map_err(|e| trouble(&e))? {
            facts.volumes.insert(volume.clone(), files);
        }
    }
    for ask in &needs.copies {
        let inside = match facts.containers.contains_key(&ask.container) {
            true => stage.inside(&ask.container, &ask.path).await.map_err(|e| trouble(&e))?,
            false => None,
        };
        facts.copies.insert(key(ask), CopyFact { inside, outside: stage.beside(&ask.file) });
    }
    facts.registry = stage.in_registry(probe, needs.pushed.iter()).await.map_err(|e| trouble(&e))?;
    let runs = |name: &str| facts.containers.get(name).is_some_and(|c| c.state == "running");
    for ask in needs.reaches.iter().filter(|ask| runs(&ask.from)) {
        facts.reaches.insert(key(ask), stage.reaches(probe, ask).await.map_err(|e| trouble(&e))?);
    }
    // Last, as it changes what there is to see; and never to what the learner made.
    if stage.is_ours() {
        for ask in needs.restarts.iter().filter(|ask| runs(&ask.container)) {
            facts.restarts.insert(key(ask), stage.restarts(ask).await.map_err(|e| trouble(&e))?);
        }
    }
    Ok(facts)
}

/// What each image is called here.
async fn images(
    check: &mut Check<'_>,
    context: &Context<'_>,
    steps: &[Step],
    mut wanted: Vec<String>,
) -> Gathered<BTreeMap<String, String>> {
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
