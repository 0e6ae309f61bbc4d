//! ARG and ENV: which value a variable has at an instruction.
//!
//! ARGs before the first FROM are seen by FROM lines only, until a stage declares them again; a stage inherits what the
//! stage it is built from had; ENV wins over an ARG of the same name.

use super::{Dockerfile, Instruction, Options, Trigger, Unreadable, graph, syntax, words};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default)]
struct Scope {
    args: BTreeMap<String, String>,
    env: BTreeMap<String, String>,
}

/// Bytes of variables that one stage may hold, and bytes by which all expansions together may outgrow the file. Only a
/// hostile file has more; what is beyond stays unexpanded.
const MOST_SCOPE: usize = 64 << 10;
const MOST_STAGES: usize = 1000;
/// How many triggers may run: a thousand stages on one with ten thousand ONBUILDs would fill the memory.
pub(super) const MOST_TRIGGERS: usize = 2000;
const MOST_EXPANDED: usize = 4 << 20;

impl Scope {
    fn has_room(&self, more: &str) -> bool {
        let held: usize = self.args.iter().chain(&self.env).map(|(k, v)| k.len() + v.len()).sum();
        held + more.len() <= MOST_SCOPE
    }

    fn get(&self, name: &str) -> Option<String> {
        self.env.get(name).or_else(|| self.args.get(name)).cloned()
    }
}

/// What BuildKit predefines for FROM lines, and for stages that declare it with ARG.
fn platform(arch: &str) -> BTreeMap<String, String> {
    let arch = if arch.is_empty() { "amd64" } else { arch };
    let mut found = BTreeMap::new();
    for side in ["BUILD", "TARGET"] {
        found.insert(format!("{side}PLATFORM"), format!("linux/{arch}"));
        found.insert(format!("{side}OS"), "linux".to_owned());
        found.insert(format!("{side}ARCH"), arch.to_owned());
        found.insert(format!("{side}VARIANT"), String::new());
    }
    found
}

impl Dockerfile {
    /// Gives every instruction its stage and its expanded text, and makes the stages.
    pub(super) fn expand(&mut self, options: &Options, problems: &mut Vec<Unreadable>) {
        let predefined = platform(&options.arch);
        let mut global: BTreeMap<String, String> = BTreeMap::new();
        let mut scopes: Vec<Scope> = Vec::new();
        let escape = self.escape;
        let mut grown = 0;
        for at in 0..self.instructions.len() {
            let now = &self.instructions[at];
            let keyword = now.keyword.clone();
            let line = now.first;
            if keyword == "FROM" {
                if self.stages.len() == MOST_STAGES {
                    problems.push(syntax(line, format!("more than {MOST_STAGES} stages")));
                    self.instructions.truncate(at);
                    break;
                }
                let lookup = |name: &str| global.get(name).or_else(|| predefined.get(name)).cloned();
                let stage = graph::stage(now, self.stages.len(), &self.stages, &lookup, escape, problems);
                let scope = match stage.base {
                    graph::Base::Stage(parent) => scopes[parent].clone(),
                    _ => Scope::default(),
                };
                scopes.push(scope);
                if let graph::Base::Stage(parent) = stage.base {
                    let known = Known { options, global: &global, predefined: &predefined, escape };
                    let scope = &mut scopes[stage.index];
                    for trigger in self.triggers_of(parent) {
                        if self.triggers.len() == MOST_TRIGGERS {
                            problems.push(syntax(line, format!("more than {MOST_TRIGGERS} ONBUILD triggers run")));
                            break;
                        }
                        let Trigger { at, mut instruction } = trigger;
                        instruction.stage = Some(stage.index);
                        known.put_in(&mut instruction, scope, &mut grown);
                        self.triggers.push(Trigger { at, instruction });
                    }
                }
                let now = &mut self.instructions[at];
                now.stage = Some(stage.index);
                now.expanded = words::expand(&now.text, escape, &lookup);
                self.stages.push(stage);
                continue;
            }
            let Some(scope) = scopes.last_mut() else {
                if keyword != "ARG" {
                    let message = format!("no build stage in current context: {keyword} stands before FROM");
                    problems.push(syntax(line, message));
                    continue;
                }
                for (name, value) in arg_pairs(now, escape) {
                    let lookup = |name: &str| global.get(name).or_else(|| predefined.get(name)).cloned();
                    let value = value.map(|v| words::expand(&v, escape, &lookup));
                    if let Some(value) = options.args.get(&name).cloned().or(value) {
                        global.insert(name, value);
                    }
                }
                continue;
            };
            let stage = self.stages.len() - 1;
            let now = &mut self.instructions[at];
            now.stage = Some(stage);
            Known { options, global: &global, predefined: &predefined, escape }.put_in(now, scope, &mut grown);
        }
        if self.stages.is_empty() {
            let line = self.instructions.last().map_or(1, |i| i.first);
            problems.push(syntax(line, "file has no stage: no FROM instruction"));
        }
    }
}

