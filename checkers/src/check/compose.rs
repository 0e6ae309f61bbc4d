//! Kind `compose`: a compose file and what it needs. Its text is looked at, then `docker compose config` resolves it, then
//! what it resolves to is judged; only then its images are built, its project started, asked, stopped and started again, as
//! far as the goals need each.

use super::{
    Check, Context, Submission, Tier, compose_images, compose_profiles, compose_secrets::Secrets, lacking, trouble,
};
use crate::{
    compose::{
        reads,
        ready::Ready,
        refuse::{self, Why},
        tree::Tree,
    },
    engine::{
        EngineError, RunRequest, clean,
        compose::{self, Compose, Project, ServiceState, Up},
    },
    evidence::{Answer, Asked, Blocked, ComposeFacts, ComposeFile, DataFact, Gathered, key},
    verdict::{Diagnosis, Fact, codes},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Names of a compose file, in the order in which compose looks for them, each with its override's.
const NAMES: [(&str, &str); 4] = [
    ("compose.yaml", "compose.override.yaml"),
    ("compose.yml", "compose.override.yml"),
    ("docker-compose.yml", "docker-compose.override.yml"),
    ("docker-compose.yaml", "docker-compose.override.yaml"),
];
/// How long a service may take to take what is written, and to give it back.
const EXCHANGE: Duration = Duration::from_secs(15);
/// And how long after it was started again: one that fails until its database is there is started again and again, ever more
/// slowly, and with it the database has to make its files anew where it lost them.
const RETURN: Duration = Duration::from_secs(60);
/// How often the service is looked for in that time.
const RETRY: Duration = Duration::from_secs(3);
/// How long a health check is tried where nothing runs.
const PROBE: Duration = Duration::from_secs(10);

/// The compose file of a folder, as compose would find it.
pub(super) fn file_in(dir: &Path) -> PathBuf {
    let found = NAMES.iter().map(|(name, _)| dir.join(name)).find(|path| path.symlink_metadata().is_ok());
    found.unwrap_or_else(|| dir.join(NAMES[0].0))
}

/// Gathers what the goals need of a compose file and its project.
pub(super) async fn gather(check: &mut Check<'_>, context: Option<&Context<'_>>, submission: &Submission) {
    let no_more = Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON));
    let mut facts = ComposeFacts::none(&no_more);
    let never = CancellationToken::new();
    let cancel = context.map_or(&never, |c| &c.cancel);
    let read = read(&mut facts, context, &submission.dir, cancel).await;
    check.evidence.compose = Some(Box::new(facts));
    let Ok((root, files, document)) = read else { return };
    check.judge(Tier::Parse).await;
    if let Some(context) = context
        && check.needs.compose.up.is_some()
    {
        let more = compose_profiles::resolve(check, &root, &files, cancel).await;
        on_daemon(check, context, &root, &document, &more).await;
    }
}

/// The file, and what it resolves to. What keeps it from being judged is put into the facts.
async fn read(
    facts: &mut ComposeFacts,
    context: Option<&Context<'_>>,
    dir: &Path,
    cancel: &CancellationToken,
) -> Result<(PathBuf, Vec<PathBuf>, Value), ()> {
    let dir = dir.to_owned();
    let looked = tokio::task::spawn_blocking(move || look(&dir)).await;
    let looked = looked.unwrap_or_else(|e| Err(super::internal(&e.to_string())));
    let give_up = |facts: &mut ComposeFacts, why: Blocked| facts.document = Err(why);
    let (root, files, text) = match looked {
        Ok(looked) => looked,
        Err(blocked) => {
            facts.file = Err(blocked.clone());
            give_up(facts, blocked);
            return Err(());
        }
    };
    let name = files[0].file_name().unwrap_or_default().to_string_lossy().into_owned();
    facts.file = Ok(ComposeFile { name: name.clone(), text: text.clone() });
    let judged = async {
        let tree = Tree::read(&text).map_err(|broken| {
            let diagnosis = Diagnosis::new(codes::COMPOSE_SYNTAX)
                .fact("file", Fact::Text(clean::line(&name)))
                .fact("message", Fact::Text(clean::line(&broken.message)));
            Blocked::failed(diagnosis.at([broken.line]))
        })?;
        if let Some(outside) = reads::outside(&root, &files) {
            let code = if outside.variable { codes::COMPOSE_UNCHECKED } else { codes::COMPOSE_OUTSIDE };
            return Err(refused(code, outside.key, &outside.path, outside.line));
        }
        match compose::find(context.map(|c| c.engine)).await {
            Compose::Plugin(version) => facts.compose = version,
            Compose::Old(version) => {
                let version = Fact::Text(clean::line(&version));
                return Err(Blocked::skipped(Diagnosis::new(codes::NEEDS_COMPOSE_V2).fact("version", version)));
            }
            Compose::Missing => return Err(Blocked::skipped(Diagnosis::new(codes::NEEDS_COMPOSE))),
        }
        resolved(&tree, &root, &files, &[], cancel).await
    }
    .await;
    match judged {
        Ok(document) => {
            facts.document = Ok(relative(&document, &root));
            Ok((root, files, document))
        }
        Err(blocked) => {
            give_up(facts, blocked);
            Err(())
        }
    }
}

