//! `lens`: an image from the inside, as a screen, as a report, or held to limits in a pipeline.
//!
//! Exit codes: 0 seen, and every limit holds; 1 a limit is passed, or the folder's Dockerfile does not build; 2 wrong use, no
//! such image, no archive; 3 the machine stopped it.

mod record;

use super::{Context, Entry, Exit, Group, commands, job::Stop, live::Live, out::Style};
use crate::{
    kit, layout,
    lens::{
        self, From, Progress, Request, Subject, Tools, Trouble, compare,
        compare::Comparison,
        report,
        rules::{self, Judged, Rule},
        words,
    },
    report::{self as told, Fault, Report},
};
use clap::{Arg, ArgAction, ArgMatches};
use dockshala_checkers::{
    check::{Folder, Options},
    engine::EngineError,
    spec::{Network, Size},
};
use std::{collections::BTreeMap, fmt::Display, path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// `lens`.
pub(super) static ENTRY: Entry = Entry {
    name: "lens",
    group: Group::Learn,
    args: || {
        let size = |id: &'static str| Arg::new(id).long(id).value_name("SIZE");
        vec![
            Arg::new("image").value_name("IMAGE|FILE"),
            Arg::new("build").long("build").value_name("DIR").value_parser(clap::value_parser!(PathBuf)),
            Arg::new("target").long("target").value_name("STAGE"),
            Arg::new("build-arg").long("build-arg").value_name("NAME=VALUE").action(ArgAction::Append),
            Arg::new("network").long("network").action(ArgAction::SetTrue),
            Arg::new("no-cache").long("no-cache").action(ArgAction::SetTrue),
            Arg::new("base").long("base").value_name("IMAGE"),
            Arg::new("compare").long("compare").value_name("OTHER"),
            Arg::new("format").long("format").value_name("FORMAT").value_parser(["text", "json"]),
            size("max-total"),
            size("max-final"),
            size("max-added"),
            size("max-wasted"),
            Arg::new("max-wasted-share").long("max-wasted-share").value_name("PERCENT"),
            size("max-layer"),
            size("max-leftovers"),
            Arg::new("no-secrets").long("no-secrets").action(ArgAction::SetTrue),
            Arg::new("forbid").long("forbid").value_name("GLOB").action(ArgAction::Append),
            Arg::new("record").long("record").value_name("FILE").value_parser(clap::value_parser!(PathBuf)),
        ]
    },
    children: &[],
    run: Some(run),
};

fn run(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let request = request(context, matches)?;
    let rules = asked_rules(context, matches)?;
    let format = matches.get_one::<String>("format").map(String::as_str);
    if let Some(Rule::MaxAdded(_)) = rules.iter().find(|r| matches!(r, Rule::MaxAdded(_)))
        && request.base.is_none()
        && !matches!(request.from, From::Folder(_))
    {
        return Err(Report::new(&context.lang, Fault::Usage, "lens.error.added-without-base", &[]));
    }
    let recorded = matches.get_one::<PathBuf>("record");
    if context.interactive() && format.is_none() && rules.is_empty() && recorded.is_none() {
        return commands::look(context, request);
    }
    if let Some(path) = recorded {
        record::refuse_other_file(context, path)?;
    }
    let json = format == Some("json");
    let (subject, other) = read(context, &request, json)?;
    let judged: Vec<Judged> = rules.iter().map(|rule| rule.judge(&subject)).collect();
    let comparison = other.as_ref().map(|other| compare::compare(&subject, other));
    if let Some(path) = recorded {
        record::write(context, &subject, path)?;
    }
    if json {
        let report = report::report(&subject, &judged, comparison.as_ref());
        context.out.line(&serde_json::to_string_pretty(&report).unwrap_or_default());
    } else {
        print(context, &subject, &judged, comparison.as_ref());
    }
    Ok(if judged.iter().all(|j| j.holds) { Exit::OK } else { Exit::FAILED })
}

fn request(context: &Context, matches: &ArgMatches) -> Result<Request, Report> {
    let usage = |key: &str, args: &[(&str, &dyn Display)]| {
        Report::new(&context.lang, Fault::Usage, &format!("lens.error.{key}"), args)
    };
    let named = matches.get_one::<String>("image");
    let from = match (named, matches.get_one::<PathBuf>("build")) {
        (Some(_), Some(_)) => return Err(usage("both", &[])),
        (None, None) => return Err(usage("nothing", &[])),
        (Some(name), None) => From::of_argument(name),
        (None, Some(dir)) => {
            let mut args = BTreeMap::new();
            for pair in matches.get_many::<String>("build-arg").into_iter().flatten() {
                // As docker: a name alone takes its value from the environment.
                let (name, value) = match pair.split_once('=') {
                    Some((name, value)) => (name.to_owned(), value.to_owned()),
                    None => (pair.clone(), std::env::var(pair).unwrap_or_default()),
                };
                args.insert(name, value);
            }
            let network = if matches.get_flag("network") { Network::Registry } else { Network::None };
            let target = matches.get_one::<String>("target").cloned();
            From::Folder(Folder { dir: dir.clone(), target, args, network, no_cache: matches.get_flag("no-cache") })
        }
    };
    let other = matches.get_one::<String>("compare").map(|other| From::of_argument(other));
    if other == Some(From::Stdin) && from == From::Stdin {
        return Err(usage("two-pipes", &[]));
    }
    Ok(Request { from, base: matches.get_one::<String>("base").cloned(), other })
}

fn asked_rules(context: &Context, matches: &ArgMatches) -> Result<Vec<Rule>, Report> {
    let wrong = |key: &str, flag: &str, value: &str| {
        let args: [(&str, &dyn Display); 2] = [("flag", &flag), ("value", &value)];
        Report::new(&context.lang, Fault::Usage, &format!("lens.error.{key}"), &args)
    };
    let size = |flag: &'static str| match matches.get_one::<String>(flag) {
        None => Ok(None),
        Some(text) => text.parse::<Size>().map(Some).map_err(|_| wrong("size", flag, text)),
    };
    let mut rules = Vec::new();
    rules.extend(size("max-total")?.map(Rule::MaxTotal));
    rules.extend(size("max-final")?.map(Rule::MaxFinal));
    rules.extend(size("max-added")?.map(Rule::MaxAdded));
    rules.extend(size("max-wasted")?.map(Rule::MaxWasted));
    if let Some(text) = matches.get_one::<String>("max-wasted-share") {
        let share = rules::percent(text).ok_or_else(|| wrong("percent", "max-wasted-share", text))?;
        rules.push(Rule::MaxWastedShare(share));
    }
    rules.extend(size("max-layer")?.map(Rule::MaxLayer));
    rules.extend(size("max-leftovers")?.map(Rule::MaxLeftovers));
    rules.extend(matches.get_flag("no-secrets").then_some(Rule::NoSecrets));
    rules.extend(matches.get_many::<String>("forbid").into_iter().flatten().cloned().map(Rule::Forbid));
    Ok(rules)
}

