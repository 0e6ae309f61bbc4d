//! `book build DIR` and `book serve`: the course as HTML, written to a folder or handed out on this machine.

use super::{Context, Entry, Exit, Group, job::Stop, no_args};
use crate::{
    book::{self, BuildError},
    report::{Fault, Report},
};
use clap::{Arg, ArgMatches};
use std::{fmt::Display, path::PathBuf, time::Instant};
use tokio_util::sync::CancellationToken;

/// `book`.
pub(super) static ENTRY: Entry =
    Entry { name: "book", group: Group::Learn, args: no_args, children: &[BUILD, SERVE], run: None };

const BUILD: Entry = Entry {
    name: "build",
    group: Group::Learn,
    args: || vec![Arg::new("dir").value_name("DIR").required(true).value_parser(clap::value_parser!(PathBuf))],
    children: &[],
    run: Some(build),
};

const SERVE: Entry = Entry {
    name: "serve",
    group: Group::Learn,
    args: || {
        let port = clap::value_parser!(u16);
        vec![Arg::new("port").long("port").value_name("PORT").value_parser(port).default_value("0")]
    },
    children: &[],
    run: Some(serve),
};

fn build(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let dir = matches.get_one::<PathBuf>("dir").cloned().unwrap_or_default();
    let began = Instant::now();
    let (files, bytes) = book::write(&book::pages(course), &dir).map_err(|error| told(context, &error))?;
    let (size, seconds) = (dockshala_checkers::spec::Size(bytes), format!("{:.1}", began.elapsed().as_secs_f64()));
    let start = dir.canonicalize().unwrap_or(dir).join("index.html");
    let args: [(&str, &dyn Display); 4] =
        [("files", &files), ("size", &size), ("seconds", &seconds), ("start", &start.display())];
    context.out.line(&context.text("book.built", &args));
    Ok(Exit::OK)
}

fn told(context: &Context, error: &BuildError) -> Report {
    match error {
        BuildError::NotEmpty(dir) => Report::new(&context.lang, Fault::Usage, "book.error.not-empty", &[("dir", dir)]),
        BuildError::Io { path, error } => {
            let args: [(&str, &dyn Display); 2] = [("path", path), ("message", error)];
            Report::new(&context.lang, Fault::Machine, "book.error.write", &args)
        }
    }
}

fn serve(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let pages = book::pages(context.course()?);
    let port = matches.get_one::<u16>("port").copied().unwrap_or(0);
    context.wait_for(async {
        let mut stop = Stop::listen();
        let cancel = CancellationToken::new();
        let ready = |at: std::net::SocketAddr| {
            context.out.line(&context.text("book.serving", &[("address", &format!("http://{at}/"))]));
        };
        let work = book::serve(pages, port, cancel.clone(), ready);
        tokio::pin!(work);
        let done = tokio::select! {
            done = &mut work => done,
            () = stop.asked() => {
                cancel.cancel();
                work.await
            }
        };
        done.map_err(|error| {
            let args: [(&str, &dyn Display); 2] = [("port", &port), ("message", &error)];
            Report::new(&context.lang, Fault::Machine, "book.error.port", &args)
        })
    })?;
    Ok(Exit::OK)
}
