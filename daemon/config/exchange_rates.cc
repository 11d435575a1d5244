#include "daemon/config/exchange_rates.h"

#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/config/key.h"
#include "daemon/config/record_reader.h"

namespace tocsin::daemon {
namespace {

using detectors::ExchangeRate;

constexpr size_t kDigitsMax = 15;
constexpr int kPlacesMax = 18;  // As detectors/limits/limit.h can use.

struct Decimal {
  int64_t mantissa = 0;
  int scale = 0;  // Digits behind the point.
};

// The decimal as it is written, never through floating point; with an exponent too, which Helm gives small
// and large numbers: 0.0000527 and 5.27e-05 are one.
Result<Decimal, Wrong> ReadDecimal(const YamlNode& node) {
  const Wrong wrong{
      "must be a positive decimal number of at most 15 digits, 18 decimal places at most, as 7.12 or "
      "5.27e-05"};
  std::string digits = node.text;
  int exponent = 0;
  if (const size_t at = digits.find_first_of("eE"); at != std::string::npos) {
    const bool plus = at + 2 < digits.size() && digits[at + 1] == '+' && digits[at + 2] != '-';
    const char* end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data() + at + (plus ? 2 : 1), end, exponent);
    if (error != std::errc() || rest != end || exponent < -kPlacesMax || exponent > kPlacesMax) return wrong;
    digits.resize(at);
  }
  const size_t point = digits.find('.');
  int scale = (point == std::string::npos ? 0 : static_cast<int>(digits.size() - point - 1)) - exponent;
  if (point != std::string::npos) digits.erase(point, 1);
  for (; scale < 0 && digits.size() <= kDigitsMax; ++scale) digits += '0';
  Decimal decimal{.scale = scale};
  const char* end = digits.data() + digits.size();
  if (digits.size() > kDigitsMax || scale > kPlacesMax ||
      std::from_chars(digits.data(), end, decimal.mantissa).ptr != end || decimal.mantissa <= 0)
    return wrong;
  return decimal;
}

Result<Currency, Wrong> ReadCurrency(const YamlNode& node) {
  if (const auto found = Currency::Find(node.text)) return *found;
  return Wrong{"must be an ISO 4217 currency"};
}

// The row of that pair among `rates`; their number when there is none.
size_t RowOf(const ExchangeRate& rate, const std::vector<ExchangeRate>& rates) {
  size_t row = 0;
  for (; row < rates.size(); ++row) {
    const ExchangeRate& other = rates[row];
    if (other.base == rate.base && other.quote == rate.quote) break;
    if (other.base == rate.quote && other.quote == rate.base) break;
  }
  return row;
}

}  // namespace

void ReadRates(const YamlNode& node, const std::string& path, const Complain& complain, Config& config) {
  auto& rates = config.rules.limits.rates;
  rates.clear();
  for (const YamlNode* item : ReadList(node, path, complain)) {
    RecordReader record(*item, path + "[" + std::to_string(rates.size()) + "]", complain);
    ExchangeRate rate;
    Decimal value;
    const bool from = record.Take("from", ReadCurrency, rate.base);
    const bool to = record.Take("to", ReadCurrency, rate.quote);
    if (!from) record.Wrong("from", "every rate needs from, to, rate and as_of");
    if (!to) record.Wrong("to", "every rate needs from, to, rate and as_of");
    if (!record.Take("rate", ReadDecimal, value))
      record.Wrong("rate", "every rate needs from, to, rate and as_of");
    if (!record.Take("as_of", ReadDate, rate.as_of))
      record.Wrong("as_of", "every rate needs the day it is of");
    if (from && to && rate.base == rate.quote) {
      record.Wrong("to", "is the currency of from: a rate is between two of them");
    } else if (from && to) {
      if (const size_t row = RowOf(rate, rates); row < rates.size())
        complain(*item, record.path(),
                 "is there twice: " + path + "[" + std::to_string(row) +
                     "] is of the same two currencies, and one row holds for both ways; remove one of them");
    }
    rate.mantissa = value.mantissa;
    rate.scale = value.scale;
    record.Close();
    rates.push_back(std::move(rate));
  }
}

}  // namespace tocsin::daemon
