#include <array>
#include <charconv>
#include <cmath>

#include "base/json_writer.h"
#include "base/time.h"
#include "daemon/config/key.h"

namespace tocsin::daemon {
namespace {

bool IsPlain(const YamlNode& node) { return node.kind == YamlNode::Kind::kScalar && !node.quoted; }

// The whole text as a number that fits: from_chars also reads to the end of one that is too large, and leaves
// `value`.
template <class T>
bool ReadsWhole(std::string_view text, T& value) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && rest == end;
}

struct DurationUnit {
  std::string_view name;
  int64_t seconds;
};
constexpr std::array kUnits = {DurationUnit{"d", 86'400}, DurationUnit{"h", 3'600}, DurationUnit{"m", 60},
                               DurationUnit{"s", 1}};

}  // namespace

Result<double, Wrong> ReadNumber(const YamlNode& node) {
  double value = 0;
  if (!IsPlain(node) || !ReadsWhole(node.text, value) || !std::isfinite(value))
    return Wrong{"must be a number"};
  return value;
}

Result<int64_t, Wrong> ReadInteger(const YamlNode& node) {
  int64_t value = 0;
  if (!IsPlain(node) || !ReadsWhole(node.text, value)) return Wrong{"must be a whole number"};
  const std::string_view digits = std::string_view(node.text).substr(node.text.front() == '-' ? 1 : 0);
  if (digits.size() > 1 && digits.front() == '0')
    return Wrong{"must be a whole number without a leading zero (YAML readers take it for octal)"};
  return value;
}

Result<bool, Wrong> ReadBoolean(const YamlNode& node) {
  if (IsPlain(node) && node.text == "true") return true;
  if (IsPlain(node) && node.text == "false") return false;
  return Wrong{"must be true or false"};
}

Result<std::string, Wrong> ReadText(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kScalar) return Wrong{"must be text"};
  return node.text;
}

Result<std::chrono::seconds, Wrong> ReadDuration(const YamlNode& node) {
  constexpr const char* kExpected = "must be a time with its unit, as 30s, 10m, 24h or 7d";
  if (node.kind != YamlNode::Kind::kScalar) return Wrong{kExpected};
  int64_t value = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [rest, error] = std::from_chars(node.text.data(), end, value);
  if (error != std::errc() || value < 0 || value > 1'000'000'000) return Wrong{kExpected};
  for (const DurationUnit& unit : kUnits) {
    if (std::string_view(rest, static_cast<size_t>(end - rest)) == unit.name)
      return std::chrono::seconds(value * unit.seconds);
  }
  return Wrong{kExpected};
}

Result<Money, Wrong> ReadAmount(const YamlNode& node) {
  constexpr const char* kExpected = "must be an amount with its currency, as SGD 1000.00";
  if (node.kind != YamlNode::Kind::kScalar) return Wrong{kExpected};
  const Result<Money> money = ParseMoney(node.text);
  if (!money || money->minor < 0) return Wrong{kExpected};
  return *money;
}

Result<std::string, Wrong> ReadDate(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::kScalar && node.text.size() == 10 &&
      ParseRfc3339(node.text + "T00:00:00Z"))
    return node.text;
  return Wrong{"must be a date as 2026-10-01"};
}

std::string DurationText(std::chrono::seconds duration) {
  for (const DurationUnit& unit : kUnits) {
    if (duration.count() != 0 && duration.count() % unit.seconds == 0) {
      return std::to_string(duration.count() / unit.seconds).append(unit.name);
    }
  }
  return "0s";
}

std::string NumberText(double number) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return {buffer.data(), end};
}

std::string QuotedText(std::string_view text) {
  std::string out;
  JsonWriter(out).String(text);
  return out;
}

}  // namespace tocsin::daemon
