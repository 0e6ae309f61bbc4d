//! A build one instruction at a time: in a lesson, and the learner's own after a check.

use super::{
    app::{App, LabNews, Msg, Target},
    state::{Daemon, Shared},
    tests::{Play, at_exercise, result, started},
    theme::{Palette, Theme},
};
use crate::course::{Course, Lang};
use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use dockshala_checkers::verdict::{CheckResult, LineCost, Step};
use std::path::PathBuf;

/// At a stepper of the course.
fn lesson(lang: &str, size: (u16, u16), still: bool) -> Play {
    let theme = Theme { color: true, ascii: false, palette: Palette::Sixteen };
    let mut shared = Shared::new(Course::built_in(), Lang::new(lang), theme, PathBuf::from("/home/asha/dockshala"));
    shared.daemon = Daemon::Up("26.1.5".to_owned());
    shared.chosen.still = still;
    let (app, effects) = App::new(shared, Some(Target::Lesson("go-and-java".to_owned(), None)));
    let mut play = Play { app, size, effects };
    play.draw();
    // By what stands in a window, not by a number of rows: the text may grow.
    for _ in 0..60 {
        if play.text().contains(if still { "build cache only" } else { " 1/" }) {
            break;
        }
        play.keys("jjjj");
    }
    play
}

fn click(play: &mut Play, text: &str) {
    let screen = play.text();
    let (row, line) = screen.lines().enumerate().find(|(_, l)| l.contains(text)).expect(text);
    let column = u16::try_from(crate::layout::width(line.split(text).next().unwrap())).unwrap();
    let (row, kind) = (u16::try_from(row).unwrap(), MouseEventKind::Down(MouseButton::Left));
    play.tell(Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    play.draw();
}

fn at(play: &mut Play) -> usize {
    let text = play.text();
    let number = text.lines().find_map(|line| line.split(" step ").nth(1)?.split('/').next()?.parse().ok());
    number.unwrap_or_else(|| panic!("no step: {text}"))
}

#[test]
fn arrows_step_through_a_lessons_stepper_while_it_is_in_view() {
    let mut play = lesson("en", (100, 40), false);
    assert!(play.text().contains("next step"), "the footer says how: {}", play.text());
    // The first key brings all of it into the window.
    play.keys("<left>");
    let before = play.text();
    assert_eq!(at(&mut play), 1);
    play.keys("<right><right>");
    assert_eq!(at(&mut play), 3);
    play.keys(".");
    assert_eq!(at(&mut play), 4);
    play.keys("<left>-");
    assert_eq!(at(&mut play), 2);
    play.keys("<left><left><left>");
    assert_eq!(at(&mut play), 1, "before the first is nothing");
    assert_eq!(play.text(), before);
    // The other language stands at the same step.
    play.keys("<right>L");
    assert_eq!(at(&mut play), 2);
    play.keys("L");
    // With its number as the stepper has it: the lesson shows the file too.
    click(&mut play, "  6 RUN CGO");
    assert_eq!(at(&mut play), 6, "a click on an instruction goes to it: {}", play.text());
    play.keys("g");
    assert!(!play.text().contains("next step"), "out of view, the keys are not offered");
}

#[test]
fn who_wants_nothing_to_move_has_the_whole_list() {
    let mut play = lesson("en", (100, 40), true);
    let text = play.text();
    assert!(text.contains("build cache only") && !text.contains("next step"), "{text}");
}

fn judged() -> CheckResult {
    let step =
        |line, cached, millis| Step { stage: String::new(), name: String::new(), line: Some(line), cached, millis };
    let cost = |line, bytes| LineCost { line, instruction: String::new(), bytes, wasted: 0 };
    CheckResult {
        costs: vec![cost(None, 800_000_000), cost(Some(3), 4_000), cost(Some(4), 38_000_000)],
        steps: vec![step(2, true, 0), step(3, false, 100), step(4, false, 7_400)],
        ..result(false)
    }
}

const DOCKERFILE: &str = "FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nCMD [\"/app\"]\n";

#[test]
fn the_last_build_is_stepped_through_beside_the_learners_own_lines() {
    for (lang, size) in [("en", (80, 24)), ("hi-Latn", (80, 24)), ("en", (200, 50))] {
        let mut play = at_exercise(lang, size);
        started(&mut play);
        play.keys("s");
        assert!(play.text().contains("heck"), "before a check it says what comes first: {}", play.text());
        play.lab(LabNews::Done(Box::new(judged()), DOCKERFILE.to_owned()));
        play.keys("s");
        let text = play.text();
        assert!(text.contains("FROM golang:1.26") && text.contains("+800 MB"), "{text}");
        play.keys("<right><right><space>");
        let text = play.text();
        assert!(text.contains("4/5") && text.contains("+38.0 MB") && text.contains("+7.4 s"), "{text}");
        if size.0 > 120 {
            assert!(text.contains("❯  4 RUN go build"), "the file stands beside it: {text}");
        }
        play.keys("<left><left>");
        assert!(play.text().contains("CACHED"), "{}", play.text());
        if size.0 < 120 {
            click(&mut play, "CMD [");
        } else {
            play.keys("<right><right><right>");
        }
        assert!(play.text().contains("5/5"));
        play.keys("gG");
        assert!(play.text().contains("5/5"));
        play.keys("<esc>");
        assert!(!play.text().contains("5/5"), "back at the exercise");
    }
}

#[test]
fn the_palette_knows_the_last_build() {
    let mut play = at_exercise("en", (80, 24));
    started(&mut play);
    play.lab(LabNews::Done(Box::new(judged()), DOCKERFILE.to_owned()));
    play.keys(":last build<enter>");
    assert!(play.text().contains("+800 MB"), "{}", play.text());
}
