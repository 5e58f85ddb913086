package org.stackel.cleaning;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Option;
import org.stackel.config.OptionDoc;
import org.stackel.config.Rules;
import org.stackel.model.Encoders;
import org.stackel.model.TextEncoder;

/**
 * What data cleaning trains: an encoder with a head, or softmax regression.
 *
 * @param encoder the network below the head; null for softmax regression
 */
public record CleaningModel(@Nullable TextEncoder encoder) implements Option {
  private static final String LINEAR_NAME = "linear";

  /** Softmax regression on mean word vectors or TF-IDF. */
  public static final CleaningModel LINEAR = new CleaningModel(null);

  /** The name of the encoder, or {@code linear}. */
  @Override
  public Object toOption() {
    return encoder == null ? LINEAR_NAME : Encoders.name(encoder);
  }

  /**
   * Reads what {@link #toOption} writes.
   *
   * @throws InvalidInputException if no encoder has this name
   */
  public static CleaningModel fromOption(Rules rules, String name, Object value) {
    if (LINEAR_NAME.equals(value)) {
      return LINEAR;
    }
    Map<String, TextEncoder> known = Encoders.all();
    rules.oneOf(name, String.valueOf(value), names(known));
    return new CleaningModel(known.get(String.valueOf(value)));
  }

  private static List<String> names(Map<String, TextEncoder> known) {
    var names = new ArrayList<>(List.of(LINEAR_NAME));
    known.forEach(
        (name, encoder) -> {
          if (!encoder.isPretrained()) {
            names.add(name);
          }
        });
    return names;
  }

  /** The option in words. */
  public static String kind() {
    return "one of " + String.join(", ", names(Encoders.all()));
  }

  /** The names in words. */
  public static List<OptionDoc.Value> values() {
    var values = new ArrayList<OptionDoc.Value>();
    values.add(
        new OptionDoc.Value(
            LINEAR_NAME, "No network: softmax regression on mean word vectors or TF-IDF."));
    TextEncoder.values().stream()
        .filter(value -> names(Encoders.all()).contains(value.word()))
        .forEach(values::add);
    return values;
  }
}
