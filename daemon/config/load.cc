#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "base/text.h"
#include "daemon/config/delivery_sections.h"
#include "daemon/config/http_checks.h"
#include "daemon/config/key.h"
#include "daemon/config/load_config.h"
#include "daemon/config/memory_budget.h"
#include "daemon/config/overrides.h"
#include "daemon/config/rules_hash.h"
#include "daemon/config/sections.h"
#include "daemon/config/unknown_key.h"
#include "daemon/log/kafka_topics.h"
#include "daemon/store/small_file.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFileBytesMax = 1U << 20U;
constexpr size_t kPathMax = 256;  // Longer ones are no keys of ours: a hostile file must not take gigabytes.

constexpr const char* kNoValue = "has no value; remove the key to get its default";

// Keys that had another name, for two minor versions after the change.
constexpr std::array<RenamedKey, 0> kRenamedKeys;

// Notices go to people: what the platform has not set is somebody else's name and way.
void WarnOfTexts(const Config& config, const std::function<void(std::string key, std::string text)>& unwise) {
  const alerts::AlertsConfig& alerts = config.rules.alerts;
  const alerts::AlertsConfig built_in;
  if (alerts.notices.brand == built_in.notices.brand)
    unwise("notices.brand",
           "is this program's example: owners are written to by \"" + alerts.notices.brand + "\"");
  const alerts::SupportConfig& support = alerts.support;
  if (support.phone.empty() && support.address.empty() && support.app_path == built_in.support.app_path)
    unwise("support.app_path",
           "is this program's example, and there is no phone or address: owners are sent to \"" +
               support.app_path + "\"");
  if (alerts.answers.base_url.empty())
    unwise("answers.base_url", "not set: notices ask no \"was this you?\", owners can only contact support");
}

// An owner's "not me" must be listened to where notices ask.
void WarnOfUnheardAnswers(const Config& config,
                          const std::function<void(std::string key, std::string text)>& unwise) {
  if (config.rules.alerts.answers.base_url.empty()) return;
  const detectors::DetectorOptions& reported =
      std::get<detectors::Configured<detectors::UserReported>>(config.rules.detectors).options;
  const bool live = reported.enabled && reported.mode == schemas::Mode::kLive;
  if (!live)
    unwise("detectors.user_reported",
           "does not tell anybody, and answers.base_url lets notices ask \"was this you?\": an owner who "
           "says no is thanked, and nothing follows");
}

class Loader {
 public:
  Loader(std::string directory, std::span<const RenamedKey> renamed)
      : directory_(std::move(directory)), renamed_(renamed) {
    loaded_.config.rules.alerts.policy = alerts::DefaultPolicy();
    for (const Key& key : Keys()) names_.push_back(key.path);
    for (const Section& section : Sections()) names_.push_back(section.path);
    for (const Key& key : Keys()) {
      const std::string_view top = std::string_view(key.path).substr(0, key.path.find('.'));
      if (top.size() < key.path.size() && std::ranges::find(names_, top) == names_.end())
        names_.push_back(top);
    }
  }

  LoadedConfig Load(std::string_view yaml) {
    std::vector<YamlProblem> repeated;
    Result<YamlNode, YamlProblem> root = ParseYaml(yaml, &repeated);
    if (!root) {
      const YamlProblem& problem = root.error();
      loaded_.problems.push_back({problem.line, problem.column, "", problem.text, false});
      return std::move(loaded_);
    }
    for (const YamlProblem& one : repeated)
      loaded_.problems.push_back({one.line, one.column, one.key, one.text, false});
    loaded_.places[""] = {std::max(1, root->line), std::max(1, root->column)};
    loaded_.holds_no_key = root->kind == YamlNode::Kind::kNull;
    if (root->kind == YamlNode::Kind::kMap) {
      Walk(*root, "");
    } else if (!loaded_.holds_no_key) {
      Complain(*root, "", "must be a map of keys and values");
    }
    for (const Section& section : Sections()) {
      if (overrides_ != nullptr && section.path == "overrides") Read(section, *overrides_);
    }
    Check();
    loaded_.Sort();
    loaded_.config.rules_hash = RulesHash(loaded_.config);
    return std::move(loaded_);
  }

 private:
  void Complain(const YamlNode& at, const std::string& key, const std::string& text) {
    loaded_.problems.push_back({at.line, at.column, key, text, false});
  }

  void Warn(const YamlNode& at, const std::string& key, const std::string& text) {
    loaded_.problems.push_back({at.line, at.column, key, text, true});
  }

  [[nodiscard]] std::string_view NewNameOf(std::string_view path) const {
    const auto found = std::ranges::find(renamed_, path, &RenamedKey::was);
    return found == renamed_.end() ? std::string_view() : found->is;
  }

