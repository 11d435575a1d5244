// How rows of keys (key.h) are written: one call for each key, which says where its value is in the
// configuration.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/config/key.h"

namespace tocsin::daemon {

[[nodiscard]] Result<Done, Wrong> CheckRange(const Key& key, double value);
// What is wrong with a text that is no such number, with the numbers that the key takes.
[[nodiscard]] Wrong WithRange(const Key& key, const Wrong& wrong);

// {file: PATH}: the file without its last line break.
[[nodiscard]] Result<std::string, Wrong> ReadSecretFile(const YamlNode& node, const std::string& directory);

template <class T>
inline constexpr bool kIsInteger = std::is_integral_v<T> && !std::is_same_v<T, bool>;

// Where a value is in the configuration. One type for all of them: what is below is compiled once for each
// type of value, not once for each key.
template <class T>
using At = std::function<T&(Config&)>;

// The row of a value that `at` finds in the configuration.
template <class T>
Key Scalar(std::string path, const At<T>& at, double min, double max, std::string_view unit,
           std::string_view doc, Reload reload) {
  Key key{.path = std::move(path),
          .min = min,
          .max = max,
          .unit = std::string(unit),
          .doc = std::string(doc),
          .reload = reload};
  if constexpr (std::is_same_v<T, double>) key.type = KeyType::kNumber;
  if constexpr (kIsInteger<T>) key.type = KeyType::kInteger;
  if constexpr (std::is_same_v<T, bool>) key.type = KeyType::kBoolean;
  if constexpr (std::is_same_v<T, std::chrono::seconds>) key.type = KeyType::kDuration;
  if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, Money>) key.type = KeyType::kText;
  const Key limits = key;
  key.set = [at, limits](const YamlNode& node, const std::string&, Config& config) -> Result<Done, Wrong> {
    const auto put = [&](const auto& read, double comparable) -> Result<Done, Wrong> {
      if (Result<Done, Wrong> ranged = CheckRange(limits, comparable); !ranged) return ranged;
      at(config) = static_cast<T>(read);
      return Done{};
    };
    if constexpr (std::is_same_v<T, double>) {
      const auto read = ReadNumber(node);
      return read ? put(*read, *read) : WithRange(limits, read.error());
    } else if constexpr (kIsInteger<T>) {
      const auto read = ReadInteger(node);
      return read ? put(*read, static_cast<double>(*read)) : WithRange(limits, read.error());
    } else if constexpr (std::is_same_v<T, std::chrono::seconds>) {
      const auto read = ReadDuration(node);
      return read ? put(*read, static_cast<double>(read->count())) : WithRange(limits, read.error());
    } else if constexpr (std::is_same_v<T, bool>) {
      const auto read = ReadBoolean(node);
      if (!read) return read.error();
      at(config) = *read;
    } else if constexpr (std::is_same_v<T, Money>) {
      const auto read = ReadAmount(node);
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
    if constexpr (kIsInteger<T>) return std::to_string(value);
    if constexpr (std::is_same_v<T, bool>) return std::string(value ? "true" : "false");
    if constexpr (std::is_same_v<T, std::chrono::seconds>) return DurationText(value);
    if constexpr (std::is_same_v<T, std::string>) return QuotedText(value);
    if constexpr (std::is_same_v<T, Money>) return FormatMoney(value);
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

class KeyBuilder {
 public:
  template <class T>
  Key& Add(std::string path, const At<T>& at, std::string_view doc, double min = 0, double max = 0,
           std::string_view unit = {}) {
    keys.push_back(Scalar<T>(std::move(path), at, min, max, unit, doc, Reload::kRestart));
    return keys.back();
  }

  template <class E>
  void Choice(std::string path, const At<E>& at, std::vector<std::pair<std::string_view, E>> names,
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

  void List(std::string path, const At<std::vector<std::string>>& at, std::string_view doc, bool paths) {
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
        if (paths && text.empty()) return Wrong{"is empty: it must name a file"};
        if (paths) text = (std::filesystem::path(directory) / text).lexically_normal().string();
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
  void Path(std::string path, const At<std::string>& at, std::string_view doc, bool may_be_empty = true) {
    Key& key = Add<std::string>(std::move(path), at, doc);
    key.set = [at, may_be_empty](const YamlNode& node, const std::string& directory,
                                 Config& config) -> Result<Done, Wrong> {
      const auto read = ReadText(node);
      if (!read) return read.error();
      if (read->empty() && !may_be_empty) return Wrong{"is empty: it must name a place"};
      at(config) =
          read->empty() ? "" : (std::filesystem::path(directory) / *read).lexically_normal().string();
      return Done{};
    };
  }

  // Refuses a login in it, which is then in no printed configuration either.
  void Url(std::string path, const At<std::string>& at, std::string_view doc) {
    Key& key = Add<std::string>(std::move(path), at, doc);
    key.set = [set = std::move(key.set)](const YamlNode& node, const std::string& directory,
                                         Config& config) -> Result<Done, Wrong> {
      if (node.text.find('@') != std::string::npos)
        return Wrong{"must hold no user and no password (and no @): secrets are files, in keys of their own"};
      return set(node, directory, config);
    };
  }

  // The value is in a file: {file: PATH}. Without its last line break.
  void Secret(std::string path, const At<std::string>& at, std::string_view doc) {
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
    key.same = [at](const Config& a, const Config& b) {
      return at(const_cast<Config&>(a)) == at(const_cast<Config&>(b));  // NOLINT: only read.
    };
    keys.push_back(std::move(key));
  }

  std::vector<Key> keys;
};

// The parts of the table, in the order of the default file.
void AddTransportKeys(KeyBuilder& builder);
void AddDatabaseKeys(KeyBuilder& builder);
void AddDetectorKeys(KeyBuilder& builder);
void AddAlertKeys(KeyBuilder& builder);
void AddDeliveryKeys(KeyBuilder& builder);

}  // namespace tocsin::daemon
