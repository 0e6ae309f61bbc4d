//! The whole program without a terminal: keys in, effects and pictures out.

use super::{
    app::{App, Effect, LabNews, Msg, Target},
    state::{Daemon, Shared},
    theme::{Palette, Theme},
};
use crate::{
    course::{Course, Lang},
    progress::{Checked, Event as Past, EventKind, Summary},
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use dockshala_checkers::{
    check::{Event, Tier},
    verdict::{CheckResult, Diagnosis, EngineName, Fact, Facts, GoalResult, LineCost, Sizes, Step, Verdict, codes},
};
use proptest::prelude::*;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Modifier},
};
use rstest::rstest;
use std::{path::PathBuf, sync::OnceLock, time::Instant};

pub(super) fn course() -> &'static Course {
    static COURSE: OnceLock<Course> = OnceLock::new();
    COURSE.get_or_init(|| {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packs/small");
        Course::open(dir.as_ref()).expect("the test pack is sound")
    })
}

pub(super) struct Play {
    pub(super) app: App,
    pub(super) size: (u16, u16),
    pub(super) effects: Vec<Effect>,
}

impl Play {
    pub(super) fn new(lang: &str, size: (u16, u16)) -> Self {
        Self::with(lang, size, Theme { color: true, ascii: false, palette: Palette::Sixteen })
    }

    fn with(lang: &str, size: (u16, u16), theme: Theme) -> Self {
        let mut shared = Shared::new(course(), Lang::new(lang), theme, PathBuf::from("/home/asha/dockshala"));
        shared.agreed = true;
        shared.today = Some("2026-11-22".parse().unwrap());
        let (app, effects) = App::new(shared, None);
        let mut play = Self { app, size, effects };
        play.tell(Msg::Daemon(Daemon::Up("26.1.5".to_owned())));
        play.draw();
        play
    }

    pub(super) fn tell(&mut self, msg: Msg) {
        let effects = self.app.update(msg);
        self.effects.extend(effects);
    }

    /// To a screen, as a search or a link leads there.
    pub(super) fn go(&mut self, target: Target) {
        let effects = self.app.go(target);
        self.effects.extend(effects);
        self.draw();
    }

    pub(super) fn lab(&mut self, news: LabNews) {
        self.tell(Msg::Lab("two-stages".to_owned(), news));
    }

