// Reads the members of one map: each is asked for by name, and what nobody asked for is an error with the
// nearest known name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/key.h"
#include "daemon/config/sections.h"

namespace tocsin::daemon {

class RecordReader {
 public:
  // `node` must be a map; if it is not, that is complained about and every member is absent.
  RecordReader(const YamlNode& node, std::string path, const Complain& complain);

  // The member, or null when it is absent or has no value, which is complained about.
  const YamlNode* Find(std::string_view name);
  // Puts the member's value into `into` when it is there and readable.
  template <class T, class Read>
  bool Take(std::string_view name, const Read& read, T& into) {
    const YamlNode* node = Find(name);
    if (node == nullptr) return false;
    auto value = read(*node);
    if (!value) {
      Wrong(name, value.error().text);
      return false;
    }
    into = *std::move(value);
    return true;
  }
  // Complains about the member; once, however often it is wrong.
  void Wrong(std::string_view name, const std::string& text);
  // Complains about what nobody asked for. Call last.
  void Close();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const YamlNode& node() const { return node_; }

 private:
  const YamlNode& node_;
  std::string path_;
  const Complain& complain_;
  std::vector<std::string_view> asked_;
  std::vector<std::string_view> wrong_;
};

// The nodes of a list; complains when it is something else.
[[nodiscard]] std::vector<const YamlNode*> ReadList(const YamlNode& node, const std::string& path,
                                                    const Complain& complain);

}  // namespace tocsin::daemon
