// A checkpoint's mark as bytes, as the store keeps it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "daemon/store/state_store.h"

namespace tocsin::daemon {

[[nodiscard]] std::string EncodeMark(const CheckpointMark& mark);
// kCorrupt for what EncodeMark of this or an earlier version cannot have written.
[[nodiscard]] Result<CheckpointMark> DecodeMark(std::string_view bytes);

}  // namespace tocsin::daemon