  // Goes down to the rows; a map that is no row's value is part of a path.
  void Walk(const YamlNode& map, const std::string& prefix) {
    for (const auto& [name, value] : map.members) {
      std::string path = prefix + name.text;
      if (const std::string_view is = NewNameOf(path); !is.empty()) {
        Warn(name, path, "is called " + std::string(is) + " now: write that");
        path = is;
      }
      if (path == "version") {
        if (value.text != "1") Complain(value, path, "must be 1: this program reads version 1");
        continue;
      }
      if (loaded_.places.contains(path)) {
        Complain(name, path, "is there twice");
        continue;
      }
      Place(path, name, value);
      if (ReadKey(path, value) || ReadSection(path, value)) {
        PlaceInner(path, value);
        continue;
      }
      const auto below = [&](std::string_view known) { return known.starts_with(path + "."); };
      const bool inner =
          std::ranges::any_of(names_, below) || std::ranges::any_of(renamed_, below, &RenamedKey::was);
      if (!inner) {
        Unknown(name, path);
      } else if (value.kind == YamlNode::Kind::kMap) {
        Walk(value, path + ".");
      } else {
        Complain(value, path,
                 value.kind == YamlNode::Kind::kNull ? kNoValue : "must be a map of keys and values");
      }
    }
  }

  // A value is where it stands, what has members where its name does.
  void Place(const std::string& path, const YamlNode& name, const YamlNode& value) {
    const YamlNode& at = value.kind == YamlNode::Kind::kMap ? name : value;
    loaded_.places.insert({path, {at.line, at.column}});
  }

  void PlaceInner(const std::string& path, const YamlNode& node) {
    if (path.size() > kPathMax) return;
    for (const auto& [name, value] : node.members) {
      Place(path + "." + name.text, name, value);
      PlaceInner(path + "." + name.text, value);
    }
    for (size_t i = 0; i < node.items.size(); ++i) {
      const std::string item = path + "[" + std::to_string(i) + "]";
      Place(item, node.items[i], node.items[i]);
      PlaceInner(item, node.items[i]);
    }
  }

  // Whether it has been complained about where it stands: about the key, what is in it or what it is in.
  [[nodiscard]] bool Told(std::string_view key) const {
    const auto within = [](std::string_view inner, std::string_view outer) {
      return inner.starts_with(outer) &&
             (inner.size() == outer.size() || inner[outer.size()] == '.' || inner[outer.size()] == '[');
    };
    return std::ranges::any_of(loaded_.problems, [&](const ConfigProblem& known) {
      if (known.key.empty()) return false;
      return known.warning ? known.key == key : within(key, known.key) || within(known.key, key);
    });
  }

  bool ReadKey(const std::string& path, const YamlNode& value) {
    for (const Key& key : Keys()) {
      if (key.path != path) continue;
      const bool may_be_null = key.type == KeyType::kSecretFile || key.type == KeyType::kTextMap;
      if (value.kind == YamlNode::Kind::kNull && !may_be_null) {
        Complain(value, path, kNoValue);
      } else if (Result<Done, Wrong> set = key.set(value, directory_, loaded_.config); !set) {
        const std::string unset = key.get(Config{});
        Complain(value, path, set.error().text + (unset == "null" ? "" : ", default " + unset));
      }
      return true;
    }
    return false;
  }

  void Read(const Section& section, const YamlNode& value) {
    const auto complain = [this](const YamlNode& at, const std::string& key, const std::string& text) {
      Complain(at, key, text);
    };
    const std::string path(section.path);
    if (section.read_files != nullptr) {
      section.read_files(value, path, complain, directory_, loaded_.config);
    } else {
      section.read(value, path, complain, loaded_.config);
    }
  }

  bool ReadSection(const std::string& path, const YamlNode& value) {
    for (const Section& section : Sections()) {
      if (section.path != path) continue;
      if (value.kind == YamlNode::Kind::kNull) {
        Complain(value, path, kNoValue);
        return true;
      }
      loaded_.config.sections[path] =
          FlowYaml(section.printable != nullptr ? section.printable(value) : value);
      if (section.path == "overrides") {
        overrides_ = &value;  // They are on top of all else, wherever in the file that stands.
      } else {
        Read(section, value);
      }
      return true;
    }
    return false;
  }

  void Unknown(const YamlNode& name, const std::string& path) {
    // A name nobody could have meant is not compared with all others: a hostile file must not take minutes.
    const bool short_enough = path.size() <= 128 && loaded_.problems.size() < 100;
    Complain(name, path, short_enough ? UnknownKey(path, names_) : "is not a known key");
  }

