//! Figures: each is quoted somewhere, has a unit, a source or a command, and a date.

use super::{Linter, is_date};
use crate::course::source::{
    finding::Finding,
    format::Figure,
    markdown::{self, Directive},
};
use std::collections::BTreeSet;

const PATH: &str = "assets/figures.yaml";

pub(super) fn lint(linter: &mut Linter) {
    let source = linter.source;
    let mut quoted = BTreeSet::new();
    for lesson in &source.lessons {
        for lang in lesson.texts.keys() {
            for placed in markdown::directives(linter.text(&format!("{}/{lang}.md", lesson.head.dir))) {
                if let Ok(Directive::Figure(key)) = placed.directive {
                    quoted.insert(key);
                }
            }
        }
    }
    for (key, figure) in &source.figures {
        if !quoted.contains(key) {
            linter.at_word(Finding::lint("figure-unused", PATH).arg("key", key), key);
        }
        for fault in faults(figure) {
            linter.at_word(Finding::lint("figure", PATH).arg("key", key).arg("why", fault), key);
        }
    }
}

fn faults(figure: &Figure) -> Vec<&'static str> {
    let size = matches!(figure.unit.as_str(), "B" | "kB" | "MB" | "GB" | "KiB" | "MiB" | "GiB");
    [
        (!is_date(&figure.date), "date: like 2026-08-03"),
        (figure.source.is_some() == figure.measure.is_some(), "either source, or measure"),
        (figure.source.as_deref().is_some_and(|s| s.trim().is_empty()), "source: what page"),
        (figure.measure.is_some() && figure.engine.is_none(), "engine: on which it was measured"),
        (size && figure.source.is_some() && figure.kind.is_none(), "kind: compressed, on-disk or measured"),
        (!figure.value.chars().any(|c| c.is_ascii_digit()), "value: a number"),
    ]
    .into_iter()
    .filter_map(|(wrong, why)| wrong.then_some(why))
    .collect()
}
