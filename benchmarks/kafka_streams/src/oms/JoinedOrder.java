package oms;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.ArrayList;
import java.util.List;
import oms.Rows.Line;
import oms.Rows.Order;

/** What is known of one order so far: its newest row, if it came, and the lines that came. */
record JoinedOrder(Order order, List<Line> lines) {
  static final JoinedOrder NOTHING = new JoinedOrder(null, List.of());

  JoinedOrder with(Order newer) {
    return order == null || order.version() < newer.version() ? new JoinedOrder(newer, lines) : this;
  }

  JoinedOrder with(Line line) {
    var more = new ArrayList<Line>(lines.size() + 1);
    lines.stream().filter(known -> !known.orderDetailId().equals(line.orderDetailId())).forEach(more::add);
    more.add(line);
    return new JoinedOrder(order, more);
  }

  @JsonIgnore
  boolean isWhole() {
    return order != null && linesThatCount().size() == order.lineCount();
  }

  List<Line> linesThatCount() {
    return lines.stream().filter(line -> line.linesVersion() == order.linesVersion()).toList();
  }

  String customerKey() {
    return "{\"customer_id\":\"" + order.customerId() + "\"}";
  }
}