/// What every instruction of a stage sees.
struct Known<'a> {
    options: &'a Options,
    global: &'a BTreeMap<String, String>,
    predefined: &'a BTreeMap<String, String>,
    escape: char,
}

impl Known<'_> {
    /// Puts the variables into an instruction, and into the scope what it sets itself.
    fn put_in(&self, now: &mut Instruction, scope: &mut Scope, grown: &mut usize) {
        let escape = self.escape;
        let mut pairs = Vec::new();
        match now.keyword.as_str() {
            "ARG" => {
                for (name, value) in arg_pairs(now, escape) {
                    let value = value.map(|v| words::expand(&v, escape, &|n| scope.get(n)));
                    let value = self.options.args.get(&name).cloned().or(value);
                    let value =
                        value.or_else(|| self.global.get(&name).or_else(|| self.predefined.get(&name)).cloned());
                    if let Some(value) = value.filter(|v| scope.has_room(v)) {
                        scope.args.insert(name, value);
                    }
                }
            }
            "ENV" => {
                // All pairs of one ENV see the values from before it.
                let before = scope.clone();
                for (name, value) in words::name_values(&now.text, escape) {
                    let value = words::expand(&value, escape, &|n| before.get(n));
                    if scope.has_room(&value) {
                        scope.env.insert(name.clone(), value.clone());
                        pairs.push((name, value));
                    }
                }
            }
            "LABEL" if *grown <= MOST_EXPANDED => {
                for (name, value) in words::name_values(&now.text, escape) {
                    let value = words::expand(&value, escape, &|n| scope.get(n));
                    *grown += value.len();
                    pairs.push((words::expand(&name, escape, &|n| scope.get(n)), value));
                }
            }
            _ => {}
        }
        let expanded = match now.is_shell_text() || now.exec.is_some() || *grown > MOST_EXPANDED {
            true => None,
            false => Some(words::expand(&now.text, escape, &|n| scope.get(n))),
        };
        *grown += expanded.as_ref().map_or(0, String::len);
        let exec = match (&now.exec, now.keyword.as_str()) {
            (Some(all), "COPY" | "ADD" | "VOLUME") if *grown <= MOST_EXPANDED => {
                Some(all.iter().map(|w| words::expand(w, escape, &|n| scope.get(n))).collect())
            }
            _ => None::<Vec<String>>,
        };
        *grown += exec.iter().flatten().map(String::len).sum::<usize>();
        now.pairs = pairs;
        now.expanded = expanded.unwrap_or_else(|| now.expanded.clone());
        now.exec = exec.or_else(|| now.exec.take());
    }
}

/// The names that an ARG declares, with their unexpanded defaults.
fn arg_pairs(arg: &Instruction, escape: char) -> Vec<(String, Option<String>)> {
    words::raw_words(&arg.text, escape)
        .into_iter()
        .map(|word| match word.split_once('=') {
            Some((name, value)) => (words::unquote(name), Some(value.to_owned())),
            None => (words::unquote(word), None),
        })
        .collect()
}
