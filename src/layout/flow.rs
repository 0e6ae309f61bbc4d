//! Blocks → rows.

use super::document::{Block, Callout, Definition, Document, Item, Piece, Table};
use super::wrap::{push, wrap};
use super::{Class, Laid, Line, Options, Section, Span, Stepped, Style, Token, diagram, table, width};
use crate::course::{Highlighted, diagram::Diagram};
use std::collections::BTreeMap;

/// What lines, bars and bullets are drawn with.
pub(super) struct Glyphs {
    pub(super) rule: &'static str,
    pub(super) bar: &'static str,
    pub(super) cross: &'static str,
    corner_top: &'static str,
    corner_bottom: &'static str,
    thick: &'static str,
    bullets: [&'static str; 3],
    done: &'static str,
    open: &'static str,
}

const UNICODE: Glyphs = Glyphs {
    rule: "─",
    bar: "│",
    cross: "┼",
    corner_top: "╭",
    corner_bottom: "╰",
    thick: "▌",
    bullets: ["•", "◦", "▪"],
    done: "[✓]",
    open: "[ ]",
};

const ASCII: Glyphs = Glyphs {
    rule: "-",
    bar: "|",
    cross: "+",
    corner_top: "+",
    corner_bottom: "+",
    thick: "|",
    bullets: ["-", "*", "-"],
    done: "[x]",
    open: "[ ]",
};

/// Below this a container's children are no longer indented: at some depth the text matters more than its indent.
const LEAST: usize = 16;

pub(super) struct Flow<'a> {
    document: &'a Document,
    colours: &'a [Highlighted],
    options: &'a Options,
    glyphs: &'static Glyphs,
    blocks: usize,
    headings: Vec<(usize, u8, String, String)>,
    /// The block in which each footnote begins, by its number less one.
    note_blocks: BTreeMap<usize, usize>,
    /// Steppers, each with its block.
    steppers: Vec<(usize, Stepped)>,
}

impl<'a> Flow<'a> {
    pub(super) fn new(document: &'a Document, colours: &'a [Highlighted], options: &'a Options) -> Self {
        let glyphs = if options.ascii { &ASCII } else { &UNICODE };
        let (headings, note_blocks, steppers) = (Vec::new(), BTreeMap::new(), Vec::new());
        Self { document, colours, options, glyphs, blocks: 0, headings, note_blocks, steppers }
    }

    pub(super) fn run(mut self, cells: usize) -> Laid {
        let document = self.document;
        let mut lines = Vec::new();
        let mut section = 0;
        let mut before: Option<&Block> = None;
        for block in &document.blocks {
            if matches!(block, Block::Heading { level: 1 | 2, .. }) {
                self.notes(section, cells, &mut lines);
                section += 1;
            }
            // A new section stands apart, but not from the title right above it.
            let begins = matches!(block, Block::Heading { level: 1 | 2, .. });
            let air = if begins && !matches!(before, None | Some(Block::Heading { .. })) { 2 } else { 1 };
            before = Some(block);
            // In a list or a quote its rows would be prefixed and no longer its own: there the whole list stands.
            let rows = match block {
                Block::Diagram(drawn) => self.stepper(drawn, cells),
                _ => None,
            };
            let rows = rows.unwrap_or_else(|| self.block(block, cells, 0));
            join(&mut lines, rows, air);
        }
        self.notes(section, cells, &mut lines);
        for later in section + 1..=document.notes.iter().map(|n| n.section).max().unwrap_or(0) {
            self.notes(later, cells, &mut lines);
        }
        if self.options.list_links && !document.links.is_empty() {
            let rows = self.links(cells);
            join(&mut lines, rows, 1);
        }
        self.finish(lines)
    }

