//! `completions SHELL` and `man DIR`: made from the registry, so that they cannot fall behind it.

use super::{COMMANDS, Context, Entry, Exit, Group, registry};
use crate::report::{Fault, Report};
use clap::{Arg, ArgMatches, builder::PossibleValuesParser};
use clap_complete::Shell;
use std::{fs, io, path::PathBuf};

/// `completions SHELL`.
pub(super) static COMPLETIONS: Entry = Entry {
    name: "completions",
    group: Group::Program,
    args: || {
        let shells = PossibleValuesParser::new(["bash", "elvish", "fish", "powershell", "zsh"]);
        vec![Arg::new("shell").value_name("SHELL").required(true).value_parser(shells)]
    },
    children: &[],
    run: Some(completions),
};

/// `man DIR`.
pub(super) static MAN: Entry = Entry {
    name: "man",
    group: Group::Program,
    args: || vec![Arg::new("dir").value_name("DIR").required(true).value_parser(clap::value_parser!(PathBuf))],
    children: &[],
    run: Some(man),
};

fn completions(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let shell = match matches.get_one::<String>("shell").map(String::as_str) {
        Some("elvish") => Shell::Elvish,
        Some("fish") => Shell::Fish,
        Some("powershell") => Shell::PowerShell,
        Some("zsh") => Shell::Zsh,
        _ => Shell::Bash,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut registry::command(&context.lang, COMMANDS), "dockshala", &mut script);
    context.out.raw(&String::from_utf8_lossy(&script));
    Ok(Exit::OK)
}

fn man(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let dir = matches.get_one::<PathBuf>("dir").cloned().unwrap_or_default();
    let mut root = registry::command(&context.lang, COMMANDS);
    root.build();
    fs::create_dir_all(&dir).and_then(|()| pages(&root, "dockshala", &dir)).map_err(|error| {
        Report::new(&context.lang, Fault::Machine, "cli.error.write", &[("path", &dir.display()), ("message", &error)])
    })?;
    Ok(Exit::OK)
}

fn pages(command: &clap::Command, name: &str, dir: &std::path::Path) -> io::Result<()> {
    let page = clap_mangen::Man::new(command.clone())
        .title(name.to_uppercase())
        .source(format!("dockshala {}", env!("CARGO_PKG_VERSION")));
    let mut text = Vec::new();
    page.render(&mut text)?;
    fs::write(dir.join(format!("{name}.1")), text)?;
    command.get_subcommands().try_for_each(|c| pages(c, &format!("{name}-{}", c.get_name()), dir))
}
