package org.stackel.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Algorithms;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionDocs;
import org.stackel.config.Options;
import org.stackel.experiment.Settings;
import org.stackel.preset.Preset;
import org.stackel.preset.Presets;
import org.stackel.preset.Scale;
import org.stackel.problem.Problems;

/** Finds what {@code stackel list} is asked for. */
final class Pages {
  /** Kinds of entries with options or values of their own. */
  private static final List<String> KINDS = List.of("algorithm", "problem", "preset");

  private static final String SETTINGS = "settings";

  private Pages() {}

  /**
   * The page of a name.
   *
   * @param words a topic; or a name, with dots before an option of it; or a kind and a name
   * @throws InvalidInputException if there is none
   */
  static Page find(List<String> words, @Nullable Scale scale) {
    if (words.isEmpty()) {
      return new OverviewPage();
    }
    String first = words.get(0);
    if (words.size() == 1) {
      return CataloguePage.TOPICS.contains(first)
          ? new CataloguePage(List.of(first))
          : find(KINDS, first, scale);
    }
    if (!KINDS.contains(first)) {
      throw new InvalidInputException(
              "'%s' cannot be followed by '%s'.".formatted(first, words.get(1)),
              "one of %s and a name were meant.".formatted(String.join(", ", KINDS)))
          .at("list");
    }
    return find(List.of(first), words.get(1), scale);
  }

  private static Page find(List<String> kinds, String path, @Nullable Scale scale) {
    String[] keys = path.split("\\.", 2);
    String option = keys.length == 1 ? null : keys[1];
    var known = new ArrayList<String>();
    for (String kind : kinds) {
      Page page =
          switch (kind) {
            case "algorithm" -> algorithm(keys[0], option, known);
            case "problem" -> problem(keys[0], option, known);
            default -> preset(keys[0], scale, known);
          };
      if (page != null) {
        return page;
      }
    }
    if (kinds.equals(KINDS)) {
      if (keys[0].equals(SETTINGS)) {
        return settings(option);
      }
      known.addAll(CataloguePage.TOPICS);
      known.add(SETTINGS);
    }
    for (String other : KINDS) {
      if (kinds.size() == 1 && names(other).contains(keys[0])) {
        throw new InvalidInputException(
                "'%s' is not the name of any %s, but that of the %s '%s'."
                    .formatted(keys[0], kinds.get(0), other, keys[0]),
                "`stackel list %s %s` was meant.".formatted(other, path))
            .at("list");
      }
    }
    throw new InvalidInputException(
            "There is no %s '%s'."
                .formatted(kinds.size() == 1 ? kinds.get(0) : "algorithm, problem or preset", path),
            meant(keys[0], known))
        .at("list");
  }

  private static String meant(String name, List<String> known) {
    String nearest = Options.nearest(name, known);
    if (Options.isNear(name, nearest)) {
      return "'%s' was meant; `stackel list` shows all names.".formatted(nearest);
    }
    return "it is misspelled; `stackel list` shows all names.";
  }

  private static List<String> names(String kind) {
    return switch (kind) {
      case "algorithm" -> Algorithms.all().stream().map(Algorithms.Entry::name).toList();
      case "problem" -> Problems.all().stream().map(Problems.Entry::name).toList();
      default -> Presets.all().stream().map(Preset::name).toList();
    };
  }

  private static @Nullable Page algorithm(
      String name, @Nullable String option, List<String> known) {
    for (Algorithms.Entry entry : Algorithms.all()) {
      known.add(entry.name());
      if (entry.name().equals(name)) {
        Map<String, @Nullable Object> facts = Catalogue.facts(entry);
        return options(facts, (Record) entry.defaults(), option);
      }
    }
    return null;
  }

  private static @Nullable Page problem(String name, @Nullable String option, List<String> known) {
    for (Problems.Entry entry : Problems.all()) {
      known.add(entry.name());
      if (entry.name().equals(name)) {
        Map<String, @Nullable Object> facts = Catalogue.facts(entry);
        return options(facts, (Record) entry.defaults(), option);
      }
    }
    return null;
  }

  private static @Nullable Page preset(String name, @Nullable Scale scale, List<String> known) {
    for (Preset preset : Presets.all()) {
      known.add(preset.name());
      if (preset.name().equals(name)) {
        return new PresetPage(preset, scale == null ? Scale.SMALL : scale);
      }
    }
    return null;
  }

  private static Page settings(@Nullable String option) {
    var facts = new LinkedHashMap<String, @Nullable Object>();
    facts.put("name", SETTINGS);
    facts.put("summary", "keys of an experiment besides problem and algorithm");
    return options(facts, new Settings(), option);
  }

  private static Page options(
      Map<String, @Nullable Object> facts, Record defaults, @Nullable String option) {
    OptionDocs docs = OptionDocs.of(defaults);
    if (option == null) {
      return new OptionsPage(facts, docs.options());
    }
    String owner = String.valueOf(facts.get("name"));
    String present = Options.presentName(defaults.getClass(), option);
    if (present != null && !present.equals(option)) {
      throw new InvalidInputException(
              "The option '%s' of %s is called '%s' now; files may have the former name."
                  .formatted(option, owner, present),
              "`stackel list %s.%s` was meant.".formatted(owner, present))
          .at("list");
    }
    try {
      return new OptionsPage(Map.of("name", owner), List.of(docs.find(option, owner)));
    } catch (InvalidInputException e) {
      throw e.at("list");
    }
  }
}
