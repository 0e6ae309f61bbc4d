//! The kit as data: which stand-ins there are, how each is made, and what both it and the real image promise.
//!
//! The program reads it from `assets/kit/kit.yaml`, which explains every field.

use super::Reference;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The set of stand-ins with their recipes' files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kit {
    /// The format's number, 1.
    pub version: u32,
    /// What stands before a stand-in's name; [`crate::engine::labels::TAGS`].
    pub prefix: String,
    /// What all of them are built from in the end.
    pub root: Root,
    /// The stand-ins, each after those that it is built from.
    pub images: Vec<StandInRecipe>,
    /// Files of the recipes, by their path below `assets/kit`.
    #[serde(skip)]
    pub files: BTreeMap<String, Vec<u8>>,
}

/// The root file system.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    /// Its name below the prefix.
    pub image: String,
    /// How it is made.
    pub debootstrap: Debootstrap,
}

/// What debootstrap is asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Debootstrap {
    /// Debian's release.
    pub suite: String,
    /// Its variant.
    pub variant: String,
}

/// One stand-in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandInRecipe {
    /// The real images that it takes the place of, the usual name first.
    pub names: Vec<String>,
    /// The folder of its Dockerfile.
    pub folder: String,
    /// The stage.
    #[serde(default)]
    pub target: Option<String>,
    /// Files to put into the build context first.
    #[serde(default)]
    pub fetch: Vec<Fetch>,
    /// What is in it, by program.
    pub versions: BTreeMap<String, String>,
    /// Its size on disk, for what it costs to make.
    pub disk: crate::spec::Size,
    /// What it promises.
    pub contract: Contract,
    /// What a learner could notice that the real image does otherwise: one text by language each.
    #[serde(default)]
    pub differs: Vec<BTreeMap<String, String>>,
}

/// A file from a package index.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetch {
    /// The Python package.
    pub pypi: String,
    /// Its version.
    pub version: String,
    /// The file's name in the build context.
    #[serde(rename = "as")]
    pub name: String,
    /// Its SHA-256 by machine, as `uname -m` names it.
    pub sha256: BTreeMap<String, String>,
}

/// What an image promises; what is left out is not promised.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Contract {
    /// Variables and regular expressions that each must match in full.
    pub env: BTreeMap<String, String>,
    /// USER.
    pub user: Option<String>,
    /// WORKDIR.
    pub workdir: Option<String>,
    /// ENTRYPOINT.
    pub entrypoint: Option<Vec<String>>,
    /// CMD.
    pub cmd: Option<Vec<String>>,
    /// Paths that are there, links followed.
    pub paths: Vec<String>,
    /// Paths that are not.
    pub absent: Vec<String>,
    /// Octal modes of paths.
    pub modes: BTreeMap<String, String>,
    /// Names and uids in /etc/passwd.
    pub users: BTreeMap<String, u32>,
    /// Commands and what they print.
    pub commands: Vec<ContractCommand>,
}

/// A command that must end with 0.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractCommand {
    /// The program and its arguments.
    pub run: Vec<String>,
    /// Must match somewhere in what it prints.
    pub matches: String,
}

impl Kit {
    /// A kit without stand-ins, for a course that brings its own images.
    pub fn empty() -> Self {
        let root =
            Root { image: String::new(), debootstrap: Debootstrap { suite: String::new(), variant: String::new() } };
        Self {
            version: 1,
            prefix: crate::engine::labels::TAGS.to_owned(),
            root,
            images: vec![],
            files: BTreeMap::new(),
        }
    }

    /// The stand-in for an image. One pinned to a digest has none: it asks for those very bytes.
    pub fn stand_in(&self, image: &Reference) -> Option<&StandInRecipe> {
        if image.digest().is_some() {
            return None;
        }
        self.images.iter().find(|s| s.names.iter().any(|name| Reference::parse(name).as_ref() == Some(image)))
    }

    /// The local name of the stand-in for an image.
    pub fn local(&self, image: &Reference) -> String {
        format!("{}{image}", self.prefix)
    }

    /// Every local name of a stand-in, the usual one first.
    pub fn locals<'a>(&'a self, stand_in: &'a StandInRecipe) -> impl Iterator<Item = String> + 'a {
        stand_in.names.iter().filter_map(|name| Reference::parse(name)).map(|name| self.local(&name))
    }

    /// The real image that a local name stands in for.
    pub fn real(&self, local: &str) -> Option<Reference> {
        Reference::parse(local.strip_prefix(&self.prefix)?)
    }

    /// What the root is made from, as a hash.
    pub fn root_recipe(&self) -> String {
        let Debootstrap { suite, variant } = &self.root.debootstrap;
        hash([b"root".as_slice(), self.root.image.as_bytes(), suite.as_bytes(), variant.as_bytes()])
    }

