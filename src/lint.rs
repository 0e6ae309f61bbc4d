//! What the Dockerfile lint found, in words: the checker hands out rules and facts, the sentences are made here.

use crate::{course::Lang, i18n};
use dockshala_checkers::{
    dockerfile::lint::{Finding, Level, RULES, rule_of},
    verdict::{Diagnosis, Fact, Facts, codes},
};

/// The lesson that explains a rule.
const LESSONS: &[(&str, &str)] = &[
    ("StageNameCasing", "multi-stage-idea"),
    ("FromAsCasing", "checklist-and-linting"),
    ("NoEmptyContinuation", "instructions"),
    ("ConsistentInstructionCasing", "checklist-and-linting"),
    ("DuplicateStageName", "multi-stage-idea"),
    ("ReservedStageName", "multi-stage-idea"),
    ("JSONArgsRecommended", "cmd-and-entrypoint"),
    ("MaintainerDeprecated", "instructions"),
    ("UndefinedArgInFrom", "instructions"),
    ("WorkdirRelativePath", "instructions"),
    ("UndefinedVar", "instructions"),
    ("MultipleInstructionsDisallowed", "cmd-and-entrypoint"),
    ("LegacyKeyValueFormat", "instructions"),
    ("InvalidBaseImagePlatform", "choosing-a-base"),
    ("RedundantTargetPlatform", "instructions"),
    ("SecretsUsedInArgOrEnv", "users-and-secrets"),
    ("InvalidDefaultArgInFrom", "instructions"),
    ("FromPlatformFlagConstDisallowed", "choosing-a-base"),
    ("CopyIgnoredFile", "cache-and-context"),
    ("InvalidDefinitionDescription", "checklist-and-linting"),
    ("ExposeProtoCasing", "instructions"),
    ("ExposeInvalidFormat", "ports-limits-restarts"),
    ("LastUserRoot", "users-and-secrets"),
    ("NoSudo", "users-and-secrets"),
    ("BaseImageUntagged", "tags-and-digests"),
    ("BaseImageLatest", "tags-and-digests"),
    ("AptUnpinned", "checklist-and-linting"),
    ("AptListsLeft", "measuring-images"),
    ("PipUnpinned", "checklist-and-linting"),
    ("AptAssumeYes", "instructions"),
    ("AptRecommends", "measuring-images"),
    ("ApkUnpinned", "checklist-and-linting"),
    ("ApkCacheLeft", "measuring-images"),
    ("AddInsteadOfCopy", "instructions"),
    ("CopyFromUnknownStage", "multi-stage-idea"),
    ("PipCacheLeft", "cache-and-context"),
    ("CopyRelativeDestination", "instructions"),
    ("HealthcheckMissing", "cmd-and-entrypoint"),
    ("ConsecutiveRuns", "layers-and-history"),
    ("CopyWholeStage", "multi-stage-idea"),
    ("PipeHidesFailure", "checklist-and-linting"),
    ("AptUpdateAlone", "cache-and-context"),
    ("CleanedTooLate", "whiteouts-and-drivers"),
    ("ChownAfterCopy", "users-and-secrets"),
    ("SourcesBeforeInstall", "cache-and-context"),
];

/// A finding as a learner reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What was seen.
    pub what: String,
    /// One sentence of reason.
    pub why: String,
    /// What to write.
    pub instead: String,
    /// The id of the lesson that explains it; whether the open course has it is for the course to say.
    pub lesson: Option<&'static str>,
}

/// A finding in words.
pub fn told(lang: &Lang, finding: &Finding) -> Told {
    let rule = rule_of(&finding.rule);
    let id = rule.map_or("other", |rule| rule.id);
    // What only the builder found comes in its own, English, words.
    let said = finding.facts.get("message").map(|message| i18n::fact(lang, message));
    let say = |key: &str| i18n::filled(lang, &format!("dockerfile-lint.{id}{key}"), &finding.facts);
    let what = said.unwrap_or_else(|| {
        let more = finding.facts.keys().filter_map(|name| say(&format!(".if-{name}")));
        std::iter::once(say("").unwrap_or_else(|| id.to_owned())).chain(more).collect::<Vec<_>>().join(" ")
    });
    Told {
        what,
        why: say(".why").unwrap_or_default(),
        instead: say(".instead").unwrap_or_default(),
        lesson: lesson_of(id),
    }
}

