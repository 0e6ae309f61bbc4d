//! The class as a table for a spreadsheet: a line for each learner and exercise.
//!
//! A spreadsheet runs what looks like a formula, and names, goals and times here are other people's. So every field that
//! begins like one gets an apostrophe before it (OWASP's advice), which spreadsheets take for "this is text".

use super::ClassReport;
use dockshala_checkers::verdict::Verdict;

const HEAD: [&str; 18] = [
    "learner",
    "device",
    "exercise",
    "claimed",
    "verified",
    "contradicted",
    "why",
    "goals_passed",
    "goals",
    "failed",
    "attempts",
    "hints",
    "solution_seen",
    "minutes",
    "added_bytes",
    "doubts",
    "made",
    "file",
];

/// The table, in UTF-8 with the mark by which Excel knows that.
pub fn csv(report: &ClassReport) -> String {
    let mut out = String::from("\u{feff}");
    line(&mut out, HEAD.iter().map(|h| (*h).to_owned()));
    for row in &report.learners {
        for column in &report.exercises {
            let Some(cell) = row.work.get(&column.exercise) else { continue };
            let count = |wanted: Verdict| cell.goals.iter().filter(|g| g.verified == Some(wanted)).count();
            let failed = cell
                .goals
                .iter()
                .filter(|g| g.verified == Some(Verdict::Failed))
                .map(|g| format!("{}:{}", g.id, g.diagnosis.as_ref().map_or("", |d| d.code.as_str())));
            let word = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
            let verified = cell.goals.iter().any(|g| g.verified.is_some());
            line(
                &mut out,
                [
                    row.name.clone(),
                    row.device.to_string(),
                    column.exercise.clone(),
                    cell.claimed.to_owned(),
                    cell.verified.to_owned(),
                    word(cell.contradicted),
                    cell.why.clone(),
                    if verified { count(Verdict::Passed).to_string() } else { String::new() },
                    column.goals.len().to_string(),
                    failed.collect::<Vec<_>>().join(" "),
                    cell.claim.attempts.to_string(),
                    cell.claim.hints.to_string(),
                    word(cell.claim.solution_seen),
                    cell.minutes.map(|m| m.to_string()).unwrap_or_default(),
                    cell.sizes.map(|s| s.added.to_string()).unwrap_or_default(),
                    cell.doubts.iter().map(|d| d.name()).collect::<Vec<_>>().join(" "),
                    cell.made.clone(),
                    cell.file.clone(),
                ],
            );
        }
    }
    for refused in &report.refused {
        let mut fields = vec![String::new(); HEAD.len()];
        fields[4] = "refused".to_owned();
        fields[6] = format!("{} {}", refused.why, refused.what);
        fields[17].clone_from(&refused.file);
        line(&mut out, fields);
    }
    out
}

fn line(out: &mut String, fields: impl IntoIterator<Item = String>) {
    let fields: Vec<String> = fields.into_iter().map(|f| field(&f)).collect();
    out.push_str(&fields.join(","));
    // RFC 4180's line end, which every spreadsheet takes.
    out.push_str("\r\n");
}

fn field(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    // The wide forms too: some spreadsheets turn them into the narrow ones on import.
    let formula = text.trim_start().starts_with(['=', '+', '-', '@', '|', '%', '＝', '＋', '－', '＠']);
    let text = if formula { format!("'{text}") } else { text };
    if text.contains(['"', ',', ';', '\'']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::field;
    use rstest::rstest;

    #[rstest]
    #[case("Asha Rao", "Asha Rao")]
    #[case("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"")]
    #[case("+91", "\"'+91\"")]
    #[case("  -1+1", "\"'  -1+1\"")]
    #[case("@SUM(A1)", "\"'@SUM(A1)\"")]
    #[case("＝1", "\"'＝1\"")]
    #[case("a\r\n=cmd|' /C calc'!A0", "\"a=cmd|' /C calc'!A0\"")]
    #[case("\t=1", "\"'=1\"")]
    #[case("a,b", "\"a,b\"")]
    fn nothing_is_a_formula_and_nothing_leaves_its_field(#[case] raw: &str, #[case] want: &str) {
        assert_eq!(field(raw), want);
    }
}