    /// What a stand-in is made from, as a hash: its folder, its stage, what is fetched, and the same of every image of the
    /// kit that its Dockerfile names. The contract does not count: a changed promise rebuilds nothing.
    pub fn recipe(&self, stand_in: &StandInRecipe) -> String {
        let mut parts: Vec<Vec<u8>> =
            vec![stand_in.folder.clone().into(), stand_in.target.clone().unwrap_or_default().into()];
        for fetch in &stand_in.fetch {
            parts.extend([fetch.pypi.clone(), fetch.version.clone(), fetch.name.clone()].map(String::into_bytes));
            parts.extend(fetch.sha256.values().map(|sum| sum.clone().into_bytes()));
        }
        for (path, bytes) in self.context(stand_in) {
            parts.extend([path.as_bytes().to_vec(), bytes.to_vec()]);
        }
        for needed in self.needs(stand_in) {
            parts.push(match needed {
                Needed::Root => self.root_recipe().into(),
                Needed::StandIn(other) => self.recipe(other).into(),
            });
        }
        hash(parts.iter().map(Vec::as_slice))
    }

    /// Files of a stand-in's folder, by their names in it.
    pub fn context<'a>(&'a self, stand_in: &'a StandInRecipe) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let folder = format!("{}/", stand_in.folder);
        self.files.iter().filter_map(move |(path, bytes)| Some((path.strip_prefix(&folder)?, bytes.as_slice())))
    }

    /// What of the kit a stand-in's Dockerfile builds on, whichever stage: only what comes before it counts, so that a
    /// recipe that names itself ends.
    pub fn needs(&self, stand_in: &StandInRecipe) -> Vec<Needed<'_>> {
        let text = self.files.get(&format!("{}/Dockerfile", stand_in.folder)).map(Vec::as_slice).unwrap_or_default();
        let text = String::from_utf8_lossy(text);
        let named: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || c == '=')
            .filter_map(|word| word.strip_prefix(self.prefix.as_str()))
            .collect();
        let mut needs = vec![];
        if named.contains(&self.root.image.as_str()) {
            needs.push(Needed::Root);
        }
        let before =
            self.images.iter().take_while(|other| !std::ptr::eq(*other, stand_in) && other.names != stand_in.names);
        needs.extend(before.filter(|o| o.names.iter().any(|name| named.contains(&name.as_str()))).map(Needed::StandIn));
        needs
    }
}

/// Something of the kit that something else of it is built on.
#[derive(Debug, Clone, Copy)]
pub enum Needed<'a> {
    /// The root.
    Root,
    /// A stand-in.
    StandIn(&'a StandInRecipe),
}

impl StandInRecipe {
    /// What is in it, in a few words: `go 1.24`.
    pub fn version(&self) -> String {
        self.versions.iter().map(|(what, version)| format!("{what} {version}")).collect::<Vec<_>>().join(", ")
    }
}

fn hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut sum = Sha256::new();
    for part in parts {
        sum.update((part.len() as u64).to_le_bytes());
        sum.update(part);
    }
    sum.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn kit() -> Kit {
        let image = |names: [&str; 2], folder: &str| StandInRecipe {
            names: names.map(str::to_owned).to_vec(),
            folder: folder.into(),
            target: None,
            fetch: vec![],
            versions: [("go".to_owned(), "1.24".to_owned())].into(),
            disk: crate::spec::Size(1),
            contract: Contract::default(),
            differs: vec![],
        };
        let mut kit = Kit::empty();
        kit.root.image = "root:x".into();
        kit.images = vec![image(["debian:13", "debian:latest"], "debian"), image(["golang:1.26", "golang"], "golang")];
        let file = |path: &str, text: &str| (path.to_owned(), text.as_bytes().to_vec());
        kit.files = [
            file("debian/Dockerfile", "FROM dockshala.local/root:x\nCOPY a /\n"),
            file("debian/a", "1"),
            file("golang/Dockerfile", "FROM x\nCOPY --from=dockshala.local/debian:13 / /\n"),
        ]
        .into();
        kit
    }

    #[test]
    fn aliases_are_covered_and_digests_are_not() {
        let kit = kit();
        let find = |name: &str| kit.stand_in(&Reference::parse(name).unwrap()).map(|s| s.folder.clone());
        assert_eq!(find("docker.io/library/golang").as_deref(), Some("golang"));
        assert_eq!(find("golang:1.26").as_deref(), Some("golang"));
        assert_eq!(find("golang:1.25"), None);
        assert_eq!(find(&format!("golang:1.26@sha256:{}", "ab".repeat(32))), None);
        assert_eq!(
            kit.locals(&kit.images[1]).collect::<Vec<_>>(),
            ["dockshala.local/golang:1.26", "dockshala.local/golang:latest"]
        );
        assert_eq!(kit.real("dockshala.local/golang:1.26").unwrap().to_string(), "golang:1.26");
    }

    #[test]
    fn a_recipe_changes_with_its_files_and_with_what_it_is_built_on() {
        let before = kit();
        let recipes = |kit: &Kit| kit.images.iter().map(|s| kit.recipe(s)).collect::<Vec<_>>();
        let mut root = kit();
        root.root.debootstrap.suite = "other".into();
        let mut file = kit();
        file.files.insert("debian/a".into(), b"2".to_vec());
        let mut contract = kit();
        contract.images[0].contract.user = Some("x".into());
        for changed in [root, file] {
            assert!(recipes(&before).iter().zip(recipes(&changed)).all(|(a, b)| *a != b));
        }
        assert_eq!(recipes(&before), recipes(&contract));
    }
}
