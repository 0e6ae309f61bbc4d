//! Cleans up: at start what dead runs left, at the end what this run made, on panic and signals too.
//!
//! A run is dead when its owner is ours (same user, machine, boot, process namespace) and its process is gone; anybody
//! else's only when its lease has passed, as their processes cannot be seen from here. A run's lease ends when the latest
//! of its objects says; a run that goes on renews it with a small volume (labels.rs says why). Nothing without our run label
//! is ever touched, and of images only our own tags: the learner may have tagged what we built.

use super::{
    Engine, EngineError, Host, Inner, Reaped, daemon_error,
    labels::{self, EXPIRES, OWNER, PID, RUN, RUN_SEGMENT, TAGS},
};
use bollard::{
    Docker,
    errors::Error,
    models::VolumeCreateRequest,
    query_parameters::{
        ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder,
        RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder, RemoveVolumeOptionsBuilder,
    },
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError, Weak, atomic::Ordering},
    time::Duration,
};
use tokio::time::{sleep, timeout};

/// How long one question to the daemon may take here.
const ANSWER: Duration = Duration::from_secs(60);

/// Something on the daemon that bears our run label.
#[derive(Debug, Clone)]
struct Found {
    kind: Kind,
    labels: HashMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Container(String),
    /// A name that steps gave to an image, which may be anybody's. It goes before the volume that says that its run lives.
    Tag(String),
    Network(String),
    Volume(String),
    Image {
        id: String,
        tags: Vec<String>,
    },
}

/// The runs of this process that are not closed, for [`reap_this_process`].
static LIVE: Mutex<BTreeMap<uuid::Uuid, Host>> = Mutex::new(BTreeMap::new());

pub(super) fn register(run: uuid::Uuid, host: Host) {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner).insert(run, host);
}

pub(super) fn unregister(run: uuid::Uuid) {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner).remove(&run);
}

/// Removes what this process's runs have made, from a thread of its own, within `limit`: for the panic hook, signal handlers
/// and the end of `main`, where there may be no runtime, or a broken one.
pub fn reap_this_process(limit: Duration) {
    let live = std::mem::take(&mut *LIVE.lock().unwrap_or_else(PoisonError::into_inner));
    if live.is_empty() {
        return;
    }
    let work = move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let all = async {
                for (run, host) in live {
                    if let Ok(docker) = Docker::connect_with_host(&host.to_string())
                        && let Ok(docker) = docker.negotiate_version().await
                    {
                        let run = run.to_string();
                        let _ = remove_where(&docker, |found| found.labels.get(RUN) == Some(&run)).await;
                    }
                }
            };
            let _ = timeout(limit, all).await;
        });
    };
    if let Ok(thread) = std::thread::Builder::new().name("reap".into()).spawn(work) {
        let _ = thread.join();
    }
}

impl Engine {
    /// Removes what dead runs have left. To be called once at the start of a program.
    pub async fn reap(&self) -> Result<Reaped, EngineError> {
        let identity = &self.0.identity;
        let all = find(self.docker()).await?;
        let now = identity.daemon_now();
        let live: HashSet<String> =
            LIVE.lock().unwrap_or_else(PoisonError::into_inner).keys().map(ToString::to_string).collect();
        let dead = dead_runs(&all, now, &identity.owner, &live, labels::is_alive);
        remove(self.docker(), all.into_iter().filter(|found| dead.contains(&found.labels[RUN]))).await
    }

    /// Removes everything that this run made and does not keep. The engine can be used on, but who closes is done.
    pub async fn close(&self) -> Result<Reaped, EngineError> {
        let run = self.0.identity.run.to_string();
        // Held to the end: a lease renewed meanwhile would stay behind.
        let mut lease = self.0.lease.lock().await;
        let reaped = remove_where(self.docker(), |found| found.labels.get(RUN) == Some(&run)).await;
        if reaped.is_ok() {
            *lease = None;
            self.0.made.store(false, Ordering::Relaxed);
            unregister(self.0.identity.run);
        }
        reaped
    }
}

/// Which runs are dead. `live` are this process's own.
fn dead_runs(
    all: &[Found],
    now: i64,
    owner: &str,
    live: &HashSet<String>,
    is_alive: impl Fn(&str) -> bool,
) -> HashSet<String> {
    // Per run: until when, whose, which process. An object without a readable lease is as old as can be.
    let mut runs: BTreeMap<&str, (i64, &str, &str)> = BTreeMap::new();
    for found in all {
        let text = |key: &str| found.labels.get(key).map(String::as_str).unwrap_or_default();
        let expires = text(EXPIRES).parse().unwrap_or(i64::MIN);
        let run = runs.entry(text(RUN)).or_insert((expires, text(OWNER), text(PID)));
        run.0 = run.0.max(expires);
    }
    runs.into_iter()
        .filter(|(run, _)| !live.contains(*run))
        .filter(|(_, (expires, whose, pid))| *expires < now || (*whose == owner && !is_alive(pid)))
        .map(|(run, _)| run.to_owned())
        .collect()
}

