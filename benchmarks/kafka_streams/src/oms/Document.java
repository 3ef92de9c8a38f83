package oms;

import oms.Rows.Customer;

/** The joined order as a row of one table, for the JDBC sink: flat, as it cannot take objects within objects. */
record Document(
    String orderId,
    String externalId,
    String customerId,
    String customerName,
    String customerLastName,
    String customerEmail,
    String customerCompany,
    String status,
    String currency,
    String subtotal,
    String freight,
    String placedAt,
    String requiredAt,
    String shippedAt,
    String cancelledAt,
    String cancellationReason,
    String confirmedAt,
    String deliveredAt,
    String rejectedAt,
    String rejectionReason,
    String erasedAt,
    String createdAt,
    String updatedAt,
    String deliveryAddresses,
    String lines,
    long version) {

  static Document of(JoinedOrder joined, Customer customer) {
    var order = joined.order();
    return new Document(
        order.orderId(),
        order.externalId(),
        order.customerId(),
        customer == null ? null : customer.name(),
        customer == null ? null : customer.lastName(),
        customer == null ? null : customer.email(),
        customer == null ? null : customer.company(),
        order.status(),
        order.currency(),
        order.subtotal(),
        order.freight(),
        order.placedAt(),
        order.requiredAt(),
        order.shippedAt(),
        order.cancelledAt(),
        order.cancellationReason(),
        order.confirmedAt(),
        order.deliveredAt(),
        order.rejectedAt(),
        order.rejectionReason(),
        order.erasedAt(),
        order.createdAt(),
        order.updatedAt(),
        order.deliveryAddresses(),
        Json.text(joined.linesThatCount()),
        order.version());
  }
}
