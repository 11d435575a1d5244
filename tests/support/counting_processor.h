// A processor that counts: for each record it puts out "<key> <count> <value>". What is lost, repeated or
// processed on an old state shows in the outputs.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "daemon/engine/processor.h"

namespace tocsin::daemon {

inline constexpr uint8_t kCountSegment = 5;
inline constexpr uint8_t kLastSegment = 9;

// Two segments: how many records the key has had, and the last one's text.
class Counter final : public KeyedState {
 public:
  uint64_t count = 0;
  std::string last;
  uint64_t changed_bits = 0;

  uint64_t changed() const override { return changed_bits; }
  void ClearChanged() override { changed_bits = 0; }
  uint64_t segments() const override { return 1U << kCountSegment | 1U << kLastSegment; }
  void EncodeSegment(uint8_t segment, std::string& out) const override {
    ByteWriter writer(out);
    if (segment == kCountSegment && count > 0) writer.Varint(count);
    if (segment == kLastSegment && !last.empty()) writer.String(last);
  }
  Result<Done> DecodeSegment(uint8_t segment, std::string_view bytes) override {
    ByteReader reader(bytes);
    if (segment == kCountSegment) count = bytes.empty() ? 0 : reader.Varint();
    if (segment == kLastSegment) last = bytes.empty() ? "" : reader.String();
    return Done{};
  }
  size_t ByteSize() const override { return sizeof(*this) + last.capacity(); }
};

// "erase" forgets the key. Stops with an error when `fail_in` has counted down to nothing.
class CountingProcessor final : public Processor {
 public:
  uint64_t form = 0;  // In which the program's version writes states.

  explicit CountingProcessor(std::atomic<int>* fail_in = nullptr) : fail_in_(fail_in) {}
  uint64_t state_form() const override { return form; }
  std::unique_ptr<KeyedState> NewState(std::string_view) const override {
    return std::make_unique<Counter>();
  }
  Result<Done> Process(const schemas::Record& record, Timestamp, States& states, Outputs& outputs) override {
    if (fail_in_ != nullptr && --*fail_in_ == 0) return Error{ErrorCode::kUnavailable, "disk", "test"};
    if (record.value == "erase") {
      return states.Erase(record.key);
    }
    auto state = states.Load(record.key);
    if (!state) return state.error();
    auto& counter = static_cast<Counter&>(**state);
    ++counter.count;
    counter.last = record.value;
    counter.changed_bits = counter.segments();
    outputs.Add(
        {.kind = schemas::OutputKind::kFinding,
         .key = std::string(record.key),
         .headers = {},
         .value = std::string(record.key) + " " + std::to_string(counter.count) + " " + counter.last});
    return Done{};
  }

 private:
  std::atomic<int>* fail_in_;
};

}  // namespace tocsin::daemon
