//! The quiz and the interview through the whole program: keys in, pictures and events out.

use super::{
    app::{App, Effect, Msg, Target},
    quiz_desk::{Measured, QuizNews},
    state::{Daemon, Shared},
    tests::{Play, assert_off_the_bar},
    theme::{Palette, Theme},
};
use crate::{
    course::{Lang, QuestionKind, Role},
    progress::EventKind,
    quiz::{Filter, testing},
};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

fn play(target: Target, lang: &str, size: (u16, u16)) -> Play {
    let theme = Theme { color: true, ascii: false, palette: Palette::Sixteen };
    let mut shared = Shared::new(testing(), Lang::new(lang), theme, PathBuf::from("/home/asha/dockshala"));
    shared.agreed = true;
    let (app, effects) = App::new(shared, Some(target));
    let mut play = Play { app, size, effects };
    play.tell(Msg::Daemon(Daemon::Up("26.1.5".to_owned())));
    play.tell(Msg::Progress(Box::default()));
    play.draw();
    play
}

fn quiz(kind: QuestionKind) -> Play {
    let filter = Filter { kind: Some(kind), count: Some(1), ..Filter::default() };
    play(Target::Quiz { filter, fresh: true }, "en", (80, 24))
}

/// The last answer that was recorded: right, rating, the answer.
fn reviewed(play: &mut Play) -> Option<(bool, u8, String)> {
    play.took().into_iter().rev().find_map(|effect| match effect {
        Effect::Record(EventKind::CardReviewed { right, rating, answer, .. }) => Some((right, rating, answer)),
        _ => None,
    })
}

/// Puts the cursor on the row that has `text`.
fn go_to(play: &mut Play, text: &str) {
    for _ in 0..12 {
        let here = play.text().lines().any(|l| l.contains('❯') && l.contains(text));
        if here {
            return;
        }
        play.keys("j");
    }
    panic!("no row with {text}:\n{}", play.text());
}

#[test]
fn a_choice_is_judged_explained_and_remembered() {
    let mut play = quiz(QuestionKind::Choice);
    play.keys("g");
    go_to(&mut play, "In the build cache");
    play.keys("<enter>");
    let text = play.text();
    assert!(text.contains("✓ Right.") && text.contains("Until it is pruned."), "{text}");
    assert!(text.contains("Only the last stage is."), "every option is explained: {text}");
    assert!(text.contains("dockshala claim scratch-is-empty") && text.contains("Days until it comes again"), "{text}");
    assert_eq!(reviewed(&mut play), None, "the learner may still say how hard it was");
    play.keys("-<enter>");
    assert_eq!(reviewed(&mut play), Some((true, 2, "cache".into())));
    assert!(play.text().contains("1 of 1 right at once"), "{}", play.text());
}

#[test]
fn a_wrong_choice_comes_once_more_with_the_reason() {
    let mut play = quiz(QuestionKind::Choice);
    go_to(&mut play, "Deleted");
    play.keys("<enter>");
    let text = play.text();
    assert!(
        text.contains("✗ Not yet.") && text.contains("✗ Deleted (yours)") && text.contains("✓ In the build cache"),
        "{text}"
    );
    play.keys("<enter>");
    assert_eq!(reviewed(&mut play), Some((false, 1, "gone".into())));
    assert!(play.text().contains("once more"), "{}", play.text());
    go_to(&mut play, "In the build cache");
    play.keys("<enter><enter>");
    assert!(play.text().contains("0 of 1 right at once") && play.text().contains("1.1"), "{}", play.text());
}

#[test]
fn several_are_ticked_with_space_and_nothing_is_no_answer() {
    let mut play = quiz(QuestionKind::Choices);
    play.keys("<enter>");
    assert!(!play.text().contains("Right."), "nothing is ticked");
    for option in ["RUN", "COPY"] {
        play.keys("g");
        go_to(&mut play, option);
        play.keys("<space>");
    }
    assert_eq!(play.text().matches("[x]").count(), 2);
    play.keys("<enter><enter>");
    assert_eq!(reviewed(&mut play), Some((true, 3, "copy,run".into())));
}

