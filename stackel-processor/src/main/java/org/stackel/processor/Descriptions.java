package org.stackel.processor;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.Elements;
import org.stackel.processor.OptionType.Component;

/**
 * Writes descriptions as properties: {@code momentum=…} for a component, {@code mode.PAPER=…} for a
 * constant of its type, {@code PAPER=…} in the file of an enumeration that has one.
 */
final class Descriptions {
  private final Elements elements;

  Descriptions(Elements elements) {
    this.elements = elements;
  }

  /** Where the descriptions of a class are, seen from the root of its class loader. */
  String path(TypeElement type) {
    return "META-INF/stackel/options/" + elements.getBinaryName(type) + ".properties";
  }

  /** Of a record. */
  String of(OptionType record) {
    return record.components().stream()
        .flatMap(each -> Stream.concat(Stream.of(line(each)), constants(each)))
        .collect(Collectors.joining());
  }

  private static String line(Component component) {
    return property(component.name(), component.description());
  }

  private Stream<String> constants(Component component) {
    TypeMirror type = component.type();
    if (!(type instanceof DeclaredType declared)) {
      return Stream.of();
    }
    return Stream.concat(Stream.of(type), declared.getTypeArguments().stream())
        .filter(each -> each instanceof DeclaredType)
        .map(each -> (TypeElement) ((DeclaredType) each).asElement())
        .filter(each -> each.getKind() == ElementKind.ENUM && !OptionTypes.isAnnotated(each))
        .map(each -> constants(each, component.name() + "."));
  }

  /** Of an enumeration's constants: their first sentences. */
  String of(TypeElement enumeration) {
    return constants(enumeration, "");
  }

  private String constants(TypeElement enumeration, String prefix) {
    return enumeration.getEnclosedElements().stream()
        .filter(each -> each.getKind() == ElementKind.ENUM_CONSTANT)
        .map(
            each ->
                property(
                    prefix + each.getSimpleName(),
                    PlainText.firstSentence(DocComment.of(elements.getDocComment(each)).main())))
        .collect(Collectors.joining());
  }

  /** A line, or nothing without a text. Texts are on one line and do not begin with a space. */
  private static String property(String key, String text) {
    return text.isEmpty() ? "" : key + "=" + text.replace("\\", "\\\\") + "\n";
  }
}
