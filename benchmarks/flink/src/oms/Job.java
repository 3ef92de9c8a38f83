package oms;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/** The process: runs the statements of an SQL file, each ended by a semicolon and a line break, in one JVM. */
public final class Job {
  private static final Pattern COMMENT = Pattern.compile("(?m)^--.*$");
  private static final Pattern SET = Pattern.compile("SET '(.+)' = '(.+)'");

  public static void main(String[] arguments) throws Exception {
    var statements = COMMENT.matcher(Files.readString(Path.of(arguments[0]))).replaceAll("").split(";\n");
    var settings = new Configuration();
    for (var statement : statements) {
      var set = SET.matcher(statement.strip());
      if (set.matches()) {
        settings.setString(set.group(1), set.group(2));
      }
    }
    var environment = StreamExecutionEnvironment.createLocalEnvironment(settings);
    var tables = StreamTableEnvironment.create(environment);
    tables.createTemporarySystemFunction("ORDER_LINE", OrderLine.class);
    tables.createTemporarySystemFunction("TEXT_ARRAY", TextArray.class);
    tables.createTemporarySystemFunction("COUNTRIES", Countries.class);
    for (var statement : statements) {
      if (!statement.isBlank() && !SET.matcher(statement.strip()).matches()) {
        run(tables, statement.strip());
      }
    }
  }

  private static void run(StreamTableEnvironment tables, String statement) throws Exception {
    var result = tables.executeSql(statement);
    if (statement.startsWith("INSERT")) {
      result.await();
    }
  }
}
