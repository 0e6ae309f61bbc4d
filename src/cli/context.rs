//! What every command is given: the language, the flags, where to write, and, when first asked for, the course and the
//! learner's history.

use super::out::{ColorChoice, Out, wants_color};
use crate::{
    course::{Course, Finding, Lang, OpenError},
    i18n,
    progress::{Dirs, Settings, Store},
    report::{self, Fault, Place, Report},
    tui::theme::ThemeChoice,
};
use clap::ArgMatches;
use std::{
    cell::OnceCell,
    ffi::OsString,
    fmt::Display,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

/// What must be known before the arguments can be parsed: parsing itself speaks the learner's language.
#[derive(Debug, Default)]
pub(super) struct Early {
    lang: Option<String>,
    pub(super) locales: Option<PathBuf>,
    color: ColorChoice,
}

impl Early {
    /// Looks for the three flags anywhere before `--`. What is wrong with them, parsing says later.
    pub(super) fn scan(args: &[OsString]) -> Self {
        let mut early = Self { locales: std::env::var_os("DOCKSHALA_LOCALES").map(PathBuf::from), ..Self::default() };
        let mut args = args.iter().skip(1).map(|a| a.to_string_lossy());
        while let Some(arg) = args.next() {
            if arg == "--" {
                break;
            }
            let (name, inline) = match arg.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (arg.into_owned(), None),
            };
            if !matches!(name.as_str(), "--lang" | "--locales" | "--color") {
                continue;
            }
            let Some(value) = inline.or_else(|| args.next().map(|v| v.into_owned())) else { break };
            match name.as_str() {
                "--lang" => early.lang = Some(value),
                "--locales" => early.locales = Some(PathBuf::from(value)),
                _ => early.color = color_choice(Some(&value)),
            }
        }
        early
    }

    /// The flag, then `DOCKSHALA_LANG`, then what the learner chose last, then the system's language where it is Hindi,
    /// then English.
    pub(super) fn lang(&self) -> Lang {
        let set = |key: &str| std::env::var(key).ok().filter(|v| !v.is_empty());
        let chosen = || Settings::load(&Dirs::find()?.config).lang;
        if let Some(lang) = self.lang.clone().or_else(|| set("DOCKSHALA_LANG")).or_else(chosen) {
            return Lang::new(&lang);
        }
        // As gettext reads them: the first that is set decides.
        let system = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set).unwrap_or_default();
        if system.starts_with("hi") { Lang::new("hi-Latn") } else { Lang::new("en") }
    }

    /// Whether parsing may colour.
    pub(super) fn color(&self) -> bool {
        wants_color(self.color, |key| std::env::var(key).ok(), io::stdout().is_terminal())
    }

    /// Standard error, for what stops the program.
    pub(super) fn stderr(&self) -> Out {
        let terminal = io::stderr().is_terminal();
        let color = wants_color(self.color, |key| std::env::var(key).ok(), terminal);
        let width =
            if terminal { crossterm::terminal::size().ok().map(|(w, _)| usize::from(w).clamp(20, 100)) } else { None };
        Out::new(Box::new(io::stderr()), color, false, width)
    }
}

fn color_choice(value: Option<&str>) -> ColorChoice {
    match value {
        Some("always") => ColorChoice::Always,
        Some("never") => ColorChoice::Never,
        _ => ColorChoice::Auto,
    }
}

/// What every command is given.
pub struct Context {
    /// The language of everything that is written.
    pub lang: Lang,
    /// Another course in place of the built-in one.
    pub course_dir: Option<PathBuf>,
    /// No screen, no boxes, one line after the other: for screen readers and pipes.
    pub plain: bool,
    /// The colours of the screen that were asked for, over the environment and the settings.
    pub theme: Option<ThemeChoice>,
    /// The daemon to ask in place of the one found.
    pub docker_host: Option<String>,
    /// Where to write.
    pub out: Out,
    /// Where this learner's history and settings are; none where the system knows no home folder.
    pub dirs: Option<Dirs>,
    store: OnceCell<Store>,
}

