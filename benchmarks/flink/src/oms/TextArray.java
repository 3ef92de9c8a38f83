package oms;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.flink.table.functions.ScalarFunction;

/** Texts, each on a line, as an array literal of Postgres without duplicates. */
public final class TextArray extends ScalarFunction {
  public String eval(String texts) {
    return Arrays.stream(texts.split("\n"))
        .distinct()
        .map(text -> '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
        .collect(Collectors.joining(",", "{", "}"));
  }
}
