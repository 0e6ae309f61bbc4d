//! The real binary, as a learner types it: both languages, no daemon, no terminal, no colour.

#[allow(dead_code, unreachable_pub, reason = "shared with tests that use more of it")]
mod archive;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// A learner with a home of her own and a daemon that is not there.
struct Learner {
    home: tempfile::TempDir,
    lang: &'static str,
}

impl Learner {
    fn new(lang: &'static str) -> Self {
        Self { home: tempfile::tempdir().unwrap(), lang }
    }

    fn lab(&self) -> PathBuf {
        self.home.path().join("lab")
    }

    fn copy(&self) -> PathBuf {
        self.lab().join("two-stages")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dockshala"));
        command
            .args(args)
            .current_dir(self.home.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("DOCKSHALA_HOME", self.home.path().join("state"))
            .env("DOCKSHALA_LANG", self.lang)
            .env("DOCKER_HOST", "unix:///nowhere/docker.sock");
        command
    }

    #[track_caller]
    fn run(&self, args: &[&str], exit: i32) -> Said {
        self.run_in(self.home.path(), args, exit)
    }

    #[track_caller]
    fn run_in(&self, dir: &Path, args: &[&str], exit: i32) -> Said {
        let said = Said::from(self.command(args).current_dir(dir).output().unwrap());
        assert_eq!(said.exit, exit, "{args:?}\n{}\n{}", said.out, said.err);
        said
    }

    fn started(lang: &'static str) -> Self {
        let learner = Self::new(lang);
        learner.run(&["start", "two-stages", learner.lab().to_str().unwrap()], 0);
        learner
    }
}

struct Said {
    out: String,
    err: String,
    exit: i32,
}

impl From<Output> for Said {
    #[track_caller]
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let said = Self {
            out: text(output.stdout),
            err: text(output.stderr),
            exit: output.status.code().expect("no signal ended it"),
        };
        for text in [&said.out, &said.err] {
            assert!(!text.contains('\x1b'), "an escape in a pipe:\n{text:?}");
            assert!(!text.contains("panicked"), "{text}");
            assert!(!text.contains("%{"), "an argument was not filled in:\n{text}");
        }
        said
    }
}

const LANGS: [&str; 2] = ["en", "hi-Latn"];

#[test]
fn from_nothing_to_a_working_copy_in_both_languages() {
    for (lang, to_do) in [("en", "to do"), ("hi-Latn", "baaki")] {
        let learner = Learner::new(lang);
        assert!(learner.run(&["list"], 0).out.contains(to_do));
        let said = learner.run(&["start", "two-stages"], 2);
        assert!(said.err.contains("dockshala start two-stages ~/docker-lab"), "{}", said.err);
        learner.run(&["start", "two-stages", "lab"], 0);
        assert!(learner.copy().join("Dockerfile").is_file());
        assert!(!learner.copy().join(".dockshala.json").exists(), "no file of ours in a build context");
        // The folder is remembered, and a second start changes nothing.
        fs::write(learner.copy().join("Dockerfile"), "FROM mine\n").unwrap();
        let again = learner.run(&["start", "two-stages"], 0);
        assert!(again.out.contains("Dockerfile"));
        assert_eq!(fs::read_to_string(learner.copy().join("Dockerfile")).unwrap(), "FROM mine\n");
        let next = learner.run_in(&learner.copy(), &["next"], 0).out;
        assert!(next.contains("two-stages"), "{next}");
    }
}

#[test]
fn hints_are_a_ladder_that_is_remembered() {
    let learner = Learner::started("en");
    let first = learner.run(&["hint", "two-stages"], 0).out;
    let second = learner.run(&["hint", "two-stages"], 0).out;
    assert!(first.contains("Hint 1 of") && second.contains("Hint 2 of"), "{first}\n{second}");
    let again = learner.run(&["hint", "two-stages", "--again"], 0).out;
    assert!(again.contains("Hint 1 of") && again.contains("Hint 2 of") && !again.contains("Hint 3 of"));
    for _ in 0..9 {
        learner.run(&["hint", "two-stages"], 0);
    }
    assert!(learner.run(&["hint", "two-stages"], 0).out.contains("--insist"));
}

#[test]
fn the_solution_waits_for_the_pass_or_for_insisting() {
    for lang in LANGS {
        let learner = Learner::started(lang);
        let said = learner.run(&["solution", "two-stages"], 2);
        assert!(said.err.contains("--insist") && said.out.is_empty());
        assert!(learner.run(&["solution", "two-stages", "--insist"], 0).out.contains("COPY --from"));
    }
}