    /// `j`, `<enter>`, `<c-c>`: one after the other, each drawn as the runner would.
    pub(super) fn keys(&mut self, script: &str) -> &mut Self {
        let mut rest = script;
        while let Some(c) = rest.chars().next() {
            let (code, control, len) = match rest.strip_prefix('<').and_then(|r| r.split_once('>')) {
                Some((name, _)) => {
                    let len = name.len() + 2;
                    match name {
                        "enter" => (KeyCode::Enter, false, len),
                        "esc" => (KeyCode::Esc, false, len),
                        "tab" => (KeyCode::Tab, false, len),
                        "space" => (KeyCode::Char(' '), false, len),
                        "right" => (KeyCode::Right, false, len),
                        "left" => (KeyCode::Left, false, len),
                        "back" => (KeyCode::Backspace, false, len),
                        "down" => (KeyCode::Down, false, len),
                        "up" => (KeyCode::Up, false, len),
                        "lt" => (KeyCode::Char('<'), false, len),
                        control => (KeyCode::Char(control.trim_start_matches("c-").chars().next().unwrap()), true, len),
                    }
                }
                None => (KeyCode::Char(c), false, c.len_utf8()),
            };
            rest = &rest[len..];
            let modifiers = if control { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
            self.tell(Msg::Key(KeyEvent::new(code, modifiers)));
            self.draw();
        }
        self
    }

    pub(super) fn draw(&mut self) -> Buffer {
        let area = Rect::new(0, 0, self.size.0, self.size.1);
        let mut buf = Buffer::empty(area);
        self.app.draw(&mut buf, area);
        buf
    }

    pub(super) fn text(&mut self) -> String {
        picture(&self.draw())
    }

    pub(super) fn took(&mut self) -> Vec<Effect> {
        // That a file is read again, and when, is a matter of one test alone.
        self.effects.drain(..).filter(|effect| !matches!(effect, Effect::Read(..))).collect()
    }
}

/// The scroll bar is seen, and no text touches it.
pub(super) fn assert_off_the_bar(play: &mut Play) {
    let buf = play.draw();
    let bars: Vec<usize> = (0..buf.content.len()).filter(|at| buf.content[*at].symbol() == "▐").collect();
    assert!(!bars.is_empty(), "{}", picture(&buf));
    assert!(bars.iter().all(|at| buf.content[at - 1].symbol() == " "), "{}", picture(&buf));
}

fn picture(buf: &Buffer) -> String {
    let width = usize::from(buf.area.width);
    buf.content
        .chunks(width)
        .map(|row| {
            let mut text = String::new();
            let mut skip = 0;
            for cell in row {
                if skip == 0 {
                    text.push_str(cell.symbol());
                    skip = crate::layout::width(cell.symbol()).max(1);
                }
                skip -= 1;
            }
            text.trim_end().to_owned()
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// What stands in colour or weight, as `row: [style] text`, so that a snapshot shows where the focus is.
pub(super) fn styles(buf: &Buffer) -> String {
    let mut out = Vec::new();
    for (y, row) in buf.content.chunks(usize::from(buf.area.width)).enumerate() {
        let mut runs: Vec<(String, String)> = Vec::new();
        for cell in row {
            let mut style = match cell.fg {
                Color::Reset => String::new(),
                color => format!("{color:?}").to_lowercase(),
            };
            for (modifier, name) in [(Modifier::BOLD, "bold"), (Modifier::DIM, "dim"), (Modifier::UNDERLINED, "line")] {
                if cell.modifier.contains(modifier) {
                    style = format!("{style} {name}").trim().to_owned();
                }
            }
            match runs.last_mut() {
                Some((same, text)) if *same == style => text.push_str(cell.symbol()),
                _ => runs.push((style, cell.symbol().to_owned())),
            }
        }
        for (style, text) in runs.iter().filter(|(style, text)| !style.is_empty() && !text.trim().is_empty()) {
            let text: String = text.trim().chars().take(40).collect();
            out.push(format!("{y:>2}: [{style}] {text}"));
        }
    }
    out.join("\n")
}

fn past(kinds: &[EventKind]) -> Msg {
    let mut summary = Summary::default();
    for (nth, kind) in kinds.iter().enumerate() {
        let (kind, json) = kind.split();
        let at = format!("2026-11-21T10:{nth:02}:00.000Z");
        let uuid = uuid::Uuid::from_u128(nth as u128);
        summary.add(&Past { uuid, device: uuid::Uuid::nil(), seq: nth as u64 + 1, at, kind, v: 1, json });
    }
    Msg::Progress(Box::new(summary))
}

fn opened(section: Option<&str>) -> EventKind {
    let section = section.map(str::to_owned);
    EventKind::LessonOpened { lesson: "multi-stage-idea".to_owned(), section, block: None, lang: "en".to_owned() }
}

fn step(name: &str, line: u32, cached: bool) -> Step {
    Step { stage: String::new(), name: name.to_owned(), line: Some(line), cached, millis: 1234 }
}

fn goal(id: &str, kind: &str, verdict: Verdict, diagnosis: Option<Diagnosis>) -> GoalResult {
    GoalResult { id: id.to_owned(), kind: kind.to_owned(), verdict, diagnosis, measured: Facts::new() }
}

const DOCKERFILE: &str = "FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nCMD [\"/app\"]\n";

pub(super) fn result(pass: bool) -> CheckResult {
    let judge = |failed: Verdict| if pass { Verdict::Passed } else { failed };
    let why = |diagnosis: Diagnosis| (!pass).then_some(diagnosis);
    let too_big = Diagnosis::new(codes::ADDED_TOO_BIG)
        .fact("added", Fact::Bytes(41_000_000))
        .fact("limit", Fact::Bytes(3_000_000))
        .fact("worst", Fact::Text("RUN go build -o /app .".into()))
        .fact("worst-bytes", Fact::Bytes(38_000_000))
        .at([4]);
    let few = Diagnosis::new(codes::STAGES_TOO_FEW).fact("have", Fact::Count(1)).fact("want", Fact::Count(2)).at([1]);
    let gone = Diagnosis::new(codes::DAEMON_LOST).fact("during", Fact::Text("run".into()));
    let needs = Diagnosis::new(codes::NEEDS_GOAL).fact("goal", Fact::Text("builds".into()));
    CheckResult {
        schema: 1,
        exercise: "two-stages".into(),
        engine: Some(EngineName { version: "26.1.5".into(), storage: "overlay2".into() }),
        stand_ins: vec![],
        provisional: false,
        goals: vec![
            goal("builds", "builds", Verdict::Passed, None),
            goal("stages", "stages", judge(Verdict::Failed), why(few)),
            goal("added", "added", judge(Verdict::Failed), why(too_big)),
            goal("smaller-than-starter", "smaller-than-starter", judge(Verdict::Skipped), why(needs)),
            goal("absent", "absent", Verdict::Passed, None),
            goal("says-namaste", "runs", judge(Verdict::Broken), why(gone)),
        ],
        sizes: Some(Sizes { total: if pass { 2_100_000 } else { 896_000_000 }, ..Sizes::default() }),
        starter: pass.then_some(Sizes { total: 896_000_000, ..Sizes::default() }),
        findings: vec![],
        costs: vec![LineCost {
            line: Some(4),
            instruction: "RUN go build -o /app .".into(),
            bytes: 2_000_000,
            wasted: 0,
        }],
        steps: vec![],
        commands: vec!["docker build -t two-stages .".into()],
        notes: vec![Diagnosis::new(codes::NOTE_CRLF)],
        seconds: 12.34,
    }
}

pub(super) fn started(play: &mut Play) {
    play.lab(LabNews::Started(PathBuf::from("/home/asha/dockshala/two-stages")));
}

pub(super) fn at_exercise(lang: &str, size: (u16, u16)) -> Play {
    let mut play = Play::new(lang, size);
    play.keys("jj<enter>");
    play
}

fn building(play: &mut Play) {
    started(play);
    play.lab(LabNews::Checking(Instant::now()));
    play.lab(LabNews::Event(Event::Tier(Tier::Build)));
    // The builder tells the last step first.
    play.lab(LabNews::Event(Event::Step { index: 0, step: step("RUN go build -o /app .", 4, false), done: false }));
    play.lab(LabNews::Event(Event::Step { index: 1, step: step("COPY . .", 3, false), done: true }));
    play.lab(LabNews::Event(Event::Step { index: 2, step: step("WORKDIR /src", 2, true), done: true }));
    let lines = vec!["go: downloading nothing".to_owned(), "compiling".to_owned()];
    play.lab(LabNews::Event(Event::Log { index: Some(0), lines }));
}

#[rstest]
fn screens(#[values("en", "hi-Latn")] lang: &str, #[values((80, 24), (200, 50))] size: (u16, u16)) {
    let name = |what: &str| format!("{what}-{lang}-{}", size.0);
    let mut play = Play::new(lang, size);
    insta::assert_snapshot!(name("home-new"), play.text());
    play.tell(past(&[
        opened(Some("next")),
        EventKind::LessonRead { lesson: "multi-stage-idea".into() },
        EventKind::ExerciseChecked(Checked {
            exercise: "cache-order".into(),
            goals: [("builds".to_owned(), "failed".to_owned())].into(),
            ..Checked::default()
        }),
    ]));
    insta::assert_snapshot!(name("home-known"), play.text());
    play.keys("?");
    insta::assert_snapshot!(name("help"), play.text());
    let mut play = Play::new(lang, size);
    play.keys("<enter>");
    insta::assert_snapshot!(name("lesson"), play.text());
    play.keys("<space>");
    insta::assert_snapshot!(name("lesson-page"), play.text());
    play.keys("gs");
    insta::assert_snapshot!(name("sections"), play.text());
    let mut play = at_exercise(lang, size);
    insta::assert_snapshot!(name("exercise-new"), play.text());
    play.keys("hh");
    insta::assert_snapshot!(name("hints"), play.text());
    play.keys("<esc>");
    building(&mut play);
    insta::assert_snapshot!(name("exercise-building"), play.text());
    play.lab(LabNews::Done(Box::new(result(false)), DOCKERFILE.to_owned()));
    insta::assert_snapshot!(name("exercise-failed"), play.text());
    play.lab(LabNews::Done(Box::new(result(true)), DOCKERFILE.to_owned()));
    insta::assert_snapshot!(name("exercise-passed"), play.text());
    play.keys("<tab><tab>");
    insta::assert_snapshot!(name("debrief"), play.text());
}

#[test]
fn focus_is_seen_in_more_than_colour() {
    let mut play = Play::new("en", (80, 24));
    insta::assert_snapshot!("styles-home", styles(&play.draw()));
    let mut exercise = at_exercise("en", (80, 24));
    building(&mut exercise);
    exercise.lab(LabNews::Done(Box::new(result(false)), DOCKERFILE.to_owned()));
    insta::assert_snapshot!("styles-failed", styles(&exercise.draw()));
    // Without any colour the selected row still has its mark, and no cell is coloured.
    let mut plain = Play::with("en", (80, 24), Theme { color: false, ascii: true, palette: Palette::Sixteen });
    let buf = plain.draw();
    assert!(buf.content.iter().all(|c| c.fg == Color::Reset && c.bg == Color::Reset));
    assert!(picture(&buf).contains("> - 7.1"), "{}", picture(&buf));
}

#[test]
fn ascii_draws_nothing_else() {
    let mut play = Play::with("en", (80, 24), Theme { color: true, ascii: true, palette: Palette::Sixteen });
    for keys in ["", "?", "q<enter>", "<space>", "s", "qqjj<enter>", "h", "q<tab>", "S"] {
        play.keys(keys);
        let text = play.text();
        assert!(text.is_ascii(), "after {keys}: {text}");
    }
    building(&mut play);
    play.lab(LabNews::Done(Box::new(result(true)), DOCKERFILE.to_owned()));
    play.keys("<esc>");
    assert!(play.text().is_ascii(), "{}", play.text());
}

#[test]
fn a_window_that_is_too_small_says_so_and_one_that_grows_goes_on() {
    let mut play = Play::new("en", (80, 24));
    play.keys("<enter>");
    let whole = play.text();
    play.size = (59, 15);
    assert!(play.text().contains("59 columns and 15 rows"), "{}", play.text());
    for size in [(1, 1), (0, 0), (3, 90), (60, 16)] {
        play.size = size;
        play.draw();
    }
    play.size = (80, 24);
    assert_eq!(play.text(), whole);
}

#[test]
fn the_language_changes_in_place_and_keeps_the_very_paragraph() {
    let mut play = Play::new("en", (80, 24));
    play.keys("<enter><space>j");
    assert!(play.text().contains("SAY IT IN AN INTERVIEW"));
    let before = play.text();
    play.took();
    play.keys("L");
    assert!(play.text().contains("INTERVIEW MEIN AISE BOLO"), "{}", play.text());
    assert_eq!(play.took(), [Effect::Speak(Lang::new("hi-Latn"))]);
    play.keys("L");
    assert_eq!(play.text(), before, "and back");
}

#[test]
fn the_width_changes_and_the_paragraph_stays() {
    let mut play = Play::new("en", (80, 24));
    play.keys("<enter><space><space>");
    let first =
        |text: &str| text.lines().nth(2).unwrap_or_default().trim().split(' ').take(3).collect::<Vec<_>>().join(" ");
    play.keys("gs<enter>");
    let before = first(&play.text());
    play.size = (150, 40);
    play.tell(Msg::Resize);
    let wide = play.text();
    assert!(wide.lines().nth(2).unwrap().contains(&before), "{before}: {wide}");
}

#[test]
fn a_lesson_is_remembered_when_it_is_opened_left_and_read() {
    let mut play = Play::new("en", (80, 24));
    play.keys("<enter>");
    assert_eq!(play.took(), [Effect::Record(opened(None))]);
    play.keys("s<enter>jj<esc>");
    let left = play.took();
    assert_eq!(left, [Effect::Record(opened(Some("where-builder-goes")))]);
    play.keys("<enter>G");
    let read = Effect::Record(EventKind::LessonRead { lesson: "multi-stage-idea".into() });
    assert!(play.took().contains(&read));
    play.keys("ggG");
    assert!(!play.took().contains(&read), "once is enough");
}

#[test]
fn a_lesson_opens_where_it_was_left_even_when_the_history_comes_late() {
    let mut early = Play::new("en", (80, 24));
    early.tell(past(&[opened(Some("next"))]));
    early.keys("<enter>");
    assert!(early.text().lines().nth(2).unwrap().contains("What next?"), "{}", early.text());
    let mut late = Play::new("en", (80, 24));
    late.keys("<enter>");
    late.tell(past(&[opened(Some("next"))]));
    assert!(late.text().lines().nth(2).unwrap().contains("What next?"), "{}", late.text());
    let mut moved = Play::new("en", (80, 24));
    moved.keys("<enter>j");
    moved.tell(past(&[opened(Some("next"))]));
    assert!(!moved.text().lines().nth(2).unwrap().contains("What next?"), "a reader is never moved");
}

#[test]
fn a_lesson_that_was_read_to_its_end_on_an_earlier_day_opens_at_its_beginning() {
    let lesson = || Target::Lesson("multi-stage-idea".into(), None);
    let recorded = |effect| if let Effect::Record(kind) = effect { Some(kind) } else { None };
    let first = |play: &mut Play| play.text().lines().nth(2).unwrap().to_owned();
    let mut fresh = Play::new("en", (80, 24));
    fresh.go(lesson());
    let top = first(&mut fresh);
    let mut yesterday = Play::new("en", (80, 24));
    yesterday.go(lesson());
    yesterday.keys("G<esc>");
    let kinds: Vec<EventKind> = yesterday.took().into_iter().filter_map(recorded).collect();
    assert!(kinds.iter().any(|kind| matches!(kind, EventKind::LessonRead { .. })), "{kinds:?}");
    let read = || past(&kinds);
    let mut early = Play::new("en", (80, 24));
    early.tell(read());
    early.go(lesson());
    assert_eq!(first(&mut early), top);
    fresh.tell(read());
    assert_eq!(first(&mut fresh), top, "the history came late");
    // What was left in the middle is still opened there, and so is what was left at its end a moment ago.
    let mut middle = Play::new("en", (80, 24));
    let left = opened(Some("where-builder-goes"));
    middle.tell(past(&[left, EventKind::LessonRead { lesson: "multi-stage-idea".into() }]));
    middle.go(lesson());
    assert_ne!(first(&mut middle), top);
    early.keys("G<esc>");
    early.go(lesson());
    assert!(early.text().contains("100 %"), "{}", early.text());
}

#[test]
fn a_reason_that_several_goals_share_is_told_once_below_all_of_them() {
    let mut play = at_exercise("en", (80, 40));
    started(&mut play);
    let down = || Diagnosis::new(codes::DAEMON_LOST).fact("during", Fact::Text("run".into()));
    let mut lost = result(false);
    for goal in &mut lost.goals {
        let verdict = if goal.id == "builds" { Verdict::Broken } else { Verdict::Skipped };
        (goal.verdict, goal.diagnosis) = (verdict, Some(down()));
    }
    lost.costs.clear();
    play.lab(LabNews::Done(Box::new(lost), DOCKERFILE.to_owned()));
    let text = play.text();
    let rows: Vec<&str> = text.lines().collect();
    let why: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].contains("went away in the middle")).collect();
    let goals: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].contains("SKIPPED")).collect();
    assert_eq!((why.len(), goals.len()), (2, 5), "{text}");
    assert!(goals.iter().all(|goal| *goal < why[1]), "one reason below its goals: {text}");
    assert!(!text.contains("same as above"), "{text}");
}

