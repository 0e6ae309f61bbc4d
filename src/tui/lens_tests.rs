//! The lens as a whole: an archive in, keys in, pictures out.

use super::{
    app::{App, Effect, LabNews, Msg, Target},
    lens_desk::LensOrder,
    screen::LensNews,
    state::Shared,
    tests::{Play, assert_off_the_bar, at_exercise, course, result, started, styles},
    theme::{Palette, Theme},
};
use crate::{
    course::Lang,
    lens::{
        From, Origin, Request, Subject,
        tests::archive::{archive, chai, layer},
    },
    report::{Fault, Report},
};
use dockshala_checkers::{check::Built, dockerfile::Dockerfile, image, verdict::EngineName};
use rstest::rstest;
use std::{path::PathBuf, sync::Arc};

fn read(name: &str, bytes: &[u8], base: usize) -> Subject {
    let mut options = image::Options::default();
    let image = image::read(bytes, &options).unwrap();
    options.base_diff_ids = image.layers[..base].iter().map(|l| l.diff_id.clone()).collect();
    Subject::new(name.to_owned(), Origin::Archive(None), image::read(bytes, &options).unwrap())
}

fn request(other: bool) -> Request {
    let other = other.then(|| From::Archive("chai-2.tar".into()));
    Request { from: From::Archive("chai.tar".into()), base: None, other }
}

fn opened(lang: &str, size: (u16, u16), theme: Theme, request: Request) -> Play {
    let shared = Shared::new(course(), Lang::new(lang), theme, PathBuf::from("/home/asha/dockshala"));
    let (app, effects) = App::new(shared, Some(Target::Lens(request)));
    let mut play = Play { app, size, effects };
    play.draw();
    play
}

const COLOURED: Theme = Theme { color: true, ascii: false, palette: Palette::Sixteen };

/// The chai shop's image, as a build of a folder would bring it.
fn subject() -> Subject {
    let mut subject = read("chai:1", &chai(), 1);
    subject.docker_size = Some(subject.image.sizes.total);
    subject.engine = Some(EngineName { version: "26.1.5".into(), storage: "overlay2".into() });
    let source = [
        "FROM busybox:1.37",
        "ENV PORT=8080",
        "COPY app /app",
        "RUN chown -R 1000 /app",
        "RUN fetch > /tmp/cache",
        "RUN rm /tmp/cache /app/.env",
        "CMD [\"/app/server\"]",
    ];
    let built = Built {
        tag: "chai:1".to_owned(),
        dockerfile: Dockerfile::read(source.join("\n").as_bytes(), &Default::default()).unwrap(),
        target: 0,
        base_diff_ids: Vec::new(),
        stand_ins: Vec::new(),
        steps: Vec::new(),
    };
    subject.built_from(&built)
}

fn lens(lang: &str, size: (u16, u16)) -> Play {
    let mut play = opened(lang, size, COLOURED, request(false));
    play.tell(Msg::Lens(LensNews::Ready(Arc::new(subject()), None)));
    play
}

#[rstest]
fn screens(#[values("en", "hi-Latn")] lang: &str, #[values((80, 24), (200, 50))] size: (u16, u16)) {
    let name = |what: &str| format!("lens-{what}-{lang}-{}", size.0);
    let mut play = opened(lang, size, COLOURED, request(false));
    play.tell(Msg::Lens(LensNews::Reading(400_000_000, 841_000_000)));
    insta::assert_snapshot!(name("reading"), play.text());
    play.tell(Msg::Lens(LensNews::Ready(Arc::new(subject()), None)));
    insta::assert_snapshot!(name("whole"), play.text());
    if size.1 < 30 {
        assert_off_the_bar(&mut play);
    }
    play.keys("<right><right><right><right>");
    insta::assert_snapshot!(name("chown"), play.text());
    play.keys("<tab><tab>");
    insta::assert_snapshot!(name("source"), play.text());
    play.keys("<tab>");
    insta::assert_snapshot!(name("waste"), play.text());
    play.keys("?");
    insta::assert_snapshot!(name("help"), play.text());
}

#[rstest]
fn two_images(#[values((80, 24), (200, 50))] size: (u16, u16)) {
    let lean = archive(
        "chai:2",
        vec![(
            "COPY app /app",
            Some(layer().owned("app/server", &[2; 700_000], 1000).file("app/menu.txt", b"chai 12\n")),
        )],
    );
    let mut play = opened("en", size, COLOURED, request(true));
    let ready = LensNews::Ready(Arc::new(subject()), Some(Arc::new(read("chai:2", &lean, 0))));
    play.tell(Msg::Lens(ready));
    insta::assert_snapshot!(format!("lens-compare-en-{}", size.0), play.text());
    let text = play.keys("f").text();
    assert!(text.contains("+ added"), "{text}");
}

