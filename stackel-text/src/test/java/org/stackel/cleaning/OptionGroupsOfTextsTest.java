package org.stackel.cleaning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.auc.DeepAuc;
import org.stackel.config.Options;
import org.stackel.experiment.Draft;
import org.stackel.fewshot.HyperRepresentation;
import org.stackel.model.Encoders;
import org.stackel.problem.Problems;
import org.stackel.regularization.Regularization;

/** Options of problems with texts are groups in Java and flat keys in files. */
class OptionGroupsOfTextsTest {
  /** The order of version 0.1 with present names, and what came later. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "data-cleaning|data trusted test format text text2 label only encoding noLabel keepLabel"
            + " mergeClasses dropDuplicates trainSize trustedSize testSize grouping noise noiseRate noiseDraw encoder vectors hidden layers pooling"
            + " headHidden maxTokens batch upperBatch upperData regularization penalty x0"
            + " retraining",
        "deep-auc|data test format text text2 label only encoding noLabel keepLabel mergeClasses dropDuplicates positive imratio trainSize testSize"
            + " encoder vectors hidden layers pooling headHidden logits maxTokens form margin ratio"
            + " lower score batch upperBatch split pretraining",
        "hyper-representation|data test format text text2 label domain only encoding noLabel keepLabel mergeClasses dropDuplicates split heldOut testShare"
            + " validationShare perClass ways shots queries tasks validationTasks testTasks taskBatch"
            + " heads regularization penalty crossData encoder hidden layers attentionHeads inner pooling vectors tokenizer"
            + " maxTokens projection featureScale headHidden testSteps testLr",
        "regularization|data test format text text2 label domain only encoding noLabel keepLabel mergeClasses dropDuplicates heldOut trainSize"
            + " validationShare testSize taskSize tasks testTasks encoder vectors hidden layers"
            + " pooling headHidden maxTokens strengths form penalty x0 batch upperBatch",
        "logistic-hpo|data validation test label split featureColumns ignoreColumns encoding noLabel keepLabel mergeClasses dropDuplicates examples features classes noise"
            + " validationShare testShare scaling loss strengths form least most batch upperBatch"
            + " start x0 yDeviation",
      })
  void filesHaveTheKeysInTheirOrder(String problem, String keys) {
    assertThat(Problems.named(problem).options().keySet()).containsExactly(keys.split(" "));
  }

  @Test
  void formerNamesAreRead() {
    var cleaning =
        (DataCleaning)
            Problems.create("data-cleaning", Map.of("model", "gru", "startWeight", 2), Set.of());
    assertThat(cleaning.network().encoder()).isEqualTo(new CleaningModel(Encoders.GRU));
    assertThat(cleaning.x0()).isEqualTo(2);
    assertThat(cleaning.batches().batch()).as("what suits a network").isEqualTo(128);
    assertThat(Options.toMap(cleaning)).containsEntry("encoder", "gru").doesNotContainKey("model");
    assertThat(
            Options.toMap(
                (Record) Problems.create("hyper-representation", Map.of("regularizer", "norm"))))
        .containsEntry("penalty", "norm")
        .doesNotContainKey("regularizer");
    assertThatThrownBy(
            () -> Problems.create("data-cleaning", Map.of("model", "rnn", "encoder", "rnn")))
        .hasMessageContaining("'model', a former name, can be removed");
  }

  /** An option of the command line replaces that of the file, under whatever name. */
  @ParameterizedTest
  @CsvSource({"model, encoder", "encoder, model", "model, model"})
  void theLastNameCounts(String inFile, String set) {
    var draft =
        Draft.of(
            "test",
            Map.of(
                "problem",
                Map.of("type", "data-cleaning", inFile, "rnn"),
                "algorithm",
                Map.of("type", "slip")));
    draft.set("problem." + set + "=lstm");
    var problem = (DataCleaning) draft.experiment().problem();
    assertThat(problem.network().encoder()).isEqualTo(new CleaningModel(Encoders.LSTM));
    draft.set("problem." + set + "=cnn");
    assertThatThrownBy(draft::experiment)
        .hasMessageStartingWith("--set problem." + set + ": The encoder (cnn) of data-cleaning");
  }

  @Test
  void buildersAreFlat() {
    var cleaning =
        DataCleaning.builder()
            .encoder(new CleaningModel(Encoders.RNN))
            .hidden(64)
            .retraining(r -> r.steps(100))
            .build();
    assertThat(cleaning)
        .isEqualTo(
            Problems.create(
                "data-cleaning",
                Map.of("encoder", "rnn", "hidden", 64, "retraining", Map.of("steps", 100))));
    assertThat(HyperRepresentation.builder().ways(3).hidden(64).build())
        .isEqualTo(Problems.create("hyper-representation", Map.of("ways", 3, "hidden", 64)));
    assertThat(DeepAuc.builder().imratio(0.1).headHidden(4, 3).build())
        .isEqualTo(
            Problems.create("deep-auc", Map.of("imratio", 0.1, "headHidden", List.of(4, 3))));
    assertThat(new Regularization().withX0(-3).withTaskSize(16))
        .isEqualTo(Problems.create("regularization", Map.of("x0", -3, "taskSize", 16)));
    assertThatThrownBy(() -> HyperRepresentation.builder().ways(1).build())
        .hasMessageContaining("The ways (1) must be at least 2.");
    assertThatThrownBy(() -> Problems.create("hyper-representation", Map.of("ways", 1)))
        .hasMessageContaining("The ways (1) of hyper-representation must be at least 2.");
  }
}
