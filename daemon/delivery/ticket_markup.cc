#include "daemon/delivery/ticket_markup.h"

#include <algorithm>
#include <vector>

#include "alerts/html.h"
#include "base/ascii.h"

namespace tocsin::daemon {
namespace {

struct Around {
  std::string_view begin;
  std::string_view end;
};

// What stands around the parts of a ticket, and how text is written such that it is nothing but text.
struct Form {
  Around heading, paragraph, list, item, table, head_row, head_cell, row, cell, code_block, bold, code;
  std::string_view line_break;
  std::string_view rule;
  void (*text)(std::string& out, std::string_view text);
  void (*code_text)(std::string& out, std::string_view text);  // Within a code block.
};

bool IsAlnum(char c) {
  const char lower = AsciiLower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
}

// Markup, links, mentions, emoticons, dashes: each begins with one of these.
bool IsJiraMark(std::string_view text, size_t at) {
  const char c = text[at];
  const auto within = [&](auto holds) {
    return at > 0 && at + 1 < text.size() && holds(text[at - 1]) && holds(text[at + 1]);
  };
  if (c == '-') return !within(IsAlnum);
  if (c == ':') return !within([](char beside) { return beside >= '0' && beside <= '9'; });  // 19:04:05
  if (c == '.') {                                                                            // h1. bq.
    const std::string_view before = text.substr(at < 2 ? 0 : at - 2, 2);
    return at >= 2 && (before == "bq" || (before[0] == 'h' && before[1] >= '0' && before[1] <= '9'));
  }
  return std::string_view("{}[]()|*_+^~!?#;@").find(c) != std::string_view::npos;
}

void AppendJira(std::string& out, std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '&') {
      out += "&amp;";
    } else if (text[i] == '\\') {
      out += "&#92;";  // Two of them would be a new line.
    } else {
      if (IsJiraMark(text, i)) out += '\\';
      out += text[i];
    }
  }
}

// The block is JSON: a brace before a letter stands within a string, where it can be written otherwise, so
// that nothing in it ends the block.
void AppendJiraCode(std::string& out, std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const bool opens = text[i] == '{' && i + 1 < text.size() && IsAlnum(text[i + 1]);
    opens ? out += "\\u007b" : out += text[i];
  }
}

constexpr Form kHtml{.heading = {"<h3>", "</h3>\n"},
                     .paragraph = {"<p>", "</p>\n"},
                     .list = {"<ul>\n", "</ul>\n"},
                     .item = {"<li>", "</li>\n"},
                     .table = {"<table border=\"1\" cellspacing=\"0\" cellpadding=\"3\">\n", "</table>\n"},
                     .head_row = {"<tr>", "</tr>\n"},
                     .head_cell = {"<th>", "</th>"},
                     .row = {"<tr>", "</tr>\n"},
                     .cell = {"<td>", "</td>"},
                     .code_block = {"<pre>", "</pre>\n"},
                     .bold = {"<strong>", "</strong>"},
                     .code = {"<code>", "</code>"},
                     .line_break = "<br>\n",
                     .rule = "<hr>\n",
                     .text = alerts::AppendHtml,
                     .code_text = alerts::AppendHtml};

