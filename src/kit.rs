//! The kit of stand-ins inside the program, and what is known of the real images' download sizes.

use checkers::{
    engine::bases::{BaseOptions, Kit, Reference},
    spec::Size,
};
use dockshala_checkers as checkers;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

/// Listed by hand: a folder embedded by a macro crate would also take along what an editor left in it. A test holds the
/// list to the folder.
macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_bytes!(concat!("../assets/kit/", $path)).as_slice())),*]
    };
}

static FILES: &[(&str, &[u8])] = files![
    "buildpack-deps/Dockerfile",
    "busybox/Dockerfile",
    "debian/Dockerfile",
    "debian/apt-clean.conf",
    "debian/apt-small.conf",
    "debian/dpkg-slim.conf",
    "debian/policy-rc.d",
    "distroless/Dockerfile",
    "golang/Dockerfile",
    "golang/go.env",
    "nginx/50x.html",
    "nginx/Dockerfile",
    "nginx/default.conf",
    "nginx/docker-entrypoint.sh",
    "nginx/index.html",
    "nginx/mime.types",
    "nginx/nginx.conf",
    "node/Dockerfile",
    "node/docker-entrypoint.sh",
    "node/npmrc",
    "postgres/Dockerfile",
    "postgres/docker-entrypoint.sh",
    "python/Dockerfile",
    "python/pip.conf",
    "registry/Dockerfile",
    "registry/config.yml",
    "registry/entrypoint.sh",
    "swarm-node/Dockerfile",
    "swarm-node/start-node",
    "temurin/Dockerfile",
    "temurin/entrypoint.sh",
];

/// What is known of a real image.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// What a pull downloads on amd64.
    #[serde(default)]
    pub download: Option<Figure>,
    /// What it then takes on disk.
    #[serde(default)]
    pub disk: Option<Figure>,
}

/// A size that somebody published.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// How much.
    pub size: Size,
    /// The day of the build that was measured.
    pub date: String,
    /// Where the figure stands.
    pub source: String,
}

/// The built-in kit. Read from its YAML when first asked for: no command that does not build needs it.
pub fn built_in() -> Arc<Kit> {
    static KIT: LazyLock<Arc<Kit>> = LazyLock::new(|| {
        // A fault in it is a fault of this program, which the test below finds.
        let mut kit: Kit = serde_yaml::from_str(include_str!("../assets/kit/kit.yaml")).expect("kit.yaml reads");
        kit.files = FILES.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect();
        Arc::new(kit)
    });
    Arc::clone(&KIT)
}

/// What real images cost, by name.
pub fn known() -> &'static BTreeMap<String, Known> {
    static KNOWN: LazyLock<BTreeMap<String, Known>> =
        LazyLock::new(|| serde_yaml::from_str(include_str!("../assets/downloads.yaml")).expect("downloads.yaml reads"));
    &KNOWN
}

/// Where bases come from: the built-in kit, and the registry or the mirror that the learner has set.
pub fn options(mirror: Option<String>) -> BaseOptions {
    let known = known()
        .iter()
        .filter_map(|(name, known)| Some((Reference::parse(name)?.to_string(), known.download.as_ref()?.size.0)));
    BaseOptions { kit: built_in(), ask_registry: true, mirror, known: known.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, path::Path};

    fn walk(dir: &Path, top: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                walk(&entry.path(), top, found);
            } else {
                found.insert(entry.path().strip_prefix(top).unwrap().display().to_string());
            }
        }
    }

    #[test]
    fn the_whole_folder_is_embedded() {
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/kit");
        let mut there = BTreeSet::new();
        walk(&top, &top, &mut there);
        there.remove("kit.yaml");
        let embedded: BTreeSet<String> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(there, embedded);
    }

    #[test]
    fn the_kit_is_sound() {
        let kit = built_in();
        assert_eq!(kit.version, 1);
        assert_eq!(kit.prefix, checkers::engine::labels::TAGS);
        let mut names = BTreeSet::new();
        for stand_in in &kit.images {
            assert!(kit.files.contains_key(&format!("{}/Dockerfile", stand_in.folder)), "{}", stand_in.folder);
            assert!(!kit.needs(stand_in).is_empty(), "{}: built on nothing of the kit", stand_in.names[0]);
            for name in &stand_in.names {
                let reference = Reference::parse(name).unwrap_or_else(|| panic!("{name}"));
                assert!(names.insert(reference.to_string()), "{name} twice");
            }
            for text in &stand_in.differs {
                assert!(text.contains_key("en") && text.contains_key("hi-Latn"), "{text:?}");
            }
            let contract = &stand_in.contract;
            let patterns = contract.env.values().chain(contract.commands.iter().map(|c| &c.matches));
            for pattern in patterns {
                assert!(regex::Regex::new(pattern).is_ok(), "{pattern}");
            }
        }
    }

    #[test]
    fn known_sizes_have_a_source_and_a_name_that_reads() {
        for (name, known) in known() {
            assert!(Reference::parse(name).is_some(), "{name}");
            let figures: Vec<&Figure> = known.download.iter().chain(&known.disk).collect();
            assert!(!figures.is_empty(), "{name}");
            for figure in figures {
                assert!(figure.size.0 > 0 && figure.source.contains("repos/") && figure.date.len() == 10, "{name}");
            }
        }
    }
}
