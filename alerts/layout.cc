#include "alerts/layout.h"

#include <algorithm>

#include "alerts/html.h"
#include "alerts/layout_tag.h"
#include "base/check.h"

namespace tocsin::alerts {
namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";

[[noreturn]] void RefuseHole(const std::string& name) {
  const std::string what =
      "{{" + name + "}}: nobody gives it: take it out, or give it in alerts/notice_text.cc";
  CheckFailed("alerts/notice_templates", 0, what.c_str());
}

}  // namespace

void LayoutValues::Set(std::string_view name, std::string text) {
  values_.push_back({.name = name, .text = std::move(text)});
}

void LayoutValues::Set(std::string_view name, bool shown) {
  values_.push_back({.name = name, .shown = shown});
}

void LayoutValues::Set(std::string_view name, std::vector<Entry> entries) {
  const bool shown = !entries.empty();
  values_.push_back({.name = name, .entries = std::move(entries), .shown = shown, .list = true});
}

const LayoutValues::Value* LayoutValues::Find(std::string_view name) const {
  const auto found = std::ranges::find(values_, name, &Value::name);
  return found == values_.end() ? nullptr : &*found;
}

void Layout::AddText(std::string_view text) {
  if (!text.empty()) steps_.push_back({.kind = Step::Kind::kText, .text = std::string(text)});
}

Layout::Layout(std::string_view source, Form form) : form_(form) {
  std::vector<size_t> open;  // Sections that have begun, as steps.
  size_t at = 0;             // What is before it has been read.
  for (;;) {
    const size_t tag = source.find(kOpen, at);
    if (tag == std::string_view::npos) break;
    const size_t close = source.find(kClose, tag);
    CHECK(close != std::string_view::npos);
    std::string_view name = source.substr(tag + kOpen.size(), close - tag - kOpen.size());
    size_t next = close + kClose.size();
    CHECK(!name.empty());
    const char sign = name.front();
    CHECK(IsTagName(name.substr(IsSectionSign(sign) ? 1 : 0)));  // No {{{value}}}: what goes in is escaped.
    if (!IsSectionSign(sign)) {
      AddText(source.substr(at, tag - at));
      steps_.push_back({.kind = Step::Kind::kValue, .text = std::string(name)});
      at = next;
      continue;
    }

    const bool line_begins = tag == 0 || source[tag - 1] == '\n';
    const bool line_ends = next == source.size() || source[next] == '\n';
    const bool alone = line_begins && line_ends;
    if (alone && next < source.size()) ++next;
    AddText(source.substr(at, tag - at));
    name.remove_prefix(1);
    if (sign == '/') {
      CHECK(!open.empty() && steps_[open.back()].text == name);
      steps_[open.back()].end = steps_.size();
      open.pop_back();
      steps_.push_back({.kind = Step::Kind::kEnd});
    } else {
      open.push_back(steps_.size());
      steps_.push_back({.kind = sign == '#' ? Step::Kind::kSection : Step::Kind::kUnless,
                        .text = std::string(name),
                        .alone = alone});
    }
    at = next;
  }
  CHECK(open.empty());
  AddText(source.substr(at));
}

void Layout::Fill(const LayoutValues& values, std::string& out) const {
  FillSteps(0, steps_.size(), values, nullptr, out);
}

void Layout::FillSteps(size_t begin, size_t end, const LayoutValues& values, const LayoutValues::Entry* entry,
                       std::string& out) const {
  for (size_t i = begin; i < end; ++i) {
    const Step& step = steps_[i];
    if (step.kind == Step::Kind::kText) {
      out += step.text;
      continue;
    }
    if (step.kind == Step::Kind::kValue) {
      const std::string* text = nullptr;
      if (entry != nullptr) {
        const auto own = std::ranges::find(*entry, step.text, &LayoutValues::Entry::value_type::first);
        if (own != entry->end()) text = &own->second;
      }
      if (text == nullptr) {
        const LayoutValues::Value* const value = values.Find(step.text);
        if (value == nullptr) RefuseHole(step.text);
        text = &value->text;
      }
      if (form_ == Form::kPage) {
        AppendHtml(out, *text);
      } else {
        out += *text;
      }
      continue;
    }
    const LayoutValues::Value* const value = values.Find(step.text);
    if (value == nullptr) RefuseHole(step.text);
    if (value->shown == (step.kind == Step::Kind::kSection)) {
      if (value->list && value->shown) {
        for (const LayoutValues::Entry& one : value->entries) FillSteps(i + 1, step.end, values, &one, out);
      } else {
        FillSteps(i + 1, step.end, values, entry, out);
      }
    } else if (step.alone) {
      out += '\n';
    }
    i = step.end;
  }
}

}  // namespace tocsin::alerts
