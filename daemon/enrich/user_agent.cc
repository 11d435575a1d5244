// The only file that knows re2.
#include "daemon/enrich/user_agent.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/check.h"
#include "base/text.h"
#include "daemon/enrich/literal_finder.h"
#include "daemon/enrich/user_agent_rules.h"
#include "embedded/user_agent_rules.h"

namespace tocsin::daemon {
namespace {

constexpr int kGroups = 10;  // The whole match and $1…$9.
constexpr int kLiteralBytesMin = 3;
// Of each expression for its automaton; when it is full the cache is dropped and built anew. The sum over all
// expressions stays bounded even for texts made to fill it.
constexpr int64_t kAutomatonBytes = 128 << 10;
constexpr size_t kTextBytesMax = 64;

using Groups = std::array<re2::StringPiece, kGroups>;

// The expressions bound their repetitions (".{0,200}") against engines that backtrack. RE2 does not, and
// would compile each bound into as many copies: the wide ones are written as "*" and "+", which is what they
// meant.
std::string WithoutWideBounds(const std::string& expression) {
  static const RE2 zero_or_more("\\{0,[1-9][0-9][0-9]\\}");
  static const RE2 one_or_more("\\{1,[1-9][0-9][0-9]\\}");
  std::string out = expression;
  RE2::GlobalReplace(&out, zero_or_more, "*");
  RE2::GlobalReplace(&out, one_or_more, "+");
  return out;
}

std::string_view View(const re2::StringPiece& piece) { return {piece.data(), piece.size()}; }

// Without spaces around it, cut to kTextBytesMax at a character's boundary.
std::string Tidy(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(' ') - first + 1);
  if (text.size() > kTextBytesMax) {
    size_t end = kTextBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text = text.substr(0, end);
  }
  return std::string(text);
}

// The replacement with its groups filled in; `otherwise` when there is none.
std::string Fill(const std::string& replacement, const Groups& groups, int otherwise) {
  if (replacement.empty())
    return otherwise < 0 ? std::string() : Tidy(View(groups[static_cast<size_t>(otherwise)]));
  std::string out;
  for (size_t i = 0; i < replacement.size(); ++i) {
    const bool group = replacement[i] == '$' && i + 1 < replacement.size() && replacement[i + 1] >= '1' &&
                       replacement[i + 1] <= '9';
    if (group) {
      out += View(groups[static_cast<size_t>(replacement[++i] - '0')]);
    } else {
      out += replacement[i];
    }
  }
  return Tidy(out);
}

// The number at the beginning ("17" of "17_4"); 0 for none, and for numbers no version has.
int Major(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') break;
    value = value * 10 + (c - '0');
    if (value > 99'999) return 0;
  }
  return value;
}

// One of the three lists, ready to be asked.
class RuleList {
 public:
  explicit RuleList(std::vector<UserAgentRule> rules) : filter_(kLiteralBytesMin) {
    for (UserAgentRule& rule : rules) {
      RE2::Options options;
      options.set_log_errors(false);
      options.set_case_sensitive(!rule.ignore_case);
      options.set_max_mem(kAutomatonBytes);
      int number = 0;
      if (filter_.Add(WithoutWideBounds(rule.expression), options, &number) != RE2::NoError) {
        ++skipped_;
        continue;
      }
      rules_.push_back(std::move(rule));
    }
    std::vector<std::string> literals;
    if (!rules_.empty()) filter_.Compile(&literals);
    literals_ = std::make_unique<LiteralFinder>(std::move(literals));
  }

  // The first rule that matches, with its groups; null when none does. `lower` is `text` with ASCII letters
  // in lower case.
  const UserAgentRule* Match(std::string_view text, std::string_view lower, Groups& groups) const {
    if (rules_.empty()) return nullptr;
    std::vector<int> found;
    literals_->Find(lower, found);
    std::vector<int> candidates;
    filter_.AllPotentials(found, &candidates);
    std::sort(candidates.begin(), candidates.end());
    const re2::StringPiece piece(text.data(), text.size());
    for (const int number : candidates) {
      const RE2& expression = filter_.GetRE2(number);
      const int wanted = std::min(expression.NumberOfCapturingGroups() + 1, kGroups);
      groups.fill({});
      if (expression.Match(piece, 0, text.size(), RE2::UNANCHORED, groups.data(), wanted)) {
        return &rules_[static_cast<size_t>(number)];
      }
    }
    return nullptr;
  }

  [[nodiscard]] size_t size() const { return rules_.size(); }
  [[nodiscard]] size_t skipped() const { return skipped_; }

