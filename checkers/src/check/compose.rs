//! Kind `compose`: a compose file and what it needs. Its text is looked at, then `docker compose config` resolves it, then
//! what it resolves to is judged; only then its images are built, its project started, asked, stopped and started again, as
//! far as the goals need each.

use super::{Check, Context, Submission, Tier, compose_images, compose_profiles, lacking, trouble};
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
    evidence::{Answer, Blocked, ComposeFacts, ComposeFile, ComposeSecretFact, DataFact, Gathered, Leak, key},
    verdict::{Diagnosis, Fact, codes},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Names of a compose file, in the order in which compose looks for them, each with its override's.
const NAMES: [(&str, &str); 4] = [
    ("compose.yaml", "compose.override.yaml"),
    ("compose.yml", "compose.override.yml"),
    ("docker-compose.yml", "docker-compose.override.yml"),
    ("docker-compose.yaml", "docker-compose.override.yaml"),
];
/// Values shorter than this are found everywhere by chance.
const SHORT: usize = 6;
/// How long a service may take to take what is written, and to give it back.
const EXCHANGE: Duration = Duration::from_secs(15);
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
    let blocked = match lacking(check.spec, context.engine) {
        Some(feature) => {
            let feature = Fact::Text(feature.to_owned());
            Err(Blocked::skipped(Diagnosis::new(codes::NEEDS_FEATURE).fact("feature", feature)))
        }
        None if context.cancel.is_cancelled() => return,
        None => compose_images::prepare(check, context, root, &whole).await,
    };
    let images = match blocked {
        Ok(images) => images,
        Err(blocked) => {
            if let Some(facts) = check.evidence.compose.as_deref_mut() {
                facts.up = Err(blocked);
            }
            return;
        }
    };
    if context.cancel.is_cancelled() {
        return;
    }
    check.talk.tier(Tier::Run).await;
    if let Err(blocked) = run(check, context, root, (document, &whole, more), &images).await
        && let Some(facts) = check.evidence.compose.as_deref_mut()
        && facts.up.is_err()
    {
        facts.up = Err(blocked);
    }
    for image in images.built {
        let _ = context.engine.remove_image(&image).await;
    }
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
    let secrets = Secrets::lay(root, whole, &wanted, dir.path())?;
    let (name, labels) = context.engine.project_identity();
    let mut ports: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
    let asked = check.needs.compose.asks.iter().map(|a| (&a.service, a.port));
    for (service, port) in asked.chain(check.needs.compose.data.iter().map(|a| (&a.service, a.port))) {
        ports.entry(service.clone()).or_default().insert(port);
    }
    let ready = Ready {
        project: name.clone(),
        labels,
        images: images.by_service.clone(),
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
        let image = images.by_service.get(service).cloned().unwrap_or_else(|| state.image.clone());
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
            after: None,
            nonce: nonce.clone(),
        };
        silent |= fact.before.is_none();
        written.push((key(ask), fact));
    }
    if silent && let Ok(up) = &mut facts.up {
        // What runs and does not answer may have ended since, or say why.
        up.services = project.look(true).await.map_err(|e| trouble(&e))?;
    }
    if written.iter().any(|(_, fact)| fact.before.is_some()) {
        check.talk.command("docker compose down && docker compose up -d").await;
        project.down(cancel).await.map_err(|e| trouble(&e))?;
        let again = project.up(within, cancel).await.map_err(|e| trouble(&e))?;
        for (ask, (_, fact)) in needs.data.iter().zip(&mut written) {
            fact.after = read_again(project, &again, ask, &fact.nonce, cancel).await.map_err(|e| trouble(&e))?;
        }
    }
    facts.data.extend(written.into_iter().map(|(key, fact)| (key, Ok(fact))));
    for ask in &needs.ends {
        if !ask.crash.is_empty() {
            check.talk.command(&format!("docker compose exec {} {}", ask.service, ask.crash.join(" "))).await;
        }
        // One that has no container is what other goals tell of.
        if let Some(fact) = project.ends(ask, cancel).await.map_err(|e| trouble(&e))? {
            facts.ends.insert(key(ask), Ok(fact));
        }
    }
    Ok(())
}

