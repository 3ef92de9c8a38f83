package oms;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import oms.Rows.Customer;
import oms.Rows.Line;
import oms.Rows.Order;

/** What is known of one order so far: its newest row, if it came, and the lines that came. */
record JoinedOrder(Order order, List<Line> lines) {
  static final JoinedOrder NOTHING = new JoinedOrder(null, List.of());

  /** The message that is published: the complete order with its customer, who may be unknown. */
  record Document(Order order, List<Line> lines, Customer customer) {}

  JoinedOrder with(Order newer) {
    return order == null || order.newestVersion() < newer.newestVersion() ? new JoinedOrder(newer, lines) : this;
  }

  JoinedOrder with(Line line) {
    var more = new ArrayList<Line>(lines.size() + 1);
    for (var known : lines) {
      if (!known.orderDetailId().equals(line.orderDetailId())) {
        more.add(known);
      } else if (known.newestVersion() >= line.newestVersion()) {
        return this;
      }
    }
    more.add(line);
    return new JoinedOrder(order, more);
  }

  Document with(Customer customer) {
    return new Document(order, shownLines(), customer);
  }

  @JsonIgnore
  boolean isWhole() {
    return order != null && (order.deleted() || currentLines().size() == order.lineCount());
  }

  /** The lines of the order's `lines_version` by number; none of a deleted order. */
  List<Line> shownLines() {
    return order.deleted() ? List.of() : currentLines();
  }

  private List<Line> currentLines() {
    return lines.stream()
        .filter(line -> line.linesVersion() == order.linesVersion())
        .sorted(Comparator.comparingInt(Line::lineNumber))
        .toList();
  }

  @JsonIgnore
  String customerKey() {
    return "{\"customer_id\":\"" + order.customerId() + "\"}";
  }
}
