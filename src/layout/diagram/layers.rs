//! Layers as bars: what each instruction weighs, side by side.

use super::{Canvas, Ink, Pen, Style, Words, bar, eighths, ink, strong};
use crate::course::diagram::{LayerKind, LayerRow, Layers, Scale};
use crate::layout::width;

/// Below so many cells for the bars the labels go above them.
const LEAST_BAR: usize = 18;

/// What the lengths mean; nothing where there are no bars.
pub(super) fn scale<'a>(diagram: &Layers, words: &'a Words) -> &'a str {
    match diagram.scale {
        _ if diagram.rows.iter().all(|r| r.size.is_none()) => "",
        Scale::Linear => &words.linear,
        Scale::Log => &words.log,
    }
}

pub(super) fn draw(diagram: &Layers, canvas: &mut Canvas, pen: Pen) {
    let cells = canvas.width();
    let sizes = diagram.rows.iter().filter_map(|r| r.size.as_ref()).map(|s| width(&s.text)).max().unwrap_or(0);
    let longest = diagram.rows.iter().map(|r| width(&pen.text(&r.label))).max().unwrap_or(0);
    let labels = longest.min(cells * 2 / 5);
    let beside = cells.saturating_sub(labels + sizes + 4);
    let wide = beside >= LEAST_BAR;
    let (from, room) = if wide { (labels + 2, beside) } else { (2, cells.saturating_sub(sizes + 4)) };
    let mut y = 0;
    for row in &diagram.rows {
        let label = pen.rows(&row.label, strong(), if wide { labels } else { cells });
        for (down, spans) in label.iter().enumerate() {
            canvas.put_spans(0, y + down, spans);
        }
        let top = if wide { y } else { y + label.len() };
        let below = one(diagram, row, canvas, from, room, top, pen);
        y = below.max(y + label.len());
    }
}

/// Paints a bar, its size and its remark; gives the first free row.
fn one(diagram: &Layers, row: &LayerRow, canvas: &mut Canvas, x: usize, room: usize, y: usize, pen: Pen) -> usize {
    let word = match row.kind {
        LayerKind::Wasted => &pen.words.wasted,
        LayerKind::Shared => &pen.words.shared,
        LayerKind::Config => &pen.words.settings,
        LayerKind::Base | LayerKind::Layer | LayerKind::Cache => "",
    };
    let remark = pen.joined(&[word, row.note.as_deref().unwrap_or_default()]);
    let remark = pen.text(&remark);
    let mut end = x;
    if let Some(size) = &row.size {
        let long = eighths(length(diagram, size.bytes), 1.0, room);
        let (text, style) = painted(row.kind, long, pen);
        end = canvas.put(x, y, &text, style);
        canvas.put(canvas.width().saturating_sub(width(&size.text)), y, &pen.text(&size.text), Style::default());
    }
    if remark.is_empty() {
        return y + 1;
    }
    let gap = usize::from(end > x);
    if width(&remark) + gap <= (x + room).saturating_sub(end) {
        canvas.put(end + gap, y, &remark, ink(Ink::Note));
        return y + 1;
    }
    let rows = pen.rows(&remark, ink(Ink::Note), canvas.width().saturating_sub(x));
    let first = if row.size.is_some() { y + 1 } else { y };
    for (down, spans) in rows.iter().enumerate() {
        canvas.put_spans(x, first + down, spans);
    }
    first + rows.len()
}

fn painted(kind: LayerKind, long: usize, pen: Pen) -> (String, Style) {
    match kind {
        LayerKind::Base | LayerKind::Config | LayerKind::Cache => (bar(long, true, "█", "=", pen), ink(Ink::Old)),
        LayerKind::Layer => (bar(long, true, "█", "#", pen), ink(Ink::New)),
        LayerKind::Wasted => (bar(long, false, "╱", "/", pen), ink(Ink::Wasted)),
        LayerKind::Shared => (bar(long, false, "▒", ":", pen), ink(Ink::Shared)),
    }
}

/// How long a bar is beside the longest, from 0 to 1.
pub fn length(diagram: &Layers, bytes: u64) -> f64 {
    let sizes = || diagram.rows.iter().filter_map(|r| r.size.as_ref()).map(|s| s.bytes).filter(|b| *b > 0);
    let most = sizes().max().unwrap_or(1) as f64;
    match diagram.scale {
        _ if bytes == 0 => 0.0,
        Scale::Linear => bytes as f64 / most,
        Scale::Log => {
            // The smallest has a tenth of the decade below it, or it would have no bar at all.
            let least = sizes().min().unwrap_or(1) as f64 / 2.0;
            (bytes as f64 / least).log10() / (most / least).log10()
        }
    }
}
