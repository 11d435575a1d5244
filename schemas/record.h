// A record as a log holds it: bytes with a place. Views; whoever polled it owns the bytes until the next
// poll.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace tocsin::schemas {

struct Header {
  std::string_view name;
  std::string_view value;
};

struct Record {
  std::string_view topic;
  int32_t partition = 0;
  int64_t offset = 0;
  // The log's time: broker's or producer's for Kafka, but never later than it was read; receipt for the local
  // log. Timestamp{}: a file's, which has none.
  Timestamp appended_at;
  std::string_view key;
  std::span<const Header> headers;
  std::string_view value;
};

// A record to be written, owned.
struct OutHeader {
  std::string name;
  std::string value;
};

// A verdict line (contracts.md §4) is written by replay only.
enum class OutputKind : uint8_t { kFinding, kNotice, kTicket, kAction, kDeadLetter, kVerdict };

struct OutRecord {
  OutputKind kind = OutputKind::kFinding;
  std::string key;  // The account id; "" for a dead letter without one.
  std::vector<OutHeader> headers;
  std::string value;
};

}  // namespace tocsin::schemas
