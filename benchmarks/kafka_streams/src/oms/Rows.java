package oms;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Rows as Kafka Connect writes them; columns are named in snake case there. See contracts/orders.py and customers.py. */
final class Rows {
  record Order(
      String orderId,
      Long number,
      String externalId,
      String source,
      String customerId,
      String status,
      String currency,
      String subtotal,
      String freight,
      long linesVersion,
      int lineCount,
      String placedAt,
      String requiredAt,
      String confirmedAt,
      String shippedAt,
      String deliveredAt,
      String cancelledAt,
      String cancellationReason,
      String rejectedAt,
      String rejectionReason,
      String erasedAt,
      String createdAt,
      String updatedAt,
      String deliveryAddresses,
      long version,
      @JsonProperty("__deleted") boolean deleted) {

    /** A deletion counts as one change after the last version. */
    long newestVersion() {
      return deleted ? version + 1 : version;
    }
  }

  record Line(
      String orderDetailId,
      String orderId,
      long linesVersion,
      int lineNumber,
      String sku,
      String productName,
      int quantity,
      String unitPrice,
      String discount,
      String amount,
      String deliveryAddressId,
      long version,
      @JsonProperty("__deleted") boolean deleted) {

    long newestVersion() {
      return deleted ? version + 1 : version;
    }
  }

  record Customer(String customerId, String name, String lastName, String email, String company) {}

  private Rows() {}
}
