//! Looks at a swarm again and again and puts the time line of its tasks together.

use crate::{
    engine::{
        EngineError, clean,
        swarm::{Node, Output, Swarm},
    },
    evidence::{ServiceFact, StackFacts, TaskFact},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// The stack's name in our nodes.
pub(super) const STACK: &str = "stack";
/// Tasks of a time line at most: a service that restarts without a pause makes several a second.
const TASKS: usize = 1_000;

/// A task's container, which changes from swarm to swarm and is no evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) container: String,
    /// Its first process, as its node counts.
    pub(super) pid: u64,
}

/// What is known of a running stack.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Nodes by their ids.
    nodes: BTreeMap<String, String>,
    /// Services: their names in the stack file by their ids.
    names: BTreeMap<String, String>,
    pub(super) services: BTreeMap<String, ServiceFact>,
    /// Each service's last update, as the swarm tells of it.
    pub(super) updates: BTreeMap<String, (String, String)>,
    /// When the first service was made, in seconds since 1970.
    began: f64,
    tasks: BTreeMap<String, TaskFact>,
    pub(super) places: BTreeMap<String, Place>,
    /// By the swarm's clock, in milliseconds since then.
    pub(super) now: u64,
    from: u64,
}

impl Watch {
    /// Learns the nodes.
    pub(super) async fn new(swarm: &Swarm) -> Result<Self, EngineError> {
        let format = "{{.ID}} {{.Hostname}}";
        let said = swarm.manager().docker(&["node", "ls", "--format", format]).await?.ok("docker node ls")?;
        let nodes = said.lines().filter_map(|line| line.split_once(' '));
        Ok(Self { nodes: nodes.map(|(id, name)| (id.to_owned(), name.to_owned())).collect(), ..Self::default() })
    }

    /// Asks for services and tasks once.
    pub(super) async fn look(&mut self, manager: &Node) -> Result<(), EngineError> {
        // One command in the node for all of it: each costs a round trip of some 50 ms. A task that goes between the two
        // questions makes the second end with an error after it has printed the others.
        let script = format!(
            "date +%s; ids=$(docker stack services -q {STACK} 2>/dev/null); [ -n \"$ids\" ] || exit 0; \
             docker service inspect $ids | tr -d '\\n'; echo; \
             ids=$(docker stack ps -q --no-trunc {STACK} 2>/dev/null); [ -n \"$ids\" ] || exit 0; \
             docker inspect --type task $ids 2>/dev/null | tr -d '\\n'; exit 0"
        );
        let said = manager.sh(&script).await?.ok("docker service inspect")?;
        let mut lines = said.lines();
        let now: f64 = lines.next().and_then(|line| line.trim().parse().ok()).unwrap_or_default();
        let list = |line: Option<&str>| -> Vec<Value> {
            line.and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default()
        };
        self.learn_services(&list(lines.next()));
        self.learn_tasks(&list(lines.next()));
        self.now = self.since(now).max(self.now);
        Ok(())
    }

    /// Milliseconds since the first service was made.
    fn since(&self, seconds: f64) -> u64 {
        ((seconds - self.began).max(0.0) * 1000.0).round() as u64
    }

    fn learn_services(&mut self, services: &[Value]) {
        for service in services {
            let full = text(service, "/Spec/Name");
            let name = full.strip_prefix(STACK).and_then(|rest| rest.strip_prefix('_')).unwrap_or(&full).to_owned();
            let name = clean::line(&name);
            if let Some(made) = time(service, "/CreatedAt")
                && (self.began == 0.0 || made < self.began)
            {
                self.began = made;
            }
            self.names.insert(text(service, "/ID"), name.clone());
            let update = (text(service, "/UpdateStatus/State"), clean::line(&text(service, "/UpdateStatus/Message")));
            self.updates.insert(name.clone(), update);
            self.services.insert(name, fact(service, self.nodes.len() as u64));
        }
    }

