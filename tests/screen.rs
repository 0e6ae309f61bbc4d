//! The real program in a real terminal: start, leave, signals, suspend, the learner's editor, a storm of resizes.
#![cfg(unix)]

#[allow(dead_code, unreachable_pub, reason = "shared with tests that use more of it")]
mod archive;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::{
    fs,
    io::{Read, Write},
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// As long as a loaded machine may take for anything here.
const PATIENCE: Duration = Duration::from_secs(20);

struct Terminal {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    state: Arc<Mutex<(vt100::Parser, Vec<u8>)>>,
    home: tempfile::TempDir,
    kept: Option<tempfile::TempDir>,
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize { rows, cols, ..PtySize::default() }
}

impl Terminal {
    fn run(command: &str, args: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let pty = native_pty_system().openpty(size(80, 24)).unwrap();
        let mut builder = CommandBuilder::new(command);
        builder.args(args);
        builder.env_clear();
        builder.env("TERM", "xterm-256color");
        builder.env("PATH", std::env::var("PATH").unwrap_or_default());
        builder.env("HOME", home.path());
        builder.env("DOCKSHALA_HOME", home.path().join("data"));
        builder.env("PS1", "shell> ");
        // No daemon: nothing here waits for one.
        builder.env("DOCKER_HOST", "unix:///nonexistent/docker.sock");
        let editor = home.path().join("editor.sh");
        fs::write(&editor, "printf 'EDITOR ON %s: ' \"$1\"; read line; printf '%s' \"$line\" > \"$1\"; echo closed\n")
            .unwrap();
        builder.env("EDITOR", format!("sh {}", editor.display()));
        builder.cwd(home.path());
        let child = pty.slave.spawn_command(builder).unwrap();
        let state = Arc::new(Mutex::new((vt100::Parser::new(24, 80, 0), Vec::new())));
        let mut reader = pty.master.try_clone_reader().unwrap();
        let seen = state.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                let mut state = seen.lock().unwrap();
                state.0.process(&buffer[..n]);
                state.1.extend_from_slice(&buffer[..n]);
            }
        });
        let writer = pty.master.take_writer().unwrap();
        Self { master: pty.master, child, writer, state, home, kept: None }
    }

    /// In the terminal's folder, so that files can be named as a learner names them.
    fn lens(files: &[(&str, Vec<u8>)], args: &[&str]) -> Self {
        // The terminal's folder is made with it: what is read must be there first.
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(dir.path().join(name), bytes).unwrap();
        }
        let script = format!("cd {} && exec {BIN} --lang en lens {}", dir.path().display(), args.join(" "));
        let mut terminal = Self::run("sh", &["-c", &script]);
        terminal.kept = Some(dir);
        terminal
    }

    fn dockshala() -> Self {
        let mut terminal = Self::run(BIN, &ARGS);
        terminal.until("home", |s| s.contains("Multi-stage builds") && s.contains("quit"));
        terminal
    }

    fn screen(&self) -> String {
        self.state.lock().unwrap().0.screen().contents()
    }

    fn alternate(&self) -> bool {
        self.state.lock().unwrap().0.screen().alternate_screen()
    }

    fn until(&mut self, what: &str, wanted: impl Fn(&str) -> bool) {
        let began = Instant::now();
        while !wanted(&self.screen()) {
            assert!(began.elapsed() < PATIENCE, "waited for {what}:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn keys(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    fn signal(&self, name: &str) {
        let pid = self.child.process_id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    fn ends(&mut self) -> u32 {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(began.elapsed() < PATIENCE, "still running:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Every mode that was turned on is off again.
    fn restored(&self) {
        let began = Instant::now();
        while self.alternate() && began.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(10));
        }
        let state = self.state.lock().unwrap();
        let screen = state.0.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
        let said = String::from_utf8_lossy(&state.1);
        for mode in ["?1049", "?25", "?2004", "?2026", "?1000", "?1006"] {
            let (on, off) = if mode == "?25" { ("l", "h") } else { ("h", "l") };
            let (on, off) = (format!("\x1b[{mode}{on}"), format!("\x1b[{mode}{off}"));
            assert_eq!(said.matches(&on).count() > 0, said.matches(&off).count() > 0, "{mode}");
            assert!(said.rfind(&on) < said.rfind(&off), "{mode} was left on");
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

const BIN: &str = env!("CARGO_BIN_EXE_dockshala");
const PACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packs/small");
const ARGS: [&str; 4] = ["--course", PACK, "--lang", "en"];

#[test]
fn starts_and_leaves_without_a_trace() {
    let mut terminal = Terminal::dockshala();
    assert!(terminal.alternate());
    terminal.until("no daemon", |s| s.contains("no Docker"));
    terminal.keys("q");
    assert_eq!(terminal.ends(), 0);
    terminal.restored();
}

#[test]
fn signals_give_the_terminal_back() {
    for (name, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let mut terminal = Terminal::dockshala();
        terminal.signal(name);
        assert_eq!(terminal.ends(), code, "SIG{name}");
        terminal.restored();
    }
}

#[test]
fn what_was_read_is_remembered() {
    let mut terminal = Terminal::dockshala();
    terminal.keys("\r");
    terminal.until("the lesson", |s| s.contains("Where does the builder go?"));
    terminal.keys("G");
    terminal.until("its end", |s| s.contains("100 %"));
    terminal.keys("q");
    terminal.until("its mark", |s| s.contains("✓ 7.1"));
    terminal.keys("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn ctrl_z_goes_to_the_shell_and_fg_comes_back() {
    let mut terminal = Terminal::run("bash", &["--norc", "--noprofile", "-i"]);
    terminal.until("the shell", |s| s.contains("shell> "));
    terminal.keys(&format!("{BIN} {}\r", ARGS.join(" ")));
    terminal.until("home", |s| s.contains("Multi-stage builds") && s.contains("quit"));
    terminal.keys("\x1a");
    terminal.until("the shell again", |s| s.contains("Stopped"));
    assert!(!terminal.alternate());
    terminal.keys("echo in the $((40 + 2)) shell\r");
    terminal.until("the shell's answer", |s| s.contains("in the 42 shell"));
    terminal.keys("fg\r");
    terminal.until("home again", |s| s.contains("Multi-stage builds") && s.contains("quit"));
    terminal.keys("j\r");
    terminal.until("keys still work", |s| s.contains("Exercise"));
    terminal.keys("\x1b");
    terminal.until("back", |s| s.contains("You were at"));
    terminal.keys("q");
    terminal.until("the shell at last", |s| s.contains("in the 42 shell"));
    // The shell itself turns bracketed paste on; the rest must be as it was.
    assert!(!terminal.alternate() && !terminal.state.lock().unwrap().0.screen().hide_cursor());
    terminal.keys("exit\r");
    terminal.ends();
}

#[test]
fn the_editor_gets_every_key_and_the_screen_comes_back() {
    let mut terminal = Terminal::dockshala();
    terminal.keys("jj\r");
    terminal.until("the exercise", |s| s.contains("not started"));
    terminal.keys("\r");
    terminal.until("the working copy", |s| s.contains("Your files are in"));
    terminal.keys("o");
    terminal.until("the editor", |s| s.contains("EDITOR ON"));
    assert!(!terminal.alternate());
    // One by one, as a person types: a reader that was left behind would steal some of them.
    for key in "FROM scratch as a learner typed it\r".chars() {
        terminal.keys(&key.to_string());
        std::thread::sleep(Duration::from_millis(5));
    }
    terminal.until("the screen", |s| s.contains("Your files are in"));
    assert!(terminal.alternate());
    let written = find(terminal.home.path(), "Dockerfile").expect("a working copy");
    assert_eq!(fs::read_to_string(written).unwrap(), "FROM scratch as a learner typed it");
    terminal.keys("qq");
    assert_eq!(terminal.ends(), 0);
    terminal.restored();
}

fn find(dir: &Path, name: &str) -> Option<std::path::PathBuf> {
    fs::read_dir(dir).ok()?.flatten().find_map(|entry| {
        let path = entry.path();
        if path.is_dir() { find(&path, name) } else { (entry.file_name() == name).then_some(path) }
    })
}

#[test]
fn a_storm_of_resizes_ends_in_a_whole_screen() {
    let mut terminal = Terminal::dockshala();
    terminal.keys("\r");
    terminal.until("the lesson", |s| s.contains("Where does the builder go?"));
    for n in 0..200_u16 {
        let (cols, rows) = (40 + n * 37 % 160, 8 + n * 23 % 50);
        terminal.state.lock().unwrap().0.screen_mut().set_size(rows, cols);
        terminal.master.resize(size(cols, rows)).unwrap();
        if n % 10 == 0 {
            terminal.keys("j");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    terminal.state.lock().unwrap().0.screen_mut().set_size(30, 100);
    terminal.master.resize(size(100, 30)).unwrap();
    terminal.keys("g\x0c");
    terminal.until("a whole screen", |s| {
        let lines: Vec<&str> = s.lines().collect();
        lines.len() == 30
            && lines[0].contains("The idea, and where the builder goes")
            && lines[1] == "─".repeat(100)
            && lines[28] == "─".repeat(100)
            && lines[29].contains("sections")
    });
    terminal.keys("qq");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_wheel_and_a_click_of_a_real_terminal_are_understood() {
    let mut terminal = Terminal::dockshala();
    terminal.until("the mouse", |_| true);
    // The row of the first lesson, in the terminal's own counting from 1.
    let row = terminal.screen().lines().position(|l| l.contains("7.1  The idea")).unwrap() + 1;
    terminal.keys(&format!("\x1b[<0;20;{row}M\x1b[<0;20;{row}m"));
    terminal.until("the lesson", |s| s.contains("Where does the builder go?"));
    let top = terminal.screen();
    terminal.keys("\x1b[<65;20;10M");
    terminal.until("a scrolled lesson", |s| s != top);
    terminal.keys("qq");
    assert_eq!(terminal.ends(), 0);
    terminal.restored();
}

#[test]
fn the_small_editor_writes_the_file_and_a_link_goes_to_the_clipboard() {
    let mut terminal = Terminal::dockshala();
    terminal.keys("jj\r");
    terminal.until("the exercise", |s| s.contains("not started"));
    terminal.keys("\r");
    terminal.until("the working copy", |s| s.contains("Your files are in") && s.contains("e edit"));
    terminal.keys("e# chai\r");
    terminal.until("what was typed", |s| s.contains("# chai"));
    terminal.keys("\x13");
    terminal.until("saved", |s| s.contains("Saved:"));
    let written = find(terminal.home.path(), "Dockerfile").expect("a working copy");
    assert!(fs::read_to_string(&written).unwrap().starts_with("# chai\nFROM"));
    // Left with something unsaved: it is kept.
    terminal.keys("# two\r\x1b");
    terminal.until("out of the editor", |s| s.contains("e edit"));
    let began = Instant::now();
    while !fs::read_to_string(&written).unwrap().contains("# two") {
        assert!(began.elapsed() < PATIENCE, "never saved");
        std::thread::sleep(Duration::from_millis(10));
    }
    terminal.keys("l");
    terminal.until("the lesson", |s| s.contains("The idea, and where the builder goes"));
    terminal.keys("/the manual\r");
    terminal.until("the link", |s| s.contains("the manual[1]"));
    terminal.keys("y");
    terminal.until("the copy", |s| s.contains("Copied:"));
    // OSC 52 with the address in base64.
    let said = String::from_utf8_lossy(&terminal.state.lock().unwrap().1).into_owned();
    assert!(said.contains("\x1b]52;c;aHR0cHM6Ly9kb2Nz"), "no address on the clipboard");
    terminal.keys("qqq");
    assert_eq!(terminal.ends(), 0);
    terminal.restored();
}

/// Into the small editor of the second exercise, with something typed.
fn typing() -> (Terminal, std::path::PathBuf) {
    let mut terminal = Terminal::dockshala();
    terminal.keys("jj\r");
    terminal.until("the exercise", |s| s.contains("not started"));
    terminal.keys("\r");
    terminal.until("the working copy", |s| s.contains("Your files are in"));
    let file = find(terminal.home.path(), "Dockerfile").expect("a working copy");
    terminal.keys("\t");
    terminal.until("the file", |s| s.contains("1 FROM"));
    terminal.keys("e# chai\r");
    terminal.until("what was typed", |s| s.contains("# chai") && s.contains("Not saved yet"));
    (terminal, file)
}

#[test]
fn what_was_typed_is_kept_when_a_signal_ends_it() {
    for (name, code) in [("TERM", 143), ("HUP", 129)] {
        let (mut terminal, file) = typing();
        terminal.signal(name);
        assert_eq!(terminal.ends(), code, "SIG{name}");
        assert!(fs::read_to_string(&file).unwrap().starts_with("# chai\n"), "SIG{name}");
        terminal.restored();
    }
}

#[test]
fn what_cannot_be_saved_is_still_there_after_esc() {
    let (mut terminal, file) = typing();
    fs::remove_file(&file).unwrap();
    terminal.keys("\x1b");
    terminal
        .until("where it is", |s| s.contains("Not saved.") && s.contains("~/dockshala/two-stages/Dockerfile.unsaved"));
    let kept = file.with_file_name("Dockerfile.unsaved");
    assert!(fs::read_to_string(kept).unwrap().starts_with("# chai\n"));
    terminal.keys("qq");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn ctrl_c_in_the_editors_terminal_ends_the_editor_alone() {
    let mut terminal = Terminal::dockshala();
    terminal.keys("jj\r");
    terminal.until("the exercise", |s| s.contains("not started"));
    terminal.keys("\r");
    terminal.until("the working copy", |s| s.contains("Your files are in"));
    terminal.keys("o");
    terminal.until("the editor", |s| s.contains("EDITOR ON"));
    terminal.keys("\x03");
    terminal.until("the screen", |s| s.contains("Your files are in") && s.contains("signal"));
    terminal.keys("\t");
    terminal.until("the program goes on", |s| s.contains("1 FROM"));
    terminal.keys("qq");
    assert_eq!(terminal.ends(), 0);
    terminal.restored();
}

#[test]
fn ctrl_z_in_the_editor_goes_to_the_shell_and_fg_comes_back_to_the_editor() {
    let mut terminal = Terminal::run("bash", &["--norc", "--noprofile", "-i"]);
    terminal.until("the shell", |s| s.contains("shell> "));
    terminal.keys(&format!("{BIN} {}\r", ARGS.join(" ")));
    terminal.until("home", |s| s.contains("Multi-stage builds") && s.contains("quit"));
    terminal.keys("jj\r");
    terminal.until("the exercise", |s| s.contains("not started"));
    terminal.keys("\r");
    terminal.until("the working copy", |s| s.contains("Your files are in"));
    terminal.keys("o");
    terminal.until("the editor", |s| s.contains("EDITOR ON"));
    terminal.keys("\x1a");
    terminal.until("the shell again", |s| s.contains("Stopped"));
    terminal.keys("echo in the $((40 + 2)) shell\r");
    terminal.until("the shell's answer", |s| s.contains("in the 42 shell"));
    terminal.keys("fg\r");
    // The shell names what it brings back; before that it would read these keys itself.
    terminal.until("the editor again", |s| s.matches("--lang en").count() == 3);
    terminal.keys("FROM scratch\n");
    terminal.until("the screen", |s| s.contains("Your files are in") && s.contains("e edit"));
    let written = find(terminal.home.path(), "Dockerfile").expect("a working copy");
    assert_eq!(fs::read_to_string(written).unwrap(), "FROM scratch");
    terminal.keys("qq");
    terminal.until("the shell at last", |s| s.contains("in the 42 shell"));
    terminal.keys("exit\r");
    terminal.ends();
}

/// Rows of the screen between the two rules. Blanks at their ends may have been written or not.
fn rows(screen: &str) -> Vec<String> {
    screen.lines().skip(2).take(20).map(|line| line.trim_end().to_owned()).collect()
}

/// Into the part of the files, wherever Tab leads first.
fn to_the_files(terminal: &mut Terminal) {
    for _ in 0..4 {
        if terminal.screen().lines().nth(2).is_some_and(|heads| heads.contains("❯ Files")) {
            return;
        }
        let before = terminal.screen();
        terminal.keys("\t");
        terminal.until("another part", |s| s != before);
    }
    panic!("no part of files:\n{}", terminal.screen());
}

#[test]
fn the_lens_opens_an_archive_scrolls_filters_finds_and_leaves() {
    let many = (0..120).fold(archive::layer(), |layer, n| layer.file(&format!("srv/menu-{n:03}.txt"), &[b'x'; 50]));
    let rates = archive::layer().file("srv/menu-007.txt", b"seven").file("rates.txt", b"chai 12\nbun maska 30\n");
    let file = archive::archive("kirana:1", vec![("COPY menus /srv", Some(many)), ("COPY rates.txt /", Some(rates))]);
    let mut terminal = Terminal::lens(&[("kirana.tar", file)], &["kirana.tar"]);
    terminal.until("the lens", |s| s.contains("kirana.tar") && s.contains("COPY menus") && s.contains("next step"));
    assert!(terminal.alternate());
    // The replay: two steps on, to the last instruction, and back to the whole.
    terminal.keys("\x1b[C\x1b[C");
    terminal.until("the second step", |s| s.lines().any(|l| l.contains('❯') && l.contains("COPY rates")));
    terminal.keys("w");
    terminal.until("the whole image", |s| s.lines().any(|l| l.contains('❯') && l.contains("the whole image")));
    to_the_files(&mut terminal);
    // Scrolled to the end and back.
    terminal.keys("E");
    terminal.keys("G");
    terminal.until("the end of the list", |s| s.contains("menu-119") && !s.contains("▾ srv/"));
    terminal.keys("g");
    terminal.until("its beginning", |s| s.lines().any(|l| l.contains('❯') && l.contains("▾ srv/")));
    let top = rows(&terminal.screen());
    terminal.keys("  ");
    terminal.until("two pages on", |s| rows(s) != top);
    terminal.keys("g");
    terminal.until("the beginning again", |s| rows(s) == top);
    // A name is found, and its bytes are read from the archive.
    terminal.keys("/rates\r");
    terminal.until("the file", |s| s.lines().any(|l| l.contains('❯') && l.contains("rates.txt")));
    terminal.keys("\r");
    terminal.until("its bytes", |s| s.contains("bun maska 30"));
    terminal.keys("q");
    terminal.until("the list again", |s| !s.contains("bun maska 30"));
    // Only what was wasted: of a hundred and twenty menus the one that was replaced.
    for _ in 0..6 {
        if terminal.screen().contains("· wasted")
            || rows(&terminal.screen()).iter().filter(|l| l.contains("menu-")).count() == 1
        {
            break;
        }
        let before = terminal.screen();
        terminal.keys("f");
        terminal.until("another filter", |s| s != before);
    }
    let menus: Vec<String> = rows(&terminal.screen()).into_iter().filter(|l| l.contains("menu-")).collect();
    assert!(menus.len() == 1 && menus[0].contains("menu-007"), "{}", terminal.screen());
    terminal.keys("q");
    assert_eq!(terminal.ends(), 0);
    terminal.restored();
}

#[test]
fn the_lens_holds_two_archives_against_each_other() {
    let lean =
        archive::archive("chai:2", vec![("COPY app /app", Some(archive::layer().file("app/server", &[2; 700_000])))]);
    let files = [("chai.tar", archive::chai()), ("lean.tar", lean)];
    let mut terminal = Terminal::lens(&files, &["chai.tar", "--compare", "lean.tar"]);
    terminal.until("both", |s| s.contains("chai.tar  ↔  lean.tar") && s.contains("They share no layer"));
    to_the_files(&mut terminal);
    terminal.until("the differences", |s| s.contains("where they differ") && s.contains("server"));
    let all = rows(&terminal.screen());
    terminal.keys("f");
    terminal.until("a filter", |s| rows(s) != all && s.contains("added"));
    terminal.keys("q");
    assert_eq!(terminal.ends(), 0);
    terminal.restored();
}

#[test]
fn the_lens_says_what_is_wrong_with_a_file_and_still_gives_the_terminal_back() {
    let mut terminal = Terminal::lens(&[("notes.tar", b"not an archive at all".to_vec())], &["notes.tar"]);
    terminal.until("the reason", |s| s.contains("notes.tar") && s.contains("docker save"));
    terminal.keys("q");
    terminal.ends();
    terminal.restored();
}

#[test]
fn a_no_to_a_packs_commands_keeps_the_quiz_and_its_score() {
    // The built-in course, read from its folder, is a pack like any other.
    let pack = env!("CARGO_MANIFEST_DIR");
    let args = ["--course", pack, "--lang", "en", "--plain", "quiz", "--kind", "predict"];
    let args = [&args[..], &["--lesson", "choosing-a-base", "--count", "1"]].concat();
    let mut terminal = Terminal::run(BIN, &args);
    terminal.until("the question", |s| s.contains("Question 1 of 1") && s.contains("Which one (1 to 3"));
    terminal.keys("1\r");
    terminal.until("the offer to measure", |s| s.contains("Measure it now") && s.contains("Which"));
    terminal.keys("1\r");
    terminal
        .until("what it would run, in short", |s| s.contains("dockshala course commands") && s.contains("Run them?"));
    assert!(
        terminal.screen().contains("is not part of Dockshala"),
        "the whole of it on one screen:\n{}",
        terminal.screen()
    );
    terminal.keys("n\r");
    // Answered wrongly or not, the quiz goes on from here.
    terminal.until("that nothing was run", |s| s.contains("Nothing was run"));
    terminal.keys("q\r");
    terminal.until("the score", |s| s.contains("of 1 right at once") || s.contains("of 2 right at once"));
    assert_eq!(terminal.ends(), 0);
}