/// Reads what is asked for, with a line of progress where somebody sees it.
fn read(context: &Context, request: &Request, quiet: bool) -> Result<(Subject, Option<Subject>), Report> {
    context.wait_for(async {
        let mut stop = Stop::listen();
        let cancel = CancellationToken::new();
        let needs = request.base.is_some()
            || request.from.needs_engine()
            || request.other.as_ref().is_some_and(From::needs_engine);
        // A file is read where there is no daemon, and without asking for one.
        let engine = if needs { context.engine(false).await } else { Err(EngineError::Down { tried: Vec::new() }) };
        let (events, mut told) = mpsc::channel(64);
        let progress = Arc::new(Progress::default());
        let options = options(context);
        let tools = Tools {
            engine: engine.as_ref(),
            options: &options,
            digests: request.other.is_some(),
            progress: progress.clone(),
            events,
            cancel: cancel.clone(),
        };
        let work = async {
            let first = lens::load(&request.from, request.base.as_deref(), &tools).await?;
            let second = match &request.other {
                Some(other) => Some(lens::load(other, request.base.as_deref(), &tools).await?),
                None => None,
            };
            Ok((first, second))
        };
        let mut live = Live::new(context, quiet);
        let mut tick = tokio::time::interval(Duration::from_millis(250));
        let done = {
            tokio::pin!(work);
            loop {
                tokio::select! {
                    biased;
                    done = &mut work => break done,
                    () = stop.asked(), if !cancel.is_cancelled() => cancel.cancel(),
                    Some(event) = told.recv() => live.event(&event),
                    _ = tick.tick() => {
                        let (read, expected) = progress.now();
                        if read > 0 {
                            live.say(reading(context, read, expected));
                        }
                        live.tick();
                    }
                }
            }
        };
        live.end();
        if let Ok(engine) = &engine {
            if let Ok((first, second)) = &done {
                for subject in std::iter::once(first).chain(second) {
                    if let (lens::Origin::Build(_), Some(tag)) = (&subject.origin, &subject.tag) {
                        let _ = engine.remove_image(tag).await;
                    }
                }
            }
            let _ = tokio::time::timeout(Duration::from_secs(2), engine.close()).await;
        }
        done.map_err(|trouble: Trouble| told::lens(&context.lang, &trouble))
    })
}

