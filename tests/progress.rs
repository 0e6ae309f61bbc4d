//! The history survives what machines do to it: killed writers, damaged, locked, unwritable and foreign files.

use dockshala::progress::{Checked, Event, EventKind, Notice, Place, Store, read_export, write_export};
use rusqlite::Connection;
use std::{
    fs,
    io::{BufRead, BufReader, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const BUSY: Duration = Duration::from_millis(200);

fn open(path: &Path) -> Store {
    Store::at(Some(path), BUSY)
}

fn hint(step: u32) -> EventKind {
    EventKind::HintShown { exercise: "two-stages".into(), step }
}

fn passed(total: u64) -> EventKind {
    EventKind::ExerciseChecked(Checked {
        exercise: "two-stages".into(),
        passed: true,
        goals: [("builds".to_owned(), "passed".to_owned())].into(),
        total: Some(total),
        ..Checked::default()
    })
}

/// A database with so many hints, closed, and so with a backup.
fn filled(dir: &Path, events: u32) -> PathBuf {
    let path = dir.join("progress.db");
    let store = open(&path);
    for step in 1..=events {
        store.record(&hint(step));
    }
    assert_eq!(store.close(), []);
    path
}

#[test]
fn what_is_recorded_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/down/progress.db");
    let store = open(&path);
    store.record(&hint(2));
    store.record(&passed(5));
    assert_eq!(store.summary().exercises["two-stages"].hints, 2);
    assert_eq!(store.close(), []);
    let summary = open(&path).summary();
    assert_eq!(summary.events, 2);
    assert!(summary.exercises["two-stages"].passed());
    assert_eq!(summary.place(), Some(&Place::Exercise("two-stages".into())));
    assert_eq!(summary.streak(jiff::Zoned::now().date()), 1);
}

// Run by the test below in a process of its own: writes events until it is killed, saying after each that it is on the disk.
#[test]
fn child_that_writes_until_it_is_killed() {
    let Some(path) = std::env::var_os("DOCKSHALA_TEST_WRITER") else { return };
    let store = Store::at(Some(Path::new(&path)), Duration::from_secs(5));
    let mut out = std::io::stdout();
    for n in 1..1_000_000u32 {
        store.record(&hint(n));
        store.flush();
        let _ = writeln!(out, "wrote {n}").and_then(|()| out.flush());
    }
}

#[test]
fn a_killed_writer_loses_at_most_the_event_it_was_writing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("progress.db");
    let mut acknowledged = 0;
    for round in 0..12u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_that_writes_until_it_is_killed", "--nocapture"])
            .env("DOCKSHALA_TEST_WRITER", &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Killed at a time that differs each round: while it opens, folds, appends or writes the cache.
        let patience = Duration::from_millis(15 + round * 17);
        let out = child.stdout.take().unwrap();
        let reader = std::thread::spawn(move || {
            BufReader::new(out).lines().map_while(Result::ok).filter(|l| l.contains("wrote ")).count() as u64
        });
        std::thread::sleep(patience);
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged += reader.join().unwrap();

        let store = open(&path);
        let summary = store.summary();
        assert_eq!(store.close(), [], "round {round}");
        assert!(
            (acknowledged..=acknowledged + 1).contains(&summary.events),
            "round {round}: {acknowledged} acknowledged, {} there",
            summary.events
        );
        acknowledged = summary.events;
        let check: String =
            Connection::open(&path).unwrap().query_row("PRAGMA integrity_check", [], |r| r.get(0)).unwrap();
        assert_eq!(check, "ok");
    }
    assert!(acknowledged > 0, "no round got as far as writing");
}

fn scribble(path: &Path, at: u64, bytes: usize) {
    let mut file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&vec![0xA5; bytes]).unwrap();
}

#[test]
fn a_damaged_file_is_set_aside_and_nothing_that_can_be_read_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path(), 300);
    assert!(dir.path().join("progress.db.1").exists(), "closing made the first backup");
    // Recorded after the backup, and so only in the file that is about to be damaged.
    let store = open(&path);
    store.record(&passed(7));
    store.close();
    scribble(&path, 0, 100);
    let damaged = fs::read(&path).unwrap();

    let store = open(&path);
    assert_eq!(store.summary().events, 300);
    let notices = store.close();
    let [Notice::Rescued(rescue)] = &notices[..] else { panic!("{notices:?}") };
    assert_eq!(rescue.events, 300);
    assert!(rescue.backup.as_ref().unwrap().ends_with("progress.db.1"));
    assert_eq!(fs::read(&rescue.aside).unwrap(), damaged, "what is set aside stays as it was");
    assert_eq!(open(&path).close(), [], "once rescued, it is sound");
}

