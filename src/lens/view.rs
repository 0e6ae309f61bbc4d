//! What of a tree is seen: which folders are open, what the filter lets through, in which order, and the rows of a window.
//!
//! The rows are never laid out as a list. Each slot knows how many rows it and what is in it take, so that the rows of a
//! window are found by walking down past whole folders, and opening a folder changes a few numbers on the way up. What is
//! drawn costs the window, not the image.

use super::flat::{Flat, Mark, Node};
use dockshala_checkers::image::PathId;
use std::{cell::RefCell, cmp::Reverse, collections::HashMap, rc::Rc};

/// What is let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Show {
    /// Everything.
    #[default]
    All,
    /// What a step touched, or what two images differ in.
    Touched,
    /// What is new.
    Added,
    /// What is other than before.
    Changed,
    /// What is gone.
    Removed,
    /// What holds bytes that can no longer be seen.
    Wasted,
}

impl Show {
    /// In the order in which a key goes through them.
    pub const ALL: [Self; 6] = [Self::All, Self::Touched, Self::Added, Self::Changed, Self::Removed, Self::Wasted];

    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|s| *s == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    fn lets(self, node: &Node) -> bool {
        match self {
            Self::All => true,
            Self::Touched => node.mark != Mark::Same,
            Self::Added => node.mark == Mark::Added,
            Self::Changed => node.mark == Mark::Changed,
            Self::Removed => node.mark == Mark::Removed,
            Self::Wasted => node.wasted > 0,
        }
    }
}

/// What is let through, how big it must be, and from which layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Filter {
    /// By what became of it.
    pub show: Show,
    /// Bytes that it must have, or have wasted.
    pub least: u64,
    /// Files that came with this layer only.
    pub layer: Option<usize>,
}

/// Sizes that a key goes through.
pub const LEASTS: [u64; 6] = [0, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

impl Filter {
    fn lets(&self, node: &Node) -> bool {
        // A folder is let through for what is in it, and for itself only where it is empty.
        self.show.lets(node)
            && node.bytes.max(node.wasted) >= self.least
            && self.layer.is_none_or(|layer| node.layer == Some(layer))
    }
}

/// The order within a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sort {
    /// Biggest first.
    #[default]
    Size,
    /// By name.
    Name,
}

/// A path, in a comparison of the first image or not.
type Key = (bool, PathId);

/// What is seen of a tree.
#[derive(Debug, Default)]
pub struct View {
    flat: Flat,
    filter: Filter,
    sort: Sort,
    /// Folders that the reader opened or closed; it holds for every step of the replay.
    chosen: HashMap<Key, bool>,
    open: Vec<bool>,
    /// Rows that a slot and what is in it take; 0 where the filter holds it back.
    rows: Vec<u32>,
    /// The filter lets it through for its own sake or for something in it.
    pass: Vec<bool>,
    /// How many of what is directly in it pass.
    kids: Vec<u32>,
    /// Orders of open folders, made when a folder is first drawn.
    orders: RefCell<HashMap<u32, Rc<[u32]>>>,
}

/// How many rows are opened at first, so that a reader sees files and not four closed folders.
const AT_FIRST: usize = 14;

impl View {
    /// A view of a tree, with what matters most of it open.
    pub fn new(flat: Flat, filter: Filter, sort: Sort) -> Self {
        let mut view = Self { filter, sort, ..Self::default() };
        view.set(flat, filter);
        view
    }

    /// The tree.
    pub fn flat(&self) -> &Flat {
        &self.flat
    }

    /// The filter.
    pub fn filter(&self) -> Filter {
        self.filter
    }

    /// The order.
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// Another tree, of another step; what the reader opened stays open.
    pub fn set(&mut self, flat: Flat, filter: Filter) {
        self.flat = flat;
        self.filter = filter;
        self.lay_out();
    }

    /// Another filter.
    pub fn set_filter(&mut self, filter: Filter) {
        self.filter = filter;
        self.lay_out();
    }

    /// Another order.
    pub fn set_sort(&mut self, sort: Sort) {
        self.sort = sort;
        self.orders.borrow_mut().clear();
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.first().map_or(0, |rows| (*rows as usize).saturating_sub(1))
    }

    /// Nothing is let through.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a folder is open.
    pub fn is_open(&self, at: u32) -> bool {
        self.open.get(at as usize).is_some_and(|open| *open)
    }

