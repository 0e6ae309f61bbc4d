//! Running text → rows. Breaks between words; inside a word only when it is wider than the row, and then between clusters.

use super::{Class, fit};
use super::{Span, Style, cluster_width, document::Piece, width};
use unicode_segmentation::UnicodeSegmentation;

/// Code of a sentence that is no wider than this is not broken: `docker build .` on two rows is hard to read and worse to
/// copy. Wider ones break at their spaces like all text.
const KEEP_CODE: usize = 28;

/// A stretch without a place to break, and the blanks in front of it.
struct Word {
    spans: Vec<Span>,
    width: usize,
    space: Option<Style>,
    breaks: bool,
}

/// Wraps to rows of at most `cells`. There is always at least one row.
pub(super) fn wrap(pieces: &[Piece], cells: usize) -> Vec<Vec<Span>> {
    let mut rows: Vec<Vec<Span>> = Vec::new();
    let mut row: Vec<Span> = Vec::new();
    let mut used = 0;
    for word in words(pieces, cells) {
        if word.breaks {
            rows.push(std::mem::take(&mut row));
            used = 0;
        }
        if let Some(style) = word.space.filter(|_| used > 0) {
            if used + 1 + word.width > cells {
                rows.push(std::mem::take(&mut row));
                used = 0;
            } else {
                push(&mut row, " ", style);
                used += 1;
            }
        }
        if used + word.width <= cells {
            used += word.width;
            for span in word.spans {
                push(&mut row, &span.text, span.style);
            }
            continue;
        }
        for span in word.spans {
            let mut rest = span.text.as_str();
            while !rest.is_empty() {
                let (mut head, mut w) = fit(rest, cells - used);
                if head.is_empty() {
                    if used > 0 {
                        rows.push(std::mem::take(&mut row));
                        used = 0;
                        continue;
                    }
                    // A single cluster wider than the row: some conjuncts are. It is cut at a character, not lost.
                    head = first_chars(rest, cells);
                    w = width(head);
                }
                push(&mut row, head, span.style);
                used += w;
                rest = &rest[head.len()..];
            }
        }
    }
    rows.push(row);
    rows
}

/// The width of the longest stretch that should not be broken, and of all on one row.
pub(super) fn extent(pieces: &[Piece]) -> (usize, usize) {
    let (mut longest, mut widest, mut row) = (0, 0, 0);
    for word in words(pieces, usize::MAX) {
        longest = longest.max(word.width);
        if word.breaks {
            row = 0;
        }
        row += word.width + usize::from(word.space.is_some() && row > 0);
        widest = widest.max(row);
    }
    (longest, widest)
}

fn words(pieces: &[Piece], cells: usize) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    let mut space: Option<Style> = None;
    let mut glue = false;
    let mut breaks = false;
    for piece in pieces {
        let (text, style) = match piece {
            Piece::Break => {
                (space, glue) = (None, false);
                // Two breaks in a row leave an empty row between them.
                if breaks {
                    out.push(Word { spans: Vec::new(), width: 0, space: None, breaks: true });
                }
                breaks = true;
                continue;
            }
            Piece::Text(text, style) => (text, *style),
        };
        let whole = style.class == Class::Code && width(text) <= KEEP_CODE.min(cells);
        let mut add = |text: &str, space: Option<Style>, glue: bool, breaks: bool| {
            let span = Span { text: text.to_owned(), style };
            let w = width(text);
            match out.last_mut().filter(|_| glue) {
                Some(word) => {
                    word.width += w;
                    word.spans.push(span);
                }
                None => out.push(Word { spans: vec![span], width: w, space, breaks }),
            }
        };
        if whole {
            add(&text.replace(['\n', '\t'], " "), space.take(), glue && space.is_none(), std::mem::take(&mut breaks));
            glue = true;
            continue;
        }
        for (at, part) in text.split([' ', '\n', '\t']).enumerate() {
            if at > 0 {
                space = Some(style);
                glue = false;
            }
            if !part.is_empty() {
                add(part, space.take(), glue, std::mem::take(&mut breaks));
                glue = true;
            }
        }
    }
    out
}

/// Puts text at the end of a row, in the last span where the style is the same.
pub(super) fn push(row: &mut Vec<Span>, text: &str, style: Style) {
    match row.last_mut() {
        Some(last) if last.style == style => last.text.push_str(text),
        _ => row.push(Span { text: text.to_owned(), style }),
    }
}

fn first_chars(text: &str, cells: usize) -> &str {
    let cluster = text.graphemes(true).next().unwrap_or(text);
    let mut end = 0;
    for (at, c) in cluster.char_indices() {
        let next = at + c.len_utf8();
        if end > 0 && cluster_width(&cluster[..next]) > cells {
            break;
        }
        end = next;
    }
    &cluster[..end]
}