#[test]
fn reset_asks_first_and_keeps_what_was_there() {
    for lang in LANGS {
        let learner = Learner::started(lang);
        fs::write(learner.copy().join("Dockerfile"), "FROM mine\n").unwrap();
        let said = learner.run_in(&learner.copy(), &["reset"], 2);
        assert!(said.err.contains("--yes"), "nobody is at the terminal: {}", said.err);
        assert_eq!(fs::read_to_string(learner.copy().join("Dockerfile")).unwrap(), "FROM mine\n");
        learner.run_in(&learner.copy(), &["reset", "--yes"], 0);
        assert_ne!(fs::read_to_string(learner.copy().join("Dockerfile")).unwrap(), "FROM mine\n");
        let kept = fs::read_dir(learner.lab().join(".dockshala-kept")).unwrap().next().unwrap().unwrap().path();
        assert_eq!(fs::read_to_string(kept.join("Dockerfile")).unwrap(), "FROM mine\n");
    }
}

#[test]
fn without_a_daemon_the_text_is_judged_and_the_machine_is_blamed_for_the_rest() {
    for (lang, not_you) in [("en", "Provisional"), ("hi-Latn", "Kachcha nateeja")] {
        let learner = Learner::started(lang);
        let said = learner.run_in(&learner.copy(), &["check"], 1);
        assert!(said.out.contains(not_you) && said.out.contains("BROKEN") && said.out.contains("FAIL"), "{}", said.out);
        assert!(said.out.contains("Dockerfile:1"), "{}", said.out);
        // A Dockerfile whose text is right: nothing of the learner's fails, and the machine's part decides.
        let good = "FROM golang:1.26 AS build\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /bin/x .\n\
                    FROM scratch\nCOPY --from=build /bin/x /x\nCMD [\"/x\"]\n";
        fs::write(learner.copy().join("Dockerfile"), good).unwrap();
        learner.run_in(&learner.copy(), &["check"], 3);
    }
}

#[test]
fn the_formats_are_machine_readable_and_nothing_else_is_on_standard_output() {
    let learner = Learner::started("en");
    let json = learner.run(&["check", "two-stages", "--format", "json"], 1).out;
    let result: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&result["schema"], &result["exercise"]), (&1.into(), &"two-stages".into()));
    assert_eq!(result["provisional"], true);
    let junit = learner.run(&["check", "two-stages", "--format", "junit"], 1).out;
    assert!(junit.starts_with("<?xml") && junit.contains("<failure type=") && junit.contains("<error type="));
    let doctor = learner.run(&["doctor", "--format", "json"], 3).out;
    let doctor: serde_json::Value = serde_json::from_str(&doctor).unwrap();
    assert!(doctor["problems"].as_u64().unwrap() >= 1);
}

#[test]
fn dockerfiles_that_cannot_be_read_are_the_learners_to_mend_and_say_how() {
    let cases: [(&str, Vec<u8>, &str); 4] = [
        ("syntax", b"FROM scratch\nFORM alpine\n".to_vec(), "Dockerfile:2"),
        ("empty", Vec::new(), "FROM"),
        ("big", [b"# x\n".as_slice(), &vec![b'#'; 10_000_000]].concat(), "MB"),
        ("not-utf8", b"FROM scratch\nRUN \xff\xfe\n".to_vec(), "UTF-8"),
    ];
    for lang in LANGS {
        let learner = Learner::started(lang);
        for (what, text, says) in &cases {
            fs::write(learner.copy().join("Dockerfile"), text).unwrap();
            let said = learner.run_in(&learner.copy(), &["check"], 1);
            assert!(said.out.contains("FAIL") && said.out.contains(says), "{what}:\n{}", said.out);
        }
        fs::remove_file(learner.copy().join("Dockerfile")).unwrap();
        learner.run_in(&learner.copy(), &["check"], 1);
        // Windows line ends are no fault.
        fs::write(
            learner.copy().join("Dockerfile"),
            "FROM golang:1.26 AS build\r\nFROM scratch\r\nCOPY --from=build /x /x\r\n",
        )
        .unwrap();
        learner.run_in(&learner.copy(), &["check"], 3);
    }
}

