// The CloudEvents around an event: attributes in headers (binary mode) or in an envelope (structured mode).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/codec/document.h"
#include "schemas/record.h"

namespace tocsin::schemas::codec {

// What the headers say; empty where there is nothing. Views into the record.
struct HeaderAttributes {
  std::string_view content_type;
  std::string_view specversion;
  std::string_view type;
  std::string_view id;
  std::string_view source;
  std::string_view time;
  std::string_view tenant;
  std::string_view ce_traceparent;
  std::string_view traceparent;  // Of the last hop, as tracing libraries send it.

  // The value is a whole envelope.
  [[nodiscard]] bool structured() const;
  [[nodiscard]] bool binary() const { return !structured() && (!type.empty() || !specversion.empty()); }
};

// `ce_name` of the Kafka binding, `ce-name` of the HTTP one; names in any case.
[[nodiscard]] HeaderAttributes ReadHeaders(std::span<const Header> headers);

// The bytes behind a Confluent frame (0x00, schema id of 4 bytes), when JSON follows it; else the bytes.
[[nodiscard]] std::string_view WithoutFrame(std::string_view value);

// Puts the attributes in the places of the members they stand for: id and source take precedence over the
// data, as they identify the event; time, tenant and traceparent fill what the data leaves out. False with
// `fault` set when the CloudEvent is of another version, its data is not a JSON object, or its type
// contradicts the data's. Attributes of headers are views into the record and must outlive `document`.
[[nodiscard]] bool ApplyHeaders(const HeaderAttributes& headers, Document& document, Fault& fault);
[[nodiscard]] bool ApplyEnvelope(Document& document, Fault& fault);

// The envelope's data are bytes in base64 (`data_base64`): a document of their own, to be read after it.
[[nodiscard]] bool HasEncodedData(const Document& document);

// Such an envelope, owned: reading its data ends the views of its own document. REQUIRES: outlives the
// document that it is applied to.
class EncodedEnvelope {
 public:
  // False with `fault` set as by ApplyEnvelope, or when there is `data` as well, or no base64.
  [[nodiscard]] bool Take(const Document& document, Fault& fault);
  [[nodiscard]] std::string_view data() const { return data_; }
  // To the document that the data are.
  [[nodiscard]] bool Apply(Document& document, Fault& fault) const;

 private:
  std::string data_;
  std::string type_;
  std::string id_;
  std::string source_;
  std::string time_;
  std::string tenant_;
  std::string traceparent_;
  uint64_t unknown_members_ = 0;
};

}  // namespace tocsin::schemas::codec
