// What the doctor says of one thing.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tocsin::daemon {

enum class Health : uint8_t {
  kGood,
  kWarning,      // It works, and somebody should look.
  kBad,          // The configuration, or what it names, is wrong: no waiting mends it.
  kUnavailable,  // A service does not answer, or refuses now.
};

struct Diagnosis {
  std::string subject;  // "kafka.topic.tocsin.changelog", "mail": stable, for scripts.
  Health health = Health::kGood;
  std::string what;    // One sentence; never a secret.
  std::string remedy;  // What a person does about it; "" when it is good.
};
using Diagnoses = std::vector<Diagnosis>;

// An error as the other parts tell it; what follows "Remedy: " in its text is the remedy, else `remedy` is.
[[nodiscard]] inline Diagnosis DiagnosisOf(std::string subject, const Error& error, std::string remedy = {}) {
  const bool service = error.code == ErrorCode::kUnavailable;
  std::string what = error.field == subject ? error.detail : error.ToString();
  Diagnosis made{std::move(subject), service ? Health::kUnavailable : Health::kBad, std::move(what),
                 std::move(remedy)};
  constexpr std::string_view kMark = "Remedy:";
  if (const size_t at = made.what.find(kMark); at != std::string::npos) {
    made.remedy =
        made.what.substr(std::min(made.what.find_first_not_of(" \n", at + kMark.size()), made.what.size()));
    made.what.resize(at);
  }
  while (!made.what.empty() && (made.what.back() == ' ' || made.what.back() == '.')) made.what.pop_back();
  return made;
}

}  // namespace tocsin::daemon
