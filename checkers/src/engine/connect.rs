//! Finds the Docker daemon the way the docker CLI would, and further where the CLI gives up.
//!
//! Order: the caller's `--docker-host`, DOCKER_HOST, DOCKER_CONTEXT, `currentContext` of config.json, the default socket,
//! then the sockets of Docker Desktop, colima, OrbStack, Rancher Desktop, rootless Docker and podman. Something that was
//! *named* (the first four) is final: falling through from a daemon that the learner chose to another that happens to run
//! would judge on the wrong one. Only where nothing is named are the usual places probed, in a fixed order.
//!
//! bollard's own `connect_with_defaults` is not used: 0.21 reads DOCKER_HOST alone.

use super::{EngineError, Refused};
use bollard::{API_DEFAULT_VERSION, Docker};
use sha2::{Digest, Sha256};
use std::{
    env, fmt, io,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

/// How long a daemon may take to accept a connection.
const DIAL: Duration = Duration::from_secs(5);
/// How long it may take to answer the first question; a Docker Desktop that wakes up needs seconds.
const FIRST_ANSWER: Duration = Duration::from_secs(15);
/// How long any later answer's head may take. Streams (builds, logs, waits) have deadlines of their own.
const ANSWER: u64 = 120;

/// How to find the daemon.
#[derive(Debug, Clone, Default)]
pub struct ConnectOptions {
    /// `--docker-host`: goes before everything else.
    pub host: Option<String>,
    /// Also ask which compose command there is ([`super::EngineInfo::compose`]). It starts up to two processes (0.1 s), so
    /// only what needs compose asks.
    pub compose: bool,
    /// How long what this run makes is safe from other users' cleaning without being renewed (30 minutes). It is renewed
    /// for as long as the engine lives.
    pub lease: Option<Duration>,
    /// Ask servers through ports published on 127.0.0.1 even where their own addresses look reachable: for a program that
    /// runs in a container itself, on a network that the daemon keeps apart from others.
    pub publish: bool,
    /// Where to look instead of this process's environment.
    pub surroundings: Option<Surroundings>,
}

/// What of the environment decides where the daemon is. Taken as a value, so that tests need not change the process's own.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// `DOCKER_HOST`
    pub docker_host: Option<String>,
    /// `DOCKER_CONTEXT`
    pub docker_context: Option<String>,
    /// `DOCKER_CONFIG`
    pub docker_config: Option<PathBuf>,
    /// `DOCKER_TLS_VERIFY` is set and not empty.
    pub tls: bool,
    /// `HOME`
    pub home: Option<PathBuf>,
    /// `XDG_RUNTIME_DIR`
    pub runtime_dir: Option<PathBuf>,
    /// The default socket and podman's, which tests move.
    pub system_sockets: Vec<(&'static str, PathBuf)>,
}

impl Surroundings {
    /// This process's own.
    pub fn of_this_process() -> Self {
        let text = |name| env::var(name).ok().filter(|value: &String| !value.is_empty());
        let path = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Self {
            docker_host: text("DOCKER_HOST"),
            docker_context: text("DOCKER_CONTEXT"),
            docker_config: path("DOCKER_CONFIG"),
            tls: text("DOCKER_TLS_VERIFY").is_some(),
            home: path("HOME"),
            runtime_dir: path("XDG_RUNTIME_DIR"),
            system_sockets: vec![
                ("default socket", "/var/run/docker.sock".into()),
                ("podman", "/run/podman/podman.sock".into()),
            ],
        }
    }

    /// The docker CLI's configuration folder.
    pub fn config_dir(&self) -> Option<PathBuf> {
        self.docker_config.clone().or_else(|| Some(self.home.as_ref()?.join(".docker")))
    }

    /// Sockets to probe when nothing is named: who would own it, and where.
    fn usual_sockets(&self) -> Vec<(&'static str, PathBuf)> {
        let mut sockets: Vec<_> = self.system_sockets.iter().filter(|(who, _)| *who != "podman").cloned().collect();
        if let Some(dir) = &self.runtime_dir {
            sockets.push(("rootless Docker", dir.join("docker.sock")));
        }
        if let Some(home) = &self.home {
            for (who, path) in [
                ("Docker Desktop", ".docker/run/docker.sock"),
                ("Docker Desktop", ".docker/desktop/docker.sock"),
                ("colima", ".colima/default/docker.sock"),
                ("colima", ".config/colima/default/docker.sock"),
                ("OrbStack", ".orbstack/run/docker.sock"),
                ("Rancher Desktop", ".rd/docker.sock"),
            ] {
                sockets.push((who, home.join(path)));
            }
        }
        // Podman last: it answers Docker's API but cannot build with BuildKit.
        if let Some(dir) = &self.runtime_dir {
            sockets.push(("podman", dir.join("podman/podman.sock")));
        }
        sockets.extend(self.system_sockets.iter().filter(|(who, _)| *who == "podman").cloned());
        sockets
    }
}

/// A daemon's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A socket file.
    Unix(PathBuf),
    /// `host:port`, plain.
    Tcp(String),
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp(address) => write!(f, "tcp://{address}"),
        }
    }
}

