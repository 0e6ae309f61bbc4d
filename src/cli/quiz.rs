//! `quiz`: questions of what was read, on the screen, or one line after the other in a pipe and for screen readers.
//! `quiz status`: how many are due.

use super::{Context, Entry, Exit, Group, ask, claim, commands, consent, out::Style, read};
use crate::{
    course::{Course, Module, Proof, Question, QuestionKind},
    lab::claims,
    progress::EventKind,
    quiz::{Answer, Deck, Filter, Fsrs, Near, Rating, Session, Verdict, grade, rating, right_answer},
    report::{Fault, Report},
    tui::Target,
};
use clap::{Arg, ArgAction, ArgMatches};
use std::{
    collections::BTreeSet,
    fmt::Display,
    io::{self, BufRead, IsTerminal},
    time::Instant,
};

/// `quiz`.
pub(super) static ENTRY: Entry = Entry {
    name: "quiz",
    group: Group::Learn,
    args: || {
        let kinds = ["choice", "choices", "order", "fill", "predict", "bug", "free"];
        vec![
            Arg::new("module").long("module").value_name("MODULE"),
            Arg::new("lesson").long("lesson").value_name("LESSON"),
            Arg::new("due").long("due").action(ArgAction::SetTrue),
            Arg::new("kind").long("kind").value_name("KIND").value_parser(kinds),
            Arg::new("count").long("count").value_name("N").value_parser(clap::value_parser!(u16).range(1..=200)),
            Arg::new("new").long("new").action(ArgAction::SetTrue),
        ]
    },
    children: &[Entry { name: "status", group: Group::Learn, args: super::no_args, children: &[], run: Some(status) }],
    run: Some(run),
};

/// A number for a session; what is random in it comes of this alone.
pub(super) fn number() -> u32 {
    (uuid::Uuid::new_v4().as_u128() as u32).max(1)
}

pub(super) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

fn run(context: &Context, matches: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let filter = filter(context, course, matches)?;
    let fresh = matches.get_flag("new");
    if context.interactive() {
        return commands::open(context, Some(Target::Quiz { filter, fresh }));
    }
    let summary = context.store().summary();
    let deck = Deck::new(course, &summary, &Fsrs::default(), now());
    let resumed = if fresh || !filter.is_open() { None } else { Session::resume(&deck, &summary, now()) };
    let (mut session, began) = match resumed {
        Some(session) => (session, None),
        None => match Session::begin(&deck, &filter, number()) {
            Some((session, began)) => (session, Some(began)),
            None => {
                nothing(context, &deck, &filter);
                return Ok(Exit::OK);
            }
        },
    };
    match began {
        Some(began) => context.store().record(&began),
        None => context.out.prose("", 0, &context.text("quiz.resumed", &[])),
    }
    while let Some(question) = session.current().cloned() {
        match one(context, course, &deck, &session, &question)? {
            Some(rating) => session.answered(rating),
            None => break,
        }
    }
    end(context, &session);
    Ok(Exit::OK)
}

fn filter(context: &Context, course: &Course, matches: &ArgMatches) -> Result<Filter, Report> {
    let module = match matches.get_one::<String>("module") {
        None => None,
        Some(wanted) => Some(module(course, wanted).ok_or_else(|| no_module(context, course, wanted))?.id.clone()),
    };
    let lesson = match matches.get_one::<String>("lesson") {
        None => None,
        Some(wanted) => {
            let found = read::find(course, wanted).ok_or_else(|| read::unknown(context, course, wanted))?;
            Some(found.id.clone())
        }
    };
    Ok(Filter {
        module,
        lesson,
        kind: matches.get_one::<String>("kind").and_then(|k| serde_json::from_value(k.as_str().into()).ok()),
        due: matches.get_flag("due"),
        count: matches.get_one::<u16>("count").map(|n| usize::from(*n)),
    })
}

/// A module by its id, its folder or its number.
fn module<'a>(course: &'a Course, wanted: &str) -> Option<&'a Module> {
    let number = |m: &Module| m.dir.split('-').next().map(|n| n.trim_start_matches('0').to_owned());
    course
        .modules()
        .iter()
        .find(|m| m.id == wanted || m.dir == wanted || number(m).is_some_and(|n| n == wanted.trim_start_matches('0')))
}

fn no_module(context: &Context, course: &Course, wanted: &str) -> Report {
    let mut report = Report::new(&context.lang, Fault::Usage, "quiz.unknown-module", &[("module", &wanted)]);
    for module in course.modules().iter().filter(|m| m.questions > 0) {
        report = report.then(format!("$ dockshala quiz --module {}", module.id));
    }
    report
}

