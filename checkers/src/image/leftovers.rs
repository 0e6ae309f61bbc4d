//! What an image carries that no container of it needs, recognised by where it lies.
//!
//! Every stored copy counts, hidden ones too: they are downloaded with the rest. A path belongs to the first rule that any
//! folder above it meets, so that the sources inside a toolchain are the toolchain's.

use super::{Image, Kind, paths::NONE};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What kind of thing was left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Left {
    /// A compiler, its headers and libraries.
    Compiler,
    /// A package manager itself.
    PackageManager,
    /// Lists of what a package manager could install.
    Lists,
    /// What a package manager downloaded.
    Downloads,
    /// What a compiler keeps to be faster the next time.
    BuildCache,
    /// Some other program's cache.
    Cache,
    /// Sources of compiled languages.
    Sources,
    /// A version control system's folder.
    Vcs,
    /// Tests.
    Tests,
    /// Manuals and examples.
    Docs,
    /// Python packages as they were downloaded.
    Wheels,
    /// npm packages for development.
    DevDependencies,
    /// Temporary files and logs.
    Temporary,
}

/// Something left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leftover {
    /// What kind.
    pub kind: Left,
    /// Whose: `apt`, `npm`, `Go`, a package's name; empty where that says nothing.
    pub tool: String,
    /// It lies in layers of the base image.
    pub base: bool,
    /// The folder in which most of it lies, without a leading slash.
    pub path: String,
    /// Files, each stored copy counted.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Of those, bytes that later layers hide.
    pub hidden: u64,
    /// Bytes by layer.
    pub layers: BTreeMap<usize, u64>,
}

type Class = (Left, String);

/// Folders by their whole path.
const FOLDERS: [(&str, Left, &str); 28] = [
    ("var/lib/apt/lists", Left::Lists, "apt"),
    ("var/cache/apt", Left::Downloads, "apt"),
    ("var/cache/apk", Left::Lists, "apk"),
    ("etc/apk/cache", Left::Lists, "apk"),
    ("var/cache/yum", Left::Downloads, "yum"),
    ("var/cache/dnf", Left::Downloads, "dnf"),
    ("var/cache/libdnf5", Left::Downloads, "dnf"),
    ("var/cache/zypp", Left::Downloads, "zypper"),
    ("var/cache/pacman", Left::Downloads, "pacman"),
    ("var/cache/man", Left::Docs, ""),
    ("usr/share/doc", Left::Docs, ""),
    ("usr/share/man", Left::Docs, ""),
    ("usr/share/info", Left::Docs, ""),
    ("usr/local/share/doc", Left::Docs, ""),
    ("usr/local/share/man", Left::Docs, ""),
    ("usr/include", Left::Compiler, "headers"),
    ("usr/local/include", Left::Compiler, "headers"),
    ("usr/lib/gcc", Left::Compiler, "gcc"),
    ("usr/libexec/gcc", Left::Compiler, "gcc"),
    ("usr/local/go", Left::Compiler, "Go"),
    ("usr/local/rustup", Left::Compiler, "Rust"),
    ("usr/local/cargo/registry", Left::Downloads, "Cargo"),
    ("usr/local/share/.cache", Left::Downloads, "Yarn"),
    ("go/pkg/mod", Left::Downloads, "Go"),
    ("tmp", Left::Temporary, ""),
    ("var/tmp", Left::Temporary, ""),
    ("var/log", Left::Temporary, ""),
    ("var/lib/dnf/repos", Left::Lists, "dnf"),
];