#[test]
fn what_came_after_the_backup_is_salvaged_where_it_can_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path(), 50);
    let store = open(&path);
    for n in 0..500 {
        store.record(&passed(1000 - n));
    }
    store.close();
    // In the middle, so that the head with the schema and the youngest rows stay readable.
    let size = fs::metadata(&path).unwrap().len();
    scribble(&path, size / 8192 * 4096, 4096);
    // Found by whatever touches the page first; opening alone need not.
    let store = open(&path);
    let before = store.export().unwrap().len();
    store.record(&hint(9));
    let notices = store.close();
    let store = open(&path);
    let after = store.summary().events;
    let more = store.close();
    if notices.iter().chain(&more).any(|n| matches!(n, Notice::Rescued(_))) {
        assert!(after >= 51, "the backup and the new event at the least: {after}");
    } else {
        assert!(before >= 51 && after >= 51);
    }
}

#[test]
fn an_emptied_file_is_restored_from_its_backup() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path(), 20);
    fs::write(&path, "").unwrap();
    let store = open(&path);
    assert_eq!(store.summary().events, 20);
    assert!(matches!(&store.close()[..], [Notice::Rescued(_)]));
}

#[test]
fn damage_without_a_backup_begins_anew_and_keeps_the_damaged_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("progress.db");
    fs::write(&path, "this was never a database, but it is somebody's file").unwrap();
    let store = open(&path);
    store.record(&hint(1));
    assert_eq!(store.summary().events, 1);
    let notices = store.close();
    let [Notice::Rescued(rescue)] = &notices[..] else { panic!("{notices:?}") };
    assert!(rescue.backup.is_none());
    assert!(fs::read_to_string(&rescue.aside).unwrap().starts_with("this was never"));
}

#[test]
fn a_locked_file_makes_events_wait_for_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path(), 3);
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let store = open(&path);
    store.record(&hint(7));
    let notices = store.close();
    assert!(notices.contains(&Notice::Locked { path: path.clone() }), "{notices:?}");
    assert!(notices.iter().any(|n| matches!(n, Notice::Waiting { events: 1, .. })), "{notices:?}");
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    let store = open(&path);
    let summary = store.summary();
    assert_eq!((summary.events, summary.exercises["two-stages"].hints), (4, 7));
    assert_eq!(store.close(), []);
    let left =
        fs::read_dir(dir.path()).unwrap().flatten().filter(|e| e.file_name().to_string_lossy().starts_with("pending"));
    assert_eq!(left.count(), 0);
}

#[test]
fn where_nothing_can_be_written_the_session_still_has_its_own_summary() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "").unwrap();
    let path = dir.path().join("file/progress.db");
    let store = open(&path);
    store.record(&passed(7));
    assert!(store.summary().exercises["two-stages"].passed());
    let notices = store.close();
    assert!(matches!(&notices[..], [Notice::ReadOnly { .. }, Notice::Lost { events: 1 }]), "{notices:?}");
}

#[test]
fn a_newer_programs_file_is_read_and_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path(), 3);
    Connection::open(&path)
        .unwrap()
        .execute_batch("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    let before = fs::read(&path).unwrap();
    let store = open(&path);
    assert_eq!(store.summary().events, 3);
    assert_eq!(store.close(), [Notice::Newer { path: path.clone() }]);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn what_cannot_be_written_is_still_exported_and_what_cannot_be_read_is_no_empty_history() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path(), 3);
    let device = open(&path).device();
    // Held open, so that all of it, version included, stays in the log.
    let newer = Connection::open(&path).unwrap();
    newer.execute_batch("PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 99").unwrap();
    let store = open(&path);
    assert_eq!((store.export().map(|e| e.len()), store.device()), (Some(3), device));
    drop((store, newer));

    let place = dir.path().join("is-a-folder");
    fs::create_dir(&place).unwrap();
    assert_eq!(open(&place).export(), None);
}