async fn read_again(
    project: &Project,
    again: &Up,
    ask: &crate::evidence::DataAsk,
    nonce: &str,
    cancel: &CancellationToken,
) -> Result<Answer, EngineError> {
    let Some(state) = again.services.iter().find(|s| s.service == ask.service && s.running) else { return Ok(None) };
    project.ask(state, ask.port, ("GET", &ask.read.replace("{nonce}", nonce)), EXCHANGE, cancel).await
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

/// The submission's secrets and configs as the project gets them: copies, those that a goal asks for with a value of ours.
struct Secrets {
    files: BTreeMap<String, PathBuf>,
    /// The submission's own file → its copy.
    mounts: BTreeMap<PathBuf, PathBuf>,
    /// Variables that secrets are made from.
    env: Vec<(String, String)>,
    /// Wanted file → names of secrets, and the values to look for.
    wanted: BTreeMap<String, (Vec<String>, Vec<String>)>,
}

impl Secrets {
    fn lay(root: &Path, document: &Value, wanted: &BTreeSet<String>, dir: &Path) -> Gathered<Self> {
        let (files, mounts) = (BTreeMap::new(), BTreeMap::new());
        let mut laid = Self { files, mounts, env: Vec::new(), wanted: BTreeMap::new() };
        let mut fresh = format!("chai-{}", uuid::Uuid::new_v4().simple());
        let text = document["services"].to_string();
        for file in wanted {
            let own = reads::text(&root.join(file)).unwrap_or_default();
            let own = own.trim();
            // A value that is written down elsewhere too fails the goal by that alone. The rest is then judged as it works
            // for the learner, instead of failing because one of two services got another password.
            if own.len() >= SHORT && text.contains(own) {
                fresh = own.to_owned();
            }
            let values = [fresh.clone(), own.to_owned()].into_iter().filter(|v| v.len() >= SHORT).collect();
            laid.wanted.insert(file.clone(), (Vec::new(), values));
        }
        for kind in ["secrets", "configs"] {
            for (name, entry) in document[kind].as_object().into_iter().flatten() {
                if let Some(variable) = entry["environment"].as_str() {
                    laid.env.push((variable.to_owned(), fresh.clone()));
                }
                let Some(path) = entry["file"].as_str().map(Path::new) else { continue };
                let asked = wanted.iter().find(|w| root.join(w) == path);
                let content = match asked {
                    Some(_) if path.is_file() => fresh.clone().into_bytes(),
                    _ => fs::read(path).map_err(|e| {
                        let path = path.strip_prefix(root).unwrap_or(path).display();
                        let message = Fact::Text(clean::line(&format!("{kind}.{name}: {path}: {e}")));
                        Blocked::failed(Diagnosis::new(codes::COMPOSE_UP_FAILED).fact("message", message))
                    })?,
                };
                if let Some((names, _)) = asked.and_then(|file| laid.wanted.get_mut(file)) {
                    names.push(name.clone());
                }
                let copy = dir.join(format!("{kind}-{}", laid.files.len()));
                // Readable for whoever the container runs as: that is what a mounted file of the learner's would be.
                fs::write(&copy, content).map_err(|e| super::internal(&e.to_string()))?;
                laid.mounts.insert(path.to_owned(), copy.clone());
                laid.files.insert(format!("{kind}/{name}"), copy);
            }
        }
        Ok(laid)
    }

    /// Where each wanted secret can be read.
    fn facts(&self, up: &Up, facts: &ComposeFacts) -> BTreeMap<String, ComposeSecretFact> {
        let tree = facts.file.as_ref().ok().and_then(|f| Tree::read(&f.text).ok()).unwrap_or_default();
        let fact = |(file, (names, values)): (&String, &(Vec<String>, Vec<String>))| {
            let mut leaks = Vec::new();
            for state in &up.services {
                let config: Value = serde_json::from_str(&state.inspected).unwrap_or_default();
                for (part, place) in [
                    ("Env", "environment"),
                    ("Cmd", "command"),
                    ("Entrypoint", "command"),
                    ("Labels", "labels"),
                    ("Healthcheck", "healthcheck"),
                ] {
                    let text = config[part].to_string();
                    let leak = Leak { service: state.service.clone(), place: place.to_owned() };
                    if values.iter().any(|v| text.contains(v.as_str())) && !leaks.contains(&leak) {
                        leaks.push(leak);
                    }
                }
            }
            let lines: Vec<u32> = values.iter().flat_map(|v| tree.lines_holding(v)).collect();
            if leaks.is_empty() && !lines.is_empty() {
                leaks.push(Leak { service: String::new(), place: "compose.yaml".to_owned() });
            }
            (file.clone(), ComposeSecretFact { names: names.clone(), leaks, lines })
        };
        self.wanted.iter().map(fact).collect()
    }
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
    fn paths_of_the_submission_are_recorded_without_where_it_lay() {
        let made = relative(&serde_json::json!({"a": ["/lab/x/b.txt", "/lab/xy"], "c": "/lab/x"}), Path::new("/lab/x"));
        assert_eq!(made, serde_json::json!({"a": ["./b.txt", "/lab/xy"], "c": "."}));
    }
}
