//! Which line of the Dockerfile a layer or a build step comes from.
//!
//! An image's history has one row for each instruction since its base, in order, written in three dialects (BuildKit's, the
//! classic builder's, podman's). Rows and instructions are aligned as sequences rather than counted off, because a base's
//! rows come first, because a label given on the command line may add a row, and because one row too many would otherwise
//! shift the blame of all the others.

use super::ImageFacts;
use crate::{
    dockerfile::{Dockerfile, Instruction},
    engine::BuildStep,
    image::HistoryRow,
};

/// An image's layers with the instructions that made them.
#[derive(Debug)]
pub struct Blame<'a> {
    /// The Dockerfile.
    pub model: &'a Dockerfile,
    /// The stage that was built.
    pub target: usize,
    /// The image.
    pub image: &'a ImageFacts,
    by_layer: Vec<Option<&'a Instruction>>,
}

impl<'a> Blame<'a> {
    /// Aligns an image with the Dockerfile that it was built from.
    pub fn new(model: &'a Dockerfile, target: usize, image: &'a ImageFacts) -> Self {
        let by_layer = layer_lines(model, target, &image.history, image.layers.len());
        Self { model, target, image, by_layer }
    }

    /// The instruction that made a layer; none for a layer of the base image.
    pub fn instruction(&self, layer: usize) -> Option<&'a Instruction> {
        if layer < self.image.base_layers {
            return None;
        }
        self.by_layer.get(layer).copied().flatten()
    }

    /// The line to blame for a layer: its instruction's, or the FROM that brought it.
    pub fn line(&self, layer: usize) -> u32 {
        self.instruction(layer).map_or_else(|| self.from_line(), |i| i.first)
    }

    /// The line of the FROM that the image stands on in the end.
    pub fn from_line(&self) -> u32 {
        self.model.final_base(self.target).1
    }

    /// Bytes by instruction above the base, heaviest first, with the layers of each.
    pub fn heaviest(&self) -> Vec<(&'a Instruction, u64, Vec<usize>)> {
        let mut found: Vec<(&Instruction, u64, Vec<usize>)> = Vec::new();
        for (index, layer) in self.image.layers.iter().enumerate() {
            let Some(instruction) = self.instruction(index) else { continue };
            match found.iter_mut().find(|(i, ..)| i.first == instruction.first) {
                Some((_, bytes, layers)) => {
                    *bytes += layer.bytes;
                    layers.push(index);
                }
                None => found.push((instruction, layer.bytes, vec![index])),
            }
        }
        found.sort_by_key(|(i, bytes, _)| (std::cmp::Reverse(*bytes), i.first));
        found
    }
}

/// For each layer, the instruction of the target's chain of stages that made it.
pub fn layer_lines<'a>(
    model: &'a Dockerfile,
    target: usize,
    history: &[HistoryRow],
    layers: usize,
) -> Vec<Option<&'a Instruction>> {
    let mut found = vec![None; layers];
    for (row, line) in history.iter().zip(row_lines(model, target, history)) {
        if let Some(slot) = row.layer.and_then(|layer| found.get_mut(layer)) {
            *slot = line;
        }
    }
    found
}

/// For each row of the history, the instruction of the target's chain of stages that it is.
pub fn row_lines<'a>(model: &'a Dockerfile, target: usize, history: &[HistoryRow]) -> Vec<Option<&'a Instruction>> {
    let chain = model.chain(target);
    let instructions: Vec<&Instruction> = chain
        .iter()
        .flat_map(|stage| model.of_stage(*stage))
        .filter(|i| !matches!(i.keyword.as_str(), "FROM" | "ONBUILD"))
        .collect();
    // The base's rows come first and are many; only as many of the last rows can be ours as there are instructions, and a
    // few more for what the builder adds.
    let from = history.len().saturating_sub(instructions.len() + 8);
    let rows = &history[from..];
    let mut found = vec![None; history.len()];
    if rows.len().saturating_mul(instructions.len()) > 4_000_000 {
        return found;
    }
    let width = instructions.len() + 1;
    // best[r][i]: the best score for rows from r and instructions from i.
    let mut best = vec![0_u32; (rows.len() + 1) * width];
    let scores: Vec<Row> = rows.iter().map(Row::read).collect();
    for r in (0..rows.len()).rev() {
        for i in (0..instructions.len()).rev() {
            let pair = scores[r].likeness(instructions[i]);
            let both = if pair > 0 { pair + best[(r + 1) * width + i + 1] } else { 0 };
            best[r * width + i] = both.max(best[(r + 1) * width + i]).max(best[r * width + i + 1]);
        }
    }
    let (mut r, mut i) = (0, 0);
    while r < rows.len() && i < instructions.len() {
        let here = best[r * width + i];
        // Where equally good, the later row is taken: what the base brought stands above.
        if here == best[(r + 1) * width + i] {
            r += 1;
        } else if here == best[r * width + i + 1] {
            i += 1;
        } else {
            found[from + r] = Some(instructions[i]);
            r += 1;
            i += 1;
        }
    }
    found
}

