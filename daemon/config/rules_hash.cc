#include "daemon/config/rules_hash.h"

#include <vector>

#include "base/hash.h"
#include "daemon/config/config.h"
#include "daemon/config/key.h"
#include "daemon/config/sections.h"

namespace tocsin::daemon {
namespace {

void AddAll(IdentityHash& hash, const std::vector<std::string>& texts) {
  hash.Add(static_cast<int64_t>(texts.size()));
  for (const std::string& text : texts) hash.Add(text);
}

}  // namespace

bool DecidesVerdicts(std::string_view path) {
  for (const std::string_view prefix :
       {"learning", "detectors", "overrides", "profiles", "limits", "exchange_rates", "policy", "risk",
        "calm", "support", "notices", "answers.base_url", "answers.ttl"}) {
    if (path.starts_with(prefix)) return true;
  }
  return false;
}

bool AppliesLive(std::string_view path) { return DecidesVerdicts(path) && !path.starts_with("answers."); }

std::string RulesHash(const Config& config) {
  IdentityHash hash;
  for (const Key& key : Keys()) {
    if (DecidesVerdicts(key.path)) hash.Add(key.path).Add(key.get(config));
  }
  const auto& rules = config.rules;
  for (const auto& limit : rules.limits.limits) {
    hash.Add(limit.name)
        .Add(static_cast<int64_t>(limit.window))
        .Add(limit.rolling.count())
        .Add(static_cast<int64_t>(limit.unit));
    hash.Add(limit.max ? FormatMoney(*limit.max) : "")
        .Add(limit.max_count.value_or(-1))
        .Add(limit.min ? FormatMoney(*limit.min) : "")
        .Add(NumberText(limit.warn_at));
    hash.Add(limit.direction ? static_cast<int64_t>(*limit.direction) : -1);
    hash.Add(limit.cross_border ? static_cast<int64_t>(*limit.cross_border) : -1)
        .Add(NumberText(limit.weight.value_or(-1)));
    hash.Add(static_cast<int64_t>(limit.kinds.size()));
    for (const auto kind : limit.kinds) hash.Add(static_cast<int64_t>(kind));
    hash.Add(limit.tenant);
    AddAll(hash, limit.tiers);
  }
  for (const auto& rate : rules.limits.rates) {
    hash.Add(rate.base.code()).Add(rate.quote.code()).Add(rate.mantissa).Add(rate.scale).Add(rate.as_of);
  }
  for (const DetectorOverride& row : rules.overrides) {
    hash.Add(row.tenant);
    AddAll(hash, row.tiers);
    Config changed = config;
    changed.rules.detectors = row.detectors;
    for (const Key& key : Keys()) {
      if (key.path.starts_with("detectors.")) hash.Add(key.get(changed));
    }
  }
  for (const Section& section : Sections()) {
    if (section.path == "policy") hash.Add(section.defaults(config));
  }
  const alerts::BusinessCalendar& calendar = rules.alerts.support.calendar;
  hash.Add(int64_t{calendar.always_open ? 1 : 0}).Add(calendar.timezone);
  for (const auto& [from, to] : calendar.hours)
    hash.Add(static_cast<int64_t>(from)).Add(static_cast<int64_t>(to));
  AddAll(hash, calendar.holidays);
  AddAll(hash, calendar.working_days);
  return ToHex(hash.Finish()).substr(0, 16);
}

}  // namespace tocsin::daemon
