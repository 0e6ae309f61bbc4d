//! A Dockerfile as a model: stages, instructions, what each refers to, and where each stands in the learner's file.
//!
//! The daemon's BuildKit remains the authority on what builds. This model exists to judge without a daemon, to name lines,
//! and to rewrite base references in the copy that is uploaded. It reads leniently: what BuildKit may accept is never
//! refused here.

mod graph;
mod lines;
pub mod lint;
mod rewrite;
mod scope;
mod shell;
mod words;

pub use graph::{Base, RefKind, RefTarget, Reference, Stage};
pub use lines::{Directive, Heredoc};
pub use rewrite::{NewerFeature, frontend_of_engine};
pub use shell::{Command, any_matches, commands, exec_commands, located};
pub use words::Flag;

use crate::verdict::{Diagnosis, Fact, codes};
use std::collections::BTreeMap;

/// The largest Dockerfile that is read, in bytes. BuildKit itself has no bound; no Dockerfile by a person comes near.
pub const BIGGEST: usize = 1_000_000;

/// How many problems of one file are told.
const MOST_PROBLEMS: usize = 100;

/// What is known before the file is read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Build arguments (`--build-arg`).
    pub args: BTreeMap<String, String>,
    /// The architecture as images name it, `amd64` when empty.
    pub arch: String,
}

/// Why there is no model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// 0 bytes, or comments only.
    #[error("the Dockerfile has no instruction")]
    Empty,
    /// Over [`BIGGEST`]: its size in bytes.
    #[error("the Dockerfile has {0} bytes")]
    TooBig(usize),
    /// Where the first byte stands that is not UTF-8.
    #[error("the Dockerfile is not UTF-8 (byte {offset}, line {line})")]
    NotUtf8 {
        /// Bytes before it.
        offset: usize,
        /// Its line, from 1.
        line: u32,
    },
    /// A line that no builder would take, in words close to BuildKit's.
    #[error("line {line}: {message}")]
    Syntax {
        /// The line, from 1.
        line: u32,
        /// What is wrong with it.
        message: String,
    },
}

impl Unreadable {
    /// The same as a diagnosis.
    pub fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::Empty => Diagnosis::new(codes::DOCKERFILE_EMPTY),
            Self::TooBig(size) => Diagnosis::new(codes::DOCKERFILE_TOO_BIG).fact("size", Fact::Bytes(*size as u64)),
            Self::NotUtf8 { offset, line } => {
                Diagnosis::new(codes::DOCKERFILE_NOT_UTF8).fact("offset", Fact::Count(*offset as u64)).at([*line])
            }
            Self::Syntax { line, message } => {
                Diagnosis::new(codes::SYNTAX).fact("message", Fact::Text(message.clone())).at([*line])
            }
        }
    }
}

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// Upper case, however it is written.
    pub keyword: String,
    /// Its first line in the file, from 1.
    pub first: u32,
    /// Its last line, here-documents included.
    pub last: u32,
    /// Its flags.
    pub flags: Vec<Flag>,
    /// What follows the flags, continuation lines joined, nothing expanded.
    pub text: String,
    /// The same with ARG and ENV put in and quotes removed, for the instructions that BuildKit expands; as written for
    /// RUN, CMD, ENTRYPOINT and SHELL, whose variables are the shell's.
    pub expanded: String,
    /// The words of the JSON (exec) form, where it is that.
    pub exec: Option<Vec<String>>,
    /// Its here-documents.
    pub heredocs: Vec<Heredoc>,
    /// The stage it belongs to; none before the first FROM.
    pub stage: Option<usize>,
    pairs: Vec<(String, String)>,
    logical: lines::Logical,
    /// Where `text` begins in the logical line.
    text_at: usize,
    /// Where the flags' text begins in the logical line.
    flags_at: usize,
}

