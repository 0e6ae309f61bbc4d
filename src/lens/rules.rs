//! Limits that a pipeline holds an image to. On bytes that are the same on every daemon, so that a limit which holds on a
//! laptop holds on the build server.

use super::Subject;
use dockshala_checkers::{
    goal::Globs,
    image::{Kind, Left, Leftover},
    spec::Size,
    verdict::{Fact, Finding, codes},
};
use serde::Serialize;
use std::collections::BTreeSet;

/// A limit.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// Files of all layers, at most so many bytes.
    MaxTotal(Size),
    /// Files that a container sees.
    MaxFinal(Size),
    /// Bytes above the base.
    MaxAdded(Size),
    /// Bytes that can never be seen.
    MaxWasted(Size),
    /// The same as percent of the total.
    MaxWastedShare(f64),
    /// Any one layer above the base, or of the whole image where no base is known.
    MaxLayer(Size),
    /// Stored bytes that no container needs (compilers, caches, tests, sources …), hidden ones too, above the base.
    MaxLeftovers(Size),
    /// Nothing above the base may look like a secret: no file, hidden ones too, no variable, no build argument.
    NoSecrets,
    /// No path may match, neither one that is seen nor one that a later layer hides.
    Forbid(String),
}

/// What came of a limit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// The flag's name without its dashes.
    pub rule: &'static str,
    /// The limit as it was given.
    pub limit: String,
    /// What the image has: bytes, percent, or how many paths.
    pub value: f64,
    /// The same for people.
    #[serde(skip)]
    pub said: String,
    /// It holds.
    pub holds: bool,
    /// Paths that break it, at most ten.
    pub paths: Vec<String>,
    /// Indexes of layers that break it.
    pub layers: Vec<usize>,
}

/// How many paths are named.
const NAMED: usize = 10;

impl Rule {
    /// The flag's name without its dashes.
    pub fn name(&self) -> &'static str {
        match self {
            Self::MaxTotal(_) => "max-total",
            Self::MaxFinal(_) => "max-final",
            Self::MaxAdded(_) => "max-added",
            Self::MaxWasted(_) => "max-wasted",
            Self::MaxWastedShare(_) => "max-wasted-share",
            Self::MaxLayer(_) => "max-layer",
            Self::MaxLeftovers(_) => "max-leftovers",
            Self::NoSecrets => "no-secrets",
            Self::Forbid(_) => "forbid",
        }
    }

    /// Holds an image to it.
    pub fn judge(&self, subject: &Subject) -> Judged {
        let sizes = subject.image.sizes;
        let bytes = |value: u64, limit: &Size| Judged {
            rule: self.name(),
            limit: limit.to_string(),
            value: value as f64,
            said: Size(value).to_string(),
            holds: value <= limit.0,
            paths: Vec::new(),
            layers: Vec::new(),
        };
        match self {
            Self::MaxTotal(limit) => bytes(sizes.total, limit),
            Self::MaxFinal(limit) => bytes(sizes.final_, limit),
            Self::MaxAdded(limit) => bytes(sizes.added, limit),
            Self::MaxWasted(limit) => bytes(sizes.wasted, limit),
            Self::MaxWastedShare(limit) => {
                let share = share(sizes.wasted, sizes.total);
                Judged {
                    rule: self.name(),
                    limit: format!("{limit} %"),
                    value: share,
                    said: format!("{share:.1} %"),
                    holds: share <= *limit,
                    paths: Vec::new(),
                    layers: Vec::new(),
                }
            }
            Self::MaxLayer(limit) => {
                let layers = subject.image.layers.iter().enumerate().filter(|(_, l)| !l.base);
                let biggest = layers.clone().map(|(_, l)| l.bytes).max().unwrap_or(0);
                let over = layers.filter(|(_, l)| l.bytes > limit.0).map(|(at, _)| at).collect();
                Judged { layers: over, ..bytes(biggest, limit) }
            }
            Self::MaxLeftovers(limit) => {
                // A package manager alone is small, and a shell image without one is another image.
                let left = |l: &&Leftover| !l.base && l.kind != Left::PackageManager;
                let found: Vec<&Leftover> = subject.facts.leftovers.iter().filter(left).collect();
                let judged = bytes(found.iter().map(|l| l.bytes).sum(), limit);
                if judged.holds {
                    return judged;
                }
                let layers: BTreeSet<usize> = found.iter().flat_map(|l| l.layers.keys().copied()).collect();
                let paths = found.iter().take(NAMED).map(|l| l.path.clone()).collect();
                Judged { paths, layers: layers.into_iter().collect(), ..judged }
            }
            Self::NoSecrets => secrets(subject),
            Self::Forbid(glob) => forbid(glob, subject),
        }
    }
}

/// Percent of a whole; 0 of nothing.
pub fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

fn secrets(subject: &Subject) -> Judged {
    let own = |finding: &&Finding| {
        let codes = [codes::FOUND_SECRET_FILE, codes::FOUND_SECRET_HIDDEN, codes::FOUND_SECRET_VALUE];
        codes.contains(&finding.diagnosis.code.as_str())
    };
    let found: Vec<&Finding> = subject.findings.iter().filter(own).collect();
    let path = |finding: &&Finding| match finding.diagnosis.facts.get("name") {
        Some(Fact::Text(name)) => name.strip_prefix('/').map(str::to_owned),
        _ => None,
    };
    let layers: BTreeSet<usize> = found.iter().flat_map(|finding| finding.layers.iter().copied()).collect();
    Judged {
        rule: "no-secrets",
        limit: String::new(),
        value: found.len() as f64,
        said: found.len().to_string(),
        holds: found.is_empty(),
        paths: found.iter().filter_map(path).take(NAMED).collect(),
        layers: layers.into_iter().collect(),
    }
}

fn forbid(glob: &str, subject: &Subject) -> Judged {
    let globs = Globs::new([glob]);
    let image = &subject.image;
    let mut paths = BTreeSet::new();
    let mut layers = BTreeSet::new();
    for entry in image.entries() {
        let path = entry.path();
        // A folder that holds nothing is there too; one that holds something is told of by what it holds.
        if globs.matches(&path) || entry.kind() != Kind::Dir && globs.matches_below(&path) {
            layers.insert(entry.layer());
            paths.insert(path);
        }
    }
    for hidden in &image.hidden {
        let path = image.path_of(hidden);
        if globs.matches_below(&path) {
            layers.insert(hidden.put_by);
            paths.insert(path);
        }
    }
    let count = paths.len();
    Judged {
        rule: "forbid",
        limit: glob.to_owned(),
        value: count as f64,
        said: count.to_string(),
        holds: count == 0,
        paths: paths.into_iter().take(NAMED).collect(),
        layers: layers.into_iter().collect(),
    }
}

/// A share as one writes it: `5%`, `2.5 %`. Without the sign it is refused: dive reads 0.1 where others read 10.
pub fn percent(text: &str) -> Option<f64> {
    let number: f64 = text.trim().strip_suffix('%')?.trim_end().parse().ok()?;
    (0.0..=100.0).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_its_sign() {
        assert_eq!(percent("5%"), Some(5.0));
        assert_eq!(percent(" 2.5 %"), Some(2.5));
        for bad in ["5", "0.1", "-1%", "101%", "x%", "%", "NaN%"] {
            assert_eq!(percent(bad), None, "{bad}");
        }
        assert_eq!(share(1, 0), 0.0);
    }
}
