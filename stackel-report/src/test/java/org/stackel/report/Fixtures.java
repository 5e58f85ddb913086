package org.stackel.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Run directories as a runner writes them. */
final class Fixtures {
  private Fixtures() {}

  /** A run of few steps whose last metrics are those of its last line. */
  static Path run(Path directory, String algorithm, long seed, String... metricsLines)
      throws IOException {
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve("experiment.json"),
        """
        {"problem": {"type": "quadratic", "A": [[2]]},
         "algorithm": {"type": "%s", "upperLr": 0.05},
         "seed": %d, "steps": 100}
        """
            .formatted(algorithm, seed));
    Files.writeString(
        directory.resolve("provenance.json"),
        """
        {"stackel": "0.1.0", "commit": "4f0c2d1e", "libtorch": "2.10.0", "javacpp": "1.5.13", "blas": "MKL 2025.3",
         "jvm": "17.0.15", "os": "Linux amd64", "cpu": "12th Gen Example CPU", "threads": 2, "device": "cpu",
         "worldSize": 1, "inputs": {"train.csv": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
         "seed": %d, "start": "2026-01-05T09:12:44Z"}
        """
            .formatted(seed));
    Files.writeString(directory.resolve("metrics.jsonl"), String.join("\n", metricsLines) + "\n");
    outcome(directory, "completed", 100, metrics(metricsLines[metricsLines.length - 1]));
    return directory;
  }

  static void outcome(Path directory, String status, long step, String metrics) throws IOException {
    Files.writeString(
        directory.resolve("outcome.json"),
        "{\"status\":\"%s\",\"step\":%d,\"seconds\":1.5,\"metrics\":%s}"
            .formatted(status, step, metrics));
  }

  /** A line of metrics.jsonl; {@code metrics} is the inside of an object. */
  static String line(long step, double seconds, String metrics) {
    return ("{\"step\":%d,\"epoch\":0.5,\"seconds\":%s,\"oracle\":{\"gradientF\":%d,\"gradientG\":%d,"
            + "\"hessianVector\":%d,\"crossVector\":%d},\"metrics\":{%s}}")
        .formatted(step, seconds, step, 2 * step, 3 * step, step, metrics);
  }

  private static String metrics(String line) {
    return line.substring(line.indexOf("\"metrics\":") + 10, line.length() - 1);
  }

  /**
   * A comparison as it comes out of cleaning noisy labels: three algorithms, three seeds of each
   * (one diverges), eight other methods, two settings of which the second has no runs.
   */
  static Path comparison(Path directory) throws IOException {
    Files.createDirectories(directory);
    var runs = new ArrayList<String>();
    double[][] ends = {{0.483, 1.4, 1.0}, {0.475, 2.1, 0.75}, {0.466, 6.3, 0.45}};
    List<String> algorithms = List.of("slip", "bo-rep", "adambo");
    for (int a = 0; a < 3; a++) {
      for (int seed = 0; seed < 3; seed++) {
        String name = algorithms.get(a) + "-seed" + seed;
        cleaning(directory.resolve(name), algorithms.get(a), seed, ends[a], a == 2 && seed == 2);
        runs.add("\"" + name + "\"");
      }
    }
    Files.writeString(
        directory.resolve("comparison.json"),
        """
        {"title": "Cleaning 40 %% wrong labels: WordNet topics",
         "notes": ["The early-stopping baseline was tuned on the same trusted examples that the bilevel methods use.",
                   "With uniformly wrong labels the bilevel methods do not beat confident learning with validation data."],
         "sections": [
          {"title": "Linear model, pair-flipped labels",
           "notes": ["“trained on true labels” sees the labels before they were changed; no method can."],
           "columns": [
             {"key":"testAccuracy","label":"test accuracy","better":"higher","format":"0.000"},
             {"key":"auroc","label":"AUROC of wrong labels","better":"higher","format":"0.000"},
             {"key":"f1","label":"F1 of wrong labels","better":"higher","format":"0.000"},
             {"key":"seconds","label":"seconds","better":"lower","format":"0.0"}],
           "rows": [%s],
           "budget": {"kind": "oracle", "amount": 4003,
             "text": "Budget of every run: 4,003 oracle calls, what slip used in 1,000 steps on seed 0."},
           "primary": "testAccuracy",
           "tests": {"metric": "testAccuracy", "reference": "slip", "test": "paired t-test", "rows": [
             {"method": "bo-rep", "n": 3, "difference": -0.002, "se": 0.0015, "p": 0.3132},
             {"method": "validation-model pruning", "n": 3, "difference": -0.005, "se": 0.0004, "p": 0.00634},
             {"method": "plain training", "n": 3, "difference": -0.119, "se": 0.002, "p": 0.00028},
             {"method": "trained on true labels", "n": 3, "difference": -0.0001, "se": 0, "p": null}]},
           "target": {"metric": "testAccuracy", "label": "test accuracy", "better": "higher", "value": 0.4512,
             "source": "reached by all", "rows": [
             {"method": "slip", "reached": 3, "runs": 3, "steps": {"mean": 525, "sd": 30, "se": 17.3, "n": 3},
              "seconds": {"mean": 1.05, "sd": 0.1, "se": 0.06, "n": 3}, "oracleCalls": {"mean": 2103, "sd": 120, "se": 69.3, "n": 3},
              "samples": {"mean": 4206, "sd": 240, "se": 138.6, "n": 3},
              "median": {"steps": 520, "seconds": 1.04, "oracleCalls": 2083, "samples": 4166}},
             {"method": "bo-rep", "reached": 1, "runs": 3, "steps": {"mean": 700, "sd": 0, "se": null, "n": 1},
              "seconds": {"mean": 2.1, "sd": 0, "se": null, "n": 1}, "oracleCalls": {"mean": 2453, "sd": 0, "se": null, "n": 1}},
             {"method": "adambo", "reached": 0, "runs": 3}]},
           "tuning": {"metric": "upperLoss", "label": "upper loss", "better": "lower", "seeds": [1000, 1001], "rows": [
             {"method": "slip", "chosen": 3, "points": 8, "diverged": 1, "values": {"upperLr": 0.5, "lowerLr": {"type": "power", "initial": 2, "exponent": 0.5}},
              "score": 1.234, "defaults": {"upperLr": 0.05}, "scoreOfDefaults": "Infinity"},
             {"method": "bo-rep", "chosen": 0, "points": 8, "diverged": 0, "values": {"upperLr": 0.05},
              "score": 1.3, "defaults": {"upperLr": 0.05}, "scoreOfDefaults": 1.3}]},
           "runs": [%s]},
          {"title": "Linear model, uniformly wrong labels", "notes": [],
           "columns": [{"key":"testAccuracy","label":"test accuracy","better":"higher","format":"0.0%%"}],
           "rows": [
             {"method":"slip","kind":"bilevel","values":{"testAccuracy":{"mean":0.4912,"sd":0.004,"n":3}}},
             {"method":"confident learning + validation","kind":"baseline","values":{"testAccuracy":{"mean":0.4921,"sd":0.003,"n":3}}}],
           "runs": []}]}
        """
            .formatted(rows(), String.join(",", runs)));
    return directory;
  }

  private static String rows() {
    String[] rows = {
      "slip|bilevel|0.483 0.001|0.882 0.002|0.770 0.003|2.1 0.1",
      "bo-rep|bilevel|0.481 0.002|0.881 0.003|0.768 0.002|3.4 0.2",
      "adambo|bilevel|0.470 0.006|0.852 0.010|0.741 0.009|9.8 0.4",
      "adambo + trusted|bilevel|0.474 0.005|0.852 0.010|0.741 0.009|9.8 0.4",
      "plain training|baseline|0.364 0.008|||0.7 0.0",
      "plain, early stopping|baseline|0.389 0.006|||0.8 0.0",
      "trusted examples only|baseline|0.402 0.004|||0.2 0.0",
      "noisy + trusted|baseline|0.401 0.007|||0.8 0.0",
      "confident learning|baseline|0.428 0.006|0.602 0.006|0.578 0.004|4.1 0.1",
      "confident learning + validation|baseline|0.434 0.002|0.602 0.006|0.578 0.004|4.2 0.1",
      "validation-model pruning|baseline|0.478 0.007|0.867 0.007||1.1 0.1",
      "loss truncation|baseline|0.371 0.009|0.611 0.008|0.560 0.010|1.4 0.1",
      "trained on true labels|reference|0.503 0.002|||0.7 0.0",
    };
    String[] keys = {"testAccuracy", "auroc", "f1", "seconds"};
    var json = new ArrayList<String>();
    for (String row : rows) {
      String[] parts = row.split("\\|", -1);
      var values = new ArrayList<String>();
      for (int i = 0; i < keys.length; i++) {
        String[] value = parts[i + 2].split(" ", -1);
        if (value.length == 2) {
          values.add(
              "\"%s\":{\"mean\":%s,\"sd\":%s,\"n\":3}".formatted(keys[i], value[0], value[1]));
        }
      }
      json.add(
          "{\"method\":\"%s\",\"kind\":\"%s\",\"values\":{%s}}"
              .formatted(parts[0], parts[1], String.join(",", values)));
    }
    return String.join(",\n", json);
  }

  private static void cleaning(
      Path directory, String algorithm, long seed, double[] shape, boolean diverges)
      throws IOException {
    var lines = new ArrayList<String>();
    double end = shape[0];
    for (long step = 0; step <= 1000; step += 25) {
      double t = step / 1000.0;
      double wave = Math.sin(step * 0.07 + seed * 2.1) * 0.008 * (1 - t / 2) + (seed - 1) * 0.006;
      double accuracy = 0.08 + (end - 0.08) * (1 - Math.exp(-4.5 * shape[2] * t)) + wave;
      double loss = 3.2 * Math.exp(-2.2 * shape[2] * t) + 1.9 + 3 * wave;
      double norm = Math.pow(10, -0.5 - 3.2 * shape[2] * t + 14 * wave);
      boolean lost = diverges && step > 600;
      lines.add(
          line(
              step,
              step * shape[1] / 700,
              String.format(
                  Locale.ROOT,
                  "\"upperLoss\":%s,\"testAccuracy\":%s,\"hypergradientNorm\":%s,\"auroc\":%s",
                  lost ? "\"NaN\"" : loss,
                  lost ? "\"NaN\"" : accuracy,
                  lost ? "\"Infinity\"" : norm,
                  lost ? "\"NaN\"" : 0.5 + 0.38 * (1 - Math.exp(-6 * shape[2] * t)) + wave)));
      if (lost) {
        break;
      }
    }
    run(directory, algorithm, seed, lines.toArray(String[]::new));
    if (diverges) {
      outcome(directory, "diverged", 612, "{\"upperLoss\":\"NaN\"}");
    }
    weights(directory.resolve("weights.csv"), seed);
  }

  private static void weights(Path file, long seed) throws IOException {
    String[] texts = {
      "any of various long-legged wading birds with a long neck and bill",
      "a small sum of money, \"pin money\", set aside for trifles",
      "the act of moving something from one place to another; <b>not</b> markup & not a problem",
      "a musical composition in several movements, often for one instrument with an orchestra, in which the soloist is"
          + " set against the whole and a cadenza is left to the performer",
      "having to do with the sea",
    };
    String[] labels = {"animal", "possession", "act", "artifact", "attribute"};
    var csv = new StringBuilder("row,label,weight,suspected,suggested,flipped,text\n");
    for (int i = 0; i < 60; i++) {
      int topic = (int) ((i * 7 + seed) % 5);
      boolean flipped = i < 26 && i % 6 != 4;
      csv.append(
          String.format(
              Locale.ROOT,
              "%d,%s,%.5f,%b,%s,%b,\"%s\"%n",
              100 + (i * 37) % 900,
              labels[flipped ? (topic + 1) % 5 : topic],
              0.002 + i * 0.016 + seed * 0.0003,
              i < 24,
              i < 24 ? labels[topic] : "",
              flipped,
              texts[topic].replace("\"", "\"\"")));
    }
    Files.writeString(file, csv);
  }

  /** A run of cleaning to be reviewed: texts of several scripts, hostile ones, long ones. */
  static Path review(Path directory, int rows) throws IOException {
    Files.createDirectories(directory);
    String[] classes = {"billing", "refund, partial", "<b>bold</b>", "\u0623\u062e\u0631\u0649"};
    String[] texts = {
      "the invoice has a wrong address, and is \"paid\"",
      "</script><script>window.hacked = 1</script><img src=x onerror=window.hacked=1>",
      "\u0637\u0644\u0628\u062a \u0627\u0644\u0643\u062a\u0627\u0628 \u0645\u0646\u0630 \u0623\u0633\u0628\u0648\u0639\u064a\u0646",
      "two lines\nof a text that is long ".repeat(200),
      "{{script}} ${1} \u2028 half of a pair: \ud83d",
      "",
    };
    var lines = new ArrayList<String>();
    for (int i = 0; i < rows; i++) {
      var neighbour = Map.of("record", i + 2, "text", texts[(i + 1) % 6], "label", classes[1]);
      var line = new LinkedHashMap<String, Object>();
      line.put("record", 2 * i + 1);
      line.put("line", 3 * i + 2);
      line.put("id", Map.of("ticket", "T<" + i + ">"));
      line.put("fields", Map.of("text", texts[i % 6]));
      line.put("label", classes[i % 4]);
      line.put("suggested", classes[(i + 1) % 4]);
      line.put("probability", 0.9);
      line.put("suspicion", 1 - (double) i / (rows + 1));
      line.put("suspected", i < rows - 5);
      line.put("scores", Map.of("weight", 0.12345, "selfConfidence", 0.5));
      line.put("neighbours", List.of(neighbour, neighbour));
      lines.add(JsonMapper.shared().writeValueAsString(line).replace("\ud83d", "\\ud83d"));
    }
    Files.write(directory.resolve("review.jsonl"), lines);
    var info = new LinkedHashMap<String, Object>();
    info.put("data", "my data/tickets.csv");
    info.put("sha256", "ab".repeat(32));
    info.put("classes", List.of(classes));
    info.put("rows", 10 * rows);
    info.put("suspected", rows - 5);
    info.put("title", "tickets <script>");
    Files.writeString(
        directory.resolve("review-info.json"), JsonMapper.shared().writeValueAsString(info));
    return directory;
  }
}
