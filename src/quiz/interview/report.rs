//! What came of an interview, in words: question by question, and what to study.
//!
//! It is made of the log alone, so that it can be shown again, in either language, long after.

use crate::{
    course::{Course, Lang, Planned, Question},
    i18n,
    progress::{Interview, InterviewAnswer},
};
use std::{collections::BTreeMap, fmt::Display};

/// One question of an interview.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What was asked.
    pub ask: String,
    /// Points that were said, and of how many.
    pub said: (u32, u32),
    /// Seconds.
    pub seconds: u32,
    /// It was passed over.
    pub passed_over: bool,
    /// The points that were not said.
    pub missing: Vec<String>,
}

/// Every question of the course by its id.
fn questions(course: &Course) -> BTreeMap<String, Question> {
    course.modules().iter().flat_map(|m| course.quiz(&m.id)).map(|q| (q.id.clone(), q)).collect()
}

/// Question by question.
pub fn lines(course: &Course, held: &Interview, lang: &Lang) -> Vec<Line> {
    let questions = questions(course);
    let mut followed: BTreeMap<&str, usize> = BTreeMap::new();
    let lines = held.answers.iter().map(|answer| {
        // Follow-ups have no ids; they are asked in their order, so the how-manieth it is tells which it was.
        let nth = followed.entry(&answer.question).or_default();
        *nth += 1;
        line(answer, *nth - 1, &questions, course, lang)
    });
    lines.collect()
}

fn line(
    answer: &InterviewAnswer,
    nth: usize,
    questions: &BTreeMap<String, Question>,
    course: &Course,
    lang: &Lang,
) -> Line {
    let (id, follow_up) = match answer.question.strip_suffix('+') {
        Some(id) => (id, true),
        None => (answer.question.as_str(), false),
    };
    let question = questions.get(id);
    let then = question.filter(|_| follow_up).and_then(|q| q.then.get(nth));
    let ask = match (question, answer.question.strip_prefix("viva:")) {
        (Some(q), _) if follow_up => {
            // The course may have changed since; then the question that it followed must do.
            let ask = then.map_or(&q.ask, |then| &then.ask).get(lang);
            i18n::text(lang, "interview.report.then", &[("ask", &ask)])
        }
        (Some(q), _) => q.ask.get(lang).to_owned(),
        (None, Some(_)) => {
            let exercise = answer.exercise.as_deref().unwrap_or_default();
            let title = course.exercise(exercise).map_or(exercise, |e| e.title.get(lang));
            i18n::text(lang, "interview.report.viva", &[("exercise", &title)])
        }
        // The course has it no more.
        (None, None) => answer.question.clone(),
    };
    let point = |nth: &u32| Some(question?.points.get(*nth as usize)?.get(lang).to_owned());
    let missing = match then {
        Some(then) if answer.said < answer.of => vec![then.answer.get(lang).to_owned()],
        _ if follow_up => Vec::new(),
        _ => answer.missing.iter().filter_map(point).collect(),
    };
    Line { ask, said: (answer.said, answer.of), seconds: answer.seconds, passed_over: answer.passed_over, missing }
}

/// A lesson to study, and how much of what was asked of it was said, percent.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// The lesson's id.
    pub lesson: String,
    /// Its number and title.
    pub title: String,
    /// Percent of its points that were said.
    pub said: u32,
    /// It is written.
    pub there: bool,
}

/// The lessons to study, the weakest first; those of which all was said are left out.
pub fn study(course: &Course, held: &Interview, lang: &Lang) -> Vec<Study> {
    let mut by_lesson: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for answer in &held.answers {
        let Some(lesson) = &answer.lesson else { continue };
        let sum = by_lesson.entry(lesson).or_default();
        *sum = (sum.0 + answer.said, sum.1 + answer.of);
    }
    let planned: BTreeMap<String, Planned> = course.curriculum().into_iter().map(|p| (p.id.clone(), p)).collect();
    let mut found: Vec<Study> = by_lesson
        .into_iter()
        .filter(|(_, (said, of))| said < of)
        .map(|(id, (said, of))| {
            let written = course.lesson(id);
            let title = match (written, planned.get(id)) {
                (Some(lesson), _) => {
                    let number = course.number(lesson).map(|n| format!("{n} ")).unwrap_or_default();
                    format!("{number}{}", lesson.title.get(lang))
                }
                (None, Some(planned)) => format!("{} {}", planned.number, planned.title.get(lang)),
                (None, None) => id.to_owned(),
            };
            Study { lesson: id.to_owned(), title, said: said * 100 / of.max(1), there: written.is_some() }
        })
        .collect();
    found.sort_by(|a, b| (a.said, &a.title).cmp(&(b.said, &b.title)));
    found
}

/// Points that were said of all, percent.
pub fn score(held: &Interview) -> u32 {
    let (said, of) = held.answers.iter().fold((0, 0), |(s, o), a| (s + a.said, o + a.of));
    said * 100 / of.max(1)
}

