// Finds which of some thousand literals occur in a text, in one pass: by a table of their first three bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::daemon {

// Thread safety: immutable after construction.
class LiteralFinder {
 public:
  explicit LiteralFinder(std::vector<std::string> literals);

  // The numbers of the literals in `text`, ascending, each once.
  void Find(std::string_view text, std::vector<int>& found) const;

 private:
  static constexpr size_t kBuckets = 8192;
  [[nodiscard]] static size_t BucketOf(const char* bytes);

  std::vector<std::string> literals_;
  std::vector<int> always_;  // Shorter than three bytes: cheaper to take for found.
  std::vector<uint32_t>
      bucket_begin_;  // Where the literals of a bucket begin in by_bucket_; one more at the end.
  std::vector<int> by_bucket_;
};

}  // namespace tocsin::daemon
