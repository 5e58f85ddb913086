package org.stackel.processor;

import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import javax.lang.model.element.AnnotationMirror;
import javax.lang.model.element.Element;
import javax.lang.model.element.PackageElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.Elements;

/** Names of types in one source file, and the imports that they need. */
final class TypeNames {
  private final Elements elements;
  private final PackageElement home;
  private final Map<String, String> simpleNames = new HashMap<>();

  /**
   * @param home the package of the source file
   * @param taken simple names that mean something else in the file
   */
  TypeNames(Elements elements, PackageElement home, Collection<String> taken) {
    this.elements = elements;
    this.home = home;
    taken.forEach(name -> simpleNames.put(name, ""));
  }

  /** A type with its arguments and annotations, such as {@code List<@Nullable String>}. */
  String of(TypeMirror type) {
    String annotations =
        type.getAnnotationMirrors().stream()
            .filter(annotation -> annotation.getElementValues().isEmpty())
            .map(this::annotation)
            .collect(Collectors.joining());
    if (!(type instanceof DeclaredType declared)) {
      return type.getKind().isPrimitive()
          ? annotations + type.getKind().name().toLowerCase(Locale.ROOT)
          : type.toString();
    }
    String name = name((TypeElement) declared.asElement(), annotations);
    return declared.getTypeArguments().isEmpty()
        ? name
        : declared.getTypeArguments().stream()
            .map(this::of)
            .collect(Collectors.joining(", ", name + "<", ">"));
  }

  /** A class without arguments. */
  String of(TypeElement type) {
    return name(type, "");
  }

  private String annotation(AnnotationMirror annotation) {
    return "@" + of((TypeElement) annotation.getAnnotationType().asElement()) + " ";
  }

  private String name(TypeElement type, String annotations) {
    String simple = type.getSimpleName().toString();
    Element around = type.getEnclosingElement();
    if (around instanceof TypeElement outer) {
      return name(outer, "") + "." + annotations + simple;
    }
    String prefix =
        around instanceof PackageElement in && !in.isUnnamed() ? in.getQualifiedName() + "." : "";
    return imported(prefix, simple) ? annotations + simple : prefix + annotations + simple;
  }

  /** The name of a class that is not nested and in no package but the file's own or a named one. */
  String of(String packageName, String simple) {
    String prefix = packageName.isEmpty() ? "" : packageName + ".";
    return imported(prefix, simple) ? simple : prefix + simple;
  }

  private boolean imported(String prefix, String simple) {
    String qualified = prefix + simple;
    boolean isHidden =
        prefix.equals("java.lang.") && elements.getTypeElement(own() + simple) != null;
    String known = isHidden ? "" : simpleNames.putIfAbsent(simple, qualified);
    return known == null || known.equals(qualified);
  }

  private String own() {
    return home.isUnnamed() ? "" : home.getQualifiedName() + ".";
  }

  /** The import declarations, one a line. */
  String imports() {
    return simpleNames.entrySet().stream()
        .filter(name -> !name.getValue().isEmpty())
        .map(Map.Entry::getValue)
        .filter(name -> !isWithoutImport(name))
        .sorted()
        .map(name -> "import " + name + ";\n")
        .collect(Collectors.joining());
  }

  private boolean isWithoutImport(String qualified) {
    String prefix = qualified.substring(0, qualified.lastIndexOf('.') + 1);
    return prefix.equals(own()) || prefix.equals("java.lang.");
  }
}
