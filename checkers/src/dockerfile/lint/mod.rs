//! Lint: what builds and is still worth a word, with the exact place, and the line that would be better where that is certain.
//!
//! BuildKit has checks of its own, and learners meet their names in real builds; where BuildKit has the rule we use its name
//! and its condition. The others are the common advice on Dockerfiles, each narrowed to what can be told from the text: a
//! linter that is wrong once is not read a second time. So bytes are only counted in stages that are shipped, and what may
//! be right in one project and wrong in another is [`Level::Advice`].
//!
//! A rule is a function over the whole file that calls [`Look::tell`]; [`RULES`] says what they may tell. As in BuildKit,
//! `# check=skip=RULE` (or `skip=all`) at the top of the file silences rules; it takes our names too.

mod commands;
mod names;
mod packages;
mod stages;
mod variables;

#[cfg(test)]
mod tests;

use super::{Command, Dockerfile, Instruction, Site};
use crate::verdict::{Fact, Facts};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, ops::Range};

/// How sure a rule is that something should change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Worth a thought: right in one project, wrong in another.
    Advice,
    /// Should be mended.
    Warning,
}

/// A rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// BuildKit's name where it has the rule, else ours in the same style.
    pub id: &'static str,
    /// How sure it is.
    pub level: Level,
    /// How much it costs not to mend it, from 0 (taste) to 9 (a secret, a broken container): what to mend first.
    pub cost: u8,
    /// BuildKit has this rule.
    pub buildkit: bool,
    /// The rule of hadolint that says much the same, for those who know its numbers.
    pub hadolint: Option<&'static str>,
}

const fn rule(id: &'static str, level: Level, cost: u8, buildkit: bool, hadolint: Option<&'static str>) -> Rule {
    Rule { id, level, cost, buildkit, hadolint }
}

/// Every rule. A test of the program holds each to its words in every language and to a lesson.
pub const RULES: &[Rule] = &[
    rule("StageNameCasing", Level::Warning, 1, true, None),
    rule("FromAsCasing", Level::Warning, 0, true, None),
    rule("NoEmptyContinuation", Level::Warning, 2, true, None),
    rule("ConsistentInstructionCasing", Level::Warning, 0, true, None),
    rule("DuplicateStageName", Level::Warning, 5, true, Some("DL3024")),
    rule("ReservedStageName", Level::Warning, 5, true, None),
    rule("JSONArgsRecommended", Level::Warning, 6, true, Some("DL3025")),
    rule("MaintainerDeprecated", Level::Warning, 1, true, Some("DL4000")),
    rule("UndefinedArgInFrom", Level::Warning, 6, true, None),
    rule("WorkdirRelativePath", Level::Warning, 4, true, Some("DL3000")),
    rule("UndefinedVar", Level::Warning, 6, true, None),
    rule("MultipleInstructionsDisallowed", Level::Warning, 5, true, Some("DL4003")),
    rule("LegacyKeyValueFormat", Level::Warning, 1, true, None),
    rule("InvalidBaseImagePlatform", Level::Warning, 6, true, None),
    rule("RedundantTargetPlatform", Level::Warning, 1, true, None),
    rule("SecretsUsedInArgOrEnv", Level::Warning, 9, true, None),
    rule("InvalidDefaultArgInFrom", Level::Warning, 3, true, None),
    rule("FromPlatformFlagConstDisallowed", Level::Warning, 3, true, Some("DL3029")),
    rule("CopyIgnoredFile", Level::Warning, 8, true, None),
    rule("InvalidDefinitionDescription", Level::Advice, 0, true, None),
    rule("ExposeProtoCasing", Level::Warning, 0, true, None),
    rule("ExposeInvalidFormat", Level::Warning, 4, true, None),
    rule("LastUserRoot", Level::Warning, 7, false, Some("DL3002")),
    rule("NoSudo", Level::Warning, 3, false, Some("DL3004")),
    rule("BaseImageUntagged", Level::Warning, 4, false, Some("DL3006")),
    rule("BaseImageLatest", Level::Warning, 4, false, Some("DL3007")),
    rule("AptUnpinned", Level::Advice, 1, false, Some("DL3008")),
    rule("AptListsLeft", Level::Warning, 6, false, Some("DL3009")),
    rule("PipUnpinned", Level::Warning, 4, false, Some("DL3013")),
    rule("AptAssumeYes", Level::Warning, 7, false, Some("DL3014")),
    rule("AptRecommends", Level::Warning, 5, false, Some("DL3015")),
    rule("ApkUnpinned", Level::Advice, 1, false, Some("DL3018")),
    rule("ApkCacheLeft", Level::Warning, 3, false, Some("DL3019")),
    rule("AddInsteadOfCopy", Level::Warning, 2, false, Some("DL3020")),
    rule("CopyFromUnknownStage", Level::Warning, 7, false, Some("DL3022")),
    rule("PipCacheLeft", Level::Warning, 5, false, Some("DL3042")),
    rule("CopyRelativeDestination", Level::Warning, 4, false, Some("DL3045")),
    rule("HealthcheckMissing", Level::Advice, 2, false, Some("DL3057")),
    rule("ConsecutiveRuns", Level::Advice, 1, false, Some("DL3059")),
    rule("CopyWholeStage", Level::Warning, 6, false, Some("DL3067")),
    rule("PipeHidesFailure", Level::Warning, 4, false, Some("DL4006")),
    rule("AptUpdateAlone", Level::Warning, 5, false, None),
    rule("CleanedTooLate", Level::Warning, 6, false, None),
    rule("ChownAfterCopy", Level::Warning, 7, false, None),
    rule("SourcesBeforeInstall", Level::Warning, 8, false, None),
];

