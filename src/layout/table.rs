//! Tables that never lose text: narrow columns keep their natural width, wide ones share what is left and wrap, and where
//! that would leave strips each row becomes a record of `key  value` lines.

use super::document::{Piece, Table};
use super::flow::Glyphs;
use super::wrap::{extent, push, wrap};
use super::{Class, Span, Style, width};
use pulldown_cmark::Alignment;

/// A column that must wrap is not made narrower than this: three words above each other are harder to read than a record.
const STRIP: usize = 8;

/// A longer word may be broken, where a column would otherwise starve its neighbours.
const LONGEST_WORD: usize = 24;

type Row = Vec<Span>;

/// Lays a table out at `cells`.
pub(super) fn table(table: &Table, cells: usize, glyphs: &Glyphs) -> Vec<Row> {
    let columns = table.head.len().max(table.rows.iter().map(Vec::len).max().unwrap_or(0));
    if columns == 0 {
        return Vec::new();
    }
    match widths(table, columns, cells) {
        Some(widths) => grid(table, &widths, glyphs),
        None => records(table, cells, glyphs),
    }
}

/// The columns' widths, or none when the table is better shown as records. Separators take three cells each.
fn widths(table: &Table, columns: usize, cells: usize) -> Option<Vec<usize>> {
    let room = cells.checked_sub(3 * (columns - 1))?;
    let mut natural = vec![1; columns];
    let mut least = vec![1; columns];
    for row in std::iter::once(&table.head).chain(&table.rows) {
        for (at, cell) in row.iter().enumerate() {
            let (word, all) = extent(cell);
            natural[at] = natural[at].max(all);
            least[at] = least[at].max(word.min(LONGEST_WORD));
        }
    }
    if natural.iter().sum::<usize>() <= room {
        return Some(natural);
    }
    let mut out: Vec<usize> = (0..columns).map(|i| least[i].max(STRIP).min(natural[i])).collect();
    let mut left = room.checked_sub(out.iter().sum())?;
    // Waterfall: the column that lacks least is filled first, so that one long column takes what the short ones spare.
    let mut order: Vec<usize> = (0..columns).collect();
    order.sort_by_key(|i| natural[*i] - out[*i]);
    for (done, i) in order.iter().enumerate() {
        let share = (left / (columns - done)).min(natural[*i] - out[*i]);
        out[*i] += share;
        left -= share;
    }
    Some(out)
}

fn grid(table: &Table, widths: &[usize], glyphs: &Glyphs) -> Vec<Row> {
    let frame = Style::of(Class::Frame);
    let rule = |cross: &str| {
        let cells: Vec<String> = widths.iter().map(|w| glyphs.rule.repeat(*w)).collect();
        let mut row = Vec::new();
        push(&mut row, &cells.join(&format!("{r}{cross}{r}", r = glyphs.rule)), frame);
        row
    };
    let body: Vec<Vec<Row>> = table.rows.iter().map(|r| cells(table, r, widths, false, glyphs)).collect();
    // Where a cell takes several rows the eye needs a line to tell the table's rows apart; elsewhere it is only noise.
    let ruled = body.iter().any(|rows| rows.len() > 1);
    let mut out = Vec::new();
    if !table.head.iter().all(Vec::is_empty) {
        out.extend(cells(table, &table.head, widths, true, glyphs));
        out.push(rule(glyphs.cross));
    }
    for (at, rows) in body.into_iter().enumerate() {
        if ruled && at > 0 {
            out.push(rule(glyphs.cross));
        }
        out.extend(rows);
    }
    out
}

fn cells(table: &Table, row: &[Vec<Piece>], widths: &[usize], head: bool, glyphs: &Glyphs) -> Vec<Row> {
    let columns: Vec<Vec<Row>> = widths
        .iter()
        .enumerate()
        .map(|(at, w)| row.get(at).map_or_else(|| vec![Vec::new()], |cell| wrap(&labelled(cell, head), *w)))
        .collect();
    let height = columns.iter().map(Vec::len).max().unwrap_or(1);
    (0..height)
        .map(|y| {
            let mut out = Vec::new();
            for (at, column) in columns.iter().enumerate() {
                if at > 0 {
                    push(&mut out, &format!(" {} ", glyphs.bar), Style::of(Class::Frame));
                }
                let spans = column.get(y).map_or(&[][..], Vec::as_slice);
                let space = widths[at].saturating_sub(spans.iter().map(|s| width(&s.text)).sum());
                let before = match table.aligns.get(at) {
                    Some(Alignment::Right) => space,
                    Some(Alignment::Center) => space / 2,
                    _ => 0,
                };
                push(&mut out, &" ".repeat(before), Style::default());
                for span in spans {
                    push(&mut out, &span.text, span.style);
                }
                push(&mut out, &" ".repeat(space - before), Style::default());
            }
            out.retain(|s| !s.text.is_empty());
            out
        })
        .collect()
}

fn records(table: &Table, cells: usize, glyphs: &Glyphs) -> Vec<Row> {
    let keys = table.head.iter().map(|cell| extent(cell).1).max().unwrap_or(0);
    let side = keys > 0 && keys * 3 <= cells;
    let indent = if side { keys + 2 } else { 2 };
    let mut out = Vec::new();
    for (at, row) in table.rows.iter().enumerate() {
        if at > 0 {
            let mut rule = Vec::new();
            push(&mut rule, &glyphs.rule.repeat(cells.min(24)), Style::of(Class::Frame));
            out.push(rule);
        }
        for (column, cell) in row.iter().enumerate() {
            let key = table.head.get(column).map(|key| labelled(key, true)).unwrap_or_default();
            let values = wrap(cell, cells - indent);
            if !side && !key.is_empty() {
                out.extend(wrap(&key, cells));
            }
            for (y, value) in values.into_iter().enumerate() {
                let mut line = Vec::new();
                let mut used = 0;
                if side && y == 0 {
                    line = wrap(&key, keys).into_iter().next().unwrap_or_default();
                    used = line.iter().map(|s| width(&s.text)).sum();
                }
                push(&mut line, &" ".repeat(indent - used), Style::default());
                for span in value {
                    push(&mut line, &span.text, span.style);
                }
                out.push(line);
            }
        }
    }
    if table.rows.is_empty() {
        for key in &table.head {
            out.extend(wrap(&labelled(key, true), cells));
        }
    }
    out
}

fn labelled(cell: &[Piece], label: bool) -> Vec<Piece> {
    cell.iter()
        .cloned()
        .map(|piece| match piece {
            Piece::Text(text, style) if label && style.class == Class::Text => {
                Piece::Text(text, Style { class: Class::Label, ..style })
            }
            other => other,
        })
        .collect()
}
