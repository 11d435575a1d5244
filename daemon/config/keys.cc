#include <algorithm>
#include <filesystem>
#include <fstream>
#include <type_traits>
#include <utility>

#include "daemon/config/key.h"
#include "detectors/detector_set.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

std::string Range(const Key& key) {
  const auto text = [&](double value) {
    return key.type == KeyType::kDuration ? DurationText(seconds(static_cast<int64_t>(value)))
                                          : NumberText(value);
  };
  std::string range = text(key.min) + " to " + text(key.max);
  if (!key.unit.empty()) range += " " + key.unit;
  return range;
}

Result<Done, Wrong> CheckRange(const Key& key, double value) {
  if (value < key.min)
    return Wrong{"below " + Range(key).substr(0, Range(key).find(" to ")) + " (" + Range(key) + ")"};
  if (value > key.max) return Wrong{"above the greatest value (" + Range(key) + ")"};
  return Done{};
}

// {file: PATH}: the file without its last line break.
Result<std::string, Wrong> ReadSecretFile(const YamlNode& node, const std::string& directory) {
  if (node.kind != YamlNode::Kind::kMap || node.members.size() != 1 || node.members[0].first.text != "file" ||
      node.members[0].second.kind != YamlNode::Kind::kScalar) {
    return Wrong{"a secret is only read from a file: write {file: /path/to/it}"};
  }
  constexpr size_t kBytesMax = 65536;
  const std::string file = (fs::path(directory) / node.members[0].second.text).lexically_normal().string();
  std::ifstream stream(file, std::ios::binary);
  std::string bytes(kBytesMax + 1, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));  // Of a directory: bad.
  if (!stream.is_open() || stream.bad()) return Wrong{file + " cannot be read"};
  bytes.resize(static_cast<size_t>(stream.gcount()));
  if (bytes.size() > kBytesMax) return Wrong{file + " is larger than 64 KiB"};
  while (bytes.ends_with('\n') || bytes.ends_with('\r')) bytes.pop_back();
  if (bytes.empty()) return Wrong{file + " is empty"};
  return bytes;
}

bool NamesSecret(std::string_view property) {
  return property.find("password") != std::string_view::npos ||
         property.find("secret") != std::string_view::npos || property == "ssl.key.pem";
}

// The row of a value that `at` finds in the configuration.
template <class T, class At>
Key Scalar(std::string path, const At& at, double min, double max, std::string_view unit,
           std::string_view doc, Reload reload) {
  Key key{.path = std::move(path),
          .min = min,
          .max = max,
          .unit = std::string(unit),
          .doc = std::string(doc),
          .reload = reload};
  if constexpr (std::is_same_v<T, double>) key.type = KeyType::kNumber;
  if constexpr (std::is_same_v<T, int>) key.type = KeyType::kInteger;
  if constexpr (std::is_same_v<T, bool>) key.type = KeyType::kBoolean;
  if constexpr (std::is_same_v<T, seconds>) key.type = KeyType::kDuration;
  if constexpr (std::is_same_v<T, std::string>) key.type = KeyType::kText;
  const Key limits = key;
  key.set = [at, limits](const YamlNode& node, const std::string&, Config& config) -> Result<Done, Wrong> {
    const auto put = [&](const auto& read, double comparable) -> Result<Done, Wrong> {
      if (Result<Done, Wrong> ranged = CheckRange(limits, comparable); !ranged) return ranged;
      at(config) = static_cast<T>(read);
      return Done{};
    };
    if constexpr (std::is_same_v<T, double>) {
      const auto read = ReadNumber(node);
      return read ? put(*read, *read) : Result<Done, Wrong>(read.error());
    } else if constexpr (std::is_same_v<T, int>) {
      const auto read = ReadInteger(node);
      return read ? put(*read, static_cast<double>(*read)) : Result<Done, Wrong>(read.error());
    } else if constexpr (std::is_same_v<T, seconds>) {
      const auto read = ReadDuration(node);
      return read ? put(*read, static_cast<double>(read->count())) : Result<Done, Wrong>(read.error());
    } else if constexpr (std::is_same_v<T, bool>) {
      const auto read = ReadBoolean(node);
      if (!read) return read.error();
      at(config) = *read;
    } else {
      auto read = ReadText(node);
      if (!read) return read.error();
      at(config) = *std::move(read);
    }
    return Done{};
  };
  key.get = [at](const Config& config) {
    const T& value =
        at(const_cast<Config&>(config));  // NOLINT(cppcoreguidelines-pro-type-const-cast): only read.
    if constexpr (std::is_same_v<T, double>) return NumberText(value);
    if constexpr (std::is_same_v<T, int>) return std::to_string(value);
    if constexpr (std::is_same_v<T, bool>) return std::string(value ? "true" : "false");
    if constexpr (std::is_same_v<T, seconds>) return DurationText(value);
    if constexpr (std::is_same_v<T, std::string>) return QuotedText(value);
  };
  return key;
}

