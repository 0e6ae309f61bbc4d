//! `builds`: the Dockerfile parses and its image builds. The other goals ask it whether there is an image to look at.

use super::{Globs, Judged, facts, shown, shown_line, tail};
use crate::{
    dockerfile::{Dockerfile, Instruction, RefKind, RefTarget, any_matches},
    engine::{BuildFailure, BuildOutcome, BuildStep, ContextError, clean},
    evidence::{Blocked, Evidence, Gathered, Needs, instruction_of_step},
    spec::{Builds, Network},
    verdict::{Diagnosis, Fact, codes},
};
use regex::Regex;
use std::sync::LazyLock;

pub(super) fn plan(_: &Builds) -> Needs {
    Needs { build: true, ..Needs::default() }
}

pub(super) fn judge(_: &Builds, evidence: &Evidence) -> Judged {
    let outcome = built(evidence)?;
    let cached = outcome.steps.iter().filter(|s| s.cached).count();
    Ok(facts([
        ("steps", Fact::Count(outcome.steps.len() as u64)),
        ("cached", Fact::Count(cached as u64)),
        ("time", Fact::Millis(outcome.duration.as_millis() as u64)),
    ]))
}

/// The build, if it gave an image.
pub(super) fn built(evidence: &Evidence) -> Gathered<&BuildOutcome> {
    let (model, _) = evidence.model()?;
    let outcome = evidence.build.as_ref().map_err(Clone::clone)?;
    match &outcome.failure {
        None => Ok(outcome),
        Some(failure) => Err(explain(evidence, model, outcome, failure)),
    }
}

/// Why a build gave no image.
pub(crate) fn explain(
    evidence: &Evidence,
    model: &Dockerfile,
    outcome: &BuildOutcome,
    failure: &BuildFailure,
) -> Blocked {
    let step_at = |index: &Option<usize>| index.and_then(|i| outcome.steps.get(i));
    let limit = |code, limit: u64, step: Option<&BuildStep>| {
        let name = step.map_or_else(String::new, |s| s.name.clone());
        let line = step.and_then(|s| instruction_of_step(model, s)).map(|i| i.first);
        Blocked::failed(Diagnosis::new(code).fact("limit", Fact::Millis(limit)).fact("step", shown(&name)).at(line))
    };
    match failure {
        BuildFailure::Step { index, exit, message } => match outcome.steps.get(*index) {
            Some(step) => failed_step(evidence, model, step, *exit, message),
            None => refused(message),
        },
        BuildFailure::Refused(message) => refused(message),
        BuildFailure::Deadline(step) => limit(codes::BUILD_TIMEOUT, evidence.deadline, step_at(step)),
        BuildFailure::Idle(step) => limit(codes::BUILD_IDLE, evidence.idle, step_at(step)),
        BuildFailure::Cancelled => Blocked::skipped(Diagnosis::new(codes::CANCELLED)),
        BuildFailure::DiskFull(message) => {
            Blocked::broken(Diagnosis::new(codes::DISK_FULL).fact("message", shown(message)))
        }
        BuildFailure::Lost(message) => {
            Blocked::broken(Diagnosis::new(codes::DAEMON_LOST).fact("during", shown(message)))
        }
        BuildFailure::Context(error) => context(error),
    }
}

/// Why a folder could not be sent.
pub(crate) fn context(error: &ContextError) -> Blocked {
    match error {
        ContextError::TooBig { bytes, limit, biggest } => {
            let biggest = biggest.iter().map(|(name, bytes)| format!("{name} {}", crate::spec::Size(*bytes)));
            Blocked::failed(
                Diagnosis::new(codes::CONTEXT_TOO_BIG)
                    .fact("size", Fact::Bytes(*bytes))
                    .fact("limit", Fact::Bytes(*limit))
                    .fact("biggest", super::list(biggest)),
            )
        }
        ContextError::TooMany { limit } => {
            Blocked::failed(Diagnosis::new(codes::CONTEXT_TOO_MANY).fact("limit", Fact::Count(*limit)))
        }
        ContextError::Outside { path, target } => {
            Blocked::failed(Diagnosis::new(codes::SYMLINK_OUT).fact("path", shown(path)).fact("target", shown(target)))
        }
        ContextError::Unreadable { path, message } => Blocked::broken(
            Diagnosis::new(codes::SUBMISSION_UNREADABLE).fact("path", shown(path)).fact("message", shown(message)),
        ),
        ContextError::Pattern { file, line, pattern } => Blocked::failed(
            Diagnosis::new(codes::IGNORE_PATTERN)
                .fact("file", shown(file))
                .fact("line", Fact::Count(u64::from(*line)))
                .fact("pattern", shown(pattern)),
        ),
    }
}

