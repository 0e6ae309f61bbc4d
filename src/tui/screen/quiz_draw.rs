//! How questions look: on the quiz's screen and in the interview.
//!
//! Colour is never the only sign: what is right has a tick, what is wrong a cross, what is looked at an arrow.

use super::quiz::{Judged, Phase, Quiz, typed};
use crate::{
    course::{Choice, Proof, Question, QuestionKind, highlight},
    layout::{Class, Style as TextStyle, width as cells_of},
    quiz::{Answer, Near, Rating, right_answer},
    tui::{
        quiz_desk::Measured,
        rows::{self, Row, Window},
        state::Shared,
        theme::{Look, Theme},
    },
};
use ratatui::{buffer::Buffer, layout::Rect};
use std::fmt::Display;

/// From this width on the session stands beside the question.
const WIDE: u16 = 132;

/// What that takes.
const SIDE: u16 = 40;

/// Long lines are hard to read.
const MEASURE: u16 = 96;

/// Rows, and which of them are looked at: the first and the last.
pub(super) struct Drawn {
    pub(super) rows: Vec<Row>,
    pub(super) cursor: Option<(usize, usize)>,
}

/// Where the text goes, and what stands beside it.
pub(super) fn columns(area: Rect) -> (Rect, Option<Rect>) {
    let wide = area.width >= WIDE;
    let room = if wide { area.width - SIDE - 2 } else { area.width };
    let width = room.saturating_sub(4).min(MEASURE);
    let x = area.x + 2 + if wide { (room.saturating_sub(4) - width) / 2 } else { 0 };
    let side = wide.then(|| Rect { x: area.right() - SIDE, width: SIDE - 1, ..area });
    (Rect { x, width, ..area }, side)
}

/// The same without anything beside it.
pub(super) fn centred(area: Rect) -> Rect {
    let width = area.width.saturating_sub(4).min(MEASURE);
    let x = area.x + 2 + if area.width >= WIDE { (area.width - 4 - width) / 2 } else { 0 };
    Rect { x, width, ..area }
}

/// How far one is, as a bar.
pub(super) fn steps(done: usize, of: usize, theme: Theme) -> String {
    const CELLS: usize = 12;
    let full = (done * CELLS).checked_div(of).unwrap_or(0).min(CELLS);
    theme.sign("▰", "#").repeat(full) + &theme.sign("▱", ".").repeat(CELLS - full)
}

fn strong() -> TextStyle {
    TextStyle { strong: true, ..TextStyle::default() }
}

/// Words in one look, code in them marked.
pub(super) fn said(text: &str, style: TextStyle, width: usize, theme: Theme) -> Vec<Row> {
    rows::words(&[(text, style)], ("", Look::Plain), width, theme)
}

pub(super) fn hung(lead: (&str, Look), text: &str, style: TextStyle, width: usize, theme: Theme) -> Vec<Row> {
    rows::words(&[(text, style)], lead, width, theme)
}

fn blank() -> Row {
    Row::default()
}

/// The question's code, with the line that is looked at or the lines that are wrong marked.
pub(super) fn code(question: &Question, cursor: Option<usize>, marked: &[u32], theme: Theme) -> Vec<Row> {
    let Some(code) = &question.code else { return Vec::new() };
    let language = question.code_language.as_deref().unwrap_or("text");
    let colours = highlight(language, code);
    let numbered = question.kind == QuestionKind::Bug;
    let mut out = Vec::new();
    for (at, line) in code.lines().enumerate() {
        let here = cursor == Some(at);
        let wrong = marked.contains(&(at as u32 + 1));
        let (sign, look) = match (here, wrong) {
            (_, true) => (theme.sign("✗ ", "x "), Look::Bad),
            (true, _) => (theme.sign("❯ ", "> "), Look::Focus),
            _ => ("  ", Look::Plain),
        };
        let number = if numbered { format!("{:>2} ", at + 1) } else { String::new() };
        let bar = theme.sign("│ ", "| ");
        let mut row =
            Row::new(theme, &[(sign, look), (&number, if here { Look::Focus } else { Look::Dim }), (bar, Look::Frame)]);
        row.pan = Some(2 + number.len() + 2);
        let mut from = 0;
        for (length, class) in colours.lines.get(at).into_iter().flatten() {
            let to = (from + *length as usize).min(line.len());
            let Some(piece) = line.get(from..to) else { break };
            let look = Look::Text(TextStyle::of(Class::Token(*class)));
            row.spans.push((crate::layout::clean(piece).into_owned(), theme.style(look)));
            from = to;
        }
        out.push(row);
    }
    out.push(blank());
    out
}

