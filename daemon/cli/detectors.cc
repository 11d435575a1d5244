// tocsin detectors: the catalogue, for people and for programs.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>

#include "base/json_writer.h"
#include "base/text.h"
#include "daemon/cli/command.h"
#include "daemon/cli/standard_output.h"
#include "daemon/config/config.h"
#include "daemon/config/key.h"
#include "detectors/detector_set.h"
#include "embedded/detector_pages.h"
#include "schemas/enum_names.h"

namespace tocsin::daemon {
namespace {

using detectors::DetectorInfo;

std::string TechniquesText(const DetectorInfo& info) {
  std::string text;
  for (const std::string_view technique : info.techniques) {
    if (!technique.empty()) text.append(text.empty() ? "" : " ").append(technique);
  }
  return text;
}

void ListText() {
  std::printf("%-20s %-11s %-9s %7s  %-22s %s\n", "id", "family", "severity", "weight", "techniques",
              "title");
  for (const DetectorInfo& info : detectors::Catalogue()) {
    std::printf("%-20s %-11s %-9s %7.2f  %-22s %s\n", std::string(info.id).c_str(),
                std::string(schemas::Name(info.family)).c_str(),
                std::string(schemas::Name(info.severity)).c_str(), info.weight, TechniquesText(info).c_str(),
                std::string(info.title).c_str());
  }
}

void WriteJson(JsonWriter& json, const DetectorInfo& info) {
  json.BeginObject()
      .Member("id", info.id)
      .Member("title", info.title)
      .Member("family", schemas::Name(info.family));
  json.Member("severity", schemas::Name(info.severity)).Member("weight", info.weight);
  json.Key("techniques").BeginArray();
  for (const std::string_view technique : info.techniques) {
    if (!technique.empty()) json.String(technique);
  }
  json.EndArray().Key("settings").BeginArray();
  const std::string prefix = "detectors." + std::string(info.id) + ".";
  for (const Key& key : Keys()) {
    if (!key.path.starts_with(prefix)) continue;
    json.BeginObject()
        .Member("key", key.path)
        .Member("default", key.get(Config{}))
        .MemberIf("unit", key.unit)
        .Member("doc", key.doc)
        .EndObject();
  }
  json.EndArray().EndObject();
}

void ListJson() {
  std::string out;
  JsonWriter json(out);
  json.BeginArray();
  for (const DetectorInfo& info : detectors::Catalogue()) WriteJson(json, info);
  json.EndArray();
  std::printf("%s\n", out.c_str());
}

// The text of a section of the detector's page, without its heading.
std::string_view SectionOf(const DetectorInfo& info, std::string_view section) {
  const std::string file = "/" + std::string(info.id) + ".md";
  const std::string heading = "\n## " + std::string(section) + "\n";
  for (const auto& [name, page] : embedded::detector_pages_all()) {
    if (!name.ends_with(file)) continue;
    const size_t at = page.find(heading);
    if (at == std::string_view::npos) return {};
    std::string_view text = page.substr(at + heading.size());
    text = text.substr(0, text.find("\n## "));
    while (text.starts_with('\n')) text.remove_prefix(1);
    while (text.ends_with('\n')) text.remove_suffix(1);
    return text;
  }
  return {};
}

void SettingsTable(const DetectorInfo& info) {
  std::printf("| key | default | unit | what |\n|---|---|---|---|\n");
  const std::string prefix = "detectors." + std::string(info.id) + ".";
  for (const Key& key : Keys()) {
    if (!key.path.starts_with(prefix)) continue;
    std::printf("| `%s` | %s | %s | %s |\n", key.path.c_str(), key.get(Config{}).c_str(), key.unit.c_str(),
                key.doc.c_str());
  }
}

// docs/detectors.md: the catalogue, then each detector in short with its settings and a link to its page.
void ListMarkdown() {
  std::printf(
      "# Detectors\n\n"
      "Made by `tocsin detectors list --format markdown`; a test fails when it is not what the program says. "
      "How each works, what it\ncannot see and when it errs is on its page.\n\n"
      "| id | family | severity | weight | techniques | title |\n|---|---|---|---|---|---|\n");
  for (const DetectorInfo& info : detectors::Catalogue()) {
    const std::string id(info.id);
    std::printf("| [`%s`](#%s) | %s | %s | %.2f | %s | %s |\n", id.c_str(), id.c_str(),
                std::string(schemas::Name(info.family)).c_str(),
                std::string(schemas::Name(info.severity)).c_str(), info.weight, TechniquesText(info).c_str(),
                std::string(info.title).c_str());
  }
  for (const DetectorInfo& info : detectors::Catalogue()) {
    const std::string id(info.id);
    std::printf("\n## %s\n\n**%s.** %s\n\nFalse positives: %s\n\n[How it works](../detectors/%s.md)\n\n",
                id.c_str(), std::string(info.title).c_str(), std::string(SectionOf(info, "Goal")).c_str(),
                std::string(SectionOf(info, "False positives")).c_str(), id.c_str());
    SettingsTable(info);
  }
}

int List(const std::string& format) {
  if (format == "json") {
    ListJson();
  } else if (format == "markdown") {
    ListMarkdown();
  } else {
    ListText();
  }
  return FinishOut();
}

int Show(const std::string& id, const std::string& format) {
  std::vector<std::string_view> known;
  for (const DetectorInfo& info : detectors::Catalogue()) {
    known.push_back(info.id);
    if (info.id != id) continue;
    if (format == "json") {
      std::string out;
      JsonWriter json(out);
      WriteJson(json, info);
      std::printf("%s\n", out.c_str());
    } else {
      for (const auto& [file, text] : embedded::detector_pages_all()) {
        if (file.ends_with("/" + id + ".md")) std::fwrite(text.data(), 1, text.size(), stdout);
      }
      std::printf("\n## Configuration\n\n");
      SettingsTable(info);
    }
    return FinishOut();
  }
  const std::string nearest(NearestName(id, known));
  std::fprintf(stderr, "tocsin detectors: there is no detector of that name%s%s%s\n",
               nearest.empty() ? "" : "; did you mean ", nearest.c_str(), nearest.empty() ? "" : "?");
  return kExitUsage;
}

}  // namespace

RegisteredCommand AddDetectors(CLI::App& app) {
  auto format = std::make_shared<std::string>("text");
  auto id = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("detectors", "The catalogue of detectors");
  command->require_subcommand(1);
  CLI::App* list = command->add_subcommand("list", "Every detector, a line each");
  CLI::App* show = command->add_subcommand("show", "One detector: what it looks for, how, and how to set it");
  for (CLI::App* sub : {list, show}) {
    sub->add_option("--format", *format, "text, json or markdown")
        ->check(CLI::IsMember({"text", "json", "markdown"}));
  }
  show->add_option("id", *id, "The detector")->required();
  return {command, [list, format, id] { return list->parsed() ? List(*format) : Show(*id, *format); }};
}

}  // namespace tocsin::daemon
