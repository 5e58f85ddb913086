package org.stackel.processor;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.annotation.processing.Processor;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Sources that were compiled with the processor into a directory. */
final class Compilation {
  private static final Pattern PACKAGE = Pattern.compile("package ([\\w.]+);");
  private static final Pattern TYPE =
      Pattern.compile("(?:record|class|enum|interface) ([A-Z]\\w*)");

  /** The annotations of stackel-core as the processor sees them, and a type like Schedule. */
  private static final List<String> LIBRARY =
      List.of(
          """
          package org.stackel.config;
          /** Annotation. */
          public @interface OptionRecord {}
          """,
          """
          package org.stackel.config;
          /** Annotation. */
          public @interface Inline {}
          """,
          """
          package org.stackel.config;
          /** Annotation. */
          public @interface Alias {
            /** @return names */
            String[] value();
          }
          """,
          """
          package library;
          /**
           * A step size.
           * @param value number
           */
          public record Schedule(double value) {
            /**
             * Makes one.
             * @param value number
             * @return one
             */
            public static Schedule constant(double value) {
              return new Schedule(value);
            }
          }
          """);

  private final Path directory;
  private final List<String> messages;

  private Compilation(Path directory, List<String> messages) {
    this.directory = directory;
    this.messages = messages;
  }

  /** Compiles with every warning on. */
  static Compilation of(Path directory, String... sources) {
    return of(directory, List.of(), List.of(), sources);
  }

  static Compilation of(
      Path directory, List<Processor> others, List<String> options, String... sources) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    var diagnostics = new DiagnosticCollector<JavaFileObject>();
    var arguments =
        new ArrayList<>(
            List.of("-d", directory.toString(), "-Xlint:all,-processing,-auxiliaryclass"));
    arguments.addAll(
        List.of("-cp", System.getProperty("java.class.path") + File.pathSeparator + directory));
    arguments.addAll(options);
    Stream<String> library =
        Files.exists(directory.resolve("library")) ? Stream.of() : LIBRARY.stream();
    List<Source> files = Stream.concat(library, Arrays.stream(sources)).map(Source::of).toList();
    JavaCompiler.CompilationTask task =
        compiler.getTask(null, null, diagnostics, arguments, null, files);
    var processors = new ArrayList<>(others);
    processors.add(new OptionRecordProcessor());
    task.setProcessors(processors);
    task.call();
    return new Compilation(
        directory, diagnostics.getDiagnostics().stream().map(each -> each.toString()).toList());
  }

  /** Errors and warnings. */
  List<String> messages() {
    return messages;
  }

  /** A generated file. */
  String file(String path) {
    try {
      return Files.readString(directory.resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Class<?> type(String name) throws ReflectiveOperationException, IOException {
    var loader = new URLClassLoader(new java.net.URL[] {directory.toUri().toURL()});
    return loader.loadClass(name);
  }

  /** What {@code static String run()} of a class {@code Use} in the package {@code a} returns. */
  String run() throws ReflectiveOperationException, IOException {
    var method = type("a.Use").getDeclaredMethod("run");
    method.setAccessible(true);
    return (String) method.invoke(null);
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    private Source(String path, String text) {
      super(URI.create("memory:///" + path), Kind.SOURCE);
      this.text = text;
    }

    static Source of(String text) {
      return new Source(
          find(PACKAGE, text).replace('.', '/') + "/" + find(TYPE, text) + ".java", text);
    }

    private static String find(Pattern pattern, String text) {
      Matcher matcher = pattern.matcher(text);
      if (!matcher.find()) {
        throw new IllegalArgumentException(text);
      }
      return matcher.group(1);
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
