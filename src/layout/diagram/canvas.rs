//! A sheet of cells that grows downwards and never sideways.

use super::{Span, Style};
use crate::layout::{cluster_width, wrap::push};
use unicode_segmentation::UnicodeSegmentation;

/// A cell: a cluster in its style, or the right half of the wide one before it.
#[derive(Clone, PartialEq)]
enum Cell {
    Glyph(String, Style),
    Half,
}

/// Rows of cells.
#[derive(Clone)]
pub(super) struct Canvas {
    width: usize,
    rows: Vec<Vec<Cell>>,
}

impl Canvas {
    pub(super) fn new(width: usize) -> Self {
        Self { width, rows: Vec::new() }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.rows.len()
    }

    fn blank() -> Cell {
        Cell::Glyph(" ".to_owned(), Style::default())
    }

    /// At least so many rows.
    pub(super) fn grow(&mut self, rows: usize) {
        while self.rows.len() < rows {
            self.rows.push(vec![Self::blank(); self.width]);
        }
    }

    /// Writes from a cell to the right, over what is there; what would leave the sheet is left out.
    pub(super) fn put(&mut self, x: usize, y: usize, text: &str, style: Style) -> usize {
        self.grow(y + 1);
        let mut at = x;
        for cluster in text.graphemes(true) {
            let cells = cluster_width(cluster);
            if cells == 0 {
                continue;
            }
            if at + cells > self.width {
                break;
            }
            self.clear(at, y);
            self.clear(at + cells - 1, y);
            self.rows[y][at] = Cell::Glyph(cluster.to_owned(), style);
            for half in at + 1..at + cells {
                self.clear(half, y);
                self.rows[y][half] = Cell::Half;
            }
            at += cells;
        }
        at
    }

    /// Writes spans one after the other.
    pub(super) fn put_spans(&mut self, x: usize, y: usize, spans: &[Span]) -> usize {
        spans.iter().fold(x, |x, span| self.put(x, y, &span.text, span.style))
    }

    /// The same piece in each cell of a stretch of a row.
    pub(super) fn line(&mut self, x: usize, to: usize, y: usize, piece: &str, style: Style) {
        for x in x..to {
            self.put(x, y, piece, style);
        }
    }

    /// Whether nothing is written there.
    pub(super) fn is_blank(&self, x: usize, y: usize) -> bool {
        match self.rows.get(y).and_then(|row| row.get(x)) {
            Some(Cell::Glyph(text, _)) => text == " ",
            Some(Cell::Half) => false,
            None => true,
        }
    }

    /// What is written there.
    pub(super) fn at(&self, x: usize, y: usize) -> &str {
        match self.rows.get(y).and_then(|row| row.get(x)) {
            Some(Cell::Glyph(text, _)) => text,
            _ => "",
        }
    }

    /// Another sheet laid over this one.
    pub(super) fn lay(&mut self, x: usize, y: usize, other: &Self) {
        for (down, row) in other.rows.iter().enumerate() {
            for (right, cell) in row.iter().enumerate() {
                if let Cell::Glyph(text, style) = cell {
                    self.put(x + right, y + down, text, *style);
                }
            }
        }
    }

    // Half of a wide cluster is nothing: what is written over one half blanks the other.
    fn clear(&mut self, x: usize, y: usize) {
        let row = &mut self.rows[y];
        let mut first = x;
        while row[first] == Cell::Half && first > 0 {
            first -= 1;
        }
        let mut end = first + 1;
        while end < row.len() && row[end] == Cell::Half {
            end += 1;
        }
        for cell in &mut row[first..end] {
            *cell = Self::blank();
        }
    }

    /// The sheet as rows of spans, without blanks at their ends.
    pub(super) fn rows(self) -> Vec<Vec<Span>> {
        let row = |cells: Vec<Cell>| {
            let end = cells.iter().rposition(|c| *c != Self::blank()).map_or(0, |at| at + 1);
            let mut spans = Vec::new();
            for cell in cells.into_iter().take(end) {
                if let Cell::Glyph(text, style) = cell {
                    push(&mut spans, &text, style);
                }
            }
            spans
        };
        self.rows.into_iter().map(row).collect()
    }
}
