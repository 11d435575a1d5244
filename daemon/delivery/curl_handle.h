// What the users of libcurl share: owners, the stop, and the codes that its errors have here.
#pragma once

#include <curl/curl.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>

#include "base/free_by.h"
#include "daemon/delivery/delivery_config.h"

namespace tocsin::daemon {

using CurlEasy = std::unique_ptr<CURL, FreeBy<curl_easy_cleanup>>;
using CurlList = std::unique_ptr<curl_slist, FreeBy<curl_slist_free_all>>;

// A fresh handle; the library is initialised once for the process.
[[nodiscard]] CurlEasy MakeCurl();

// Set on the handle: `stop`, when it is not null, ends a transfer within a second. Signals are not used, and
// neither are proxies of the environment.
void PrepareCurl(CURL* curl, const std::atomic<bool>* stop, long timeout_seconds,
                 std::array<char, CURL_ERROR_SIZE>& why);

// Set on the handle: which mail server, how the line to it is protected, and who we are there.
void UseRelay(CURL* curl, const MailConfig& config);

// Refuses sockets to addresses that are not public. `refused` outlives the transfers; it is set when one was.
void RefusePrivateAddresses(CURL* curl, bool& refused);

// A stable code: "timeout", "connect", "resolve", "tls" (the certificate), "tls_handshake" (not even that),
// "no_starttls", "stopped", "url", "transport".
[[nodiscard]] std::string CodeOf(CURLcode code);

}  // namespace tocsin::daemon
