//! From a submission's folder to a stack that runs: the exercise's releases built, the file judged and deployed, the images
//! that it names handed to the nodes, and then waited for.

use super::{
    super::{Context, Submission, Talk, bases, internal, trouble, unique},
    refuse,
    watch::{STACK, Watch, words},
};
use crate::{
    compose::tree::Tree,
    dockerfile::{self, Dockerfile},
    engine::{
        BuildRequest, EngineError,
        bases::{self as images, Base},
        clean,
        swarm::{Room, Short, Swarm, image, room},
    },
    evidence::{Blocked, Gathered},
    spec::{Ask, Deploys, Release, Spec},
    verdict::{Diagnosis, Fact, StandIn, codes},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::{Duration, Instant},
};
use tokio::{sync::mpsc, time::sleep};

/// Where a submission lies in the manager.
const FOLDER: &str = "/stack";
/// How many files, and bytes, of a submission go into the manager: a stack file with its secrets and configs.
const FILES: usize = 500;
const BYTES: u64 = 8 << 20;
/// How long tasks must stay the same to count as running.
const STEADY: Duration = Duration::from_millis(1_200);
/// How often the swarm is looked at.
pub(super) const PAUSE: Duration = Duration::from_millis(200);

/// The `deploys` goal, on which all others of a stack stand.
pub(super) fn ask(spec: &Spec) -> Deploys {
    spec.goals
        .iter()
        .find_map(|goal| if let Ask::Deploys(ask) = &goal.ask { Some(ask.clone()) } else { None })
        .unwrap_or_default()
}

/// A swarm with as many nodes as the exercise asks for, or with one where there is no room for more.
pub(super) async fn swarm(context: &Context<'_>, nodes: usize, talk: &Talk) -> Gathered<Swarm> {
    let engine = context.engine;
    let node = image(engine, &context.options.bases.kit).await.map_err(|e| trouble(&e))?;
    let Some(node) = node else { return Err(Blocked::broken(Diagnosis::new(codes::SWARM_NODE_MISSING))) };
    let free = room(engine, &node).await.map_err(|e| trouble(&e))?;
    let count = fitting(free, nodes)?;
    if let Err(short) = free.fits(nodes) {
        talk.note(figures(Diagnosis::new(codes::NOTE_FEWER_NODES), &short).fact("have", Fact::Count(count as u64)))
            .await;
    }
    Swarm::start(engine, &node, count).await.map_err(|e| no_node(&e))
}

/// A machine whose daemon may not start privileged containers, as inside another container, lacks something; nothing broke.
fn no_node(error: &EngineError) -> Blocked {
    match error {
        EngineError::Daemon(words)
            if words.contains("could not start") && words.to_lowercase().contains("operation not permitted") =>
        {
            super::lacks("privileged-containers")
        }
        error => trouble(error),
    }
}

/// How many of the nodes fit, or the figures why not one does.
pub(super) fn fitting(free: Room, wanted: usize) -> Gathered<usize> {
    if free.fits(wanted).is_ok() {
        return Ok(wanted);
    }
    match free.fits(1) {
        Ok(()) => Ok(1),
        Err(short) => Err(Blocked::skipped(figures(Diagnosis::new(codes::SWARM_TOO_BIG), &short))),
    }
}

fn figures(diagnosis: Diagnosis, short: &Short) -> Diagnosis {
    diagnosis
        .fact("what", Fact::Text(short.what.name().to_owned()))
        .fact("nodes", Fact::Count(short.nodes as u64))
        .fact("free", Fact::Bytes(short.free))
        .fact("needed", Fact::Bytes(short.needed))
}

/// An image that the exercise builds for its stacks.
#[derive(Debug)]
pub(super) struct Built {
    /// What stack files call it.
    pub(super) name: String,
    /// What it is called on the daemon.
    pub(super) tag: String,
    pub(super) stand_ins: Vec<StandIn>,
}

