#include "daemon/config/yaml_node.h"

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <utility>

#include "base/json_writer.h"
#include "base/text.h"
#include "daemon/config/open_quote.h"

namespace tocsin::daemon {
namespace {

constexpr size_t kBytesMax = 1U << 20U;
constexpr size_t kNodesMax = 100'000;
constexpr int kDepthMax = 32;
constexpr size_t kRepeatedMax = 100;
constexpr size_t kPathMax = 256;

YamlProblem ProblemAt(const YAML::Mark& mark, std::string text) {
  return {mark.is_null() ? 0 : mark.line + 1, mark.is_null() ? 0 : mark.column + 1, std::move(text), {}};
}

// yaml-cpp goes down one call for each level: what nests too deep must not reach it. Counts what can nest
// without a new line
// ("[[[[", "- - - -", "? ? ?") anywhere, quotes or not: a configuration never comes near the limit.
bool NestsTooDeep(std::string_view text, YamlProblem& problem) {
  int line = 1;
  int column = 1;
  int flow = 0;
  int run = 0;  // Of block indicators in a row.
  int indent_levels = 0;
  std::vector<int> indents;
  bool at_start = true;
  for (size_t i = 0; i < text.size(); ++i, ++column) {
    const char c = text[i];
    if (c == '\n') {
      ++line;
      column = 0;
      run = 0;
      at_start = true;
      continue;
    }
    if (at_start && c != ' ') {
      at_start = false;
      while (!indents.empty() && indents.back() >= column) indents.pop_back();
      indents.push_back(column);
      indent_levels = static_cast<int>(indents.size());
    }
    if (c == '[' || c == '{') ++flow;
    if ((c == ']' || c == '}') && flow > 0) --flow;
    if ((c == '-' || c == '?' || c == ':') && i + 1 < text.size() && text[i + 1] == ' ') {
      ++run;
    } else if (c != ' ') {
      run = 0;
    }
    if (flow + run + indent_levels > 3 * kDepthMax) {
      problem = {line, column, "nests too deep"};
      return true;
    }
  }
  return false;
}

class Converter {
 public:
  explicit Converter(std::vector<YamlProblem>* repeated) : repeated_(repeated) {}

  // False: `problem` says why.
  bool Convert(const YAML::Node& from, int depth, YamlNode& to) {
    if (++nodes_ > kNodesMax) return Refuse(from, "has too many values");
    if (depth > kDepthMax) return Refuse(from, "nests too deep");
    to.line = from.Mark().is_null() ? 0 : from.Mark().line + 1;
    to.column = from.Mark().is_null() ? 0 : from.Mark().column + 1;
    switch (from.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        to.kind = YamlNode::Kind::kNull;
        return true;
      case YAML::NodeType::Scalar:
        to.kind = YamlNode::Kind::kScalar;
        to.text = from.Scalar();
        to.quoted = from.Tag() == "!";
        if (!from.Tag().empty() && from.Tag() != "!" && from.Tag() != "?")
          return Refuse(from, "tags are not supported");
        return true;
      case YAML::NodeType::Sequence:
        to.kind = YamlNode::Kind::kList;
        for (const auto& item : from) {
          path_.push_back("[" + std::to_string(to.items.size()) + "]");
          if (!Convert(item, depth + 1, to.items.emplace_back())) return false;
          path_.pop_back();
        }
        return true;
      case YAML::NodeType::Map:
        return ConvertMap(from, depth, to);
    }
    return Refuse(from, "is not YAML");
  }
  YamlProblem problem;

