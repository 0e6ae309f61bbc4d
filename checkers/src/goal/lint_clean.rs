//! `lint-clean`: nothing that lint warns of is left in the Dockerfile. The rules are BuildKit's and ours; what the daemon's own
//! frontend would add is not asked, as another daemon would then give another verdict.

use super::{Judged, facts, fail, list};
use crate::{
    dockerfile::lint::{Around, Finding, Level},
    evidence::{Evidence, Needs},
    spec::LintClean,
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(_: &LintClean) -> Needs {
    Needs::default()
}

pub(super) fn judge(ask: &LintClean, evidence: &Evidence) -> Judged {
    let all = findings(evidence, &[])?;
    let named = |rules: &[String], f: &Finding| rules.iter().any(|r| r.eq_ignore_ascii_case(&f.rule));
    let asked = |f: &&Finding| match ask.rules.is_empty() {
        // A rule that is asked for by name counts even where it is advice elsewhere.
        false => named(&ask.rules, f),
        true => f.level == Level::Warning && !named(&ask.ignore, f),
    };
    let found: Vec<&Finding> = all.iter().filter(asked).collect();
    let Some(worst) = found.iter().min_by_key(|f| (std::cmp::Reverse(f.cost()), f.line)) else {
        return Ok(facts([("found", Fact::Count(0))]));
    };
    let mut diagnosis = Diagnosis::new(codes::LINT_FOUND);
    diagnosis.facts = worst.facts.clone();
    fail(
        diagnosis
            .fact("rule", Fact::Text(worst.rule.clone()))
            .fact("count", Fact::Count(found.len() as u64))
            .fact("found", list(found.iter().map(|f| format!("{}:{}", f.rule, f.line))))
            .at(found.iter().map(|f| f.line)),
    )
}

/// What lint finds in a submission's Dockerfile, and what the builder found that we did not.
pub(crate) fn findings(
    evidence: &Evidence,
    builder: &[(String, Option<u32>, String)],
) -> Result<Vec<Finding>, crate::evidence::Blocked> {
    let (model, _) = evidence.model()?;
    let below = |path: &str, file: &str| file.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    // A folder is left out when all that is in it is.
    let ignored = |path: &str| {
        let out = |file: &String| evidence.ignored.contains(file);
        if evidence.files.iter().any(|f| f == path) {
            return evidence.ignored.iter().any(|f| f == path);
        }
        let mut inside = evidence.files.iter().filter(|f| below(path, f)).peekable();
        inside.peek().is_some() && inside.all(out)
    };
    Ok(model.lint(&Around { ignored: Some(&ignored), builder }))
}
