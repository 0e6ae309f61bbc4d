//! The screen.

pub mod theme;

use crate::{course::Lang, i18n, layout::Labels};

/// The words that the layout adds to a text.
pub fn labels(lang: &Lang) -> Labels {
    let say = |key: &str| i18n::text(lang, key, &[]);
    Labels {
        note: say("tui.callout.note"),
        tip: say("tui.callout.tip"),
        interview: say("tui.callout.interview"),
        warning: say("tui.callout.warning"),
        caution: say("tui.callout.caution"),
        claim: say("tui.callout.claim"),
        links: say("tui.links"),
    }
}
