//! Kind `dockerfile`: a build context with a Dockerfile. Its text is read, then it is built, its image read, and containers
//! of it run, as far as the goals need each.

use super::{
    Check, Context, Submission, Talk, Tier, bases, empty, fresh_secrets, internal, lacking, live, starter, submission,
    talk, trouble, unique,
};
use super::{commands::Commands, fetch::fetches};
use crate::{
    dockerfile::{Dockerfile, lint::Level},
    engine::{BuildOutcome, BuildRequest, Engine, HttpRequest, RunRequest, clean},
    evidence::{Blocked, Evidence, Gathered, ImageFacts, LiveAsk, Needs, SecretAsk, SecretFact, Sibling, Wanted, key},
    goal,
    image::{self, Image},
    spec::{Ask, Edit, Network, Spec},
    verdict::{Diagnosis, Fact, Finding, LineCost, Step, codes},
};
use std::time::Duration;
use tokio::sync::mpsc;

type Secrets = std::collections::BTreeMap<String, Gathered<SecretFact>>;

/// Gathers what the goals need of a Dockerfile and its image, and then of each other Dockerfile of the folder that they name.
pub(super) async fn gather(check: &mut Check<'_>, context: Option<&Context<'_>>, submission: &Submission) {
    gather_one(check, context, submission).await;
    for file in check.needs.files.clone() {
        let spec = Spec { goals: goal::asked_of(&file, &check.spec.goals), ..check.spec.clone() };
        let mut needs = Needs::default();
        for goal in &spec.goals {
            needs.add(goal::plan(goal));
        }
        // One of these would ask about a file of a file, which nobody gathers.
        needs.files.clear();
        let result = empty(&spec, context.map(|c| c.engine));
        let no_more = Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON));
        let mut evidence = Evidence::of_text(Err(no_more.clone()), no_more);
        (evidence.deadline, evidence.idle) = (check.evidence.deadline, check.evidence.idle);
        let (talk, secrets) = (check.talk, fresh_secrets(&needs));
        let mut other = Check { spec: &spec, file: Some(file.clone()), talk, needs, evidence, result, secrets };
        gather_one(&mut other, context, submission).await;
        let Check { evidence, result, .. } = other;
        let known = std::mem::take(&mut check.result.stand_ins);
        check.result.stand_ins = result.stand_ins.into_iter().filter(|s| !known.contains(s)).collect();
        check.result.stand_ins.splice(0..0, known);
        check.evidence.others.insert(file, evidence);
    }
}

async fn gather_one(check: &mut Check<'_>, context: Option<&Context<'_>>, submission: &Submission) {
    let file = check.file.clone();
    let arch = context.map_or_else(String::new, |c| c.engine.info().arch.clone());
    let (spec, dir) = (check.spec.clone(), submission.dir.clone());
    let no_more = Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON));
    let (deadline, idle) = (check.evidence.deadline, check.evidence.idle);
    match tokio::task::spawn_blocking(move || submission::read(&spec, &dir, file.as_deref(), &arch, no_more)).await {
        Ok(read) => check.evidence = read,
        Err(e) => check.evidence.dockerfile = Err(internal(&e.to_string())),
    }
    (check.evidence.deadline, check.evidence.idle) = (deadline, idle);
    check.evidence.nonce = unique();
    if check.file.is_none() {
        check.note_text().await;
    }
    check.judge(Tier::Parse).await;
    if let Some(context) = context
        && check.evidence.model().is_ok()
    {
        check.on_daemon(context, submission).await;
    }
    // Notes name lines, which a screen shows in the folder's first Dockerfile.
    if check.file.is_none() {
        check.note_lint().await;
    }
}