/// What compose makes of the files with these profiles, where nothing in it is refused.
pub(super) async fn resolved(
    tree: &Tree,
    root: &Path,
    files: &[PathBuf],
    profiles: &[String],
    cancel: &CancellationToken,
) -> Gathered<Value> {
    let resolved = compose::config(root, files, profiles, cancel).await.map_err(|e| trouble(&e))?;
    let document = resolved.document.map_err(|words| {
        let words = words.replace(&*root.to_string_lossy(), ".");
        let lines = blamed(tree, &words);
        Blocked::failed(Diagnosis::new(codes::COMPOSE_INVALID).fact("message", Fact::Text(words)).at(lines))
    })?;
    let refusals = refuse::refusals(&document, root);
    let Some(first) = refusals.first() else { return Ok(document) };
    let code = match first.why {
        Why::Power => codes::COMPOSE_POWER,
        Why::Outside => codes::COMPOSE_OUTSIDE,
        Why::Socket => codes::COMPOSE_SOCKET,
        Why::Unchecked => codes::COMPOSE_UNCHECKED,
    };
    let lines = refusals
        .iter()
        .filter_map(|refusal| tree.line_of(&refusal.path.iter().map(String::as_str).collect::<Vec<_>>()));
    let lines: Vec<u32> = lines.collect();
    Err(refused(code, &first.path.join("."), &first.value, lines))
}

fn refused(code: &str, key: &str, value: &str, lines: impl IntoIterator<Item = u32>) -> Blocked {
    let value: String = clean::line(value).chars().take(120).collect();
    let diagnosis = Diagnosis::new(code).fact("key", Fact::Text(clean::line(key))).fact("value", Fact::Text(value));
    Blocked::failed(diagnosis.at(lines))
}

/// The submission's folder (canonical), its compose files, and the text of the first.
fn look(dir: &Path) -> Gathered<(PathBuf, Vec<PathBuf>, String)> {
    let unreadable = |path: &Path, message: String| {
        Blocked::broken(
            Diagnosis::new(codes::SUBMISSION_UNREADABLE)
                .fact("path", Fact::Text(clean::line(&path.to_string_lossy())))
                .fact("message", Fact::Text(clean::line(&message))),
        )
    };
    let root = dir.canonicalize().map_err(|e| unreadable(dir, e.to_string()))?;
    let found = NAMES.iter().find(|(name, _)| root.join(name).symlink_metadata().is_ok());
    let Some((name, extra)) = found else {
        return Err(Blocked::failed(Diagnosis::new(codes::COMPOSE_FILE_MISSING)));
    };
    let mut files = vec![root.join(name)];
    files.extend(Some(root.join(extra)).filter(|f| f.symlink_metadata().is_ok()));
    // Compose reads variables from it before anything else.
    let variables = Some(root.join(".env")).filter(|f| f.symlink_metadata().is_ok());
    for file in files.iter().chain(&variables) {
        let real = file.canonicalize().map_err(|e| unreadable(file, e.to_string()))?;
        if !real.starts_with(&root) {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            return Err(refused(codes::COMPOSE_OUTSIDE, &name, &real.to_string_lossy(), None));
        }
    }
    let text = reads::text(&files[0]).ok_or_else(|| {
        let diagnosis = Diagnosis::new(codes::COMPOSE_SYNTAX).fact("file", Fact::Text((*name).to_owned()));
        Blocked::failed(diagnosis.fact("message", Fact::Text("not a text file in UTF-8".to_owned())))
    })?;
    Ok((root, files, text))
}