  // What no single key can know.
  void Check() {
    Config& config = loaded_.config;
    const auto wrong = [this](std::string key, std::string text) {
      if (!Told(key)) loaded_.Add(std::move(key), std::move(text), false);
    };
    const auto unwise = [this](std::string key, std::string text) {
      loaded_.Add(std::move(key), std::move(text), true);
    };
    const auto& support = config.rules.alerts.support;
    if (support.phone.empty() && support.app_path.empty() && support.address.empty()) {
      unwise(
          "support",
          "no official channel (phone, app_path or address): owners cannot reach anybody without the link");
    }
    const bool sends = !config.delivery.mail.url.empty() ||
                       std::ranges::any_of(config.delivery.webhooks, &WebhookConfig::notices);
    if (sends) WarnOfTexts(config, unwise);
    if (config.delivery.tickets.enabled() && config.delivery.tickets.keep < config.rules.alerts.calm.case_max)
      unwise("delivery.tickets.keep",
             "shorter than calm.case_max: what agents decide about a case that is still open may not be "
             "passed on");
    WarnOfUnheardAnswers(config, unwise);
    const std::vector<std::string>& profiles = config.rules.profiles;
    for (size_t i = 0; i < profiles.size(); ++i) {
      if (ProfileFromName(profiles[i])) continue;
      wrong("profiles[" + std::to_string(i) + "]",
            "\"" + CleanText(profiles[i]) + "\" is no profile; there are " + std::string(kProfileNames));
    }
    for (const Error& error : alerts::Validate(config.rules.alerts)) wrong(error.field, error.detail);
    if (config.log == LogKind::kKafka) {
      for (const Error& error : KafkaConfigErrors(config.kafka)) wrong(error.field, error.detail);
    }
    CheckHttp(config, wrong);
    WarnOfHttp(config, [&](std::string key, std::string text) {
      if (!Told(key)) unwise(std::move(key), std::move(text));
    });
    CheckDelivery(config, wrong);
    if (const std::string countries = WrongCountries(config.rules.detectors); !countries.empty())
      wrong("detectors.high_risk_country.countries", countries);
    if (Result<Done> fits = CheckConfiguredMemory(config); !fits)
      wrong(fits.error().field, fits.error().detail);
    if (config.databases.city.empty())
      unwise("geoip.city", "no database: location detectors answer not_evaluable:no_database");
    if (config.rules.limits.rates.empty())
      unwise("exchange_rates",
             "none: amounts of the detectors are in SGD where nothing else is configured, and money in other "
             "currencies cannot be compared with them (not_evaluable:no_rate)");
    if (config.local.outputs.empty()) config.local.outputs = (fs::path(config.state_dir) / "out").string();
  }

  std::string directory_;
  std::span<const RenamedKey> renamed_;
  const YamlNode* overrides_ = nullptr;
  LoadedConfig loaded_;
  std::vector<std::string_view> names_;
};

}  // namespace

ConfigPlace LoadedConfig::PlaceOf(std::string_view key) const {
  for (;;) {
    if (const auto place = places.find(key); place != places.end()) return place->second;
    if (key.empty()) return {};
    const size_t end = key.find_last_of(".[");
    key = key.substr(0, end == std::string_view::npos ? 0 : end);
  }
}

void LoadedConfig::Add(std::string key, std::string text, bool warning) {
  const ConfigPlace place = PlaceOf(key);
  problems.push_back({place.line, place.column, std::move(key), std::move(text), warning});
}

std::string ConfigProblem::Sentence() const { return key.empty() ? text : key + ": " + text; }

void LoadedConfig::Sort() {
  std::ranges::stable_sort(problems, {},
                           [](const ConfigProblem& one) { return std::pair(one.line, one.column); });
}

LoadedConfig ParseConfig(std::string_view yaml, const std::string& directory) {
  return ParseConfig(yaml, directory, kRenamedKeys);
}

LoadedConfig ParseConfig(std::string_view yaml, const std::string& directory,
                         std::span<const RenamedKey> renamed) {
  return Loader(directory, renamed).Load(yaml);
}

Result<LoadedConfig> LoadConfig(const std::string& path, EmptyFile empty) {
  if (path.empty()) return ParseConfig("", ".");
  const Result<std::string> yaml = ReadBoundedFile(path, kFileBytesMax);
  if (!yaml) return yaml.error();
  const std::string directory = fs::path(path).parent_path().string();
  LoadedConfig loaded = ParseConfig(*yaml, directory.empty() ? "." : directory);
  if (loaded.holds_no_key) {
    loaded.Add("",
               "holds no key: it stands for the defaults, without any limits; where that is meant, write "
               "version: 1",
               empty == EmptyFile::kWarnedOf);
    loaded.Sort();
  }
  return loaded;
}

}  // namespace tocsin::daemon
