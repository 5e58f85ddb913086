package org.stackel.tensor;

import java.lang.annotation.Annotation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The one place that decides when native memory is freed.
 *
 * <p>Everything made on this thread while a scope is open is freed when it closes, but for what
 * {@link #keep} was given; that lives until {@link #release}. Scopes nest. One run, one thread.
 *
 * <p>A tensor that a scope has freed is {@code isNull()}, and every operation on it throws. To keep
 * one beyond its scope without releasing it by hand, take {@link Tensors#copy}.
 */
public final class StateScope implements AutoCloseable {
  private static final ThreadLocal<@Nullable StateScope> INNERMOST = new ThreadLocal<>();

  private final PointerScope scope = new PointerScope();
  private final @Nullable StateScope around = INNERMOST.get();
  private boolean isOpen = true;

  private StateScope() {
    INNERMOST.set(this);
  }

  /** Opens a scope on this thread. */
  public static StateScope open() {
    Tensors.ready();
    return new StateScope();
  }

  /**
   * Lets every tensor of a state outlive the scope, once per call and component.
   *
   * @throws IllegalArgumentException if a tensor carries a graph, which would chain the graphs of
   *     all steps
   */
  public <S extends Record> S keep(S state) {
    List<Tensor> tensors = list(state);
    for (Tensor tensor : tensors) { // before the first is kept, so that none leaks
      if (tensor.requires_grad()) {
        tensors(state).forEach(StateScope::checkDetached);
      }
    }
    tensors.forEach(Pointer::retainReference);
    return state;
  }

  /** Lets one tensor outlive the scope. */
  public Tensor keep(Tensor tensor) {
    checkDetached("tensor", tensor);
    tensor.retainReference();
    return tensor;
  }

  private static void checkDetached(String name, Tensor tensor) {
    if (tensor.requires_grad()) {
      throw new IllegalArgumentException(
          "The tensor '%s' of a state must not carry a graph.\nMaybe detach() is missing."
              .formatted(name));
    }
  }

  /**
   * Runs a part of a step in a scope of its own: what the part made is freed at its end, but for
   * its result, which passes to the scope around it. So loops need the memory of one round.
   *
   * @param body makes a tensor, a record of tensors, or null
   * @throws IllegalStateException if no scope is open on this thread
   */
  public static <T extends @Nullable Object> T nested(Supplier<T> body) {
    PointerScope outer = PointerScope.getInnerScope();
    if (outer == null) {
      throw new IllegalStateException("A nested scope needs one around it.");
    }
    try (var inner = open()) {
      T result = body.get();
      if (result instanceof Tensor tensor) {
        outer.attach(tensor);
      } else if (result instanceof Record tensors) {
        list(tensors).forEach(outer::attach);
      } else if (result != null) {
        throw new IllegalArgumentException("Neither a tensor nor a record: " + result);
      }
      return result;
    }
  }

  /** One iteration of a loop. */
  @FunctionalInterface
  public interface Round<T> {
    /** The state after round i, from 0 on. */
    T next(long i, T state);
  }

  /**
   * {@code rounds} rounds of a loop, each in a {@link #nested} scope. A state is freed when the
   * round behind it ends, but for the first one and what is handed on.
   *
   * @param state a tensor, or a record of tensors
   */
  public static <T> T repeat(long rounds, T state, Round<T> round) {
    List<Tensor> given = parts(state);
    List<Tensor> before = List.of();
    T at = state;
    for (long i = 0; i < rounds; i++) {
      long number = i;
      T now = at;
      at = nested(() -> round.next(number, now));
      List<Tensor> after = parts(at);
      for (Tensor tensor : before) {
        if (!isIn(tensor, given) && !isIn(tensor, after)) {
          release(tensor);
        }
      }
      before = after;
    }
    return at;
  }

  private static List<Tensor> parts(Object state) {
    return state instanceof Tensor tensor ? List.of(tensor) : list((Record) state);
  }

  @SuppressWarnings("ReferenceEquality") // the very tensor
  private static boolean isIn(Tensor tensor, List<Tensor> tensors) {
    for (Tensor each : tensors) {
      if (each == tensor) {
        return true;
      }
    }
    return false;
  }

  /** Releases a kept state. */
  public static void release(Record state) {
    list(state).forEach(Pointer::releaseReference);
  }

  /** Releases a kept tensor. */
  public static void release(Tensor tensor) {
    tensor.releaseReference();
  }

  /** The tensors of {@link #tensors} without their names, which a step has no use for. */
  public static List<Tensor> list(Record state) {
    var found = new ArrayList<Tensor>();
    each(null, state, (name, tensor) -> found.add(tensor));
    return found;
  }

  /** The tensors of a record and of the records in it, by dotted component name, in order. */
  public static Map<String, Tensor> tensors(Record state) {
    var found = new LinkedHashMap<String, Tensor>();
    each("", state, found::put);
    return found;
  }

  /** The names that {@link #tensors} has for what is in the components with an annotation. */
  public static Set<String> marked(Record state, Class<? extends Annotation> mark) {
    var names = new LinkedHashSet<String>();
    for (RecordComponent component : state.getClass().getRecordComponents()) {
      if (component.isAnnotationPresent(mark)) {
        String name = component.getName();
        tensors(state).keySet().stream()
            .filter(tensor -> tensor.equals(name) || tensor.startsWith(name + "."))
            .forEach(names::add);
      }
    }
    return names;
  }

  /**
   * A component of a record, by dotted name with its type, that is no tensor, list of tensors or
   * record of these; null if there is none. {@link #tensors} does not find it, nothing saves it.
   */
  public static @Nullable String other(Record state) {
    return other("", state);
  }

  private static @Nullable String other(String prefix, Record state) {
    for (Part part : PARTS.get(state.getClass())) {
      Object value = part.of(state);
      String name = prefix + part.name;
      if (value instanceof Record nested) {
        String inside = other(name + ".", nested);
        if (inside != null) {
          return inside;
        }
      } else if (!(value == null
          || value instanceof Tensor
          || (value instanceof List<?> list && list.stream().allMatch(Tensor.class::isInstance)))) {
        return "%s (%s)".formatted(name, part.type.getTypeName());
      }
    }
    return null;
  }

  /**
   * A record like the given one, with the tensors of the map in place of its own.
   *
   * @throws IllegalArgumentException if a tensor is missing or of another shape
   */
  public static <S extends Record> S rebuild(S like, Map<String, Tensor> tensors) {
    return rebuild("", like, (name, tensor) -> find(name, tensor, tensors));
  }

  /** A record like the given one, with the result of a function in place of each tensor. */
  public static <S extends Record> S map(S state, UnaryOperator<Tensor> function) {
    return rebuild("", state, (name, tensor) -> function.apply(tensor));
  }

  /** Number of live native objects of this process; it grows if there is a leak. */
  public static long livePointers() {
    return Pointer.totalCount();
  }

  /** Resident bytes of this process. */
  public static long residentBytes() {
    return Pointer.physicalBytes();
  }

  /** The scope that was opened last of those open on this thread; null without any. */
  public static @Nullable StateScope innermost() {
    StateScope scope = INNERMOST.get();
    while (scope != null && !scope.isOpen) { // it was closed before one inside it
      scope = scope.around;
    }
    return scope;
  }

  /** False once it was closed: what was made in it is freed. */
  public boolean isOpen() {
    return isOpen;
  }

  @Override
  public void close() {
    isOpen = false;
    INNERMOST.set(innermost());
    scope.close();
  }

  /**
   * Visits the tensors of a record and of the records in it, in order.
   *
   * @param prefix of their names; null if the visitor ignores these, which then are not made
   */
  private static void each(
      @Nullable String prefix, Record state, BiConsumer<String, Tensor> visitor) {
    for (Part part : PARTS.get(state.getClass())) {
      Object value = part.of(state);
      String name = prefix == null ? "" : prefix + part.name;
      if (value instanceof Tensor tensor) {
        visitor.accept(name, tensor);
      } else if (value instanceof Record nested) {
        each(prefix == null ? null : name + ".", nested, visitor);
      } else if (value instanceof List<?> list) {
        for (int i = 0; i < list.size(); i++) {
          if (list.get(i) instanceof Tensor tensor) {
            visitor.accept(prefix == null ? "" : name + "." + i, tensor);
          }
        }
      }
    }
  }

  private static <S extends Record> S rebuild(
      String prefix, S like, BiFunction<String, Tensor, Tensor> tensors) {
    List<Part> parts = PARTS.get(like.getClass());
    @Nullable Object[] values = new @Nullable Object[parts.size()];
    for (int i = 0; i < values.length; i++) {
      Object value = parts.get(i).of(like);
      String name = prefix + parts.get(i).name;
      if (value instanceof Tensor tensor) {
        values[i] = tensors.apply(name, tensor);
      } else if (value instanceof Record nested) {
        values[i] = rebuild(name + ".", nested, tensors);
      } else if (value instanceof List<?> list && !list.isEmpty()) {
        var copy = new ArrayList<Object>();
        for (int j = 0; j < list.size(); j++) {
          Object element = list.get(j);
          copy.add(
              element instanceof Tensor tensor ? tensors.apply(name + "." + j, tensor) : element);
        }
        values[i] = List.copyOf(copy);
      } else {
        values[i] = value;
      }
    }
    try {
      var types =
          Arrays.stream(like.getClass().getRecordComponents())
              .map(RecordComponent::getType)
              .toArray(Class<?>[]::new);
      @SuppressWarnings("unchecked")
      var constructor =
          (java.lang.reflect.Constructor<S>) like.getClass().getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Tensor find(String name, Tensor like, Map<String, Tensor> tensors) {
    Tensor found = tensors.get(name);
    if (found == null
        || !Tensors.shape(found).equals(Tensors.shape(like))
        || found.element_size() != like.element_size()) {
      throw new IllegalArgumentException(
          "The tensor '%s' must have shape %s, found %s."
              .formatted(
                  name, Tensors.shape(like), found == null ? "nothing" : Tensors.shape(found)));
    }
    return found;
  }

  /** The components of a class of records; looking them up takes longer than a small step. */
  private static final ClassValue<List<Part>> PARTS =
      new ClassValue<>() {
        @Override
        protected List<Part> computeValue(Class<?> type) {
          return Arrays.stream(type.getRecordComponents()).map(Part::of).toList();
        }
      };

  private record Part(String name, Type type, MethodHandle accessor) {
    static Part of(RecordComponent component) {
      var method = component.getAccessor();
      method.setAccessible(true);
      try {
        var accessor = MethodHandles.lookup().unreflect(method);
        var generic = accessor.asType(MethodType.methodType(Object.class, Record.class));
        return new Part(component.getName(), component.getGenericType(), generic);
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
    }

    @Nullable Object of(Record state) {
      try {
        return accessor.invokeExact(state);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) { // an accessor declares none
        throw new IllegalStateException(e);
      }
    }
  }
}
