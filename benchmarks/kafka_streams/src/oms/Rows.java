package oms;

/** Rows as Kafka Connect writes them; columns are named in snake case there. See contracts/orders.py and customers.py. */
final class Rows {
  record Order(
      String orderId,
      String externalId,
      String customerId,
      String status,
      String currency,
      String subtotal,
      String freight,
      long linesVersion,
      int lineCount,
      String placedAt,
      String requiredAt,
      String shippedAt,
      String cancelledAt,
      String cancellationReason,
      String createdAt,
      String updatedAt,
      String confirmedAt,
      String deliveredAt,
      String rejectedAt,
      String rejectionReason,
      String erasedAt,
      String deliveryAddresses,
      long version) {}

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
      long version) {}

  record Customer(String customerId, String name, String lastName, String email, String company) {}

  private Rows() {}
}
