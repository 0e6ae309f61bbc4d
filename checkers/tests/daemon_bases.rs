//! Base images on the daemon at DOCKER_HOST: what a FROM gets, pulls through a mirror made in the test, bundles there and back.
#![cfg(feature = "daemon-tests")]

mod daemon_common;

use daemon_common::{BUSYBOX, engine, image, nonce};
use dockshala_checkers::engine::{
    Engine,
    bases::{self, Base, BaseOptions, BundleError, Kit, Phase, PullError, PullProgress, Reference, StandInRecipe, Why},
};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, io::Write, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::watch,
};

fn kit() -> Kit {
    let recipe: StandInRecipe = serde_json::from_value(serde_json::json!({
        "names": ["busybox:1.37", "busybox:no-such-alias"], "folder": "busybox", "versions": {"busybox": "1.37"},
        "disk": "2 MB", "contract": {}, "differs": [{"en": "smaller"}],
    }))
    .unwrap();
    Kit { images: vec![recipe], ..Kit::empty() }
}

fn options(mirror: Option<&str>) -> BaseOptions {
    let known = BTreeMap::new();
    BaseOptions { kit: Arc::new(kit()), ask_registry: mirror.is_some(), mirror: mirror.map(str::to_owned), known }
}

async fn one(engine: &Engine, name: &str, mirror: Option<&str>) -> Base {
    let mut found = bases::resolve(engine, &[name.to_owned()], &options(mirror)).await.unwrap();
    found.remove(name).expect("an answer for each name")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_from_gets_what_is_here_then_its_stand_in_then_an_explanation() {
    let engine = engine().await;
    assert_eq!(one(&engine, "scratch", None).await, Base::Scratch);
    let here = one(&engine, BUSYBOX, None).await;
    assert!(matches!(&here, Base::Present { local, diff_ids } if local == BUSYBOX && !diff_ids.is_empty()), "{here:?}");
    // By a name that has no local tag of its own, too: a bundle may have brought only some.
    for name in ["docker.io/library/busybox:1.37", "busybox:no-such-alias"] {
        let Base::StandIn { local, version, differs, diff_ids } = one(&engine, name, None).await else {
            panic!("{name}")
        };
        assert_eq!((local.as_str(), version.as_str()), (BUSYBOX, "busybox 1.37"));
        assert_eq!(diff_ids, here.diff_ids());
        assert_eq!(differs[0]["en"], "smaller");
    }
    let missing = one(&engine, "busybox:0.1", None).await;
    let Base::Unavailable { why: Why::NotHere, available } = missing else { panic!("{missing:?}") };
    assert_eq!(available[0], "busybox:1.37");
    assert!(matches!(one(&engine, "No Such", None).await, Base::Unavailable { why: Why::BadName, .. }));
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect::<String>())
}