#[cfg(unix)]
#[test]
fn a_symlink_out_of_the_submission_is_not_followed() {
    for lang in LANGS {
        let learner = Learner::started(lang);
        fs::remove_file(learner.copy().join("Dockerfile")).unwrap();
        fs::write(learner.home.path().join("secret"), "FROM scratch\n# my secret\n").unwrap();
        std::os::unix::fs::symlink(learner.home.path().join("secret"), learner.copy().join("Dockerfile")).unwrap();
        let said = learner.run_in(&learner.copy(), &["check"], 1);
        assert!(!said.out.contains("my secret"), "{}", said.out);
    }
}

#[test]
fn wrong_use_exits_2_and_says_what_would_be_right() {
    for lang in LANGS {
        let learner = Learner::new(lang);
        let cases: [(&[&str], &str); 8] = [
            (&["chek"], "check"),
            (&["start"], "EXERCISE"),
            (&["start", "two-stage", "lab"], "two-stages"),
            (&["check"], "dockshala list"),
            (&["check", "--format", "xml"], "junit"),
            (&["--lang", "xx", "list"], "hi-Latn"),
            (&["progress"], "export"),
            (&["--course", "/nowhere", "list"], "/nowhere"),
        ];
        for (args, says) in cases {
            let said = learner.run(args, 2);
            assert!(said.err.contains(says), "{args:?}:\n{}", said.err);
            assert!(said.out.is_empty(), "{args:?}: {}", said.out);
        }
        learner.run(&["start", "two-stages", "lab"], 0);
        learner.run(&["check", "cache-order"], 2);
    }
}

#[test]
fn the_language_is_the_flags_then_the_variables_then_the_systems() {
    let learner = Learner::new("hi-Latn");
    assert!(learner.run(&["next", "--lang", "en"], 0).out.contains("What to do next"));
    assert!(learner.run(&["next"], 0).out.contains("Ab kya karo"));
    let mut command = learner.command(&["next"]);
    command.env_remove("DOCKSHALA_LANG").env("LANG", "hi_IN.UTF-8");
    assert!(Said::from(command.output().unwrap()).out.contains("Ab kya karo"));
    fs::create_dir_all(learner.home.path().join("state")).unwrap();
    fs::write(learner.home.path().join("state/settings.json"), r#"{"lang":"en"}"#).unwrap();
    assert!(
        Said::from(command.output().unwrap()).out.contains("What to do next"),
        "what was chosen goes before the system's"
    );
}

#[test]
fn colour_comes_only_when_asked_for_into_a_pipe() {
    let learner = Learner::new("en");
    let said = learner.command(&["list", "--color", "always"]).output().unwrap();
    assert!(said.stdout.contains(&0x1b));
    learner.run(&["list", "--color", "never"], 0);
}

#[test]
fn a_history_travels_and_merges() {
    let (here, there) = (Learner::started("en"), Learner::new("en"));
    here.run(&["hint", "two-stages"], 0);
    let file = here.home.path().join("history.jsonl");
    let path = file.to_str().unwrap();
    here.run(&["progress", "export", path], 0);
    let refused = here.run(&["progress", "export", path], 3);
    assert!(refused.err.contains("overwrites nothing"), "{}", refused.err);
    assert!(there.run(&["progress", "import", path], 0).out.contains("New events: 2."));
    assert!(there.run(&["progress", "import", path], 0).out.contains("New events: 0."));
    assert!(there.run(&["hint", "two-stages"], 0).out.contains("Hint 2 of"));
    fs::write(&file, "no history\n").unwrap();
    there.run(&["progress", "import", path], 2);
}

#[test]
fn an_export_never_passes_an_unreadable_history_off_as_an_empty_one() {
    for lang in LANGS {
        let learner = Learner::new(lang);
        fs::create_dir_all(learner.home.path().join("state/progress.db")).unwrap();
        let said = learner.run(&["progress", "export", "history.jsonl"], 3);
        assert!(said.err.contains("progress.db") && said.err.contains("progress.db.1"), "{}", said.err);
        assert!(!learner.home.path().join("history.jsonl").exists());
    }
}

#[test]
fn damaged_settings_are_set_aside_and_told_of() {
    for lang in LANGS {
        let learner = Learner::new(lang);
        let settings = learner.home.path().join("state/settings.json");
        fs::create_dir_all(settings.parent().unwrap()).unwrap();
        fs::write(&settings, "{\"mirror\":").unwrap();
        let said = learner.run(&["start", "two-stages", learner.lab().to_str().unwrap()], 0);
        assert!(said.err.contains("settings.json.damaged"), "{}", said.err);
        assert_eq!(fs::read_to_string(settings.with_extension("json.damaged")).unwrap(), "{\"mirror\":");
        assert_eq!(learner.run(&["list"], 0).err, "", "told once");
    }
}

#[test]
fn what_holds_for_all_goals_is_said_once_below_them() {
    for lang in LANGS {
        let learner = Learner::started(lang);
        let said = learner.run_in(&learner.copy(), &["check"], 1).out;
        let reasons: Vec<usize> =
            said.lines().enumerate().filter(|(_, l)| l.contains("DOCKER_HOST")).map(|(n, _)| n).collect();
        let broken: Vec<usize> =
            said.lines().enumerate().filter(|(_, l)| l.contains("BROKEN  ")).map(|(n, _)| n).collect();
        assert_eq!((reasons.len(), broken.len()), (1, 6), "{said}");
        assert!(broken.last() < reasons.first() && broken[5] - broken[0] < 8, "one below the other: {said}");
    }
}

#[test]
fn where_nobody_can_be_asked_a_pack_is_not_printed_line_by_line() {
    let pack = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packs/small");
    for lang in LANGS {
        let learner = Learner::new(lang);
        let said = learner.run(&["--course", pack, "start", "two-stages", "lab"], 0);
        assert_eq!(said.err, "");
        let said = learner.run(&["--course", pack, "check", "two-stages"], 2);
        assert!(said.err.contains("--yes") && said.err.contains("dockshala course commands"), "{}", said.err);
        assert_eq!(said.out, "");
        let all = learner.run(&["course", "commands", pack], 0).out;
        assert!(all.contains("RUN ") && all.contains("cache-order/starter/Dockerfile:"), "{all}");
    }
}

#[test]
fn so_many_questions_are_a_new_session_and_not_the_rest_of_an_old_one() {
    let learner = Learner::new("en");
    let mut command = learner.command(&["quiz"]);
    let mut quiz = command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut quiz.stdin.take().unwrap(), b"1\n1\n1\n").unwrap();
    assert!(Said::from(quiz.wait_with_output().unwrap()).out.contains("Question 1 of 10"));
    // Standard input is at its end from here on: a question is asked, and that is all.
    assert!(learner.run(&["quiz"], 0).out.contains("Going on where you left off"));
    let said = learner.run(&["quiz", "--count", "3"], 0).out;
    assert!(said.contains("Question 1 of 3") && !said.contains("Going on"), "{said}");
}

