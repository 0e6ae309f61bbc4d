//! Builds that would have the daemon itself fetch something.
//!
//! The daemon does what ADD asks for with its own network, whatever network RUN is given: `--network=none` does not hold it.
//! So a submission could make a teacher's daemon ask any machine in the school's network. Only not building it helps.

use crate::dockerfile::{Dockerfile, Instruction};

/// An ADD that one of the targets runs and that fetches from elsewhere: one of its own, or one that an ONBUILD of a stage
/// below it brings in.
pub(super) fn fetches(model: &Dockerfile, targets: impl IntoIterator<Item = usize>) -> Option<&Instruction> {
    let mut reachable = vec![false; model.stages.len()];
    for target in targets {
        reachable.iter_mut().zip(model.reachable(target)).for_each(|(all, one)| *all |= one);
    }
    let mut adds = model.run_by(&reachable).filter(|i| i.keyword == "ADD");
    let add = adds.find(|add| match &add.exec {
        Some(words) => words.iter().any(|word| elsewhere(word)),
        None => add.expanded.split_whitespace().any(elsewhere),
    })?;
    // Of a trigger the whole ONBUILD line, as it stands in the file.
    model.at_line(add.first)
}

/// Whether a source of ADD is a URL or somebody's Git repository (`me@host:repo.git`), as BuildKit reads it.
fn elsewhere(source: &str) -> bool {
    let source = source.trim_matches(['"', '\'', '[', ',']).to_ascii_lowercase();
    if ["http://", "https://", "git://", "ssh://"].iter().any(|scheme| source.starts_with(scheme)) {
        return true;
    }
    let good = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    let login = source.split_once(':').and_then(|(login, _)| login.split_once('@'));
    login.is_some_and(|(user, host)| good(user) && good(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::Options;
    use rstest::rstest;

    fn line(text: &str, targets: &[&str]) -> Option<u32> {
        let model = Dockerfile::read(text.as_bytes(), &Options::default()).unwrap();
        let last = model.target(None).unwrap();
        let named = targets.iter().map(|name| model.target(Some(name)).unwrap());
        fetches(&model, named.chain([last])).map(|add| add.first)
    }

    #[rstest]
    #[case::of_its_own("FROM a\nADD http://10.0.0.1/x /\n", Some(2))]
    #[case::exec("FROM a\nADD [\"https://10.0.0.1/x\", \"/\"]\n", Some(2))]
    #[case::variable("FROM a\nARG U=HTTP://10.0.0.1\nADD $U/x /\n", Some(3))]
    #[case::any_login("FROM a\nADD me@10.0.0.1:repo.git /x\n", Some(2))]
    #[case::git("FROM a\nADD git@host:repo.git /x\n", Some(2))]
    #[case::trigger("FROM a AS p\nONBUILD ADD http://10.0.0.1/x /\nFROM p\n", Some(2))]
    #[case::trigger_below("FROM a AS p\nONBUILD ADD http://h/x /\nFROM p AS q\nFROM a\nCOPY --from=q /x /\n", Some(2))]
    #[case::trigger_of_a_variable("FROM a AS p\nENV U=http://h\nONBUILD ADD $U/x /\nFROM p\n", Some(3))]
    #[case::variable_of_a_trigger("FROM a AS p\nONBUILD ENV U=http://h\nFROM p\nADD $U/x /\n", Some(4))]
    #[case::trigger_that_nothing_runs("FROM a AS p\nONBUILD ADD http://10.0.0.1/x /\n", None)]
    #[case::stage_that_nothing_needs("FROM a AS p\nADD http://10.0.0.1/x /\nFROM a\n", None)]
    #[case::file("FROM a\nADD a@b.txt me:x /\nADD x@y/z:1 /\n", None)]
    fn an_add_from_elsewhere_is_found_where_it_runs(#[case] text: &str, #[case] want: Option<u32>) {
        assert_eq!(line(text, &[]), want);
    }

    #[test]
    fn a_stage_that_only_another_goal_builds_counts() {
        let text = "FROM a AS other\nADD http://10.0.0.1/x /\nFROM a\n";
        assert_eq!((line(text, &[]), line(text, &["other"])), (None, Some(2)));
    }
}
