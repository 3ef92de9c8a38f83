package oms;

import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.table.functions.ScalarFunction;

/** The countries of delivery addresses (JSON), as an array literal of Postgres without duplicates. */
public final class Countries extends ScalarFunction {
  private static final Pattern COUNTRY = Pattern.compile("\"country\":\\s*\"(\\w+)\"");

  public String eval(String addresses) {
    return COUNTRY
        .matcher(addresses)
        .results()
        .map(found -> found.group(1))
        .distinct()
        .collect(Collectors.joining(",", "{", "}"));
  }
}
