//! Sizes of an image that the daemon at DOCKER_HOST built, against two readings that share no code with ours: a naive sum
//! over the layers of `docker save`, and the file system of a container of it as the daemon itself merges it.
#![cfg(feature = "daemon-tests")]

use bollard::{
    Docker,
    models::ContainerCreateBody,
    query_parameters::{CreateContainerOptions, RemoveContainerOptionsBuilder},
};
use dockshala_checkers::{
    engine::{BuildRequest, ConnectOptions, Engine},
    image::{self, How, Image, Options, Sizes},
};
use futures_util::TryStreamExt;
use std::{collections::BTreeMap, io::Read};
use tokio::io::AsyncReadExt;
use tokio_util::sync::CancellationToken;

const BASE: &str = "dockshala.local/busybox:1.37";

const DOCKERFILE: &str = "FROM dockshala.local/busybox:1.37
RUN mkdir /d && head -c 700000 /dev/zero > /d/one && ln /d/one /d/two && head -c 300000 /dev/zero > /gone
RUN rm /gone
RUN head -c 1000000 /dev/zero > /big && mkdir /dir && head -c 250000 /dev/zero > /dir/x
RUN chown 1000:1000 /big
RUN chmod 600 /d/one
RUN rm -rf /dir && mkdir /dir && echo new > /dir/y
RUN dd if=/dev/zero of=/sparse bs=1 count=1 seek=5000000 2>/dev/null
COPY payload /payload
ENV A=b
USER 1000
";

/// The sum of regular files over the layers, by the `tar` crate, everything in memory.
fn naive_total(archive: &[u8]) -> u64 {
    let mut blobs = BTreeMap::new();
    for entry in tar::Archive::new(archive).entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut bytes = vec![];
        entry.read_to_end(&mut bytes).unwrap();
        blobs.insert(name, bytes);
    }
    let manifest: serde_json::Value = serde_json::from_slice(&blobs["manifest.json"]).unwrap();
    let mut total = 0;
    for layer in manifest[0]["Layers"].as_array().unwrap() {
        let blob = &blobs[layer.as_str().unwrap()];
        let mut plain = vec![];
        match blob.as_slice() {
            [0x1f, 0x8b, ..] => {
                flate2::read::GzDecoder::new(blob.as_slice()).read_to_end(&mut plain).unwrap();
            }
            _ => plain.clone_from(blob),
        }
        for entry in tar::Archive::new(plain.as_slice()).entries().unwrap() {
            let entry = entry.unwrap();
            if entry.header().entry_type().is_file() {
                total += entry.size();
            }
        }
    }
    total
}

/// The sum of regular files of a container's file system, each inode once, as `docker export` tells it.
async fn merged_total(docker: &Docker, image: &str) -> u64 {
    let body = ContainerCreateBody {
        image: Some(image.to_owned()),
        cmd: Some(vec!["true".to_owned()]),
        ..ContainerCreateBody::default()
    };
    let made = docker.create_container(None::<CreateContainerOptions>, body).await.unwrap();
    let archive: Result<Vec<_>, _> = docker.export_container(&made.id).try_collect().await;
    let remove = RemoveContainerOptionsBuilder::new().force(true).build();
    docker.remove_container(&made.id, Some(remove)).await.unwrap();
    let archive = archive.unwrap().concat();
    let mut archive = tar::Archive::new(archive.as_slice());
    let entries = archive.entries().unwrap().map(|entry| {
        let entry = entry.unwrap();
        if entry.header().entry_type().is_file() { entry.size() } else { 0 }
    });
    entries.sum()
}

/// total, final, wasted, and the bytes of each layer.
type Told = (u64, u64, u64, Vec<u64>);

fn told(image: &Image) -> Told {
    let Sizes { total, final_, wasted, .. } = image.sizes;
    (total, final_, wasted, image.layers.iter().map(|layer| layer.bytes).collect())
}

