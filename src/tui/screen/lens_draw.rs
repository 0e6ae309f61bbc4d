//! How the lens looks: what it waits for, and its left side: the instructions with their bars, what the selected one did, and of
//! two images the layers of both. The right side is in [`super::lens_pane`].

use super::{
    lens::{Doing, Lens, Pane, Seen, Shown, State},
    lens_pane::right,
    lesson::{beside, scrollbar},
};
use crate::{
    layout::{self, Style as TextStyle},
    lens::{Subject, compare::Comparison, words},
    report::Report,
    tui::{
        rows::{self, Row, Window, pad},
        state::Shared,
        theme::Look,
    },
};
use dockshala_checkers::{spec::Size, verdict::Sizes};
use ratatui::{buffer::Buffer, layout::Rect};
use std::fmt::Display;

/// Below this width one side is seen at a time.
const WIDE: u16 = 76;
/// Columns of a size.
pub(super) const SIZE: usize = 8;

pub(super) fn draw(lens: &mut Lens, buf: &mut Buffer, area: Rect, shared: &Shared) {
    let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
    match &mut lens.state {
        State::Waiting(doing) => {
            let text = match doing {
                Doing::Beginning => shared.say("lens.opening"),
                Doing::Building(step) => shared.with("lens.building", &[("step", step)]),
                Doing::Reading(read, 0) => shared.with("lens.reading", &[("read", &Size(*read))]),
                Doing::Reading(read, all) => {
                    shared.with("lens.reading-of", &[("read", &Size(*read)), ("all", &Size(*all))])
                }
            };
            let mut lines = rows::plain(&text, usize::from(inner.width), shared.theme);
            if let Doing::Reading(read, all @ 1..) = doing {
                let cells = usize::from(inner.width).min(60);
                lines.push(Row::default());
                lines.push(Row::new(shared.theme, &[(&bar((*read).min(*all), *all, cells, shared), Look::Bar)]));
            }
            lines.push(Row::default());
            lines.extend(rows::plain(&shared.say("lens.leave-any-time"), usize::from(inner.width), shared.theme));
            let at = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
            rows::paint(buf, at, &lines, Window::default(), shared.theme);
        }
        State::Stopped(report) => {
            let at = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
            let lines = stopped(report, shared, usize::from(inner.width.min(96)));
            rows::paint(buf, at, &lines, Window::default(), shared.theme);
        }
        State::Ready(shown) => {
            shown.settle();
            ready(shown, buf, area, shared);
        }
    }
}

fn stopped(report: &Report, shared: &Shared, cells: usize) -> Vec<Row> {
    let theme = shared.theme;
    let strong = TextStyle { strong: true, ..TextStyle::default() };
    let fault = format!("{}: ", shared.say(report.fault.key()));
    let parts = [(fault.as_str(), strong), (report.what.as_str(), TextStyle::default())];
    let mut out = rows::words(&parts, ("! ", Look::Warn), cells, theme);
    if let Some(place) = &report.place {
        let at = place.line.map_or_else(|| place.file.clone(), |line| format!("{}:{line}", place.file));
        out.push(Row::new(theme, &[("    ", Look::Plain), (&at, Look::Code)]));
        out.extend(place.snippet.lines().map(|line| Row::new(theme, &[("    ", Look::Plain), (line, Look::Strong)])));
    }
    out.push(Row::default());
    for next in &report.next {
        match next.strip_prefix("$ ") {
            Some(command) => out.push(Row::new(theme, &[("      ", Look::Plain), (command, Look::Code)])),
            None => {
                let lead = (theme.sign("  → ", "  > "), Look::Key);
                out.extend(rows::words(&[(next, TextStyle::default())], lead, cells, theme));
            }
        }
    }
    out
}

/// The last two columns of each side are a blank and the scroll bar.
fn ready(shown: &mut Shown, buf: &mut Buffer, area: Rect, shared: &Shared) {
    if area.width < WIDE {
        let body = Rect { x: area.x + 1, width: area.width - 3, ..area };
        match shown.pane {
            Pane::Steps => left(shown, buf, body, shared),
            _ => right(shown, buf, body, shared),
        }
        return;
    }
    let theme = shared.theme;
    let width = (area.width * 9 / 20).clamp(34, 84);
    for y in area.y..area.bottom() {
        buf.set_string(area.x + width, y, theme.sign("│", "|"), theme.style(Look::Frame));
    }
    left(shown, buf, Rect { x: area.x + 1, width: width - 3, ..area }, shared);
    let x = area.x + width + 2;
    right(shown, buf, Rect { x, width: area.right() - x - 2, ..area }, shared);
}