impl Check<'_> {
    async fn note_text(&self) {
        let Ok((model, target)) = self.evidence.model() else { return };
        if model.crlf {
            self.talk.note(Diagnosis::new(codes::NOTE_CRLF)).await;
        }
        let reachable = model.reachable(target);
        let idle: Vec<_> = model.stages.iter().filter(|s| !reachable[s.index]).collect();
        if !idle.is_empty() {
            let names = idle.iter().map(|s| clean::line(&s.label())).collect();
            let note = Diagnosis::new(codes::NOTE_UNUSED_STAGES).fact("stages", Fact::List(names));
            self.talk.note(note.at(idle.iter().map(|s| s.line))).await;
        }
    }

    /// The lint findings that cost most, as notes: three, or the verdict is no longer what one reads first.
    async fn note_lint(&self) {
        const NOTED: usize = 3;
        // Taste and small change are for `lint` itself to tell.
        const COSTLY: u8 = 6;
        // Where lint is the goal, its verdict says it.
        if self.spec.goals.iter().any(|g| matches!(g.ask, Ask::LintClean(_))) {
            return;
        }
        let told_by_builder = self.evidence.build.as_ref().map(|built| built.warnings.as_slice()).unwrap_or_default();
        let mut found = goal::lint_findings(&self.evidence, told_by_builder).unwrap_or_default();
        found.retain(|f| f.level == Level::Warning && f.cost() >= COSTLY);
        found.sort_by_key(|f| (std::cmp::Reverse(f.cost()), f.line));
        let mut told: Vec<&str> = Vec::new();
        for finding in &found {
            if told.len() == NOTED || told.contains(&finding.rule.as_str()) {
                continue;
            }
            told.push(&finding.rule);
            let mut note = Diagnosis::new(codes::NOTE_LINT).at([finding.line]);
            note.facts = finding.facts.clone();
            self.talk.note(note.fact("rule", Fact::Text(finding.rule.clone()))).await;
        }
    }

    /// Blocks everything that a daemon would have to show.
    fn block(&mut self, blocked: &Blocked) {
        self.evidence.build = Err(blocked.clone());
        self.evidence.image = Err(blocked.clone());
        self.evidence.starter = Err(blocked.clone());
    }

    async fn on_daemon(&mut self, context: &Context<'_>, submission: &Submission) {
        // Until it is gathered, evidence is missing because the learner stopped the check.
        self.block(&Blocked::skipped(Diagnosis::new(codes::CANCELLED)));
        if !self.needs.build || context.cancel.is_cancelled() {
            return;
        }
        if let Some(feature) = lacking(self.spec, context.engine) {
            let feature = Fact::Text(feature.to_owned());
            self.block(&Blocked::skipped(Diagnosis::new(codes::NEEDS_FEATURE).fact("feature", feature)));
            return;
        }
        let mut also: Vec<usize> = Vec::new();
        let ready = match self.evidence.model() {
            Ok((model, target)) => {
                let (engine, options) = (context.engine, &context.options.bases);
                also = self.needs.siblings.iter().filter_map(|s| model.target(Some(s))).collect();
                bases::prepare(model, target, &also, &self.spec.images, engine, options, self.talk).await
            }
            Err(blocked) => Err(blocked),
        };
        let ready = match ready {
            Ok(ready) => ready,
            Err(blocked) => return self.block(&blocked),
        };
        if let Ok((model, target)) = self.evidence.model()
            && self.spec.network == Network::None
            && let Some(add) = fetches(model, also.into_iter().chain([target]))
        {
            let step = Fact::Text(clean::line(&add.one_line()));
            let diagnosis = Diagnosis::new(codes::BUILD_NEEDS_NETWORK).fact("step", step).at([add.first]);
            return self.block(&Blocked::failed(diagnosis));
        }
        self.evidence.bases = ready.bases.clone();
        self.result.stand_ins = ready.stand_ins.clone();
        let tag = context.engine.tag(&unique());
        self.build_and_look(context, submission, &ready, &tag).await;
        remove(context.engine, &tag).await;
    }

    async fn build_and_look(
        &mut self,
        context: &Context<'_>,
        submission: &Submission,
        ready: &bases::Ready,
        tag: &str,
    ) {
        self.talk.tier(Tier::Build).await;
        self.talk.command(&self.commands().build()).await;
        let request = self.request(context, submission, ready, tag);
        let model = self.evidence.model().ok().map(|(model, _)| model.clone());
        let built = build(context, request, model.as_ref(), Some(self.talk)).await;
        if let (Ok(outcome), Some(model)) = (&built, &model) {
            self.result.steps = steps(outcome, model);
        }
        let good = matches!(&built, Ok(outcome) if outcome.failure.is_none());
        self.evidence.build = built;
        self.judge(Tier::Build).await;
        if !good || context.cancel.is_cancelled() {
            return;
        }
        self.talk.tier(Tier::Image).await;
        self.look(context, submission, ready, tag).await;
        self.judge(Tier::Image).await;
        // As in `on_daemon`: what no container has shown yet is missing because the check was stopped, never because of us.
        let Needs { runs, https, lives, .. } = &self.needs;
        let (runs, https, lives): (Vec<_>, Vec<_>, Vec<_>) =
            (runs.iter().map(key).collect(), https.iter().map(key).collect(), lives.iter().map(key).collect());
        let none = runs.is_empty() && https.is_empty() && lives.is_empty();
        let stopped = || Blocked::skipped(Diagnosis::new(codes::CANCELLED));
        self.evidence.runs.extend(runs.into_iter().map(|key| (key, Err(stopped()))));
        self.evidence.https.extend(https.into_iter().map(|key| (key, Err(stopped()))));
        self.evidence.lives.extend(lives.into_iter().map(|key| (key, Err(stopped()))));
        if none || context.cancel.is_cancelled() {
            return;
        }
        self.talk.tier(Tier::Run).await;
        self.start(context, tag).await;
    }

    /// Reads the image and, at the same time, rebuilds after the edits and measures the starter.
    async fn look(&mut self, context: &Context<'_>, submission: &Submission, ready: &bases::Ready, tag: &str) {
        if self.needs.image {
            self.talk.command(&self.commands().history()).await;
        }
        let rebuilds: Vec<Edit> = self.needs.rebuilds.clone();
        for edit in &rebuilds {
            self.talk.command(&self.commands().rebuild(edit)).await;
        }
        let read = async {
            match self.needs.image {
                true => Some(read_image(context, &self.needs, &self.secrets, &self.evidence, ready, tag).await),
                false => None,
            }
        };
        let starter = async {
            match (self.needs.starter, &submission.starter) {
                (true, Some(dir)) => Some(starter::measure(context, dir).await),
                (true, None) => {
                    let message = Fact::Text("the exercise has no starter to compare with".to_owned());
                    Some(Err(Blocked::broken(Diagnosis::new(codes::INTERNAL).fact("message", message))))
                }
                (false, _) => None,
            }
        };
        let again = async {
            let mut done = Vec::new();
            for edit in &rebuilds {
                let request = self.request(context, submission, ready, &format!("{tag}-edit"));
                done.push((key(edit), rebuild(context, request, edit).await));
            }
            done
        };
        // The two that build go one after the other: builds that share steps at the same moment share their events too, and
        // a step that only runs for the other one would look as if the edit had made it run again.
        let siblings = async {
            let mut done = Vec::new();
            for stage in &self.needs.siblings {
                let mut request = self.request(context, submission, ready, &format!("{tag}-with"));
                request.target = Some(stage.clone());
                done.push((stage.clone(), sibling(context, &self.evidence, request, tag).await));
            }
            done
        };
        let builds = async { (again.await, starter.await, siblings.await) };
        let (image, (again, starter, siblings)) = tokio::join!(read, builds);
        if let Some(image) = image {
            self.evidence.image = match image {
                Ok((facts, secrets)) => {
                    self.result.sizes = Some(facts.sizes);
                    self.note_docker_size(context, &facts).await;
                    self.evidence.secrets = secrets;
                    Ok(facts)
                }
                Err(blocked) => Err(blocked),
            };
            self.result.costs = costs(&self.evidence);
            self.result.findings = findings(&self.evidence);
        }
        self.evidence.siblings = siblings.into_iter().collect();
        if let Some(starter) = starter {
            self.result.starter = starter.as_ref().ok().copied();
            self.evidence.starter = starter;
        }
        self.evidence.rebuilds = again.into_iter().collect();
        self.rebuild_where_in_doubt(context, submission, ready, tag).await;
    }

    /// A step that ran again although nothing before it has to do with the edited file may have been another build's, at
    /// the same moment on the same daemon. Another rebuild tells; an honest miss is never in doubt and costs nothing.
    async fn rebuild_where_in_doubt(
        &mut self,
        context: &Context<'_>,
        submission: &Submission,
        ready: &bases::Ready,
        tag: &str,
    ) {
        for goal in &self.spec.goals {
            let Ask::CachedAfterEdit(ask) = &goal.ask else { continue };
            if context.cancel.is_cancelled() || !goal::missed_without_cause(ask, &self.evidence) {
                continue;
            }
            let request = self.request(context, submission, ready, &format!("{tag}-again"));
            let outcome = rebuild(context, request, &ask.edit).await;
            self.evidence.rebuilds.insert(key(&ask.edit), outcome);
        }
    }

    async fn note_docker_size(&self, context: &Context<'_>, facts: &ImageFacts) {
        let Some(docker) = facts.docker_size else { return };
        let note = Diagnosis::new(codes::NOTE_DOCKER_SIZE)
            .fact("docker", Fact::Bytes(docker))
            .fact("total", Fact::Bytes(facts.sizes.total))
            .fact("storage", Fact::Text(context.engine.info().storage.clone()));
        self.talk.note(note).await;
    }

    /// Runs containers one after another: two at once would take the time from each other that a goal gives them.
    async fn start(&mut self, context: &Context<'_>, tag: &str) {
        for ask in self.needs.runs.clone() {
            self.talk.command(&self.commands().run(&ask)).await;
            let request = RunRequest {
                args: ask.args.clone(),
                env: ask.env.clone(),
                profile: self.spec.profile,
                deadline: Duration::from_millis(ask.within),
                ..RunRequest::new(tag)
            };
            let outcome = context.engine.run(request, context.cancel.clone()).await.map_err(|e| trouble(&e));
            self.evidence.runs.insert(key(&ask), outcome);
        }
        for ask in self.needs.https.clone() {
            self.talk.command(&self.commands().http(&ask)).await;
            let request = HttpRequest {
                env: ask.env.clone(),
                path: ask.path.clone(),
                deadline: Duration::from_millis(ask.within),
                profile: self.spec.profile,
                ..HttpRequest::new(tag, ask.port)
            };
            let outcome = context.engine.http(request, context.cancel.clone()).await.map_err(|e| trouble(&e));
            self.evidence.https.insert(key(&ask), outcome);
        }
        for ask in self.needs.lives.clone() {
            if context.cancel.is_cancelled() {
                return;
            }
            self.talk.command(&self.commands().live(&ask)).await;
            let request = live::request(&ask, tag, self.spec.profile, &self.evidence.nonce);
            let outcome = context.engine.live(request, context.cancel.clone()).await.map_err(|e| trouble(&e));
            self.evidence.lives.insert(key(&ask), outcome);
        }
    }

    fn commands(&self) -> Commands<'_> {
        Commands {
            name: &self.spec.id,
            file: self.file.as_deref(),
            target: self.evidence.target.as_deref(),
            args: &self.evidence.args,
            secrets: &self.secrets,
            network: self.evidence.network,
            bases: &self.evidence.bases,
        }
    }

    fn request(&self, context: &Context<'_>, submission: &Submission, ready: &bases::Ready, tag: &str) -> BuildRequest {
        let mut request = BuildRequest::new(&submission.dir, ready.dockerfile.clone(), tag);
        if let Some(file) = &self.file {
            request.name.clone_from(file);
        }
        request.target = self.evidence.target.clone();
        request.args = self.evidence.args.clone();
        request.network = self.spec.network;
        request.deadline = context.options.deadline;
        request.idle = context.options.idle;
        for (ask, value) in &self.secrets {
            request.secrets.insert(ask.secret.clone(), value.clone().into_bytes());
            request.args.extend(ask.arg.iter().map(|arg| (arg.clone(), value.clone())));
            request.overlay.extend(ask.file.iter().map(|file| (file.clone(), value.clone().into_bytes())));
        }
        request
    }
}

