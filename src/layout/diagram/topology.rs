//! Boxes in boxes, side by side while there is room, and what reaches what.

use super::{Canvas, Ink, Pen, Style, frame, ink, strong};
use crate::course::diagram::{BoxKind, Boxed, Link, LinkKind, Topology};
use crate::layout::{Span, width};

/// Between two boxes.
const GAP: usize = 2;
/// A remark is no wider than this while there is room to be tall.
const REMARK: usize = 26;
/// The longest words that stand on an arrow between two boxes.
const ON_ARROW: usize = 18;

pub(super) fn draw(diagram: &Topology, canvas: &mut Canvas, pen: Pen) {
    let mut sheet = Sheet { links: &diagram.links, drawn: vec![false; diagram.links.len()], pen };
    let cells = canvas.width();
    let body = sheet.beside(&diagram.boxes, cells);
    canvas.lay(0, 0, &body);
    let mut y = body.height();
    for (link, _) in diagram.links.iter().zip(&sheet.drawn).filter(|(_, drawn)| !**drawn) {
        for spans in spelled(diagram, link, cells, pen) {
            canvas.put_spans(0, y, &spans);
            y += 1;
        }
    }
}

fn arrow(kind: LinkKind, pen: Pen) -> &'static str {
    match kind {
        LinkKind::Open => pen.glyph("──▶", "-->"),
        LinkKind::Both => pen.glyph("◀─▶", "<->"),
        LinkKind::Blocked => pen.glyph("─╳▶", "-x>"),
    }
}

fn arrow_style(kind: LinkKind) -> Style {
    ink(if kind == LinkKind::Blocked { Ink::Down } else { Ink::Mark })
}

/// A link in words, for one that could not be drawn between its boxes.
fn spelled(diagram: &Topology, link: &Link, cells: usize, pen: Pen) -> Vec<Vec<Span>> {
    use crate::layout::{document::Piece, wrap::wrap};
    fn name<'a>(boxes: &'a [Boxed], id: &str) -> Option<&'a str> {
        boxes.iter().find_map(
            |b| {
                if b.id == id { Some(b.label.as_deref().unwrap_or(&b.id)) } else { name(&b.inside, id) }
            },
        )
    }
    let name = |id: &str| pen.text(name(&diagram.boxes, id).unwrap_or(id));
    let mut pieces = vec![
        Piece::Text(name(&link.from), strong()),
        Piece::Text(format!(" {} ", arrow(link.kind, pen)), arrow_style(link.kind)),
        Piece::Text(name(&link.to), strong()),
    ];
    if let Some(label) = &link.label {
        pieces.push(Piece::Text(format!("{}{}", pen.glyph(" · ", ", "), pen.text(label)), ink(Ink::Note)));
    }
    wrap(&pieces, cells)
}

struct Sheet<'a> {
    links: &'a [Link],
    drawn: Vec<bool>,
    pen: Pen<'a>,
}

