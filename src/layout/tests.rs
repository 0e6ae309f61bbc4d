//! Layout on literal grids, and the two properties that no text may break: no row wider than the width (code excepted),
//! and nothing of the text lost.

use super::*;
use crate::course::markdown_options;
use proptest::prelude::*;
use rstest::rstest;

fn labels() -> Labels {
    Labels {
        note: "NOTE".into(),
        tip: "TIP".into(),
        interview: "INTERVIEW".into(),
        warning: "WARNING".into(),
        caution: "CAUTION".into(),
        claim: "CLAIM".into(),
        links: "LINKS".into(),
        diagram: DiagramWords {
            wasted: "wasted".into(),
            shared: "shared".into(),
            settings: "settings only".into(),
            linear: "to scale".into(),
            log: "log scale".into(),
            ships: "the image".into(),
            cache: "build cache only".into(),
            cached: "cached".into(),
            picture: "Picture:".into(),
            ..DiagramWords::default()
        },
    }
}

pub(super) fn options() -> Options {
    Options { measure: 96, ascii: false, frames: true, list_links: true, stepped: false, labels: labels() }
}

fn grid(markdown: &str, width: usize) -> String {
    grid_with(markdown, width, &options())
}

fn grid_with(markdown: &str, width: usize, options: &Options) -> String {
    let laid = layout(&parse(markdown), &[], width, options);
    laid.lines.iter().map(Line::text).collect::<Vec<_>>().join("\n")
}

#[test]
fn items_hang_by_their_real_marker() {
    let text = "9. Pehli cheez jo karni hai\n10. Doosri cheez, thodi lambi\n    - andar ki list bhi\n      hanging rehti hai\n";
    assert_eq!(
        grid(text, 24),
        [
            " 9. Pehli cheez jo karni",
            "    hai",
            "10. Doosri cheez, thodi",
            "    lambi",
            "    ◦ andar ki list bhi",
            "      hanging rehti hai",
        ]
        .join("\n")
    );
}

#[test]
fn loose_items_have_air_and_tight_ones_none() {
    assert_eq!(grid("- a\n- b\n", 20), "• a\n• b");
    assert_eq!(grid("- a\n\n- b\n", 20), "• a\n\n• b");
    assert_eq!(grid("- [x] done\n- [ ] open\n", 20), "[✓] done\n[ ] open");
}

#[test]
fn quotes_and_callouts_are_laid_out_narrower_and_then_prefixed() {
    assert_eq!(
        grid("> one two three four five six\n> > seven eight nine ten eleven\n", 22),
        "│ one two three four\n│ five six\n│\n│ │ seven eight nine\n│ │ ten eleven"
    );
    assert_eq!(
        grid("> [!IMPORTANT]\n> \"Builder final image mein nahi jaata.\"\n", 24),
        "▌ INTERVIEW\n▌ \"Builder final image\n▌ mein nahi jaata.\""
    );
}

#[test]
fn code_keeps_its_lines_and_says_what_to_shift() {
    let text =
        "```dockerfile file=Dockerfile\nFROM golang:1.26 AS build\nRUN go build -o /app ./... && strip /app\n```\n";
    let laid = layout(&parse(text), &[], 24, &options());
    let rows: Vec<_> = laid.lines.iter().map(Line::text).collect();
    assert_eq!(
        rows,
        [
            "╭─ Dockerfile ──────────",
            "│ FROM golang:1.26 AS build",
            "│ RUN go build -o /app ./... && strip /app",
            "╰───────────────────────",
        ]
    );
    assert_eq!(laid.lines[1].pan, Some(2));
    assert_eq!(laid.widest, 42);
}

#[test]
fn colours_of_code_are_taken_as_given_and_never_lose_text() {
    let given = [Highlighted { lines: vec![vec![(4, Token::Keyword)], vec![(1, Token::Keyword), (9, Token::Plain)]] }];
    let laid = layout(&parse("```dockerfile\nFROM a\nRUN\tb\n```\n"), &given, 40, &options());
    let spans: Vec<_> = laid.lines[0].spans.iter().map(|s| (s.text.as_str(), s.style.class)).collect();
    assert_eq!(
        spans,
        [("│ ", Class::Frame), ("FROM", Class::Token(Token::Keyword)), (" a", Class::Token(Token::Plain))]
    );
    assert_eq!(laid.lines[1].text(), "│ RUN b");
}

