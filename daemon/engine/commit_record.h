// The last changelog record of each commit of a partition: it ties commits into a chain that recovery checks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "daemon/log/log.h"

namespace tocsin::daemon {

struct CommitRecord {
  uint64_t sequence = 0;                 // Of this partition, from 1, without gaps.
  std::vector<TopicPosition> positions;  // Next input offset per topic, by topic name.
  uint64_t segments = 0;                 // Changelog records of this commit before this one.
  uint64_t outputs = 0;
  uint64_t events = 0;  // Input records of all commits so far.
  uint64_t chain = 0;   // Hash of (previous chain, every changelog record of this commit).
  // Of the newest form in which a state may have been written up to here (Processor::state_form); 0 is not
  // written, as before there was one.
  uint64_t state_form = 0;
  friend bool operator==(const CommitRecord&, const CommitRecord&) = default;
};

// Changelog keys: one byte of kind, then the state's key. Kind 0 is the commit record, 1…63 a segment.
inline constexpr uint8_t kCommitKind = 0;
[[nodiscard]] std::string ChangelogKey(uint8_t kind, std::string_view key);

[[nodiscard]] std::string Encode(const CommitRecord& record);
// kConflict: a later version of the program wrote it. kCorrupt: none did.
[[nodiscard]] Result<CommitRecord> DecodeCommitRecord(std::string_view bytes);

// Folds one changelog record (not the commit record) into the chain value.
[[nodiscard]] uint64_t ExtendChain(uint64_t chain, std::string_view key, std::string_view value);

}  // namespace tocsin::daemon