/// Paths below the submission's folder as `./…`: what is recorded must not depend on where it lay.
fn relative(value: &Value, root: &Path) -> Value {
    match value {
        Value::String(text) => {
            let root = root.to_string_lossy();
            match text.strip_prefix(&*root) {
                Some(rest) if rest.is_empty() || rest.starts_with('/') => Value::String(format!(".{rest}")),
                _ => value.clone(),
            }
        }
        Value::Array(items) => items.iter().map(|item| relative(item, root)).collect(),
        Value::Object(entries) => {
            Value::Object(entries.iter().map(|(key, value)| (key.clone(), relative(value, root))).collect())
        }
        other => other.clone(),
    }
}

/// The lines that compose's words about a file mean: a line number, a path of keys, or the name of a service in quotes.
fn blamed(tree: &Tree, words: &str) -> Vec<u32> {
    let numbered = words.split("line ").nth(1).and_then(|rest| {
        rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse::<u32>().ok())
    });
    if let Some(line) = numbered {
        return vec![line];
    }
    let quoted: Vec<&str> = words.split(['"', '\'']).skip(1).step_by(2).collect();
    let path = words.split(|c: char| c.is_whitespace() || c == ':' || c == '\'').find(|word| {
        ["services.", "networks.", "volumes.", "secrets.", "configs."].iter().any(|top| word.starts_with(top))
    });
    if let Some(path) = path {
        let mut parts: Vec<&str> = path.split(['.', '[', ']']).filter(|part| !part.is_empty()).collect();
        // The key that is too many stands behind the path of its parent: bare in older versions, in quotes in newer ones.
        let bare = words.split("roperty ").nth(1).and_then(|rest| rest.split_whitespace().next());
        parts.extend(bare.or(quoted.first().copied()));
        return tree.line_of(&parts).into_iter().collect();
    }
    let services: Vec<u32> = match quoted.as_slice() {
        [service, other, ..] => {
            let key = |key| tree.line_of(&["services", service, key, other]).or_else(|| tree.line_of(&[key, other]));
            key("depends_on").or_else(|| tree.line_of(&["services", service])).into_iter().collect()
        }
        [service] => tree.line_of(&["services", service]).into_iter().collect(),
        [] => Vec::new(),
    };
    services
}

async fn on_daemon(
    check: &mut Check<'_>,
    context: &Context<'_>,
    root: &Path,
    document: &Value,
    more: &compose_profiles::Documents,
) {
    let cancelled = Blocked::skipped(Diagnosis::new(codes::CANCELLED));
    let needs = check.needs.compose.clone();
    // Images and secrets of services that only a profile starts are needed too.
    let whole = compose_profiles::whole(document, more);
    let Some(facts) = check.evidence.compose.as_deref_mut() else { return };
    // Until it is gathered, evidence is missing because the learner stopped the check.
    facts.up = Err(cancelled.clone());
    facts.asked = needs.asks.iter().map(|ask| (key(ask), Err(cancelled.clone()))).collect();
    facts.data = needs.data.iter().map(|ask| (key(ask), Err(cancelled.clone()))).collect();
    facts.ends = needs.ends.iter().map(|ask| (key(ask), Err(cancelled.clone()))).collect();
    facts.profiles = needs.profiles.iter().map(|ask| (key(ask), Err(cancelled.clone()))).collect();
    let mut built = Vec::new();
    let done = start(check, context, root, (document, &whole, more), &mut built).await;
    if let Err(blocked) = done
        && let Some(facts) = check.evidence.compose.as_deref_mut()
    {
        unfinished(facts, &blocked);
    }
    for image in built {
        let _ = context.engine.remove_image(&image).await;
    }
}

/// Has the images at hand, starts the project and does with it what the goals ask for.
async fn start(
    check: &mut Check<'_>,
    context: &Context<'_>,
    root: &Path,
    documents: (&Value, &Value, &compose_profiles::Documents),
    built: &mut Vec<String>,
) -> Gathered<()> {
    if let Some(feature) = lacking(check.spec, context.engine) {
        let feature = Fact::Text(feature.to_owned());
        return Err(Blocked::skipped(Diagnosis::new(codes::NEEDS_FEATURE).fact("feature", feature)));
    }
    if context.cancel.is_cancelled() {
        return Ok(());
    }
    let images = compose_images::prepare(check, context, root, documents.1, built).await?;
    if context.cancel.is_cancelled() {
        return Ok(());
    }
    check.talk.tier(Tier::Run).await;
    run(check, context, root, documents, &images).await
}

