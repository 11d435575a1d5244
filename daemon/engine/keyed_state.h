// What a processor remembers of one key (an account), as the engine sees it: named segments of bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tocsin::daemon {

// Not thread safe: it belongs to one task, and a task to one thread.
class KeyedState {
 public:
  virtual ~KeyedState() = default;

  // Bit n is set when segment n (1…63) changed since ClearChanged.
  [[nodiscard]] virtual uint64_t changed() const = 0;
  virtual void ClearChanged() = 0;
  // All segments this kind of state has, as bits.
  [[nodiscard]] virtual uint64_t segments() const = 0;

  // Appends the segment's bytes; nothing when it is empty.
  virtual void EncodeSegment(uint8_t segment, std::string& out) const = 0;
  // Replaces the segment; empty bytes are the empty segment. Does not mark it as changed.
  [[nodiscard]] virtual Result<Done> DecodeSegment(uint8_t segment, std::string_view bytes) = 0;

  // Memory held, this object included.
  [[nodiscard]] virtual size_t ByteSize() const = 0;

  // Brings near what the next event will read, in two steps: what the state points to, and what that points
  // to. Change nothing.
  virtual void Prefetch() const {}
  virtual void PrefetchFar() const {}
};

}  // namespace tocsin::daemon
