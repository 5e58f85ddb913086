package org.stackel.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.FileText;
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
      "Apply a trained model to every row of a file: its columns, then `predicted` and"
          + " `probability`.",
      "Separators, quotes, line ends and encoding of the file stay as they are."
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
      description = "CSV, TSV or JSONL file, also with .gz.")
  String file = "";

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
    @Nullable Path written = target.file();
    if (written == null && output.json) {
      throw new InvalidInputException(
              "--json prints a summary in place of the predictions; they need a file.",
              "--out with the name of a file is missing.")
          .at("--json");
    }
    var work = new Predict(model, file, text, text2, label, probabilities, encoding);
    try {
      Predict.Predicted done = write(work, written, out);
      if (!output.quiet) {
        done.remarks().forEach(err::println);
      }
      say(done, written, written == null ? err : out);
    } catch (IOException e) {
      throw FileErrors.writing(written == null ? Path.of(file) : written, e);
    }
    out.flush();
    return ExitCode.COMPLETED;
  }

  /** Into a temporary file first, so that the file appears whole or not at all. */
  private static Predict.Predicted write(Predict work, @Nullable Path written, PrintWriter out)
      throws IOException {
    Path name = Objects.requireNonNull(Path.of(work.file()).getFileName());
    Path folder = Files.createTempDirectory("stackel-predict");
    Path temporary =
        written == null
            ? folder.resolve(name.toString().replaceFirst("\\.gz$", ""))
            : written.resolveSibling(
                ".%d-%s".formatted(ProcessHandle.current().pid(), written.getFileName()));
    try {
      Predict.Predicted done = work.to(temporary);
      if (written == null) {
        out.print(FileText.read(temporary, work.encoding()).text());
        out.flush();
      } else {
        OutputFileOptions.moved(temporary, written);
      }
      return done;
    } finally {
      Files.deleteIfExists(temporary);
      Files.deleteIfExists(folder);
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
