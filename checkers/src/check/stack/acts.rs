//! What is done to a running stack, and what becomes of it.

use super::{
    super::leak,
    deploy::PAUSE,
    watch::{STACK, Watch, words},
};
use crate::{
    engine::{
        EngineError, clean,
        swarm::{Node, Swarm},
    },
    evidence::{ActFact, StackAct, TaskFact},
};
use base64::Engine as _;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio::time::{sleep, timeout};

/// How long after a change it is looked for what else comes of it.
const STEADY: Duration = Duration::from_millis(600);
/// One question over the network.
const ASK: u64 = 3;
/// How often a service that does not answer yet is asked again: one that has just started may not listen.
const ATTEMPTS: usize = 3;

/// How many milliseconds an update that came to its end may take until all its tasks run.
const SETTLE: u64 = 20_000;
/// And one that was stopped on the way.
const PAUSED: u64 = 3_000;

/// Values shorter than this are found everywhere by chance.
const SHORT: usize = 4;

/// A secret's values: the check's, which nobody could know before, and what the learner's file holds.
struct Values<'a> {
    fresh: Option<&'a str>,
    own: Option<&'a str>,
}

impl Values<'_> {
    fn in_text(&self, text: &str) -> bool {
        self.fresh.is_some_and(|fresh| text.contains(fresh))
            || text.lines().any(|line| self.own.is_some_and(|own| leak::own_in_text(line.trim(), own)))
    }

    fn in_json(&self, text: &str) -> bool {
        self.fresh.is_some_and(|fresh| text.contains(fresh))
            || self.own.is_some_and(|own| serde_json::from_str(text).is_ok_and(|all| leak::own_in(&all, own)))
    }

    /// In a process's arguments and variables, with a NUL between each.
    fn in_process(&self, text: &str) -> bool {
        text.split('\0').any(|part| self.in_text(part))
    }
}

/// What acts need beside the swarm.
pub(super) struct Stage<'a> {
    pub(super) swarm: &'a Swarm,
    pub(super) watch: &'a mut Watch,
    /// Contents that the files of the submission have, as they were uploaded.
    pub(super) files: &'a BTreeMap<String, String>,
    /// What the same files hold in the learner's folder.
    pub(super) originals: &'a BTreeMap<String, String>,
    pub(super) ip_vs: bool,
}

