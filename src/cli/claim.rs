//! `claim [ID]`: *sach ya myth?* A statement, a prediction, the commands that show whether it is so, what they measured, and
//! why.

use super::{Context, Entry, Exit, Group, ask, ask::Said, consent, job, out::Style};
use crate::{
    course::{Course, PlacedClaim, Truth},
    kit,
    lab::claims::{self, Shown},
    progress::EventKind,
    report::{self, Fault, Report},
};
use clap::{Arg, ArgAction, ArgMatches};
use dockshala_checkers::engine::clean;
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
    out.prose("", 0, &claims::explained(claim.explain.get(lang), &shown.kept));
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
        // As they begin: a build may take its minute, and silence says nothing.
        let out = &context.out;
        let told = |command: &str| out.line(&out.paint(Style::Code, &format!("$ {}", clean::line(command))));
        let work = claims::run(&engine, &options, placed, &told, &cancel);
        tokio::pin!(work);
        let ended = loop {
            tokio::select! {
                ended = &mut work => break ended,
                () = stop.asked(), if !cancel.is_cancelled() => cancel.cancel(),
            }
        };
        // What a daemon that went away still holds is reaped at the next start.
        let _ = engine.close().await;
        ended.map_err(|error| report::claim(&context.lang, &placed.claim.id, &error))
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