impl Host {
    /// Reads what DOCKER_HOST may say.
    pub fn parse(text: &str, tls: bool) -> Result<Self, Refused> {
        if let Some(path) = text.strip_prefix("unix://") {
            return if path.is_empty() { Err(Refused::Scheme) } else { Ok(Self::Unix(path.into())) };
        }
        if let Some(address) = text.strip_prefix("tcp://").or_else(|| text.strip_prefix("http://")) {
            if tls {
                return Err(Refused::Tls);
            }
            let address = address.trim_end_matches('/');
            if address.is_empty() || address.contains('/') {
                return Err(Refused::Scheme);
            }
            // An IPv6 address's own colons stand in brackets; what follows the last bracket holds the port.
            let has_port = address.rsplit(']').next().is_some_and(|rest| rest.contains(':'));
            return Ok(Self::Tcp(if has_port { address.to_owned() } else { format!("{address}:2375") }));
        }
        Err(match text.split_once("://").map(|(scheme, _)| scheme) {
            Some("ssh") => Refused::Ssh,
            Some("https") => Refused::Tls,
            Some("npipe") => Refused::NamedPipe,
            _ => Refused::Scheme,
        })
    }

    /// Another connection of our own, beside bollard's.
    pub(crate) async fn dial(&self) -> io::Result<Box<dyn Duplex>> {
        let open = async {
            Ok::<Box<dyn Duplex>, io::Error>(match self {
                #[cfg(unix)]
                Self::Unix(path) => Box::new(tokio::net::UnixStream::connect(path).await?),
                #[cfg(not(unix))]
                Self::Unix(_) => return Err(io::ErrorKind::Unsupported.into()),
                Self::Tcp(address) => Box::new(tokio::net::TcpStream::connect(address).await?),
            })
        };
        timeout(DIAL, open).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// A connection turned into BuildKit's gRPC (`POST /grpc`, upgraded to h2c).
    pub(crate) async fn dial_grpc(&self) -> io::Result<Box<dyn Duplex>> {
        let mut stream = self.dial().await?;
        let ask = async {
            stream
                .write_all(
                    b"POST /grpc HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n",
                )
                .await?;
            read_upgrade(&mut stream).await
        };
        timeout(DIAL, ask).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
        Ok(stream)
    }
}

/// Reads the answer to a request for an upgrade, up to where the other protocol begins.
pub(crate) async fn read_upgrade(stream: &mut (dyn Duplex + '_)) -> io::Result<()> {
    // One byte at a time: what follows the head belongs to HTTP/2, and a buffer would swallow it.
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
        if head.len() > 8192 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "endless response head"));
        }
    }
    if head.starts_with(b"HTTP/1.1 101") {
        return Ok(());
    }
    let head = String::from_utf8_lossy(&head);
    Err(io::Error::new(io::ErrorKind::Unsupported, head.lines().next().unwrap_or_default().to_owned()))
}

/// What reads and writes.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

