package org.stackel.text;

import java.util.List;
import java.util.stream.Stream;
import org.stackel.preset.Preset;
import org.stackel.preset.PresetProvider;

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