/// The rule of that name.
pub fn rule_of(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id.eq_ignore_ascii_case(id))
}

/// A piece of the file to be replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// Bytes of the file.
    pub span: Range<usize>,
    /// What to put there.
    pub with: String,
}

/// Something that a rule found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// How sure it is.
    pub level: Level,
    /// The line, from 1.
    pub line: u32,
    /// The bytes of the file that it is about, all on that line. Empty for what only the daemon told.
    pub span: Range<usize>,
    /// What was seen, for the words.
    pub facts: Facts,
    /// Edits that mend it, where there is one right way.
    pub edits: Vec<Edit>,
}

impl Finding {
    /// How much it costs not to mend it.
    pub fn cost(&self) -> u8 {
        rule_of(&self.rule).map_or(3, |rule| rule.cost)
    }

    /// The whole file with this mended, where that is certain.
    pub fn mended(&self, source: &str) -> Option<String> {
        if self.edits.is_empty() {
            return None;
        }
        let mut text = source.to_owned();
        for edit in self.edits.iter().rev() {
            text.replace_range(edit.span.clone(), &edit.with);
        }
        Some(text)
    }

    /// The finding's own line with this mended.
    pub fn mended_line(&self, source: &str) -> Option<String> {
        let nth = self.line as usize - 1;
        self.mended(source)?.split('\n').nth(nth).map(|line| line.trim_end_matches('\r').to_owned())
    }
}

/// What a rule cannot see in the text.
#[derive(Default)]
pub struct Around<'a> {
    /// Whether a source of COPY or ADD (relative, with slashes) is left out of the context; none where nobody knows.
    pub ignored: Option<&'a dyn Fn(&str) -> bool>,
    /// The lint warnings that BuildKit itself gave: rule, line, text.
    pub builder: &'a [(String, Option<u32>, String)],
}

impl Dockerfile {
    /// Everything that the rules find, in the file's order.
    pub fn lint(&self, around: &Around<'_>) -> Vec<Finding> {
        let mut look = Look::new(self, around);
        if !look.skips_all() && self.instructions.len() <= MOST_INSTRUCTIONS {
            names::look(&mut look);
            variables::look(&mut look);
            stages::look(&mut look);
            commands::look(&mut look);
            packages::look(&mut look);
        }
        let mut found = look.found;
        merge(&mut found, self, around.builder);
        found.sort_by(|a, b| (a.line, a.span.start, &a.rule).cmp(&(b.line, b.span.start, &b.rule)));
        found.dedup();
        found
    }
}

