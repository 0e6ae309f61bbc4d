//! A claim in the book: predict, then see what is so. Nothing can be measured in a book, so it says how to measure it.

use super::{Book, html::escape, text::sentence};
use crate::course::{Claim, Truth};

pub(super) fn html(book: &Book, claim: &Claim, print: bool) -> String {
    let say = |key: &str| escape(&book.say(key));
    let id = &claim.id;
    let mut out = format!(
        "<section class=\"claim\"{} data-right=\"{}\" data-wrong=\"{}\"><p class=\"label\">{}</p><p class=\"says\">{}</p><p>{}</p><ul>",
        if print { String::new() } else { format!(" id=\"claim-{id}\"") },
        say("book.predicted"),
        say("book.not-predicted"),
        say("tui.callout.claim"),
        sentence(claim.says.get(&book.lang)),
        sentence(claim.ask.get(&book.lang)),
    );
    for option in &claim.options {
        let text = sentence(option.text.get(&book.lang));
        if print {
            out.push_str(&format!("<li>{text}</li>"));
        } else {
            let right = if option.right { " data-right" } else { "" };
            out.push_str(&format!(
                "<li><label{right}><input type=\"radio\" name=\"claim-{id}\"> <span>{text}</span></label></li>"
            ));
        }
    }
    out.push_str("</ul>");
    if !print {
        out.push_str(&format!(
            "<p class=\"act\"><button type=\"button\" class=\"reveal\">{}</button></p>",
            say("book.see")
        ));
        let truth = say(if claim.truth == Truth::True { "book.true" } else { "book.myth" });
        let explain = measured(claim.explain.get(&book.lang), &book.say("book.measured"));
        out.push_str(&format!(
            "<div class=\"answer\"><p class=\"result\" role=\"status\"></p><p><strong>{truth}</strong> {}</p></div>",
            sentence(&explain)
        ));
    }
    out.push_str(&format!(
        "<p class=\"try\">{} <code>dockshala claim {id}</code></p></section>\n",
        say("book.measure")
    ));
    out
}

/// An explanation names what was measured as `%{name}`; in a book nothing was.
fn measured(text: &str, word: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("%{") {
        let Some((_, tail)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push_str(word);
        rest = tail;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::measured;

    #[test]
    fn what_only_a_measurement_knows_is_left_open() {
        assert_eq!(measured("a %{x} b %{y}", "[…]"), "a […] b […]");
        assert_eq!(measured("a %{x", "[…]"), "a %{x");
    }
}
