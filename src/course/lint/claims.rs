//! Claims: commands that may be run, values that are kept before they are used, one prediction that comes true.

use super::{Linter, exercises::regex_lite};
use crate::course::{
    allowed::{self, Refusal},
    shows::Shows,
    source::{finding::Finding, lang::Text},
};
use std::collections::BTreeSet;

pub(super) fn lint(linter: &mut Linter) {
    let source = linter.source;
    for placed in &source.claims {
        let dir = source.modules.iter().find(|m| m.id == placed.module).map_or("", |m| m.dir.as_str());
        let (path, claim) = (format!("lessons/{dir}/claims.yaml"), &placed.claim);
        let say = |linter: &mut Linter, code: &'static str, why: &str| {
            linter.at_word(Finding::lint(code, &path).arg("id", &claim.id).arg("why", why), &claim.id);
        };
        if claim.options.len() < 2 || claim.options.iter().filter(|o| o.right).count() != 1 {
            say(linter, "claim", "options: 2 or more, exactly one right: true");
        }
        let ids: BTreeSet<_> = claim.options.iter().map(|o| &o.id).collect();
        if ids.len() != claim.options.len() {
            say(linter, "claim", "options: id twice");
        }
        if claim.steps.is_empty() {
            say(linter, "claim", "steps: 1 or more");
        }
        let mut kept = BTreeSet::new();
        for step in &claim.steps {
            if let Err(refusal) = allowed::check(&step.run) {
                let (code, what) = match refusal {
                    Refusal::Command(what) => ("claim-command", what),
                    Refusal::Flag(what) => ("claim-flag", what),
                    Refusal::UnknownFlag(what) => ("claim-flag-unknown", what),
                    Refusal::NotOwn(what) => ("claim-not-own", what),
                };
                let finding = Finding::lint(code, &path).arg("id", &claim.id).arg("what", what);
                linter.at_word(finding, &claim.id);
            }
            if let Some(pattern) = &step.take {
                if let Err(message) = regex_lite(pattern) {
                    linter.at_word(
                        Finding::lint("regex", &path).arg("pattern", pattern).arg("message", message),
                        pattern,
                    );
                }
                if step.keep.is_none() {
                    say(linter, "claim", "take: needs keep");
                }
            }
            if let Some(name) = &step.keep
                && !kept.insert(name.as_str())
            {
                say(linter, "claim", "keep: name twice");
            }
        }
        for measure in &claim.measure {
            if !kept.insert(measure.keep.as_str()) {
                say(linter, "claim", "keep: name twice");
            }
        }
        match Shows::parse(&claim.shows) {
            Err(error) => say(linter, "claim-shows", &error.to_string()),
            Ok(shows) => {
                for name in shows.names().into_iter().filter(|name| !kept.contains(name)) {
                    say(linter, "claim-name", name);
                }
            }
        }
        for name in arguments(&claim.explain).into_iter().filter(|name| !kept.contains(name.as_str())) {
            say(linter, "claim-name", &name);
        }
        let placed_in_text =
            source.lessons.iter().any(|l| l.head.id == claim.lesson && l.head.claims.contains(&claim.id));
        if !placed_in_text {
            say(linter, "claim-not-placed", &claim.lesson);
        }
    }
}

fn arguments(text: &Text) -> BTreeSet<String> {
    let pieces = text.0.values().flat_map(|t| t.split("%{").skip(1));
    pieces.filter_map(|piece| Some(piece.split_once('}')?.0.to_owned())).collect()
}
