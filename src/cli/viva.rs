//! `viva [EXERCISE]`: questions made of the learner's own submission, asked after a check of it.

use super::{Context, Entry, Exit, Group, ask, ask::Said, consent, job, live::Live, out::Style, target};
use crate::{
    lab::{self, LabError},
    progress::EventKind,
    quiz,
    report::{self, Report},
};
use clap::{Arg, ArgAction, ArgMatches};
use dockshala_checkers::viva::Question;

/// `viva [EXERCISE]`.
pub(super) static ENTRY: Entry = Entry {
    name: "viva",
    group: Group::Learn,
    args: || {
        vec![
            Arg::new("exercise").value_name("EXERCISE"),
            Arg::new("format").long("format").value_name("FORMAT").value_parser(["text", "json"]),
            Arg::new("yes").long("yes").action(ArgAction::SetTrue),
        ]
    },
    children: &[],
    run: Some(run),
};

fn run(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let target = target(context, course, matches)?;
    let exercise = target.exercise;
    let not_started = || report::lab(&context.lang, &LabError::NotStarted { id: exercise.id.clone() });
    let dir = target.dir.ok_or_else(not_started)?;
    let json = matches.get_one::<String>("format").is_some_and(|f| f == "json");
    if !json {
        ask::somebody_there(context, "--format json")?;
    }
    consent::agree(context, course, matches.get_flag("yes"))?;
    let done = context.wait_for(async {
        let mut stop = job::Stop::listen();
        let mut live = Live::new(context, json);
        job::check(context, course, exercise, &dir, &mut live, &mut stop).await
    })?;
    if !done.stopped {
        lab::remember(context.store(), &done.result);
    }
    if json {
        context.out.line(&serde_json::to_string_pretty(&done.questions).unwrap_or_default());
        return Ok(Exit::OK);
    }
    if done.questions.is_empty() {
        context.out.prose("", 0, &context.text("viva.none", &[("id", &exercise.id)]));
        return Ok(Exit(done.result.exit_code()));
    }
    let (mut asked, mut right) = (0, 0);
    let total = done.questions.len();
    for (at, question) in done.questions.iter().enumerate() {
        context.out.gap();
        let head = context.text("viva.number", &[("number", &(at + 1)), ("total", &total)]);
        context.out.line(&context.out.paint(Style::Dim, &head));
        match one(context, question) {
            Said::Answer(chosen) => {
                asked += 1;
                right += usize::from(question.options[chosen].right);
                context.store().record(&EventKind::QuizAnswered {
                    quiz: "viva".to_owned(),
                    question: question.template.clone(),
                    exercise: Some(exercise.id.clone()),
                    answer: quiz::viva::answer(&context.lang, &question.options[chosen].answer),
                    right: question.options[chosen].right,
                });
            }
            Said::Pass => {}
            Said::Stop => break,
        }
    }
    context.out.gap();
    context.out.prose("", 0, &context.text("viva.score", &[("right", &right), ("asked", &asked)]));
    Ok(Exit::OK)
}

/// Asks one question and says what is right.
fn one(context: &Context, question: &Question) -> Said {
    let out = &context.out;
    out.prose("", 0, &out.paint(Style::Strong, &quiz::viva::ask(&context.lang, question)));
    let answers: Vec<String> = question.options.iter().map(|o| quiz::viva::answer(&context.lang, &o.answer)).collect();
    let said = ask::ask(context, &answers);
    if let Said::Answer(chosen) = said {
        let right = question.options.iter().position(|o| o.right).unwrap_or(chosen);
        if question.options[chosen].right {
            out.prose("", 0, &out.paint(Style::Good, &context.text("viva.right", &[])));
        } else {
            let wrong = context.text("viva.wrong", &[("answer", &answers[right])]);
            out.prose("", 0, &out.paint(Style::Warn, &wrong));
        }
        out.prose("", 0, &quiz::viva::why(&context.lang, question));
    }
    said
}

#[cfg(test)]
mod tests {
    use crate::{course::Lang, i18n};
    use dockshala_checkers::viva::TEMPLATES;

    #[test]
    fn every_template_has_its_words_in_every_language() {
        for template in TEMPLATES {
            for key in [format!("viva.ask.{template}"), format!("viva.ask.{template}.why")] {
                let [en, hi] = ["en", "hi-Latn"].map(|l| i18n::find(&Lang::new(l), &key, &[]));
                assert!(en.is_some() && hi.is_some() && en != hi, "{key}");
            }
        }
    }
}
