//! Of a container that runs, once or on and on: the learner's.

codes! {
    /// The container runs as root. Facts: `user`.
    USER_ROOT = "user-root";
    /// USER is set but a later USER makes it root again. Facts: `user`.
    USER_BACK_TO_ROOT = "user-back-to-root";
    /// Another uid than asked. Facts: `uid`, `want`.
    USER_WRONG = "user-wrong";
    /// USER names somebody that the image's /etc/passwd does not know. Facts: `user`.
    USER_UNKNOWN = "user-unknown";
    /// The container could not start: no such file. Facts: `command`, `message`.
    COMMAND_NOT_FOUND = "command-not-found";
    /// A file that is not an executable of this platform. Facts: `command`.
    EXEC_FORMAT = "exec-format";
    /// Shell form on an image without a shell. Facts: `command`.
    NO_SHELL = "no-shell";
    /// Dynamically linked, and its loader is not in the image. Facts: `binary`, `loader`.
    LOADER_MISSING = "loader-missing";
    /// A script whose interpreter (`#!`) is not in the image. Facts: `script`, `interpreter`.
    INTERPRETER_MISSING = "interpreter-missing";
    /// A script with Windows line ends, whose `#!` line therefore names nothing. Facts: `script`.
    SCRIPT_CRLF = "script-crlf";
    /// The file is there but may not be executed. Facts: `command`.
    NOT_EXECUTABLE = "not-executable";
    /// The program started and did not find a file that its command names. Facts: `file`, `workdir`, `nearby`
    /// (list).
    RUNTIME_FILE_MISSING = "runtime-file-missing";
    /// Neither CMD nor ENTRYPOINT.
    NO_COMMAND = "no-command";
    /// Another exit code. Facts: `exit`, `want`, `stderr`.
    EXIT_WRONG = "exit-wrong";
    /// Another output. Facts: `stream`, `got`, `want`.
    OUTPUT_WRONG = "output-wrong";
    /// Still running when it should have ended. Facts: `limit`.
    RUN_TIMEOUT = "run-timeout";
    /// Killed by the memory limit. Facts: `limit`.
    OUT_OF_MEMORY = "out-of-memory";
    /// A module or library that it needs is not in the image. Facts: `module`.
    MODULE_MISSING = "module-missing";
    /// Ended before it answered. Facts: `exit`, `stderr`.
    SERVER_DIED = "server-died";
    /// Runs, but nobody listens on the port. Facts: `port`, `listening` (list).
    PORT_CLOSED = "port-closed";
    /// Listens on 127.0.0.1 only. Facts: `port`.
    PORT_LOOPBACK = "port-loopback";
    /// Another HTTP status. Facts: `status`, `want`, `body`.
    STATUS_WRONG = "status-wrong";
    /// Another body. Facts: `got`, `want`.
    BODY_WRONG = "body-wrong";
    /// The container ended by itself although it should have gone on. Facts: `exit`, `stderr`.
    ENDED_EARLY = "ended-early";
    /// It never printed what says that it is ready. Facts: `want`, `stdout`.
    NOT_READY = "not-ready";
    /// What should be in its output is not. Facts: `stream`, `got`, `want`, `limit`.
    LOGS_MISSING = "logs-missing";
    /// It is in the other stream. Facts: `stream`, `want`.
    LOGS_OTHER_STREAM = "logs-other-stream";
    /// No HEALTHCHECK, or `NONE`. Facts: `have`.
    HEALTH_NONE = "health-none";
    /// Its first test comes too late. Facts: `test`, `interval`, `limit`.
    HEALTH_FIRST_LATE = "health-first-late";
    /// Its test calls a program that the image does not have. Facts: `test`, `tool`, `output`.
    HEALTH_TOOL_MISSING = "health-tool-missing";
    /// Its test never succeeded. Facts: `test`, `exit`, `output`, `limit`.
    HEALTH_NEVER = "health-never";
    /// What should make the container ill could not be done to it. Facts: `command`, `output`.
    HEALTH_NOT_SHAKEN = "health-not-shaken";
    /// Its test fails, but it takes too long until Docker calls it unhealthy. Facts: `test`, `command`, `interval`,
    /// `retries`, `limit`.
    HEALTH_NOTICED_LATE = "health-noticed-late";
    /// Its test succeeds although the container is ill. Facts: `test`, `command`, `line`, `limit`.
    HEALTH_BLIND = "health-blind";
    /// The daemon does not know the signal. Facts: `signal`, `message`.
    SIGNAL_REFUSED = "signal-refused";
    /// Shell form: a shell is process 1 and hands no signal on. Facts: `first`, `child`, `signal`, `limit`,
    /// (`stop`: the
    /// STOPSIGNAL line).
    SIGNAL_SHELL_FORM = "signal-shell-form";
    /// A script is process 1 and waits for a child. Facts: `first`, `child`, `signal`, `limit`, (`stop`).
    SIGNAL_SHELL_WAITS = "signal-shell-waits";
    /// Process 1 has no handler, so that the kernel drops the signal. Facts: `first`, `signal`, `limit`, (`stop`).
    SIGNAL_IGNORED = "signal-ignored";
    /// It ended, but too late. Facts: `first`, `took`, `signal`, `limit`, (`stop`).
    SIGNAL_SLOW = "signal-slow";
    /// Ended in time with another exit code. Facts: `exit`, `want`, `signal`, (`number`: of the signal that it died
    /// of).
    SIGNAL_EXIT = "signal-exit";
}