 private:
  bool ConvertMap(const YAML::Node& from, int depth, YamlNode& to) {
    to.kind = YamlNode::Kind::kMap;
    std::set<std::string> keys;
    for (const auto& member : from) {
      if (!member.first.IsScalar()) return Refuse(member.first, "a key must be a word");
      path_.push_back(member.first.Scalar());
      if (keys.insert(member.first.Scalar()).second) {
        auto& [key, value] = to.members.emplace_back();
        if (!Convert(member.first, depth + 1, key) || !Convert(member.second, depth + 1, value)) return false;
      } else if (!Repeated(member.first)) {
        return false;
      }
      path_.pop_back();
    }
    return true;
  }
  // False: it is refused.
  bool Repeated(const YAML::Node& key) {
    const std::string text = "is there twice; YAML would silently take one of them";
    if (repeated_ == nullptr) return Refuse(key, key.Scalar() + ": " + text);
    if (repeated_->size() == kRepeatedMax) return true;
    YamlProblem one = ProblemAt(key.Mark(), text);
    for (const std::string& part : path_) {
      if (one.key.size() + part.size() > kPathMax) break;  // No key of ours.
      if (!one.key.empty() && !part.starts_with('[')) one.key += '.';
      one.key += part;
    }
    repeated_->push_back(std::move(one));
    return true;
  }
  bool Refuse(const YAML::Node& at, std::string text) {
    problem = ProblemAt(at.Mark(), std::move(text));
    return false;
  }
  std::vector<YamlProblem>* const repeated_;
  std::vector<std::string> path_;  // Of what is being converted.
  size_t nodes_ = 0;
};

// What must not reach the loader. Anchors, aliases and merge keys: one short file could stand for millions of
// values. More than one document: only one is read, and before a character that begins no value (",") the
// loader finds empty documents without end. A quote that was forgotten: the keys that it takes in would be
// text.
class Survey final : public YAML::EventHandler {
 public:
  explicit Survey(std::string_view text) : text_(text) {}
  bool found = false;  // An anchor or an alias.
  YAML::Mark where;
  std::vector<YAML::Mark> documents;  // Where each begins.
  // Of the first one; npos: none.
  size_t forgotten_quote = std::string_view::npos;
  // Also behind what was read last: where the text is no YAML, that may be why.
  void LookBehindLast() {
    const size_t next = last_ < text_.size() ? NextQuote(text_, last_) : std::string_view::npos;
    if (next == std::string_view::npos) return;
    // A block of text holds what quotes it likes.
    for (const std::string_view block : {": |", ": >", "- |", "- >"}) {
      if (text_.substr(last_, next - last_).find(block) != std::string_view::npos) return;
    }
    LookAt(next);
  }
  void OnDocumentStart(const YAML::Mark& mark) override { documents.push_back(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Note(mark, anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override { Note(mark, anchor); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string&) override {
    Note(mark, anchor);
    if (mark.pos < 0 || static_cast<size_t>(mark.pos) >= text_.size()) return;
    last_ = static_cast<size_t>(mark.pos);
    LookAt(last_);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Note(mark, anchor);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Note(mark, anchor);
  }
  void OnMapEnd() override {}

 private:
  void LookAt(size_t at) {
    const bool quote = text_[at] == '"' || text_[at] == '\'';
    if (quote && forgotten_quote == std::string_view::npos && IsForgotten(text_, at)) forgotten_quote = at;
  }
  void Note(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor == YAML::NullAnchor || found) return;
    found = true;
    where = mark;
  }
  const std::string_view text_;
  size_t last_ = 0;  // Where the value that was read last begins.
};

YamlProblem ForgottenQuote(std::string_view text, size_t at) {
  const std::string_view before = text.substr(0, at);
  const size_t line_end = before.rfind('\n');
  const size_t column = line_end == std::string_view::npos ? at : at - line_end - 1;
  return {
      static_cast<int>(std::ranges::count(before, '\n')) + 1, static_cast<int>(column) + 1,
      "the quote that opens here is not closed: the lines below it would be part of the text; close it, or "
      "indent what belongs to it"};
}

}  // namespace

Result<YamlNode, YamlProblem> ParseYaml(std::string_view text, std::vector<YamlProblem>* repeated) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.size() > kBytesMax) return YamlProblem{0, 0, "is larger than 1 MiB"};
  if (!IsUtf8(text)) return YamlProblem{0, 0, "is not UTF-8"};
  if (text.find('\0') != std::string_view::npos) return YamlProblem{0, 0, "has a zero byte"};
  YamlProblem deep;
  if (NestsTooDeep(text, deep)) return deep;
  // The loader takes a last line that is empty for the end of an open quote. A comment there changes nothing
  // else, not even of a block of text with its line breaks ("|+").
  std::string owned(text.substr(0, text.find_last_not_of(" \t") + 1));
  if (owned.ends_with('\n')) owned += '#';
  Survey survey(text);
  try {
    std::istringstream stream(owned);
    YAML::Parser parser(stream);
    while (survey.documents.size() < 2 && parser.HandleNextDocument(survey)) {
    }
    if (survey.forgotten_quote != std::string_view::npos) return ForgottenQuote(text, survey.forgotten_quote);
    if (survey.found)
      return ProblemAt(survey.where, "anchors and aliases are not supported: write the value out");
    if (const auto& begins = survey.documents; begins.size() > 1) {
      return ProblemAt(begins[1], begins[1].pos == begins[0].pos
                                      ? "is not YAML: nothing begins with this character"
                                      : "a second document begins here; only one is read");
    }
    YamlNode root;
    Converter converter(repeated);
    if (!survey.documents.empty() && !converter.Convert(YAML::Load(owned), 0, root)) return converter.problem;
    return root;
  } catch (const YAML::Exception& error) {
    survey.LookBehindLast();
    if (survey.forgotten_quote != std::string_view::npos) return ForgottenQuote(text, survey.forgotten_quote);
    return ProblemAt(error.mark, "is not YAML: " + error.msg);
  } catch (const std::exception&) {
    return YamlProblem{0, 0, "is not YAML"};
  }
}

namespace {

void AppendFlow(std::string& out, const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      out += "null";
      return;
    case YamlNode::Kind::kScalar: {
      const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-' || c == '.' || c == '/';
      };
      if (!node.quoted && !node.text.empty() && std::ranges::all_of(node.text, plain)) {
        out += node.text;
      } else {
        JsonWriter(out).String(node.text);
      }
      return;
    }
    case YamlNode::Kind::kList: {
      out += '[';
      const char* separator = "";
      for (const YamlNode& item : node.items) {
        out += std::exchange(separator, ", ");
        AppendFlow(out, item);
      }
      out += ']';
      return;
    }
    case YamlNode::Kind::kMap: {
      out += '{';
      const char* separator = "";
      for (const auto& [name, value] : node.members) {
        out += std::exchange(separator, ", ");
        AppendFlow(out, name);
        out += ": ";
        AppendFlow(out, value);
      }
      out += '}';
      return;
    }
  }
}

}  // namespace

std::string FlowYaml(const YamlNode& node) {
  std::string out;
  AppendFlow(out, node);
  return out;
}

}  // namespace tocsin::daemon
