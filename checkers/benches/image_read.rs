//! Reading an image against the least that can be done with its bytes, on the daemon at DOCKER_HOST:
//! `cargo bench -p dockshala-checkers --features daemon-tests --bench image_read [IMAGE]`.
//!
//! Where the daemon saves layers plain, against draining the same stream; where it saves them compressed, against `gzip -dc`
//! of the layers. Ratios of one run, because absolute speeds mean nothing on another machine; below 0.95 it fails.

use dockshala_checkers::{
    engine::{ConnectOptions, Engine},
    image::{self, Options},
};
use std::{
    fs::File,
    io::{self, Read, Write},
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};
use tokio::io::AsyncReadExt;

const ROUNDS: usize = 5;
const BOUND: f64 = 0.95;
/// Bytes that reading may take, and for each path.
const MEMORY: (u64, u64) = (64 << 20, 1 << 10);

#[tokio::main]
async fn main() -> ExitCode {
    let image = std::env::args().skip(1).find(|arg| !arg.starts_with("--"));
    let image = image.unwrap_or_else(|| "dockshala.local/golang:1.26".to_owned());
    let engine = Engine::connect(ConnectOptions::default()).await.expect("a daemon at DOCKER_HOST");
    let dir = tempfile::tempdir().expect("a folder");
    let layers = save_layers(&engine, &image, &dir).await;
    let (mut least, mut ours) = (vec![], vec![]);
    let mut paths = 0;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        if layers.is_empty() {
            drain(&engine, &image).await;
        } else {
            gunzip(&layers);
        }
        least.push(began.elapsed());
        let began = Instant::now();
        let read = if layers.is_empty() {
            image::read_stream(engine.export(&image).await.expect("the image"), Options::default()).await
        } else {
            image::read(File::open(dir.path().join("image.tar")).expect("the archive"), &Options::default())
        };
        ours.push(began.elapsed());
        paths = read.expect("it reads").entries().count() as u64;
    }
    let (least, ours) = (median(least), median(ours));
    let ratio = least.as_secs_f64() / ours.as_secs_f64();
    let against = if layers.is_empty() { "docker save" } else { "gzip -dc" };
    println!(
        "image read, {image}: {ratio:.2} of the speed of {against} ({ours:.2?} and {least:.2?}), at least {BOUND}"
    );
    let (have, most) = (peak_memory(), MEMORY.0 + MEMORY.1 * paths);
    println!("image read, {image}: {have} bytes at most in memory for {paths} paths, at most {most}");
    if ratio < BOUND || have > most { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

async fn drain(engine: &Engine, image: &str) {
    let mut stream = engine.export(image).await.expect("the image");
    let mut buffer = vec![0; 512 << 10];
    while stream.read(&mut buffer).await.expect("the stream") > 0 {}
}

fn gunzip(layers: &[PathBuf]) {
    for layer in layers {
        let mut child = Command::new("gzip").arg("-dc").arg(layer).stdout(Stdio::piped()).spawn().expect("gzip");
        io::copy(child.stdout.as_mut().expect("its output"), &mut io::sink()).expect("its output");
        child.wait().expect("its end");
    }
}

/// The compressed layers as files, beside the whole archive; none where the daemon saves them plain.
async fn save_layers(engine: &Engine, image: &str, dir: &tempfile::TempDir) -> Vec<PathBuf> {
    let path = dir.path().join("image.tar");
    let mut file = tokio::fs::File::create(&path).await.expect("a file");
    tokio::io::copy(&mut engine.export(image).await.expect("the image"), &mut file).await.expect("the archive");
    let mut layers = vec![];
    let mut archive = tar::Archive::new(File::open(&path).expect("the archive"));
    for (index, entry) in archive.entries().expect("a tar").enumerate() {
        let mut entry = entry.expect("an entry");
        let mut head = [0; 2];
        if entry.size() < 2 || entry.read_exact(&mut head).is_err() || head != [0x1f, 0x8b] {
            continue;
        }
        let layer = dir.path().join(format!("{index}.gz"));
        let mut to = File::create(&layer).expect("a file");
        to.write_all(&head).and_then(|()| io::copy(&mut entry, &mut to)).expect("a layer");
        layers.push(layer);
    }
    layers
}

/// The most that this process has had in memory, as the kernel counts it; 0 where it does not tell.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
}
