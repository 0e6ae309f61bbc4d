//! Reading an image against the least that can be done with its bytes, on the daemon at DOCKER_HOST:
//! `cargo bench -p dockshala-checkers --features daemon-tests --bench image_read [IMAGE]`.
//!
//! Where the daemon saves layers plain, against draining the same stream; where it saves them compressed, against `gzip -dc`
//! of the layers. Ratios of one run, because absolute speeds mean nothing on another machine; below 0.95 it fails. Before
//! that, the peak of memory on archives that are made while they are read: 200,000 files, and 4 GB.

use dockshala_checkers::{
    engine::{ConnectOptions, Engine},
    image::{self, Options, PathId},
};
use std::{
    fs::File,
    io::{self, Read, Write},
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

const ROUNDS: usize = 5;
const BOUND: f64 = 0.95;
/// Bytes that reading may take, and for each path.
const MEMORY: (u64, u64) = (64 << 20, 1 << 10);

#[tokio::main]
async fn main() -> ExitCode {
    let image = std::env::args().skip(1).find(|arg| !arg.starts_with("--"));
    let image = image.unwrap_or_else(|| "dockshala.local/golang:1.26".to_owned());
    // First, as a peak never goes down again.
    let bounded = [(200_000, 1_000), (4_000, 1_000_000)].map(|(files, size)| memory(files, size));
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
    if ratio < BOUND || have > most || bounded.contains(&false) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Reads an archive of so many files of so many bytes, with the tree after its layer; whether memory stays in its bound.
fn memory(files: u64, size: u64) -> bool {
    let image = image::read(archive(files, size), &Options::default()).expect("it reads");
    assert_eq!(image.sizes.total, files * size);
    let below = image.at(0).below(PathId::ROOT);
    assert_eq!((below.files, below.bytes), (files, files * size));
    let (have, most) = (peak_memory(), MEMORY.0 + MEMORY.1 * files);
    println!("image read, {files} files of {size} bytes: {have} bytes at most in memory, at most {most}");
    have <= most
}

/// An archive of one layer, made piece by piece as it is read.
fn archive(files: u64, size: u64) -> impl Read {
    let header = |name: &str, size: u64| {
        let mut header = tar::Header::new_ustar();
        header.set_path(name).expect("a short name");
        header.set_size(size);
        header.set_mode(0o644);
        header.set_cksum();
        header.as_bytes().to_vec()
    };
    let padding = |size: u64| vec![0; (size.wrapping_neg() % 512) as usize];
    let member = move |name: &str, text: &str| {
        let size = text.len() as u64;
        [header(name, size), text.as_bytes().to_vec(), padding(size)].concat()
    };
    let layer = files * (512 + size.next_multiple_of(512)) + 1024;
    let file = move |nth: u64| -> Box<dyn Read> {
        let name = format!("usr/lib/node_modules/package-{}/lib/module-{nth}.js", nth % 997);
        Box::new(
            io::Cursor::new(header(&name, size))
                .chain(io::repeat(b'x').take(size))
                .chain(io::Cursor::new(padding(size))),
        )
    };
    let mut parts = (0..files + 2).map(move |nth| -> Box<dyn Read> {
        match nth {
            0 => Box::new(io::Cursor::new(header("l/layer.tar", layer))),
            nth if nth <= files => file(nth - 1),
            _ => {
                let config = r#"{"rootfs": {"diff_ids": ["sha256:0"]}, "history": [{"created_by": "COPY . ."}]}"#;
                let manifest = r#"[{"Config": "c.json", "RepoTags": ["x:1"], "Layers": ["l/layer.tar"]}]"#;
                let end = [vec![0; 1024], padding(layer), member("c.json", config), member("manifest.json", manifest)];
                Box::new(io::Cursor::new([end.concat(), vec![0; 1024]].concat()))
            }
        }
    });
    let mut part: Box<dyn Read> = Box::new(io::empty());
    struct Parts<F>(F);
    impl<F: FnMut(&mut [u8]) -> io::Result<usize>> Read for Parts<F> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            (self.0)(to)
        }
    }
    Parts(move |to: &mut [u8]| {
        loop {
            match part.read(to)? {
                0 if !to.is_empty() => match parts.next() {
                    Some(next) => part = next,
                    None => return Ok(0),
                },
                n => return Ok(n),
            }
        }
    })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

async fn drain(engine: &Engine, image: &str) {
    use tokio::io::AsyncReadExt as _;
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
