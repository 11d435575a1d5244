// The files of one frame file (daemon/log/frame_file.h): each is a segment, named after the position at which
// it begins.
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace tocsin::daemon {

[[nodiscard]] std::string SegmentPath(const std::string& directory, int64_t begin);

// Where the segments in the directory begin, in order; none when there is no such directory. kUnavailable: it
// cannot be listed now. Part of a list would name the wrong segment, so there is none.
[[nodiscard]] Result<std::vector<int64_t>> ListSegments(const std::string& directory);

}  // namespace tocsin::daemon
