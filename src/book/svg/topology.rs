//! Boxes in boxes, and arrows straight from one to the other.

use super::{CELL, LINE, WIDE, cells, words, wrapped};
use crate::{
    course::diagram::{BoxKind, Boxed, LinkKind, Topology},
    layout::width,
};
use std::{collections::BTreeMap, fmt::Write};

/// Between boxes side by side, with room for the words on an arrow.
const GAP: f64 = 14.0;
const PAD: f64 = 12.0;

#[derive(Clone, Copy)]
struct Rect {
    x: f64,
    y: f64,
    w: f64,
    h: f64,
}

pub(super) fn draw(diagram: &Topology) -> (String, f64) {
    let mut sheet = Sheet { diagram, out: String::new(), places: BTreeMap::new() };
    let high = sheet.beside(&diagram.boxes, 0.0, 0.0, WIDE);
    let mut y = high;
    let mut out = String::from(
        "<defs><marker id=\"tip2\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto-start-reverse\"><path d=\"M0 0L8 4L0 8z\" class=\"tip\"/></marker></defs>",
    );
    out.push_str(&sheet.out);
    let name = |id: &str| sheet.places.get(id).map_or(id.to_owned(), |(_, label)| label.clone());
    for link in &diagram.links {
        let (Some((a, _)), Some((b, _))) = (sheet.places.get(&link.from), sheet.places.get(&link.to)) else { continue };
        let class = if link.kind == LinkKind::Blocked { "link blocked" } else { "link" };
        if let Some(((x1, y1), (x2, y2))) = between(*a, *b) {
            let start = if link.kind == LinkKind::Both { " marker-start=\"url(#tip2)\"" } else { "" };
            let _ = write!(
                out,
                "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" marker-end=\"url(#tip2)\"{start}/>"
            );
            if link.kind == LinkKind::Blocked {
                let (x, y) = ((x1 + x2) / 2.0, (y1 + y2) / 2.0);
                let _ =
                    write!(out, "<path class=\"link blocked\" d=\"M{:.1} {:.1}l8 8m0 -8l-8 8\"/>", x - 4.0, y - 4.0);
            }
        }
        // Words on slanted lines collide; below the picture they never do.
        let sign = match link.kind {
            LinkKind::Open => "→",
            LinkKind::Both => "↔",
            LinkKind::Blocked => "⊘",
        };
        let label = link.label.as_ref().map_or(String::new(), |l| format!(": {l}"));
        for line in wrapped(&format!("{} {sign} {}{label}", name(&link.from), name(&link.to)), cells(WIDE)) {
            y += LINE;
            words(&mut out, 0.0, y, if link.kind == LinkKind::Blocked { "note down" } else { "note" }, &line);
        }
    }
    (out, y + 6.0)
}

/// From the edge of one box to the edge of the other, along the straight way between their nearest sides.
fn between(a: Rect, b: Rect) -> Option<((f64, f64), (f64, f64))> {
    let inside = |o: Rect, i: Rect| o.x <= i.x && o.y <= i.y && i.x + i.w <= o.x + o.w && i.y + i.h <= o.y + o.h;
    if inside(a, b) || inside(b, a) {
        return None;
    }
    let overlap = |from: f64, len: f64, other: f64, long: f64| {
        let (low, high) = (from.max(other), (from + len).min(other + long));
        (low < high).then_some((low + high) / 2.0)
    };
    let (middle_x, middle_y) = (overlap(a.x, a.w, b.x, b.w), overlap(a.y, a.h, b.y, b.h));
    Some(match (middle_x, middle_y) {
        (_, Some(y)) if a.x + a.w <= b.x => ((a.x + a.w, y), (b.x, y)),
        (_, Some(y)) => ((a.x, y), (b.x + b.w, y)),
        (Some(x), None) if a.y + a.h <= b.y => ((x, a.y + a.h), (x, b.y)),
        (Some(x), None) => ((x, a.y), (x, b.y + b.h)),
        (None, None) => {
            let side = |from: Rect, to: Rect| if from.x < to.x { from.x + from.w } else { from.x };
            ((side(a, b), a.y + a.h / 2.0), (side(b, a), b.y + b.h / 2.0))
        }
    })
}