const TABLE: &str = "| Image | Kya hai | Size |\n|---|---|--:|\n| `golang:1.26` | poora toolchain, compiler aur shell ke saath | 854.9 MB |\n| scratch | kuch bhi nahi | 0 MB |\n";

#[test]
fn a_table_shrinks_to_its_content() {
    assert_eq!(
        grid(TABLE, 80),
        [
            "Image       │ Kya hai                                      │     Size",
            "────────────┼──────────────────────────────────────────────┼─────────",
            "golang:1.26 │ poora toolchain, compiler aur shell ke saath │ 854.9 MB",
            "scratch     │ kuch bhi nahi                                │     0 MB",
        ]
        .join("\n")
    );
}

#[test]
fn wide_cells_wrap_while_narrow_ones_keep_their_width() {
    assert_eq!(
        grid(TABLE, 50),
        [
            "Image       │ Kya hai                   │     Size",
            "────────────┼───────────────────────────┼─────────",
            "golang:1.26 │ poora toolchain, compiler │ 854.9 MB",
            "            │ aur shell ke saath        │",
            "────────────┼───────────────────────────┼─────────",
            "scratch     │ kuch bhi nahi             │     0 MB",
        ]
        .join("\n")
    );
}

#[test]
fn a_cramped_table_becomes_records() {
    assert_eq!(
        grid(TABLE, 32),
        [
            "Image    golang:1.26",
            "Kya hai  poora toolchain,",
            "         compiler aur shell ke",
            "         saath",
            "Size     854.9 MB",
            "────────────────────────",
            "Image    scratch",
            "Kya hai  kuch bhi nahi",
            "Size     0 MB",
        ]
        .join("\n")
    );
}

#[test]
fn links_are_numbered_and_listed() {
    let text = "Dekho [Docker docs](https://docs.docker.com) aur [phir se](https://docs.docker.com).";
    assert_eq!(grid(text, 60), "Dekho Docker docs[1] aur phir se[1].\n\nLINKS\n[1] https://docs.docker.com");
}

#[test]
fn footnotes_stand_at_the_end_of_their_section() {
    let text = "## A {#a}\nText[^x].\n\n## B {#b}\nMore.\n\n[^x]: The note,\n    in two lines.\n";
    assert_eq!(grid(text, 30), "A\n─\n\nText[^1].\n\n[^1] The note, in two lines.\n\n\nB\n─\n\nMore.");
}

#[test]
fn definitions_hang_below_their_term() {
    assert_eq!(grid("layer\n: ek instruction ka nateeja\n", 24), "layer\n    ek instruction ka\n    nateeja");
}

#[test]
fn short_code_in_a_sentence_is_not_broken() {
    assert_eq!(
        grid("Ab chalao `docker build .` aur dekho", 20),
        "Ab chalao\n`docker build .` aur\ndekho".replace('`', "")
    );
}

#[test]
fn words_break_between_clusters_only() {
    assert_eq!(grid("नमस्तेनमस्तेनमस्तेनमस्ते", 14), "नमस्तेनमस्तेनमस्तेनम\nस्ते");
}

#[test]
fn ascii_mode_has_no_other_sign() {
    let text = format!("# T\n\n- a → b\n\n> [!TIP]\n> x\n\n{TABLE}\n```text file=cap\n├── a\n```\n");
    let grid = grid_with(&text, 60, &Options { ascii: true, ..options() });
    assert!(grid.is_ascii(), "{grid}");
    assert!(grid.contains("a -> b") && grid.contains("| +-- a"), "{grid}");
}