/// A title, set off where its part has the focus.
fn title(buf: &mut Buffer, area: Rect, text: &str, focus: bool, shared: &Shared) -> u16 {
    let theme = shared.theme;
    let (sign, look) = if focus { (theme.sign("❯ ", "> "), Look::Focus) } else { ("  ", Look::Dim) };
    let text = format!("{sign}{text}");
    buf.set_stringn(area.x, area.y, text, usize::from(area.width), theme.style(look)).0
}

fn left(shown: &mut Shown, buf: &mut Buffer, area: Rect, shared: &Shared) {
    let focus = shown.pane == Pane::Steps;
    let below = |rect: Rect, by: u16| Rect { y: rect.y + by, height: rect.height.saturating_sub(by), ..rect };
    if shown.other.is_some() {
        title(buf, area, &shared.say("lens.pane.both"), focus, shared);
        both(shown, buf, below(area, 1), shared);
        return;
    }
    title(buf, area, &shared.say("lens.pane.steps"), focus, shared);
    let about = about_stage(shown, usize::from(area.width), shared);
    let low = u16::try_from(about.len()).unwrap_or(u16::MAX).min(area.height / 2);
    let list = Rect { height: area.height.saturating_sub(low + 2), ..below(area, 1) };
    steps(shown, buf, list, focus, shared);
    let rule = shared.theme.sign("─", "-").repeat(usize::from(area.width));
    buf.set_string(area.x, list.bottom(), rule, shared.theme.style(Look::Frame));
    let at = Rect { y: list.bottom() + 1, height: low, ..area };
    rows::paint(buf, at, &about, Window::default(), shared.theme);
}

/// A bar of `cells`, filled by the part of a whole. What has bytes has some of it: none would say that there are none.
pub(super) fn bar(part: u64, whole: u64, cells: usize, shared: &Shared) -> String {
    let eighths = (u128::from(part) * (cells as u128 * 8) / u128::from(whole.max(1))) as usize;
    let eighths = if part > 0 { eighths.max(1) } else { 0 };
    if shared.theme.ascii {
        return pad(&"#".repeat(eighths.div_ceil(8)), cells);
    }
    let ends = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    pad(&format!("{}{}", "█".repeat(eighths / 8), ends[eighths % 8]), cells)
}

pub(super) fn size(bytes: u64) -> String {
    format!("{:>SIZE$}", Size(bytes).to_string())
}

fn steps(shown: &mut Shown, buf: &mut Buffer, area: Rect, focus: bool, shared: &Shared) {
    let theme = shared.theme;
    let cells = usize::from(area.width);
    let height = usize::from(area.height);
    let (subject, stage) = (shown.subject.clone(), shown.stage);
    let most = subject.steps.iter().map(|s| s.bytes).max().unwrap_or(0);
    let seen = &mut shown.steps;
    (seen.len, seen.height) = (subject.steps.len() + 1, height);
    keep_in_sight(seen, stage);
    // The bar takes what the words can spare.
    let bar_cells = (cells.saturating_sub(24) / 4).clamp(4, 14);
    let mut out = Vec::with_capacity(height);
    for at in seen.window.top..(seen.window.top + height).min(seen.len) {
        let here = at == stage;
        let sign = if here { theme.sign("❯ ", "> ") } else { "  " };
        let look = match (here, focus) {
            (true, true) => Look::Focus,
            (true, false) => Look::Strong,
            _ => Look::Plain,
        };
        if at == 0 {
            let text = shared.say("lens.whole");
            let total = size(subject.image.sizes.total);
            out.push(Row::new(
                theme,
                &[(sign, Look::Focus), ("   ", Look::Dim), (&total, look), (" ", look), (&text, look)],
            ));
            continue;
        }
        let step = &subject.steps[at - 1];
        let number = step.layer.map_or_else(|| "   ".to_owned(), |layer| format!("{:>2} ", layer + 1));
        let wasted = step.layer.and_then(|l| subject.image.layers.get(l)).map_or(0, |l| l.wasted);
        let sign_of_waste = if wasted >= words::WORTH_A_WORD { "!" } else { " " };
        let line = step.line.filter(|_| !step.base).map_or(String::new(), |line| format!("{line}: "));
        let instruction =
            if step.instruction.is_empty() { shared.say("lens.no-instruction") } else { step.instruction.clone() };
        let text = format!("{line}{instruction}");
        if step.layer.is_none() {
            // No bytes and no bar: the words have their room.
            let text = layout::clip_words(&text, cells.saturating_sub(5));
            let look = if here { look } else { Look::Dim };
            out.push(Row::new(theme, &[(sign, Look::Focus), (&number, Look::Dim), (&text, look)]));
            continue;
        }
        let (bytes, bar) = (size(step.bytes), bar(step.bytes, most, bar_cells, shared));
        let used = 2 + 3 + SIZE + 1 + bar_cells + 1;
        let text = layout::clip_words(&text, cells.saturating_sub(used));
        let text_look = if here {
            look
        } else if step.base {
            Look::Dim
        } else {
            Look::Plain
        };
        let bar_look = if step.base { Look::Dim } else { Look::Bar };
        out.push(Row::new(
            theme,
            &[
                (sign, Look::Focus),
                (&number, Look::Dim),
                (&bytes, if here { look } else { Look::Plain }),
                (sign_of_waste, Look::Warn),
                (&bar, bar_look),
                (" ", Look::Plain),
                (&text, text_look),
            ],
        ));
    }
    rows::paint(buf, area, &out, Window::default(), theme);
    scrollbar(buf, beside(area), seen.window.top, seen.len, shared);
}

