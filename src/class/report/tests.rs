//! Reports of a made-up class with hostile names, on the built-in course.

use super::*;
use crate::{
    class::journal::{Learner, tests::record},
    course::Lang,
};
use dockshala_checkers::verdict::{Fact, Facts, GoalResult, codes};

const EVIL: &str = "<script>alert(1)</script>\"'&";

fn goal(id: &str, verdict: Verdict, code: Option<&str>) -> GoalResult {
    let diagnosis = code.map(|code| Diagnosis::new(code).fact("message", Fact::Text(EVIL.into())));
    GoalResult { id: id.into(), kind: "builds".into(), verdict, diagnosis, measured: Facts::new() }
}

fn judged(goals: Vec<GoalResult>) -> Outcome {
    Outcome::Judged { goals, sizes: None, engine: None, stand_ins: false, seconds: 1.0 }
}

fn course() -> &'static Course {
    Course::built_in()
}

fn of(name: &str, outcome: Outcome, claims_pass: bool) -> Record {
    let mut record = record(name, "two-stages", outcome);
    record.course = course().hash().to_owned();
    record.claimed = Claimed {
        passed: claims_pass,
        attempts: 2,
        started: Some(0),
        last: Some(600_000),
        first_pass: claims_pass.then_some(600_000),
        goals: [("builds".to_owned(), if claims_pass { "passed" } else { "failed" }.to_owned())].into(),
        codes: if claims_pass { BTreeMap::new() } else { [("builds".into(), codes::RUN_FAILED.into())].into() },
        ..Claimed::default()
    };
    record
}

fn class() -> ClassReport {
    let failed = || judged(vec![goal("builds", Verdict::Failed, Some(codes::BUILD_FAILED))]);
    let mut bad = record("hostile", "two-stages", Outcome::Unknown);
    (bad.learner, bad.exercise, bad.course) = (None, None, course().hash().to_owned());
    bad.outcome = Outcome::Refused(crate::class::Refusal { name: "rule-path".into(), what: format!("../{EVIL}") });
    let records = [
        of("Asha", judged(vec![goal("builds", Verdict::Passed, None)]), true),
        of(EVIL, failed(), true),
        of("=Ravi", failed(), false),
        bad,
    ];
    let pending = Seen { record: of("Meena K", Outcome::Unknown, false), judge: Some(opened()) };
    make(course(), &[pending], &records)
}

fn opened() -> std::sync::Arc<crate::class::Opened> {
    use crate::class::manifest::{CourseName, Events, Manifest};
    let course = CourseName { id: String::new(), hash: String::new() };
    let manifest = Manifest {
        format: 1,
        program: String::new(),
        learner: String::new(),
        device: Uuid::nil(),
        made: String::new(),
        course,
        exercises: vec![],
        events: Events::default(),
    };
    let path = std::path::PathBuf::new();
    std::sync::Arc::new(crate::class::Opened { path, id: String::new(), manifest, events: Ok(vec![]) })
}

#[test]
fn claims_and_verdicts_stand_apart() {
    let report = class();
    let cell = |name: &str| {
        let row = report.learners.iter().find(|r| r.name == name).unwrap();
        let cell = &row.work["two-stages"];
        (cell.claimed, cell.verified, cell.contradicted)
    };
    assert_eq!(cell("Asha"), ("passed", "passed", false));
    assert_eq!(cell(EVIL), ("passed", "failed", true), "what a history says changes no verdict");
    assert_eq!(cell("Meena K"), ("tried", "pending", false), "nobody judged it: that is seen");
    assert_eq!(report.refused.len(), 1);
    assert_eq!(report.learners[0].work["two-stages"].minutes, Some(10));
}

#[test]
fn who_is_stuck_on_what_and_the_lesson_to_repeat() {
    let report = class();
    let top = &report.stuck[0];
    assert_eq!((top.goal.as_str(), top.code.as_str(), top.verified.len()), ("builds", codes::BUILD_FAILED, 2));
    let claimed =
        report.stuck.iter().find(|s| s.code == codes::RUN_FAILED).expect("Meena's, by her own program's word");
    assert_eq!((claimed.verified.len(), claimed.claimed.len()), (0, 1));
    assert!(report.stuck.iter().all(|s| s.lesson.as_deref().is_none_or(|id| course().lesson(id).is_some())));
}