fn options(context: &Context) -> Options {
    Options::new(kit::options(super::images::mirror(&context.settings(), None)))
}

fn reading(context: &Context, read: u64, expected: u64) -> String {
    let key = if expected > 0 { "lens.reading-of" } else { "lens.reading" };
    context.text(key, &[("read", &Size(read)), ("all", &Size(expected))])
}

/// How wide a bar is at most, in columns.
const BAR: usize = 20;

/// A line in the signs that the reader's terminal has.
fn print_line(context: &Context, text: &str) {
    match context.out.ascii() {
        true => context.out.line(&layout::ascii_cells(text)),
        false => context.out.line(text),
    }
}

/// The same for prose.
fn print_prose(context: &Context, lead: &str, indent: usize, text: &str) {
    match context.out.ascii() {
        true => context.out.prose(&layout::ascii_cells(lead), indent, &layout::ascii_cells(text)),
        false => context.out.prose(lead, indent, text),
    }
}

fn print(context: &Context, subject: &Subject, judged: &[Judged], comparison: Option<&Comparison>) {
    let out = &context.out;
    let say = |key: &str| context.text(key, &[]);
    let head = |key: &str| {
        out.gap();
        print_line(context, &out.paint(Style::Head, &say(key)));
    };
    print_line(context, &out.paint(Style::Strong, &subject.name));
    for used in &subject.stand_ins {
        let args: [(&str, &dyn Display); 3] = [("image", &used.image), ("by", &used.by), ("version", &used.version)];
        print_prose(context, "  ", 2, &out.paint(Style::Warn, &context.text("check.stand-in", &args)));
    }
    if !judged.is_empty() {
        limits(context, subject, judged);
    }
    head("lens.head.sizes");
    for (word, bytes, about) in words::sizes(&context.lang, &subject.image.sizes, subject.base.as_deref()) {
        let row = format!("  {}{:>10}  ", cell(&word, 10), Size(bytes).to_string());
        print_prose(context, &row, layout::width(&row), &out.paint(Style::Dim, &about));
    }
    if let Some(text) = words::docker_size(&context.lang, subject) {
        print_prose(context, "  ", 2, &text);
    }
    if !subject.findings.is_empty() {
        head("lens.head.first");
        advice(context, subject);
    }
    head("lens.head.layers");
    layers(context, subject);
    if subject.source.is_some() {
        head("lens.head.dockerfile");
        dockerfile(context, subject);
    }
    if subject.image.sizes.wasted >= words::WORTH_A_WORD {
        head("lens.head.waste");
        waste(context, subject);
    }
    if let Some(comparison) = comparison {
        compared(context, subject, comparison);
    }
    if subject.image.ignored > 0 {
        out.gap();
        print_prose(
            context,
            "",
            0,
            &out.paint(Style::Warn, &context.text("lens.ignored", &[("count", &subject.image.ignored)])),
        );
    }
}

fn cell(text: &str, cells: usize) -> String {
    format!("{text}{}", " ".repeat(cells.saturating_sub(layout::width(text))))
}

fn bar(context: &Context, bytes: u64, most: u64) -> String {
    let full = ((u128::from(bytes) * BAR as u128 + u128::from(most) / 2) / u128::from(most.max(1))) as usize;
    // What has bytes has a bar: none would say that there are none.
    let full = if bytes > 0 { full.max(1) } else { full };
    let block = if context.out.ascii() { "#" } else { "█" };
    format!("{}{}", context.out.paint(Style::Code, &block.repeat(full)), " ".repeat(BAR - full.min(BAR)))
}