impl Sheet<'_> {
    /// The link between two neighbours that can be drawn between them, and whether it points to the left.
    fn between(&self, left: &Boxed, right: &Boxed) -> Option<(usize, bool)> {
        let fits = |link: &Link| width(&self.label(link)) <= ON_ARROW;
        self.links.iter().enumerate().find_map(|(nth, link)| match (&link.from, &link.to) {
            _ if !fits(link) => None,
            (from, to) if *from == left.id && *to == right.id => Some((nth, false)),
            (from, to) if *from == right.id && *to == left.id => Some((nth, true)),
            _ => None,
        })
    }

    fn label(&self, link: &Link) -> String {
        self.pen.text(link.label.as_deref().unwrap_or_default())
    }

    /// How far apart two neighbours stand.
    fn gap(&self, left: &Boxed, right: &Boxed) -> usize {
        let label = |nth: usize| width(&self.label(&self.links[nth]));
        self.between(left, right).map_or(GAP, |(nth, _)| match label(nth) {
            0 => 5,
            words => words + 6,
        })
    }

    /// Boxes beside each other, in as many rows as they need.
    fn beside(&mut self, boxes: &[Boxed], cells: usize) -> Canvas {
        let mut canvas = Canvas::new(cells);
        let mut y = 0;
        let mut rest = boxes;
        while !rest.is_empty() {
            // As many as fit when each has what it wants.
            let mut many = 1;
            let mut used = self.wants(&rest[0], cells);
            while let Some(next) = rest.get(many) {
                let more = self.gap(&rest[many - 1], next) + self.wants(next, cells);
                if used + more > cells {
                    break;
                }
                used += more;
                many += 1;
            }
            let (row, later) = rest.split_at(many);
            y += self.row(row, &mut canvas, y, cells);
            rest = later;
        }
        canvas
    }

    /// One row of boxes, all as tall as the tallest. Gives its height.
    fn row(&mut self, row: &[Boxed], canvas: &mut Canvas, y: usize, cells: usize) -> usize {
        let wide: Vec<usize> = row.iter().map(|b| self.wants(b, cells).min(cells)).collect();
        let insides: Vec<Canvas> = row.iter().zip(&wide).map(|(b, w)| self.inside(b, w.saturating_sub(4))).collect();
        let tall = insides.iter().map(Canvas::height).max().unwrap_or(0);
        let mut x = 0;
        for (nth, one) in row.iter().enumerate() {
            if nth > 0 {
                let gap = self.gap(&row[nth - 1], one);
                if let Some((link, left)) = self.between(&row[nth - 1], one) {
                    self.arrow(link, left, canvas, (x, y + 1 + usize::from(tall > 1 && !one.inside.is_empty())), gap);
                }
                x += gap;
            }
            self.frame(one, canvas, (x, y), wide[nth], tall);
            canvas.lay(x + 2, y + 1, &insides[nth]);
            x += wide[nth];
        }
        tall + 2
    }

    fn arrow(&mut self, nth: usize, left: bool, canvas: &mut Canvas, (x, y): (usize, usize), gap: usize) {
        let link = &self.links[nth];
        self.drawn[nth] = true;
        let (style, pen) = (arrow_style(link.kind), self.pen);
        canvas.line(x, x + gap, y, pen.glyph("─", "-"), style);
        let (head, tail) = (pen.glyph("▶", ">"), pen.glyph("◀", "<"));
        if !left || link.kind == LinkKind::Both {
            canvas.put(x + gap - 1, y, head, style);
        }
        if left || link.kind == LinkKind::Both {
            canvas.put(x, y, tail, style);
        }
        if link.kind == LinkKind::Blocked {
            canvas.put(x + if left { gap - 2 } else { 1 }, y, pen.glyph("╳", "x"), style);
        }
        let label = self.label(link);
        if !label.is_empty() {
            canvas.put(x + 2, y, &format!(" {label} "), ink(Ink::Note));
        }
    }

    fn texts(&self, one: &Boxed) -> (String, String) {
        let label = self.pen.text(one.label.as_deref().unwrap_or(&one.id));
        (label, self.pen.text(one.note.as_deref().unwrap_or_default()))
    }

    /// How wide a box would be, at most `cells`.
    fn wants(&self, one: &Boxed, cells: usize) -> usize {
        let (label, note) = self.texts(one);
        let title = if one.inside.is_empty() { width(&label) } else { width(&label) + 2 };
        let mut inner = title.max(width(&note).min(REMARK)).max(4);
        let room = cells.saturating_sub(4);
        if !one.inside.is_empty() {
            let all: usize = one.inside.iter().map(|b| self.wants(b, room)).sum();
            let gaps: usize = one.inside.windows(2).map(|pair| self.gap(&pair[0], &pair[1])).sum();
            let widest = one.inside.iter().map(|b| self.wants(b, room)).max().unwrap_or(0);
            inner = inner.max(if all + gaps <= room { all + gaps } else { widest.max(room) });
        }
        (inner + 4).min(cells)
    }

    /// What stands in a box: its words, then the boxes in it.
    fn inside(&mut self, one: &Boxed, cells: usize) -> Canvas {
        let mut canvas = Canvas::new(cells);
        let (label, note) = self.texts(one);
        let mut y = 0;
        let mut words = |canvas: &mut Canvas, text: &str, style: Style| {
            for spans in self.pen.rows(text, style, cells) {
                canvas.put_spans(0, y, &spans);
                y += 1;
            }
        };
        let titled = !one.inside.is_empty() && width(&label) + 2 <= cells;
        if !titled {
            words(&mut canvas, &label, label_style(one.kind));
        }
        if !note.is_empty() {
            words(&mut canvas, &note, ink(Ink::Note));
        }
        if !one.inside.is_empty() {
            let boxes = self.beside(&one.inside, cells);
            canvas.lay(0, y, &boxes);
        }
        canvas
    }

    fn frame(&self, one: &Boxed, canvas: &mut Canvas, (x, y): (usize, usize), wide: usize, tall: usize) {
        let pen = self.pen;
        let (set, style) = match one.kind {
            BoxKind::Plain => (["╭", "─", "╮", "│", "╰", "╯"], frame()),
            BoxKind::Main => (["┏", "━", "┓", "┃", "┗", "┛"], ink(Ink::Main)),
            BoxKind::Down => (["┌", "╌", "┐", "╎", "└", "┘"], ink(Ink::Down)),
        };
        let plain = match one.kind {
            BoxKind::Plain => ["+", "-", "+", "|", "+", "+"],
            BoxKind::Main => ["+", "=", "+", "|", "+", "+"],
            BoxKind::Down => ["+", ".", "+", ":", "+", "+"],
        };
        let set = if pen.ascii { plain } else { set };
        let (right, bottom) = (x + wide.saturating_sub(1), y + tall + 1);
        canvas.line(x + 1, right, y, set[1], style);
        canvas.line(x + 1, right, bottom, set[1], style);
        for (at, row, glyph) in [(x, y, set[0]), (right, y, set[2]), (x, bottom, set[4]), (right, bottom, set[5])] {
            canvas.put(at, row, glyph, style);
        }
        for row in y + 1..bottom {
            canvas.put(x, row, set[3], style);
            canvas.put(right, row, set[3], style);
        }
        let (label, _) = self.texts(one);
        if !one.inside.is_empty() && width(&label) + 6 <= wide {
            canvas.put(x + 2, y, &format!(" {label} "), label_style(one.kind));
        }
    }
}

fn label_style(kind: BoxKind) -> Style {
    match kind {
        BoxKind::Plain => strong(),
        BoxKind::Main => Style { strong: true, ..ink(Ink::Main) },
        BoxKind::Down => ink(Ink::Down),
    }
}