/// Builds, telling of its steps.
pub(super) async fn build(
    context: &Context<'_>,
    request: BuildRequest,
    model: Option<&Dockerfile>,
    talk: Option<&Talk>,
) -> Gathered<BuildOutcome> {
    let (events, mut steps) = mpsc::channel(64);
    let tell = async {
        while let Some(event) = steps.recv().await {
            if let (Some(talk), Some(model)) = (talk, model) {
                talk.build(event, model).await;
            }
        }
    };
    let (outcome, ()) = tokio::join!(context.engine.build(request, events, context.cancel.clone()), tell);
    outcome.map_err(|e| trouble(&e))
}

/// Builds again with a line put at the end of a file, in the uploaded copy only.
async fn rebuild(context: &Context<'_>, mut request: BuildRequest, edit: &Edit) -> Gathered<BuildOutcome> {
    let missing = || {
        let file = Fact::Text(clean::line(&edit.file));
        Blocked::failed(Diagnosis::new(codes::EDIT_FILE_MISSING).fact("file", file))
    };
    let path = request.context.join(&edit.file);
    // A link might lead out of the submission; only a file that is really there can be edited.
    if !path.symlink_metadata().is_ok_and(|m| m.is_file() && m.len() < 64 << 20) {
        return Err(missing());
    }
    let mut content = tokio::fs::read(&path).await.map_err(|_| missing())?;
    if content.last().is_some_and(|b| *b != b'\n') {
        content.push(b'\n');
    }
    content.extend_from_slice(edit.append.replace("{nonce}", &unique()).as_bytes());
    content.push(b'\n');
    request.overlay.insert(edit.file.clone(), content);
    let tag = request.tag.clone();
    let outcome = build(context, request, None, None).await;
    remove(context.engine, &tag).await;
    outcome
}

