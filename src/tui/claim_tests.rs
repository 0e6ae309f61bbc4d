//! A claim from the lesson to what came of it: keys in, pictures and effects out.

use super::{
    app::{App, Effect, Msg, Target},
    claim_desk::ClaimOrder,
    screen::ClaimNews,
    state::{Daemon, Shared},
    tests::Play,
    theme::{Palette, Theme},
};
use crate::{
    course::{Course, Lang},
    lab::claims::Shown,
    progress::EventKind,
    report::{Fault, Report},
};
use std::path::PathBuf;

const ID: &str = "builder-is-deleted";

/// The test pack has no claims: a pack is code that somebody must agree to, and these are about the screen.
fn course() -> &'static Course {
    Course::built_in()
}

fn opened(lang: &str, size: (u16, u16), target: Target) -> Play {
    let theme = Theme { color: true, ascii: false, palette: Palette::Sixteen };
    let mut shared = Shared::new(course(), Lang::new(lang), theme, PathBuf::from("/home/asha/dockshala"));
    shared.agreed = true;
    shared.daemon = Daemon::Up("26.1.5".to_owned());
    let (app, effects) = App::new(shared, Some(target));
    let mut play = Play { app, size, effects };
    play.draw();
    play.took();
    play
}

fn shown(holds: bool) -> ClaimNews {
    ClaimNews::Shown(Box::new(Shown {
        kept: [("image".to_owned(), "25000000".to_owned()), ("cached".to_owned(), "25MB".to_owned())].into(),
        holds,
        commands: vec!["docker build --quiet .".to_owned()],
        stand_ins: false,
    }))
}

fn answers(play: &mut Play) -> Vec<(String, bool)> {
    let effects = play.took();
    let told = effects.into_iter().filter_map(|effect| match effect {
        Effect::Record(EventKind::QuizAnswered { question, right, .. }) => Some((question, right)),
        _ => None,
    });
    told.collect()
}

#[test]
fn a_key_in_the_lesson_opens_the_claim_of_its_section() {
    let claim = course().claim(ID).unwrap().claim;
    let mut play = opened("en", (80, 24), Target::Lesson(claim.lesson.clone(), Some(claim.section.clone())));
    let text = play.keys("t").text();
    assert!(text.contains("❯") && text.contains("The engine then shows"), "{text}");
    let of_section: Vec<_> = course()
        .claims()
        .into_iter()
        .filter(|p| p.claim.lesson == claim.lesson && p.claim.section == claim.section)
        .collect();
    assert!(of_section.iter().any(|p| text.contains(&p.claim.id)), "{text}");
    let text = play.keys("<esc>").text();
    assert!(!text.contains("The engine then shows"), "back in the lesson: {text}");
}

#[test]
fn a_lesson_without_claims_offers_no_such_key() {
    let claims = course().claims();
    let Some(lesson) = course().lessons().iter().find(|l| claims.iter().all(|p| p.claim.lesson != l.id)) else {
        return;
    };
    let mut play = opened("en", (80, 24), Target::Lesson(lesson.id.clone(), None));
    play.keys("t");
    assert_eq!(play.took(), []);
}

#[test]
fn a_prediction_is_kept_at_once_and_then_measured() {
    for lang in ["en", "hi-Latn"] {
        let claim = course().claim(ID).unwrap().claim;
        let right = claim.options.iter().position(|o| o.right).unwrap();
        let mut play = opened(lang, (100, 40), Target::Claim(ID.to_owned()));
        for _ in 0..right {
            play.keys("j");
        }
        play.keys("<enter>");
        let effects = play.took();
        assert!(effects.contains(&Effect::Claim(ClaimOrder::Show(ID.to_owned()))), "{effects:?}");
        assert!(effects.iter().any(|e| matches!(e, Effect::Record(EventKind::QuizAnswered { right: true, .. }))));
        play.tell(Msg::Claim(ID.to_owned(), ClaimNews::Running("docker build --quiet .".to_owned())));
        let text = play.text();
        assert!(text.contains("1/") && text.contains("docker build --quiet ."), "{text}");
        play.tell(Msg::Claim(ID.to_owned(), shown(true)));
        let text = play.text();
        let said = claim.options[right].text.get(&Lang::new(lang)).split(' ').next().unwrap();
        assert!(text.contains(said) && text.contains("25000000"), "{text}");
        assert!(!text.contains("%{"), "{text}");
        // Once more is no second answer.
        play.keys("c");
        assert_eq!(answers(&mut play), []);
    }
}

