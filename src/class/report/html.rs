//! The class as one page: every language in it, no network, no script; light, dark and on paper.
//!
//! Languages are switched by radio buttons before the content and a rule of CSS each, because a page that learners' words go into
//! should hold no script at all: a policy in its head forbids them, should an escape ever be forgotten. Colour is never the
//! only sign: each cell has a word or a mark too.

use super::{Cell, ClassReport, Column, GoalCell, Row, Stuck};
use crate::{
    course::{Course, Lang},
    i18n, words,
};
use dockshala_checkers::{engine::clean, verdict::Verdict};
use std::fmt::{Display, Write};

const STYLE: &str = include_str!("page.css");

/// The page, `first` the language that it opens in.
pub fn html(report: &ClassReport, course: &Course, first: &Lang) -> String {
    let mut page = Page { report, course, langs: i18n::languages(), out: String::new() };
    page.whole(first);
    page.out
}

struct Page<'a> {
    report: &'a ClassReport,
    course: &'a Course,
    langs: Vec<Lang>,
    out: String,
}

/// Text as HTML: no markup of it survives, nor a character that turns the reading direction.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean::line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Escaped text, what stands in backticks as code.
fn inline(markdown: &str) -> String {
    let mut out = String::new();
    for (nth, part) in escape(markdown).split('`').enumerate() {
        match nth % 2 {
            0 => out.push_str(part),
            _ => _ = write!(out, "<code>{part}</code>"),
        }
    }
    out
}