async fn read_image(
    context: &Context<'_>,
    needs: &Needs,
    secrets: &[(SecretAsk, String)],
    evidence: &Evidence,
    ready: &bases::Ready,
    tag: &str,
) -> Gathered<(ImageFacts, Secrets)> {
    let mut options = image::Options {
        base_diff_ids: ready.base_diff_ids.clone(),
        arch: Some(context.engine.info().arch.clone()),
        ..image::Options::default()
    };
    options.secrets = secrets.iter().map(|(_, value)| value.clone().into_bytes()).collect();
    options.wanted.extend(secrets.iter().filter_map(|(ask, _)| ask.proof.clone()));
    let image = export(context, tag, options).await?;
    let secrets = secrets.to_vec();
    let wanted = Wanted {
        paths: needs.paths.clone(),
        tools: needs.tools.clone(),
        args: started_with(needs).filter(|a| !a.is_empty()).cloned().collect(),
        dev_dependencies: evidence.dev_dependencies.clone(),
    };
    // A walk over a hundred thousand paths would hold up everything else that this thread has to do.
    let gathered = tokio::task::spawn_blocking(move || {
        let found = secrets.iter().enumerate();
        let found = found.map(|(nth, (ask, value))| (key(ask), Ok(SecretFact::gather(&image, nth, value, ask))));
        let found: Secrets = found.collect();
        (ImageFacts::gather(&image, &wanted), found)
    })
    .await;
    let (mut facts, found) = gathered.map_err(|e| {
        let message = Fact::Text(clean::line(&e.to_string()));
        Blocked::broken(Diagnosis::new(codes::INTERNAL).fact("message", message))
    })?;
    let inspected = context.engine.inspect(tag).await.map_err(|e| trouble(&e))?;
    facts.docker_size = inspected.size.and_then(|size| u64::try_from(size).ok());
    Ok((facts, found))
}