#[test]
fn without_frames_code_is_indented_and_nothing_is_drawn() {
    let text = "# T\n\n> [!TIP]\n> x\n\n```sh file=run.sh\nls\n```\n";
    let grid = grid_with(text, 60, &Options { frames: false, ..options() });
    assert_eq!(grid, "T\n\nTIP\nx\n\nrun.sh:\n    ls");
}

#[test]
fn a_place_is_found_again_in_another_language_and_width() {
    let en = layout(
        &parse(
            "# T\n\nIntro.\n\n## One {#one}\n\nFirst.\n\nSecond, which is long enough to wrap here.\n\n## Two {#two}\n\nEnd.\n",
        ),
        &[],
        30,
        &options(),
    );
    let hi = layout(
        &parse(
            "# T\n\nShuruaat, aur thodi lambi taaki do line ho.\n\n## Ek {#one}\n\nPehla.\n\nDoosra.\n\n## Do {#two}\n\nAnt.\n",
        ),
        &[],
        30,
        &options(),
    );
    let row = en.lines.iter().position(|l| l.text().starts_with("enough") || l.text().contains("wrap")).unwrap();
    let place = en.place(row);
    assert_eq!(place, Place { section: "one".into(), block: 2, row: 1 });
    // The second row of the paragraph is not there: the nearest is the blank one that belongs to it.
    assert!(hi.lines[hi.find(&place) - 1].text().contains("Doosra"), "{place:?}");
    assert_eq!(en.find(&en.place(row)), row);
    let two = hi.find(&Place { section: "two".into(), block: 9, row: 9 });
    assert_eq!(hi.lines[two].text(), "Ant.");
    let titles: Vec<_> = en.sections.iter().map(|s| (s.id.as_str(), s.title.as_str(), s.level)).collect();
    assert_eq!(titles, [("", "T", 1), ("one", "One", 2), ("two", "Two", 2)]);
}

#[test]
fn every_row_is_found_again() {
    let laid = layout(&parse(include_str!("fixtures/en.md")), &[], 60, &options());
    for row in 0..laid.lines.len() {
        assert_eq!(laid.find(&laid.place(row)), row);
    }
}

#[rstest]
fn whole_texts(#[values("en", "hi-Latn")] lang: &str, #[values(40, 60, 80, 120)] width: usize) {
    let text = match lang {
        "en" => include_str!("fixtures/en.md"),
        _ => include_str!("fixtures/hi-Latn.md"),
    };
    insta::assert_snapshot!(format!("{lang}-{width}"), grid(text, width));
}

#[test]
fn a_claim_is_a_callout_of_its_own() {
    assert_eq!(grid("> [!CLAIM]\n>\n> rm shrinks the image\n", 30), "▌ CLAIM\n▌ rm shrinks the image");
    assert_eq!(grid("```go file=main.go lines=3-9\nx\n```\n", 20), "╭─ main.go:3-9 ─────\n│ x\n╰───────────────────");
}

#[test]
fn words_of_the_program_know_code_and_nothing_else() {
    let spans = |text: &str| -> Vec<Vec<(String, Class)>> {
        let rows = prose(&[(text, Style::default())], 30, false);
        rows.into_iter().map(|r| r.into_iter().map(|s| (s.text, s.style.class)).collect()).collect()
    };
    let text = |t: &str| (t.to_owned(), Class::Text);
    assert_eq!(spans("use `a_b*` *not* `"), [vec![text("use "), ("a_b*".to_owned(), Class::Code), text(" *not* `")]]);
    assert_eq!(spans("one\n\ntwo"), [vec![text("one")], vec![], vec![text("two")]]);
}

#[test]
fn depth_is_bounded() {
    for text in [">".repeat(20_000) + " deep", "- ".repeat(5_000) + "deep"] {
        let grid = grid(&text, 40);
        assert!(grid.contains("deep"));
    }
}

fn ink(text: &str) -> Vec<char> {
    let mut out: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    out.sort_unstable();
    out
}

