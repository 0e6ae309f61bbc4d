//! A text and a width → styled lines. Nothing here knows a terminal: the screen, `read` in a pipe and the tests all take
//! the same [`Laid`].
//!
//! Blocks inside lists, quotes and callouts are laid out at the width that is left to them and prefixed afterwards. The
//! other way round, prefixing wrapped lines, is what breaks quotes in so many Markdown viewers. Tables never lose text:
//! cells wrap, and when columns would become strips the rows are shown as records. Code never wraps, because a wrapped
//! command is a wrong command: its lines are as long as they are, and [`Line::pan`] tells a screen what to shift.

mod claims;
mod diagram;
mod document;
mod find;
mod flow;
mod marks;
mod table;
mod width;
mod wrap;

pub use crate::course::Class as Token;
use crate::course::Highlighted;
pub use claims::with_claims;
pub use diagram::{Ink, Stepped, Words as DiagramWords, length as diagram_length, step as diagram_step, stepper};
pub use document::{CLAIM, Callout, Document, parse};
pub use find::{Piece as FoundPiece, Words};
pub use flow::{ascii, ascii_cells};
pub use marks::{Mark, To};
pub use width::{clean, clip, clip_words, cluster_width, fit, width};

/// What a stretch of text is. A theme decides how that looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Class {
    /// Running text.
    #[default]
    Text,
    /// A heading of this level.
    Heading(u8),
    /// Code inside a sentence.
    Code,
    /// The text of a link.
    Link,
    /// A link's or footnote's number.
    Reference,
    /// A bullet, an item's number, a task's box.
    Marker,
    /// Lines of tables, code frames and rules.
    Frame,
    /// The name over a code block.
    Caption,
    /// A table's header, a record's key, a defined term.
    Label,
    /// A quote's bar.
    Quote,
    /// A callout's bar and its label.
    Callout(Callout),
    /// A piece of a code block.
    Token(Token),
    /// A piece of a diagram.
    Diagram(Ink),
}

/// A class with what emphasis adds to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Style {
    /// What it is.
    pub class: Class,
    /// Strong.
    pub strong: bool,
    /// Emphasised.
    pub emphasis: bool,
    /// Struck out.
    pub strike: bool,
}

impl Style {
    /// A class without emphasis.
    pub fn of(class: Class) -> Self {
        Self { class, ..Self::default() }
    }
}

/// A stretch of a line in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The text, free of control characters.
    pub text: String,
    /// How it is meant.
    pub style: Style,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// From left to right.
    pub spans: Vec<Span>,
    /// Which leaf block of the text the row belongs to, counted from 0. Blank rows belong to the block above.
    pub block: usize,
    /// The row is code, which may be wider than the width: so many columns at its left stay when the rest is shifted.
    pub pan: Option<usize>,
}

impl Line {
    /// Cells of the whole row.
    pub fn width(&self) -> usize {
        self.spans.iter().map(|s| width(&s.text)).sum()
    }

    /// The row's text, without trailing blanks.
    pub fn text(&self) -> String {
        let mut text: String = self.spans.iter().map(|s| s.text.as_str()).collect();
        text.truncate(text.trim_end_matches(' ').len());
        text
    }
}

/// A heading and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its `{#id}`, the same in every language; empty where it has none.
    pub id: String,
    /// The heading's text.
    pub title: String,
    /// 1 to 6.
    pub level: u8,
    /// Its row.
    pub row: usize,
    /// Its block.
    pub block: usize,
}

/// A text at a width.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Laid {
    /// Row by row.
    pub lines: Vec<Line>,
    /// All headings in order.
    pub sections: Vec<Section>,
    /// The first row of each block.
    pub blocks: Vec<usize>,
    /// How far the widest code row reaches.
    pub widest: usize,
    /// Numbers of links and footnotes, in the order of reading.
    pub marks: Vec<Mark>,
    /// Targets of the numbered links; number 1 is the first.
    pub links: Vec<String>,
    /// What can be stepped through, in order; its rows stand at the first step.
    pub steppers: Vec<Stepped>,
}

/// A place in a text that means the same in another language and at another width.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The section's id, empty before the first.
    pub section: String,
    /// How many blocks below the section's heading.
    pub block: usize,
    /// How many rows below the block's first.
    pub row: usize,
}