constexpr Form kJira{.heading = {"h3. ", "\n\n"},
                     .paragraph = {"", "\n\n"},
                     .list = {"", "\n"},
                     .item = {"* ", "\n"},
                     .table = {"", "\n"},
                     .head_row = {"||", "\n"},
                     .head_cell = {" ", " ||"},
                     .row = {"|", "\n"},
                     .cell = {" ", " |"},
                     .code_block = {"{noformat}", "{noformat}\n"},
                     .bold = {"*", "*"},
                     .code = {"{{", "}}"},
                     .line_break = "\n",
                     .rule = "----\n\n",
                     .text = AppendJira,
                     .code_text = AppendJiraCode};

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Of "| one | two \| half |" what stands between the bars.
std::vector<std::string_view> CellsOf(std::string_view row) {
  std::vector<std::string_view> cells;
  size_t begin = 1;
  for (size_t i = 1; i < row.size(); ++i) {
    if (row[i] == '\\') {
      ++i;
    } else if (row[i] == '|') {
      cells.push_back(Trimmed(row.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  return cells;
}

bool IsTable(std::string_view line) { return line.starts_with("|"); }
bool IsItem(std::string_view line) { return line.starts_with("- "); }
bool IsFence(std::string_view line) { return line.starts_with("```"); }
bool IsTableRule(std::string_view line) {
  return IsTable(line) && line.find_first_not_of("|-") == std::string_view::npos;
}
bool BeginsBlock(std::string_view line) {
  return line.empty() || line == "---" || line.starts_with("## ") || IsTable(line) || IsItem(line) ||
         IsFence(line);
}

class Writer {
 public:
  Writer(const Form& form, std::string_view markdown) : form_(form), lines_(LinesOf(markdown)) {}

  [[nodiscard]] std::string Write() {
    while (at_ < lines_.size()) Block();
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string_view line() const { return lines_[at_]; }

  void Block() {
    if (line().empty()) {
      ++at_;
    } else if (line() == "---") {
      out_ += form_.rule;
      ++at_;
    } else if (line().starts_with("## ")) {
      Put(form_.heading, [&] { Inline(line().substr(3)); });
      ++at_;
    } else if (IsFence(line())) {
      ++at_;
      Put(form_.code_block, [&] { CodeBlock(); });
    } else if (IsTable(line())) {
      Put(form_.table, [&] { Table(); });
    } else if (IsItem(line())) {
      Put(form_.list, [&] {
        for (; at_ < lines_.size() && IsItem(line()); ++at_)
          Put(form_.item, [&] { Inline(line().substr(2)); });
      });
    } else {
      Put(form_.paragraph, [&] {
        Inline(line());
        for (++at_; at_ < lines_.size() && !BeginsBlock(line()); ++at_) {
          out_ += form_.line_break;
          Inline(line());
        }
      });
    }
  }

  void CodeBlock() {
    for (bool first = true; at_ < lines_.size() && !IsFence(line()); ++at_, first = false) {
      if (!first) out_ += '\n';
      form_.code_text(out_, line());
    }
    if (at_ < lines_.size()) ++at_;
  }

  void Table() {
    for (; at_ < lines_.size() && IsTable(line()); ++at_) {
      if (IsTableRule(line())) continue;
      const bool head = at_ + 1 < lines_.size() && IsTableRule(lines_[at_ + 1]);
      Put(head ? form_.head_row : form_.row, [&] {
        for (const std::string_view cell : CellsOf(line()))
          Put(head ? form_.head_cell : form_.cell, [&] { Inline(cell); });
      });
    }
  }

  void Inline(std::string_view text) {
    std::string plain;
    const auto flush = [&] {
      form_.text(out_, plain);
      plain.clear();
    };
    for (size_t i = 0; i < text.size(); ++i) {
      const std::string_view rest = text.substr(i);
      const std::string_view mark = rest.starts_with("**") ? "**" : rest.starts_with("`") ? "`" : "";
      const size_t end = mark.empty() ? std::string_view::npos : rest.find(mark, mark.size());
      if (end != std::string_view::npos) {
        flush();
        Put(mark == "`" ? form_.code : form_.bold,
            [&] { form_.text(out_, rest.substr(mark.size(), end - mark.size())); });
        i += end + mark.size() - 1;
        continue;
      }
      if (text[i] == '\\' && i + 1 < text.size()) ++i;
      plain += text[i];
    }
    flush();
  }

  template <class Inner>
  void Put(const Around& around, const Inner& inner) {
    out_ += around.begin;
    inner();
    out_ += around.end;
  }

  const Form& form_;
  const std::vector<std::string_view> lines_;
  size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string HtmlOf(std::string_view markdown) { return Writer(kHtml, markdown).Write(); }
std::string JiraMarkupOf(std::string_view markdown) { return Writer(kJira, markdown).Write(); }

}  // namespace tocsin::daemon
