//! `images save` and `images load`: base images as one file, for machines that reach no registry.

use super::{Context, Exit, all_meant, built_in, json, meter::Meter, named, print_json, resolve};
use crate::report::{self, Fault, Report};
use clap::ArgMatches;
use dockshala_checkers::{
    engine::{
        Engine,
        bases::{self, Base, Bundle, Reference},
        clean,
    },
    spec::Size,
};
use serde_json::json;
use std::{
    collections::BTreeSet,
    fmt::Display,
    path::{Path, PathBuf},
};
use tokio::sync::watch;

fn file(matches: &ArgMatches) -> PathBuf {
    matches.get_one::<PathBuf>("file").cloned().unwrap_or_default()
}

pub(super) fn save(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let kit = built_in::built_in();
    let asked = named(context, matches)?;
    let path = file(matches);
    let io = |error: &std::io::Error| io_report(context, &path, error);
    // It may be the only copy of somebody's bundle.
    if path.exists() {
        return Err(io(&std::io::ErrorKind::AlreadyExists.into()));
    }
    // With `--kit` alone, the kit alone.
    let images: Vec<Reference> = match matches.get_flag("kit") {
        false if asked.is_empty() => all_meant(course, &kit).into_iter().collect(),
        _ => asked.clone(),
    };
    let quiet = json(matches);
    context.with_engine(async |engine, cancel| {
        let bases = resolve(context, engine, &images, false).await?;
        let mut names = BTreeSet::new();
        for image in &images {
            match bases.get(image) {
                Some(Base::Present { local, .. }) => {
                    names.insert(local.clone());
                }
                // Under all its names, so that what is written FROM any of them finds it.
                Some(Base::StandIn { local, .. }) => {
                    names.insert(local.clone());
                    for other in kit.stand_in(image).iter().flat_map(|s| kit.locals(s)) {
                        if engine.has(&other).await.map_err(|e| report::engine(&context.lang, &e))? {
                            names.insert(other);
                        }
                    }
                }
                _ if asked.is_empty() => {}
                _ => {
                    let args: [(&str, &dyn Display); 1] = [("image", image)];
                    return Err(Report::new(&context.lang, Fault::Machine, "images.error.not-here", &args));
                }
            }
        }
        if matches.get_flag("kit") {
            for local in kit.images.iter().flat_map(|s| kit.locals(s)) {
                if engine.has(&local).await.map_err(|e| report::engine(&context.lang, &e))? {
                    names.insert(local);
                }
            }
        }
        if names.is_empty() {
            return Err(Report::new(&context.lang, Fault::Machine, "images.error.nothing-to-save", &[]));
        }
        // Written beside and renamed: what stops in the middle leaves no file that looks whole.
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let part = tempfile::Builder::new().prefix(".dockshala-").tempfile_in(folder).map_err(|e| io(&e))?;
        let mut to = tokio::io::BufWriter::with_capacity(1 << 20, tokio::fs::File::from_std(part.reopen().map_err(|e| io(&e))?));
        let names: Vec<String> = names.into_iter().collect();
        let meter = Meter::new(context, quiet);
        let (sender, receiver) = watch::channel(0);
        let bundle = tokio::select! {
            done = bases::save(engine, &names, &mut to, sender) => done.map_err(|e| report::bundle(&context.lang, &path, &e))?,
            () = cancel.cancelled() => return Err(report::stopped(&context.lang)),
            () = show(context, &meter, "images.save.progress", receiver) => unreachable!("the watcher never ends"),
        };
        to.into_inner().sync_all().await.map_err(|e| io(&e))?;
        part.persist_noclobber(&path).map_err(|e| io(&e.error))?;
        meter.clear();
        let size = std::fs::metadata(&path).map_or(0, |m| m.len());
        tell(context, quiet, "images.save.done", &bundle, &path, size);
        Ok(Exit::OK)
    })
}

pub(super) fn load(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let path = file(matches);
    let quiet = json(matches);
    let kit = built_in::built_in();
    let size = std::fs::metadata(&path).map_err(|e| io_report(context, &path, &e))?.len();
    context.with_engine(async |engine, cancel| {
        let meter = Meter::new(context, quiet);
        meter.line(&context.text("images.load.examining", &[("path", &path.display()), ("size", &Size(size))]));
        let bundle = examine(&path, kit).await.map_err(|e| report::bundle(&context.lang, &path, &e))?;
        let moved = bases::replaces(engine, &bundle).await.map_err(|e| report::engine(&context.lang, &e))?;
        if !quiet {
            list(context, &bundle, &moved);
        }
        if !matches.get_flag("yes") && !context.agreed(&context.text("images.load.question", &[]))? {
            return Ok(Exit::OK);
        }
        let (sender, receiver) = watch::channel(0);
        send(context, engine, &bundle, &path, &meter, (sender, receiver), cancel).await?;
        meter.clear();
        tell(context, quiet, "images.load.done", &bundle, &path, size);
        Ok(Exit::OK)
    })
}

async fn examine(path: &Path, kit: std::sync::Arc<bases::Kit>) -> Result<Bundle, bases::BundleError> {
    let file = std::fs::File::open(path)?;
    tokio::task::spawn_blocking(move || bases::examine(file, &kit)).await.map_err(std::io::Error::other)?
}

async fn send(
    context: &Context,
    engine: &Engine,
    bundle: &Bundle,
    path: &Path,
    meter: &Meter<'_>,
    (sender, receiver): (watch::Sender<u64>, watch::Receiver<u64>),
    cancel: tokio_util::sync::CancellationToken,
) -> Result<(), Report> {
    tokio::select! {
        done = bases::load(engine, bundle, path, sender) => done.map_err(|e| report::bundle(&context.lang, path, &e)),
        () = cancel.cancelled() => Err(report::stopped(&context.lang)),
        () = show(context, meter, "images.load.progress", receiver) => unreachable!("the watcher never ends"),
    }
}

fn list(context: &Context, bundle: &Bundle, moved: &[String]) {
    for image in &bundle.images {
        let name = clean::line(&image.name);
        let size = Size(image.disk);
        let key = if moved.contains(&image.name) { "images.load.replaces" } else { "images.load.image" };
        context.out.prose("  - ", 4, &context.text(key, &[("image", &name), ("size", &size)]));
    }
}

fn tell(context: &Context, quiet: bool, key: &str, bundle: &Bundle, path: &Path, size: u64) {
    let names: Vec<&String> = bundle.images.iter().map(|image| &image.name).collect();
    if quiet {
        print_json(context, &json!({"schema": 1, "file": path.display().to_string(), "bytes": size, "images": names}));
        return;
    }
    let args: [(&str, &dyn Display); 3] = [("count", &names.len()), ("path", &path.display()), ("size", &Size(size))];
    context.out.prose("", 0, &context.text(key, &args));
}

async fn show(context: &Context, meter: &Meter<'_>, key: &str, mut bytes: watch::Receiver<u64>) {
    loop {
        let now = *bytes.borrow_and_update();
        meter.show(|| context.text(key, &[("size", &Size(now))]));
        if bytes.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

fn io_report(context: &Context, path: &Path, error: &std::io::Error) -> Report {
    let key = match error.kind() {
        std::io::ErrorKind::AlreadyExists => "images.error.exists",
        _ => "images.error.io",
    };
    Report::new(&context.lang, Fault::Machine, key, &[("path", &path.display()), ("message", error)])
}
