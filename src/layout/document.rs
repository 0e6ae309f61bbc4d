//! Markdown → a tree of blocks that knows nothing of widths, colours or terminals.

use super::{Class, Style, clean};
use crate::course::diagram::Diagram;
use pulldown_cmark::{Alignment, BlockQuoteKind, CodeBlockKind, Event, Parser, Tag, TagEnd};
use std::{collections::HashMap, iter::Peekable};

/// A parsed text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    pub(super) blocks: Vec<Block>,
    pub(super) links: Vec<String>,
    pub(super) notes: Vec<Note>,
}

impl Document {
    /// Targets of the numbered links; the first one is number 1.
    pub fn links(&self) -> &[String] {
        &self.links
    }
}

/// A footnote. It is shown at the end of the section that refers to it first.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Note {
    pub(super) section: usize,
    pub(super) blocks: Vec<Block>,
}

/// What stands below another.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Block {
    Heading { level: u8, id: Option<String>, text: Vec<Piece> },
    Paragraph(Vec<Piece>),
    Code { info: String, text: String, index: usize },
    Diagram(Box<Diagram>),
    Quote(Vec<Block>),
    Callout(Callout, Vec<Block>),
    List { start: Option<u64>, loose: bool, items: Vec<Item> },
    Table(Table),
    Definitions(Vec<Definition>),
    Rule,
}

/// The kind of a callout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Callout {
    /// By the way.
    Note,
    /// A handy trick.
    Tip,
    /// The line to say in an interview.
    Interview,
    /// What goes wrong.
    Warning,
    /// What does damage.
    Caution,
    /// A claim to predict and to test.
    Claim,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) task: Option<bool>,
    pub(super) blocks: Vec<Block>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Table {
    pub(super) aligns: Vec<Alignment>,
    pub(super) head: Vec<Vec<Piece>>,
    pub(super) rows: Vec<Vec<Vec<Piece>>>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Definition {
    pub(super) title: Vec<Piece>,
    pub(super) bodies: Vec<Vec<Block>>,
}

/// A stretch of running text in one style.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    Text(String, Style),
    Break,
}

/// The first paragraph of a quote that shows a claim. Authors write `{{claim ID}}`; whoever knows the claims puts a quote
/// with this and the claim's words in its place.
pub const CLAIM: &str = "[!CLAIM]";

/// Containers nested deeper than this are laid flat: no reader can tell such depths apart, and a hostile text of ten
/// thousand `>` must not exhaust the stack.
const DEEPEST: usize = 24;

/// Parses Markdown. Any input is fine: what is not understood is shown as it is written.
pub fn parse(markdown: &str) -> Document {
    let markdown = clean(markdown);
    let mut reader = Reader {
        events: Parser::new_ext(&markdown, crate::course::markdown_options()).peekable(),
        links: Vec::new(),
        notes: HashMap::new(),
        referred: Vec::new(),
        section: 0,
        codes: 0,
    };
    let blocks = reader.blocks(0).0;
    let mut defined = reader.notes;
    let mut notes: Vec<Note> = reader
        .referred
        .iter()
        .map(|(label, section)| Note { section: *section, blocks: defined.remove(label).unwrap_or_default() })
        .collect();
    // A definition that nothing refers to still was written by somebody: it goes to the end.
    let mut left: Vec<_> = defined.into_iter().collect();
    left.sort_by(|a, b| a.0.cmp(&b.0));
    notes.extend(left.into_iter().map(|(_, blocks)| Note { section: reader.section, blocks }));
    Document { blocks, links: reader.links, notes }
}

struct Reader<'a> {
    events: Peekable<Parser<'a>>,
    links: Vec<String>,
    notes: HashMap<String, Vec<Block>>,
    /// Labels of footnotes in the order of their first reference, with the section that has it.
    referred: Vec<(String, usize)>,
    section: usize,
    codes: usize,
}