async fn ask<T>(question: impl Future<Output = Result<T, Error>>) -> Result<T, EngineError> {
    timeout(ANSWER, question)
        .await
        .map_err(|_| EngineError::Lost(format!("no answer within {} s", ANSWER.as_secs())))?
        .map_err(daemon_error)
}

/// Everything with a run label.
async fn find(docker: &Docker) -> Result<Vec<Found>, EngineError> {
    let filters: HashMap<&str, Vec<&str>> = [("label", vec![RUN])].into();
    // Tags have no labels: whose they are stands in their names. A run whose labelled objects are all gone is dead, and a
    // living one has made a volume before its first tag and keeps it for as long as it has tags. So tags are asked for first:
    // asked last, a tag would be seen of a run whose volume was not there yet when volumes were listed.
    let named = ask(docker.list_images(Some(ListImagesOptionsBuilder::new().build()))).await?;
    let mut all = Vec::new();
    let mut add = |kind, labels: Option<HashMap<String, String>>| {
        // Asked again here: what a daemon makes of a filter must not decide over somebody's data.
        if let Some(labels) = labels.filter(|labels| labels.get(RUN).is_some_and(|run| !run.is_empty())) {
            all.push(Found { kind, labels });
        }
    };
    let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
    for container in ask(docker.list_containers(Some(options))).await? {
        add(Kind::Container(container.id.unwrap_or_default()), container.labels);
    }
    let options = ListNetworksOptionsBuilder::new().filters(&filters).build();
    for network in ask(docker.list_networks(Some(options))).await? {
        add(Kind::Network(network.id.unwrap_or_default()), network.labels);
    }
    let options = ListVolumesOptionsBuilder::new().filters(&filters).build();
    for volume in ask(docker.list_volumes(Some(options))).await?.volumes.unwrap_or_default() {
        add(Kind::Volume(volume.name), Some(volume.labels));
    }
    let options = ListImagesOptionsBuilder::new().filters(&filters).build();
    for image in ask(docker.list_images(Some(options))).await? {
        let tags = image.repo_tags.into_iter().filter(|tag| tag != "<none>:<none>").collect();
        add(Kind::Image { id: image.id, tags }, Some(image.labels));
    }
    for image in named {
        for name in image.repo_tags.into_iter().chain(image.repo_digests) {
            if let Some(run) = run_of_tag(&name) {
                all.push(Found { labels: [(RUN.to_owned(), run)].into(), kind: Kind::Tag(name) });
            }
        }
    }
    Ok(all)
}

/// The run that gave a name to an image.
fn run_of_tag(name: &str) -> Option<String> {
    let (_, rest) = name.split_once(&format!("/{RUN_SEGMENT}"))?;
    let run = rest.split('/').next()?;
    uuid::Uuid::parse_str(run).is_ok().then(|| run.to_owned())
}

/// Removes what a run made that carries a further label: a compose project, while the run goes on.
/// With or without the volumes that have a name.
pub(super) async fn remove_labelled(
    engine: &Engine,
    key: &str,
    value: &str,
    volumes: bool,
) -> Result<Reaped, EngineError> {
    let run = engine.0.identity.run.to_string();
    let ours = |found: &Found| {
        found.labels.get(RUN) == Some(&run)
            && found.labels.get(key).is_some_and(|found| found == value)
            && (volumes || !matches!(found.kind, Kind::Volume(_)))
    };
    remove_where(engine.docker(), ours).await
}

async fn remove_where(docker: &Docker, which: impl Fn(&Found) -> bool) -> Result<Reaped, EngineError> {
    let all = find(docker).await?;
    remove(docker, all.into_iter().filter(which)).await
}

/// Removes in the order in which things hold each other: containers, networks, volumes, images.
async fn remove(docker: &Docker, found: impl Iterator<Item = Found>) -> Result<Reaped, EngineError> {
    let mut kinds: Vec<Kind> = found.map(|found| found.kind).collect();
    kinds.sort();
    let mut reaped = Reaped::default();
    for kind in kinds {
        let (count, result) = match &kind {
            Kind::Container(id) => {
                let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
                (&mut reaped.containers, ask(docker.remove_container(id, Some(options))).await)
            }
            Kind::Tag(name) => (&mut reaped.images, remove_image(docker, name, &[]).await),
            Kind::Network(id) => (&mut reaped.networks, ask(docker.remove_network(id)).await),
            Kind::Volume(name) => {
                let options = RemoveVolumeOptionsBuilder::new().force(true).build();
                (&mut reaped.volumes, ask(docker.remove_volume(name, Some(options))).await)
            }
            Kind::Image { id, tags } => (&mut reaped.images, remove_image(docker, id, tags).await),
        };
        match result {
            Ok(()) => *count += 1,
            Err(EngineError::Lost(why)) => return Err(EngineError::Lost(why)),
            // Somebody else removed it, or is at it.
            Err(EngineError::Daemon(why)) if is_gone(&why) => {}
            Err(_) => reaped.failed += 1,
        }
    }
    Ok(reaped)
}

