//! What the goals must know of an image, taken from the whole of it in one walk.
//!
//! The merged tree of a full base has a hundred thousand paths. It is not kept as evidence: what is asked for is looked up
//! once, and only the findings stay, so that a record of them can be read by a person.

use super::Exposed;
use crate::{
    dockerfile,
    goal::Globs,
    image::{Config, Entry, Executable, HistoryRow, Image, Kind, Left, Leftover, Waste},
    verdict::Sizes,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Globs over paths.
    pub paths: BTreeSet<String>,
    /// Commands.
    pub tools: BTreeSet<String>,
    /// Argument lists that containers will be started with in place of CMD.
    pub args: Vec<Vec<String>>,
    /// Names of packages that are for development only.
    pub dev_dependencies: Vec<String>,
}

/// An image's facts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageFacts {
    /// What a container starts with.
    pub config: Config,
    /// How big it is.
    pub sizes: Sizes,
    /// Regular-file bytes of the base's layers.
    pub base_bytes: u64,
    /// How many layers at the bottom are the base's.
    pub base_layers: usize,
    /// Layers, bottom first.
    pub layers: Vec<LayerFact>,
    /// The rows of `docker history`, oldest first.
    pub history: Vec<HistoryRow>,
    /// Bytes that can never be seen, biggest first.
    pub waste: Vec<Waste>,
    /// What matches each asked glob.
    pub paths: BTreeMap<String, Found>,
    /// Where each asked command was found.
    pub tools: BTreeMap<String, Vec<Place>>,
    /// Programs that the image's command starts, by the word that names them.
    pub programs: BTreeMap<String, Program>,
    /// Files by their last name: those that the command names, and those that asked globs end in.
    pub names: BTreeMap<String, Vec<Place>>,
    /// Caches of package managers and compilers above the base, biggest first.
    pub caches: Vec<Heap>,
    /// Packages for development above the base, biggest first.
    pub dev: Vec<Heap>,
    /// What no container of it needs, biggest first.
    #[serde(default)]
    pub leftovers: Vec<Leftover>,
    /// What looks like a secret.
    #[serde(default)]
    pub exposed: Vec<Exposed>,
    /// /etc/passwd: name to uid.
    pub accounts: BTreeMap<String, u32>,
    /// There is a /bin/sh.
    pub has_shell: bool,
    /// What Docker itself says the image's size is.
    pub docker_size: Option<u64>,
}

/// A layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerFact {
    /// Regular-file bytes in it.
    pub bytes: u64,
    /// The biggest folders that it brought into the merged tree, above the base only.
    pub biggest: Vec<Heap>,
}

/// A folder with its bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Heap {
    /// The folder, or a package's name.
    pub name: String,
    /// Bytes in it.
    pub bytes: u64,
    /// The layer that most of them came with.
    pub layer: usize,
}

/// A path of the merged tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Without a leading slash.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// The layer that it came with.
    pub layer: usize,
}

/// What matched a glob.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// How many paths.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many by layer.
    pub layers: BTreeMap<usize, u64>,
    /// At most ten of them: at most five from the base, the rest above it.
    pub examples: Vec<Place>,
}

/// A program that a container starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// Where it was found, links followed.
    pub path: Option<String>,
    /// The layer that it came with.
    pub layer: Option<usize>,
    /// Whether it can start.
    pub runnable: Runnable,
}

/// Whether a program can start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Runnable {
    /// Nothing speaks against it.
    Yes,
    /// No such file.
    Missing,
    /// A folder.
    Folder,
    /// Without an execute bit.
    NoExecuteBit,
    /// A binary for another machine.
    OtherMachine,
    /// A binary whose loader is not in the image.
    LoaderMissing(String),
    /// A script whose interpreter is not in the image.
    InterpreterMissing(String),
    /// A script with a carriage return at the end of its `#!` line.
    CrlfScript,
}

const USUAL_BINS: [&str; 9] = [
    "usr/local/sbin",
    "usr/local/bin",
    "usr/sbin",
    "usr/bin",
    "sbin",
    "bin",
    "usr/local/go/bin",
    "opt/bin",
    "opt/java/openjdk/bin",
];

