//! `interview`: a mock interview for a role, on the screen or line by line; its report, printed again or written to a file.

use super::{
    Context, Entry, Exit, Group, commands, job,
    live::Live,
    out::Style,
    quiz::{line, now, number, numbers},
};
use crate::{
    course::{Course, QuestionKind, Role},
    lab::Folder,
    progress::{EventKind, Interview as Held},
    quiz::{
        Deck, Fsrs,
        interview::{self, Interview, Item, Said},
        shuffled, viva,
    },
    report::{Fault, Report},
    tui::Target,
};
use clap::{Arg, ArgAction, ArgMatches};
use std::{
    fmt::Display,
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::Instant,
};

/// `interview`.
pub(super) static ENTRY: Entry = Entry {
    name: "interview",
    group: Group::Learn,
    args: || {
        vec![
            Arg::new("role").long("role").value_name("ROLE").value_parser(["fresher", "developer", "devops"]),
            Arg::new("minutes").long("minutes").value_name("N").value_parser(clap::value_parser!(u32).range(5..=60)),
            Arg::new("viva").long("viva").value_name("EXERCISE"),
            Arg::new("report").long("report").action(ArgAction::SetTrue),
            Arg::new("export").long("export").value_name("FILE").value_parser(clap::value_parser!(PathBuf)),
        ]
    },
    children: &[],
    run: Some(run),
};

fn run(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let export = matches.get_one::<PathBuf>("export");
    if matches.get_flag("report") || export.is_some() {
        return report(context, course, export.map(PathBuf::as_path));
    }
    let role = matches.get_one::<String>("role").and_then(|r| serde_json::from_value(r.as_str().into()).ok());
    let minutes = matches.get_one::<u32>("minutes").copied();
    let viva = matches.get_one::<String>("viva").map(String::as_str);
    if context.interactive() && viva.is_none() {
        return commands::open(context, Some(Target::Interview { role, minutes }));
    }
    let summary = context.store().summary();
    let deck = Deck::new(course, &summary, &Fsrs::default(), now());
    let role = role.unwrap_or(Role::Fresher);
    let Some(mut interview) = Interview::begin(&deck, role, minutes.unwrap_or(15), number()) else {
        context.out.prose("", 0, &context.text("interview.none", &[]));
        return Ok(Exit::OK);
    };
    if let Some(exercise) = viva {
        mix(context, course, &mut interview, exercise)?;
    }
    context.out.prose("", 0, &context.text("interview.how", &[("minutes", &interview.minutes)]));
    while let Some(item) = interview.current().cloned() {
        let begun = Instant::now();
        let Some(said) = one(context, &interview, &item) else {
            interview.end();
            break;
        };
        let seconds = u32::try_from(begun.elapsed().as_secs()).unwrap_or(u32::MAX);
        if let Some(event) = interview.answered(&said, seconds, &deck, context.lang.as_str()) {
            context.store().record(&event);
        }
    }
    let Some(held) = interview.held() else { return Ok(Exit::OK) };
    context.store().record(&EventKind::InterviewHeld(held.clone()));
    context.out.gap();
    print(context, course, now(), &held);
    Ok(Exit::OK)
}

/// Builds the learner's own submission once, and mixes in what can be asked about it.
fn mix(context: &Context, course: &Course, interview: &mut Interview, wanted: &str) -> Result<(), Report> {
    let unknown = || Report::new(&context.lang, Fault::Usage, "interview.no-copy", &[("exercise", &wanted)]);
    let exercise = course.exercise(wanted).ok_or_else(unknown)?;
    let lab = match Folder::above(Path::new(".")) {
        Ok(Some(folder)) => Some(folder),
        _ => context.settings().lab.and_then(|dir| Folder::open(&dir).ok().flatten()),
    };
    let dir = lab.and_then(|folder| folder.copy_of(wanted)).filter(|dir| dir.is_dir()).ok_or_else(unknown)?;
    super::consent::agree(context, course, false)?;
    let done = context.wait_for(async {
        let mut stop = job::Stop::listen();
        let mut live = Live::new(context, false);
        job::check(context, course, exercise, &dir, &mut live, &mut stop).await
    })?;
    interview.mix(wanted, done.questions);
    Ok(())
}

