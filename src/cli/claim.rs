//! `claim [ID]`: *sach ya myth?* A statement, a prediction, the commands that show whether it is so, what they measured, and
//! why.

use super::{Context, Entry, Exit, Group, ask, ask::Said, consent, job, out::Style};
use crate::{
    course::{Course, PlacedClaim, Truth},
    kit,
    lab::claims::{self, ClaimError, Shown},
    progress::EventKind,
    report::{self, Fault, Report},
};
use clap::{Arg, ArgAction, ArgMatches};
use dockshala_checkers::{engine::clean, spec::Size};
use std::fmt::Display;
use tokio_util::sync::CancellationToken;

/// `claim [ID]`.
pub(super) static ENTRY: Entry = Entry {
    name: "claim",
    group: Group::Learn,
    args: || {
        vec![
            Arg::new("claim").value_name("CLAIM"),
            Arg::new("predict").long("predict").value_name("OPTION"),
            Arg::new("yes").long("yes").action(ArgAction::SetTrue),
        ]
    },
    children: &[],
    run: Some(run),
};

fn run(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let Some(wanted) = matches.get_one::<String>("claim") else { return Ok(list(context, course)) };
    let placed = course.claim(wanted).ok_or_else(|| unknown(context, course, wanted))?;
    let claim = &placed.claim;
    let (lang, out) = (&context.lang, &context.out);
    let predicted = match matches.get_one::<String>("predict") {
        Some(id) => match claim.options.iter().position(|o| o.id == *id) {
            Some(at) => at,
            None => return Err(no_option(context, &placed, id)),
        },
        None => {
            ask::somebody_there(context, "--predict")?;
            out.prose("", 0, &out.paint(Style::Head, claim.says.get(lang)));
            out.prose("", 0, claim.ask.get(lang));
            out.gap();
            let answers: Vec<String> = claim.options.iter().map(|o| o.text.get(lang).to_owned()).collect();
            match ask::ask(context, &answers) {
                Said::Answer(at) => at,
                // Measured without a prediction it would be a demonstration, and those are forgotten.
                Said::Pass | Said::Stop => return Ok(Exit::OK),
            }
        }
    };
    consent::agree(context, course, matches.get_flag("yes"))?;
    out.gap();
    let shown = measure(context, &placed)?;
    for command in &shown.commands {
        out.line(&out.paint(Style::Code, &format!("$ {}", clean::line(command))));
    }
    out.gap();
    if !shown.holds {
        // The course says what comes out, and it came out otherwise: that is not the learner's mistake.
        return Err(Report::new(lang, Fault::Course, "claim.does-not-hold", &[("claim", &claim.id)]));
    }
    let right = claim.options[predicted].right;
    let truth = if claim.truth == Truth::True { "claim.true" } else { "claim.myth" };
    out.prose("", 0, &out.paint(Style::Head, &context.text(truth, &[("says", &claim.says.get(lang))])));
    let (key, style) = if right { ("claim.right", Style::Good) } else { ("claim.wrong", Style::Warn) };
    let came_true = claim.options.iter().find(|o| o.right).map_or("", |o| o.text.get(lang));
    out.prose("", 0, &out.paint(style, &context.text(key, &[("answer", &came_true)])));
    out.prose("", 0, &explained(claim.explain.get(lang), &shown.kept));
    if shown.stand_ins {
        out.prose("", 0, &out.paint(Style::Dim, &context.text("claim.stand-in", &[])));
    }
    context.store().record(&EventKind::QuizAnswered {
        quiz: "claim".to_owned(),
        question: claim.id.clone(),
        exercise: None,
        answer: claim.options[predicted].id.clone(),
        right,
    });
    Ok(Exit::OK)
}

/// Runs a claim on the daemon.
pub(super) fn measure(context: &Context, placed: &PlacedClaim) -> Result<Shown, Report> {
    context.wait_for(async {
        let mut stop = job::Stop::listen();
        let engine = context.engine(false).await.map_err(|e| report::engine(&context.lang, &e))?;
        let cancel = CancellationToken::new();
        let options = kit::options(super::images::mirror(&context.settings(), None));
        let work = claims::run(&engine, &options, placed, &cancel);
        tokio::pin!(work);
        let ended = loop {
            tokio::select! {
                ended = &mut work => break ended,
                () = stop.asked(), if !cancel.is_cancelled() => cancel.cancel(),
            }
        };
        // What a daemon that went away still holds is reaped at the next start.
        let _ = engine.close().await;
        ended.map_err(|error| stopped(context, placed, &error))
    })
}

/// What was measured put into the words of the explanation. A number of bytes is shown as a size beside itself: `25000000
/// bytes` says little to a reader.
pub(super) fn explained(text: &str, kept: &std::collections::BTreeMap<String, String>) -> String {
    kept.iter().fold(text.to_owned(), |text, (name, value)| {
        let shown = match value.parse::<u64>() {
            Ok(number) if number >= 10_000 => format!("{number} ({})", Size(number)),
            _ => clean::line(value),
        };
        text.replace(&format!("%{{{name}}}"), &shown)
    })
}

fn list(context: &Context, course: &Course) -> Exit {
    for placed in course.claims() {
        let claim = &placed.claim;
        context.out.prose(
            &format!("{}  ", context.out.paint(Style::Strong, &claim.id)),
            4,
            claim.says.get(&context.lang),
        );
    }
    context.out.gap();
    context.out.prose("", 0, &context.text("claim.how", &[]));
    Exit::OK
}

fn unknown(context: &Context, course: &Course, wanted: &str) -> Report {
    let mut report = Report::new(&context.lang, Fault::Usage, "claim.unknown", &[("claim", &wanted)]);
    for placed in course.claims() {
        report = report.then(format!("$ dockshala claim {}", placed.claim.id));
    }
    report
}

fn no_option(context: &Context, placed: &PlacedClaim, id: &str) -> Report {
    let known = placed.claim.options.iter().map(|o| o.id.as_str()).collect::<Vec<_>>().join(", ");
    let args: [(&str, &dyn Display); 2] = [("option", &id), ("known", &known)];
    Report::new(&context.lang, Fault::Usage, "claim.no-option", &args)
}

fn stopped(context: &Context, placed: &PlacedClaim, error: &ClaimError) -> Report {
    let lang = &context.lang;
    match error {
        ClaimError::Engine(error) => report::engine(lang, error),
        ClaimError::NoBase(image) => Report::new(lang, Fault::Machine, "claim.no-base", &[("image", image)]),
        ClaimError::Refused(refusal) => {
            let args: [(&str, &dyn Display); 2] = [("claim", &placed.claim.id), ("what", &refusal.what())];
            Report::new(lang, Fault::Course, "claim.refused", &args)
        }
        error => Report::new(lang, Fault::Machine, "claim.stopped", &[("message", error)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_stands_in_the_explanation() {
        let kept = [("image", "25000000"), ("rows", "7"), ("said", "ok\u{1b}[31m")];
        let kept = kept.map(|(n, v)| (n.to_owned(), v.to_owned())).into();
        assert_eq!(explained("%{image} bytes, %{rows} rows, %{said}", &kept), "25000000 (25.0 MB) bytes, 7 rows, ok");
    }
}
