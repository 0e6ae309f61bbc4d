//! `images pull`: shows the megabytes, asks, and pulls through the daemon, from the registry or a mirror.

use super::{
    super::out::Style, Context, Exit, all_meant, built_in, json, meter::Meter, mirror, named, print_json, resolve,
    status::cost,
};
use crate::{
    progress::Settings,
    report::{self, Fault, Report},
};
use clap::ArgMatches;
use dockshala_checkers::{
    engine::bases::{self, Base, Phase, PullProgress, Reference},
    spec::Size,
};
use serde_json::json;
use std::{fmt::Display, time::Duration};
use tokio::sync::watch;

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let kit = built_in::built_in();
    let mirror = set_mirror(context, matches.get_one::<String>("mirror").map(String::as_str))?;
    let asked = named(context, matches)?;
    let images: Vec<Reference> = if asked.is_empty() { all_meant(course, &kit).into_iter().collect() } else { asked };
    let quiet = json(matches);
    context.with_engine(async |engine, cancel| {
        let bases = resolve(context, engine, &images, false).await?;
        let todo: Vec<&Reference> =
            images.iter().filter(|image| !matches!(bases.get(image), Some(Base::Present { .. }))).collect();
        if todo.is_empty() {
            if quiet {
                print_json(context, &json!({"schema": 1, "pulled": [], "failed": []}));
            } else {
                context.out.prose("", 0, &context.text("images.pull.nothing", &[]));
            }
            return Ok(Exit::OK);
        }
        if !quiet {
            announce(context, &todo, mirror.as_deref());
        }
        if !matches.get_flag("yes")
            && !context.agreed(&context.text("images.pull.question", &[("count", &todo.len())]))?
        {
            return Ok(Exit::OK);
        }
        let (mut pulled, mut failed) = (vec![], vec![]);
        for image in todo {
            let meter = Meter::new(context, quiet);
            let (sender, receiver) = watch::channel(PullProgress::default());
            let pull = bases::pull(engine, image, mirror.as_deref(), sender);
            let done = tokio::select! {
                done = pull => done,
                () = cancel.cancelled() => {
                    meter.clear();
                    return Err(report::pull_stopped(&context.lang, image));
                }
                () = watch_it(context, &meter, image, receiver) => unreachable!("the watcher never ends"),
            };
            match done {
                Ok(()) => {
                    meter.line(&context.text("images.pull.done", &[("image", image)]));
                    pulled.push(image.to_string());
                }
                Err(error) => {
                    meter.clear();
                    let report = report::pull(&context.lang, image, mirror.as_deref(), &error);
                    // The daemon gone or its disk full: the next image would fare no better.
                    if matches!(error, bases::PullError::Engine(_)) && !quiet {
                        return Err(report);
                    }
                    failed.push((image.to_string(), report));
                }
            }
        }
        if quiet {
            let failed: Vec<_> = failed.iter().map(|(image, r)| json!({"image": image, "why": r.what})).collect();
            print_json(context, &json!({"schema": 1, "pulled": pulled, "failed": failed}));
        } else {
            for (_, report) in &failed {
                context.out.gap();
                context.out.report(&context.lang, report);
            }
        }
        Ok(if failed.is_empty() { Exit::OK } else { Exit::BROKEN })
    })
}

/// The mirror to use now. One that was given is remembered; `none` forgets it.
fn set_mirror(context: &Context, flag: Option<&str>) -> Result<Option<String>, Report> {
    let Some(host) = flag else { return Ok(mirror(&context.settings(), None)) };
    let host = (host != "none").then(|| host.to_owned());
    if let Some(host) = host.as_ref().filter(|host| !Reference::is_host(host)) {
        return Err(Report::new(&context.lang, Fault::Usage, "images.error.bad-mirror", &[("host", host)]));
    }
    if let Some(dirs) = &context.dirs {
        Settings::change(&dirs.config, |settings| settings.mirror.clone_from(&host)).map_err(|e| {
            let args: [(&str, &dyn Display); 2] = [("path", &dirs.config.display()), ("message", &e)];
            Report::new(&context.lang, Fault::Machine, "images.error.io", &args)
        })?;
    }
    Ok(host)
}

fn announce(context: &Context, todo: &[&Reference], mirror: Option<&str>) {
    let out = &context.out;
    let from = match mirror {
        Some(host) => context.text("images.pull.from-mirror", &[("host", &host)]),
        None => context.text("images.pull.from-registry", &[]),
    };
    out.prose("", 0, &from);
    let mut sum = 0;
    let mut unknown = 0;
    for image in todo {
        out.prose("  - ", 4, &format!("{}: {}", out.paint(Style::Code, &image.to_string()), cost(context, image)));
        match built_in::known().get(&image.to_string()).and_then(|known| known.download.as_ref()) {
            Some(download) => sum += download.size.0,
            None => unknown += 1,
        }
    }
    let args: [(&str, &dyn Display); 2] = [("size", &Size(sum)), ("unknown", &unknown)];
    let key = if unknown == 0 { "images.pull.sum" } else { "images.pull.sum-unknown" };
    out.prose("", 0, &context.text(key, &args));
}

async fn watch_it(
    context: &Context,
    meter: &Meter<'_>,
    image: &Reference,
    mut progress: watch::Receiver<PullProgress>,
) {
    loop {
        {
            let now = progress.borrow_and_update();
            let (have, total) = now.bytes();
            let done = now.layers.iter().filter(|layer| layer.phase == Phase::Done).count();
            let unpacking = now.layers.iter().filter(|layer| layer.phase == Phase::Unpacking).count();
            meter.show(|| {
                let args: [(&str, &dyn Display); 6] = [
                    ("image", image),
                    ("have", &Size(have)),
                    ("total", &Size(total)),
                    ("done", &done),
                    ("layers", &now.layers.len()),
                    ("unpacking", &unpacking),
                ];
                context.text("images.pull.progress", &args)
            });
        }
        // When the pull has ended its other arm is taken; till then there is nothing to do.
        if progress.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
