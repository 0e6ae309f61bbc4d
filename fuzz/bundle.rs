//! What the fuzz target `bundle` does with its bytes, as `bodies.rs` does for the others: a file apart, as it needs the whole
//! program and the others only the checker.

use dockshala::class::{
    manifest::{Limits, Work},
    read::{open, unpack},
};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{fs, io::Write as _, path::Path};

const LIMITS: Limits =
    Limits { file: 1 << 18, sources: 1 << 16, source: 1 << 15, count: 64, manifest: 1 << 16, events: 1 << 14 };

/// A learner's bundle, as `class regrade` opens it: as bytes, as a packed archive, or made by a program of bytes that keeps the
/// hashes right, which random bytes never do. What is taken is unpacked, and nothing may come to lie, or lead, outside.
pub(crate) fn bundle(data: &[u8]) {
    let Some((&how, data)) = data.split_first() else { return };
    let top = tempfile::tempdir().expect("a folder");
    let path = top.path().join("a.dockshala.tar.gz");
    let bytes = match how % 4 {
        0 => data.to_vec(),
        1 => packed(data),
        _ => packed(&made(data)),
    };
    fs::write(&path, bytes).expect("a file");
    let opened = match open(&path, &LIMITS) {
        Ok(opened) => opened,
        Err(refusal) => return assert!(!refusal.name.is_empty()),
    };
    let out = top.path().join("out");
    for work in &opened.manifest.exercises {
        let to = out.join(&work.exercise);
        fs::create_dir_all(&to).expect("a folder");
        if unpack(&opened, &work.exercise, &to, &LIMITS).is_ok() {
            for file in &work.files {
                let meta = to.join(&file.path).symlink_metadata().expect("every file that was announced");
                assert!(meta.is_file() && meta.len() == file.bytes, "{file:?}");
            }
        }
        inside(&to, &to.canonicalize().expect("it was made above"));
    }
    let beside = fs::read_dir(top.path()).expect("our folder").count();
    assert!(beside <= 2, "something was written beside the folder that was given");
}

/// Files, folders, and links that lead to nothing outside.
fn inside(folder: &Path, root: &Path) {
    for entry in fs::read_dir(folder).expect("our folder").flatten() {
        let (path, kind) = (entry.path(), entry.file_type().expect("its kind"));
        if kind.is_dir() {
            inside(&path, root);
        } else if kind.is_symlink() {
            if let Ok(to) = path.canonicalize() {
                assert!(to.starts_with(root), "{} leads to {}", path.display(), to.display());
            }
        } else {
            assert!(kind.is_file(), "{}", path.display());
        }
    }
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let _ = gzip.write_all(bytes);
    gzip.finish().unwrap_or_default()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A path of few different parts, so that files, links and folders meet in them.
fn path(bytes: &mut impl Iterator<Item = u8>) -> String {
    const PARTS: [&str; 16] =
        ["a", "b", "c", "d", "l", "m", "..", ".", "", "a", "l", "C:", "x\\y", "\u{1b}", "मेन्यू", "a b"];
    let shape = bytes.next().unwrap_or_default();
    let part = |byte: u8| PARTS[usize::from(byte) % if shape & 0x40 == 0 { 6 } else { 16 }];
    let joined: Vec<&str> = (0..1 + shape % 4).map(|_| part(bytes.next().unwrap_or_default())).collect();
    match shape >> 7 {
        0 => joined.join("/"),
        _ => format!("../{}", joined.join("/")),
    }
}

/// Works with files, links and empty folders, and the archive that goes with them; some bits make the archive lie.
fn made(data: &[u8]) -> Vec<u8> {
    let mut bytes = data.iter().copied();
    let lies = bytes.next().unwrap_or_default();
    let (mut works, mut entries): (Vec<Work>, Vec<(String, Vec<u8>)>) = (Vec::new(), Vec::new());
    for nth in 0..1 + lies % 3 {
        let exercise = if lies & 0x80 == 0 { format!("e-{nth}") } else { path(&mut bytes) };
        let (mut files, mut links, mut empty) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..bytes.next().unwrap_or_default() % 8 {
            let (what, place) = (bytes.next().unwrap_or_default(), path(&mut bytes));
            match what % 4 {
                0 | 1 => {
                    let body: Vec<u8> = bytes.by_ref().take(usize::from(what >> 4)).collect();
                    files.push(json!({"path": place, "bytes": body.len(), "sha256": sha256(&body), "executable": what & 8 != 0}));
                    entries.push((format!("work/{exercise}/{place}"), body));
                }
                2 => links.push(json!({"path": place, "target": path(&mut bytes)})),
                _ => empty.push(place),
            }
        }
        let work = json!({"exercise": exercise, "files": files, "links": links, "empty": empty, "hash": ""});
        let Ok(mut work) = serde_json::from_value::<Work>(work) else { return Vec::new() };
        work.hash = work.content();
        works.push(work);
    }
    let events: Vec<u8> = bytes.collect();
    let manifest = json!({
        "format": 1, "program": "0", "learner": "Asha", "device": "00000000-0000-4000-8000-000000000000",
        "made": "2026-11-21T10:00:00+05:30", "course": {"id": "docker", "hash": "0"}, "exercises": works,
        "events": {"count": 0, "bytes": events.len(), "sha256": sha256(&events)},
    });
    entries.insert(0, ("events.jsonl".to_owned(), events));
    entries.insert(0, ("manifest.json".to_owned(), manifest.to_string().into_bytes()));
    if lies & 0x10 != 0 {
        let last = entries.len() - 1;
        entries.swap(last, last / 2);
    }
    let mut archive = tar::Builder::new(Vec::new());
    for (nth, (name, body)) in entries.iter().enumerate() {
        let mut header = tar::Header::new_ustar();
        header.set_mode(0o644);
        header.set_size(body.len() as u64);
        let kind = if lies & 0x20 != 0 && nth + 1 == entries.len() { lies } else { b'0' };
        header.set_entry_type(tar::EntryType::new(kind));
        // The crate's own setter refuses what hostile archives have.
        let field = &mut header.as_mut_bytes()[..100];
        let most = name.len().min(field.len());
        field[..most].copy_from_slice(&name.as_bytes()[..most]);
        header.set_cksum();
        let _ = archive.append(&header, body.as_slice());
    }
    archive.into_inner().unwrap_or_default()
}