// Rows of a struct that keeps its own table (base/setting.h). `of` finds the struct in the configuration.
template <class Struct, class Table, class Of>
void AddTable(std::vector<Key>& keys, const std::string& prefix, const Table& table, const Of& of) {
  for (const Setting<Struct>& setting : table) {
    std::visit(
        [&](auto member) {
          using T = std::remove_reference_t<decltype(std::declval<Struct&>().*member)>;
          keys.push_back(Scalar<T>(
              prefix + std::string(setting.key),
              [of, member](Config& config) -> T& { return of(config).*member; }, setting.min, setting.max,
              setting.unit, setting.doc, setting.reload));
        },
        setting.member);
  }
}

class Builder {
 public:
  template <class T, class At>
  Key& Add(std::string path, const At& at, std::string_view doc, double min = 0, double max = 0,
           std::string_view unit = {}) {
    keys.push_back(Scalar<T>(std::move(path), at, min, max, unit, doc, Reload::kRestart));
    return keys.back();
  }

  template <class E, class At>
  void Choice(std::string path, const At& at, std::vector<std::pair<std::string_view, E>> names,
              std::string_view doc, Reload reload = Reload::kRestart) {
    Key key{.path = std::move(path), .type = KeyType::kChoice, .doc = std::string(doc), .reload = reload};
    for (const auto& [name, value] : names) key.choices.push_back(name);
    key.set = [at, names](const YamlNode& node, const std::string&, Config& config) -> Result<Done, Wrong> {
      std::string allowed;
      for (const auto& [name, value] : names) {
        if (node.kind == YamlNode::Kind::kScalar && node.text == name) {
          at(config) = value;
          return Done{};
        }
        allowed.append(allowed.empty() ? "" : ", ").append(name);
      }
      return Wrong{"must be one of " + allowed};
    };
    key.get = [at, names](const Config& config) {
      for (const auto& [name, value] : names) {
        if (at(const_cast<Config&>(config)) == value) return std::string(name);  // NOLINT: only read.
      }
      return std::string();
    };
    keys.push_back(std::move(key));
  }

  template <class At>
  void List(std::string path, const At& at, std::string_view doc, bool paths) {
    Key key{.path = std::move(path), .type = KeyType::kTextList, .doc = std::string(doc)};
    key.set = [at, paths](const YamlNode& node, const std::string& directory,
                          Config& config) -> Result<Done, Wrong> {
      std::vector<std::string> read;
      if (node.kind == YamlNode::Kind::kScalar) {
        read.push_back(node.text);
      } else if (node.kind == YamlNode::Kind::kList) {
        for (const YamlNode& item : node.items) {
          if (item.kind != YamlNode::Kind::kScalar) return Wrong{"must be a list of texts"};
          read.push_back(item.text);
        }
      } else {
        return Wrong{"must be a list of texts"};
      }
      for (std::string& text : read) {
        if (paths) text = (fs::path(directory) / text).lexically_normal().string();
      }
      at(config) = std::move(read);
      return Done{};
    };
    key.get = [at](const Config& config) {
      std::string out = "[";
      for (const std::string& text : at(const_cast<Config&>(config))) {  // NOLINT: only read.
        out.append(out.size() > 1 ? ", " : "").append(QuotedText(text));
      }
      return out + "]";
    };
    keys.push_back(std::move(key));
  }

  // A path in the file is relative to the file.
  template <class At>
  void Path(std::string path, const At& at, std::string_view doc) {
    Key& key = Add<std::string>(std::move(path), at, doc);
    key.set = [at](const YamlNode& node, const std::string& directory,
                   Config& config) -> Result<Done, Wrong> {
      const auto read = ReadText(node);
      if (!read) return read.error();
      at(config) = read->empty() ? "" : (fs::path(directory) / *read).lexically_normal().string();
      return Done{};
    };
  }

  // The value is in a file: {file: PATH}. Without its last line break.
  template <class At>
  void Secret(std::string path, const At& at, std::string_view doc) {
    Key key{.path = std::move(path), .type = KeyType::kSecretFile, .doc = std::string(doc)};
    key.set = [at](const YamlNode& node, const std::string& directory,
                   Config& config) -> Result<Done, Wrong> {
      if (node.kind == YamlNode::Kind::kNull) return Done{};
      Result<std::string, Wrong> bytes = ReadSecretFile(node, directory);
      if (!bytes) return bytes.error();
      at(config) = *std::move(bytes);
      return Done{};
    };
    key.get = [](const Config&) { return std::string("null"); };
    keys.push_back(std::move(key));
  }