#[test]
fn only_the_newest_bundle_counts() {
    let older = of("Asha", judged(vec![goal("builds", Verdict::Passed, None)]), true);
    let mut newer = of("Asha", judged(vec![goal("builds", Verdict::Failed, Some(codes::BUILD_FAILED))]), true);
    newer.bundle = "another".into();
    newer.learner = newer.learner.map(|l| Learner { made: "2026-11-21T09:00:01+05:30".into(), ..l });
    for order in [[older.clone(), newer.clone()], [newer, older]] {
        let report = make(course(), &[], &order);
        assert_eq!(report.learners.len(), 1);
        assert_eq!(report.learners[0].work["two-stages"].verified, "failed");
    }
}

#[test]
fn the_same_files_are_told_on_both() {
    let mut twin = of("Bela", judged(vec![goal("builds", Verdict::Passed, None)]), true);
    let one = of("Asha", judged(vec![goal("builds", Verdict::Passed, None)]), true);
    twin.sources = one.sources.clone();
    let report = make(course(), &[], &[one, twin]);
    let same: Vec<_> = report.learners.iter().map(|r| r.work["two-stages"].same_files.clone()).collect();
    assert_eq!(same, [vec![1], vec![0]]);
}

#[test]
fn the_page_holds_no_markup_of_anybody_elses() {
    let page = html(&class(), course(), &Lang::en());
    assert!(!page.contains("<script"), "escaped");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"), "and shown");
    assert!(page.contains("default-src 'none'"));
    for away in ["http://", "https://", "src=", "url(", "@import", "<link"] {
        assert!(!page.replace("default-src=", "").contains(away), "nothing from elsewhere: {away}");
    }
    // Every text in both languages, one of them shown.
    assert_eq!(
        page.matches("<span class=t lang=\"en\">").count(),
        page.matches("<span class=t lang=\"hi-Latn\">").count()
    );
    assert!(page.contains("#l0:checked~main") && page.contains("#l1:checked~main"));
    assert!(!page.contains("class.html") && !page.contains("class.verified"), "no key without its text");
    let open = page.matches("<td").count();
    assert_eq!(open, page.matches("</td>").count());
}

#[test]
fn the_table_has_a_line_for_each_and_no_formula() {
    let table = csv(&class());
    assert!(table.starts_with('\u{feff}'));
    assert!(table.contains("\"'=Ravi\""), "{table}");
    let lines: Vec<&str> = table.trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), 1 + 4 + 1, "{table}");
    for line in &lines {
        let mut quoted = false;
        let commas = line
            .chars()
            .filter(|c| {
                quoted ^= *c == '"';
                *c == ',' && !quoted
            })
            .count();
        assert_eq!(commas, 17, "{line}");
    }
}

#[test]
fn json_says_its_schema_and_who() {
    let json = serde_json::to_value(class()).unwrap();
    assert_eq!((json["schema"].as_u64(), json["learners"].as_array().map(Vec::len)), (Some(1), Some(4)));
    let evil = json["learners"].as_array().unwrap().iter().find(|l| l["name"] == EVIL).unwrap();
    assert_eq!(evil["work"]["two-stages"]["verified"], "failed");
    assert_eq!(evil["work"]["two-stages"]["goals"][0]["diagnosis"]["code"], "build-failed");
}

#[test]
fn a_bundle_that_was_copied_again_is_no_longer_refused() {
    let half = |name: &str| {
        let refusal = crate::class::Refusal { name: name.into(), what: "cut".into() };
        Record { learner: None, exercise: None, sources: String::new(), ..of("Asha", Outcome::Refused(refusal), false) }
    };
    let whole = || of("Asha", judged(vec![goal("builds", Verdict::Passed, None)]), true);
    let names = |seen: &[Record], journal: &[Record]| {
        let seen: Vec<Seen> = seen.iter().map(|r| Seen { record: r.clone(), judge: None }).collect();
        make(course(), &seen, journal).refused.into_iter().map(|r| r.why).collect::<Vec<_>>()
    };
    assert!(names(&[], &[half("damaged"), whole()]).is_empty(), "judged since, by the journal");
    assert!(names(&[of("Asha", Outcome::Unknown, true)], &[half("damaged")]).is_empty(), "whole now, not yet judged");
    assert_eq!(
        names(&[half("missing")], &[half("damaged"), whole()]),
        ["missing"],
        "as the folder has it now, and once"
    );
    assert_eq!(names(&[], &[whole(), half("damaged")]), ["damaged"]);
}
