//! Puts the claims of a lesson in their place: the statement and what can be predicted, never the answer.

use super::CLAIM;
use crate::course::{Course, Lang, PlacedClaim};
use std::{borrow::Cow, fmt::Write};

/// The Markdown of a lesson with each `{{claim ID}}` that stands alone on its line replaced by a quote that shows it. A claim
/// that the course does not have stays as it is written.
pub fn with_claims<'a>(markdown: &'a str, course: &Course, lang: &Lang) -> Cow<'a, str> {
    if !markdown.contains("{{claim ") {
        return markdown.into();
    }
    replace(markdown, &|id| course.claim(id).map(|claim| quote(&claim, lang)))
}

fn replace<'a>(markdown: &'a str, claim: &dyn Fn(&str) -> Option<String>) -> Cow<'a, str> {
    let mut out = String::with_capacity(markdown.len() + 512);
    let mut fence: Option<&str> = None;
    for line in markdown.split_inclusive('\n') {
        let bare = line.trim();
        let ticks = &bare[..bare.len() - bare.trim_start_matches('`').len()];
        match fence {
            None if ticks.len() >= 3 => fence = Some(ticks),
            Some(open) if bare == open => fence = None,
            _ => {}
        }
        let id = bare.strip_prefix("{{claim ").and_then(|rest| rest.strip_suffix("}}")).map(str::trim);
        match id.filter(|_| fence.is_none()).and_then(claim) {
            Some(quote) => out.push_str(&quote),
            None => out.push_str(line),
        }
    }
    out.into()
}

fn quote(placed: &PlacedClaim, lang: &Lang) -> String {
    let claim = &placed.claim;
    let mut text = format!("{CLAIM}\n\n**{}**\n\n{}\n\n", claim.says.get(lang), claim.ask.get(lang));
    for option in &claim.options {
        let _ = writeln!(text, "- {}", option.text.get(lang));
    }
    let _ = write!(text, "\n`dockshala claim {}`\n", claim.id);
    let quoted: String = text.lines().map(|line| format!("> {line}\n")).collect();
    quoted + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_replaced_where_it_stands_alone_and_outside_of_code() {
        let text = "a {{claim x}}\n\n{{claim x}}\n\n```text\n{{claim x}}\n```\n\n{{claim other}}\n";
        let out = replace(text, &|id| (id == "x").then(|| "> C\n".to_owned()));
        assert_eq!(out, "a {{claim x}}\n\n> C\n\n```text\n{{claim x}}\n```\n\n{{claim other}}\n");
    }
}
