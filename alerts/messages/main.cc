// Run while the program is built, whenever a sentence or a form of a notice changed: what does not fit
// together stops the build, with file, line, key and remedy. Writes the header that makes keys in the code a
// matter of the compiler (alerts/message_key.h).
//
//   check_messages OUT.h en.json zh-CN.json TEMPLATE...
//
// Of the catalogues: one sentence a line, each key once and in both languages, with the same {names};
// brackets closed. Of the forms: tags that alerts/layout.h knows, sections closed, and every value escaped:
// no {{{value}}}, none outside quotes in a tag, none inside a style or a script.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alerts/layout_tag.h"

namespace {

using tocsin::alerts::IsSectionSign;
using tocsin::alerts::IsTagName;

int errors = 0;

void Refuse(const std::string& file, size_t line, const std::string& what) {
  std::fprintf(stderr, "%s:%zu: error: %s\n", file.c_str(), line, what.c_str());
  ++errors;
}

std::string Text(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

struct Sentence {
  size_t line = 0;
  std::set<std::string> names;  // Of its arguments.
};
struct Catalogue {
  std::string file;
  std::map<std::string, Sentence, std::less<>> sentences;
};

// Names of the arguments; complains of what is not closed, and of optional parts within each other.
std::set<std::string> NamesOf(const std::string& file, size_t line, const std::string& key,
                              std::string_view text) {
  std::set<std::string> names;
  const auto refuse = [&](const std::string& what) { Refuse(file, line, key + ": " + what); };
  int braces = 0;
  bool optional = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{' && ++braces == 1)
      names.emplace(text.substr(i + 1, text.find_first_of(",}", i) - i - 1));
    if (text[i] == '}' && --braces < 0) break;
    if (text[i] == '[' && std::exchange(optional, true)) refuse("[ within [ ]: optional parts do not nest");
    if (text[i] == ']' && !std::exchange(optional, false)) refuse("] without [");
  }
  if (braces != 0) refuse("braces do not match: write {name}, or {name, plural, one {…} other {…}}");
  if (optional) refuse("[ is not closed: write [… {name} …]");
  for (const std::string& name : names) {
    if (!IsTagName(name)) refuse("{" + name + "} is no name of an argument");
  }
  if (text.find(", plural,") != std::string_view::npos && text.find(" other {") == std::string_view::npos)
    refuse("a plural without other {…}");
  return names;
}

Catalogue ReadCatalogue(const std::string& file) {
  Catalogue catalogue{.file = file};
  std::ifstream in(file);
  if (!in) Refuse(file, 0, "cannot be read");
  size_t last = 0;      // Line of the last entry, …
  bool goes_on = true;  // … and whether a comma follows it.
  size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line == "{" || line == "}") continue;
    const size_t middle = line.find("\": \"");
    const bool comma = line.ends_with("\",");
    const size_t end = line.size() - (comma ? 2 : 1);
    if (!line.starts_with("  \"") || middle == std::string::npos || middle + 4 >= end || line[end] != '"') {
      Refuse(file, number, "not a sentence: one a line, `  \"key\": \"text\",`, and none is empty");
      continue;
    }
    if (!goes_on) Refuse(file, last, "a comma is missing at the end of the line");
    goes_on = comma;
    last = number;
    const std::string key = line.substr(3, middle - 3);
    const std::string_view text = std::string_view(line).substr(middle + 4, end - middle - 4);
    const auto [at, added] =
        catalogue.sentences.try_emplace(key, Sentence{number, NamesOf(file, number, key, text)});
    if (!added)
      Refuse(file, number,
             key + ": comes twice, first in line " + std::to_string(at->second.line) + ": remove one");
  }
  if (goes_on) Refuse(file, last, "a comma after the last sentence: remove it");
  return catalogue;
}

std::string List(const std::set<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "{" : ", {") + name + "}";
  return list.empty() ? "none" : list;
}

void RefuseMissing(const Catalogue& catalogue, const Catalogue& other) {
  for (const auto& [key, sentence] : other.sentences) {
    if (!catalogue.sentences.contains(key))
      Refuse(catalogue.file, 1,
             key + ": is missing, and " + other.file + ":" + std::to_string(sentence.line) +
                 " has it: write it in this language, or remove it there");
  }
}

