//! The expression with which a claim shows whether it is so: `b - a < 1 MB`, `history contains "whiteout" and not same == 0`.
//!
//! A language of its own because every alternative runs an author's code on a learner's machine. It has numbers (with size
//! units), texts, names of kept values, `+ - * /`, comparisons, `contains`, `and`, `or`, `not` and parentheses.

use dockshala_checkers::spec::Size;
use std::collections::BTreeMap;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number: bytes, a count, a ratio.
    Number(f64),
    /// A text.
    Text(String),
    /// Yes or no.
    Truth(bool),
}

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShowsError {
    /// It cannot be read from here on.
    #[error("cannot be read from `{0}` on")]
    Syntax(String),
    /// A name that no step keeps.
    #[error("no step keeps `{0}`")]
    Unknown(String),
    /// Values that do not go together.
    #[error("`{0}` does not go with these values")]
    Kinds(&'static str),
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Constant(Value),
    Name(String),
    Not(Box<Node>),
    Two(&'static str, Box<Node>, Box<Node>),
}

/// An expression that could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Shows(Node);

const OPERATORS: &[(&str, u8)] = &[
    ("or", 1),
    ("and", 2),
    ("==", 3),
    ("!=", 3),
    ("<=", 3),
    (">=", 3),
    ("<", 3),
    (">", 3),
    ("contains", 3),
    ("+", 4),
    ("-", 4),
    ("*", 5),
    ("/", 5),
];

/// Deeper than any author writes; a bound on the stack for those who write on purpose.
const DEEPEST: usize = 64;

impl Shows {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, ShowsError> {
        let mut parser = Parser { rest: text, depth: 0 };
        let node = parser.expression(0)?;
        parser.skip();
        if parser.rest.is_empty() { Ok(Self(node)) } else { Err(parser.stuck()) }
    }

    /// Every name in it.
    pub fn names(&self) -> Vec<&str> {
        fn walk<'a>(node: &'a Node, found: &mut Vec<&'a str>) {
            match node {
                Node::Constant(_) => {}
                Node::Name(name) => found.push(name),
                Node::Not(inner) => walk(inner, found),
                Node::Two(_, left, right) => {
                    walk(left, found);
                    walk(right, found);
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.0, &mut found);
        found
    }

    /// Whether it holds for what was kept.
    pub fn holds(&self, kept: &BTreeMap<String, Value>) -> Result<bool, ShowsError> {
        match eval(&self.0, kept)? {
            Value::Truth(truth) => Ok(truth),
            _ => Err(ShowsError::Kinds("the whole")),
        }
    }
}

/// A kept text as a value: a size or a number where it is one, else the text.
pub fn value(text: &str) -> Value {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>()
        && number.is_finite()
    {
        return Value::Number(number);
    }
    // Docker writes `12.5MB`, and `1.2kB`.
    text.parse::<Size>().map_or_else(|_| Value::Text(text.to_owned()), |size| Value::Number(size.0 as f64))
}

fn eval(node: &Node, kept: &BTreeMap<String, Value>) -> Result<Value, ShowsError> {
    Ok(match node {
        Node::Constant(value) => value.clone(),
        Node::Name(name) => kept.get(name).cloned().ok_or_else(|| ShowsError::Unknown(name.clone()))?,
        Node::Not(inner) => match eval(inner, kept)? {
            Value::Truth(truth) => Value::Truth(!truth),
            _ => return Err(ShowsError::Kinds("not")),
        },
        Node::Two(operator, left, right) => two(operator, eval(left, kept)?, eval(right, kept)?)?,
    })
}

fn two(operator: &'static str, left: Value, right: Value) -> Result<Value, ShowsError> {
    use Value::{Number, Text, Truth};
    Ok(match (operator, left, right) {
        ("and", Truth(a), Truth(b)) => Truth(a && b),
        ("or", Truth(a), Truth(b)) => Truth(a || b),
        ("==", a, b) => Truth(a == b),
        ("!=", a, b) => Truth(a != b),
        ("contains", Text(a), Text(b)) => Truth(a.contains(&b)),
        ("<", Number(a), Number(b)) => Truth(a < b),
        (">", Number(a), Number(b)) => Truth(a > b),
        ("<=", Number(a), Number(b)) => Truth(a <= b),
        (">=", Number(a), Number(b)) => Truth(a >= b),
        ("+", Number(a), Number(b)) => Number(a + b),
        ("-", Number(a), Number(b)) => Number(a - b),
        ("*", Number(a), Number(b)) => Number(a * b),
        ("/", Number(a), Number(b)) => Number(a / b),
        _ => return Err(ShowsError::Kinds(operator)),
    })
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn stuck(&self) -> ShowsError {
        ShowsError::Syntax(self.rest.chars().take(20).collect())
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }

    fn operator(&mut self) -> Option<(&'static str, u8)> {
        self.skip();
        OPERATORS.iter().copied().find(|(symbol, _)| {
            let wordy = symbol.starts_with(|c: char| c.is_alphabetic());
            let rest = self.rest.strip_prefix(symbol);
            rest.is_some_and(|r| !wordy || !r.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        })
    }

    fn expression(&mut self, least: u8) -> Result<Node, ShowsError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.stuck());
        }
        let mut left = self.operand()?;
        while let Some((symbol, binding)) = self.operator().filter(|(_, binding)| *binding > least) {
            self.take(symbol.len());
            let right = self.expression(binding)?;
            left = Node::Two(symbol, Box::new(left), Box::new(right));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Node, ShowsError> {
        self.skip();
        let first = self.rest.chars().next().ok_or_else(|| ShowsError::Syntax("its end".to_owned()))?;
        if first == '(' {
            self.take(1);
            let inner = self.expression(0)?;
            self.skip();
            if !self.rest.starts_with(')') {
                return Err(self.stuck());
            }
            self.take(1);
            return Ok(inner);
        }
        if first == '"' || first == '\'' {
            let end = self.rest[1..].find(first).ok_or_else(|| self.stuck())?;
            let quoted = self.take(end + 2);
            return Ok(Node::Constant(Value::Text(quoted[1..quoted.len() - 1].to_owned())));
        }
        if first.is_ascii_digit() {
            let digits = self.rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest.len());
            let after = self.rest[digits..].trim_start();
            let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
            let unit = self.rest.len() - after.len() + letters;
            if let Ok(size) = self.rest[..unit].parse::<Size>() {
                self.take(unit);
                return Ok(Node::Constant(Value::Number(size.0 as f64)));
            }
            let number = self.rest[..digits].parse().map_err(|_| self.stuck())?;
            self.take(digits);
            return Ok(Node::Constant(Value::Number(number)));
        }
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        match self.rest.get(..end) {
            Some("not") => {
                self.take(end);
                // Binds tighter than `and`, looser than a comparison: `not a == b` is `not (a == b)`.
                Ok(Node::Not(Box::new(self.expression(2)?)))
            }
            Some(name) if !name.is_empty() => Ok(Node::Name(self.take(end).to_owned())),
            _ => Err(self.stuck()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> Result<bool, ShowsError> {
        let kept = [("a", "64.9 MB"), ("b", "12"), ("log", "step CACHED")];
        let kept = kept.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect();
        Shows::parse(text)?.holds(&kept)
    }

    #[test]
    fn expressions_hold_or_not() {
        for yes in [
            "a > 60 MB",
            "a - 4.9 MB == 60 MB",
            "log contains 'CACHED' and b == 12",
            "not b == 13",
            "b > 20 or (b + 1) * 2 >= 26",
            "not (b < 2) and b / 2 == 6",
            "1 + 2 * 3 == 7 and 7 - 2 - 1 == 4",
        ] {
            assert_eq!(holds(yes), Ok(true), "{yes}");
        }
        assert_eq!(holds("a < 1 MB"), Ok(false));
    }

    #[test]
    fn what_makes_no_sense_is_an_error() {
        assert!(matches!(holds("c == 1"), Err(ShowsError::Unknown(_))));
        assert!(matches!(holds("a and b"), Err(ShowsError::Kinds(_))));
        assert!(matches!(holds("a"), Err(ShowsError::Kinds(_))));
        for bad in ["", "a >", "a > 1 )", "(a > 1", "'open", "a ? b", "a > é"] {
            assert!(Shows::parse(bad).is_err(), "{bad}");
        }
        assert!(Shows::parse(&"(".repeat(10_000)).is_err());
        assert!(Shows::parse(&"not ".repeat(10_000)).is_err());
    }

    #[test]
    fn docker_s_own_sizes_are_numbers() {
        assert_eq!(value("12.5MB\n"), Value::Number(12_500_000.0));
        assert_eq!(value("sha256:abc"), Value::Text("sha256:abc".into()));
    }
}
