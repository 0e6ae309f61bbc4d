//! Kind `answer`: what a learner found out and wrote into `answers.yaml`, beside what is true here and now.

mod archive;
mod file;
mod host;

pub use file::parse as read_answers;

use super::{Check, Context, Options, Submission, Talk, Tier, bases, dockerfile, internal, trouble, unique};
use crate::{
    dockerfile::{Dockerfile, Options as ReadOptions},
    engine::{BuildRequest, Engine, RunRequest, bases::Base},
    evidence::{AnswerFacts, Blocked, Gathered, TrueValue, key, layer_lines},
    image,
    spec::{Ask, ImageQuestion, ImageTruth, MachineTruth, Spec, Truth},
    verdict::{Diagnosis, Fact, Verdict, codes},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// A container that prints one line ends within.
const LINE: Duration = Duration::from_secs(60);

/// Gathers the answers and the truths that the goals ask for.
pub(super) async fn gather(check: &mut Check<'_>, context: Option<&Context<'_>>, submission: &Submission) {
    let dir = submission.dir.clone();
    let given = tokio::task::spawn_blocking(move || file::read(&dir)).await;
    let given = given.unwrap_or_else(|e| Err(internal(&e.to_string())));
    let readable = given.is_ok();
    check.evidence.answers = Some(AnswerFacts { given, truths: BTreeMap::new() });
    // What is fixed is known now; what is not there yet is missing because nobody asked the daemon.
    let wanted: BTreeSet<Truth> = check.needs.truths.iter().cloned().collect();
    if !readable {
        return;
    }
    if context.is_some() {
        check.talk.tier(Tier::Run).await;
    }
    let truths = measure(&wanted, context, submission.starter.as_deref(), check.talk).await;
    if let Some(answers) = &mut check.evidence.answers {
        answers.truths = truths;
    }
    // Without a daemon nothing is provisional where no daemon is asked.
    check.result.provisional = context.is_none() && wanted.iter().any(Truth::needs_daemon);
}

/// What is true of each `answer` goal, as a learner would write it: for specimens, which cannot know the machine that they
/// are tried on. A goal whose truth cannot be had is left out.
pub async fn truths(
    spec: &Spec,
    starter: &Path,
    engine: &Engine,
    options: &Options,
    cancel: CancellationToken,
) -> BTreeMap<String, Vec<String>> {
    let asks = spec.goals.iter().filter_map(|goal| match &goal.ask {
        Ask::Answer(ask) => Some((goal.id.clone(), ask.is.clone())),
        _ => None,
    });
    let asks: Vec<_> = asks.collect();
    let wanted = asks.iter().map(|(_, truth)| truth.clone()).collect();
    let context = Context { spec, engine, options, cancel };
    let measured = measure(&wanted, Some(&context), Some(starter), &Talk::silent()).await;
    let of = |truth: &Truth| match truth {
        Truth::Fixed(fixed) => Some(vec![fixed.value.clone()]),
        truth => measured.get(&key(truth))?.as_ref().ok().map(TrueValue::written),
    };
    asks.into_iter().filter_map(|(id, truth)| Some((id, of(&truth)?))).collect()
}

async fn measure(
    wanted: &BTreeSet<Truth>,
    context: Option<&Context<'_>>,
    starter: Option<&Path>,
    talk: &Talk,
) -> BTreeMap<String, Gathered<TrueValue>> {
    let mut found = BTreeMap::new();
    // Several questions are asked of one image: it is built and read once.
    let mut images: BTreeMap<String, Gathered<Measured>> = BTreeMap::new();
    let mut inside: Option<Gathered<String>> = None;
    for truth in wanted {
        let value = match truth {
            Truth::Fixed(_) => continue,
            Truth::Machine(machine) => machine_value(*machine, context, &mut inside, talk).await,
            Truth::Image(image) => match (starter, &image.what) {
                (None, _) => Err(internal("the exercise has no starter with an image in it")),
                (Some(starter), ImageQuestion::DeletedText(text)) => {
                    let (path, text) = (starter.join(&image.from), text.clone());
                    let read = move || archive::texts(&path, &text.file, &text.take);
                    let texts = tokio::task::spawn_blocking(read).await.unwrap_or_else(|e| Err(e.to_string()));
                    let texts = texts.map_err(|message| internal(&message));
                    texts.map(|t| TrueValue::Hidden { hidden: t.hidden, visible: t.visible })
                }
                (Some(starter), _) => {
                    if !images.contains_key(&image.from) {
                        images.insert(image.from.clone(), image_of_any(image, context, starter, talk).await);
                    }
                    match (&images[&image.from], &image.what) {
                        (Err(blocked), _) => Err(blocked.clone()),
                        (Ok(_), ImageQuestion::CacheRecord(step)) => in_cache(context, step).await,
                        (Ok(measured), what) => Ok(measured.value(what)),
                    }
                }
            },
        };
        found.insert(key(truth), value);
    }
    found
}

fn needs_daemon() -> Blocked {
    Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON))
}

