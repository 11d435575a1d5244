// How common things are among all accounts of one partition: each partition is a sample of the population.
// Counts only; no account, address or id. It is state like an account's, committed with it.
//
// Counts decay with a half-life of 30 d of event time by growing what comes in instead of shrinking what is
// there: an event at time t adds 2^((t − landmark) / half-life), so the order of arrival does not matter
// and learning touches one number. The landmark moves on when the numbers grow large.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/money.h"
#include "base/result.h"
#include "base/time.h"
#include "detectors/pair_counts.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// What tells devices of one system apart where they have no id: the model, else the browser.
template <class D>
[[nodiscard]] std::string_view FamilyOf(const D& device) {
  return device.model.empty() ? std::string_view(device.browser_family) : std::string_view(device.model);
}

class Population {
 public:
  static constexpr uint8_t kVersion = 2;  // 1 had neither networks nor devices.
  static constexpr size_t kCountriesMax = 256;
  static constexpr size_t kAmountHistogramsMax = 64;
  static constexpr Millis kHalfLife = std::chrono::hours(24 * 30);
  static constexpr double kCountryLoginsMin = 1000;
  static constexpr double kAmountsMin = 200;

  // Folds in an event that was not under suspicion. Only successful logins count for countries, networks and
  // devices, only authorized or completed payments for amounts. Where a bound is reached the rarest goes.
  // Allocates only for what is seen for the first time.
  void Learn(const schemas::Event& event, std::string_view tier);

  // Folds in all that another one has learnt: the sum is as if this one had learnt it, in any order.
  void Add(const Population& more);

  // Share of successful logins from `country`, 0…1; negative when there are too few (< 1000, decayed) to say.
  [[nodiscard]] double CountryShare(std::string_view country) const;
  // Successful logins with a place, decayed.
  [[nodiscard]] double LoginsSeen() const { return DecayedToNewest(logins_); }
  // Decayed counts of logins: autonomous systems within countries; models, or browsers where no model is
  // told, within systems. See FamilyOf.
  [[nodiscard]] PairTally NetworkTally(std::string_view country, uint32_t asn) const;
  [[nodiscard]] PairTally DeviceTally(std::string_view os_family, std::string_view family) const;
  // The amount that a share `quantile` (0…1) of payments of this kind, tier and currency do not exceed,
  // rounded up to a quarter octave; negative when fewer than 200 (decayed) have been seen.
  [[nodiscard]] int64_t AmountQuantile(schemas::TransactionKind kind, std::string_view tier,
                                       Currency currency, double quantile) const;

  [[nodiscard]] bool changed() const { return changed_; }
  void ClearChanged() { changed_ = false; }
  // With the version; nothing for a population that has seen nothing, which is what no bytes decode to.
  void Encode(std::string& out) const;
  // kCorrupt for bytes Encode cannot have written; the population is then unchanged.
  [[nodiscard]] Result<Done> Decode(std::string_view bytes);
  friend bool operator==(const Population& a, const Population& b) {
    return a.landmark_ == b.landmark_ && a.newest_ == b.newest_ && a.logins_ == b.logins_ &&
           a.countries_ == b.countries_ && a.networks_ == b.networks_ && a.devices_ == b.devices_ &&
           a.amounts_ == b.amounts_;
  }

 private:
  struct CountryCount {
    std::string country;
    double count = 0;  // As of the landmark.
    friend bool operator==(const CountryCount&, const CountryCount&) = default;
  };
  struct Amounts {
    schemas::TransactionKind kind = schemas::TransactionKind::kNone;
    std::string tier;
    Currency currency;
    std::vector<std::pair<int16_t, double>>
        bins;          // By index: floor(4 · log2(minor)); counts as of the landmark.
    double count = 0;  // Of all bins.
    friend bool operator==(const Amounts&, const Amounts&) = default;
  };

  // What one event at `at` adds; moves the landmark first when it has to.
  double WeightAt(Timestamp at);
  [[nodiscard]] double DecayedToNewest(double count) const { return count * decay_; }
  // After each change of the two times.
  void SetDecay();
  void LearnLogin(const schemas::Facts& facts, double weight);
  void LearnCountry(std::string_view country, double weight);
  void LearnAmount(schemas::TransactionKind kind, std::string_view tier, Currency currency, int16_t index,
                   double weight);
  [[nodiscard]] bool DecodeInto(std::string_view bytes);

  Timestamp landmark_ = kTimestampMin;  // kTimestampMin: nothing seen.
  Timestamp newest_ = kTimestampMin;
  double decay_ = 1;                     // From the landmark to the newest: what the two say, at hand.
  double logins_ = 0;                    // Sum of the countries' counts, those that had to go included.
  std::vector<CountryCount> countries_;  // By country.
  PairCounts networks_;
  PairCounts devices_;
  std::vector<Amounts> amounts_;
  bool changed_ = false;
};

}  // namespace tocsin::detectors
