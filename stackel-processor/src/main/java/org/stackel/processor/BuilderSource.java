package org.stackel.processor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.PackageElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;
import javax.lang.model.util.Types;
import org.stackel.processor.OptionType.Component;

/**
 * Writes the builder of an option record. Setters of a group's components go to the group's own
 * builder, so that a group checks its rules when all of its options are there.
 */
final class BuilderSource {
  private static final String GENERATED = "javax.annotation.processing.Generated";

  private final Elements elements;
  private final Types types;
  private final OptionType record;
  private final PackageElement home;
  private final String builder;
  private final TypeNames names;
  private final StringBuilder out = new StringBuilder();

  BuilderSource(Elements elements, Types types, OptionType record) {
    this.elements = elements;
    this.types = types;
    this.record = record;
    home = elements.getPackageOf(record.element());
    builder = OptionType.builder(record.element());
    names = new TypeNames(elements, home, List.of(builder, "With"));
  }

  /** The builder's qualified name. */
  String name() {
    return home.isUnnamed() ? builder : home.getQualifiedName() + "." + builder;
  }

  /**
   * One way to set an option.
   *
   * @param parameter its declaration
   * @param argument its name
   * @param value what the field becomes
   * @param verb first word of the Javadoc
   */
  private record Form(String parameter, String argument, String value, String verb) {}

  /** The source file. */
  String text() {
    String type = names.of(record.element());
    String access = OptionType.isPublic(record.element()) ? "public " : "";
    out.append("%sfinal class %s {\n".formatted(access, builder));
    record.components().forEach(this::field);
    constructor(type);
    record.components().forEach(this::setters);
    build(type);
    withers(type, access);
    out.append("}\n");
    String head =
        javadoc("", "Builds a {@link %s} option by option.".formatted(type)) + generated();
    String in = home.isUnnamed() ? "" : "package %s;\n\n".formatted(home.getQualifiedName());
    String imports = names.imports();
    return in + imports + (imports.isEmpty() ? "" : "\n") + head + out;
  }

  private String generated() {
    TypeElement annotation =
        elements.getTypeElement(elements.getModuleOf(record.element()), GENERATED);
    return annotation == null
        ? ""
        : "@%s(\"%s\")\n"
            .formatted(names.of(annotation), OptionRecordProcessor.class.getCanonicalName());
  }

  private void field(Component component) {
    out.append("  private %s %s;\n".formatted(fieldType(component), component.name()));
  }

  private String fieldType(Component component) {
    return component.group() == null
        ? names.of(component.type())
        : builderOf(component.group().element());
  }

  private String builderOf(TypeElement other) {
    PackageElement in = elements.getPackageOf(other);
    return names.of(in.getQualifiedName().toString(), OptionType.builder(other));
  }

  private void constructor(String type) {
    out.append("\n  private %s(%s from) {\n".formatted(builder, type));
    for (Component component : record.components()) {
      String value = "from.%s()".formatted(component.name());
      String field =
          component.group() == null ? value : "%s.of(%s)".formatted(fieldType(component), value);
      out.append("    this.%s = %s;\n".formatted(component.name(), field));
    }
    out.append("  }\n");
    out.append(
        javadoc(
            "  ",
            "Starts from the options of an instance.",
            "@param from where all options are",
            "@return a new builder"));
    out.append("  public static %s of(%s from) {\n".formatted(builder, type));
    out.append("    return new %s(from);\n  }\n".formatted(builder));
  }

  private void setters(Component component) {
    String field = "this." + component.name();
    for (Form form : forms(component)) {
      setter(component, form, "%s = %s".formatted(field, form.value));
    }
    inside(component)
        .forEach(
            inner ->
                forms(inner)
                    .forEach(form -> setter(inner, form, field + "." + call(inner.name(), form))));
  }

  /** All components of a group and of groups in it, those included; none of an option. */
  private static Stream<Component> inside(Component component) {
    return component.group() == null
        ? Stream.of()
        : component.group().components().stream()
            .flatMap(inner -> Stream.concat(Stream.of(inner), inside(inner)));
  }

