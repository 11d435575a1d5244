// The default file and the JSON Schema, made from the same rows as the parser.
#include <map>

#include "base/json_writer.h"
#include "daemon/config/config.h"
#include "daemon/config/key.h"
#include "daemon/config/print_config.h"
#include "daemon/config/rules_hash.h"
#include "daemon/config/secret_properties.h"
#include "daemon/config/sections.h"

namespace tocsin::daemon {
namespace {

std::string Allowed(const Key& key) {
  std::string out;
  if (key.type == KeyType::kNumber || key.type == KeyType::kInteger)
    out = NumberText(key.min) + " to " + NumberText(key.max);
  if (key.type == KeyType::kDuration) {
    out = DurationText(std::chrono::seconds(static_cast<int64_t>(key.min))) + " to " +
          DurationText(std::chrono::seconds(static_cast<int64_t>(key.max)));
  }
  for (const std::string_view choice : key.choices) out.append(out.empty() ? "" : " | ").append(choice);
  if (key.type == KeyType::kSecretFile) out = "{file: PATH}";
  if (!key.unit.empty()) out.append(out.empty() ? "" : " ").append(key.unit);
  if (key.reload == Reload::kLive) out.append(out.empty() ? "" : "; ").append("live");
  return out;
}

// Opens the maps that lead to `path`, closing those it is not in; gives the indentation of its last word.
class Outline {
 public:
  explicit Outline(std::string& out) : out_(out) {}
  std::string Enter(const std::string& path) {
    std::vector<std::string> words;
    size_t from = 0;
    for (size_t dot = path.find('.'); dot != std::string::npos; from = dot + 1, dot = path.find('.', from)) {
      words.push_back(path.substr(from, dot - from));
    }
    size_t common = 0;
    while (common < words.size() && common < open_.size() && words[common] == open_[common]) ++common;
    if (common == 0 && (words.empty() || open_.empty() || words[0] != open_[0])) out_ += "\n";
    for (size_t i = common; i < words.size(); ++i) out_.append(2 * i, ' ').append(words[i]).append(":\n");
    open_ = words;
    return std::string(2 * words.size(), ' ');
  }
  static std::string LastWord(const std::string& path) {
    const size_t dot = path.rfind('.');
    return dot == std::string::npos ? path : path.substr(dot + 1);
  }

