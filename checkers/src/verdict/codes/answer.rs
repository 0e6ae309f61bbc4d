//! Of an `answers.yaml`: the learner's.

codes! {
    /// No answers.yaml in the submission.
    NO_ANSWERS = "no-answers";
    /// answers.yaml does not parse. Facts: `message` (English, with line and column).
    ANSWERS_SYNTAX = "answers-syntax";
    /// Nothing stands under that name. Facts: `name`.
    ANSWER_MISSING = "answer-missing";
    /// None of what can be answered. Facts: `name`, `got`, `options` (list).
    ANSWER_UNKNOWN = "answer-unknown";
    /// Wrong, for the reason that the exercise gives. Facts: `name`, `got`, `reason`.
    ANSWER_REASON = "answer-reason";
    /// Not so on this machine. Facts: `name`, `got`, `find` (a command that finds out).
    ANSWER_NOT_SO = "answer-not-so";
    /// Rows of the history were taken for layers, or the reverse. Facts: `name`, `got`, `find`.
    ANSWER_OTHER_COUNT = "answer-other-count";
    /// An instruction that did make a layer. Facts: `name`, `got`, `instruction`, `find`.
    ANSWER_HAS_LAYER = "answer-has-layer";
    /// All right as far as it goes. Facts: `name`, `got`, `missing`, `find`.
    ANSWER_INCOMPLETE = "answer-incomplete";
    /// No size with a unit. Facts: `name`, `got`, `size` (what cannot be read).
    ANSWER_NO_SIZE = "answer-no-size";
    /// The layers are in the reverse order. Facts: `name`, `got`, `find`.
    ANSWER_REVERSED = "answer-reversed";
    /// Too many or too few layers. Facts: `name`, `got`, `find`.
    ANSWER_LAYER_COUNT = "answer-layer-count";
    /// A layer has another size. Facts: `name`, `got`, `layer` (from 1, bottom first), `size`, `within` (per cent),
    /// `find`.
    ANSWER_LAYER_SIZE = "answer-layer-size";
    /// That text is in the image for everybody to see; the deleted one is asked for. Facts: `name`, `got`, `find`.
    ANSWER_VISIBLE = "answer-visible";
    /// That text is in no layer. Facts: `name`, `got`, `find`.
    ANSWER_NOT_IN_LAYERS = "answer-not-in-layers";
}