/// The whole report as Markdown.
pub fn markdown(course: &Course, at: i64, held: &Interview, lang: &Lang) -> String {
    let say = |key: &str, args: &[(&str, &dyn Display)]| i18n::text(lang, &format!("interview.report.{key}"), args);
    let day = jiff::Timestamp::from_millisecond(at)
        .map(|t| t.to_zoned(jiff::tz::TimeZone::system()).date().to_string())
        .unwrap_or_default();
    let role = i18n::text(lang, &format!("interview.role.{}", held.role), &[]);
    let mut out = format!("# {}\n\n", say("title", &[("date", &day)]));
    let minutes = held.seconds.div_ceil(60);
    let summary: [(&str, &dyn Display); 4] =
        [("role", &role), ("minutes", &minutes), ("asked", &held.answers.len()), ("score", &score(held))];
    out += &format!("{}\n\n", say("summary", &summary));
    let study = study(course, held, lang);
    out += &format!("## {}\n\n", say("study", &[]));
    if study.is_empty() {
        out += &format!("{}\n\n", say("study-nothing", &[]));
    }
    for (nth, lesson) in (1..).zip(&study) {
        let command = if lesson.there { format!(": `dockshala read {}`", lesson.lesson) } else { String::new() };
        out += &format!("{nth}. {} ({} %){command}\n", plain(&lesson.title), lesson.said);
    }
    if !study.is_empty() {
        out.push('\n');
    }
    out += &format!("## {}\n\n", say("questions", &[]));
    for (nth, line) in (1..).zip(lines(course, held, lang)) {
        out += &format!("{nth}. **{}**\n", plain(&line.ask));
        let args: [(&str, &dyn Display); 3] =
            [("said", &line.said.0), ("of", &line.said.1), ("seconds", &line.seconds)];
        let key = if line.passed_over { "passed-over" } else { "said" };
        out += &format!("   - {}\n", say(key, &args));
        for point in &line.missing {
            out += &format!("   - {}\n", say("missing", &[("point", &plain(point))]));
        }
    }
    out
}

/// A course's text on one line; a question of several paragraphs would end the list that it stands in.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held() -> Interview {
        let answer = |question: &str, lesson: &str, said, of, missing: &[u32]| InterviewAnswer {
            question: question.into(),
            lesson: (!lesson.is_empty()).then(|| lesson.to_owned()),
            exercise: question.starts_with("viva:").then(|| "two-stages".to_owned()),
            said,
            of,
            seconds: 40,
            passed_over: said == 0 && of > 1,
            missing: missing.into(),
        };
        Interview {
            session: 3,
            role: "developer".into(),
            minutes: 15,
            seconds: 130,
            answers: vec![
                answer("q-thirty-seconds", "multi-stage-idea", 3, 4, &[1]),
                answer("q-thirty-seconds+", "multi-stage-idea", 1, 1, &[]),
                answer("viva:heaviest", "", 1, 1, &[]),
                answer("gone-from-the-course", "no-such-lesson", 0, 2, &[0, 1]),
            ],
        }
    }

    #[test]
    fn the_weakest_lesson_is_studied_first() {
        let study = study(Course::built_in(), &held(), &Lang::en());
        let said: Vec<_> = study.iter().map(|s| (s.lesson.as_str(), s.said, s.there)).collect();
        assert_eq!(said, [("no-such-lesson", 0, false), ("multi-stage-idea", 80, true)]);
        assert_eq!(score(&held()), 62);
    }

    #[test]
    fn each_follow_up_stands_with_its_own_words() {
        let mut held = held();
        let question =
            questions(Course::built_in()).into_values().find(|q| q.then.len() > 1).expect("the course has some");
        held.answers[0].question.clone_from(&question.id);
        held.answers[1].question = format!("{}+", question.id);
        let again = InterviewAnswer { said: 0, ..held.answers[1].clone() };
        held.answers.insert(2, again);
        let lines = lines(Course::built_in(), &held, &Lang::en());
        for (line, then) in lines[1..3].iter().zip(&question.then) {
            assert!(line.ask.contains(then.ask.get(&Lang::en())), "{line:?}");
        }
        assert_ne!(lines[1].ask, lines[2].ask);
        assert_eq!((lines[1].missing.len(), lines[2].missing.len()), (0, 1), "an answer that was not given is shown");
    }

    #[test]
    fn the_report_is_there_in_both_languages_and_names_what_was_missed() {
        for (lang, missed) in [("en", "Not said:"), ("hi-Latn", "Reh gaya:")] {
            let lang = Lang::new(lang);
            let text = markdown(Course::built_in(), 1_795_000_000_000, &held(), &lang);
            assert!(text.contains(missed) && text.contains("dockshala read multi-stage-idea"), "{text}");
            assert!(text.contains("COPY --from"), "{text}");
            assert!(!text.contains("interview.report") && !text.contains("%{"), "{text}");
        }
    }
}