/// A row of the history, its dialect taken off.
struct Row {
    keyword: String,
    text: String,
}

impl Row {
    fn read(row: &HistoryRow) -> Self {
        let text = row.created_by.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = text.strip_suffix("# buildkit").map_or(text.as_str(), str::trim_end);
        let (keyword, rest) = match text.split_once("#(nop) ") {
            Some((_, rest)) => rest.split_once(' ').unwrap_or((rest, "")),
            None => match text.split_once(' ') {
                Some((first, rest)) if first.len() > 1 && first.chars().all(|c| c.is_ascii_uppercase()) => {
                    (first, rest)
                }
                _ => ("RUN", text),
            },
        };
        Self { keyword: keyword.to_owned(), text: rest.to_owned() }
    }

    /// 0 for no match; more the surer.
    fn likeness(&self, instruction: &Instruction) -> u32 {
        if self.keyword != instruction.keyword {
            return 0;
        }
        let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mine = squeeze(&instruction.expanded);
        if !mine.is_empty() && self.text.contains(&mine) {
            return 4;
        }
        // The same kind of instruction with another text: variables that only the builder knows.
        1
    }
}

/// Whether an instruction is a step of its own in BuildKit's count.
fn counts(instruction: &Instruction) -> bool {
    matches!(instruction.keyword.as_str(), "RUN" | "COPY" | "ADD" | "WORKDIR")
}

/// The instruction that a build step runs.
pub fn instruction_of_step<'a>(model: &'a Dockerfile, step: &BuildStep) -> Option<&'a Instruction> {
    let keyword = step.name.split_whitespace().next().unwrap_or_default();
    let name = step.name.split_whitespace().collect::<Vec<_>>().join(" ");
    let stages: Vec<usize> = match stage_of_step(model, step) {
        Some(stage) => {
            let counted = counted(model, stage);
            let by_number = (step.number as usize).checked_sub(1).and_then(|n| counted.get(n).copied());
            if let Some(instruction) = by_number.filter(|i| i.keyword.eq_ignore_ascii_case(keyword)) {
                return Some(instruction);
            }
            vec![stage]
        }
        None if step.stage.is_empty() => (0..model.stages.len()).collect(),
        None => return None,
    };
    // The count is BuildKit's own affair; the text decides where it does not fit.
    let mut all = stages.into_iter().flat_map(|stage| counted(model, stage));
    all.find(|i| i.keyword.eq_ignore_ascii_case(keyword) && i.one_line().eq_ignore_ascii_case(&name))
}

/// The step that ran an instruction, as an index into `steps`; none where the builder did not need it.
pub fn step_of_instruction(model: &Dockerfile, steps: &[BuildStep], wanted: &Instruction) -> Option<usize> {
    steps.iter().position(|step| instruction_of_step(model, step).is_some_and(|i| i.first == wanted.first))
}

fn stage_of_step(model: &Dockerfile, step: &BuildStep) -> Option<usize> {
    if step.stage.is_empty() {
        return (model.stages.len() == 1).then_some(0);
    }
    let numbered = || step.stage.strip_prefix("stage-").and_then(|n| n.parse::<usize>().ok());
    let named = model.stages.iter().rev();
    let named =
        named.filter(|s| s.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case(&step.stage))).map(|s| s.index);
    named.into_iter().next().or_else(|| numbered().filter(|n| *n < model.stages.len()))
}

