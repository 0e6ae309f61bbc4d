//! Where commands write: standard output with or without colour, wrapped at the terminal's width.
//!
//! Colour is one of sixteen that the learner's own palette defines, and never the only sign of anything. Into a pipe goes
//! plain text: not one escape, and no line broken at a width that the reader does not have.

use crate::report::Report;
use crate::{course::Lang, i18n};
use std::{
    io::{self, IsTerminal, Write},
    sync::Mutex,
};
use unicode_width::UnicodeWidthStr;

/// What `--color` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorChoice {
    /// Colour on a terminal that has it, unless the environment says otherwise.
    #[default]
    Auto,
    /// Colour in any case.
    Always,
    /// None.
    Never,
}

/// What a piece of text is; the palette decides how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A heading.
    Head,
    /// What matters most.
    Strong,
    /// What may be skipped.
    Dim,
    /// A success.
    Good,
    /// A failure of the submission.
    Bad,
    /// Something to look out for, not the learner's doing.
    Warn,
    /// Code, a command, a file name.
    Code,
}

impl Style {
    fn sgr(self) -> &'static str {
        match self {
            Self::Head => "1;36",
            Self::Strong => "1",
            Self::Dim => "2",
            Self::Good => "32",
            Self::Bad => "1;31",
            Self::Warn => "33",
            Self::Code => "36",
        }
    }
}

/// Colour or none: the flag, then `DOCKSHALA_COLOR`, then `NO_COLOR` (when not empty), then `TERM=dumb`, then whether a
/// terminal reads it.
pub fn wants_color(flag: ColorChoice, env: impl Fn(&str) -> Option<String>, terminal: bool) -> bool {
    let ours = env("DOCKSHALA_COLOR");
    match (flag, ours.as_deref()) {
        (ColorChoice::Always, _) | (ColorChoice::Auto, Some("always")) => true,
        (ColorChoice::Never, _) | (ColorChoice::Auto, Some("never")) => false,
        (ColorChoice::Auto, _) => {
            env("NO_COLOR").is_none_or(|v| v.is_empty()) && env("TERM").as_deref() != Some("dumb") && terminal
        }
    }
}

/// Standard output (or a buffer in a test) and how to write on it.
pub struct Out {
    color: bool,
    ascii: bool,
    width: Option<usize>,
    sink: Mutex<Sink>,
}

struct Sink {
    to: Box<dyn Write + Send>,
    closed: bool,
}

impl Out {
    /// Standard output as the flags and the environment want it.
    pub fn stdout(choice: ColorChoice, ascii: bool) -> Self {
        let terminal = io::stdout().is_terminal();
        let width = if terminal { crossterm::terminal::size().ok().map(|(w, _)| usize::from(w)) } else { None };
        let color = wants_color(choice, |key| std::env::var(key).ok(), terminal);
        // Wider than a hundred columns prose is hard to read, whatever the terminal has.
        Self::new(Box::new(io::stdout()), color, ascii, width.map(|w| w.clamp(20, 100)))
    }

    /// Any other sink.
    pub fn new(to: Box<dyn Write + Send>, color: bool, ascii: bool, width: Option<usize>) -> Self {
        Self { color, ascii, width, sink: Mutex::new(Sink { to, closed: false }) }
    }

    /// Whether colour is on.
    pub fn color(&self) -> bool {
        self.color
    }

    /// Whether only ASCII may be drawn.
    pub fn ascii(&self) -> bool {
        self.ascii
    }

    /// Columns to lay tables and headings out in; 80 where nobody knows.
    pub fn columns(&self) -> usize {
        self.width.unwrap_or(80)
    }

    /// `text` in that style, or as it is without colour.
    pub fn paint(&self, style: Style, text: &str) -> String {
        if self.color && !text.is_empty() { format!("\x1b[{}m{text}\x1b[0m", style.sgr()) } else { text.to_owned() }
    }

    /// Writes text as it is.
    ///
    /// A reader that went away (`check | head`) must not end the command in the middle of what it is doing, with
    /// containers left behind: from then on nothing is written, and the exit code still says what came of it.
    pub fn raw(&self, text: &str) {
        let mut sink = self.sink.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if sink.closed {
            return;
        }
        if sink.to.write_all(text.as_bytes()).and_then(|()| sink.to.flush()).is_err() {
            sink.closed = true;
        }
    }

    /// Writes one line.
    pub fn line(&self, text: &str) {
        self.raw(&format!("{text}\n"));
    }

    /// An empty line.
    pub fn gap(&self) {
        self.raw("\n");
    }

