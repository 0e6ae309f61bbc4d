//! Kind `stack`: a file for `docker stack deploy`. It is read, judged and deployed in a swarm of our own, and then things
//! are done to it: tasks are killed, releases rolled out, nodes drained. All of it becomes a time line that goals judge.

mod acts;
mod deploy;
mod refuse;
mod watch;

use super::{Check, Context, Submission, Talk, Tier, internal, trouble, unique};
use crate::{
    compose::tree::Tree,
    engine::{EngineError, clean},
    evidence::{Blocked, Gathered, StackAct, StackFacts, key},
    spec::{Ask, Deploys, Feature, Spec},
    verdict::{Diagnosis, Fact, codes},
};
use acts::Stage;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Duration,
};
use watch::Watch;

/// Stack files over this are not read.
const BIGGEST: u64 = 1 << 20;
/// A whole check of a stack at most; the parts have limits of their own.
const DEADLINE: Duration = Duration::from_secs(600);

/// Gathers what the goals need of a stack.
pub(super) async fn gather(check: &mut Check<'_>, context: Option<&Context<'_>>, submission: &Submission) {
    let ask = deploy::ask(check.spec);
    check.evidence.stack_file = read(&submission.dir, &ask.file);
    check.evidence.stack = Err(Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON)));
    check.judge(Tier::Parse).await;
    let Some(context) = context else { return };
    let Ok(text) = check.evidence.stack_file.clone() else { return };
    check.evidence.stack = Err(Blocked::skipped(Diagnosis::new(codes::CANCELLED)));
    if !check.needs.stack || context.cancel.is_cancelled() {
        return;
    }
    // Podman's API knows no swarm, and its containers hold no such engine.
    if context.engine.info().podman {
        check.evidence.stack = Err(lacks("swarm"));
        return;
    }
    check.talk.tier(Tier::Run).await;
    let cancel = context.cancel.clone();
    let mut tags = Vec::new();
    let work = tokio::time::timeout(DEADLINE, run(check, context, submission, (&ask, &text), &mut tags));
    // Dropping the work removes its nodes, and with them all that goes on inside.
    let late = tokio::select! {
        done = work => done.is_err(),
        () = cancel.cancelled() => false,
    };
    for tag in tags {
        let _ = context.engine.remove_image(&tag).await;
    }
    if late {
        too_late(&mut check.evidence.stack, &check.needs.acts);
    }
}

/// Whatever is missing now is missing because of us; left out, it would read as a check that the learner stopped.
fn too_late(stack: &mut Gathered<StackFacts>, acts: &BTreeSet<StackAct>) {
    let late = || internal(&format!("the check of a stack took over {} s", DEADLINE.as_secs()));
    match stack {
        Err(why) => *why = late(),
        Ok(facts) => {
            for act in acts {
                facts.acts.entry(key(act)).or_insert_with(|| Err(late()));
            }
        }
    }
}

fn lacks(feature: &str) -> Blocked {
    Blocked::skipped(Diagnosis::new(codes::NEEDS_FEATURE).fact("feature", Fact::Text(feature.to_owned())))
}

/// The stack file's text where it can be deployed at all.
fn read(dir: &Path, file: &str) -> Gathered<String> {
    let missing = || Blocked::failed(Diagnosis::new(codes::NO_STACK_FILE).fact("file", Fact::Text(clean::line(file))));
    let broken = |line: u32, message: &str| {
        let message = Fact::Text(clean::line(message));
        Blocked::failed(Diagnosis::new(codes::STACK_SYNTAX).fact("message", message).at([line]))
    };
    let path = dir.join(file);
    let meta = path.symlink_metadata().map_err(|_| missing())?;
    // A link is not followed into the nodes, and a pipe would be read for ever.
    if !meta.is_file() {
        return Err(missing());
    }
    if meta.len() > BIGGEST {
        return Err(broken(1, &format!("over {BIGGEST} bytes")));
    }
    let bytes = fs::read(&path).map_err(|_| missing())?;
    let text = String::from_utf8(bytes).map_err(|_| broken(1, "not UTF-8"))?;
    let tree = Tree::read(&text).map_err(|e| broken(e.line, &e.message))?;
    let services = tree.root().and_then(|root| tree.get(root, "services"));
    match services {
        Some((_, id)) if tree.entries(id).next().is_some() => Ok(text),
        _ => Err(broken(1, "no services")),
    }
}

/// Secrets get a value that nobody can know before the check, in the file that the exercise names.
fn fresh(spec: &Spec) -> BTreeMap<String, String> {
    let secrets = spec.goals.iter().filter_map(|goal| match &goal.ask {
        Ask::ServiceSecret(ask) => Some(ask.file.clone()),
        _ => None,
    });
    secrets.map(|file| (file, format!("fresh-{}", unique()))).collect()
}

