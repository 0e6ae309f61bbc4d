//! The one registry of keys: what the program does at a key, the footer, and the help are all made from it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Leave the program.
    Quit,
    /// Stop what runs, or leave the program.
    Interrupt,
    /// Hand the terminal back to the shell for a while.
    Suspend,
    /// Close what is on top, or go back to where one came from.
    Back,
    /// All keys.
    Help,
    /// The other language.
    Language,
    /// Paint everything anew.
    Redraw,
    /// One row.
    Up,
    /// One row.
    Down,
    /// Half a window.
    HalfUp,
    /// Half a window.
    HalfDown,
    /// A window.
    PageUp,
    /// A window.
    PageDown,
    /// The beginning.
    Top,
    /// The end.
    Bottom,
    /// Shift code.
    PanLeft,
    /// Shift code.
    PanRight,
    /// Do what the selected row offers.
    Open,
    /// Go on where one was.
    Continue,
    /// The sections of the lesson.
    Sections,
    /// The lesson after this one.
    Next,
    /// The lesson before this one.
    Previous,
    /// The exercise of the lesson.
    Exercise,
    /// The lesson of the exercise.
    Lesson,
    /// Judge the submission.
    Check,
    /// Stop judging it.
    Cancel,
    /// Judge it at every save.
    Watch,
    /// One step of the hint ladder.
    Hint,
    /// The solution.
    Solution,
    /// The files that a lesson's commands work on.
    Files,
    /// The learner's editor.
    Editor,
    /// The next part of the screen.
    Pane,
    /// The part before.
    PaneBack,
    /// Yes.
    Yes,
    /// Leave a screen that is all there is.
    Leave,
    /// Look into the image.
    Lens,
    /// Predict and test a claim.
    Claim,
    /// The next instruction of the replay.
    StepOn,
    /// The instruction before.
    StepBack,
    /// The last build, one instruction at a time.
    Replay,
    /// The whole image instead of one step.
    Whole,
    /// Look for a name.
    Find,
    /// The next one of that name.
    FindNext,
    /// The one before.
    FindBack,
    /// What is let through: all, what a step touched, what is new …
    Show,
    /// How big it must be.
    Least,
    /// Files of the next layer only.
    Layer,
    /// Of the layer before.
    LayerBack,
    /// By size or by name.
    Sort,
    /// Open a folder.
    Unfold,
    /// Close it, or go to the one above.
    Fold,
    /// Open all folders.
    UnfoldAll,
    /// Close them all.
    FoldAll,
    /// What was typed is meant.
    Accept,
    /// It is not.
    GiveUp,
    /// Take the last letter back.
    Erase,
    /// Questions.
    Quiz,
    /// A mock interview.
    Interview,
    /// Answer, or go on after an answer.
    Answer,
    /// Tick what is looked at, or take the line along.
    Tick,
    /// It was known without a thought.
    Easier,
    /// It was known with trouble.
    Harder,
    /// Measure it on the daemon.
    Measure,
    /// Another session.
    Afresh,
    /// An interview as it is set up.
    Begin,
    /// Another value of what the cursor stands on.
    Change,
    /// Pass a question over.
    PassOver,
    /// End it here.
    Finish,
    /// Write a report to a file.
    Export,
    /// Let go of what is set off or looked for.
    Dismiss,
    /// The next link or footnote.
    LinkNext,
    /// The one before.
    LinkBack,
    /// Go where it leads.
    Follow,
    /// Open its page.
    Browse,
    /// Copy it.
    Copy,
    /// The place before this one.
    Past,
    /// The place that was gone back from.
    Future,
    /// Everything that can be done here, by name.
    Palette,
    /// Words of the whole course.
    Search,
    /// What a word means.
    Glossary,
    /// The course from above.
    Map,
    /// What the learner chooses.
    Settings,
    /// The docker commands behind a check.
    Commands,
    /// The small editor of the screen.
    Write,
    /// Keep what was written.
    Save,
    /// Back to what was written before.
    Undo,
    /// And on again.
    Redo,
}

