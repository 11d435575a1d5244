// User agents parsed before: few thousand distinct texts make nearly all of a day's traffic.
//
// Thread safety: none; each worker has its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/enrich/user_agent.h"

namespace tocsin::daemon {

// A table of sets of four; the entry of a set that was not used for longest is replaced. Texts are compared
// whole, so two that share a hash never share an answer. Bounded: `entries` texts of at most
// UserAgentParser::kBytesMax bytes.
class UserAgentCache {
 public:
  static constexpr size_t kEntries = 16384;

  // `entries` is rounded up to a power of two, at least 4.
  explicit UserAgentCache(std::shared_ptr<const UserAgentParser> parser, size_t entries = kEntries);

  // Holds until the next call.
  const UserAgentInfo& Find(std::string_view user_agent);

  [[nodiscard]] uint64_t hits() const { return hits_; }
  [[nodiscard]] uint64_t misses() const { return misses_; }

 private:
  // What tells the entries of a set apart, together in half a cache line: the texts lie elsewhere.
  struct Set {
    std::array<uint32_t, 4> tags{};  // The upper half of the hash.
    std::array<uint32_t, 4> used{};  // When; 0: empty.
  };
  struct Entry {
    std::string text;
    UserAgentInfo info;
  };

  std::shared_ptr<const UserAgentParser> parser_;
  std::vector<Set> sets_;
  std::vector<Entry> entries_;  // Four for each set.
  uint32_t clock_ = 0;
  uint64_t hits_ = 0;
  uint64_t misses_ = 0;
};

}  // namespace tocsin::daemon
