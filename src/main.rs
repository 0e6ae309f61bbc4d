//! Dockshala: a Docker course in the terminal that builds the learner's image, measures it, and says which line cost what.
//! Parses the command line, dispatches, and turns the outcome into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: such a process is started by a check and has neither arguments nor a terminal of its own.
    if let Some(code) = dockshala_checkers::shell::helper() {
        return ExitCode::from(u8::try_from(code).unwrap_or(2));
    }
    dockshala::cli::main(std::env::args_os())
}
