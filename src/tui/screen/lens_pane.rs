//! The right side of the lens: the tree of files, the Dockerfile with what each line cost, and what the image could do without.

use super::{
    lens::{Pane, Shown, mark},
    lens_draw::{SIZE, bar, keep_in_sight, size},
    lesson::{beside, scrollbar},
};
use crate::{
    layout::{self, Style as TextStyle},
    lens::{
        Subject,
        flat::{Mark, Node},
        report as found,
        rules::share,
        view::{Show, Sort},
        words,
    },
    tui::{
        rows::{self, Row, Window},
        state::Shared,
        theme::Look,
    },
};
use dockshala_checkers::{
    image::{Kind, What},
    spec::Size,
};
use ratatui::{buffer::Buffer, layout::Rect};
use std::fmt::Display;

pub(super) fn right(shown: &mut Shown, buf: &mut Buffer, area: Rect, shared: &Shared) {
    let mut x = area.x;
    for pane in shown.tabs() {
        let text = shared.say(match pane {
            Pane::Source => "lens.pane.source",
            Pane::Advice => "lens.pane.advice",
            _ => "lens.pane.files",
        });
        let theme = shared.theme;
        let open = pane == shown.right;
        let (sign, look) = match (open, shown.pane == pane) {
            (_, true) => (theme.sign("❯ ", "> "), Look::Focus),
            (true, false) => ("  ", Look::Strong),
            _ => ("  ", Look::Dim),
        };
        let room = usize::from(area.right().saturating_sub(x));
        x = buf.set_stringn(x, area.y, format!("{sign}{text} "), room, theme.style(look)).0 + 1;
    }
    let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
    match shown.right {
        Pane::Source => source(shown, buf, body, shared),
        Pane::Advice => advice(shown, buf, body, shared),
        _ => files(shown, buf, body, shared),
    }
}

/// What is let through and how it is ordered, in one line.
fn filter_line(shown: &Shown, cells: usize, shared: &Shared) -> Row {
    let filter = shown.filter();
    let show = shared.say(match filter.show {
        Show::All => "lens.show.all",
        Show::Touched if shown.other.is_some() => "lens.show.differ",
        Show::Touched => "lens.show.touched",
        Show::Added => "lens.show.added",
        Show::Changed => "lens.show.changed",
        Show::Removed => "lens.show.removed",
        Show::Wasted => "lens.show.wasted",
    });
    let sort = shared.say(if shown.view.sort() == Sort::Size { "lens.sort.size" } else { "lens.sort.name" });
    let gap = shared.theme.sign("  ·  ", "  -  ");
    let mut parts = vec![show];
    if filter.least > 0 {
        parts.push(shared.with("lens.show.least", &[("size", &Size(filter.least))]));
    }
    if let Some(layer) = filter.layer {
        parts.push(shared.with("lens.show.layer", &[("layer", &(layer + 1))]));
    }
    parts.push(sort);
    if !shown.sought.is_empty() && shown.typing.is_none() {
        let key = if shown.lost { "lens.find.lost" } else { "lens.find.sought" };
        parts.push(shared.with(key, &[("text", &shown.sought)]));
    }
    Row::new(shared.theme, &[(&layout::clip(&format!("  {}", parts.join(gap)), cells), Look::Dim)])
}

