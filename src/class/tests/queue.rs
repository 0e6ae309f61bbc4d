//! The queue, with a judge that answers at once, late, never, or not at all.

use super::*;

/// Does what the submission's Dockerfile says: `pass`, `fail`, `late` (fails unless alone), `hang`, `deaf`, `panic`, `down`.
#[derive(Default)]
struct Says {
    at_work: Mutex<(usize, usize)>,
    judged: Mutex<BTreeMap<String, u32>>,
}

fn result(verdict: Verdict, code: Option<&str>) -> CheckResult {
    let goal = GoalResult {
        id: "builds".into(),
        kind: "builds".into(),
        verdict,
        diagnosis: code.map(Diagnosis::new),
        measured: Facts::new(),
    };
    let json =
        serde_json::json!({ "schema": 1, "exercise": "e", "provisional": false, "goals": [goal], "seconds": 0.1 });
    serde_json::from_value(json).unwrap()
}

impl Judge for Says {
    async fn judge(&self, _: &str, dir: &Path, cancel: CancellationToken) -> Result<CheckResult, String> {
        let word = fs::read_to_string(dir.join("Dockerfile")).unwrap();
        *self.judged.lock().unwrap().entry(word.clone()).or_default() += 1;
        let beside = {
            let mut at = self.at_work.lock().unwrap();
            at.0 += 1;
            at.1 = at.1.max(at.0);
            at.0 - 1
        };
        let end = scopeguard(|| self.at_work.lock().unwrap().0 -= 1);
        tokio::time::sleep(Duration::from_millis(30)).await;
        let said = match word.split('-').next().unwrap() {
            "pass" => result(Verdict::Passed, None),
            "late" if beside == 0 && self.at_work.lock().unwrap().0 == 1 => result(Verdict::Passed, None),
            "late" => result(Verdict::Failed, Some(codes::RUN_TIMEOUT)),
            "hang" => {
                cancel.cancelled().await;
                result(Verdict::Skipped, Some(codes::CANCELLED))
            }
            "panic" => panic!("on purpose"),
            "down" => result(Verdict::Broken, Some(codes::DAEMON_DOWN)),
            _ => result(Verdict::Failed, Some(codes::BUILD_FAILED)),
        };
        drop(end);
        Ok(said)
    }
}

struct Guard<F: FnMut()>(F);

impl<F: FnMut()> Drop for Guard<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

fn scopeguard<F: FnMut()>(f: F) -> Guard<F> {
    Guard(f)
}

fn options(jobs: usize) -> Options {
    Options { jobs, memory: 1 << 40, deadline: Duration::from_secs(1), limits: Limits::USUAL }
}

async fn run(folder: &Path, kept: &Path, judge: &Arc<Says>, jobs: usize) -> (Ended, Vec<Told>) {
    let mut journal = Journal::open(kept).unwrap();
    let (tell, mut told) = mpsc::channel(1000);
    let (options, never) = (options(jobs), CancellationToken::new());
    let ended =
        regrade::run(folder, Course::built_in(), &mut journal, &options, judge.clone(), tell, never).await.unwrap();
    let mut all = Vec::new();
    while let Some(one) = told.recv().await {
        all.push(one);
    }
    (ended, all)
}

