package org.stackel.preset;

import java.util.List;
import java.util.stream.Stream;

/** Presets of problems with texts. */
public final class TextPresets implements PresetProvider {
  @Override
  public List<Preset> presets() {
    return Stream.of(
            "auc-amazon.json",
            "auc-sentiment140.json",
            "clean-sentiment140.json",
            "clean-snli.json",
            "clean-wordnet.json",
            "ho-amazon.json",
            "hr-amazon.json",
            "hr-snli.json",
            "hr-trec.json",
            "hr-wordnet.json")
        .map(file -> Preset.read(TextPresets.class, file))
        .toList();
  }
}
