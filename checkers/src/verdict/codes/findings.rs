//! What an image could do without; decides nothing.

codes! {
    /// A secret by name and content. Facts: `name`, `step`.
    FOUND_SECRET_FILE = "found-secret-file";
    /// One that a later layer hides. Facts: `name`, `step`.
    FOUND_SECRET_HIDDEN = "found-secret-hidden";
    /// A secret value in the history or the environment. Facts: `name` (may be empty), `step`.
    FOUND_SECRET_VALUE = "found-secret-value";
    /// Put by one line, deleted by a later one. Facts: `bytes`, `files`, `put`, `step`, `put-line`, `line`,
    /// `examples` (list).
    FOUND_REMOVED = "found-removed";
    /// Written again with other content. Facts: `bytes`, `files`, `put`, `step`, `put-line`, `line`, `examples`
    /// (list).
    FOUND_REPLACED = "found-replaced";
    /// A package manager's own lists, which an install wrote anew. Facts: `bytes`, `files`, `put`, `step`, `put-line`,
    /// `line`, `examples` (list).
    FOUND_BOOKKEEPING = "found-bookkeeping";
    /// Copied for another owner. Facts: `bytes`, `files`, `put`, `step`, `put-line`, `line`, `examples` (list).
    FOUND_OWNER = "found-owner";
    /// Copied for another mode. Facts: `bytes`, `files`, `put`, `step`, `put-line`, `line`, `examples` (list).
    FOUND_MODE = "found-mode";
    /// Stored twice as it is. Facts: `bytes`, `files`, `put`, `step`, `put-line`, `line`, `examples` (list).
    FOUND_AGAIN = "found-again";
    /// Lists of a package manager. Facts: `tool`, `path`, `bytes`, `step`.
    FOUND_LISTS = "found-lists";
    /// What a package manager downloaded. Facts: `tool`, `path`, `bytes`, `step`.
    FOUND_DOWNLOADS = "found-downloads";
    /// A compiler's cache. Facts: `tool`, `path`, `bytes`, `step`.
    FOUND_BUILD_CACHE = "found-build-cache";
    /// Another program's cache. Facts: `tool`, `path`, `bytes`, `step`.
    FOUND_CACHE = "found-cache";
    /// Compilers that a line of one's own brought. Facts: `tools` (list), `bytes`, `step`.
    FOUND_COMPILER = "found-compiler";
    /// Compilers in the base. Facts: `tools` (list), `bytes`, `step`.
    FOUND_COMPILER_BASE = "found-compiler-base";
    /// Sources of compiled languages. Facts: `tool`, `path`, `bytes`, `step`.
    FOUND_SOURCES = "found-sources";
    /// A version control system's folder. Facts: `tool`, `path`, `bytes`, `step`.
    FOUND_VCS = "found-vcs";
    /// Tests. Facts: `tool`, `path`, `bytes`, `step`.
    FOUND_TESTS = "found-tests";
    /// Manuals. Facts: `tool`, `path`, `bytes`, `step`.
    FOUND_DOCS = "found-docs";
    /// Wheels. Facts: `tool`, `path`, `bytes`, `step`.
    FOUND_WHEELS = "found-wheels";
    /// npm packages for development. Facts: `packages` (list), `bytes`, `step`.
    FOUND_DEV = "found-dev";
    /// Temporary files and logs. Facts: `tool`, `path`, `bytes`, `step`.
    FOUND_TEMPORARY = "found-temporary";
}
