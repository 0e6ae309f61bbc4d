//! Diagrams on grids at four widths, and what no diagram may do: be wider than its room, or lose what its author wrote.

use super::*;
use crate::layout::{Span, width};
use proptest::prelude::*;
use rstest::rstest;

const LAYERS: &str = r#"
caption: The base is most of it, and what rm removed is still there.
rows:
  - {label: "FROM node:24-slim", size: 234.17 MB, kind: base}
  - {label: "COPY package.json package-lock.json ./", size: 12 kB}
  - {label: "RUN npm ci", size: 52 MB, note: cached until a manifest changes}
  - {label: "RUN rm -rf /root/.npm", size: 31 MB, kind: wasted, note: removed one layer too late}
  - {label: "COPY shared /srv/shared", size: 80 MB, kind: shared}
  - {label: 'CMD ["node", "server.js"]', kind: config}
"#;

const STAGES: &str = r#"
caption: Two stages begin from the manifests; the last takes one folder from each.
stages:
  - {id: manifests, from: "node:24", holds: [package.json, package-lock.json]}
  - {id: deps, from: manifests, holds: [node_modules without dev]}
  - {id: build, from: manifests, holds: [node_modules with dev, sources, dist], size: 1.3 GB}
  - id: final
    label: (last)
    from: node:24-slim
    copies: [{from: deps, what: /app/node_modules}, {from: build, what: /app/dist}]
    note: runs as node
    size: 240 MB
"#;

const TOPOLOGY: &str = r#"
caption: Three containers in two networks on one machine; only the web server is reached from outside.
boxes:
  - {id: user, label: Browser}
  - id: host
    label: Server
    note: one kernel, one Docker daemon
    inside:
      - id: front
        label: network front
        inside: [{id: web, label: web, kind: main}, {id: api, label: api}]
      - id: back
        label: network back
        inside: [{id: db, label: db, note: no port is published}, {id: old, label: db-old, kind: down}]
links:
  - {from: user, to: host, label: ":8080"}
  - {from: web, to: api, label: by name}
  - {from: api, to: db, label: "postgres:5432"}
  - {from: user, to: db, label: not from outside, kind: blocked}
"#;

const TIMELINE: &str = r#"
caption: The backend is stopped, does not listen, and is killed after ten seconds.
unit: s
rows:
  - {label: docker stop, start: 0, end: 10.2, kind: wait, note: waits}
  - {label: frontend, start: 0, end: 0.4, note: ends at once}
  - {label: backend, start: 0, end: 4}
  - {label: backend, start: 4, end: 10, kind: wait}
  - {label: layer 1, start: 0, end: 0, kind: cached}
marks:
  - {at: 0, label: SIGTERM}
  - {at: 10, label: SIGKILL}
"#;

fn words() -> Words {
    Words {
        wasted: "wasted".into(),
        shared: "shared".into(),
        settings: "settings only".into(),
        linear: "Bars to scale.".into(),
        log: "Log scale.".into(),
        ships: "the image".into(),
        cache: "build cache only".into(),
        cached: "CACHED".into(),
        picture: "Picture:".into(),
        ..Words::default()
    }
}

fn rows(kind: &str, yaml: &str, cells: usize, ascii: bool, frames: bool) -> Vec<Vec<Span>> {
    draw(&Diagram::read(kind, yaml).unwrap().unwrap(), cells, ascii, frames, &words())
}

fn text(row: &[Span]) -> String {
    row.iter().map(|s| s.text.as_str()).collect()
}

fn grid(kind: &str, yaml: &str, cells: usize, ascii: bool) -> String {
    let rows = rows(kind, yaml, cells, ascii, true);
    rows.iter().map(|row| text(row)).collect::<Vec<_>>().join("\n")
}

#[rstest]
fn every_kind_at_every_width(
    #[values(("layers", LAYERS), ("stages", STAGES), ("topology", TOPOLOGY), ("timeline", TIMELINE))] which: (
        &str,
        &str,
    ),
) {
    let (kind, yaml) = which;
    let mut all = String::new();
    for cells in [40, 60, 80, 120] {
        for ascii in [false, true] {
            let drawn = grid(kind, yaml, cells, ascii);
            if ascii {
                assert!(drawn.is_ascii(), "{drawn}");
            }
            let edge = "=".repeat(cells);
            all.push_str(&format!("{edge}\n{drawn}\n"));
        }
    }
    insta::assert_snapshot!(kind, all);
}

