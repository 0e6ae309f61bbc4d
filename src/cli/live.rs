//! What shows while a check goes on: on a terminal one line that is rewritten, in plain mode a line a step, into a pipe
//! nothing. It goes to standard error, so that the result alone is on standard output.

use super::Context;
use crate::layout;
use dockshala_checkers::check::{Event, Tier};
use std::{
    io::{self, IsTerminal, Write},
    time::Instant,
};

/// How it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// One line, rewritten.
    Line,
    /// A line for each step.
    Lines,
    /// Nothing.
    Silent,
}

/// The progress of one check.
pub(super) struct Live<'a> {
    context: &'a Context,
    mode: Mode,
    began: Instant,
    doing: String,
    shown: bool,
}

impl<'a> Live<'a> {
    pub(super) fn new(context: &'a Context, quiet: bool) -> Self {
        let dumb = std::env::var("TERM").is_ok_and(|t| t == "dumb");
        let mode = match io::stderr().is_terminal() {
            _ if quiet => Mode::Silent,
            true if context.plain || dumb => Mode::Lines,
            true => Mode::Line,
            false => Mode::Silent,
        };
        let mut live = Self { context, mode, began: Instant::now(), doing: String::new(), shown: false };
        live.now(context.text("check.live.begin", &[]));
        live
    }

    pub(super) fn event(&mut self, event: &Event) {
        match event {
            Event::Tier(tier) => {
                let key = match tier {
                    Tier::Parse => "check.live.parse",
                    Tier::Build => "check.live.build",
                    Tier::Image => "check.live.image",
                    Tier::Run => "check.live.run",
                };
                self.now(self.context.text(key, &[]));
            }
            Event::Step { step, done: false, .. } => self.now(step.name.clone()),
            _ => {}
        }
    }

    /// Says something else that goes on; in plain mode nothing, as a line for each megabyte would be read out one by one.
    pub(super) fn say(&mut self, doing: String) {
        if self.mode == Mode::Line {
            self.doing = doing;
        }
    }

    fn now(&mut self, doing: String) {
        if doing == self.doing {
            return;
        }
        self.doing = doing;
        if self.mode == Mode::Lines {
            let _ = writeln!(io::stderr(), "{}", layout::clip(&self.doing, self.context.out.columns()));
        }
        self.tick();
    }

    /// Draws the line again: its seconds say that the program is alive.
    pub(super) fn tick(&mut self) {
        if self.mode != Mode::Line {
            return;
        }
        let seconds = format!("{:>4.0} s  ", self.began.elapsed().as_secs_f64());
        let room = self.context.out.columns().saturating_sub(seconds.len() + 1);
        let line = format!("\r\x1b[K{seconds}{}", layout::clip(&self.doing, room));
        self.shown = io::stderr().write_all(line.as_bytes()).is_ok();
    }

    /// Takes the line away.
    pub(super) fn end(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = io::stderr().write_all(b"\r\x1b[K");
        }
    }
}

impl Drop for Live<'_> {
    fn drop(&mut self) {
        self.end();
    }
}
