//! Of jobs in a terminal: the learner's.

codes! {
    /// No steps.sh in the submission.
    NO_STEPS = "no-steps";
    /// The shell that ran steps.sh ended with it (`exit`, `set -e`), before its terminal was closed. Facts:
    /// `screen`.
    STEPS_EXIT = "steps-exit";
    /// No process of that name was ever seen. Facts: `job`, `screen` (what the terminal showed last).
    JOB_NOT_STARTED = "job-not-started";
    /// The job holds the prompt: nothing put it into the background. Facts: `job`, `limit`.
    JOB_IN_FOREGROUND = "job-in-foreground";
    /// The job was hung up with its terminal. Facts: `job`.
    JOB_HUNG_UP = "job-hung-up";
    /// The job ended before the terminal was closed. Facts: `job`, `how`, `screen`.
    JOB_ENDED_EARLY = "job-ended-early";
    /// The job ended after the terminal was closed, though it was not hung up. Facts: `job`, `how`, `stream` (its
    /// output
    /// where that was the terminal, else empty).
    JOB_ENDED_AFTER = "job-ended-after";
    /// The job's output went into nohup.out. Facts: `job`, `file`.
    OUTPUT_IN_NOHUP = "output-in-nohup";
    /// The job's output goes to the terminal. Facts: `job`, `file`, `stream`.
    OUTPUT_ON_TERMINAL = "output-on-terminal";
    /// The file is not there. Facts: `job`, `file`, `to` (where standard output goes).
    OUTPUT_NO_FILE = "output-no-file";
    /// The file is there and does not grow any more. Facts: `job`, `file`.
    OUTPUT_STOPPED = "output-stopped";
    /// The file lacks a text. Facts: `job`, `file`, `want`.
    OUTPUT_LACKS = "output-lacks";
    /// A stream of the job is the terminal. Facts: `job`, `stream`.
    STREAM_ON_TERMINAL = "stream-on-terminal";
}