impl Instruction {
    /// The value of a flag, empty for a flag without one.
    pub fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().find(|f| f.name == name).map(|f| f.value.as_deref().unwrap_or_default())
    }

    /// The commands that a RUN, CMD, ENTRYPOINT or HEALTHCHECK runs.
    pub fn commands(&self) -> Vec<Vec<String>> {
        self.sited().into_iter().map(|(command, _)| command.words).collect()
    }

    /// The same with the script that each stands in.
    fn sited(&self) -> Vec<(Command, Site)> {
        let exec = |words: &[String]| -> Vec<(Command, Site)> {
            let command = |words| Command { words, spans: Vec::new(), nested: true, piped: false };
            exec_commands(words).into_iter().map(|words| (command(words), Site::Exec)).collect()
        };
        if let Some(words) = &self.exec {
            return exec(words);
        }
        let mut text = self.text.as_str();
        if self.keyword == "HEALTHCHECK" {
            let word = text.split_whitespace().next().unwrap_or_default();
            if !word.eq_ignore_ascii_case("cmd") {
                return Vec::new();
            }
            text = text[word.len()..].trim_start();
            if let Some(words) = words::json_array(text) {
                return exec(&words);
            }
        }
        let site = Site::Text(self.text.len() - text.len());
        let mut found: Vec<(Command, Site)> = located(text).into_iter().map(|command| (command, site)).collect();
        for (index, heredoc) in self.heredocs.iter().enumerate() {
            // `RUN <<EOF` alone is a script; `RUN bash <<EOF` feeds one to a shell; any other body is data.
            let alone = found.is_empty() && !heredoc.body.starts_with("#!");
            let shebang = heredoc.body.lines().next().filter(|l| l.starts_with("#!"));
            let shell_script =
                found.is_empty() && shebang.is_some_and(|l| l.trim_end().ends_with("sh") || l.contains("sh "));
            let fed = found.iter().any(|(Command { words: c, .. }, _)| {
                let program = c[0].rsplit('/').next().unwrap_or_default();
                matches!(program, "sh" | "bash" | "ash" | "dash") && !c[1..].iter().any(|w| w == "-c")
            });
            if alone || shell_script || fed {
                found.extend(located(&heredoc.body).into_iter().map(|command| (command, Site::Heredoc(index))));
            }
        }
        found
    }

    /// Where a byte of the text stands in the file.
    fn file_at(&self, at: usize) -> usize {
        let at = at + self.text_at;
        let piece = self.logical.pieces.iter().rev().find(|piece| piece.at <= at);
        piece.map_or(0, |piece| piece.file + (at - piece.at).min(piece.len))
    }

    /// Its keyword as written.
    fn written(&self) -> &str {
        &self.logical.text[..self.keyword.len()]
    }

    /// What an ONBUILD has a later build run.
    fn triggered(&self) -> Option<Self> {
        if self.keyword != "ONBUILD" {
            return None;
        }
        let logical = lines::Logical {
            text: self.logical.text[self.text_at..].to_owned(),
            // Where it stands in the file is asked of the ONBUILD.
            pieces: Vec::new(),
            ..self.logical.clone()
        };
        instruction(logical).ok().filter(|i| !matches!(i.keyword.as_str(), "FROM" | "ONBUILD" | "MAINTAINER"))
    }

    /// The sources and the destination of COPY or ADD, expanded. Here-documents count as sources by their delimiter.
    pub fn copies(&self) -> Option<(Vec<String>, String)> {
        if !matches!(self.keyword.as_str(), "COPY" | "ADD") {
            return None;
        }
        let mut all: Vec<String> = match &self.exec {
            Some(words) => words.clone(),
            None => self.expanded.split_whitespace().map(str::to_owned).collect(),
        };
        let to = all.pop()?;
        Some((all, to))
    }

    /// The pairs of ENV or LABEL as the image will have them: variables put in, quotes removed.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The fields of every `--mount`.
    pub fn mounts(&self) -> Vec<BTreeMap<String, String>> {
        self.flags
            .iter()
            .filter(|f| f.name == "mount")
            .map(|f| {
                f.value
                    .as_deref()
                    .unwrap_or_default()
                    .split(',')
                    .map(|field| field.split_once('=').unwrap_or((field, "")))
                    .map(|(k, v)| (k.trim().to_ascii_lowercase(), v.trim().to_owned()))
                    .collect()
            })
            .collect()
    }

    /// The instruction in one line, as BuildKit prints it in its steps: flags, then the text.
    pub fn one_line(&self) -> String {
        self.logical.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn is_shell_text(&self) -> bool {
        matches!(self.keyword.as_str(), "RUN" | "CMD" | "ENTRYPOINT" | "SHELL" | "HEALTHCHECK" | "ONBUILD")
    }
}

