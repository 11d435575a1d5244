#include "daemon/delivery/reach.h"

#include <algorithm>
#include <array>

#include "daemon/delivery/curl_handle.h"
#include "daemon/delivery/ticket_system.h"

namespace tocsin::daemon {
namespace {

Result<Done> Connect(CURL* curl, const std::array<char, CURL_ERROR_SIZE>& why, const bool& refused) {
  curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
  const CURLcode done = curl_easy_perform(curl);
  if (done == CURLE_OK) return Done{};
  return Error{ErrorCode::kUnavailable, refused ? "private_address" : CodeOf(done),
               why[0] != '\0' ? why.data() : curl_easy_strerror(done)};
}

}  // namespace

Result<Done> ReachRelay(const MailConfig& config, std::chrono::seconds timeout) {
  const CurlEasy curl = MakeCurl();
  std::array<char, CURL_ERROR_SIZE> why{};
  PrepareCurl(curl.get(), nullptr, static_cast<long>(timeout.count()), why);
  UseRelay(curl.get(), config);
  return Connect(curl.get(), why, false);
}

Result<Done> ReachHost(const std::string& url, const std::string& ca, bool allow_private,
                       std::chrono::seconds timeout) {
  const CurlEasy curl = MakeCurl();
  std::array<char, CURL_ERROR_SIZE> why{};
  bool refused = false;
  PrepareCurl(curl.get(), nullptr, static_cast<long>(timeout.count()), why);
  const auto set = [&curl](CURLoption option, auto value) { curl_easy_setopt(curl.get(), option, value); };
  if (!allow_private) RefusePrivateAddresses(curl.get(), refused);
  set(CURLOPT_PROTOCOLS_STR, allow_private ? "http,https" : "https");
  set(CURLOPT_URL, url.c_str());
  if (!ca.empty()) set(CURLOPT_CAINFO, ca.c_str());
  return Connect(curl.get(), why, refused);
}

Result<Done> ReachTickets(const TicketsConfig& config, std::chrono::seconds timeout) {
  if (Result<Done> reached = ReachHost(config.url, config.ca, config.allow_private, timeout); !reached)
    return reached;
  const TicketResult<Done> checked =
      MakeTicketSystem(config, {.ca_file = {}, .timeout = timeout, .stop = nullptr})->Check();
  if (checked) return Done{};
  const std::string& reason = checked.error().reason;
  constexpr std::array<std::string_view, 5> kOurs = {
      "queue_missing", "case_field_missing", "request_type_missing", "outcome_field_missing", "http_400"};
  const bool ours = std::ranges::find(kOurs, reason) != kOurs.end();
  return Error{ours ? ErrorCode::kInvalid : ErrorCode::kUnavailable, reason,
               reason == kNotShown ? "may be used, but not asked whether it has all that is configured"
                                   : "the ticket system does not take what is configured"};
}

}  // namespace tocsin::daemon