fn files(shown: &mut Shown, buf: &mut Buffer, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    let cells = usize::from(area.width);
    let line = |y: u16| Rect { y, height: 1, ..area };
    rows::paint_row(buf, line(area.y), &filter_line(shown, cells, shared), 0, theme);
    // Two rows at the bottom are about the selected path.
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(4), ..area };
    let rule = theme.sign("─", "-").repeat(cells);
    buf.set_string(area.x, list.bottom(), rule, theme.style(Look::Frame));
    let seen = &mut shown.files;
    (seen.len, seen.height) = (shown.view.len(), usize::from(list.height));
    keep_in_sight(seen, shown.cursor.1);
    let focus = shown.pane == Pane::Files;
    if shown.view.is_empty() {
        let key = match shown.step() {
            Some(step) if step.layer.is_none() => "lens.did.settings",
            Some(step) if step.bytes == 0 && shown.filter().show == Show::Touched => "lens.nothing-touched",
            _ if shown.other.is_some() && shown.filter().show == Show::Touched => "lens.compare.equal",
            _ => "lens.nothing-passes",
        };
        let text = rows::plain(&shared.say(key), cells.saturating_sub(2), theme);
        rows::paint(
            buf,
            Rect { x: list.x + 2, width: list.width.saturating_sub(2), ..list },
            &text,
            Window::default(),
            theme,
        );
    }
    let whole = shown.stage == 0 && shown.other.is_none();
    for (nth, at) in shown.view.window(shown.files.window.top, usize::from(list.height)).into_iter().enumerate() {
        let row = path_row(shown, at, whole, focus, cells, shared);
        let y = list.y + u16::try_from(nth).unwrap_or(0);
        rows::paint_row(buf, line(y), &row, 0, theme);
    }
    let seen = shown.files;
    scrollbar(buf, beside(list), seen.window.top, seen.len, shared);
    let about = about_path(shown, cells, shared);
    rows::paint(buf, Rect { y: list.bottom() + 1, height: 2, ..area }, &about, Window::default(), theme);
}

fn path_row(shown: &Shown, at: u32, whole: bool, focus: bool, cells: usize, shared: &Shared) -> Row {
    let theme = shared.theme;
    let flat = shown.view.flat();
    let node = flat.node(at);
    let here = at == shown.cursor.0;
    let sign = if here { theme.sign("❯", ">") } else { " " };
    let (mark_sign, mark_look) = mark(node.mark);
    // In the whole image nothing was done to a path that is not gone; what is worth a sign there is waste.
    let (mark_sign, mark_look) = if whole && node.mark == Mark::Same && node.wasted >= words::WORTH_A_WORD {
        ("!", Look::Warn)
    } else {
        (mark_sign, mark_look)
    };
    let weight = if node.bytes == 0 && node.mark == Mark::Removed { node.wasted } else { node.bytes };
    let bytes = if node.kind == Kind::Symlink || node.kind == Kind::Other { " ".repeat(SIZE) } else { size(weight) };
    let arrow = match (node.is_dir(), shown.view.is_open(at)) {
        (true, true) => theme.sign("▾ ", "v "),
        (true, false) if shown.view.opens(at) => theme.sign("▸ ", "> "),
        _ => "  ",
    };
    // A path as deep as a window is wide leaves room for its name all the same.
    let indent = "  ".repeat(usize::from(node.depth.saturating_sub(1)).min(cells / 6));
    let note = match &shown.other {
        Some(_) if node.stored_again => shared.say("lens.compare.only-metadata"),
        _ => note(node, whole, shared),
    };
    let used = 1 + 2 + SIZE + 1 + indent.len() + 2;
    let room = cells.saturating_sub(used + if note.is_empty() { 0 } else { layout::width(&note) + 2 });
    let name = format!("{}{}", flat.name(at), if node.is_dir() { "/" } else { "" });
    let name = layout::clip(&name, room);
    let gap = " ".repeat(room.saturating_sub(layout::width(&name)) + if note.is_empty() { 0 } else { 2 });
    let name_look = match (here, focus, node.mark) {
        (true, true, _) => Look::Focus,
        (true, false, _) => Look::Strong,
        (_, _, Mark::Same) => Look::Plain,
        _ => mark_look,
    };
    let mark_text = format!("{mark_sign} ");
    Row::new(
        theme,
        &[
            (sign, Look::Focus),
            (&mark_text, mark_look),
            (&bytes, if here { Look::Strong } else { Look::Plain }),
            (" ", Look::Plain),
            (&indent, Look::Plain),
            (arrow, Look::Dim),
            (&name, name_look),
            (&gap, Look::Plain),
            (&note, Look::Warn),
        ],
    )
}

/// What stands at the right of a path: bytes that are wasted there, or what of a folder the step brought.
fn note(node: &Node, whole: bool, shared: &Shared) -> String {
    if node.wasted >= words::WORTH_A_WORD && (whole || !node.is_dir()) {
        return shared.with("lens.note.wasted", &[("size", &Size(node.wasted))]);
    }
    if !whole && node.is_dir() && node.mark == Mark::Changed && node.brought > 0 {
        return format!("+{}", Size(node.brought));
    }
    String::new()
}

