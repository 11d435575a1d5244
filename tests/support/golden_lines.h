// The golden stories as traffic, each under an account of its own.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/detector_set.h"

namespace tocsin::test {

// With these limits, rates and countries every detector speaks in its story.
inline constexpr char kGoldenConfig[] =
    "detectors: {high_risk_country: {countries: 'RU, NG, US, BR'}}\n"
    "limits:\n"
    "  - {name: single-transfer, kinds: [transfer], direction: out, max: EUR 1000.00}\n"
    "  - {name: daily-out, direction: out, window: day, max: EUR 1000.00, warn_at: 0.8}\n"
    "exchange_rates:\n"
    "  - {from: SGD, to: EUR, rate: 0.68, as_of: 2026-01-01}\n";

inline std::string TextOfFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

enum class Stories : uint8_t {
  kOneThatSpeaks,  // Of each detector.
  kAll,
};

// Accounts are named "detector/account-1", or "detector/story/account-1" for all.
inline std::vector<std::string> GoldenLines(Stories which = Stories::kOneThatSpeaks) {
  namespace fs = std::filesystem;
  constexpr std::string_view kAccount = "\"account_id\":\"";
  std::vector<std::string> lines;
  for (const detectors::DetectorInfo& info : detectors::Catalogue()) {
    const std::string id(info.id);
    std::vector<fs::path> stories;
    for (const auto& entry : fs::directory_iterator(fs::path(TOCSIN_SOURCE_DIR) / "tests/golden" / id))
      stories.push_back(entry.path());
    std::ranges::sort(stories);
    const auto add = [&](const fs::path& story, const std::string& prefix) {
      std::istringstream events(TextOfFile(story / "events.jsonl"));
      for (std::string line; std::getline(events, line);) {
        const size_t at = line.find(kAccount);
        if (at != std::string::npos) lines.push_back(line.insert(at + kAccount.size(), prefix));
      }
    };
    if (which == Stories::kAll) {
      for (const fs::path& story : stories) add(story, id + "/" + story.filename().string() + "/");
      continue;
    }
    const auto speaks = std::ranges::find_if(stories, [&](const fs::path& path) {
      return TextOfFile(path / "findings.jsonl").find("\"detector\":\"" + id + "\"") != std::string::npos;
    });
    if (speaks != stories.end()) add(*speaks, id + "/");
  }
  return lines;
}

}  // namespace tocsin::test
