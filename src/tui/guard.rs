//! The terminal's modes: entered in one order, left in the reverse, and left by whoever comes first: the guard's drop, the
//! panic hook, a signal, Ctrl-Z, or the learner's editor.
//!
//! The screen library's own `init` and `restore` know raw mode and the alternate screen only. Whatever else a program turns
//! on, they leave on after a panic. So every mode that is entered is noted in one list, and only noted ones are undone.

use crossterm::{
    cursor::{Hide, Show},
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use std::{
    io::{self, Write},
    sync::{
        Mutex, MutexGuard, Once, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Raw,
    Alternate,
    Paste,
    Mouse,
    Cursor,
}

const MODES: [Mode; 5] = [Mode::Raw, Mode::Alternate, Mode::Paste, Mode::Mouse, Mode::Cursor];

/// Whether the mouse is to be ours.
static MOUSE: AtomicBool = AtomicBool::new(true);

/// Presses and the wheel, with places beyond column 223. The library's own command also asks for every motion, which wakes
/// the program for nothing.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// The mouse is to be ours, or the terminal's own; at once if the terminal is ours already.
pub(super) fn mouse(ours: bool) {
    MOUSE.store(ours, Ordering::Relaxed);
    let mut list = entered();
    let held = list.iter().position(|mode| *mode == Mode::Mouse);
    match (held, ours) {
        (Some(at), false) => {
            list.remove(at);
            Mode::Mouse.leave();
        }
        (None, true) if !list.is_empty() && Mode::Mouse.enter().is_ok() => list.push(Mode::Mouse),
        _ => {}
    }
}

static ENTERED: Mutex<Vec<Mode>> = Mutex::new(Vec::new());

fn entered() -> MutexGuard<'static, Vec<Mode>> {
    // A panic while the list was held is the very moment when it is needed.
    ENTERED.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Mode {
    fn enter(self) -> io::Result<()> {
        let mut out = io::stdout();
        match self {
            Self::Raw => enable_raw_mode(),
            Self::Alternate => execute!(out, EnterAlternateScreen),
            Self::Paste => execute!(out, EnableBracketedPaste),
            Self::Mouse => out.write_all(MOUSE_ON.as_bytes()).and_then(|()| out.flush()),
            Self::Cursor => execute!(out, Hide),
        }
    }

    fn leave(self) {
        // Nobody is left to tell when the terminal is gone; the other modes must be tried all the same.
        let mut out = io::stdout();
        let _ = match self {
            Self::Raw => disable_raw_mode(),
            Self::Alternate => execute!(out, LeaveAlternateScreen),
            Self::Paste => execute!(out, DisableBracketedPaste),
            Self::Mouse => out.write_all(MOUSE_OFF.as_bytes()).and_then(|()| out.flush()),
            Self::Cursor => execute!(out, Show),
        };
    }
}

/// Enters every mode that is not entered yet.
pub(super) fn enter() -> io::Result<()> {
    let wanted = |mode: &Mode| *mode != Mode::Mouse || MOUSE.load(Ordering::Relaxed);
    for mode in MODES.into_iter().filter(wanted) {
        let mut list = entered();
        if !list.contains(&mode) {
            mode.enter()?;
            list.push(mode);
        }
    }
    Ok(())
}

/// Leaves every mode that was entered, last first. Does nothing the second time.
pub(super) fn leave() {
    let mut list = entered();
    while let Some(mode) = list.pop() {
        mode.leave();
    }
    let _ = io::stdout().flush();
}

/// The terminal is ours while this lives.
pub(super) struct TerminalGuard(());

impl TerminalGuard {
    /// Takes the terminal. From here on a panic gives it back before it prints.
    pub(super) fn new() -> io::Result<Self> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                leave();
                before(info);
            }));
        });
        let guard = Self(());
        enter()?;
        Ok(guard)
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    use std::io::Read;

    /// Not a test of its own: what [`a_panic_gives_the_terminal_back_before_it_speaks`] runs in a terminal.
    #[test]
    #[ignore = "run in a terminal by another test"]
    fn panics_with_the_terminal_in_hand() {
        let _guard = TerminalGuard::new().unwrap();
        panic!("on purpose");
    }

    #[test]
    fn a_panic_gives_the_terminal_back_before_it_speaks() {
        let pty = native_pty_system().openpty(PtySize { rows: 24, cols: 80, ..PtySize::default() }).unwrap();
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "--nocapture", "tui::guard::tests::panics_with_the_terminal_in_hand"]);
        command.env("TERM", "xterm-256color");
        let mut child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let read = std::thread::spawn(move || {
            let mut said = Vec::new();
            // The end of a terminal is an error on Linux.
            let _ = reader.read_to_end(&mut said);
            String::from_utf8_lossy(&said).into_owned()
        });
        assert!(!child.wait().unwrap().success());
        drop(pty.master);
        let said = read.join().unwrap();
        let entered = said.find("\x1b[?1049h").expect("entered the alternate screen");
        let left = said.find("\x1b[?1049l").expect("left it");
        let spoke = said.find("on purpose").expect("said why");
        let cursor = said.find("\x1b[?25h").expect("the cursor is back");
        assert!(entered < cursor && cursor < left && left < spoke, "{said:?}");
        assert!(said[..left].contains("\x1b[?2004l"), "bracketed paste is off again: {said:?}");
    }
}
