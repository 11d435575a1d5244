// How common things are among all accounts of one partition: each partition is a sample of the population. Counts only; no
// account, address or id. It is state like an account's, committed with it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/result.h"
#include "base/time.h"
#include "schemas/event.h"

namespace tocsin::detectors {

class Population {
 public:
  static constexpr uint8_t kVersion = 1;
  static constexpr size_t kCountriesMax = 256;
  static constexpr size_t kAmountHistogramsMax = 64;

  // Folds in an event that was not under suspicion. Only successful logins count for countries, only counted payments for
  // amounts. Half-life 30 d of event time.
  void Learn(const schemas::Event& event, std::string_view tier);

  // Share of successful logins from `country`, 0…1; negative when there are too few (< 1000) to say.
  [[nodiscard]] double CountryShare(std::string_view country) const;
  // The amount that a share `quantile` of payments of this kind, tier and currency do not exceed; negative when fewer than
  // 200 have been seen.
  [[nodiscard]] int64_t AmountQuantile(schemas::TransactionKind kind, std::string_view tier, Currency currency, double quantile) const;

  [[nodiscard]] bool changed() const { return changed_; }
  void ClearChanged() { changed_ = false; }
  void Encode(std::string& out) const;
  [[nodiscard]] Result<Done> Decode(std::string_view bytes);
  friend bool operator==(const Population& a, const Population& b) {
    return a.countries_ == b.countries_ && a.amounts_ == b.amounts_;
  }

 private:
  struct CountryCount {
    std::string country;
    double count = 0;  // Decayed to `at`.
    Timestamp at = kTimestampMin;
    friend bool operator==(const CountryCount&, const CountryCount&) = default;
  };
  struct Amounts {
    schemas::TransactionKind kind = schemas::TransactionKind::kNone;
    std::string tier;
    Currency currency;
    std::vector<std::pair<int16_t, float>> bins;  // As AmountHistogram's.
    double count = 0;
    friend bool operator==(const Amounts&, const Amounts&) = default;
  };
  std::vector<CountryCount> countries_;  // By country.
  std::vector<Amounts> amounts_;
  bool changed_ = false;
};

}  // namespace tocsin::detectors