/// Builds the exercise's own releases: from its starter, so that what a learner changes in their copy of the program decides
/// nothing here. `tags` gets each before it is built, for the caller to remove whatever comes of this.
pub(super) async fn releases(
    context: &Context<'_>,
    submission: &Submission,
    asked: &BTreeMap<String, Release>,
    tags: &mut Vec<String>,
) -> Gathered<Vec<Built>> {
    let root = submission.starter.as_deref().unwrap_or(&submission.dir);
    let mut built = Vec::new();
    for (name, release) in asked {
        let dir = root.join(&release.dir);
        let text = fs::read_to_string(dir.join("Dockerfile"))
            .map_err(|e| internal(&format!("{}/Dockerfile of the exercise: {e}", release.dir)))?;
        let arch = context.engine.info().arch.clone();
        let options = dockerfile::Options { args: release.args.clone(), arch };
        let model = Dockerfile::read(text.as_bytes(), &options).map_err(|e| Blocked::broken(e.diagnosis()))?;
        let target = model.target(None).ok_or_else(|| internal("a release without stages"))?;
        let silent = Talk::silent();
        let ready =
            bases::prepare(&model, target, &[], &context.spec.images, context.engine, &context.options.bases, &silent)
                .await?;
        let tag = context.engine.tag(&unique());
        tags.push(tag.clone());
        let mut request = BuildRequest::new(&dir, ready.dockerfile, &tag);
        request.args.clone_from(&release.args);
        (request.deadline, request.idle) = (context.options.deadline, context.options.idle);
        let outcome = context.engine.build(request, mpsc::channel(1).0, context.cancel.clone()).await;
        let outcome = outcome.map_err(|e| trouble(&e))?;
        if let Some(failure) = outcome.failure {
            return Err(internal(&format!("the exercise's release {name} does not build: {failure:?}")));
        }
        built.push(Built { name: name.clone(), tag, stand_ins: ready.stand_ins });
    }
    Ok(built)
}

/// The submission's files as an archive, those of `fresh` with other content. Links are left out: nothing that a stack file
/// reads should come from elsewhere.
pub(super) fn pack(dir: &Path, fresh: &BTreeMap<String, String>) -> Gathered<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    let (mut count, mut bytes) = (0, 0);
    let unreadable = |path: &Path, message: String| {
        let path = Fact::Text(clean::line(&path.to_string_lossy()));
        let diagnosis = Diagnosis::new(codes::SUBMISSION_UNREADABLE).fact("path", path);
        Blocked::broken(diagnosis.fact("message", Fact::Text(clean::line(&message))))
    };
    let walk = walkdir::WalkDir::new(dir).max_depth(8).sort_by_file_name().into_iter();
    for entry in walk.filter_entry(|e| e.file_name() != ".git") {
        let entry = entry.map_err(|e| unreadable(dir, e.to_string()))?;
        let path = entry.path();
        let Some(name) = path.strip_prefix(dir).ok().filter(|_| entry.file_type().is_file()) else { continue };
        let size = entry.metadata().map_or(0, |meta| meta.len());
        (count, bytes) = (count + 1, bytes + size);
        if count > FILES || bytes > BYTES {
            let diagnosis = Diagnosis::new(codes::CONTEXT_TOO_BIG).fact("size", Fact::Bytes(bytes));
            let biggest = Fact::List(vec![clean::line(&name.to_string_lossy())]);
            return Err(Blocked::failed(diagnosis.fact("limit", Fact::Bytes(BYTES)).fact("biggest", biggest)));
        }
        if fresh.contains_key(name.to_string_lossy().as_ref()) {
            continue;
        }
        let content = fs::read(path).map_err(|e| unreadable(path, e.to_string()))?;
        add(&mut archive, name, &content).map_err(|e| unreadable(path, e.to_string()))?;
    }
    for (name, content) in fresh {
        add(&mut archive, Path::new(name), content.as_bytes())
            .map_err(|e| unreadable(Path::new(name), e.to_string()))?;
    }
    archive.into_inner().map_err(|e| unreadable(dir, e.to_string()))
}

fn add(archive: &mut tar::Builder<Vec<u8>>, name: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_entry_type(tar::EntryType::Regular);
    archive.append_data(&mut header, name, content)
}

/// A stack that was handed to the swarm.
#[derive(Debug, Default)]
pub(super) struct Deployed {
    /// Networks of each service, by their names in the stack file.
    pub(super) networks: BTreeMap<String, Vec<String>>,
    /// Keys that the swarm said it ignores.
    pub(super) ignored: Vec<String>,
    pub(super) stand_ins: Vec<StandIn>,
}