void CompareNames(const Catalogue& one, const Catalogue& other) {
  for (const auto& [key, sentence] : one.sentences) {
    const auto twin = other.sentences.find(key);
    if (twin == other.sentences.end() || twin->second.names == sentence.names) continue;
    Refuse(one.file, sentence.line,
           key + ": has " + List(sentence.names) + ", and " + other.file + ":" +
               std::to_string(twin->second.line) + " has " + List(twin->second.names) +
               ": say the same in both languages");
  }
}

void CheckTemplate(const std::string& file) {
  std::ifstream in(file);
  if (!in) Refuse(file, 0, "cannot be read");
  const bool page = file.find(".html.") != std::string::npos;
  std::vector<std::pair<std::string, size_t>> open;  // Sections: name, line.
  bool raw = false;                                  // Within <style> or <script>.
  size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (page && (line.find("<style") != std::string::npos || line.find("<script") != std::string::npos))
      raw = true;
    for (size_t at = line.find("{{"); at != std::string::npos; at = line.find("{{", at + 2)) {
      const size_t close = line.find("}}", at);
      if (close == std::string::npos) {
        Refuse(file, number, "{{ without }} in the same line");
        break;
      }
      std::string name = line.substr(at + 2, close - at - 2);
      const std::string tag = line.substr(at, std::min(line.find_first_not_of('}', close), line.size()) - at);
      const char sign = name.empty() ? ' ' : name.front();
      if (sign == '{' || sign == '&') {
        name.erase(0, 1);
        Refuse(file, number,
               Text({tag, ": puts ", name, " in as it is, and values come from strangers: write {{", name,
                     "}}"}));
        continue;
      }
      const bool section = IsSectionSign(sign);
      if (section) name.erase(0, 1);
      if (!IsTagName(name)) {
        Refuse(file, number,
               tag + ": not a tag of alerts/layout.h: {{name}}, {{#name}}, {{^name}}, {{/name}}");
      } else if (sign == '/') {
        if (open.empty() || open.back().first != name)
          Refuse(file, number,
                 tag + ": closes no section" +
                     (open.empty() ? ""
                                   : ": {{#" + open.back().first + "}} of line " +
                                         std::to_string(open.back().second) + " is open"));
        else
          open.pop_back();
      } else if (section) {
        open.emplace_back(name, number);
      } else if (page && raw) {
        Refuse(file, number, tag + ": inside a style or a script nothing is escaped: move it out");
      } else if (page && at > 0 && line[at - 1] == '=') {
        Refuse(file, number,
               Text({tag, ": an attribute without quotes ends at the first space of a value: write \"", tag,
                     "\""}));
      }
    }
    if (line.find("</style") != std::string::npos || line.find("</script") != std::string::npos) raw = false;
  }
  for (const auto& [name, line] : open)
    Refuse(file, line, Text({"{{#", name, "}}: is not closed: write {{/", name, "}}"}));
}

void WriteKeys(const std::string& file, const Catalogue& catalogue) {
  std::ostringstream out;
  out << "// Every key of alerts/messages, in order.\n#pragma once\n\n#include <string_view>\n\n"
      << "namespace tocsin::embedded {\ninline constexpr std::string_view kMessageKeys[] = {\n";
  for (const auto& [key, sentence] : catalogue.sentences) out << "    \"" << key << "\",\n";
  out << "};\n}  // namespace tocsin::embedded\n";
  // Left alone when it is the same: a word that was mended compiles no code again.
  std::ifstream before(file);
  std::stringstream old;
  old << before.rdbuf();
  if (old.str() != out.str()) std::ofstream(file) << out.str();
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> files(argv + 1, argv + argc);
  if (files.size() < 3) {
    std::fprintf(stderr, "usage: check_messages OUT.h en.json zh-CN.json TEMPLATE...\n");
    return 64;
  }
  const Catalogue english = ReadCatalogue(files[1]);
  const Catalogue chinese = ReadCatalogue(files[2]);
  RefuseMissing(english, chinese);
  RefuseMissing(chinese, english);
  CompareNames(chinese, english);
  for (size_t i = 3; i < files.size(); ++i) CheckTemplate(files[i]);
  if (errors == 0) WriteKeys(files[0], english);
  return errors == 0 ? 0 : 1;
}
