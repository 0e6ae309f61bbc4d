//! Exercises: hints enough, specimens enough, and goals that can be judged.

use super::{Linter, glob};
use crate::course::source::{
    finding::Finding,
    highlight,
    lang::Lang,
    markdown,
    model::{ExerciseSource, FileBytes, Specimen},
};
use dockshala_checkers::{
    dockerfile::{Dockerfile, Options, RefTarget},
    spec::{Ask, Expect, ImageQuestion, Kind, MachineTruth, Truth},
    verdict::codes,
};

/// A ladder has at least so many steps: a nudge, a direction, nearly the answer.
const LEAST_HINTS: usize = 3;
/// One that goes our way and one that does not.
const LEAST_GOOD: usize = 2;
/// The mistakes that learners really make.
const LEAST_BAD: usize = 3;
/// Characters of a title: it stands in lists and in the first row of the screen.
const LONGEST_TITLE: usize = 60;
/// Words of a brief and of a debrief.
const LEAST_WORDS: usize = 30;

pub(super) fn lint(linter: &mut Linter) {
    for exercise in &linter.source.exercises {
        let sheet = format!("{}/exercise.yaml", exercise.head.dir);
        texts(linter, exercise);
        for (side, specimens, least) in
            [("good", &exercise.files.good, LEAST_GOOD), ("bad", &exercise.files.bad, LEAST_BAD)]
        {
            if specimens.len() < least {
                let path = format!("{}/{side}", exercise.head.dir);
                let finding = Finding::lint("too-few-specimens", path).arg("side", side);
                linter.findings.push(finding.arg("have", specimens.len()).arg("least", least));
            }
        }
        for specimen in &exercise.files.bad {
            if specimen.sheet.note.trim().is_empty() {
                let path = format!("{}/bad/{}/specimen.yaml", exercise.head.dir, specimen.name);
                linter.at_line(Finding::lint("specimen-note", path), 1);
            }
        }
        goals(linter, exercise, &sheet);
        match exercise.head.kind {
            Kind::Dockerfile => dockerfiles(linter, exercise),
            Kind::Answer => answers(linter, exercise, &sheet),
            _ => {}
        }
        if exercise.head.teaches.is_empty() {
            linter.at_word(Finding::lint("teaches-nothing", &sheet), "teaches");
        }
        for title in exercise.head.title.0.values() {
            if title.chars().count() > LONGEST_TITLE {
                linter.at_word(Finding::lint("title-too-long", &sheet).arg("most", LONGEST_TITLE), title);
            }
        }
    }
}

fn texts(linter: &mut Linter, exercise: &ExerciseSource) {
    let mut steps: Option<(&Lang, usize)> = None;
    for (lang, text) in &exercise.texts {
        let file = |part: &str| format!("{}/{part}.{lang}.md", exercise.head.dir);
        if text.hints.len() < LEAST_HINTS {
            let finding = Finding::lint("too-few-hints", file("hints")).arg("have", text.hints.len());
            linter.findings.push(finding.arg("least", LEAST_HINTS));
        }
        match steps {
            Some((other, count)) if count != text.hints.len() => {
                let finding = Finding::lint("hints-differ", file("hints")).arg("other", other);
                linter.findings.push(finding.arg("here", text.hints.len()).arg("there", count));
            }
            _ => steps = Some((lang, text.hints.len())),
        }
        for (part, document) in [("brief", &text.brief), ("debrief", &text.debrief)] {
            let words = markdown::outline(&document.markdown).words;
            if words < LEAST_WORDS && !document.markdown.is_empty() {
                linter.at_line(
                    Finding::lint("text-too-short", file(part)).arg("words", words).arg("least", LEAST_WORDS),
                    1,
                );
            }
            for fence in markdown::outline(&document.markdown).fences {
                let language = fence.info.unwrap_or_default();
                if !highlight::known(&language) {
                    linter.at_line(Finding::lint("code-language", file(part)).arg("language", language), fence.line);
                }
            }
            for placed in markdown::directives(&document.markdown) {
                linter.at_line(Finding::lint("directive-not-here", file(part)), placed.line);
            }
        }
    }
}

