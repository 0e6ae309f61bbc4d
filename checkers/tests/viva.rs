//! Viva questions of recorded submissions, without a daemon: enough templates over enough codes, and never a bad question.

use dockshala_checkers::{
    evidence::Evidence,
    goal,
    spec::Spec,
    viva::{self, Answer, Question, TEMPLATES},
};
use serde::Deserialize;
use std::{collections::BTreeSet, fs, path::Path};

#[derive(Deserialize)]
struct Record {
    spec: Spec,
    evidence: Evidence,
}

fn records() -> Vec<(String, Record)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/evidence");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let record = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap_or_else(|e| panic!("{name}: {e}"));
            (name, record)
        })
        .collect()
}

fn asked(record: &Record) -> Vec<Question> {
    let goals: Vec<_> =
        record.spec.goals.iter().map(|g| goal::judge(g, &record.spec.goals, &record.evidence)).collect();
    viva::questions(&record.evidence, &goals)
}

#[test]
fn every_question_has_one_right_answer_and_wrong_ones_of_the_learner_s_own() {
    let (mut templates, mut codes) = (BTreeSet::new(), BTreeSet::new());
    for (name, record) in records() {
        let questions = asked(&record);
        let lines = record.evidence.dockerfile.as_ref().map_or(0, |text| text.lines().count()) as u32;
        let mut seen = BTreeSet::new();
        for question in &questions {
            assert!(TEMPLATES.contains(&question.template.as_str()), "{name}: {}", question.template);
            assert!(seen.insert(question.template.clone()), "{name}: {} twice", question.template);
            let right = question.options.iter().filter(|o| o.right).count();
            assert!(right == 1 && (2..=4).contains(&question.options.len()), "{name}: {question:?}");
            let distinct: BTreeSet<_> = question.options.iter().map(|o| &o.answer).collect();
            assert_eq!(distinct.len(), question.options.len(), "{name}: {question:?}");
            for option in &question.options {
                if let Answer::Line { number, text } = &option.answer {
                    assert!((1..=lines).contains(number) && !text.is_empty(), "{name}: {question:?}");
                }
            }
            templates.insert(question.template.clone());
            codes.extend(question.code.clone());
        }
    }
    assert!(templates.len() >= 12, "{} templates of records: {templates:?}", templates.len());
    assert!(codes.len() >= 8, "{} codes: {codes:?}", codes.len());
    assert!(TEMPLATES.len() >= 15);
}

#[test]
fn a_submission_that_does_not_build_is_not_asked_about_its_image() {
    for (name, record) in records() {
        let Ok(build) = &record.evidence.build else { continue };
        if build.failure.is_some() {
            for question in asked(&record) {
                assert!(
                    matches!(question.template.as_str(), "unused-stage" | "final-base" | "rebuilt-cause"),
                    "{name}: {}",
                    question.template
                );
            }
        }
    }
}

#[test]
fn the_same_submission_is_asked_the_same() {
    for (name, record) in records().into_iter().take(10) {
        assert_eq!(asked(&record), asked(&record), "{name}");
    }
}

#[test]
fn who_has_the_right_accounts_number_is_no_wrong_answer() {
    let mut asked_of = 0;
    for (name, mut record) in records() {
        let Ok(image) = &mut record.evidence.image else { continue };
        image.config.user = "4711".to_owned();
        image.accounts.extend([("chaiwala".to_owned(), 4711), ("naukar".to_owned(), 4712)]);
        for question in asked(&record).iter().filter(|q| q.template == "runs-as") {
            asked_of += 1;
            let names: Vec<&Answer> = question.options.iter().map(|o| &o.answer).collect();
            assert!(!names.contains(&&Answer::Name("chaiwala".into())), "{name}: {names:?}");
            assert!(question.options.iter().any(|o| o.right && o.answer == Answer::Name("4711".into())), "{name}");
        }
    }
    assert!(asked_of > 0);
}
