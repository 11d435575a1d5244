#include "daemon/config/difference.h"

#include "daemon/config/key.h"
#include "daemon/config/rules_hash.h"
#include "daemon/config/sections.h"

namespace tocsin::daemon {

std::vector<ChangedKey> Difference(const Config& was, const Config& is) {
  std::vector<ChangedKey> changed;
  for (const Key& key : Keys()) {
    std::string before = key.get(was);
    std::string after = key.get(is);
    if (key.same ? key.same(was, is) : before == after) continue;
    if (key.same) {
      before.clear();
      after.clear();
    }
    changed.push_back({key.path, std::move(before), std::move(after), key.reload == Reload::kLive});
  }
  for (const Section& section : Sections()) {
    const std::string path(section.path);
    const auto text = [&](const Config& config) {
      const auto written = config.sections.find(path);
      if (written != config.sections.end()) return written->second;
      std::string defaults = section.defaults(config);
      return defaults.find('\n') == std::string::npos ? defaults.substr(1) : std::string("default");
    };
    if (text(was) != text(is)) {
      changed.push_back({path, text(was), text(is), AppliesLive(path)});
    } else if (section.same != nullptr && !section.same(was, is)) {
      changed.push_back({path, "", "", AppliesLive(path)});
    }
  }
  return changed;
}

Config TakenOver(const Config& running, const Config& fresh) {
  Config taken = running;
  taken.rules = fresh.rules;
  taken.rules.alerts.answers = running.rules.alerts.answers;
  for (const Section& section : Sections()) {
    const std::string path(section.path);
    if (!AppliesLive(path)) continue;
    taken.sections.erase(path);
    if (const auto written = fresh.sections.find(path); written != fresh.sections.end())
      taken.sections.insert(*written);
  }
  taken.rules_hash = RulesHash(taken);
  return taken;
}

}  // namespace tocsin::daemon
