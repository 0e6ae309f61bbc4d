//! Builds through BuildKit inside the daemon: a gRPC solve, and its status on a connection of its own.
//!
//! bollard's `build_image` fails on the containerd store before Engine 27, and its `Moby::docker_build` hands out neither
//! the frontend's `contextsubdir` (with which the Dockerfile can stand beside the context, see context.rs), nor a context
//! that is not in memory, nor the session, which it leaves open after the build. So the session is ours: an upload service
//! that reads the context's file, and a health service, without which BuildKit gives the session up.

use super::{
    Builder, Job,
    failure::SolveError,
    steps::{Update, Vertex, stream},
};
use crate::engine::{
    connect::{Duplex, Host},
    context::CONTEXT,
};
use bollard_buildkit_proto::{
    google::protobuf::Timestamp,
    health::{
        HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse,
        health_check_response::ServingStatus,
        health_server::{Health, HealthServer},
    },
    moby::{
        buildkit::secrets::v1::{
            GetSecretRequest, GetSecretResponse,
            secrets_server::{Secrets, SecretsServer},
        },
        buildkit::v1::{CacheOptions, SolveRequest, StatusRequest, StatusResponse, control_client::ControlClient},
        upload::v1::{
            BytesMessage,
            upload_server::{Upload, UploadServer},
        },
    },
};
use futures_util::{Stream, StreamExt, future::BoxFuture, stream};
use hyper_util::rt::TokioIo;
use std::{
    collections::{BTreeMap, HashMap},
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tonic::{
    Request, Response, Status, Streaming,
    metadata::MetadataValue,
    transport::{Channel, Endpoint, Server, server::Connected},
};
use uuid::Uuid;

/// BuildKit's own limit for a message.
const MESSAGE: usize = 16 << 20;
/// How much of the context goes in one message.
const CHUNK: usize = 128 << 10;
/// How long opening a connection may take.
const OPEN: Duration = Duration::from_secs(15);
/// How long the status stream may lag behind the end of the build.
const LAG: Duration = Duration::from_secs(3);
/// What the upload service is called to the daemon.
const PULL: &str = "/moby.upload.v1.Upload/pull";
/// And the one of secrets.
const GET_SECRET: &str = "/moby.buildkit.secrets.v1.Secrets/GetSecret";

/// The daemon's BuildKit.
#[derive(Debug, Clone)]
pub(crate) struct Grpc {
    pub(crate) host: Host,
}

impl Builder for Grpc {
    fn solve(&self, job: Job, updates: mpsc::Sender<Update>) -> BoxFuture<'static, Result<(), SolveError>> {
        Box::pin(solve(self.host.clone(), job, updates))
    }
}

