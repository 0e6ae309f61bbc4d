//! `answer` on hand-written evidence: what is right in several spellings, and what each wrong answer is told.

use super::*;
use crate::{
    evidence::{AnswerFacts, TrueValue},
    spec::{Ask, Kind},
};

/// Evidence of one goal with one answer.
fn answered(json: &str, given: &[&str], truth: TrueValue) -> Evidence {
    let none = Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON));
    let mut evidence = Evidence::of_text(Err(none.clone()), none);
    evidence.kind = Kind::Answer;
    let goal = goals(json).remove(0);
    let Ask::Answer(ask) = &goal.ask else { panic!("{json}") };
    evidence.answers = Some(AnswerFacts {
        given: Ok([(goal.id.clone(), given.iter().map(|g| (*g).to_owned()).collect())].into()),
        truths: [(key(&ask.is), Ok(truth))].into(),
    });
    evidence
}

fn one_of(all: &[&str]) -> TrueValue {
    TrueValue::OneOf(all.iter().map(|a| (*a).to_owned()).collect())
}

const KERNEL: &str = r#"[{"answer": {"id": "k", "is": {"machine": "kernel-inside"}}}]"#;
const SIZES: &str = r#"[{"answer": {"id": "s", "is": {"image": {"from": "Dockerfile", "what": {"layer-sizes": 5}}}}}]"#;
const LAYERS: &str = r#"[{"answer": {"id": "n", "is": {"image": {"from": "Dockerfile", "what": "layers"}}}}]"#;
const SET: &str = r#"[{"answer": {"id": "w", "is": {"image": {"from": "Dockerfile", "what": "without-layer"}}}}]"#;
const HIDDEN: &str = r#"[{"answer": {"id": "h", "is": {"image": {"from": "x.tar", "what": {"deleted-text": {"file": "a", "take": "k"}}}}}}]"#;
const FIXED: &str = r#"[{"answer": {"id": "kvm", "is": {"fixed": {"value": "type-1", "wrong": {"type-2": {"en": "It is a module.", "hi-Latn": "Module hai."}}}}}}]"#;

#[test]
fn a_machine_s_answer_is_compared_as_text() {
    for given in ["6.1.0-18-amd64", " 6.1.0-18-AMD64 "] {
        passes(KERNEL, &answered(KERNEL, &[given], one_of(&["6.1.0-18-amd64"])));
    }
    let wrong = fails(KERNEL, &answered(KERNEL, &["6.1"], one_of(&["6.1.0-18-amd64"])), codes::ANSWER_NOT_SO, &[]);
    assert!(text(&wrong, "find").contains("uname -r"));
    assert!(!format!("{wrong:?}").contains("6.1.0-18"), "the answer itself is never told: {wrong:?}");
    fails(KERNEL, &answered(KERNEL, &[], one_of(&["x"])), codes::ANSWER_MISSING, &[]);
    for yes in ["yes", "true", "haan", "Y"] {
        passes(KERNEL, &answered(KERNEL, &[yes], one_of(&["yes"])));
    }
    passes(KERNEL, &answered(KERNEL, &["x86_64"], one_of(&["amd64", "x86_64"])));
}

#[test]
fn a_count_is_told_from_the_other_count() {
    let truth = || TrueValue::Count { value: 4, not: 7 };
    passes(LAYERS, &answered(LAYERS, &["4"], truth()));
    fails(LAYERS, &answered(LAYERS, &["7"], truth()), codes::ANSWER_OTHER_COUNT, &[]);
    fails(LAYERS, &answered(LAYERS, &["5"], truth()), codes::ANSWER_NOT_SO, &[]);
    fails(LAYERS, &answered(LAYERS, &["four"], truth()), codes::ANSWER_NOT_SO, &[]);
    fails(LAYERS, &answered(LAYERS, &["4", "4"], truth()), codes::ANSWER_NOT_SO, &[]);
}

