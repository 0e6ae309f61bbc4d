//! A stepper in the book: every step with what it did; the script shows one at a time. Without it, all are there.

use super::{Book, html::escape};
use crate::{
    course::diagram::stepper::{Did, Shown, Stepper},
    i18n,
};
use dockshala_checkers::spec::Size;

pub(super) fn html(book: &Book, stepper: &Stepper, print: bool) -> String {
    let say = |key: &str| escape(&book.say(key));
    let steps = stepper.replay.shown();
    let most = steps.iter().map(|s| s.after).max().unwrap_or(1).max(1);
    let class = if print { "stepper print" } else { "stepper" };
    let mut out = format!(
        "<figure class=\"{class}\" data-prev=\"{}\" data-next=\"{}\" data-all=\"{}\"><ol>",
        say("book.step-prev"),
        say("book.step-next"),
        say("book.step-all")
    );
    let mut image = 0;
    for step in &steps {
        let before = image;
        if step.after > 0 {
            image = step.after;
        }
        out.push_str(&one(book, step, before, image, most));
    }
    out + &format!("</ol><figcaption>{}</figcaption></figure>\n", escape(&stepper.caption))
}

fn one(book: &Book, step: &Shown, before: u64, after: u64, most: u64) -> String {
    let text = |key: &str, args: &[(&str, &dyn std::fmt::Display)]| escape(&i18n::text(&book.lang, key, args));
    let (class, did) = match &step.did {
        Did::Base(bytes) => ("base", text("book.step-base", &[("size", &Size(*bytes))])),
        Did::Layer { bytes, wasted, hid } => {
            let mut all = text("book.step-layer", &[("size", &Size(*bytes))]);
            for (key, amount) in [("book.step-wasted", wasted), ("book.step-hid", hid)] {
                if *amount > 0 {
                    all = format!("{all} {}", text(key, &[("size", &Size(*amount))]));
                }
            }
            (if *wasted * 2 > *bytes { "wasted" } else { "layer" }, all)
        }
        Did::Settings => ("config", text("book.step-settings", &[])),
        Did::Elsewhere(stage) => ("cache", text("book.step-elsewhere", &[("stage", stage)])),
    };
    let seconds = match (step.cached, step.millis.filter(|ms| *ms >= 100)) {
        (Some(true), _) => Some("CACHED".to_owned()),
        (_, ms) => ms.map(|ms| format!("{:.1} s", ms as f64 / 1000.0)),
    };
    let time = seconds.map_or(String::new(), |s| format!(" <span class=\"time\">{s}</span>"));
    let paths: String = step
        .paths
        .iter()
        .take(4)
        .map(|p| format!("<li><code>/{}</code> {}</li>", escape(&p.path), Size(p.bytes)))
        .collect();
    let paths = if paths.is_empty() { String::new() } else { format!("<ul class=\"paths\">{paths}</ul>") };
    let part = |bytes: u64| bytes as f64 * 100.0 / most as f64;
    let (old, new) = (part(before), part(after.saturating_sub(before)));
    format!(
        "<li class=\"{class}\"><p><span class=\"line\">{}</span> <code>{}</code></p><p class=\"did\">{did}{time}</p>{paths}<div class=\"bar\"><i style=\"width:{old:.2}%\"></i><b style=\"width:{new:.2}%\"></b></div><p class=\"total\">{}</p></li>",
        step.lines.0,
        escape(&step.instruction),
        text("book.step-image", &[("size", &Size(after))])
    )
}
