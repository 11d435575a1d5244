// What the frames of the local log hold.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "daemon/log/log.h"
#include "daemon/log/output_files.h"
#include "schemas/record.h"

namespace tocsin::daemon {

// Input: one event.
void EncodeInput(Timestamp appended_at, std::string_view topic, std::string_view key,
                 std::span<const schemas::Header> headers, std::string_view value, std::string& out);
// Views into `frame`; `headers` keeps the header views. Topic, partition and offset are the caller's to fill.
[[nodiscard]] Result<Done> DecodeInput(std::string_view frame, schemas::Record& record,
                                       std::vector<schemas::Header>& headers);

// A commit: of any number of partitions.
void EncodeCommits(std::span<const TaskCommit> commits, std::string& out);

struct CommitVisitor {
  // Each may be empty.
  std::function<void(int32_t partition, const std::vector<TopicPosition>& positions)> on_partition;
  std::function<Result<Done>(int32_t partition, std::string_view key, std::string_view value)> on_change;
  std::function<void(schemas::OutputKind kind, std::string_view value)> on_output;
};
[[nodiscard]] Result<Done> VisitCommits(std::string_view frame, const CommitVisitor& visitor);

}  // namespace tocsin::daemon