  std::vector<Key> keys;
};

template <size_t I>
void AddDetector(Builder& builder) {
  using D = std::tuple_element_t<I, detectors::DetectorConfigs>;
  const detectors::DetectorInfo& info = detectors::Catalogue()[I];
  const std::string prefix = "detectors." + std::string(info.id) + ".";
  const auto of = [](Config& config) -> D& { return std::get<I>(config.rules.detectors); };
  builder
      .Add<bool>(
          prefix + "enabled", [of](Config& config) -> bool& { return of(config).options.enabled; },
          "Off: answers not_evaluable:disabled.")
      .reload = Reload::kLive;
  builder.Choice<schemas::Mode>(
      prefix + "mode", [of](Config& config) -> schemas::Mode& { return of(config).options.mode; },
      {{"live", schemas::Mode::kLive}, {"shadow", schemas::Mode::kShadow}},
      "shadow: findings are written, and count for nothing: no risk, case, notice or ticket.", Reload::kLive);
  builder
      .Add<double>(
          prefix + "weight", [of](Config& config) -> double& { return of(config).options.weight; },
          "What a finding adds to the account's risk.", 0, 10, "log-odds")
      .reload = Reload::kLive;
  using Settings = std::remove_cvref_t<decltype(of(std::declval<Config&>()).config)>;
  AddTable<Settings>(builder.keys, prefix, Settings::kSettings,
                     [of](Config& config) -> Settings& { return of(config).config; });
}

template <size_t... I>
void AddDetectors(Builder& builder, std::index_sequence<I...>) {
  (AddDetector<I>(builder), ...);
}

