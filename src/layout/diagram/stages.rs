//! Stages of a build from top to bottom, and what goes from one to another on rails at their left.

use super::{Canvas, Ink, Pen, Style, frame, ink, strong};
use crate::course::diagram::{Stage, Stages};
use crate::layout::{Class, Span, width};

/// Something another stage takes.
struct Edge {
    from: usize,
    /// The row at which it arrives.
    row: usize,
}

/// A stage's line out, and all lines in that are fed by it.
struct Rail {
    from: usize,
    to: Vec<usize>,
    column: usize,
}

pub(super) fn draw(diagram: &Stages, canvas: &mut Canvas, pen: Pen) {
    let at = |id: &str, before: usize| diagram.stages[..before].iter().position(|s| s.id == id);
    let sources: Vec<usize> = (0..diagram.stages.len())
        .filter(|i| {
            let id = &diagram.stages[*i].id;
            diagram.stages[i + 1..].iter().any(|s| s.from == *id || s.copies.iter().any(|c| c.from == *id))
        })
        .collect();
    // One column for each is the most that can be needed; where they would leave no room for words there are none, and the
    // words alone say it.
    let columns = sources.len();
    let gutter = columns * 2 + 1;
    let rails = columns > 0 && gutter <= canvas.width() / 3;
    let x = if rails { gutter } else { 0 };
    let shipped = shipped(diagram);
    let right = (x + natural(diagram, pen) + 3).min(canvas.width() - 1);
    let (mut edges, mut exits) = (Vec::new(), vec![0; diagram.stages.len()]);
    let mut y = 0;
    for (nth, stage) in diagram.stages.iter().enumerate() {
        let mut taps = Vec::new();
        let end = one(stage, nth == shipped, at(&stage.from, nth), canvas, (x, right, y), &mut taps, pen);
        for (id, row) in taps {
            edges.extend(at(&id, nth).map(|from| Edge { from, row }));
        }
        exits[nth] = end - 2;
        y = end;
    }
    if rails {
        let mut laid: Vec<Rail> = Vec::new();
        for from in sources {
            let to: Vec<usize> = edges.iter().filter(|e| e.from == from).map(|e| e.row).collect();
            let (first, last) = (exits[from], to.iter().copied().max().unwrap_or(0));
            // The column nearest to the boxes in which nothing else runs at the same height.
            let busy = |column: usize| {
                laid.iter().any(|r| {
                    r.column == column && exits[r.from] <= last && r.to.iter().copied().max().unwrap_or(0) >= first
                })
            };
            let column = (0..columns).find(|c| !busy(*c)).unwrap_or(columns - 1);
            laid.push(Rail { from, to, column });
        }
        for rail in &laid {
            run(rail, exits[rail.from], x, canvas, pen);
        }
    }
}

/// The stage that becomes the image.
fn shipped(diagram: &Stages) -> usize {
    diagram.stages.iter().rposition(|s| s.ships).unwrap_or(diagram.stages.len() - 1)
}

/// How wide the words are where nothing has to be wrapped: boxes need be no wider.
fn natural(diagram: &Stages, pen: Pen) -> usize {
    let of = |stage: &Stage| {
        let title = width(stage.label.as_deref().unwrap_or(&stage.id)) + width(&stage.from) + 12;
        let holds = width(&pen.joined(&stage.holds.iter().map(String::as_str).collect::<Vec<_>>()));
        let copies = stage.copies.iter().map(|c| width(&c.from) + width(&c.what) + 13).max().unwrap_or(0);
        let ships = width(&pen.words.ships) + 6;
        title.max(holds).max(copies).max(ships).max(width(stage.note.as_deref().unwrap_or_default()))
    };
    diagram.stages.iter().map(of).max().unwrap_or(0)
}

