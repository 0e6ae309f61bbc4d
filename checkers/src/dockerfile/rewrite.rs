//! The copy of a Dockerfile that is uploaded: base references replaced, `# syntax=` blanked, every line in its place.

use super::{Dockerfile, RefTarget};
use std::{collections::BTreeMap, ops::Range};

/// Something in a Dockerfile that an older frontend does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewerFeature {
    /// As it is written (`COPY --parents`, `heredoc`).
    pub name: String,
    /// The first frontend version that has it.
    pub since: (u32, u32),
    /// Where it is used, from 1.
    pub line: u32,
}

/// The version of the Dockerfile frontend that an engine has built in.
pub fn frontend_of_engine(version: &str) -> (u32, u32) {
    // What each Engine vendors of BuildKit decides: 0.10 in 23, 0.11 in 24, 0.12 in 25.
    let major: u32 = version.split('.').next().and_then(|n| n.parse().ok()).unwrap_or(0);
    match major {
        0..=22 => (1, 2),
        23 => (1, 4),
        24 => (1, 5),
        25 => (1, 6),
        26 => (1, 7),
        27 => (1, 8),
        28 => (1, 14),
        _ => (1, 19),
    }
}

impl Dockerfile {
    /// What is used that came after frontend 1.2, the one of Engine 20.10.
    pub fn newer_features(&self) -> Vec<NewerFeature> {
        let mut found = Vec::new();
        for now in &self.instructions {
            let mut push = |name: String, since| found.push(NewerFeature { name, since, line: now.first });
            if !now.heredocs.is_empty() {
                push("heredoc".to_owned(), (1, 4));
            }
            for flag in &now.flags {
                let since = match (now.keyword.as_str(), flag.name.as_str()) {
                    ("COPY" | "ADD", "link") => (1, 4),
                    ("ADD", "checksum" | "keep-git-dir") => (1, 6),
                    ("COPY", "parents") => (1, 20),
                    ("COPY" | "ADD", "exclude") => (1, 19),
                    ("ADD", "unpack") => (1, 17),
                    ("RUN", "network") => (1, 3),
                    ("RUN", "security") => (1, 20),
                    ("RUN", "device") => (1, 14),
                    ("HEALTHCHECK", "start-interval") => (1, 6),
                    _ => continue,
                };
                push(format!("{} --{}", now.keyword, flag.name), since);
            }
        }
        // Before, such a trigger was refused: `cannot copy from stage`, and the file looks as if nothing were wrong (26.1, tried).
        let triggers = self.triggers.iter().filter(|t| {
            let refers = |r: &&super::Reference| r.instruction == t.at && Some(r.stage) == t.instruction.stage;
            self.references.iter().any(|r| refers(&r))
        });
        for trigger in triggers {
            let name = format!("ONBUILD {} from", trigger.instruction.keyword);
            let feature = NewerFeature { name, since: (1, 11), line: trigger.instruction.first };
            if !found.contains(&feature) {
                found.push(feature);
            }
        }
        found
    }

    /// The `# syntax=` directive.
    pub fn syntax_directive(&self) -> Option<&super::Directive> {
        self.directives.iter().find(|d| d.name == "syntax")
    }

    /// The file with external images replaced by what `images` says (others stay), and without `# syntax=` if asked.
    pub fn rewritten(&self, images: &BTreeMap<String, String>, blank_syntax: bool) -> String {
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        for reference in &self.references {
            let RefTarget::Image(image) = &reference.target else { continue };
            let Some(by) = images.get(image) else { continue };
            let logical = &self.instructions[reference.instruction].logical;
            let mut by = Some(by.clone());
            for piece in &logical.pieces {
                let start = reference.span.start.max(piece.at);
                let end = reference.span.end.min(piece.at + piece.len);
                if start < end {
                    // A word broken by a continuation goes into its first piece whole; the line breaks stay.
                    let range = piece.file + start - piece.at..piece.file + end - piece.at;
                    edits.push((range, by.take().unwrap_or_default()));
                }
            }
        }
        if let Some(syntax) = self.syntax_directive().filter(|_| blank_syntax) {
            // A plain comment ends the directives, so an `# escape=` further down moves up into this line.
            match self.directives.iter().find(|d| d.name == "escape" && d.line > syntax.line) {
                Some(escape) => {
                    edits.push((syntax.span.clone(), format!("# escape={}", self.escape)));
                    edits.push((escape.span.clone(), "#".to_owned()));
                }
                None => edits.push((syntax.span.clone(), "#".to_owned())),
            }
        }
        edits.sort_by_key(|(range, _)| range.start);
        let mut out = String::with_capacity(self.source.len());
        let mut at = 0;
        for (range, by) in edits {
            if range.start < at {
                continue;
            }
            out.push_str(&self.source[at..range.start]);
            out.push_str(&by);
            at = range.end;
        }
        out.push_str(&self.source[at..]);
        out
    }
}