#[test]
fn a_wrong_prediction_is_told_gently_and_recorded_as_wrong() {
    let claim = course().claim(ID).unwrap().claim;
    let wrong = claim.options.iter().position(|o| !o.right).unwrap();
    let mut play = opened("en", (80, 24), Target::Claim(ID.to_owned()));
    for _ in 0..wrong {
        play.keys("j");
    }
    play.keys("<enter>");
    assert_eq!(answers(&mut play), [(ID.to_owned(), false)]);
    play.tell(Msg::Claim(ID.to_owned(), shown(true)));
    assert!(play.text().contains("It came out otherwise"), "{}", play.text());
}

#[test]
fn without_an_engine_it_says_what_is_missing_and_keeps_the_prediction() {
    let mut play = opened("en", (80, 24), Target::Claim(ID.to_owned()));
    play.tell(Msg::Daemon(Daemon::Down("No engine answers.".to_owned())));
    assert!(play.text().contains("no engine to ask"), "{}", play.text());
    play.keys("<enter>");
    assert_eq!(answers(&mut play).len(), 1);
    let report = Report {
        fault: Fault::Machine,
        what: "No engine answers.".to_owned(),
        place: None,
        next: vec!["$ dockshala doctor".to_owned()],
    };
    play.tell(Msg::Claim(ID.to_owned(), ClaimNews::Stopped(report)));
    let text = play.text();
    assert!(text.contains("No engine answers.") && text.contains("dockshala doctor"), "{text}");
    assert!(text.contains("prediction is kept"), "{text}");
    play.keys("c");
    assert_eq!(play.took(), [Effect::Claim(ClaimOrder::Show(ID.to_owned()))]);
}

#[test]
fn leaving_stops_it_and_news_that_come_late_belong_to_nobody() {
    let mut play = opened("en", (80, 24), Target::Claim(ID.to_owned()));
    play.keys("<enter>");
    play.took();
    play.keys("x");
    assert_eq!(play.took(), [Effect::Claim(ClaimOrder::Leave)]);
    play.tell(Msg::Claim(ID.to_owned(), shown(true)));
    assert!(play.text().contains("The engine then shows"), "{}", play.text());
    play.keys("<esc>");
    assert_eq!(play.took(), [Effect::Claim(ClaimOrder::Leave)]);
    play.tell(Msg::Claim(ID.to_owned(), shown(true)));
    assert!(!play.text().contains("The engine then shows"));
}

#[test]
fn a_claim_that_is_left_for_a_lesson_can_be_asked_again() {
    let claim = course().claim(ID).unwrap().claim;
    let mut play = opened("en", (80, 24), Target::Claim(ID.to_owned()));
    play.keys("<enter>");
    play.app.update(Msg::Claim(ID.to_owned(), ClaimNews::Running("docker build .".to_owned())));
    // Over it another screen, as a search leads to, and back.
    play.go(Target::Lesson(claim.lesson, None));
    play.keys("<esc>");
    assert!(play.text().contains("The engine then shows") && !play.text().contains("Measuring"), "{}", play.text());
    play.took();
    play.keys("<enter>");
    assert_eq!(play.took(), [Effect::Claim(ClaimOrder::Show(ID.to_owned()))], "no second answer is recorded");
}

#[test]
fn a_pack_is_agreed_to_before_its_commands_run() {
    let mut play = opened("en", (100, 40), Target::Claim(ID.to_owned()));
    play.app.shared.agreed = false;
    play.keys("<enter>");
    let effects = play.took();
    assert!(!effects.iter().any(|e| matches!(e, Effect::Claim(_))), "{effects:?}");
    assert!(play.text().contains("docker build"), "what would run is shown: {}", play.text());
    play.keys("y");
    let effects = play.took();
    assert!(effects.contains(&Effect::Claim(ClaimOrder::Show(ID.to_owned()))), "{effects:?}");
    assert!(play.text().contains("Measuring"), "{}", play.text());
}

#[test]
fn a_claim_that_does_not_hold_blames_nobody() {
    let mut play = opened("en", (80, 24), Target::Claim(ID.to_owned()));
    play.keys("<enter>");
    play.tell(Msg::Claim(ID.to_owned(), shown(false)));
    assert!(play.text().contains("was not shown here"), "{}", play.text());
}
