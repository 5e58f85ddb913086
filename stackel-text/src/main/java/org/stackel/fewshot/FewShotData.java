package org.stackel.fewshot;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.model.EncodedTexts;
import org.stackel.model.Inputs;

/**
 * The tasks of a hyper-representation problem and their texts.
 *
 * @param texts what an encoder reads of all examples of all tasks
 * @param vectors the same examples as sequences of word vectors
 * @param hasPairs whether an example is two texts
 * @param classes what the outputs of a head mean; empty if that is another thing in every task
 * @param train the training tasks; their examples are numbers of {@code texts}
 * @param validation the validation tasks, likewise; null if there are none
 * @param test the test tasks, likewise
 * @param sources SHA-256 of each file read
 * @param remarks what a reader should know: what is held out, guessed columns
 */
public record FewShotData(
    EncodedTexts texts,
    Inputs vectors,
    boolean hasPairs,
    List<String> classes,
    FewShotTasks train,
    @Nullable FewShotTasks validation,
    FewShotTasks test,
    Map<String, String> sources,
    List<String> remarks) {}