impl ImageFacts {
    /// Looks an image through.
    pub fn gather(image: &Image, wanted: &Wanted) -> Self {
        let config = image.config.clone();
        let command: Vec<String> = config.entrypoint.iter().chain(&config.cmd).cloned().collect();
        let mut commands = vec![command];
        commands.extend(wanted.args.iter().map(|args| config.entrypoint.iter().chain(args).cloned().collect()));
        let bins = bins(&config);
        let mut facts = Self {
            sizes: image.sizes,
            base_bytes: image.layers[..image.base_layers.min(image.layers.len())].iter().map(|l| l.bytes).sum(),
            base_layers: image.base_layers,
            layers: image.layers.iter().map(|l| LayerFact { bytes: l.bytes, biggest: Vec::new() }).collect(),
            history: image.history.clone(),
            waste: image.waste.clone(),
            paths: BTreeMap::new(),
            tools: BTreeMap::new(),
            programs: BTreeMap::new(),
            names: BTreeMap::new(),
            caches: Vec::new(),
            dev: Vec::new(),
            leftovers: leftovers(image),
            exposed: super::exposed::exposed(image),
            accounts: accounts(image.content("etc/passwd").unwrap_or_default()),
            has_shell: image.follow("bin/sh").is_some_and(|e| e.kind() == Kind::File),
            docker_size: None,
            config,
        };
        let mut names: BTreeSet<String> = BTreeSet::new();
        for words in &commands {
            facts.note_programs(image, words, &bins, &mut names);
        }
        names.extend(wanted.paths.iter().filter_map(|glob| {
            let last = glob.rsplit('/').next().unwrap_or(glob);
            (!last.is_empty() && !last.contains(['*', '?', '[', '{'])).then(|| last.to_owned())
        }));
        for tool in &wanted.tools {
            facts.tools.insert(tool.clone(), places_of_tool(image, tool, &bins));
        }
        facts.walk(image, wanted, &names);
        facts
    }

    fn note_programs(&mut self, image: &Image, words: &[String], bins: &[String], names: &mut BTreeSet<String>) {
        let Some(first) = words.first() else { return };
        let found = program(image, first, bins, &self.config.workdir);
        self.programs.insert(first.clone(), found);
        // Behind a shell or an interpreter stand the names that matter.
        for inner in dockerfile::exec_commands(words).iter().take(32) {
            if let Some(first) = inner.first() {
                let inner = || program(image, first, bins, &self.config.workdir);
                self.programs.entry(first.clone()).or_insert_with(inner);
            }
            let files = inner.iter().skip(1).filter(|w| !w.starts_with('-') && w.contains(['.', '/']));
            names.extend(files.filter_map(|w| w.rsplit('/').next()).filter(|n| !n.is_empty()).map(str::to_owned));
        }
    }

    /// The one walk over the merged tree.
    fn walk(&mut self, image: &Image, wanted: &Wanted, names: &BTreeSet<String>) {
        let globs: Vec<(&String, Globs)> = wanted.paths.iter().map(|g| (g, Globs::new([g]))).collect();
        let mut searches: Vec<Search> = globs.iter().map(|_| Search::default()).collect();
        let mut heaps: Vec<Piles> = self.layers.iter().map(|_| Piles::default()).collect();
        let mut dev = Piles::default();
        for entry in image.entries() {
            let path = entry.path();
            let above = entry.layer() >= self.base_layers;
            if entry.kind() != Kind::Dir {
                for (at, (_, glob)) in globs.iter().enumerate() {
                    if glob.matches_below(&path) {
                        searches[at].add(place(&entry, &path), above);
                    }
                }
                let name = path.rsplit('/').next().unwrap_or(&path);
                if names.contains(name) {
                    let places = self.names.entry(name.to_owned()).or_default();
                    if places.len() < 5 {
                        places.push(place(&entry, &path));
                    }
                }
            } else {
                // A folder that is named itself and holds nothing is there too.
                for (at, (_, glob)) in globs.iter().enumerate() {
                    if glob.matches(&path) {
                        searches[at].folder.get_or_insert_with(|| (place(&entry, &path), above));
                    }
                }
            }
            if above && entry.kind() == Kind::File && entry.size() > 0 {
                heaps[entry.layer()].add(&folder(&path), entry.size(), entry.layer());
                if let Some(package) = package(&path).filter(|p| wanted.dev_dependencies.iter().any(|d| d == p)) {
                    dev.add(package, entry.size(), entry.layer());
                }
            }
        }
        for (search, (glob, _)) in searches.into_iter().zip(&globs) {
            self.paths.insert((*glob).clone(), search.finish());
        }
        for (layer, heap) in self.layers.iter_mut().zip(heaps) {
            layer.biggest = heap.biggest(5);
        }
        self.caches = self.caches();
        self.dev = dev.biggest(20);
    }
}

