//! A text of the course → HTML: code in colours, diagrams as pictures, claims to predict, links to pages of the book.

use super::{Book, claim, glossary::Links, html, html::escape, stepper, svg};
use crate::course::{
    Class, Document, Highlighted,
    diagram::{self, Diagram},
    markdown_options,
};
use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, CowStr, Event, Parser, Tag, TagEnd, TextMergeStream};

/// Where a text stands.
#[derive(Clone, Copy, Default)]
pub(super) struct Place<'a> {
    /// The lesson, for links within it and on the page of all lessons for its ids.
    pub(super) lesson: &'a str,
    /// On the page of all lessons, where nothing can be clicked and ids of two lessons may be the same.
    pub(super) print: bool,
    /// Words of the glossary are linked: in running text, not where a question asks for their meaning.
    pub(super) terms: bool,
}

impl Place<'_> {
    fn id(self, section: &str) -> String {
        if self.print { format!("{}-{section}", self.lesson) } else { section.to_owned() }
    }
}

/// The HTML of a text.
pub(super) fn html(book: &Book, document: &Document, place: Place) -> String {
    let colours = document.colours();
    let events: Vec<Event> = TextMergeStream::new(Parser::new_ext(&document.markdown, markdown_options())).collect();
    let mut out: Vec<Event> = Vec::with_capacity(events.len());
    let (mut at, mut codes, mut quotes) = (0, 0, Vec::new());
    // A heading is a link's target and a link leads somewhere already.
    let mut links = place.terms.then(|| Links::new(book, place.lesson));
    let mut apart = 0;
    while at < events.len() {
        let event = &events[at];
        at += 1;
        match event {
            Event::Start(Tag::Heading { .. } | Tag::Link { .. } | Tag::Image { .. }) => apart += 1,
            Event::End(TagEnd::Heading(_) | TagEnd::Link | TagEnd::Image) => apart -= 1,
            _ => {}
        }
        match event {
            Event::Text(text) if apart == 0 => {
                let linked = links.as_mut().and_then(|links| links.html(text));
                out.push(linked.map_or_else(|| event.clone(), |html| Event::InlineHtml(html.into())));
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                let mut text = String::new();
                while let Some(Event::Text(piece)) = events.get(at) {
                    text.push_str(piece);
                    at += 1;
                }
                at += 1;
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                out.push(raw(block(book, &info, &text, colours.get(codes), place)));
                codes += 1;
            }
            Event::Start(Tag::Paragraph) => match claim_of(events.get(at)).and_then(|id| book.claim(id)) {
                Some(found) => {
                    out.push(raw(claim::html(book, found, place.print)));
                    at += 2;
                }
                None => out.push(event.clone()),
            },
            Event::Start(Tag::Heading { level, id, classes, attrs }) => {
                let id = id.as_ref().map(|id| CowStr::from(place.id(id)));
                out.push(Event::Start(Tag::Heading {
                    level: *level,
                    id,
                    classes: classes.clone(),
                    attrs: attrs.clone(),
                }));
            }
            // A footnote is shown by its number, but linked by its name, which two lessons may both have used.
            Event::FootnoteReference(name) => out.push(Event::FootnoteReference(place.id(name).into())),
            Event::Start(Tag::FootnoteDefinition(name)) => {
                out.push(Event::Start(Tag::FootnoteDefinition(place.id(name).into())));
            }
            Event::Start(Tag::BlockQuote(Some(kind))) => {
                let (class, key) = callout(*kind);
                quotes.push(true);
                out.push(raw(format!(
                    "<aside class=\"callout {class}\"><p class=\"label\">{}</p>",
                    escape(&book.say(key))
                )));
            }
            Event::Start(Tag::BlockQuote(None)) => {
                quotes.push(false);
                out.push(event.clone());
            }
            Event::End(TagEnd::BlockQuote(_)) if quotes.pop() == Some(true) => out.push(raw("</aside>\n".to_owned())),
            Event::Start(Tag::Table(_)) => out.extend([raw("<div class=\"table\">".to_owned()), event.clone()]),
            Event::End(TagEnd::Table) => out.extend([event.clone(), raw("</div>".to_owned())]),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => out.push(Event::Start(Tag::Link {
                link_type: *link_type,
                dest_url: target(book, dest_url, place).into(),
                title: title.clone(),
                id: id.clone(),
            })),
            // A picture would be a request; its words stay.
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {}
            // What an author wrote as HTML is shown as it is written, as on the screen: a pack is somebody else's.
            Event::Html(text) | Event::InlineHtml(text) => out.push(Event::Text(text.clone())),
            other => out.push(other.clone()),
        }
    }
    let mut html = String::with_capacity(document.markdown.len() * 2);
    pulldown_cmark::html::push_html(&mut html, out.into_iter());
    html
}

fn raw(html: String) -> Event<'static> {
    Event::Html(html.into())
}

fn claim_of<'a>(event: Option<&'a Event>) -> Option<&'a str> {
    let Some(Event::Text(text)) = event else { return None };
    text.trim().strip_prefix("{{claim ")?.strip_suffix("}}").map(str::trim)
}

fn callout(kind: BlockQuoteKind) -> (&'static str, &'static str) {
    match kind {
        BlockQuoteKind::Note => ("note", "tui.callout.note"),
        BlockQuoteKind::Tip => ("tip", "tui.callout.tip"),
        BlockQuoteKind::Important => ("interview", "tui.callout.interview"),
        BlockQuoteKind::Warning => ("warning", "tui.callout.warning"),
        BlockQuoteKind::Caution => ("caution", "tui.callout.caution"),
    }
}

