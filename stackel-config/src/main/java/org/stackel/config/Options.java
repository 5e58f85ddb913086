package org.stackel.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Records as options: a record's components are the keys, one instance holds the defaults.
 *
 * <p>Values are what JSON has: numbers, booleans, strings, lists, maps with string keys, null.
 * Enumerations are written in kebab case. A component that may be left out has a nullable type.
 * Keys of {@linkplain Inline inlined} groups are keys of the owner; {@linkplain Alias former names}
 * are read.
 */
public final class Options {
  /** Number of words that are named where none is near. */
  public static final int MAX_WORDS = 50;

  private Options() {}

  /**
   * The defaults with the given values put in.
   *
   * @param owner whose options these are, for messages
   * @throws InvalidInputException for an unknown key, a value of the wrong kind, or a value that
   *     the record's own constructor, or that of a group in it, refuses
   * @throws IllegalStateException if two options of the record have the same key
   */
  public static <R extends Record> R bind(R defaults, Map<String, ?> given, String owner) {
    Map<String, @Nullable Object> values = current(defaults.getClass(), given, owner);
    try {
      return make(defaults, values, owner);
    } catch (InvalidInputException e) {
      throw asGiven(e, keys(defaults.getClass()), given);
    }
  }

  /** A complaint about an option with the name that it was given by, whose place is known. */
  private static InvalidInputException asGiven(
      InvalidInputException e, Map<String, String> keys, Map<String, ?> given) {
    String path = e.key() == null ? "" : e.key();
    int end = path.contains(".") ? path.indexOf('.') : path.length();
    return given.keySet().stream()
        .filter(key -> path.substring(0, end).equals(keys.get(key)))
        .findFirst()
        .map(key -> e.withKey(key + path.substring(end)))
        .orElse(e);
  }

  /**
   * The given values under the present names of their options.
   *
   * @param type a record class
   * @param owner whose options these are, for messages
   * @throws InvalidInputException for an unknown key, and for two names of one option
   * @throws IllegalStateException if two options of the record have the same key
   */
  public static Map<String, @Nullable Object> current(
      Class<? extends Record> type, Map<String, ?> given, String owner) {
    Map<String, String> keys = keys(type);
    var current = new LinkedHashMap<String, @Nullable Object>();
    var origins = new HashMap<String, String>();
    given.forEach(
        (key, value) -> {
          String name = keys.get(key);
          if (name == null) {
            throw unknownKey(key, new LinkedHashSet<>(keys.values()), owner);
          }
          String other = origins.put(name, key);
          if (other != null) {
            String old = key.equals(name) ? other : key;
            throw new InvalidInputException(
                    "The keys '%s' and '%s' of %s are one option.".formatted(other, key, owner),
                    "'%s', a former name, can be removed.".formatted(old))
                .atKey(old);
          }
          current.put(name, value);
        });
    return current;
  }

