//! What a beginner stumbled over who played modules of the course from the first screen on, each held once.

use super::{
    app::LabNews,
    tests::{at_exercise, course, result},
};
use dockshala_checkers::verdict::{Diagnosis, Fact, Verdict, codes};

#[test]
fn going_on_after_a_pass_does_not_lead_past_a_lesson() {
    let mut play = at_exercise("en", (80, 24));
    play.lab(LabNews::Done(Box::new(result(true)), String::new()));
    play.keys("n");
    assert!(play.text().contains("three ways to production dependencies"), "{}", play.text());
}

#[test]
fn why_it_worked_is_seen_though_the_brief_was_scrolled() {
    let mut play = at_exercise("en", (60, 16));
    play.keys("jjjj");
    play.lab(LabNews::Done(Box::new(result(true)), String::new()));
    play.keys("<tab><tab>");
    assert!(play.text().contains("Why it worked"), "{}", play.text());
}

#[test]
fn a_diagnosis_sends_nobody_to_a_lesson_behind_the_exercise() {
    let exercise = course().exercise("two-stages").unwrap();
    for named in [Some("multi-stage-idea"), Some("multi-stage-node"), Some("not-in-this-course"), None] {
        let lesson = course().lesson_to_read(exercise, named).map(|l| l.id.as_str());
        assert_eq!(lesson, Some("multi-stage-idea"), "{named:?}");
    }
}

#[test]
fn what_holds_for_several_goals_is_told_once() {
    let mut play = at_exercise("en", (100, 60));
    let mut all = result(false);
    let unread = Diagnosis::new(codes::ANSWERS_SYNTAX).fact("message", Fact::Text("line 2".into()));
    for goal in &mut all.goals {
        (goal.verdict, goal.diagnosis) = (Verdict::Failed, Some(unread.clone()));
    }
    play.lab(LabNews::Done(Box::new(all), String::new()));
    let text = play.text();
    assert_eq!(text.matches("cannot be read").count(), 1, "{text}");
    assert!(!text.contains("same as above"), "{text}");
}

#[test]
fn one_goal_is_not_all_goals() {
    let mut play = at_exercise("en", (80, 24));
    let mut one = result(true);
    one.goals.truncate(1);
    play.lab(LabNews::Done(Box::new(one), String::new()));
    assert!(play.text().contains("Passed: its goal is met"), "{}", play.text());
}