/// Where a key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Wherever nothing else takes the key.
    Everywhere,
    /// The first screen.
    Home,
    /// A lesson.
    Lesson,
    /// An exercise.
    Exercise,
    /// An image under the lens.
    Lens,
    /// A build, one instruction at a time.
    Replay,
    /// A claim.
    Claim,
    /// The quiz and the interview.
    Quiz,
    /// A line that is being typed: letters are letters there.
    Prompt,
    /// A list on top of a screen.
    List,
    /// A file that is being written: keys are text there.
    Writing,
    /// A text on top of a screen.
    Sheet,
    /// A question on top of a screen.
    Question,
}

/// One key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    control: bool,
    alt: bool,
}

impl Key {
    const fn char(c: char) -> Self {
        Self { code: KeyCode::Char(c), control: false, alt: false }
    }

    const fn control(c: char) -> Self {
        Self { code: KeyCode::Char(c), control: true, alt: false }
    }

    const fn of(code: KeyCode) -> Self {
        Self { code, control: false, alt: false }
    }

    const fn alt(code: KeyCode) -> Self {
        Self { code, control: false, alt: true }
    }

    fn is(self, event: KeyEvent) -> bool {
        self.code == event.code
            && self.control == event.modifiers.contains(KeyModifiers::CONTROL)
            && self.alt == event.modifiers.contains(KeyModifiers::ALT)
    }

    /// As a keyboard shows it.
    pub fn name(self, ascii: bool) -> String {
        if self.alt {
            return format!("Alt-{}", Self { alt: false, ..self }.name(ascii));
        }
        match self.code {
            KeyCode::Char(' ') => "Space".to_owned(),
            KeyCode::Char(c) if self.control => format!("Ctrl-{}", c.to_ascii_uppercase()),
            KeyCode::Char(c) => c.to_string(),
            KeyCode::Enter if ascii => "Enter".to_owned(),
            KeyCode::Enter => "⏎".to_owned(),
            KeyCode::Esc => "Esc".to_owned(),
            KeyCode::Tab => "Tab".to_owned(),
            KeyCode::BackTab => "Shift-Tab".to_owned(),
            KeyCode::Up if ascii => "Up".to_owned(),
            KeyCode::Up => "↑".to_owned(),
            KeyCode::Down if ascii => "Down".to_owned(),
            KeyCode::Down => "↓".to_owned(),
            KeyCode::Left if ascii => "Left".to_owned(),
            KeyCode::Left => "←".to_owned(),
            KeyCode::Right if ascii => "Right".to_owned(),
            KeyCode::Right => "→".to_owned(),
            KeyCode::PageUp => "PgUp".to_owned(),
            KeyCode::PageDown => "PgDn".to_owned(),
            KeyCode::Home => "Home".to_owned(),
            KeyCode::End => "End".to_owned(),
            KeyCode::Backspace => "Backspace".to_owned(),
            other => format!("{other:?}"),
        }
    }
}

/// An action with its keys.
#[derive(Debug)]
pub struct Binding {
    /// Where.
    pub scope: Scope,
    /// What.
    pub action: Action,
    /// By which keys, the best one to teach first.
    pub keys: &'static [Key],
    /// The last part of the keys of its words: `tui.key.WORD` for the footer, `tui.help.WORD` for the help.
    pub word: &'static str,
    /// Its turn in the footer; 0 for what only the help lists.
    pub rank: u8,
}

macro_rules! bindings {
    ($($scope:ident { $($action:ident $word:literal $rank:literal [$($key:expr),+];)* })*) => {
        /// Every key of the program, in the order in which help lists them.
        pub static BINDINGS: &[Binding] = &[$($(
            Binding { scope: Scope::$scope, action: Action::$action, keys: &[$($key),+], word: $word, rank: $rank },
        )*)*];
    };
}

const fn c(c: char) -> Key {
    Key::char(c)
}

const fn ctrl(c: char) -> Key {
    Key::control(c)
}

