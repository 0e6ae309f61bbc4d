//! HTML by hand: escaping, and inline Markdown for sentences of the program and of quizzes.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// Text that is safe between tags and in quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A sentence or two of Markdown without its paragraph: emphasis and code; links and HTML as their text.
pub(super) fn inline(markdown: &str) -> String {
    let mut out = String::new();
    for event in Parser::new_ext(markdown, crate::course::markdown_options()) {
        match event {
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => out.push_str(&escape(&text)),
            Event::Code(code) => out.push_str(&format!("<code>{}</code>", escape(&code))),
            Event::Start(Tag::Strong) => out.push_str("<strong>"),
            Event::End(TagEnd::Strong) => out.push_str("</strong>"),
            Event::Start(Tag::Emphasis) => out.push_str("<em>"),
            Event::End(TagEnd::Emphasis) => out.push_str("</em>"),
            Event::SoftBreak => out.push(' '),
            Event::HardBreak => out.push_str("<br>"),
            Event::Start(Tag::CodeBlock(_)) => out.push_str("<pre><code>"),
            Event::End(TagEnd::CodeBlock) => out.push_str("</code></pre>"),
            // Paragraphs of one answer stand apart.
            Event::End(TagEnd::Paragraph) => out.push_str("<br>"),
            _ => {}
        }
    }
    out.strip_suffix("<br>").map(str::to_owned).unwrap_or(out)
}

/// JSON that may stand in a script or an attribute: nothing in it can end either.
pub(super) fn json(value: &serde_json::Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}
