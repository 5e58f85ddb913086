package org.stackel.preset;

import java.util.List;
import java.util.stream.Stream;

/** Presets of problems that need no texts. */
public final class BuiltInPresets implements PresetProvider {
  @Override
  public List<Preset> presets() {
    return Stream.of(
            "logistic.json",
            "matrix-sensing.json",
            "matrix-sensing-stochastic.json",
            "pl-game.json",
            "pl-game-stochastic.json",
            "quadratic-demo.json",
            "quadratic-sum.json")
        .map(file -> Preset.read(BuiltInPresets.class, file))
        .toList();
  }
}
