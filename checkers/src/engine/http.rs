//! Starts a container that serves HTTP and asks it once, from outside, as a user would.
//!
//! The container gets a network of its own. Where the daemon's containers can be reached by address (Linux, same kernel, not
//! rootless) that network is internal: it leads nowhere. Elsewhere (Docker Desktop, colima, rootless) the port is published
//! on 127.0.0.1, which an internal network cannot do; that network gets no masquerading, so that what the container sends
//! out is never answered. Nothing is run inside the container: images from scratch have no tools.

use super::{
    Engine, EngineError, HttpOutcome, HttpRequest, RunOutcome, clean,
    run::{Container, Created, Spec, judge, no_answer},
    sandbox,
};
use bollard::models::{ContainerInspectResponse, NetworkCreateRequest, PortBinding};
use http_body_util::{BodyExt, Empty};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

/// How much of a body is read.
const BODY: usize = 256 << 10;
const ANSWER: Duration = Duration::from_secs(30);
/// A connection that is neither taken nor refused for so long is tried again.
const CONNECT: Duration = Duration::from_secs(2);
/// How long between attempts: short at first, as most servers are up at once.
const PAUSES: [u64; 5] = [10, 20, 50, 100, 200];

/// How the containers of a daemon can be reached from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// By their own addresses.
    Address,
    /// Through ports published on 127.0.0.1.
    Published,
}

impl Engine {
    /// Starts a server and asks it. That it dies or does not answer is an outcome, not an error. Container and network are
    /// gone when this returns, and soon after when the future is dropped.
    pub async fn http(&self, request: HttpRequest, cancel: CancellationToken) -> Result<HttpOutcome, EngineError> {
        let network = Network::create(self, self.reach() == Reach::Address).await?;
        let outcome = tokio::select! {
            outcome = self.http_in(&network.id, &request) => outcome,
            () = cancel.cancelled() => Err(EngineError::Cancelled),
        };
        network.remove().await;
        outcome
    }

    async fn http_in(&self, network: &str, request: &HttpRequest) -> Result<HttpOutcome, EngineError> {
        let port = format!("{}/tcp", request.port);
        let mut host = sandbox::host_config(request.profile, network);
        if self.reach() == Reach::Published {
            let any = PortBinding { host_ip: Some("127.0.0.1".into()), host_port: Some("0".into()) };
            host.port_bindings = Some([(port.clone(), Some(vec![any]))].into());
        }
        let spec =
            Spec { image: &request.image, entrypoint: None, args: &[], env: &request.env, host, exposed: Some(port) };
        let mut outcome = HttpOutcome::default();
        let container = match Container::create(self, spec).await? {
            Created::Container(container) => container,
            Created::Refused(words) => {
                outcome.run.start_error = Some(words);
                return Ok(outcome);
            }
        };
        let mut running = match container.start().await? {
            Ok(running) => running,
            Err(words) => {
                outcome.run = RunOutcome { start_error: Some(words), ..RunOutcome::default() };
                judge(&mut outcome.run, request.profile, &container.inspect().await?, false);
                container.remove().await;
                return Ok(outcome);
            }
        };
        let state = container.inspect().await?;
        let deadline = tokio::time::Instant::from_std(running.began + request.deadline);
        let target = self.target(&state, network, request.port);
        tokio::select! {
            answer = poll(target, request, deadline) => outcome.answer = answer,
            () = running.ended() => {}
        }
        outcome.duration = running.began.elapsed();
        outcome.listening = self.listening(&state).await;
        let timed_out = outcome.answer.is_none() && tokio::time::Instant::now() >= deadline;
        outcome.run = running.finish(&container, timed_out).await?;
        judge(&mut outcome.run, request.profile, &container.inspect().await?, false);
        if outcome.answer.is_some() {
            // It did what it was asked for; what it complained of on the way is no failure.
            outcome.run.limit_hit = None;
        }
        container.remove().await;
        Ok(outcome)
    }