/// Folders by the end of their path, wherever a home folder or a project lies.
const ENDINGS: [(&str, Left, &str); 27] = [
    (".npm", Left::Downloads, "npm"),
    (".cache/pip", Left::Downloads, "pip"),
    (".cache/uv", Left::Downloads, "uv"),
    (".cache/pypoetry", Left::Downloads, "Poetry"),
    (".cache/yarn", Left::Downloads, "Yarn"),
    (".yarn/berry/cache", Left::Downloads, "Yarn"),
    ("pnpm/store", Left::Downloads, "pnpm"),
    (".pnpm-store", Left::Downloads, "pnpm"),
    (".cache/composer", Left::Downloads, "Composer"),
    (".composer/cache", Left::Downloads, "Composer"),
    (".m2/repository", Left::Downloads, "Maven"),
    (".gradle/caches", Left::Downloads, "Gradle"),
    (".cargo/registry", Left::Downloads, "Cargo"),
    (".cargo/git", Left::Downloads, "Cargo"),
    (".nuget/packages", Left::Downloads, "NuGet"),
    (".cache/go-build", Left::BuildCache, "Go"),
    (".cache/ccache", Left::BuildCache, "ccache"),
    (".ccache", Left::BuildCache, "ccache"),
    (".rustup", Left::Compiler, "Rust"),
    ("lib/rustlib", Left::Compiler, "Rust"),
    (".git", Left::Vcs, "git"),
    (".svn", Left::Vcs, "svn"),
    (".hg", Left::Vcs, "hg"),
    ("lib/node_modules/npm", Left::PackageManager, "npm"),
    ("lib/node_modules/corepack", Left::PackageManager, "npm"),
    ("site-packages/pip", Left::PackageManager, "pip"),
    ("jmods", Left::Compiler, "JDK"),
];

const SOURCES: [&str; 14] =
    ["go", "c", "cc", "cpp", "cxx", "rs", "java", "kt", "ts", "tsx", "jsx", "scss", "cs", "swift"];

/// Where the people of an image put their own things: not in the folders of its distribution.
fn is_own(path: &str) -> bool {
    const SYSTEM: [&str; 10] = ["usr/", "var/", "etc/", "lib/", "lib64/", "bin/", "sbin/", "proc/", "sys/", "opt/java"];
    path.starts_with("usr/src/") || !SYSTEM.iter().any(|s| path.starts_with(s))
}

fn ends(path: &str, ending: &str) -> bool {
    path.strip_suffix(ending).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

fn class(path: &str) -> Option<Class> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let of = |left: Left, tool: &str| Some((left, tool.to_owned()));
    if let Some((_, left, tool)) = FOLDERS.iter().find(|(f, ..)| *f == path) {
        return of(*left, tool);
    }
    if let Some((_, left, tool)) = ENDINGS.iter().find(|(e, ..)| ends(path, e)) {
        return of(*left, tool);
    }
    let versioned = |start: &str| folder == "usr/lib" && name.starts_with(start);
    if versioned("llvm-") {
        return of(Left::Compiler, "LLVM");
    }
    if versioned("go-") || folder == "usr/share" && name.starts_with("go-") {
        return of(Left::Compiler, "Go");
    }
    if ends(folder, ".cache") {
        return of(Left::Cache, name);
    }
    if folder == "usr/bin" {
        let bare = name.strip_prefix("x86_64-linux-gnu-").or_else(|| name.strip_prefix("aarch64-linux-gnu-"));
        let bare = bare.unwrap_or(name).trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.'));
        if matches!(bare, "gcc" | "g++" | "cc" | "c++" | "cpp" | "lto-dump" | "c89-gcc" | "c99-gcc") {
            return of(Left::Compiler, "gcc");
        }
    }
    match name {
        "javac" if ends(folder, "bin") => return of(Left::Compiler, "JDK"),
        "src.zip" | "ct.sym" if ends(folder, "lib") => return of(Left::Compiler, "JDK"),
        "test" | "tests" | "__tests__" if is_own(path) && !is_foreign(path) => return of(Left::Tests, ""),
        _ => {}
    }
    let (stem, extension) = name.rsplit_once('.')?;
    match extension {
        _ if stem.is_empty() => None,
        "whl" if !is_pythons_own(folder) => of(Left::Wheels, "pip"),
        "a" if folder.starts_with("usr/lib") || folder.starts_with("usr/local/lib") => of(Left::Compiler, "libraries"),
        "ts" if stem.ends_with(".d") => None,
        extension if SOURCES.contains(&extension) && is_own(path) && !is_foreign(path) => of(Left::Sources, ""),
        _ => None,
    }
}

