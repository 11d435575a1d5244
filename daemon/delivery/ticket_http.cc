#include "daemon/delivery/ticket_http.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/ascii.h"
#include "base/check.h"
#include "daemon/delivery/webhook_channel.h"

namespace tocsin::daemon {

using simdjson::dom::element;

TicketHttp::TicketHttp(const TicketsConfig& config, std::string scheme, HttpClientOptions options)
    : config_(config), scheme_(std::move(scheme)), client_([&] {
        options.ca_file = config.ca;
        options.allow_private = config.allow_private;
        options.answer_bytes_max = 8U << 20U;
        return std::move(options);
      }()) {}

TicketResult<element> TicketHttp::Get(const std::string& path) { return Send("GET", path, {}); }

TicketResult<element> TicketHttp::Send(const char* method, const std::string& path, std::string body,
                                       Headers headers) {
  HttpCall call{
      .method = method, .url = config_.url + path, .headers = std::move(headers), .body = std::move(body)};
  call.once = call.method == "POST";
  call.headers.emplace_back("Content-Type", "application/json");
  call.headers.emplace_back("Accept", "application/json");
  if (!config_.user.empty()) {
    call.user = config_.user;
    call.password = config_.token;
  } else {
    call.headers.emplace_back("Authorization", scheme_ + config_.token);
  }
  const Result<HttpAnswer> answer = client_.Do(call);
  const SendOutcome outcome = OutcomeOfHttp(answer);
  if (outcome.kind != SendOutcome::Kind::kDelivered) return outcome;
  answer_ = simdjson::padded_string(answer->body.empty() ? "null" : answer->body);
  element parsed;
  if (parser_.parse(answer_).get(parsed) != simdjson::SUCCESS) return SendOutcome::Retry("not_json");
  return parsed;
}

std::string TextAt(const element& json, std::string_view pointer) {
  element found;
  if (json.at_pointer(pointer).get(found) != simdjson::SUCCESS) return {};
  std::string_view text;
  if (found.get(text) == simdjson::SUCCESS) return std::string(text);
  int64_t number = 0;
  return found.get(number) == simdjson::SUCCESS ? std::to_string(number) : std::string();
}

std::vector<element> ListAt(const element& json, std::string_view pointer) {
  std::vector<element> list;
  simdjson::dom::array items;
  if (json.at_pointer(pointer).get(items) != simdjson::SUCCESS) return list;
  for (const element item : items) list.push_back(item);
  return list;
}

TicketOutcome OutcomeNamed(std::string_view name) {
  std::string plain(name);
  std::ranges::replace_if(
      plain, [](char c) { return c == ' ' || c == '-'; }, '_');
  std::ranges::transform(plain, plain.begin(), AsciiLower);
  if (plain == "fraud" || plain == "tocsin_fraud") return TicketOutcome::kFraud;
  if (plain == "false_positive" || plain == "tocsin_false_positive") return TicketOutcome::kFalsePositive;
  return TicketOutcome::kNone;
}

std::string CutLines(std::string_view text, size_t units_max) {
  constexpr std::string_view kCut =
      "\n… (shortened: the rest did not fit into one field of this ticket system)";
  const auto units = [](char c) -> size_t {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0xF0 ? 2 : (byte & 0xC0) != 0x80 ? 1 : 0;  // By its first byte.
  };
  size_t all = 0;
  for (const char c : text) all += units(c);
  if (all <= units_max) return std::string(text);
  size_t held = kCut.size();  // No shorter in bytes than in units.
  size_t end = 0;
  size_t line = 0;
  for (; end < text.size(); ++end) {
    held += units(text[end]);
    if (held > units_max) break;
    if (text[end] == '\n') line = end;
  }
  return std::string(text.substr(0, line)).append(kCut);
}

std::string OperationMark(std::string_view operation_id) { return "Tocsin " + std::string(operation_id); }

std::unique_ptr<TicketSystem> MakeTicketSystem(const TicketsConfig& config, HttpClientOptions options) {
  CHECK(config.system != TicketsConfig::System::kNone);
  switch (config.system) {
    case TicketsConfig::System::kZammad:
      return MakeZammad(config, std::move(options));
    case TicketsConfig::System::kZendesk:
      return MakeZendesk(config, std::move(options));
    case TicketsConfig::System::kJira:
      return MakeJira(config, std::move(options));
    default:
      return MakeRequestTracker(config, std::move(options));
  }
}

}  // namespace tocsin::daemon