  /**
   * All names of an option.
   *
   * @param type a record class
   * @param key the present name or a former one
   * @return both, and other former ones; the key alone if the record has no such option
   */
  public static Set<String> names(Class<? extends Record> type, String key) {
    Map<String, String> keys = keys(type);
    String present = keys.get(key);
    return present == null
        ? Set.of(key)
        : keys.entrySet().stream()
            .filter(each -> each.getValue().equals(present))
            .map(Map.Entry::getKey)
            .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * The present name of an option.
   *
   * @param type a record class
   * @param key the present name or a former one
   * @return null if the record has no such option
   */
  public static @Nullable String presentName(Class<? extends Record> type, String key) {
    return keys(type).get(key);
  }

  /** The keys of a record in order, former names included, with the present name of each. */
  private static Map<String, String> keys(Class<?> type) {
    var keys = new LinkedHashMap<String, String>();
    collect(type, type, keys);
    return keys;
  }

  private static void collect(Class<?> type, Class<?> owner, Map<String, String> keys) {
    for (RecordComponent component : type.getRecordComponents()) {
      if (isGroup(component)) {
        collect(component.getType(), owner, keys);
        continue;
      }
      Alias alias = component.getAnnotation(Alias.class);
      var names = new ArrayList<>(List.of(component.getName()));
      names.addAll(alias == null ? List.of() : List.of(alias.value()));
      for (String name : names) {
        if (keys.put(name, component.getName()) != null) {
          throw new IllegalStateException(
              "%s has two options called %s".formatted(owner.getName(), name));
        }
      }
    }
  }

  /** Whether the components of a component's type stand in its place. */
  static boolean isGroup(RecordComponent component) {
    boolean isGroup = component.isAnnotationPresent(Inline.class);
    if (isGroup && !component.getType().isRecord()) {
      throw new IllegalStateException(component + " is inlined and no record");
    }
    return isGroup;
  }

  private static <R extends Record> R make(
      R defaults, Map<String, @Nullable Object> given, String owner) {
    RecordComponent[] components = defaults.getClass().getRecordComponents();
    @Nullable Object[] values = new @Nullable Object[components.length];
    for (int i = 0; i < components.length; i++) {
      RecordComponent component = components[i];
      String name = component.getName();
      Object fallback = read(component, defaults);
      Object value = given.get(name);
      if (isGroup(component)) {
        values[i] = make((Record) Objects.requireNonNull(fallback, name), given, owner);
      } else if (!given.containsKey(name)) {
        values[i] = fallback;
      } else if (value != null) {
        values[i] = convert(value, component.getGenericType(), fallback, name, owner);
      } else if (!isNullable(component)) {
        throw missing(name, owner);
      }
    }
    try {
      return construct(defaults, components, values);
    } catch (InvalidInputException e) {
      throw e.ofOwner(owner);
    }
  }

  /** Whether an option may be left out for good, which is null in JSON. */
  static boolean isNullable(RecordComponent component) {
    return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
  }

  /** The complaint about a key that nobody knows, naming the nearest known one. */
  public static InvalidInputException unknownKey(
      String key, Collection<String> known, String owner) {
    String maybe =
        known.isEmpty()
            ? "it can be left out: " + owner + " has no keys."
            : meant(key, known, owner + " knows");
    return new InvalidInputException("The key '%s' is unknown to %s.".formatted(key, owner), maybe)
        .atKey(key);
  }

  /** All options with their values, as JSON has them; null where an option is left out. */
  public static Map<String, @Nullable Object> toMap(Record options) {
    var map = new LinkedHashMap<String, @Nullable Object>();
    for (RecordComponent component : options.getClass().getRecordComponents()) {
      Object value = read(component, options);
      if (isGroup(component)) {
        map.putAll(toMap((Record) Objects.requireNonNull(value, component.getName())));
      } else {
        map.put(component.getName(), plain(value));
      }
    }
    return map;
  }

  /**
   * The values of all options as they are in Java, by dotted path; those of nested records and
   * lists, too.
   */
  public static Map<String, Object> values(Record options) {
    var values = new LinkedHashMap<String, Object>();
    for (RecordComponent component : options.getClass().getRecordComponents()) {
      Object value = read(component, options);
      if (isGroup(component)) {
        values.putAll(values((Record) Objects.requireNonNull(value, component.getName())));
      } else {
        put(values, component.getName(), value);
      }
    }
    return values;
  }

  private static void put(Map<String, Object> values, String path, @Nullable Object value) {
    if (value == null) {
      return;
    }
    values.put(path, value);
    if (value instanceof Record nested) {
      values(nested).forEach((key, its) -> values.put(path + "." + key, its));
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        put(values, path + "." + i, list.get(i));
      }
    }
  }

  /**
   * What may have been meant, as the rest of a line after "Maybe": the nearest word if it is near,
   * else that it is one of the words, of which the first {@value #MAX_WORDS} are named.
   */
  public static String meant(String word, Collection<String> words) {
    return isNear(word, nearest(word, words))
        ? "'%s' was meant.".formatted(nearest(word, words))
        : oneOf(words);
  }

