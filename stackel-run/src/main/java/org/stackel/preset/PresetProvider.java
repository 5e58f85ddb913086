package org.stackel.preset;

import java.util.List;

/**
 * Offers presets. Found through {@link java.util.ServiceLoader}: a jar names its provider in {@code
 * META-INF/services/org.stackel.preset.PresetProvider}, and the provider reads its presets from
 * JSON files of the jar with {@link Preset#read}.
 */
public interface PresetProvider {
  /** The presets. */
  List<Preset> presets();
}
