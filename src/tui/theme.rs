//! How things look: meanings → sixteen colours of the learner's own palette, or no colour at all.
//!
//! Fixed colours would be beautiful on one background and unreadable on another. Yellow and blue carry no running text,
//! because common palettes make them vanish on white or on black. Colour is never the only sign of anything.

use crate::layout::{Callout, Class, Ink, Style as TextStyle, Token};
use ratatui::style::{Color, Modifier, Style};

/// What a part of the screen is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Look {
    /// Part of a text.
    Text(TextStyle),
    /// Running words of the program.
    Plain,
    /// What matters most.
    Strong,
    /// What may be skipped.
    Dim,
    /// The place where the learner is: a selected row, an open tab.
    Focus,
    /// The program's and the screen's name.
    Title,
    /// A success.
    Good,
    /// A failure of the submission.
    Bad,
    /// Something to look out for that is not the learner's doing.
    Warn,
    /// A key to press.
    Key,
    /// A command or file name.
    Code,
    /// Lines between parts.
    Frame,
    /// A bar's filled part: what the submission weighs.
    Bar,
    /// A bar of what it is compared with.
    BarBefore,
    /// One of the places where what was looked for stands.
    Found,
    /// The one that is looked at, or the link that is set off.
    FoundHere,
}

/// Which colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Palette {
    /// The sixteen that the learner's own terminal defines.
    #[default]
    Sixteen,
    /// Ours, for dark backgrounds; of the 256 that every terminal shows alike.
    Dark,
    /// Ours, for light ones.
    Light,
}

/// What the learner chose of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ThemeChoice {
    /// The terminal's own sixteen.
    #[default]
    Sixteen,
    /// Ours, as the terminal's background is.
    Auto,
    /// Ours, dark.
    Dark,
    /// Ours, light.
    Light,
}

impl ThemeChoice {
    /// All of them, in the order in which a key goes through them.
    pub const ALL: [Self; 4] = [Self::Sixteen, Self::Auto, Self::Dark, Self::Light];

    /// As settings, the environment and `--theme` write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sixteen => "ansi",
            Self::Auto => "auto",
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }

    /// The one of this name. The sixteen are known by their number too, as older settings have it.
    pub fn named(name: &str) -> Option<Self> {
        let name = if name == "16" { Self::Sixteen.name() } else { name };
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }

    /// The colours, on a terminal whose background is known or not.
    pub fn palette(self, detected: Option<Palette>) -> Palette {
        match self {
            Self::Sixteen => Palette::Sixteen,
            Self::Auto => detected.unwrap_or_default(),
            Self::Dark => Palette::Dark,
            Self::Light => Palette::Light,
        }
    }
}

/// What the terminal's background is like, by what it says of itself: `COLORFGBG`, which costs nothing, then a question that
/// takes a terminal's answer and at most a tenth of a second. To be asked before anything else reads the keys.
pub fn detect() -> Option<Palette> {
    if let Some(told) = std::env::var("COLORFGBG").ok().as_deref().and_then(background) {
        return Some(told);
    }
    let mut options = terminal_colorsaurus::QueryOptions::default();
    options.timeout = std::time::Duration::from_millis(100);
    match terminal_colorsaurus::theme_mode(options).ok()? {
        terminal_colorsaurus::ThemeMode::Dark => Some(Palette::Dark),
        terminal_colorsaurus::ThemeMode::Light => Some(Palette::Light),
    }
}

/// `15;0` and `12;default;8`: the last part is the background's number.
fn background(colorfgbg: &str) -> Option<Palette> {
    match colorfgbg.rsplit(';').next()?.parse::<u8>().ok()? {
        0..=6 | 8 => Some(Palette::Dark),
        7 | 9..=15 => Some(Palette::Light),
        _ => None,
    }
}

/// A palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Theme {
    /// Whether to colour at all.
    pub color: bool,
    /// Draw with ASCII only.
    pub ascii: bool,
    /// Which colours.
    pub palette: Palette,
}

impl Theme {
    /// How `look` is painted.
    pub fn style(self, look: Look) -> Style {
        let style = self.full(look);
        if self.color {
            return self.shaded(style);
        }
        Style { fg: None, bg: None, ..style }
    }

    /// In the colours of the palette. Grey is a colour of its own there: what dimming does differs from terminal to terminal.
    fn shaded(self, style: Style) -> Style {
        let [cyan, green, red, yellow, magenta, grey] = match self.palette {
            Palette::Sixteen => return style,
            Palette::Dark => [80, 114, 203, 179, 176, 246],
            Palette::Light => [24, 28, 124, 94, 90, 241],
        };
        let fg = match style.fg {
            Some(Color::Cyan) => Some(cyan),
            Some(Color::Green) => Some(green),
            Some(Color::Red) => Some(red),
            Some(Color::Yellow) => Some(yellow),
            Some(Color::Magenta) => Some(magenta),
            _ if style.add_modifier.contains(Modifier::DIM) => Some(grey),
            _ => None,
        };
        match fg {
            Some(fg) => {
                Style { fg: Some(Color::Indexed(fg)), add_modifier: style.add_modifier - Modifier::DIM, ..style }
            }
            None => style,
        }
    }