/// Asks one thing; none when it is to end.
fn one(context: &Context, interview: &Interview, item: &Item) -> Option<Said> {
    let (out, lang) = (&context.out, &context.lang);
    out.gap();
    let (nth, total) = interview.place();
    let minutes = interview.left().div_ceil(60);
    let args: [(&str, &dyn Display); 3] = [("number", &nth), ("total", &total), ("minutes", &minutes)];
    out.prose("", 0, &out.paint(Style::Dim, &context.text("interview.place", &args)));
    match item {
        Item::Course(question) => {
            out.prose("", 0, &out.paint(Style::Strong, question.ask.get(lang)));
            if let Some(code) = &question.code {
                code.lines().for_each(|line| out.line(&format!("    {}", out.paint(Style::Code, line))));
            }
            if question.kind == QuestionKind::Free {
                if aloud(context, item.seconds())? {
                    return Some(Said::PassedOver);
                }
                let points: Vec<&str> = question.points.iter().map(|p| p.get(lang)).collect();
                let said = tick(context, &points)?;
                if let Some(answer) = &question.answer {
                    out.prose("", 0, &out.paint(Style::Strong, &context.text("quiz.spoken", &[])));
                    out.prose("    ", 4, answer.get(lang));
                }
                return Some(Said::Points(said));
            }
            let options = shuffled(question, interview.number);
            let texts: Vec<(String, bool)> = options.iter().map(|o| (o.text.get(lang).to_owned(), o.right)).collect();
            let said = if texts.is_empty() {
                spoken_short(context, question.answers.first().map_or("", String::as_str))?
            } else {
                pick(context, &texts)?
            };
            out.prose("", 0, question.explain.get(lang));
            Some(said)
        }
        Item::Then { ask, answer, .. } => {
            out.prose("", 0, &out.paint(Style::Strong, ask.get(lang)));
            spoken_short(context, answer.get(lang))
        }
        Item::Viva { question, .. } => {
            out.prose("", 0, &out.paint(Style::Strong, &viva::ask(lang, question)));
            let texts: Vec<(String, bool)> =
                question.options.iter().map(|o| (viva::answer(lang, &o.answer), o.right)).collect();
            let said = pick(context, &texts)?;
            out.prose("", 0, &viva::why(lang, question));
            Some(said)
        }
    }
}

/// Waits until the learner has spoken: whether it is passed over; none to end.
fn aloud(context: &Context, seconds: u32) -> Option<bool> {
    let said = line(context, &context.text("interview.aloud", &[("seconds", &seconds)]))?;
    match said.as_str() {
        "q" => None,
        "p" => Some(true),
        _ => Some(false),
    }
}

fn spoken_short(context: &Context, answer: &str) -> Option<Said> {
    if aloud(context, 30)? {
        return Some(Said::PassedOver);
    }
    context.out.prose("    ", 4, answer);
    let points = [context.text("interview.had-it", &[])];
    let said = tick(context, &points.iter().map(String::as_str).collect::<Vec<_>>())?;
    Some(Said::Points(said))
}

fn tick(context: &Context, points: &[&str]) -> Option<Vec<u32>> {
    for (nth, point) in (1..).zip(points) {
        context.out.prose(&format!("  {nth}  "), 5, point);
    }
    loop {
        let said = line(context, &context.text("quiz.ask.points", &[("last", &points.len())]))?;
        if said == "q" {
            return None;
        }
        match numbers(&said, points.len()) {
            Some(said) => return Some(said.into_iter().map(|n| n as u32 - 1).collect()),
            None => context.out.prose("", 0, &context.text("quiz.ask.not-understood", &[("last", &points.len())])),
        }
    }
}

fn pick(context: &Context, options: &[(String, bool)]) -> Option<Said> {
    for (nth, (text, _)) in (1..).zip(options) {
        context.out.prose(&format!("  {nth}  "), 5, text);
    }
    loop {
        let said = line(context, &context.text("quiz.ask.choices", &[("last", &options.len())]))?;
        if said == "q" {
            return None;
        }
        if said.is_empty() {
            return Some(Said::PassedOver);
        }
        let Some(picked) = numbers(&said, options.len()) else {
            context.out.prose("", 0, &context.text("quiz.ask.not-understood", &[("last", &options.len())]));
            continue;
        };
        let right = options.iter().enumerate().all(|(at, (_, right))| *right == picked.contains(&(at + 1)));
        let (key, style) = if right { ("quiz.right", Style::Good) } else { ("quiz.wrong", Style::Bad) };
        context.out.prose("", 0, &context.out.paint(style, &context.text(key, &[])));
        if !right {
            context.out.prose("", 0, &context.text("quiz.answer-is", &[]));
            options.iter().filter(|o| o.1).for_each(|(text, _)| context.out.prose("    ", 4, text));
        }
        return Some(Said::Points(if right { vec![0] } else { Vec::new() }));
    }
}

fn print(context: &Context, course: &Course, at: i64, held: &Held) {
    let markdown = interview::markdown(course, at, held, &context.lang);
    let parsed = crate::layout::parse(&markdown);
    context.print(&crate::layout::layout(&parsed, &[], context.out.columns(), &context.layout_options()));
}

/// The report of the last interview: printed, or as Markdown into a file that is not there yet.
fn report(context: &Context, course: &Course, file: Option<&Path>) -> Result<Exit, Report> {
    let summary = context.store().summary();
    let Some((at, held)) = summary.cards.last_interview() else {
        context.out.prose("", 0, &context.text("interview.no-report", &[]));
        return Ok(Exit::OK);
    };
    let Some(file) = file else {
        print(context, course, *at, held);
        return Ok(Exit::OK);
    };
    let markdown = interview::markdown(course, *at, held, &context.lang);
    // A file of the learner's is never written over.
    let written = fs::File::create_new(file).and_then(|mut out| out.write_all(markdown.as_bytes()));
    written.map_err(|error| {
        let args: [(&str, &dyn Display); 2] = [("file", &file.display()), ("message", &error)];
        Report::new(&context.lang, Fault::Machine, "interview.not-written", &args)
    })?;
    context.out.prose("", 0, &context.text("interview.written", &[("file", &file.display())]));
    Ok(Exit::OK)
}