/// Judges the file by what the node's own docker makes of it, hands over its images, and deploys it.
pub(super) async fn deploy(
    context: &Context<'_>,
    swarm: &Swarm,
    file: &str,
    original: &Tree,
    archive: Vec<u8>,
    built: &[Built],
) -> Gathered<Deployed> {
    let manager = swarm.manager();
    let lost = |e: EngineError| trouble(&e);
    manager.upload(FOLDER, archive).await.map_err(lost)?;
    let path = format!("{FOLDER}/{file}");
    let refuse = |found: refuse::Unsafe| {
        let parts: Vec<&str> = found.path.iter().map(String::as_str).collect();
        let diagnosis = Diagnosis::new(codes::STACK_UNSAFE)
            .fact("key", Fact::Text(clean::line(&found.path.join("."))))
            .fact("what", Fact::Text(clean::line(&found.what)));
        Blocked::failed(diagnosis.at(original.line_of(&parts)))
    };
    if let Some(found) = refuse::opens(original) {
        return Err(refuse(found));
    }
    let read = manager.docker(&["stack", "config", "-c", &path]).await.map_err(lost)?;
    if read.exit != 0 {
        return Err(refused(&words(&read), original));
    }
    let config = Tree::read(&read.text()).map_err(|e| internal(&format!("docker stack config: {}", e.message)))?;
    if let Some(found) = refuse::refused(&config, FOLDER) {
        return Err(refuse(found));
    }
    let mut deployed = Deployed { networks: networks(&config), ..Deployed::default() };
    let mut pairs: Vec<(String, String)> = built.iter().map(|b| (b.tag.clone(), b.name.clone())).collect();
    let others: BTreeMap<String, Vec<String>> = named(&config, built);
    let references: Vec<String> = others.keys().cloned().collect();
    let found = images::resolve(context.engine, &references, &context.options.bases).await.map_err(lost)?;
    for (name, services) in &others {
        match found.get(name) {
            Some(Base::Present { local, .. }) => pairs.push((local.clone(), name.clone())),
            Some(Base::StandIn { local, version, .. }) => {
                let by = local.clone();
                deployed.stand_ins.push(StandIn { image: name.clone(), by, version: version.clone() });
                pairs.push((local.clone(), name.clone()));
            }
            _ => {
                let here = built.iter().map(|b| b.name.clone()).chain(context.spec.images.iter().cloned());
                let diagnosis = Diagnosis::new(codes::STACK_IMAGE_UNKNOWN)
                    .fact("image", Fact::Text(clean::line(name)))
                    .fact("available", Fact::List(here.collect()));
                let lines = services.iter().filter_map(|s| original.line_of(&["services", s, "image"]));
                return Err(Blocked::failed(diagnosis.at(lines)));
            }
        }
    }
    swarm.load(&pairs).await.map_err(lost)?;
    let args = ["stack", "deploy", "--detach=true", "--resolve-image", "never", "-c", &path, STACK];
    let said = manager.docker(&args).await.map_err(lost)?;
    if said.exit != 0 {
        return Err(refused(&words(&said), original));
    }
    deployed.ignored = ignored(&said.stderr);
    Ok(deployed)
}

/// The swarm's own refusal. Its words name services and keys; lines are those of the keys that it names.
fn refused(message: &str, original: &Tree) -> Blocked {
    let last = message.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    let dotted = last.split(|c: char| c.is_whitespace() || c == ':' || c == '"' || c == '\'').find(|w| w.contains('.'));
    let line = dotted.and_then(|path| original.line_of(&path.split('.').collect::<Vec<_>>()));
    Blocked::failed(Diagnosis::new(codes::STACK_REFUSED).fact("message", Fact::Text(clean::line(last))).at(line))
}

/// What `Ignoring unsupported options: build, restart` names.
fn ignored(said: &str) -> Vec<String> {
    let listed = said.lines().filter_map(|line| line.trim().strip_prefix("Ignoring ")?.split_once("options: "));
    let names: BTreeSet<String> =
        listed.flat_map(|(_, names)| names.split(", ")).map(|name| clean::line(name.trim())).collect();
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

fn networks(config: &Tree) -> BTreeMap<String, Vec<String>> {
    let Some((_, services)) = config.root().and_then(|root| config.get(root, "services")) else {
        return BTreeMap::new();
    };
    let of = |service| match config.get(service, "networks") {
        Some((_, id)) => config.entries(id).map(|(name, ..)| clean::line(name)).collect(),
        None => vec!["default".to_owned()],
    };
    config.entries(services).map(|(name, _, id)| (clean::line(name), of(id))).collect()
}

/// Images that are not the exercise's own, with the services that name them.
fn named(config: &Tree, built: &[Built]) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let services = config.root().and_then(|root| config.get(root, "services"));
    for (service, _, id) in services.into_iter().flat_map(|(_, id)| config.entries(id)) {
        let image = config.get(id, "image").and_then(|(_, id)| config.text(id)).unwrap_or_default();
        if !built.iter().any(|b| b.name == image) {
            found.entry(image.to_owned()).or_default().push(service.to_owned());
        }
    }
    found
}