fn nothing(context: &Context, deck: &Deck, filter: &Filter) {
    let counts = deck.counts();
    let text = match counts.next_in_days {
        Some(days) if filter.due => context.text("quiz.nothing-due", &[("days", &days)]),
        _ if filter.due => context.text("quiz.nothing-due-yet", &[]),
        _ => context.text("quiz.nothing", &[]),
    };
    context.out.prose("", 0, &text);
}

fn end(context: &Context, session: &Session) {
    let (right, asked) = session.score();
    if asked == 0 {
        return;
    }
    context.out.gap();
    context.out.prose("", 0, &context.text("quiz.score", &[("right", &right), ("asked", &asked)]));
    let lessons: BTreeSet<&str> = session.missed().iter().map(|q| q.lesson.as_str()).collect();
    if !lessons.is_empty() {
        context.out.prose("", 0, &context.text("quiz.study", &[]));
    }
    for lesson in lessons {
        context.out.line(&format!("    {}", context.out.paint(Style::Code, &format!("dockshala read {lesson}"))));
    }
    if session.current().is_some() {
        context.out.prose("", 0, &context.text("quiz.go-on", &[]));
    }
}

/// A line that somebody typed, or that a pipe brought; none when there are no more.
pub(super) fn line(context: &Context, prompt: &str) -> Option<String> {
    context.out.raw(&format!("{} ", context.out.paint(Style::Strong, prompt)));
    let mut line = String::new();
    match io::stdin().lock().read_line(&mut line) {
        Ok(0) | Err(_) => {
            context.out.gap();
            None
        }
        Ok(_) => {
            if !io::stdin().is_terminal() {
                // Nobody pressed Enter: what comes next begins on a line of its own.
                context.out.gap();
            }
            Some(line.trim().to_owned())
        }
    }
}

/// Numbers from 1 to `last`, each once, as somebody typed them.
pub(super) fn numbers(line: &str, last: usize) -> Option<Vec<usize>> {
    let mut found = Vec::new();
    for word in line.split([' ', ',', ';']).filter(|w| !w.is_empty()) {
        let number = word.parse::<usize>().ok().filter(|n| (1..=last).contains(n))?;
        if found.contains(&number) {
            return None;
        }
        found.push(number);
    }
    Some(found)
}

/// Asks one question; none when the learner wants to stop.
fn one(
    context: &Context,
    course: &Course,
    deck: &Deck,
    session: &Session,
    question: &Question,
) -> Result<Option<Rating>, Report> {
    let (out, lang) = (&context.out, &context.lang);
    let begun = Instant::now();
    head(context, course, session, question);
    let options = session.options(question);
    let listed = question.kind != QuestionKind::Free && !options.is_empty();
    if listed {
        for (nth, option) in (1..).zip(&options) {
            out.prose(&format!("  {nth}  "), 5, option.text.get(lang));
        }
    }
    let mut tries = 0;
    let (answer, verdict) = loop {
        let answer = match asked(context, question, &options.iter().map(|o| o.id.clone()).collect::<Vec<_>>()) {
            Asked::Answer(answer) => answer,
            Asked::Again => continue,
            Asked::Stop => return Ok(None),
        };
        tries += 1;
        match grade(question, &answer) {
            Verdict::Near(near) if tries < 3 => {
                let key = if near == Near::Unit { "quiz.near.unit" } else { "quiz.near.spelling" };
                out.prose("", 0, &out.paint(Style::Warn, &context.text(key, &[])));
            }
            verdict => break (answer, verdict),
        }
    };
    let right = verdict == Verdict::Right;
    let rating = rating(question, &answer, right, tries, begun.elapsed());
    out.gap();
    explain(context, question, &answer, right, &options.iter().map(|o| o.id.clone()).collect::<Vec<_>>());
    context.store().record(&EventKind::CardReviewed {
        card: question.id.clone(),
        source: "quiz".to_owned(),
        rating: rating.number(),
        right,
        answer: answer.to_string(),
        ms: begun.elapsed().as_millis() as u64,
        lang: lang.to_string(),
        session: session.number,
    });
    let ahead = match deck.ahead(&question.id, rating, &Fsrs::default()) {
        Some(days) => context.text("quiz.comes-in", &[("days", &days)]),
        None => context.text("quiz.comes-today", &[]),
    };
    out.prose("", 0, &out.paint(Style::Dim, &ahead));
    if question.kind == QuestionKind::Predict {
        measure(context, course, question);
    }
    Ok(Some(rating))
}