#[test]
fn to_who_cannot_see_it_the_caption_is_the_picture() {
    let rows = rows("layers", LAYERS, 80, false, false);
    let all: Vec<String> = rows.iter().map(|row| text(row)).collect();
    assert_eq!(all, ["Picture: The base is most of it, and what rm removed is still there."]);
}

#[test]
fn bars_are_to_scale() {
    let yaml = "caption: C.\nrows: [{label: a, size: 80 MB}, {label: b, size: 40 MB}, {label: c, size: 1 B}, {label: d, size: 0 B}]";
    assert_eq!(
        grid("layers", yaml, 40, false),
        [
            "a  ██████████████████████████████  80 MB",
            "b  ███████████████                 40 MB",
            "c  ▏                                 1 B",
            "d                                    0 B",
            "",
            "C. (Bars to scale.)",
        ]
        .join("\n")
    );
    let log = yaml.replace("rows:", "scale: log\nrows:");
    let drawn = grid("layers", &log, 40, false);
    assert!(drawn.contains("(Log scale.)") && drawn.lines().nth(2).unwrap().starts_with("c  █"), "{drawn}");
}

/// Labels of anything at all, Devanagari and emoji too.
fn label() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,12}", "[a-z ]{1,60}", "([क-ह][ा-ौ]?){1,16}", "(👩‍🔬|✅|日本|ab){1,9}", "[A-Za-z0-9/:._-]{30,90}"]
        .prop_map(|s| s.trim().to_owned())
        .prop_filter("no words", |s| !s.is_empty())
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_row_is_too_wide_and_no_label_is_lost(
        labels in proptest::collection::vec(label(), 2..7), cells in 12usize..130, ascii: bool, numbers in proptest::collection::vec(0u32..900, 7)
    ) {
        let ids: Vec<String> = (0..labels.len()).map(|i| format!("i{i}")).collect();
        let mut layers = "caption: C\nrows:\n".to_owned();
        let mut stages = "caption: C\nstages:\n".to_owned();
        let mut time = "caption: C\nunit: s\nrows:\n  - {label: base, start: 0, end: 1}\n".to_owned();
        let mut boxes = "caption: C\nboxes:\n".to_owned();
        for (nth, label) in labels.iter().enumerate() {
            let (label, size) = (quoted(label), numbers[nth]);
            layers += &format!("  - {{label: {label}, size: {size} MB, note: {label}}}\n");
            let copies = match nth { 0 => String::new(), _ => format!(", copies: [{{from: {}, what: {label}}}]", ids[nth / 2]) };
            stages += &format!("  - {{id: {}, from: {label}, label: {label}, holds: [{label}]{copies}}}\n", ids[nth]);
            time += &format!("  - {{label: {label}, start: {size}, end: {}, note: {label}}}\n", size + numbers[0]);
            boxes += &format!("  - {{id: {}, label: {label}, note: {label}, inside: [{{id: in{nth}, label: {label}}}]}}\n", ids[nth]);
        }
        boxes += &format!("links: [{{from: i0, to: i1, label: {}}}, {{from: in0, to: i1}}]\n", quoted(&labels[0]));
        for (kind, yaml) in [("layers", layers), ("stages", stages), ("topology", boxes), ("timeline", time)] {
            let rows = rows(kind, &yaml, cells, ascii, true);
            let squeezed = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            for row in &rows {
                let wide: usize = row.iter().map(|s| width(&s.text)).sum();
                prop_assert!(wide <= cells, "{wide} > {cells}: {}", text(row));
            }
            let all: String = rows.iter().map(|row| text(row)).collect();
            let drawn: std::collections::BTreeSet<char> = squeezed(&all).chars().collect();
            for label in &labels {
                let missing: String = squeezed(label).chars().filter(|c| !drawn.contains(c)).collect();
                prop_assert!(missing.is_empty() || cells < 24, "{missing} of {label} is not in\n{all}");
            }
        }
    }
}