fn goals(linter: &mut Linter, exercise: &ExerciseSource, sheet: &str) {
    for goal in &exercise.head.goals {
        let mut bad = |why: &str| {
            linter.at_word(Finding::lint("goal-empty", sheet).arg("id", &goal.id).arg("why", why), goal.ask.kind());
        };
        // What is asked of another Dockerfile is held to the same rules.
        let goal = match &goal.ask {
            Ask::WithFile(with) => {
                // A starter is measured by its first Dockerfile, and a file has no files of its own.
                if matches!(with.meets.ask, Ask::WithFile(_) | Ask::SmallerThanStarter(_)) {
                    bad("meets");
                }
                &*with.meets
            }
            _ => goal,
        };
        match &goal.ask {
            Ask::Stages(s) if s.at_least.is_none() && s.at_most.is_none() && s.named.is_empty() => {
                bad("at-least, at-most, named")
            }
            Ask::FinalBase(f) if f.one_of.is_empty() && f.none_of.is_empty() => bad("one-of, none-of"),
            Ask::Absent(a) if a.paths.is_empty() && a.tools.is_empty() => bad("paths, tools"),
            Ask::Present(p) if p.paths.is_empty() => bad("paths"),
            Ask::User(u) if !u.not_root && u.uid.is_none() => bad("not-root, uid"),
            Ask::Runs(r) if r.stdout.is_none() && r.stderr.is_none() && r.exit.is_none() => bad("stdout, stderr, exit"),
            Ask::Logs(l) if l.stdout.is_none() && l.stderr.is_none() => bad("stdout, stderr"),
            Ask::SmallerThanStarter(s) if s.times.is_nan() || s.times <= 1.0 => bad("times > 1"),
            Ask::CachedAfterEdit(c) if c.still_cached.command.is_none() && c.still_cached.one_of.is_empty() => {
                bad("still-cached: {command}, {one-of}");
            }
            _ => {}
        }
        match &goal.ask {
            Ask::CachedAfterEdit(c) if !exercise.files.starter.iter().any(|f| f.path == c.edit.file) => {
                linter.at_word(Finding::lint("edit-file", sheet).arg("file", &c.edit.file), &c.edit.file);
            }
            Ask::FinalBase(base) => {
                for pattern in &base.one_of {
                    if !exercise.head.images.iter().any(|image| glob(pattern, image) || glob(image, pattern)) {
                        linter.at_word(Finding::lint("image-not-listed", sheet).arg("image", pattern), pattern);
                    }
                }
            }
            Ask::Runs(runs) => {
                [&runs.stdout, &runs.stderr].into_iter().flatten().for_each(|e| expression(linter, sheet, e))
            }
            Ask::Logs(logs) => {
                [&logs.stdout, &logs.stderr].into_iter().flatten().for_each(|e| expression(linter, sheet, e))
            }
            Ask::Signal(signal) => signal.stdout.iter().for_each(|e| expression(linter, sheet, e)),
            Ask::Http(http) => http.body.iter().for_each(|e| expression(linter, sheet, e)),
            _ => {}
        }
    }
}

