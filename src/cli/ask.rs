//! A question with numbered answers, asked in the terminal.

use super::{Context, out::Style};
use crate::report::{Fault, Report};
use std::io::{self, BufRead, IsTerminal};

/// What somebody said.
pub(super) enum Said {
    /// One of the answers, from 0.
    Answer(usize),
    /// Nothing: the question is passed over.
    Pass,
    /// They want to stop, or nobody is there.
    Stop,
}

/// Nobody can answer without a terminal; the flag that answers instead is named.
pub(super) fn somebody_there(context: &Context, flag: &str) -> Result<(), Report> {
    if io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Report::new(&context.lang, Fault::Usage, "ask.nobody", &[("flag", &flag)]))
}

/// Shows the answers and waits for one.
pub(super) fn ask(context: &Context, answers: &[String]) -> Said {
    let out = &context.out;
    for (at, answer) in answers.iter().enumerate() {
        out.prose(&format!("  {}  ", at + 1), 5, answer);
    }
    loop {
        out.raw(&format!("{} ", out.paint(Style::Strong, &context.text("ask.which", &[("last", &answers.len())]))));
        let mut line = String::new();
        match io::stdin().lock().read_line(&mut line) {
            Ok(0) | Err(_) => return Said::Stop,
            Ok(_) => {}
        }
        match (line.trim(), line.trim().parse::<usize>()) {
            ("", _) => return Said::Pass,
            ("q", _) => return Said::Stop,
            (_, Ok(number)) if (1..=answers.len()).contains(&number) => return Said::Answer(number - 1),
            _ => out.prose("", 0, &context.text("ask.again", &[("last", &answers.len())])),
        }
    }
}
