//! The templates: each takes what it needs from the evidence, or yields nothing.

use super::{Answer, Change, Choice, Question, Shows, choices};
use crate::{
    dockerfile::{Base, Dockerfile, Instruction},
    engine::clean,
    evidence::{Blame, Evidence, step_of_instruction},
    image::How,
    verdict::{Diagnosis, Fact, Facts, GoalResult, Verdict, codes},
};

pub(super) struct Seen<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) model: &'a Dockerfile,
    pub(super) target: usize,
    pub(super) blame: Option<Blame<'a>>,
    pub(super) goals: &'a [GoalResult],
}

fn facts<const N: usize>(facts: [(&str, Fact); N]) -> Facts {
    facts.into_iter().map(|(name, fact)| (name.to_owned(), fact)).collect()
}

fn text(text: &str) -> Fact {
    Fact::Text(clean::line(text))
}

/// The first of a list, or the text itself.
fn first_of(diagnosis: &Diagnosis, name: &str) -> Option<String> {
    match diagnosis.facts.get(name)? {
        Fact::Text(text) => Some(text.clone()),
        Fact::List(all) => all.first().cloned(),
        _ => None,
    }
}

fn question(template: &str, about: Facts, options: Vec<Choice>) -> Question {
    Question { template: template.to_owned(), code: None, about, options, change: None }
}

impl Question {
    fn of(mut self, diagnosis: &Diagnosis) -> Self {
        self.code = Some(diagnosis.code.clone());
        self
    }

    fn shown_by(mut self, line: u32, with: Option<String>, shows: Shows) -> Self {
        self.change = Some(Change { line, with, shows });
        self
    }
}

impl<'a> Seen<'a> {
    pub(super) fn all(&self) -> Vec<Question> {
        let mut found = Vec::new();
        let failed = self.goals.iter().filter(|g| g.verdict == Verdict::Failed);
        for diagnosis in failed.filter_map(|g| g.diagnosis.as_ref()) {
            found.extend(self.of_diagnosis(diagnosis));
        }
        found.extend(self.first_again());
        found.extend(self.waste());
        found.extend(self.sizes());
        found.extend(self.users());
        found.extend(self.layers());
        found.extend(self.command_line());
        found
    }

    fn line(instruction: &Instruction) -> Answer {
        Answer::Line { number: instruction.first, text: clean::line(&instruction.one_line()) }
    }

    fn at(&self, line: u32) -> Option<Answer> {
        self.model.at_line(line).map(Self::line)
    }