    fn finish(self, lines: Vec<Line>) -> Laid {
        let mut blocks = vec![usize::MAX; self.blocks];
        for (row, line) in lines.iter().enumerate() {
            blocks[line.block] = blocks[line.block].min(row);
        }
        // A block without a row of its own is where the next one is.
        let mut next = lines.len().saturating_sub(1);
        for row in blocks.iter_mut().rev() {
            if *row == usize::MAX {
                *row = next;
            }
            next = *row;
        }
        let sections = self
            .headings
            .into_iter()
            .map(|(block, level, id, title)| Section { id, title, level, row: blocks[block], block })
            .collect();
        let widest = lines.iter().filter(|l| l.pan.is_some()).map(Line::width).max().unwrap_or(0);
        let notes =
            self.note_blocks.iter().filter_map(|(number, block)| Some((*number, *blocks.get(*block)?))).collect();
        let marks = super::marks::marks(&lines, &notes);
        let placed = |(block, stepped): (usize, Stepped)| stepped.placed(blocks[block], block);
        let steppers = self.steppers.into_iter().map(placed).collect();
        Laid { lines, sections, blocks, widest, marks, links: self.document.links.clone(), steppers }
    }

    /// A stepper that can be stepped through; none for anything else.
    fn stepper(&mut self, drawn: &Diagram, cells: usize) -> Option<Vec<Line>> {
        let Options { ascii, frames, stepped, labels, .. } = self.options;
        let Diagram::Stepper(drawn) = drawn else { return None };
        if !stepped || !frames {
            return None;
        }
        let (rows, stepped) = diagram::draw_stepper(drawn, cells, *ascii, &labels.diagram);
        self.steppers.push((self.blocks, stepped));
        Some(self.leaf(rows))
    }

    fn leaf(&mut self, rows: Vec<Vec<Span>>) -> Vec<Line> {
        let block = self.next_block();
        rows.into_iter().map(|spans| Line { spans, block, pan: None }).collect()
    }

    fn next_block(&mut self) -> usize {
        self.blocks += 1;
        self.blocks - 1
    }

    fn blocks(&mut self, blocks: &[Block], cells: usize, depth: usize, air: usize) -> Vec<Line> {
        let mut out = Vec::new();
        for block in blocks {
            let rows = self.block(block, cells, depth);
            join(&mut out, rows, air);
        }
        out
    }

    fn block(&mut self, block: &Block, cells: usize, depth: usize) -> Vec<Line> {
        match block {
            Block::Heading { level, id, text } => self.heading(*level, id.as_deref(), text, cells),
            Block::Paragraph(text) => {
                let rows = self.wrap(text, cells);
                self.leaf(rows)
            }
            Block::Code { info, text, index } => self.code(info, text, *index, cells),
            Block::Diagram(drawn) => {
                let Options { ascii, frames, labels, .. } = self.options;
                self.leaf(diagram::draw(drawn, cells, *ascii, *frames, &labels.diagram))
            }
            Block::Quote(inner) => {
                let bar = if self.options.frames { format!("{} ", self.glyphs.bar) } else { "> ".to_owned() };
                self.barred(&bar, Style::of(Class::Quote), inner, cells, depth)
            }
            Block::Callout(kind, inner) => self.callout(*kind, inner, cells, depth),
            Block::List { start, loose, items } => self.list(*start, *loose, items, cells, depth),
            Block::Table(t) => {
                let rows = if self.options.ascii {
                    let map = |cells: &Vec<Vec<Piece>>| cells.iter().map(|cell| ascii_pieces(cell)).collect();
                    let rows = t.rows.iter().map(map).collect();
                    table::table(&Table { aligns: t.aligns.clone(), head: map(&t.head), rows }, cells, self.glyphs)
                } else {
                    table::table(t, cells, self.glyphs)
                };
                self.leaf(rows)
            }
            Block::Definitions(entries) => self.definitions(entries, cells, depth),
            Block::Rule => {
                let mut row = Vec::new();
                push(&mut row, &self.glyphs.rule.repeat(cells), Style::of(Class::Frame));
                self.leaf(vec![row])
            }
        }
    }

    fn wrap(&self, text: &[Piece], cells: usize) -> Vec<Vec<Span>> {
        if self.options.ascii { wrap(&ascii_pieces(text), cells) } else { wrap(text, cells) }
    }

