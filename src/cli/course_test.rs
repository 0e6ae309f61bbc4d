//! `course test`: the second gate, on the daemon. Each line is an item and what came of it, as soon as it is known.

use super::{Context, Entry, Exit, Group, consent, course, job::Stop, out::Style};
use crate::{
    i18n,
    lab::gate::{self, Came, Said, Tried},
    report::{self, Report},
};
use clap::{Arg, ArgAction, ArgMatches};
use std::{fmt::Display, time::Instant};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// `course test [DIR]`.
pub(super) const ENTRY: Entry = Entry {
    name: "test",
    group: Group::Author,
    args: || {
        vec![
            course::dir(),
            Arg::new("only").long("only").value_name("ID"),
            Arg::new("workers")
                .long("workers")
                .value_name("N")
                .value_parser(clap::value_parser!(u16).range(1..=16))
                .default_value("2"),
            Arg::new("record").long("record").action(ArgAction::SetTrue),
            Arg::new("yes").long("yes").action(ArgAction::SetTrue),
            Arg::new("format").long("format").value_name("FORMAT").value_parser(["text", "json"]),
        ]
    },
    children: &[],
    run: Some(run),
};

fn run(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course_in(course::named(context, matches))?;
    let dir = course::named(context, matches).map(std::path::Path::to_owned);
    let record = matches.get_flag("record");
    if record && dir.is_none() {
        return Err(Report::new(&context.lang, report::Fault::Usage, "gate.error.record", &[]));
    }
    let only = matches.get_one::<String>("only").map(String::as_str);
    let mut items = gate::items(course, only);
    if record {
        items.retain(|item| gate::is_recording(course, item));
    }
    if items.is_empty() {
        let only = only.unwrap_or_default();
        return Err(course::report(context, "gate.error.nothing", &[("only", &only)]));
    }
    consent::agree(context, course, matches.get_flag("yes"))?;
    let workers = usize::from(matches.get_one::<u16>("workers").copied().unwrap_or(2));
    let json = matches.get_one::<String>("format").is_some_and(|f| f == "json");
    let began = Instant::now();
    let count = items.len();
    let tried = context.wait_for(async {
        let engine = context.engine(false).await.map_err(|error| report::engine(&context.lang, &error))?;
        if !json {
            let args: [(&str, &dyn Display); 4] = [
                ("count", &count),
                ("workers", &workers),
                ("version", &engine.info().version),
                ("storage", &engine.info().storage),
            ];
            context.out.line(&context.text("gate.begins", &args));
        }
        let mut stop = Stop::listen();
        let (tell, mut told) = mpsc::channel(64);
        let cancel = CancellationToken::new();
        let options = context.check_options();
        let work = gate::Work { items, workers, record: dir.filter(|_| record) };
        let work = gate::run(course, engine.clone(), options, work, cancel.clone(), tell);
        tokio::pin!(work);
        let mut all: Vec<Tried> = Vec::new();
        let mut over = false;
        loop {
            tokio::select! {
                () = stop.asked(), if !cancel.is_cancelled() => cancel.cancel(),
                tried = told.recv() => match tried {
                    Some(tried) => {
                        if !json {
                            show(context, &tried);
                        }
                        all.push(tried);
                    }
                    None => break,
                },
                () = &mut work, if !over => over = true,
            }
        }
        // What this run made and did not get to removing; what the daemon refuses is reaped later.
        let _ = engine.close().await;
        Ok(all)
    })?;
    if json {
        context.out.line(&as_json(context, &tried));
    } else {
        summary(context, &tried, count, began.elapsed().as_secs_f64());
    }
    Ok(exit(&tried, count))
}

/// Reasons to skip that are the course's own word (`test: registry`, `test: cloud`, `since: MAJOR`), not this machine's
/// lack.
const DECLARED: [&str; 3] = ["registry", "cloud", "older-engine"];

/// 0 all held; 1 any broke; 4 none broke, but something was skipped or not tried.
///
/// A sample that its course declares to need a registry, a cloud or a newer engine is no gap of this run: it is told and counted, and
/// would otherwise keep a course with one such sample from ever passing where no registry answers.
fn exit(tried: &[Tried], count: usize) -> Exit {
    if tried.iter().any(|t| matches!(t.came, Came::Broke(_))) {
        Exit::FAILED
    } else if tried.len() < count
        || !tried.iter().any(|t| t.came == Came::Held)
        || tried.iter().any(|t| matches!(&t.came, Came::Skipped(said) if !DECLARED.contains(&said.key)))
    {
        Exit::SKIPPED
    } else {
        Exit::OK
    }
}

