//! Code of lessons: every file says how it is tested and is shown, and what is not tested here says where it comes from.

use super::{Linter, is_date};
use crate::course::source::{
    diagram,
    finding::Finding,
    format::{How, Sample, TestAt},
    markdown::{self, Directive},
    model::LessonSource,
};
use dockshala_checkers::dockerfile::{Dockerfile, Options, RefTarget};
use std::collections::BTreeSet;

pub(super) fn lint(linter: &mut Linter) {
    for lesson in &linter.source.lessons {
        let sheet = format!("{}/code/samples.yaml", lesson.head.dir);
        let shown = shown(linter, lesson);
        let mut declared = BTreeSet::new();
        for sample in &lesson.code.samples {
            if !declared.insert(sample.file.as_str()) {
                linter.at_nth(Finding::lint("sample-twice", &sheet).arg("file", &sample.file), &sample.file, 1);
            }
            one(linter, lesson, &sheet, sample);
            // Of the recordings of one script a lesson shows one; the other storage's is there to be compared.
            let beside = sample.storage.is_some()
                && lesson.code.samples.iter().any(|s| {
                    s.of == sample.of && s.storage.is_some() && s.storage != sample.storage && shown.contains(&s.file)
                });
            if !shown.contains(&sample.file) && !beside && !matches!(sample.how, How::Include) {
                linter.at_word(Finding::lint("sample-not-shown", &sheet).arg("file", &sample.file), &sample.file);
            }
        }
        for file in &lesson.code.files {
            // A context folder is declared by one line: its files are what is built.
            let within = |s: &Sample| file.path.starts_with(&format!("{}/", s.file));
            if !declared.contains(file.path.as_str()) && !lesson.code.samples.iter().any(within) {
                let path = format!("{}/code/{}", lesson.head.dir, file.path);
                linter.findings.push(Finding::lint("sample-undeclared", path).arg("file", &file.path));
            }
        }
    }
}

/// Files of `code/` that a text inserts, in any language.
fn shown(linter: &Linter, lesson: &LessonSource) -> BTreeSet<String> {
    let mut shown = BTreeSet::new();
    for lang in lesson.texts.keys() {
        let text = linter.text(&format!("{}/{lang}.md", lesson.head.dir));
        shown.extend(diagram::stepper::files(text).iter().map(|f| f.trim_start_matches("code/").to_owned()));
        for placed in markdown::directives(text) {
            if let Ok(Directive::Code { file, .. }) = placed.directive {
                shown.insert(file.strip_prefix("code/").unwrap_or(&file).to_owned());
            }
        }
    }
    shown
}

fn one(linter: &mut Linter, lesson: &LessonSource, sheet: &str, sample: &Sample) {
    let at = |linter: &mut Linter, code: &'static str| {
        linter.at_word(Finding::lint(code, sheet).arg("file", &sample.file), &sample.file);
    };
    let folder = format!("{}/", sample.file);
    let file = lesson.code.files.iter().find(|f| f.path == sample.file);
    if file.is_none() && !(sample.how == How::Include && lesson.code.files.iter().any(|f| f.path.starts_with(&folder)))
    {
        at(linter, "sample-file-missing");
        return;
    }
    if matches!(sample.test, TestAt::Registry | TestAt::Cloud)
        && (sample.source.is_none() || !sample.date.as_deref().is_some_and(is_date))
    {
        at(linter, "sample-source");
    }
    let expect = sample.expect.clone().unwrap_or_default();
    if sample.test == TestAt::WrongAsSaid && expect.error_contains.is_none() {
        at(linter, "sample-wrong-how");
    }
    if let Some(context) = &sample.context
        && context != "."
        && !lesson.code.files.iter().any(|f| f.path.starts_with(&format!("{context}/")))
    {
        linter.at_word(Finding::lint("sample-context", sheet).arg("context", context), context);
    }
    let source = if sample.how == How::Recording { How::Build } else { How::Script };
    let of = |name: &str| lesson.code.samples.iter().any(|s| s.file == name && s.how == source);
    let recorded = matches!(sample.how, How::OutputOf | How::Recording);
    if recorded != sample.of.is_some() || sample.of.as_deref().is_some_and(|name| !of(name)) {
        at(linter, "sample-output-of");
    }
    if sample.run.is_some() && sample.how != How::Build {
        at(linter, "sample-run");
    }
    // What is never tried by itself has no engine to be too old.
    if sample.since.is_some() && matches!(sample.how, How::Include | How::OutputOf) {
        at(linter, "sample-since");
    }
    if let (How::Build, Some(file)) = (sample.how, file) {
        dockerfile(linter, lesson, sheet, sample, &file.bytes);
    }
}

fn dockerfile(linter: &mut Linter, lesson: &LessonSource, sheet: &str, sample: &Sample, bytes: &[u8]) {
    let path = format!("{}/code/{}", lesson.head.dir, sample.file);
    match Dockerfile::read(bytes, &Options::default()) {
        Err(_) if sample.test == TestAt::WrongAsSaid => {}
        Err(error) => linter.findings.push(Finding::lint("dockerfile", path).arg("message", error)),
        Ok(dockerfile) => {
            for reference in &dockerfile.references {
                let RefTarget::Image(image) = &reference.target else { continue };
                if !sample.uses.iter().any(|used| used == image) {
                    let text = String::from_utf8_lossy(bytes);
                    let finding = Finding::lint("sample-uses", &path).at_line(&text, reference.line);
                    linter.findings.push(finding.arg("image", image).arg("sheet", sheet));
                }
            }
        }
    }
}