/// Every answer has its key in the starter, every image that is asked about is there, and a fixed one has wrong ones.
fn answers(linter: &mut Linter, exercise: &ExerciseSource, sheet: &str) {
    let starter = &exercise.files.starter;
    let text =
        starter.iter().find(|f| f.path == "answers.yaml").map(|f| String::from_utf8_lossy(&f.bytes).into_owned());
    let text = text.unwrap_or_default();
    for goal in &exercise.head.goals {
        let Ask::Answer(ask) = &goal.ask else { continue };
        let mut bad = |why: String| {
            linter.at_word(Finding::lint("goal-empty", sheet).arg("id", &goal.id).arg("why", why), &goal.id)
        };
        if !text.lines().any(|line| line.starts_with(&format!("{}:", goal.id))) {
            bad(format!("starter/answers.yaml: {}:", goal.id));
        }
        match &ask.is {
            Truth::Fixed(fixed) if fixed.wrong.is_empty() || fixed.wrong.contains_key(&fixed.value) => {
                bad("fixed: {value, wrong: {OTHER: {LANG: REASON}}}".to_owned());
            }
            Truth::Fixed(fixed) => {
                let missing = fixed.wrong.values().flat_map(|reason| {
                    exercise.texts.keys().filter(|lang| !reason.contains_key(lang.as_str())).map(Lang::as_str)
                });
                if let Some(lang) = missing.into_iter().next() {
                    bad(format!("wrong: {{OTHER: {{{lang}: REASON}}}}"));
                }
            }
            Truth::Image(image) if !starter.iter().any(|f| f.path == image.from) => {
                bad(format!("starter/{}", image.from))
            }
            Truth::Image(image) => {
                if let ImageQuestion::DeletedText(deleted) = &image.what
                    && let Err(error) = regex_lite(&deleted.take)
                {
                    linter.at_word(
                        Finding::lint("regex", sheet).arg("pattern", &deleted.take).arg("message", error),
                        &goal.id,
                    );
                }
            }
            Truth::Machine(MachineTruth::KernelInside | MachineTruth::KernelShared)
                if exercise.head.images.is_empty() =>
            {
                bad("images: [busybox:1.37]".to_owned());
            }
            Truth::Machine(_) => {}
        }
    }
}

fn expression(linter: &mut Linter, sheet: &str, expect: &Expect) {
    if let Expect::Detailed { matches: Some(pattern), .. } = expect
        && let Err(error) = regex_lite(pattern)
    {
        linter.at_word(Finding::lint("regex", sheet).arg("pattern", pattern).arg("message", error), pattern);
    }
}

pub(super) fn regex_lite(pattern: &str) -> Result<(), String> {
    regex::Regex::new(pattern).map(drop).map_err(|e| e.to_string().lines().last().unwrap_or_default().to_owned())
}

/// Failures for which a Dockerfile need not be readable.
const UNREADABLE: &[&str] = &[
    codes::NO_DOCKERFILE,
    codes::DOCKERFILE_EMPTY,
    codes::DOCKERFILE_TOO_BIG,
    codes::DOCKERFILE_NOT_UTF8,
    codes::SYNTAX,
    codes::BUILD_FAILED,
    codes::STAGE_UNKNOWN,
];

fn dockerfiles(linter: &mut Linter, exercise: &ExerciseSource) {
    let starter = Specimen { name: "starter".to_owned(), own: exercise.files.starter.clone(), ..Specimen::default() };
    let all = [("", &starter)].into_iter();
    let all = all
        .chain(exercise.files.good.iter().map(|s| ("good/", s)))
        .chain(exercise.files.bad.iter().map(|s| ("bad/", s)));
    for (side, specimen) in all {
        let path = format!("{}/{side}{}/Dockerfile", exercise.head.dir, specimen.name);
        let Some(file) = specimen.own.iter().find(|f: &&FileBytes| f.path == "Dockerfile") else { continue };
        let codes = specimen.sheet.fails.values().chain(specimen.sheet.engines.values().flat_map(|e| e.fails.values()));
        let may_be_unreadable = codes.into_iter().any(|code| UNREADABLE.contains(&code.as_str()));
        match Dockerfile::read(&file.bytes, &Options::default()) {
            // A starter may be broken on purpose: it must fail anyway.
            Err(_) if may_be_unreadable || side.is_empty() => {}
            Err(error) => linter.findings.push(Finding::lint("dockerfile", path).arg("message", error)),
            Ok(dockerfile) => {
                let text = String::from_utf8_lossy(&file.bytes);
                for reference in &dockerfile.references {
                    let RefTarget::Image(image) = &reference.target else { continue };
                    if !exercise.head.images.iter().any(|known| glob(known, image)) && !may_be_unreadable {
                        let finding = Finding::lint("image-not-listed", &path).at_line(&text, reference.line);
                        linter.findings.push(finding.arg("image", image));
                    }
                }
                for line in specimen.sheet.lines.iter().flatten() {
                    if *line as usize > text.lines().count() {
                        let sheet = format!("{}/{side}{}/specimen.yaml", exercise.head.dir, specimen.name);
                        linter.at_word(Finding::lint("specimen-line", sheet).arg("line", line), &line.to_string());
                    }
                }
            }
        }
    }
}
