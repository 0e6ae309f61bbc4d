//! Bundles there and back, hostile ones, and the queue with a judge that answers at once, late, never, or not at all.

use super::{
    claims::tests::{check, event},
    collect::collect,
    journal::{Journal, Outcome},
    manifest::{CourseName, EVENTS, Limits, Link, MANIFEST, Manifest, Source, Work},
    read::{open, unpack},
    regrade::{self, Ended, Judge, Options, Told},
    sha256,
    write::{Parts, Written, write},
};
use crate::{course::Course, progress::Event};
use dockshala_checkers::verdict::{CheckResult, Diagnosis, Facts, GoalResult, Verdict, codes};
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const USUAL: &Limits = &Limits::USUAL;

fn copy(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn hand_in(to: &Path, learner: &str, exercise: &str, files: &[(&str, &str)], history: &[Event]) -> Written {
    let dir = copy(files);
    let works = vec![collect(exercise, dir.path(), false, USUAL).unwrap()];
    let course = CourseName { id: "docker".into(), hash: Course::built_in().hash().into() };
    write(to, Parts { learner, device: Uuid::from_u128(7), course, works, history }).unwrap()
}

#[test]
fn there_and_back() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let stick = tempfile::tempdir().unwrap();
    let dir = copy(&[("Dockerfile", "FROM scratch\n"), ("src/deep/a.js", "1"), ("run.sh", "#!/bin/sh\n")]);
    fs::set_permissions(dir.path().join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("deep/a.js", dir.path().join("src/l")).unwrap();
    fs::create_dir(dir.path().join("public")).unwrap();
    let works = vec![collect("two-stages", dir.path(), false, USUAL).unwrap()];
    let history = [
        event(1, 0, &check(true)),
        Event { json: serde_json::json!({ "exercise": "other" }), ..event(2, 1, &check(true)) },
    ];
    let course = CourseName { id: "docker".into(), hash: "h".into() };
    let parts = Parts { learner: "Asha", device: Uuid::from_u128(7), course, works, history: &history };
    let written = write(stick.path(), parts.clone()).unwrap();
    let again = write(stick.path(), parts).unwrap();
    assert_ne!(written.path, again.path, "two of the same second");
    let mode = fs::metadata(&written.path).unwrap().permissions().mode();
    assert_eq!(mode & 0o044, 0o044, "the teacher can read it");
    assert_eq!(fs::read_dir(stick.path()).unwrap().count(), 2, "no part is left");

    let opened = open(&written.path, USUAL).unwrap();
    assert_eq!(opened.manifest, written.manifest);
    assert_eq!(opened.events.as_ref().unwrap().len(), 1, "events of other exercises stay with her");
    let to = tempfile::tempdir().unwrap();
    unpack(&opened, "two-stages", to.path(), USUAL).unwrap();
    let back = collect("two-stages", to.path(), false, USUAL).unwrap().work;
    assert_eq!(back, opened.manifest.exercises[0], "every file, link, empty folder and mode");
}

#[test]
fn a_stick_that_is_not_there_is_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("stick");
    let course = CourseName { id: String::new(), hash: String::new() };
    let parts = Parts { learner: "A", device: Uuid::nil(), course, works: vec![], history: &[] };
    assert!(write(&place, parts).is_err() && !place.exists());
}

