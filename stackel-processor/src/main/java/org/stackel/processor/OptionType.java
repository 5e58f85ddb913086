package org.stackel.processor;

import java.util.List;
import java.util.stream.Stream;
import javax.lang.model.element.Element;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.RecordComponentElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/**
 * An option record as it is written.
 *
 * @param element its class
 * @param components its components in order
 */
record OptionType(TypeElement element, List<Component> components) {

  /**
   * A component.
   *
   * @param element as the compiler has it
   * @param owner the record that it is a component of
   * @param description plain text; empty if it is not known
   * @param aliases former names
   * @param group the record whose components stand in its place; null if it stands for itself
   */
  record Component(
      RecordComponentElement element,
      TypeElement owner,
      String description,
      List<String> aliases,
      @Nullable OptionType group) {
    String name() {
      return element.getSimpleName().toString();
    }

    TypeMirror type() {
      return element.asType();
    }

    /** Its name and former ones. */
    List<String> keys() {
      return Stream.concat(Stream.of(name()), aliases.stream()).toList();
    }

    /** The components that it stands for as keys of the owner. */
    Stream<Component> flat() {
      return group == null ? Stream.of(this) : group.components.stream().flatMap(Component::flat);
    }
  }

  /** {@code RegularizationTextsBuilder} for {@code Regularization.Texts}. */
  static String builder(TypeElement record) {
    return around(record)
        .map(each -> each.getSimpleName().toString())
        .reduce("Builder", (inner, outer) -> outer + inner);
  }

  /** Whether other packages see a class. */
  static boolean isPublic(TypeElement type) {
    return around(type).allMatch(each -> each.getModifiers().contains(Modifier.PUBLIC));
  }

  /** Whether other classes of its package see a class. */
  static boolean isVisible(TypeElement type) {
    return around(type).noneMatch(each -> each.getModifiers().contains(Modifier.PRIVATE));
  }

  private static Stream<Element> around(TypeElement type) {
    return Stream.iterate((Element) type, OptionType::isType, Element::getEnclosingElement);
  }

  private static boolean isType(@Nullable Element element) {
    return element instanceof TypeElement;
  }
}