/// Builds another stage and compares its image with the submission's.
async fn sibling(context: &Context<'_>, evidence: &Evidence, request: BuildRequest, of: &str) -> Gathered<Sibling> {
    let tag = request.tag.clone();
    let built = build(context, request, None, None).await;
    let compared = match built {
        Ok(outcome) => match outcome.failure {
            None => compare(context, &tag, of).await,
            Some(ref failure) => {
                evidence.model().and_then(|(model, _)| Err(goal::explain_build(evidence, model, &outcome, failure)))
            }
        },
        Err(blocked) => Err(blocked),
    };
    remove(context.engine, &tag).await;
    compared
}

async fn compare(context: &Context<'_>, tag: &str, of: &str) -> Gathered<Sibling> {
    let layers = async |tag: &str| {
        let inspected = context.engine.inspect(tag).await.map_err(|e| trouble(&e))?;
        let config = inspected.config.unwrap_or_default();
        let layers = inspected.root_fs.and_then(|fs| fs.layers).unwrap_or_default();
        Ok::<_, Blocked>((layers, (config.entrypoint, config.cmd)))
    };
    let (mine, theirs) = (layers(of).await?, layers(tag).await?);
    let options = image::Options { arch: Some(context.engine.info().arch.clone()), ..image::Options::default() };
    let image = export(context, tag, options).await?;
    let shared = mine.0.iter().zip(&theirs.0).take_while(|(a, b)| a == b).count();
    Ok(Sibling { shared, layers: theirs.0.len(), history: image.history.clone(), same: mine == theirs })
}