#[test]
fn long_code_is_shifted_and_nothing_else() {
    let mut play = Play::new("en", (80, 24));
    play.keys("<enter>");
    assert!(play.text().contains('›'));
    play.keys(">>");
    let text = play.text();
    assert!(text.contains('‹') && text.contains("Let's not believe it."), "{text}");
    play.keys("<lt><lt><lt>");
    assert!(!play.text().contains('‹'));
}

#[test]
fn an_exercise_begins_with_enter_and_is_checked_with_c() {
    let mut play = at_exercise("en", (80, 24));
    play.took();
    play.keys("c");
    assert_eq!(play.took(), [], "there is nothing to check yet");
    play.keys("<enter>");
    assert_eq!(play.took(), [Effect::Start("two-stages".into())]);
    started(&mut play);
    let dir = PathBuf::from("/home/asha/dockshala/two-stages");
    play.keys("cwo");
    let id = || "two-stages".to_owned();
    assert_eq!(
        play.took(),
        [
            Effect::Check(id(), dir.clone()),
            Effect::Watch(id(), dir.clone(), true),
            Effect::Edit(dir.join("Dockerfile"))
        ]
    );
    play.lab(LabNews::Watching(true));
    play.keys("w");
    assert_eq!(play.took(), [Effect::Watch(id(), dir, false)]);
}