fn show(context: &Context, tried: &Tried) {
    let out = &context.out;
    let (key, style, said): (_, _, &[Said]) = match &tried.came {
        Came::Held => ("gate.held", Style::Good, &[]),
        Came::Skipped(said) => ("gate.skipped", Style::Warn, std::slice::from_ref(said)),
        Came::Broke(said) => ("gate.broke", Style::Bad, said),
    };
    let mark = out.paint(style, &format!("{:6}", context.text(key, &[])));
    out.line(&format!("{mark} {:5.1} s  {}", tried.seconds, tried.item.name()));
    if !tried.wavered.is_empty() {
        out.line(&format!("          {}", context.text("gate.wavered", &[])));
    }
    for said in said.iter().chain(&tried.wavered) {
        for line in words(context, said).lines() {
            out.line(&format!("          {line}"));
        }
    }
}

fn words(context: &Context, said: &Said) -> String {
    let args: Vec<(&str, &dyn Display)> =
        said.args.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
    i18n::text(&context.lang, &format!("gate.{}", said.key), &args)
}

fn summary(context: &Context, tried: &[Tried], count: usize, seconds: f64) {
    let number = |wanted: fn(&Came) -> bool| tried.iter().filter(|t| wanted(&t.came)).count();
    let (held, broke) = (number(|c| *c == Came::Held), number(|c| matches!(c, Came::Broke(_))));
    let skipped = number(|c| matches!(c, Came::Skipped(_)));
    let seconds = format!("{seconds:.0}");
    let not_tried = count - tried.len();
    let args: [(&str, &dyn Display); 5] =
        [("held", &held), ("broke", &broke), ("skipped", &skipped), ("left", &not_tried), ("seconds", &seconds)];
    let style = if broke > 0 { Style::Bad } else { Style::Good };
    context.out.gap();
    context.out.line(&context.out.paint(style, &context.text("gate.summary", &args)));
    // Once more and last, what wavered before what broke: whoever reads only the end of a long log must see what to mend.
    let broke: fn(&&Tried) -> bool = |t| matches!(t.came, Came::Broke(_));
    for tried in tried.iter().filter(|t| !broke(t) && !t.wavered.is_empty()).chain(tried.iter().filter(broke)) {
        show(context, tried);
    }
}

fn as_json(context: &Context, tried: &[Tried]) -> String {
    let all = tried.iter().map(|tried| {
        let (came, said): (_, &[Said]) = match &tried.came {
            Came::Held => ("held", &[]),
            Came::Skipped(said) => ("skipped", std::slice::from_ref(said)),
            Came::Broke(said) => ("broke", said),
        };
        let told = |said: &[Said]| -> Vec<_> {
            said.iter().map(|s| serde_json::json!({ "code": s.key, "text": words(context, s) })).collect()
        };
        let (said, wavered) = (told(said), told(&tried.wavered));
        let item = tried.item.name();
        serde_json::json!({ "item": item, "came": came, "said": said, "wavered": wavered, "seconds": tried.seconds })
    });
    serde_json::Value::Array(all.collect()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::{Course, source::read, template};
    use crate::lab::gate::Item;

    #[test]
    fn the_template_gives_every_kind_of_item() {
        let course = Course::from_source(&read::read(&template::files()).source);
        let names: Vec<String> = gate::items(&course, None).iter().map(Item::name).collect();
        assert_eq!(
            names,
            [
                "hello-from-scratch starter",
                "hello-from-scratch good/solution",
                "hello-from-scratch good/with-ignore",
                "hello-from-scratch bad/misspelt",
                "hello-from-scratch bad/renamed",
                "hello-from-scratch bad/wrong-file",
                "hello-scratch code/Dockerfile",
                "scratch-is-empty claim",
            ]
        );
        assert_eq!(gate::items(&course, Some("hello-scratch")).len(), 1);
        assert_eq!(gate::items(&course, Some("bad/")).len(), 3);
        assert!(gate::items(&course, Some("nothing")).is_empty());
    }

    #[test]
    fn what_was_not_tried_is_no_success() {
        let item = Item::Claim { id: "c".to_owned() };
        let tried = |came| Tried { item: item.clone(), came, wavered: Vec::new(), seconds: 0.0 };
        assert_eq!(exit(&[tried(Came::Held)], 1), Exit::OK);
        assert_eq!(exit(&[tried(Came::Held)], 2), Exit::SKIPPED);
        assert_eq!(exit(&[tried(Came::Skipped(Said::new("no-base")))], 1), Exit::SKIPPED);
        assert_eq!(exit(&[tried(Came::Skipped(Said::new("registry")))], 1), Exit::SKIPPED, "nothing was tried");
        assert_eq!(exit(&[tried(Came::Skipped(Said::new("registry"))), tried(Came::Held)], 2), Exit::OK);
        assert_eq!(exit(&[tried(Came::Skipped(Said::new("older-engine"))), tried(Came::Held)], 2), Exit::OK);
        assert_eq!(exit(&[tried(Came::Broke(vec![])), tried(Came::Held)], 2), Exit::FAILED);
    }
}
