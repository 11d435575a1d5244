#include "detectors/measure.h"

#include <charconv>
#include <system_error>
#include <variant>

namespace tocsin::detectors {
namespace {

using schemas::EvidenceValue;

std::optional<double> NumberOf(const EvidenceValue& value) {
  if (const auto* whole = std::get_if<int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return std::nullopt;
}

// Of FormatMoney: amounts of one currency have equally many digits after the point. Sums may be larger than
// ParseMoney takes.
struct Amount {
  std::string_view currency;
  int64_t minor = 0;
};
std::optional<Amount> AmountOf(const EvidenceValue& value) {
  const auto* const text = std::get_if<std::string>(&value);
  if (text == nullptr) return std::nullopt;
  const size_t space = text->find(' ');
  if (space == std::string::npos) return std::nullopt;
  std::string digits = text->substr(space + 1);
  std::erase(digits, '.');
  Amount amount{.currency = std::string_view(*text).substr(0, space)};
  const char* const end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, amount.minor);
  if (error != std::errc() || rest != end) return std::nullopt;
  return amount;
}

template <class Value>
bool Compare(Value value, Needs needs, Value threshold) {
  switch (needs) {
    case Needs::kAtLeast:
      return value >= threshold;
    case Needs::kLessThan:
      return value < threshold;
    case Needs::kMoreThan:
      break;
  }
  return value > threshold;
}

}  // namespace

std::optional<bool> IsMet(const Measure& measure) {
  const auto value = NumberOf(measure.value);
  const auto threshold = NumberOf(measure.threshold);
  if (value && threshold) return Compare(*value, measure.needs, *threshold);
  const auto amount = AmountOf(measure.value);
  const auto bound = AmountOf(measure.threshold);
  if (!amount || !bound || amount->currency != bound->currency) return std::nullopt;
  return Compare(amount->minor, measure.needs, bound->minor);
}

}  // namespace tocsin::detectors
