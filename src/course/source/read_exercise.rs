//! Reads one exercise: its sheet, its texts in every language, its starter and its specimens.

use super::{
    finding::Finding,
    format::{ExerciseFile, SpecimenFile, is_inside},
    markdown,
    model::*,
    read::Reader,
};
use dockshala_checkers::verdict::codes;
use std::collections::{BTreeMap, BTreeSet};

impl Reader<'_> {
    pub(super) fn exercise(&mut self, dir: &str, module: &str) -> Option<ExerciseSource> {
        let path = format!("{dir}/exercise.yaml");
        let (sheet, text) = self.yaml::<ExerciseFile>(&path)?;
        self.id(&sheet.id, &path, &text);
        self.in_all(&sheet.title, "title", &path, &text);
        let mut goals = BTreeSet::new();
        for goal in &sheet.goals {
            if !goals.insert(goal.id.clone()) {
                self.say(Finding::error("goal-id-twice", &path).at_word(&text, goal.ask.kind(), 1).arg("id", &goal.id));
            }
        }
        if goals.is_empty() {
            self.say(Finding::error("no-goals", &path).at_word(&text, "goals", 0));
        }
        let mut texts = BTreeMap::new();
        let mut hints = 0;
        for lang in self.languages() {
            let document = |reader: &mut Self, part: &str| {
                Some(Document { markdown: reader.text(&format!("{dir}/{part}.{lang}.md"))?, code: Vec::new() })
            };
            let brief = document(self, "brief").unwrap_or_default();
            let debrief = document(self, "debrief").unwrap_or_default();
            let steps =
                document(self, "hints").map_or_else(Vec::new, |d| self.hints(&format!("{dir}/hints.{lang}.md"), &d));
            hints = steps.len() as u32;
            texts.insert(lang, ExerciseText { brief, hints: steps, debrief });
        }
        let files = self.specimens(dir, &goals);
        if files.starter.is_empty() {
            self.say(Finding::error("folder-empty", format!("{dir}/starter")).arg("name", "starter"));
        }
        if !files.good.iter().any(|s| s.name == "solution") {
            self.say(Finding::error("no-solution", format!("{dir}/good/solution")));
        }
        let head = Exercise {
            id: sheet.id,
            module: module.to_owned(),
            dir: dir.to_owned(),
            kind: sheet.kind,
            title: sheet.title,
            minutes: sheet.minutes,
            ram: sheet.ram,
            disk: sheet.disk,
            teaches: sheet.teaches,
            images: sheet.images,
            needs: sheet.needs,
            network: sheet.network,
            profile: sheet.profile,
            goals: sheet.goals,
            hints,
        };
        Some(ExerciseSource { head, texts, files })
    }

    /// Splits the hints at `## 1`, `## 2` …
    fn hints(&mut self, path: &str, all: &Document) -> Vec<Document> {
        let text = &all.markdown;
        let starts: Vec<(u32, String)> = markdown::outline(text)
            .headings
            .into_iter()
            .filter(|h| h.level == 2)
            .map(|h| (h.line, h.title.trim().to_owned()))
            .collect();
        let lines: Vec<&str> = text.lines().collect();
        let mut steps = Vec::new();
        for (nth, (line, title)) in starts.iter().enumerate() {
            if *title != (nth + 1).to_string() {
                let finding = Finding::error("hint-heading", path).at_line(text, *line);
                self.say(finding.arg("want", format!("## {}", nth + 1)));
            }
            let end = starts.get(nth + 1).map_or(lines.len(), |(next, _)| *next as usize - 1);
            let body = lines[(*line as usize).min(end)..end].join("\n").trim().to_owned();
            if body.is_empty() {
                self.say(Finding::error("hint-empty", path).at_line(text, *line));
            }
            steps.push(Document { markdown: body + "\n", code: Vec::new() });
        }
        let before = starts.first().map_or(lines.len(), |(line, _)| *line as usize - 1);
        if let Some(stray) = lines[..before].iter().position(|l| !l.trim().is_empty()) {
            self.say(Finding::error("hint-heading", path).at_line(text, stray as u32 + 1).arg("want", "## 1"));
        }
        steps
    }

    fn specimens(&mut self, dir: &str, goals: &BTreeSet<String>) -> ExerciseFiles {
        let starter = self.folder(&format!("{dir}/starter"));
        let mut files = ExerciseFiles { starter, ..ExerciseFiles::default() };
        for (side, folder) in [("good", &mut files.good), ("bad", &mut files.bad)] {
            let mut by_name: BTreeMap<String, Vec<FileBytes>> = BTreeMap::new();
            for mut file in self.folder(&format!("{dir}/{side}")) {
                match file.path.split_once('/') {
                    Some((name, rest)) => {
                        let name = name.to_owned();
                        file.path = rest.to_owned();
                        by_name.entry(name).or_default().push(file);
                    }
                    None => self.say(Finding::error("stray-file", format!("{dir}/{side}/{}", file.path))),
                }
            }
            for (name, mut own) in by_name {
                own.retain(|f| f.path != "specimen.yaml");
                let path = format!("{dir}/{side}/{name}/specimen.yaml");
                let read = self.optional::<SpecimenFile>(&path);
                if read.is_none() && side == "bad" && !self.files.list().contains_key(&path) {
                    self.say(Finding::error("file-missing", &path));
                }
                let (sheet, text) = read.unwrap_or_default();
                self.sheet(&path, &text, &sheet, side == "bad", goals, &files.starter);
                folder.push(Specimen { name, sheet, own });
            }
        }
        files.good.sort_by_key(|s| s.name != "solution");
        files
    }

    fn sheet(
        &mut self,
        path: &str,
        text: &str,
        sheet: &SpecimenFile,
        bad: bool,
        goals: &BTreeSet<String>,
        starter: &[FileBytes],
    ) {
        for delete in &sheet.delete {
            let there = starter.iter().any(|f| f.path == *delete || f.path.starts_with(&format!("{delete}/")));
            if !is_inside(delete) || !there {
                self.say(Finding::error("delete-unknown", path).at_word(text, delete, 0).arg("path", delete));
            }
        }
        if bad && text.is_empty() {
            return;
        }
        if bad == sheet.fails.is_empty() {
            let code = if bad { "bad-must-fail" } else { "good-must-not-fail" };
            self.say(Finding::error(code, path).at_word(text, "fails", 0));
        }
        let on_engines = sheet.engines.values().flat_map(|e| &e.fails);
        for (goal, code) in sheet.fails.iter().chain(on_engines) {
            if !goals.contains(goal) {
                let known = goals.iter().cloned().collect::<Vec<_>>().join(", ");
                let finding = Finding::error("goal-unknown", path).at_word(text, goal, 0);
                self.say(finding.arg("id", goal).arg("known", known));
            }
            if !codes::ALL.contains(&code.as_str()) {
                self.say(Finding::error("code-unknown", path).at_word(text, code, 0).arg("id", code));
            }
        }
    }
}