/// What stopped the work is why everything is missing that is not there yet: without this a daemon that broke off would read
/// as a learner who stopped the check.
fn unfinished(facts: &mut ComposeFacts, why: &Blocked) {
    fn open<T>(asked: &mut Asked<T>, why: &Blocked) {
        let waiting = |fact: &&mut Gathered<T>| matches!(fact, Err(b) if b.diagnosis.code == codes::CANCELLED);
        asked.values_mut().filter(waiting).for_each(|fact| *fact = Err(why.clone()));
    }
    if facts.up.is_err() {
        facts.up = Err(why.clone());
    }
    open(&mut facts.asked, why);
    open(&mut facts.data, why);
    open(&mut facts.ends, why);
    open(&mut facts.profiles, why);
}

/// Starts the project, asks it, and removes it.
async fn run(
    check: &mut Check<'_>,
    context: &Context<'_>,
    root: &Path,
    (document, whole, more): (&Value, &Value, &compose_profiles::Documents),
    images: &compose_images::Images,
) -> Gathered<()> {
    let dir = folder(context).map_err(|e| super::internal(&e.to_string()))?;
    let wanted = check.needs.compose.secrets.clone();
    let (from, all, to) = (root.to_owned(), whole.clone(), dir.path().to_owned());
    let laid = tokio::task::spawn_blocking(move || Secrets::lay(&from, &all, &wanted, &to)).await;
    let secrets = laid.map_err(|e| super::internal(&e.to_string()))??;
    let (name, labels) = context.engine.project_identity();
    let mut ports: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
    let asked = check.needs.compose.asks.iter().map(|a| (&a.service, a.port));
    for (service, port) in asked.chain(check.needs.compose.data.iter().map(|a| (&a.service, a.port))) {
        ports.entry(service.clone()).or_default().insert(port);
    }
    let ready = Ready {
        project: name.clone(),
        labels,
        images: images.clone(),
        profile: check.spec.profile,
        ports,
        files: secrets.files.clone(),
        mounts: secrets.mounts.clone(),
    };
    let document = ready.document(document);
    let project = Project::open(context.engine, name, dir, &document, secrets.env.clone()).map_err(|e| trouble(&e))?;
    let mut done = exercise(check, context, &project, images, &secrets).await;
    if done.is_ok() {
        done = compose_profiles::start(check, context, &project, more, &ready).await;
    }
    project.remove().await;
    done
}

/// A folder for what compose reads. Beside the checker's cache where there is one: what lies in a home folder can be
/// mounted by daemons in a virtual machine, what lies in /tmp often cannot.
fn folder(context: &Context<'_>) -> std::io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix("dockshala-compose-");
    match &context.options.cache {
        Some(cache) => {
            fs::create_dir_all(cache)?;
            builder.tempdir_in(cache)
        }
        None => builder.tempdir(),
    }
}

