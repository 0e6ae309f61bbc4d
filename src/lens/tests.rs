//! The lens over archives whose every byte is known.

use super::{
    From, Origin, Subject,
    compare::compare,
    flat::{Flat, Mark},
    report,
    rules::Rule,
    view::{Filter, Show, Sort, View},
    words,
};
use crate::course::Lang;
use dockshala_checkers::{image, spec::Size};

#[path = "../../tests/archive/mod.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared with tests that use more of it")]
pub(crate) mod archive;

use archive::{chai, layer};

pub(crate) fn subject(bytes: &[u8]) -> Subject {
    let options = image::Options { digests: true, ..image::Options::default() };
    let image = image::read(bytes, &options).unwrap();
    Subject::new(From::Archive("chai.tar".into()).name(), Origin::Archive(None), image)
}

/// Every slot as `mark path bytes wasted`.
fn told(flat: &Flat) -> Vec<String> {
    let line = |at: usize| {
        let node = &flat.nodes()[at];
        let mark = match node.mark {
            Mark::Same => ' ',
            Mark::Added => '+',
            Mark::Changed => '~',
            Mark::Removed => '-',
        };
        format!(
            "{mark} {}{} {} {}",
            flat.path(at as u32),
            if node.is_dir() { "/" } else { "" },
            node.bytes,
            node.wasted
        )
    };
    (1..flat.nodes().len()).map(line).collect()
}

fn rows(view: &View) -> Vec<String> {
    view.window(0, 1_000).into_iter().map(|at| view.flat().path(at)).collect()
}

#[test]
fn steps_carry_the_totals_up_to_them() {
    let subject = subject(&chai());
    let steps: Vec<_> = subject
        .steps
        .iter()
        .map(|s| (s.instruction.as_str(), s.layer, s.bytes, s.after.total, s.after.wasted))
        .collect();
    assert_eq!(
        steps,
        [
            ("ADD rootfs.tar /", Some(0), 460_008, 460_008, 0),
            ("ENV PORT=8080", None, 0, 460_008, 0),
            ("COPY app /app", Some(1), 900_041, 1_360_049, 0),
            ("RUN chown -R 1000 /app", Some(2), 900_010, 2_260_059, 900_010),
            ("RUN fetch > /tmp/cache", Some(3), 300_000, 2_560_059, 900_010),
            ("RUN rm /tmp/cache /app/.env", Some(4), 0, 2_560_059, 1_200_020),
            ("CMD [\"/app/server\"]", None, 0, 2_560_059, 1_200_020),
        ]
    );
    let last = subject.steps.last().unwrap().after;
    let sizes = subject.image.sizes;
    assert_eq!((last.total, last.final_, last.wasted), (sizes.total, sizes.final_, sizes.wasted));
}

#[test]
fn the_whole_image_shows_what_can_no_longer_be_seen() {
    let subject = subject(&chai());
    assert_eq!(
        told(&Flat::whole(&subject.image)),
        [
            "  app/ 900031 900020",
            "- app/.env 0 20",
            "  app/menu.txt 31 0",
            "  app/server 900000 900000",
            "  bin/ 400000 0",
            "  bin/busybox 400000 0",
            "  bin/sh 0 0",
            "  etc/ 8 0",
            "  etc/motd 8 0",
            "  tmp/ 0 300000",
            "- tmp/cache 0 300000",
            "  usr/ 60000 0",
            "  usr/share/ 60000 0",
            "  usr/share/doc/ 60000 0",
            "  usr/share/doc/readme.txt 60000 0",
        ]
    );
}

#[test]
fn a_step_shows_what_it_did() {
    let subject = subject(&chai());
    let touched = |layer: usize| -> Vec<String> {
        let flat = Flat::after(&subject.image, layer);
        told(&flat).into_iter().filter(|row| !row.starts_with(' ')).collect()
    };
    // A folder says what is wasted in it in the end, of all that was put up to this step.
    assert_eq!(touched(2), ["~ app/ 900041 900020", "~ app/.env 10 20", "~ app/server 900000 900000"]);
    assert_eq!(
        touched(4),
        ["~ app/ 900031 900020", "- app/.env 10 20", "~ tmp/ 0 300000", "- tmp/cache 300000 300000"]
    );
}

#[test]
fn settings_leave_no_mark_and_what_is_gone_is_gone() {
    let subject = subject(&chai());
    let flat = Flat::after(&subject.image, 4).unmarked();
    let rows = told(&flat);
    assert!(rows.iter().all(|row| row.starts_with(' ')), "{rows:?}");
    assert!(!rows.iter().any(|row| row.contains("cache") || row.contains(".env")), "{rows:?}");
    for at in 0..flat.nodes().len() as u32 {
        for child in flat.children(at) {
            assert_eq!(flat.node(child).parent, at);
        }
    }
}

