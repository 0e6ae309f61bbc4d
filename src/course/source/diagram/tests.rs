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

mod steps {
    use super::super::stepper::{Did, Replay, Stepper, insert};
    use crate::course::source::{diagram::Diagram, markdown::Inserts};

    const RECORDING: &str = r#"{"format": 1, "image": "x", "dockerfile": ["FROM golang:1.26 AS build", "RUN go build \\", "    -o '/bin/x' .", "", "FROM scratch", "COPY --from=build /bin/x /x", "CMD [\"/x\"]"],
      "steps": [
        {"instruction": "ADD rootfs", "line": null, "last_line": null, "base": true, "layer": 0, "cached": null, "millis": null, "bytes": 700, "wasted": 0, "hid": 0},
        {"instruction": "COPY /bin/x /x", "line": 6, "last_line": 6, "base": false, "layer": 1, "cached": false, "millis": 120, "bytes": 300, "wasted": 0, "hid": 10, "paths": [{"path": "x", "what": "added", "bytes": 300}]},
        {"instruction": "CMD", "line": 7, "last_line": 7, "base": false, "layer": null, "cached": null, "millis": null, "bytes": 0, "wasted": 0, "hid": 0}],
      "other_stages": [{"stage": "build", "instruction": "RUN go build", "line": 2, "cached": true, "millis": 4000}]}"#;

    struct Stock;
    impl Inserts for Stock {
        fn code(&self, file: &str) -> Option<&str> {
            (file == "code/x.steps.json").then_some(RECORDING)
        }
        fn figure(&self, _: &str) -> Option<String> {
            None
        }
        fn claim(&self, _: &str) -> bool {
            false
        }
    }

    #[test]
    fn steps_stand_in_the_order_of_the_dockerfile() {
        let replay = Replay::parse(RECORDING).unwrap();
        let shown = replay.shown();
        let told: Vec<_> = shown.iter().map(|s| (s.lines.0, s.instruction.as_str(), s.did.clone(), s.after)).collect();
        let build = Did::Elsewhere("build".into());
        assert_eq!(
            told,
            [
                (1, "FROM golang:1.26 AS build", build.clone(), 0),
                (2, "RUN go build -o '/bin/x' .", build, 0),
                (5, "FROM scratch", Did::Base(700), 700),
                (6, "COPY --from=build /bin/x /x", Did::Layer { bytes: 300, wasted: 0, hid: 10 }, 1000),
                (7, r#"CMD ["/x"]"#, Did::Settings, 1000),
            ]
        );
        assert!(Replay::parse("{}").is_err() && Replay::parse(&RECORDING.replace("1,", "2,")).is_err());
    }

    #[test]
    fn a_recording_is_put_in_the_place_of_its_name_and_read_back() {
        let text = "A.\n\n```stepper\ncaption: It's so.\nrecording: code/x.steps.json\n```\n";
        let whole = insert(text, &Stock);
        assert_eq!(whole.lines().count(), text.lines().count(), "lines keep their numbers");
        let found = super::super::all(&whole);
        let Ok(Diagram::Stepper(Stepper { caption, replay })) = &found[0].read else { panic!("{found:?}") };
        assert_eq!((caption.as_str(), replay), ("It's so.", &Replay::parse(RECORDING).unwrap()));
        let missing = insert(&text.replace("x.steps", "y.steps"), &Stock);
        assert!(matches!(&super::super::all(&missing)[0].read, Err(f) if f[0].code == "stepper-recording"));
    }
}