 private:
  std::string& out_;
  std::vector<std::string> open_;
};

// {file: PATH}, and nothing else.
void WriteFileMember(JsonWriter& json) {
  json.Key("properties").BeginObject().Key("file").BeginObject().Member("type", "string").EndObject();
  json.EndObject().Member("additionalProperties", false);
}

// A pattern of the names that are secrets.
std::string SecretProperties() {
  std::string pattern;
  for (const std::string_view word : kSecretPropertyWords) {
    pattern += pattern.empty() ? "" : "|";
    for (const char c : word) pattern.append(c == '.' ? "[.]" : std::string_view(&c, 1));
  }
  return pattern;
}

void WriteKeySchema(JsonWriter& json, const Key& key) {
  json.BeginObject();
  switch (key.type) {
    case KeyType::kNumber:
      json.Member("type", "number").Member("minimum", key.min).Member("maximum", key.max);
      break;
    case KeyType::kInteger:
      json.Member("type", "integer").Member("minimum", key.min).Member("maximum", key.max);
      break;
    case KeyType::kBoolean:
      json.Member("type", "boolean");
      break;
    case KeyType::kDuration:
      json.Member("type", "string").Member("pattern", "^[0-9]+[smhd]$");
      break;
    case KeyType::kText:
      json.Member("type", "string");
      break;
    case KeyType::kChoice:
      json.Key("enum").BeginArray();
      for (const std::string_view choice : key.choices) json.String(choice);
      json.EndArray();
      break;
    case KeyType::kTextList:
      json.Key("type").BeginArray().String("array").String("string").EndArray();
      json.Key("items").BeginObject().Member("type", "string").EndObject();
      break;
    case KeyType::kTextMap:
      json.Key("type").BeginArray().String("object").String("null").EndArray();
      json.Key("patternProperties").BeginObject().Key(SecretProperties()).BeginObject();
      json.Member("type", "object").Key("required").BeginArray().String("file").EndArray();
      WriteFileMember(json);
      json.EndObject().EndObject();
      break;
    case KeyType::kSecretFile:
      json.Key("type").BeginArray().String("object").String("null").EndArray();
      WriteFileMember(json);
      break;
  }
  std::string doc = key.doc;
  if (!key.unit.empty()) doc += " Unit: " + key.unit + ".";
  json.Member("description", doc).EndObject();
}

// A tree of keys and sections by their words.
struct Branch {
  std::map<std::string, Branch> inner;
  const Key* key = nullptr;
  const Section* section = nullptr;
};

Branch& Grow(Branch& root, std::string_view path) {
  Branch* at = &root;
  while (!path.empty()) {
    const size_t dot = path.find('.');
    at = &at->inner[std::string(path.substr(0, dot))];
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return *at;
}

void WriteBranch(JsonWriter& json, const Branch& branch) {
  if (branch.key != nullptr) return WriteKeySchema(json, *branch.key);
  if (branch.section != nullptr) {
    json.Raw(branch.section->schema);
    return;
  }
  json.BeginObject()
      .Member("type", "object")
      .Member("additionalProperties", false)
      .Key("properties")
      .BeginObject();
  for (const auto& [name, inner] : branch.inner) {
    json.Key(name);
    WriteBranch(json, inner);
  }
  json.EndObject().EndObject();
}

// The rows in their order; with their documentation when `comments`.
std::string Write(const Config& config, bool comments, std::string out) {
  Outline outline(out);
  const std::vector<Key>& keys = Keys();
  // A section stands behind the keys of its map; one of the top, behind the detectors.
  const auto write_sections = [&](size_t after) {
    for (const Section& section : Sections()) {
      const std::string path(section.path);
      const size_t dot = path.rfind('.');
      const std::string map = dot == std::string::npos ? "detectors." : path.substr(0, dot + 1);
      const bool last = after + 1 == keys.size() || !keys[after + 1].path.starts_with(map);
      if (!keys[after].path.starts_with(map) || !last) continue;
      const std::string indent = outline.Enter(path);
      const auto written = config.sections.find(path);
      if (comments)
        out.append(indent).append("# ").append(section.doc).append(AppliesLive(path) ? " (live)\n" : "\n");
      out.append(indent).append(Outline::LastWord(path)).append(":");
      out.append(written == config.sections.end() ? section.defaults(config) : " " + written->second);
      out.append("\n");
    }
  };
  for (size_t i = 0; i < keys.size(); ++i) {
    const Key& key = keys[i];
    const std::string indent = outline.Enter(key.path);
    const std::string allowed = Allowed(key);
    if (comments) {
      out.append(indent).append("# ").append(key.doc);
      if (!allowed.empty()) out.append(" (").append(allowed).append(")");
      out.append("\n");
    }
    out.append(indent).append(Outline::LastWord(key.path)).append(": ").append(key.get(config)).append("\n");
    write_sections(i);
  }
  return out;
}

}  // namespace

std::string DefaultConfigYaml() {
  Config config;
  config.rules.alerts.policy = alerts::DefaultPolicy();
  return Write(
      config, true,
      "# yaml-language-server: $schema=./tocsin.schema.json\n"
      "# An editor completes and checks keys by that file: tocsin generate schema config "
      ">tocsin.schema.json\n"
      "# Tocsin: every key with its default. Keys may be left out; an unknown key is an error.\n"
      "# Times carry a unit (30s, 10m, 24h, 7d). \"live\" keys take effect on a reload without a restart.\n"
      "version: 1\n");
}

std::string ConfigYaml(const Config& config) { return Write(config, false, "version: 1\n"); }

std::string ConfigReference() {
  Config config;
  config.rules.alerts.policy = alerts::DefaultPolicy();
  std::string out =
      "# Configuration reference\n\n"
      "Made by `tocsin generate reference` from the rows that the parser is made from; `tocsin generate "
      "config` prints the\n"
      "same as a file, `tocsin generate schema config` as a JSON Schema for editors. A key that says *live* "
      "is taken over by\n"
      "a reload (a changed file, SIGHUP, `tocsin reload`); the others wait for a restart. Secrets are files: "
      "`{file: PATH}`.\n\n"
      "**In an editor.** The first line that `tocsin generate config` prints names the schema for editors "
      "with a "
      "YAML language server\n"
      "(Visual Studio Code with its YAML extension, Neovim, Emacs, Helix): a file beside the configuration, "
      "of the "
      "program that will\n"
      "read it, and of no other version. Unknown keys are underlined, others completed, with what they mean "
      "and "
      "what they take:\n\n"
      "```sh\n"
      "tocsin generate config >tocsin.yaml\n"
      "tocsin generate schema config >tocsin.schema.json\n"
      "```\n\n"
      "In a file of your own the line is `# yaml-language-server: $schema=./tocsin.schema.json`.\n";
  // The chapter of a key; detectors have one each.
  const auto chapter_of = [](const std::string& path) {
    const size_t dot = path.find('.');
    if (dot == std::string::npos) return std::string("top level");
    const std::string first = path.substr(0, dot);
    const size_t second = path.find('.', dot + 1);
    return first == "detectors" && second != std::string::npos ? path.substr(0, second) : first;
  };
  const auto cell = [](std::string_view text) {
    std::string escaped;
    for (const char c : text) {
      if (c == '|' || c == '<') escaped += '\\';
      escaped += c;
    }
    return escaped;
  };
  std::string chapter;
  for (const Key& key : Keys()) {
    if (chapter_of(key.path) != chapter) {
      chapter = chapter_of(key.path);
      out += "\n## " + chapter + "\n\n| key | default | allowed | what |\n|---|---|---|---|\n";
    }
    out += "| `" + key.path + "` | `" + cell(key.get(config)) + "` | " + cell(Allowed(key)) + " | " +
           cell(key.doc) + " |\n";
  }
  out += "\n## Lists of records\n\n| key | reload | what |\n|---|---|---|\n";
  for (const Section& section : Sections()) {
    out += "| `" + std::string(section.path) + "` | " + (AppliesLive(section.path) ? "live" : "restart") +
           " | " + cell(section.doc) + " |\n";
  }
  return out;
}

std::string ConfigJsonSchema() {
  Branch root;
  for (const Key& key : Keys()) Grow(root, key.path).key = &key;
  for (const Section& section : Sections()) Grow(root, section.path).section = &section;
  std::string out;
  JsonWriter json(out);
  json.BeginObject()
      .Member("$schema", "http://json-schema.org/draft-07/schema#")
      .Member("title", "Tocsin configuration")
      .Member("type", "object")
      .Member("additionalProperties", false)
      .Key("properties")
      .BeginObject();
  json.Key("version").BeginObject().Key("const").Int(1).EndObject();
  for (const auto& [name, inner] : root.inner) {
    json.Key(name);
    WriteBranch(json, inner);
  }
  json.EndObject().EndObject();
  out += "\n";
  return out;
}

}  // namespace tocsin::daemon