/// One thing that can be chosen, with its box.
fn option(lead: &str, tick: &str, text: &str, here: bool, width: usize, theme: Theme) -> Vec<Row> {
    let lead = format!("{lead}{tick} ");
    let style = if here { strong() } else { TextStyle::default() };
    hung((&lead, if here { Look::Focus } else { Look::Plain }), text, style, width, theme)
}

pub(super) fn arrow(here: bool, theme: Theme) -> &'static str {
    if here { theme.sign("❯ ", "> ") } else { "  " }
}

/// Things to choose from, one or several.
pub(super) fn choices(
    options: &[String],
    cursor: usize,
    ticked: Option<&std::collections::BTreeSet<usize>>,
    width: usize,
    theme: Theme,
) -> Drawn {
    let mut drawn = Drawn { rows: Vec::new(), cursor: None };
    for (at, text) in options.iter().enumerate() {
        let tick = match ticked {
            Some(ticked) if ticked.contains(&at) => "[x]",
            Some(_) => "[ ]",
            None if at == cursor => theme.sign("●", "(*)"),
            None => theme.sign("○", "( )"),
        };
        let first = drawn.rows.len();
        drawn.rows.extend(option(arrow(at == cursor, theme), tick, text, at == cursor, width, theme));
        if at == cursor {
            drawn.cursor = Some((first, drawn.rows.len() - 1));
        }
    }
    drawn
}

/// The whole screen.
pub(super) fn quiz(quiz: &Quiz, width: usize, shared: &Shared) -> Drawn {
    let theme = shared.theme;
    let mut drawn = Drawn { rows: vec![blank()], cursor: None };
    match (&quiz.phase, quiz.question()) {
        (Phase::Waiting, _) => drawn.rows.extend(rows::plain(&shared.say("tui.quiz.waiting"), width, theme)),
        (Phase::Nothing, _) => {
            let days = quiz.counts.next_in_days.unwrap_or(1);
            let key = if quiz.counts.next_in_days.is_some() { "quiz.nothing-due" } else { "quiz.nothing" };
            drawn.rows.extend(rows::plain(&shared.with(key, &[("days", &days)]), width, theme));
        }
        (Phase::Over, _) => drawn.rows.extend(over(quiz, width, shared)),
        (Phase::Asking | Phase::Ticking, Some(question)) => asking(quiz, question, width, shared, &mut drawn),
        (Phase::Judged(judged), Some(question)) => judged_rows(quiz, question, judged, width, shared, &mut drawn.rows),
        (_, None) => {}
    }
    drawn
}

fn add(drawn: &mut Drawn, part: Drawn) {
    let from = drawn.rows.len();
    drawn.rows.extend(part.rows);
    drawn.cursor = part.cursor.map(|(first, last)| (from + first, from + last));
}

