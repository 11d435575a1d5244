#include "daemon/config/record_reader.h"

#include <algorithm>

#include "daemon/config/unknown_key.h"

namespace tocsin::daemon {

RecordReader::RecordReader(const YamlNode& node, std::string path, const Complain& complain)
    : node_(node), path_(std::move(path)), complain_(complain) {
  if (node.kind != YamlNode::Kind::kMap && node.kind != YamlNode::Kind::kNull) {
    complain_(node, path_, "must be a map of keys and values");
  }
}

const YamlNode* RecordReader::Find(std::string_view name) {
  asked_.push_back(name);
  for (const auto& [key, value] : node_.members) {
    if (key.text != name) continue;
    if (value.kind != YamlNode::Kind::kNull) return &value;
    Wrong(name, "has no value; remove the key");
  }
  return nullptr;
}

void RecordReader::Wrong(std::string_view name, const std::string& text) {
  if (std::find(wrong_.begin(), wrong_.end(), name) != wrong_.end()) return;
  wrong_.push_back(name);
  for (const auto& [key, value] : node_.members) {
    if (key.text == name) return complain_(value, path_ + "." + std::string(name), text);
  }
  complain_(node_, path_ + "." + std::string(name), text);
}

void RecordReader::Close() {
  for (const auto& [key, value] : node_.members) {
    if (std::find(asked_.begin(), asked_.end(), key.text) != asked_.end()) continue;
    complain_(key, path_ + "." + key.text, UnknownMember(key.text, asked_));
  }
}

std::vector<const YamlNode*> ReadList(const YamlNode& node, const std::string& path,
                                      const Complain& complain) {
  std::vector<const YamlNode*> items;
  if (node.kind == YamlNode::Kind::kNull) return items;
  if (node.kind != YamlNode::Kind::kList) {
    complain(node, path, "must be a list");
    return items;
  }
  for (const YamlNode& item : node.items) items.push_back(&item);
  return items;
}

}  // namespace tocsin::daemon
