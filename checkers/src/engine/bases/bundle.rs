//! Bundles: images in one file, for machines that reach no registry.
//!
//! A bundle is what `docker save` writes, which holds each layer once, behind one more entry that says what is in it. So
//! `docker load` reads it too, and we need no second format. It comes from a stick or a share, and is hostile until shown
//! otherwise: before a byte of it reaches the daemon it is read through, within bounds, every blob held to the digest that
//! names it, and every tag to the list in front. The list is shown to the learner first: loading moves tags.

use super::{Kit, Reference};
use crate::{
    engine::{Engine, EngineError, bases::make::RECIPE, clean, daemon_error},
    image::tar::Tar,
};
use bollard::query_parameters::ImportImageOptionsBuilder;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Read, SeekFrom},
    path::Path,
};
use tokio::{
    io::{AsyncSeekExt, AsyncWrite, AsyncWriteExt},
    sync::watch,
};
use tokio_util::io::ReaderStream;

/// The name of the entry in front.
const LIST: &str = "dockshala-bundle.json";
const LIST_CAP: u64 = 4 << 20;
/// Of one manifest or config, and of all of them.
const JSON_CAP: u64 = 4 << 20;
const JSON_TOTAL: usize = 64 << 20;
const ENTRIES: u64 = 1_000_000;
const BYTES: u64 = 1 << 40;

/// What is in a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// The format's number, 1.
    pub format: u32,
    /// The architecture of all its images, as images name it.
    pub arch: String,
    /// The images.
    pub images: Vec<Bundled>,
}

/// One image of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundled {
    /// The tag that loading gives it.
    pub name: String,
    /// Its id on the daemon that it was saved from.
    pub id: String,
    /// The digests under which registries have it.
    pub digests: Vec<String>,
    /// Diff ids of its layers, bottom first: what identifies its files on every daemon.
    pub layers: Vec<String>,
    /// Bytes that the daemon that it was saved from said it takes.
    pub disk: u64,
}

/// Why a bundle was not written or not loaded.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The daemon.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The file.
    #[error("{0}")]
    Io(#[source] std::io::Error),
    /// It is no bundle.
    #[error("this is no bundle of images: {0}")]
    NotABundle(String),
    /// It is damaged: cut off, or a blob that is not what its name says.
    #[error("the bundle is damaged: {0}")]
    Damaged(String),
    /// It wants to do what no bundle may: tag what it does not list, or a stand-in as the real image.
    #[error("the bundle is refused: {0}")]
    Refused(String),
    /// It was made for another kind of machine.
    #[error("the bundle is for {bundle} and this daemon is {daemon}")]
    Arch {
        /// The bundle's.
        bundle: String,
        /// The daemon's.
        daemon: String,
    },
}

impl From<std::io::Error> for BundleError {
    fn from(error: std::io::Error) -> Self {
        crate::image::ReadError::from(error).into()
    }
}

impl From<crate::image::ReadError> for BundleError {
    fn from(error: crate::image::ReadError) -> Self {
        match error {
            crate::image::ReadError::Io(error) => Self::Io(error),
            other => Self::Damaged(other.to_string()),
        }
    }
}