fn outcomes(told: &[Told]) -> BTreeMap<String, String> {
    let of = |told: &Told| {
        let Told::Settled(record) = told else { return None };
        let word = match &record.outcome {
            o if o.passed() => "passed".to_owned(),
            Outcome::Judged { .. } => "failed".to_owned(),
            Outcome::Broken { code } => code.clone(),
            Outcome::Refused(refusal) => refusal.name.clone(),
            other => format!("{other:?}").split([' ', '{']).next().unwrap().to_lowercase(),
        };
        let who = record.learner.as_ref().map_or(record.file.clone(), |l| l.name.clone());
        Some((who, word))
    };
    told.iter().filter_map(of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_hangs_and_one_that_panics_stop_nobody() {
    let (folder, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for word in ["pass-1", "pass-2", "fail-1", "hang-1", "panic-1", "late-1", "pass-3", "late-2"] {
        hand_in(folder.path(), word, "two-stages", &[("Dockerfile", word)], &[]);
    }
    fs::write(folder.path().join("zz.dockshala.tar.gz"), "not a bundle").unwrap();
    let judge = Arc::new(Says::default());
    let at = Instant::now();
    let (ended, told) = run(folder.path(), kept.path(), &judge, 4).await;
    assert_eq!(ended, Ended::All);
    let said = outcomes(&told);
    let want = [
        ("fail-1", "failed"),
        ("hang-1", "deadline"),
        ("late-1", "passed"),
        ("late-2", "passed"),
        ("panic-1", "internal"),
        ("pass-1", "passed"),
        ("pass-2", "passed"),
        ("pass-3", "passed"),
        ("zz.dockshala.tar.gz", "not-a-bundle"),
    ];
    assert_eq!(said, want.map(|(who, what)| (who.to_owned(), what.to_owned())).into());
    assert!(judge.at_work.lock().unwrap().1 > 1, "several at a time");
    assert!(at.elapsed() < Duration::from_secs(20), "{:?}", at.elapsed());

    // Again: only what the machine broke is judged anew.
    let before = judge.judged.lock().unwrap().clone();
    let (ended, told) = run(folder.path(), kept.path(), &judge, 4).await;
    assert_eq!((ended, outcomes(&told).len()), (Ended::All, 9), "all of it is told again");
    let after = judge.judged.lock().unwrap().clone();
    let anew: Vec<_> = after.iter().filter(|(word, n)| before[*word] < **n).map(|(word, _)| word.as_str()).collect();
    assert_eq!(anew, ["panic-1"]);
    let records = Journal::look(kept.path()).unwrap();
    assert_eq!(records.iter().filter(|r| r.file.starts_with("pass-1")).count(), 1, "and written once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_is_gone_ends_the_run_and_the_next_goes_on() {
    let (folder, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for n in 0..12 {
        hand_in(folder.path(), &format!("down-{n:02}"), "two-stages", &[("Dockerfile", &format!("down-{n}"))], &[]);
    }
    let judge = Arc::new(Says::default());
    let (ended, told) = run(folder.path(), kept.path(), &judge, 1).await;
    assert_eq!(ended, Ended::Machine(codes::DAEMON_DOWN.to_owned()));
    assert!(outcomes(&told).len() <= 5, "it does not run through all of them: {}", outcomes(&told).len());
    let course = Course::built_in().hash();
    assert!(Journal::open(kept.path()).unwrap().settled(course, 1).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_is_gone_on_with() {
    let (folder, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for n in 0..6 {
        hand_in(folder.path(), &format!("pass-{n}"), "two-stages", &[("Dockerfile", &format!("pass-{n}"))], &[]);
    }
    let judge = Arc::new(Says::default());
    let mut journal = Journal::open(kept.path()).unwrap();
    let (tell, mut told) = mpsc::channel(1000);
    let stop = CancellationToken::new();
    let options = options(1);
    let work =
        regrade::run(folder.path(), Course::built_in(), &mut journal, &options, judge.clone(), tell, stop.clone());
    let watch = async {
        while let Some(one) = told.recv().await {
            if matches!(one, Told::Settled(_)) {
                stop.cancel();
            }
        }
    };
    let (ended, ()) = tokio::join!(work, watch);
    assert_eq!(ended.unwrap(), Ended::Stopped);
    let done = journal.records().len();
    drop(journal);
    assert!((1..4).contains(&done), "{done}");
    let (ended, told) = run(folder.path(), kept.path(), &judge, 2).await;
    assert_eq!((ended, outcomes(&told).len()), (Ended::All, 6));
    let twice = judge.judged.lock().unwrap().values().filter(|n| **n > 1).count();
    assert!(twice <= 1, "at most the one that was in work is judged twice");
}

/// Passes everything, and with the first takes away the bundle that waits.
struct Pulls(PathBuf);

impl Judge for Pulls {
    async fn judge(&self, _: &str, _: &Path, _: CancellationToken) -> Result<CheckResult, String> {
        let _ = fs::remove_file(&self.0);
        Ok(result(Verdict::Passed, None))
    }
}

#[tokio::test]
async fn a_disk_that_fails_after_a_bundle_was_opened_refuses_nobody() {
    let (folder, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    hand_in(folder.path(), "a", "two-stages", &[("Dockerfile", "pass-1")], &[]);
    let waits = hand_in(folder.path(), "b", "two-stages", &[("Dockerfile", "pass-2")], &[]).path;
    let bytes = fs::read(&waits).unwrap();
    let mut journal = Journal::open(kept.path()).unwrap();
    let (tell, mut told) = mpsc::channel(1000);
    let (options, never) = (options(1), CancellationToken::new());
    let judge = Arc::new(Pulls(waits.clone()));
    regrade::run(folder.path(), Course::built_in(), &mut journal, &options, judge, tell, never).await.unwrap();
    drop(journal);
    let mut all = Vec::new();
    while let Some(one) = told.recv().await {
        all.push(one);
    }
    assert_eq!(outcomes(&all)["b"], codes::SUBMISSION_UNREADABLE, "the machine's doing");

    fs::write(&waits, bytes).unwrap();
    let (_, told) = run(folder.path(), kept.path(), &Arc::new(Says::default()), 1).await;
    assert_eq!(outcomes(&told)["b"], "passed", "judged by the next run");
}