fn layers(context: &Context, subject: &Subject) {
    let out = &context.out;
    let image = &subject.image;
    let most = image.layers.iter().map(|l| l.bytes).max().unwrap_or(0);
    let with_lines = subject.source.is_some();
    let line_head = if with_lines { format!("{:>5}", context.text("lens.col.line", &[])) } else { String::new() };
    let title = format!(
        "  {:>3} {:>10} {:>6} {} {line_head} {}",
        "#",
        context.text("lens.col.size", &[]),
        "%",
        " ".repeat(BAR),
        context.text("lens.col.instruction", &[])
    );
    print_line(context, &out.paint(Style::Dim, &title));
    for (index, layer) in image.layers.iter().enumerate() {
        let share = format!("{:.1}", rules::share(layer.bytes, image.sizes.total));
        let line = match (with_lines, subject.line_of(index)) {
            (false, _) => String::new(),
            (true, Some(line)) => format!("{line:>5}"),
            (true, None) => " ".repeat(5),
        };
        let lead = format!(
            "  {:>3} {:>10} {share:>6} {} {line} ",
            index + 1,
            Size(layer.bytes).to_string(),
            bar(context, layer.bytes, most)
        );
        let room = out.columns().saturating_sub(super::out::plain_width(&lead)).max(20);
        let instruction = match subject.instruction_of(index) {
            "" => context.text("lens.no-instruction", &[]),
            text => text.to_owned(),
        };
        let what =
            if layer.base { format!("{} {instruction}", context.text("lens.base-mark", &[])) } else { instruction };
        print_line(context, format!("{lead}{}", layout::clip(&what, room)).trim_end());
        if layer.wasted >= words::WORTH_A_WORD {
            let text = context.text("lens.layer-wasted", &[("size", &Size(layer.wasted))]);
            print_line(context, &format!("  {:>3} {}", "", out.paint(Style::Warn, &text)));
        }
    }
    let silent = subject.steps.iter().filter(|s| s.layer.is_none()).count();
    if silent > 0 {
        print_prose(
            context,
            "  ",
            2,
            &out.paint(Style::Dim, &context.text("lens.silent-steps", &[("count", &silent)])),
        );
    }
}

/// The Dockerfile with what each line cost at its side.
fn dockerfile(context: &Context, subject: &Subject) {
    let Some(source) = &subject.source else { return };
    let out = &context.out;
    let rule = if out.ascii() { "|" } else { "│" };
    for (nth, text) in source.lines.iter().enumerate() {
        let line = nth as u32 + 1;
        let cost = source.costs.get(&line);
        let size = cost.map_or(String::new(), |c| Size(c.bytes).to_string());
        let lead = format!("  {size:>10} {rule} {line:>4} ");
        let room = out.columns().saturating_sub(lead.len()).max(20);
        let text = layout::clip(text, room);
        let text = if cost.is_some() { text } else { out.paint(Style::Dim, &text) };
        print_line(context, format!("{lead}{text}").trim_end());
        if let Some(cost) = cost.filter(|c| c.wasted >= words::WORTH_A_WORD) {
            let text = context.text("lens.layer-wasted", &[("size", &Size(cost.wasted))]);
            print_line(context, &format!("  {:>10} {rule}      {}", "", out.paint(Style::Warn, &text)));
        }
    }
}

/// How many findings the text report tells; JSON has them all.
const ADVICE: usize = 8;

/// What to do first: what could be left out, and what would not have cost it.
fn advice(context: &Context, subject: &Subject) {
    let out = &context.out;
    let mut told = Vec::new();
    for finding in subject.findings.iter().take(ADVICE) {
        let advice = words::advice(&context.lang, finding);
        let lead = format!("  {:>10}  ", advice.weight);
        print_prose(context, &out.paint(Style::Warn, &lead), 14, &advice.what);
        if !told.contains(&advice.next) {
            print_prose(context, "", 14, &out.paint(Style::Dim, &advice.next));
            told.push(advice.next);
        }
    }
    let more = subject.findings.len().saturating_sub(ADVICE);
    if more > 0 {
        print_prose(
            context,
            "  ",
            14,
            &out.paint(Style::Dim, &context.text("lens.more-findings", &[("count", &more)])),
        );
    }
}