#[test]
fn a_pack_runs_nothing_before_the_learner_read_its_commands_and_agreed() {
    let mut play = at_exercise("en", (80, 24));
    play.app.shared.agreed = false;
    play.lab(LabNews::Started(PathBuf::from("/home/asha/dockshala/two-stages")));
    play.took();
    play.keys("c");
    assert_eq!(play.took(), [], "nothing is run yet");
    let text = play.text();
    assert!(text.contains("is not part of Dockshala") && text.contains("RUN"), "{text}");
    play.keys("<esc>w");
    assert_eq!(play.took(), [], "neither by watching");
    play.keys("<esc>cy");
    let took = play.took();
    assert!(matches!(&took[..], [Effect::Agree, Effect::Check(id, _)] if id == "two-stages"), "{took:?}");
    play.keys("w");
    assert!(matches!(&play.took()[..], [Effect::Watch(..)]), "asked once");
}

#[test]
fn a_key_that_comes_too_early_says_what_comes_first() {
    let mut play = Play::new("en", (80, 24));
    play.keys("j<enter>c");
    assert!(play.text().contains("Begin the exercise first"), "{}", play.text());
    play.keys("n");
    assert!(play.text().contains("after this one is passed"), "{}", play.text());
    play.keys("?");
    assert!(!play.text().contains("after this one is passed"), "the next key takes it away");
}

