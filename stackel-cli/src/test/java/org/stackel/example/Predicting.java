package org.stackel.example;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.stackel.auc.Auc;
import org.stackel.fewshot.Adapt;
import org.stackel.fewshot.Meta;
import org.stackel.model.TextClassifier;
import org.stackel.predict.Predict;
import org.stackel.run.ResultDirectory;
import org.stackel.run.RunDirectory.IfExists;
import org.stackel.tune.Tune;
import org.stackel.tune.Tuned;

/** The code in the documents of commands on somebody's own data. */
final class Predicting {
  private Predicting() {}

  static List<String> classes() {
    // ---- begin: classifier
    try (var classifier = TextClassifier.load(Path.of("runs/tickets"))) {
      String topic = classifier.predict("cannot log in since Monday");
      double[] probabilities = classifier.probabilities("cannot log in since Monday");
      List<String> classes = classifier.classes();
      // ---- end: classifier
      System.out.println(topic + probabilities.length);
      return classes;
    }
  }

  static double file() {
    // ---- begin: file
    Predict predict = Predict.builder().model("runs/tickets").file("new.csv").build();
    Predict.Predicted done = predict.to(Path.of("sorted.csv"));
    // ---- end: file
    return done.accuracy();
  }

  static double tune() {
    // ---- begin: tune
    Tuned tuned = Tune.builder().data("rcv1.svm").build().run();
    double[] strengths = tuned.strengths();
    double testLoss = tuned.results().get(tuned.kept()).testLoss();
    // ---- end: tune
    return strengths[0] + testLoss;
  }

  static double auc() {
    // ---- begin: auc
    try (Auc.Trained trained = Auc.builder().data("reviews.jsonl").positive("bad").build().run()) {
      Auc.Result result = trained.results().get(trained.kept());
      // ---- end: auc
      return result.testAuc();
    }
  }

  static String meta(ResultDirectory head, BooleanSupplier stop, Consumer<String> talk) {
    // ---- begin: meta
    var encoder = ResultDirectory.create(Path.of("runs/encoder"), IfExists.REFUSE);
    Meta.Trained trained =
        Meta.builder().data("reviews.jsonl").domain("product").build().run(encoder, stop, talk);
    Adapt adapt = Adapt.builder().model("runs/encoder").data("new-product.csv").build();
    Adapt.Adapted adapted = adapt.run(head, stop, talk);
    // ---- end: meta
    return trained + String.valueOf(adapted);
  }
}