    fn full(self, look: Look) -> Style {
        let plain = Style::new();
        let bold = Modifier::BOLD;
        match look {
            Look::Text(text) => self.text(text),
            Look::Plain => plain,
            Look::Strong => plain.add_modifier(bold),
            Look::Dim | Look::Frame => plain.add_modifier(Modifier::DIM),
            Look::Focus => plain.fg(Color::Cyan).add_modifier(bold),
            Look::Title => plain.fg(Color::Cyan).add_modifier(bold),
            Look::Good => plain.fg(Color::Green).add_modifier(bold),
            Look::Bad => plain.fg(Color::Red).add_modifier(bold),
            Look::Warn => plain.fg(Color::Yellow).add_modifier(bold),
            Look::Key => plain.fg(Color::Cyan).add_modifier(bold),
            Look::Code => plain.fg(Color::Cyan),
            Look::Bar => plain.fg(Color::Green),
            Look::BarBefore => plain.fg(Color::Red),
            Look::Found => plain.add_modifier(Modifier::UNDERLINED).add_modifier(bold),
            Look::FoundHere => plain.add_modifier(Modifier::REVERSED).add_modifier(bold),
        }
    }

    fn text(self, text: TextStyle) -> Style {
        let plain = Style::new();
        let bold = Modifier::BOLD;
        let mut style = match text.class {
            Class::Text => plain,
            Class::Heading(1 | 2) => plain.fg(Color::Cyan).add_modifier(bold),
            Class::Heading(_) => plain.add_modifier(bold),
            Class::Code => plain.fg(Color::Cyan),
            Class::Link => plain.add_modifier(Modifier::UNDERLINED),
            Class::Reference | Class::Frame => plain.add_modifier(Modifier::DIM),
            Class::Marker => plain.fg(Color::Cyan),
            Class::Caption | Class::Label => plain.add_modifier(bold),
            Class::Quote => plain.add_modifier(Modifier::DIM),
            Class::Callout(kind) => plain.fg(match kind {
                Callout::Note => Color::Cyan,
                Callout::Tip => Color::Green,
                Callout::Interview | Callout::Claim => Color::Magenta,
                Callout::Warning => Color::Yellow,
                Callout::Caution => Color::Red,
            }),
            Class::Token(token) => match token {
                Token::Plain | Token::Punctuation => plain,
                Token::Keyword => plain.fg(Color::Magenta).add_modifier(bold),
                Token::String => plain.fg(Color::Green),
                Token::Comment | Token::Output => plain.add_modifier(Modifier::DIM),
                Token::Constant | Token::Variable => plain.fg(Color::Cyan),
                Token::Function => plain.add_modifier(bold),
                Token::Name => plain.fg(Color::Yellow),
                Token::Inserted => plain.fg(Color::Green),
                Token::Deleted => plain.fg(Color::Red),
                Token::Prompt => plain.fg(Color::Green).add_modifier(bold),
            },
            Class::Diagram(ink) => match ink {
                Ink::Old => plain.fg(Color::Cyan),
                Ink::New => plain.fg(Color::Yellow),
                Ink::Wasted | Ink::Down => plain.fg(Color::Red),
                Ink::Shared => plain.fg(Color::Magenta),
                Ink::Wait => plain.add_modifier(Modifier::DIM),
                Ink::Main => plain.fg(Color::Green),
                Ink::Mark => plain.fg(Color::Magenta),
                Ink::Note => plain.add_modifier(Modifier::DIM),
                Ink::Caption => plain.add_modifier(Modifier::ITALIC),
            },
        };
        if text.strong {
            style = style.add_modifier(bold);
        }
        if text.emphasis {
            style = style.add_modifier(Modifier::ITALIC);
        }
        if text.strike {
            style = style.add_modifier(Modifier::CROSSED_OUT);
        }
        style
    }

    /// `text` with the escapes that paint it, for what is printed and not drawn.
    pub fn ansi(self, look: Look, text: &str) -> String {
        let style = self.style(look);
        let mut codes: Vec<String> = Vec::new();
        for (modifier, code) in [
            (Modifier::BOLD, "1"),
            (Modifier::DIM, "2"),
            (Modifier::ITALIC, "3"),
            (Modifier::UNDERLINED, "4"),
            (Modifier::CROSSED_OUT, "9"),
        ] {
            if style.add_modifier.contains(modifier) {
                codes.push(code.to_owned());
            }
        }
        codes.extend(style.fg.and_then(|color| {
            Some(match color {
                Color::Red => "31".to_owned(),
                Color::Green => "32".to_owned(),
                Color::Yellow => "33".to_owned(),
                Color::Magenta => "35".to_owned(),
                Color::Cyan => "36".to_owned(),
                Color::Indexed(n) => format!("38;5;{n}"),
                _ => return None,
            })
        }));
        if codes.is_empty() || text.is_empty() {
            text.to_owned()
        } else {
            format!("\x1b[{}m{text}\x1b[0m", codes.join(";"))
        }
    }

    /// A sign, or what stands for it in ASCII.
    pub fn sign(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { unicode }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_s_word_on_its_background_is_understood() {
        assert_eq!(background("15;0"), Some(Palette::Dark));
        assert_eq!(background("0;default;15"), Some(Palette::Light));
        assert_eq!(background("default;default"), None);
        assert_eq!(background(""), None);
    }

    #[test]
    fn every_palette_colours_what_the_sixteen_do_and_none_does_without_colour() {
        let looks = [Look::Good, Look::Bad, Look::Warn, Look::Key, Look::Dim];
        for palette in [Palette::Dark, Palette::Light] {
            let theme = Theme { color: true, ascii: false, palette };
            for look in looks {
                assert!(matches!(theme.style(look).fg, Some(Color::Indexed(_))), "{look:?}");
            }
            assert!(looks.iter().all(|look| Theme { color: false, ..theme }.style(*look).fg.is_none()));
        }
    }
}