#[test]
fn of_a_waiting_file_that_was_cut_the_whole_lines_are_taken_and_it_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path(), 0);
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let store = open(&path);
    (1..=3).for_each(|step| store.record(&hint(step)));
    let notices = store.close();
    let Some(Notice::Waiting { events: 3, path: waits }) = notices.last() else { panic!("{notices:?}") };
    drop(other);
    let text = fs::read(waits).unwrap();
    fs::write(waits, &text[..text.len() - 20]).unwrap();
    fs::write(dir.path().join("pending-now.jsonl.part"), "another process is writing this").unwrap();

    let store = open(&path);
    assert_eq!(store.summary().exercises["two-stages"].hints, 2);
    let notices = store.close();
    let [Notice::Unread { path: aside, taken: 2, .. }] = &notices[..] else { panic!("{notices:?}") };
    assert_eq!(fs::read(aside).unwrap(), text[..text.len() - 20], "kept as it was");
    assert!(dir.path().join("pending-now.jsonl.part").exists());
    assert_eq!(open(&path).close(), [], "and told once");
}

#[test]
fn a_cache_that_does_not_match_its_events_is_thrown_away() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path(), 100);
    for sabotage in [
        "DELETE FROM event WHERE id = 50",
        "UPDATE cache SET json = '{}'",
        "UPDATE cache SET fold = 0",
        "UPDATE cache SET json = replace(json, '100', '7')",
    ] {
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch(sabotage).unwrap();
        let events: u64 = conn.query_row("SELECT count(*) FROM event", [], |r| r.get::<_, i64>(0)).unwrap() as u64;
        drop(conn);
        let summary = open(&path).summary();
        assert_eq!((summary.events, summary.exercises["two-stages"].hints), (events, 100), "{sabotage}");
    }
}

#[test]
fn two_histories_merge_to_the_same_in_either_direction() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (dir.path().join("a.db"), dir.path().join("b.db"));
    let store_a = open(&a);
    let store_b = open(&b);
    store_a.record(&hint(1));
    store_a.record(&passed(9));
    store_b.record(&hint(3));
    let (from_a, from_b) = (store_a.export().unwrap(), store_b.export().unwrap());
    let mut text = Vec::new();
    write_export(&mut text, &from_a).unwrap();
    assert_eq!(read_export(&text[..]).unwrap(), from_a, "an export is read as it was");
    assert_eq!(store_b.import(read_export(&text[..]).unwrap()).unwrap().new, 2);
    let again = store_b.import(read_export(&text[..]).unwrap()).unwrap();
    assert_eq!((again.new, again.known), (0, 2));
    store_a.import(from_b).unwrap();
    assert_eq!(store_a.summary(), store_b.summary());
}

#[test]
fn events_of_kinds_unknown_here_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("progress.db");
    let store = open(&path);
    let event = Event {
        uuid: uuid::Uuid::now_v7(),
        device: uuid::Uuid::now_v7(),
        seq: 4,
        at: "2031-01-01T00:00:00.000+05:30".into(),
        kind: "card-reviewed".into(),
        v: 3,
        json: serde_json::json!({ "card": "x", "stability": 1.5 }),
    };
    store.import(vec![event.clone()]).unwrap();
    store.close();
    assert_eq!(open(&path).export().unwrap(), [event]);
}

/// `tests/fixtures/progress-v1.db` was written by version 1 of the schema and is never written again. Each released schema
/// gets one.
#[test]
fn a_database_of_version_1_opens_and_says_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("progress.db");
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/progress-v1.db"), &path).unwrap();
    let store = open(&path);
    let summary = store.summary();
    assert_eq!(summary.events, 41);
    let state = &summary.exercises["two-stages"];
    assert_eq!((state.passes, state.best_total, state.hints), (1, Some(3_100_000), 40));
    store.record(&hint(41));
    assert_eq!(store.summary().events, 42);
    assert_eq!(store.close(), []);
}

#[test]
fn years_of_events_open_fast() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("progress.db");
    let store = open(&path);
    let device = uuid::Uuid::now_v7();
    let events = (1..=100_000u64).map(|seq| {
        let (kind, json) = if seq % 9 == 0 { passed(seq) } else { hint((seq % 4) as u32) }.split();
        let at = format!("2026-{:02}-{:02}T10:00:00.000+05:30", seq % 12 + 1, seq % 28 + 1);
        Event { uuid: uuid::Uuid::now_v7(), device, seq, at, kind, v: 1, json }
    });
    store.import(events.collect()).unwrap();
    store.close();
    let timed = || {
        let begin = Instant::now();
        let store = open(&path);
        assert_eq!(store.summary().events, 100_000);
        let took = begin.elapsed();
        store.close();
        took
    };
    let with_cache = timed();
    Connection::open(&path).unwrap().execute("DELETE FROM cache", []).unwrap();
    let folding_all = timed();
    // A ratio within one run, as a bound in milliseconds only measures how busy the machine is.
    assert!(with_cache * 3 < folding_all, "{with_cache:?} with the cache, {folding_all:?} without");
}