#[test]
fn next_is_there_after_a_pass_only() {
    let mut play = Play::new("en", (80, 24));
    play.keys("j<enter>");
    play.took();
    play.keys("n");
    assert!(play.text().contains("Keep the cache"), "not passed: {}", play.text());
    let mut passed = result(true);
    passed.exercise = "cache-order".into();
    play.tell(Msg::Lab("cache-order".into(), LabNews::Done(Box::new(passed), String::new())));
    play.keys("n");
    assert!(play.text().contains("Split the build"), "{}", play.text());
}

#[test]
fn ctrl_c_stops_a_check_first_and_leaves_then() {
    let mut play = at_exercise("en", (80, 24));
    building(&mut play);
    play.took();
    play.keys("<c-c>");
    assert_eq!(play.took(), [Effect::Cancel("two-stages".into())]);
    assert!(play.text().contains("Stopping"), "{}", play.text());
    play.lab(LabNews::Cancelled);
    play.keys("<c-c>");
    assert_eq!(play.took(), [Effect::Quit]);
}

#[test]
fn the_solution_is_shown_after_a_pass_or_on_insisting() {
    let shown = |insisted| EventKind::SolutionShown { exercise: "two-stages".into(), insisted };
    let mut play = at_exercise("en", (80, 24));
    play.took();
    play.keys("S");
    assert_eq!(play.took(), []);
    assert!(play.text().contains("not passed this yet"), "{}", play.text());
    play.keys("<esc>");
    assert!(!play.text().contains("FROM scratch"));
    play.keys("Sy");
    assert_eq!(play.took(), [Effect::Record(shown(true))]);
    assert!(play.text().contains("FROM scratch"), "{}", play.text());
    play.keys("<esc>");
    play.lab(LabNews::Done(Box::new(result(true)), String::new()));
    play.keys("S");
    assert_eq!(play.took(), [Effect::Record(shown(false))]);
}

