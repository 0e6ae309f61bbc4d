//! The one registry of commands, and the clap command, the help, the completions and the man pages made from it.
//!
//! Help is text that a learner reads, so all of it comes from the locale files: clap's own headings, usage lines and
//! errors exist in English alone and are replaced. Derive macros fix the words when the program is compiled; that is why
//! the command is built by hand, in the language found before parsing.

use super::{Context, Exit};
use crate::{course::Lang, i18n, report::Report};
use clap::{Arg, ArgAction, ArgMatches};

/// What a command is for; help lists commands under these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Reading and practising.
    Learn,
    /// A class: what learners handed in.
    Teach,
    /// This machine: daemon, images, progress.
    Machine,
    /// Writing a course.
    Author,
    /// The program itself.
    Program,
}

impl Group {
    /// In the order in which help lists them.
    pub const ALL: [Self; 5] = [Self::Learn, Self::Teach, Self::Machine, Self::Author, Self::Program];

    fn key(self) -> &'static str {
        match self {
            Self::Learn => "cli.group.learn",
            Self::Teach => "cli.group.teach",
            Self::Machine => "cli.group.machine",
            Self::Author => "cli.group.author",
            Self::Program => "cli.group.program",
        }
    }
}

/// What runs a command.
pub type Run = fn(&Context, &ArgMatches) -> Result<Exit, Report>;

/// One command. Its words are in the locale files: `cli.NAME.about`, for each argument `cli.NAME.arg.ID`, and where
/// examples or more help exist, `cli.NAME.more`. A child's NAME is `parent-child`.
pub struct Entry {
    /// As typed.
    pub name: &'static str,
    /// Where help lists it.
    pub group: Group,
    /// Its arguments, without a word of help.
    pub args: fn() -> Vec<Arg>,
    /// Its subcommands.
    pub children: &'static [Entry],
    /// What runs it; none where a subcommand must be given.
    pub run: Option<Run>,
}

/// No arguments.
pub fn no_args() -> Vec<Arg> {
    Vec::new()
}

/// The flags that every command takes.
pub(super) fn globals() -> Vec<Arg> {
    vec![
        Arg::new("course").long("course").value_name("DIR").value_parser(clap::value_parser!(std::path::PathBuf)),
        Arg::new("lang").long("lang").value_name("LANG"),
        Arg::new("locales").long("locales").value_name("DIR").value_parser(clap::value_parser!(std::path::PathBuf)),
        Arg::new("plain").long("plain").action(ArgAction::SetTrue),
        Arg::new("color").long("color").value_name("WHEN").value_parser(["auto", "always", "never"]),
        Arg::new("theme").long("theme").value_name("THEME").value_parser(["auto", "dark", "light", "ansi"]),
        Arg::new("ascii").long("ascii").action(ArgAction::SetTrue),
        Arg::new("docker-host").long("docker-host").value_name("URL"),
    ]
}