impl ImageFacts {
    /// Caches above the base that can still be seen, biggest first.
    fn caches(&self) -> Vec<Heap> {
        let is_cache = |l: &&Leftover| {
            !l.base && matches!(l.kind, Left::Lists | Left::Downloads | Left::BuildCache) && l.bytes > l.hidden
        };
        let heap = |l: &Leftover| Heap {
            name: l.path.clone(),
            bytes: l.bytes - l.hidden,
            layer: l.layers.iter().max_by_key(|(_, bytes)| **bytes).map_or(0, |(layer, _)| *layer),
        };
        self.leftovers.iter().filter(is_cache).map(heap).take(5).collect()
    }
}

#[derive(Default)]
struct Search {
    found: Found,
    from_base: Vec<Place>,
    folder: Option<(Place, bool)>,
}

impl Search {
    fn add(&mut self, place: Place, above: bool) {
        self.found.count += 1;
        self.found.bytes += place.size;
        *self.found.layers.entry(place.layer).or_default() += 1;
        let (examples, most) = if above { (&mut self.found.examples, 10) } else { (&mut self.from_base, 5) };
        if examples.len() < most {
            examples.push(place);
        }
    }

    fn finish(mut self) -> Found {
        if self.found.count == 0
            && let Some((place, above)) = self.folder.take()
        {
            self.add(place, above);
        }
        let room = 10 - self.found.examples.len();
        self.found.examples.extend(self.from_base.into_iter().take(room));
        self.found
    }
}

/// Bytes by name and layer.
#[derive(Default)]
struct Piles(BTreeMap<String, BTreeMap<usize, u64>>);

impl Piles {
    fn add(&mut self, name: &str, bytes: u64, layer: usize) {
        if !self.0.contains_key(name) {
            self.0.insert(name.to_owned(), BTreeMap::new());
        }
        if let Some(by_layer) = self.0.get_mut(name) {
            *by_layer.entry(layer).or_default() += bytes;
        }
    }

    fn biggest(self, most: usize) -> Vec<Heap> {
        let heap = |(name, by_layer): (String, BTreeMap<usize, u64>)| Heap {
            name,
            bytes: by_layer.values().sum(),
            layer: by_layer.iter().max_by_key(|(_, bytes)| **bytes).map_or(0, |(layer, _)| *layer),
        };
        let mut heaps: Vec<Heap> = self.0.into_iter().map(heap).collect();
        heaps.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
        heaps.truncate(most);
        heaps
    }
}

/// Leftovers worth keeping: single packages for development are many, and an image may hold thousands.
fn leftovers(image: &Image) -> Vec<Leftover> {
    let mut found = image.leftovers();
    found.truncate(200);
    found
}

fn place(entry: &Entry<'_>, path: &str) -> Place {
    Place { path: path.to_owned(), size: entry.size(), layer: entry.layer() }
}

/// The folder that a file is counted for: at most two names deep, or the file itself at the top.
fn folder(path: &str) -> String {
    let names: Vec<&str> = path.split('/').collect();
    match names.len() {
        0 | 1 => path.to_owned(),
        n => names[..(n - 1).min(2)].join("/"),
    }
}

/// The npm package that a file belongs to: the name behind the last `node_modules/`.
fn package(path: &str) -> Option<&str> {
    let (before, rest) = path.rsplit_once("node_modules/")?;
    if !before.is_empty() && !before.ends_with('/') {
        return None;
    }
    let mut slashes = rest.match_indices('/').map(|(at, _)| at);
    let end = if rest.starts_with('@') { slashes.nth(1) } else { slashes.next() };
    end.map(|end| &rest[..end])
}