/// A registry with one image, `library/NAME:1`, on a port of its own.
async fn registry(name: &str) -> (String, String) {
    let mut layer = tar::Builder::new(vec![]);
    let mut header = tar::Header::new_ustar();
    header.set_path("hello").unwrap();
    header.set_size(4);
    header.set_mode(0o644);
    header.set_cksum();
    // Different in each run: a daemon that knows the layer does not download it.
    layer.append(&header, &nonce().as_bytes()[nonce().len() - 4..]).unwrap();
    let layer = layer.into_inner().unwrap();
    let diff_id = digest(&layer);
    let mut gz = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    gz.write_all(&layer).unwrap();
    let layer = gz.finish().unwrap();
    let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    let config = serde_json::json!({"architecture": arch, "os": "linux", "config": {"Cmd": ["x"]},
        "rootfs": {"type": "layers", "diff_ids": [diff_id]}, "history": [{"created_by": "test"}]});
    let config = config.to_string().into_bytes();
    let manifest = serde_json::json!({"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": config.len(), "digest": digest(&config)},
        "layers": [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": layer.len(), "digest": digest(&layer)}]});
    let manifest = manifest.to_string().into_bytes();
    let repository = format!("/v2/library/{name}");
    let manifest_digest = digest(&manifest);
    let answers: BTreeMap<String, (&str, Vec<u8>)> = [
        ("/v2/".to_owned(), ("application/json", b"{}".to_vec())),
        (
            format!("{repository}/manifests/1"),
            ("application/vnd.docker.distribution.manifest.v2+json", manifest.clone()),
        ),
        (
            format!("{repository}/manifests/{manifest_digest}"),
            ("application/vnd.docker.distribution.manifest.v2+json", manifest),
        ),
        (format!("{repository}/blobs/{}", digest(&config)), ("application/octet-stream", config)),
        (format!("{repository}/blobs/{}", digest(&layer)), ("application/octet-stream", layer)),
    ]
    .into();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answers = answers.clone();
            tokio::spawn(async move {
                let mut request = vec![];
                while !request.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    if stream.read(&mut byte).await.unwrap_or(0) == 0 {
                        return;
                    }
                    request.push(byte[0]);
                    // The daemon tries TLS first, whose handshake begins so. It takes our word for it that this is no
                    // TLS only in plain HTTP, as a registry without TLS answers.
                    if request[0] == 0x16 {
                        let _ = stream.read(&mut [0; 4096]).await;
                        let _ = stream.write_all(b"HTTP/1.0 400 Bad Request\r\n\r\n").await;
                        let _ = stream.shutdown().await;
                        return;
                    }
                }
                let request = String::from_utf8_lossy(&request).into_owned();
                let mut words = request.split_whitespace();
                let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
                let path = path.split('?').next().unwrap_or_default();
                let missing = (
                    "application/json",
                    br#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#.to_vec(),
                );
                let (status, (kind, body)) = match answers.get(path) {
                    Some(answer) => ("200 OK", answer.clone()),
                    None => ("404 Not Found", missing),
                };
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nDocker-Content-Digest: {}\r\n\
                     Docker-Distribution-Api-Version: registry/2.0\r\nConnection: close\r\n\r\n",
                    body.len(),
                    digest(&body)
                );
                let _ = stream.write_all(head.as_bytes()).await;
                if method != "HEAD" {
                    let _ = stream.write_all(&body).await;
                }
                let _ = stream.shutdown().await;
            });
        }
    });
    (host, diff_id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_through_a_mirror_gives_the_image_its_own_name() {
    let engine = engine().await;
    let name = format!("dockshala-test-{}", nonce());
    let (host, diff_id) = registry(&name).await;
    let own = format!("{name}:1");
    assert_eq!(one(&engine, &own, Some(&host)).await, Base::Pullable { bytes: None });
    assert!(!engine.has(&own).await.unwrap(), "asking pulls nothing");

    let reference = Reference::parse(&own).unwrap();
    let (sender, receiver) = watch::channel(PullProgress::default());
    bases::pull(&engine, &reference, Some(&host), sender).await.unwrap();
    assert!(receiver.borrow().layers.iter().all(|layer| layer.phase == Phase::Done), "{:?}", receiver.borrow());
    assert_eq!(receiver.borrow().layers.len(), 1);
    let found = one(&engine, &own, None).await;
    assert_eq!(found, Base::Present { local: own.clone(), diff_ids: vec![diff_id] });
    assert!(!engine.has(&format!("{host}/library/{name}:1")).await.unwrap(), "the mirror's name goes");
    engine.remove_image(&own).await.unwrap();

    let pull = async |name: &str, host: &str| {
        let reference = Reference::parse(name).unwrap();
        bases::pull(&engine, &reference, Some(host), watch::channel(PullProgress::default()).0).await.unwrap_err()
    };
    let refused = pull(&format!("{name}:2"), &host).await;
    assert!(matches!(refused, PullError::Refused { .. }), "{refused:?}");
    // Port 1 of this machine: nobody listens there.
    let unreachable = pull(&own, "127.0.0.1:1").await;
    assert!(matches!(unreachable, PullError::Unreachable(_)), "{unreachable:?}");
    let gone = one(&engine, &own, Some("127.0.0.1:1")).await;
    assert!(matches!(gone, Base::Unavailable { why: Why::Unreachable(_), .. }), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_brings_images_back_as_they_were() {
    let engine = engine().await;
    let nonce = nonce();
    let first = image(&engine, "bundle-a", &format!("FROM {BUSYBOX}\nRUN echo {nonce} > /a\n")).await;
    let second = image(&engine, "bundle-b", &format!("FROM {BUSYBOX}\nRUN echo {nonce} > /a\nRUN echo b > /b\n")).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bundle.tar");
    let mut file = tokio::fs::File::create(&path).await.unwrap();
    let names = [first.clone(), second.clone()];
    let (sender, receiver) = watch::channel(0);
    let saved = bases::save(&engine, &names, &mut file, sender).await.unwrap();
    let size = std::fs::metadata(&path).unwrap().len();
    assert!(*receiver.borrow() > 0 && *receiver.borrow() < size);
    // The shared layers are in it once.
    let base = engine.inspect(BUSYBOX).await.unwrap().size.unwrap() as u64;
    assert!(size < 2 * base.max(2_000_000), "{size} bytes for two images on a base of {base}");

    let read = bases::examine(std::fs::File::open(&path).unwrap(), &kit()).unwrap();
    assert_eq!(read, saved);
    assert_eq!(bases::replaces(&engine, &read).await.unwrap(), Vec::<String>::new());
    for name in &names {
        engine.remove_image(name).await.unwrap();
        assert!(!engine.has(name).await.unwrap());
    }
    bases::load(&engine, &read, &path, watch::channel(0).0).await.unwrap();
    for image in &read.images {
        let layers = engine.inspect(&image.name).await.unwrap().root_fs.unwrap().layers.unwrap();
        assert_eq!(layers, image.layers);
    }

    // The same name for something else: said before it is loaded.
    engine.remove_image(&first).await.unwrap();
    let other = image(&engine, "bundle-a", &format!("FROM {BUSYBOX}\nRUN echo other-{nonce} > /a\n")).await;
    assert_eq!(bases::replaces(&engine, &read).await.unwrap(), [other]);

    let mut bytes = std::fs::read(&path).unwrap();
    let wrong_arch = bases::Bundle { arch: "s390x".into(), ..read.clone() };
    let refused = bases::load(&engine, &wrong_arch, &path, watch::channel(0).0).await;
    assert!(matches!(refused, Err(BundleError::Arch { .. })), "{refused:?}");
    bytes.truncate(bytes.len() / 2);
    assert!(matches!(bases::examine(bytes.as_slice(), &kit()), Err(BundleError::Damaged(_))));
    for name in &names {
        engine.remove_image(name).await.unwrap();
    }
}
