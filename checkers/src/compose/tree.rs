//! A YAML text as a tree that knows its lines: what a compose or stack file's keys are blamed by.
//!
//! Read with granit-parser, the event parser below serde-saphyr, because an error in a compose file must be shown where it
//! stands. serde-saphyr's own `Spanned` loses its place inside untagged values, which is what almost every compose key is
//! (a string or a map), and resolves merge keys before they can be told apart. Nothing is expanded here: an alias stays a
//! reference, so that no bomb of aliases costs more than its own text.

use granit_parser::{Event, Parser};
use std::collections::HashMap;

/// Texts over this are not read; nobody writes such a file by hand.
pub const BIGGEST: usize = 1 << 20;
/// How many nodes a text may have.
const NODES: usize = 200_000;
/// How deep merge keys and aliases are followed.
const DEEP: usize = 16;

/// Why there is no tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// From 1.
    pub line: u32,
    /// The parser's words.
    pub message: String,
}

/// Where a node is in its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Id(usize);

#[derive(Debug, Clone, PartialEq)]
struct Node {
    line: u32,
    value: Value,
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Scalar(String),
    List(Vec<Id>),
    Map(Vec<(String, u32, Id)>),
    Alias(Id),
}

/// The documents of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tree {
    nodes: Vec<Node>,
    roots: Vec<Id>,
}

/// A collection that is being read.
struct Open {
    id: Id,
    key: Option<(String, u32)>,
}

impl Tree {
    /// Reads a text. A later error is reported even where all before it could be read, as compose would.
    pub fn read(text: &str) -> Result<Self, Broken> {
        let broken = |line: usize, message: String| Broken { line: u32::try_from(line).unwrap_or(1).max(1), message };
        if text.len() > BIGGEST {
            return Err(broken(1, format!("over {BIGGEST} bytes")));
        }
        let mut tree = Self::default();
        let mut open: Vec<Open> = Vec::new();
        let mut anchors: HashMap<usize, Id> = HashMap::new();
        for next in Parser::new_from_str(text) {
            let (event, span) = next.map_err(|e| broken(e.marker().line(), e.to_string()))?;
            let line = u32::try_from(span.start.line()).unwrap_or(u32::MAX);
            let (value, anchor, collection) = match event {
                Event::Scalar(text, _, anchor, _) => (Value::Scalar(text.into_owned()), anchor, false),
                Event::SequenceStart(_, anchor, ..) => (Value::List(Vec::new()), anchor, true),
                Event::MappingStart(_, anchor, ..) => (Value::Map(Vec::new()), anchor, true),
                Event::Alias(anchor) => match anchors.get(&anchor) {
                    Some(id) => (Value::Alias(*id), 0, false),
                    None => return Err(broken(line as usize, "an alias without its anchor".to_owned())),
                },
                Event::SequenceEnd | Event::MappingEnd => {
                    open.pop();
                    continue;
                }
                _ => continue,
            };
            if tree.nodes.len() >= NODES {
                return Err(broken(line as usize, format!("over {NODES} values")));
            }
            let id = Id(tree.nodes.len());
            if anchor != 0 {
                anchors.insert(anchor, id);
            }
            let key = if let Value::Scalar(text) = &value { text.clone() } else { String::new() };
            tree.nodes.push(Node { line, value });
            match open.last_mut() {
                None => tree.roots.push(id),
                Some(parent) => {
                    let holder = parent.id.0;
                    match (&mut tree.nodes[holder].value, parent.key.take()) {
                        (Value::List(items), _) => items.push(id),
                        (Value::Map(entries), Some((key, line))) => entries.push((key, line, id)),
                        // A key that is itself a collection names nothing that compose knows.
                        (Value::Map(_), None) => parent.key = Some((key, line)),
                        _ => {}
                    }
                }
            }
            if collection {
                open.push(Open { id, key: None });
            }
        }
        Ok(tree)
    }

    /// The first document's top.
    pub fn root(&self) -> Option<Id> {
        self.roots.first().copied()
    }

    /// Every document's top.
    pub fn roots(&self) -> &[Id] {
        &self.roots
    }

    /// Every value of every document, in no order that matters.
    pub fn all(&self) -> impl Iterator<Item = Id> + use<> {
        (0..self.nodes.len()).map(Id)
    }

    fn node(&self, mut id: Id) -> &Node {
        for _ in 0..DEEP {
            match self.nodes[id.0].value {
                Value::Alias(to) => id = to,
                _ => break,
            }
        }
        &self.nodes[id.0]
    }

    /// The line that a value begins on; an alias counts as what it stands for.
    pub fn line(&self, id: Id) -> u32 {
        self.node(id).line
    }

    /// A scalar's text.
    pub fn text(&self, id: Id) -> Option<&str> {
        if let Value::Scalar(text) = &self.node(id).value { Some(text) } else { None }
    }

    /// A list's items; of anything else none.
    pub fn items(&self, id: Id) -> &[Id] {
        if let Value::List(items) = &self.node(id).value { items } else { &[] }
    }

