package org.stackel.example;

import java.nio.file.Path;
import java.util.List;
import org.stackel.model.TextClassifier;
import org.stackel.predict.Predict;

/** The code in docs/predict.md. */
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
}
