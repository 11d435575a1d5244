// What an operator says of an account, as the event that it is (docs/adr/0016).
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace tocsin::daemon {

struct OperatorEvent {
  std::string json;      // One event, without a line break.
  std::string event_id;  // Named after what it says, its time included: sent again it is a duplicate.
};

// A case, or one finding of it, was a false positive. REQUIRES: one of the two is given.
[[nodiscard]] OperatorEvent AllowEvent(std::string_view account, std::string_view tenant,
                                       std::string_view case_id, std::string_view finding_id, Timestamp at);
// Everything of the account is to be forgotten.
[[nodiscard]] OperatorEvent EraseEvent(std::string_view account, std::string_view tenant, Timestamp at);

}  // namespace tocsin::daemon
