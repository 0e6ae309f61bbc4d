//! Whether a diagram that could be read makes sense, and what of it no translation may change.

use super::{Boxed, Diagram, Fault, Stages, Timeline, Topology};
use std::{
    collections::BTreeSet,
    fmt::{self, Write},
};

/// More of anything is no picture any more; and a pack's author may be hostile.
const MOST: usize = 40;
/// Boxes in boxes.
const DEEPEST: usize = 5;

fn fault(code: &'static str, what: &str) -> Fault {
    Fault { code, line: 0, what: what.to_owned() }
}

pub(super) fn faults(diagram: &Diagram) -> Vec<Fault> {
    let mut found = Vec::new();
    if diagram.caption().trim().is_empty() {
        found.push(fault("diagram-caption", "caption"));
    }
    let (what, many) = match diagram {
        Diagram::Layers(d) => ("rows", d.rows.len()),
        Diagram::Stages(d) => ("stages", d.stages.len()),
        Diagram::Topology(d) => ("boxes", d.boxes.iter().map(count).sum()),
        Diagram::Timeline(d) => ("rows", d.rows.len() + d.marks.len()),
        // As many as the Dockerfile has.
        Diagram::Stepper(_) => ("recording", 1),
    };
    if many == 0 || many > MOST {
        found.push(fault("diagram-size", what));
        return found;
    }
    match diagram {
        Diagram::Layers(_) | Diagram::Stepper(_) => {}
        Diagram::Stages(d) => stages(d, &mut found),
        Diagram::Topology(d) => topology(d, &mut found),
        Diagram::Timeline(d) => timeline(d, &mut found),
    }
    found
}

fn count(one: &Boxed) -> usize {
    // Deeper than that is refused anyway.
    fn deep(one: &Boxed, depth: usize) -> usize {
        if depth > DEEPEST { MOST } else { 1 + one.inside.iter().map(|b| deep(b, depth + 1)).sum::<usize>() }
    }
    deep(one, 1)
}

fn stages(diagram: &Stages, found: &mut Vec<Fault>) {
    let mut known = BTreeSet::new();
    for stage in &diagram.stages {
        // What is copied comes from a stage above: Docker allows nothing else.
        for copy in stage.copies.iter().filter(|copy| !known.contains(copy.from.as_str())) {
            found.push(fault("diagram-id-unknown", &copy.from));
        }
        if !known.insert(stage.id.as_str()) {
            found.push(fault("diagram-id-twice", &stage.id));
        }
    }
}

fn topology(diagram: &Topology, found: &mut Vec<Fault>) {
    fn walk<'a>(boxes: &'a [Boxed], known: &mut BTreeSet<&'a str>, found: &mut Vec<Fault>) {
        for one in boxes {
            if !known.insert(one.id.as_str()) {
                found.push(fault("diagram-id-twice", &one.id));
            }
            walk(&one.inside, known, found);
        }
    }
    let mut known = BTreeSet::new();
    walk(&diagram.boxes, &mut known, found);
    if diagram.links.len() > MOST {
        found.push(fault("diagram-size", "links"));
    }
    for link in &diagram.links {
        for id in [&link.from, &link.to] {
            if !known.contains(id.as_str()) {
                found.push(fault("diagram-id-unknown", id));
            }
        }
    }
}

fn timeline(diagram: &Timeline, found: &mut Vec<Fault>) {
    if diagram.unit.trim().is_empty() || diagram.unit.chars().count() > 12 {
        found.push(fault("diagram-time", "unit"));
    }
    for row in &diagram.rows {
        let sound = row.start.is_finite() && row.end.is_finite() && 0.0 <= row.start && row.start <= row.end;
        if !sound || row.end > 1e9 {
            found.push(fault("diagram-time", &row.label));
        }
    }
    for mark in &diagram.marks {
        if !(0.0..=1e9).contains(&mark.at) {
            found.push(fault("diagram-time", &mark.label));
        }
    }
    if !diagram.rows.iter().any(|row| row.end > 0.0) {
        found.push(fault("diagram-time", "end"));
    }
}

pub(super) fn skeleton(diagram: &Diagram, out: &mut String) -> fmt::Result {
    fn boxes(all: &[Boxed], out: &mut String) -> fmt::Result {
        for one in all {
            write!(out, " {}:{:?}", one.id, one.kind)?;
            if !one.inside.is_empty() {
                out.push('(');
                boxes(&one.inside, out)?;
                out.push(')');
            }
        }
        Ok(())
    }
    match diagram {
        Diagram::Layers(d) => {
            write!(out, "layers {:?}", d.scale)?;
            for row in &d.rows {
                write!(out, " {:?}={}", row.kind, row.size.as_ref().map_or("-", |s| &s.text))?;
            }
        }
        Diagram::Stages(d) => {
            out.push_str("stages");
            for stage in &d.stages {
                let size = stage.size.as_ref().map_or("-", |s| &s.text);
                write!(
                    out,
                    " {} from {} {} holds {} ships {}",
                    stage.id,
                    stage.from,
                    size,
                    stage.holds.len(),
                    stage.ships
                )?;
                for copy in &stage.copies {
                    write!(out, " copies {}", copy.from)?;
                }
            }
        }
        Diagram::Topology(d) => {
            out.push_str("topology");
            boxes(&d.boxes, out)?;
            for link in &d.links {
                write!(out, " {}→{}:{:?}", link.from, link.to, link.kind)?;
            }
        }
        Diagram::Stepper(d) => write!(out, "stepper {} steps", d.replay.shown().len())?,
        Diagram::Timeline(d) => {
            write!(out, "timeline {}", d.unit)?;
            for row in &d.rows {
                write!(out, " {:?} {}-{}", row.kind, row.start, row.end)?;
            }
            for mark in &d.marks {
                write!(out, " at {}", mark.at)?;
            }
        }
    }
    Ok(())
}
