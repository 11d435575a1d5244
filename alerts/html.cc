#include "alerts/html.h"

#include <algorithm>

namespace tocsin::alerts {

void AppendHtml(std::string& out, std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t special = std::min(text.find_first_of("&<>\"'", at), text.size());
    out.append(text.substr(at, special - at));
    if (special == text.size()) return;
    switch (text[special]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += "&#39;";  // Older mail programs do not know &apos;.
        break;
    }
    at = special + 1;
  }
}

}  // namespace tocsin::alerts