#[test]
fn lines_are_carried_into_their_order() {
    let mut play = quiz(QuestionKind::Order);
    for (at, line) in ["FROM node:24", "COPY package.json", "RUN npm ci"].iter().enumerate() {
        play.keys("g");
        go_to(&mut play, line);
        play.keys("<space>");
        for _ in 0..3 {
            play.keys("k");
        }
        for _ in 0..at {
            play.keys("j");
        }
        play.keys("<space>");
    }
    play.keys("<enter><enter>");
    assert_eq!(reviewed(&mut play), Some((true, 3, "a,b,c".into())));
}

#[test]
fn what_is_typed_is_judged_and_a_slip_is_no_mistake() {
    let mut play = quiz(QuestionKind::Fill);
    play.keys("docker contaner ls<enter>");
    let text = play.text();
    assert!(text.contains("Almost") && text.contains("docker contaner ls"), "{text}");
    for _ in 0.."ner ls".len() {
        play.keys("<back>");
    }
    play.keys("iner ls<enter><enter>");
    assert_eq!(reviewed(&mut play), Some((true, 2, "docker container ls".into())), "with trouble");
}

#[test]
fn letters_are_letters_while_typing_and_keys_after_esc() {
    let mut play = quiz(QuestionKind::Fill);
    play.keys("qL?");
    assert!(play.text().contains("qL?"), "{}", play.text());
    play.keys("<esc>L");
    assert!(play.text().contains("Chalte containers"), "{}", play.text());
    play.keys("<enter>x");
    assert!(play.text().contains("qL?x"), "{}", play.text());
}

#[test]
fn a_line_is_picked_in_the_code() {
    let mut play = quiz(QuestionKind::Bug);
    play.keys("jjj");
    let text = play.text();
    assert!(text.lines().any(|l| l.contains("❯  4") && l.contains("COPY /app")), "{text}");
    play.keys("<enter>");
    assert!(play.text().contains("✓ Right.") && play.text().contains("✗  4"), "{}", play.text());
    play.keys("<enter>");
    assert_eq!(reviewed(&mut play), Some((true, 3, "4".into())));
}

#[test]
fn a_prediction_can_be_measured_on_the_spot() {
    let mut play = quiz(QuestionKind::Predict);
    play.keys("namaste<enter>");
    assert!(play.text().contains("measure it"), "{}", play.text());
    play.took();
    play.keys("m");
    assert_eq!(play.took(), [Effect::Measure("scratch-is-empty".into())]);
    assert!(play.text().contains("Measuring on your Docker"));
    let done = Measured::Done { commands: vec!["docker build .".into()], text: "One layer.".into() };
    play.tell(Msg::Quiz(QuizNews::Measured("scratch-is-empty".into(), done)));
    assert!(play.text().contains("$ docker build .") && play.text().contains("One layer."), "{}", play.text());
    // A long account ends below the window; it is what was asked for, so the window goes there by itself.
    let commands = (0..60).map(|n| format!("docker run step-{n}")).collect();
    play.tell(Msg::Quiz(QuizNews::Measured(
        "scratch-is-empty".into(),
        Measured::Done { commands, text: "No layer.".into() },
    )));
    assert!(play.text().contains("No layer.") && !play.text().contains("step-0 "), "{}", play.text());
    play.keys("g");
    for width in 60..100 {
        play.size.0 = width;
        assert_off_the_bar(&mut play);
    }
    play.size.0 = 80;
    play.keys("g");
    assert!(play.text().contains("Right.") && !play.text().contains("No layer."), "{}", play.text());
}

#[test]
fn a_free_answer_is_said_ticked_and_compared() {
    let mut play = quiz(QuestionKind::Free);
    assert!(play.text().contains("about 60 seconds"), "{}", play.text());
    play.keys("<enter>");
    play.keys("<space>j<space>");
    assert!(play.text().contains("[x] More than one FROM"), "{}", play.text());
    play.keys("<enter>");
    let text = play.text();
    assert!(text.contains("✗ The builder stays in the cache") && text.contains("One way to say it"), "{text}");
    play.keys("<enter>");
    assert_eq!(reviewed(&mut play), Some((true, 2, "0,1".into())));
}