async fn exercise(
    check: &mut Check<'_>,
    context: &Context<'_>,
    project: &Project,
    images: &compose_images::Images,
    secrets: &Secrets,
) -> Gathered<()> {
    let cancel = &context.cancel;
    let needs = check.needs.compose.clone();
    let within = Duration::from_millis(needs.up.unwrap_or_default());
    check.talk.command("docker compose up -d").await;
    let up = project.up(within, cancel).await.map_err(|e| trouble(&e))?;
    let mut probes = BTreeMap::new();
    for service in &needs.probes {
        let Some(state) = up.services.iter().find(|s| s.service == *service && !s.test.is_empty()) else { continue };
        let image = images.get(service).cloned().unwrap_or_else(|| state.image.clone());
        probes.insert(service.clone(), probe(context, state, image).await.map_err(|e| trouble(&e))?);
    }
    let Some(facts) = check.evidence.compose.as_deref_mut() else { return Ok(()) };
    facts.probes = probes;
    facts.secrets = secrets.facts(&up, facts);
    facts.moments = project.moments();
    let first = up.services.clone();
    facts.up = Ok(up);
    let of = |service: &str| first.iter().find(|s| s.service == service && s.running);
    let mut silent = false;
    for ask in &needs.asks {
        let Some(state) = of(&ask.service) else { continue };
        check.talk.command(&format!("curl 'http://localhost:{}{}'", ask.port, ask.path)).await;
        let within = Duration::from_millis(ask.within);
        let answer = project.ask(state, ask.port, ("GET", &ask.path), within, cancel).await.map_err(|e| trouble(&e));
        silent |= matches!(answer, Ok(None));
        facts.asked.insert(key(ask), answer);
    }
    let mut written: Vec<(String, DataFact)> = Vec::new();
    for ask in &needs.data {
        let Some(state) = of(&ask.service) else { continue };
        let nonce = nonce();
        let path = |path: &str| path.replace("{nonce}", &nonce);
        let go = |method, path: String| async move {
            project.ask(state, ask.port, (method, &path), EXCHANGE, cancel).await.map_err(|e| trouble(&e))
        };
        let fact = DataFact {
            written: go("POST", path(&ask.write)).await?,
            before: go("GET", path(&ask.read)).await?,
            nonce: nonce.clone(),
            ..DataFact::default()
        };
        silent |= fact.before.is_none();
        written.push((key(ask), fact));
    }
    if silent && let Ok(up) = &mut facts.up {
        // What runs and does not answer may have ended since, or say why.
        up.services = project.look(true).await.map_err(|e| trouble(&e))?;
    }
    let mut second: Option<Up> = None;
    if written.iter().any(|(_, fact)| fact.before.is_some()) {
        check.talk.command("docker compose down && docker compose up -d").await;
        project.down(cancel).await.map_err(|e| trouble(&e))?;
        let mut again = project.up(within, cancel).await.map_err(|e| trouble(&e))?;
        for (ask, (_, fact)) in needs.data.iter().zip(&mut written).filter(|(_, (_, fact))| fact.before.is_some()) {
            fact.after = read_again(project, &mut again, ask, &fact.nonce, cancel).await.map_err(|e| trouble(&e))?;
            // Who does not answer says why, or another service does.
            if fact.after.is_none() {
                again.services = project.look(true).await.map_err(|e| trouble(&e))?;
                fact.again = Some(Box::new(again.clone()));
            }
        }
        second = Some(again);
    }
    facts.data.extend(written.into_iter().map(|(key, fact)| (key, Ok(fact))));
    for ask in &needs.ends {
        if !ask.crash.is_empty() {
            check.talk.command(&format!("docker compose exec {} {}", ask.service, ask.crash.join(" "))).await;
        }
        let fact = project.ends(ask, cancel).await.map_err(|e| trouble(&e))?;
        facts.ends.insert(key(ask), fact.ok_or_else(|| no_container(&ask.service, second.as_ref())));
    }
    Ok(())
}

/// Asks what was written, for as long as the service may still come to answer.
async fn read_again(
    project: &Project,
    again: &mut Up,
    ask: &crate::evidence::DataAsk,
    nonce: &str,
    cancel: &CancellationToken,
) -> Result<Answer, EngineError> {
    let path = ask.read.replace("{nonce}", nonce);
    let began = Instant::now();
    loop {
        let of = again.services.iter().find(|s| s.service == ask.service);
        match of {
            Some(state) if state.running => {
                let answer = project.ask(state, ask.port, ("GET", &path), RETRY, cancel).await?;
                if answer.is_some() {
                    return Ok(answer);
                }
            }
            Some(state) if state.restarting => tokio::select! {
                () = sleep(RETRY) => {}
                () = cancel.cancelled() => return Err(EngineError::Cancelled),
            },
            // Nobody will start it again.
            _ => return Ok(None),
        }
        if began.elapsed() >= RETURN {
            return Ok(None);
        }
        again.services = project.look(false).await?;
    }
}

/// Why there is no container to end: compose made none when it started everything again, or somebody took it away.
fn no_container(service: &str, second: Option<&Up>) -> Blocked {
    let gone = format!("no container of {service}");
    match second {
        Some(up) => {
            let message = Fact::Text(clean::line(up.failed.as_ref().unwrap_or(&gone)));
            Blocked::failed(Diagnosis::new(codes::COMPOSE_UP_FAILED).fact("message", message))
        }
        None => trouble(&EngineError::Daemon(gone)),
    }
}

/// Runs a service's health check in a container of its image in which nothing else runs: one that passes there passes always.
async fn probe(context: &Context<'_>, state: &ServiceState, image: String) -> Result<Option<i64>, EngineError> {
    let words = match state.test.split_first() {
        Some((form, rest)) if form == "CMD-SHELL" => {
            vec!["/bin/sh".to_owned(), "-c".to_owned(), rest.join(" ")]
        }
        Some((_, rest)) => rest.to_vec(),
        None => return Ok(None),
    };
    let request =
        RunRequest { entrypoint: Some(words), env: state.env.clone(), deadline: PROBE, ..RunRequest::new(image) };
    Ok(context.engine.run(request, context.cancel.clone()).await?.exit)
}