/// Adds what BuildKit found and we did not. The same rule at the same instruction is the same finding; ours knows more.
fn merge(found: &mut Vec<Finding>, file: &Dockerfile, builder: &[(String, Option<u32>, String)]) {
    for (rule, line, text) in builder {
        let at = |line: u32| file.at_line(line).map_or(line, |i| i.first);
        let same = |f: &Finding| {
            f.rule.eq_ignore_ascii_case(rule) && line.is_none_or(|line| at(line) == at(f.line) || line == f.line)
        };
        if rule.is_empty() || found.iter().any(same) {
            continue;
        }
        let level = rule_of(rule).map_or(Level::Warning, |rule| rule.level);
        let line = line.unwrap_or(1).max(1);
        let facts = [("message".to_owned(), shown(text))].into();
        found.push(Finding { rule: rule.clone(), level, line, span: 0..0, facts, edits: Vec::new() });
    }
}

/// Text of the file, fit to be shown: no control characters, not too long.
fn shown(text: &str) -> Fact {
    let bidi = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut clean: String = text.chars().filter(|c| !c.is_control() && !bidi(*c)).take(200).collect();
    if text.chars().nth(200).is_some() {
        clean.push('…');
    }
    Fact::Text(clean)
}

/// A command of an instruction and where its words stand in the file.
struct Sited {
    words: Vec<String>,
    spans: Vec<Range<usize>>,
    piped: bool,
    /// Its spans are its own, so that an edit of them means what it seems to.
    own: bool,
}

/// A walk over the file.
struct Look<'a> {
    file: &'a Dockerfile,
    ignored: Option<&'a dyn Fn(&str) -> bool>,
    /// Where each line begins.
    starts: Vec<usize>,
    /// Stages whose layers somebody gets: what the last stage, and every stage that no other needs, is made of.
    shipped: Vec<bool>,
    skipped: BTreeSet<String>,
    found: Vec<Finding>,
}

/// A file of more instructions than this was written by no person, and some rules look back over all that is above.
const MOST_INSTRUCTIONS: usize = 2000;

/// More than this nobody reads; a hostile file must not fill the memory.
const MOST: usize = 1000;

impl<'a> Look<'a> {
    fn new(file: &'a Dockerfile, around: &Around<'a>) -> Self {
        let breaks = file.source.match_indices('\n').map(|(at, _)| at + 1);
        let skipped = file
            .directives
            .iter()
            .filter(|d| d.name == "check")
            .flat_map(|d| d.value.split(';'))
            .filter_map(|part| part.trim().strip_prefix("skip="))
            .flat_map(|rules| rules.split(','))
            .map(|rule| rule.trim().to_ascii_lowercase())
            .collect();
        let mut shipped = vec![false; file.stages.len()];
        let needed: BTreeSet<usize> = file
            .references
            .iter()
            .filter_map(|r| if let super::RefTarget::Stage(s) = r.target { Some(s) } else { None })
            .collect();
        for stage in (0..file.stages.len()).filter(|s| !needed.contains(s) || Some(*s) == file.target(None)) {
            for below in file.chain(stage) {
                shipped[below] = true;
            }
        }
        let starts = std::iter::once(0).chain(breaks).collect();
        Self { file, ignored: around.ignored, starts, shipped, skipped, found: Vec::new() }
    }

    fn skips_all(&self) -> bool {
        self.skipped.contains("all")
    }

    /// Tells of something. The span is cut to its first line.
    fn tell(&mut self, rule: &str, span: Range<usize>, facts: &[(&str, &str)], edits: Vec<Edit>) {
        let Some(rule) = rule_of(rule) else { return };
        if self.found.len() >= MOST || self.skipped.contains(&rule.id.to_ascii_lowercase()) {
            return;
        }
        let nth = self.starts.partition_point(|start| *start <= span.start) - 1;
        let line_end = self.starts.get(nth + 1).map_or(self.file.source.len(), |next| next - 1);
        let cut = self.file.source[span.start..span.end.min(line_end).max(span.start)].trim_end().len();
        self.found.push(Finding {
            rule: rule.id.to_owned(),
            level: rule.level,
            line: nth as u32 + 1,
            span: span.start..span.start + cut,
            facts: facts.iter().map(|(name, text)| ((*name).to_owned(), shown(text))).collect(),
            edits,
        });
    }

