package org.stackel.processor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.annotation.processing.Messager;
import javax.lang.model.element.AnnotationMirror;
import javax.lang.model.element.AnnotationValue;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.RecordComponentElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;
import javax.tools.Diagnostic;
import org.jspecify.annotations.Nullable;

/** Reads option records, and says what is wrong with them. */
final class OptionTypes {
  static final String OPTION_RECORD = "org.stackel.config.OptionRecord";
  private static final String INLINE = "org.stackel.config.Inline";
  private static final String ALIAS = "org.stackel.config.Alias";

  private final Elements elements;
  private final Messager messager;

  OptionTypes(Elements elements, Messager messager) {
    this.elements = elements;
    this.messager = messager;
  }

  /** Whether the type of a component is still to be made by another annotation processor. */
  static boolean isComplete(TypeElement record) {
    return record.getRecordComponents().stream().allMatch(each -> isComplete(each.asType()));
  }

  private static boolean isComplete(TypeMirror type) {
    return type.getKind() != TypeKind.ERROR
        && (!(type instanceof DeclaredType declared)
            || declared.getTypeArguments().stream().allMatch(OptionTypes::isComplete));
  }

  /** Whether null is a value. */
  static boolean isNullable(TypeMirror type) {
    return type.getAnnotationMirrors().stream()
        .map(each -> each.getAnnotationType().asElement().getSimpleName())
        .anyMatch(name -> name.contentEquals("Nullable"));
  }

  /** Whether it is a record or enumeration whose options are described where it is compiled. */
  static boolean isAnnotated(Element element) {
    return annotation(element, OPTION_RECORD) != null;
  }

  /**
   * A record with its groups. The compiler is told what is wrong with it.
   *
   * @return null if it can have no builder
   */
  @Nullable OptionType read(TypeElement record) {
    String name = record.getSimpleName().toString();
    if (record.getKind() != ElementKind.RECORD) {
      return refuse(
          record,
          "@OptionRecord is for records and enums, but %s is neither: write `record %s(…)`."
              .formatted(name, name));
    }
    if (!record.getTypeParameters().isEmpty()) {
      return refuse(
          record,
          "The option record %s has type parameters, which have no values in JSON: remove them."
              .formatted(name));
    }
    if (!OptionType.isVisible(record)) {
      return refuse(
          record,
          "The option record %s is private, and its builder could not see it: remove `private`."
              .formatted(name));
    }
    OptionType type = read(record, new ArrayDeque<>());
    for (OptionType.Component component : type.components()) {
      if (component.description().isEmpty()) {
        refuse(
            component.element(),
            "The option %s of %s has no description: write `@param %s …` in the Javadoc of %s."
                .formatted(component.name(), name, component.name(), name));
      }
    }
    return hasDistinctKeys(type) ? type : null;
  }

  private OptionType read(TypeElement record, Deque<TypeElement> owners) {
    owners.push(record);
    DocComment comment = DocComment.of(elements.getDocComment(record));
    var components = new ArrayList<OptionType.Component>();
    for (RecordComponentElement each : record.getRecordComponents()) {
      OptionType group = annotation(each, INLINE) == null ? null : group(each, record, owners);
      String description = comment.params().getOrDefault(each.getSimpleName().toString(), "");
      components.add(new OptionType.Component(each, record, description, aliases(each), group));
    }
    owners.pop();
    return new OptionType(record, components);
  }

  /** The group of an inlined component; null if it can be none. */
  private @Nullable OptionType group(
      RecordComponentElement component, TypeElement record, Deque<TypeElement> owners) {
    String name = component.getSimpleName().toString();
    String owner = record.getSimpleName().toString();
    if (!(component.asType() instanceof DeclaredType declared)
        || !(declared.asElement() instanceof TypeElement type)
        || type.getKind() != ElementKind.RECORD
        || !isAnnotated(type)) {
      return refuse(
          component,
          "The type of the inlined %s of %s must be a record with @OptionRecord: annotate it, or remove @Inline."
              .formatted(name, owner));
    }
    if (isNullable(declared)) {
      return refuse(
          component,
          "The inlined %s of %s cannot be left out as a whole: remove @Nullable."
              .formatted(name, owner));
    }
    if (annotation(component, ALIAS) != null) {
      return refuse(
          component,
          "The inlined %s of %s is no key and has no other name: move @Alias to its components."
              .formatted(name, owner));
    }
    if (owners.contains(type)) {
      return refuse(
          component,
          "The inlined %s of %s contains itself: remove @Inline.".formatted(name, owner));
    }
    return read(type, owners);
  }

  private boolean hasDistinctKeys(OptionType type) {
    Set<String> keys = new HashSet<>();
    boolean isDistinct = true;
    for (OptionType.Component component : type.components()) {
      List<String> twice =
          component
              .flat()
              .flatMap(each -> each.keys().stream())
              .filter(key -> !keys.add(key))
              .toList();
      for (String key : twice) {
        refuse(
            component.element(),
            "%s has two options called %s, the second one in %s: rename one of them, or remove @Inline or @Alias."
                .formatted(type.element().getSimpleName(), key, component.name()));
        isDistinct = false;
      }
    }
    return isDistinct;
  }

  private static List<String> aliases(RecordComponentElement component) {
    AnnotationMirror alias = annotation(component, ALIAS);
    return alias == null
        ? List.of()
        : alias.getElementValues().values().stream()
            .flatMap(names -> ((List<?>) names.getValue()).stream())
            .map(name -> String.valueOf(((AnnotationValue) name).getValue()))
            .toList();
  }

  private static @Nullable AnnotationMirror annotation(Element element, String name) {
    for (AnnotationMirror each : element.getAnnotationMirrors()) {
      if (((TypeElement) each.getAnnotationType().asElement())
          .getQualifiedName()
          .contentEquals(name)) {
        return each;
      }
    }
    return null;
  }

  private @Nullable OptionType refuse(Element element, String message) {
    messager.printMessage(Diagnostic.Kind.ERROR, message, placed(element));
    return null;
  }

  /** The field of a component: javac knows no place of components. */
  private static Element placed(Element element) {
    if (element.getKind() == ElementKind.RECORD_COMPONENT
        && element.getEnclosingElement() instanceof TypeElement record) {
      for (VariableElement field : ElementFilter.fieldsIn(record.getEnclosedElements())) {
        if (field.getSimpleName().equals(element.getSimpleName())) {
          return field;
        }
      }
    }
    return element;
  }
}
