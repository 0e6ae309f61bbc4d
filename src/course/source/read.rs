//! Files → a course that is sound. Everything wrong is a finding; the reader goes on past it, so that an author sees all of
//! it at once. A course with any [`Severity::Error`] is not used.

use super::{
    diagram,
    files::Files,
    finding::{Finding, Severity},
    format::*,
    lang::{Lang, Text},
    markdown::{self, Heading, Inserts, Outline},
    model::*,
};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// What came of reading.
#[derive(Debug)]
pub struct Read {
    /// What was readable of the course.
    pub source: Source,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

impl Read {
    /// The course, unless something is wrong that keeps it from being used.
    pub fn sound(self) -> Result<Source, Vec<Finding>> {
        let errors: Vec<_> = self.findings.into_iter().filter(|f| f.severity == Severity::Error).collect();
        if errors.is_empty() { Ok(self.source) } else { Err(errors) }
    }
}

/// Reads a whole course.
pub fn read(files: &dyn Files) -> Read {
    let mut reader =
        Reader { files, all: BTreeMap::new(), findings: Vec::new(), ids: BTreeMap::new(), source: Source::default() };
    reader.load();
    reader.course();
    reader.references();
    reader.source.hash = reader.content_hash();
    Read { source: reader.source, findings: reader.findings }
}

pub(super) struct Reader<'a> {
    pub(super) files: &'a dyn Files,
    /// Every file, read once: some are looked at several times, and all are hashed.
    all: BTreeMap<String, Vec<u8>>,
    pub(super) findings: Vec<Finding>,
    ids: BTreeMap<String, String>,
    pub(super) source: Source,
}

struct Stock<'a> {
    code: &'a BTreeMap<String, String>,
    figures: &'a FiguresFile,
    claims: &'a BTreeSet<String>,
}

impl Inserts for Stock<'_> {
    fn code(&self, file: &str) -> Option<&str> {
        self.code.get(file).map(String::as_str)
    }
    fn figure(&self, key: &str) -> Option<String> {
        self.figures.get(key).map(Figure::shown)
    }
    fn claim(&self, id: &str) -> bool {
        self.claims.contains(id)
    }
}