fn lacks(feature: &str) -> Blocked {
    Blocked::skipped(Diagnosis::new(codes::NEEDS_FEATURE).fact("feature", Fact::Text(feature.to_owned())))
}

async fn machine_value(
    machine: MachineTruth,
    context: Option<&Context<'_>>,
    inside: &mut Option<Gathered<String>>,
    talk: &Talk,
) -> Gathered<TrueValue> {
    let one = |text: String| TrueValue::OneOf(vec![text]);
    let yes = |yes: bool| TrueValue::OneOf(vec![if yes { "yes" } else { "no" }.to_owned()]);
    if machine == MachineTruth::KernelOutside {
        return outside().map(one);
    }
    if machine == MachineTruth::Virtual {
        let seen = if cfg!(target_os = "linux") { host::is_virtual(Path::new("/")) } else { None };
        return seen.map(yes).ok_or_else(|| lacks("dmi"));
    }
    let context = context.ok_or_else(needs_daemon)?;
    let info = context.engine.info();
    match machine {
        MachineTruth::StorageDriver => Ok(one(info.storage.clone())),
        MachineTruth::CgroupVersion => Ok(one(info.cgroup.to_string())),
        MachineTruth::Architecture => {
            let other = match info.arch.as_str() {
                "amd64" => "x86_64",
                "arm64" => "aarch64",
                "386" => "i386",
                _ => "",
            };
            let all = [info.arch.as_str(), other].into_iter().filter(|name| !name.is_empty());
            Ok(TrueValue::OneOf(all.map(str::to_owned).collect()))
        }
        _ => {
            if inside.is_none() {
                *inside = Some(kernel_inside(context, talk).await);
            }
            let kernel = inside.clone().unwrap_or_else(|| Err(internal("no kernel")))?;
            match machine {
                MachineTruth::KernelShared => outside().map(|outside| yes(outside == kernel)),
                _ => Ok(one(kernel)),
            }
        }
    }
}

#[cfg(unix)]
fn outside() -> Gathered<String> {
    Ok(rustix::system::uname().release().to_string_lossy().into_owned())
}

#[cfg(not(unix))]
fn outside() -> Gathered<String> {
    Err(lacks("uname"))
}

/// Asks a container, confined like a learner's, for its kernel.
async fn kernel_inside(context: &Context<'_>, talk: &Talk) -> Gathered<String> {
    let engine = context.engine;
    let found = bases_of(context).await?;
    let mut request = RunRequest::new(found);
    request.entrypoint = Some(vec!["uname".into(), "-r".into()]);
    request.deadline = LINE;
    talk.command(&request.command()).await;
    let outcome = engine.run(request, context.cancel.clone()).await.map_err(|e| trouble(&e))?;
    match (outcome.exit, outcome.stdout.trim()) {
        (Some(0), kernel) if !kernel.is_empty() => Ok(kernel.to_owned()),
        _ => Err(internal(&format!("`uname -r` in a container: {:?} {}", outcome.exit, outcome.stderr.trim()))),
    }
}

/// The local name of the first image that the exercise lists.
async fn bases_of(context: &Context<'_>) -> Gathered<String> {
    let listed: Vec<String> = context.spec.images.iter().filter(|image| !image.contains('*')).cloned().collect();
    let resolved = crate::engine::bases::resolve(context.engine, &listed, &context.options.bases).await;
    let resolved = resolved.map_err(|e| trouble(&e))?;
    let local = listed.iter().find_map(|image| match resolved.get(image) {
        Some(Base::Present { local, .. } | Base::StandIn { local, .. }) => Some(local.clone()),
        _ => None,
    });
    local.ok_or_else(|| {
        let image = listed.first().cloned().unwrap_or_default();
        let diagnosis = Diagnosis::new(codes::IMAGE_UNAVAILABLE).fact("image", Fact::Text(image));
        Blocked::broken(diagnosis.fact("available", Fact::List(Vec::new())))
    })
}

/// What is known of an image.
struct Measured {
    layers: Vec<u64>,
    rows: u64,
    /// Names of the Dockerfile's instructions that made no layer, and of those that made one.
    without: Vec<String>,
    with: Vec<String>,
}

impl Measured {
    fn value(&self, what: &ImageQuestion) -> TrueValue {
        let layers = self.layers.len() as u64;
        match what {
            ImageQuestion::Layers => TrueValue::Count { value: layers, not: self.rows },
            ImageQuestion::WithoutLayer => TrueValue::Set { all: self.without.clone(), others: self.with.clone() },
            ImageQuestion::LayerSizes(_) => TrueValue::Sizes(self.layers.clone()),
            // Neither of them is a matter of the image's own layers.
            ImageQuestion::DeletedText(_) | ImageQuestion::CacheRecord(_) => {
                TrueValue::Hidden { hidden: vec![], visible: vec![] }
            }
        }
    }