    fn heading(&mut self, level: u8, id: Option<&str>, text: &[Piece], cells: usize) -> Vec<Line> {
        let styled: Vec<Piece> = text
            .iter()
            .map(|piece| match piece {
                Piece::Text(text, style) if style.class == Class::Text => {
                    Piece::Text(text.clone(), Style { class: Class::Heading(level), ..*style })
                }
                other => other.clone(),
            })
            .collect();
        let title: String = text
            .iter()
            .filter_map(|p| match p {
                Piece::Text(text, style) if style.class != Class::Reference => Some(text.as_str()),
                _ => None,
            })
            .collect();
        let mut rows = self.wrap(&styled, cells);
        if self.options.frames && level <= 2 {
            let longest = rows.iter().map(|r| r.iter().map(|s| width(&s.text)).sum()).max().unwrap_or(0);
            let mut rule = Vec::new();
            let line = if level == 1 && !self.options.ascii { "━" } else { self.glyphs.rule };
            push(&mut rule, &line.repeat(longest), Style::of(Class::Frame));
            rows.push(rule);
        }
        self.headings.push((self.blocks, level, id.unwrap_or_default().to_owned(), title));
        self.leaf(rows)
    }

    fn code(&mut self, info: &str, text: &str, index: usize, cells: usize) -> Vec<Line> {
        let block = self.next_block();
        let frames = self.options.frames;
        let frame = Style::of(Class::Frame);
        let caption = caption(info);
        let mut out = Vec::new();
        if let Some(caption) = &caption {
            let mut row = Vec::new();
            if frames {
                push(&mut row, &format!("{}{} ", self.glyphs.corner_top, self.glyphs.rule), frame);
                push(&mut row, super::fit(caption, cells.saturating_sub(4)).0, Style::of(Class::Caption));
                let used: usize = row.iter().map(|s| width(&s.text)).sum();
                push(&mut row, &format!(" {}", self.glyphs.rule.repeat(cells.saturating_sub(used + 1))), frame);
            } else {
                push(&mut row, &format!("{}:", super::fit(caption, cells - 1).0), Style::of(Class::Caption));
            }
            out.push(Line { spans: row, block, pan: None });
        }
        let prefix = if frames { format!("{} ", self.glyphs.bar) } else { "    ".to_owned() };
        let pan = Some(width(&prefix));
        for spans in tokens(text, self.colours.get(index)) {
            let mut row = Vec::new();
            push(&mut row, &prefix, frame);
            for span in spans {
                let text = if self.options.ascii { ascii_cells(&span.text) } else { span.text };
                push(&mut row, &text, span.style);
            }
            out.push(Line { spans: row, block, pan });
        }
        if frames && caption.is_some() {
            let mut row = Vec::new();
            push(&mut row, self.glyphs.corner_bottom, frame);
            push(&mut row, &self.glyphs.rule.repeat(cells - 1), frame);
            out.push(Line { spans: row, block, pan: None });
        }
        out
    }

    /// Children at what is left of the width, then a prefix to each row.
    fn barred(&mut self, bar: &str, style: Style, inner: &[Block], cells: usize, depth: usize) -> Vec<Line> {
        let taken = width(bar);
        if cells < taken + LEAST {
            return self.blocks(inner, cells, depth, 1);
        }
        let rows = self.blocks(inner, cells - taken, depth, 1);
        rows.into_iter().map(|line| prefixed(line, bar, style)).collect()
    }

    fn callout(&mut self, kind: Callout, inner: &[Block], cells: usize, depth: usize) -> Vec<Line> {
        let style = Style { strong: true, ..Style::of(Class::Callout(kind)) };
        let bar = if self.options.frames { format!("{} ", self.glyphs.thick) } else { String::new() };
        let label = [Piece::Text(self.options.labels.callout(kind).to_owned(), style)];
        let fits = cells >= width(&bar) + LEAST;
        let mut out = self.wrap(&label, if fits { cells - width(&bar) } else { cells });
        if fits {
            for row in &mut out {
                row.insert(0, Span { text: bar.clone(), style: Style::of(Class::Callout(kind)) });
            }
        }
        let block = self.blocks;
        let mut lines: Vec<Line> = out.into_iter().map(|spans| Line { spans, block, pan: None }).collect();
        let rest = self.barred(&bar, Style::of(Class::Callout(kind)), inner, cells, depth);
        if self.blocks == block {
            self.next_block();
        }
        lines.extend(rest);
        lines
    }