impl Reader<'_> {
    fn load(&mut self) {
        for path in self.files.list().keys() {
            match self.files.read(path) {
                Ok(bytes) => drop(self.all.insert(path.clone(), bytes)),
                Err(error) => self.findings.push(Finding::error("file-unreadable", path).arg("message", error)),
            }
        }
    }

    /// SHA-256 over every path and content, in hex.
    fn content_hash(&self) -> String {
        let mut hash = Sha256::new();
        for (path, bytes) in &self.all {
            let executable = self.files.list().get(path).is_some_and(|entry| entry.executable);
            hash.update((path.len() as u64).to_le_bytes());
            hash.update(path);
            hash.update([u8::from(executable)]);
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(super) fn say(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub(super) fn text(&mut self, path: &str) -> Option<String> {
        if !self.files.list().contains_key(path) {
            self.say(Finding::error("file-missing", path));
            return None;
        }
        // What could not be read was said when all was read.
        match std::str::from_utf8(self.all.get(path)?) {
            Ok(text) => Some(text.to_owned()),
            Err(bad) => {
                let offset = bad.valid_up_to();
                self.say(Finding::error("not-utf8", path).arg("offset", offset));
                None
            }
        }
    }

    /// Reads YAML, with the text it was read from, in which later findings look for their lines.
    pub(super) fn yaml<T: DeserializeOwned>(&mut self, path: &str) -> Option<(T, String)> {
        let text = self.text(path)?;
        let value = self.parse(path, &text, &text, 0)?;
        Some((value, text))
    }

    pub(super) fn optional<T: DeserializeOwned>(&mut self, path: &str) -> Option<(T, String)> {
        self.files.list().contains_key(path).then(|| self.yaml(path)).flatten()
    }

    fn parse<T: DeserializeOwned>(&mut self, path: &str, yaml: &str, whole: &str, lines_before: u32) -> Option<T> {
        match serde_yaml::from_str(yaml) {
            Ok(value) => Some(value),
            Err(error) => {
                let error = error.without_snippet();
                let (line, column) = error.location().map_or((0, 0), |at| (at.line() as u32, at.column() as u32));
                let message: String = error.to_string().lines().next().unwrap_or_default().chars().take(300).collect();
                // The parser ends its sentence with the position, which the finding has already.
                let message =
                    message.split(" at line ").next().unwrap_or_default().trim_end_matches([',', ';']).to_owned();
                let finding = Finding::error("yaml", path).arg("message", message);
                self.say(if line == 0 { finding } else { finding.at(whole, line + lines_before, column) });
                None
            }
        }
    }

    /// Takes an id into the one name space of the course.
    pub(super) fn id(&mut self, id: &str, path: &str, text: &str) {
        if !is_id(id) {
            self.say(Finding::error("id-form", path).at_word(text, id, 0).arg("id", id));
        }
        match self.ids.get(id) {
            Some(other) => {
                let nth = usize::from(other == path);
                let finding = Finding::error("id-twice", path).arg("other", other).arg("id", id);
                self.say(finding.at_word(text, id, nth));
            }
            None => {
                self.ids.insert(id.to_owned(), path.to_owned());
            }
        }
    }

    /// The text must exist in every language of the course.
    pub(super) fn in_all(&mut self, text: &Text, what: &str, path: &str, raw: &str) {
        for lang in self.source.languages.clone() {
            if text.exactly(&lang).is_none_or(|t| t.trim().is_empty()) {
                let near = text.0.values().next().map_or(what, String::as_str);
                self.say(
                    Finding::error("text-missing", path).at_word(raw, near, 0).arg("what", what).arg("lang", &lang),
                );
            }
        }
        for lang in text.0.keys() {
            if !self.source.languages.contains(lang) {
                let finding = Finding::error("language-unknown", path).arg("lang", lang);
                self.say(finding.at_word(raw, lang.as_str(), 0));
            }
        }
    }

    /// Files under a folder, with paths relative to it.
    pub(super) fn folder(&self, dir: &str) -> Vec<FileBytes> {
        let prefix = format!("{dir}/");
        let within = self.all.range(prefix.clone()..).take_while(|(path, _)| path.starts_with(&prefix));
        let list = self.files.list();
        within
            .map(|(path, bytes)| FileBytes {
                path: path[prefix.len()..].to_owned(),
                executable: list.get(path).is_some_and(|entry| entry.executable),
                bytes: bytes.clone(),
            })
            .collect()
    }

    fn course(&mut self) {
        const PATH: &str = "lessons/course.yaml";
        let Some((course, text)) = self.yaml::<CourseFile>(PATH) else { return };
        if course.format != FORMAT {
            let finding = Finding::error("format-unknown", PATH).at_word(&text, "format", 0);
            self.say(finding.arg("format", course.format).arg("known", FORMAT));
            return;
        }
        let distinct: BTreeSet<_> = course.languages.iter().collect();
        if course.languages.is_empty() || distinct.len() != course.languages.len() {
            self.say(Finding::error("languages", PATH).at_word(&text, "languages", 0));
        }
        self.id(&course.id, PATH, &text);
        self.source.id = course.id;
        self.source.languages = course.languages;
        self.in_all(&course.title, "title", PATH, &text);
        self.source.title = course.title;
        self.source.figures = self.optional("assets/figures.yaml").map_or_else(BTreeMap::new, |(figures, _)| figures);
        self.source.glossary =
            self.optional::<GlossaryFile>("lessons/glossary.yaml").map_or_else(Vec::new, |(file, _)| file.terms);
        self.source.curriculum =
            self.optional::<CurriculumFile>("assets/curriculum.yaml").map_or_else(Vec::new, |(file, _)| file.lessons);
        for dir in course.modules {
            if is_id(&dir) {
                self.module(&dir);
            } else {
                self.say(Finding::error("folder-name", PATH).at_word(&text, &dir, 0).arg("name", &dir));
            }
        }
        self.source.coverage = self.optional("lessons/coverage.yaml").map_or_else(Default::default, |(file, _)| file);
    }

    fn module(&mut self, dir: &str) {
        let path = format!("lessons/{dir}/module.yaml");
        let Some((module, text)) = self.yaml::<ModuleFile>(&path) else { return };
        self.id(&module.id, &path, &text);
        self.in_all(&module.title, "title", &path, &text);
        self.in_all(&module.summary, "summary", &path, &text);
        let claims = self.claims(dir, &module.id);
        let known: BTreeSet<String> = claims.iter().map(|c| c.claim.id.clone()).collect();
        self.source.claims.extend(claims);
        let (mut lessons, mut exercises) = (Vec::new(), Vec::new());
        for name in module.lessons.iter().chain(&module.exercises) {
            if !is_id(name) {
                self.say(Finding::error("folder-name", &path).at_word(&text, name, 0).arg("name", name));
            }
        }
        for name in module.lessons.iter().filter(|n| is_id(n)) {
            if let Some(lesson) = self.lesson(&format!("lessons/{dir}/{name}"), &module.id, &known) {
                lessons.push(lesson.head.id.clone());
                self.source.lessons.push(lesson);
            }
        }
        for name in module.exercises.iter().filter(|n| is_id(n)) {
            if let Some(exercise) = self.exercise(&format!("exercises/{dir}/{name}"), &module.id) {
                exercises.push(exercise.head.id.clone());
                self.source.exercises.push(exercise);
            }
        }
        for id in module.capstone.iter().chain(&module.test_out) {
            if !exercises.contains(id) {
                self.say(Finding::error("exercise-unknown", &path).at_word(&text, id, 0).arg("id", id));
            }
        }
        let quiz = self.quiz(dir);
        self.source.modules.push(Module {
            id: module.id.clone(),
            dir: dir.to_owned(),
            title: module.title,
            summary: module.summary,
            lessons,
            exercises,
            capstone: module.capstone,
            test_out: module.test_out,
            questions: quiz.len() as u32,
            claims: known.into_iter().collect(),
        });
        self.source.quiz.insert(module.id, quiz);
    }

    fn lesson(&mut self, dir: &str, module: &str, claims: &BTreeSet<String>) -> Option<LessonSource> {
        let code_files = self.folder(&format!("{dir}/code"));
        let samples_path = format!("{dir}/code/samples.yaml");
        let samples = self.optional::<SamplesFile>(&samples_path).map_or_else(Vec::new, |(file, _)| file.samples);
        let code: BTreeMap<String, String> = code_files
            .iter()
            .filter_map(|f| Some((format!("code/{}", f.path), String::from_utf8(f.bytes.clone()).ok()?)))
            .collect();
        let mut head: Option<Lesson> = None;
        let mut texts = BTreeMap::new();
        for lang in self.source.languages.clone() {
            let path = format!("{dir}/{lang}.md");
            let Some(whole) = self.text(&path) else { continue };
            let Some((front, body, first_line)) = markdown::split_front_matter(&whole) else {
                self.say(Finding::error("front-matter", &path).at_line(&whole, 1));
                continue;
            };
            let Some(front) = self.parse::<FrontMatter>(&path, front, &whole, 1) else { continue };
            let stock = Stock { code: &code, figures: &self.source.figures, claims };
            let expanded = markdown::expand(body, &path, &whole, first_line, &stock, &mut self.findings);
            let outline = markdown::outline(body);
            self.diagrams(&path, &whole, first_line, &outline, &expanded);
            let sections = self.sections(&path, &whole, first_line, outline.headings);
            let placed = markdown::directives(body).into_iter().filter_map(|p| match p.directive {
                Ok(markdown::Directive::Claim(id)) => Some(id),
                _ => None,
            });
            match &mut head {
                None => {
                    self.id(&front.id, &path, &whole);
                    head = Some(Lesson {
                        id: front.id,
                        module: module.to_owned(),
                        dir: dir.to_owned(),
                        title: Text([(lang.clone(), front.title)].into()),
                        minutes: front.minutes,
                        needs: front.needs,
                        keywords: front.keywords,
                        sections: sections.iter().map(|s| s.id.clone()).collect(),
                        claims: placed.collect(),
                    });
                }
                Some(head) => {
                    for (what, same) in [
                        ("id", front.id == head.id),
                        ("minutes", front.minutes == head.minutes),
                        ("needs", front.needs == head.needs),
                    ] {
                        if !same {
                            let finding = Finding::error("front-matter-differs", &path).arg("what", what);
                            self.findings.push(finding.at_word(&whole, what, 0));
                        }
                    }
                    head.title.0.insert(lang.clone(), front.title);
                    for word in front.keywords {
                        if !head.keywords.contains(&word) {
                            head.keywords.push(word);
                        }
                    }
                }
            }
            let words = outline.words as u32;
            let document = Document { markdown: expanded, code: Vec::new() };
            texts.insert(lang, LessonText { document, sections, words });
        }
        let files = code_files.into_iter().filter(|f| f.path != "samples.yaml").collect();
        Some(LessonSource { head: head?, texts, code: LessonCode { samples, files } })
    }

    /// Diagrams are read as they will be drawn, figures filled in, and blamed where they are written: there are as many of them
    /// before the filling in as after it.
    fn diagrams(&mut self, path: &str, whole: &str, first_line: u32, outline: &Outline, expanded: &str) {
        let word = |info: &str| info.split_whitespace().next().is_some_and(|word| diagram::KINDS.contains(&word));
        let written = outline.fences.iter().filter(|f| f.info.as_deref().is_some_and(word));
        for (fence, found) in written.zip(diagram::all(expanded)) {
            for fault in found.read.err().unwrap_or_default() {
                let line = fence.line + first_line - 1 + fault.line;
                let finding = Finding::error(fault.code, path).arg("what", fault.what).arg("kind", &found.kind);
                self.say(finding.at_line(whole, line));
            }
        }
    }

    fn sections(&mut self, path: &str, whole: &str, first_line: u32, headings: Vec<Heading>) -> Vec<Section> {
        let mut sections: Vec<Section> = Vec::new();
        for heading in headings {
            let line = heading.line + first_line - 1;
            match heading.id {
                Some(id) if !is_id(&id) || sections.iter().any(|s| s.id == id) => {
                    self.say(Finding::error("section-id", path).at_line(whole, line).arg("id", id));
                }
                Some(id) => sections.push(Section { id, title: heading.title }),
                None => self.say(Finding::error("section-without-id", path).at_line(whole, line)),
            }
        }
        sections
    }

    fn quiz(&mut self, dir: &str) -> Vec<Question> {
        let path = format!("lessons/{dir}/quiz.yaml");
        let Some((quiz, text)) = self.optional::<QuizFile>(&path) else { return Vec::new() };
        for question in &quiz.questions {
            self.id(&question.id, &path, &text);
            self.in_all(&question.ask, "ask", &path, &text);
            self.in_all(&question.explain, "explain", &path, &text);
            for option in &question.options {
                self.in_all(&option.text, "text", &path, &text);
                if !option.why.0.is_empty() {
                    self.in_all(&option.why, "why", &path, &text);
                }
            }
            for point in &question.points {
                self.in_all(point, "points", &path, &text);
            }
            if let Some(answer) = &question.answer {
                self.in_all(answer, "answer", &path, &text);
            }
            for then in &question.then {
                self.in_all(&then.ask, "ask", &path, &text);
                self.in_all(&then.answer, "answer", &path, &text);
            }
        }
        quiz.questions
    }

    fn claims(&mut self, dir: &str, module: &str) -> Vec<PlacedClaim> {
        let path = format!("lessons/{dir}/claims.yaml");
        let Some((file, text)) = self.optional::<ClaimsFile>(&path) else { return Vec::new() };
        let mut placed = Vec::new();
        for claim in file.claims {
            self.id(&claim.id, &path, &text);
            for (what, words) in [("says", &claim.says), ("ask", &claim.ask), ("explain", &claim.explain)] {
                self.in_all(words, what, &path, &text);
            }
            for option in &claim.options {
                self.in_all(&option.text, "text", &path, &text);
            }
            let files = match &claim.files {
                None => Vec::new(),
                Some(name) if is_inside(name) => {
                    let files = self.folder(&format!("lessons/{dir}/claims/{name}"));
                    if files.is_empty() {
                        self.say(Finding::error("folder-empty", &path).at_word(&text, name, 0).arg("name", name));
                    }
                    files
                }
                Some(name) => {
                    self.say(Finding::error("path-outside", &path).at_word(&text, name, 0).arg("path", name));
                    Vec::new()
                }
            };
            placed.push(PlacedClaim { module: module.to_owned(), claim, files });
        }
        placed
    }

    /// What one file says of another must be there.
    fn references(&mut self) {
        let source = std::mem::take(&mut self.source);
        let lesson = |id: &str| source.lessons.iter().find(|l| l.head.id == id);
        let exercise = |id: &str| source.exercises.iter().any(|e| e.head.id == id);
        let mut missing: Vec<(String, &'static str, String)> = Vec::new();
        let section_fault = |id: &str, section: &str| match lesson(id) {
            None => Some(("lesson-unknown", id.to_owned())),
            Some(found) if found.head.sections.iter().any(|s| s == section) => None,
            Some(_) => Some(("section-unknown", section.to_owned())),
        };
        let coverage = "lessons/coverage.yaml";
        let topics = source.coverage.topics.iter().map(|t| (&t.lesson, &t.section));
        for (id, section) in topics.chain(source.coverage.corrections.iter().map(|c| (&c.lesson, &c.section))) {
            missing.extend(section_fault(id, section).map(|(code, id)| (coverage.to_owned(), code, id)));
        }
        for module in &source.modules {
            let path = format!("lessons/{}/claims.yaml", module.dir);
            for placed in source.claims.iter().filter(|c| c.module == module.id) {
                let fault = section_fault(&placed.claim.lesson, &placed.claim.section);
                missing.extend(fault.map(|(code, id)| (path.clone(), code, id)));
            }
            let path = format!("lessons/{}/quiz.yaml", module.dir);
            let mut miss = |code, id: &str| missing.push((path.clone(), code, id.to_owned()));
            for question in &source.quiz[&module.id] {
                // Interview questions go over the whole course, and may be there before the lesson that they rest on.
                let planned = || source.curriculum.iter().any(|p| p.id == question.lesson);
                if lesson(&question.lesson).is_none() && !(question.in_interviews() && planned()) {
                    miss("lesson-unknown", &question.lesson);
                }
                for id in &question.followups {
                    if !source.quiz.values().flatten().any(|q| q.id == *id) {
                        miss("question-unknown", id);
                    }
                }
                match &question.proof {
                    Some(Proof::Claim(id)) if !source.claims.iter().any(|c| c.claim.id == *id) => {
                        miss("claim-unknown", id)
                    }
                    Some(Proof::Exercise(id)) if !exercise(id) => miss("exercise-unknown", id),
                    Some(Proof::Section(target)) => {
                        let (id, section) = target.split_once('#').unwrap_or((target, ""));
                        if lesson(id).is_none_or(|l| !l.head.sections.iter().any(|s| s == section)) {
                            miss("section-unknown", target);
                        }
                    }
                    _ => {}
                }
            }
        }
        for entry in &source.exercises {
            for id in &entry.head.teaches {
                // A lesson of the curriculum may be written after its exercise: the exercise is of use without it.
                if lesson(id).is_none() && !source.curriculum.iter().any(|p| p.id == *id) {
                    missing.push((format!("{}/exercise.yaml", entry.head.dir), "lesson-unknown", id.clone()));
                }
            }
        }
        let planned = |id: &str| source.curriculum.iter().position(|p| p.id == id);
        for (at, entry) in source.lessons.iter().enumerate() {
            for need in &entry.head.needs {
                let earlier = source.lessons[..at].iter().any(|l| l.head.id == *need);
                let to_come =
                    lesson(need).is_none() && planned(need).is_some() && planned(need) < planned(&entry.head.id);
                if !earlier && !to_come {
                    let lang = entry.texts.keys().next().map_or("en", Lang::as_str);
                    let path = format!("{}/{lang}.md", entry.head.dir);
                    missing.push((path, "need-not-earlier", need.clone()));
                }
            }
        }
        self.source = source;
        for (path, code, id) in missing {
            let text = self.all.get(&path).map_or("", |b| std::str::from_utf8(b).unwrap_or_default()).to_owned();
            self.say(Finding::error(code, path).at_word(&text, &id, 0).arg("id", id));
        }
    }

    pub(super) fn languages(&self) -> Vec<Lang> {
        self.source.languages.clone()
    }
}