fn waste(context: &Context, subject: &Subject) {
    let out = &context.out;
    let mut told = Vec::new();
    for waste in words::worth(subject).take(8) {
        let (what, next) = words::waste(&context.lang, subject, waste);
        let size = format!("  {:>10}  ", Size(waste.tally.bytes).to_string());
        print_prose(context, &out.paint(Style::Warn, &size), 14, &what);
        if !told.contains(&waste.how) {
            print_prose(context, "", 14, &out.paint(Style::Dim, &next));
            told.push(waste.how);
        }
    }
    let paths: Vec<_> = report::wasted_paths(subject, 10).into_iter().filter(|p| p.bytes >= 1_000).collect();
    if paths.is_empty() {
        return;
    }
    if words::worth(subject).next().is_some() {
        out.gap();
        print_line(context, &out.paint(Style::Strong, &context.text("lens.head.paths", &[])));
    }
    for path in paths {
        let numbers: Vec<String> = path.put_by.iter().map(|l| (l + 1).to_string()).collect();
        let args: [(&str, &dyn Display); 3] = [
            ("put", &numbers.join(", ")),
            ("by", &(path.hidden_by + 1)),
            ("how", &words::how_word(&context.lang, path.how)),
        ];
        let story = context.text("lens.path-story", &args);
        print_line(context, &format!("  {:>10}  /{}", Size(path.bytes).to_string(), path.path));
        print_line(context, &format!("  {:>10}  {}", "", out.paint(Style::Dim, &story)));
    }
}

fn limits(context: &Context, subject: &Subject, judged: &[Judged]) {
    let out = &context.out;
    out.gap();
    print_line(context, &out.paint(Style::Head, &context.text("lens.head.rules", &[])));
    for one in judged {
        let (key, style) = if one.holds { ("lens.rule.holds", Style::Good) } else { ("lens.rule.passed", Style::Bad) };
        let key_of = match one.rule {
            "forbid" => "lens.rule.forbid",
            "no-secrets" => "lens.rule.no-secrets",
            _ => "lens.rule.value",
        };
        let args: [(&str, &dyn Display); 3] = [("rule", &one.rule), ("limit", &one.limit), ("value", &one.said)];
        let word = context.text(key, &[]);
        print_prose(context, &format!("  {}", out.paint(style, &word)), 10, &context.text(key_of, &args));
        for path in &one.paths {
            print_line(context, &format!("          /{path}"));
        }
        for layer in &one.layers {
            print_prose(context, "", 10, &words::place(&context.lang, subject, *layer));
        }
    }
}

fn compared(context: &Context, subject: &Subject, other: &Comparison) {
    let out = &context.out;
    out.gap();
    print_line(context, &out.paint(Style::Head, &context.text("lens.head.compare", &[])));
    let name = |text: &str| layout::clip(text, 26);
    let columns = [name(&subject.name), name(&other.image)];
    let right = |text: &str| format!("{}{text}", " ".repeat(28_usize.saturating_sub(layout::width(text))));
    print_line(
        context,
        &out.paint(Style::Dim, &format!("  {}{}{}", cell("", 10), right(&columns[0]), right(&columns[1]))),
    );
    let sizes = [&subject.image.sizes, &other.sizes].map(|sizes| words::sizes(&context.lang, sizes, None));
    for (ours, theirs) in sizes[0].iter().zip(&sizes[1]) {
        let values = [ours.1, theirs.1].map(|bytes| right(&Size(bytes).to_string()));
        print_line(context, &format!("  {}{}{}", cell(&ours.0, 10), values[0], values[1]));
    }
    let shared: [(&str, &dyn Display); 2] = [("layers", &other.shared_layers), ("size", &Size(other.shared_bytes))];
    let key = if other.shared_layers == 0 { "lens.compare.none-shared" } else { "lens.compare.shared" };
    print_prose(context, "  ", 2, &context.text(key, &shared));
    for (key, tally) in [
        ("lens.compare.added", other.added),
        ("lens.compare.changed", other.changed),
        ("lens.compare.removed", other.removed),
    ] {
        print_prose(context, "  ", 2, &context.text(key, &[("files", &tally.files), ("size", &Size(tally.bytes))]));
        if key == "lens.compare.changed" && other.metadata.files > 0 {
            let args: [(&str, &dyn Display); 2] =
                [("files", &other.metadata.files), ("size", &Size(other.metadata.bytes))];
            print_prose(context, "  ", 4, &context.text("lens.compare.metadata", &args));
        }
    }
    for one in &other.biggest {
        let sign = match one.what {
            "added" => "+",
            "removed" => "-",
            _ => "~",
        };
        print_line(context, &format!("  {:>10}  {sign} /{}", Size(one.bytes).to_string(), one.path));
    }
    print_prose(context, "  ", 2, &out.paint(Style::Dim, &context.text("lens.compare.how", &[])));
}
