package org.stackel.processor;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.Filer;
import javax.annotation.processing.RoundEnvironment;
import javax.annotation.processing.SupportedAnnotationTypes;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.TypeElement;
import javax.lang.model.util.Elements;
import javax.tools.Diagnostic;
import javax.tools.StandardLocation;

/**
 * For every record with {@code @OptionRecord} a builder beside it, and for these and enumerations
 * with the annotation a resource with the descriptions of options and constants.
 *
 * <p>What is made for a class depends on that class and the Javadoc of the types of its components
 * alone: Gradle may run the processor for changed classes only.
 */
@SupportedAnnotationTypes(OptionTypes.OPTION_RECORD)
public final class OptionRecordProcessor extends AbstractProcessor {
  /** Names of records that wait for a class that another processor makes. */
  private final Set<String> waiting = new LinkedHashSet<>();

  /** Called by the compiler. */
  public OptionRecordProcessor() {}

  @Override
  public SourceVersion getSupportedSourceVersion() {
    return SourceVersion.latestSupported();
  }

  @Override
  public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
    Elements elements = processingEnv.getElementUtils();
    var found = new LinkedHashSet<TypeElement>();
    for (String name : waiting) {
      found.add(elements.getTypeElement(name));
    }
    waiting.clear();
    for (TypeElement annotation : annotations) {
      for (Element element : round.getElementsAnnotatedWith(annotation)) {
        found.add((TypeElement) element);
      }
    }
    if (!round.processingOver()) {
      found.forEach(this::process);
    }
    return false;
  }

  private void process(TypeElement type) {
    if (!OptionTypes.isComplete(type)) {
      waiting.add(type.getQualifiedName().toString());
      return;
    }
    Elements elements = processingEnv.getElementUtils();
    var descriptions = new Descriptions(elements);
    if (type.getKind() == ElementKind.ENUM) {
      write(type, descriptions.path(type), descriptions.of(type));
      return;
    }
    OptionType record = new OptionTypes(elements, processingEnv.getMessager()).read(type);
    if (record != null) {
      write(type, descriptions.path(type), descriptions.of(record));
      write(type, new BuilderSource(elements, processingEnv.getTypeUtils(), record));
    }
  }

  private void write(TypeElement type, BuilderSource builder) {
    try (Writer out = filer().createSourceFile(builder.name(), type).openWriter()) {
      out.write(builder.text());
    } catch (IOException e) {
      fail(type, builder.name(), e);
    }
  }

  private void write(TypeElement type, String path, String text) {
    try (OutputStream out =
        filer().createResource(StandardLocation.CLASS_OUTPUT, "", path, type).openOutputStream()) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      fail(type, path, e);
    }
  }

  private Filer filer() {
    return processingEnv.getFiler();
  }

  private void fail(TypeElement type, String file, IOException e) {
    String message = "%s cannot be written: %s".formatted(file, e.getMessage());
    processingEnv.getMessager().printMessage(Diagnostic.Kind.ERROR, message, type);
  }
}
