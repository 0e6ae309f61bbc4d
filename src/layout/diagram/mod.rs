//! Diagrams at a width: bars, boxes and lines made of characters, and the caption below them.
//!
//! Each kind paints cells of a [`Canvas`] that is exactly as wide as there is room, so that no row can be too wide and no wide
//! glyph can push a frame out of line. Where there is no room for a picture beside its words, the words go above it.

mod canvas;
mod layers;
mod stages;
mod stepper;
#[cfg(test)]
mod tests;
mod timeline;
mod topology;

use super::{Class, Span, Style, ascii, document::Piece, wrap::wrap};
use crate::course::diagram::{Diagram, Layers, stepper::Stepper};
use canvas::Canvas;
pub use layers::length;
pub(super) use stepper::IN_A_TEXT;
pub use stepper::{Stepped, stepper};
pub use timeline::step;

/// What something in a diagram is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ink {
    /// What came with the base; what was done before.
    Old,
    /// What is added or done.
    New,
    /// What costs and helps nobody.
    Wasted,
    /// What several share.
    Shared,
    /// Waiting.
    Wait,
    /// What the picture is about: the image that ships.
    Main,
    /// What is gone, or does not get through.
    Down,
    /// A moment.
    Mark,
    /// A remark.
    Note,
    /// The sentence below.
    Caption,
}

/// The words that drawings add, in the text's language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// A layer of bytes that nobody sees.
    pub wasted: String,
    /// A layer that several images use.
    pub shared: String,
    /// An instruction that makes no layer.
    pub settings: String,
    /// The bars are to scale.
    pub linear: String,
    /// The bars are to a logarithmic scale.
    pub log: String,
    /// The stage that becomes the image.
    pub ships: String,
    /// A step that is in the build cache only.
    pub cache: String,
    /// Work that was not done again.
    pub cached: String,
    /// Where there is no picture, the caption follows this.
    pub picture: String,
    /// Before the number of a step.
    pub step: String,
    /// Before the image's bar.
    pub image: String,
    /// Before the build cache's.
    pub store: String,
    /// Before the bytes of a step that later ones hide.
    pub hidden: String,
    /// Before the bytes of earlier steps that this one hides.
    pub hides: String,
    /// Nobody saw this step being built.
    pub unseen: String,
}

/// What a kind of diagram draws with.
#[derive(Clone, Copy)]
struct Pen<'a> {
    ascii: bool,
    words: &'a Words,
}

impl Pen<'_> {
    fn glyph(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { unicode }
    }

    fn text(self, text: &str) -> String {
        if self.ascii { ascii(text) } else { text.to_owned() }
    }

    /// Words in rows of at most `cells`.
    fn rows(self, text: &str, style: Style, cells: usize) -> Vec<Vec<Span>> {
        wrap(&[Piece::Text(self.text(text), style)], cells.max(1))
    }

    fn joined(self, parts: &[&str]) -> String {
        let between = self.glyph(" · ", ", ");
        parts.iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>().join(between)
    }
}

fn ink(ink: Ink) -> Style {
    Style::of(Class::Diagram(ink))
}

fn strong() -> Style {
    Style { strong: true, ..Style::default() }
}

fn frame() -> Style {
    Style::of(Class::Frame)
}

/// The rows of a diagram and its caption. Without `frames` the caption alone: to who cannot see it a picture of characters is
/// noise.
pub(super) fn draw(diagram: &Diagram, cells: usize, is_ascii: bool, frames: bool, words: &Words) -> Vec<Vec<Span>> {
    let pen = Pen { ascii: is_ascii, words };
    if !frames {
        let label = Piece::Text(pen.text(&format!("{} ", words.picture)), Style::of(Class::Label));
        return wrap(&[label, Piece::Text(pen.text(diagram.caption()), Style::default())], cells);
    }
    let mut canvas = Canvas::new(cells);
    let mut caption = diagram.caption().trim().to_owned();
    let mut bars = |layers: &Layers| {
        layers::draw(layers, &mut canvas, pen);
        let scale = layers::scale(layers, words);
        if !scale.is_empty() {
            caption = format!("{caption} ({scale})");
        }
    };
    match diagram {
        Diagram::Layers(d) => bars(d),
        Diagram::Stepper(d) => bars(&d.layers(&words.cache)),
        Diagram::Stages(d) => stages::draw(d, &mut canvas, pen),
        Diagram::Topology(d) => topology::draw(d, &mut canvas, pen),
        Diagram::Timeline(d) => timeline::draw(d, &mut canvas, pen),
    }
    let mut rows = canvas.rows();
    rows.push(Vec::new());
    rows.extend(pen.rows(&caption, ink(Ink::Caption), cells));
    rows
}

/// A stepper's first step with its caption, and all of its steps.
pub(super) fn draw_stepper(drawn: &Stepper, cells: usize, is_ascii: bool, words: &Words) -> (Vec<Vec<Span>>, Stepped) {
    let stepped = stepper(&drawn.replay, cells, IN_A_TEXT, is_ascii, words);
    let mut rows: Vec<Vec<Span>> = stepped.frame(0).iter().map(|line| line.spans.clone()).collect();
    rows.push(Vec::new());
    rows.extend(Pen { ascii: is_ascii, words }.rows(drawn.caption.trim(), ink(Ink::Caption), cells));
    (rows, stepped)
}

/// How many cells a part of `most` takes in a bar of `cells`, in eighths; what is there at all is seen.
fn eighths(part: f64, most: f64, cells: usize) -> usize {
    if part <= 0.0 || most <= 0.0 {
        return 0;
    }
    ((part / most).min(1.0) * cells as f64 * 8.0).round().max(1.0) as usize
}

/// A bar so many eighths of a cell long.
fn bar(eighths: usize, solid: bool, unicode: &'static str, ascii: &'static str, pen: Pen) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    match (pen.ascii, solid) {
        (false, true) => "█".repeat(eighths / 8) + PARTS[eighths % 8],
        (ascii_only, _) => {
            let cells = ((eighths + 4) / 8).max(usize::from(eighths > 0));
            if ascii_only { ascii } else { unicode }.repeat(cells)
        }
    }
}
