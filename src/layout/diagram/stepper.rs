//! A stepper one instruction at a time: the Dockerfile's instructions with the one that is looked at set off, and below them
//! what it put into the image and into the build cache.
//!
//! Every step takes the same number of rows, so that a reader who steps sees numbers change and nothing jump. What is still
//! to come has no sizes yet: a reader who guesses before the next key learns more than one who reads a table. Where nothing
//! can be stepped through (a pipe, a screen reader, reduced motion) the bars of [`super::layers`] show all steps at once.

use super::{Canvas, Ink, Pen, Style, Words, bar, eighths, frame, ink, strong};
use crate::course::diagram::stepper::{Did, Replay, Shown};
use crate::layout::{Class, Line, ascii_cells, clip_words, width};
use dockshala_checkers::spec::Size;
use std::ops::Range;

/// Rows of instructions in a text: with what is below them they fit into the smallest usual window.
pub(in crate::layout) const IN_A_TEXT: usize = 10;

/// Rows below the instructions.
const BELOW: usize = 5;

/// A stepper in a text that was laid out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stepped {
    /// Its rows; the caption is below them.
    pub rows: Range<usize>,
    /// The rows at each step.
    frames: Vec<Vec<Line>>,
    /// Rows of instructions.
    list: usize,
}

impl Stepped {
    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// There is no step.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// The rows at a step; those of the last one beyond it.
    pub fn frame(&self, at: usize) -> &[Line] {
        self.frames.get(at).or(self.frames.last()).map_or(&[], Vec::as_slice)
    }

    /// The step whose instruction stands in a row, counted from the first of its rows, while `at` is looked at.
    pub fn step_in_row(&self, at: usize, row: usize) -> Option<usize> {
        (row < self.list).then(|| first(at, self.frames.len(), self.list) + row)
    }

    /// The same, of a block at a place.
    pub(in crate::layout) fn placed(mut self, from: usize, block: usize) -> Self {
        let height = self.frames.first().map_or(0, Vec::len);
        self.rows = from..from + height;
        self.frames.iter_mut().flatten().for_each(|line| line.block = block);
        self
    }
}

/// The steps of a replay, `cells` wide, with at most `list` instructions seen at once.
pub fn stepper(replay: &Replay, cells: usize, list: usize, is_ascii: bool, words: &Words) -> Stepped {
    let steps = replay.shown();
    let list = list.clamp(1, steps.len().max(1));
    let all = All::of(&steps);
    let pen = Pen { ascii: is_ascii, words };
    let frames = (0..steps.len())
        .map(|at| {
            let mut canvas = Canvas::new(cells);
            canvas.grow(list + BELOW);
            instructions(&steps, at, list, &mut canvas, pen);
            below(&steps, at, &all, list, &mut canvas, pen);
            let line = |spans| Line { spans, ..Line::default() };
            canvas.rows().into_iter().map(line).collect()
        })
        .collect();
    Stepped { rows: 0..list + BELOW, frames, list }
}

/// Text cut to so many cells, the sign for that in ASCII too.
fn cut(text: &str, cells: usize, pen: Pen) -> String {
    let text = clip_words(&pen.text(text), cells);
    if pen.ascii { ascii_cells(&text) } else { text }
}

/// The first instruction that is seen.
fn first(at: usize, steps: usize, list: usize) -> usize {
    at.saturating_sub(list / 2).min(steps.saturating_sub(list))
}

/// What the bars are measured by.
struct All {
    /// The image after each step, in bytes.
    image: Vec<u64>,
    /// Work that the cache holds after each step, in milliseconds.
    cache: Vec<u64>,
}

impl All {
    fn of(steps: &[Shown]) -> Self {
        let (mut image, mut cache) = (0, 0);
        let after = steps.iter().map(|step| {
            // A step of another stage leaves the image as it was.
            image = image.max(step.after);
            cache += worked(step);
            (image, cache)
        });
        let (image, cache) = after.unzip();
        Self { image, cache }
    }
}

/// How long a step worked; one that came from the cache did not.
fn worked(step: &Shown) -> u64 {
    step.millis.filter(|_| step.cached != Some(true)).unwrap_or(0)
}