fn asking(quiz: &Quiz, question: &Question, width: usize, shared: &Shared, drawn: &mut Drawn) {
    let theme = shared.theme;
    let lang = &shared.lang;
    let draft = &quiz.draft;
    let session = quiz.session.as_ref();
    if session.is_some_and(|s| s.resumed && s.score().1 > 0 && draft.typed.is_empty() && !s.again())
        && draft.cursor == 0
    {
        let text = shared.say("tui.quiz.resumed");
        drawn.rows.extend(hung(("", Look::Dim), &text, TextStyle::of(Class::Quote), width, theme));
        drawn.rows.push(blank());
    }
    if session.is_some_and(crate::quiz::Session::again) {
        let text = shared.say("quiz.again");
        drawn.rows.push(Row::new(theme, &[(&text, Look::Warn)]));
    }
    drawn.rows.extend(said(question.ask.get(lang), strong(), width, theme));
    drawn.rows.push(blank());
    let bug = question.kind == QuestionKind::Bug;
    let code_rows = code(question, bug.then_some(draft.cursor), &[], theme);
    if bug {
        let at = drawn.rows.len() + draft.cursor;
        drawn.cursor = Some((at, at));
    }
    drawn.rows.extend(code_rows);
    let options: Vec<&Choice> = session.map(|s| s.options(question)).unwrap_or_default();
    let texts: Vec<String> = options.iter().map(|o| o.text.get(lang).to_owned()).collect();
    let how = match (&quiz.phase, question.kind) {
        (Phase::Ticking, _) => {
            drawn.rows.extend(said(&shared.say("tui.quiz.tick"), TextStyle::default(), width, theme));
            drawn.rows.push(blank());
            let points: Vec<String> = question.points.iter().map(|p| p.get(lang).to_owned()).collect();
            add(drawn, choices(&points, draft.cursor, Some(&draft.ticked), width, theme));
            None
        }
        (_, QuestionKind::Choices) => {
            add(drawn, choices(&texts, draft.cursor, Some(&draft.ticked), width, theme));
            Some("tui.quiz.how.choices")
        }
        (_, QuestionKind::Order) => {
            let mut part = Drawn { rows: Vec::new(), cursor: None };
            for (at, line) in draft.order.iter().enumerate() {
                let here = at == draft.cursor;
                let lead = match (here, draft.carried) {
                    (true, true) => theme.sign("⇅ ", "* "),
                    (here, _) => arrow(here, theme),
                };
                let first = part.rows.len();
                let number = format!("{}.", at + 1);
                let text = texts.get(*line).map_or("", String::as_str);
                part.rows.extend(option(lead, &number, text, here, width, theme));
                if here {
                    part.cursor = Some((first, part.rows.len() - 1));
                }
            }
            add(drawn, part);
            Some(if draft.carried { "tui.quiz.how.carried" } else { "tui.quiz.how.order" })
        }
        (_, QuestionKind::Bug) => Some("tui.quiz.how.line"),
        (_, QuestionKind::Free) => {
            let seconds = question.spoken();
            let text = shared.with("tui.quiz.how.free", &[("seconds", &seconds)]);
            drawn.rows.extend(said(&text, TextStyle::default(), width, theme));
            None
        }
        _ if typed(question) => {
            let lead = theme.sign("❯ ", "> ");
            let caret = if draft.typing { theme.sign("▏", "_") } else { "" };
            // The end of what is typed stays in sight.
            let room = width.saturating_sub(4);
            let mut shown = draft.typed.clone();
            while cells_of(&shown) > room {
                shown.remove(0);
            }
            let at = drawn.rows.len();
            drawn.rows.push(Row::new(theme, &[(lead, Look::Focus), (&shown, Look::Code), (caret, Look::Focus)]));
            drawn.cursor = Some((at, at));
            match draft.near {
                Some(near) => {
                    let key = if near == Near::Unit { "quiz.near.unit" } else { "quiz.near.spelling" };
                    drawn.rows.push(blank());
                    drawn.rows.extend(hung(
                        (theme.sign("≈ ", "~ "), Look::Warn),
                        &shared.say(key),
                        strong(),
                        width,
                        theme,
                    ));
                    None
                }
                None => Some("tui.quiz.how.type"),
            }
        }
        _ => {
            add(drawn, choices(&texts, draft.cursor, None, width, theme));
            None
        }
    };
    if let Some(key) = how {
        drawn.rows.push(blank());
        drawn.rows.extend(hung(("", Look::Dim), &shared.say(key), TextStyle::of(Class::Quote), width, theme));
    }
}

/// Right or wrong, why, and what comes of it.
fn judged_rows(quiz: &Quiz, question: &Question, judged: &Judged, width: usize, shared: &Shared, out: &mut Vec<Row>) {
    let theme = shared.theme;
    let lang = &shared.lang;
    let (sign, look, key) = if judged.right {
        (theme.sign("✓ ", "v "), Look::Good, "quiz.right")
    } else {
        (theme.sign("✗ ", "x "), Look::Bad, "quiz.wrong")
    };
    let head = shared.say(key);
    out.push(Row::new(theme, &[(sign, look), (&head, look)]));
    out.push(blank());
    out.extend(said(question.ask.get(lang), strong(), width, theme));
    out.push(blank());
    out.extend(code(question, None, if question.kind == QuestionKind::Bug { &question.lines } else { &[] }, theme));
    let options: Vec<&Choice> = quiz.session.as_ref().map(|s| s.options(question)).unwrap_or_default();
    match question.kind {
        QuestionKind::Order => {
            for (nth, choice) in (1..).zip(&question.options) {
                let lead = format!("  {nth}. ");
                out.extend(hung((&lead, Look::Plain), choice.text.get(lang), TextStyle::default(), width, theme));
            }
            out.push(blank());
        }
        QuestionKind::Free => {
            if let Answer::Points(said) = &judged.answer {
                points(question, &|at| said.contains(&at), width, shared, out);
            }
        }
        _ if !options.is_empty() => {
            explained_options(&options, &judged.answer, width, shared, out);
        }
        _ => {
            if let Answer::Typed(typed) = &judged.answer
                && !judged.right
            {
                let yours = format!("{} ", shared.say("tui.quiz.yours"));
                out.push(Row::new(theme, &[(&yours, Look::Dim), (typed, Look::Code)]));
            }
            let answer = format!("{} {}", shared.say("quiz.answer-is"), right_answer(question, lang).join("  "));
            out.extend(said(&answer, TextStyle::default(), width, theme));
            out.push(blank());
        }
    }
    out.extend(said(question.explain.get(lang), TextStyle::default(), width, theme));
    spoken(question, width, shared, out);
    proof(quiz, question, width, shared, out);
    out.push(blank());
    let ahead = match quiz.ahead(judged.rating) {
        Some(days) => shared.with("quiz.comes-in", &[("days", &days)]),
        None => shared.say("quiz.comes-today"),
    };
    let known = match judged.rating {
        Rating::Again => String::new(),
        Rating::Hard => shared.say("tui.quiz.known.hard"),
        Rating::Good => shared.say("tui.quiz.known.good"),
        Rating::Easy => shared.say("tui.quiz.known.easy"),
    };
    let lead = if known.is_empty() { String::new() } else { format!("{known}  ") };
    out.push(Row::new(theme, &[(&lead, Look::Strong), (&ahead, Look::Dim)]));
}

