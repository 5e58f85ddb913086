package org.stackel.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The options of a record in words. Descriptions are the {@code @param} texts of its Javadoc, which
 * the annotation processor for {@link OptionRecord} keeps in {@code META-INF/stackel/options/};
 * everything else is known without it.
 *
 * @param options by key, in the order of the record; those of {@linkplain Inline inlined} groups at
 *     their place
 */
public record OptionDocs(List<OptionDoc> options) {

  /**
   * The options of a class.
   *
   * @param type with a constructor without parameters, which makes the defaults; without one no
   *     defaults are known
   */
  public static OptionDocs of(Class<? extends Record> type) {
    return new OptionDocs(read(type, Options.orDefaults(null, type), ""));
  }

  /** The options of an instance's class, with its values as defaults. */
  public static OptionDocs of(Record defaults) {
    return new OptionDocs(read(defaults.getClass(), defaults, ""));
  }

  /**
   * One option.
   *
   * @param path its key, or keys with dots between
   * @param owner whose options these are, for messages
   * @throws InvalidInputException if there is none
   */
  public OptionDoc find(String path, String owner) {
    List<OptionDoc> level = options;
    String[] keys = path.split("\\.", -1);
    for (int i = 0; ; i++) {
      String prefix = String.join(".", Arrays.copyOf(keys, i + 1));
      OptionDoc found =
          level.stream().filter(each -> each.key().equals(prefix)).findFirst().orElse(null);
      if (found == null) {
        String whose = i == 0 ? owner : keys[i - 1] + " of " + owner;
        int inside = prefix.length() - keys[i].length();
        List<String> known = level.stream().map(each -> each.key().substring(inside)).toList();
        throw Options.unknownKey(keys[i], known, whose);
      }
      if (i == keys.length - 1) {
        return found;
      }
      level = found.options();
    }
  }

  private static List<OptionDoc> read(Class<?> type, @Nullable Record defaults, String prefix) {
    Properties texts = texts(type);
    var docs = new ArrayList<OptionDoc>();
    for (RecordComponent component : type.getRecordComponents()) {
      Object value = defaults == null ? null : Options.read(component, defaults);
      if (Options.isGroup(component)) {
        docs.addAll(
            read(component.getType(), Options.orDefaults(value, component.getType()), prefix));
      } else {
        docs.add(read(component, value, prefix, texts));
      }
    }
    return List.copyOf(docs);
  }

  private static OptionDoc read(
      RecordComponent component, @Nullable Object value, String prefix, Properties texts) {
    String name = component.getName();
    Class<?> type = component.getType();
    boolean isObject = type.isRecord() && !Option.class.isAssignableFrom(type);
    return new OptionDoc(
        prefix + name,
        kind(component.getGenericType(), ""),
        Options.isNullable(component),
        Options.plain(value),
        texts.getProperty(name, ""),
        values(component.getGenericType(), name, texts),
        isObject ? read(type, Options.orDefaults(value, type), prefix + name + ".") : List.of());
  }

  /** What the processor kept of a record or an enumeration; nothing if it did not see it. */
  private static Properties texts(Class<?> type) {
    var texts = new Properties();
    String path = "/META-INF/stackel/options/" + type.getName() + ".properties";
    try (InputStream in = type.getResourceAsStream(path)) {
      if (in != null) {
        texts.load(new InputStreamReader(in, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return texts;
  }

  private static List<OptionDoc.Value> values(Type type, String name, Properties texts) {
    if (type instanceof ParameterizedType list) {
      return values(list.getActualTypeArguments()[0], name, texts);
    }
    if (!(type instanceof Class<?> raw)) {
      return List.of();
    }
    if (Option.class.isAssignableFrom(raw)) {
      return optionValues(raw);
    }
    if (!raw.isEnum()) {
      return List.of();
    }
    Properties own = texts(raw);
    return Arrays.stream(raw.getEnumConstants())
        .map(constant -> (Enum<?>) constant)
        .map(
            constant ->
                new OptionDoc.Value(
                    Options.kebab(constant),
                    texts.getProperty(
                        name + "." + constant.name(), own.getProperty(constant.name(), ""))))
        .toList();
  }

  /** What an option's class says about the words that it can be; nothing if it says nothing. */
  @SuppressWarnings("unchecked")
  private static List<OptionDoc.Value> optionValues(Class<?> type) {
    try {
      return List.copyOf((List<OptionDoc.Value>) type.getMethod("values").invoke(null));
    } catch (NoSuchMethodException e) {
      return List.of();
    } catch (InvocationTargetException e) {
      throw Options.unwrapped(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * A type in words.
   *
   * @param plural "s" for several, else empty
   */
  private static String kind(Type type, String plural) {
    if (type instanceof ParameterizedType list) {
      return "list%s of %s".formatted(plural, kind(list.getActualTypeArguments()[0], "s"));
    }
    Class<?> raw = (Class<?>) type;
    if (Option.class.isAssignableFrom(raw)) {
      return optionKind(raw, plural);
    }
    if (raw == double.class || raw == Double.class) {
      return "number" + plural;
    }
    if (raw == long.class || raw == Long.class || raw == int.class || raw == Integer.class) {
      return "whole number" + plural;
    }
    if (raw == boolean.class || raw == Boolean.class) {
      return "true or false";
    }
    if (raw == String.class) {
      return "text" + plural;
    }
    if (raw.isEnum()) {
      return Arrays.stream(raw.getEnumConstants())
          .map(constant -> Options.kebab((Enum<?>) constant))
          .collect(Collectors.joining(", ", plural.isEmpty() ? "one of " : "words among ", ""));
    }
    return "object" + plural;
  }

  private static String optionKind(Class<?> type, String plural) {
    String name = Options.kebab(type.getSimpleName()).replace('-', ' ');
    try {
      return (String) type.getMethod("kind").invoke(null);
    } catch (NoSuchMethodException e) {
      return name + plural + (hasConstant(type) ? ": a number or an object" : "");
    } catch (InvocationTargetException e) {
      throw Options.unwrapped(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean hasConstant(Class<?> type) {
    return Arrays.stream(type.getMethods())
        .anyMatch(
            each ->
                each.getName().equals("constant")
                    && Arrays.equals(each.getParameterTypes(), new Class<?>[] {double.class}));
  }
}