/// A number of six digits that no other check has.
fn nonce() -> String {
    let random = uuid::Uuid::new_v4().as_u128() % 900_000;
    (100_000 + random).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("yaml: line 4: did not find expected key", vec![4])]
    #[case("validating ./compose.yaml: services.db additional properties 'imagee' not allowed", vec![6])]
    #[case("validating ./compose.yaml: services.db Additional property imagee is not allowed", vec![6])]
    #[case("service \"api\" depends on undefined service \"database\": invalid compose project", vec![4])]
    #[case("services.api.ports.0 must be a string", vec![3])]
    #[case("nothing that names a place", vec![])]
    fn compose_words_lead_to_lines(#[case] words: &str, #[case] lines: Vec<u32>) {
        let text = "services:\n  api:\n    ports: [1]\n    depends_on: [database]\n  db:\n    imagee: x\n";
        assert_eq!(blamed(&Tree::read(text).unwrap(), words), lines);
    }

    #[test]
    fn a_compose_file_is_found_under_each_of_its_names_and_never_outside() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(look(dir.path()).unwrap_err().diagnosis.code, codes::COMPOSE_FILE_MISSING);
        fs::write(dir.path().join("docker-compose.yml"), "services: {}\n").unwrap();
        assert!(look(dir.path()).unwrap().1[0].ends_with("docker-compose.yml"));
        fs::write(dir.path().join("compose.yaml"), "services: {}\n").unwrap();
        assert!(look(dir.path()).unwrap().1[0].ends_with("compose.yaml"), "compose's own order");
        std::os::unix::fs::symlink("/etc/hostname", dir.path().join(".env")).unwrap();
        assert_eq!(look(dir.path()).unwrap_err().diagnosis.code, codes::COMPOSE_OUTSIDE);
        fs::remove_file(dir.path().join(".env")).unwrap();
        fs::write(dir.path().join("compose.yaml"), [0xff, 0xfe, 0]).unwrap();
        assert_eq!(look(dir.path()).unwrap_err().diagnosis.code, codes::COMPOSE_SYNTAX);
    }

    #[test]
    fn what_broke_off_is_told_of_all_that_is_missing_and_of_nothing_else() {
        let stopped = Blocked::skipped(Diagnosis::new(codes::CANCELLED));
        let broken = trouble(&EngineError::Daemon("it went away".into()));
        let mut facts = ComposeFacts::none(&stopped);
        facts.up = Ok(Up::default());
        facts.asked = [("a".to_owned(), Ok(None)), ("b".to_owned(), Err(stopped.clone()))].into();
        facts.data = [("d".to_owned(), Err(stopped.clone()))].into();
        facts.ends = [("e".to_owned(), Err(stopped.clone()))].into();
        facts.profiles = [("p".to_owned(), Err(stopped.clone()))].into();
        unfinished(&mut facts, &broken);
        assert_eq!((&facts.asked["a"], facts.asked["b"].as_ref().unwrap_err()), (&Ok(None), &broken));
        assert_eq!(facts.data["d"].as_ref().unwrap_err(), &broken);
        assert_eq!(facts.ends["e"].as_ref().unwrap_err(), &broken);
        assert_eq!(facts.profiles["p"].as_ref().unwrap_err(), &broken);
        assert!(facts.up.is_ok(), "what was seen was seen");
        facts.up = Err(stopped);
        unfinished(&mut facts, &broken);
        assert_eq!(facts.up.unwrap_err(), broken);
    }

    #[test]
    fn a_container_that_compose_made_no_second_time_is_not_a_stopped_check() {
        let failed = Up { failed: Some("no space left".into()), ..Up::default() };
        assert_eq!(no_container("db", Some(&failed)).diagnosis.code, codes::COMPOSE_UP_FAILED);
        assert_eq!(no_container("db", None).diagnosis.code, codes::DAEMON_ERROR);
    }

    #[test]
    fn paths_of_the_submission_are_recorded_without_where_it_lay() {
        let made = relative(&serde_json::json!({"a": ["/lab/x/b.txt", "/lab/xy"], "c": "/lab/x"}), Path::new("/lab/x"));
        assert_eq!(made, serde_json::json!({"a": ["./b.txt", "/lab/xy"], "c": "."}));
    }
}