/// The key points, those that were said ticked.
pub(super) fn points(
    question: &Question,
    has: &dyn Fn(usize) -> bool,
    width: usize,
    shared: &Shared,
    out: &mut Vec<Row>,
) {
    let theme = shared.theme;
    for (at, point) in question.points.iter().enumerate() {
        let lead = if has(at) { (theme.sign("✓ ", "v "), Look::Good) } else { (theme.sign("✗ ", "x "), Look::Bad) };
        out.extend(hung(lead, point.get(&shared.lang), TextStyle::default(), width, theme));
    }
    out.push(blank());
}

fn explained_options(options: &[&Choice], answer: &Answer, width: usize, shared: &Shared, out: &mut Vec<Row>) {
    let theme = shared.theme;
    let chosen = |id: &str| matches!(answer, Answer::Options(ids) if ids.contains(id));
    for choice in options {
        let (sign, look) =
            if choice.right { (theme.sign("✓ ", "v "), Look::Good) } else { (theme.sign("✗ ", "x "), Look::Dim) };
        let look = if chosen(&choice.id) && !choice.right { Look::Bad } else { look };
        let yours = if chosen(&choice.id) { shared.say("quiz.option.yours") } else { String::new() };
        let parts = [(choice.text.get(&shared.lang), strong()), (yours.as_str(), TextStyle::default())];
        out.extend(rows::words(&parts, (sign, look), width, theme));
        let why = choice.why.get(&shared.lang);
        if !why.is_empty() {
            out.extend(hung(("  ", Look::Plain), why, TextStyle::default(), width, theme));
        }
    }
    out.push(blank());
}

/// The model answer, if there is one.
pub(super) fn spoken(question: &Question, width: usize, shared: &Shared, out: &mut Vec<Row>) {
    let Some(answer) = &question.answer else { return };
    let theme = shared.theme;
    out.push(blank());
    let head = shared.say("quiz.spoken");
    out.push(Row::new(theme, &[(&head, Look::Strong)]));
    let bar = theme.sign("▌ ", "| ");
    for mut row in said(answer.get(&shared.lang), TextStyle::default(), width.saturating_sub(2), theme) {
        row.spans.insert(0, (bar.to_owned(), theme.style(Look::Focus)));
        out.push(row);
    }
}

fn proof(quiz: &Quiz, question: &Question, width: usize, shared: &Shared, out: &mut Vec<Row>) {
    let theme = shared.theme;
    let command = match &question.proof {
        Some(Proof::Command(command)) => Some(command.clone()),
        Some(Proof::Claim(id)) => Some(format!("dockshala claim {id}")),
        Some(Proof::Exercise(id)) => Some(format!("dockshala start {id}")),
        Some(Proof::Section(target)) => Some(format!("dockshala read {}", target.split('#').next().unwrap_or(target))),
        Some(Proof::Source(_)) | None => None,
    };
    if let Some(Proof::Source(source)) = &question.proof {
        out.push(blank());
        let text = shared.with("quiz.source", &[("source", source)]);
        out.extend(hung(("", Look::Dim), &text, TextStyle::of(Class::Quote), width, theme));
    }
    if let Some(command) = command {
        out.push(blank());
        let see = format!("{}  ", shared.say("quiz.see"));
        out.push(Row::new(theme, &[(&see, Look::Dim), (&command, Look::Code)]));
    }
    match &quiz.measured {
        None => {}
        Some(Measured::Running) => out.push(Row::new(theme, &[(&shared.say("tui.quiz.measuring"), Look::Warn)])),
        Some(Measured::Done { commands, text }) => {
            out.push(blank());
            for command in commands {
                out.push(Row { pan: Some(2), ..Row::new(theme, &[("$ ", Look::Dim), (command, Look::Code)]) });
            }
            out.extend(hung((theme.sign("⚖ ", "= "), Look::Good), text, TextStyle::default(), width, theme));
        }
        Some(Measured::Failed(why)) => {
            out.extend(hung((theme.sign("✗ ", "! "), Look::Warn), why, TextStyle::default(), width, theme));
        }
    }
}

