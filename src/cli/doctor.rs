//! `doctor`: why it does not work here, ready to paste; `clean`: removes what checks left on the daemon.

use super::{Context, Entry, Exit, Group, out::Style};
use crate::{
    lab::{Finding, Level, doctor},
    report::{self, Report},
};
use clap::{Arg, ArgAction, ArgMatches};
use std::fmt::Display;

/// `doctor`.
pub(super) static DOCTOR: Entry = Entry {
    name: "doctor",
    group: Group::Machine,
    args: || {
        vec![
            Arg::new("registry").long("registry").action(ArgAction::SetTrue),
            Arg::new("format").long("format").value_name("FORMAT").value_parser(["text", "json"]),
        ]
    },
    children: &[],
    run: Some(examine),
};

/// `clean`.
pub(super) static CLEAN: Entry = Entry {
    name: "clean",
    group: Group::Machine,
    args: || vec![Arg::new("yes").short('y').long("yes").action(ArgAction::SetTrue)],
    children: &[],
    run: Some(clean),
};

/// A finding in words, with what to do.
struct Row {
    topic: String,
    level: Level,
    text: String,
    next: Vec<String>,
}

fn row(context: &Context, finding: &Finding) -> Row {
    let args: Vec<(&str, &dyn Display)> = finding.facts.iter().map(|(k, v)| (*k, v as &dyn Display)).collect();
    let key = format!("doctor.{}", finding.topic);
    let next = crate::i18n::find(&context.lang, &format!("{key}-next"), &args).unwrap_or_default();
    Row {
        topic: finding.topic.to_owned(),
        level: finding.level,
        text: context.text(&key, &args),
        next: next.lines().map(str::to_owned).collect(),
    }
}

fn examine(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let lab = context.settings().lab;
    let mut findings = doctor::machine(context.dirs.as_ref(), lab.as_deref());
    let asked = context.wait_for(async {
        let daemon = match context.engine(true).await {
            Ok(engine) => doctor::daemon(&engine, course).await,
            Err(error) => Err(error),
        };
        let registry = if matches.get_flag("registry") { Some(doctor::registry().await) } else { None };
        Ok((daemon, registry))
    })?;
    let (daemon, registry) = asked;
    let mut rows = Vec::new();
    match daemon {
        Ok(more) => findings.extend(more),
        Err(error) => {
            let told = report::engine(&context.lang, &error);
            rows.push(Row { topic: "engine".to_owned(), level: Level::Problem, text: told.what, next: told.next });
        }
    }
    findings.extend(registry);
    rows.extend(findings.iter().map(|f| row(context, f)));
    // The history's own troubles are found by opening it.
    context.store().flush();
    for notice in context.store().notices() {
        let told = report::progress(&context.lang, &notice);
        rows.push(Row { topic: "progress".to_owned(), level: Level::Problem, text: told.what, next: told.next });
    }
    let problems = rows.iter().filter(|r| r.level == Level::Problem).count();
    match matches.get_one::<String>("format").map(String::as_str) {
        Some("json") => {
            let rows: Vec<_> = rows
                .iter()
                .map(|r| serde_json::json!({ "topic": r.topic, "level": r.level, "text": r.text, "next": r.next }))
                .collect();
            let facts: Vec<_> = findings.iter().map(|f| serde_json::json!({ f.topic: f.facts })).collect();
            let all = serde_json::json!({ "schema": 1, "problems": problems, "findings": rows, "facts": facts });
            context.out.line(&serde_json::to_string_pretty(&all).unwrap_or_default());
        }
        _ => print(context, &rows, problems),
    }
    Ok(if problems > 0 { Exit::BROKEN } else { Exit::OK })
}

fn print(context: &Context, rows: &[Row], problems: usize) {
    let out = &context.out;
    let lead = if problems == 0 { "doctor.lead.fine" } else { "doctor.lead.problems" };
    let style = if problems == 0 { Style::Good } else { Style::Warn };
    out.prose("", 0, &out.paint(style, &context.text(lead, &[("problems", &problems)])));
    out.gap();
    // Problems first: that is what the reader came for.
    for level in [Level::Problem, Level::Note, Level::Ok] {
        for row in rows.iter().filter(|r| r.level == level) {
            let (key, style) = match level {
                Level::Problem => ("doctor.word.problem", Style::Bad),
                Level::Note => ("doctor.word.note", Style::Warn),
                Level::Ok => ("doctor.word.ok", Style::Good),
            };
            out.prose(&out.paint(style, &context.text(key, &[])), 9, &row.text);
            for next in &row.next {
                match next.strip_prefix("$ ") {
                    Some(command) => out.line(&format!("             {}", out.paint(Style::Code, command))),
                    None => out.prose("         ", 9, next),
                }
            }
        }
    }
}

fn clean(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    if !matches.get_flag("yes") && !context.agreed(&context.text("clean.ask", &[]))? {
        context.out.line(&context.text("cli.left-alone", &[]));
        return Ok(Exit::OK);
    }
    let reaped = context.wait_for(async {
        let engine = context.engine(false).await.map_err(|e| report::engine(&context.lang, &e))?;
        engine.reap().await.map_err(|e| report::engine(&context.lang, &e))
    })?;
    let args: [(&str, &dyn Display); 4] = [
        ("containers", &reaped.containers),
        ("networks", &reaped.networks),
        ("volumes", &reaped.volumes),
        ("images", &reaped.images),
    ];
    context.out.prose("", 0, &context.text("clean.done", &args));
    if reaped.failed > 0 {
        context.out.prose("", 0, &context.text("clean.failed", &[("failed", &reaped.failed)]));
        return Ok(Exit::BROKEN);
    }
    Ok(Exit::OK)
}
