package oms;

import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.streams.KafkaStreams;

/** The process: reads its settings from a file, joins until SIGTERM. */
public final class Application {
  public static void main(String[] arguments) throws Exception {
    var settings = new Properties();
    try (var file = new java.io.FileReader(arguments[0])) {
      settings.load(file);
    }
    var sink = new Sink(settings.getProperty("read.model.url"));
    var streams = new KafkaStreams(Joining.topology(settings.getProperty("joined.topic"), sink), settings);
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          System.exit(1);
          return null;
        });
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(10))));
    streams.start();
  }
}