/// Where Python and its tools keep the wheels that they make new environments of: the python images, Debian's python3-venv,
/// the virtualenv package. Nobody has left them behind, and what is advised for wheels would not take them away.
fn is_pythons_own(folder: &str) -> bool {
    ends(folder, "ensurepip/_bundled")
        || folder == "usr/share/python-wheels"
        || folder.contains("site-packages/")
        || folder.contains("dist-packages/")
}

/// Inside somebody else's package.
fn is_foreign(path: &str) -> bool {
    path.contains("node_modules/") || path.contains("site-packages/") || path.contains("vendor/")
}

#[derive(Default)]
struct Pile {
    files: u64,
    bytes: u64,
    hidden: u64,
    layers: BTreeMap<usize, u64>,
    folders: HashMap<u32, u64>,
}

impl Image {
    /// Everything left behind, biggest first. What npm itself marks as being for development is known by the lock file
    /// which it leaves in `node_modules`.
    pub fn leftovers(&self) -> Vec<Leftover> {
        let paths = &self.tree.paths;
        let dev = self.npm_dev();
        let mut classes: Vec<Class> = vec![];
        let mut ids: HashMap<Class, u32> = HashMap::new();
        // By node: its class, and where that class began.
        let mut of: Vec<(u32, u32)> = vec![(NONE, NONE); paths.len()];
        for node in 1..paths.len() as u32 {
            let above = of[paths.parent(node) as usize];
            of[node as usize] = if above.0 != NONE {
                above
            } else {
                let path = paths.path(node);
                let found = match dev.contains(path.as_str()) {
                    true => Some((Left::DevDependencies, package(&path).to_owned())),
                    false => class(&path),
                };
                match found {
                    Some(class) => {
                        let next = classes.len() as u32;
                        let id = *ids.entry(class).or_insert_with_key(|class| {
                            classes.push(class.clone());
                            next
                        });
                        (id, node)
                    }
                    None => (NONE, NONE),
                }
            };
        }
        let mut piles: BTreeMap<(u32, bool), Pile> = BTreeMap::new();
        for item in &self.tree.items {
            if item.meta.kind != Kind::File || item.meta.size == 0 || item.named == NONE {
                continue;
            }
            let (class, began) = of[item.named as usize];
            if class == NONE {
                continue;
            }
            let layer = item.layer as usize;
            let pile = piles.entry((class, layer < self.base_layers)).or_default();
            pile.files += 1;
            pile.bytes = pile.bytes.saturating_add(item.meta.size);
            if item.links == 0 {
                pile.hidden = pile.hidden.saturating_add(item.meta.size);
            }
            let in_layer = pile.layers.entry(layer).or_default();
            *in_layer = in_layer.saturating_add(item.meta.size);
            let in_folder = pile.folders.entry(began).or_default();
            *in_folder = in_folder.saturating_add(item.meta.size);
        }
        let leftover = |((class, base), pile): ((u32, bool), Pile)| {
            let (kind, tool) = classes[class as usize].clone();
            let biggest = pile.folders.iter().max_by_key(|(node, bytes)| (**bytes, std::cmp::Reverse(**node)));
            let path = biggest.map(|(node, _)| paths.path(*node)).unwrap_or_default();
            let Pile { files, bytes, hidden, layers, .. } = pile;
            Leftover { kind, tool, base, path, files, bytes, hidden, layers }
        };
        let mut found: Vec<Leftover> = piles.into_iter().map(leftover).collect();
        found.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
        found
    }

