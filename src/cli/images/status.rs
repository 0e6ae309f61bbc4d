//! `images status`: what each exercise builds from, what of it is here, and what the rest costs.

use super::{super::out::Style, Context, Exit, built_in, json, meant, print_json, resolve, wanted};
use crate::report::{self, Report};
use clap::ArgMatches;
use dockshala_checkers::engine::bases::{self, Base, Reference, State};
use serde_json::json;
use std::collections::BTreeMap;

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let kit = built_in::built_in();
    let wanted = wanted(course);
    let meant: BTreeMap<&String, Vec<Reference>> = wanted.keys().map(|p| (p, meant(p, &kit))).collect();
    context.with_engine(async |engine, _| {
        // The registry is not asked: status answers at once, online or not.
        let bases = resolve(context, engine, meant.values().flatten(), false).await?;
        let states = bases::state(engine, &kit).await.map_err(|e| report::engine(&context.lang, &e))?;
        let info = engine.info();
        // `scratch` needs nothing; of a pattern one image is enough, as an exercise needs one of them.
        let ready = |pattern: &String| {
            pattern == "scratch"
                || meant[pattern].iter().any(|image| bases.get(image).is_some_and(|base| base.local().is_some()))
        };
        if json(matches) {
            let images: Vec<_> = meant.iter().flat_map(|(pattern, images)| {
                images.iter().map(|image| (*pattern, image))
            }).map(|(pattern, image)| describe(pattern, image, &bases[image], &wanted[pattern])).collect();
            let exercises: Vec<_> = course.exercises().iter()
                .map(|e| json!({"id": e.id, "ready": e.images.iter().all(ready)}))
                .collect();
            let kit: Vec<_> = states.iter().map(|image| {
                json!({"name": image.stand_in.names[0], "version": image.stand_in.version(), "state": word(image.state)})
            }).collect();
            let engine = json!({"version": info.version, "storage": info.storage});
            print_json(context, &json!({
                "schema": 1, "engine": engine, "exercises": exercises, "images": images, "kit": kit,
            }));
            return Ok(Exit::OK);
        }
        let out = &context.out;
        let count = course.exercises().iter().filter(|e| e.images.iter().all(ready)).count();
        let of = course.exercises().len();
        let args: [(&str, &dyn std::fmt::Display); 4] =
            [("version", &info.version), ("storage", &info.storage), ("ready", &count), ("of", &of)];
        out.prose("", 0, &context.text("images.status.summary", &args));
        for exercise in course.exercises() {
            out.gap();
            let title = out.paint(Style::Head, exercise.title.get(&context.lang));
            out.line(&format!("{title} {}", out.paint(Style::Dim, &format!("({})", exercise.id))));
            for pattern in &exercise.images {
                if pattern == "scratch" {
                    row(context, Style::Good, pattern, &context.text("images.status.scratch", &[]));
                    continue;
                }
                let images = &meant[pattern];
                if images.is_empty() {
                    row(context, Style::Dim, pattern, &context.text("images.status.pattern", &[]));
                }
                for image in images {
                    tell(context, image, &bases[image]);
                }
            }
        }
        tell_costs(context, &meant, &bases);
        let missing: Vec<_> = meant.iter().filter(|(pattern, _)| !ready(pattern)).collect();
        out.gap();
        if !missing.is_empty() {
            out.next(&context.lang, &context.text("images.status.next", &[]).lines().map(str::to_owned).collect::<Vec<_>>());
        }
        let current = states.iter().filter(|image| image.state == State::Current).count();
        let old = states.iter().filter(|image| image.state == State::Old).count();
        let args: [(&str, &dyn std::fmt::Display); 3] = [("here", &current), ("of", &states.len()), ("old", &old)];
        let key = if old > 0 { "images.status.kit-old" } else { "images.status.kit" };
        out.prose("", 0, &context.text(key, &args));
        Ok(Exit::OK)
    })
}

fn word(state: State) -> &'static str {
    match state {
        State::Current => "current",
        State::Old => "old",
        State::Missing => "missing",
    }
}

fn describe(pattern: &str, image: &Reference, base: &Base, exercises: &[String]) -> serde_json::Value {
    let known = built_in::known().get(&image.to_string());
    let figure = |figure: Option<&built_in::Figure>| {
        figure.map(|f| json!({"bytes": f.size.0, "date": f.date, "source": f.source}))
    };
    let mut value = json!({
        "image": image.to_string(), "pattern": pattern, "exercises": exercises,
        "download": figure(known.and_then(|k| k.download.as_ref())), "disk": figure(known.and_then(|k| k.disk.as_ref())),
        "state": match base {
            Base::Present { .. } | Base::Scratch => "present",
            Base::StandIn { .. } => "stand-in",
            Base::Pullable { .. } | Base::Unavailable { .. } => "missing",
        },
    });
    if let Base::StandIn { local, version, differs, .. } = base {
        value["stand_in"] = json!({"by": local, "version": version, "differs": differs});
    }
    value
}

fn row(context: &Context, style: Style, image: &str, text: &str) {
    let out = &context.out;
    out.prose("", 4, &format!("{}: {text}", out.paint(style, image)));
}

fn tell(context: &Context, image: &Reference, base: &Base) {
    let name = image.to_string();
    match base {
        Base::Present { .. } | Base::Scratch => {
            row(context, Style::Good, &name, &context.text("images.status.present", &[]));
        }
        Base::StandIn { version, .. } => {
            row(context, Style::Warn, &name, &context.text("images.status.stand-in", &[("version", version)]));
        }
        Base::Pullable { .. } | Base::Unavailable { .. } => {
            row(context, Style::Bad, &name, &context.text("images.status.missing", &[]));
        }
    }
}

/// Each image that is not here as itself, once: what the real one costs, and what its stand-in does otherwise. Beside each
/// exercise the same lines would stand three times over.
fn tell_costs(context: &Context, meant: &BTreeMap<&String, Vec<Reference>>, bases: &BTreeMap<Reference, Base>) {
    let mut images: Vec<&Reference> = meant.values().flatten().collect();
    images.sort();
    images.dedup();
    images.retain(|image| !matches!(bases.get(*image), Some(Base::Present { .. } | Base::Scratch)));
    if images.is_empty() {
        return;
    }
    let out = &context.out;
    out.gap();
    out.line(&out.paint(Style::Head, &context.text("images.status.real", &[])));
    for image in images {
        row(context, Style::Strong, &image.to_string(), &cost(context, image));
        if let Some(Base::StandIn { differs, .. }) = bases.get(image) {
            for text in differs {
                // A language that the kit does not speak gets English, as with every other text.
                let text = text.get(context.lang.as_str()).or_else(|| text.get("en"));
                let said = context.text("images.status.differs", &[("what", &text.map_or("", String::as_str))]);
                out.prose("      - ", 8, &said);
            }
        }
    }
}

/// What the real image costs, with the day and the source of the figure.
pub(super) fn cost(context: &Context, image: &Reference) -> String {
    let known = built_in::known().get(&image.to_string());
    let figure = |key: &str, figure: &built_in::Figure| {
        context.text(key, &[("size", &figure.size), ("date", &figure.date), ("source", &figure.source)])
    };
    match known.map(|k| (k.download.as_ref(), k.disk.as_ref())) {
        Some((Some(download), _)) => figure("images.cost.download", download),
        Some((None, Some(disk))) => figure("images.cost.disk", disk),
        _ => context.text("images.cost.unknown", &[]),
    }
}
