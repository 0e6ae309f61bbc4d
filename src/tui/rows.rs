//! Rows of styled text, and the window that is scrolled over them.
//!
//! Text is wrapped once for a width and kept; a frame touches only the rows that are seen. The screen library's paragraph
//! wraps the whole text again for every frame, which takes milliseconds in a long lesson.

use super::theme::{Look, Theme};
use crate::layout::{Laid, Line, Span, Style as TextStyle, cluster_width, fit, width};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use unicode_segmentation::UnicodeSegmentation;

/// One row, ready to paint.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Row {
    pub(super) spans: Vec<(String, Style)>,
    /// Columns at the left that stay when the rest is shifted; none for rows that are not shifted.
    pub(super) pan: Option<usize>,
}

impl Row {
    pub(super) fn new(theme: Theme, parts: &[(&str, Look)]) -> Self {
        let spans = parts
            .iter()
            .filter(|(text, _)| !text.is_empty())
            .map(|(text, look)| ((*text).to_owned(), theme.style(*look)))
            .collect();
        Self { spans, pan: None }
    }

    /// The same, all of it in one style.
    pub(super) fn all(mut self, style: Style) -> Self {
        self.spans.iter_mut().for_each(|(_, s)| *s = style);
        self
    }

    pub(super) fn width(&self) -> usize {
        self.spans.iter().map(|(text, _)| width(text)).sum()
    }
}

/// A laid text as rows.
pub(super) fn from_laid(laid: &Laid, theme: Theme) -> Vec<Row> {
    from_lines(&laid.lines, theme)
}

/// Some of its rows.
pub(super) fn from_lines(lines: &[Line], theme: Theme) -> Vec<Row> {
    lines
        .iter()
        .map(|line| Row {
            spans: line.spans.iter().map(|s| (s.text.clone(), theme.style(Look::Text(s.style)))).collect(),
            pan: line.pan,
        })
        .collect()
}

/// Words of the program behind `lead`, by which all their rows hang. Backticks mark code.
pub(super) fn words(parts: &[(&str, TextStyle)], lead: (&str, Look), cells: usize, theme: Theme) -> Vec<Row> {
    let hang = width(lead.0);
    let rows = crate::layout::prose(parts, cells.saturating_sub(hang), theme.ascii);
    let row = |(at, spans): (usize, Vec<Span>)| {
        let first = if at == 0 { (lead.0.to_owned(), theme.style(lead.1)) } else { (" ".repeat(hang), Style::new()) };
        let rest = spans.into_iter().map(|s| (s.text, theme.style(Look::Text(s.style))));
        Row { spans: std::iter::once(first).filter(|(text, _)| !text.is_empty()).chain(rest).collect(), pan: None }
    };
    rows.into_iter().enumerate().map(row).collect()
}

/// Plain words.
pub(super) fn plain(text: &str, cells: usize, theme: Theme) -> Vec<Row> {
    words(&[(text, TextStyle::default())], ("", Look::Plain), cells, theme)
}

/// How far one key shifts code.
pub(super) const SHIFT: isize = 8;

/// Columns of the widest row that can be shifted; nothing where none can.
pub(super) fn widest(rows: &[Row]) -> usize {
    rows.iter().filter(|r| r.pan.is_some()).map(Row::width).max().unwrap_or(0)
}

/// Where the window over a text stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) top: usize,
    pub(super) pan: usize,
}

impl Window {
    /// Moves by rows, within a text of `len` rows seen through `height`.
    pub(super) fn scroll(&mut self, by: isize, len: usize, height: usize) {
        self.top = self.top.saturating_add_signed(by).min(len.saturating_sub(height));
    }

    /// Keeps the window on the text after the text or the height changed.
    pub(super) fn settle(&mut self, len: usize, height: usize) {
        self.scroll(0, len, height);
    }

    /// Shifts code, but not beyond the end of its widest row.
    pub(super) fn shift(&mut self, by: isize, widest: usize, cells: usize) {
        self.pan = self.pan.saturating_add_signed(by).min(widest.saturating_sub(cells));
    }

    /// How much of the text is above the window's last row, in percent.
    pub(super) fn percent(self, len: usize, height: usize) -> usize {
        if len <= height { 100 } else { ((self.top + height).min(len) * 100) / len }
    }
}

/// Paints the rows that are seen.
pub(super) fn paint(buf: &mut Buffer, area: Rect, rows: &[Row], window: Window, theme: Theme) {
    for (y, row) in (area.y..area.bottom()).zip(rows.iter().skip(window.top)) {
        paint_row(buf, Rect { y, height: 1, ..area }, row, window.pan, theme);
    }
}

pub(super) fn paint_row(buf: &mut Buffer, area: Rect, row: &Row, pan: usize, theme: Theme) {
    let cells = usize::from(area.width);
    let total = row.width();
    // A row that fits is not shifted, and none is shifted beyond its own end.
    let pan = row.pan.map_or(0, |_| pan.min(total.saturating_sub(cells)));
    let keep = row.pan.unwrap_or(0);
    let right = area.right();
    let mut x = area.x;
    let mut column = 0;
    for (text, style) in &row.spans {
        if pan == 0 {
            x = buf.set_stringn(x, area.y, text, usize::from(right.saturating_sub(x)), *style).0;
        } else {
            for cluster in text.graphemes(true) {
                if (column < keep || column >= keep + pan) && x < right {
                    x = buf.set_stringn(x, area.y, cluster, usize::from(right - x), *style).0;
                }
                column += cluster_width(cluster);
            }
        }
        if x >= right {
            break;
        }
    }
    if row.pan.is_some() && cells > keep + 1 {
        let mark = theme.style(Look::Focus);
        if pan > 0 {
            let at = area.x.saturating_add(u16::try_from(keep.saturating_sub(1)).unwrap_or(u16::MAX));
            buf.set_stringn(at, area.y, theme.sign("‹", "<"), 1, mark);
        }
        if total > cells + pan {
            buf.set_stringn(right - 1, area.y, theme.sign("›", ">"), 1, mark);
        }
    }
}

/// A part of a bar is cut to no less than this.
const SHORTEST: usize = 8;

/// One line of text parts, the last ones given up first when it does not fit, and a part at the right edge.
pub(super) fn bar(buf: &mut Buffer, area: Rect, left: &Row, right: &Row) {
    let room = usize::from(area.width);
    let need = right.width();
    let mut x = area.x;
    let taken = if need < room { u16::try_from(need + usize::from(need > 0)).unwrap_or(0) } else { 0 };
    let limit = area.right().saturating_sub(taken);
    for (text, style) in &left.spans {
        let cells = usize::from(limit.saturating_sub(x));
        // Less than a word's beginning says nothing.
        if cells < width(text).min(SHORTEST) {
            break;
        }
        let cut = if width(text) > cells { crate::layout::clip(text, cells) } else { text.clone() };
        x = buf.set_stringn(x, area.y, cut, cells, *style).0;
    }
    if need < room {
        let mut x = area.right() - u16::try_from(need).unwrap_or(0);
        for (text, style) in &right.spans {
            x = buf.set_stringn(x, area.y, text, need, *style).0;
        }
    }
}

/// Cuts text to `cells` and fills it up with blanks.
pub(super) fn pad(text: &str, cells: usize) -> String {
    let cut = if width(text) > cells { crate::layout::clip(text, cells) } else { fit(text, cells).0.to_owned() };
    let used = width(&cut);
    cut + &" ".repeat(cells.saturating_sub(used))
}