/// A stage's instructions that BuildKit numbers, the first being number 1.
fn counted(model: &Dockerfile, stage: usize) -> Vec<&Instruction> {
    // FROM counts where it brings an image, not where it is `scratch` or another stage.
    let from = matches!(model.stages[stage].base, crate::dockerfile::Base::Image(_));
    model.of_stage(stage).filter(|i| if i.keyword == "FROM" { from } else { counts(i) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::Options;

    fn model(text: &str) -> Dockerfile {
        Dockerfile::read(text.as_bytes(), &Options::default()).unwrap()
    }

    fn lines(text: &str, rows: &[(&str, bool)]) -> Vec<Option<u32>> {
        let mut layer = 0;
        let history: Vec<HistoryRow> = rows
            .iter()
            .map(|(text, has)| {
                let row = HistoryRow { created_by: (*text).to_owned(), layer: has.then_some(layer) };
                layer += usize::from(*has);
                row
            })
            .collect();
        let model = model(text);
        let target = model.target(None).unwrap();
        layer_lines(&model, target, &history, layer).into_iter().map(|i| i.map(|i| i.first)).collect()
    }

    const FILE: &str = "FROM node:24\nARG V=1\nWORKDIR /app\nCOPY . .\nRUN npm ci \\\n  && npm test\nENV A=$V\nUSER node\nCMD [\"x\"]\n";

    #[test]
    fn buildkit_rows_with_a_base_above() {
        let rows = [
            ("/bin/sh -c #(nop) ADD file:1 in / ", true),
            ("RUN /bin/sh -c apt-get install x # buildkit", true),
            ("COPY docker-entrypoint.sh / # buildkit", true),
            ("CMD [\"node\"]", false),
            ("ARG V=1", false),
            ("WORKDIR /app", true),
            ("COPY . . # buildkit", true),
            ("RUN |1 V=1 /bin/sh -c npm ci   && npm test # buildkit", true),
            ("ENV A=1", false),
            ("USER node", false),
            ("CMD [\"x\"]", false),
        ];
        assert_eq!(lines(FILE, &rows), [None, None, None, Some(3), Some(4), Some(5)]);
    }

    #[test]
    fn classic_rows_and_a_row_too_many() {
        let rows = [
            ("/bin/sh -c #(nop) ADD file:1 in / ", true),
            ("/bin/sh -c #(nop)  ARG V=1", false),
            ("/bin/sh -c #(nop) WORKDIR /app", true),
            ("/bin/sh -c #(nop) COPY dir:9 in . ", true),
            ("|1 V=1 /bin/sh -c npm ci   && npm test", true),
            ("/bin/sh -c #(nop)  ENV A=1", false),
            ("/bin/sh -c #(nop)  USER node", false),
            ("/bin/sh -c #(nop)  CMD [\"x\"]", false),
            ("/bin/sh -c #(nop)  LABEL dev=1", false),
        ];
        assert_eq!(lines(FILE, &rows), [None, Some(3), Some(4), Some(5)]);
    }

    #[test]
    fn a_chain_of_stages_counts_whole() {
        let text = "FROM a AS base\nRUN one\nFROM b AS other\nRUN no\nFROM base\nRUN two\n";
        let rows = [("base", true), ("RUN /bin/sh -c one # buildkit", true), ("RUN /bin/sh -c two # buildkit", true)];
        assert_eq!(lines(text, &rows), [None, Some(2), Some(6)]);
    }

    #[test]
    fn steps_find_their_instruction_by_buildkits_count() {
        let text = "FROM a AS Build\nENV X=1\nRUN one\nRUN one\nFROM scratch\nCOPY --from=build /x /x\nFROM build\nWORKDIR /x\n";
        let model = model(text);
        let at = |stage: &str, number, name: &str| {
            let step = BuildStep { stage: stage.into(), number, name: name.into(), ..BuildStep::default() };
            instruction_of_step(&model, &step).map(|i| i.first)
        };
        assert_eq!(at("build", 1, "FROM docker.io/library/a"), Some(1));
        assert_eq!(at("build", 2, "RUN one"), Some(3));
        assert_eq!(at("build", 3, "RUN one"), Some(4));
        assert_eq!(at("stage-1", 1, "COPY --from=build /x /x"), Some(6));
        assert_eq!(at("stage-2", 1, "WORKDIR /x"), Some(8));
        assert_eq!(at("stage-2", 9, "WORKDIR /x"), Some(8));
        assert_eq!(at("nope", 1, "RUN one"), None);
    }
}
