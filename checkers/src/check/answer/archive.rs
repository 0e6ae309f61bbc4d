//! The text of a file of an archive that `docker save` wrote: what is in the image, and what is only in its layers.
//!
//! [`image::read`] tells which layer put a file there and whether a later one deleted it, but keeps the content of no file
//! that cannot be seen. The archive of an exercise is small, so that it is read a second time for that.

use crate::image::{self, How};
use flate2::read::MultiGzDecoder;
use regex::Regex;
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read},
    path::Path,
};

/// An archive of an exercise may be so big.
const BIGGEST: u64 = 64 << 20;
/// Of the file's text so much is looked at.
const TEXT: u64 = 1 << 20;

/// What is found of a file's text.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Texts {
    pub(super) hidden: Vec<String>,
    pub(super) visible: Vec<String>,
}

/// Reads the image of an archive, for what else is asked of it.
pub(super) fn image(path: &Path) -> Result<image::Image, String> {
    let options = image::Options {
        limits: image::Limits { bytes: BIGGEST * 16, entries: 100_000, ..image::Limits::default() },
        ..image::Options::default()
    };
    let file = fs::File::open(path).map_err(|e| e.to_string())?;
    image::read(file, &options).map_err(|e| e.to_string())
}

/// Looks for `take` in every copy of `file`, and for each text tells whether it can be seen in the image.
pub(super) fn texts(path: &Path, file: &str, take: &str) -> Result<Texts, String> {
    let pattern = regex::RegexBuilder::new(take).multi_line(true).build().map_err(|e| e.to_string())?;
    let tree = image(path)?;
    let deleted: Vec<usize> =
        tree.hidden.iter().filter(|h| h.how == How::Removed && tree.path_of(h) == file).map(|h| h.put_by).collect();
    let blobs = blobs(path).map_err(|e| e.to_string())?;
    let mut found = Texts::default();
    for (nth, layer) in layers(&blobs)?.iter().enumerate() {
        let layer = blobs.get(layer).ok_or_else(|| format!("the archive lacks {layer}"))?;
        for (name, text) in contents(layer).map_err(|e| e.to_string())? {
            let all = take_all(&pattern, &text);
            // The same words in a file that everybody can see are no secret of the deleted one.
            let to = if name == file && deleted.contains(&nth) { &mut found.hidden } else { &mut found.visible };
            to.extend(all);
        }
    }
    found.hidden.retain(|text| !found.visible.contains(text));
    Ok(found)
}

fn take_all(pattern: &Regex, text: &str) -> Vec<String> {
    let groups = pattern.captures_iter(text).filter_map(|c| c.get(1).or(c.get(0)));
    groups.map(|m| m.as_str().trim().to_owned()).filter(|t| !t.is_empty()).collect()
}

/// Every file of the outer archive.
fn blobs(path: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let file = fs::File::open(path)?;
    if file.metadata()?.len() > BIGGEST {
        return Err(io::Error::other("the archive is too big"));
    }
    let mut found = BTreeMap::new();
    for entry in tar::Archive::new(file).entries()? {
        let mut entry = entry?;
        let name = entry.path()?.to_string_lossy().trim_start_matches("./").to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        found.insert(name, bytes);
    }
    Ok(found)
}

/// The layers' names, bottom first.
fn layers(blobs: &BTreeMap<String, Vec<u8>>) -> Result<Vec<String>, String> {
    let manifest = blobs.get("manifest.json").ok_or("the archive has no manifest.json")?;
    let manifest: serde_json::Value = serde_json::from_slice(manifest).map_err(|e| e.to_string())?;
    let layers = manifest[0]["Layers"].as_array().ok_or("its manifest.json names no layers")?;
    Ok(layers.iter().filter_map(|l| l.as_str()).map(str::to_owned).collect())
}

/// Text files of a layer.
fn contents(layer: &[u8]) -> io::Result<Vec<(String, String)>> {
    let plain: Box<dyn Read> = match layer {
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(layer).take(BIGGEST)),
        _ => Box::new(layer),
    };
    let mut found = Vec::new();
    for entry in tar::Archive::new(plain).entries()? {
        let entry = entry?;
        let name = entry.path()?.to_string_lossy().trim_start_matches("./").to_owned();
        if entry.header().entry_type().is_file() {
            let mut bytes = Vec::new();
            entry.take(TEXT).read_to_end(&mut bytes)?;
            found.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tarball(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (name, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, name, *bytes).unwrap();
        }
        tar.into_inner().unwrap()
    }

    #[test]
    fn a_deleted_text_is_told_from_one_that_can_be_seen() {
        let one = tarball(&[("srv/.env", b"A=1\nKEY=deep\n"), ("srv/example.env", b"KEY=changeme\n")]);
        let two = tarball(&[("srv/.wh..env", b"")]);
        let config = br#"{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:1","sha256:2"]},"history":[{"created_by":"COPY"},{"created_by":"RUN rm"}]}"#;
        let manifest = br#"[{"Config":"c.json","RepoTags":["x:1"],"Layers":["1/layer.tar","2/layer.tar"]}]"#;
        let all =
            tarball(&[("c.json", config), ("1/layer.tar", &one), ("2/layer.tar", &two), ("manifest.json", manifest)]);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.tar");
        fs::write(&path, all).unwrap();
        let found = texts(&path, "srv/.env", "^KEY=(.*)$").unwrap();
        assert_eq!(found, Texts { hidden: vec!["deep".into()], visible: vec!["changeme".into()] });
        assert!(texts(&path, "srv/.env", "^NOTHING$").unwrap().hidden.is_empty());
        fs::write(&path, b"no archive").unwrap();
        assert!(texts(&path, "srv/.env", "x").is_err());
    }
}