    /// Folders of packages that npm installed for development only.
    fn npm_dev(&self) -> HashSet<String> {
        #[derive(Deserialize)]
        struct Lock {
            #[serde(default)]
            packages: HashMap<String, Package>,
        }
        #[derive(Deserialize)]
        struct Package {
            #[serde(default)]
            dev: bool,
        }
        let mut found = HashSet::new();
        for item in &self.tree.items {
            let Some(content) = self.tree.contents.get(item.meta.content as usize).filter(|_| item.named != NONE)
            else {
                continue;
            };
            let path = self.tree.paths.path(item.named);
            let Some(folder) = path.strip_suffix("node_modules/.package-lock.json") else { continue };
            let Ok(lock) = serde_json::from_slice::<Lock>(content) else { continue };
            let dev = lock.packages.into_iter().filter(|(_, package)| package.dev);
            found.extend(dev.map(|(name, _)| format!("{folder}{name}")));
        }
        found
    }
}

/// The package's name in a path of its folder.
fn package(path: &str) -> &str {
    path.rsplit_once("node_modules/").map_or(path, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{file, gone, read_layers},
        *,
    };

    #[test]
    fn paths_are_named_for_what_they_are() {
        let class = |path: &str| class(path).map(|(left, tool)| (left, tool.as_str().to_owned()));
        let is = |left, tool: &str| Some((left, tool.to_owned()));
        assert_eq!(class("var/lib/apt/lists"), is(Left::Lists, "apt"));
        assert_eq!(class("root/.cache/go-build"), is(Left::BuildCache, "Go"));
        assert_eq!(class("home/asha/.cache/pip"), is(Left::Downloads, "pip"));
        assert_eq!(class("root/.cache/matplotlib"), is(Left::Cache, "matplotlib"));
        assert_eq!(class("usr/bin/x86_64-linux-gnu-gcc-14"), is(Left::Compiler, "gcc"));
        assert_eq!(class("opt/java/openjdk/jmods"), is(Left::Compiler, "JDK"));
        assert_eq!(class("usr/src/app/src/menu.ts"), is(Left::Sources, ""));
        assert_eq!(class("src/main.go"), is(Left::Sources, ""));
        assert_eq!(class("app/tests"), is(Left::Tests, ""));
        assert_eq!(class("app/wheels/flask-3.0-py3-none-any.whl"), is(Left::Wheels, "pip"));
        for wheel in [
            "usr/local/lib/python3.14/ensurepip/_bundled/pip-26.0-py3-none-any.whl",
            "usr/share/python-wheels/pip-25.1.1-py3-none-any.whl",
            "opt/venv/lib/python3.14/site-packages/virtualenv/seed/wheels/embed/pip-26.0-py3-none-any.whl",
        ] {
            assert_eq!(class(wheel), None, "{wheel}");
        }
        for no in
            ["app/index.d.ts", "app/server.js", "usr/bin/ccache-swig", "app/node_modules/x/a.ts", "app/.c", "etc/npm"]
        {
            assert_eq!(class(no), None, "{no}");
        }
    }

    #[test]
    fn every_stored_copy_counts_hidden_ones_too() {
        let lock = br#"{"packages": {"node_modules/jest": {"dev": true}, "node_modules/express": {}}}"#;
        let image = read_layers(&[
            vec![file("var/lib/apt/lists/a", &[0; 500]), file("usr/bin/gcc", &[0; 90])],
            vec![
                gone("var/lib/apt/lists/a"),
                file("app/node_modules/.package-lock.json", lock),
                file("app/node_modules/jest/build/x.js", &[0; 70]),
                file("app/node_modules/express/x.js", &[0; 60]),
                file("root/.cache/go-build/aa/x", &[0; 50]),
            ],
        ]);
        let found: Vec<_> =
            image.leftovers().into_iter().map(|l| (l.kind, l.tool, l.bytes, l.hidden, l.path)).collect();
        let is = |kind, tool: &str, bytes, hidden, path: &str| (kind, tool.to_owned(), bytes, hidden, path.to_owned());
        assert_eq!(
            found,
            [
                is(Left::Lists, "apt", 500, 500, "var/lib/apt/lists"),
                is(Left::Compiler, "gcc", 90, 0, "usr/bin/gcc"),
                is(Left::DevDependencies, "jest", 70, 0, "app/node_modules/jest"),
                is(Left::BuildCache, "Go", 50, 0, "root/.cache/go-build"),
            ]
        );
    }
}
