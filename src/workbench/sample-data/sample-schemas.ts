/** The schemas of the sample data, one of each kind that the registry knows. */

export const customerSchema = `{
  "type": "record",
  "name": "Customer",
  "namespace": "shop.v1",
  "doc": "A person who buys. The newest record of an id is what holds.",
  "fields": [
    { "name": "customerId", "type": "string" },
    { "name": "name", "type": "string" },
    { "name": "email", "type": ["null", "string"], "default": null },
    { "name": "tier", "type": { "type": "enum", "name": "Tier", "symbols": ["STANDARD", "PLUS", "BUSINESS"] }, "default": "STANDARD" },
    {
      "name": "address",
      "type": {
        "type": "record",
        "name": "Address",
        "fields": [
          { "name": "street", "type": "string" },
          { "name": "zip", "type": "string" },
          { "name": "city", "type": "string" },
          { "name": "country", "type": "string" }
        ]
      }
    },
    { "name": "registeredAt", "type": { "type": "long", "logicalType": "timestamp-millis" } },
    { "name": "updatedAt", "type": { "type": "long", "logicalType": "timestamp-millis" } }
  ]
}`

export const orderSchema = `{
  "type": "record",
  "name": "Order",
  "namespace": "shop.v1",
  "doc": "One step in the life of an order.",
  "fields": [
    { "name": "orderId", "type": "long", "doc": "Beyond 2^53, as many a database makes them" },
    { "name": "customerId", "type": "string" },
    {
      "name": "status",
      "type": { "type": "enum", "name": "OrderStatus", "symbols": ["PLACED", "PAID", "CANCELLED", "SHIPPED"] }
    },
    {
      "name": "lines",
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "OrderLine",
          "fields": [
            { "name": "sku", "type": "string" },
            { "name": "product", "type": "string" },
            { "name": "quantity", "type": "int" },
            { "name": "price", "type": { "type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2 } }
          ]
        }
      }
    },
    { "name": "total", "type": { "type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2 } },
    { "name": "currency", "type": "string" },
    { "name": "note", "type": ["null", "string"], "default": null },
    { "name": "at", "type": { "type": "long", "logicalType": "timestamp-millis" } }
  ]
}`

export const paymentSchema = `{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "Payment",
  "type": "object",
  "additionalProperties": false,
  "required": ["paymentId", "orderId", "customerId", "status", "amount", "currency", "method", "at"],
  "properties": {
    "paymentId": { "type": "string", "format": "uuid" },
    "orderId": { "type": "integer" },
    "customerId": { "type": "string" },
    "status": { "enum": ["AUTHORIZED", "CAPTURED", "DECLINED", "REFUNDED"] },
    "amount": { "type": "number", "minimum": 0 },
    "currency": { "type": "string", "minLength": 3, "maxLength": 3 },
    "method": {
      "type": "object",
      "required": ["type"],
      "properties": {
        "type": { "enum": ["CARD", "WALLET", "INVOICE"] },
        "last4": { "type": "string", "pattern": "^[0-9]{4}$" }
      }
    },
    "declineReason": { "type": ["string", "null"] },
    "at": { "type": "string", "format": "date-time" }
  }
}`

export const shipmentSchema = `syntax = "proto3";
package shop.v1;

message Shipment {
  string shipment_id = 1;
  int64 order_id = 2;
  Status status = 3;
  Carrier carrier = 4;
  string tracking_code = 5;
  repeated Parcel parcels = 6;
  int64 at_ms = 7;

  enum Status {
    STATUS_UNSPECIFIED = 0;
    PACKED = 1;
    HANDED_OVER = 2;
    IN_TRANSIT = 3;
    DELIVERED = 4;
    RETURNED = 5;
  }

  message Carrier {
    string name = 1;
    string country = 2;
  }

  message Parcel {
    int32 weight_grams = 1;
    string label = 2;
  }
}
`