#[test]
fn a_damaged_history_is_told_of_and_stops_nothing() {
    for lang in LANGS {
        let learner = Learner::started(lang);
        let path = learner.home.path().join("state/progress.db");
        fs::write(&path, "rubbish").unwrap();
        let said = learner.run(&["list"], 0);
        assert!(said.err.contains("progress.db.damaged-") || said.err.contains("progress.db"), "{}", said.err);
        assert_eq!(learner.run(&["list"], 0).err, "", "told of once");
    }
}

/// As root every file can be written; the child becomes somebody who may not.
#[cfg(unix)]
#[test]
fn a_history_that_may_not_be_written_is_told_of_and_stops_nothing() {
    use std::os::unix::{fs::PermissionsExt, process::CommandExt};
    let learner = Learner::started("en");
    let open = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let program = learner.home.path().join("dockshala");
    fs::copy(env!("CARGO_BIN_EXE_dockshala"), &program).unwrap();
    open(&program, 0o755);
    open(learner.home.path(), 0o755);
    open(&learner.lab().join(".dockshala.json"), 0o644);
    open(&learner.home.path().join("state"), 0o555);
    for file in fs::read_dir(learner.home.path().join("state")).unwrap().flatten() {
        open(&file.path(), 0o444);
    }
    let mut command = Command::new(&program);
    command.args(["hint", "two-stages"]).current_dir(learner.home.path()).env_clear();
    command.env("DOCKSHALA_HOME", learner.home.path().join("state")).env("DOCKSHALA_LANG", "en");
    if rustix::process::geteuid().is_root() {
        command.uid(65534).gid(65534);
    }
    let said = Said::from(command.output().unwrap());
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("Hint 1 of"), "{}", said.out);
    assert!(said.err.contains("is not remembered") && said.err.contains("This machine"), "{}", said.err);
}

