package org.stackel.preset;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.plugin.Plugins;

/** The catalogue of presets: those of the class path and of plug-ins. */
public final class Presets {
  /** Names of the scales. */
  static final List<String> SCALES = Arrays.stream(Scale.values()).map(Options::kebab).toList();

  private static final String WHAT = "preset";

  private Presets() {}

  /**
   * All presets, by name.
   *
   * @throws InvalidInputException if a plug-in is broken
   */
  public static List<Preset> all() {
    return List.copyOf(byName().values());
  }

  private static Map<String, Preset> byName() {
    return Plugins.entries(PresetProvider.class, WHAT, PresetProvider::presets, Preset::name);
  }

  /** The preset of this name; null if there is none. */
  public static @Nullable Preset find(String name) {
    return byName().get(name);
  }

  /**
   * The preset of this name.
   *
   * @throws InvalidInputException if there is none
   */
  public static Preset named(String name) {
    return Plugins.find(byName(), name, WHAT);
  }

  /** The scale of this name. */
  public static Scale scale(String word) {
    new Rules("a preset").oneOf("scale", word, SCALES);
    return Scale.valueOf(word.toUpperCase(Locale.ROOT));
  }
}