/// Moves a window so that a row is in it.
pub(super) fn keep_in_sight(seen: &mut Seen, row: usize) {
    let top = seen.window.top.min(row);
    seen.window.top = top.max((row + 1).saturating_sub(seen.height));
    seen.window.settle(seen.len, seen.height);
}

/// What the selected stage is about.
fn about_stage(shown: &Shown, cells: usize, shared: &Shared) -> Vec<Row> {
    let theme = shared.theme;
    let subject = &shown.subject;
    let mut out = Vec::new();
    let words = |text: &str, look: Look| -> Vec<Row> {
        rows::plain(text, cells, theme).into_iter().map(|row| row.all(theme.style(look))).collect()
    };
    let Some(step) = shown.step() else {
        // Where the advice itself is not seen beside it, its first line is.
        if let Some(finding) = subject.findings.first().filter(|_| shown.right != Pane::Advice) {
            let advice = words::advice(&shared.lang, finding);
            let text = shared.with("lens.first", &[("weight", &advice.weight), ("what", &advice.what)]);
            // A pointer, no second telling: the steps need the room.
            out.extend(words(&layout::clip(&text, cells * 2), Look::Warn).into_iter().take(2));
        }
        out.extend(totals(subject, subject.image.sizes, cells, shared));
        if let Some(text) = words::docker_size(&shared.lang, subject) {
            out.extend(words(&text, Look::Dim));
        }
        for used in &subject.stand_ins {
            let args: [(&str, &dyn Display); 3] =
                [("image", &used.image), ("by", &used.by), ("version", &used.version)];
            out.extend(words(&shared.with("check.stand-in", &args), Look::Warn));
        }
        return out;
    };
    let instruction =
        if step.instruction.is_empty() { shared.say("lens.no-instruction") } else { step.instruction.clone() };
    // As much of a long RUN as leaves room for what it did.
    let mut lines = rows::words(&[(&instruction, TextStyle::default())], ("", Look::Plain), cells, theme);
    if lines.len() > 4 {
        lines.truncate(4);
        if let Some(last) = lines.last_mut() {
            last.spans.push((theme.sign(" …", " ...").to_owned(), theme.style(Look::Dim)));
        }
    }
    out.extend(lines.into_iter().map(|row| row.all(theme.style(Look::Code))));
    match step.layer {
        None => out.extend(words(&shared.say("lens.did.settings"), Look::Plain)),
        Some(layer) => {
            out.extend(words(&words::did(&shared.lang, subject, layer), Look::Plain));
            let found = subject.image.layers.get(layer);
            for (key, bytes) in
                [("lens.step.wasted", found.map_or(0, |l| l.wasted)), ("lens.step.hid", found.map_or(0, |l| l.hid))]
            {
                if bytes >= words::WORTH_A_WORD {
                    out.extend(words(&shared.with(key, &[("size", &Size(bytes))]), Look::Warn));
                }
            }
        }
    }
    out.push(Row::new(theme, &[(&shared.say("lens.so-far"), Look::Dim)]));
    out.extend(totals(subject, step.after, cells, shared));
    out
}

