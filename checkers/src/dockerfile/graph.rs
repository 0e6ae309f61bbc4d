//! Which stage needs which: FROM, `COPY --from`, `--mount from=`.
//!
//! `COPY --from` and mounts compare names without case; FROM does not, and BuildKit keeps names in lower case, so that after
//! `AS Build` it is `FROM build` that works and `FROM Build` that is taken for an image (20.10 to 26.1, tried). A number in
//! `COPY --from` is a stage's index. FROM sees stages above it only; the others see all of them, and BuildKit refuses what
//! goes round in a circle. BuildKit builds no stage that the target does
//! not need, so goals count reachable stages only.
//!
//! What stands behind ONBUILD in a stage is run by the stages that are built FROM it, and refers to other stages there.

use super::{Dockerfile, Instruction, Unreadable, syntax, words};
use std::ops::Range;

/// What a stage is built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// Nothing.
    Scratch,
    /// An earlier stage, by index.
    Stage(usize),
    /// An image: the reference with ARGs put in.
    Image(String),
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// From 0.
    pub index: usize,
    /// `AS name`, as written.
    pub name: Option<String>,
    /// What it is built from.
    pub base: Base,
    /// The line of its FROM, from 1.
    pub line: u32,
}

impl Stage {
    /// Its name, or its number.
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.index.to_string())
    }
}

/// Where a reference stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefKind {
    /// `FROM image`.
    From,
    /// `COPY --from=`.
    Copy,
    /// `RUN --mount=from=`.
    Mount,
}

/// What a reference points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefTarget {
    /// Nothing.
    Scratch,
    /// A stage of this file.
    Stage(usize),
    /// An image outside it.
    Image(String),
}

/// A reference to a stage or an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// How it refers.
    pub kind: RefKind,
    /// What it points at.
    pub target: RefTarget,
    /// The stage it stands in.
    pub stage: usize,
    /// Its instruction's first line.
    pub line: u32,
    /// The bytes of the instruction's logical text that name it.
    pub(super) span: Range<usize>,
    /// Index of the instruction.
    pub(super) instruction: usize,
}

/// Reads a FROM. One that BuildKit refuses is a stage all the same, so that what stands below it has one.
pub(super) fn stage(
    from: &Instruction,
    index: usize,
    above: &[Stage],
    lookup: &dyn Fn(&str) -> Option<String>,
    escape: char,
    problems: &mut Vec<Unreadable>,
) -> Stage {
    let fields = words::fields(&from.text);
    let mut problem = |message: String| problems.push(syntax(from.first, message));
    let name = match fields.as_slice() {
        [_] => None,
        [_, (_, as_), (_, name)] if as_.eq_ignore_ascii_case("as") => Some((*name).to_owned()),
        _ => {
            problem("FROM requires either one or three arguments: FROM image [AS name]".to_owned());
            None
        }
    };
    if let Some(name) = &name {
        let mut chars = name.chars();
        let good = chars.next().is_some_and(|c| c.is_ascii_alphabetic())
            && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if !good {
            let why = "a name begins with a letter and has only letters, digits, `-`, `_` and `.`";
            problem(format!("invalid name for build stage: `{name}`: {why}"));
        }
    }
    let written = fields[0].1;
    let resolved = words::expand(written, escape, lookup);
    if resolved.is_empty() {
        problem(format!("base name ({written}) should not be blank: no ARG above FROM sets it"));
    }
    let same = |s: &&Stage| s.name.as_deref().is_some_and(|n| n.to_lowercase() == resolved);
    let base = match above.iter().rev().find(same).map(|s| s.index) {
        Some(stage) => Base::Stage(stage),
        None if resolved == "scratch" => Base::Scratch,
        None => Base::Image(resolved),
    };
    Stage { index, name, base, line: from.first }
}

/// The last of `stages` with that name: a name given twice means the later one, as in BuildKit.
fn named(stages: &[Stage], name: &str) -> Option<usize> {
    let same = |s: &&Stage| s.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case(name));
    stages.iter().rev().find(same).map(|s| s.index)
}

