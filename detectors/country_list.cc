#include "detectors/country_list.h"

#include <algorithm>

#include "detectors/country_zones.h"

namespace tocsin::detectors {

std::vector<std::string> CountryCodes(std::string_view list) {
  std::vector<std::string> codes;
  while (!list.empty()) {
    const size_t end = std::min(list.find_first_of(", "), list.size());
    if (end > 0) codes.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  std::sort(codes.begin(), codes.end());
  return codes;
}

std::string UnknownCountry(std::string_view list) {
  for (const std::string& code : CountryCodes(list)) {
    if (!IsCountry(code)) return code;
  }
  return {};
}

}  // namespace tocsin::detectors
