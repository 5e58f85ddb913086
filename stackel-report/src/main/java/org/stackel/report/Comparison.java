package org.stackel.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.stackel.config.InvalidInputException;
import org.stackel.report.Section.Column;
import org.stackel.report.Section.Row;
import org.stackel.report.Section.Value;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.ComparisonFile.Row.Kind;
import org.stackel.runfile.RunFiles;

/**
 * What a {@code comparison.json} and the runs that it names say.
 *
 * @param name of its directory
 */
record Comparison(String name, String title, List<String> notes, List<Section> sections) {
  static Comparison read(Path directory) throws IOException {
    Path place = directory.resolve(ComparisonFile.NAME);
    ComparisonFile file = RunFiles.read(place, ComparisonFile.class);
    var sections = new ArrayList<Section>();
    for (ComparisonFile.Section section : file.sections()) {
      var runs = new ArrayList<Run>();
      for (String run : section.runs()) {
        Path path = directory.resolve(run);
        if (!Files.isDirectory(path)) {
          throw new InvalidInputException(
                  String.format(
                      Locale.ROOT,
                      "'sections[%d].runs[%d]' (\"%s\") names no directory: '%s' does not exist.",
                      sections.size(),
                      runs.size(),
                      run,
                      path),
                  "the runs were moved or deleted after they were compared.")
              .at(place.toString());
        }
        runs.add(Run.read(path));
      }
      sections.add(section(section, runs));
    }
    String name = String.valueOf(directory.toAbsolutePath().normalize().getFileName());
    return new Comparison(name, file.title(), file.notes(), sections);
  }

  private static Section section(ComparisonFile.Section section, List<Run> runs) {
    List<Column> columns = section.columns().stream().map(Column::of).toList();
    var rows = new ArrayList<Row>();
    section.rows().forEach(row -> rows.add(row(row, runs)));
    rows.addAll(withoutNumbers(rows, runs));
    return new Section(
        section.title(),
        section.notes(),
        columns,
        rows,
        Group.of(runs),
        Fairness.of(section, columns));
  }

  private static Row row(ComparisonFile.Row row, List<Run> runs) {
    var values = new LinkedHashMap<String, Value>();
    row.values().forEach((key, summary) -> values.put(key, Value.of(summary)));
    String remark =
        ReportText.completion(
            runs.stream().filter(run -> isOf(row.method(), run.algorithm())).toList());
    return new Row(row.method(), row.kind(), remark, remark.isEmpty(), values, row.seeds());
  }

  /** Rows of the algorithms of which no run completed. */
  private static List<Row> withoutNumbers(List<Row> rows, List<Run> runs) {
    return runs.stream()
        .map(Run::algorithm)
        .distinct()
        .filter(name -> rows.stream().noneMatch(row -> isOf(row.method(), name)))
        .map(
            name ->
                new Row(
                    name,
                    Kind.BILEVEL,
                    ReportText.completion(
                        runs.stream().filter(run -> run.algorithm().equals(name)).toList()),
                    false,
                    Map.of(),
                    Map.of()))
        .toList();
  }

  private static boolean isOf(String method, String algorithm) {
    return (method + " ").startsWith(algorithm + " ");
  }
}