async fn run(
    check: &mut Check<'_>,
    context: &Context<'_>,
    submission: &Submission,
    asked: (&Deploys, &str),
    tags: &mut Vec<String>,
) {
    let done = deployed(check, context, submission, asked, tags).await;
    if let Err(blocked) = done {
        check.evidence.stack = Err(blocked);
    }
}

async fn deployed(
    check: &mut Check<'_>,
    context: &Context<'_>,
    submission: &Submission,
    (ask, text): (&Deploys, &str),
    tags: &mut Vec<String>,
) -> Gathered<()> {
    let original = Tree::read(text).map_err(|e| internal(&e.message))?;
    let fresh = fresh(check.spec);
    let archive = deploy::pack(&submission.dir, &fresh)?;
    let talk = check.talk;
    commands(talk, ask).await;
    let (swarm, built) =
        tokio::join!(deploy::swarm(context, ask.nodes, talk), deploy::releases(context, submission, &ask.images, tags));
    match (swarm, built) {
        (Ok(swarm), Ok(built)) => {
            let result = in_swarm(check, context, submission, ask, &original, (&swarm, &built, archive, &fresh)).await;
            swarm.stop().await;
            result
        }
        (Err(blocked), _) | (_, Err(blocked)) => Err(blocked),
    }
}

type Ready<'a> = (&'a crate::engine::swarm::Swarm, &'a [deploy::Built], Vec<u8>, &'a BTreeMap<String, String>);

async fn in_swarm(
    check: &mut Check<'_>,
    context: &Context<'_>,
    submission: &Submission,
    ask: &Deploys,
    original: &Tree,
    (swarm, built, archive, fresh): Ready<'_>,
) -> Gathered<()> {
    let lost = |e: EngineError| trouble(&e);
    let deployed = deploy::deploy(context, swarm, &ask.file, original, archive, built).await?;
    for stand_in in built.iter().flat_map(|b| &b.stand_ins).chain(&deployed.stand_ins) {
        if !check.result.stand_ins.contains(stand_in) {
            check.talk.stand_in(stand_in).await;
            check.result.stand_ins.push(stand_in.clone());
        }
    }
    if !deployed.ignored.is_empty() {
        let lines = deployed.ignored.iter().flat_map(|key| lines_of_key(original, key)).collect::<Vec<_>>();
        let note = Diagnosis::new(codes::NOTE_STACK_IGNORED).fact("keys", Fact::List(deployed.ignored.clone()));
        check.talk.note(note.at(lines)).await;
    }
    let mut watch = Watch::new(swarm).await.map_err(lost)?;
    let within = ask.within.map_or(Duration::from_secs(60), |span| span.0);
    let settled = deploy::settle(&mut watch, swarm, within).await.map_err(lost)?;
    let mut facts = watch.facts(swarm, &deployed.networks);
    facts.settled = settled;
    facts.ip_vs = swarm.has_ip_vs().await.map_err(lost)?;
    let (ip_vs, services) = (facts.ip_vs, facts.services.clone());
    if !ip_vs {
        check.talk.note(Diagnosis::new(codes::NOTE_NO_IP_VS)).await;
    }
    if !ip_vs && check.spec.needs.contains(&Feature::IpVs) {
        return Err(lacks("ip-vs"));
    }
    check.evidence.stack = Ok(facts);
    if !settled {
        return Ok(());
    }
    let originals = contents(&submission.dir, &check.needs.acts);
    let mut files = originals.clone();
    files.extend(fresh.iter().map(|(file, value)| (file.clone(), value.clone())));
    for act in check.needs.acts.clone() {
        let there = |service: &String| services.contains_key(service);
        let (possible, nodes) = match &act {
            StackAct::Reach { from, to, .. } => (there(from) && there(to), 1),
            StackAct::Drain { service, .. } => (there(service), 2),
            StackAct::Read { service, .. }
            | StackAct::Kill { service, .. }
            | StackAct::Update { service, .. }
            | StackAct::Break { service, .. } => (there(service), 1),
        };
        if !possible {
            continue;
        }
        let have = swarm.nodes().len();
        let fact = if have < nodes {
            let diagnosis = Diagnosis::new(codes::NEEDS_NODES).fact("have", Fact::Count(have as u64));
            Err(Blocked::skipped(diagnosis.fact("want", Fact::Count(ask.nodes as u64))))
        } else {
            command(check.talk, &act).await;
            let mut stage = Stage { swarm, watch: &mut watch, files: &files, originals: &originals, ip_vs };
            stage.perform(&act).await.map_err(|e| trouble(&e))
        };
        if let Ok(stack) = &mut check.evidence.stack {
            stack.acts.insert(key(&act), fact);
        }
    }
    Ok(())
}

