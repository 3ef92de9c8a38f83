package oms;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.table.functions.ScalarFunction;

/** A line as an element of an array literal of Postgres: the JDBC connector writes neither arrays nor composite types. */
public final class OrderLine extends ScalarFunction {
  private static final AtomicBoolean BEGAN = new AtomicBoolean();

  public String eval(
      String id,
      Integer number,
      String sku,
      String name,
      Integer quantity,
      String price,
      String discount,
      String amount,
      String address,
      Long version) {
    began();
    var fields =
        String.join(
            ",",
            id,
            number.toString(),
            quoted(sku),
            quoted(name),
            quantity.toString(),
            price,
            discount,
            amount,
            address,
            version.toString(),
            "f");
    return quoted("(" + fields + ")");
  }

  private static String quoted(String text) {
    return '"' + escaped(text) + '"';
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  /** Says when the first line came, in milliseconds since 1970: the benchmark's clock starts there. */
  private static void began() {
    if (!BEGAN.get() && BEGAN.compareAndSet(false, true)) {
      System.out.println("began " + System.currentTimeMillis());
    }
  }
}
