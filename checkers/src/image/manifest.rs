//! The JSON of an archive: which layers make up the image, and what a container of it starts with.

use super::{Options, ReadError, paths::clean};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

/// What a container of an image starts with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Config {
    /// USER, empty when not set.
    pub user: String,
    /// ENV, each `NAME=value`.
    pub env: Vec<String>,
    /// ENTRYPOINT, empty when not set.
    pub entrypoint: Vec<String>,
    /// CMD, empty when not set.
    pub cmd: Vec<String>,
    /// WORKDIR, empty when not set.
    pub workdir: String,
    /// EXPOSE, each `8080/tcp`.
    pub exposed: Vec<String>,
    /// VOLUME.
    pub volumes: Vec<String>,
    /// LABEL.
    pub labels: BTreeMap<String, String>,
    /// STOPSIGNAL, empty when not set.
    pub stop_signal: String,
    /// SHELL, empty when not set.
    pub shell: Vec<String>,
    /// HEALTHCHECK.
    pub health: Option<Health>,
    /// Architecture, as images name it (`amd64`).
    pub arch: String,
    /// Operating system (`linux`).
    pub os: String,
}

/// HEALTHCHECK.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Health {
    /// `["CMD", …]`, `["CMD-SHELL", command]` or `["NONE"]`.
    pub test: Vec<String>,
    /// Between two tests, where set.
    pub interval: Option<Duration>,
    /// For one test, where set.
    pub timeout: Option<Duration>,
    /// How many failures make it unhealthy, where set.
    pub retries: Option<u32>,
}

/// A row of `docker history`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HistoryRow {
    /// The instruction, as the builder wrote it.
    pub created_by: String,
    /// Index of the layer that it made; none for one that changed only the config.
    pub layer: Option<usize>,
}

/// What the archive's JSON comes to.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) config: Config,
    /// Its name in the archive.
    pub(super) name: String,
    /// Names of the layers' blobs in the archive, bottom first.
    pub(super) blobs: Vec<String>,
    pub(super) diff_ids: Vec<String>,
    pub(super) history: Vec<HistoryRow>,
}

/// Go writes an empty list or map as `null`.
fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(d: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(d)?.unwrap_or_default())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SaveEntry {
    config: String,
    #[serde(default, deserialize_with = "nullable")]
    repo_tags: Vec<String>,
    #[serde(default, deserialize_with = "nullable")]
    layers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    digest: String,
    #[serde(default, deserialize_with = "nullable")]
    platform: Platform,
    #[serde(default, deserialize_with = "nullable")]
    annotations: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
struct Platform {
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    os: String,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default, deserialize_with = "nullable")]
    manifests: Vec<Descriptor>,
    config: Option<Descriptor>,
    #[serde(default, deserialize_with = "nullable")]
    layers: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct RawConfig {
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    os: String,
    #[serde(default, deserialize_with = "nullable")]
    config: RawRun,
    #[serde(default, deserialize_with = "nullable")]
    rootfs: RootFs,
    #[serde(default, deserialize_with = "nullable")]
    history: Vec<RawHistory>,
}

#[derive(Deserialize, Default)]
struct RootFs {
    #[serde(default, deserialize_with = "nullable")]
    diff_ids: Vec<String>,
}