  private static String call(String method, Form form) {
    return "%s(%s)".formatted(method, form.argument);
  }

  private void setter(Component component, Form form, String statement) {
    out.append(document("  ", component, form, form.verb, "this builder"));
    out.append("  public %s %s(%s) {\n".formatted(builder, component.name(), form.parameter));
    out.append("    %s;\n    return this;\n  }\n".formatted(statement));
  }

  private String document(
      String indent, Component component, Form form, String verb, String returned) {
    String what =
        component.description().isEmpty()
            ? "see {@link %s#%s()}".formatted(names.of(component.owner()), component.name())
            : escaped(component.description());
    return javadoc(
        indent,
        "%s {@code %s}: %s%s"
            .formatted(verb, component.name(), what, what.matches(".*[.!?…]") ? "" : "."),
        "@param %s %s"
            .formatted(
                form.argument,
                form.argument.equals(component.name()) ? "the new value" : "what to change"),
        "@return " + returned);
  }

  private void build(String type) {
    out.append(
        javadoc("  ", "Makes the record, which checks its options.", "@return a new instance"));
    String arguments =
        record.components().stream()
            .map(each -> each.group() == null ? each.name() : each.name() + ".build()")
            .collect(Collectors.joining(", "));
    out.append("  public %s build() {\n".formatted(type));
    out.append("    return new %s(%s);\n  }\n".formatted(type, arguments));
  }

  private void withers(String type, String access) {
    out.append(javadoc("  ", "Copies of a {@link %s} with other options.".formatted(type)));
    out.append("  %sinterface With {\n".formatted(access));
    String operator = "%s<%s>".formatted(use(UnaryOperator.class), builder);
    out.append(
        javadoc(
            "    ",
            "A copy with several changes, whose rules are checked at the end.",
            "@param changes what to change",
            "@return a new instance"));
    out.append("    default %s with(%s changes) {\n".formatted(type, operator));
    out.append("      return changes.apply(toBuilder()).build();\n    }\n");
    List<Component> all =
        record.components().stream()
            .flatMap(each -> Stream.concat(Stream.of(each), inside(each)))
            .toList();
    for (Component component : all) {
      for (Form form : forms(component)) {
        wither(type, component, form, all);
      }
    }
    // by way of Object, because the compiler knows which records do not implement the interface
    out.append("\n    private %s toBuilder() {\n".formatted(builder));
    out.append("      return %s.of((%s) (Object) this);\n    }\n".formatted(builder, type));
    out.append("  }\n");
  }

  private void wither(String type, Component component, Form form, List<Component> all) {
    String name = component.name();
    out.append(document("    ", component, form, "A copy with another", "a new instance"));
    out.append("    default %s with%s(%s) {\n".formatted(type, capital(name, all), form.parameter));
    out.append("      return toBuilder().%s.build();\n    }\n".formatted(call(name, form)));
  }

  /** With a capital, unless that is another option: matrices D and vectors d. */
  private static String capital(String name, List<Component> all) {
    String capital = name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    return all.stream().anyMatch(other -> other.name().equals(capital)) ? name : capital;
  }

  private List<Form> forms(Component component) {
    String name = component.name();
    TypeMirror type = component.type();
    var forms = new ArrayList<Form>();
    if (component.group() != null) {
      String group = names.of(component.group().element());
      String value = "%s.of(%s)".formatted(builderOf(component.group().element()), name);
      return List.of(new Form(group + " " + name, name, value, "Sets all of"));
    }
    forms.add(new Form(names.of(type) + " " + name, name, name, "Sets"));
    if (!(type instanceof DeclaredType declared)
        || !(declared.asElement() instanceof TypeElement element)) {
      return forms;
    }
    String primitive = unboxed(type);
    if (primitive.equals("double") || primitive.equals("long")) {
      forms.add(new Form(primitive + " " + name, name, name, "Sets")); // takes an int, too
    }
    if (hasConstant(element)) {
      String value = "%s.constant(%s)".formatted(names.of(element), name);
      forms.add(new Form("double " + name, name, value, "Sets"));
    }
    if (element.getQualifiedName().contentEquals("java.util.List")) {
      forms.addAll(varargs(name, declared.getTypeArguments()));
    }
    if (element.getKind() == ElementKind.RECORD && OptionTypes.isAnnotated(element)) {
      forms.addAll(changes(name, declared, element));
    }
    return forms;
  }