#[test]
fn hints_go_up_one_step_a_key_and_seen_ones_cost_nothing() {
    let hint = |step| Effect::Record(EventKind::HintShown { exercise: "two-stages".into(), step });
    let mut play = at_exercise("en", (80, 24));
    play.took();
    play.keys("hhhh");
    assert_eq!(play.took(), [hint(1), hint(2), hint(3)], "there are three");
    play.keys("<esc>h");
    assert_eq!(play.took(), []);
    assert!(play.text().contains("COPY --from=build"), "{}", play.text());
}

#[test]
fn back_goes_back_and_never_leaves_by_itself() {
    let mut play = Play::new("en", (80, 24));
    play.keys("<enter>ele<esc><esc><esc><esc>");
    assert!(play.text().contains("You were at"), "{}", play.text());
    assert!(!play.took().contains(&Effect::Quit));
    play.keys("q");
    assert!(play.took().contains(&Effect::Quit));
}

#[test]
fn a_log_follows_its_end_until_the_reader_scrolls() {
    let mut play = at_exercise("en", (80, 24));
    building(&mut play);
    let lines = |from: u32| (from..from + 100).map(|n| format!("line {n}")).collect();
    play.lab(LabNews::Event(Event::Log { index: Some(0), lines: lines(0) }));
    assert!(play.text().contains("line 99"));
    play.keys("kkk");
    play.lab(LabNews::Event(Event::Log { index: Some(0), lines: lines(100) }));
    assert!(!play.text().contains("line 199"), "{}", play.text());
    play.keys("G");
    assert!(play.text().contains("line 199"));
    for n in 0..40 {
        play.lab(LabNews::Event(Event::Log { index: Some(0), lines: lines(n * 100) }));
    }
    play.keys("g");
    assert!(play.text().contains("older lines that are not kept"), "a log is bounded: {}", play.text());
}

