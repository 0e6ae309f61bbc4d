//! `answer`: what a learner wrote beside what was measured. A wrong answer is told how to find out, and never what is right.

use super::{Judged, facts, fail, list, lost, shown};
use crate::{
    evidence::{Blocked, Evidence, Needs, TrueValue, key},
    spec::{Answer, Fixed, ImageQuestion, Size, Truth},
    verdict::{Diagnosis, Fact, Facts, codes},
};

pub(super) fn plan(ask: &Answer) -> Needs {
    Needs { truths: [ask.is.clone()].into(), ..Needs::default() }
}

pub(super) fn judge(name: &str, ask: &Answer, evidence: &Evidence) -> Judged {
    let answers = evidence.answers.as_ref().ok_or_else(|| lost("answers"))?;
    let given = answers.given.as_ref().map_err(Clone::clone)?;
    let given = given.get(name).map(Vec::as_slice).unwrap_or_default();
    if given.is_empty() {
        return fail(Diagnosis::new(codes::ANSWER_MISSING).fact("name", shown(name)));
    }
    let about = About { name, given, find: ask.find.clone().unwrap_or_else(|| ask.is.find()) };
    if let Truth::Fixed(fixed) = &ask.is {
        return about.fixed(fixed);
    }
    let value = answers.truths.get(&key(&ask.is)).ok_or_else(|| lost(name))?;
    match (value.as_ref().map_err(Clone::clone)?, &ask.is) {
        (TrueValue::OneOf(all), _) => about.one_of(all),
        (TrueValue::Count { value, not }, _) => about.count(*value, *not),
        (TrueValue::Set { all, others }, _) => about.set(all, others),
        (TrueValue::Sizes(sizes), truth) => about.sizes(sizes, within(truth)),
        (TrueValue::Hidden { hidden, visible }, _) => about.hidden(hidden, visible),
    }
}

fn within(truth: &Truth) -> u8 {
    match truth {
        Truth::Image(image) => match image.what {
            ImageQuestion::LayerSizes(per_cent) => per_cent,
            _ => 0,
        },
        _ => 0,
    }
}

/// Two spellings of one answer. Case and the kind of gap say nothing in any answer that is asked for.
fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| {
        let text = text.trim().to_lowercase().replace([' ', '_'], "-");
        match text.as_str() {
            "true" | "y" | "haan" | "ha" | "haa" => "yes".to_owned(),
            "false" | "n" | "nahi" | "nahin" => "no".to_owned(),
            _ => text,
        }
    };
    plain(one) == plain(other)
}

struct About<'a> {
    name: &'a str,
    given: &'a [String],
    find: String,
}