fn seconds(millis: u64) -> String {
    format!("{:.1} s", millis as f64 / 1000.0)
}

/// What a step came to, in a word: at the right of its row once it was reached.
fn came_to(step: &Shown, pen: Pen) -> (String, Ink) {
    match &step.did {
        Did::Base(bytes) => (Size(*bytes).to_string(), Ink::Old),
        Did::Layer { bytes, wasted, .. } => {
            (format!("+{}", Size(*bytes)), if *wasted * 2 > *bytes { Ink::Wasted } else { Ink::New })
        }
        Did::Settings => (pen.glyph("–", "-").to_owned(), Ink::Note),
        Did::Elsewhere(stage) => (stage.clone(), Ink::Note),
    }
}

fn instructions(steps: &[Shown], at: usize, list: usize, canvas: &mut Canvas, pen: Pen) {
    let cells = canvas.width();
    let from = first(at, steps.len(), list);
    let shown = &steps[from..(from + list).min(steps.len())];
    let rights: Vec<_> = shown.iter().map(|step| came_to(step, pen)).collect();
    let right = rights.iter().map(|(text, _)| width(&pen.text(text))).max().unwrap_or(0).min(cells / 3);
    for (y, (step, (text, color))) in shown.iter().zip(rights).enumerate() {
        let nth = from + y;
        let sign = if nth == at { pen.glyph("❯ ", "> ") } else { "  " };
        canvas.put(0, y, sign, ink(Ink::Mark));
        let number = if step.lines.0 > 0 { step.lines.0.to_string() } else { String::new() };
        canvas.put(2, y, &format!("{number:>3} "), ink(Ink::Note));
        let room = cells.saturating_sub(6 + right + 2);
        let style = match nth.cmp(&at) {
            std::cmp::Ordering::Equal => strong(),
            std::cmp::Ordering::Less => Style::default(),
            std::cmp::Ordering::Greater => ink(Ink::Note),
        };
        canvas.put(6, y, &cut(&step.instruction, room, pen), style);
        if nth <= at {
            let text = cut(&text, right, pen);
            canvas.put(cells.saturating_sub(width(&text)), y, &text, ink(color));
        }
    }
}

fn below(steps: &[Shown], at: usize, all: &All, top: usize, canvas: &mut Canvas, pen: Pen) {
    let (cells, words, step) = (canvas.width(), pen.words, &steps[at]);
    canvas.line(0, cells, top, pen.glyph("─", "-"), frame());
    canvas.put(2, top, &format!(" {} {}/{} ", pen.text(&words.step), at + 1, steps.len()), ink(Ink::Caption));
    let before = |of: &[u64]| at.checked_sub(1).map_or(0, |before| of[before]);
    let new_ink = match &step.did {
        Did::Layer { bytes, wasted, .. } if *wasted * 2 > *bytes => Ink::Wasted,
        _ => Ink::New,
    };
    let put = match &step.did {
        Did::Base(bytes) | Did::Layer { bytes, .. } => format!("+{}", Size(*bytes)),
        Did::Settings => words.settings.clone(),
        Did::Elsewhere(_) => "+0 B".to_owned(),
    };
    let image = Part {
        label: &words.image,
        before: before(&all.image),
        now: all.image[at],
        most: all.image.last().copied().unwrap_or(0),
        ink: new_ink,
        did: put,
        sum: Size(all.image[at]).to_string(),
    };
    image.draw(top + 1, canvas, pen);
    let took = step.millis.filter(|_| step.cached != Some(true));
    let did = match (&step.did, step.cached, took) {
        (Did::Elsewhere(_), None, None) | (Did::Base(_) | Did::Settings, None, None) => String::new(),
        (_, Some(true), _) => words.cached.clone(),
        (_, _, Some(millis)) => format!("+{}", seconds(millis)),
        (_, _, None) => words.unseen.clone(),
    };
    let work = all.cache.last().copied().unwrap_or(0);
    let cache = Part {
        label: &words.store,
        before: before(&all.cache),
        now: all.cache[at],
        most: work,
        ink: Ink::New,
        did,
        sum: if work > 0 { seconds(all.cache[at]) } else { String::new() },
    };
    cache.draw(top + 2, canvas, pen);
    canvas.put(2, top + 3, &cut(&remark(step, words, pen), cells.saturating_sub(2), pen), ink(Ink::Note));
    let between = pen.glyph(" · ", ", ");
    let paths: Vec<_> = step.paths.iter().take(3).map(|p| format!("/{} {}", p.path, Size(p.bytes))).collect();
    let paths = cut(&paths.join(between), cells.saturating_sub(2), pen);
    canvas.put(2, top + 4, &paths, Style::of(Class::Code));
}

