//! `added`, `total`, `smaller-than-starter`.

use super::*;

const ADDED: &str = r#"["builds", {"added": {"at-most": "10 MB"}}]"#;

#[test]
fn the_heaviest_line_is_named_with_its_bytes() {
    passes(r#"["builds", {"added": {"at-most": "45 MB"}}]"#, &node());
    let diagnosis = fails(ADDED, &node(), codes::ADDED_TOO_BIG, &[4]);
    assert_eq!(diagnosis.facts["worst-bytes"], Fact::Bytes(40_000_000));
    assert_eq!(
        (text(&diagnosis, "worst").as_str(), text(&diagnosis, "biggest").as_str()),
        ("RUN npm ci", "/app/x 40.0 MB")
    );
}

#[test]
fn well_known_ways_to_too_many_bytes_are_recognised() {
    let mut evidence = node();
    image_of(&mut evidence).dev = vec![Heap { name: "jest".into(), bytes: 30_000_000, layer: 3 }];
    let diagnosis = fails(ADDED, &evidence, codes::DEV_DEPENDENCIES, &[4]);
    assert_eq!(text(&diagnosis, "packages"), "jest");
    let mut evidence = node();
    image_of(&mut evidence).caches = vec![Heap { name: "root/.npm".into(), bytes: 36_000_000, layer: 3 }];
    fails(ADDED, &evidence, codes::PACKAGE_CACHE, &[4]);
    // A small cache is not what made it too big.
    image_of(&mut evidence).caches[0].bytes = 1_000_000;
    fails(ADDED, &evidence, codes::ADDED_TOO_BIG, &[4]);
}

#[test]
fn rm_and_chown_blame_both_lines() {
    let file = "FROM node:24\nCOPY . /app\nRUN rm -rf /app/big\n";
    let mut evidence =
        case(file, &[("COPY . /app # buildkit", 50_000_000), ("RUN /bin/sh -c rm -rf /app/big # buildkit", 0)]);
    let tally = Tally { files: 3, bytes: 45_000_000 };
    let waste = Waste { put_by: 1, hidden_by: 2, how: How::Removed, tally, examples: vec![] };
    image_of(&mut evidence).waste = vec![waste];
    let diagnosis = fails(ADDED, &evidence, codes::WASTE, &[2, 3]);
    assert_eq!(text(&diagnosis, "how"), "removed");
}

#[test]
fn total_and_ratio_tell_the_base_from_the_lines() {
    let total = r#"["builds", {"total": {"at-most": "500 MB"}}]"#;
    let diagnosis = fails(total, &node(), codes::TOTAL_TOO_BIG, &[1]);
    assert_eq!(text(&diagnosis, "base"), "node:24");
    let smaller = r#"["builds", {"smaller-than-starter": {"times": 5}}]"#;
    let mut evidence = node();
    evidence.starter = Ok(Sizes { total: 1_500_000_000, ..Sizes::default() });
    fails(smaller, &evidence, codes::NOT_SMALLER, &[1]);
    evidence.starter = Ok(Sizes { total: 5_300_000_000, ..Sizes::default() });
    passes(smaller, &evidence);
    let ours = Diagnosis::new(codes::INTERNAL).fact("message", Fact::Text("x".into()));
    evidence.starter = Err(Blocked::broken(ours));
    blocked(smaller, &evidence, Verdict::Broken, codes::INTERNAL, &[]);
}
