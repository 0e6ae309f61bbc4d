//! What `/proc` tells of processes: who they are, whose children, where their streams lead.

use std::{collections::HashMap, fs, path::Path};

/// A process at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Process {
    pub(super) pid: i32,
    pub(super) parent: i32,
    pub(super) session: i32,
    /// Since boot, in clock ticks: numbers are used again, this pair is not.
    pub(super) started: u64,
    /// Ended, and its parent has not asked yet.
    pub(super) zombie: bool,
    pub(super) words: Vec<String>,
}

/// Every process that we may see.
pub(super) fn all() -> HashMap<i32, Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return HashMap::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(|pid| Some((pid, one(pid)?))).collect()
}

/// One of them.
pub(super) fn one(pid: i32) -> Option<Process> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let mut process = parse(pid, &String::from_utf8_lossy(&stat))?;
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words = line.split(|b| *b == 0).filter(|w| !w.is_empty());
    process.words = words.map(|w| String::from_utf8_lossy(w).into_owned()).collect();
    Some(process)
}

fn parse(pid: i32, stat: &str) -> Option<Process> {
    // The second field is the program's name in brackets and may hold spaces and brackets of its own.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<i32>().ok();
    Some(Process {
        pid,
        parent: number(1)?,
        session: number(3)?,
        started: fields.get(19)?.parse().ok()?,
        zombie: matches!(*fields.first()?, "Z" | "X"),
        words: Vec::new(),
    })
}

/// Everything that descends from `root`, without it.
pub(super) fn below(root: i32, all: &HashMap<i32, Process>) -> Vec<i32> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    for process in all.values() {
        children.entry(process.parent).or_default().push(process.pid);
    }
    let mut found = Vec::new();
    let mut todo = vec![root];
    while let Some(pid) = todo.pop() {
        for child in children.remove(&pid).unwrap_or_default() {
            found.push(child);
            todo.push(child);
        }
    }
    found
}

impl Process {
    /// One of its words is `name`, or a path that ends in it.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.words.iter().any(|word| word == name || word.rsplit('/').next() == Some(name))
    }

    /// It ignores SIGHUP.
    pub(super) fn ignores_hangup(&self) -> bool {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        // Signal 1 is the lowest bit.
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 != 0)
    }

    /// Where a file descriptor leads.
    pub(super) fn stream(&self, number: u32) -> Option<String> {
        let link = fs::read_link(format!("/proc/{}/fd/{number}", self.pid)).ok()?;
        Some(link.to_string_lossy().into_owned())
    }
}

/// Processes of ours that carry a variable in their environment: such as a supervisor that was killed left behind.
pub(super) fn marked(variable: &str) -> Vec<i32> {
    let wanted = variable.as_bytes();
    let own = std::process::id() as i32;
    let has = |pid: &i32| {
        let env = fs::read(Path::new("/proc").join(pid.to_string()).join("environ")).unwrap_or_default();
        env.split(|b| *b == 0).any(|entry| entry == wanted)
    };
    all().into_keys().filter(|pid| *pid != own).filter(has).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let rest = "S 10 20 30 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 777 0 0";
        let process = parse(5, &format!("5 (a) (b c) {rest}")).unwrap();
        assert_eq!((process.parent, process.session, process.started, process.zombie), (10, 30, 777, false));
        assert!(parse(5, "5 (x) Z 1 1 1").is_none(), "cut short");
    }

    #[test]
    fn descendants_are_found_at_any_depth_and_a_name_by_its_last_part() {
        let make = |pid, parent| {
            let words = vec!["sh".to_owned(), "./settle.sh".to_owned()];
            (pid, Process { pid, parent, session: 1, started: 1, zombie: false, words })
        };
        let all: HashMap<_, _> = [make(2, 1), make(3, 2), make(4, 3), make(5, 1)].into();
        let mut found = below(2, &all);
        found.sort_unstable();
        assert_eq!(found, [3, 4]);
        assert!(all[&2].is_called("settle.sh") && !all[&2].is_called("ettle.sh"));
    }

    #[test]
    fn our_own_process_is_there() {
        let own = one(std::process::id() as i32).unwrap();
        assert!(!own.words.is_empty() && !own.zombie);
        assert!(all().contains_key(&own.pid));
    }
}