const fn k(code: KeyCode) -> Key {
    Key::of(code)
}

use KeyCode as K;

bindings! {
    Home {
        Open "open" 1 [k(K::Enter), k(K::Right), c('l')];
        Continue "continue" 2 [c('c')];
        Quiz "quiz" 4 [c('r')];
        Interview "interview" 5 [c('i')];
        Find "find-in-course" 6 [c('/')];
        Down "down" 3 [c('j'), k(K::Down)];
        Up "up" 0 [c('k'), k(K::Up)];
        Quit "quit" 9 [c('q')];
    }
    Lesson {
        StepOn "step" 1 [k(K::Right), c('.')];
        StepBack "step-back" 1 [k(K::Left), c('-')];
        PageDown "page" 1 [c(' '), k(K::PageDown), ctrl('f')];
        PageUp "page-up" 0 [c('b'), k(K::PageUp), ctrl('b')];
        Exercise "exercise" 2 [c('e')];
        Claim "claim" 3 [c('t')];
        Dismiss "dismiss" 1 [k(K::Esc)];
        Follow "follow" 1 [k(K::Enter)];
        FindNext "find-next" 1 [c('n')];
        FindBack "find-back" 0 [c('N')];
        Sections "sections" 3 [c('s')];
        Next "next-lesson" 4 [c(']')];
        Previous "previous-lesson" 0 [c('[')];
        Find "find-in-lesson" 5 [c('/')];
        LinkNext "links" 5 [k(K::Tab)];
        LinkBack "links-back" 0 [k(K::BackTab)];
        Browse "browse" 0 [c('o')];
        Copy "copy" 0 [c('y')];
        Files "files" 4 [c('f')];
        PanRight "pan" 0 [c('>'), k(K::Right)];
        PanLeft "pan-back" 0 [c('<'), k(K::Left)];
    }
    Exercise {
        Open "start" 1 [k(K::Enter)];
        Check "check" 1 [c('c')];
        Cancel "cancel" 1 [c('x')];
        Next "next-exercise" 2 [c('n')];
        Write "write" 2 [c('e')];
        Editor "editor" 3 [c('o')];
        Hint "hint" 3 [c('h')];
        Watch "watch" 4 [c('w')];
        Pane "pane" 5 [k(K::Tab)];
        PaneBack "pane-back" 0 [k(K::BackTab)];
        Replay "replay" 5 [c('s')];
        Commands "commands" 6 [c('d')];
        Solution "solution" 0 [c('S')];
        Lens "lens" 6 [c('i')];
        Lesson "lesson" 0 [c('l')];
        PageDown "page" 0 [c(' '), k(K::PageDown), ctrl('f')];
        PageUp "page-up" 0 [c('b'), k(K::PageUp), ctrl('b')];
        PanRight "pan" 0 [c('>'), k(K::Right)];
        PanLeft "pan-back" 0 [c('<'), k(K::Left)];
    }
    Claim {
        Open "predict" 1 [k(K::Enter)];
        Check "measure-again" 1 [c('c')];
        Cancel "cancel-claim" 1 [c('x')];
        Next "next-claim" 3 [c('n'), c(']')];
        Down "choose-down" 2 [c('j'), k(K::Down)];
        Up "choose-up" 0 [c('k'), k(K::Up)];
        PageDown "page" 0 [c(' '), k(K::PageDown), ctrl('f')];
        PageUp "page-up" 0 [c('b'), k(K::PageUp), ctrl('b')];
        PanRight "pan" 0 [c('>'), k(K::Right)];
        PanLeft "pan-back" 0 [c('<'), k(K::Left)];
    }
    Lens {
        Open "lens-open" 3 [k(K::Enter)];
        StepOn "step" 1 [k(K::Right), c(']')];
        StepBack "step-back" 2 [k(K::Left), c('[')];
        Whole "whole" 0 [c('w'), c('0')];
        Pane "pane-lens" 4 [k(K::Tab)];
        PaneBack "pane-back" 0 [k(K::BackTab)];
        Show "show" 5 [c('f')];
        Least "least" 0 [c('m')];
        Layer "layer" 0 [c('y')];
        LayerBack "layer-back" 0 [c('Y')];
        Sort "sort" 6 [c('s')];
        Find "find" 5 [c('/')];
        FindNext "find-next" 0 [c('n')];
        FindBack "find-back" 0 [c('N')];
        Unfold "unfold" 0 [c('l'), c('+')];
        Fold "fold" 0 [c('h'), c('-')];
        UnfoldAll "unfold-all" 0 [c('E')];
        FoldAll "fold-all" 0 [c('C')];
        PageDown "page" 0 [c(' '), k(K::PageDown), ctrl('f')];
        PageUp "page-up" 0 [c('b'), k(K::PageUp), ctrl('b')];
        Leave "quit" 9 [c('q'), k(K::Esc)];
    }
    Replay {
        StepOn "step" 1 [k(K::Right), c(' '), c(']'), c('.')];
        StepBack "step-back" 2 [k(K::Left), c('['), c('-')];
        Lens "lens" 3 [c('i')];
    }
    Quiz {
        Begin "begin-interview" 1 [k(K::Enter)];
        Change "change" 2 [c(' '), k(K::Right)];
        Answer "answer" 1 [k(K::Enter)];
        Tick "tick" 2 [c(' ')];
        PanRight "pan" 0 [c('>'), k(K::Right)];
        PanLeft "pan-back" 0 [c('<'), k(K::Left)];
        Measure "measure" 2 [c('m')];
        Harder "harder" 3 [c('-')];
        Easier "easier" 3 [c('+'), c('=')];
        PassOver "pass-over" 3 [c('p')];
        Finish "finish" 5 [c('x')];
        Lesson "study" 4 [c('l')];
        Afresh "afresh" 2 [c('n')];
        Export "export" 2 [c('e')];
    }
    Prompt {
        Accept "accept" 1 [k(K::Enter)];
        GiveUp "give-up" 2 [k(K::Esc)];
        Erase "erase" 0 [k(K::Backspace)];
        FindNext "find-next" 0 [k(K::Down)];
        FindBack "find-back" 0 [k(K::Up)];
    }
    List {
        Open "choose" 1 [k(K::Enter)];
        Back "close" 2 [k(K::Esc), c('q'), c('s'), k(K::Tab)];
    }
    Writing {
        Save "save" 1 [ctrl('s')];
        Dismiss "leave-editor" 2 [k(K::Esc)];
        Undo "undo" 3 [ctrl('z')];
        Redo "redo" 0 [ctrl('y')];
    }
    Sheet {
        Copy "copy-all" 1 [c('y')];
        Down "scroll" 1 [c('j'), k(K::Down)];
        Hint "more-hint" 1 [c('h')];
        Back "close" 2 [k(K::Esc), c('q'), k(K::Enter), c('?')];
        PageDown "page" 0 [c(' '), k(K::PageDown)];
        PageUp "page-up" 0 [c('b'), k(K::PageUp)];
        PanRight "pan" 0 [c('>'), k(K::Right)];
        PanLeft "pan-back" 0 [c('<'), k(K::Left)];
    }
    Question {
        Yes "yes" 1 [c('y'), k(K::Enter)];
        Back "no" 2 [k(K::Esc), c('q'), c('n')];
    }
    Everywhere {
        Down "down" 0 [c('j'), k(K::Down)];
        Up "up" 0 [c('k'), k(K::Up)];
        HalfDown "half" 0 [ctrl('d')];
        HalfUp "half-up" 0 [ctrl('u')];
        PageDown "page" 0 [k(K::PageDown)];
        PageUp "page-up" 0 [k(K::PageUp)];
        Top "top" 0 [c('g'), k(K::Home)];
        Bottom "bottom" 0 [c('G'), k(K::End)];
        Palette "palette" 0 [c(':'), ctrl('p')];
        Search "search" 0 [c('F')];
        Glossary "glossary" 0 [c('K')];
        Map "map" 0 [c('m')];
        Past "past" 0 [Key::alt(K::Left), c('(')];
        Future "future" 0 [Key::alt(K::Right), c(')')];
        Settings "settings" 0 [c(',')];
        Language "language" 6 [c('L')];
        Help "help" 7 [c('?')];
        Back "back" 8 [k(K::Esc), c('q'), k(K::Backspace)];
        Quit "quit" 0 [c('Q'), ctrl('q')];
        Interrupt "interrupt" 0 [ctrl('c')];
        Suspend "suspend" 0 [ctrl('z')];
        Redraw "redraw" 0 [ctrl('l')];
    }
}