fn totals(subject: &Subject, sizes: Sizes, cells: usize, shared: &Shared) -> Vec<Row> {
    let base = subject.base.as_deref();
    let rows = words::sizes(&shared.lang, &sizes, base);
    rows.into_iter()
        .map(|(word, bytes, about)| {
            let word = pad(&word, 8);
            let bytes = size(bytes);
            // Half a sentence says less than none.
            let about = format!("  {about}");
            let about = if 8 + SIZE + layout::width(&about) > cells { String::new() } else { about };
            Row::new(shared.theme, &[(&word, Look::Plain), (&bytes, Look::Strong), (&about, Look::Dim)])
        })
        .collect()
}

/// The layers of two images, on one scale.
fn both(shown: &mut Shown, buf: &mut Buffer, area: Rect, shared: &Shared) {
    let Some((other, comparison)) = &shown.other else { return };
    let theme = shared.theme;
    let cells = usize::from(area.width);
    let subjects = [&shown.subject, other];
    let most = subjects.iter().flat_map(|s| &s.image.layers).map(|l| l.bytes).max().unwrap_or(0);
    let bar_cells = (cells.saturating_sub(24) / 4).clamp(4, 14);
    // What came of it first: a small window ends before the second image does.
    let mut out = differences(comparison, cells, shared);
    out.push(Row::default());
    for (nth, subject) in subjects.into_iter().enumerate() {
        let total = size(subject.image.sizes.total);
        let name = format!(" {}", layout::clip(&subject.name, cells.saturating_sub(SIZE + 8)));
        out.push(Row::new(theme, &[("     ", Look::Plain), (&total, Look::Strong), (&name, Look::Strong)]));
        for (index, layer) in subject.image.layers.iter().enumerate() {
            let same = index < comparison.shared_layers;
            if same && nth == 1 {
                if index == 0 {
                    let text = shared.with("lens.compare.as-above", &[("layers", &comparison.shared_layers)]);
                    out.push(Row::new(theme, &[("= ", Look::Dim), (&layout::clip(&text, cells - 2), Look::Dim)]));
                }
                continue;
            }
            let number = format!("{} {:>2} ", if same { "=" } else { " " }, index + 1);
            let instruction = match subject.instruction_of(index) {
                "" => shared.say("lens.no-instruction"),
                text => text.to_owned(),
            };
            let text =
                format!(" {}", layout::clip_words(&instruction, cells.saturating_sub(5 + SIZE + 1 + bar_cells + 1)));
            let bar = format!(" {}", bar(layer.bytes, most, bar_cells, shared));
            let look = if same { Look::Dim } else { Look::Plain };
            out.push(Row::new(
                theme,
                &[
                    (&number, Look::Dim),
                    (&size(layer.bytes), look),
                    (&bar, if same { Look::Dim } else { Look::Bar }),
                    (&text, look),
                ],
            ));
        }
        out.push(Row::default());
    }
    let seen = &mut shown.steps;
    (seen.len, seen.height) = (out.len(), usize::from(area.height));
    seen.window.settle(seen.len, seen.height);
    rows::paint(buf, area, &out, seen.window, theme);
    scrollbar(buf, beside(area), seen.window.top, seen.len, shared);
}

fn differences(comparison: &Comparison, cells: usize, shared: &Shared) -> Vec<Row> {
    let theme = shared.theme;
    let mut out = Vec::new();
    let args: [(&str, &dyn Display); 2] =
        [("layers", &comparison.shared_layers), ("size", &Size(comparison.shared_bytes))];
    let key = if comparison.shared_layers == 0 { "lens.compare.none-shared" } else { "lens.compare.shared" };
    out.extend(rows::plain(&shared.with(key, &args), cells, theme));
    for (key, tally, look) in [
        ("lens.compare.added", comparison.added, Look::Good),
        ("lens.compare.changed", comparison.changed, Look::Warn),
        ("lens.compare.removed", comparison.removed, Look::Bad),
    ] {
        let text = shared.with(key, &[("files", &tally.files), ("size", &Size(tally.bytes))]);
        out.extend(rows::plain(&text, cells, theme).into_iter().map(|row| row.all(theme.style(look))));
        let metadata = comparison.metadata;
        if key == "lens.compare.changed" && metadata.files > 0 {
            let text =
                shared.with("lens.compare.metadata", &[("files", &metadata.files), ("size", &Size(metadata.bytes))]);
            out.extend(rows::words(&[(text.as_str(), TextStyle::default())], ("  ", Look::Plain), cells, theme));
        }
    }
    let how = shared.say("lens.compare.how");
    out.extend(rows::plain(&how, cells, theme).into_iter().map(|row| row.all(theme.style(Look::Dim))));
    out
}