  /** Nothing for lists of lists: arrays of those are unsafe. */
  private List<Form> varargs(String name, List<? extends TypeMirror> elementTypes) {
    if (elementTypes.size() != 1
        || !(elementTypes.get(0) instanceof DeclaredType element)
        || !element.getTypeArguments().isEmpty()
        || !element.getAnnotationMirrors().isEmpty()) {
      return List.of();
    }
    String primitive = unboxed(element);
    boolean isStream = List.of("double", "long", "int").contains(primitive);
    String value =
        isStream
            ? "%s.stream(%s).boxed().toList()".formatted(use(Arrays.class), name)
            : "%s.of(%s)".formatted(use(List.class), name);
    String type = isStream ? primitive : names.of(element);
    return List.of(new Form(type + "... " + name, name, value, "Sets"));
  }

  /** Changes to the options of a nested record. */
  private List<Form> changes(String name, TypeMirror type, TypeElement nested) {
    boolean isNullable = OptionTypes.isNullable(type);
    boolean hasDefaults =
        ElementFilter.constructorsIn(nested.getEnclosedElements()).stream()
            .anyMatch(each -> each.getParameters().isEmpty());
    if (isNullable && !hasDefaults) {
      return List.of();
    }
    String field = "this." + name;
    String from =
        isNullable ? "%s == null ? new %s() : %s".formatted(field, names.of(nested), field) : field;
    String inner = builderOf(nested);
    return List.of(
        new Form(
            "%s<%s> changes".formatted(use(UnaryOperator.class), inner),
            "changes",
            "changes.apply(%s.of(%s)).build()".formatted(inner, from),
            "Changes"));
  }

  private String use(Class<?> type) {
    return names.of(type.getPackageName(), type.getSimpleName());
  }

  /** The primitive type of a boxed one, else nothing. */
  private String unboxed(TypeMirror type) {
    try {
      return types.unboxedType(type).getKind().name().toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  /** Whether a number alone can make a value: {@code public static T constant(double)}. */
  private boolean hasConstant(TypeElement type) {
    return ElementFilter.methodsIn(type.getEnclosedElements()).stream()
        .anyMatch(method -> isConstant(method, type));
  }

  private boolean isConstant(ExecutableElement method, TypeElement type) {
    return method.getSimpleName().contentEquals("constant")
        && method.getModifiers().containsAll(Set.of(Modifier.PUBLIC, Modifier.STATIC))
        && method.getParameters().size() == 1
        && method.getParameters().get(0).asType().getKind() == TypeKind.DOUBLE
        && types.isSameType(types.erasure(method.getReturnType()), types.erasure(type.asType()));
  }

  private static String javadoc(String indent, String summary, String... tags) {
    String gap = tags.length == 0 ? "" : "\n%s *".formatted(indent);
    String block =
        Arrays.stream(tags)
            .map(tag -> "\n%s * %s".formatted(indent, tag))
            .collect(Collectors.joining());
    return "%s%s/**\n%s * %s%s%s\n%s */\n"
        .formatted(indent.isEmpty() ? "" : "\n", indent, indent, summary, gap, block, indent);
  }

  /** Plain text as Javadoc has it. A backslash would begin a Unicode escape. */
  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("@", "&#64;")
        .replace("*/", "*&#47;")
        .replace("\\", "&#92;")
        .replace("{", "&#123;")
        .replace("}", "&#125;");
  }
}