#[test]
fn a_target_is_opened_at_once() {
    let shared = Shared::new(
        course(),
        Lang::en(),
        Theme { color: false, ascii: false, palette: Palette::Sixteen },
        PathBuf::from("/lab"),
    );
    let (mut app, effects) = App::new(shared, Some(Target::Lesson("multi-stage-idea".into(), Some("next".into()))));
    assert_eq!(effects, [Effect::Record(opened(Some("next")))]);
    let area = Rect::new(0, 0, 80, 24);
    let mut buf = Buffer::empty(area);
    app.draw(&mut buf, area);
    assert!(picture(&buf).lines().nth(2).unwrap().contains("What next?"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever is pressed at whatever size: no panic, and no text of a terminal's language on the screen.
    #[test]
    fn no_keys_and_no_sizes_break_it(script in "[jkgGnpecwohSlsLqy?<>bx \\[\\]]{1,60}", sizes in prop::collection::vec((0_u16..180, 0_u16..60), 1..6)) {
        let mut play = Play::new("en", (80, 24));
        for (nth, key) in script.chars().enumerate() {
            play.size = sizes[nth % sizes.len()];
            play.tell(Msg::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE)));
            match nth {
                5 => building(&mut play),
                20 => play.lab(LabNews::Done(Box::new(result(false)), DOCKERFILE.to_owned())),
                40 => play.lab(LabNews::Done(Box::new(result(true)), DOCKERFILE.to_owned())),
                _ => {}
            }
            if nth % 3 == 0 {
                play.tell(Msg::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE)));
            }
            let buf = play.draw();
            prop_assert!(buf.content.iter().all(|c| !c.symbol().contains(char::is_control)));
        }
    }
}
