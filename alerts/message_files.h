// Reading of message files. The only file of alerts/ that knows a JSON parser.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tocsin::alerts {

// One flat JSON object of texts. kInvalid when it is not, or when a key comes twice or a text is empty.
[[nodiscard]] Result<std::map<std::string, std::string, std::less<>>> ParseMessages(std::string_view json);

}  // namespace tocsin::alerts