/// Text of a document as the parser sees it, without any layout.
fn source(markdown: &str) -> String {
    use pulldown_cmark::{Event, Parser};
    let clean = clean(markdown);
    Parser::new_ext(&clean, markdown_options())
        .filter_map(|e| match e {
            Event::Text(t) | Event::Code(t) => Some(t.to_string()),
            Event::Html(t) | Event::InlineHtml(t) if !t.starts_with("<br") => Some(t.to_string()),
            _ => None,
        })
        .collect()
}

fn check(markdown: &str, width: usize, options: &Options) {
    let laid = layout(&parse(markdown), &[], width, options);
    let mut shown = String::new();
    for line in &laid.lines {
        assert!(line.pan.is_some() || line.width() <= width, "{width}: {:?}", line.text());
        shown.push_str(&line.text());
    }
    let mut left = ink(&shown).into_iter().peekable();
    for c in ink(&source(markdown)) {
        while left.peek().is_some_and(|l| *l < c) {
            left.next();
        }
        assert_eq!(left.next(), Some(c), "lost from {markdown:?} in {shown:?}");
    }
    for row in 0..laid.lines.len() {
        assert_eq!(laid.find(&laid.place(row)), row, "{markdown:?}");
    }
}

fn fragments() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => "[a-zA-Z]{1,12}",
        1 => "[a-z]{30,60}",
        1 => Just("नमस्ते".to_owned()),
        1 => Just("क्या".to_owned()),
        1 => Just("日本語".to_owned()),
        1 => Just("✅".to_owned()),
        1 => Just("`docker build .`".to_owned()),
        1 => Just("**strong**".to_owned()),
        1 => Just("[link](https://x.example/y)".to_owned()),
        1 => Just("[^n]".to_owned()),
    ];
    let line = prop::collection::vec(word, 0..12).prop_map(|w| w.join(" "));
    let prefix = prop_oneof![
        Just(""),
        Just("# "),
        Just("## "),
        Just("- "),
        Just("  - "),
        Just("10. "),
        Just("> "),
        Just("> > "),
        Just("> - "),
        Just("    "),
        Just("> [!TIP]\n> "),
        Just("- [x] "),
        Just("[^n]: "),
        Just(": "),
        Just("```sh file=cap\n"),
        Just("```\n"),
        Just("| a | b |\n|---|---|\n| x | "),
        Just("| "),
        Just("---\n"),
        Just("<div>"),
    ];
    prop::collection::vec((prefix, line, prop_oneof![Just("\n"), Just("\n\n")]), 0..14)
        .prop_map(|lines| lines.into_iter().map(|(p, l, e)| format!("{p}{l}{e}")).collect())
}

/// Every example of CommonMark's and GFM's specifications, and of the parser's own tests.
#[test]
fn the_specifications_own_examples_lose_nothing() {
    let all: std::collections::BTreeMap<String, Vec<String>> =
        serde_json::from_str(include_str!("fixtures/specs.json")).unwrap();
    assert_eq!(all["spec"].len(), 652);
    for text in all.values().flatten() {
        for width in [12, 40, 80] {
            check(text, width, &options());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_row_is_too_wide_and_no_text_is_lost(text in fragments(), width in 12_usize..120, frames: bool) {
        check(&text, width, &Options { frames, ..options() });
    }

    #[test]
    fn any_bytes_are_a_text(text in "\\PC{0,200}", width in 12_usize..80) {
        check(&text, width, &options());
    }
}

#[test]
fn footnotes_lead_both_ways_and_links_to_their_targets() {
    let text =
        "## A {#a}\nText[^x] and [docs](https://d.example) and again[^x].\n\n[^x]: The note.\n\n## B {#b}\nMore.\n";
    let laid = layout(&parse(text), &[], 60, &options());
    let marks: Vec<_> = laid.marks.iter().map(|m| (m.row, m.column, m.cells, m.to)).collect();
    assert_eq!(
        marks,
        [
            (3, 4, 4, To::Note(1, 5)),
            (3, 17, 3, To::Link(1)),
            (3, 30, 4, To::Note(1, 5)),
            (5, 0, 4, To::Back(1, 3)),
            (14, 0, 3, To::Link(1)),
        ]
    );
    assert_eq!(laid.links, ["https://d.example"]);
}