/// A bundle as a forger would make it: any manifest, any entries.
fn forge(to: &Path, manifest: &[u8], entries: &[(&str, tar::EntryType, &[u8])]) -> PathBuf {
    let path = to.join("forged.dockshala.tar.gz");
    let mut tar = tar::Builder::new(GzEncoder::new(fs::File::create(&path).unwrap(), Compression::fast()));
    let history = b"{\"format\":\"dockshala-progress\",\"schema\":1}\n";
    let first = [(MANIFEST, tar::EntryType::Regular, manifest), (EVENTS, tar::EntryType::Regular, &history[..])];
    for (name, kind, bytes) in first.iter().chain(entries) {
        let mut header = tar::Header::new_ustar();
        // Past the check that `set_path` makes.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        if *kind == tar::EntryType::Symlink {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        tar.append(&header, *bytes).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap().flush().unwrap();
    path
}

fn manifest(files: &[(&str, &str)]) -> Manifest {
    let source = |(path, text): &(&str, &str)| Source {
        path: (*path).into(),
        bytes: text.len() as u64,
        executable: false,
        sha256: sha256(text.as_bytes()),
    };
    let mut work = Work { exercise: "two-stages".into(), files: files.iter().map(source).collect(), ..Work::default() };
    work.hash = work.content();
    let history = b"{\"format\":\"dockshala-progress\",\"schema\":1}\n";
    let events = super::manifest::Events { count: 0, bytes: history.len() as u64, sha256: sha256(history) };
    Manifest {
        format: 1,
        program: "0".into(),
        learner: "Mallory".into(),
        device: Uuid::from_u128(9),
        made: "2026-11-21T10:00:00+05:30".into(),
        course: CourseName { id: "docker".into(), hash: "h".into() },
        exercises: vec![work],
        events,
    }
}

fn refused(manifest: &Manifest, entries: &[(&str, tar::EntryType, &[u8])]) -> String {
    refused_raw(&serde_json::to_vec(manifest).unwrap(), entries)
}

fn refused_raw(manifest: &[u8], entries: &[(&str, tar::EntryType, &[u8])]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = forge(dir.path(), manifest, entries);
    open(&path, USUAL).map(|_| "taken".to_owned()).unwrap_or_else(|r| r.name)
}

const FILE: tar::EntryType = tar::EntryType::Regular;
const DOCKERFILE: &str = "work/two-stages/Dockerfile";

#[test]
fn hostile_bundles_are_told_for_what_they_are() {
    let fine = manifest(&[("Dockerfile", "FROM x")]);
    assert_eq!(refused(&fine, &[(DOCKERFILE, FILE, b"FROM x")]), "taken", "the forger's tool itself works");
    assert_eq!(refused(&fine, &[(DOCKERFILE, FILE, b"FROM y")]), "wrong-hash");
    assert_eq!(refused(&fine, &[(DOCKERFILE, FILE, b"FROM long")]), "wrong-hash");
    assert_eq!(refused(&fine, &[]), "missing");
    assert_eq!(refused(&fine, &[(DOCKERFILE, FILE, b"FROM x"), (DOCKERFILE, FILE, b"FROM x")]), "unlisted", "twice");
    for name in ["../../evil", "/etc/cron.d/evil", "work/two-stages/../../evil", "work/other/x"] {
        assert_eq!(refused(&fine, &[(name, FILE, b"x")]), "unlisted", "{name}");
        let inside = name.strip_prefix("work/two-stages/").unwrap_or(name);
        let says = refused(&manifest(&[(inside, "x")]), &[(name, FILE, b"x")]);
        assert!(says == "rule-path" || says == "unlisted", "{name}: {says}");
    }
    for kind in [
        tar::EntryType::Symlink,
        tar::EntryType::Link,
        tar::EntryType::Directory,
        tar::EntryType::Char,
        tar::EntryType::GNUSparse,
        tar::EntryType::XHeader,
        tar::EntryType::GNULongName,
    ] {
        assert_eq!(refused(&fine, &[(DOCKERFILE, kind, b"")]), "unlisted", "{kind:?}");
    }
    let mut link = fine.clone();
    link.exercises[0].links = vec![Link { path: "l".into(), target: "/etc/passwd".into() }];
    link.exercises[0].hash = link.exercises[0].content();
    assert_eq!(refused(&link, &[(DOCKERFILE, FILE, b"FROM x")]), "rule-link");
    let mut twice = fine.clone();
    twice.exercises.push(twice.exercises[0].clone());
    assert_eq!(refused(&twice, &[]), "rule-twice");
    let mut changed = fine.clone();
    changed.exercises[0].files[0].executable = true;
    assert_eq!(refused(&changed, &[]), "rule-hash");
    let mut history = fine.clone();
    history.events.sha256 = sha256(b"another");
    assert_eq!(refused(&history, &[]), "events-hash");
    let mut huge = fine.clone();
    huge.exercises[0].files[0].bytes = u64::MAX;
    assert_eq!(refused(&huge, &[]), "rule-too-big");
    let mut newer = fine.clone();
    newer.format = 2;
    assert_eq!(refused(&newer, &[]), "newer");
    let mut named = fine.clone();
    named.exercises[0].exercise = "../up".into();
    assert_eq!(refused(&named, &[]), "rule-exercise");
    assert_eq!(refused_raw(b"{}", &[]), "not-a-bundle");
    assert_eq!(refused_raw(&vec![b' '; 9_000_000], &[]), "too-big", "a giant manifest");
    assert_eq!(refused_raw("[".repeat(100_000).as_bytes(), &[]), "not-a-bundle", "a deep one");
}

#[test]
fn a_bomb_ends_at_its_bound_and_a_pipe_is_not_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    // Megabytes of nothing in some kilobytes: as a manifest, as an entry that lies about its length, behind the archive's end.
    let zeros = |path: &Path, before: &[u8], size: u64| {
        let mut gz = GzEncoder::new(fs::File::create(path).unwrap(), Compression::fast());
        gz.write_all(before).unwrap();
        io::copy(&mut io::repeat(0).take(size), &mut gz).unwrap();
        gz.finish().unwrap();
    };
    let path = dir.path().join("bomb.dockshala.tar.gz");
    let mut header = tar::Header::new_ustar();
    header.set_path(MANIFEST).unwrap();
    header.set_entry_type(FILE);
    header.set_size(32 << 20);
    header.set_cksum();
    zeros(&path, header.as_bytes(), 32 << 20);
    assert_eq!(open(&path, USUAL).unwrap_err().name, "too-big");
    let small = Limits { sources: 1 << 20, manifest: 1 << 20, events: 1 << 20, count: 10, ..Limits::USUAL };
    let whole = forge(dir.path(), &serde_json::to_vec(&manifest(&[])).unwrap(), &[]);
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(fs::File::open(&whole).unwrap()).read_to_end(&mut plain).unwrap();
    zeros(&path, &plain, 32 << 20);
    assert_eq!(open(&path, &small).unwrap_err().name, "too-big", "what hides behind the archive is counted too");

    let pipe = dir.path().join("pipe.dockshala.tar.gz");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    assert_eq!(open(&pipe, USUAL).unwrap_err().name, "not-a-bundle");
    let link = dir.path().join("link.dockshala.tar.gz");
    std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
    assert_eq!(open(&link, USUAL).unwrap_err().name, "not-a-bundle");
}