impl About<'_> {
    fn wrong(&self, code: &str) -> Diagnosis {
        Diagnosis::new(code).fact("name", shown(self.name)).fact("got", shown(&self.given.join(", ")))
    }

    /// With the command that finds out.
    fn find_out(&self, code: &str) -> Judged {
        fail(self.wrong(code).fact("find", Fact::Text(self.find.clone())))
    }

    fn right(&self) -> Judged {
        Ok(facts([("answer", shown(&self.given.join(", ")))]))
    }

    fn fixed(&self, ask: &Fixed) -> Judged {
        let got = self.given.join(" ");
        if same(&got, &ask.value) {
            return self.right();
        }
        match ask.wrong.iter().find(|(other, _)| same(other, &got)) {
            Some((_, reason)) => fail(self.wrong(codes::ANSWER_REASON).fact("reason", Fact::Said(reason.clone()))),
            None => {
                let mut options: Vec<&String> = ask.wrong.keys().chain([&ask.value]).collect();
                options.sort();
                fail(self.wrong(codes::ANSWER_UNKNOWN).fact("options", list(options)))
            }
        }
    }

    fn one_of(&self, all: &[String]) -> Judged {
        match self.given {
            [got] if all.iter().any(|right| same(right, got)) => self.right(),
            _ => self.find_out(codes::ANSWER_NOT_SO),
        }
    }

    fn count(&self, value: u64, not: u64) -> Judged {
        let got = match self.given {
            [one] => one.trim().parse::<u64>().ok(),
            _ => None,
        };
        match got {
            Some(got) if got == value => self.right(),
            // The history has a row for each instruction, the image a layer only for those that changed files.
            Some(got) if got == not => self.find_out(codes::ANSWER_OTHER_COUNT),
            _ => self.find_out(codes::ANSWER_NOT_SO),
        }
    }

    fn set(&self, all: &[String], others: &[String]) -> Judged {
        // `ENV, CMD` on one line is a list too.
        let given: Vec<&str> = self.given.iter().flat_map(|g| g.split([',', ' '])).filter(|g| !g.is_empty()).collect();
        let belongs = |word: &&&str| all.iter().any(|right| same(right, word));
        let strays: Vec<_> = given.iter().filter(|word| !belongs(word)).collect();
        if let Some(stray) = strays.iter().find(|word| others.iter().any(|other| same(other, word))) {
            return fail(
                self.wrong(codes::ANSWER_HAS_LAYER)
                    .fact("instruction", shown(&stray.to_uppercase()))
                    .fact("find", Fact::Text(self.find.clone())),
            );
        }
        if !strays.is_empty() {
            return self.find_out(codes::ANSWER_NOT_SO);
        }
        let missing = all.iter().filter(|right| !given.iter().any(|word| same(right, word))).count();
        if missing > 0 {
            return fail(
                self.wrong(codes::ANSWER_INCOMPLETE)
                    .fact("missing", Fact::Count(missing as u64))
                    .fact("find", Fact::Text(self.find.clone())),
            );
        }
        self.right()
    }

    fn sizes(&self, truth: &[u64], within: u8) -> Judged {
        let mut given = Vec::new();
        for text in self.given {
            match size(text) {
                Some(bytes) => given.push(bytes),
                None => return fail(self.wrong(codes::ANSWER_NO_SIZE).fact("size", shown(text))),
            }
        }
        // Docker's table shows three digits: half of the last one is no mistake.
        let near =
            |got: u64, want: u64| got.abs_diff(want) as f64 <= (want as f64 * f64::from(within) / 100.0).max(512.0);
        let fits = |given: &[u64]| given.len() == truth.len() && given.iter().zip(truth).all(|(g, t)| near(*g, *t));
        if fits(&given) {
            return self.right();
        }
        let upside_down: Vec<u64> = given.iter().rev().copied().collect();
        if fits(&upside_down) {
            return self.find_out(codes::ANSWER_REVERSED);
        }
        if given.len() != truth.len() {
            // Rows of the history that only change the config show 0 B.
            let some: Vec<u64> = given.iter().copied().filter(|bytes| *bytes > 0).collect();
            let code = if fits(&some) { codes::ANSWER_OTHER_COUNT } else { codes::ANSWER_LAYER_COUNT };
            return self.find_out(code);
        }
        let nth = given.iter().zip(truth).position(|(g, t)| !near(*g, *t)).unwrap_or(0);
        fail(
            self.wrong(codes::ANSWER_LAYER_SIZE)
                .fact("layer", Fact::Count(nth as u64 + 1))
                .fact("size", Fact::Bytes(given[nth]))
                .fact("within", Fact::Count(u64::from(within)))
                .fact("find", Fact::Text(self.find.clone())),
        )
    }

    fn hidden(&self, hidden: &[String], visible: &[String]) -> Judged {
        if hidden.is_empty() {
            return Err(Blocked::broken(
                Diagnosis::new(codes::INTERNAL).fact("message", Fact::Text("nothing is hidden in the archive".into())),
            ));
        }
        // A secret is its letters: here case counts.
        let got = self.given.join(" ");
        let got = got.trim();
        // Who copies the whole `NAME=value` from the file has found it; to be told that it is in no layer would be untrue.
        let value = got.split_once('=').map_or(got, |(_, value)| value.trim());
        let among = |texts: &[String]| texts.iter().any(|text| text == got || text == value);
        if among(hidden) {
            return Ok(Facts::new());
        }
        let code = if among(visible) { codes::ANSWER_VISIBLE } else { codes::ANSWER_NOT_IN_LAYERS };
        self.find_out(code)
    }
}

/// Bytes, as docker prints them (`8.2MB`, `1.05kB`) or as a plain number.
fn size(text: &str) -> Option<u64> {
    let text = text.trim();
    let text = text.replace("KB", "kB").replace("kb", "kB").replace("mb", "MB").replace("Mb", "MB");
    text.parse::<Size>().map(|size| size.0).ok().or_else(|| text.replace(['_', ','], "").parse().ok())
}