fn is_gone(why: &str) -> bool {
    let why = why.to_lowercase();
    ["no such", "not found", "already in progress"].iter().any(|sign| why.contains(sign))
}

async fn remove_image(docker: &Docker, id: &str, tags: &[String]) -> Result<(), EngineError> {
    // Untagged parents stay: they may be somebody's.
    let remove = |name: String| async move {
        let options = RemoveImageOptionsBuilder::new().force(true).noprune(true).build();
        ask(docker.remove_image(&name, Some(options), None)).await.map(|_| ())
    };
    if tags.is_empty() {
        return remove(id.to_owned()).await;
    }
    for tag in tags.iter().filter(|tag| tag.starts_with(TAGS)) {
        remove(tag.clone()).await?;
    }
    Ok(())
}

/// Renews a run's lease for as long as its engine lives.
pub(super) async fn renew(inner: Weak<Inner>, lease: Duration) {
    loop {
        sleep(lease / 3).await;
        let Some(inner) = inner.upgrade() else { return };
        let mut held = inner.lease.lock().await;
        // A run that made nothing, or was closed, has nothing to lose.
        if inner.made.load(Ordering::Relaxed) {
            renew_once(&inner, &mut held).await;
        }
    }
}

/// The new one first: there is no moment without a lease.
async fn renew_once(inner: &Arc<Inner>, held: &mut Option<String>) {
    let name = format!("dockshala-lease-{}", uuid::Uuid::new_v4().simple());
    let body = VolumeCreateRequest {
        name: Some(name.clone()),
        labels: Some(inner.identity.labels()),
        ..VolumeCreateRequest::default()
    };
    if ask(inner.docker.create_volume(body)).await.is_err() {
        // Tried again at the next turn; there is one more before the lease ends.
        return;
    }
    if let Some(old) = held.replace(name) {
        let options = RemoveVolumeOptionsBuilder::new().force(true).build();
        let _ = ask(inner.docker.remove_volume(&old, Some(options))).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(run: &str, owner: &str, pid: &str, expires: i64) -> Found {
        let labels = [(RUN, run), (OWNER, owner), (PID, pid), (EXPIRES, &expires.to_string())]
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
        Found { kind: Kind::Container(run.to_owned()), labels: labels.into() }
    }

    #[test]
    fn who_may_be_reaped() {
        let mut no_lease = found("no-lease", "other", "1", 0);
        no_lease.labels.remove(EXPIRES);
        let all = [
            found("ours-dead", "me", "dead", 200),
            found("ours-alive", "me", "alive", 200),
            found("ours-past-lease", "me", "alive", 50),
            found("other-dead-pid", "other", "dead", 200),
            found("other-past-lease", "other", "alive", 50),
            found("other-renewed", "other", "alive", 50),
            found("other-renewed", "other", "alive", 200),
            found("this-process", "me", "alive", 50),
            no_lease,
        ];
        let live = ["this-process".to_owned()].into();
        let mut dead: Vec<_> = dead_runs(&all, 100, "me", &live, |pid| pid == "alive").into_iter().collect();
        dead.sort();
        assert_eq!(dead, ["no-lease", "other-past-lease", "ours-dead", "ours-past-lease"]);
    }

    #[test]
    fn a_tag_says_whose_it_is_and_lives_as_long_as_its_run() {
        let run = uuid::Uuid::now_v7().to_string();
        let name = format!("127.0.0.1:32768/{RUN_SEGMENT}{run}/ds-1/chai-api:1.4");
        assert_eq!(run_of_tag(&name), Some(run.clone()));
        assert_eq!(run_of_tag(&format!("dockshala.local/{RUN_SEGMENT}nonsense/x:1")), None);
        assert_eq!(run_of_tag("dockshala.local/busybox:1.37"), None);
        let tag = || Found { labels: [(RUN.to_owned(), run.clone())].into(), kind: Kind::Tag(name.clone()) };
        let none = HashSet::new();
        let dead = |all: &[Found], live: &HashSet<String>| dead_runs(all, 100, "me", live, |pid| pid == "alive").len();
        assert_eq!(dead(&[tag()], &none), 1, "nothing of its run is left");
        assert_eq!(dead(&[found(&run, "other", "x", 200), tag()], &none), 0);
        assert_eq!(dead(&[found(&run, "other", "x", 50), tag()], &none), 1);
        assert_eq!(dead(&[tag()], &[run.clone()].into()), 0, "this process's");
    }

    #[test]
    fn containers_go_before_what_they_hold() {
        let mut kinds = [
            Kind::Image { id: "i".into(), tags: vec![] },
            Kind::Volume("v".into()),
            Kind::Network("n".into()),
            Kind::Container("c".into()),
        ];
        kinds.sort();
        assert!(matches!(kinds[0], Kind::Container(_)) && matches!(kinds[3], Kind::Image { .. }));
    }
}