void AddTransport(Builder& b) {
  b.Choice<LogKind>(
      "log", [](Config& c) -> LogKind& { return c.log; },
      {{"local", LogKind::kLocal}, {"kafka", LogKind::kKafka}},
      "Where events come from: the embedded log (HTTP ingest), or Kafka.");
  b.Path(
      "state_dir", [](Config& c) -> std::string& { return c.state_dir; },
      "Directory of the state (and of the embedded log). One process at a time.");

  b.Add<std::string>(
      "kafka.brokers", [](Config& c) -> std::string& { return c.kafka.brokers; },
      "Brokers to begin with: host:port, comma separated.");
  b.Add<std::string>(
      "kafka.group", [](Config& c) -> std::string& { return c.kafka.group; },
      "Consumer group; processes of one group share the work.");
  b.Add<std::string>(
      "kafka.instance", [](Config& c) -> std::string& { return c.kafka.instance; },
      "Static member name, unique per process: a restart then moves no partition. Empty: dynamic.");
  b.List(
      "kafka.input_topics", [](Config& c) -> std::vector<std::string>& { return c.kafka.input_topics; },
      "Topics with events, all keyed by account and with the same number of partitions.", false);
  const auto topic = [&](const char* name, std::string KafkaConfig::*member, const char* doc) {
    b.Add<std::string>(
        std::string("kafka.") + name, [member](Config& c) -> std::string& { return c.kafka.*member; }, doc);
  };
  topic("changelog_topic", &KafkaConfig::changelog_topic,
        "Compacted topic that holds the state; no other program writes it.");
  topic("findings_topic", &KafkaConfig::findings_topic, "Where findings go.");
  topic("notices_topic", &KafkaConfig::notices_topic, "Where notices go.");
  topic("tickets_topic", &KafkaConfig::tickets_topic, "Where tickets go.");
  topic("actions_topic", &KafkaConfig::actions_topic, "Where actions go.");
  topic("dead_letters_topic", &KafkaConfig::dead_letters_topic, "Where records that are no events go.");
  b.Add<bool>(
      "kafka.create_topics", [](Config& c) -> bool& { return c.kafka.create_topics; },
      "Make topics that are missing; false: refuse to start and say which.");
  b.Add<int>(
      "kafka.partitions", [](Config& c) -> int& { return c.kafka.partitions; },
      "Partitions of input topics when none of them is there yet.", 1, 4096);
  b.Add<int>(
      "kafka.replication", [](Config& c) -> int& { return c.kafka.replication; },
      "Replicas of topics that are made.", 1, 9);
  Key properties{.path = "kafka.properties",
                 .type = KeyType::kTextMap,
                 .doc =
                     "Further librdkafka properties, for every connection; those that would break a "
                     "guarantee are refused. "
                     "Secrets as {file: PATH}."};
  properties.set = [](const YamlNode& node, const std::string& directory,
                      Config& config) -> Result<Done, Wrong> {
    if (node.kind == YamlNode::Kind::kNull) return Done{};
    if (node.kind != YamlNode::Kind::kMap) return Wrong{"must be a map of property to text"};
    for (const auto& [name, value] : node.members) {
      if (NamesSecret(name.text) || value.kind == YamlNode::Kind::kMap) {
        Result<std::string, Wrong> secret = ReadSecretFile(value, directory);
        if (!secret) return Wrong{name.text + ": " + secret.error().text};
        config.kafka.properties[name.text] = *std::move(secret);
      } else if (value.kind == YamlNode::Kind::kScalar) {
        config.kafka.properties[name.text] = value.text;
      } else {
        return Wrong{name.text + " must be text"};
      }
    }
    return Done{};
  };
  properties.get = [](const Config&) { return std::string("{}"); };
  b.keys.push_back(std::move(properties));

  b.Add<int>(
      "local.partitions", [](Config& c) -> int& { return c.local.partitions; },
      "Partitions of the embedded log; fixed once its directory is made.", 1, 256);
  b.Path(
      "local.outputs", [](Config& c) -> std::string& { return c.local.outputs; },
      "Directory of findings.jsonl, notices.jsonl, …; empty: <state_dir>/out.");
  b.Add<int>(
      "local.retention_mb", [](Config& c) -> int& { return c.local.retention_mb; },
      "How much processed input is kept, for each partition.", 0, 1 << 20, "MiB");

  b.Add<std::string>(
      "http.metrics_listen", [](Config& c) -> std::string& { return c.http.metrics_listen; },
      "Address of /metrics, /livez, /readyz, /version; port 0 takes a free one; empty: none.");
  b.Add<std::string>(
      "http.events_listen", [](Config& c) -> std::string& { return c.http.events_listen; },
      "Address of POST /v1/events (embedded log only); port 0 takes a free one; empty: none.");
  b.Secret(
      "http.events_token", [](Config& c) -> std::string& { return c.http.events_token; },
      "Bearer token of POST /v1/events; must be there when it does not listen on loopback.");
  b.Add<int>(
      "http.body_mb_max", [](Config& c) -> int& { return c.http.body_mb_max; }, "Largest request body.", 1,
      256, "MiB");
  b.Add<int>(
      "http.pending_mb_max", [](Config& c) -> int& { return c.http.pending_mb_max; },
      "Accepted and not yet processed events beyond which senders are asked to wait (429).", 1, 65536, "MiB");
  AddTable<EngineConfig>(b.keys, "engine.", EngineConfig::kSettings,
                         [](Config& c) -> EngineConfig& { return c.engine; });
  Key& bytes = b.Add<int>(
      "decode.bytes_max",
      [](Config&) -> int& {
        static int unused;
        return unused;
      },
      "Largest event; larger ones are dead letters.", 256, 16 << 20, "bytes");
  const Key limits = bytes;
  bytes.set = [limits](const YamlNode& node, const std::string&, Config& config) -> Result<Done, Wrong> {
    const auto read = ReadInteger(node);
    if (!read) return read.error();
    if (auto ranged = CheckRange(limits, static_cast<double>(*read)); !ranged) return ranged;
    config.decode.bytes_max = static_cast<size_t>(*read);
    return Done{};
  };
  bytes.get = [](const Config& config) { return std::to_string(config.decode.bytes_max); };
  b.Add<int>(
      "decode.depth_max", [](Config& c) -> int& { return c.decode.depth_max; },
      "Deepest nesting of an event; deeper ones are dead letters.", 2, 256, "levels");
}

void AddDatabases(Builder& b) {
  b.List(
      "geoip.city", [](Config& c) -> std::vector<std::string>& { return c.databases.city; },
      "City databases (.mmdb; MaxMind City or DB-IP lite layout, IPv4 and IPv6 in one file or two).", true);
  b.List(
      "geoip.asn", [](Config& c) -> std::vector<std::string>& { return c.databases.asn; },
      "ASN database (.mmdb), or CSV ranges (start, end, number, name).", true);
  b.Path(
      "geoip.anonymity", [](Config& c) -> std::string& { return c.databases.anonymity; },
      "Anonymous-IP database (.mmdb, MaxMind layout).");
  b.Path(
      "geoip.cache_directory", [](Config& c) -> std::string& { return c.databases.cache_directory; },
      "Where converted files are kept; empty: CSV ranges are converted at every start.");
  for (int i = 0; i < kListKinds; ++i) {
    const auto kind = static_cast<ListKind>(i);
    b.List(
        "geoip.lists." + std::string(NameOf(kind)),
        [kind](Config& c) -> std::vector<std::string>& { return c.databases.lists[kind]; },
        "Your own list of such networks: files with one CIDR a line; it wins over the databases.", true);
  }
}

