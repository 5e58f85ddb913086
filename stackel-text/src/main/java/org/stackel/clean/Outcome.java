package org.stackel.clean;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a study finds.
 *
 * @param judgement of the suspects
 * @param scores of the suspects, mean over folds
 * @param transition how labels go wrong; of the first fold
 * @param wrongShare estimated share of wrong labels
 * @param weights of the detectors in the combination, by name
 * @param candidates what was tried, in order
 * @param chosen which of them is used
 * @param verdict whether cleaning helps, in a sentence
 * @param calibration of the suspicion on trusted rows
 * @param model the final model
 */
record Outcome(
    Judgement judgement,
    Evidence scores,
    @Nullable Transition transition,
    double wrongShare,
    Map<String, Double> weights,
    List<CleanResult.Candidate> candidates,
    Remedy chosen,
    String verdict,
    List<CleanResult.Bin> calibration,
    Softmax model) {}