/// The clap command for all of `entries`, in a language.
pub(super) fn command(lang: &Lang, entries: &[&'static Entry]) -> clap::Command {
    let say = |key: &str| i18n::text(lang, key, &[]);
    let mut root = clap::Command::new("dockshala")
        .version(env!("CARGO_PKG_VERSION"))
        .about(say("cli.about"))
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .infer_subcommands(false)
        .arg(Arg::new("version").short('V').long("version").action(ArgAction::Version).help(say("cli.global.version")));
    for arg in globals() {
        let help = say(&format!("cli.global.{}", arg.get_id()));
        root = root.arg(said(arg.global(true), help, say("cli.help.globals")));
    }
    root = root.arg(help_arg(lang));
    for entry in entries {
        root = root.subcommand(subcommand(lang, entry, "", "dockshala"));
    }
    let groups = group_list(lang, entries);
    let usage = format!("dockshala [{}] [{}]", say("cli.help.options-word"), say("cli.help.command-word"));
    root.override_usage(usage.clone()).help_template(format!(
        "{{about}}\n\n{} {usage}\n{groups}\n{}\n{{options}}\n\n{}\n",
        say("cli.help.usage"),
        say("cli.help.globals"),
        say("cli.more"),
    ))
}

/// An argument with its words. What clap would add by itself ("possible values", "default") is English, so the words say it.
fn said(arg: Arg, help: String, heading: String) -> Arg {
    let arg = arg.help(help).help_heading(heading);
    if arg.get_action().takes_values() { arg.hide_possible_values(true).hide_default_value(true) } else { arg }
}

fn help_arg(lang: &Lang) -> Arg {
    Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .global(true)
        .help(i18n::text(lang, "cli.global.help", &[]))
        .help_heading(i18n::text(lang, "cli.help.globals", &[]))
}

fn subcommand(lang: &Lang, entry: &'static Entry, prefix: &str, path: &str) -> clap::Command {
    let say = |key: &str| i18n::text(lang, key, &[]);
    let name = key_name(prefix, entry.name);
    let path = format!("{path} {}", entry.name);
    let about = say(&format!("cli.{name}.about"));
    let mut command = clap::Command::new(entry.name).about(about).disable_help_subcommand(true).disable_help_flag(true);
    let mut usage = path.clone();
    let args = (entry.args)();
    if args.iter().any(|a| !a.is_positional()) {
        usage += &format!(" [{}]", say("cli.help.options-word"));
    }
    for arg in args {
        let help = say(&format!("cli.{name}.arg.{}", arg.get_id()));
        let heading = if arg.is_positional() { "cli.help.arguments" } else { "cli.help.options" };
        if arg.is_positional() {
            let value = arg.get_value_names().and_then(|n| n.first()).map_or("ARG".to_owned(), ToString::to_string);
            let many = if matches!(arg.get_action(), ArgAction::Append) { "..." } else { "" };
            usage += &if arg.is_required_set() { format!(" {value}{many}") } else { format!(" [{value}]{many}") };
        }
        command = command.arg(said(arg, help, say(heading)));
    }
    for child in entry.children {
        command = command.subcommand(subcommand(lang, child, &name, &path));
    }
    if !entry.children.is_empty() {
        let word = say("cli.help.command-word");
        usage += &if entry.run.is_none() { format!(" {word}") } else { format!(" [{word}]") };
        command = command.subcommand_help_heading(say("cli.help.commands"));
    }
    let more =
        i18n::find(lang, &format!("cli.{name}.more"), &[]).map_or(String::new(), |m| format!("\n\n{}", m.trim_end()));
    command
        .override_usage(usage.clone())
        .help_template(format!("{{about}}\n\n{} {usage}\n\n{{all-args}}{more}\n", say("cli.help.usage")))
}

fn key_name(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}-{name}") }
}

fn about_key(prefix: &str, name: &str) -> String {
    format!("cli.{}.about", key_name(prefix, name))
}

fn rows(lang: &Lang, rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    rows.iter()
        .map(|(name, about)| format!("  {name:width$}  {}", i18n::text(lang, about, &[])))
        .collect::<Vec<_>>()
        .join("\n")
}

fn group_list(lang: &Lang, entries: &[&'static Entry]) -> String {
    let mut text = String::new();
    for group in Group::ALL {
        let of: Vec<_> = entries.iter().filter(|e| e.group == group).map(|e| (e.name, about_key("", e.name))).collect();
        if !of.is_empty() {
            text += &format!("\n{}\n{}\n", i18n::text(lang, group.key(), &[]), rows(lang, &of));
        }
    }
    text
}

/// Every key of the locale files that the registry reads, `more` left out because it need not be there.
#[cfg(test)]
pub(super) fn keys(entries: &[&'static Entry]) -> Vec<String> {
    fn of(entry: &'static Entry, prefix: &str, keys: &mut Vec<String>) {
        let name = key_name(prefix, entry.name);
        keys.push(format!("cli.{name}.about"));
        keys.extend((entry.args)().iter().map(|a| format!("cli.{name}.arg.{}", a.get_id())));
        for child in entry.children {
            of(child, &name, keys);
        }
    }
    let mut keys: Vec<String> = globals().iter().map(|a| format!("cli.global.{}", a.get_id())).collect();
    for entry in entries {
        of(entry, "", &mut keys);
    }
    keys.extend(Group::ALL.iter().map(|g| g.key().to_owned()));
    keys
}

/// The entry that was asked for, with the matches of its innermost subcommand.
pub(super) fn find<'m>(
    entries: &[&'static Entry],
    matches: &'m ArgMatches,
) -> Option<(&'static Entry, &'m ArgMatches)> {
    let (name, mut matches) = matches.subcommand()?;
    let mut entry: &'static Entry = entries.iter().find(|e| e.name == name)?;
    while let Some((name, inner)) = matches.subcommand() {
        entry = entry.children.iter().find(|e| e.name == name)?;
        matches = inner;
    }
    Some((entry, matches))
}