    /// Writes prose, wrapped on a terminal, each line of it behind `indent` columns; the first behind `lead`, which is
    /// padded to `indent`.
    pub fn prose(&self, lead: &str, indent: usize, text: &str) {
        let room = self.width.map(|w| w.saturating_sub(indent).max(20));
        let pad = " ".repeat(indent);
        let mut first = Some(lead);
        for paragraph in text.lines() {
            let lines = match room {
                Some(room) => wrap(paragraph, room),
                None => vec![paragraph.to_owned()],
            };
            for line in lines {
                match first.take() {
                    Some(lead) => {
                        let fill = " ".repeat(indent.saturating_sub(plain_width(lead)));
                        self.line(format!("{lead}{fill}{line}").trim_end());
                    }
                    None => self.line(format!("{pad}{line}").trim_end()),
                }
            }
        }
    }

    /// Writes what stopped a command.
    pub fn report(&self, lang: &Lang, report: &Report) {
        self.prose(
            "",
            0,
            &format!("{}: {}", self.paint(Style::Bad, &i18n::text(lang, report.fault.key(), &[])), report.what),
        );
        if let Some(place) = &report.place {
            let at = match place.line {
                Some(line) => format!("{}:{line}", place.file),
                None => place.file.clone(),
            };
            self.line(&format!("  {}", self.paint(Style::Code, &at)));
            for line in place.snippet.lines() {
                self.line(&format!("    {line}"));
            }
        }
        self.next(lang, &report.next);
    }

    /// Writes what to do next: prose behind a marker, commands on lines of their own so that they can be copied.
    pub fn next(&self, lang: &Lang, steps: &[String]) {
        if steps.is_empty() {
            return;
        }
        self.line(&self.paint(Style::Strong, &i18n::text(lang, "report.next", &[])));
        for step in steps {
            match step.strip_prefix("$ ") {
                Some(command) => self.line(&format!("    {}", self.paint(Style::Code, command))),
                None => self.prose("  - ", 4, step),
            }
        }
    }
}

/// Breaks a paragraph at spaces so that each line fits in `room` columns; a word that is wider stands alone. The
/// paragraph's own indent is kept on every line.
pub fn wrap(paragraph: &str, room: usize) -> Vec<String> {
    let indent = paragraph.len() - paragraph.trim_start_matches(' ').len();
    let pad = &paragraph[..indent];
    let mut lines = Vec::new();
    let mut line = pad.to_owned();
    let mut empty = true;
    for word in paragraph.split_whitespace() {
        if !empty && plain_width(&line) + 1 + plain_width(word) > room {
            lines.push(std::mem::replace(&mut line, pad.to_owned()));
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    lines.push(line);
    lines
}

/// Columns that a text takes, our own colour escapes not counted.
pub fn plain_width(text: &str) -> usize {
    let mut width = 0;
    let mut rest = text;
    while let Some(at) = rest.find("\x1b[") {
        width += rest[..at].width();
        rest = rest[at..].find('m').map_or("", |end| &rest[at + end + 1..]);
    }
    width + rest.width()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |key| pairs.iter().find(|(k, _)| *k == key).map(|(_, v)| (*v).to_owned())
    }

    #[test]
    fn the_flag_outranks_our_variable_outranks_no_color_outranks_the_terminal() {
        use ColorChoice::*;
        assert!(wants_color(Auto, env(&[]), true));
        assert!(!wants_color(Auto, env(&[]), false));
        assert!(!wants_color(Auto, env(&[("NO_COLOR", "1")]), true));
        assert!(wants_color(Auto, env(&[("NO_COLOR", "")]), true), "an empty NO_COLOR says nothing");
        assert!(!wants_color(Auto, env(&[("TERM", "dumb")]), true));
        assert!(wants_color(Auto, env(&[("DOCKSHALA_COLOR", "always"), ("NO_COLOR", "1")]), false));
        assert!(!wants_color(Never, env(&[("DOCKSHALA_COLOR", "always")]), true));
        assert!(wants_color(Always, env(&[("NO_COLOR", "1"), ("TERM", "dumb")]), false));
    }

    #[test]
    fn text_is_wrapped_by_columns_and_keeps_its_indent() {
        assert_eq!(wrap("  a bb ccc dddd", 8), ["  a bb", "  ccc", "  dddd"]);
        assert_eq!(wrap("नमस्ते दुनिया", 7), ["नमस्ते", "दुनिया"]);
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(plain_width("\x1b[1;31mFAIL\x1b[0m x"), 6);
    }
}
