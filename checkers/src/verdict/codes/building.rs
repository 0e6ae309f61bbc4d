//! Of a Dockerfile, its build and its image: the learner's.

codes! {
    /// No Dockerfile in the submission.
    NO_DOCKERFILE = "no-dockerfile";
    /// A Dockerfile that is asked for by its name is not there. Facts: `file`.
    NO_SUCH_DOCKERFILE = "no-such-dockerfile";
    /// It has 0 bytes, or comments only.
    DOCKERFILE_EMPTY = "dockerfile-empty";
    /// Over 1 MB. Facts: `size`.
    DOCKERFILE_TOO_BIG = "dockerfile-too-big";
    /// Not UTF-8. Facts: `offset`.
    DOCKERFILE_NOT_UTF8 = "dockerfile-not-utf8";
    /// It does not parse. Facts: `message` (the builder's words, English).
    SYNTAX = "syntax";
    /// The context is beyond what is uploaded. Facts: `size`, `limit`, `biggest` (list).
    CONTEXT_TOO_BIG = "context-too-big";
    /// The context has more files than are uploaded. Facts: `limit`.
    CONTEXT_TOO_MANY = "context-too-many";
    /// A line of .dockerignore is no pattern. Facts: `file`, `line`, `pattern`.
    IGNORE_PATTERN = "ignore-pattern";
    /// A symlink of the submission points out of it. Facts: `path`, `target`.
    SYMLINK_OUT = "symlink-out";
    /// A RUN step ended with an error. Facts: `step`, `exit`, `tail`.
    RUN_FAILED = "run-failed";
    /// COPY or ADD found nothing. Facts: `step`, `path`, `nearby` (list: files with nearly that name, often empty).
    COPY_NOT_FOUND = "copy-not-found";
    /// COPY found nothing because .dockerignore leaves it out. Facts: `path`.
    COPY_IGNORED = "copy-ignored";
    /// COPY of a path that an earlier stage makes, without `--from`. Facts: `path`, `stages` (list).
    COPY_WITHOUT_FROM = "copy-without-from";
    /// `COPY --from` found nothing in that stage or image. Facts: `step`, `path`, `from`.
    COPY_NOT_IN_STAGE = "copy-not-in-stage";
    /// FROM, `COPY --from` or `--mount from=` names a stage that is not there (misspelt, or defined further down).
    /// Facts: `name`, `near`, `stages` (list).
    STAGE_UNKNOWN = "stage-unknown";
    /// A script of package.json calls a program that the install above left out with the development packages.
    /// Facts: `step`, `tool`, `install`. Lines: the install and RUN.
    RUN_DEV_TOOL = "run-dev-tool";
    /// A RUN step needs a file that no line above it copies. Facts: `step`, `file`, `copy` (what to write behind COPY).
    RUN_BEFORE_COPY = "run-before-copy";
    /// A RUN step looks for a file that was copied, but elsewhere. Facts: `step`, `file`, `copy`, `workdir`. Lines: RUN
    /// and COPY.
    RUN_WRONG_FOLDER = "run-wrong-folder";
    /// A RUN step calls a program that its stage does not have. Facts: `step`, `tool`, `base`.
    RUN_TOOL_MISSING = "run-tool-missing";
    /// A RUN step may not write where it wants to, because USER came first. Facts: `step`, `user`.
    RUN_NOT_PERMITTED = "run-not-permitted";
    /// The build needed a network which the exercise does not give. Facts: `step`.
    BUILD_NEEDS_NETWORK = "build-needs-network";
    /// Any other build error. Facts: `message`.
    BUILD_FAILED = "build-failed";
    /// The build passed its deadline. Facts: `limit`, `step`.
    BUILD_TIMEOUT = "build-timeout";
    /// The build said nothing for too long. Facts: `limit`, `step`.
    BUILD_IDLE = "build-idle";
    /// Too few stages that the target needs. Facts: `have`, `want`, `unreachable` (list).
    STAGES_TOO_FEW = "stages-too-few";
    /// Too many. Facts: `have`, `want`.
    STAGES_TOO_MANY = "stages-too-many";
    /// A stage is there but nothing needs it. Facts: `stage`.
    STAGE_UNREACHABLE = "stage-unreachable";
    /// A stage with that name is missing. Facts: `stage`.
    STAGE_MISSING = "stage-missing";
    /// The final base is another. Facts: `base`, `want` (list).
    FINAL_BASE_WRONG = "final-base-wrong";
    /// Too many bytes above the base. Facts: `added`, `limit`, `worst` (text of the line), `worst-bytes`, `biggest`
    /// (list:
    /// the biggest folders that the line brought, each with its size).
    ADDED_TOO_BIG = "added-too-big";
    /// The image is too big. Facts: `total`, `limit`, `base`, `base-bytes`, `worst` (text of the heaviest line of
    /// your own),
    /// `worst-bytes`.
    TOTAL_TOO_BIG = "total-too-big";
    /// Not smaller enough than the starter. Facts: `starter`, `total`, `times`, `want`, `base`, `base-bytes`,
    /// `worst`,
    /// `worst-bytes`.
    NOT_SMALLER = "not-smaller";
    /// A later layer only hid or copied the bytes of an earlier one. Facts: `wasted`, `how` (`removed`, `replaced`,
    /// `owner`,
    /// `mode`, `again`), `size`, `limit`. Lines: the one that put the bytes there and the one that hid them.
    WASTE = "waste";
    /// Lines of the learner's own store bytes that nobody can see. Facts: `wasted`, `limit`, `added`; of the worst
    /// two lines
    /// `how` (as above), `bytes`, `put` (the line that put them), `step` (the line that hid or copied them),
    /// `examples` (list).
    WASTED = "wasted";
    /// A value that the build was given lies in a layer. Facts: `secret`, `paths` (list), `step`.
    SECRET_IN_LAYER = "secret-in-layer";
    /// It was deleted again, and the layer below keeps it. Facts: `secret`, `paths` (list), `step`.
    SECRET_HIDDEN = "secret-hidden";
    /// It stands in the image's history. Facts: `secret`, `step`.
    SECRET_IN_HISTORY = "secret-in-history";
    /// It stands in the environment, a label or the command. Facts: `secret`, `names` (list of variables).
    SECRET_IN_CONFIG = "secret-in-config";
    /// The build did not use it. Facts: `secret`, `path` (where its fingerprint should be).
    SECRET_UNUSED = "secret-unused";
    /// Two images differ in more layers than asked. Facts: `stage`, `shared`, `own`, `limit`, `bytes`, `step`,
    /// `other` (the
    /// lines at which they part).
    LAYERS_APART = "layers-apart";
    /// Both stages are one and the same image. Facts: `stage`.
    IMAGES_SAME = "images-same";
    /// A compiler's cache stayed in a layer. Facts: `cache` (folder), `bytes`, `size`, `limit`.
    BUILD_CACHE = "build-cache";
    /// A package manager's cache stayed in a layer. Facts: `cache` (folder), `bytes`, `size`, `limit`.
    PACKAGE_CACHE = "package-cache";
    /// Packages that package.json needs for development only. Facts: `packages` (list), `bytes`, `size`, `limit`.
    DEV_DEPENDENCIES = "dev-dependencies";
    /// A path that must not be there is. Facts: `paths` (list), `count`, `bytes`.
    PATH_PRESENT = "path-present";
    /// It came with the base image, not with a line of the learner's. Facts: `paths` (list), `count`, `bytes`,
    /// `base`.
    PATH_FROM_BASE = "path-from-base";
    /// A tool that must not be there is. Facts: `tools` (list), `path`.
    TOOL_PRESENT = "tool-present";
    /// It came with the base image. Facts: `tools` (list), `path`, `base`.
    TOOL_FROM_BASE = "tool-from-base";
    /// A path that must be there is not. Facts: `path`, `nearby` (list).
    PATH_MISSING = "path-missing";
    /// The step ran again after the edit. Facts: `step`, `cause` (the line that broke the cache), `file`.
    CACHE_MISSED = "cache-missed";
    /// `COPY . .` would be sent too much. Facts: `size`, `limit`, `biggest` (list: what weighs most, each with its
    /// size).
    CONTEXT_TOO_HEAVY = "context-too-heavy";
    /// The test stands in a stage that the image does not need, so that it is never run. Facts: `step`, `stage`,
    /// `file`.
    TEST_NOT_NEEDED = "test-not-needed";
    /// The program was broken, the test ran, and the build went on. Facts: `step`, `stage`, `file`.
    TEST_NOT_BLOCKING = "test-not-blocking";
    /// The broken program failed another step than the one that is to notice. Facts: `step`, `want` (list), `file`.
    BROKEN_ELSEWHERE = "broken-elsewhere";
    /// The edit did not make the step run again: it does not see the file. Facts: `step`, `file`.
    STEP_NOT_RUN = "step-not-run";
    /// The step ran again and did not print what shows what it does. Facts: `step`, `file`, `want`, `log`.
    STEP_SILENT = "step-silent";
    /// The step did everything again. Facts: `step`, `file`, `again` (list: what it printed that it need not have),
    /// `lines`.
    CACHE_NOT_REUSED = "cache-not-reused";
    /// No such step in the Dockerfile. Facts: `want` (list).
    STEP_MISSING = "step-missing";
    /// The file to edit is not in the submission. Facts: `file`.
    EDIT_FILE_MISSING = "edit-file-missing";
    /// The instruction is missing. Facts: `instruction` (as it would be written, in short).
    INSTRUCTION_MISSING = "instruction-missing";
    /// An instruction that must not be there is. Facts: `instruction`.
    INSTRUCTION_PRESENT = "instruction-present";
    /// Lint found something. Facts: `rule` (what to mend first; the others are that rule's own), `found` (list:
    /// each rule
    /// with its line), `count`.
    LINT_FOUND = "lint-found";
}
