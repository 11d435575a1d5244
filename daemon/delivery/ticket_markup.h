// A ticket's Markdown (alerts/ticket_text.h) for systems that show none: as HTML, and as Jira's wiki markup.
// Read is exactly what tickets are written with: "## " headings, "- " lists, tables, "---", fenced code,
// **bold**, `code`, and back slashes before what is no markup. All else is text, and stays text: payees and
// accounts are named as their thief likes.
//
// Thread safety: pure.
#pragma once

#include <string>
#include <string_view>

namespace tocsin::daemon {

[[nodiscard]] std::string HtmlOf(std::string_view markdown);
[[nodiscard]] std::string JiraMarkupOf(std::string_view markdown);

}  // namespace tocsin::daemon