/// The folders in which a command is looked for: the image's PATH, and the usual ones.
fn bins(config: &Config) -> Vec<String> {
    let path = config.env.iter().find_map(|e| e.strip_prefix("PATH="));
    let path = path.unwrap_or("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    path.split(':').filter(|p| !p.is_empty()).map(|p| p.trim_matches('/').to_owned()).collect()
}

fn places_of_tool(image: &Image, tool: &str, bins: &[String]) -> Vec<Place> {
    let usual = USUAL_BINS.iter().map(|b| (*b).to_owned());
    let mut found: Vec<Place> = Vec::new();
    let mut seen = BTreeSet::new();
    for bin in bins.iter().cloned().chain(usual) {
        let path = if bin.is_empty() { tool.to_owned() } else { format!("{bin}/{tool}") };
        // A link that leads nowhere is no tool; `/bin` itself is often a link.
        let Some(entry) = image.follow(&path).filter(|e| e.kind() == Kind::File) else { continue };
        // The layer to blame is the one of the name, not the one of what it links to (busybox).
        let named = image.get(&path).unwrap_or(entry);
        if seen.insert(entry.path()) {
            found.push(Place { path, size: entry.size(), layer: named.layer() });
        }
    }
    found
}

fn program(image: &Image, name: &str, bins: &[String], workdir: &str) -> Program {
    let mut candidates: Vec<String> = Vec::new();
    if name.contains('/') {
        candidates.push(if name.starts_with('/') { name.to_owned() } else { format!("{workdir}/{name}") });
    } else {
        candidates.extend(bins.iter().map(|bin| format!("{bin}/{name}")));
    }
    let mut best: Option<Program> = None;
    for path in candidates {
        let Some(entry) = image.follow(&path) else { continue };
        let layer = Some(image.get(&path).unwrap_or(entry).layer());
        let runnable = runnable(image, &entry);
        let good = runnable == Runnable::Yes;
        let found = Program { path: Some(path.trim_start_matches('/').to_owned()), layer, runnable };
        if good || best.is_none() {
            best = Some(found);
        }
        if good {
            break;
        }
    }
    best.unwrap_or(Program { path: None, layer: None, runnable: Runnable::Missing })
}

fn runnable(image: &Image, entry: &Entry<'_>) -> Runnable {
    match entry.kind() {
        Kind::Dir => return Runnable::Folder,
        Kind::File => {}
        _ => return Runnable::Missing,
    }
    if entry.mode() & 0o111 == 0 {
        return Runnable::NoExecuteBit;
    }
    let machine = match image.config.arch.as_str() {
        "amd64" => Some(62),
        "arm64" => Some(183),
        _ => None,
    };
    match entry.executable() {
        Some(Executable::Elf { machine: m, .. }) if machine.is_some_and(|want| want != *m) => Runnable::OtherMachine,
        Some(Executable::Elf { loader: Some(loader), .. }) if image.follow(loader).is_none() => {
            Runnable::LoaderMissing(loader.clone())
        }
        Some(Executable::Script { interpreter }) => {
            let bare = interpreter.trim_end_matches(['\r', '\u{fffd}']);
            if bare != interpreter {
                Runnable::CrlfScript
            } else if image.follow(interpreter).is_none() {
                Runnable::InterpreterMissing(interpreter.clone())
            } else {
                Runnable::Yes
            }
        }
        _ => Runnable::Yes,
    }
}

fn accounts(passwd: &[u8]) -> BTreeMap<String, u32> {
    let text = String::from_utf8_lossy(passwd);
    let account = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|n| !n.is_empty())?;
        Some((name.to_owned(), fields.nth(1)?.parse().ok()?))
    };
    // The first line of a name wins, as in the C library.
    let mut found = BTreeMap::new();
    for (name, uid) in text.lines().take(10_000).filter_map(account) {
        found.entry(name).or_insert(uid);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_named_by_the_last_node_modules() {
        assert_eq!(package("app/node_modules/jest/build/a.js"), Some("jest"));
        assert_eq!(package("app/node_modules/@types/node/a.d.ts"), Some("@types/node"));
        assert_eq!(package("node_modules/a/node_modules/b/c.js"), Some("b"));
        assert_eq!(package("app/node_modules/.package-lock.json"), None);
        assert_eq!(package("app/my_node_modules/jest/x"), None);
    }

    #[test]
    fn folders_are_two_names_deep() {
        assert_eq!(folder("app/node_modules/jest/a.js"), "app/node_modules");
        assert_eq!(folder("app/a.js"), "app");
        assert_eq!(folder("chai-api"), "chai-api");
    }

    #[test]
    fn a_search_prefers_what_is_above_the_base() {
        let mut search = Search::default();
        for n in 0..8 {
            search.add(Place { path: format!("b{n}"), size: 1, layer: 0 }, false);
        }
        search.add(Place { path: "mine".into(), size: 5, layer: 1 }, true);
        let found = search.finish();
        assert_eq!((found.count, found.bytes, found.examples[0].path.as_str()), (9, 13, "mine"));
        assert_eq!(found.layers, [(0, 8), (1, 1)].into());
        assert_eq!(found.examples.len(), 6);
    }

    #[test]
    fn accounts_from_passwd() {
        let text =
            b"root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/bash\nbroken\n:x:1\nnode:x:7:7:::\n";
        assert_eq!(accounts(text), [("node".to_owned(), 1000), ("root".to_owned(), 0)].into());
    }
}
