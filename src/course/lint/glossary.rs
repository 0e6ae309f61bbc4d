//! The glossary: every term in every language, none twice, each leading to a lesson that the course has or will have.

use super::Linter;
use crate::course::source::finding::Finding;
use std::collections::BTreeSet;

const PATH: &str = "lessons/glossary.yaml";

/// A meaning longer than this is a lesson, and hides the text that it should help to read.
const LONGEST: usize = 320;

pub(super) fn lint(linter: &mut Linter) {
    let source = linter.source;
    let (mut ids, mut forms) = (BTreeSet::new(), BTreeSet::new());
    for term in &source.glossary {
        let say = |why: &str| Finding::lint("glossary", PATH).arg("term", &term.id).arg("why", why);
        let mut faults = Vec::new();
        if !ids.insert(term.id.as_str()) {
            faults.push(say("id: twice"));
        }
        for lang in &source.languages {
            for (field, text) in [("word", &term.word), ("means", &term.means)] {
                if text.exactly(lang).is_none_or(|t| t.trim().is_empty()) {
                    faults.push(say(&format!("{field}: no {lang}")));
                }
            }
        }
        if term.means.0.values().any(|t| t.chars().count() > LONGEST) {
            faults.push(say(&format!("means: over {LONGEST} letters")));
        }
        let mut own: Vec<String> = term.word.0.values().chain(&term.also).map(|form| form.to_lowercase()).collect();
        own.sort();
        own.dedup();
        for form in own {
            if form.trim().is_empty() || !forms.insert(form.clone()) {
                faults.push(say(&format!("`{form}`: twice, or empty")));
            }
        }
        let known = |id: &String| {
            source.lessons.iter().any(|l| l.head.id == *id) || source.curriculum.iter().any(|p| p.id == *id)
        };
        if let Some(lesson) = term.lesson.as_ref().filter(|id| !known(id)) {
            faults.push(say(&format!("lesson: no `{lesson}`")));
        }
        for fault in faults {
            linter.at_word(fault, &term.id);
        }
    }
}