impl Page<'_> {
    /// A text in every language, of which one is seen.
    fn both(&self, text: impl Fn(&Lang) -> String) -> String {
        let texts: Vec<String> = self.langs.iter().map(|lang| inline(&text(lang))).collect();
        if texts.windows(2).all(|pair| pair[0] == pair[1]) {
            return texts.into_iter().next().unwrap_or_default();
        }
        let span =
            |(lang, text): (&Lang, String)| format!("<span class=t lang=\"{}\">{text}</span>", escape(lang.as_str()));
        self.langs.iter().zip(texts).map(span).collect()
    }

    fn say(&self, key: &str, args: &[(&str, &dyn Display)]) -> String {
        self.both(|lang| i18n::text(lang, &format!("class.{key}"), args))
    }

    fn put(&mut self, html: impl AsRef<str>) {
        self.out.push_str(html.as_ref());
        self.out.push('\n');
    }

    fn whole(&mut self, first: &Lang) {
        let title = i18n::text(first, "class.html.title", &[("course", &self.course.title().get(first))]);
        let mut rules = String::new();
        for (nth, lang) in self.langs.iter().enumerate() {
            let tag = escape(lang.as_str());
            _ = write!(rules, "#l{nth}:checked~main .t:not([lang=\"{tag}\"]){{display:none}}");
        }
        self.put("<!doctype html>");
        self.put(format!("<html lang=\"{}\"><head><meta charset=\"utf-8\">", escape(first.as_str())));
        self.put(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        );
        self.put("<meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">");
        self.put(format!("<title>{}</title><style>{STYLE}{rules}</style></head><body>", escape(&title)));
        let opens = self.langs.iter().position(|lang| lang == first).unwrap_or(0);
        for (nth, lang) in self.langs.clone().iter().enumerate() {
            let checked = if nth == opens { " checked" } else { "" };
            let name = i18n::text(lang, "class.html.language", &[]);
            let name = if name.starts_with("class.") { lang.as_str().to_owned() } else { name };
            self.put(format!(
                "<input type=radio name=l id=l{nth}{checked}><label for=l{nth}>{}</label>",
                escape(&name)
            ));
        }
        self.put("<main>");
        self.head();
        self.overview();
        self.stuck();
        self.heat();
        self.odd();
        self.put("</main></body></html>");
    }

    fn head(&mut self) {
        let report = self.report;
        let count = |wanted: &str| {
            report.learners.iter().flat_map(|r| r.work.values()).filter(|c| c.verified == wanted).count()
        };
        let all: usize = report.learners.iter().map(|r| r.work.len()).sum();
        let title =
            self.both(|lang| i18n::text(lang, "class.html.title", &[("course", &self.course.title().get(lang))]));
        let made = report.made.clone();
        let passed = count("passed");
        let contradicted = report.learners.iter().flat_map(|r| r.work.values()).filter(|c| c.contradicted).count();
        let summary = self.say(
            "html.summary",
            &[
                ("learners", &report.learners.len()),
                ("all", &all),
                ("passed", &passed),
                ("failed", &count("failed")),
                ("open", &(all - passed - count("failed"))),
                ("contradicted", &contradicted),
                ("refused", &report.refused.len()),
            ],
        );
        let (meaning, made) = (self.say("html.meaning", &[]), self.say("html.made", &[("at", &made)]));
        self.put(format!("<h1>{title}</h1><p>{summary}</p><p class=dim>{meaning}</p><p class=dim>{made}</p>"));
    }

    fn title_of(&self, exercise: &str) -> String {
        match self.course.exercise(exercise) {
            Some(exercise) => self.both(|lang| exercise.title.get(lang).to_owned()),
            None => escape(exercise),
        }
    }

    fn overview(&mut self) {
        let mut html = format!("<h2>{}</h2>", self.say("html.overview", &[]));
        html += &format!("<div class=wide><table><thead><tr><th>{}</th>", self.say("html.learner", &[]));
        for column in &self.report.exercises {
            html +=
                &format!("<th>{}<br><code>{}</code></th>", self.title_of(&column.exercise), escape(&column.exercise));
        }
        html += "</tr></thead><tbody>";
        for row in &self.report.learners {
            html += &format!("<tr><th>{}</th>", self.name(row));
            for column in &self.report.exercises {
                html += &match row.work.get(&column.exercise) {
                    Some(cell) => self.cell(cell, column),
                    None => "<td class=none>–</td>".to_owned(),
                };
            }
            html += "</tr>";
        }
        html += "</tbody></table></div>";
        self.put(html);
    }

    fn name(&self, row: &Row) -> String {
        let device = row.device.simple().to_string();
        match row.namesake {
            true => format!("{} <small>{}</small>", escape(&row.name), escape(&device[device.len() - 4..])),
            false => escape(&row.name),
        }
    }

    fn names(&self, who: &[usize]) -> String {
        let names: Vec<String> =
            who.iter().filter_map(|nth| self.report.learners.get(*nth)).map(|r| self.name(r)).collect();
        names.join(", ")
    }

    fn cell(&self, cell: &Cell, column: &Column) -> String {
        let look = if cell.contradicted { "contra" } else { cell.verified };
        let mut html = format!("<td class={look}><b>{}</b>", self.say(&format!("verified.{}", cell.verified), &[]));
        if cell.verified == "failed" {
            let passed = cell.goals.iter().filter(|g| g.verified == Some(Verdict::Passed)).count();
            html += &format!(" {passed}/{}", column.goals.len());
        }
        html += &format!("<br><small>{}", self.say(&format!("claimed.{}", cell.claimed), &[]));
        if cell.claim.attempts > 0 {
            html += &format!(" · {}", self.say("html.attempts", &[("count", &cell.claim.attempts)]));
        }
        if let Some(minutes) = cell.minutes {
            html += &format!(" · {}", escape(&duration(minutes)));
        }
        if cell.claim.solution_seen {
            html += &format!(" · {}", self.say("html.solution-seen", &[]));
        } else if cell.claim.hints > 0 {
            html += &format!(" · {}", self.say("html.hints", &[("count", &cell.claim.hints)]));
        }
        html + "</small></td>"
    }

    fn stuck(&mut self) {
        let report = self.report;
        if report.stuck.is_empty() {
            return;
        }
        let mut html = format!("<h2>{}</h2><ol>", self.say("html.stuck", &[]));
        for stuck in &report.stuck {
            html += &self.one_stuck(stuck);
        }
        html += "</ol>";
        self.put(html);
    }

    fn one_stuck(&self, stuck: &Stuck) -> String {
        let mut html = format!(
            "<li><b>{}</b> · {} <code>{}</code>",
            self.title_of(&stuck.exercise),
            self.goal(&stuck.exercise, &stuck.goal),
            escape(&stuck.code)
        );
        if let Some(example) = &stuck.example {
            html += &format!("<br>{}", self.both(|lang| i18n::diagnosis(lang, example).what));
        }
        if !stuck.verified.is_empty() {
            let (count, names) = (stuck.verified.len(), self.names(&stuck.verified));
            html += &format!("<br>{} {names}", self.say("html.stuck-verified", &[("count", &count)]));
        }
        if !stuck.claimed.is_empty() {
            let (count, names) = (stuck.claimed.len(), self.names(&stuck.claimed));
            html += &format!("<br><i>{} {names}</i>", self.say("html.stuck-claimed", &[("count", &count)]));
        }
        if let Some(lesson) = stuck.lesson.as_deref().and_then(|id| self.course.lesson(id)) {
            let number = self.course.number(lesson).unwrap_or_default();
            let title = self.both(|lang| lesson.title.get(lang).to_owned());
            let repeat = self.say("html.repeat", &[]);
            html += &format!("<br>{repeat} <b>{} {title}</b> <code>{}</code>", escape(&number), escape(&lesson.id));
        }
        html + "</li>"
    }

    fn goal(&self, exercise: &str, goal: &str) -> String {
        let found = self.course.exercise(exercise).and_then(|e| e.goals.iter().find(|g| g.id == goal));
        match found {
            Some(goal) => self.both(|lang| words::goal(lang, goal)),
            None => escape(goal),
        }
    }

    fn heat(&mut self) {
        let report = self.report;
        let heading =
            format!("<h2>{}</h2><p class=dim>{}</p>", self.say("html.heat", &[]), self.say("html.heat-legend", &[]));
        self.put(heading);
        for column in report.exercises.iter().filter(|c| !c.goals.is_empty()) {
            let mut html = format!(
                "<section><h3>{}</h3><div class=wide><table class=heat><thead><tr>",
                self.title_of(&column.exercise)
            );
            html += &format!("<th>{}</th>", self.say("html.learner", &[]));
            for nth in 1..=column.goals.len() {
                html += &format!("<th>{nth}</th>");
            }
            html += "</tr></thead><tbody>";
            for row in &report.learners {
                let Some(cell) = row.work.get(&column.exercise) else { continue };
                html += &format!("<tr><th>{}</th>", self.name(row));
                for goal in &column.goals {
                    html += &self.square(cell.goals.iter().find(|g| g.id == *goal));
                }
                html += "</tr>";
            }
            html += "</tbody></table></div><ol class=goals>";
            for goal in &column.goals {
                html += &format!("<li>{} <code>{}</code></li>", self.goal(&column.exercise, goal), escape(goal));
            }
            html += "</ol></section>";
            self.put(html);
        }
    }

    /// Measured here: a full square. Said by the learner's program alone: a hollow one.
    fn square(&self, goal: Option<&GoalCell>) -> String {
        let (look, mark) = match goal.map(|g| (g.verified, g.claimed.as_deref())) {
            Some((Some(Verdict::Passed), _)) => ("passed", "✓"),
            Some((Some(Verdict::Failed), _)) => ("failed", "✗"),
            Some((Some(Verdict::Broken), _)) => ("broken", "!"),
            Some((Some(Verdict::Skipped), _)) => ("skipped", "·"),
            Some((None, Some("passed"))) => ("hollow", "(✓)"),
            Some((None, Some("failed"))) => ("hollow", "(✗)"),
            _ => ("none", ""),
        };
        let code = goal.and_then(|g| g.diagnosis.as_ref()).map(|d| d.code.as_str()).unwrap_or_default();
        format!("<td class={look} title=\"{}\">{mark}</td>", escape(code))
    }

    fn odd(&mut self) {
        let report = self.report;
        let mut items = Vec::new();
        for row in &report.learners {
            for (exercise, cell) in &row.work {
                let who = format!("{} · {}", self.name(row), self.title_of(exercise));
                if cell.contradicted {
                    items.push(format!("{who}: {}", self.say("html.contradicted", &[])));
                }
                for doubt in &cell.doubts {
                    items.push(format!("{who}: {}", self.say(&format!("doubt.{}", doubt.name()), &[])));
                }
                if cell.other_course {
                    items.push(format!("{who}: {}", self.say("html.other-course", &[])));
                }
                if !cell.same_files.is_empty() {
                    let others = self.names(&cell.same_files);
                    items.push(format!("{who}: {} {others}", self.say("html.same-files", &[])));
                }
                let reason = match cell.verified {
                    "not-here" => Some(self.say(&format!("not-here.{}", cell.why), &[])),
                    "deadline" => Some(self.say("html.deadline", &[("seconds", &cell.why)])),
                    "broken" => Some(self.say("html.broken", &[("code", &cell.why)])),
                    "unknown" => Some(self.say("html.unknown", &[])),
                    _ => None,
                };
                items.extend(reason.map(|reason| format!("{who}: {reason}")));
            }
        }
        for refused in &report.refused {
            let why = self.say(&format!("refusal.{}", refused.why), &[("what", &clean::line(&refused.what))]);
            items.push(format!("<code>{}</code>: {why}", escape(&refused.file)));
        }
        if items.is_empty() {
            return;
        }
        let intro = self.say("html.odd-intro", &[]);
        let mut html = format!("<h2>{}</h2><p class=dim>{intro}</p><ul>", self.say("html.odd", &[]));
        for item in items {
            html += &format!("<li>{item}</li>");
        }
        html += "</ul>";
        self.put(html);
    }
}

/// `42 min`, `3 h 5 min`, `2 d`: units that both languages write alike.
fn duration(minutes: u64) -> String {
    match minutes {
        0..60 => format!("{minutes} min"),
        60..1440 => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => format!("{} d", minutes / 1440),
    }
}
