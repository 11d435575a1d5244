#include "daemon/delivery/mail_message.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/hash.h"
#include "base/utf8.h"
#include "schemas/base64.h"

namespace tocsin::daemon {
namespace {

constexpr size_t kLineMax = 76;
constexpr size_t kAddressMax = 254;
constexpr std::string_view kWordBegin = "=?UTF-8?B?";
constexpr std::string_view kWordEnd = "?=";
// A word has at most 75 characters (RFC 2047): so many of them hold base64, four for three bytes.
constexpr size_t kWordBytes = (75 - kWordBegin.size() - kWordEnd.size()) / 4 * 3;

bool IsPrintable(char c) { return c >= ' ' && c <= '~'; }

// Valid UTF-8 without control characters.
std::string OneLine(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const utf8::Decoded next = utf8::Decode(text);
    const bool control = next.code_point < 0x20 || (next.code_point >= 0x7F && next.code_point < 0xA0) ||
                         next.code_point == 0x2028 || next.code_point == 0x2029;
    utf8::Append(out, control ? U' ' : next.code_point);
    text.remove_prefix(next.size);
  }
  return out;
}

// "Fri, 27 Nov 2026 14:00:00 +0000"
std::string MailDate(Timestamp at) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
  std::array<char, 48> out{};
  std::snprintf(out.data(), out.size(), "%s, %02u %s %04d %02d:%02d:%02d +0000",
                kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return out.data();
}

// A display name; quoted when it is ASCII.
std::string NameText(std::string_view name) {
  const std::string line = OneLine(name);
  if (!std::ranges::all_of(line, IsPrintable)) return HeaderText(line, 6);
  std::string quoted = "\"";
  for (const char c : line) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

void AppendPart(std::string& out, std::string_view boundary, std::string_view type, std::string_view body) {
  out.append("--").append(boundary).append("\r\nContent-Type: ").append(type);
  out.append("; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
  const std::string encoded = schemas::ToBase64(body);
  for (size_t i = 0; i < encoded.size(); i += kLineMax) out.append(encoded, i, kLineMax).append("\r\n");
}

}  // namespace

bool IsMailAddress(std::string_view address) {
  const size_t at = address.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || address.size() > kAddressMax) return false;
  constexpr std::string_view kAtom = "!#$%&'*+-/=?^_`{|}~.";
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const std::string_view local = address.substr(0, at);
  const std::string_view domain = address.substr(at + 1);
  const auto dots = [](std::string_view text) {
    return text.empty() || text.front() == '.' || text.back() == '.' ||
           text.find("..") != std::string_view::npos;
  };
  if (dots(local) || dots(domain)) return false;
  const auto in_local = [&](char c) { return letter(c) || kAtom.find(c) != std::string_view::npos; };
  const auto in_domain = [&](char c) { return letter(c) || c == '-' || c == '.'; };
  return std::ranges::all_of(local, in_local) && std::ranges::all_of(domain, in_domain);
}

std::string HeaderText(std::string_view text, size_t column) {
  std::string line = OneLine(text);
  // What looks like an encoded word would be decoded by the reader: it is encoded, too.
  const bool plain = std::ranges::all_of(line, IsPrintable) && line.find("=?") == std::string::npos;
  if (plain && column + line.size() <= kLineMax) return line;
  std::string out;
  std::string word;
  const auto flush = [&] {
    if (word.empty()) return;
    out.append(out.empty() ? "" : "\r\n ")
        .append(kWordBegin)
        .append(schemas::ToBase64(word))
        .append(kWordEnd);
    word.clear();
  };
  for (size_t i = 0; i < line.size();) {
    const size_t size = utf8::Decode(std::string_view(line).substr(i)).size;
    // The first word shares its line with the header's name.
    const size_t room = out.empty() ? kWordBytes - std::min(kWordBytes - 4, column * 3 / 4 + 3) : kWordBytes;
    if (word.size() + size > room) flush();
    word.append(line, i, size);
    i += size;
  }
  flush();
  return out;
}

std::string MailText(const Mail& mail) {
  // Never in a body: base64 has no '-' at the begin of a line.
  const std::string boundary = "tocsin-" + ToHex(IdentityHash().Add(mail.message_id).Finish());
  std::string out;
  const auto header = [&out](std::string_view name, std::string_view value) {
    if (!value.empty()) out.append(name).append(": ").append(value).append("\r\n");
  };
  header("Date", MailDate(mail.date));
  header("From", mail.from_name.empty() ? mail.from : NameText(mail.from_name) + " <" + mail.from + ">");
  header("To", mail.to);
  header("Subject", HeaderText(mail.subject, 9));
  header("Message-ID", "<" + OneLine(mail.message_id) + ">");
  if (!mail.thread_id.empty()) {
    header("In-Reply-To", "<" + OneLine(mail.thread_id) + ">");
    header("References", "<" + OneLine(mail.thread_id) + ">");
  }
  header("Content-Language", HeaderText(mail.language, 18));
  header("Auto-Submitted", "auto-generated");  // RFC 3834: no vacation message comes back.
  header("X-Auto-Response-Suppress", "All");   // The same for Microsoft's servers.
  header("MIME-Version", "1.0");
  header("Content-Type", "multipart/alternative;\r\n boundary=\"" + boundary + "\"");
  out.append("\r\n");
  AppendPart(out, boundary, "text/plain", mail.text);
  if (!mail.html.empty()) AppendPart(out, boundary, "text/html", mail.html);
  out.append("--").append(boundary).append("--\r\n");
  return out;
}

}  // namespace tocsin::daemon