/// What the files that acts compare with hold in the learner's folder.
fn contents(dir: &Path, acts: &BTreeSet<StackAct>) -> BTreeMap<String, String> {
    let files = acts.iter().filter_map(|act| if let StackAct::Read { file, .. } = act { Some(file) } else { None });
    let read = |file: &String| {
        let path = dir.join(file);
        let small = path.symlink_metadata().is_ok_and(|meta| meta.is_file() && meta.len() < BIGGEST);
        Some((file.clone(), fs::read_to_string(path).ok().filter(|_| small)?))
    };
    files.filter_map(read).collect()
}

/// Lines of a service's key, in whichever services have it.
fn lines_of_key(tree: &Tree, key: &str) -> Vec<u32> {
    let services = tree.root().and_then(|root| tree.get(root, "services"));
    let entries = services.into_iter().flat_map(|(_, id)| tree.entries(id));
    entries.filter_map(|(_, _, service)| Some(tree.get(service, key)?.0)).collect()
}

/// The commands that a check amounts to, for a learner to paste.
async fn commands(talk: &Talk, ask: &Deploys) {
    for (name, release) in &ask.images {
        let args: String = release.args.iter().map(|(k, v)| format!(" --build-arg {k}={v}")).collect();
        talk.command(&format!("docker build -t {name}{args} {}", release.dir)).await;
    }
    talk.command(&format!("docker stack deploy -c {} {}", ask.file, watch::STACK)).await;
    talk.command(&format!("docker stack ps {}", watch::STACK)).await;
}

async fn command(talk: &Talk, act: &StackAct) {
    let stack = watch::STACK;
    let text = match act {
        StackAct::Read { service, path, .. } => {
            format!("docker exec $(docker ps -q -f name={stack}_{service} | head -n 1) cat {path}")
        }
        StackAct::Reach { from, to, port, path } => {
            format!("docker exec $(docker ps -q -f name={stack}_{from} | head -n 1) wget -qO- http://{to}:{port}{path}")
        }
        StackAct::Kill { service, .. } => format!("docker kill $(docker ps -q -f name={stack}_{service} | head -n 1)"),
        StackAct::Update { service, image, .. } | StackAct::Break { service, image, .. } => {
            format!("docker service update --image {image} {stack}_{service}")
        }
        StackAct::Drain { .. } => "docker node update --availability drain node2".to_owned(),
    };
    talk.command(&text).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::ActFact;

    #[test]
    fn acts_that_a_late_check_did_not_come_to_are_not_the_learners_doing() {
        let act = |service: &str| StackAct::Kill { service: service.into(), within: 1 };
        let acts: BTreeSet<StackAct> = [act("done"), act("open")].into();
        let mut stack =
            Ok(StackFacts { acts: [(key(&act("done")), Ok(ActFact::default()))].into(), ..StackFacts::default() });
        too_late(&mut stack, &acts);
        let facts = stack.unwrap();
        assert!(facts.acts[&key(&act("done"))].is_ok());
        assert_eq!(facts.acts[&key(&act("open"))].as_ref().unwrap_err().diagnosis.code, codes::INTERNAL);
        let mut none = Err(Blocked::skipped(Diagnosis::new(codes::CANCELLED)));
        too_late(&mut none, &acts);
        assert_eq!(none.unwrap_err().diagnosis.code, codes::INTERNAL);
    }

    #[test]
    fn what_cannot_be_deployed_is_known_from_the_text() {
        let dir = tempfile::tempdir().unwrap();
        let code = || read(dir.path(), "stack.yaml").map_err(|b| (b.diagnosis.code, b.diagnosis.lines));
        assert_eq!(code().unwrap_err().0, codes::NO_STACK_FILE);
        let path = dir.path().join("stack.yaml");
        for (text, line) in [("services:\n  a:\n    image: x\n   b: 1\n", 4), ("services:\n", 1), ("", 1), ("- a\n", 1)]
        {
            fs::write(&path, text).unwrap();
            assert_eq!(code().unwrap_err(), (codes::STACK_SYNTAX.to_owned(), vec![line]), "{text}");
        }
        fs::write(&path, b"services: \xff").unwrap();
        assert_eq!(code().unwrap_err().0, codes::STACK_SYNTAX);
        fs::write(&path, "services:\n  a: {image: x}\n").unwrap();
        assert!(code().is_ok());
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", &path).unwrap();
        assert_eq!(code().unwrap_err().0, codes::NO_STACK_FILE);
    }
}
