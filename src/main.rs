//! Dockshala: a Docker course in the terminal that builds the learner's image, measures it, and says which line cost what.
//! Parses the command line, dispatches, and turns the outcome into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    dockshala::cli::main(std::env::args_os())
}
