// Text that others wrote, on its way to a terminal or into a line of the log.
#pragma once

#include <string>
#include <string_view>

namespace tocsin::daemon {

// With blanks for what breaks a line or moves a cursor: control characters, those above U+007F among them.
[[nodiscard]] std::string Plain(std::string_view text);

}  // namespace tocsin::daemon
