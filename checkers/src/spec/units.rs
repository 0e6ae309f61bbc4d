//! Sizes and durations as a course author writes them: `3 MB`, `512 MiB`, `5s`. A size without a unit is an error.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr, time::Duration};

/// A number of bytes. MB is 10^6 bytes, MiB is 2^20.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Size(pub u64);

/// A length of time: `500ms`, `5s`, `2m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(pub Duration);

/// Why a size or a duration could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// A number with no unit behind it.
    #[error("`{0}` has no unit; write one of {1}")]
    NoUnit(String, &'static str),
    /// A unit nobody defined.
    #[error("`{0}` is no unit; write one of {1}")]
    UnknownUnit(String, &'static str),
    /// Not a number, or too large.
    #[error("`{0}` is not a number in range")]
    Number(String),
}

const SIZE_UNITS: &str = "B, kB, MB, GB, KiB, MiB, GiB";
const SPAN_UNITS: &str = "ms, s, m, h";

fn split<'a>(text: &'a str, units: &'static str) -> Result<(f64, &'a str), UnitError> {
    let text = text.trim();
    let cut = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = (&text[..cut], text[cut..].trim());
    let value: f64 = number.parse().map_err(|_| UnitError::Number(text.to_owned()))?;
    if unit.is_empty() {
        return Err(UnitError::NoUnit(text.to_owned(), units));
    }
    Ok((value, unit))
}

impl FromStr for Size {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (value, unit) = split(text, SIZE_UNITS)?;
        let factor: f64 = match unit {
            "B" => 1.0,
            "kB" => 1e3,
            "MB" => 1e6,
            "GB" => 1e9,
            "KiB" => 1024.0,
            "MiB" => 1_048_576.0,
            "GiB" => 1_073_741_824.0,
            other => return Err(UnitError::UnknownUnit(other.to_owned(), SIZE_UNITS)),
        };
        let bytes = (value * factor).round();
        if bytes > 2f64.powi(53) {
            return Err(UnitError::Number(text.to_owned()));
        }
        Ok(Self(bytes as u64))
    }
}

impl fmt::Display for Size {
    /// In decimal units with at most three significant digits after the point: `21.5 MB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, unit) = match self.0 {
            n if n >= 1_000_000_000 => (n as f64 / 1e9, "GB"),
            n if n >= 1_000_000 => (n as f64 / 1e6, "MB"),
            n if n >= 1_000 => (n as f64 / 1e3, "kB"),
            n => return write!(f, "{n} B"),
        };
        if value >= 100.0 { write!(f, "{value:.0} {unit}") } else { write!(f, "{value:.1} {unit}") }
    }
}

impl FromStr for Span {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (value, unit) = split(text, SPAN_UNITS)?;
        let seconds = match unit {
            "ms" => value / 1000.0,
            "s" => value,
            "m" => value * 60.0,
            "h" => value * 3600.0,
            other => return Err(UnitError::UnknownUnit(other.to_owned(), SPAN_UNITS)),
        };
        Duration::try_from_secs_f64(seconds).map(Self).map_err(|_| UnitError::Number(text.to_owned()))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0.as_millis();
        if ms.is_multiple_of(1000) { write!(f, "{}s", ms / 1000) } else { write!(f, "{ms}ms") }
    }
}

macro_rules! as_text {
    ($type:ty) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&self.to_exact())
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}

impl Size {
    /// The size so that parsing gives the same bytes again.
    fn to_exact(self) -> String {
        format!("{} B", self.0)
    }
}

impl Span {
    /// The duration in whole milliseconds.
    fn to_exact(self) -> String {
        format!("{}ms", self.0.as_millis())
    }
}

as_text!(Size);
as_text!(Span);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_and_binary_units_differ() {
        assert_eq!("3 MB".parse(), Ok(Size(3_000_000)));
        assert_eq!("3MiB".parse(), Ok(Size(3_145_728)));
        assert_eq!("1.5 kB".parse(), Ok(Size(1500)));
    }

    #[test]
    fn a_number_without_a_unit_is_refused() {
        assert!(matches!("300".parse::<Size>(), Err(UnitError::NoUnit(..))));
        assert!(matches!("300 mb".parse::<Size>(), Err(UnitError::UnknownUnit(..))));
        assert!(matches!("-3 MB".parse::<Size>(), Err(UnitError::Number(..))));
        assert!(matches!("5".parse::<Span>(), Err(UnitError::NoUnit(..))));
    }

    #[test]
    fn durations() {
        assert_eq!("500ms".parse(), Ok(Span(Duration::from_millis(500))));
        assert_eq!("2m".parse(), Ok(Span(Duration::from_secs(120))));
    }

    #[test]
    fn sizes_read_like_a_person_writes_them() {
        assert_eq!(Size(21_468_000).to_string(), "21.5 MB");
        assert_eq!(Size(1_230_000_000).to_string(), "1.2 GB");
        assert_eq!(Size(412).to_string(), "412 B");
    }
}
