// Bytes to events (contracts.md §1): CloudEvents binary and structured, plain JSON, any of them behind a
// Confluent frame; found out per record.
//
// What stands twice: `ce_id` and `ce_source` (the envelope's `id` and `source`) identify the event and win
// over `event_id` and `source` of the data; `ce_time`, `ce_tenant` and a traceparent only fill what the data
// leaves out; a `ce_type` that contradicts the data's `type` is rejected. A rejection names the member the
// attribute stands for. An event that names no source has its record's topic, or its type's default, for one.
//
// null is the same as an absent member. Empty optional texts are absent too. A traceparent or a device id
// that cannot be one is forgotten; nothing else of an event is repaired.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "schemas/event.h"
#include "schemas/record.h"
#include "schemas/rejection.h"

namespace tocsin::schemas {

struct DecodeLimits {
  size_t bytes_max = size_t{64} << 10U;
  int depth_max = 16;
  // Later than the record was appended by more: clamped to that and flagged.
  Millis future_max = std::chrono::minutes(5);
  // Stands for the time of records without one (a file's): when reading began. The last there is clamps
  // nothing.
  Timestamp read_at = kTimestampMax;
  // The record key must be the account id. Off for files and HTTP, where there is no key.
  bool check_key = true;
};

// Strict in what the contract names (types, ranges, enums, required and duplicate members, UTF-8, size,
// depth), tolerant of members it does not and of what a client says of itself. Reuses its parser and the
// event's strings: no allocation for an ordinary record.
//
// Thread safety: one thread at a time; make one per worker.
class EventDecoder {
 public:
  explicit EventDecoder(DecodeLimits limits = {});
  ~EventDecoder();
  EventDecoder(EventDecoder&&) noexcept;
  EventDecoder& operator=(EventDecoder&&) noexcept;

  // On success `event` holds the record; on rejection its content is unspecified. `event.facts` is cleared. A
  // profile record without a value (a tombstone of the compacted topic) is kEmptyRecord, as is any other
  // record without a value.
  [[nodiscard]] Result<Done, Rejection> Decode(const Record& record, Event& event);

  // What the client says of itself (its address, agent, language, zone, device) must not hide what it did.
  // When such a member of the last event was not as the contract has it, the event is decoded without it, or
  // with what fits of its text, and this is why; nullptr: all was read. The record is worth a dead letter all
  // the same.
  [[nodiscard]] const Rejection* left_out() const;

  // Members that the contract does not name, seen since construction.
  [[nodiscard]] uint64_t unknown_members() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::schemas
