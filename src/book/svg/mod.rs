//! Diagrams as SVG inside the page: the same data that a terminal draws with characters. Colours are the page's, so that a
//! picture is dark where the page is; words are text, so that they can be searched, copied and read aloud.
//!
//! Pictures are drawn for a width of [`WIDE`] units: a phone shows them a little smaller than they are, a wide screen larger.

mod stages;
mod topology;

use super::{Book, html::escape};
use crate::{
    course::diagram::{Diagram, LayerKind, Layers, Scale, Timeline, WorkKind},
    layout::{diagram_length, diagram_step, width},
};
use std::fmt::Write;

/// Units from left to right.
pub(super) const WIDE: f64 = 520.0;
/// Units of a cell of the fixed-width font at 13 units.
pub(super) const CELL: f64 = 7.9;
/// Units from one line to the next.
pub(super) const LINE: f64 = 18.0;

/// A diagram with its caption.
pub(super) fn figure(book: &Book, diagram: &Diagram) -> String {
    let (kind, body, high, caption) = match diagram {
        Diagram::Layers(d) => {
            let (body, high) = layers(book, d);
            let scale = match d.scale {
                _ if d.rows.iter().all(|r| r.size.is_none()) => String::new(),
                Scale::Linear => book.say("diagram.linear"),
                Scale::Log => book.say("diagram.log"),
            };
            ("layers", body, high, format!("{} {scale}", d.caption))
        }
        Diagram::Stages(d) => {
            let (body, high) = stages::draw(book, d);
            ("stages", body, high, d.caption.clone())
        }
        Diagram::Topology(d) => {
            let (body, high) = topology::draw(d);
            ("topology", body, high, d.caption.clone())
        }
        Diagram::Timeline(d) => {
            let (body, high) = timeline(book, d);
            ("timeline", body, high, d.caption.clone())
        }
        // Drawn by `stepper`.
        Diagram::Stepper(d) => return super::stepper::html(book, d, false),
    };
    format!(
        "<figure class=\"diagram {kind}\"><svg viewBox=\"-2 -2 {} {:.0}\" role=\"img\" aria-label=\"{}\">{body}</svg><figcaption>{}</figcaption></figure>\n",
        WIDE + 4.0,
        high + 4.0,
        escape(diagram.caption()),
        escape(caption.trim())
    )
}

/// A word or more at a place; `class` gives its look and where it is held.
pub(super) fn words(out: &mut String, x: f64, y: f64, class: &str, text: &str) {
    let _ = write!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" class=\"{class}\">{}</text>", escape(text));
}

/// Text in lines of at most so many cells.
pub(super) fn wrapped(text: &str, cells: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= cells => {
                line.push(' ');
                line.push_str(word);
            }
            _ => {
                let mut rest = word;
                // A word that is wider than a line is cut, not lost.
                while width(rest) > cells.max(4) {
                    let (head, _) = crate::layout::fit(rest, cells.max(4));
                    lines.push(head.to_owned());
                    rest = &rest[head.len()..];
                }
                lines.push(rest.to_owned());
            }
        }
    }
    lines
}

/// How many cells fit into so many units.
pub(super) fn cells(units: f64) -> usize {
    (units / CELL).max(1.0) as usize
}

fn layers(book: &Book, diagram: &Layers) -> (String, f64) {
    let mut out = String::from(
        "<defs><pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" class=\"hatch-ground\"/><rect width=\"3\" height=\"6\" class=\"hatch-line\"/></pattern></defs>",
    );
    let room = WIDE - 90.0;
    let mut y = 0.0;
    for row in &diagram.rows {
        for line in wrapped(&row.label, cells(WIDE)) {
            y += LINE;
            words(&mut out, 0.0, y - 4.0, "label", &line);
        }
        let class = match row.kind {
            LayerKind::Base => "base",
            LayerKind::Layer => "layer",
            LayerKind::Config | LayerKind::Cache => "config",
            LayerKind::Wasted => "wasted",
            LayerKind::Shared => "shared",
        };
        let word = match row.kind {
            LayerKind::Wasted => book.say("diagram.wasted"),
            LayerKind::Shared => book.say("diagram.shared"),
            LayerKind::Config => book.say("diagram.settings"),
            _ => String::new(),
        };
        if let Some(size) = &row.size {
            let long = (diagram_length(diagram, size.bytes) * room).max(if size.bytes > 0 { 1.5 } else { 0.0 });
            let _ = write!(
                out,
                "<rect class=\"bar {class}\" x=\"0\" y=\"{:.1}\" width=\"{long:.1}\" height=\"14\" rx=\"2\"/>",
                y + 1.0
            );
            words(&mut out, WIDE, y + 12.5, "size end", &size.text);
            y += 18.0;
        }
        let remark = [word.as_str(), row.note.as_deref().unwrap_or_default()];
        let remark = remark.iter().filter(|r| !r.is_empty()).copied().collect::<Vec<_>>().join(" · ");
        for line in wrapped(&remark, cells(WIDE)) {
            y += LINE - 2.0;
            words(&mut out, 0.0, y - 4.0, "note", &line);
        }
        y += 6.0;
    }
    (out, y)
}

