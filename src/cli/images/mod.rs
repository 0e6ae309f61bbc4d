//! `images`: the base images that the exercises build from, and how to come by them.

mod bundle;
mod kit;
mod meter;
mod pull;
mod status;

use super::{Context, Entry, Exit, Group};
use crate::{
    course::Course,
    kit as built_in,
    progress::Settings,
    report::{self, Fault, Report},
};
use clap::{Arg, ArgAction, ArgMatches};
use dockshala_checkers::{
    engine::{
        Engine,
        bases::{self, Base, BaseOptions, Kit, Reference},
    },
    goal::Globs,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

/// `images`.
pub(super) static ENTRY: Entry = Entry {
    name: "images",
    group: Group::Machine,
    args: || vec![format_arg()],
    children: &[
        Entry {
            name: "status",
            group: Group::Machine,
            args: || vec![format_arg()],
            children: &[],
            run: Some(status::run),
        },
        Entry {
            name: "pull",
            group: Group::Machine,
            args: || vec![images_arg(), mirror_arg(), yes_arg(), format_arg()],
            children: &[],
            run: Some(pull::run),
        },
        Entry {
            name: "save",
            group: Group::Machine,
            args: || vec![file_arg(), images_arg(), flag("kit"), format_arg()],
            children: &[],
            run: Some(bundle::save),
        },
        Entry {
            name: "load",
            group: Group::Machine,
            args: || vec![file_arg(), yes_arg(), format_arg()],
            children: &[],
            run: Some(bundle::load),
        },
        Entry {
            name: "kit",
            group: Group::Machine,
            args: || vec![images_arg(), flag("verify"), flag("real"), yes_arg(), format_arg()],
            children: &[],
            run: Some(kit::run),
        },
    ],
    // What somebody who types `images` alone wants to know.
    run: Some(status::run),
};

fn format_arg() -> Arg {
    Arg::new("format").long("format").value_name("FORMAT").value_parser(["text", "json"])
}

fn images_arg() -> Arg {
    Arg::new("images").value_name("IMAGE").num_args(0..).action(ArgAction::Append)
}

fn file_arg() -> Arg {
    Arg::new("file").value_name("FILE").required(true).value_parser(clap::value_parser!(PathBuf))
}

fn mirror_arg() -> Arg {
    Arg::new("mirror").long("mirror").value_name("HOST")
}

fn flag(name: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue)
}

fn yes_arg() -> Arg {
    flag("yes").short('y')
}

fn json(matches: &ArgMatches) -> bool {
    matches.get_one::<String>("format").is_some_and(|format| format == "json")
}

fn print_json(context: &Context, value: &serde_json::Value) {
    context.out.line(&value.to_string());
}

/// Images named on the command line; a name that Docker would refuse is wrong use.
fn named(context: &Context, matches: &ArgMatches) -> Result<Vec<Reference>, Report> {
    let names = matches.get_many::<String>("images").into_iter().flatten();
    names
        .map(|name| {
            Reference::parse(name)
                .ok_or_else(|| Report::new(&context.lang, Fault::Usage, "images.error.bad-name", &[("image", name)]))
        })
        .collect()
}

/// What the course builds from: each image or pattern as `exercise.yaml` has it, with the exercises that list it.
fn wanted(course: &Course) -> BTreeMap<String, Vec<String>> {
    let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for exercise in course.exercises() {
        for image in &exercise.images {
            wanted.entry(image.clone()).or_default().push(exercise.id.clone());
        }
    }
    wanted
}

/// The images that a pattern of `images:` can mean here: those of the kit that it matches, as nobody can list a registry.
/// A plain name means itself.
fn meant(pattern: &str, kit: &Kit) -> Vec<Reference> {
    if let Some(one) = Reference::parse(pattern) {
        return vec![one];
    }
    let globs = Globs::of_text(pattern);
    let covered = kit.images.iter().filter(|s| s.names.iter().any(|name| globs.matches(name)));
    covered
        .filter_map(|s| s.names.iter().find(|name| globs.matches(name)).and_then(|name| Reference::parse(name)))
        .collect()
}

/// All that the course can mean, each once.
fn all_meant(course: &Course, kit: &Kit) -> BTreeSet<Reference> {
    wanted(course).keys().flat_map(|pattern| meant(pattern, kit)).collect()
}

/// The mirror: the flag, then `DOCKSHALA_MIRROR`, then what was set before.
pub(crate) fn mirror(settings: &Settings, flag: Option<&str>) -> Option<String> {
    let set = std::env::var("DOCKSHALA_MIRROR").ok().filter(|mirror| !mirror.is_empty());
    flag.map(str::to_owned).or(set).or_else(|| settings.mirror.clone())
}

/// Where bases come from on this device. `ask` also asks the registry for what is not here.
fn options(context: &Context, ask: bool) -> BaseOptions {
    BaseOptions { ask_registry: ask, ..built_in::options(mirror(&context.settings(), None)) }
}

async fn resolve(
    context: &Context,
    engine: &Engine,
    images: impl IntoIterator<Item = &Reference>,
    ask: bool,
) -> Result<BTreeMap<Reference, Base>, Report> {
    let names: Vec<String> = images.into_iter().map(ToString::to_string).collect();
    let bases = bases::resolve(engine, &names, &options(context, ask)).await;
    let bases = bases.map_err(|e| report::engine(&context.lang, &e))?;
    Ok(bases.into_iter().filter_map(|(name, base)| Some((Reference::parse(&name)?, base))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_what_the_kit_has_of_it() {
        let kit = built_in::built_in();
        let names = |pattern: &str| meant(pattern, &kit).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names("golang:1.26"), ["golang:1.26"]);
        assert_eq!(names("scratch"), Vec::<String>::new());
        let distroless = names("gcr.io/distroless/static*");
        assert!(distroless.contains(&"gcr.io/distroless/static-debian13:latest".to_owned()), "{distroless:?}");
        assert!(distroless.iter().all(|name| name.contains("static")), "{distroless:?}");
    }

    #[test]
    fn the_flag_outranks_what_was_set() {
        let settings = Settings { mirror: Some("lan:5000".into()), ..Settings::default() };
        assert_eq!(mirror(&settings, Some("other:1")).as_deref(), Some("other:1"));
        assert_eq!(mirror(&settings, None).as_deref(), Some("lan:5000"));
    }
}
