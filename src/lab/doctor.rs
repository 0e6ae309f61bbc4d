//! What this machine has and lacks for the course, as data: `doctor` prints it, a teacher's script reads it.
//!
//! Nothing is changed, nothing is downloaded, and no registry is asked unless the learner says so: on a metered line even a
//! question costs, and in a lab forty machines would ask at once.

use super::{Folder, events_arrive};
use crate::{
    course::Course,
    kit,
    progress::{Dirs, is_network},
};
use dockshala_checkers::{
    engine::{
        Engine, EngineError,
        bases::{Base, resolve},
    },
    spec::Size,
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Works, with something to know.
    Note,
    /// Something of the course does not work.
    Problem,
}

/// One thing that was looked at. Its words are `doctor.TOPIC` with the arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at, with what came of it: `disk.low`.
    pub topic: &'static str,
    /// How bad.
    pub level: Level,
    /// Facts by name.
    pub facts: BTreeMap<&'static str, String>,
}

impl Finding {
    fn new(topic: &'static str, level: Level) -> Self {
        Self { topic, level, facts: BTreeMap::new() }
    }

    fn fact(mut self, name: &'static str, value: impl ToString) -> Self {
        self.facts.insert(name, value.to_string());
        self
    }
}

/// Below this a build of the course may fill the disk.
const DISK_LOW: u64 = 3_000_000_000;
/// Below this, builds crawl.
const MEMORY_LOW: u64 = 500_000_000;

/// Looks at everything but the daemon.
pub fn machine(dirs: Option<&Dirs>, lab: Option<&Path>) -> Vec<Finding> {
    let mut found = vec![
        Finding::new("program", Level::Ok)
            .fact("version", env!("CARGO_PKG_VERSION"))
            .fact("os", std::env::consts::OS)
            .fact("arch", std::env::consts::ARCH),
    ];
    let kernel = std::fs::read_to_string("/proc/version").unwrap_or_default();
    if kernel.to_lowercase().contains("microsoft") {
        found.push(Finding::new("wsl", Level::Note));
    } else if cfg!(windows) {
        found.push(Finding::new("windows", Level::Problem));
    }
    found.extend(disk(dirs));
    if let Some(free) = memory_free() {
        let level = if free < MEMORY_LOW { Level::Problem } else { Level::Ok };
        let topic = if free < MEMORY_LOW { "memory.low" } else { "memory" };
        found.push(Finding::new(topic, level).fact("free", Size(free)));
    }
    found.push(terminal());
    found.push(folder(lab));
    match dirs {
        Some(dirs) if is_network(&dirs.data) => {
            found.push(Finding::new("progress.network", Level::Note).fact("path", dirs.data.display()));
        }
        Some(dirs) => found.push(Finding::new("progress", Level::Ok).fact("path", dirs.data.display())),
        None => found.push(Finding::new("progress.none", Level::Problem)),
    }
    found
}

fn disk(dirs: Option<&Dirs>) -> Vec<Finding> {
    let docker = PathBuf::from("/var/lib/docker");
    let places = [Some(docker), dirs.map(|d| d.data.clone())];
    let mut found: Vec<Finding> = Vec::new();
    for place in places.into_iter().flatten() {
        let Some(at) = place.ancestors().find(|p| p.exists()) else { continue };
        let Some(free) = disk_free(at) else { continue };
        let (topic, level) = if free < DISK_LOW { ("disk.low", Level::Problem) } else { ("disk", Level::Ok) };
        let finding = Finding::new(topic, level).fact("free", Size(free)).fact("path", place.display());
        // One disk is told of once.
        if !found.iter().any(|f| f.facts.get("free") == finding.facts.get("free")) {
            found.push(finding);
        }
    }
    found
}

#[cfg(unix)]
fn disk_free(at: &Path) -> Option<u64> {
    let fs = rustix::fs::statvfs(at).ok()?;
    Some(fs.f_bavail.saturating_mul(fs.f_frsize))
}

#[cfg(not(unix))]
fn disk_free(_: &Path) -> Option<u64> {
    None
}