/// A daemon that answers.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) docker: Docker,
    pub(crate) host: Host,
    pub(crate) found_by: String,
}

/// Where a daemon may be, in the order to try.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    host: Host,
    found_by: String,
}

/// Finds a daemon that answers, with the API version agreed on.
pub(crate) async fn find(options: &ConnectOptions) -> Result<Found, EngineError> {
    let here = options.surroundings.clone().unwrap_or_else(Surroundings::of_this_process);
    let host = options.host.clone();
    let candidates = tokio::task::spawn_blocking(move || candidates(host.as_deref(), &here))
        .await
        .map_err(|error| EngineError::Lost(error.to_string()))??;
    let mut tried = Vec::new();
    let mut forbidden = None;
    for Candidate { host, found_by } in candidates {
        match open(&host).await {
            Ok(docker) => return Ok(Found { docker, host, found_by }),
            Err(error) => {
                if error.kind() == io::ErrorKind::PermissionDenied && forbidden.is_none() {
                    forbidden = Some(host.to_string());
                }
                tried.push(format!("{host} ({found_by}): {error}"));
            }
        }
    }
    Err(match forbidden {
        Some(socket) => EngineError::Permission { socket },
        None => EngineError::Down { tried },
    })
}

async fn open(host: &Host) -> io::Result<Docker> {
    // Our own connection first: it tells a missing socket from a forbidden one, which bollard's error does not.
    drop(host.dial().await?);
    let docker = Docker::connect_with_host(&host.to_string()).map_err(io::Error::other)?;
    let docker = timeout(FIRST_ANSWER, docker.negotiate_version())
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
        .map_err(|error| io::Error::other(error.to_string()))?;
    debug_assert!(docker.client_version() <= *API_DEFAULT_VERSION);
    Ok(docker.with_timeout(Duration::from_secs(ANSWER)))
}

fn candidates(host: Option<&str>, here: &Surroundings) -> Result<Vec<Candidate>, EngineError> {
    let named = |text: &str, found_by: String, tls| {
        Host::parse(text, tls)
            .map(|host| vec![Candidate { host, found_by }])
            .map_err(|why| EngineError::Unusable { place: text.to_owned(), why })
    };
    if let Some(text) = host {
        return named(text, "--docker-host".into(), here.tls);
    }
    if let Some(text) = &here.docker_host {
        return named(text, "DOCKER_HOST".into(), here.tls);
    }
    let config_dir = here.config_dir();
    let context = match &here.docker_context {
        Some(name) => Some(name.clone()),
        None => match &config_dir {
            Some(dir) => current_context(dir)?,
            None => None,
        },
    };
    if let Some(name) = context.filter(|name| name != "default") {
        let place = format!("context {name}");
        let refuse = |why| EngineError::Unusable { place: place.clone(), why };
        let dir = config_dir.ok_or_else(|| refuse(Refused::UnknownContext))?;
        let (text, tls) = context_host(&dir, &name).map_err(refuse)?;
        return Host::parse(&text, tls).map(|host| vec![Candidate { host, found_by: place.clone() }]).map_err(refuse);
    }
    Ok(here
        .usual_sockets()
        .into_iter()
        .map(|(who, path)| Candidate { host: Host::Unix(path), found_by: who.to_owned() })
        .collect())
}