/// What containers are started with in place of CMD.
fn started_with(needs: &Needs) -> impl Iterator<Item = &Vec<String>> {
    needs.runs.iter().map(|r| &r.args).chain(needs.lives.iter().filter_map(|live| match live {
        LiveAsk::Logs(ask) => Some(&ask.args),
        LiveAsk::Health(_) | LiveAsk::Signal(_) => None,
    }))
}

/// Reads an image from the daemon; stopping the check stops it at once.
pub(super) async fn export(context: &Context<'_>, tag: &str, options: image::Options) -> Gathered<Image> {
    let reading = async {
        let archive = context.engine.export(tag).await.map_err(|e| trouble(&e))?;
        image::read_stream(archive, options).await.map_err(|e| {
            let message = Fact::Text(clean::line(&e.to_string()));
            Blocked::broken(Diagnosis::new(codes::DAEMON_ERROR).fact("message", message))
        })
    };
    tokio::select! {
        read = reading => read,
        () = context.cancel.cancelled() => Err(Blocked::skipped(Diagnosis::new(codes::CANCELLED))),
    }
}

/// Removes an image of this check. What cannot be removed now the engine's reaping removes later.
pub(super) async fn remove(engine: &Engine, tag: &str) {
    let _ = engine.remove_image(tag).await;
}

pub(super) fn steps(outcome: &BuildOutcome, model: &Dockerfile) -> Vec<Step> {
    outcome.steps.iter().map(|step| talk::step(step, model)).collect()
}

/// What the image could do without.
fn findings(evidence: &Evidence) -> Vec<Finding> {
    match (&evidence.image, evidence.model()) {
        (Ok(facts), Ok(file)) => facts.findings(Some(file)),
        _ => Vec::new(),
    }
}

/// What each line put into the image, in the Dockerfile's order, the base first.
fn costs(evidence: &Evidence) -> Vec<LineCost> {
    let Ok(blame) = evidence.blame() else { return Vec::new() };
    let wasted = |layers: &[usize]| -> u64 {
        blame.image.waste.iter().filter(|w| layers.contains(&w.put_by)).map(|w| w.tally.bytes).sum()
    };
    let mut found = Vec::new();
    if blame.image.base_bytes > 0 {
        let layers: Vec<usize> = (0..blame.image.base_layers).collect();
        found.push(LineCost {
            line: None,
            instruction: clean::line(&blame.model.final_base(blame.target).0),
            bytes: blame.image.base_bytes,
            wasted: wasted(&layers),
        });
    }
    let mut lines = blame.heaviest();
    lines.sort_by_key(|(line, ..)| line.first);
    found.extend(lines.into_iter().filter(|(_, bytes, _)| *bytes > 0).map(|(line, bytes, layers)| LineCost {
        line: Some(line.first),
        instruction: clean::line(&line.one_line()),
        bytes,
        wasted: wasted(&layers),
    }));
    found
}