/// Writes images and their list. `progress` counts bytes written.
pub async fn save(
    engine: &Engine,
    names: &[String],
    to: &mut (impl AsyncWrite + Unpin),
    progress: watch::Sender<u64>,
) -> Result<Bundle, BundleError> {
    let mut bundle = Bundle { format: 1, arch: engine.info().arch.clone(), images: vec![] };
    for name in names {
        let image = engine.inspect(name).await?;
        bundle.images.push(Bundled {
            name: name.clone(),
            id: image.id.unwrap_or_default(),
            digests: image.repo_digests.unwrap_or_default(),
            layers: image.root_fs.and_then(|root| root.layers).unwrap_or_default(),
            disk: image.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
        });
    }
    let list = serde_json::to_vec_pretty(&bundle).map_err(std::io::Error::other)?;
    let mut header = tar::Header::new_ustar();
    header.set_path(LIST)?;
    header.set_size(list.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    to.write_all(header.as_bytes()).await?;
    to.write_all(&list).await?;
    to.write_all(&vec![0; list.len().wrapping_neg() % 512]).await?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut archive = std::pin::pin!(engine.docker().export_images(&names));
    let mut written = 0;
    while let Some(chunk) = archive.next().await {
        let chunk = chunk.map_err(daemon_error)?;
        to.write_all(&chunk).await?;
        written += chunk.len() as u64;
        progress.send_replace(written);
    }
    to.flush().await?;
    Ok(bundle)
}

/// Reads a bundle through and holds it to its list; nothing is loaded. Takes as long as reading and hashing the file does.
pub fn examine(file: impl Read, kit: &Kit) -> Result<Bundle, BundleError> {
    let mut tar = Tar::new(BufReader::with_capacity(256 << 10, file), BYTES, 4096, true);
    let bundle = list(&mut tar)?;
    let mut json: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let (mut kept, mut entries) = (0, 0);
    while let Some(header) = tar.next()? {
        entries += 1;
        if entries > ENTRIES {
            return Err(BundleError::Refused("too many entries".into()));
        }
        let name = String::from_utf8(tar.path().to_vec()).unwrap_or_default();
        let shown = clean::line(&name);
        if name.is_empty() || name.starts_with('/') || name.split('/').any(|part| part == "..") {
            return Err(BundleError::Refused(format!("a path that leads elsewhere: {shown}")));
        }
        match header.kind {
            b'0' | 0 => {}
            // Folders, and links among the layers of old engines; the daemon unpacks within a folder of its own.
            b'5' | b'2' | b'1' => continue,
            _ => return Err(BundleError::Refused(format!("an entry of a strange kind: {shown}"))),
        }
        let mut content = tar.content();
        let first = content.fill_buf()?.first().copied();
        if matches!(first, Some(b'{' | b'[')) && header.size <= JSON_CAP {
            let mut bytes = vec![];
            content.take(JSON_CAP).read_to_end(&mut bytes)?;
            held_to_digest(&name, &Sha256::digest(&bytes))?;
            kept += bytes.len();
            if kept > JSON_TOTAL {
                return Err(BundleError::Refused("too many manifests".into()));
            }
            json.insert(name, bytes);
        } else if name.starts_with("blobs/") {
            let mut sum = Sha256::new();
            loop {
                let have = content.fill_buf()?;
                if have.is_empty() {
                    break;
                }
                sum.update(have);
                let n = have.len();
                content.consume(n);
            }
            held_to_digest(&name, &sum.finalize())?;
        }
    }
    held_to_list(&bundle, &json, kit)?;
    Ok(bundle)
}

fn list<R: BufRead>(tar: &mut Tar<R>) -> Result<Bundle, BundleError> {
    let no = || BundleError::NotABundle(format!("it does not begin with {LIST}"));
    let header = tar.next().map_err(|_| no())?.ok_or_else(no)?;
    if tar.path() != LIST.as_bytes() || header.size > LIST_CAP {
        return Err(no());
    }
    let mut bytes = vec![];
    tar.content().take(LIST_CAP).read_to_end(&mut bytes)?;
    let bundle: Bundle =
        serde_json::from_slice(&bytes).map_err(|e| BundleError::NotABundle(clean::line(&e.to_string())))?;
    if bundle.format != 1 {
        return Err(BundleError::NotABundle(format!("its format is {}; this program reads 1", bundle.format)));
    }
    match bundle.images.iter().find(|image| Reference::parse(&image.name).is_none_or(|r| r.tag().is_none())) {
        Some(image) => Err(BundleError::Refused(format!("no name of an image: {}", clean::line(&image.name)))),
        None => Ok(bundle),
    }
}

/// `blobs/sha256/HEX`, and a config of an old engine, `HEX.json`.
fn held_to_digest(name: &str, sum: &[u8]) -> Result<(), BundleError> {
    let want = match name.strip_prefix("blobs/sha256/") {
        Some(hex) => hex,
        None => match name.strip_suffix(".json") {
            Some(hex) if hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()) => hex,
            _ => return Ok(()),
        },
    };
    let got: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    if got == want { Ok(()) } else { Err(BundleError::Damaged(format!("{} has SHA-256 {got}", clean::line(name)))) }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: String,
    repo_tags: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct SavedConfig {
    rootfs: SavedRoot,
    #[serde(default)]
    config: Option<SavedRun>,
}

#[derive(Deserialize)]
struct SavedRoot {
    diff_ids: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SavedRun {
    labels: Option<BTreeMap<String, String>>,
}

/// The daemon goes by `manifest.json`, or by `index.json` where the containerd store finds no tags in the other: both may
/// tag only what the list shows.
fn held_to_list(bundle: &Bundle, json: &BTreeMap<String, Vec<u8>>, kit: &Kit) -> Result<(), BundleError> {
    let damaged = |what: &str, e: &dyn std::fmt::Display| BundleError::Damaged(clean::line(&format!("{what}: {e}")));
    let manifest = json.get("manifest.json").ok_or_else(|| BundleError::Damaged("no manifest.json in it".into()))?;
    let saved: Vec<Saved> = serde_json::from_slice(manifest).map_err(|e| damaged("manifest.json", &e))?;
    let mut missing: BTreeMap<Reference, &Bundled> =
        bundle.images.iter().filter_map(|image| Some((Reference::parse(&image.name)?, image))).collect();
    let listed: BTreeSet<Reference> = missing.keys().cloned().collect();
    for entry in &saved {
        let config = json.get(&entry.config).ok_or_else(|| damaged(&entry.config, &"not in it"))?;
        let config: SavedConfig = serde_json::from_slice(config).map_err(|e| damaged(&entry.config, &e))?;
        let stands_in = config.config.and_then(|c| c.labels).is_some_and(|labels| labels.contains_key(RECIPE));
        let diff_ids = config.rootfs.diff_ids.unwrap_or_default();
        for tag in entry.repo_tags.iter().flatten() {
            let shown = clean::line(tag);
            let name = Reference::parse(tag)
                .filter(|name| listed.contains(name))
                .ok_or_else(|| BundleError::Refused(format!("it would tag {shown}, which it does not list")))?;
            let image = missing.remove(&name).ok_or_else(|| BundleError::Refused(format!("{shown} is in it twice")))?;
            if image.layers != diff_ids {
                return Err(BundleError::Refused(format!("{shown} is another image than it lists")));
            }
            if stands_in && !image.name.starts_with(&kit.prefix) {
                return Err(BundleError::Refused(format!("it would tag a stand-in as {shown}")));
            }
        }
    }
    if let Some(name) = missing.keys().next() {
        return Err(BundleError::Damaged(format!("{name} is not in it")));
    }
    if let Some(index) = json.get("index.json") {
        let index: serde_json::Value = serde_json::from_slice(index).map_err(|e| damaged("index.json", &e))?;
        for annotations in index["manifests"].as_array().into_iter().flatten().map(|m| &m["annotations"]) {
            let Some(name) = annotations["io.containerd.image.name"].as_str() else { continue };
            if Reference::parse(name).is_none_or(|name| !listed.contains(&name)) {
                let shown = clean::line(name);
                return Err(BundleError::Refused(format!("it would tag {shown}, which it does not list")));
            }
        }
    }
    Ok(())
}

/// Names of a bundle that stand for another image on this daemon now: loading moves them.
pub async fn replaces(engine: &Engine, bundle: &Bundle) -> Result<Vec<String>, EngineError> {
    let mut moved = vec![];
    for image in &bundle.images {
        match engine.inspect(&image.name).await {
            Ok(here) => {
                if here.root_fs.and_then(|root| root.layers).unwrap_or_default() != image.layers {
                    moved.push(image.name.clone());
                }
            }
            Err(EngineError::NoImage(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(moved)
}

/// Loads a bundle that [`examine`] has passed. `progress` counts bytes sent.
pub async fn load(
    engine: &Engine,
    bundle: &Bundle,
    path: &Path,
    progress: watch::Sender<u64>,
) -> Result<(), BundleError> {
    let daemon = &engine.info().arch;
    if bundle.arch != *daemon {
        return Err(BundleError::Arch { bundle: clean::line(&bundle.arch), daemon: daemon.clone() });
    }
    let mut file = tokio::fs::File::open(path).await?;
    let size = file.metadata().await?.len();
    // The list in front is ours alone: the daemon is sent exactly what a daemon once saved.
    let list = {
        let mut head = [0; 512];
        tokio::io::AsyncReadExt::read_exact(&mut file, &mut head).await?;
        let header = tar::Header::from_byte_slice(&head);
        512 + header.entry_size()?.next_multiple_of(512)
    };
    file.seek(SeekFrom::Start(list)).await?;
    let mut sent = 0;
    let body = ReaderStream::with_capacity(file, 256 << 10).map(move |chunk| {
        sent += chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        progress.send_replace(sent.min(size));
        chunk
    });
    let options = ImportImageOptionsBuilder::new().quiet(true).build();
    let mut answer = engine.docker().import_image_stream(options, body.chain(stream::empty()), None);
    while let Some(message) = answer.next().await {
        message.map_err(daemon_error)?;
    }
    for image in &bundle.images {
        // An engine that skips what it cannot read says so in prose only.
        if !engine.has(&image.name).await? {
            return Err(BundleError::Damaged(format!(
                "the daemon took it, but {} is not there",
                clean::line(&image.name)
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sha(bytes: &[u8]) -> String {
        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    struct Made {
        entries: Vec<(String, Vec<u8>)>,
    }

    /// A bundle with one image, as an engine of today saves it.
    fn made(name: &str, label: &str) -> Made {
        let layer = b"not looked into".to_vec();
        let config =
            serde_json::json!({"rootfs": {"diff_ids": ["sha256:aa"]}, "config": {"Labels": {label: "x"}}}).to_string();
        let config_name = format!("blobs/sha256/{}", sha(config.as_bytes()));
        let manifest = serde_json::json!([{"Config": config_name, "RepoTags": [name], "Layers": []}]).to_string();
        let index = serde_json::json!({"manifests": [{"annotations": {"io.containerd.image.name": name}}]}).to_string();
        let image =
            Bundled { name: name.into(), id: "i".into(), digests: vec![], layers: vec!["sha256:aa".into()], disk: 1 };
        let bundle = Bundle { format: 1, arch: "amd64".into(), images: vec![image] };
        let entries = vec![
            (LIST.to_owned(), serde_json::to_vec(&bundle).unwrap()),
            (format!("blobs/sha256/{}", sha(&layer)), layer),
            (config_name, config.into_bytes()),
            ("index.json".into(), index.into_bytes()),
            ("manifest.json".into(), manifest.into_bytes()),
        ];
        Made { entries }
    }

    impl Made {
        fn bytes(&self) -> Vec<u8> {
            let mut tar = tar::Builder::new(vec![]);
            for (name, bytes) in &self.entries {
                let mut header = tar::Header::new_ustar();
                header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
                header.set_size(bytes.len() as u64);
                header.set_cksum();
                tar.append(&header, bytes.as_slice()).unwrap();
            }
            tar.into_inner().unwrap()
        }

        fn examine(&self) -> Result<Bundle, BundleError> {
            examine(self.bytes().as_slice(), &Kit::empty())
        }

        fn with(mut self, at: usize, change: impl Fn(&str) -> String) -> Self {
            let text = String::from_utf8(self.entries[at].1.clone()).unwrap();
            self.entries[at].1 = change(&text).into_bytes();
            self
        }
    }

    #[test]
    fn a_sound_bundle_passes_and_a_cut_one_never_does() {
        let bundle = made("golang:1.26", "l");
        assert_eq!(bundle.examine().unwrap().images[0].name, "golang:1.26");
        let bytes = bundle.bytes();
        for end in (0..bytes.len() - 1024).step_by(97) {
            assert!(examine(&bytes[..end], &Kit::empty()).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn a_changed_blob_is_found() {
        for at in [1, 2] {
            let damaged = made("golang:1.26", "l").with(at, |text| text.replacen('o', "0", 1));
            assert!(matches!(damaged.examine(), Err(BundleError::Damaged(_))), "entry {at}");
        }
    }

    #[test]
    fn tags_that_are_not_listed_are_refused_wherever_they_stand() {
        for at in [3, 4] {
            let lying = made("golang:1.26", "l").with(at, |text| text.replace("golang:1.26", "debian:13"));
            assert!(matches!(lying.examine(), Err(BundleError::Refused(_))), "entry {at}");
        }
        let other = made("golang:1.26", "l").with(0, |text| text.replace("sha256:aa", "sha256:bb"));
        assert!(matches!(other.examine(), Err(BundleError::Refused(_))));
    }

    #[test]
    fn a_stand_in_is_never_tagged_as_the_real_image() {
        assert!(matches!(made("golang:1.26", RECIPE).examine(), Err(BundleError::Refused(_))));
        assert!(made("dockshala.local/golang:1.26", RECIPE).examine().is_ok());
    }

    #[test]
    fn what_is_no_bundle_is_said_to_be_none() {
        for bytes in [b"PK\x03\x04".to_vec(), vec![0; 2048], vec![b'x'; 4096]] {
            assert!(matches!(examine(bytes.as_slice(), &Kit::empty()), Err(BundleError::NotABundle(_))));
        }
        let newer = made("golang:1.26", "l").with(0, |text| text.replace("\"format\":1", "\"format\":2"));
        assert!(matches!(newer.examine(), Err(BundleError::NotABundle(_))));
        let mut out = made("golang:1.26", "l");
        out.entries.push(("../../etc/cron.d/x".into(), b"x".to_vec()));
        assert!(matches!(out.examine(), Err(BundleError::Refused(_))));
    }
}