    fn list(&mut self, start: Option<u64>, loose: bool, items: &[Item], cells: usize, depth: usize) -> Vec<Line> {
        let air = usize::from(loose);
        let markers: Vec<String> = items
            .iter()
            .enumerate()
            .map(|(at, item)| match (item.task, start) {
                (Some(true), _) => format!("{} ", self.glyphs.done),
                (Some(false), _) => format!("{} ", self.glyphs.open),
                (None, Some(first)) => format!("{}. ", first.saturating_add(at as u64)),
                (None, None) => format!("{} ", self.glyphs.bullets[depth % 3]),
            })
            .collect();
        // All items hang by the widest marker, so that `9.` and `10.` share one edge.
        let hang = markers.iter().map(|m| width(m)).max().unwrap_or(0);
        let mut out = Vec::new();
        for (item, marker) in items.iter().zip(&markers) {
            let marker = format!("{}{marker}", " ".repeat(hang - width(marker)));
            let style = Style::of(Class::Marker);
            let mut rows = if cells < hang + LEAST {
                let mut rows = self.blocks(&item.blocks, cells, depth + 1, air);
                let block = rows.first().map_or_else(|| self.next_block(), |r| r.block);
                rows.insert(0, Line { spans: vec![Span { text: marker.trim().to_owned(), style }], block, pan: None });
                rows
            } else {
                let mut rows = self.blocks(&item.blocks, cells - hang, depth + 1, air);
                if rows.is_empty() {
                    rows = self.leaf(vec![Vec::new()]);
                }
                let blank = " ".repeat(hang);
                rows.into_iter()
                    .enumerate()
                    .map(|(at, line)| match at {
                        0 => prefixed(line, &marker, style),
                        _ => prefixed(line, &blank, Style::default()),
                    })
                    .collect()
            };
            if out.is_empty() {
                out.append(&mut rows);
            } else {
                join(&mut out, rows, air);
            }
        }
        out
    }

    fn definitions(&mut self, entries: &[Definition], cells: usize, depth: usize) -> Vec<Line> {
        let mut out = Vec::new();
        for entry in entries {
            let title: Vec<Piece> = entry
                .title
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text, style) if style.class == Class::Text => {
                        Piece::Text(text.clone(), Style { class: Class::Label, ..*style })
                    }
                    other => other.clone(),
                })
                .collect();
            let rows = self.wrap(&title, cells);
            let mut rows = self.leaf(rows);
            for body in &entry.bodies {
                rows.extend(self.barred("    ", Style::default(), body, cells, depth));
            }
            join(&mut out, rows, 1);
        }
        out
    }

    fn notes(&mut self, section: usize, cells: usize, lines: &mut Vec<Line>) {
        let document = self.document;
        for (at, note) in document.notes.iter().enumerate().filter(|(_, n)| n.section == section) {
            let marker = format!("[^{}] ", at + 1);
            let hang = width(&marker);
            let wide = cells >= hang + LEAST;
            self.note_blocks.insert(at + 1, self.blocks);
            let rows = self.blocks(&note.blocks, if wide { cells - hang } else { cells }, 0, 1);
            let rows = rows
                .into_iter()
                .enumerate()
                .map(|(row, line)| match (wide, row) {
                    (false, _) => line,
                    (true, 0) => prefixed(line, &marker, Style::of(Class::Reference)),
                    (true, _) => prefixed(line, &" ".repeat(hang), Style::default()),
                })
                .collect();
            join(lines, rows, 1);
        }
    }

    fn links(&mut self, cells: usize) -> Vec<Line> {
        let label = [Piece::Text(self.options.labels.links.clone(), Style::of(Class::Label))];
        let mut rows = self.wrap(&label, cells);
        for (at, target) in self.document.links.iter().enumerate() {
            let marker = Piece::Text(format!("[{}] ", at + 1), Style::of(Class::Reference));
            rows.extend(wrap(&[marker, Piece::Text(target.clone(), Style::of(Class::Link))], cells));
        }
        self.leaf(rows)
    }
}

/// What stands over a block of code that shows a file: `LANGUAGE file=NAME lines=3-9`.
fn caption(info: &str) -> Option<String> {
    let mut words = info.split_whitespace().skip(1);
    let file = words.clone().find_map(|word| word.strip_prefix("file="))?;
    Some(match words.find_map(|word| word.strip_prefix("lines=")) {
        Some(lines) => format!("{file}:{lines}"),
        None => file.to_owned(),
    })
}

