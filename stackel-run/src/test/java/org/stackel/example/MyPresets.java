package org.stackel.example;

import java.util.List;
import org.stackel.preset.Preset;
import org.stackel.preset.PresetProvider;

/** Offers the presets of this jar. */
public final class MyPresets implements PresetProvider {
  @Override
  public List<Preset> presets() {
    return List.of(Preset.read(MyPresets.class, "stiff-quadratic.json"));
  }
}
