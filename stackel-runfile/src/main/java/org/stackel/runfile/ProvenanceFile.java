package org.stackel.runfile;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * provenance.json: what a run depended on besides its experiment. Any part may be left out.
 *
 * @param stackel version of Stackel
 * @param commit the git commit that Stackel was built from
 * @param libtorch version of libtorch
 * @param javacpp version of JavaCPP
 * @param blas name and version of the BLAS library
 * @param jvm name, version and vendor of the Java virtual machine
 * @param os name and version of the operating system
 * @param arch processor architecture
 * @param cpu model of the processor
 * @param processors logical processors that the virtual machine sees
 * @param threads of one operation
 * @param device cpu or cuda
 * @param worldSize processes that began the run
 * @param laterWorldSizes processes of the run after it was resumed with another number of them,
 *     each time; left out if it never was
 * @param inputs SHA-256 of every input file, by its path
 * @param seed of the run
 * @param start when the run began, ISO 8601 in UTC
 * @param plugins where the classes of plug-ins are from: by the key {@code algorithm} or {@code
 *     problem}, or by the dotted path of an option such as {@code problem.encoder}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ProvenanceFile(
    @Nullable String stackel,
    @Nullable String commit,
    @Nullable String libtorch,
    @Nullable String javacpp,
    @Nullable String blas,
    @Nullable String jvm,
    @Nullable String os,
    @Nullable String arch,
    @Nullable String cpu,
    @Nullable Integer processors,
    @Nullable Integer threads,
    @Nullable String device,
    @Nullable Integer worldSize,
    @Nullable List<Integer> laterWorldSizes,
    @Nullable Map<String, String> inputs,
    @Nullable Long seed,
    @Nullable String start,
    @Nullable Map<String, PluginFile> plugins)
    implements WholeFile {
  /** Name of the file. */
  public static final String NAME = "provenance.json";

  private static final Pattern TIME =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z");

  public ProvenanceFile {
    laterWorldSizes = laterWorldSizes == null ? null : List.copyOf(laterWorldSizes);
    inputs = inputs == null ? null : Rule.map(inputs);
    plugins = plugins == null ? null : Rule.map(plugins);
    if (start != null && !TIME.matcher(start).matches()) {
      throw new BrokenRule(
          "start", "must be a time such as 2026-01-05T09:12:44Z", "the file was edited by hand.");
    }
  }

  /** The same with other plug-ins. */
  public ProvenanceFile withPlugins(Map<String, PluginFile> others) {
    return with(laterWorldSizes, others);
  }

  /** The same of a run that goes on with this number of processes. */
  public ProvenanceFile sharedBy(int processes) {
    var later = new ArrayList<Integer>();
    if (laterWorldSizes != null) {
      later.addAll(laterWorldSizes);
    }
    int last = !later.isEmpty() ? later.get(later.size() - 1) : worldSize == null ? 1 : worldSize;
    if (last == processes) {
      return this;
    }
    later.add(processes);
    return with(later, plugins);
  }

  private ProvenanceFile with(
      @Nullable List<Integer> later, @Nullable Map<String, PluginFile> others) {
    return new ProvenanceFile(
        stackel,
        commit,
        libtorch,
        javacpp,
        blas,
        jvm,
        os,
        arch,
        cpu,
        processors,
        threads,
        device,
        worldSize,
        later,
        inputs,
        seed,
        start,
        others);
  }

  /**
   * A class of a plug-in.
   *
   * @param type name of the class
   * @param file name of its jar, or of its directory of classes
   * @param sha256 SHA-256 of the jar; left out for a directory
   * @param earlier SHA-256 of other versions of the jar that the run used before it was resumed,
   *     the oldest first; left out if there is none
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record PluginFile(
      String type, String file, @Nullable String sha256, @Nullable List<String> earlier) {
    public PluginFile {
      earlier = earlier == null ? null : List.copyOf(earlier);
    }
  }
}