/// Paints a stage; notes at which row each thing arrives; gives the first row below.
fn one(
    stage: &Stage,
    ships: bool,
    from: Option<usize>,
    canvas: &mut Canvas,
    (x, right, y): (usize, usize, usize),
    taps: &mut Vec<(String, usize)>,
    pen: Pen,
) -> usize {
    let style = if ships { ink(Ink::Main) } else { frame() };
    let inner = (right + 1).saturating_sub(x + 4);
    let label = pen.text(stage.label.as_deref().unwrap_or(&stage.id));
    let base = format!("FROM {}", pen.text(&stage.from));
    let mut rows: Vec<(Vec<Span>, Option<&str>)> = Vec::new();
    let fits = from.is_none() && width(&label) + width(&base) + 4 <= inner;
    let words = |text: &str, style: Style| pen.rows(text, style, inner);
    let short_label = width(&label) + 2 <= inner;
    if !short_label {
        rows.extend(words(&label, strong()).into_iter().map(|r| (r, None)));
    }
    if !fits {
        for (nth, row) in words(&base, ink(Ink::Note)).into_iter().enumerate() {
            rows.push((row, (nth == 0 && from.is_some()).then_some(stage.from.as_str())));
        }
    }
    for copy in &stage.copies {
        let text = format!("COPY --from={} {}", copy.from, copy.what);
        for (nth, row) in words(&text, Style::of(Class::Code)).into_iter().enumerate() {
            rows.push((row, (nth == 0).then_some(copy.from.as_str())));
        }
    }
    let holds = pen.joined(&stage.holds.iter().map(String::as_str).collect::<Vec<_>>());
    if !holds.is_empty() {
        rows.extend(words(&holds, Style::default()).into_iter().map(|r| (r, None)));
    }
    if let Some(note) = &stage.note {
        rows.extend(words(note, ink(Ink::Note)).into_iter().map(|r| (r, None)));
    }
    // A row of its own for what leaves: where something arrives, nothing can.
    if rows.last().is_none_or(|(_, tap)| tap.is_some()) || stage.size.is_some() {
        rows.push((Vec::new(), None));
    }
    let (top, side, bottom) = if ships {
        (["┏", "━", "┓"], "┃", ["┗", "━", "┛"])
    } else {
        (["╭", "─", "╮"], "│", ["╰", "─", "╯"])
    };
    let plain = |set: [&'static str; 3]| if pen.ascii { ["+", if ships { "=" } else { "-" }, "+"] } else { set };
    let (top, bottom, side) = (plain(top), plain(bottom), pen.glyph(side, "|"));
    for (row, set) in [(y, top), (y + 1 + rows.len(), bottom)] {
        canvas.line(x + 1, right, row, set[1], style);
        canvas.put(x, row, set[0], style);
        canvas.put(right, row, set[2], style);
    }
    if short_label {
        canvas.put(
            x + 2,
            y,
            &format!(" {label} "),
            Style { strong: true, ..if ships { ink(Ink::Main) } else { Style::default() } },
        );
    }
    if fits {
        canvas.put(right - 3 - width(&base), y, &format!(" {base} "), ink(Ink::Note));
    }
    let end = y + 1 + rows.len();
    let ships_words = pen.text(&pen.words.ships);
    if ships && width(&ships_words) + 4 <= inner {
        canvas.put(right - 3 - width(&ships_words), end, &format!(" {ships_words} "), style);
    }
    for (down, (spans, tap)) in rows.iter().enumerate() {
        let row = y + 1 + down;
        canvas.put(x, row, side, style);
        canvas.put(right, row, side, style);
        canvas.put_spans(x + 2, row, spans);
        if let Some(id) = tap {
            taps.push(((*id).to_owned(), row));
        }
    }
    if let Some(size) = &stage.size {
        let text = pen.text(&size.text);
        canvas.put((right - 1).saturating_sub(width(&text)), end - 1, &text, strong());
    }
    end + 1
}

/// Paints a rail: out of its stage, down, and into each that takes from it.
fn run(rail: &Rail, exit: usize, x: usize, canvas: &mut Canvas, pen: Pen) {
    let style = ink(Ink::Mark);
    let (flat, down) = (pen.glyph("─", "-"), pen.glyph("│", "|"));
    let rail_x = x - 3 - rail.column * 2;
    let last = rail.to.iter().copied().max().unwrap_or(exit);
    for row in exit + 1..last {
        let crossed = canvas.at(rail_x, row) == flat;
        canvas.put(rail_x, row, if crossed { pen.glyph("┼", "+") } else { down }, style);
    }
    let across = |canvas: &mut Canvas, row: usize, to: usize| {
        for cell in rail_x + 1..to {
            let crossed = canvas.at(cell, row) == down;
            canvas.put(cell, row, if crossed { pen.glyph("┼", "+") } else { flat }, style);
        }
    };
    across(canvas, exit, x);
    canvas.put(rail_x, exit, pen.glyph("╭", "+"), style);
    canvas.put(x, exit, pen.glyph("┤", "|"), style);
    for row in &rail.to {
        across(canvas, *row, x - 1);
        canvas.put(rail_x, *row, pen.glyph(if *row == last { "╰" } else { "├" }, "+"), style);
        canvas.put(x - 1, *row, pen.glyph("▶", ">"), style);
    }
}
