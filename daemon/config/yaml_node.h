// A YAML document as a tree that remembers where everything stands. What YAML would silently turn into
// something else (repeated keys, `no` as a boolean, octal numbers, aliases that multiply) is refused or left
// as the text that was written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tocsin::daemon {

struct YamlMember;

struct YamlNode {
  enum class Kind : uint8_t { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  std::string text;     // kScalar: as written, without quotes.
  bool quoted = false;  // Written in quotes: a string, whatever it looks like.
  int line = 0;         // From 1.
  int column = 0;
  std::vector<YamlNode> items;      // kList.
  std::vector<YamlMember> members;  // kMap, in file order; keys are scalars and unique.
};

struct YamlMember {
  YamlNode key;
  YamlNode value;
};

struct YamlProblem {
  int line = 0;
  int column = 0;
  std::string text;
  std::string key = {};  // Of a repeated key: its path, "policy[1].actions".
};

// Never throws, whatever the bytes: at most 1 MiB, 100,000 nodes, 32 levels; anchors and aliases are refused.
// A repeated key is left out of the tree, so that the rest can be judged, and noted in `repeated` (a hundred
// of them); without that it is refused.
[[nodiscard]] Result<YamlNode, YamlProblem> ParseYaml(std::string_view text,
                                                      std::vector<YamlProblem>* repeated = nullptr);
// The node in one line: [{name: daily-out, max: "CNY 200000.00"}, …]. Equal trees give equal texts.
[[nodiscard]] std::string FlowYaml(const YamlNode& node);

}  // namespace tocsin::daemon