#[test]
fn a_bundle_that_changes_after_it_was_opened_is_not_unpacked() {
    let dir = tempfile::tempdir().unwrap();
    let written = hand_in(dir.path(), "Asha", "two-stages", &[("Dockerfile", "FROM scratch")], &[]);
    let opened = open(&written.path, USUAL).unwrap();
    let other = hand_in(dir.path(), "Asha", "two-stages", &[("Dockerfile", "FROM other")], &[]);
    fs::rename(other.path, &written.path).unwrap();
    let to = tempfile::tempdir().unwrap();
    assert_eq!(unpack(&opened, "two-stages", to.path(), USUAL).unwrap_err().name, "damaged");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is done to a bundle's bytes, reading it ends, and what is taken is what was handed in.
    #[test]
    fn damage_is_seen(at in any::<prop::sample::Index>(), to in any::<u8>(), cut in any::<bool>()) {
        let dir = tempfile::tempdir().unwrap();
        let written = hand_in(dir.path(), "Asha", "two-stages", &[("Dockerfile", "FROM scratch\nRUN x\n")], &[]);
        let mut bytes = fs::read(&written.path).unwrap();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = to }
        fs::write(&written.path, &bytes).unwrap();
        if let Ok(opened) = open(&written.path, USUAL) {
            prop_assert_eq!(opened.manifest, written.manifest);
        }
    }

    #[test]
    fn no_file_is_too_strange_to_be_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2000), zip in any::<bool>()) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.dockshala.tar.gz");
        let bytes = match zip {
            true => { let mut gz = GzEncoder::new(Vec::new(), Compression::fast()); gz.write_all(&bytes).unwrap(); gz.finish().unwrap() }
            false => bytes,
        };
        fs::write(&path, bytes).unwrap();
        prop_assert!(open(&path, USUAL).is_err());
    }
}

mod queue;

#[test]
fn what_is_of_the_learners_machine_is_not_judged_on_another() {
    use dockshala_checkers::spec::Kind;
    for kind in [Kind::Answer, Kind::Machine, Kind::Shell] {
        let why = regrade::not_here(kind).expect("never on the teacher's host");
        for lang in crate::i18n::languages() {
            assert!(crate::i18n::has(&lang, &format!("class.not-here.{why}")), "{why} in {lang}");
        }
    }
}

#[test]
fn every_word_of_a_class_is_there_in_every_language() {
    use super::Doubt::*;
    let doubts = [
        HistoryUnreadable,
        PassWithoutGoals,
        OtherGoals,
        PassWithoutEngine,
        Future,
        NumberTwice,
        UuidTwice,
        OtherDevice,
    ];
    let refusals = [
        "unreadable",
        "not-a-bundle",
        "newer",
        "damaged",
        "too-big",
        "unlisted",
        "missing",
        "wrong-hash",
        "events-hash",
        "rule-path",
        "rule-link",
        "rule-twice",
        "rule-too-many",
        "rule-too-big",
        "rule-exercise",
        "rule-hash",
    ];
    let verified = ["passed", "failed", "pending", "deadline", "not-here", "unknown", "broken", "refused", "unjudged"];
    let keys = doubts.iter().map(|d| format!("class.doubt.{}", d.name()));
    let keys = keys.chain(refusals.iter().map(|r| format!("class.refusal.{r}")));
    let keys: Vec<String> = keys.chain(verified.iter().map(|v| format!("class.verified.{v}"))).collect();
    for lang in crate::i18n::languages() {
        for key in &keys {
            assert!(crate::i18n::has(&lang, key), "{key} in {lang}");
        }
    }
}