/// What else is worth a word about a step.
fn remark(step: &Shown, words: &Words, pen: Pen) -> String {
    match &step.did {
        Did::Elsewhere(stage) => pen.joined(&[&words.cache, stage]),
        Did::Layer { wasted, hid, .. } => {
            let told =
                |word: &str, bytes: u64| if bytes > 0 { format!("{word} {}", Size(bytes)) } else { String::new() };
            pen.joined(&[&told(&words.hidden, *wasted), &told(&words.hides, *hid)])
        }
        Did::Base(_) | Did::Settings => String::new(),
    }
}

/// A bar: what there was, what came, the sum.
struct Part<'a> {
    label: &'a str,
    before: u64,
    now: u64,
    most: u64,
    ink: Ink,
    did: String,
    sum: String,
}

impl Part<'_> {
    fn draw(&self, y: usize, canvas: &mut Canvas, pen: Pen) {
        let cells = canvas.width();
        let label = canvas.put(2, y, &cut(self.label, cells / 3, pen), strong()) + 2;
        let sum = cut(&self.sum, cells / 4, pen);
        let right = cells.saturating_sub(width(&sum));
        canvas.put(right, y, &sum, Style::default());
        // The bars of both rows are of one length, however long their words are.
        let from = label.max(2 + width(&pen.text(&pen.words.image)).max(width(&pen.text(&pen.words.store))) + 2);
        let room = (cells / 3).min(right.saturating_sub(from + 12));
        let part = |bytes: u64| eighths(bytes as f64, self.most.max(1) as f64, room);
        let old = part(self.before) / 8;
        canvas.put(from, y, &bar(old * 8, true, "█", "=", pen), ink(Ink::Old));
        // What came is seen, be it ever so little.
        let came = if self.now > self.before { (part(self.now).saturating_sub(old * 8)).max(1) } else { 0 };
        canvas.put(from + old, y, &bar(came, true, "█", "#", pen), ink(self.ink));
        let at = from + room + 2;
        canvas.put(at, y, &cut(&self.did, right.saturating_sub(at + 1), pen), ink(self.ink));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::{Labels, Options, layout, parse};

    const REPLAY: &str = r#"{"format": 1,
      "dockerfile": ["FROM golang:1.26 AS build", "COPY go.mod ./", "RUN go build -o /chai .", "FROM scratch", "COPY --from=build /chai /", "RUN rm /x", "CMD [\"/chai\"]"],
      "steps": [
        {"instruction": "COPY /chai /", "line": 5, "last_line": 5, "base": false, "layer": 0, "cached": false, "millis": 200, "bytes": 8000000, "wasted": 0, "hid": 0, "paths": [{"path": "chai", "what": "added", "bytes": 8000000}]},
        {"instruction": "RUN rm /x", "line": 6, "last_line": 6, "base": false, "layer": 1, "cached": true, "millis": 0, "bytes": 0, "wasted": 0, "hid": 5000},
        {"instruction": "CMD", "line": 7, "last_line": 7, "base": false, "layer": null, "cached": null, "millis": null, "bytes": 0, "wasted": 0, "hid": 0}],
      "other_stages": [
        {"stage": "build", "instruction": "COPY go.mod ./", "line": 2, "cached": true, "millis": 0},
        {"stage": "build", "instruction": "RUN go build", "line": 3, "cached": false, "millis": 9800}]}"#;

    fn words() -> Words {
        let words =
            ["step", "image", "cache", "build cache only", "CACHED", "hidden later", "hides", "not seen", "settings"];
        let [step, image, store, cache, cached, hidden, hides, unseen, settings] = words.map(str::to_owned);
        Words { step, image, store, cache, cached, hidden, hides, unseen, settings, ..Words::default() }
    }

    fn text(stepped: &Stepped, at: usize) -> String {
        stepped.frame(at).iter().map(|line| line.text() + "\n").collect()
    }

    #[test]
    fn each_step_tells_what_it_put_into_the_image_and_into_the_cache() {
        let stepped = stepper(&Replay::parse(REPLAY).unwrap(), 76, 10, false, &words());
        assert_eq!(stepped.len(), 7);
        let build = text(&stepped, 2);
        assert!(build.contains("❯   3 RUN go build -o /chai .") && build.contains("step 3/7"), "{build}");
        assert!(
            build.contains("+9.8 s") && build.contains("+0 B") && build.contains("build cache only · build"),
            "{build}"
        );
        assert!(!build.contains("8.0 MB"), "what is still to come is not told: {build}");
        let copy = text(&stepped, 4);
        assert!(copy.contains("+8.0 MB") && copy.contains("+0.2 s") && copy.contains("10.0 s"), "{copy}");
        assert!(copy.contains("/chai 8.0 MB"), "{copy}");
        let removed = text(&stepped, 5);
        assert!(removed.contains("CACHED") && removed.contains("hides 5.0 kB"), "{removed}");
        assert!(text(&stepped, 6).contains("settings"));
        assert_eq!(text(&stepped, 99), text(&stepped, 6), "beyond the last is the last");
    }

    #[test]
    fn a_window_goes_along_and_its_rows_know_their_steps() {
        let stepped = stepper(&Replay::parse(REPLAY).unwrap(), 60, 3, true, &words());
        for at in 0..7 {
            let row = stepped.frame(at).iter().position(|line| line.text().starts_with('>')).unwrap();
            assert_eq!(stepped.step_in_row(at, row), Some(at));
        }
        assert_eq!(stepped.step_in_row(0, 3), None, "what is below is no instruction");
    }

    proptest::proptest! {
        #[test]
        fn every_step_is_as_high_as_the_others_and_never_wider_than_its_room(
            cells in 12_usize..130, list in 1_usize..30, is_ascii: bool
        ) {
            let stepped = stepper(&Replay::parse(REPLAY).unwrap(), cells, list, is_ascii, &words());
            for at in 0..stepped.len() {
                proptest::prop_assert_eq!(stepped.frame(at).len(), stepped.frame(0).len());
                for line in stepped.frame(at) {
                    proptest::prop_assert!(line.width() <= cells, "{}", line.text());
                    proptest::prop_assert!(!is_ascii || line.text().is_ascii(), "{}", line.text());
                }
            }
        }
    }

    #[test]
    fn a_text_has_its_stepper_where_it_stands_and_the_whole_list_without() {
        let markdown = format!(
            "# Title\n\n```stepper\ncaption: Two stages.\nrecording: '{}'\n```\n\nAfter.\n",
            REPLAY.replace('\n', "")
        );
        let labels = Labels { diagram: words(), ..Labels::default() };
        let mut options = Options { measure: 96, ascii: false, frames: true, list_links: true, stepped: true, labels };
        let laid = layout(&parse(&markdown), &[], 76, &options);
        let [stepped] = laid.steppers.as_slice() else { panic!("{:?}", laid.steppers) };
        assert_eq!(&laid.lines[stepped.rows.clone()], stepped.frame(0));
        assert!(laid.lines[stepped.rows.end..].iter().any(|line| line.text() == "Two stages."));
        options.stepped = false;
        let whole = layout(&parse(&markdown), &[], 76, &options);
        assert!(whole.steppers.is_empty());
        let text: String = whole.lines.iter().map(|line| line.text() + "\n").collect();
        assert!(text.contains("8.0 MB") && text.contains("RUN go build"), "{text}");
    }
}
