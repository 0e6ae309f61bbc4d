//! Practice swarms: one or three engines in containers of our own image, joined over a network of ours.
//!
//! A check of swarm always happens in such nodes and never on the learner's own daemon. `docker swarm init` there changes it
//! for everybody who uses it (networks, firewall rules, a swarm that a crash would leave behind), and it could show neither a
//! drained node nor a task that moves. So no path of this program puts a daemon into swarm mode that it did not start itself,
//! and there is nothing to undo after a crash: a node that is left over is a container with our labels.
//!
//! Each check gets nodes of its own. On two cores three of them are up, joined and loaded 3 s after they were asked for, and
//! gone in 1.3 s; keeping them for the next check would mean to wait as long until the last stack's tasks, networks and
//! volumes are truly gone, with the risk that something of one submission is judged in the next.
//!
//! The nodes' network leads nowhere, so that nothing in a stack reaches further than a confined container does. What the
//! kernel must have is `vxlan` and `overlay`. Without `ip_vs` services run and tasks reach each other, but service addresses
//! (VIP) and published ports of the mesh do not answer; [`Swarm::has_ip_vs`] tells, and checks then ask tasks by `tasks.NAME`.

mod node;
mod room;

pub(crate) use node::{Input, Node, Output};
pub use room::{NODE_DISK, NODE_MEMORY, Room, Scarce, Short};

use super::{
    Engine, EngineError,
    bases::{self, Kit, Reference, State},
    daemon_error,
    http::Network,
};
use futures_util::{StreamExt, future::try_join_all};
use hyper::body::Bytes;
use tokio::sync::mpsc;

/// The node's image in the kit.
pub const IMAGE: &str = "swarm-node:1";
/// How often a manager is asked to remember ended tasks of a slot: all of a check's, so that their times can be read.
const HISTORY: &str = "50";
/// Chunks of an image on their way into each node.
const AHEAD: usize = 8;

/// The local name of the node's image where it is here and made by this kit's recipe. Anything else under that name, or
/// of another recipe, is not started privileged.
pub async fn image(engine: &Engine, kit: &Kit) -> Result<Option<String>, EngineError> {
    let Some(stand_in) = Reference::parse(IMAGE).and_then(|name| kit.stand_in(&name)) else { return Ok(None) };
    let states = bases::state(engine, kit).await?;
    let current = states.iter().any(|i| i.stand_in.names == stand_in.names && i.state == State::Current);
    Ok(current.then(|| kit.locals(stand_in).next()).flatten())
}

/// What is free on the daemon's machine.
pub async fn room(engine: &Engine, image: &str) -> Result<Room, EngineError> {
    room::ask(engine, image).await
}

/// A swarm of ours. Its nodes and their network go when it is dropped.
pub(crate) struct Swarm {
    engine: Engine,
    nodes: Vec<Node>,
    // Declared after the nodes: what is dropped last is removed last.
    network: Network,
}

impl Swarm {
    /// Starts so many nodes; the first manages, the others work.
    pub(crate) async fn start(engine: &Engine, image: &str, count: usize) -> Result<Self, EngineError> {
        let network = Network::create(engine, true).await?;
        let names: Vec<String> = (1..=count.max(1)).map(|n| format!("node{n}")).collect();
        let nodes = try_join_all(names.iter().map(|name| Node::start(engine, image, name, &network.id))).await?;
        let swarm = Self { engine: engine.clone(), nodes, network };
        let manager = swarm.manager();
        let address = manager.address.clone();
        let init = ["swarm", "init", "--advertise-addr", &address, "--task-history-limit", HISTORY];
        manager.docker(&init).await?.ok("docker swarm init")?;
        if swarm.nodes.len() > 1 {
            let token =
                manager.docker(&["swarm", "join-token", "-q", "worker"]).await?.ok("docker swarm join-token")?;
            let (token, door) = (token.trim(), format!("{address}:2377"));
            try_join_all(swarm.nodes[1..].iter().map(|node| async {
                let join = ["swarm", "join", "--advertise-addr", &node.address, "--token", token, &door];
                node.docker(&join).await?.ok("docker swarm join")
            }))
            .await?;
        }
        Ok(swarm)
    }

    /// The node that manages.
    pub(crate) fn manager(&self) -> &Node {
        &self.nodes[0]
    }

    /// All of them, the manager first.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// A node by its name.
    pub(crate) fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name == name)
    }

    /// Hands images of the outer engine to every node: pairs of the name here and the name there. They go from stream to
    /// stream, never over a disk of this machine.
    pub(crate) async fn load(&self, images: &[(String, String)]) -> Result<(), EngineError> {
        if images.is_empty() {
            return Ok(());
        }
        let mut here: Vec<&str> = images.iter().map(|(here, _)| here.as_str()).collect();
        here.sort_unstable();
        here.dedup();
        let mut stream = Box::pin(self.engine.docker().export_images(&here));
        let mut pipes = Vec::new();
        let mut loads = Vec::new();
        for node in &self.nodes {
            let (pipe, chunks) = mpsc::channel::<Bytes>(AHEAD);
            pipes.push(pipe);
            let chunks =
                futures_util::stream::unfold(chunks, |mut chunks| async { Some((chunks.recv().await?, chunks)) });
            let input: Input = Box::pin(chunks);
            loads.push(async move {
                node.run(&["docker", "load", "-q"], Some(input)).await?.ok("docker load")?;
                for (here, there) in images {
                    node.docker(&["tag", here, there]).await?.ok("docker tag")?;
                }
                Ok::<_, EngineError>(())
            });
        }
        let feed = async move {
            while let Some(chunk) = stream.next().await {
                let chunk = chunk.map_err(daemon_error)?;
                for pipe in &pipes {
                    // A node that takes no more says why itself.
                    let _ = pipe.send(chunk.clone()).await;
                }
            }
            Ok::<_, EngineError>(())
        };
        tokio::try_join!(feed, try_join_all(loads)).map(drop)
    }

    /// Whether service addresses and the mesh's ports answer here. Asked after a service was made: the kernel loads the
    /// module when an engine first wants it.
    pub(crate) async fn has_ip_vs(&self) -> Result<bool, EngineError> {
        Ok(self.manager().sh("test -e /proc/net/ip_vs").await?.exit == 0)
    }

    /// Removes it and waits for that.
    pub(crate) async fn stop(self) {
        futures_util::future::join_all(self.nodes.into_iter().map(Node::stop)).await;
        self.network.remove().await;
    }
}