    /// The instructions that the final image comes from, base first.
    fn chain(&self) -> Vec<&'a Instruction> {
        self.model.chain(self.target).into_iter().flat_map(|stage| self.model.of_stage(stage)).collect()
    }

    /// Those that can bring files.
    fn bringing(&self) -> impl Iterator<Item = &'a Instruction> {
        self.chain().into_iter().filter(|i| matches!(i.keyword.as_str(), "FROM" | "COPY" | "ADD" | "RUN" | "WORKDIR"))
    }

    fn among_lines(&self, line: u32) -> Option<Vec<Choice>> {
        Some(choices(self.at(line)?, self.bringing().map(Self::line)))
    }

    fn of_diagnosis(&self, d: &Diagnosis) -> Option<Question> {
        let line = d.lines.first().copied();
        let found = match d.code.as_str() {
            codes::CACHE_MISSED => {
                let about = facts([("step", text(&first_of(d, "step")?)), ("file", text(&first_of(d, "file")?))]);
                let stage = self.model.at_line(line?)?.stage?;
                let own = self
                    .model
                    .of_stage(stage)
                    .filter(|i| matches!(i.keyword.as_str(), "COPY" | "ADD" | "RUN" | "WORKDIR" | "FROM"));
                question("rebuilt-cause", about, choices(self.at(line?)?, own.map(Self::line)))
            }
            codes::PATH_PRESENT if d.lines.len() == 1 => {
                let about = facts([("path", text(&first_of(d, "paths")?))]);
                question("path-line", about, self.among_lines(line?)?).shown_by(line?, None, Shows::Gone)
            }
            codes::TOOL_PRESENT if d.lines.len() == 1 => {
                let about = facts([("tool", text(&first_of(d, "tools")?))]);
                question("tool-line", about, self.among_lines(line?)?).shown_by(line?, None, Shows::Gone)
            }
            codes::PATH_FROM_BASE => {
                let about = facts([("path", text(&first_of(d, "paths")?))]);
                question("path-base", about, self.among_lines(line?)?)
            }
            codes::TOOL_FROM_BASE => {
                let about = facts([("tool", text(&first_of(d, "tools")?))]);
                question("tool-base", about, self.among_lines(line?)?)
            }
            codes::STAGE_UNREACHABLE | codes::STAGES_TOO_FEW => return self.unused_stage(d),
            codes::FINAL_BASE_WRONG => {
                let base = first_of(d, "base")?;
                let others = self.model.stages.iter().filter_map(|stage| match &stage.base {
                    Base::Image(name) => Some(Answer::Name(clean::line(name))),
                    _ => None,
                });
                let stages = self.model.stages.iter().filter_map(|s| s.name.clone()).map(Answer::Name);
                question("final-base", Facts::new(), choices(Answer::Name(clean::line(&base)), others.chain(stages)))
            }
            codes::PACKAGE_CACHE => {
                let about = facts([("cache", text(&first_of(d, "cache")?))]);
                question("cache-left", about, self.among_lines(line?)?)
            }
            codes::DEV_DEPENDENCIES => {
                let about = facts([("package", text(&first_of(d, "packages")?))]);
                question("dev-line", about, self.among_lines(line?)?)
            }
            _ => return None,
        };
        Some(found.of(d))
    }

    fn unused_stage(&self, d: &Diagnosis) -> Option<Question> {
        let reachable = self.model.reachable(self.target);
        let unused = self.model.stages.iter().find(|s| !reachable[s.index])?;
        let used = self.model.stages.iter().filter(|s| reachable[s.index]).map(|s| Answer::Name(s.label()));
        let options = choices(Answer::Name(unused.label()), used);
        Some(question("unused-stage", Facts::new(), options).of(d))
    }

    /// Which line is the first to run again after the edit, whether or not a goal minds.
    fn first_again(&self) -> Option<Question> {
        let (asked, rebuild) = self.evidence.rebuilds.iter().find_map(|(k, r)| Some((k, r.as_ref().ok()?)))?;
        let edit: crate::spec::Edit = serde_json::from_str(asked).ok()?;
        let reachable = self.model.reachable(self.target);
        let steps: Vec<&Instruction> = (self.model.instructions.iter())
            .filter(|i| matches!(i.keyword.as_str(), "COPY" | "ADD" | "RUN" | "WORKDIR"))
            .filter(|i| i.stage.is_some_and(|s| reachable[s]))
            .collect();
        let again = |i: &&Instruction| {
            step_of_instruction(self.model, &rebuild.steps, i)
                .is_some_and(|at| !rebuild.steps[at].cached && rebuild.steps[at].started)
        };
        let first = steps.iter().copied().find(|i| again(i))?;
        let about = facts([("file", text(&edit.file))]);
        Some(question("first-again", about, choices(Self::line(first), steps.into_iter().map(Self::line))))
    }

    /// Bytes that one line put there and another one hid.
    fn waste(&self) -> Vec<Question> {
        let Some(blame) = &self.blame else { return Vec::new() };
        let told = self.goals.iter().filter_map(|g| g.diagnosis.as_ref()).find(|d| d.code == codes::WASTE);
        let mut found = Vec::new();
        let Some(waste) = blame.image.waste.iter().find(|w| {
            blame.instruction(w.put_by).is_some() && blame.instruction(w.hidden_by).is_some() && w.tally.bytes > 0
        }) else {
            return found;
        };
        let (Some(put), Some(hid)) = (blame.instruction(waste.put_by), blame.instruction(waste.hidden_by)) else {
            return found;
        };
        let path = waste.examples.first().map(|p| format!("/{}", clean::line(p))).unwrap_or_default();
        let about = facts([
            ("path", Fact::Text(path)),
            ("put", Fact::Count(u64::from(put.first))),
            ("hid", Fact::Count(u64::from(hid.first))),
        ]);
        let lines = || self.bringing().map(Self::line);
        found.push(question("hidden-by", about.clone(), choices(Self::line(hid), lines())));
        if matches!(waste.how, How::Removed | How::Replaced) {
            found.push(question("still-holds", about.clone(), choices(Self::line(put), lines())));
        }
        // Only where the second line does nothing else but change owner or mode does taking it away save just that much.
        let metadata =
            |name: &str| hid.keyword == "RUN" && hid.commands().iter().all(|c| c.first().is_some_and(|w| w == name));
        let of_layer: u64 =
            blame.image.waste.iter().filter(|w| w.hidden_by == waste.hidden_by).map(|w| w.tally.bytes).sum();
        let layer = blame.image.layers.get(waste.hidden_by).map_or(0, |l| l.bytes);
        let only = (metadata("chown") && waste.how == How::Owner) || (metadata("chmod") && waste.how == How::Mode);
        if only && of_layer == layer && layer > 0 {
            let flag = if waste.how == How::Owner { "--chown" } else { "--chmod" };
            let mut about = about;
            about.insert("flag".to_owned(), Fact::Text(flag.to_owned()));
            let sizes = blame.image.sizes;
            let layers = blame.image.layers.iter().map(|l| l.bytes).filter(|b| *b > 0);
            let others = layers.chain([0, sizes.total, sizes.added]).map(Answer::Bytes);
            found.push(question("saves", about, choices(Answer::Bytes(layer), others)).shown_by(
                hid.first,
                None,
                Shows::Less(layer),
            ));
        }
        if let Some(told) = told {
            found = found.into_iter().map(|q| q.of(told)).collect();
        }
        found
    }

    fn sizes(&self) -> Vec<Question> {
        let Some(blame) = &self.blame else { return Vec::new() };
        let minded = [codes::ADDED_TOO_BIG, codes::TOTAL_TOO_BIG, codes::NOT_SMALLER];
        let told = self.goals.iter().filter_map(|g| g.diagnosis.as_ref()).find(|d| minded.contains(&d.code.as_str()));
        let mut found = Vec::new();
        let heaviest = blame.heaviest();
        if let [(top, most, _), (_, next, _), ..] = heaviest.as_slice()
            && most > next
        {
            let others = heaviest.iter().map(|(i, ..)| Self::line(i));
            found.push(question("heaviest", Facts::new(), choices(Self::line(top), others)));
            let about = facts([("line", Fact::Count(u64::from(top.first))), ("text", text(&top.one_line()))]);
            let sizes = blame.image.sizes;
            let others = heaviest.iter().map(|(_, bytes, _)| *bytes).chain([blame.image.base_bytes, sizes.total]);
            found.push(question("brought", about, choices(Answer::Bytes(*most), others.map(Answer::Bytes))));
        }
        if blame.image.base_bytes > 0 {
            let sizes = blame.image.sizes;
            let base = clean::line(&self.model.final_base(self.target).0);
            let others = [sizes.total, sizes.added, sizes.wasted].into_iter().chain(heaviest.iter().map(|h| h.1));
            let others = others.filter(|bytes| *bytes > 0).map(Answer::Bytes);
            let about = facts([("base", Fact::Text(base))]);
            found.push(question("base-share", about, choices(Answer::Bytes(blame.image.base_bytes), others)));
        }
        match told {
            Some(told) => found.into_iter().map(|q| q.of(told)).collect(),
            None => found,
        }
    }

    fn users(&self) -> Vec<Question> {
        let Some(blame) = &self.blame else { return Vec::new() };
        let minded = [codes::USER_ROOT, codes::USER_BACK_TO_ROOT, codes::USER_WRONG];
        let told = self.goals.iter().filter_map(|g| g.diagnosis.as_ref()).find(|d| minded.contains(&d.code.as_str()));
        let written: Vec<&Instruction> = self.model.instructions.iter().filter(|i| i.keyword == "USER").collect();
        let name = |user: &str| match user.split(':').next().unwrap_or_default() {
            "" | "0" => "root".to_owned(),
            user => clean::line(user),
        };
        let runs_as = name(&blame.image.config.user);
        // Accounts of the image itself are what else it could be.
        let accounts = blame.image.accounts.keys().filter(|a| !matches!(a.as_str(), "halt" | "sync" | "shutdown"));
        // `USER 1000` on an image where node has that number: `node` would be a second right answer.
        let uid = |user: &str| blame.image.accounts.get(user).copied().or_else(|| user.parse().ok());
        let mine = uid(&runs_as);
        let others = written.iter().map(|i| name(&i.expanded)).chain(accounts.map(|a| clean::line(a)));
        let others = others.filter(|other| mine.is_none() || uid(other) != mine);
        let mut found =
            vec![question("runs-as", Facts::new(), choices(Answer::Name(runs_as.clone()), others.map(Answer::Name)))];
        let own: Vec<&Instruction> = self.chain().into_iter().filter(|i| i.keyword == "USER").collect();
        if let Some(decides) = own.last() {
            let lines = written.iter().copied().chain(self.chain().into_iter().filter(|i| i.keyword == "FROM"));
            let about = facts([("user", Fact::Text(runs_as))]);
            found.push(question("user-line", about, choices(Self::line(decides), lines.map(Self::line))).shown_by(
                decides.first,
                None,
                Shows::OtherUser,
            ));
        }
        match told {
            Some(told) => found.into_iter().map(|q| q.of(told)).collect(),
            None => found,
        }
    }

    fn layers(&self) -> Vec<Question> {
        let Some(blame) = &self.blame else { return Vec::new() };
        let mut found = Vec::new();
        let own = blame.image.layers.len().saturating_sub(blame.image.base_layers);
        let instructions: Vec<&Instruction> =
            self.chain().into_iter().filter(|i| !matches!(i.keyword.as_str(), "FROM" | "ONBUILD")).collect();
        let made: Vec<u32> = (0..blame.image.layers.len()).filter_map(|l| Some(blame.instruction(l)?.first)).collect();
        let others = [blame.image.layers.len(), instructions.len(), blame.image.history.len(), blame.image.base_layers];
        let others = others.map(|n| Answer::Count(n as u64));
        found.push(question("own-layers", Facts::new(), choices(Answer::Count(own as u64), others)));
        // A count of layers that does not match the lines would make a wrong question of a right image.
        if made.len() == own {
            let without = ["CMD", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL", "USER"];
            let none = instructions.iter().find(|i| without.contains(&i.keyword.as_str()) && !made.contains(&i.first));
            if let Some(none) = none {
                let with = instructions.iter().filter(|i| made.contains(&i.first)).map(|i| Self::line(i));
                let asked = question("no-layer", Facts::new(), choices(Self::line(none), with));
                found.push(asked.shown_by(none.first, None, Shows::SameLayers));
            }
        }
        found
    }

    /// Which of several CMD or ENTRYPOINT lines counts.
    fn command_line(&self) -> Option<Question> {
        self.blame.as_ref()?;
        ["ENTRYPOINT", "CMD"].into_iter().find_map(|keyword| {
            let decides = self.chain().into_iter().rev().find(|i| i.keyword == keyword)?;
            let others: Vec<Answer> =
                self.model.instructions.iter().filter(|i| i.keyword == keyword).map(Self::line).collect();
            let about = facts([("keyword", Fact::Text(keyword.to_owned()))]);
            (others.len() > 1).then(|| question("command-line", about, choices(Self::line(decides), others)))
        })
    }
}