/// The selected path: all of it, and its story.
fn about_path(shown: &Shown, cells: usize, shared: &Shared) -> Vec<Row> {
    let theme = shared.theme;
    if let Some(text) = &shown.typing {
        let prompt = format!("/{text}");
        let lost = if shown.lost { format!("   {}", shared.say("lens.find.none")) } else { String::new() };
        let cursor = theme.sign("▏", "_");
        return vec![
            Row::new(theme, &[(&prompt, Look::Strong), (cursor, Look::Focus), (&lost, Look::Warn)]),
            Row::new(theme, &[(&shared.say("lens.find.how"), Look::Dim)]),
        ];
    }
    if let Some(path) = &shown.opening {
        let path = format!("/{path}");
        let text = shared.say("lens.file.reading");
        return vec![
            Row::new(theme, &[(&tail(&path, cells), Look::Strong)]),
            Row::new(theme, &[(&layout::clip(&text, cells), Look::Focus)]),
        ];
    }
    let at = shown.cursor.0;
    if at == 0 {
        return Vec::new();
    }
    let flat = shown.view.flat();
    let node = flat.node(at);
    let path = format!("/{}", flat.path(at));
    let path = tail(&path, cells);
    let story = match &shown.other {
        Some((other, _)) => {
            let of = if node.of_first { &shown.subject } else { other };
            node.layer.map(|layer| words::place(&shared.lang, of, layer)).unwrap_or_default()
        }
        None => story(&shown.subject, node, shared),
    };
    vec![Row::new(theme, &[(&path, Look::Strong)]), Row::new(theme, &[(&layout::clip(&story, cells), Look::Dim)])]
}

/// What each layer did to a path, in one line.
fn story(subject: &Subject, node: &Node, shared: &Shared) -> String {
    if node.is_dir() {
        return String::new();
    }
    let parts: Vec<String> = subject
        .image
        .story(node.id)
        .map(|change| {
            let what = shared.say(&format!("lens.what.{}", what(change.what)));
            let who = match subject.line_of(change.layer).filter(|_| !subject.image.layers[change.layer].base) {
                Some(line) => shared.with("lens.place.line", &[("line", &line)]),
                None => shared.with("lens.place.layer", &[("layer", &(change.layer + 1))]),
            };
            format!("{who}: {what}")
        })
        .collect();
    parts.join(", ")
}

fn what(what: What) -> &'static str {
    match what {
        What::Added => "added",
        What::Changed => "changed",
        What::Owner => "owner",
        What::Mode => "mode",
        What::Again => "again",
        What::Removed => "removed",
    }
}

/// A path cut to `cells`: of a long one the end says more than the beginning.
fn tail(text: &str, cells: usize) -> String {
    if layout::width(text) <= cells {
        return text.to_owned();
    }
    let mut start = text.len();
    for (at, _) in text.char_indices().rev() {
        if layout::width(&text[at..]) + 1 > cells {
            break;
        }
        start = at;
    }
    format!("…{}", &text[start..])
}

/// The Dockerfile with what each line cost at its side.
fn source(shown: &mut Shown, buf: &mut Buffer, area: Rect, shared: &Shared) {
    let subject = shown.subject.clone();
    let Some(source) = &subject.source else { return };
    let theme = shared.theme;
    let here = shown.step().and_then(|step| step.line);
    let most = source.costs.values().map(|c| c.bytes).max().unwrap_or(0);
    let bar_cells = if area.width >= 90 { 12 } else { 5 };
    let seen = &mut shown.source;
    (seen.len, seen.height) = (source.lines.len(), usize::from(area.height));
    // Stepping through the image steps through the file.
    if let Some(line) = here.filter(|_| shown.pane != Pane::Source) {
        keep_in_sight(seen, line as usize - 1);
    }
    seen.window.settle(seen.len, seen.height);
    let rule = theme.sign(" │ ", " | ");
    let mut current = None;
    let mut out = Vec::new();
    for (nth, text) in source.lines.iter().enumerate() {
        let line = nth as u32 + 1;
        let cost = source.costs.get(&line);
        if let Some(cost) = cost {
            current = Some((line, cost.last));
        }
        let selected = here.is_some() && current.is_some_and(|(first, last)| Some(first) == here && line <= last);
        let sign = if selected { theme.sign("❯", ">") } else { " " };
        let bytes = cost.map_or_else(|| " ".repeat(SIZE), |cost| size(cost.bytes));
        let wasted = if cost.is_some_and(|c| c.wasted >= words::WORTH_A_WORD) { "!" } else { " " };
        let bar = cost.map_or_else(|| " ".repeat(bar_cells), |cost| bar(cost.bytes, most, bar_cells, shared));
        let number = format!("{rule}{line:>3} ");
        let look = if selected { Look::Focus } else { Look::Plain };
        let mut row = Row::new(
            theme,
            &[
                (sign, Look::Focus),
                (&bytes, look),
                (wasted, Look::Warn),
                (&bar, Look::Bar),
                (&number, Look::Dim),
                (text, look),
            ],
        );
        row.pan = Some(SIZE + bar_cells + 9);
        out.push(row);
    }
    rows::paint(buf, area, &out, seen.window, theme);
    scrollbar(buf, beside(area), seen.window.top, seen.len, shared);
}

