package oms;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import oms.Rows.Line;

/** The values of a row of `sales_order`. Texts are sent untyped, and Postgres converts them to the columns' types. */
final class PostgresText {
  private static final Pattern COUNTRY = Pattern.compile("\"country\":\\s*\"(\\w+)\"");

  static Object[] row(JoinedOrder joined) {
    var order = joined.order();
    var lines = joined.shownLines();
    return new Object[] {
      order.orderId(), order.number(), order.externalId(), order.source(), order.customerId(), order.status(),
      order.currency(), order.subtotal(), order.freight(), order.linesVersion(), order.lineCount(), order.placedAt(),
      order.requiredAt(), order.confirmedAt(), order.shippedAt(), order.deliveredAt(), order.cancelledAt(),
      order.cancellationReason(), order.rejectedAt(), order.rejectionReason(), order.erasedAt(), order.createdAt(),
      order.updatedAt(), order.deliveryAddresses(), lines(lines), skus(lines),
      order.deleted() ? "{}" : countries(order.deliveryAddresses()), order.newestVersion(), order.deleted()
    };
  }

  private static String lines(List<Line> lines) {
    return lines.stream().map(PostgresText::line).collect(Collectors.joining(",", "{", "}"));
  }

  private static String line(Line line) {
    var fields =
        String.join(
            ",",
            line.orderDetailId(),
            Integer.toString(line.lineNumber()),
            quoted(line.sku()),
            quoted(line.productName()),
            Integer.toString(line.quantity()),
            line.unitPrice(),
            line.discount(),
            line.amount(),
            line.deliveryAddressId(),
            Long.toString(line.newestVersion()),
            line.deleted() ? "t" : "f");
    return quoted("(" + fields + ")");
  }

  private static String skus(List<Line> lines) {
    return lines.stream()
        .filter(line -> !line.deleted())
        .map(line -> quoted(line.sku()))
        .distinct()
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String countries(String addresses) {
    return COUNTRY
        .matcher(addresses)
        .results()
        .map(found -> found.group(1))
        .distinct()
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private PostgresText() {}
}