#[test]
fn completions_and_man_pages_come_from_the_binary() {
    let learner = Learner::new("en");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(learner.run(&["completions", shell], 0).out.contains("watch"), "{shell}");
    }
    learner.run(&["man", "pages"], 0);
    for page in ["dockshala.1", "dockshala-check.1", "dockshala-progress-export.1"] {
        let text = fs::read_to_string(learner.home.path().join("pages").join(page)).unwrap();
        assert!(text.starts_with(".ie") || text.contains(".TH"), "{page}");
    }
    let commands = learner.run(&["commands"], 0).out;
    assert!(commands.lines().all(|l| l.split('\t').count() == 2) && commands.contains("progress export\t"));
}

#[test]
fn the_book_is_written_where_nothing_is_lost() {
    let learner = Learner::new("hi-Latn");
    let said = learner.run(&["book", "build", "kitaab"], 0);
    assert!(said.out.contains("kitaab/index.html"), "{}", said.out);
    for page in ["index.html", "style.css", "book.js", "en/multi-stage-idea.html", "hi-Latn/search.js"] {
        assert!(learner.home.path().join("kitaab").join(page).is_file(), "{page}");
    }
    fs::create_dir(learner.home.path().join("mine")).unwrap();
    fs::write(learner.home.path().join("mine/notes.txt"), "mine").unwrap();
    let said = learner.run(&["book", "build", "mine"], 2);
    assert!(said.err.contains("kitaab ki nahi"), "{}", said.err);
    assert_eq!(fs::read_dir(learner.home.path().join("mine")).unwrap().count(), 1);
}

#[test]
fn the_demo_without_a_daemon_says_what_it_would_do() {
    for lang in LANGS {
        let said = Learner::new(lang).run(&["demo"], 3);
        assert!(said.err.contains("dockshala doctor"), "{}", said.err);
    }
}

#[test]
fn the_recorded_swarm_is_told_without_a_daemon_and_says_what_it_cannot_show() {
    for lang in LANGS {
        let said = Learner::new(lang).run(&["replay"], 0);
        for part in ["node1, node2, node3", "IP_VS", "docker node update --availability drain", "rollback completed"] {
            assert!(said.out.contains(part), "{part}: {}", said.out);
        }
        assert!(!said.out.contains("replay."), "{}", said.out);
    }
}

/// Without a daemon a check takes no time, so what is tested is the watching: a save begins another, none is lost, a
/// signal ends it.
#[cfg(unix)]
#[test]
fn watch_checks_at_every_save_and_ends_at_a_signal() {
    use std::{
        io::{BufRead, BufReader},
        process::Stdio,
        sync::mpsc,
        time::{Duration, Instant},
    };
    for poll in [false, true] {
        let learner = Learner::started("en");
        let mut args = vec!["watch", "two-stages"];
        args.extend(poll.then_some("--poll"));
        let mut command = learner.command(&args);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (tell, told) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        let wait_for = |wanted: &str| {
            let deadline = Instant::now() + Duration::from_secs(30);
            loop {
                let left = deadline.saturating_duration_since(Instant::now());
                let line = told.recv_timeout(left).unwrap_or_else(|_| panic!("no `{wanted}`, poll: {poll}"));
                if line.contains(wanted) {
                    break;
                }
            }
        };
        wait_for("Enter checks now");
        for text in ["FROM scratch\nFORM a\n", "FROM scratch\nFORM b\n"] {
            fs::write(learner.copy().join("Dockerfile"), text).unwrap();
            wait_for("Dockerfile:2");
            wait_for("Enter checks now");
        }
        let sent = Instant::now();
        let pid = rustix::process::Pid::from_raw(child.id() as i32).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(1), "the last verdict is the exit code");
        assert!(sent.elapsed() < Duration::from_secs(3), "{:?}", sent.elapsed());
    }
}

