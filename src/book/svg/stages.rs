//! Stages from top to bottom, and lines at their left for what goes from one to another.

use super::{LINE, WIDE, cells, words, wrapped};
use crate::{
    book::Book,
    course::diagram::{Stage, Stages},
    layout::width,
};
use std::fmt::Write;

pub(super) fn draw(book: &Book, diagram: &Stages) -> (String, f64) {
    let id = |id: &str, before: usize| diagram.stages[..before].iter().position(|s| s.id == id);
    let takes = |stage: &Stage, other: &str| stage.from == other || stage.copies.iter().any(|c| c.from == other);
    let sources: Vec<usize> = (0..diagram.stages.len())
        .filter(|n| diagram.stages[n + 1..].iter().any(|s| takes(s, &diagram.stages[*n].id)))
        .collect();
    let left = sources.len() as f64 * 18.0 + if sources.is_empty() { 0.0 } else { 14.0 };
    let shipped = diagram.stages.iter().rposition(|s| s.ships).unwrap_or(diagram.stages.len() - 1);
    let mut out = String::from(
        "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" class=\"tip\"/></marker></defs>",
    );
    let (mut y, mut exits, mut taps) = (0.0, Vec::new(), Vec::new());
    for (nth, stage) in diagram.stages.iter().enumerate() {
        let from = id(&stage.from, nth);
        let (text, high, arrivals) = one(stage, from, left, y);
        let main = nth == shipped;
        let _ = write!(
            out,
            "<rect class=\"box{}\" x=\"{left:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{high:.1}\" rx=\"6\"/>{text}",
            if main { " main" } else { "" },
            WIDE - left
        );
        if main {
            words(&mut out, WIDE - 10.0, y + high - 8.0, "note end", &book.say("diagram.ships"));
        }
        for (source, row) in arrivals {
            taps.extend(id(&source, nth).map(|source| (source, row)));
        }
        exits.push(y + high - 10.0);
        y += high + 12.0;
    }
    for (nth, source) in sources.iter().enumerate() {
        // Later stages run nearer to the boxes, so that lines nest where they can.
        let x = 8.0 + nth as f64 * 18.0;
        let class = format!("rail rail{}", nth % 3);
        for (_, row) in taps.iter().filter(|(from, _)| from == source) {
            let _ = write!(
                out,
                "<path class=\"{class}\" marker-end=\"url(#tip)\" d=\"M{left:.1} {0:.1}H{1:.1}Q{x:.1} {0:.1} {x:.1} {2:.1}V{3:.1}Q{x:.1} {row:.1} {1:.1} {row:.1}H{left:.1}\"/>",
                exits[*source],
                x + 6.0,
                exits[*source] + 6.0,
                row - 6.0
            );
        }
    }
    (out, y - 12.0)
}

/// The words of a stage, how high it is, and at which heights what it takes arrives.
fn one(stage: &Stage, from: Option<usize>, left: f64, top: f64) -> (String, f64, Vec<(String, f64)>) {
    let mut out = String::new();
    let mut taps = Vec::new();
    let x = left + 12.0;
    let room = cells(WIDE - left - 24.0);
    let label = stage.label.as_deref().unwrap_or(&stage.id);
    let base = format!("FROM {}", stage.from);
    let mut y = top + 6.0;
    let rows = |out: &mut String, y: &mut f64, class: &str, text: &str| {
        let mut first = 0.0;
        for line in wrapped(text, room) {
            *y += LINE;
            words(out, x, *y - 4.0, class, &line);
            if first == 0.0 {
                first = *y - 8.0;
            }
        }
        first
    };
    rows(&mut out, &mut y, "label", label);
    let size = stage.size.as_ref().map(|s| s.text.clone()).unwrap_or_default();
    if !size.is_empty() && width(label) + width(&size) + 2 <= room {
        words(&mut out, WIDE - 12.0, y - 4.0, "size end", &size);
    } else if !size.is_empty() {
        rows(&mut out, &mut y, "size", &size);
    }
    let row = rows(&mut out, &mut y, "note", &base);
    if from.is_some() {
        taps.push((stage.from.clone(), row));
    }
    for copy in &stage.copies {
        let row = rows(&mut out, &mut y, "mono", &format!("COPY --from={} {}", copy.from, copy.what));
        taps.push((copy.from.clone(), row));
    }
    rows(&mut out, &mut y, "plain", &stage.holds.join(" · "));
    rows(&mut out, &mut y, "note", stage.note.as_deref().unwrap_or_default());
    (out, y - top + 22.0, taps)
}
