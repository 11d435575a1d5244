#include "daemon/delivery/webhook_signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "base/check.h"
#include "schemas/base64.h"

namespace tocsin::daemon {

std::optional<std::string> WebhookKey(std::string_view secret) {
  constexpr std::string_view kPrefix = "whsec_";
  if (!secret.starts_with(kPrefix)) return std::nullopt;
  std::optional<std::string> key = schemas::FromBase64(secret.substr(kPrefix.size()));
  if (!key || key->size() < 24 || key->size() > 64) return std::nullopt;
  return key;
}

std::string WebhookTimestamp(Timestamp sent_at) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(sent_at).time_since_epoch().count());
}

std::string WebhookSignature(std::string_view id, Timestamp sent_at, std::string_view body,
                             std::span<const std::string> keys) {
  CHECK(id.find('.') == std::string_view::npos);
  std::string content = std::string(id) + "." + WebhookTimestamp(sent_at) + ".";
  content.append(body);
  std::string out;
  for (const std::string& key : keys) {
    std::array<unsigned char, 32> mac{};
    unsigned int size = 0;
    CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
               reinterpret_cast<const unsigned char*>(content.data()), content.size(), mac.data(),
               &size) != nullptr);
    out.append(out.empty() ? "" : " ").append("v1,");
    out.append(schemas::ToBase64({reinterpret_cast<const char*>(mac.data()), size}));
  }
  return out;
}

}  // namespace tocsin::daemon