    /// A map's own keys with their lines, merge keys not followed; of anything else none.
    pub fn entries(&self, id: Id) -> impl Iterator<Item = (&str, u32, Id)> {
        let entries: &[_] = if let Value::Map(entries) = &self.node(id).value { entries } else { &[] };
        entries.iter().map(|(key, line, id)| (key.as_str(), *line, *id))
    }

    /// A key of a map with its line, looked for in what `<<` merges in too.
    pub fn get(&self, id: Id, key: &str) -> Option<(u32, Id)> {
        self.get_within(id, key, DEEP)
    }

    fn get_within(&self, id: Id, key: &str, depth: usize) -> Option<(u32, Id)> {
        if let Some((_, line, found)) = self.entries(id).find(|(k, ..)| *k == key) {
            return Some((line, found));
        }
        let depth = depth.checked_sub(1)?;
        let merged = self.entries(id).find(|(k, ..)| *k == "<<")?.2;
        let list = self.items(merged);
        let sources = if list.is_empty() { vec![merged] } else { list.to_vec() };
        sources.into_iter().find_map(|source| self.get_within(source, key, depth))
    }

    /// The line of the deepest part of a path that is there: a key's own line, an item's beginning. Parts of a list are its
    /// positions. None where not even the first part is there.
    pub fn line_of(&self, path: &[&str]) -> Option<u32> {
        let mut here = self.root()?;
        let mut line = None;
        for part in path {
            let items = self.items(here);
            let found = match part.parse::<usize>().ok().and_then(|at| items.get(at)) {
                Some(item) => Some((self.line(*item), *item)),
                None => self.get(here, part),
            };
            let Some((at, next)) = found else { break };
            line = Some(at);
            here = next;
        }
        line
    }

    /// Lines of scalar values for which a question holds; it is asked with the value's key, where it has one.
    pub fn values_where(&self, mut holds: impl FnMut(Option<&str>, &str) -> bool) -> Vec<u32> {
        let mut lines = Vec::new();
        for node in &self.nodes {
            match &node.value {
                Value::Map(entries) => {
                    for (key, _, id) in entries {
                        lines.extend(self.text(*id).filter(|text| holds(Some(key), text)).map(|_| self.line(*id)));
                    }
                }
                Value::List(items) => {
                    for id in items {
                        lines.extend(self.text(*id).filter(|text| holds(None, text)).map(|_| self.line(*id)));
                    }
                }
                _ => {}
            }
        }
        lines.sort_unstable();
        lines.dedup();
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = "x-common: &common\n  env_file: [a.env]\nservices:\n  api:\n    <<: *common\n    ports:\n      - \"3000:3000\"\n      - target: 80\n  db: {image: postgres}\n";

    #[test]
    fn keys_items_and_merged_keys_have_their_lines() {
        let tree = Tree::read(TEXT).unwrap();
        assert_eq!(tree.line_of(&["services", "api", "ports", "1", "target"]), Some(8));
        assert_eq!(tree.line_of(&["services", "api", "ports", "0"]), Some(7));
        assert_eq!(tree.line_of(&["services", "api", "env_file"]), Some(2), "merged in from line 2");
        assert_eq!(tree.line_of(&["services", "db", "image"]), Some(9));
        assert_eq!(tree.line_of(&["services", "db", "nowhere", "x"]), Some(9), "the deepest part that is there");
        assert_eq!(tree.line_of(&["volumes"]), None);
        assert_eq!(tree.values_where(|key, text| key == Some("image") && text == "postgres"), [9]);
        assert_eq!(tree.values_where(|key, text| key.is_none() && text.contains("30")), [7]);
        assert_eq!(tree.values_where(|_, text| text.contains("ports")), [] as [u32; 0], "a key is no value");
    }

    #[test]
    fn a_broken_text_says_where() {
        let error = Tree::read("services:\n  api:\n    image: x\n   ports: 1\n").unwrap_err();
        assert_eq!(error.line, 4, "{error:?}");
        assert!(Tree::read(&"x".repeat(BIGGEST + 1)).is_err());
        assert!(Tree::read("a: *nobody\n").is_err());
    }

    #[test]
    fn a_bomb_of_aliases_and_an_anchor_that_holds_itself_cost_nothing() {
        let mut bomb = String::from("a0: &a0 [x, x]\n");
        for n in 1..60 {
            bomb.push_str(&format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1));
        }
        assert!(Tree::read(&bomb).unwrap().root().is_some());
        if let Ok(tree) = Tree::read("a: &a\n  <<: *a\n  b: 1\n") {
            let (_, a) = tree.get(tree.root().unwrap(), "a").unwrap();
            assert!(tree.get(a, "nothing").is_none());
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-z:&*<>\\-\\[\\]{}|\"' \n#!%]{0,120}") {
            if let Ok(tree) = Tree::read(&text) {
                for id in tree.roots() {
                    let _ = tree.get(*id, "services");
                }
                let _ = tree.line_of(&["services", "0"]);
            }
        }
    }
}
