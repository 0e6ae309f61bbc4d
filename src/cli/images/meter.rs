//! How far something long is: one line that is rewritten on a terminal, a line now and then in a pipe.

use super::Context;
use std::{
    io::{self, IsTerminal},
    sync::Mutex,
    time::{Duration, Instant},
};

const ON_A_TERMINAL: Duration = Duration::from_millis(100);
const IN_A_PIPE: Duration = Duration::from_secs(10);

pub(super) struct Meter<'a> {
    context: &'a Context,
    terminal: bool,
    silent: bool,
    last: Mutex<Last>,
}

struct Last {
    at: Option<Instant>,
    standing: bool,
}

impl<'a> Meter<'a> {
    /// `silent` for a command that prints JSON.
    pub(super) fn new(context: &'a Context, silent: bool) -> Self {
        // Rewriting a line is an escape sequence and means nothing to a screen reader.
        let terminal = io::stdout().is_terminal() && !context.plain && !context.out.ascii();
        Self { context, terminal, silent, last: Mutex::new(Last { at: None, standing: false }) }
    }

    /// How far it is now.
    pub(super) fn show(&self, text: impl FnOnce() -> String) {
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let every = if self.terminal { ON_A_TERMINAL } else { IN_A_PIPE };
        if self.silent || last.at.is_some_and(|at| at.elapsed() < every) {
            return;
        }
        // The first word in a pipe comes when it has taken a while; what is quick says nothing between begin and end.
        let first = last.at.replace(Instant::now()).is_none();
        if self.terminal {
            let room = self.context.out.columns().saturating_sub(1);
            let text: String = text().chars().take(room).collect();
            self.context.out.raw(&format!("\r\x1b[K{text}"));
            last.standing = true;
        } else if !first {
            self.context.out.line(&text());
        }
    }

    /// A line that stays.
    pub(super) fn line(&self, text: &str) {
        self.clear();
        if !self.silent {
            self.context.out.prose("", 0, text);
        }
    }

    /// Takes the rewritten line away.
    pub(super) fn clear(&self) {
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if std::mem::take(&mut last.standing) {
            self.context.out.raw("\r\x1b[K");
        }
        last.at = None;
    }
}

impl Drop for Meter<'_> {
    fn drop(&mut self) {
        self.clear();
    }
}