/// What `scripts/image-sizes` reads of images: Python's tarfile, and not a line of ours.
fn python(engine: &Engine, images: &[&str]) -> Vec<Told> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/image-sizes");
    let mut command = std::process::Command::new("python3");
    let output = command.arg(script).args(images).env("DOCKER_HOST", &engine.info().host).output().expect("python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let line = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let number = |name: &str| value[name].as_u64().unwrap();
        let layers = value["layers"].as_array().unwrap().iter().map(|bytes| bytes.as_u64().unwrap()).collect();
        (number("total"), number("final"), number("wasted"), layers)
    };
    String::from_utf8(output.stdout).unwrap().lines().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn real_images_are_read_to_the_byte_as_python_reads_them() {
    let engine = Engine::connect(ConnectOptions::default()).await.expect("a daemon at DOCKER_HOST");
    let images = [
        BASE,
        "dockshala.local/debian:trixie-slim",
        "dockshala.local/node:24-slim",
        "dockshala.local/gcr.io/distroless/nodejs24-debian13:nonroot",
    ];
    let have: Vec<&str> = {
        let mut have = vec![];
        for image in images {
            if engine.inspect(image).await.is_ok() {
                have.push(image);
            }
        }
        have
    };
    // The kit's images may be made one by one; the first is what all tests build on.
    assert!(have.contains(&BASE), "no {BASE}: make the kit");
    for (image, python) in have.iter().zip(python(&engine, &have)) {
        let archive = engine.export(image).await.unwrap();
        let read = image::read_stream(archive, Options::default()).await.unwrap();
        assert_eq!(told(&read), python, "{image}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sizes_agree_with_the_daemon_and_with_a_naive_reading() {
    let engine = Engine::connect(ConnectOptions::default()).await.expect("a daemon at DOCKER_HOST");
    let docker = Docker::connect_with_host(&engine.info().host).unwrap().negotiate_version().await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("payload"), vec![7; 123_456]).unwrap();
    let tag = engine.tag("sizes");
    let (sender, _) = tokio::sync::mpsc::channel(1);
    let request = BuildRequest::new(dir.path(), DOCKERFILE, &tag);
    let outcome = engine.build(request, sender, CancellationToken::new()).await.unwrap();
    assert_eq!(outcome.failure, None, "{outcome:#?}");

    let base = engine.inspect(BASE).await.unwrap().root_fs.unwrap().layers.unwrap();
    let options = Options { base_diff_ids: base.clone(), ..Options::default() };
    let read = image::read_stream(engine.export(&tag).await.unwrap(), options).await.unwrap();
    let mut archive = vec![];
    engine.export(&tag).await.unwrap().read_to_end(&mut archive).await.unwrap();
    let merged = merged_total(&docker, &tag).await;
    let inspected = engine.inspect(&tag).await.unwrap();
    let python = python(&engine, &[&tag]);
    engine.remove_image(&tag).await.unwrap();

    assert_eq!(told(&read), python[0]);
    assert_eq!(read.sizes.total, naive_total(&archive));
    assert_eq!(read.sizes.final_, merged);
    assert_eq!(read.base_layers, base.len());
    assert_eq!(
        read.layers.iter().map(|layer| layer.diff_id.clone()).collect::<Vec<_>>(),
        inspected.root_fs.unwrap().layers.unwrap()
    );
    assert_eq!(read.sizes.added, 700_000 + 300_000 + 1_250_000 + 1_000_000 + 700_000 + 4 + 5_000_001 + 123_456);
    assert_eq!((read.config.user.as_str(), read.ignored), ("1000", 0));
    // The other name of the file that chmod copied still needs the old copy: it is not wasted.
    assert_eq!(read.sizes.wasted, 300_000 + 1_000_000 + 250_000);
    let pairs: Vec<_> = read.waste.iter().map(|w| (w.how, w.tally.bytes, w.examples[0].as_str())).collect();
    assert_eq!(
        pairs,
        [(How::Owner, 1_000_000, "big"), (How::Removed, 300_000, "gone"), (How::Removed, 250_000, "dir/x")]
    );
    let by = read.layers[read.waste[0].hidden_by].created_by.clone().unwrap();
    assert!(by.contains("chown 1000:1000 /big"), "{by}");
    assert_eq!(read.get("sparse").unwrap().size(), 5_000_001);
}
