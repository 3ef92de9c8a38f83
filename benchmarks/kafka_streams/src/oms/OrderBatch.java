package oms;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Orders to write to `sales_order`: the newest of each, in one batch that the driver rewrites to multi-row statements. */
final class OrderBatch implements AutoCloseable {
  private static final String[] COLUMNS = {
    "order_id", "number", "external_id", "source", "customer_id", "status", "currency", "subtotal", "freight",
    "lines_version", "line_count", "placed_at", "required_at", "confirmed_at", "shipped_at", "delivered_at",
    "cancelled_at", "cancellation_reason", "rejected_at", "rejection_reason", "erased_at", "created_at", "updated_at",
    "delivery_addresses", "lines", "skus", "countries", "version", "deleted"
  };

  private static final String UPSERT =
      ("INSERT INTO sales_order AS here (%s) VALUES (%s)"
              + " ON CONFLICT (order_id) DO UPDATE SET %s WHERE here.version < excluded.version")
          .formatted(
              String.join(", ", COLUMNS),
              String.join(", ", Collections.nCopies(COLUMNS.length, "?")),
              Arrays.stream(COLUMNS).skip(1).map(name -> name + " = excluded." + name).collect(Collectors.joining(", ")));

  private final Connection connection;
  private final PreparedStatement upsert;
  private final Map<String, JoinedOrder> orders = new TreeMap<>();

  OrderBatch(String url) throws SQLException {
    connection = DriverManager.getConnection(url);
    connection.setAutoCommit(false);
    upsert = connection.prepareStatement(UPSERT);
  }

  void add(JoinedOrder order) {
    orders.put(order.order().orderId(), order);
  }

  int size() {
    return orders.size();
  }

  /** Writes and commits. The orders are sorted by id, so that two writers cannot lock each other out. */
  void write() throws SQLException {
    if (orders.isEmpty()) {
      return;
    }
    for (var order : orders.values()) {
      var values = PostgresText.row(order);
      for (int place = 0; place < values.length; place++) {
        upsert.setObject(place + 1, values[place]);
      }
      upsert.addBatch();
    }
    upsert.executeBatch();
    connection.commit();
    orders.clear();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
