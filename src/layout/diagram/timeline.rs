//! What happens when: a row for each that works, an axis below, moments across.

use super::{Canvas, Ink, Pen, Style, bar, eighths, frame, ink, strong};
use crate::course::diagram::{Timeline, Work, WorkKind};
use crate::layout::width;

/// Below so many cells for the bars the labels go above them.
const LEAST_BAR: usize = 20;

pub(super) fn draw(diagram: &Timeline, canvas: &mut Canvas, pen: Pen) {
    let cells = canvas.width();
    let longest = diagram.rows.iter().map(|r| width(&pen.text(&r.label))).max().unwrap_or(0);
    let labels = longest.min(cells / 3);
    let wide = cells.saturating_sub(labels + 2) >= LEAST_BAR.max(cells / 2);
    let x = if wide { labels + 2 } else { 0 };
    let most = last(diagram);
    let unit = pen.text(&diagram.unit);
    // The last number of the axis needs room on the right of its tick.
    let room = cells.saturating_sub(x + width(&unit) + 2).max(1);
    let column = |at: f64| x + ((at / most) * room as f64).round() as usize;
    let mut y = 0;
    for parts in diagram.rows.chunk_by(|a, b| a.label == b.label) {
        let label = pen.rows(&parts[0].label, strong(), if wide { labels } else { cells });
        for (down, spans) in label.iter().enumerate() {
            canvas.put_spans(0, y + down, spans);
        }
        let top = if wide { y } else { y + label.len() };
        let mut end = x;
        for part in parts {
            let from = column(part.start);
            let long = eighths(part.end - part.start, most, room);
            // In whole cells where something follows or comes before: halves of cells would leave gaps between parts.
            let long = if parts.len() > 1 { (column(part.end) - from).max(1) * 8 } else { long };
            let (text, style) = painted(part.kind, long, pen);
            end = end.max(canvas.put(from, top, &text, style));
        }
        let below = remark(diagram, parts, canvas, x, end, top, pen);
        y = below.max(y + label.len());
    }
    let bars = y;
    axis(canvas, x, room, bars, most, &unit, pen);
    y += 2;
    for mark in &diagram.marks {
        let at = column(mark.at).min(cells.saturating_sub(1));
        for row in 0..bars {
            if canvas.is_blank(at, row) {
                canvas.put(at, row, pen.glyph("┊", ":"), ink(Ink::Mark));
            }
        }
        canvas.put(at, bars, pen.glyph("┷", "+"), ink(Ink::Mark));
        let words = pen.text(&format!("{} ({} {})", mark.label, number(mark.at), diagram.unit));
        let sign = pen.glyph("▲", "^");
        if at + 2 + width(&words) <= cells {
            canvas.put(at, y, &format!("{sign} {words}"), ink(Ink::Mark));
            y += 1;
        } else if width(&words) < at {
            canvas.put(at - width(&words) - 1, y, &format!("{words} {sign}"), ink(Ink::Mark));
            y += 1;
        } else {
            canvas.put(at, y, sign, ink(Ink::Mark));
            for spans in pen.rows(&words, ink(Ink::Mark), cells) {
                y += 1;
                canvas.put_spans(0, y, &spans);
            }
            y += 1;
        }
    }
}

/// The latest moment.
fn last(diagram: &Timeline) -> f64 {
    let ends = diagram.rows.iter().map(|r| r.end).chain(diagram.marks.iter().map(|m| m.at));
    ends.fold(0.0, f64::max).max(f64::MIN_POSITIVE)
}

/// How long it took and what is said about it: right of the bar where there is room, else below.
fn remark(d: &Timeline, parts: &[Work], canvas: &mut Canvas, x: usize, end: usize, y: usize, pen: Pen) -> usize {
    let long = match parts {
        [one] => format!("{} {}", number(one.end - one.start), d.unit),
        _ => String::new(),
    };
    let cached = parts.iter().any(|p| p.kind == WorkKind::Cached);
    let mut words = vec![long.as_str()];
    if cached {
        words.push(&pen.words.cached);
    }
    words.extend(parts.iter().filter_map(|p| p.note.as_deref()));
    let text = pen.text(&pen.joined(&words));
    if end + 1 + width(&text) <= canvas.width() {
        canvas.put(end + 1, y, &text, ink(Ink::Note));
        return y + 1;
    }
    let rows = pen.rows(&text, ink(Ink::Note), canvas.width().saturating_sub(x));
    for (down, spans) in rows.iter().enumerate() {
        canvas.put_spans(x, y + 1 + down, spans);
    }
    y + 1 + rows.len()
}

fn painted(kind: WorkKind, long: usize, pen: Pen) -> (String, Style) {
    match kind {
        WorkKind::Work => (bar(long, true, "█", "#", pen), ink(Ink::New)),
        WorkKind::Wait => (bar(long, false, "░", ".", pen), ink(Ink::Wait)),
        WorkKind::Cached => (bar(long, false, "▒", "=", pen), ink(Ink::Old)),
    }
}

fn axis(canvas: &mut Canvas, x: usize, room: usize, y: usize, most: f64, unit: &str, pen: Pen) {
    canvas.line(x, x + room + 1, y, pen.glyph("─", "-"), frame());
    let step = step(most, room);
    let mut tick = 0.0;
    while tick <= most * 1.000_001 {
        let at = x + ((tick / most) * room as f64).round() as usize;
        let (first, end) = (tick == 0.0, tick + step > most);
        canvas.put(at, y, pen.glyph(if first { "├" } else { "┼" }, "+"), frame());
        let text = number(tick);
        let text = if end { format!("{text} {unit}") } else { text };
        // Right below its tick; the last one where it still fits.
        let from = at.saturating_sub(if first || end { 0 } else { width(&text) / 2 });
        canvas.put(from.min(canvas.width().saturating_sub(width(&text))), y + 1, &text, ink(Ink::Note));
        tick += step;
    }
}

/// 1, 2 or 5 times a power of ten, so that numbers stand at least eight cells apart.
pub fn step(most: f64, room: usize) -> f64 {
    let least = most * 8.0 / room.max(8) as f64;
    let power = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= least * 0.999_999).unwrap_or(power * 10.0)
}

/// A number without the zeros that say nothing.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