fn memory_free() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|l| l.starts_with("MemAvailable:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

fn terminal() -> Finding {
    use std::io::IsTerminal;
    let set = |name: &str| std::env::var(name).unwrap_or_default();
    let lang = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().map(set).find(|v| !v.is_empty()).unwrap_or_default();
    let size = crossterm::terminal::size().map_or_else(|_| "?".to_owned(), |(w, h)| format!("{w}x{h}"));
    // The screen draws lines and Devanagari; a terminal that was not told of UTF-8 may show rubbish.
    let utf8 = lang.is_empty() || lang.to_lowercase().replace('-', "").contains("utf8");
    let (topic, level) = if utf8 { ("terminal", Level::Ok) } else { ("terminal.not-utf8", Level::Note) };
    Finding::new(topic, level)
        .fact("term", set("TERM"))
        .fact("colorterm", set("COLORTERM"))
        .fact("size", size)
        .fact("tty", std::io::stdout().is_terminal())
        .fact("lang", lang)
}

fn folder(lab: Option<&Path>) -> Finding {
    let here = Folder::above(Path::new(".")).ok().flatten().map(|lab| lab.root().to_owned());
    let Some(lab) = here.or_else(|| lab.map(Path::to_owned)) else { return Finding::new("lab.none", Level::Note) };
    let at = |topic, level| Finding::new(topic, level).fact("path", lab.display());
    match Folder::open(&lab) {
        Err(error) => return at("lab.damaged", Level::Problem).fact("message", error),
        Ok(None) => return at("lab.gone", Level::Problem),
        Ok(Some(_)) => {}
    }
    match events_arrive(&lab) {
        Ok(true) => at("lab", Level::Ok),
        Ok(false) => at("lab.no-events", Level::Note),
        Err(error) => at("lab.read-only", Level::Problem).fact("message", error),
    }
}

/// Looks at the daemon.
pub async fn daemon(engine: &Engine, course: &Course) -> Result<Vec<Finding>, EngineError> {
    let info = engine.info();
    let mut found = vec![
        Finding::new("engine", Level::Ok)
            .fact("version", &info.version)
            .fact("api", &info.api)
            .fact("system", &info.operating_system)
            .fact("arch", &info.arch)
            .fact("kernel", &info.kernel)
            .fact("host", &info.host)
            .fact("found", &info.found_by),
        Finding::new(if info.containerd_store { "storage.containerd" } else { "storage" }, Level::Ok)
            .fact("storage", &info.storage),
        match info.cgroup {
            2 => Finding::new("cgroup", Level::Ok).fact("cgroup", info.cgroup),
            old => Finding::new("cgroup.old", Level::Note).fact("cgroup", old),
        },
        Finding::new("engine.memory", Level::Ok).fact("memory", Size(info.memory)),
    ];
    if info.podman {
        found.push(Finding::new("podman", Level::Problem));
    } else if !info.buildkit {
        found.push(Finding::new("buildkit.none", Level::Problem).fact("version", &info.version));
    } else {
        found.push(Finding::new("buildkit", Level::Ok));
    }
    found.push(match &info.compose {
        Some(compose) => Finding::new("compose", Level::Ok).fact("compose", compose),
        None => Finding::new("compose.none", Level::Note),
    });
    found.extend(info.warnings.iter().map(|w| Finding::new("engine.warning", Level::Note).fact("warning", w)));
    found.push(images(engine, course).await?);
    Ok(found)
}

/// The images that the exercises may build from, and how many of them are here.
async fn images(engine: &Engine, course: &Course) -> Result<Finding, EngineError> {
    let mut named: Vec<String> = course.exercises().iter().flat_map(|e| e.images.clone()).collect();
    named.retain(|name| name != "scratch" && !name.contains('*'));
    named.sort();
    named.dedup();
    let mut options = kit::options(None);
    options.ask_registry = false;
    let bases = resolve(engine, &named, &options).await?;
    let count = |is: fn(&Base) -> bool| bases.values().filter(|b| is(b)).count();
    let real = count(|b| matches!(b, Base::Present { .. }));
    let stand_ins = count(|b| matches!(b, Base::StandIn { .. }));
    let missing: Vec<&str> = bases.iter().filter(|(_, b)| b.local().is_none()).map(|(n, _)| n.as_str()).collect();
    let (topic, level) = if missing.is_empty() { ("images", Level::Ok) } else { ("images.missing", Level::Problem) };
    Ok(Finding::new(topic, level)
        .fact("all", bases.len())
        .fact("real", real)
        .fact("stand-ins", stand_ins)
        .fact("missing", missing.join(", ")))
}

/// Asks whether Docker Hub's registry answers this machine at all. Only when the learner wants to know.
pub async fn registry() -> Finding {
    const HUB: &str = "registry-1.docker.io";
    let dial = tokio::net::TcpStream::connect((HUB, 443));
    match tokio::time::timeout(Duration::from_secs(5), dial).await {
        Ok(Ok(_)) => Finding::new("registry", Level::Ok).fact("registry", HUB),
        Ok(Err(error)) => Finding::new("registry.none", Level::Note).fact("registry", HUB).fact("message", error),
        Err(_) => Finding::new("registry.none", Level::Note).fact("registry", HUB).fact("message", "5 s"),
    }
}