void AddAlerts(Builder& b) {
  using alerts::AlertsConfig;
  const auto of = [](Config& c) -> AlertsConfig& { return c.rules.alerts; };
  AddTable<alerts::RiskConfig>(b.keys, "risk.", alerts::RiskConfig::kSettings,
                               [of](Config& c) -> alerts::RiskConfig& { return of(c).risk; });
  AddTable<alerts::CalmConfig>(b.keys, "calm.", alerts::CalmConfig::kSettings,
                               [of](Config& c) -> alerts::CalmConfig& { return of(c).calm; });
  const auto support = [&](const char* name, std::string alerts::SupportConfig::*member, const char* doc) {
    b.Add<std::string>(
        std::string("support.") + name,
        [of, member](Config& c) -> std::string& { return of(c).support.*member; }, doc);
  };
  support("name", &alerts::SupportConfig::name, "Who answers, as owners know it.");
  support("phone", &alerts::SupportConfig::phone, "Official telephone number, printed in every notice.");
  support("app_path", &alerts::SupportConfig::app_path,
          "Where to find support in the app: \"Me > Security\".");
  support("address", &alerts::SupportConfig::address,
          "Official address that people type themselves; never a link.");
  support("hours_zh", &alerts::SupportConfig::hours_zh, "When support answers, in Chinese.");
  support("hours_en", &alerts::SupportConfig::hours_en, "When support answers, in English.");
  const auto clock = [&](const char* name, seconds alerts::SupportConfig::*member, const char* doc) {
    b.Add<seconds>(
        std::string("support.") + name, [of, member](Config& c) -> seconds& { return of(c).support.*member; },
        doc, 60, 30 * 86'400);
  };
  clock("first_reply", &alerts::SupportConfig::first_reply, "A person answers a ticket within this time.");
  clock("review", &alerts::SupportConfig::review, "A person reviews a freeze within this time.");

  const auto answers = [of](Config& c) -> alerts::AnswersConfig& { return of(c).answers; };
  b.Add<std::string>(
      "answers.base_url", [answers](Config& c) -> std::string& { return answers(c).base_url; },
      "Begin of the links of \"was this you?\"; empty: notices have no links.");
  b.Add<std::string>(
      "answers.audience", [answers](Config& c) -> std::string& { return answers(c).audience; },
      "Bound into each link: a link of another system is refused.");
  b.Secret(
      "answers.key", [answers](Config& c) -> std::string& { return answers(c).key; },
      "Key that signs the links, 32 bytes or more.");
  b.Add<std::string>(
      "answers.key_id", [answers](Config& c) -> std::string& { return answers(c).key_id; },
      "Names the key in a link, so that keys can be changed.");
  b.Add<seconds>(
      "answers.ttl", [answers](Config& c) -> seconds& { return answers(c).ttl; }, "How long a link is good.",
      3600, 30 * 86'400);

  const auto notices = [of](Config& c) -> alerts::NoticesConfig& { return of(c).notices; };
  b.Add<std::string>(
      "notices.brand", [notices](Config& c) -> std::string& { return notices(c).brand; },
      "How the platform calls itself to its users.");
  b.Choice<std::string>(
      "notices.default_locale", [notices](Config& c) -> std::string& { return notices(c).default_locale; },
      {{"en", "en"}, {"zh-CN", "zh-CN"}}, "Language for owners whose own is not known.");
  b.Add<std::string>(
      "notices.default_timezone",
      [notices](Config& c) -> std::string& { return notices(c).default_timezone; },
      "Time zone for owners whose own is not known (IANA name).");
  b.Add<bool>(
      "notices.unverified_contacts", [notices](Config& c) -> bool& { return notices(c).unverified_contacts; },
      "Also send to addresses that are not verified.");
}

}  // namespace

const std::vector<Key>& Keys() {
  static const std::vector<Key> keys = [] {
    Builder builder;
    AddTransport(builder);
    AddDatabases(builder);
    AddTable<detectors::LearningConfig>(
        builder.keys, "learning.", detectors::LearningConfig::kSettings,
        [](Config& c) -> detectors::LearningConfig& { return c.rules.learning; });
    AddDetectors(builder, std::make_index_sequence<detectors::kDetectorCount>());
    AddAlerts(builder);
    return std::move(builder.keys);
  }();
  return keys;
}

}  // namespace tocsin::daemon