#[test]
fn the_language_changes_in_place() {
    let mut play = quiz(QuestionKind::Choice);
    go_to(&mut play, "Deleted");
    play.keys("L");
    let text = play.text();
    assert!(text.lines().any(|l| l.contains('❯') && l.contains("Delete ho gaya")), "{text}");
    play.keys("<enter>L");
    assert!(play.text().contains("Not yet.") && play.text().contains("Deleted (yours)"), "{}", play.text());
}

#[test]
fn leaving_after_the_answer_keeps_it_and_leaving_before_does_not() {
    let mut before = quiz(QuestionKind::Choice);
    before.took();
    before.keys("<esc>");
    assert_eq!(reviewed(&mut before), None);
    let mut after = quiz(QuestionKind::Choice);
    after.keys("<enter><esc>");
    assert!(reviewed(&mut after).is_some());
}

fn interview(role: Option<Role>) -> Play {
    play(Target::Interview { role, minutes: Some(10) }, "en", (80, 24))
}

fn held(play: &mut Play) -> Option<crate::progress::Interview> {
    play.took().into_iter().find_map(|effect| match effect {
        Effect::Record(EventKind::InterviewHeld(held)) => Some(held),
        _ => None,
    })
}

#[test]
fn an_interview_asks_ticks_follows_up_and_reports() {
    let mut play = interview(None);
    assert!(play.text().contains("fresher") && play.text().contains("10 min"), "{}", play.text());
    assert!(play.text().contains("begin   Space change"), "keys of setting it up: {}", play.text());
    play.keys("<space>");
    assert!(play.text().contains("developer"), "{}", play.text());
    play.keys("<right><right><enter>");
    assert!(
        play.text().contains("What is a multi-stage build?") && play.text().contains("0:00 / 1:00"),
        "{}",
        play.text()
    );
    play.keys("<enter><space>");
    assert!(play.text().contains("Several FROM lines"), "the model answer is shown: {}", play.text());
    play.keys("<enter>");
    assert!(play.text().contains("Follow-up"), "{}", play.text());
    play.keys("<enter><space><enter>");
    play.keys("p");
    let held = held(&mut play).expect("it is over");
    assert_eq!((held.role.as_str(), held.answers.len()), ("fresher", 3));
    assert_eq!((held.answers[0].said, held.answers[0].of), (1, 3));
    let text = play.text();
    assert!(text.contains("What to study") && text.contains("dockshala read hello-scratch"), "{text}");
    play.keys("e");
    assert!(matches!(&play.took()[..], [Effect::Export(markdown)] if markdown.starts_with("# Mock interview")));
}

#[test]
fn an_interview_that_is_left_counts_and_the_key_that_goes_back_asks_first() {
    let answered = || {
        let mut play = interview(None);
        play.keys("<enter><enter><space><enter>");
        play.took();
        play
    };
    for key in ["<esc>", "q", "<back>"] {
        let mut play = answered();
        let text = play.keys(key).text();
        assert!(text.contains("End the interview here?"), "{key}: {text}");
        play.keys("<esc>");
        assert!(play.app.ticking() && held(&mut play).is_none(), "it goes on: {}", play.text());
        play.keys(key).keys("y");
        let held = held(&mut play).expect("it was held");
        assert_eq!(held.answers.len(), 1, "what was asked: {held:?}");
        assert!(play.text().contains("What to study"), "{}", play.text());
    }
    for key in ["Q", "<c-c>"] {
        let mut play = answered();
        play.keys(key);
        assert!(play.effects.contains(&Effect::Quit), "{key}");
        assert_eq!(held(&mut play).expect("it was held").answers.len(), 1, "{key}");
    }
    let mut play = answered();
    let effects = play.app.leave_top();
    assert!(matches!(&effects[..], [Effect::Record(EventKind::InterviewHeld(_))]), "{effects:?}");
    // Points that are ticked and not yet handed in are an answer.
    let mut play = interview(None);
    play.keys("<enter><enter><space><esc>y");
    assert_eq!(held(&mut play).expect("it was held").answers[0].said, 1);
    // Nothing is asked where nothing was answered, and nothing is kept.
    for keys in ["<esc>", "<enter><esc>", "<enter><enter><esc>"] {
        let mut play = interview(None);
        play.took();
        let text = play.keys(keys).text();
        assert!(!text.contains("End the interview") && text.contains("You were at"), "{keys}: {text}");
        assert!(held(&mut play).is_none(), "{keys}");
    }
}

