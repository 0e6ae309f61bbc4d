//! Help, version and wrong use, in the learner's language: clap's own messages exist in English alone.

use super::{Exit, context::Early, out::ColorChoice, out::Out};
use crate::{
    course::Lang,
    report::{Fault, Report},
};
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

/// What becomes of a parse that gave no matches: help and version are printed, the rest is wrong use.
pub(super) fn ended(early: &Early, lang: &Lang, error: &Error) -> Result<Exit, Report> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = error.render();
            let out = Out::stdout(ColorChoice::Auto, false);
            out.raw(&if early.color() { text.ansi().to_string() } else { text.to_string() });
            Ok(Exit::OK)
        }
        _ => Err(report(lang, error)),
    }
}

fn report(lang: &Lang, error: &Error) -> Report {
    let get = |kind| error.get(kind).map(words).unwrap_or_default();
    let arg = get(ContextKind::InvalidArg);
    let value = get(ContextKind::InvalidValue);
    let new = |key: &str, args: &[(&str, &dyn std::fmt::Display)]| Report::new(lang, Fault::Usage, key, args);
    let mut report = match error.kind() {
        ErrorKind::UnknownArgument => new("cli.error.unknown-argument", &[("arg", &arg)]),
        ErrorKind::InvalidSubcommand => {
            new("cli.error.unknown-command", &[("command", &get(ContextKind::InvalidSubcommand))])
        }
        ErrorKind::InvalidValue if value.is_empty() => new("cli.error.value-missing", &[("arg", &arg)]),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let known = get(ContextKind::ValidValue);
            if known.is_empty() {
                new("cli.error.value-wrong", &[("arg", &arg), ("value", &value)])
            } else {
                new("cli.error.value-unknown", &[("arg", &arg), ("value", &value), ("known", &known)])
            }
        }
        ErrorKind::MissingRequiredArgument => new("cli.error.argument-missing", &[("arg", &arg)]),
        ErrorKind::ArgumentConflict => {
            new("cli.error.conflict", &[("arg", &arg), ("other", &get(ContextKind::PriorArg))])
        }
        ErrorKind::InvalidUtf8 => new("cli.error.not-utf8", &[]),
        _ => new("cli.error.usage", &[("arg", &arg)]),
    };
    for kind in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue] {
        let suggestion = get(kind);
        if !suggestion.is_empty() {
            report.next.insert(0, crate::i18n::text(lang, "cli.error.did-you-mean", &[("suggestion", &suggestion)]));
        }
    }
    report.then(crate::i18n::text(lang, "cli.error.see-help", &[]))
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::String(one) => one.clone(),
        ContextValue::Strings(many) => many.join(", "),
        ContextValue::Number(n) => n.to_string(),
        _ => String::new(),
    }
}