    /// Where to ask. None when the container ended before it had an address.
    fn target(&self, state: &ContainerInspectResponse, network: &str, port: u16) -> Option<(String, u16)> {
        let settings = state.network_settings.as_ref()?;
        match self.reach() {
            Reach::Address => {
                let networks = settings.networks.as_ref()?;
                let address = networks
                    .values()
                    .find(|there| there.network_id.as_deref() == Some(network))
                    .or_else(|| networks.values().next())?
                    .ip_address
                    .clone()?;
                (!address.is_empty()).then_some((address, port))
            }
            Reach::Published => {
                let bindings = settings.ports.as_ref()?.get(&format!("{port}/tcp"))?.as_ref()?;
                let published = bindings.iter().find_map(|binding| binding.host_port.as_ref()?.parse().ok())?;
                Some(("127.0.0.1".into(), published))
            }
        }
    }

    /// Who listens inside, read from the container's network namespace. Only where the daemon's processes are this
    /// machine's.
    async fn listening(&self, state: &ContainerInspectResponse) -> Option<Vec<(u16, bool)>> {
        if self.reach() != Reach::Address {
            return None;
        }
        let pid = state.state.as_ref()?.pid.filter(|pid| *pid > 0)?;
        tokio::task::spawn_blocking(move || {
            let read = |name| fs::read_to_string(format!("/proc/{pid}/net/{name}"));
            let v4 = read("tcp").ok()?;
            Some(listeners(&v4, &read("tcp6").unwrap_or_default()))
        })
        .await
        .ok()?
    }
}

/// Asks until there is an answer or the deadline has passed.
async fn poll(
    target: Option<(String, u16)>,
    request: &HttpRequest,
    deadline: tokio::time::Instant,
) -> Option<(u16, String)> {
    let Some((host, port)) = target else {
        // It has no address: it has ended, which the caller sees.
        tokio::time::sleep_until(deadline).await;
        return None;
    };
    let mut pauses = PAUSES.into_iter();
    let mut pause = PAUSES[0];
    loop {
        match timeout_at(deadline, ask(&host, port, request.port, &request.path)).await {
            Ok(Some(answer)) => return Some(answer),
            Ok(None) => {}
            Err(_) => return None,
        }
        pause = pauses.next().unwrap_or(pause);
        if timeout_at(deadline, sleep(Duration::from_millis(pause))).await.is_err() {
            return None;
        }
    }
}

/// One attempt. A server that takes the connection and closes it without an answer is not up yet.
async fn ask(host: &str, port: u16, inner: u16, path: &str) -> Option<(u16, String)> {
    exchange(host, port, inner, "GET", path).await
}

/// One request, without a body, and its answer.
pub(super) async fn exchange(host: &str, port: u16, inner: u16, method: &str, path: &str) -> Option<(u16, String)> {
    let stream = timeout(CONNECT, TcpStream::connect((host, port))).await.ok()?.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let driver = tokio::spawn(connection);
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("Host", format!("localhost:{inner}"))
        .header("User-Agent", "dockshala")
        .header("Accept", "*/*")
        .header("Connection", "close")
        .body(Empty::<Bytes>::new())
        .ok()?;
    let answer = async {
        let mut response = sender.send_request(request).await.ok()?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(Ok(frame)) = response.frame().await {
            if let Ok(data) = frame.into_data() {
                body.extend_from_slice(&data[..data.len().min(BODY - body.len())]);
            }
            if body.len() >= BODY {
                break;
            }
        }
        Some((status, clean::text(&String::from_utf8_lossy(&body))))
    }
    .await;
    driver.abort();
    answer
}

