//! What is a diagram and what is not.

use super::*;
use rstest::rstest;

fn faults(kind: &str, yaml: &str) -> Vec<(&'static str, u32)> {
    match Diagram::read(kind, yaml).expect("a diagram's kind") {
        Ok(_) => Vec::new(),
        Err(faults) => faults.into_iter().map(|f| (f.code, f.line)).collect(),
    }
}

const LAYERS: &str = "caption: C.\nrows:\n  - {label: FROM x, size: 1.23\u{a0}GB, kind: base}\n  - {label: CMD, kind: config, note: n}\n";
const STAGES: &str = "caption: C.\nstages:\n  - {id: a, from: x, holds: [p, q]}\n  - {id: b, from: scratch, copies: [{from: a, what: /p}], ships: true}\n";
const TOPOLOGY: &str = "caption: C.\nboxes:\n  - {id: h, inside: [{id: a}, {id: b, kind: down}]}\nlinks:\n  - {from: a, to: b, label: name}\n";
const TIMELINE: &str =
    "caption: C.\nunit: s\nrows:\n  - {label: a, start: 0, end: 2.5, kind: wait}\nmarks:\n  - {at: 1, label: m}\n";

#[test]
fn sound_ones_are_read_and_others_are_left_alone() {
    for (kind, yaml) in [("layers", LAYERS), ("stages", STAGES), ("topology", TOPOLOGY), ("timeline", TIMELINE)] {
        assert_eq!(faults(kind, yaml), [], "{kind}");
    }
    let Some(Ok(Diagram::Layers(layers))) = Diagram::read("layers", LAYERS) else { panic!() };
    assert_eq!(layers.rows[0].size, Some(Amount { text: "1.23 GB".into(), bytes: 1_230_000_000 }));
    assert!(Diagram::read("text", LAYERS).is_none());
}

#[rstest]
#[case("layers", LAYERS, "base", "bass", "diagram", 3)]
#[case("layers", LAYERS, "note: n", "nota: n", "diagram", 4)]
#[case("layers", LAYERS, "1.23\u{a0}GB", "1.23", "diagram", 3)]
#[case("layers", LAYERS, "caption: C.", "caption: ' '", "diagram-caption", 1)]
#[case("stages", STAGES, "from: a,", "from: c,", "diagram-id-unknown", 4)]
#[case("stages", STAGES, "id: b", "id: a", "diagram-id-twice", 3)]
#[case("topology", TOPOLOGY, "to: b", "to: c", "diagram-id-unknown", 5)]
#[case("topology", TOPOLOGY, "kind: down}", "kind: down}, {id: a}", "diagram-id-twice", 3)]
#[case("timeline", TIMELINE, "start: 0", "start: 3", "diagram-time", 4)]
#[case("timeline", TIMELINE, "unit: s", "unit: ''", "diagram-time", 2)]
#[case("timeline", TIMELINE, "at: 1", "at: .nan", "diagram-time", 6)]
fn what_is_wrong_is_said_with_its_line(
    #[case] kind: &str,
    #[case] sound: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] code: &'static str,
    #[case] line: u32,
) {
    assert!(sound.contains(from));
    assert_eq!(faults(kind, &sound.replacen(from, to, 1)), [(code, line)]);
}

#[test]
fn nothing_and_too_much_are_no_pictures() {
    assert_eq!(faults("layers", "caption: C.\nrows: []\n"), [("diagram-size", 2)]);
    let many = "\n  - {label: x, start: 0, end: 1}".repeat(41);
    assert_eq!(faults("timeline", &format!("caption: C.\nunit: s\nrows:{many}\n")), [("diagram-size", 3)]);
    let deep = format!("caption: C.\nboxes: [{}{{id: z}}{}]", "{id: a, inside: [".repeat(60), "]}".repeat(60));
    assert!(matches!(faults("topology", &deep)[..], [("diagram-size" | "diagram", _)]));
}

#[test]
fn a_translation_changes_words_only() {
    let read = |yaml: &str| Diagram::read("layers", yaml).unwrap().unwrap().skeleton();
    assert_eq!(read(LAYERS), read(&LAYERS.replace("note: n", "note: doosra").replace("C.", "Alag.")));
    assert_ne!(read(LAYERS), read(&LAYERS.replace("1.23", "1.24")));
}
