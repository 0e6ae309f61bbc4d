//! Looks for words in a laid text, across the ends of its rows.
//!
//! The rows of a block are read as one text again: bars, bullets and hanging blanks left out, a blank where a row was
//! wrapped. Looking row by row would miss every phrase that happens to be wrapped at this width.

use super::{Class, Laid, cluster_width};
use unicode_segmentation::UnicodeSegmentation;

/// A part of what was found, on one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The row.
    pub row: usize,
    /// Its first cell.
    pub column: usize,
    /// How many cells.
    pub cells: usize,
}

/// The words of a text, ready to be looked through.
#[derive(Debug, Default)]
pub struct Words {
    /// In small letters; blocks end with a line feed.
    text: String,
    /// For each cluster: where its letters begin in `text`, its row, its first cell and its cells.
    at: Vec<(usize, usize, usize, usize)>,
}

impl Words {
    /// The words of `laid`.
    pub fn of(laid: &Laid) -> Self {
        let mut out = Self::default();
        let mut block = None;
        for (row, line) in laid.lines.iter().enumerate() {
            let same = block.replace(line.block) == Some(line.block);
            if !out.text.is_empty() && !out.text.ends_with('\n') {
                // Code is not wrapped: its rows are lines of their own.
                if !same || line.pan.is_some() {
                    out.text.push('\n');
                } else if !out.text.ends_with(' ') {
                    out.text.push(' ');
                }
            }
            let mut column = 0;
            for span in &line.spans {
                let drawn = matches!(
                    span.style.class,
                    Class::Frame | Class::Quote | Class::Marker | Class::Reference | Class::Callout(_)
                ) && !span.style.strong;
                for cluster in span.text.graphemes(true) {
                    let cells = cluster_width(cluster);
                    let blank = cluster == " " && (out.text.is_empty() || out.text.ends_with([' ', '\n']));
                    if !drawn && !blank {
                        out.at.push((out.text.len(), row, column, cells));
                        out.text.extend(cluster.chars().flat_map(char::to_lowercase));
                    }
                    column += cells;
                }
            }
        }
        out
    }

    /// Every place that holds `sought`, small or capital, in order; each as its pieces, one for each row it reaches over.
    pub fn find(&self, sought: &str) -> Vec<Vec<Piece>> {
        let sought: String =
            sought.split_whitespace().collect::<Vec<_>>().join(" ").chars().flat_map(char::to_lowercase).collect();
        if sought.is_empty() {
            return Vec::new();
        }
        let mut out = Vec::new();
        let mut from = 0;
        while let Some(begin) = self.text[from..].find(&sought).map(|at| from + at) {
            let end = begin + sought.len();
            let mut pieces: Vec<Piece> = Vec::new();
            // The cluster in which it begins, to the one in which it ends.
            let first = self.at.partition_point(|(at, ..)| *at <= begin).saturating_sub(1);
            for (_, row, column, cells) in self.at[first..].iter().take_while(|(at, ..)| *at < end) {
                match pieces.last_mut() {
                    Some(piece) if piece.row == *row && piece.column + piece.cells == *column => piece.cells += cells,
                    _ => pieces.push(Piece { row: *row, column: *column, cells: *cells }),
                }
            }
            out.push(pieces);
            from = end;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::{layout, parse, tests::options};
    use super::*;

    fn found(markdown: &str, width: usize, sought: &str) -> Vec<Vec<(usize, usize, usize)>> {
        let laid = layout(&parse(markdown), &[], width, &options());
        let all = Words::of(&laid).find(sought);
        all.into_iter().map(|pieces| pieces.into_iter().map(|p| (p.row, p.column, p.cells)).collect()).collect()
    }

    #[test]
    fn a_phrase_is_found_across_a_row_s_end_and_through_a_quote() {
        let text = "> one two six Three four five six seven\n";
        assert_eq!(found(text, 20, "THREE  four"), [[(0, 14, 5), (1, 2, 4)]]);
        assert_eq!(found("- alpha beta\n- beta\n", 30, "beta"), [[(0, 8, 4)], [(1, 2, 4)]]);
        assert!(found("one\n\ntwo\n", 30, "one two").is_empty(), "not from one paragraph into the next");
        assert!(found("one", 30, "  ").is_empty());
    }

    #[test]
    fn places_are_cells_not_letters() {
        assert_eq!(found("नमस्ते docker", 30, "docker"), [[(0, 5, 6)]]);
        assert_eq!(found("İstanbul stan", 30, "stan"), [[(0, 1, 4)], [(0, 9, 4)]]);
        assert_eq!(found("```sh\n\tdocker\n```\n", 30, "docker"), [[(0, 6, 6)]]);
    }
}
