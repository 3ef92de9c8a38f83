package oms;

import java.sql.SQLException;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;

/**
 * The orders that a task has yet to write to Postgres: written once there are enough, and before offsets are committed.
 *
 * <p>It is a state store because Kafka Streams commits its stores before the offsets: so no order is lost.
 */
final class ReadModel implements StateStore {
  static final String NAME = "read-model";

  private static final int MOST = 1024;

  private final String url;
  private OrderBatch batch;

  ReadModel(String url) {
    this.url = url;
  }

  void add(JoinedOrder order) {
    batch.add(order);
    if (batch.size() >= MOST) {
      write();
    }
  }

  private void write() {
    try {
      batch.write();
    } catch (SQLException error) {
      throw new IllegalStateException(error);
    }
  }

  @Override
  public void commit(Map<TopicPartition, Long> offsets) {
    write();
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    try {
      batch = new OrderBatch(url);
    } catch (SQLException error) {
      throw new IllegalStateException(error);
    }
    context.register(root, (key, value) -> {});
  }

  @Override
  public void close() {
    try {
      batch.close();
    } catch (SQLException error) {
      throw new IllegalStateException(error);
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean persistent() {
    return false;
  }

  @Override
  public boolean isOpen() {
    return batch != null;
  }
}