  /**
   * The same with all the words behind a near one.
   *
   * @param known what comes before them, such as "known are"
   */
  public static String meant(String word, Collection<String> words, String known) {
    String nearest = nearest(word, words);
    return isNear(word, nearest)
        ? "'%s' was meant; %s %s.".formatted(nearest, known, String.join(", ", words))
        : oneOf(words);
  }

  private static String oneOf(Collection<String> words) {
    String some = words.stream().limit(MAX_WORDS).collect(Collectors.joining(", "));
    return words.size() > MAX_WORDS
        ? "one of %s … was meant.".formatted(some)
        : words.size() == 1
            ? "'%s' was meant, the only one.".formatted(some)
            : "one of %s was meant.".formatted(some);
  }

  /**
   * Whether one word may be a slip of the other: at most two letters in five differ, or one letter
   * behind the same first one, or one contains the other.
   */
  public static boolean isNear(String word, String other) {
    String a = word.toLowerCase(Locale.ROOT);
    String b = other.toLowerCase(Locale.ROOT);
    boolean contains = Math.min(a.length(), b.length()) > 2 && (a.contains(b) || b.contains(a));
    int distance = distance(a, b);
    boolean isOneLetter = distance == 1 && a.regionMatches(0, b, 0, 1);
    return contains || isOneLetter || 5 * distance <= 2 * Math.max(a.length(), b.length());
  }

