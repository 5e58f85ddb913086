package org.stackel.clean;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Classes;
import org.stackel.data.Duplicates;
import org.stackel.data.LabelReader;
import org.stackel.data.NpyFile;
import org.stackel.data.Table;
import org.stackel.tensor.Seed;

/**
 * All files that cleaning reads.
 *
 * @param roles what the columns are for
 * @param train the table whose labels may be wrong
 * @param trusted the table of trusted rows; null without one
 * @param trustedRows rows of it that serve, in random order
 * @param test the table of test rows; null without one
 * @param classes of the labels
 * @param known right label of records of the first table that are known, by row from 0
 * @param knownRows those of them that serve as trusted rows: the others repeat trusted rows
 * @param suspects rows of the first table that are judged
 * @param decided number of records that a person decided
 * @param repeated records that are dropped because they repeat others, or test rows
 * @param remarks guesses and counts, in sentences
 * @param inputs SHA-256 of each file
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record CleanData(
    Roles roles,
    LabelledTable train,
    @Nullable LabelledTable trusted,
    int[] trustedRows,
    @Nullable LabelledTable test,
    Classes classes,
    Map<Integer, String> known,
    int[] knownRows,
    int[] suspects,
    Set<Integer> decided,
    Set<Integer> repeated,
    List<String> remarks,
    Map<String, String> inputs) {

  /** Reads them. */
  static CleanData read(Clean options) {
    return new Reader(options).read();
  }

  private static final class Reader {
    private final Clean options;
    private final List<String> remarks = new ArrayList<>();
    private final Map<String, String> inputs = new LinkedHashMap<>();

    Reader(Clean options) {
      this.options = options;
    }

    CleanData read() {
      Table table = table(options.train());
      if (options.fix() == Clean.Fix.MARK) {
        CleanFiles.marks(table, remarks);
      }
      boolean readsArrays = options.features().stream().anyMatch(NpyFile::isNamed);
      List<String> features =
          options.features().stream().filter(each -> !NpyFile.isNamed(each)).toList();
      Roles roles =
          Roles.of(
              table,
              new Roles.Named(options.label(), options.text(), features, options.id()),
              !readsArrays);
      remarks.addAll(roles.remarks());
      LabelledTable train = labelled(table, roles);
      LabelledTable trusted = other(options.trusted(), roles);
      LabelledTable test = other(options.test(), roles);
      countBlank(train);
      Classes classes = classes(train, trusted);
      var decided = new HashSet<Integer>();
      Map<Integer, String> known = known(train, trusted, classes, decided);
      Set<Integer> repeated = repeated(train, test, known, decided);
      int[] suspects =
          Arrays.stream(train.labelled()).filter(row -> !known.containsKey(row)).toArray();
      if (suspects.length == 0) {
        throw new InvalidInputException(
                "Every row is trusted; there must be some whose labels are to be judged.",
                "--trusted-rows is too large, or --trusted names the data themselves.")
            .at(options.train());
      }
      int[] knownRows =
          known.keySet().stream()
              .filter(row -> row < options.trustedRows() || decided.contains(row))
              .filter(row -> !repeated.contains(row))
              .mapToInt(Integer::intValue)
              .sorted()
              .toArray();
      knownRows = Rows.shuffled(knownRows, new Seed(options.seed()).child("known"));
      int[] trustedRows = trusted == null ? new int[0] : apart(trusted, test);
      requireTrusted(train, trusted, trustedRows, known, knownRows, classes);
      return new CleanData(
          roles,
          train,
          trusted,
          trustedRows,
          test,
          classes,
          known,
          knownRows,
          suspects,
          decided,
          repeated,
          remarks,
          inputs);
    }

    /**
     * Trusted rows that serve, in random order: with --drop-duplicates, none that repeats another
     * or is a test row.
     */
    private int[] apart(LabelledTable trusted, @Nullable LabelledTable test) {
      int[] rows = trusted.labelled();
      if (trusted.columns().length > 0) {
        Duplicates.Handling handling = Duplicates.Handling.of(options.rules());
        Duplicates within = Duplicates.within(keyed(options.trusted(), trusted, rows), handling);
        remarks.addAll(within.remarks());
        rows = taken(rows, within.rows());
        if (test != null) {
          Duplicates across =
              Duplicates.across(
                  keyed(options.trusted(), trusted, rows),
                  keyed(options.test(), test, test.labelled()),
                  handling);
          remarks.addAll(across.remarks());
          rows = taken(rows, across.rows());
        }
      }
      return Rows.shuffled(rows, new Seed(0).child("trusted"));
    }

    private static int[] taken(int[] rows, int[] places) {
      return Arrays.stream(places).map(i -> rows[i]).toArray();
    }

    /** Counts records that repeat others, and finds those that are to be dropped. */
    private Set<Integer> repeated(
        LabelledTable train,
        @Nullable LabelledTable test,
        Map<Integer, String> known,
        Set<Integer> decided) {
      if (train.columns().length == 0) {
        return Set.of();
      }
      Duplicates.Handling handling = Duplicates.Handling.of(options.rules());
      int[] rows =
          Arrays.stream(train.labelled())
              .boxed()
              .sorted(Comparator.comparing(row -> !known.containsKey(row)))
              .mapToInt(Integer::intValue)
              .toArray(); // what is known stays, not what repeats it
      Duplicates.Keyed all = keyed(options.train(), train, rows);
      Duplicates within = Duplicates.within(all, handling);
      remarks.addAll(within.remarks());
      Set<Integer> dropped = dropped(rows, within);
      var decisions = new HashSet<List<Object>>();
      for (int row : rows) { // of equal rows that are decided differently all stay
        if (decided.contains(row)
            && decisions.add(
                List.of(
                    train.hash(row), train.label(row), Objects.requireNonNull(known.get(row))))) {
          dropped.remove(row);
        }
      }
      if (test != null) {
        Duplicates across =
            Duplicates.across(all, keyed(options.test(), test, test.labelled()), handling);
        remarks.addAll(across.remarks());
        dropped.addAll(dropped(rows, across));
      }
      return dropped;
    }

    /** Labelled records that do not stay. */
    private static Set<Integer> dropped(int[] rows, Duplicates found) {
      var dropped = new HashSet<Integer>();
      Arrays.stream(rows).forEach(dropped::add);
      Arrays.stream(found.rows()).forEach(i -> dropped.remove(rows[i]));
      return dropped;
    }

    private static Duplicates.Keyed keyed(String name, LabelledTable table, int[] rows) {
      var keys = new ArrayList<Long>(rows.length);
      for (int row : rows) {
        keys.add(table.hash(row));
      }
      List<String> places =
          new java.util.AbstractList<>() {
            @Override
            public String get(int i) {
              return table.table().place(rows[i]);
            }

            @Override
            public int size() {
              return rows.length;
            }
          };
      List<String> labels = Arrays.stream(rows).mapToObj(table::label).toList();
      return new Duplicates.Keyed(name, keys, labels, places);
    }

    private Table table(String file) {
      Table table = Table.read(Path.of(file), options.rules().encoding());
      inputs.put(file, table.sha256());
      remarks.addAll(table.remarks());
      return table;
    }

    private @Nullable LabelledTable other(String file, Roles roles) {
      if (file.isEmpty()) {
        return null;
      }
      return labelled(table(file), roles);
    }

    private LabelledTable labelled(Table table, Roles roles) {
      var reader = new LabelReader(table.file(), options.rules());
      LabelledTable labelled = LabelledTable.of(table, roles, reader);
      reader.requireLabels();
      remarks.addAll(reader.remarks());
      return labelled;
    }

    private Classes classes(LabelledTable train, @Nullable LabelledTable trusted) {
      var names = new LinkedHashSet<>(train.allLabels());
      if (names.size() < 2) {
        throw new InvalidInputException(
                "The labels show %s; there must be at least two classes."
                    .formatted(
                        names.isEmpty()
                            ? "no class"
                            : "one class, '%s'".formatted(names.iterator().next())),
                "another column holds the label; --label names it.")
            .at(options.train());
      }
      if (train.labelled().length < 2 * names.size()) {
        throw new InvalidInputException(
                "The %,d labels show %,d classes; there must be at least two rows of a class on average."
                    .formatted(train.labelled().length, names.size()),
                "the labels are numbers or names of rows, not classes; --label names another column.")
            .at(options.train());
      }
      if (trusted != null) {
        requireCommon(names, trusted);
        for (int row : trusted.labelled()) {
          if (names.add(trusted.label(row))) {
            remarks.add(
                "%s: the class '%s' is not in %s."
                    .formatted(trusted.table().place(row), trusted.label(row), options.train()));
          }
        }
      }
      remarks.addAll(LabelReader.classRemarks(options.train(), train.allLabels()));
      return Classes.of(names);
    }

    /** Complains unless some trusted row has a class of the data. */
    private void requireCommon(Set<String> names, LabelledTable trusted) {
      List<String> others = trusted.allLabels();
      if (others.isEmpty() || others.stream().anyMatch(names::contains)) {
        return;
      }
      String other = others.get(0);
      throw new InvalidInputException(
              "No trusted row has a class of %s; the first has '%s', and the classes are %s."
                  .formatted(
                      options.train(),
                      other,
                      names.stream().limit(8).collect(Collectors.joining("', '", "'", "'"))),
              names.stream().anyMatch(other::equalsIgnoreCase)
                  ? "--merge-classes case takes them for the same."
                  : "another column than '%s' holds the label there."
                      .formatted(trusted.table().columns().get(trusted.labelColumn())))
          .at(trusted.table().place(trusted.labelled()[0]));
    }

    /** Says how many rows have no cell that is read. */
    private void countBlank(LabelledTable table) {
      int[] blank =
          Arrays.stream(table.labelled())
              .filter(row -> table.columns().length > 0 && isBlank(table, row))
              .toArray();
      if (blank.length > 0) {
        remarks.add(
            "%s: %,d %s nothing that the model reads, the first in line %d; only labels tell them apart."
                .formatted(
                    table.table().file(),
                    blank.length,
                    blank.length == 1 ? "row has" : "rows have",
                    table.table().line(blank[0])));
      }
    }

    private static boolean isBlank(LabelledTable table, int row) {
      for (int column = 0; column < table.columns().length; column++) {
        String cell = table.cell(row, column);
        if (cell != null && !cell.isBlank()) {
          return false;
        }
      }
      return true;
    }

    private Map<Integer, String> known(
        LabelledTable train,
        @Nullable LabelledTable trusted,
        Classes classes,
        Set<Integer> decided) {
      var known = new HashMap<Integer, String>();
      if (options.trustedRows() > train.size()) {
        throw new InvalidInputException(
                "--trusted-rows is %,d; the file has %,d rows."
                    .formatted(options.trustedRows(), train.size()),
                "a digit was repeated.")
            .at(options.train());
      }
      for (int row = 0; row < options.trustedRows(); row++) {
        if (train.labels()[row] != null) {
          known.put(row, train.label(row));
        }
      }
      if (!options.decisions().isEmpty()) {
        Decisions decisions = Decisions.read(Path.of(options.decisions()), train, classes);
        decisions
            .labels()
            .forEach(
                (record, label) -> {
                  known.put(record - 1, label);
                  decided.add(record - 1);
                });
        remarks.add(
            "%s: decisions applied: %,d; unsure, so judged again: %,d."
                .formatted(options.decisions(), decisions.labels().size(), decisions.unsure()));
      }
      if (trusted != null && !train.table().columns().isEmpty() && train.columns().length > 0) {
        addRepeated(train, trusted, known);
      }
      return known;
    }

    /** Rows that are trusted rows too have their labels. */
    private void addRepeated(
        LabelledTable train, LabelledTable trusted, Map<Integer, String> known) {
      var labels = new HashMap<String, String>();
      var unclear = new HashSet<String>();
      for (int row : trusted.labelled()) {
        String before = labels.put(trusted.key(row), trusted.label(row));
        if (before != null && !before.equals(trusted.label(row))) {
          unclear.add(trusted.key(row));
        }
      }
      labels.keySet().removeAll(unclear);
      int repeated = 0;
      int others = 0;
      for (int row : train.labelled()) {
        String label = labels.get(train.key(row));
        if (label != null && !known.containsKey(row)) {
          known.put(row, label);
          repeated++;
          others += label.equals(train.label(row)) ? 0 : 1;
        }
      }
      if (repeated > 0) {
        remarks.add(
            "%,d rows of %s are in %s too and get its labels; %,d of them had another one."
                .formatted(repeated, options.train(), options.trusted(), others));
      }
    }

    private void requireTrusted(
        LabelledTable train,
        @Nullable LabelledTable trusted,
        int[] trustedRows,
        Map<Integer, String> known,
        int[] knownRows,
        Classes classes) {
      var labels = new ArrayList<String>();
      Arrays.stream(knownRows).forEach(row -> labels.add(Objects.requireNonNull(known.get(row))));
      if (trusted != null) {
        Arrays.stream(trustedRows).forEach(row -> labels.add(trusted.label(row)));
      }
      if (labels.isEmpty()) {
        if (trusted != null) {
          throw new InvalidInputException("No trusted row has a label.", "another column holds it.")
              .at(options.trusted());
        }
        return;
      }
      var counts = new TreeMap<String, Integer>();
      labels.forEach(label -> counts.merge(label, 1, Integer::sum));
      if (counts.size() < 2 || labels.size() < 2 * Math.min(5, classes.size())) {
        throw new InvalidInputException(
                "There %s of %s; at least %d rows of at least 2 classes are needed."
                    .formatted(
                        labels.size() == 1
                            ? "is 1 trusted row"
                            : "are %d trusted rows".formatted(labels.size()),
                        counts.size() == 1 ? "1 class" : counts.size() + " classes",
                        2 * Math.min(5, classes.size())),
                "more rows can be checked by hand; without --trusted a file of rows to check is written.")
            .at(trusted == null ? options.train() : options.trusted());
      }
      var rows = new TreeMap<String, Integer>();
      train.allLabels().forEach(label -> rows.merge(label, 1, Integer::sum));
      List<String> missing =
          classes.names().stream().filter(name -> !counts.containsKey(name)).toList();
      if (!missing.isEmpty()) {
        int affected = missing.stream().mapToInt(name -> rows.getOrDefault(name, 0)).sum();
        remarks.add(
            "No trusted row is of class %s%s: their %,d rows are judged by the other labels alone, and nothing was measured on them."
                .formatted(
                    missing.stream()
                        .limit(8)
                        .map(n -> "'" + n + "'")
                        .collect(Collectors.joining(", ")),
                    missing.size() > 8 ? " and %d more".formatted(missing.size() - 8) : "",
                    affected));
      }
    }
  }
}
