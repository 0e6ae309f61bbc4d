//! What an image could do without, told to whoever wrote its Dockerfile: which line, how many bytes, and what would have
//! cost nothing. Secrets first, then by bytes.
//!
//! A finding is a diagnosis that fails nobody: a code, facts and lines, which the program turns into a sentence. It is made
//! of [`ImageFacts`] alone, so that recorded evidence gives the same findings as a daemon.

use super::{ImageFacts, layer_lines, row_lines};
use crate::{
    dockerfile::{Dockerfile, Instruction},
    engine::clean,
    image::{How, Left, Leftover, SecretKind, Waste},
    verdict::{Diagnosis, Fact, Finding, codes},
};
use std::collections::BTreeMap;

/// Less is not worth a sentence.
const LEAST: u64 = 20_000;
/// More of them nobody reads.
const MOST: usize = 40;

/// An image with the Dockerfile that it was built from, where there is one.
struct Lines<'a> {
    image: &'a ImageFacts,
    file: Option<(&'a Dockerfile, usize)>,
    layers: Vec<Option<&'a Instruction>>,
    rows: Vec<Option<&'a Instruction>>,
}

impl Lines<'_> {
    /// The instruction that made a layer in one line: the Dockerfile's words, else the history's.
    fn step(&self, layer: usize) -> String {
        if let Some(Some(instruction)) = self.layers.get(layer) {
            return short(&instruction.one_line());
        }
        if let Some((file, target)) = self.file.filter(|_| layer < self.image.base_layers) {
            return short(&format!("FROM {}", file.final_base(target).0));
        }
        let row = self.image.history.iter().find(|row| row.layer == Some(layer));
        row.map(|row| short(&created_by(&row.created_by))).unwrap_or_default()
    }

    fn line(&self, layer: usize) -> Option<u32> {
        match self.layers.get(layer) {
            Some(Some(instruction)) => Some(instruction.first),
            _ => self.file.filter(|_| layer < self.image.base_layers).map(|(file, target)| file.final_base(target).1),
        }
    }
}

fn short(text: &str) -> String {
    let text = clean::line(text);
    match text.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A row of the history without what the builders put around the instruction.
pub fn created_by(row: &str) -> String {
    let text = row.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.strip_suffix("# buildkit").unwrap_or(&text).trim();
    if let Some((_, rest)) = text.split_once("#(nop) ") {
        return rest.trim().to_owned();
    }
    let bare = text.strip_prefix("RUN ").unwrap_or(text);
    match bare.split_once("/bin/sh -c ") {
        Some((before, command)) if before.is_empty() || before.starts_with('|') => format!("RUN {command}"),
        _ => text.to_owned(),
    }
}

impl ImageFacts {
    /// Waste that lines above the base are to blame for.
    pub fn own_waste(&self) -> impl Iterator<Item = &Waste> {
        self.waste.iter().filter(|waste| waste.is_own(self.base_layers))
    }

    /// What the image could do without. With a Dockerfile each finding has its lines.
    pub fn findings(&self, file: Option<(&Dockerfile, usize)>) -> Vec<Finding> {
        let (layers, rows) = match file {
            Some((model, target)) => {
                (layer_lines(model, target, &self.history, self.layers.len()), row_lines(model, target, &self.history))
            }
            None => (vec![], vec![]),
        };
        let lines = Lines { image: self, file, layers, rows };
        let mut found = exposed(&lines);
        let secrets = found.len();
        found.extend(waste(&lines));
        found.extend(self.leftovers.iter().filter_map(|leftover| left(&lines, leftover)));
        found.extend(dev_dependencies(&lines));
        found.extend(compilers(&lines, false));
        found.extend(compilers(&lines, true));
        let worth = |finding: &Finding| finding.bytes >= LEAST;
        let mut at = 0;
        found.retain(|finding| {
            at += 1;
            at <= secrets || worth(finding)
        });
        found[secrets..].sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.diagnosis.lines.cmp(&b.diagnosis.lines)));
        found.truncate(MOST);
        found
    }
}