static LINE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)(?:parse error (?:on )?line |dockerfile:)(\d+)").expect("a constant pattern"));

/// The builder refused the file before any step.
fn refused(message: &str) -> Blocked {
    let line = LINE.captures(message).and_then(|c| c[1].parse::<u32>().ok()).filter(|n| *n > 0);
    let parse = message.contains("parse error") || message.contains("dockerfile parse");
    let code = if parse { codes::SYNTAX } else { codes::BUILD_FAILED };
    let message = message.strip_prefix("failed to solve: ").unwrap_or(message);
    Blocked::failed(Diagnosis::new(code).fact("message", shown(message)).at(line))
}

fn failed_step(evidence: &Evidence, model: &Dockerfile, step: &BuildStep, exit: Option<i64>, message: &str) -> Blocked {
    let instruction = instruction_of_step(model, step);
    let line = instruction.map(|i| i.first);
    let about = |code| Diagnosis::new(code).fact("step", shown(&step.name)).at(line);
    let words = format!("{}\n{message}\n{}", step.error.as_deref().unwrap_or_default(), step.log);
    if let Some(copy) = instruction.filter(|i| matches!(i.keyword.as_str(), "COPY" | "ADD"))
        && let Some(path) = not_found(&words)
    {
        return Blocked::failed(copy_found_nothing(evidence, model, copy, &path));
    }
    let Some(run) = instruction.filter(|i| i.keyword == "RUN") else {
        let message = clean::line(if message.is_empty() { &words } else { message });
        return Blocked::failed(about(codes::BUILD_FAILED).fact("message", shown(&message)));
    };
    if words.contains("exec: \"/bin/sh\": stat /bin/sh: no such file")
        || words.contains("/bin/sh: no such file or directory")
    {
        return Blocked::failed(about(codes::NO_SHELL).fact("command", shown(&run.text)));
    }
    if words.contains("exec format error") {
        return Blocked::failed(about(codes::EXEC_FORMAT).fact("command", shown(&run.text)));
    }
    if step.log.contains("No space left on device") {
        return Blocked::broken(Diagnosis::new(codes::DISK_FULL).fact("message", tail(&step.log)));
    }
    if evidence.network == Network::None && NETWORK.is_match(&step.log) {
        return Blocked::failed(about(codes::BUILD_NEEDS_NETWORK));
    }
    if let Some(file) = needs_file(evidence, &step.log) {
        return Blocked::failed(match brought_by(model, run, &file) {
            None => {
                about(codes::RUN_BEFORE_COPY).fact("file", shown(&file)).fact("copy", shown(&keeping_folder(&file)))
            }
            Some(copy) => about(codes::RUN_WRONG_FOLDER)
                .fact("file", shown(&file))
                .fact("copy", shown(&keeping_folder(&file)))
                .fact("workdir", shown(&workdir_at(model, run)))
                .at([copy.first]),
        });
    }
    if matches!(exit, Some(127) | None)
        && let Some(tool) = missing_tool(run, &words)
    {
        let base = run.stage.map(|s| model.final_base(s).0).unwrap_or_default();
        return Blocked::failed(about(codes::RUN_TOOL_MISSING).fact("tool", shown(&tool)).fact("base", shown(&base)));
    }
    if DENIED.is_match(&step.log)
        && let Some(user) = user_before(model, run)
    {
        let diagnosis = about(codes::RUN_NOT_PERMITTED).fact("user", shown(&user.expanded));
        return Blocked::failed(diagnosis.at([user.first]));
    }
    if let Some((tool, install)) = left_out_tool(model, run, &words) {
        let diagnosis = about(codes::RUN_DEV_TOOL).fact("tool", shown(&tool)).fact("install", shown(&install.text));
        return Blocked::failed(diagnosis.at([install.first]));
    }
    let diagnosis = about(codes::RUN_FAILED).fact("tail", tail(&step.log));
    Blocked::failed(diagnosis.fact("exit", Fact::Count(exit.unwrap_or(1).unsigned_abs())))
}