    /// Whether there is something to open in it.
    pub fn opens(&self, at: u32) -> bool {
        self.kids.get(at as usize).is_some_and(|kids| *kids > 0)
    }

    fn key(&self, at: u32) -> Key {
        let node = self.flat.node(at);
        (node.of_first, node.id)
    }

    /// Everything anew: what passes, what is open, how many rows that makes. Only for another tree or another filter.
    fn lay_out(&mut self) {
        let nodes = self.flat.nodes();
        self.orders.borrow_mut().clear();
        self.pass = nodes
            .iter()
            .enumerate()
            .map(|(at, node)| {
                let leaf = !node.is_dir() || node.end as usize == at + 1;
                at == 0 || leaf && self.filter.lets(node)
            })
            .collect();
        self.kids = vec![0; nodes.len()];
        for at in (1..nodes.len()).rev() {
            if self.pass[at] {
                self.pass[nodes[at].parent as usize] = true;
                self.kids[nodes[at].parent as usize] += 1;
            }
        }
        self.open = vec![false; nodes.len()];
        if let Some(root) = self.open.first_mut() {
            *root = true;
        }
        if !self.chosen.is_empty() {
            for at in 1..self.flat.nodes().len() as u32 {
                if self.flat.node(at).is_dir() && self.chosen.get(&self.key(at)).is_some_and(|open| *open) {
                    self.open[at as usize] = true;
                }
            }
        }
        self.count();
        self.open_some();
    }

    fn count(&mut self) {
        let nodes = self.flat.nodes();
        self.rows = self.pass.iter().map(|pass| u32::from(*pass)).collect();
        for at in (1..nodes.len()).rev() {
            let parent = nodes[at].parent as usize;
            if self.pass[at] && self.open[parent] {
                self.rows[parent] += self.rows[at];
            }
        }
    }

    /// Opens what weighs most, as long as it all fits into a small window. A reader who closed a folder finds it closed.
    fn open_some(&mut self) {
        while self.len() < AT_FIRST {
            let weight = |at: &u32| {
                let node = self.flat.node(*at);
                let weight = node.brought.max(if node.mark == Mark::Removed { node.bytes } else { 0 });
                // A folder in which things were only taken away is worth a look too.
                (weight.max(node.wasted).max(u64::from(node.mark != Mark::Same)), node.bytes)
            };
            let rows = self.window(0, AT_FIRST);
            let closed = |at: &u32| {
                !self.is_open(*at) && self.flat.node(*at).is_dir() && !self.chosen.contains_key(&self.key(*at))
            };
            let fits = |at: &u32| {
                let inside = self.kids[*at as usize] as usize;
                inside > 0 && self.len() + inside <= AT_FIRST
            };
            // Where nothing was brought, hidden or taken away, everything is of the same interest, and folders stay closed.
            // Who filters has said what is.
            let filtered = self.filter != Filter::default();
            let worth = |at: &u32| filtered || weight(at).0 > 0;
            let Some(best) = rows.into_iter().filter(|at| closed(at) && worth(at) && fits(at)).max_by_key(weight)
            else {
                return;
            };
            self.turn(best, true);
        }
    }

    /// Opens or closes a folder.
    fn turn(&mut self, at: u32, open: bool) {
        if self.open[at as usize] == open || !self.flat.node(at).is_dir() {
            return;
        }
        self.open[at as usize] = open;
        if !self.pass[at as usize] {
            return;
        }
        let inside: u32 = self.flat.children(at).map(|child| self.rows[child as usize]).sum();
        let mut here = at;
        loop {
            let rows = &mut self.rows[here as usize];
            *rows = if open { *rows + inside } else { rows.saturating_sub(inside) };
            if here == 0 {
                return;
            }
            here = self.flat.node(here).parent;
            if !self.open[here as usize] {
                return;
            }
        }
    }

    /// The reader opens or closes a folder.
    pub fn choose(&mut self, at: u32, open: bool) {
        if self.flat.node(at).is_dir() {
            self.chosen.insert(self.key(at), open);
            self.turn(at, open);
        }
    }

    /// The reader opens every folder, or closes them all.
    pub fn choose_all(&mut self, open: bool) {
        for at in 1..self.flat.nodes().len() as u32 {
            if self.flat.node(at).is_dir() {
                self.open[at as usize] = open;
                self.chosen.insert(self.key(at), open);
            }
        }
        self.count();
    }