/// Which script a command stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Site {
    /// The instruction's text, from this byte on.
    Text(usize),
    /// The body of the here-document with this number.
    Heredoc(usize),
    /// A word of the exec form.
    Exec,
}

/// A whole Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dockerfile {
    /// The file as it is, byte order mark and all.
    pub source: String,
    /// It has CRLF line ends.
    pub crlf: bool,
    /// Parser directives at its top.
    pub directives: Vec<Directive>,
    /// The escape character.
    pub escape: char,
    /// Every instruction, those before the first FROM too.
    pub instructions: Vec<Instruction>,
    /// Stages in the order of the file.
    pub stages: Vec<Stage>,
    /// Everything that refers to a stage or an image, in the order of the file, what triggers refer to after it.
    pub references: Vec<Reference>,
    /// What ONBUILD lines of stages bring into the stages that are built from them, ready to be run there. An ONBUILD that no
    /// stage of the file is built on does nothing in it.
    triggers: Vec<Trigger>,
}

/// An instruction behind an ONBUILD, in the stage that runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Trigger {
    /// Index of the ONBUILD.
    at: usize,
    /// What it runs; its stage is the one that runs it, its line the ONBUILD's.
    instruction: Instruction,
}

const KEYWORDS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

impl Dockerfile {
    /// Reads a Dockerfile. Any bytes give a model or an error, never a panic.
    pub fn read(bytes: &[u8], options: &Options) -> Result<Self, Unreadable> {
        let (file, mut problems) = Self::recover(bytes, options)?;
        if problems.is_empty() { Ok(file) } else { Err(problems.swap_remove(0)) }
    }

    /// Reads as much as can be read of a Dockerfile that has lines which no builder would take, and says what is wrong with
    /// each of them: a file that is being typed has more than one such line, and the rest of it is still worth a word.
    /// The first problem is the one that [`Dockerfile::read`] tells.
    pub fn recover(bytes: &[u8], options: &Options) -> Result<(Self, Vec<Unreadable>), Unreadable> {
        if bytes.len() > BIGGEST {
            return Err(Unreadable::TooBig(bytes.len()));
        }
        let source = std::str::from_utf8(bytes).map_err(|e| {
            let before = &bytes[..e.valid_up_to()];
            let line = before.iter().filter(|b| **b == b'\n').count() as u32 + 1;
            Unreadable::NotUtf8 { offset: e.valid_up_to(), line }
        })?;
        let bom = if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let text = &source[bom..];
        let mut directives = lines::directives(text);
        let escape = directives.iter().find(|d| d.name == "escape").and_then(|d| d.value.chars().next());
        let escape = escape.filter(|c| matches!(c, '\\' | '`')).unwrap_or('\\');
        let mut logical = lines::logical(text, escape);
        for piece in logical.iter_mut().flat_map(|l| &mut l.pieces) {
            piece.file += bom;
        }
        for directive in &mut directives {
            directive.span = directive.span.start + bom..directive.span.end + bom;
        }
        if logical.is_empty() {
            return Err(Unreadable::Empty);
        }
        let mut problems = Vec::new();
        let mut instructions = Vec::with_capacity(logical.len());
        for logical in logical {
            match instruction(logical) {
                Ok(good) => instructions.push(good),
                Err(problem) => problems.push(problem),
            }
        }
        let mut dockerfile = Self {
            crlf: text.contains("\r\n"),
            source: source.to_owned(),
            directives,
            escape,
            instructions,
            stages: Vec::new(),
            references: Vec::new(),
            triggers: Vec::new(),
        };
        dockerfile.expand(options, &mut problems);
        dockerfile.link(&mut problems);
        problems.truncate(MOST_PROBLEMS);
        Ok((dockerfile, problems))
    }

    /// The instruction that stands at a line.
    pub fn at_line(&self, line: u32) -> Option<&Instruction> {
        self.instructions.iter().find(|i| i.first <= line && line <= i.last)
    }