static NOT_FOUND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#""([^"\n]+)": not found|lstat ([^:\n]+): no such file|stat ([^:\n]+): no such file|"([^"\n]+)" not found"#,
    )
    .expect("a constant pattern")
});

/// The path that COPY did not find, in the words of several BuildKits.
fn not_found(words: &str) -> Option<String> {
    let parts = NOT_FOUND.captures(words)?;
    let path = parts.iter().skip(1).flatten().next()?.as_str();
    // Deep inside the daemon the context lies in a folder of its own.
    let path = path.rsplit_once("/buildkit-mount").and_then(|(_, p)| p.split_once('/')).map_or(path, |(_, p)| p);
    Some(path.to_owned())
}

fn copy_found_nothing(evidence: &Evidence, model: &Dockerfile, copy: &Instruction, path: &str) -> Diagnosis {
    let shown_path = shown(path);
    let step = shown_line(copy);
    if let Some(from) = copy.flag("from") {
        let reference = model.references.iter().find(|r| r.kind == RefKind::Copy && r.line == copy.first);
        let from = match reference.map(|r| &r.target) {
            Some(RefTarget::Stage(stage)) => model.stages[*stage].label(),
            _ => from.to_owned(),
        };
        return Diagnosis::new(codes::COPY_NOT_IN_STAGE)
            .fact("path", shown_path)
            .fact("from", shown(&from))
            .fact("step", step)
            .at([copy.first]);
    }
    let clean = path.trim_start_matches("./").trim_matches('/');
    let below = |file: &str| file == clean || file.strip_prefix(clean).is_some_and(|rest| rest.starts_with('/'));
    if !clean.is_empty() && evidence.ignored.iter().any(|f| below(f)) && !sent(evidence).any(below) {
        return Diagnosis::new(codes::COPY_IGNORED).fact("path", shown_path).at([copy.first]);
    }
    let earlier: Vec<String> = model.stages.iter().take(copy.stage.unwrap_or(0)).map(|s| s.label()).collect();
    if path.starts_with('/') && !earlier.is_empty() && written_absolute(copy, clean) {
        return Diagnosis::new(codes::COPY_WITHOUT_FROM)
            .fact("path", shown_path)
            .fact("stages", super::list(earlier))
            .at([copy.first]);
    }
    Diagnosis::new(codes::COPY_NOT_FOUND)
        .fact("path", shown_path)
        .fact("step", step)
        .fact("nearby", super::list(nearby(evidence, clean)))
        .at([copy.first])
}

/// BuildKit puts a slash before every path, so the learner's own writing tells whether an absolute one was meant.
fn written_absolute(copy: &Instruction, path: &str) -> bool {
    let (sources, _) = copy.copies().unwrap_or_default();
    sources.iter().any(|s| s.starts_with('/') && s.trim_matches('/') == path)
}

fn sent(evidence: &Evidence) -> impl Iterator<Item = &str> {
    evidence.files.iter().filter(|f| !evidence.ignored.contains(f)).map(String::as_str)
}

/// Files of the submission whose name is the same in another folder or case, or nearly so.
fn nearby(evidence: &Evidence, path: &str) -> Vec<String> {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let stem = |n: &str| n.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let like = |file: &&str| {
        let other = file.rsplit('/').next().unwrap_or(file).to_lowercase();
        let (a, b) = (stem(&name), stem(&other));
        a == b || (a.len() > 3 && (b.starts_with(&a) || a.starts_with(&b)) && b.len() > 3)
    };
    sent(evidence).filter(like).take(5).map(str::to_owned).collect()
}

static NETWORK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)temporary failure (?:in name resolution|resolving)|could not resolve host|no such host|EAI_AGAIN|ENOTFOUND|name or service not known|network is unreachable|failed to establish a new connection|bad address '|unable to resolve host|unknownhostexception|dial (?:tcp|udp)|transient error: dns|could not connect to|ETIMEDOUT|ECONNREFUSED.*registry",
    )
    .expect("a constant pattern")
});

static DENIED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)permission denied|EACCES|operation not permitted|are you root\?").expect("a constant pattern")
});