fn exposed(lines: &Lines<'_>) -> Vec<Finding> {
    let base = |layer: Option<usize>| layer.is_some_and(|l| l < lines.image.base_layers);
    let own = lines.image.exposed.iter().filter(|e| lines.file.is_none() || !base(e.layer));
    let mut found: Vec<Finding> = Vec::new();
    for secret in own {
        let row = secret.row.and_then(|row| lines.rows.get(row).copied().flatten());
        // With a Dockerfile at hand, what stands in rows that are not its own the base brought.
        if lines.file.is_some() && secret.row.is_some() && row.is_none() {
            continue;
        }
        let (code, name) = match (secret.kind, secret.hidden) {
            (SecretKind::Value, _) => (codes::FOUND_SECRET_VALUE, secret.name.clone()),
            (_, false) => (codes::FOUND_SECRET_FILE, format!("/{}", secret.name)),
            (_, true) => (codes::FOUND_SECRET_HIDDEN, format!("/{}", secret.name)),
        };
        let line = row.map(|i| i.first).or_else(|| secret.layer.and_then(|l| lines.line(l)));
        let step = match (row, secret.layer, secret.row.and_then(|row| lines.image.history.get(row))) {
            // The line itself holds the value: its instruction's name is enough.
            (Some(instruction), ..) => instruction.keyword.clone(),
            (None, Some(layer), _) => lines.step(layer),
            (None, None, Some(row)) => created_by(&row.created_by).split(' ').next().unwrap_or_default().to_owned(),
            (None, None, None) => "ENV".to_owned(),
        };
        let diagnosis = Diagnosis::new(code).fact("name", Fact::Text(short(&name))).fact("step", Fact::Text(step));
        let finding = Finding { diagnosis: diagnosis.at(line), bytes: 0, layers: secret.layer.into_iter().collect() };
        // One file in two layers is one secret: what to do about it is the same.
        let same = |other: &&mut Finding| {
            let name = |of: &Diagnosis| of.facts.get("name").cloned();
            let (a, b) = (&other.diagnosis, &finding.diagnosis);
            let value = |of: &Diagnosis| of.code == codes::FOUND_SECRET_VALUE;
            let kinds = if value(a) || value(b) { a.code == b.code && a.lines == b.lines } else { true };
            kinds && name(a) == name(b)
        };
        match found.iter_mut().find(same) {
            Some(other) => {
                let layers = finding.layers.into_iter().filter(|layer| !other.layers.contains(layer));
                let layers: Vec<usize> = layers.collect();
                other.layers.extend(layers);
                // What can still be seen is the worse of the two.
                if finding.diagnosis.code == codes::FOUND_SECRET_FILE {
                    other.diagnosis.code = finding.diagnosis.code;
                }
                other.diagnosis = other.diagnosis.clone().at(finding.diagnosis.lines);
            }
            None => found.push(finding),
        }
    }
    found
}

fn waste(lines: &Lines<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for waste in lines.image.own_waste() {
        let mut diagnosis = Diagnosis::new(code_of(waste))
            .fact("bytes", Fact::Bytes(waste.tally.bytes))
            .fact("files", Fact::Count(waste.tally.files))
            .fact("put", Fact::Text(lines.step(waste.put_by)))
            .fact("step", Fact::Text(lines.step(waste.hidden_by)))
            .fact("examples", Fact::List(waste.examples.iter().map(|path| format!("/{path}")).collect()))
            .at([waste.put_by, waste.hidden_by].into_iter().filter_map(|layer| lines.line(layer)));
        for (name, layer) in [("put-line", waste.put_by), ("line", waste.hidden_by)] {
            if let Some(line) = lines.line(layer) {
                diagnosis = diagnosis.fact(name, Fact::Count(line.into()));
            }
        }
        found.push(Finding { diagnosis, bytes: waste.tally.bytes, layers: vec![waste.put_by, waste.hidden_by] });
    }
    found
}

