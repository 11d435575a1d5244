// Countries as an operator lists them in one setting: "KP, IR".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::detectors {

// The codes between commas and spaces, sorted.
[[nodiscard]] std::vector<std::string> CountryCodes(std::string_view list);

// The first of them that is no country's ISO 3166-1 alpha-2 code; "" when all are.
[[nodiscard]] std::string UnknownCountry(std::string_view list);

}  // namespace tocsin::detectors
