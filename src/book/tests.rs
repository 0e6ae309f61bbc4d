//! The book of the built-in course: complete, the same in both languages, and with no way out but a reader's click.

use super::*;
use crate::course::{Course, Lang};
use regex::Regex;
use std::{collections::BTreeSet, sync::LazyLock};

static PAGES: LazyLock<Pages> = LazyLock::new(|| pages(Course::built_in()));

fn text(path: &str) -> &'static str {
    std::str::from_utf8(PAGES.get(path).unwrap_or_else(|| panic!("no {path}"))).unwrap()
}

fn html() -> impl Iterator<Item = (&'static String, &'static str)> {
    PAGES.keys().filter(|p| p.ends_with(".html")).map(|p| (p, text(p)))
}

fn all(pattern: &str, text: &str) -> Vec<String> {
    Regex::new(pattern).unwrap().captures_iter(text).map(|c| c[1].to_owned()).collect()
}

#[test]
fn every_lesson_and_exercise_is_in_every_language_under_the_same_name() {
    let course = Course::built_in();
    for lang in course.languages() {
        for id in course.lessons().iter().map(|l| &l.id).chain(course.exercises().iter().map(|e| &e.id)) {
            assert!(PAGES.contains_key(&format!("{lang}/{id}.html")), "{lang} {id}");
        }
    }
    let ids =
        |lang: &str, id: &str| all(r#"<(?:h2|form|section)[^>]* id="([^"]+)""#, text(&format!("{lang}/{id}.html")));
    for lesson in course.lessons() {
        assert_eq!(ids("en", &lesson.id), ids("hi-Latn", &lesson.id), "{}", lesson.id);
        for section in &lesson.sections {
            assert!(ids("en", &lesson.id).contains(section), "{}#{section}", lesson.id);
        }
    }
}

/// A page asks for its sheet, its script and nothing else; the script asks for the index beside it.
#[test]
fn nothing_is_fetched_from_anywhere() {
    for (path, page) in html() {
        for target in all(r#"<(?:script|img|link|iframe|source|object|embed)\b[^>]*?(?:src|href|data)="([^"]*)""#, page)
        {
            assert!(
                ["style.css", "../style.css", "book.js", "../book.js", "data:,"].contains(&target.as_str()),
                "{path}: {target}"
            );
        }
        for target in all(r#"url\(([^)]*)\)"#, page) {
            assert!(target.starts_with('#') || !page.contains(&format!("style=\"url({target}")), "{path}: {target}");
        }
        for target in all(r#"<a\b[^>]*? href="([^"]*)""#, page) {
            let scheme = target.split_once(':').map(|(scheme, _)| scheme).filter(|s| !s.contains(['/', '#', '.']));
            assert!(matches!(scheme, None | Some("https")), "{path}: {target}");
        }
    }
    for sheet in ["style.css", "book.js"] {
        let found = all(r#"((?:https?:)?//[a-z0-9.-]+\.[a-z]{2,})"#, text(sheet));
        assert!(found.is_empty(), "{sheet}: {found:?}");
        assert!(!text(sheet).contains("@import") && !text(sheet).contains("fetch("), "{sheet}");
    }
}

#[test]
fn every_link_leads_to_a_page_and_a_place_that_are_there() {
    let mut ids: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (path, page) in html() {
        ids.insert(path, all(r#"\bid="([^"]+)""#, page).into_iter().collect());
    }
    let mut lost = BTreeSet::new();
    for (path, page) in html() {
        let dir = path.rsplit_once('/').map_or("", |(dir, _)| dir);
        for target in all(r#"<a\b[^>]*? href="([^"]*)""#, page).into_iter().filter(|t| !t.starts_with("https:")) {
            let (file, hash) = target.split_once('#').unwrap_or((&target, ""));
            let file = match file.strip_prefix("../") {
                _ if file.is_empty() => path.clone(),
                Some(up) => up.to_owned(),
                None if dir.is_empty() => file.to_owned(),
                None => format!("{dir}/{file}"),
            };
            match ids.get(file.as_str()) {
                Some(known) if hash.is_empty() || known.contains(hash) => {}
                _ => drop(lost.insert(format!("{path} → {target}"))),
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}

#[test]
fn ids_are_unique_on_a_page_and_words_are_in_its_language() {
    for (path, page) in html() {
        let mut seen = BTreeSet::new();
        for id in all(r#"<(?:h[1-6]|form|section|article|main|nav|input|div|button)\b[^>]*? id="([^"]+)""#, page) {
            assert!(seen.insert(id.clone()), "{path}: {id} twice");
        }
        // The keys themselves, not whatever begins like one: an exercise may have a file called `book.sql`.
        let keys = include_str!("../../assets/locales/book.yaml").lines().filter_map(|line| line.split_once(':'));
        for (key, _) in keys.filter(|(key, _)| key.starts_with("book.")) {
            assert!(!page.contains(&format!(">{key}<")), "{path} has a key for a word: {key}");
        }
        if let Some((lang, _)) = path.split_once('/') {
            assert!(page.contains(&format!("<html lang=\"{lang}\">")), "{path}");
        }
    }
    assert!(text("hi-Latn/multi-stage-idea.html").contains("Khud se poocho"));
}

#[test]
fn the_index_finds_hinglish_and_has_every_lesson() {
    let index = text("hi-Latn/search.js");
    let list: Vec<(String, String, String, String)> =
        serde_json::from_str(index.strip_prefix("window.dockshalaIndex=").unwrap().trim_end().trim_end_matches(';'))
            .unwrap();
    assert!(
        list.iter().any(|(to, .., words)| to.starts_with("multi-stage-idea.html#") && words.contains("jaata")),
        "no Hinglish"
    );
    for lesson in Course::built_in().lessons() {
        assert!(list.iter().any(|(to, ..)| to.starts_with(&format!("{}.html", lesson.id))), "{}", lesson.id);
    }
    assert!(list.iter().all(|(.., words)| !words.contains("{\"format\"")), "a recording is no text");
}

#[test]
fn what_is_hostile_in_a_pack_is_text() {
    let course = Course::built_in();
    let shared = Shared::of(course);
    let book = Book::new(course, &shared, Lang::en());
    let document = crate::course::Document {
        markdown:
            "<script>alert(1)</script>\n\n[x](javascript:alert(1)) ![y](https://evil.example/a.png) <b onclick=x>\n"
                .into(),
        code: Vec::new(),
    };
    let html = super::text::html(&book, &document, super::text::Place::default());
    assert!(
        !html.contains("<script") && !html.contains("javascript:") && !html.contains("<img") && !html.contains("<b "),
        "{html}"
    );
    assert_eq!(super::html::json(&serde_json::json!("</script>")), "\"\\u003c/script>\"");
}

#[test]
fn footnotes_of_two_lessons_are_apart_on_the_page_of_all_of_them() {
    let course = Course::built_in();
    let shared = Shared::of(course);
    let book = Book::new(course, &shared, Lang::en());
    let document = crate::course::Document { markdown: "Chai[^a].\n\n[^a]: Hot.\n".into(), code: Vec::new() };
    let html =
        |lesson| super::text::html(&book, &document, super::text::Place { lesson, print: true, ..Default::default() });
    let (first, second) = (html("hypervisors"), html("ec2-and-nitro"));
    assert!(first.contains("href=\"#hypervisors-a\">1</a>") && first.contains("id=\"hypervisors-a\""), "{first}");
    assert!(second.contains("href=\"#ec2-and-nitro-a\">1</a>"), "{second}");
    let alone = super::text::html(&book, &document, super::text::Place { lesson: "hypervisors", ..Default::default() });
    assert!(alone.contains("href=\"#a\">1</a>"), "{alone}");
}

#[test]
fn a_book_is_written_where_nothing_is_lost_and_replaces_an_older_one() {
    let dir = tempfile::tempdir().unwrap();
    let pages: Pages = [("a/x.html".to_owned(), b"1".to_vec()), ("old.html".to_owned(), b"2".to_vec())].into();
    assert_eq!(write(&pages, dir.path()).unwrap(), (2, 2));
    fs::write(dir.path().join("mine.txt"), "mine").unwrap();
    let fewer: Pages = [("a/x.html".to_owned(), b"3".to_vec())].into();
    write(&fewer, dir.path()).unwrap();
    assert_eq!(fs::read(dir.path().join("a/x.html")).unwrap(), b"3");
    assert!(!dir.path().join("old.html").exists() && dir.path().join("mine.txt").exists());
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("mine.txt"), "mine").unwrap();
    assert!(matches!(write(&pages, other.path()), Err(BuildError::NotEmpty(_))));
}

#[test]
fn words_are_linked_in_lessons_and_each_link_has_its_meaning_and_its_place() {
    let pages = pages(Course::built_in());
    let text = |name: &str| String::from_utf8(pages[name].clone()).unwrap();
    for lang in Course::built_in().languages() {
        let glossary = text(&format!("{lang}/glossary.html"));
        let mut linked = 0;
        for lesson in Course::built_in().lessons() {
            let page = text(&format!("{lang}/{}.html", lesson.id));
            let mut targets = std::collections::HashSet::new();
            for link in page.split("class=\"term\" href=\"").skip(1) {
                let target = link.split('"').next().unwrap();
                let id = target.strip_prefix("glossary.html#").unwrap();
                assert!(glossary.contains(&format!("id=\"{id}\"")), "{target} in {lang}/{}", lesson.id);
                assert!(targets.insert(id.to_owned()), "{id} twice in {lang}/{}", lesson.id);
                linked += 1;
            }
            // Nothing is linked inside of a link, a heading, code, or a question that asks for it.
            let quiz = page.split("class=\"quiz\"").nth(1).unwrap_or_default();
            assert!(!quiz.contains("class=\"term\""), "{lang}/{}", lesson.id);
        }
        assert!(linked > 100, "{linked} words in {lang}");
        assert!(!text(&format!("{lang}/print.html")).contains("class=\"term\""));
        assert!(text(&format!("{lang}/search.js")).contains("glossary.html#term-image"));
    }
}