impl<'a> Reader<'a> {
    /// Blocks up to the end of the container that was just entered, and whether there were real paragraphs among them.
    fn blocks(&mut self, depth: usize) -> (Vec<Block>, bool) {
        let mut out = Vec::new();
        let mut loose = false;
        let mut flat = 0_usize;
        while let Some(event) = self.events.peek() {
            if is_inline(event) {
                out.push(Block::Paragraph(self.text()));
                continue;
            }
            match self.events.next().expect("peeked") {
                Event::End(_) if flat > 0 => flat -= 1,
                Event::End(_) => break,
                Event::Rule => out.push(Block::Rule),
                Event::Start(Tag::Paragraph) => {
                    loose = true;
                    out.push(Block::Paragraph(self.text()));
                    self.events.next();
                }
                Event::Start(Tag::Heading { level, id, .. }) => {
                    let level = level as u8;
                    self.section += usize::from(level <= 2);
                    out.push(Block::Heading { level, id: id.map(String::from), text: self.text() });
                    self.events.next();
                }
                Event::Start(Tag::CodeBlock(kind)) => out.push(self.code(&kind)),
                Event::Start(Tag::HtmlBlock) => {
                    let text = self.verbatim();
                    out.push(Block::Code { info: String::new(), text, index: usize::MAX });
                }
                Event::Start(Tag::Table(aligns)) => out.push(Block::Table(self.table(aligns))),
                Event::Start(_) if depth >= DEEPEST => flat += 1,
                Event::Start(Tag::BlockQuote(kind)) => {
                    let inner = self.blocks(depth + 1).0;
                    out.push(match kind.map(callout) {
                        None if is_claim(&inner) => Block::Callout(Callout::Claim, inner[1..].to_vec()),
                        None => Block::Quote(inner),
                        Some(kind) => Block::Callout(kind, inner),
                    });
                }
                Event::Start(Tag::List(start)) => out.push(self.list(start, depth + 1)),
                Event::Start(Tag::FootnoteDefinition(label)) => {
                    let blocks = self.blocks(depth + 1).0;
                    self.notes.entry(label.to_string()).or_default().extend(blocks);
                }
                Event::Start(Tag::DefinitionList) => out.push(self.definitions(depth + 1)),
                // A container outside of its place, as hostile input may have it: keep what is in it.
                Event::Start(_) => out.extend(self.blocks(depth + 1).0),
                _ => {}
            }
        }
        (out, loose)
    }