static NEEDS_FILE: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"ENOENT[^\n]*'([^'\n]+)'",
        r"No such file or directory: '([^'\n]+)'",
        r"can't open file '([^'\n]+)'",
        r"Cannot find module '([^'\n]+)'",
        r"[Cc]an(?:no|')t (?:open|stat|find|read) (?:file )?'?([^\s':]+)'?:?[^\n]*[Nn]o such file",
        r"open ([^\s:]+): no such file or directory",
        r"([^\s:'`]+): [Nn]o such file or directory",
        r"(go\.mod) file not found",
        r"existing (package-lock\.json)",
        r"error reading ([^\s:]+)",
    ]
    .iter()
    .map(|p| Regex::new(p).expect("a constant pattern"))
    .collect()
});

/// A file that the step looked for and that the submission has: it stands in the folder, but was not copied before.
fn needs_file(evidence: &Evidence, log: &str) -> Option<String> {
    let wanted = NEEDS_FILE.iter().flat_map(|p| p.captures_iter(log)).filter_map(|c| c.get(1).map(|m| m.as_str()));
    for path in wanted {
        let name = path.trim_end_matches(['/', '.', ',']).rsplit('/').next().unwrap_or(path);
        let has = |file: &&str| file.rsplit('/').next() == Some(name) || file.split('/').any(|part| part == name);
        if !name.is_empty()
            && let Some(file) = sent(evidence).find(has)
        {
            return Some(file.to_owned());
        }
    }
    // `go build` outside a module, `npm ci` without its lock file and the like name the file only in prose.
    let names = [("no Go files in", "main.go"), ("no go files in", "main.go")];
    let file = names.iter().find(|(words, _)| log.contains(words)).map(|(_, f)| *f)?;
    sent(evidence).find(|f| f.rsplit('/').next() == Some(file)).map(str::to_owned)
}

static TOOL: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"(?m)(?:sh|bash|ash|dash): (?:line )?\d*:? ?([^\s:]+): (?:command )?not found\s*$",
        r"(?m)/bin/(?:ba|a|da)?sh: ([^\s:]+): (?:command )?not found\s*$",
        r#"exec: "([^"\n]+)": executable file not found"#,
        r#"exec: "([^"\n]+)": stat [^\n]*: no such file"#,
    ]
    .iter()
    .map(|p| Regex::new(p).expect("a constant pattern"))
    .collect()
});

/// The program that a RUN step calls and the shell does not know.
fn missing_tool(run: &Instruction, words: &str) -> Option<String> {
    let tool = TOOL.iter().find_map(|p| p.captures(words)).map(|c| c[1].to_owned())?;
    // A path of the learner's own is a file that is missing, not a tool that the base lacks.
    (!tool.contains('/') && any_matches(&run.commands(), &tool)).then_some(tool)
}

static OMITS_DEV: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"--omit[= ]dev|--only=prod|--production|--prod\b").expect("a constant pattern"));

/// The program that a script of package.json calls and nobody finds, with the install above that left the
/// development packages out.
fn left_out_tool<'a>(model: &'a Dockerfile, run: &Instruction, words: &str) -> Option<(String, &'a Instruction)> {
    let runners = ["npm", "npx", "yarn", "pnpm"];
    run.commands().iter().filter_map(|c| c.first()).find(|name| runners.contains(&name.as_str()))?;
    let tool = TOOL.iter().find_map(|p| p.captures(words)).map(|c| c[1].to_owned()).filter(|t| !t.contains('/'))?;
    let chain = model.chain(run.stage?);
    let above = chain.iter().flat_map(|s| model.of_stage(*s)).take_while(|i| i.first != run.first);
    let install = above.filter(|i| i.keyword == "RUN" && OMITS_DEV.is_match(&i.text)).last()?;
    Some((tool, install))
}

/// What to write behind COPY so that `file` lies where the project has it: whoever copies `vendor/x.tgz` to `./` has
/// it, but not where the lock file says, and one file of a folder is seldom the only one that a step reads.
fn keeping_folder(file: &str) -> String {
    match file.split_once('/') {
        Some((folder, _)) => format!("{folder} ./{folder}"),
        None => format!("{file} ./"),
    }
}

/// The instruction above a RUN that brings a file of the submission into its stage.
fn brought_by<'a>(model: &'a Dockerfile, run: &Instruction, file: &str) -> Option<&'a Instruction> {
    let chain = model.chain(run.stage?);
    let above = chain.iter().flat_map(|s| model.of_stage(*s)).take_while(|i| i.first != run.first);
    above.filter(|i| brings(i, file)).last()
}