#[derive(Deserialize)]
struct RawHistory {
    #[serde(default)]
    created_by: String,
    #[serde(default)]
    empty_layer: bool,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct RawRun {
    #[serde(deserialize_with = "nullable")]
    user: String,
    #[serde(deserialize_with = "nullable")]
    env: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    entrypoint: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    cmd: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    working_dir: String,
    #[serde(deserialize_with = "nullable")]
    exposed_ports: BTreeMap<String, serde::de::IgnoredAny>,
    #[serde(deserialize_with = "nullable")]
    volumes: BTreeMap<String, serde::de::IgnoredAny>,
    #[serde(deserialize_with = "nullable")]
    labels: BTreeMap<String, String>,
    #[serde(deserialize_with = "nullable")]
    stop_signal: String,
    #[serde(deserialize_with = "nullable")]
    shell: Vec<String>,
    healthcheck: Option<RawHealth>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct RawHealth {
    #[serde(deserialize_with = "nullable")]
    test: Vec<String>,
    interval: Option<u64>,
    timeout: Option<u64>,
    retries: Option<u32>,
}

/// The JSON files of an archive, by their names in it; those that went past the cap with their lengths alone.
pub(super) type Json = HashMap<String, Result<Vec<u8>, u64>>;

/// Finds the image's config and layers: by `manifest.json`, which engines of every age write, else by `index.json`.
pub(super) fn find(json: &Json, options: &Options) -> Result<Found, ReadError> {
    let (config, blobs) = if json.contains_key("manifest.json") {
        by_manifest(json, options)?
    } else if json.contains_key("index.json") {
        by_index(json, options)?
    } else {
        return Err(ReadError::Malformed("neither manifest.json nor index.json in it".to_owned()));
    };
    let raw: RawConfig = parse(json, &config)?;
    if raw.rootfs.diff_ids.len() != blobs.len() {
        return Err(ReadError::Malformed(format!(
            "its manifest names {} layers and its config {}",
            blobs.len(),
            raw.rootfs.diff_ids.len()
        )));
    }
    Ok(Found {
        config: raw.config.into_config(raw.architecture, raw.os),
        name: config,
        history: history(raw.history, blobs.len()),
        diff_ids: raw.rootfs.diff_ids,
        blobs,
    })
}

fn parse<T: DeserializeOwned>(json: &Json, name: &str) -> Result<T, ReadError> {
    match json.get(name) {
        None => Err(ReadError::Missing(clean(name.as_bytes()))),
        Some(Err(_)) => {
            Err(ReadError::Limit { what: "bytes of manifests", limit: super::Limits::default().json as u64 })
        }
        Some(Ok(bytes)) => serde_json::from_slice(bytes).map_err(|e| {
            ReadError::Malformed(format!("{}: {}", clean(name.as_bytes()), clean(e.to_string().as_bytes())))
        }),
    }
}

fn by_manifest(json: &Json, options: &Options) -> Result<(String, Vec<String>), ReadError> {
    let entries: Vec<SaveEntry> = parse(json, "manifest.json")?;
    let found = entries.iter().flat_map(|e| &e.repo_tags).map(|t| clean(t.as_bytes())).collect();
    let wanted = options.reference.as_deref();
    let chosen = match wanted {
        Some(wanted) => entries.into_iter().find(|e| e.repo_tags.iter().any(|tag| tag == wanted)),
        None => entries.into_iter().next(),
    };
    let entry =
        chosen.ok_or_else(|| ReadError::NoSuchImage { wanted: wanted.unwrap_or("at all").to_owned(), found })?;
    Ok((entry.config, entry.layers))
}

fn by_index(json: &Json, options: &Options) -> Result<(String, Vec<String>), ReadError> {
    let index: Manifest = parse(json, "index.json")?;
    let name = |d: &Descriptor| {
        let named = d.annotations.get("io.containerd.image.name");
        named.or_else(|| d.annotations.get("org.opencontainers.image.ref.name")).cloned()
    };
    let mut roots: Vec<&Descriptor> = index.manifests.iter().collect();
    if let Some(wanted) = &options.reference {
        roots.retain(|d| name(d).as_ref() == Some(wanted));
        if roots.is_empty() {
            let found = index.manifests.iter().filter_map(name).map(|n| clean(n.as_bytes())).collect();
            return Err(ReadError::NoSuchImage { wanted: wanted.clone(), found });
        }
    }
    let mut left = 64;
    for root in roots {
        if let Some(found) = platform(json, root, options, 4, &mut left)? {
            return Ok(found);
        }
    }
    let wanted = options.arch.as_deref().map_or("at all".to_owned(), |arch| format!("for {arch}"));
    Err(ReadError::NoSuchImage { wanted, found: vec![] })
}

/// The first platform manifest under a descriptor that is wanted and in the archive. Depth and count are bounded: an
/// index may name itself.
fn platform(
    json: &Json,
    at: &Descriptor,
    options: &Options,
    depth: u32,
    left: &mut u32,
) -> Result<Option<(String, Vec<String>)>, ReadError> {
    let attestation = at.annotations.get("vnd.docker.reference.type").is_some_and(|t| t == "attestation-manifest");
    let other = options
        .arch
        .as_ref()
        .is_some_and(|arch| !at.platform.architecture.is_empty() && &at.platform.architecture != arch);
    if attestation || at.platform.os == "unknown" || other {
        return Ok(None);
    }
    *left = left.checked_sub(1).filter(|_| depth > 0).ok_or(ReadError::Limit { what: "manifests", limit: 64 })?;
    let blob = blob_name(&at.digest);
    if !json.contains_key(&blob) {
        // A platform that was not pulled: the index still names it.
        return Ok(None);
    }
    let manifest: Manifest = parse(json, &blob)?;
    if let Some(config) = manifest.config {
        let layers = manifest.layers.iter().map(|l| blob_name(&l.digest)).collect();
        return Ok(Some((blob_name(&config.digest), layers)));
    }
    for below in &manifest.manifests {
        if let Some(found) = platform(json, below, options, depth - 1, left)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn blob_name(digest: &str) -> String {
    format!("blobs/{}", digest.replacen(':', "/", 1))
}

/// Rows get their layers only when they match up exactly: a squashed or converted image has rows of another count, and a
/// wrong instruction beside a layer is worse than none.
fn history(rows: Vec<RawHistory>, layers: usize) -> Vec<HistoryRow> {
    let fits = rows.iter().filter(|row| !row.empty_layer).count() == layers;
    let mut next = 0;
    rows.into_iter()
        .map(|row| {
            let layer = (fits && !row.empty_layer).then(|| {
                next += 1;
                next - 1
            });
            HistoryRow { created_by: row.created_by, layer }
        })
        .collect()
}

impl RawRun {
    fn into_config(self, arch: String, os: String) -> Config {
        Config {
            user: self.user,
            env: self.env,
            entrypoint: self.entrypoint,
            cmd: self.cmd,
            workdir: self.working_dir,
            exposed: self.exposed_ports.into_keys().collect(),
            volumes: self.volumes.into_keys().collect(),
            labels: self.labels,
            stop_signal: self.stop_signal,
            shell: self.shell,
            health: self.healthcheck.map(|h| Health {
                test: h.test,
                interval: h.interval.filter(|n| *n > 0).map(Duration::from_nanos),
                timeout: h.timeout.filter(|n| *n > 0).map(Duration::from_nanos),
                retries: h.retries.filter(|n| *n > 0),
            }),
            arch,
            os,
        }
    }
}