fn code_of(waste: &Waste) -> &'static str {
    match waste.how {
        How::Replaced | How::Again if waste.examples.iter().all(|path| is_bookkeeping(path)) => {
            codes::FOUND_BOOKKEEPING
        }
        How::Removed => codes::FOUND_REMOVED,
        How::Replaced => codes::FOUND_REPLACED,
        How::Owner => codes::FOUND_OWNER,
        How::Mode => codes::FOUND_MODE,
        How::Again => codes::FOUND_AGAIN,
    }
}

/// What a package manager writes anew with each install, whatever is installed: nobody's mistake, so it is told apart.
fn is_bookkeeping(path: &str) -> bool {
    const FOLDERS: [&str; 9] = [
        "var/lib/dpkg/",
        "var/lib/apt/",
        "var/cache/debconf/",
        "var/cache/ldconfig/",
        "var/log/apt/",
        "lib/apk/db/",
        "usr/lib/apk/db/",
        "var/lib/rpm/",
        "usr/lib/sysimage/rpm/",
    ];
    // Services bring users along.
    const FILES: [&str; 8] = [
        "etc/ld.so.cache",
        "etc/apk/world",
        "etc/passwd",
        "etc/group",
        "etc/shadow",
        "etc/gshadow",
        "var/log/dpkg.log",
        "var/log/alternatives.log",
    ];
    FOLDERS.iter().any(|folder| path.starts_with(folder)) || FILES.contains(&path.strip_suffix('-').unwrap_or(path))
}

fn left(lines: &Lines<'_>, leftover: &Leftover) -> Option<Finding> {
    // What a base has, its user cannot sweep out; a compiler in it is told by itself.
    if leftover.base && lines.file.is_some() {
        return None;
    }
    // Hidden bytes are told of as waste, by the line that hid them.
    let bytes = leftover.bytes.saturating_sub(leftover.hidden);
    let code = match leftover.kind {
        Left::Lists => codes::FOUND_LISTS,
        Left::Downloads => codes::FOUND_DOWNLOADS,
        Left::BuildCache => codes::FOUND_BUILD_CACHE,
        Left::Cache => codes::FOUND_CACHE,
        Left::Sources => codes::FOUND_SOURCES,
        Left::Vcs => codes::FOUND_VCS,
        Left::Tests => codes::FOUND_TESTS,
        Left::Docs => codes::FOUND_DOCS,
        Left::Wheels => codes::FOUND_WHEELS,
        Left::Temporary => codes::FOUND_TEMPORARY,
        // A package manager is small and often needed; these two are told of together with their like.
        Left::PackageManager | Left::Compiler | Left::DevDependencies => return None,
    };
    let diagnosis = Diagnosis::new(code)
        .fact("tool", Fact::Text(leftover.tool.clone()))
        .fact("path", Fact::Text(short(&format!("/{}", leftover.path))));
    Some(of_layers(lines, diagnosis, bytes, &leftover.layers))
}

/// Adds the bytes and the line that brought most of them.
fn of_layers(lines: &Lines<'_>, diagnosis: Diagnosis, bytes: u64, layers: &BTreeMap<usize, u64>) -> Finding {
    let most = layers.iter().max_by_key(|(layer, bytes)| (**bytes, std::cmp::Reverse(**layer)));
    let step = most.map(|(layer, _)| lines.step(*layer)).unwrap_or_default();
    let diagnosis = diagnosis.fact("bytes", Fact::Bytes(bytes)).fact("step", Fact::Text(step));
    let at: Vec<u32> = layers.keys().filter_map(|layer| lines.line(*layer)).collect();
    Finding { diagnosis: diagnosis.at(at), bytes, layers: layers.keys().copied().collect() }
}