#[test]
fn the_lens_reads_files_without_a_daemon_and_holds_them_to_limits() {
    for lang in ["en", "hi-Latn"] {
        let learner = Learner::new(lang);
        let file = learner.home.path().join("chai.tar");
        fs::write(&file, archive::chai()).unwrap();
        let text = learner.run(&["lens", "chai.tar"], 0).out;
        for part in ["2.6 MB", "1.2 MB", "RUN chown -R 1000 /app", "COPY --chown=", "/tmp/cache", "secret"] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert!(learner.run(&["--ascii", "--plain", "lens", "chai.tar"], 0).out.is_ascii());

        let json = learner.run(&["lens", "chai.tar", "--format", "json", "--max-total", "1 MB"], 1).out;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&json["schema"], &json["sizes"]["wasted"]), (&1.into(), &1_200_020.into()));
        assert_eq!(json["rules"][0]["rule"], "max-total");
        assert_eq!(json["rules"][0]["holds"], false);

        for (limits, exit) in [
            (vec!["--max-total", "3 MB", "--max-wasted", "2 MB", "--max-wasted-share", "50%"], 0),
            (vec!["--max-wasted", "1 MB"], 1),
            (vec!["--max-wasted-share", "40%"], 1),
            (vec!["--max-final", "1 MB"], 1),
            (vec!["--max-layer", "899 kB"], 1),
            (vec!["--max-leftovers", "360 kB"], 0),
            (vec!["--max-leftovers", "300 kB"], 1),
            (vec!["--no-secrets"], 1),
            (vec!["--forbid", "**/*.pem"], 0),
            (vec!["--forbid", "**/.env"], 1),
        ] {
            let args = [vec!["lens", "chai.tar"], limits.clone()].concat();
            learner.run(&args, exit);
        }
        let said = learner.run(&["lens", "chai.tar", "--forbid", "**/.env"], 1).out;
        assert!(said.contains("/app/.env"), "a file that a later layer deletes is in the image all the same: {said}");

        learner.run(&["lens", "chai.tar", "--record", "chai.json"], 0);
        let recorded = fs::read_to_string(learner.home.path().join("chai.json")).unwrap();
        let recorded: serde_json::Value = serde_json::from_str(&recorded).unwrap();
        assert_eq!((&recorded["format"], &recorded["sizes"]["total"]), (&1.into(), &2_560_059.into()));
        assert_eq!(recorded["steps"][3]["paths"][0]["what"], "owner");
        learner.run(&["lens", "chai.tar", "--record", "chai.json"], 0);
        fs::write(learner.home.path().join("Dockerfile"), "FROM scratch\n").unwrap();
        let said = learner.run(&["lens", "chai.tar", "--record", "Dockerfile"], 2).err;
        assert!(said.contains("Dockerfile"), "{said}");
        let kept = fs::read_to_string(learner.home.path().join("Dockerfile")).unwrap();
        assert_eq!(kept, "FROM scratch\n", "only a recording is written over");
        let said = learner.run(&["lens", "chai.tar", "--record", "no/such/folder.json"], 3).err;
        assert!(said.contains("no/such/folder.json"), "{said}");
    }
}

#[test]
fn the_lens_reads_packed_archives_and_pipes() {
    use std::{io::Write as _, process::Stdio};
    let learner = Learner::new("en");
    let plain = learner.run_with_chai();
    for (program, name) in [("gzip", "packed.tar.gz"), ("zstd", "packed.tar.zst")] {
        let mut pack = Command::new(program);
        let Ok(packed) = pack.args(["-c", "chai.tar"]).current_dir(learner.home.path()).output() else { continue };
        fs::write(learner.home.path().join(name), packed.stdout).unwrap();
        let said = learner.run(&["lens", name], 0).out;
        assert_eq!(said.replace(name, "chai.tar"), plain, "{name}");
    }
    let mut child = learner
        .command(&["lens", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&archive::chai()).unwrap();
    let said = Said::from(child.wait_with_output().unwrap());
    assert_eq!((said.exit, said.out.lines().skip(1).collect::<Vec<_>>()), (0, plain.lines().skip(1).collect()));
    // Two files beside each other; nothing differs between an image and itself.
    let said = learner.run(&["lens", "chai.tar", "--compare", "packed.tar.gz", "--format", "json"], 0).out;
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&json["compare"]["shared_layers"], &json["compare"]["changed"]["files"]), (&5.into(), &0.into()));
}

