//! Where the numbers of links and footnotes stand in a laid text: what a key or a click can follow.
//!
//! They are read off the finished rows. The other way, carrying positions through wrapping, tables and prefixes, would have
//! every one of those steps know about links.

use super::{Class, Line, width};
use std::collections::BTreeMap;

/// Where a number leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum To {
    /// The target of the link of this number, from 1.
    Link(usize),
    /// The row where the footnote of this number begins.
    Note(usize, usize),
    /// Back to the row that first refers to the footnote of this number.
    Back(usize, usize),
}

/// A number in the text, `[3]` or `[^1]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mark {
    /// Its row.
    pub row: usize,
    /// Its first cell in the row.
    pub column: usize,
    /// How many cells it takes.
    pub cells: usize,
    /// Where it leads.
    pub to: To,
}

/// All numbers of `lines`; `notes` has the first row of each footnote.
pub(super) fn marks(lines: &[Line], notes: &BTreeMap<usize, usize>) -> Vec<Mark> {
    let mut out = Vec::new();
    let mut first: BTreeMap<usize, usize> = BTreeMap::new();
    for (row, line) in lines.iter().enumerate() {
        let mut column = 0;
        for span in &line.spans {
            if span.style.class == Class::Reference {
                for (at, len, note, number) in numbers(&span.text) {
                    let to = match (note, notes.get(&number)) {
                        (false, _) => To::Link(number),
                        // The number that the footnote itself begins with.
                        (true, Some(begin)) if *begin == row && column == 0 && at == 0 => To::Back(number, row),
                        (true, Some(begin)) => {
                            first.entry(number).or_insert(row);
                            To::Note(number, *begin)
                        }
                        // Nothing was written below this number.
                        (true, None) => continue,
                    };
                    out.push(Mark { row, column: column + at, cells: len, to });
                }
            }
            column += width(&span.text);
        }
    }
    for mark in &mut out {
        if let To::Back(number, row) = &mut mark.to {
            *row = first.get(number).copied().unwrap_or(*row);
        }
    }
    out
}

/// `[3]` and `[^1]` in `text`: where, how long, whether a footnote's, and the number.
fn numbers(text: &str) -> Vec<(usize, usize, bool, usize)> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find('[').map(|o| at + o) {
        let inner = &text[open + 1..];
        let Some(close) = inner.find(']') else { break };
        let (note, digits) = match inner[..close].strip_prefix('^') {
            Some(digits) => (true, digits),
            None => (false, &inner[..close]),
        };
        if let Ok(number) = digits.parse() {
            out.push((width(&text[..open]), close + 2, note, number));
        }
        at = open + close + 2;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_side_by_side_are_two() {
        assert_eq!(numbers("[1][^12] x [a]"), [(0, 3, false, 1), (3, 5, true, 12)]);
    }
}
