//! Texts of the course on standard output: on a terminal with colours and frames, into a pipe as text alone.

use super::Context;
use crate::{
    course::Document,
    layout::{self, Laid, Options},
    tui::theme::{Look, Palette, Theme},
};
use std::io::{self, IsTerminal};

impl Context {
    /// How to lay a text out for this terminal or pipe.
    pub(super) fn layout_options(&self) -> Options {
        let frames = !self.plain && io::stdout().is_terminal();
        Options {
            // Nobody knows how wide the reader of a pipe is; on a terminal long lines are as hard to read as on the screen.
            measure: if frames { 96 } else { 80 },
            ascii: self.out.ascii(),
            frames,
            list_links: true,
            stepped: false,
            labels: crate::tui::labels(&self.lang),
        }
    }

    /// Writes a text that was laid out.
    pub(super) fn print(&self, laid: &Laid) {
        let theme = Theme { color: true, ascii: self.out.ascii(), palette: Palette::Sixteen };
        for line in &laid.lines {
            if self.out.color() {
                let painted: String =
                    line.spans.iter().map(|span| theme.ansi(Look::Text(span.style), &span.text)).collect();
                self.out.line(&painted);
            } else {
                self.out.line(&line.text());
            }
        }
    }

    /// Writes a text of the course.
    pub(super) fn markdown(&self, document: &Document) {
        // A pack's colours are made when they are first wanted, which takes a while: not for a pipe that drops them.
        let colours = if self.out.color() { document.colours() } else { Default::default() };
        let parsed = layout::parse(&document.markdown);
        self.print(&layout::layout(&parsed, &colours, self.out.columns(), &self.layout_options()));
    }
}
