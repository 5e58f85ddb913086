package org.stackel.clean;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.runfile.RunFiles;

/**
 * What cleaning found, as {@code clean.json} has it.
 *
 * @param directory where all files are
 * @param data path of the data file, as the user gave it
 * @param rows number of records in the file
 * @param unlabelled records without a label
 * @param classes names of the classes
 * @param trusted number of trusted rows
 * @param suspected number of suspected rows
 * @param wrongShare estimated share of wrong labels; null without trusted rows
 * @param pattern pairs of classes that are mixed up most
 * @param features the features that were chosen
 * @param featuresTried accuracy on trusted rows less a third of the log loss, by features
 * @param candidates what was tried
 * @param chosen title of the candidate that made the model
 * @param verdict whether cleaning helps, in a sentence
 * @param weights of the scores in the suspicion, by column of weights.csv
 * @param calibration of the suspicion on trusted rows
 * @param testAccuracy accuracy of the model on the test file; null without one
 * @param remarks what a reader should know, in sentences
 * @param inputs SHA-256 of each file read
 */
public record CleanResult(
    Path directory,
    String data,
    int rows,
    int unlabelled,
    List<String> classes,
    int trusted,
    int suspected,
    @Nullable Double wrongShare,
    List<MixUp> pattern,
    String features,
    Map<String, Double> featuresTried,
    List<Candidate> candidates,
    String chosen,
    String verdict,
    Map<String, Double> weights,
    List<Bin> calibration,
    @Nullable Double testAccuracy,
    List<String> remarks,
    Map<String, String> inputs) {

  /** What clean.json says: maps, lists, texts, numbers, truth values and null. */
  public Map<String, @Nullable Object> facts() {
    var facts = new LinkedHashMap<String, @Nullable Object>();
    facts.put("directory", directory.toString());
    facts.put("data", data);
    facts.put("rows", rows);
    facts.put("unlabelled", unlabelled);
    facts.put("classes", classes);
    facts.put("trusted", trusted);
    facts.put("suspected", suspected);
    facts.put("wrongShare", wrongShare);
    facts.put("pattern", pattern.stream().map(RunFiles::toMap).toList());
    facts.put("features", features);
    facts.put("featuresTried", featuresTried);
    facts.put("candidates", candidates.stream().map(RunFiles::toMap).toList());
    facts.put("chosen", chosen);
    facts.put("verdict", verdict);
    facts.put("weights", weights);
    facts.put("calibration", calibration.stream().map(RunFiles::toMap).toList());
    facts.put("testAccuracy", testAccuracy);
    facts.put("remarks", remarks);
    facts.put("inputs", inputs);
    return facts;
  }

  /**
   * A way to train a model.
   *
   * @param title what it is called
   * @param summary what it does
   * @param accuracy on trusted rows left out; null if it was not measured
   * @param low lower end of the 95 % interval
   * @param high upper end of the 95 % interval
   * @param rows number of these rows: fewer for one that was clearly behind on the first of them
   * @param l2 strength of the penalty
   * @param testAccuracy on the test file; null without one
   */
  public record Candidate(
      String title,
      String summary,
      @Nullable Double accuracy,
      @Nullable Double low,
      @Nullable Double high,
      int rows,
      double l2,
      @Nullable Double testAccuracy) {}

  /**
   * Labels that stand where others should.
   *
   * @param right the right class
   * @param given the class that is given in its place
   * @param rate share of the rows of the right class
   */
  public record MixUp(String right, String given, double rate) {}

  /**
   * Rows with about the same suspicion.
   *
   * @param suspicion their mean suspicion
   * @param wrong the share of wrong labels among them
   * @param weight how many they are, by weight
   */
  public record Bin(double suspicion, double wrong, double weight) {}
}
