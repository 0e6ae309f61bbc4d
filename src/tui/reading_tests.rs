//! Reading, finding and choosing, by keys and clicks through the whole program.

use super::{
    app::{Choice, Effect, LabNews, Msg, Target},
    state::{Sheet, Unsaved},
    tests::{Play, at_exercise, course, result, started},
    theme::{Palette, ThemeChoice},
};
use crate::course::{Highlighted, Lang, find::Index};
use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::style::Modifier;
use std::{path::PathBuf, sync::Arc};

fn mouse(play: &mut Play, kind: MouseEventKind, column: u16, row: u16) {
    play.tell(Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    play.draw();
}

/// Clicks the first cell of a text that is on the screen.
fn click(play: &mut Play, text: &str) {
    let screen = play.text();
    let (row, line) = screen.lines().enumerate().find(|(_, l)| l.contains(text)).expect(text);
    let column = crate::layout::width(line.split(text).next().unwrap());
    let (column, row) = (u16::try_from(column).unwrap(), u16::try_from(row).unwrap());
    mouse(play, MouseEventKind::Down(MouseButton::Left), column, row);
}

#[test]
fn what_is_looked_for_is_set_off_counted_and_gone_through() {
    let mut play = Play::new("en", (80, 24));
    play.keys("<enter>/bUiLder");
    let text = play.text();
    assert!(text.contains("/bUiLder") && text.contains("1 of "), "{text}");
    // While it is typed, letters are letters.
    assert!(!text.contains("Keys"));
    let here = |play: &mut Play| play.draw().content.iter().filter(|c| c.modifier.contains(Modifier::REVERSED)).count();
    assert_eq!(here(&mut play), "builder".len());
    play.keys("<enter>n");
    assert!(play.text().contains("2 of "), "{}", play.text());
    play.keys("N");
    assert!(play.text().contains("1 of "));
    play.keys("<esc>");
    assert!(!play.text().contains("1 of ") && play.text().contains("The idea"), "the lesson is still there");
    play.keys("/zzzz");
    assert!(play.text().contains("nothing of that"));
    play.keys("<esc>");
}

#[test]
fn giving_up_goes_back_to_where_the_typing_began() {
    let mut play = Play::new("en", (80, 24));
    play.keys("<enter>");
    let before = play.text();
    play.keys("/pruned");
    assert_ne!(play.text(), before);
    play.keys("<esc>");
    assert_eq!(play.text(), before);
}

#[test]
fn back_and_forward_go_to_the_very_place() {
    let mut play = Play::new("en", (80, 24));
    play.keys("<enter>jjj");
    let lesson = play.text();
    play.keys("e");
    assert!(play.text().contains("Exercise"));
    let exercise = play.text();
    play.keys("(");
    assert_eq!(play.text(), lesson);
    play.keys(")");
    assert_eq!(play.text(), exercise);
    // From home, back goes to what was left last.
    play.keys("<esc><esc>(");
    assert_eq!(play.text(), lesson);
    // A section is a place too.
    play.keys("sG<enter>");
    assert_ne!(play.text(), lesson);
    play.keys("(");
    assert_eq!(play.text(), lesson);
}

#[test]
fn a_lesson_that_was_left_opens_at_the_very_row() {
    let mut play = Play::new("en", (80, 24));
    play.keys("<enter>jjjjj");
    let lesson = play.text();
    play.keys("<esc><enter>");
    assert_eq!(play.text(), lesson);
}

#[test]
fn the_whole_course_is_found_in_once_its_words_came_in() {
    let mut play = Play::new("en", (80, 24));
    play.took();
    play.keys("F");
    assert_eq!(play.took(), [Effect::Index(Lang::en())]);
    play.keys("builder");
    assert!(play.text().contains("Reading the course"), "{}", play.text());
    play.tell(Msg::Index(Arc::new(Index::of(course(), &Lang::en()))));
    assert!(play.text().contains("Where does the builder go?"), "{}", play.text());
    play.keys("<esc>/where does<down><up><enter>");
    assert!(play.text().contains("Where does the builder go?"), "{}", play.text());
    // In the other language it is another book.
    play.keys("L");
    play.took();
    play.keys("F");
    assert_eq!(play.took(), [Effect::Index(Lang::new("hi-Latn"))]);
}

#[test]
fn a_hit_in_a_lesson_further_down_opens_its_section() {
    let mut play = Play::new("en", (80, 24));
    play.keys("<enter>e");
    assert!(play.text().contains("Exercise"), "{}", play.text());
    play.go(Target::Lesson("multi-stage-idea".into(), Some("next".into())));
    assert!(play.text().lines().nth(2).unwrap().contains("What next?"), "{}", play.text());
}

#[test]
fn the_palette_does_by_name_what_keys_do() {
    let mut play = Play::new("en", (80, 24));
    play.keys(":other lang");
    play.took();
    play.keys("<enter>");
    assert_eq!(play.took(), [Effect::Speak(Lang::new("hi-Latn"))]);
    play.keys("L<c-p>node");
    play.keys("<enter>");
    assert!(play.text().contains("7.3"), "{}", play.text());
    play.keys(":<esc>");
    assert!(play.text().contains("7.3"));
}

#[test]
fn the_map_counts_and_leads_into_a_module() {
    let mut play = Play::new("en", (80, 24));
    play.keys("m");
    assert!(play.text().contains("0/4"), "{}", play.text());
    play.keys("<enter>");
    assert!(play.text().contains("The idea, and where the builder goes"));
}

#[test]
fn settings_hold_at_once_and_are_remembered() {
    let mut play = Play::new("en", (80, 24));
    play.took();
    play.keys(",j<enter><enter>");
    let kept = [ThemeChoice::Auto, ThemeChoice::Dark].map(|theme| Effect::Choose(Choice::Theme(theme)));
    assert_eq!(play.took(), kept);
    assert_eq!(play.app.shared.theme.palette, Palette::Dark);
    play.keys("j<enter>");
    assert!(play.text().is_ascii(), "{}", play.text());
    play.keys("gq");
    assert!(!play.text().contains("Settings"));
}

#[test]
fn a_term_is_explained_and_those_on_the_screen_come_first() {
    let mut play = Play::new("en", (80, 24));
    play.keys("<enter>K");
    let text = play.text();
    assert!(text.contains("Words and what they mean") && text.contains("builder"), "{text}");
    play.keys("volume");
    assert!(play.text().contains("stays when the container is removed"), "{}", play.text());
    let mut play = Play::new("hi-Latn", (80, 24));
    play.keys("Kvolume");
    assert!(play.text().contains("Folder jo Docker rakhta hai"), "{}", play.text());
}

#[test]
fn the_wheel_scrolls_and_a_click_chooses() {
    let mut play = Play::new("en", (80, 24));
    click(&mut play, "7.1  The idea");
    assert!(play.text().contains("The idea, and where the builder goes"));
    let top = play.text();
    mouse(&mut play, MouseEventKind::ScrollDown, 10, 10);
    assert_ne!(play.text(), top);
    mouse(&mut play, MouseEventKind::ScrollUp, 10, 10);
    assert_eq!(play.text(), top);
    play.keys("s");
    mouse(&mut play, MouseEventKind::Down(MouseButton::Left), 0, 3);
    assert_eq!(play.text(), top, "a click beside it closes it");
    // In a wide window the first click describes, the second opens.
    let mut wide = Play::new("en", (200, 50));
    click(&mut wide, "7.3  Node");
    assert!(wide.text().contains("Dockshala"));
    click(&mut wide, "7.3  Node");
    assert!(!wide.text().contains("Dockshala  "));
    for (column, row) in [(0, 0), (199, 49), (500, 500)] {
        mouse(&mut wide, MouseEventKind::Down(MouseButton::Left), column, row);
    }
}

fn with_file(play: &mut Play) -> PathBuf {
    started(play);
    let path = PathBuf::from("/home/asha/dockshala/two-stages/Dockerfile");
    let text = "FROM golang:1.26\nWORKDIR /src\n".to_owned();
    play.lab(LabNews::File(Sheet { path: path.clone(), text, colours: Highlighted { lines: Vec::new() } }));
    path
}

#[test]
fn a_line_is_changed_on_the_spot_and_kept_when_the_editor_is_left() {
    let mut play = at_exercise("en", (80, 24));
    let path = with_file(&mut play);
    assert!(play.effects.contains(&Effect::Read("two-stages".into(), path.clone())));
    play.keys("<tab>");
    assert!(play.text().contains("1 FROM golang:1.26"), "{}", play.text());
    play.took();
    play.keys("e# q ?");
    assert!(play.text().contains("# q ?FROM golang") && play.text().contains("Not saved yet"), "{}", play.text());
    play.keys("<c-z>");
    assert!(play.text().contains("# q FROM golang"), "{}", play.text());
    play.tell(Msg::Paste("x\ny ".into()));
    play.keys("<esc>");
    let (after, before) = ("# q x\ny FROM golang:1.26\nWORKDIR /src\n", "FROM golang:1.26\nWORKDIR /src\n");
    assert_eq!(play.took(), [Effect::Save("two-stages".into(), path, after.into(), before.into())]);
    play.keys("e<esc>");
    assert_eq!(play.took(), [], "nothing was changed");
    // Also when the program is left from inside it.
    play.keys("ez<c-c>");
    assert!(matches!(&play.took()[..], [Effect::Save(..), Effect::Quit]));
}

#[test]
fn a_check_that_begins_or_ends_never_hides_what_is_being_written() {
    for size in [(80, 24), (200, 50)] {
        let mut play = at_exercise("en", size);
        with_file(&mut play);
        play.keys("e# chai ");
        play.lab(LabNews::Checking(std::time::Instant::now()));
        play.keys("a");
        assert!(play.text().contains("# chai aFROM golang"), "a check began: {}", play.text());
        play.lab(LabNews::Done(Box::new(result(false)), String::new()));
        play.keys("b");
        assert!(play.text().contains("# chai abFROM golang"), "a check ended: {}", play.text());
        let text = play.keys("<esc>").text();
        assert!(text.contains("❯ Goals"), "then what was found is led with: {text}");
        assert!(play.keys("e").text().contains("❯ File"));
    }
}

#[test]
fn what_could_not_be_saved_counts_as_unsaved_and_comes_back_where_it_is_nowhere_else() {
    let mut play = at_exercise("en", (80, 24));
    let path = with_file(&mut play);
    let before = "FROM golang:1.26\nWORKDIR /src\n".to_owned();
    let missed = |text: &str, kept| {
        let (path, text, before) = (path.clone(), text.to_owned(), before.clone());
        LabNews::NotSaved(Unsaved { path, text, before, kept })
    };
    play.keys("e#<c-s>");
    let text = "#FROM golang:1.26\nWORKDIR /src\n";
    play.lab(missed(text, true));
    assert!(play.text().contains("Not saved yet"), "{}", play.text());
    play.took();
    play.keys("<esc>");
    let again = Effect::Save("two-stages".into(), path.clone(), text.into(), before.clone());
    assert_eq!(play.took(), std::slice::from_ref(&again), "and is tried again");
    play.lab(missed(text, true));
    assert!(!play.text().contains("Not saved yet"), "it is kept elsewhere: {}", play.text());
    play.lab(missed(text, false));
    assert!(play.text().contains("#FROM golang:1.26") && play.text().contains("Not saved yet"), "{}", play.text());
    play.keys("<esc>");
    assert_eq!(play.took(), [again]);
}

#[test]
fn the_keys_of_the_last_build_and_of_the_files_stand_in_the_footer() {
    for (lang, steps) in [("en", "s steps"), ("hi-Latn", "s step")] {
        let mut play = at_exercise(lang, (80, 24));
        with_file(&mut play);
        play.lab(LabNews::Done(Box::new(result(false)), "FROM golang:1.26\nCOPY . .\n".to_owned()));
        let text = play.text();
        let footer = text.lines().last().unwrap();
        for key in ["c ", "e ", "o editor", "h hint", "w ", "Tab ", steps, "? "] {
            assert!(footer.contains(key), "{key}: {footer}");
        }
        let mut lesson = Play::new(lang, (80, 24));
        let text = lesson.keys("<enter>").text();
        assert!(text.lines().last().unwrap().contains("f files"), "{text}");
    }
}

#[test]
fn the_commands_behind_a_check_are_shown_and_copied() {
    let mut play = at_exercise("en", (80, 24));
    with_file(&mut play);
    play.lab(LabNews::Done(Box::new(result(false)), String::new()));
    play.took();
    play.keys("d");
    assert!(play.text().contains("$ docker build -t two-stages ."), "{}", play.text());
    play.keys("y");
    assert_eq!(play.took(), [Effect::Copy("docker build -t two-stages .\n".into())]);
    play.keys("<esc>");
}

#[test]
fn a_wide_window_shows_brief_file_goals_and_log_at_once() {
    for lang in ["en", "hi-Latn"] {
        let mut play = at_exercise(lang, (200, 50));
        with_file(&mut play);
        play.lab(LabNews::Checking(std::time::Instant::now()));
        play.lab(LabNews::Done(Box::new(result(false)), "FROM golang:1.26\nWORKDIR /src\n".into()));
        insta::assert_snapshot!(format!("split-{lang}"), play.text());
    }
}

#[test]
fn what_is_typed_into_a_list_goes_nowhere_else() {
    let mut play = Play::new("en", (80, 24));
    for open in [":", "F", "K"] {
        play.keys(open);
        play.took();
        play.keys("qLQ?m,");
        assert_eq!(play.took(), [], "after {open}");
        play.keys("<esc>");
    }
    assert!(matches!(play.app.shared.lang.as_str(), "en"));
}
