// The two small files by which a start of the embedded log knows what was on disk before it. Each is replaced
// in one step, at a checkpoint and at the end, and never says more than is true.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "daemon/log/output_history.h"

namespace tocsin::daemon {

// outputs.mark: the commit log is durable up to `commits`, and the output files hold the outputs of the
// commits before it: so many bytes.
struct OutputsMark {
  int64_t commits = 0;
  OutputParts outputs;  // One of an older version knows the lengths of the current files, and no others.
};

// log.mark. A directory of an older version has none.
struct PartitionMark {
  int64_t input_end = 0;  // The input is durable up to here.
  int64_t covered = 0;    // A checkpoint has all commits of the partition before this position of the commit
                          // log; 0: there was none; -1: not known.
};

// Nothing when there is no such file; one that is there and cannot be read is no start from nothing.
[[nodiscard]] Result<std::string> ReadSmallFile(const std::string& path);

[[nodiscard]] std::string EncodeMark(const OutputsMark& mark);
[[nodiscard]] std::string EncodeMark(const std::vector<PartitionMark>& marks);
// nullopt: the bytes are not what was written.
[[nodiscard]] std::optional<OutputsMark> DecodeOutputsMark(std::string_view bytes);
[[nodiscard]] std::optional<std::vector<PartitionMark>> DecodePartitionMarks(std::string_view bytes);

}  // namespace tocsin::daemon
