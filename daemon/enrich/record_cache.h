// Decoded database records by their number: a look-up then costs a tree walk and one probe here.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tocsin::daemon {

// A table of pairs; of a pair the entry used last stays. Bounded, never grows. Thread safety: none.
template <class Value>
class RecordCache {
 public:
  explicit RecordCache(size_t entries) : pairs_(std::bit_ceil(entries < 2 ? size_t{2} : entries) / 2) {}

  // The value of `key`; when it is not here `make(value)` fills the place of the one used longer ago (whose
  // strings keep their capacity). Holds until the next call. `key` may be anything but kNoKey.
  static constexpr uint64_t kNoKey = ~uint64_t{0};
  template <class Make>
  const Value& Find(uint64_t key, const Make& make) {
    Pair& pair = pairs_[(key * 0x9E3779B97F4A7C15U >> 20) & (pairs_.size() - 1)];
    for (uint8_t i = 0; i < 2; ++i) {
      if (pair.keys[i] == key) {
        pair.last_used = i;
        return pair.values[i];
      }
    }
    const uint8_t victim = pair.last_used ^ 1;
    pair.keys[victim] = kNoKey;  // Should `make` throw, nothing wrong stays.
    make(pair.values[victim]);
    pair.keys[victim] = key;
    pair.last_used = victim;
    return pair.values[victim];
  }

  void Clear() {
    for (Pair& pair : pairs_) pair.keys = {kNoKey, kNoKey};
  }

 private:
  struct Pair {
    std::array<uint64_t, 2> keys{kNoKey, kNoKey};
    uint8_t last_used = 1;
    std::array<Value, 2> values;
  };
  std::vector<Pair> pairs_;
};

}  // namespace tocsin::daemon