#[test]
fn a_measurement_is_seen_also_after_the_learner_agreed_to_it() {
    let mut play = quiz(QuestionKind::Predict);
    play.app.shared.agreed = false;
    play.keys("namaste<enter>");
    play.took();
    play.keys("m");
    assert!(!play.took().iter().any(|e| matches!(e, Effect::Measure(_))), "asked first: {}", play.text());
    play.keys("y");
    assert!(play.took().iter().any(|e| matches!(e, Effect::Measure(_))), "{}", play.text());
    play.keys("m");
    assert_eq!(play.took(), [], "it is measured already: {}", play.text());
}

#[test]
fn the_clock_runs_while_something_is_asked_and_not_while_nobody_looks() {
    let mut play = interview(None);
    assert!(!play.app.ticking(), "nothing ticks while nothing is asked");
    play.keys("<enter>");
    assert!(play.app.ticking());
    let now = Instant::now();
    for half in 0..21 {
        play.tell(Msg::Tick(now + Duration::from_millis(500 * half)));
    }
    assert!(play.text().contains("0:10 / 1:00"), "{}", play.text());
    // Suspended for an hour: that hour was no answer.
    play.tell(Msg::Tick(now + Duration::from_secs(3610)));
    assert!(play.text().contains("0:10 / 1:00"), "{}", play.text());
    play.keys("x");
    assert!(!play.app.ticking(), "nothing was answered: back to the beginning");
}

#[test]
fn a_model_answer_below_the_points_is_scrolled_to() {
    let mut play = interview(None);
    play.size = (80, 16);
    play.keys("<enter><enter>jj");
    assert!(!play.text().contains("Several FROM lines"), "{}", play.text());
    play.keys("jjjj");
    assert!(play.text().contains("Several FROM lines"), "{}", play.text());
    play.keys("k");
    assert!(play.text().contains("❯ [ ] COPY --from"), "{}", play.text());
    for width in 60..100 {
        play.size.0 = width;
        assert_off_the_bar(&mut play);
    }
}

#[test]
fn roles_and_minutes_are_chosen_with_space() {
    let mut play = interview(None);
    play.keys("<space>");
    assert!(play.text().contains("developer"), "{}", play.text());
    play.keys("j<space>");
    assert!(play.text().contains("15 min"), "{}", play.text());
    let mut devops = interview(Some(Role::Devops));
    assert!(devops.text().contains("DevOps"), "{}", devops.text());
    devops.keys("<enter>");
    assert!(devops.text().contains("1/2"), "{}", devops.text());
}

#[test]
fn the_screens_look_as_they_should() {
    for (name, kind) in [("bug", QuestionKind::Bug), ("free", QuestionKind::Free)] {
        for size in [(80, 24), (200, 50)] {
            for lang in ["en", "hi-Latn"] {
                let filter = Filter { kind: Some(kind), count: Some(1), ..Filter::default() };
                let mut play = play(Target::Quiz { filter, fresh: true }, lang, size);
                insta::assert_snapshot!(format!("quiz-{name}-{lang}-{}", size.0), play.text());
            }
        }
    }
    let mut play = interview(None);
    play.keys("<enter><enter>");
    insta::assert_snapshot!("interview-ticking-en-80", play.text());
}

#[test]
fn nothing_to_ask_is_said() {
    let filter = Filter { due: true, ..Filter::default() };
    let mut play = play(Target::Quiz { filter, fresh: false }, "en", (80, 24));
    assert!(play.text().contains("There is no such question"), "{}", play.text());
    play.tell(Msg::Progress(Box::default()));
    play.keys("<enter>jk<space>");
}