 private:
  re2::FilteredRE2 filter_;
  std::vector<UserAgentRule> rules_;  // By the filter's numbers.
  std::unique_ptr<LiteralFinder> literals_;
  size_t skipped_ = 0;
};

std::string NormalOsFamily(std::string family) {
  if (family == "Mac OS X" || family == "Mac OS") return "macOS";
  if (family == "Other") return {};
  return family;
}

// The name before the first slash of "PayApp/5.2 (…)": apps name themselves so, and the expressions do not
// know them.
bool AppName(std::string_view text, UserAgentInfo& out) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash > 40) return false;
  const std::string_view name = text.substr(0, slash);
  if (name == "Mozilla" || name == "Opera" || name == "Dalvik") return false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && c != '.' && c != '-' && c != '_' && c != ' ') return false;
  }
  out.browser_family = Tidy(name);
  out.browser_major = Major(text.substr(slash + 1));
  return true;
}

}  // namespace

struct UserAgentParser::Lists {
  explicit Lists(UserAgentRules rules)
      : browsers(std::move(rules.browsers)),
        systems(std::move(rules.systems)),
        devices(std::move(rules.devices)) {}
  RuleList browsers;
  RuleList systems;
  RuleList devices;
};

UserAgentParser::UserAgentParser(std::unique_ptr<Lists> lists) : lists_(std::move(lists)) {}
UserAgentParser::~UserAgentParser() = default;

std::shared_ptr<const UserAgentParser> UserAgentParser::Default() {
  static const std::shared_ptr<const UserAgentParser> parser = [] {
    Result<UserAgentRules> apps =
        ParseUserAgentRules(embedded::user_agent_rules("enrich/user_agent_apps.yaml"));
    Result<UserAgentRules> core =
        ParseUserAgentRules(embedded::user_agent_rules("../third_party/uap-core/regexes.yaml"));
    CHECK(apps.ok() && core.ok());  // The texts are part of the program.
    UserAgentRules rules = std::move(apps).value();
    rules.Append(std::move(core).value());
    return std::shared_ptr<const UserAgentParser>(
        new UserAgentParser(std::make_unique<Lists>(std::move(rules))));
  }();
  return parser;
}

Result<std::shared_ptr<const UserAgentParser>> UserAgentParser::FromYaml(std::string_view yaml) {
  Result<UserAgentRules> rules = ParseUserAgentRules(yaml);
  if (!rules) return rules.error();
  return std::shared_ptr<const UserAgentParser>(
      new UserAgentParser(std::make_unique<Lists>(std::move(rules).value())));
}

UserAgentInfo UserAgentParser::Parse(std::string_view user_agent) const {
  UserAgentInfo info;
  const std::string_view text = user_agent.substr(0, kBytesMax);
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), AsciiLower);
  Groups groups;
  if (const UserAgentRule* rule = lists_->browsers.Match(text, lower, groups)) {
    info.browser_family = Fill(rule->family, groups, 1);
    info.browser_major = Major(Fill(rule->major, groups, 2));
  }
  if (info.browser_family == "Other") info.browser_family.clear();
  // What uap-core says of everything that runs on the system and is no browser it knows.
  const bool only_the_system =
      info.browser_family == "Android" || info.browser_family == "Mobile Safari UI/WKWebView";
  if (info.browser_family.empty() || only_the_system) AppName(text, info);
  if (const UserAgentRule* rule = lists_->systems.Match(text, lower, groups)) {
    info.os_family = NormalOsFamily(Fill(rule->family, groups, 1));
    info.os_major = Major(Fill(rule->major, groups, 2));
  }
  if (const UserAgentRule* rule = lists_->devices.Match(text, lower, groups)) {
    info.device_brand = Fill(rule->brand, groups, -1);
    info.device_model = Fill(rule->model, groups, 1);
    // "K" is what Chrome says of every device since it hides the model; brand "Generic" has models like
    // "Smartphone".
    const bool says_nothing = info.device_model == "K" || info.device_brand == "Generic";
    if (says_nothing || info.device_model == "Other" || info.device_model == "Mac") info.device_model.clear();
    if (info.device_brand.starts_with("Generic")) info.device_brand.clear();
  }
  // Attackers send anything; what is not text is not passed on.
  for (std::string* value : {&info.browser_family, &info.os_family, &info.device_model, &info.device_brand}) {
    if (!IsUtf8(*value)) value->clear();
  }
  return info;
}

size_t UserAgentParser::rule_count() const {
  return lists_->browsers.size() + lists_->systems.size() + lists_->devices.size();
}

size_t UserAgentParser::skipped_count() const {
  return lists_->browsers.skipped() + lists_->systems.skipped() + lists_->devices.skipped();
}

}  // namespace tocsin::daemon
