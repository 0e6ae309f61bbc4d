//! How texts are written: one spelling for each word, and no character that terminals draw in different widths.

use super::Linter;
use crate::course::source::{finding::Finding, lang::Lang, markdown};
use std::{collections::BTreeMap, sync::LazyLock};

static SPELLING: LazyLock<BTreeMap<Lang, BTreeMap<String, String>>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../../assets/spelling.yaml")).expect("a test reads assets/spelling.yaml")
});

pub(super) fn lint(linter: &mut Linter) {
    let markdown: Vec<(String, String)> =
        linter.texts.iter().filter(|(path, _)| path.ends_with(".md")).map(|(p, t)| (p.clone(), t.clone())).collect();
    for (path, text) in &markdown {
        // Starters and specimens are submissions, not texts of the course.
        if ["/starter/", "/good/", "/bad/", "/code/"].iter().any(|part| path.contains(part)) {
            continue;
        }
        let lang = path.trim_end_matches(".md").rsplit(['/', '.']).next().unwrap_or_default();
        for (line, prose) in markdown::outline(text).prose {
            spelling(linter, path, line, &prose, lang);
        }
    }
    for (path, text) in linter.texts.clone() {
        for (line, number) in text.lines().zip(1..) {
            if let Some(odd) = line.chars().find(|c| unsteady(*c)) {
                let code = format!("U+{:04X}", odd as u32);
                linter.at_line(Finding::lint("unsteady-character", &path).arg("character", code), number);
            }
        }
    }
    texts_of_yaml(linter);
}

/// Variation selectors, joiners, flags: terminals disagree by a cell or two, and the rest of the row shifts.
fn unsteady(c: char) -> bool {
    matches!(c, '\u{fe0e}' | '\u{fe0f}' | '\u{200c}' | '\u{200d}' | '\u{1f1e6}'..='\u{1f1ff}' | '\u{1f3fb}'..='\u{1f3ff}')
}

fn spelling(linter: &mut Linter, path: &str, line: u32, prose: &str, lang: &str) {
    for (wrong, right) in misspelt(lang, prose) {
        linter.at_line(Finding::lint("spelling", path).arg("wrong", wrong).arg("right", right), line);
    }
}

/// Words of a prose that the language writes otherwise.
fn misspelt(lang: &str, prose: &str) -> Vec<(String, String)> {
    let Some(words) = SPELLING.get(lang) else { return Vec::new() };
    let mut found = Vec::new();
    let mut before = String::new();
    for word in prose.split(|c: char| !c.is_alphanumeric() && c != '\'') {
        let lower = word.to_lowercase();
        // "apne aap" is "by itself", not the pronoun.
        if let Some(right) = words.get(&lower).filter(|_| !(lower == "aap" && before == "apne")) {
            found.push((word.to_owned(), right.clone()));
        }
        if !word.is_empty() {
            before = lower;
        }
    }
    found
}

/// Quiz, claims, titles: their words stand in YAML. Code in backticks is left out.
fn texts_of_yaml(linter: &mut Linter) {
    let source = linter.source;
    let mut texts = Vec::new();
    for module in &source.modules {
        let quiz = format!("lessons/{}/quiz.yaml", module.dir);
        for question in source.quiz.get(&module.id).into_iter().flatten() {
            texts.extend([(&quiz, &question.ask), (&quiz, &question.explain)].map(|(p, t)| (p.clone(), t)));
            texts.extend(question.points.iter().map(|t| (quiz.clone(), t)));
            texts.extend(question.answer.iter().map(|t| (quiz.clone(), t)));
            texts.extend(question.then.iter().flat_map(|n| [&n.ask, &n.answer]).map(|t| (quiz.clone(), t)));
            texts.extend(question.options.iter().flat_map(|o| [&o.text, &o.why]).map(|t| (quiz.clone(), t)));
        }
        let claims = format!("lessons/{}/claims.yaml", module.dir);
        for placed in source.claims.iter().filter(|c| c.module == module.id) {
            let claim = &placed.claim;
            texts.extend([&claim.says, &claim.ask, &claim.explain].map(|t| (claims.clone(), t)));
            texts.extend(claim.options.iter().map(|o| (claims.clone(), &o.text)));
        }
        let sheet = format!("lessons/{}/module.yaml", module.dir);
        texts.extend([&module.title, &module.summary].map(|t| (sheet.clone(), t)));
    }
    for (path, text) in texts {
        for (lang, words) in &text.0 {
            let prose: String = words.split('`').step_by(2).collect::<Vec<_>>().join(" ");
            for (wrong, right) in misspelt(lang.as_str(), &prose) {
                let finding = Finding::lint("spelling", &path).arg("wrong", &wrong).arg("right", right);
                linter.at_word(finding, &wrong);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_and_tum() {
        assert_eq!(misspelt("hi-Latn", "Ye nahin chalega"), [("nahin".to_owned(), "nahi".to_owned())]);
        assert_eq!(misspelt("hi-Latn", "Aap dekho")[0].1, "tum");
        assert!(misspelt("hi-Latn", "Wo apne aap ruk jaata hai, phir chalta nahi").is_empty());
        assert!(misspelt("en", "fir trees").is_empty());
    }

    #[test]
    fn no_word_is_both_wrong_and_right() {
        for words in SPELLING.values() {
            for right in words.values() {
                assert!(!words.contains_key(right), "{right}");
            }
        }
    }

    /// Our own strings hold to it too.
    #[test]
    fn the_ui_strings_are_spelt_so() {
        let messages = crate::_rust_i18n_backend().messages_for_locale("hi-Latn").unwrap();
        for (key, text) in messages {
            let prose = text.split('`').step_by(2).collect::<Vec<_>>().join(" ");
            assert_eq!(misspelt("hi-Latn", &prose), [], "{key}: {text}");
        }
    }
}
