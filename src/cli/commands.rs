//! `help`, `commands`, and what happens when no command is given.

use super::{COMMANDS, Context, Entry, Exit, Group, registry};
use crate::{
    progress::Settings,
    report::{self, Fault, Report},
    tui::{
        self, Ended, Target,
        state::Chosen,
        theme::{Theme, ThemeChoice},
    },
};
use clap::{Arg, ArgMatches};

/// `help [COMMAND]`.
pub(super) static HELP: Entry = Entry {
    name: "help",
    group: Group::Program,
    args: || vec![Arg::new("command").value_name("COMMAND").num_args(0..).action(clap::ArgAction::Append)],
    children: &[],
    run: Some(help),
};

/// `commands`: each with its one line, for scripts and for the curious.
pub(super) static COMMANDS_ENTRY: Entry =
    Entry { name: "commands", group: Group::Program, args: no_args, children: &[], run: Some(list) };

use super::no_args;

fn help(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let mut root = registry::command(&context.lang, COMMANDS);
    root.build();
    let mut command = &mut root;
    for name in matches.get_many::<String>("command").into_iter().flatten() {
        if command.find_subcommand(name).is_none() {
            return Err(Report::new(&context.lang, Fault::Usage, "cli.error.unknown-command", &[("command", name)])
                .then(context.text("cli.error.see-help", &[])));
        }
        command = command.find_subcommand_mut(name).expect("found just before");
    }
    let text = command.render_help();
    context.out.raw(&if context.out.color() { text.ansi().to_string() } else { text.to_string() });
    Ok(Exit::OK)
}

fn list(context: &Context, _: &ArgMatches) -> Result<Exit, Report> {
    fn each(context: &Context, entry: &'static Entry, path: &str) {
        let path = if path.is_empty() { entry.name.to_owned() } else { format!("{path} {}", entry.name) };
        if entry.run.is_some() {
            let about = context.text(&format!("cli.{}.about", path.replace(' ', "-")), &[]);
            context.out.line(&format!("{path}\t{about}"));
        }
        for child in entry.children {
            each(context, child, &path);
        }
    }
    for entry in COMMANDS {
        each(context, entry, "");
    }
    Ok(Exit::OK)
}

/// `dockshala` alone: the screen, or how to begin where there is none.
pub(super) fn without_command(context: &Context) -> Result<Exit, Report> {
    if context.interactive() {
        return open(context, None);
    }
    // In a pipe, or for a screen reader: what home would show, and how to go on from there.
    context.out.prose("", 0, &context.text("cli.about", &[]));
    context.out.gap();
    let ended = super::list::overview(context)?;
    context.out.gap();
    context.out.prose("", 0, &context.text("cli.error.see-help", &[]));
    Ok(ended)
}

/// Opens the screen with nothing but an image on it.
pub(super) fn look(context: &Context, request: crate::lens::Request) -> Result<Exit, Report> {
    open(context, Some(Target::Lens(request)))
}

/// What the learner chose of the screen: the flag, then the environment, then what is remembered. What is no name of a theme in
/// the environment is as good as nothing: a typing error there must not keep anybody from the course.
fn looks(context: &Context, settings: &Settings) -> (Theme, Chosen) {
    let set = |key: &str| std::env::var(key).ok().filter(|v| !v.is_empty());
    let named = |name: String| ThemeChoice::named(&name);
    let set_there = || set("DOCKSHALA_THEME").and_then(named);
    let remembered = || settings.theme.clone().and_then(named);
    let choice = context.theme.or_else(set_there).or_else(remembered).unwrap_or_default();
    // Only who wants it waits for the terminal's answer.
    let detected = if choice == ThemeChoice::Auto && context.out.color() { tui::theme::detect() } else { None };
    let ascii = context.out.ascii() || settings.ascii == Some(true);
    let theme = Theme { color: context.out.color(), ascii, palette: choice.palette(detected) };
    let still = set("REDUCED_MOTION").is_some() || settings.still == Some(true);
    (theme, Chosen { theme: choice, detected, still, mouse: settings.mouse != Some(false) })
}

/// Opens the screen at home, or at `target`.
pub(super) fn open(context: &Context, target: Option<Target>) -> Result<Exit, Report> {
    let course = context.course()?;
    let settings = context.settings();
    let (theme, chosen) = looks(context, &settings);
    let start = tui::Start {
        course,
        chosen,
        lang: context.lang.clone(),
        theme,
        dirs: context.dirs.clone(),
        agreed: crate::lab::consent::agreed(course, &settings),
        lab: settings.lab.clone(),
        docker_host: context.docker_host.clone(),
        mirror: super::images::mirror(&settings, None),
        target,
    };
    let outcome = tui::run(start)
        .map_err(|error| Report::new(&context.lang, Fault::Machine, "cli.error.terminal", &[("message", &error)]))?;
    for notice in &outcome.notices {
        context.out.report(&context.lang, &report::progress(&context.lang, notice));
    }
    Ok(match outcome.ended {
        Ended::Left => Exit::OK,
        // As a shell would report it.
        Ended::Signal(number) => Exit(u8::try_from(128 + number).unwrap_or(Exit::BROKEN.0)),
    })
}
