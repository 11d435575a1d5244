#include "daemon/store/erasures.h"

#include <rocksdb/experimental.h>

#include <algorithm>

namespace tocsin::daemon {
namespace {

// More than there are levels: each checkpoint moves a tombstone down by one.
constexpr int kRounds = 8;
constexpr size_t kSinglyMax = 64;
constexpr size_t kKeysMax = 100'000;  // Beyond them time does it.

}  // namespace

void Erasures::Add(std::string key) {
  if (keys_.size() < kKeysMax) keys_.emplace_back(std::move(key), kRounds);
}

void Erasures::SuggestCompaction(rocksdb::DB& db, rocksdb::ColumnFamilyHandle& family) {
  if (keys_.empty()) return;
  const auto suggest = [&](const std::string& first, const std::string& last) {
    const rocksdb::Slice begin(first);
    const rocksdb::Slice end(last);
    static_cast<void>(rocksdb::experimental::SuggestCompactRange(&db, &family, &begin, &end));
  };
  if (keys_.size() > kSinglyMax) {
    const auto [first, last] = std::ranges::minmax_element(keys_);
    suggest(first->first, last->first);
  } else {
    for (const auto& [key, rounds] : keys_) suggest(key, key);
  }
  for (auto& [key, rounds] : keys_) --rounds;
  while (!keys_.empty() && keys_.front().second <= 0) keys_.pop_front();
}

}  // namespace tocsin::daemon