/// Where a RUN starts, as far as the Dockerfile tells.
fn workdir_at(model: &Dockerfile, run: &Instruction) -> String {
    let chain = run.stage.map(|s| model.chain(s)).unwrap_or_default();
    let above = chain.iter().flat_map(|s| model.of_stage(*s)).take_while(|i| i.first != run.first);
    above.filter(|i| i.keyword == "WORKDIR").fold("/".to_owned(), |at, now| match now.expanded.strip_prefix('/') {
        Some(_) => now.expanded.clone(),
        None => format!("{}/{}", at.trim_end_matches('/'), now.expanded),
    })
}

/// Whether an instruction depends on the content of a file of the submission.
pub(super) fn brings(instruction: &Instruction, file: &str) -> bool {
    let covers = |source: &str| {
        let source = source.trim_start_matches("./").trim_matches('/');
        matches!(source, "" | ".") || Globs::new([source]).matches_below(file)
    };
    match instruction.keyword.as_str() {
        "COPY" | "ADD" if instruction.flag("from").is_none() => {
            let excluded = instruction.flags.iter().filter(|f| f.name == "exclude").filter_map(|f| f.value.as_deref());
            if Globs::new(excluded).matches_below(file) {
                return false;
            }
            instruction.copies().is_some_and(|(sources, _)| sources.iter().any(|s| covers(s)))
        }
        "RUN" => instruction.mounts().iter().any(|mount| {
            let get = |names: [&str; 2]| names.iter().find_map(|n| mount.get(*n)).map(String::as_str);
            let bind = mount.get("type").is_none_or(|t| t == "bind");
            bind && !mount.contains_key("from") && covers(get(["source", "src"]).unwrap_or("."))
        }),
        _ => false,
    }
}

/// The USER, not root, that a RUN of a stage runs as.
fn user_before<'a>(model: &'a Dockerfile, run: &Instruction) -> Option<&'a Instruction> {
    let chain = model.chain(run.stage?);
    let lines = chain.iter().flat_map(|s| model.of_stage(*s)).take_while(|i| i.first != run.first);
    let last = lines.filter(|i| i.keyword == "USER").last()?;
    let name = last.expanded.split(':').next().unwrap_or_default();
    (!matches!(name, "root" | "0")).then_some(last)
}

/// A reference that names no stage but nearly does: what the learner most likely meant.
pub(crate) fn unknown_stage(model: &Dockerfile, target: usize, image: &str) -> Option<Diagnosis> {
    if image.contains(['/', ':', '@', '.']) {
        return None;
    }
    let reachable = model.reachable(target);
    let is_this =
        |r: &&crate::dockerfile::Reference| reachable[r.stage] && r.target == RefTarget::Image(image.to_owned());
    let references: Vec<_> = model.references.iter().filter(is_this).collect();
    references.first()?;
    let names: Vec<&str> = model.stages.iter().filter_map(|s| s.name.as_deref()).collect();
    let by_from = references.iter().any(|r| r.kind == RefKind::From);
    let near = names.iter().filter(|n| close(n, image)).min_by_key(|n| crate::dockerfile::distance(n, image))?;
    // FROM finds a stage by its name in lower case only.
    let near = if by_from { near.to_lowercase() } else { (*near).to_owned() };
    Some(
        Diagnosis::new(codes::STAGE_UNKNOWN)
            .fact("name", shown(image))
            .fact("near", shown(&near))
            .fact("stages", super::list(&names))
            .at(references.iter().map(|r| r.line)),
    )
}

fn close(name: &str, written: &str) -> bool {
    let (name, written) = (name.to_lowercase(), written.to_lowercase());
    // A stage of that very name stands below a FROM that wants it.
    let most = if written.len() >= 5 { 2 } else { 1 };
    crate::dockerfile::distance(&name, &written) <= most
}

/// Used by goals that rebuild: the same explanation for another build.
pub(super) fn of_rebuild(evidence: &Evidence, outcome: &BuildOutcome) -> Gathered<()> {
    let (model, _) = evidence.model()?;
    match &outcome.failure {
        None => Ok(()),
        Some(failure) => Err(explain(evidence, model, outcome, failure)),
    }
}