    /// Running text up to the next block or the end of what holds it, which stays unread.
    fn text(&mut self) -> Vec<Piece> {
        let mut out = Vec::new();
        let mut style = Style::default();
        let mut open: Vec<(Style, Option<usize>)> = Vec::new();
        while let Some(event) = self.events.peek() {
            let ends_inline = matches!(event, Event::End(_)) && !open.is_empty();
            if !is_inline(event) && !ends_inline {
                break;
            }
            match self.events.next().expect("peeked") {
                Event::Start(tag) => {
                    let mut number = None;
                    open.push((style, None));
                    match tag {
                        Tag::Strong => style.strong = true,
                        Tag::Emphasis => style.emphasis = true,
                        Tag::Strikethrough => style.strike = true,
                        Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                            style.class = Class::Link;
                            number = Some(self.link(&dest_url));
                        }
                        _ => {}
                    }
                    open.last_mut().expect("just pushed").1 = number;
                }
                Event::End(_) => {
                    let Some((before, number)) = open.pop() else { break };
                    style = before;
                    if let Some(number) = number {
                        out.push(Piece::Text(format!("[{number}]"), Style::of(Class::Reference)));
                    }
                }
                Event::Text(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                    out.push(Piece::Text(text.to_string(), style));
                }
                Event::Code(code) => out.push(Piece::Text(code.to_string(), Style { class: Class::Code, ..style })),
                Event::InlineHtml(html) | Event::Html(html) if is_break(&html) => out.push(Piece::Break),
                Event::InlineHtml(html) | Event::Html(html) => out.push(Piece::Text(html.to_string(), style)),
                Event::FootnoteReference(label) => {
                    let number = self.referred.iter().position(|(l, _)| **l == *label).unwrap_or_else(|| {
                        self.referred.push((label.to_string(), self.section));
                        self.referred.len() - 1
                    });
                    out.push(Piece::Text(format!("[^{}]", number + 1), Style::of(Class::Reference)));
                }
                Event::SoftBreak => out.push(Piece::Text(" ".to_owned(), style)),
                Event::HardBreak => out.push(Piece::Break),
                Event::TaskListMarker(done) => {
                    let mark = if done { "[x] " } else { "[ ] " };
                    out.push(Piece::Text(mark.to_owned(), Style::of(Class::Marker)));
                }
                Event::Rule => {}
            }
        }
        out
    }

    fn link(&mut self, target: &str) -> usize {
        let at = self.links.iter().position(|l| l == target).unwrap_or_else(|| {
            self.links.push(target.to_owned());
            self.links.len() - 1
        });
        at + 1
    }

    fn code(&mut self, kind: &CodeBlockKind<'_>) -> Block {
        let info = match kind {
            CodeBlockKind::Indented => String::new(),
            CodeBlockKind::Fenced(info) => info.to_string(),
        };
        let index = self.codes;
        self.codes += 1;
        let text = self.verbatim();
        // One that is no sound diagram is shown as it is written: lint has said what is wrong, and a reader loses nothing.
        match info.split_whitespace().next().and_then(|kind| Diagram::read(kind, &text)) {
            Some(Ok(diagram)) => Block::Diagram(Box::new(diagram)),
            _ => Block::Code { info, text, index },
        }
    }

    /// All text up to the end of what was just entered.
    fn verbatim(&mut self) -> String {
        let mut text = String::new();
        for event in self.events.by_ref() {
            match event {
                Event::Text(t) | Event::Html(t) | Event::InlineHtml(t) => text.push_str(&t),
                Event::End(_) => break,
                _ => {}
            }
        }
        text
    }

    fn list(&mut self, start: Option<u64>, depth: usize) -> Block {
        let mut items = Vec::new();
        let mut any_loose = false;
        while let Some(Event::Start(_)) = self.events.next() {
            let task = match self.events.peek() {
                Some(Event::TaskListMarker(done)) => {
                    let done = *done;
                    self.events.next();
                    Some(done)
                }
                _ => None,
            };
            let (blocks, loose) = self.blocks(depth);
            any_loose |= loose;
            items.push(Item { task, blocks });
        }
        Block::List { start, loose: any_loose, items }
    }

    fn table(&mut self, aligns: Vec<Alignment>) -> Table {
        let mut table = Table { aligns, ..Table::default() };
        let mut row = Vec::new();
        while let Some(event) = self.events.next() {
            match event {
                Event::Start(Tag::TableCell) => {
                    row.push(self.text());
                    self.events.next();
                }
                Event::End(TagEnd::TableHead) => table.head = std::mem::take(&mut row),
                Event::End(TagEnd::TableRow) => table.rows.push(std::mem::take(&mut row)),
                Event::End(_) => break,
                _ => {}
            }
        }
        table
    }

    fn definitions(&mut self, depth: usize) -> Block {
        let mut out: Vec<Definition> = Vec::new();
        while let Some(event) = self.events.next() {
            match event {
                Event::Start(Tag::DefinitionListTitle) => {
                    out.push(Definition { title: self.text(), bodies: Vec::new() });
                    self.events.next();
                }
                Event::Start(_) => {
                    let blocks = self.blocks(depth).0;
                    match out.last_mut() {
                        Some(last) => last.bodies.push(blocks),
                        None => out.push(Definition { title: Vec::new(), bodies: vec![blocks] }),
                    }
                }
                _ => break,
            }
        }
        Block::Definitions(out)
    }
}

/// A quote that begins with [`CLAIM`] in a paragraph of its own.
fn is_claim(inner: &[Block]) -> bool {
    match inner.first() {
        Some(Block::Paragraph(text)) => {
            let text: String = text.iter().map(|p| if let Piece::Text(t, _) = p { t.as_str() } else { "" }).collect();
            text == CLAIM
        }
        _ => false,
    }
}

fn is_break(html: &str) -> bool {
    matches!(html, "<br>" | "<br/>" | "<br />")
}

fn is_inline(event: &Event<'_>) -> bool {
    match event {
        Event::Start(tag) => matches!(
            tag,
            Tag::Emphasis
                | Tag::Strong
                | Tag::Strikethrough
                | Tag::Superscript
                | Tag::Subscript
                | Tag::Link { .. }
                | Tag::Image { .. }
        ),
        Event::End(_) | Event::Rule => false,
        _ => true,
    }
}

fn callout(kind: BlockQuoteKind) -> Callout {
    match kind {
        BlockQuoteKind::Note => Callout::Note,
        BlockQuoteKind::Tip => Callout::Tip,
        BlockQuoteKind::Important => Callout::Interview,
        BlockQuoteKind::Warning => Callout::Warning,
        BlockQuoteKind::Caution => Callout::Caution,
    }
}