/// Rows of code in their colours, tabs set to columns of four.
fn tokens(text: &str, colours: Option<&Highlighted>) -> Vec<Vec<Span>> {
    let mut rows = Vec::new();
    for (nth, line) in text.strip_suffix('\n').unwrap_or(text).split('\n').enumerate() {
        let pieces = colours.and_then(|c| c.lines.get(nth)).map_or(&[][..], Vec::as_slice);
        let mut pieces = pieces.iter().copied();
        let mut row = Vec::new();
        let mut column = 0;
        let mut rest = line;
        while !rest.is_empty() {
            // Colours that do not reach the line's end, or cut a character, are no reason to lose the rest of it.
            let (len, token) = pieces.next().unwrap_or((u32::MAX, Token::Plain));
            let len = (len as usize).min(rest.len());
            let len = (len..=rest.len()).find(|at| rest.is_char_boundary(*at)).unwrap_or(rest.len());
            let (piece, after) = rest.split_at(len);
            rest = after;
            for (at, stretch) in piece.split('\t').enumerate() {
                if at > 0 {
                    let gap = 4 - column % 4;
                    push(&mut row, &" ".repeat(gap), Style::of(Class::Token(token)));
                    column += gap;
                }
                if !stretch.is_empty() {
                    push(&mut row, stretch, Style::of(Class::Token(token)));
                    column += width(stretch);
                }
            }
        }
        rows.push(row);
    }
    rows
}

fn prefixed(mut line: Line, prefix: &str, style: Style) -> Line {
    line.pan = line.pan.map(|pan| pan + width(prefix));
    match line.spans.first_mut() {
        Some(first) if first.style == style => first.text.insert_str(0, prefix),
        _ => line.spans.insert(0, Span { text: prefix.to_owned(), style }),
    }
    line
}

/// Puts rows below others with `air` blank rows between, which belong to the block above.
fn join(lines: &mut Vec<Line>, rows: Vec<Line>, air: usize) {
    if rows.is_empty() {
        return;
    }
    if let Some(block) = lines.last().map(|l| l.block) {
        lines.extend((0..air).map(|_| Line { spans: Vec::new(), block, pan: None }));
    }
    lines.extend(rows);
}

fn ascii_pieces(pieces: &[Piece]) -> Vec<Piece> {
    let map = |piece: &Piece| match piece {
        Piece::Text(text, style) => Piece::Text(ascii(text), *style),
        Piece::Break => Piece::Break,
    };
    pieces.iter().map(map).collect()
}

/// Prose with ASCII in place of the symbols that lessons use. Letters of other scripts stay: there is nothing to put for them.
pub fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '→' => out.push_str("->"),
            '←' => out.push_str("<-"),
            '⇒' => out.push_str("=>"),
            '…' => out.push_str("..."),
            '≤' => out.push_str("<="),
            '≥' => out.push_str(">="),
            '✔' | '✓' => out.push_str("[ok]"),
            '✘' | '✗' => out.push_str("[x]"),
            '—' => out.push_str("--"),
            other => out.push(ascii_cell(other)),
        }
    }
    out
}

/// Code in ASCII, cell by cell: what stands in columns must stay in them.
pub fn ascii_cells(text: &str) -> String {
    text.chars().map(ascii_cell).collect()
}

fn ascii_cell(c: char) -> char {
    match c {
        '─' | '━' | '═' | '–' | '—' | '‑' => '-',
        '│' | '┃' | '║' | '▏' | '▌' => '|',
        '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' | '╭' | '╮' | '╰' | '╯' | '╔' | '╗' | '╚' | '╝' => {
            '+'
        }
        '▼' | '↓' => 'v',
        '▲' | '↑' => '^',
        '▶' | '→' | '►' => '>',
        '◀' | '←' | '◄' => '<',
        '█' | '▓' | '▒' | '░' => '#',
        '•' | '·' | '●' => '*',
        '×' => 'x',
        '≈' => '~',
        '‘' | '’' => '\'',
        '“' | '”' => '"',
        '…' => '.',
        '\u{a0}' => ' ',
        other => other,
    }
}
