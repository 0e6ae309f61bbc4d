//! The reader against a file system so simple that it is plainly right: a map of whole paths, searched from end to end.

use super::{
    tests::{Put, docker_archive, layer},
    *,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone)]
enum Do {
    File(u64),
    Dir,
    Link(Vec<u8>),
    Hard(Vec<u8>),
    Gone,
    Opaque,
}

/// Paths of one to three names out of three, so that everything happens to everything.
fn path() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0..3_u8, 1..4)
}

fn step() -> impl Strategy<Value = (Vec<u8>, Do)> {
    let what = prop_oneof![
        4 => (0..2000_u64).prop_map(Do::File),
        2 => Just(Do::Dir),
        1 => path().prop_map(Do::Link),
        2 => path().prop_map(Do::Hard),
        2 => Just(Do::Gone),
        1 => Just(Do::Opaque),
    ];
    (path(), what)
}

fn text(path: &[u8]) -> String {
    path.iter().map(|n| ["a", "b", "c"][usize::from(*n)]).collect::<Vec<_>>().join("/")
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    File(usize),
    Dir,
    Link(String),
}

#[derive(Clone, Default)]
struct Model {
    nodes: BTreeMap<String, Node>,
    sizes: Vec<u64>,
}

impl Model {
    fn tree(&self) -> BTreeMap<String, (Kind, Option<String>)> {
        let node = |node: &Node| match node {
            Node::File(_) => (Kind::File, None),
            Node::Dir => (Kind::Dir, None),
            Node::Link(to) => (Kind::Symlink, Some(to.clone())),
        };
        self.nodes.iter().map(|(path, at)| (path.clone(), node(at))).collect()
    }

    /// Bytes of the merged tree, each file once.
    fn seen(&self) -> u64 {
        let alive: BTreeSet<usize> =
            self.nodes.values().filter_map(|n| if let Node::File(i) = n { Some(*i) } else { None }).collect();
        alive.iter().map(|i| self.sizes[*i]).sum()
    }

    fn kind(&self, path: &str) -> Option<&Node> {
        if path.is_empty() { Some(&Node::Dir) } else { self.nodes.get(path) }
    }

    fn remove_below(&mut self, path: &str) {
        let below = if path.is_empty() { String::new() } else { format!("{path}/") };
        self.nodes.retain(|p, _| !p.starts_with(&below));
    }

    /// Where a path leads, all links followed; links in this test are absolute.
    fn resolve(&self, path: &str) -> Option<String> {
        let mut at = String::new();
        let mut todo: Vec<String> = path.split('/').rev().filter(|n| !n.is_empty()).map(str::to_owned).collect();
        let mut links = 0;
        while let Some(name) = todo.pop() {
            if self.kind(&at) != Some(&Node::Dir) {
                return None;
            }
            let below = if at.is_empty() { name } else { format!("{at}/{name}") };
            match self.kind(&below)? {
                Node::Link(to) => {
                    links += 1;
                    if links > 40 {
                        return None;
                    }
                    at = String::new();
                    todo.extend(to.split('/').rev().filter(|n| !n.is_empty()).map(str::to_owned));
                }
                _ => at = below,
            }
        }
        Some(at)
    }

    fn folder(&self, path: &str) -> Option<String> {
        let folder = path.rsplit_once('/').map_or("", |(f, _)| f);
        self.resolve(folder).filter(|f| self.kind(f) == Some(&Node::Dir))
    }

