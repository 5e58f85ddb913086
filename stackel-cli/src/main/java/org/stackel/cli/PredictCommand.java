package org.stackel.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.data.TableFormat;
import org.stackel.predict.Predict;
import org.stackel.runfile.Document;
import org.stackel.runfile.FileErrors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Applies a trained model to the rows of a file. */
@Command(
    name = "predict",
    description = {
      "Apply a trained model to every row of a file, of any size: its columns, then `predicted` and"
          + " `probability`.",
      "Separators, quotes, line ends and encoding of the file stay as they are. Of a LIBSVM file the"
          + " output is CSV, with the line and the label of each row."
    },
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
public final class PredictCommand implements CommandPlugin {
  /** Classes of which the number of rows is printed. */
  private static final int SHOWN = 20;

  @Parameters(
      index = "0",
      paramLabel = "MODEL_DIR|RUN_DIR",
      description = "Folder of a model, or of the run that left it.")
  String model = "";

  @Parameters(
      index = "1",
      paramLabel = "FILE",
      description =
          "CSV, TSV, JSONL or LIBSVM file, also with .gz, or a .npy file of embeddings; - is standard input.")
  String file = "";

  @Option(
      names = "--format",
      paramLabel = "NAME",
      description =
          "Format of the file: csv, tsv, jsonl or libsvm (default: that of its name; of standard"
              + " input, that of its first line).")
  @Nullable String format;

  @Option(
      names = "--text",
      paramLabel = "COLUMN",
      description = "Column of the text (default: that of the training, or guessed).")
  @Nullable String text;

  @Option(
      names = "--text2",
      paramLabel = "COLUMN",
      description =
          "Column of the second text of pairs (default: that of the training, or guessed).")
  @Nullable String text2;

  @Option(
      names = "--column",
      paramLabel = "NAME=COLUMN",
      description = "Name in this file of a column of the training, where they differ. Repeatable.")
  Map<String, String> renamed = Map.of();

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      description = "Compare predictions with this column and report the accuracy.")
  @Nullable String label;

  @Option(names = "--probabilities", description = "Write the probability of every class, too.")
  boolean probabilities;

  @Option(
      names = "--encoding",
      paramLabel = "NAME",
      description = "Encoding of the file, such as windows-1252 (default: detected).")
  @Nullable String encoding;

  @Mixin OutputFileOptions target = new OutputFileOptions();
  @Mixin OutputOptions output = new OutputOptions();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    TableFormat said = format();
    @Nullable Path written = place(said);
    if (written == null && output.json) {
      throw new InvalidInputException(
              "--json prints a summary in place of the predictions; they need a file.",
              "--out with the name of a file is missing.")
          .at("--json");
    }
    var talk = new ResultRun(out, err, output);
    var work = new Predict(model, file, said, text, text2, renamed, label, probabilities, encoding);
    try (var stop = StopSignal.watch()) {
      Predict.Predicted done = write(work, written, out, stop::stopRequested, talk::say);
      if (done.stopped()) {
        return talk.stopped();
      }
      if (!output.quiet) {
        done.remarks().forEach(err::println);
      }
      say(done, written, written == null ? err : out);
    } catch (IOException e) {
      throw FileErrors.writing(written == null ? Path.of("standard output") : written, e);
    } catch (UncheckedIOException e) {
      throw FileErrors.writing(
          written == null ? Path.of("standard output") : written,
          Objects.requireNonNull(e.getCause()));
    }
    out.flush();
    return ExitCode.COMPLETED;
  }

  private @Nullable TableFormat format() {
    String given = format;
    if (given == null) {
      return null;
    }
    String wanted = given.toLowerCase(Locale.ROOT);
    return Stream.of(TableFormat.values())
        .filter(known -> Options.kebab(known).equals(wanted))
        .findFirst()
        .orElseThrow(() -> unknown(given));
  }

  private static InvalidInputException unknown(String format) {
    List<String> known = Stream.of(TableFormat.values()).map(Options::kebab).toList();
    return new InvalidInputException(
            "There is no format '%s'.".formatted(format), Options.meant(format, known))
        .at("--format");
  }

  /** Where predictions go: not where the rows are, nor to a name that promises another format. */
  private @Nullable Path place(@Nullable TableFormat said) {
    Path written = target.file();
    if (written == null || file.equals(Predict.STANDARD_INPUT)) {
      return written;
    }
    Path read = Path.of(file);
    TableFormat own = said == null ? TableFormat.of(read) : said;
    TableFormat left = own == TableFormat.LIBSVM ? TableFormat.CSV : own;
    TableFormat promised = TableFormat.of(written);
    if (promised != left && promised != TableFormat.LIBSVM) {
      String name = Options.kebab(left);
      throw new InvalidInputException(
              "The output is %s, as the file is; its name must not end in .%s."
                  .formatted(name.toUpperCase(Locale.ROOT), Options.kebab(promised)),
              "a name that ends in .%s was meant.".formatted(name))
          .at("--out");
    }
    try {
      if (Files.exists(read) && Files.exists(written) && Files.isSameFile(read, written)) {
        throw new InvalidInputException(
                "The output would replace the file that is read.", "another name was meant.")
            .at("--out");
      }
    } catch (IOException e) {
      throw FileErrors.writing(written, e);
    }
    return written;
  }

  /** Into a temporary file first, so that the file appears whole or not at all. */
  private static Predict.Predicted write(
      Predict work,
      @Nullable Path written,
      PrintWriter out,
      BooleanSupplier stop,
      Consumer<String> talk)
      throws IOException {
    Path temporary =
        written == null
            ? Files.createTempFile("stackel-predict", "")
            : written.resolveSibling(
                ".%d-%s".formatted(ProcessHandle.current().pid(), written.getFileName()));
    try {
      Predict.Predicted done = work.to(temporary, stop, talk);
      if (done.stopped()) {
        return done;
      }
      if (written == null) {
        print(temporary, Charset.forName(done.encoding()), out);
        out.flush();
      } else {
        OutputFileOptions.moved(temporary, written);
      }
      return done;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Everything on standard output is UTF-8, without a byte order mark. */
  private static void print(Path file, Charset charset, PrintWriter out) throws IOException {
    try (Reader text = Files.newBufferedReader(file, charset)) {
      text.mark(1);
      if (text.read() != '\uFEFF') {
        text.reset();
      }
      text.transferTo(PlainWriter.ofTables(out));
    }
  }

  private void say(Predict.Predicted done, @Nullable Path written, PrintWriter talk) {
    if (output.json) {
      var summary = new LinkedHashMap<String, @Nullable Object>();
      summary.put("rows", done.rows());
      summary.put("empty", done.empty());
      summary.put("classes", done.classes());
      summary.put("compared", done.compared());
      summary.put("accuracy", done.compared() == 0 ? null : done.accuracy());
      summary.put("file", String.valueOf(written));
      talk.println(Document.line(summary));
      return;
    }
    if (!output.quiet || written != null) {
      talk.println(
          String.format(
              Locale.ROOT, "%,d rows, %,d without a prediction", done.rows(), done.empty()));
      done.classes().entrySet().stream()
          .filter(entry -> entry.getValue() > 0)
          .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
          .limit(SHOWN)
          .forEach(
              entry ->
                  talk.println(
                      String.format(Locale.ROOT, "%-20s %,d", entry.getKey(), entry.getValue())));
      if (done.compared() > 0) {
        talk.println(
            String.format(
                Locale.ROOT,
                "%-20s %.4f (%,d of %,d)",
                "accuracy",
                done.accuracy(),
                done.right(),
                done.compared()));
      }
      if (written != null) {
        talk.println(written);
      }
    }
  }
}