/// A link of a lesson as a link of the book. Only https leaves it, and only where a reader clicks.
pub(super) fn target(book: &Book, target: &str, place: Place) -> String {
    if target.starts_with("https://") {
        return target.to_owned();
    }
    let (id, section) = target.split_once('#').unwrap_or((target, ""));
    let id = if id.is_empty() { place.lesson } else { id };
    if place.print && book.course.lesson(id).is_some() {
        return format!("#{id}{}{section}", if section.is_empty() { "" } else { "-" });
    }
    let hash = if section.is_empty() { String::new() } else { format!("#{section}") };
    match book.claim(id) {
        Some(claim) => format!("{}.html#claim-{id}", claim.lesson),
        None if book.course.lesson(id).is_some() || book.course.exercise(id).is_some() => format!("{id}.html{hash}"),
        // No scheme but https: a pack's `javascript:` leads nowhere.
        None => "#".to_owned(),
    }
}

fn block(book: &Book, info: &str, text: &str, colours: Option<&Highlighted>, place: Place) -> String {
    match info.split_whitespace().next().and_then(|kind| Diagram::read(kind, text)) {
        Some(Ok(Diagram::Stepper(found))) => stepper::html(book, &found, place.print),
        Some(Ok(found)) => svg::figure(book, &found),
        _ => code(book, info, text, colours),
    }
}

/// A block of code in its colours, under the name of its file, with a button that copies it.
pub(super) fn code(book: &Book, info: &str, text: &str, colours: Option<&Highlighted>) -> String {
    let word = |name: &str| info.split_whitespace().find_map(|w| w.strip_prefix(name)).map(str::to_owned);
    let caption = word("file=").map(|file| match word("lines=") {
        Some(lines) => format!("{file}:{lines}"),
        None => file,
    });
    let mut out = String::from("<figure class=\"code\">");
    if let Some(caption) = caption {
        out.push_str(&format!("<figcaption>{}</figcaption>", escape(&caption)));
    }
    out.push_str(&format!("<pre tabindex=\"0\" data-copy=\"{}\"><code>", escape(&book.say("book.copy"))));
    for (nth, line) in text.strip_suffix('\n').unwrap_or(text).split('\n').enumerate() {
        if nth > 0 {
            out.push('\n');
        }
        let mut rest = line;
        for (len, class) in colours.and_then(|c| c.lines.get(nth)).map_or(&[][..], Vec::as_slice) {
            let mut len = (*len as usize).min(rest.len());
            while !rest.is_char_boundary(len) {
                len += 1;
            }
            let (piece, after) = rest.split_at(len);
            rest = after;
            match colour(*class) {
                _ if piece.is_empty() => {}
                Some(name) => out.push_str(&format!("<span class=\"{name}\">{}</span>", escape(piece))),
                None => out.push_str(&escape(piece)),
            }
        }
        out.push_str(&escape(rest));
    }
    out.push_str("</code></pre></figure>\n");
    out
}

fn colour(class: Class) -> Option<&'static str> {
    Some(match class {
        Class::Plain | Class::Punctuation => return None,
        Class::Comment => "t-c",
        Class::Output => "t-o",
        Class::Keyword => "t-k",
        Class::String | Class::Inserted => "t-s",
        Class::Constant | Class::Variable => "t-n",
        Class::Function => "t-f",
        Class::Name => "t-y",
        Class::Deleted => "t-d",
        Class::Prompt => "t-p",
    })
}

/// A section as the search knows it: id, title and all its words.
pub(super) struct Section {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) words: String,
}

/// The sections of a text; what stands before the first has no id.
pub(super) fn sections(markdown: &str) -> Vec<Section> {
    let mut all = vec![Section { id: String::new(), title: String::new(), words: String::new() }];
    let (mut heading, mut drawn) = (false, None::<String>);
    for event in TextMergeStream::new(Parser::new_ext(markdown, markdown_options())) {
        let last = all.last_mut().expect("never empty");
        match event {
            Event::Start(Tag::Heading { id, .. }) => {
                heading = true;
                let id = id.map(|id| id.to_string()).unwrap_or_default();
                all.push(Section { id, title: String::new(), words: String::new() });
            }
            Event::End(TagEnd::Heading(_)) => heading = false,
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                drawn = info.split_whitespace().next().filter(|w| diagram::KINDS.contains(w)).map(str::to_owned);
            }
            Event::End(TagEnd::CodeBlock) => drawn = None,
            Event::Text(text) => match &drawn {
                Some(kind) => {
                    if let Some(Ok(found)) = Diagram::read(kind, &text) {
                        last.words.push_str(found.caption());
                        last.words.push(' ');
                    }
                }
                None if heading => last.title.push_str(&text),
                None if text.starts_with("{{claim ") => {}
                None => last.words.push_str(&text),
            },
            Event::Code(code) if heading => last.title.push_str(&code),
            Event::Code(code) => last.words.push_str(&code),
            Event::SoftBreak | Event::HardBreak if heading => last.title.push(' '),
            Event::SoftBreak | Event::HardBreak | Event::End(_) => last.words.push(' '),
            _ => {}
        }
    }
    all
}

/// Markdown of a sentence, for what is no document.
pub(super) fn sentence(markdown: &str) -> String {
    html::inline(markdown)
}