    fn here(&self, path: &str) -> Option<String> {
        let name = path.rsplit('/').next()?;
        let folder = self.folder(path)?;
        Some(if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") })
    }

    fn make_folder(&mut self, path: &str) -> String {
        let mut at = String::new();
        for name in path.split('/').filter(|n| !n.is_empty()) {
            let below = if at.is_empty() { name.to_owned() } else { format!("{at}/{name}") };
            let to = self.resolve(&below).filter(|to| self.kind(to) == Some(&Node::Dir));
            at = to.unwrap_or_else(|| {
                self.remove_below(&below);
                self.nodes.insert(below.clone(), Node::Dir);
                below
            });
        }
        at
    }

    fn apply(&mut self, layer: &[(Vec<u8>, Do)]) {
        for (path, what) in layer {
            if let Do::Opaque = what
                && let Some(to) = self.resolve(&text(path))
                && self.kind(&to) == Some(&Node::Dir)
            {
                self.remove_below(&to);
            }
        }
        for (path, what) in layer {
            if let Do::Gone = what
                && let Some(to) = self.here(&text(path))
            {
                self.remove_below(&to);
                self.nodes.remove(&to);
            }
        }
        for (path, what) in layer {
            let path = text(path);
            let node = match what {
                Do::Gone | Do::Opaque => continue,
                Do::File(size) => {
                    self.sizes.push(*size);
                    Node::File(self.sizes.len() - 1)
                }
                Do::Dir => Node::Dir,
                Do::Link(to) => Node::Link(format!("/{}", text(to))),
                // Looked at only after the folder is made, which may have put something out of the way.
                Do::Hard(_) => Node::Dir,
            };
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
            let folder = self.make_folder(folder);
            let here = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            let node = match what {
                Do::Hard(to) => match self.here(&text(to)).and_then(|to| self.nodes.get(&to)) {
                    None | Some(Node::Dir) => continue,
                    Some(node) => node.clone(),
                },
                _ => node,
            };
            if node == Node::Dir && self.nodes.get(&here) == Some(&Node::Dir) {
                continue;
            }
            if self.nodes.get(&here) == Some(&node) && matches!(what, Do::Hard(_)) {
                continue;
            }
            self.remove_below(&here);
            self.nodes.insert(here, node);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_the_model(layers in prop::collection::vec(prop::collection::vec(step(), 0..10), 1..5)) {
        let mut model = Model::default();
        let mut tars = vec![];
        let mut after = vec![];
        for steps in &layers {
            model.apply(steps);
            after.push(model.clone());
            let puts: Vec<Put> = steps.iter().map(|(path, what)| {
                let path = text(path);
                match what {
                    Do::File(size) => super::tests::file(&path, &vec![1; *size as usize]),
                    Do::Dir => Put::Dir(path),
                    Do::Link(to) => Put::Symlink(path, format!("/{}", text(to))),
                    Do::Hard(to) => Put::Hard(path, text(to)),
                    Do::Opaque => super::tests::file(&format!("{path}/.wh..wh..opq"), b""),
                    Do::Gone => match path.rsplit_once('/') {
                        Some((folder, name)) => super::tests::file(&format!("{folder}/.wh.{name}"), b""),
                        None => super::tests::file(&format!(".wh.{path}"), b""),
                    },
                }
            }).collect();
            tars.push(layer(&puts));
        }
        let image = read(docker_archive(&tars).as_slice(), &Options::default()).unwrap();

        let have: BTreeMap<String, (Kind, Option<String>)> =
            image.entries().map(|e| (e.path(), (e.kind(), e.target()))).collect();
        prop_assert_eq!(have, model.tree());

        let total: u64 = model.sizes.iter().sum();
        let last = model.seen();
        prop_assert_eq!(image.sizes, Sizes { total, final_: last, wasted: total - last, added: total });
        prop_assert_eq!(image.hidden.iter().map(|h| h.bytes).sum::<u64>(), image.sizes.wasted);
        prop_assert_eq!(image.waste.iter().map(|w| w.tally.bytes).sum::<u64>(), image.sizes.wasted);
        let links: u64 = image.entries().filter(|e| e.kind() == Kind::File).map(|e| u64::from(e.links() == 0)).sum();
        prop_assert_eq!(links, 0);

        // The tree after every layer, and what the layer did to each path of it.
        let mut before = Model::default();
        for (layer, model) in after.iter().enumerate() {
            let snapshot = image.at(layer);
            let mut have = BTreeMap::new();
            let mut todo = vec![PathId::ROOT];
            while let Some(id) = todo.pop() {
                todo.extend(snapshot.children(id));
                let Some(entry) = snapshot.entry(id) else { continue };
                let path = entry.path();
                let (was, is) = (before.nodes.get(&path), model.nodes.get(&path));
                match snapshot.did(id) {
                    Some(What::Removed) => prop_assert!(was.is_some() && is.is_none(), "{} {}", layer, path),
                    Some(What::Added) => prop_assert!(was.is_none() && is.is_some(), "{} {}", layer, path),
                    Some(_) => prop_assert!(was.is_some() && is.is_some(), "{} {}", layer, path),
                    None => prop_assert_eq!(was, is, "{} {}", layer, &path),
                }
                if snapshot.did(id) != Some(What::Removed) {
                    have.insert(path, (entry.kind(), entry.target()));
                }
            }
            prop_assert_eq!(have, model.tree(), "after layer {}", layer);
            let below = snapshot.below(PathId::ROOT);
            prop_assert_eq!(below.bytes, model.seen(), "after layer {}", layer);
            let mut wasted: u64 = 0;
            for hidden in image.hidden.iter().filter(|h| h.put_by <= layer) {
                wasted += hidden.bytes;
            }
            prop_assert_eq!(below.wasted, wasted);
            for change in image.changes(layer) {
                prop_assert_eq!(snapshot.did(change.id()), Some(change.what));
                prop_assert!(image.story(change.id()).any(|told| told.layer == layer && told.what == change.what));
            }
            before = model.clone();
        }
        let by_layer: u64 = image.layers.iter().map(|l| l.wasted).sum();
        prop_assert_eq!(by_layer, image.sizes.wasted);
        prop_assert_eq!(image.layers.iter().map(|l| l.hid).sum::<u64>(), image.sizes.wasted);
    }
}