    /// Opens what is above a slot, so that it is seen.
    pub fn reveal(&mut self, at: u32) {
        let mut above = self.flat.node(at).parent;
        while above != 0 {
            self.choose(above, true);
            above = self.flat.node(above).parent;
        }
    }

    fn by_size(&self, folder: u32) -> Rc<[u32]> {
        if let Some(order) = self.orders.borrow().get(&folder) {
            return order.clone();
        }
        let mut order: Vec<u32> = self.flat.children(folder).collect();
        // What is gone weighs nothing and yet is what its step was about.
        order.sort_by_key(|at| {
            let node = self.flat.node(*at);
            Reverse(node.bytes.max(node.wasted))
        });
        let order: Rc<[u32]> = order.into();
        self.orders.borrow_mut().insert(folder, order.clone());
        order
    }

    /// The slots of the rows from `top` on, at most `count` of them.
    pub fn window(&self, top: usize, count: usize) -> Vec<u32> {
        let mut out = Vec::with_capacity(count.min(self.len()));
        if !self.rows.is_empty() {
            let mut skip = top;
            self.walk(0, &mut skip, count, &mut out);
        }
        out
    }

    fn walk(&self, folder: u32, skip: &mut usize, count: usize, out: &mut Vec<u32>) {
        match self.sort {
            Sort::Name => self.walk_over(self.flat.children(folder), skip, count, out),
            Sort::Size => self.walk_over(self.by_size(folder).iter().copied(), skip, count, out),
        }
    }

    fn walk_over(&self, children: impl Iterator<Item = u32>, skip: &mut usize, count: usize, out: &mut Vec<u32>) {
        for child in children {
            if out.len() >= count {
                return;
            }
            let rows = self.rows[child as usize] as usize;
            if rows == 0 {
                continue;
            }
            if *skip >= rows {
                *skip -= rows;
                continue;
            }
            if *skip == 0 {
                out.push(child);
            } else {
                *skip -= 1;
            }
            if self.open[child as usize] {
                self.walk(child, skip, count, out);
            }
        }
    }

    /// The row at which a slot stands; none where it is not seen.
    pub fn row_of(&self, at: u32) -> Option<usize> {
        if at == 0 || !self.pass.get(at as usize).is_some_and(|pass| *pass) {
            return None;
        }
        let (mut row, mut here) = (0, at);
        while here != 0 {
            let parent = self.flat.node(here).parent;
            if !self.open[parent as usize] {
                return None;
            }
            let before = |children: &mut dyn Iterator<Item = u32>| -> usize {
                children.take_while(|c| *c != here).map(|c| self.rows[c as usize] as usize).sum()
            };
            row += match self.sort {
                Sort::Name => before(&mut self.flat.children(parent)),
                Sort::Size => before(&mut self.by_size(parent).iter().copied()),
            };
            row += usize::from(parent != 0);
            here = parent;
        }
        Some(row)
    }

    /// The next slot whose name holds `text` (its path, where that has a slash), from a slot on and round to it again.
    /// Capitals count only where there are some in `text`.
    pub fn search(&self, text: &str, from: u32, forward: bool) -> Option<u32> {
        let len = self.flat.nodes().len() as u32;
        if text.is_empty() || len < 2 {
            return None;
        }
        let exact = text.chars().any(char::is_uppercase);
        let holds = |name: &str| if exact { name.contains(text) } else { name.to_lowercase().contains(text) };
        let last = text.trim_end_matches('/').rsplit('/').next().unwrap_or(text);
        let matches = |at: u32| {
            let name = self.flat.name(at);
            // Most names have none of it, and a path is made only for those that have its end.
            if !text.contains('/') {
                return holds(name);
            }
            let end = if exact { name.contains(last) } else { name.to_lowercase().contains(last) };
            end && holds(&format!("/{}", self.flat.path(at)))
        };
        let step = |at: u32| match forward {
            true if at + 1 >= len => 1,
            true => at + 1,
            false if at <= 1 => len - 1,
            false => at - 1,
        };
        let from = from.min(len - 1);
        let mut at = step(from);
        loop {
            if self.pass[at as usize] && matches(at) {
                return Some(at);
            }
            if at == from || from == 0 && at == if forward { len - 1 } else { 1 } {
                return None;
            }
            at = step(at);
        }
    }
}