struct Sheet<'a> {
    diagram: &'a Topology,
    out: String,
    places: BTreeMap<String, (Rect, String)>,
}

impl Sheet<'_> {
    fn label(one: &Boxed) -> &str {
        one.label.as_deref().unwrap_or(&one.id)
    }

    fn linked(&self, a: &Boxed, b: &Boxed) -> bool {
        self.diagram.links.iter().any(|l| (l.from == a.id && l.to == b.id) || (l.from == b.id && l.to == a.id))
    }

    fn gap(&self, a: &Boxed, b: &Boxed) -> f64 {
        if self.linked(a, b) { GAP * 3.0 } else { GAP }
    }

    fn wants(&self, one: &Boxed, most: f64) -> f64 {
        let note = one.note.as_deref().map_or(0, width).min(24);
        let own = width(Self::label(one)).max(note) as f64 * CELL + 2.0 * PAD;
        let room = most - 2.0 * PAD;
        let inner: f64 = one.inside.iter().map(|b| self.wants(b, room)).sum::<f64>()
            + one.inside.windows(2).map(|p| self.gap(&p[0], &p[1])).sum::<f64>();
        own.max(if inner > 0.0 { inner + 2.0 * PAD } else { 0.0 }).min(most)
    }

    /// Boxes side by side in as many rows as they need; gives how high they are together.
    fn beside(&mut self, boxes: &[Boxed], x: f64, y: f64, most: f64) -> f64 {
        let (mut rest, mut down) = (boxes, 0.0);
        while let Some(first) = rest.first() {
            let mut many = 1;
            let mut used = self.wants(first, most);
            while let Some(next) = rest.get(many) {
                let more = self.gap(&rest[many - 1], next) + self.wants(next, most);
                if used + more > most {
                    break;
                }
                used += more;
                many += 1;
            }
            let (row, later) = rest.split_at(many);
            let mut at = x;
            let tall = row.iter().map(|b| self.high(b, self.wants(b, most))).fold(0.0, f64::max);
            for (nth, one) in row.iter().enumerate() {
                if nth > 0 {
                    at += self.gap(&row[nth - 1], one);
                }
                let wide = self.wants(one, most);
                self.one(one, Rect { x: at, y: y + down, w: wide, h: tall });
                at += wide;
            }
            down += tall + if later.is_empty() { 0.0 } else { GAP * 1.6 };
            rest = later;
        }
        down
    }

    /// How high a box of a width would be. Drawn on a sheet that is thrown away: one way of measuring, not two.
    fn high(&self, one: &Boxed, wide: f64) -> f64 {
        let mut trial = Sheet { diagram: self.diagram, out: String::new(), places: BTreeMap::new() };
        trial.one(one, Rect { x: 0.0, y: 0.0, w: wide, h: 0.0 })
    }

    /// Draws a box at least as high as its place; gives how high its content is.
    fn one(&mut self, one: &Boxed, place: Rect) -> f64 {
        let class = match one.kind {
            BoxKind::Plain => "box",
            BoxKind::Main => "box main",
            BoxKind::Down => "box down",
        };
        let room = cells(place.w - 2.0 * PAD);
        let mut inner = String::new();
        let mut y = place.y + 6.0;
        for (text, look) in [(Self::label(one), "label"), (one.note.as_deref().unwrap_or_default(), "note")] {
            for line in wrapped(text, room) {
                y += LINE;
                words(&mut inner, place.x + PAD, y - 4.0, look, &line);
            }
        }
        let before = std::mem::take(&mut self.out);
        if !one.inside.is_empty() {
            y += 6.0 + self.beside(&one.inside, place.x + PAD, y + 6.0, place.w - 2.0 * PAD);
        }
        let within = std::mem::replace(&mut self.out, before);
        let high = (y + 8.0 - place.y).max(place.h);
        let _ = write!(
            self.out,
            "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{high:.1}\" rx=\"6\"/>{inner}{within}",
            place.x, place.y, place.w
        );
        self.places.insert(one.id.clone(), (Rect { h: high, ..place }, Self::label(one).to_owned()));
        high
    }
}