/// Leftovers of one kind as one: their bytes that can be seen, whose they are, and their layers.
fn together(leftovers: &[&Leftover]) -> (u64, Vec<String>, BTreeMap<usize, u64>) {
    let mut layers: BTreeMap<usize, u64> = BTreeMap::new();
    let mut bytes = 0_u64;
    for leftover in leftovers {
        bytes = bytes.saturating_add(leftover.bytes.saturating_sub(leftover.hidden));
        for (layer, of_layer) in &leftover.layers {
            let sum = layers.entry(*layer).or_default();
            *sum = sum.saturating_add(*of_layer);
        }
    }
    (bytes, leftovers.iter().map(|l| l.tool.clone()).collect(), layers)
}

fn dev_dependencies(lines: &Lines<'_>) -> Option<Finding> {
    let dev = |l: &&Leftover| l.kind == Left::DevDependencies && !l.base;
    let dev: Vec<&Leftover> = lines.image.leftovers.iter().filter(dev).collect();
    if dev.is_empty() {
        return None;
    }
    let (bytes, packages, layers) = together(&dev);
    let diagnosis = Diagnosis::new(codes::FOUND_DEV).fact("packages", Fact::List(packages));
    Some(of_layers(lines, diagnosis, bytes, &layers))
}

fn compilers(lines: &Lines<'_>, base: bool) -> Option<Finding> {
    let found: Vec<&Leftover> =
        lines.image.leftovers.iter().filter(|l| l.kind == Left::Compiler && l.base == base).collect();
    if found.is_empty() || (base && lines.file.is_none()) {
        return None;
    }
    let (bytes, tools, layers) = together(&found);
    // An interpreter's image brings its headers for whoever must compile a module; that alone makes it no toolchain.
    if base && tools.iter().all(|tool| tool == "headers") {
        return None;
    }
    let diagnosis = Diagnosis::new(if base { codes::FOUND_COMPILER_BASE } else { codes::FOUND_COMPILER });
    Some(of_layers(lines, diagnosis.fact("tools", Fact::List(tools)), bytes, &layers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_install_is_not_blamed_for_the_lists_that_every_install_writes() {
        for path in ["var/lib/dpkg/status-old", "etc/ld.so.cache", "etc/group-", "lib/apk/db/installed"] {
            assert!(is_bookkeeping(path), "{path}");
        }
        for path in ["etc/nginx/nginx.conf", "var/lib/mysql/ibdata1", "etc/passwd.txt", "app/etc/passwd"] {
            assert!(!is_bookkeeping(path), "{path}");
        }
        let code = |how, examples: &[&str]| {
            let examples = examples.iter().map(|&path| path.to_owned()).collect();
            let tally = crate::image::Tally { files: 2, bytes: 900_000 };
            code_of(&Waste { put_by: 0, hidden_by: 1, how, tally, examples })
        };
        let install = ["var/cache/debconf/templates.dat", "var/lib/dpkg/status"];
        assert_eq!(code(How::Replaced, &install), codes::FOUND_BOOKKEEPING);
        assert_eq!(code(How::Removed, &install), codes::FOUND_REMOVED);
        assert_eq!(code(How::Replaced, &[install[0], "app/data.bin"]), codes::FOUND_REPLACED);
    }

    #[test]
    fn rows_lose_what_the_builders_put_around_them() {
        assert_eq!(created_by("RUN |1 V=1 /bin/sh -c make   all # buildkit"), "RUN make all");
        assert_eq!(created_by("/bin/sh -c apt-get update"), "RUN apt-get update");
        assert_eq!(created_by("/bin/sh -c #(nop) COPY dir:9 in /app "), "COPY dir:9 in /app");
        assert_eq!(created_by("COPY . /app # buildkit"), "COPY . /app");
        assert_eq!(created_by("RUN npm ci # buildkit"), "RUN npm ci");
    }
}