impl Context {
    /// From the parsed flags.
    pub fn new(lang: Lang, matches: &ArgMatches) -> Self {
        let choice = color_choice(matches.get_one::<String>("color").map(String::as_str));
        let accessible = std::env::var("ACCESSIBLE").is_ok_and(|v| !v.is_empty());
        Self {
            lang,
            course_dir: matches.get_one::<PathBuf>("course").cloned(),
            plain: matches.get_flag("plain") || accessible,
            theme: matches.get_one::<String>("theme").and_then(|name| ThemeChoice::named(name)),
            docker_host: matches.get_one::<String>("docker-host").cloned(),
            out: Out::stdout(choice, matches.get_flag("ascii")),
            dirs: Dirs::find(),
            store: OnceCell::new(),
        }
    }

    /// The learner's history, opened when it is first asked for.
    pub fn store(&self) -> &Store {
        self.store.get_or_init(|| Store::open(self.dirs.as_ref()))
    }

    /// What the learner chose on this device.
    pub fn settings(&self) -> Settings {
        self.dirs.as_ref().map(|d| Settings::load(&d.config)).unwrap_or_default()
    }

    /// Ends the history, if it was opened; what must be told of it and of the settings comes back.
    pub(super) fn close(self) -> Vec<Report> {
        let notices = self.store.into_inner().map(Store::close).unwrap_or_default();
        let notices = notices.iter().map(|notice| report::progress(&self.lang, notice));
        notices.chain(Settings::set_aside().iter().map(|path| report::settings(&self.lang, path))).collect()
    }

    /// UI text in the learner's language.
    pub fn text(&self, key: &str, args: &[(&str, &dyn Display)]) -> String {
        i18n::text(&self.lang, key, args)
    }

    /// The course: the built-in one, or the pack that `--course` names. A process opens one, and keeps it until it ends.
    pub fn course(&self) -> Result<&'static Course, Report> {
        self.course_in(self.course_dir.as_deref())
    }

    /// The course in a folder, or the built-in one.
    pub(super) fn course_in(&self, dir: Option<&Path>) -> Result<&'static Course, Report> {
        let Some(dir) = dir else { return Ok(Course::built_in()) };
        match Course::open(dir) {
            Ok(course) => Ok(Box::leak(Box::new(course))),
            Err(OpenError::Files(error)) => {
                let args: [(&str, &dyn Display); 2] = [("dir", &dir.display()), ("message", &error)];
                Err(Report::new(&self.lang, Fault::Course, "cli.error.course-files", &args))
            }
            Err(OpenError::Unsound(findings)) => Err(self.unsound(&findings)),
        }
    }

    fn unsound(&self, findings: &[Finding]) -> Report {
        let count = findings.len();
        let report = Report::new(&self.lang, Fault::Course, "cli.error.course-unsound", &[("count", &count)]);
        let Some(first) = findings.first() else { return report };
        let args: Vec<(&str, &dyn Display)> =
            first.args.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
        let line = (first.line > 0).then_some(first.line);
        let report = report.at(Place { file: first.file.clone(), line, snippet: first.snippet.clone() });
        ["", ".next"]
            .iter()
            .filter_map(|end| i18n::find(&self.lang, &format!("lint.{}{end}", first.code), &args))
            .fold(report, Report::then)
    }

    /// Asks before something that cannot be undone. Without a terminal nobody can answer: the flag must say it.
    pub(super) fn agreed(&self, question: &str) -> Result<bool, Report> {
        if !self.somebody() {
            return Err(Report::new(&self.lang, Fault::Usage, "cli.error.nobody-to-ask", &[("question", &question)]));
        }
        self.out.raw(&format!("{question} {} ", self.text("cli.yes-or-no", &[])));
        let mut answer = String::new();
        let read = io::stdin().read_line(&mut answer).is_ok();
        let yes = self.text("cli.yes", &[]);
        let answer = answer.trim().to_lowercase();
        Ok(read && (answer == "y" || answer == "yes" || yes.split(' ').any(|word| word == answer)))
    }

    /// Someone is there to be asked.
    pub(super) fn somebody(&self) -> bool {
        io::stdin().is_terminal() && io::stdout().is_terminal()
    }

    /// Someone sits at both ends of the terminal, and a screen may be opened.
    pub fn interactive(&self) -> bool {
        !self.plain && self.somebody()
    }
}