    /// The bytes of an instruction's text.
    fn text(&self, now: &Instruction) -> Range<usize> {
        match now.text.is_empty() {
            true => self.keyword(now),
            false => self.part(now, 0..now.text.len()),
        }
    }

    /// The bytes of a part of an instruction's text.
    fn part(&self, now: &Instruction, part: Range<usize>) -> Range<usize> {
        let start = now.file_at(part.start);
        // The end is that of the last byte: the byte behind it may stand lines further down.
        let end = if part.is_empty() { start } else { now.file_at(part.end - 1) + 1 };
        let mut end = end.max(start).min(self.file.source.len());
        while !self.file.source.is_char_boundary(end) {
            end += 1;
        }
        start..end
    }

    /// The bytes of a flag's value.
    fn flag(&self, now: &Instruction, flag: &super::Flag) -> Range<usize> {
        let at = |at: usize| {
            let at = at + now.flags_at;
            let piece = now.logical.pieces.iter().rev().find(|piece| piece.at <= at);
            piece.map_or(0, |piece| piece.file + (at - piece.at).min(piece.len))
        };
        let start = at(flag.span.start);
        let end = if flag.span.is_empty() { start } else { at(flag.span.end - 1) + 1 };
        let mut end = end.clamp(start, self.file.source.len());
        while !self.file.source.is_char_boundary(end) {
            end += 1;
        }
        start..end
    }

    /// The bytes of an instruction's keyword.
    fn keyword(&self, now: &Instruction) -> Range<usize> {
        let start = now.logical.pieces.first().map_or(0, |piece| piece.file);
        start..start + now.written().len().min(now.logical.pieces.first().map_or(0, |piece| piece.len))
    }

    /// The commands of an instruction with their places.
    fn commands(&self, now: &Instruction) -> Vec<Sited> {
        let sited = now.sited().into_iter().map(|(command, site)| {
            let Command { words, spans, nested, piped } = command;
            let place = |span: &Range<usize>| match site {
                Site::Text(at) => self.part(now, span.start + at..span.end + at),
                Site::Heredoc(index) => self.in_body(now, index, span),
                Site::Exec => self.text(now),
            };
            let spans = match site {
                Site::Exec => vec![self.text(now); words.len()],
                _ => spans.iter().map(place).collect(),
            };
            Sited { words, spans, piped, own: !nested && !matches!(site, Site::Exec) }
        });
        sited.collect()
    }

    fn in_body(&self, now: &Instruction, index: usize, span: &Range<usize>) -> Range<usize> {
        let heredoc = &now.heredocs[index];
        let place = |at: usize| {
            let before = &heredoc.body[..at];
            let line = heredoc.line as usize - 1 + before.matches('\n').count();
            let column = before.len() - before.rfind('\n').map_or(0, |n| n + 1);
            let start = self.starts.get(line).copied().unwrap_or(self.file.source.len());
            let tabs = match heredoc.strip_tabs {
                true => self.file.source[start..].bytes().take_while(|b| *b == b'\t').count(),
                false => 0,
            };
            (start + tabs + column).min(self.file.source.len())
        };
        let start = place(span.start);
        start..place(span.end).max(start)
    }

    /// Whether somebody gets the layers of the stage that an instruction stands in.
    fn is_shipped(&self, now: &Instruction) -> bool {
        now.stage.is_some_and(|stage| self.shipped[stage])
    }
}

/// The replacement of a span.
fn replace(span: Range<usize>, with: impl Into<String>) -> Vec<Edit> {
    vec![Edit { span, with: with.into() }]
}

/// Something put behind a span.
fn behind(span: &Range<usize>, with: impl Into<String>) -> Vec<Edit> {
    replace(span.end..span.end, with)
}