    /// What a build of these stages runs: their instructions, and what the ONBUILD lines of stages below them bring in.
    pub fn run_by<'a>(&'a self, reachable: &'a [bool]) -> impl Iterator<Item = &'a Instruction> {
        let triggered = self.triggers.iter().map(|trigger| &trigger.instruction);
        self.instructions.iter().chain(triggered).filter(|i| i.stage.is_some_and(|stage| reachable[stage]))
    }

    /// The ONBUILD lines of a stage, taken apart.
    fn triggers_of(&self, stage: usize) -> Vec<Trigger> {
        let of = self.instructions.iter().enumerate().filter(|(_, i)| i.stage == Some(stage));
        of.filter_map(|(at, now)| Some(Trigger { at, instruction: now.triggered()? }))
            .take(scope::MOST_TRIGGERS + 1)
            .collect()
    }

    /// The instructions of a stage, its FROM first.
    pub fn of_stage(&self, stage: usize) -> impl Iterator<Item = &Instruction> {
        // Stages follow each other in the file: found by halving, as files of a thousand stages are looked through often.
        let from = self.instructions.partition_point(|i| i.stage < Some(stage));
        self.instructions[from..].iter().take_while(move |i| i.stage == Some(stage))
    }
}

/// The first word of each instruction of a text, read or not: for what must be known of a file that [`Dockerfile::read`]
/// refuses.
#[cfg(feature = "engine")]
pub(crate) fn first_words(text: &str) -> impl Iterator<Item = String> {
    let escape = lines::directives(text).iter().find(|d| d.name == "escape").and_then(|d| d.value.chars().next());
    let lines = lines::logical(text.trim_start_matches('\u{feff}'), escape.unwrap_or('\\'));
    lines.into_iter().filter_map(|line| line.text.split_whitespace().next().map(str::to_owned))
}

fn syntax(line: u32, message: impl Into<String>) -> Unreadable {
    Unreadable::Syntax { line, message: message.into() }
}

/// Checks one logical line and takes it apart.
fn instruction(logical: lines::Logical) -> Result<Instruction, Unreadable> {
    let line = logical.first;
    let word = logical.text.split_whitespace().next().unwrap_or_default();
    let keyword = word.to_ascii_uppercase();
    if !KEYWORDS.contains(&keyword.as_str()) {
        let near = KEYWORDS.iter().min_by_key(|k| distance(k, &keyword));
        let near = near.filter(|k| distance(k, &keyword) <= 2 - usize::from(k.len() < 4));
        let hint = near.map(|k| format!(" (did you mean {k}?)")).unwrap_or_default();
        return Err(syntax(line, format!("unknown instruction: {word}{hint}")));
    }
    if let Some(name) = &logical.open_heredoc {
        return Err(syntax(line, format!("unterminated here-document: no line `{name}` follows")));
    }
    let flags_at = word.len();
    let (flags, rest) = words::flags(&logical.text[flags_at..]);
    let text_at = flags_at + rest;
    let text = logical.text[text_at..].trim_end().to_owned();
    let exec = match keyword.as_str() {
        "RUN" | "CMD" | "ENTRYPOINT" | "SHELL" | "COPY" | "ADD" | "VOLUME" => words::json_array(&text),
        _ => None,
    };
    let count = exec.as_ref().map_or_else(|| text.split_whitespace().count(), Vec::len);
    let needs = match keyword.as_str() {
        "COPY" | "ADD" => 2,
        "CMD" | "ENTRYPOINT" | "SHELL" | "ONBUILD" => 0,
        _ => 1,
    };
    if count < needs {
        let arguments = if needs == 2 { "at least two arguments, but only" } else { "at least one argument, but" };
        return Err(syntax(line, format!("{keyword} requires {arguments} {count} given")));
    }
    Ok(Instruction {
        keyword,
        first: logical.first,
        last: logical.last,
        flags,
        expanded: text.clone(),
        text,
        exec,
        heredocs: logical.heredocs.clone(),
        stage: None,
        pairs: Vec::new(),
        logical,
        text_at,
        flags_at,
    })
}

/// Edit distance, for `did you mean`.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(16).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let cost = (diagonal + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests;
