//! Starters and specimens through the checker, compared with what they must come to.

use super::{Came, Ground, Said};
use crate::{
    course::{Exercise, FileBytes, SpecimenFile},
    lab::{LabError, write_all},
};
use dockshala_checkers::{
    check::{self, Options, Submission},
    engine::{Engine, EngineInfo},
    spec::Spec,
    verdict::{CheckResult, GoalResult, Verdict, codes},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Where a specimen may ask for the truth.
const ANSWERS: &str = "answers.yaml";

/// A starter must fail: an exercise that is solved before it is begun teaches nothing.
pub(super) async fn starter(ground: &Ground, id: &str) -> Came {
    let (exercise, files) = (ground.course.exercise(id), ground.course.exercise_files(id));
    let Some((exercise, files)) = exercise.zip(files) else { return Came::Broke(vec![Said::new("gone")]) };
    match checked(ground, exercise, &files.starter, &files.starter).await {
        Err(error) => broke(Said::new("not-written").arg("message", error)),
        Ok(result) => match trouble(&result) {
            Some(came) => came,
            None if result.goals.iter().any(|g| g.verdict == Verdict::Failed) => Came::Held,
            None => broke(Said::new("starter-passes")),
        },
    }
}

/// A good specimen passes every goal.
pub(super) async fn good(ground: &Ground, id: &str, name: &str) -> Came {
    specimen(ground, id, name, true).await
}

/// A bad one fails those that it states, each with its code, and no other.
pub(super) async fn bad(ground: &Ground, id: &str, name: &str) -> Came {
    specimen(ground, id, name, false).await
}

async fn specimen(ground: &Ground, id: &str, name: &str, good: bool) -> Came {
    let (exercise, files) = (ground.course.exercise(id), ground.course.exercise_files(id));
    let Some((exercise, files)) = exercise.zip(files) else { return Came::Broke(vec![Said::new("gone")]) };
    let side = if good { &files.good } else { &files.bad };
    let Some(specimen) = side.iter().find(|s| s.name == name) else { return Came::Broke(vec![Said::new("gone")]) };
    match checked(ground, exercise, &specimen.over(&files.starter), &files.starter).await {
        Err(error) => broke(Said::new("not-written").arg("message", error)),
        Ok(result) => compare(&result, &specimen.sheet, ground.engine.info()),
    }
}

fn broke(said: Said) -> Came {
    Came::Broke(vec![said])
}

async fn checked(
    ground: &Ground,
    exercise: &Exercise,
    files: &[FileBytes],
    starter: &[FileBytes],
) -> Result<CheckResult, LabError> {
    let folder = || {
        let made = tempfile::Builder::new().prefix("dockshala-specimen-").tempdir();
        made.map_err(|e| LabError::io(&std::env::temp_dir(), e))
    };
    let (dir, start) = (folder()?, folder()?);
    write_all(start.path(), starter)?;
    let (engine, options) = (&ground.engine, &ground.options);
    let files = with_truths(&exercise.spec(), files, start.path(), engine, options, &ground.cancel).await;
    write_all(dir.path(), &files)?;
    let submission = Submission { dir: dir.path().to_owned(), starter: Some(start.path().to_owned()), label: None };
    // Nobody watches: the events go nowhere, which is no error.
    let (tell, _) = mpsc::channel(1);
    let (spec, cancel) = (exercise.spec(), ground.cancel.clone());
    Ok(check::check(&spec, &submission, Some(&ground.engine), &ground.options, tell, cancel).await)
}

/// A specimen's files with the truth in place of `{{true GOAL}}`. For specimens alone, and never for what a learner hands in.
pub async fn with_truths(
    spec: &Spec,
    files: &[FileBytes],
    starter: &Path,
    engine: &Engine,
    options: &Options,
    cancel: &CancellationToken,
) -> Vec<FileBytes> {
    let mut files = files.to_vec();
    let asks = |f: &&mut FileBytes| f.path == ANSWERS && String::from_utf8_lossy(&f.bytes).contains("{{true ");
    if let Some(file) = files.iter_mut().find(asks) {
        let truths = check::truths(spec, starter, engine, options, cancel.clone()).await;
        file.bytes = fill(&String::from_utf8_lossy(&file.bytes), &truths).into_bytes();
    }
    files
}

/// `{{true GOAL}}` is the whole answer, `{{true GOAL 2}}` the second element of a list. What is not known stays as it is,
/// and then the specimen fails for all to see.
fn fill(text: &str, truths: &BTreeMap<String, Vec<String>>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{true ") {
        out.push_str(before);
        let Some((inside, behind)) = after.split_once("}}") else { break };
        let mut words = inside.split_whitespace();
        let answer = words.next().and_then(|goal| truths.get(goal));
        let value = match (answer, words.next().map(str::parse::<usize>)) {
            (Some(all), None) if all.len() == 1 => Some(all[0].clone()),
            (Some(all), None) => Some(format!("[{}]", all.join(", "))),
            (Some(all), Some(Ok(nth @ 1..))) => all.get(nth - 1).cloned(),
            _ => None,
        };
        out.push_str(&value.unwrap_or_else(|| format!("{{{{true {inside}}}}}")));
        rest = behind;
    }
    out + rest
}

/// What kept goals from being judged, where it is not the specimen's doing.
fn trouble(result: &CheckResult) -> Option<Came> {
    let code = |g: &GoalResult| g.diagnosis.as_ref().map_or(String::new(), |d| d.code.clone());
    let broken: Vec<_> = result.goals.iter().filter(|g| g.verdict == Verdict::Broken).collect();
    if let Some(goal) = broken.iter().find(|g| code(g) == codes::IMAGE_UNAVAILABLE) {
        let image = goal.diagnosis.as_ref().and_then(|d| d.facts.get("image"));
        let image = image.map_or(String::new(), |f| crate::i18n::fact(&crate::course::Lang::en(), f));
        return Some(Came::Skipped(Said::new("no-base").arg("image", image)));
    }
    if !broken.is_empty() {
        let said = |g: &&GoalResult| {
            let facts = g.diagnosis.as_ref().map(|d| serde_json::to_string(&d.facts).unwrap_or_default());
            Said::new("goal-broken").arg("goal", &g.id).arg("code", code(g)).arg("facts", facts.unwrap_or_default())
        };
        return Some(Came::Broke(broken.iter().map(said).collect()));
    }
    let lacking = result.goals.iter().find(|g| g.verdict == Verdict::Skipped && code(g) == codes::NEEDS_FEATURE);
    lacking.map(|g| Came::Skipped(Said::new("no-feature").arg("goal", &g.id)))
}

/// Holds a result to what a specimen states.
fn compare(result: &CheckResult, sheet: &SpecimenFile, engine: &EngineInfo) -> Came {
    if let Some(came) = trouble(result) {
        return came;
    }
    let here = sheet.engines.iter().find(|(name, _)| engine.version.starts_with(*name) || engine.storage == **name);
    let (fails, lines) = match here {
        Some((_, on)) => (&on.fails, &on.lines),
        None => (&sheet.fails, &sheet.lines),
    };
    let mut faults = goals(result, fails);
    let blamed: BTreeSet<u32> = result
        .goals
        .iter()
        .filter(|g| g.verdict == Verdict::Failed)
        .filter_map(|g| g.diagnosis.as_ref())
        .flat_map(|d| d.lines.iter().copied())
        .collect();
    if let Some(lines) = lines
        && blamed != lines.iter().copied().collect()
    {
        faults.push(Said::new("lines").arg("want", numbers(lines.iter())).arg("got", numbers(blamed.iter())));
    }
    if faults.is_empty() { Came::Held } else { Came::Broke(faults) }
}

fn goals(result: &CheckResult, fails: &BTreeMap<String, String>) -> Vec<Said> {
    let mut faults = Vec::new();
    for goal in &result.goals {
        let code = goal.diagnosis.as_ref().map_or("", |d| d.code.as_str());
        match (goal.verdict, fails.get(&goal.id)) {
            (Verdict::Failed, Some(want)) if code == want => {}
            (Verdict::Failed, Some(want)) => {
                faults.push(Said::new("other-code").arg("goal", &goal.id).arg("want", want).arg("got", code));
            }
            (Verdict::Failed, None) => faults.push(Said::new("fails-too").arg("goal", &goal.id).arg("got", code)),
            (_, Some(want)) => faults.push(Said::new("does-not-fail").arg("goal", &goal.id).arg("want", want)),
            // Skipped because of a failure that is stated: as it must be. Without one it should have been judged.
            (Verdict::Skipped, None) if fails.is_empty() => {
                faults.push(Said::new("not-judged").arg("goal", &goal.id).arg("got", code));
            }
            _ => {}
        }
    }
    faults
}

fn numbers<'a>(lines: impl Iterator<Item = &'a u32>) -> String {
    let list = lines.map(u32::to_string).collect::<Vec<_>>().join(", ");
    if list.is_empty() { "-".to_owned() } else { list }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockshala_checkers::verdict::{Diagnosis, Facts};

    fn result(goals: &[(&str, Verdict, &str, &[u32])]) -> CheckResult {
        let goals: Vec<_> = goals
            .iter()
            .map(|(id, verdict, code, lines)| GoalResult {
                id: (*id).to_owned(),
                kind: "builds".to_owned(),
                verdict: *verdict,
                diagnosis: (!code.is_empty()).then(|| Diagnosis {
                    code: (*code).to_owned(),
                    facts: Facts::new(),
                    lines: lines.to_vec(),
                }),
                measured: Facts::new(),
            })
            .collect();
        let json =
            serde_json::json!({ "schema": 1, "exercise": "e", "provisional": false, "goals": goals, "seconds": 0.1 });
        serde_json::from_value(json).unwrap()
    }

    fn engine(version: &str) -> EngineInfo {
        EngineInfo {
            host: String::new(),
            found_by: String::new(),
            version: version.to_owned(),
            api: String::new(),
            operating_system: String::new(),
            kernel: String::new(),
            arch: "amd64".to_owned(),
            storage: "overlay2".to_owned(),
            containerd_store: false,
            buildkit: true,
            cgroup: 2,
            compose: None,
            podman: false,
            memory: 0,
            warnings: Vec::new(),
        }
    }

    fn keys(came: Came) -> Vec<&'static str> {
        match came {
            Came::Broke(said) => said.iter().map(|s| s.key).collect(),
            Came::Held => vec![],
            Came::Skipped(said) => vec![said.key],
        }
    }

    #[test]
    fn a_specimen_fails_as_it_states_and_in_no_other_way() {
        use Verdict::{Broken, Failed, Passed, Skipped};
        let sheet: SpecimenFile = serde_yaml::from_str("{fails: {a: syntax}, lines: [3]}").unwrap();
        let try_with = |goals: &[(&str, Verdict, &str, &[u32])]| keys(compare(&result(goals), &sheet, &engine("26.1")));
        assert!(try_with(&[("a", Failed, "syntax", &[3]), ("b", Skipped, "needs-goal", &[])]).is_empty());
        assert_eq!(try_with(&[("a", Failed, "syntax", &[4])]), ["lines"]);
        assert_eq!(try_with(&[("a", Failed, "run-failed", &[3])]), ["other-code"]);
        assert_eq!(try_with(&[("a", Passed, "", &[])]), ["does-not-fail", "lines"]);
        assert_eq!(try_with(&[("a", Failed, "syntax", &[3]), ("b", Failed, "waste", &[])]), ["fails-too"]);
        assert_eq!(try_with(&[("a", Broken, "daemon-lost", &[])]), ["goal-broken"]);
        assert_eq!(try_with(&[("a", Broken, "image-unavailable", &[])]), ["no-base"]);
        assert_eq!(try_with(&[("a", Skipped, "needs-feature", &[])]), ["no-feature"]);
    }

    #[test]
    fn a_good_specimen_is_judged_whole() {
        let sheet = SpecimenFile::default();
        let skipped = result(&[("a", Verdict::Passed, "", &[]), ("b", Verdict::Skipped, "cancelled", &[])]);
        assert_eq!(keys(compare(&skipped, &sheet, &engine("26.1"))), ["not-judged"]);
    }

    #[test]
    fn the_truth_is_put_into_a_specimen_and_nothing_else_is_touched() {
        let truths = [("one", vec!["6.1.0"]), ("sizes", vec!["4 B", "9 B"])];
        let truths = truths.map(|(id, all)| (id.to_owned(), all.into_iter().map(str::to_owned).collect())).into();
        let text =
            "one: {{true one}}-x\nsizes: {{true sizes}}\nsecond: [{{true sizes 2}}]\nother: {{true gone}} {{x}}\n";
        let want = "one: 6.1.0-x\nsizes: [4 B, 9 B]\nsecond: [9 B]\nother: {{true gone}} {{x}}\n";
        assert_eq!(fill(text, &truths), want);
    }

    #[test]
    fn an_engine_may_differ() {
        let sheet: SpecimenFile =
            serde_yaml::from_str("{fails: {a: syntax}, engines: {'20.10': {fails: {a: build-failed}}}}").unwrap();
        let old = result(&[("a", Verdict::Failed, "build-failed", &[1])]);
        assert!(keys(compare(&old, &sheet, &engine("20.10.24"))).is_empty());
        assert_eq!(keys(compare(&old, &sheet, &engine("26.1.5"))), ["other-code"]);
    }
}
