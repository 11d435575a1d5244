// Text as a part of a URL.
#pragma once

#include <string>
#include <string_view>

namespace tocsin {

// What is not unreserved in RFC 3986 becomes "%2F".
[[nodiscard]] std::string PercentEncoded(std::string_view text);
// And back. What is no escape stays as it is.
[[nodiscard]] std::string PercentDecoded(std::string_view text);

}  // namespace tocsin
