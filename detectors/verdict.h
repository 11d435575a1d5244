// What a detector answers about one event: alert (with its claims), clear, or not evaluable and why.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/finding.h"

namespace tocsin::detectors {

using schemas::Claim;
using schemas::Retraction;

// Reasons that more than one detector gives; a detector may have its own literal besides.
inline constexpr std::string_view kLearning = "learning";  // The account's history is too short.
inline constexpr std::string_view kOtherEvent =
    "other_event";  // The detector does not look at this type of event.
inline constexpr std::string_view kNoAddress = "no_address";
inline constexpr std::string_view kPrivateAddress = "private_address";
inline constexpr std::string_view kNoDatabase = "no_database";
inline constexpr std::string_view kNotInDatabase = "not_in_database";
inline constexpr std::string_view kNoDevice = "no_device";
inline constexpr std::string_view kCountryOnly = "country_only";
inline constexpr std::string_view kSaturated = "saturated";  // A per-account bound is reached.
// Not a use of the account that succeeded: a failed login, money declined or given back. It neither teaches
// nor is judged as one.
inline constexpr std::string_view kNotAUse = "not_a_use";
inline constexpr std::string_view kDisabled = "disabled";

// A value. Clear and NotEvaluable never allocate, and are all but free: most verdicts are one of them.
class Verdict {
 public:
  enum class Kind : uint8_t { kNotEvaluable, kClear, kAlert };

  Verdict() = default;  // Not evaluable: other event.
  Verdict(const Verdict& other)
      : kind_(other.kind_),
        why_(other.why_),
        leaning_(other.leaning_),
        said_(other.said_ == nullptr ? nullptr : std::make_unique<Said>(*other.said_)) {}
  Verdict(Verdict&&) noexcept = default;
  Verdict& operator=(const Verdict& other) { return *this = Verdict(other); }
  Verdict& operator=(Verdict&&) noexcept = default;
  ~Verdict() = default;
  // `leaning`: log-odds that the event adds to (or takes from) the risk by itself, without being a finding.
  [[nodiscard]] static Verdict Clear(double leaning = 0) {
    Verdict verdict(Kind::kClear, {});
    verdict.leaning_ = leaning;
    return verdict;
  }
  // `why` is a literal in snake_case.
  [[nodiscard]] static Verdict NotEvaluable(std::string_view why) {
    return Verdict(Kind::kNotEvaluable, why);
  }
  [[nodiscard]] static Verdict Alert(Claim claim) {
    Verdict verdict(Kind::kAlert, {});
    verdict.claims().push_back(std::move(claim));
    return verdict;
  }

  // One event may prove several claims (a late login between two others); adding one makes the verdict an
  // alert.
  void Add(Claim claim) {
    kind_ = Kind::kAlert;
    claims().push_back(std::move(claim));
  }
  // A finding that this (late) event disproves. Does not change the kind.
  void Retract(Retraction retraction) { retractions().push_back(std::move(retraction)); }

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool alert() const { return kind_ == Kind::kAlert; }
  [[nodiscard]] bool clear() const { return kind_ == Kind::kClear; }
  [[nodiscard]] std::string_view why() const { return why_; }
  [[nodiscard]] double leaning() const { return leaning_; }
  void ScaleLeaning(double factor) { leaning_ *= factor; }
  // False: there are neither claims nor retractions.
  [[nodiscard]] bool speaks() const { return said_ != nullptr; }
  [[nodiscard]] const std::vector<Claim>& claims() const { return said().claims; }
  [[nodiscard]] std::vector<Claim>& claims() { return said().claims; }
  [[nodiscard]] const std::vector<Retraction>& retractions() const { return said().retractions; }
  [[nodiscard]] std::vector<Retraction>& retractions() { return said().retractions; }

 private:
  struct Said {
    std::vector<Claim> claims;
    std::vector<Retraction> retractions;
  };
  Verdict(Kind kind, std::string_view why) : kind_(kind), why_(why) {}
  [[nodiscard]] const Said& said() const {
    static const Said kNothing;
    return said_ == nullptr ? kNothing : *said_;
  }
  [[nodiscard]] Said& said() {
    if (said_ == nullptr) said_ = std::make_unique<Said>();
    return *said_;
  }
  Kind kind_ = Kind::kNotEvaluable;
  std::string_view why_ = kOtherEvent;
  double leaning_ = 0;
  std::unique_ptr<Said> said_;  // Null: nothing.
};

}  // namespace tocsin::detectors