fn over(quiz: &Quiz, width: usize, shared: &Shared) -> Vec<Row> {
    let theme = shared.theme;
    let Some(session) = &quiz.session else { return Vec::new() };
    let (right, asked) = session.score();
    let args: [(&str, &dyn Display); 2] = [("right", &right), ("asked", &asked)];
    let mut out = said(&shared.with("quiz.score", &args), strong(), width, theme);
    let bar = steps(right, asked, theme);
    out.push(Row::new(theme, &[(&bar, Look::Bar)]));
    out.push(blank());
    let missed = session.missed();
    if missed.is_empty() {
        out.extend(rows::plain(&shared.say("tui.quiz.all-known"), width, theme));
    } else {
        let head = shared.say("quiz.study");
        out.push(Row::new(theme, &[(&head, Look::Strong)]));
        let mut lessons: Vec<&str> = Vec::new();
        for question in &missed {
            if !lessons.contains(&question.lesson.as_str()) {
                lessons.push(&question.lesson);
            }
        }
        for id in lessons {
            let title = shared.course.lesson(id).map_or_else(
                || id.to_owned(),
                |l| format!("{} {}", shared.course.number(l).unwrap_or_default(), l.title.get(&shared.lang)),
            );
            out.extend(hung(("  - ", Look::Dim), &title, TextStyle::default(), width, theme));
        }
        out.push(blank());
        for question in missed {
            out.extend(hung(
                (theme.sign("✗ ", "x "), Look::Bad),
                question.ask.get(&shared.lang),
                TextStyle::default(),
                width,
                theme,
            ));
        }
    }
    out.push(blank());
    // Counted when the session began: what was asked in it has moved on.
    let left = quiz.counts.due.saturating_sub(asked);
    out.extend(rows::plain(&shared.with("quiz.status.due", &[("due", &left)]), width, theme));
    out
}

/// The session beside the question: what was asked, what is to come.
pub(super) fn side(quiz: &Quiz, buf: &mut Buffer, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    for y in area.y..area.bottom() {
        buf.set_string(area.x.saturating_sub(2), y, theme.sign("│", "|"), theme.style(Look::Frame));
    }
    let Some(session) = &quiz.session else { return };
    let width = usize::from(area.width);
    let head = shared.say("tui.quiz.session");
    let mut out = vec![blank(), Row::new(theme, &[(&head, Look::Dim)]), blank()];
    for (question, ratings, now) in session.overview() {
        let (sign, look) = match (now, ratings.first()) {
            (true, _) => (theme.sign("❯ ", "> "), Look::Focus),
            (_, Some(Rating::Again)) => (theme.sign("✗ ", "x "), Look::Bad),
            (_, Some(_)) => (theme.sign("✓ ", "v "), Look::Good),
            (_, None) => (theme.sign("○ ", "- "), Look::Dim),
        };
        let number = shared.course.lesson(&question.lesson).and_then(|l| shared.course.number(l)).unwrap_or_default();
        let number = rows::pad(&number, 5);
        // What is still to come is not told.
        let text = if ratings.is_empty() && !now {
            String::new()
        } else {
            crate::layout::clip(question.ask.get(&shared.lang), width.saturating_sub(8))
        };
        out.push(Row::new(
            theme,
            &[(sign, look), (&number, Look::Dim), (&text, if now { Look::Focus } else { Look::Plain })],
        ));
    }
    out.push(blank());
    for (key, name, number) in
        [("quiz.status.due", "due", quiz.counts.due), ("quiz.status.later", "later", quiz.counts.later)]
    {
        out.extend(rows::plain(&shared.with(key, &[(name, &number)]), width, theme));
    }
    rows::paint(buf, area, &out, Window::default(), theme);
}