    fn learn_tasks(&mut self, tasks: &[Value]) {
        for task in tasks {
            let id = text(task, "/ID");
            let Some(service) = self.names.get(&text(task, "/ServiceID")) else { continue };
            if self.tasks.len() >= TASKS && !self.tasks.contains_key(&id) {
                continue;
            }
            let state = text(task, "/Status/State");
            let at = time(task, "/Status/Timestamp").map(|at| self.since(at));
            let made = time(task, "/CreatedAt").map_or(0, |at| self.since(at));
            let before = self.tasks.get(&id);
            let ended =
                matches!(state.as_str(), "complete" | "shutdown" | "failed" | "rejected" | "orphaned" | "remove");
            let ran = before.and_then(|b| b.ran).or(if state == "running" { at } else { None });
            let container = text(task, "/Status/ContainerStatus/ContainerID");
            if state == "running" && !container.is_empty() {
                let pid = task.pointer("/Status/ContainerStatus/PID").and_then(Value::as_u64).unwrap_or_default();
                self.places.insert(id.clone(), Place { container, pid });
            }
            let error = match text(task, "/Status/Err") {
                words if words.is_empty() && state == "pending" => text(task, "/Status/Message"),
                words => words,
            };
            let fact = TaskFact {
                id: id.clone(),
                service: service.clone(),
                slot: task.pointer("/Slot").and_then(Value::as_u64).unwrap_or_default(),
                node: self.nodes.get(&text(task, "/NodeID")).cloned(),
                image: clean::line(&text(task, "/Spec/ContainerSpec/Image")),
                desired: text(task, "/DesiredState"),
                error: clean::line(&error),
                made,
                ran,
                ended: if ended { before.and_then(|b| b.ended).or(at) } else { None },
                state,
            };
            self.tasks.insert(id, fact);
        }
    }

    /// The tasks so far, oldest first.
    pub(super) fn tasks(&self) -> Vec<TaskFact> {
        let mut tasks: Vec<TaskFact> = self.tasks.values().cloned().collect();
        tasks.sort_by(|a, b| (&a.service, a.made, a.slot, &a.id).cmp(&(&b.service, b.made, b.slot, &b.id)));
        tasks
    }

    /// Tasks of a service that run.
    pub(super) fn running<'a>(&'a self, service: &'a str) -> impl Iterator<Item = &'a TaskFact> {
        self.tasks.values().filter(move |task| task.service == service && task.runs())
    }

    /// All tasks that a service shall have run.
    pub(super) fn whole(&self, service: &str) -> bool {
        let want = self.services.get(service).map_or(0, |service| service.replicas);
        self.running(service).count() as u64 >= want
    }

    /// The service's tasks run and its update, if there was one, has come to an end.
    pub(super) fn update_ended(&self, service: &str) -> bool {
        let ends = ["completed", "paused", "rollback_completed", "rollback_paused"];
        self.updates.get(service).is_some_and(|(state, _)| ends.contains(&state.as_str()))
    }

    /// From now on only what happens counts when it is asked what is hopeless.
    pub(super) fn begin(&mut self) {
        self.from = self.now;
    }

    /// Nothing that is still to come would mend the service: its tasks end again and again, wait for a node that there is
    /// not, or nothing is made in the place of what ended. Programs that end until what they need is there are common, so
    /// each replica may try three times; one that could not even be started will not be the next time either.
    pub(super) fn hopeless(&self, service: &str) -> bool {
        let of = || self.tasks.values().filter(|task| task.service == service);
        let want = self.services.get(service).map_or(0, |service| service.replicas);
        let failed = || of().filter(|task| task.failed() && task.made >= self.from);
        let unstarted = failed().filter(|task| task.ran.is_none() && !task.error.contains("non-zero exit")).count();
        if unstarted >= 3 || failed().count() as u64 >= 3 * want.max(1) {
            return true;
        }
        let waits = |task: &TaskFact| task.state == "pending" && self.now.saturating_sub(task.made) > 3_000;
        if of().any(|task| waits(task) && !task.error.is_empty()) {
            return true;
        }
        let alive = of().filter(|task| task.ended.is_none() && task.desired != "shutdown").count() as u64;
        let last = of().filter_map(|task| task.ended).max().unwrap_or(0);
        alive < want && self.now.saturating_sub(last) > 4_000
    }

    /// The tasks of all services that run, for comparing two looks.
    pub(super) fn up(&self) -> Vec<String> {
        self.tasks.values().filter(|task| task.runs()).map(|task| task.id.clone()).collect()
    }