    fn of(image: &image::Image) -> Self {
        let layers = image.layers.iter().map(|l| l.bytes).collect();
        Self { layers, rows: image.history.len() as u64, without: vec![], with: vec![] }
    }
}

/// Two checks of one exercise build the very same image, and the one that removes its tag first can take the image from under
/// the other's hands, or cancel its build: then it is built once more.
async fn image_of_any(
    truth: &ImageTruth,
    context: Option<&Context<'_>>,
    starter: &Path,
    talk: &Talk,
) -> Gathered<Measured> {
    let mut measured = image_of(truth, context, starter, talk).await;
    for _ in 0..2 {
        let again = measured.as_ref().is_err_and(|blocked| blocked.verdict == Verdict::Broken);
        if !again || context.is_none_or(|c| c.cancel.is_cancelled()) {
            break;
        }
        measured = image_of(truth, context, starter, talk).await;
    }
    measured
}

/// Records of the build cache that keep what a command did, the one used last before the others. Any of them is right: a
/// learner's own build on another base has a record of its own, and a cache that others fill too only ever adds to them.
async fn in_cache(context: Option<&Context<'_>>, step: &str) -> Gathered<TrueValue> {
    let context = context.ok_or_else(needs_daemon)?;
    let mut records = context.engine.build_cache(&context.cancel).await.map_err(|e| trouble(&e))?;
    records.retain(|record| record.description.contains(step));
    records.sort_by_key(|record| std::cmp::Reverse(record.used));
    if records.is_empty() {
        let message = format!("the build cache holds nothing of `{step}` although it was built a moment ago");
        let diagnosis = Diagnosis::new(codes::DAEMON_ERROR).fact("message", Fact::Text(message));
        return Err(Blocked::broken(diagnosis));
    }
    Ok(TrueValue::OneOf(records.into_iter().map(|record| record.id).collect()))
}

async fn image_of(
    truth: &ImageTruth,
    context: Option<&Context<'_>>,
    starter: &Path,
    talk: &Talk,
) -> Gathered<Measured> {
    let path = starter.join(&truth.from);
    if truth.is_archive() {
        let read = tokio::task::spawn_blocking(move || archive::image(&path)).await;
        let image = read.unwrap_or_else(|e| Err(e.to_string())).map_err(|message| internal(&message))?;
        return Ok(Measured::of(&image));
    }
    let context = context.ok_or_else(needs_daemon)?;
    let text = tokio::fs::read_to_string(&path).await.map_err(|e| internal(&format!("{}: {e}", truth.from)))?;
    let options = ReadOptions { arch: context.engine.info().arch.clone(), ..ReadOptions::default() };
    let model = Dockerfile::read(text.as_bytes(), &options).map_err(|e| internal(&e.to_string()))?;
    let target = model.target(None).ok_or_else(|| internal("the starter's Dockerfile has no stage"))?;
    let (engine, bases) = (context.engine, &context.options.bases);
    let ready = bases::prepare(&model, target, &[], &context.spec.images, engine, bases, talk).await?;
    let tag = engine.tag(&format!("asked-{}", unique()));
    let mut request = BuildRequest::new(starter, ready.dockerfile, &tag);
    request.network = context.spec.network;
    request.deadline = context.options.deadline;
    request.idle = context.options.idle;
    let image = async {
        let outcome = dockerfile::build(context, request, None, None).await?;
        if let Some(failure) = outcome.failure {
            return Err(internal(&format!("the exercise's image does not build: {failure:?}")));
        }
        let reading = image::Options { base_diff_ids: ready.base_diff_ids.clone(), ..image::Options::default() };
        dockerfile::export(context, &tag, reading).await
    };
    let image = image.await.map_err(of_exercise);
    dockerfile::remove(engine, &tag).await;
    let image = image?;
    let made: BTreeSet<u32> = layer_lines(&model, target, &image.history, image.layers.len())
        .into_iter()
        .enumerate()
        .filter(|(layer, _)| *layer >= image.base_layers)
        .filter_map(|(_, line)| Some(line?.first))
        .collect();
    let own = model.chain(target).into_iter().flat_map(|stage| model.of_stage(stage).collect::<Vec<_>>());
    let own: Vec<_> = own.filter(|i| !matches!(i.keyword.as_str(), "FROM" | "ONBUILD")).collect();
    let names = |has_layer: bool| -> Vec<String> {
        let names = own.iter().filter(|i| made.contains(&i.first) == has_layer).map(|i| i.keyword.clone());
        names.collect::<BTreeSet<_>>().into_iter().collect()
    };
    Ok(Measured { without: names(false), with: names(true), ..Measured::of(&image) })
}

/// That the exercise's own image fails is never the learner's doing.
fn of_exercise(blocked: Blocked) -> Blocked {
    match blocked.verdict {
        Verdict::Failed => internal(&format!("the exercise's image: {}", blocked.diagnosis.code)),
        _ => blocked,
    }
}