/// The lesson that explains a rule.
pub fn lesson_of(rule: &str) -> Option<&'static str> {
    LESSONS.iter().find(|(id, _)| *id == rule).map(|(_, lesson)| *lesson)
}

/// A diagnosis that carries a finding: its facts are the finding's, and `rule` names the rule.
pub fn of_diagnosis(lang: &Lang, diagnosis: &Diagnosis) -> Option<Told> {
    if ![codes::NOTE_LINT, codes::LINT_FOUND].contains(&diagnosis.code.as_str()) {
        return None;
    }
    let Some(Fact::Text(rule)) = diagnosis.facts.get("rule") else { return None };
    let level = rule_of(rule).map_or(Level::Warning, |rule| rule.level);
    let facts: Facts =
        diagnosis.facts.iter().filter(|(k, _)| *k != "rule").map(|(k, v)| (k.clone(), v.clone())).collect();
    let line = diagnosis.lines.first().copied().unwrap_or(1);
    Some(told(lang, &Finding { rule: rule.clone(), level, line, span: 0..0, facts, edits: Vec::new() }))
}

/// Every rule's id, for `--help` of goals and for tests.
pub fn rules() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|rule| rule.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockshala_checkers::dockerfile::{Dockerfile, Options, lint::Around};

    #[test]
    fn every_rule_has_words_in_every_language_and_a_planned_lesson() {
        let curriculum: crate::course::CurriculumFile =
            serde_yaml::from_str(include_str!("../assets/curriculum.yaml")).unwrap();
        for id in rules() {
            for end in ["", ".why", ".instead"] {
                let key = format!("dockerfile-lint.{id}{end}");
                assert!(i18n::has(&Lang::en(), &key) && i18n::has(&Lang::hinglish(), &key), "{key}");
            }
            let lesson = lesson_of(id).unwrap_or_else(|| panic!("{id} has no lesson"));
            assert!(curriculum.lessons.iter().any(|l| l.id == lesson), "{id}: {lesson}");
        }
        assert_eq!(LESSONS.len(), RULES.len());
    }

    /// On files that have every rule, each argument of each sentence has a value.
    #[test]
    fn no_sentence_keeps_an_argument_unfilled() {
        let text = "ARG TAG\nFROM busybox:${TAG} as Builder\nMAINTAINER me\nrun sudo x && \\\n\n y\nENV A b\nENV DB_PASSWORD=x\n\
            WORKDIR x\nCOPY . .\nRUN npm ci\nCMD a\nCMD b c\nEXPOSE 1:2 3/TCP\nFROM a AS scratch\nFROM b:latest AS SCRATCH\n\
            FROM --platform=linux/amd64 ${NOPE} AS q\nFROM --platform=$TARGETPLATFORM c:1\nLABEL v=$TAG w=$A_VERSIN\nADD a b\nCOPY --from=scratc /x /x\nCOPY --from=q / /\n\
            RUN apt-get update && apt-get install git\nRUN apk add git\nRUN pip install flask\nRUN curl x | sh\nRUN apt-get update\n\
            RUN apt-get install -y x\nRUN rm -rf /var/lib/apt/lists\nCOPY a /a\nRUN chown -R a /a\nUSER root\nCOPY secret /x\nCMD x\nEXPOSE 80\n";
        let text = format!("# check=experimental=all\n{text}");
        let (file, _) = Dockerfile::recover(text.as_bytes(), &Options::default()).unwrap();
        let ignored = |path: &str| path == "secret";
        let found = file.lint(&Around { ignored: Some(&ignored), builder: &[] });
        let mut seen: Vec<&str> = found.iter().map(|f| f.rule.as_str()).collect();
        seen.sort_unstable();
        seen.dedup();
        assert!(seen.len() > 35, "only {seen:?}");
        for lang in [Lang::en(), Lang::hinglish()] {
            for finding in &found {
                let told = told(&lang, finding);
                for sentence in [&told.what, &told.why, &told.instead] {
                    assert!(!sentence.is_empty() && !sentence.contains("%{"), "{}: {sentence}", finding.rule);
                    assert!(!sentence.contains("`…`") && !sentence.contains("$…"), "{}: {sentence}", finding.rule);
                }
            }
        }
    }
}
