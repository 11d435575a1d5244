// A mail as bytes: plain text and HTML, headers that nobody's text can add to.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace tocsin::daemon {

struct Mail {
  std::string from;  // "security@example.com"
  std::string from_name;
  std::string to;
  std::string subject;
  std::string text;
  std::string html;
  std::string language;    // BCP 47.
  std::string message_id;  // Without angle brackets; the same at every attempt.
  std::string thread_id;   // The same: mails of one case are shown together. "" : none.
  Timestamp date;
};

// One address as SMTP takes it without extensions: ASCII, local part and domain, no blanks, quotes, brackets
// or control characters; at most 254 characters. Anything else is not sent to.
[[nodiscard]] bool IsMailAddress(std::string_view address);

// The value of a header: ASCII as it is, anything else in words of RFC 2047, folded. Control characters are
// blanks.
[[nodiscard]] std::string HeaderText(std::string_view text, size_t column);

// The message with CRLF line ends, ready for DATA but for dots at the begin of lines (there are none: bodies
// are base64). Equal mails give equal bytes. REQUIRES: IsMailAddress(from) and (to).
[[nodiscard]] std::string MailText(const Mail& mail);

}  // namespace tocsin::daemon