  /** The word of the collection with the smallest edit distance. */
  public static String nearest(String word, Collection<String> words) {
    String best = "";
    int least = Integer.MAX_VALUE;
    for (String candidate : words) {
      int distance = distance(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (distance < least) {
        least = distance;
        best = candidate;
      }
    }
    return best;
  }

  /** {@code EVERY_STEP} becomes {@code every-step}. */
  public static String kebab(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@code VrMsgBio} becomes {@code vr-msg-bio}. */
  public static String kebab(String className) {
    return className
        .replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-")
        .toLowerCase(Locale.ROOT);
  }

  /** A value as JSON has it. */
  static @Nullable Object plain(@Nullable Object value) {
    if (value instanceof Option option) {
      return option.toOption();
    }
    if (value instanceof Record options) {
      return toMap(options);
    }
    if (value instanceof Enum<?> constant) {
      return kebab(constant);
    }
    if (value instanceof List<?> list) {
      var copy = new ArrayList<@Nullable Object>();
      list.forEach(element -> copy.add(plain(element)));
      return copy;
    }
    return value;
  }

  private static Object convert(
      Object value, Type type, @Nullable Object fallback, String name, String owner) {
    Class<?> raw =
        type instanceof ParameterizedType parameterized
            ? (Class<?>) parameterized.getRawType()
            : (Class<?>) type;
    if (Option.class.isAssignableFrom(raw)) {
      return fromOption(raw, name, value, owner);
    }
    if (raw == double.class || raw == Double.class) {
      return number(value, name, owner).doubleValue();
    }
    if (raw == long.class || raw == Long.class) {
      return whole(value, name, owner);
    }
    if (raw == int.class || raw == Integer.class) {
      long whole = whole(value, name, owner);
      if (whole != (int) whole) {
        throw wrongKind(name, value, "must be less than 2^31", owner);
      }
      return (int) whole;
    }
    if (raw == boolean.class || raw == Boolean.class) {
      if (value instanceof Boolean) {
        return value;
      }
      throw wrongKind(name, value, "must be true or false", owner);
    }
    if (raw == String.class) {
      if (value instanceof String) {
        return value;
      }
      throw wrongKind(name, value, "must be a text", owner);
    }
    if (raw.isEnum()) {
      return constant(raw, value, name, owner);
    }
    if (raw == List.class && type instanceof ParameterizedType parameterized) {
      if (!(value instanceof List<?> list)) {
        throw wrongKind(name, value, "must be a list", owner);
      }
      var converted = new ArrayList<Object>();
      for (Object element : list) {
        if (element == null) {
          throw wrongKind(name, list, "must have a value at every place", owner);
        }
        converted.add(
            convert(element, parameterized.getActualTypeArguments()[0], null, name, owner));
      }
      return List.copyOf(converted);
    }
    Record nested = orDefaults(fallback, raw);
    if (nested != null && value instanceof Map<?, ?> map) {
      try {
        return bind(nested, stringKeys(map), name + " of " + owner);
      } catch (InvalidInputException e) {
        throw e.under(name);
      }
    }
    throw wrongKind(name, value, "must be an object", owner);
  }

  private static Object constant(Class<?> type, Object value, String name, String owner) {
    var words = new ArrayList<String>();
    for (Object constant : type.getEnumConstants()) {
      String word = kebab((Enum<?>) constant);
      if (word.equals(value)) {
        return constant;
      }
      words.add(word);
    }
    new Rules(owner).oneOf(name, String.valueOf(value), words);
    throw new AssertionError(value);
  }

  private static Object fromOption(Class<?> type, String name, Object value, String owner) {
    try {
      Method reader = type.getMethod("fromOption", Rules.class, String.class, Object.class);
      return reader.invoke(null, new Rules(owner), name, value);
    } catch (InvocationTargetException e) {
      throw unwrapped(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " has no public static fromOption", e);
    }
  }

  private static Number number(Object value, String name, String owner) {
    if (value instanceof Number number) {
      return number;
    }
    throw wrongKind(name, value, "must be a number", owner);
  }

  private static long whole(Object value, String name, String owner) {
    double number = number(value, name, owner).doubleValue();
    if (Double.isFinite(number) && Math.abs(number) > 1L << 53) {
      throw new Rules(owner)
          .broken(
              name,
              new BigDecimal(number).toBigInteger(),
              "must be a whole number from -2^53 to 2^53",
              "a digit was repeated.");
    }
    if (number != Math.rint(number) || !Double.isFinite(number)) {
      throw wrongKind(name, value, "must be a whole number", owner);
    }
    return ((Number) value).longValue();
  }

  private static InvalidInputException missing(String name, String owner) {
    return new Rules(owner)
        .broken(name, "null", "must have a value", "the default was meant: leave the key out.");
  }

  private static InvalidInputException wrongKind(
      String name, Object value, String rule, String owner) {
    String maybe =
        value instanceof String
            ? "remove the quotes."
            : "`stackel list` shows what " + owner + " takes.";
    return new Rules(owner).broken(name, value, rule, maybe);
  }

  private static Map<String, @Nullable Object> stringKeys(Map<?, ?> map) {
    var copy = new LinkedHashMap<String, @Nullable Object>();
    map.forEach((key, value) -> copy.put(String.valueOf(key), value));
    return copy;
  }

  /** A record, or if it is left out what its constructor without parameters makes, if any. */
  static @Nullable Record orDefaults(@Nullable Object value, Class<?> type) {
    if (value instanceof Record record) {
      return record;
    }
    if (!type.isRecord()) {
      return null;
    }
    try {
      Constructor<?> constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      return (Record) constructor.newInstance();
    } catch (NoSuchMethodException e) {
      return null;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The value of a component. */
  static @Nullable Object read(RecordComponent component, Record options) {
    try {
      Method accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(options);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static <R extends Record> R construct(
      R defaults, RecordComponent[] components, @Nullable Object[] values) {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      @SuppressWarnings("unchecked")
      Class<R> type = (Class<R>) defaults.getClass();
      Constructor<R> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw unwrapped(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  static RuntimeException unwrapped(InvocationTargetException e) {
    if (e.getCause() instanceof RuntimeException cause) {
      return cause;
    }
    return new IllegalStateException(e);
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, 1 + Math.min(above, row[j - 1]));
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