impl Laid {
    /// What stands at `row`.
    pub fn place(&self, row: usize) -> Place {
        let Some(line) = self.lines.get(row.min(self.lines.len().saturating_sub(1))) else { return Place::default() };
        let section = self.sections.iter().rev().find(|s| s.block <= line.block && !s.id.is_empty());
        Place {
            section: section.map(|s| s.id.clone()).unwrap_or_default(),
            block: line.block - section.map_or(0, |s| s.block),
            row: row - self.blocks[line.block],
        }
    }

    /// Where `place` is here: the nearest row that exists.
    pub fn find(&self, place: &Place) -> usize {
        let section = self.sections.iter().position(|s| !s.id.is_empty() && s.id == place.section);
        let first = section.map_or(0, |i| self.sections[i].block);
        let next = section.map_or(0, |i| i + 1);
        let last = self.sections[next.min(self.sections.len())..]
            .iter()
            .find(|s| !s.id.is_empty())
            .map_or(self.blocks.len(), |s| s.block)
            .saturating_sub(1);
        let block = (first + place.block).min(last);
        let Some(row) = self.blocks.get(block) else { return 0 };
        let end = self.blocks.get(block + 1).copied().unwrap_or(self.lines.len());
        (row + place.row).min(end.saturating_sub(1)).max(*row)
    }

    /// The section that holds `row`.
    pub fn section_at(&self, row: usize) -> Option<usize> {
        self.sections.iter().rposition(|s| s.row <= row)
    }
}

/// Words that the layout adds to a text, in the text's language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// `> [!NOTE]`
    pub note: String,
    /// `> [!TIP]`
    pub tip: String,
    /// `> [!IMPORTANT]`
    pub interview: String,
    /// `> [!WARNING]`
    pub warning: String,
    /// `> [!CAUTION]`
    pub caution: String,
    /// Over a claim.
    pub claim: String,
    /// Over the list of link targets.
    pub links: String,
    /// In diagrams.
    pub diagram: DiagramWords,
}

impl Labels {
    fn callout(&self, kind: Callout) -> &str {
        match kind {
            Callout::Note => &self.note,
            Callout::Tip => &self.tip,
            Callout::Interview => &self.interview,
            Callout::Warning => &self.warning,
            Callout::Caution => &self.caution,
            Callout::Claim => &self.claim,
        }
    }
}

/// How to lay out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Running text is never set wider than this, however wide the window: longer lines are hard to read.
    pub measure: usize,
    /// Lines, bullets and common symbols in ASCII.
    pub ascii: bool,
    /// Draw frames and bars. Without, code is indented and nothing stands between a screen reader and the text.
    pub frames: bool,
    /// The targets of the numbered links follow the text.
    pub list_links: bool,
    /// Steppers go one instruction at a time: there is somebody who can step. Without, all their steps are there.
    pub stepped: bool,
    /// Words to add.
    pub labels: Labels,
}

/// Words of the program at a width, a row for each line or more. Nothing but backticks is markup, for code: what a daemon or
/// a container said is quoted in such words, and must stay what it is.
pub fn prose(parts: &[(&str, Style)], width: usize, ascii: bool) -> Vec<Vec<Span>> {
    let mut pieces = Vec::new();
    for (text, style) in parts {
        let text = clean(text);
        for (nth, line) in text.split('\n').enumerate() {
            if nth > 0 {
                pieces.push(document::Piece::Break);
            }
            // A backtick that nothing closes is a backtick.
            let closed = line.matches('`').count() / 2 * 2;
            for (nth, stretch) in line.splitn(closed + 1, '`').enumerate() {
                let code = nth % 2 == 1;
                let style = if code { Style { class: Class::Code, ..*style } } else { *style };
                let stretch = if ascii { self::ascii(stretch) } else { stretch.to_owned() };
                if !stretch.is_empty() {
                    pieces.push(document::Piece::Text(stretch, style));
                }
            }
        }
    }
    wrap::wrap(&pieces, width.max(NARROWEST))
}

/// The narrowest width that text is laid out at; anything below is treated as this.
pub const NARROWEST: usize = 12;

/// Lays a document out at `width` cells. `colours` are those of its code blocks, in order; a block without is plain, so that
/// laying out never waits for a highlighter.
pub fn layout(document: &Document, colours: &[Highlighted], width: usize, options: &Options) -> Laid {
    flow::Flow::new(document, colours, options).run(width.min(options.measure).max(NARROWEST))
}

#[cfg(test)]
mod tests;