    /// What is known so far, as evidence.
    pub(super) fn facts(&self, swarm: &Swarm, networks: &BTreeMap<String, Vec<String>>) -> StackFacts {
        let mut services = self.services.clone();
        for (name, service) in &mut services {
            service.networks = networks.get(name).cloned().unwrap_or_default();
        }
        StackFacts {
            nodes: swarm.nodes().iter().map(|node| node.name.clone()).collect(),
            services,
            tasks: self.tasks(),
            took: self.now,
            ..StackFacts::default()
        }
    }
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn time(value: &Value, pointer: &str) -> Option<f64> {
    crate::engine::seconds(value.pointer(pointer)?.as_str()?)
}

/// A service's own words about itself, or what the swarm does where it has none.
fn fact(service: &Value, nodes: u64) -> ServiceFact {
    let or = |pointer: &str, default: &str| match text(service, pointer) {
        found if found.is_empty() => default.to_owned(),
        found => found,
    };
    let names = |pointer: &str, each: &str| -> Vec<String> {
        let list = service.pointer(pointer).and_then(Value::as_array);
        list.into_iter().flatten().map(|entry| clean::line(&text(entry, each))).collect()
    };
    let global = service.pointer("/Spec/Mode/Global").is_some();
    ServiceFact {
        image: clean::line(&text(service, "/Spec/TaskTemplate/ContainerSpec/Image")),
        replicas: match service.pointer("/Spec/Mode/Replicated/Replicas").and_then(Value::as_u64) {
            Some(count) => count,
            None if global => nodes,
            None => 0,
        },
        global,
        restart: or("/Spec/TaskTemplate/RestartPolicy/Condition", "any"),
        parallelism: service.pointer("/Spec/UpdateConfig/Parallelism").and_then(Value::as_u64).unwrap_or(1),
        on_failure: or("/Spec/UpdateConfig/FailureAction", "pause"),
        order: or("/Spec/UpdateConfig/Order", "stop-first"),
        // Ids here; their names in the stack file are known from there.
        networks: Vec::new(),
        secrets: names("/Spec/TaskTemplate/ContainerSpec/Secrets", "/File/Name"),
        configs: names("/Spec/TaskTemplate/ContainerSpec/Configs", "/File/Name"),
        endpoint: or("/Spec/EndpointSpec/Mode", "vip"),
    }
}

/// A command's failure in its own words, for a learner.
pub(super) fn words(output: &Output) -> String {
    let said = if output.stderr.trim().is_empty() { clean::text(&output.text()) } else { output.stderr.clone() };
    said.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn task(id: &str, state: &str, at: &str, error: &str) -> Value {
        let desired = if state == "running" || state == "pending" { "running" } else { "shutdown" };
        json!({"ID": id, "ServiceID": "s", "Slot": 1, "NodeID": "n", "CreatedAt": "2026-11-21T10:00:01Z",
            "DesiredState": desired, "Spec": {"ContainerSpec": {"Image": "i"}},
            "Status": {"State": state, "Timestamp": at, "Err": error,
                "ContainerStatus": {"ContainerID": format!("c-{id}"), "PID": 7}}})
    }

    fn watch() -> Watch {
        let mut watch = Watch { nodes: [("n".to_owned(), "node1".to_owned())].into(), ..Watch::default() };
        watch.learn_services(&[json!({"ID": "s", "CreatedAt": "2026-11-21T10:00:00Z",
            "Spec": {"Name": "stack_web", "Mode": {"Replicated": {"Replicas": 1}}, "TaskTemplate": {"ContainerSpec": {"Image": "i"}}}})]);
        watch
    }

    #[test]
    fn a_time_line_grows_from_look_to_look() {
        let mut watch = watch();
        watch.learn_tasks(&[task("a", "running", "2026-11-21T10:00:02.5Z", "")]);
        assert!(watch.whole("web"));
        assert_eq!(watch.places["a"], Place { container: "c-a".into(), pid: 7 });
        watch.learn_tasks(&[
            task("a", "failed", "2026-11-21T10:00:09Z", "task: non-zero exit (137)"),
            task("b", "running", "2026-11-21T10:00:14Z", ""),
        ]);
        let tasks = watch.tasks();
        assert_eq!((tasks[0].made, tasks[0].ran, tasks[0].ended), (1_000, Some(2_500), Some(9_000)));
        assert_eq!((tasks[1].ran, tasks[1].ended, tasks[1].runs()), (Some(14_000), None, true));
        let service = &watch.services["web"];
        assert_eq!((service.restart.as_str(), service.parallelism, service.on_failure.as_str()), ("any", 1, "pause"));
    }

    #[test]
    fn three_tries_of_each_replica_are_patience_enough_and_what_cannot_start_needs_none() {
        let mut watch = watch();
        let failed = |n: usize, words: &str| -> Vec<Value> {
            (0..n).map(|i| task(&format!("t{i}"), "failed", "2026-11-21T10:00:03Z", words)).collect()
        };
        watch.learn_tasks(&failed(2, "task: non-zero exit (1)"));
        assert!(!watch.hopeless("web"), "it may come up the third time");
        watch.learn_tasks(&failed(3, "task: non-zero exit (1)"));
        assert!(watch.hopeless("web"));
        watch.now = 60_000;
        watch.begin();
        watch.learn_tasks(&[task("ok", "running", "2026-11-21T10:00:05Z", "")]);
        assert!(!watch.hopeless("web"), "what was before does not count against it now");
        let mut waits = watch;
        waits.tasks.clear();
        waits.learn_tasks(&[task("p", "pending", "2026-11-21T10:00:05Z", "no suitable node")]);
        assert!(waits.hopeless("web"));
    }
}