/// `currentContext` of config.json. A file that is not there says nothing; one that is damaged is refused, as docker does.
fn current_context(dir: &Path) -> Result<Option<String>, EngineError> {
    #[derive(serde::Deserialize)]
    struct Config {
        #[serde(rename = "currentContext")]
        current: Option<String>,
    }
    let path = dir.join("config.json");
    let refuse = |why| EngineError::Unusable { place: path.display().to_string(), why };
    match read_bounded(&path) {
        Ok(bytes) => match serde_json::from_slice::<Config>(&bytes) {
            Ok(config) => Ok(config.current.filter(|name| !name.is_empty())),
            Err(_) => Err(refuse(Refused::DamagedConfig)),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        // Another user's file, or a folder of that name: docker goes on with its defaults too.
        Err(_) => Ok(None),
    }
}

/// A context's host, and whether it uses TLS. Its folder is named by the SHA-256 of its name.
fn context_host(dir: &Path, name: &str) -> Result<(String, bool), Refused> {
    #[derive(serde::Deserialize)]
    struct Meta {
        #[serde(rename = "Name")]
        name: String,
        #[serde(rename = "Endpoints", default)]
        endpoints: std::collections::BTreeMap<String, Endpoint>,
    }
    #[derive(serde::Deserialize)]
    struct Endpoint {
        #[serde(rename = "Host", default)]
        host: String,
    }
    let id: String = Sha256::digest(name.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let bytes = read_bounded(&dir.join("contexts/meta").join(&id).join("meta.json")).map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound { Refused::UnknownContext } else { Refused::DamagedContext }
    })?;
    let meta: Meta = serde_json::from_slice(&bytes).map_err(|_| Refused::DamagedContext)?;
    if meta.name != name {
        return Err(Refused::DamagedContext);
    }
    let endpoint = meta.endpoints.get("docker").filter(|endpoint| !endpoint.host.is_empty());
    let host = endpoint.ok_or(Refused::DamagedContext)?.host.clone();
    let tls =
        dir.join("contexts/tls").join(&id).join("docker").read_dir().is_ok_and(|mut files| files.next().is_some());
    Ok((host, tls))
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(4 << 20).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn here(dir: &Path) -> Surroundings {
        Surroundings {
            home: Some(dir.join("home")),
            runtime_dir: Some(dir.join("run")),
            system_sockets: vec![("default socket", dir.join("docker.sock")), ("podman", dir.join("podman.sock"))],
            ..Surroundings::default()
        }
    }

    fn add_context(config: &Path, name: &str, host: &str, tls: bool) {
        let id: String = Sha256::digest(name.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let meta = config.join("contexts/meta").join(&id);
        std::fs::create_dir_all(&meta).unwrap();
        let json = serde_json::json!({"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": false}}});
        std::fs::write(meta.join("meta.json"), json.to_string()).unwrap();
        if tls {
            let dir = config.join("contexts/tls").join(&id).join("docker");
            std::fs::create_dir_all(&dir).unwrap();
            std::fs::write(dir.join("ca.pem"), "x").unwrap();
        }
    }

    #[rstest]
    #[case("unix:///a/b.sock", Ok(Host::Unix("/a/b.sock".into())))]
    #[case("tcp://10.0.0.1:2375", Ok(Host::Tcp("10.0.0.1:2375".into())))]
    #[case("tcp://lab", Ok(Host::Tcp("lab:2375".into())))]
    #[case("tcp://[::1]", Ok(Host::Tcp("[::1]:2375".into())))]
    #[case("tcp://[::1]:99", Ok(Host::Tcp("[::1]:99".into())))]
    #[case("http://lab:80/", Ok(Host::Tcp("lab:80".into())))]
    #[case("tcp://", Err(Refused::Scheme))]
    #[case("unix://", Err(Refused::Scheme))]
    #[case("ssh://u@h", Err(Refused::Ssh))]
    #[case("https://h", Err(Refused::Tls))]
    #[case("npipe:////./pipe/docker_engine", Err(Refused::NamedPipe))]
    #[case("/var/run/docker.sock", Err(Refused::Scheme))]
    #[case("", Err(Refused::Scheme))]
    fn hosts_are_read_or_refused(#[case] text: &str, #[case] want: Result<Host, Refused>) {
        assert_eq!(Host::parse(text, false), want);
    }

    #[test]
    fn tcp_with_tls_is_refused() {
        assert_eq!(Host::parse("tcp://h:2376", true), Err(Refused::Tls));
    }

    #[test]
    fn what_is_named_is_final_and_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let mut here = here(dir.path());
        let config = dir.path().join("config");
        here.docker_config = Some(config.clone());
        add_context(&config, "current", "unix:///current", false);
        add_context(&config, "named", "unix:///named", false);
        std::fs::write(config.join("config.json"), r#"{"currentContext": "current", "auths": {}}"#).unwrap();
        let first = |host: Option<&str>, here: &Surroundings| {
            let all = candidates(host, here).unwrap();
            assert_eq!(all.len(), 1, "nothing else is tried");
            (all[0].host.to_string(), all[0].found_by.clone())
        };
        assert_eq!(first(None, &here), ("unix:///current".into(), "context current".into()));
        here.docker_context = Some("named".into());
        assert_eq!(first(None, &here), ("unix:///named".into(), "context named".into()));
        here.docker_host = Some("unix:///env".into());
        assert_eq!(first(None, &here), ("unix:///env".into(), "DOCKER_HOST".into()));
        assert_eq!(first(Some("unix:///flag"), &here), ("unix:///flag".into(), "--docker-host".into()));
    }

    #[test]
    fn the_default_context_and_no_context_probe_the_usual_places_podman_last() {
        let dir = tempfile::tempdir().unwrap();
        let mut here = here(dir.path());
        let all = candidates(None, &here).unwrap();
        assert_eq!(all[0].found_by, "default socket");
        assert!(all[all.len() - 2..].iter().all(|candidate| candidate.found_by == "podman"));
        for who in ["rootless Docker", "Docker Desktop", "colima", "OrbStack", "Rancher Desktop"] {
            assert!(all.iter().any(|candidate| candidate.found_by == who), "{who}");
        }
        here.docker_context = Some("default".into());
        assert_eq!(candidates(None, &here).unwrap(), all);
    }

    #[rstest]
    #[case::unknown("gone", Refused::UnknownContext)]
    #[case::tls("tls", Refused::Tls)]
    #[case::ssh("ssh", Refused::Ssh)]
    #[case::damaged("damaged", Refused::DamagedContext)]
    fn contexts_that_cannot_be_used_say_why(#[case] name: &str, #[case] want: Refused) {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("home/.docker");
        add_context(&config, "tls", "tcp://h:2376", true);
        add_context(&config, "ssh", "ssh://h", false);
        add_context(&config, "damaged", "", false);
        let mut here = here(dir.path());
        here.docker_context = Some(name.into());
        let error = candidates(None, &here).unwrap_err();
        assert_eq!(error, EngineError::Unusable { place: format!("context {name}"), why: want });
    }

    #[test]
    fn a_damaged_config_is_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("home/.docker");
        std::fs::create_dir_all(&config).unwrap();
        std::fs::write(config.join("config.json"), "{").unwrap();
        let error = candidates(None, &here(dir.path())).unwrap_err();
        assert!(matches!(error, EngineError::Unusable { why: Refused::DamagedConfig, .. }), "{error:?}");
    }

    #[tokio::test]
    async fn a_daemon_that_is_down_is_told_with_every_place_tried() {
        let dir = tempfile::tempdir().unwrap();
        let options = ConnectOptions { surroundings: Some(here(dir.path())), ..ConnectOptions::default() };
        match find(&options).await.unwrap_err() {
            EngineError::Down { tried } => {
                assert!(tried.len() >= 8, "{tried:?}");
                assert!(tried[0].contains("docker.sock (default socket): No such file"), "{tried:?}");
            }
            other => panic!("{other:?}"),
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_socket_that_nobody_serves_and_one_that_answers_nonsense_are_down() {
        let dir = tempfile::tempdir().unwrap();
        drop(std::os::unix::net::UnixListener::bind(dir.path().join("docker.sock")).unwrap());
        let nonsense = dir.path().join("run/docker.sock");
        std::fs::create_dir_all(nonsense.parent().unwrap()).unwrap();
        let listener = tokio::net::UnixListener::bind(&nonsense).unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.write_all(b"220 not docker\r\n").await;
            }
        });
        let options = ConnectOptions { surroundings: Some(here(dir.path())), ..ConnectOptions::default() };
        match find(&options).await.unwrap_err() {
            EngineError::Down { tried } => assert!(tried[0].contains("refused"), "{tried:?}"),
            other => panic!("{other:?}"),
        }
    }
}