#[test]
fn the_lens_says_what_to_do_where_there_is_nothing_to_see() {
    let learner = Learner::new("en");
    learner.run_with_chai();
    fs::write(learner.home.path().join("notes.tar"), "not a tar at all").unwrap();
    fs::write(learner.home.path().join("half.tar"), &archive::chai()[..700_000]).unwrap();
    fs::create_dir(learner.home.path().join("app")).unwrap();
    for (args, exit, word) in [
        (vec!["lens"], 2, "docker images"),
        (vec!["lens", "missing.tar"], 2, "There is no missing.tar"),
        (vec!["lens", "./app"], 2, "dockshala lens --build ./app"),
        (vec!["lens", "notes.tar"], 2, "docker save"),
        (vec!["lens", "half.tar"], 2, "docker save"),
        (vec!["lens", "chai.tar", "--build", "app"], 2, "one of them"),
        (vec!["lens", "chai.tar", "--max-total", "300"], 2, "a number and a unit"),
        (vec!["lens", "chai.tar", "--max-wasted-share", "0.1"], 2, "from 0% to 100%"),
        (vec!["lens", "chai.tar", "--max-added", "1 MB"], 2, "--base IMAGE"),
        (vec!["lens", "-", "--compare", "-"], 2, "one pipe"),
        // No daemon: the machine's doing, and there is another way.
        (vec!["lens", "chai:1"], 3, "dockshala lens FILE.tar"),
        (vec!["lens", "--build", "app"], 3, "dockshala lens FILE.tar"),
    ] {
        let said = learner.run(&args, exit);
        assert!(said.err.contains(word), "{args:?}: {word} in\n{}", said.err);
        assert_eq!(said.out, "", "{args:?}");
    }
}

impl Learner {
    /// What the lens says of an archive in her folder.
    fn run_with_chai(&self) -> String {
        fs::write(self.home.path().join("chai.tar"), archive::chai()).unwrap();
        self.run(&["lens", "chai.tar"], 0).out
    }
}

#[test]
fn a_claim_is_predicted_before_an_engine_is_asked() {
    for lang in ["en", "hi-Latn"] {
        let learner = Learner::new(lang);
        let listed = learner.run(&["claim"], 0).out;
        assert!(listed.contains("builder-is-deleted") && listed.contains("dockshala claim"), "{listed}");
        let said = learner.run(&["claim", "no-such-claim"], 2).err;
        assert!(said.contains("no-such-claim") && said.contains("dockshala claim builder-is-deleted"), "{said}");
        let said = learner.run(&["claim", "builder-is-deleted", "--predict", "moon"], 2).err;
        assert!(said.contains("moon") && said.contains("gone, image, cache"), "{said}");
        // Nobody is there to predict, and no daemon to ask.
        let said = learner.run(&["claim", "builder-is-deleted"], 2).err;
        assert!(said.contains("--predict"), "{said}");
        learner.run(&["claim", "builder-is-deleted", "--predict", "cache"], 3);
    }
}

#[test]
fn lint_ends_as_a_pipeline_needs_it() {
    for lang in ["en", "hi-Latn"] {
        let learner = Learner::new(lang);
        let write = |name: &str, text: &str| fs::write(learner.home.path().join(name), text).unwrap();
        write("Good", "FROM debian:13-slim\nUSER 1000\nCMD [\"sleep\", \"1\"]\n");
        write("Bad", "FROM debian:13-slim\nWORKDIR app\nRUN cd /x && sudo ls\nCMD sleep 1\n");
        write("Broken", "FROM debian:13-slim\nRUNN x\n");
        learner.run(&["lint", "Good"], 0);
        let said = learner.run(&["lint", "Bad"], 1).out;
        assert!(said.contains("WorkdirRelativePath") && said.contains("Bad:2"), "{said}");
        let json = learner.run(&["lint", "Bad", "--format", "json"], 1).out;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["schema"], 1);
        assert!(json["findings"].as_array().unwrap().iter().any(|f| f["line"] == 2), "{json}");
        let said = learner.run(&["lint", "Broken", "--format", "json"], 1).out;
        let json: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!(json["errors"].as_array().unwrap().len(), 1, "{json}");
        learner.run(&["lint", "missing"], 2);
    }
}

#[test]
fn a_viva_needs_a_submission_and_somebody_to_answer() {
    for lang in ["en", "hi-Latn"] {
        let learner = Learner::new(lang);
        learner.run(&["viva", "two-stages"], 2);
        learner.run(&["viva", "no-such-exercise"], 2);
        learner.run(&["start", "two-stages", "lab"], 0);
        let said = learner.run(&["viva", "two-stages"], 2).err;
        assert!(said.contains("--format json"), "{said}");
        // Without a daemon there is no image to ask about.
        let asked = learner.run(&["viva", "two-stages", "--format", "json"], 0).out;
        assert_eq!(serde_json::from_str::<Vec<serde_json::Value>>(&asked).unwrap(), [] as [serde_json::Value; 0]);
    }
}
