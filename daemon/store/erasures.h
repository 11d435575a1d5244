// Keys that were deleted, until nothing of them is left in any file (docs/adr/0022).
#pragma once

#include <rocksdb/db.h>

#include <deque>
#include <string>
#include <utility>

namespace tocsin::daemon {

// Of one column family; one thread at a time.
class Erasures {
 public:
  void Add(std::string key);
  // After each checkpoint: has the files that may hold such a key compacted in the background, one level
  // further each time. Not a promise but a hint: what it misses the next one, or time (Options::ttl), does.
  void SuggestCompaction(rocksdb::DB& db, rocksdb::ColumnFamilyHandle& family);

 private:
  std::deque<std::pair<std::string, int>> keys_;  // With the number of checkpoints that still see to it.
};

}  // namespace tocsin::daemon