/// Waits until every service runs all its tasks, and they stay the same ones for a moment: a program that ends at once runs
/// too, between two looks. Or until a service will not come up.
pub(super) async fn settle(watch: &mut Watch, swarm: &Swarm, within: Duration) -> Result<bool, EngineError> {
    let began = Instant::now();
    let mut whole: Option<(Instant, Vec<String>)> = None;
    loop {
        watch.look(swarm.manager()).await?;
        let names: Vec<String> = watch.services.keys().cloned().collect();
        if !names.is_empty() && names.iter().all(|name| watch.whole(name)) {
            let up = watch.up();
            match &whole {
                Some((since, same)) if *same == up && since.elapsed() >= STEADY => return Ok(true),
                Some((_, same)) if *same == up => {}
                _ => whole = Some((Instant::now(), up)),
            }
        } else {
            whole = None;
        }
        if began.elapsed() > within || names.iter().any(|name| watch.hopeless(name)) {
            return Ok(false);
        }
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{engine::swarm::Scarce, verdict::Verdict};

    #[test]
    fn a_node_that_may_not_start_is_something_that_the_machine_lacks() {
        let words =
            "a node of the swarm could not start: runc create failed: unable to apply caps: operation not permitted";
        let blocked = no_node(&EngineError::Daemon(words.to_owned()));
        assert_eq!((blocked.verdict, blocked.diagnosis.code.as_str()), (Verdict::Skipped, codes::NEEDS_FEATURE));
        let other = no_node(&EngineError::Daemon("a node of the swarm could not start: no such image".to_owned()));
        assert_eq!(other.verdict, Verdict::Broken);
    }

    #[test]
    fn three_nodes_where_there_is_room_else_one_else_none_with_the_figures() {
        let room = |memory: u64| Room { memory: memory << 20, disk: 50 << 30 };
        assert_eq!(fitting(room(2_000), 3), Ok(3));
        assert_eq!(fitting(room(800), 3), Ok(1));
        let blocked = fitting(room(300), 3).unwrap_err();
        assert_eq!((blocked.verdict, blocked.diagnosis.code.as_str()), (Verdict::Skipped, codes::SWARM_TOO_BIG));
        assert_eq!(blocked.diagnosis.facts["free"], Fact::Bytes(300 << 20));
        assert_eq!(blocked.diagnosis.facts["needed"], Fact::Bytes(512 << 20));
        assert_eq!(blocked.diagnosis.facts["what"], Fact::Text(Scarce::Memory.name().into()));
    }

    #[test]
    fn what_the_swarm_ignores_is_read_from_its_words() {
        let said =
            "Ignoring unsupported options: build, restart\n\nIgnoring deprecated options:\n\ncontainer_name: x\n";
        assert_eq!(ignored(said), ["build", "restart"]);
        assert!(ignored("Creating network stack_line\n").is_empty());
    }

    #[test]
    fn a_submission_is_packed_with_its_fresh_secrets_and_without_links() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("stack.yaml"), "services: {}\n").unwrap();
        fs::write(dir.path().join("key.txt"), "old").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("link")).unwrap();
        let archive = pack(dir.path(), &[("key.txt".to_owned(), "new".to_owned())].into()).unwrap();
        let mut seen = BTreeMap::new();
        for entry in tar::Archive::new(archive.as_slice()).entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            std::io::Read::read_to_string(&mut entry, &mut text).unwrap();
            seen.insert(entry.path().unwrap().to_string_lossy().into_owned(), text);
        }
        let want = [("key.txt", "new"), ("stack.yaml", "services: {}\n")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(seen, want.into());
        fs::write(dir.path().join("big"), vec![0; (BYTES + 1) as usize]).unwrap();
        assert_eq!(pack(dir.path(), &BTreeMap::new()).unwrap_err().diagnosis.code, codes::CONTEXT_TOO_BIG);
    }

    #[test]
    fn a_refusal_points_at_the_key_that_its_words_name() {
        let text = "services:\n  web:\n    image: x\n    depends_on: {db: {condition: x}}\n";
        let blocked = refused("services.web.depends_on must be a list", &Tree::read(text).unwrap());
        assert_eq!(
            (blocked.diagnosis.code.as_str(), blocked.diagnosis.lines.as_slice()),
            (codes::STACK_REFUSED, [4].as_slice())
        );
    }
}