/// TCP ports with a listener, and whether it can be reached from outside.
fn listeners(v4: &str, v6: &str) -> Vec<(u16, bool)> {
    let mut ports: BTreeMap<u16, bool> = BTreeMap::new();
    for line in v4.lines().chain(v6.lines()) {
        let mut fields = line.split_whitespace().skip(1);
        let (Some(local), Some("0A")) = (fields.next(), fields.nth(1)) else { continue };
        let Some((address, port)) = local.split_once(':') else { continue };
        let Ok(port) = u16::from_str_radix(port, 16) else { continue };
        // Docker's own name server, which sits in every container of a user network.
        if address == "0B00007F" {
            continue;
        }
        *ports.entry(port).or_default() |= !is_loopback(address);
    }
    ports.into_iter().collect()
}

/// An address as /proc writes it: 32-bit words in the machine's byte order, which is little-endian wherever Docker runs.
fn is_loopback(address: &str) -> bool {
    match address.len() {
        8 => address.ends_with("7F"),
        32 => {
            address == "00000000000000000000000001000000"
                || (address.starts_with("0000000000000000FFFF0000") && address.ends_with("7F"))
        }
        _ => false,
    }
}

/// A network of ours, removed when dropped.
pub(super) struct Network {
    engine: Engine,
    pub(super) id: String,
    gone: bool,
}

impl Network {
    /// One that leads nowhere where it is `internal`, and else gets no masquerading.
    pub(super) async fn create(engine: &Engine, internal: bool) -> Result<Self, EngineError> {
        let masquerade = ("com.docker.network.bridge.enable_ip_masquerade".to_owned(), "false".to_owned());
        let body = NetworkCreateRequest {
            name: format!("dockshala-{}", uuid::Uuid::new_v4().simple()),
            driver: Some("bridge".into()),
            internal: Some(internal),
            options: (!internal).then(|| [masquerade].into()),
            labels: Some(engine.labels()),
            ..NetworkCreateRequest::default()
        };
        // As with containers: made in a task, so that its id is never lost.
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let owner = engine.clone();
        tokio::spawn(async move {
            let made = match timeout(ANSWER, owner.docker().create_network(body)).await {
                Ok(Ok(made)) => Ok(Self { engine: owner, id: made.id, gone: false }),
                Ok(Err(error)) => Err(super::daemon_error(error)),
                Err(_) => Err(no_answer("create a network")),
            };
            let _ = sender.send(made);
        });
        receiver.await.map_err(|_| no_answer("create a network"))?
    }

    pub(super) async fn remove(mut self) {
        self.gone = true;
        remove_network(&self.engine, &self.id).await;
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if !self.gone
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (engine, id) = (self.engine.clone(), self.id.clone());
            runtime.spawn(async move { remove_network(&engine, &id).await });
        }
    }
}

/// Its container may be on its way out still: a few attempts.
async fn remove_network(engine: &Engine, id: &str) {
    let began = Instant::now();
    while began.elapsed() < ANSWER {
        match timeout(ANSWER, engine.docker().remove_network(id)).await {
            Ok(Err(bollard::errors::Error::DockerResponseServerError { status_code, .. })) if status_code != 404 => {
                sleep(Duration::from_millis(200)).await;
            }
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_are_read_with_who_can_reach_them() {
        let v4 = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n\
            0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n\
            1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n\
            2: 0B00007F:9C4F 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n\
            3: 020011AC:0050 010011AC:D431 01 00000000:00000000 00:00000000 00000000     0\n";
        let v6 = "header\n\
            0: 00000000000000000000000001000000:0BB8 0:0 0A 0\n\
            1: 00000000000000000000000000000000:0FA0 0:0 0A 0\n\
            2: 0000000000000000FFFF00000100007F:1389 0:0 0A 0\n\
            3: 00000000000000000000000000000000:1F90 0:0 0A 0\n garbage\n";
        assert_eq!(listeners(v4, v6), [(80, true), (3000, false), (4000, true), (5001, false), (8080, true)]);
        assert!(listeners("", "\u{0}:\n: :").is_empty());
    }
}
