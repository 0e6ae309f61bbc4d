//! `images kit`: makes the stand-ins on this machine, or holds images to their contracts.

use super::{super::out::Style, Context, Exit, built_in, json, meter::Meter, named, print_json};
use crate::report::{self, Report};
use clap::ArgMatches;
use dockshala_checkers::{
    engine::{
        Engine,
        bases::{self, Kit, KitEvent, Reference, StandInRecipe},
    },
    spec::Size,
};
use serde_json::json;
use std::fmt::Display;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let kit = built_in::built_in();
    let asked = named(context, matches)?;
    if let Some(other) = asked.iter().find(|image| kit.stand_in(image).is_none()) {
        let known: Vec<&str> = kit.images.iter().map(|s| s.names[0].as_str()).collect();
        let args: [(&str, &dyn Display); 2] = [("image", other), ("known", &known.join(", "))];
        return Err(Report::new(&context.lang, report::Fault::Usage, "images.error.no-stand-in", &args));
    }
    let quiet = json(matches);
    context.with_engine(async |engine, cancel| {
        if matches.get_flag("verify") || matches.get_flag("real") {
            return verify(context, engine, &kit, &asked, matches.get_flag("real"), quiet).await;
        }
        let only = (!asked.is_empty()).then_some(asked.as_slice());
        let (todo, _) = bases::plan(engine, &kit, only).await.map_err(|e| report::engine(&context.lang, &e))?;
        if !todo.is_empty() {
            if !quiet {
                announce(context, &todo);
            }
            if !matches.get_flag("yes") && !context.agreed(&context.text("images.kit.question", &[]))? {
                return Ok(Exit::OK);
            }
            make(context, engine, &kit, only, quiet, cancel).await?;
        }
        let made: Vec<&String> = todo.iter().map(|s| &s.names[0]).collect();
        if quiet {
            print_json(context, &json!({"schema": 1, "made": made}));
        } else {
            let key = if made.is_empty() { "images.kit.nothing" } else { "images.kit.done" };
            context.out.prose("", 0, &context.text(key, &[("count", &made.len())]));
        }
        Ok(Exit::OK)
    })
}

fn chosen(kit: &Kit, asked: &[Reference], stand_in: &StandInRecipe) -> bool {
    asked.is_empty() || asked.iter().any(|image| kit.stand_in(image).is_some_and(|s| s.names == stand_in.names))
}

fn announce(context: &Context, todo: &[&StandInRecipe]) {
    let out = &context.out;
    for stand_in in todo {
        let text = format!("{}: {}, {}", out.paint(Style::Code, &stand_in.names[0]), stand_in.version(), stand_in.disk);
        out.prose("  - ", 4, &text);
    }
    let sum = Size(todo.iter().map(|s| s.disk.0).sum());
    out.prose("", 0, &context.text("images.kit.cost", &[("count", &todo.len()), ("size", &sum)]));
}

async fn make(
    context: &Context,
    engine: &Engine,
    kit: &Kit,
    only: Option<&[Reference]>,
    quiet: bool,
    cancel: CancellationToken,
) -> Result<(), Report> {
    let meter = Meter::new(context, quiet);
    let cache = match &context.dirs {
        Some(dirs) => dirs.cache.join("kit"),
        None => std::env::temp_dir().join("dockshala-cache"),
    };
    let (sender, mut receiver) = mpsc::channel(64);
    let tell = async {
        let mut now = String::new();
        while let Some(event) = receiver.recv().await {
            match event {
                KitEvent::Begin { what, index, of } => {
                    now = context.text("images.kit.begin", &[("image", &what), ("index", &index), ("of", &of)]);
                    meter.show(|| now.clone());
                }
                KitEvent::Line(line) => meter.show(|| format!("{now}: {line}")),
                KitEvent::Made { what, took } => {
                    let args: [(&str, &dyn Display); 2] = [("image", &what), ("seconds", &took.as_secs())];
                    meter.line(&context.text("images.kit.made", &args));
                }
            }
        }
    };
    let (made, ()) = tokio::join!(bases::make(engine, kit, only, &cache, sender, cancel), tell);
    meter.clear();
    made.map_err(|e| report::kit(&context.lang, &e))
}

/// Holds the stand-ins (or, with `real`, the real images that are here) to their contracts. Looking at nothing is no success.
async fn verify(
    context: &Context,
    engine: &Engine,
    kit: &Kit,
    asked: &[Reference],
    real: bool,
    quiet: bool,
) -> Result<Exit, Report> {
    let out = &context.out;
    let (mut looked, mut results) = (0, vec![]);
    let mut broken = false;
    for stand_in in kit.images.iter().filter(|s| chosen(kit, asked, s)) {
        let Some(image) = Reference::parse(&stand_in.names[0]) else { continue };
        let name = if real { image.to_string() } else { kit.local(&image) };
        if !engine.has(&name).await.map_err(|e| report::engine(&context.lang, &e))? {
            if !quiet {
                out.prose("", 0, &context.text("images.verify.not-here", &[("image", &name)]));
            }
            // A stand-in that is asked for and not here is a fault; real images are wherever somebody pulled them.
            broken |= !real;
            results.push(json!({"image": name, "here": false}));
            continue;
        }
        let (count, breaches) = bases::verify(engine, &name, &stand_in.contract)
            .await
            .map_err(|e| report::contract(&context.lang, &name, &e))?;
        looked += count;
        broken |= !breaches.is_empty();
        let listed: Vec<_> =
            breaches.iter().map(|b| json!({"promise": b.promise, "expected": b.expected, "found": b.found})).collect();
        results.push(json!({"image": name, "here": true, "promises": count, "breaches": listed}));
        if quiet {
            continue;
        }
        let args: [(&str, &dyn Display); 3] = [("image", &name), ("count", &count), ("broken", &breaches.len())];
        out.prose("", 0, &context.text("images.verify.image", &args));
        for breach in breaches {
            let args: [(&str, &dyn Display); 3] =
                [("promise", &breach.promise), ("expected", &breach.expected), ("found", &breach.found)];
            out.prose("  - ", 4, &context.text("images.verify.breach", &args));
        }
    }
    if quiet {
        print_json(context, &json!({"schema": 1, "promises": looked, "images": results}));
    } else if looked == 0 {
        out.prose("", 0, &context.text("images.verify.nothing", &[]));
    }
    Ok(if broken || looked == 0 { Exit::FAILED } else { Exit::OK })
}