async fn solve(host: Host, job: Job, updates: mpsc::Sender<Update>) -> Result<(), SolveError> {
    let session_id = Uuid::new_v4().simple().to_string();
    let upload = Uuid::new_v4().simple().to_string();
    let build = Uuid::new_v4().simple().to_string();
    // Dropping this future, at its end or before, closes both connections and the session: the daemon stops the build.
    let end = CancellationToken::new();
    let _guard = end.clone().drop_guard();
    let mut control = open(host.clone()).await?;
    let status = open(host.clone()).await?;
    serve_session(&host, &session_id, &upload, job.tar, job.secrets, end).await?;

    let mut attributes: HashMap<String, String> = [
        ("context", format!("http://buildkit-session/{upload}")),
        ("contextsubdir", CONTEXT.to_owned()),
        ("image-resolve-mode", "default".to_owned()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into();
    attributes.extend(job.target.map(|target| ("target".to_owned(), target)));
    attributes.extend(job.args.into_iter().map(|(key, value)| (format!("build-arg:{key}"), value)));
    attributes.extend(job.labels.into_iter().map(|(key, value)| (format!("label:{key}"), value)));
    if job.no_cache {
        attributes.insert("no-cache".into(), String::new());
    }
    if let Some(salt) = job.salt {
        attributes.insert("add-hosts".into(), format!("{salt}=127.0.0.1"));
    }
    if !job.network {
        attributes.insert("force-network-mode".into(), "none".into());
    }
    let mut request = Request::new(SolveRequest {
        r#ref: build.clone(),
        exporter_deprecated: "moby".into(),
        exporter_attrs_deprecated: HashMap::from([("name".into(), job.tag)]),
        session: session_id.clone(),
        frontend: "dockerfile.v0".into(),
        frontend_attrs: attributes,
        cache: Some(CacheOptions::default()),
        ..SolveRequest::default()
    });
    let session: MetadataValue<_> = session_id.parse().map_err(|_| SolveError::Lost("session id".into()))?;
    request.metadata_mut().insert("x-docker-expose-session-uuid", session);

    let watch = watch(status, build, updates);
    tokio::pin!(watch);
    let mut solved = Box::pin(control.solve(request));
    let mut watching = true;
    let result = loop {
        tokio::select! {
            result = &mut solved => break result,
            () = &mut watch, if watching => watching = false,
        }
    };
    if watching {
        let _ = timeout(LAG, watch).await;
    }
    result.map(|_| ()).map_err(status_error)
}

/// A status that the daemon sent has no cause on our side; one that tonic made of a broken connection has.
fn status_error(status: Status) -> SolveError {
    use std::error::Error;
    match status.source() {
        Some(cause) => SolveError::Lost(crate::engine::with_causes(cause)),
        None if status.code() == tonic::Code::Unavailable => SolveError::Lost(status.message().to_owned()),
        None => SolveError::Said(status.message().to_owned()),
    }
}

/// Hands on what the status stream tells until it ends.
async fn watch(mut client: ControlClient<Channel>, build: String, updates: mpsc::Sender<Update>) {
    let mut stream = loop {
        // Asked before the daemon knows of the build, some engines wait and some say "no such job".
        match client.status(StatusRequest { r#ref: build.clone() }).await {
            Ok(stream) => break stream.into_inner(),
            Err(status) if status.message().contains("no such job") => sleep(Duration::from_millis(20)).await,
            Err(_) => return,
        }
        if updates.is_closed() {
            return;
        }
    };
    while let Ok(Some(response)) = stream.message().await {
        for update in updates_of(response) {
            if updates.send(update).await.is_err() {
                return;
            }
        }
    }
}

fn updates_of(response: StatusResponse) -> Vec<Update> {
    let mut updates = vec![Update::Alive];
    updates.extend(response.vertexes.into_iter().map(|vertex| {
        Update::Vertex(Vertex {
            digest: vertex.digest,
            name: vertex.name,
            cached: vertex.cached,
            started: vertex.started.map(seconds),
            completed: vertex.completed.map(seconds),
            error: vertex.error,
        })
    }));
    updates.extend(response.logs.into_iter().map(|log| Update::Log {
        digest: log.vertex,
        stream: stream(log.stream),
        bytes: log.msg,
    }));
    updates.extend(response.warnings.into_iter().map(|warning| Update::Warning {
        text: String::from_utf8_lossy(&warning.short).into_owned(),
        line: warning.ranges.first().and_then(|range| u32::try_from(range.start?.line).ok()).filter(|line| *line > 0),
    }));
    updates
}

fn seconds(time: Timestamp) -> f64 {
    time.seconds as f64 + f64::from(time.nanos) / 1e9
}

/// A gRPC channel over a connection of its own.
pub(super) async fn open(host: Host) -> Result<ControlClient<Channel>, SolveError> {
    let endpoint = Endpoint::from_static("http://buildkit").connect_timeout(OPEN);
    let connector = tower::service_fn(move |_: tonic::transport::Uri| {
        let host = host.clone();
        async move { host.dial_grpc().await.map(TokioIo::new) }
    });
    let channel = endpoint.connect_with_connector(connector).await.map_err(|error| {
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(inner) = cause {
            if let Some(inner) = inner.downcast_ref::<io::Error>().filter(|e| e.kind() == io::ErrorKind::Unsupported) {
                return SolveError::Unsupported(inner.to_string());
            }
            cause = inner.source();
        }
        SolveError::Lost(crate::engine::with_causes(&error))
    })?;
    Ok(ControlClient::new(channel).max_decoding_message_size(MESSAGE).max_encoding_message_size(MESSAGE))
}

/// Opens the session in which the daemon fetches the context from us, and serves it until `end`.
async fn serve_session(
    host: &Host,
    id: &str,
    upload: &str,
    tar: std::fs::File,
    secrets: BTreeMap<String, Vec<u8>>,
    end: CancellationToken,
) -> Result<(), SolveError> {
    let lost = |error: io::Error| SolveError::Lost(error.to_string());
    let mut stream = host.dial().await.map_err(lost)?;
    let head = format!(
        "POST /session HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\
         X-Docker-Expose-Session-Uuid: {id}\r\nX-Docker-Expose-Session-Name: dockshala\r\n\
         X-Docker-Expose-Session-Grpc-Method: {PULL}\r\n\
         X-Docker-Expose-Session-Grpc-Method: {GET_SECRET}\r\n\r\n"
    );
    let ask = async {
        stream.write_all(head.as_bytes()).await?;
        crate::engine::connect::read_upgrade(&mut stream).await
    };
    timeout(OPEN, ask).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map_err(lost)?;
    let uploads = Uploads { path: format!("/{upload}"), tar: Arc::new(Mutex::new(Some(tar))) };
    let connection = Session { stream, end: Box::pin(end.clone().cancelled_owned()) };
    let incoming = stream::iter([Ok::<_, io::Error>(connection)]).chain(stream::pending());
    let server = Server::builder()
        .add_service(HealthServer::new(Healthy))
        .add_service(SecretsServer::new(Kept(secrets)))
        .add_service(UploadServer::new(uploads).max_decoding_message_size(MESSAGE).max_encoding_message_size(MESSAGE))
        .serve_with_incoming_shutdown(incoming, end.cancelled_owned());
    tokio::spawn(server);
    Ok(())
}

/// The session's connection. It ends when the build does, whatever is still being sent: a graceful end would wait for a
/// daemon that hangs.
struct Session {
    stream: Box<dyn Duplex>,
    end: Pin<Box<tokio_util::sync::WaitForCancellationFutureOwned>>,
}

impl Connected for Session {
    type ConnectInfo = ();
    fn connect_info(&self) -> Self::ConnectInfo {}
}

impl AsyncRead for Session {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.end.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Session {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

struct Healthy;

#[tonic::async_trait]
impl Health for Healthy {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn check(&self, _: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        Ok(Response::new(HealthCheckResponse { status: ServingStatus::Serving.into() }))
    }

    async fn list(&self, _: Request<HealthListRequest>) -> Result<Response<HealthListResponse>, Status> {
        Err(Status::unimplemented("list"))
    }

    async fn watch(&self, _: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented("watch"))
    }
}

/// Hands out the build's secrets.
struct Kept(BTreeMap<String, Vec<u8>>);

#[tonic::async_trait]
impl Secrets for Kept {
    async fn get_secret(&self, request: Request<GetSecretRequest>) -> Result<Response<GetSecretResponse>, Status> {
        match self.0.get(&request.get_ref().id) {
            Some(data) => Ok(Response::new(GetSecretResponse { data: data.clone() })),
            // BuildKit asks for what a Dockerfile names; a secret that is not required may be missing.
            None => Err(Status::not_found("no such secret")),
        }
    }
}

/// Serves the context's tar, once.
struct Uploads {
    path: String,
    tar: Arc<Mutex<Option<std::fs::File>>>,
}

#[tonic::async_trait]
impl Upload for Uploads {
    type PullStream = Pin<Box<dyn Stream<Item = Result<BytesMessage, Status>> + Send>>;

    async fn pull(&self, request: Request<Streaming<BytesMessage>>) -> Result<Response<Self::PullStream>, Status> {
        let asked = request.metadata().get("urlpath").and_then(|path| path.to_str().ok());
        if asked != Some(self.path.as_str()) {
            return Err(Status::invalid_argument("no such upload"));
        }
        let file = self.tar.lock().ok().and_then(|tar| tar.as_ref()?.try_clone().ok());
        let Some(mut file) = file else { return Err(Status::internal("the context cannot be read")) };
        io::Seek::rewind(&mut file).map_err(|error| Status::internal(error.to_string()))?;
        let chunks = stream::try_unfold(tokio::fs::File::from_std(file), |mut file| async move {
            let mut data = vec![0; CHUNK];
            let read = file.read(&mut data).await.map_err(|error| Status::internal(error.to_string()))?;
            data.truncate(read);
            Ok((read > 0).then_some((BytesMessage { data }, file)))
        });
        Ok(Response::new(Box::pin(chunks)))
    }
}