impl Dockerfile {
    /// Finds all references and refuses circles.
    pub(super) fn link(&mut self, problems: &mut Vec<Unreadable>) {
        let mut found = Vec::new();
        let own = self.instructions.iter().enumerate().map(|(at, now)| (at, now, 0));
        // A trigger's text is what its ONBUILD has behind the keyword.
        let triggered = self.triggers.iter().map(|t| (t.at, &t.instruction, self.instructions[t.at].text_at));
        for (at, now, shift) in own.chain(triggered) {
            let Some(stage) = now.stage else { continue };
            let mut push = |kind, target, span: Range<usize>| {
                let span = span.start + shift..span.end + shift;
                found.push(Reference { kind, target, stage, line: now.first, span, instruction: at });
            };
            match now.keyword.as_str() {
                "FROM" => {
                    let target = match &self.stages[stage].base {
                        Base::Scratch => RefTarget::Scratch,
                        Base::Stage(s) => RefTarget::Stage(*s),
                        Base::Image(image) => RefTarget::Image(image.clone()),
                    };
                    let span = words::fields(&now.text)[0].0.clone();
                    push(RefKind::From, target, span.start + now.text_at..span.end + now.text_at);
                }
                "COPY" => {
                    for flag in now.flags.iter().filter(|f| f.name == "from") {
                        let Some(value) = flag.value.as_deref().filter(|v| !v.is_empty()) else { continue };
                        let target = match value.parse::<usize>() {
                            Ok(n) if n < self.stages.len() => RefTarget::Stage(n),
                            Ok(n) => {
                                problems.push(syntax(now.first, format!("COPY --from={n}: there is no stage {n}")));
                                continue;
                            }
                            Err(_) => self.target_of(value),
                        };
                        push(RefKind::Copy, target, now.flags_at + flag.span.start..now.flags_at + flag.span.end);
                    }
                }
                "RUN" => {
                    for flag in now.flags.iter().filter(|f| f.name == "mount") {
                        let value = flag.value.as_deref().unwrap_or_default();
                        let Some(from) = value.split(',').find_map(|field| field.trim().strip_prefix("from=")) else {
                            continue;
                        };
                        let text = &now.logical.text[now.flags_at..];
                        let inside = &text[flag.span.clone()];
                        let Some(offset) = inside.find(&format!("from={from}")).filter(|_| !from.is_empty()) else {
                            continue;
                        };
                        let start = now.flags_at + flag.span.start + offset + "from=".len();
                        push(RefKind::Mount, self.target_of(from), start..start + from.len());
                    }
                }
                _ => {}
            }
        }
        self.references = found;
        if let Some(stage) = self.circle() {
            let stage = &self.stages[stage];
            problems.push(syntax(stage.line, format!("circular dependency detected on stage: {}", stage.label())));
        }
    }

    fn target_of(&self, name: &str) -> RefTarget {
        match named(&self.stages, name) {
            Some(stage) => RefTarget::Stage(stage),
            None if name == "scratch" => RefTarget::Scratch,
            None => RefTarget::Image(name.to_owned()),
        }
    }

    fn needs(&self, stage: usize) -> impl Iterator<Item = usize> {
        self.references.iter().filter(move |r| r.stage == stage).filter_map(|r| match r.target {
            RefTarget::Stage(s) => Some(s),
            _ => None,
        })
    }

    fn circle(&self) -> Option<usize> {
        // Stages whose needs are all met are taken away until none is left or only circles are.
        let mut waiting: Vec<usize> = (0..self.stages.len()).map(|s| self.needs(s).count()).collect();
        let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); self.stages.len()];
        for reference in &self.references {
            if let RefTarget::Stage(s) = reference.target {
                needed_by[s].push(reference.stage);
            }
        }
        let mut ready: Vec<usize> = (0..waiting.len()).filter(|s| waiting[*s] == 0).collect();
        while let Some(done) = ready.pop() {
            for &user in &needed_by[done] {
                waiting[user] -= 1;
                if waiting[user] == 0 {
                    ready.push(user);
                }
            }
        }
        waiting.iter().position(|n| *n > 0)
    }

    /// The stage to build: by name in any case or by number; the last one by default. None only where there is none.
    pub fn target(&self, name: Option<&str>) -> Option<usize> {
        let Some(name) = name else { return self.stages.len().checked_sub(1) };
        named(&self.stages, name).or_else(|| name.parse().ok().filter(|n| *n < self.stages.len()))
    }

    /// For each stage, whether the target needs it.
    pub fn reachable(&self, target: usize) -> Vec<bool> {
        let mut seen = vec![false; self.stages.len()];
        let mut todo = vec![target];
        while let Some(stage) = todo.pop() {
            if !std::mem::replace(&mut seen[stage], true) {
                todo.extend(self.needs(stage));
            }
        }
        seen
    }

    /// The stages that the target's layers come from: the target and what it is built FROM in turn, lowest first.
    pub fn chain(&self, target: usize) -> Vec<usize> {
        let mut chain = vec![target];
        while let Base::Stage(parent) = self.stages[chain[chain.len() - 1]].base {
            chain.push(parent);
        }
        chain.reverse();
        chain
    }

    /// What the target stands on in the end: `scratch` or an image reference, and the line that says so.
    pub fn final_base(&self, target: usize) -> (String, u32) {
        let lowest = &self.stages[self.chain(target)[0]];
        let name = match &lowest.base {
            Base::Image(image) => image.clone(),
            _ => "scratch".to_owned(),
        };
        (name, lowest.line)
    }

    /// Every external image that stages up to `target` need, each once, with the lines that name it.
    pub fn images(&self, target: usize) -> Vec<(String, Vec<u32>)> {
        let reachable = self.reachable(target);
        let mut found: Vec<(String, Vec<u32>)> = Vec::new();
        for reference in self.references.iter().filter(|r| reachable[r.stage]) {
            let RefTarget::Image(image) = &reference.target else { continue };
            match found.iter_mut().find(|(name, _)| name == image) {
                Some((_, lines)) => lines.push(reference.line),
                None => found.push((image.clone(), vec![reference.line])),
            }
        }
        found
    }
}
