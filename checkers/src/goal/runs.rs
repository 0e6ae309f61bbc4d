//! `runs`: start the container as the image says, and look at what it prints and how it ends.

use super::{Judged, command_lines, compare, fail, image, lost, shown, start, stream};
use crate::{
    evidence::{Blame, Evidence, Needs, RunAsk, key},
    spec::Runs,
    verdict::{Diagnosis, Fact, codes},
};

pub(super) fn plan(ask: &Runs) -> Needs {
    Needs { build: true, image: true, runs: [RunAsk::from(ask)].into(), ..Needs::default() }
}

pub(super) fn judge(ask: &Runs, evidence: &Evidence) -> Judged {
    let blame = image(evidence)?;
    let asked = RunAsk::from(ask);
    let run = evidence.runs.get(&key(&asked)).ok_or_else(|| lost("run"))?;
    let run = run.as_ref().map_err(Clone::clone)?;
    // A bare `runs` asks that it ends well.
    let nothing_asked = ask.stdout.is_none() && ask.stderr.is_none() && ask.exit.is_none();
    let want_exit = ask.exit.or(nothing_asked.then_some(0));
    let exit_right = want_exit.is_none_or(|want| run.exit == Some(want));
    let streams = [("stdout", &run.stdout, &ask.stdout), ("stderr", &run.stderr, &ask.stderr)];
    let wrong = streams.iter().find_map(|(name, got, expect)| {
        let want = compare(got, expect.as_ref()?).err()?;
        Some((*name, *got, want))
    });
    let ended = run.exit.is_some() && !run.timed_out;
    if ended && exit_right && wrong.is_none() {
        return Ok(start::measured(run));
    }
    if let Some(blocked) = start::explain(&blame, &asked.args, run) {
        return Err(blocked);
    }
    let lines = command_lines(&blame);
    if run.timed_out || run.exit.is_none() {
        let limit = Fact::Millis(asked.within);
        return fail(Diagnosis::new(codes::RUN_TIMEOUT).fact("limit", limit).at(lines));
    }
    if !exit_right {
        return fail(exit_wrong(&blame, run.exit, want_exit, &run.stderr));
    }
    let (name, got, want) = wrong.unwrap_or(("stdout", &run.stdout, String::new()));
    fail(
        Diagnosis::new(codes::OUTPUT_WRONG)
            .fact("stream", shown(name))
            .fact("got", stream(got))
            .fact("want", Fact::Text(want))
            .at(lines),
    )
}

fn exit_wrong(blame: &Blame<'_>, exit: Option<i64>, want: Option<i64>, stderr: &str) -> Diagnosis {
    let number = |n: Option<i64>| Fact::Count(n.unwrap_or(0).unsigned_abs());
    Diagnosis::new(codes::EXIT_WRONG)
        .fact("exit", number(exit))
        .fact("want", number(want))
        .fact("stderr", stream(stderr))
        .at(command_lines(blame))
}
