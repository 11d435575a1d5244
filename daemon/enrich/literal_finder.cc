#include "daemon/enrich/literal_finder.h"

#include <algorithm>
#include <utility>

namespace tocsin::daemon {

size_t LiteralFinder::BucketOf(const char* bytes) {
  const uint32_t three = static_cast<uint32_t>(static_cast<unsigned char>(bytes[0])) |
                         static_cast<uint32_t>(static_cast<unsigned char>(bytes[1])) << 8 |
                         static_cast<uint32_t>(static_cast<unsigned char>(bytes[2])) << 16;
  return (three * 0x9E3779B1U) >> 19;  // Fibonacci hashing to 13 bits.
}

LiteralFinder::LiteralFinder(std::vector<std::string> literals)
    : literals_(std::move(literals)), bucket_begin_(kBuckets + 1, 0) {
  for (size_t i = 0; i < literals_.size(); ++i) {
    if (literals_[i].size() < 3) {
      always_.push_back(static_cast<int>(i));
    } else {
      ++bucket_begin_[BucketOf(literals_[i].data()) + 1];
    }
  }
  for (size_t b = 1; b < bucket_begin_.size(); ++b) bucket_begin_[b] += bucket_begin_[b - 1];
  by_bucket_.resize(bucket_begin_.back());
  std::vector<uint32_t> next(bucket_begin_.begin(), bucket_begin_.end() - 1);
  for (size_t i = 0; i < literals_.size(); ++i) {
    if (literals_[i].size() >= 3) by_bucket_[next[BucketOf(literals_[i].data())]++] = static_cast<int>(i);
  }
}

void LiteralFinder::Find(std::string_view text, std::vector<int>& found) const {
  found = always_;
  for (size_t at = 0; at + 3 <= text.size(); ++at) {
    const size_t bucket = BucketOf(text.data() + at);
    for (uint32_t i = bucket_begin_[bucket]; i < bucket_begin_[bucket + 1]; ++i) {
      if (text.substr(at).starts_with(literals_[static_cast<size_t>(by_bucket_[i])]))
        found.push_back(by_bucket_[i]);
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
}

}  // namespace tocsin::daemon
