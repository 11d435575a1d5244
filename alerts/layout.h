// A message's layout: text with holes that are filled, in the part of the Mustache language that our layouts
// use.
//
//   {{name}}               the value of that name, escaped when the layout is a page;
//   {{#name}}…{{/name}}    once when the value is true, or once for each entry of a list;
//   {{^name}}…{{/name}}    when it is false, or an empty list.
// A tag of a section that stands alone on its line takes the line with it; a section that is left out leaves
// an empty one.
//
// A layout is read once, into a list of steps; filling it is one walk that appends to a string.
//
// Thread safety: immutable after construction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin::alerts {

// What a layout is filled with. Names are literals.
class LayoutValues {
 public:
  // Values by name, for one round of a section.
  using Entry = std::vector<std::pair<std::string_view, std::string>>;

  void Set(std::string_view name, std::string text);
  void Set(std::string_view name, bool shown);
  void Set(std::string_view name, std::vector<Entry> entries);

 private:
  friend class Layout;
  struct Value {
    std::string_view name;
    std::string text;
    std::vector<Entry> entries;
    bool shown = false;
    bool list = false;
  };
  [[nodiscard]] const Value* Find(std::string_view name) const;
  std::vector<Value> values_;
};

class Layout {
 public:
  enum class Form : uint8_t { kText, kPage };  // Of a page, values are escaped for HTML.

  // CHECKs that `source` is a layout: it is part of the program.
  Layout(std::string_view source, Form form);

  // CHECKs that every name it meets has a value: a hole in a message is an error of ours.
  void Fill(const LayoutValues& values, std::string& out) const;

 private:
  struct Step {
    enum class Kind : uint8_t { kText, kValue, kSection, kUnless, kEnd };
    Kind kind = Kind::kText;
    std::string text;    // The text, or the name.
    size_t end = 0;      // Of a section: its kEnd.
    bool alone = false;  // It begins alone on its line.
  };
  void AddText(std::string_view text);
  void FillSteps(size_t begin, size_t end, const LayoutValues& values, const LayoutValues::Entry* entry,
                 std::string& out) const;

  Form form_;
  std::vector<Step> steps_;
};

}  // namespace tocsin::alerts