#[test]
fn a_set_in_any_order_and_case() {
    let names = |all: &[&str]| all.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>();
    let truth = || TrueValue::Set { all: names(&["CMD", "ENV"]), others: names(&["RUN"]) };
    for given in [vec!["env", "CMD"], vec!["ENV, CMD"], vec!["CMD ENV"]] {
        passes(SET, &answered(SET, &given, truth()));
    }
    let wrong = fails(SET, &answered(SET, &["ENV", "CMD", "RUN"], truth()), codes::ANSWER_HAS_LAYER, &[]);
    assert_eq!(text(&wrong, "instruction"), "RUN");
    fails(SET, &answered(SET, &["CMD"], truth()), codes::ANSWER_INCOMPLETE, &[]);
    fails(SET, &answered(SET, &["CMD", "ENV", "USER"], truth()), codes::ANSWER_NOT_SO, &[]);
}

#[test]
fn sizes_as_docker_prints_them_within_five_per_cent() {
    let truth = || TrueValue::Sizes(vec![2_020_000, 6_000_000, 20]);
    for given in
        [vec!["2.02MB", "6 MB", "20B"], vec!["2.1 MB", "5.72 MiB", "20"], vec!["1_930_000", "6,000,000", "0 B"]]
    {
        passes(SIZES, &answered(SIZES, &given, truth()));
    }
    fails(SIZES, &answered(SIZES, &["20B", "6MB", "2.02MB"], truth()), codes::ANSWER_REVERSED, &[]);
    fails(SIZES, &answered(SIZES, &["2.02MB", "6MB", "20B", "0B"], truth()), codes::ANSWER_OTHER_COUNT, &[]);
    fails(SIZES, &answered(SIZES, &["6MB", "20B"], truth()), codes::ANSWER_LAYER_COUNT, &[]);
    fails(SIZES, &answered(SIZES, &["2.02MB", "six", "20B"], truth()), codes::ANSWER_NO_SIZE, &[]);
    let wrong = fails(SIZES, &answered(SIZES, &["2.02MB", "6.4MB", "20B"], truth()), codes::ANSWER_LAYER_SIZE, &[]);
    assert_eq!(wrong.facts["layer"], Fact::Count(2));
}

#[test]
fn a_hidden_text_to_the_letter() {
    let truth = || TrueValue::Hidden { hidden: vec!["chai-1".into()], visible: vec!["example".into()] };
    passes(HIDDEN, &answered(HIDDEN, &["chai-1"], truth()));
    fails(HIDDEN, &answered(HIDDEN, &["Chai-1"], truth()), codes::ANSWER_NOT_IN_LAYERS, &[]);
    passes(HIDDEN, &answered(HIDDEN, &["UPI_KEY=chai-1"], truth()));
    fails(HIDDEN, &answered(HIDDEN, &["example"], truth()), codes::ANSWER_VISIBLE, &[]);
    fails(HIDDEN, &answered(HIDDEN, &["UPI_KEY=example"], truth()), codes::ANSWER_VISIBLE, &[]);
    let none = TrueValue::Hidden { hidden: vec![], visible: vec![] };
    blocked(HIDDEN, &answered(HIDDEN, &["x"], none), Verdict::Broken, codes::INTERNAL, &[]);
}

#[test]
fn a_fixed_answer_gives_the_author_s_reason() {
    passes(FIXED, &answered(FIXED, &["Type 1"], one_of(&[])));
    let wrong = fails(FIXED, &answered(FIXED, &["TYPE_2"], one_of(&[])), codes::ANSWER_REASON, &[]);
    assert!(matches!(&wrong.facts["reason"], Fact::Said(words) if words["en"] == "It is a module."));
    let unknown = fails(FIXED, &answered(FIXED, &["type-3"], one_of(&[])), codes::ANSWER_UNKNOWN, &[]);
    assert_eq!(text(&unknown, "options"), "type-1|type-2");
}

#[test]
fn a_file_that_cannot_be_read_and_a_truth_that_cannot_be_had() {
    let mut evidence = answered(KERNEL, &["x"], one_of(&["x"]));
    let answers = evidence.answers.as_mut().unwrap();
    for truth in answers.truths.values_mut() {
        *truth = Err(Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON)));
    }
    blocked(KERNEL, &evidence, Verdict::Skipped, codes::NEEDS_DAEMON, &[]);
    evidence.answers.as_mut().unwrap().given = Err(Blocked::failed(Diagnosis::new(codes::NO_ANSWERS)));
    fails(KERNEL, &evidence, codes::NO_ANSWERS, &[]);
    evidence.answers = None;
    blocked(KERNEL, &evidence, Verdict::Broken, codes::INTERNAL, &[]);
}
