// What a detector's page says it cannot look at.
#pragma once

#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "tests/support/setting_rows.h"

namespace tocsin::test {

// The codes in the paragraph of detectors/ID.md that begins with "Not evaluable"; a setting's name is none.
inline std::set<std::string> NotEvaluableOnPage(std::string_view detector) {
  static const std::set<std::string> settings = [] {
    const std::vector<std::string> names = SettingNames();
    return std::set<std::string>(names.begin(), names.end());
  }();
  std::ifstream page(std::string(TOCSIN_SOURCE_DIR) + "/detectors/" + std::string(detector) + ".md");
  CHECK(page.good());
  std::set<std::string> codes;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    inside = !line.empty() && (inside || line.starts_with("Not evaluable"));
    if (!inside) continue;
    for (size_t begin = line.find('`'); begin != std::string::npos;) {
      const size_t end = line.find('`', begin + 1);
      if (end == std::string::npos) break;
      std::string code = line.substr(begin + 1, end - begin - 1);
      if (!settings.contains(std::string(detector) + "." + code)) codes.insert(std::move(code));
      begin = line.find('`', end + 1);
    }
  }
  return codes;
}

}  // namespace tocsin::test