#[test]
fn nothing_needs_colour_or_more_than_ascii() {
    let theme = Theme { color: false, ascii: true, palette: Palette::Sixteen };
    let mut play = opened("en", (80, 24), theme, request(false));
    play.tell(Msg::Lens(LensNews::Ready(Arc::new(subject()), None)));
    play.keys("<right><right><right><right><right><right>");
    let text = play.text();
    assert!(text.is_ascii(), "{text}");
    assert!(text.contains("- ") && text.contains("cache"), "{text}");
    let buf = play.draw();
    assert!(buf.content.iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
    let mut play = lens("en", (80, 24));
    play.keys("<right><right><right><right>");
    insta::assert_snapshot!("lens-styles-chown", styles(&play.draw()));
}

#[test]
fn the_replay_goes_through_every_instruction_and_back() {
    let mut play = lens("en", (120, 40));
    assert!(play.text().contains("total 2.6 MB, wasted 1.2 MB"));
    let text = play.keys("<right>").text();
    assert!(text.contains("total 460 kB, wasted 0 B"), "{text}");
    let text = play.keys("<right>").text();
    assert!(text.contains("Changes only settings"), "{text}");
    let text = play.keys("<right>").text();
    assert!(text.contains("+  900 kB") || text.contains("+   900 kB"), "{text}");
    assert!(text.contains("files +3, 900 kB"), "{text}");
    let text = play.keys("<right><right><right>").text();
    assert!(text.contains("-   300 kB") && text.contains("cache"), "{text}");
    assert!(text.contains("it hides 300 kB"), "{text}");
    // Beyond the end nothing happens, and the way back ends at the whole image.
    play.keys("<right><right><right><right>");
    let text = play.keys("<left><left><left><left><left><left><left><left><left>").text();
    assert!(text.contains("total 2.6 MB, wasted 1.2 MB"), "{text}");
    let text = play.keys("<right><right><right><enter>w").text();
    assert!(text.contains("! 900 kB wasted"), "{text}");
}

#[test]
fn a_name_is_found_and_letters_are_letters_while_it_is_typed() {
    let mut play = lens("en", (120, 40));
    play.took();
    let text = play.keys("/q").text();
    assert!(text.contains("/q") && text.contains("no such name"), "{text}");
    assert_eq!(play.took(), [], "`q` was typed, not obeyed");
    let text = play.keys("<back>readme<enter>").text();
    assert!(text.contains("/usr/share/doc/readme.txt"), "{text}");
    let text = play.keys("/menu<enter>").text();
    assert!(text.contains("/app/menu.txt"), "{text}");
    let text = play.keys("/serv<esc>").text();
    assert!(text.contains("/app/menu.txt"), "back to where the search began: {text}");
    let text = play.keys("/e<enter>").text();
    let first = text.lines().nth_back(3).map(str::to_owned);
    let text = play.keys("nN").text();
    assert_eq!(text.lines().nth_back(3).map(str::to_owned), first, "{text}");
}

#[test]
fn folders_open_and_close_and_files_ask_for_their_bytes() {
    let mut play = lens("en", (120, 40));
    play.took();
    play.keys("<enter>C");
    let closed = play.text();
    assert!(closed.contains("▸ app/") && !closed.contains("menu.txt"), "{closed}");
    let open = play.keys("g<enter>").text();
    assert!(open.contains("▾ app/") && open.contains("menu.txt"), "{open}");
    assert_eq!(play.took(), []);
    play.keys("j<enter>");
    let effects = play.took();
    let [Effect::Lens(LensOrder::Open { second: false, layer: 4, path, .. })] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(path, "app/server");
    let rows = vec!["chai 10".to_owned(), "\u{fffd}[31mred".to_owned()];
    play.tell(Msg::Lens(LensNews::File("app/menu.txt".to_owned(), rows, "27 B".to_owned())));
    let text = play.text();
    assert!(text.contains("/app/menu.txt") && text.contains("chai 10"), "{text}");
    let text = play.keys("q").text();
    assert!(!text.contains("chai 10"));
    assert_eq!(play.took(), [], "`q` closed the file, not the lens");
    // `h` on a file goes to its folder, on an open folder closes it.
    let text = play.keys("hh").text();
    assert!(text.contains("▸ app/"), "{text}");
    play.tell(Msg::Lens(LensNews::NoFile("No bytes.".to_owned())));
    assert!(play.text().contains("No bytes."));
}

#[test]
fn what_is_chosen_holds_for_every_step() {
    let mut play = lens("en", (120, 40));
    let text = play.keys("ffffff").text();
    assert!(text.contains("all files"), "six keys go round: {text}");
    let text = play.keys("mmm").text();
    assert!(text.contains("from 1.0 MB") && text.contains("Nothing passes"), "{text}");
    let text = play.keys("mmmsf").text();
    assert!(text.contains("by name") && !text.contains("from 1"), "{text}");
}

#[test]
fn the_lens_is_left_at_once_whatever_it_is_doing() {
    for key in ["q", "<esc>", "<c-c>"] {
        let mut play = opened("en", (80, 24), COLOURED, request(false));
        assert_eq!(play.took(), [Effect::Lens(LensOrder::Load(request(false)))]);
        play.keys(key);
        assert!(play.took().contains(&Effect::Quit), "{key} while it is read");
        let mut play = lens("en", (80, 24));
        play.keys(key);
        assert!(play.took().contains(&Effect::Quit), "{key}");
    }
    let mut play = opened("en", (80, 24), COLOURED, request(false));
    let report = Report {
        fault: Fault::Usage,
        what: "There is no chai.tar.".to_owned(),
        place: None,
        next: vec!["Look where you are:".to_owned(), "$ ls".to_owned()],
    };
    play.tell(Msg::Lens(LensNews::Stopped(report)));
    let text = play.text();
    assert!(text.contains("There is no chai.tar.") && text.contains("ls"), "{text}");
    assert!(!text.contains("next step"), "no key is offered that does nothing: {text}");
}

#[test]
fn a_lens_under_another_screen_stays_open_until_no_screen_is_left_of_it() {
    let mut play = at_exercise("en", (120, 40));
    started(&mut play);
    play.lab(LabNews::Done(Box::new(result(true)), "FROM scratch\n".to_owned()));
    play.keys("i");
    play.tell(Msg::Lens(LensNews::Ready(Arc::new(subject()), None)));
    play.keys("<right><right><right>");
    let step = play.text();
    play.took();
    // A search leads to a lesson, and back.
    play.go(Target::Lesson("multi-stage-idea".into(), None));
    play.tell(Msg::Lens(LensNews::File("app/menu.txt".to_owned(), vec!["chai 10".to_owned()], "27 B".to_owned())));
    assert!(!play.text().contains("chai 10"), "what comes late opens over nothing else: {}", play.text());
    play.keys("<esc>");
    assert_eq!(play.text(), step, "the very step");
    play.keys("<enter>gj<enter>");
    let took = play.took();
    assert!(!took.iter().any(|e| matches!(e, Effect::Lens(LensOrder::Close))), "nobody closed it: {took:?}");
    assert!(took.iter().any(|e| matches!(e, Effect::Lens(LensOrder::Open { .. }))), "{took:?}");
    // To the exercise that lies below it: that ends it.
    play.go(Target::Exercise("two-stages".into()));
    assert!(play.took().contains(&Effect::Lens(LensOrder::Close)));
}

#[test]
fn an_exercise_opens_the_image_of_its_last_check_and_gets_the_learner_back() {
    let mut play = at_exercise("en", (80, 24));
    started(&mut play);
    play.took();
    play.keys("i");
    assert_eq!(play.took(), [], "nothing was built yet");
    play.lab(LabNews::Done(Box::new(result(true)), "FROM scratch\n".to_owned()));
    play.keys("i");
    let effects = play.took();
    let [Effect::Lens(LensOrder::Load(Request { from: From::Folder(folder), .. }))] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(folder.dir, PathBuf::from("/home/asha/dockshala/two-stages"));
    play.tell(Msg::Lens(LensNews::Building("COPY . .".to_owned())));
    assert!(play.text().contains("Building: COPY . ."));
    play.keys("<esc>");
    assert_eq!(play.took(), [Effect::Lens(LensOrder::Close)]);
    assert!(play.text().contains("Goals"), "{}", play.text());
    // News that come too late belong to nobody.
    play.tell(Msg::Lens(LensNews::Ready(Arc::new(subject()), None)));
    assert!(play.text().contains("Goals"));
}