fn timeline(book: &Book, diagram: &Timeline) -> (String, f64) {
    let mut out = String::new();
    let most = diagram.rows.iter().map(|r| r.end).chain(diagram.marks.iter().map(|m| m.at)).fold(0.0, f64::max);
    let room = WIDE - 40.0;
    let at = |time: f64| time / most.max(f64::MIN_POSITIVE) * room;
    let mut bars = String::new();
    let mut y = 0.0;
    for parts in diagram.rows.chunk_by(|a, b| a.label == b.label) {
        let notes: Vec<String> = parts
            .iter()
            .flat_map(|p| {
                let long = (parts.len() == 1).then(|| format!("{} {}", number(p.end - p.start), diagram.unit));
                let cached = (p.kind == WorkKind::Cached).then(|| book.say("diagram.cached"));
                [long, cached, p.note.clone()].into_iter().flatten()
            })
            .collect();
        let label = &parts[0].label;
        let notes = notes.join(" · ");
        let beside = width(label) + 2 + width(&notes) <= cells(WIDE);
        for line in wrapped(label, cells(WIDE)) {
            y += LINE;
            words(&mut bars, 0.0, y - 4.0, "label", &line);
        }
        if beside {
            words(&mut bars, WIDE, y - 4.0, "note end", &notes);
        } else {
            for line in wrapped(&notes, cells(WIDE)) {
                y += LINE - 2.0;
                words(&mut bars, 0.0, y - 4.0, "note", &line);
            }
        }
        for part in parts {
            let class = match part.kind {
                WorkKind::Work => "layer",
                WorkKind::Wait => "wait",
                WorkKind::Cached => "base",
            };
            let _ = write!(
                bars,
                "<rect class=\"bar {class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"12\" rx=\"2\"/>",
                at(part.start),
                y + 1.0,
                at(part.end - part.start).max(1.5)
            );
        }
        y += 20.0;
    }
    let axis = y + 2.0;
    for mark in &diagram.marks {
        let x = at(mark.at);
        let _ = write!(out, "<line class=\"mark\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"0\" y2=\"{axis:.1}\"/>");
    }
    out.push_str(&bars);
    let _ = write!(out, "<line class=\"axis\" x1=\"0\" x2=\"{room:.1}\" y1=\"{axis:.1}\" y2=\"{axis:.1}\"/>");
    let step = diagram_step(most, cells(room));
    let mut tick = 0.0;
    while tick <= most * 1.000_001 {
        let x = at(tick);
        let _ =
            write!(out, "<line class=\"axis\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{axis:.1}\" y2=\"{:.1}\"/>", axis + 5.0);
        let text = if tick + step > most { format!("{} {}", number(tick), diagram.unit) } else { number(tick) };
        words(&mut out, x, axis + 18.0, if tick == 0.0 { "note" } else { "note middle" }, &text);
        tick += step;
    }
    y = axis + 24.0;
    for mark in &diagram.marks {
        y += LINE;
        let text = format!("{} ({} {})", mark.label, number(mark.at), diagram.unit);
        let x = at(mark.at);
        let right = x + (width(&text) + 2) as f64 * CELL <= WIDE;
        let shown = if right { format!("▲ {text}") } else { format!("{text} ▲") };
        words(
            &mut out,
            if right { x - 4.0 } else { x + 5.0 },
            y - 6.0,
            if right { "marked" } else { "marked end" },
            &shown,
        );
    }
    (out, y)
}

fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