#[test]
fn a_view_opens_closes_filters_and_finds() {
    let subject = subject(&chai());
    let mut view = View::new(Flat::whole(&subject.image), Filter::default(), Sort::Name);
    view.choose_all(false);
    assert_eq!(rows(&view), ["app", "bin", "etc", "tmp", "usr"]);
    view.set_sort(Sort::Size);
    assert_eq!(rows(&view), ["app", "bin", "tmp", "usr", "etc"], "what is gone counts by what it wasted");
    let app = view.window(0, 1)[0];
    view.choose(app, true);
    assert_eq!(rows(&view)[..4], ["app", "app/server", "app/menu.txt", "app/.env"]);
    assert_eq!(view.len(), rows(&view).len());
    view.choose(app, false);
    assert_eq!(view.len(), 5);

    view.set_filter(Filter { show: Show::Wasted, ..Filter::default() });
    view.choose_all(true);
    assert_eq!(rows(&view), ["app", "app/server", "app/.env", "tmp", "tmp/cache"]);
    view.set_filter(Filter { least: 100_000, ..Filter::default() });
    assert_eq!(rows(&view), ["app", "app/server", "bin", "bin/busybox", "tmp", "tmp/cache"]);
    view.set_filter(Filter { layer: Some(1), ..Filter::default() });
    assert_eq!(rows(&view), ["app", "app/menu.txt"], "the server is of the layer that changed its owner");

    view.set_filter(Filter::default());
    view.choose_all(false);
    let found = view.search("READ", 0, true);
    assert_eq!(found, None, "capitals count where there are some");
    let found = view.search("doc/read", 0, true).unwrap();
    view.reveal(found);
    let row = view.row_of(found).unwrap();
    assert_eq!(view.window(row, 1), [found]);
    assert_eq!(view.search("readme", found, true), Some(found), "round to itself");
    assert_eq!(view.search("nowhere", found, true), None);
    let first = view.search("e", 0, true).unwrap();
    let second = view.search("e", first, true).unwrap();
    assert_eq!(view.search("e", second, false), Some(first));
}

#[test]
fn every_row_of_every_window_is_where_row_of_says() {
    let subject = subject(&chai());
    for sort in [Sort::Name, Sort::Size] {
        for layer in 0..subject.image.layers.len() {
            let mut view = View::new(Flat::after(&subject.image, layer), Filter::default(), sort);
            view.choose_all(true);
            let all = view.window(0, usize::MAX);
            assert_eq!(all.len(), view.len());
            for (row, at) in all.iter().enumerate() {
                assert_eq!(view.row_of(*at), Some(row));
                assert_eq!(view.window(row, 2), all[row..(row + 2).min(all.len())]);
            }
        }
    }
}

#[test]
fn two_images_are_laid_over_each_other() {
    let base = || layer().file("bin/busybox", &[1; 400_000]).file("etc/motd", b"namaste\n");
    let first = archive::archive(
        "a",
        vec![
            ("ADD base", Some(base())),
            ("COPY a", Some(layer().file("app/old", &[1; 50]).file("app/both", &[1; 10]))),
        ],
    );
    let second = archive::archive(
        "b",
        vec![
            ("ADD base", Some(base())),
            ("COPY b", Some(layer().file("app/new", &[1; 70]).owned("app/both", &[1; 10], 5))),
        ],
    );
    let (first, second) = (subject(&first), subject(&second));
    let rows = told(&Flat::between(&first.image, &second.image));
    assert_eq!(
        rows,
        [
            "~ app/ 80 0",
            "~ app/both 10 0",
            "+ app/new 70 0",
            "- app/old 50 0",
            "  bin/ 400000 0",
            "  bin/busybox 400000 0",
            "  etc/ 8 0",
            "  etc/motd 8 0"
        ]
    );
    let found = compare(&first, &second);
    assert_eq!((found.shared_layers, found.shared_bytes), (1, 400_008));
    assert_eq!((found.added.bytes, found.changed.bytes, found.removed.bytes), (70, 10, 50));
    let names: Vec<_> = found.biggest.iter().map(|d| (d.what, d.path.as_str())).collect();
    assert_eq!(names, [("added", "app/new"), ("removed", "app/old"), ("changed", "app/both")]);
    assert_eq!(found.metadata.files, 1, "only the owner differs");
    let same = compare(&first, &first);
    assert_eq!((same.added.files, same.changed.files, same.removed.files), (0, 0, 0));
}

#[test]
fn files_of_one_size_are_told_apart_by_content() {
    let of =
        |price: &[u8]| archive::archive("menu", vec![("COPY . .", Some(layer().file("menu", price).file("n", b"")))]);
    let (ten, twelve) = (subject(&of(b"chai 10")), subject(&of(b"chai 12")));
    let found = compare(&ten, &twelve);
    assert_eq!((found.changed.files, found.metadata.files), (1, 0));
    assert_eq!(found.biggest[0].path, "menu");
    let found = compare(&ten, &subject(&of(b"chai 10")));
    assert_eq!((found.changed.files, found.biggest.len()), (0, 0));
}