impl Stage<'_> {
    pub(super) async fn perform(&mut self, act: &StackAct) -> Result<ActFact, EngineError> {
        self.watch.look(self.swarm.manager()).await?;
        self.watch.begin();
        let (began, at) = (Instant::now(), self.watch.now);
        let mut fact = match act {
            StackAct::Read { service, path, file, secret } => self.read(service, path, file, *secret).await?,
            StackAct::Reach { from, to, port, path } => self.reach(from, to, *port, path).await?,
            StackAct::Kill { service, within } => self.kill(service, *within).await?,
            StackAct::Update { service, image, within } | StackAct::Break { service, image, within } => {
                self.update(service, image, *within).await?
            }
            StackAct::Drain { service, within } => self.drain(service, *within).await?,
        };
        fact.at = at;
        fact.took = began.elapsed().as_millis() as u64;
        if !matches!(act, StackAct::Read { .. } | StackAct::Reach { .. }) {
            fact.tasks = self.watch.tasks();
        }
        Ok(fact)
    }

    /// A task of a service that runs, on another node than `not` if there is one, with the node and the container.
    fn task(&self, service: &str, not: Option<&str>) -> Option<(TaskFact, &Node, &super::watch::Place)> {
        let mut all: Vec<&TaskFact> = self.watch.running(service).collect();
        all.sort_by_key(|task| (task.node.as_deref() == not, task.slot));
        let task = *all.first()?;
        let node = self.swarm.node(task.node.as_deref()?)?;
        Some((task.clone(), node, self.watch.places.get(&task.id)?))
    }

    /// Reads through /proc of the node, so that an image needs no tools for it.
    async fn read(&self, service: &str, path: &str, file: &str, secret: bool) -> Result<ActFact, EngineError> {
        let mut fact = ActFact::default();
        let Some((task, node, place)) = self.task(service, None) else { return Ok(fact) };
        let proc = format!("/proc/{}", place.pid);
        // Links of the container lead out of it when they are followed here: they count as not there.
        let script = "[ -f \"$0/root$1\" ] && [ ! -L \"$0/root$1\" ] && head -c 600000 \"$0/root$1\"";
        let got = node.run(&["sh", "-c", script, &proc, path], None).await?;
        let content = got.text();
        fact.target = task.id;
        fact.found = got.exit == 0;
        fact.matches = fact.found && self.files.get(file).is_some_and(|want| want.trim() == content.trim());
        if !secret {
            return Ok(fact);
        }
        let fresh = self.files.get(file).map(|value| value.trim()).filter(|value| value.len() >= SHORT);
        let own = self.originals.get(file).map(|value| value.trim()).filter(|value| value.len() >= SHORT);
        // Without a fresh value in its place the file holds the learner's own.
        let fresh = fresh.filter(|fresh| own != Some(*fresh));
        // The arguments before the variables: one line, as they were typed.
        let both = "tr '\\0' ' ' <\"$0/cmdline\"; printf '\\0'; cat \"$0/environ\"";
        let process = node.run(&["sh", "-c", both, &proc], None).await?.text();
        let manager = self.swarm.manager();
        let full = format!("{STACK}_{service}");
        let format = "{{json .Spec}}";
        let inspected = manager.docker(&["service", "inspect", "--format", format, &full]).await?.text();
        let configs = manager.sh(
            "ids=$(docker config ls -q); [ -z \"$ids\" ] || docker config inspect --format '{{json .Spec.Data}}' $ids",
        );
        let configs: Vec<String> = configs
            .await?
            .text()
            .lines()
            .filter_map(|line| base64::engine::general_purpose::STANDARD.decode(line.trim().trim_matches('"')).ok())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect();
        let image = manager.docker(&["image", "inspect", "--format", "{{json .Config}}", &task.image]).await?.text();
        let value = Values { fresh, own };
        for (place, seen) in [
            ("process", value.in_process(&process)),
            ("service", value.in_json(&inspected)),
            ("config", configs.iter().any(|config| value.in_text(config))),
            ("image", value.in_json(&image)),
        ] {
            if seen {
                fact.seen_in.push(place.to_owned());
            }
        }
        Ok(fact)
    }

    /// Asks from inside a task's network with a program of the node's: the task's image needs none.
    async fn reach(&self, from: &str, to: &str, port: u16, path: &str) -> Result<ActFact, EngineError> {
        let mut fact = ActFact::default();
        let Some((target, ..)) = self.task(to, None) else { return Ok(fact) };
        let Some((task, node, place)) = self.task(from, target.node.as_deref()) else { return Ok(fact) };
        fact.target = task.id.clone();
        fact.across = task.node != target.node;
        let vip = self.watch.services.get(to).is_none_or(|service| service.endpoint != "dnsrr");
        // Where the kernel cannot balance, the service's own name leads to an address that nobody answers at.
        let name = if vip && !self.ip_vs { format!("tasks.{to}") } else { to.to_owned() };
        let url = format!("http://{name}:{port}{path}");
        let probe = "docker image inspect dockshala-probe >/dev/null 2>&1 || tar -C / -c bin/busybox | \
                     docker import -c 'ENTRYPOINT [\"/bin/busybox\"]' - dockshala-probe >/dev/null";
        node.sh(probe).await?.ok("docker import")?;
        let network = format!("--network=container:{}", place.container);
        let wait = ASK.to_string();
        let ask = ["run", "--rm", &network, "dockshala-probe", "wget", "-q", "-T", &wait, "-O", "-", &url];
        for attempt in 0..ATTEMPTS {
            let got = node.docker(&ask).await?;
            fact.found = got.exit == 0;
            fact.said = if fact.found { clean::text(&got.text()).chars().take(400).collect() } else { words(&got) };
            if fact.found || fact.said.contains("bad address") && attempt > 0 {
                break;
            }
            sleep(Duration::from_millis(500)).await;
        }
        Ok(fact)
    }

    async fn kill(&mut self, service: &str, within: u64) -> Result<ActFact, EngineError> {
        let Some((task, node, place)) = self.task(service, None) else { return Ok(ActFact::default()) };
        let container = place.container.clone();
        node.docker(&["kill", &container]).await?.ok("docker kill")?;
        let fact = ActFact { target: task.id.clone(), found: true, ..ActFact::default() };
        let gone = task.id;
        self.until(within, |watch| {
            let back = watch.whole(service) && !watch.running(service).any(|task| task.id == gone);
            (back, !back && watch.hopeless(service))
        })
        .await?;
        Ok(fact)
    }

    async fn update(&mut self, service: &str, image: &str, within: u64) -> Result<ActFact, EngineError> {
        let full = format!("{STACK}_{service}");
        let before = self.watch.updates.get(service).cloned().unwrap_or_default();
        let args = ["service", "update", "--detach", "--no-resolve-image", "--image", image, &full];
        let said = self.swarm.manager().docker(&args).await?;
        if said.exit != 0 {
            return Ok(ActFact { said: words(&said), ..ActFact::default() });
        }
        // The state of the update before it is still told until the new one is begun.
        let begun = Instant::now();
        let mut fresh = before.0.is_empty();
        self.until(within, |watch| {
            fresh |= watch.updates.get(service) != Some(&before) || begun.elapsed() > Duration::from_secs(5);
            (fresh && watch.update_ended(service), false)
        })
        .await?;
        // A rollback is told as completed a moment before its last task runs, on a slow machine a long one. What was paused
        // stays as it is.
        let ended = self.watch.updates.get(service).is_some_and(|(status, _)| status.ends_with("completed"));
        let settle = if ended { SETTLE } else { PAUSED };
        self.until(settle, |watch| (watch.whole(service), false)).await?;
        let (status, said) = self.watch.updates.get(service).cloned().unwrap_or_default();
        Ok(ActFact { status, said, found: true, ..ActFact::default() })
    }

    /// Drains a worker on which the service runs, and makes the node active again afterwards.
    async fn drain(&mut self, service: &str, within: u64) -> Result<ActFact, EngineError> {
        let manager = self.swarm.manager();
        let workers = &self.swarm.nodes()[1..];
        let on = |watch: &Watch, node: &str| watch.running(service).any(|task| task.node.as_deref() == Some(node));
        let Some(node) = workers.iter().find(|node| on(self.watch, &node.name)).or(workers.first()) else {
            return Ok(ActFact::default());
        };
        let name = node.name.clone();
        manager.docker(&["node", "update", "--availability", "drain", &name]).await?.ok("docker node update")?;
        let services: Vec<String> =
            self.watch.services.iter().filter(|(_, s)| !s.global).map(|(name, _)| name.clone()).collect();
        let fact = ActFact { target: name.clone(), found: true, ..ActFact::default() };
        self.until(within, |watch| {
            let empty = !watch.tasks().iter().any(|task| task.runs() && task.node.as_deref() == Some(&name));
            let kept = services.iter().all(|service| watch.whole(service));
            (empty && kept, empty && !kept && services.iter().any(|service| watch.hopeless(service)))
        })
        .await?;
        let drained = fact;
        // The time line as it is now: what comes back to the node later belongs to no goal.
        let tasks = self.watch.tasks();
        manager.docker(&["node", "update", "--availability", "active", &name]).await?.ok("docker node update")?;
        Ok(ActFact { tasks, ..drained })
    }

    /// Looks until it is done and stays so, hopeless, or late.
    async fn until(&mut self, within: u64, mut state: impl FnMut(&Watch) -> (bool, bool)) -> Result<(), EngineError> {
        let manager = self.swarm.manager();
        let watch = &mut *self.watch;
        let look = async {
            let mut since: Option<Instant> = None;
            loop {
                watch.look(manager).await?;
                let (done, hopeless) = state(watch);
                if hopeless {
                    return Ok(());
                }
                match (done, since) {
                    (false, _) => since = None,
                    (true, None) => since = Some(Instant::now()),
                    (true, Some(since)) if since.elapsed() >= STEADY => return Ok(()),
                    (true, Some(_)) => {}
                }
                sleep(PAUSE).await;
            }
        };
        timeout(Duration::from_millis(within), look).await.unwrap_or(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_secret_is_not_seen_in_every_word_that_holds_it() {
        let value = Values { fresh: Some("fresh-1f2e3d"), own: Some("postgres") };
        let right = "postgres -c x=y\0POSTGRES_USER=postgres\0PGDATA=/var/lib/postgresql/data\0";
        assert!(!value.in_process(right));
        assert!(
            !value.in_json(r#"{"TaskTemplate":{"ContainerSpec":{"Image":"postgres:17","Env":["DB_USER=postgres"]}}}"#)
        );
        assert!(!value.in_text("user postgres;\n"));
        assert!(value.in_process("postgres\0POSTGRES_PASSWORD=postgres\0"));
        assert!(value.in_process("app --password postgres\0A=b\0"));
        assert!(value.in_process("app\0ANY=xfresh-1f2e3dx\0"), "a fresh value is nobody else's word");
        assert!(value.in_json(r#"{"Env":["PGPASSWORD=postgres"]}"#));
    }
}
