// Text as HTML says it. Everything that people or platforms wrote goes through here on its way into a page.
//
// Thread safety: pure.
#pragma once

#include <string>
#include <string_view>

namespace tocsin::alerts {

// Appends `text` such that it is text everywhere in a page: between tags, and in a quoted attribute.
void AppendHtml(std::string& out, std::string_view text);

}  // namespace tocsin::alerts