/// What it could do without, what would not have cost it, and where wasted bytes lie.
fn advice(shown: &mut Shown, buf: &mut Buffer, area: Rect, shared: &Shared) {
    let subject = shown.subject.clone();
    let theme = shared.theme;
    let cells = usize::from(area.width).min(100);
    let lead = |text: &str| format!("{:>SIZE$}  ", text);
    let mut out = Vec::new();
    let mut tell = |weight: &str, what: &str, next: Option<&str>| {
        let rows = rows::words(&[(what, TextStyle::default())], (&lead(weight), Look::Warn), cells, theme);
        out.extend(rows);
        if let Some(next) = next {
            let rows = rows::words(&[(next, TextStyle::default())], (&lead(""), Look::Plain), cells, theme);
            out.extend(rows.into_iter().map(|row| row.all(theme.style(Look::Good))));
        }
        out.push(Row::default());
    };
    // The same advice twice is read once.
    let mut told: Vec<String> = Vec::new();
    for finding in &subject.findings {
        let advice = words::advice(&shared.lang, finding);
        let new = !told.contains(&advice.next);
        tell(&advice.weight, &advice.what, new.then_some(advice.next.as_str()));
        told.push(advice.next);
    }
    for one in words::worth(&subject).take(12) {
        let (what, _) = words::waste(&shared.lang, &subject, one);
        tell(&Size(one.tally.bytes).to_string(), &what, None);
    }
    if subject.findings.is_empty() {
        let rows = rows::plain(&shared.say("lens.nothing-to-do"), cells, theme);
        out.splice(0..0, rows.into_iter().chain([Row::default()]));
    }
    let sizes = subject.image.sizes;
    let percent = format!("{:.1}", share(sizes.wasted, sizes.total));
    let args: [(&str, &dyn Display); 3] =
        [("size", &Size(sizes.wasted)), ("total", &Size(sizes.total)), ("percent", &percent)];
    let key = if sizes.wasted == 0 { "lens.waste-none" } else { "lens.waste-all" };
    out.extend(rows::plain(&shared.with(key, &args), cells, theme));
    out.push(Row::default());
    let paths: Vec<_> = found::wasted_paths(&subject, found::PATHS).into_iter().filter(|p| p.bytes >= 1_000).collect();
    if !paths.is_empty() {
        out.push(Row::new(theme, &[(&shared.say("lens.head.paths"), Look::Strong)]));
    }
    for path in paths {
        let bytes = lead(&Size(path.bytes).to_string());
        let how = format!("  {}", words::how_word(&shared.lang, path.how));
        let room = cells.saturating_sub(layout::width(&bytes) + layout::width(&how) + 1);
        let name = format!("/{}", path.path);
        let name = tail(&name, room);
        out.push(Row::new(theme, &[(&bytes, Look::Warn), (&name, Look::Plain), (&how, Look::Dim)]));
    }
    let seen = &mut shown.advice;
    (seen.len, seen.height) = (out.len(), usize::from(area.height));
    seen.window.settle(seen.len, seen.height);
    rows::paint(buf, area, &out, seen.window, theme);
    scrollbar(buf, beside(area), seen.window.top, seen.len, shared);
}