#[test]
fn limits_count_what_a_later_layer_hides() {
    let subject = subject(&chai());
    let judge = |rule: Rule| rule.judge(&subject);
    assert!(judge(Rule::MaxTotal(Size(2_560_059))).holds);
    assert!(!judge(Rule::MaxTotal(Size(2_560_058))).holds);
    assert!(!judge(Rule::MaxWasted(Size(1_200_019))).holds);
    assert!(judge(Rule::MaxFinal(Size(1_360_039))).holds);
    let share = judge(Rule::MaxWastedShare(46.0));
    assert!(!share.holds && (share.value - 46.87).abs() < 0.01, "{share:?}");
    assert_eq!(judge(Rule::MaxLayer(Size(900_000))).layers, [1, 2]);
    let env = judge(Rule::Forbid("**/.env".to_owned()));
    assert_eq!((env.holds, env.paths, env.layers), (false, vec!["app/.env".to_owned()], vec![1, 2]));
    assert!(judge(Rule::Forbid("**/*.pem".to_owned())).holds);
    let secrets = judge(Rule::NoSecrets);
    assert_eq!((secrets.holds, secrets.paths, secrets.layers), (false, vec!["app/.env".to_owned()], vec![1, 2]));
    assert!(judge(Rule::MaxLeftovers(Size(360_000))).holds);
    let left = judge(Rule::MaxLeftovers(Size(359_999)));
    assert_eq!((left.value, left.layers), (360_000.0, vec![0, 3]), "deleted ones too: {:?}", left.paths);
    assert_eq!(judge(Rule::Forbid("app".to_owned())).paths.len(), 4, "a folder with all that is in it");
}

#[test]
fn the_report_for_machines_is_exact() {
    let subject = subject(&chai());
    let judged = [Rule::MaxWasted(Size(1)).judge(&subject)];
    let json = serde_json::to_value(report::report(&subject, &judged, None)).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["sizes"]["total"], 2_560_059);
    assert_eq!(json["sizes"]["final"], 1_360_039);
    assert_eq!(json["sizes"]["added"], serde_json::Value::Null, "nobody knows what it stands on");
    assert_eq!(json["layers"][2]["instruction"], "RUN chown -R 1000 /app");
    assert_eq!(json["layers"][1]["wasted"], 900_010);
    assert_eq!(json["wasted_paths"][0]["path"], "app/server");
    assert_eq!(json["wasted_paths"][0]["how"], "owner");
    assert_eq!(json["wasted_paths"][1]["path"], "tmp/cache");
    assert_eq!(json["wasted_paths"][2]["copies"], 2, "{}", json["wasted_paths"]);
    assert_eq!(json["rules"][0]["holds"], false);
    assert_eq!(json["findings"][0]["code"], "found-secret-hidden");
    assert_eq!(json["findings"][1]["bytes"], 900_010);
    assert_eq!(json["exposed"][0]["name"], "app/.env");
    assert_eq!(json["leftovers"][0]["kind"], "temporary");
}

#[test]
fn waste_is_told_in_both_languages_with_the_instruction() {
    let subject = subject(&chai());
    for lang in ["en", "hi-Latn"] {
        let lang = Lang::new(lang);
        let all: Vec<_> = subject.findings.iter().map(|finding| words::advice(&lang, finding)).collect();
        let weights: Vec<_> = all.iter().map(|advice| advice.weight.as_str()).collect();
        assert_eq!(weights, ["secret", "900 kB", "300 kB", "60.0 kB"], "secrets first, then by bytes");
        assert!(all[0].what.contains("/app/.env"), "{:?}", all[0]);
        let chown = &all[1];
        assert!(chown.what.contains("RUN chown -R 1000 /app") && chown.what.contains("layers 2, 3"), "{chown:?}");
        assert!(chown.next.contains("--chown"), "{chown:?}");
        assert!(all.iter().all(|a| !a.what.contains("%{") && !a.next.contains("%{")));
        assert_eq!(words::worth(&subject).count(), 0, "a finding tells of each waste once");
    }
}

#[test]
fn what_the_base_hides_of_itself_is_nobodys_to_mend() {
    let mut options = image::Options::default();
    let image = image::read(chai().as_slice(), &options).unwrap();
    options.base_diff_ids = image.layers.iter().map(|l| l.diff_id.clone()).collect();
    let image = image::read(chai().as_slice(), &options).unwrap();
    let subject = Subject::new("chai".to_owned(), Origin::Archive(None), image);
    assert_eq!(subject.findings, []);
    assert!(Rule::NoSecrets.judge(&subject).holds && Rule::MaxLeftovers(Size(0)).judge(&subject).holds);
    let told: Vec<_> = words::worth(&subject).map(|w| words::waste(&Lang::new("en"), &subject, w).0).collect();
    assert_eq!(told.len(), 2, "what is below {} B is not worth a word", words::WORTH_A_WORD);
    assert!(told[0].contains("the base image") && told[0].contains("900 kB"), "{told:?}");
}

#[test]
fn an_image_without_layers_is_no_panic() {
    let subject = subject(&archive::archive("empty", vec![("ENV A=b", None)]));
    assert_eq!(told(&Flat::whole(&subject.image)), [""; 0]);
    let view = View::new(Flat::whole(&subject.image), Filter::default(), Sort::Size);
    assert!(view.is_empty() && view.window(0, 10).is_empty());
    assert_eq!(view.search("x", 0, true), None);
    assert!(View::default().is_empty());
}