/// What `event` asks for in `scope`: an own key of the scope first, then one that counts everywhere. `enabled` says what
/// makes sense just now, so that one key may do two things at different times.
pub fn action(scope: Scope, event: KeyEvent, enabled: impl Fn(Action) -> bool) -> Option<Action> {
    let find = |scope: Scope| {
        let mut matching = BINDINGS.iter().filter(move |b| b.scope == scope && b.keys.iter().any(|k| k.is(event)));
        matching.find(|b| enabled(b.action)).map(|b| b.action)
    };
    find(scope).or_else(|| find(Scope::Everywhere))
}

/// What counts in `scope`, in the order of the footer.
pub fn footer(scope: Scope, enabled: impl Fn(Action) -> bool) -> Vec<&'static Binding> {
    let on_top = matches!(scope, Scope::List | Scope::Sheet | Scope::Question | Scope::Prompt | Scope::Writing);
    let mut out: Vec<&Binding> = BINDINGS
        .iter()
        .filter(|b| b.rank > 0 && (b.scope == scope || (b.scope == Scope::Everywhere && !on_top)) && enabled(b.action))
        .collect();
    out.sort_by_key(|b| b.rank);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: Key) -> KeyEvent {
        let mut modifiers = KeyModifiers::NONE;
        modifiers.set(KeyModifiers::CONTROL, key.control);
        modifiers.set(KeyModifiers::ALT, key.alt);
        KeyEvent::new(key.code, modifiers)
    }

    #[test]
    fn every_key_of_the_registry_does_what_it_says() {
        for binding in BINDINGS {
            for key in binding.keys {
                let only = |a: Action| a == binding.action;
                assert_eq!(action(binding.scope, press(*key), only), Some(binding.action), "{binding:?}");
            }
        }
    }

    #[test]
    fn one_key_does_two_things_only_at_different_times() {
        // In an exercise Enter starts it and `c` checks it; no two actions that can both be on share a key. Only a stepper takes
        // the arrows while it is in view, where `<` and `>` pan all the same, and an interview is set up before it asks.
        let turns = [
            (Scope::Lesson, Action::StepOn, Action::PanRight),
            (Scope::Lesson, Action::StepBack, Action::PanLeft),
            (Scope::Quiz, Action::Begin, Action::Answer),
            (Scope::Quiz, Action::Change, Action::Tick),
            (Scope::Quiz, Action::Change, Action::PanRight),
        ];
        for (at, a) in BINDINGS.iter().enumerate() {
            for b in BINDINGS[at + 1..].iter().filter(|b| b.scope == a.scope) {
                let shared: Vec<_> = a.keys.iter().filter(|k| b.keys.contains(k)).collect();
                let in_turn = turns.contains(&(a.scope, a.action, b.action));
                assert!(shared.is_empty() || in_turn, "{:?} and {:?} share {shared:?}", a.action, b.action);
            }
        }
    }

    #[test]
    fn every_binding_has_its_words_in_every_language() {
        for lang in crate::i18n::languages() {
            for binding in BINDINGS {
                for key in [format!("tui.key.{}", binding.word), format!("tui.help.{}", binding.word)] {
                    assert!(
                        crate::i18n::has(&lang, &key) || binding.rank == 0 && key.starts_with("tui.key"),
                        "{key} in {lang}"
                    );
                }
            }
        }
    }
}
