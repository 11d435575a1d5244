#include "detectors/population.h"

#include <algorithm>
#include <cmath>

#include "base/bytes.h"
#include "base/hash.h"
#include "detectors/novelty.h"
#include "detectors/state/codec.h"

namespace tocsin::detectors {
namespace {

constexpr size_t kTierBytesMax = 32;
constexpr int16_t kBinMax = 4 * 54;  // kMoneyMinorMax is below 2^53.
// How far numbers may grow before the landmark moves: 2^40 is 100 years of this, and exact in a double.
constexpr double kDoublingsMax = 40;

double Doublings(Timestamp from, Timestamp to) { return Days(to - from) / Days(Population::kHalfLife); }

int16_t BinOf(int64_t minor) {
  return static_cast<int16_t>(std::floor(4 * std::log2(static_cast<double>(minor))));
}

int64_t UpperEdge(int16_t bin) { return static_cast<int64_t>(std::ceil(std::exp2((bin + 1) / 4.0))) - 1; }

template <class List>
size_t Rarest(const List& list) {
  const auto rarest = std::min_element(list.begin(), list.end(),
                                       [](const auto& a, const auto& b) { return a.count < b.count; });
  return static_cast<size_t>(rarest - list.begin());
}

uint32_t CountryKey(std::string_view country) {
  return static_cast<uint32_t>(static_cast<uint8_t>(country[0])) << 8U | static_cast<uint8_t>(country[1]);
}

// Two of a few hundred texts in 2^32 are alike once in a hundred thousand populations.
uint32_t TextKey(std::string_view text) {
  return static_cast<uint32_t>(Hash64(KeptDeviceText(text), 6) & UINT32_MAX);
}

PairTally Scaled(PairTally tally, double factor) {
  tally.lower *= factor;
  tally.upper *= factor;
  tally.total *= factor;
  return tally;
}

bool IsCount(double count) { return count >= 0 && count <= 1e30; }  // Not a number fails too.

}  // namespace

double Population::WeightAt(Timestamp at) {
  // All events of an hour weigh the same: their sum is exact, in whatever order they come.
  at = std::chrono::floor<std::chrono::hours>(at);
  const bool moves = landmark_ == kTimestampMin || at > newest_;
  if (landmark_ == kTimestampMin) landmark_ = at;
  newest_ = std::max(newest_, at);
  if (Doublings(landmark_, at) > kDoublingsMax) {
    const double factor = std::exp2(-Doublings(landmark_, at));
    logins_ *= factor;
    for (CountryCount& entry : countries_) entry.count *= factor;
    networks_.Scale(factor);
    devices_.Scale(factor);
    for (Amounts& entry : amounts_) {
      entry.count *= factor;
      for (auto& bin : entry.bins) bin.second *= factor;
    }
    landmark_ = at;
  }
  if (moves) SetDecay();
  return std::exp2(Doublings(landmark_, at));
}

void Population::SetDecay() { decay_ = std::exp2(-Doublings(landmark_, newest_)); }

void Population::Learn(const schemas::Event& event, std::string_view tier) {
  if (!event.IsSuccessfulUse()) return;
  if (event.login() != nullptr) {
    const schemas::Place& place = event.facts.place;
    if (!place.known() || !IsCountryCode(place.country)) return;
    LearnLogin(event.facts, WeightAt(event.occurred_at));
  } else if (const schemas::Transaction* const transaction = event.transaction(); transaction != nullptr) {
    if (transaction->amount.minor <= 0 || transaction->amount.currency.none()) return;
    LearnAmount(transaction->kind, CutUtf8(tier, kTierBytesMax), transaction->amount.currency,
                BinOf(transaction->amount.minor), WeightAt(event.occurred_at));
  } else {
    return;
  }
  changed_ = true;
}

void Population::Add(const Population& more) {
  if (more.landmark_ == kTimestampMin) return;
  static_cast<void>(WeightAt(more.newest_));
  const double factor = std::exp2(Doublings(landmark_, more.landmark_));
  const double logins = logins_ + more.logins_ * factor;
  for (const CountryCount& entry : more.countries_) LearnCountry(entry.country, entry.count * factor);
  logins_ = logins;  // With those of countries that had to go.
  networks_.Add(more.networks_, factor);
  devices_.Add(more.devices_, factor);
  for (const Amounts& entry : more.amounts_) {
    for (const auto& [bin, count] : entry.bins)
      LearnAmount(entry.kind, entry.tier, entry.currency, bin, count * factor);
  }
  changed_ = true;
}

void Population::LearnLogin(const schemas::Facts& facts, double weight) {
  LearnCountry(facts.place.country, weight);
  if (facts.network.asn != 0) networks_.Add(CountryKey(facts.place.country), facts.network.asn, weight);
  if (!facts.device.os_family.empty())
    devices_.Add(TextKey(facts.device.os_family), TextKey(FamilyOf(facts.device)), weight);
}

void Population::LearnCountry(std::string_view country, double weight) {
  logins_ += weight;
  const auto find = [&] {
    return std::lower_bound(
        countries_.begin(), countries_.end(), country,
        [](const CountryCount& entry, std::string_view code) { return entry.country < code; });
  };
  auto entry = find();
  if (entry == countries_.end() || entry->country != country) {
    if (countries_.size() >= kCountriesMax) {
      countries_.erase(countries_.begin() + static_cast<std::ptrdiff_t>(Rarest(countries_)));
      entry = find();
    }
    entry = countries_.insert(entry, {.country = std::string(country)});
  }
  entry->count += weight;
}

void Population::LearnAmount(schemas::TransactionKind kind, std::string_view tier, Currency currency,
                             int16_t index, double weight) {
  auto entry = std::find_if(amounts_.begin(), amounts_.end(), [&](const Amounts& held) {
    return held.kind == kind && held.currency == currency && held.tier == tier;
  });
  if (entry == amounts_.end()) {
    if (amounts_.size() >= kAmountHistogramsMax) {
      amounts_.erase(amounts_.begin() + static_cast<std::ptrdiff_t>(Rarest(amounts_)));
    }
    amounts_.push_back({.kind = kind, .tier = std::string(tier), .currency = currency});
    entry = amounts_.end() - 1;
  }
  auto bin = std::lower_bound(entry->bins.begin(), entry->bins.end(), index,
                              [](const auto& held, int16_t wanted) { return held.first < wanted; });
  if (bin == entry->bins.end() || bin->first != index) bin = entry->bins.insert(bin, {index, 0});
  bin->second += weight;
  entry->count += weight;
}

double Population::CountryShare(std::string_view country) const {
  if (DecayedToNewest(logins_) < kCountryLoginsMin) return -1;
  const auto entry =
      std::lower_bound(countries_.begin(), countries_.end(), country,
                       [](const CountryCount& held, std::string_view code) { return held.country < code; });
  return entry == countries_.end() || entry->country != country ? 0 : entry->count / logins_;
}

PairTally Population::NetworkTally(std::string_view country, uint32_t asn) const {
  const uint32_t key = IsCountryCode(country) ? CountryKey(country) : 0;
  return Scaled(networks_.Of(key, asn), DecayedToNewest(1));
}

PairTally Population::DeviceTally(std::string_view os_family, std::string_view family) const {
  return Scaled(devices_.Of(TextKey(os_family), TextKey(family)), DecayedToNewest(1));
}

int64_t Population::AmountQuantile(schemas::TransactionKind kind, std::string_view tier, Currency currency,
                                   double quantile) const {
  tier = CutUtf8(tier, kTierBytesMax);
  const auto entry = std::find_if(amounts_.begin(), amounts_.end(), [&](const Amounts& held) {
    return held.kind == kind && held.currency == currency && held.tier == tier;
  });
  if (entry == amounts_.end() || DecayedToNewest(entry->count) < kAmountsMin) return -1;
  const double wanted = std::clamp(quantile, 0.0, 1.0) * entry->count;
  double sum = 0;
  for (const auto& [index, count] : entry->bins) {
    sum += count;
    if (sum >= wanted) return UpperEdge(index);
  }
  return UpperEdge(entry->bins.back().first);  // Rounding of the sum.
}

void Population::Encode(std::string& out) const {
  if (landmark_ == kTimestampMin) return;
  ByteWriter writer(out);
  writer.Byte(kVersion);
  writer.Varint(static_cast<uint64_t>(ToMillis(landmark_)));
  writer.Varint(static_cast<uint64_t>(ToMillis(newest_)));
  writer.Double(logins_);
  writer.Varint(countries_.size());
  for (const CountryCount& entry : countries_) {
    writer.Byte(static_cast<uint8_t>(entry.country[0]));
    writer.Byte(static_cast<uint8_t>(entry.country[1]));
    writer.Double(entry.count);
  }
  networks_.Encode(writer);
  devices_.Encode(writer);
  writer.Varint(amounts_.size());
  for (const Amounts& entry : amounts_) {
    writer.Byte(static_cast<uint8_t>(entry.kind));
    writer.String(entry.tier);
    writer.Varint(entry.currency.packed());
    writer.Double(entry.count);
    writer.Varint(entry.bins.size());
    for (const auto& [index, count] : entry.bins) {
      writer.Byte(static_cast<uint8_t>(index));
      writer.Double(count);
    }
  }
}

Result<Done> Population::Decode(std::string_view bytes) {
  Population fresh;
  if (!bytes.empty() && !fresh.DecodeInto(bytes)) {
    return Error{.code = ErrorCode::kCorrupt,
                 .field = "population",
                 .detail = "not what this or an earlier version wrote"};
  }
  *this = std::move(fresh);
  return Done{};
}

bool Population::DecodeInto(std::string_view bytes) {
  ByteReader reader(bytes);
  const uint8_t version = reader.Byte();
  if (version == 0 || version > kVersion) return false;
  const auto read_time = [&] {
    const uint64_t millis = reader.Varint();
    if (millis > static_cast<uint64_t>(ToMillis(kTimestampMax))) reader.Fail();
    return reader.ok() ? FromMillis(static_cast<int64_t>(millis)) : kTimestampMin;
  };
  landmark_ = read_time();
  newest_ = read_time();
  SetDecay();
  logins_ = reader.Double();
  if (!reader.ok() || landmark_ == kTimestampMin || !IsCount(logins_)) return false;

  const size_t country_count = reader.Count(10);
  if (country_count > kCountriesMax) return false;
  countries_.resize(country_count);
  for (size_t i = 0; i < country_count; ++i) {
    CountryCount& entry = countries_[i];
    entry.country = {static_cast<char>(reader.Byte()), static_cast<char>(reader.Byte())};
    entry.count = reader.Double();
    if (!IsCountryCode(entry.country) || !IsCount(entry.count)) return false;
    if (i > 0 && entry.country <= countries_[i - 1].country) return false;
  }

  if (version > 1 && (!networks_.Decode(reader) || !devices_.Decode(reader))) return false;

  const size_t amounts_count = reader.Count(12);
  if (amounts_count > kAmountHistogramsMax) return false;
  amounts_.resize(amounts_count);
  for (Amounts& entry : amounts_) {
    const uint8_t kind = reader.Byte();
    if (kind > static_cast<uint8_t>(schemas::TransactionKind::kFee)) return false;
    entry.kind = static_cast<schemas::TransactionKind>(kind);
    entry.tier = reader.String();
    const uint64_t packed = reader.Varint();
    const auto currency =
        packed > 0xFFFF ? std::nullopt : Currency::FromPacked(static_cast<uint16_t>(packed));
    entry.count = reader.Double();
    const size_t bins = reader.Count(9);
    if (!reader.ok() || !currency || entry.tier.size() > kTierBytesMax || !IsCount(entry.count) || bins == 0)
      return false;
    entry.currency = *currency;
    entry.bins.resize(bins);
    for (size_t i = 0; i < bins; ++i) {
      entry.bins[i] = {static_cast<int16_t>(reader.Byte()), reader.Double()};
      if (entry.bins[i].first > kBinMax || !IsCount(entry.bins[i].second)) return false;
      if (i > 0 && entry.bins[i].first <= entry.bins[i - 1].first) return false;
    }
  }
  return reader.ok() && reader.AtEnd();
}

}  // namespace tocsin::detectors