fn head(context: &Context, course: &Course, session: &Session, question: &Question) {
    let (out, lang) = (&context.out, &context.lang);
    out.gap();
    let (number, total) = session.place();
    let mut head = context.text("viva.number", &[("number", &number), ("total", &total)]);
    if let Some(lesson) = course.lesson(&question.lesson) {
        let number = course.number(lesson).unwrap_or_default();
        head += &format!(" - {number} {}", lesson.title.get(lang));
    }
    if session.again() {
        head += &format!(" - {}", context.text("quiz.again", &[]));
    }
    out.prose("", 0, &out.paint(Style::Dim, &head));
    out.prose("", 0, &out.paint(Style::Strong, question.ask.get(lang)));
    if let Some(code) = &question.code {
        out.gap();
        for (nth, line) in (1..).zip(code.lines()) {
            // Numbers only where a line is what is asked for: a screen reader says each of them.
            let lead = if question.kind == QuestionKind::Bug { format!("{nth:>4}  ") } else { "    ".to_owned() };
            out.line(&format!("{lead}{}", out.paint(Style::Code, line)));
        }
        out.gap();
    }
}

enum Asked {
    Answer(Answer),
    Again,
    Stop,
}

/// Asks until there is an answer that can be judged.
fn asked(context: &Context, question: &Question, options: &[String]) -> Asked {
    let last = match question.kind {
        QuestionKind::Bug => question.code.as_deref().map_or(0, |c| c.lines().count()),
        QuestionKind::Free => question.points.len(),
        _ => options.len(),
    };
    let typing = options.is_empty() && matches!(question.kind, QuestionKind::Fill | QuestionKind::Predict);
    let key = match question.kind {
        QuestionKind::Choices => "quiz.ask.choices",
        QuestionKind::Order => "quiz.ask.order",
        QuestionKind::Bug => "quiz.ask.line",
        QuestionKind::Free => "quiz.ask.free",
        _ if typing => "quiz.ask.type",
        _ => "quiz.ask.choice",
    };
    let seconds = question.spoken();
    let args: [(&str, &dyn Display); 2] = [("last", &last), ("seconds", &seconds)];
    let Some(said) = line(context, &context.text(key, &args)) else { return Asked::Stop };
    if said == "q" {
        return Asked::Stop;
    }
    if typing {
        return if said.is_empty() { Asked::Again } else { Asked::Answer(Answer::Typed(said)) };
    }
    if question.kind == QuestionKind::Free {
        return points(context, question);
    }
    let picked = numbers(&said, last).filter(|n| match question.kind {
        QuestionKind::Order => n.len() == last,
        QuestionKind::Choices => !n.is_empty(),
        _ => n.len() == 1,
    });
    let Some(picked) = picked else {
        context.out.prose("", 0, &context.text("quiz.ask.not-understood", &[("last", &last)]));
        return Asked::Again;
    };
    let ids = picked.iter().map(|n| options.get(n - 1).cloned().unwrap_or_default());
    Asked::Answer(match question.kind {
        QuestionKind::Bug => Answer::Line(picked[0] as u32),
        QuestionKind::Order => Answer::Order(ids.collect()),
        _ => Answer::Options(ids.collect()),
    })
}

/// The key points, of which those that were said are named.
fn points(context: &Context, question: &Question) -> Asked {
    let last = question.points.len();
    for (nth, point) in (1..).zip(&question.points) {
        context.out.prose(&format!("  {nth}  "), 5, point.get(&context.lang));
    }
    loop {
        let Some(said) = line(context, &context.text("quiz.ask.points", &[("last", &last)])) else {
            return Asked::Stop;
        };
        if said == "q" {
            return Asked::Stop;
        }
        match numbers(&said, last) {
            Some(said) => return Asked::Answer(Answer::Points(said.into_iter().map(|n| n - 1).collect())),
            None => context.out.prose("", 0, &context.text("quiz.ask.not-understood", &[("last", &last)])),
        }
    }
}

fn explain(context: &Context, question: &Question, answer: &Answer, right: bool, order: &[String]) {
    let (out, lang) = (&context.out, &context.lang);
    let (key, style) = if right { ("quiz.right", Style::Good) } else { ("quiz.wrong", Style::Bad) };
    out.prose("", 0, &out.paint(style, &context.text(key, &[])));
    if !right && question.kind != QuestionKind::Free {
        let lead = context.text("quiz.answer-is", &[]);
        out.prose("", 0, &lead);
        for answer in right_answer(question, lang) {
            out.prose("    ", 4, &answer);
        }
    }
    let chosen = |id: &str| matches!(answer, Answer::Options(ids) if ids.contains(id));
    for (nth, id) in (1..).zip(order) {
        let Some(option) = question.options.iter().find(|o| o.id == *id) else { continue };
        let why = option.why.get(lang);
        if why.is_empty() {
            continue;
        }
        let word = if option.right { "quiz.option.right" } else { "quiz.option.wrong" };
        let mark = if chosen(id) { context.text("quiz.option.yours", &[]) } else { String::new() };
        out.prose(&format!("  {nth}  "), 5, &format!("{} {why}", context.text(word, &[("yours", &mark)])));
    }
    out.prose("", 0, question.explain.get(lang));
    if let Some(spoken) = &question.answer {
        out.gap();
        out.prose("", 0, &out.paint(Style::Strong, &context.text("quiz.spoken", &[])));
        out.prose("    ", 4, spoken.get(lang));
    }
    proof(context, question);
}

