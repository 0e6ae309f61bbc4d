//! The loop beside the learner's editor, in a terminal: what jobs tell goes on being heard, and nobody waits for room at the
//! end.

use super::{
    app::{App, Effect, Msg},
    runner::{self, Ended, Jobs},
    state::Shared,
    tests::course,
    theme::{Palette, Theme},
};
use crate::course::Lang;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::{
    fs,
    io::Read,
    path::PathBuf,
    time::{Duration, Instant},
};
use tokio::{sync::mpsc, task::JoinHandle};

/// As long as a loaded machine may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Room for news; the flood is many times as much.
const ROOM: usize = 16;

struct Flood(JoinHandle<()>);

impl Jobs for Flood {
    fn run(&mut self, _: Effect) {}

    async fn finish(self) {
        self.0.await.unwrap();
    }
}

async fn flood(news: &mpsc::Sender<Msg>) {
    for nth in 0..ROOM * 50 {
        let _ = news.send(Msg::Notice(format!("step {nth}"))).await;
    }
}

/// Not a test of its own: what [`a_flood_of_news_goes_on_behind_the_editor`] runs in a terminal. Its editor waits until all
/// of the flood was told.
#[test]
#[ignore = "run in a terminal by another test"]
fn edits_in_a_flood() {
    let dir = PathBuf::from(std::env::var("DOCKSHALA_TEST_DIR").unwrap());
    let theme = Theme { color: false, ascii: true, palette: Palette::Sixteen };
    let (mut app, _) = App::new(Shared::new(course(), Lang::en(), theme, dir.clone()), None);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut signals = {
        let _inside = runtime.enter();
        runner::Signals::new().unwrap()
    };
    let mut window = runner::Window::open(&mut app).unwrap();
    let (to, mut news) = mpsc::channel(ROOM);
    let told = dir.join("told");
    let job = runtime.spawn(async move {
        flood(&to).await;
        fs::write(told, "").unwrap();
        let _ = to.send(Msg::Key(KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE))).await;
        // Still telling when the program ends.
        flood(&to).await;
    });
    let first = vec![Effect::Edit(dir.join("Dockerfile"))];
    let ended = runtime.block_on(runner::run(&mut app, &mut window, &mut signals, first, Flood(job), &mut news));
    assert_eq!(ended.unwrap(), Ended::Left);
}

#[test]
fn a_flood_of_news_goes_on_behind_the_editor() {
    let dir = tempfile::tempdir().unwrap();
    let editor = dir.path().join("editor.sh");
    fs::write(&editor, "cd \"$(dirname \"$1\")\"; until [ -e told ]; do sleep 0.02; done\n").unwrap();
    let pty = native_pty_system().openpty(PtySize { rows: 24, cols: 80, ..PtySize::default() }).unwrap();
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "--nocapture", "tui::runner_tests::edits_in_a_flood"]);
    command.env("TERM", "xterm-256color");
    command.env("DOCKSHALA_TEST_DIR", dir.path());
    command.env_remove("VISUAL");
    command.env("EDITOR", format!("sh {}", editor.display()));
    let mut child = pty.slave.spawn_command(command).unwrap();
    drop(pty.slave);
    let mut reader = pty.master.try_clone_reader().unwrap();
    let read = std::thread::spawn(move || {
        let mut said = Vec::new();
        // The end of a terminal is an error on Linux.
        let _ = reader.read_to_end(&mut said);
        String::from_utf8_lossy(&said).into_owned()
    });
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if began.elapsed() > PATIENCE {
            let _ = child.kill();
            break None;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    drop(pty.master);
    let said = read.join().unwrap();
    assert!(status.is_some_and(|status| status.success()), "it stands still, or failed: {said}");
}
