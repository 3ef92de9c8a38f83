package oms;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import oms.JoinedOrder.Document;
import oms.Rows.Customer;
import oms.Rows.Line;
import oms.Rows.Order;

/**
 * The join of orders_stream: each complete order with its lines into the read model, and with its customer to a topic.
 *
 * <p>Orders and lines have the same key, so nothing is partitioned anew, and one store holds both (a cogroup): of the
 * ways to write this join it has the fewest stores and changelogs.
 */
final class Joining {
  private static final AtomicBoolean BEGAN = new AtomicBoolean();

  static Topology topology(String joined, Sink sink) {
    var builder = new StreamsBuilder();
    var orders = rows(builder, "order", Order.class);
    var lines = rows(builder, "order_detail", Line.class);
    var customers = builder.globalTable("customer", Consumed.with(Serdes.String(), Json.serde(Customer.class)));
    var whole =
        orders
            .groupByKey(Grouped.with(Serdes.String(), Json.serde(Order.class)))
            .<JoinedOrder>cogroup((key, order, known) -> known.with(order))
            .cogroup(
                lines.groupByKey(Grouped.with(Serdes.String(), Json.serde(Line.class))),
                (key, line, known) -> known.with(line))
            .aggregate(() -> JoinedOrder.NOTHING, Materialized.with(Serdes.String(), Json.serde(JoinedOrder.class)))
            .toStream()
            .filter((key, order) -> order.isWhole());
    whole.process(sink);
    whole
        .leftJoin(customers, (key, order) -> order.customerKey(), JoinedOrder::with)
        .to(joined, Produced.with(Serdes.String(), Json.serde(Document.class)));
    return builder.build();
  }

  private static <T> KStream<String, T> rows(StreamsBuilder builder, String topic, Class<T> type) {
    return builder.stream(topic, Consumed.with(Serdes.String(), Json.serde(type))).peek((key, row) -> began());
  }

  /** Says when the first row came, in milliseconds since 1970: the benchmark's clock starts there. */
  private static void began() {
    if (!BEGAN.get() && BEGAN.compareAndSet(false, true)) {
      System.out.println("began " + System.currentTimeMillis());
    }
  }
}