fn proof(context: &Context, question: &Question) {
    let out = &context.out;
    let shown = match &question.proof {
        Some(Proof::Command(command)) => command.clone(),
        Some(Proof::Claim(id)) => format!("dockshala claim {id}"),
        Some(Proof::Exercise(id)) => format!("dockshala start {id}"),
        Some(Proof::Section(target)) => format!("dockshala read {}", target.split('#').next().unwrap_or(target)),
        Some(Proof::Source(source)) => {
            out.prose("", 0, &context.text("quiz.source", &[("source", source)]));
            return;
        }
        None => return,
    };
    out.prose("", 0, &context.text("quiz.see", &[]));
    out.line(&format!("    {}", out.paint(Style::Code, &shown)));
}

/// Offers to run the claim that shows a prediction, where somebody is there to say yes. Whatever keeps it from being measured, a
/// no to the pack's commands or a daemon that is not there, is told, and the quiz goes on.
fn measure(context: &Context, course: &Course, question: &Question) {
    let Some(Proof::Claim(id)) = &question.proof else { return };
    let (true, Some(placed)) = (context.somebody(), course.claim(id)) else { return };
    let answers = [context.text("quiz.measure.yes", &[]), context.text("quiz.measure.no", &[])];
    context.out.prose("", 0, &context.text("quiz.measure.ask", &[]));
    if !matches!(ask::ask(context, &answers), ask::Said::Answer(0)) {
        return;
    }
    if let Err(refused) = consent::agree(context, course, false) {
        context.out.prose("", 0, &refused.what);
        return;
    }
    match claim::measure(context, &placed) {
        Ok(shown) => {
            context.out.prose("", 0, &claims::explained(placed.claim.explain.get(&context.lang), &shown.kept));
        }
        Err(report) => context.out.report(&context.lang, &report),
    }
}

/// `quiz status`.
fn status(context: &Context, _: &ArgMatches) -> Result<Exit, Report> {
    let course = context.course()?;
    let summary = context.store().summary();
    let deck = Deck::new(course, &summary, &Fsrs::default(), now());
    let counts = deck.counts();
    let out = &context.out;
    out.prose("", 0, &context.text("quiz.status.due", &[("due", &counts.due)]));
    if let Some(days) = counts.next_in_days {
        out.prose("", 0, &context.text("quiz.status.next", &[("days", &days)]));
    }
    out.prose("", 0, &context.text("quiz.status.new", &[("new", &counts.new), ("unread", &counts.unread)]));
    out.prose("", 0, &context.text("quiz.status.later", &[("later", &counts.later)]));
    if summary.cards.interviews() > 0 {
        out.prose("", 0, &context.text("quiz.status.interviews", &[("held", &summary.cards.interviews())]));
    }
    let modules = course.modules().iter().filter(|m| m.questions > 0);
    let rows: Vec<(String, usize, usize, usize)> = modules
        .map(|module| {
            let of = || deck.cards().iter().filter(|c| c.module == module.id);
            let known = of().filter(|c| c.known() >= 0.5).count();
            (module.title.get(&context.lang).to_owned(), of().filter(|c| c.due()).count(), known, of().count())
        })
        .collect();
    if !rows.is_empty() {
        out.gap();
    }
    for (title, due, known, all) in rows {
        let args: [(&str, &dyn Display); 4] = [("title", &title), ("due", &due), ("known", &known), ("all", &all)];
        out.prose("  ", 2, &context.text("quiz.status.module", &args));
    }
    if counts.due > 0 {
        out.gap();
        out.line(&format!("    {}", out.paint(Style::Code, "dockshala quiz --due")));
    }
    Ok(Exit::OK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        assert_eq!(numbers("3 1,2", 3), Some(vec![3, 1, 2]));
        assert_eq!(numbers("", 3), Some(vec![]));
        for bad in ["0", "4", "1 1", "one", "-1"] {
            assert_eq!(numbers(bad, 3), None, "{bad}");
        }
    }

    #[test]
    fn a_module_is_found_by_id_folder_and_number() {
        let course = Course::built_in();
        let multi = module(course, "multi-stage").or_else(|| module(course, "7")).unwrap();
        for name in [multi.id.as_str(), multi.dir.as_str(), "7", "07"] {
            assert_eq!(module(course, name).map(|m| &m.id), Some(&multi.id));
        }
        assert!(module(course, "77").is_none());
    }
}
